/* make-fixture.c: makes the small workspace that later versions of Galley must be able to open
 *
 * Usage: make-fixture FOLDER. Built with the tests, run by hand when the permanent tables change;
 * what it made stays in tests/fixtures/workspace-N for good, and test-migrations.c opens it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-device.h"

#include "data/galley-decision.h"
#include "data/galley-job-table.h"

#include <glib/gstdio.h>

typedef struct
{
  TestDevice *device, *other;
  TestStream *stream;
  GalleyId project, item, note;
} Fixture;

static TestDevice *
open_device (const char *folder)
{
  TestDevice *device = g_new0 (TestDevice, 1);
  g_autoptr (GError) error = NULL;

  device->folder = g_strdup (folder);
  device->store = galley_store_open (folder, GALLEY_STORE_CREATE, galley_world_real (), &error);
  if (error != NULL)
    g_error ("%s", error->message);
  device->reader = galley_store_open_reader (device->store, &error);
  g_assert_no_error (error);
  return device;
}

static void
add_version (Fixture *self)
{
  GalleyDraft *draft = galley_draft_new (&self->project, "add version");
  GalleyId version;
  GalleyHash hash;

  galley_id_new (&version, galley_world_real ());
  galley_hash_bytes (&hash, "poster", 6);
  galley_draft_create (draft, GALLEY_KIND_VERSION, &version, &self->item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)",
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &hash, 32, 1),
                                   G_GUINT64_CONSTANT (6), "image/png"),
                    NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_NUMBER, NULL,
                    g_variant_new_uint32 (1), NULL, 0);
  test_device_commit (self->device, draft);
}

static void
reply (Fixture *self)
{
  GalleyDraft *draft = galley_draft_new (&self->project, "reply");
  char text[GALLEY_ID_TEXT_SIZE];
  GalleyId comment;

  galley_id_new (&comment, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_COMMENT, &comment, &self->note);
  galley_draft_set (draft, GALLEY_KIND_COMMENT, &comment, GALLEY_COMMENT_BODY, NULL,
                    g_variant_new_string ("as far as the margin?"), NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, &self->note, GALLEY_ANNOTATION_REPLIES,
                    galley_id_print (&comment, text), g_variant_new_boolean (TRUE), NULL, 0);
  test_device_commit (self->other, draft);
}

static void
approve (Fixture *self)
{
  GalleyDraft *draft = galley_draft_new (&self->project, "approve");
  g_autoptr (GError) error = NULL;
  GalleyId person;

  galley_store_get_person (self->device->store, &person);
  galley_decision_prepare (draft, self->device->reader, galley_store_get_key (self->device->store),
                           &person, &self->item, NULL, "approve", NULL, &error);
  g_assert_no_error (error);
  test_device_commit (self->device, draft);
}

static void
set_note (Fixture *self, TestDevice *device, guint16 field, GVariant *value)
{
  test_device_set (device, &self->project, GALLEY_KIND_ANNOTATION, &self->note, field, NULL, value);
}

static void
be_refused (Fixture *self)
{
  GalleyDraft *draft = galley_draft_new (&self->project, "not allowed");

  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &self->note, GALLEY_ANNOTATION_STATUS,
                          NULL, g_variant_new_string ("resolved"));
  test_device_commit (self->device, draft);
  self->stream->refuse_intent = "not allowed";
}

static gboolean
save_jobs (GalleyWriter *writer, gpointer data, GError **error)
{
  Fixture *self = data;

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GalleyJobRow) row = galley_job_row_new ();

      row->kind = g_strdup (i == 0 ? "push" : "upload");
      row->project = self->project;
      row->title = g_strdup (i == 0 ? "Send changes" : "Send poster.png");
      row->unit = g_strdup (i == 0 ? "changes" : "bytes");
      row->state = i == 0 ? GALLEY_JOB_DONE : GALLEY_JOB_WAITING;
      row->waiting_for = i == 0 ? GALLEY_WAIT_NONE : GALLEY_WAIT_NETWORK;
      row->error = i == 0 ? NULL : g_strdup ("The server cannot be reached.");
      if (!galley_job_table_save (writer, row, error) ||
          !galley_job_table_add_event (writer, row->id, "It was tried.", error))
        return FALSE;
    }

  return TRUE;
}

static void
fill (Fixture *self)
{
  GalleyId second;
  g_autoptr (GError) error = NULL;

  test_device_make_project (self->device, &self->project);
  test_device_make_item (self->device, &self->project, "Poster", &self->item);
  add_version (self);
  test_device_make_note (self->device, &self->project, &self->item, "move the logo to the left",
                         &self->note);
  self->stream = test_stream_new (&self->project);
  test_stream_sync (self->stream, self->device, self->other);

  reply (self);
  set_note (self, self->device, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#aaaaaa"));
  set_note (self, self->other, GALLEY_ANNOTATION_COLOR, g_variant_new_string ("#bbbbbb"));
  set_note (self, self->device, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the red logo to the left"));
  set_note (self, self->other, GALLEY_ANNOTATION_BODY,
            g_variant_new_string ("move the logo to the right"));
  be_refused (self);
  test_stream_sync (self->stream, self->device, self->other);

  approve (self);
  test_device_make_project (self->device, &second);
  galley_store_write (self->device->store, save_jobs, self, &error);
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  Fixture self = { 0 };
  g_autofree char *other = NULL;

  if (argc != 2)
    {
      g_printerr ("Usage: make-fixture FOLDER\n");
      return 2;
    }

  g_mkdir_with_parents (argv[1], 0700);
  other = g_dir_make_tmp (NULL, NULL);
  self.device = open_device (argv[1]);
  self.other = open_device (other);
  fill (&self);
  test_device_assert_replay (self.device);
  test_stream_free (self.stream);
  test_device_free (self.device);
  test_device_free (self.other);
  g_print ("The other device's folder can go: %s\n", other);
  return 0;
}
