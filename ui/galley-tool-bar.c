/* galley-tool-bar.c: the tools of a canvas, its ink and its zoom
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-tool-bar"

#include "ui/galley-tool-bar.h"

#include "ui/galley-ink-button.h"
#include "ui/galley-tooltip.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

struct _GalleyToolBar
{
  GtkWidget parent_instance;

  GalleyCanvas *canvas; /* (nullable) */
  gboolean updating;    /* the buttons follow the canvas, and not the other way round */

  GtkWidget *scrolled;
  GtkWidget *buttons[GALLEY_N_TOOLS];
  GtkWidget *ink;
  GtkWidget *zoom;
};

enum
{
  PROP_CANVAS = 1,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (GalleyToolBar, galley_tool_bar, GTK_TYPE_WIDGET)

static void
update_tool (GalleyToolBar *self)
{
  GalleyTool tool = galley_canvas_get_tool (self->canvas);

  self->updating = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[tool]), TRUE);
  self->updating = FALSE;
}

static void
update_editable (GalleyToolBar *self)
{
  gboolean editable = galley_canvas_get_editable (self->canvas);

  for (guint i = GALLEY_TOOL_SELECT + 1; i < GALLEY_N_TOOLS; i++)
    gtk_widget_set_sensitive (self->buttons[i], editable);
  gtk_widget_set_sensitive (self->ink, editable);
}

static void
update_zoom (GalleyToolBar *self)
{
  g_autofree char *percent
      /* Translators: the zoom: "100 %", with a narrow space that does not break */
      = g_strdup_printf (_ ("%d\u202f%%"), galley_canvas_get_zoom_percent (self->canvas));
  /* Translators: %s is "100 %" */
  g_autofree char *name = g_strdup_printf (_ ("Zoom: %s"), percent);

  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->zoom), percent);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->zoom), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  galley_ui_name_inner (self->zoom, name);
}

static void
toggled_cb (GtkToggleButton *toggled, gpointer user_data)
{
  GalleyToolBar *self = user_data;

  if (self->updating || self->canvas == NULL || !gtk_toggle_button_get_active (toggled))
    return;

  for (guint i = 0; i < GALLEY_N_TOOLS; i++)
    if (self->buttons[i] == GTK_WIDGET (toggled))
      galley_canvas_set_tool (self->canvas, (GalleyTool)i);
}

static GtkWidget *
build_tool (GalleyToolBar *self, GalleyTool tool)
{
  GtkWidget *button = gtk_toggle_button_new ();
  const char *name = galley_tool_get_name (tool);
  char key[] = { (char)galley_tool_get_key (tool), '\0' };
  g_autofree char *shown = g_ascii_strup (key, -1);
  /* Translators: a tool and its key: "Pen (P)" */
  g_autofree char *tooltip = g_strdup_printf (_ ("%s (%s)"), name, shown);

  gtk_button_set_icon_name (GTK_BUTTON (button), galley_tool_get_icon_name (tool));
  galley_tooltip_set (button, tooltip);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "tool");
  gtk_widget_set_focus_on_click (button, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_KEY_SHORTCUTS, key, -1);
  if (tool > 0)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (self->buttons[0]));
  g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), self, 0);
  return button;
}

static void
activate_zoom (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyToolBar *self = GALLEY_TOOL_BAR (widget);
  g_autofree char *of_canvas = g_strconcat ("canvas.", strchr (action, '.') + 1, NULL);

  if (self->canvas != NULL)
    gtk_widget_activate_action_variant (GTK_WIDGET (self->canvas), of_canvas, parameter);
}

static GtkWidget *
build_zoom (void)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) steps = g_menu_new ();
  g_autoptr (GMenu) modes = g_menu_new ();
  GtkWidget *zoom = gtk_menu_button_new ();

  g_menu_append (steps, _ ("Zoom _In"), "tool-bar.zoom-in");
  g_menu_append (steps, _ ("Zoom _Out"), "tool-bar.zoom-out");
  g_menu_append (modes, _ ("_Whole Page"), "tool-bar.zoom-fit");
  g_menu_append (modes, _ ("_Page Width"), "tool-bar.zoom-width");
  g_menu_append (modes, _ ("_Real Size"), "tool-bar.zoom-actual");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (steps));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (modes));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (zoom), G_MENU_MODEL (menu));
  galley_tooltip_set (zoom, _ ("Zoom"));
  gtk_widget_add_css_class (zoom, "flat");
  gtk_widget_add_css_class (zoom, "numeric");
  return zoom;
}

