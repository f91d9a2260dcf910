/* galley-canvas-view.c: what of the page the canvas shows, and what it says when it cannot
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-canvas-view"

#include "ui/galley-canvas-private.h"

#include "ui/galley-mark-hit.h"

#include <glib/gi18n-lib.h>

/* Screen units round the page. */
#define MARGIN 24.0
/* What comes within this time needs no spinner. */
#define SPINNER_DELAY_MS 400
/* Screen units: the room round a mark that is looked for. */
#define REVEAL_PADDING 32.0

/**
 * galley_canvas_get_device_scale:
 *
 * Returns: pixels of the device a screen unit
 */
double
galley_canvas_get_device_scale (GalleyCanvas *self)
{
  return MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
}

static void
configure_adjustments (GalleyCanvas *self)
{
  const GalleyViewport *viewport = &self->viewport;
  double width, height;

  galley_viewport_get_content (viewport, &width, &height);
  self->configuring = TRUE;
  if (self->adjustments[GTK_ORIENTATION_HORIZONTAL] != NULL)
    gtk_adjustment_configure (self->adjustments[GTK_ORIENTATION_HORIZONTAL], viewport->x, 0, width,
                              viewport->view_width / 10, viewport->view_width * 0.9,
                              viewport->view_width);
  if (self->adjustments[GTK_ORIENTATION_VERTICAL] != NULL)
    gtk_adjustment_configure (self->adjustments[GTK_ORIENTATION_VERTICAL], viewport->y, 0, height,
                              viewport->view_height / 10, viewport->view_height * 0.9,
                              viewport->view_height);
  self->configuring = FALSE;
}

static gboolean
show_spinner_cb (gpointer user_data)
{
  GalleyCanvas *self = user_data;

  self->spinner_delay = 0;
  gtk_widget_set_visible (self->spinner, TRUE);
  gtk_spinner_start (GTK_SPINNER (self->spinner));
  return G_SOURCE_REMOVE;
}

static void
set_waiting (GalleyCanvas *self, gboolean waiting)
{
  if (waiting && self->spinner_delay == 0 && !gtk_widget_get_visible (self->spinner))
    self->spinner_delay = g_timeout_add (SPINNER_DELAY_MS, show_spinner_cb, self);
  if (waiting)
    return;

  g_clear_handle_id (&self->spinner_delay, g_source_remove);
  gtk_spinner_stop (GTK_SPINNER (self->spinner));
  gtk_widget_set_visible (self->spinner, FALSE);
}

/**
 * galley_canvas_update_notice:
 *
 * What to say instead of the page, or over what there is of it.
 */
void
galley_canvas_update_notice (GalleyCanvas *self)
{
  gboolean has_page = galley_viewport_has_page (&self->viewport);
  gboolean has_picture = self->tiles != NULL && galley_page_tiles_has_picture (self->tiles);
  const GError *error = NULL;

  if (self->source != NULL && !has_page)
    error = galley_page_source_get_error (self->source);
  else if (self->tiles != NULL)
    error = galley_page_tiles_get_error (self->tiles);

  gtk_label_set_text (GTK_LABEL (self->notice_text), error != NULL ? error->message : "");
  gtk_widget_set_visible (self->notice, error != NULL);
  set_waiting (self, self->source != NULL && error == NULL && !has_picture);
}

/**
 * galley_canvas_load_page:
 *
 * Takes the size of the current page from the source.
 */
void
galley_canvas_load_page (GalleyCanvas *self)
{
  double width = 0, height = 0;

  if (self->source != NULL)
    galley_page_source_get_page_size (self->source, self->page, &width, &height);
  if (width == self->viewport.page_width && height == self->viewport.page_height)
    return;

  self->viewport.page_width = width;
  self->viewport.page_height = height;
  g_object_notify (G_OBJECT (self), "stroke-width");
}

/**
 * galley_canvas_apply_zoom_mode:
 *
 * To be called when the page or the widget has another size. galley_canvas_view_changed() comes
 * after it.
 */
