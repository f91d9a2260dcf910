/* galley-carried.c: what a device gives another one by hand, and what of that came here
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-carried"

#include "data/galley-carried.h"

#include "data/galley-journal-cursor.h"
#include "data/galley-schema.h"
#include "data/galley-store-private.h"

#include <string.h>

/* ── chains ── */

/**
 * galley_carried_list_chains:
 *
 * Returns: (transfer full) (element-type GalleyCarriedChain): by device
 */
GArray *
galley_carried_list_chains (GalleyReader *reader, const GalleyId *project, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (reader);
  g_autoptr (GArray) chains = g_array_new (FALSE, TRUE, sizeof (GalleyCarriedChain));
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT d.id, t.seq, t.hash, s.signature FROM tip t JOIN device d ON d.number = t.device"
      " LEFT JOIN signature s ON s.project = t.project AND s.device = t.device AND s.seq = t.seq"
      "  AND s.hash = t.hash"
      " WHERE t.seq > 0 AND t.project = (SELECT number FROM project WHERE id = ?1) ORDER BY d.id",
      "n", project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyCarriedChain chain = { 0 };

      galley_column_id (query, 0, &chain.tip.link.ref.device);
      chain.tip.link.ref.seq = sqlite3_column_int64 (query, 1);
      galley_column_hash (query, 2, &chain.tip.link.hash);
      chain.is_signed = sqlite3_column_bytes (query, 3) == sizeof chain.tip.signature;
      if (chain.is_signed)
        memcpy (chain.tip.signature, sqlite3_column_blob (query, 3), sizeof chain.tip.signature);
      g_array_append_val (chains, chain);
    }

  return stepped == 0 ? g_steal_pointer (&chains) : NULL;
}

/* What of a device's chain stands in the place of a change that is not in the journal. */
static gboolean
find_gap (GalleyDatabase *db,
          gint64 project,
          const GalleyRef *ref,
          GalleyHash *hash,
          gboolean *known,
          GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT hash FROM gap WHERE project = ?1 AND seq = ?3 AND device ="
                             " (SELECT number FROM device WHERE id = ?2)",
                             "ini", project, &ref->device, (gint64)ref->seq);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;

  *known = stepped > 0;
  if (stepped > 0)
    {
      galley_column_hash (query, 0, hash);
      galley_database_done (query);
    }

  return stepped >= 0;
}

/**
 * galley_carried_find_hash:
 * @hash: (out): of a device's change, or of the gap in its place
 * @known: (out): whether it is here; what came before a snapshot is not
 */
gboolean
galley_carried_find_hash (GalleyReader *reader,
                          const GalleyId *project,
                          const GalleyRef *ref,
                          GalleyHash *hash,
                          gboolean *known,
                          GError **error)
{
  GalleyJournal *journal = galley_reader_get_journal (reader);
  GalleyJournalEntry entry;
  gint64 number;

  *known = FALSE;
  if (!galley_journal_find_project (journal, project, &number, error))
    return FALSE;
  if (number == 0)
    return TRUE;
  if (!galley_journal_load (journal, number, ref, &entry, error))
    return FALSE;
  if (entry.change == NULL)
    return find_gap (galley_reader_get_db (reader), number, ref, hash, known, error);

  *known = TRUE;
  *hash = *galley_change_get_hash (entry.change);
  galley_change_unref (entry.change);
  return TRUE;
}

/* ── as far as somebody else can check it ── */

typedef struct
{
  GalleyDatabase *db; /* borrowed */
  GalleyJournal *journal;
  gint64 project, own; /* numbers: the project, this device */
  GHashTable *limits;  /* GalleyId → GalleyRef, of the chains below */
  GHashTable *missing; /* GalleyId (owned): things that a change makes which is left out */
  gboolean moved;
} Vouching;

/* The last change up to @seq that its device has signed; of the own one any can be. */
static gboolean
find_signed (Vouching *self, const GalleyId *device, guint64 seq, guint64 *found, GError **error)
{
  gint64 number, last = 0;

  if (!galley_journal_find_device (self->journal, device, &number, error) ||
      !galley_database_get_int (self->db, &last, error,
                                "SELECT ifnull (max (seq), 0) FROM signature WHERE project = ?1"
                                " AND device = ?2 AND seq <= ?3",
                                "iii", self->project, number, (gint64)seq))
    return FALSE;

  *found = number == self->own ? seq : (guint64)last;
  return TRUE;
}

static gboolean
makes_thing (const GalleyEdit *edit)
{
  return edit->field == GALLEY_F_ALIVE && edit->n_supersedes == 0;
}

