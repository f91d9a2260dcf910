/* galley-item-list.c: the items of a filter as a list model that is loaded as it is looked at
 *
 * Ids alone are had for the whole list: 16 bytes an item. What a row shows is read when the row is
 * asked for, in batches, on the store's reader thread, and forgotten when nobody shows it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-item-list"

#include "ui/galley-item-list.h"

#include "ui/galley-id-diff.h"
#include "ui/galley-inbox.h"
#include "ui/galley-thumbnail.h"

#include <string.h>

/* A list that changes all the time is read again ten times a second, no more. */
#define REFRESH_EVERY_US (100 * 1000)
/* Rows of one question to the reader: it stays free for others in between. */
#define ROWS_AT_ONCE 100
/* Pictures that are decoded together: those on screen are not kept waiting by the many below. */
#define PICTURES_AT_ONCE 16
/* A list that begins has the rows that show first with it: nobody sees them without their names. It
 * has no more than these at first: a view makes widgets for hundreds of rows at once, for which
 * nobody should wait. More come behind all else, up to what views ever make; then all. */
#define FIRST_ROWS 30
#define MORE_ROWS 24
#define ENOUGH_ROWS 360

struct _GalleyItemList
{
  GObject parent_instance;

  GalleyStore *store;
  GalleyItemQuery query; /* strings owned */
  GArray *ids;           /* of GalleyId, in order */
  GArray *rest;          /* (nullable) of GalleyId: what comes behind them, not announced yet */
  guint rest_source;
  GHashTable *live;  /* GalleyId within the item → GalleyItem (weak) */
  GPtrArray *wanted; /* of GalleyItem (owned): to be loaded */
  guint load_source;

  gboolean ready;
  gboolean refreshing;
  gboolean stale; /* while refreshing: once more when it is done */
  gint64 refreshed_us;
  guint refresh_source;
  GCancellable *cancellable;
};

enum
{
  PROP_0,
  PROP_N_ITEMS,
  PROP_READY,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void galley_item_list_init_model (GListModelInterface *iface);
static void queue_refresh (GalleyItemList *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyItemList,
                               galley_item_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      galley_item_list_init_model))

/* ── queries ── */

static void
clear_query (GalleyItemQuery *query)
{
  g_clear_pointer ((char **)&query->state, g_free);
  g_clear_pointer ((char **)&query->tag, g_free);
  g_clear_pointer ((char **)&query->search, g_free);
}

static void
copy_query (const GalleyItemQuery *from, GalleyItemQuery *to)
{
  *to = *from;
  to->state = g_strdup (from->state);
  to->tag = g_strdup (from->tag);
  to->search = from->search != NULL && *from->search != '\0' ? g_strdup (from->search) : NULL;
}

static gboolean
query_equal (const GalleyItemQuery *a, const GalleyItemQuery *b)
{
  return a->inbox == b->inbox && galley_id_equal (&a->project, &b->project) &&
         g_strcmp0 (a->state, b->state) == 0 && g_strcmp0 (a->tag, b->tag) == 0 &&
         g_strcmp0 (a->search, b->search) == 0 && a->contested_only == b->contested_only &&
         a->sort == b->sort && a->descending == b->descending;
}

/* ── the ids ── */

typedef struct
{
  GalleyItemQuery query;
  GalleyId person;
  GArray *before;
} IdsQuestion;

static void
free_ids_question (gpointer data)
{
  IdsQuestion *question = data;

  clear_query (&question->query);
  g_array_unref (question->before);
  g_free (question);
}

typedef struct
{
  GalleyIdDiff *diff;
  GPtrArray *rows; /* of GalleyItemRow (nullable): of the first ids, when there were none before */
} IdsAnswer;

static void
ids_answer_free (gpointer data)
{
  IdsAnswer *answer = data;

  galley_id_diff_free (answer->diff);
  g_clear_pointer (&answer->rows, g_ptr_array_unref);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IdsAnswer, ids_answer_free)

static void
free_row (gpointer row)
{
  if (row != NULL)
    galley_item_row_free (row);
}

/* Returns: (transfer full): one for each id, %NULL for one that went meanwhile: it leaves the list
 * with the refresh that is under way */
static GPtrArray *
get_rows (GalleyReader *reader, GArray *ids, guint n_ids, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);

  for (guint i = 0; i < n_ids; i++)
    {
      g_autoptr (GError) missing = NULL;
      GalleyItemRow *row = galley_reader_get_item (reader, &g_array_index (ids, GalleyId, i),
                                                   &missing);

      if (row == NULL && !g_error_matches (missing, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&missing));
          return NULL;
        }
      g_ptr_array_add (rows, row);
    }

  return g_steal_pointer (&rows);
}

