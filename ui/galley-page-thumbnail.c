/* galley-page-thumbnail.c: one page, small, with its marks as spots
 *
 * It keeps its picture as long as it shows the page: a list has few of these, however many pages
 * there are. When to load is the list's decision, which knows what can be seen.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-page-thumbnail"

#include "ui/galley-page-thumbnail.h"

#include "ui/galley-mark-drawing.h"

#include <math.h>

/* Screen units: the box that the page fits in. */
#define BOX_WIDTH 112.0
#define BOX_HEIGHT 152.0

struct _GalleyPageThumbnail
{
  GtkWidget parent_instance;

  GalleyPageSource *source; /* (nullable) */
  GListModel *marks;        /* (nullable) */
  GPtrArray *watched;       /* of GalleyMark: those of this page */
  guint page;
  GdkTexture *texture;       /* (nullable) */
  GCancellable *cancellable; /* (nullable) */
  gboolean wanting;
};

enum
{
  WANTING,
  LOADED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyPageThumbnail, galley_page_thumbnail, GTK_TYPE_WIDGET)

/* Returns the zoom; the size of a page that is not known is that of paper. */
static double
get_size (GalleyPageThumbnail *self, double *width, double *height)
{
  double zoom;

  if (self->source == NULL ||
      !galley_page_source_get_page_size (self->source, self->page, width, height))
    {
      *width = 210;
      *height = 297;
    }
  zoom = MIN (BOX_WIDTH / *width, BOX_HEIGHT / *height);
  *width = MAX (round (*width * zoom), 1);
  *height = MAX (round (*height * zoom), 1);
  return zoom;
}

typedef struct
{
  GalleyPageThumbnail *self;
  GCancellable *cancellable;
} Request;

static void
rendered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Request *request = user_data;
  g_autoptr (GalleyPageThumbnail) self = request->self;
  g_autoptr (GCancellable) cancellable = request->cancellable;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture)
      texture = galley_page_source_render_finish (GALLEY_PAGE_SOURCE (source), result, &error);

  if (texture == NULL)
    g_debug ("page %u: %s", self->page, error->message);
  /* An answer for another page was cancelled, but may be here all the same. */
  if (texture != NULL && self->cancellable == cancellable)
    {
      g_set_object (&self->texture, texture);
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
  g_signal_emit (self, signals[LOADED], 0);
}

static void
forget_picture (GalleyPageThumbnail *self)
{
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->texture);
  self->wanting = FALSE;
}

static void
want_picture (GalleyPageThumbnail *self)
{
  double width, height;

  if (self->source == NULL ||
      !galley_page_source_get_page_size (self->source, self->page, &width, &height))
    return;

  self->wanting = TRUE;
  g_signal_emit (self, signals[WANTING], 0);
}

static void
source_changed_cb (GalleyPageSource *source, gpointer user_data)
{
  GalleyPageThumbnail *self = user_data;

  forget_picture (self);
  want_picture (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
unwatch_marks (GalleyPageThumbnail *self)
{
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->watched, i),
                                          gtk_widget_queue_draw, self);
  g_ptr_array_set_size (self->watched, 0);
}

static void
watch_marks (GalleyPageThumbnail *self)
{
  guint count = self->marks != NULL ? g_list_model_get_n_items (self->marks) : 0;

  unwatch_marks (self);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GalleyMark) mark = g_list_model_get_item (self->marks, i);

      if (galley_mark_get_page (mark) != self->page)
        continue;
      g_signal_connect_swapped (mark, "notify", G_CALLBACK (gtk_widget_queue_draw), self);
      g_ptr_array_add (self->watched, g_steal_pointer (&mark));
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
marks_changed_cb (GListModel *marks, guint position, guint removed, guint added, gpointer user_data)
{
  watch_marks (user_data);
}

static void
galley_page_thumbnail_measure (GtkWidget *widget,
                               GtkOrientation orientation,
                               int for_size,
                               int *minimum,
                               int *natural,
                               int *minimum_baseline,
                               int *natural_baseline)
{
  double width, height;

  get_size (GALLEY_PAGE_THUMBNAIL (widget), &width, &height);
  *minimum = *natural = (int)(orientation == GTK_ORIENTATION_HORIZONTAL ? BOX_WIDTH : height);
}

static void
snapshot_marks (GalleyPageThumbnail *self,
                GtkSnapshot *snapshot,
                const graphene_rect_t *sheet,
                double zoom)
{
  cairo_t *cr;

  if (self->watched->len == 0)
    return;

  cr = gtk_snapshot_append_cairo (snapshot, sheet);
  for (guint i = 0; i < self->watched->len; i++)
    galley_mark_drawing_draw_small (g_ptr_array_index (self->watched, i), cr, zoom);
  cairo_destroy (cr);
}

