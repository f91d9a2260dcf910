/* test-compact.c: a compacted journal answers as before, is smaller, and loses nothing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-compactor.h"
#include "data/galley-replay.h"
#include "data/galley-rescue.h"
#include "data/galley-segment.h"
#include "data/galley-stream.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

/* Two devices with one project and two notes that both know. */
typedef struct
{
  TestDevice *a, *b;
  TestStream *stream;
  GalleyId project, item, note, other;
} Pair;

static void
pair_init (Pair *pair)
{
  pair->a = test_device_new ("a");
  pair->b = test_device_new ("b");
  test_device_make_project (pair->a, &pair->project);
  test_device_make_item (pair->a, &pair->project, "Poster", &pair->item);
  test_device_make_note (pair->a, &pair->project, &pair->item, "one two three four", &pair->note);
  test_device_make_note (pair->a, &pair->project, &pair->item, "red green blue", &pair->other);
  pair->stream = test_stream_new (&pair->project);
  test_stream_sync (pair->stream, pair->a, pair->b);
}

static void
pair_clear (Pair *pair)
{
  test_stream_free (pair->stream);
  test_device_free (pair->a);
  test_device_free (pair->b);
}

static void
assert_same (Pair *pair)
{
  g_autofree char *a = test_device_get_digest (pair->a, &pair->project);
  g_autofree char *b = test_device_get_digest (pair->b, &pair->project);

  g_assert_cmpstr (a, ==, b);
  test_device_assert_replay (pair->a);
  test_device_assert_replay (pair->b);
}

static void
set_body (Pair *pair, TestDevice *device, const GalleyId *note, const char *body)
{
  test_device_set (device, &pair->project, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_BODY,
                   NULL, g_variant_new_string (body));
}

static void
edit_often (Pair *pair, TestDevice *device, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *body = g_strdup_printf ("one two three %u", i);

      set_body (pair, device, i % 3 == 0 ? &pair->other : &pair->note, body);
    }
}

/* Everything that was accepted, in segments of a few changes. */
static void
compact (TestDevice *device, guint keep_recent, GalleyCompactReport *report)
{
  GalleyCompactOptions options = { keep_recent, 4000, 1 };
  g_autoptr (GError) error = NULL;

  galley_compact (device->store, &options, NULL, NULL, NULL, report, &error);
  g_assert_no_error (error);
}

static gint64
query_int (TestDevice *device, const char *sql)
{
  g_autofree char *path = g_build_filename (device->folder, "galley.db", NULL);
  sqlite3_stmt *query = NULL;
  sqlite3 *db = NULL;
  gint64 value;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &query, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (query), ==, SQLITE_ROW);
  value = sqlite3_column_int64 (query, 0);
  sqlite3_finalize (query);
  sqlite3_close (db);
  return value;
}

/* ── the audit's answers, as one text ── */

static void
describe_rows (GPtrArray *rows, GString *text)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyJournalRow *row = g_ptr_array_index (rows, i);
      char hash[GALLEY_HASH_TEXT_SIZE];

      g_string_append_printf (text, "%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %s %s\n", row->lsn,
                              row->position, row->refused != NULL ? row->refused : "-",
                              galley_hash_print (galley_change_get_hash (row->change), hash));
    }
}

static void
describe_list (TestDevice *device, const GalleyJournalFilter *filter, GString *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (device->reader, filter, &error);

  g_assert_no_error (error);
  describe_rows (rows, text);
  g_string_append (text, "--\n");
}

