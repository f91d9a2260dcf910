/* galley-store.c: one workspace's database: the one door for local edits and for received ones
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-store"

#include "data/galley-store-private.h"

#include "data/galley-folder.h"
#include "data/galley-identity.h"
#include "data/galley-replay.h"
#include "data/galley-rescue.h"
#include "data/galley-sabotage.h"
#include "data/galley-tables.h"
#include "data/galley-worker.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

/* As many operations as share one commit, and so one wait for the disk. */
#define MAX_GROUP 512
/* A list of more entities than this is no help to a window. */
#define MAX_TOUCHED 2000
/* Readers that are kept for the next who asks; more are at work together only for a moment. */
#define MAX_IDLE_READERS 4
/* How often the folder is looked at for what another program did, in milliseconds. */
#define WATCH_RATE_MS 100
/* The log is written before its transaction counts: a look that comes in between sees nothing, and
 * no further sign follows. So there is one more look when it has been quiet for this long. */
#define LOOK_AGAIN_US (250 * 1000)

/* One thing to do on the writer thread, and who waits for it. */
typedef struct
{
  GalleyStoreFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GTask *task;  /* (owned) (nullable): asynchronous: answered on its own main context */
  GMutex *lock; /* (nullable): a waiting thread's, with the three below */
  GCond *cond;
  gboolean *finished;
  gboolean done;
  GError *error;
  gboolean look; /* only for what another program did */
} Op;

struct _GalleyStore
{
  GObject parent_instance;

  char *folder, *path;
  GalleyStoreFlags flags;
  const GalleyWorld *world;
  GalleyKey *key;  /* atomic: the writer thread sets it, see publish_key() */
  GPtrArray *keys; /* of GalleyKey: each that was in use, since another thread may still be at it */
  char *key_path, *next_key_path;
  GMainContext *context; /* where "changed" is emitted */
  GFileMonitor *monitor;

  GThread *thread; /* NULL in a world without threads */
  GAsyncQueue *ops;
  gboolean closed;
  gboolean turn_queued;  /* in such a world: the writer has its turn soon */
  GalleyWorker *readers; /* of one thread */
  GalleyReader *reader;  /* that thread's */

  /* the writer thread's */
  GalleyWriter writer;
  gint64 data_version;
  gboolean look_again; /* when it has been quiet for a moment */
  gint64 last_lsn;
  gboolean rolled_back_inside; /* see forget_search() */

  GMutex mutex; /* for those below */
  GalleyId person;
  GPtrArray *idle_readers; /* NULL once it is closed */
  GHashTable *touched;     /* GalleyId → GalleyTouchedEntity */
  GalleyTouched pending;
  gboolean signal_queued;
};

enum
{
  CHANGED,
  DAMAGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];
static Op stop_op;

G_DEFINE_FINAL_TYPE (GalleyStore, galley_store, G_TYPE_OBJECT)

static gboolean
get_setting_id (GalleyStore *self, const char *key, GalleyId *id, gboolean *found, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->writer.db, error,
                                               "SELECT value FROM setting WHERE key = ?1", "s",
                                               key);
  int stepped = query != NULL ? galley_database_step (self->writer.db, query, error) : -1;

  *found = stepped > 0 && galley_id_parse ((const char *)sqlite3_column_text (query, 0), id, NULL);
  if (stepped > 0)
    galley_database_done (query);

  return stepped >= 0;
}

/* ── telling what has changed ── */

static gboolean
emit_changed_cb (gpointer data)
{
  GalleyStore *self = data;
  GalleyTouched touched;
  g_autoptr (GArray) entities = g_array_new (FALSE, FALSE, sizeof (GalleyTouchedEntity));
  GHashTableIter iter;
  gpointer entity;

  g_mutex_lock (&self->mutex);
  touched = self->pending;
  g_hash_table_iter_init (&iter, self->touched);
  while (!touched.everything && g_hash_table_iter_next (&iter, NULL, &entity))
    g_array_append_vals (entities, entity, 1);
  g_hash_table_remove_all (self->touched);
  memset (&self->pending, 0, sizeof self->pending);
  self->signal_queued = FALSE;
  g_mutex_unlock (&self->mutex);

  touched.entities = entities;
  g_signal_emit (self, signals[CHANGED], 0, &touched);
  return G_SOURCE_REMOVE;
}

static void
queue_signal (GalleyStore *self)
{
  g_autoptr (GSource) source = NULL;

  if (self->signal_queued)
    return;

  self->signal_queued = TRUE;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, emit_changed_cb, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->context);
}

/* On the writer thread, after a commit or when another program has committed. */
static void
collect_touched (GalleyStore *self)
{
  GalleyWriter *writer = &self->writer;
  g_autoptr (GArray) rows = galley_applier_take_touched (writer->applier);
  gboolean conflicts = galley_applier_take_conflicts_moved (writer->applier);

  if ((self->flags & GALLEY_STORE_QUIET) == 0 &&
      (rows->len > 0 || conflicts || writer->outbox_moved || writer->jobs_moved ||
       writer->everything_moved))
    {
      g_mutex_lock (&self->mutex);
      for (guint i = 0; i < rows->len; i++)
        {
          const GalleyEntityRow *row = &g_array_index (rows, GalleyEntityRow, i);
          GalleyTouchedEntity *entity = g_new (GalleyTouchedEntity, 1);

          *entity = (GalleyTouchedEntity){ row->id, row->owner_id, row->kind };
          g_hash_table_replace (self->touched, &entity->entity, entity);
        }
      self->pending.everything |= writer->everything_moved ||
                                  g_hash_table_size (self->touched) > MAX_TOUCHED;
      self->pending.conflicts |= conflicts;
      self->pending.outbox |= writer->outbox_moved;
      self->pending.jobs |= writer->jobs_moved;
      queue_signal (self);
      g_mutex_unlock (&self->mutex);
    }
  writer->outbox_moved = writer->jobs_moved = writer->everything_moved = FALSE;
}

