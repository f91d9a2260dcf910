/* galley-renderer.c: looks into images and PDFs, through a process of its own
 *
 * One process, the helper, answers one request after the other. It starts with the first request;
 * when it dies, hangs or talks nonsense, it is ended, and the next request starts another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-renderer"

#include "sync/galley-renderer.h"

#include "render/galley-render-protocol.h"
#include "sync/galley-render-exchange.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A file that takes longer is taken for a trap. */
#define TIME_LIMIT_MS (60 * 1000)
/* Most of what nobody waits for any more is done sooner, and a running helper has files open. */
#define CANCELLED_TIME_LIMIT_MS 1000

G_DEFINE_QUARK (galley_render_error_quark, galley_render_error)

/* The data of a task. */
typedef struct
{
  GalleyRenderRequest *request;
  GSource *cancelled; /* (owned) (nullable) */
  gboolean was_tried; /* by a helper that died of something else, it seems */
} Job;

struct _GalleyRenderer
{
  GObject parent_instance;

  char *program;
  char *cache; /* (nullable) */
  guint time_limit_ms;

  GSubprocess *helper;       /* (owned) (nullable) */
  gboolean helper_is_proven; /* it has answered something */
  guint number;              /* of the last request */

  GQueue waiting;         /* of GTask (owned) */
  GCancellable *exchange; /* (owned) (nullable): of the request that is at work */
  GTask *current;         /* (owned) (nullable): who waits for it, if anybody still does */
  GSource *alarm;         /* (owned) (nullable): ends the exchange */
  gboolean was_too_slow;
};

G_DEFINE_FINAL_TYPE (GalleyRenderer, galley_renderer, G_TYPE_OBJECT)

static void start_next (GalleyRenderer *self);

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->cancelled != NULL)
    g_source_destroy (job->cancelled);
  g_clear_pointer (&job->cancelled, g_source_unref);
  galley_render_request_free (job->request);
  g_free (job);
}

/* ── words ── */

static const struct
{
  GalleyRenderFault fault;
  GalleyRenderError code;
  const char *message;
} faults[] = {
  { GALLEY_RENDER_FAULT_DAMAGED, GALLEY_RENDER_ERROR_DAMAGED,
    N_ ("This file is damaged and cannot be opened. Export it again and import the new file.") },
  { GALLEY_RENDER_FAULT_EMPTY, GALLEY_RENDER_ERROR_EMPTY,
    N_ ("This file is empty. Export it again and import the new file.") },
  { GALLEY_RENDER_FAULT_UNSUPPORTED, GALLEY_RENDER_ERROR_UNSUPPORTED,
    N_ ("This kind of file cannot be reviewed. Galley opens PNG, JPEG, WebP, TIFF, SVG and PDF.") },
  { GALLEY_RENDER_FAULT_PASSWORD, GALLEY_RENDER_ERROR_PASSWORD,
    N_ ("This PDF is protected by a password. Save a copy without the password and import it "
        "again.") },
  { GALLEY_RENDER_FAULT_TOO_MANY_PIXELS, GALLEY_RENDER_ERROR_TOO_LARGE,
    N_ ("This image has more than 2,000 million pixels, which is more than Galley opens. Import "
        "it smaller or in parts.") },
  { GALLEY_RENDER_FAULT_TOO_MUCH_MEMORY, GALLEY_RENDER_ERROR_TOO_LARGE,
    N_ ("This file needs more memory than Galley allows for one. Import it smaller or in parts.") },
  { GALLEY_RENDER_FAULT_NO_ROOM, GALLEY_RENDER_ERROR_TOO_LARGE,
    N_ ("There is not enough room on this computer’s disk to show so large an image. Make some "
        "room and try again.") },
  { GALLEY_RENDER_FAULT_NOT_FOUND, GALLEY_RENDER_ERROR_NOT_FOUND,
    N_ ("This file is not there any more.") },
  { GALLEY_RENDER_FAULT_NOT_READABLE, GALLEY_RENDER_ERROR_NOT_FOUND,
    N_ ("This file cannot be read. Check who may read it, and try again.") },
  { GALLEY_RENDER_FAULT_PAGE, GALLEY_RENDER_ERROR_DAMAGED,
    N_ ("This page is damaged and cannot be shown. Export the file again and import the new "
        "one.") },
  { GALLEY_RENDER_FAULT_TOO_MUCH_ASKED, GALLEY_RENDER_ERROR_TOO_LARGE,
    N_ ("This is more than can be drawn at once. Zoom out and try again.") },
};

static GError *
make_fault_error (guint fault)
{
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    if (faults[i].fault == fault)
      return g_error_new_literal (GALLEY_RENDER_ERROR, faults[i].code, _ (faults[i].message));

  return NULL;
}

