/* bench-sync.c: a day's work offline, sent to a server and fetched by an empty device
 *
 * Over loopback with the sync service itself; the server has a thread of its own in this process.
 * What arrived is on disk at both ends, and the digests are equal, before the clock stops.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench-transport.h"
#include "galley-bench.h"
#include "galley-test-server.h"
#include "sync/galley-enrolment.h"
#include "sync/galley-sync-service.h"

#define N_NOTES 1000
#define N_EDITS 10000

typedef struct
{
  GalleyStore *store;
  GalleyBenchTransport *transport;
  GalleySyncService *service;
} Device;

static void
keep_result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}

static void
device_enrol (Device *device, GalleyTestServer *server, const char *name)
{
  g_autofree char *code = galley_test_server_invite (server, name, GALLEY_ROLE_LEAD);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  galley_enrolment_run_async (device->store, GALLEY_TRANSPORT (device->transport),
                              galley_test_server_get_url (server), code, NULL, keep_result_cb,
                              &result);
  galley_enrolment_run_finish (device->store, wait_for (&result), &error);
  galley_bench_check (error);
}

static void
device_open (Device *device, GalleyTestServer *server, const char *name)
{
  g_autofree char *folder = galley_bench_folder (name);
  g_autoptr (GError) error = NULL;

  device->store = galley_store_open (folder, GALLEY_STORE_CREATE, galley_world_real (), &error);
  galley_bench_check (error);
  device->transport = galley_bench_transport_new ();
  device_enrol (device, server, name);
  device->service = galley_sync_service_new (device->store, GALLEY_TRANSPORT (device->transport),
                                             g_network_monitor_get_default ());
  galley_bench_transport_take (device->transport);
}

static void
device_close (Device *device)
{
  g_autoptr (GAsyncResult) result = NULL;

  galley_sync_service_stop_async (device->service, keep_result_cb, &result);
  galley_sync_service_stop_finish (device->service, wait_for (&result));
  g_clear_object (&device->service);
  g_clear_object (&device->transport);
  galley_store_close (device->store);
  g_clear_object (&device->store);
}

/* Returns: how long it took until nothing was left to do */
static double
device_sync (Device *device)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  double start = galley_bench_now_ms ();

  galley_sync_service_start (device->service);
  galley_sync_service_run_once_async (device->service, 0, NULL, keep_result_cb, &result);
  galley_sync_service_run_once_finish (device->service, wait_for (&result), &error);
  galley_bench_check (error);
  return (galley_bench_now_ms () - start) / 1e3;
}

static GalleyHash
device_get_digest (Device *device, const GalleyId *project)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (device->store, &error);
  guint64 position, unsent;
  GalleyHash digest;

  galley_bench_check (error);
  galley_reader_get_digest (reader, project, &digest, &position, &unsent, &error);
  galley_bench_check (error);
  if (unsent != 0)
    g_error ("%" G_GUINT64_FORMAT " changes were not sent", unsent);
  return digest;
}

static void
add (const char *what, const char *unit, double measured, double goal)
{
  galley_bench_table_add (&(GalleyBenchRow){ what, unit, measured, NULL, 0,
                                             goal > 0 ? GALLEY_BENCH_AT_MOST : GALLEY_BENCH_NO_GOAL,
                                             goal });
}

static void
report_bytes (GalleyBenchTraffic notes, GalleyBenchTraffic edits, GalleyBenchTraffic pulled)
{
  add ("a new note as sent, compressed", "bytes", (double)notes.sent_bytes / N_NOTES, 300);
  add ("an edit of a field as sent, compressed", "bytes", (double)edits.sent_bytes / N_EDITS, 100);
  add ("  the server's verdict on it", "bytes", (double)edits.received_bytes / N_EDITS, 0);
  add ("  requests for all of them", "", edits.n_requests, 0);
  add ("a change as fetched, notes and edits", "bytes",
       (double)pulled.received_bytes / (N_NOTES + N_EDITS), 0);
}

void
galley_bench_sync (void)
{
  g_autofree char *folder = galley_bench_folder ("server");
  g_autoptr (GalleyTestServer) server = galley_test_server_new (folder);
  g_auto (GalleyBenchProject) project = { 0 };
  GalleyBenchTraffic notes, edits, pulled;
  Device ana = { 0 }, ben = { 0 };
  GalleyHash at_ana, at_ben;
  double push_s, pull_s;

  device_open (&ana, server, "ana");
  galley_bench_project_make (&project, ana.store);
  galley_bench_project_add_notes (&project, N_NOTES);
  device_sync (&ana);
  notes = galley_bench_transport_take (ana.transport);

  galley_bench_project_edit_notes (&project, GALLEY_BENCH_ALL_FIELDS, N_EDITS);
  push_s = device_sync (&ana);
  edits = galley_bench_transport_take (ana.transport);
  device_open (&ben, server, "ben");
  pull_s = device_sync (&ben);
  pulled = galley_bench_transport_take (ben.transport);

  at_ana = device_get_digest (&ana, &project.project);
  at_ben = device_get_digest (&ben, &project.project);
  if (!galley_hash_equal (&at_ana, &at_ben))
    g_error ("The devices do not agree");
  galley_bench_project_clear (&project);
  device_close (&ana);
  device_close (&ben);

  add ("10,000 offline edits, sent", "s", push_s, 0);
  add ("10,000 edits of 1,000 notes, all fetched", "s", pull_s, 0);
  add ("10,000 offline edits, sent and fetched", "s", push_s + pull_s, 1.2);
  report_bytes (notes, edits, pulled);
}
