/* galley-database.c: an SQLite connection: statements by their text, bound values checked, errors
 * in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-database"

#include "data/galley-database.h"

#include "data/galley-sabotage.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* How long one program waits for another that writes to the same workspace. */
#define BUSY_TIMEOUT_MS 15000

struct _GalleyDatabase
{
  sqlite3 *handle;
  GHashTable *statements; /* text of the program's own (by address) → sqlite3_stmt */
};

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

/* A disk without a byte left fails where no room is asked for in so many words: in the memory that
 * readers and writers share, or in a journal that cannot be begun. */
static int
result_code (sqlite3 *handle)
{
  int code = handle != NULL ? sqlite3_errcode (handle) & 0xff : SQLITE_NOMEM;
  int system = handle != NULL ? sqlite3_system_errno (handle) : 0;

  if ((code == SQLITE_IOERR || code == SQLITE_CANTOPEN) && (system == ENOSPC || system == EDQUOT))
    return SQLITE_FULL;

  return code;
}

/* The one place where an SQLite result code becomes a GError. */
static GalleyDataError
error_code (sqlite3 *handle, const char **words)
{
  switch (result_code (handle))
    {
    case SQLITE_FULL:
      *words = _ ("The disk is full. What was saved before is safe; make room and try again.");
      return GALLEY_DATA_ERROR_NO_SPACE;

    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      *words = _ ("Another program is writing to this workspace. Try again.");
      return GALLEY_DATA_ERROR_BUSY;

    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      *words = _ ("The workspace's database is damaged. The file has been kept; a replay of the "
                  "journal may bring everything back.");
      return GALLEY_DATA_ERROR_DAMAGED;

    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      *words = _ ("The disk refused to read or write. What was saved before is safe.");
      return GALLEY_DATA_ERROR_IO;

    default:
      *words = _ ("The database refused.");
      return GALLEY_DATA_ERROR_INVALID;
    }
}

/**
 * galley_database_set_error:
 * @doing: what was tried, for the log
 *
 * Returns: %FALSE, with @error set to what the connection's last call failed with
 */
gboolean
galley_database_set_error (GalleyDatabase *self, const char *doing, GError **error)
{
  const char *words;
  GalleyDataError code = error_code (self->handle, &words);

  g_debug ("%s: %s", doing, sqlite3_errmsg (self->handle));
  /* Where a person can do something about it the library has nothing to add but English. */
  if (code == GALLEY_DATA_ERROR_NO_SPACE || code == GALLEY_DATA_ERROR_BUSY)
    g_set_error_literal (error, GALLEY_DATA_ERROR, code, words);
  else
    g_set_error (error, GALLEY_DATA_ERROR, code, "%s (%s)", words, sqlite3_errmsg (self->handle));
  return FALSE;
}

/* SQLite counts its memory under one lock for the whole process, at which a writer and a reader
 * that are both busy wait for each other; nobody asks for the count. Without effect, and without
 * harm, when something else in the process has used SQLite before. */
static void
leave_memory_uncounted (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      sqlite3_config (SQLITE_CONFIG_MEMSTATUS, 0);
      g_once_init_leave (&done, 1);
    }
}

/**
 * galley_database_open:
 * @read_only: a connection that only looks; the file must be there
 *
 * WAL with synchronous = FULL: what was committed outlives a power cut, which NORMAL does not
 * promise under WAL. A new database can give free pages back to the disk; that must be said before
 * anything is in it, and is without effect afterwards.
 */
GalleyDatabase *
galley_database_open (const char *path, gboolean read_only, GError **error)
{
  g_autoptr (GalleyDatabase) self = g_new0 (GalleyDatabase, 1);
  int flags = SQLITE_OPEN_NOMUTEX |
              (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

  leave_memory_uncounted ();
  self->statements = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL,
                                            finalize_statement);
  if (sqlite3_open_v2 (path, &self->handle, flags, NULL) != SQLITE_OK)
    {
      galley_database_set_error (self, path, error);
      return NULL;
    }

  sqlite3_extended_result_codes (self->handle, 1);
  sqlite3_busy_timeout (self->handle, BUSY_TIMEOUT_MS);
  if (!read_only && !galley_database_exec (self,
                                           "PRAGMA auto_vacuum = INCREMENTAL;"
                                           "PRAGMA secure_delete = FAST;"
                                           "PRAGMA journal_mode = WAL;"
                                           "PRAGMA synchronous = FULL;"
                                           "PRAGMA cache_size = -32768;"
                                           "PRAGMA temp_store = MEMORY",
                                           error))
    return NULL;
  if (GALLEY_SABOTAGED (DOES_NOT_SYNC) && !read_only)
    galley_database_exec (self, "PRAGMA synchronous = OFF", NULL);

  return g_steal_pointer (&self);
}

void
galley_database_close (GalleyDatabase *self)
{
  g_hash_table_unref (self->statements);
  if (sqlite3_close (self->handle) != SQLITE_OK)
    g_critical ("A statement outlived its database: %s", sqlite3_errmsg (self->handle));
  g_free (self);
}

/**
 * galley_database_remove:
 * @path: of a database that can be made again, and that nobody has open; it may be missing
 *
 * With what SQLite keeps beside it, on whatever disk SQLite has.
 */
void
galley_database_remove (const char *path)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  sqlite3_vfs *vfs = sqlite3_vfs_find (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      vfs->xDelete (vfs, name, FALSE);
    }
}

sqlite3 *
galley_database_get_handle (GalleyDatabase *self)
{
  return self->handle;
}

