/* galley-caretaker.c: what a workspace needs now and then without anybody asking: its backups
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-caretaker"

#include "sync/galley-caretaker.h"

#include "data/galley-local-backup.h"
#include "sync/galley-repair.h"

/* Not while the window opens. */
#define FIRST_LOOK_MS (2 * 60 * 1000)
#define LOOK_MS (60 * 60 * 1000)
#define BACKUP_EVERY_US G_TIME_SPAN_DAY

struct _GalleyCaretaker
{
  GObject parent_instance;

  GalleyStore *store;
  GalleySyncService *service;
  GCancellable *cancellable;
  guint timer;
  gboolean moved; /* since the last backup of this process; until one was seen, nobody knows */
};

enum
{
  SIGNAL_LOOKED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyCaretaker, galley_caretaker, G_TYPE_OBJECT)

static void set_timer (GalleyCaretaker *self, guint delay_ms);

static const GalleyWorld *
get_world (GalleyCaretaker *self)
{
  return galley_store_get_world (self->store);
}

/* When a backup was last made, or tried and found bad: an hour later it would be no better. */
static gint64
get_last_backup (GalleyCaretaker *self)
{
  g_autoptr (GPtrArray)
      files = galley_local_backup_list (galley_store_get_folder (self->store), NULL);

  return files->len > 0 ? ((GalleyBackupFile *)files->pdata[0])->made_us : 0;
}

static void
backed_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyCaretaker) self = user_data;
  g_auto (GalleyRepairReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  if (galley_repair_run_finish (result, &report, &error))
    self->moved = FALSE;
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    /* Its row among the jobs says so to people. */
    g_message ("no backup: %s", error->message);
  g_signal_emit (self, signals[SIGNAL_LOOKED], 0);
}

static void
look (GalleyCaretaker *self)
{
  gint64 now_us = galley_world_now_us (get_world (self));
  gint64 last_us = get_last_backup (self);

  /* A clock that was set back makes one early, not never. */
  if (!galley_sync_service_is_holder (self->service) || !self->moved ||
      (last_us <= now_us && now_us - last_us < BACKUP_EVERY_US))
    {
      g_signal_emit (self, signals[SIGNAL_LOOKED], 0);
      return;
    }

  galley_repair_run_async (GALLEY_REPAIR_BACKUP, self->store, self->cancellable, backed_up_cb,
                           g_object_ref (self));
}

static gboolean
timer_cb (gpointer user_data)
{
  GalleyCaretaker *self = user_data;

  self->timer = 0;
  set_timer (self, LOOK_MS);
  look (self);
  return G_SOURCE_REMOVE;
}

static void
set_timer (GalleyCaretaker *self, guint delay_ms)
{
  self->timer = galley_world_add_timeout (get_world (self), delay_ms, timer_cb, self);
}

static void
store_changed_cb (GalleyStore *store, const GalleyTouched *what, GalleyCaretaker *self)
{
  self->moved |= what->entities->len > 0 || what->everything;
}

static void
galley_caretaker_dispose (GObject *object)
{
  GalleyCaretaker *self = GALLEY_CARETAKER (object);

  if (self->timer != 0)
    galley_world_remove_timeout (get_world (self), self->timer);
  self->timer = 0;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->service);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_caretaker_parent_class)->dispose (object);
}

static void
galley_caretaker_class_init (GalleyCaretakerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_caretaker_dispose;
  signals[SIGNAL_LOOKED] = g_signal_new ("looked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_caretaker_init (GalleyCaretaker *self)
{
  self->cancellable = g_cancellable_new ();
  self->moved = TRUE;
}

GalleyCaretaker *
galley_caretaker_new (GalleyStore *store, GalleySyncService *service)
{
  GalleyCaretaker *self = g_object_new (GALLEY_TYPE_CARETAKER, NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self, 0);
  set_timer (self, FIRST_LOOK_MS);
  return self;
}