static char *
describe_audit (Pair *pair, TestDevice *device)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *digest = test_device_get_digest (device, &pair->project);
  GalleyJournalFilter filters[] = {
    { .limit = 100000 },
    { .project = &pair->project, .limit = 100000 },
    { .limit = 7 },
    { .limit = 5, .before_lsn = 20 },
    { .project = &pair->project, .since_position = 30, .limit = 100000 },
    { .entity = &pair->note, .limit = 100000 },
    { .entity = &pair->item, .limit = 100000 },
    { .entity = &pair->other, .limit = 4, .before_lsn = 30 },
  };
  g_autoptr (GError) error = NULL;
  guint64 n_changes;

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    describe_list (device, &filters[i], text);
  galley_journal_verify (device->reader, &pair->project, NULL, NULL, NULL, &n_changes, &error);
  g_assert_no_error (error);
  g_string_append_printf (text, "%s %" G_GUINT64_FORMAT "\n", digest, n_changes);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* By its number and by the start of its hash. */
static void
assert_finds (TestDevice *device, GalleyJournalRow *row)
{
  const GalleyChangeHeader *header = galley_change_get_header (row->change);
  GalleyRef ref = { header->device, header->seq };
  g_autofree char *name = galley_ref_to_string (&ref);
  g_autofree char *hash = galley_hash_to_string (galley_change_get_hash (row->change));
  const char *texts[] = { name, hash };

  hash[12] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyJournalRow)
          found = galley_reader_find_change (device->reader, texts[i], &error);

      g_assert_no_error (error);
      g_assert_cmpint (found->lsn, ==, row->lsn);
      g_assert_cmpint (found->position, ==, row->position);
      g_assert_cmpstr (found->refused, ==, row->refused);
      g_assert_true (g_bytes_equal (galley_change_get_bytes (found->change),
                                    galley_change_get_bytes (row->change)));
    }
}

static void
test_answers_as_before (void)
{
  g_test_summary ("Lists, look-ups, verify, replay and digest do not tell where a change is kept.");
  Pair pair;
  GalleyCompactReport report;
  GalleyJournalFilter all = { .limit = 100000 };
  g_autoptr (GPtrArray) rows = NULL;
  g_autofree char *before = NULL, *after = NULL, *second = NULL;

  pair_init (&pair);
  edit_often (&pair, pair.a, 40);
  test_stream_push (pair.stream, pair.a);
  pair.stream->refuse_intent = "edit";
  set_body (&pair, pair.a, &pair.note, "refused");
  test_stream_push (pair.stream, pair.a);
  pair.stream->refuse_intent = NULL;
  /* Made before what comes in, and numbered after it. */
  edit_often (&pair, pair.b, 30);
  test_stream_sync (pair.stream, pair.a, pair.b);
  edit_often (&pair, pair.a, 30);
  test_stream_sync (pair.stream, pair.b, pair.a);
  set_body (&pair, pair.a, &pair.other, "not sent");

  before = describe_audit (&pair, pair.a);
  rows = galley_reader_list_journal (pair.a->reader, &all, NULL);
  compact (pair.a, 10, &report);
  g_assert_cmpuint (report.n_changes, >, 60);
  g_assert_cmpuint (report.n_segments, >=, 4);
  g_assert_cmpuint (report.after_bytes, <, report.before_bytes / 2);
  after = describe_audit (&pair, pair.a);
  g_assert_cmpstr (before, ==, after);
  for (guint i = 0; i < rows->len; i++)
    assert_finds (pair.a, g_ptr_array_index (rows, i));

  /* And again, for what was kept the first time: segments that overlap. */
  compact (pair.a, 0, &report);
  g_assert_cmpuint (report.n_changes, >, 0);
  second = describe_audit (&pair, pair.a);
  g_assert_cmpstr (before, ==, second);
  test_device_assert_replay (pair.a);
  compact (pair.a, 0, &report);
  g_assert_cmpuint (report.n_changes, ==, 0);
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_same (&pair);
  pair_clear (&pair);
}