/* On the reader thread: the new ids and how the old ones become them. */
static gpointer
read_ids (GalleyReader *reader, gpointer data, GError **error)
{
  IdsQuestion *question = data;
  const GalleyItemQuery *query = &question->query;
  GalleyItemFilter filter = {
    .project = galley_id_is_nil (&query->project) ? NULL : &query->project,
    .state = query->state,
    .tag = query->tag,
    .search = query->search,
    .contested_only = query->contested_only,
    .sort = query->sort,
    .descending = query->descending,
  };
  g_autoptr (GArray) ids = NULL;
  g_autoptr (IdsAnswer) answer = g_new0 (IdsAnswer, 1);

  ids = query->inbox ? galley_inbox_list (reader, &question->person, query->search, error)
                     : galley_reader_list_item_ids (reader, &filter, error);
  if (ids == NULL)
    return NULL;
  if (question->before->len == 0 &&
      (answer->rows = get_rows (reader, ids, MIN (ids->len, FIRST_ROWS), error)) == NULL)
    return NULL;

  answer->diff = galley_id_diff_new (question->before, ids);
  return g_steal_pointer (&answer);
}

static void
notify_items_changed (GalleyItemList *self, guint position, guint removed, guint added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  if (removed != added)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
}

static void
announce_more (GalleyItemList *self, guint n_more)
{
  guint position = self->ids->len;

  n_more = MIN (n_more, self->rest->len);
  g_array_append_vals (self->ids, self->rest->data, n_more);
  g_array_remove_range (self->rest, 0, n_more);
  if (self->rest->len == 0)
    g_clear_pointer (&self->rest, g_array_unref);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, n_more);
}

static gboolean
announce_more_cb (gpointer user_data)
{
  GalleyItemList *self = user_data;

  announce_more (self, self->ids->len < ENOUGH_ROWS ? MORE_ROWS : G_MAXUINT);
  if (self->rest != NULL)
    return G_SOURCE_CONTINUE;

  self->rest_source = 0;
  return G_SOURCE_REMOVE;
}

/* What is compared with a new answer is the whole list. */
static void
announce_all (GalleyItemList *self)
{
  g_clear_handle_id (&self->rest_source, g_source_remove);
  if (self->rest != NULL)
    announce_more (self, G_MAXUINT);
}

/* The first answer. */
static void
begin_with (GalleyItemList *self, GArray *ids)
{
  guint n_first = MIN (ids->len, FIRST_ROWS);

  g_array_append_vals (self->ids, ids->data, n_first);
  if (n_first < ids->len)
    {
      self->rest = g_array_new (FALSE, FALSE, sizeof (GalleyId));
      g_array_append_vals (self->rest, &g_array_index (ids, GalleyId, n_first), ids->len - n_first);
      self->rest_source = g_idle_add_full (G_PRIORITY_LOW, announce_more_cb, self, NULL);
    }
  if (n_first > 0)
    notify_items_changed (self, 0, 0, n_first);
}

/* From the end, so that the positions of what is still to come hold. */
static void
apply_diff (GalleyItemList *self, const GalleyIdDiff *diff)
{
  for (guint i = diff->hunks->len; i > 0; i--)
    {
      const GalleyIdHunk *hunk = &g_array_index (diff->hunks, GalleyIdHunk, i - 1);

      if (hunk->removed > 0)
        g_array_remove_range (self->ids, hunk->position, hunk->removed);
      if (hunk->added > 0)
        g_array_insert_vals (self->ids, hunk->position,
                             &g_array_index (diff->ids, GalleyId, hunk->from), hunk->added);
      notify_items_changed (self, hunk->position, hunk->removed, hunk->added);
    }
}

static void load_thumbnails (GalleyItemList *self, GPtrArray *items);
static GalleyItem *make_item (GalleyItemList *self, const GalleyId *id);
static void want (GalleyItemList *self, GalleyItem *item);

/* Before the ids are announced. Returns: (transfer full): the items, held until somebody shows them
 */
static GPtrArray *
make_first_items (GalleyItemList *self, IdsAnswer *answer)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; answer->rows != NULL && i < answer->rows->len; i++)
    {
      const GalleyId *id = &g_array_index (answer->diff->ids, GalleyId, i);
      GalleyItem *item;

      if (answer->rows->pdata[i] == NULL || g_hash_table_contains (self->live, id))
        continue;
      item = make_item (self, id);
      galley_item_take_row (item, g_steal_pointer (&answer->rows->pdata[i]));
      g_ptr_array_add (items, item);
    }

  return items;
}

