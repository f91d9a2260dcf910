/* fuzz-push.c: whatever edits a device signs, a server takes or refuses each change, and can tell
 * everybody what it took
 *
 * The input is a batch, unpacked, whose changes a member of the project makes once more as their
 * own: numbers, chain and signature are right, all else is what the input says.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-sample.h"
#include "galley-fuzz-server.h"
#include "galley-fuzz.h"

#include <string.h>
#include <zstd.h>

/* Beyond it the work is that of the changes before, again and again. */
#define MAX_CHANGES_OF_ONE 2000

static GalleyFuzzServer *bench; /* (nullable): not started yet */
static guint64 end;             /* of its stream */

static void
stop_bench (void)
{
  g_clear_pointer (&bench, galley_fuzz_server_free);
}

static void
need_bench (void)
{
  static gboolean registered;

  if (bench != NULL && end >= MAX_CHANGES_OF_ONE)
    stop_bench ();
  if (bench != NULL)
    return;

  bench = galley_fuzz_server_new ();
  end = 1;
  if (!registered)
    atexit (stop_bench);
  registered = TRUE;
}

static void
make_again (GalleyChange *change)
{
  guint n_edits = galley_change_get_n_edits (change);
  g_autoptr (GArray) edits = g_array_new (FALSE, TRUE, sizeof (GalleyEdit));
  GalleyChangeHeader header = *galley_change_get_header (change);
  g_autoptr (GVariant) extra = galley_change_dup_extra (change);
  GalleyBareDevice *device = bench->lead;
  GalleyChange *made;

  for (guint i = 0; i < n_edits; i++)
    g_array_append_vals (edits, galley_change_get_edit (change, i), 1);
  header.project = device->project;
  header.previous = device->last;
  header.device = device->id;
  header.actor = device->person;
  header.seq = device->ref.seq + 1;
  made = galley_change_new (&header, galley_change_get_intent (change), (GalleyEdit *)edits->data,
                            edits->len, extra, NULL);
  if (made == NULL)
    return;

  g_ptr_array_add (device->made, made);
  device->ref.seq = header.seq;
  device->last = *galley_change_get_hash (made);
}

static void
read_batch (GBytes *packed)
{
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (packed, NULL);
  int got = reader != NULL ? 1 : 0;

  while (got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (reader, &frame, NULL);
      if (got > 0 && frame.type == GALLEY_FRAME_CHANGE)
        make_again (frame.change);
    }
}

/* Every change has its verdict, and what was taken comes out in both forms. */
static void
check (GalleyBackend *backend, const GalleySession *session, const GalleyPushAnswer *answer)
{
  GalleyPull pull = { .after = end, .max_changes = 100, .max_bytes = 1024 * 1024 };

  for (guint as_json = 0; as_json < 2; as_json++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyPullAnswer) pulled = NULL;
      g_autoptr (JsonNode) read = NULL;

      pull.as_json = as_json;
      pulled = backend->ops->pull (backend, session, &bench->project, &pull, &error);
      g_assert_no_error (error);
      if (!as_json)
        continue;
      read = json_from_string (g_bytes_get_data (pulled->body, NULL), &error);
      g_assert_no_error (error);
    }
  end = answer->position;
}

static void
push_made (void)
{
  GalleyBackend *backend = galley_fuzz_server_get_backend (bench);
  guint n_made = bench->lead->made->len;
  g_autoptr (GBytes) batch = galley_bare_device_pack (bench->lead);
  g_autoptr (GalleyPushAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;
  GalleySession session;
  guint64 n_judged = 0;

  galley_fuzz_server_get_session (bench, &session);
  answer = backend->ops->push (backend, &session, &bench->project, batch, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < answer->verdicts->len; i++)
    n_judged += g_array_index (answer->verdicts, GalleyVerdict, i).count;
  g_assert_cmpuint (n_judged, ==, n_made);
  check (backend, &session, answer);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  gsize bound = ZSTD_compressBound (size);
  guint8 *buffer = g_malloc (bound);
  g_autoptr (GBytes)
      packed = g_bytes_new_take (buffer, ZSTD_compress (buffer, bound, data, size, 1));

  need_bench ();
  read_batch (packed);
  if (bench->lead->made->len > 0)
    push_made ();
  return 0;
}

static void
add (GalleyBatchWriter *writer, const GalleyEdit *edits, guint n_edits, GalleyHash *previous)
{
  GalleyChangeHeader header = { .seq = 1, .previous = *previous };
  g_autoptr (GalleyChange) change = galley_change_new (&header, "test", edits, n_edits, NULL, NULL);
  gsize bytes;
  gconstpointer content = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  *previous = *galley_change_get_hash (change);
  galley_batch_writer_add_change (writer, content, bytes, previous);
}

/* A note on an item of its own, a text of it, a delete, and one of everything. */
GBytes *
galley_fuzz_get_seed (void)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GalleyChange) sample = NULL;
  g_autoptr (GBytes) packed = NULL;
  GalleyId project, item = { { 2 } }, note = { { 3 } };
  GalleyHash last = { 0 };
  GalleyEdit edits[] = {
    galley_bare_edit (GALLEY_KIND_ITEM, &item, GALLEY_F_ALIVE, "", galley_bare_alive (TRUE)),
    galley_bare_edit (GALLEY_KIND_ITEM, &item, GALLEY_F_PARENT, "", NULL),
    galley_bare_edit (GALLEY_KIND_ANNOTATION, &note, GALLEY_F_ALIVE, "", galley_bare_alive (TRUE)),
    galley_bare_edit (GALLEY_KIND_ANNOTATION, &note, GALLEY_F_PARENT, "",
                      galley_bare_parent (&item)),
  };
  GalleyEdit place = galley_bare_edit (GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_PLACE, "",
                                       g_variant_new ("(dd)", 10.0, 20.0));
  GalleyEdit gone = galley_bare_edit (GALLEY_KIND_ANNOTATION, &note, GALLEY_F_ALIVE, "",
                                      galley_bare_alive (FALSE));
  gsize size, bytes;
  gconstpointer content;
  guint8 *data;

  memset (&project, 'p', sizeof project);
  edits[1].value = galley_bare_parent (&project);
  add (writer, edits, G_N_ELEMENTS (edits), &last);
  add (writer, &place, 1, &last);
  add (writer, &gone, 1, &last);
  sample = galley_fuzz_make_change (4, &last);
  content = g_bytes_get_data (galley_change_get_bytes (sample), &bytes);
  galley_batch_writer_add_change (writer, content, bytes, galley_change_get_hash (sample));
  size = galley_batch_writer_get_size (writer);
  packed = galley_batch_writer_finish (writer);

  data = g_malloc (size);
  g_assert_cmpuint (ZSTD_decompress (data, size, g_bytes_get_data (packed, NULL),
                                     g_bytes_get_size (packed)),
                    ==, size);
  return g_bytes_new_take (data, size);
}
