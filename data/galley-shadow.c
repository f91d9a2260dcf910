/* galley-shadow.c: a rehearsal: what would be shown otherwise if other rules were switched on, or
 * with this Galley instead of the one that was here before
 *
 *   copy ──► apply the journal once more, by other rules ──► compare what people would see
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-shadow"

#include "data/galley-shadow.h"

#include "data/galley-scratch.h"
#include "data/galley-store-private.h"
#include "data/galley-tables.h"

#include <glib/gi18n-lib.h>

struct _GalleyShadow
{
  GalleyScratch *scratch;
  GalleyReader *reader;
};

static void
field_free (gpointer data)
{
  GalleyShadowField *field = data;

  g_free (field->element);
  g_clear_pointer (&field->now.value, g_variant_unref);
  g_clear_pointer (&field->then.value, g_variant_unref);
  g_free (field);
}

static void
item_free (gpointer data)
{
  GalleyShadowItem *item = data;

  g_free (item->name);
  g_free (item->now);
  g_free (item->then);
  g_free (item);
}

void
galley_shadow_report_clear (GalleyShadowReport *report)
{
  g_clear_pointer (&report->fields, g_ptr_array_unref);
  g_clear_pointer (&report->items, g_ptr_array_unref);
}

/* ── before and after ── */

/* A field with one head has no row among the contested ones: what is shown is that head's value. */
#define CONTESTED(schema)                                                                          \
  "SELECT p.id AS project, e.id AS entity, e.kind AS kind, c.field AS field, c.element AS "        \
  "element,"                                                                                       \
  " c.state AS state, c.rule AS rule, c.value AS value FROM " schema ".derived_contested c"        \
  " JOIN " schema ".derived_entity e ON e.number = c.entity JOIN main.project p ON p.number ="     \
  " e.project"
#define SINGLE(schema, row)                                                                        \
  "(SELECT h.value FROM " schema ".derived_head h JOIN " schema ".derived_entity e"                \
  " ON e.number = h.entity JOIN main.project p ON p.number = e.project WHERE p.id = " row          \
  ".project AND e.id = " row ".entity AND e.kind = " row ".kind AND h.field = " row ".field"       \
  " AND h.element = " row ".element LIMIT 1)"
#define SAME "USING (project, entity, kind, field, element)"

static const char fields_sql[] =
    "WITH a AS MATERIALIZED (" CONTESTED ("main") "), b AS MATERIALIZED (" CONTESTED (
        "scratch") ")"
                   " SELECT a.project, a.entity, a.kind, a.field, a.element, a.state, a.rule, "
                   "a.value,"
                   " ifnull (b.state, 0), ifnull (b.rule, 'one'),"
                   " CASE WHEN b.state IS NULL THEN " SINGLE (
                       "scratch",
                       "a") " ELSE b.value END"
                            " FROM a LEFT JOIN b " SAME
                            " WHERE b.state IS NULL OR a.state <> b.state OR a.rule <> b.rule OR "
                            "a.value IS NOT b.value"
                            " UNION ALL"
                            " SELECT b.project, b.entity, b.kind, b.field, b.element, 0, "
                            "'one', " SINGLE ("main", "b") ","
                                                           " b.state, b.rule, b.value FROM b LEFT "
                                                           "JOIN a " SAME " WHERE a.state IS NULL"
                                                           " ORDER BY 1, 2, 3, 4, 5";

static void
read_side (sqlite3_stmt *query, int column, GalleyShadowSide *side)
{
  side->state = sqlite3_column_int (query, column);
  side->rule = galley_merge_rule_intern ((const char *)sqlite3_column_text (query, column + 1));
  side->value = galley_value_from_bytes (sqlite3_column_blob (query, column + 2),
                                         sqlite3_column_bytes (query, column + 2));
}

static gboolean
values_differ (const GalleyShadowField *field)
{
  if (field->now.value == NULL || field->then.value == NULL)
    return field->now.value != field->then.value;

  return !g_variant_equal (field->now.value, field->then.value);
}

static void
add_field (sqlite3_stmt *query, GalleyShadowReport *report)
{
  GalleyShadowField *field = g_new0 (GalleyShadowField, 1);
  gboolean was_open, is_open;

  galley_column_id (query, 0, &field->project);
  galley_column_id (query, 1, &field->entity);
  field->kind = sqlite3_column_int (query, 2);
  field->field = sqlite3_column_int (query, 3);
  field->element = galley_column_text (query, 4);
  read_side (query, 5, &field->now);
  read_side (query, 8, &field->then);
  g_ptr_array_add (report->fields, field);

  was_open = field->now.state == GALLEY_STATE_CONFLICT;
  is_open = field->then.state == GALLEY_STATE_CONFLICT;
  report->n_settled += was_open && !is_open;
  report->n_opened += is_open && !was_open;
  report->n_values += values_differ (field);
}

static const char items_sql[] =
    "SELECT p.id, e.id, i.name, i.state, j.state FROM main.derived_item i"
    " JOIN main.derived_entity e ON e.number = i.number"
    " JOIN main.project p ON p.number = e.project"
    " JOIN scratch.derived_entity f ON f.id = e.id AND f.project = e.project AND f.kind = e.kind"
    " JOIN scratch.derived_item j ON j.number = f.number WHERE i.state <> j.state ORDER BY 1, 3, 2";

