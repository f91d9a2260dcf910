/* test-sync-server.c: two computers and a server, all in one process, over loopback
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-directory.h"
#include "data/galley-flag.h"
#include "data/galley-identity.h"
#include "data/galley-outbox.h"
#include "data/galley-quarantine.h"
#include "data/galley-replay.h"
#include "data/galley-snapshot-install.h"
#include "galley-fake-transport.h"
#include "galley-test-newer.h"
#include "galley-test-server.h"
#include "galley-test.h"
#include "sync/galley-compact-job.h"
#include "sync/galley-enrolment.h"
#include "sync/galley-history-job.h"
#include "sync/galley-snapshot-job.h"
#include "sync/galley-sync-error.h"
#include "sync/galley-sync-plan.h"
#include "sync/galley-workspace.h"
#include "sync/wire/galley-batch.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gstdio.h>

/* Generous: only a test that fails waits for it. */
#define TIMEOUT_S 30
/* As many of the newest changes are never packed. */
#define N_UNPACKED 2000
#define FILE_BYTES (20 * 1024 * 1024 + 17)

typedef struct
{
  GalleyTestServer *server;
  GalleyWorkspace *ana; /* a lead */
  GalleyWorkspace *ben; /* a reviewer */
  GalleyId project, item;
} Bench;

static GalleyWorkspace *
make_workspace (const char *name)
{
  g_autofree char *folder = galley_test_path (name);
  g_autoptr (GError) error = NULL;
  GalleyWorkspace *workspace = galley_workspace_create (folder, name, 0, &error);

  g_assert_no_error (error);
  return workspace;
}

static void
commit (GalleyWorkspace *workspace, GalleyDraft *draft)
{
  g_autoptr (GError) error = NULL;

  galley_store_commit (galley_workspace_get_store (workspace), draft, NULL, &error);
  g_assert_no_error (error);
}

static void
make_project (GalleyWorkspace *workspace, GalleyId *project)
{
  g_autoptr (GalleyDraft) draft = NULL;

  galley_id_new (project, galley_world_real ());
  draft = galley_draft_new (project, "create");
  galley_draft_create (draft, GALLEY_KIND_PROJECT, project, NULL);
  galley_draft_set (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_NAME, NULL,
                    g_variant_new_string ("Covers"), NULL, 0);
  commit (workspace, draft);
}

static void
make_item (GalleyWorkspace *workspace, const GalleyId *project, GalleyId *item)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (project, "import");

  galley_id_new (item, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_ITEM, item, project);
  galley_draft_set (draft, GALLEY_KIND_ITEM, item, GALLEY_ITEM_NAME, NULL,
                    g_variant_new_string ("front.tif"), NULL, 0);
  commit (workspace, draft);
}

static void
describe_item (GalleyWorkspace *workspace, Bench *bench, const char *text)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (&bench->project, "describe");

  galley_draft_set_shown (draft, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_DESCRIPTION, NULL,
                          g_variant_new_string (text));
  commit (workspace, draft);
}

static char *
read_description (GalleyWorkspace *workspace, Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader)
      reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  g_autoptr (GalleyEntity) item = galley_reader_get_entity (reader, &bench->item, &error);

  g_assert_no_error (error);
  return g_strdup (galley_entity_get_string (item, GALLEY_ITEM_DESCRIPTION, "none"));
}

static void
sync_once (GalleyWorkspace *workspace)
{
  g_autoptr (GError) error = NULL;

  galley_workspace_sync_once (workspace, TIMEOUT_S, &error);
  g_assert_no_error (error);
}

/* All of them run in one main loop: what is left on goes on while another is waited for. */
static void
go_offline (GalleyWorkspace *workspace, gboolean offline)
{
  galley_sync_service_set_offline (galley_workspace_get_service (workspace), offline);
}

static void
connect_to (Bench *bench, GalleyWorkspace *workspace, const char *name, GalleyRole role)
{
  g_autofree char *code = galley_test_server_invite (bench->server, name, role);
  g_autoptr (GError) error = NULL;

  galley_workspace_connect (workspace, galley_test_server_get_url (bench->server), code, &error);
  g_assert_no_error (error);
}

static void
assert_same (GalleyWorkspace *a, GalleyWorkspace *b, const GalleyId *project)
{
  GalleyWorkspace *workspaces[] = { a, b };
  GalleyHash digests[2];
  guint64 positions[2], unsent[2];

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GalleyReader)
          reader = galley_store_open_reader (galley_workspace_get_store (workspaces[i]), &error);

      g_assert_no_error (error);
      galley_reader_get_digest (reader, project, &digests[i], &positions[i], &unsent[i], &error);
      g_assert_no_error (error);
      g_assert_cmpuint (unsent[i], ==, 0);
    }
  g_assert_cmpuint (positions[0], ==, positions[1]);
  g_assert_cmpmem (&digests[0], sizeof digests[0], &digests[1], sizeof digests[1]);
}