/* Enrolment may have given this person another id. */
static void
load_person (GalleyStore *self)
{
  GalleyId person;

  self->writer.person_moved = FALSE;
  if (!galley_writer_get_person (&self->writer, &person, NULL))
    return;
  g_mutex_lock (&self->mutex);
  self->person = person;
  g_mutex_unlock (&self->mutex);
}

/* ── which device this is ── */

/* Of those keys that are known, and those in the folder. */
static GalleyKey *
find_key (GalleyStore *self, const GalleyId *device)
{
  const char *paths[] = { self->key_path, self->next_key_path };

  for (guint i = 0; i < self->keys->len; i++)
    if (galley_id_equal (galley_key_get_device (self->keys->pdata[i]), device))
      return self->keys->pdata[i];

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GalleyKey) key = galley_key_load (paths[i], NULL);

      if (key == NULL || !galley_id_equal (galley_key_get_device (key), device))
        continue;
      g_ptr_array_add (self->keys, g_steal_pointer (&key));
      return self->keys->pdata[self->keys->len - 1];
    }

  return NULL;
}

/* The database says which device it is; the file with the key follows. A program that was
 * interrupted in between puts that right when it opens the workspace next. */
static gboolean
publish_key (GalleyStore *self, GError **error)
{
  g_autoptr (GalleyKey) next = galley_key_load (self->next_key_path, NULL);
  gboolean is_next = next != NULL && galley_id_equal (galley_key_get_device (next),
                                                      galley_key_get_device (self->writer.key));

  g_atomic_pointer_set (&self->key, self->writer.key);
  self->writer.identity_moved = FALSE;
  return !is_next || galley_key_replace (self->key_path, self->next_key_path, error);
}

static void
forget_next_key (GalleyStore *self)
{
  self->writer.key = self->key;
  self->writer.device = *galley_key_get_device (self->key);
  self->writer.identity_moved = FALSE;
}

/**
 * galley_store_next_key:
 *
 * The key is on disk, beside the one in use, before the database speaks of it.
 */
gboolean
galley_store_next_key (GalleyWriter *writer, GError **error)
{
  GalleyStore *self = writer->store;
  g_autoptr (GalleyKey) key = galley_key_open (self->next_key_path, self->world, error);

  if (key == NULL)
    return FALSE;

  writer->device = *galley_key_get_device (key);
  writer->key = key;
  writer->identity_moved = TRUE;
  g_ptr_array_add (self->keys, g_steal_pointer (&key));
  return TRUE;
}

typedef struct
{
  GalleyStore *self;
  char *message;
} Damage;

static void
damage_free (gpointer data)
{
  Damage *damage = data;

  g_object_unref (damage->self);
  g_free (damage->message);
  g_free (damage);
}

static gboolean
emit_damaged_cb (gpointer data)
{
  const Damage *damage = data;

  g_signal_emit (damage->self, signals[DAMAGED], 0, damage->message);
  return G_SOURCE_REMOVE;
}

/* Any thread: whoever asked is told as well, but only a window can offer a way out. */
static void
tell_damage (GalleyStore *self, const GError *error)
{
  g_autoptr (GSource) source = NULL;
  Damage *damage;

  if ((self->flags & GALLEY_STORE_QUIET) != 0 ||
      !g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    return;

  damage = g_new0 (Damage, 1);
  damage->self = g_object_ref (self);
  damage->message = g_strdup (error->message);
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, emit_damaged_cb, damage, damage_free);
  g_source_attach (source, self->context);
}

/* ── what another program did ── */

/* Moves when another connection commits; the one of SQLite's file control would move for our own
 * commits as well. */
static gint64
read_data_version (GalleyStore *self)
{
  gint64 version = 0;

  galley_database_get_int (self->writer.db, &version, NULL, "PRAGMA data_version", "");
  return version;
}

static gboolean
touch_entities_of (
    GalleyStore *self, gint64 project, gconstpointer data, gsize bytes, GHashTable *rows)
{
  g_autoptr (GBytes) copy = g_bytes_new (data, bytes);
  g_autoptr (GalleyChange) change = galley_change_new_from_bytes (copy, NULL);

  for (guint i = 0; change != NULL && i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      const GalleyEntityRow *row;
      GalleyTouchedEntity *entity;

      if (!galley_applier_find (self->writer.applier, project, edit->kind, &edit->entity, &row,
                                NULL) ||
          row == NULL)
        continue;
      entity = g_new (GalleyTouchedEntity, 1);
      *entity = (GalleyTouchedEntity){ row->id, row->owner_id, row->kind };
      g_hash_table_replace (rows, &entity->entity, entity);
    }

  return change != NULL;
}

