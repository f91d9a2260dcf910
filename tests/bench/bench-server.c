/* bench-server.c: what 10,000 changes of one field cost a server, in and out
 *
 * Processor time of the back end alone: batches are made before, and there is no network. Then many
 * devices at once over HTTP, each with a few changes at a time, as they come from people at work;
 * clients and server share the machine.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bare-device.h"
#include "galley-test-client.h"
#include "galley-test.h"
#include "server/galley-backend.h"

#include <string.h>
#include <sys/resource.h>

#define N_ITEMS 2000
#define N_CHANGES 10000
#define BATCH 500
#define N_DEVICES 16
#define N_PUSHES 200
#define PUSH_CHANGES 5

static double
get_cpu_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static GalleySession
join (GalleyBackend *backend, GalleyBareDevice *device, const char *person)
{
  g_autofree char *code = backend->ops->create_invite (backend, person, GALLEY_ROLE_REVIEWER, 1,
                                                       NULL);
  g_autoptr (GalleyEnrolRequest) request = galley_bare_device_ask (device, code);
  g_autoptr (GalleyEnrolAnswer) answer = backend->ops->enrol (backend, request, NULL);
  GalleySession session;

  g_assert_nonnull (answer);
  g_assert_true (backend->ops->authenticate (backend, answer->token, &session, NULL));
  g_assert_true (backend->ops->add_project (backend, &session, &device->project, NULL));
  return session;
}

/* Notes made first, in batches of their own, then edited one field at a time. */
static GPtrArray *
make_batches (GalleyBareDevice *device, gsize *bytes)
{
  GPtrArray *batches = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autofree GalleyRef *heads = g_new0 (GalleyRef, N_ITEMS);
  g_autofree GalleyId *items = g_new (GalleyId, N_ITEMS);

  for (guint i = 0; i < N_ITEMS; i++)
    {
      galley_id_new (&items[i], galley_world_real ());
      galley_bare_device_make (device, GALLEY_KIND_ANNOTATION, &items[i], &device->project);
      if (i % BATCH == BATCH - 1)
        g_ptr_array_add (batches, galley_bare_device_pack (device));
    }
  *bytes = 0;
  for (guint i = 0; i < N_CHANGES; i++)
    {
      guint k = (i * 7919) % N_ITEMS;
      g_autofree char *text = g_strdup_printf ("please move the logo of page %u a little", i);
      GalleyEdit edit = galley_bare_edit (GALLEY_KIND_ANNOTATION, &items[k], GALLEY_ANNOTATION_BODY,
                                          "", g_variant_new_string (text));

      edit.supersedes = &heads[k];
      edit.n_supersedes = heads[k].seq != 0;
      heads[k] = galley_bare_device_change (device, &edit, 1);
      if (i % BATCH == BATCH - 1)
        {
          g_ptr_array_add (batches, galley_bare_device_pack (device));
          *bytes += g_bytes_get_size (batches->pdata[batches->len - 1]);
        }
    }

  return batches;
}

static void
push_batches (GalleyBackend *backend,
              const GalleySession *session,
              const GalleyId *project,
              GPtrArray *batches,
              guint from,
              guint to)
{
  for (guint i = from; i < to; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyPushAnswer)
          answer = backend->ops->push (backend, session, project, batches->pdata[i], NULL, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (answer->verdicts->len, ==, 1);
    }
}

static gsize
pull_all (GalleyBackend *backend, const GalleySession *session, const GalleyId *project)
{
  GalleyPull request = { .max_changes = 2000, .max_bytes = 1024 * 1024 };
  gsize bytes = 0;
  guint64 end = 1;

  while (request.after < end)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyPullAnswer)
          answer = backend->ops->pull (backend, session, project, &request, &error);
      g_autoptr (GalleyBatchReader) reader = NULL;
      g_auto (GalleyFrame) frame = { 0 };

      g_assert_no_error (error);
      bytes += g_bytes_get_size (answer->body);
      end = answer->position;
      reader = galley_batch_reader_new (answer->body, NULL);
      while (galley_batch_reader_next (reader, &frame, NULL) > 0)
        {
          request.after += frame.type == GALLEY_FRAME_CHANGE;
          galley_frame_clear (&frame);
        }
    }
  return bytes;
}

