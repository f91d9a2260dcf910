/* galley-importer.c: makes items and versions of files
 *
 *   each file:  look into it ──► picture ──► copy it in ──► where it goes ──► one change ──► next
 *
 * A file that fails is passed over with its reason; the others go on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-importer"

#include "sync/galley-importer.h"

#include "data/galley-file-store.h"
#include "data/galley-intent.h"
#include "data/galley-outbox.h"
#include "sync/galley-sync-error.h"

#include <glib/gi18n-lib.h>

#define THUMBNAIL_PX 256
#define THUMBNAIL_MAX_BYTES (16 * 1024)
/* Sizes of pages that travel with a version; a decoder tells the others where the file is. */
#define MAX_PAGE_SIZES 64

/* The file that is being imported. */
typedef struct
{
  char *mark; /* what the file looked like before: another one afterwards, and it was changed */
  GalleyMediaInfo *info;
  GBytes *thumbnail; /* (nullable) */
  GalleyHash hash;
  guint64 size_bytes;
  GalleyId project;
  guint number; /* of the version within its item */
} Current;

typedef struct
{
  GalleyFileStore *files;
  GalleyRenderer *renderer;
  GalleyId project;
  GalleyId item; /* nil: each file becomes an item of its own */
  GStrv paths;
  guint next;
  GPtrArray *results; /* of GalleyImportResult: the last is the one under way */
  Current current;
  GalleyImportProgress progress;
  gpointer progress_data;
} Import;

static void start_next (GTask *task);

void
galley_import_result_free (GalleyImportResult *result)
{
  g_free (result->path);
  g_clear_error (&result->error);
  g_free (result);
}

static void
clear_current (Current *current)
{
  g_clear_pointer (&current->mark, g_free);
  g_clear_pointer (&current->info, galley_media_info_free);
  g_clear_pointer (&current->thumbnail, g_bytes_unref);
  *current = (Current){ 0 };
}

static void
import_free (gpointer data)
{
  Import *import = data;

  clear_current (&import->current);
  galley_file_store_free (import->files);
  g_object_unref (import->renderer);
  g_strfreev (import->paths);
  g_clear_pointer (&import->results, g_ptr_array_unref);
  g_free (import);
}

static GalleyImportResult *
get_result (Import *import)
{
  return import->results->pdata[import->results->len - 1];
}

static const char *
get_path (Import *import)
{
  return get_result (import)->path;
}

/* This file is done, well or not. Takes @task and @error. */
static void
finish_file (GTask *task, GError *error)
{
  Import *import = g_task_get_task_data (task);
  GalleyImportResult *result = get_result (import);

  if (error != NULL)
    {
      result->error = error;
      memset (&result->item, 0, sizeof result->item);
      memset (&result->version, 0, sizeof result->version);
    }
  clear_current (&import->current);
  if (import->progress != NULL)
    import->progress (import->results->len, g_strv_length (import->paths), import->progress_data);
  start_next (task);
}

/* ── one change ── */

static GVariant *
bytes_to_variant (gconstpointer data, gsize bytes)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, bytes, 1);
}

static GVariant *
media_to_variant (const GalleyMediaInfo *info)
{
  GVariantBuilder builder;
  guint n_sizes = MIN (info->pages->len, MAX_PAGE_SIZES);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("(ua(dd))"));
  g_variant_builder_add (&builder, "u", info->n_pages);
  g_variant_builder_open (&builder, G_VARIANT_TYPE ("a(dd)"));
  for (guint i = 0; i < n_sizes; i++)
    {
      const GalleyPageSize *size = &g_array_index (info->pages, GalleyPageSize, i);

      g_variant_builder_add (&builder, "(dd)", size->width, size->height);
    }
  g_variant_builder_close (&builder);
  return g_variant_builder_end (&builder);
}

