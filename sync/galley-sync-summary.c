/* galley-sync-summary.c: "is my work safe, and what is stuck?" in one state and one sentence
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-summary"

#include "sync/galley-sync-summary.h"

#include <glib/gi18n-lib.h>

/**
 * galley_sync_summary_get_state:
 *
 * What a person asked for comes before what happens, and what needs them before what goes on by
 * itself. Pure.
 */
GalleySyncState
galley_sync_summary_get_state (const GalleySyncFacts *facts)
{
  if (!facts->connected)
    return facts->n_attention > 0 ? GALLEY_SYNC_NEEDS_ATTENTION : GALLEY_SYNC_LOCAL_ONLY;
  if (facts->offline)
    return GALLEY_SYNC_OFFLINE;
  if (facts->paused)
    return GALLEY_SYNC_PAUSED;
  if (facts->n_attention > 0)
    return GALLEY_SYNC_NEEDS_ATTENTION;
  if (facts->unreachable)
    return GALLEY_SYNC_OFFLINE;
  if (facts->n_running > 0)
    return GALLEY_SYNC_SYNCING;
  if (facts->unsent > 0 || facts->unsent_files > 0 || facts->n_waiting > 0)
    return GALLEY_SYNC_WAITING;

  return GALLEY_SYNC_UP_TO_DATE;
}

static char *
count_changes (const GalleySyncFacts *facts)
{
  return g_strdup_printf (ngettext ("%u change", "%u changes", (gulong)facts->unsent),
                          (guint)MIN (facts->unsent, G_MAXUINT));
}

static char *
count_files (const GalleySyncFacts *facts)
{
  return g_strdup_printf (ngettext ("%u file", "%u files", (gulong)facts->unsent_files),
                          (guint)MIN (facts->unsent_files, G_MAXUINT));
}

/* The half of the sentence that says that nothing is lost. */
static char *
describe_safety (const GalleySyncFacts *facts)
{
  g_autofree char *changes = count_changes (facts);
  g_autofree char *files = count_files (facts);

  if (facts->unsent > 0 && facts->unsent_files > 0)
    /* Translators: "2 changes and 1 file are safe on this computer"; goes on after "Offline –" */
    return g_strdup_printf (_ ("%s and %s are safe on this computer"), changes, files);
  if (facts->unsent > 0)
    /* Translators: goes on after "Offline –" and the like */
    return g_strdup_printf (ngettext ("%u change is safe on this computer",
                                      "%u changes are safe on this computer",
                                      (gulong)facts->unsent),
                            (guint)MIN (facts->unsent, G_MAXUINT));
  if (facts->unsent_files > 0)
    /* Translators: goes on after "Offline –" and the like */
    return g_strdup_printf (ngettext ("%u file is safe on this computer",
                                      "%u files are safe on this computer",
                                      (gulong)facts->unsent_files),
                            (guint)MIN (facts->unsent_files, G_MAXUINT));

  /* Translators: goes on after "Offline –" and the like */
  return g_strdup (_ ("all changes are shared"));
}

/* Where something is the matter with a file, it may be that file that is not well. */
static char *
describe_unshared (const GalleySyncFacts *facts)
{
  g_autofree char *changes = count_changes (facts);
  g_autofree char *files = count_files (facts);

  if (facts->unsent_files == 0)
    return describe_safety (facts);
  if (facts->unsent > 0)
    /* Translators: "2 changes and 1 file are not shared yet"; goes on after "… your attention –" */
    return g_strdup_printf (_ ("%s and %s are not shared yet"), changes, files);

  /* Translators: goes on after "1 thing needs your attention –" */
  return g_strdup_printf (ngettext ("%u file is not shared yet", "%u files are not shared yet",
                                    (gulong)facts->unsent_files),
                          (guint)MIN (facts->unsent_files, G_MAXUINT));
}

static char *
describe_attention (guint n_attention)
{
  /* Translators: comes before "– 14 changes are safe on this computer" */
  return g_strdup_printf (ngettext ("%u thing needs your attention",
                                    "%u things need your attention", n_attention),
                          n_attention);
}

/**
 * galley_sync_summary_describe:
 *
 * Returns: (transfer full): one sentence that always says how many changes wait and that they are
 *   safe
 */
