/* galley-checkup.c: is everything here as it should be? and what is not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-checkup"

#include "data/galley-checkup.h"

#include "data/galley-divergence.h"
#include "data/galley-outbox.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Of a damaged database no more than these are told: they come from the same damage. */
#define MAX_DATABASE_FINDINGS 20
/* How often SQLite asks whether to stop, in steps of its machine. */
#define STEPS 10000
/* A file counts as much as this many changes for each of its megabytes, roughly what they cost. */
#define CHANGES_PER_MB 40

typedef struct
{
  GalleyStore *store;
  GalleyFileStore *files;
  guint checks;
  GalleyReader *reader;
  GCancellable *cancellable;
  GalleyReplayProgress progress;
  gpointer progress_data;
  guint64 done; /* in changes, and what is worth as much */
  guint64 total;
  guint64 n_changes; /* in the journal */
  GPtrArray *stored; /* of GalleyFileRow: all that should be here */
  GalleyCheckup *checkup;
} Run;

static void
finding_free (gpointer data)
{
  GalleyFinding *finding = data;

  g_free (finding->text);
  g_free (finding);
}

void
galley_checkup_clear (GalleyCheckup *checkup)
{
  g_clear_pointer (&checkup->findings, g_ptr_array_unref);
}

/* Takes @text. */
static GalleyFinding *
find (Run *run, GalleyCheck check, char *text)
{
  GalleyFinding *finding = g_new0 (GalleyFinding, 1);

  finding->check = check;
  finding->text = text;
  g_ptr_array_add (run->checkup->findings, finding);
  return finding;
}

static gboolean
wants (const Run *run, GalleyCheck check)
{
  return (run->checks & (1u << check)) != 0;
}

static void
tell (guint64 done, guint64 total, gpointer data)
{
  Run *run = data;

  if (run->progress != NULL)
    run->progress (run->done + done, run->total, run->progress_data);
}

static void
move_on (Run *run, guint64 done)
{
  run->done += done;
  tell (0, 0, run);
}

/* A check that could not go on because of damage has found it; anything else ends the checkup.
 * Takes @local. */
static gboolean
take_error (Run *run, GalleyCheck check, GError *local, GError **error)
{
  if (local->domain != GALLEY_DATA_ERROR || local->code == GALLEY_DATA_ERROR_NO_SPACE ||
      local->code == GALLEY_DATA_ERROR_BUSY)
    {
      g_propagate_error (error, local);
      return FALSE;
    }

  find (run, check, g_strdup (local->message));
  g_error_free (local);
  return TRUE;
}

/* ── the database ── */

static int
is_unwanted (void *cancellable)
{
  return g_cancellable_is_cancelled (cancellable);
}

static gboolean
read_integrity (Run *run, GalleyDatabase *db, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (db, error,
                             "PRAGMA integrity_check(" G_STRINGIFY (MAX_DATABASE_FINDINGS) ")", "");
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      g_autofree char *text = galley_column_text (query, 0);

      if (!g_str_equal (text, "ok"))
        find (run, GALLEY_CHECK_DATABASE,
              g_strdup_printf (_ ("The database file is damaged: %s"), text));
    }

  return stepped == 0;
}

static gboolean
check_database (Run *run, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (run->reader);
  GError *local = NULL; /* handed on */
  gboolean checked;

  sqlite3_progress_handler (galley_database_get_handle (db), STEPS, is_unwanted, run->cancellable);
  checked = read_integrity (run, db, &local);
  sqlite3_progress_handler (galley_database_get_handle (db), 0, NULL, NULL);
  if (g_cancellable_set_error_if_cancelled (run->cancellable, error))
    {
      g_clear_error (&local);
      return FALSE;
    }

  return checked || take_error (run, GALLEY_CHECK_DATABASE, local, error);
}

/* ── the journal, and what follows from it ── */

static gboolean
check_journal (Run *run, GError **error)
{
  GError *local = NULL; /* handed on */

  return galley_journal_verify (run->reader, NULL, run->cancellable, tell, run,
                                &run->checkup->n_changes, &local) ||
         take_error (run, GALLEY_CHECK_JOURNAL, local, error);
}

/* writer thread; the index is its own judge */
static gboolean
check_index (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_database_exec (writer->db,
                               "INSERT INTO derived_search (derived_search) VALUES"
                               " ('integrity-check')",
                               error);
}