/* Both have the project and the item. */
static void
set_up (Bench *bench, gconstpointer data)
{
  g_autofree char *folder = galley_test_path ("server");

  bench->server = galley_test_server_new (folder);
  bench->ana = make_workspace ("ana");
  bench->ben = make_workspace ("ben");
  make_project (bench->ana, &bench->project);
  make_item (bench->ana, &bench->project, &bench->item);
  connect_to (bench, bench->ana, "Ana", GALLEY_ROLE_LEAD);
  connect_to (bench, bench->ben, "Ben", GALLEY_ROLE_REVIEWER);
  sync_once (bench->ana);
  sync_once (bench->ben);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  galley_workspace_close (bench->ana);
  galley_workspace_close (bench->ben);
  g_clear_object (&bench->ana);
  g_clear_object (&bench->ben);
  galley_test_server_assert_verified (bench->server);
  galley_test_server_free (bench->server);
}

static void
test_both_ways (Bench *bench, gconstpointer data)
{
  g_autofree char *at_ana = NULL;
  g_autofree char *at_ben = read_description (bench->ben, bench);

  g_assert_cmpstr (at_ben, ==, "none");
  assert_same (bench->ana, bench->ben, &bench->project);

  describe_item (bench->ben, bench, "from Ben");
  sync_once (bench->ben);
  sync_once (bench->ana);
  at_ana = read_description (bench->ana, bench);
  g_assert_cmpstr (at_ana, ==, "from Ben");
  assert_same (bench->ana, bench->ben, &bench->project);
}

static void
test_many_changes (Bench *bench, gconstpointer data)
{
  g_test_summary ("More than one batch each way");

  for (guint i = 0; i < 1300; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      describe_item (bench->ana, bench, text);
    }
  sync_once (bench->ana);
  sync_once (bench->ben);
  assert_same (bench->ana, bench->ben, &bench->project);
}

static void
test_at_the_same_time (Bench *bench, gconstpointer data)
{
  describe_item (bench->ana, bench, "from Ana");
  describe_item (bench->ben, bench, "from Ben");
  sync_once (bench->ana);
  sync_once (bench->ben);
  sync_once (bench->ana);
  assert_same (bench->ana, bench->ben, &bench->project);
}

static void
test_events (Bench *bench, gconstpointer data)
{
  g_autofree char *at_ben = read_description (bench->ben, bench);

  g_test_summary ("What one does arrives at the other by itself");

  describe_item (bench->ana, bench, "pushed");
  while (g_strcmp0 (at_ben, "pushed") != 0)
    {
      g_main_context_iteration (NULL, TRUE);
      g_free (at_ben);
      at_ben = read_description (bench->ben, bench);
    }
}

static GPtrArray *
list_refused (GalleyWorkspace *workspace)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader)
      reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  GPtrArray *refused = galley_quarantine_list (reader, FALSE, &error);

  g_assert_no_error (error);
  return refused;
}

static void
test_refused (Bench *bench, gconstpointer data)
{
  GalleyId person, own_project;
  g_autoptr (GPtrArray) refused = NULL;
  g_autofree char *at_ben = NULL;

  g_test_summary ("A role that was lost while offline: the change waits with its reason, all else "
                  "goes on");

  go_offline (bench->ben, TRUE);
  describe_item (bench->ben, bench, "as a reviewer");
  make_project (bench->ben, &own_project);
  describe_item (bench->ana, bench, "from Ana");
  sync_once (bench->ana);
  galley_store_get_person (galley_workspace_get_store (bench->ben), &person);
  galley_test_server_set_role (bench->server, &bench->project, &person, GALLEY_ROLE_GUEST);

  go_offline (bench->ben, FALSE);
  sync_once (bench->ben);
  refused = list_refused (bench->ben);
  g_assert_cmpuint (refused->len, ==, 1);
  g_assert_cmpstr (((GalleyRefused *)refused->pdata[0])->code, ==, "permission");
  g_assert_cmpint (strlen (((GalleyRefused *)refused->pdata[0])->message), >, 10);
  g_assert_cmpuint (galley_sync_service_get_attention (galley_workspace_get_service (bench->ben)),
                    ==, 1);

  at_ben = read_description (bench->ben, bench);
  g_assert_cmpstr (at_ben, ==, "from Ana");
  sync_once (bench->ana);
  assert_same (bench->ana, bench->ben, &bench->project);
  assert_same (bench->ana, bench->ben, &own_project);
}

