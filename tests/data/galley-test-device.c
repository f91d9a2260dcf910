/* galley-test-device.c: a workspace in a test, and a stream that stands for a server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-device.h"

#include "galley-test.h"

#include "data/galley-replay.h"

static gboolean
has_file (TestDevice *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* A rescue that found own changes missing has put the key aside, and opening says what follows. */
void
test_device_open (TestDevice *self)
{
  g_autoptr (GError) error = NULL;

  if (has_file (self, "galley.db") && !has_file (self, "device.key"))
    g_test_expect_message ("galley-store", G_LOG_LEVEL_MESSAGE, "*under its own name*");
  self->store = galley_store_open (self->folder, GALLEY_STORE_CREATE, galley_world_real (), &error);
  g_assert_no_error (error);
  g_test_assert_expected_messages ();
  self->reader = galley_store_open_reader (self->store, &error);
  g_assert_no_error (error);
}

void
test_device_close (TestDevice *self)
{
  galley_reader_free (self->reader);
  galley_store_close (self->store);
  /* What waits to be told is told, or it would hold the store. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (self->store);
}

TestDevice *
test_device_new (const char *name)
{
  TestDevice *self = g_new0 (TestDevice, 1);

  self->folder = galley_test_path (name);
  test_device_open (self);
  return self;
}

void
test_device_reopen (TestDevice *self)
{
  test_device_close (self);
  test_device_open (self);
}

void
test_device_free (TestDevice *self)
{
  test_device_close (self);
  g_free (self->folder);
  g_free (self);
}

void
test_device_commit (TestDevice *self, GalleyDraft *draft)
{
  g_autoptr (GError) error = NULL;

  galley_store_commit (self->store, draft, NULL, &error);
  g_assert_no_error (error);
  galley_draft_unref (draft);
}

void
test_device_make_project (TestDevice *self, GalleyId *project)
{
  GalleyDraft *draft;

  galley_id_new (project, galley_world_real ());
  draft = galley_draft_new (project, "create project");
  galley_draft_create (draft, GALLEY_KIND_PROJECT, project, NULL);
  galley_draft_set (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_NAME, NULL,
                    g_variant_new_string ("Harbour"), NULL, 0);
  test_device_commit (self, draft);
}

void
test_device_make_item (TestDevice *self, const GalleyId *project, const char *name, GalleyId *item)
{
  GalleyDraft *draft = galley_draft_new (project, "import");

  galley_id_new (item, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_ITEM, item, project);
  galley_draft_set (draft, GALLEY_KIND_ITEM, item, GALLEY_ITEM_NAME, NULL,
                    g_variant_new_string (name), NULL, 0);
  test_device_commit (self, draft);
}

/* Of one byte. */
void
test_device_make_version (TestDevice *self,
                          const GalleyId *project,
                          const GalleyId *item,
                          guint8 content,
                          guint number,
                          GalleyId *version)
{
  GalleyDraft *draft = galley_draft_new (project, "add version");
  GalleyHash hash;

  galley_id_new (version, galley_world_real ());
  galley_hash_bytes (&hash, &content, 1);
  galley_draft_create (draft, GALLEY_KIND_VERSION, version, item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)",
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &hash, 32, 1),
                                   G_GUINT64_CONSTANT (1), "image/png"),
                    NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_VERSION, version, GALLEY_VERSION_NUMBER, NULL,
                    g_variant_new_uint32 (number), NULL, 0);
  test_device_commit (self, draft);
}

void
test_device_make_note (TestDevice *self,
                       const GalleyId *project,
                       const GalleyId *item,
                       const char *body,
                       GalleyId *note)
{
  GalleyDraft *draft = galley_draft_new (project, "annotate");

  galley_id_new (note, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_ANNOTATION, note, item);
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_SHAPE, NULL,
                    g_variant_new_string ("pin"), NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_PLACE, NULL,
                    g_variant_new ("(dd)", 10.0, 20.0), NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_BODY, NULL,
                    g_variant_new_string (body), NULL, 0);
  test_device_commit (self, draft);
}

