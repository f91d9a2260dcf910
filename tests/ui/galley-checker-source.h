/* galley-checker-source.h: pages of a checkerboard, which come when a test says so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-page-source.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_CHECKER_SOURCE (galley_checker_source_get_type ())
G_DECLARE_FINAL_TYPE (GalleyCheckerSource, galley_checker_source, GALLEY, CHECKER_SOURCE, GObject)

/* The side of a square, in asset units. */
#define GALLEY_CHECKER_SQUARE 50

GalleyCheckerSource *galley_checker_source_new (guint n_pages, double width, double height);

void galley_checker_source_set_plain (GalleyCheckerSource *self, gboolean plain);
void galley_checker_source_set_max_scale (GalleyCheckerSource *self, double max_scale);
void galley_checker_source_set_error (GalleyCheckerSource *self, const char *message);
void galley_checker_source_hold (GalleyCheckerSource *self);
void galley_checker_source_release (GalleyCheckerSource *self);

guint galley_checker_source_get_n_asked (GalleyCheckerSource *self);
guint galley_checker_source_get_n_held (GalleyCheckerSource *self);
guint galley_checker_source_get_n_cancelled (GalleyCheckerSource *self);

G_END_DECLS
