/* galley-errand.c: a job that the program runs itself which was asked for it, with its row on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-errand"

#include "sync/galley-errand.h"

#include <glib/gi18n-lib.h>

/* How often progress is written down, and looked whether somebody wants it to stop. */
#define TELL_US (300 * 1000)

struct _GalleyErrand
{
  GalleyStore *store;
  GalleyReader *reader;
  GCancellable *cancellable;
  GalleyJobRow *row;
  char *event; /* (nullable): to be written with the row */
  gint64 told_us;
};

/* writer thread */
static gboolean
write_row (GalleyWriter *writer, gpointer data, GError **error)
{
  GalleyErrand *self = data;

  return galley_job_table_save (writer, self->row, error) &&
         (self->event == NULL ||
          galley_job_table_add_event (writer, self->row->id, self->event, error));
}

/**
 * galley_errand_begin:
 * @kind: of the row; no class of jobs runs it
 * @subject: (nullable)
 * @title: for people
 * @unit: what progress is counted in
 * @cancellable: (nullable): of whoever waits for it
 *
 * Returns: (transfer full): end it with galley_errand_end()
 */
GalleyErrand *
galley_errand_begin (GalleyStore *store,
                     const char *kind,
                     const GalleyId *project,
                     const char *subject,
                     const char *title,
                     const char *unit,
                     GCancellable *cancellable,
                     GError **error)
{
  GalleyReader *reader = galley_store_open_reader (store, error);
  GalleyErrand *self;

  if (reader == NULL)
    return NULL;

  self = g_new0 (GalleyErrand, 1);
  self->store = g_object_ref (store);
  self->reader = reader;
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  self->row = galley_job_row_new ();
  g_free (self->row->kind);
  self->row->kind = g_strdup (kind);
  self->row->project = *project;
  self->row->subject = g_strdup (subject);
  g_free (self->row->title);
  self->row->title = g_strdup (title);
  g_free (self->row->unit);
  self->row->unit = g_strdup (unit);
  self->row->state = GALLEY_JOB_RUNNING;
  self->row->attempts = 1;
  if (galley_store_write (store, write_row, self, error))
    return self;

  galley_errand_end (self, NULL, NULL);
  return NULL;
}

static void
take_end (GalleyErrand *self, const char *result, const GError *error)
{
  gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  self->row->state = cancelled       ? GALLEY_JOB_CANCELLED
                     : error != NULL ? GALLEY_JOB_FAILED
                                     : GALLEY_JOB_DONE;
  self->event = g_strdup (cancelled        ? _ ("Cancelled")
                          : error != NULL  ? error->message
                          : result != NULL ? result
                                           : _ ("Done"));
  if (error != NULL && !cancelled)
    self->row->error = g_strdup (error->message);
  else
    self->row->done = MAX (self->row->done, cancelled ? 0 : self->row->total);
}

/**
 * galley_errand_end:
 * @self: (transfer full)
 * @result: (nullable): a sentence, of what went well
 * @error: (nullable): why it did not
 */
void
galley_errand_end (GalleyErrand *self, const char *result, const GError *error)
{
  g_autoptr (GError) local = NULL;

  if (self->row->id != 0)
    {
      take_end (self, result, error);
      /* A window that was closed meanwhile has closed the store; the next start sees to the row. */
      if (!galley_store_write (self->store, write_row, self, &local) &&
          !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CLOSED))
        g_warning ("what became of a job could not be noted: %s", local->message);
    }

  g_free (self->event);
  galley_job_row_free (self->row);
  g_object_unref (self->cancellable);
  galley_reader_free (self->reader);
  g_object_unref (self->store);
  g_free (self);
}

GCancellable *
galley_errand_get_cancellable (GalleyErrand *self)
{
  return self->cancellable;
}

/* writer thread */
static gboolean
write_note (GalleyWriter *writer, gpointer data, GError **error)
{
  GalleyErrand *self = data;

  return galley_job_table_add_event (writer, self->row->id, self->event, error);
}

/**
 * galley_errand_note:
 * @text: a line for its log
 */
gboolean
galley_errand_note (GalleyErrand *self, const char *text, GError **error)
{
  gboolean noted;

  self->event = g_strdup (text);
  noted = galley_store_write (self->store, write_note, self, error);
  g_clear_pointer (&self->event, g_free);
  return noted;
}

gint64
galley_errand_get_id (GalleyErrand *self)
{
  return self->row->id;
}

/* By the program that syncs, which has written that into the row; or there is none, and the wish is
 * still there. */
static gboolean
is_unwanted (GalleyErrand *self)
{
  g_autoptr (GalleyJobRow) row = galley_job_table_get (self->reader, self->row->id, NULL);
  g_autoptr (GArray) asks = galley_job_table_get_asks (self->reader, NULL);

  if (row != NULL && row->state == GALLEY_JOB_CANCELLED)
    return TRUE;
  for (guint i = 0; asks != NULL && i < asks->len; i++)
    {
      const GalleyJobRequest *request = &g_array_index (asks, GalleyJobRequest, i);

      if (request->job == self->row->id && request->ask == GALLEY_JOB_ASK_CANCEL)
        return TRUE;
    }

  return FALSE;
}

/**
 * galley_errand_progress:
 * @total: in the unit; 0: not known yet
 *
 * Writes it down now and then. What cannot be written is no reason to stop.
 */
void
galley_errand_progress (guint64 done, guint64 total, gpointer errand)
{
  GalleyErrand *self = errand;
  gint64 now_us = galley_world_monotonic_us (galley_store_get_world (self->store));

  self->row->done = done;
  self->row->total = MAX (done, total);
  if (self->told_us != 0 && now_us - self->told_us < TELL_US)
    return;

  self->told_us = now_us;
  if (is_unwanted (self))
    g_cancellable_cancel (self->cancellable);
  else
    galley_store_write (self->store, write_row, self, NULL);
}
