/* galley-sqlite-author.h: a device whose changes come in, and who they are by
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "server/galley-sqlite-backend-private.h"

G_BEGIN_DECLS

typedef struct
{
  GalleyId id, person;
  gint64 device; /* number */
  guint8 public_key[GALLEY_PUBLIC_KEY_BYTES];
  gboolean may_relay;    /* whether others may bring what it has signed */
  GalleyRole role;       /* of the person in the project */
  GHashTable *names;     /* GalleyId: the person's id and their aliases */
  GHashTable *decisions; /* (nullable) GalleyId: those that these may make; once somebody asks */
  guint64 accepted_seq;  /* of the last of its changes that was accepted */
  guint64 seq;           /* the last of its changes here */
  GalleyHash last;       /* of that */
} GalleyAuthor;

GalleyAuthor *galley_author_load (GalleySqliteBackend *backend,
                                  gint64 project,
                                  const GalleyId *project_id,
                                  const GalleyId *device,
                                  GError **error);
void galley_author_free (GalleyAuthor *author);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyAuthor, galley_author_free)

G_END_DECLS
