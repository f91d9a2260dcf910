/* galley-ui.c: what the widgets need once: their templates, icons and style
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ui"

#include "ui/galley-ui.h"

#include "ui/galley-ui-resources.h"

#include <glib/gi18n-lib.h>

/* Within a page that says something: it scrolls, so it takes the focus. */
static void
name_scroller (GtkWidget *scroller)
{
  GtkWidget *page = gtk_widget_get_ancestor (scroller, ADW_TYPE_STATUS_PAGE);

  if (page != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (scroller), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    adw_status_page_get_title (ADW_STATUS_PAGE (page)), -1);
}

/* GTK before 4.10 calls a button by the text that was set, with the sign for its letter still in
 * it, and by its label as well: "_Close Close". Its label alone says it all. The one that closes a
 * toast has none, and no name in libadwaita 1.2. */
static void
name_button (GtkButton *button)
{
  GtkWidget *above = gtk_widget_get_parent (GTK_WIDGET (button));

  if (gtk_button_get_use_underline (button) && gtk_button_get_label (button) != NULL)
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
  else if (above != NULL && g_str_equal (G_OBJECT_TYPE_NAME (above), "AdwToastWidget") &&
           gtk_button_get_icon_name (button) != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _ ("Close"), -1);
}

static gboolean
name_widget_cb (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  GtkWidget *widget = g_value_get_object (&values[0]);

  if (GTK_IS_BUTTON (widget))
    name_button (GTK_BUTTON (widget));
  else if (GTK_IS_SCROLLED_WINDOW (widget))
    name_scroller (widget);

  return TRUE;
}

/**
 * galley_ui_label_new:
 * @text: (nullable)
 * @css_class: (nullable)
 *
 * Returns: (transfer floating): words that begin at the start, and go on in the next line
 */
GtkWidget *
galley_ui_label_new (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);

  return label;
}

/**
 * galley_ui_set_button_label:
 *
 * As gtk_button_set_label(), for a button that is on screen already; see name_button().
 */
void
galley_ui_set_button_label (GtkButton *button, const char *label)
{
  gtk_button_set_label (button, label);
  if (gtk_button_get_use_underline (button))
    gtk_accessible_reset_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL);
}

/**
 * galley_ui_init:
 *
 * After gtk_init() or in a #GApplication's startup. Calling it again does nothing.
 */
void
galley_ui_init (void)
{
  static gsize done;
  GdkDisplay *display = gdk_display_get_default ();
  g_autoptr (GtkCssProvider) provider = NULL;

  if (!g_once_init_enter (&done))
    return;

  /* The library is static: nothing else pulls the resources in. */
  g_resources_register (galley_ui_get_resource ());
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                    GALLEY_RESOURCES "/icons");
  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (provider, GALLEY_RESOURCES "/ui/galley.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  g_type_class_unref (g_type_class_ref (GTK_TYPE_WIDGET)); /* its signals are there from then on */
  g_signal_add_emission_hook (g_signal_lookup ("realize", GTK_TYPE_WIDGET), 0, name_widget_cb, NULL,
                              NULL);
  g_once_init_leave (&done, 1);
}

static void
parent_gone_cb (GtkWindow *window)
{
  gtk_window_set_transient_for (window, NULL);
  gtk_window_destroy (window);
}

/**
 * galley_ui_close_with:
 * @window: stands above @parent and goes with it
 *
 * As gtk_window_set_destroy_with_parent() but for this: GTK 4.8 keeps the parent in mind there, and
 * speaks to it when it is long gone and the last who knew the window lets go of it, such as an
 * answer that was on its way.
 */
void
galley_ui_close_with (GtkWindow *window, GtkWindow *parent)
{
  gtk_window_set_transient_for (window, parent);
  g_signal_connect_object (parent, "destroy", G_CALLBACK (parent_gone_cb), window,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_ui_name_inner:
 * @widget: one that is made of others, such as a drop-down
 * @label: what it is called
 *
 * Before GTK 4.10 the part inside that takes the focus does not take over the name of the whole,
 * and a screen reader says its type.
 */
void
galley_ui_name_inner (GtkWidget *widget, const char *label)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
}

/* ── the rows of a drop-down ── */

static void
mark_selected_cb (GtkDropDown *drop_down, GParamSpec *pspec, GtkListItem *row)
{
  GtkWidget *box = gtk_list_item_get_child (row);
  gboolean selected = gtk_list_item_get_position (row) == gtk_drop_down_get_selected (drop_down);

  if (box != NULL)
    gtk_widget_set_opacity (gtk_widget_get_last_child (box), selected ? 1 : 0);
}

static void
setup_row_cb (GtkSignalListItemFactory *factory, GtkListItem *row, gpointer drop_down)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("object-select-symbolic"));
  gtk_list_item_set_child (row, box);
}

static void
bind_row_cb (GtkSignalListItemFactory *factory, GtkListItem *row, gpointer drop_down)
{
  GtkWidget *box = gtk_list_item_get_child (row);
  const char *text = gtk_string_object_get_string (gtk_list_item_get_item (row));

  gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (box)), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (box)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_signal_connect_object (drop_down, "notify::selected", G_CALLBACK (mark_selected_cb), row, 0);
  mark_selected_cb (drop_down, NULL, row);
}

static void
unbind_row_cb (GtkSignalListItemFactory *factory, GtkListItem *row, gpointer drop_down)
{
  g_signal_handlers_disconnect_by_func (drop_down, mark_selected_cb, row);
}

/* What is chosen, on the button. */
static void
setup_shown_cb (GtkSignalListItemFactory *factory, GtkListItem *shown)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 8);
  gtk_list_item_set_child (shown, label);
}

static void
bind_shown_cb (GtkSignalListItemFactory *factory, GtkListItem *shown)
{
  GtkWidget *label = gtk_list_item_get_child (shown);
  const char *text = gtk_string_object_get_string (gtk_list_item_get_item (shown));

  gtk_label_set_text (GTK_LABEL (label), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (label)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

/**
 * galley_ui_name_drop_down:
 * @drop_down: of strings
 * @label: what it is called
 *
 * Names what takes the focus: the button inside, and each row of the list, which before GTK 4.12
 * has no name that a screen reader could say.
 */
void
galley_ui_name_drop_down (GtkDropDown *drop_down, const char *label)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkListItemFactory) shown = gtk_signal_list_item_factory_new ();

  galley_ui_name_inner (GTK_WIDGET (drop_down), label);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), drop_down);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row_cb), drop_down);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_row_cb), drop_down);
  gtk_drop_down_set_list_factory (drop_down, factory);
  g_signal_connect (shown, "setup", G_CALLBACK (setup_shown_cb), NULL);
  g_signal_connect (shown, "bind", G_CALLBACK (bind_shown_cb), NULL);
  gtk_drop_down_set_factory (drop_down, shown);
}
