/* galley-annotation-model-private.h: what the parts of the model know of one another
 *
 * galley-annotation-model.c: what is in the database, shown; galley-annotation-edits.c: what a
 * person does, saved.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-annotation-model.h"

G_BEGIN_DECLS

struct _GalleyAnnotationModel
{
  GObject parent_instance;

  GalleyStore *store;
  GalleyId item;            /* nil: none */
  GalleyId version;         /* nil: the newest */
  guint64 past_hlc;         /* 0: as the item is now */
  GalleyContents *contents; /* (nullable) */
  GListStore *threads;      /* of GalleyThread, in the order of making */
  GListStore *marks;        /* of GalleyMark */
  GHashTable *thread_of;    /* note → GalleyThread (owned) */
  GHashTable *mark_of;      /* note → GalleyMark (owned) */
  GHashTable *unsaved;      /* note → GPtrArray of GalleyDraft that could not be committed */

  gboolean reading;
  gboolean stale;
  gint64 read_us;
  guint read_source;
  GCancellable *cancellable; /* of what is about the present item */
};

/* galley-annotation-model.c */
void galley_annotation_model_read_again (GalleyAnnotationModel *self);
void galley_annotation_model_show_thread (GalleyAnnotationModel *self, GalleyThread *thread);
void galley_annotation_model_show_mark (GalleyAnnotationModel *self,
                                        const GalleyId *note,
                                        GalleyMark *mark);

G_END_DECLS
