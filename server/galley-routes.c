/* galley-routes.c: which request asks for what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-routes"

#include "server/galley-call.h"

#include "data/galley-snapshot.h"
#include "server/galley-file-download.h"
#include "server/galley-flag-calls.h"
#include "server/galley-fleet.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define JSON "application/json"
/* Of one pull: what a device applies in one go. */
#define PULL_MAX_CHANGES 2000
#define PULL_MAX_BYTES (1024 * 1024)

static gboolean
fail (GError **error, GalleyServerError code, const char *message)
{
  g_set_error_literal (error, GALLEY_SERVER_ERROR, code, message);
  return FALSE;
}

static gboolean
wrong_method (GError **error)
{
  return fail (error, GALLEY_SERVER_ERROR_METHOD, "This address does not take such a request.");
}

static void
answer_json (GalleyCall *call, GBytes *json)
{
  call->answer = json;
  call->media_type = JSON;
}

/* ── enrolment and the directory ── */

static void
work_enrol (GalleyCall *call, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GalleyEnrolRequest) request = galley_enrol_request_parse (call->body, &local);
  g_autoptr (GalleyEnrolAnswer) answer = NULL;

  if (request == NULL)
    {
      fail (error, GALLEY_SERVER_ERROR_MALFORMED, local->message);
      return;
    }

  answer = call->backend->ops->enrol (call->backend, request, error);
  if (answer != NULL)
    answer_json (call, galley_enrol_answer_to_bytes (answer));
}

static void
work_add_device (GalleyCall *call, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GalleyEnrolRequest) request = galley_enrol_request_parse (call->body, &local);
  g_autoptr (GalleyEnrolAnswer) answer = NULL;

  if (request == NULL)
    {
      fail (error, GALLEY_SERVER_ERROR_MALFORMED, local->message);
      return;
    }

  answer = call->backend->ops->add_device (call->backend, &call->session, request, error);
  if (answer != NULL)
    answer_json (call, galley_enrol_answer_to_bytes (answer));
}

static void
work_me (GalleyCall *call, GError **error)
{
  g_autoptr (GalleyMe) me = NULL;

  if (call->digests != NULL &&
      !call->backend->ops->report_digests (call->backend, &call->session, call->digests, error))
    return;

  me = call->backend->ops->get_me (call->backend, &call->session, error);
  if (me != NULL)
    answer_json (call, galley_me_to_bytes (me));
}

static gboolean
read_digests (GalleyCall *call, GError **error)
{
  const char *text = soup_message_headers_get_list (soup_server_message_get_request_headers (
                                                        call->message),
                                                    GALLEY_DIGESTS_HEADER);

  if (text == NULL)
    return TRUE;

  call->digests = galley_digest_reports_parse (text);
  return call->digests != NULL ||
         fail (error, GALLEY_SERVER_ERROR_MALFORMED, "The reported digests are malformed.");
}

static void
work_add_project (GalleyCall *call, GError **error)
{
  if (call->backend->ops->add_project (call->backend, &call->session, &call->project, error))
    answer_json (call, g_bytes_new_static ("{}", 2));
}

static void
finish_directory (GalleyCall *call, GError **error)
{
  galley_server_announce_directory (call->server);
}

/* ── changes ── */

static void
work_push (GalleyCall *call, GError **error)
{
  call->pushed = call->backend->ops->push (call->backend, &call->session, &call->project,
                                           call->body, &call->terms, error);
  if (call->pushed != NULL)
    answer_json (call, galley_push_answer_to_bytes (call->pushed));
}

static void
finish_push (GalleyCall *call, GError **error)
{
  galley_server_count_verdicts (call->server, call->pushed);
  galley_server_announce (call->server, &call->project, call->pushed->position);
}

