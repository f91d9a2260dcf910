/* test-bundle-check.c: bundles that were damaged, forged, cut off: nothing of them is used
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-device.h"
#include "galley-test.h"

#include "sync/galley-bundle-export.h"
#include "sync/galley-bundle-import.h"
#include "sync/galley-errand.h"
#include "sync/galley-sync-notes.h"
#include "sync/wire/galley-batch.h"

#include <string.h>

typedef struct
{
  TestDevice *ana, *ben, *mallory;
  GalleyId project, item;
} Story;

static void
set_up (Story *story, gconstpointer data)
{
  story->ana = test_device_new ("ana");
  story->ben = test_device_new ("ben");
  story->mallory = test_device_new ("mallory");
  test_device_make_project (story->ana, &story->project);
  test_device_make_item (story->ana, &story->project, "Cover", &story->item);
}

static void
tear_down (Story *story, gconstpointer data)
{
  test_device_free (story->ana);
  test_device_free (story->ben);
  test_device_free (story->mallory);
}

static char *
export_bundle (Story *story, TestDevice *device, const char *name)
{
  GalleyBundleExportOptions options = { 0 };
  GalleyBundleExportReport report;
  g_autofree char *path = galley_test_path (name);
  g_autoptr (GError) error = NULL;

  galley_bundle_export (device->store, &story->project, path, &options, NULL, NULL, NULL, &report,
                        &error);
  g_assert_no_error (error);
  return g_steal_pointer (&path);
}

static GError *
try_import (TestDevice *device, const char *path)
{
  g_auto (GalleyBundleImportReport) report = { 0 };
  GError *error = NULL;

  galley_bundle_import (device->store, path, NULL, NULL, NULL, &report, &error);
  return error;
}

static void
import (TestDevice *device, const char *path)
{
  g_autoptr (GError) error = try_import (device, path);

  g_assert_no_error (error);
}

static void
assert_not_here (Story *story, TestDevice *device)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) chains = galley_carried_list_chains (device->reader, &story->project, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (chains->len, ==, 0);
}

static void
assert_same (Story *story, TestDevice *a, TestDevice *b)
{
  g_autofree char *one = test_device_get_digest (a, &story->project);
  g_autofree char *other = test_device_get_digest (b, &story->project);

  g_assert_cmpstr (one, ==, other);
}

/* ── damaged ── */

static void
test_every_bit (Story *story, gconstpointer data)
{
  g_autofree char *path = export_bundle (story, story->ana, "whole.bundle"), *text = NULL;
  g_autoptr (GArray) nothing = g_array_new (FALSE, TRUE, sizeof (GalleyCarriedChain));
  gsize bytes;

  g_test_summary ("Whichever bit is not what it was, the bundle is not taken");

  g_assert_true (g_file_get_contents (path, &text, &bytes, NULL));
  for (gsize bit = 0; bit < 8 * bytes; bit++)
    {
      g_autoptr (GInputStream) stream = NULL;
      g_autoptr (GalleyBundleContent) content = NULL;
      g_autoptr (GError) error = NULL;

      text[bit / 8] ^= 1 << (bit % 8);
      stream = g_memory_input_stream_new_from_data (text, bytes, NULL);
      content = galley_bundle_check (stream, nothing, NULL, NULL, NULL, &error);
      g_assert_null (content);
      g_assert_nonnull (error);
      text[bit / 8] ^= 1 << (bit % 8);
    }
  import (story->ben, path);
  assert_same (story, story->ana, story->ben);
}

/* ── forged ── */

/* A bundle with other parts than it had, signed by somebody who has signed it whole. */
typedef GBytes *(*Rewrite) (Story *story, GalleyBundlePart *part, gpointer data);