static void
galley_page_thumbnail_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GalleyPageThumbnail *self = GALLEY_PAGE_THUMBNAIL (widget);
  GdkTexture *texture = self->texture;
  GskRoundedRect outline;
  graphene_rect_t sheet;
  double width, height;
  double zoom = get_size (self, &width, &height);

  if (texture == NULL && self->source != NULL)
    texture = galley_page_source_get_preview (self->source, self->page);

  sheet = GRAPHENE_RECT_INIT (0, 0, width, height);
  gsk_rounded_rect_init_from_rect (&outline, &sheet, 3);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (floor ((gtk_widget_get_width (widget) - width) / 2),
                                                floor ((gtk_widget_get_height (widget) - height) /
                                                       2)));
  gtk_snapshot_append_outset_shadow (snapshot, &outline, &(GdkRGBA){ 0, 0, 0, 0.2 }, 0, 0, 1, 0);
  gtk_snapshot_append_outset_shadow (snapshot, &outline, &(GdkRGBA){ 0, 0, 0, 0.16 }, 0, 1, 0, 4);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 1 }, &sheet);
  if (texture != NULL)
    gtk_snapshot_append_texture (snapshot, texture, &sheet);
  snapshot_marks (self, snapshot, &sheet, zoom);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_restore (snapshot);
}

static void
galley_page_thumbnail_dispose (GObject *object)
{
  GalleyPageThumbnail *self = GALLEY_PAGE_THUMBNAIL (object);

  galley_page_thumbnail_show_page (self, NULL, NULL, 0);
  G_OBJECT_CLASS (galley_page_thumbnail_parent_class)->dispose (object);
}

static void
galley_page_thumbnail_finalize (GObject *object)
{
  g_ptr_array_unref (GALLEY_PAGE_THUMBNAIL (object)->watched);
  G_OBJECT_CLASS (galley_page_thumbnail_parent_class)->finalize (object);
}

static void
galley_page_thumbnail_class_init (GalleyPageThumbnailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_page_thumbnail_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_page_thumbnail_finalize;
  signals[WANTING] = g_signal_new ("wanting", GALLEY_TYPE_PAGE_THUMBNAIL, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LOADED] = g_signal_new ("loaded", GALLEY_TYPE_PAGE_THUMBNAIL, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);

  widget_class->measure = galley_page_thumbnail_measure;
  widget_class->snapshot = galley_page_thumbnail_snapshot;
  gtk_widget_class_set_css_name (widget_class, "page-thumbnail");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
galley_page_thumbnail_init (GalleyPageThumbnail *self)
{
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
}

GtkWidget *
galley_page_thumbnail_new (void)
{
  return g_object_new (GALLEY_TYPE_PAGE_THUMBNAIL, NULL);
}

/**
 * galley_page_thumbnail_show_page:
 * @source: (nullable): %NULL for nothing, as when a list's row is not in use
 * @marks: (nullable): of #GalleyMark
 * @page: the first is 1
 */
void
galley_page_thumbnail_show_page (GalleyPageThumbnail *self,
                                 GalleyPageSource *source,
                                 GListModel *marks,
                                 guint page)
{
  g_return_if_fail (GALLEY_IS_PAGE_THUMBNAIL (self));

  forget_picture (self);
  if (self->source != NULL)
    g_signal_handlers_disconnect_by_func (self->source, source_changed_cb, self);
  if (self->marks != NULL)
    g_signal_handlers_disconnect_by_func (self->marks, marks_changed_cb, self);
  g_set_object (&self->source, source);
  g_set_object (&self->marks, marks);
  self->page = page;
  if (source != NULL)
    g_signal_connect (source, "changed", G_CALLBACK (source_changed_cb), self);
  if (marks != NULL)
    g_signal_connect (marks, "items-changed", G_CALLBACK (marks_changed_cb), self);
  watch_marks (self);
  want_picture (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/**
 * galley_page_thumbnail_is_wanting:
 *
 * Returns: whether there is a picture to be had that nobody has asked for
 */
gboolean
galley_page_thumbnail_is_wanting (GalleyPageThumbnail *self)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_THUMBNAIL (self), FALSE);

  return self->wanting;
}

/**
 * galley_page_thumbnail_load:
 *
 * Asks for the picture. #GalleyPageThumbnail::loaded comes once, whatever becomes of it.
 */
void
galley_page_thumbnail_load (GalleyPageThumbnail *self)
{
  int device_scale = MAX (gtk_widget_get_scale_factor (GTK_WIDGET (self)), 1);
  double width, height, zoom;
  GdkRectangle area;
  Request *request;

  g_return_if_fail (GALLEY_IS_PAGE_THUMBNAIL (self));
  g_return_if_fail (self->wanting);

  zoom = get_size (self, &width, &height);
  area = (GdkRectangle){ 0, 0, (int)width * device_scale, (int)height * device_scale };
  self->wanting = FALSE;
  self->cancellable = g_cancellable_new ();
  request = g_new0 (Request, 1);
  request->self = g_object_ref (self);
  request->cancellable = g_object_ref (self->cancellable);
  galley_page_source_render_async (self->source, self->page, zoom * device_scale, &area,
                                   self->cancellable, rendered_cb, request);
}

gboolean
galley_page_thumbnail_has_picture (GalleyPageThumbnail *self)
{
  g_return_val_if_fail (GALLEY_IS_PAGE_THUMBNAIL (self), FALSE);

  return self->texture != NULL;
}
