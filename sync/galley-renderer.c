/* galley-renderer.c: looks into images and PDFs, through a process of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-renderer"

#include "sync/galley-renderer.h"

#include "render/galley-render-protocol.h"

#include <stdlib.h>
#include <string.h>

/* A file that takes longer than this to open is taken for a trap. */
#define TIMEOUT_SECONDS 90

G_DEFINE_QUARK (galley_render_error_quark, galley_render_error)

/* One request, as the data of its task. */
typedef struct
{
  guint8 what;
  char *path;
  guint page;
  double scale;
  int area[4];
} Request;

struct _GalleyRenderer
{
  GObject parent_instance;

  char *program, *cache;
  GSubprocess *process; /* (nullable) */
  GQueue tasks;         /* of GTask (owned): the first is at work when busy */
  gboolean busy;
  guint number;          /* of the request at work */
  GSource *timeout;      /* (owned) (nullable) */
  GCancellable *reading; /* of the helper that runs now */
  guint8 length[4];
  guint8 *message; /* being read */
  GVariant *answer;
  guint8 *picture;               /* being read */
  GMainContext *waiting_context; /* of the calls that wait */
};

G_DEFINE_FINAL_TYPE (GalleyRenderer, galley_renderer, G_TYPE_OBJECT)

static void start_next (GalleyRenderer *self);
static void read_length (GalleyRenderer *self);

void
galley_media_info_free (GalleyMediaInfo *info)
{
  g_free (info->media_type);
  g_array_unref (info->pages);
  g_free (info);
}

void
galley_pixels_free (GalleyPixels *pixels)
{
  g_bytes_unref (pixels->pixels);
  g_free (pixels);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->path);
  g_free (request);
}

/* ── the helper ── */

static void
clear_timeout (GalleyRenderer *self)
{
  if (self->timeout != NULL)
    g_source_destroy (self->timeout);
  g_clear_pointer (&self->timeout, g_source_unref);
}

static void
stop_helper (GalleyRenderer *self)
{
  clear_timeout (self);
  g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  if (self->process != NULL)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->answer, g_variant_unref);
  g_clear_pointer (&self->picture, g_free);
}

static gboolean
start_helper (GalleyRenderer *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  const char *argv[] = { self->program, self->cache, NULL };

  if (self->process != NULL)
    return TRUE;

  self->process = g_subprocess_newv (argv,
                                     G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                     &local);
  if (self->process == NULL)
    {
      g_set_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER,
                   "The part of Galley that opens files could not be started (%s).",
                   local->message);
      return FALSE;
    }

  self->reading = g_cancellable_new ();
  return TRUE;
}

/* The task at work ends, one way or the other, and the next one begins. */
static GTask *
take_current (GalleyRenderer *self)
{
  clear_timeout (self);
  self->busy = FALSE;
  return g_queue_pop_head (&self->tasks);
}

static void
fail_current (GalleyRenderer *self, const char *message)
{
  g_autoptr (GTask) task = take_current (self);

  stop_helper (self);
  if (task != NULL)
    g_task_return_new_error (task, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER, "%s", message);
  start_next (self);
}

static gboolean
timed_out_cb (gpointer data)
{
  GalleyRenderer *self = data;

  fail_current (self, "This file takes too long to open. It may be damaged; export it again.");
  return G_SOURCE_REMOVE;
}

static void
helper_died (GalleyRenderer *self)
{
  fail_current (self, "This file could not be opened: reading it failed. It may be damaged.");
}

/* ── answers ── */

static GalleyMediaInfo *
make_info (GVariant *answer)
{
  GalleyMediaInfo *info = g_new0 (GalleyMediaInfo, 1);
  g_autoptr (GVariant) sizes = g_variant_get_child_value (answer, 5);

  g_variant_get_child (answer, 3, "s", &info->media_type);
  g_variant_get_child (answer, 4, "u", &info->n_pages);
  info->pages = g_array_new (FALSE, FALSE, sizeof (GalleyPageSize));
  for (gsize i = 0; i < g_variant_n_children (sizes); i++)
    {
      GalleyPageSize size;

      g_variant_get_child (sizes, i, "(dd)", &size.width, &size.height);
      g_array_append_val (info->pages, size);
    }

  return info;
}

