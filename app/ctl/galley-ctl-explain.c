/* galley-ctl-explain.c: galleyctl explain: why a field is as it is, and how it came to that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-explain"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-snapshot-install.h"

#include <glib/gi18n.h>

#define USUAL_LIMIT 100
#define MAX_LIMIT 1000000

/* A field, or one element of a list, with all that ever set it. */
typedef struct
{
  GalleyCtl *ctl;
  const GalleyEntity *entity;
  const GalleyFieldSpec *spec;
  const char *element; /* (nullable) */
  GPtrArray *rows;     /* of GalleyJournalRow, newest first */
} Story;

static gboolean
is_of (const Story *story, const GalleyEdit *edit)
{
  return galley_id_equal (&edit->entity, &story->entity->id) &&
         edit->field == story->spec->number &&
         (story->element == NULL || g_str_equal (edit->element, story->element));
}

static const GalleyField *
find_field (const Story *story)
{
  for (guint i = 0; i < story->entity->fields->len; i++)
    {
      const GalleyField *field = story->entity->fields->pdata[i];

      if (field->number == story->spec->number &&
          (story->element == NULL || g_str_equal (field->element, story->element)))
        return field;
    }

  return NULL;
}

/* The edit by which a value came to stand. */
static const GalleyEdit *
find_edit (const Story *story, const GalleyRef *ref, GalleyJournalRow **in)
{
  for (guint i = 0; i < story->rows->len; i++)
    {
      GalleyJournalRow *row = story->rows->pdata[i];
      const GalleyChangeHeader *header = galley_change_get_header (row->change);

      if (header->seq != ref->seq || !galley_id_equal (&header->device, &ref->device))
        continue;
      for (guint e = 0; e < galley_change_get_n_edits (row->change); e++)
        if (is_of (story, galley_change_get_edit (row->change, e)))
          {
            *in = row;
            return galley_change_get_edit (row->change, e);
          }
    }

  return NULL;
}

/* Of a field that came to one value. */
static char *
explain_one (const Story *story, const GalleyHead *head)
{
  GalleyJournalRow *row = NULL;
  const GalleyEdit *edit = find_edit (story, &head->ref, &row);
  g_autofree char *name = NULL;

  if (edit == NULL)
    return g_strdup (_ ("What it was before is not on this computer yet."));

  name = galley_directory_name_of (galley_ctl_open_reader (story->ctl, NULL),
                                   &galley_change_get_header (row->change)->actor);
  if (edit->n_supersedes == 0)
    return g_strdup_printf (_ ("%s set it, and nobody has changed it since."), name);
  if (edit->n_supersedes == 1)
    return g_strdup_printf (_ ("%s set it last, and had seen what was there before."), name);
  return g_strdup_printf (ngettext ("%s settled it, and had seen the %u value that stood there.",
                                    "%s settled it, and had seen the %u values that stood there.",
                                    edit->n_supersedes),
                          name, edit->n_supersedes);
}

static char *
explain (const Story *story)
{
  const GalleyField *field = find_field (story);

  if (field == NULL || field->heads->len == 0)
    return g_strdup (_ ("Nobody has set it."));
  if (story->element == NULL &&
      (story->spec->type == GALLEY_FIELD_SET || story->spec->type == GALLEY_FIELD_ORDER))
    return g_strdup (_ ("Each element has come about by itself; name one with --element."));
  if (field->heads->len == 1)
    return explain_one (story, &g_array_index (field->heads, GalleyHead, 0));

  return g_strdup (galley_merge_explain (field->rule));
}

static gboolean
is_in_force (const Story *story, const GalleyChangeHeader *header, const char *element)
{
  for (guint i = 0; i < story->entity->fields->len; i++)
    {
      const GalleyField *field = story->entity->fields->pdata[i];

      if (field->number != story->spec->number || !g_str_equal (field->element, element))
        continue;
      for (guint h = 0; h < field->heads->len; h++)
        {
          const GalleyRef *ref = &g_array_index (field->heads, GalleyHead, h).ref;

          if (ref->seq == header->seq && galley_id_equal (&ref->device, &header->device))
            return TRUE;
        }
    }

  return FALSE;
}

