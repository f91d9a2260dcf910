/* galley-ctl-editor.c: edits by their names and arguments, as drafts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-editor"

#include "app/ctl/galley-ctl-editor.h"

#include "app/ctl/galley-ctl-value.h"
#include "data/galley-decision.h"
#include "data/galley-intent.h"

#include <glib/gi18n.h>
#include <string.h>

/* What an asset may have at most, so that a number that was mistyped is noticed. */
#define MAX_PAGE 1000000
#define MAX_TEXT_BYTES 4096

struct _GalleyCtlEditor
{
  GalleyStore *store; /* borrowed, as the reader */
  GalleyReader *reader;
  GHashTable *entities; /* GalleyId → GalleyEntity without fields, since the last forget */
  GHashTable *versions; /* GalleyId of an item → GalleyEntity: its newest version */
};

/* One edit on its way. */
typedef struct
{
  GalleyCtlEditor *editor;
  JsonObject *arguments;
  GalleyDraft **draft;
  GalleyId *id;
} Edit;

/**
 * galley_ctl_editor_new:
 *
 * Returns: (transfer full): an editor of the command's workspace, which must outlive it
 */
GalleyCtlEditor *
galley_ctl_editor_new (GalleyCtl *ctl, GError **error)
{
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);
  GalleyCtlEditor *self;

  if (reader == NULL)
    return NULL;

  self = g_new0 (GalleyCtlEditor, 1);
  self->store = galley_ctl_open_store (ctl, NULL);
  self->reader = reader;
  self->entities = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL,
                                          (GDestroyNotify)galley_entity_free);
  self->versions = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free,
                                          (GDestroyNotify)galley_entity_free);
  return self;
}

void
galley_ctl_editor_free (GalleyCtlEditor *self)
{
  g_hash_table_unref (self->entities);
  g_hash_table_unref (self->versions);
  g_free (self);
}

/**
 * galley_ctl_editor_forget:
 *
 * What was looked up before may have been changed since, by this program or another.
 */
void
galley_ctl_editor_forget (GalleyCtlEditor *self)
{
  g_hash_table_remove_all (self->entities);
  g_hash_table_remove_all (self->versions);
}

/* ── arguments ── */

static const char *
get_text (Edit *edit, const char *name)
{
  return galley_json_get_string (edit->arguments, name);
}

static const char *
require_text (Edit *edit, const char *name, GError **error)
{
  const char *text = get_text (edit, name);

  if (text == NULL || *text == '\0')
    {
      galley_ctl_usage (error, _ ("Say what “%s” is to be."), name);
      return NULL;
    }

  return text;
}

/* Numbers come as such, and as text from the words of a command. */
static gboolean
get_number (Edit *edit, const char *name, guint most, guint fallback, guint *number, GError **error)
{
  const char *text = get_text (edit, name);
  guint64 value = fallback;
  gboolean valid = TRUE;

  if (text != NULL)
    valid = g_ascii_string_to_unsigned (text, 10, 0, most, &value, NULL);
  else if (json_object_has_member (edit->arguments, name))
    {
      gint64 given = galley_json_get_int (edit->arguments, name, -1);

      valid = given >= 0 && given <= most;
      value = given;
    }
  if (!valid)
    return galley_ctl_usage (error, _ ("“%s” is a number from 0 to %u."), name, most);

  *number = value;
  return TRUE;
}

static gboolean
get_length (Edit *edit, const char *name, double *length, GError **error)
{
  JsonNode *node = json_object_get_member (edit->arguments, name);
  const char *text = get_text (edit, name);
  char *end = NULL;
  gboolean valid = TRUE;

  *length = 0;
  if (text != NULL)
    {
      *length = g_ascii_strtod (text, &end);
      valid = end != text && *end == '\0';
    }
  else if (node != NULL)
    {
      valid = JSON_NODE_HOLDS_VALUE (node) && (json_node_get_value_type (node) == G_TYPE_DOUBLE ||
                                               json_node_get_value_type (node) == G_TYPE_INT64);
      *length = valid ? json_node_get_double (node) : 0;
    }
  if (!valid || !(*length >= 0 && *length < GALLEY_SHAPE_MAX_COORDINATE))
    return galley_ctl_usage (error, _ ("“%s” is a length, such as 2.5."), name);

  return TRUE;
}

