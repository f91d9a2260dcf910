/* galley-errand.h: a job that the program runs itself which was asked for it, with its row on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-job-table.h"

G_BEGIN_DECLS

/* Belongs to the thread that does the work, which may block. Other programs see its row among the
 * jobs of the workspace, and can cancel it there. */
typedef struct _GalleyErrand GalleyErrand;

GalleyErrand *galley_errand_begin (GalleyStore *store,
                                   const char *kind,
                                   const GalleyId *project,
                                   const char *subject,
                                   const char *title,
                                   const char *unit,
                                   GCancellable *cancellable,
                                   GError **error);
void galley_errand_end (GalleyErrand *self, const char *result, const GError *error);

GCancellable *galley_errand_get_cancellable (GalleyErrand *self);
gboolean galley_errand_note (GalleyErrand *self, const char *text, GError **error);
gint64 galley_errand_get_id (GalleyErrand *self);
/* Has the form of a function for progress; @errand is a GalleyErrand. */
void galley_errand_progress (guint64 done, guint64 total, gpointer errand);

G_END_DECLS
