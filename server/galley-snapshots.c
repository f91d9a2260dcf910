/* galley-snapshots.c: snapshots of projects for new devices, made from their streams
 *
 *   follow the stream to its end, a few seconds a request ──► write the file ──► serve it
 *
 * A snapshot serves until the stream has moved on by a part of its length: what came after it is
 * pulled. On the workers for files, with connections of their own, so that nobody's push waits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-snapshots"

#include "server/galley-snapshots.h"

#include "data/galley-database.h"
#include "data/galley-snapshot-maker.h"

#include <glib/gstdio.h>
#include <string.h>

/* How long one request works at it, in microseconds. */
#define PATIENCE_US (3 * G_USEC_PER_SEC)
/* What is followed in one transaction. */
#define BATCH 2000
/* A snapshot is made anew when the stream has grown by as many changes, and by a twentieth; the
 * simulator's engine is built with a few. */
#ifndef GALLEY_SNAPSHOT_MIN_NEWS
#define GALLEY_SNAPSHOT_MIN_NEWS 2000
#endif
#define NEWS_PART 20

struct _GalleySnapshots
{
  char *folder;   /* of what follows */
  char *database; /* the server's */
  GMutex mutex;   /* one is made at a time */
};

GalleySnapshots *
galley_snapshots_new (const char *folder)
{
  GalleySnapshots *self = g_new0 (GalleySnapshots, 1);

  self->folder = g_build_filename (folder, "derived", NULL);
  self->database = g_build_filename (folder, "server.db", NULL);
  g_mutex_init (&self->mutex);
  return self;
}

void
galley_snapshots_free (GalleySnapshots *self)
{
  g_mutex_clear (&self->mutex);
  g_free (self->folder);
  g_free (self->database);
  g_free (self);
}

void
galley_snapshot_info_clear (GalleySnapshotInfo *info)
{
  g_clear_pointer (&info->history_id, g_free);
}

/**
 * galley_snapshots_get_path:
 *
 * Returns: (transfer full): where the file of a snapshot is, if it is there at all
 */
char *
galley_snapshots_get_path (GalleySnapshots *self, const GalleyId *project, const GalleyHash *hash)
{
  char id[GALLEY_ID_TEXT_SIZE], name[GALLEY_HASH_TEXT_SIZE];

  return g_strdup_printf ("%s/%s.%s", self->folder, galley_id_print (project, id),
                          galley_hash_print (hash, name));
}

static char *
path_of (GalleySnapshots *self, const GalleyId *project, const char *suffix)
{
  char id[GALLEY_ID_TEXT_SIZE];

  return g_strdup_printf ("%s/%s%s", self->folder, galley_id_print (project, id), suffix);
}

/* ── the stream ── */

typedef struct
{
  GalleyDatabase *db;
  gint64 project;
  guint64 end;
  char *history_id;
  gboolean any_refused;
} Stream;

static void
stream_clear (Stream *stream)
{
  g_clear_pointer (&stream->db, galley_database_close);
  g_clear_pointer (&stream->history_id, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stream, stream_clear)

static gboolean
open_stream (GalleySnapshots *self, const GalleyId *project, Stream *stream, GError **error)
{
  sqlite3_stmt *query;
  int stepped;

  stream->db = galley_database_open (self->database, TRUE, error);
  if (stream->db == NULL)
    return FALSE;
  query = galley_database_query (stream->db, error,
                                 "SELECT number, position, history, EXISTS (SELECT 1 FROM refused"
                                 " WHERE project = number) FROM project WHERE id = ?1",
                                 "n", project);
  stepped = query != NULL ? galley_database_step (stream->db, query, error) : -1;
  if (stepped == 0)
    g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND,
                         "This server does not know the project.");
  if (stepped <= 0)
    return FALSE;

  stream->project = sqlite3_column_int64 (query, 0);
  stream->end = sqlite3_column_int64 (query, 1);
  stream->history_id = galley_column_text (query, 2);
  stream->any_refused = sqlite3_column_int (query, 3);
  galley_database_done (query);
  return TRUE;
}

/* Of the stream as it is now: what was made of another one, which a copy of the server's folder has
 * brought back, has another value there. */
static gboolean
read_rolling (Stream *stream, guint64 position, GalleyHash *rolling, GError **error)
{
  sqlite3_stmt *query;
  int stepped;

  *rolling = (GalleyHash){ { 0 } };
  if (position == 0)
    return TRUE;

  query = galley_database_query (stream->db, error,
                                 "SELECT rolling FROM stream WHERE project = ?1 AND position = ?2",
                                 "ii", stream->project, (gint64)position);
  stepped = query != NULL ? galley_database_step (stream->db, query, error) : -1;
  if (stepped > 0)
    {
      galley_column_hash (query, 0, rolling);
      galley_database_done (query);
    }

  return stepped >= 0;
}

