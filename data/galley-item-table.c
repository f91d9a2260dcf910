/* galley-item-table.c: the rows of items as lists show them: name, state, newest version
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-item-table"

#include "data/galley-item-table.h"

#include "data/galley-decision.h"

#include <string.h>

typedef struct
{
  gint64 number, project;
  gint64 updated_us;
  gboolean whole; /* more than the time has moved */
} DirtyItem;

struct _GalleyItemTable
{
  GalleyDatabase *db;   /* borrowed */
  GHashTable *dirty;    /* number → DirtyItem (owned) */
  GHashTable *projects; /* numbers of projects whose rule may have moved */
};

GalleyItemTable *
galley_item_table_new (GalleyDatabase *db)
{
  GalleyItemTable *self = g_new0 (GalleyItemTable, 1);

  self->db = db;
  self->dirty = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->projects = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return self;
}

void
galley_item_table_free (GalleyItemTable *self)
{
  g_hash_table_unref (self->dirty);
  g_hash_table_unref (self->projects);
  g_free (self);
}

void
galley_item_table_forget (GalleyItemTable *self)
{
  g_hash_table_remove_all (self->dirty);
  g_hash_table_remove_all (self->projects);
}

static DirtyItem *
mark_item (GalleyItemTable *self, gint64 number, gint64 project)
{
  DirtyItem *dirty = g_hash_table_lookup (self->dirty, &number);

  if (dirty == NULL)
    {
      dirty = g_new0 (DirtyItem, 1);
      dirty->number = number;
      dirty->project = project;
      g_hash_table_insert (self->dirty, &dirty->number, dirty);
    }

  return dirty;
}

/**
 * galley_item_table_mark:
 * @row: what was edited: an item, or something that belongs to one
 * @time_us: when, in microseconds since 1970 UTC; 0 when it does not count as new
 * @whole: whether more than the time of the item's row may have moved
 */
void
galley_item_table_mark (GalleyItemTable *self,
                        const GalleyEntityRow *row,
                        gint64 time_us,
                        gboolean whole)
{
  DirtyItem *dirty;

  if (row->kind == GALLEY_KIND_PROJECT)
    {
      g_hash_table_add (self->projects, g_memdup2 (&row->project, sizeof row->project));
      return;
    }
  if (row->kind != GALLEY_KIND_ITEM && row->owner == 0)
    return;

  dirty = mark_item (self, row->kind == GALLEY_KIND_ITEM ? row->number : row->owner, row->project);
  dirty->updated_us = MAX (dirty->updated_us, time_us);
  dirty->whole |= whole;
}

/**
 * galley_item_table_add_file:
 * @file: (nullable): the value of %GALLEY_VERSION_FILE
 */
gboolean
galley_item_table_add_file (GalleyItemTable *self, gint64 version, GVariant *file, GError **error)
{
  g_autoptr (GVariant) hash = NULL;
  gconstpointer data;
  gsize bytes;
  guint64 size_bytes;

  if (file == NULL || !g_variant_is_of_type (file, G_VARIANT_TYPE ("(ayts)")))
    return TRUE;

  hash = g_variant_get_child_value (file, 0);
  g_variant_get_child (file, 1, "t", &size_bytes);
  data = g_variant_get_fixed_array (hash, &bytes, 1);
  return galley_database_run (self->db, error,
                              "INSERT OR IGNORE INTO derived_file_use VALUES (?1, ?2, ?3)", "bii",
                              data, bytes, version, (gint64)MIN (size_bytes, G_MAXINT64));
}

/**
 * galley_item_table_remove:
 * @entity: an item or a version that is in nobody's shared state any more; its number may be given
 *   to something else
 */
gboolean
galley_item_table_remove (GalleyItemTable *self, gint64 entity, GError **error)
{
  g_hash_table_remove (self->dirty, &entity);
  return galley_database_run (self->db, error, "DELETE FROM derived_item WHERE number = ?1", "i",
                              entity) &&
         galley_database_run (self->db, error, "DELETE FROM derived_file_use WHERE version = ?1",
                              "i", entity);
}

