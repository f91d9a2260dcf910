/* galley-sync-plan.c: what there is to do, found out by looking at the database
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-plan"

#include "sync/galley-sync-plan.h"

#include "data/galley-compactor.h"
#include "data/galley-directory.h"
#include "data/galley-divergence.h"
#include "data/galley-flag.h"
#include "data/galley-identity.h"
#include "data/galley-outbox.h"
#include "data/galley-snapshot-install.h"
#include "sync/galley-compact-job.h"
#include "sync/galley-fleet.h"
#include "sync/galley-history-job.h"
#include "sync/galley-snapshot-job.h"
#include "sync/galley-sync-notes.h"

#include <glib/gi18n-lib.h>

/* Files of one project that one look considers; the next look sees the rest. */
#define MAX_FILES 500
/* Jobs that are over and still of interest; open and failed ones are all read. */
#define MAX_RECENT 100

/* A project that is here, on the server, or both. */
typedef struct
{
  GalleyId id;
  char *name;                        /* (nullable): not known yet */
  const GalleyServerProject *server; /* (nullable) */
} Candidate;

static void
candidate_free (gpointer data)
{
  Candidate *candidate = data;

  g_free (candidate->name);
  g_free (candidate);
}

void
galley_sync_plan_free (GalleySyncPlan *self)
{
  g_free (self->server_url);
  g_free (self->connected);
  g_free (self->sync_wanted);
  g_free (self->sync_done);
  g_free (self->divergence);
  galley_job_wishes_clear (&self->wishes);
  g_clear_pointer (&self->asks, g_array_unref);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->wanted, g_ptr_array_unref);
  g_free (self);
}

/**
 * galley_sync_plan_new_row:
 * @project: (nullable): nothing for what is about the workspace
 * @subject: (nullable)
 * @cause: (nullable)
 *
 * Returns: (transfer full): the row of a job that is to be done
 */
GalleyJobRow *
galley_sync_plan_new_row (const char *kind,
                          const GalleyId *project,
                          const char *subject,
                          const char *title,
                          const char *cause)
{
  GalleyJobRow *row = galley_job_row_new ();

  g_free (row->kind);
  row->kind = g_strdup (kind);
  if (project != NULL)
    row->project = *project;
  row->subject = g_strdup (subject);
  g_free (row->title);
  row->title = g_strdup (title);
  row->cause = g_strdup (cause);
  return row;
}

static gboolean
is_on (GalleyReader *reader, const char *key)
{
  g_autofree char *value = galley_directory_get (reader, key);

  return g_strcmp0 (value, "1") == 0;
}

static void
read_settings (GalleySyncPlan *self, GalleyReader *reader)
{
  g_autofree char *offline_since = galley_directory_get (reader, GALLEY_SETTING_OFFLINE_SINCE);

  self->server_url = galley_directory_get (reader, GALLEY_SETTING_SERVER_URL);
  self->connected = galley_directory_get (reader, GALLEY_SETTING_CONNECTED);
  self->offline = is_on (reader, GALLEY_SETTING_OFFLINE);
  self->paused = is_on (reader, GALLEY_SETTING_PAUSED);
  self->unreachable = offline_since != NULL;
  galley_job_wishes_read (&self->wishes, reader);
  self->sync_wanted = galley_directory_get (reader, GALLEY_SETTING_SYNC_WANTED);
  self->sync_done = galley_directory_get (reader, GALLEY_SETTING_SYNC_DONE);
}

static GPtrArray *
list_candidates (GalleyReader *reader, GPtrArray *server_projects, GError **error)
{
  g_autoptr (GPtrArray) here = galley_reader_list_projects (reader, error);
  g_autoptr (GHashTable) known = g_hash_table_new (galley_id_hash, galley_id_equal);
  GPtrArray *candidates;

  if (here == NULL)
    return NULL;

  candidates = g_ptr_array_new_with_free_func (candidate_free);
  for (guint i = 0; i < here->len; i++)
    {
      const GalleyProjectRow *row = here->pdata[i];
      Candidate *candidate = g_new0 (Candidate, 1);

      candidate->id = row->id;
      candidate->name = g_strdup (row->name);
      g_ptr_array_add (candidates, candidate);
      g_hash_table_insert (known, &candidate->id, candidate);
    }

  for (guint i = 0; i < server_projects->len; i++)
    {
      const GalleyServerProject *project = server_projects->pdata[i];
      Candidate *candidate = g_hash_table_lookup (known, &project->id);

      if (candidate == NULL)
        {
          candidate = g_new0 (Candidate, 1);
          candidate->id = project->id;
          g_ptr_array_add (candidates, candidate);
        }
      candidate->server = project;
    }

  return candidates;
}

