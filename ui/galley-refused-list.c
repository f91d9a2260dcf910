/* galley-refused-list.c: own changes that the server refused: why, and what to do about each
 *
 * Not there while nothing is refused. What was put away can be taken out again at once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-refused-list"

#include "ui/galley-refused-list.h"

#include "data/galley-quarantine.h"

#include "sync/galley-refused-file.h"

#include <glib/gi18n-lib.h>

/* More than this nobody reads; the rest comes up as these are dealt with. */
#define MAX_ROWS 50

struct _GalleyRefusedList
{
  GtkWidget parent_instance;

  GalleyStore *store;       /* (nullable) */
  GalleyRefused *discarded; /* (nullable): the last one that was put away */
  gboolean reading;
  gboolean stale;

  AdwPreferencesGroup *group;
  GtkWidget *undo;
  GPtrArray *rows; /* borrowed: of the group */
};

G_DEFINE_FINAL_TYPE (GalleyRefusedList, galley_refused_list, GTK_TYPE_WIDGET)

static void read_again (GalleyRefusedList *self);

/* ── acts ── */

typedef enum
{
  ACT_RESEND,
  ACT_DISCARD,
  ACT_RESTORE,
} ActKind;

typedef struct
{
  ActKind kind;
  GalleyId project;
  GalleyRef ref;
} Act;

/* writer thread */
static gboolean
write_act (GalleyWriter *writer, gpointer data, GError **error)
{
  const Act *act = data;
  GalleyRef made;

  if (act->kind == ACT_RESEND)
    return galley_quarantine_resend (writer, &act->project, &act->ref, &made, error);

  return galley_quarantine_discard (writer, &act->project, &act->ref, act->kind == ACT_DISCARD,
                                    error);
}

static void
acted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRefusedList) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    adw_preferences_group_set_description (self->group, error->message);
  read_again (self);
}

static void
act_on (GalleyRefusedList *self, const GalleyRefused *refused, ActKind kind)
{
  Act *act = g_new0 (Act, 1);

  act->kind = kind;
  act->project = refused->project;
  act->ref = refused->ref;
  galley_store_write_async (self->store, write_act, act, g_free, NULL, acted_cb,
                            g_object_ref (self));
}

static GalleyRefused *
get_refused (GtkWidget *button)
{
  return g_object_get_data (G_OBJECT (button), "galley-refused");
}

static void
resend_cb (GalleyRefusedList *self, GtkWidget *button)
{
  act_on (self, get_refused (button), ACT_RESEND);
}

static GalleyRefused *
copy_name (const GalleyRefused *refused)
{
  GalleyRefused *copy = g_new0 (GalleyRefused, 1);

  copy->project = refused->project;
  copy->ref = refused->ref;
  return copy;
}

static void
discard_cb (GalleyRefusedList *self, GtkWidget *button)
{
  const GalleyRefused *refused = get_refused (button);

  g_clear_pointer (&self->discarded, galley_refused_free);
  self->discarded = copy_name (refused);
  act_on (self, refused, ACT_DISCARD);
}

static void
undo_cb (GalleyRefusedList *self)
{
  g_autoptr (GalleyRefused) refused = g_steal_pointer (&self->discarded);

  if (refused != NULL)
    act_on (self, refused, ACT_RESTORE);
}

/* ── into a file ── */

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRefusedList) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_file_replace_contents_finish (G_FILE (source), result, NULL, &error) &&
      self->store != NULL)
    adw_preferences_group_set_description (self->group, error->message);
}

static void
place_chosen_cb (GalleyRefusedList *self, int response, GtkNativeDialog *dialog)
{
  GBytes *document = g_object_get_data (G_OBJECT (dialog), "galley-document");
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    g_file_replace_contents_bytes_async (file, document, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                         exported_cb, g_object_ref (self));
  g_object_unref (dialog);
}