static void
test_shut_out (Bench *bench, gconstpointer data)
{
  GalleySyncService *service = galley_workspace_get_service (bench->ben);
  g_autoptr (GalleyDraft) draft = galley_draft_new (&bench->project, "describe");
  g_autoptr (GError) error = NULL;
  GalleyId person;

  g_test_summary ("Shut out of a project while offline: it is said, and what was made is kept");

  sync_once (bench->ben);
  go_offline (bench->ben, TRUE);
  describe_item (bench->ben, bench, "from Ben");
  galley_store_get_person (galley_workspace_get_store (bench->ben), &person);
  galley_test_server_set_role (bench->server, &bench->project, &person, GALLEY_ROLE_NONE);

  go_offline (bench->ben, FALSE);
  sync_once (bench->ben);
  g_assert_cmpuint (galley_sync_service_get_attention (service), ==, 1);
  g_assert_cmpuint (galley_sync_service_get_unsent (service), ==, 1);
  g_assert_nonnull (strstr (galley_sync_service_get_detail (service), "does not let you into"));
  galley_draft_set_shown (draft, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_DESCRIPTION, NULL,
                          g_variant_new_string ("for nobody"));
  g_assert_false (
      galley_store_commit (galley_workspace_get_store (bench->ben), draft, NULL, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);

  galley_test_server_set_role (bench->server, &bench->project, &person, GALLEY_ROLE_REVIEWER);
  sync_once (bench->ben);
  sync_once (bench->ana);
  assert_same (bench->ana, bench->ben, &bench->project);
}

static void
test_wrong_invite (Bench *bench, gconstpointer data)
{
  GalleyWorkspace *carl = make_workspace ("carl");
  g_autofree char *code = galley_test_server_invite (bench->server, "Carl", GALLEY_ROLE_REVIEWER);
  g_autoptr (GError) error = NULL;
  const char *url = galley_test_server_get_url (bench->server);

  g_assert_false (galley_workspace_connect (carl, url, "no-such-code", &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED);
  g_clear_error (&error);
  g_assert_false (galley_workspace_connect (carl, url, " ", &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (galley_workspace_connect (carl, "http://127.0.0.1:1", code, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE);
  g_clear_error (&error);

  /* None of that used up the code or left half an account. */
  galley_workspace_connect (carl, url, code, &error);
  g_assert_no_error (error);
  sync_once (carl);
  assert_same (bench->ana, carl, &bench->project);
  galley_workspace_close (carl);
  g_object_unref (carl);
}

/* Another server at the same address. */
static void
set_up_anew (Bench *bench)
{
  const char *folder = galley_test_server_get_folder (bench->server);
  g_autofree char *old = g_strconcat (folder, "-old", NULL);

  galley_test_server_stop (bench->server);
  g_assert_cmpint (g_rename (folder, old), ==, 0);
  galley_test_server_start (bench->server);
}

static void
test_set_up_anew (Bench *bench, gconstpointer data)
{
  const char *url = galley_test_server_get_url (bench->server);
  GalleyWorkspace *fresh = make_workspace ("fresh");
  g_autofree char *code = NULL, *description = NULL;
  g_autoptr (GError) error = NULL;

  g_test_summary ("A server that was set up anew is another one: no two histories are mixed");

  set_up_anew (bench);
  describe_item (bench->ben, bench, "kept");
  code = galley_test_server_invite (bench->server, "Ben", GALLEY_ROLE_REVIEWER);
  g_assert_false (galley_workspace_sync_once (bench->ben, TIMEOUT_S, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN);
  g_clear_error (&error);
  g_assert_false (galley_workspace_connect (bench->ben, url, code, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY);
  g_assert_nonnull (strstr (error->message, "make another workspace"));
  g_clear_error (&error);
  description = read_description (bench->ben, bench);
  g_assert_cmpstr (description, ==, "kept");

  /* That did not use up the invite. */
  g_assert_true (galley_workspace_connect (fresh, url, code, &error));
  g_assert_no_error (error);
  sync_once (fresh);
  galley_workspace_close (fresh);
  g_object_unref (fresh);
}

static void
test_connected_again (Bench *bench, gconstpointer data)
{
  g_test_summary ("A new invite of the same server makes a lost access good");

  galley_test_server_revoke (bench->server,
                             galley_store_get_device (galley_workspace_get_store (bench->ben)));
  describe_item (bench->ben, bench, "kept");
  connect_to (bench, bench->ben, "Ben", GALLEY_ROLE_REVIEWER);
  sync_once (bench->ben);
  sync_once (bench->ana);
  assert_same (bench->ana, bench->ben, &bench->project);
}

static void
test_second_computer (Bench *bench, gconstpointer data)
{
  GalleyWorkspace *laptop = make_workspace ("laptop");
  GalleyId before, after, own_project;
  g_autofree char *code = galley_test_server_invite (bench->server, "Ana", GALLEY_ROLE_LEAD);
  g_autoptr (GError) error = NULL;

  g_test_summary ("A person who is known already: what was made before enrolment stays theirs");

  make_project (laptop, &own_project);
  galley_store_get_person (galley_workspace_get_store (laptop), &before);
  galley_workspace_connect (laptop, galley_test_server_get_url (bench->server), code, &error);
  g_assert_no_error (error);
  galley_store_get_person (galley_workspace_get_store (laptop), &after);
  g_assert_false (galley_id_equal (&before, &after));

  sync_once (laptop);
  sync_once (bench->ana);
  assert_same (bench->ana, laptop, &bench->project);
  assert_same (bench->ana, laptop, &own_project);
  galley_workspace_close (laptop);
  g_object_unref (laptop);
}

static void
test_server_away (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GalleySyncService *service = galley_workspace_get_service (bench->ben);

  galley_test_server_stop (bench->server);
  describe_item (bench->ben, bench, "nobody there");
  g_assert_false (galley_workspace_sync_once (bench->ben, TIMEOUT_S, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_UNREACHABLE);
  g_assert_cmpstr (galley_sync_service_get_summary (service), ==,
                   "Offline – 1 change is safe on this computer");

  galley_test_server_start (bench->server);
  sync_once (bench->ben);
  sync_once (bench->ana);
  assert_same (bench->ana, bench->ben, &bench->project);
}

static void
test_revoked (Bench *bench, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  describe_item (bench->ben, bench, "too late");
  galley_test_server_revoke (bench->server,
                             galley_store_get_device (galley_workspace_get_store (bench->ben)));
  g_assert_false (galley_workspace_sync_once (bench->ben, TIMEOUT_S, &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN);
  g_assert_cmpint (galley_sync_service_get_state (galley_workspace_get_service (bench->ben)), ==,
                   GALLEY_SYNC_NEEDS_ATTENTION);
}

static void
assert_replays (GalleyWorkspace *workspace)
{
  GalleyReplayReport report;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  guint64 n_changes;

  galley_replay_dry_run (galley_workspace_get_store (workspace), NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (report.difference, ==, NULL);
  galley_replay_report_clear (&report);
  reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  g_assert_no_error (error);
  galley_journal_verify (reader, NULL, NULL, NULL, NULL, &n_changes, &error);
  g_assert_no_error (error);
}

/* ── two versions of Galley ── */

static void
set_item (GalleyWorkspace *workspace, Bench *bench, guint16 field, const char *text)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (&bench->project, "edit");

  galley_draft_set_shown (draft, GALLEY_KIND_ITEM, &bench->item, field, NULL,
                          g_variant_new_string (text));
  commit (workspace, draft);
}

static char *
read_item (GalleyWorkspace *workspace, Bench *bench, guint16 field)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader)
      reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  g_autoptr (GalleyEntity) item = galley_reader_get_entity (reader, &bench->item, &error);

  g_assert_no_error (error);
  return g_strdup (galley_entity_get_string (item, field, "none"));
}

static guint
count_found (GalleyWorkspace *workspace, const char *word)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader)
      reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  g_autoptr (GPtrArray) hits = galley_reader_search (reader, word, 10, &error);

  g_assert_no_error (error);
  return hits->len;
}

/* Ana's Galley is newer than the server's and Ben's. */
static void
test_newer_device (Bench *bench, gconstpointer data)
{
  g_autofree char *seen = NULL, *back = NULL, *folder = NULL;
  g_autoptr (GError) error = NULL;

  go_offline (bench->ana, TRUE);
  go_offline (bench->ben, TRUE);
  test_be_newer (TRUE);
  set_item (bench->ana, bench, TEST_ITEM_PRIORITY, "urgent");
  test_be_newer (FALSE);
  go_offline (bench->ana, FALSE);
  sync_once (bench->ana);
  go_offline (bench->ben, FALSE);
  sync_once (bench->ben);
  assert_same (bench->ana, bench->ben, &bench->project);
  seen = read_item (bench->ben, bench, TEST_ITEM_PRIORITY);
  g_assert_cmpstr (seen, ==, "urgent");
  g_assert_cmpuint (count_found (bench->ben, "urgent"), ==, 0);

  g_test_message ("Ben works on with what his Galley knows.");
  set_item (bench->ben, bench, GALLEY_ITEM_DESCRIPTION, "by Ben");
  sync_once (bench->ben);
  sync_once (bench->ana);
  assert_same (bench->ana, bench->ben, &bench->project);
  back = read_description (bench->ana, bench);
  g_assert_cmpstr (back, ==, "by Ben");

  g_test_message ("And sees everything once it is updated.");
  folder = g_strdup (galley_store_get_folder (galley_workspace_get_store (bench->ben)));
  galley_workspace_close (bench->ben);
  g_clear_object (&bench->ben);
  go_offline (bench->ana, TRUE);
  test_be_newer (TRUE);
  bench->ben = galley_workspace_open (folder, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_found (bench->ben, "urgent"), ==, 1);
  assert_same (bench->ana, bench->ben, &bench->project);
  assert_replays (bench->ben);
  go_offline (bench->ben, TRUE);
  test_be_newer (FALSE);
}

/* ── files ── */

static char *
write_random_file (const char *name, gsize bytes)
{
  char *path = galley_test_path (name);
  g_autofree guint8 *content = g_malloc (bytes);
  g_autoptr (GError) error = NULL;

  galley_world_random (galley_world_real (), content, bytes);
  g_file_set_contents (path, (const char *)content, bytes, &error);
  g_assert_no_error (error);
  return path;
}

/* A version of the item, without what a decoder would say of it. */
static void
add_version (GalleyWorkspace *workspace, Bench *bench, const char *path, GalleyHash *hash)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (&bench->project, "add version");
  g_autoptr (GError) error = NULL;
  GalleyId version;
  guint64 bytes;

  galley_file_store_import (galley_workspace_get_files (workspace), path, NULL, hash, &bytes,
                            &error);
  g_assert_no_error (error);
  galley_id_new (&version, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_VERSION, &version, &bench->item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)",
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, hash->bytes,
                                                              sizeof hash->bytes, 1),
                                   bytes, "image/tiff"),
                    NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_NAME, NULL,
                    g_variant_new_string ("front.tif"), NULL, 0);
  commit (workspace, draft);
}

static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, TRUE, error);
}

