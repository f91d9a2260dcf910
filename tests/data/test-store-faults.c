/* test-store-faults.c: the disk fails at every step there is, and nothing that was saved is lost
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-fault-vfs.h"
#include "galley-test-device.h"

#include "data/galley-compactor.h"
#include "data/galley-journal-cursor.h"
#include "data/galley-database.h"
#include "data/galley-job-table.h"
#include "data/galley-replay.h"
#include "data/galley-store-private.h"

#include <glib/gstdio.h>
#include <string.h>

/* Of a key's seed, in bytes; nothing else asks for as much. */
#define SEED_BYTES 32

static const GalleyId project = { "project.of.tests" };
static const GalleyId item = { "item.of.the.test" };
static const GalleyId note = { "note.of.the.test" };
static const GalleyId second_note = { "note.that.fights" };

/* What the other device sends: made once, with the run that nothing disturbs. */
static GPtrArray *other_changes;

/* A workspace in a run. */
typedef struct
{
  char *folder;
  GalleyStore *store; /* (nullable): closed */
  gboolean forgetful; /* every step reads its pages anew */
} Run;

typedef gboolean (*Act) (Run *run, GError **error);

/* ── the script ── */

/* The device's key is the same in every run, so that what another device makes of its changes fits
 * all runs. */
static void
give_random (gpointer data, gpointer buffer, gsize bytes)
{
  if (bytes == SEED_BYTES)
    memset (buffer, 7, bytes);
  else
    galley_world_random (galley_world_real (), buffer, bytes);
}

static const GalleyWorld *
get_world (void)
{
  static GalleyWorld world;

  /* Once: what lost its power in an earlier test may still look at it. */
  if (world.random == NULL)
    {
      world = *galley_world_real ();
      world.random = give_random;
    }
  return &world;
}

static gboolean
open_store (Run *run, GError **error)
{
  run->store = galley_store_open (run->folder, GALLEY_STORE_CREATE | GALLEY_STORE_QUIET,
                                  get_world (), error);
  return run->store != NULL;
}

static gboolean
close_store (Run *run, GError **error)
{
  if (run->store != NULL)
    galley_store_close (run->store);
  g_clear_object (&run->store);
  return TRUE;
}

static gboolean
reopen_store (Run *run, GError **error)
{
  return close_store (run, error) && open_store (run, error);
}

static gboolean
commit (Run *run, GalleyDraft *draft, GError **error)
{
  gboolean done = galley_store_commit (run->store, draft, NULL, error);

  galley_draft_unref (draft);
  return done;
}

static GalleyDraft *
edit (guint8 kind, const GalleyId *entity, guint16 field, const char *element, GVariant *value)
{
  GalleyDraft *draft = galley_draft_new (&project, "edit");

  galley_draft_set_shown (draft, kind, entity, field, element, value);
  return draft;
}

static gboolean
make_project (Run *run, GError **error)
{
  GalleyDraft *draft = galley_draft_new (&project, "create project");

  galley_draft_create (draft, GALLEY_KIND_PROJECT, &project, NULL);
  galley_draft_set (draft, GALLEY_KIND_PROJECT, &project, GALLEY_PROJECT_NAME, NULL,
                    g_variant_new_string ("Harbour"), NULL, 0);
  return commit (run, draft, error);
}

static gboolean
make_item (Run *run, GError **error)
{
  GalleyDraft *draft = galley_draft_new (&project, "import");

  galley_draft_create (draft, GALLEY_KIND_ITEM, &item, &project);
  galley_draft_set (draft, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, NULL,
                    g_variant_new_string ("Poster"), NULL, 0);
  return commit (run, draft, error);
}

static gboolean
annotate (Run *run, const GalleyId *id, const char *body, GError **error)
{
  GalleyDraft *draft = galley_draft_new (&project, "annotate");

  galley_draft_create (draft, GALLEY_KIND_ANNOTATION, id, &item);
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_SHAPE, NULL,
                    g_variant_new_string ("pin"), NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_BODY, NULL,
                    g_variant_new_string (body), NULL, 0);
  return commit (run, draft, error);
}

static gboolean
make_note (Run *run, GError **error)
{
  return annotate (run, &note, "move the logo to the left", error);
}

static gboolean
make_second_note (Run *run, GError **error)
{
  return annotate (run, &second_note, "is this the right blue?", error);
}

