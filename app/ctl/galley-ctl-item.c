/* galley-ctl-item.c: galleyctl item: bring files in, list them, see how one stands
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-item"

#include "app/ctl/galley-ctl-decision.h"
#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-past.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_LIMIT 10000000
/* The end of the year 9999, in seconds since 1970 UTC. */
#define LAST_SECOND G_GINT64_CONSTANT (253402300799)

/* ── files ── */

/* JSON is UTF-8; a name that is not is shown as well as it can be. */
static void
add_path (GalleyCtl *ctl, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  galley_json_add_string (galley_ctl_get_json (ctl), "file", shown);
}

static void
add_imported (GalleyCtl *ctl, const GPtrArray *results)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_set_member_name (json, "items");
  json_builder_begin_array (json);
  for (guint i = 0; i < results->len; i++)
    {
      const GalleyImportResult *result = g_ptr_array_index (results, i);

      if (result->error != NULL)
        continue;
      json_builder_begin_object (json);
      galley_json_add_id (json, "id", &result->item);
      galley_json_add_id (json, "version", &result->version);
      add_path (ctl, result->path);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/* Returns: (nullable): the first reason why a file is not there. */
static const char *
add_failed (GalleyCtl *ctl, const GPtrArray *results)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const char *first = NULL;

  json_builder_set_member_name (json, "failed");
  json_builder_begin_array (json);
  for (guint i = 0; i < results->len; i++)
    {
      const GalleyImportResult *result = g_ptr_array_index (results, i);

      if (result->error == NULL)
        continue;
      if (first == NULL)
        first = result->error->message;
      json_builder_begin_object (json);
      add_path (ctl, result->path);
      galley_json_add_string (json, "error", result->error->message);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return first;
}

/* (transfer full): the files that the command names, whole, so that they mean the same anywhere. */
static char **
dup_paths (GalleyCtl *ctl, guint first)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (guint i = first; i < galley_ctl_get_n_arguments (ctl); i++)
    {
      g_autofree char *path = g_canonicalize_filename (galley_ctl_get_argument (ctl, i), NULL);

      g_strv_builder_add (paths, path);
    }

  return g_strv_builder_end (paths);
}

static gboolean
run_import (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyWorkspace *workspace = galley_ctl_open_workspace (ctl, error);
  g_auto (GStrv) paths = dup_paths (ctl, 1);
  g_autoptr (GPtrArray) results = NULL;
  const char *fault;
  GalleyId project;

  if (workspace == NULL ||
      !galley_ctl_find_project (ctl, galley_ctl_get_argument (ctl, 0), &project, error))
    return FALSE;
  results = galley_workspace_import (workspace, &project, (const char *const *)paths, error);
  if (results == NULL)
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "project", &project);
  add_imported (ctl, results);
  fault = add_failed (ctl, results);
  json_builder_end_object (json);
  if (fault != NULL)
    galley_ctl_set_status (ctl, GALLEY_CTL_FAILED, fault);
  return TRUE;
}

static gboolean
run_add_version (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyWorkspace *workspace = galley_ctl_open_workspace (ctl, error);
  g_auto (GStrv) paths = dup_paths (ctl, 1);
  g_autoptr (GalleyEntity) item = NULL;
  GalleyId version;

  if (workspace == NULL || (item = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0),
                                                           GALLEY_KIND_ITEM, error)) == NULL)
    return FALSE;
  if (!item->alive)
    return galley_ctl_fail (error, _ ("This item was deleted. Restore it first."));
  if (!galley_workspace_add_version (workspace, &item->id, paths[0], &version, error))
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &version);
  galley_json_add_id (json, "item", &item->id);
  galley_json_add_id (json, "version", &version);
  json_builder_end_object (json);
  return TRUE;
}

/* ── lists ── */

static void
add_item (GalleyCtl *ctl, const GalleyItemRow *row)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  galley_json_add_id (json, "id", &row->id);
  galley_json_add_id (json, "project", &row->project);
  galley_json_add_string (json, "name", row->name);
  galley_json_add_string (json, "state", row->state);
  galley_json_add_string (json, "media_type", row->media_type);
  galley_json_add_int (json, "pages", row->n_pages);
  galley_ctl_add_double (ctl, "width", row->width);
  galley_ctl_add_double (ctl, "height", row->height);
  galley_json_add_int (json, "version", row->version);
  galley_ctl_add_hash (ctl, "file", &row->file);
  galley_json_add_int (json, "size", row->size_bytes);
  galley_ctl_add_boolean (ctl, "here", row->here);
  galley_json_add_int (json, "annotations", row->n_annotations);
  galley_json_add_int (json, "open", row->n_open);
  galley_ctl_add_boolean (ctl, "contested", row->contested);
  galley_json_add_time (json, "updated", row->updated_us);
}

