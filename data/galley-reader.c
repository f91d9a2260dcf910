/* galley-reader.c: a read-only look at the database: entities, field by field
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-reader"

#include "data/galley-reader.h"

#include "data/galley-file-store.h"
#include "data/galley-heads.h"
#include "data/galley-store-private.h"
#include "data/galley-tables.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GalleyReader
{
  GalleyDatabase *db;
  GalleyJournal *journal;
  GalleyFileStore *files;
  GalleyId device;
};

/**
 * galley_reader_new:
 * @folder: of the workspace
 * @device: the own one
 */
GalleyReader *
galley_reader_new (const char *folder, const GalleyId *device, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "galley.db", NULL);
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  GalleyDatabase *db = galley_database_open (path, TRUE, error);
  GalleyReader *self;

  if (db == NULL)
    return NULL;

  self = g_new0 (GalleyReader, 1);
  self->db = db;
  self->journal = galley_journal_new (db);
  self->files = galley_file_store_new (files);
  self->device = *device;
  return self;
}

void
galley_reader_free (GalleyReader *self)
{
  galley_journal_free (self->journal);
  galley_database_close (self->db);
  galley_file_store_free (self->files);
  g_free (self);
}

GalleyDatabase *
galley_reader_get_db (GalleyReader *self)
{
  return self->db;
}

GalleyJournal *
galley_reader_get_journal (GalleyReader *self)
{
  return self->journal;
}

/* The one that this workspace was when the reader was opened. */
const GalleyId *
galley_reader_get_device (GalleyReader *self)
{
  return &self->device;
}

/* 0 before this device has made its first change: then nothing is its own. */
gint64
galley_reader_get_own_device (GalleyReader *self)
{
  return galley_journal_get_device (self->journal, &self->device, FALSE, NULL);
}

gboolean
galley_reader_get_person (GalleyReader *self, GalleyId *person, GError **error)
{
  g_autofree char *text = galley_directory_get (self, "person");

  return galley_id_parse (text, person, error);
}

/**
 * galley_reader_path_of_file:
 *
 * Returns: (transfer full): where the bytes are, or will be once they are on this computer
 */
char *
galley_reader_path_of_file (GalleyReader *self, const GalleyHash *file)
{
  return galley_file_store_get_path (self->files, file);
}

/* ── entities ── */

static void
free_field (gpointer data)
{
  GalleyField *field = data;

  g_free (field->element);
  g_clear_pointer (&field->value, g_variant_unref);
  g_clear_pointer (&field->mine, g_variant_unref);
  g_array_unref (field->heads);
  g_free (field);
}

/* Private to the data layer: one with nothing in it. */
GalleyEntity *
galley_entity_new (void)
{
  GalleyEntity *self = g_new0 (GalleyEntity, 1);

  self->fields = g_ptr_array_new_with_free_func (free_field);
  return self;
}

static void
clear_head (gpointer head)
{
  g_clear_pointer (&((GalleyHead *)head)->value, g_variant_unref);
}

/* Private to the data layer: one that has no heads yet. */
GalleyField *
galley_entity_add_field (GalleyEntity *self, guint16 number, const char *element)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (self->kind, number);
  GalleyField *field = g_new0 (GalleyField, 1);

  field->number = number;
  field->name = spec != NULL ? spec->name : NULL;
  field->element = g_strdup (element);
  field->rule = "one";
  field->heads = g_array_new (FALSE, TRUE, sizeof (GalleyHead));
  g_array_set_clear_func (field->heads, clear_head);
  g_ptr_array_add (self->fields, field);
  return field;
}

void
galley_entity_free (GalleyEntity *self)
{
  g_ptr_array_unref (self->fields);
  g_free (self);
}

/**
 * galley_entity_get_field:
 *
 * Returns: (transfer none) (nullable): the field, of a set its first element
 */
const GalleyField *
galley_entity_get_field (const GalleyEntity *self, guint16 number)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      const GalleyField *field = g_ptr_array_index (self->fields, i);

      if (field->number == number)
        return field;
    }

  return NULL;
}

static gboolean
is_shown (const GalleyField *self, const GalleyHead *head)
{
  return self->value != NULL && head->value != NULL && g_variant_equal (head->value, self->value);
}