static gboolean
is_of_stream (
    Stream *stream, guint64 position, const GalleyHash *rolling, gboolean *same, GError **error)
{
  GalleyHash there;

  if (!read_rolling (stream, position, &there, error))
    return FALSE;

  *same = galley_hash_equal (&there, rolling);
  return TRUE;
}

/* ── the maker's database ── */

/* What stands in a file of its own beside the database: which snapshot there is. */
typedef struct
{
  GalleySnapshotInfo info; /* (owned) */
  char *history_id;        /* (nullable): that the database follows */
  GalleyHash followed;     /* the rolling hash of the stream up to where it has followed it */
  GalleyHash before;       /* the snapshot before this one; zeros: none */
} Note;

static void
note_clear (Note *note)
{
  galley_snapshot_info_clear (&note->info);
  g_clear_pointer (&note->history_id, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Note, note_clear)

#define GROUP "snapshot"

static void
read_note (GalleySnapshots *self, const GalleyId *project, Note *note)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = path_of (self, project, ".note");
  g_autofree char *hash = NULL, *rolling = NULL, *followed = NULL, *before = NULL;

  memset (note, 0, sizeof *note);
  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return;
  note->history_id = g_key_file_get_string (file, GROUP, "history", NULL);
  hash = g_key_file_get_string (file, GROUP, "hash", NULL);
  note->info.position = g_key_file_get_uint64 (file, GROUP, "position", NULL);
  note->info.size_bytes = g_key_file_get_uint64 (file, GROUP, "bytes", NULL);
  rolling = g_key_file_get_string (file, GROUP, "rolling", NULL);
  followed = g_key_file_get_string (file, GROUP, "followed", NULL);
  before = g_key_file_get_string (file, GROUP, "before", NULL);
  if (followed != NULL)
    galley_hash_parse (followed, &note->followed);
  if (before != NULL)
    galley_hash_parse (before, &note->before);
  note->info.ready = hash != NULL && galley_hash_parse (hash, &note->info.hash) &&
                     rolling != NULL && galley_hash_parse (rolling, &note->info.rolling);
}

static gboolean
write_note (GalleySnapshots *self, const GalleyId *project, const Note *note, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *path = path_of (self, project, ".note");
  g_autofree char *followed = galley_hash_to_string (&note->followed);
  g_autofree char *before = galley_hash_to_string (&note->before);

  g_key_file_set_string (file, GROUP, "history", note->history_id);
  g_key_file_set_string (file, GROUP, "followed", followed);
  g_key_file_set_string (file, GROUP, "before", before);
  if (note->info.ready)
    {
      g_autofree char *hash = galley_hash_to_string (&note->info.hash);
      g_autofree char *rolling = galley_hash_to_string (&note->info.rolling);

      g_key_file_set_string (file, GROUP, "rolling", rolling);
      g_key_file_set_string (file, GROUP, "hash", hash);
      g_key_file_set_uint64 (file, GROUP, "position", note->info.position);
      g_key_file_set_uint64 (file, GROUP, "bytes", note->info.size_bytes);
    }

  return g_key_file_save_to_file (file, path, error);
}

static void
forget (GalleySnapshots *self, const GalleyId *project)
{
  g_autofree char *database = path_of (self, project, ".db");
  g_autofree char *note = path_of (self, project, ".note");

  galley_database_remove (database);
  g_unlink (note);
}

/* One that is damaged, of an older Galley, or ahead of a stream that was restored is made again. */
static GalleySnapshotMaker *
open_maker (GalleySnapshots *self, const GalleyId *project, Stream *stream, GError **error)
{
  g_autofree char *path = path_of (self, project, ".db");
  g_autoptr (GalleySnapshotMaker) maker = NULL;
  g_auto (Note) note = { 0 };
  Note fresh = { .history_id = stream->history_id };
  gboolean same = FALSE;

  read_note (self, project, &note);
  if (g_strcmp0 (note.history_id, stream->history_id) == 0)
    maker = galley_snapshot_maker_open (path, project, NULL);
  if (maker != NULL && galley_snapshot_maker_get_position (maker) <= stream->end &&
      !is_of_stream (stream, galley_snapshot_maker_get_position (maker), &note.followed, &same,
                     error))
    return NULL;
  if (same)
    return g_steal_pointer (&maker);

  g_clear_pointer (&maker, galley_snapshot_maker_free);
  forget (self, project);
  if (!write_note (self, project, &fresh, error))
    return NULL;
  return galley_snapshot_maker_open (path, project, error);
}

