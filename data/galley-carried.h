/* galley-carried.h: what a device gives another one by hand, and what of that came here
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-directory.h"
#include "data/galley-outbox.h"
#include "data/galley-stream.h"

G_BEGIN_DECLS

/* ── on a reader ── */

/* Each device's chain in a project, as far as it is here. */
typedef struct
{
  GalleySignedTip tip; /* of the last change or gap */
  gboolean is_signed;  /* its device's signature over that very one is here; not of the own one */
} GalleyCarriedChain;

GArray *galley_carried_list_chains (GalleyReader *reader,
                                    const GalleyId *project,
                                    GError **error); /* of GalleyCarriedChain */
GArray *galley_carried_list_vouched (GalleyReader *reader,
                                     const GalleyId *project,
                                     GError **error); /* of GalleyCarriedChain */
gboolean galley_carried_find_hash (GalleyReader *reader,
                                   const GalleyId *project,
                                   const GalleyRef *ref,
                                   GalleyHash *hash,
                                   gboolean *known,
                                   GError **error);

/* A change, or of a refused one the hash alone. Good until the next call. */
typedef struct
{
  GalleyChainLink link;
  GalleyChange *change; /* (nullable) */
} GalleyCarriedLink;

/* Everything of a project in an order in which nothing comes before what it stands on. */
typedef struct _GalleyCarriedCursor GalleyCarriedCursor;

GalleyCarriedCursor *galley_carried_cursor_new (GalleyReader *reader,
                                                const GalleyId *project,
                                                const GArray *vouched,
                                                const GArray *except,
                                                GError **error);
void galley_carried_cursor_free (GalleyCarriedCursor *self);
/* 1: a link; 0: no more; -1: @error is set */
int galley_carried_cursor_next (GalleyCarriedCursor *self, GalleyCarriedLink *link, GError **error);

/* ── on the writer thread ── */

/* Persons and devices of whom a bundle tells; what a server has said of them stays. */
gboolean galley_carried_meet_person (GalleyWriter *writer,
                                     const GalleyPerson *person,
                                     GError **error);
gboolean galley_carried_meet_alias (GalleyWriter *writer,
                                    const GalleyId *alias,
                                    const GalleyId *person,
                                    GError **error);
gboolean galley_carried_meet_device (GalleyWriter *writer,
                                     const GalleyDevice *device,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyCarriedCursor, galley_carried_cursor_free)

G_END_DECLS
