/* test-snapshot.c: a device that begins with a snapshot is like one that has pulled everything
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-compactor.h"
#include "data/galley-decision.h"
#include "data/galley-replay.h"
#include "data/galley-snapshot-install.h"
#include "data/galley-snapshot-maker.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define N_NOTES 8

/* Two devices at work on a project, and a third that comes later. */
typedef struct
{
  TestDevice *a, *b, *late;
  TestStream *stream;
  GalleyId project, item, notes[N_NOTES];
  char *file; /* of the snapshot */
  GalleyHash hash;
} Team;

static void
team_init (Team *team)
{
  team->a = test_device_new ("a");
  team->b = test_device_new ("b");
  team->late = test_device_new ("late");
  team->file = galley_test_path ("file.snapshot");
  test_device_make_project (team->a, &team->project);
  test_device_make_item (team->a, &team->project, "Poster", &team->item);
  for (guint i = 0; i < N_NOTES; i++)
    test_device_make_note (team->a, &team->project, &team->item, "one two three four",
                           &team->notes[i]);
  team->stream = test_stream_new (&team->project);
  test_stream_sync (team->stream, team->a, team->b);
}

static void
team_clear (Team *team)
{
  test_stream_free (team->stream);
  test_device_free (team->a);
  test_device_free (team->b);
  test_device_free (team->late);
  g_free (team->file);
}

static void
set_note (Team *team, TestDevice *device, guint note, guint16 field, GVariant *value)
{
  test_device_set (device, &team->project, GALLEY_KIND_ANNOTATION, &team->notes[note], field, NULL,
                   value);
}

static void delete (Team *team, TestDevice *device, guint note)
{
  GalleyDraft *draft = galley_draft_new (&team->project, "delete");

  galley_draft_delete (draft, GALLEY_KIND_ANNOTATION, &team->notes[note]);
  test_device_commit (device, draft);
}

static void
undo (TestDevice *device)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  galley_store_undo_async (device->store, NULL, FALSE, NULL, galley_test_store_result, &result);
  galley_store_undo_finish (device->store, galley_test_wait (&result), NULL, NULL, &error);
  g_assert_no_error (error);
}

