/* galley-reader-audit.c: conflicts, the journal, health: what happened, why, and is it safe
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-reader"

#include "data/galley-divergence.h"
#include "data/galley-heads.h"
#include "data/galley-item-table.h"
#include "data/galley-journal-cursor.h"
#include "data/galley-quarantine.h"
#include "data/galley-reader.h"
#include "data/galley-store-private.h"
#include "data/galley-tables.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
galley_conflict_row_free (GalleyConflictRow *row)
{
  g_free (row->title);
  g_free (row);
}

void
galley_conflict_field_free (GalleyConflictField *field)
{
  g_free (field->element);
  g_clear_pointer (&field->shown, g_variant_unref);
  g_clear_pointer (&field->base, g_variant_unref);
  g_clear_pointer (&field->heads, g_array_unref);
  g_clear_pointer (&field->tips, g_array_unref);
  g_free (field);
}

void
galley_journal_row_free (GalleyJournalRow *row)
{
  g_clear_pointer (&row->change, galley_change_unref);
  g_free (row->refused);
  g_free (row);
}

/* ── conflicts ── */

/* The item's name; for what belongs to no item its own, field 2 in every such kind. */
static gboolean
fill_title (GalleyReader *self, GalleyConflictRow *row, gint64 item, gint64 entity, GError **error)
{
  g_autoptr (GVariant) name = NULL;

  if (!galley_field_get_value (galley_reader_get_db (self), item != 0 ? item : entity,
                               GALLEY_ITEM_NAME, &name, error))
    return FALSE;

  row->title = g_strdup (name != NULL && g_variant_is_of_type (name, G_VARIANT_TYPE_STRING)
                             ? g_variant_get_string (name, NULL)
                             : "");
  return TRUE;
}

/**
 * galley_reader_list_conflicts:
 * @project: (nullable): in which; %NULL for all
 *
 * Returns: (transfer full) (element-type GalleyConflictRow): one an entity, oldest first
 */
GPtrArray *
galley_reader_list_conflicts (GalleyReader *self, const GalleyId *project, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GPtrArray)
      rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_conflict_row_free);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  GalleyId me = { 0 };
  char me_text[GALLEY_ID_TEXT_SIZE];
  gboolean known = galley_reader_get_person (self, &me, NULL);
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT e.number, CASE e.kind WHEN 3 THEN e.number ELSE e.owner END, e.id, p.id,"
      " ifnull (o.id, CASE e.kind WHEN 3 THEN e.id END), e.kind, count (*), min (c.since_us),"
      " ifnull ((SELECT until_us FROM put_off WHERE entity = e.id), 0),"
      " (SELECT count (*) FROM derived_entity r WHERE r.kind = " GALLEY_REMARK_IN_SQL
      "  AND r.parent = e.number AND r.alive <> 0),"
      " EXISTS (SELECT 1 FROM derived_entity r JOIN derived_head h ON h.entity = r.number"
      "  WHERE r.kind = " GALLEY_REMARK_IN_SQL " AND r.parent = e.number AND r.alive <> 0"
      "  AND h.field = ?2 AND h.element = ?3 AND h.value IS NOT NULL)"
      " FROM derived_contested c JOIN derived_entity e ON e.number = c.entity"
      " JOIN project p ON p.number = e.project LEFT JOIN derived_entity o ON o.number = e.owner"
      " WHERE c.state = 2 AND (?1 IS NULL OR p.id = ?1)"
      " GROUP BY e.number ORDER BY min (c.since_us), e.id",
      "bis", project, project != NULL ? sizeof *project : (gsize)0, (gint64)GALLEY_REMARK_ASKED,
      known ? galley_id_print (&me, me_text) : "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyConflictRow *row = g_new0 (GalleyConflictRow, 1);
      gint64 pair[] = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1) };

      galley_column_id (query, 2, &row->entity);
      galley_column_id (query, 3, &row->project);
      galley_column_id (query, 4, &row->item);
      row->kind = sqlite3_column_int (query, 5);
      row->n_fields = sqlite3_column_int (query, 6);
      row->since_us = sqlite3_column_int64 (query, 7);
      row->put_off_us = sqlite3_column_int64 (query, 8);
      row->n_remarks = sqlite3_column_int (query, 9);
      row->asked = sqlite3_column_int (query, 10);
      g_ptr_array_add (rows, row);
      g_array_append_vals (numbers, pair, 2);
    }

  for (guint i = 0; stepped == 0 && i < rows->len; i++)
    if (!fill_title (self, g_ptr_array_index (rows, i), g_array_index (numbers, gint64, 2 * i + 1),
                     g_array_index (numbers, gint64, 2 * i), error))
      return NULL;

  return stepped == 0 ? g_steal_pointer (&rows) : NULL;
}

