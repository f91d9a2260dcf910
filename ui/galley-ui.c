/* galley-ui.c: what the widgets need once: their templates, icons and style
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ui"

#include "ui/galley-ui.h"

#include "ui/galley-ui-resources.h"

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
  g_once_init_leave (&done, 1);
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
