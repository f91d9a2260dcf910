/* galley-conflict-list.c: everything that people changed at the same time, for a person to settle
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict-list"

#include "ui/galley-conflict-list.h"

#include "ui/galley-conflict-pane.h"
#include "ui/galley-settle-several.h"
#include "ui/galley-ui.h"
#include "ui/galley-undo-offer.h"
#include "ui/galley-words.h"

#include "data/galley-put-off.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GalleyConflictList
{
  GtkWidget parent_instance;

  GalleyStore *store; /* (nullable) */
  GListStore *model;  /* of GalleyConflict, those of one item together */
  GtkSingleSelection *selection;
  GPtrArray *bound; /* of GtkListItem (borrowed): the rows that show something */
  guint position;   /* where what is looked at stands, or stood */
  GalleyId wanted;  /* nil: none; what is to be shown once it is listed */
  gboolean left;    /* the person has settled what is looked at */
  gboolean reading;
  gboolean stale;
  guint again_source; /* when the first that was put off is to be seen */
  GCancellable *cancellable;

  GtkStack *stack;
  AdwLeaflet *leaflet;
  GtkListView *list;
  GtkWidget *back_bar;
  GalleyConflictPane *pane;
};

enum
{
  SIGNAL_SHOW_ITEM,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConflictList, galley_conflict_list, GTK_TYPE_WIDGET)

static guint
count_listed (GalleyConflictList *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->model));
}

static GalleyConflict *
get_listed (GalleyConflictList *self, guint position)
{
  g_autoptr (GalleyConflict)
      conflict = g_list_model_get_item (G_LIST_MODEL (self->model), position);

  return conflict; /* the model keeps it */
}

/* ── the rows ── */

static gboolean
is_of_same_item (const GalleyConflictRow *a, const GalleyConflictRow *b)
{
  if (galley_id_is_nil (&a->item) && galley_id_is_nil (&b->item))
    return galley_id_equal (&a->entity, &b->entity);

  return galley_id_equal (&a->item, &b->item);
}

static void
show_heading (GalleyConflictList *self, GtkListItem *list_item)
{
  GtkWidget *heading = gtk_widget_get_first_child (gtk_list_item_get_child (list_item));
  guint position = gtk_list_item_get_position (list_item);
  const GalleyConflictRow *row = galley_conflict_get_row (gtk_list_item_get_item (list_item));

  gtk_widget_set_visible (heading,
                          position == 0 || position >= count_listed (self) ||
                              !is_of_same_item (row, galley_conflict_get_row (
                                                         get_listed (self, position - 1))));
}

static void
show_headings (GalleyConflictList *self)
{
  for (guint i = 0; i < self->bound->len; i++)
    show_heading (self, self->bound->pdata[i]);
}

static GtkWidget *
append_label (GtkWidget *box, const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static void
setup_row_cb (GalleyConflictList *self, GtkListItem *list_item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  append_label (box, "heading");
  append_label (box, NULL);
  gtk_widget_add_css_class (append_label (box, "caption"), "dim-label");
  gtk_widget_add_css_class (box, "galley-conflict-row");
  gtk_list_item_set_child (list_item, box);
}

static gboolean
is_put_off (const GalleyConflictRow *row)
{
  return row->put_off_us > g_get_real_time ();
}

/* "2 fields · found 5 minutes ago" */
static char *
describe (const GalleyConflictRow *row)
{
  g_autofree char *fields = g_strdup_printf (ngettext ("%u field", "%u fields", row->n_fields),
                                             row->n_fields);
  g_autofree char *since = galley_words_for_time (row->since_us, g_get_real_time ());

  if (row->asked && !is_put_off (row))
    /* Translators: how many fields, when that was noticed: “You are asked · 2 fields · found 5
     * minutes ago” */
    return g_strdup_printf (_ ("You are asked · %s · found %s"), fields, since);
  if (is_put_off (row))
    {
      g_autofree char *until = galley_words_for_exact_time (row->put_off_us);

      /* Translators: how many fields, and a time: “2 fields · put off until 31/05/26 08:00” */
      return g_strdup_printf (_ ("%s · put off until %s"), fields, until);
    }

  /* Translators: how many fields, when that was noticed: “2 fields · found 5 minutes ago” */
  return g_strdup_printf (_ ("%s · found %s"), fields, since);
}

static void
show_row (GtkListItem *list_item)
{
  GtkWidget *box = gtk_list_item_get_child (list_item), *row = gtk_widget_get_parent (box);
  GtkWidget *heading = gtk_widget_get_first_child (box);
  GtkWidget *kind = gtk_widget_get_next_sibling (heading);
  GalleyConflict *conflict = gtk_list_item_get_item (list_item);
  const GalleyConflictRow *shown = galley_conflict_get_row (conflict);
  g_autofree char *more = describe (shown);
  g_autofree char *said = g_strdup_printf ("%s, %s, %s", shown->title,
                                           galley_conflict_get_kind_words (conflict), more);

  gtk_label_set_text (GTK_LABEL (heading), shown->title);
  gtk_label_set_text (GTK_LABEL (kind), galley_conflict_get_kind_words (conflict));
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_next_sibling (kind)), more);
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, said, -1);
}