static void
export_cb (GalleyRefusedList *self, GtkWidget *button)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_ ("Export for a Lead"), window,
                                                              GTK_FILE_CHOOSER_ACTION_SAVE,
                                                              _ ("_Export"), NULL);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), _ ("Refused change.json"));
  g_object_set_data_full (G_OBJECT (dialog), "galley-document",
                          galley_refused_file_write (get_refused (button), NULL),
                          (GDestroyNotify)g_bytes_unref);
  g_signal_connect_object (dialog, "response", G_CALLBACK (place_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* ── rows ── */

static void
add_button (GalleyRefusedList *self,
            AdwActionRow *row,
            const char *label,
            GCallback callback,
            GalleyRefused *refused)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data (G_OBJECT (button), "galley-refused", refused);
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
}

static GtkWidget *
make_row (GalleyRefusedList *self, GalleyRefused *refused)
{
  GtkWidget *row = adw_action_row_new ();
  g_autoptr (GDateTime) made = g_date_time_new_from_unix_local (
      galley_change_get_time_us (refused->change) / G_USEC_PER_SEC);
  g_autofree char *when = made != NULL ? g_date_time_format (made, "%c") : g_strdup ("");
  g_autofree char *text = g_strdup_printf ("%s\n%s", refused->message, when);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 galley_change_get_intent (refused->change));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  /* The row owns what its buttons are about. */
  g_object_set_data_full (G_OBJECT (row), "galley-refused", refused,
                          (GDestroyNotify)galley_refused_free);
  add_button (self, ADW_ACTION_ROW (row), _ ("_Send Again"), G_CALLBACK (resend_cb), refused);
  add_button (self, ADW_ACTION_ROW (row), _ ("_Export…"), G_CALLBACK (export_cb), refused);
  add_button (self, ADW_ACTION_ROW (row), _ ("_Discard"), G_CALLBACK (discard_cb), refused);
  return row;
}

static void
show_list (GalleyRefusedList *self, GPtrArray *list)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);

  for (guint i = 0; i < MIN (list->len, MAX_ROWS); i++)
    {
      GtkWidget *row = make_row (self, g_ptr_array_index (list, i));

      list->pdata[i] = NULL;
      adw_preferences_group_add (self->group, row);
      g_ptr_array_add (self->rows, row);
    }
  gtk_widget_set_visible (self->undo, self->discarded != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), list->len > 0 || self->discarded != NULL);
}

/* reader thread */
static gpointer
read_refused (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_quarantine_list (reader, FALSE, error);
}

static void
clear_refused (gpointer data)
{
  if (data != NULL)
    galley_refused_free (data);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyRefusedList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (self->store == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return;
  if (list == NULL)
    g_warning ("What was refused cannot be read: %s", error->message);
  else
    {
      g_ptr_array_set_free_func (list, clear_refused);
      show_list (self, list);
    }
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleyRefusedList *self)
{
  self->stale = self->reading;
  if (self->reading || self->store == NULL)
    return;

  self->reading = TRUE;
  galley_store_read_async (self->store, read_refused, NULL, NULL, (GDestroyNotify)g_ptr_array_unref,
                           NULL, read_cb, g_object_ref (self));
}

static void
store_changed_cb (GalleyRefusedList *self, const GalleyTouched *touched)
{
  if (touched->outbox || touched->everything)
    read_again (self);
}

/* ── the widget ── */

static void
galley_refused_list_dispose (GObject *object)
{
  GalleyRefusedList *self = GALLEY_REFUSED_LIST (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->discarded, galley_refused_free);
  if (self->group != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->group));
  self->group = NULL;
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  G_OBJECT_CLASS (galley_refused_list_parent_class)->dispose (object);
}

static void
galley_refused_list_class_init (GalleyRefusedListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_refused_list_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
galley_refused_list_init (GalleyRefusedList *self)
{
  self->rows = g_ptr_array_new ();
  self->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->group, _ ("Refused by the Server"));
  adw_preferences_group_set_description (self->group,
                                         _ ("These changes are kept on this computer and shown to "
                                            "nobody else."));
  self->undo = gtk_button_new_with_mnemonic (_ ("_Undo Discard"));
  gtk_widget_add_css_class (self->undo, "flat");
  gtk_widget_set_visible (self->undo, FALSE);
  g_signal_connect_object (self->undo, "clicked", G_CALLBACK (undo_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_set_header_suffix (self->group, self->undo);
  gtk_widget_set_parent (GTK_WIDGET (self->group), GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

/**
 * galley_refused_list_set_store:
 *
 * Once.
 */
void
galley_refused_list_set_store (GalleyRefusedList *self, GalleyStore *store)
{
  g_return_if_fail (GALLEY_IS_REFUSED_LIST (self) && self->store == NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  read_again (self);
}
