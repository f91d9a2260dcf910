/* galley-relay.c: what this device can give a server that has lost it, in an order that holds
 *
 * The journal's order is one in which everything comes after what it stands on. A batch ends, for
 * each device, at a change that the device has signed; what then stands on something that is not in
 * the batch waits for the next one, and so does what follows it in its device's chain.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-relay"

#include "data/galley-relay.h"

#include "data/galley-schema.h"
#include "data/galley-store-private.h"

#include <string.h>

/* Of one batch: well within what a server takes. */
#define MAX_LINKS 4000
#define MAX_BYTES (6 * 1024 * 1024)

/* A device whose changes are here. */
typedef struct
{
  gint64 number;
  GalleyId id;
  gboolean own;
  gboolean known;     /* the server knows the device, and has nothing else under its name */
  guint64 server_seq; /* its last change there */
  GalleyHash server_hash;
  guint64 seq;          /* and here */
  guint64 from, limit;  /* numbers of what is given */
  GArray *tips;         /* of GalleySignedTip */
  guint64 n_candidates; /* changes that the server should have */
} Source;

typedef struct
{
  gint64 lsn;
  Source *source;
  guint64 seq;
  GalleyChange *change; /* (owned) (nullable): NULL of a refused one */
  GalleyHash hash;
  gsize bytes;
} Candidate;

typedef struct
{
  GalleyReader *reader;
  GalleyDatabase *db;
  gint64 project;
  GPtrArray *sources;   /* of Source */
  GHashTable *by_id;    /* GalleyId → Source */
  GArray *candidates;   /* of Candidate */
  GHashTable *included; /* GalleyRef (owned) */
  GHashTable *missing;  /* GalleyId: entities that a change makes which is not given */
} Search;

void
galley_relay_free (GalleyRelay *relay)
{
  g_ptr_array_unref (relay->links);
  g_array_unref (relay->tips);
  g_free (relay);
}

static void
free_link (gpointer data)
{
  GalleyRelayLink *link = data;

  g_clear_pointer (&link->bytes, g_bytes_unref);
  g_free (link);
}

static void
free_source (gpointer data)
{
  Source *source = data;

  g_clear_pointer (&source->tips, g_array_unref);
  g_free (source);
}

static void
clear_candidate (gpointer data)
{
  g_clear_pointer (&((Candidate *)data)->change, galley_change_unref);
}

/* ── who has what ── */

static gboolean
list_sources (Search *search, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (search->db, error,
                             "SELECT t.device, d.id, t.seq FROM tip t JOIN device d"
                             " ON d.number = t.device WHERE t.project = ?1 AND t.seq > 0",
                             "i", search->project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (search->db, query, error)) > 0)
    {
      Source *source = g_new0 (Source, 1);

      source->number = sqlite3_column_int64 (query, 0);
      galley_column_id (query, 1, &source->id);
      source->seq = source->limit = sqlite3_column_int64 (query, 2);
      source->own = source->number == galley_reader_get_own_device (search->reader);
      g_ptr_array_add (search->sources, source);
      g_hash_table_insert (search->by_id, &source->id, source);
    }

  return stepped == 0;
}

static void
take_chains (Search *search, const GArray *chains)
{
  for (guint i = 0; i < chains->len; i++)
    {
      const GalleyChainLink *link = &g_array_index (chains, GalleyChainLink, i);
      Source *source = g_hash_table_lookup (search->by_id, &link->ref.device);

      if (source == NULL)
        continue;
      source->known = TRUE;
      source->server_seq = link->ref.seq;
      source->server_hash = link->hash;
    }
}

/* The server may have something else under the device's numbers: then the device itself has to sort
 * that out. */
static gboolean
check_fork (Search *search, Source *source, GError **error)
{
  GalleyRef ref = { source->id, source->server_seq };
  GalleyJournalEntry entry;

  if (!source->known || source->server_seq == 0 || source->server_seq > source->seq)
    return TRUE;
  if (!galley_journal_load (galley_reader_get_journal (search->reader), search->project, &ref,
                            &entry, error))
    return FALSE;

  source->known = entry.change == NULL ||
                  galley_hash_equal (galley_change_get_hash (entry.change), &source->server_hash);
  g_clear_pointer (&entry.change, galley_change_unref);
  return TRUE;
}