static gboolean
has_delete (const GArray *heads)
{
  for (guint i = 0; i < heads->len; i++)
    {
      const GalleyHead *head = &g_array_index (heads, GalleyHead, i);
      gboolean alive = TRUE;

      if (head->value != NULL && g_variant_is_of_type (head->value, G_VARIANT_TYPE ("(ba(ayt))")))
        g_variant_get_child (head->value, 0, "b", &alive);
      if (!alive)
        return TRUE;
    }

  return FALSE;
}

static gboolean
fill_conflict_field (GalleyReader *self,
                     GalleyConflictField *field,
                     gint64 project,
                     gint64 number,
                     const GalleyId *entity,
                     GError **error)
{
  GalleyBase base = { 0 };
  g_autofree GalleyRef *refs = NULL;

  /* Before the heads: what comes in between counts as not shown. */
  if (field->field == GALLEY_F_ALIVE &&
      (field->tips = galley_journal_list_tips (galley_reader_get_journal (self), project, error)) ==
          NULL)
    return FALSE;
  field->heads = galley_heads_list (galley_reader_get_journal (self), number, field->field,
                                    field->element, error);
  if (field->heads == NULL ||
      !galley_heads_complete (galley_reader_get_journal (self), project, field->heads, error))
    return FALSE;

  refs = g_new (GalleyRef, MAX (field->heads->len, 1));
  for (guint i = 0; i < field->heads->len; i++)
    refs[i] = g_array_index (field->heads, GalleyHead, i).ref;
  if (field->heads->len > 1 &&
      !galley_journal_find_base (galley_reader_get_journal (self), project, entity, field->field,
                                 field->element, refs, field->heads->len, NULL, &base, error))
    return FALSE;

  field->settled_apart = field->state == GALLEY_STATE_CONFLICT && base.n_settling > 1;
  field->base_known = base.known;
  field->base_ref = base.ref;
  field->base = base.value;
  field->delete_against_edit = field->field == GALLEY_F_ALIVE && has_delete (field->heads);
  return TRUE;
}

/**
 * galley_reader_get_conflict:
 *
 * Returns: (transfer full) (element-type GalleyConflictField): the fields of the entity that have
 *   more than one head, merged by rule or contested, by number; empty when there are none
 */
GPtrArray *
galley_reader_get_conflict (GalleyReader *self, const GalleyId *entity, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GPtrArray)
      fields = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_conflict_field_free);
  gint64 number = 0, project = 0;
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT e.number, e.project, c.field, c.element, c.state, c.rule, c.value"
      " FROM derived_contested c JOIN derived_entity e ON e.number = c.entity WHERE e.id = ?1",
      "n", entity);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyConflictField *field = g_new0 (GalleyConflictField, 1);

      number = sqlite3_column_int64 (query, 0);
      project = sqlite3_column_int64 (query, 1);
      field->field = sqlite3_column_int (query, 2);
      field->element = galley_column_text (query, 3);
      field->state = sqlite3_column_int (query, 4);
      field->rule = galley_merge_rule_intern ((const char *)sqlite3_column_text (query, 5));
      field->shown = galley_value_from_bytes (sqlite3_column_blob (query, 6),
                                              sqlite3_column_bytes (query, 6));
      g_ptr_array_add (fields, field);
    }

  for (guint i = 0; stepped == 0 && i < fields->len; i++)
    if (!fill_conflict_field (self, g_ptr_array_index (fields, i), project, number, entity, error))
      return NULL;

  return stepped == 0 ? g_steal_pointer (&fields) : NULL;
}

/* ── journal ── */