static void
ids_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyItemList) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (IdsAnswer) answer = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  g_autoptr (GPtrArray) first = NULL;

  self->refreshing = FALSE;
  if (self->store == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (answer != NULL)
    {
      first = make_first_items (self, answer);
      if (self->ids->len == 0)
        begin_with (self, answer->diff->ids);
      else
        apply_diff (self, answer->diff);
      load_thumbnails (self, first);
    }
  else
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);

  if (self->stale)
    {
      /* What moved meanwhile may have been among the first rows, which nobody knew of yet. */
      for (guint i = 0; first != NULL && i < first->len; i++)
        want (self, first->pdata[i]);
      queue_refresh (self);
      return;
    }
  if (!self->ready)
    {
      self->ready = TRUE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
    }
}

static gboolean
refresh (GalleyItemList *self)
{
  IdsQuestion *question = g_new0 (IdsQuestion, 1);

  announce_all (self);
  self->refresh_source = 0;
  self->refreshing = TRUE;
  self->stale = FALSE;
  self->refreshed_us = g_get_monotonic_time ();
  copy_query (&self->query, &question->query);
  galley_store_get_person (self->store, &question->person);
  question->before = g_array_copy (self->ids);
  galley_store_read_async (self->store, read_ids, question, free_ids_question, ids_answer_free,
                           self->cancellable, ids_read_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
queue_refresh (GalleyItemList *self)
{
  gint64 wait_us = self->refreshed_us + REFRESH_EVERY_US - g_get_monotonic_time ();

  if (self->refreshing)
    {
      self->stale = TRUE;
      return;
    }
  if (self->refresh_source == 0)
    self->refresh_source = g_timeout_add (CLAMP (wait_us, 0, REFRESH_EVERY_US) / 1000,
                                          G_SOURCE_FUNC (refresh), self);
}

/* ── the rows ── */

typedef struct
{
  GPtrArray *items; /* of GalleyItem: held, but touched on the main loop alone */
  GArray *ids;      /* of GalleyId */
} RowsQuestion;

static void
free_rows_question (gpointer data)
{
  RowsQuestion *question = data;

  g_array_unref (question->ids);
  g_free (question);
}

static gpointer
read_rows (GalleyReader *reader, gpointer data, GError **error)
{
  RowsQuestion *question = data;

  return get_rows (reader, question->ids, question->ids->len, error);
}

typedef struct
{
  GalleyItemList *self;
  GPtrArray *items; /* of GalleyItem (owned), in the order of the question */
} RowsAnswer;

static RowsAnswer *
rows_answer_new (GalleyItemList *self, GPtrArray *items)
{
  RowsAnswer *answer = g_new0 (RowsAnswer, 1);

  answer->self = g_object_ref (self);
  answer->items = g_ptr_array_ref (items);
  return answer;
}

static void
rows_answer_free (RowsAnswer *answer)
{
  g_object_unref (answer->self);
  g_ptr_array_unref (answer->items);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RowsAnswer, rows_answer_free)

static void
thumbnails_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RowsAnswer) answer = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) textures = galley_thumbnail_load_finish (result, &error);

  if (textures == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_debug ("no thumbnails: %s", error->message);
      return;
    }

  for (guint i = 0; i < textures->len && i < answer->items->len; i++)
    galley_item_set_thumbnail (answer->items->pdata[i], textures->pdata[i]);
}

static void
load_some_thumbnails (GalleyItemList *self, GPtrArray *items, guint first, guint n_items)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GPtrArray) some = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = first; i < first + n_items; i++)
    {
      g_array_append_val (ids, *galley_item_get_id (items->pdata[i]));
      g_ptr_array_add (some, g_object_ref (items->pdata[i]));
    }
  galley_thumbnail_load_async (self->store, ids, self->cancellable, thumbnails_loaded_cb,
                               rows_answer_new (self, some));
}

static void
load_thumbnails (GalleyItemList *self, GPtrArray *items)
{
  for (guint i = 0; i < items->len; i += PICTURES_AT_ONCE)
    load_some_thumbnails (self, items, i, MIN (PICTURES_AT_ONCE, items->len - i));
}

static gboolean
wants_thumbnail (GalleyItem *item, const GalleyItemRow *before, const GalleyItemRow *row)
{
  return before == NULL ? galley_item_get_thumbnail (item) == NULL
                        : !galley_hash_equal (&before->file, &row->file);
}