void
test_device_set (TestDevice *self,
                 const GalleyId *project,
                 guint8 kind,
                 const GalleyId *entity,
                 guint16 field,
                 const char *element,
                 GVariant *value)
{
  GalleyDraft *draft = galley_draft_new (project, "edit");

  galley_draft_set_shown (draft, kind, entity, field, element, value);
  test_device_commit (self, draft);
}

char *
test_device_get (TestDevice *self, const GalleyId *entity, guint16 field)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyEntity) found = galley_reader_get_entity (self->reader, entity, &error);
  GVariant *value;

  g_assert_no_error (error);
  value = galley_entity_get_value (found, field);
  return value != NULL ? g_variant_print (value, FALSE) : g_strdup ("nothing");
}

GalleyFieldState
test_device_get_state (TestDevice *self, const GalleyId *entity, guint16 field)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyEntity) found = galley_reader_get_entity (self->reader, entity, &error);
  const GalleyField *known;

  g_assert_no_error (error);
  known = galley_entity_get_field (found, field);
  g_assert_nonnull (known);
  return known->state;
}

guint
test_device_count_conflicts (TestDevice *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) conflicts = galley_reader_list_conflicts (self->reader, NULL, &error);

  g_assert_no_error (error);
  return conflicts->len;
}

char *
test_device_get_digest (TestDevice *self, const GalleyId *project)
{
  g_autoptr (GError) error = NULL;
  guint64 position, unsent;
  GalleyHash digest;

  galley_reader_get_digest (self->reader, project, &digest, &position, &unsent, &error);
  g_assert_no_error (error);
  return galley_hash_to_string (&digest);
}

void
test_device_assert_replay (TestDevice *self)
{
  g_autoptr (GError) error = NULL;
  GalleyReplayReport report;
  guint64 n_changes;

  galley_replay_dry_run (self->store, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (report.difference, ==, NULL);
  g_assert_true (report.equal);
  galley_replay_report_clear (&report);
  galley_journal_verify (self->reader, NULL, NULL, NULL, NULL, &n_changes, &error);
  g_assert_no_error (error);
}

/* ── the stream ── */

TestStream *
test_stream_new (const GalleyId *project)
{
  TestStream *self = g_new0 (TestStream, 1);

  self->project = *project;
  self->changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  self->gaps = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
test_stream_free (TestStream *self)
{
  g_ptr_array_unref (self->changes);
  g_ptr_array_unref (self->gaps);
  g_free (self);
}

typedef struct
{
  const GalleyId *project;
  GArray *verdicts;
} Settle;

static gboolean
settle (GalleyWriter *writer, gpointer data, GError **error)
{
  Settle *settle_data = data;

  return galley_outbox_settle (writer, settle_data->project,
                               (const GalleyVerdict *)settle_data->verdicts->data,
                               settle_data->verdicts->len, error);
}

void
test_stream_push (TestStream *self, TestDevice *device)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      changes = galley_outbox_next (device->reader, &self->project, 10000, G_MAXSIZE, &error);
  g_autoptr (GArray) verdicts = g_array_new (FALSE, TRUE, sizeof (GalleyVerdict));
  Settle data = { &self->project, verdicts };

  g_assert_no_error (error);
  for (guint i = 0; i < changes->len; i++)
    {
      GalleyChange *change = g_ptr_array_index (changes, i);
      const GalleyChangeHeader *header = galley_change_get_header (change);
      GalleyVerdict verdict = { .first_seq = header->seq, .count = 1 };

      if (g_strcmp0 (galley_change_get_intent (change), self->refuse_intent) == 0)
        {
          GalleyIncoming *gap = g_new0 (GalleyIncoming, 1);

          gap->gap = TRUE;
          gap->ref = (GalleyRef){ header->device, header->seq };
          gap->hash = *galley_change_get_hash (change);
          g_ptr_array_add (self->gaps, gap);
          verdict.code = (char *)"permission";
          verdict.message = (char *)"Your role does not allow it.";
        }
      else
        {
          g_ptr_array_add (self->changes, galley_change_ref (change));
          verdict.position = self->changes->len;
        }
      g_array_append_val (verdicts, verdict);
    }

  if (verdicts->len > 0)
    galley_store_write (device->store, settle, &data, &error);
  g_assert_no_error (error);
}

typedef struct
{
  const GalleyId *project;
  GArray *incoming;
  guint64 position;
} Receive;

static gboolean
receive (GalleyWriter *writer, gpointer data, GError **error)
{
  Receive *receive_data = data;

  return galley_outbox_receive (writer, receive_data->project,
                                (const GalleyIncoming *)receive_data->incoming->data,
                                receive_data->incoming->len, "history", receive_data->position,
                                error);
}

/* Gaps of a device come before its next change, as a server sends them. */
static void
add_gaps (TestStream *self, GalleyChange *change, GArray *incoming)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);

  for (guint i = 0; i < self->gaps->len; i++)
    {
      const GalleyIncoming *gap = g_ptr_array_index (self->gaps, i);

      if (galley_id_equal (&gap->ref.device, &header->device) && gap->ref.seq < header->seq)
        g_array_append_vals (incoming, gap, 1);
    }
}

