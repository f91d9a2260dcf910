/* test-batch.c: changes over the wire and back: the same bytes, or an error and nothing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-schema.h"
#include "sync/wire/galley-batch.h"

#include <string.h>
#include <zstd.h>

#define N_CHANGES 500

static GalleyKey *
make_key (void)
{
  g_autofree char *path = galley_test_path ("device.key");
  GError *error = NULL;
  GalleyKey *key = galley_key_open (path, galley_world_real (), &error);

  g_assert_no_error (error);
  return key;
}

/* A single-field change, as most are. */
static GalleyChange *
make_change (const GalleyId *device, guint64 seq, const GalleyHash *previous)
{
  g_autofree char *body = g_strdup_printf ("please move the logo a little to the left (%u)",
                                           (guint)seq);
  GalleyChangeHeader header = { .device = *device, .seq = seq, .previous = *previous };
  GalleyRef seen = { *device, MAX (seq, 2) - 1 };
  GalleyEdit edit = {
    .kind = GALLEY_KIND_ANNOTATION,
    .field = GALLEY_ANNOTATION_BODY,
    .element = "",
    .value = g_variant_new_string (body),
    .supersedes = &seen,
    .n_supersedes = 1,
  };
  GalleyChange *change;

  header.hlc = (G_GUINT64_CONSTANT (1760000000000) + 900 * seq) << 16;
  memset (&header.project, 1, sizeof header.project);
  memset (&header.actor, 2, sizeof header.actor);
  galley_world_random (galley_world_real (), header.salt, sizeof header.salt);
  memset (&edit.entity, 3, sizeof edit.entity);
  change = galley_change_new (&header, "comment", &edit, 1, NULL, NULL);
  g_assert_nonnull (change);
  return change;
}

/* The first @n changes of @device's chain, of GalleyChange. */
static GPtrArray *
make_chain (const GalleyId *device, guint n)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  GalleyHash last = { 0 };

  for (guint i = 0; i < n; i++)
    {
      g_ptr_array_add (changes, make_change (device, i + 1, &last));
      last = *galley_change_get_hash (changes->pdata[i]);
    }
  return changes;
}

static void
add_change (GalleyBatchWriter *writer, GalleyChange *change)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  galley_batch_writer_add_change (writer, data, bytes, galley_change_get_hash (change));
}

static GalleyBatchReader *
open_batch (GBytes *packed)
{
  GError *error = NULL;
  GalleyBatchReader *reader = galley_batch_reader_new (packed, &error);

  g_assert_no_error (error);
  return reader;
}

static void
assert_next (GalleyBatchReader *reader, GalleyFrame *frame, GalleyFrameType type)
{
  GError *error = NULL;
  int got = galley_batch_reader_next (reader, frame, &error);

  g_assert_no_error (error);
  g_assert_cmpint (got, ==, 1);
  g_assert_cmpint (frame->type, ==, type);
}

static void
assert_next_change (GalleyBatchReader *reader, GalleyChange *expected)
{
  g_auto (GalleyFrame) frame = { 0 };

  assert_next (reader, &frame, GALLEY_FRAME_CHANGE);
  g_assert_true (
      g_bytes_equal (galley_change_get_bytes (frame.change), galley_change_get_bytes (expected)));
}

static void
assert_end (GalleyBatchReader *reader)
{
  g_auto (GalleyFrame) frame = { 0 };

  g_assert_cmpint (galley_batch_reader_next (reader, &frame, NULL), ==, 0);
}

static void
test_every_frame (void)
{
  g_autoptr (GalleyKey) key = make_key ();
  const GalleyId *device = galley_key_get_device (key);
  g_autoptr (GPtrArray) changes = make_chain (device, 2);
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GalleyBatchReader) reader = NULL;
  g_autoptr (GBytes) packed = NULL;
  g_auto (GalleyFrame) frame = { 0 };
  guint8 signature[GALLEY_SIGNATURE_BYTES] = { 9 };
  GalleyRef ref = { *device, G_MAXINT64 };
  GalleyHash hash = { { 5 } };

  galley_batch_writer_add_position (writer, G_GUINT64_CONSTANT (1) << 40);
  galley_batch_writer_add_known (writer, 127, 128);
  add_change (writer, changes->pdata[0]);
  add_change (writer, changes->pdata[1]);
  galley_batch_writer_add_tip (writer, &ref, &hash, signature);
  galley_batch_writer_add_gap (writer, &ref, &hash);
  packed = galley_batch_writer_finish (writer);

  reader = open_batch (packed);
  assert_next (reader, &frame, GALLEY_FRAME_POSITION);
  g_assert_cmpuint (frame.position, ==, G_GUINT64_CONSTANT (1) << 40);
  assert_next (reader, &frame, GALLEY_FRAME_KNOWN);
  g_assert_cmpuint (frame.first_seq, ==, 127);
  g_assert_cmpuint (frame.count, ==, 128);
  assert_next_change (reader, changes->pdata[0]);
  assert_next_change (reader, changes->pdata[1]);
  assert_next (reader, &frame, GALLEY_FRAME_TIP);
  g_assert_true (galley_ref_equal (&frame.ref, &ref));
  g_assert_true (galley_hash_equal (&frame.hash, &hash));
  g_assert_cmpmem (frame.signature, sizeof frame.signature, signature, sizeof signature);
  assert_next (reader, &frame, GALLEY_FRAME_GAP);
  g_assert_true (galley_ref_equal (&frame.ref, &ref));
  g_assert_true (galley_hash_equal (&frame.hash, &hash));
  assert_end (reader);
}

