/* test-item-list.c: the items of a filter as a list model that is loaded as it is looked at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "ui/galley-item-list.h"

#include "galley-test-project.h"
#include "tests/galley-test.h"

typedef struct
{
  GalleyStore *store;
  GalleyItemList *list;
  GalleyId project;
  guint n_touched;
} Fixture;

static void
items_changed_cb (Fixture *fixture, guint position, guint removed, guint added)
{
  fixture->n_touched += removed + added;
}

static void
make_list (Fixture *fixture)
{
  if (fixture->list != NULL)
    g_signal_handlers_disconnect_by_data (fixture->list, fixture);
  g_clear_object (&fixture->list);
  fixture->n_touched = 0;
  fixture->list = galley_item_list_new (fixture->store);
  g_signal_connect_swapped (fixture->list, "items-changed", G_CALLBACK (items_changed_cb), fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->store = galley_test_project_open_store ();
  galley_test_project_make (fixture->store, "Posters", &fixture->project);
  make_list (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->list);
  galley_store_close (fixture->store);
  g_clear_object (&fixture->store);
}

static gboolean
is_ready (gpointer list)
{
  return galley_item_list_is_ready (list);
}

static guint
count (Fixture *fixture)
{
  return g_list_model_get_n_items (G_LIST_MODEL (fixture->list));
}

static void
ask (Fixture *fixture, const GalleyItemQuery *query)
{
  galley_item_list_set_query (fixture->list, query);
  galley_test_project_spin_until (is_ready, fixture->list);
}

static gboolean
is_loaded (gpointer item)
{
  return galley_item_get_row (item) != NULL;
}

static char *
name_at (Fixture *fixture, guint position)
{
  g_autoptr (GalleyItem) item = g_list_model_get_item (G_LIST_MODEL (fixture->list), position);

  galley_test_project_spin_until (is_loaded, item);
  return g_strdup (galley_item_get_name (item));
}

static guint
count_all (Fixture *fixture)
{
  guint n_items;

  g_object_get (fixture->list, "n-items", &n_items, NULL);
  return n_items;
}

static gboolean
is_announced (gpointer data)
{
  return count (data) == count_all (data);
}

static void
test_lazy (Fixture *fixture, gconstpointer data)
{
  GalleyItemQuery query = { .sort = GALLEY_SORT_NAME };
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  g_autoptr (GalleyItem) one = NULL;
  g_autoptr (GalleyItem) again = NULL;

  galley_test_project_add_items (fixture->store, &fixture->project, 1200, NULL);
  query.project = fixture->project;
  ask (fixture, &query);

  g_assert_cmpuint (count_all (fixture), ==, 1200);
  galley_test_project_spin_until (is_announced, fixture);
  g_assert_cmpuint (count (fixture), ==, 1200);
  g_assert_cmpuint (fixture->n_touched, ==, 1200);
  first = name_at (fixture, 0);
  last = name_at (fixture, 1199);
  g_assert_cmpstr (first, ==, "item-0000");
  g_assert_cmpstr (last, ==, "item-1199");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (fixture->list), 1200));

  one = g_list_model_get_item (G_LIST_MODEL (fixture->list), 7);
  again = g_list_model_get_item (G_LIST_MODEL (fixture->list), 7);
  g_assert_true (one == again);
}

static gboolean
has_one_more (gpointer data)
{
  return count (data) == 1201;
}

static void
test_begins_with_rows (Fixture *fixture, gconstpointer data)
{
  GalleyItemQuery query = { .sort = GALLEY_SORT_NAME };
  GalleyId item;

  g_test_summary ("A long list shows its first rows at once, each with its name");
  galley_test_project_add_items (fixture->store, &fixture->project, 1200, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ; /* what the store tells of them is heard before there is a list */
  make_list (fixture);
  query.project = fixture->project;
  ask (fixture, &query);

  g_assert_cmpuint (count (fixture), >, 0);
  g_assert_cmpuint (count (fixture), <, 1200);
  for (guint i = 0; i < count (fixture); i++)
    {
      g_autoptr (GalleyItem) shown = g_list_model_get_item (G_LIST_MODEL (fixture->list), i);
      g_autofree char *name = g_strdup_printf ("item-%04u", i);

      g_assert_nonnull (galley_item_get_row (shown));
      g_assert_cmpstr (galley_item_get_name (shown), ==, name);
    }

  galley_test_project_add_item (fixture->store, &fixture->project, "item-0000-a", &item);
  galley_test_project_spin_until (is_announced, fixture);
  galley_test_project_spin_until (has_one_more, fixture);
  g_assert_cmpuint (fixture->n_touched, ==, 1201);
}

static gboolean
has_three (gpointer data)
{
  return count (data) == 3;
}