static gboolean
stands_on_missing (Vouching *self, const GalleyEdit *edit)
{
  if (!makes_thing (edit) && g_hash_table_contains (self->missing, &edit->entity))
    return TRUE;
  if (edit->field == GALLEY_F_PARENT && edit->value != NULL &&
      g_variant_get_size (edit->value) == sizeof (GalleyId) &&
      g_hash_table_contains (self->missing, g_variant_get_data (edit->value)))
    return TRUE;

  for (guint i = 0; i < edit->n_supersedes; i++)
    {
      const GalleyRef *limit = g_hash_table_lookup (self->limits, &edit->supersedes[i].device);

      if (limit == NULL || edit->supersedes[i].seq > limit->seq)
        return TRUE;
    }

  return FALSE;
}

static void
leave_out (Vouching *self, GalleyChange *change)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if (makes_thing (edit))
        g_hash_table_add (self->missing, g_memdup2 (&edit->entity, sizeof edit->entity));
    }
}

static gboolean
weigh (Vouching *self, GalleyChange *change, gboolean refused, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef *limit = g_hash_table_lookup (self->limits, &header->device);
  gboolean stands = TRUE;

  if (limit == NULL || refused)
    return TRUE;
  for (guint i = 0; stands && i < galley_change_get_n_edits (change); i++)
    stands = !stands_on_missing (self, galley_change_get_edit (change, i));
  if (!stands && header->seq <= limit->seq)
    {
      self->moved = TRUE;
      if (!find_signed (self, &header->device, header->seq - 1, &limit->seq, error))
        return FALSE;
    }
  if (header->seq > limit->seq)
    leave_out (self, change);

  return TRUE;
}

/* One look at all of the journal. */
static gboolean
weigh_all (Vouching *self, GError **error)
{
  g_autoptr (GalleyJournalCursor)
      cursor = galley_journal_cursor_new (self->db, galley_journal_get_segments (self->journal),
                                          self->project, GALLEY_JOURNAL_OLDEST_FIRST, 0, error);
  GalleyJournalItem item;
  int got = cursor != NULL ? 1 : -1;

  self->moved = FALSE;
  g_hash_table_remove_all (self->missing);
  while (got > 0 && (got = galley_journal_cursor_next (cursor, &item, error)) > 0)
    {
      g_autoptr (GalleyChange) change = galley_journal_item_read (&item, error);

      if (change == NULL || !weigh (self, change, item.refused != NULL, error))
        return FALSE;
    }

  return got == 0;
}

/* With what is left out, what stands on it is left out as well, and what follows that in its chain;
 * again and again while that moves. */
static gboolean
settle_limits (Vouching *self, GArray *chains, GError **error)
{
  gboolean cut = FALSE;

  for (guint i = 0; i < chains->len; i++)
    {
      GalleyRef *ref = &g_array_index (chains, GalleyCarriedChain, i).tip.link.ref;
      guint64 seq = ref->seq;

      if (!find_signed (self, &ref->device, ref->seq, &ref->seq, error))
        return FALSE;
      cut |= ref->seq < seq;
      g_hash_table_insert (self->limits, &ref->device, ref);
    }

  do
    {
      if (cut && !weigh_all (self, error))
        return FALSE;
    }
  while (cut && self->moved);

  return TRUE;
}

/* The tips at the limits. */
static gboolean
load_tips (
    Vouching *self, GalleyReader *reader, const GalleyId *project, GArray *chains, GError **error)
{
  for (guint i = chains->len; i > 0; i--)
    {
      GalleyCarriedChain *chain = &g_array_index (chains, GalleyCarriedChain, i - 1);
      GalleyRef *ref = &chain->tip.link.ref;
      sqlite3_stmt *query;
      gboolean known;

      if (ref->seq == 0)
        {
          g_array_remove_index (chains, i - 1);
          continue;
        }
      if (!galley_carried_find_hash (reader, project, ref, &chain->tip.link.hash, &known, error))
        return FALSE;
      query = galley_database_query (self->db, error,
                                     "SELECT signature FROM signature WHERE project = ?1 AND seq ="
                                     " ?3 AND device = (SELECT number FROM device WHERE id = ?2)",
                                     "ini", self->project, &ref->device, (gint64)ref->seq);
      if (query == NULL)
        return FALSE;
      chain->is_signed = galley_database_step (self->db, query, NULL) > 0 &&
                         sqlite3_column_bytes (query, 0) == sizeof chain->tip.signature;
      if (chain->is_signed)
        memcpy (chain->tip.signature, sqlite3_column_blob (query, 0), sizeof chain->tip.signature);
      galley_database_done (query);
    }

  return TRUE;
}