static gboolean
get_flag (Edit *edit, const char *name)
{
  JsonNode *node = json_object_get_member (edit->arguments, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
         json_node_get_value_type (node) == G_TYPE_BOOLEAN && json_node_get_boolean (node);
}

/* (transfer container) (nullable): one text or a list of them; the texts belong to the edit. */
static const char **
get_texts (Edit *edit, const char *name, GError **error)
{
  JsonNode *node = json_object_get_member (edit->arguments, name);
  JsonArray *array = galley_json_get_array (edit->arguments, name);
  guint n_texts = array != NULL ? json_array_get_length (array) : 1;
  const char **texts = g_new0 (const char *, n_texts + 1);

  if (node == NULL)
    return texts;
  for (guint i = 0; i < n_texts; i++)
    {
      JsonNode *item = array != NULL ? json_array_get_element (array, i) : node;

      if (!JSON_NODE_HOLDS_VALUE (item) || json_node_get_value_type (item) != G_TYPE_STRING ||
          *json_node_get_string (item) == '\0')
        {
          galley_ctl_usage (error, _ ("“%s” is a text, or a list of texts."), name);
          g_free (texts);
          return NULL;
        }
      texts[i] = json_node_get_string (item);
    }

  return texts;
}

/* ── things ── */

static const GalleyEntity *
look_up (GalleyCtlEditor *self, const GalleyId *id, GError **error)
{
  GalleyEntity *entity = g_hash_table_lookup (self->entities, id);

  if (entity == NULL)
    {
      entity = galley_reader_get_bare_entity (self->reader, id, error);
      if (entity != NULL)
        g_hash_table_insert (self->entities, &entity->id, entity);
    }

  return entity;
}

/* @kind: 0 for anything. A thing that was deleted is no place for new work. */
static const GalleyEntity *
require_entity (Edit *edit, const char *name, guint8 kind, gboolean alive, GError **error)
{
  const char *text = require_text (edit, name, error);
  const GalleyEntity *entity;
  GalleyId id;

  if (text == NULL)
    return NULL;
  if (!galley_id_parse (text, &id, NULL))
    {
      galley_ctl_fail (error, _ ("“%.80s” is not an id."), text);
      return NULL;
    }

  entity = look_up (edit->editor, &id, error);
  if (entity == NULL)
    return NULL;
  if (kind != 0 && entity->kind != kind)
    {
      galley_ctl_fail (error, _ ("%s is not the id of a thing of the kind “%s”."), text,
                       galley_schema_get_kind (kind)->name);
      return NULL;
    }
  if (alive && !entity->alive)
    {
      galley_ctl_fail (error, _ ("%s was deleted. Restore it first."), text);
      return NULL;
    }

  return entity;
}

/**
 * galley_ctl_find_newest_version:
 *
 * The one with the highest number; of two with the same, the one with the greater id.
 */
GalleyEntity *
galley_ctl_find_newest_version (GalleyReader *reader, const GalleyId *item, GError **error)
{
  g_autoptr (GPtrArray)
      versions = galley_reader_list_children (reader, item, GALLEY_KIND_VERSION, error);
  guint best = 0, best_number = 0;

  if (versions == NULL)
    return NULL;
  if (versions->len == 0)
    {
      galley_ctl_fail (error, _ ("This item has no version yet."));
      return NULL;
    }

  for (guint i = 0; i < versions->len; i++)
    {
      const GalleyEntity *version = g_ptr_array_index (versions, i);
      const GalleyEntity *chosen = g_ptr_array_index (versions, best);
      GVariant *value = galley_entity_get_value (version, GALLEY_VERSION_NUMBER);
      guint number = value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32)
                         ? g_variant_get_uint32 (value)
                         : 0;

      if (i == 0 || number > best_number ||
          (number == best_number && galley_id_compare (&version->id, &chosen->id) > 0))
        {
          best = i;
          best_number = number;
        }
    }

  return g_ptr_array_steal_index (versions, best);
}