static void
work_common (GalleyCall *call, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GalleyKnown) known = galley_known_parse (call->body, &local);
  g_autoptr (GalleyCommon) common = NULL;

  if (known == NULL)
    {
      fail (error, GALLEY_SERVER_ERROR_MALFORMED, local->message);
      return;
    }

  common = call->backend->ops->find_common (call->backend, &call->session, &call->project, known,
                                            error);
  if (common != NULL)
    answer_json (call, galley_common_to_bytes (common));
}

static void
work_pull (GalleyCall *call, GError **error)
{
  call->pulled = call->backend->ops->pull (call->backend, &call->session, &call->project,
                                           &call->pull, error);
  if (call->pulled == NULL)
    return;

  call->answer = g_bytes_ref (call->pulled->body);
  call->media_type = call->pull.as_json ? JSON : GALLEY_BATCH_MEDIA_TYPE;
}

static void
finish_pull (GalleyCall *call, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (call->message);
  g_autofree char *position = g_strdup_printf ("%" G_GUINT64_FORMAT, call->pulled->position);
  char rolling[GALLEY_HASH_TEXT_SIZE];

  soup_message_headers_replace (headers, "Galley-Position", position);
  soup_message_headers_replace (headers, "Galley-History", call->pulled->history_id);
  soup_message_headers_replace (headers, "Galley-Rolling",
                                galley_hash_print (&call->pulled->rolling, rolling));
}

static gboolean
read_number (GHashTable *query, const char *name, guint64 fallback, guint64 *number, GError **error)
{
  const char *text = query != NULL ? g_hash_table_lookup (query, name) : NULL;

  *number = fallback;
  return text == NULL || g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, number, NULL) ||
         fail (error, GALLEY_SERVER_ERROR_MALFORMED, "A number in the address is malformed.");
}

/* What the device has of the stream: which history, up to where, and the one value for all of it.
 */
static gboolean
read_mark (GalleyCall *call, GHashTable *query, GalleyMark *mark, GError **error)
{
  const char *rolling = query != NULL ? g_hash_table_lookup (query, "rolling") : NULL;

  call->history = query != NULL ? g_strdup (g_hash_table_lookup (query, "history")) : NULL;
  if (rolling == NULL)
    return TRUE;

  return read_number (query, "after", 0, &mark->position, error) &&
         (galley_hash_parse (rolling, &mark->rolling) ||
          fail (error, GALLEY_SERVER_ERROR_MALFORMED, "A hash in the address is malformed."));
}

static gboolean
read_push (GalleyCall *call, GHashTable *query, GError **error)
{
  const char *again = query != NULL ? g_hash_table_lookup (query, "again") : NULL;

  call->terms.again = g_strcmp0 (again, "1") == 0;
  if (!read_mark (call, query, &call->terms.mark, error))
    return FALSE;

  call->terms.history = call->history;
  return TRUE;
}

static gboolean
read_pull (GalleyCall *call, GHashTable *query, GError **error)
{
  const char *accept = soup_message_headers_get_list (soup_server_message_get_request_headers (
                                                          call->message),
                                                      "Accept");
  guint64 limit;

  if (!read_number (query, "after", 0, &call->pull.after, error) ||
      !read_number (query, "have", 0, &call->pull.have, error) ||
      !read_number (query, "limit", PULL_MAX_CHANGES, &limit, error) ||
      !read_mark (call, query, &call->pull.mark, error))
    return FALSE;

  call->pull.history = call->history;
  call->pull.max_changes = CLAMP (limit, 1, PULL_MAX_CHANGES);
  call->pull.max_bytes = PULL_MAX_BYTES;
  call->pull.as_json = accept != NULL && strstr (accept, JSON) != NULL;
  return TRUE;
}

static gboolean
dispatch_changes (GalleyCall *call, GHashTable *query, GError **error)
{
  const char *method = soup_server_message_get_method (call->message);

  if (method == SOUP_METHOD_POST)
    {
      call->work = work_push;
      call->finish = finish_push;
      return read_push (call, query, error);
    }
  if (method == SOUP_METHOD_GET)
    {
      call->work = work_pull;
      call->finish = finish_pull;
      return read_pull (call, query, error);
    }

  return wrong_method (error);
}