/**
 * galley_database_exec:
 * @sql: statements of the program's own, without values
 */
gboolean
galley_database_exec (GalleyDatabase *self, const char *sql, GError **error)
{
  if (sqlite3_exec (self->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
    return galley_database_set_error (self, sql, error);

  return TRUE;
}

/* Every bind counts: a value that did not bind would be NULL, which means cleared. */
static int
bind_values (sqlite3_stmt *statement, const char *format, va_list values)
{
  int code = SQLITE_OK, index = 1;

  for (const char *f = format; *f != '\0' && code == SQLITE_OK; f++, index++)
    {
      switch (*f)
        {
        case 'i':
          code = sqlite3_bind_int64 (statement, index, va_arg (values, gint64));
          break;

        case 's':
          code = sqlite3_bind_text (statement, index, va_arg (values, const char *), -1,
                                    SQLITE_STATIC);
          break;

        case 'b':
          {
            gconstpointer data = va_arg (values, gconstpointer);
            gsize bytes = va_arg (values, gsize);

            code = sqlite3_bind_blob64 (statement, index, data, bytes, SQLITE_STATIC);
          }
          break;

        case 'n':
          code = sqlite3_bind_blob (statement, index, va_arg (values, const GalleyId *),
                                    sizeof (GalleyId), SQLITE_STATIC);
          break;

        case 'h':
          code = sqlite3_bind_blob (statement, index, va_arg (values, const GalleyHash *),
                                    sizeof (GalleyHash), SQLITE_STATIC);
          break;

        default:
          g_assert_not_reached ();
        }
    }

  return code;
}

static sqlite3_stmt *
prepare_bound (
    GalleyDatabase *self, GError **error, const char *sql, const char *format, va_list values)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (statement == NULL)
    {
      if (sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
          SQLITE_OK)
        {
          galley_database_set_error (self, sql, error);
          return NULL;
        }
      g_hash_table_insert (self->statements, (gpointer)sql, statement);
    }

  if (bind_values (statement, format, values) != SQLITE_OK)
    {
      galley_database_set_error (self, sql, error);
      galley_database_done (statement);
      return NULL;
    }

  return statement;
}

/**
 * galley_database_query:
 * @sql: a string literal: the prepared statement is kept under its address
 * @format: a letter a value: i gint64, s text (nullable), b pointer (nullable) and gsize,
 *   n #GalleyId, h #GalleyHash. The values must live until the statement is done
 *
 * A query may not be begun again before it is done.
 *
 * Returns: (transfer none): what galley_database_step() takes
 */
sqlite3_stmt *
galley_database_query (
    GalleyDatabase *self, GError **error, const char *sql, const char *format, ...)
{
  sqlite3_stmt *statement;
  va_list values;

  va_start (values, format);
  statement = prepare_bound (self, error, sql, format, values);
  va_end (values);

  return statement;
}

int
galley_database_step (GalleyDatabase *self, sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code == SQLITE_ROW)
    return 1;

  if (code != SQLITE_DONE)
    galley_database_set_error (self, sqlite3_sql (statement), error);
  galley_database_done (statement);
  return code == SQLITE_DONE ? 0 : -1;
}

/**
 * galley_database_done:
 *
 * Ends a query before its last row.
 */
void
galley_database_done (sqlite3_stmt *statement)
{
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
}

/**
 * galley_database_run:
 *
 * As galley_database_query(), for a statement that gives no rows.
 */
gboolean
galley_database_run (GalleyDatabase *self, GError **error, const char *sql, const char *format, ...)
{
  sqlite3_stmt *statement;
  va_list values;
  int stepped;

  va_start (values, format);
  statement = prepare_bound (self, error, sql, format, values);
  va_end (values);
  if (statement == NULL)
    return FALSE;

  stepped = galley_database_step (self, statement, error);
  if (stepped > 0)
    galley_database_done (statement);

  return stepped >= 0;
}

/**
 * galley_database_get_int:
 * @value: (inout): the first column of the first row; left alone when there is none
 *
 * Returns: %FALSE only when the query failed
 */
gboolean
galley_database_get_int (
    GalleyDatabase *self, gint64 *value, GError **error, const char *sql, const char *format, ...)
{
  sqlite3_stmt *statement;
  va_list values;
  int stepped;

  va_start (values, format);
  statement = prepare_bound (self, error, sql, format, values);
  va_end (values);
  if (statement == NULL)
    return FALSE;

  stepped = galley_database_step (self, statement, error);
  if (stepped > 0)
    {
      *value = sqlite3_column_int64 (statement, 0);
      galley_database_done (statement);
    }

  return stepped >= 0;
}

int
galley_database_changes (GalleyDatabase *self)
{
  return sqlite3_changes (self->handle);
}

/* A blob of another size than expected reads as nil: only a damaged row has one. */
void
galley_column_id (sqlite3_stmt *statement, int column, GalleyId *out)
{
  if (sqlite3_column_bytes (statement, column) == sizeof *out)
    memcpy (out, sqlite3_column_blob (statement, column), sizeof *out);
  else
    memset (out, 0, sizeof *out);
}

void
galley_column_hash (sqlite3_stmt *statement, int column, GalleyHash *out)
{
  if (sqlite3_column_bytes (statement, column) == sizeof *out)
    memcpy (out, sqlite3_column_blob (statement, column), sizeof *out);
  else
    memset (out, 0, sizeof *out);
}

char *
galley_column_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *)sqlite3_column_text (statement, column));
}
