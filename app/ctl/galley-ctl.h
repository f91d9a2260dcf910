/* galley-ctl.h: one run of the command line: its words, its workspace, its answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-directory.h"
#include "data/galley-store.h"
#include "sync/galley-workspace.h"
#include "sync/wire/galley-wire-json.h"

G_BEGIN_DECLS

/* As the shell sees how it went; part of the command line's contract. */
typedef enum
{
  GALLEY_CTL_DONE = 0,
  GALLEY_CTL_FAILED = 1,
  GALLEY_CTL_USAGE = 2,
  GALLEY_CTL_ATTENTION = 3,   /* done, but something needs a person */
  GALLEY_CTL_UNREACHABLE = 4, /* local work is safe */
} GalleyCtlStatus;

/**
 * GalleyCtlError:
 * @GALLEY_CTL_ERROR_USAGE: the words of the command make no sense
 * @GALLEY_CTL_ERROR_FAILED: they do, and it did not go well
 */
typedef enum
{
  GALLEY_CTL_ERROR_USAGE,
  GALLEY_CTL_ERROR_FAILED,
} GalleyCtlError;

#define GALLEY_CTL_ERROR (galley_ctl_error_quark ())
GQuark galley_ctl_error_quark (void);

typedef struct _GalleyCtl GalleyCtl;

typedef struct
{
  const char *name;  /* without the dashes */
  const char *value; /* (nullable): what follows it, in capitals; NULL: nothing */
  const char *help;
  gboolean many; /* may be given more than once */
} GalleyCtlOption;

typedef struct
{
  const char *noun;
  const char *verb;               /* (nullable): the noun stands alone */
  const char *arguments;          /* as help shows them */
  guint least, most;              /* how many */
  gboolean takes_files;           /* arguments may be names of files in any encoding */
  const GalleyCtlOption *options; /* (nullable): ends with one without a name */
  const char *columns;            /* (nullable): of a list, for people: names of keys with commas */
  const char *help;
  gboolean (*run) (GalleyCtl *ctl, GError **error);
} GalleyCtlVerb;

GalleyCtl *galley_ctl_new (const char *folder, gboolean json);
void galley_ctl_free (GalleyCtl *self);
gboolean galley_ctl_take_words (GalleyCtl *self,
                                const GalleyCtlVerb *verb,
                                const char *const *words,
                                GError **error);
GalleyCtlStatus galley_ctl_run (GalleyCtl *self, GError **error);
GalleyCtlStatus galley_ctl_status_of (const GError *error);

char *galley_ctl_describe_use (const GalleyCtlVerb *verb);

/* ── what a verb asks ── */

const GalleyCtlVerb *galley_ctl_get_verb (GalleyCtl *self);
const char *galley_ctl_get_folder (GalleyCtl *self);
gboolean galley_ctl_wants_json (GalleyCtl *self);
guint galley_ctl_get_n_arguments (GalleyCtl *self);
const char *galley_ctl_get_argument (GalleyCtl *self, guint index); /* (nullable) */
const char *galley_ctl_get_option (GalleyCtl *self, const char *name);
gboolean galley_ctl_has_option (GalleyCtl *self, const char *name);
const char *const *galley_ctl_get_options (GalleyCtl *self, const char *name);
gboolean galley_ctl_get_number (GalleyCtl *self,
                                const char *name,
                                guint fallback,
                                guint least,
                                guint most,
                                guint *number,
                                GError **error);

/* All of them belong to the run and are opened once. A workspace also syncs; ask for it first. */
GalleyWorkspace *galley_ctl_open_workspace (GalleyCtl *self, GError **error);
GalleyStore *galley_ctl_open_store (GalleyCtl *self, GError **error);
void galley_ctl_close_store (GalleyCtl *self);
GalleyReader *galley_ctl_open_reader (GalleyCtl *self, GError **error);
void galley_ctl_take_workspace (GalleyCtl *self, GalleyWorkspace *workspace);
/* Among the projects of @reader, which need not be the workspace's own. */
gboolean galley_ctl_find_project_in (GalleyReader *reader,
                                     const char *text,
                                     GalleyId *id,
                                     GError **error);
gboolean galley_ctl_find_project (GalleyCtl *self, const char *text, GalleyId *id, GError **error);
gboolean galley_ctl_parse_moment (const char *text, gint64 *moment_us, GError **error);
gboolean galley_ctl_find_person (GalleyCtl *self, const char *text, GalleyId *id, GError **error);
GalleyEntity *galley_ctl_find_entity (GalleyCtl *self,
                                      const char *text,
                                      guint8 kind,
                                      GError **error);

/* ── what a verb answers ── */

JsonBuilder *galley_ctl_get_json (GalleyCtl *self); /* (transfer none): the one document */
void galley_ctl_set_status (GalleyCtl *self, GalleyCtlStatus status, const char *why);
gboolean galley_ctl_commit (GalleyCtl *self,
                            GalleyDraft *draft,
                            const GalleyId *made,
                            GError **error);
gboolean galley_ctl_usage (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
gboolean galley_ctl_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyCtl, galley_ctl_free)

G_END_DECLS