static void
note_foreign_changes (GalleyStore *self)
{
  g_autoptr (GHashTable)
      rows = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  sqlite3_stmt *query = galley_database_query (self->writer.db, NULL,
                                               "SELECT lsn, project, bytes FROM change WHERE lsn > "
                                               "?1 ORDER BY lsn LIMIT 1000",
                                               "i", self->last_lsn);
  guint n_changes = 0;
  GHashTableIter iter;
  gpointer key, value;

  while (query != NULL && galley_database_step (self->writer.db, query, NULL) > 0)
    {
      self->last_lsn = sqlite3_column_int64 (query, 0);
      touch_entities_of (self, sqlite3_column_int64 (query, 1), sqlite3_column_blob (query, 2),
                         sqlite3_column_bytes (query, 2), rows);
      n_changes++;
    }

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_hash_table_iter_steal (&iter);
      g_hash_table_replace (self->touched, key, value);
    }
  /* Accepted positions, withdrawn changes and a replay leave no new row in the journal. */
  self->pending.everything |= n_changes == 0 || n_changes >= 1000 ||
                              g_hash_table_size (self->touched) > MAX_TOUCHED;
  self->pending.outbox = self->pending.jobs = self->pending.conflicts = TRUE;
  queue_signal (self);
  g_mutex_unlock (&self->mutex);
}

/* Another program may have made this workspace another device. */
static void
load_identity (GalleyStore *self)
{
  GalleyId device;
  GalleyKey *key;
  gboolean found;

  if (!get_setting_id (self, "device", &device, &found, NULL) || !found ||
      galley_id_equal (&device, &self->writer.device) || (key = find_key (self, &device)) == NULL)
    return;

  self->writer.device = device;
  self->writer.key = key;
  g_atomic_pointer_set (&self->key, key);
}

static void
look_at_others (GalleyStore *self)
{
  gint64 version = read_data_version (self);

  if (version == self->data_version)
    return;
  self->data_version = version;
  galley_applier_forget (self->writer.applier);
  load_person (self);
  load_identity (self);
  if ((self->flags & GALLEY_STORE_QUIET) == 0)
    note_foreign_changes (self);
}

/* ── the writer thread ── */

/* When a statement of FTS5's own cannot read the disk, SQLite rolls back while FTS5 is still at
 * work, and what FTS5 counts after that it keeps for the next transaction: up to 3.40 at least, it
 * then takes a sound index for a damaged one, or writes wrong counts. A transaction that touches
 * the index and is rolled back from outside makes it read again. */