static GalleyJournalRow *
read_journal_row (const GalleyJournalItem *item, GError **error)
{
  g_autoptr (GalleyChange) change = galley_journal_item_read (item, error);
  GalleyJournalRow *row;

  if (change == NULL)
    return NULL;

  row = g_new0 (GalleyJournalRow, 1);
  row->change = g_steal_pointer (&change);
  row->lsn = item->lsn;
  row->position = item->position;
  row->refused = item->refused != NULL ? g_strdup (galley_error_translate (item->refused)) : NULL;
  return row;
}

static gboolean
is_asked_for (const GalleyJournalFilter *filter, GHashTable *entities, const GalleyEdit *edit)
{
  return g_hash_table_contains (entities, &edit->entity) &&
         (filter->field == NULL || edit->field == *filter->field) &&
         (filter->element == NULL || g_str_equal (edit->element, filter->element));
}

static gboolean
is_by_one_of (GalleyChange *change, const GArray *persons)
{
  const GalleyId *actor = &galley_change_get_header (change)->actor;

  for (guint i = 0; persons != NULL && i < persons->len; i++)
    if (galley_id_equal (&g_array_index (persons, GalleyId, i), actor))
      return TRUE;

  return persons == NULL;
}

static gboolean
speaks_of (GalleyChange *change, const GalleyJournalFilter *filter, GHashTable *entities)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    if (is_asked_for (filter, entities, galley_change_get_edit (change, i)))
      return TRUE;

  return FALSE;
}

/* The entity and, for an item of which all is asked for, what belongs to it. */
static gboolean
collect_entities (GalleyReader *self,
                  const GalleyJournalFilter *filter,
                  GHashTable *entities,
                  GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT id FROM derived_entity WHERE id = ?1 UNION ALL SELECT id FROM derived_entity"
      " WHERE ?2 AND owner <> 0 AND owner = (SELECT number FROM derived_entity WHERE id = ?1)",
      "ni", filter->entity, (gint64)(filter->field == NULL));
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId *id = g_new (GalleyId, 1);

      galley_column_id (query, 0, id);
      g_hash_table_add (entities, id);
    }

  return stepped == 0;
}

/* The changes that the entities' heads lead back to: all that ever set a field of theirs, since a
 * value leaves the heads only by being superseded. Refused ones have left; they are on their own
 * list. */
static gboolean
collect_refs (GalleyReader *self,
              const GalleyJournalFilter *filter,
              GHashTable *entities,
              GHashTable *refs,
              GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, entities);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      sqlite3_stmt *query = galley_database_query (
          db, error,
          "SELECT DISTINCT d.id, h.seq FROM derived_head h JOIN device d ON d.number = h.device"
          " WHERE h.entity = (SELECT number FROM derived_entity WHERE id = ?1)"
          " AND ?2 IN (-1, h.field)",
          "ni", id, filter->field != NULL ? (gint64)*filter->field : -1);
      int stepped = query != NULL ? 1 : -1;

      while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
        {
          GalleyRef *ref = g_new (GalleyRef, 1);

          galley_column_id (query, 0, &ref->device);
          ref->seq = sqlite3_column_int64 (query, 1);
          g_hash_table_add (refs, ref);
        }
      if (stepped < 0)
        return FALSE;
    }

  return TRUE;
}

static gint64
project_of (GalleyReader *self, const GalleyId *entity)
{
  gint64 project = 0;

  galley_database_get_int (galley_reader_get_db (self), &project, NULL,
                           "SELECT project FROM derived_entity WHERE id = ?1", "n", entity);
  return project;
}

static int
compare_journal_rows (gconstpointer a, gconstpointer b)
{
  const GalleyJournalRow *x = *(GalleyJournalRow *const *)a, *y = *(GalleyJournalRow *const *)b;

  return x->lsn < y->lsn ? 1 : x->lsn > y->lsn ? -1 : 0;
}

static char *
find_refusal (GalleyReader *self, gint64 project, const GalleyRef *ref)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  sqlite3_stmt *query =
      galley_database_query (db, NULL,
                             "SELECT message FROM refusal WHERE project = ?1"
                             " AND device = (SELECT number FROM device WHERE id = ?2) AND seq = ?3",
                             "ini", project, &ref->device, (gint64)ref->seq);
  char *message = NULL;

  if (query != NULL && galley_database_step (db, query, NULL) > 0)
    {
      message = g_strdup (galley_error_translate ((const char *)sqlite3_column_text (query, 0)));
      galley_database_done (query);
    }

  return message;
}

