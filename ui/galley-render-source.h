/* galley-render-source.h: the pages of a version's file, drawn by the decoder's process
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-file-store.h"
#include "data/galley-reader.h"
#include "sync/galley-renderer.h"
#include "ui/galley-page-source.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_RENDER_SOURCE (galley_render_source_get_type ())
G_DECLARE_FINAL_TYPE (GalleyRenderSource, galley_render_source, GALLEY, RENDER_SOURCE, GObject)

gboolean galley_render_source_file_of (const GalleyEntity *version, GalleyHash *file);
GalleyPageSource *galley_render_source_new (GalleyRenderer *renderer,
                                            GalleyFileStore *files,
                                            const GalleyEntity *version,
                                            gboolean here);
gboolean galley_render_source_set_here (GalleyRenderSource *self, gboolean here);

G_END_DECLS
