/* galley-sample.c: the project that a new workspace starts with, to try everything on
 *
 * Real files that are installed with the program, and a few notes, so that the first mark can be
 * made in ten seconds and every panel has something to show.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sample"

#include "app/galley-sample.h"

#include "data/galley-intent.h"

#include <glib/gi18n.h>
#include <string.h>

static const char *const files[] = {
  "harbour-lights-poster.png",
  "harbour-lights-programme.pdf",
  "pier-at-dusk.jpg",
};

/* A note; places are parts of the page's width and height, whatever the picture's size. */
typedef struct
{
  guint file;
  const char *shape;
  guint page;
  double points[4];
  guint n_points;
  const char *color;
  const char *body;
  const char *reply; /* (nullable) */
  gboolean blocking;
  gboolean resolved;
} SampleNote;

static const SampleNote notes[] = {
  { 0,
    "rect",
    1,
    { 0.08, 0.055, 0.92, 0.272 },
    2,
    "#E01B24",
    N_ ("The title sits very close to the edge. Could it have a little more air at the top?"),
    N_ ("Moved down by 12 mm in the next version."),
    FALSE,
    FALSE },
  { 0,
    "ellipse",
    1,
    { 0.52, 0.44, 0.84, 0.66 },
    2,
    "#1C71D8",
    N_ ("I like how the lamp draws the eye here. Please keep it as it is."),
    NULL,
    FALSE,
    TRUE },
  { 0,
    "arrow",
    1,
    { 0.38, 0.85, 0.26, 0.922 },
    2,
    "#E66100",
    N_ ("Is this the date of the première or of the preview? The programme says the 14th."),
    NULL,
    TRUE,
    FALSE },
  { 1,
    "highlight",
    1,
    { 0.15, 0.400, 0.93, 0.475 },
    2,
    "#F6D32D",
    N_ ("This sentence is said twice: once here, once on page 3."),
    NULL,
    FALSE,
    FALSE },
  { 1,
    "pin",
    1,
    { 0.90, 0.925 },
    1,
    "#2EC27E",
    N_ ("Page number missing?"),
    N_ ("The first page has none on purpose."),
    FALSE,
    TRUE },
  { 2,
    "line",
    1,
    { 0.04, 0.545, 0.96, 0.562 },
    2,
    "#9141AC",
    N_ ("The horizon leans a little. Half a degree to the left would do."),
    NULL,
    FALSE,
    FALSE },
};

typedef struct
{
  GalleyWorkspace *workspace;
  GalleyId project;
  GPtrArray *results; /* (nullable): of GalleyImportResult, one for each file */
  GPtrArray *drafts;  /* (nullable): of GalleyDraft */
  guint at;           /* the draft that is being committed */
} Sample;

static void
sample_free (gpointer data)
{
  Sample *sample = data;

  g_object_unref (sample->workspace);
  g_clear_pointer (&sample->results, g_ptr_array_unref);
  g_clear_pointer (&sample->drafts, g_ptr_array_unref);
  g_free (sample);
}

/* ── the notes ── */

static void
add_reply (GalleyDraft *draft, const GalleyWorld *world, const GalleyId *note, const char *text)
{
  GalleyId comment;

  galley_id_new (&comment, world);
  galley_intent_add_comment (draft, &comment, note, text);
}

static gboolean
draft_note (const Sample *sample,
            GalleyReader *reader,
            const SampleNote *note,
            GPtrArray *drafts,
            GError **error)
{
  const GalleyWorld *world = galley_store_get_world (
      galley_workspace_get_store (sample->workspace));
  const GalleyImportResult *file = sample->results->pdata[note->file];
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (reader, &file->item, error);
  g_autoptr (GalleyDraft) draft = galley_draft_new (&sample->project, GALLEY_INTENT_ADD_ANNOTATION);
  GalleyNewAnnotation annotation = { .version = file->version,
                                     .item = file->item,
                                     .shape = note->shape,
                                     .n_points = note->n_points,
                                     .page = note->page,
                                     .body = _ (note->body),
                                     .color = note->color,
                                     .blocking = note->blocking };
  double xy[4];
  GalleyId id;

  if (row == NULL)
    return FALSE;

  for (guint i = 0; i < 2 * note->n_points; i++)
    xy[i] = note->points[i] * (i % 2 == 0 ? row->width : row->height);
  annotation.xy = xy;
  annotation.width = MAX (row->width, row->height) / 330;
  galley_id_new (&id, world);
  if (!galley_intent_add_annotation (draft, &id, &annotation, error))
    return FALSE;

  if (note->reply != NULL)
    add_reply (draft, world, &id, _ (note->reply));
  g_ptr_array_add (drafts, g_steal_pointer (&draft));
  if (note->resolved)
    {
      draft = galley_draft_new (&sample->project, GALLEY_INTENT_RESOLVE_NOTE);
      galley_intent_set_status (draft, &id, TRUE, NULL, 0);
      g_ptr_array_add (drafts, g_steal_pointer (&draft));
    }

  return TRUE;
}