static GError *
make_helper_error (gboolean was_too_slow)
{
  return g_error_new_literal (
      GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER,
      was_too_slow ? _ ("This file took too long to open, so Galley stopped trying. Export it "
                        "again, simpler or smaller, and import the new file.")
                   : _ ("This file could not be opened: reading it failed. It may be damaged. "
                        "Export it again and import the new file."));
}

/* ── the helper ── */

static void
drop_helper (GalleyRenderer *self)
{
  if (self->helper != NULL)
    g_subprocess_force_exit (self->helper);
  g_clear_object (&self->helper);
  self->helper_is_proven = FALSE;
}

static gboolean
ensure_helper (GalleyRenderer *self, GError **error)
{
  const char *argv[] = { self->program, self->cache, NULL };
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE;
  g_autoptr (GError) cause = NULL;

  if (self->helper != NULL)
    return TRUE;

  /* The libraries chatter about what is wrong with a file, which is nothing for a person's log. */
  if (g_getenv ("G_MESSAGES_DEBUG") == NULL)
    flags |= G_SUBPROCESS_FLAGS_STDERR_SILENCE;
  self->helper = g_subprocess_newv (argv, flags, &cause);
  if (self->helper != NULL)
    return TRUE;

  g_set_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER,
               _ ("The part of Galley that opens files could not be started: %s. Install Galley "
                  "again."),
               cause->message);
  return FALSE;
}

/* ── answers ── */

/* (nullable): what the task returns; %NULL without @error when the answer makes no sense */
static gpointer
read_answer (const GalleyRenderRequest *request,
             GVariant *answer,
             GBytes *picture,
             GDestroyNotify *free_value,
             GError **error)
{
  gsize bytes = g_bytes_get_size (picture);
  guint fault;

  g_variant_get_child (answer, 1, "u", &fault);
  if (fault != GALLEY_RENDER_FAULT_NONE)
    {
      const char *details;

      g_variant_get_child (answer, 2, "&s", &details);
      g_debug ("Fault %u: %s", fault, details);
      *error = make_fault_error (fault);
      return NULL;
    }

  switch (request->what)
    {
    case GALLEY_RENDER_INSPECT:
      *free_value = (GDestroyNotify)galley_media_info_free;
      return galley_media_info_new_from_answer (answer);

    case GALLEY_RENDER_REGION:
      *free_value = (GDestroyNotify)galley_pixels_free;
      return galley_pixels_new (picture, request->width, request->height);

    default:
      *free_value = (GDestroyNotify)g_bytes_unref;
      return bytes > 0 && bytes <= GALLEY_RENDER_MAX_THUMBNAIL (request->width)
                 ? g_bytes_ref (picture)
                 : NULL;
    }
}

static void
clear_alarm (GalleyRenderer *self)
{
  if (self->alarm != NULL)
    g_source_destroy (self->alarm);
  g_clear_pointer (&self->alarm, g_source_unref);
}

static gboolean
alarm_cb (gpointer user_data)
{
  GalleyRenderer *self = user_data;

  self->was_too_slow = TRUE;
  g_cancellable_cancel (self->exchange);
  return G_SOURCE_REMOVE;
}

static void
set_alarm (GalleyRenderer *self, guint after_ms)
{
  clear_alarm (self);
  self->alarm = g_timeout_source_new (after_ms);
  g_source_set_callback (self->alarm, alarm_cb, self, NULL);
  g_source_attach (self->alarm, g_main_context_get_thread_default ());
}

/* A helper that has answered before may have died of something else meanwhile: once more, then. */
static gboolean
is_worth_another_try (GalleyRenderer *self, const Job *job)
{
  return self->helper_is_proven && !self->was_too_slow && !job->was_tried;
}

static void
exchanged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRenderer) self = user_data;
  g_autoptr (GTask) task = g_steal_pointer (&self->current);
  Job *job = task != NULL ? g_task_get_task_data (task) : NULL;
  g_autoptr (GBytes) picture = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GVariant) answer = galley_render_exchange_run_finish (G_SUBPROCESS (source), result,
                                                                   &picture, &failure);
  GDestroyNotify free_value = NULL;
  gpointer value = NULL;
  GError *error = NULL; /* handed to the task */

  clear_alarm (self);
  g_clear_object (&self->exchange);
  if (answer != NULL && job != NULL)
    value = read_answer (job->request, answer, picture, &free_value, &error);
  if (answer == NULL || (job != NULL && value == NULL && error == NULL))
    {
      g_debug ("The helper is of no use any more: %s",
               failure != NULL ? failure->message : "its answer makes no sense");
      if (job != NULL && is_worth_another_try (self, job))
        {
          job->was_tried = TRUE;
          g_queue_push_head (&self->waiting, g_steal_pointer (&task));
        }
      else if (job != NULL)
        {
          error = make_helper_error (self->was_too_slow);
        }
      drop_helper (self);
    }
  else
    {
      self->helper_is_proven = TRUE;
    }

  /* First, since whoever gets the answer may ask for more. */
  start_next (self);
  if (task == NULL)
    return;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, value, free_value);
}