static gboolean
edit_body (Run *run, GError **error)
{
  return commit (run,
                 edit (GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_BODY, NULL,
                       g_variant_new_string ("move the logo up")),
                 error);
}

static gboolean
move_second_note (Run *run, GError **error)
{
  return commit (run,
                 edit (GALLEY_KIND_ANNOTATION, &second_note, GALLEY_ANNOTATION_PLACE, NULL,
                       g_variant_new ("(dd)", 3.0, 4.0)),
                 error);
}

static gboolean
undo (Run *run, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_store_undo_async (run->store, &project, FALSE, NULL, galley_test_store_result, &result);
  return galley_store_undo_finish (run->store, galley_test_wait (&result), NULL, NULL, error);
}

/* ── several that share one commit ── */

/* Holds the writer thread until all that shall come together has been asked for. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean open;
  gint reached;
} Gate;

static gboolean
wait_at_gate (GalleyWriter *writer, gpointer data, GError **error)
{
  Gate *gate = data;

  g_atomic_int_set (&gate->reached, 1);
  g_main_context_wakeup (NULL);
  g_mutex_lock (&gate->mutex);
  while (!gate->open)
    g_cond_wait (&gate->cond, &gate->mutex);
  g_mutex_unlock (&gate->mutex);
  return TRUE;
}

static gboolean
save_job (GalleyWriter *writer, gpointer data, GError **error)
{
  g_autoptr (GalleyJobRow) row = galley_job_row_new ();
  gint64 *id = data;

  row->id = *id;
  row->kind = g_strdup ("push");
  row->project = project;
  row->title = g_strdup ("Send changes");
  row->unit = g_strdup ("changes");
  row->state = *id == 0 ? GALLEY_JOB_RUNNING : GALLEY_JOB_DONE;
  return galley_job_table_save (writer, row, error) &&
         galley_job_table_add_event (writer, row->id, "It has moved on.", error);
}

static void
open_gate (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->open = TRUE;
  g_cond_signal (&gate->cond);
  g_mutex_unlock (&gate->mutex);
}

/* Three edits of different fields and a job's row. */
static gboolean
edit_together (Run *run, GError **error)
{
  Gate gate = { .open = FALSE };
  g_autoptr (GAsyncResult) held = NULL, saved = NULL;
  GAsyncResult *edited[3] = { NULL };
  g_autoptr (GalleyDraft) color = edit (GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_COLOR,
                                        NULL, g_variant_new_string ("#00ff00"));
  g_autoptr (GalleyDraft)
      tag = edit (GALLEY_KIND_ITEM, &item, GALLEY_ITEM_TAGS, "print", g_variant_new_boolean (TRUE));
  g_autoptr (GalleyDraft) name = edit (GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, NULL,
                                       g_variant_new_string ("Poster A2"));
  GalleyDraft *drafts[] = { color, tag, name };
  gint64 new_row = 0;
  guint n_done = 0;

  galley_store_write_async (run->store, wait_at_gate, &gate, NULL, NULL, galley_test_store_result,
                            &held);
  while (!g_atomic_int_get (&gate.reached) && held == NULL)
    g_main_context_iteration (NULL, TRUE);
  galley_store_write_async (run->store, save_job, &new_row, NULL, NULL, galley_test_store_result,
                            &saved);
  for (guint i = 0; i < G_N_ELEMENTS (drafts); i++)
    galley_store_commit_async (run->store, drafts[i], NULL, galley_test_store_result, &edited[i]);
  open_gate (&gate);

  galley_test_wait (&held);
  n_done = galley_store_write_finish (run->store, galley_test_wait (&saved), error);
  for (guint i = 0; i < G_N_ELEMENTS (drafts); i++)
    {
      galley_test_wait (&edited[i]);
      n_done += galley_store_commit_finish (run->store, edited[i], NULL,
                                            error != NULL && *error == NULL ? error : NULL);
      g_object_unref (edited[i]);
    }
  /* A fault that lasts meets all of them, and one that does not is made good alone. */
  g_assert_true (n_done == 0 || n_done == 1 + G_N_ELEMENTS (drafts));
  return n_done > 0;
}

static gboolean
finish_job (Run *run, GError **error)
{
  gint64 first_row = 1;

  return galley_store_write (run->store, save_job, &first_row, error);
}

/* ── what the server says and sends ── */