/* A bit of everything: what is superseded, contested, merged, deleted, brought back and refused. */
static void
work (Team *team)
{
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *body = g_strdup_printf ("one two three %u", i);

      set_note (team, i % 2 ? team->a : team->b, i % 3, GALLEY_ANNOTATION_BODY,
                g_variant_new_string (body));
      test_stream_sync (team->stream, team->a, team->b);
      test_stream_pull (team->stream, team->a);
    }
  test_device_set (team->a, &team->project, GALLEY_KIND_ITEM, &team->item, GALLEY_ITEM_TAGS,
                   "print", g_variant_new_boolean (TRUE));
  test_device_set (team->a, &team->project, GALLEY_KIND_ITEM, &team->item, GALLEY_ITEM_NAME, NULL,
                   g_variant_new_string ("Poster A2"));
  delete (team, team->a, 5);
  undo (team->a);
  delete (team, team->a, 6);
  test_stream_sync (team->stream, team->a, team->b);

  set_note (team, team->a, 3, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#ff0000"));
  set_note (team, team->b, 3, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#00ff00"));
  set_note (team, team->a, 4, GALLEY_ANNOTATION_BODY, g_variant_new_string ("zero two three four"));
  set_note (team, team->b, 4, GALLEY_ANNOTATION_BODY, g_variant_new_string ("one two three five"));
  delete (team, team->a, 7);
  set_note (team, team->b, 7, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#0000ff"));
  team->stream->refuse_intent = "refused";
  {
    GalleyDraft *draft = galley_draft_new (&team->project, "refused");

    galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &team->notes[0],
                            GALLEY_ANNOTATION_STATUS, NULL, g_variant_new_string ("resolved"));
    test_device_commit (team->b, draft);
  }
  set_note (team, team->b, 1, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#abcdef"));
  test_stream_sync (team->stream, team->a, team->b);
  test_stream_pull (team->stream, team->a);
}

/* ── the server's part ── */

static void
no_signature (const GalleyRef *ref, guint8 signature[GALLEY_SIGNATURE_BYTES], gpointer data)
{
  memset (signature, 0, GALLEY_SIGNATURE_BYTES);
}

static void
add_gaps (Team *team, GalleySnapshotMaker *maker, GalleyChange *change)
{
  for (guint i = 0; i < team->stream->gaps->len; i++)
    {
      const GalleyIncoming *gap = team->stream->gaps->pdata[i];
      const GalleyChangeHeader *header = galley_change_get_header (change);

      if (galley_id_equal (&gap->ref.device, &header->device) && gap->ref.seq < header->seq)
        g_assert_true (galley_snapshot_maker_add_gap (maker, &gap->ref, &gap->hash, NULL));
    }
}

/* Followed from wherever it was, as a server does. */
static void
make_snapshot (Team *team)
{
  g_autofree char *path = galley_test_path ("maker.db");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleySnapshotMaker) maker = galley_snapshot_maker_open (path, &team->project, &error);
  guint64 size_bytes;

  g_assert_no_error (error);
  g_assert_true (galley_snapshot_maker_begin (maker, &error));
  for (guint i = galley_snapshot_maker_get_position (maker); i < team->stream->changes->len; i++)
    {
      GalleyChange *change = team->stream->changes->pdata[i];

      add_gaps (team, maker, change);
      galley_snapshot_maker_add (maker, i + 1, galley_change_get_bytes (change), &error);
      g_assert_no_error (error);
    }
  g_assert_true (galley_snapshot_maker_end (maker, TRUE, &error));
  galley_snapshot_maker_write (maker, team->file, "history", no_signature, NULL, &team->hash,
                               &size_bytes, &error);
  g_assert_no_error (error);
}

typedef struct
{
  guint64 done, total; /* changes */
} Seen;

static void
seen_cb (guint64 done, guint64 total, gpointer data)
{
  Seen *seen = data;

  g_assert_cmpuint (done, >=, seen->done);
  g_assert_true (seen->total == 0 || seen->total == total);
  *seen = (Seen){ done, total };
}

/* How far it is is told truly: the end is reached with the last change. */
static void
install (Team *team)
{
  Seen seen = { 0 };
  g_autoptr (GError) error = NULL;

  galley_snapshot_install (team->late->store, &team->project, team->file, &team->hash, NULL, NULL,
                           seen_cb, &seen, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (seen.done, >, 0);
  g_assert_cmpuint (seen.done, ==, seen.total);
  test_device_reopen (team->late);
}

/* As many changes of the history as are asked for. */
static void
add_history (Team *team, guint n_changes)
{
  g_autoptr (GArray) incoming = g_array_new (FALSE, TRUE, sizeof (GalleyIncoming));
  g_autoptr (GError) error = NULL;
  GalleyHistoryState state;

  g_assert_true (galley_history_get_state (team->late->reader, &team->project, &state, &error));
  for (guint i = state.fetched; i < MIN (state.fetched + n_changes, team->stream->changes->len);
       i++)
    {
      GalleyChange *change = team->stream->changes->pdata[i];
      const GalleyChangeHeader *header = galley_change_get_header (change);
      GalleyIncoming one = { .position = i + 1,
                             .change = change,
                             .ref = { header->device, header->seq } };

      for (guint g = 0; g < team->stream->gaps->len; g++)
        {
          const GalleyIncoming *gap = team->stream->gaps->pdata[g];

          if (galley_id_equal (&gap->ref.device, &header->device) && gap->ref.seq < header->seq)
            g_array_append_vals (incoming, gap, 1);
        }
      g_array_append_val (incoming, one);
    }
  galley_history_add (team->late->store, &team->project, (const GalleyIncoming *)incoming->data,
                      incoming->len, &error);
  g_assert_no_error (error);
}

static void
add_all_history (Team *team)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < team->stream->changes->len; i += 7)
    add_history (team, 7);
  galley_history_finish (team->late->store, &team->project, &error);
  g_assert_no_error (error);
}

