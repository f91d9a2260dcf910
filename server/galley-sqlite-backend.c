/* galley-sqlite-backend.c: the server's store in one SQLite file: who asks, and what there is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-backend"

#include "server/galley-sqlite-backend-private.h"

#include "data/galley-sabotage.h"
#include "server/galley-backup.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define COUNT_UP " UPDATE meta SET value = value + 1 WHERE key = 'directory_version'; "

/* Never edited once released: a later step is added behind. */
static const char *const migrations[] = {
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
  "CREATE TABLE person ("
  "  number INTEGER PRIMARY KEY, id BLOB UNIQUE, name TEXT NOT NULL UNIQUE,"
  "  role TEXT NOT NULL) STRICT;"
  "CREATE TABLE alias (id BLOB PRIMARY KEY, person INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
  "CREATE TABLE invite ("
  "  code_hash BLOB PRIMARY KEY, person INTEGER NOT NULL, uses_left INTEGER NOT NULL"
  ") STRICT, WITHOUT ROWID;"
  "CREATE TABLE device ("
  "  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, person INTEGER NOT NULL,"
  "  name TEXT NOT NULL, public_key BLOB NOT NULL, token_hash BLOB NOT NULL UNIQUE,"
  "  revoked INTEGER NOT NULL DEFAULT 0, last_seen_us INTEGER NOT NULL DEFAULT 0) STRICT;"
  "CREATE TABLE project ("
  "  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, position INTEGER NOT NULL DEFAULT 0,"
  "  history TEXT NOT NULL) STRICT;"
  "CREATE TABLE role_override ("
  "  project INTEGER NOT NULL, person INTEGER NOT NULL, role TEXT NOT NULL,"
  "  PRIMARY KEY (project, person)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE stream ("
  "  project INTEGER NOT NULL, position INTEGER NOT NULL, device INTEGER NOT NULL,"
  "  seq INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, accepted_us INTEGER NOT NULL,"
  "  PRIMARY KEY (project, position)) STRICT, WITHOUT ROWID;"
  "CREATE UNIQUE INDEX stream_by_ref ON stream (project, device, seq);"
  "CREATE TABLE chain ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, device)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE tip ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL,"
  "  signature BLOB NOT NULL, PRIMARY KEY (project, device, seq)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE refused ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  code TEXT NOT NULL, message TEXT NOT NULL,"
  "  PRIMARY KEY (project, device, seq)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE entity ("
  "  project INTEGER NOT NULL, id BLOB NOT NULL, kind INTEGER NOT NULL, author BLOB NOT NULL,"
  "  PRIMARY KEY (project, id)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE file ("
  "  project INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, hash)) STRICT, WITHOUT ROWID;",

  /* Who is who has changed, whoever did it: this process, or an administrator's. */
  "INSERT INTO meta VALUES ('directory_version', '0');"
  "CREATE TRIGGER person_new AFTER INSERT ON person BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER person_other AFTER UPDATE OF id, name, role ON person BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER alias_new AFTER INSERT ON alias BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER device_new AFTER INSERT ON device BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER device_other AFTER UPDATE OF person, name, revoked ON device"
  "  BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER role_new AFTER INSERT ON role_override BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER role_other AFTER UPDATE ON role_override BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER project_new AFTER INSERT ON project BEGIN" COUNT_UP "END;",

  /* Whether another project has the id already. */
  "CREATE INDEX entity_by_id ON entity (id);",

  /* Who speaks of a file need not have it. Until now that was enough to be given it. */
  "CREATE TABLE file_sent ("
  "  project INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, hash)) STRICT, WITHOUT ROWID;"
  "INSERT INTO file_sent SELECT project, hash FROM file;",

  /* A decision's id follows from its version's. */
  "CREATE INDEX entity_version ON entity (project) WHERE kind = 4;",

  /* Who took an invite may ask again when the answer was lost. */
  "CREATE TABLE invite_use ("
  "  code_hash BLOB NOT NULL, device BLOB NOT NULL,"
  "  PRIMARY KEY (code_hash, device)) STRICT, WITHOUT ROWID;",
  /* Filled in when the server is opened: see galley_sqlite_fill_rolling(). */
  "ALTER TABLE stream ADD COLUMN rolling BLOB;"
  "ALTER TABLE device ADD COLUMN revoked_us INTEGER NOT NULL DEFAULT 0;"
  "INSERT INTO meta VALUES ('restored_us', '9223372036854775807');",

  /* What devices say that a project has come to. */
  "CREATE TABLE digest ("
  "  project INTEGER NOT NULL, position INTEGER NOT NULL, device INTEGER NOT NULL,"
  "  digest BLOB NOT NULL, reported_us INTEGER NOT NULL,"
  "  PRIMARY KEY (project, position, device)) STRICT, WITHOUT ROWID;"
  "CREATE INDEX digest_of ON digest (device, project, position);",
  /* On how many of a hundred devices something is switched on. The role '' stands for all others.
   */
  "CREATE TABLE flag ("
  "  name TEXT NOT NULL, role TEXT NOT NULL, percent INTEGER NOT NULL,"
  "  PRIMARY KEY (name, role)) STRICT, WITHOUT ROWID;"
  "CREATE TRIGGER flag_new AFTER INSERT ON flag BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER flag_other AFTER UPDATE ON flag BEGIN" COUNT_UP "END;"
  "CREATE TRIGGER flag_gone AFTER DELETE ON flag BEGIN" COUNT_UP "END;",

  /* Two copies of one workspace go by one name until they notice it: each keeps its own token, or
   * an invite for the one would shut the other out. "device.token_hash" is no longer looked at. */
  "CREATE TABLE token (hash BLOB PRIMARY KEY, device INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
  "INSERT INTO token SELECT token_hash, number FROM device WHERE revoked = 0;",

  /* Things whose making was refused: what stands on one need not wait for it. */
  "CREATE TABLE unmade ("
  "  project INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (project, id)) STRICT, WITHOUT ROWID;",

  /* Which Galley a device runs; who switched what, and why. No percentage: it was taken back; no
   * person: on the server itself. */
  "ALTER TABLE device ADD COLUMN program TEXT NOT NULL DEFAULT '';"
  "CREATE TABLE flag_change ("
  "  number INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, percent INTEGER,"
  "  person BLOB, reason TEXT, changed_us INTEGER NOT NULL) STRICT;",
};

