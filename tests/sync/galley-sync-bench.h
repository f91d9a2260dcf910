/* galley-sync-bench.h: a workspace with a project, a service, a clock that stands still and a
 * server that a test can break
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-fake-transport.h"
#include "galley-fake-world.h"
#include "sync/galley-sync-service.h"

G_BEGIN_DECLS

typedef struct
{
  GalleyFakeWorld *world;
  char *folder;
  GalleyStore *store;
  GalleyFakeTransport *transport;
  GalleySyncService *service;
  GalleyId project;

  /* the server */
  gboolean down;         /* nobody is there */
  gboolean events;       /* it has a line for events */
  const char *hang_at;   /* (nullable): what it never answers: "GET /v1/me", … (the beginning) */
  const char *refuse_at; /* (nullable): what it answers with 403 */
  const char *garble_at; /* (nullable): what it answers with nonsense */
  const char *hollow_at; /* (nullable): what somebody else answers, with 200 and nothing in it */
  const char *busy_at;   /* (nullable): what it has no time for now, but in two minutes */
  guint n_busy;          /* how often it has said so */
  const char *deny;      /* (nullable): the intent of changes that it refuses */
  gboolean has_file;     /* all files that it was sent */
  gboolean forgotten;    /* it has lost the project, until that is registered again */
  gboolean newer;        /* what it sends only a newer Galley can read */
  gboolean shut;         /* it does not let this person into the project */
  guint64 position;
  GArray *accepted; /* of guint64: which of the device's changes stands at each position */
  guint n_greetings;
} GalleySyncBench;

void galley_sync_bench_set_up (GalleySyncBench *self, gconstpointer data);
void galley_sync_bench_tear_down (GalleySyncBench *self, gconstpointer data);

void galley_sync_bench_connect (GalleySyncBench *self);
void galley_sync_bench_commit (GalleySyncBench *self, const char *intent);
/* A second process of the same workspace. */
GalleySyncService *galley_sync_bench_new_service (GalleySyncBench *self, GalleyStore **store);
void galley_sync_bench_end_service (GalleySyncService **service, GalleyStore **store);
/* The service, and what it held, gone and there again as after a restart. */
void galley_sync_bench_restart (GalleySyncBench *self);

void galley_sync_bench_wait_state (GalleySyncBench *self, GalleySyncState state);
void galley_sync_bench_wait_hanging (GalleySyncBench *self, guint n_hanging);
GalleyJob *galley_sync_bench_find (GalleySyncBench *self, const char *kind);
void galley_sync_bench_wait_job (GalleySyncBench *self, const char *kind, GalleyJobState state);

G_END_DECLS
