/* galley-tables.c: the tables of a workspace: permanent ones, and derived ones that can be made
 * again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-tables"

#include "data/galley-tables.h"

#include "data/galley-merge.h"
#include "data/galley-schema.h"

#include <glib/gi18n-lib.h>

/* Changed whenever a derived table or what goes into it changes: they are then made again from the
 * journal when the workspace is next opened. A new field and a new set of rules need nothing. */
#define DERIVED_VERSION 4

G_STATIC_ASSERT (GALLEY_KIND_REMARK == 10); /* GALLEY_REMARK_IN_SQL */

/* Permanent tables, oldest first; each step brings the database from its index to the next one, and
 * is never edited once released. docs/schema.md says what each column is. */
static const char *const migrations[] = {
  "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"

  "CREATE TABLE project ("
  "  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
  "  shared INTEGER NOT NULL DEFAULT 0, position INTEGER NOT NULL DEFAULT 0,"
  "  history TEXT, role TEXT) STRICT;"

  "CREATE TABLE person ("
  "  id BLOB PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL) STRICT, WITHOUT ROWID;"
  "CREATE TABLE alias (id BLOB PRIMARY KEY, person BLOB NOT NULL) STRICT, WITHOUT ROWID;"
  "CREATE TABLE device ("
  "  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, person BLOB, name TEXT,"
  "  public_key BLOB, revoked INTEGER NOT NULL DEFAULT 0,"
  "  last_seen_us INTEGER NOT NULL DEFAULT 0) STRICT;"

  "CREATE TABLE change ("
  "  lsn INTEGER PRIMARY KEY, project INTEGER NOT NULL, device INTEGER NOT NULL,"
  "  seq INTEGER NOT NULL, position INTEGER, bytes BLOB NOT NULL) STRICT;"
  "CREATE UNIQUE INDEX change_by_ref ON change (project, device, seq);"
  "CREATE UNIQUE INDEX change_by_position ON change (project, position)"
  "  WHERE position IS NOT NULL;"
  "CREATE INDEX change_unsent ON change (project, device, seq) WHERE position IS NULL;"
  "CREATE TRIGGER change_stays BEFORE DELETE ON change"
  "  BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;"
  "CREATE TRIGGER change_keeps BEFORE UPDATE OF lsn, project, device, seq, bytes ON change"
  "  BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;"

  "CREATE TABLE tip ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, device)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE gap ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, device, seq)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE waiting ("
  "  project INTEGER NOT NULL, position INTEGER NOT NULL, bytes BLOB NOT NULL,"
  "  PRIMARY KEY (project, position)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE refusal ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL,"
  "  code TEXT NOT NULL, message TEXT NOT NULL,"
  "  PRIMARY KEY (project, device, seq)) STRICT, WITHOUT ROWID;"

  "CREATE TABLE file ("
  "  hash BLOB PRIMARY KEY, here INTEGER NOT NULL DEFAULT 0,"
  "  uploaded INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"

  "CREATE TABLE job ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, project BLOB, subject TEXT,"
  "  title TEXT NOT NULL, cause TEXT, state TEXT NOT NULL, waiting_for TEXT NOT NULL,"
  "  done INTEGER NOT NULL, total INTEGER NOT NULL, unit TEXT NOT NULL,"
  "  attempts INTEGER NOT NULL, next_attempt_us INTEGER NOT NULL, error TEXT,"
  "  created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL) STRICT;"
  "CREATE INDEX job_open ON job (state) WHERE state NOT IN ('done', 'failed', 'cancelled');"
  "CREATE TABLE job_event ("
  "  id INTEGER PRIMARY KEY, job INTEGER NOT NULL, at_us INTEGER NOT NULL, text TEXT NOT NULL"
  ") STRICT;"
  "CREATE INDEX job_event_of ON job_event (job, id);"
  "CREATE TABLE job_ask ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER NOT NULL, ask INTEGER NOT NULL) STRICT;",

  /* A file is sent for each project that speaks of it: "file.uploaded" is no longer looked at. What
   * it said is kept for the projects that spoke of the file by then; the derived tables, which know
   * that, may be missing, and are made anew after this. */
  "CREATE TABLE upload ("
  "  project INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, hash)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS derived_entity (number INTEGER PRIMARY KEY, project INTEGER);"
  "CREATE TABLE IF NOT EXISTS derived_file_use (hash BLOB, version INTEGER);"
  "INSERT INTO upload SELECT DISTINCT e.project, u.hash FROM derived_file_use u"
  "  JOIN derived_entity e ON e.number = u.version JOIN file f ON f.hash = u.hash"
  "  WHERE f.uploaded = 1;",

  /* Compaction. The transaction that packs changes says in "packing" which; no others may go. */
  "CREATE TABLE IF NOT EXISTS segment ("
  "  id INTEGER PRIMARY KEY, project INTEGER NOT NULL, role INTEGER NOT NULL,"
  "  base INTEGER NOT NULL, first_lsn INTEGER NOT NULL, last_lsn INTEGER NOT NULL,"
  "  last_position INTEGER NOT NULL, n_changes INTEGER NOT NULL, change_bytes INTEGER NOT NULL,"
  "  packed_bytes INTEGER NOT NULL, hash BLOB NOT NULL, change_hashes BLOB NOT NULL,"
  "  packed BLOB NOT NULL) STRICT;"
  "CREATE INDEX IF NOT EXISTS segment_by_lsn ON segment (last_lsn);"
  "CREATE TABLE IF NOT EXISTS segment_device ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, first_seq INTEGER NOT NULL,"
  "  last_seq INTEGER NOT NULL, segment INTEGER NOT NULL,"
  "  PRIMARY KEY (project, device, first_seq, segment)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS packing ("
  "  project INTEGER NOT NULL, first_lsn INTEGER NOT NULL, last_lsn INTEGER NOT NULL) STRICT;"
  "DROP TRIGGER IF EXISTS change_stays;"
  "CREATE TRIGGER change_stays BEFORE DELETE ON change"
  "  WHEN OLD.position IS NULL OR NOT EXISTS (SELECT 1 FROM packing WHERE project = OLD.project"
  "   AND OLD.lsn BETWEEN first_lsn AND last_lsn)"
  "  BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;"
  "CREATE TRIGGER IF NOT EXISTS segment_stays BEFORE DELETE ON segment WHEN OLD.role <> 1"
  "  BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;"
  "CREATE TRIGGER IF NOT EXISTS segment_keeps BEFORE UPDATE OF id, project, base, first_lsn, "
  "last_lsn,"
  "  last_position, n_changes, change_bytes, packed_bytes, hash, change_hashes, packed ON segment"
  "  BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;",

  /* Projects that began with a snapshot, until all of their history is here. */
  "CREATE TABLE IF NOT EXISTS snapshot ("
  "  project INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, position INTEGER NOT NULL,"
  "  base INTEGER NOT NULL, hash BLOB NOT NULL, n_parts INTEGER NOT NULL DEFAULT 0,"
  "  ready INTEGER NOT NULL DEFAULT 0, history INTEGER NOT NULL DEFAULT 0) STRICT;"
  "CREATE TABLE IF NOT EXISTS snapshot_tip ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, device)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS history_tip ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  PRIMARY KEY (project, device)) STRICT, WITHOUT ROWID;",

  /* What a device needs when its server lost history, or when it must take a new identity. */
  "CREATE TABLE loss (project INTEGER PRIMARY KEY, own_seq INTEGER NOT NULL) STRICT;"
  "CREATE TABLE mark ("
  "  project INTEGER NOT NULL, position INTEGER NOT NULL, rolling BLOB NOT NULL,"
  "  PRIMARY KEY (project, position)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE signature ("
  "  project INTEGER NOT NULL, device INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL,"
  "  signature BLOB NOT NULL, PRIMARY KEY (project, device, seq)) STRICT, WITHOUT ROWID;"
  "CREATE TABLE identity (device INTEGER PRIMARY KEY, until_us INTEGER NOT NULL) STRICT;"
  "CREATE TABLE aside ("
  "  id INTEGER PRIMARY KEY, project INTEGER NOT NULL, device INTEGER NOT NULL,"
  "  seq INTEGER NOT NULL, at_us INTEGER NOT NULL, new_device INTEGER NOT NULL,"
  "  new_seq INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;"
  "CREATE INDEX aside_by_ref ON aside (project, device, seq);"
  "CREATE TRIGGER aside_stays BEFORE DELETE ON aside"
  "  BEGIN SELECT RAISE (ABORT, 'what was put aside is kept'); END;"
  "CREATE TRIGGER aside_keeps BEFORE UPDATE ON aside"
  "  BEGIN SELECT RAISE (ABORT, 'what was put aside is kept'); END;"
  "DROP TRIGGER change_stays;" GALLEY_TABLES_CHANGE_STAYS "CREATE TABLE quarantine_act ("
  "  id INTEGER PRIMARY KEY, project INTEGER NOT NULL, device INTEGER NOT NULL,"
  "  seq INTEGER NOT NULL, act TEXT NOT NULL, at_us INTEGER NOT NULL,"
  "  new_device INTEGER, new_seq INTEGER) STRICT;"
  "CREATE INDEX quarantine_act_of ON quarantine_act (project, device, seq, id);",

  /* A segment also goes when its changes are rows again: of a stream that a server has lost, the
   * places in it hold no more. */
  "DROP TRIGGER segment_stays;"
  "CREATE TRIGGER segment_stays BEFORE DELETE ON segment WHEN OLD.role <> 1 AND"
  "  (SELECT count (*) FROM change c WHERE c.project = OLD.project"
  "   AND c.lsn BETWEEN OLD.first_lsn AND OLD.last_lsn) < OLD.n_changes"
  "  BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;",

  /* By when the server was seen to have what. */
  "CREATE TABLE arrival ("
  "  project INTEGER NOT NULL, position INTEGER NOT NULL, at_us INTEGER NOT NULL,"
  "  PRIMARY KEY (project, position)) STRICT, WITHOUT ROWID;",

  /* Conflicts that are not to be seen before a time. */
  "CREATE TABLE put_off (entity BLOB PRIMARY KEY, until_us INTEGER NOT NULL) STRICT;",

  /* How much waited and travelled, minute by minute. */
  "CREATE TABLE metric ("
  "  minute INTEGER PRIMARY KEY, unsent INTEGER NOT NULL, waiting_bytes INTEGER NOT NULL,"
  "  sent_bytes INTEGER NOT NULL, received_bytes INTEGER NOT NULL, failures INTEGER NOT NULL)"
  "  STRICT;",

  /* What a person wants done before the rest, or after it. */
  ("ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
   "CREATE INDEX job_over ON job (id) WHERE state IN ('done', 'failed', 'cancelled');"),
};