static const GalleyEntity *
look_up_version (GalleyCtlEditor *self, const GalleyId *item, GError **error)
{
  GalleyEntity *version = g_hash_table_lookup (self->versions, item);

  if (version == NULL)
    {
      version = galley_ctl_find_newest_version (self->reader, item, error);
      if (version != NULL)
        g_hash_table_insert (self->versions, g_memdup2 (item, sizeof *item), version);
    }

  return version;
}

/* Edits that go together are one change, so they are of one project. */
static gboolean
use_draft (Edit *edit, const GalleyId *project, const char *intent, GError **error)
{
  if (*edit->draft == NULL)
    *edit->draft = galley_draft_new (project, intent);
  if (!galley_id_equal (galley_draft_get_project (*edit->draft), project))
    return galley_ctl_fail (error, _ ("Edits that go together are all of one project."));

  return TRUE;
}

static void
make_id (Edit *edit)
{
  galley_id_new (edit->id, galley_store_get_world (edit->editor->store));
}

/* ── what can be done ── */

static gboolean
create_project (Edit *edit, GError **error)
{
  const char *name = require_text (edit, "name", error);
  const char *role_text = get_text (edit, "by");
  GalleyRole role = role_text != NULL ? galley_role_parse (role_text) : GALLEY_ROLE_REVIEWER;
  guint approvals;

  if (name == NULL || !get_number (edit, "approvals", 100, 1, &approvals, error))
    return FALSE;
  if (strlen (name) > MAX_TEXT_BYTES)
    return galley_ctl_fail (error, _ ("The name of a project has at most 4096 bytes."));
  if (role < GALLEY_ROLE_REVIEWER)
    /* Translators: the words that are listed are typed just like this */
    return galley_ctl_usage (error, _ ("Who approves is a reviewer, a lead or an admin."));

  make_id (edit);
  if (!use_draft (edit, edit->id, GALLEY_INTENT_CREATE_PROJECT, error))
    return FALSE;
  galley_intent_create_project (*edit->draft, name, approvals, role);
  return TRUE;
}

/* @page: 0 stands for the first. */
static gboolean
check_page (const GalleyEntity *version, guint page, GError **error)
{
  GVariant *media = galley_entity_get_value (version, GALLEY_VERSION_MEDIA);
  guint n_pages = 0;

  if (media != NULL && g_variant_is_of_type (media, G_VARIANT_TYPE ("(ua(dd))")))
    g_variant_get_child (media, 0, "u", &n_pages);
  if (n_pages == 0 || page <= n_pages)
    return TRUE;

  return galley_ctl_fail (error, _ ("There is no page %u: the newest version has %u."), page,
                          n_pages);
}

/* What the schema says of a text, before it is on its way together with others' edits. */
static gboolean
check_text (guint16 field, const char *element, const char *text, GError **error)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (GALLEY_KIND_ANNOTATION, field);
  g_autoptr (GVariant) value = text != NULL ? g_variant_ref_sink (g_variant_new_string (text))
                                            : NULL;

  return galley_schema_check_value (spec, element, value, error);
}

static gboolean
check_look (const GalleyNewAnnotation *annotation, const char *const *tags, GError **error)
{
  if (!check_text (GALLEY_ANNOTATION_COLOR, "", annotation->color, error) ||
      !check_text (GALLEY_ANNOTATION_BODY, "", annotation->body, error))
    return FALSE;
  for (guint i = 0; tags[i] != NULL; i++)
    if (!check_text (GALLEY_ANNOTATION_TAGS, tags[i], NULL, error))
      return FALSE;

  return TRUE;
}

