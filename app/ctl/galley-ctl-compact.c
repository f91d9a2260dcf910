/* galley-ctl-compact.c: galleyctl compact: packs what is settled and old, and gives the room back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-compact"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-compactor.h"

#include <glib/gi18n.h>

#define MAX_KEPT 100000000

static void
answer (GalleyCtl *ctl, const GalleyCompactReport *report)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);

  json_builder_begin_object (json);
  galley_json_add_int (json, "changes", report->n_changes);
  galley_json_add_int (json, "segments", report->n_segments);
  galley_json_add_int (json, "before_bytes", report->before_bytes);
  galley_json_add_int (json, "after_bytes", report->after_bytes);
  galley_json_add_int (json, "database_before_bytes", report->file_before);
  galley_json_add_int (json, "database_after_bytes", report->file_after);
  galley_ctl_add_boolean (ctl, "keeps_size", report->keeps_size);
  json_builder_end_object (json);
}

static gboolean
run_compact (GalleyCtl *ctl, GError **error)
{
  GalleyStore *store = galley_ctl_open_store (ctl, error);
  GalleyCompactOptions options = { 0 };
  GalleyCompactReport report;
  gboolean given = galley_ctl_has_option (ctl, "keep");

  if (store == NULL ||
      !galley_ctl_get_number (ctl, "keep", 0, 0, MAX_KEPT, &options.keep_recent, error))
    return FALSE;
  if (given)
    options.min_changes = 1;
  if ((galley_ctl_has_option (ctl, "rewrite") && !galley_compact_rewrite (store, error)) ||
      !galley_compact (store, given ? &options : NULL, NULL, NULL, NULL, &report, error))
    return FALSE;

  answer (ctl, &report);
  if (report.keeps_size)
    galley_ctl_set_status (ctl, GALLEY_CTL_DONE,
                           _ ("An older Galley made this workspace: the room is used again, but "
                              "the "
                              "file does not get smaller. “compact --rewrite” changes that once; "
                              "edits wait meanwhile."));
  return TRUE;
}

static const GalleyCtlOption options[] = {
  { "keep", "N", N_ ("how many of the newest changes stay unpacked; usually 2000"), FALSE },
  { "rewrite", NULL,
    N_ ("first write the whole database anew, so that one of an older Galley can get smaller"),
    FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_compact_verbs[] = {
  { "compact", NULL, "", 0, 0, FALSE, options, NULL,
    N_ ("Packs the settled part of the journal; nothing of it is lost, and the audit reads it"),
    run_compact },
  { NULL },
};