/* ── files ── */

static void
work_check_file (GalleyCall *call, GError **error)
{
  call->backend->ops->has_file (call->backend, &call->project, &call->file, error);
}

static void
finish_get_file (GalleyCall *call, GError **error)
{
  g_autofree char *path = galley_file_store_get_path (galley_file_transfers_get_store (call->files),
                                                      &call->file);

  galley_file_download_start (call->message, path, error);
}

static void
work_check_sent (GalleyCall *call, GError **error)
{
  call->backend->ops->was_sent (call->backend, &call->project, &call->file, &call->sent, error);
}

static void
finish_head_file (GalleyCall *call, GError **error)
{
  galley_file_transfers_tell (call->files, call->message, &call->project, &call->file, call->sent);
}

static void
work_verify_file (GalleyCall *call, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (call->size_bytes == 0)
    {
      call->status = 202;
      work_check_sent (call, error);
    }
  else if (galley_file_transfers_verify (call->files, &call->project, &call->file, call->size_bytes,
                                         &local))
    {
      call->status = 201;
      call->sent = call->backend->ops->keep_sent (call->backend, &call->project, &call->file,
                                                  error);
    }
  else if (g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    fail (error, GALLEY_SERVER_ERROR_MISMATCH,
          N_ ("The bytes that arrived are not those of the file. It must be sent again."));
  else
    g_propagate_error (error, g_steal_pointer (&local));
}

static void
release_file (GalleyCall *call)
{
  galley_file_transfers_release (call->files, &call->project, &call->file);
}

static gboolean
dispatch_file (GalleyCall *call, GalleyRole role, const char *name, GError **error)
{
  const char *method = soup_server_message_get_method (call->message);
  gboolean complete;

  if (!galley_hash_parse (name, &call->file))
    return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "This is not the name of a file.");

  if (method == SOUP_METHOD_GET)
    {
      call->work = work_check_file;
      call->finish = finish_get_file;
      return TRUE;
    }
  if (method == SOUP_METHOD_HEAD)
    {
      call->work = work_check_sent;
      call->finish = finish_head_file;
      return TRUE;
    }
  if (method == SOUP_METHOD_PUT)
    {
      /* It was another one when the first byte came. */
      if (role < GALLEY_ROLE_REVIEWER)
        return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                     N_ ("A guest reads; ask for another role to send files."));
      call->work = work_verify_file;
      call->slow = TRUE;
      call->finish = finish_head_file;
      if (!galley_file_transfers_end (call->files, call->message, &complete, &call->size_bytes,
                                      error))
        return FALSE;
      if (complete)
        call->release = release_file;
      else
        call->size_bytes = 0;
      return TRUE;
    }

  return wrong_method (error);
}

/* ── snapshots ── */

static void
work_snapshot (GalleyCall *call, GError **error)
{
  g_auto (GalleySnapshotInfo) info = { 0 };
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (!galley_snapshots_prepare (call->snapshots, &call->project, &info, error))
    return;

  json_builder_begin_object (json);
  galley_json_add_int (json, "position", info.position);
  galley_json_add_int (json, "end", info.end);
  galley_json_add_string (json, "history", info.history_id);
  if (info.ready)
    {
      g_autofree char *hash = galley_hash_to_string (&info.hash);
      g_autofree char *rolling = galley_hash_to_string (&info.rolling);

      galley_json_add_string (json, "hash", hash);
      galley_json_add_int (json, "bytes", info.size_bytes);
      galley_json_add_string (json, "rolling", rolling);
    }
  json_builder_end_object (json);
  call->status = info.ready ? 200 : 202;
  answer_json (call, galley_json_finish (json));
}

static void
work_nothing (GalleyCall *call, GError **error)
{
}