static void
rows_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RowsAnswer) answer = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  g_autoptr (GPtrArray) bare = g_ptr_array_new_with_free_func (g_object_unref);

  if (rows == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_signal_emit (answer->self, signals[SIGNAL_FAILED], 0, error->message);
      return;
    }

  for (guint i = 0; i < rows->len; i++)
    {
      GalleyItem *item = answer->items->pdata[i];
      GalleyItemRow *row = g_steal_pointer (&rows->pdata[i]);

      if (row == NULL)
        continue;
      if (wants_thumbnail (item, galley_item_get_row (item), row))
        g_ptr_array_add (bare, g_object_ref (item));
      galley_item_take_row (item, row);
    }

  if (answer->self->store != NULL)
    load_thumbnails (answer->self, bare);
}

static void
ask_for_rows (GalleyItemList *self, guint first, guint n_rows)
{
  RowsQuestion *question = g_new0 (RowsQuestion, 1);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);

  question->ids = g_array_sized_new (FALSE, FALSE, sizeof (GalleyId), n_rows);
  for (guint i = 0; i < n_rows; i++)
    {
      GalleyItem *item = self->wanted->pdata[first + i];

      g_array_append_val (question->ids, *galley_item_get_id (item));
      g_ptr_array_add (items, g_object_ref (item));
    }

  galley_store_read_async (self->store, read_rows, question, free_rows_question,
                           (GDestroyNotify)g_ptr_array_unref, self->cancellable, rows_read_cb,
                           rows_answer_new (self, items));
}

static gboolean
load_wanted (gpointer user_data)
{
  GalleyItemList *self = user_data;

  self->load_source = 0;
  for (guint i = 0; i < self->wanted->len; i += ROWS_AT_ONCE)
    ask_for_rows (self, i, MIN (ROWS_AT_ONCE, self->wanted->len - i));
  g_ptr_array_set_size (self->wanted, 0);
  return G_SOURCE_REMOVE;
}

static void
want (GalleyItemList *self, GalleyItem *item)
{
  g_ptr_array_add (self->wanted, g_object_ref (item));
  /* Before the next frame, but after everything that this turn asks for. */
  if (self->load_source == 0)
    self->load_source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, load_wanted, self, NULL);
}

/* ── following the store ── */

static gboolean
matters (const GalleyTouchedEntity *entity)
{
  return entity->kind == GALLEY_KIND_ITEM || entity->kind == GALLEY_KIND_PROJECT ||
         !galley_id_is_nil (&entity->owner);
}

static void
reload_live (GalleyItemList *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    want (self, item);
}

static void
store_changed_cb (GalleyItemList *self, const GalleyTouched *touched)
{
  g_autoptr (GHashTable) seen = NULL;
  gboolean any = touched->everything;

  if (touched->everything)
    reload_live (self);

  seen = g_hash_table_new (NULL, NULL);
  for (guint i = 0; !touched->everything && i < touched->entities->len; i++)
    {
      const GalleyTouchedEntity *entity = &g_array_index (touched->entities, GalleyTouchedEntity,
                                                          i);
      GalleyItem *item = g_hash_table_lookup (self->live, galley_id_is_nil (&entity->owner)
                                                              ? &entity->entity
                                                              : &entity->owner);

      any |= matters (entity);
      if (item != NULL && g_hash_table_add (seen, item))
        want (self, item);
    }

  if (any)
    queue_refresh (self);
}

/* ── GListModel ── */

static GType
galley_item_list_get_item_type (GListModel *model)
{
  return GALLEY_TYPE_ITEM;
}

static guint
galley_item_list_get_n_items (GListModel *model)
{
  return GALLEY_ITEM_LIST (model)->ids->len;
}

static void
item_gone_cb (gpointer user_data, GObject *item)
{
  GalleyItemList *self = user_data;

  /* Its memory is still there: this runs while it is disposed of. */
  g_hash_table_remove (self->live, galley_item_get_id ((GalleyItem *)item));
}

static GalleyItem *
make_item (GalleyItemList *self, const GalleyId *id)
{
  GalleyItem *item = galley_item_new (id);

  g_hash_table_insert (self->live, (gpointer)galley_item_get_id (item), item);
  g_object_weak_ref (G_OBJECT (item), item_gone_cb, self);
  return item;
}

static gpointer
galley_item_list_get_item (GListModel *model, guint position)
{
  GalleyItemList *self = GALLEY_ITEM_LIST (model);
  const GalleyId *id = galley_item_list_get_id (self, position);
  GalleyItem *item = id != NULL ? g_hash_table_lookup (self->live, id) : NULL;

  if (id == NULL)
    return NULL;
  if (item != NULL)
    return g_object_ref (item);

  item = make_item (self, id);
  want (self, item);
  return item;
}

