/* galley-thread-list.c: the notes of an item as a list: the twin of the canvas, for eye and ear
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-thread-list"

#include "ui/galley-thread-list.h"

#include "ui/galley-thread-row.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* In the order of the drop-down. */
typedef enum
{
  SHOW_ALL,
  SHOW_OPEN,
  SHOW_RESOLVED,
} Show;

struct _GalleyThreadList
{
  GtkWidget parent_instance;

  GalleyAnnotationModel *model; /* (nullable) */
  GtkFilter *shown;
  GtkSingleSelection *selection;
  GHashTable *rows;   /* GalleyThread → GalleyThreadRow, of those that are bound */
  GalleyId to_edit;   /* nil: none; the row opens its editor as soon as it is there */
  gboolean selecting; /* from outside: it is not the person who chooses */

  GtkDropDown *filter;
  GtkLabel *count;
  GtkStack *stack;
  AdwStatusPage *empty;
  GtkWidget *add_note;
  GtkListView *list;
};

enum
{
  SIGNAL_SELECTED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyThreadList, galley_thread_list, GTK_TYPE_WIDGET)

static gboolean
thread_is_shown (gpointer item, gpointer user_data)
{
  GalleyThreadList *self = user_data;
  Show show = gtk_drop_down_get_selected (self->filter);

  return show == SHOW_ALL || galley_thread_is_resolved (item) == (show == SHOW_RESOLVED);
}

static void
update_count (GalleyThreadList *self)
{
  GListModel *threads = self->model != NULL ? galley_annotation_model_get_threads (self->model)
                                            : NULL;
  guint n_all = threads != NULL ? g_list_model_get_n_items (threads) : 0;
  guint n_shown = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  guint n_open = 0;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n_all; i++)
    {
      g_autoptr (GalleyThread) thread = g_list_model_get_item (threads, i);

      n_open += !galley_thread_is_resolved (thread);
    }

  text = galley_words_for_notes (n_open, n_all);
  gtk_label_set_text (self->count, n_all > 0 ? text : "");
  gtk_stack_set_visible_child_name (self->stack, n_shown > 0 ? "list" : "empty");
  adw_status_page_set_title (self->empty, n_all > 0 ? _ ("No Such Notes") : _ ("No Notes"));
  gtk_widget_set_visible (self->add_note, n_all == 0);
}

static void
refilter (GalleyThreadList *self)
{
  gtk_filter_changed (self->shown, GTK_FILTER_CHANGE_DIFFERENT);
  update_count (self);
}

/* ── rows ── */

static void
reply_cb (GalleyThreadList *self, const char *text, GalleyThreadRow *row)
{
  GalleyThread *thread = galley_thread_row_get_thread (row);

  galley_annotation_model_reply (self->model, galley_thread_get_id (thread), text);
}

static void
edit_cb (GalleyThreadList *self, const char *text, GArray *seen, GalleyThreadRow *row)
{
  GalleyThread *thread = galley_thread_row_get_thread (row);

  galley_annotation_model_set_body (self->model, galley_thread_get_id (thread), text, seen);
}

static void
command_cb (GalleyThreadList *self, const char *name, GalleyThreadRow *row)
{
  const GalleyId *note = galley_thread_get_id (galley_thread_row_get_thread (row));

  if (g_str_equal (name, "resolve") || g_str_equal (name, "reopen"))
    galley_annotation_model_set_resolved (self->model, note, g_str_equal (name, "resolve"));
  else if (g_str_equal (name, "block") || g_str_equal (name, "unblock"))
    galley_annotation_model_set_blocking (self->model, note, g_str_equal (name, "block"));
  else if (g_str_equal (name, "delete"))
    galley_annotation_model_delete (self->model, note);
  else if (g_str_equal (name, "retry"))
    galley_annotation_model_retry (self->model, note);
}

