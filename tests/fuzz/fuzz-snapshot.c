/* fuzz-snapshot.c: whatever a file says that came as a snapshot, it is refused or read to its end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-folder.h"
#include "galley-fuzz-sample.h"
#include "galley-fuzz.h"

#include "data/galley-error.h"
#include "data/galley-snapshot.h"

#include <string.h>

static void
look_at (const GalleySnapshotPart *part)
{
  g_autoptr (GalleySegment) segment = NULL;

  switch (part->type)
    {
    case GALLEY_SNAPSHOT_HEAD:
      g_assert_cmpuint (part->head.position, >, 0);
      g_assert_true (g_utf8_validate (part->head.history_id, -1, NULL));
      break;
    case GALLEY_SNAPSHOT_TIP:
      g_assert_cmpuint (part->tip.ref.seq, >, 0);
      break;
    case GALLEY_SNAPSHOT_SEGMENT:
      segment = galley_segment_unpack (part->segment, 0, NULL);
      for (guint i = 0; segment != NULL && i < galley_segment_get_n_records (segment); i++)
        {
          g_autoptr (GalleyChange)
              change = galley_segment_record_read (galley_segment_get_record (segment, i), NULL);

          g_assert_true (change == NULL || galley_change_get_n_edits (change) > 0);
        }
      break;
    default:
      g_assert_cmpint (part->type, ==, GALLEY_SNAPSHOT_END);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *path = galley_fuzz_path ("snapshot");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleySnapshotReader) reader = NULL;
  gboolean at_end = FALSE;

  galley_fuzz_write (path, data, size);
  reader = galley_snapshot_reader_open (path, &error);
  while (reader != NULL && error == NULL && !at_end)
    {
      g_auto (GalleySnapshotPart) part = { 0 };

      if (galley_snapshot_reader_next (reader, &part, &error))
        look_at (&part);
      at_end = part.type == GALLEY_SNAPSHOT_END;
    }
  if (error != NULL)
    g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  return 0;
}

static GBytes *
make_segment (void)
{
  g_autoptr (GalleySegmentBuilder) builder = galley_segment_builder_new ();
  GalleyHash nothing = { 0 };
  g_autoptr (GalleyChange) change = galley_fuzz_make_change (1, &nothing);
  gsize bytes;
  gconstpointer content = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  galley_segment_builder_add (builder, 1, 1, NULL, 0, content, bytes);
  return galley_segment_builder_pack (builder, 1);
}

GBytes *
galley_fuzz_get_seed (void)
{
  g_autofree char *path = galley_fuzz_path ("seed");
  GalleySnapshotHead head = { .position = 1, .n_changes = 1, .history_id = (char *)"h1" };
  GalleySnapshotTip tip = { .ref.seq = 1 };
  g_autoptr (GalleySnapshotWriter) writer = galley_snapshot_writer_new (path, NULL);
  g_autoptr (GBytes) segment = make_segment ();
  GalleyHash hash;
  guint64 size_bytes;
  char *content;

  memset (&tip.ref.device, 'd', sizeof tip.ref.device);
  g_assert_true (galley_snapshot_writer_add_head (writer, &head, NULL));
  g_assert_true (galley_snapshot_writer_add_tip (writer, &tip, NULL));
  g_assert_true (galley_snapshot_writer_add_segment (writer, segment, NULL));
  g_assert_true (galley_snapshot_writer_finish (writer, &hash, &size_bytes, NULL));
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  return g_bytes_new_take (content, size_bytes);
}
