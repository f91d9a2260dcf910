/* galley-test-client.h: asks a server over HTTP, one request at a time, and waits for the answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-bare-device.h"
#include "galley-test-server.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A joined device and its line to the server. */
typedef struct
{
  SoupSession *session;
  char *url;
  char *token; /* (nullable) */
  GalleyBareDevice *device;
  char *changes_path; /* of its project */
} GalleyTestClient;

typedef struct
{
  guint status;
  GBytes *body;
  SoupMessage *message; /* for its headers */
} GalleyTestAnswer;

GalleyTestClient *galley_test_client_new (const char *url,
                                          const char *name,
                                          const GalleyId *project);
void galley_test_client_free (GalleyTestClient *self);

SoupMessage *galley_test_client_prepare (GalleyTestClient *self,
                                         const char *method,
                                         const char *path);
GalleyTestAnswer *galley_test_client_send (GalleyTestClient *self, SoupMessage *message);
GalleyTestAnswer *galley_test_client_ask (
    GalleyTestClient *self, const char *method, const char *path, const char *type, GBytes *body);
void galley_test_answer_free (GalleyTestAnswer *answer);
const char *galley_test_answer_get_header (GalleyTestAnswer *answer, const char *name);

/* The answer is a problem of this status and code, in JSON. */
void galley_test_answer_assert_problem (GalleyTestAnswer *answer, guint status, const char *code);

/* Takes an invite, and registers the project unless it is a guest's. */
void galley_test_client_join (GalleyTestClient *self, const char *code);
GalleyPushAnswer *galley_test_client_push (GalleyTestClient *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyTestClient, galley_test_client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyTestAnswer, galley_test_answer_free)

G_END_DECLS