/* From the first change that the server lacks, or whose place is not known here. */
static gboolean
find_start (Search *search, Source *source, GError **error)
{
  gint64 unplaced = 0;

  if (!galley_database_get_int (search->db, &unplaced, error,
                                "SELECT ifnull (min (c.seq), 0) FROM change c WHERE c.project = ?1"
                                " AND c.device = ?2 AND c.position IS NULL AND NOT EXISTS"
                                " (SELECT 1 FROM refusal r WHERE r.project = c.project"
                                "  AND r.device = c.device AND r.seq = c.seq)",
                                "ii", search->project, source->number))
    return FALSE;

  source->from = source->server_seq + 1;
  if (unplaced != 0 && (guint64)unplaced < source->from)
    source->from = unplaced;
  return TRUE;
}

static gboolean
load_tips (Search *search, Source *source, GError **error)
{
  sqlite3_stmt *query = galley_database_query (search->db, error,
                                               "SELECT seq, hash, signature FROM signature"
                                               " WHERE project = ?1 AND device = ?2"
                                               " AND seq BETWEEN ?3 AND ?4 ORDER BY seq",
                                               "iiii", search->project, source->number,
                                               (gint64)source->from, (gint64)source->seq);
  int stepped = query != NULL ? 1 : -1;

  source->tips = g_array_new (FALSE, TRUE, sizeof (GalleySignedTip));
  while (stepped > 0 && (stepped = galley_database_step (search->db, query, error)) > 0)
    {
      GalleySignedTip tip = { .link.ref = { source->id, sqlite3_column_int64 (query, 0) } };

      galley_column_hash (query, 1, &tip.link.hash);
      if (sqlite3_column_bytes (query, 2) == sizeof tip.signature)
        memcpy (tip.signature, sqlite3_column_blob (query, 2), sizeof tip.signature);
      g_array_append_val (source->tips, tip);
    }

  return stepped == 0;
}

/* The last change up to @seq that the device has signed; 0: none of those to give. */
static guint64
get_signed (const Source *source, guint64 seq)
{
  guint64 found = 0;

  if (source->own)
    return seq;
  for (guint i = 0; i < source->tips->len; i++)
    {
      const GalleySignedTip *tip = &g_array_index (source->tips, GalleySignedTip, i);

      if (tip->link.ref.seq <= seq)
        found = tip->link.ref.seq;
    }

  return found;
}

/* ── what there is to give ── */

/* @entry: its change is taken */
static void
add_change (Search *search, Source *source, guint64 seq, GalleyJournalEntry *entry)
{
  Candidate candidate = {
    .lsn = entry->lsn, .source = source, .seq = seq, .change = g_steal_pointer (&entry->change)
  };

  candidate.hash = *galley_change_get_hash (candidate.change);
  candidate.bytes = g_bytes_get_size (galley_change_get_bytes (candidate.change));
  if (entry->refused)
    g_clear_pointer (&candidate.change, galley_change_unref);
  else
    source->n_candidates++;
  g_array_append_val (search->candidates, candidate);
}

static gboolean
find_gap (Search *search, const Source *source, guint64 seq, GalleyHash *hash, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (search->db, error,
                             "SELECT hash FROM gap WHERE project = ?1 AND device = ?2 AND seq = ?3",
                             "iii", search->project, source->number, (gint64)seq);
  int stepped = query != NULL ? galley_database_step (search->db, query, error) : -1;

  if (stepped <= 0)
    return FALSE;

  galley_column_hash (query, 0, hash);
  galley_database_done (query);
  return TRUE;
}

/* A refused change of another device goes right before the next one of its device. */
static void
place_gaps (Search *search, guint first)
{
  gint64 lsn = G_MAXINT64;

  for (guint i = search->candidates->len; i > first; i--)
    {
      Candidate *candidate = &g_array_index (search->candidates, Candidate, i - 1);

      if (candidate->lsn == 0)
        candidate->lsn = lsn;
      lsn = candidate->lsn;
    }
}