static gboolean
check_derived (Run *run, GError **error)
{
  GalleyReplayReport report = { 0 };
  GError *local = NULL; /* handed on */
  gboolean alike = galley_replay_dry_run (run->store, run->cancellable, tell, run, &report, &local);

  if (alike && !report.equal)
    find (run, GALLEY_CHECK_DERIVED,
          report.difference != NULL ? g_strdup (report.difference)
                                    : g_strdup (_ ("What is shown is not what the journal says.")));
  galley_replay_report_clear (&report);
  if (!alike && !take_error (run, GALLEY_CHECK_DERIVED, local, error))
    return FALSE;

  local = NULL;
  if (galley_store_write (run->store, check_index, NULL, &local))
    return TRUE;
  if (!g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    return take_error (run, GALLEY_CHECK_DERIVED, local, error);

  g_error_free (local);
  find (run, GALLEY_CHECK_DERIVED, g_strdup (_ ("The search index is damaged.")));
  return TRUE;
}

/* ── files ── */

static gboolean
check_file (Run *run, const GalleyFileRow *row, GError **error)
{
  GalleyFileVerdict verdict;
  GalleyFinding *finding;

  if (!galley_file_store_check (run->files, &row->hash, run->cancellable, &verdict, error))
    return FALSE;

  run->checkup->n_files++;
  run->checkup->n_bytes += row->size_bytes;
  if (verdict == GALLEY_FILE_SOUND)
    return TRUE;

  finding =
      find (run, GALLEY_CHECK_FILES,
            g_strdup_printf (verdict == GALLEY_FILE_MISSING ? _ ("The file of “%s” is missing.%s")
                                                            : _ ("The file of “%s” is damaged.%s"),
                             row->name,
                             row->uploaded ? ""
                                           : _ (" It was not sent yet: import it again if you "
                                                "still have it.")));
  finding->file = row->hash;
  finding->missing = verdict == GALLEY_FILE_MISSING;
  return TRUE;
}

static guint64
weigh (const GalleyFileRow *row)
{
  return row->size_bytes * CHANGES_PER_MB / (1000 * 1000) + 1;
}

static gboolean
check_files (Run *run, GError **error)
{
  for (guint i = 0; i < run->stored->len; i++)
    {
      if (!check_file (run, run->stored->pdata[i], error))
        return FALSE;
      move_on (run, weigh (run->stored->pdata[i]));
    }

  return TRUE;
}

/* ── others ── */

static gboolean
check_others (Run *run, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *text = galley_divergence_describe (run->reader, &local);

  if (text != NULL)
    find (run, GALLEY_CHECK_OTHERS, text);
  if (local == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* ── all of it ── */

/* Its bytes are as good as random. */
static guint
spread_hash (gconstpointer hash)
{
  guint spread;

  memcpy (&spread, hash, sizeof spread);
  return spread;
}

/* A file that several projects have is looked at once. */
static gboolean
list_files (Run *run, GError **error)
{
  g_autoptr (GPtrArray) projects = galley_reader_list_projects (run->reader, error);
  g_autoptr (GHashTable) seen = g_hash_table_new (spread_hash, galley_hash_equal);

  run->stored = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_file_row_free);
  for (guint i = 0; projects != NULL && i < projects->len; i++)
    {
      g_autoptr (GPtrArray)
          here = galley_outbox_files_here (run->reader,
                                           &((GalleyProjectRow *)projects->pdata[i])->id, error);

      if (here == NULL)
        return FALSE;
      while (here->len > 0)
        {
          GalleyFileRow *row = g_ptr_array_steal_index (here, here->len - 1);

          if (g_hash_table_add (seen, &row->hash))
            g_ptr_array_add (run->stored, row);
          else
            galley_file_row_free (row);
        }
    }

  return projects != NULL;
}

static gboolean
weigh_all (Run *run, GError **error)
{
  gint64 n_changes = 0;

  if (!galley_database_get_int (galley_reader_get_db (run->reader), &n_changes, error,
                                "SELECT (SELECT count (*) FROM change)"
                                " + (SELECT ifnull (sum (n_changes), 0) FROM segment)",
                                ""))
    return FALSE;

  run->total = 0;
  if (wants (run, GALLEY_CHECK_JOURNAL))
    run->total += (guint64)n_changes;
  if (wants (run, GALLEY_CHECK_DERIVED))
    run->total += (guint64)n_changes;
  run->n_changes = (guint64)n_changes;
  for (guint i = 0; wants (run, GALLEY_CHECK_FILES) && i < run->stored->len; i++)
    run->total += weigh (run->stored->pdata[i]);
  return TRUE;
}

/* A part of the way; one that is not wanted is no part of it. */
static gboolean
run_part (Run *run, GalleyCheck check, gboolean (*part) (Run *, GError **), GError **error)
{
  if (!wants (run, check))
    return TRUE;
  if (!part (run, error))
    return FALSE;
  if (check == GALLEY_CHECK_JOURNAL || check == GALLEY_CHECK_DERIVED)
    move_on (run, run->n_changes);

  return TRUE;
}

static gboolean
run_all (Run *run, GError **error)
{
  GError *local = NULL; /* handed on */

  if (!run_part (run, GALLEY_CHECK_DATABASE, check_database, error))
    return FALSE;
  if (!list_files (run, &local) || !weigh_all (run, &local))
    {
      /* Without the tables that say what there is, the rest cannot be asked. */
      return take_error (run, GALLEY_CHECK_DATABASE, local, error);
    }

  return run_part (run, GALLEY_CHECK_JOURNAL, check_journal, error) &&
         run_part (run, GALLEY_CHECK_DERIVED, check_derived, error) &&
         run_part (run, GALLEY_CHECK_FILES, check_files, error) &&
         run_part (run, GALLEY_CHECK_OTHERS, check_others, error);
}

/**
 * galley_checkup_run:
 * @checks: which: of each 1 << #GalleyCheck; or %GALLEY_CHECK_ALL
 * @checkup: (out caller-allocates): clear it with galley_checkup_clear()
 * @error: what kept it from looking: cancelled, no room, a busy database. Damage is a finding
 *
 * Looks at everything and changes nothing; edits wait only while the search index is looked at.
 * Progress is in changes, and in what is worth as much. Blocks; from any thread but the main loop.
 */
gboolean
galley_checkup_run (GalleyStore *store,
                    GalleyFileStore *files,
                    guint checks,
                    GCancellable *cancellable,
                    GalleyReplayProgress progress,
                    gpointer progress_data,
                    GalleyCheckup *checkup,
                    GError **error)
{
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, error);
  Run run = { .store = store,
              .files = files,
              .checks = checks,
              .reader = reader,
              .cancellable = cancellable,
              .progress = progress,
              .progress_data = progress_data,
              .checkup = checkup };
  gboolean done;

  *checkup = (GalleyCheckup){ 0 };
  if (reader == NULL)
    return FALSE;

  checkup->findings = g_ptr_array_new_with_free_func (finding_free);
  done = run_all (&run, error);
  g_clear_pointer (&run.stored, g_ptr_array_unref);
  if (!done)
    galley_checkup_clear (checkup);
  return done;
}

gboolean
galley_checkup_has (const GalleyCheckup *checkup, GalleyCheck check)
{
  for (guint i = 0; i < checkup->findings->len; i++)
    if (((GalleyFinding *)checkup->findings->pdata[i])->check == check)
      return TRUE;

  return FALSE;
}

/**
 * galley_check_to_string:
 *
 * Returns: (transfer none): the name for machines
 */
const char *
galley_check_to_string (GalleyCheck check)
{
  static const char *const names[] = { "database", "journal", "derived", "files", "others" };

  g_return_val_if_fail (check < G_N_ELEMENTS (names), NULL);

  return names[check];
}

/**
 * galley_checkup_describe:
 *
 * Returns: (transfer full): what was looked at, and how it is, in a sentence or two
 */
char *
galley_checkup_describe (const GalleyCheckup *checkup)
{
  g_autofree char *size = g_format_size (checkup->n_bytes);
  g_autofree char *n_changes = g_strdup_printf ("%" G_GUINT64_FORMAT, checkup->n_changes);
  g_autofree char *n_files = g_strdup_printf ("%" G_GUINT64_FORMAT, checkup->n_files);
  /* Translators: %s is a number */
  g_autofree char *changes =
      g_strdup_printf (ngettext ("%s change", "%s changes", (gulong)checkup->n_changes), n_changes);
  /* Translators: a number, and a size: "14 files (31 MB)" */
  g_autofree char *files = g_strdup_printf (ngettext ("%s file (%s)", "%s files (%s)",
                                                      (gulong)checkup->n_files),
                                            n_files, size);
  /* Translators: "1200 changes and 14 files (31 MB) were looked at." */
  g_autofree char *seen = g_strdup_printf (_ ("%s and %s were looked at."), changes, files);
  g_autofree char *found = NULL;
  guint n_findings = checkup->findings->len;

  if (n_findings == 0)
    found = g_strdup (_ ("Everything is as it should be."));
  else
    found = g_strdup_printf (ngettext ("%u thing is not as it should be.",
                                       "%u things are not as they should be.", n_findings),
                             n_findings);
  return g_strconcat (found, " ", seen, NULL);
}

/* ── files that are to come again ── */

/* writer thread */
static gboolean
write_not_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, FALSE, error);
}

/**
 * galley_checkup_let_fetch:
 * @n_files: (out): how many are fetched from now on
 *
 * Files that were found missing or damaged are fetched again, from the server or from whoever has
 * them. What is damaged is put aside under another name, never thrown away: it may be all that is
 * left of it. Blocks.
 */
gboolean
galley_checkup_let_fetch (GalleyStore *store,
                          GalleyFileStore *files,
                          const GalleyCheckup *checkup,
                          guint *n_files,
                          GError **error)
{
  *n_files = 0;
  for (guint i = 0; i < checkup->findings->len; i++)
    {
      GalleyFinding *finding = checkup->findings->pdata[i];

      if (finding->check != GALLEY_CHECK_FILES)
        continue;
      if ((!finding->missing && !galley_file_store_put_aside (files, &finding->file, error)) ||
          !galley_store_write (store, write_not_here, &finding->file, error))
        return FALSE;
      (*n_files)++;
    }

  return TRUE;
}