static gboolean
forget_search (GalleyStore *self, GError **error)
{
  GalleyDatabase *db = self->writer.db;
  g_autoptr (GError) local = NULL;

  if (!galley_database_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;

  galley_database_exec (db, "DELETE FROM derived_search WHERE rowid = -1", &local);
  if (sqlite3_get_autocommit (galley_database_get_handle (db)) == 0)
    galley_database_exec (db, "ROLLBACK", NULL);
  /* There may be no index, after a rescue; then nothing is kept of it. */
  if (local != NULL && !g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  self->rolled_back_inside = FALSE;
  return TRUE;
}

static gboolean
begin (GalleyStore *self, GError **error)
{
  if (self->rolled_back_inside && !forget_search (self, error))
    return FALSE;
  if (!galley_database_exec (self->writer.db, "BEGIN IMMEDIATE", error))
    return FALSE;

  look_at_others (self);
  galley_journal_forget (self->writer.journal);
  galley_applier_forget (self->writer.applier);
  if (sqlite3_get_autocommit (galley_database_get_handle (self->writer.db)) == 0)
    return TRUE;

  /* A look that the disk refused has ended the transaction; there will be another. */
  self->data_version = 0;
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
               _ ("The disk refused to read or write. What was saved before is safe."));
  return FALSE;
}

static void
roll_back (GalleyStore *self)
{
  /* After some failures, a full disk among them, SQLite has rolled back by itself. */
  if (sqlite3_get_autocommit (galley_database_get_handle (self->writer.db)) == 0)
    galley_database_exec (self->writer.db, "ROLLBACK", NULL);
  else
    self->rolled_back_inside = TRUE;
  galley_journal_forget (self->writer.journal);
  galley_applier_forget (self->writer.applier);
  self->writer.outbox_moved = self->writer.jobs_moved = self->writer.everything_moved = FALSE;
  self->writer.person_moved = FALSE;
  if (self->writer.identity_moved)
    forget_next_key (self);
}

static gboolean
commit (GalleyStore *self, GError **error)
{
  if (!GALLEY_SABOTAGED (ACKNOWLEDGES_EARLY))
    return galley_database_exec (self->writer.db, "COMMIT", error);

  /* A known bug: nobody looks whether it worked. */
  if (!galley_database_exec (self->writer.db, "COMMIT", NULL))
    galley_database_exec (self->writer.db, "ROLLBACK", NULL);
  return TRUE;
}

static gboolean
end (GalleyStore *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  gint64 last;

  if (!galley_journal_flush (self->writer.journal, error) ||
      !galley_applier_flush (self->writer.applier, error) ||
      !galley_journal_get_last_lsn (self->writer.journal, &last, error) || !commit (self, error))
    return FALSE;

  self->last_lsn = last;
  if (self->writer.person_moved)
    load_person (self);
  if (self->writer.identity_moved && !publish_key (self, &local))
    g_warning ("%s", local->message);
  collect_touched (self);
  return TRUE;
}

static gboolean
run_op (GalleyStore *self, Op *op, GError **error)
{
  if (op->task != NULL &&
      g_cancellable_set_error_if_cancelled (g_task_get_cancellable (op->task), error))
    return FALSE;

  return op->func (&self->writer, op->data, error);
}

static void
run_alone (GalleyStore *self, Op *op)
{
  op->done = begin (self, &op->error) && run_op (self, op, &op->error) && end (self, &op->error);
  if (!op->done)
    roll_back (self);
}

/* Many operations share one commit. When one of them fails, all are rolled back and each runs
 * alone: failures are rare, and nothing of a failed one may stay behind. */
static void
run_group (GalleyStore *self, GPtrArray *group)
{
  gboolean together = group->len > 1 && begin (self, NULL);

  for (guint i = 0; together && i < group->len; i++)
    together = run_op (self, g_ptr_array_index (group, i), NULL);
  together = together && end (self, NULL);

  if (together)
    {
      for (guint i = 0; i < group->len; i++)
        ((Op *)g_ptr_array_index (group, i))->done = TRUE;
      return;
    }

  if (group->len > 1)
    roll_back (self);
  for (guint i = 0; i < group->len; i++)
    run_alone (self, g_ptr_array_index (group, i));
}

static void
answer (GalleyStore *self, Op *op)
{
  tell_damage (self, op->error);
  if (op->task != NULL)
    {
      if (op->done)
        g_task_return_boolean (op->task, TRUE);
      else
        g_task_return_error (op->task, g_steal_pointer (&op->error));
      g_object_unref (op->task);
      if (op->free_data != NULL)
        op->free_data (op->data);
      g_free (op);
      return;
    }

  /* The waiting thread owns the operation and frees it as soon as it knows. */
  g_mutex_lock (op->lock);
  *op->finished = TRUE;
  g_cond_signal (op->cond);
  g_mutex_unlock (op->lock);
}

static Op *
wait_for_op (GalleyStore *self)
{
  if (!galley_world_has_threads (self->world))
    return g_async_queue_try_pop (self->ops);

  return self->look_again ? g_async_queue_timeout_pop (self->ops, LOOK_AGAIN_US)
                          : g_async_queue_pop (self->ops);
}

static gboolean
collect_group (GalleyStore *self, GPtrArray *group)
{
  Op *op = wait_for_op (self);

  g_ptr_array_set_size (group, 0);
  if (op == NULL)
    {
      self->look_again = FALSE;
      look_at_others (self);
    }
  while (op != NULL)
    {
      if (op == &stop_op)
        return FALSE;
      if (op->look)
        {
          look_at_others (self);
          self->look_again = TRUE;
          g_free (op);
        }
      else
        {
          g_ptr_array_add (group, op);
        }
      op = group->len < MAX_GROUP ? g_async_queue_try_pop (self->ops) : NULL;
    }

  return TRUE;
}

/* Returns: whether to go on */
static gboolean
work_once (GalleyStore *self, GPtrArray *group)
{
  gboolean go_on = collect_group (self, group);

  if (group->len > 0)
    run_group (self, group);
  for (guint i = 0; i < group->len; i++)
    answer (self, g_ptr_array_index (group, i));
  return go_on;
}

static gpointer
writer_thread (gpointer data)
{
  GalleyStore *self = data;
  g_autoptr (GPtrArray) group = g_ptr_array_new ();

  while (work_once (self, group))
    ;

  return NULL;
}

/* ── the writer without a thread ── */

static void
work_off (GalleyStore *self)
{
  g_autoptr (GPtrArray) group = g_ptr_array_new ();

  while (g_async_queue_length (self->ops) > 0)
    work_once (self, group);
}

static gboolean
turn_cb (gpointer user_data)
{
  g_autoptr (GalleyStore) self = user_data;

  self->turn_queued = FALSE;
  work_off (self);
  return G_SOURCE_REMOVE;
}

static void
push_op (GalleyStore *self, Op *op)
{
  /* Whoever still asks when all is closed gets an answer like everybody. */
  if (self->closed)
    {
      g_set_error (&op->error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The workspace has been closed.");
      answer (self, op);
      return;
    }

  g_async_queue_push (self->ops, op);
  if (galley_world_has_threads (self->world) || self->turn_queued)
    return;

  self->turn_queued = TRUE;
  galley_world_run_later (self->world, turn_cb, g_object_ref (self));
}

/* ── opening and closing ── */

static gboolean
open_database (GalleyStore *self, GError **error)
{
  self->writer.db = galley_database_open (self->path, FALSE, error);

  return self->writer.db != NULL && galley_store_open_tables (self->writer.db, error);
}

/**
 * galley_store_open_tables:
 *
 * Brings the permanent tables to this version; the derived ones are made when there are none.
 */
gboolean
galley_store_open_tables (GalleyDatabase *db, GError **error)
{
  gint64 made = 0;
  gboolean done;

  /* Asked inside the transaction: of two programs that start at once, one makes them. */
  if (!galley_tables_prepare (db, error) || !galley_database_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;

  done = galley_database_get_int (db, &made, error,
                                  "SELECT 1 FROM setting WHERE key = 'derived_version'", "") &&
         (made ||
          (galley_tables_drop_derived (db, error) && galley_tables_make_derived (db, error))) &&
         galley_database_exec (db, "COMMIT", error);
  if (!done && sqlite3_get_autocommit (galley_database_get_handle (db)) == 0)
    galley_database_exec (db, "ROLLBACK", NULL);

  return done;
}

static gboolean
put_setting (GalleyStore *self, const char *key, const char *value, GError **error)
{
  return galley_database_run (self->writer.db, error,
                              "INSERT INTO setting VALUES (?1, ?2)"
                              " ON CONFLICT DO UPDATE SET value = excluded.value",
                              "ss", key, value);
}

/* The key is the identity, not the database: one that was copied or restored gets a new device, and
 * its numbers can never meet those of the other.
 * @former: (out): the device that the database was before; nil: none, or the same */
static gboolean
settle_identity (GalleyStore *self, GalleyId *former, GError **error)
{
  char text[GALLEY_ID_TEXT_SIZE];
  GalleyKey *next;
  gboolean found;

  memset (former, 0, sizeof *former);
  if (!get_setting_id (self, "device", former, &found, error))
    return FALSE;
  next = found ? find_key (self, former) : NULL;
  if (next != NULL)
    self->key = next;
  self->writer.key = self->key;
  self->writer.device = *galley_key_get_device (self->key);
  if (next != NULL && !publish_key (self, error))
    return FALSE;
  if (next != NULL)
    memset (former, 0, sizeof *former);
  if (!found && !put_setting (self, "device", galley_id_print (&self->writer.device, text), error))
    return FALSE;

  if (!get_setting_id (self, "person", &self->person, &found, error))
    return FALSE;
  if (!found)
    {
      galley_id_new (&self->person, self->world);
      return put_setting (self, "person", galley_id_print (&self->person, text), error);
    }

  return TRUE;
}

static gboolean
make_current (GalleyStore *self, GError **error)
{
  GalleyReplayReport report = { 0 };
  gboolean current, rebuilt;

  if (!galley_tables_derived_is_current (self->writer.db, &current, error))
    return FALSE;
  if (current)
    return TRUE;

  rebuilt = galley_replay_rebuild (self, NULL, NULL, NULL, &report, error);
  galley_replay_report_clear (&report);
  return rebuilt;
}

/* What the device before had not sent is this one's to send now. */
static gboolean
take_over (GalleyWriter *writer, gpointer data, GError **error)
{
  char text[GALLEY_ID_TEXT_SIZE];
  GalleyId known;
  guint64 n_moved;
  gboolean found;

  /* Of two programs that start at once, one does it. */
  if (!get_setting_id (writer->store, "device", &known, &found, error))
    return FALSE;
  if (found && galley_id_equal (&known, &writer->device))
    return TRUE;

  g_message ("This database was another device's; this one goes on under its own name");
  return galley_identity_take_over (writer, data, NULL, 0, &n_moved, error) &&
         galley_directory_set (writer, GALLEY_SETTING_FORMER_DEVICE, galley_id_print (data, text),
                               error);
}

static void
folder_changed_cb (GalleyStore *self, GFile *file)
{
  g_autofree char *name = g_file_get_basename (file);
  Op *op;

  if (!g_str_has_suffix (name, ".db-wal"))
    return;

  op = g_new0 (Op, 1);
  op->look = TRUE;
  push_op (self, op);
}

static void
watch_folder (GalleyStore *self)
{
  g_autoptr (GFile) folder = g_file_new_for_path (self->folder);

  self->monitor = g_file_monitor_directory (folder, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor == NULL)
    return;
  g_file_monitor_set_rate_limit (self->monitor, WATCH_RATE_MS);
  g_signal_connect_object (self->monitor, "changed", G_CALLBACK (folder_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static gboolean
check_folder (GalleyStore *self, GError **error)
{
  if (!galley_rescue_finish (self->folder, error))
    return FALSE;
  if (galley_folder_is_lost (self->folder))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                   _ ("The database in “%s” is gone or empty, though there was one. Nothing was "
                      "touched. Put galley.db back from a backup, or move the folder away to begin "
                      "anew and connect to your server again."),
                   self->folder);
      return FALSE;
    }
  if (g_file_test (self->path, G_FILE_TEST_EXISTS))
    return TRUE;
  if ((self->flags & GALLEY_STORE_CREATE) == 0)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                   _ ("There is no workspace in “%s”. Make one first."), self->folder);
      return FALSE;
    }
  if (!galley_folder_make (self->folder))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("The folder “%s” cannot be made: %s"), self->folder, g_strerror (errno));
      return FALSE;
    }

  return TRUE;
}