void
test_stream_pull (TestStream *self, TestDevice *device)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) incoming = g_array_new (FALSE, TRUE, sizeof (GalleyIncoming));
  g_auto (GalleyOutboxState) state = { 0 };
  Receive data = { &self->project, incoming, self->changes->len };

  galley_outbox_get_state (device->reader, &self->project, &state, &error);
  g_assert_no_error (error);
  for (guint i = state.position; i < self->changes->len; i++)
    {
      GalleyChange *change = g_ptr_array_index (self->changes, i);
      GalleyIncoming one = { .position = i + 1, .change = change };

      if (!galley_id_equal (&galley_change_get_header (change)->device,
                            galley_store_get_device (device->store)))
        add_gaps (self, change, incoming);
      g_array_append_val (incoming, one);
    }

  galley_store_write (device->store, receive, &data, &error);
  g_assert_no_error (error);
}

void
test_stream_sync (TestStream *self, TestDevice *a, TestDevice *b)
{
  test_stream_push (self, a);
  test_stream_push (self, b);
  test_stream_pull (self, a);
  test_stream_pull (self, b);
}

/* ── two devices ── */

void
test_pair_init (TestPair *self, const char *body)
{
  self->a = test_device_new ("a");
  self->b = test_device_new ("b");
  test_device_make_project (self->a, &self->project);
  test_device_make_item (self->a, &self->project, "Poster", &self->item);
  test_device_make_note (self->a, &self->project, &self->item, body, &self->note);
  self->stream = test_stream_new (&self->project);
  test_pair_sync (self);
}

void
test_pair_clear (TestPair *self)
{
  test_stream_free (self->stream);
  test_device_free (self->a);
  test_device_free (self->b);
}

void
test_pair_sync (TestPair *self)
{
  test_stream_sync (self->stream, self->a, self->b);
}

void
test_pair_set_note (TestPair *self, TestDevice *device, guint16 field, const char *text)
{
  test_device_set (device, &self->project, GALLEY_KIND_ANNOTATION, &self->note, field, NULL,
                   g_variant_new_string (text));
}

/* The one field of the note that is open. */
void
test_pair_settle (TestPair *self, TestDevice *device, GalleyTake take)
{
  g_autoptr (GPtrArray) fields = galley_reader_get_conflict (device->reader, &self->note, NULL);
  const GalleyConflictField *field = g_ptr_array_index (fields, 0);
  GalleyChoice choice = { .take = take };
  GalleyChooser chooser = { .device = *galley_store_get_device (device->store) };
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (fields->len, ==, 1);
  galley_store_get_person (device->store, &chooser.person);
  test_device_commit (device, galley_resolve_make_draft (&self->project, GALLEY_KIND_ANNOTATION,
                                                         &self->note, &field, &choice, 1, &chooser,
                                                         &error));
  g_assert_no_error (error);
}
