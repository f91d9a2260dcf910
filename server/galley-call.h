/* galley-call.h: one request: what was asked, by whom, and the answer when a worker has it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "server/galley-backend.h"
#include "server/galley-file-transfer.h"
#include "server/galley-server.h"
#include "server/galley-snapshots.h"

G_BEGIN_DECLS

/* Private to the server. Handlers do no work: they fill a call and hand it to a worker. */
typedef struct _GalleyCall GalleyCall;
typedef void (*GalleyCallFunc) (GalleyCall *call, GError **error);

struct _GalleyCall
{
  GalleyServer *server; /* (owned) */
  GalleyBackend *backend;
  GalleyFileTransfers *files;
  GalleySnapshots *snapshots;
  SoupServerMessage *message; /* (owned), paused until the answer is there */
  gboolean gone;              /* who asked has hung up */
  GalleySession session;
  GalleyCallFunc work;   /* on a worker thread */
  gboolean slow;         /* works on a whole file, and must not hold up the database's calls */
  GalleyCallFunc finish; /* (nullable): on the main loop, when the work went well */
  void (*release) (GalleyCall *call); /* (nullable): on the main loop, however it went */
  GalleyId project;
  GalleyHash file;
  guint64 size_bytes;
  gboolean sent; /* the project has sent the whole file */
  GalleyPull pull;
  GalleyPushTerms terms;
  GArray *digests; /* (nullable): of GalleyDigestReport */
  char *history;
  GalleyFlagChange *flag; /* (nullable) */
  GBytes *body;           /* of the request */

  guint status; /* of the answer; 0: 200 */
  GBytes *answer;
  const char *media_type; /* static */
  GalleyPullAnswer *pulled;
  GalleyPushAnswer *pushed;
};

GalleyCall *galley_call_new (GalleyServer *server, SoupServerMessage *message);
void galley_call_free (GalleyCall *call);

void galley_message_fail (SoupServerMessage *message, const GError *error);
void galley_message_answer (SoupServerMessage *message,
                            guint status,
                            const char *media_type,
                            GBytes *body);

/* The workers: one for the database, a few for files. */
typedef struct _GalleyCallQueue GalleyCallQueue;

GalleyCallQueue *galley_call_queue_new (const GalleyWorld *world);
void galley_call_queue_free (GalleyCallQueue *self);
gboolean galley_call_queue_push (GalleyCallQueue *self, GalleyCall *call, GError **error);
guint galley_call_queue_get_n_running (GalleyCallQueue *self);

/* galley-server.c: what a call may tell its server. */
void galley_server_announce (GalleyServer *self, const GalleyId *project, guint64 position);
void galley_server_announce_directory (GalleyServer *self);
void galley_server_count_failure (GalleyServer *self);
void galley_server_count_verdicts (GalleyServer *self, const GalleyPushAnswer *answer);

/* galley-routes.c */
gboolean galley_routes_dispatch (GalleyCall *call, char **path, GHashTable *query, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyCall, galley_call_free)

G_END_DECLS
