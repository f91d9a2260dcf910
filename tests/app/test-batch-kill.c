/* test-batch-kill.c: a batch that is killed at any moment has lost nothing that it answered
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <signal.h>
#include <string.h>

#define ROUNDS 10
#define SLOW_ROUNDS 100
/* More than two groups of what goes into one commit. */
#define MAX_LINES 1500
/* A replay of all there is, each round of a slow run, would be most of its time. */
#define SLOW_REPLAY_EVERY 20

typedef struct
{
  TestDesk *desk;
  char *pin;
  guint number;             /* of the round */
  GHashTable *acknowledged; /* what was written → the change that answered it */
  guint n_before;           /* changes before this round */
} Round;

/* Values that tell which line of which round they are; every tenth line is of two edits. */
static char *
make_line (const Round *round, guint line)
{
  if (line % 10 == 9)
    return g_strdup_printf ("{\"do\":\"together\",\"edits\":["
                            "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"body\","
                            "\"value\":\"%u-%u\"},{\"do\":\"field.set\",\"entity\":\"%s\","
                            "\"field\":\"place\",\"value\":[%u,%u]}]}\n",
                            round->pin, round->number, line, round->pin, round->number, line);

  return g_strdup_printf ("{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"body\",\"value\":"
                          "\"%u-%u\"}\n",
                          round->pin, round->number, line);
}

typedef struct
{
  const Round *round;
  GOutputStream *in;
} Feeder;

/* Its own thread, so that the kill comes while lines are on their way in. */
static gpointer
feeder_thread (gpointer data)
{
  const Feeder *feeder = data;

  for (guint i = 0; i < MAX_LINES; i++)
    {
      g_autofree char *line = make_line (feeder->round, i);

      if (!g_output_stream_write_all (feeder->in, line, strlen (line), NULL, NULL, NULL))
        break;
    }

  return NULL;
}

/* A line that the kill cut short was not answered. */
static gboolean
take_answer (Round *round, const char *text)
{
  g_autoptr (JsonNode) answer = json_from_string (text, NULL);

  if (answer == NULL)
    return FALSE;

  g_hash_table_insert (round->acknowledged,
                       g_strdup_printf ("%u-%u", round->number,
                                        (guint)test_json_int (answer, "line") - 1),
                       g_strdup (test_json_text (answer, "change")));
  return TRUE;
}

static void
run_and_kill (Round *round, guint kill_after)
{
  g_autoptr (GSubprocess) batch = test_ctl_start (round->desk->folder, "batch", NULL);
  g_autoptr (GDataInputStream) out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (batch));
  Feeder feeder = { round, g_subprocess_get_stdin_pipe (batch) };
  GThread *thread = g_thread_new ("feeder", feeder_thread, &feeder);
  guint n_answers = 0;
  char *text;

  if (kill_after == 0)
    g_subprocess_force_exit (batch);
  while ((text = g_data_input_stream_read_line (out, NULL, NULL, NULL)) != NULL)
    {
      n_answers += take_answer (round, text);
      g_free (text);
      if (n_answers == kill_after)
        g_subprocess_force_exit (batch);
    }

  g_subprocess_wait (batch, NULL, NULL);
  g_assert_true (g_subprocess_get_if_signaled (batch));
  g_thread_join (thread);
}

/* Everything that was answered is in the journal, under the change that the answer named; and the
 * two edits of one change are both there. */
static void
check_journal (Round *round)
{
  g_autofree char *limit = g_strdup_printf ("%u", MAX_LINES + 10);
  g_autoptr (JsonNode)
      journal = test_ctl (round->desk->folder, "journal", "list", "--limit", limit, NULL);
  g_autoptr (GHashTable) found = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, NULL);
  GHashTableIter iter;
  gpointer value, change;

  for (guint i = 0; i < test_json_length (journal, ""); i++)
    {
      g_autofree char *index = g_strdup_printf ("%u", i);
      JsonNode *row = test_json_at (journal, index);

      if (g_strcmp0 (test_json_text (row, "edits.0.field"), "body") == 0)
        g_hash_table_insert (found, (gpointer)test_json_text (row, "edits.0.value"),
                             (gpointer)test_json_text (row, "change"));
      if (test_json_length (row, "edits") == 2)
        g_assert_cmpstr (test_json_text (row, "edits.1.field"), ==, "place");
    }

  g_hash_table_iter_init (&iter, round->acknowledged);
  while (g_hash_table_iter_next (&iter, &value, &change))
    g_assert_cmpstr (g_hash_table_lookup (found, value), ==, change);
}

static void
check_whole (Round *round, gboolean replay)
{
  g_autoptr (JsonNode) verified = test_ctl (round->desk->folder, "journal", "verify", NULL);
  g_autoptr (JsonNode) conflicts = test_ctl (round->desk->folder, "conflict", "list", NULL);

  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_cmpint (test_json_int (verified, "changes"), >=,
                   round->n_before + g_hash_table_size (round->acknowledged));
  round->n_before = test_json_int (verified, "changes");
  g_assert_cmpuint (test_json_length (conflicts, ""), ==, 0);
  if (replay)
    {
      g_autoptr (JsonNode) report = test_ctl (round->desk->folder, "replay", "--dry-run", NULL);

      g_assert_true (test_json_bool (report, "equal"));
    }
}

static void
test_kill (void)
{
  g_test_summary ("Each answer is a promise, however the program ends; the next run goes on.");
  guint n_rounds = galley_test_count_kills (ROUNDS, SLOW_ROUNDS);
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  Round round = { .desk = desk, .pin = pin };
  guint n_answers = 0;

  for (round.number = 0; round.number < n_rounds; round.number++)
    {
      /* The first before anything was answered; the rest anywhere. */
      guint kill_after = round.number == 0 ? 0 : g_test_rand_int_range (1, MAX_LINES - 1);

      round.acknowledged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      run_and_kill (&round, kill_after);
      check_journal (&round);
      check_whole (&round, !g_test_slow () || round.number % SLOW_REPLAY_EVERY == 0 ||
                               round.number == n_rounds - 1);
      n_answers += g_hash_table_size (round.acknowledged);
      g_hash_table_unref (round.acknowledged);
    }

  g_test_message ("%u kills, %u answers kept", n_rounds, n_answers);
  g_assert_cmpuint (n_answers, >, n_rounds);
}

int
main (int argc, char **argv)
{
  /* The feeder writes to programs that are gone. */
  signal (SIGPIPE, SIG_IGN);
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/batch/kill", test_kill);
  return g_test_run ();
}