/**
 * galley_field_list_shown:
 * @self: (nullable): %NULL for one that nobody has written yet
 *
 * An edit of a field in conflict replaces what was shown and leaves the conflict to whoever looks
 * at all of it. What was merged, or is the same on all sides, was seen whole.
 *
 * Returns: (transfer full) (element-type GalleyRef): the heads that whoever saw the value has seen
 */
GArray *
galley_field_list_shown (const GalleyField *self)
{
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (GalleyRef));
  guint n_heads = self != NULL ? self->heads->len : 0, shown = 0;

  if (n_heads == 0)
    return refs;
  if (self->state != GALLEY_STATE_CONFLICT)
    {
      for (guint i = 0; i < n_heads; i++)
        g_array_append_val (refs, g_array_index (self->heads, GalleyHead, i).ref);
      return refs;
    }

  while (shown < n_heads && !is_shown (self, &g_array_index (self->heads, GalleyHead, shown)))
    shown++;
  g_array_append_val (refs,
                      g_array_index (self->heads, GalleyHead, shown < n_heads ? shown : 0).ref);
  return refs;
}

GVariant *
galley_entity_get_value (const GalleyEntity *self, guint16 number)
{
  const GalleyField *field = galley_entity_get_field (self, number);

  return field != NULL ? field->value : NULL;
}

/**
 * galley_entity_get_string:
 *
 * Returns: (transfer none): the field's text; @fallback when it has none
 */
const char *
galley_entity_get_string (const GalleyEntity *self, guint16 number, const char *fallback)
{
  GVariant *value = galley_entity_get_value (self, number);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
             ? g_variant_get_string (value, NULL)
             : fallback;
}

/**
 * galley_entity_get_elements:
 *
 * Returns: (transfer full): the elements that are in the set or the order, never %NULL
 */
char **
galley_entity_get_elements (const GalleyEntity *self, guint16 number)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **elements;

  for (guint i = 0; i < self->fields->len; i++)
    {
      const GalleyField *field = g_ptr_array_index (self->fields, i);

      if (field->number == number && field->value != NULL)
        g_strv_builder_add (builder, field->element);
    }
  elements = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return elements;
}

#define ENTITY_COLUMNS                                                                             \
  "SELECT e.number, e.id, e.kind, e.alive, e.created_us, e.author, p.id, parent.id, owner.id"      \
  " FROM derived_entity e JOIN project p ON p.number = e.project"                                  \
  " LEFT JOIN derived_entity parent ON parent.number = e.parent"                                   \
  " LEFT JOIN derived_entity owner ON owner.number = e.owner"

/* An entity and its number in this database. */
typedef struct
{
  gint64 number;
  GalleyEntity *entity;
} Found;

static Found
read_entity_row (sqlite3_stmt *query)
{
  Found found = { sqlite3_column_int64 (query, 0), galley_entity_new () };

  galley_column_id (query, 1, &found.entity->id);
  found.entity->kind = sqlite3_column_int (query, 2);
  found.entity->alive = sqlite3_column_int (query, 3) != 0;
  found.entity->created_us = found.entity->updated_us = sqlite3_column_int64 (query, 4);
  galley_column_id (query, 5, &found.entity->author);
  galley_column_id (query, 6, &found.entity->project);
  galley_column_id (query, 7, &found.entity->parent);
  galley_column_id (query, 8, &found.entity->owner);
  if (found.entity->kind == GALLEY_KIND_ITEM)
    found.entity->owner = found.entity->id;
  return found;
}

/* The heads of all fields, in the order of the table's key. Actors and positions are not looked up
 * here: only a contested field needs them. */
static gboolean
read_fields (GalleyReader *self, const Found *found, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT h.field, h.element, d.id, h.seq, h.hlc, h.value FROM derived_head h"
      " JOIN device d ON d.number = h.device WHERE h.entity = ?1",
      "i", found->number);
  GalleyField *field = NULL;
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      guint16 number = sqlite3_column_int (query, 0);
      const char *element = (const char *)sqlite3_column_text (query, 1);
      GalleyHead head = { .hlc = sqlite3_column_int64 (query, 4) };

      if (field == NULL || field->number != number || !g_str_equal (field->element, element))
        field = galley_entity_add_field (found->entity, number, element);
      galley_column_id (query, 2, &head.ref.device);
      head.ref.seq = sqlite3_column_int64 (query, 3);
      head.value = galley_value_from_bytes (sqlite3_column_blob (query, 5),
                                            sqlite3_column_bytes (query, 5));
      if (field->heads->len == 0)
        field->value = head.value != NULL ? g_variant_ref (head.value) : NULL;
      g_array_append_val (field->heads, head);
      found->entity->updated_us = MAX (found->entity->updated_us, (gint64)(head.hlc >> 16) * 1000);
    }

  return stepped == 0;
}

