/* galley-search-table.c: the full-text index: one row an entity, made from its searched fields
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-search-table"

#include "data/galley-search-table.h"

#include "data/galley-change.h"
#include "data/galley-schema.h"

typedef struct
{
  gint64 number;
  gboolean is_new; /* it has no row yet, so there is none to remove */
} DirtyEntity;

struct _GalleySearchTable
{
  GalleyDatabase *db; /* borrowed */
  GHashTable *dirty;  /* number → DirtyEntity (owned) */
  gboolean held;
};

GalleySearchTable *
galley_search_table_new (GalleyDatabase *db)
{
  GalleySearchTable *self = g_new0 (GalleySearchTable, 1);

  self->db = db;
  self->dirty = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  return self;
}

void
galley_search_table_free (GalleySearchTable *self)
{
  g_hash_table_unref (self->dirty);
  g_free (self);
}

void
galley_search_table_forget (GalleySearchTable *self)
{
  g_hash_table_remove_all (self->dirty);
}

/**
 * galley_search_table_mark:
 *
 * Costs nothing until the end of the transaction, and then once however often it was edited.
 */
void
galley_search_table_mark (GalleySearchTable *self, gint64 entity, gboolean is_new)
{
  DirtyEntity *dirty = g_hash_table_lookup (self->dirty, &entity);

  if (dirty != NULL || self->held)
    return;
  dirty = g_new (DirtyEntity, 1);
  dirty->number = entity;
  dirty->is_new = is_new;
  g_hash_table_insert (self->dirty, &dirty->number, dirty);
}

/**
 * galley_search_table_set_held:
 * @held: whether marks are passed over, since everything is indexed later in one go
 */
void
galley_search_table_set_held (GalleySearchTable *self, gboolean held)
{
  self->held = held;
}

static void
append_text (GString *text, const GalleyFieldSpec *spec, const char *element, GVariant *value)
{
  const char *part = NULL;

  if (value == NULL)
    return;
  if (*element != '\0')
    part = element;
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    part = g_variant_get_string (value, NULL);
  if (part == NULL || *part == '\0')
    return;
  if (text->len > 0)
    g_string_append_c (text, '\n');
  g_string_append (text, part);
}

/* All heads of a contested text are found, not only the one in force. */
static gboolean
collect_text (GalleySearchTable *self, gint64 entity, GString *text, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT e.kind, h.field, h.element, h.value FROM derived_entity e"
      " JOIN derived_head h ON h.entity = e.number WHERE e.number = ?1 AND e.alive <> 0",
      "i", entity);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      const GalleyFieldSpec *spec = galley_schema_get_field (sqlite3_column_int (query, 0),
                                                             sqlite3_column_int (query, 1));
      g_autoptr (GVariant) value = NULL;

      if (spec == NULL || !spec->searched)
        continue;
      value = galley_value_from_bytes (sqlite3_column_blob (query, 3),
                                       sqlite3_column_bytes (query, 3));
      append_text (text, spec, (const char *)sqlite3_column_text (query, 2), value);
    }

  return stepped == 0;
}

static gboolean
flush_entity (GalleySearchTable *self, const DirtyEntity *dirty, GString *text, GError **error)
{
  g_string_truncate (text, 0);
  if (!collect_text (self, dirty->number, text, error))
    return FALSE;
  if (!dirty->is_new &&
      !galley_database_run (self->db, error, "DELETE FROM derived_search WHERE rowid = ?1", "i",
                            dirty->number))
    return FALSE;

  return text->len == 0 ||
         galley_database_run (self->db, error,
                              "INSERT INTO derived_search (rowid, text) VALUES (?1, ?2)", "is",
                              dirty->number, text->str);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  const DirtyEntity *first = *(DirtyEntity *const *)a, *second = *(DirtyEntity *const *)b;

  return (first->number > second->number) - (first->number < second->number);
}

static GPtrArray *
list_dirty (GalleySearchTable *self)
{
  GPtrArray *entities = g_ptr_array_sized_new (g_hash_table_size (self->dirty));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->dirty);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (entities, value);
  g_ptr_array_sort (entities, compare_numbers);
  return entities;
}

/* In the order of the rows: FTS5 collects a transaction's words in memory, and writes them out as a
 * segment of its own each time that a row comes before the last one. */
gboolean
galley_search_table_flush (GalleySearchTable *self, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) entities = list_dirty (self);

  for (guint i = 0; i < entities->len; i++)
    if (!flush_entity (self, entities->pdata[i], text, error))
      return FALSE;

  galley_search_table_forget (self);
  return TRUE;
}