static void
add_file (GalleyWorkspace *workspace, Bench *bench, const char *path, GalleyHash *hash)
{
  g_autoptr (GError) error = NULL;

  add_version (workspace, bench, path, hash);
  galley_store_write (galley_workspace_get_store (workspace), write_here, hash, &error);
  g_assert_no_error (error);
}

static void
assert_has_file (GalleyFileStore *files, const GalleyHash *hash, const char *original)
{
  g_autofree char *path = galley_file_store_get_path (files, hash);
  g_autoptr (GMappedFile) a = g_mapped_file_new (path, FALSE, NULL);
  g_autoptr (GMappedFile) b = g_mapped_file_new (original, FALSE, NULL);

  g_assert_nonnull (a);
  g_assert_cmpmem (g_mapped_file_get_contents (a), g_mapped_file_get_length (a),
                   g_mapped_file_get_contents (b), g_mapped_file_get_length (b));
}

static void
test_file (Bench *bench, gconstpointer data)
{
  g_autofree char *path = write_random_file ("front.tif", FILE_BYTES);
  GalleyHash hash;

  add_file (bench->ana, bench, path, &hash);
  sync_once (bench->ana);
  sync_once (bench->ben);
  assert_has_file (galley_workspace_get_files (bench->ben), &hash, path);
}

