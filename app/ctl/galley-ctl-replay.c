/* galley-ctl-replay.c: galleyctl replay: all that is derived, made again from the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-replay"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-replay.h"

#include <glib/gi18n.h>

static void
answer (GalleyCtl *ctl, gboolean dry_run, const GalleyReplayReport *report)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_ctl_add_boolean (ctl, "dry_run", dry_run);
  galley_json_add_int (json, "changes", report->n_changes);
  galley_ctl_add_boolean (ctl, "equal", report->equal);
  galley_json_add_string (json, "difference", report->difference);
  json_builder_end_object (json);
}

static gboolean
run_replay (GalleyCtl *ctl, GError **error)
{
  const char *project_text = galley_ctl_get_argument (ctl, 0);
  gboolean dry_run = galley_ctl_has_option (ctl, "dry-run");
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  GalleyReplayReport report = { 0 };
  GalleyId project;
  gboolean done;

  if (store == NULL ||
      (project_text != NULL && !galley_ctl_find_project (ctl, project_text, &project, error)))
    return FALSE;

  done = dry_run ? galley_replay_dry_run (store, NULL, NULL, NULL, &report, error)
                 : galley_replay_rebuild (store, NULL, NULL, NULL, &report, error);
  if (done)
    answer (ctl, dry_run, &report);
  if (done && dry_run && !report.equal)
    galley_ctl_set_status (ctl, GALLEY_CTL_FAILED,
                           report.difference != NULL
                               ? report.difference
                               : _ ("What was replayed differs from what is here."));
  galley_replay_report_clear (&report);
  return done;
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