/* NULL without an error when there is no such change. */
static GalleyJournalRow *
load_row (GalleyReader *self, gint64 project, const GalleyRef *ref, GError **error)
{
  GalleyJournalEntry entry;
  GalleyJournalRow *row;

  if (!galley_journal_load (galley_reader_get_journal (self), project, ref, &entry, error) ||
      entry.change == NULL)
    return NULL;

  row = g_new0 (GalleyJournalRow, 1);
  row->change = entry.change;
  row->lsn = entry.lsn;
  row->position = entry.position;
  row->refused = entry.refused ? find_refusal (self, project, ref) : NULL;
  return row;
}

/* A walk from the heads back through all that they replaced. */
typedef struct
{
  GalleyReader *reader;
  const GalleyJournalFilter *filter;
  gint64 project;
  GHashTable *entities; /* GalleyId */
  GHashTable *met;      /* GalleyRef (owned) */
  GPtrArray *todo;      /* of GalleyRef, of @met */
  GPtrArray *rows;      /* of GalleyJournalRow */
} HistoryWalk;

static void
follow_back (HistoryWalk *walk, GalleyChange *change)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      for (guint s = 0; is_asked_for (walk->filter, walk->entities, edit) && s < edit->n_supersedes;
           s++)
        if (!g_hash_table_contains (walk->met, &edit->supersedes[s]))
          {
            GalleyRef *ref = g_memdup2 (&edit->supersedes[s], sizeof (GalleyRef));

            g_hash_table_add (walk->met, ref);
            g_ptr_array_add (walk->todo, ref);
          }
    }
}

static int
compare_refs (gconstpointer a, gconstpointer b)
{
  const GalleyRef *x = *(GalleyRef *const *)a, *y = *(GalleyRef *const *)b;
  int devices = galley_id_compare (&x->device, &y->device);

  return devices != 0 ? devices : x->seq < y->seq ? -1 : x->seq > y->seq ? 1 : 0;
}

static gboolean
visit (HistoryWalk *walk, const GalleyRef *ref, GError **error)
{
  const GalleyJournalFilter *filter = walk->filter;
  g_autoptr (GError) local = NULL;
  GalleyJournalRow *row = load_row (walk->reader, walk->project, ref, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (row == NULL)
    return TRUE;

  follow_back (walk, row->change);
  if (speaks_of (row->change, filter, walk->entities) &&
      is_by_one_of (row->change, filter->persons) && row->position >= filter->since_position &&
      (filter->before_lsn == 0 || row->lsn < filter->before_lsn))
    g_ptr_array_add (walk->rows, row);
  else
    galley_journal_row_free (row);
  return TRUE;
}

/* Wave by wave, each in the order in which changes stand in segments, so that each of those is
 * unpacked once a wave and not once a change. */
static gboolean
walk_back (HistoryWalk *walk, GError **error)
{
  while (walk->todo->len > 0)
    {
      g_autoptr (GPtrArray) wave = g_steal_pointer (&walk->todo);

      walk->todo = g_ptr_array_new ();
      g_ptr_array_sort (wave, compare_refs);
      for (guint i = 0; i < wave->len; i++)
        if (!visit (walk, g_ptr_array_index (wave, i), error))
          return FALSE;
    }

  return TRUE;
}

static GPtrArray *
list_journal_of_entity (GalleyReader *self, const GalleyJournalFilter *filter, GError **error)
{
  g_autoptr (GHashTable)
      entities = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  g_autoptr (GHashTable)
      met = g_hash_table_new_full (galley_ref_hash, galley_ref_equal, g_free, NULL);
  g_autoptr (GPtrArray)
      rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_journal_row_free);
  HistoryWalk walk = { self,     filter, project_of (self, filter->entity),
                       entities, met,    g_ptr_array_new (),
                       rows };
  guint limit = filter->limit != 0 ? filter->limit : 100;
  GHashTableIter iter;
  gpointer ref;
  gboolean walked;

  walked = collect_entities (self, filter, entities, error) &&
           collect_refs (self, filter, entities, met, error);
  g_hash_table_iter_init (&iter, met);
  while (walked && g_hash_table_iter_next (&iter, &ref, NULL))
    g_ptr_array_add (walk.todo, ref);
  walked = walked && walk_back (&walk, error);
  g_ptr_array_unref (walk.todo);
  if (!walked)
    return NULL;

  g_ptr_array_sort (rows, compare_journal_rows);
  if (rows->len > limit)
    g_ptr_array_set_size (rows, limit);
  return g_steal_pointer (&rows);
}

