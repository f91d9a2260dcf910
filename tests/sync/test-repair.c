/* test-repair.c: repairs as jobs that can be seen, and the backups that nobody asks for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-local-backup.h"
#include "galley-sync-bench.h"
#include "galley-test.h"
#include "sync/galley-caretaker.h"
#include "sync/galley-repair.h"
#include "sync/galley-support.h"

#include <string.h>

static GalleyJobRow *
get_job (GalleySyncBench *bench, gint64 id, GPtrArray **events)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (bench->store, &error);
  GalleyJobRow *row = galley_job_table_get (reader, id, &error);

  g_assert_no_error (error);
  *events = galley_job_table_get_events (reader, id, &error);
  g_assert_no_error (error);
  return row;
}

static void
test_words (void)
{
  g_test_summary ("Each has a name of its own, and says in sentences what it will do");

  for (guint i = 0; i < GALLEY_N_REPAIRS; i++)
    {
      GalleyRepair repair = GALLEY_N_REPAIRS;

      g_assert_true (galley_repair_parse (galley_repair_get_name (i), &repair));
      g_assert_cmpint (repair, ==, i);
      g_assert_true (g_str_has_suffix (galley_repair_get_preview (i), "."));
      g_assert_cmpstr (galley_repair_get_title (i), !=, "");
    }
}

static void
test_each_leaves_a_record (GalleySyncBench *bench, gconstpointer data)
{
  g_test_summary ("Each ends as a job that is done, whose log says what came of it");

  for (guint i = 0; i < GALLEY_N_REPAIRS; i++)
    {
      g_auto (GalleyRepairReport) report = { 0 };
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyJobRow) row = NULL;
      g_autoptr (GPtrArray) events = NULL;

      g_assert_true (galley_repair_run (i, bench->store, NULL, &report, &error));
      g_assert_no_error (error);
      g_assert_true (report.findings == NULL || report.findings->len == 0);
      row = get_job (bench, report.job, &events);
      g_assert_cmpint (row->state, ==, GALLEY_JOB_DONE);
      g_assert_cmpstr (row->subject, ==, galley_repair_get_name (i));
      g_assert_cmpuint (events->len, >, 0);
      g_assert_cmpstr (((GalleyJobEvent *)events->pdata[events->len - 1])->text, ==, report.result);
    }
}

static void
test_stopped (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (GalleyRepairReport) report = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (
      galley_repair_run (GALLEY_REPAIR_VERIFY, bench->store, cancellable, &report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (report.result);
  reader = galley_store_open_reader (bench->store, &local);
  rows = galley_job_table_list (reader, "cancelled", 0, &local);
  g_assert_cmpuint (rows->len, ==, 1);
}

static void
test_hidden_names (void)
{
  g_autofree char *english = galley_support_hide_names ("Send “cover of Anna.psd” to “Harbour”.");
  g_autofree char *german = galley_support_hide_names ("„Umschlag.psd“ senden");

  g_assert_cmpstr (english, ==, "Send “…” to “…”.");
  g_assert_cmpstr (german, ==, "“…” senden");
}

static void
test_support (GalleySyncBench *bench, gconstpointer data)
{
  g_autofree char *hidden = NULL, *told = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary (
      "A bundle has jobs, tables and settings; names and the address only when they are "
      "wanted");

  galley_sync_bench_connect (bench);
  galley_sync_service_start (bench->service);
  galley_sync_bench_wait_state (bench, GALLEY_SYNC_UP_TO_DATE);
  hidden = galley_support_describe (bench->store, FALSE, &error);
  g_assert_no_error (error);
  told = galley_support_describe (bench->store, TRUE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (hidden, "\"kind\" : \"push\""));
  g_assert_nonnull (strstr (hidden, "\"schema_version\""));
  g_assert_nonnull (strstr (hidden, "\"change\" : "));
  g_assert_nonnull (strstr (hidden, "Send changes of “…”"));
  g_assert_nonnull (strstr (told, "Send changes of “"));
  g_assert_null (strstr (told, "Send changes of “…”"));
  g_assert_null (strstr (hidden, "http"));
  g_assert_nonnull (strstr (told, "http"));
}

static void
looked_cb (GalleyCaretaker *caretaker, guint *n_looks)
{
  *n_looks += 1;
}

static guint
count_backups (GalleySyncBench *bench)
{
  g_autoptr (GPtrArray) files = galley_local_backup_list (bench->folder, NULL);

  return files->len;
}

/* The clock goes on in hours; a backup is made on a thread. */
static void
pass_hours (GalleySyncBench *bench, guint hours, guint *n_looks)
{
  for (guint i = 0; i < hours; i++)
    {
      guint before = *n_looks;

      galley_fake_world_advance_ms (bench->world, 60 * 60 * 1000);
      while (*n_looks == before)
        g_main_context_iteration (NULL, TRUE);
    }
}