static void
test_what_stays_live (void)
{
  Pair pair;
  GalleyCompactReport report;

  pair_init (&pair);
  edit_often (&pair, pair.a, 10);
  test_stream_sync (pair.stream, pair.a, pair.b);
  test_device_set (pair.a, &pair.project, GALLEY_KIND_ANNOTATION, &pair.note,
                   GALLEY_ANNOTATION_COLOR, NULL, g_variant_new_string ("#ff0000"));
  test_device_set (pair.b, &pair.project, GALLEY_KIND_ANNOTATION, &pair.note,
                   GALLEY_ANNOTATION_COLOR, NULL, g_variant_new_string ("#00ff00"));
  test_stream_sync (pair.stream, pair.a, pair.b);
  test_stream_pull (pair.stream, pair.a);
  set_body (&pair, pair.a, &pair.note, "not sent");

  compact (pair.a, 0, &report);
  /* Both colours, and what was not sent. */
  g_assert_cmpint (query_int (pair.a, "SELECT count (*) FROM change"), ==, 3);
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  compact (pair.a, 1000, &report);
  g_assert_cmpuint (report.n_changes, ==, 0);
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_same (&pair);
  pair_clear (&pair);
}

/* The base of a merge is in a segment, and so is the head that another edit comes beside. */
static void
test_merges_from_segments (void)
{
  Pair pair;
  GalleyCompactReport report;
  g_autofree char *on_a = NULL, *on_b = NULL;

  pair_init (&pair);
  set_body (&pair, pair.b, &pair.note, "one two three five");
  set_body (&pair, pair.a, &pair.note, "zero two three four");
  test_device_set (pair.b, &pair.project, GALLEY_KIND_ANNOTATION, &pair.other,
                   GALLEY_ANNOTATION_COLOR, NULL, g_variant_new_string ("#00ff00"));
  test_device_set (pair.a, &pair.project, GALLEY_KIND_ANNOTATION, &pair.other,
                   GALLEY_ANNOTATION_COLOR, NULL, g_variant_new_string ("#ff0000"));
  test_stream_push (pair.stream, pair.a);
  compact (pair.a, 0, &report);
  g_assert_cmpint (query_int (pair.a, "SELECT count (*) FROM change"), ==, 0);

  test_stream_sync (pair.stream, pair.a, pair.b);
  test_stream_pull (pair.stream, pair.a);
  on_a = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  on_b = test_device_get (pair.b, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (on_a, ==, "'zero two three five'");
  g_assert_cmpstr (on_b, ==, on_a);
  g_assert_cmpuint (test_device_count_conflicts (pair.a), ==, 1);
  g_free (on_a);
  g_free (on_b);
  on_a = test_device_get (pair.a, &pair.other, GALLEY_ANNOTATION_COLOR);
  on_b = test_device_get (pair.b, &pair.other, GALLEY_ANNOTATION_COLOR);
  g_assert_cmpstr (on_a, ==, "'#ff0000'");
  g_assert_cmpstr (on_b, ==, on_a);
  assert_same (&pair);
  pair_clear (&pair);
}

/* Undo finds the project and the value before; numbers go on where they were. */
static void
test_goes_on_after (void)
{
  Pair pair;
  GalleyCompactReport report;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  gint64 last;

  pair_init (&pair);
  set_body (&pair, pair.a, &pair.note, "changed");
  test_stream_sync (pair.stream, pair.a, pair.b);
  last = query_int (pair.a, "SELECT max (lsn) FROM change");
  compact (pair.a, 0, &report);
  test_device_reopen (pair.a);
  galley_store_undo_async (pair.a->store, NULL, FALSE, NULL, galley_test_store_result, &result);
  galley_store_undo_finish (pair.a->store, galley_test_wait (&result), NULL, NULL, &error);
  g_assert_no_error (error);
  body = test_device_get (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (body, ==, "'one two three four'");
  g_assert_cmpint (query_int (pair.a, "SELECT min (lsn) FROM change"), ==, last + 1);
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_same (&pair);
  pair_clear (&pair);
}

static int
try_sql (TestDevice *device, const char *sql)
{
  g_autofree char *path = g_build_filename (device->folder, "galley.db", NULL);
  sqlite3 *db = NULL;
  int code;

  g_assert_cmpint (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
  code = sqlite3_exec (db, sql, NULL, NULL, NULL);
  sqlite3_close (db);
  return code;
}

static void
test_nothing_else_goes (void)
{
  Pair pair;
  GalleyCompactReport report;

  pair_init (&pair);
  edit_often (&pair, pair.a, 5);
  test_stream_push (pair.stream, pair.a);
  set_body (&pair, pair.a, &pair.note, "not sent");
  g_assert_cmpint (try_sql (pair.a, "DELETE FROM change"), ==, SQLITE_CONSTRAINT);
  /* Not even by who says that it is packed, when the server does not have it. */
  g_assert_cmpint (try_sql (pair.a, "INSERT INTO packing VALUES (1, 0, 1000);"
                                    "DELETE FROM change WHERE position IS NULL"),
                   ==, SQLITE_CONSTRAINT);
  compact (pair.a, 0, &report);
  g_assert_cmpint (query_int (pair.a, "SELECT count (*) FROM packing"), ==, 0);
  g_assert_cmpint (try_sql (pair.a, "DELETE FROM segment"), ==, SQLITE_CONSTRAINT);
  g_assert_cmpint (try_sql (pair.a, "UPDATE segment SET packed = x'00'"), ==, SQLITE_CONSTRAINT);
  g_assert_cmpint (try_sql (pair.a, "DELETE FROM change"), ==, SQLITE_CONSTRAINT);
  pair_clear (&pair);
}

/* ── a damaged one ── */

static void
damage_segment (TestDevice *device, const char *which)
{
  g_autofree char *sql =
      g_strdup_printf ("DROP TRIGGER segment_keeps; UPDATE segment SET packed = zeroblob (100)"
                       " WHERE id = (SELECT %s (id) FROM segment)",
                       which);

  g_assert_cmpint (try_sql (device, sql), ==, SQLITE_OK);
}

static void
test_damaged_segment (void)
{
  g_test_summary ("It is named; what does not need it goes on.");
  Pair pair;
  GalleyCompactReport report;
  GalleyJournalFilter recent = { .limit = 3 };
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  guint64 n_changes;

  pair_init (&pair);
  edit_often (&pair, pair.a, 40);
  test_stream_sync (pair.stream, pair.a, pair.b);
  compact (pair.a, 5, &report);
  damage_segment (pair.a, "min");
  test_device_reopen (pair.a);

  g_assert_false (
      galley_journal_verify (pair.a->reader, NULL, NULL, NULL, NULL, &n_changes, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "part 1 "));
  rows = galley_reader_list_journal (pair.a->reader, &recent, NULL);
  g_assert_cmpuint (rows->len, ==, 3);

  set_body (&pair, pair.a, &pair.note, "goes on");
  test_device_set (pair.b, &pair.project, GALLEY_KIND_ITEM, &pair.item, GALLEY_ITEM_NAME, NULL,
                   g_variant_new_string ("Poster A2"));
  test_stream_sync (pair.stream, pair.b, pair.a);
  body = test_device_get (pair.a, &pair.item, GALLEY_ITEM_NAME);
  g_assert_cmpstr (body, ==, "'Poster A2'");
  pair_clear (&pair);
}

/* A rescue takes segments along, and finds live changes far behind the first number. */
static void
test_rescue_keeps_segments (void)
{
  Pair pair;
  GalleyCompactReport report;
  g_autofree char *before = NULL, *after = NULL, *kept = NULL, *folder = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_changes;
  gint64 backup_us;

  pair_init (&pair);
  edit_often (&pair, pair.a, 40);
  test_stream_sync (pair.stream, pair.a, pair.b);
  compact (pair.a, 5, &report);
  before = describe_audit (&pair, pair.a);
  folder = g_strdup (pair.a->folder);
  test_device_free (pair.a);

  g_assert_true (galley_rescue (folder, &kept, &n_changes, &backup_us, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_changes, ==, 44);
  pair.a = test_device_new ("a");
  after = describe_audit (&pair, pair.a);
  g_assert_cmpstr (before, ==, after);
  test_stream_sync (pair.stream, pair.a, pair.b);
  assert_same (&pair);
  pair_clear (&pair);
}

/* ── while others work ── */

static void
cancel_cb (guint64 done, guint64 total, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
test_cancelled (void)
{
  Pair pair;
  GalleyCompactOptions options = { 0, 2000, 1 };
  GalleyCompactReport report;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  edit_often (&pair, pair.a, 40);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_false (galley_compact (pair.a->store, &options, cancellable, cancel_cb, cancellable,
                                  &report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (report.n_segments, ==, 1);
  assert_same (&pair);
  pair_clear (&pair);
}

/* The file gets smaller while it is open. */
static void
test_gives_room_back (void)
{
  Pair pair;
  GalleyCompactReport report;
  GalleyCompactOptions options = { .min_changes = 1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  GStatBuf before, after;

  pair_init (&pair);
  path = g_build_filename (pair.a->folder, "galley.db", NULL);
  edit_often (&pair, pair.a, 600);
  test_stream_sync (pair.stream, pair.a, pair.b);
  test_device_reopen (pair.a);
  g_assert_cmpint (g_stat (path, &before), ==, 0);
  galley_compact (pair.a->store, &options, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_false (report.keeps_size);
  test_device_reopen (pair.a);
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpint (after.st_size, <, before.st_size * 3 / 4);
  g_assert_cmpint (query_int (pair.a, "PRAGMA freelist_count"), ==, 0);
  assert_same (&pair);
  pair_clear (&pair);
}

/* ── the format ── */

static GBytes *
make_segment (guint n_changes)
{
  g_autoptr (GalleySegmentBuilder) builder = galley_segment_builder_new ();
  guint8 marks[] = { 0x05 };

  for (guint i = 0; i < n_changes; i++)
    {
      guint8 change[200];

      memset (change, i, sizeof change);
      galley_segment_builder_add (builder, 3 * i + 1, 1000 + i, i % 2 ? marks : NULL, i % 2, change,
                                  sizeof change - i % 7);
    }

  return galley_segment_builder_pack (builder, 3);
}

static void
test_format (void)
{
  g_autoptr (GBytes) packed = make_segment (300);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleySegment) segment = galley_segment_unpack (packed, 50, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (galley_segment_get_n_records (segment), ==, 300);
  for (guint i = 0; i < 300; i++)
    {
      const GalleySegmentRecord *record = galley_segment_get_record (segment, i);

      g_assert_cmpint (record->lsn, ==, 51 + 3 * i);
      g_assert_cmpuint (record->position, ==, 1000 + i);
      g_assert_cmpuint (record->bytes, ==, 200 - i % 7);
      g_assert_cmpuint (record->data[0], ==, i & 0xff);
      g_assert_true (galley_segment_record_counts (record, 0));
      g_assert_true (galley_segment_record_counts (record, 1) == (i % 2 == 0));
      g_assert_true (galley_segment_record_counts (record, 2));
      g_assert_true (galley_segment_record_counts (record, 9) == (i % 2 == 0));
    }
}

/* Whatever comes instead is refused, and nothing worse. */
static void
test_format_damaged (void)
{
  g_autoptr (GBytes) packed = make_segment (20);
  gsize size;
  const guint8 *data = g_bytes_get_data (packed, &size);
  guint n_refused = 0;

  for (gsize i = 0; i < size; i++)
    for (guint how = 0; how < 2; how++)
      {
        g_autofree guint8 *copy = g_memdup2 (data, size);
        g_autoptr (GBytes) damaged = NULL;
        g_autoptr (GalleySegment) segment = NULL;

        copy[i] ^= how == 0 ? 0x01 : 0xff;
        damaged = g_bytes_new (copy, how == 0 ? size : i);
        segment = galley_segment_unpack (damaged, 0, NULL);
        n_refused += segment == NULL;
      }

  g_assert_cmpuint (n_refused, >, size);
}

typedef struct
{
  const GalleyId *project;
  guint64 position;
} Back;

/* writer thread */
static gboolean
go_back (GalleyWriter *writer, gpointer data, GError **error)
{
  const Back *back = data;

  return galley_stream_go_back (writer, back->project, back->position, "another", error);
}

/* The server lost some of what was packed: places in its stream hold no more, and the changes are
 * all there. */
static void
test_server_lost_packed (void)
{
  Pair pair;
  Back back = { .position = 5 };
  GalleyCompactReport report;
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;
  gint64 n_changes;

  pair_init (&pair);
  back.project = &pair.project;
  edit_often (&pair, pair.a, 40);
  test_stream_sync (pair.stream, pair.a, pair.b);
  n_changes = query_int (pair.a, "SELECT count (*) FROM change");
  before = test_device_get_digest (pair.a, &pair.project);
  compact (pair.a, 0, &report);
  g_assert_cmpuint (report.n_changes, >, 20);

  galley_store_write (pair.a->store, go_back, &back, &error);
  g_assert_no_error (error);
  g_assert_cmpint (query_int (pair.a, "SELECT count (*) FROM segment WHERE last_position > 5"), ==,
                   0);
  g_assert_cmpint (query_int (pair.a, "SELECT count (*) FROM change WHERE position > 5"), ==, 0);
  g_assert_cmpint (query_int (pair.a, "SELECT count (*) + (SELECT ifnull (sum (n_changes), 0)"
                                      " FROM segment) FROM change"),
                   ==, n_changes);
  after = test_device_get_digest (pair.a, &pair.project);
  g_assert_cmpstr (before, ==, after);
  test_device_assert_replay (pair.a);
  pair_clear (&pair);
}

static guint64
estimate (TestDevice *device)
{
  g_autoptr (GError) error = NULL;
  guint64 n_changes;

  galley_compact_estimate (device->reader, &n_changes, &error);
  g_assert_no_error (error);
  return n_changes;
}

/* Whoever asks whether to pack is told no when nothing more can be packed, or would ask for ever.
 */
static void
test_what_is_left (void)
{
  GalleyCompactOptions too_few = { .min_changes = 10000 };
  Pair pair;
  GalleyCompactReport report;
  g_autoptr (GError) error = NULL;

  pair_init (&pair);
  edit_often (&pair, pair.a, 2100);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (estimate (pair.a), >=, 100);

  galley_compact (pair.a->store, &too_few, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_changes, ==, 0);
  g_assert_cmpuint (estimate (pair.a), ==, 0);

  edit_often (&pair, pair.a, 10);
  test_stream_sync (pair.stream, pair.a, pair.b);
  g_assert_cmpuint (estimate (pair.a), ==, 10);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/compact/answers-as-before", test_answers_as_before);
  g_test_add_func ("/compact/what-stays-live", test_what_stays_live);
  g_test_add_func ("/compact/merges-from-segments", test_merges_from_segments);
  g_test_add_func ("/compact/goes-on-after", test_goes_on_after);
  g_test_add_func ("/compact/nothing-else-goes", test_nothing_else_goes);
  g_test_add_func ("/compact/damaged-segment", test_damaged_segment);
  g_test_add_func ("/compact/rescue-keeps-segments", test_rescue_keeps_segments);
  g_test_add_func ("/compact/cancelled", test_cancelled);
  g_test_add_func ("/compact/gives-room-back", test_gives_room_back);
  g_test_add_func ("/compact/server-lost-packed", test_server_lost_packed);
  g_test_add_func ("/compact/what-is-left", test_what_is_left);
  g_test_add_func ("/compact/format", test_format);
  g_test_add_func ("/compact/format-damaged", test_format_damaged);
  return g_test_run ();
}