static GalleyPixels *
make_pixels (GVariant *answer, GBytes *picture)
{
  GalleyPixels *pixels = g_new0 (GalleyPixels, 1);

  g_variant_get_child (answer, 6, "i", &pixels->width);
  g_variant_get_child (answer, 7, "i", &pixels->height);
  pixels->stride = pixels->width * 4;
  pixels->pixels = g_bytes_ref (picture);
  return pixels;
}

static void
return_answer (GTask *task, GVariant *answer, GBytes *picture)
{
  const Request *request = g_task_get_task_data (task);
  const char *message;
  guint code;

  g_variant_get_child (answer, 1, "u", &code);
  g_variant_get_child (answer, 2, "&s", &message);
  if (code != 0)
    g_task_return_new_error (task, GALLEY_RENDER_ERROR,
                             code < GALLEY_RENDER_ERROR_HELPER ? (int)code
                                                               : GALLEY_RENDER_ERROR_DAMAGED,
                             "%s", message);
  else if (request->what == GALLEY_RENDER_INSPECT)
    g_task_return_pointer (task, make_info (answer), (GDestroyNotify)galley_media_info_free);
  else if (request->what == GALLEY_RENDER_REGION)
    g_task_return_pointer (task, make_pixels (answer, picture), (GDestroyNotify)galley_pixels_free);
  else
    g_task_return_pointer (task, g_bytes_ref (picture), (GDestroyNotify)g_bytes_unref);
}

static void
finish_current (GalleyRenderer *self, guint64 picture_bytes)
{
  g_autoptr (GBytes) picture = g_bytes_new_take (g_steal_pointer (&self->picture), picture_bytes);
  g_autoptr (GVariant) answer = g_steal_pointer (&self->answer);
  g_autoptr (GTask) task = take_current (self);

  if (task != NULL)
    return_answer (task, answer, picture);
  start_next (self);
}

/* Each read ends here; a helper that was stopped meanwhile is nobody's business any more. */
static gboolean
was_read (GalleyRenderer *self, GObject *source, GAsyncResult *result, gsize expected)
{
  g_autoptr (GError) error = NULL;
  gsize bytes = 0;
  gboolean read = g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &bytes, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  if (read && bytes == expected)
    return TRUE;

  helper_died (self);
  return FALSE;
}

static GInputStream *
get_output (GalleyRenderer *self)
{
  return g_subprocess_get_stdout_pipe (self->process);
}

static guint64
picture_size (GalleyRenderer *self)
{
  guint64 bytes;

  g_variant_get_child (self->answer, 8, "t", &bytes);
  return bytes;
}

static void
picture_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GalleyRenderer) self = data;
  guint64 bytes = self->answer != NULL ? picture_size (self) : 0;

  if (was_read (self, source, result, bytes))
    finish_current (self, bytes);
}

static gboolean
answer_is_sane (GalleyRenderer *self)
{
  const Request *request = g_task_get_task_data (g_queue_peek_head (&self->tasks));
  guint number, code;
  guint64 bytes;

  if (!g_variant_is_normal_form (self->answer))
    return FALSE;
  g_variant_get_child (self->answer, 0, "u", &number);
  g_variant_get_child (self->answer, 1, "u", &code);
  bytes = picture_size (self);
  if (number != self->number || bytes > GALLEY_RENDER_MAX_PICTURE)
    return FALSE;

  /* A region is exactly as large as it was asked for. */
  return code != 0 || request->what != GALLEY_RENDER_REGION ||
         bytes == (guint64)request->area[2] * request->area[3] * 4;
}

static void
message_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GalleyRenderer) self = data;
  guint32 length;
  guint8 *message;

  memcpy (&length, self->length, sizeof length);
  length = GUINT32_FROM_LE (length);
  if (!was_read (self, source, result, length))
    return;

  message = g_steal_pointer (&self->message);
  self->answer = g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE (GALLEY_RENDER_ANSWER),
                                                              message, length, FALSE, g_free,
                                                              message));
  if (!answer_is_sane (self))
    {
      helper_died (self);
      return;
    }

  self->picture = g_malloc (MAX (picture_size (self), 1));
  g_input_stream_read_all_async (get_output (self), self->picture, picture_size (self),
                                 G_PRIORITY_DEFAULT, self->reading, picture_read_cb,
                                 g_object_ref (self));
}