static gboolean
passes (const GalleyJournalItem *item, const GalleyJournalFilter *filter)
{
  return filter->since_position == 0 || item->position > filter->since_position;
}

/**
 * galley_reader_list_journal:
 *
 * Returns: (transfer full) (element-type GalleyJournalRow): newest first
 */
GPtrArray *
galley_reader_list_journal (GalleyReader *self, const GalleyJournalFilter *filter, GError **error)
{
  GalleyJournal *journal = galley_reader_get_journal (self);
  g_autoptr (GPtrArray)
      rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_journal_row_free);
  g_autoptr (GalleyJournalCursor) cursor = NULL;
  guint limit = filter->limit != 0 ? filter->limit : 100;
  gint64 project = 0;
  GalleyJournalItem item;
  int stepped = 1;

  if (filter->entity != NULL)
    return list_journal_of_entity (self, filter, error);
  if (filter->project != NULL &&
      !galley_journal_find_project (journal, filter->project, &project, error))
    return NULL;
  if (filter->project != NULL && project == 0)
    return g_steal_pointer (&rows);

  cursor = galley_journal_cursor_new (galley_reader_get_db (self),
                                      galley_journal_get_segments (journal), project,
                                      GALLEY_JOURNAL_NEWEST_FIRST, filter->before_lsn, error);
  if (cursor == NULL)
    return NULL;
  while (rows->len < limit && (stepped = galley_journal_cursor_next (cursor, &item, error)) > 0)
    {
      g_autoptr (GalleyJournalRow) row = NULL;

      if (!passes (&item, filter))
        continue;
      row = read_journal_row (&item, error);
      if (row == NULL)
        return NULL;
      if (is_by_one_of (row->change, filter->persons))
        g_ptr_array_add (rows, g_steal_pointer (&row));
    }

  return stepped >= 0 ? g_steal_pointer (&rows) : NULL;
}

/* A change that a snapshot stands for, and that has not been fetched. */
static GalleyJournalRow *
not_here (GalleyReader *self, const GalleyRef *ref, GError **error)
{
  g_autofree char *text = galley_ref_to_string (ref);
  gint64 older = 0;

  if (!galley_database_get_int (galley_reader_get_db (self), &older, error,
                                "SELECT 1 FROM snapshot_tip t JOIN device d ON d.number = t.device"
                                " JOIN snapshot s ON s.project = t.project AND s.ready = 1"
                                " WHERE d.id = ?1 AND t.seq >= ?2",
                                "ni", &ref->device, (gint64)ref->seq))
    return NULL;
  if (older)
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_HERE_YET,
                 _ ("The change %s is older than what is on this computer. The history of its "
                    "project comes with the next sync."),
                 text);
  else
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                 _ ("There is no change “%.80s” in the journal."), text);

  return NULL;
}

static GalleyJournalRow *
not_found (const char *text, GError **error)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
               _ ("There is no change “%.80s” in the journal."), text);
  return NULL;
}

GalleyJournalRow *
galley_reader_get_change (GalleyReader *self,
                          const GalleyId *project,
                          const GalleyRef *ref,
                          GError **error)
{
  gint64 number = galley_journal_get_project (galley_reader_get_journal (self), project, FALSE,
                                              NULL);
  g_autoptr (GError) local = NULL;
  GalleyJournalRow *row = load_row (self, number, ref, &local);

  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (row == NULL)
    not_here (self, ref, error);

  return row;
}

