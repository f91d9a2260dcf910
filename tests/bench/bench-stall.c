/* bench-stall.c: how long the window's main loop is ever held up while changes of others come in
 *
 * The window lists a project of 10,000 items. A thread applies 10,000 changes to its workspace as
 * fast as they go in: names of items, among them those on screen, and new notes. A timer of 1 ms on
 * the main loop notes how late it is; beside it stands the same window left alone.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-outbox.h"
#include "tests/ui/galley-test-project.h"
#include "ui/galley-ui.h"
#include "ui/galley-window-private.h"

#define N_ITEMS 10000
#define N_CHANGES 10000
#define BATCH 2000
#define ALONE_MS 1000
#define AFTER_MS 500

typedef struct
{
  double last_ms;
  GArray *gaps_ms; /* of double */
} Watch;

typedef struct
{
  GalleyStore *store;
  GalleyId project;
  GPtrArray *changes; /* of GBytes */
  guint from;
  gint done; /* atomic */
} Feed;

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

/* ── what comes in ── */

typedef struct
{
  Feed *feed;
  GPtrArray *changes; /* of GalleyChange */
  guint64 position;
} Batch;

/* writer thread */
static gboolean
write_batch (GalleyWriter *writer, gpointer data, GError **error)
{
  Batch *batch = data;
  g_autofree GalleyIncoming *incoming = g_new0 (GalleyIncoming, batch->changes->len);

  for (guint i = 0; i < batch->changes->len; i++)
    {
      incoming[i].change = batch->changes->pdata[i];
      incoming[i].position = batch->position - batch->changes->len + i + 1;
    }
  return galley_outbox_receive (writer, &batch->feed->project, incoming, batch->changes->len,
                                "bench", batch->position, error);
}

static void
feed_batch (Feed *feed, guint from, guint to)
{
  g_autoptr (GPtrArray)
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  g_autoptr (GError) error = NULL;
  Batch batch = { feed, changes, to };

  for (guint i = from; i < to; i++)
    {
      g_ptr_array_add (changes, galley_change_new_from_bytes (feed->changes->pdata[i], &error));
      galley_bench_check (error);
    }
  galley_store_write (feed->store, write_batch, &batch, &error);
  galley_bench_check (error);
}

static gpointer
feed_rest (gpointer data)
{
  Feed *feed = data;

  for (guint i = feed->from; i < feed->changes->len; i += BATCH)
    feed_batch (feed, i, MIN (i + BATCH, feed->changes->len));
  g_atomic_int_set (&feed->done, TRUE);
  g_main_context_wakeup (NULL);
  return NULL;
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

/* Half names, half notes; and before them the items that the window shows. */
static void
make_feed (Feed *feed)
{
  g_auto (GalleyBenchProject) source = { 0 };
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GArray) items = NULL;
  g_autoptr (GError) error = NULL;

  galley_bench_project_open (&source, "stall-source");
  galley_test_project_add_items (source.store, &source.project, N_ITEMS);
  reader = galley_store_open_reader (source.store, &error);
  galley_bench_check (error);
  items = galley_reader_list_item_ids (reader,
                                       &(GalleyItemFilter){ .project = &source.project,
                                                            .sort = GALLEY_SORT_NAME },
                                       &error);
  galley_bench_check (error);
  galley_bench_project_add_notes (&source, N_CHANGES / 4);
  rename_items (&source, items, N_CHANGES / 2);
  galley_bench_project_add_notes (&source, N_CHANGES / 4);
  feed->project = source.project;
  feed->changes = galley_bench_project_list_changes (&source);
  feed->from = feed->changes->len - N_CHANGES;
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

static void
measure (GalleyWindow *window, Feed *feed)
{
  double alone_p99, alone_longest, p99, longest;
  Watch watch;
  GThread *thread;
  guint timer;

  run_for (AFTER_MS);
  timer = watch_start (&watch);
  run_for (ALONE_MS);
  watch_stop (&watch, timer, &alone_p99, &alone_longest);

  timer = watch_start (&watch);
  thread = g_thread_new ("feed", feed_rest, feed);
  while (!g_atomic_int_get (&feed->done))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  run_for (AFTER_MS);
  watch_stop (&watch, timer, &p99, &longest);

  report ("main loop, 10,000 changes come in: longest stall", longest, alone_longest, 16);
  report ("main loop, 10,000 changes come in: p99", p99, alone_p99, 0);
}

void
galley_bench_stall (void)
{
  g_autofree char *folder = galley_bench_folder ("stall");
  g_autoptr (GalleyWorkspace) workspace = NULL;
  g_autoptr (GError) error = NULL;
  GalleyWindow *window;
  Feed feed = { 0 };

  if (!gtk_init_check ())
    {
      g_print ("main loop: not measured, there is no screen\n");
      return;
    }

  adw_init ();
  galley_ui_init ();
  workspace = galley_workspace_create (folder, "Rosa", 0, &error);
  galley_bench_check (error);
  make_feed (&feed);
  feed.store = galley_workspace_get_store (workspace);
  for (guint i = 0; i < feed.from; i += BATCH)
    feed_batch (&feed, i, MIN (i + BATCH, feed.from));

  window = GALLEY_WINDOW (galley_window_new (NULL, workspace));
  gtk_window_present (GTK_WINDOW (window));
  galley_window_show_project (window, &feed.project);
  galley_test_project_spin_until (is_listed, window);
  measure (window, &feed);

  gtk_window_destroy (GTK_WINDOW (window));
  galley_workspace_close (workspace);
  g_ptr_array_unref (feed.changes);
}