static void
bind_row_cb (GalleyConflictList *self, GtkListItem *list_item)
{
  show_row (list_item);
  g_ptr_array_add (self->bound, list_item);
  show_heading (self, list_item);
}

/* Other things are said of it than before. */
static void
show_again (GalleyConflictList *self, GalleyConflict *conflict)
{
  for (guint i = 0; i < self->bound->len; i++)
    if (gtk_list_item_get_item (self->bound->pdata[i]) == conflict)
      show_row (self->bound->pdata[i]);
}

static void
unbind_row_cb (GalleyConflictList *self, GtkListItem *list_item)
{
  g_ptr_array_remove_fast (self->bound, list_item);
}

/* ── which one is looked at ── */

static gboolean
is_alone (GalleyConflictList *self)
{
  return adw_leaflet_get_folded (self->leaflet);
}

static void
select_at (GalleyConflictList *self, guint position)
{
  gtk_single_selection_set_selected (self->selection, position);
  gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
}

static void
selected_cb (GalleyConflictList *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);

  if (position == GTK_INVALID_LIST_POSITION)
    return; /* what is looked at stays in sight, whoever settles it */

  self->position = position;
  self->left = FALSE;
  galley_conflict_pane_set_conflict (self->pane, get_listed (self, position));
}

static void
activate_cb (GalleyConflictList *self, guint position)
{
  select_at (self, position);
  adw_leaflet_set_visible_child_name (self->leaflet, "pane");
  gtk_widget_grab_focus (GTK_WIDGET (self->pane));
}

/* There is nothing to be done any more. */
static void
show_empty (GalleyConflictList *self)
{
  galley_conflict_pane_set_conflict (self->pane, NULL);
  adw_leaflet_set_visible_child_name (self->leaflet, "list");
  gtk_stack_set_visible_child_name (self->stack, "empty");
  self->left = FALSE;
}

static void
go_on (GalleyConflictList *self)
{
  GalleyConflict *shown = galley_conflict_pane_get_conflict (self->pane);
  guint count = count_listed (self), position;

  if (count == 0)
    {
      show_empty (self);
      return;
    }
  position = g_list_store_find (self->model, shown, &position) ? (position + 1) % count
                                                               : MIN (self->position, count - 1);
  select_at (self, position);
  gtk_widget_grab_focus (GTK_WIDGET (self->pane));
}

static void
next_cb (GalleyConflictList *self)
{
  go_on (self);
}

static void
applied_cb (GalleyConflictList *self, GalleyConflict *conflict, const GalleyCommitted *committed)
{
  galley_undo_offer (GTK_WIDGET (self), _ ("Conflict settled"), committed, 1);
  /* Who has gone on meanwhile stays where they are. */
  if (conflict != galley_conflict_pane_get_conflict (self->pane))
    return;
  if (galley_conflict_count_open (conflict) > 0)
    {
      galley_conflict_load (conflict);
      galley_conflict_pane_focus_next (self->pane);
    }
  /* The list may know of it already. */
  else if (count_listed (self) > 1 || !g_list_store_find (self->model, conflict, NULL))
    go_on (self);
  else
    self->left = TRUE;
}

static void
put_off_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyConflictList) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s", error->message);
}

static void
put_off_cb (GalleyConflictList *self, gint64 until_us)
{
  GalleyConflict *shown = galley_conflict_pane_get_conflict (self->pane);
  GalleyPutOff *off = g_new0 (GalleyPutOff, 1);

  off->entity = *galley_conflict_get_entity (shown);
  off->until_us = until_us;
  galley_store_write_async (self->store, galley_put_off, off, g_free, NULL, put_off_done_cb,
                            g_object_ref (self));
  if (until_us != 0)
    go_on (self);
}

static void
show_item_cb (GalleyConflictList *self, const GalleyId *item)
{
  g_signal_emit (self, signals[SIGNAL_SHOW_ITEM], 0, item);
}

