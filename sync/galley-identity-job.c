/* galley-identity-job.c: makes this workspace a device of its own, where another has its name
 *
 *   see what is so ──► ask, project by project, how far the server has the old device's chain
 *                        ──► take a new key, and make the rest once more under it
 *                              ──► show the new key to the server, with the old token
 *                                    ──► keep the new token
 *
 * Interrupted anywhere, it goes on from what is on disk: whether there is a fork to leave, and
 * whose the token is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-identity-job"

#include "sync/galley-identity-job.h"

#include "data/galley-directory.h"
#include "data/galley-identity.h"
#include "data/galley-outbox.h"
#include "sync/galley-account.h"
#include "sync/galley-common-ground.h"
#include "sync/galley-sync-notes.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GalleyIdentityJob
{
  GalleyJob parent_instance;

  gboolean forked;
  GArray *projects; /* of GalleyId: still to be asked about */
  GArray *kept;     /* of GalleyKeptChain */
  guint64 n_moved;
};

G_DEFINE_FINAL_TYPE (GalleyIdentityJob, galley_identity_job, GALLEY_TYPE_JOB)

static void ask_next (GTask *task);

static GalleyJobContext *
get_context (GTask *task)
{
  return galley_job_get_context (g_task_get_source_object (task));
}

/* ── keep the new token ── */

typedef struct
{
  char *folder, *server_url;
  GalleyEnrolAnswer *answer;
  GalleyId device;
  gint64 now_us;
} Keeping;

static void
keeping_free (gpointer data)
{
  Keeping *keeping = data;

  g_free (keeping->folder);
  g_free (keeping->server_url);
  galley_enrol_answer_free (keeping->answer);
  g_free (keeping);
}

/* writer thread: the token first; until the settings say so, a new one is asked for */
static gboolean
write_token (GalleyWriter *writer, gpointer data, GError **error)
{
  Keeping *keeping = data;
  GalleyAccount account = { keeping->server_url, keeping->answer->token };
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, keeping->now_us);
  char text[GALLEY_ID_TEXT_SIZE];

  return galley_account_save (&account, keeping->folder, error) &&
         galley_directory_set (writer, GALLEY_SETTING_TOKEN_DEVICE,
                               galley_id_print (&keeping->device, text), error) &&
         galley_directory_set (writer, GALLEY_SETTING_CONNECTED, now, error);
}

static char *
describe (GalleyIdentityJob *self)
{
  guint n = (guint)MIN (self->n_moved, G_MAXUINT);

  if (!self->forked)
    return g_strdup (_ ("This workspace has come to another computer, or has lost its key. The "
                        "server knows it now as a computer of its own; nothing is lost."));
  if (n == 0)
    return g_strdup (_ ("This workspace was copied, or restored from a backup: another computer "
                        "goes on under its name. It is a computer of its own now; nothing is "
                        "lost."));

  return g_strdup_printf (ngettext ("This workspace was copied, or restored from a backup: another "
                                    "computer goes on under its name. It is a computer of its own "
                                    "now, and %u change that was made here is sent as its own; "
                                    "nothing is lost.",
                                    "This workspace was copied, or restored from a backup: another "
                                    "computer goes on under its name. It is a computer of its own "
                                    "now, and %u changes that were made here are sent as its own; "
                                    "nothing is lost.",
                                    n),
                          n);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyIdentityJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autofree char *what = describe (self);
  g_autoptr (GalleyAccount) account = NULL;

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  /* From the next request on, and not only when the settings have been looked at. */
  account = galley_account_load (galley_store_get_folder (get_context (task)->store), NULL);
  if (account != NULL)
    galley_transport_set_account (get_context (task)->transport, account->server_url,
                                  account->token);

  galley_job_set_result (GALLEY_JOB (self), what);
  g_task_return_boolean (task, TRUE);
}

/* ── show the new key ── */

static void
registered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyStore *store = get_context (task)->store;
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);
  g_autoptr (GalleyEnrolAnswer) answer = NULL;
  g_autoptr (GalleyAccount) account = NULL;
  Keeping *keeping;

  if (response == NULL || !galley_response_check (response, "application/json", &error))
    return g_task_return_error (task, error);
  answer = galley_enrol_answer_parse (response->body, &error);
  if (answer == NULL)
    return g_task_return_error (task, galley_response_wrap_malformed (error));
  account = galley_account_load (galley_store_get_folder (store), &error);
  if (account == NULL && error == NULL)
    g_set_error_literal (&error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN,
                         _ ("The account of this workspace is missing. Connect again with a new "
                            "invite code."));
  if (account == NULL)
    return g_task_return_error (task, error);

  keeping = g_new0 (Keeping, 1);
  keeping->folder = g_strdup (galley_store_get_folder (store));
  keeping->server_url = g_strdup (account->server_url);
  keeping->answer = g_steal_pointer (&answer);
  keeping->device = *galley_store_get_device (store);
  keeping->now_us = galley_world_now_us (galley_job_context_get_world (get_context (task)));
  galley_store_write_async (store, write_token, keeping, keeping_free, NULL, kept_cb,
                            g_steal_pointer (&task));
}

/* reader thread: whose the token is */
static gpointer
read_token_device (GalleyReader *reader, gpointer data, GError **error)
{
  return galley_directory_get (reader, GALLEY_SETTING_TOKEN_DEVICE);
}

