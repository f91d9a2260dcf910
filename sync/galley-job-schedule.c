/* galley-job-schedule.c: which job may start next, and when there will be one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-schedule"

#include "sync/galley-job-schedule.h"

#include "sync/galley-backoff.h"

/* Where one job stands. */
typedef struct
{
  GalleyJob *job; /* of the caller's, who removes it first */
  GSequenceIter *place;
  GType type;
  int priority;
  gint64 created_us;
  guint64 stamp;
  gint64 ripe_us; /* monotonic: when a later try is due; of one that is due, nothing */
} Entry;

struct _GalleyJobSchedule
{
  const GalleyWorld *world;
  GHashTable *entries; /* job to Entry */
  GHashTable *lanes;   /* GType to GSequence of Entry, first the one that starts first */
  GSequence *later;    /* of Entry, by ripe_us */
};

GalleyJobSchedule *
galley_job_schedule_new (const GalleyWorld *world)
{
  GalleyJobSchedule *self = g_new0 (GalleyJobSchedule, 1);

  self->world = world;
  self->entries = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->lanes = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_sequence_free);
  self->later = g_sequence_new (NULL);
  return self;
}

void
galley_job_schedule_free (GalleyJobSchedule *self)
{
  g_hash_table_unref (self->lanes);
  g_sequence_free (self->later);
  g_hash_table_unref (self->entries);
  g_free (self);
}

/* What a person put first; then the oldest. */
static int
compare_turns (gconstpointer a, gconstpointer b, gpointer data)
{
  const Entry *left = a, *right = b;

  if (left->priority != right->priority)
    return left->priority > right->priority ? -1 : 1;
  if (left->created_us != right->created_us)
    return left->created_us < right->created_us ? -1 : 1;

  return left->stamp < right->stamp ? -1 : left->stamp > right->stamp;
}

static int
compare_times (gconstpointer a, gconstpointer b, gpointer data)
{
  const Entry *left = a, *right = b;

  if (left->ripe_us != right->ripe_us)
    return left->ripe_us < right->ripe_us ? -1 : 1;

  return compare_turns (a, b, NULL);
}

static GSequence *
get_lane (GalleyJobSchedule *self, GType type)
{
  GSequence *lane = g_hash_table_lookup (self->lanes, GSIZE_TO_POINTER (type));

  if (lane == NULL)
    {
      lane = g_sequence_new (NULL);
      g_hash_table_insert (self->lanes, GSIZE_TO_POINTER (type), lane);
    }
  return lane;
}

static void
stand_in_lane (GalleyJobSchedule *self, Entry *entry)
{
  entry->ripe_us = 0;
  entry->place = g_sequence_insert_sorted (get_lane (self, entry->type), entry, compare_turns,
                                           NULL);
}

/* A clock that was set back must not put a try off for years. */
static gint64
get_delay_us (GalleyJobSchedule *self, const GalleyJobRow *row)
{
  return CLAMP (row->next_attempt_us - galley_world_now_us (self->world), 0,
                (gint64)GALLEY_BACKOFF_CAP_MS * 1000);
}

/**
 * galley_job_schedule_remove:
 *
 * Before @job goes.
 */
void
galley_job_schedule_remove (GalleyJobSchedule *self, GalleyJob *job)
{
  Entry *entry = g_hash_table_lookup (self->entries, job);

  if (entry == NULL)
    return;
  g_sequence_remove (entry->place);
  g_hash_table_remove (self->entries, job);
}

/**
 * galley_job_schedule_place:
 * @stamp: of two that are of the same age, which goes first: the lower
 *
 * Puts the job where its row as it is now belongs. Only what has a row on disk may start: nothing
 * else could be found again after a crash.
 */
