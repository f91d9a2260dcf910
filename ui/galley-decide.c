/* galley-decide.c: a person's word on the newest version of one or many items
 *
 * Each item is a change of its own, so that each can be undone and refused apart from the others.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-decide"

#include "ui/galley-decide.h"

typedef struct
{
  GalleyStore *store;
  GArray *items;     /* of GalleyId */
  GPtrArray *scopes; /* of GalleyDecisionScope: what was on screen of each */
  char *verdict;
  char *note; /* (nullable) */
  GPtrArray *drafts;
  guint at;      /* the draft that is being committed */
  GArray *saved; /* of GalleyCommitted */
  GError *error; /* (nullable): the first */
} Decide;

static void
decide_free (gpointer data)
{
  Decide *decide = data;

  g_object_unref (decide->store);
  g_array_unref (decide->items);
  g_ptr_array_unref (decide->scopes);
  g_free (decide->verdict);
  g_free (decide->note);
  g_clear_pointer (&decide->drafts, g_ptr_array_unref);
  g_array_unref (decide->saved);
  g_clear_error (&decide->error);
  g_free (decide);
}

static GalleyDraft *
prepare (const Decide *decide, GalleyReader *reader, guint index, GError **error)
{
  const GalleyId *item = &g_array_index (decide->items, GalleyId, index);
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (reader, item, error);
  g_autoptr (GalleyDraft) draft = NULL;
  const GalleyDecisionScope *scope = decide->scopes->pdata[index];
  g_autoptr (GalleyDecisionScope) unseen = NULL;
  GalleyId person;

  if (row == NULL)
    return NULL;

  if (scope == NULL)
    scope = unseen = galley_decision_scope_new (&row->file, 0);
  draft = galley_draft_new (&row->project, decide->verdict);
  galley_store_get_person (decide->store, &person);
  if (!galley_decision_prepare (draft, reader, galley_store_get_key (decide->store), &person, item,
                                scope, decide->verdict, decide->note, error))
    return NULL;

  return g_steal_pointer (&draft);
}

/* An item that cannot be decided on does not keep the others from it. */
static gpointer
prepare_all (GalleyReader *reader, gpointer data, GError **error)
{
  Decide *decide = data;
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  g_autoptr (GError) first = NULL;

  for (guint i = 0; i < decide->items->len; i++)
    {
      GalleyDraft *draft = prepare (decide, reader, i, first == NULL ? &first : NULL);

      if (draft != NULL)
        g_ptr_array_add (drafts, draft);
    }

  if (drafts->len == 0 && first != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&first));
      return NULL;
    }

  return g_steal_pointer (&drafts);
}

static void commit_next (GTask *task);

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Decide *decide = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  if (galley_store_commit_finish (GALLEY_STORE (source), result, &committed, &error))
    g_array_append_val (decide->saved, committed);
  else if (decide->error == NULL)
    decide->error = g_steal_pointer (&error);

  commit_next (task);
}

static void
commit_next (GTask *task)
{
  Decide *decide = g_task_get_task_data (task);

  if (decide->at < decide->drafts->len)
    {
      galley_store_commit_async (decide->store, decide->drafts->pdata[decide->at++], NULL,
                                 committed_cb, g_object_ref (task));
      return;
    }

  if (decide->error != NULL)
    g_task_return_error (task, g_steal_pointer (&decide->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Decide *decide = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  decide->drafts = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  if (decide->drafts == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    commit_next (task);
}

/**
 * galley_decide_async:
 * @items: of #GalleyId
 * @scopes: (element-type GalleyDecisionScope): what was on screen of each, as many; %NULL
 *   for one that was not: its newest version, and none of its notes
 * @verdict: approve, request-changes or comment
 * @note: (nullable): why
 */
void
galley_decide_async (GalleyStore *store,
                     GArray *items,
                     GPtrArray *scopes,
                     const char *verdict,
                     const char *note,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (store, NULL, callback, user_data);
  Decide *decide = g_new0 (Decide, 1);

  g_task_set_source_tag (task, galley_decide_async);
  decide->store = g_object_ref (store);
  decide->items = g_array_ref (items);
  decide->saved = g_array_new (FALSE, FALSE, sizeof (GalleyCommitted));
  decide->scopes = g_ptr_array_ref (scopes);
  decide->verdict = g_strdup (verdict);
  decide->note = g_strdup (note);
  g_task_set_task_data (task, decide, decide_free);
  galley_store_read_async (store, prepare_all, decide, NULL, (GDestroyNotify)g_ptr_array_unref,
                           NULL, prepared_cb, task);
}

/**
 * galley_decide_finish:
 * @saved: (out) (transfer full) (element-type GalleyCommitted): one for each item on which it was
 *   saved, also when there is an error
 *
 * Returns: whether it was saved on all of them
 */
gboolean
galley_decide_finish (GAsyncResult *result, GArray **saved, GError **error)
{
  Decide *decide = g_task_get_task_data (G_TASK (result));

  *saved = g_array_ref (decide->saved);
  return g_task_propagate_boolean (G_TASK (result), error);
}
