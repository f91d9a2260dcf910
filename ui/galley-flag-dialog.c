/* galley-flag-dialog.c: an administrator says on how many computers something is on, and why
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-flag-dialog"

#include "ui/galley-flag-dialog.h"

#include "data/galley-flag.h"
#include "ui/galley-flag-words.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

/* In the order in which they can be chosen. */
static const GalleyRole roles[] = {
  GALLEY_ROLE_NONE, GALLEY_ROLE_GUEST, GALLEY_ROLE_REVIEWER, GALLEY_ROLE_LEAD, GALLEY_ROLE_ADMIN,
};

struct _GalleyFlagDialog
{
  AdwWindow parent_instance;

  GalleyFleetFlag *flag; /* as it is now */

  GtkLabel *about;
  AdwComboRow *whose;
  GtkSwitch *unsaid;
  GtkWidget *share_row;
  GtkSpinButton *percent;
  GtkEditable *reason;
  GtkBox *before;
};

enum
{
  SIGNAL_ORDERED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyFlagDialog, galley_flag_dialog, ADW_TYPE_WINDOW)

static GalleyRole
get_role (GalleyFlagDialog *self)
{
  return roles[MIN (adw_combo_row_get_selected (self->whose), G_N_ELEMENTS (roles) - 1)];
}

/* (nullable): nothing is said of those */
static const GalleyFleetShare *
find_share (GalleyFlagDialog *self, GalleyRole role)
{
  for (guint i = 0; i < self->flag->shares->len; i++)
    {
      const GalleyFleetShare *share = &g_array_index (self->flag->shares, GalleyFleetShare, i);

      if (share->role == role)
        return share;
    }

  return NULL;
}

static char *
get_reason (GalleyFlagDialog *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (self->reason)));
}

/* A reason has to be there: whoever looks later was not asked. */
static void
update (GalleyFlagDialog *self)
{
  g_autofree char *reason = get_reason (self);
  glong letters = g_utf8_strlen (reason, -1);

  gtk_widget_set_sensitive (self->share_row, !gtk_switch_get_active (self->unsaid));
  if (letters > GALLEY_FLAG_REASON_MAX)
    gtk_widget_add_css_class (GTK_WIDGET (self->reason), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->reason), "error");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "flag.go",
                                 letters > 0 && letters <= GALLEY_FLAG_REASON_MAX);
}

/* What is said of them now, or would be. */
static void
show_share (GalleyFlagDialog *self)
{
  const GalleyFleetShare *share = find_share (self, get_role (self));
  const GalleyFleetShare *others = find_share (self, GALLEY_ROLE_NONE);

  if (share == NULL)
    share = others;
  gtk_spin_button_set_value (self->percent, share != NULL    ? share->percent
                                            : self->flag->on ? 100
                                                             : 0);
  gtk_switch_set_active (self->unsaid, FALSE);
}

static void
go (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyFlagDialog *self = GALLEY_FLAG_DIALOG (widget);
  g_autofree char *reason = get_reason (self);
  const GalleyFleetShare share = {
    .role = get_role (self),
    .percent = gtk_switch_get_active (self->unsaid)
                   ? GALLEY_FLEET_UNSAID
                   : gtk_spin_button_get_value_as_int (self->percent),
  };
  g_autoptr (GalleyFlagOrder)
      order = galley_flag_order_new (self->flag->name, share,
                                     galley_fleet_flag_get_last (self->flag, share.role), reason);

  g_signal_emit (self, signals[SIGNAL_ORDERED], 0, order);
  gtk_window_close (GTK_WINDOW (self));
}

static void
cancel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_window_close (GTK_WINDOW (widget));
}

static void
galley_flag_dialog_finalize (GObject *object)
{
  GalleyFlagDialog *self = GALLEY_FLAG_DIALOG (object);

  g_clear_pointer (&self->flag, galley_fleet_flag_free);
  G_OBJECT_CLASS (galley_flag_dialog_parent_class)->finalize (object);
}

static void
galley_flag_dialog_class_init (GalleyFlagDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = galley_flag_dialog_finalize;
  signals[SIGNAL_ORDERED] = g_signal_new ("ordered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-flag-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyFlagDialog, about);
  gtk_widget_class_bind_template_child (widget_class, GalleyFlagDialog, whose);
  gtk_widget_class_bind_template_child (widget_class, GalleyFlagDialog, unsaid);
  gtk_widget_class_bind_template_child (widget_class, GalleyFlagDialog, share_row);
  gtk_widget_class_bind_template_child (widget_class, GalleyFlagDialog, percent);
  gtk_widget_class_bind_template_child (widget_class, GalleyFlagDialog, reason);
  gtk_widget_class_bind_template_child (widget_class, GalleyFlagDialog, before);
  gtk_widget_class_install_action (widget_class, "flag.go", NULL, go);
  gtk_widget_class_install_action (widget_class, "flag.cancel", NULL, cancel);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "flag.cancel", NULL);
}

static void
galley_flag_dialog_init (GalleyFlagDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    gtk_string_list_append (names, galley_flag_words_for_role (roles[i]));
  adw_combo_row_set_model (self->whose, G_LIST_MODEL (names));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->percent), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("On for percent of them"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->unsaid), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Say nothing of them"), -1);
}

static void
add_before (GalleyFlagDialog *self, const char *line)
{
  GtkWidget *label = gtk_label_new (line);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (self->before, label);
  gtk_widget_set_visible (GTK_WIDGET (self->before), TRUE);
}

/**
 * galley_flag_dialog_new:
 * @flag: what can be switched, and what is said of it now
 * @history: (array zero-terminated=1): how it was switched before, in words, the last first
 *
 * Returns: (transfer none): a dialog that destroys itself when it is closed
 */
GtkWidget *
galley_flag_dialog_new (GtkWindow *parent, const GalleyFleetFlag *flag, char **history)
{
  GalleyFlagDialog *self = g_object_new (GALLEY_TYPE_FLAG_DIALOG, "transient-for", parent, "title",
                                         flag->name, NULL);
  g_autofree char *about = galley_flag_words_for_about (flag);

  self->flag = galley_fleet_flag_copy (flag);
  gtk_label_set_text (self->about, about);
  for (guint i = 0; history[i] != NULL; i++)
    add_before (self, history[i]);
  show_share (self);
  update (self);
  g_signal_connect_object (self->whose, "notify::selected", G_CALLBACK (show_share), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->unsaid, "notify::active", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->reason, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
