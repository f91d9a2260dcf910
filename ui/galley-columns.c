/* galley-columns.c: things side by side, as many as there is room for, and the others below
 *
 * As GtkFlowBox with equal children, but that one asks each child for its size some twenty times,
 * which is most of what it takes to show long texts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-columns"

#include "ui/galley-columns.h"

#define SPACING_PX 6

struct _GalleyColumns
{
  GtkWidget parent_instance;

  guint max_columns;
};

G_DEFINE_FINAL_TYPE (GalleyColumns, galley_columns, GTK_TYPE_WIDGET)

/* A line of children, and the room for each of them. */
typedef struct
{
  GtkWidget *end; /* the one after the last; NULL: none is */
  int height_px;
} Line;

static int
widest_child (GalleyColumns *self)
{
  int widest_px = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int least_px;

      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least_px, NULL, NULL, NULL);
      widest_px = MAX (widest_px, least_px);
    }

  return widest_px;
}

static guint
count_children (GalleyColumns *self)
{
  guint count = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count++;
  return count;
}

/* Never more than there are children: few ones fill the line. */
static guint
count_columns (GalleyColumns *self, int width_px)
{
  int fitting = (width_px + SPACING_PX) / MAX (widest_child (self) + SPACING_PX, 1);

  return CLAMP (fitting, 1, (int)MAX (MIN (self->max_columns, count_children (self)), 1));
}

static int
column_width (int width_px, guint n_columns)
{
  return (width_px - SPACING_PX * ((int)n_columns - 1)) / (int)n_columns;
}

static Line
take_line (GtkWidget *first, guint n_columns, int column_px)
{
  Line line = { .end = first };

  for (guint i = 0; i < n_columns && line.end != NULL; i++)
    {
      int least_px;

      gtk_widget_measure (line.end, GTK_ORIENTATION_VERTICAL, column_px, &least_px, NULL, NULL,
                          NULL);
      line.height_px = MAX (line.height_px, least_px);
      line.end = gtk_widget_get_next_sibling (line.end);
    }

  return line;
}

static int
height_for_width (GalleyColumns *self, int width_px)
{
  guint n_columns = count_columns (self, width_px);
  int height_px = 0, column_px = column_width (width_px, n_columns);
  Line line;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = line.end)
    {
      line = take_line (child, n_columns, column_px);
      height_px += line.height_px + (line.end != NULL ? SPACING_PX : 0);
    }

  return height_px;
}

static GtkSizeRequestMode
galley_columns_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
galley_columns_measure (GtkWidget *widget,
                        GtkOrientation orientation,
                        int for_size,
                        int *minimum,
                        int *natural,
                        int *minimum_baseline,
                        int *natural_baseline)
{
  GalleyColumns *self = GALLEY_COLUMNS (widget);
  int widest_px = widest_child (self);
  int n_columns = MIN (self->max_columns, count_children (self));

  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = height_for_width (self, for_size >= 0 ? for_size : widest_px);
  else
    {
      *minimum = widest_px;
      *natural = MAX (widest_px, n_columns * (widest_px + SPACING_PX) - SPACING_PX);
    }
  *minimum_baseline = *natural_baseline = -1;
}

static void
galley_columns_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GalleyColumns *self = GALLEY_COLUMNS (widget);
  gboolean from_right = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  guint n_columns = count_columns (self, width);
  GtkAllocation place = { .width = column_width (width, n_columns) };
  Line line;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = line.end)
    {
      line = take_line (child, n_columns, place.width);
      place.height = line.height_px;
      place.x = from_right ? width - place.width : 0;
      for (; child != line.end; child = gtk_widget_get_next_sibling (child))
        {
          gtk_widget_size_allocate (child, &place, -1);
          place.x += (from_right ? -1 : 1) * (place.width + SPACING_PX);
        }
      place.y += line.height_px + SPACING_PX;
    }
}

static void
galley_columns_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_columns_parent_class)->dispose (object);
}

static void
galley_columns_class_init (GalleyColumnsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_columns_dispose;
  widget_class->get_request_mode = galley_columns_get_request_mode;
  widget_class->measure = galley_columns_measure;
  widget_class->size_allocate = galley_columns_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
galley_columns_init (GalleyColumns *self)
{
}

/**
 * galley_columns_new:
 * @max_columns: as many at most beside each other, all equally wide
 */
GtkWidget *
galley_columns_new (guint max_columns)
{
  GalleyColumns *self = g_object_new (GALLEY_TYPE_COLUMNS, NULL);

  self->max_columns = MAX (max_columns, 1);
  return GTK_WIDGET (self);
}

/**
 * galley_columns_append:
 * @child: (transfer floating)
 */
void
galley_columns_append (GalleyColumns *self, GtkWidget *child)
{
  g_return_if_fail (GALLEY_IS_COLUMNS (self));

  gtk_widget_set_parent (child, GTK_WIDGET (self));
}
