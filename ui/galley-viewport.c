/* galley-viewport.c: where a page lies on the screen: zoom, scroll place, the way there and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-viewport"

#include "ui/galley-viewport.h"

#include <math.h>

gboolean
galley_viewport_has_page (const GalleyViewport *self)
{
  return self->page_width > 0 && self->page_height > 0 && self->zoom > 0;
}

/* A page that fits but for a rounding error must not ask for a scroll bar. */
static double
content_size (double page, double zoom, double free, double view)
{
  double size = page * zoom + free;

  return size <= view + 0.5 ? view : size;
}

/**
 * galley_viewport_get_content:
 * @width: (out): screen
 * @height: (out): screen
 *
 * What can be scrolled over: the page with its margin, and never less than the view.
 */
void
galley_viewport_get_content (const GalleyViewport *self, double *width, double *height)
{
  *width = content_size (self->page_width, self->zoom, 2 * self->margin, self->view_width);
  *height = content_size (self->page_height, self->zoom, 2 * self->margin + self->inset,
                          self->view_height);
}

/**
 * galley_viewport_get_origin:
 * @x: (out): screen place of the page's left edge
 * @y: (out): screen place of the page's top edge
 *
 * A page smaller than the view stands in its middle.
 */
void
galley_viewport_get_origin (const GalleyViewport *self, double *x, double *y)
{
  double width, height;

  galley_viewport_get_content (self, &width, &height);
  *x = (width - self->page_width * self->zoom) / 2 - self->x;
  *y = (height - self->inset - self->page_height * self->zoom) / 2 - self->y;
}

void
galley_viewport_to_screen (
    const GalleyViewport *self, double x, double y, double *screen_x, double *screen_y)
{
  double left, top;

  galley_viewport_get_origin (self, &left, &top);
  *screen_x = left + x * self->zoom;
  *screen_y = top + y * self->zoom;
}

void
galley_viewport_to_asset (
    const GalleyViewport *self, double screen_x, double screen_y, double *x, double *y)
{
  double left, top;

  galley_viewport_get_origin (self, &left, &top);
  *x = (screen_x - left) / self->zoom;
  *y = (screen_y - top) / self->zoom;
}

/**
 * galley_viewport_get_visible:
 * @visible: (out caller-allocates): the part of the page that is on the screen, in asset units
 *
 * Returns: whether any of it is
 */
gboolean
galley_viewport_get_visible (const GalleyViewport *self, graphene_rect_t *visible)
{
  double left, top, right, bottom;

  if (!galley_viewport_has_page (self))
    return FALSE;

  galley_viewport_to_asset (self, 0, 0, &left, &top);
  galley_viewport_to_asset (self, self->view_width, self->view_height, &right, &bottom);
  left = MAX (left, 0);
  top = MAX (top, 0);
  right = MIN (right, self->page_width);
  bottom = MIN (bottom, self->page_height);
  if (right <= left || bottom <= top)
    return FALSE;

  *visible = GRAPHENE_RECT_INIT (left, top, right - left, bottom - top);
  return TRUE;
}

static double
zoom_for (double page, double room)
{
  if (page <= 0)
    return 1;

  return CLAMP (room / page, GALLEY_ZOOM_MIN, GALLEY_ZOOM_MAX);
}

/**
 * galley_viewport_get_fit_zoom:
 *
 * Returns: the zoom at which the whole page is seen
 */
double
galley_viewport_get_fit_zoom (const GalleyViewport *self)
{
  double height = self->view_height - self->inset - 2 * self->margin;

  return MIN (galley_viewport_get_width_zoom (self), zoom_for (self->page_height, height));
}

/**
 * galley_viewport_get_width_zoom:
 *
 * Returns: the zoom at which the page is as wide as the view
 */
double
galley_viewport_get_width_zoom (const GalleyViewport *self)
{
  return zoom_for (self->page_width, self->view_width - 2 * self->margin);
}

/**
 * galley_viewport_clamp:
 *
 * Brings the scroll place back to where there is something to see.
 */
void
galley_viewport_clamp (GalleyViewport *self)
{
  double width, height;

  galley_viewport_get_content (self, &width, &height);
  self->x = CLAMP (self->x, 0, MAX (width - self->view_width, 0));
  self->y = CLAMP (self->y, 0, MAX (height - self->view_height, 0));
}

void
galley_viewport_scroll_to (GalleyViewport *self, double x, double y)
{
  self->x = x;
  self->y = y;
  galley_viewport_clamp (self);
}

/**
 * galley_viewport_zoom_at:
 * @zoom: the new zoom; brought into the range that is allowed
 * @screen_x: the place that stays where it is, as far as the page's edges let it
 * @screen_y: likewise
 */
void
galley_viewport_zoom_at (GalleyViewport *self, double zoom, double screen_x, double screen_y)
{
  double x, y, new_screen_x, new_screen_y;

  if (!galley_viewport_has_page (self))
    return;

  galley_viewport_to_asset (self, screen_x, screen_y, &x, &y);
  self->zoom = CLAMP (zoom, GALLEY_ZOOM_MIN, GALLEY_ZOOM_MAX);
  galley_viewport_to_screen (self, x, y, &new_screen_x, &new_screen_y);
  galley_viewport_scroll_to (self, self->x + new_screen_x - screen_x,
                             self->y + new_screen_y - screen_y);
}

/* How far to scroll so that first..last is within 0..view; the start wins if both do not fit. */
static double
way_into_view (double first, double last, double view)
{
  if (last - first > view || first < 0)
    return first;

  return MAX (last - view, 0);
}

/**
 * galley_viewport_reveal:
 * @area: asset units
 * @padding: screen, to be kept round it
 *
 * Scrolls as little as is needed to see @area.
 */
void
galley_viewport_reveal (GalleyViewport *self, const graphene_rect_t *area, double padding)
{
  double left, top, right, bottom;

  galley_viewport_to_screen (self, area->origin.x, area->origin.y, &left, &top);
  right = left + area->size.width * self->zoom;
  bottom = top + area->size.height * self->zoom;
  galley_viewport_scroll_to (self,
                             self->x +
                                 way_into_view (left - padding, right + padding, self->view_width),
                             self->y + way_into_view (top - padding, bottom + padding,
                                                      self->view_height - self->inset));
}