static void read_cb (gpointer data, gpointer user_data);

static gboolean
open_all (GalleyStore *self, GError **error)
{
  GalleyId former;

  if (!check_folder (self, error) || !open_database (self, error))
    return FALSE;
  self->key = galley_key_open (self->key_path, self->world, error);
  if (self->key == NULL)
    return FALSE;
  g_ptr_array_add (self->keys, self->key);

  self->writer.journal = galley_journal_new (self->writer.db);
  self->writer.applier = galley_applier_new (self->writer.db, self->writer.journal);
  self->writer.world = self->world;
  self->writer.store = self;
  if (!settle_identity (self, &former, error) ||
      !galley_journal_get_last_lsn (self->writer.journal, &self->last_lsn, error))
    return FALSE;

  /* A known bug: what was not sent before a restart is not sent any more. */
  if (GALLEY_SABOTAGED (FORGETS_OUTBOX) &&
      !galley_database_exec (self->writer.db,
                             "INSERT OR IGNORE INTO refusal SELECT project, device, seq, 'lost',"
                             " 'lost' FROM change WHERE position IS NULL",
                             error))
    return FALSE;

  self->data_version = read_data_version (self);
  if (galley_world_has_threads (self->world))
    self->thread = g_thread_new ("galley-writer", writer_thread, self);
  return make_current (self, error) &&
         (galley_id_is_nil (&former) || galley_store_write (self, take_over, &former, error));
}