/* One after the other, wherever the journal has them: as far as it has them all. */
static gboolean
load_changes (Search *search, Source *source, GError **error)
{
  GalleyJournal *journal = galley_reader_get_journal (search->reader);
  guint first = search->candidates->len;
  guint64 seq = source->from;
  g_autoptr (GError) local = NULL;
  gboolean there = TRUE;

  for (; there && seq <= source->seq && seq < source->from + MAX_LINKS; seq++)
    {
      GalleyRef ref = { source->id, seq };
      Candidate gap = { .source = source, .seq = seq };
      GalleyJournalEntry entry;

      if (!galley_journal_load (journal, search->project, &ref, &entry, error))
        return FALSE;
      if (entry.change != NULL)
        add_change (search, source, seq, &entry);
      else if ((there = find_gap (search, source, seq, &gap.hash, &local)))
        g_array_append_val (search->candidates, gap);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }

  place_gaps (search, first);
  source->limit = MIN (source->limit, there ? seq - 1 : seq - 2);
  return TRUE;
}

static gboolean
load_source (Search *search, Source *source, GError **error)
{
  if (!check_fork (search, source, error) || !find_start (search, source, error))
    return FALSE;
  if (source->from > source->seq)
    {
      source->limit = 0;
      return TRUE;
    }
  if (!load_tips (search, source, error) || !load_changes (search, source, error))
    return FALSE;

  source->limit = source->known ? get_signed (source, source->limit) : 0;
  return TRUE;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *x = a, *y = b;

  if (x->lsn != y->lsn)
    return x->lsn < y->lsn ? -1 : 1;
  return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* ── what holds together ── */

static gboolean
makes_entity (const GalleyEdit *edit)
{
  return edit->field == GALLEY_F_ALIVE && edit->n_supersedes == 0;
}

static gboolean
is_there (Search *search, const GalleyRef *ref)
{
  const Source *source = g_hash_table_lookup (search->by_id, &ref->device);

  return source != NULL && source->known &&
         (ref->seq <= source->server_seq || g_hash_table_contains (search->included, ref));
}

/* A part without its whole would be refused. */
static gboolean
is_part_of_missing (Search *search, const GalleyEdit *edit)
{
  return edit->field == GALLEY_F_PARENT && edit->value != NULL &&
         g_variant_get_size (edit->value) == sizeof (GalleyId) &&
         g_hash_table_contains (search->missing, g_variant_get_data (edit->value));
}

static gboolean
stands (Search *search, GalleyChange *change)
{
  for (guint i = 0; change != NULL && i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if ((!makes_entity (edit) && g_hash_table_contains (search->missing, &edit->entity)) ||
          is_part_of_missing (search, edit))
        return FALSE;
      for (guint s = 0; s < edit->n_supersedes; s++)
        if (!is_there (search, &edit->supersedes[s]))
          return FALSE;
    }

  return TRUE;
}

static void
leave_out (Search *search, const Candidate *candidate)
{
  for (guint i = 0; candidate->change != NULL && candidate->seq > candidate->source->server_seq &&
                    i < galley_change_get_n_edits (candidate->change);
       i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (candidate->change, i);

      if (makes_entity (edit))
        g_hash_table_add (search->missing, (gpointer)&edit->entity);
    }
}

/* One look at all; whether it is as it was left at the look before. */
static gboolean
choose (Search *search)
{
  gboolean stable = TRUE;
  gsize bytes = 0;

  g_hash_table_remove_all (search->included);
  g_hash_table_remove_all (search->missing);
  for (guint i = 0; i < search->candidates->len; i++)
    {
      const Candidate *candidate = &g_array_index (search->candidates, Candidate, i);
      Source *source = candidate->source;
      GalleyRef ref = { source->id, candidate->seq };

      if (candidate->seq <= source->limit &&
          (g_hash_table_size (search->included) >= MAX_LINKS ||
           bytes + candidate->bytes > MAX_BYTES || !stands (search, candidate->change)))
        {
          source->limit = get_signed (source, candidate->seq - 1);
          stable = FALSE;
        }
      if (candidate->seq > source->limit)
        {
          leave_out (search, candidate);
          continue;
        }
      bytes += candidate->bytes;
      g_hash_table_add (search->included, g_memdup2 (&ref, sizeof ref));
    }

  return stable;
}

static void
add_tip (GalleyRelay *relay, const Source *source, const Candidate *last)
{
  GalleySignedTip tip = { .link = { { source->id, last->seq }, last->hash } };

  for (guint i = 0; i < source->tips->len; i++)
    if (g_array_index (source->tips, GalleySignedTip, i).link.ref.seq == last->seq)
      tip = g_array_index (source->tips, GalleySignedTip, i);
  g_array_append_val (relay->tips, tip);
}

static void
add_link (GalleyRelay *relay, const Candidate *candidate, guint64 lost)
{
  GalleyRelayLink *link = g_new0 (GalleyRelayLink, 1);
  const Source *source = candidate->source;

  link->link = (GalleyChainLink){ { source->id, candidate->seq }, candidate->hash };
  if (candidate->change != NULL)
    link->bytes = g_bytes_ref (galley_change_get_bytes (candidate->change));
  relay->n_lost += candidate->change != NULL && candidate->seq > source->server_seq &&
                   (!source->own || candidate->seq < lost);
  g_ptr_array_add (relay->links, link);
}

static GalleyRelay *
collect (Search *search, guint64 lost)
{
  GalleyRelay *relay = g_new0 (GalleyRelay, 1);

  relay->links = g_ptr_array_new_with_free_func (free_link);
  relay->tips = g_array_new (FALSE, TRUE, sizeof (GalleySignedTip));
  for (guint i = 0; i < search->candidates->len; i++)
    {
      const Candidate *candidate = &g_array_index (search->candidates, Candidate, i);

      if (candidate->seq > candidate->source->limit)
        continue;
      add_link (relay, candidate, lost);
      if (candidate->seq == candidate->source->limit)
        add_tip (relay, candidate->source, candidate);
    }
  for (guint i = 0; i < search->sources->len; i++)
    {
      const Source *source = g_ptr_array_index (search->sources, i);

      relay->n_left += source->n_candidates;
      if (source->n_candidates > 0 && !source->known)
        relay->absent = source->id;
    }
  return relay;
}

static gboolean
run_search (Search *search, const GArray *chains, GError **error)
{
  if (!list_sources (search, error))
    return FALSE;

  take_chains (search, chains);
  for (guint i = 0; i < search->sources->len; i++)
    if (!load_source (search, g_ptr_array_index (search->sources, i), error))
      return FALSE;

  g_array_sort (search->candidates, compare_candidates);
  while (!choose (search))
    ;
  return TRUE;
}

/**
 * galley_relay_next:
 * @server_chains: (element-type GalleyChainLink): every device that the server knows, with the last
 *   of its changes there
 * @lost: one more than the last own number that the server had had
 *
 * On the thread of @reader.
 *
 * Returns: (transfer full): what is to be sent next, of all devices, as far as it can be
 */
GalleyRelay *
galley_relay_next (GalleyReader *reader,
                   const GalleyId *project,
                   const GArray *server_chains,
                   guint64 lost,
                   GError **error)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (free_source);
  g_autoptr (GHashTable) by_id = g_hash_table_new (galley_id_hash, galley_id_equal);
  g_autoptr (GArray) candidates = g_array_new (FALSE, TRUE, sizeof (Candidate));
  g_autoptr (GHashTable)
      included = g_hash_table_new_full (galley_ref_hash, galley_ref_equal, g_free, NULL);
  g_autoptr (GHashTable) missing = g_hash_table_new (galley_id_hash, galley_id_equal);
  Search search = {
    .reader = reader,
    .db = galley_reader_get_db (reader),
    .sources = sources,
    .by_id = by_id,
    .candidates = candidates,
    .included = included,
    .missing = missing,
  };

  g_array_set_clear_func (candidates, clear_candidate);
  if (!galley_database_get_int (search.db, &search.project, error,
                                "SELECT number FROM project WHERE id = ?1", "n", project) ||
      !run_search (&search, server_chains, error))
    return NULL;

  return collect (&search, lost);
}