/* A field of what the draft makes: nothing was there before. */
static void
put (GalleyDraft *draft, guint8 kind, const GalleyId *entity, guint16 field, GVariant *value)
{
  galley_draft_set (draft, kind, entity, field, NULL, value, NULL, 0);
}

static void
put_version (GalleyDraft *draft, Import *import, const char *name)
{
  const Current *current = &import->current;
  const GalleyImportResult *result = get_result (import);
  GVariant *file[] = {
    bytes_to_variant (current->hash.bytes, sizeof current->hash.bytes),
    g_variant_new_uint64 (current->size_bytes),
    g_variant_new_string (current->info->media_type),
  };

  galley_draft_create (draft, GALLEY_KIND_VERSION, &result->version, &result->item);
  put (draft, GALLEY_KIND_VERSION, &result->version, GALLEY_VERSION_FILE,
       g_variant_new_tuple (file, G_N_ELEMENTS (file)));
  put (draft, GALLEY_KIND_VERSION, &result->version, GALLEY_VERSION_NAME,
       g_variant_new_string (name));
  put (draft, GALLEY_KIND_VERSION, &result->version, GALLEY_VERSION_MEDIA,
       media_to_variant (current->info));
  put (draft, GALLEY_KIND_VERSION, &result->version, GALLEY_VERSION_NUMBER,
       g_variant_new_uint32 (current->number));
  if (current->thumbnail != NULL)
    put (draft, GALLEY_KIND_VERSION, &result->version, GALLEY_VERSION_THUMBNAIL,
         bytes_to_variant (g_bytes_get_data (current->thumbnail, NULL),
                           g_bytes_get_size (current->thumbnail)));
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Import *import = g_task_get_task_data (user_data);
  GError *error = NULL; /* handed on */

  galley_store_commit_finish (GALLEY_STORE (source), result, &get_result (import)->change, &error);
  finish_file (user_data, error);
}

/* Takes @task. */
static void
commit (GTask *task)
{
  Import *import = g_task_get_task_data (task);
  GalleyStore *store = g_task_get_source_object (task);
  GalleyImportResult *result = get_result (import);
  gboolean new_item = galley_id_is_nil (&import->item);
  g_autofree char *name = g_filename_display_basename (result->path);
  g_autoptr (GalleyDraft)
      draft = galley_draft_new (&import->current.project,
                                new_item ? GALLEY_INTENT_ADD_ITEM : GALLEY_INTENT_ADD_VERSION);

  galley_id_new (&result->version, galley_store_get_world (store));
  if (new_item)
    {
      galley_id_new (&result->item, galley_store_get_world (store));
      galley_draft_create (draft, GALLEY_KIND_ITEM, &result->item, &import->project);
      put (draft, GALLEY_KIND_ITEM, &result->item, GALLEY_ITEM_NAME, g_variant_new_string (name));
    }
  put_version (draft, import, name);
  galley_store_commit_async (store, draft, NULL, committed_cb, task);
}

/* writer thread */
static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, TRUE, error);
}

static void
noted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL; /* handed on */

  if (galley_store_write_finish (GALLEY_STORE (source), result, &error))
    commit (user_data);
  else
    finish_file (user_data, error);
}

/* Before the change that speaks of it, so that the file is never missed where it is. Takes @task.
 */
static void
note_here (GTask *task)
{
  Import *import = g_task_get_task_data (task);

  galley_store_write_async (g_task_get_source_object (task), write_here,
                            g_memdup2 (&import->current.hash, sizeof import->current.hash), g_free,
                            NULL, noted_cb, task);
}

/* ── where it goes ── */

typedef struct
{
  GalleyId project;
  GalleyId item; /* nil: it will be a new one */
  guint number;  /* of the version */
} Place;

static gboolean
check_there (GalleyEntity *entity, guint8 kind, GError **error)
{
  if (entity->kind == kind && entity->alive)
    return TRUE;

  g_set_error_literal (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                       kind == GALLEY_KIND_ITEM
                           ? _ ("A version can only be added to an item that is there.")
                           : _ ("Files can only be imported into a project that is there."));
  return FALSE;
}

