/* test-sync-summary.c: "is my work safe, and what is stuck?" in one state and one sentence
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "sync/galley-sync-summary.h"

static void
assert_says (const GalleySyncFacts *facts, GalleySyncState state, const char *sentence)
{
  g_autofree char *summary = galley_sync_summary_describe (facts);

  g_assert_cmpint (galley_sync_summary_get_state (facts), ==, state);
  g_assert_cmpstr (summary, ==, sentence);
}

static void
test_no_server (void)
{
  GalleySyncFacts facts = { .unsent = 14 };

  assert_says (&facts, GALLEY_SYNC_LOCAL_ONLY, "Everything is saved on this computer");
}

static void
test_offline (void)
{
  GalleySyncFacts facts = { .connected = TRUE, .offline = TRUE, .unsent = 14 };

  assert_says (&facts, GALLEY_SYNC_OFFLINE, "Offline – 14 changes are safe on this computer");
  facts.unsent = 1;
  assert_says (&facts, GALLEY_SYNC_OFFLINE, "Offline – 1 change is safe on this computer");
  facts.unsent = 0;
  assert_says (&facts, GALLEY_SYNC_OFFLINE, "Offline – all changes are shared");
}

static void
test_unreachable (void)
{
  GalleySyncFacts facts = {
    .connected = TRUE,
    .unreachable = TRUE,
    .unsent = 2,
    .n_waiting = 1,
    .error = "No route.",
  };
  g_autofree char *detail = galley_sync_summary_detail (&facts);

  assert_says (&facts, GALLEY_SYNC_OFFLINE, "Offline – 2 changes are safe on this computer");
  g_assert_cmpstr (detail, ==, "No route.");
}

static void
test_person_before_machine (void)
{
  GalleySyncFacts facts = { .connected = TRUE, .n_attention = 2, .n_running = 1, .unsent = 3 };

  g_test_summary ("What needs a person is not hidden by what goes on by itself");

  assert_says (&facts, GALLEY_SYNC_NEEDS_ATTENTION,
               "2 things need your attention – 3 changes are safe on this computer");
  facts.paused = TRUE;
  assert_says (&facts, GALLEY_SYNC_PAUSED, "Paused – 3 changes are safe on this computer");
}

static void
test_all_well (void)
{
  GalleySyncFacts facts = { .connected = TRUE };

  assert_says (&facts, GALLEY_SYNC_UP_TO_DATE, "Everything is saved and shared");
  facts.unsent = 1;
  assert_says (&facts, GALLEY_SYNC_WAITING, "Waiting – 1 change is safe on this computer");
  facts.n_running = 1;
  assert_says (&facts, GALLEY_SYNC_SYNCING, "Syncing – 1 change is safe on this computer");
}

static void
test_files (void)
{
  GalleySyncFacts facts = { .connected = TRUE, .unsent_files = 1 };
  g_autofree char *soon = galley_sync_summary_detail (&facts);
  g_autofree char *cancelled = NULL;

  g_test_summary ("Changes that are shared are no good without the file that they are about");

  assert_says (&facts, GALLEY_SYNC_WAITING, "Waiting – 1 file is safe on this computer");
  g_assert_cmpstr (soon, ==, "Starts soon.");
  facts.n_cancelled = 1;
  cancelled = galley_sync_summary_detail (&facts);
  g_assert_cmpstr (cancelled, ==, "Sending it was cancelled. Start its job again under Sync.");
  facts.n_running = 1;
  facts.unsent = 2;
  assert_says (&facts, GALLEY_SYNC_SYNCING,
               "Syncing – 2 changes and 1 file are safe on this computer");
  facts.n_attention = 1;
  assert_says (&facts, GALLEY_SYNC_NEEDS_ATTENTION,
               "1 thing needs your attention – 2 changes and 1 file are not shared yet");
  facts.n_attention = 0;
  facts.n_running = 0;
  facts.n_waiting = 1;
  facts.unsent = 0;
  facts.unsent_files = 3;
  facts.offline = TRUE;
  assert_says (&facts, GALLEY_SYNC_OFFLINE, "Offline – 3 files are safe on this computer");
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/sync-summary/no-server", test_no_server);
  g_test_add_func ("/sync-summary/offline", test_offline);
  g_test_add_func ("/sync-summary/unreachable", test_unreachable);
  g_test_add_func ("/sync-summary/person-before-machine", test_person_before_machine);
  g_test_add_func ("/sync-summary/all-well", test_all_well);
  g_test_add_func ("/sync-summary/files", test_files);

  return g_test_run ();
}