static char *
rewrite (Story *story, const char *from, const char *name, Rewrite func, gpointer data)
{
  GalleyKey *key = galley_store_get_key (story->mallory->store);
  g_autofree char *path = galley_test_path (name);
  g_autoptr (GFile) file = g_file_new_for_path (from);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  g_autoptr (GalleyBundleReader) reader = galley_bundle_reader_new (G_INPUT_STREAM (stream), NULL);
  g_autoptr (GalleyBundleWriter) writer = galley_bundle_writer_new (path, NULL);
  GalleyBundlePartType type = 0;

  while (type != GALLEY_BUNDLE_END)
    {
      g_auto (GalleyBundlePart) part = { 0 };
      g_autoptr (GBytes) other = NULL;

      g_assert_true (galley_bundle_reader_next (reader, &part, NULL));
      type = part.type;
      if (type == GALLEY_BUNDLE_END)
        break;
      part.head.maker = *galley_key_get_device (key);
      other = func (story, &part, data);
      if (type == GALLEY_BUNDLE_HEAD)
        g_assert_true (galley_bundle_writer_add_head (writer, &part.head, NULL));
      else
        g_assert_true (galley_bundle_writer_add (writer, type, g_bytes_get_data (other, NULL),
                                                 g_bytes_get_size (other), NULL));
    }
  g_assert_true (galley_bundle_writer_finish (writer, key, NULL));
  return g_steal_pointer (&path);
}

/* Mallory is one more of those who made it. */
static GBytes *
add_mallory (Story *story, GalleyBundlePart *part)
{
  GalleyKey *key = galley_store_get_key (story->mallory->store);
  g_autoptr (GalleyMe) who = galley_me_parse (part->payload, NULL);
  GalleyDevice *device = g_new0 (GalleyDevice, 1);

  g_assert_nonnull (who);
  device->id = *galley_key_get_device (key);
  device->name = g_strdup ("laptop");
  galley_store_get_person (story->mallory->store, &device->person);
  memcpy (device->public_key, galley_key_get_public (key), sizeof device->public_key);
  g_ptr_array_add (who->devices, device);
  return galley_me_to_bytes (who);
}

/* With Mallory's signature over what Ana made. */
static GBytes *
sign_for_ana (Story *story, GalleyBundlePart *part, gpointer data)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GalleyBatchReader) reader = NULL;
  int got = 1;

  if (part->type == GALLEY_BUNDLE_WHO)
    return add_mallory (story, part);
  if (part->type != GALLEY_BUNDLE_CHANGES)
    return g_bytes_ref (part->payload);

  reader = galley_batch_reader_new (part->payload, NULL);
  while (got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };
      gsize bytes;

      got = galley_batch_reader_next (reader, &frame, NULL);
      if (got > 0 && frame.change != NULL)
        galley_batch_writer_add_change (writer,
                                        g_bytes_get_data (galley_change_get_bytes (frame.change),
                                                          &bytes),
                                        g_bytes_get_size (galley_change_get_bytes (frame.change)),
                                        galley_change_get_hash (frame.change));
      if (got > 0 && frame.type == GALLEY_FRAME_TIP)
        {
          galley_tip_sign (galley_store_get_key (story->mallory->store), &story->project,
                           &frame.ref, &frame.hash, frame.signature);
          galley_batch_writer_add_tip (writer, &frame.ref, &frame.hash, frame.signature);
        }
    }
  g_assert_cmpint (got, ==, 0);
  return galley_batch_writer_finish (writer);
}

static void
test_signed_by_another (Story *story, gconstpointer data)
{
  g_autofree char *path = export_bundle (story, story->ana, "good.bundle");
  g_autofree char *forged = rewrite (story, path, "forged.bundle", sign_for_ana, NULL);
  g_autoptr (GError) error = try_import (story->ben, forged);

  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "signed"));
  assert_not_here (story, story->ben);
}

/* Whoever passes it on signs the whole anew; what they bring is still its makers'. */
static GBytes *
pass_on (Story *story, GalleyBundlePart *part, gpointer data)
{
  return part->type == GALLEY_BUNDLE_WHO ? add_mallory (story, part)
         : part->payload != NULL         ? g_bytes_ref (part->payload)
                                         : NULL;
}

static void
test_passed_on (Story *story, gconstpointer data)
{
  g_autofree char *path = export_bundle (story, story->ana, "good.bundle");
  g_autofree char *passed = rewrite (story, path, "passed.bundle", pass_on, NULL);

  import (story->ben, passed);
  assert_same (story, story->ana, story->ben);
}

static gboolean
connect_device (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_SERVER_URL, "http://127.0.0.1:1", error);
}

typedef struct
{
  GalleyId device, person;
  GalleyKey *key;
  gboolean revoked;
} Known;

