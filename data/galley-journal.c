/* galley-journal.c: the append-only record of changes: permanent tables only
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-journal"

#include "data/galley-journal.h"

#include "data/galley-contradiction.h"
#include "data/galley-intent.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Far more than any field has seen; a bound on what a hostile stream can make a device read. */
#define MAX_ANCESTORS 20000

typedef struct
{
  gint64 project, device;
  GalleyTip tip;
  gboolean moved;
} CachedTip;

struct _GalleyJournal
{
  GalleyDatabase *db;             /* borrowed */
  GHashTable *projects, *devices; /* GalleyId → number, in the pointer */
  GPtrArray *tips;                /* of CachedTip: as many as devices that are at work */
  GalleySegmentTable *segments;
  gint64 last_lsn; /* 0: not known */
};

GalleyJournal *
galley_journal_new (GalleyDatabase *db)
{
  GalleyJournal *self = g_new0 (GalleyJournal, 1);

  self->db = db;
  self->projects = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  self->devices = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  self->tips = g_ptr_array_new_with_free_func (g_free);
  self->segments = galley_segment_table_new (db);
  return self;
}

void
galley_journal_free (GalleyJournal *self)
{
  g_hash_table_unref (self->projects);
  g_hash_table_unref (self->devices);
  g_ptr_array_unref (self->tips);
  galley_segment_table_free (self->segments);
  g_free (self);
}

GalleyDatabase *
galley_journal_get_db (GalleyJournal *self)
{
  return self->db;
}

GalleySegmentTable *
galley_journal_get_segments (GalleyJournal *self)
{
  return self->segments;
}

/**
 * galley_journal_forget:
 *
 * For the start of a transaction, since another program may have written, and after a rollback.
 */
void
galley_journal_forget (GalleyJournal *self)
{
  g_hash_table_remove_all (self->projects);
  g_hash_table_remove_all (self->devices);
  g_ptr_array_set_size (self->tips, 0);
  self->last_lsn = 0;
}

static gint64
get_number (GalleyJournal *self,
            GHashTable *cache,
            const GalleyId *id,
            gboolean make,
            const char *find_sql,
            const char *make_sql,
            GError **error)
{
  gint64 number = GPOINTER_TO_SIZE (g_hash_table_lookup (cache, id));

  if (number != 0 || !galley_database_get_int (self->db, &number, error, find_sql, "n", id))
    return number;
  if (number == 0 && make)
    {
      if (!galley_database_run (self->db, error, make_sql, "n", id))
        return 0;
      number = sqlite3_last_insert_rowid (galley_database_get_handle (self->db));
    }
  if (number != 0)
    g_hash_table_insert (cache, g_memdup2 (id, sizeof *id), GSIZE_TO_POINTER (number));

  return number;
}

/**
 * galley_journal_get_project:
 * @make: whether to give it a number when it has none
 *
 * Returns: its number in this database; 0 when there is none, or with @error set
 */
gint64
galley_journal_get_project (GalleyJournal *self, const GalleyId *id, gboolean make, GError **error)
{
  return get_number (self, self->projects, id, make, "SELECT number FROM project WHERE id = ?1",
                     "INSERT INTO project (id) VALUES (?1)", error);
}

gint64
galley_journal_get_device (GalleyJournal *self, const GalleyId *id, gboolean make, GError **error)
{
  return get_number (self, self->devices, id, make, "SELECT number FROM device WHERE id = ?1",
                     "INSERT INTO device (id) VALUES (?1)", error);
}

static gboolean
hand_over (GError **error, GError *local)
{
  if (local != NULL)
    g_propagate_error (error, local);

  return local == NULL;
}

/**
 * galley_journal_find_project:
 * @number: (out): in this database; 0 when there is none
 *
 * Returns: %FALSE only when the database could not be read
 */
gboolean
galley_journal_find_project (GalleyJournal *self,
                             const GalleyId *id,
                             gint64 *number,
                             GError **error)
{
  GError *local = NULL;

  *number = galley_journal_get_project (self, id, FALSE, &local);
  return hand_over (error, local);
}

gboolean
galley_journal_find_device (GalleyJournal *self, const GalleyId *id, gint64 *number, GError **error)
{
  GError *local = NULL;

  *number = galley_journal_get_device (self, id, FALSE, &local);
  return hand_over (error, local);
}