/* The first @bytes of a file as if an earlier transfer had been cut there. */
static void
leave_part (GalleyFileStore *files, const GalleyHash *hash, const char *path, gsize bytes)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  g_autoptr (GOutputStream) part = galley_file_store_append_part (files, hash, 0, &error);

  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
  g_output_stream_write_all (part, content, bytes, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
test_resumed (Bench *bench, gconstpointer data)
{
  g_autofree char *path = write_random_file ("front.tif", FILE_BYTES);
  g_autofree char *server_folder = g_build_filename (galley_test_server_get_folder (bench->server),
                                                     "files", NULL);
  g_autoptr (GalleyFileStore) server_files = galley_file_store_new (server_folder);
  char project[GALLEY_ID_TEXT_SIZE];
  g_autoptr (GalleyFileStore)
      server_parts = galley_file_store_new_for (server_folder,
                                                galley_id_print (&bench->project, project));
  GalleyHash hash;

  g_test_summary ("Both ways, a file goes on from where an earlier transfer was cut");

  go_offline (bench->ana, TRUE);
  go_offline (bench->ben, TRUE);
  add_file (bench->ana, bench, path, &hash);
  leave_part (server_parts, &hash, path, 5 * 1024 * 1024);
  leave_part (galley_workspace_get_files (bench->ben), &hash, path, FILE_BYTES - 100);
  go_offline (bench->ana, FALSE);
  sync_once (bench->ana);
  assert_has_file (server_files, &hash, path);
  go_offline (bench->ben, FALSE);
  sync_once (bench->ben);
  assert_has_file (galley_workspace_get_files (bench->ben), &hash, path);
}

static void
test_damaged_part (Bench *bench, gconstpointer data)
{
  g_autofree char *path = write_random_file ("front.tif", 100000);
  g_autofree char *other = write_random_file ("other.tif", 100000);
  GalleyHash hash;

  g_test_summary ("A part that holds other bytes is found out and fetched again");

  go_offline (bench->ben, TRUE);
  add_file (bench->ana, bench, path, &hash);
  sync_once (bench->ana);
  leave_part (galley_workspace_get_files (bench->ben), &hash, other, 50000);
  go_offline (bench->ben, FALSE);
  sync_once (bench->ben);
  assert_has_file (galley_workspace_get_files (bench->ben), &hash, path);
}

static void
test_not_there_yet (Bench *bench, gconstpointer data)
{
  g_autofree char *path = write_random_file ("front.tif", 1000);
  GalleySyncService *service = galley_workspace_get_service (bench->ben);
  GalleyHash hash;

  g_test_summary ("A file that its computer has not sent yet is waited for, without alarm");

  add_version (bench->ana, bench, path, &hash); /* but not noted as being here */
  sync_once (bench->ana);
  sync_once (bench->ben);
  g_assert_false (galley_file_store_has (galley_workspace_get_files (bench->ben), &hash));
  g_assert_cmpuint (galley_sync_service_get_attention (service), ==, 0);
}

#define ADD(path, test) g_test_add (path, Bench, NULL, set_up, test, tear_down)

/* ── a long stream and a device that is new ── */

/* A stream that is long enough for a snapshot. */
static void
describe_often (Bench *bench, guint n)
{
  g_autoptr (GPtrArray)
      drafts = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_draft_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++)
    {
      GalleyDraft *draft = galley_draft_new (&bench->project, "describe");

      galley_draft_set_shown (draft, GALLEY_KIND_ITEM, &bench->item, GALLEY_ITEM_DESCRIPTION, NULL,
                              g_variant_new_take_string (g_strdup_printf ("text %u", i)));
      g_ptr_array_add (drafts, draft);
    }
  galley_store_commit_many (galley_workspace_get_store (bench->ana), drafts, NULL, &error);
  g_assert_no_error (error);
}

