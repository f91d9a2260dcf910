/* galley-page-thumbnail.h: one page, small, with its marks as spots
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-page-source.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_PAGE_THUMBNAIL (galley_page_thumbnail_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPageThumbnail, galley_page_thumbnail, GALLEY, PAGE_THUMBNAIL, GtkWidget)

/* signals:
 *   wanting   it has no picture of its page and would like one: galley_page_thumbnail_load()
 *   loaded    a load has ended, well or not
 */

GtkWidget *galley_page_thumbnail_new (void);
void galley_page_thumbnail_show_page (GalleyPageThumbnail *self,
                                      GalleyPageSource *source,
                                      GListModel *marks,
                                      guint page);
gboolean galley_page_thumbnail_is_wanting (GalleyPageThumbnail *self);
void galley_page_thumbnail_load (GalleyPageThumbnail *self);
gboolean galley_page_thumbnail_has_picture (GalleyPageThumbnail *self);

G_END_DECLS