/**
 * galley_store_open:
 * @folder: of the workspace
 * @world: (transfer none): clock and chance; must live as long as the store
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND, _DAMAGED, _NEWER, _NO_SPACE, _BUSY or _IO
 *
 * Signals come on the calling thread's default main context. Blocks while it opens the file.
 *
 * Returns: (transfer full): the store; close it with galley_store_close() before the last unref
 */
GalleyStore *
galley_store_open (const char *folder,
                   GalleyStoreFlags flags,
                   const GalleyWorld *world,
                   GError **error)
{
  GalleyStore *self = g_object_new (GALLEY_TYPE_STORE, NULL);

  self->folder = g_strdup (folder);
  self->path = g_build_filename (folder, "galley.db", NULL);
  self->key_path = g_build_filename (folder, "device.key", NULL);
  self->next_key_path = g_build_filename (folder, "device.key.next", NULL);
  self->flags = flags;
  self->world = world;
  self->context = g_main_context_ref_thread_default ();
  self->readers = galley_worker_new (world, read_cb, self, 1);
  if (!open_all (self, error))
    {
      galley_store_close (self);
      g_object_unref (self);
      return NULL;
    }

  if ((flags & GALLEY_STORE_QUIET) == 0 && galley_world_has_threads (world))
    watch_folder (self);
  return self;
}

/**
 * galley_store_close:
 *
 * Waits for what was asked for before, then lets the database go. Nothing may be asked afterwards.
 */
void
galley_store_close (GalleyStore *self)
{
  self->closed = TRUE;
  if (self->monitor != NULL)
    g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
  if (self->thread != NULL)
    {
      g_async_queue_push (self->ops, &stop_op);
      g_thread_join (g_steal_pointer (&self->thread));
    }
  else
    {
      work_off (self);
    }
  g_clear_pointer (&self->readers, galley_worker_free);
  g_clear_pointer (&self->reader, galley_reader_free);
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->idle_readers, g_ptr_array_unref);
  g_mutex_unlock (&self->mutex);
  g_clear_pointer (&self->writer.applier, galley_applier_free);
  g_clear_pointer (&self->writer.journal, galley_journal_free);
  g_clear_pointer (&self->writer.db, galley_database_close);
}

static void
galley_store_finalize (GObject *object)
{
  GalleyStore *self = GALLEY_STORE (object);

  g_assert (self->writer.db == NULL);
  g_ptr_array_unref (self->keys);
  g_free (self->key_path);
  g_free (self->next_key_path);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_async_queue_unref (self->ops);
  g_hash_table_unref (self->touched);
  g_mutex_clear (&self->mutex);
  g_free (self->folder);
  g_free (self->path);
  G_OBJECT_CLASS (galley_store_parent_class)->finalize (object);
}

static void
galley_store_class_init (GalleyStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = galley_store_finalize;

  /**
   * GalleyStore::changed:
   * @touched: (type gpointer): a #GalleyTouched, good during the emission
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  /**
   * GalleyStore::damaged:
   * @message: a sentence
   */
  signals[DAMAGED] = g_signal_new ("damaged", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
galley_store_init (GalleyStore *self)
{
  self->ops = g_async_queue_new ();
  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_key_free);
  self->touched = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  self->idle_readers = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_reader_free);
  g_mutex_init (&self->mutex);
}

const char *
galley_store_get_folder (GalleyStore *self)
{
  return self->folder;
}

const GalleyId *
galley_store_get_device (GalleyStore *self)
{
  return galley_key_get_device (galley_store_get_key (self));
}

/**
 * galley_store_get_person:
 * @person: (out): who works on this device: an id of its own making until it is enrolled
 */
void
galley_store_get_person (GalleyStore *self, GalleyId *person)
{
  g_mutex_lock (&self->mutex);
  *person = self->person;
  g_mutex_unlock (&self->mutex);
}

GalleyKey *
galley_store_get_key (GalleyStore *self)
{
  return g_atomic_pointer_get (&self->key);
}

const GalleyWorld *
galley_store_get_world (GalleyStore *self)
{
  return self->world;
}

/* ── writing ── */

/**
 * galley_store_write_async:
 * @func: runs on the writer thread inside a transaction that others may share; when it fails,
 *   nothing of it stays. It may run twice: the first time is then as if it had never been
 * @free_data: (nullable): called on the writer thread
 */
void
galley_store_write_async (GalleyStore *self,
                          GalleyStoreFunc func,
                          gpointer data,
                          GDestroyNotify free_data,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->func = func;
  op->data = data;
  op->free_data = free_data;
  op->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (op->task, galley_store_write_async);
  /* Once it is committed it is done, whatever was asked meanwhile. */
  g_task_set_check_cancellable (op->task, FALSE);
  push_op (self, op);
}