static gboolean
read_annotation (Edit *edit,
                 const GalleyEntity *item,
                 GalleyNewAnnotation *annotation,
                 GError **error)
{
  const GalleyEntity *version = look_up_version (edit->editor, &item->id, error);

  if (version == NULL || (annotation->shape = require_text (edit, "shape", error)) == NULL ||
      !get_number (edit, "page", MAX_PAGE, 1, &annotation->page, error) ||
      !get_number (edit, "frame", G_MAXINT, 0, &annotation->first_frame, error) ||
      !get_length (edit, "width", &annotation->width, error) ||
      !check_page (version, annotation->page, error))
    return FALSE;

  annotation->item = item->id;
  annotation->version = version->id;
  annotation->body = get_text (edit, "body");
  annotation->color = get_text (edit, "color");
  annotation->blocking = get_flag (edit, "blocking");
  return TRUE;
}

static gboolean
add_annotation (Edit *edit, GError **error)
{
  const GalleyEntity *item = require_entity (edit, "item", GALLEY_KIND_ITEM, TRUE, error);
  const char *points = item != NULL ? require_text (edit, "points", error) : NULL;
  g_autoptr (GArray) xy = points != NULL ? galley_shape_parse_points (points, error) : NULL;
  g_autofree const char **tags = xy != NULL ? get_texts (edit, "tag", error) : NULL;
  GalleyNewAnnotation annotation = { 0 };

  if (tags == NULL || !read_annotation (edit, item, &annotation, error) ||
      !check_look (&annotation, tags, error) ||
      !use_draft (edit, &item->project, GALLEY_INTENT_ADD_ANNOTATION, error))
    return FALSE;

  annotation.xy = (const double *)xy->data;
  annotation.n_points = xy->len / 2;
  annotation.tags = tags;
  make_id (edit);
  return galley_intent_add_annotation (*edit->draft, edit->id, &annotation, error);
}

static gboolean
add_comment (Edit *edit, GError **error)
{
  const GalleyEntity *note = require_entity (edit, "annotation", GALLEY_KIND_ANNOTATION, TRUE,
                                             error);
  const char *body = note != NULL ? require_text (edit, "body", error) : NULL;

  if (body == NULL || !use_draft (edit, &note->project, GALLEY_INTENT_ADD_COMMENT, error))
    return FALSE;

  make_id (edit);
  galley_intent_add_comment (*edit->draft, edit->id, &note->id, body);
  return TRUE;
}

static gboolean
set_decision (Edit *edit, GError **error)
{
  static const char *const verdicts[] = { "approve", "request-changes", "comment", NULL };
  const GalleyEntity *item = require_entity (edit, "item", GALLEY_KIND_ITEM, TRUE, error);
  const char *verdict = item != NULL ? require_text (edit, "verdict", error) : NULL;
  const GalleyEntity *version;
  GalleyId person;

  if (verdict == NULL)
    return FALSE;
  if (!g_strv_contains (verdicts, verdict))
    /* Translators: the words that are listed are typed just like this */
    return galley_ctl_usage (error, _ ("A decision is approve, request-changes or comment."));

  version = look_up_version (edit->editor, &item->id, error);
  if (version == NULL || !use_draft (edit, &item->project, GALLEY_INTENT_DECIDE, error))
    return FALSE;

  galley_store_get_person (edit->editor->store, &person);
  galley_decision_get_id (&person, &version->id, edit->id);
  return galley_decision_prepare (*edit->draft, edit->editor->reader,
                                  galley_store_get_key (edit->editor->store), &person, &item->id,
                                  NULL, verdict, get_text (edit, "note"), error);
}

/* A text is taken as it is; all else that comes as text is JSON. */
static JsonNode *
read_value (Edit *edit, const GalleyFieldSpec *spec, GError **error)
{
  JsonNode *node = json_object_get_member (edit->arguments, "value");
  const char *text = get_text (edit, "value");

  if (node == NULL)
    {
      galley_ctl_usage (error, _ ("Say what “%s” is to be."), "value");
      return NULL;
    }
  if (text == NULL || (g_str_equal (spec->format, "s") && spec->type != GALLEY_FIELD_ORDER))
    return json_node_ref (node);

  return galley_ctl_value_parse (text, error);
}

