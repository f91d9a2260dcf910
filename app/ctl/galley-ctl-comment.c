/* galley-ctl-comment.c: galleyctl comment: answer in a note's thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-comment"

#include "app/ctl/galley-ctl-editor.h"
#include "app/ctl/galley-ctl-verbs.h"

#include <glib/gi18n.h>

static gboolean
run_add (GalleyCtl *ctl, GError **error)
{
  return galley_ctl_editor_run (ctl, "comment.add", error);
}

static const GalleyCtlOption add_options[] = {
  { "body", "TEXT", N_ ("what to say"), FALSE },
  { NULL },
};

const GalleyCtlVerb galley_ctl_comment_verbs[] = {
  { "comment", "add", "ANNOTATION", 1, 1, FALSE, add_options, NULL,
    N_ ("Adds a reply to the thread of an annotation"), run_add },
  { NULL },
};
