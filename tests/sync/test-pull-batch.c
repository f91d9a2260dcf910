/* test-pull-batch.c: what a server may send, and what is never used
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-directory.h"
#include "galley-sync-bench.h"
#include "galley-test.h"
#include "sync/galley-pull-batch.h"
#include "sync/wire/galley-batch.h"

typedef struct
{
  GalleySyncBench bench;
  GalleyReader *reader;
  GalleyKey *key; /* of another device, which the directory knows */
  GalleyBatchWriter *writer;
  GalleyRef ref; /* of that device's last change */
  GalleyHash hash;
} Fixture;

static gboolean
write_device (GalleyWriter *writer, gpointer data, GError **error)
{
  Fixture *self = data;
  GalleyDevice device = {
    .id = *galley_key_get_device (self->key),
    .name = (char *)"Laptop",
  };

  memcpy (device.public_key, galley_key_get_public (self->key), sizeof device.public_key);
  return galley_directory_put_device (writer, &device, error);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = galley_test_path ("other.key");
  g_autoptr (GError) error = NULL;

  galley_sync_bench_set_up (&self->bench, data);
  self->key = galley_key_open (path, galley_world_real (), &error);
  g_assert_no_error (error);
  galley_store_write (self->bench.store, write_device, self, &error);
  g_assert_no_error (error);
  self->reader = galley_store_open_reader (self->bench.store, &error);
  g_assert_no_error (error);
  self->writer = galley_batch_writer_new ();
  self->ref.device = *galley_key_get_device (self->key);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  galley_batch_writer_free (self->writer);
  galley_reader_free (self->reader);
  galley_key_free (self->key);
  galley_sync_bench_tear_down (&self->bench, data);
}

/* The other device's next change. */
static void
add_change (Fixture *self, const GalleyId *project)
{
  GalleyId item;
  GalleyEdit edit = {
    .kind = GALLEY_KIND_ITEM,
    .field = GALLEY_ITEM_NAME,
    .element = "",
    .value = g_variant_new_string ("a name"),
  };
  GalleyChangeHeader header = {
    .project = *project,
    .previous = self->hash,
    .device = self->ref.device,
    .seq = ++self->ref.seq,
    .hlc = 1,
  };
  G_GNUC_UNUSED g_autoptr (GVariant) value = g_variant_ref_sink (edit.value);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyChange) change = NULL;
  gsize bytes;
  gconstpointer data;

  galley_id_new (&item, galley_world_real ());
  edit.entity = item;
  change = galley_change_new (&header, "rename", &edit, 1, NULL, &error);
  g_assert_no_error (error);
  self->hash = *galley_change_get_hash (change);
  data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);
  galley_batch_writer_add_change (self->writer, data, bytes, &self->hash);
}

static void
add_tip (Fixture *self, GalleyKey *key, const GalleyHash *hash)
{
  guint8 signature[GALLEY_SIGNATURE_BYTES];

  galley_tip_sign (key, &self->bench.project, &self->ref, hash, signature);
  galley_batch_writer_add_tip (self->writer, &self->ref, hash, signature);
}

static GalleyPullBatch *
read_bytes (Fixture *self, GBytes *packed, GError **error)
{
  return galley_pull_batch_read (packed, &self->bench.project, 10, self->reader,
                                 galley_store_get_key (self->bench.store), error);
}

static GalleyPullBatch *
read_batch (Fixture *self, GError **error)
{
  g_autoptr (GBytes) packed = galley_batch_writer_finish (self->writer);

  return read_bytes (self, packed, error);
}

static void
assert_unused (Fixture *self, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_batch (self, &error));
  g_assert_error (error, domain, code);
}

