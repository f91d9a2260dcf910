/* galley-sqlite-digest.c: what devices say that projects have come to, and who says something else
 *
 * Two devices that hold the same of a stream must have come to the same. The server has no rows of
 * its own to compare with: what most devices say at a position counts; where there is no such word,
 * none of them is believed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-digest"

#include "server/galley-sqlite-backend-private.h"

/* Of a device in a project: enough to find where it began, and to meet others at one. */
#define MAX_KEPT 32

/* Each report, and whether no more than half of those at its position say the same. What a device
 * says whose access was withdrawn does not count. */
#define COUNT_OF                                                                                   \
  "(SELECT count (*) FROM digest y JOIN device e ON e.number = y.device"                           \
  " WHERE y.project = x.project AND y.position = x.position AND e.revoked = 0"
#define ROWS                                                                                       \
  "SELECT p.id, d.id, g.position, 2 * g.n_same <= g.n_all FROM"                                    \
  " (SELECT x.project, x.device, x.position, " COUNT_OF ") AS n_all,"                              \
  "  " COUNT_OF " AND y.digest = x.digest) AS n_same FROM digest x"
#define ORDER                                                                                      \
  ") g JOIN project p ON p.number = g.project JOIN device d ON d.number = g.device"                \
  " WHERE g.n_all > 1 AND d.revoked = 0 ORDER BY g.project, g.device, g.position DESC"

/* Said again and again while nothing happens: that must cost nothing. */
static gboolean
is_kept (GalleySqliteBackend *self,
         const GalleySession *session,
         const GalleyDigestReport *report,
         gboolean *kept,
         GError **error)
{
  gint64 n_kept = 0;

  if (!galley_database_get_int (self->db, &n_kept, error,
                                "SELECT count (*) FROM digest g"
                                " JOIN project p ON p.number = g.project"
                                " JOIN device d ON d.number = g.device WHERE p.id = ?1"
                                " AND d.id = ?2 AND g.position = ?3 AND g.digest = ?4",
                                "nnih", &report->project, &session->device,
                                (gint64)report->position, &report->digest))
    return FALSE;

  *kept = n_kept > 0;
  return TRUE;
}

/* A project that is not here, or that the person may not read, is passed over: it may have been
 * both a moment ago. So is what another stream came to, which the device follows still. */
static gboolean
may_report (GalleySqliteBackend *self,
            const GalleySession *session,
            const GalleyDigestReport *report)
{
  gint64 follows = 0;
  GalleyRole role;

  return galley_sqlite_get_role (&self->parent, session, &report->project, &role, NULL) &&
         galley_database_get_int (self->db, &follows, NULL,
                                  "SELECT count (*) FROM stream s JOIN project p"
                                  " ON p.number = s.project WHERE p.id = ?1 AND s.position = ?2"
                                  " AND s.rolling = ?3",
                                  "nih", &report->project, (gint64)report->position,
                                  &report->rolling) &&
         follows > 0;
}

/* In plain steps: a statement that must be able to take back a part of itself opens a file for
 * that. */
static gboolean
keep (GalleySqliteBackend *self,
      const GalleySession *session,
      const GalleyDigestReport *report,
      GError **error)
{
  gint64 project = galley_sqlite_find_project (self, &report->project, error);
  gint64 device = 0, last = 0;

  return project != 0 &&
         galley_database_get_int (self->db, &device, error,
                                  "SELECT number FROM device WHERE id = ?1", "n",
                                  &session->device) &&
         galley_database_run (self->db, error,
                              "INSERT OR REPLACE INTO digest VALUES (?1, ?2, ?3, ?4, ?5)", "iiihi",
                              project, (gint64)report->position, device, &report->digest,
                              galley_world_now_us (self->world)) &&
         galley_database_get_int (self->db, &last, error,
                                  "SELECT position FROM digest WHERE project = ?1 AND device = ?2"
                                  " ORDER BY position DESC LIMIT 1 OFFSET ?3",
                                  "iii", project, device, (gint64)MAX_KEPT) &&
         (last == 0 || galley_database_run (self->db, error,
                                            "DELETE FROM digest WHERE project = ?1 AND device = ?2"
                                            " AND position <= ?3",
                                            "iii", project, device, last));
}

gboolean
galley_sqlite_report_digests (GalleyBackend *backend,
                              const GalleySession *session,
                              const GArray *reports,
                              GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;

  for (guint i = 0; i < reports->len; i++)
    {
      const GalleyDigestReport *report = &g_array_index (reports, GalleyDigestReport, i);
      gboolean kept = FALSE;

      if (!is_kept (self, session, report, &kept, error))
        return FALSE;
      if (!kept && may_report (self, session, report) && !keep (self, session, report, error))
        return FALSE;
    }

  return TRUE;
}

/* Rows of one project and device, newest first: it differs when the newest does, and since the last
 * of those that do so without a gap. */
static void
take_row (GArray *list, sqlite3_stmt *row, GalleyDivergence *last, gboolean *settled)
{
  GalleyDivergence here = { .since = sqlite3_column_int64 (row, 2) };
  gboolean differs = sqlite3_column_int (row, 3) != 0;

  galley_column_id (row, 0, &here.project);
  galley_column_id (row, 1, &here.device);
  if (!galley_id_equal (&here.project, &last->project) ||
      !galley_id_equal (&here.device, &last->device))
    {
      *last = here;
      *settled = !differs;
      if (differs)
        g_array_append_val (list, here);
    }
  else if (!*settled && differs)
    g_array_index (list, GalleyDivergence, list->len - 1).since = here.since;
  else
    *settled = TRUE;
}

GArray *
galley_sqlite_list_divergences (GalleyBackend *backend, const GalleyId *device, GError **error)
{
  GalleySqliteBackend *self = (GalleySqliteBackend *)backend;
  g_autoptr (GArray) list = g_array_new (FALSE, TRUE, sizeof (GalleyDivergence));
  GalleyDivergence last = { .since = 0 };
  gboolean settled = TRUE;
  sqlite3_stmt *query =
      device != NULL
          ? galley_database_query (self->db, error,
                                   ROWS " WHERE x.device ="
                                        " (SELECT number FROM device WHERE id = ?1)" ORDER,
                                   "n", device)
          : galley_database_query (self->db, error, ROWS ORDER, "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    take_row (list, query, &last, &settled);

  return stepped == 0 ? g_steal_pointer (&list) : NULL;
}
