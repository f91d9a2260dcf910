/* galley-flag-words.c: what is switched on, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-flag-words"

#include "ui/galley-flag-words.h"

#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

/**
 * galley_flag_words_for_role:
 *
 * Returns: (transfer none): whose computers
 */
const char *
galley_flag_words_for_role (GalleyRole role)
{
  switch (role)
    {
    case GALLEY_ROLE_GUEST:
      return _ ("Guests");
    case GALLEY_ROLE_REVIEWER:
      return _ ("Reviewers");
    case GALLEY_ROLE_LEAD:
      return _ ("Team Leads");
    case GALLEY_ROLE_ADMIN:
      return _ ("Administrators");
    case GALLEY_ROLE_NONE:
    default:
      return _ ("Everybody Else");
    }
}

/**
 * galley_flag_words_for_about:
 *
 * Returns: (transfer full): what it does, as a sentence begins
 */
char *
galley_flag_words_for_about (const GalleyFleetFlag *flag)
{
  /* Those that this Galley knows are translated. */
  const char *about = *flag->about != '\0' ? _ (flag->about) : flag->name;
  GString *text = g_string_new (NULL);

  g_string_append_unichar (text, g_unichar_toupper (g_utf8_get_char (about)));
  g_string_append (text, g_utf8_next_char (about));
  return g_string_free (text, FALSE);
}

static char *
describe_percent (int percent)
{
  if (percent == 0)
    return g_strdup (_ ("off"));
  if (percent == 100)
    return g_strdup (_ ("on"));

  /* Translators: on a part of all computers: “on for 25%” */
  return g_strdup_printf (_ ("on for %d%%"), percent);
}

static char *
describe_share (const GalleyFleetShare *share)
{
  g_autofree char *percent = share->percent == GALLEY_FLEET_UNSAID
                                 ? g_strdup (share->role == GALLEY_ROLE_NONE
                                                 ? _ ("left to Galley")
                                                 /* Translators: “Reviewers: as everybody else” */
                                                 : _ ("as everybody else"))
                                 : describe_percent (share->percent);

  /* Translators: whose computers, and on how many of them: “Reviewers: on for 25%” */
  return g_strdup_printf (_ ("%s: %s"), galley_flag_words_for_role (share->role), percent);
}

/**
 * galley_flag_words_for_state:
 *
 * Returns: (transfer full): on whose computers it is on
 */
char *
galley_flag_words_for_state (const GalleyFleetFlag *flag)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < flag->shares->len; i++)
    {
      g_autofree char *words = describe_share (&g_array_index (flag->shares, GalleyFleetShare, i));

      g_string_append_printf (text, "%s%s", i > 0 ? " · " : "", words);
    }
  if (flag->shares->len == 0)
    g_string_append (text, flag->on ? _ ("On, as nobody says otherwise")
                                    : _ ("Off, as nobody says otherwise"));
  return g_string_free (text, FALSE);
}

/**
 * galley_flag_words_for_change:
 * @person: (nullable): who did it; nothing when it was done at the server
 *
 * Returns: (transfer full): who switched it when, to what, and why
 */
char *
galley_flag_words_for_change (const GalleyFleetChange *change, const char *person, gint64 now_us)
{
  g_autofree char *ago = galley_words_for_time (change->changed_us, now_us);
  g_autofree char *share = describe_share (&change->share);
  const char *by = person != NULL ? person : _ ("at the server");

  return change->reason != NULL && *change->reason != '\0'
             ? g_strdup_printf ("%s · %s · %s · “%s”", ago, by, share, change->reason)
             : g_strdup_printf ("%s · %s · %s", ago, by, share);
}
