/* galley-note-draft.c: the changes that a person makes to notes, each as one draft
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-note-draft"

#include "ui/galley-note-draft.h"

#include "data/galley-intent.h"

/* A GalleyPoint is a pair of numbers, and points are given to the data layer as pairs. */
G_STATIC_ASSERT (sizeof (GalleyPoint) == 2 * sizeof (double));

static const double *
pairs_of (const GalleyPoints *points)
{
  return (const double *)galley_points_get_data (points);
}

/**
 * galley_note_geometry_to_points:
 * @place: (nullable): of %GALLEY_ANNOTATION_PLACE
 * @extent: (nullable): of %GALLEY_ANNOTATION_EXTENT
 * @path: (nullable): of %GALLEY_ANNOTATION_PATH
 *
 * Returns: (transfer full): the points of the mark, in asset units; at least one
 */
GalleyPoints *
galley_note_geometry_to_points (GVariant *place, GVariant *extent, GVariant *path)
{
  static const GalleyPoint origin = { 0, 0 };
  g_autoptr (GArray) pairs = place != NULL ? galley_shape_to_points (place, extent, path) : NULL;

  if (pairs == NULL || pairs->len < 2)
    return galley_points_new (&origin, 1);

  return galley_points_new ((const GalleyPoint *)pairs->data, pairs->len / 2);
}

/**
 * galley_note_draft_add:
 * @version: what it is drawn on
 * @note: its id, new
 * @mark: its form
 * @error: %GALLEY_DATA_ERROR_INVALID when the mark's points do not make its shape
 *
 * Returns: (transfer full): the draft of a new note
 */
GalleyDraft *
galley_note_draft_add (const GalleyId *project,
                       const GalleyId *item,
                       const GalleyId *version,
                       const GalleyId *note,
                       GalleyMark *mark,
                       GError **error)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, GALLEY_INTENT_ADD_ANNOTATION);
  const GalleyPoints *points = galley_mark_get_points (mark);
  const GdkRGBA *rgba = galley_mark_get_color (mark);
  g_autofree char *color = g_strdup_printf ("#%02X%02X%02X", (guint)(rgba->red * 255 + 0.5),
                                            (guint)(rgba->green * 255 + 0.5),
                                            (guint)(rgba->blue * 255 + 0.5));
  GalleyNewAnnotation annotation = {
    .item = *item,
    .version = *version,
    .shape = galley_shape_to_text (galley_mark_get_shape (mark)),
    .xy = pairs_of (points),
    .n_points = galley_points_get_count (points),
    .page = galley_mark_get_page (mark),
    .body = galley_mark_get_body (mark),
    .color = color,
    .width = galley_mark_get_width (mark),
  };

  if (!galley_intent_add_annotation (draft, note, &annotation, error))
    return NULL;

  return g_steal_pointer (&draft);
}

/**
 * galley_note_draft_set:
 * @field: of an annotation, one without elements
 * @seen: (nullable) (element-type GalleyRef): the heads that were on screen; %NULL when the note is
 *   so new that they are not known: what is shown at the moment of the commit is meant then
 */
void
galley_note_draft_set (
    GalleyDraft *draft, const GalleyId *note, guint16 field, GVariant *value, GArray *seen)
{
  if (seen == NULL)
    galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, note, field, NULL, value);
  else
    galley_draft_set (draft, GALLEY_KIND_ANNOTATION, note, field, NULL, value,
                      (const GalleyRef *)seen->data, seen->len);
}

static void
set_if_moved (GalleyDraft *draft,
              const GalleyId *note,
              guint16 field,
              GVariant *before,
              GVariant *after,
              GArray *seen)
{
  if (after != NULL && (before == NULL || !g_variant_equal (before, after)))
    galley_note_draft_set (draft, note, field, after, seen);
}

/**
 * galley_note_draft_reshape:
 * @before: the points that were on screen when the gesture began
 * @after: the points now
 * @seen: gives the heads that were on screen, by field
 * @error: %GALLEY_DATA_ERROR_INVALID when the points do not make the shape
 *
 * Only the groups that differ are edited, so that a move and a stretch at the same time go
 * together.
 */
gboolean
galley_note_draft_reshape (GalleyDraft *draft,
                           const GalleyId *note,
                           GalleyShape shape,
                           const GalleyPoints *before,
                           const GalleyPoints *after,
                           GArray *(*seen) (gpointer data, guint16 field),
                           gpointer data,
                           GError **error)
{
  g_auto (GalleyGeometry) old = { 0 };
  g_auto (GalleyGeometry) fresh = { 0 };
  const char *name = galley_shape_to_text (shape);

  if (!galley_shape_from_points (name, pairs_of (before), galley_points_get_count (before), &old,
                                 error) ||
      !galley_shape_from_points (name, pairs_of (after), galley_points_get_count (after), &fresh,
                                 error))
    return FALSE;

  set_if_moved (draft, note, GALLEY_ANNOTATION_PLACE, old.place, fresh.place,
                seen (data, GALLEY_ANNOTATION_PLACE));
  set_if_moved (draft, note, GALLEY_ANNOTATION_EXTENT, old.extent, fresh.extent,
                seen (data, GALLEY_ANNOTATION_EXTENT));
  set_if_moved (draft, note, GALLEY_ANNOTATION_PATH, old.path, fresh.path,
                seen (data, GALLEY_ANNOTATION_PATH));
  return TRUE;
}
