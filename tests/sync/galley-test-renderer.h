/* galley-test-renderer.h: what the tests of the renderer share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-test.h"

#include "sync/galley-renderer.h"

G_BEGIN_DECLS

GalleyRenderer *galley_test_renderer_new (void);
char *galley_test_renderer_fixture (const char *name);

GalleyMediaInfo *galley_test_renderer_inspect (GalleyRenderer *renderer,
                                               const char *path,
                                               GError **error);
GalleyPixels *galley_test_renderer_render (GalleyRenderer *renderer,
                                           const char *path,
                                           guint page,
                                           double scale,
                                           int x,
                                           int y,
                                           int width,
                                           int height,
                                           GError **error);

void galley_test_renderer_assert_pixel (
    const GalleyPixels *pixels, int x, int y, guint red, guint green, guint blue);
void galley_test_renderer_assert_sentence (const GError *error);

G_END_DECLS