static void
add_step (const Story *story, const GalleyJournalRow *row, const GalleyEdit *edit)
{
  JsonBuilder *json = galley_ctl_get_json (story->ctl);
  const GalleyChangeHeader *header = galley_change_get_header (row->change);
  const GalleyRef own = { header->device, header->seq };
  g_autofree char *change = galley_ref_to_string (&own);

  json_builder_begin_object (json);
  galley_json_add_string (json, "change", change);
  galley_ctl_add_person (story->ctl, "person", &header->actor);
  galley_ctl_add_device (story->ctl, "device", &header->device);
  galley_json_add_time (json, "time", galley_change_get_time_us (row->change));
  json_builder_set_member_name (json, "position");
  if (row->position != 0)
    json_builder_add_int_value (json, row->position);
  else
    json_builder_add_null_value (json);
  galley_json_add_string (json, "intent", galley_change_get_intent (row->change));
  if (*edit->element != '\0')
    galley_json_add_string (json, "element", edit->element);
  galley_ctl_add_value (story->ctl, "value", edit->kind, edit->field, edit->value);
  galley_ctl_add_boolean (story->ctl, "stands", is_in_force (story, header, edit->element));
  galley_json_add_string (json, "refused", row->refused);
  json_builder_set_member_name (json, "replaced");
  json_builder_begin_array (json);
  for (guint i = 0; i < edit->n_supersedes; i++)
    {
      g_autofree char *before = galley_ref_to_string (&edit->supersedes[i]);

      json_builder_add_string_value (json, before);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
add_history (const Story *story)
{
  JsonBuilder *json = galley_ctl_get_json (story->ctl);

  json_builder_set_member_name (json, "history");
  json_builder_begin_array (json);
  for (guint i = 0; i < story->rows->len; i++)
    {
      const GalleyJournalRow *row = story->rows->pdata[i];

      for (guint e = 0; e < galley_change_get_n_edits (row->change); e++)
        if (is_of (story, galley_change_get_edit (row->change, e)))
          add_step (story, row, galley_change_get_edit (row->change, e));
    }
  json_builder_end_array (json);
}

/* What was replaced is told as well, unless it is older than what is here. */
static gboolean
is_whole (const Story *story)
{
  GalleyJournalRow *in;

  for (guint i = 0; i < story->rows->len; i++)
    {
      const GalleyJournalRow *row = story->rows->pdata[i];

      for (guint e = 0; e < galley_change_get_n_edits (row->change); e++)
        {
          const GalleyEdit *edit = galley_change_get_edit (row->change, e);

          for (guint s = 0; is_of (story, edit) && s < edit->n_supersedes; s++)
            if (find_edit (story, &edit->supersedes[s], &in) == NULL)
              return FALSE;
        }
    }

  return TRUE;
}

static gboolean
answer (const Story *story, guint limit, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (story->ctl);
  g_autofree char *why = explain (story);
  gboolean whole = story->rows->len >= limit || is_whole (story);
  GalleyStore *store;
  guint n_projects;

  json_builder_begin_object (json);
  galley_ctl_add_entity (story->ctl, story->entity);
  galley_ctl_add_field_name (story->ctl, story->entity->kind, story->spec->number,
                             story->element != NULL ? story->element : "");
  galley_ctl_add_field (story->ctl, story->entity, story->spec->number);
  galley_json_add_string (json, "why", why);
  add_history (story);
  json_builder_end_object (json);
  if (whole)
    return TRUE;

  galley_ctl_set_status (story->ctl, GALLEY_CTL_DONE,
                         _ ("Older changes are not on this computer yet. They come with the next "
                            "sync."));
  store = galley_ctl_open_store (story->ctl, error);
  return store != NULL && galley_history_ask (store, &n_projects, error);
}

static gboolean
run_explain (GalleyCtl *ctl, GError **error)
{
  const char *name = galley_ctl_get_argument (ctl, 1);
  g_autoptr (GalleyEntity)
      entity = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0), 0, error);
  g_autoptr (GPtrArray) rows = NULL;
  GalleyJournalFilter filter = { 0 };
  Story story = { .ctl = ctl, .entity = entity };

  if (entity == NULL)
    return FALSE;
  story.element = galley_ctl_get_option (ctl, "element");
  story.spec = galley_schema_find_field (entity->kind, name);
  if (story.spec == NULL)
    return galley_ctl_fail (error, _ ("This thing has no field “%.60s”."), name);
  if (!galley_ctl_get_number (ctl, "limit", USUAL_LIMIT, 1, MAX_LIMIT, &filter.limit, error))
    return FALSE;

  filter.entity = &entity->id;
  filter.field = &story.spec->number;
  filter.element = story.element;
  rows = galley_reader_list_journal (galley_ctl_open_reader (ctl, NULL), &filter, error);
  if (rows == NULL)
    return FALSE;

  story.rows = rows;
  return answer (&story, filter.limit, error);
}

static const GalleyCtlOption options[] = {
  { "element", "TEXT", N_ ("of a list: the one element"), FALSE },
  { "limit", "N", N_ ("how many changes at most; 100 unless you say"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_explain_verbs[] = {
  { "explain", NULL, "ENTITY FIELD", 2, 2, FALSE, options, NULL,
    N_ ("Why a field is as it is: who set it, from what to what, and which rule counts"),
    run_explain },
  { NULL },
};