gboolean
galley_store_write_finish (GalleyStore *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * galley_store_write:
 *
 * As galley_store_write_async(), and waits: for the command line and tests, never for a window.
 */
gboolean
galley_store_write (GalleyStore *self, GalleyStoreFunc func, gpointer data, GError **error)
{
  GMutex lock;
  GCond cond;
  gboolean finished = FALSE;
  Op op = { .func = func, .data = data, .lock = &lock, .cond = &cond, .finished = &finished };

  if (self->closed)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The workspace has been closed.");
      return FALSE;
    }

  g_mutex_init (&lock);
  g_cond_init (&cond);
  g_async_queue_push (self->ops, &op);
  if (!galley_world_has_threads (self->world))
    work_off (self);
  g_mutex_lock (&lock);
  while (!finished)
    g_cond_wait (&cond, &lock);
  g_mutex_unlock (&lock);
  g_mutex_clear (&lock);
  g_cond_clear (&cond);

  if (op.error != NULL)
    g_propagate_error (error, op.error);
  return op.done;
}

typedef struct
{
  GPtrArray *drafts; /* (owned) */
  GalleyCommitted *committed;
  GalleyCommitted one;
  GalleyUndoRequest undo; /* of an undo, as the next */
  char *what;
} CommitData;

static CommitData *
commit_data_new (GalleyDraft *draft)
{
  CommitData *data = g_new0 (CommitData, 1);

  data->drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  if (draft != NULL)
    g_ptr_array_add (data->drafts, galley_draft_ref (draft));
  data->committed = &data->one;
  return data;
}

static void
commit_data_free (gpointer pointer)
{
  CommitData *data = pointer;

  g_ptr_array_unref (data->drafts);
  g_free (data->what);
  g_free (data);
}

static gboolean
run_commit (GalleyWriter *writer, gpointer pointer, GError **error)
{
  CommitData *data = pointer;

  for (guint i = 0; i < data->drafts->len; i++)
    if (!galley_writer_commit (writer, g_ptr_array_index (data->drafts, i),
                               data->committed != NULL ? &data->committed[i] : NULL, error))
      return FALSE;

  return TRUE;
}

static gboolean
run_undo (GalleyWriter *writer, gpointer pointer, GError **error)
{
  CommitData *data = pointer;
  g_autoptr (GalleyDraft) draft = NULL;

  g_clear_pointer (&data->what, g_free);
  draft = galley_undo_make_draft (writer, &data->undo, &data->what, error);
  return draft != NULL && galley_writer_commit (writer, draft, &data->one, error);
}

static void
push_commit (GalleyStore *self,
             GalleyStoreFunc func,
             CommitData *data,
             gpointer tag,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  Op *op = g_new0 (Op, 1);

  op->func = func;
  op->data = data;
  op->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (op->task, tag);
  g_task_set_check_cancellable (op->task, FALSE);
  /* The task keeps it: the finish function reads what became of it. */
  g_task_set_task_data (op->task, data, commit_data_free);
  push_op (self, op);
}

/**
 * galley_store_commit_async:
 * @draft: must not be changed any more
 *
 * When it ends well the change is on disk. Edits that come together share one commit.
 */
void
galley_store_commit_async (GalleyStore *self,
                           GalleyDraft *draft,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  push_commit (self, run_commit, commit_data_new (draft), galley_store_commit_async, cancellable,
               callback, user_data);
}

/**
 * galley_store_commit_finish:
 * @committed: (out) (nullable): the change that the draft became
 * @error: what the schema, the person's role or the disk has against it; nothing was stored then
 */
gboolean
galley_store_commit_finish (GalleyStore *self,
                            GAsyncResult *result,
                            GalleyCommitted *committed,
                            GError **error)
{
  const CommitData *data = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  if (committed != NULL)
    *committed = data->one;
  return TRUE;
}

/**
 * galley_store_commit:
 *
 * As galley_store_commit_async(), and waits: for the command line and tests, never for a window.
 */
gboolean
galley_store_commit (GalleyStore *self,
                     GalleyDraft *draft,
                     GalleyCommitted *committed,
                     GError **error)
{
  CommitData *data = commit_data_new (draft);
  gboolean done = galley_store_write (self, run_commit, data, error);

  if (done && committed != NULL)
    *committed = data->one;
  commit_data_free (data);
  return done;
}

/**
 * galley_store_commit_many:
 * @drafts: (element-type GalleyDraft): each becomes a change of its own
 * @committed: (out caller-allocates) (nullable) (array): as many as drafts
 *
 * All of them in one transaction, or none: what one wait for the disk can carry. Waits.
 */
gboolean
galley_store_commit_many (GalleyStore *self,
                          GPtrArray *drafts,
                          GalleyCommitted *committed,
                          GError **error)
{
  CommitData data = { .drafts = drafts, .committed = committed };

  return galley_store_write (self, run_commit, &data, error);
}

/**
 * galley_store_undo_async:
 * @project: (nullable): in which; %NULL: wherever the last own change that stands was made
 * @redo: whether to take back an undo
 */
void
galley_store_undo_async (GalleyStore *self,
                         const GalleyId *project,
                         gboolean redo,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  CommitData *data = commit_data_new (NULL);

  data->undo.any_project = project == NULL;
  if (project != NULL)
    data->undo.project = *project;
  data->undo.redo = redo;
  push_commit (self, run_undo, data, galley_store_undo_async, cancellable, callback, user_data);
}

/**
 * galley_store_undo_change_async:
 * @seq: the number of an own change in @project
 *
 * Takes back that very change, also when others came after it. galley_store_undo_finish() tells
 * what became of it.
 */