/* ── comparing ── */

static const char *const contents[] = {
  "SELECT 'entity ' || hex (e.id) || e.kind || e.alive || hex (e.author) || e.created_us ||"
  " hex (ifnull (p.id, '')) || hex (ifnull (o.id, '')) FROM derived_entity e"
  " LEFT JOIN derived_entity p ON p.number = e.parent"
  " LEFT JOIN derived_entity o ON o.number = e.owner ORDER BY 1",
  "SELECT 'value ' || hex (e.id) || h.field || h.element || hex (d.id) || h.seq || ' ' ||"
  " hex (ifnull (h.value, '')) FROM derived_head h"
  " JOIN derived_entity e ON e.number = h.entity JOIN device d ON d.number = h.device ORDER BY 1",
  "SELECT 'contested ' || hex (e.id) || c.field || c.state || c.rule || hex (ifnull (c.value, ''))"
  " FROM derived_contested c JOIN derived_entity e ON e.number = c.entity ORDER BY 1",
  "SELECT 'item ' || name || state FROM derived_item ORDER BY 1",
  "SELECT 'digest ' || hex (sum) || n_heads FROM derived_digest ORDER BY 1",
  "SELECT 'search ' || text FROM derived_search ORDER BY 1",
  "SELECT 'tip ' || hex (d.id) || t.seq || hex (t.hash) FROM tip t"
  " JOIN device d ON d.number = t.device ORDER BY 1",
  "SELECT 'project ' || hex (id) || shared || position || history FROM project ORDER BY 1",
};

static char *
describe (TestDevice *device)
{
  g_autofree char *path = g_build_filename (device->folder, "galley.db", NULL);
  GString *text = g_string_new (NULL);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      sqlite3_stmt *query = NULL;

      g_assert_cmpint (sqlite3_prepare_v2 (db, contents[i], -1, &query, NULL), ==, SQLITE_OK);
      while (sqlite3_step (query) == SQLITE_ROW)
        g_string_append_printf (text, "%s\n", sqlite3_column_text (query, 0));
      sqlite3_finalize (query);
    }
  sqlite3_close (db);

  return g_string_free (text, FALSE);
}

static void
assert_same (TestDevice *a, TestDevice *b)
{
  g_autofree char *of_a = describe (a);
  g_autofree char *of_b = describe (b);

  g_assert_cmpstr (of_a, ==, of_b);
}

static GPtrArray *
list_journal (TestDevice *device)
{
  GalleyJournalFilter filter = { .limit = 100000 };
  g_autoptr (GError) error = NULL;
  GPtrArray *rows = galley_reader_list_journal (device->reader, &filter, &error);

  g_assert_no_error (error);
  return rows;
}

/* ── tests ── */

static void
test_like_one_that_pulled (void)
{
  g_test_summary ("Rows, digest and replay are those of the others, before and after the history.");
  Team team;
  g_autoptr (GPtrArray) before = NULL, after = NULL;

  team_init (&team);
  work (&team);
  make_snapshot (&team);
  install (&team);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);
  before = list_journal (team.late);
  g_assert_cmpuint (before->len, <, team.stream->changes->len);

  add_history (&team, 9);
  test_device_assert_replay (team.late);
  add_all_history (&team);
  test_device_reopen (team.late);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);
  after = list_journal (team.late);
  g_assert_cmpuint (after->len, ==, team.stream->changes->len);
  for (guint i = 0; i < after->len; i++)
    g_assert_cmpuint (((GalleyJournalRow *)after->pdata[i])->position, ==, after->len - i);
  team_clear (&team);
}