static void
length_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GalleyRenderer) self = data;
  guint32 length;

  if (!was_read (self, source, result, sizeof self->length))
    return;

  memcpy (&length, self->length, sizeof length);
  length = GUINT32_FROM_LE (length);
  if (length > GALLEY_RENDER_MAX_MESSAGE)
    {
      helper_died (self);
      return;
    }

  self->message = g_malloc (MAX (length, 1));
  g_input_stream_read_all_async (get_output (self), self->message, length, G_PRIORITY_DEFAULT,
                                 self->reading, message_read_cb, g_object_ref (self));
}

static void
read_length (GalleyRenderer *self)
{
  g_input_stream_read_all_async (get_output (self), self->length, sizeof self->length,
                                 G_PRIORITY_DEFAULT, self->reading, length_read_cb,
                                 g_object_ref (self));
}

/* ── requests ── */

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GBytes) message = data;

  /* When it fails, the answer will not come either, and that is where it is seen. */
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
}

static void
send_request (GalleyRenderer *self, const Request *request)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (
      g_variant_new (GALLEY_RENDER_REQUEST, ++self->number, request->what, request->path,
                     request->page, request->scale, request->area[0], request->area[1],
                     request->area[2], request->area[3]));
  gsize bytes = g_variant_get_size (variant);
  guint32 length = GUINT32_TO_LE (bytes);
  guint8 *data = g_malloc (sizeof length + bytes);
  GBytes *message;

  memcpy (data, &length, sizeof length);
  memcpy (data + sizeof length, g_variant_get_data (variant), bytes);
  message = g_bytes_new_take (data, sizeof length + bytes);
  g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (self->process), data,
                                   sizeof length + bytes, G_PRIORITY_DEFAULT, self->reading,
                                   written_cb, message);
}

static void
attach_timeout (GalleyRenderer *self)
{
  self->timeout = g_timeout_source_new_seconds (TIMEOUT_SECONDS);
  g_source_set_callback (self->timeout, timed_out_cb, self, NULL);
  g_source_attach (self->timeout, g_main_context_get_thread_default ());
}

/* What nobody waits for any more is not begun: a person has turned ten pages at once. */
static void
start_next (GalleyRenderer *self)
{
  g_autoptr (GError) error = NULL;
  GTask *task;

  while (!self->busy && (task = g_queue_peek_head (&self->tasks)) != NULL)
    {
      if (g_task_return_error_if_cancelled (task))
        {
          g_object_unref (g_queue_pop_head (&self->tasks));
          continue;
        }
      if (!start_helper (self, &error))
        {
          g_queue_pop_head (&self->tasks);
          g_task_return_error (task, g_steal_pointer (&error));
          g_object_unref (task);
          continue;
        }
      self->busy = TRUE;
      attach_timeout (self);
      send_request (self, g_task_get_task_data (task));
      read_length (self);
    }
}

static void
push_request (GalleyRenderer *self,
              guint8 what,
              const char *path,
              guint page,
              double scale,
              const int area[4],
              GCancellable *cancellable,
              gpointer tag,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new0 (Request, 1);

  request->what = what;
  request->path = g_strdup (path);
  request->page = page;
  request->scale = scale;
  memcpy (request->area, area, sizeof request->area);
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, request, request_free);
  g_queue_push_tail (&self->tasks, task);
  start_next (self);
}

/**
 * galley_renderer_inspect_async:
 * @path: a file, of whatever name: its bytes say what it is
 *
 * Asks what a file is: its media type, its pages and their sizes.
 */
void
galley_renderer_inspect_async (GalleyRenderer *self,
                               const char *path,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  push_request (self, GALLEY_RENDER_INSPECT, path, 1, 1, (int[4]){ 0 }, cancellable,
                galley_renderer_inspect_async, callback, user_data);
}

