/* main.c: starts the program with the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "app/galley-application.h"
#include "app/galley-locale.h"

#include <glib/gi18n.h>

int
main (int argc, char **argv)
{
  g_autoptr (GalleyApplication) application = NULL;

  galley_locale_start ();
  g_set_application_name (_ ("Galley"));

  application = galley_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
