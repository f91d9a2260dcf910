/* galley-tooltip.c: words that a widget shows under the pointer
 *
 * gtk_widget_set_tooltip_text() asks the display where the pointer is, each time and whether
 * anybody points there or not, and the answer is waited for: some tenths of a millisecond, or as
 * long as the display is busy. A widget whose words follow what goes on is asked for them instead.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "ui/galley-tooltip.h"

static GQuark
get_quark (void)
{
  static GQuark quark;

  if (quark == 0)
    quark = g_quark_from_static_string ("galley-tooltip");
  return quark;
}

static gboolean
query_cb (
    GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer user_data)
{
  const char *text = g_object_get_qdata (G_OBJECT (widget), get_quark ());

  if (text == NULL)
    return FALSE;

  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/**
 * galley_tooltip_set:
 * @text: (nullable): shown the next time that somebody points at @widget; also what a screen reader
 *   says of it after its name
 */
void
galley_tooltip_set (GtkWidget *widget, const char *text)
{
  const char *before;

  g_return_if_fail (GTK_IS_WIDGET (widget));

  before = g_object_get_qdata (G_OBJECT (widget), get_quark ());
  if (g_strcmp0 (before, text) == 0)
    return;

  if (!gtk_widget_get_has_tooltip (widget))
    {
      gtk_widget_set_has_tooltip (widget, TRUE);
      g_signal_connect (widget, "query-tooltip", G_CALLBACK (query_cb), NULL);
    }
  g_object_set_qdata_full (G_OBJECT (widget), get_quark (), g_strdup (text), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
}
