/* galley-ctl-committer.c: drafts in, changes on disk out, many in one commit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-committer"

#include "app/ctl/galley-ctl-committer.h"

/* One wait for the disk for as many as this. */
#define GROUP_SIZE 512

typedef struct
{
  GalleyCtlCommitter *committer;
  GPtrArray *drafts; /* of GalleyDraft */
  GPtrArray *whats;  /* of what was pushed with them */
  GalleyCommitted *committed;
  GError **errors;
  gint64 done_us;
} Group;

struct _GalleyCtlCommitter
{
  GalleyStore *store;
  GalleyCtlCommitted committed;
  GalleyCtlGroupDone group_done;
  gpointer data;

  GMainContext *context;
  GThread *thread;
  GAsyncQueue *groups;
  Group *next; /* (owned) (nullable): comes together */
};

static Group stop_group;

static Group *
group_new (GalleyCtlCommitter *committer)
{
  Group *group = g_new0 (Group, 1);

  group->committer = committer;
  group->drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  group->whats = g_ptr_array_new ();
  return group;
}

static void
group_free (gpointer pointer)
{
  Group *group = pointer;

  for (guint i = 0; group->errors != NULL && i < group->drafts->len; i++)
    g_clear_error (&group->errors[i]);
  g_free (group->errors);
  g_free (group->committed);
  g_ptr_array_unref (group->drafts);
  g_ptr_array_unref (group->whats);
  g_free (group);
}

/* When one of them fails none is done: each half is tried alone, until the one is found. */
static void
commit_range (Group *group, guint first, guint n_drafts)
{
  g_autoptr (GPtrArray) drafts = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_drafts; i++)
    g_ptr_array_add (drafts, g_ptr_array_index (group->drafts, first + i));
  if (galley_store_commit_many (group->committer->store, drafts, group->committed + first, &error))
    return;

  if (n_drafts == 1)
    {
      group->errors[first] = g_steal_pointer (&error);
      return;
    }
  commit_range (group, first, n_drafts / 2);
  commit_range (group, first + n_drafts / 2, n_drafts - n_drafts / 2);
}

static gboolean
group_done_cb (gpointer data)
{
  Group *group = data;
  GalleyCtlCommitter *self = group->committer;

  for (guint i = 0; i < group->drafts->len; i++)
    self->committed (g_ptr_array_index (group->whats, i), &group->committed[i], group->errors[i],
                     group->done_us, self->data);
  self->group_done (self->data);
  return G_SOURCE_REMOVE;
}

static gpointer
committer_thread (gpointer data)
{
  GalleyCtlCommitter *self = data;
  Group *group;

  while ((group = g_async_queue_pop (self->groups)) != &stop_group)
    {
      group->committed = g_new0 (GalleyCommitted, group->drafts->len);
      group->errors = g_new0 (GError *, group->drafts->len);
      commit_range (group, 0, group->drafts->len);
      group->done_us = g_get_monotonic_time ();
      g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, group_done_cb, group,
                                  group_free);
    }

  return NULL;
}

/**
 * galley_ctl_committer_new:
 * @store: (transfer none): must outlive the committer
 * @committed: called for each draft, on the calling thread's main context
 */
GalleyCtlCommitter *
galley_ctl_committer_new (GalleyStore *store,
                          GalleyCtlCommitted committed,
                          GalleyCtlGroupDone group_done,
                          gpointer data)
{
  GalleyCtlCommitter *self = g_new0 (GalleyCtlCommitter, 1);

  self->store = store;
  self->committed = committed;
  self->group_done = group_done;
  self->data = data;
  self->context = g_main_context_ref_thread_default ();
  self->groups = g_async_queue_new ();
  self->thread = g_thread_new ("galley-committer", committer_thread, self);
  return self;
}

/**
 * galley_ctl_committer_free:
 *
 * Everything that was flushed must have been answered.
 */
void
galley_ctl_committer_free (GalleyCtlCommitter *self)
{
  g_async_queue_push (self->groups, &stop_group);
  g_thread_join (self->thread);
  g_clear_pointer (&self->next, group_free);
  g_async_queue_unref (self->groups);
  g_main_context_unref (self->context);
  g_free (self);
}

/**
 * galley_ctl_committer_push:
 * @draft: (transfer full): not to be changed any more
 * @what: handed to the callback
 */
void
galley_ctl_committer_push (GalleyCtlCommitter *self, GalleyDraft *draft, gpointer what)
{
  if (self->next == NULL)
    self->next = group_new (self);

  g_ptr_array_add (self->next->drafts, draft);
  g_ptr_array_add (self->next->whats, what);
  if (self->next->drafts->len == GROUP_SIZE)
    galley_ctl_committer_flush (self);
}

/**
 * galley_ctl_committer_flush:
 *
 * What was pushed waits no longer for more.
 */
void
galley_ctl_committer_flush (GalleyCtlCommitter *self)
{
  if (self->next != NULL)
    g_async_queue_push (self->groups, g_steal_pointer (&self->next));
}