static int
compare_heads (gconstpointer a, gconstpointer b)
{
  const GalleyHead *x = a, *y = b;
  guint64 px = x->position != 0 ? x->position : G_MAXUINT64;
  guint64 py = y->position != 0 ? y->position : G_MAXUINT64;

  return px != py ? (px < py ? -1 : 1) : galley_id_compare (&x->ref.device, &y->ref.device);
}

static gboolean
fill_contested (
    GalleyReader *self, const Found *found, GalleyField *field, GVariant *value, GError **error)
{
  GArray *heads = galley_heads_list (self->journal, found->number, field->number, field->element,
                                     error);

  if (heads == NULL)
    return FALSE;

  g_array_sort (heads, compare_heads);
  g_array_unref (field->heads);
  field->heads = heads;
  g_clear_pointer (&field->value, g_variant_unref);
  field->value = value != NULL ? g_variant_ref (value) : NULL;
  for (guint i = 0; i < heads->len; i++)
    {
      const GalleyHead *head = &g_array_index (heads, GalleyHead, i);

      /* Nobody's own edit disappears before somebody who saw it replaces it. */
      if (galley_id_equal (&head->ref.device, &self->device) && head->value != NULL &&
          (value == NULL || !g_variant_equal (head->value, value)))
        field->mine = g_variant_ref (head->value);
    }

  return TRUE;
}

static GalleyField *
find_field (GalleyEntity *entity, guint16 number, const char *element)
{
  for (guint i = 0; i < entity->fields->len; i++)
    {
      GalleyField *field = g_ptr_array_index (entity->fields, i);

      if (field->number == number && g_str_equal (field->element, element))
        return field;
    }

  return NULL;
}

static gboolean
read_contested (GalleyReader *self, const Found *found, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT field, element, state, rule, value FROM "
                                               "derived_contested WHERE entity = ?1",
                                               "i", found->number);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyField *field = find_field (found->entity, sqlite3_column_int (query, 0),
                                       (const char *)sqlite3_column_text (query, 1));
      g_autoptr (GVariant) value = galley_value_from_bytes (sqlite3_column_blob (query, 4),
                                                            sqlite3_column_bytes (query, 4));

      if (field == NULL)
        continue;
      field->state = sqlite3_column_int (query, 2);
      field->rule = galley_merge_rule_intern ((const char *)sqlite3_column_text (query, 3));
      found->entity->contested |= field->state == GALLEY_STATE_CONFLICT;
      if (!fill_contested (self, found, field, value, error))
        {
          galley_database_done (query);
          return FALSE;
        }
    }

  return stepped == 0;
}

static gboolean
list_found (GalleyReader *self, sqlite3_stmt *query, GArray *list, GError **error)
{
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      Found found = read_entity_row (query);

      g_array_append_val (list, found);
    }

  return stepped == 0;
}

static GPtrArray *
read_entities (GalleyReader *self, sqlite3_stmt *query, GError **error)
{
  g_autoptr (GPtrArray)
      entities = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_entity_free);
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Found));
  gboolean read = list_found (self, query, list, error);

  for (guint i = 0; i < list->len; i++)
    g_ptr_array_add (entities, g_array_index (list, Found, i).entity);
  for (guint i = 0; read && i < list->len; i++)
    read = read_fields (self, &g_array_index (list, Found, i), error) &&
           read_contested (self, &g_array_index (list, Found, i), error);

  return read ? g_steal_pointer (&entities) : NULL;
}

static void
not_found (const GalleyId *id, GError **error)
{
  char text[GALLEY_ID_TEXT_SIZE];

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
               _ ("There is nothing with the id %s."), galley_id_print (id, text));
}

/**
 * galley_reader_get_entity:
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND
 *
 * Returns: (transfer full) (nullable): the entity, also when it was deleted: see its @alive
 */
