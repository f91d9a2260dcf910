/* galley-stroke.h: what a hand drew, made smooth and small enough to keep
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-points.h"

G_BEGIN_DECLS

/* More than a person draws in one stroke after simplification. */
#define GALLEY_STROKE_MAX_POINTS 2000

void galley_stroke_smooth (GalleyPoint *points, guint count, guint passes);
guint galley_stroke_simplify (GalleyPoint *points, guint count, double tolerance);
GalleyPoints *galley_stroke_finish (const GalleyPoint *points, guint count, double tolerance);

void galley_stroke_get_controls (
    const GalleyPoint *points, guint count, guint segment, GalleyPoint *first, GalleyPoint *second);

G_END_DECLS