/* Hashes are not stored of live changes: they follow from the bytes. A person asks this rarely. */
static GalleyJournalRow *
find_live_by_hash (GalleyReader *self, const char *prefix, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT c.lsn, c.project, ifnull (c.position, 0), c.bytes, r.message FROM change c"
      " LEFT JOIN refusal r ON r.project = c.project AND r.device = c.device AND r.seq = c.seq"
      " ORDER BY c.lsn DESC",
      "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyJournalItem item = {
        .lsn = sqlite3_column_int64 (query, 0),
        .position = sqlite3_column_int64 (query, 2),
        .data = sqlite3_column_blob (query, 3),
        .bytes = sqlite3_column_bytes (query, 3),
        .refused = (const char *)sqlite3_column_text (query, 4),
      };
      g_autoptr (GalleyJournalRow) row = read_journal_row (&item, NULL);
      char text[GALLEY_HASH_TEXT_SIZE];

      if (row != NULL &&
          g_str_has_prefix (galley_hash_print (galley_change_get_hash (row->change), text), prefix))
        {
          galley_database_done (query);
          return g_steal_pointer (&row);
        }
    }

  return NULL;
}

static GalleyJournalRow *
find_by_hash (GalleyReader *self, const char *prefix, GError **error)
{
  GalleySegmentTable *segments = galley_journal_get_segments (galley_reader_get_journal (self));
  g_autoptr (GError) local = NULL;
  GalleyJournalRow *row;
  g_auto (GalleySegmentHit) hit = { 0 };
  gint64 project;

  if (!galley_segment_table_find_hash (segments, prefix, &project, &hit, error))
    return NULL;
  if (hit.record != NULL)
    return load_row (self, project, &hit.record->ref, error);

  row = find_live_by_hash (self, prefix, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }

  return row != NULL ? row : not_found (prefix, error);
}

/**
 * galley_reader_find_change:
 * @text: DEVICE.NUMBER, or at least 8 digits of the change's hash
 */
GalleyJournalRow *
galley_reader_find_change (GalleyReader *self, const char *text, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GArray) projects = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GError) local = NULL;
  GalleyJournalRow *row = NULL;
  sqlite3_stmt *query;
  GalleyRef ref;

  if (!galley_ref_parse (text, &ref, NULL))
    return strlen (text) >= 8 ? find_by_hash (self, text, error) : not_found (text, error);

  query = galley_database_query (db, error, "SELECT number FROM project", "");
  while (query != NULL && galley_database_step (db, query, error) > 0)
    {
      gint64 number = sqlite3_column_int64 (query, 0);

      g_array_append_val (projects, number);
    }
  for (guint i = 0; i < projects->len && row == NULL && local == NULL; i++)
    row = load_row (self, g_array_index (projects, gint64, i), &ref, &local);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (row == NULL)
    not_here (self, &ref, error);

  return row;
}

/* ── health ── */

static gboolean
count (GalleyReader *self, guint64 *into, const char *sql, GError **error)
{
  gint64 value = 0;

  if (!galley_database_get_int (galley_reader_get_db (self), &value, error, sql, ""))
    return FALSE;

  *into += value;
  return TRUE;
}

