/* test-explain.c: for every field of a large project: that what is told of it follows from the
 * journal, as the reference model reads it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-sim-model.h"
#include "galley-test-device.h"

#include "data/galley-audit.h"
#include "data/galley-compactor.h"
#include "data/galley-intent.h"

#include <string.h>

#define N_ITEMS 20
#define NOTES_AN_ITEM 10
#define ROUND_CHANGES 250

typedef struct
{
  TestDevice *devices[2];
  TestStream *stream;
  GalleyId project, items[N_ITEMS], notes[N_ITEMS * NOTES_AN_ITEM];
} Team;

static void
team_init (Team *team)
{
  team->devices[0] = test_device_new ("a");
  team->devices[1] = test_device_new ("b");
  test_device_make_project (team->devices[0], &team->project);
  for (guint i = 0; i < N_ITEMS; i++)
    {
      test_device_make_item (team->devices[0], &team->project, "item", &team->items[i]);
      for (guint k = 0; k < NOTES_AN_ITEM; k++)
        test_device_make_note (team->devices[0], &team->project, &team->items[i], "one two three",
                               &team->notes[i * NOTES_AN_ITEM + k]);
    }
  team->stream = test_stream_new (&team->project);
  test_stream_sync (team->stream, team->devices[0], team->devices[1]);
}

static void
team_clear (Team *team)
{
  test_stream_free (team->stream);
  test_device_free (team->devices[0]);
  test_device_free (team->devices[1]);
}

static GalleyDraft *
draw_edit (Team *team)
{
  static const char *const words[] = { "one two three", "one two", "two three", "one three two" };
  static const char *const tags[] = { "red", "green", "blue" };
  const GalleyId *note = &team->notes[g_test_rand_int_range (0, G_N_ELEMENTS (team->notes))];
  const GalleyId *item = &team->items[g_test_rand_int_range (0, N_ITEMS)];
  GalleyDraft *draft = galley_draft_new (&team->project, "edit");
  g_autofree char *color = g_strdup_printf ("#%06x", g_test_rand_int_range (0, 5));

  switch (g_test_rand_int_range (0, 6))
    {
    case 0:
      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_BODY, "",
                              g_variant_new_string (words[g_test_rand_int_range (0, 4)]));
      break;
    case 1:
      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_TAGS,
                              tags[g_test_rand_int_range (0, 3)],
                              g_test_rand_bit () ? g_variant_new_boolean (TRUE) : NULL);
      break;
    case 2:
      galley_draft_set_shown (draft, GALLEY_KIND_ITEM, item, GALLEY_ITEM_DUE, "",
                              g_variant_new_int64 (g_test_rand_int_range (0, 4)));
      break;
    case 3:
      galley_draft_set_shown (draft, GALLEY_KIND_ITEM, item, GALLEY_ITEM_NAME, "",
                              g_variant_new_string (words[g_test_rand_int_range (0, 4)]));
      break;
    default:
      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_COLOR, "",
                              g_variant_new_string (color));
      break;
    }

  return draft;
}

static void
work (Team *team, guint n_changes)
{
  for (guint done = 0; done < n_changes; done += 2 * ROUND_CHANGES)
    {
      for (guint d = 0; d < G_N_ELEMENTS (team->devices); d++)
        {
          g_autoptr (GPtrArray)
              drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
          g_autofree GalleyCommitted *committed = g_new (GalleyCommitted, ROUND_CHANGES);
          g_autoptr (GError) error = NULL;

          for (guint i = 0; i < ROUND_CHANGES; i++)
            g_ptr_array_add (drafts, draw_edit (team));
          galley_store_commit_many (team->devices[d]->store, drafts, committed, &error);
          g_assert_no_error (error);
        }
      test_stream_sync (team->stream, team->devices[0], team->devices[1]);
    }
}

/* ── the model's side ── */

/* The journal once more, read by code that knows nothing of the engine's. */
typedef struct
{
  GPtrArray *changes; /* of SimChange */
  SimState *state;
  GHashTable *counts; /* "ENTITY FIELD ELEMENT" → how often it was set */
} Model;

static char *
name_field (const SimEdit *edit)
{
  g_autofree char *id = sim_id_print (&edit->entity);

  return g_strdup_printf ("%s %u %s", id, edit->field, edit->element);
}

static void
model_init (Model *model, TestDevice *device, const GalleyId *project)
{
  GalleyJournalFilter filter = { .project = project, .limit = G_MAXUINT };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (device->reader, &filter, &error);

  g_assert_no_error (error);
  model->changes = g_ptr_array_new_with_free_func ((GDestroyNotify)sim_change_free);
  model->state = sim_state_new ();
  model->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = rows->len; i > 0; i--)
    {
      const GalleyJournalRow *row = rows->pdata[i - 1];
      gsize n_bytes;
      gconstpointer bytes = g_bytes_get_data (galley_change_get_bytes (row->change), &n_bytes);
      SimChange *change = sim_change_read (bytes, n_bytes);

      g_assert_nonnull (change);
      g_ptr_array_add (model->changes, change);
      sim_state_apply (model->state, change, row->position);
      for (guint k = 0; k < change->edits->len; k++)
        {
          char *name = name_field (&g_array_index (change->edits, SimEdit, k));
          guint n = GPOINTER_TO_UINT (g_hash_table_lookup (model->counts, name));

          g_hash_table_insert (model->counts, name, GUINT_TO_POINTER (n + 1));
        }
    }
}

