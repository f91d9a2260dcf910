/* galley-viewport.h: where a page lies on the screen: zoom, scroll place, the way there and back
 *
 * A value: no widget, no clock. Asset units are the page's own (pixels, PDF points); screen units
 * are the widget's logical pixels.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <graphene.h>
#include <glib.h>

G_BEGIN_DECLS

#define GALLEY_ZOOM_MIN 0.01
#define GALLEY_ZOOM_MAX 32.0

typedef struct
{
  double page_width, page_height; /* asset units; 0 while the page is not known */
  double view_width, view_height; /* screen */
  double margin;                  /* screen, kept free round the page */
  double inset;                   /* screen, kept free at the view's bottom for what lies there */
  double zoom;                    /* screen units an asset unit */
  double x, y;                    /* screen: how far the content is scrolled */
} GalleyViewport;

gboolean galley_viewport_has_page (const GalleyViewport *self);
void galley_viewport_get_content (const GalleyViewport *self, double *width, double *height);
void galley_viewport_get_origin (const GalleyViewport *self, double *x, double *y);
void galley_viewport_to_screen (
    const GalleyViewport *self, double x, double y, double *screen_x, double *screen_y);
void galley_viewport_to_asset (
    const GalleyViewport *self, double screen_x, double screen_y, double *x, double *y);
gboolean galley_viewport_get_visible (const GalleyViewport *self, graphene_rect_t *visible);

double galley_viewport_get_fit_zoom (const GalleyViewport *self);
double galley_viewport_get_width_zoom (const GalleyViewport *self);

void galley_viewport_clamp (GalleyViewport *self);
void galley_viewport_scroll_to (GalleyViewport *self, double x, double y);
void galley_viewport_zoom_at (GalleyViewport *self, double zoom, double screen_x, double screen_y);
void galley_viewport_reveal (GalleyViewport *self, const graphene_rect_t *area, double padding);

G_END_DECLS
