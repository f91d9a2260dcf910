/* galley-memory-line.h: a line between two ends in one process, without a socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Bytes on their way in one direction. */
#define GALLEY_TYPE_MEMORY_PIPE (galley_memory_pipe_get_type ())
G_DECLARE_FINAL_TYPE (GalleyMemoryPipe, galley_memory_pipe, GALLEY, MEMORY_PIPE, GObject)

/* signals: "moved": more bytes are there, or no more will come */

GalleyMemoryPipe *galley_memory_pipe_new (void);
void galley_memory_pipe_write (GalleyMemoryPipe *self, gconstpointer data, gsize bytes);
void galley_memory_pipe_close (GalleyMemoryPipe *self);
GByteArray *galley_memory_pipe_get_bytes (GalleyMemoryPipe *self);
gboolean galley_memory_pipe_is_closed (GalleyMemoryPipe *self);

/* One end of a line, as what serves it sees it: pollable both ways. */
GIOStream *galley_memory_line_new (GalleyMemoryPipe *in, GalleyMemoryPipe *out);

G_END_DECLS
