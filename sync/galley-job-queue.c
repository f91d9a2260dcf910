/* galley-job-queue.c: the jobs of a workspace, open and recent, and their rows on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-queue"

#include "sync/galley-job-queue.h"

#include "sync/galley-job-kinds.h"

/* Jobs that are over and still listed; the table itself keeps more. */
#define MAX_OVER 200
/* Progress goes to the disk this often, for the other processes of the workspace. */
#define SAVE_PROGRESS_US (3 * G_USEC_PER_SEC)

struct _GalleyJobQueue
{
  GObject parent_instance;

  GalleyJobContext *context;
  GPtrArray *jobs;          /* of GalleyJob, as they are listed */
  GHashTable *saving;       /* job to Saving: its row is being written */
  GHashTable *unsaved;      /* job to events: the disk has not taken how it is now */
  gint64 progress_saved_us; /* monotonic: of any job */
  GError *write_error;      /* (nullable): why the last new job has no row */
};

/* What has gathered for a job while its row is being written. */
typedef struct
{
  GPtrArray *events; /* of text */
  gboolean dirty;
} Saving;

enum
{
  SIGNAL_SAVED,
  SIGNAL_SETTLED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void galley_job_queue_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyJobQueue,
                               galley_job_queue,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      galley_job_queue_list_model_init))

static GType
get_item_type (GListModel *model)
{
  return GALLEY_TYPE_JOB;
}

static guint
get_n_items (GListModel *model)
{
  return GALLEY_JOB_QUEUE (model)->jobs->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GalleyJobQueue *self = GALLEY_JOB_QUEUE (model);

  return position < self->jobs->len ? g_object_ref (self->jobs->pdata[position]) : NULL;
}

static void
galley_job_queue_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
saving_free (gpointer data)
{
  Saving *saving = data;

  g_ptr_array_unref (saving->events);
  g_free (saving);
}

static void
galley_job_queue_finalize (GObject *object)
{
  GalleyJobQueue *self = GALLEY_JOB_QUEUE (object);

  g_ptr_array_unref (self->jobs);
  g_hash_table_unref (self->saving);
  g_hash_table_unref (self->unsaved);
  g_clear_error (&self->write_error);
  g_clear_pointer (&self->context, galley_job_context_unref);
  G_OBJECT_CLASS (galley_job_queue_parent_class)->finalize (object);
}

