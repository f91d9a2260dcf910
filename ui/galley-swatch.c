/* galley-swatch.c: a spot of ink: a disc of a colour, or a stroke of a weight in that colour
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-swatch"

#include "ui/galley-swatch.h"

/* Screen units, by GalleyWeight. */
static const float thickness[GALLEY_N_WEIGHTS] = { 2, 4, 7 };

struct _GalleySwatch
{
  GtkWidget parent_instance;

  int size;
  GdkRGBA color;
  int weight; /* GalleyWeight, or -1 for a disc */
};

G_DEFINE_FINAL_TYPE (GalleySwatch, galley_swatch, GTK_TYPE_WIDGET)

static void
galley_swatch_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  *minimum = *natural = GALLEY_SWATCH (widget)->size;
}

static void
galley_swatch_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GalleySwatch *self = GALLEY_SWATCH (widget);
  float size = (float)self->size;
  float height = self->weight >= 0 ? thickness[self->weight] : size;
  float left = ((float)gtk_widget_get_width (widget) - size) / 2;
  float top = ((float)gtk_widget_get_height (widget) - height) / 2;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (left, top, size, height);
  GdkRGBA edge = { 0, 0, 0, 0.15 };
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, &rect, height / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &self->color, &rect);
  gtk_snapshot_pop (snapshot);
  if (self->weight < 0)
    gtk_snapshot_append_border (snapshot, &outline, (float[4]){ 1, 1, 1, 1 },
                                (GdkRGBA[4]){ edge, edge, edge, edge });
}

static void
galley_swatch_class_init (GalleySwatchClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = galley_swatch_measure;
  widget_class->snapshot = galley_swatch_snapshot;
  gtk_widget_class_set_css_name (widget_class, "swatch");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
galley_swatch_init (GalleySwatch *self)
{
  self->weight = -1;
}

/**
 * galley_swatch_new:
 * @size: screen units
 */
GtkWidget *
galley_swatch_new (int size)
{
  GalleySwatch *self = g_object_new (GALLEY_TYPE_SWATCH, NULL);

  self->size = size;
  return GTK_WIDGET (self);
}

void
galley_swatch_set_color (GalleySwatch *self, const GdkRGBA *color)
{
  g_return_if_fail (GALLEY_IS_SWATCH (self));

  self->color = *color;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/**
 * galley_swatch_set_weight:
 *
 * From now on it is a stroke.
 */
void
galley_swatch_set_weight (GalleySwatch *self, GalleyWeight weight)
{
  g_return_if_fail (GALLEY_IS_SWATCH (self));
  g_return_if_fail (weight < GALLEY_N_WEIGHTS);

  self->weight = (int)weight;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
