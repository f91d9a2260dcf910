/* galley-reader-items.c: projects and items as lists show them, and search
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-reader"

#include "data/galley-item-table.h"
#include "data/galley-reader.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Longer queries than this are a paste by mistake. */
#define MAX_SEARCH_WORDS 16
/* What a filter by words looks through; beyond that it asks for more words. */
#define MAX_SEARCH_HITS "20000"

void
galley_project_row_free (GalleyProjectRow *row)
{
  g_free (row->name);
  g_free (row);
}

void
galley_item_row_free (GalleyItemRow *row)
{
  g_free (row->name);
  g_free (row->state);
  g_free (row->media_type);
  g_free (row);
}

void
galley_search_hit_free (GalleySearchHit *hit)
{
  g_free (hit->snippet);
  g_free (hit);
}

/* ── projects ── */

static gboolean
fill_project (
    GalleyReader *self, GalleyProjectRow *row, gint64 number, gint64 entity, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GVariant) name = NULL;
  gint64 n_items = 0, n_conflicts = 0;

  if (!galley_field_get_value (db, entity, GALLEY_PROJECT_NAME, &name, error) ||
      !galley_database_get_int (db, &n_items, error,
                                "SELECT count (*) FROM derived_item WHERE project = ?1", "i",
                                number) ||
      !galley_database_get_int (db, &n_conflicts, error,
                                "SELECT count (DISTINCT c.entity) FROM derived_contested c"
                                " JOIN derived_entity e ON e.number = c.entity"
                                " WHERE c.state = 2 AND e.project = ?1",
                                "i", number))
    return FALSE;

  row->name = g_strdup (name != NULL && g_variant_is_of_type (name, G_VARIANT_TYPE_STRING)
                            ? g_variant_get_string (name, NULL)
                            : "");
  row->n_items = n_items;
  row->n_conflicts = n_conflicts;
  row->role = galley_directory_get_role (self, &row->id);
  return TRUE;
}

/**
 * galley_reader_list_projects:
 *
 * Returns: (transfer full) (element-type GalleyProjectRow): by name
 */
GPtrArray *
galley_reader_list_projects (GalleyReader *self, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GPtrArray)
      rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_project_row_free);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT p.number, e.number, p.id, p.shared FROM project p JOIN derived_entity e"
      " ON e.id = p.id AND e.project = p.number AND e.kind = 1 WHERE e.alive <> 0 ORDER BY "
      "e.created_us, e.id",
      "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyProjectRow *row = g_new0 (GalleyProjectRow, 1);
      gint64 pair[] = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1) };

      galley_column_id (query, 2, &row->id);
      row->shared = sqlite3_column_int (query, 3);
      g_ptr_array_add (rows, row);
      g_array_append_vals (numbers, pair, 2);
    }

  for (guint i = 0; stepped == 0 && i < rows->len; i++)
    if (!fill_project (self, g_ptr_array_index (rows, i), g_array_index (numbers, gint64, 2 * i),
                       g_array_index (numbers, gint64, 2 * i + 1), error))
      return NULL;

  return stepped == 0 ? g_steal_pointer (&rows) : NULL;
}

/* ── search ── */

/* Every word of a person's query as a prefix, quoted, so that no sign in it is an operator. */
static char *
make_match (const char *query)
{
  g_autoptr (GString) match = g_string_new (NULL);
  g_autofree char *valid = g_utf8_make_valid (query, -1);
  const char *c = valid;

  for (guint words = 0; words < MAX_SEARCH_WORDS && *c != '\0';)
    {
      const char *start;

      while (*c != '\0' && !g_unichar_isalnum (g_utf8_get_char (c)))
        c = g_utf8_next_char (c);
      start = c;
      while (*c != '\0' && g_unichar_isalnum (g_utf8_get_char (c)))
        c = g_utf8_next_char (c);
      if (c == start)
        break;
      g_string_append_printf (match, "%s\"%.*s\"*", match->len > 0 ? " " : "", (int)(c - start),
                              start);
      words++;
    }

  return match->len > 0 ? g_string_free (g_steal_pointer (&match), FALSE) : NULL;
}

/**
 * galley_reader_search:
 * @query: words, each also the beginning of one
 * @limit: 0 for 50
 *
 * Returns: (transfer full) (element-type GalleySearchHit): what has all the words, newest first; of
 *   names, notes, comments and tags
 */
