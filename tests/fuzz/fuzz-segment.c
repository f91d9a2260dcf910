/* fuzz-segment.c: whatever bytes stand for a packed part of a journal, it is refused, or each of
 * its changes can be looked at
 *
 * The input is tried as it is, and packed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-sample.h"
#include "galley-fuzz.h"

#include "data/galley-error.h"
#include "data/galley-segment.h"

#include <zstd.h>

static void
read_record (GalleySegment *segment, const GalleySegmentRecord *record)
{
  g_autoptr (GalleyChange) change = galley_segment_record_read (record, NULL);

  g_assert_nonnull (galley_segment_find (segment, &record->ref));
  for (guint i = 0; change != NULL && i < galley_change_get_n_edits (change); i++)
    galley_segment_record_counts (record, i);
  if (change != NULL)
    g_assert_cmpuint (galley_change_get_header (change)->seq, ==, record->ref.seq);
}

static void
read_segment (GBytes *packed)
{
  const gint64 base = 1000;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleySegment) segment = galley_segment_unpack (packed, base, &error);
  gint64 before = base;

  if (segment == NULL)
    {
      g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
      return;
    }

  for (guint i = 0; i < galley_segment_get_n_records (segment); i++)
    {
      const GalleySegmentRecord *record = galley_segment_get_record (segment, i);

      g_assert_cmpint (record->lsn, >, before);
      before = record->lsn;
      read_record (segment, record);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GBytes) packed = NULL;
  gsize bound = ZSTD_compressBound (size);
  guint8 *buffer = g_malloc (bound);

  read_segment (bytes);
  packed = g_bytes_new_take (buffer, ZSTD_compress (buffer, bound, data, size, 1));
  read_segment (packed);
  return 0;
}

/* Unpacked: three changes, of which one counts in part. */
GBytes *
galley_fuzz_get_seed (void)
{
  g_autoptr (GalleySegmentBuilder) builder = galley_segment_builder_new ();
  g_autoptr (GBytes) packed = NULL;
  const guint8 marks[] = { 0x15 };
  GalleyHash hash = { 0 };
  gsize size;
  guint8 *data;

  for (guint seq = 1; seq <= 3; seq++)
    {
      g_autoptr (GalleyChange) change = galley_fuzz_make_change (seq, &hash);
      gsize bytes;
      gconstpointer content = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

      hash = *galley_change_get_hash (change);
      galley_segment_builder_add (builder, seq * 200, seq, marks, seq == 2 ? 1 : 0, content, bytes);
    }
  size = galley_segment_builder_get_bytes (builder);
  packed = galley_segment_builder_pack (builder, 1);

  data = g_malloc (size);
  g_assert_cmpuint (ZSTD_decompress (data, size, g_bytes_get_data (packed, NULL),
                                     g_bytes_get_size (packed)),
                    ==, size);
  return g_bytes_new_take (data, size);
}
