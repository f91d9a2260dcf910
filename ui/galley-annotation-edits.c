/* galley-annotation-edits.c: what a person does to the notes of an item, shown at once and saved
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-annotation-edits"

#include "ui/galley-annotation-model-private.h"

#include "ui/galley-note-draft.h"
#include "ui/galley-note-mark.h"

#include "data/galley-intent.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GalleyAnnotationModel *self;
  GalleyDraft *draft;
  GalleyId note;
  char *text;       /* (nullable): what was written: shown and kept when it cannot be saved */
  const char *what; /* (nullable): for the toast, translated; NULL: seeing it is enough */
} Commit;

static void
commit_free (Commit *commit)
{
  g_object_unref (commit->self);
  galley_draft_unref (commit->draft);
  g_free (commit->text);
  g_free (commit);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Commit, commit_free)

/* What was written stays, on screen and in memory, until it is saved. */
static void
keep_unsaved (const Commit *commit, const char *message)
{
  GalleyAnnotationModel *self = commit->self;
  GalleyThread *thread = galley_annotation_model_find_thread (self, &commit->note);
  GPtrArray *drafts = g_hash_table_lookup (self->unsaved, &commit->note);

  if (thread != NULL && commit->text != NULL)
    {
      g_autofree char *failure = *commit->text != '\0'
                                     ? g_strdup_printf ("%s “%s”", message, commit->text)
                                     : g_strdup (message);

      if (drafts == NULL)
        {
          drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
          g_hash_table_insert (self->unsaved, g_memdup2 (&commit->note, sizeof commit->note),
                               drafts);
        }
      g_ptr_array_add (drafts, galley_draft_ref (commit->draft));
      galley_thread_set_saved (thread, GALLEY_SAVED_FAILED, failure);
    }
  /* What was moved or changed on screen goes back to what is on disk. */
  galley_annotation_model_read_again (self);
  g_signal_emit_by_name (self, "failed", message);
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Commit) commit = user_data;
  GalleyAnnotationModel *self = commit->self;
  GalleyThread *thread = galley_annotation_model_find_thread (self, &commit->note);
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  if (!galley_store_commit_finish (GALLEY_STORE (source), result, &committed, &error))
    {
      keep_unsaved (commit, error->message);
      return;
    }

  if (thread != NULL && galley_thread_get_saved (thread) == GALLEY_SAVED_NOT_YET)
    galley_thread_set_saved (thread, GALLEY_SAVED_HERE, NULL);
  galley_annotation_model_read_again (self);
  g_signal_emit_by_name (self, "saved", commit->what, &committed);
}

/* Takes @draft. */
static void
commit (GalleyAnnotationModel *self,
        GalleyDraft *draft,
        const GalleyId *note,
        const char *text,
        const char *what)
{
  Commit *pending;

  if (galley_draft_get_n_edits (draft) == 0)
    {
      galley_draft_unref (draft);
      return;
    }

  pending = g_new0 (Commit, 1);
  pending->self = g_object_ref (self);
  pending->draft = draft;
  pending->note = *note;
  pending->text = g_strdup (text);
  pending->what = what;
  /* Without a cancellable: whoever leaves the item still wants it saved. */
  galley_store_commit_async (self->store, draft, NULL, committed_cb, pending);
}

static GalleyDraft *
new_draft (GalleyAnnotationModel *self, const char *intent)
{
  return self->contents != NULL ? galley_draft_new (&self->contents->row->project, intent) : NULL;
}

/**
 * galley_annotation_model_add:
 * @drawn: what the person drew
 * @note: (out): the id of the new note
 *
 * Shows it at once and saves it.
 *
 * Returns: %FALSE while there is nothing to draw on, or when it cannot be drawn
 */
gboolean
galley_annotation_model_add (GalleyAnnotationModel *self, GalleyMark *drawn, GalleyId *note)
{
  g_autoptr (GalleyThread) thread = NULL;
  g_autoptr (GalleyMark) mark = NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;
  guint number = g_list_model_get_n_items (G_LIST_MODEL (self->threads)) + 1;
  char id[GALLEY_ID_TEXT_SIZE];

  g_return_val_if_fail (GALLEY_IS_ANNOTATION_MODEL (self), FALSE);

  if (self->contents == NULL || galley_annotation_model_get_version (self) == NULL)
    return FALSE;

  galley_id_new (note, galley_store_get_world (self->store));
  draft = galley_note_draft_add (&self->contents->row->project, &self->item,
                                 galley_annotation_model_get_version (self), note, drawn, &error);
  if (draft == NULL)
    {
      g_signal_emit_by_name (self, "failed", error->message);
      return FALSE;
    }

  thread = galley_thread_new_draft (note, number, _ ("You"));
  mark = galley_mark_new (galley_id_print (note, id), galley_mark_get_shape (drawn),
                          galley_mark_get_page (drawn), galley_mark_get_points (drawn));
  galley_note_mark_copy (drawn, mark);
  galley_mark_set_number (mark, number);
  galley_annotation_model_show_thread (self, thread);
  galley_annotation_model_show_mark (self, note, mark);
  commit (self, g_steal_pointer (&draft), note, "", NULL);
  return TRUE;
}

static GArray *
seen_of_thread (gpointer thread, guint16 field)
{
  return thread != NULL ? galley_thread_get_seen (thread, field) : NULL;
}

