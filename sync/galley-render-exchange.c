/* galley-render-exchange.c: one request to the decoder's process, and its answer
 *
 *   write request ──► read length ──► read answer ──► read picture
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-render-exchange"

#include "sync/galley-render-exchange.h"

#include "render/galley-render-protocol.h"

#include <string.h>

/* The data of the task; what is being read lives as long as it does. */
typedef struct
{
  guint number;
  GByteArray *message;
  guint32 length;   /* little-endian */
  guint8 *bytes;    /* (owned) (nullable): of the answer, while it is read */
  GVariant *answer; /* (owned) (nullable) */
  guint8 *picture;  /* (owned) (nullable) */
  gsize picture_bytes;
} Exchange;

static void
exchange_free (gpointer data)
{
  Exchange *self = data;

  g_byte_array_unref (self->message);
  g_free (self->bytes);
  g_clear_pointer (&self->answer, g_variant_unref);
  g_free (self->picture);
  g_free (self);
}

/**
 * galley_render_request_new:
 * @path: as the file system has it
 *
 * Returns: (transfer full): a request
 */
GalleyRenderRequest *
galley_render_request_new (
    guint8 what, const char *path, guint page, double scale, int x, int y, int width, int height)
{
  GalleyRenderRequest *self = g_new (GalleyRenderRequest, 1);

  *self = (GalleyRenderRequest){ what, g_strdup (path), page, scale, x, y, width, height };
  return self;
}

void
galley_render_request_free (GalleyRenderRequest *self)
{
  g_free (self->path);
  g_free (self);
}

static GByteArray *
make_message (guint number, const GalleyRenderRequest *request)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new ("(uy^ayudiiii)", number, request->what, request->path, request->page,
                     request->scale, request->x, request->y, request->width, request->height));
  gsize bytes = g_variant_get_size (variant);
  guint32 length = GUINT32_TO_LE (bytes);
  GByteArray *message = g_byte_array_sized_new (sizeof length + bytes);

  g_byte_array_append (message, (const guint8 *)&length, sizeof length);
  g_byte_array_append (message, g_variant_get_data (variant), bytes);
  return message;
}

/* ── steps ── */

static void
fail (GTask *task, const char *details)
{
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s", details);
}

/* Whether a step has brought all of what it was to read; if not, the task has ended. */
static gboolean
was_read (GTask *task, GObject *source, GAsyncResult *result, gsize expected)
{
  GError *error = NULL; /* handed to the task */
  gsize bytes = 0;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &bytes, &error))
    g_task_return_error (task, error);
  else if (bytes != expected)
    fail (task, "the answer ended early");
  else
    return TRUE;

  return FALSE;
}

static void
read_step (GTask *task, void *buffer, gsize bytes, GAsyncReadyCallback callback)
{
  GSubprocess *helper = g_task_get_source_object (task);

  g_input_stream_read_all_async (g_subprocess_get_stdout_pipe (helper), buffer, bytes,
                                 G_PRIORITY_DEFAULT, g_task_get_cancellable (task), callback,
                                 g_object_ref (task));
}

static void
picture_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);

  if (was_read (task, source, result, self->picture_bytes))
    g_task_return_boolean (task, TRUE);
}

/* (nullable): what is wrong with the head of the answer */
static const char *
check_answer (const Exchange *self, guint64 *picture_bytes)
{
  guint number;

  if (!g_variant_is_normal_form (self->answer))
    return "the answer is no answer";
  g_variant_get_child (self->answer, 0, "u", &number);
  if (number != self->number)
    return "the answer is another request's";
  g_variant_get_child (self->answer, 8, "t", picture_bytes);
  if (*picture_bytes > GALLEY_RENDER_MAX_PICTURE)
    return "the picture is too large";

  return NULL;
}

static void
answer_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  gsize length = GUINT32_FROM_LE (self->length);
  guint64 picture_bytes = 0;
  const char *wrong;
  guint8 *bytes;

  if (!was_read (task, source, result, length))
    return;

  bytes = g_steal_pointer (&self->bytes);
  self->answer = g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE (GALLEY_RENDER_ANSWER),
                                                              bytes, length, FALSE, g_free, bytes));
  wrong = check_answer (self, &picture_bytes);
  if (wrong != NULL)
    return fail (task, wrong);

  self->picture_bytes = picture_bytes;
  self->picture = g_malloc (MAX (picture_bytes, 1));
  read_step (task, self->picture, picture_bytes, picture_read_cb);
}

static void
length_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  gsize length = GUINT32_FROM_LE (self->length);

  if (!was_read (task, source, result, sizeof self->length))
    return;
  if (length == 0 || length > GALLEY_RENDER_MAX_MESSAGE)
    return fail (task, "the answer has no sane length");

  self->bytes = g_malloc (length);
  read_step (task, self->bytes, length, answer_read_cb);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Exchange *self = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    return g_task_return_error (task, error);

  read_step (task, &self->length, sizeof self->length, length_read_cb);
}

/**
 * galley_render_exchange_run_async:
 * @helper: a decoder with pipes to and from it, which no other exchange uses now
 * @number: comes back in the answer
 *
 * One that fails or is cancelled leaves @helper in the midst of something: it is of no use any
 * more.
 */
void
galley_render_exchange_run_async (GSubprocess *helper,
                                  guint number,
                                  const GalleyRenderRequest *request,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (helper, cancellable, callback, user_data);
  Exchange *self = g_new0 (Exchange, 1);

  self->number = number;
  self->message = make_message (number, request);
  g_task_set_source_tag (task, galley_render_exchange_run_async);
  g_task_set_task_data (task, self, exchange_free);
  g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (helper), self->message->data,
                                   self->message->len, G_PRIORITY_DEFAULT, cancellable, written_cb,
                                   task);
}

/**
 * galley_render_exchange_run_finish:
 * @picture: (out) (transfer full): the bytes that came with the answer; none in most
 *
 * Returns: (transfer full): a GALLEY_RENDER_ANSWER in normal form; what it says is not checked
 */
GVariant *
galley_render_exchange_run_finish (GSubprocess *helper,
                                   GAsyncResult *result,
                                   GBytes **picture,
                                   GError **error)
{
  Exchange *self = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  *picture = g_bytes_new_take (g_steal_pointer (&self->picture), self->picture_bytes);
  return g_steal_pointer (&self->answer);
}