/**
 * galley_carried_list_vouched:
 *
 * Usually all that is here. The end of a chain may be missing in it: where a device signed further
 * than to what the server took of it, the others have no signature over the last of that.
 *
 * Returns: (transfer full) (element-type GalleyCarriedChain): each device's chain as far as it can
 *   be given: up to a change that the device has signed, and with all that it stands on
 */
GArray *
galley_carried_list_vouched (GalleyReader *reader, const GalleyId *project, GError **error)
{
  g_autoptr (GArray) chains = galley_carried_list_chains (reader, project, error);
  g_autoptr (GHashTable) limits = g_hash_table_new (galley_id_hash, galley_id_equal);
  g_autoptr (GHashTable)
      missing = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  Vouching self = {
    .db = galley_reader_get_db (reader),
    .journal = galley_reader_get_journal (reader),
    .own = galley_reader_get_own_device (reader),
    .limits = limits,
    .missing = missing,
  };

  if (chains == NULL ||
      !galley_journal_find_project (self.journal, project, &self.project, error) ||
      !settle_limits (&self, chains, error) || !load_tips (&self, reader, project, chains, error))
    return NULL;

  return g_steal_pointer (&chains);
}

/* ── everything, in an order that holds ── */

typedef struct
{
  GalleyRef end;  /* the last one here */
  guint64 except; /* up to here nothing is given */
  guint64 given;  /* up to here the chain has been walked */
} Walk;

struct _GalleyCarriedCursor
{
  GalleyDatabase *db; /* borrowed */
  gint64 project;
  GalleyJournalCursor *changes; /* (owned) */
  GHashTable *walks;            /* GalleyId → Walk (owned) */
  GPtrArray *order;             /* of Walk, borrowed: whose last gaps are still to come */
  GalleyChange *change;         /* (owned) (nullable): that was read and is not given yet */
  gboolean refused;
  gboolean shown; /* @change was given; it goes with the next call */
};

static void
load_walks (GalleyCarriedCursor *self, const GArray *vouched, const GArray *except)
{
  for (guint i = 0; i < vouched->len; i++)
    {
      Walk *walk = g_new0 (Walk, 1);

      walk->end = g_array_index (vouched, GalleyCarriedChain, i).tip.link.ref;
      g_hash_table_insert (self->walks, &walk->end.device, walk);
      g_ptr_array_add (self->order, walk);
    }
  for (guint i = 0; except != NULL && i < except->len; i++)
    {
      const GalleyRef *ref = &g_array_index (except, GalleyChainLink, i).ref;
      Walk *walk = g_hash_table_lookup (self->walks, &ref->device);

      if (walk != NULL)
        walk->except = ref->seq;
    }
}

/**
 * galley_carried_cursor_new:
 * @vouched: (element-type GalleyCarriedChain): see galley_carried_list_vouched(): nothing behind
 *   these is given
 * @except: (nullable) (element-type GalleyChainLink): up to each of these its device's chain is
 * left out
 *
 * On the thread of @reader, which answers nothing else meanwhile than the cursor's own questions.
 * It sees one moment.
 */
GalleyCarriedCursor *
galley_carried_cursor_new (GalleyReader *reader,
                           const GalleyId *project,
                           const GArray *vouched,
                           const GArray *except,
                           GError **error)
{
  g_autoptr (GalleyCarriedCursor) self = g_new0 (GalleyCarriedCursor, 1);
  GalleyJournal *journal = galley_reader_get_journal (reader);

  self->db = galley_reader_get_db (reader);
  self->walks = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  self->order = g_ptr_array_new ();
  load_walks (self, vouched, except);
  if (!galley_journal_find_project (journal, project, &self->project, error))
    return NULL;

  self->changes = galley_journal_cursor_new (self->db, galley_journal_get_segments (journal),
                                             self->project, GALLEY_JOURNAL_OLDEST_FIRST, 0, error);
  return self->changes != NULL ? g_steal_pointer (&self) : NULL;
}

void
galley_carried_cursor_free (GalleyCarriedCursor *self)
{
  g_clear_pointer (&self->change, galley_change_unref);
  g_clear_pointer (&self->changes, galley_journal_cursor_free);
  g_hash_table_unref (self->walks);
  g_ptr_array_unref (self->order);
  g_free (self);
}