/**
 * galley_annotation_model_reshape:
 * @before: what was on screen when the gesture began
 * @after: what the person made of it
 */
void
galley_annotation_model_reshape (GalleyAnnotationModel *self,
                                 const GalleyId *note,
                                 GalleyPoints *before,
                                 GalleyPoints *after)
{
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;
  GalleyMark *mark;

  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  mark = galley_annotation_model_find_mark (self, note);
  draft = mark != NULL ? new_draft (self, "move shape") : NULL;
  if (draft == NULL)
    return;

  if (!galley_note_draft_reshape (draft, note, galley_mark_get_shape (mark), before, after,
                                  seen_of_thread, galley_annotation_model_find_thread (self, note),
                                  &error))
    {
      galley_mark_set_points (mark, before);
      g_signal_emit_by_name (self, "failed", error->message);
      return;
    }

  galley_mark_set_points (mark, after);
  commit (self, g_steal_pointer (&draft), note, NULL, NULL);
}

static void
set_field (GalleyAnnotationModel *self,
           const GalleyId *note,
           guint16 field,
           GVariant *value,
           GArray *seen,
           const char *intent,
           const char *text,
           const char *what)
{
  g_autoptr (GVariant) held = g_variant_ref_sink (value);
  GalleyDraft *draft = new_draft (self, intent);

  if (draft == NULL)
    return;

  galley_note_draft_set (draft, note, field, held, seen);
  commit (self, draft, note, text, what);
}

/**
 * galley_annotation_model_set_body:
 * @seen: (nullable) (element-type GalleyRef): the heads that were shown when editing began
 */
void
galley_annotation_model_set_body (GalleyAnnotationModel *self,
                                  const GalleyId *note,
                                  const char *body,
                                  GArray *seen)
{
  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  set_field (self, note, GALLEY_ANNOTATION_BODY, g_variant_new_string (body), seen, "edit note",
             body, NULL);
}

void
galley_annotation_model_set_resolved (GalleyAnnotationModel *self,
                                      const GalleyId *note,
                                      gboolean resolved)
{
  GalleyThread *thread;

  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  thread = galley_annotation_model_find_thread (self, note);
  set_field (self, note, GALLEY_ANNOTATION_STATUS,
             g_variant_new_string (resolved ? "resolved" : "open"),
             seen_of_thread (thread, GALLEY_ANNOTATION_STATUS),
             resolved ? GALLEY_INTENT_RESOLVE_NOTE : GALLEY_INTENT_REOPEN_NOTE, NULL,
             resolved ? _ ("Note resolved") : _ ("Note opened again"));
}

void
galley_annotation_model_set_blocking (GalleyAnnotationModel *self,
                                      const GalleyId *note,
                                      gboolean blocking)
{
  GalleyThread *thread;

  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  thread = galley_annotation_model_find_thread (self, note);
  set_field (self, note, GALLEY_ANNOTATION_BLOCKING, g_variant_new_boolean (blocking),
             seen_of_thread (thread, GALLEY_ANNOTATION_BLOCKING), "change note", NULL, NULL);
}

void
galley_annotation_model_reply (GalleyAnnotationModel *self, const GalleyId *note, const char *body)
{
  GalleyDraft *draft;
  GalleyId comment;

  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  draft = new_draft (self, GALLEY_INTENT_ADD_COMMENT);
  if (draft == NULL)
    return;

  galley_id_new (&comment, galley_store_get_world (self->store));
  galley_intent_add_comment (draft, &comment, note, body);
  commit (self, draft, note, body, NULL);
}

/**
 * galley_annotation_model_delete:
 *
 * The note goes with what is shown of it: with a reply that came in and is not shown yet it stays.
 */
void
galley_annotation_model_delete (GalleyAnnotationModel *self, const GalleyId *note)
{
  GalleyDraft *draft;
  GArray *heads;

  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  draft = new_draft (self, "delete note");
  if (draft == NULL)
    return;

  heads = seen_of_thread (galley_annotation_model_find_thread (self, note), GALLEY_F_ALIVE);
  if (heads != NULL && heads->len > 0)
    galley_draft_delete_shown (draft, GALLEY_KIND_ANNOTATION, note, (const GalleyRef *)heads->data,
                               heads->len, (const GalleyRef *)self->contents->tips->data,
                               self->contents->tips->len);
  else
    galley_draft_delete (draft, GALLEY_KIND_ANNOTATION, note);
  commit (self, draft, note, NULL, _ ("Note deleted"));
}

/**
 * galley_annotation_model_retry:
 *
 * Saves again what was written in a note and could not be saved.
 */
void
galley_annotation_model_retry (GalleyAnnotationModel *self, const GalleyId *note)
{
  g_autoptr (GPtrArray) drafts = NULL;
  g_autofree GalleyId *key = NULL;
  GalleyThread *thread;

  g_return_if_fail (GALLEY_IS_ANNOTATION_MODEL (self));

  thread = galley_annotation_model_find_thread (self, note);
  if (thread == NULL ||
      !g_hash_table_steal_extended (self->unsaved, note, (gpointer *)&key, (gpointer *)&drafts))
    return;

  galley_thread_set_saved (thread, GALLEY_SAVED_NOT_YET, NULL);
  for (guint i = 0; i < drafts->len; i++)
    commit (self, galley_draft_ref (drafts->pdata[i]), note, "", NULL);
}
