/* galley-sleep.c: what runs is stopped cleanly before the computer sleeps, and goes on afterwards
 *
 *   ask for time ──► sleep is near ──► stop, then give the time back ──► awake ──► start, ask again
 *
 * By org.freedesktop.login1: an inhibitor lock of the mode "delay" holds sleep back for a few
 * seconds at most, as long as its descriptor is open. Where nobody answers, a connection that broke
 * is taken up again like any other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sleep"

#include "app/galley-sleep.h"

#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define LOGIN "org.freedesktop.login1"
#define LOGIN_PATH "/org/freedesktop/login1"
#define MANAGER "org.freedesktop.login1.Manager"

struct _GalleySleep
{
  GObject parent_instance;

  GalleySyncService *service;
  GCancellable *cancellable;
  GDBusConnection *bus; /* (nullable) */
  guint subscription;
  int lock; /* -1: none */
  gboolean is_near;
};

G_DEFINE_FINAL_TYPE (GalleySleep, galley_sleep, G_TYPE_OBJECT)

static void
give_back (GalleySleep *self)
{
  if (self->lock >= 0)
    g_close (self->lock, NULL);
  self->lock = -1;
}

static void
galley_sleep_dispose (GObject *object)
{
  GalleySleep *self = GALLEY_SLEEP (object);

  g_cancellable_cancel (self->cancellable);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  self->subscription = 0;
  give_back (self);
  g_clear_object (&self->bus);
  g_clear_object (&self->service);
  G_OBJECT_CLASS (galley_sleep_parent_class)->dispose (object);
}

static void
galley_sleep_finalize (GObject *object)
{
  g_object_unref (GALLEY_SLEEP (object)->cancellable);
  G_OBJECT_CLASS (galley_sleep_parent_class)->finalize (object);
}

static void
galley_sleep_class_init (GalleySleepClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_sleep_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_sleep_finalize;
}

static void
galley_sleep_init (GalleySleep *self)
{
  self->cancellable = g_cancellable_new ();
  self->lock = -1;
}

/* ── time before it sleeps ── */

static void
inhibited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySleep) self = user_data;
  g_autoptr (GUnixFDList) descriptors = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant)
      answer = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                                &descriptors, result, &error);
  int index = 0;

  if (answer == NULL)
    {
      g_debug ("no time before sleep: %s", error->message);
      return;
    }

  give_back (self);
  g_variant_get (answer, "(h)", &index);
  if (descriptors != NULL && self->bus != NULL)
    self->lock = g_unix_fd_list_get (descriptors, index, NULL);
}

static void
ask_for_time (GalleySleep *self)
{
  g_dbus_connection_call_with_unix_fd_list (
      self->bus, LOGIN, LOGIN_PATH, MANAGER, "Inhibit",
      g_variant_new ("(ssss)", "sleep", "Galley", _ ("Transfers are brought to a clean stop"),
                     "delay"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, self->cancellable, inhibited_cb,
      g_object_ref (self));
}

/* ── asleep and awake ── */

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySleep) self = user_data;

  galley_sync_service_stop_finish (GALLEY_SYNC_SERVICE (source), result);
  give_back (self);
}

static void
sleep_cb (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *interface,
          const char *signal,
          GVariant *parameters,
          gpointer user_data)
{
  GalleySleep *self = user_data;
  gboolean is_near = FALSE;

  g_variant_get (parameters, "(b)", &is_near);
  self->is_near = is_near;
  if (is_near)
    {
      galley_sync_service_stop_async (self->service, stopped_cb, g_object_ref (self));
      return;
    }

  /* It greets the server; what a person has cancelled, or has yet to look at, stays as it is. */
  galley_sync_service_start (self->service);
  ask_for_time (self);
}

static void
bus_found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySleep) self = user_data;
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_bus_get_finish (result, &error);

  if (bus == NULL || self->service == NULL)
    {
      g_debug ("nobody says when the computer sleeps: %s", bus == NULL ? error->message : "closed");
      g_clear_object (&bus);
      return;
    }

  self->bus = bus;
  self->subscription = g_dbus_connection_signal_subscribe (bus, LOGIN, MANAGER, "PrepareForSleep",
                                                           LOGIN_PATH, NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE, sleep_cb, self,
                                                           NULL);
  ask_for_time (self);
}

/**
 * galley_sleep_new:
 * @service: started; is stopped and started again from here
 *
 * Works as long as it lives.
 */
GalleySleep *
galley_sleep_new (GalleySyncService *service)
{
  GalleySleep *self = g_object_new (GALLEY_TYPE_SLEEP, NULL);

  self->service = g_object_ref (service);
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, bus_found_cb, g_object_ref (self));
  return self;
}

gboolean
galley_sleep_is_near (GalleySleep *self)
{
  g_return_val_if_fail (GALLEY_IS_SLEEP (self), FALSE);

  return self->is_near;
}