static gboolean
know (GalleyWriter *writer, gpointer data, GError **error)
{
  const Known *known = data;
  GalleyPerson person = { .id = known->person, .name = (char *)"Ana", .role = GALLEY_ROLE_LEAD };
  GalleyDevice device = { .id = known->device,
                          .person = known->person,
                          .name = (char *)"laptop",
                          .revoked = known->revoked };

  memcpy (device.public_key, galley_key_get_public (known->key), sizeof device.public_key);
  return galley_directory_put_person (writer, &person, error) &&
         galley_directory_put_device (writer, &device, error);
}

/* Ben's server has told him of @device as Ana's. */
static void
tell_ben (Story *story, TestDevice *device, gboolean revoked)
{
  g_autoptr (GError) error = NULL;
  Known known = { .device = *galley_store_get_device (device->store),
                  .key = galley_store_get_key (device->store),
                  .revoked = revoked };

  galley_store_get_person (story->ana->store, &known.person);
  galley_store_write (story->ben->store, connect_device, NULL, &error);
  g_assert_no_error (error);
  galley_store_write (story->ben->store, know, &known, &error);
  g_assert_no_error (error);
}

static void
test_unknown_computer (Story *story, gconstpointer data)
{
  g_autofree char *path = export_bundle (story, story->ana, "good.bundle");
  g_autoptr (GError) error = NULL;

  g_test_summary ("Of somebody whom the server knows, only computers that it knows speak for them");

  tell_ben (story, story->mallory, FALSE);
  error = try_import (story->ben, path);
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "Ana"));
  assert_not_here (story, story->ben);

  tell_ben (story, story->ana, FALSE);
  import (story->ben, path);
  assert_same (story, story->ana, story->ben);
}

static void
test_withdrawn_computer (Story *story, gconstpointer data)
{
  g_autofree char *path = export_bundle (story, story->ana, "good.bundle"), *later = NULL;
  g_autoptr (GError) error = NULL;
  GalleyId note;

  import (story->ben, path);
  tell_ben (story, story->ana, TRUE);
  import (story->ben, path);

  test_device_make_note (story->ana, &story->project, &story->item, "After", &note);
  later = export_bundle (story, story->ana, "later.bundle");
  error = try_import (story->ben, later);
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "withdrawn"));
}

/* ── cut off ── */

typedef struct
{
  GCancellable *cancellable;
  guint n_left; /* signs of progress after the check, then it is enough */
} Patience;

static void
lose_patience (guint64 done, guint64 total, gpointer data)
{
  Patience *patience = data;

  if (done > total / 2 && patience->n_left-- == 0)
    g_cancellable_cancel (patience->cancellable);
}

static void
test_cut_off (Story *story, gconstpointer data)
{
  g_autofree char *path = NULL;
  guint n_tries = 0;
  gboolean done = FALSE;

  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *body = g_strdup_printf ("%08000u", g_random_int ());

      test_device_set (story->ana, &story->project, GALLEY_KIND_ITEM, &story->item,
                       GALLEY_ITEM_DESCRIPTION, "", g_variant_new_string (body));
    }
  path = export_bundle (story, story->ana, "long.bundle");

  while (!done)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      Patience patience = { cancellable, n_tries++ };
      g_auto (GalleyBundleImportReport) report = { 0 };
      g_autoptr (GError) error = NULL;

      done = galley_bundle_import (story->ben->store, path, cancellable, lose_patience, &patience,
                                   &report, &error);
      if (!done)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      test_device_assert_replay (story->ben);
    }
  g_assert_cmpuint (n_tries, >, 3);
  assert_same (story, story->ana, story->ben);
}