/* 1: @self->change is the next one of the journal that is to be given; 0: no more. */
static int
read_change (GalleyCarriedCursor *self, GError **error)
{
  int got;

  do
    {
      GalleyJournalItem item;
      const GalleyChangeHeader *header;
      const Walk *walk;

      g_clear_pointer (&self->change, galley_change_unref);
      got = galley_journal_cursor_next (self->changes, &item, error);
      if (got <= 0)
        break;
      self->change = galley_journal_item_read (&item, error);
      if (self->change == NULL)
        return -1;
      self->refused = item.refused != NULL;
      header = galley_change_get_header (self->change);
      walk = g_hash_table_lookup (self->walks, &header->device);
      if (walk != NULL && header->seq > walk->except && header->seq <= walk->end.seq)
        break;
    }
  while (TRUE);

  return got;
}

/* The gaps of a device's chain up to @end, one a call. 0: there are none. */
static int
next_gap (
    GalleyCarriedCursor *self, Walk *walk, guint64 end, GalleyCarriedLink *link, GError **error)
{
  gboolean known;

  walk->given = MAX (walk->given, walk->except);
  if (walk->given >= end)
    return 0;

  link->link.ref = (GalleyRef){ walk->end.device, walk->given + 1 };
  if (!find_gap (self->db, self->project, &link->link.ref, &link->link.hash, &known, error))
    return -1;
  if (!known)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                   "A chain lacks a change that it counted.");
      return -1;
    }

  walk->given++;
  return 1;
}

static int
give_change (GalleyCarriedCursor *self, Walk *walk, GalleyCarriedLink *link)
{
  walk->given = galley_change_get_header (self->change)->seq;
  link->link.ref = (GalleyRef){ walk->end.device, walk->given };
  link->link.hash = *galley_change_get_hash (self->change);
  link->change = self->refused ? NULL : self->change;
  self->shown = TRUE;
  return 1;
}

/* After the last change: chains that end in gaps. */
static int
next_last_gap (GalleyCarriedCursor *self, GalleyCarriedLink *link, GError **error)
{
  for (; self->order->len > 0; g_ptr_array_set_size (self->order, self->order->len - 1))
    {
      Walk *walk = self->order->pdata[self->order->len - 1];
      int got = next_gap (self, walk, walk->end.seq, link, error);

      if (got != 0)
        return got;
    }

  return 0;
}

int
galley_carried_cursor_next (GalleyCarriedCursor *self, GalleyCarriedLink *link, GError **error)
{
  Walk *walk;
  int got;

  memset (link, 0, sizeof *link);
  if (self->shown)
    g_clear_pointer (&self->change, galley_change_unref);
  self->shown = FALSE;
  if (self->change == NULL && read_change (self, error) < 0)
    return -1;
  if (self->change == NULL)
    return next_last_gap (self, link, error);

  walk = g_hash_table_lookup (self->walks, &galley_change_get_header (self->change)->device);
  got = next_gap (self, walk, galley_change_get_header (self->change)->seq - 1, link, error);
  return got != 0 ? got : give_change (self, walk, link);
}

/* ── who is who, by hand ── */

/**
 * galley_carried_meet_person:
 *
 * On the writer thread. One who is known already stays as they are.
 */
gboolean
galley_carried_meet_person (GalleyWriter *writer, const GalleyPerson *person, GError **error)
{
  gint64 known = 0;

  if (!galley_database_get_int (writer->db, &known, error,
                                "SELECT EXISTS (SELECT 1 FROM person WHERE id = ?1)"
                                " OR EXISTS (SELECT 1 FROM alias WHERE id = ?1)",
                                "n", &person->id))
    return FALSE;

  return known || galley_directory_put_person (writer, person, error);
}

/**
 * galley_carried_meet_alias:
 *
 * On the writer thread. The one who works here is nobody else's other name.
 */
gboolean
galley_carried_meet_alias (GalleyWriter *writer,
                           const GalleyId *alias,
                           const GalleyId *person,
                           GError **error)
{
  GalleyId me;
  gint64 known = 0;

  if (!galley_writer_get_person (writer, &me, error) ||
      !galley_database_get_int (writer->db, &known, error,
                                "SELECT EXISTS (SELECT 1 FROM alias WHERE id = ?1)", "n", alias))
    return FALSE;

  return known || galley_id_equal (&me, alias) || galley_id_equal (alias, person) ||
         galley_directory_put_alias (writer, alias, person, error);
}

/**
 * galley_carried_meet_device:
 *
 * On the writer thread.
 */
gboolean
galley_carried_meet_device (GalleyWriter *writer, const GalleyDevice *device, GError **error)
{
  gint64 known = 0;

  if (!galley_database_get_int (writer->db, &known, error,
                                "SELECT EXISTS (SELECT 1 FROM device WHERE id = ?1"
                                " AND public_key IS NOT NULL)",
                                "n", &device->id))
    return FALSE;

  return known || galley_id_equal (&device->id, &writer->device) ||
         galley_directory_put_device (writer, device, error);
}
