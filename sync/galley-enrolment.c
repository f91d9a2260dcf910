/* galley-enrolment.c: makes this device one of a server's, with an invite code
 *
 *   see what is known ──► ask the server ──► keep the account, then note it in the database
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-enrolment"

#include "sync/galley-enrolment.h"

#include "data/galley-directory.h"
#include "data/galley-identity.h"
#include "sync/galley-account.h"
#include "sync/galley-sync-notes.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GalleyTransport *transport; /* for this alone: the service's keeps its account */
  char *url;
  char *invite;
  char *server_id;           /* (nullable): of the server that the workspace belongs to */
  GalleyId person;           /* as the device has called its person until now */
  GalleyId device;           /* for which it was asked: the store may have another name by then */
  GalleyEnrolAnswer *answer; /* (nullable): not yet */
} Enrolment;

static void
enrolment_free (gpointer data)
{
  Enrolment *enrolment = data;

  g_clear_object (&enrolment->transport);
  g_free (enrolment->url);
  g_free (enrolment->invite);
  g_free (enrolment->server_id);
  g_clear_pointer (&enrolment->answer, galley_enrol_answer_free);
  g_free (enrolment);
}

/* ── keep the account ── */

static gboolean
write_settings (GalleyWriter *writer, const GalleyWorld *world, const char *url, GError **error)
{
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, galley_world_now_us (world));

  return galley_directory_set (writer, GALLEY_SETTING_SERVER_URL, url, error) &&
         galley_directory_set (writer, GALLEY_SETTING_CONNECTED, now, error);
}

static gboolean
write_person (GalleyWriter *writer, Enrolment *enrolment, GError **error)
{
  GalleyEnrolAnswer *answer = enrolment->answer;
  char id[GALLEY_ID_TEXT_SIZE];
  GalleyPerson person = {
    .id = answer->person,
    .name = answer->person_name,
    .role = answer->role,
  };

  if (!galley_directory_put_person (writer, &person, error))
    return FALSE;
  if (galley_id_equal (&enrolment->person, &answer->person))
    return TRUE;

  /* What was made under the device's own id for its person stays theirs. */
  return galley_directory_put_alias (writer, &enrolment->person, &answer->person, error) &&
         galley_directory_set (writer, "person", galley_id_print (&answer->person, id), error);
}

typedef struct
{
  Enrolment *enrolment; /* borrowed */
  const GalleyWorld *world;
  char *folder;
} Keeping;

static void
keeping_free (gpointer data)
{
  Keeping *keeping = data;

  g_free (keeping->folder);
  g_free (keeping);
}

/* writer thread: the token first, which cannot be had again */
static gboolean
write_enrolment (GalleyWriter *writer, gpointer data, GError **error)
{
  Keeping *keeping = data;
  GalleyEnrolAnswer *answer = keeping->enrolment->answer;
  GalleyAccount account = { keeping->enrolment->url, answer->token };
  char device[GALLEY_ID_TEXT_SIZE];

  return galley_account_save (&account, keeping->folder, error) &&
         galley_directory_set (writer, "server_id", answer->server_id, error) &&
         galley_directory_set (writer, GALLEY_SETTING_TOKEN_DEVICE,
                               galley_id_print (&keeping->enrolment->device, device), error) &&
         write_settings (writer, keeping->world, keeping->enrolment->url, error) &&
         write_person (writer, keeping->enrolment, error);
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */

  if (!galley_store_write_finish (GALLEY_STORE (source), result, &error))
    return g_task_return_error (task, error);

  g_task_return_boolean (task, TRUE);
}

/* Takes @task. */
static void
keep (GTask *task)
{
  GalleyStore *store = g_task_get_source_object (task);
  Keeping *keeping = g_new0 (Keeping, 1);

  keeping->enrolment = g_task_get_task_data (task);
  keeping->world = galley_store_get_world (store);
  keeping->folder = g_strdup (galley_store_get_folder (store));
  /* Not cancelled any more: the invite is used up. */
  galley_store_write_async (store, write_enrolment, keeping, keeping_free, NULL, kept_cb, task);
}

/* ── ask the server ── */

/* Positions, roles and what was uploaded are those of one server; with another's they would make
 * nonsense. */
static GError *
explain_other_server (void)
{
  return g_error_new_literal (GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY,
                              _ ("The server at this address was set up anew: it is not the one "
                                 "that this workspace belongs to. Nothing was exchanged, and all "
                                 "that is here stays here. Have the old server’s backup restored, "
                                 "or make another workspace for the new server."));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Enrolment *enrolment = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse)
      response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result, &error);

  if (response == NULL || !galley_response_check (response, "application/json", &error))
    {
      if (!g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY))
        return g_task_return_error (task, error);
      g_error_free (error);
      return g_task_return_error (task, explain_other_server ());
    }

  enrolment->answer = galley_enrol_answer_parse (response->body, &error);
  if (enrolment->answer == NULL)
    return g_task_return_error (task, galley_response_wrap_malformed (error));
  /* A server that does not compare by itself. */
  if (enrolment->server_id != NULL &&
      g_strcmp0 (enrolment->server_id, enrolment->answer->server_id) != 0)
    return g_task_return_error (task, explain_other_server ());

  keep (g_steal_pointer (&task));
}

