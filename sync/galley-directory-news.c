/* galley-directory-news.c: brings persons, devices, roles and projects in line with the server
 *
 * The server is asked often and has rarely anything new, so only differences are written.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-directory-news"

#include "sync/galley-directory-news.h"

#include "data/galley-directory.h"
#include "data/galley-divergence.h"
#include "data/galley-flag.h"
#include "data/galley-outbox.h"
#include "data/galley-stream.h"
#include "sync/wire/galley-digest-report.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* When a device was last seen changes all the time; alone that is news once an hour. */
#define SEEN_AGAIN_US (3600 * G_GINT64_CONSTANT (1000000))

/* What the server said, less what is known already. */
typedef struct
{
  GalleyJobContext *context;
  GalleyMe *me;
  GPtrArray *known;         /* of GalleyMeProject: those that were in line already */
  GArray *shut;             /* of GalleyId: projects that were named before and are not any more */
  GArray *others;           /* of GalleyId: projects whose stream is another one by now */
  gboolean is_other_person; /* of this device */
  gboolean is_other_flags;
} News;

static void
news_free (gpointer data)
{
  News *news = data;

  g_clear_pointer (&news->me, galley_me_free);
  g_clear_pointer (&news->known, g_ptr_array_unref);
  g_clear_pointer (&news->shut, g_array_unref);
  g_clear_pointer (&news->others, g_array_unref);
  galley_job_context_unref (news->context);
  g_free (news);
}

/* ── write the differences ── */