static void
test_no_half_file (Story *story, gconstpointer data)
{
  GalleyBundleExportOptions options = { 0 };
  GalleyBundleExportReport report;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *folder = galley_test_path ("out"), *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  path = g_build_filename (folder, "half.bundle", NULL);
  g_cancellable_cancel (cancellable);
  g_assert_false (galley_bundle_export (story->ana->store, &story->project, path, &options,
                                        cancellable, NULL, NULL, &report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  dir = g_dir_open (folder, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
}

/* ── seen and stopped from elsewhere ── */

static gboolean
ask_to_cancel (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_job_table_ask (writer, *(gint64 *)data, GALLEY_JOB_ASK_CANCEL, error);
}

static gboolean
start_anew (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_job_table_requeue_running (writer, TRUE, error);
}

static GalleyJobState
get_state (Story *story, gint64 job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyJobRow) row = galley_job_table_get (story->ana->reader, job, &error);

  g_assert_no_error (error);
  return row->state;
}

static GalleyErrand *
begin_errand (Story *story)
{
  g_autoptr (GError) error = NULL;
  GalleyErrand *errand = galley_errand_begin (story->ana->store, "export", &story->project, NULL,
                                              "Write a bundle", "bytes", NULL, &error);

  g_assert_no_error (error);
  return errand;
}

static void
test_cancelled_elsewhere (Story *story, gconstpointer data)
{
  GalleyErrand *errand = begin_errand (story);
  gint64 job = galley_errand_get_id (errand);
  g_autoptr (GError) error = NULL, stopped = NULL;

  g_assert_cmpint (get_state (story, job), ==, GALLEY_JOB_RUNNING);
  galley_store_write (story->ana->store, ask_to_cancel, &job, &error);
  g_assert_no_error (error);
  galley_errand_progress (1, 10, errand);
  g_assert_true (
      g_cancellable_set_error_if_cancelled (galley_errand_get_cancellable (errand), &stopped));
  galley_errand_end (errand, NULL, stopped);
  g_assert_cmpint (get_state (story, job), ==, GALLEY_JOB_CANCELLED);
}

/* A program that is gone does not go on with it, and nobody else does. */
static void
test_interrupted (Story *story, gconstpointer data)
{
  GalleyErrand *errand = begin_errand (story);
  gint64 job = galley_errand_get_id (errand);
  g_autoptr (GError) error = NULL;

  galley_store_write (story->ana->store, start_anew, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_state (story, job), ==, GALLEY_JOB_FAILED);
  /* But one that is still there says so. */
  galley_errand_progress (5, 10, errand);
  g_assert_cmpint (get_state (story, job), ==, GALLEY_JOB_RUNNING);
  galley_errand_end (errand, NULL, NULL);
  g_assert_cmpint (get_state (story, job), ==, GALLEY_JOB_DONE);
}

/* ── brought back ── */

static void
copy_file (TestDevice *from, const char *folder, const char *name)
{
  g_autofree char *source = g_build_filename (from->folder, name, NULL);
  g_autofree char *target = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  gsize bytes;

  if (!g_file_get_contents (source, &text, &bytes, NULL))
    return;
  g_assert_true (g_file_set_contents (target, text, bytes, NULL));
}

static void
test_own_changes_back (Story *story, gconstpointer data)
{
  g_autofree char *path = NULL, *folder = galley_test_path ("restored");
  TestDevice *restored;
  GalleyId note;

  g_test_summary ("A computer that came back from a backup has its own later changes from others");

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  test_device_reopen (story->ana);
  copy_file (story->ana, folder, "galley.db");
  copy_file (story->ana, folder, "galley.db-wal");
  copy_file (story->ana, folder, "device.key");
  test_device_make_note (story->ana, &story->project, &story->item, "Since then", &note);
  path = export_bundle (story, story->ana, "all.bundle");

  restored = test_device_new ("restored");
  import (restored, path);
  assert_same (story, story->ana, restored);
  test_device_assert_replay (restored);
  test_device_free (restored);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

#define ADD(path, func) g_test_add ("/bundle-check" path, Story, NULL, set_up, func, tear_down)
  ADD ("/every-bit", test_every_bit);
  ADD ("/signed-by-another", test_signed_by_another);
  ADD ("/passed-on", test_passed_on);
  ADD ("/unknown-computer", test_unknown_computer);
  ADD ("/withdrawn-computer", test_withdrawn_computer);
  ADD ("/cut-off", test_cut_off);
  ADD ("/no-half-file", test_no_half_file);
  ADD ("/cancelled-elsewhere", test_cancelled_elsewhere);
  ADD ("/interrupted", test_interrupted);
  ADD ("/own-changes-back", test_own_changes_back);

  return g_test_run ();
}