void
galley_canvas_apply_zoom_mode (GalleyCanvas *self)
{
  GalleyViewport *viewport = &self->viewport;
  double zoom = viewport->zoom;

  if (viewport->page_width <= 0 || viewport->view_width <= 0)
    return;

  if (self->zoom_mode == GALLEY_ZOOM_FIT)
    zoom = galley_viewport_get_fit_zoom (viewport);
  else if (self->zoom_mode == GALLEY_ZOOM_WIDTH)
    zoom = galley_viewport_get_width_zoom (viewport);
  else if (self->zoom_mode == GALLEY_ZOOM_ACTUAL)
    zoom = galley_page_source_get_actual_zoom (self->source, self->page);
  if (zoom == viewport->zoom)
    return;

  galley_viewport_zoom_at (viewport, zoom, viewport->view_width / 2, viewport->view_height / 2);
  g_object_notify (G_OBJECT (self), "zoom");
}

/**
 * galley_canvas_view_changed:
 *
 * To be called after any change of the viewport: the rest follows it.
 */
void
galley_canvas_view_changed (GalleyCanvas *self)
{
  GalleyViewport *viewport = &self->viewport;
  graphene_rect_t visible;

  galley_viewport_clamp (viewport);
  configure_adjustments (self);
  if (galley_viewport_has_page (viewport))
    {
      int device_scale = (int)galley_canvas_get_device_scale (self);

      galley_mark_layer_set_zoom (self->layer, viewport->zoom, device_scale);
      galley_mark_layer_set_zoom (self->ink, viewport->zoom, device_scale);
    }
  if (self->tiles != NULL && viewport->view_width > 0 &&
      galley_viewport_get_visible (viewport, &visible))
    galley_page_tiles_show (self->tiles, self->page,
                            viewport->zoom * galley_canvas_get_device_scale (self), &visible);
  galley_canvas_update_notice (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * galley_canvas_zoom_about:
 * @x: screen: the place that stays
 * @y: likewise
 */
void
galley_canvas_zoom_about (GalleyCanvas *self, double zoom, double x, double y)
{
  if (!galley_viewport_has_page (&self->viewport))
    return;

  galley_viewport_zoom_at (&self->viewport, zoom, x, y);
  if (self->zoom_mode != GALLEY_ZOOM_FREE)
    {
      self->zoom_mode = GALLEY_ZOOM_FREE;
      g_object_notify (G_OBJECT (self), "zoom-mode");
    }
  g_object_notify (G_OBJECT (self), "zoom");
  galley_canvas_view_changed (self);
}

void
galley_canvas_scroll_by (GalleyCanvas *self, double dx, double dy)
{
  galley_viewport_scroll_to (&self->viewport, self->viewport.x + dx, self->viewport.y + dy);
  galley_canvas_view_changed (self);
}

/**
 * galley_canvas_reveal:
 *
 * Scrolls as little as is needed to see @mark, which is on the page that is shown.
 */
void
galley_canvas_reveal (GalleyCanvas *self, GalleyMark *mark)
{
  graphene_rect_t area;

  if (!galley_viewport_has_page (&self->viewport) || self->viewport.view_width <= 0)
    return;

  galley_mark_hit_get_area (mark, self->viewport.zoom, &area);
  galley_viewport_reveal (&self->viewport, &area, REVEAL_PADDING);
  galley_canvas_view_changed (self);
}

void
galley_canvas_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = 120;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 640 : 480;
}

static void
allocate_centred (GtkWidget *child, int width, int height, double at)
{
  int child_width, child_height;

  if (!gtk_widget_should_layout (child))
    return;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &child_width, NULL, NULL);
  child_width = MIN (child_width, MAX (width - 24, 1));
  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, child_width, NULL, &child_height, NULL,
                      NULL);
  gtk_widget_size_allocate (child,
                            &(GtkAllocation){ (width - child_width) / 2,
                                              MAX ((int)((height - child_height) * at), 0),
                                              child_width, child_height },
                            -1);
}