void
galley_flag_rule_free (GalleyFlagRule *rule)
{
  g_free (rule->name);
  g_free (rule);
}

void
galley_flag_change_free (GalleyFlagChange *change)
{
  g_free (change->name);
  g_free (change->reason);
  g_free (change);
}

void
galley_pull_answer_free (GalleyPullAnswer *answer)
{
  g_clear_pointer (&answer->body, g_bytes_unref);
  g_free (answer->history_id);
  g_free (answer);
}

/* ── opening ── */

static gboolean
migrate (GalleyDatabase *db, GError **error)
{
  gint64 version = 0;
  gboolean done;

  if (!galley_database_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;
  done = galley_database_get_int (db, &version, error, "PRAGMA user_version", "");
  if (done && version > (gint64)G_N_ELEMENTS (migrations))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER,
                   "A newer Galley server made this folder. Nothing was touched.");
      done = FALSE;
    }
  for (gsize step = version; done && step < G_N_ELEMENTS (migrations); step++)
    done = galley_database_exec (db, migrations[step], error);
  if (done)
    {
      g_autofree char *mark = g_strdup_printf ("PRAGMA user_version = %u",
                                               (guint)G_N_ELEMENTS (migrations));

      done = galley_database_exec (db, mark, error) && galley_database_exec (db, "COMMIT", error);
    }
  if (!done)
    galley_database_exec (db, "ROLLBACK", NULL);

  return done;
}

/* What is made once, at the first start. */
static char *
load_meta (GalleySqliteBackend *self, const char *key, const char *fresh, GError **error)
{
  sqlite3_stmt *query;
  char *value;

  if (!galley_database_run (self->db, error, "INSERT OR IGNORE INTO meta VALUES (?1, ?2)", "ss",
                            key, fresh))
    return NULL;
  query = galley_database_query (self->db, error, "SELECT value FROM meta WHERE key = ?1", "s",
                                 key);
  if (query == NULL || galley_database_step (self->db, query, error) <= 0)
    return NULL;

  value = galley_column_text (query, 0);
  galley_database_done (query);
  return value;
}

static gboolean
load_identity (GalleySqliteBackend *self, GError **error)
{
  g_autofree char *token_key = galley_sqlite_make_secret (self, "0123456789abcdef", 64, 0);
  char text[GALLEY_ID_TEXT_SIZE];
  GalleyId id;

  galley_id_new (&id, self->world);
  self->server_id = load_meta (self, "server_id", galley_id_print (&id, text), error);
  if (self->server_id == NULL)
    return FALSE;
  self->token_key = load_meta (self, "token_key", token_key, error);
  return self->token_key != NULL;
}