static gboolean
read_filter (GalleyCtl *ctl, GalleyItemFilter *filter, GalleyId *project, GError **error)
{
  static const char *const states[] = { "open", "approved", "changes-requested", "partly", NULL };
  const char *project_text = galley_ctl_get_argument (ctl, 0);

  filter->state = galley_ctl_get_option (ctl, "state");
  filter->tag = galley_ctl_get_option (ctl, "tag");
  filter->search = galley_ctl_get_option (ctl, "search");
  filter->contested_only = galley_ctl_has_option (ctl, "contested");
  if (filter->state != NULL && !g_strv_contains (states, filter->state))
    /* Translators: the words that are listed are typed just like this */
    return galley_ctl_usage (error, _ ("An item is open, approved, changes-requested or partly."));
  if (!galley_ctl_get_number (ctl, "limit", 0, 1, MAX_LIMIT, &filter->limit, error) ||
      (project_text != NULL && !galley_ctl_find_project (ctl, project_text, project, error)))
    return FALSE;
  if (project_text != NULL)
    filter->project = project;

  return TRUE;
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  GalleyItemFilter filter = { 0 };
  g_autoptr (GArray) ids = NULL;
  GalleyId project;

  if (reader == NULL || !read_filter (ctl, &filter, &project, error) ||
      (ids = galley_reader_list_item_ids (reader, &filter, error)) == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (GalleyItemRow)
          row = galley_reader_get_item (reader, &g_array_index (ids, GalleyId, i), NULL);

      /* Deleted since the list was made. */
      if (row == NULL)
        continue;
      json_builder_begin_object (json);
      add_item (ctl, row);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

/* ── one item ── */

/* @value: (ayts) */
static void
add_file (GalleyCtl *ctl, GVariant *value)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GVariant) bytes = NULL;
  g_autofree char *path = NULL;
  const char *media_type;
  guint64 size_bytes;
  GalleyHash hash;

  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE ("(ayts)")))
    return;
  g_variant_get (value, "(@ayt&s)", &bytes, &size_bytes, &media_type);
  if (g_variant_get_size (bytes) != sizeof hash)
    return;

  memcpy (&hash, g_variant_get_data (bytes), sizeof hash);
  path = galley_reader_path_of_file (galley_ctl_open_reader (ctl, NULL), &hash);
  galley_ctl_add_hash (ctl, "file", &hash);
  galley_json_add_int (json, "size", size_bytes);
  galley_json_add_string (json, "media_type", media_type);
  galley_ctl_add_boolean (ctl, "here", path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

static void
add_version (GalleyCtl *ctl, const GalleyEntity *version)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GVariant *number = galley_entity_get_value (version, GALLEY_VERSION_NUMBER);
  GVariant *media = galley_entity_get_value (version, GALLEY_VERSION_MEDIA);
  guint n_pages = 0;

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &version->id);
  galley_json_add_int (json, "number",
                       number != NULL && g_variant_is_of_type (number, G_VARIANT_TYPE_UINT32)
                           ? g_variant_get_uint32 (number)
                           : 0);
  galley_json_add_string (json, "name",
                          galley_entity_get_string (version, GALLEY_VERSION_NAME, NULL));
  add_file (ctl, galley_entity_get_value (version, GALLEY_VERSION_FILE));
  if (media != NULL && g_variant_is_of_type (media, G_VARIANT_TYPE ("(ua(dd))")))
    g_variant_get_child (media, 0, "u", &n_pages);
  galley_json_add_int (json, "pages", n_pages);
  galley_ctl_add_person (ctl, "author", &version->author);
  galley_json_add_time (json, "created", version->created_us);
  json_builder_end_object (json);
}

static gboolean
add_versions (GalleyCtl *ctl, const GalleyId *item, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GPtrArray) versions = galley_reader_list_children (galley_ctl_open_reader (ctl, NULL),
                                                                item, GALLEY_KIND_VERSION, error);

  json_builder_set_member_name (json, "versions");
  json_builder_begin_array (json);
  for (guint i = 0; versions != NULL && i < versions->len; i++)
    add_version (ctl, g_ptr_array_index (versions, i));
  json_builder_end_array (json);
  return versions != NULL;
}