static void
contest_due (Team *team, gint64 by_a, gint64 by_b)
{
  test_device_set (team->a, &team->project, GALLEY_KIND_ITEM, &team->item, GALLEY_ITEM_DUE, NULL,
                   g_variant_new_int64 (by_a));
  test_device_set (team->b, &team->project, GALLEY_KIND_ITEM, &team->item, GALLEY_ITEM_DUE, NULL,
                   g_variant_new_int64 (by_b));
  test_stream_sync (team->stream, team->a, team->b);
  test_stream_pull (team->stream, team->a);
}

/* @before: the rules are switched before people disagree; else afterwards */
static void
test_other_rules (gconstpointer before)
{
  g_test_summary (
      "A project that follows other rules shows what it shows the others, from the start");
  Team team;
  g_autofree char *due = NULL;

  team_init (&team);
  if (!before)
    contest_due (&team, 200, 100);
  test_device_set (team.a, &team.project, GALLEY_KIND_PROJECT, &team.project, GALLEY_PROJECT_RULES,
                   NULL, g_variant_new_uint32 (2));
  test_stream_sync (team.stream, team.a, team.b);
  if (before)
    contest_due (&team, 200, 100);
  make_snapshot (&team);
  install (&team);
  assert_same (team.b, team.late);
  due = test_device_get (team.late, &team.item, GALLEY_ITEM_DUE);
  g_assert_cmpstr (due, ==, "100");
  g_assert_cmpuint (test_device_count_conflicts (team.late), ==, 0);
  test_device_assert_replay (team.late);
  add_all_history (&team);
  test_device_reopen (team.late);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);
  team_clear (&team);
}

static void
approve (Team *team)
{
  GalleyDraft *draft = galley_draft_new (&team->project, "approve");
  g_autoptr (GError) error = NULL;
  GalleyId person;

  galley_store_get_person (team->a->store, &person);
  galley_decision_prepare (draft, team->a->reader, galley_store_get_key (team->a->store), &person,
                           &team->item, NULL, "approve", NULL, &error);
  g_assert_no_error (error);
  test_device_commit (team->a, draft);
}

static void
test_how_many_must_approve (void)
{
  g_test_summary ("One approval of two is not enough, on the newcomer's device as on others");
  Team team;
  GalleyId version;
  g_autoptr (GalleyItemRow) row = NULL;

  team_init (&team);
  test_device_make_version (team.a, &team.project, &team.item, 7, 1, &version);
  test_device_set (team.a, &team.project, GALLEY_KIND_PROJECT, &team.project,
                   GALLEY_PROJECT_APPROVAL, NULL, g_variant_new ("(us)", 2, "reviewer"));
  approve (&team);
  test_stream_sync (team.stream, team.a, team.b);
  make_snapshot (&team);
  install (&team);
  row = galley_reader_get_item (team.late->reader, &team.item, NULL);
  g_assert_cmpstr (row->state, ==, "partly");
  assert_same (team.b, team.late);
  team_clear (&team);
}

/* What happens after the position comes by pull, and own work goes on. */
static void
test_goes_on (void)
{
  Team team;
  GalleyCompactOptions options = { 0, 0, 1 };
  GalleyCompactReport report;
  g_autoptr (GError) error = NULL;

  team_init (&team);
  work (&team);
  make_snapshot (&team);
  set_note (&team, team.a, 0, GALLEY_ANNOTATION_BODY, g_variant_new_string ("after"));
  test_stream_push (team.stream, team.a);
  install (&team);
  test_stream_pull (team.stream, team.late);
  set_note (&team, team.late, 0, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#111111"));
  test_stream_push (team.stream, team.late);
  test_stream_pull (team.stream, team.b);
  test_stream_pull (team.stream, team.late);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);

  galley_compact (team.late->store, &options, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_changes, >, 0);
  test_device_assert_replay (team.late);
  /* A snapshot that is made later, from where the first one was. */
  make_snapshot (&team);
  add_all_history (&team);
  test_device_reopen (team.late);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);
  team_clear (&team);
}

