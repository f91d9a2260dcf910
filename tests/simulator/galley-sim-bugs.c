/* galley-sim-bugs.c: the known bugs by their names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-bugs.h"

/* What the engine's conditions look at. */
GalleySabotage galley_sabotage;

static const struct
{
  const char *name, *words;
} bugs[] = {
  [GALLEY_SABOTAGE_NONE] = { "none", "" },
  [GALLEY_SABOTAGE_DROPS_SUPERSEDES] = { "drops-supersedes",
                                         "an edit says nothing of what it replaces" },
  [GALLEY_SABOTAGE_ACKNOWLEDGES_EARLY] = { "acknowledges-early",
                                           "“saved” without a look at the commit" },
  [GALLEY_SABOTAGE_DOES_NOT_SYNC] = { "does-not-sync", "commits that the disk has not got yet" },
  [GALLEY_SABOTAGE_APPLIES_HALF] = { "applies-half", "the fourth edit of a change is not applied" },
  [GALLEY_SABOTAGE_FORGETS_OUTBOX] = { "forgets-outbox",
                                       "after a restart unsent changes stay unsent" },
  [GALLEY_SABOTAGE_STALE_DIGEST] = { "stale-digest",
                                     "replaced elements of lists stay in the digest" },
  [GALLEY_SABOTAGE_SERVER_ACKNOWLEDGES_EARLY] = { "server-acknowledges-early",
                                                  "verdicts without a look at the commit" },
  [GALLEY_SABOTAGE_POSITION_TWICE] = { "position-twice", "two changes are told the same position" },
  [GALLEY_SABOTAGE_PULL_SKIPS] = { "pull-skips", "the first change after a batch is left out" },
  [GALLEY_SABOTAGE_REFUSED_STAYS] = { "refused-stays",
                                      "a refused change stays in the shared state" },
  [GALLEY_SABOTAGE_RESOLVES_UNSEEN] = { "resolves-unseen",
                                        "settling replaces a value that came meanwhile" },
  [GALLEY_SABOTAGE_EDITS_UNSEEN] = { "edits-unseen",
                                     "an open editor replaces what came meanwhile" },
  [GALLEY_SABOTAGE_REPEAT_IS_NEW] = { "repeat-is-new", "a push that comes again is taken as new" },
  [GALLEY_SABOTAGE_TEXT_DROPS_A_SIDE] = { "text-drops-a-side",
                                          "a text merge keeps one side alone" },
  [GALLEY_SABOTAGE_CLOCK_DECIDES] = { "clock-decides",
                                      "the latest clock is in force, not the first accepted" },
  [GALLEY_SABOTAGE_GUEST_WRITES] = { "guest-writes", "no check of a guest's rights" },
  [GALLEY_SABOTAGE_DELETE_WINS] = { "delete-wins",
                                    "a delete wins over an edit that it had not seen" },
  [GALLEY_SABOTAGE_STALE_ROLE] = { "stale-role",
                                   "the role from the sign-in counts, not the project's" },
  [GALLEY_SABOTAGE_COMPACTION_DROPS] = { "compaction-drops",
                                         "the first change of a packed run is left out" },
  [GALLEY_SABOTAGE_LOSS_UNNOTICED] = { "loss-unnoticed",
                                       "a restored server does not look what a device has" },
  [GALLEY_SABOTAGE_CLONE_KEEPS_NAME] = { "clone-keeps-name",
                                         "a copied device goes on under the same name" },
  [GALLEY_SABOTAGE_SNAPSHOT_LOSES_HEAD] = { "snapshot-loses-head",
                                            "a snapshot lacks a head, and nobody compares" },
  [GALLEY_SABOTAGE_RENEWAL_DROPS] = { "renewal-drops",
                                      "a new identity leaves its last unsent change behind" },
  [GALLEY_SABOTAGE_POLICY_UNHEARD] = { "policy-unheard",
                                       "what was open stays so when the project says otherwise" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (bugs) == GALLEY_N_SABOTAGES);

const char *
galley_sim_bug_get_name (GalleySabotage bug)
{
  return bugs[bug].name;
}

const char *
galley_sim_bug_explain (GalleySabotage bug)
{
  return bugs[bug].words;
}

gboolean
galley_sim_bug_parse (const char *name, GalleySabotage *bug)
{
  for (*bug = 0; *bug < GALLEY_N_SABOTAGES; (*bug)++)
    if (g_strcmp0 (bugs[*bug].name, name) == 0)
      return TRUE;

  return FALSE;
}

void
galley_sim_bug_set (GalleySabotage bug)
{
  galley_sabotage = bug;
}