static CachedTip *
find_tip (GalleyJournal *self, gint64 project, gint64 device, GError **error)
{
  CachedTip *cached;
  sqlite3_stmt *query;
  int stepped;

  for (guint i = 0; i < self->tips->len; i++)
    {
      cached = g_ptr_array_index (self->tips, i);
      if (cached->project == project && cached->device == device)
        return cached;
    }

  query = galley_database_query (self->db, error,
                                 "SELECT seq, hash FROM tip WHERE project = ?1 AND device = ?2",
                                 "ii", project, device);
  if (query == NULL)
    return NULL;

  cached = g_new0 (CachedTip, 1);
  cached->project = project;
  cached->device = device;
  stepped = galley_database_step (self->db, query, error);
  if (stepped > 0)
    {
      cached->tip.seq = sqlite3_column_int64 (query, 0);
      galley_column_hash (query, 1, &cached->tip.hash);
      galley_database_done (query);
    }
  if (stepped < 0)
    {
      g_free (cached);
      return NULL;
    }

  g_ptr_array_add (self->tips, cached);
  return cached;
}

gboolean
galley_journal_get_tip (
    GalleyJournal *self, gint64 project, gint64 device, GalleyTip *tip, GError **error)
{
  CachedTip *cached = find_tip (self, project, device, error);

  if (cached == NULL)
    return FALSE;

  *tip = cached->tip;
  return TRUE;
}

gboolean
galley_journal_flush (GalleyJournal *self, GError **error)
{
  for (guint i = 0; i < self->tips->len; i++)
    {
      CachedTip *cached = g_ptr_array_index (self->tips, i);

      if (cached->moved &&
          !galley_database_run (self->db, error,
                                "INSERT INTO tip VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"
                                " SET seq = excluded.seq, hash = excluded.hash",
                                "iiih", cached->project, cached->device, (gint64)cached->tip.seq,
                                &cached->tip.hash))
        return FALSE;
      cached->moved = FALSE;
    }

  return TRUE;
}

static gboolean
move_tip (CachedTip *cached,
          guint64 seq,
          const GalleyHash *previous,
          const GalleyHash *hash,
          GError **error)
{
  if (seq != cached->tip.seq + 1 ||
      (previous != NULL && !galley_hash_equal (previous, &cached->tip.hash)))
    {
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, seq);
      g_autofree char *tip = g_strdup_printf ("%" G_GUINT64_FORMAT, cached->tip.seq);

      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_FORK,
                   _ ("A device's changes do not follow each other: number %s does not continue "
                      "number %s. Nothing was applied."),
                   number, tip);
      return FALSE;
    }

  cached->tip.seq = seq;
  cached->tip.hash = *hash;
  cached->moved = TRUE;
  return TRUE;
}

/**
 * galley_journal_read_last_lsn:
 * @lsn: (out): the greatest that was ever given here, live or compacted; 0: none yet
 */
gboolean
galley_journal_read_last_lsn (GalleyDatabase *db, gint64 *lsn, GError **error)
{
  return galley_database_get_int (db, lsn, error,
                                  "SELECT max (ifnull ((SELECT max (lsn) FROM change), 0),"
                                  " ifnull ((SELECT max (last_lsn) FROM segment), 0),"
                                  " ifnull ((SELECT max (base + position) FROM snapshot), 0))",
                                  "");
}

gboolean
galley_journal_get_last_lsn (GalleyJournal *self, gint64 *lsn, GError **error)
{
  if (self->last_lsn == 0 && !galley_journal_read_last_lsn (self->db, &self->last_lsn, error))
    return FALSE;

  *lsn = self->last_lsn;
  return TRUE;
}

/**
 * galley_journal_append:
 * @position: in the project's stream; 0 while it has none
 * @lsn: (out): its place in this device's journal
 * @error: %GALLEY_DATA_ERROR_FORK when it does not continue its device's chain
 */
gboolean
galley_journal_append (GalleyJournal *self,
                       gint64 project,
                       gint64 device,
                       GalleyChange *change,
                       guint64 position,
                       gint64 *lsn,
                       GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  CachedTip *cached = find_tip (self, project, device, error);
  gsize bytes;
  gconstpointer data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  if (cached == NULL || !galley_journal_get_last_lsn (self, lsn, error) ||
      !move_tip (cached, header->seq, &header->previous, galley_change_get_hash (change), error))
    return FALSE;

  /* Counted here, since SQLite would give those of compacted changes again. */
  *lsn = ++self->last_lsn;
  return galley_database_run (self->db, error,
                              "INSERT INTO change VALUES (?1, ?2, ?3, ?4, NULLIF (?5, 0), ?6)",
                              "iiiiib", *lsn, project, device, (gint64)header->seq,
                              (gint64)position, data, bytes);
}