gboolean
galley_sqlite_begin (GalleySqliteBackend *self, GError **error)
{
  return galley_database_exec (self->db, "BEGIN IMMEDIATE", error);
}

/* Commits when all was @done, else rolls back; nothing is half there. */
gboolean
galley_sqlite_end (GalleySqliteBackend *self, gboolean done, GError **error)
{
  /* The known bug is not to look whether it worked. */
  gboolean early = done && GALLEY_SABOTAGED (SERVER_ACKNOWLEDGES_EARLY);

  if (done && galley_database_exec (self->db, "COMMIT", early ? NULL : error))
    return TRUE;

  if (sqlite3_get_autocommit (galley_database_get_handle (self->db)) == 0)
    galley_database_exec (self->db, "ROLLBACK", NULL);
  return early;
}

static gboolean
fail (GError **error, GalleyServerError code, const char *message)
{
  g_set_error_literal (error, GALLEY_SERVER_ERROR, code, message);
  return FALSE;
}

/* ── who asks ── */

/* Of a token or an invite: only this is kept. */
void
galley_sqlite_hash_secret (const char *secret, GalleyHash *hash)
{
  galley_hash_bytes (hash, secret, strlen (secret));
}

/* @group: (signs between hyphens) 0 for none */
char *
galley_sqlite_make_secret (GalleySqliteBackend *self,
                           const char *alphabet,
                           guint n_signs,
                           guint group)
{
  g_autoptr (GString) secret = g_string_new (NULL);

  for (guint i = 0; i < n_signs; i++)
    {
      if (group != 0 && i > 0 && i % group == 0)
        g_string_append_c (secret, '-');
      g_string_append_c (secret,
                         alphabet[galley_world_random_below (self->world, strlen (alphabet))]);
    }

  return g_string_free (g_steal_pointer (&secret), FALSE);
}

/* Tokens are stored hashed: who reads the file cannot sign in with what they find. */
static gboolean
authenticate (GalleyBackend *backend, const char *token, GalleySession *session, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lookups_lock);
  sqlite3_stmt *query;
  GalleyHash hash;
  int stepped;

  galley_sqlite_hash_secret (token, &hash);
  query = galley_database_query (self->lookups, error,
                                 "SELECT d.id, p.id, p.role, d.public_key FROM token t"
                                 " JOIN device d ON d.number = t.device"
                                 " JOIN person p ON p.number = d.person"
                                 " WHERE t.hash = ?1 AND d.revoked = 0",
                                 "h", &hash);
  stepped = query != NULL ? galley_database_step (self->lookups, query, error) : -1;
  if (stepped == 0)
    return fail (error, GALLEY_SERVER_ERROR_UNAUTHORIZED,
                 N_ ("This device is not signed in here, or its access was withdrawn. Ask for an "
                     "invite and connect again; what was made on it is safe on it."));
  if (stepped < 0)
    return FALSE;

  galley_column_id (query, 0, &session->device);
  galley_column_id (query, 1, &session->person);
  session->role = galley_role_parse ((const char *)sqlite3_column_text (query, 2));
  if (sqlite3_column_bytes (query, 3) == sizeof session->public_key)
    memcpy (session->public_key, sqlite3_column_blob (query, 3), sizeof session->public_key);
  galley_database_done (query);
  return TRUE;
}

/* On the connection of its own: from any thread, and of what is committed. */
gboolean
galley_sqlite_refresh (GalleyBackend *backend, GalleySession *session, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lookups_lock);
  sqlite3_stmt *query = galley_database_query (self->lookups, error,
                                               "SELECT p.role FROM device d JOIN person p"
                                               " ON p.number = d.person"
                                               " WHERE d.id = ?1 AND d.revoked = 0",
                                               "n", &session->device);
  int stepped = query != NULL ? galley_database_step (self->lookups, query, error) : -1;

  if (stepped == 0)
    return fail (error, GALLEY_SERVER_ERROR_UNAUTHORIZED,
                 N_ ("This device's access was withdrawn."));
  if (stepped < 0)
    return FALSE;

  session->role = galley_role_parse ((const char *)sqlite3_column_text (query, 0));
  galley_database_done (query);
  return TRUE;
}

static gboolean
get_directory_version (GalleyBackend *backend, gint64 *version, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lookups_lock);

  *version = 0;
  return galley_database_get_int (self->lookups, version, error,
                                  "SELECT value FROM meta WHERE key = 'directory_version'", "");
}

