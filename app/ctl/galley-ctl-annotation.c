/* galley-ctl-annotation.c: galleyctl annotation: draw, list and look at marks with their threads
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-annotation"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-editor.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-shape.h"

#include <glib/gi18n.h>

static gboolean
run_add (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "annotation.add", error);
}

static void
add_anchor (GalleyCtl *ctl, const GalleyEntity *note)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GVariant *anchor = galley_entity_get_value (note, GALLEY_ANNOTATION_ANCHOR);
  guint page, first_frame, last_frame;
  g_autoptr (GVariant) version = NULL;
  GalleyId id;

  if (anchor == NULL || !g_variant_is_of_type (anchor, G_VARIANT_TYPE ("(ayuuu)")))
    return;

  g_variant_get (anchor, "(@ayuuu)", &version, &page, &first_frame, &last_frame);
  if (g_variant_get_size (version) == sizeof id)
    {
      memcpy (&id, g_variant_get_data (version), sizeof id);
      galley_json_add_id (json, "version", &id);
    }
  galley_json_add_int (json, "page", page);
  galley_json_add_int (json, "frame", first_frame);
  galley_json_add_int (json, "last_frame", last_frame);
}

static void
add_text (GalleyCtl *ctl, const GalleyEntity *note, const char *name, guint16 field)
{
  galley_json_add_string (galley_ctl_get_json (ctl), name,
                          galley_entity_get_string (note, field, NULL));
}

/* What is drawn and what is said. */
static void
add_note (GalleyCtl *ctl, const GalleyEntity *note)
{
  g_autoptr (GArray)
      xy = galley_shape_to_points (galley_entity_get_value (note, GALLEY_ANNOTATION_PLACE),
                                   galley_entity_get_value (note, GALLEY_ANNOTATION_EXTENT),
                                   galley_entity_get_value (note, GALLEY_ANNOTATION_PATH));
  g_autofree char *points = galley_shape_print_points ((const double *)xy->data, xy->len / 2);
  g_auto (GStrv) tags = galley_entity_get_elements (note, GALLEY_ANNOTATION_TAGS);
  g_auto (GStrv) replies = galley_entity_get_elements (note, GALLEY_ANNOTATION_REPLIES);
  GVariant *blocking = galley_entity_get_value (note, GALLEY_ANNOTATION_BLOCKING);

  galley_ctl_add_entity (ctl, note);
  galley_json_add_id (galley_ctl_get_json (ctl), "item", &note->owner);
  add_text (ctl, note, "shape", GALLEY_ANNOTATION_SHAPE);
  galley_json_add_string (galley_ctl_get_json (ctl), "points", points);
  add_anchor (ctl, note);
  add_text (ctl, note, "color", GALLEY_ANNOTATION_COLOR);
  add_text (ctl, note, "body", GALLEY_ANNOTATION_BODY);
  add_text (ctl, note, "status", GALLEY_ANNOTATION_STATUS);
  galley_ctl_add_boolean (ctl, "blocking",
                          blocking != NULL &&
                              g_variant_is_of_type (blocking, G_VARIANT_TYPE_BOOLEAN) &&
                              g_variant_get_boolean (blocking));
  galley_ctl_add_strings (ctl, "tags", (const char *const *)tags);
  galley_json_add_int (galley_ctl_get_json (ctl), "replies", g_strv_length (replies));
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity) item = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0),
                                                          GALLEY_KIND_ITEM, error);
  g_autoptr (GPtrArray) notes = NULL;

  if (item != NULL)
    notes = galley_reader_list_children (galley_ctl_open_reader (ctl, NULL), &item->id,
                                         GALLEY_KIND_ANNOTATION, error);
  if (notes == NULL)
    return FALSE;

  json_builder_begin_array (json);
  for (guint i = 0; i < notes->len; i++)
    {
      json_builder_begin_object (json);
      add_note (ctl, g_ptr_array_index (notes, i));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return TRUE;
}

static gboolean
add_thread (GalleyCtl *ctl, const GalleyEntity *note, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GPtrArray)
      comments = galley_reader_list_children (galley_ctl_open_reader (ctl, NULL), &note->id,
                                              GALLEY_KIND_COMMENT, error);

  json_builder_set_member_name (json, "comments");
  json_builder_begin_array (json);
  for (guint i = 0; comments != NULL && i < comments->len; i++)
    {
      const GalleyEntity *comment = g_ptr_array_index (comments, i);

      json_builder_begin_object (json);
      galley_ctl_add_entity (ctl, comment);
      add_text (ctl, comment, "body", GALLEY_COMMENT_BODY);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  return comments != NULL;
}

static gboolean
run_show (GalleyCtl *ctl, GError **error)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  g_autoptr (GalleyEntity) note = galley_ctl_find_entity (ctl, galley_ctl_get_argument (ctl, 0),
                                                          GALLEY_KIND_ANNOTATION, error);
  gboolean added;

  if (note == NULL)
    return FALSE;

  json_builder_begin_object (json);
  add_note (ctl, note);
  added = add_thread (ctl, note, error);
  galley_ctl_add_fields (ctl, note);
  json_builder_end_object (json);
  return added;
}

static const GalleyCtlOption add_options[] = {
  /* Translators: the words that are listed are typed just like this */
  { "shape", "SHAPE", N_ ("pin, rect, ellipse, line, arrow, polygon, path, highlight or text"),
    FALSE },
  { "points", "\"x,y x,y …\"", N_ ("in the asset's own units; of a box two opposite corners"),
    FALSE },
  { "page", "N", N_ ("the first is 1"), FALSE },
  { "frame", "N", N_ ("of a moving picture"), FALSE },
  { "body", "TEXT", N_ ("what to say"), FALSE },
  { "color", "#RRGGBB", N_ ("of the line"), FALSE },
  { "width", "LENGTH", N_ ("of the line, in the asset's own units"), FALSE },
  { "tag", "TAG", N_ ("may be given more than once"), TRUE },
  { "blocking", NULL, N_ ("no approval counts until it is resolved"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_annotation_verbs[] = {
  { "annotation", "add", "ITEM", 1, 1, FALSE, add_options, NULL,
    N_ ("Marks a place on the newest version of an item"), run_add },
  { "annotation", "list", "ITEM", 1, 1, FALSE, NULL,
    "shape,page,points,status,contested,author_name,body,id", N_ ("The annotations of an item"),
    run_list },
  { "annotation", "show", "ANNOTATION", 1, 1, FALSE, NULL, NULL,
    N_ ("An annotation with its thread, and whose each value is"), run_show },
  { NULL },
};
