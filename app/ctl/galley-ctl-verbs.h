/* galley-ctl-verbs.h: the one table of commands, and what help says of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "app/ctl/galley-ctl.h"

G_BEGIN_DECLS

/* One table a noun, in the file of its name; each ends with a verb without a noun. */
extern const GalleyCtlVerb galley_ctl_workspace_verbs[];
extern const GalleyCtlVerb galley_ctl_project_verbs[];
extern const GalleyCtlVerb galley_ctl_item_verbs[];
extern const GalleyCtlVerb galley_ctl_annotation_verbs[];
extern const GalleyCtlVerb galley_ctl_comment_verbs[];
extern const GalleyCtlVerb galley_ctl_decision_verbs[];
extern const GalleyCtlVerb galley_ctl_field_verbs[];
extern const GalleyCtlVerb galley_ctl_undo_verbs[];
extern const GalleyCtlVerb galley_ctl_search_verbs[];
extern const GalleyCtlVerb galley_ctl_batch_verbs[];
extern const GalleyCtlVerb galley_ctl_sync_verbs[];
extern const GalleyCtlVerb galley_ctl_job_verbs[];
extern const GalleyCtlVerb galley_ctl_conflict_verbs[];
extern const GalleyCtlVerb galley_ctl_journal_verbs[];
extern const GalleyCtlVerb galley_ctl_quarantine_verbs[];
extern const GalleyCtlVerb galley_ctl_replay_verbs[];
extern const GalleyCtlVerb galley_ctl_compact_verbs[];
extern const GalleyCtlVerb galley_ctl_policy_verbs[];
extern const GalleyCtlVerb galley_ctl_settle_verbs[];
extern const GalleyCtlVerb galley_ctl_explain_verbs[];
extern const GalleyCtlVerb galley_ctl_flag_verbs[];
extern const GalleyCtlVerb galley_ctl_repair_verbs[];
extern const GalleyCtlVerb galley_ctl_bundle_verbs[];

const GalleyCtlVerb *galley_ctl_find_verb (const char *const **words, GError **error);
char *galley_ctl_get_help (const char *const *words);

G_END_DECLS
