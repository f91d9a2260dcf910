/* galley-database.h: an SQLite connection: statements by their text, bound values checked, errors
 * in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-error.h"
#include "data/galley-hash.h"
#include "data/galley-id.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* Belongs to one thread. For the data layer and the server's back end; nobody above opens SQLite.
 */
typedef struct _GalleyDatabase GalleyDatabase;

GalleyDatabase *galley_database_open (const char *path, gboolean read_only, GError **error);
void galley_database_close (GalleyDatabase *self);
void galley_database_remove (const char *path);
sqlite3 *galley_database_get_handle (GalleyDatabase *self);

gboolean galley_database_exec (GalleyDatabase *self, const char *sql, GError **error);
gboolean galley_database_run (
    GalleyDatabase *self, GError **error, const char *sql, const char *format, ...);
sqlite3_stmt *galley_database_query (
    GalleyDatabase *self, GError **error, const char *sql, const char *format, ...);
/* 1: a row; 0: no more, and the statement is free again; -1: @error is set, likewise */
int galley_database_step (GalleyDatabase *self, sqlite3_stmt *statement, GError **error);
void galley_database_done (sqlite3_stmt *statement);
gboolean galley_database_get_int (
    GalleyDatabase *self, gint64 *value, GError **error, const char *sql, const char *format, ...);
int galley_database_changes (GalleyDatabase *self);
gboolean galley_database_set_error (GalleyDatabase *self, const char *doing, GError **error);

void galley_column_id (sqlite3_stmt *statement, int column, GalleyId *out);
void galley_column_hash (sqlite3_stmt *statement, int column, GalleyHash *out);
char *galley_column_text (sqlite3_stmt *statement, int column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyDatabase, galley_database_close)

G_END_DECLS