GPtrArray *
galley_reader_search (GalleyReader *self, const char *query, guint limit, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GPtrArray)
      hits = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_search_hit_free);
  g_autofree char *match = make_match (query);
  sqlite3_stmt *statement;
  int stepped;

  if (match == NULL)
    return g_steal_pointer (&hits);

  /* By rowid, not by rank: a common word would have to be ranked in every row that has it. */
  statement =
      galley_database_query (db, error,
                             "SELECT e.id, ifnull (o.id, CASE e.kind WHEN 3 THEN e.id END), e.kind,"
                             " snippet (derived_search, 0, char (8296), char (8297), '…', 16)"
                             " FROM derived_search s JOIN derived_entity e ON e.number = s.rowid"
                             " JOIN project p ON p.number = e.project"
                             " LEFT JOIN derived_entity o ON o.number = e.owner"
                             " WHERE derived_search MATCH ?1 AND ifnull (o.alive, 1) <> 0"
                             " ORDER BY s.rowid DESC LIMIT ?2",
                             "si", match, (gint64)(limit != 0 ? limit : 50));
  stepped = statement != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (db, statement, error)) > 0)
    {
      GalleySearchHit *hit = g_new0 (GalleySearchHit, 1);

      galley_column_id (statement, 0, &hit->entity);
      galley_column_id (statement, 1, &hit->item);
      hit->kind = sqlite3_column_int (statement, 2);
      hit->snippet = galley_column_text (statement, 3);
      g_ptr_array_add (hits, hit);
    }

  return stepped == 0 ? g_steal_pointer (&hits) : NULL;
}

/* ── items ── */

/* The filters, each of which is off when its value is NULL or 0, and the orders. A project that is
 * on its way in has rows, and does not show. */
#define ITEM_FILTER                                                                                \
  " FROM derived_item i JOIN derived_entity e ON e.number = i.number"                              \
  " WHERE +i.project IN (SELECT number FROM project WHERE ?1 IS NULL OR id = ?1)"                  \
  " AND (?2 IS NULL OR i.state = ?2)"                                                              \
  " AND (?3 IS NULL OR EXISTS (SELECT 1 FROM derived_head h WHERE h.entity = i.number"             \
  "  AND h.field = 4 AND h.element = ?3 AND h.value IS NOT NULL))"                                 \
  " AND (?4 IS NULL OR i.number IN (SELECT CASE s.owner WHEN 0 THEN s.number ELSE s.owner END"     \
  "  FROM derived_entity s WHERE s.number IN"                                                      \
  "  (SELECT rowid FROM derived_search WHERE derived_search MATCH ?4 LIMIT " MAX_SEARCH_HITS ")))" \
  " AND (?5 = 0 OR i.number IN (SELECT CASE x.owner WHEN 0 THEN x.number ELSE x.owner END"         \
  "  FROM derived_contested c JOIN derived_entity x ON x.number = c.entity WHERE c.state = 2))"

G_STATIC_ASSERT (GALLEY_ITEM_TAGS == 4);

static const char *
item_sql (const GalleyItemFilter *filter)
{
  static const char *const sql[3][2] = {
    { "SELECT e.id" ITEM_FILTER " ORDER BY i.name COLLATE NOCASE, e.id LIMIT ?6",
      "SELECT e.id" ITEM_FILTER " ORDER BY i.name COLLATE NOCASE DESC, e.id DESC LIMIT ?6" },
    { "SELECT e.id" ITEM_FILTER " ORDER BY i.updated_us, e.id LIMIT ?6",
      "SELECT e.id" ITEM_FILTER " ORDER BY i.updated_us DESC, e.id DESC LIMIT ?6" },
    { "SELECT e.id" ITEM_FILTER " ORDER BY i.state, i.name COLLATE NOCASE, e.id LIMIT ?6",
      "SELECT e.id" ITEM_FILTER " ORDER BY i.state DESC, i.name COLLATE NOCASE, e.id LIMIT ?6" },
  };

  return sql[MIN (filter->sort, 2)][filter->descending ? 1 : 0];
}

/**
 * galley_reader_list_item_ids:
 *
 * Returns: (transfer full) (element-type GalleyId): the items that pass the filter, in its order
 */
GArray *
galley_reader_list_item_ids (GalleyReader *self, const GalleyItemFilter *filter, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autofree char *match = filter->search != NULL ? make_match (filter->search) : NULL;
  sqlite3_stmt *query =
      galley_database_query (db, error, item_sql (filter), "bsssii", filter->project,
                             filter->project != NULL ? sizeof (GalleyId) : (gsize)0, filter->state,
                             filter->tag, match, (gint64)filter->contested_only,
                             filter->limit != 0 ? (gint64)filter->limit : (gint64)-1);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId id;

      galley_column_id (query, 0, &id);
      g_array_append_val (ids, id);
    }

  return stepped == 0 ? g_steal_pointer (&ids) : NULL;
}

static void
read_file (GalleyItemRow *row, GVariant *file)
{
  g_autoptr (GVariant) hash = NULL;

  if (file == NULL || !g_variant_is_of_type (file, G_VARIANT_TYPE ("(ayts)")))
    return;

  hash = g_variant_get_child_value (file, 0);
  if (g_variant_get_size (hash) == sizeof row->file)
    memcpy (&row->file, g_variant_get_data (hash), sizeof row->file);
  g_variant_get_child (file, 1, "t", &row->size_bytes);
  g_variant_get_child (file, 2, "s", &row->media_type);
}

static void
read_media (GalleyItemRow *row, GVariant *media)
{
  g_autoptr (GVariant) sizes = NULL;

  if (media == NULL || !g_variant_is_of_type (media, G_VARIANT_TYPE ("(ua(dd))")))
    return;

  g_variant_get_child (media, 0, "u", &row->n_pages);
  sizes = g_variant_get_child_value (media, 1);
  if (g_variant_n_children (sizes) > 0)
    g_variant_get_child (sizes, 0, "(dd)", &row->width, &row->height);
}

