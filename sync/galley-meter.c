/* galley-meter.c: writes down, once a minute, how much waits, travels and fails
 *
 * Nothing is written and no timer runs while nothing moves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-meter"

#include "sync/galley-meter.h"

#include "data/galley-metric-table.h"

/* What happens together is written together; and the first of it is soon to be seen. */
#define FIRST_MS 2000
#define INTERVAL_MS (60 * 1000)

struct _GalleyMeter
{
  GObject parent_instance;

  GalleyStore *store;
  GalleySyncService *service;
  GalleyTransport *transport;
  guint timer;
  gint64 written_us; /* by the clock that never jumps; when the last minute was written */
  guint failures;    /* since then */
  guint64 sent_bytes, received_bytes; /* of the transport, as they were then */
  gboolean writing;
  gboolean stopped;
};

enum
{
  SIGNAL_WRITTEN,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyMeter, galley_meter, G_TYPE_OBJECT)

static const GalleyWorld *
get_world (GalleyMeter *self)
{
  return galley_store_get_world (self->store);
}

/* Other processes of the workspace see the rows; the one that runs the jobs writes them. */
static gboolean
may_write (GalleyMeter *self)
{
  return !self->stopped && galley_sync_service_is_holder (self->service);
}

static void moved (GalleyMeter *self);

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyMeter) self = user_data;
  g_autoptr (GError) error = NULL;

  self->writing = FALSE;
  /* Only a picture of what was; the work itself says when the disk is full. */
  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    g_debug ("a minute was not written: %s", error->message);
  g_signal_emit (self, signals[SIGNAL_WRITTEN], 0);
}

static void
take_flows (GalleyMeter *self, GalleyMetric *metric)
{
  guint64 sent_bytes, received_bytes;

  galley_transport_get_traffic (self->transport, &sent_bytes, &received_bytes);
  metric->sent_bytes = sent_bytes - self->sent_bytes;
  metric->received_bytes = received_bytes - self->received_bytes;
  metric->failures = self->failures;
  self->sent_bytes = sent_bytes;
  self->received_bytes = received_bytes;
  self->failures = 0;
}

static gpointer
read_status (GalleyReader *reader, gpointer data, GError **error)
{
  g_autofree GalleyStatus *status = g_new0 (GalleyStatus, 1);

  return galley_reader_get_status (reader, status, error) ? g_steal_pointer (&status) : NULL;
}

static void
status_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyMeter) self = user_data;
  g_autofree GalleyStatus *status = galley_store_read_finish (GALLEY_STORE (source), result, NULL);
  GalleyMetric *metric;

  self->writing = FALSE;
  if (status == NULL || !may_write (self))
    return;

  self->writing = TRUE;
  self->written_us = galley_world_monotonic_us (get_world (self));
  metric = g_new0 (GalleyMetric, 1);
  metric->at_us = galley_world_now_us (get_world (self));
  metric->unsent = status->unsent;
  metric->waiting_bytes = status->waiting_bytes;
  take_flows (self, metric);
  galley_store_write_async (self->store, galley_metric_table_add, metric, g_free, NULL, written_cb,
                            g_object_ref (self));
}

static gboolean
timer_cb (gpointer user_data)
{
  GalleyMeter *self = user_data;

  self->timer = 0;
  if (self->writing)
    moved (self); /* later */
  if (self->writing || !may_write (self))
    return G_SOURCE_REMOVE;

  self->writing = TRUE;
  galley_store_read_async (self->store, read_status, NULL, NULL, g_free, NULL, status_read_cb,
                           g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
moved (GalleyMeter *self)
{
  gint64 since_ms;

  if (self->timer != 0 || !may_write (self))
    return;

  since_ms = (galley_world_monotonic_us (get_world (self)) - self->written_us) / 1000;
  self->timer = galley_world_add_timeout (get_world (self),
                                          self->written_us == 0
                                              ? FIRST_MS
                                              : (guint)CLAMP (INTERVAL_MS - since_ms, FIRST_MS,
                                                              INTERVAL_MS),
                                          timer_cb, self);
}

static void
job_ended_cb (GalleyMeter *self, GalleyJob *job)
{
  const GalleyJobRow *row = galley_job_get_row (job);

  self->failures += row->state != GALLEY_JOB_DONE && row->error != NULL;
  moved (self);
}

static void
store_changed_cb (GalleyMeter *self, const GalleyTouched *touched)
{
  moved (self);
}

static void
galley_meter_dispose (GObject *object)
{
  GalleyMeter *self = GALLEY_METER (object);

  if (self->store != NULL)
    galley_meter_stop (self);
  g_clear_object (&self->service);
  g_clear_object (&self->transport);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_meter_parent_class)->dispose (object);
}

static void
galley_meter_class_init (GalleyMeterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_meter_dispose;
  signals[SIGNAL_WRITTEN] = g_signal_new ("written", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_meter_init (GalleyMeter *self)
{
}

/**
 * galley_meter_new:
 *
 * Main loop.
 *
 * Returns: (transfer full): a meter that looks on by itself until it is stopped
 */
GalleyMeter *
galley_meter_new (GalleyStore *store, GalleySyncService *service, GalleyTransport *transport)
{
  GalleyMeter *self = g_object_new (GALLEY_TYPE_METER, NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  self->transport = g_object_ref (transport);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "job-ended", G_CALLBACK (job_ended_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

/**
 * galley_meter_stop:
 *
 * Before the store is closed.
 */
void
galley_meter_stop (GalleyMeter *self)
{
  g_return_if_fail (GALLEY_IS_METER (self));

  self->stopped = TRUE;
  if (self->timer != 0)
    galley_world_remove_timeout (get_world (self), self->timer);
  self->timer = 0;
}