static void
test_follows_the_store (Fixture *fixture, gconstpointer data)
{
  GalleyItemQuery query = { .sort = GALLEY_SORT_NAME };
  g_autofree char *second = NULL;
  GalleyId item;

  g_test_summary ("A new item appears where it belongs, and nothing else moves");
  galley_test_project_add_item (fixture->store, &fixture->project, "a.png", &item);
  galley_test_project_add_item (fixture->store, &fixture->project, "c.png", &item);
  query.project = fixture->project;
  ask (fixture, &query);
  g_assert_cmpuint (count (fixture), ==, 2);

  fixture->n_touched = 0;
  galley_test_project_add_item (fixture->store, &fixture->project, "b.png", &item);
  galley_test_project_spin_until (has_three, fixture);
  g_assert_cmpuint (fixture->n_touched, ==, 1);
  second = name_at (fixture, 1);
  g_assert_cmpstr (second, ==, "b.png");
}

static gboolean
is_renamed (gpointer item)
{
  return g_str_equal (galley_item_get_name (item), "new.png");
}

static void
test_row_is_current (Fixture *fixture, gconstpointer data)
{
  GalleyItemQuery query = { .sort = GALLEY_SORT_NAME };
  g_autoptr (GalleyItem) item = NULL;
  GalleyId id;

  g_test_summary ("An item that is on screen follows what is changed elsewhere");
  galley_test_project_add_item (fixture->store, &fixture->project, "old.png", &id);
  query.project = fixture->project;
  ask (fixture, &query);
  item = g_list_model_get_item (G_LIST_MODEL (fixture->list), 0);
  galley_test_project_spin_until (is_loaded, item);

  galley_test_project_set_text (fixture->store, &fixture->project, GALLEY_KIND_ITEM, &id,
                                GALLEY_ITEM_NAME, "new.png");
  galley_test_project_spin_until (is_renamed, item);
  g_assert_cmpstr (galley_item_get_name (item), ==, "new.png");
}

static void
test_filters (Fixture *fixture, gconstpointer data)
{
  GalleyItemQuery query = { .sort = GALLEY_SORT_NAME };
  GalleyId poster, flyer, note;
  g_autofree char *name = NULL;

  galley_test_project_add_item (fixture->store, &fixture->project, "poster.png", &poster);
  galley_test_project_add_item (fixture->store, &fixture->project, "flyer.png", &flyer);
  galley_test_project_add_note (fixture->store, &fixture->project, &flyer, "The lighthouse leans",
                                &note);
  galley_test_project_decide (fixture->store, &poster, "approve");
  query.project = fixture->project;

  query.state = "approved";
  ask (fixture, &query);
  g_assert_cmpuint (count (fixture), ==, 1);
  name = name_at (fixture, 0);
  g_assert_cmpstr (name, ==, "poster.png");

  query.state = NULL;
  query.search = "lighthouse";
  ask (fixture, &query);
  g_assert_cmpuint (count (fixture), ==, 1);
  g_assert_true (galley_id_equal (galley_item_list_get_id (fixture->list, 0), &flyer));

  query.search = "nowhere";
  ask (fixture, &query);
  g_assert_cmpuint (count (fixture), ==, 0);
}

static void
test_inbox (Fixture *fixture, gconstpointer data)
{
  GalleyItemQuery query = { .inbox = TRUE };
  GalleyId decided, open;
  guint position;

  g_test_summary ("What the person has decided on asks nothing more of them");
  galley_test_project_add_item (fixture->store, &fixture->project, "decided.png", &decided);
  galley_test_project_add_item (fixture->store, &fixture->project, "open.png", &open);
  galley_test_project_decide (fixture->store, &decided, "approve");
  ask (fixture, &query);

  g_assert_cmpuint (count (fixture), ==, 1);
  g_assert_true (galley_item_list_find (fixture->list, &open, &position));
  g_assert_false (galley_item_list_find (fixture->list, &decided, &position));
}

static gboolean
is_gone (gpointer item)
{
  return *(GalleyItem **)item == NULL;
}

static void
test_forgets_rows (Fixture *fixture, gconstpointer data)
{
  GalleyItemQuery query = { .sort = GALLEY_SORT_NAME };
  GalleyItem *item;
  GalleyId id;

  g_test_summary ("A row that nobody shows is not kept");
  galley_test_project_add_item (fixture->store, &fixture->project, "a.png", &id);
  query.project = fixture->project;
  ask (fixture, &query);
  item = g_list_model_get_item (G_LIST_MODEL (fixture->list), 0);
  galley_test_project_spin_until (is_loaded, item);
  g_object_add_weak_pointer (G_OBJECT (item), (gpointer *)&item);
  g_object_unref (item);
  galley_test_project_spin_until (is_gone, &item);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  add ("/item-list/lazy", test_lazy);
  add ("/item-list/begins-with-rows", test_begins_with_rows);
  add ("/item-list/follows-the-store", test_follows_the_store);
  add ("/item-list/row-is-current", test_row_is_current);
  add ("/item-list/filters", test_filters);
  add ("/item-list/inbox", test_inbox);
  add ("/item-list/forgets-rows", test_forgets_rows);
  return g_test_run ();
}
