/* galley-contents.h: everything of one item at one moment: versions, notes, replies, decisions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-decision.h"
#include "data/galley-reader.h"

G_BEGIN_DECLS

/* What one person decided on one version. */
typedef struct
{
  GalleyId id;
  GalleyId person;
  char *name;
  gboolean mine;
  char *verdict;
  char *note; /* (nullable) */
  guint version;
  gboolean current; /* on the newest version */
  gboolean counts;  /* nothing unseen came in between */
  gboolean shared;
  gboolean contested;
  gint64 time_us;
} GalleyVerdictLine;

/* Immutable once read; any thread. */
typedef struct
{
  gatomicrefcount ref_count;
  GalleyItemRow *row;
  GalleyId person;
  GalleyRole role;
  gboolean connected;  /* the workspace has a server, so things can be shared */
  GalleyId device;     /* this one */
  guint64 shared_seq;  /* how far the server has this device's changes */
  guint64 position;    /* how far the project's stream had been read */
  GArray *tips;        /* of GalleyRef: each device's last change that this has */
  GPtrArray *entities; /* of GalleyEntity */
  GPtrArray *versions; /* of GalleyEntity (borrowed), newest first */
  GPtrArray *verdicts; /* of GalleyVerdictLine, newest version first */
  GHashTable *names;   /* GalleyId → char *: of everybody who made something here */
  GalleyApproval approval;
  GalleyRole least_role;
  guint64 past_hlc; /* 0: as it is now; else as it was then, and nobody may change it */
  gboolean whole;   /* nothing of that time is missing on this computer */
} GalleyContents;

GalleyContents *galley_contents_read (GalleyReader *reader,
                                      const GalleyId *item,
                                      const GalleyId *person,
                                      const GalleyId *device,
                                      guint64 past_hlc,
                                      GError **error);
GalleyContents *galley_contents_ref (GalleyContents *self);
GalleyDecisionScope *galley_contents_get_scope (const GalleyContents *self,
                                                const GalleyId *version);
void galley_contents_unref (GalleyContents *self);

const char *galley_contents_name_of (const GalleyContents *self, const GalleyId *person);
guint galley_contents_number_of (const GalleyContents *self, const GalleyId *version);
gboolean galley_contents_is_shared (const GalleyContents *self, const GalleyEntity *entity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyContents, galley_contents_unref)

G_END_DECLS
