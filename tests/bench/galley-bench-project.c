/* galley-bench-project.c: a project with as many notes as a measurement needs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-intent.h"
#include "data/galley-outbox.h"

#include <glib/gstdio.h>

/* So many changes are committed together; it bounds memory, not what is measured. */
#define GROUP 2000
#define BODY_BYTES 66 /* and the rest of the last word */

static char *root;

/**
 * galley_bench_folder:
 *
 * Returns: (transfer full): the path of a folder that does not exist yet, on the disk that the
 *   temporary files are on
 */
char *
galley_bench_folder (const char *name)
{
  g_autoptr (GError) error = NULL;

  if (root == NULL)
    root = g_dir_make_tmp ("galley-bench-XXXXXX", &error);
  galley_bench_check (error);
  return g_build_filename (root, name, NULL);
}

static void
remove_all (const char *path)
{
  GDir *dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_remove (path);
}

void
galley_bench_remove_folders (void)
{
  if (root != NULL)
    remove_all (root);
  g_clear_pointer (&root, g_free);
}

/* A measurement of something that failed is none. */
void
galley_bench_check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
commit (GalleyStore *store, GalleyDraft *draft)
{
  g_autoptr (GError) error = NULL;

  galley_store_commit (store, draft, NULL, &error);
  galley_bench_check (error);
}

/* A project with one item in a store that is there already. */
void
galley_bench_project_make (GalleyBenchProject *self, GalleyStore *store)
{
  g_autoptr (GalleyDraft) project = NULL, item = NULL;

  self->store = g_object_ref (store);
  self->notes = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  galley_id_new (&self->project, galley_world_real ());
  galley_id_new (&self->item, galley_world_real ());
  project = galley_draft_new (&self->project, GALLEY_INTENT_CREATE_PROJECT);
  galley_intent_create_project (project, "Posters", 1, GALLEY_ROLE_REVIEWER);
  commit (self->store, project);
  item = galley_draft_new (&self->project, GALLEY_INTENT_ADD_ITEM);
  galley_draft_create (item, GALLEY_KIND_ITEM, &self->item, &self->project);
  galley_draft_set (item, GALLEY_KIND_ITEM, &self->item, GALLEY_ITEM_NAME, NULL,
                    g_variant_new_string ("poster.png"), NULL, 0);
  commit (self->store, item);
}

void
galley_bench_project_open (GalleyBenchProject *self, const char *name)
{
  g_autofree char *folder = galley_bench_folder (name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyStore)
      store = galley_store_open (folder, GALLEY_STORE_CREATE | GALLEY_STORE_QUIET,
                                 galley_world_real (), &error);

  galley_bench_check (error);
  galley_bench_project_make (self, store);
}

/* Closes the store when it is not somebody else's as well. */
void
galley_bench_project_clear (GalleyBenchProject *self)
{
  if (self->store != NULL && G_OBJECT (self->store)->ref_count == 1)
    galley_store_close (self->store);
  g_clear_object (&self->store);
  g_clear_pointer (&self->notes, g_array_unref);
}

/* The same for the same number, and no two alike: a fixed sequence of chance. */
char *
galley_bench_body (guint number)
{
  static const char *const words[] = {
    "please",  "move",  "the",      "logo",    "a",       "little",   "left",    "margin",
    "looks",   "tight", "headline", "could",   "be",      "lighter",  "caption", "is",
    "cut",     "off",   "shadow",   "under",   "crowd",   "needs",    "more",    "room",
    "border",  "on",    "page",     "lantern", "too",     "dark",     "sky",     "again",
    "footer",  "text",  "wrong",    "date",    "client",  "asked",    "for",     "blue",
    "instead", "of",    "this",     "grey",    "check",   "spelling", "name",    "sponsor",
    "line",    "up",    "with",     "grid",    "crop",    "higher",   "face",    "remains",
    "visible", "print", "version",  "bleed",   "missing", "at",       "bottom",  "edge",
  };
  GString *text = g_string_new (NULL);
  guint32 chance = number * 2654435761u + 1;

  g_string_printf (text, "w%u", number);
  while (text->len < BODY_BYTES)
    {
      chance = chance * 1664525u + 1013904223u;
      g_string_append_printf (text, " %s", words[chance >> 16 & (G_N_ELEMENTS (words) - 1)]);
    }
  return g_string_free (text, FALSE);
}

static void
put (GalleyDraft *draft, const GalleyId *note, guint16 field, GVariant *value)
{
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, note, field, NULL, value, NULL, 0);
}