static void
make_long_stream (Bench *bench)
{
  describe_often (bench, GALLEY_SNAPSHOT_WORTHWHILE + 10);
  sync_once (bench->ana);
}

static GalleyJob *
find_job (GalleyWorkspace *workspace,
          const GalleyId *project,
          const char *kind,
          const char *subject)
{
  return galley_job_queue_find (galley_sync_service_get_queue (
                                    galley_workspace_get_service (workspace)),
                                kind, project, subject);
}

static guint
count_journal (GalleyWorkspace *workspace, const GalleyId *project)
{
  GalleyJournalFilter filter = { .project = project, .limit = 1000000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader)
      reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (reader, &filter, &error);

  g_assert_no_error (error);
  return rows->len;
}

static gboolean
write_setting (GalleyWriter *writer, gpointer data, GError **error)
{
  const char *const *pair = data;

  return galley_directory_set (writer, pair[0], pair[1], error);
}

static void
set_setting (GalleyWorkspace *workspace, const char *key, const char *value)
{
  const char *pair[] = { key, value };
  g_autoptr (GError) error = NULL;

  galley_store_write (galley_workspace_get_store (workspace), write_setting, pair, &error);
  g_assert_no_error (error);
}

static void
wait_for_history (GalleyWorkspace *workspace, const GalleyId *project, const char *subject)
{
  GalleyJob *job;

  do
    g_main_context_iteration (NULL, TRUE);
  while ((job = find_job (workspace, project, "history", subject)) == NULL ||
         galley_job_get_state (job) != GALLEY_JOB_DONE);
}

static void
test_snapshot (Bench *bench, gconstpointer data)
{
  g_test_summary ("A new device begins with what is in force; the history comes by itself");
  GalleyWorkspace *cleo = make_workspace ("cleo");
  guint n_all, n_first;

  make_long_stream (bench);
  n_all = count_journal (bench->ana, &bench->project);
  connect_to (bench, cleo, "Cleo", GALLEY_ROLE_REVIEWER);
  sync_once (cleo);
  assert_same (bench->ana, cleo, &bench->project);
  g_assert_cmpint (galley_job_get_state (find_job (cleo, &bench->project, "snapshot", NULL)), ==,
                   GALLEY_JOB_DONE);
  n_first = count_journal (cleo, &bench->project);
  assert_replays (cleo);

  wait_for_history (cleo, &bench->project, NULL);
  g_assert_cmpuint (n_first, <=, n_all);
  g_assert_cmpuint (count_journal (cleo, &bench->project), ==, n_all);
  assert_replays (cleo);
  assert_same (bench->ana, cleo, &bench->project);

  describe_item (cleo, bench, "from Cleo");
  sync_once (cleo);
  sync_once (bench->ana);
  assert_same (bench->ana, cleo, &bench->project);
  galley_workspace_close (cleo);
  g_object_unref (cleo);
}