/* The order of a stream: two devices take turns, so most changes follow nothing in the frame before
 * and stand whole. */
static void
test_mixed_devices (void)
{
  GalleyId first = { { 1 } }, second = { { 2 } };
  g_autoptr (GPtrArray) mine = make_chain (&first, 20), theirs = make_chain (&second, 20);
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GalleyBatchReader) reader = NULL;
  g_autoptr (GBytes) packed = NULL;

  for (guint i = 0; i < 20; i += 2)
    {
      add_change (writer, mine->pdata[i]);
      add_change (writer, mine->pdata[i + 1]);
      add_change (writer, theirs->pdata[i]);
      add_change (writer, theirs->pdata[i + 1]);
    }
  packed = galley_batch_writer_finish (writer);
  reader = open_batch (packed);
  for (guint i = 0; i < 20; i += 2)
    {
      assert_next_change (reader, mine->pdata[i]);
      assert_next_change (reader, mine->pdata[i + 1]);
      assert_next_change (reader, theirs->pdata[i]);
      assert_next_change (reader, theirs->pdata[i + 1]);
    }
  assert_end (reader);
}

/* A refused change left its hash behind, and the next one follows that. */
static void
test_change_after_gap (void)
{
  GalleyId device = { { 1 } };
  g_autoptr (GPtrArray) changes = make_chain (&device, 3);
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GalleyBatchReader) reader = NULL;
  g_autoptr (GBytes) packed = NULL;
  g_auto (GalleyFrame) gap = { 0 };
  GalleyRef ref = { device, 2 };

  add_change (writer, changes->pdata[0]);
  galley_batch_writer_add_gap (writer, &ref, galley_change_get_hash (changes->pdata[1]));
  add_change (writer, changes->pdata[2]);
  packed = galley_batch_writer_finish (writer);
  reader = open_batch (packed);
  assert_next_change (reader, changes->pdata[0]);
  assert_next (reader, &gap, GALLEY_FRAME_GAP);
  assert_next_change (reader, changes->pdata[2]);
  assert_end (reader);
}

/* The figure that is promised: at most 100 bytes for a change of one field, in batches of 500. */
static void
test_is_small (void)
{
  GalleyId device = { { 1 } };
  g_autoptr (GPtrArray) changes = make_chain (&device, N_CHANGES);
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GBytes) packed = NULL;

  for (guint i = 0; i < N_CHANGES; i++)
    add_change (writer, changes->pdata[i]);
  packed = galley_batch_writer_finish (writer);
  g_test_message ("%.1f bytes a change", (double)g_bytes_get_size (packed) / N_CHANGES);
  g_assert_cmpuint (g_bytes_get_size (packed), <=, 100 * N_CHANGES);
}