/* The fields that every note has: alive, parent, shape, anchor, place, extent, body. */
static GalleyDraft *
draft_note (GalleyBenchProject *self, const GalleyId *note, guint number)
{
  GalleyDraft *draft = galley_draft_new (&self->project, GALLEY_INTENT_ADD_ANNOTATION);
  g_autofree char *body = galley_bench_body (number);
  GVariant *version = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &self->item,
                                                 sizeof self->item, 1);

  galley_draft_create (draft, GALLEY_KIND_ANNOTATION, note, &self->item);
  put (draft, note, GALLEY_ANNOTATION_SHAPE, g_variant_new_string ("rect"));
  put (draft, note, GALLEY_ANNOTATION_ANCHOR, g_variant_new ("(@ayuuu)", version, 1, 0, 0));
  put (draft, note, GALLEY_ANNOTATION_PLACE, g_variant_new ("(dd)", 1.0 * (number % 800), 120.0));
  put (draft, note, GALLEY_ANNOTATION_EXTENT, g_variant_new ("(dd)", 40.0 + number % 97, 32.0));
  put (draft, note, GALLEY_ANNOTATION_BODY, g_variant_new_string (body));
  return draft;
}

static void
commit_group (GalleyBenchProject *self, GPtrArray *drafts)
{
  g_autoptr (GError) error = NULL;

  galley_store_commit_many (self->store, drafts, NULL, &error);
  galley_bench_check (error);
  g_ptr_array_set_size (drafts, 0);
}

void
galley_bench_project_add_notes (GalleyBenchProject *self, guint n_notes)
{
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);

  for (guint i = 0; i < n_notes; i++)
    {
      GalleyId note;

      galley_id_new (&note, galley_world_real ());
      g_ptr_array_add (drafts, draft_note (self, &note, self->notes->len));
      g_array_append_val (self->notes, note);
      if (drafts->len == GROUP || i + 1 == n_notes)
        commit_group (self, drafts);
    }
}

static guint16
choose_field (GalleyBenchEdits what, guint number)
{
  static const guint16 fields[] = { GALLEY_ANNOTATION_BODY, GALLEY_ANNOTATION_PLACE,
                                    GALLEY_ANNOTATION_COLOR, GALLEY_ANNOTATION_STATUS };

  if (what == GALLEY_BENCH_COLORS)
    return GALLEY_ANNOTATION_COLOR;
  if (what == GALLEY_BENCH_TEXTS)
    return GALLEY_ANNOTATION_BODY;
  return fields[number % G_N_ELEMENTS (fields)];
}

static GVariant *
make_value (guint16 field, guint number)
{
  static const char *const colors[] = { "#e01b24", "#33d17a", "#3584e4" };

  switch (field)
    {
    case GALLEY_ANNOTATION_BODY:
      return g_variant_new_take_string (galley_bench_body (number + 1));
    case GALLEY_ANNOTATION_PLACE:
      return g_variant_new ("(dd)", number * 1.37, number * 0.73);
    case GALLEY_ANNOTATION_STATUS:
      return g_variant_new_string (number % 8 < 4 ? "resolved" : "open");
    default:
      return g_variant_new_string (colors[number % G_N_ELEMENTS (colors)]);
    }
}

/* One field of one note each, as a person does who goes through them. */
void
galley_bench_project_edit_notes (GalleyBenchProject *self, GalleyBenchEdits what, guint n_edits)
{
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);

  for (guint i = 0; i < n_edits; i++)
    {
      GalleyDraft *draft = galley_draft_new (&self->project, GALLEY_INTENT_SET_FIELD);
      guint16 field = choose_field (what, i);

      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION,
                              &g_array_index (self->notes, GalleyId, i % self->notes->len), field,
                              NULL, make_value (field, i));
      g_ptr_array_add (drafts, draft);
      if (drafts->len == GROUP || i + 1 == n_edits)
        commit_group (self, drafts);
    }
}

/**
 * galley_bench_project_list_changes:
 *
 * Returns: (transfer full) (element-type GBytes): all of the project's changes, as bytes, in order
 */
GPtrArray *
galley_bench_project_list_changes (GalleyBenchProject *self)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (self->store, &error);
  g_autoptr (GPtrArray) changes = NULL;

  galley_bench_check (error);
  changes = galley_outbox_next (reader, &self->project, G_MAXINT, G_MAXINT, &error);
  galley_bench_check (error);
  for (guint i = 0; i < changes->len; i++)
    g_ptr_array_add (all, g_bytes_ref (galley_change_get_bytes (changes->pdata[i])));
  return all;
}