/* An edit beside a head whose ancestors are not here: nothing merges, until they are. */
static void
test_base_arrives_later (void)
{
  Team team;

  team_init (&team);
  set_note (&team, team.a, 0, GALLEY_ANNOTATION_BODY, g_variant_new_string ("one two three six"));
  test_stream_sync (team.stream, team.a, team.b);
  set_note (&team, team.a, 0, GALLEY_ANNOTATION_BODY, g_variant_new_string ("one two three five"));
  test_stream_push (team.stream, team.a);
  make_snapshot (&team);
  install (&team);
  /* From the text that the snapshot does not have any more. */
  set_note (&team, team.b, 0, GALLEY_ANNOTATION_BODY, g_variant_new_string ("zero two three six"));
  test_stream_push (team.stream, team.b);
  test_stream_pull (team.stream, team.b);
  test_stream_pull (team.stream, team.late);
  g_assert_cmpint (test_device_get_state (team.late, &team.notes[0], GALLEY_ANNOTATION_BODY), ==,
                   GALLEY_STATE_CONFLICT);

  add_all_history (&team);
  test_device_reopen (team.late);
  g_assert_cmpint (test_device_get_state (team.late, &team.notes[0], GALLEY_ANNOTATION_BODY), ==,
                   GALLEY_STATE_MERGED);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);
  team_clear (&team);
}

/* ── interrupted ── */

