/* galley-note-mark.c: a note of the database as a mark on the canvas
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-note-mark"

#include "ui/galley-note-mark.h"

#include "ui/galley-note-draft.h"

#include <string.h>

static GVariant *
typed_value (const GalleyEntity *entity, guint16 field, const char *type)
{
  GVariant *value = galley_entity_get_value (entity, field);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (type)) ? value : NULL;
}

/**
 * galley_note_mark_read_anchor:
 * @version: (out): the version that the note is on
 * @page: (out): from 1
 *
 * Returns: %FALSE when the note does not say it
 */
gboolean
galley_note_mark_read_anchor (const GalleyEntity *note, GalleyId *version, guint *page)
{
  GVariant *anchor = typed_value (note, GALLEY_ANNOTATION_ANCHOR, "(ayuuu)");
  g_autoptr (GVariant) id = anchor != NULL ? g_variant_get_child_value (anchor, 0) : NULL;

  if (id == NULL || g_variant_get_size (id) != sizeof *version)
    return FALSE;

  memcpy (version, g_variant_get_data (id), sizeof *version);
  g_variant_get_child (anchor, 1, "u", page);
  return TRUE;
}

/* Fewer points than its shape has cannot be drawn. */
static gboolean
has_enough_points (GalleyShape shape, GalleyPoints *points)
{
  guint needed = shape == GALLEY_SHAPE_PIN || shape == GALLEY_SHAPE_PATH ? 1
                 : shape == GALLEY_SHAPE_POLYGON                         ? 3
                                                                         : 2;

  return galley_points_get_count (points) >= needed;
}

static GalleyMark *
make_mark (const GalleyEntity *note, guint page)
{
  g_autoptr (GalleyPoints)
      points = galley_note_geometry_to_points (typed_value (note, GALLEY_ANNOTATION_PLACE, "(dd)"),
                                               typed_value (note, GALLEY_ANNOTATION_EXTENT, "(dd)"),
                                               typed_value (note, GALLEY_ANNOTATION_PATH, "a(dd)"));
  char id[GALLEY_ID_TEXT_SIZE];
  GalleyShape shape;

  if (!galley_shape_from_text (galley_entity_get_string (note, GALLEY_ANNOTATION_SHAPE, "pin"),
                               &shape) ||
      !has_enough_points (shape, points))
    shape = GALLEY_SHAPE_PIN; /* what cannot be drawn as it is meant still has a place */

  return galley_mark_new (galley_id_print (&note->id, id), shape, MAX (page, 1), points);
}

/**
 * galley_note_mark_copy:
 *
 * @into takes over everything of @from that may change while it lives.
 */
void
galley_note_mark_copy (GalleyMark *from, GalleyMark *into)
{
  g_object_set (into, "points", galley_mark_get_points (from), "color",
                galley_mark_get_color (from), "width", galley_mark_get_width (from), "body",
                galley_mark_get_body (from), "author", galley_mark_get_author (from), "resolved",
                galley_mark_get_resolved (from), "contested", galley_mark_get_contested (from),
                "number", galley_mark_get_number (from), "n-replies",
                galley_mark_get_n_replies (from), NULL);
}

static void
fill_mark (GalleyMark *mark, const GalleyEntity *note, GalleyThread *thread)
{
  GVariant *width = typed_value (note, GALLEY_ANNOTATION_WIDTH, "d");
  GdkRGBA color;

  if (gdk_rgba_parse (&color, galley_entity_get_string (note, GALLEY_ANNOTATION_COLOR, "")))
    galley_mark_set_color (mark, &color);
  if (width != NULL)
    galley_mark_set_width (mark, CLAMP (g_variant_get_double (width), 0, 1e6));
  g_object_set (mark, "body", galley_thread_get_body (thread), "author",
                galley_thread_get_author (thread), "resolved", galley_thread_is_resolved (thread),
                "contested", galley_thread_is_contested (thread), "number",
                galley_thread_get_number (thread), "n-replies",
                galley_thread_get_replies (thread)->len, NULL);
}

/**
 * galley_note_mark_new:
 * @thread: of the note, up to date
 *
 * Returns: (transfer full): the note as the canvas draws it
 */
GalleyMark *
galley_note_mark_new (const GalleyEntity *note, guint page, GalleyThread *thread)
{
  GalleyMark *mark = make_mark (note, page);

  fill_mark (mark, note, thread);
  return mark;
}