/**
 * galley_field_get_value:
 * @value: (out) (transfer full) (nullable): what everyone sees
 */
gboolean
galley_field_get_value (
    GalleyDatabase *db, gint64 entity, guint16 field, GVariant **value, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT value, 0 AS rank FROM derived_contested WHERE entity = ?1 AND field = ?2"
      " AND element = '' UNION ALL"
      " SELECT value, 1 FROM derived_head WHERE entity = ?1 AND field = ?2 AND element = ''"
      " ORDER BY rank LIMIT 1",
      "ii", entity, (gint64)field);
  int stepped;

  *value = NULL;
  if (query == NULL)
    return FALSE;

  stepped = galley_database_step (db, query, error);
  if (stepped > 0)
    {
      *value = galley_value_from_bytes (sqlite3_column_blob (query, 0),
                                        sqlite3_column_bytes (query, 0));
      galley_database_done (query);
    }

  return stepped >= 0;
}

static gboolean
list_owned (GalleyItemTable *self, gint64 item, GalleyKind kind, GArray *numbers, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT number FROM derived_entity WHERE owner = ?1 "
                                               "AND owner <> 0 AND kind = ?2 AND alive <> 0 "
                                               "ORDER BY id",
                                               "ii", item, (gint64)kind);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      gint64 number = sqlite3_column_int64 (query, 0);

      g_array_append_val (numbers, number);
    }

  return stepped == 0;
}

/* The version with the highest number; of two with the same, the one with the greater id, which is
 * what every device finds. */
static gboolean
find_newest_version (GalleyItemTable *self, gint64 item, gint64 *version, GError **error)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint best = 0;

  *version = 0;
  if (!list_owned (self, item, GALLEY_KIND_VERSION, numbers, error))
    return FALSE;

  for (guint i = 0; i < numbers->len; i++)
    {
      g_autoptr (GVariant) value = NULL;
      guint number = 0;

      if (!galley_field_get_value (self->db, g_array_index (numbers, gint64, i),
                                   GALLEY_VERSION_NUMBER, &value, error))
        return FALSE;
      if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
        number = g_variant_get_uint32 (value);
      if (*version == 0 || number >= best)
        {
          *version = g_array_index (numbers, gint64, i);
          best = number;
        }
    }

  return TRUE;
}

static gboolean
file_of_version (GalleyItemTable *self, gint64 version, GalleyHash *hash, GError **error)
{
  g_autoptr (GVariant) file = NULL, bytes = NULL;

  memset (hash, 0, sizeof *hash);
  if (!galley_field_get_value (self->db, version, GALLEY_VERSION_FILE, &file, error))
    return FALSE;
  if (file != NULL && g_variant_is_of_type (file, G_VARIANT_TYPE ("(ayts)")))
    {
      bytes = g_variant_get_child_value (file, 0);
      if (g_variant_get_size (bytes) == sizeof *hash)
        memcpy (hash, g_variant_get_data (bytes), sizeof *hash);
    }

  return TRUE;
}

/* Open notes that block an approval: one made without having seen such a note does not count. */
static gboolean
list_blocking (GalleyItemTable *self, gint64 item, GArray *notes, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (self->db, error,
                             "SELECT e.number, e.id FROM derived_entity e JOIN derived_head b"
                             " ON b.entity = e.number AND b.field = " G_STRINGIFY (
                                 13) " WHERE e.owner = ?1 AND e.owner <> 0 AND e.kind = 5 AND "
                                     "e.alive <> 0 GROUP BY e.number",
                             "i", item);
  int stepped = query != NULL ? 1 : -1;
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  G_STATIC_ASSERT (GALLEY_ANNOTATION_BLOCKING == 13 && GALLEY_KIND_ANNOTATION == 5);
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      gint64 number = sqlite3_column_int64 (query, 0);
      GalleyId id;

      galley_column_id (query, 1, &id);
      g_array_append_val (numbers, number);
      g_array_append_val (candidates, id);
    }

  for (guint i = 0; stepped == 0 && i < numbers->len; i++)
    {
      g_autoptr (GVariant) blocking = NULL, status = NULL;

      if (!galley_field_get_value (self->db, g_array_index (numbers, gint64, i),
                                   GALLEY_ANNOTATION_BLOCKING, &blocking, error) ||
          !galley_field_get_value (self->db, g_array_index (numbers, gint64, i),
                                   GALLEY_ANNOTATION_STATUS, &status, error))
        return FALSE;
      if (blocking != NULL && g_variant_is_of_type (blocking, G_VARIANT_TYPE_BOOLEAN) &&
          g_variant_get_boolean (blocking) &&
          (status == NULL || !g_variant_is_of_type (status, G_VARIANT_TYPE_STRING) ||
           !g_str_equal (g_variant_get_string (status, NULL), "resolved")))
        g_array_append_val (notes, g_array_index (candidates, GalleyId, i));
    }

  return stepped == 0;
}