static gboolean
find_entity (GalleyConflictList *self, const GalleyId *entity, guint *position)
{
  for (*position = 0; *position < count_listed (self); (*position)++)
    if (galley_id_equal (galley_conflict_get_entity (get_listed (self, *position)), entity))
      return TRUE;

  return FALSE;
}

static void
show_wanted (GalleyConflictList *self)
{
  guint position;

  if (!galley_id_is_nil (&self->wanted) && find_entity (self, &self->wanted, &position))
    {
      memset (&self->wanted, 0, sizeof self->wanted);
      activate_cb (self, position);
    }
  else if (galley_conflict_pane_get_conflict (self->pane) == NULL && count_listed (self) > 0 &&
           !is_alone (self))
    {
      select_at (self, 0);
    }
}

/* ── what is listed ── */

/* What was put off stands behind the rest. */
static gpointer
read_conflicts (GalleyReader *reader, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) rows = galley_reader_list_conflicts (reader, NULL, error);
  GPtrArray *sorted;

  if (rows == NULL)
    return NULL;

  sorted = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_conflict_row_free);
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < rows->len; i++)
      if (is_put_off (rows->pdata[i]) == (pass == 1))
        g_ptr_array_add (sorted, rows->pdata[i]);
  g_ptr_array_set_free_func (rows, NULL);
  return sorted;
}

/* What is settled goes, and what was put off or brought back, to come again where it belongs; what
 * stays is returned by its entity. */
static GHashTable *
drop_settled (GalleyConflictList *self, GPtrArray *rows)
{
  g_autoptr (GHashTable) open = g_hash_table_new (galley_id_hash, galley_id_equal);
  GHashTable *known = g_hash_table_new (galley_id_hash, galley_id_equal);

  for (guint i = 0; i < rows->len; i++)
    g_hash_table_insert (open, &((GalleyConflictRow *)rows->pdata[i])->entity, rows->pdata[i]);

  for (guint i = count_listed (self); i > 0; i--)
    {
      GalleyConflict *conflict = get_listed (self, i - 1);
      const GalleyId *entity = galley_conflict_get_entity (conflict);
      const GalleyConflictRow *row = g_hash_table_lookup (open, entity);

      if (row != NULL && row->put_off_us == galley_conflict_get_row (conflict)->put_off_us)
        {
          if (galley_conflict_follow_row (conflict, row))
            show_again (self, conflict);
          g_hash_table_insert (known, (gpointer)entity, conflict);
        }
      else
        g_list_store_remove (self->model, i - 1);
    }

  return known;
}

/* Behind the others of its item; else last, so that nothing jumps under the pointer. */
static void
insert (GalleyConflictList *self, GHashTable *last_of_item, GalleyConflict *conflict)
{
  const GalleyConflictRow *row = galley_conflict_get_row (conflict);
  GalleyConflict *last = galley_id_is_nil (&row->item)
                             ? NULL
                             : g_hash_table_lookup (last_of_item, &row->item);
  guint position;

  if (last != NULL && g_list_store_find (self->model, last, &position))
    g_list_store_insert (self->model, position + 1, conflict);
  else
    g_list_store_append (self->model, conflict);
  if (!galley_id_is_nil (&row->item))
    g_hash_table_insert (last_of_item, (gpointer)&row->item, conflict);
}

static GHashTable *
find_last_of_items (GalleyConflictList *self)
{
  GHashTable *last = g_hash_table_new (galley_id_hash, galley_id_equal);

  for (guint i = 0; i < count_listed (self); i++)
    {
      GalleyConflict *conflict = get_listed (self, i);
      const GalleyConflictRow *row = galley_conflict_get_row (conflict);

      if (!galley_id_is_nil (&row->item))
        g_hash_table_insert (last, (gpointer)&row->item, conflict);
    }

  return last;
}

/* All at once into an empty list: those of one item stand together. */
static void
fill (GalleyConflictList *self, GPtrArray *rows)
{
  g_autoptr (GPtrArray) conflicts = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GHashTable) groups = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL,
                                                         (GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GPtrArray) order = g_ptr_array_new ();

  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyConflictRow *row = rows->pdata[i];
      const GalleyId *key = galley_id_is_nil (&row->item) ? &row->entity : &row->item;
      GPtrArray *group = g_hash_table_lookup (groups, key);

      if (group == NULL)
        {
          group = g_ptr_array_new ();
          g_hash_table_insert (groups, (gpointer)key, group);
          g_ptr_array_add (order, group);
        }
      g_ptr_array_add (group, (gpointer)row);
    }
  for (guint i = 0; i < order->len; i++)
    for (guint k = 0; k < ((GPtrArray *)order->pdata[i])->len; k++)
      g_ptr_array_add (conflicts,
                       galley_conflict_new (self->store, ((GPtrArray *)order->pdata[i])->pdata[k]));

  g_list_store_splice (self->model, 0, 0, conflicts->pdata, conflicts->len);
}

