/* galley-conflict-list.c: everything that people changed at the same time, for a person to settle
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict-list"

#include "ui/galley-conflict-list.h"

#include "ui/galley-conflict-card.h"
#include "ui/galley-ui.h"
#include "ui/galley-undo-offer.h"

#include <glib/gi18n-lib.h>

struct _GalleyConflictList
{
  GtkWidget parent_instance;

  GalleyStore *store; /* (nullable) */
  GListStore *model;  /* of GalleyConflict */
  gboolean reading;
  gboolean stale;
  GCancellable *cancellable;

  GtkStack *stack;
  GtkListView *list;
};

enum
{
  SIGNAL_SHOW_ITEM,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConflictList, galley_conflict_list, GTK_TYPE_WIDGET)

static gpointer
read_conflicts (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_reader_list_conflicts (reader, NULL, error);
}

/* What is settled goes; what stays is returned by its entity. */
static GHashTable *
drop_settled (GalleyConflictList *self, GPtrArray *rows)
{
  g_autoptr (GHashTable) open = g_hash_table_new (galley_id_hash, galley_id_equal);
  GHashTable *known = g_hash_table_new (galley_id_hash, galley_id_equal);

  for (guint i = 0; i < rows->len; i++)
    g_hash_table_add (open, &((GalleyConflictRow *)rows->pdata[i])->entity);

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->model)); i > 0; i--)
    {
      g_autoptr (GalleyConflict)
          conflict = g_list_model_get_item (G_LIST_MODEL (self->model), i - 1);
      const GalleyId *entity = galley_conflict_get_entity (conflict);

      if (g_hash_table_contains (open, entity))
        g_hash_table_insert (known, (gpointer)entity, conflict);
      else
        g_list_store_remove (self->model, i - 1);
    }

  return known;
}

/* What stays is not moved, so that nothing jumps under the pointer; what is new comes last. */
static void
apply_rows (GalleyConflictList *self, GPtrArray *rows)
{
  g_autoptr (GHashTable) known = drop_settled (self, rows);
  g_autoptr (GPtrArray) fresh = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyConflictRow *row = rows->pdata[i];
      GalleyConflict *conflict = g_hash_table_lookup (known, &row->entity);

      if (conflict == NULL)
        g_ptr_array_add (fresh, galley_conflict_new (self->store, row));
      else if (galley_conflict_get_contests (conflict) != NULL)
        galley_conflict_load (conflict); /* it has been on screen: it may differ */
    }

  g_list_store_splice (self->model, g_list_model_get_n_items (G_LIST_MODEL (self->model)), 0,
                       fresh->pdata, fresh->len);
  gtk_stack_set_visible_child_name (self->stack, rows->len > 0 ? "list" : "empty");
}

static void read_again (GalleyConflictList *self);

static void
conflicts_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyConflictList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (rows != NULL)
    apply_rows (self, rows);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s", error->message);
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleyConflictList *self)
{
  if (self->reading)
    {
      self->stale = TRUE;
      return;
    }

  self->reading = TRUE;
  self->stale = FALSE;
  galley_store_read_async (self->store, read_conflicts, NULL, NULL,
                           (GDestroyNotify)g_ptr_array_unref, self->cancellable, conflicts_read_cb,
                           g_object_ref (self));
}

static void
store_changed_cb (GalleyConflictList *self, const GalleyTouched *touched)
{
  if (touched->everything || touched->conflicts)
    read_again (self);
}

static void
resolved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyConflictList) self = user_data;
  GalleyConflict *conflict = GALLEY_CONFLICT (source);
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  if (!galley_conflict_resolve_finish (conflict, result, &committed, &error))
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s", error->message);
      galley_conflict_load (conflict);
      return;
    }

  galley_undo_offer (GTK_WIDGET (self), _ ("Conflict settled"), &committed, 1);
}

static void
take_cb (GalleyConflictList *self, guint contest, guint side, GalleyConflictCard *card)
{
  galley_conflict_resolve_async (galley_conflict_card_get_conflict (card), contest, side,
                                 self->cancellable, resolved_cb, g_object_ref (self));
}

static void
show_item_cb (GalleyConflictList *self, GalleyConflictCard *card)
{
  const GalleyConflictRow *row = galley_conflict_get_row (galley_conflict_card_get_conflict (card));

  g_signal_emit (self, signals[SIGNAL_SHOW_ITEM], 0, &row->item);
}

static void
setup_card_cb (GalleyConflictList *self, GtkListItem *list_item)
{
  GtkWidget *card = galley_conflict_card_new ();

  g_signal_connect_object (card, "take", G_CALLBACK (take_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (card, "show-item", G_CALLBACK (show_item_cb), self, G_CONNECT_SWAPPED);
  gtk_list_item_set_child (list_item, card);
  gtk_list_item_set_activatable (list_item, FALSE);
}

static void
bind_card_cb (GalleyConflictList *self, GtkListItem *list_item)
{
  GtkWidget *card = gtk_list_item_get_child (list_item);
  GalleyConflict *conflict = gtk_list_item_get_item (list_item);
  GtkWidget *row = gtk_widget_get_parent (card);

  galley_conflict_card_set_conflict (GALLEY_CONFLICT_CARD (card), conflict);
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    galley_conflict_get_row (conflict)->title, -1);
}

static void
unbind_card_cb (GalleyConflictList *self, GtkListItem *list_item)
{
  galley_conflict_card_set_conflict (GALLEY_CONFLICT_CARD (gtk_list_item_get_child (list_item)),
                                     NULL);
}

static void
galley_conflict_list_dispose (GObject *object)
{
  GalleyConflictList *self = GALLEY_CONFLICT_LIST (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->model);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_conflict_list_parent_class)->dispose (object);
}

static void
galley_conflict_list_finalize (GObject *object)
{
  g_object_unref (GALLEY_CONFLICT_LIST (object)->cancellable);
  G_OBJECT_CLASS (galley_conflict_list_parent_class)->finalize (object);
}

static void
galley_conflict_list_class_init (GalleyConflictListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = galley_conflict_list_dispose;
  object_class->finalize = galley_conflict_list_finalize;
  signals[SIGNAL_SHOW_ITEM] = g_signal_new ("show-item", G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            G_TYPE_POINTER);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-conflict-list.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictList, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictList, list);
}

static void
galley_conflict_list_init (GalleyConflictList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  self->model = g_list_store_new (GALLEY_TYPE_CONFLICT);
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_card_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_card_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_card_cb), self, G_CONNECT_SWAPPED);
  selection = GTK_SELECTION_MODEL (
      gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->model))));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, selection);
}

/**
 * galley_conflict_list_set_store:
 *
 * Once.
 */
void
galley_conflict_list_set_store (GalleyConflictList *self, GalleyStore *store)
{
  g_return_if_fail (GALLEY_IS_CONFLICT_LIST (self) && self->store == NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  read_again (self);
}
