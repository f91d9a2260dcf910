/* galley-sync-notes.c: what the processes of a workspace write down for each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-notes"

#include "sync/galley-sync-notes.h"

#include "data/galley-directory.h"

/* After a note that could not be written. */
#define LOOK_AGAIN_MS 1000

struct _GalleySyncNotes
{
  GObject parent_instance;

  GalleyStore *store;
  guint n_writing;
  guint timer;
};

enum
{
  SIGNAL_WRITTEN,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleySyncNotes, galley_sync_notes, G_TYPE_OBJECT)

/* One note on its way to the disk: a setting, a request, or the end of some. */
typedef struct
{
  const char *key; /* static; NULL: it is about jobs */
  char *value;     /* (nullable) */
  gint64 job;      /* 0: all requests up to @up_to_ask are done */
  GalleyJobAsk ask;
  gint64 up_to_ask;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  g_free (note->value);
  g_free (note);
}

static void
galley_sync_notes_dispose (GObject *object)
{
  GalleySyncNotes *self = GALLEY_SYNC_NOTES (object);

  if (self->timer != 0)
    galley_world_remove_timeout (galley_store_get_world (self->store), self->timer);
  self->timer = 0;
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_sync_notes_parent_class)->dispose (object);
}

static void
galley_sync_notes_class_init (GalleySyncNotesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_sync_notes_dispose;

  signals[SIGNAL_WRITTEN] = g_signal_new ("written", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_sync_notes_init (GalleySyncNotes *self)
{
}

GalleySyncNotes *
galley_sync_notes_new (GalleyStore *store)
{
  GalleySyncNotes *self = g_object_new (GALLEY_TYPE_SYNC_NOTES, NULL);

  self->store = g_object_ref (store);
  return self;
}

/* writer thread */
static gboolean
write_note (GalleyWriter *writer, gpointer data, GError **error)
{
  Note *note = data;

  if (note->key != NULL)
    return galley_directory_set (writer, note->key, note->value, error);
  if (note->job != 0)
    return galley_job_table_ask (writer, note->job, note->ask, error);

  return galley_job_table_clear_asks (writer, note->up_to_ask, error);
}

static gboolean
tell_later_cb (gpointer user_data)
{
  GalleySyncNotes *self = user_data;

  self->timer = 0;
  g_signal_emit (self, signals[SIGNAL_WRITTEN], 0);
  return G_SOURCE_REMOVE;
}

/* Whoever looks again at once finds what made them write, writes again, and so on until there is
 * room on the disk. */
static void
tell_later (GalleySyncNotes *self)
{
  if (self->timer == 0)
    self->timer = galley_world_add_timeout (galley_store_get_world (self->store), LOOK_AGAIN_MS,
                                            tell_later_cb, self);
}

static void
note_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleySyncNotes) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean written = galley_store_write_finish (GALLEY_STORE (source), result, &error);

  self->n_writing--;
  if (written)
    {
      g_signal_emit (self, signals[SIGNAL_WRITTEN], 0);
      return;
    }

  g_warning ("A note for the other processes could not be written: %s", error->message);
  if (self->store != NULL)
    tell_later (self);
}

static void
write_down (GalleySyncNotes *self, Note note)
{
  self->n_writing++;
  galley_store_write_async (self->store, write_note, g_memdup2 (&note, sizeof note), note_free,
                            NULL, note_written_cb, g_object_ref (self));
}

/**
 * galley_sync_notes_set:
 * @key: static
 * @value: (nullable): %NULL forgets it
 */
void
galley_sync_notes_set (GalleySyncNotes *self, const char *key, const char *value)
{
  g_return_if_fail (GALLEY_IS_SYNC_NOTES (self));

  write_down (self, (Note){ .key = key, .value = g_strdup (value) });
}

/**
 * galley_sync_notes_set_now:
 *
 * Notes the time, in microseconds since 1970 UTC.
 */
void
galley_sync_notes_set_now (GalleySyncNotes *self, const char *key)
{
  gint64 now_us = galley_world_now_us (galley_store_get_world (self->store));

  write_down (self, (Note){ .key = key, .value = g_strdup_printf ("%" G_GINT64_FORMAT, now_us) });
}

/**
 * galley_sync_notes_ask:
 *
 * Leaves a request for the process that runs the jobs.
 */
void
galley_sync_notes_ask (GalleySyncNotes *self, gint64 job, GalleyJobAsk ask)
{
  g_return_if_fail (job != 0);

  write_down (self, (Note){ .job = job, .ask = ask });
}

/**
 * galley_sync_notes_clear_asks:
 * @up_to_ask: the id of the last request that was taken up
 */
void
galley_sync_notes_clear_asks (GalleySyncNotes *self, gint64 up_to_ask)
{
  write_down (self, (Note){ .up_to_ask = up_to_ask });
}

/**
 * galley_sync_notes_is_writing:
 *
 * Returns: whether what is on disk is older than what was noted here
 */
gboolean
galley_sync_notes_is_writing (GalleySyncNotes *self)
{
  g_return_val_if_fail (GALLEY_IS_SYNC_NOTES (self), FALSE);

  return self->n_writing > 0;
}