static void
test_good (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyPullBatch) batch = NULL;
  const GalleyIncoming *incoming;

  galley_batch_writer_add_position (self->writer, 11);
  add_change (self, &self->bench.project);
  add_change (self, &self->bench.project);
  add_tip (self, self->key, &self->hash);
  galley_batch_writer_add_known (self->writer, 5, 3);
  batch = read_batch (self, &error);
  g_assert_no_error (error);

  g_assert_cmpuint (batch->incoming->len, ==, 5);
  g_assert_cmpuint (batch->position, ==, 15);
  incoming = &g_array_index (batch->incoming, GalleyIncoming, 1);
  g_assert_cmpuint (incoming->position, ==, 12);
  g_assert_nonnull (incoming->change);
  incoming = &g_array_index (batch->incoming, GalleyIncoming, 4);
  g_assert_cmpuint (incoming->position, ==, 15);
  g_assert_cmpuint (incoming->ref.seq, ==, 7);
  g_assert_true (
      galley_id_equal (&incoming->ref.device, galley_store_get_device (self->bench.store)));
}

static void
test_gap (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyPullBatch) batch = NULL;
  GalleyHash refused = { { 7 } };

  g_test_summary ("A refused change has no position, but its hash holds the chain together");

  self->ref.seq = 1;
  self->hash = refused;
  galley_batch_writer_add_gap (self->writer, &self->ref, &refused);
  add_change (self, &self->bench.project);
  add_tip (self, self->key, &self->hash);
  batch = read_batch (self, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (batch->position, ==, 11);
  g_assert_true (g_array_index (batch->incoming, GalleyIncoming, 0).gap);
}

static void
test_wrong_signer (Fixture *self, gconstpointer data)
{
  add_change (self, &self->bench.project);
  add_tip (self, galley_store_get_key (self->bench.store), &self->hash);
  assert_unused (self, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGNATURE);
}

static void
test_other_change (Fixture *self, gconstpointer data)
{
  GalleyHash other = { { 1 } };

  g_test_summary ("The signature is good, but over another change than the one that came");

  add_change (self, &self->bench.project);
  add_tip (self, self->key, &other);
  assert_unused (self, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGNATURE);
}

static void
test_unknown_device (Fixture *self, gconstpointer data)
{
  g_autofree char *path = galley_test_path ("stranger.key");

  galley_key_free (self->key);
  self->key = galley_key_open (path, galley_world_real (), NULL);
  self->ref.device = *galley_key_get_device (self->key);
  add_change (self, &self->bench.project);
  add_tip (self, self->key, &self->hash);
  assert_unused (self, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND);
}

static void
test_other_project (Fixture *self, gconstpointer data)
{
  GalleyId other;

  galley_id_new (&other, galley_world_real ());
  add_change (self, &other);
  assert_unused (self, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY);
}

static void
test_hole (Fixture *self, gconstpointer data)
{
  galley_batch_writer_add_position (self->writer, 12);
  add_change (self, &self->bench.project);
  assert_unused (self, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY);
}

static void
test_flood_of_known (Fixture *self, gconstpointer data)
{
  g_test_summary ("A few bytes cannot claim more than memory holds");

  galley_batch_writer_add_known (self->writer, 1, 90000);
  galley_batch_writer_add_known (self->writer, 90001, 90000);
  assert_unused (self, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY);
}

static void
test_cut (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) packed = NULL;

  g_test_summary ("Wherever it is cut, nothing of it is used");

  add_change (self, &self->bench.project);
  add_tip (self, self->key, &self->hash);
  packed = galley_batch_writer_finish (self->writer);
  for (gsize bytes = 0; bytes < g_bytes_get_size (packed); bytes++)
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (packed, 0, bytes);
      g_autoptr (GError) error = NULL;

      g_assert_null (read_bytes (self, part, &error));
      g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY);
    }
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/pull-batch/good", test_good);
  ADD ("/pull-batch/gap", test_gap);
  ADD ("/pull-batch/wrong-signer", test_wrong_signer);
  ADD ("/pull-batch/other-change", test_other_change);
  ADD ("/pull-batch/unknown-device", test_unknown_device);
  ADD ("/pull-batch/other-project", test_other_project);
  ADD ("/pull-batch/hole", test_hole);
  ADD ("/pull-batch/flood-of-known", test_flood_of_known);
  ADD ("/pull-batch/cut", test_cut);

  return g_test_run ();
}