static void
add_item (sqlite3_stmt *query, GalleyShadowReport *report)
{
  GalleyShadowItem *item = g_new0 (GalleyShadowItem, 1);

  galley_column_id (query, 0, &item->project);
  galley_column_id (query, 1, &item->id);
  item->name = galley_column_text (query, 2);
  item->now = galley_column_text (query, 3);
  item->then = galley_column_text (query, 4);
  g_ptr_array_add (report->items, item);
}

static gboolean
add_each (GalleyDatabase *both,
          const char *sql,
          void (*add) (sqlite3_stmt *query, GalleyShadowReport *report),
          GalleyShadowReport *report,
          GError **error)
{
  sqlite3_stmt *query = galley_database_query (both, error, sql, "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (both, query, error)) > 0)
    add (query, report);

  return stepped == 0;
}

#define THINGS(schema)                                                                             \
  "SELECT e.id, e.project, e.kind, p.id, o.id, e.author, e.alive FROM " schema ".derived_entity e" \
  " LEFT JOIN " schema ".derived_entity p ON p.number = e.parent LEFT JOIN " schema                \
  ".derived_entity o ON o.number = e.owner WHERE EXISTS (SELECT 1 FROM " schema                    \
  ".derived_head h WHERE h.entity = e.number)"
#define FOUND(schema)                                                                              \
  "SELECT e.id, e.project, e.kind, s.text FROM " schema ".derived_search s JOIN " schema           \
  ".derived_entity e ON e.number = s.rowid"
/* A thing that differs may be on both sides. */
#define LACKING(these, those) "SELECT * FROM (" these " EXCEPT " those ")"
#define APART(these, those) LACKING (these, those) " UNION ALL " LACKING (those, these)
#define COUNT(rows)                                                                                \
  "SELECT count (*) FROM (SELECT DISTINCT id, project, kind FROM (" APART (rows ("main"),          \
                                                                           rows ("scratch")) "))"

static gboolean
count (GalleyDatabase *both, const char *sql, guint64 *n, GError **error)
{
  gint64 counted = 0;

  if (!galley_database_get_int (both, &counted, error, sql, ""))
    return FALSE;

  *n = counted;
  return TRUE;
}

/* ── the rehearsal ── */

GalleyShadow *
galley_shadow_new (const char *workspace, GError **error)
{
  g_autoptr (GalleyShadow) self = g_new0 (GalleyShadow, 1);
  const GalleyId nobody = { { 0 } };
  gboolean comparable;

  self->scratch = galley_scratch_new (workspace, error);
  if (self->scratch == NULL)
    return NULL;
  self->reader = galley_reader_new (galley_scratch_get_folder (self->scratch), &nobody, error);
  if (self->reader == NULL ||
      !galley_tables_derived_are_alike (galley_reader_get_db (self->reader), &comparable, error))
    return NULL;
  if (!comparable)
    {
      g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                           _ ("Another Galley made the tables of this workspace in another form, "
                              "so "
                              "there is nothing to compare."));
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
galley_shadow_free (GalleyShadow *self)
{
  g_clear_pointer (&self->reader, galley_reader_free);
  g_clear_pointer (&self->scratch, galley_scratch_free);
  g_free (self);
}

GalleyReader *
galley_shadow_get_reader (GalleyShadow *self)
{
  return self->reader;
}

/**
 * galley_shadow_run:
 * @project: (nullable): %NULL for all
 * @rules: as if that set were in force; 0: those that each project follows
 * @policies: (nullable): as if the projects said that
 * @report: (out caller-allocates): clear it with galley_shadow_report_clear()
 *
 * What is left out needs no look: a field whose value and state stay as they are.
 */
gboolean
galley_shadow_run (GalleyShadow *self,
                   const GalleyId *project,
                   guint rules,
                   GVariant *policies,
                   GCancellable *cancellable,
                   GalleyReplayProgress progress,
                   gpointer progress_data,
                   GalleyShadowReport *report,
                   GError **error)
{
  GalleyReplaying replaying = { .project = project,
                                .rules = rules,
                                .policies = policies,
                                .cancellable = cancellable,
                                .progress = progress,
                                .progress_data = progress_data };
  g_autoptr (GalleyDatabase) both = NULL;

  *report = (GalleyShadowReport){ .fields = g_ptr_array_new_with_free_func (field_free),
                                  .items = g_ptr_array_new_with_free_func (item_free) };
  if (!galley_scratch_replay (self->scratch, &replaying, error) ||
      (both = galley_scratch_open (self->scratch, error)) == NULL)
    return FALSE;

  report->n_changes = replaying.n_changes;
  return add_each (both, fields_sql, add_field, report, error) &&
         add_each (both, items_sql, add_item, report, error) &&
         count (both, COUNT (THINGS), &report->n_things, error) &&
         count (both, COUNT (FOUND), &report->n_found, error);
}
