/* galley-remarks.c: what was said about a conflict, and a place to say more or to ask somebody
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-remarks"

#include "ui/galley-remarks.h"

#include "ui/galley-composer.h"
#include "ui/galley-remark.h"
#include "ui/galley-ui.h"

#include "data/galley-directory.h"

#include <glib/gi18n-lib.h>

struct _GalleyRemarks
{
  GtkWidget parent_instance;

  GalleyConflict *conflict; /* (nullable) */
  GArray *people;           /* of GalleyId, as the drop-down lists them behind its first entry */

  GtkBox *list;
  GtkWidget *writing;
  GtkWidget *composer;
  GtkDropDown *asked;
};

G_DEFINE_FINAL_TYPE (GalleyRemarks, galley_remarks, GTK_TYPE_WIDGET)

/* ── what was said ── */

static void
append_remark (GtkBox *list, const GalleyRemark *remark)
{
  GtkWidget *row = g_object_new (GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "spacing",
                                 2, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);
  g_autofree char *said = g_strdup_printf ("%s: %s", remark->heading, remark->body);
  GtkWidget *heading = galley_ui_label_new (remark->heading, "caption");

  gtk_widget_add_css_class (heading, "dim-label");
  gtk_box_append (GTK_BOX (row), heading);
  if (*remark->body != '\0')
    gtk_box_append (GTK_BOX (row), galley_ui_label_new (remark->body, NULL));
  gtk_widget_add_css_class (row, "galley-remark");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, said, -1);
  gtk_box_append (list, row);
}

/* Who was chosen stays chosen. */
static void
list_people (GalleyRemarks *self)
{
  GPtrArray *people = galley_conflict_get_people (self->conflict);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint chosen = gtk_drop_down_get_selected (self->asked), selected = 0;
  GalleyId before = { 0 };

  if (chosen > 0 && chosen <= self->people->len)
    before = g_array_index (self->people, GalleyId, chosen - 1);
  g_array_set_size (self->people, 0);
  gtk_string_list_append (names, _ ("Ask nobody"));
  for (guint i = 0; i < people->len; i++)
    {
      const GalleyPerson *person = people->pdata[i];
      g_autofree char *text = g_strdup_printf (_ ("Ask %s to settle this"), person->name);

      g_array_append_val (self->people, person->id);
      gtk_string_list_append (names, text);
      if (galley_id_equal (&person->id, &before))
        selected = self->people->len;
    }
  gtk_drop_down_set_model (self->asked, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->asked, selected);
  gtk_widget_set_visible (GTK_WIDGET (self->asked), people->len > 0);
}

/* With nothing said and nothing being written there is nothing to see. */
static void
show_or_hide (GalleyRemarks *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->list),
                          gtk_widget_get_first_child (GTK_WIDGET (self->list)) != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), gtk_widget_get_visible (GTK_WIDGET (self->list)) ||
                                                 gtk_widget_get_visible (self->writing));
}

static void
clear_list (GalleyRemarks *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_box_remove (self->list, row);
}

static void
loaded_cb (GalleyRemarks *self)
{
  GPtrArray *remarks = galley_conflict_get_remarks (self->conflict);

  if (remarks == NULL)
    return;

  clear_list (self);
  for (guint i = 0; i < remarks->len; i++)
    append_remark (self->list, remarks->pdata[i]);
  show_or_hide (self);
  list_people (self);
}

/* ── saying something ── */

static void
update_send (GalleyRemarks *self)
{
  g_autofree char *text = galley_composer_get_text (GALLEY_COMPOSER (self->composer));
  guint asked = gtk_drop_down_get_selected (self->asked);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "remarks.send",
                                 *g_strstrip (text) != '\0' ||
                                     (asked > 0 && asked <= self->people->len));
}

static void
put_away (GalleyRemarks *self)
{
  galley_composer_set_text (GALLEY_COMPOSER (self->composer), "");
  gtk_drop_down_set_selected (self->asked, 0);
  gtk_widget_set_visible (self->writing, FALSE);
  show_or_hide (self);
}