static void
want (GalleySyncPlan *self, GalleyJobRow *row, guint64 total, const char *unit)
{
  row->total = total;
  g_free (row->unit);
  row->unit = g_strdup (unit);
  g_ptr_array_add (self->wanted, row);
}

static void
want_push (GalleySyncPlan *self, const Candidate *candidate, const GalleyOutboxState *state)
{
  g_autofree char *title = NULL;
  g_autofree char *cause = NULL;

  /* After a loss, and with what came by hand, everything goes out in an order that holds: see
   * want_relay(). The server must know the project first. */
  if ((state->unsent == 0 && state->shared) || state->lost != 0 ||
      (state->carried != 0 && state->shared) ||
      (candidate->server != NULL && candidate->server->doubted))
    return;

  title = candidate->name != NULL ? g_strdup_printf (_ ("Send changes of “%s”"), candidate->name)
                                  : g_strdup (_ ("Send changes of a project"));
  cause = state->unsent == 0 ? g_strdup (_ ("because the server does not know the project yet"))
                             : g_strdup_printf (ngettext ("because of %u change on this computer",
                                                          "because of %u changes on this computer",
                                                          (gulong)state->unsent),
                                                (guint)MIN (state->unsent, G_MAXUINT));
  want (self, galley_sync_plan_new_row ("push", &candidate->id, NULL, title, cause), state->unsent,
        "changes");
}

static void
want_relay (GalleySyncPlan *self, const Candidate *candidate, const GalleyOutboxState *state)
{
  g_autofree char *title = NULL;
  gboolean lost = state->lost != 0;

  if ((!lost && state->carried == 0) || candidate->server == NULL || candidate->server->doubted ||
      candidate->server->position > state->position)
    return;

  title = g_strdup_printf (lost ? _ ("Send again what the server lost of “%s”")
                                : _ ("Pass on what came by hand of “%s”"),
                           candidate->name != NULL ? candidate->name : _ ("a project"));
  want (self,
        galley_sync_plan_new_row ("relay", &candidate->id, NULL, title,
                                  lost ? _ ("because the server was restored from a backup")
                                       : _ ("because changes came in a bundle")),
        state->unsent + state->carried, "changes");
}

/* Less than this device has followed is news, too: the server lost some. */
static gboolean
has_news (const GalleyServerProject *server, const GalleyOutboxState *state)
{
  if (server == NULL)
    return FALSE;
  if (server->position != state->position || server->doubted)
    return TRUE;

  return server->history_id != NULL && state->history_id != NULL &&
         g_strcmp0 (server->history_id, state->history_id) != 0;
}

static void
want_pull (GalleySyncPlan *self, const Candidate *candidate, const GalleyOutboxState *state)
{
  g_autofree char *title = NULL;
  guint64 news;

  if (!has_news (candidate->server, state))
    return;

  title = candidate->name != NULL ? g_strdup_printf (_ ("Fetch changes of “%s”"), candidate->name)
                                  : g_strdup (_ ("Fetch a project from the server"));
  news = candidate->server->position > state->position
             ? candidate->server->position - state->position
             : 0;
  want (self,
        galley_sync_plan_new_row ("pull", &candidate->id, NULL, title,
                                  _ ("because there is something new on the server")),
        news, "changes");
}

static char *
describe_file (const char *name, gboolean up)
{
  if (name == NULL)
    return g_strdup (up ? _ ("Send a file") : _ ("Fetch a file"));

  return g_strdup_printf (up ? _ ("Send “%s”") : _ ("Fetch “%s”"), name);
}

/* Whether the project begins with a snapshot: nothing of it is here, and its stream is long. */
static gboolean
begins_with_snapshot (GalleyReader *reader,
                      const Candidate *candidate,
                      const GalleyOutboxState *state)
{
  char id[GALLEY_ID_TEXT_SIZE];
  g_autofree char *key = g_strconcat (GALLEY_SETTING_NO_SNAPSHOT,
                                      galley_id_print (&candidate->id, id), NULL);

  return candidate->server != NULL && state->position == 0 && state->own_seq == 0 &&
         state->furthest == 0 && state->carried == 0 &&
         candidate->server->position >= GALLEY_SNAPSHOT_WORTHWHILE && !is_on (reader, key) &&
         galley_flag_is_on (reader, GALLEY_FLAG_SNAPSHOT);
}

