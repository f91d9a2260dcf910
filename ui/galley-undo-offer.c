/* galley-undo-offer.c: what was just done, with a button that takes back exactly that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-undo-offer"

#include "ui/galley-undo-offer.h"

/**
 * galley_undo_offer:
 * @widget: within the window
 * @text: what was done, as a person says it
 * @changes: own changes that did it, the last one last
 *
 * Says it in a toast. Its button takes back these changes and no others, whatever comes after them.
 */
void
galley_undo_offer (GtkWidget *widget,
                   const char *text,
                   const GalleyCommitted *changes,
                   guint n_changes)
{
  GVariantBuilder builder;

  g_return_if_fail (GTK_IS_WIDGET (widget) && text != NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(st)"));
  for (guint i = 0; i < n_changes; i++)
    {
      char project[GALLEY_ID_TEXT_SIZE];

      g_variant_builder_add (&builder, "(st)", galley_id_print (&changes[i].project, project),
                             changes[i].ref.seq);
    }

  gtk_widget_activate_action (widget, "win.offer-undo", "(sa(st))", text, &builder);
}