static gboolean
set_field (Edit *edit, GError **error)
{
  const GalleyEntity *entity = require_entity (edit, "entity", 0, TRUE, error);
  const char *name = entity != NULL ? require_text (edit, "field", error) : NULL;
  const GalleyFieldSpec *spec = name != NULL ? galley_schema_find_field (entity->kind, name) : NULL;
  g_autoptr (GalleyEntity) whole = NULL; /* a list becomes another one: what is in it counts */
  g_autoptr (JsonNode) node = NULL;

  if (name == NULL)
    return FALSE;
  if (spec == NULL)
    {
      const GalleyKindSpec *kind = galley_schema_get_kind (entity->kind);

      return galley_ctl_fail (error, _ ("A thing of the kind “%s” has no field “%.60s”."),
                              kind != NULL ? kind->name : "?", name);
    }

  node = read_value (edit, spec, error);
  if (node == NULL ||
      !use_draft (edit, &entity->project,
                  g_str_equal (name, "name") ? GALLEY_INTENT_RENAME : GALLEY_INTENT_SET_FIELD,
                  error))
    return FALSE;

  *edit->id = entity->id;
  if (spec->type == GALLEY_FIELD_SET)
    {
      whole = galley_reader_get_entity (edit->editor->reader, &entity->id, error);
      if (whole == NULL)
        return FALSE;
      entity = whole;
    }

  return galley_ctl_value_set (*edit->draft, entity, spec, get_text (edit, "element"), node, error);
}

static gboolean
delete_entity (Edit *edit, GError **error)
{
  const GalleyEntity *entity = require_entity (edit, "id", 0, TRUE, error);

  if (entity == NULL || !use_draft (edit, &entity->project, GALLEY_INTENT_DELETE, error))
    return FALSE;

  *edit->id = entity->id;
  galley_intent_delete (*edit->draft, entity->kind, &entity->id);
  return TRUE;
}

static gboolean
restore_entity (Edit *edit, GError **error)
{
  const GalleyEntity *found = require_entity (edit, "id", 0, FALSE, error);
  g_autoptr (GalleyEntity)
      entity = found != NULL ? galley_reader_get_entity (edit->editor->reader, &found->id, error)
                             : NULL;

  if (entity == NULL)
    return FALSE;
  if (entity->alive && !entity->contested)
    return galley_ctl_fail (error, _ ("It is there: nothing was restored."));
  if (!use_draft (edit, &entity->project, GALLEY_INTENT_RESTORE, error))
    return FALSE;

  *edit->id = entity->id;
  galley_intent_restore (*edit->draft, entity->kind, &entity->id);
  return TRUE;
}

static const struct
{
  const char *name;
  gboolean (*add) (Edit *edit, GError **error);
  const char *arguments[12]; /* all others are mistakes */
} edits[] = {
  { "annotation.add",
    add_annotation,
    { "item", "shape", "points", "page", "frame", "body", "color", "width", "tag", "blocking" } },
  { "comment.add", add_comment, { "annotation", "body" } },
  { "field.set", set_field, { "entity", "field", "value", "element" } },
  { "decision.set", set_decision, { "item", "verdict", "note" } },
  { "entity.delete", delete_entity, { "id" } },
  { "entity.restore", restore_entity, { "id" } },
  { "project.create", create_project, { "name", "approvals", "by" } },
};

static gboolean
check_arguments (JsonObject *edit, const char *const *allowed, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, edit);
  while (json_object_iter_next (&iter, &name, &node))
    if (!g_str_equal (name, "do") && !g_strv_contains (allowed, name))
      return galley_ctl_usage (error, _ ("There is no argument “%.60s” here."), name);

  return TRUE;
}

/**
 * galley_ctl_editor_add:
 * @edit: a command with its arguments
 * @draft: (inout) (transfer full): made when it is %NULL; else the edit joins it
 * @id: (out): of the thing that is made or changed
 * @error: what is wrong with the edit; @draft may be half done then, and is not to be committed
 */