/* ── projects ── */

gint64
galley_sqlite_find_project (GalleySqliteBackend *self, const GalleyId *project, GError **error)
{
  gint64 number = 0;

  if (!galley_database_get_int (self->db, &number, error,
                                "SELECT number FROM project WHERE id = ?1", "n", project))
    return 0;
  if (number == 0)
    fail (error, GALLEY_SERVER_ERROR_NOT_FOUND, N_ ("This server does not know the project."));

  return number;
}

/* As galley_sqlite_refresh(). */
gboolean
galley_sqlite_get_role (GalleyBackend *backend,
                        const GalleySession *session,
                        const GalleyId *project,
                        GalleyRole *role,
                        GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lookups_lock);
  sqlite3_stmt *query = galley_database_query (
      self->lookups, error,
      "SELECT (SELECT o.role FROM role_override o JOIN person x ON x.number = o.person"
      " WHERE o.project = p.number AND x.id = ?2) FROM project p WHERE p.id = ?1",
      "nn", project, &session->person);
  int stepped = query != NULL ? galley_database_step (self->lookups, query, error) : -1;

  *role = session->role;
  if (stepped > 0)
    {
      if (sqlite3_column_type (query, 0) != SQLITE_NULL)
        *role = galley_role_parse ((const char *)sqlite3_column_text (query, 0));
      galley_database_done (query);
    }

  /* To those who may not read it, a project is not even there. */
  if (stepped == 0 || (stepped > 0 && *role < GALLEY_ROLE_GUEST))
    return fail (error, GALLEY_SERVER_ERROR_NOT_FOUND,
                 N_ ("This server does not know the project."));
  return stepped > 0;
}

static gboolean
has_file (GalleyBackend *backend, const GalleyId *project, const GalleyHash *file, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lookups_lock);
  gint64 known = 0;

  if (!galley_database_get_int (self->lookups, &known, error,
                                "SELECT 1 FROM file f JOIN project p ON p.number = f.project"
                                " JOIN file_sent s ON s.project = f.project AND s.hash = f.hash"
                                " WHERE p.id = ?1 AND f.hash = ?2",
                                "nh", project, file))
    return FALSE;

  return known || fail (error, GALLEY_SERVER_ERROR_NOT_FOUND,
                        N_ ("The project has no such file, or its bytes have not arrived yet."));
}

static gboolean
was_sent (GalleyBackend *backend,
          const GalleyId *project,
          const GalleyHash *file,
          gboolean *sent,
          GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lookups_lock);
  gint64 known = 0;

  if (!galley_database_get_int (self->lookups, &known, error,
                                "SELECT 1 FROM file_sent s JOIN project p ON p.number = s.project"
                                " WHERE p.id = ?1 AND s.hash = ?2",
                                "nh", project, file))
    return FALSE;

  *sent = known;
  return TRUE;
}

/* On a connection of its own, which waits while the worker's is in a transaction. */
static gboolean
keep_sent (GalleyBackend *backend, const GalleyId *project, const GalleyHash *file, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->files_lock);

  return galley_database_run (self->files, error,
                              "INSERT OR IGNORE INTO file_sent SELECT number, ?2 FROM project"
                              " WHERE id = ?1",
                              "nh", project, file);
}

static gboolean
add_project (GalleyBackend *backend,
             const GalleySession *session,
             const GalleyId *project,
             GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autofree char *history = NULL;
  gint64 known = 0;

  if (!galley_database_get_int (self->db, &known, error, "SELECT 1 FROM project WHERE id = ?1", "n",
                                project))
    return FALSE;
  if (known)
    return TRUE;
  if (session->role < GALLEY_ROLE_REVIEWER)
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 N_ ("A guest cannot share projects. Ask an administrator for another role."));

  history = galley_sqlite_make_secret (self, "0123456789abcdef", 32, 0);
  return galley_database_run (self->db, error,
                              "INSERT OR IGNORE INTO project (id, history) VALUES (?1, ?2)", "ns",
                              project, history);
}

/* ── for administrators ── */

static GPtrArray *
list_streams (GalleyBackend *backend, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT p.id, p.position, (SELECT count (*) FROM chain c WHERE c.project = p.number),"
      " (SELECT count (*) FROM refused r WHERE r.project = p.number) FROM project p"
      " ORDER BY p.number",
      "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyStreamInfo *info = g_new0 (GalleyStreamInfo, 1);

      galley_column_id (query, 0, &info->id);
      info->position = sqlite3_column_int64 (query, 1);
      info->n_devices = sqlite3_column_int64 (query, 2);
      info->n_refused = sqlite3_column_int64 (query, 3);
      g_ptr_array_add (streams, info);
    }

  return stepped == 0 ? g_steal_pointer (&streams) : NULL;
}