static gpointer
draft_notes (GalleyReader *reader, gpointer data, GError **error)
{
  const Sample *sample = data;
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);

  for (guint i = 0; i < G_N_ELEMENTS (notes); i++)
    {
      const GalleyImportResult *file = sample->results->pdata[notes[i].file];

      if (file->error == NULL && !draft_note (sample, reader, &notes[i], drafts, error))
        return NULL;
    }

  return g_steal_pointer (&drafts);
}

/* ── one step after the other ── */

static void commit_next (GTask *task);

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sample *sample = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!galley_store_commit_finish (GALLEY_STORE (source), result, NULL, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  sample->at++;
  commit_next (task);
}

static void
commit_next (GTask *task)
{
  Sample *sample = g_task_get_task_data (task);

  if (sample->at == sample->drafts->len)
    g_task_return_boolean (task, TRUE);
  else
    galley_store_commit_async (galley_workspace_get_store (sample->workspace),
                               sample->drafts->pdata[sample->at], NULL, committed_cb,
                               g_object_ref (task));
}

static void
drafted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sample *sample = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  sample->drafts = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  if (sample->drafts == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    commit_next (task);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sample *sample = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  sample->results = galley_workspace_import_finish (GALLEY_WORKSPACE (source), result, &error);
  if (sample->results == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  galley_store_read_async (galley_workspace_get_store (sample->workspace), draft_notes, sample,
                           NULL, (GDestroyNotify)g_ptr_array_unref, NULL, drafted_cb,
                           g_steal_pointer (&task));
}

static const char *
get_share_folder (void)
{
  const char *folder = g_getenv ("GALLEY_SHARE_DIR");

  return folder != NULL && *folder != '\0' ? folder : GALLEY_SHARE_DIR;
}

static void
project_made_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Sample *sample = g_task_get_task_data (task);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;

  if (!galley_store_commit_finish (GALLEY_STORE (source), result, NULL, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    g_ptr_array_add (paths, g_build_filename (get_share_folder (), "sample", files[i], NULL));
  g_ptr_array_add (paths, NULL);
  galley_workspace_import_async (sample->workspace, &sample->project,
                                 (const char *const *)paths->pdata, NULL, NULL, NULL, imported_cb,
                                 g_steal_pointer (&task));
}

static gboolean
are_files_there (GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (get_share_folder (), "sample", files[i], NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        continue;

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no %s.", path);
      return FALSE;
    }

  return TRUE;
}

/**
 * galley_sample_make_async:
 * @workspace: a new one
 *
 * Makes the sample project; without its files nothing is made.
 */
void
galley_sample_make_async (GalleyWorkspace *workspace,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GalleyStore *store = galley_workspace_get_store (workspace);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;
  Sample *sample = g_new0 (Sample, 1);

  g_task_set_source_tag (task, galley_sample_make_async);
  sample->workspace = g_object_ref (workspace);
  galley_id_new (&sample->project, galley_store_get_world (store));
  g_task_set_task_data (task, sample, sample_free);
  if (!are_files_there (&error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  draft = galley_draft_new (&sample->project, GALLEY_INTENT_CREATE_PROJECT);
  galley_intent_create_project (draft, _ ("Harbour Lights (Sample)"), 2, GALLEY_ROLE_REVIEWER);
  galley_store_commit_async (store, draft, NULL, project_made_cb, g_steal_pointer (&task));
}

/**
 * galley_sample_make_finish:
 * @project: (out): the sample project
 */
gboolean
galley_sample_make_finish (GAsyncResult *result, GalleyId *project, GError **error)
{
  Sample *sample = g_task_get_task_data (G_TASK (result));

  *project = sample->project;
  return g_task_propagate_boolean (G_TASK (result), error);
}
