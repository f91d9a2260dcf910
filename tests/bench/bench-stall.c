/* bench-stall.c: how long the window's main loop is ever held up while changes of others come in
 *
 * The window lists a project of 10,000 items. Its computer was offline; meanwhile somebody else has
 * renamed items, those on screen among them, and written notes: 10,000 changes. It comes back, and
 * the sync service of the window fetches them over loopback, from a server that has a thread of its
 * own here. A timer of 1 ms on the main loop notes how late it is; beside it stands the same window
 * left alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-intent.h"
#include "galley-test-server.h"
#include "tests/ui/galley-test-project.h"
#include "ui/galley-ui.h"
#include "ui/galley-window-private.h"

#define N_ITEMS 10000
#define N_CHANGES 10000
#define ALONE_MS 1000
#define AFTER_MS 500

typedef struct
{
  double last_ms;
  GArray *gaps_ms; /* of double */
} Watch;

static gboolean
tick_cb (gpointer data)
{
  Watch *watch = data;
  double now_ms = galley_bench_now_ms (), gap_ms = now_ms - watch->last_ms;

  g_array_append_val (watch->gaps_ms, gap_ms);
  watch->last_ms = now_ms;
  return G_SOURCE_CONTINUE;
}

static guint
watch_start (Watch *watch)
{
  watch->gaps_ms = g_array_new (FALSE, FALSE, sizeof (double));
  watch->last_ms = galley_bench_now_ms ();
  return g_timeout_add_full (G_PRIORITY_DEFAULT, 1, tick_cb, watch, NULL);
}

static void
watch_stop (Watch *watch, guint timer, double *p99_ms, double *longest_ms)
{
  double *gaps = (double *)(gpointer)watch->gaps_ms->data;

  g_source_remove (timer);
  *p99_ms = galley_bench_quantile (gaps, watch->gaps_ms->len, 0.99);
  *longest_ms = gaps[watch->gaps_ms->len - 1];
  g_array_unref (watch->gaps_ms);
}

static void
run_for (double ms)
{
  double end = galley_bench_now_ms () + ms;

  while (galley_bench_now_ms () < end)
    g_main_context_iteration (NULL, TRUE);
}

/* ── the two ends ── */

static GalleyWorkspace *
open_workspace (GalleyTestServer *server, const char *name)
{
  g_autofree char *folder = galley_bench_folder (name);
  g_autofree char *code = galley_test_server_invite (server, name, GALLEY_ROLE_LEAD);
  g_autoptr (GError) error = NULL;
  GalleyWorkspace *workspace = galley_workspace_create (folder, name, 0, &error);

  galley_bench_check (error);
  galley_workspace_connect (workspace, galley_test_server_get_url (server), code, &error);
  galley_bench_check (error);
  return workspace;
}

static void
sync_once (GalleyWorkspace *workspace)
{
  g_autoptr (GError) error = NULL;

  galley_workspace_sync_once (workspace, 0, &error);
  galley_bench_check (error);
}

/* Without files, which would have jobs of their own. */
static void
add_items (GalleyBenchProject *source)
{
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_ITEMS; i++)
    {
      GalleyDraft *draft = galley_draft_new (&source->project, GALLEY_INTENT_ADD_ITEM);
      g_autofree char *name = g_strdup_printf ("item-%04u", i);
      GalleyId item;

      galley_id_new (&item, galley_world_real ());
      galley_draft_create (draft, GALLEY_KIND_ITEM, &item, &source->project);
      galley_draft_set (draft, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, NULL,
                        g_variant_new_string (name), NULL, 0);
      g_ptr_array_add (drafts, draft);
    }
  galley_store_commit_many (source->store, drafts, NULL, &error);
  galley_bench_check (error);
}

static void
rename_items (GalleyBenchProject *source, GArray *items, guint n_changes)
{
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_changes; i++)
    {
      GalleyDraft *draft = galley_draft_new (&source->project, "rename");
      g_autofree char *name = g_strdup_printf ("item-%04u again", i);

      galley_draft_set_shown (draft, GALLEY_KIND_ITEM,
                              &g_array_index (items, GalleyId, i % items->len), GALLEY_ITEM_NAME,
                              NULL, g_variant_new_string (name));
      g_ptr_array_add (drafts, draft);
    }
  galley_store_commit_many (source->store, drafts, NULL, &error);
  galley_bench_check (error);
}

