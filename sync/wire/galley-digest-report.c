/* galley-digest-report.c: what a device's projects have come to, in a header of its greeting
 *
 *   PROJECT=POSITION=R=DIGEST,PROJECT=POSITION=R=DIGEST,…
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-digest-report"

#include "sync/wire/galley-digest-report.h"

/**
 * galley_digest_reports_to_text:
 * @reports: of GalleyDigestReport
 *
 * Returns: (transfer full): the header's value
 */
char *
galley_digest_reports_to_text (const GArray *reports)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < reports->len; i++)
    {
      const GalleyDigestReport *report = &g_array_index (reports, GalleyDigestReport, i);
      char id[GALLEY_ID_TEXT_SIZE], rolling[GALLEY_HASH_TEXT_SIZE], digest[GALLEY_HASH_TEXT_SIZE];

      g_string_append_printf (text, "%s%s=%" G_GUINT64_FORMAT "=%s=%s", i > 0 ? "," : "",
                              galley_id_print (&report->project, id), report->position,
                              galley_hash_print (&report->rolling, rolling),
                              galley_hash_print (&report->digest, digest));
    }

  return g_string_free (text, FALSE);
}

static gboolean
parse_one (const char *text, GalleyDigestReport *report)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 5);

  return g_strv_length (parts) == 4 && galley_id_parse (parts[0], &report->project, NULL) &&
         g_ascii_string_to_unsigned (parts[1], 10, 1, G_MAXINT64, &report->position, NULL) &&
         galley_hash_parse (parts[2], &report->rolling) &&
         galley_hash_parse (parts[3], &report->digest);
}

/**
 * galley_digest_reports_parse:
 * @text: (nullable): of whatever origin
 *
 * Returns: (transfer full) (nullable): of GalleyDigestReport; %NULL when it is not such a header
 */
GArray *
galley_digest_reports_parse (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", GALLEY_DIGESTS_MOST + 1);
  g_autoptr (GArray) reports = g_array_new (FALSE, TRUE, sizeof (GalleyDigestReport));

  if (g_strv_length (parts) > GALLEY_DIGESTS_MOST)
    return NULL;
  for (guint i = 0; parts[i] != NULL; i++)
    {
      GalleyDigestReport report;

      if (!parse_one (parts[i], &report))
        return NULL;
      g_array_append_val (reports, report);
    }

  return g_steal_pointer (&reports);
}