static void
test_snapshot_switched_off (Bench *bench, gconstpointer data)
{
  GalleyWorkspace *cleo = make_workspace ("cleo");

  g_test_summary ("Where an operator has switched snapshots off, a new device pulls the history");

  make_long_stream (bench);
  galley_test_server_set_flag (bench->server, "snapshot", GALLEY_ROLE_NONE, 0);
  connect_to (bench, cleo, "Cleo", GALLEY_ROLE_REVIEWER);
  sync_once (cleo);
  g_assert_null (find_job (cleo, &bench->project, "snapshot", NULL));
  assert_same (bench->ana, cleo, &bench->project);
  g_assert_cmpuint (count_journal (cleo, &bench->project), ==,
                    count_journal (bench->ana, &bench->project));
  galley_workspace_close (cleo);
  g_object_unref (cleo);
}

static gboolean
write_accepted (GalleyWriter *writer, gpointer data, GError **error)
{
  const GalleyOutboxState *state = data;
  GalleyVerdict verdict = { .first_seq = state->own_seq - state->unsent + 1,
                            .count = state->unsent,
                            .position = state->position + 1 };

  return galley_outbox_settle (writer, &state->project, &verdict, 1, error);
}

static gboolean
write_packing (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_flag_set_override (writer, GALLEY_FLAG_COMPACT, data, error);
}

/* As if the server had taken all of it. */
static void
pretend_accepted (Bench *bench)
{
  GalleyStore *store = galley_workspace_get_store (bench->ana);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, &error);
  g_auto (GalleyOutboxState) state = { 0 };

  galley_outbox_get_state (reader, &bench->project, &state, &error);
  g_assert_no_error (error);
  galley_store_write (store, write_accepted, &state, &error);
  g_assert_no_error (error);
}

/* @on: (nullable): as the server says, or usually */
static void
set_packing (GalleyWorkspace *workspace, gboolean *on)
{
  g_autoptr (GError) error = NULL;

  galley_store_write (galley_workspace_get_store (workspace), write_packing, on, &error);
  g_assert_no_error (error);
}

static gboolean
wants_packing (GalleyWorkspace *workspace)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader)
      reader = galley_store_open_reader (galley_workspace_get_store (workspace), &error);
  g_autoptr (GPtrArray) nothing = g_ptr_array_new ();
  g_autoptr (GalleySyncPlan) plan = galley_sync_plan_make (reader, nothing, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < plan->wanted->len; i++)
    if (g_str_equal (((GalleyJobRow *)plan->wanted->pdata[i])->kind, "compact"))
      return TRUE;

  return FALSE;
}

static void
test_packing_switched_off (Bench *bench, gconstpointer data)
{
  gboolean off = FALSE;

  go_offline (bench->ana, TRUE);
  describe_often (bench, GALLEY_COMPACT_WORTHWHILE + N_UNPACKED);
  pretend_accepted (bench);
  g_assert_true (wants_packing (bench->ana));
  set_packing (bench->ana, &off);
  g_assert_false (wants_packing (bench->ana));
  set_packing (bench->ana, NULL);
  g_assert_true (wants_packing (bench->ana));
}

static void
test_history_when_asked (Bench *bench, gconstpointer data)
{
  GalleyWorkspace *cleo = make_workspace ("cleo");
  GalleyStore *store = galley_workspace_get_store (cleo);
  GalleyRef old = { *galley_store_get_device (galley_workspace_get_store (bench->ana)), 100 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  guint n_projects;

  make_long_stream (bench);
  set_setting (cleo, GALLEY_SETTING_HISTORY, "asked");
  connect_to (bench, cleo, "Cleo", GALLEY_ROLE_REVIEWER);
  sync_once (cleo);
  sync_once (cleo);
  g_assert_null (find_job (cleo, &bench->project, "history", NULL));
  g_assert_cmpuint (count_journal (cleo, &bench->project), <, 10);

  /* A round that somebody waits for brings what somebody asked for. */
  reader = galley_store_open_reader (store, NULL);
  g_assert_null (galley_reader_get_change (reader, &bench->project, &old, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_HERE_YET);
  g_assert_true (galley_history_ask (store, &n_projects, NULL));
  g_assert_cmpuint (n_projects, ==, 1);
  sync_once (cleo);
  g_assert_cmpuint (count_journal (cleo, &bench->project), ==,
                    count_journal (bench->ana, &bench->project));
  assert_replays (cleo);
  galley_workspace_close (cleo);
  g_object_unref (cleo);
}

/* A server that was set back a moment ago, which this computer has not noticed yet. */
static GalleyResponse *
serve_other_history (GalleyRequest *request, gpointer data, GError **error)
{
  GalleyResponse *response = galley_response_new (200);

  galley_response_set_header (response, "Content-Type", GALLEY_BATCH_MEDIA_TYPE);
  galley_response_set_header (response, "Galley-History", "another");
  return response;
}

static void
test_history_of_another_stream (Bench *bench, gconstpointer data)
{
  g_test_summary ("What does not lead to where a new device began is not kept");
  GalleyWorkspace *cleo = make_workspace ("cleo");
  GalleyStore *store = galley_workspace_get_store (cleo);
  g_autoptr (GalleyTransport)
      transport = GALLEY_TRANSPORT (galley_fake_transport_new (serve_other_history, NULL));
  g_autoptr (GalleyJobContext) context = galley_job_context_new (store, transport);
  GalleyJobRow row = { .kind = (char *)"history", .project = bench->project };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GalleyJob) job = NULL;
  g_autoptr (GError) error = NULL;

  make_long_stream (bench);
  set_setting (cleo, GALLEY_SETTING_HISTORY, "asked");
  connect_to (bench, cleo, "Cleo", GALLEY_ROLE_REVIEWER);
  sync_once (cleo);

  job = galley_job_new (GALLEY_TYPE_HISTORY_JOB, context, &row);
  galley_job_run_async (job, NULL, galley_test_store_result, &result);
  g_assert_false (galley_job_run_finish (job, galley_test_wait (&result), &error));
  g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_HISTORY);
  galley_workspace_close (cleo);
  g_object_unref (cleo);
}