static void
token_device_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  GalleyStore *store = GALLEY_STORE (source);
  g_autofree char *old = galley_store_read_finish (store, result, &error);
  GalleyKey *key = galley_store_get_key (store);
  GalleyEnrolRequest message = { .invite = old, .device_name = (char *)g_get_host_name () };
  g_autoptr (GalleyRequest) request = NULL;
  g_autoptr (GBytes) body = NULL;
  char device[GALLEY_ID_TEXT_SIZE];

  if (error != NULL)
    return g_task_return_error (task, error);
  if (old == NULL || g_str_equal (old, galley_id_print (galley_store_get_device (store), device)))
    return g_task_return_boolean (task, TRUE);

  galley_store_get_person (store, &message.person);
  memcpy (message.public_key, galley_key_get_public (key), sizeof message.public_key);
  galley_enrol_prove (key, old, message.proof);
  request = galley_request_new ("POST", "/v1/devices");
  body = galley_enrol_request_to_bytes (&message);
  galley_request_set_body (request, body, "application/json");
  galley_transport_send_async (get_context (task)->transport, request,
                               g_task_get_cancellable (task), registered_cb, g_object_ref (task));
}

/* Takes @task. */
static void
show_key (GTask *task)
{
  galley_job_touch (g_task_get_source_object (task));
  galley_store_read_async (get_context (task)->store, read_token_device, NULL, NULL, g_free,
                           g_task_get_cancellable (task), token_device_cb, task);
}

/* ── take a new key ── */

/* writer thread */
static gboolean
write_renewal (GalleyWriter *writer, gpointer data, GError **error)
{
  GalleyIdentityJob *self = data;

  return galley_identity_renew (writer, (const GalleyKeptChain *)self->kept->data, self->kept->len,
                                &self->n_moved, error);
}

static void
renewed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  show_key (g_steal_pointer (&task));
}

/* Takes @task. */
static void
renew (GTask *task)
{
  GalleyIdentityJob *self = g_task_get_source_object (task);

  galley_store_write_async (get_context (task)->store, write_renewal, g_object_ref (self),
                            g_object_unref, NULL, renewed_cb, task);
}

/* ── ask how far the server has the old chain ── */

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyIdentityJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyCommon) common = galley_common_ground_find_finish (result, &error);
  guint last = self->projects->len - 1;
  GalleyKeptChain kept = { .project = g_array_index (self->projects, GalleyId, last) };

  /* Of a project that it does not have, it has nothing. */
  if (common == NULL && !g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_THERE))
    return g_task_return_error (task, error);

  g_clear_error (&error);
  kept.seq = common != NULL ? common->own_seq : 0;
  g_array_append_val (self->kept, kept);
  g_array_set_size (self->projects, last);
  galley_job_touch (GALLEY_JOB (self));
  ask_next (g_steal_pointer (&task));
}

/* Takes @task. */
static void
ask_next (GTask *task)
{
  GalleyIdentityJob *self = g_task_get_source_object (task);

  if (self->projects->len == 0)
    return renew (task);

  galley_common_ground_find_async (get_context (task),
                                   &g_array_index (self->projects, GalleyId,
                                                   self->projects->len - 1),
                                   g_task_get_cancellable (task), found_cb, task);
}

/* ── see what is so ── */

typedef struct
{
  gboolean forked;
  GArray *projects;
} Situation;

static void
situation_free (gpointer data)
{
  g_array_unref (((Situation *)data)->projects);
  g_free (data);
}

/* reader thread */
static gpointer
read_situation (GalleyReader *reader, gpointer data, GError **error)
{
  g_autofree char *forked = galley_directory_get (reader, GALLEY_SETTING_FORKED);
  g_autoptr (GPtrArray) projects = galley_reader_list_projects (reader, error);
  Situation *situation;

  if (projects == NULL)
    return NULL;

  situation = g_new0 (Situation, 1);
  situation->forked = forked != NULL;
  situation->projects = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  for (guint i = 0; i < projects->len; i++)
    {
      const GalleyProjectRow *row = projects->pdata[i];
      g_auto (GalleyOutboxState) state = { 0 };

      if (!galley_outbox_get_state (reader, &row->id, &state, error))
        {
          situation_free (situation);
          return NULL;
        }
      if (state.unsent > 0 && state.shared)
        g_array_append_val (situation->projects, row->id);
    }

  return situation;
}

static void
seen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyIdentityJob *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  Situation *situation = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (situation == NULL)
    return g_task_return_error (task, error);

  self->forked = situation->forked;
  g_array_set_size (self->projects, 0);
  g_array_append_vals (self->projects, situation->projects->data, situation->projects->len);
  situation_free (situation);
  if (self->forked)
    ask_next (g_steal_pointer (&task));
  else
    show_key (g_steal_pointer (&task));
}

static void
galley_identity_job_run_async (GalleyJob *job,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GalleyIdentityJob *self = GALLEY_IDENTITY_JOB (job);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, galley_identity_job_run_async);
  g_array_set_size (self->kept, 0);
  galley_store_read_async (get_context (task)->store, read_situation, NULL, NULL, situation_free,
                           cancellable, seen_cb, task);
}

static void
galley_identity_job_finalize (GObject *object)
{
  GalleyIdentityJob *self = GALLEY_IDENTITY_JOB (object);

  g_array_unref (self->projects);
  g_array_unref (self->kept);
  G_OBJECT_CLASS (galley_identity_job_parent_class)->finalize (object);
}

static void
galley_identity_job_class_init (GalleyIdentityJobClass *klass)
{
  GalleyJobClass *job_class = GALLEY_JOB_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = galley_identity_job_finalize;
  job_class->kind = "identity";
  job_class->unit = "steps";
  job_class->max_running = 1;
  job_class->run_async = galley_identity_job_run_async;
}

static void
galley_identity_job_init (GalleyIdentityJob *self)
{
  self->projects = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  self->kept = g_array_new (FALSE, FALSE, sizeof (GalleyKeptChain));
}