static gboolean
has_seen (const GalleyDecision *decision, const GArray *notes)
{
  for (guint n = 0; n < notes->len; n++)
    {
      gboolean seen = FALSE;

      for (guint i = 0; i < decision->seen_notes->len && !seen; i++)
        seen = galley_id_equal (&g_array_index (decision->seen_notes, GalleyId, i),
                                &g_array_index (notes, GalleyId, n));
      if (!seen)
        return FALSE;
    }

  return TRUE;
}

/* Whose decision it is, by the id that stands for all their names. */
static gboolean
person_of (GalleyItemTable *self, gint64 decision, GalleyId *person, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT coalesce ((SELECT person FROM alias WHERE "
                                               "id = e.author), e.author)"
                                               " FROM derived_entity e WHERE e.number = ?1",
                                               "i", decision);

  if (query == NULL || galley_database_step (self->db, query, error) <= 0)
    return FALSE;

  galley_column_id (query, 0, person);
  galley_database_done (query);
  return TRUE;
}

/* Without a server there is only this person, who may do all; else as the directory says. */
static gboolean
role_of (GalleyItemTable *self, const GalleyId *person, gint64 *role, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT coalesce ((SELECT role FROM person WHERE id = ?1),"
      "  CASE WHEN EXISTS (SELECT 1 FROM person) THEN 'reviewer' ELSE 'lead' END)",
      "n", person);
  int stepped = query != NULL ? galley_database_step (self->db, query, error) : -1;

  if (stepped > 0)
    {
      *role = galley_role_parse ((const char *)sqlite3_column_text (query, 0));
      galley_database_done (query);
    }

  return stepped > 0;
}

static gboolean
collect_votes (
    GalleyItemTable *self, gint64 item, const GalleyHash *file, GArray *votes, GError **error)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) notes = g_array_new (FALSE, FALSE, sizeof (GalleyId));

  if (!list_owned (self, item, GALLEY_KIND_DECISION, numbers, error) ||
      (numbers->len > 0 && !list_blocking (self, item, notes, error)))
    return FALSE;

  for (guint i = 0; i < numbers->len; i++)
    {
      gint64 number = g_array_index (numbers, gint64, i);
      g_autoptr (GVariant) value = NULL;
      g_autoptr (GalleyDecision) decision = NULL;
      GalleyVote vote = { 0 };
      gint64 role = 0;

      if (!galley_field_get_value (self->db, number, GALLEY_DECISION_VERDICT, &value, error))
        return FALSE;
      decision = value != NULL ? galley_decision_from_variant (value, NULL) : NULL;
      if (decision == NULL)
        continue;
      if (!person_of (self, number, &vote.person, error) ||
          !role_of (self, &vote.person, &role, error))
        return FALSE;

      vote.role = role;
      vote.verdict = g_intern_string (decision->verdict);
      vote.counts = galley_hash_equal (&decision->file, file) && has_seen (decision, notes);
      g_array_append_val (votes, vote);
    }

  return TRUE;
}