static void
galley_job_queue_class_init (GalleyJobQueueClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_job_queue_finalize;

  signals[SIGNAL_SAVED] = g_signal_new ("saved", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, GALLEY_TYPE_JOB);
  signals[SIGNAL_SETTLED] = g_signal_new ("settled", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_job_queue_init (GalleyJobQueue *self)
{
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  self->saving = g_hash_table_new_full (NULL, NULL, g_object_unref, saving_free);
  self->unsaved = g_hash_table_new_full (NULL, NULL, g_object_unref,
                                         (GDestroyNotify)g_ptr_array_unref);
}

GalleyJobQueue *
galley_job_queue_new (GalleyJobContext *context)
{
  GalleyJobQueue *self = g_object_new (GALLEY_TYPE_JOB_QUEUE, NULL);

  self->context = galley_job_context_ref (context);
  return self;
}

/* Where a job is listed: lower first. */
static guint
get_rank (GalleyJob *job)
{
  switch (galley_job_get_state (job))
    {
    case GALLEY_JOB_RUNNING:
      return 0;
    case GALLEY_JOB_FAILED:
      return 1;
    case GALLEY_JOB_QUEUED:
    case GALLEY_JOB_WAITING:
    case GALLEY_JOB_PAUSED:
      return 2;
    case GALLEY_JOB_DONE:
    case GALLEY_JOB_CANCELLED:
    default:
      return 3;
    }
}

static gboolean
comes_before (GalleyJob *a, GalleyJob *b)
{
  guint rank_a = get_rank (a), rank_b = get_rank (b);
  gint64 a_us = galley_job_get_row (a)->created_us, b_us = galley_job_get_row (b)->created_us;

  return rank_a != rank_b ? rank_a < rank_b : a_us >= b_us;
}

static void
insert_sorted (GalleyJobQueue *self, GalleyJob *job)
{
  guint position = 0;

  while (position < self->jobs->len && !comes_before (job, self->jobs->pdata[position]))
    position++;
  g_ptr_array_insert (self->jobs, position, g_object_ref (job));
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, 1);
}

static gboolean
is_in_place (GalleyJobQueue *self, guint position)
{
  GalleyJob *job = self->jobs->pdata[position];

  if (position > 0 && !comes_before (self->jobs->pdata[position - 1], job))
    return FALSE;

  return position + 1 >= self->jobs->len || comes_before (job, self->jobs->pdata[position + 1]);
}

static void
job_state_changed_cb (GalleyJob *job, GParamSpec *pspec, GalleyJobQueue *self)
{
  g_autoptr (GalleyJob) kept = g_object_ref (job);
  guint position;

  if (!g_ptr_array_find (self->jobs, job, &position) || is_in_place (self, position))
    return;

  g_ptr_array_remove_index (self->jobs, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
  insert_sorted (self, kept);
}

static void
job_progress_cb (GalleyJob *job, GParamSpec *pspec, GalleyJobQueue *self)
{
  gint64 now_us = galley_world_monotonic_us (galley_job_context_get_world (self->context));

  if (galley_job_get_state (job) != GALLEY_JOB_RUNNING ||
      now_us - self->progress_saved_us < SAVE_PROGRESS_US)
    return;

  self->progress_saved_us = now_us;
  for (guint i = 0; i < self->jobs->len; i++)
    if (galley_job_get_state (self->jobs->pdata[i]) == GALLEY_JOB_RUNNING)
      galley_job_queue_save (self, self->jobs->pdata[i], NULL);
}

/* The list keeps a bounded number of jobs that are over; they stand at its end, oldest last. */
static void
drop_oldest (GalleyJobQueue *self)
{
  guint n_over = 0;

  for (guint i = 0; i < self->jobs->len; i++)
    n_over += galley_job_get_state (self->jobs->pdata[i]) == GALLEY_JOB_DONE ||
              galley_job_get_state (self->jobs->pdata[i]) == GALLEY_JOB_CANCELLED;

  for (; n_over > MAX_OVER; n_over--)
    {
      guint last = self->jobs->len - 1;

      g_signal_handlers_disconnect_by_data (self->jobs->pdata[last], self);
      g_ptr_array_remove_index (self->jobs, last);
      g_list_model_items_changed (G_LIST_MODEL (self), last, 1, 0);
    }
}

static GalleyJob *
take_in (GalleyJobQueue *self, const GalleyJobRow *row)
{
  g_autoptr (GalleyJob) job = galley_job_kinds_make (self->context, row);

  g_signal_connect_object (job, "notify::state", G_CALLBACK (job_state_changed_cb), self, 0);
  g_signal_connect_object (job, "notify::done", G_CALLBACK (job_progress_cb), self, 0);
  insert_sorted (self, job);
  drop_oldest (self);
  return job;
}

/**
 * galley_job_queue_add:
 * @row: with id 0; its times are set here
 *
 * Lists a new job and writes its row; it may run once that is on disk ("saved").
 *
 * Returns: (transfer none): the job
 */
GalleyJob *
galley_job_queue_add (GalleyJobQueue *self, const GalleyJobRow *row)
{
  g_autoptr (GalleyJobRow) stamped = galley_job_row_copy (row);
  GalleyJob *job;

  g_return_val_if_fail (GALLEY_IS_JOB_QUEUE (self), NULL);
  g_return_val_if_fail (row->id == 0, NULL);

  stamped->created_us = galley_world_now_us (galley_job_context_get_world (self->context));
  stamped->updated_us = stamped->created_us;
  job = take_in (self, stamped);
  galley_job_queue_save (self, job, row->cause);
  return job;
}

/* A row can be read back before its job has heard of its number; then it is not another job. */
static gboolean
is_being_made (GalleyJobQueue *self, const GalleyJobRow *row)
{
  GHashTableIter iter;
  gpointer job;

  g_hash_table_iter_init (&iter, self->saving);
  while (g_hash_table_iter_next (&iter, &job, NULL))
    if (galley_job_get_id (job) == 0 &&
        galley_job_matches (job, row->kind, &row->project, row->subject))
      return TRUE;

  return FALSE;
}

/**
 * galley_job_queue_merge_rows:
 * @rows: of GalleyJobRow, as they are on disk
 * @overwrite: whether the disk knows better than the jobs that are listed: when another process
 *   runs them, or did until now. What is just being written here is newer all the same
 */
void
galley_job_queue_merge_rows (GalleyJobQueue *self, GPtrArray *rows, gboolean overwrite)
{
  g_return_if_fail (GALLEY_IS_JOB_QUEUE (self));

  for (guint i = 0; i < rows->len; i++)
    {
      const GalleyJobRow *row = rows->pdata[i];
      GalleyJob *job = galley_job_queue_get_by_id (self, row->id);

      if (job == NULL && !is_being_made (self, row))
        take_in (self, row);
      else if (job != NULL && (overwrite || !galley_job_can_run (job)) &&
               !g_hash_table_contains (self->saving, job))
        {
          g_hash_table_remove (self->unsaved, job);
          galley_job_set_row (job, row);
        }
    }
}

/* What goes to the writer thread. */
typedef struct
{
  GalleyJobQueue *queue;
  GalleyJob *job;
  GalleyJobRow *row;
  gint64 known_id; /* 0: it has no row yet */
  GPtrArray *events;
} SaveWork;

static void
save_work_free (SaveWork *work)
{
  g_object_unref (work->queue);
  g_object_unref (work->job);
  galley_job_row_free (work->row);
  g_ptr_array_unref (work->events);
  g_free (work);
}

/* writer thread */
static gboolean
write_row (GalleyWriter *writer, gpointer data, GError **error)
{
  SaveWork *work = data;

  /* An attempt that was rolled back has left the number of a row that is not there. */
  work->row->id = work->known_id;
  if (!galley_job_table_save (writer, work->row, error))
    return FALSE;

  for (guint i = 0; i < work->events->len; i++)
    if (!galley_job_table_add_event (writer, work->row->id, work->events->pdata[i], error))
      return FALSE;

  return TRUE;
}

static void start_saving (GalleyJobQueue *self, GalleyJob *job, Saving *saving);

/* Without a row a job is not started: it could not be found again. So that is shown. How one goes
 * on that has a row is written later: else the row said for ever that it runs. */
static void
take_write_error (GalleyJobQueue *self, GalleyJob *job, GPtrArray *events, const GError *error)
{
  g_warning ("A job could not be written down: %s", error->message);
  if (galley_job_get_id (job) != 0)
    {
      g_hash_table_insert (self->unsaved, g_object_ref (job), g_ptr_array_ref (events));
      return;
    }

  g_clear_error (&self->write_error);
  self->write_error = g_error_copy (error);
  if (galley_job_get_state (job) == GALLEY_JOB_QUEUED)
    galley_job_set_state (job, GALLEY_JOB_QUEUED, GALLEY_WAIT_NONE, 0, error->message);
}

static void
row_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SaveWork *work = user_data;
  GalleyJobQueue *self = work->queue;
  Saving *saving = g_hash_table_lookup (self->saving, work->job);
  gboolean is_new = galley_job_get_id (work->job) == 0;
  g_autoptr (GError) error = NULL;

  if (galley_store_write_finish (GALLEY_STORE (source), result, &error))
    galley_job_set_id (work->job, work->row->id);
  else
    take_write_error (self, work->job, work->events, error);

  if (saving->dirty)
    start_saving (self, work->job, saving);
  else
    g_hash_table_remove (self->saving, work->job);

  if (is_new && error == NULL)
    g_signal_emit (self, signals[SIGNAL_SAVED], 0, work->job);
  if (g_hash_table_size (self->saving) == 0)
    g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
  save_work_free (work);
}

/* One write at a time for a job: a second one before the first has given it an id would make a
 * second row. */
static void
start_saving (GalleyJobQueue *self, GalleyJob *job, Saving *saving)
{
  SaveWork *work = g_new0 (SaveWork, 1);

  work->queue = g_object_ref (self);
  work->job = g_object_ref (job);
  work->row = galley_job_row_copy (galley_job_get_row (job));
  work->known_id = work->row->id;
  work->row->updated_us = galley_world_now_us (galley_job_context_get_world (self->context));
  work->events = g_steal_pointer (&saving->events);
  saving->events = g_ptr_array_new_with_free_func (g_free);
  saving->dirty = FALSE;
  galley_store_write_async (self->context->store, write_row, work, NULL, NULL, row_written_cb,
                            work);
}

/* What the disk did not take of its log goes out with the next words. */
static GPtrArray *
take_unsaved (GalleyJobQueue *self, GalleyJob *job)
{
  GPtrArray *events = g_hash_table_lookup (self->unsaved, job);

  if (events == NULL)
    return g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_ref (events);
  g_hash_table_remove (self->unsaved, job);
  return events;
}

/**
 * galley_job_queue_save:
 * @event: (nullable): a line for the job's log
 *
 * Writes the job's row as it is now. What comes while it is being written goes out together
 * afterwards.
 */
void
galley_job_queue_save (GalleyJobQueue *self, GalleyJob *job, const char *event)
{
  Saving *saving;

  g_return_if_fail (GALLEY_IS_JOB_QUEUE (self));

  saving = g_hash_table_lookup (self->saving, job);
  if (saving != NULL)
    {
      saving->dirty = TRUE;
      if (event != NULL)
        g_ptr_array_add (saving->events, g_strdup (event));
      return;
    }

  saving = g_new0 (Saving, 1);
  saving->events = take_unsaved (self, job);
  if (event != NULL)
    g_ptr_array_add (saving->events, g_strdup (event));
  g_hash_table_insert (self->saving, g_object_ref (job), saving);
  start_saving (self, job, saving);
}

/**
 * galley_job_queue_is_rowless:
 *
 * Returns: whether the job has no row and is not about to get one: the disk did not take it
 */
gboolean
galley_job_queue_is_rowless (GalleyJobQueue *self, GalleyJob *job)
{
  return galley_job_get_id (job) == 0 && !g_hash_table_contains (self->saving, job);
}

/**
 * galley_job_queue_save_missed:
 *
 * Tries again to write down what the disk did not take.
 */
void
galley_job_queue_save_missed (GalleyJobQueue *self)
{
  for (guint i = 0; i < self->jobs->len; i++)
    {
      GalleyJob *job = self->jobs->pdata[i];

      if (galley_job_queue_is_rowless (self, job))
        galley_job_queue_save (self, job, galley_job_get_row (job)->cause);
      else if (g_hash_table_contains (self->unsaved, job))
        galley_job_queue_save (self, job, NULL);
    }
}

/**
 * galley_job_queue_get_write_error:
 *
 * Returns: (transfer none) (nullable): why there is a job without a row; %NULL when there is none
 */
const GError *
galley_job_queue_get_write_error (GalleyJobQueue *self)
{
  for (guint i = 0; i < self->jobs->len; i++)
    if (galley_job_queue_is_rowless (self, self->jobs->pdata[i]))
      return self->write_error;

  return NULL;
}

/**
 * galley_job_queue_is_saving:
 *
 * Returns: whether rows are on their way to the disk
 */
gboolean
galley_job_queue_is_saving (GalleyJobQueue *self)
{
  return g_hash_table_size (self->saving) > 0;
}

guint
galley_job_queue_get_n_jobs (GalleyJobQueue *self)
{
  return self->jobs->len;
}

/**
 * galley_job_queue_get_job:
 *
 * Returns: (transfer none): the job at a position that exists
 */
GalleyJob *
galley_job_queue_get_job (GalleyJobQueue *self, guint position)
{
  g_return_val_if_fail (position < self->jobs->len, NULL);

  return self->jobs->pdata[position];
}

/**
 * galley_job_queue_get_by_id:
 *
 * Returns: (transfer none) (nullable): the job of a row, when it is listed
 */
GalleyJob *
galley_job_queue_get_by_id (GalleyJobQueue *self, gint64 id)
{
  for (guint i = 0; i < self->jobs->len; i++)
    if (galley_job_get_id (self->jobs->pdata[i]) == id)
      return self->jobs->pdata[i];

  return NULL;
}

/**
 * galley_job_queue_find:
 *
 * Returns: (transfer none) (nullable): the newest job for this, open ones before those that are
 * over
 */
GalleyJob *
galley_job_queue_find (GalleyJobQueue *self,
                       const char *kind,
                       const GalleyId *project,
                       const char *subject)
{
  for (guint i = 0; i < self->jobs->len; i++)
    if (galley_job_matches (self->jobs->pdata[i], kind, project, subject))
      return self->jobs->pdata[i];

  return NULL;
}

/* What waits for another computer takes nobody's place. */
static guint
count_open (GalleyJobQueue *self, const char *kind)
{
  guint n_open = 0;

  for (guint i = 0; i < self->jobs->len; i++)
    {
      const GalleyJobRow *row = galley_job_get_row (self->jobs->pdata[i]);

      n_open += galley_job_is_open (self->jobs->pdata[i]) && g_strcmp0 (row->kind, kind) == 0 &&
                row->waiting_for != GALLEY_WAIT_JOB;
    }

  return n_open;
}

static void
start_again (GalleyJobQueue *self, GalleyJob *job, const GalleyJobRow *wanted)
{
  galley_job_set_title (job, wanted->title, wanted->cause);
  galley_job_set_progress (job, 0, wanted->total);
  galley_job_set_attempts (job, 0);
  galley_job_set_state (job, GALLEY_JOB_QUEUED, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self, job, wanted->cause);
}

/**
 * galley_job_queue_want:
 * @wanted: what is to be done, with id 0
 * @max_open: how many open jobs of its kind there may be; 0: any number
 *
 * Sees to it that there is a job for it. One row serves each purpose again and again, so that the
 * list stays one that a person can read; what it did stands in its log. A job that failed stays put
 * until somebody asks; one that a person cancelled, until there is more to do than there was.
 */
void
galley_job_queue_want (GalleyJobQueue *self, const GalleyJobRow *wanted, guint max_open)
{
  GalleyJob *job;

  g_return_if_fail (GALLEY_IS_JOB_QUEUE (self));

  job = galley_job_queue_find (self, wanted->kind, &wanted->project, wanted->subject);
  if (job == NULL)
    {
      if (max_open == 0 || count_open (self, wanted->kind) < max_open)
        galley_job_queue_add (self, wanted);
      return;
    }

  switch (galley_job_get_state (job))
    {
    case GALLEY_JOB_DONE:
      start_again (self, job, wanted);
      break;
    case GALLEY_JOB_CANCELLED:
      if (wanted->total != galley_job_get_row (job)->total)
        start_again (self, job, wanted);
      break;
    case GALLEY_JOB_QUEUED:
    case GALLEY_JOB_WAITING:
      galley_job_set_title (job, wanted->title, wanted->cause);
      break;
    case GALLEY_JOB_RUNNING:
    case GALLEY_JOB_PAUSED:
    case GALLEY_JOB_FAILED:
    default:
      break;
    }
}

static void
add_waiting_job (const GalleyJobRow *row, GalleySyncFacts *facts)
{
  facts->unreachable |= row->waiting_for == GALLEY_WAIT_NETWORK;
  facts->n_attention += row->waiting_for == GALLEY_WAIT_SIGN_IN ||
                        row->waiting_for == GALLEY_WAIT_PERSON;
  /* What another computer has yet to send is nothing that this one can do. */
  if (row->waiting_for == GALLEY_WAIT_JOB)
    return;
  facts->n_waiting++;
  if (facts->error == NULL)
    facts->error = row->error;
}

/* One that is due says nothing; one that the disk did not take says why it does not start. */
static void
add_queued_job (const GalleyJobRow *row, gboolean is_greeting, GalleySyncFacts *facts)
{
  facts->n_waiting += !is_greeting || row->error != NULL;
  if (facts->error == NULL)
    facts->error = row->error;
}

static void
add_job (GalleyJob *job, GalleySyncFacts *facts)
{
  const GalleyJobRow *row = galley_job_get_row (job);
  /* Nobody needs to know each time the server is asked for news, nor of what has time. */
  gboolean is_quiet = g_strcmp0 (row->kind, "hello") == 0 || galley_job_is_background (job);

  /* Jobs that others run (a replay, an export) say nothing about syncing. */
  if (!galley_job_can_run (job))
    return;

  if (row->state == GALLEY_JOB_RUNNING)
    facts->n_running += !is_quiet;
  else if (row->state == GALLEY_JOB_QUEUED)
    add_queued_job (row, is_quiet, facts);
  else if (row->state == GALLEY_JOB_PAUSED)
    facts->n_waiting += !galley_job_is_background (job);
  else if (row->state == GALLEY_JOB_WAITING)
    add_waiting_job (row, facts);
  else if (row->state == GALLEY_JOB_FAILED)
    {
      facts->n_attention++;
      if (facts->error == NULL)
        facts->error = row->error;
    }
}

/**
 * galley_job_queue_add_facts:
 * @facts: (inout): is added to; its error may come to point into a job
 */
void
galley_job_queue_add_facts (GalleyJobQueue *self, GalleySyncFacts *facts)
{
  g_return_if_fail (GALLEY_IS_JOB_QUEUE (self));

  for (guint i = 0; i < self->jobs->len; i++)
    add_job (self->jobs->pdata[i], facts);
}
