/* galley-slice-stream.h: a part of another stream, which ends where the part ends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_SLICE_STREAM (galley_slice_stream_get_type ())
G_DECLARE_FINAL_TYPE (
    GalleySliceStream, galley_slice_stream, GALLEY, SLICE_STREAM, GFilterInputStream)

GInputStream *galley_slice_stream_new (GInputStream *base, guint64 bytes);
void galley_slice_set_short (GError **error);

G_END_DECLS