/**
 * galley_journal_append_gap:
 *
 * A change of another device that the server refused: its hash alone, so that the chain goes on.
 */
gboolean
galley_journal_append_gap (GalleyJournal *self,
                           gint64 project,
                           gint64 device,
                           guint64 seq,
                           const GalleyHash *hash,
                           GError **error)
{
  CachedTip *cached = find_tip (self, project, device, error);

  if (cached == NULL)
    return FALSE;
  if (seq <= cached->tip.seq)
    return TRUE;

  return move_tip (cached, seq, NULL, hash, error) &&
         galley_database_run (self->db, error, "INSERT OR IGNORE INTO gap VALUES (?1, ?2, ?3, ?4)",
                              "iiih", project, device, (gint64)seq, hash);
}

static gboolean
load_compacted (GalleyJournal *self,
                gint64 project,
                const GalleyRef *ref,
                GalleyJournalEntry *entry,
                GError **error)
{
  g_auto (GalleySegmentHit) hit = { 0 };

  if (!galley_segment_table_find (self->segments, project, ref, &hit, error))
    return FALSE;
  if (hit.record == NULL)
    return TRUE;

  entry->lsn = hit.record->lsn;
  entry->position = hit.record->position;
  entry->change = galley_segment_record_read (hit.record, error);
  return entry->change != NULL;
}

/**
 * galley_journal_load:
 * @entry: (out caller-allocates): its change is %NULL when the journal does not hold it
 *
 * Live or compacted.
 */
gboolean
galley_journal_load (GalleyJournal *self,
                     gint64 project,
                     const GalleyRef *ref,
                     GalleyJournalEntry *entry,
                     GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT lsn, ifnull (position, 0), bytes, EXISTS (SELECT 1 FROM refusal r"
      "  WHERE r.project = c.project AND r.device = c.device AND r.seq = c.seq)"
      " FROM change c WHERE project = ?1"
      " AND device = (SELECT number FROM device WHERE id = ?2) AND seq = ?3",
      "ini", project, &ref->device, (gint64)ref->seq);
  int stepped;

  memset (entry, 0, sizeof *entry);
  if (query == NULL)
    return FALSE;

  stepped = galley_database_step (self->db, query, error);
  if (stepped > 0)
    {
      g_autoptr (GBytes)
          bytes = g_bytes_new (sqlite3_column_blob (query, 2), sqlite3_column_bytes (query, 2));

      entry->lsn = sqlite3_column_int64 (query, 0);
      entry->position = sqlite3_column_int64 (query, 1);
      entry->refused = sqlite3_column_int (query, 3);
      galley_database_done (query);
      entry->change = galley_change_new_from_bytes (bytes, error);
      return entry->change != NULL;
    }

  return stepped == 0 && load_compacted (self, project, ref, entry, error);
}

static gboolean
find_link (
    GalleyJournal *self, gint64 project, const GalleyRef *ref, GalleyHash *hash, GError **error)
{
  GalleyJournalEntry entry;
  sqlite3_stmt *query;
  int stepped;

  if (!galley_journal_load (self, project, ref, &entry, error))
    return FALSE;
  if (entry.change != NULL)
    {
      *hash = *galley_change_get_hash (entry.change);
      galley_change_unref (entry.change);
      return TRUE;
    }

  query = galley_database_query (self->db, error,
                                 "SELECT hash FROM gap WHERE project = ?1 AND seq = ?3 AND device ="
                                 " (SELECT number FROM device WHERE id = ?2)",
                                 "ini", project, &ref->device, (gint64)ref->seq);
  stepped = query != NULL ? galley_database_step (self->db, query, error) : -1;
  if (stepped == 0)
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                 "A chain lacks a change that it counted.");
  if (stepped <= 0)
    return FALSE;

  galley_column_hash (query, 0, hash);
  galley_database_done (query);
  return TRUE;
}

/**
 * galley_journal_cut:
 * @last: the last change of its device that is left; seq 0: none
 */