static guint
get_next_number (GPtrArray *versions)
{
  guint number = 0;

  for (guint i = 0; i < versions->len; i++)
    {
      GVariant *value = galley_entity_get_value (versions->pdata[i], GALLEY_VERSION_NUMBER);

      if (value != NULL)
        number = MAX (number, g_variant_get_uint32 (value));
    }

  return number + 1;
}

/* reader thread: whether it can go there, and the number of the version */
static gpointer
read_place (GalleyReader *reader, gpointer data, GError **error)
{
  Place place = *(Place *)data;
  gboolean new_item = galley_id_is_nil (&place.item);
  g_autoptr (GalleyEntity)
      entity = galley_reader_get_entity (reader, new_item ? &place.project : &place.item, error);
  g_autoptr (GPtrArray) versions = NULL;

  if (entity == NULL ||
      !check_there (entity, new_item ? GALLEY_KIND_PROJECT : GALLEY_KIND_ITEM, error))
    return NULL;

  place.project = entity->project;
  place.number = 1;
  if (!new_item)
    {
      versions = galley_reader_list_children (reader, &place.item, GALLEY_KIND_VERSION, error);
      if (versions == NULL)
        return NULL;
      place.number = get_next_number (versions);
    }

  return g_memdup2 (&place, sizeof place);
}

static void
placed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Import *import = g_task_get_task_data (task);
  GError *error = NULL; /* handed on */
  g_autofree Place *place = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (place == NULL)
    return finish_file (g_steal_pointer (&task), error);

  import->current.project = place->project;
  import->current.number = place->number;
  get_result (import)->item = place->item;
  note_here (g_steal_pointer (&task));
}

/* Takes @task. */
static void
find_place (GTask *task)
{
  Import *import = g_task_get_task_data (task);
  Place place = { .project = import->project, .item = import->item };

  galley_store_read_async (g_task_get_source_object (task), read_place,
                           g_memdup2 (&place, sizeof place), g_free, g_free, NULL, placed_cb, task);
}

/* ── copy it in ── */

/* When a file was written last and how large it is; NULL when it is not there. */
static char *
make_mark (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInfo)
      info = g_file_query_info (file,
                                G_FILE_ATTRIBUTE_STANDARD_SIZE "," G_FILE_ATTRIBUTE_ETAG_VALUE,
                                G_FILE_QUERY_INFO_NONE, NULL, NULL);

  if (info == NULL)
    return NULL;

  return g_strdup_printf ("%" G_GOFFSET_FORMAT " %s", g_file_info_get_size (info),
                          g_file_info_get_etag (info));
}

/* A thread of the pool. */
static void
copy_in_thread (GTask *copying, gpointer source, gpointer data, GCancellable *cancellable)
{
  Import *import = data;
  Current *current = &import->current;
  g_autofree char *mark = NULL;
  GError *error = NULL; /* handed to the task */

  if (!galley_file_store_import (import->files, get_path (import), cancellable, &current->hash,
                                 &current->size_bytes, &error))
    return g_task_return_error (copying, error);

  mark = make_mark (get_path (import));
  if (g_strcmp0 (mark, current->mark) != 0)
    return g_task_return_new_error (copying, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                                    _ ("The file was changed while it was read. Import it again "
                                       "once it is finished."));

  g_task_return_boolean (copying, TRUE);
}

static void
copied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL; /* handed on */

  if (g_task_propagate_boolean (G_TASK (result), &error))
    find_place (user_data);
  else
    finish_file (user_data, error);
}

