/* galley-sync-button.c: the symbol in every header bar that says whether the work is safe
 *
 * A symbol of its own shape for each state, the sentence as tooltip and for the screen reader, and
 * a number only for what waits for the person.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-button"

#include "ui/galley-sync-button.h"

#include "ui/galley-sync-popover.h"
#include "ui/galley-tooltip.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

struct _GalleySyncButton
{
  GtkWidget parent_instance;

  GalleyHealth *health; /* (nullable) */

  GtkMenuButton *button;
  GtkImage *icon;
  GtkLabel *badge;
  GalleySyncPopover *popover;
};

G_DEFINE_FINAL_TYPE (GalleySyncButton, galley_sync_button, GTK_TYPE_WIDGET)

static void
update (GalleySyncButton *self)
{
  const char *sentence = galley_health_get_sentence (self->health);
  guint needs = galley_health_get_needs (self->health);
  g_autofree char *number = needs > 99 ? g_strdup ("99+") : g_strdup_printf ("%u", needs);
  g_autofree char *spoken = g_strdup_printf (_ ("Sync: %s"), sentence);

  gtk_image_set_from_icon_name (self->icon, galley_health_get_icon_name (self->health));
  gtk_label_set_text (self->badge, number);
  gtk_widget_set_visible (GTK_WIDGET (self->badge), needs > 0);
  galley_tooltip_set (GTK_WIDGET (self->button), sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
}

static void
galley_sync_button_dispose (GObject *object)
{
  GalleySyncButton *self = GALLEY_SYNC_BUTTON (object);
  GtkWidget *child;

  g_clear_object (&self->health);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_sync_button_parent_class)->dispose (object);
}

static void
galley_sync_button_class_init (GalleySyncButtonClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_sync_button_dispose;
  g_type_ensure (GALLEY_TYPE_SYNC_POPOVER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-sync-button.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleySyncButton, button);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncButton, icon);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncButton, badge);
  gtk_widget_class_bind_template_child (widget_class, GalleySyncButton, popover);
}

static void
galley_sync_button_init (GalleySyncButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Sync"), -1);
}

void
galley_sync_button_set_health (GalleySyncButton *self, GalleyHealth *health)
{
  g_return_if_fail (GALLEY_IS_SYNC_BUTTON (self));

  if (!g_set_object (&self->health, health))
    return;

  galley_sync_popover_set_health (self->popover, health);
  g_signal_connect_object (health, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

void
galley_sync_button_popup (GalleySyncButton *self)
{
  g_return_if_fail (GALLEY_IS_SYNC_BUTTON (self));

  gtk_menu_button_popup (self->button);
}