/* ── following ── */

static gboolean
add_gaps (
    GalleySnapshotMaker *maker, Stream *stream, gint64 device, const GalleyRef *ref, GError **error)
{
  sqlite3_stmt *query;
  int stepped;

  if (!stream->any_refused)
    return TRUE;
  query = galley_database_query (
      stream->db, error,
      "SELECT seq, hash FROM refused WHERE project = ?1 AND device = ?2 AND seq < ?3 AND seq >"
      " (SELECT ifnull (max (seq), 0) FROM stream WHERE project = ?1 AND device = ?2 AND seq < ?3)"
      " ORDER BY seq",
      "iii", stream->project, device, (gint64)ref->seq);
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (stream->db, query, error)) > 0)
    {
      GalleyRef gap = { ref->device, sqlite3_column_int64 (query, 0) };
      GalleyHash hash;

      galley_column_hash (query, 1, &hash);
      if (!galley_snapshot_maker_add_gap (maker, &gap, &hash, error))
        {
          galley_database_done (query);
          return FALSE;
        }
    }

  return stepped == 0;
}

static gboolean
add_row (GalleySnapshotMaker *maker, Stream *stream, sqlite3_stmt *row, GError **error)
{
  GalleyRef ref = { .seq = sqlite3_column_int64 (row, 3) };
  g_autoptr (GBytes)
      bytes = g_bytes_new (sqlite3_column_blob (row, 4), sqlite3_column_bytes (row, 4));

  galley_column_id (row, 2, &ref.device);
  return add_gaps (maker, stream, sqlite3_column_int64 (row, 1), &ref, error) &&
         galley_snapshot_maker_add (maker, sqlite3_column_int64 (row, 0), bytes, error);
}

static gboolean
add_rows (GalleySnapshotMaker *maker, Stream *stream, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      stream->db, error,
      "SELECT s.position, s.device, d.id, s.seq, s.bytes FROM stream s"
      " JOIN device d ON d.number = s.device WHERE s.project = ?1 AND s.position > ?2"
      " AND s.position <= ?3 ORDER BY s.position LIMIT " G_STRINGIFY (BATCH),
      "iii", stream->project, (gint64)galley_snapshot_maker_get_position (maker),
      (gint64)stream->end);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (stream->db, query, error)) > 0)
    if (!add_row (maker, stream, query, error))
      {
        galley_database_done (query);
        return FALSE;
      }

  return stepped == 0;
}

static gboolean
follow (GalleySnapshotMaker *maker, Stream *stream, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (galley_snapshot_maker_get_position (maker) < stream->end &&
         g_get_monotonic_time () < end_us)
    {
      guint64 before = galley_snapshot_maker_get_position (maker);
      gboolean added = galley_snapshot_maker_begin (maker, error) &&
                       add_rows (maker, stream, error);

      if (!galley_snapshot_maker_end (maker, added, error))
        return FALSE;
      if (galley_snapshot_maker_get_position (maker) == before)
        {
          g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                               "Changes are missing in the project's stream.");
          return FALSE;
        }
    }

  return TRUE;
}

/* ── the file ── */

static void
find_signature (const GalleyRef *ref, guint8 signature[GALLEY_SIGNATURE_BYTES], gpointer data)
{
  Stream *stream = data;
  sqlite3_stmt *query =
      galley_database_query (stream->db, NULL,
                             "SELECT t.signature FROM tip t JOIN device d ON d.number = t.device"
                             " WHERE t.project = ?1 AND d.id = ?2 AND t.seq = ?3",
                             "ini", stream->project, &ref->device, (gint64)ref->seq);

  memset (signature, 0, GALLEY_SIGNATURE_BYTES);
  if (query == NULL || galley_database_step (stream->db, query, NULL) <= 0)
    return;
  if (sqlite3_column_bytes (query, 0) == GALLEY_SIGNATURE_BYTES)
    memcpy (signature, sqlite3_column_blob (query, 0), GALLEY_SIGNATURE_BYTES);
  galley_database_done (query);
}