static void
model_clear (Model *model)
{
  sim_state_free (model->state);
  g_ptr_array_unref (model->changes);
  g_hash_table_unref (model->counts);
}

static gboolean
same (GVariant *a, GVariant *b)
{
  return a == NULL || b == NULL ? a == b : g_variant_equal (a, b);
}

static const SimHead *
find_head (GArray *heads, const GalleyChangeHeader *header)
{
  for (guint i = 0; i < heads->len; i++)
    {
      const SimHead *head = &g_array_index (heads, SimHead, i);

      if (head->change->ref.seq == header->seq &&
          memcmp (&head->change->ref.device, &header->device, sizeof header->device) == 0)
        return head;
    }

  return NULL;
}

static void
assert_why (const char *why, GArray *heads, const GalleyField *field)
{
  guint n_replaced = g_array_index (heads, SimHead, 0).edit->supersedes->len;

  if (heads->len > 1)
    g_assert_cmpstr (why, ==, galley_merge_explain (field->rule));
  else if (n_replaced == 0)
    g_assert_nonnull (strstr (why, "set it, and nobody has changed it since."));
  else if (n_replaced == 1)
    g_assert_nonnull (strstr (why, "set it last, and had seen what was there before."));
  else
    g_assert_nonnull (strstr (why, "settled it, and had seen the"));
}

/* What is told of one field, against what the model says of it. */
static void
compare (TestDevice *device, Model *model, const char *name, GArray *heads)
{
  const SimEdit *edit = g_array_index (heads, SimHead, 0).edit;
  const GalleyFieldSpec *spec = galley_schema_get_field (edit->kind, edit->field);
  const char *element = *edit->element != '\0' ? edit->element : NULL;
  GalleyId id;
  GalleyJournalFilter filter = { .entity = &id, .field = &spec->number, .element = element };
  g_autoptr (GalleyEntity) entity = NULL;
  g_autoptr (GalleyAudit) audit = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *why = NULL;
  const GalleyField *field = NULL;
  guint n_stand = 0;

  memcpy (&id, &edit->entity, sizeof id);
  entity = galley_reader_get_entity (device->reader, &id, &error);
  audit = galley_audit_read (device->reader, &filter, &error);
  g_assert_no_error (error);
  g_assert_true (audit->whole);
  g_assert_cmpuint (audit->entries->len, ==,
                    GPOINTER_TO_UINT (g_hash_table_lookup (model->counts, name)));

  for (guint i = 0; i < audit->entries->len; i++)
    {
      const GalleyAuditEntry *entry = audit->entries->pdata[i];
      const GalleyAuditStep *step = &g_array_index (entry->steps, GalleyAuditStep, 0);
      const SimHead *head = find_head (heads, galley_change_get_header (entry->row->change));

      g_assert_cmpint (step->stands, ==, head != NULL);
      if (head != NULL)
        g_assert_true (same (step->edit->value, head->edit->value));
      n_stand += step->stands;
    }
  g_assert_cmpuint (n_stand, ==, heads->len);

  for (guint i = 0; field == NULL && i < entity->fields->len; i++)
    {
      const GalleyField *one = entity->fields->pdata[i];

      if (one->number == edit->field && g_str_equal (one->element, edit->element))
        field = one;
    }
  g_assert_nonnull (field);
  if (heads->len == 1)
    g_assert_true (same (field->value, edit->value));
  why = galley_audit_explain (audit, entity, spec, element);
  assert_why (why, heads, field);
}

static void
test_every_field (void)
{
  guint n_changes = g_test_slow () ? 100000 : 3000;
  GalleyCompactOptions options = { n_changes / 4, 64 * 1024, 1 };
  GalleyCompactReport report;
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer name, heads;
  Model model;
  Team team;

  team_init (&team);
  work (&team, n_changes);
  galley_compact (team.devices[1]->store, &options, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  test_device_reopen (team.devices[1]);
  model_init (&model, team.devices[1], &team.project);
  g_assert_cmpuint (model.changes->len, >=, n_changes);

  g_hash_table_iter_init (&iter, model.state->fields);
  while (g_hash_table_iter_next (&iter, &name, &heads))
    compare (team.devices[1], &model, name, heads);
  g_test_message ("%u changes, %u fields", model.changes->len,
                  g_hash_table_size (model.state->fields));
  model_clear (&model);
  team_clear (&team);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/explain/every-field", test_every_field);
  return g_test_run ();
}
