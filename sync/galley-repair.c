/* galley-repair.c: what can be done when something is wrong, each with a preview, a way to stop it
 * and a record
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-repair"

#include "sync/galley-repair.h"

#include "data/galley-directory.h"
#include "data/galley-identity.h"
#include "data/galley-local-backup.h"
#include "data/galley-outbox.h"
#include "sync/galley-errand.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  GalleyStore *store;
  GalleyFileStore *files;
  GalleyErrand *errand;
  GalleyRepairReport *report;
} Run;

/* ── each of them ── */

static gboolean
note_findings (Run *run, const GalleyCheckup *checkup, GError **error)
{
  run->report->findings = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < checkup->findings->len; i++)
    {
      const GalleyFinding *finding = checkup->findings->pdata[i];

      g_ptr_array_add (run->report->findings, g_strdup (finding->text));
      if (!galley_errand_note (run->errand, finding->text, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
check (Run *run, guint checks, GalleyCheckup *checkup, GError **error)
{
  return galley_checkup_run (run->store, run->files, checks,
                             galley_errand_get_cancellable (run->errand), galley_errand_progress,
                             run->errand, checkup, error) &&
         note_findings (run, checkup, error);
}

/* What to do next about what was found. */
static const char *
advise (const GalleyCheckup *checkup)
{
  if (checkup->findings->len == 0)
    return "";
  if (galley_checkup_has (checkup, GALLEY_CHECK_DATABASE) ||
      galley_checkup_has (checkup, GALLEY_CHECK_JOURNAL))
    return _ (" Make a backup of the folder, then run “galleyctl replay” with Galley closed.");
  if (galley_checkup_has (checkup, GALLEY_CHECK_DERIVED))
    return _ (" Make it again from the journal.");
  if (galley_checkup_has (checkup, GALLEY_CHECK_FILES))
    return _ (" Fetch the files again.");

  return _ (" Compare with the journal, then ask whoever runs the server.");
}

static gboolean
run_verify (Run *run, GError **error)
{
  g_auto (GalleyCheckup) checkup = { 0 };
  g_autofree char *found = NULL;

  if (!check (run, GALLEY_CHECK_ALL, &checkup, error))
    return FALSE;

  found = galley_checkup_describe (&checkup);
  run->report->result = g_strconcat (found, advise (&checkup), NULL);
  return TRUE;
}

static gboolean
run_backup (Run *run, GError **error)
{
  g_autofree char *path = NULL, *name = NULL;

  if (!galley_local_backup_make (run->store, galley_errand_get_cancellable (run->errand),
                                 galley_errand_progress, run->errand, &path, error) ||
      !galley_local_backup_rotate (galley_store_get_folder (run->store), error))
    return FALSE;

  name = g_path_get_basename (path);
  run->report->result = g_strdup_printf (_ ("The backup “%s” was made and looked at; it is sound."),
                                         name);
  return TRUE;
}

static gboolean
run_compare (Run *run, GError **error)
{
  GalleyReplayReport report = { 0 };
  g_autofree char *number = NULL;

  if (!galley_replay_dry_run (run->store, galley_errand_get_cancellable (run->errand),
                              galley_errand_progress, run->errand, &report, error))
    return FALSE;

  number = g_strdup_printf ("%" G_GUINT64_FORMAT, report.n_changes);
  if (report.equal)
    run->report->result =
        g_strdup_printf (_ ("What is shown is what the journal’s %s changes say."), number);
  else
    {
      run->report->findings = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (run->report->findings, g_strdup (report.difference));
      run->report->result = g_strdup (
          _ ("What is shown is not what the journal says. Make it again "
             "from the journal."));
    }
  galley_replay_report_clear (&report);
  return TRUE;
}

static gboolean
run_replay (Run *run, GError **error)
{
  GalleyReplayReport report = { 0 };
  g_autofree char *number = NULL;

  if (!galley_replay_rebuild (run->store, galley_errand_get_cancellable (run->errand),
                              galley_errand_progress, run->errand, &report, error))
    return FALSE;

  number = g_strdup_printf ("%" G_GUINT64_FORMAT, report.n_changes);
  run->report->result =
      g_strdup_printf (_ ("All that is shown was made again from the journal’s %s changes."),
                       number);
  galley_replay_report_clear (&report);
  return TRUE;
}

static gboolean
run_fetch_files (Run *run, GError **error)
{
  g_auto (GalleyCheckup) checkup = { 0 };
  guint n_files;

  if (!check (run, 1u << GALLEY_CHECK_FILES, &checkup, error) ||
      !galley_checkup_let_fetch (run->store, run->files, &checkup, &n_files, error))
    return FALSE;

  run->report->result =
      n_files == 0
          ? g_strdup (_ ("All files that should be here are, and are sound."))
          : g_strdup_printf (ngettext ("%u file is fetched again. Damaged bytes were put aside "
                                       "beside it.",
                                       "%u files are fetched again. Damaged bytes were put aside "
                                       "beside them.",
                                       n_files),
                             n_files);
  return TRUE;
}

static gboolean
run_send_files (Run *run, GError **error)
{
  guint n_files = 0;

  if (!galley_store_write (run->store, galley_outbox_doubt_uploads, &n_files, error))
    return FALSE;

  run->report->result =
      g_strdup_printf (ngettext ("The server is asked for %u file, and sent it if "
                                 "it lacks it.",
                                 "The server is asked for %u files, and sent those "
                                 "that it lacks.",
                                 n_files),
                       n_files);
  return TRUE;
}

/* writer thread */
static gboolean
write_forked (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_FORKED, "1", error);
}

static gboolean
run_new_identity (Run *run, GError **error)
{
  if (!galley_store_write (run->store, write_forked, NULL, error))
    return FALSE;

  run->report->result = g_strdup (_ ("This computer takes a new name on the server as soon as that "
                                     "is reached. What was not sent yet goes out under it."));
  return TRUE;
}

/* ── the table ── */

static const struct
{
  const char *name;
  const char *kind; /* of the job's row */
  const char *unit;
  const char *title;
  const char *preview;
  gboolean (*run) (Run *run, GError **error);
} repairs[] = {
  [GALLEY_REPAIR_VERIFY] = { "verify", "verify", "changes", N_ ("Verify Everything"),
                             N_ ("Looks at every page of the database, every change of the "
                                 "journal, "
                                 "every file, and what other computers have come to. Changes "
                                 "nothing."),
                             run_verify },
  [GALLEY_REPAIR_BACKUP] = { "backup", "backup", "pages", N_ ("Make a Backup"),
                             N_ ("Copies the database beside the workspace, packs the copy and "
                                 "looks "
                                 "at it. Files are not part of it. The last seven backups stay, "
                                 "and "
                                 "one of each of four weeks before."),
                             run_backup },
  [GALLEY_REPAIR_COMPARE] = { "compare", "replay", "changes", N_ ("Compare With the Journal"),
                              N_ ("Works out again what should be shown, beside what is here, and "
                                  "says the first difference. Changes nothing."),
                              run_compare },
  [GALLEY_REPAIR_REPLAY] = { "replay", "replay", "changes", N_ ("Make Again From the Journal"),
                             N_ ("Throws away what was worked out, the search index with it, and "
                                 "works it out again. The journal is only read: nothing that "
                                 "anybody "
                                 "did can go. Edits wait until it is done."),
                             run_replay },
  [GALLEY_REPAIR_FETCH_FILES] = { "fetch-files", "repair", "changes", N_ ("Fetch Files Again"),
                                  N_ ("Looks at the bytes of every file here. What is missing or "
                                      "damaged is fetched from the server; damaged bytes are put "
                                      "aside, not deleted."),
                                  run_fetch_files },
  [GALLEY_REPAIR_SEND_FILES] = { "send-files", "repair", "files", N_ ("Send What the Server Lacks"),
                                 N_ ("Asks the server for every file that is here, and sends those "
                                     "that it does not have. Changes that it lacks are sent by "
                                     "themselves."),
                                 run_send_files },
  [GALLEY_REPAIR_NEW_IDENTITY] = { "new-identity", "repair", "steps",
                                   N_ ("Take a New Name on the Server"),
                                   N_ ("This computer becomes another device on the server, with a "
                                       "new key. For a workspace that was copied, or whose key "
                                       "somebody else may have. What was not sent yet is sent "
                                       "under "
                                       "the new name; all that was stays as it is."),
                                   run_new_identity },
};

G_STATIC_ASSERT (G_N_ELEMENTS (repairs) == GALLEY_N_REPAIRS);

const char *
galley_repair_get_name (GalleyRepair repair)
{
  g_return_val_if_fail (repair < GALLEY_N_REPAIRS, NULL);

  return repairs[repair].name;
}

const char *
galley_repair_get_title (GalleyRepair repair)
{
  g_return_val_if_fail (repair < GALLEY_N_REPAIRS, NULL);

  return _ (repairs[repair].title);
}

const char *
galley_repair_get_preview (GalleyRepair repair)
{
  g_return_val_if_fail (repair < GALLEY_N_REPAIRS, NULL);

  return _ (repairs[repair].preview);
}

gboolean
galley_repair_parse (const char *name, GalleyRepair *repair)
{
  for (guint i = 0; i < GALLEY_N_REPAIRS; i++)
    if (g_strcmp0 (repairs[i].name, name) == 0)
      {
        *repair = i;
        return TRUE;
      }

  return FALSE;
}

void
galley_repair_report_clear (GalleyRepairReport *report)
{
  g_clear_pointer (&report->result, g_free);
  g_clear_pointer (&report->findings, g_ptr_array_unref);
}

/**
 * galley_repair_run:
 * @cancellable: (nullable)
 * @report: (out caller-allocates): clear it with galley_repair_report_clear()
 *
 * Does it, with a row among the jobs: what it found and what came of it stand in its log. Blocks;
 * not for the main loop.
 */
gboolean
galley_repair_run (GalleyRepair repair,
                   GalleyStore *store,
                   GCancellable *cancellable,
                   GalleyRepairReport *report,
                   GError **error)
{
  const GalleyId nothing = { 0 };
  g_autofree char *folder = g_build_filename (galley_store_get_folder (store), "files", NULL);
  g_autoptr (GalleyFileStore) files = galley_file_store_new (folder);
  Run run = { store, files, NULL, report };
  g_autoptr (GError) local = NULL;

  g_return_val_if_fail (repair < GALLEY_N_REPAIRS, FALSE);

  *report = (GalleyRepairReport){ 0 };
  run.errand = galley_errand_begin (store, repairs[repair].kind, &nothing, repairs[repair].name,
                                    galley_repair_get_title (repair), repairs[repair].unit,
                                    cancellable, error);
  if (run.errand == NULL)
    return FALSE;

  report->job = galley_errand_get_id (run.errand);
  repairs[repair].run (&run, &local);
  galley_errand_end (run.errand, report->result, local);
  if (local == NULL)
    return TRUE;

  galley_repair_report_clear (report);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* ── away from the main loop ── */

typedef struct
{
  GalleyRepair repair;
  GalleyRepairReport report;
} Work;

static void
work_free (gpointer data)
{
  galley_repair_report_clear (&((Work *)data)->report);
  g_free (data);
}

/* A thread of the pool. */
static void
work_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  GError *error = NULL; /* handed to the task */

  if (galley_repair_run (work->repair, source, cancellable, &work->report, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
galley_repair_run_async (GalleyRepair repair,
                         GalleyStore *store,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (store, cancellable, callback, user_data);
  Work *work = g_new0 (Work, 1);

  work->repair = repair;
  g_task_set_source_tag (task, galley_repair_run_async);
  g_task_set_task_data (task, work, work_free);
  /* What it found is told also when somebody stopped it just as it ended. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, work_in_thread);
}

/**
 * galley_repair_run_finish:
 * @report: (out caller-allocates): clear it with galley_repair_report_clear()
 */
gboolean
galley_repair_run_finish (GAsyncResult *result, GalleyRepairReport *report, GError **error)
{
  Work *work = g_task_get_task_data (G_TASK (result));

  *report = work->report;
  work->report = (GalleyRepairReport){ 0 };
  return g_task_propagate_boolean (G_TASK (result), error);
}