/* The one before stays a while for those who are fetching it. */
static void
drop_older (GalleySnapshots *self,
            const GalleyId *project,
            const GalleyHash *keep,
            const Note *last)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  char id[GALLEY_ID_TEXT_SIZE], kept[GALLEY_HASH_TEXT_SIZE], before[GALLEY_HASH_TEXT_SIZE];
  const char *name;

  galley_id_print (project, id);
  galley_hash_print (keep, kept);
  galley_hash_print (&last->before, before);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      const char *dot = strchr (name, '.');
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      if (dot != NULL && g_str_has_prefix (name, id) && strlen (dot + 1) == strlen (kept) &&
          !g_str_equal (dot + 1, kept) && !g_str_equal (dot + 1, before))
        g_unlink (path);
    }
}

static gboolean
write_file (GalleySnapshots *self,
            const GalleyId *project,
            GalleySnapshotMaker *maker,
            Stream *stream,
            Note *note,
            GError **error)
{
  g_autofree char *draft = path_of (self, project, ".new");
  g_autofree char *path = NULL;
  Note made = { .history_id = stream->history_id,
                .followed = note->followed,
                .before = note->before };

  if (!galley_snapshot_maker_write (maker, draft, stream->history_id, find_signature, stream,
                                    &made.info.hash, &made.info.size_bytes, error))
    return FALSE;

  made.info.ready = TRUE;
  made.info.position = galley_snapshot_maker_get_position (maker);
  made.info.rolling = note->followed;
  path = galley_snapshots_get_path (self, project, &made.info.hash);
  if (g_rename (draft, path) != 0)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                           "The snapshot cannot be put in its place.");
      return FALSE;
    }
  if (!write_note (self, project, &made, error))
    return FALSE;

  drop_older (self, project, &made.info.hash, note);
  note->info = made.info;
  return TRUE;
}

static gboolean
is_fresh (GalleySnapshots *self, const GalleyId *project, const Note *note, Stream *stream)
{
  g_autofree char *path = galley_snapshots_get_path (self, project, &note->info.hash);
  gboolean same = FALSE;

  return note->info.ready && g_strcmp0 (note->history_id, stream->history_id) == 0 &&
         note->info.position <= stream->end &&
         stream->end - note->info.position <=
             MAX (GALLEY_SNAPSHOT_MIN_NEWS, note->info.position / NEWS_PART) &&
         g_file_test (path, G_FILE_TEST_EXISTS) &&
         is_of_stream (stream, note->info.position, &note->info.rolling, &same, NULL) && same;
}

/* Up to where the maker has followed which stream. */
static gboolean
note_followed (GalleySnapshots *self,
               const GalleyId *project,
               GalleySnapshotMaker *maker,
               Stream *stream,
               Note *note,
               GError **error)
{
  Note so_far = { .history_id = stream->history_id, .before = note->before };

  if (!read_rolling (stream, galley_snapshot_maker_get_position (maker), &note->followed, error))
    return FALSE;

  so_far.followed = note->followed;
  return write_note (self, project, &so_far, error);
}

static gboolean
make (GalleySnapshots *self,
      const GalleyId *project,
      Stream *stream,
      Note *note,
      GalleySnapshotInfo *info,
      GError **error)
{
  g_autoptr (GalleySnapshotMaker) maker = open_maker (self, project, stream, error);
  gboolean followed;

  if (maker == NULL)
    return FALSE;

  /* What it has taken so far is known as its own also when it could not go on. */
  followed = follow (maker, stream, error);
  if (!note_followed (self, project, maker, stream, note, followed ? error : NULL) || !followed)
    return FALSE;

  info->position = galley_snapshot_maker_get_position (maker);
  if (info->position < stream->end)
    return TRUE;

  return write_file (self, project, maker, stream, note, error);
}

/**
 * galley_snapshots_prepare:
 * @info: (out caller-allocates): clear it with galley_snapshot_info_clear()
 *
 * Works for a few seconds at most, on a worker that may be slow.
 */
gboolean
galley_snapshots_prepare (GalleySnapshots *self,
                          const GalleyId *project,
                          GalleySnapshotInfo *info,
                          GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  g_auto (Stream) stream = { 0 };
  g_auto (Note) note = { 0 };

  memset (info, 0, sizeof *info);
  if (g_mkdir_with_parents (self->folder, 0700) != 0)
    {
      g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                           "There is no room for snapshots.");
      return FALSE;
    }
  if (!open_stream (self, project, &stream, error))
    return FALSE;

  read_note (self, project, &note);
  if (!is_fresh (self, project, &note, &stream))
    {
      if (note.info.ready)
        note.before = note.info.hash;
      note.info.ready = FALSE;
      if (!make (self, project, &stream, &note, info, error))
        return FALSE;
    }
  if (note.info.ready)
    *info = note.info;

  info->end = stream.end;
  info->history_id = g_strdup (stream.history_id);
  return TRUE;
}