static void
cancel_cb (guint64 done, guint64 total, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
fill (Team *team)
{
  for (guint i = 0; i < 1500; i++)
    {
      GalleyId note;

      test_device_make_note (team->a, &team->project, &team->item,
                             "a note that takes some room in the snapshot's file", &note);
    }
  test_stream_sync (team->stream, team->a, team->b);
}

/* Half of it does not show, and the next try goes on where the first ended. */
static void
test_half_does_not_show (void)
{
  Team team;
  GalleyItemFilter all = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GPtrArray) projects = NULL, rows = NULL, hits = NULL;
  g_autoptr (GArray) items = NULL;
  g_autoptr (GError) error = NULL;

  team_init (&team);
  fill (&team);
  make_snapshot (&team);
  g_assert_false (galley_snapshot_install (team.late->store, &team.project, team.file, &team.hash,
                                           NULL, cancellable, cancel_cb, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  test_device_reopen (team.late);
  projects = galley_reader_list_projects (team.late->reader, NULL);
  g_assert_cmpuint (projects->len, ==, 0);
  items = galley_reader_list_item_ids (team.late->reader, &all, NULL);
  g_assert_cmpuint (items->len, ==, 0);
  hits = galley_reader_search (team.late->reader, "note", 10, NULL);
  g_assert_cmpuint (hits->len, ==, 0);
  rows = list_journal (team.late);
  g_assert_cmpuint (rows->len, ==, 0);

  install (&team);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);
  team_clear (&team);
}

/* Begun with one snapshot, finished with another. */
static void
test_another_snapshot (void)
{
  Team team;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  team_init (&team);
  fill (&team);
  make_snapshot (&team);
  g_assert_false (galley_snapshot_install (team.late->store, &team.project, team.file, &team.hash,
                                           NULL, cancellable, cancel_cb, cancellable, NULL));
  set_note (&team, team.a, 0, GALLEY_ANNOTATION_BODY, g_variant_new_string ("later"));
  test_stream_sync (team.stream, team.a, team.b);
  make_snapshot (&team);
  install (&team);
  assert_same (team.b, team.late);
  test_device_assert_replay (team.late);
  team_clear (&team);
}

/* Who has begun to work in the project meanwhile keeps that, and pulls. */
static void
test_not_new (void)
{
  Team team;
  GalleyId item;
  g_autofree char *on_b = NULL, *on_late = NULL;
  g_autoptr (GError) error = NULL;

  team_init (&team);
  make_snapshot (&team);
  test_device_make_item (team.late, &team.project, "Mine", &item);
  g_assert_false (galley_snapshot_install (team.late->store, &team.project, team.file, &team.hash,
                                           NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_EXISTS);
  test_stream_sync (team.stream, team.late, team.b);
  on_b = test_device_get_digest (team.b, &team.project);
  on_late = test_device_get_digest (team.late, &team.project);
  g_assert_cmpstr (on_b, ==, on_late);
  team_clear (&team);
}

/* ── what a server might get wrong ── */

/* Cut off anywhere, it is refused, and nothing of it shows; the whole one is taken after that. */
static void
test_damaged_file (void)
{
  Team team;
  g_autofree char *whole = NULL;
  gsize size;

  team_init (&team);
  work (&team);
  make_snapshot (&team);
  g_assert_true (g_file_get_contents (team.file, &whole, &size, NULL));
  for (gsize i = 1; i < size; i += size / 40)
    {
      GalleyItemFilter all = { 0 };
      g_autoptr (GArray) items = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (team.file, whole, size - i, NULL));
      g_assert_false (galley_snapshot_install (team.late->store, &team.project, team.file,
                                               &team.hash, NULL, NULL, NULL, NULL, &error));
      g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
      items = galley_reader_list_item_ids (team.late->reader, &all, NULL);
      g_assert_cmpuint (items->len, ==, 0);
    }

  g_assert_true (g_file_set_contents (team.file, whole, size, NULL));
  install (&team);
  assert_same (team.b, team.late);
  team_clear (&team);
}

/* What it says it stands for is not what it holds: nothing of it stays. */
static void
test_other_digest (void)
{
  Team team;
  GalleyItemFilter all = { 0 };
  g_autofree char *data = NULL;
  g_autoptr (GArray) items = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  team_init (&team);
  make_snapshot (&team);
  g_assert_true (g_file_get_contents (team.file, &data, &size, NULL));
  data[5 + 5 + 32] ^= 1; /* magic, length and type, then the digest at 32 */
  g_assert_true (g_file_set_contents (team.file, data, size, NULL));
  g_assert_false (galley_snapshot_install (team.late->store, &team.project, team.file, &team.hash,
                                           NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  items = galley_reader_list_item_ids (team.late->reader, &all, NULL);
  g_assert_cmpuint (items->len, ==, 0);

  /* It is left to pull. */
  test_stream_pull (team.stream, team.late);
  assert_same (team.b, team.late);
  team_clear (&team);
}

/* The history is another than the snapshot said: told, and the snapshot stays. */
static void
test_other_history (void)
{
  Team team, other;
  g_autoptr (GError) error = NULL;
  GalleyIncoming wrong = { .position = 1 };

  team_init (&team);
  make_snapshot (&team);
  install (&team);
  other = team;
  wrong.change = other.stream->changes->pdata[1];
  wrong.ref = (GalleyRef){ galley_change_get_header (wrong.change)->device, 2 };
  g_assert_false (galley_history_add (team.late->store, &team.project, &wrong, 1, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_FORK);
  assert_same (team.b, team.late);
  team_clear (&team);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/snapshot/like-one-that-pulled", test_like_one_that_pulled);
  g_test_add_data_func ("/snapshot/other-rules/before", "before", test_other_rules);
  g_test_add_data_func ("/snapshot/other-rules/after", NULL, test_other_rules);
  g_test_add_func ("/snapshot/how-many-must-approve", test_how_many_must_approve);
  g_test_add_func ("/snapshot/goes-on", test_goes_on);
  g_test_add_func ("/snapshot/base-arrives-later", test_base_arrives_later);
  g_test_add_func ("/snapshot/half-does-not-show", test_half_does_not_show);
  g_test_add_func ("/snapshot/another-snapshot", test_another_snapshot);
  g_test_add_func ("/snapshot/not-new", test_not_new);
  g_test_add_func ("/snapshot/damaged-file", test_damaged_file);
  g_test_add_func ("/snapshot/other-digest", test_other_digest);
  g_test_add_func ("/snapshot/other-history", test_other_history);
  return g_test_run ();
}