/* The changes up to here were accepted one after the other; the last was not. */
#define N_ACCEPTED 9

static gboolean
settle (GalleyWriter *writer, gpointer data, GError **error)
{
  static const GalleyVerdict verdicts[] = {
    { .first_seq = 1, .count = 6, .position = 1 },
    { .first_seq = N_ACCEPTED + 1,
      .count = 1,
      .code = (char *)"permission",
      .message = (char *)"Your role does not allow it." },
  };

  return galley_outbox_settle (writer, &project, verdicts, G_N_ELEMENTS (verdicts), error);
}

static gboolean
settle_verdicts (Run *run, GError **error)
{
  return galley_store_write (run->store, settle, NULL, error);
}

static gboolean
receive (GalleyWriter *writer, gpointer data, GError **error)
{
  Run *run = data;
  g_autoptr (GArray) incoming = g_array_new (FALSE, TRUE, sizeof (GalleyIncoming));

  for (guint seq = 7; seq <= N_ACCEPTED; seq++)
    {
      GalleyIncoming own = { .position = seq,
                             .ref = { *galley_store_get_device (run->store), seq } };

      g_array_append_val (incoming, own);
    }
  for (guint i = 0; i < other_changes->len; i++)
    {
      GalleyIncoming other = { .position = N_ACCEPTED + 1 + i,
                               .change = g_ptr_array_index (other_changes, i) };

      g_array_append_val (incoming, other);
    }

  return galley_outbox_receive (writer, &project, (const GalleyIncoming *)incoming->data,
                                incoming->len, "history", N_ACCEPTED + other_changes->len, error);
}

static gboolean
receive_batch (Run *run, GError **error)
{
  return galley_store_write (run->store, receive, run, error);
}

/* A few segments, each a transaction of its own, and the room given back after them. */
static gboolean
compact (Run *run, GError **error)
{
  GalleyCompactOptions options = { 1, 1500, 1 };
  GalleyCompactReport report;

  return galley_compact (run->store, &options, NULL, NULL, NULL, &report, error);
}

static const struct
{
  const char *what;
  Act act;
} script[] = {
  { "open", open_store },
  { "make project", make_project },
  { "make item", make_item },
  { "make note", make_note },                   /* change 3 */
  { "edit together", edit_together },           /* 4, 5, 6 */
  { "edit body", edit_body },                   /* 7 */
  { "undo", undo },                             /* 8 */
  { "make second note", make_second_note },     /* 9 */
  { "edit what is refused", edit_body },        /* 10 */
  { "move the second note", move_second_note }, /* 11: at odds with the other device */
  { "settle verdicts", settle_verdicts },
  { "receive a batch", receive_batch },
  { "close and open", reopen_store },
  { "compact", compact },
  { "finish the job", finish_job },
  { "edit body again", edit_body },
  { "close", close_store },
};

/* ── the other device ── */

static void
edit_elsewhere (TestDevice *device)
{
  GalleyId third_note;

  test_device_set (device, &project, GALLEY_KIND_ANNOTATION, &second_note, GALLEY_ANNOTATION_PLACE,
                   NULL, g_variant_new ("(dd)", 30.0, 40.0));
  test_device_set (device, &project, GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_COLOR, NULL,
                   g_variant_new_string ("#0000ff"));
  test_device_set (device, &project, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_TAGS, "urgent",
                   g_variant_new_boolean (TRUE));
  test_device_make_note (device, &project, &item, "and the date?", &third_note);
}

/* @own: the first device's changes, as the server has them */
static void
make_other_changes (GPtrArray *own)
{
  g_autoptr (TestDevice) other = test_device_new ("other");
  g_autoptr (TestStream) stream = test_stream_new (&project);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < N_ACCEPTED; i++)
    g_ptr_array_add (stream->changes, galley_change_ref (g_ptr_array_index (own, i)));
  test_stream_pull (stream, other);
  edit_elsewhere (other);
  other_changes = galley_outbox_next (other->reader, &project, 100, G_MAXSIZE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (other_changes->len, ==, 4);
}

/* ── what is there ── */

/* All that a person could tell from another state; salts, times and row numbers are not among it.
 */
