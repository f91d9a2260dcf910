/* galley-canvas-private.h: what the parts of the canvas know of one another
 *
 * galley-canvas.c: the object; -view.c: zoom, scrolling, layout; -marks.c: the
 * marks and the signals; -drawing.c: how it looks; -hand.c:
 * what a pointer means; -gestures.c: pointers; -keys.c: keyboard.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-canvas.h"

#include "ui/galley-mark-draft.h"
#include "ui/galley-mark-entry.h"
#include "ui/galley-mark-layer.h"
#include "ui/galley-page-tiles.h"
#include "ui/galley-viewport.h"

G_BEGIN_DECLS

typedef enum
{
  GALLEY_HAND_IDLE,
  GALLEY_HAND_CLICK, /* down, and not yet known what for */
  GALLEY_HAND_PAN,
  GALLEY_HAND_DRAW,
  GALLEY_HAND_MOVE,   /* the selected mark */
  GALLEY_HAND_HANDLE, /* of the selected mark */
} GalleyHand;

struct _GalleyCanvas
{
  GtkWidget parent_instance;

  GalleyPageSource *source; /* (nullable) */
  char *asset_name;
  GListModel *marks; /* (nullable) */
  guint page;
  GalleyViewport viewport;
  GalleyZoomMode zoom_mode;
  GalleyTool tool;
  GdkRGBA color;
  GalleyWeight weight;
  gboolean editable;
  GalleyMark *selected; /* (nullable) */

  /* drawing */
  GalleyPageTiles *tiles; /* (nullable): of source */
  GalleyMarkLayer *ink;   /* of highlights: multiplied with the page */
  GalleyMarkLayer *layer;
  GalleyMark *hovered; /* (nullable) */
  GtkWidget *notice;   /* what is wrong with the page */
  GtkWidget *notice_text;
  GtkWidget *spinner;
  guint spinner_delay; /* source id, or 0 */

  /* scrolling */
  GtkAdjustment *adjustments[2]; /* by GtkOrientation; (nullable) */
  guint policies[2];
  gboolean configuring;

  /* the hand */
  GalleyHand hand;
  GalleyMarkDraft *draft; /* (nullable): a polygon's lives from click to click */
  GalleyPoints *before;   /* (nullable): of the selected mark when the drag or the nudge began */
  int handle;
  double start_x, start_y;     /* screen: where the pointer went down */
  double pointer_x, pointer_y; /* screen: where it was last */
  double scroll_x, scroll_y;   /* when a pan began */
  double pinch_zoom;
  gboolean space_held;
  gboolean nudging; /* arrow keys move the selected mark, and one is still held */
  GtkGesture *drag;
  GalleyMarkEntry *entry; /* (nullable): asks for the words of a text */
  GalleyPoint entry_place;
};

/* galley-canvas-view.c */
void galley_canvas_view_init (GalleyCanvas *self);
void galley_canvas_view_dispose (GalleyCanvas *self);
double galley_canvas_get_device_scale (GalleyCanvas *self);
void galley_canvas_load_page (GalleyCanvas *self);
void galley_canvas_apply_zoom_mode (GalleyCanvas *self);
void galley_canvas_view_changed (GalleyCanvas *self);
void galley_canvas_update_notice (GalleyCanvas *self);
void galley_canvas_zoom_about (GalleyCanvas *self, double zoom, double x, double y);
void galley_canvas_scroll_by (GalleyCanvas *self, double dx, double dy);
void galley_canvas_reveal (GalleyCanvas *self, GalleyMark *mark);
void galley_canvas_set_adjustment (GalleyCanvas *self,
                                   GtkOrientation orientation,
                                   GtkAdjustment *adjustment);
void galley_canvas_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline);
void galley_canvas_allocate (GtkWidget *widget, int width, int height, int baseline);

/* galley-canvas-drawing.c */
void galley_canvas_draw (GtkWidget *widget, GtkSnapshot *snapshot);

/* galley-canvas-gestures.c */
void galley_canvas_gestures_init (GalleyCanvas *self);

/* galley-canvas.c */
gboolean galley_canvas_can_edit (GalleyCanvas *self);

/* galley-canvas-marks.c */
void galley_canvas_marks_dispose (GalleyCanvas *self);
void galley_canvas_update_words (GalleyCanvas *self);
void galley_canvas_select_quietly (GalleyCanvas *self, GalleyMark *mark);
void galley_canvas_emit_drawn (
    GalleyCanvas *self, GalleyShape shape, GalleyPoints *points, double width, const char *body);
void galley_canvas_emit_moved (GalleyCanvas *self, GalleyMark *mark, GalleyPoints *before);
void galley_canvas_emit_activated (GalleyCanvas *self, GalleyMark *mark);
void galley_canvas_emit_delete (GalleyCanvas *self, GalleyMark *mark);

/* galley-canvas-hand.c */
void galley_canvas_hand_init (GalleyCanvas *self);
void galley_canvas_hand_dispose (GalleyCanvas *self);
void galley_canvas_pointer_pressed (
    GalleyCanvas *self, double x, double y, guint button, GdkModifierType state, double pressure);
void galley_canvas_pointer_moved (
    GalleyCanvas *self, double x, double y, GdkModifierType state, double pressure);
void galley_canvas_pointer_released (GalleyCanvas *self, double x, double y, GdkModifierType state);
void galley_canvas_pointer_double_clicked (GalleyCanvas *self, double x, double y);
void galley_canvas_pointer_hovered (GalleyCanvas *self, double x, double y, GdkModifierType state);
gboolean galley_canvas_cancel (GalleyCanvas *self);
gboolean galley_canvas_finish_polygon (GalleyCanvas *self);
void galley_canvas_ask_text (GalleyCanvas *self, double x, double y);
void galley_canvas_update_cursor (GalleyCanvas *self);

/* galley-canvas-keys.c */
void galley_canvas_keys_init (GalleyCanvas *self);
gboolean galley_canvas_key_pressed (GalleyCanvas *self, guint keyval, GdkModifierType state);
void galley_canvas_key_released (GalleyCanvas *self, guint keyval);
void galley_canvas_end_nudge (GalleyCanvas *self);
gboolean galley_canvas_select_next (GalleyCanvas *self, int direction);

G_END_DECLS
