/* galley-annotation-model.c: the notes of one item: marks for the canvas, threads for the list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-annotation-model"

#include "ui/galley-annotation-model-private.h"

#include "ui/galley-note-mark.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Changes of others come in bursts; the item is read again ten times a second, no more. */
#define RELOAD_EVERY_US (100 * 1000)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_SAVED,
  SIGNAL_FAILED,
  SIGNAL_GONE,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void galley_annotation_model_init_model (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyAnnotationModel,
                               galley_annotation_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      galley_annotation_model_init_model))

static GType
get_item_type (GListModel *model)
{
  return GALLEY_TYPE_MARK;
}

static guint
get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (GALLEY_ANNOTATION_MODEL (model)->marks));
}

static gpointer
get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (GALLEY_ANNOTATION_MODEL (model)->marks), position);
}

static void
galley_annotation_model_init_model (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* ── from contents to marks and threads ── */

static const GalleyId *
shown_version (GalleyAnnotationModel *self)
{
  if (!galley_id_is_nil (&self->version))
    return &self->version;

  return self->contents != NULL && self->contents->versions->len > 0
             ? &((GalleyEntity *)self->contents->versions->pdata[0])->id
             : NULL;
}

static void
drop_from_list (GListStore *list, gpointer object)
{
  guint position;

  if (g_list_store_find (list, object, &position))
    g_list_store_remove (list, position);
}

static void
drop_mark (GalleyAnnotationModel *self, const GalleyId *note)
{
  GalleyMark *mark = g_hash_table_lookup (self->mark_of, note);

  if (mark == NULL)
    return;

  drop_from_list (self->marks, mark);
  g_hash_table_remove (self->mark_of, note);
}

void
galley_annotation_model_show_mark (GalleyAnnotationModel *self,
                                   const GalleyId *note,
                                   GalleyMark *mark)
{
  g_hash_table_insert (self->mark_of, g_memdup2 (note, sizeof *note), g_object_ref (mark));
  g_list_store_append (self->marks, mark);
}

void
galley_annotation_model_show_thread (GalleyAnnotationModel *self, GalleyThread *thread)
{
  const GalleyId *note = galley_thread_get_id (thread);

  g_hash_table_insert (self->thread_of, g_memdup2 (note, sizeof *note), g_object_ref (thread));
  g_list_store_append (self->threads, thread);
}

static void
show_mark (GalleyAnnotationModel *self, const GalleyEntity *note, GalleyThread *thread)
{
  GalleyMark *known = g_hash_table_lookup (self->mark_of, &note->id);
  g_autoptr (GalleyMark) fresh = NULL;
  GalleyId version;
  guint page = 1;

  if (!galley_note_mark_read_anchor (note, &version, &page) || shown_version (self) == NULL ||
      !galley_id_equal (&version, shown_version (self)))
    {
      drop_mark (self, &note->id);
      return;
    }

  fresh = galley_note_mark_new (note, page, thread);
  if (known != NULL && galley_mark_get_shape (known) == galley_mark_get_shape (fresh) &&
      galley_mark_get_page (known) == galley_mark_get_page (fresh))
    {
      galley_note_mark_copy (fresh, known);
      return;
    }

  drop_mark (self, &note->id);
  galley_annotation_model_show_mark (self, &note->id, fresh);
}

/* note → GPtrArray of its comments (borrowed), oldest first */
static GHashTable *
sort_replies (const GalleyContents *contents)
{
  GHashTable *replies_of = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL,
                                                  (GDestroyNotify)g_ptr_array_unref);

  for (guint i = 0; i < contents->entities->len; i++)
    {
      GalleyEntity *entity = contents->entities->pdata[i];
      GPtrArray *replies;

      if (entity->kind != GALLEY_KIND_COMMENT)
        continue;

      replies = g_hash_table_lookup (replies_of, &entity->parent);
      if (replies == NULL)
        {
          replies = g_ptr_array_new ();
          g_hash_table_insert (replies_of, &entity->parent, replies);
        }
      g_ptr_array_add (replies, entity);
    }

  return replies_of;
}

static gboolean
is_kept (GalleyThread *thread, GHashTable *there)
{
  GalleySaved saved = galley_thread_get_saved (thread);

  return g_hash_table_contains (there, galley_thread_get_id (thread)) ||
         saved == GALLEY_SAVED_NOT_YET || saved == GALLEY_SAVED_FAILED;
}

static void
remove_gone (GalleyAnnotationModel *self, GHashTable *there)
{
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->threads)); i > 0; i--)
    {
      g_autoptr (GalleyThread) thread = g_list_model_get_item (G_LIST_MODEL (self->threads), i - 1);

      if (is_kept (thread, there))
        continue;

      g_list_store_remove (self->threads, i - 1);
      g_hash_table_remove (self->thread_of, galley_thread_get_id (thread));
      drop_mark (self, galley_thread_get_id (thread));
    }
}

