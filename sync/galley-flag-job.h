/* galley-flag-job.h: switches something on a part of all computers, for an administrator
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-fleet.h"
#include "sync/galley-job.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_FLAG_JOB (galley_flag_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyFlagJob, galley_flag_job, GALLEY, FLAG_JOB, GalleyJob)

/* What somebody wants to be so. */
typedef struct
{
  char *flag;
  GalleyFleetShare share;
  gint64 seen;  /* of its flag and role: see galley_fleet_flag_get_last() */
  char *reason; /* for whoever looks later */
} GalleyFlagOrder;

GalleyFlagOrder *galley_flag_order_new (const char *flag,
                                        GalleyFleetShare share,
                                        gint64 seen,
                                        const char *reason);
void galley_flag_order_free (GalleyFlagOrder *order);
/* On the writer thread; @order: a GalleyFlagOrder. */
gboolean galley_flag_order_write (GalleyWriter *writer, gpointer order, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFlagOrder, galley_flag_order_free)

G_END_DECLS