static gboolean
fill_version (GalleyReader *self, GalleyItemRow *row, gint64 version, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GVariant) file = NULL, media = NULL, number = NULL;
  gint64 here = 0;

  if (!galley_field_get_value (db, version, GALLEY_VERSION_FILE, &file, error) ||
      !galley_field_get_value (db, version, GALLEY_VERSION_MEDIA, &media, error) ||
      !galley_field_get_value (db, version, GALLEY_VERSION_NUMBER, &number, error))
    return FALSE;

  read_file (row, file);
  read_media (row, media);
  if (number != NULL && g_variant_is_of_type (number, G_VARIANT_TYPE_UINT32))
    row->version = g_variant_get_uint32 (number);
  if (!galley_database_get_int (db, &here, error, "SELECT here FROM file WHERE hash = ?1", "h",
                                &row->file))
    return FALSE;

  row->here = here;
  return TRUE;
}

static gboolean
fill_counts (GalleyReader *self, GalleyItemRow *row, gint64 number, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GBytes) resolved = galley_value_to_bytes (g_variant_new_string ("resolved"));
  gint64 n_annotations = 0, n_resolved = 0, contested = 0;
  gsize bytes;
  gconstpointer data = g_bytes_get_data (resolved, &bytes);

  G_STATIC_ASSERT (GALLEY_KIND_ANNOTATION == 5 && GALLEY_ANNOTATION_STATUS == 11);
  if (!galley_database_get_int (db, &n_annotations, error,
                                "SELECT count (*) FROM derived_entity WHERE owner = ?1 AND kind = 5"
                                " AND owner <> 0 AND alive <> 0",
                                "i", number) ||
      !galley_database_get_int (db, &n_resolved, error,
                                "SELECT count (DISTINCT e.number) FROM derived_entity e"
                                " JOIN derived_head h ON h.entity = e.number AND h.field = 11"
                                " WHERE e.owner = ?1 AND e.owner <> 0 AND e.kind = 5"
                                " AND e.alive <> 0 AND h.value = ?2",
                                "ib", number, data, bytes) ||
      !galley_database_get_int (db, &contested, error,
                                "SELECT EXISTS (SELECT 1 FROM derived_contested"
                                "  WHERE entity = ?1 AND state = 2) OR EXISTS (SELECT 1"
                                "  FROM derived_entity x CROSS JOIN derived_contested c"
                                "  ON c.entity = x.number AND c.state = 2"
                                "  WHERE x.owner = ?1 AND x.owner <> 0)",
                                "i", number))
    return FALSE;

  row->n_annotations = n_annotations;
  row->n_open = n_annotations - n_resolved;
  row->contested = contested;
  return TRUE;
}

/**
 * galley_reader_get_item:
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND when there is none, or no longer
 */
GalleyItemRow *
galley_reader_get_item (GalleyReader *self, const GalleyId *id, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GalleyItemRow) row = g_new0 (GalleyItemRow, 1);
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT i.number, p.id, i.name, i.state, i.version, i.updated_us FROM derived_item i"
      " JOIN derived_entity e ON e.number = i.number JOIN project p ON p.number = i.project"
      " WHERE e.id = ?1",
      "n", id);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  gint64 number, version;
  char text[GALLEY_ID_TEXT_SIZE];

  if (stepped == 0)
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                 _ ("There is no item with the id %s."), galley_id_print (id, text));
  if (stepped <= 0)
    return NULL;

  number = sqlite3_column_int64 (query, 0);
  row->id = *id;
  galley_column_id (query, 1, &row->project);
  row->name = galley_column_text (query, 2);
  row->state = galley_column_text (query, 3);
  version = sqlite3_column_int64 (query, 4);
  row->updated_us = sqlite3_column_int64 (query, 5);
  galley_database_done (query);

  return fill_version (self, row, version, error) && fill_counts (self, row, number, error)
             ? g_steal_pointer (&row)
             : NULL;
}

/**
 * galley_reader_get_thumbnail:
 *
 * Returns: (transfer full) (nullable): the encoded picture of the newest version; %NULL without an
 *   error when it has none
 */
GBytes *
galley_reader_get_thumbnail (GalleyReader *self, const GalleyId *item, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GVariant) thumbnail = NULL;
  gint64 version = 0;

  if (!galley_database_get_int (db, &version, error,
                                "SELECT i.version FROM derived_item i JOIN derived_entity e"
                                " ON e.number = i.number WHERE e.id = ?1",
                                "n", item) ||
      !galley_field_get_value (db, version, GALLEY_VERSION_THUMBNAIL, &thumbnail, error))
    return NULL;

  return thumbnail != NULL && g_variant_is_of_type (thumbnail, G_VARIANT_TYPE_BYTESTRING)
             ? g_variant_get_data_as_bytes (thumbnail)
             : NULL;
}
