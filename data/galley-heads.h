/* galley-heads.h: the heads of a field: reading them, and their part in the digest
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-journal.h"
#include "data/galley-merge.h"

G_BEGIN_DECLS

/* Private to the data layer. */
GArray *galley_heads_list (GalleyJournal *journal,
                           gint64 entity,
                           guint16 field,
                           const char *element,
                           GError **error); /* GalleyHead */
gboolean galley_heads_complete (GalleyJournal *journal,
                                gint64 project,
                                GArray *heads,
                                GError **error);

/* Whom an item is assigned to. */
gboolean galley_heads_list_assignees (GalleyDatabase *db,
                                      gint64 item,
                                      GArray *persons, /* GalleyId */
                                      GError **error);

/* Of derived_head h: those of the entity ?1 and of what belongs to it; ?2 is the item that it is or
 * belongs to, 0 for none, and ?3 its project. */
#define GALLEY_HEADS_OF_WHOLE                                                                      \
  "(h.entity = ?1 OR h.entity IN (SELECT number FROM derived_entity"                               \
  "  WHERE owner = ?2 AND owner <> 0 AND (owner = ?1 OR parent = ?1) UNION ALL"                    \
  "  SELECT number FROM derived_entity WHERE ?2 = 0 AND owner = 0 AND project = ?3"                \
  "  AND parent = ?1))"

/* The digest: lanes of 64 bits, little-endian, in which every head counts once. */
typedef struct
{
  guint64 lanes[4];
  gint64 n_heads;
} GalleyDigest;

void galley_digest_add (GalleyDigest *digest,
                        const GalleyId *entity,
                        guint16 field,
                        const char *element,
                        const GalleyRef *ref);
void galley_digest_subtract (GalleyDigest *digest,
                             const GalleyId *entity,
                             guint16 field,
                             const char *element,
                             const GalleyRef *ref);
void galley_digest_to_hash (const GalleyDigest *digest, GalleyHash *out);
gboolean galley_digest_load (GalleyDatabase *db,
                             gint64 project,
                             GalleyDigest *digest,
                             GError **error);
gboolean galley_digest_save (GalleyDatabase *db,
                             gint64 project,
                             const GalleyDigest *digest,
                             GError **error);

G_END_DECLS
