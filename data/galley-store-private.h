/* galley-store-private.h: what works on the writer thread, inside the one door
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-applier.h"
#include "data/galley-directory.h"
#include "data/galley-store.h"

G_BEGIN_DECLS

/* Lives on the writer thread, inside a transaction. */
struct _GalleyWriter
{
  GalleyDatabase *db;
  GalleyJournal *journal;
  GalleyApplier *applier;
  const GalleyWorld *world;
  GalleyStore *store;
  GalleyId device; /* own */
  GalleyKey *key;  /* of it */
  guint64 hlc;     /* the last that was given or seen */
  gboolean outbox_moved, jobs_moved, everything_moved, person_moved, identity_moved;
};

gboolean galley_writer_get_person (GalleyWriter *self, GalleyId *person, GError **error);
gboolean galley_writer_commit (GalleyWriter *self,
                               GalleyDraft *draft,
                               GalleyCommitted *committed,
                               GError **error);
guint64 galley_writer_tick (GalleyWriter *self);
void galley_writer_saw_time (GalleyWriter *self, guint64 hlc);

/* What is to be taken back. */
typedef struct
{
  GalleyId project;
  gboolean any_project; /* in which it was done last */
  guint64 seq;          /* that very change; 0: the last one */
  gboolean redo;
} GalleyUndoRequest;

GalleyDraft *galley_undo_make_draft (GalleyWriter *self,
                                     const GalleyUndoRequest *request,
                                     char **what,
                                     GError **error);

/* For the identity: from here on the writer is the device of a new key, if this transaction ends
 * well. */
gboolean galley_store_next_key (GalleyWriter *writer, GError **error);

/* For the replay. */
gboolean galley_store_open_tables (GalleyDatabase *db, GError **error);

GalleyEntity *galley_entity_new (void);
GalleyField *galley_entity_add_field (GalleyEntity *self, guint16 number, const char *element);

GalleyReader *galley_reader_new (const char *folder, const GalleyId *device, GError **error);
GalleyDatabase *galley_reader_get_db (GalleyReader *self);
GalleyJournal *galley_reader_get_journal (GalleyReader *self);
const GalleyId *galley_reader_get_device (GalleyReader *self);
gint64 galley_reader_get_own_device (GalleyReader *self);
gboolean galley_reader_get_person (GalleyReader *self, GalleyId *person, GError **error);

G_END_DECLS
