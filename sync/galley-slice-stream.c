/* galley-slice-stream.c: a part of another stream, which ends where the part ends
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-slice-stream"

#include "sync/galley-slice-stream.h"

#include "data/galley-error.h"

#include <glib/gi18n-lib.h>

struct _GalleySliceStream
{
  GFilterInputStream parent_instance;

  guint64 left_bytes;
};

G_DEFINE_FINAL_TYPE (GalleySliceStream, galley_slice_stream, G_TYPE_FILTER_INPUT_STREAM)

/**
 * galley_slice_set_short:
 *
 * The error of a file that ends before its part does.
 */
void
galley_slice_set_short (GError **error)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                       _ ("The file on this computer is not as long as it was, so it cannot be "
                          "sent. Verify everything under Repair, or import it again."));
}

static gssize
galley_slice_stream_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  GalleySliceStream *self = GALLEY_SLICE_STREAM (stream);
  GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
  gssize bytes;

  if (self->left_bytes == 0)
    return 0;

  bytes = g_input_stream_read (base, buffer, MIN (count, self->left_bytes), cancellable, error);
  if (bytes > 0)
    self->left_bytes -= bytes;
  /* Whoever was told how much comes would wait for the rest for ever. */
  if (bytes == 0 && count > 0)
    {
      galley_slice_set_short (error);
      return -1;
    }

  return bytes;
}

static void
galley_slice_stream_class_init (GalleySliceStreamClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = galley_slice_stream_read;
}

static void
galley_slice_stream_init (GalleySliceStream *self)
{
}

/**
 * galley_slice_stream_new:
 * @base: stands where the part begins
 * @bytes: how long the part is
 *
 * Returns: (transfer full): a stream of @bytes bytes; closing it closes @base, and reading it fails
 *   with %GALLEY_DATA_ERROR_INVALID where @base ends before
 */
GInputStream *
galley_slice_stream_new (GInputStream *base, guint64 bytes)
{
  GalleySliceStream *self = g_object_new (GALLEY_TYPE_SLICE_STREAM, "base-stream", base, NULL);

  self->left_bytes = bytes;
  return G_INPUT_STREAM (self);
}
