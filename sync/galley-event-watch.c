/* galley-event-watch.c: keeps the line open on which the server tells of news
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-event-watch"

#include "sync/galley-event-watch.h"

#include "sync/galley-backoff.h"
#include "sync/galley-sync-error.h"
#include "sync/wire/galley-wire-json.h"

/* Without the line the server is polled, so there is no reason to wait longer than a poll. */
#define MAX_DELAY_MS (60 * 1000)

struct _GalleyEventWatch
{
  GObject parent_instance;

  GalleyJobContext *context;
  GalleyEventStream *stream; /* NULL while there is none */
  GCancellable *opening;     /* NULL while none is being opened */
  guint timer;
  guint failures;
  gboolean enabled;
};

enum
{
  SIGNAL_NEWS,
  SIGNAL_DIRECTORY,
  SIGNAL_OPENED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyEventWatch, galley_event_watch, G_TYPE_OBJECT)

static const GalleyWorld *
get_world (GalleyEventWatch *self)
{
  return galley_job_context_get_world (self->context);
}

static void
clear_timer (GalleyEventWatch *self)
{
  if (self->timer != 0)
    galley_world_remove_timeout (get_world (self), self->timer);
  self->timer = 0;
}

static void
clear_stream (GalleyEventWatch *self)
{
  if (self->stream == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->stream, self);
  galley_event_stream_close (self->stream);
  g_clear_object (&self->stream);
}

static void
galley_event_watch_dispose (GObject *object)
{
  GalleyEventWatch *self = GALLEY_EVENT_WATCH (object);

  if (self->context != NULL)
    galley_event_watch_set_enabled (self, FALSE);
  g_clear_pointer (&self->context, galley_job_context_unref);
  G_OBJECT_CLASS (galley_event_watch_parent_class)->dispose (object);
}

static void
galley_event_watch_class_init (GalleyEventWatchClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_event_watch_dispose;

  signals[SIGNAL_NEWS] = g_signal_new ("news", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
  signals[SIGNAL_DIRECTORY] = g_signal_new ("directory", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_OPENED] = g_signal_new ("opened", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
}

static void
galley_event_watch_init (GalleyEventWatch *self)
{
}

static void
message_cb (GalleyEventStream *stream, const char *text, GalleyEventWatch *self)
{
  GalleyEvent event;

  if (!galley_event_parse (text, &event))
    return;
  if (event.directory)
    g_signal_emit (self, signals[SIGNAL_DIRECTORY], 0);
  else if (galley_server_view_raise (self->context->server, &event.project, event.position, NULL))
    g_signal_emit (self, signals[SIGNAL_NEWS], 0);
}

static void open_line (GalleyEventWatch *self);

static gboolean
timer_cb (gpointer user_data)
{
  GalleyEventWatch *self = user_data;

  self->timer = 0;
  open_line (self);
  return G_SOURCE_REMOVE;
}

/* @patience_s: so long the server wants to be left alone */
static void
open_later (GalleyEventWatch *self, guint patience_s)
{
  guint32 random = 0;

  if (!self->enabled)
    return;

  self->failures++;
  galley_world_random (get_world (self), &random, sizeof random);
  clear_timer (self);
  self->timer = galley_world_add_timeout (get_world (self),
                                          patience_s * 1000 +
                                              MIN (galley_backoff_next_ms (self->failures, random),
                                                   MAX_DELAY_MS),
                                          timer_cb, self);
}

static void
closed_cb (GalleyEventStream *stream, GalleyEventWatch *self)
{
  clear_stream (self);
  open_later (self, 0);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyEventWatch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyEventStream)
      stream = galley_transport_open_events_finish (GALLEY_TRANSPORT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->opening);
  if (stream == NULL || galley_event_stream_is_closed (stream))
    {
      g_debug ("no line for events: %s", error != NULL ? error->message : "closed");
      return open_later (self, error != NULL ? galley_sync_error_get_patience (error) : 0);
    }

  self->failures = 0;
  self->stream = g_steal_pointer (&stream);
  g_signal_connect (self->stream, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->stream, "closed", G_CALLBACK (closed_cb), self);
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
}

static void
open_line (GalleyEventWatch *self)
{
  if (!self->enabled || self->opening != NULL || self->stream != NULL)
    return;

  self->opening = g_cancellable_new ();
  galley_transport_open_events_async (self->context->transport, self->opening, opened_cb,
                                      g_object_ref (self));
}

GalleyEventWatch *
galley_event_watch_new (GalleyJobContext *context)
{
  GalleyEventWatch *self = g_object_new (GALLEY_TYPE_EVENT_WATCH, NULL);

  self->context = galley_job_context_ref (context);
  return self;
}

/**
 * galley_event_watch_set_enabled:
 * @enabled: whether the line is to be open, and opened again whenever it breaks
 */
void
galley_event_watch_set_enabled (GalleyEventWatch *self, gboolean enabled)
{
  g_return_if_fail (GALLEY_IS_EVENT_WATCH (self));

  if (self->enabled == enabled)
    return;

  self->enabled = enabled;
  self->failures = 0;
  if (enabled)
    return open_line (self);

  clear_timer (self);
  clear_stream (self);
  if (self->opening != NULL)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
}

/**
 * galley_event_watch_retry_now:
 *
 * The network is back, or somebody asks: no more waiting.
 */
void
galley_event_watch_retry_now (GalleyEventWatch *self)
{
  g_return_if_fail (GALLEY_IS_EVENT_WATCH (self));

  self->failures = 0;
  clear_timer (self);
  open_line (self);
}

gboolean
galley_event_watch_is_open (GalleyEventWatch *self)
{
  g_return_val_if_fail (GALLEY_IS_EVENT_WATCH (self), FALSE);

  return self->stream != NULL;
}