/* Half names, half notes. */
static void
change_all (GalleyBenchProject *source)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (source->store, &error);
  g_autoptr (GArray) items = NULL;

  galley_bench_check (error);
  items = galley_reader_list_item_ids (reader,
                                       &(GalleyItemFilter){ .project = &source->project,
                                                            .sort = GALLEY_SORT_NAME },
                                       &error);
  galley_bench_check (error);
  galley_bench_project_add_notes (source, N_CHANGES / 4);
  rename_items (source, items, N_CHANGES / 2);
  galley_bench_project_add_notes (source, N_CHANGES / 4);
}

/* ── the window ── */

static gboolean
is_listed (gpointer data)
{
  GalleyItemList *list = galley_browser_get_list (GALLEY_WINDOW (data)->browser);

  return galley_item_list_is_ready (list) &&
         g_list_model_get_n_items (G_LIST_MODEL (list)) == N_ITEMS + 1;
}

static void
report (const char *what, double measured, double alone, double goal)
{
  galley_bench_table_add (
      &(GalleyBenchRow){ what, "ms", measured, "the same window left alone", alone,
                         goal > 0 ? GALLEY_BENCH_AT_MOST : GALLEY_BENCH_NO_GOAL, goal });
}

static guint64
get_position (GalleyWorkspace *workspace, const GalleyId *project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader)
      reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  guint64 position, unsent;
  GalleyHash digest;

  galley_bench_check (error);
  galley_reader_get_digest (reader, project, &digest, &position, &unsent, &error);
  galley_bench_check (error);
  return position;
}

static void
measure (GalleyWindow *window, GalleyWorkspace *workspace, const GalleyId *project)
{
  guint64 before = get_position (workspace, project);
  double alone_p99, alone_longest, p99, longest;
  Watch watch;
  guint timer;

  run_for (AFTER_MS);
  timer = watch_start (&watch);
  run_for (ALONE_MS);
  watch_stop (&watch, timer, &alone_p99, &alone_longest);

  timer = watch_start (&watch);
  galley_sync_service_set_offline (galley_workspace_get_service (workspace), FALSE);
  sync_once (workspace);
  run_for (AFTER_MS);
  watch_stop (&watch, timer, &p99, &longest);
  if (get_position (workspace, project) != before + N_CHANGES)
    g_error ("Not all changes have come in");

  report ("main loop, 10,000 changes come in: longest stall", longest, alone_longest, 16);
  report ("main loop, 10,000 changes come in: p99", p99, alone_p99, 0);
}

void
galley_bench_stall (void)
{
  g_autofree char *folder = NULL;
  g_autoptr (GalleyTestServer) server = NULL;
  g_autoptr (GalleyWorkspace) source = NULL, workspace = NULL;
  g_auto (GalleyBenchProject) project = { 0 };
  GalleyWindow *window;

  if (!gtk_init_check ())
    {
      g_print ("main loop: not measured, there is no screen\n");
      return;
    }

  adw_init ();
  galley_ui_init ();
  folder = galley_bench_folder ("stall-server");
  server = galley_test_server_new (folder);
  source = open_workspace (server, "nora");
  galley_bench_project_make (&project, galley_workspace_get_store (source));
  add_items (&project);
  sync_once (source);
  workspace = open_workspace (server, "rosa");
  sync_once (workspace);
  galley_sync_service_set_offline (galley_workspace_get_service (workspace), TRUE);
  change_all (&project);
  sync_once (source);
  galley_bench_project_clear (&project);
  galley_workspace_close (source);

  window = GALLEY_WINDOW (galley_window_new (NULL, workspace));
  gtk_window_present (GTK_WINDOW (window));
  galley_window_show_project (window, &project.project);
  galley_test_project_spin_until (is_listed, window);
  measure (window, workspace, &project.project);

  gtk_window_destroy (GTK_WINDOW (window));
  galley_workspace_close (workspace);
}