static void
said_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRemarks) self = user_data;
  g_autoptr (GError) error = NULL;

  if (galley_conflict_say_finish (GALLEY_CONFLICT (source), result, &error))
    {
      if (GALLEY_CONFLICT (source) == self->conflict)
        put_away (self);
    }
  else
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s", error->message);
    }
}

static void
send (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyRemarks *self = GALLEY_REMARKS (widget);
  g_autofree char *text = galley_composer_get_text (GALLEY_COMPOSER (self->composer));
  guint asked = gtk_drop_down_get_selected (self->asked);
  const GalleyId *person = asked > 0 && asked <= self->people->len
                               ? &g_array_index (self->people, GalleyId, asked - 1)
                               : NULL;

  if (self->conflict != NULL && (*g_strstrip (text) != '\0' || person != NULL))
    galley_conflict_say_async (self->conflict, text, person, NULL, said_cb, g_object_ref (self));
}

static void
cancel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  put_away (GALLEY_REMARKS (widget));
}

static void
submit_cb (GalleyRemarks *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "remarks.send", NULL);
}

static void
galley_remarks_dispose (GObject *object)
{
  GalleyRemarks *self = GALLEY_REMARKS (object);
  GtkWidget *child;

  if (self->conflict != NULL)
    g_signal_handlers_disconnect_by_data (self->conflict, self);
  g_clear_object (&self->conflict);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_remarks_parent_class)->dispose (object);
}

static void
galley_remarks_finalize (GObject *object)
{
  g_array_unref (GALLEY_REMARKS (object)->people);
  G_OBJECT_CLASS (galley_remarks_parent_class)->finalize (object);
}

static void
galley_remarks_class_init (GalleyRemarksClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (GALLEY_TYPE_COMPOSER);
  object_class->dispose = galley_remarks_dispose;
  object_class->finalize = galley_remarks_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-remarks.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyRemarks, list);
  gtk_widget_class_bind_template_child (widget_class, GalleyRemarks, writing);
  gtk_widget_class_bind_template_child (widget_class, GalleyRemarks, composer);
  gtk_widget_class_bind_template_child (widget_class, GalleyRemarks, asked);
  gtk_widget_class_bind_template_callback (widget_class, submit_cb);
  gtk_widget_class_bind_template_callback (widget_class, update_send);
  gtk_widget_class_install_action (widget_class, "remarks.send", NULL, send);
  gtk_widget_class_install_action (widget_class, "remarks.cancel", NULL, cancel);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "remarks.cancel", NULL);
}

static void
galley_remarks_init (GalleyRemarks *self)
{
  self->people = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  gtk_widget_init_template (GTK_WIDGET (self));
  update_send (self);
}

/**
 * galley_remarks_set_conflict:
 * @conflict: (nullable): what is written and not sent is about the one before, and goes with it
 */
void
galley_remarks_set_conflict (GalleyRemarks *self, GalleyConflict *conflict)
{
  g_return_if_fail (GALLEY_IS_REMARKS (self));

  if (self->conflict == conflict)
    return;

  if (self->conflict != NULL)
    g_signal_handlers_disconnect_by_data (self->conflict, self);
  g_set_object (&self->conflict, conflict);
  clear_list (self);
  put_away (self);
  if (conflict == NULL)
    return;

  g_signal_connect_object (conflict, "loaded", G_CALLBACK (loaded_cb), self, G_CONNECT_SWAPPED);
  loaded_cb (self);
}

/**
 * galley_remarks_write:
 *
 * Shows the place to write in, and goes there.
 */
void
galley_remarks_write (GalleyRemarks *self)
{
  g_return_if_fail (GALLEY_IS_REMARKS (self));

  gtk_widget_set_visible (self->writing, TRUE);
  show_or_hide (self);
  gtk_widget_grab_focus (self->composer);
}