void
galley_store_undo_change_async (GalleyStore *self,
                                const GalleyId *project,
                                guint64 seq,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  CommitData *data = commit_data_new (NULL);

  data->undo.project = *project;
  data->undo.seq = seq;
  push_commit (self, run_undo, data, galley_store_undo_change_async, cancellable, callback,
               user_data);
}

/**
 * galley_store_undo_finish:
 * @committed: (out) (nullable): the change that took it back, and in which project
 * @what: (out) (nullable) (transfer full): the intent of the change that was taken back
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND when there is nothing to undo; %GALLEY_DATA_ERROR_MOVED_ON
 *   when somebody has built on it since, and nothing was changed
 */
gboolean
galley_store_undo_finish (GalleyStore *self,
                          GAsyncResult *result,
                          GalleyCommitted *committed,
                          char **what,
                          GError **error)
{
  CommitData *data = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  if (committed != NULL)
    *committed = data->one;
  if (what != NULL)
    *what = g_steal_pointer (&data->what);
  return TRUE;
}

/* ── reading ── */

typedef struct
{
  GTask *task; /* (owned) */
  GalleyReadFunc func;
  gpointer data;
  GDestroyNotify free_data, free_result;
} ReadOp;

/* On the reader thread: the answer is of one moment. */
static gpointer
run_read (GalleyStore *self, ReadOp *op, GError **error)
{
  gpointer result;

  if (self->reader != NULL &&
      !galley_id_equal (galley_reader_get_device (self->reader), galley_store_get_device (self)))
    g_clear_pointer (&self->reader, galley_reader_free);
  if (self->reader == NULL)
    self->reader = galley_store_open_reader (self, error);
  if (self->reader == NULL ||
      !galley_database_exec (galley_reader_get_db (self->reader), "BEGIN", error))
    return NULL;

  /* Numbers may have changed since the last one: see galley-snapshot-install.c. */
  galley_journal_forget (galley_reader_get_journal (self->reader));
  result = op->func (self->reader, op->data, error);
  galley_database_exec (galley_reader_get_db (self->reader), "COMMIT", NULL);
  return result;
}

static void
read_cb (gpointer data, gpointer user_data)
{
  GalleyStore *self = user_data;
  ReadOp *op = data;
  g_autoptr (GError) error = NULL;

  if (!g_task_return_error_if_cancelled (op->task))
    {
      gpointer result = run_read (self, op, &error);

      tell_damage (self, error);
      if (error != NULL)
        g_task_return_error (op->task, g_steal_pointer (&error));
      else
        g_task_return_pointer (op->task, result, op->free_result);
    }
  if (op->free_data != NULL)
    op->free_data (op->data);
  g_object_unref (op->task);
  g_free (op);
}

/**
 * galley_store_read_async:
 * @func: runs on the store's reader thread; sets the error, or returns a result that may be %NULL
 * @free_data: (nullable): called on the reader thread
 */
void
galley_store_read_async (GalleyStore *self,
                         GalleyReadFunc func,
                         gpointer data,
                         GDestroyNotify free_data,
                         GDestroyNotify free_result,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  ReadOp *op = g_new0 (ReadOp, 1);

  op->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (op->task, galley_store_read_async);
  op->func = func;
  op->data = data;
  op->free_data = free_data;
  op->free_result = free_result;
  if (self->readers != NULL)
    {
      galley_worker_push (self->readers, op);
      return;
    }

  /* Whoever still asks when all is closed gets an answer like everybody. */
  g_task_return_new_error (op->task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                           _ ("The workspace has been closed."));
  g_object_unref (op->task);
  if (op->free_data != NULL)
    op->free_data (op->data);
  g_free (op);
}

gpointer
galley_store_read_finish (GalleyStore *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

GalleyReader *
galley_store_open_reader (GalleyStore *self, GError **error)
{
  return galley_reader_new (self->folder, galley_store_get_device (self), error);
}

/**
 * galley_store_borrow_reader:
 *
 * Returns: (transfer full): a reader for the calling thread, until galley_store_return_reader()
 */
GalleyReader *
galley_store_borrow_reader (GalleyStore *self, GError **error)
{
  GalleyReader *reader = NULL;

  g_mutex_lock (&self->mutex);
  if (self->idle_readers != NULL && self->idle_readers->len > 0)
    reader = g_ptr_array_steal_index (self->idle_readers, self->idle_readers->len - 1);
  g_mutex_unlock (&self->mutex);
  /* This workspace has become another device since. */
  if (reader != NULL &&
      !galley_id_equal (galley_reader_get_device (reader), galley_store_get_device (self)))
    g_clear_pointer (&reader, galley_reader_free);
  if (reader == NULL)
    return galley_store_open_reader (self, error);

  galley_journal_forget (galley_reader_get_journal (reader));
  return reader;
}

/**
 * galley_store_return_reader:
 * @reader: (transfer full): with no question open
 */
void
galley_store_return_reader (GalleyStore *self, GalleyReader *reader)
{
  gboolean kept;

  g_mutex_lock (&self->mutex);
  kept = self->idle_readers != NULL && self->idle_readers->len < MAX_IDLE_READERS;
  if (kept)
    g_ptr_array_add (self->idle_readers, reader);
  g_mutex_unlock (&self->mutex);
  if (!kept)
    galley_reader_free (reader);
}
