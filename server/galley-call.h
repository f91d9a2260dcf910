/* galley-call.h: one request: what was asked, by whom, and the answer when the worker has it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "server/galley-backend.h"
#include "server/galley-file-transfer.h"
#include "server/galley-server.h"

G_BEGIN_DECLS

/* Private to the server. Handlers do no work: they fill a call and hand it to the worker. */
typedef struct _GalleyCall GalleyCall;
typedef void (*GalleyCallFunc) (GalleyCall *call, GError **error);

struct _GalleyCall
{
  GalleyServer *server; /* (owned) */
  GalleyBackend *backend;
  GalleyFileTransfers *files;
  SoupServerMessage *message; /* (owned), paused until the answer is there */
  GalleySession session;
  GalleyCallFunc work;   /* on the worker thread */
  GalleyCallFunc finish; /* (nullable): on the main loop, when the work went well */
  GalleyId project;
  GalleyHash file;
  guint64 size_bytes;
  GalleyPull pull;
  char *history;
  GBytes *body; /* of the request */

  guint status; /* of the answer; 0: 200 */
  GBytes *answer;
  const char *media_type; /* static */
  GalleyPullAnswer *pulled;
  GalleyPushAnswer *pushed;
};

void galley_call_push (GalleyCall *call); /* (transfer full) */
void galley_message_fail (SoupServerMessage *message, const GError *error);
void galley_message_answer (SoupServerMessage *message,
                            guint status,
                            const char *media_type,
                            GBytes *body);
void galley_server_announce (GalleyServer *self, const GalleyId *project, guint64 position);

/* galley-routes.c */
gboolean galley_routes_dispatch (GalleyCall *call, char **path, GHashTable *query, GError **error);

G_END_DECLS
