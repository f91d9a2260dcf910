/* galley-ink-button.c: chooses the colour and the weight of new marks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ink-button"

#include "ui/galley-ink-button.h"

#include "ui/galley-swatch.h"
#include "ui/galley-tooltip.h"

#include <glib/gi18n-lib.h>

/* Of GNOME's palette: far from one another, also for those who see few colours. */
static const struct
{
  const char *name;
  const char *color;
} inks[] = {
  { N_ ("Red"), "#e01b24" },   { N_ ("Orange"), "#ff7800" }, { N_ ("Yellow"), "#f6d32d" },
  { N_ ("Green"), "#2ec27e" }, { N_ ("Blue"), "#1c71d8" },   { N_ ("Purple"), "#9141ac" },
};

struct _GalleyInkButton
{
  GtkWidget parent_instance;

  GalleyCanvas *canvas; /* (nullable) */
  gboolean updating;    /* the buttons follow the canvas, and not the other way round */

  GtkWidget *button;
  GtkWidget *swatch;
  GtkWidget *colors[G_N_ELEMENTS (inks)];
  GtkWidget *weights[GALLEY_N_WEIGHTS];
  GtkWidget *weight_swatches[GALLEY_N_WEIGHTS];
};

G_DEFINE_FINAL_TYPE (GalleyInkButton, galley_ink_button, GTK_TYPE_WIDGET)

static void
get_ink (guint place, GdkRGBA *color)
{
  gdk_rgba_parse (color, inks[place].color);
}

static void
update_name (GalleyInkButton *self, const char *color)
{
  const char *weight = galley_weight_get_name (galley_canvas_get_weight (self->canvas));
  /* Translators: a colour and how thick a stroke is: "Ink: Red, Medium" */
  g_autofree char *name = g_strdup_printf (_ ("Ink: %s, %s"), color, weight);

  galley_tooltip_set (self->button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

static void
update (GalleyInkButton *self)
{
  const GdkRGBA *color = galley_canvas_get_color (self->canvas);
  const char *name = _ ("Other colour");

  self->updating = TRUE;
  galley_swatch_set_color (GALLEY_SWATCH (self->swatch), color);
  for (guint i = 0; i < G_N_ELEMENTS (inks); i++)
    {
      GdkRGBA ink;

      get_ink (i, &ink);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->colors[i]),
                                    gdk_rgba_equal (&ink, color));
      if (gdk_rgba_equal (&ink, color))
        name = _ (inks[i].name);
    }
  for (guint i = 0; i < GALLEY_N_WEIGHTS; i++)
    {
      galley_swatch_set_color (GALLEY_SWATCH (self->weight_swatches[i]), color);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->weights[i]),
                                    galley_canvas_get_weight (self->canvas) == i);
    }
  self->updating = FALSE;
  update_name (self, name);
}

static void
toggled_cb (GtkToggleButton *toggled, gpointer user_data)
{
  GalleyInkButton *self = user_data;

  if (self->updating || self->canvas == NULL || !gtk_toggle_button_get_active (toggled))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (inks); i++)
    {
      GdkRGBA ink;

      get_ink (i, &ink);
      if (self->colors[i] == GTK_WIDGET (toggled))
        galley_canvas_set_color (self->canvas, &ink);
    }
  for (guint i = 0; i < GALLEY_N_WEIGHTS; i++)
    if (self->weights[i] == GTK_WIDGET (toggled))
      galley_canvas_set_weight (self->canvas, (GalleyWeight)i);
}

static GtkWidget *
make_toggle (GalleyInkButton *self, GtkWidget *swatch, const char *name, GtkWidget *group)
{
  GtkWidget *toggle = gtk_toggle_button_new ();

  gtk_button_set_child (GTK_BUTTON (toggle), swatch);
  gtk_widget_add_css_class (toggle, "flat");
  galley_tooltip_set (toggle, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (group != NULL)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (toggle), GTK_TOGGLE_BUTTON (group));
  g_signal_connect_object (toggle, "toggled", G_CALLBACK (toggled_cb), self, 0);
  return toggle;
}

static GtkWidget *
build_popover (GalleyInkButton *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *colors = gtk_grid_new ();
  GtkWidget *weights = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  for (guint i = 0; i < G_N_ELEMENTS (inks); i++)
    {
      GtkWidget *swatch = galley_swatch_new (22);
      GdkRGBA ink;

      get_ink (i, &ink);
      galley_swatch_set_color (GALLEY_SWATCH (swatch), &ink);
      self->colors[i] = make_toggle (self, swatch, _ (inks[i].name),
                                     i > 0 ? self->colors[0] : NULL);
      gtk_widget_add_css_class (self->colors[i], "circular");
      gtk_grid_attach (GTK_GRID (colors), self->colors[i], (int)i % 3, (int)i / 3, 1, 1);
    }
  for (guint i = 0; i < GALLEY_N_WEIGHTS; i++)
    {
      self->weight_swatches[i] = galley_swatch_new (20);
      galley_swatch_set_weight (GALLEY_SWATCH (self->weight_swatches[i]), (GalleyWeight)i);
      self->weights[i] = make_toggle (self, self->weight_swatches[i],
                                      galley_weight_get_name ((GalleyWeight)i),
                                      i > 0 ? self->weights[0] : NULL);
      gtk_widget_set_hexpand (self->weights[i], TRUE);
      gtk_box_append (GTK_BOX (weights), self->weights[i]);
    }

  gtk_grid_set_column_homogeneous (GTK_GRID (colors), TRUE);
  gtk_grid_set_column_spacing (GTK_GRID (colors), 6);
  gtk_grid_set_row_spacing (GTK_GRID (colors), 6);
  gtk_box_append (GTK_BOX (box), colors);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (box), weights);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_widget_add_css_class (popover, "ink");
  return popover;
}

static void
galley_ink_button_dispose (GObject *object)
{
  GalleyInkButton *self = GALLEY_INK_BUTTON (object);

  galley_ink_button_set_canvas (self, NULL);
  g_clear_pointer (&self->button, gtk_widget_unparent);
  G_OBJECT_CLASS (galley_ink_button_parent_class)->dispose (object);
}

static void
galley_ink_button_class_init (GalleyInkButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_ink_button_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
galley_ink_button_init (GalleyInkButton *self)
{
  self->swatch = galley_swatch_new (16);
  self->button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->button), self->swatch);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), build_popover (self));
  gtk_widget_add_css_class (self->button, "flat");
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
}

GtkWidget *
galley_ink_button_new (void)
{
  return g_object_new (GALLEY_TYPE_INK_BUTTON, NULL);
}

/**
 * galley_ink_button_set_canvas:
 * @canvas: (nullable): whose colour and weight are shown and chosen
 */
void
galley_ink_button_set_canvas (GalleyInkButton *self, GalleyCanvas *canvas)
{
  g_return_if_fail (GALLEY_IS_INK_BUTTON (self));

  if (self->canvas == canvas)
    return;

  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_func (self->canvas, update, self);
  g_set_object (&self->canvas, canvas);
  if (canvas == NULL)
    return;

  g_signal_connect_swapped (canvas, "notify::color", G_CALLBACK (update), self);
  g_signal_connect_swapped (canvas, "notify::weight", G_CALLBACK (update), self);
  update (self);
}