static const char *const contents[] = {
  "SELECT 'tip ' || hex (d.id) || t.seq FROM tip t JOIN device d ON d.number = t.device ORDER BY 1",
  "SELECT 'project ' || hex (id) || shared || position || ifnull (history, '') FROM project"
  " ORDER BY 1",
  "SELECT 'refusal ' || seq || code || message FROM refusal ORDER BY 1",
  "SELECT 'waiting ' || position FROM waiting ORDER BY 1",
  "SELECT 'job ' || j.kind || j.state || count (e.id) FROM job j"
  " LEFT JOIN job_event e ON e.job = j.id GROUP BY j.id ORDER BY 1",
  "SELECT 'entity ' || hex (id) || kind || alive FROM derived_entity ORDER BY 1",
  "SELECT 'value ' || hex (e.id) || h.field || h.element || hex (d.id) || h.seq || ' ' ||"
  " ifnull (CASE WHEN h.field <> 1 THEN hex (h.value) END, '') FROM derived_head h"
  " JOIN derived_entity e ON e.number = h.entity JOIN device d ON d.number = h.device ORDER BY 1",
  "SELECT 'contested ' || hex (e.id) || c.field || c.state || hex (ifnull (c.value, ''))"
  " FROM derived_contested c JOIN derived_entity e ON e.number = c.entity ORDER BY 1",
  "SELECT 'item ' || name || state FROM derived_item ORDER BY 1",
  "SELECT 'digest ' || hex (sum) || n_heads FROM derived_digest ORDER BY 1",
  "SELECT 'search ' || text FROM derived_search ORDER BY 1",
  "SELECT 'setting ' || key FROM setting ORDER BY 1",
};

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Every change, wherever it is kept; one that is in its row and in a segment as well stands twice.
 */
static void
describe_changes (Run *run, GString *text)
{
  g_autofree char *path = g_build_filename (run->folder, "galley.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDatabase) db = galley_database_open (path, TRUE, &error);
  g_autoptr (GalleySegmentTable) segments = galley_segment_table_new (db);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GalleyJournalCursor) cursor = NULL;
  GalleyJournalItem at;

  g_assert_no_error (error);
  cursor = galley_journal_cursor_new (db, segments, 0, GALLEY_JOURNAL_OLDEST_FIRST, 0, &error);
  while (cursor != NULL && galley_journal_cursor_next (cursor, &at, &error) > 0)
    {
      g_autoptr (GalleyChange) change = galley_journal_item_read (&at, &error);
      char id[GALLEY_ID_TEXT_SIZE];

      g_ptr_array_add (lines,
                       g_strdup_printf ("change %s.%u %u\n",
                                        galley_id_print (&galley_change_get_header (change)->device,
                                                         id),
                                        (guint)galley_change_get_header (change)->seq,
                                        (guint)at.position));
    }
  g_assert_no_error (error);
  g_ptr_array_sort (lines, compare_lines);
  for (guint i = 0; i < lines->len; i++)
    g_string_append (text, g_ptr_array_index (lines, i));
}

