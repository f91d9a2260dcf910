/* galley-memory-line.c: a line between two ends in one process, without a socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-memory-line.h"

#include <string.h>

/* ── a pipe ── */

struct _GalleyMemoryPipe
{
  GObject parent_instance;

  GByteArray *bytes; /* not read yet */
  gboolean closed;
  GSList *waiting; /* of GSource: who wants to read */
};

static guint moved_signal;

G_DEFINE_FINAL_TYPE (GalleyMemoryPipe, galley_memory_pipe, G_TYPE_OBJECT)

static void
galley_memory_pipe_finalize (GObject *object)
{
  GalleyMemoryPipe *self = GALLEY_MEMORY_PIPE (object);

  g_byte_array_unref (self->bytes);
  g_slist_free_full (self->waiting, (GDestroyNotify)g_source_unref);
  G_OBJECT_CLASS (galley_memory_pipe_parent_class)->finalize (object);
}

static void
galley_memory_pipe_class_init (GalleyMemoryPipeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_memory_pipe_finalize;
  moved_signal = g_signal_new ("moved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
galley_memory_pipe_init (GalleyMemoryPipe *self)
{
  self->bytes = g_byte_array_new ();
}

GalleyMemoryPipe *
galley_memory_pipe_new (void)
{
  return g_object_new (GALLEY_TYPE_MEMORY_PIPE, NULL);
}

static void
tell (GalleyMemoryPipe *self)
{
  GSList *waiting = g_steal_pointer (&self->waiting);

  for (GSList *link = waiting; link != NULL; link = link->next)
    g_source_set_ready_time (link->data, 0);
  g_slist_free_full (waiting, (GDestroyNotify)g_source_unref);
  g_signal_emit (self, moved_signal, 0);
}

void
galley_memory_pipe_write (GalleyMemoryPipe *self, gconstpointer data, gsize bytes)
{
  if (self->closed || bytes == 0)
    return;

  g_byte_array_append (self->bytes, data, bytes);
  tell (self);
}

/* What is in it can still be read. */
void
galley_memory_pipe_close (GalleyMemoryPipe *self)
{
  g_autoptr (GalleyMemoryPipe) held = g_object_ref (self);

  if (held->closed)
    return;
  held->closed = TRUE;
  tell (held);
}

/* To take bytes from the front of, or to look at. */
GByteArray *
galley_memory_pipe_get_bytes (GalleyMemoryPipe *self)
{
  return self->bytes;
}

gboolean
galley_memory_pipe_is_closed (GalleyMemoryPipe *self)
{
  return self->closed;
}

static gboolean
can_read (GalleyMemoryPipe *self)
{
  return self->bytes->len > 0 || self->closed;
}

static gboolean
dispatch_cb (GSource *source, GSourceFunc callback, gpointer data)
{
  g_source_set_ready_time (source, -1);
  return callback != NULL ? callback (data) : G_SOURCE_REMOVE;
}

/* For the dummy callback that GLib gives to a source within another. */
static gboolean
closure_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .dispatch = dispatch_cb, .closure_callback = closure_cb };

static GSource *
new_source (GalleyMemoryPipe *self)
{
  GSource *source = g_source_new (&source_funcs, sizeof (GSource));

  if (can_read (self))
    g_source_set_ready_time (source, 0);
  else
    self->waiting = g_slist_append (self->waiting, g_source_ref (source));
  return source;
}

/* ── reading ── */

#define GALLEY_TYPE_MEMORY_READER (galley_memory_reader_get_type ())
G_DECLARE_FINAL_TYPE (GalleyMemoryReader, galley_memory_reader, GALLEY, MEMORY_READER, GInputStream)

struct _GalleyMemoryReader
{
  GInputStream parent_instance;

  GalleyMemoryPipe *pipe;
};

static void galley_memory_reader_iface_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyMemoryReader,
                               galley_memory_reader,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      galley_memory_reader_iface_init))

static gssize
reader_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize bytes, GError **error)
{
  GalleyMemoryPipe *pipe = GALLEY_MEMORY_READER (stream)->pipe;
  gsize there = MIN (bytes, pipe->bytes->len);

  if (!can_read (pipe))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "Nothing has come yet.");
      return -1;
    }

  memcpy (buffer, pipe->bytes->data, there);
  if (there > 0)
    g_byte_array_remove_range (pipe->bytes, 0, there);
  return there;
}

static gssize
reader_read (
    GInputStream *stream, void *buffer, gsize bytes, GCancellable *cancellable, GError **error)
{
  return reader_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, bytes, error);
}

static gboolean
reader_is_readable (GPollableInputStream *stream)
{
  return can_read (GALLEY_MEMORY_READER (stream)->pipe);
}

static GSource *
reader_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) child = new_source (GALLEY_MEMORY_READER (stream)->pipe);

  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
galley_memory_reader_iface_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = reader_is_readable;
  iface->create_source = reader_create_source;
  iface->read_nonblocking = reader_read_nonblocking;
}

static void
galley_memory_reader_dispose (GObject *object)
{
  g_clear_object (&GALLEY_MEMORY_READER (object)->pipe);
  G_OBJECT_CLASS (galley_memory_reader_parent_class)->dispose (object);
}

