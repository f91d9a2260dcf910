/* galley-fleet-job.h: how all computers are, asked of the server by an administrator who looks at
 * them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job.h"

G_BEGIN_DECLS

/* "1": somebody looks at the computers and has not been answered; and what the server said last. */
#define GALLEY_SETTING_FLEET_WANTED "fleet_wanted"
#define GALLEY_SETTING_FLEET "fleet"

#define GALLEY_TYPE_FLEET_JOB (galley_fleet_job_get_type ())
G_DECLARE_FINAL_TYPE (GalleyFleetJob, galley_fleet_job, GALLEY, FLEET_JOB, GalleyJob)

gboolean galley_fleet_is_wanted (GalleyReader *reader);
gboolean galley_fleet_may_ask (GalleyReader *reader, const GalleyId *person);
/* On the writer thread; @data: unused. */
gboolean galley_fleet_want (GalleyWriter *writer, gpointer data, GError **error);

/* Of one computer, by its own last word. */
typedef struct
{
  GalleyId device;
  guint n_projects;
  guint64 lag; /* how many changes it is behind, in all */
  gboolean differs;
} GalleyFleetLine;

GArray *galley_fleet_read (GalleyReader *reader); /* of GalleyFleetLine */

G_END_DECLS