static void
want_snapshot (GalleySyncPlan *self, const Candidate *candidate)
{
  want (self,
        galley_sync_plan_new_row ("snapshot", &candidate->id, NULL,
                                  _ ("Fetch a project from the server"),
                                  _ ("because it is new on this computer")),
        0, "changes");
}

static gboolean
want_history (GalleySyncPlan *self,
              GalleyReader *reader,
              const Candidate *candidate,
              GError **error)
{
  g_autofree char *policy = galley_directory_get (reader, GALLEY_SETTING_HISTORY);
  g_autofree char *title = NULL;
  GalleyHistoryState state;
  gboolean asked = galley_history_is_asked (reader, &candidate->id);

  if (!galley_history_get_state (reader, &candidate->id, &state, error))
    return FALSE;
  if (state.position == 0 || (!asked && g_strcmp0 (policy, "asked") == 0))
    return TRUE;

  title = candidate->name != NULL
              ? g_strdup_printf (_ ("Fetch the history of “%s”"), candidate->name)
              : g_strdup (_ ("Fetch the history of a project"));
  want (self,
        galley_sync_plan_new_row ("history", &candidate->id, asked ? GALLEY_JOB_ASKED : NULL, title,
                                  asked ? _ ("because somebody asked for it")
                                        : _ ("because older changes are not on this computer yet")),
        state.position, "changes");
  return TRUE;
}

static void
want_file (GalleySyncPlan *self, const GalleyFileRow *file, gboolean up)
{
  g_autofree char *subject = galley_hash_to_string (&file->hash);
  g_autofree char *title = describe_file (file->name, up);
  g_autofree char *cause = g_strdup (up ? _ ("because the others need the file of a version")
                                        : _ ("because a version’s file is not on this computer"));

  want (self,
        galley_sync_plan_new_row (up ? "upload" : "download", &file->project, subject, title,
                                  cause),
        file->size_bytes, "bytes");
}

/* @now: else they are only counted: the server does not know the project yet */
static gboolean
look_for_files (GalleySyncPlan *self,
                GalleyReader *reader,
                const Candidate *candidate,
                gboolean now,
                GError **error)
{
  g_autoptr (GPtrArray) up = galley_outbox_files_to_upload (reader, &candidate->id, error);
  g_autoptr (GPtrArray) down = NULL;

  if (up == NULL)
    return FALSE;
  self->unsent_files += up->len;
  if (!now)
    return TRUE;

  down = galley_outbox_files_to_download (reader, &candidate->id, error);
  if (down == NULL)
    return FALSE;

  for (guint i = 0; i < MIN (up->len, MAX_FILES); i++)
    want_file (self, up->pdata[i], TRUE);
  for (guint i = 0; i < MIN (down->len, MAX_FILES); i++)
    want_file (self, down->pdata[i], FALSE);
  return TRUE;
}

/* Before that is put right, nothing of its own can be sent. */
static void
want_identity (GalleySyncPlan *self)
{
  want (self,
        galley_sync_plan_new_row ("identity", NULL, NULL,
                                  _ ("Give this computer a name of its own on the server"),
                                  _ ("because another one has its name, or its key is new")),
        0, "steps");
}

static gboolean
want_compaction (GalleySyncPlan *self, GalleyReader *reader, GError **error)
{
  guint64 n_changes;

  if (self->server_url == NULL || !galley_flag_is_on (reader, GALLEY_FLAG_COMPACT))
    return TRUE;
  if (!galley_compact_estimate (reader, &n_changes, error))
    return FALSE;

  if (n_changes >= GALLEY_COMPACT_WORTHWHILE)
    want (self,
          galley_sync_plan_new_row ("compact", NULL, NULL, _ ("Pack the journal"),
                                    _ ("because much of it has long been settled")),
          n_changes, "changes");
  return TRUE;
}

static void
want_fleet (GalleySyncPlan *self, GalleyReader *reader)
{
  if (self->server_url != NULL && galley_fleet_is_wanted (reader))
    want (self,
          galley_sync_plan_new_row ("fleet", NULL, NULL, _ ("Ask how all computers are"),
                                    _ ("because somebody looks at them")),
          0, "questions");
}

