/* test-plans.c: what lists ask is answered by an index, however many items there are
 *
 * A time would depend on the machine; the plan that SQLite makes of the very statements does not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-quarantine.h"
#include "data/galley-store-private.h"

#include <string.h>

/* Of the statements that the reader has prepared, those in which @part stands: one line a step. */
static char *
explain (GalleyReader *reader, const char *part)
{
  sqlite3 *handle = galley_database_get_handle (galley_reader_get_db (reader));
  g_autoptr (GString) plan = g_string_new (NULL);

  for (sqlite3_stmt *asked = sqlite3_next_stmt (handle, NULL); asked != NULL;
       asked = sqlite3_next_stmt (handle, asked))
    {
      g_autofree char *sql = g_strconcat ("EXPLAIN QUERY PLAN ", sqlite3_sql (asked), NULL);
      sqlite3_stmt *query = NULL;

      if (strstr (sqlite3_sql (asked), part) == NULL)
        continue;
      g_assert_cmpint (sqlite3_prepare_v2 (handle, sql, -1, &query, NULL), ==, SQLITE_OK);
      while (sqlite3_step (query) == SQLITE_ROW)
        g_string_append_printf (plan, "%s\n", (const char *)sqlite3_column_text (query, 3));
      sqlite3_finalize (query);
    }

  return g_string_free (g_steal_pointer (&plan), FALSE);
}

/* Three items, of which one has a note in conflict with itself, and one is so itself. */
static void
make_conflicts (TestDevice *device, GalleyId *project, GalleyId items[3])
{
  static const char *const names[] = { "Poster", "Flyer", "Banner" };
  GalleyDraft *draft;
  GalleyId note;

  test_device_make_project (device, project);
  for (guint i = 0; i < 3; i++)
    test_device_make_item (device, project, names[i], &items[i]);
  test_device_make_note (device, project, &items[0], "here", &note);
  for (guint i = 0; i < 2; i++)
    {
      draft = galley_draft_new (project, "edit");
      galley_draft_set (draft, GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_COLOR, NULL,
                        g_variant_new_string (i == 0 ? "#aaaaaa" : "#bbbbbb"), NULL, 0);
      galley_draft_set (draft, GALLEY_KIND_ITEM, &items[1], GALLEY_ITEM_DUE, NULL,
                        g_variant_new_int64 (i), NULL, 0);
      test_device_commit (device, draft);
    }
}

/* The step of which @text is a part, and that before it, under which it may stand. */
static void
find_step (const char *plan, const char *text, char **step, char **before)
{
  g_auto (GStrv) lines = g_strsplit (plan, "\n", -1);

  g_test_message ("%s", plan);
  *step = *before = NULL;
  for (guint i = 1; lines[i] != NULL && *step == NULL; i++)
    if (strstr (lines[i], text) != NULL)
      {
        *step = g_strdup (lines[i]);
        *before = g_strdup (lines[i - 1]);
      }
  g_assert_nonnull (*step);
}

static void
test_conflicts_only (void)
{
  TestDevice *device = test_device_new ("a");
  GalleyItemFilter filter = { .contested_only = TRUE };
  g_autoptr (GArray) ids = NULL;
  g_autofree char *plan = NULL, *step = NULL, *before = NULL;
  GalleyId project, items[3];

  make_conflicts (device, &project, items);
  ids = galley_reader_list_item_ids (device->reader, &filter, NULL);
  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_true (galley_id_equal (&g_array_index (ids, GalleyId, 0), &items[1]));
  g_assert_true (galley_id_equal (&g_array_index (ids, GalleyId, 1), &items[0]));

  plan = explain (device->reader, "AND (?5 = 0 OR");
  /* The conflicts are looked through once, not once for each item. */
  find_step (plan, "derived_contested_open", &step, &before);
  g_assert_null (strstr (before, "CORRELATED"));
  test_device_free (device);
}

static void
test_item_in_conflict (void)
{
  TestDevice *device = test_device_new ("a");
  g_autofree char *plan = NULL, *step = NULL, *before = NULL;
  GalleyId project, items[3];

  make_conflicts (device, &project, items);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GalleyItemRow) row = galley_reader_get_item (device->reader, &items[i], NULL);

      g_assert_cmpint (row->contested, ==, i < 2);
    }

  plan = explain (device->reader, "SELECT EXISTS (SELECT 1 FROM derived_contested");
  /* By what the item has, not by what is in conflict anywhere. */
  find_step (plan, " x ", &step, &before);
  g_assert_nonnull (strstr (step, "derived_entity_owned (owner=?)"));
  test_device_free (device);
}

/* Refused changes are few, and each is looked up in the journal: never the other way round. */
static void
test_refused (void)
{
  TestDevice *device = test_device_new ("a");
  g_autoptr (GPtrArray) refused = galley_quarantine_list (device->reader, FALSE, NULL);
  g_autofree char *plan = explain (device->reader, "SELECT p.id, c.bytes, r.code"), *step = NULL;
  g_autofree char *before = NULL;

  g_assert_cmpuint (refused->len, ==, 0);
  find_step (plan, " c ", &step, &before);
  g_assert_nonnull (strstr (step, "change_by_ref (project=? AND device=? AND seq=?)"));
  test_device_free (device);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/plans/conflicts-only", test_conflicts_only);
  g_test_add_func ("/plans/item-in-conflict", test_item_in_conflict);
  g_test_add_func ("/plans/refused", test_refused);
  return g_test_run ();
}