static gboolean
write_persons (GalleyWriter *writer, GalleyMe *me, GError **error)
{
  for (guint i = 0; i < me->persons->len; i++)
    if (!galley_directory_put_person (writer, me->persons->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < me->aliases->len; i++)
    {
      const GalleyAlias *alias = &g_array_index (me->aliases, GalleyAlias, i);

      if (!galley_directory_put_alias (writer, &alias->alias, &alias->person, error))
        return FALSE;
    }
  for (guint i = 0; i < me->devices->len; i++)
    if (!galley_directory_put_device (writer, me->devices->pdata[i], error))
      return FALSE;

  return TRUE;
}

static gboolean
write_projects (GalleyWriter *writer, GalleyMe *me, GError **error)
{
  for (guint i = 0; i < me->projects->len; i++)
    {
      const GalleyMeProject *project = me->projects->pdata[i];

      if (!galley_outbox_set_shared (writer, &project->id, TRUE, error) ||
          !galley_directory_set_project_role (writer, &project->id, project->role, error) ||
          !galley_divergence_set (writer, &project->id, project->differs_since, error))
        return FALSE;
    }

  return TRUE;
}

/* Taken from this person, or lost by the server: offered once more, since only that tells. */
static gboolean
write_shut (GalleyWriter *writer, GArray *shut, GError **error)
{
  for (guint i = 0; i < shut->len; i++)
    {
      const GalleyId *project = &g_array_index (shut, GalleyId, i);

      if (!galley_outbox_set_shared (writer, project, FALSE, error) ||
          !galley_directory_set_project_role (writer, project, GALLEY_ROLE_NONE, error))
        return FALSE;
    }

  return TRUE;
}

/* writer thread */
static gboolean
write_news (GalleyWriter *writer, gpointer data, GError **error)
{
  News *news = data;
  char person[GALLEY_ID_TEXT_SIZE];

  if (news->is_other_person &&
      !galley_directory_set (writer, "person", galley_id_print (&news->me->person, person), error))
    return FALSE;

  return (!news->is_other_flags || galley_flag_keep_told (writer, news->me->flags, error)) &&
         write_persons (writer, news->me, error) && write_projects (writer, news->me, error) &&
         write_shut (writer, news->shut, error);
}

static void
take_each (News *news, GPtrArray *projects)
{
  for (guint i = 0; i < projects->len; i++)
    {
      const GalleyMeProject *project = projects->pdata[i];

      galley_server_view_take (news->context->server, &project->id, project->position,
                               project->history_id);
    }
}

static void
take_projects (News *news)
{
  take_each (news, news->me->projects);
  take_each (news, news->known);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  News *news = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  if (news->me->flags->len > 0 && news->is_other_flags)
    take_projects (news);
  g_task_return_boolean (task, TRUE);
}

/* ── compare ── */

static gboolean
is_known_person (GPtrArray *known, const GalleyPerson *person)
{
  for (guint i = 0; i < known->len; i++)
    {
      const GalleyPerson *other = known->pdata[i];

      if (galley_id_equal (&other->id, &person->id))
        return other->role == person->role && g_strcmp0 (other->name, person->name) == 0;
    }

  return FALSE;
}

static gboolean
is_known_device (GPtrArray *known, const GalleyDevice *device)
{
  for (guint i = 0; i < known->len; i++)
    {
      const GalleyDevice *other = known->pdata[i];

      if (galley_id_equal (&other->id, &device->id))
        return galley_id_equal (&other->person, &device->person) &&
               other->revoked == device->revoked && g_strcmp0 (other->name, device->name) == 0 &&
               memcmp (other->public_key, device->public_key, sizeof device->public_key) == 0 &&
               ABS (device->last_seen_us - other->last_seen_us) < SEEN_AGAIN_US;
    }

  return FALSE;
}

static gboolean
is_known_project (GalleyReader *reader, const GalleyMeProject *project)
{
  g_auto (GalleyOutboxState) state = { 0 };

  return galley_outbox_get_state (reader, &project->id, &state, NULL) && state.shared &&
         galley_directory_get_role (reader, &project->id) == project->role &&
         galley_divergence_get (reader, &project->id) == project->differs_since;
}

static void
drop_known_aliases (GArray *aliases, GalleyReader *reader)
{
  for (guint i = aliases->len; i > 0; i--)
    {
      const GalleyAlias *alias = &g_array_index (aliases, GalleyAlias, i - 1);
      g_autoptr (GalleyPerson) person = galley_directory_get_person (reader, &alias->alias, NULL);

      if (person != NULL && galley_id_equal (&person->id, &alias->person))
        g_array_remove_index_fast (aliases, i - 1);
    }
}

static gboolean
names_project (GalleyMe *me, const GalleyId *id)
{
  for (guint i = 0; i < me->projects->len; i++)
    if (galley_id_equal (&((GalleyMeProject *)me->projects->pdata[i])->id, id))
      return TRUE;

  return FALSE;
}

/* What this device has just registered may be missing in an answer that was on its way; but it has
 * no role yet. */
static GArray *
list_shut (GalleyMe *me, GalleyReader *reader, GError **error)
{
  GArray *shut = galley_directory_list_admitted (reader, error);

  for (guint i = shut != NULL ? shut->len : 0; i > 0; i--)
    if (names_project (me, &g_array_index (shut, GalleyId, i - 1)))
      g_array_remove_index_fast (shut, i - 1);

  return shut;
}

/* A server that lost some and has come as far again says nothing that is new by its numbers. */
static gboolean
is_other_stream (GalleyReader *reader, const GalleyMeProject *project, GError **error)
{
  g_autoptr (GArray) marks = galley_stream_list_marks (reader, &project->id, error);

  for (guint i = 0; marks != NULL && i < marks->len; i++)
    {
      const GalleyMark *mark = &g_array_index (marks, GalleyMark, i);

      if (mark->position == project->position)
        return !galley_hash_equal (&mark->rolling, &project->rolling);
    }

  return FALSE;
}

static GArray *
list_others (GalleyMe *me, GalleyReader *reader, GError **error)
{
  GArray *others = g_array_new (FALSE, FALSE, sizeof (GalleyId));

  for (guint i = 0; i < me->projects->len; i++)
    {
      const GalleyMeProject *project = me->projects->pdata[i];
      GError *local = NULL;

      if (project->has_rolling && is_other_stream (reader, project, &local))
        g_array_append_val (others, project->id);
      if (local != NULL)
        {
          g_propagate_error (error, local);
          g_array_unref (others);
          return NULL;
        }
    }

  return others;
}

/* Leaves in @me what is news. */
static gboolean
drop_known (GalleyMe *me, GPtrArray *known_projects, GalleyReader *reader, GError **error)
{
  g_autoptr (GPtrArray) persons = galley_directory_list_persons (reader, error);
  g_autoptr (GPtrArray) devices = NULL;

  if (persons == NULL)
    return FALSE;
  devices = galley_directory_list_devices (reader, error);
  if (devices == NULL)
    return FALSE;

  for (guint i = me->persons->len; i > 0; i--)
    if (is_known_person (persons, me->persons->pdata[i - 1]))
      g_ptr_array_remove_index_fast (me->persons, i - 1);
  for (guint i = me->devices->len; i > 0; i--)
    if (is_known_device (devices, me->devices->pdata[i - 1]))
      g_ptr_array_remove_index_fast (me->devices, i - 1);
  for (guint i = me->projects->len; i > 0; i--)
    if (is_known_project (reader, me->projects->pdata[i - 1]))
      g_ptr_array_add (known_projects, g_ptr_array_steal_index_fast (me->projects, i - 1));
  drop_known_aliases (me->aliases, reader);
  return TRUE;
}

/* An address that leads to another server than before must not mix two histories. */
static gboolean
check_server (GalleyMe *me, GalleyReader *reader, GError **error)
{
  g_autofree char *known = galley_directory_get (reader, "server_id");

  if (known == NULL || g_strcmp0 (known, me->server_id) == 0)
    return TRUE;

  g_set_error_literal (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED,
                       _ ("Another server answers at this workspace’s address. Nothing was "
                          "exchanged with it; ask who runs the server."));
  return FALSE;
}

/* A thread of the pool. */
static void
compare_in_thread (GTask *comparing, gpointer source, gpointer data, GCancellable *cancellable)
{
  News *news = data;
  GError *error = NULL; /* handed to the task */
  GalleyReader *reader = galley_store_borrow_reader (news->context->store, &error);
  gboolean compared;
  GalleyId person;

  compared = reader != NULL && check_server (news->me, reader, &error) &&
             (news->shut = list_shut (news->me, reader, &error)) != NULL &&
             (news->others = list_others (news->me, reader, &error)) != NULL &&
             drop_known (news->me, news->known, reader, &error);
  news->is_other_flags = compared && !galley_flag_is_told (reader, news->me->flags);
  if (reader != NULL)
    galley_store_return_reader (news->context->store, reader);
  if (!compared)
    return g_task_return_error (comparing, error);

  galley_store_get_person (news->context->store, &person);
  news->is_other_person = !galley_id_equal (&person, &news->me->person);
  g_task_return_boolean (comparing, TRUE);
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  News *news = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    return g_task_return_error (task, error);

  if (news->me->flags->len > 0 && !news->is_other_flags)
    take_projects (news);
  for (guint i = 0; i < news->shut->len; i++)
    {
      galley_server_view_forget (news->context->server, &g_array_index (news->shut, GalleyId, i));
      /* Or the server lost it: the next pull finds out. */
      galley_server_view_doubt (news->context->server, &g_array_index (news->shut, GalleyId, i));
    }
  for (guint i = 0; i < news->others->len; i++)
    galley_server_view_doubt (news->context->server, &g_array_index (news->others, GalleyId, i));
  if (!news->is_other_person && !news->is_other_flags && news->me->persons->len == 0 &&
      news->me->aliases->len == 0 && news->me->devices->len == 0 && news->me->projects->len == 0 &&
      news->shut->len == 0)
    return g_task_return_boolean (task, TRUE);

  galley_store_write_async (news->context->store, write_news, news, NULL,
                            g_task_get_cancellable (task), written_cb, g_object_ref (task));
}

/* ── ask ── */

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  News *news = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  g_autoptr (GTask) comparing = NULL;

  if (response == NULL || !galley_response_check (response, "application/json", &error))
    return g_task_return_error (task, error);

  news->me = galley_me_parse (response->body, &error);
  if (news->me == NULL)
    return g_task_return_error (task, galley_response_wrap_malformed (error));

  /* How a project is fetched may depend on the flags, so those come first when they are new. */
  if (news->me->flags->len == 0)
    take_projects (news);
  comparing = g_task_new (NULL, g_task_get_cancellable (task), compared_cb, g_object_ref (task));
  g_task_set_source_tag (comparing, compare_in_thread);
  g_task_set_task_data (comparing, news, NULL);
  galley_world_run_task (galley_job_context_get_world (news->context), comparing,
                         compare_in_thread);
}

