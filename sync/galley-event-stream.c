/* galley-event-stream.c: an open line on which the server tells that there is something new
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-event-stream"

#include "sync/galley-event-stream.h"

struct _GalleyEventStream
{
  GObject parent_instance;

  gboolean closed;
};

enum
{
  SIGNAL_MESSAGE,
  SIGNAL_CLOSED,
  SIGNAL_CLOSE,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyEventStream, galley_event_stream, G_TYPE_OBJECT)

static void
galley_event_stream_class_init (GalleyEventStreamClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  signals[SIGNAL_MESSAGE] = g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSE] = g_signal_new ("close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0);
}

static void
galley_event_stream_init (GalleyEventStream *self)
{
}

GalleyEventStream *
galley_event_stream_new (void)
{
  return g_object_new (GALLEY_TYPE_EVENT_STREAM, NULL);
}

/**
 * galley_event_stream_close:
 *
 * The owner has heard enough: no signal comes any more.
 */
void
galley_event_stream_close (GalleyEventStream *self)
{
  g_return_if_fail (GALLEY_IS_EVENT_STREAM (self));

  if (self->closed)
    return;
  self->closed = TRUE;
  g_signal_emit (self, signals[SIGNAL_CLOSE], 0);
}

gboolean
galley_event_stream_is_closed (GalleyEventStream *self)
{
  g_return_val_if_fail (GALLEY_IS_EVENT_STREAM (self), TRUE);

  return self->closed;
}

/**
 * galley_event_stream_take_message:
 * @text: what the server sent
 *
 * For the transport.
 */
void
galley_event_stream_take_message (GalleyEventStream *self, const char *text)
{
  g_return_if_fail (GALLEY_IS_EVENT_STREAM (self));

  if (!self->closed)
    g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, text);
}

/**
 * galley_event_stream_take_closed:
 *
 * For the transport: the line is gone.
 */
void
galley_event_stream_take_closed (GalleyEventStream *self)
{
  g_return_if_fail (GALLEY_IS_EVENT_STREAM (self));

  if (self->closed)
    return;
  self->closed = TRUE;
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
}