static char *
describe (Run *run)
{
  g_autofree char *path = g_build_filename (run->folder, "galley.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDatabase) db = galley_database_open (path, TRUE, &error);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  describe_changes (run, text);
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      sqlite3_stmt *query = galley_database_query (db, &error, contents[i], "");

      g_assert_no_error (error);
      while (galley_database_step (db, query, &error) > 0)
        g_string_append_printf (text, "%s\n", sqlite3_column_text (query, 0));
      g_assert_no_error (error);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What is there after each step of the script; [0] is not looked at: there is no database yet. */
static char *expected[G_N_ELEMENTS (script) + 1];

static void
assert_sound (Run *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (run->store, &error);
  GalleyReplayReport report;
  guint64 n_changes;

  g_assert_no_error (error);
  galley_journal_verify (reader, NULL, NULL, NULL, NULL, &n_changes, &error);
  g_assert_no_error (error);
  galley_replay_dry_run (run->store, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (report.difference, ==, NULL);
  g_assert_true (report.equal);
  galley_replay_report_clear (&report);
}

/* ── runs ── */

static void
run_init (Run *run)
{
  static guint n_runs;
  g_autofree char *name = g_strdup_printf ("run-%u", n_runs++);

  run->folder = galley_test_path (name);
  run->store = NULL;
  run->forgetful = FALSE;
  g_assert_cmpint (g_mkdir (run->folder, 0700), ==, 0);
}

static void
run_clear (Run *run)
{
  g_autoptr (GDir) dir = g_dir_open (run->folder, 0, NULL);
  const char *name;

  close_store (run, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (run->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (run->folder);
  g_free (run->folder);
}

static gboolean
forget_pages (GalleyWriter *writer, gpointer data, GError **error)
{
  sqlite3_db_release_memory (galley_database_get_handle (writer->db));
  return TRUE;
}

/* Returns: how many steps of the script were done; @error says why no more */
static guint
run_script (Run *run, guint from, GError **error)
{
  for (guint done = from; done < G_N_ELEMENTS (script); done++)
    {
      if (run->forgetful && run->store != NULL)
        galley_store_write (run->store, forget_pages, NULL, NULL);
      if (!script[done].act (run, error))
        return done;
    }

  return G_N_ELEMENTS (script);
}

/* The run that nothing disturbs: what the others are measured by. */
static void
learn (void)
{
  Run run;
  g_autoptr (GPtrArray) own = NULL;

  if (other_changes != NULL)
    return;

  run_init (&run);
  for (guint i = 0; i < G_N_ELEMENTS (script); i++)
    {
      g_autoptr (GError) error = NULL;

      if (script[i].act == settle_verdicts)
        {
          g_autoptr (GalleyReader) reader = galley_store_open_reader (run.store, NULL);

          own = galley_outbox_next (reader, &project, 100, G_MAXSIZE, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (own->len, ==, N_ACCEPTED + 2);
          make_other_changes (own);
        }
      script[i].act (&run, &error);
      g_assert_no_error (error);
      expected[i + 1] = describe (&run);
      if (i > 0 && script[i].act != close_store && script[i].act != reopen_store &&
          script[i].act != compact)
        g_assert_cmpstr (expected[i + 1], !=, expected[i]);
    }
  g_assert_nonnull (strstr (expected[G_N_ELEMENTS (script)], "refusal 10permission"));
  run_clear (&run);
}

/* A fault as one says it, for the log of a test that fails. */
static void
tell (const TestFault *fault, guint done)
{
  static const char *const kinds[] = { "refuses", "is full", "loses power" };

  g_test_message ("the disk %s %s at its step %u; done: %u, up to “%s”", kinds[fault->kind],
                  fault->once ? "once" : "for good", fault->at, done,
                  done > 0 ? script[done - 1].what : "nothing");
}

static void
assert_disk_error (const TestFault *fault, const GError *error)
{
  g_assert_nonnull (error);
  if (error->domain != GALLEY_DATA_ERROR ||
      (error->code != GALLEY_DATA_ERROR_IO && error->code != GALLEY_DATA_ERROR_NO_SPACE))
    g_error ("not an error of the disk: %s", error->message);
}

/* The same store goes on as soon as there is room again, or the workspace is opened anew. */
static void
recover (Run *run, guint done, gboolean reopen)
{
  g_autoptr (GError) error = NULL;

  if (reopen)
    close_store (run, NULL);
  if (run->store == NULL && done > 0 && done < G_N_ELEMENTS (script))
    {
      open_store (run, &error);
      g_assert_no_error (error);
    }
}

static void
finish (Run *run, guint done)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;

  run_script (run, done, &error);
  g_assert_no_error (error);
  open_store (run, &error);
  g_assert_no_error (error);
  after = describe (run);
  g_assert_cmpstr (after, ==, expected[G_N_ELEMENTS (script)]);
  assert_sound (run);
}

/* Returns: whether there was a step with that number */
static gboolean
fail_once (const TestFault *fault)
{
  Run run;
  g_autoptr (GError) error = NULL;
  guint done, n_steps;

  run_init (&run);
  run.forgetful = fault->steps == TEST_STEPS_READ;
  test_fault_vfs_arm (fault);
  done = run_script (&run, 0, &error);
  n_steps = test_fault_vfs_disarm ();
  tell (fault, done);
  if (done < G_N_ELEMENTS (script))
    assert_disk_error (fault, error);

  recover (&run, done, fault->at % 2 == 0);
  if (done > 0)
    {
      g_autofree char *now = describe (&run);

      g_assert_cmpstr (now, ==, expected[done]);
      /* What follows from the journal is in what was compared; a replay says so once more, and
       * takes most of a run's time. */
      if (g_test_slow () && run.store != NULL)
        assert_sound (&run);
    }
  finish (&run, done);
  run_clear (&run);

  return n_steps >= fault->at;
}

/* Which steps are tried: all of them, or some that are spread over the run. */
static void
try_steps (TestFault *fault, guint stride, gboolean (*run) (const TestFault *fault))
{
  guint n_hit = 0;

  learn ();
  if (g_test_slow ())
    stride = 1;
  for (fault->at = 1; run (fault); fault->at += stride)
    n_hit++;
  g_test_message ("%u faults", n_hit);
  g_assert_cmpuint (n_hit, >, 10);
}

static void
test_refuses_once (void)
{
  TestFault fault = { TEST_FAULT_IO, TEST_STEPS_WRITE, 0, TRUE };

  try_steps (&fault, 29, fail_once);
}

static void
test_refuses_for_good (void)
{
  TestFault fault = { TEST_FAULT_IO, TEST_STEPS_WRITE, 0, FALSE };

  try_steps (&fault, 31, fail_once);
}

static void
test_full_once (void)
{
  TestFault fault = { TEST_FAULT_FULL, TEST_STEPS_WRITE, 0, TRUE };

  try_steps (&fault, 37, fail_once);
}

static void
test_full_for_good (void)
{
  TestFault fault = { TEST_FAULT_FULL, TEST_STEPS_WRITE, 0, FALSE };

  try_steps (&fault, 29, fail_once);
}

static void
test_cannot_read_once (void)
{
  TestFault fault = { TEST_FAULT_IO, TEST_STEPS_READ, 0, TRUE };

  try_steps (&fault, 11, fail_once);
}

/* ── power cuts ── */

/* Whoever was told that a change is saved finds it. What was not answered yet is there as a whole
 * or not at all, and so is the one whose sync failed: the disk may have it or not. While the power
 * stays on, what failed is never there; see fail_once(). */
static gboolean
cut_power (const TestFault *fault, GRand *chance)
{
  Run run;
  g_autoptr (GError) error = NULL;
  guint done, n_steps;

  run_init (&run);
  test_fault_vfs_arm (fault);
  done = run_script (&run, 0, &error);
  close_store (&run, NULL);
  test_fault_vfs_power_cut (chance);
  n_steps = test_fault_vfs_disarm ();
  tell (fault, done);
  if (done < G_N_ELEMENTS (script))
    assert_disk_error (fault, error);

  if (done > 0)
    {
      g_autofree char *now = NULL;
      g_autoptr (GError) reopened = NULL;

      open_store (&run, &reopened);
      g_assert_no_error (reopened);
      now = describe (&run);
      if (done < G_N_ELEMENTS (script) && script[done].act != reopen_store &&
          g_strcmp0 (now, expected[done]) != 0)
        done++;
      g_assert_cmpstr (now, ==, expected[done]);
      assert_sound (&run);
    }
  finish (&run, done);
  run_clear (&run);

  return n_steps >= fault->at;
}

static gboolean
cut_and_forget (const TestFault *fault)
{
  return cut_power (fault, NULL);
}

static gboolean
cut_and_tear (const TestFault *fault)
{
  g_autoptr (GRand) chance = g_rand_new_with_seed (g_test_rand_int ());

  return cut_power (fault, chance);
}

static void
test_power_cut (void)
{
  TestFault fault = { TEST_FAULT_CRASH, TEST_STEPS_WRITE, 0, FALSE };

  try_steps (&fault, 17, cut_and_forget);
}

static void
test_power_cut_tears (void)
{
  TestFault fault = { TEST_FAULT_CRASH, TEST_STEPS_WRITE, 0, FALSE };

  try_steps (&fault, 17, cut_and_tear);
}

int
main (int argc, char **argv)
{
  int status;

  galley_test_init (&argc, &argv);
  test_fault_vfs_install ();
  g_test_add_func ("/store-faults/refuses-once", test_refuses_once);
  g_test_add_func ("/store-faults/refuses-for-good", test_refuses_for_good);
  g_test_add_func ("/store-faults/full-once", test_full_once);
  g_test_add_func ("/store-faults/full-for-good", test_full_for_good);
  g_test_add_func ("/store-faults/cannot-read-once", test_cannot_read_once);
  g_test_add_func ("/store-faults/power-cut", test_power_cut);
  g_test_add_func ("/store-faults/power-cut-tears", test_power_cut_tears);
  status = g_test_run ();

  g_clear_pointer (&other_changes, g_ptr_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_free (expected[i]);
  return status;
}
