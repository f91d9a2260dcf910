/* galley-store.h: one workspace's database: the one door for local edits and for received ones
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"
#include "data/galley-draft.h"
#include "data/galley-key.h"
#include "data/galley-reader.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_STORE (galley_store_get_type ())
G_DECLARE_FINAL_TYPE (GalleyStore, galley_store, GALLEY, STORE, GObject)

/* signals, on the main context of the thread that opened the store, at most once a main loop turn:
 *   "changed" (GalleyTouched *what)  entities, jobs or status are different from before, whether
 *                                    this process or another one did it
 *   "damaged" (char *message)        something could not be read or written because the database
 *                                    is damaged; a replay may help
 */

/* What differs since the last signal. */
typedef struct
{
  GArray *entities;    /* of GalleyTouchedEntity, each once; empty with everything = TRUE */
  gboolean everything; /* too much to list: load again what is on screen */
  gboolean outbox;     /* own changes wait, or were accepted */
  gboolean jobs;
  gboolean conflicts;
} GalleyTouched;

typedef struct
{
  GalleyId entity;
  GalleyId owner; /* the item it belongs to, itself for an item; nil for others */
  guint8 kind;
} GalleyTouchedEntity;

typedef enum
{
  GALLEY_STORE_CREATE = 1 << 0, /* make it when it is not there */
  GALLEY_STORE_QUIET = 1 << 1,  /* no signal and no watch on other processes: the command line */
} GalleyStoreFlags;

GalleyStore *galley_store_open (const char *folder,
                                GalleyStoreFlags flags,
                                const GalleyWorld *world,
                                GError **error);
void galley_store_close (GalleyStore *self);

const char *galley_store_get_folder (GalleyStore *self);
const GalleyId *galley_store_get_device (GalleyStore *self);
void galley_store_get_person (GalleyStore *self, GalleyId *person); /* any thread */
GalleyKey *galley_store_get_key (GalleyStore *self);
const GalleyWorld *galley_store_get_world (GalleyStore *self);

/* Local edits. The change is on disk when the operation ends well. */
typedef struct
{
  GalleyRef ref;
  GalleyHash hash;
  GalleyId project;
} GalleyCommitted;

void galley_store_commit_async (GalleyStore *self,
                                GalleyDraft *draft,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean galley_store_commit_finish (GalleyStore *self,
                                     GAsyncResult *result,
                                     GalleyCommitted *committed,
                                     GError **error);
gboolean galley_store_commit (GalleyStore *self,
                              GalleyDraft *draft,
                              GalleyCommitted *committed,
                              GError **error);
gboolean galley_store_commit_many (GalleyStore *self,
                                   GPtrArray *drafts,
                                   GalleyCommitted *committed,
                                   GError **error);

/* Undo and redo of the last own change, or undo of a certain one, as a new change. */
void galley_store_undo_async (GalleyStore *self,
                              const GalleyId *project,
                              gboolean redo,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
void galley_store_undo_change_async (GalleyStore *self,
                                     const GalleyId *project,
                                     guint64 seq,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean galley_store_undo_finish (GalleyStore *self,
                                   GAsyncResult *result,
                                   GalleyCommitted *committed,
                                   char **what,
                                   GError **error);

/* Any other work on the writer thread, in its own transaction: rows of jobs, positions, accounts.
 * See galley-outbox.h, galley-job-table.h and galley-directory.h for what may be done there. */
typedef struct _GalleyWriter GalleyWriter;
typedef gboolean (*GalleyStoreFunc) (GalleyWriter *writer, gpointer data, GError **error);

void galley_store_write_async (GalleyStore *self,
                               GalleyStoreFunc func,
                               gpointer data,
                               GDestroyNotify free_data,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean galley_store_write_finish (GalleyStore *self, GAsyncResult *result, GError **error);
gboolean galley_store_write (GalleyStore *self,
                             GalleyStoreFunc func,
                             gpointer data,
                             GError **error);

/* Reading, on the store's reader thread; the result is the function's own and is freed with
 * @free_result when nobody takes it. */
typedef gpointer (*GalleyReadFunc) (GalleyReader *reader, gpointer data, GError **error);

void galley_store_read_async (GalleyStore *self,
                              GalleyReadFunc func,
                              gpointer data,
                              GDestroyNotify free_data,
                              GDestroyNotify free_result,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gpointer galley_store_read_finish (GalleyStore *self, GAsyncResult *result, GError **error);
/* A reader for the calling thread: the command line, the sync service's own thread, tests. */
GalleyReader *galley_store_open_reader (GalleyStore *self, GError **error);
/* One for a moment, from any thread: opening one costs more than most questions. */
GalleyReader *galley_store_borrow_reader (GalleyStore *self, GError **error);
void galley_store_return_reader (GalleyStore *self, GalleyReader *reader);

G_END_DECLS