/* The streams first: what they speak of is then among the files, as far as it has arrived. */
static gboolean
backup (GalleyBackend *backend, const char *folder, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autofree char *path = g_build_filename (folder, "server.db", NULL);
  g_autofree char *files = g_build_filename (self->folder, "files", NULL);
  g_autofree char *copies = g_build_filename (folder, "files", NULL);

  if (g_mkdir_with_parents (folder, 0700) != 0 || g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                   "“%s” cannot be used for a backup: it must be a new, empty folder.", folder);
      return FALSE;
    }

  return galley_database_run (self->db, error, "VACUUM INTO ?1", "s", path) &&
         galley_backup_keep (path, error) && galley_backup_copy_files (files, copies, error);
}

static gboolean
begin_history (GalleyBackend *backend, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;

  /* Positions may now be those of other changes. */
  return galley_database_run (self->db, error, "DELETE FROM digest", "") &&
         galley_database_run (self->db, error,
                              "UPDATE project SET history = lower (hex (randomblob (16)))", "") &&
         galley_database_run (self->db, error,
                              "UPDATE meta SET value = CAST (?1 AS TEXT) WHERE key = 'restored_us'",
                              "i", galley_world_now_us (self->world));
}

static void
close_backend (GalleyBackend *backend)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;

  g_clear_pointer (&self->db, galley_database_close);
  g_clear_pointer (&self->lookups, galley_database_close);
  g_clear_pointer (&self->files, galley_database_close);
  g_mutex_clear (&self->files_lock);
  g_mutex_clear (&self->lookups_lock);
  g_free (self->server_id);
  g_free (self->token_key);
  g_free (self->folder);
  g_free (self);
}

static const GalleyBackendOps ops = {
  .close = close_backend,
  .authenticate = authenticate,
  .refresh = galley_sqlite_refresh,
  .get_directory_version = get_directory_version,
  .enrol = galley_sqlite_enrol,
  .add_device = galley_sqlite_add_device,
  .get_me = galley_sqlite_get_me,
  .add_project = add_project,
  .get_role = galley_sqlite_get_role,
  .has_file = has_file,
  .was_sent = was_sent,
  .keep_sent = keep_sent,
  .push = galley_sqlite_push,
  .find_common = galley_sqlite_find_common,
  .pull = galley_sqlite_pull,
  .create_invite = galley_sqlite_create_invite,
  .revoke = galley_sqlite_revoke,
  .set_role = galley_sqlite_set_role,
  .list_roles = galley_sqlite_list_roles,
  .set_flag = galley_sqlite_set_flag,
  .list_flags = galley_sqlite_list_flags,
  .list_flag_changes = galley_sqlite_list_flag_changes,
  .list_programs = galley_sqlite_list_programs,
  .list_streams = list_streams,
  .report_digests = galley_sqlite_report_digests,
  .list_divergences = galley_sqlite_list_divergences,
  .list_followers = galley_sqlite_list_followers,
  .get_growth = galley_sqlite_get_growth,
  .get_files = galley_sqlite_get_files,
  .verify = galley_sqlite_verify,
  .backup = backup,
  .begin_history = begin_history,
};

/**
 * galley_sqlite_backend_open:
 * @folder: made when it is not there
 *
 * Returns: (transfer full): the store; call its close() when done
 */
GalleyBackend *
galley_sqlite_backend_open (const char *folder, const GalleyWorld *world, GError **error)
{
  GalleySqliteBackend *self = g_new0 (GalleySqliteBackend, 1);
  g_autofree char *path = g_build_filename (folder, "server.db", NULL);

  self->parent.ops = &ops;
  self->folder = g_strdup (folder);
  self->world = world;
  g_mutex_init (&self->lookups_lock);
  g_mutex_init (&self->files_lock);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_set_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FAILED,
                 "The folder “%s” cannot be made.", folder);
  else if ((self->db = galley_database_open (path, FALSE, error)) != NULL &&
           migrate (self->db, error) && galley_sqlite_fill_rolling (self, error) &&
           load_identity (self, error) &&
           (self->lookups = galley_database_open (path, TRUE, error)) != NULL &&
           (self->files = galley_database_open (path, FALSE, error)) != NULL)
    return &self->parent;

  close_backend (&self->parent);
  return NULL;
}