gboolean
galley_journal_cut (GalleyJournal *self, gint64 project, const GalleyRef *last, GError **error)
{
  gint64 device = galley_journal_get_device (self, &last->device, TRUE, error);
  CachedTip *cached = device != 0 ? find_tip (self, project, device, error) : NULL;
  GalleyTip tip = { .seq = last->seq };

  if (cached == NULL || (last->seq != 0 && !find_link (self, project, last, &tip.hash, error)))
    return FALSE;

  cached->tip = tip;
  cached->moved = TRUE;
  return TRUE;
}

/**
 * galley_journal_list_tips:
 *
 * Returns: (transfer full) (element-type GalleyRef): each device and its last change here
 */
GArray *
galley_journal_list_tips (GalleyJournal *self, gint64 project, GError **error)
{
  g_autoptr (GArray) tips = g_array_new (FALSE, FALSE, sizeof (GalleyRef));
  sqlite3_stmt *query;
  int stepped;

  if (!galley_journal_flush (self, error))
    return NULL;
  query =
      galley_database_query (self->db, error,
                             "SELECT d.id, t.seq FROM tip t JOIN device d ON d.number = t.device"
                             " WHERE t.project = ?1 ORDER BY d.id",
                             "i", project);
  if (query == NULL)
    return NULL;

  while ((stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyRef ref;

      galley_column_id (query, 0, &ref.device);
      ref.seq = sqlite3_column_int64 (query, 1);
      g_array_append_val (tips, ref);
    }

  return stepped == 0 ? g_steal_pointer (&tips) : NULL;
}

/* ── the nearest common ancestor ──
 *
 * The way in which git finds merge bases: paint from each head down in reverse order of arrival (a
 * change never arrives before what it supersedes), and call a node that every head reaches a
 * candidate; what lies below a candidate is stale. One candidate that is not stale is the base. */

#define STALE (1u << 31)

typedef struct
{
  GalleyRef ref;
  gint64 lsn;
  guint paint;
  const GalleyEdit *edit; /* of the change below */
  GalleyChange *change;   /* (owned) */
} Node;

typedef struct
{
  GalleyJournal *journal;
  gint64 project;
  const GalleyId *entity;
  guint16 field;
  const char *element;
  GHashTable *nodes; /* GalleyRef → Node */
  GPtrArray *queue;  /* borrowed, unsorted: a handful at a time */
} Walk;

static void
free_node (gpointer data)
{
  Node *node = data;

  g_clear_pointer (&node->change, galley_change_unref);
  g_free (node);
}

static const GalleyEdit *
find_edit (GalleyChange *change, const GalleyId *entity, guint16 field, const char *element)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if (edit->field == field && galley_id_equal (&edit->entity, entity) &&
          g_str_equal (edit->element, element) && !galley_contradiction_of_value (edit))
        return edit;
    }

  return NULL;
}

/* Puts a node in the queue when it gets paint that it did not have. */
static gboolean
paint (Walk *walk, const GalleyRef *ref, guint with, GError **error)
{
  Node *node = g_hash_table_lookup (walk->nodes, ref);

  if (node == NULL)
    {
      GalleyJournalEntry entry;

      if (g_hash_table_size (walk->nodes) >= MAX_ANCESTORS)
        {
          g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                       _ ("The history of this field is too long to look for a common ancestor."));
          return FALSE;
        }
      if (!galley_journal_load (walk->journal, walk->project, ref, &entry, error))
        return FALSE;
      node = g_new0 (Node, 1);
      node->ref = *ref;
      node->lsn = entry.lsn;
      node->change = entry.change;
      if (node->change != NULL)
        node->edit = find_edit (node->change, walk->entity, walk->field, walk->element);
      g_hash_table_insert (walk->nodes, &node->ref, node);
    }

  if ((node->paint | with) == node->paint)
    return TRUE;
  node->paint |= with;
  if (!g_ptr_array_find (walk->queue, node, NULL))
    g_ptr_array_add (walk->queue, node);

  return TRUE;
}

/* The newest node of the queue, or NULL once all that is left is stale. */
static Node *
take_newest (Walk *walk)
{
  guint newest = 0;
  gboolean fresh = FALSE;

  for (guint i = 0; i < walk->queue->len; i++)
    {
      const Node *node = g_ptr_array_index (walk->queue, i);

      fresh |= (node->paint & STALE) == 0;
      if (node->lsn > ((const Node *)g_ptr_array_index (walk->queue, newest))->lsn)
        newest = i;
    }

  return fresh ? g_ptr_array_steal_index_fast (walk->queue, newest) : NULL;
}