GalleyEntity *
galley_reader_get_entity (GalleyReader *self, const GalleyId *id, GError **error)
{
  g_autoptr (GPtrArray) entities =
      read_entities (self,
                     galley_database_query (self->db, error,
                                            ENTITY_COLUMNS " WHERE e.id = ?1 ORDER BY e.number",
                                            "n", id),
                     error);

  if (entities == NULL)
    return NULL;
  if (entities->len == 0)
    {
      not_found (id, error);
      return NULL;
    }

  return g_ptr_array_steal_index (entities, 0);
}

/**
 * galley_reader_get_bare_entity:
 *
 * As galley_reader_get_entity(), without any field, which is far less to read: what the thing is,
 * where it belongs and whether it is there. @contested and @updated_us are not looked up.
 */
GalleyEntity *
galley_reader_get_bare_entity (GalleyReader *self, const GalleyId *id, GError **error)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (Found));

  if (!list_found (self,
                   galley_database_query (self->db, error,
                                          ENTITY_COLUMNS
                                          " WHERE e.id = ?1 ORDER BY e.number LIMIT 1",
                                          "n", id),
                   list, error))
    return NULL;
  if (list->len == 0)
    {
      not_found (id, error);
      return NULL;
    }

  return g_array_index (list, Found, 0).entity;
}

/**
 * galley_reader_list_children:
 * @kind: which of its parts; only an item and an annotation have any
 *
 * Returns: (transfer full) (element-type GalleyEntity): those that are there, in the order in which
 *   they were made
 */
GPtrArray *
galley_reader_list_children (GalleyReader *self,
                             const GalleyId *parent,
                             guint8 kind,
                             GError **error)
{
  return read_entities (
      self,
      galley_database_query (self->db, error,
                             ENTITY_COLUMNS
                             " JOIN derived_entity top ON top.id = ?1"
                             " WHERE e.owner = CASE top.owner WHEN 0 THEN top.number ELSE top.owner"
                             " END AND e.owner <> 0 AND e.kind = ?2 AND e.parent = top.number"
                             " AND e.alive <> 0 ORDER BY e.created_us, e.id",
                             "ni", parent, (gint64)kind),
      error);
}

/**
 * galley_reader_list_remarks:
 * @entity: what people disagree about
 *
 * Returns: (transfer full) (element-type GalleyEntity): what was said about that, oldest first
 */
GPtrArray *
galley_reader_list_remarks (GalleyReader *self, const GalleyId *entity, GError **error)
{
  return read_entities (self,
                        galley_database_query (self->db, error,
                                               ENTITY_COLUMNS
                                               " WHERE e.kind = " GALLEY_REMARK_IN_SQL
                                               " AND e.parent = (SELECT number FROM derived_entity "
                                               "WHERE id = ?1)"
                                               " AND e.alive <> 0 ORDER BY e.created_us, e.id",
                                               "n", entity),
                        error);
}

GPtrArray *
galley_reader_list_owned (GalleyReader *self, const GalleyId *item, GError **error)
{
  return read_entities (
      self,
      galley_database_query (self->db, error,
                             ENTITY_COLUMNS
                             " WHERE e.owner = (SELECT number FROM derived_entity WHERE id = ?1)"
                             " AND e.owner <> 0 AND e.alive <> 0 ORDER BY e.created_us, e.id",
                             "n", item),
      error);
}

/**
 * galley_reader_list_tips:
 *
 * Returns: (transfer full) (element-type GalleyRef): of the project; empty when it is not known
 */
GArray *
galley_reader_list_tips (GalleyReader *self, const GalleyId *project, GError **error)
{
  gint64 number;

  if (!galley_journal_find_project (self->journal, project, &number, error))
    return NULL;

  return galley_journal_list_tips (self->journal, number, error);
}

/**
 * galley_reader_list_kind:
 * @kind: one that belongs to no item: project, member, item, playlist, saved view
 */
GPtrArray *
galley_reader_list_kind (GalleyReader *self, const GalleyId *project, guint8 kind, GError **error)
{
  return read_entities (self,
                        galley_database_query (self->db, error,
                                               ENTITY_COLUMNS
                                               " WHERE e.project = (SELECT number FROM project "
                                               "WHERE id = ?1)"
                                               " AND e.owner = 0 AND e.kind = ?2 AND e.alive <> 0"
                                               " ORDER BY e.created_us, e.id",
                                               "ni", project, (gint64)kind),
                        error);
}