static const char derived_sql[] =
    "CREATE TABLE derived_entity ("
    "  number INTEGER PRIMARY KEY, id BLOB NOT NULL, project INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL, parent INTEGER NOT NULL, owner INTEGER NOT NULL, author BLOB NOT "
    "NULL,"
    "  alive INTEGER NOT NULL, created_us INTEGER NOT NULL,"
    "  UNIQUE (id, project, kind)) STRICT;"
    "CREATE INDEX derived_entity_owned ON derived_entity (owner, kind) WHERE owner <> 0;"
    "CREATE INDEX derived_entity_free ON derived_entity (project, kind) WHERE owner = 0;"
    "CREATE INDEX derived_entity_remark ON derived_entity (parent)"
    "  WHERE kind = " GALLEY_REMARK_IN_SQL ";"
    "CREATE INDEX derived_entity_gone ON derived_entity (alive) WHERE alive <> 1;"

    "CREATE TABLE derived_head ("
    "  entity INTEGER NOT NULL, field INTEGER NOT NULL, element TEXT NOT NULL,"
    "  device INTEGER NOT NULL, seq INTEGER NOT NULL, hlc INTEGER NOT NULL, value BLOB,"
    "  PRIMARY KEY (entity, field, element, device, seq)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE derived_contested ("
    "  entity INTEGER NOT NULL, field INTEGER NOT NULL, element TEXT NOT NULL,"
    "  state INTEGER NOT NULL, rule TEXT NOT NULL, value BLOB, since_us INTEGER NOT NULL,"
    "  PRIMARY KEY (entity, field, element)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX derived_contested_open ON derived_contested (entity) WHERE state = 2;"

    "CREATE TABLE derived_item ("
    "  number INTEGER PRIMARY KEY, project INTEGER NOT NULL, name TEXT NOT NULL,"
    "  state TEXT NOT NULL, version INTEGER NOT NULL, updated_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX derived_item_by_name ON derived_item (project, name COLLATE NOCASE);"

    "CREATE TABLE derived_file_use ("
    "  hash BLOB NOT NULL, version INTEGER NOT NULL, size_bytes INTEGER NOT NULL,"
    "  PRIMARY KEY (hash, version)) STRICT, WITHOUT ROWID;"

    "CREATE TABLE derived_digest ("
    "  project INTEGER PRIMARY KEY, sum BLOB NOT NULL, n_heads INTEGER NOT NULL) STRICT;"

    "CREATE VIRTUAL TABLE derived_search USING fts5 ("
    "  text, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');";

