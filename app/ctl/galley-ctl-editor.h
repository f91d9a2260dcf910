/* galley-ctl-editor.h: edits by their names and arguments, as drafts
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "app/ctl/galley-ctl.h"

G_BEGIN_DECLS

/* A command with its arguments under their names, {"do": "comment.add", "annotation": …}, becomes
 * edits of a draft. What a command types and what a line of a batch says is the same. */
typedef struct _GalleyCtlEditor GalleyCtlEditor;

GalleyCtlEditor *galley_ctl_editor_new (GalleyCtl *ctl, GError **error);
void galley_ctl_editor_free (GalleyCtlEditor *self);

gboolean galley_ctl_editor_add (
    GalleyCtlEditor *self, JsonObject *edit, GalleyDraft **draft, GalleyId *id, GError **error);
void galley_ctl_editor_forget (GalleyCtlEditor *self);

/* The things that an edit names; of GalleyId. */
void galley_ctl_editor_list_names (JsonObject *edit, GArray *ids);
/* Whether what an edit comes to depends on what was done to these things before. */
gboolean galley_ctl_editor_looks_back (JsonObject *edit);

/* A verb that is one such edit: its arguments have the names that help gives them. */
gboolean galley_ctl_editor_run (GalleyCtl *ctl, const char *name, GError **error);

/* (transfer full): of an item, the one that is decided and drawn on */
GalleyEntity *galley_ctl_find_newest_version (GalleyReader *reader,
                                              const GalleyId *item,
                                              GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyCtlEditor, galley_ctl_editor_free)

G_END_DECLS