static void
add_fresh (GalleyConflictList *self, GPtrArray *rows, GHashTable *known)
{
  g_autoptr (GHashTable) last_of_item = find_last_of_items (self);

  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyConflictRow *row = rows->pdata[i];
      g_autoptr (GalleyConflict) conflict = NULL;

      if (g_hash_table_contains (known, &row->entity))
        continue;
      conflict = galley_conflict_new (self->store, row);
      insert (self, last_of_item, conflict);
    }
}

static void read_again (GalleyConflictList *self);

static gboolean
is_due_cb (gpointer user_data)
{
  GalleyConflictList *self = user_data;

  self->again_source = 0;
  read_again (self);
  return G_SOURCE_REMOVE;
}

static void
look_again_when_due (GalleyConflictList *self, GPtrArray *rows)
{
  gint64 now_us = g_get_real_time (), first_us = now_us + G_TIME_SPAN_DAY;
  gboolean any = FALSE;

  for (guint i = 0; i < rows->len; i++)
    if (is_put_off (rows->pdata[i]))
      {
        any = TRUE;
        first_us = MIN (first_us, ((GalleyConflictRow *)rows->pdata[i])->put_off_us);
      }
  g_clear_handle_id (&self->again_source, g_source_remove);
  if (any)
    self->again_source = g_timeout_add_seconds ((first_us - now_us) / G_USEC_PER_SEC + 1, is_due_cb,
                                                self);
}

static void
apply_rows (GalleyConflictList *self, GPtrArray *rows)
{
  GalleyConflict *shown = galley_conflict_pane_get_conflict (self->pane);
  g_autoptr (GHashTable) known = drop_settled (self, rows);

  if (count_listed (self) == 0)
    fill (self, rows);
  else
    add_fresh (self, rows, known);
  show_headings (self);
  look_again_when_due (self, rows);

  /* What is looked at may have other values, or an end, by now. */
  if (shown != NULL)
    galley_conflict_load (shown);
  if (rows->len > 0)
    gtk_stack_set_visible_child_name (self->stack, "list");
  else if (shown == NULL || self->left)
    show_empty (self);
  show_wanted (self);
}

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

/* ── the widget ── */

static void
back (GtkWidget *widget, const char *action, GVariant *parameter)
{
  adw_leaflet_set_visible_child_name (GALLEY_CONFLICT_LIST (widget)->leaflet, "list");
}

static void
settle_several (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConflictList *self = GALLEY_CONFLICT_LIST (widget);

  galley_settle_several_present (widget, self->store,
                                 galley_conflict_pane_get_conflict (self->pane));
}

static void
folded_cb (GalleyConflictList *self)
{
  gtk_widget_set_visible (self->back_bar, is_alone (self));
  show_wanted (self);
}

static void
galley_conflict_list_dispose (GObject *object)
{
  GalleyConflictList *self = GALLEY_CONFLICT_LIST (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->again_source, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_conflict_list_parent_class)->dispose (object);
}

static void
galley_conflict_list_finalize (GObject *object)
{
  GalleyConflictList *self = GALLEY_CONFLICT_LIST (object);

  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->bound);
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

  g_type_ensure (GALLEY_TYPE_CONFLICT_PANE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-conflict-list.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictList, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictList, leaflet);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictList, list);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictList, back_bar);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictList, pane);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, applied_cb);
  gtk_widget_class_bind_template_callback (widget_class, next_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_item_cb);
  gtk_widget_class_bind_template_callback (widget_class, put_off_cb);
  gtk_widget_class_install_action (widget_class, "conflicts.back", NULL, back);
  gtk_widget_class_install_action (widget_class, "conflicts.settle-several", NULL, settle_several);
}

static void
galley_conflict_list_init (GalleyConflictList *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  self->bound = g_ptr_array_new ();
  self->model = g_list_store_new (GALLEY_TYPE_CONFLICT);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->model)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_row_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->leaflet, "notify::folded", G_CALLBACK (folded_cb), self,
                           G_CONNECT_SWAPPED);
  folded_cb (self);
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

/**
 * galley_conflict_list_show:
 * @entity: whose conflict is to be looked at; none when it has none
 */
void
galley_conflict_list_show (GalleyConflictList *self, const GalleyId *entity)
{
  g_return_if_fail (GALLEY_IS_CONFLICT_LIST (self));

  self->wanted = *entity;
  show_wanted (self);
}