/* writer thread */
static gboolean
take_new_name (GalleyWriter *writer, gpointer data, GError **error)
{
  guint64 n_moved;

  return galley_identity_renew (writer, NULL, 0, &n_moved, error);
}

/* While the server lets the computer in, that takes a new name. */
static GalleyResponse *
serve_enrolment (GalleyRequest *request, gpointer data, GError **error)
{
  GalleyResponse *response = galley_response_new (200);
  GalleyEnrolAnswer answer = { .token = (char *)"token",
                               .server_id = (char *)"server",
                               .person_name = (char *)"Cleo",
                               .role = GALLEY_ROLE_REVIEWER };
  g_autoptr (GError) wrong = NULL;

  galley_store_get_person (data, &answer.person);
  galley_store_write (data, take_new_name, NULL, &wrong);
  g_assert_no_error (wrong);
  galley_response_set_header (response, "Content-Type", "application/json");
  g_bytes_unref (response->body);
  response->body = galley_enrol_answer_to_bytes (&answer);
  return response;
}

static void
test_renamed_while_let_in (Bench *bench, gconstpointer data)
{
  g_test_summary (
      "A token is that of the name that asked for it, also when the name is another by now");
  GalleyWorkspace *cleo = make_workspace ("cleo");
  GalleyStore *store = galley_workspace_get_store (cleo);
  GalleyId before = *galley_store_get_device (store);
  g_autoptr (GalleyTransport)
      transport = GALLEY_TRANSPORT (galley_fake_transport_new (serve_enrolment, store));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GalleyReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  galley_enrolment_run_async (store, transport, "http://127.0.0.1:1", "CODE", NULL,
                              galley_test_store_result, &result);
  galley_enrolment_run_finish (store, galley_test_wait (&result), &error);
  g_assert_no_error (error);
  g_assert_false (galley_id_equal (&before, galley_store_get_device (store)));
  reader = galley_store_open_reader (store, &error);
  g_assert_no_error (error);
  /* So that the new name is shown to the server before anything is sent under it. */
  g_assert_false (galley_identity_is_settled (reader));
  g_clear_pointer (&reader, galley_reader_free);
  galley_workspace_close (cleo);
  g_object_unref (cleo);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  ADD ("/sync-server/both-ways", test_both_ways);
  ADD ("/sync-server/many-changes", test_many_changes);
  ADD ("/sync-server/at-the-same-time", test_at_the_same_time);
  ADD ("/sync-server/events", test_events);
  ADD ("/sync-server/refused", test_refused);
  ADD ("/sync-server/shut-out", test_shut_out);
  ADD ("/sync-server/wrong-invite", test_wrong_invite);
  ADD ("/sync-server/set-up-anew", test_set_up_anew);
  ADD ("/sync-server/connected-again", test_connected_again);
  ADD ("/sync-server/second-computer", test_second_computer);
  ADD ("/sync-server/server-away", test_server_away);
  ADD ("/sync-server/revoked", test_revoked);
  ADD ("/sync-server/newer-device", test_newer_device);
  ADD ("/sync-server/file", test_file);
  ADD ("/sync-server/resumed", test_resumed);
  ADD ("/sync-server/damaged-part", test_damaged_part);
  ADD ("/sync-server/not-there-yet", test_not_there_yet);
  ADD ("/sync-server/snapshot", test_snapshot);
  ADD ("/sync-server/snapshot-switched-off", test_snapshot_switched_off);
  ADD ("/sync-server/packing-switched-off", test_packing_switched_off);
  ADD ("/sync-server/history-when-asked", test_history_when_asked);
  ADD ("/sync-server/history-of-another-stream", test_history_of_another_stream);
  ADD ("/sync-server/renamed-while-let-in", test_renamed_while_let_in);
  return g_test_run ();
}