static void
setup_row_cb (GalleyThreadList *self, GtkListItem *list_item)
{
  GtkWidget *row = galley_thread_row_new ();

  g_signal_connect_object (row, "reply", G_CALLBACK (reply_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "edit", G_CALLBACK (edit_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "command", G_CALLBACK (command_cb), self, G_CONNECT_SWAPPED);
  g_object_bind_property (list_item, "selected", row, "expanded", G_BINDING_SYNC_CREATE);
  gtk_list_item_set_child (list_item, row);
}

static gboolean
edit_when_mapped (gpointer user_data)
{
  g_autoptr (GalleyThreadList) self = user_data;
  GalleyThread *thread = self->model != NULL
                             ? galley_annotation_model_find_thread (self->model, &self->to_edit)
                             : NULL;
  GalleyThreadRow *row = thread != NULL ? g_hash_table_lookup (self->rows, thread) : NULL;

  if (row == NULL)
    return G_SOURCE_REMOVE;

  memset (&self->to_edit, 0, sizeof self->to_edit);
  galley_thread_row_edit (row);
  return G_SOURCE_REMOVE;
}

static void
bind_row_cb (GalleyThreadList *self, GtkListItem *list_item)
{
  GtkWidget *row = gtk_list_item_get_child (list_item);
  GalleyThread *thread = gtk_list_item_get_item (list_item);

  galley_thread_row_set_thread (GALLEY_THREAD_ROW (row), thread);
  g_hash_table_insert (self->rows, thread, row);
  if (galley_id_equal (galley_thread_get_id (thread), &self->to_edit))
    g_idle_add (edit_when_mapped, g_object_ref (self));
}

static void
unbind_row_cb (GalleyThreadList *self, GtkListItem *list_item)
{
  GtkWidget *row = gtk_list_item_get_child (list_item);

  g_hash_table_remove (self->rows, gtk_list_item_get_item (list_item));
  galley_thread_row_set_thread (GALLEY_THREAD_ROW (row), NULL);
}

static void
selected_cb (GalleyThreadList *self)
{
  if (!self->selecting)
    g_signal_emit (self, signals[SIGNAL_SELECTED], 0, galley_thread_list_get_selected (self));
}

/* ── the widget ── */

static void
galley_thread_list_dispose (GObject *object)
{
  GalleyThreadList *self = GALLEY_THREAD_LIST (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->model);
  g_clear_object (&self->selection);
  g_clear_object (&self->shown);
  G_OBJECT_CLASS (galley_thread_list_parent_class)->dispose (object);
}

static void
galley_thread_list_finalize (GObject *object)
{
  g_hash_table_unref (GALLEY_THREAD_LIST (object)->rows);
  G_OBJECT_CLASS (galley_thread_list_parent_class)->finalize (object);
}

static void
galley_thread_list_class_init (GalleyThreadListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = galley_thread_list_dispose;
  object_class->finalize = galley_thread_list_finalize;
  signals[SIGNAL_SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, GALLEY_TYPE_THREAD);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-thread-list.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadList, filter);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadList, count);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadList, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadList, empty);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadList, add_note);
  gtk_widget_class_bind_template_child (widget_class, GalleyThreadList, list);
}

static void
galley_thread_list_init (GalleyThreadList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  galley_ui_name_drop_down (self->filter, _ ("Which Notes"));
  self->rows = g_hash_table_new (NULL, NULL);
  self->shown = GTK_FILTER (gtk_custom_filter_new (thread_is_shown, self, NULL));
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_row_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filter, "notify::selected", G_CALLBACK (refilter), self,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_thread_list_set_model:
 *
 * Once.
 */
void
galley_thread_list_set_model (GalleyThreadList *self, GalleyAnnotationModel *model)
{
  g_autoptr (GtkFilterListModel) filtered = NULL;

  g_return_if_fail (GALLEY_IS_THREAD_LIST (self) && self->model == NULL);

  self->model = g_object_ref (model);
  filtered = gtk_filter_list_model_new (g_object_ref (galley_annotation_model_get_threads (model)),
                                        g_object_ref (self->shown));
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (filtered));
  g_signal_connect_object (model, "changed", G_CALLBACK (refilter), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (filtered, "items-changed", G_CALLBACK (update_count), self,
                           G_CONNECT_SWAPPED);
  update_count (self);
}

static gboolean
find_position (GalleyThreadList *self, const GalleyId *note, guint *position)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->selection)); i++)
    {
      g_autoptr (GalleyThread) thread = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (galley_id_equal (galley_thread_get_id (thread), note))
        {
          *position = i;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * galley_thread_list_select:
 * @note: (nullable): what was selected elsewhere; "selected" is not emitted
 */
void
galley_thread_list_select (GalleyThreadList *self, const GalleyId *note)
{
  guint position = GTK_INVALID_LIST_POSITION;

  g_return_if_fail (GALLEY_IS_THREAD_LIST (self));

  self->selecting = TRUE;
  if (note != NULL && !find_position (self, note, &position))
    {
      /* It is there, but the filter hides it. */
      gtk_drop_down_set_selected (self->filter, SHOW_ALL);
      find_position (self, note, &position);
    }
  gtk_single_selection_set_selected (self->selection, position);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
  self->selecting = FALSE;
}

/**
 * galley_thread_list_edit:
 *
 * Selects the note and opens its text for writing, now or as soon as its row is there.
 */
void
galley_thread_list_edit (GalleyThreadList *self, const GalleyId *note)
{
  g_return_if_fail (GALLEY_IS_THREAD_LIST (self) && note != NULL);

  self->to_edit = *note;
  galley_thread_list_select (self, note);
  g_idle_add (edit_when_mapped, g_object_ref (self));
}

/**
 * galley_thread_list_reply:
 *
 * The focus goes to the reply field of the selected note, if there is one.
 */
void
galley_thread_list_reply (GalleyThreadList *self)
{
  GalleyThread *thread = galley_thread_list_get_selected (self);
  GalleyThreadRow *row = thread != NULL ? g_hash_table_lookup (self->rows, thread) : NULL;

  if (row != NULL)
    galley_thread_row_focus_reply (row);
}

/**
 * galley_thread_list_get_selected:
 *
 * Returns: (transfer none) (nullable)
 */
GalleyThread *
galley_thread_list_get_selected (GalleyThreadList *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD_LIST (self), NULL);

  return gtk_single_selection_get_selected_item (self->selection);
}
