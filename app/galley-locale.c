/* galley-locale.c: in which language a program speaks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-locale"

#include "app/galley-locale.h"

#include <libintl.h>
#include <locale.h>

/**
 * galley_locale_start:
 *
 * Takes up the person's language. To be called before anything else in main().
 *
 * The environment variable GALLEY_LOCALE_DIR names another folder of translations than the
 * installed one: that of a build.
 */
void
galley_locale_start (void)
{
  const char *folder = g_getenv ("GALLEY_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, folder != NULL && *folder != '\0' ? folder : GALLEY_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