void
galley_canvas_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GalleyCanvas *self = GALLEY_CANVAS (widget);
  gboolean has_picture = self->tiles != NULL && galley_page_tiles_has_picture (self->tiles);
  gboolean resized = width != self->viewport.view_width || height != self->viewport.view_height;

  if (resized)
    {
      self->viewport.view_width = width;
      self->viewport.view_height = height;
      galley_canvas_apply_zoom_mode (self);
      galley_canvas_view_changed (self);
    }
  /* Over a picture that is there the notice moves out of the way. */
  allocate_centred (self->notice, width, height, has_picture ? 0.95 : 0.5);
  allocate_centred (self->spinner, width, height, 0.5);
  if (self->entry != NULL)
    gtk_popover_present (GTK_POPOVER (self->entry));
}

static void
scrolled_cb (GtkAdjustment *adjustment, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  GtkAdjustment *horizontal = self->adjustments[GTK_ORIENTATION_HORIZONTAL];
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];

  if (self->configuring)
    return;

  galley_viewport_scroll_to (&self->viewport,
                             horizontal != NULL ? gtk_adjustment_get_value (horizontal)
                                                : self->viewport.x,
                             vertical != NULL ? gtk_adjustment_get_value (vertical)
                                              : self->viewport.y);
  galley_canvas_view_changed (self);
}

/**
 * galley_canvas_set_adjustment:
 * @adjustment: (nullable): GtkScrollable's for that direction
 */
void
galley_canvas_set_adjustment (GalleyCanvas *self,
                              GtkOrientation orientation,
                              GtkAdjustment *adjustment)
{
  GtkAdjustment **place = &self->adjustments[orientation];

  if (*place == adjustment)
    return;

  if (*place != NULL)
    g_signal_handlers_disconnect_by_func (*place, scrolled_cb, self);
  g_clear_object (place);
  if (adjustment != NULL)
    {
      *place = g_object_ref_sink (adjustment);
      g_signal_connect (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self);
      configure_adjustments (self);
    }
}

static void
retry_clicked_cb (GtkButton *button, gpointer user_data)
{
  galley_canvas_retry (user_data);
}

static void
build_notice (GalleyCanvas *self)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("image-missing-symbolic");
  GtkWidget *title = gtk_label_new (_ ("This Page Cannot Be Shown"));
  GtkWidget *retry = gtk_button_new_with_mnemonic (_ ("_Try Again"));

  self->notice_text = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->notice_text), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->notice_text), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (self->notice_text), 42);
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 48);
  gtk_widget_add_css_class (icon, "dim-label");
  gtk_widget_add_css_class (title, "title-3");
  gtk_widget_set_halign (retry, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (retry, "pill");
  g_signal_connect_object (retry, "clicked", G_CALLBACK (retry_clicked_cb), self, 0);

  self->notice = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_box_append (GTK_BOX (self->notice), icon);
  gtk_box_append (GTK_BOX (self->notice), title);
  gtk_box_append (GTK_BOX (self->notice), self->notice_text);
  gtk_box_append (GTK_BOX (self->notice), retry);
  gtk_widget_add_css_class (self->notice, "notice");
  gtk_widget_set_visible (self->notice, FALSE);
  gtk_widget_set_parent (self->notice, GTK_WIDGET (self));
}

void
galley_canvas_view_init (GalleyCanvas *self)
{
  self->viewport.zoom = 1;
  self->viewport.margin = MARGIN;
  build_notice (self);
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_size_request (self->spinner, 32, 32);
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_widget_set_parent (self->spinner, GTK_WIDGET (self));
}

void
galley_canvas_view_dispose (GalleyCanvas *self)
{
  g_clear_handle_id (&self->spinner_delay, g_source_remove);
  galley_canvas_set_adjustment (self, GTK_ORIENTATION_HORIZONTAL, NULL);
  galley_canvas_set_adjustment (self, GTK_ORIENTATION_VERTICAL, NULL);
  g_clear_pointer (&self->notice, gtk_widget_unparent);
  g_clear_pointer (&self->spinner, gtk_widget_unparent);
}
