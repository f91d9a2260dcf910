/* galley-heads.c: the heads of a field: reading them, and their part in the digest
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-heads"

#include "data/galley-heads.h"

#include <sodium.h>
#include <string.h>

static void
clear_head (gpointer data)
{
  GalleyHead *head = data;

  g_clear_pointer (&head->value, g_variant_unref);
}

/* The actor stands in the change's header, at a fixed place: see galley-change.c. */
#define ACTOR_OFFSET 88
#define ACTOR_SUBSTRING "substr (c.bytes, 89, 16)"

/**
 * galley_heads_complete:
 * @project: number in this database
 *
 * Fills in who and where of heads whose changes are compacted; galley_heads_list() has done so when
 * there are several. What cannot be read stays unknown: it must not keep a person from going on.
 */
gboolean
galley_heads_complete (GalleyJournal *journal, gint64 project, GArray *heads, GError **error)
{
  for (guint i = 0; i < heads->len; i++)
    {
      GalleyHead *head = &g_array_index (heads, GalleyHead, i);
      g_auto (GalleySegmentHit) hit = { 0 };
      g_autoptr (GError) local = NULL;

      if (!galley_id_is_nil (&head->actor))
        continue;
      if (!galley_segment_table_find (galley_journal_get_segments (journal), project, &head->ref,
                                      &hit, &local) &&
          !g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (hit.record == NULL)
        continue;
      head->position = hit.record->position;
      memcpy (&head->actor, hit.record->data + ACTOR_OFFSET, sizeof head->actor);
    }

  return TRUE;
}

/**
 * galley_heads_list:
 *
 * Returns: (transfer full) (element-type GalleyHead): the heads of one field; a refused change is
 *   none. Who and where are told of several, so that they can be told apart; of a single one only
 *   while its change is not compacted
 */
GArray *
galley_heads_list (
    GalleyJournal *journal, gint64 entity, guint16 field, const char *element, GError **error)
{
  GalleyDatabase *db = galley_journal_get_db (journal);
  g_autoptr (GArray) heads = g_array_new (FALSE, TRUE, sizeof (GalleyHead));
  gint64 project = 0;
  sqlite3_stmt *query;
  int stepped;

  g_array_set_clear_func (heads, clear_head);
  query = galley_database_query (
      db, error,
      "SELECT d.id, h.seq, h.hlc, h.value, ifnull (c.position, 0), " ACTOR_SUBSTRING ", e.project"
      " FROM derived_head h JOIN derived_entity e ON e.number = h.entity"
      " JOIN device d ON d.number = h.device"
      " LEFT JOIN change c ON c.project = e.project AND c.device = h.device AND c.seq = h.seq"
      " WHERE h.entity = ?1 AND h.field = ?2 AND h.element = ?3",
      "iis", entity, (gint64)field, element);
  if (query == NULL)
    return NULL;

  while ((stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyHead head = { 0 };

      galley_column_id (query, 0, &head.ref.device);
      head.ref.seq = sqlite3_column_int64 (query, 1);
      head.hlc = sqlite3_column_int64 (query, 2);
      head.value = galley_value_from_bytes (sqlite3_column_blob (query, 3),
                                            sqlite3_column_bytes (query, 3));
      head.position = sqlite3_column_int64 (query, 4);
      galley_column_id (query, 5, &head.actor);
      project = sqlite3_column_int64 (query, 6);
      g_array_append_val (heads, head);
    }
  if (stepped < 0 || (heads->len > 1 && !galley_heads_complete (journal, project, heads, error)))
    return NULL;

  return g_steal_pointer (&heads);
}

/**
 * galley_heads_list_assignees:
 * @item: its number in this database; 0: none
 *
 * An element is in the set when any of its heads says so.
 */
gboolean
galley_heads_list_assignees (GalleyDatabase *db, gint64 item, GArray *persons, GError **error)
{
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT DISTINCT element FROM derived_head"
                                               " WHERE entity = ?1 AND field = ?2"
                                               " AND value IS NOT NULL ORDER BY element",
                                               "ii", item, (gint64)GALLEY_ITEM_ASSIGNEES);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId person;

      if (galley_id_parse ((const char *)sqlite3_column_text (query, 0), &person, NULL))
        g_array_append_val (persons, person);
    }

  return stepped == 0;
}

static void
hash_head (const GalleyId *entity,
           guint16 field,
           const char *element,
           const GalleyRef *ref,
           guint64 lanes[4])
{
  struct
  {
    GalleyId entity;
    GalleyId device;
    guint64 seq;
    guint64 field;
  } key = { *entity, ref->device, GUINT64_TO_LE (ref->seq), GUINT64_TO_LE (field) };
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, 32);
  crypto_generichash_update (&state, (const guint8 *)&key, sizeof key);
  crypto_generichash_update (&state, (const guint8 *)element, strlen (element));
  crypto_generichash_final (&state, (guint8 *)lanes, 32);
}

/**
 * galley_digest_add:
 *
 * Each lane is a sum modulo 2^64, so heads may come and go in any order.
 */
void
galley_digest_add (GalleyDigest *digest,
                   const GalleyId *entity,
                   guint16 field,
                   const char *element,
                   const GalleyRef *ref)
{
  guint64 lanes[4];

  hash_head (entity, field, element, ref, lanes);
  for (int i = 0; i < 4; i++)
    digest->lanes[i] += GUINT64_FROM_LE (lanes[i]);
  digest->n_heads++;
}

void
galley_digest_subtract (GalleyDigest *digest,
                        const GalleyId *entity,
                        guint16 field,
                        const char *element,
                        const GalleyRef *ref)
{
  guint64 lanes[4];

  hash_head (entity, field, element, ref, lanes);
  for (int i = 0; i < 4; i++)
    digest->lanes[i] -= GUINT64_FROM_LE (lanes[i]);
  digest->n_heads--;
}

void
galley_digest_to_hash (const GalleyDigest *digest, GalleyHash *out)
{
  guint64 lanes[4];

  for (int i = 0; i < 4; i++)
    lanes[i] = GUINT64_TO_LE (digest->lanes[i]);
  memcpy (out->bytes, lanes, sizeof out->bytes);
}

gboolean
galley_digest_load (GalleyDatabase *db, gint64 project, GalleyDigest *digest, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT sum, n_heads FROM derived_digest WHERE project = ?1", "i",
                             project);
  int stepped;

  memset (digest, 0, sizeof *digest);
  if (query == NULL)
    return FALSE;

  stepped = galley_database_step (db, query, error);
  if (stepped > 0)
    {
      GalleyHash sum;

      galley_column_hash (query, 0, &sum);
      for (int i = 0; i < 4; i++)
        {
          memcpy (&digest->lanes[i], sum.bytes + 8 * i, 8);
          digest->lanes[i] = GUINT64_FROM_LE (digest->lanes[i]);
        }
      digest->n_heads = sqlite3_column_int64 (query, 1);
      galley_database_done (query);
    }

  return stepped >= 0;
}

gboolean
galley_digest_save (GalleyDatabase *db, gint64 project, const GalleyDigest *digest, GError **error)
{
  GalleyHash sum;

  galley_digest_to_hash (digest, &sum);
  return galley_database_run (db, error,
                              "INSERT INTO derived_digest VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE"
                              " SET sum = excluded.sum, n_heads = excluded.n_heads",
                              "ihi", project, &sum, digest->n_heads);
}
