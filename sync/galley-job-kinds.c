/* galley-job-kinds.c: which class runs the rows of a kind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-kinds"

#include "sync/galley-job-kinds.h"

#include "sync/galley-compact-job.h"
#include "sync/galley-download-job.h"
#include "sync/galley-flag-job.h"
#include "sync/galley-fleet-job.h"
#include "sync/galley-hello-job.h"
#include "sync/galley-history-job.h"
#include "sync/galley-identity-job.h"
#include "sync/galley-pull-job.h"
#include "sync/galley-push-job.h"
#include "sync/galley-relay-job.h"
#include "sync/galley-snapshot-job.h"
#include "sync/galley-upload-job.h"

/* Asks each class which rows are its own. */
static GType
find_type (const char *kind)
{
  const GType types[] = {
    GALLEY_TYPE_HELLO_JOB,    GALLEY_TYPE_PUSH_JOB,     GALLEY_TYPE_PULL_JOB,
    GALLEY_TYPE_UPLOAD_JOB,   GALLEY_TYPE_DOWNLOAD_JOB, GALLEY_TYPE_COMPACT_JOB,
    GALLEY_TYPE_SNAPSHOT_JOB, GALLEY_TYPE_HISTORY_JOB,  GALLEY_TYPE_IDENTITY_JOB,
    GALLEY_TYPE_RELAY_JOB,    GALLEY_TYPE_FLEET_JOB,    GALLEY_TYPE_FLAG_JOB,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (GTypeClass) klass = g_type_class_ref (types[i]);

      if (g_strcmp0 (((GalleyJobClass *)klass)->kind, kind) == 0)
        return types[i];
    }

  return GALLEY_TYPE_JOB;
}

/**
 * galley_job_kinds_make:
 *
 * Returns: (transfer full): the job for a row; of a kind that is not run here, one that is only
 *   shown
 */
GalleyJob *
galley_job_kinds_make (GalleyJobContext *context, const GalleyJobRow *row)
{
  return galley_job_new (find_type (row->kind), context, row);
}

/**
 * galley_job_kinds_is_run:
 *
 * Returns: whether there is a class that runs jobs of this kind
 */
gboolean
galley_job_kinds_is_run (const char *kind)
{
  return find_type (kind) != GALLEY_TYPE_JOB;
}