gboolean
galley_ctl_editor_add (
    GalleyCtlEditor *self, JsonObject *edit, GalleyDraft **draft, GalleyId *id, GError **error)
{
  Edit run = { self, edit, draft, id };
  const char *name = galley_json_get_string (edit, "do");

  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    if (g_strcmp0 (edits[i].name, name) == 0)
      return check_arguments (edit, edits[i].arguments, error) && edits[i].add (&run, error);

  return galley_ctl_usage (error, _ ("There is no edit “%.60s”."), name != NULL ? name : "");
}

/**
 * galley_ctl_editor_list_names:
 * @ids: (element-type GalleyId): the ids that @edit has among its arguments are added
 */
void
galley_ctl_editor_list_names (JsonObject *edit, GArray *ids)
{
  static const char *const names[] = { "item", "annotation", "entity", "id" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GalleyId id;

      if (json_object_has_member (edit, names[i]) && galley_json_get_id (edit, names[i], &id))
        g_array_append_val (ids, id);
    }
}

/**
 * galley_ctl_editor_looks_back:
 *
 * Most edits hold whatever the thing was before, and take what they supersede at the commit. These
 * are made from what is there: all earlier edits of the same things must be done.
 */
gboolean
galley_ctl_editor_looks_back (JsonObject *edit)
{
  const char *name = galley_json_get_string (edit, "do");

  return g_strcmp0 (name, "decision.set") == 0 || g_strcmp0 (name, "entity.delete") == 0 ||
         g_strcmp0 (name, "entity.restore") == 0 ||
         (g_strcmp0 (name, "field.set") == 0 && !json_object_has_member (edit, "element") &&
          galley_json_get_array (edit, "value") != NULL);
}

/* ITEM, or what stands in brackets: the name of an argument in help, in small letters. */
static void
add_arguments (GalleyCtl *ctl, const char *arguments, JsonObject *edit)
{
  g_auto (GStrv) names = g_strsplit (arguments, " ", -1);

  for (guint i = 0; i < galley_ctl_get_n_arguments (ctl) && names[i] != NULL; i++)
    {
      g_autofree char *name = g_ascii_strdown (names[i], -1);

      json_object_set_string_member (edit, name, galley_ctl_get_argument (ctl, i));
    }
}

static void
add_option (GalleyCtl *ctl, const GalleyCtlOption *option, JsonObject *edit)
{
  const char *const *values = galley_ctl_get_options (ctl, option->name);
  JsonArray *array;

  if (values == NULL)
    return;
  if (option->value == NULL)
    json_object_set_boolean_member (edit, option->name, TRUE);
  else if (!option->many)
    json_object_set_string_member (edit, option->name, values[0]);
  else
    {
      array = json_array_new ();
      for (guint i = 0; values[i] != NULL; i++)
        json_array_add_string_element (array, values[i]);
      json_object_set_array_member (edit, option->name, array);
    }
}

/**
 * galley_ctl_editor_run:
 * @name: of the edit, as a batch names it
 */
gboolean
galley_ctl_editor_run (GalleyCtl *ctl, const char *name, GError **error)
{
  const GalleyCtlVerb *verb = galley_ctl_get_verb (ctl);
  g_autoptr (GalleyCtlEditor) editor = galley_ctl_editor_new (ctl, error);
  g_autoptr (JsonObject) edit = json_object_new ();
  g_autoptr (GalleyDraft) draft = NULL;
  GalleyId id;

  if (editor == NULL)
    return FALSE;

  json_object_set_string_member (edit, "do", name);
  add_arguments (ctl, verb->arguments, edit);
  for (const GalleyCtlOption *option = verb->options; option != NULL && option->name != NULL;
       option++)
    add_option (ctl, option, edit);

  return galley_ctl_editor_add (editor, edit, &draft, &id, error) &&
         galley_ctl_commit (ctl, draft, &id, error);
}
