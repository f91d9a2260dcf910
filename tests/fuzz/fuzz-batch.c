/* fuzz-batch.c: whatever bytes come as a batch of changes, they are refused or read to their end
 *
 * Packed bytes hardly survive a change, so the input is what is packed: it is tried as it is, and
 * packed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-sample.h"
#include "galley-fuzz.h"

#include "sync/wire/galley-batch.h"

#include <string.h>
#include <zstd.h>

static void
read_batch (GBytes *packed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (packed, &error);
  int got = 1;

  while (reader != NULL && got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (reader, &frame, &error);
      if (got > 0)
        g_assert_cmpint (frame.change != NULL, ==, frame.type == GALLEY_FRAME_CHANGE);
    }
  g_assert_cmpint (error != NULL, ==, reader == NULL || got < 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GBytes) packed = NULL;
  gsize bound = ZSTD_compressBound (size);
  guint8 *buffer = g_malloc (bound);

  read_batch (bytes);
  packed = g_bytes_new_take (buffer, ZSTD_compress (buffer, bound, data, size, 1));
  read_batch (packed);
  return 0;
}

/* A batch with a frame of each kind, unpacked. */
GBytes *
galley_fuzz_get_seed (void)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GBytes) packed = NULL;
  guint8 signature[GALLEY_SIGNATURE_BYTES] = { 7 };
  GalleyHash hash = { 0 };
  GalleyRef ref = { .seq = 3 };
  gsize packed_size, size;
  guint8 *data;

  galley_batch_writer_add_position (writer, 42);
  galley_batch_writer_add_known (writer, 1, 300);
  for (guint seq = 1; seq <= 3; seq++)
    {
      g_autoptr (GalleyChange) change = galley_fuzz_make_change (seq, &hash);
      gsize bytes;
      gconstpointer content = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

      hash = *galley_change_get_hash (change);
      galley_batch_writer_add_change (writer, content, bytes, &hash);
    }
  memset (&ref.device, 'd', sizeof ref.device);
  galley_batch_writer_add_tip (writer, &ref, &hash, signature);
  galley_batch_writer_add_gap (writer, &ref, &hash);
  size = galley_batch_writer_get_size (writer);
  packed = galley_batch_writer_finish (writer);

  data = g_malloc (size);
  packed_size = g_bytes_get_size (packed);
  g_assert_cmpuint (ZSTD_decompress (data, size, g_bytes_get_data (packed, NULL), packed_size), ==,
                    size);
  return g_bytes_new_take (data, size);
}