GalleyMediaInfo *
galley_renderer_inspect_finish (GalleyRenderer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * galley_renderer_render_async:
 * @page: from 1
 * @scale: pixels of the picture for each of the asset's own units
 * @x: of the region, with @y, @width and @height, in pixels of the page at that scale
 */
void
galley_renderer_render_async (GalleyRenderer *self,
                              const char *path,
                              guint page,
                              double scale,
                              int x,
                              int y,
                              int width,
                              int height,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  push_request (self, GALLEY_RENDER_REGION, path, page, scale, (int[4]){ x, y, width, height },
                cancellable, galley_renderer_render_async, callback, user_data);
}

GalleyPixels *
galley_renderer_render_finish (GalleyRenderer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * galley_renderer_thumbnail_async:
 * @box_px: at most as wide and as high, in pixels
 *
 * The answer is a JPEG of about 12 KiB at most for 256 pixels.
 */
void
galley_renderer_thumbnail_async (GalleyRenderer *self,
                                 const char *path,
                                 guint page,
                                 guint box_px,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  push_request (self, GALLEY_RENDER_THUMBNAIL, path, page, 1, (int[4]){ 0, 0, box_px, box_px },
                cancellable, galley_renderer_thumbnail_async, callback, user_data);
}

GBytes *
galley_renderer_thumbnail_finish (GalleyRenderer *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ── waiting ── */

static void
store_result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static void
begin_waiting (GalleyRenderer *self)
{
  if (self->waiting_context == NULL)
    self->waiting_context = g_main_context_new ();
  g_main_context_push_thread_default (self->waiting_context);
}

static void
end_waiting (GalleyRenderer *self, GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (self->waiting_context, TRUE);
  g_main_context_pop_thread_default (self->waiting_context);
}

/**
 * galley_renderer_inspect:
 *
 * As galley_renderer_inspect_async(), and waits. A renderer that is waited for is not used with the
 * other functions.
 */
GalleyMediaInfo *
galley_renderer_inspect (GalleyRenderer *self, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  begin_waiting (self);
  galley_renderer_inspect_async (self, path, NULL, store_result_cb, &result);
  end_waiting (self, &result);
  return galley_renderer_inspect_finish (self, result, error);
}

GBytes *
galley_renderer_thumbnail (
    GalleyRenderer *self, const char *path, guint page, guint box_px, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  begin_waiting (self);
  galley_renderer_thumbnail_async (self, path, page, box_px, NULL, store_result_cb, &result);
  end_waiting (self, &result);
  return galley_renderer_thumbnail_finish (self, result, error);
}

int
galley_renderer_get_pid (GalleyRenderer *self)
{
  const char *text = self->process != NULL ? g_subprocess_get_identifier (self->process) : NULL;

  return text != NULL ? atoi (text) : 0;
}

/* ── life ── */

static void
galley_renderer_finalize (GObject *object)
{
  GalleyRenderer *self = GALLEY_RENDERER (object);

  stop_helper (self);
  g_queue_clear_full (&self->tasks, g_object_unref);
  g_clear_pointer (&self->waiting_context, g_main_context_unref);
  g_free (self->program);
  g_free (self->cache);
  G_OBJECT_CLASS (galley_renderer_parent_class)->finalize (object);
}

static void
galley_renderer_class_init (GalleyRendererClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_renderer_finalize;
}

static void
galley_renderer_init (GalleyRenderer *self)
{
  g_queue_init (&self->tasks);
}

/**
 * galley_renderer_new:
 * @program: (nullable): the helper; %NULL for the environment's GALLEY_RENDER, else the installed
 * one
 * @cache: (nullable): a folder for what is costly to make again, such as large images in tiles
 *
 * The helper starts with the first request, and again whenever it has died.
 */
GalleyRenderer *
galley_renderer_new (const char *program, const char *cache)
{
  GalleyRenderer *self = g_object_new (GALLEY_TYPE_RENDERER, NULL);

  if (program == NULL)
    program = g_getenv ("GALLEY_RENDER");
  self->program = g_strdup (program != NULL ? program : GALLEY_RENDER_PROGRAM);
  self->cache = g_strdup (cache);
  return self;
}