/* ── requests ── */

static void
begin (GalleyRenderer *self, GTask *task)
{
  const Job *job = g_task_get_task_data (task);

  self->current = task;
  self->was_too_slow = FALSE;
  self->exchange = g_cancellable_new ();
  set_alarm (self, self->time_limit_ms);
  galley_render_exchange_run_async (self->helper, ++self->number, job->request, self->exchange,
                                    exchanged_cb, g_object_ref (self));
}

/* What nobody waits for any more is not begun: a person may turn ten pages at once. */
static void
start_next (GalleyRenderer *self)
{
  while (self->exchange == NULL && !g_queue_is_empty (&self->waiting))
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->waiting);
      GError *error = NULL; /* handed to the task */

      if (g_task_return_error_if_cancelled (task))
        continue;
      if (ensure_helper (self, &error))
        begin (self, g_steal_pointer (&task));
      else
        g_task_return_error (task, error);
    }
}

/* Whoever waits hears of it at once; the helper gets a moment to come to the end of it. */
static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  g_autoptr (GalleyRenderer) self = g_object_ref (g_task_get_source_object (task));

  if (task == self->current)
    {
      g_clear_object (&self->current);
      set_alarm (self, MIN (CANCELLED_TIME_LIMIT_MS, self->time_limit_ms));
      g_task_return_error_if_cancelled (task);
    }
  else if (g_queue_remove (&self->waiting, task))
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }

  return G_SOURCE_REMOVE;
}

static void
push_request (GalleyRenderer *self,
              GalleyRenderRequest *request,
              GCancellable *cancellable,
              gpointer tag,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->request = request;
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, job, job_free);
  if (cancellable != NULL)
    {
      job->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (job->cancelled, G_SOURCE_FUNC (cancelled_cb), task, NULL);
      g_source_attach (job->cancelled, g_main_context_get_thread_default ());
    }
  g_queue_push_tail (&self->waiting, task);
  start_next (self);
}

/**
 * galley_renderer_inspect_async:
 * @path: a file, of whatever name: its bytes say what it is
 *
 * Asks what a file is: its media type, its pages and their sizes. Only its head is read; damage
 * further on shows when it is drawn, as for a thumbnail.
 *
 * Like all requests, it is finished in the main context it was made in, and that has to be the same
 * for all. Requests are answered in their order.
 */
void
galley_renderer_inspect_async (GalleyRenderer *self,
                               const char *path,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (GALLEY_IS_RENDERER (self));
  g_return_if_fail (path != NULL);

  push_request (self, galley_render_request_new (GALLEY_RENDER_INSPECT, path, 1, 1, 0, 0, 0, 0),
                cancellable, galley_renderer_inspect_async, callback, user_data);
}

/**
 * galley_renderer_inspect_finish:
 * @error: return location for a #GalleyRenderError, or %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): what the file is; or %NULL
 */
GalleyMediaInfo *
galley_renderer_inspect_finish (GalleyRenderer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * galley_renderer_render_async:
 * @page: from 1
 * @scale: pixels of the picture for each of the asset's own units, from 0.0001 to 1,000
 * @x: of the region, with @y, @width and @height, in pixels of the page at that scale
 *
 * A region has at most 16 million pixels. Regions side by side show no seam.
 *
 * The first region of an image of more than 50 million pixels at nearly its full size takes seconds
 * or more, since the image is turned into tiles in the cache then.
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
  g_return_if_fail (GALLEY_IS_RENDERER (self));
  g_return_if_fail (path != NULL);

  push_request (self,
                galley_render_request_new (GALLEY_RENDER_REGION, path, page, scale, x, y, width,
                                           height),
                cancellable, galley_renderer_render_async, callback, user_data);
}

/**
 * galley_renderer_render_finish:
 * @error: as in galley_renderer_inspect_finish()
 *
 * Returns: (transfer full): exactly the region that was asked for; or %NULL
 */