static void
galley_item_list_init_model (GListModelInterface *iface)
{
  iface->get_item_type = galley_item_list_get_item_type;
  iface->get_n_items = galley_item_list_get_n_items;
  iface->get_item = galley_item_list_get_item;
}

/* ── the object ── */

static void
galley_item_list_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyItemList *self = GALLEY_ITEM_LIST (object);

  switch (property)
    {
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->ids->len + (self->rest != NULL ? self->rest->len : 0));
      break;
    case PROP_READY:
      g_value_set_boolean (value, self->ready);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
forget_live (GalleyItemList *self)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    g_object_weak_unref (item, item_gone_cb, self);
  g_hash_table_remove_all (self->live);
}

static void
galley_item_list_dispose (GObject *object)
{
  GalleyItemList *self = GALLEY_ITEM_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->load_source, g_source_remove);
  g_clear_handle_id (&self->refresh_source, g_source_remove);
  g_clear_handle_id (&self->rest_source, g_source_remove);
  g_ptr_array_set_size (self->wanted, 0);
  forget_live (self);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_item_list_parent_class)->dispose (object);
}

static void
galley_item_list_finalize (GObject *object)
{
  GalleyItemList *self = GALLEY_ITEM_LIST (object);

  clear_query (&self->query);
  g_array_unref (self->ids);
  g_clear_pointer (&self->rest, g_array_unref);
  g_hash_table_unref (self->live);
  g_ptr_array_unref (self->wanted);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (galley_item_list_parent_class)->finalize (object);
}

static void
galley_item_list_class_init (GalleyItemListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = galley_item_list_get_property;
  object_class->dispose = galley_item_list_dispose;
  object_class->finalize = galley_item_list_finalize;

  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_READY] = g_param_spec_boolean ("ready", NULL, NULL, FALSE,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_FAILED] = g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
galley_item_list_init (GalleyItemList *self)
{
  self->ids = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  self->live = g_hash_table_new (galley_id_hash, galley_id_equal);
  self->wanted = g_ptr_array_new_with_free_func (g_object_unref);
  self->cancellable = g_cancellable_new ();
}

/**
 * galley_item_list_new:
 *
 * Returns: (transfer full): a list that is empty until it has a query
 */
GalleyItemList *
galley_item_list_new (GalleyStore *store)
{
  GalleyItemList *self = g_object_new (GALLEY_TYPE_ITEM_LIST, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

/**
 * galley_item_list_set_query:
 *
 * What was shown stays until the new answer is there, so that typing in a search does not flicker.
 */
void
galley_item_list_set_query (GalleyItemList *self, const GalleyItemQuery *query)
{
  GalleyItemQuery copy;

  g_return_if_fail (GALLEY_IS_ITEM_LIST (self));

  copy_query (query, &copy);
  if (self->refreshed_us != 0 && query_equal (&copy, &self->query))
    {
      clear_query (&copy);
      return;
    }

  clear_query (&self->query);
  self->query = copy;
  if (self->ready)
    {
      self->ready = FALSE;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READY]);
    }
  if (self->refreshing)
    self->stale = TRUE;
  else
    {
      g_clear_handle_id (&self->refresh_source, g_source_remove);
      refresh (self);
    }
}

gboolean
galley_item_list_is_ready (GalleyItemList *self)
{
  g_return_val_if_fail (GALLEY_IS_ITEM_LIST (self), FALSE);

  return self->ready;
}

/**
 * galley_item_list_find:
 * @position: (out): where it is
 *
 * Returns: whether it is in the list
 */
gboolean
galley_item_list_find (GalleyItemList *self, const GalleyId *id, guint *position)
{
  g_return_val_if_fail (GALLEY_IS_ITEM_LIST (self), FALSE);

  for (guint i = 0; i < self->ids->len; i++)
    if (galley_id_equal (&g_array_index (self->ids, GalleyId, i), id))
      {
        *position = i;
        return TRUE;
      }

  return FALSE;
}

/**
 * galley_item_list_get_id:
 *
 * Returns: (transfer none) (nullable): %NULL past the end; valid until the list changes
 */
const GalleyId *
galley_item_list_get_id (GalleyItemList *self, guint position)
{
  g_return_val_if_fail (GALLEY_IS_ITEM_LIST (self), NULL);

  return position < self->ids->len ? &g_array_index (self->ids, GalleyId, position) : NULL;
}
