/* galley-repair.h: what can be done when something is wrong, each with a preview, a way to stop it
 * and a record
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-checkup.h"

G_BEGIN_DECLS

/* In the order in which they are offered: the later, the more it changes. None destroys anything
 * that is not elsewhere. */
typedef enum
{
  GALLEY_REPAIR_VERIFY,       /* looks at everything, changes nothing */
  GALLEY_REPAIR_BACKUP,       /* makes a backup now */
  GALLEY_REPAIR_COMPARE,      /* a replay, thrown away after it was compared */
  GALLEY_REPAIR_REPLAY,       /* what is shown is made again, with its search index */
  GALLEY_REPAIR_FETCH_FILES,  /* missing and damaged files come again */
  GALLEY_REPAIR_SEND_FILES,   /* the server is asked for every file, and sent what it lacks */
  GALLEY_REPAIR_NEW_IDENTITY, /* another device on the server */
  GALLEY_N_REPAIRS,
} GalleyRepair;

const char *galley_repair_get_name (GalleyRepair repair);    /* for machines */
const char *galley_repair_get_title (GalleyRepair repair);   /* for people, an order */
const char *galley_repair_get_preview (GalleyRepair repair); /* what it will do, in sentences */
gboolean galley_repair_parse (const char *name, GalleyRepair *repair);

typedef struct
{
  gint64 job;          /* the number of its row */
  char *result;        /* what came of it, in a sentence or two */
  GPtrArray *findings; /* (nullable): of text: what is not as it should be, a sentence each */
} GalleyRepairReport;

gboolean galley_repair_run (GalleyRepair repair,
                            GalleyStore *store,
                            GCancellable *cancellable,
                            GalleyRepairReport *report,
                            GError **error);
void galley_repair_run_async (GalleyRepair repair,
                              GalleyStore *store,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean galley_repair_run_finish (GAsyncResult *result,
                                   GalleyRepairReport *report,
                                   GError **error);
void galley_repair_report_clear (GalleyRepairReport *report);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyRepairReport, galley_repair_report_clear)

G_END_DECLS