static void
run (void)
{
  g_autofree char *folder = galley_test_path ("server");
  GalleyBackend *backend = galley_sqlite_backend_open (folder, galley_world_real (), NULL);
  GalleyId project;
  g_autoptr (GalleyBareDevice) ana = NULL, ben = NULL;
  g_autoptr (GPtrArray) batches = NULL;
  GalleySession ana_session, ben_session;
  gsize pushed_bytes, pulled_bytes;
  double start, pushed_ms, pulled_ms;
  gint64 wall;

  galley_id_new (&project, galley_world_real ());
  ana = galley_bare_device_new ("ana", &project);
  ben = galley_bare_device_new ("ben", &project);
  ana_session = join (backend, ana, "Ana");
  ben_session = join (backend, ben, "Ben");
  batches = make_batches (ana, &pushed_bytes);
  push_batches (backend, &ana_session, &project, batches, 0, N_ITEMS / BATCH);

  start = get_cpu_ms ();
  wall = g_get_monotonic_time ();
  push_batches (backend, &ana_session, &project, batches, N_ITEMS / BATCH, batches->len);
  wall = g_get_monotonic_time () - wall;
  pushed_ms = get_cpu_ms () - start;
  start = get_cpu_ms ();
  pulled_bytes = pull_all (backend, &ben_session, &project);
  pulled_ms = get_cpu_ms () - start;
  backend->ops->close (backend);

  g_print ("{\"changes\":%d,\"push_cpu_ms\":%.0f,\"push_wall_ms\":%.0f,\"push_bytes\":%.1f,"
           "\"pull_and_read_cpu_ms\":%.0f,\"pull_bytes\":%.1f}\n",
           N_CHANGES, pushed_ms, wall / 1e3, (double)pushed_bytes / N_CHANGES, pulled_ms,
           (double)pulled_bytes / (N_CHANGES + N_ITEMS));
}

typedef struct
{
  GalleyTestClient *client;
  gint64 waits_us[N_PUSHES];
} Worker;

static gpointer
push_often (gpointer data)
{
  Worker *worker = data;

  for (guint i = 0; i < N_PUSHES; i++)
    {
      gint64 start;

      for (guint k = 0; k < PUSH_CHANGES; k++)
        {
          GalleyId item;

          galley_id_new (&item, galley_world_real ());
          galley_bare_device_make (worker->client->device, GALLEY_KIND_ITEM, &item,
                                   &worker->client->device->project);
        }
      start = g_get_monotonic_time ();
      galley_push_answer_free (galley_test_client_push (worker->client));
      worker->waits_us[i] = g_get_monotonic_time () - start;
    }
  return NULL;
}

static int
compare_waits (gconstpointer a, gconstpointer b)
{
  return (*(const gint64 *)a > *(const gint64 *)b) - (*(const gint64 *)a < *(const gint64 *)b);
}

static void
run_many (void)
{
  g_autofree char *folder = galley_test_path ("server");
  g_autoptr (GalleyTestServer) server = galley_test_server_new (folder);
  g_autofree Worker *workers = g_new0 (Worker, N_DEVICES);
  g_autofree gint64 *waits = g_new (gint64, N_DEVICES * N_PUSHES);
  GThread *threads[N_DEVICES];
  GalleyId project;
  gint64 wall;

  galley_id_new (&project, galley_world_real ());
  for (guint i = 0; i < N_DEVICES; i++)
    {
      g_autofree char *name = g_strdup_printf ("person %u", i);
      g_autofree char *code = galley_test_server_invite (server, name, GALLEY_ROLE_REVIEWER);

      workers[i].client = galley_test_client_new (galley_test_server_get_url (server), name,
                                                  &project);
      galley_test_client_join (workers[i].client, code);
    }
  wall = g_get_monotonic_time ();
  for (guint i = 0; i < N_DEVICES; i++)
    threads[i] = g_thread_new ("device", push_often, &workers[i]);
  for (guint i = 0; i < N_DEVICES; i++)
    {
      g_thread_join (threads[i]);
      memcpy (waits + i * N_PUSHES, workers[i].waits_us, sizeof workers[i].waits_us);
    }
  wall = g_get_monotonic_time () - wall;
  qsort (waits, N_DEVICES * N_PUSHES, sizeof *waits, compare_waits);
  g_print ("{\"devices\":%d,\"changes_per_s\":%.0f,\"pushes_per_s\":%.0f,\"p50_ms\":%.1f,"
           "\"p95_ms\":%.1f}\n",
           N_DEVICES, N_DEVICES * N_PUSHES * PUSH_CHANGES * 1e6 / wall,
           N_DEVICES * N_PUSHES * 1e6 / wall, waits[N_DEVICES * N_PUSHES / 2] / 1e3,
           waits[N_DEVICES * N_PUSHES * 95 / 100] / 1e3);
  for (guint i = 0; i < N_DEVICES; i++)
    galley_test_client_free (workers[i].client);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/bench/server", run);
  g_test_add_func ("/bench/server-many", run_many);
  return g_test_run ();
}