static void
assert_refused (const guint8 *data, gsize bytes, GalleyWireError code)
{
  g_autoptr (GBytes) packed = g_bytes_new (data, bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (packed, &error);

  g_assert_null (reader);
  g_assert_error (error, GALLEY_WIRE_ERROR, (int)code);
}

static GBytes *
pack_raw (gconstpointer data, gsize bytes)
{
  gsize bound = ZSTD_compressBound (bytes);
  guint8 *packed = g_malloc (bound);

  return g_bytes_new_take (packed, ZSTD_compress (packed, bound, data, bytes, 3));
}

/* What claims to be larger than may be is refused by its claim: nothing is unpacked. */
static void
test_too_large (void)
{
  gsize bytes = GALLEY_BATCH_MAX_BYTES + 1;
  g_autofree guint8 *zeros = g_malloc0 (bytes);
  g_autoptr (GBytes) packed = pack_raw (zeros, bytes);

  g_assert_cmpuint (g_bytes_get_size (packed), <, 4096);
  assert_refused (g_bytes_get_data (packed, NULL), g_bytes_get_size (packed),
                  GALLEY_WIRE_ERROR_TOO_LARGE);
}

static void
test_not_a_batch (void)
{
  static const guint8 noise[] = "these are no packed bytes at all";
  g_autoptr (GBytes) other = pack_raw (noise, sizeof noise);
  g_autoptr (GBytes) newer = pack_raw ("GLYB\x02", 5);
  g_autoptr (GBytes) empty = pack_raw ("", 0);
  g_autoptr (GError) error = NULL;

  assert_refused (noise, 0, GALLEY_WIRE_ERROR_MALFORMED);
  assert_refused (noise, sizeof noise, GALLEY_WIRE_ERROR_MALFORMED);
  assert_refused (g_bytes_get_data (other, NULL), g_bytes_get_size (other),
                  GALLEY_WIRE_ERROR_MALFORMED);
  g_assert_null (galley_batch_reader_new (newer, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER);
  assert_refused (g_bytes_get_data (empty, NULL), g_bytes_get_size (empty),
                  GALLEY_WIRE_ERROR_MALFORMED);
}

/* Of an answer that was cut anywhere nothing is used. */
static void
test_cut_anywhere (void)
{
  GalleyId device = { { 1 } };
  g_autoptr (GPtrArray) changes = make_chain (&device, 3);
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GBytes) packed = NULL;
  g_autofree guint8 *longer = NULL;
  gsize size;
  const guint8 *data;

  for (guint i = 0; i < 3; i++)
    add_change (writer, changes->pdata[i]);
  packed = galley_batch_writer_finish (writer);
  data = g_bytes_get_data (packed, &size);
  for (gsize bytes = 0; bytes < size; bytes++)
    assert_refused (data, bytes, GALLEY_WIRE_ERROR_MALFORMED);

  longer = g_malloc0 (size + 1);
  memcpy (longer, data, size);
  assert_refused (longer, size + 1, GALLEY_WIRE_ERROR_MALFORMED);
}

static void
assert_bad_frame (const char *frames, gsize bytes)
{
  g_autoptr (GByteArray) raw = g_byte_array_new ();
  g_autoptr (GBytes) packed = NULL;
  g_autoptr (GalleyBatchReader) reader = NULL;
  g_auto (GalleyFrame) frame = { 0 };
  g_autoptr (GError) error = NULL;

  g_byte_array_append (raw, (const guint8 *)"GLYB\x01", 5);
  g_byte_array_append (raw, (const guint8 *)frames, bytes);
  packed = pack_raw (raw->data, raw->len);
  reader = open_batch (packed);
  g_assert_cmpint (galley_batch_reader_next (reader, &frame, &error), ==, -1);
  g_assert_nonnull (error);
}

static void
test_bad_frames (void)
{
  assert_bad_frame ("\x01", 1);                                          /* no type */
  assert_bad_frame ("\x02\x04\x01", 3);                                  /* shorter than it says */
  assert_bad_frame ("\x01\x63\x01", 3);                                  /* an unknown kind */
  assert_bad_frame ("\x01\x04\x80", 3);                                  /* a number without end */
  assert_bad_frame ("\x02\x04\x01\x01", 4);                              /* something behind it */
  assert_bad_frame ("\x02\x03\x01\x00", 4);                              /* a run of nothing */
  assert_bad_frame ("\x03\x03\x00\x01\x00", 5);                          /* change number 0 */
  assert_bad_frame ("\x04\x01junk", 6);                                  /* no change */
  assert_bad_frame ("\x04\x02junk", 6);                                  /* follows nothing */
  assert_bad_frame ("\x04\x05junk", 6);                                  /* no signature */
  assert_bad_frame ("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11); /* an endless frame */
  assert_bad_frame ("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x04", 11); /* 2^64 - 1 bytes */
}

static void
test_tip (void)
{
  g_autoptr (GalleyKey) key = make_key ();
  GalleyRef ref = { *galley_key_get_device (key), 12 }, other_ref = { ref.device, 13 };
  GalleyId project = { { 1 } }, other_project = { { 2 } };
  GalleyHash hash = { { 3 } }, other_hash = { { 4 } };
  const guint8 *public_key = galley_key_get_public (key);
  guint8 signature[GALLEY_SIGNATURE_BYTES];

  galley_tip_sign (key, &project, &ref, &hash, signature);
  g_assert_true (galley_tip_verify (public_key, &project, &ref, &hash, signature));
  g_assert_false (galley_tip_verify (public_key, &other_project, &ref, &hash, signature));
  g_assert_false (galley_tip_verify (public_key, &project, &other_ref, &hash, signature));
  g_assert_false (galley_tip_verify (public_key, &project, &ref, &other_hash, signature));
  signature[0] ^= 1;
  g_assert_false (galley_tip_verify (public_key, &project, &ref, &hash, signature));
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/batch/every-frame", test_every_frame);
  g_test_add_func ("/batch/mixed-devices", test_mixed_devices);
  g_test_add_func ("/batch/change-after-gap", test_change_after_gap);
  g_test_add_func ("/batch/is-small", test_is_small);
  g_test_add_func ("/batch/too-large", test_too_large);
  g_test_add_func ("/batch/not-a-batch", test_not_a_batch);
  g_test_add_func ("/batch/cut-anywhere", test_cut_anywhere);
  g_test_add_func ("/batch/bad-frames", test_bad_frames);
  g_test_add_func ("/batch/tip", test_tip);
  return g_test_run ();
}