static void
apply_note (GalleyAnnotationModel *self, GalleyEntity *note, GPtrArray *replies, guint number)
{
  GalleyThread *thread = g_hash_table_lookup (self->thread_of, &note->id);
  g_autoptr (GalleyThread) fresh = NULL;
  gboolean differs;

  if (thread == NULL)
    thread = fresh = galley_thread_new (&note->id, number);

  differs = galley_thread_get_number (thread) != number;
  galley_thread_set_number (thread, number);
  differs |= galley_thread_update (thread, self->contents, note, replies);
  if (fresh != NULL)
    galley_annotation_model_show_thread (self, fresh);
  if (differs || !g_hash_table_contains (self->mark_of, &note->id))
    show_mark (self, note, thread);
}

static void
apply_contents (GalleyAnnotationModel *self)
{
  g_autoptr (GHashTable) there = g_hash_table_new (galley_id_hash, galley_id_equal);
  g_autoptr (GHashTable) replies_of = sort_replies (self->contents);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  guint number = 0;

  for (guint i = 0; i < self->contents->entities->len; i++)
    {
      GalleyEntity *note = self->contents->entities->pdata[i];
      GPtrArray *replies = g_hash_table_lookup (replies_of, &note->id);

      if (note->kind != GALLEY_KIND_ANNOTATION)
        continue;

      g_hash_table_add (there, &note->id);
      apply_note (self, note, replies != NULL ? replies : none, ++number);
    }

  remove_gone (self, there);
}

/* ── reading ── */

typedef struct
{
  GalleyId item;
  GalleyId person;
  GalleyId device;
  guint64 past_hlc;
} Question;

static gpointer
read_contents (GalleyReader *reader, gpointer data, GError **error)
{
  const Question *question = data;

  return galley_contents_read (reader, &question->item, &question->person, &question->device,
                               question->past_hlc, error);
}

static void
contents_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyAnnotationModel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyContents)
      contents = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->reading = FALSE;
  if (g_error_matches (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND))
    g_signal_emit (self, signals[SIGNAL_GONE], 0);
  else if (contents == NULL)
    g_signal_emit (self, signals[SIGNAL_FAILED], 0, error->message);
  else if (galley_id_equal (&contents->row->id, &self->item))
    {
      g_clear_pointer (&self->contents, galley_contents_unref);
      self->contents = g_steal_pointer (&contents);
      apply_contents (self);
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
    }

  if (self->stale)
    galley_annotation_model_read_again (self);
}

static gboolean
read_now (gpointer user_data)
{
  GalleyAnnotationModel *self = user_data;
  Question *question = g_new0 (Question, 1);

  self->read_source = 0;
  self->reading = TRUE;
  self->stale = FALSE;
  self->read_us = g_get_monotonic_time ();
  question->item = self->item;
  galley_store_get_person (self->store, &question->person);
  question->device = *galley_store_get_device (self->store);
  question->past_hlc = self->past_hlc;
  galley_store_read_async (self->store, read_contents, question, g_free,
                           (GDestroyNotify)galley_contents_unref, self->cancellable,
                           contents_read_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

/* Soon; what is asked for meanwhile is the same. */
void
galley_annotation_model_read_again (GalleyAnnotationModel *self)
{
  gint64 wait_us = self->read_us + RELOAD_EVERY_US - g_get_monotonic_time ();

  if (galley_id_is_nil (&self->item))
    return;
  if (self->reading)
    {
      self->stale = TRUE;
      return;
    }
  if (self->read_source == 0)
    self->read_source = g_timeout_add (CLAMP (wait_us, 0, RELOAD_EVERY_US) / 1000, read_now, self);
}

static void
store_changed_cb (GalleyAnnotationModel *self, const GalleyTouched *touched)
{
  gboolean ours = touched->everything || touched->outbox;

  for (guint i = 0; !ours && i < touched->entities->len; i++)
    {
      const GalleyTouchedEntity *entity = &g_array_index (touched->entities, GalleyTouchedEntity,
                                                          i);

      ours = galley_id_equal (&entity->owner, &self->item) ||
             galley_id_equal (&entity->entity, &self->item) || entity->kind == GALLEY_KIND_PROJECT;
    }

  if (ours)
    galley_annotation_model_read_again (self);
}

/* ── the object ── */

static void
clear (GalleyAnnotationModel *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  g_clear_handle_id (&self->read_source, g_source_remove);
  self->reading = self->stale = FALSE;
  self->read_us = 0;
  g_clear_pointer (&self->contents, galley_contents_unref);
  g_hash_table_remove_all (self->unsaved);
  memset (&self->version, 0, sizeof self->version);
  g_hash_table_remove_all (self->thread_of);
  g_hash_table_remove_all (self->mark_of);
  g_list_store_remove_all (self->threads);
  g_list_store_remove_all (self->marks);
}

static void
galley_annotation_model_dispose (GObject *object)
{
  GalleyAnnotationModel *self = GALLEY_ANNOTATION_MODEL (object);

  clear (self);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_annotation_model_parent_class)->dispose (object);
}

static void
galley_annotation_model_finalize (GObject *object)
{
  GalleyAnnotationModel *self = GALLEY_ANNOTATION_MODEL (object);

  g_object_unref (self->threads);
  g_object_unref (self->marks);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->thread_of);
  g_hash_table_unref (self->mark_of);
  g_hash_table_unref (self->unsaved);
  G_OBJECT_CLASS (galley_annotation_model_parent_class)->finalize (object);
}

