/* galley-test-project.c: a project with items and notes, made without files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-project.h"

#include "data/galley-decision.h"
#include "data/galley-intent.h"
#include "tests/galley-test.h"

#include <string.h>

/* Items go in by many, as one change each. */
#define GROUP 500

GalleyStore *
galley_test_project_open_store (void)
{
  g_autofree char *folder = galley_test_path ("workspace");
  g_autoptr (GError) error = NULL;
  GalleyStore *store = galley_store_open (folder, GALLEY_STORE_CREATE, galley_world_real (),
                                          &error);

  g_assert_no_error (error);
  return store;
}

static void
commit (GalleyStore *store, GalleyDraft *draft)
{
  g_autoptr (GError) error = NULL;

  galley_store_commit (store, draft, NULL, &error);
  g_assert_no_error (error);
}

void
galley_test_project_make (GalleyStore *store, const char *name, GalleyId *project)
{
  g_autoptr (GalleyDraft) draft = NULL;

  galley_id_new (project, galley_store_get_world (store));
  draft = galley_draft_new (project, GALLEY_INTENT_CREATE_PROJECT);
  galley_intent_create_project (draft, name, 1, GALLEY_ROLE_REVIEWER);
  commit (store, draft);
}

static void
put (GalleyDraft *draft, const GalleyId *version, guint16 field, GVariant *value)
{
  galley_draft_set (draft, GALLEY_KIND_VERSION, version, field, NULL, value, NULL, 0);
}

/* A version of one page; its file is on no computer. */
static void
put_version (GalleyDraft *draft, const GalleyId *item, const GalleyId *version, const char *name)
{
  GVariantBuilder media;
  GalleyHash hash;
  GVariant *file[3];

  galley_hash_bytes (&hash, item, sizeof *item);
  file[0] = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, hash.bytes, sizeof hash.bytes, 1);
  file[1] = g_variant_new_uint64 (1234);
  file[2] = g_variant_new_string ("image/png");
  g_variant_builder_init (&media, G_VARIANT_TYPE ("(ua(dd))"));
  g_variant_builder_add (&media, "u", 1);
  g_variant_builder_open (&media, G_VARIANT_TYPE ("a(dd)"));
  g_variant_builder_add (&media, "(dd)", GALLEY_TEST_WIDTH, GALLEY_TEST_HEIGHT);
  g_variant_builder_close (&media);

  galley_draft_create (draft, GALLEY_KIND_VERSION, version, item);
  put (draft, version, GALLEY_VERSION_FILE, g_variant_new_tuple (file, 3));
  put (draft, version, GALLEY_VERSION_NAME, g_variant_new_string (name));
  put (draft, version, GALLEY_VERSION_MEDIA, g_variant_builder_end (&media));
  put (draft, version, GALLEY_VERSION_NUMBER, g_variant_new_uint32 (1));
}

static GalleyDraft *
draft_item (GalleyStore *store,
            const GalleyId *project,
            const char *name,
            GBytes *thumbnail,
            GalleyId *item)
{
  GalleyDraft *draft = galley_draft_new (project, GALLEY_INTENT_ADD_ITEM);
  GalleyId version;

  galley_id_new (item, galley_store_get_world (store));
  galley_id_new (&version, galley_store_get_world (store));
  galley_draft_create (draft, GALLEY_KIND_ITEM, item, project);
  galley_draft_set (draft, GALLEY_KIND_ITEM, item, GALLEY_ITEM_NAME, NULL,
                    g_variant_new_string (name), NULL, 0);
  put_version (draft, item, &version, name);
  if (thumbnail != NULL)
    put (draft, &version, GALLEY_VERSION_THUMBNAIL,
         g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, thumbnail, TRUE));
  return draft;
}

void
galley_test_project_add_item (GalleyStore *store,
                              const GalleyId *project,
                              const char *name,
                              GalleyId *item)
{
  g_autoptr (GalleyDraft) draft = draft_item (store, project, name, NULL, item);

  commit (store, draft);
}

/* Named "item-0000", "item-0001", …; @thumbnail: (nullable): of all of them */
void
galley_test_project_add_items (GalleyStore *store,
                               const GalleyId *project,
                               guint n_items,
                               GBytes *thumbnail)
{
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_items; i++)
    {
      g_autofree char *name = g_strdup_printf ("item-%04u", i);
      GalleyId item;

      g_ptr_array_add (drafts, draft_item (store, project, name, thumbnail, &item));
      if (drafts->len < GROUP && i + 1 < n_items)
        continue;

      galley_store_commit_many (store, drafts, NULL, &error);
      g_assert_no_error (error);
      g_ptr_array_set_size (drafts, 0);
    }
}

static void
find_version (GalleyStore *store, const GalleyId *item, GalleyId *version)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, &error);
  g_autoptr (GPtrArray) versions = NULL;

  g_assert_no_error (error);
  versions = galley_reader_list_children (reader, item, GALLEY_KIND_VERSION, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, >, 0);
  *version = ((GalleyEntity *)versions->pdata[0])->id;
}

void
galley_test_project_add_note (GalleyStore *store,
                              const GalleyId *project,
                              const GalleyId *item,
                              const char *body,
                              GalleyId *note)
{
  static const double corners[] = { 100, 100, 200, 150 };
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, GALLEY_INTENT_ADD_ANNOTATION);
  GalleyNewAnnotation annotation = { .item = *item,
                                     .shape = "rect",
                                     .xy = corners,
                                     .n_points = 2,
                                     .page = 1,
                                     .body = body,
                                     .color = "#E01B24",
                                     .width = 3 };
  g_autoptr (GError) error = NULL;

  find_version (store, item, &annotation.version);
  galley_id_new (note, galley_store_get_world (store));
  galley_intent_add_annotation (draft, note, &annotation, &error);
  g_assert_no_error (error);
  commit (store, draft);
}

/* As another window or program does it: what is shown at that moment counts as seen. */
void
galley_test_project_set_text (GalleyStore *store,
                              const GalleyId *project,
                              guint8 kind,
                              const GalleyId *entity,
                              guint16 field,
                              const char *text)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, GALLEY_INTENT_SET_FIELD);

  galley_draft_set_shown (draft, kind, entity, field, NULL, g_variant_new_string (text));
  commit (store, draft);
}

void
galley_test_project_decide (GalleyStore *store, const GalleyId *item, const char *verdict)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, &error);
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (reader, item, &error);
  g_autoptr (GalleyDraft) draft = NULL;
  GalleyId person;

  g_assert_no_error (error);
  draft = galley_draft_new (&row->project, verdict);
  galley_store_get_person (store, &person);
  galley_decision_prepare (draft, reader, galley_store_get_key (store), &person, item, NULL,
                           verdict, NULL, &error);
  g_assert_no_error (error);
  commit (store, draft);
}

/* No sleeping: meson ends a test that hangs. */
void
galley_test_project_spin_until (gboolean (*done) (gpointer data), gpointer data)
{
  while (!done (data))
    g_main_context_iteration (NULL, TRUE);
}
