/* galley-server-view.c: what the server was last heard to have
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-server-view"

#include "sync/galley-server-view.h"

struct _GalleyServerView
{
  GHashTable *projects; /* of GalleyServerProject, by id */
};

static void
project_free (gpointer data)
{
  GalleyServerProject *project = data;

  g_free (project->history_id);
  g_free (project);
}

GalleyServerView *
galley_server_view_new (void)
{
  GalleyServerView *self = g_new0 (GalleyServerView, 1);

  self->projects = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, project_free);
  return self;
}

void
galley_server_view_free (GalleyServerView *self)
{
  g_hash_table_unref (self->projects);
  g_free (self);
}

/**
 * galley_server_view_raise:
 * @position: how far the project's stream was heard to reach
 * @history_id: (nullable): when that was said too; another one than before starts afresh
 *
 * News may overtake each other, so a position within one history only grows.
 *
 * Returns: whether that was new
 */
gboolean
galley_server_view_raise (GalleyServerView *self,
                          const GalleyId *id,
                          guint64 position,
                          const char *history_id)
{
  GalleyServerProject *project = g_hash_table_lookup (self->projects, id);
  gboolean other_history;

  if (project == NULL)
    {
      project = g_new0 (GalleyServerProject, 1);
      project->id = *id;
      project->position = position;
      project->history_id = g_strdup (history_id);
      g_hash_table_insert (self->projects, &project->id, project);
      return TRUE;
    }

  other_history = history_id != NULL && g_strcmp0 (history_id, project->history_id) != 0;
  if (!other_history && position <= project->position)
    return FALSE;

  project->position = position;
  if (other_history)
    {
      g_free (project->history_id);
      project->history_id = g_strdup (history_id);
    }
  return TRUE;
}

/**
 * galley_server_view_take:
 * @position: where the server says that the project's stream ends
 *
 * As galley_server_view_raise(); but less than was heard before is a reason to doubt. When it was
 * only overtaken, that costs one question.
 */
void
galley_server_view_take (GalleyServerView *self,
                         const GalleyId *id,
                         guint64 position,
                         const char *history_id)
{
  const GalleyServerProject *project = g_hash_table_lookup (self->projects, id);
  gboolean less = project != NULL && position < project->position;

  galley_server_view_raise (self, id, position, history_id);
  if (less)
    galley_server_view_doubt (self, id);
}

/**
 * galley_server_view_doubt:
 *
 * Something that the server said does not fit what this device knows of the project. Nothing is
 * sent before that is sorted out.
 */
void
galley_server_view_doubt (GalleyServerView *self, const GalleyId *id)
{
  GalleyServerProject *project;

  galley_server_view_raise (self, id, 0, NULL);
  project = g_hash_table_lookup (self->projects, id);
  project->doubted = TRUE;
}

/**
 * galley_server_view_trust:
 * @position: where the project's stream ends
 *
 * A doubt is sorted out: what was heard before does not count.
 */
void
galley_server_view_trust (GalleyServerView *self, const GalleyId *id, guint64 position)
{
  GalleyServerProject *project = g_hash_table_lookup (self->projects, id);

  if (project == NULL || !project->doubted)
    return;
  project->doubted = FALSE;
  project->position = position;
}

void
galley_server_view_forget (GalleyServerView *self, const GalleyId *project)
{
  g_hash_table_remove (self->projects, project);
}

void
galley_server_view_clear (GalleyServerView *self)
{
  g_hash_table_remove_all (self->projects);
}

/**
 * galley_server_view_copy:
 *
 * Returns: (transfer full): all projects, of GalleyServerProject, for another thread
 */
GPtrArray *
galley_server_view_copy (GalleyServerView *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func (project_free);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->projects);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      GalleyServerProject *project = g_memdup2 (value, sizeof *project);

      project->history_id = g_strdup (project->history_id);
      g_ptr_array_add (copy, project);
    }

  return copy;
}