static gboolean
add_details (GalleyCtl *ctl, const GalleyItemRow *row, const GalleyEntity *item, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_auto (GStrv) tags = galley_entity_get_elements (item, GALLEY_ITEM_TAGS);
  g_auto (GStrv) assignees = galley_entity_get_elements (item, GALLEY_ITEM_ASSIGNEES);
  GVariant *due = galley_entity_get_value (item, GALLEY_ITEM_DUE);

  add_item (ctl, row);
  galley_json_add_string (json, "description",
                          galley_entity_get_string (item, GALLEY_ITEM_DESCRIPTION, NULL));
  galley_ctl_add_strings (ctl, "tags", (const char *const *)tags);
  galley_ctl_add_strings (ctl, "assignees", (const char *const *)assignees);
  galley_json_add_time (json, "due",
                        due != NULL && g_variant_is_of_type (due, G_VARIANT_TYPE_INT64)
                            ? CLAMP (g_variant_get_int64 (due), 0, LAST_SECOND) * G_USEC_PER_SEC
                            : 0);
  galley_ctl_add_person (ctl, "author", &item->author);
  galley_json_add_time (json, "created", item->created_us);
  return add_versions (ctl, &item->id, error) && galley_ctl_add_decisions (ctl, row, error);
}

static gboolean
run_show (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity) item = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0),
                                                          GALLEY_KIND_ITEM, error);
  g_autoptr (GalleyItemRow) row = NULL;
  gboolean added;

  if (item == NULL)
    return FALSE;
  if (!item->alive)
    return galley_ctl_fail (error, _ ("This item was deleted. Restore it first."));
  row = galley_reader_get_item (galley_ctl_open_reader (ctl, NULL), &item->id, error);
  if (row == NULL)
    return FALSE;

  json_builder_begin_object (json);
  added = add_details (ctl, row, item, error);
  json_builder_end_object (json);
  return added;
}

static gboolean
run_past (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity) item = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0),
                                                          GALLEY_KIND_ITEM, error);
  g_autoptr (GPtrArray) things = NULL;
  gboolean whole;
  gint64 moment_us = 0;

  if (item == NULL ||
      !galley_ctl_parse_moment (galley_ctl_get_argument (ctl, 1), &moment_us, error))
    return FALSE;
  things = galley_past_list_item (galley_ctl_open_reader (ctl, NULL), &item->id,
                                  (guint64)(moment_us / 1000) << 16 | G_MAXUINT16, &whole, error);
  if (things == NULL)
    return FALSE;

  json_builder_begin_object (json);
  galley_json_add_id (json, "id", &item->id);
  galley_json_add_time (json, "at", moment_us);
  galley_ctl_add_boolean (ctl, "whole", whole);
  json_builder_set_member_name (json, "things");
  json_builder_begin_array (json);
  for (guint i = 0; i < things->len; i++)
    {
      json_builder_begin_object (json);
      galley_ctl_add_entity (ctl, things->pdata[i]);
      galley_ctl_add_fields (ctl, things->pdata[i]);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  return TRUE;
}

static const GalleyCtlOption list_options[] = {
  /* Translators: the words that are listed are typed just like this */
  { "state", "STATE", N_ ("open, partly, approved or changes-requested"), FALSE },
  { "tag", "TAG", N_ ("only with this tag"), FALSE },
  { "search", "QUERY", N_ ("only with these words in their name, description or tags"), FALSE },
  { "contested", NULL, N_ ("only where somebody has to choose"), FALSE },
  { "limit", "N", N_ ("how many at most"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_item_verbs[] = {
  { "item", "import", "PROJECT FILE…", 2, G_MAXUINT, TRUE, NULL, NULL,
    N_ ("Makes an item of each file"), run_import },
  { "item", "add-version", "ITEM FILE", 2, 2, TRUE, NULL, NULL,
    N_ ("Makes a file the next version of an item"), run_add_version },
  { "item", "list", "[PROJECT]", 0, 1, FALSE, list_options,
    "name,state,version,pages,size,annotations,open,contested,id", N_ ("Items"), run_list },
  { "item", "show", "ITEM", 1, 1, FALSE, NULL, NULL,
    N_ ("An item with its versions and decisions, and what the approval rule still needs"),
    run_show },
  { "item", "past", "ITEM TIME", 2, 2, FALSE, NULL, NULL,
    N_ ("An item and its notes as they were at a time, such as 2026-05-31T14:30:00"), run_past },
  { NULL },
};