char *
galley_sync_summary_describe (const GalleySyncFacts *facts)
{
  GalleySyncState state = galley_sync_summary_get_state (facts);
  g_autofree char *attention = NULL;
  g_autofree char *safety = state == GALLEY_SYNC_NEEDS_ATTENTION ? describe_unshared (facts)
                                                                 : describe_safety (facts);

  switch (state)
    {
    case GALLEY_SYNC_LOCAL_ONLY:
      return g_strdup (_ ("Everything is saved on this computer"));
    case GALLEY_SYNC_OFFLINE:
      return g_strdup_printf (_ ("Offline – %s"), safety);
    case GALLEY_SYNC_PAUSED:
      return g_strdup_printf (_ ("Paused – %s"), safety);
    case GALLEY_SYNC_NEEDS_ATTENTION:
      attention = describe_attention (facts->n_attention);
      /* Translators: "2 things need your attention – 14 changes are safe on this computer" */
      return g_strdup_printf (_ ("%s – %s"), attention, safety);
    case GALLEY_SYNC_SYNCING:
      return g_strdup_printf (_ ("Syncing – %s"), safety);
    case GALLEY_SYNC_WAITING:
      return g_strdup_printf (_ ("Waiting – %s"), safety);
    case GALLEY_SYNC_UP_TO_DATE:
    default:
      return g_strdup (_ ("Everything is saved and shared"));
    }
}

/* Nothing is under way or waits its turn, and something is missing on the server all the same. */
static const char *
explain_waiting (const GalleySyncFacts *facts)
{
  if (facts->error != NULL)
    return facts->error;
  if (facts->hold != NULL)
    return facts->hold;
  if (facts->n_cancelled > 0 && (facts->unsent > 0 || facts->unsent_files > 0))
    return _ ("Sending it was cancelled. Start its job again under Sync.");

  return _ ("Starts soon.");
}

/**
 * galley_sync_summary_detail:
 *
 * Returns: (transfer full): why, and what to do next
 */
char *
galley_sync_summary_detail (const GalleySyncFacts *facts)
{
  switch (galley_sync_summary_get_state (facts))
    {
    case GALLEY_SYNC_LOCAL_ONLY:
      return g_strdup (_ ("This workspace has no server. Connect it to review together."));
    case GALLEY_SYNC_OFFLINE:
      if (facts->offline)
        return g_strdup (_ ("You work offline. Everything goes out once you go online."));
      return g_strdup (facts->error != NULL ? facts->error
                                            : _ ("The server cannot be reached. It is tried "
                                                 "again by itself."));
    case GALLEY_SYNC_PAUSED:
      return g_strdup (_ ("You have paused syncing. It goes on once you resume it."));
    case GALLEY_SYNC_NEEDS_ATTENTION:
      return g_strdup (facts->error != NULL ? facts->error
                                            : _ ("The server did not take some changes. Look at "
                                                 "them under Sync."));
    case GALLEY_SYNC_SYNCING:
      return g_strdup_printf (ngettext ("%u job is running.", "%u jobs are running.",
                                        facts->n_running),
                              facts->n_running);
    case GALLEY_SYNC_WAITING:
      return g_strdup (explain_waiting (facts));
    case GALLEY_SYNC_UP_TO_DATE:
    default:
      return g_strdup (_ ("The server has all your changes, and you have everybody’s."));
    }
}

/**
 * galley_sync_state_to_string:
 *
 * Returns: (transfer none): the name for machines: "up-to-date", …
 */
const char *
galley_sync_state_to_string (GalleySyncState state)
{
  static const char *const names[] = {
    [GALLEY_SYNC_LOCAL_ONLY] = "local-only",
    [GALLEY_SYNC_UP_TO_DATE] = "up-to-date",
    [GALLEY_SYNC_WAITING] = "waiting",
    [GALLEY_SYNC_SYNCING] = "syncing",
    [GALLEY_SYNC_OFFLINE] = "offline",
    [GALLEY_SYNC_PAUSED] = "paused",
    [GALLEY_SYNC_NEEDS_ATTENTION] = "needs-attention",
  };

  g_return_val_if_fail (state < G_N_ELEMENTS (names), NULL);

  return names[state];
}