static void
finish_get_snapshot (GalleyCall *call, GError **error)
{
  g_autofree char *path = galley_snapshots_get_path (call->snapshots, &call->project, &call->file);

  if (galley_file_download_start (call->message, path, error))
    soup_message_headers_replace (soup_server_message_get_response_headers (call->message),
                                  "Content-Type", GALLEY_SNAPSHOT_MEDIA_TYPE);
}

static gboolean
dispatch_snapshot (GalleyCall *call, const char *name, GError **error)
{
  if (soup_server_message_get_method (call->message) != SOUP_METHOD_GET)
    return wrong_method (error);
  if (name == NULL)
    {
      call->work = work_snapshot;
      call->slow = TRUE;
      return TRUE;
    }
  if (!galley_hash_parse (name, &call->file))
    return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "This is not the name of a snapshot.");

  call->work = work_nothing;
  call->finish = finish_get_snapshot;
  return TRUE;
}

/* ── the table ── */

static gboolean
dispatch_project (GalleyCall *call, char **path, GHashTable *query, GError **error)
{
  guint n_parts = g_strv_length (path);
  GalleyRole role;

  if (!galley_id_parse (path[2], &call->project, NULL))
    return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "This is not the id of a project.");
  if (n_parts == 3)
    {
      call->work = work_add_project;
      call->finish = finish_directory;
      return soup_server_message_get_method (call->message) == SOUP_METHOD_PUT ||
             wrong_method (error);
    }

  if (!call->backend->ops->get_role (call->backend, &call->session, &call->project, &role, error))
    return FALSE;
  if (n_parts == 4 && g_str_equal (path[3], "changes"))
    return dispatch_changes (call, query, error);
  if (n_parts == 4 && g_str_equal (path[3], "common"))
    {
      call->work = work_common;
      return soup_server_message_get_method (call->message) == SOUP_METHOD_POST ||
             wrong_method (error);
    }
  if ((n_parts == 4 || n_parts == 5) && g_str_equal (path[3], "snapshot"))
    return dispatch_snapshot (call, path[4], error);
  if (n_parts == 5 && g_str_equal (path[3], "files"))
    return dispatch_file (call, role, path[4], error);

  return fail (error, GALLEY_SERVER_ERROR_NOT_FOUND, "There is nothing at this address.");
}

/**
 * galley_routes_dispatch:
 * @path: the parts of the address, without empty ones
 * @query: (nullable): what stands behind its question mark
 *
 * Fills in what @call has to do.
 */
gboolean
galley_routes_dispatch (GalleyCall *call, char **path, GHashTable *query, GError **error)
{
  const char *method = soup_server_message_get_method (call->message);
  guint n_parts = g_strv_length (path);

  if (n_parts == 2 && g_str_equal (path[1], "enrol"))
    {
      call->work = work_enrol;
      call->finish = finish_directory;
      return method == SOUP_METHOD_POST || wrong_method (error);
    }
  if (n_parts == 2 && g_str_equal (path[1], "devices"))
    {
      call->work = work_add_device;
      call->finish = finish_directory;
      return method == SOUP_METHOD_POST || wrong_method (error);
    }
  if (n_parts == 2 && g_str_equal (path[1], "me"))
    {
      call->work = work_me;
      return (method == SOUP_METHOD_GET || wrong_method (error)) && read_digests (call, error);
    }
  if (n_parts == 2 && g_str_equal (path[1], "fleet"))
    return galley_fleet_dispatch (call, error);
  if ((n_parts == 2 || n_parts == 3) && g_str_equal (path[1], "flags"))
    return galley_flag_calls_dispatch (call, path, query, error);
  if (n_parts >= 3 && g_str_equal (path[1], "projects"))
    return dispatch_project (call, path, query, error);

  return fail (error, GALLEY_SERVER_ERROR_NOT_FOUND, "There is nothing at this address.");
}
