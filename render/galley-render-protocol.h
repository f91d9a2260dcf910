/* galley-render-protocol.h: what the window's process and the decoder's say to each other
 *
 * Each message is its length in bytes as a little-endian 32-bit number, then a GVariant in the byte
 * order of this machine. An answer's picture follows it, as many bytes as the answer says. Requests
 * are answered one by one, in their order; the decoder ends when there are no more.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#define GALLEY_RENDER_MAX_MESSAGE (256 * 1024)
/* Of one picture, in bytes. */
#define GALLEY_RENDER_MAX_PICTURE (64 * 1024 * 1024)
/* Of a thumbnail that fits in a square of @box pixels, in bytes: one of 256 travels in a change. */
#define GALLEY_RENDER_MAX_THUMBNAIL(box) (12 * 1024 * MAX (1, (gsize)(box) * (box) / (256 * 256)))
#define GALLEY_RENDER_MIN_BOX 16
#define GALLEY_RENDER_MAX_BOX 1024
/* Of how many pages the sizes are told. */
#define GALLEY_RENDER_MAX_SIZES 5000

/* number, what, path, page from 1, scale in pixels an asset unit, x, y, width, height in pixels; of
 * a thumbnail the width is that of the square it fits in */
#define GALLEY_RENDER_REQUEST "(uyayudiiii)"
/* number, fault, its details, media type, pages, their sizes, width, height, bytes of the picture;
 * in a fault's answer all but the first three are empty */
#define GALLEY_RENDER_ANSWER "(uussua(dd)iit)"

enum
{
  GALLEY_RENDER_INSPECT = 1,
  GALLEY_RENDER_REGION,
  GALLEY_RENDER_THUMBNAIL,
};

/* The words for people are the other side's: a decoder that was taken over puts none on the screen.
 */
typedef enum
{
  GALLEY_RENDER_FAULT_NONE,
  GALLEY_RENDER_FAULT_DAMAGED,
  GALLEY_RENDER_FAULT_EMPTY,
  GALLEY_RENDER_FAULT_UNSUPPORTED,
  GALLEY_RENDER_FAULT_PASSWORD,
  GALLEY_RENDER_FAULT_TOO_MANY_PIXELS,
  GALLEY_RENDER_FAULT_TOO_MUCH_MEMORY,
  GALLEY_RENDER_FAULT_NO_ROOM, /* on the disk, for an image in tiles */
  GALLEY_RENDER_FAULT_NOT_FOUND,
  GALLEY_RENDER_FAULT_NOT_READABLE,
  GALLEY_RENDER_FAULT_PAGE, /* the document opens, this page does not */
  GALLEY_RENDER_FAULT_TOO_MUCH_ASKED,
} GalleyRenderFault;