static void
galley_annotation_model_class_init (GalleyAnnotationModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = galley_annotation_model_dispose;
  object_class->finalize = galley_annotation_model_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  signals[SIGNAL_SAVED] = g_signal_new ("saved", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_POINTER);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_GONE] = g_signal_new ("gone", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 0);
}

static void
marks_changed_cb (GalleyAnnotationModel *self, guint position, guint removed, guint added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
galley_annotation_model_init (GalleyAnnotationModel *self)
{
  self->threads = g_list_store_new (GALLEY_TYPE_THREAD);
  self->marks = g_list_store_new (GALLEY_TYPE_MARK);
  self->thread_of = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_object_unref);
  self->mark_of = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_object_unref);
  self->unsaved = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free,
                                         (GDestroyNotify)g_ptr_array_unref);
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (self->marks, "items-changed", G_CALLBACK (marks_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_annotation_model_new:
 *
 * Returns: (transfer full): a model that is empty until it has an item
 */
GalleyAnnotationModel *
galley_annotation_model_new (GalleyStore *store)
{
  GalleyAnnotationModel *self = g_object_new (GALLEY_TYPE_ANNOTATION_MODEL, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

/**
 * galley_annotation_model_set_item:
 * @item: whose notes to hold from now on; its newest version is looked at
 */
void
galley_annotation_model_set_item (GalleyAnnotationModel *self, const GalleyId *item)
{
  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self) && item != NULL);

  clear (self);
  self->item = *item;
  self->past_hlc = 0;
  read_now (self);
}

/**
 * galley_annotation_model_set_past:
 * @past_hlc: 0: as the item is now; else as it was then, as galley_past_list_item() takes it:
 *   nothing of that can be changed
 */
void
galley_annotation_model_set_past (GalleyAnnotationModel *self, guint64 past_hlc)
{
  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  if (self->past_hlc == past_hlc || galley_id_is_nil (&self->item))
    return;

  clear (self);
  self->past_hlc = past_hlc;
  read_now (self);
}

/**
 * galley_annotation_model_set_version:
 * @version: whose marks are listed; new ones are made on it
 */
void
galley_annotation_model_set_version (GalleyAnnotationModel *self, const GalleyId *version)
{
  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self) && version != NULL);

  if (galley_id_equal (&self->version, version))
    return;

  self->version = *version;
  g_hash_table_remove_all (self->mark_of);
  g_list_store_remove_all (self->marks);
  if (self->contents != NULL)
    apply_contents (self);
}

/**
 * galley_annotation_model_get_version:
 *
 * Returns: (transfer none) (nullable): the version that is looked at; %NULL when there is none
 */
const GalleyId *
galley_annotation_model_get_version (GalleyAnnotationModel *self)
{
  g_return_val_if_fail (GALLEY_IS_ANNOTATION_MODEL (self), NULL);

  return shown_version (self);
}

/**
 * galley_annotation_model_get_contents:
 *
 * Returns: (transfer none) (nullable): %NULL until they are read
 */
GalleyContents *
galley_annotation_model_get_contents (GalleyAnnotationModel *self)
{
  g_return_val_if_fail (GALLEY_IS_ANNOTATION_MODEL (self), NULL);

  return self->contents;
}

/**
 * galley_annotation_model_get_threads:
 *
 * Returns: (transfer none): of #GalleyThread, on whatever version
 */
GListModel *
galley_annotation_model_get_threads (GalleyAnnotationModel *self)
{
  g_return_val_if_fail (GALLEY_IS_ANNOTATION_MODEL (self), NULL);

  return G_LIST_MODEL (self->threads);
}

/**
 * galley_annotation_model_find_thread:
 *
 * Returns: (transfer none) (nullable)
 */
GalleyThread *
galley_annotation_model_find_thread (GalleyAnnotationModel *self, const GalleyId *note)
{
  g_return_val_if_fail (GALLEY_IS_ANNOTATION_MODEL (self), NULL);

  return g_hash_table_lookup (self->thread_of, note);
}

/**
 * galley_annotation_model_find_mark:
 *
 * Returns: (transfer none) (nullable): %NULL when it is not on the version that is looked at
 */
GalleyMark *
galley_annotation_model_find_mark (GalleyAnnotationModel *self, const GalleyId *note)
{
  g_return_val_if_fail (GALLEY_IS_ANNOTATION_MODEL (self), NULL);

  return g_hash_table_lookup (self->mark_of, note);
}