static gboolean
derive_state (GalleyItemTable *self,
              const DirtyItem *dirty,
              gint64 version,
              GalleyApproval *approval,
              GError **error)
{
  g_autoptr (GArray) votes = g_array_new (FALSE, TRUE, sizeof (GalleyVote));
  g_autoptr (GVariant) rule = NULL;
  gint64 project_entity = 0;
  GalleyHash file;
  guint needed = 1;
  const char *least = "reviewer";

  if (!file_of_version (self, version, &file, error) ||
      !collect_votes (self, dirty->number, &file, votes, error) ||
      !galley_database_get_int (self->db, &project_entity, error,
                                "SELECT number FROM derived_entity WHERE project = ?1 AND kind = 1"
                                " AND id = coalesce ((SELECT id FROM project WHERE number = ?1),"
                                "  (SELECT id FROM snapshot WHERE project = ?1))",
                                "i", dirty->project) ||
      !galley_field_get_value (self->db, project_entity, GALLEY_PROJECT_APPROVAL, &rule, error))
    return FALSE;

  if (rule != NULL && g_variant_is_of_type (rule, G_VARIANT_TYPE ("(us)")))
    g_variant_get (rule, "(u&s)", &needed, &least);
  galley_approval_derive (needed, galley_role_parse (least), (const GalleyVote *)votes->data,
                          votes->len, approval);
  return TRUE;
}

static gboolean
refresh_item (GalleyItemTable *self, const DirtyItem *dirty, GError **error)
{
  g_autoptr (GVariant) name = NULL;
  GalleyApproval approval = { 0 };
  gint64 alive = 0, version;

  if (!galley_database_get_int (self->db, &alive, error,
                                "SELECT alive FROM derived_entity WHERE number = ?1", "i",
                                dirty->number))
    return FALSE;
  if (alive == 0)
    return galley_database_run (self->db, error, "DELETE FROM derived_item WHERE number = ?1", "i",
                                dirty->number);

  if (!galley_field_get_value (self->db, dirty->number, GALLEY_ITEM_NAME, &name, error) ||
      !find_newest_version (self, dirty->number, &version, error) ||
      !derive_state (self, dirty, version, &approval, error))
    return FALSE;

  return galley_database_run (
      self->db, error,
      "INSERT INTO derived_item VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE"
      " SET name = excluded.name, state = excluded.state, version = excluded.version,"
      " updated_us = max (updated_us, excluded.updated_us)",
      "iissii", dirty->number, dirty->project,
      name != NULL && g_variant_is_of_type (name, G_VARIANT_TYPE_STRING)
          ? g_variant_get_string (name, NULL)
          : "",
      approval.state, version, dirty->updated_us);
}

/**
 * galley_item_table_mark_decided:
 *
 * Who is who, or may decide, has moved: the states of items that somebody has decided on may have.
 */
gboolean
galley_item_table_mark_decided (GalleyItemTable *self, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT DISTINCT owner, project FROM derived_entity"
                                               " WHERE kind = ?1 AND owner <> 0",
                                               "i", (gint64)GALLEY_KIND_DECISION);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    mark_item (self, sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1))->whole =
        TRUE;

  return stepped == 0;
}

static gboolean
mark_items_of_project (GalleyItemTable *self, gint64 project, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT number FROM derived_item WHERE project = ?1",
                                               "i", project);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    mark_item (self, sqlite3_column_int64 (query, 0), project)->whole = TRUE;

  return stepped == 0;
}

gboolean
galley_item_table_flush (GalleyItemTable *self, GError **error)
{
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, self->projects);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!mark_items_of_project (self, *(gint64 *)key, error))
      return FALSE;

  g_hash_table_iter_init (&iter, self->dirty);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const DirtyItem *dirty = value;

      if (dirty->whole ? !refresh_item (self, dirty, error)
                       : !galley_database_run (self->db, error,
                                               "UPDATE derived_item SET updated_us = ?2"
                                               " WHERE number = ?1 AND updated_us < ?2",
                                               "ii", dirty->number, dirty->updated_us))
        return FALSE;
    }

  galley_item_table_forget (self);
  return TRUE;
}