void
galley_job_schedule_place (GalleyJobSchedule *self, GalleyJob *job, guint64 stamp)
{
  const GalleyJobRow *row = galley_job_get_row (job);
  gboolean later = row->state == GALLEY_JOB_WAITING && row->next_attempt_us > 0;
  Entry *entry;

  galley_job_schedule_remove (self, job);
  if (row->id == 0 || !galley_job_can_run (job) || (row->state != GALLEY_JOB_QUEUED && !later))
    return;

  entry = g_new0 (Entry, 1);
  entry->job = job;
  entry->type = G_OBJECT_TYPE (job);
  entry->priority = row->priority;
  entry->created_us = row->created_us;
  entry->stamp = stamp;
  g_hash_table_insert (self->entries, job, entry);
  if (!later)
    return stand_in_lane (self, entry);

  entry->ripe_us = galley_world_monotonic_us (self->world) + get_delay_us (self, row);
  entry->place = g_sequence_insert_sorted (self->later, entry, compare_times, NULL);
}

/* Returns: (transfer none) (nullable): the one that is due soonest */
static Entry *
get_soonest (GalleyJobSchedule *self)
{
  GSequenceIter *first = g_sequence_get_begin_iter (self->later);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

/* By either clock: one stands still while the computer sleeps, the other one may be set. */
static gint64
get_rest_us (GalleyJobSchedule *self, const Entry *entry)
{
  gint64 rest_us = entry->ripe_us - galley_world_monotonic_us (self->world);

  return CLAMP (MIN (rest_us, get_delay_us (self, galley_job_get_row (entry->job))), 0,
                (gint64)GALLEY_BACKOFF_CAP_MS * 1000);
}

/**
 * galley_job_schedule_ripen:
 *
 * Those whose time has come stand in their lanes from now on.
 */
void
galley_job_schedule_ripen (GalleyJobSchedule *self)
{
  Entry *entry;

  while ((entry = get_soonest (self)) != NULL && get_rest_us (self, entry) == 0)
    {
      g_sequence_remove (entry->place);
      stand_in_lane (self, entry);
    }
}

/* Returns: (transfer none) (nullable): the first of a lane that may start */
static Entry *
find_in_lane (GSequence *lane, GalleyJobAskVerdict verdict, gpointer data)
{
  GSequenceIter *iter = g_sequence_get_begin_iter (lane);

  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    {
      Entry *entry = g_sequence_get (iter);
      GalleyJobVerdict said = verdict (entry->job, data);

      if (said == GALLEY_JOB_MAY_START)
        return entry;
      if (said == GALLEY_JOB_LANE_FULL)
        return NULL;
    }

  return NULL;
}

/**
 * galley_job_schedule_next:
 * @verdict: asked of each lane's first job, and of those behind it only as long as they stay
 *
 * Returns: (transfer none) (nullable): the job whose turn it is; it stands there until its row says
 *   something else
 */
GalleyJob *
galley_job_schedule_next (GalleyJobSchedule *self, GalleyJobAskVerdict verdict, gpointer data)
{
  Entry *first = NULL;
  GHashTableIter iter;
  gpointer lane;

  g_hash_table_iter_init (&iter, self->lanes);
  while (g_hash_table_iter_next (&iter, NULL, &lane))
    {
      Entry *entry = find_in_lane (lane, verdict, data);

      if (entry != NULL && (first == NULL || compare_turns (entry, first, NULL) < 0))
        first = entry;
    }

  return first != NULL ? first->job : NULL;
}

/**
 * galley_job_schedule_get_delay_us:
 *
 * Returns: in how many microseconds there is one more that may start; -1: not by itself
 */
gint64
galley_job_schedule_get_delay_us (GalleyJobSchedule *self)
{
  const Entry *soonest = get_soonest (self);

  return soonest != NULL ? get_rest_us (self, soonest) : -1;
}

/**
 * galley_job_schedule_is_tried_soon:
 * @max_attempts: a job that has failed more often in a row does not count
 *
 * Returns: whether something waits for its time, and for nothing else; what has time until there is
 *   nothing else to do does not count
 */
gboolean
galley_job_schedule_is_tried_soon (GalleyJobSchedule *self, guint max_attempts)
{
  GHashTableIter iter;
  gpointer job;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &job, NULL))
    {
      const GalleyJobRow *row = galley_job_get_row (job);

      if (row->state == GALLEY_JOB_WAITING && row->waiting_for == GALLEY_WAIT_TIME &&
          row->attempts <= max_attempts && !galley_job_is_background (job))
        return TRUE;
    }

  return FALSE;
}