static gboolean
walk_down (Walk *walk, guint all, GPtrArray *candidates, GError **error)
{
  Node *node;

  while ((node = take_newest (walk)) != NULL)
    {
      guint below = node->paint;

      if ((node->paint & all) == all)
        {
          if ((node->paint & STALE) == 0 && !g_ptr_array_find (candidates, node, NULL))
            g_ptr_array_add (candidates, node);
          below |= STALE;
        }
      for (guint i = 0; node->edit != NULL && i < node->edit->n_supersedes; i++)
        if (!paint (walk, &node->edit->supersedes[i], below, error))
          return FALSE;
    }

  return TRUE;
}

/* Whether the walk came to a change that is not here, and that may lead to another ancestor. */
static gboolean
lacks_some (GHashTable *nodes)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    if (((const Node *)node)->change == NULL && (((const Node *)node)->paint & STALE) == 0)
      return TRUE;

  return FALSE;
}

static void
choose_base (GPtrArray *candidates, gboolean any_ancestor, GalleyBase *base)
{
  const Node *chosen = NULL;
  guint n_fresh = 0;

  for (guint i = 0; i < candidates->len; i++)
    {
      const Node *node = g_ptr_array_index (candidates, i);

      if ((node->paint & STALE) == 0)
        {
          chosen = node;
          n_fresh++;
        }
    }

  /* Nothing came before: both began from the empty field, which is a base that everyone saw. */
  base->known = n_fresh == 1 ? chosen->edit != NULL : n_fresh == 0 && !any_ancestor;
  if (n_fresh == 1 && chosen->edit != NULL)
    {
      base->ref = chosen->ref;
      base->value = chosen->edit->value != NULL ? g_variant_ref (chosen->edit->value) : NULL;
    }
}

static void
list_visited (GHashTable *nodes, GArray *visited)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    if (((const Node *)node)->change != NULL)
      g_array_append_val (visited, ((const Node *)node)->lsn);
}

static guint
count_settling (GHashTable *nodes, const GalleyRef *heads, guint n_heads)
{
  guint n_settling = 0;

  for (guint i = 0; i < n_heads; i++)
    {
      const Node *node = g_hash_table_lookup (nodes, &heads[i]);

      n_settling += node->change != NULL &&
                    g_str_equal (galley_change_get_intent (node->change), GALLEY_INTENT_RESOLVE);
    }

  return n_settling;
}

/**
 * galley_journal_find_base:
 * @heads: (array length=n_heads): two or more; of more than 30 no base is looked for
 * @visited: (nullable): of gint64: is given the lsn of every change that was looked at
 * @base: (out caller-allocates): not known when there is none, when there are several
 * (criss-cross), or when the journal does not hold it or cannot read it any more: then nothing
 * merges by itself
 */
gboolean
galley_journal_find_base (GalleyJournal *self,
                          gint64 project,
                          const GalleyId *entity,
                          guint16 field,
                          const char *element,
                          const GalleyRef *heads,
                          guint n_heads,
                          GArray *visited,
                          GalleyBase *base,
                          GError **error)
{
  g_autoptr (GHashTable)
      nodes = g_hash_table_new_full (galley_ref_hash, galley_ref_equal, NULL, free_node);
  g_autoptr (GPtrArray) queue = g_ptr_array_new ();
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  g_autoptr (GError) local = NULL;
  Walk walk = { self, project, entity, field, element, nodes, queue };
  gboolean walked = TRUE;

  memset (base, 0, sizeof *base);
  if (n_heads > 30)
    return TRUE;

  for (guint i = 0; i < n_heads && walked; i++)
    walked = paint (&walk, &heads[i], 1u << i, &local);
  if (walked)
    base->n_settling = count_settling (nodes, heads, n_heads);
  walked = walked && walk_down (&walk, (1u << n_heads) - 1, candidates, &local);
  base->lacks_history = walked && lacks_some (nodes);
  if (walked && visited != NULL)
    list_visited (nodes, visited);
  if (walked && !base->lacks_history)
    choose_base (candidates, g_hash_table_size (nodes) > n_heads, base);
  else if (!walked && !g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND) &&
           !g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  return TRUE;
}
