/* bench-share.c: how long a single note takes to be on the server while a large file is being sent
 *
 * The file has a gigabyte, and goes out over loopback to a server that has a thread of its own
 * here. Notes are written one after the other; each is waited for until the server has accepted it.
 * Beside it stands the same when nothing else is sent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include "data/galley-file-store.h"
#include "data/galley-outbox.h"
#include "galley-test-server.h"
#include "sync/galley-workspace.h"

#include <fcntl.h>
#include <unistd.h>

#define FILE_BYTES (G_GUINT64_CONSTANT (1) << 30)
#define N_NOTES 60

/* writer thread */
static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, TRUE, error);
}

/* All nothing, as a new picture is; it is read, hashed and sent like any other. */
static void
make_file (const char *path)
{
  int fd = open (path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

  if (fd < 0 || ftruncate (fd, (off_t)FILE_BYTES) != 0 || close (fd) != 0)
    g_error ("%s cannot be made", path);
}

static void
add_file (GalleyWorkspace *workspace, GalleyBenchProject *project)
{
  g_autofree char *path = galley_bench_folder ("share-file");
  GalleyDraft *draft = galley_draft_new (&project->project, "add version");
  g_autoptr (GError) error = NULL;
  guint64 size_bytes;
  GalleyHash hash;
  GalleyId version;

  make_file (path);
  galley_file_store_import (galley_workspace_get_files (workspace), path, NULL, &hash, &size_bytes,
                            &error);
  galley_bench_check (error);
  unlink (path);
  galley_id_new (&version, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_VERSION, &version, &project->item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)",
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &hash, 32, 1),
                                   size_bytes, "image/tiff"),
                    NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_NUMBER, NULL,
                    g_variant_new_uint32 (1), NULL, 0);
  galley_store_commit (project->store, draft, NULL, &error);
  galley_bench_check (error);
  galley_draft_unref (draft);
  galley_store_write (project->store, write_here, &hash, &error);
  galley_bench_check (error);
}

static gboolean
is_uploading (GalleyWorkspace *workspace)
{
  GalleyJobQueue *queue = galley_sync_service_get_queue (galley_workspace_get_service (workspace));

  for (guint i = 0; i < galley_job_queue_get_n_jobs (queue); i++)
    {
      GalleyJob *job = galley_job_queue_get_job (queue, i);

      if (galley_job_get_state (job) == GALLEY_JOB_RUNNING &&
          g_str_equal (galley_job_get_row (job)->kind, "upload") &&
          galley_job_get_row (job)->done > 0)
        return TRUE;
    }

  return FALSE;
}

/* Returns: in milliseconds */
static double
share_one (GalleyWorkspace *workspace, GalleyBenchProject *project)
{
  GalleySyncService *service = galley_workspace_get_service (workspace);
  double began_ms = galley_bench_now_ms ();

  galley_bench_project_add_notes (project, 1);
  while (galley_sync_service_get_unsent (service) == 0)
    g_main_context_iteration (NULL, TRUE);
  while (galley_sync_service_get_unsent (service) > 0)
    g_main_context_iteration (NULL, TRUE);
  return galley_bench_now_ms () - began_ms;
}

static double
share_all (GalleyWorkspace *workspace, GalleyBenchProject *project, gboolean beside)
{
  double times_ms[N_NOTES];
  guint n_times = 0;

  while (n_times < N_NOTES && (!beside || is_uploading (workspace)))
    times_ms[n_times++] = share_one (workspace, project);
  if (n_times < N_NOTES)
    g_error ("The file was sent after %u notes", n_times);

  return galley_bench_quantile (times_ms, n_times, 0.95);
}

void
galley_bench_share (void)
{
  g_autofree char *folder = galley_bench_folder ("share-server");
  g_autofree char *own = galley_bench_folder ("share");
  g_autoptr (GalleyTestServer) server = galley_test_server_new (folder);
  g_autofree char *code = galley_test_server_invite (server, "Nora", GALLEY_ROLE_LEAD);
  g_auto (GalleyBenchProject) project = { 0 };
  g_autoptr (GalleyWorkspace) workspace = NULL;
  g_autoptr (GError) error = NULL;
  double alone_ms, beside_ms;

  workspace = galley_workspace_create (own, "Nora", 0, &error);
  galley_bench_check (error);
  galley_workspace_connect (workspace, galley_test_server_get_url (server), code, &error);
  galley_bench_check (error);
  galley_bench_project_make (&project, galley_workspace_get_store (workspace));
  galley_sync_service_start (galley_workspace_get_service (workspace));
  galley_workspace_sync_once (workspace, 0, &error);
  galley_bench_check (error);
  alone_ms = share_all (workspace, &project, FALSE);

  add_file (workspace, &project);
  while (!is_uploading (workspace))
    g_main_context_iteration (NULL, TRUE);
  beside_ms = share_all (workspace, &project, TRUE);
  galley_bench_table_add (&(GalleyBenchRow){ "a note shared while 1 GiB is sent: p95", "ms",
                                             beside_ms, "nothing else sent", alone_ms,
                                             GALLEY_BENCH_AT_MOST, 250 });
  galley_bench_project_clear (&project);
  galley_workspace_close (workspace);
}