/* reader thread */
static gpointer
read_reports (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_divergence_list_reports (reader, GALLEY_DIGESTS_MOST, error);
}

static void
reports_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  News *news = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GArray) reports = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/me");

  if (reports == NULL)
    return g_task_return_error (task, error);

  if (reports->len > 0)
    {
      g_autofree char *text = galley_digest_reports_to_text (reports);

      galley_request_add_header (request, GALLEY_DIGESTS_HEADER, text);
    }
  galley_transport_send_async (news->context->transport, request, g_task_get_cancellable (task),
                               answered_cb, g_object_ref (task));
}

/**
 * galley_directory_news_fetch_async:
 *
 * Main loop. Reports what projects have come to here, and tells the context's server view how far
 * each project has come there.
 */
void
galley_directory_news_fetch_async (GalleyJobContext *context,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  News *news = g_new0 (News, 1);

  news->context = galley_job_context_ref (context);
  news->known = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_me_project_free);
  g_task_set_source_tag (task, galley_directory_news_fetch_async);
  g_task_set_task_data (task, news, news_free);
  galley_store_read_async (context->store, read_reports, NULL, NULL, (GDestroyNotify)g_array_unref,
                           cancellable, reports_read_cb, task);
}

gboolean
galley_directory_news_fetch_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