static void
galley_memory_reader_class_init (GalleyMemoryReaderClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_memory_reader_dispose;
  G_INPUT_STREAM_CLASS (klass)->read_fn = reader_read;
}

static void
galley_memory_reader_init (GalleyMemoryReader *self)
{
}

/* ── writing ── */

#define GALLEY_TYPE_MEMORY_WRITER (galley_memory_writer_get_type ())
G_DECLARE_FINAL_TYPE (
    GalleyMemoryWriter, galley_memory_writer, GALLEY, MEMORY_WRITER, GOutputStream)

struct _GalleyMemoryWriter
{
  GOutputStream parent_instance;

  GalleyMemoryPipe *pipe;
};

static void galley_memory_writer_iface_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyMemoryWriter,
                               galley_memory_writer,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      galley_memory_writer_iface_init))

static gssize
writer_write (GOutputStream *stream,
              const void *buffer,
              gsize bytes,
              GCancellable *cancellable,
              GError **error)
{
  GalleyMemoryPipe *pipe = GALLEY_MEMORY_WRITER (stream)->pipe;

  if (pipe->closed)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "Nobody listens any more.");
      return -1;
    }

  galley_memory_pipe_write (pipe, buffer, bytes);
  return bytes;
}

static gboolean
writer_close (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  galley_memory_pipe_close (GALLEY_MEMORY_WRITER (stream)->pipe);
  return TRUE;
}

static gboolean
writer_is_writable (GPollableOutputStream *stream)
{
  return TRUE;
}

static GSource *
writer_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) child = g_source_new (&source_funcs, sizeof (GSource));

  g_source_set_ready_time (child, 0);
  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
galley_memory_writer_iface_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = writer_is_writable;
  iface->create_source = writer_create_source;
}

static void
galley_memory_writer_dispose (GObject *object)
{
  g_clear_object (&GALLEY_MEMORY_WRITER (object)->pipe);
  G_OBJECT_CLASS (galley_memory_writer_parent_class)->dispose (object);
}

static void
galley_memory_writer_class_init (GalleyMemoryWriterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_memory_writer_dispose;
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = writer_write;
  G_OUTPUT_STREAM_CLASS (klass)->close_fn = writer_close;
}

static void
galley_memory_writer_init (GalleyMemoryWriter *self)
{
}

/* ── both together ── */

#define GALLEY_TYPE_MEMORY_LINE (galley_memory_line_get_type ())
G_DECLARE_FINAL_TYPE (GalleyMemoryLine, galley_memory_line, GALLEY, MEMORY_LINE, GIOStream)

struct _GalleyMemoryLine
{
  GIOStream parent_instance;

  GInputStream *in;
  GOutputStream *out;
};

G_DEFINE_FINAL_TYPE (GalleyMemoryLine, galley_memory_line, G_TYPE_IO_STREAM)

static GInputStream *
line_get_in (GIOStream *stream)
{
  return GALLEY_MEMORY_LINE (stream)->in;
}

static GOutputStream *
line_get_out (GIOStream *stream)
{
  return GALLEY_MEMORY_LINE (stream)->out;
}

/* GIO's own closes on a thread, at a time that nobody can repeat. */
static void
line_close_async (GIOStream *stream,
                  int priority,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  GalleyMemoryLine *self = GALLEY_MEMORY_LINE (stream);
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, user_data);

  g_output_stream_close (self->out, NULL, NULL);
  g_input_stream_close (self->in, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

static gboolean
line_close_finish (GIOStream *stream, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
galley_memory_line_dispose (GObject *object)
{
  GalleyMemoryLine *self = GALLEY_MEMORY_LINE (object);

  /* The parent closes what is still open. */
  G_OBJECT_CLASS (galley_memory_line_parent_class)->dispose (object);
  g_clear_object (&self->in);
  g_clear_object (&self->out);
}

static void
galley_memory_line_class_init (GalleyMemoryLineClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_memory_line_dispose;
  stream_class->get_input_stream = line_get_in;
  stream_class->get_output_stream = line_get_out;
  stream_class->close_async = line_close_async;
  stream_class->close_finish = line_close_finish;
}

static void
galley_memory_line_init (GalleyMemoryLine *self)
{
}

/**
 * galley_memory_line_new:
 * @in: what comes
 * @out: what goes
 */
GIOStream *
galley_memory_line_new (GalleyMemoryPipe *in, GalleyMemoryPipe *out)
{
  g_autoptr (GalleyMemoryReader) reader = g_object_new (GALLEY_TYPE_MEMORY_READER, NULL);
  g_autoptr (GalleyMemoryWriter) writer = g_object_new (GALLEY_TYPE_MEMORY_WRITER, NULL);
  GalleyMemoryLine *line = g_object_new (GALLEY_TYPE_MEMORY_LINE, NULL);

  reader->pipe = g_object_ref (in);
  writer->pipe = g_object_ref (out);
  line->in = G_INPUT_STREAM (g_steal_pointer (&reader));
  line->out = G_OUTPUT_STREAM (g_steal_pointer (&writer));
  return G_IO_STREAM (line);
}