GalleyPixels *
galley_renderer_render_finish (GalleyRenderer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * galley_renderer_thumbnail_async:
 * @page: from 1
 * @box_px: at most as wide and as high, in pixels, from 16 to 1,024
 *
 * An image is not made larger than it is. The whole page is read for it, so a damaged one is found.
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
  g_return_if_fail (GALLEY_IS_RENDERER (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (box_px >= GALLEY_RENDER_MIN_BOX && box_px <= GALLEY_RENDER_MAX_BOX);

  push_request (self,
                galley_render_request_new (GALLEY_RENDER_THUMBNAIL, path, page, 1, 0, 0, box_px,
                                           box_px),
                cancellable, galley_renderer_thumbnail_async, callback, user_data);
}

/**
 * galley_renderer_thumbnail_finish:
 * @error: as in galley_renderer_inspect_finish()
 *
 * Returns: (transfer full): a JPEG, of 12 KiB at most for up to 256 pixels; or %NULL
 */
GBytes *
galley_renderer_thumbnail_finish (GalleyRenderer *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ── waiting ── */

static void
store_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

/* In a main context of its own, so that nothing else of the program runs meanwhile. */
static GAsyncResult *
wait_for (GalleyRenderer *self, GalleyRenderRequest *request, gpointer tag)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  GAsyncResult *result = NULL;

  g_main_context_push_thread_default (context);
  push_request (self, request, NULL, tag, store_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  g_main_context_pop_thread_default (context);

  return result;
}

static gboolean
is_idle (GalleyRenderer *self)
{
  return self->exchange == NULL && g_queue_is_empty (&self->waiting);
}

/**
 * galley_renderer_inspect:
 *
 * As galley_renderer_inspect_async(), and waits: for the command line, never for a window. No other
 * request may be on its way.
 */
GalleyMediaInfo *
galley_renderer_inspect (GalleyRenderer *self, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (GALLEY_IS_RENDERER (self) && is_idle (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  result = wait_for (self,
                     galley_render_request_new (GALLEY_RENDER_INSPECT, path, 1, 1, 0, 0, 0, 0),
                     galley_renderer_inspect);
  return galley_renderer_inspect_finish (self, result, error);
}

/**
 * galley_renderer_thumbnail:
 *
 * As galley_renderer_thumbnail_async(), and waits: for the command line, never for a window. No
 * other request may be on its way.
 */
GBytes *
galley_renderer_thumbnail (
    GalleyRenderer *self, const char *path, guint page, guint box_px, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_return_val_if_fail (GALLEY_IS_RENDERER (self) && is_idle (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (box_px >= GALLEY_RENDER_MIN_BOX && box_px <= GALLEY_RENDER_MAX_BOX, NULL);

  result = wait_for (self,
                     galley_render_request_new (GALLEY_RENDER_THUMBNAIL, path, page, 1, 0, 0,
                                                box_px, box_px),
                     galley_renderer_thumbnail);
  return galley_renderer_thumbnail_finish (self, result, error);
}

/* ── the object ── */

static void
galley_renderer_finalize (GObject *object)
{
  GalleyRenderer *self = GALLEY_RENDERER (object);

  /* Nothing is at work or waits: each of those holds the renderer. */
  drop_helper (self);
  g_free (self->program);
  g_free (self->cache);
  G_OBJECT_CLASS (galley_renderer_parent_class)->finalize (object);
}

static void
galley_renderer_class_init (GalleyRendererClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_renderer_finalize;

  /* Writing to a helper that has died is an error, and not the end of the program. GIO's sockets
   * do the same, but a program without network has none. */
  signal (SIGPIPE, SIG_IGN);
}

static void
galley_renderer_init (GalleyRenderer *self)
{
  self->time_limit_ms = TIME_LIMIT_MS;
}

/**
 * galley_renderer_new:
 * @program: (nullable): the helper; %NULL for the one that GALLEY_RENDER in the environment names,
 *   else for the installed one
 * @cache: (nullable): a folder for large images in tiles; it is made when it is needed. Without
 *   it, an image of more than 50 million pixels is not shown at its full size.
 *
 * Returns: (transfer full): a renderer
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

/**
 * galley_renderer_set_time_limit:
 * @time_limit_ms: for each request, in milliseconds; a minute if nobody says otherwise
 */
void
galley_renderer_set_time_limit (GalleyRenderer *self, guint time_limit_ms)
{
  g_return_if_fail (GALLEY_IS_RENDERER (self));

  self->time_limit_ms = time_limit_ms;
}

/**
 * galley_renderer_get_pid:
 *
 * Returns: the helper's process id; 0 when none runs, as far as is known
 */
int
galley_renderer_get_pid (GalleyRenderer *self)
{
  const char *text;

  g_return_val_if_fail (GALLEY_IS_RENDERER (self), 0);

  text = self->helper != NULL ? g_subprocess_get_identifier (self->helper) : NULL;
  return text != NULL ? atoi (text) : 0;
}