static const char drop_derived_sql[] = "DROP TABLE IF EXISTS derived_entity;"
                                       "DROP TABLE IF EXISTS derived_head;"
                                       "DROP TABLE IF EXISTS derived_contested;"
                                       "DROP TABLE IF EXISTS derived_item;"
                                       "DROP TABLE IF EXISTS derived_file_use;"
                                       "DROP TABLE IF EXISTS derived_digest;"
                                       "DROP TABLE IF EXISTS derived_search;";

/**
 * galley_tables_drop_derived:
 *
 * Within a transaction of the caller's. Nothing is lost: the journal has it all.
 */
gboolean
galley_tables_drop_derived (GalleyDatabase *db, GError **error)
{
  return galley_database_exec (db, drop_derived_sql, error);
}

/**
 * galley_tables_empty_derived:
 * @project: a number of this database
 *
 * As galley_tables_drop_derived(), of what belongs to one project.
 */
gboolean
galley_tables_empty_derived (GalleyDatabase *db, gint64 project, GError **error)
{
#define ITS_ENTITIES "(SELECT number FROM derived_entity WHERE project = ?1)"
  static const char *const statements[] = {
    "DELETE FROM derived_head WHERE entity IN " ITS_ENTITIES,
    "DELETE FROM derived_contested WHERE entity IN " ITS_ENTITIES,
    "DELETE FROM derived_file_use WHERE version IN " ITS_ENTITIES,
    "DELETE FROM derived_search WHERE rowid IN " ITS_ENTITIES,
    "DELETE FROM derived_item WHERE project = ?1",
    "DELETE FROM derived_entity WHERE project = ?1",
    "DELETE FROM derived_digest WHERE project = ?1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    if (!galley_database_run (db, error, statements[i], "i", project))
      return FALSE;

  return TRUE;
}

/* What the derived tables follow from besides the journal. */
static char *
describe_derived (void)
{
  g_autofree char *schema = galley_schema_get_fingerprint ();

  return g_strdup_printf ("%d %d %s", DERIVED_VERSION, GALLEY_MERGE_RULES_NEWEST, schema);
}

gboolean
galley_tables_make_derived (GalleyDatabase *db, GError **error)
{
  g_autofree char *version = describe_derived ();

  return galley_database_exec (db, derived_sql, error) &&
         galley_database_run (db, error,
                              "INSERT INTO setting VALUES ('derived_version', ?1)"
                              " ON CONFLICT DO UPDATE SET value = excluded.value",
                              "s", version);
}

/**
 * galley_tables_derived_are_alike:
 * @alike: (out): whether the derived tables have the form that this Galley gives them, whatever is
 * in them
 */
gboolean
galley_tables_derived_are_alike (GalleyDatabase *db, gboolean *alike, GError **error)
{
  gint64 version = 0;

  if (!galley_database_get_int (db, &version, error,
                                "SELECT CAST (value AS INTEGER) FROM setting"
                                " WHERE key = 'derived_version'",
                                ""))
    return FALSE;

  *alike = version == DERIVED_VERSION;
  return TRUE;
}

/**
 * galley_tables_derived_is_current:
 * @current: (out): whether this Galley made the derived tables; if not, replay before reading them
 */
gboolean
galley_tables_derived_is_current (GalleyDatabase *db, gboolean *current, GError **error)
{
  g_autofree char *version = describe_derived ();
  gint64 same = 0;

  if (!galley_database_get_int (db, &same, error,
                                "SELECT 1 FROM setting WHERE key = 'derived_version'"
                                " AND value = ?1",
                                "s", version))
    return FALSE;

  *current = same;
  return TRUE;
}

static gboolean
migrate (GalleyDatabase *db, gint64 version, GError **error)
{
  g_autofree char *mark = g_strdup_printf ("PRAGMA user_version = %u",
                                           (guint)G_N_ELEMENTS (migrations));

  for (gsize step = version; step < G_N_ELEMENTS (migrations); step++)
    if (!galley_database_exec (db, migrations[step], error))
      return FALSE;

  return galley_database_exec (db, mark, error);
}

/**
 * galley_tables_prepare:
 * @error: %GALLEY_DATA_ERROR_NEWER when a newer Galley made the database: nothing was touched
 *
 * Brings the permanent tables to this version, in one transaction, whichever program comes first.
 */
gboolean
galley_tables_prepare (GalleyDatabase *db, GError **error)
{
  gint64 version = 0;
  gboolean prepared;

  if (!galley_database_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;

  prepared = galley_database_get_int (db, &version, error, "PRAGMA user_version", "");
  if (prepared && version > (gint64)G_N_ELEMENTS (migrations))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER,
                   _ ("This workspace was made by a newer Galley. Nothing was touched; open it "
                      "with that version."));
      prepared = FALSE;
    }
  prepared = prepared && migrate (db, version, error) && galley_database_exec (db, "COMMIT", error);
  if (!prepared)
    galley_database_exec (db, "ROLLBACK", NULL);

  return prepared;
}