static gboolean
is_backing_up (GalleySyncBench *bench)
{
  g_autoptr (GalleyReader) reader = galley_store_open_reader (bench->store, NULL);
  g_autoptr (GPtrArray) rows = galley_job_table_list (reader, "running", 0, NULL);

  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((GalleyJobRow *)rows->pdata[i])->kind, "backup"))
      return TRUE;

  return FALSE;
}

static void
commit_meanwhile_cb (GalleyStore *store, const GalleyTouched *touched, GalleySyncBench *bench)
{
  if (!touched->jobs || !is_backing_up (bench))
    return;

  g_signal_handlers_disconnect_by_func (store, commit_meanwhile_cb, bench);
  galley_sync_bench_commit (bench, "meanwhile");
}

static void
test_daily_backup (GalleySyncBench *bench, gconstpointer data)
{
  g_autoptr (GalleyCaretaker) caretaker = galley_caretaker_new (bench->store, bench->service);
  guint n_looks = 0;

  g_test_summary ("Once a day in which something moved a backup is made, by who runs the jobs");

  g_signal_connect (caretaker, "looked", G_CALLBACK (looked_cb), &n_looks);
  pass_hours (bench, 1, &n_looks);
  g_assert_cmpuint (count_backups (bench), ==, 0);

  galley_sync_service_start (bench->service);
  while (!galley_sync_service_is_holder (bench->service))
    g_main_context_iteration (NULL, TRUE);
  pass_hours (bench, 1, &n_looks);
  g_assert_cmpuint (count_backups (bench), ==, 1);
  pass_hours (bench, 30, &n_looks);
  g_assert_cmpuint (count_backups (bench), ==, 1);

  galley_sync_bench_commit (bench, "rename");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  pass_hours (bench, 2, &n_looks);
  g_assert_cmpuint (count_backups (bench), ==, 2);

  /* What comes while one is made may not be in it. */
  galley_sync_bench_commit (bench, "before");
  g_signal_connect (bench->store, "changed", G_CALLBACK (commit_meanwhile_cb), bench);
  pass_hours (bench, 25, &n_looks);
  g_assert_cmpuint (count_backups (bench), ==, 3);
  pass_hours (bench, 25, &n_looks);
  g_assert_cmpuint (count_backups (bench), ==, 4);
  pass_hours (bench, 25, &n_looks);
  g_assert_cmpuint (count_backups (bench), ==, 4);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

#define ADD(path, function)                                                                        \
  g_test_add (path, GalleySyncBench, NULL, galley_sync_bench_set_up, function,                     \
              galley_sync_bench_tear_down)
  g_test_add_func ("/repair/words", test_words);
  ADD ("/repair/each-leaves-a-record", test_each_leaves_a_record);
  g_test_add_func ("/repair/hidden-names", test_hidden_names);
  ADD ("/repair/support", test_support);
  ADD ("/repair/stopped", test_stopped);
  ADD ("/repair/daily-backup", test_daily_backup);

  return g_test_run ();
}
