/* galley-audit.h: what was changed, from what to what, by whom, and why it is as it is now
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"

G_BEGIN_DECLS

/* What a decision's signature says. */
typedef enum
{
  GALLEY_PROOF_NONE,    /* no decision */
  GALLEY_PROOF_VALID,   /* its device signed this very decision */
  GALLEY_PROOF_INVALID, /* it did not */
  GALLEY_PROOF_UNKNOWN, /* the device's key is not on this computer */
} GalleyProof;

/* One field of one thing got another value. */
typedef struct
{
  const GalleyEdit *edit;      /* of the entry's change */
  const char *element;         /* of a list: which one; of persons a name */
  const GalleyEdit **replaced; /* (owned): what its author had seen there, as far as it is here */
  guint n_replaced;            /* fewer than the edit's own: the rest is not on this computer */
  gboolean stands;             /* nothing has replaced it */
  GalleyProof proof;
  const char *take; /* static (nullable): where a conflict was settled: GalleyTake in words */
  const char *rule; /* static (nullable): and the rule that had held until then */
} GalleyAuditStep;

/* One change. */
typedef struct
{
  const GalleyJournalRow *row; /* of the audit */
  const char *person;          /* of the audit: their name */
  const char *device;          /* of the audit: its name */
  gint64 made_us;
  gint64 shared_us; /* when the server was seen to have it; 0: it was not, or it is not known */
  GArray *steps;    /* of GalleyAuditStep: the edits that were asked for, in their order */
} GalleyAuditEntry;

/* Immutable once read; any thread. */
typedef struct
{
  GPtrArray *entries;   /* of GalleyAuditEntry, newest first */
  gboolean whole;       /* all that was ever there can be said */
  gboolean more;        /* the limit was reached */
  GPtrArray *rows;      /* of GalleyJournalRow: those of the entries, and what they replaced */
  GHashTable *persons;  /* GalleyId → char * */
  GHashTable *devices;  /* GalleyId → char * */
  GHashTable *subjects; /* GalleyId → char *: what the things are called now */
} GalleyAudit;

GalleyAudit *galley_audit_read (GalleyReader *reader,
                                const GalleyJournalFilter *filter,
                                GError **error);
void galley_audit_free (GalleyAudit *self);
const char *galley_audit_get_subject (const GalleyAudit *self, const GalleyId *entity);

char *galley_audit_explain (const GalleyAudit *self,
                            const GalleyEntity *entity,
                            const GalleyFieldSpec *spec,
                            const char *element);

const char *galley_proof_to_string (GalleyProof proof); /* NULL for GALLEY_PROOF_NONE */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyAudit, galley_audit_free)

G_END_DECLS
