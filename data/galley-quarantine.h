/* galley-quarantine.h: own changes that the server refused, and what their person does about them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* A refused change stays in the journal, out of the shared state. */
typedef struct
{
  GalleyId project;
  GalleyRef ref;
  GalleyChange *change;
  char *code;
  char *message;    /* why: a sentence */
  char *act;        /* (nullable): what was done last: "resent", "discarded", "restored" */
  GalleyRef resent; /* as what it was sent again; seq 0: it was not */
} GalleyRefused;

void galley_refused_free (GalleyRefused *refused);

/* ── on a reader ── */

GPtrArray *galley_quarantine_list (GalleyReader *reader, gboolean all, GError **error);
gboolean galley_quarantine_count (GalleyReader *reader,
                                  const GalleyId *project,
                                  guint64 *n_open,
                                  GError **error);

/* ── on the writer thread ── */

gboolean galley_quarantine_resend (GalleyWriter *writer,
                                   const GalleyId *project,
                                   const GalleyRef *ref,
                                   GalleyRef *made,
                                   GError **error);
gboolean galley_quarantine_discard (GalleyWriter *writer,
                                    const GalleyId *project,
                                    const GalleyRef *ref,
                                    gboolean discard,
                                    GError **error);
gboolean galley_quarantine_adopt (GalleyWriter *writer,
                                  GalleyChange *change,
                                  GalleyRef *made,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyRefused, galley_refused_free)

G_END_DECLS