/* Takes @task. */
static void
copy (GTask *task)
{
  g_autoptr (GTask) copying = g_task_new (NULL, g_task_get_cancellable (task), copied_cb, task);

  g_task_set_source_tag (copying, copy);
  g_task_set_task_data (copying, g_task_get_task_data (task), NULL);
  galley_world_run_task (galley_store_get_world (g_task_get_source_object (task)), copying,
                         copy_in_thread);
}

/* ── look into it ── */

/* Some damage shows only when the whole is decoded. A helper that failed of its own is another
 * thing: without a picture a version is as good. */
static void
pictured_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Import *import = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes)
      thumbnail = galley_renderer_thumbnail_finish (GALLEY_RENDERER (source), result, &error);

  if (thumbnail == NULL && error->domain == GALLEY_RENDER_ERROR &&
      error->code != GALLEY_RENDER_ERROR_HELPER)
    return finish_file (g_steal_pointer (&task), g_steal_pointer (&error));

  if (thumbnail == NULL)
    g_info ("no thumbnail: %s", error->message);
  else if (g_bytes_get_size (thumbnail) <= THUMBNAIL_MAX_BYTES)
    import->current.thumbnail = g_steal_pointer (&thumbnail);
  copy (g_steal_pointer (&task));
}

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Import *import = g_task_get_task_data (task);
  GError *error = NULL; /* handed on */

  import->current.info = galley_renderer_inspect_finish (GALLEY_RENDERER (source), result, &error);
  if (import->current.info == NULL)
    return finish_file (g_steal_pointer (&task), error);

  galley_renderer_thumbnail_async (import->renderer, get_path (import), 1, THUMBNAIL_PX,
                                   g_task_get_cancellable (task), pictured_cb, g_object_ref (task));
}

/* Takes @task. */
static void
start_next (GTask *task)
{
  Import *import = g_task_get_task_data (task);
  GalleyImportResult *result;

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (import->paths[import->next] == NULL)
    {
      g_task_return_pointer (task, g_steal_pointer (&import->results),
                             (GDestroyNotify)g_ptr_array_unref);
      g_object_unref (task);
      return;
    }

  result = g_new0 (GalleyImportResult, 1);
  result->path = g_strdup (import->paths[import->next++]);
  g_ptr_array_add (import->results, result);
  import->current.mark = make_mark (result->path);
  galley_renderer_inspect_async (import->renderer, result->path, g_task_get_cancellable (task),
                                 inspected_cb, task);
}

/**
 * galley_importer_run_async:
 * @project: where new items go
 * @item: (nullable): the files become its next versions; %NULL: each becomes an item of its own
 * @paths: %NULL-terminated
 * @progress: (nullable): told after each file
 * @cancellable: (nullable): stops between two files, and while one is copied; what is imported
 * stays
 *
 * Main loop. Each file is one change: all of it is there, or nothing.
 */
void
galley_importer_run_async (GalleyStore *store,
                           GalleyRenderer *renderer,
                           const GalleyId *project,
                           const GalleyId *item,
                           const char *const *paths,
                           GalleyImportProgress progress,
                           gpointer progress_data,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (store, cancellable, callback, user_data);
  Import *import = g_new0 (Import, 1);
  g_autofree char *folder = g_build_filename (galley_store_get_folder (store), "files", NULL);

  import->files = galley_file_store_new (folder);
  import->renderer = g_object_ref (renderer);
  if (project != NULL)
    import->project = *project;
  if (item != NULL)
    import->item = *item;
  import->paths = g_strdupv ((char **)paths);
  import->results = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_import_result_free);
  import->progress = progress;
  import->progress_data = progress_data;
  g_task_set_source_tag (task, galley_importer_run_async);
  g_task_set_task_data (task, import, import_free);
  start_next (task);
}

/**
 * galley_importer_run_finish:
 * @error: only when it was cancelled; what is wrong with a file stands in its result
 *
 * Returns: (transfer full) (element-type GalleyImportResult): one for each path, in their order
 */
GPtrArray *
galley_importer_run_finish (GalleyStore *store, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, store), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