static gint64
get_number (GalleyReader *self, const char *key)
{
  g_autofree char *text = galley_directory_get (self, key);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

/* What came of others by hand is not this device's to answer for. */
static gboolean
count_unsent (GalleyReader *self, guint64 *n_unsent, GError **error)
{
  gint64 found = 0;

  if (!galley_database_get_int (galley_reader_get_db (self), &found, error,
                                "SELECT count (*) FROM change c WHERE c.device = ?1"
                                " AND c.position IS NULL AND NOT EXISTS (SELECT 1 FROM refusal r"
                                "  WHERE r.project = c.project AND r.device = c.device"
                                "  AND r.seq = c.seq)",
                                "i", galley_reader_get_own_device (self)))
    return FALSE;

  *n_unsent = found;
  return TRUE;
}

/**
 * galley_reader_is_connected:
 *
 * Returns: whether there is a server
 */
gboolean
galley_reader_is_connected (GalleyReader *self)
{
  g_autofree char *server = galley_directory_get (self, "server_url");

  return server != NULL;
}

gboolean
galley_reader_get_last_lsn (GalleyReader *self, gint64 *lsn, GError **error)
{
  return galley_journal_read_last_lsn (galley_reader_get_db (self), lsn, error);
}

/**
 * galley_reader_count_conflicts:
 * @n_conflicts: (out): entities with a field that a person must look at, in all projects
 */
gboolean
galley_reader_count_conflicts (GalleyReader *self, guint64 *n_conflicts, GError **error)
{
  *n_conflicts = 0;
  return count (self, n_conflicts,
                "SELECT count (DISTINCT entity) FROM derived_contested WHERE state = 2", error);
}

static gboolean
count_work (GalleyReader *self, GalleyStatus *status, GError **error)
{
  return count_unsent (self, &status->unsent, error) &&
         count (self, &status->waiting_bytes,
                "SELECT ifnull (sum (length (c.bytes)), 0) FROM change c WHERE c.position IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM refusal r WHERE r.project = c.project"
                "  AND r.device = c.device AND r.seq = c.seq)",
                error) &&
         /* As galley_outbox_files_to_upload() has it: files of what is deleted stay here. */
         count (self, &status->waiting_bytes,
                "SELECT ifnull (sum (size_bytes), 0) FROM (SELECT u.size_bytes"
                " FROM derived_file_use u JOIN file f ON f.hash = u.hash"
                " JOIN derived_entity v ON v.number = u.version"
                " WHERE v.alive <> 0 AND f.here = 1 AND NOT EXISTS"
                " (SELECT 1 FROM upload x WHERE x.project = v.project AND x.hash = u.hash)"
                " GROUP BY v.project, u.hash)",
                error) &&
         galley_reader_count_conflicts (self, &status->conflicts, error) &&
         galley_quarantine_count (self, NULL, &status->needs_attention, error) &&
         count (self, &status->needs_attention,
                /* Whoever signs in again has seen to all that waits for it. */
                "SELECT count (*) FILTER (WHERE state = 'failed' OR waiting_for = 'person')"
                " + max (0, max (state = 'waiting' AND waiting_for = 'sign-in')) FROM job"
                " WHERE state = 'failed' OR state = 'waiting'",
                error);
}

/**
 * galley_reader_get_status:
 * @status: (out caller-allocates): is my work safe, and what is stuck
 *
 * Looks at all that waits to be sent: for who asks, not for what follows each edit.
 */
gboolean
galley_reader_get_status (GalleyReader *self, GalleyStatus *status, GError **error)
{
  g_autoptr (GArray) divergences = galley_divergence_list (self, error);

  if (divergences == NULL)
    return FALSE;

  memset (status, 0, sizeof *status);
  status->connected = galley_reader_is_connected (self);
  status->offline = get_number (self, "offline") != 0;
  status->paused = get_number (self, "paused") != 0;
  status->offline_since_us = get_number (self, "offline_since_us");
  status->last_synced_us = get_number (self, "last_synced_us");
  status->differing = divergences->len;

  if (!count_work (self, status, error))
    return FALSE;

  status->needs_attention += divergences->len;
  return TRUE;
}

/**
 * galley_reader_get_digest:
 * @digest: (out caller-allocates): of all heads: equal digests are the same state
 * @position: (out): up to where the server's stream has been applied
 * @unsent: (out): own changes that the server has not accepted
 */
gboolean
galley_reader_get_digest (GalleyReader *self,
                          const GalleyId *project,
                          GalleyHash *digest,
                          guint64 *position,
                          guint64 *unsent,
                          GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (self);
  g_autoptr (GError) local = NULL;
  gint64 number = galley_journal_get_project (galley_reader_get_journal (self), project, FALSE,
                                              &local);
  GalleyDigest sum;
  gint64 at = 0, waiting = 0;
  char text[GALLEY_ID_TEXT_SIZE];

  if (number == 0)
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                     _ ("There is no project with the id %s."), galley_id_print (project, text));
      return FALSE;
    }

  if (!galley_digest_load (db, number, &sum, error) ||
      !galley_database_get_int (db, &at, error, "SELECT position FROM project WHERE number = ?1",
                                "i", number) ||
      !galley_database_get_int (db, &waiting, error,
                                "SELECT count (*) FROM change c WHERE c.project = ?1"
                                " AND c.device = ?2 AND c.position IS NULL AND NOT EXISTS"
                                " (SELECT 1 FROM refusal r WHERE r.project = c.project"
                                "  AND r.device = c.device AND r.seq = c.seq)",
                                "ii", number, galley_reader_get_own_device (self)))
    return FALSE;

  galley_digest_to_hash (&sum, digest);
  *position = at;
  *unsent = waiting;
  return TRUE;
}
