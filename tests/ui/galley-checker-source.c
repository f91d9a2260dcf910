/* galley-checker-source.c: pages of a checkerboard, which come when a test says so
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-checker-source.h"

#include <math.h>

struct _GalleyCheckerSource
{
  GObject parent_instance;

  guint n_pages;
  double width, height;
  double max_scale;
  gboolean plain;
  char *error;     /* (nullable): what every render ends with */
  gboolean holds;  /* renders wait for release */
  GPtrArray *held; /* of GTask */
  guint n_asked;
  guint n_cancelled;
};

typedef struct
{
  double scale;
  GdkRectangle area;
} Job;

static guint
get_n_pages (GalleyPageSource *source)
{
  return GALLEY_CHECKER_SOURCE (source)->n_pages;
}

static gboolean
get_page_size (GalleyPageSource *source, guint page, double *width, double *height)
{
  *width = GALLEY_CHECKER_SOURCE (source)->width;
  *height = GALLEY_CHECKER_SOURCE (source)->height;
  return TRUE;
}

static double
get_max_scale (GalleyPageSource *source, guint page)
{
  return GALLEY_CHECKER_SOURCE (source)->max_scale;
}

static GdkTexture *
draw (GalleyCheckerSource *self, const Job *job)
{
  gsize stride = (gsize)job->area.width * 4;
  guchar *pixels = g_malloc (stride * (gsize)job->area.height);
  g_autoptr (GBytes) bytes = NULL;

  for (int y = 0; y < job->area.height; y++)
    for (int x = 0; x < job->area.width; x++)
      {
        int column = (int)((job->area.x + x) / job->scale / GALLEY_CHECKER_SQUARE);
        int row = (int)((job->area.y + y) / job->scale / GALLEY_CHECKER_SQUARE);
        guchar *pixel = pixels + (gsize)y * stride + (gsize)x * 4;

        memset (pixel, self->plain || (column + row) % 2 == 0 ? 255 : 225, 3);
        pixel[3] = 255;
      }
  bytes = g_bytes_new_take (pixels, stride * (gsize)job->area.height);
  return gdk_memory_texture_new (job->area.width, job->area.height, GDK_MEMORY_R8G8B8A8, bytes,
                                 stride);
}

static void
answer (GalleyCheckerSource *self, GTask *task)
{
  if (g_task_return_error_if_cancelled (task))
    self->n_cancelled++;
  else if (self->error != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", self->error);
  else
    g_task_return_pointer (task, draw (self, g_task_get_task_data (task)), g_object_unref);
}

static void
render_async (GalleyPageSource *source,
              guint page,
              double scale,
              const GdkRectangle *area,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  GalleyCheckerSource *self = GALLEY_CHECKER_SOURCE (source);
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->scale = scale;
  job->area = *area;
  g_task_set_task_data (task, job, g_free);
  self->n_asked++;
  if (self->holds)
    g_ptr_array_add (self->held, g_object_ref (task));
  else
    answer (self, task);
}

static GdkTexture *
render_finish (GalleyPageSource *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
page_source_init (GalleyPageSourceInterface *iface)
{
  iface->get_n_pages = get_n_pages;
  iface->get_page_size = get_page_size;
  iface->get_max_scale = get_max_scale;
  iface->render_async = render_async;
  iface->render_finish = render_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyCheckerSource,
                               galley_checker_source,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GALLEY_TYPE_PAGE_SOURCE, page_source_init))

static void
galley_checker_source_finalize (GObject *object)
{
  GalleyCheckerSource *self = GALLEY_CHECKER_SOURCE (object);

  g_free (self->error);
  g_ptr_array_unref (self->held);
  G_OBJECT_CLASS (galley_checker_source_parent_class)->finalize (object);
}

static void
galley_checker_source_class_init (GalleyCheckerSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_checker_source_finalize;
}

static void
galley_checker_source_init (GalleyCheckerSource *self)
{
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  self->max_scale = 8;
}

GalleyCheckerSource *
galley_checker_source_new (guint n_pages, double width, double height)
{
  GalleyCheckerSource *self = g_object_new (GALLEY_TYPE_CHECKER_SOURCE, NULL);

  self->n_pages = n_pages;
  self->width = width;
  self->height = height;
  return self;
}

/* Whether pages are white. */
void
galley_checker_source_set_plain (GalleyCheckerSource *self, gboolean plain)
{
  self->plain = plain;
}

void
galley_checker_source_set_max_scale (GalleyCheckerSource *self, double max_scale)
{
  self->max_scale = max_scale;
}

/* @message: (nullable): what renders end with from now on */
void
galley_checker_source_set_error (GalleyCheckerSource *self, const char *message)
{
  g_free (self->error);
  self->error = g_strdup (message);
}

/* From now on nothing is answered until release. */
void
galley_checker_source_hold (GalleyCheckerSource *self)
{
  self->holds = TRUE;
}

void
galley_checker_source_release (GalleyCheckerSource *self)
{
  g_autoptr (GPtrArray) held = g_steal_pointer (&self->held);

  self->holds = FALSE;
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < held->len; i++)
    answer (self, g_ptr_array_index (held, i));
}

guint
galley_checker_source_get_n_asked (GalleyCheckerSource *self)
{
  return self->n_asked;
}

guint
galley_checker_source_get_n_held (GalleyCheckerSource *self)
{
  return self->held->len;
}

/* How many requests had been cancelled when they were to be answered. */
guint
galley_checker_source_get_n_cancelled (GalleyCheckerSource *self)
{
  return self->n_cancelled;
}
