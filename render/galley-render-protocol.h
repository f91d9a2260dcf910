/* galley-render-protocol.h: what the window's process and the decoder's say to each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

/* Each message: its length in bytes as a little-endian 32-bit number, then a GVariant in the byte
 * order of this machine. An answer's picture follows it, as many bytes as it says. */
#define GALLEY_RENDER_MAX_MESSAGE (256 * 1024)
/* Of one picture, in bytes. */
#define GALLEY_RENDER_MAX_PICTURE (64 * 1024 * 1024)
/* How many pages' sizes are told. */
#define GALLEY_RENDER_MAX_SIZES 5000

/* number, what, path, page from 1, scale in pixels an asset unit, x, y, width, height in pixels */
#define GALLEY_RENDER_REQUEST "(uysudiiii)"
/* number, error or 0, sentence, media type, pages, their sizes, width, height, bytes of picture */
#define GALLEY_RENDER_ANSWER "(uussua(dd)iit)"

enum
{
  GALLEY_RENDER_INSPECT = 1,
  GALLEY_RENDER_REGION,
  GALLEY_RENDER_THUMBNAIL,
};
