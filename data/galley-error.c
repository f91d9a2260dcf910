/* galley-error.c: the ways in which the data layer can fail
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-error.h"

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (galley_data_error_quark, galley_data_error)

/**
 * galley_error_translate:
 * @sentence: what a server said, in English
 *
 * A server does not know in which language its words will be read. Those that this Galley knows as
 * well are among its translations.
 *
 * Returns: (transfer none): the sentence in the person's language; @sentence itself when it is not
 *   known here
 */
const char *
galley_error_translate (const char *sentence)
{
  /* An empty text would be the head of the translations. */
  return *sentence != '\0' ? _ (sentence) : sentence;
}
