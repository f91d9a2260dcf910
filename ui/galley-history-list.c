/* galley-history-list.c: who did what to an item, newest first
 *
 * It is read when it is looked at, and again when something changes while it is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-history-list"

#include "ui/galley-history-list.h"

#include "ui/galley-audit-window.h"
#include "ui/galley-journal-row.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_LINES 300
/* Of one change: the list is narrow. */
#define MAX_TEXT_LINES 4

struct _GalleyHistoryList
{
  GtkWidget parent_instance;

  GalleyStore *store; /* (nullable) */
  GalleyId item;      /* nil: none */
  GtkStringList *lines;
  GPtrArray *shown;   /* of GalleyJournalLine, one for each string */
  GalleyId read_item; /* whose lines are shown */
  gboolean reading;
  gboolean stale;

  GtkStack *stack;
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (GalleyHistoryList, galley_history_list, GTK_TYPE_WIDGET)

/* ── reading ── */

typedef struct
{
  GalleyId item;
  GalleyId person;
} Question;

static gpointer
read_lines (GalleyReader *reader, gpointer data, GError **error)
{
  const Question *question = data;
  GalleyJournalFilter filter = { .entity = &question->item, .limit = MAX_LINES };

  return galley_journal_line_read (reader, &question->person, &filter, error);
}

static void read_again (GalleyHistoryList *self);

static void
show_lines (GalleyHistoryList *self, GPtrArray *lines)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new ();

  g_clear_pointer (&self->shown, g_ptr_array_unref);
  self->shown = g_ptr_array_ref (lines);
  for (guint i = 0; i < lines->len; i++)
    g_ptr_array_add (strings, ((GalleyJournalLine *)lines->pdata[i])->what);
  g_ptr_array_add (strings, NULL);
  gtk_string_list_splice (self->lines, 0, g_list_model_get_n_items (G_LIST_MODEL (self->lines)),
                          (const char *const *)strings->pdata);
  gtk_stack_set_visible_child_name (self->stack, lines->len > 0 ? "list" : "empty");
}

static void
lines_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyHistoryList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) lines = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (lines != NULL && galley_id_equal (&self->read_item, &self->item))
    show_lines (self, lines);
  else if (lines == NULL)
    g_debug ("no history: %s", error->message);
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleyHistoryList *self)
{
  Question *question;

  self->stale = self->reading || !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->stale || self->store == NULL || galley_id_is_nil (&self->item))
    return;

  self->reading = TRUE;
  self->read_item = self->item;
  question = g_new0 (Question, 1);
  question->item = self->item;
  galley_store_get_person (self->store, &question->person);
  galley_store_read_async (self->store, read_lines, question, g_free,
                           (GDestroyNotify)g_ptr_array_unref, NULL, lines_read_cb,
                           g_object_ref (self));
}

static void
store_changed_cb (GalleyHistoryList *self, const GalleyTouched *touched)
{
  gboolean ours = touched->everything || touched->outbox;

  for (guint i = 0; !ours && i < touched->entities->len; i++)
    {
      const GalleyTouchedEntity *entity = &g_array_index (touched->entities, GalleyTouchedEntity,
                                                          i);

      ours = galley_id_equal (&entity->owner, &self->item) ||
             galley_id_equal (&entity->entity, &self->item);
    }

  if (ours)
    read_again (self);
}

/* ── rows ── */

static void
setup_row_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  galley_journal_row_set_up (list_item, MAX_TEXT_LINES);
  gtk_list_item_set_activatable (list_item, FALSE);
}

static void
bind_row_cb (GalleyHistoryList *self, GtkListItem *list_item)
{
  galley_journal_row_bind (list_item, self->shown->pdata[gtk_list_item_get_position (list_item)]);
}

/* ── the widget ── */

static void
show_all (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyHistoryList *self = GALLEY_HISTORY_LIST (widget);
  char id[GALLEY_ID_TEXT_SIZE];

  gtk_widget_activate_action (widget, "win.show-history", "(sqs)",
                              galley_id_print (&self->item, id), GALLEY_AUDIT_ALL_FIELDS, "");
}

static void
galley_history_list_map (GtkWidget *widget)
{
  GalleyHistoryList *self = GALLEY_HISTORY_LIST (widget);

  GTK_WIDGET_CLASS (galley_history_list_parent_class)->map (widget);
  if (self->stale || !galley_id_equal (&self->item, &self->read_item))
    read_again (self);
}

static void
galley_history_list_dispose (GObject *object)
{
  GalleyHistoryList *self = GALLEY_HISTORY_LIST (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->store);
  g_clear_object (&self->lines);
  g_clear_pointer (&self->shown, g_ptr_array_unref);
  G_OBJECT_CLASS (galley_history_list_parent_class)->dispose (object);
}

static void
galley_history_list_class_init (GalleyHistoryListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_history_list_dispose;
  widget_class->map = galley_history_list_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-history-list.ui");
  gtk_widget_class_install_action (widget_class, "history.show-all", NULL, show_all);
  gtk_widget_class_bind_template_child (widget_class, GalleyHistoryList, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyHistoryList, list);
}

static void
galley_history_list_init (GalleyHistoryList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->lines = gtk_string_list_new (NULL);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, G_CONNECT_SWAPPED);
  selection = GTK_SELECTION_MODEL (
      gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->lines))));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, selection);
}

/**
 * galley_history_list_set_store:
 *
 * Once.
 */
void
galley_history_list_set_store (GalleyHistoryList *self, GalleyStore *store)
{
  g_return_if_fail (GALLEY_IS_HISTORY_LIST (self) && self->store == NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

void
galley_history_list_set_item (GalleyHistoryList *self, const GalleyId *item)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  g_return_if_fail (GALLEY_IS_HISTORY_LIST (self) && item != NULL);

  self->item = *item;
  memset (&self->read_item, 0, sizeof self->read_item);
  show_lines (self, none);
  read_again (self);
}