/* Takes @task. @name: (nullable): of the person. */
static void
ask (GTask *task, const char *name)
{
  Enrolment *enrolment = g_task_get_task_data (task);
  GalleyKey *key = galley_store_get_key (g_task_get_source_object (task));
  GalleyEnrolRequest message = {
    .invite = enrolment->invite,
    .device_name = (char *)g_get_host_name (),
    .person = enrolment->person,
    .name = (char *)name,
    .server_id = enrolment->server_id,
  };
  g_autoptr (GalleyRequest) request = galley_request_new ("POST", "/v1/enrol");
  g_autoptr (GBytes) body = NULL;

  memcpy (message.public_key, galley_key_get_public (key), sizeof message.public_key);
  galley_key_device_of (message.public_key, &enrolment->device);
  galley_enrol_prove (key, enrolment->invite, message.proof);
  body = galley_enrol_request_to_bytes (&message);
  galley_request_set_body (request, body, "application/json");
  galley_transport_set_account (enrolment->transport, enrolment->url, NULL);
  galley_transport_send_async (enrolment->transport, request, g_task_get_cancellable (task),
                               answered_cb, task);
}

/* ── see what is known ── */

typedef struct
{
  char *server_url; /* (nullable) */
  char *server_id;  /* (nullable) */
  char *name;       /* (nullable) */
} Known;

static void
known_free (gpointer data)
{
  Known *known = data;

  g_free (known->server_url);
  g_free (known->server_id);
  g_free (known->name);
  g_free (known);
}

/* reader thread */
static gpointer
read_known (GalleyReader *reader, gpointer data, GError **error)
{
  Known *known = g_new0 (Known, 1);

  known->server_url = galley_directory_get (reader, GALLEY_SETTING_SERVER_URL);
  known->server_id = galley_directory_get (reader, "server_id");
  known->name = galley_directory_get (reader, "name");
  return known;
}

static void
seen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Enrolment *enrolment = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  Known *known = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (known == NULL)
    return g_task_return_error (task, error);

  if (known->server_url != NULL && g_strcmp0 (known->server_url, enrolment->url) != 0)
    g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                             _ ("This workspace belongs to %s already. Make another workspace for "
                                "another server."),
                             known->server_url);
  else
    {
      enrolment->server_id = g_steal_pointer (&known->server_id);
      ask (g_steal_pointer (&task), known->name);
    }
  known_free (known);
}

/**
 * galley_enrolment_run_async:
 * @transport: used for this alone
 * @url: as a person typed it
 * @invite: the code, as a person typed it
 *
 * Main loop. Everything that was made before stays, and is shared from then on. Connecting again to
 * the same server, with a new invite, makes a lost token good. A server that was set up anew at the
 * same address is another one.
 */
void
galley_enrolment_run_async (GalleyStore *store,
                            GalleyTransport *transport,
                            const char *url,
                            const char *invite,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (store, cancellable, callback, user_data);
  Enrolment *enrolment = g_new0 (Enrolment, 1);
  GError *error = NULL; /* handed to the task */

  g_task_set_source_tag (task, galley_enrolment_run_async);
  g_task_set_task_data (task, enrolment, enrolment_free);
  enrolment->transport = g_object_ref (transport);
  enrolment->invite = g_strstrip (g_strdup (invite));
  enrolment->url = galley_account_check_url (url, &error);
  if (enrolment->url == NULL)
    return g_task_return_error (task, error);
  if (*enrolment->invite == '\0' || !g_str_is_ascii (enrolment->invite))
    return g_task_return_new_error (task, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID,
                                    _ ("Enter the invite code that you were given."));

  galley_store_get_person (store, &enrolment->person);
  galley_store_read_async (store, read_known, NULL, NULL, known_free, cancellable, seen_cb,
                           g_steal_pointer (&task));
}

/**
 * galley_enrolment_run_finish:
 * @error: %GALLEY_SYNC_ERROR_INVALID for an address or a code that cannot be,
 *   %GALLEY_SYNC_ERROR_REFUSED with the server's sentence, %GALLEY_SYNC_ERROR_HISTORY when it is
 * not the server that the workspace belongs to, and whatever a request can fail with
 */
gboolean
galley_enrolment_run_finish (GalleyStore *store, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, store), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  const GalleyWorld *world;
  const char *url;
} Repair;

/* writer thread */
static gboolean
write_repair (GalleyWriter *writer, gpointer data, GError **error)
{
  const Repair *repair = data;

  return write_settings (writer, repair->world, repair->url, error);
}

/**
 * galley_enrolment_repair:
 *
 * Who the device's person is, the server tells with its next answer.
 */
gboolean
galley_enrolment_repair (GalleyStore *store, GError **error)
{
  g_autoptr (GalleyAccount) account = galley_account_load (galley_store_get_folder (store), NULL);
  g_autoptr (GalleyReader) reader = NULL;
  g_autofree char *known = NULL;
  Repair repair = { .world = galley_store_get_world (store) };

  if (account == NULL)
    return TRUE;

  reader = galley_store_open_reader (store, error);
  if (reader == NULL)
    return FALSE;
  known = galley_directory_get (reader, GALLEY_SETTING_SERVER_URL);
  repair.url = account->server_url;
  return known != NULL || galley_store_write (store, write_repair, &repair, error);
}
