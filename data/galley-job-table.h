/* galley-job-table.h: the rows of jobs: all work that is not an edit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

typedef enum
{
  GALLEY_JOB_QUEUED,
  GALLEY_JOB_RUNNING,
  GALLEY_JOB_WAITING, /* for what waiting_for says */
  GALLEY_JOB_PAUSED,
  GALLEY_JOB_DONE,
  GALLEY_JOB_FAILED,
  GALLEY_JOB_CANCELLED,
} GalleyJobState;

typedef enum
{
  GALLEY_WAIT_NONE,
  GALLEY_WAIT_NETWORK,
  GALLEY_WAIT_SIGN_IN,
  GALLEY_WAIT_TIME, /* until next_attempt_us */
  GALLEY_WAIT_JOB,
  GALLEY_WAIT_PERSON,
} GalleyJobWait;

typedef enum
{
  GALLEY_JOB_LATER = -1,
  GALLEY_JOB_NORMAL = 0,
  GALLEY_JOB_FIRST = 1,
} GalleyJobPriority;

typedef struct
{
  gint64 id;        /* of the row; 0 before it is stored */
  char *kind;       /* push pull upload download thumbnail replay … */
  GalleyId project; /* nil when it is about the workspace */
  char *subject;    /* (nullable): what within the project: a file's hash, an item's id */
  char *title;      /* for people, in the language it was made in */
  char *cause;      /* (nullable): "because you approved cover.pdf" */
  GalleyJobState state;
  GalleyJobWait waiting_for;
  guint64 done;  /* of total, in the unit */
  guint64 total; /* 0: not known yet */
  char *unit;    /* "changes", "bytes", "files" */
  guint attempts;
  int priority;           /* a GalleyJobPriority */
  gint64 next_attempt_us; /* microseconds since 1970 UTC; 0: none */
  char *error;            /* (nullable): of the last attempt, a sentence */
  gint64 created_us;
  gint64 updated_us;
} GalleyJobRow;

typedef struct
{
  gint64 at_us;
  char *text;
} GalleyJobEvent;

GalleyJobRow *galley_job_row_new (void);
GalleyJobRow *galley_job_row_copy (const GalleyJobRow *row);
void galley_job_row_free (GalleyJobRow *row);
const char *galley_job_state_to_string (GalleyJobState state);
gboolean galley_job_state_parse (const char *text, GalleyJobState *state);
const char *galley_job_wait_to_string (GalleyJobWait wait);

/* writer thread */
gboolean galley_job_table_save (GalleyWriter *writer, GalleyJobRow *row, GError **error);
gboolean galley_job_table_add_event (GalleyWriter *writer,
                                     gint64 job,
                                     const char *text,
                                     GError **error);
gboolean galley_job_table_requeue_running (GalleyWriter *writer, gboolean errands, GError **error);
/* What a person asked of a job, also from another process; the sync service takes it up. */
typedef enum
{
  GALLEY_JOB_ASK_NONE,
  GALLEY_JOB_ASK_PAUSE,
  GALLEY_JOB_ASK_RESUME,
  GALLEY_JOB_ASK_RETRY,
  GALLEY_JOB_ASK_CANCEL,
  GALLEY_JOB_ASK_FIRST,
  GALLEY_JOB_ASK_LATER,
  GALLEY_JOB_ASK_NORMAL,
} GalleyJobAsk;
gboolean galley_job_table_ask (GalleyWriter *writer, gint64 job, GalleyJobAsk ask, GError **error);
gboolean galley_job_table_cancel_like (GalleyWriter *writer,
                                       const char *kind,
                                       const char *prefix,
                                       GError **error);
gboolean galley_job_table_clear_asks (GalleyWriter *writer, gint64 up_to_ask, GError **error);

/* reader */
GPtrArray *galley_job_table_list (GalleyReader *reader,
                                  const char *state,
                                  guint limit,
                                  GError **error);
GPtrArray *galley_job_table_list_over (GalleyReader *reader,
                                       gint64 before,
                                       guint limit,
                                       GError **error);
GalleyJobRow *galley_job_table_get (GalleyReader *reader, gint64 id, GError **error);
GalleyJobRow *galley_job_table_find_open (GalleyReader *reader,
                                          const char *kind,
                                          const GalleyId *project,
                                          const char *subject,
                                          GError **error);
GPtrArray *galley_job_table_get_events (GalleyReader *reader, gint64 id, GError **error);
typedef struct
{
  gint64 id; /* of the request */
  gint64 job;
  GalleyJobAsk ask;
} GalleyJobRequest;
GArray *galley_job_table_get_asks (GalleyReader *reader, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyJobRow, galley_job_row_free)

G_END_DECLS
