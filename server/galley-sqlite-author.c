/* galley-sqlite-author.c: a device whose changes come in, and who they are by
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-author"

#include "server/galley-sqlite-author.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
galley_author_free (GalleyAuthor *author)
{
  g_hash_table_unref (author->names);
  g_clear_pointer (&author->decisions, g_hash_table_unref);
  g_free (author);
}

/* What a device whose access was withdrawn had signed before, the server may have lost in a
 * restore; without one there is nothing of it that others would have to bring. */
static gboolean
load_device (GalleyDatabase *db, GalleyAuthor *author, GalleyRole *role, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      db, error,
      "SELECT d.number, p.id, p.role, d.public_key, d.revoked = 0 OR d.revoked_us >="
      " (SELECT CAST (value AS INTEGER) FROM meta WHERE key = 'restored_us')"
      " FROM device d JOIN person p ON p.number = d.person WHERE d.id = ?1",
      "n", &author->id);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;

  if (stepped == 0)
    g_set_error_literal (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_MISSING,
                         N_ ("This server does not know a device whose changes these are. Its "
                             "person needs to connect it again."));
  if (stepped <= 0)
    return FALSE;

  author->device = sqlite3_column_int64 (query, 0);
  galley_column_id (query, 1, &author->person);
  *role = galley_role_parse ((const char *)sqlite3_column_text (query, 2));
  if (sqlite3_column_bytes (query, 3) == sizeof author->public_key)
    memcpy (author->public_key, sqlite3_column_blob (query, 3), sizeof author->public_key);
  author->may_relay = sqlite3_column_int (query, 4) != 0;
  galley_database_done (query);
  return TRUE;
}

static gboolean
load_names (GalleyDatabase *db, GalleyAuthor *author, GError **error)
{
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT id FROM person WHERE id = ?1 UNION ALL "
                                               "SELECT a.id FROM alias a JOIN person p"
                                               " ON p.number = a.person WHERE p.id = ?1",
                                               "n", &author->person);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId *id = g_new (GalleyId, 1);

      galley_column_id (query, 0, id);
      g_hash_table_add (author->names, id);
    }

  return stepped == 0;
}

static gboolean
load_chain (GalleyDatabase *db, GalleyAuthor *author, gint64 project, GError **error)
{
  gint64 accepted = 0;
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "SELECT seq, hash FROM chain WHERE project = ?1 AND device = ?2", "ii",
                             project, author->device);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;

  if (stepped > 0)
    {
      author->seq = sqlite3_column_int64 (query, 0);
      galley_column_hash (query, 1, &author->last);
      galley_database_done (query);
    }

  if (stepped < 0 ||
      !galley_database_get_int (db, &accepted, error,
                                "SELECT max (seq) FROM stream WHERE project = ?1 AND device = ?2",
                                "ii", project, author->device))
    return FALSE;

  author->accepted_seq = accepted;
  return TRUE;
}

/* Whoever may not even read the project any more may not write in it either, and is told so change
 * by change. */
static gboolean
load_role (GalleySqliteBackend *backend,
           GalleyAuthor *author,
           const GalleyId *project,
           GalleyRole role,
           GError **error)
{
  GalleySession session = { .device = author->id, .person = author->person, .role = role };
  g_autoptr (GError) local = NULL;

  if (galley_sqlite_get_role (&backend->parent, &session, project, &author->role, &local))
    return TRUE;
  if (!g_error_matches (local, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }

  author->role = GALLEY_ROLE_NONE;
  return TRUE;
}

/**
 * galley_author_load:
 * @error: %GALLEY_SERVER_ERROR_MISSING for a device that never joined
 *
 * Returns: (transfer full) (nullable): the device, as the running transaction sees it
 */
GalleyAuthor *
galley_author_load (GalleySqliteBackend *backend,
                    gint64 project,
                    const GalleyId *project_id,
                    const GalleyId *device,
                    GError **error)
{
  g_autoptr (GalleyAuthor) author = g_new0 (GalleyAuthor, 1);
  GalleyRole role = GALLEY_ROLE_NONE;

  author->id = *device;
  author->names = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  if (!load_device (backend->db, author, &role, error) ||
      !load_names (backend->db, author, error) ||
      !load_chain (backend->db, author, project, error) ||
      !load_role (backend, author, project_id, role, error))
    return NULL;

  return g_steal_pointer (&author);
}
