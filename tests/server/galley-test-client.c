/* galley-test-client.c: asks a server over HTTP, one request at a time, and waits for the answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-client.h"

#include "sync/wire/galley-problem.h"

GalleyTestClient *
galley_test_client_new (const char *url, const char *name, const GalleyId *project)
{
  GalleyTestClient *self = g_new0 (GalleyTestClient, 1);
  char id[GALLEY_ID_TEXT_SIZE];

  self->session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  self->url = g_strdup (url);
  self->device = galley_bare_device_new (name, project);
  self->changes_path = g_strdup_printf ("/v1/projects/%s/changes", galley_id_print (project, id));
  return self;
}

void
galley_test_client_free (GalleyTestClient *self)
{
  soup_session_abort (self->session);
  g_object_unref (self->session);
  galley_bare_device_free (self->device);
  g_free (self->changes_path);
  g_free (self->url);
  g_free (self->token);
  g_free (self);
}

SoupMessage *
galley_test_client_prepare (GalleyTestClient *self, const char *method, const char *path)
{
  g_autofree char *address = g_strconcat (self->url, path, NULL);
  SoupMessage *message = soup_message_new (method, address);

  if (self->token != NULL)
    {
      g_autofree char *bearer = g_strconcat ("Bearer ", self->token, NULL);

      soup_message_headers_append (soup_message_get_request_headers (message), "Authorization",
                                   bearer);
    }
  return message;
}

/**
 * galley_test_client_send:
 * @message: (transfer full)
 */
GalleyTestAnswer *
galley_test_client_send (GalleyTestClient *self, SoupMessage *message)
{
  GalleyTestAnswer *answer = g_new0 (GalleyTestAnswer, 1);
  g_autoptr (GError) error = NULL;

  answer->message = message;
  answer->body = soup_session_send_and_read (self->session, message, NULL, &error);
  g_assert_no_error (error);
  answer->status = soup_message_get_status (message);
  return answer;
}

GalleyTestAnswer *
galley_test_client_ask (
    GalleyTestClient *self, const char *method, const char *path, const char *type, GBytes *body)
{
  SoupMessage *message = galley_test_client_prepare (self, method, path);

  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, type, body);
  return galley_test_client_send (self, message);
}

void
galley_test_answer_free (GalleyTestAnswer *answer)
{
  g_bytes_unref (answer->body);
  g_object_unref (answer->message);
  g_free (answer);
}

const char *
galley_test_answer_get_header (GalleyTestAnswer *answer, const char *name)
{
  return soup_message_headers_get_one (soup_message_get_response_headers (answer->message), name);
}

void
galley_test_answer_assert_problem (GalleyTestAnswer *answer, guint status, const char *code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyProblem) problem = NULL;

  g_assert_cmpuint (answer->status, ==, status);
  problem = galley_problem_parse (answer->body, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (problem->code, ==, code);
  g_assert_true (g_str_has_suffix (problem->detail, "."));
}

void
galley_test_client_join (GalleyTestClient *self, const char *code)
{
  g_autoptr (GalleyEnrolRequest) request = galley_bare_device_ask (self->device, code);
  g_autoptr (GBytes) body = galley_enrol_request_to_bytes (request);
  g_autoptr (GalleyTestAnswer)
      answer = galley_test_client_ask (self, "POST", "/v1/enrol", "application/json", body);
  g_autoptr (GalleyTestAnswer) registered = NULL;
  g_autoptr (GalleyEnrolAnswer) enrolled = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *project = g_path_get_dirname (self->changes_path);

  g_assert_cmpuint (answer->status, ==, 200);
  enrolled = galley_enrol_answer_parse (answer->body, &error);
  g_assert_no_error (error);
  self->token = g_strdup (enrolled->token);
  if (enrolled->role < GALLEY_ROLE_REVIEWER)
    return;

  registered = galley_test_client_ask (self, "PUT", project, NULL, NULL);
  g_assert_cmpuint (registered->status, ==, 200);
}

/**
 * galley_test_client_push:
 *
 * Sends what the device made since the last time.
 */
GalleyPushAnswer *
galley_test_client_push (GalleyTestClient *self)
{
  g_autoptr (GBytes) batch = galley_bare_device_pack (self->device);
  SoupMessage *message = galley_test_client_prepare (self, "POST", self->changes_path);
  g_autoptr (GalleyTestAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;
  GalleyPushAnswer *pushed;

  /* Repeating a push is harmless; without this the library opens a connection for each. */
  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  soup_message_set_request_body_from_bytes (message, GALLEY_BATCH_MEDIA_TYPE, batch);
  answer = galley_test_client_send (self, message);
  g_assert_cmpuint (answer->status, ==, 200);
  pushed = galley_push_answer_parse (answer->body, &error);
  g_assert_no_error (error);
  return pushed;
}
