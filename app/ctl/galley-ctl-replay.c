/* galley-ctl-replay.c: galleyctl replay: all that is derived, made again from the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-replay"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-rescue.h"
#include "sync/galley-sync-lock.h"

#include <glib/gi18n.h>

static void
answer (GalleyCtl *ctl, gboolean dry_run, const GalleyReplayReport *report, const char *kept)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_ctl_add_boolean (ctl, "dry_run", dry_run);
  galley_json_add_int (json, "changes", report->n_changes);
  galley_ctl_add_boolean (ctl, "equal", report->equal);
  galley_json_add_string (json, "difference", report->difference);
  if (kept != NULL)
    galley_json_add_string (json, "kept", kept);
  json_builder_end_object (json);
}

static gboolean
dry_run (GalleyCtl *ctl, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  GalleyReplayReport report = { 0 };
  gboolean done = store != NULL && galley_replay_dry_run (store, NULL, NULL, NULL, &report, error);

  if (done)
    answer (ctl, TRUE, &report, NULL);
  if (done && !report.equal)
    galley_ctl_set_status (ctl, GALLEY_CTL_FAILED,
                           report.difference != NULL
                               ? report.difference
                               : _ ("What was replayed differs from what is here."));
  galley_replay_report_clear (&report);
  return done;
}

/* A database that is sound enough may be in use. One that is not is put aside, and that would pull
 * it from under another program. */
static gboolean
repair (GalleyCtl *ctl, const GError *damage, GError **error)
{
  const char *folder = galley_ctl_get_folder (ctl);
  GalleySyncLock *lock = galley_sync_lock_try (folder);
  g_autofree char *kept = NULL;
  GalleyReplayReport report = { 0 };
  gboolean done;

  if (lock == NULL)
    return galley_ctl_fail (error,
                            _ ("%s Close Galley's window and whatever else works in this "
                               "folder, then run replay again."),
                            damage->message);

  galley_ctl_close_store (ctl);
  done = galley_rescue_or_rebuild (folder, NULL, NULL, &report, &kept, error);
  galley_sync_lock_free (lock);
  if (done)
    answer (ctl, FALSE, &report, kept);
  galley_replay_report_clear (&report);
  return done;
}

static gboolean
rebuild (GalleyCtl *ctl, GError **error)
{
  g_autoptr (GError) local = NULL;
  GalleyStore *store = galley_ctl_open_store (ctl, &local);
  GalleyReplayReport report = { 0 };
  gboolean done = store != NULL && galley_replay_rebuild (store, NULL, NULL, NULL, &report, &local);

  if (done)
    answer (ctl, FALSE, &report, NULL);
  galley_replay_report_clear (&report);
  if (!done && g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED))
    return repair (ctl, local, error);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&local));

  return done;
}

static gboolean
run_replay (GalleyCtl *ctl, GError **error)
{
  const char *project_text = galley_ctl_get_argument (ctl, 0);
  GalleyId project;

  if (project_text != NULL && !galley_ctl_find_project (ctl, project_text, &project, error))
    return FALSE;

  return galley_ctl_has_option (ctl, "dry-run") ? dry_run (ctl, error) : rebuild (ctl, error);
}

static const GalleyCtlOption options[] = {
  { "dry-run", NULL, N_ ("compare only, and say the first difference"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_replay_verbs[] = {
  { "replay", NULL, "[PROJECT]", 0, 1, FALSE, options, NULL,
    N_ ("Makes everything but the journal again, from the journal, of all projects"), run_replay },
  { NULL },
};