static gboolean
look_at (GalleySyncPlan *self, GalleyReader *reader, const Candidate *candidate, GError **error)
{
  g_auto (GalleyOutboxState) state = { 0 };

  if (!galley_outbox_get_state (reader, &candidate->id, &state, error))
    return FALSE;

  self->unsent += state.unsent;
  self->refused += state.refused;
  if (self->server_url == NULL)
    return TRUE;
  if (self->needs_identity)
    return look_for_files (self, reader, candidate, FALSE, error);

  want_push (self, candidate, &state);
  if (begins_with_snapshot (reader, candidate, &state))
    want_snapshot (self, candidate);
  else
    want_pull (self, candidate, &state);
  want_relay (self, candidate, &state);
  if (!want_history (self, reader, candidate, error))
    return FALSE;
  /* The server takes and gives files of projects that it knows. */
  return look_for_files (self, reader, candidate, state.shared, error);
}

static gboolean
read_divergences (GalleySyncPlan *self, GalleyReader *reader, GError **error)
{
  g_autoptr (GArray) list = galley_divergence_list (reader, error);

  if (list == NULL)
    return FALSE;

  self->n_differing = list->len;
  if (list->len > 0)
    self->divergence = galley_divergence_describe (reader, NULL);
  return TRUE;
}

static gboolean
add_rows (
    GalleySyncPlan *self, GalleyReader *reader, const char *state, guint limit, GError **error)
{
  g_autoptr (GPtrArray) rows = galley_job_table_list (reader, state, limit, error);

  if (rows == NULL)
    return FALSE;
  g_ptr_array_extend_and_steal (self->rows, g_steal_pointer (&rows));
  return TRUE;
}

/* A job may be listed twice; that does no harm. */
static gboolean
read_jobs (GalleySyncPlan *self, GalleyReader *reader, GError **error)
{
  self->asks = galley_job_table_get_asks (reader, error);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_job_row_free);

  return self->asks != NULL && add_rows (self, reader, "open", 0, error) &&
         add_rows (self, reader, "failed", 0, error) &&
         add_rows (self, reader, NULL, MAX_RECENT, error);
}

/**
 * galley_sync_plan_make:
 * @server_projects: of GalleyServerProject: what the server was last heard to have
 *
 * Only reads. On the thread of @reader.
 *
 * Returns: (transfer full): what there is to do, whether it is under way or not; %NULL with @error
 *   set when the database cannot be read
 */
GalleySyncPlan *
galley_sync_plan_make (GalleyReader *reader, GPtrArray *server_projects, GError **error)
{
  g_autoptr (GalleySyncPlan) self = g_new0 (GalleySyncPlan, 1);
  g_autoptr (GPtrArray) candidates = NULL;

  self->wanted = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_job_row_free);
  read_settings (self, reader);
  if (!read_jobs (self, reader, error) || !read_divergences (self, reader, error))
    return NULL;

  self->needs_identity = self->server_url != NULL && !galley_identity_is_settled (reader);
  if (self->needs_identity)
    want_identity (self);
  candidates = list_candidates (reader, server_projects, error);
  if (candidates == NULL)
    return NULL;
  for (guint i = 0; i < candidates->len; i++)
    if (!look_at (self, reader, candidates->pdata[i], error))
      return NULL;

  want_fleet (self, reader);
  return want_compaction (self, reader, error) ? g_steal_pointer (&self) : NULL;
}

/* A thread of the pool, with a reader of its own: a long look holds up nobody who waits for the
 * screen. */
static void
make_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL; /* handed to the task */
  GalleyReader *reader = galley_store_borrow_reader (source, &error);
  GalleySyncPlan *plan = reader != NULL ? galley_sync_plan_make (reader, data, &error) : NULL;

  if (reader != NULL)
    galley_store_return_reader (source, reader);
  if (plan == NULL)
    return g_task_return_error (task, error);

  g_task_return_pointer (task, plan, (GDestroyNotify)galley_sync_plan_free);
}

/**
 * galley_sync_plan_make_async:
 * @server_projects: (transfer full): see galley_server_view_copy()
 *
 * galley_sync_plan_make() away from the main loop.
 */
void
galley_sync_plan_make_async (GalleyStore *store,
                             GPtrArray *server_projects,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (store, NULL, callback, user_data);

  g_task_set_source_tag (task, galley_sync_plan_make_async);
  g_task_set_task_data (task, server_projects, (GDestroyNotify)g_ptr_array_unref);
  galley_world_run_task (galley_store_get_world (store), task, make_in_thread);
}

GalleySyncPlan *
galley_sync_plan_make_finish (GalleyStore *store, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, store), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