static GtkWidget *
build_row (GalleyToolBar *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  for (guint i = 0; i < GALLEY_N_TOOLS; i++)
    {
      self->buttons[i] = build_tool (self, (GalleyTool)i);
      gtk_box_append (GTK_BOX (row), self->buttons[i]);
      if (i == GALLEY_TOOL_SELECT)
        gtk_box_append (GTK_BOX (row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
    }
  self->ink = galley_ink_button_new ();
  self->zoom = build_zoom ();
  gtk_box_append (GTK_BOX (row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (row), self->ink);
  gtk_box_append (GTK_BOX (row), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (row), self->zoom);
  return row;
}

static void
galley_tool_bar_get_property (GObject *object, guint prop, GValue *value, GParamSpec *pspec)
{
  GalleyToolBar *self = GALLEY_TOOL_BAR (object);

  switch (prop)
    {
    case PROP_CANVAS:
      g_value_set_object (value, self->canvas);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_tool_bar_set_property (GObject *object, guint prop, const GValue *value, GParamSpec *pspec)
{
  GalleyToolBar *self = GALLEY_TOOL_BAR (object);

  switch (prop)
    {
    case PROP_CANVAS:
      galley_tool_bar_set_canvas (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop, pspec);
    }
}

static void
galley_tool_bar_dispose (GObject *object)
{
  GalleyToolBar *self = GALLEY_TOOL_BAR (object);

  if (self->scrolled != NULL)
    galley_tool_bar_set_canvas (self, NULL);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (galley_tool_bar_parent_class)->dispose (object);
}

static void
galley_tool_bar_class_init (GalleyToolBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = galley_tool_bar_get_property;
  object_class->set_property = galley_tool_bar_set_property;
  object_class->dispose = galley_tool_bar_dispose;
  props[PROP_CANVAS] = g_param_spec_object ("canvas", NULL, NULL, GALLEY_TYPE_CANVAS,
                                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_install_action (widget_class, "tool-bar.zoom-in", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "tool-bar.zoom-out", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "tool-bar.zoom-fit", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "tool-bar.zoom-width", NULL, activate_zoom);
  gtk_widget_class_install_action (widget_class, "tool-bar.zoom-actual", NULL, activate_zoom);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "toolbar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TOOLBAR);
}

static void
galley_tool_bar_init (GalleyToolBar *self)
{
  /* In a window too narrow for all the tools scroll, and those reached by Tab come into view. */
  self->scrolled = gtk_scrolled_window_new ();
  gtk_widget_set_focusable (self->scrolled, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), build_row (self));
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "galley-tools");
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Tools"),
                                  -1);
}

/**
 * galley_tool_bar_new:
 * @canvas: (nullable): see galley_tool_bar_set_canvas()
 */
GtkWidget *
galley_tool_bar_new (GalleyCanvas *canvas)
{
  return g_object_new (GALLEY_TYPE_TOOL_BAR, "canvas", canvas, NULL);
}

/**
 * galley_tool_bar_set_canvas:
 * @canvas: (nullable): whose tools these are
 */
void
galley_tool_bar_set_canvas (GalleyToolBar *self, GalleyCanvas *canvas)
{
  g_return_if_fail (GALLEY_IS_TOOL_BAR (self));

  if (self->canvas == canvas)
    return;

  if (self->canvas != NULL)
    g_signal_handlers_disconnect_by_data (self->canvas, self);
  g_set_object (&self->canvas, canvas);
  galley_ink_button_set_canvas (GALLEY_INK_BUTTON (self->ink), canvas);
  if (canvas != NULL)
    {
      g_signal_connect_swapped (canvas, "notify::tool", G_CALLBACK (update_tool), self);
      g_signal_connect_swapped (canvas, "notify::editable", G_CALLBACK (update_editable), self);
      g_signal_connect_swapped (canvas, "notify::zoom", G_CALLBACK (update_zoom), self);
      g_signal_connect_swapped (canvas, "notify::page", G_CALLBACK (update_zoom), self);
      update_tool (self);
      update_editable (self);
      update_zoom (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CANVAS]);
}

/**
 * galley_tool_bar_get_button:
 *
 * Returns: (transfer none): the button of @tool
 */
GtkWidget *
galley_tool_bar_get_button (GalleyToolBar *self, GalleyTool tool)
{
  g_return_val_if_fail (GALLEY_IS_TOOL_BAR (self), NULL);
  g_return_val_if_fail (tool < GALLEY_N_TOOLS, NULL);

  return self->buttons[tool];
}
