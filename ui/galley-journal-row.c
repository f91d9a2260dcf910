/* galley-journal-row.c: a change of the journal as a row of a list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-journal-row"

#include "ui/galley-journal-row.h"

#include "ui/galley-tooltip.h"
#include "ui/galley-ui.h"

static GtkWidget *
add_label (GtkWidget *box, const char *css_class, int max_lines)
{
  GtkLabel *label = GTK_LABEL (galley_ui_label_new ("", css_class));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  if (max_lines > 1)
    {
      gtk_label_set_wrap (label, TRUE);
      gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
      gtk_label_set_lines (label, max_lines);
    }
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (label));
  return GTK_WIDGET (label);
}

/**
 * galley_journal_row_set_up:
 * @max_lines: of each label; what is longer ends in an ellipsis
 */
void
galley_journal_row_set_up (GtkListItem *list_item, int max_lines)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  gtk_widget_add_css_class (box, "galley-line");
  add_label (box, "heading", max_lines);
  add_label (box, NULL, max_lines);
  gtk_widget_add_css_class (add_label (box, "caption", max_lines), "dim-label");
  gtk_list_item_set_child (list_item, box);
}

void
galley_journal_row_bind (GtkListItem *list_item, const GalleyJournalLine *line)
{
  GtkWidget *box = gtk_list_item_get_child (list_item);
  GtkWidget *what = gtk_widget_get_first_child (box);
  GtkWidget *text = gtk_widget_get_next_sibling (what);
  GtkWidget *when = gtk_widget_get_next_sibling (text);
  GtkWidget *row = gtk_widget_get_parent (box);
  g_autofree char *spoken = g_strdup_printf ("%s. %s. %s", line->what, line->who_and_when,
                                             line->text != NULL ? line->text : "");

  gtk_label_set_text (GTK_LABEL (what), line->what);
  gtk_label_set_text (GTK_LABEL (text), line->text != NULL ? line->text : "");
  gtk_widget_set_visible (text, line->text != NULL);
  gtk_label_set_text (GTK_LABEL (when), line->who_and_when);
  galley_tooltip_set (when, line->tooltip);
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                    -1);
}
