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

/* What a job adds to where things stand. */
typedef struct
{
  guint running;
  guint waiting;
  guint attention;
  guint unreachable;
  guint sign_in;
  guint over;
  guint cancelled;
  guint open_file; /* about one of many things, and nobody else's turn */
} Share;

/* Where one job stands. */
typedef struct
{
  GalleyJob *job;         /* (owned) */
  GSequenceIter *place;   /* in the list */
  GSequenceIter *trouble; /* (nullable): among those that have an error to show */
  guint64 stamp;          /* of two of the same age and rank, the higher is listed first */
  char *purpose;          /* what it is for */
  char *group;            /* its kind and project */
  Share share;
} Listing;

struct _GalleyJobQueue
{
  GObject parent_instance;

  GalleyJobContext *context;
  GSequence *jobs;        /* of Listing, as they are listed */
  GSequence *troubled;    /* of Listing, in the same order */
  GHashTable *listings;   /* job to Listing, which it owns */
  GHashTable *by_id;      /* of the row, to Listing */
  GHashTable *by_purpose; /* to a GPtrArray of Listing */
  GHashTable *open_files; /* group to how many */
  GalleyJobSchedule *schedule;
  Share sum;
  guint64 last_stamp;

  GHashTable *saving;       /* job to Saving: its row is being written */
  GHashTable *unsaved;      /* job to events: the disk has not taken how it is now */
  GHashTable *rowless;      /* jobs that the disk has not taken at all */
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
  return (guint)g_sequence_get_length (GALLEY_JOB_QUEUE (model)->jobs);
}

static gpointer
get_item (GListModel *model, guint position)
{
  GSequenceIter *iter = g_sequence_get_iter_at_pos (GALLEY_JOB_QUEUE (model)->jobs, (int)position);

  return g_sequence_iter_is_end (iter) ? NULL
                                       : g_object_ref (((Listing *)g_sequence_get (iter))->job);
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

static void job_state_changed_cb (GalleyJob *job, GParamSpec *pspec, GalleyJobQueue *self);
static void job_progress_cb (GalleyJob *job, GParamSpec *pspec, GalleyJobQueue *self);

static void
listing_free (gpointer data)
{
  Listing *listing = data;

  g_object_unref (listing->job);
  g_free (listing->purpose);
  g_free (listing->group);
  g_free (listing);
}

static void
stop_following (GalleyJobQueue *self, GalleyJob *job)
{
  g_signal_handlers_disconnect_by_func (job, job_state_changed_cb, self);
  g_signal_handlers_disconnect_by_func (job, job_progress_cb, self);
}

static void
galley_job_queue_finalize (GObject *object)
{
  GalleyJobQueue *self = GALLEY_JOB_QUEUE (object);
  GHashTableIter iter;
  gpointer job;

  g_hash_table_iter_init (&iter, self->listings);
  while (g_hash_table_iter_next (&iter, &job, NULL))
    stop_following (self, job);

  g_sequence_free (self->jobs);
  g_sequence_free (self->troubled);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->by_purpose);
  g_hash_table_unref (self->open_files);
  galley_job_schedule_free (self->schedule);
  g_hash_table_unref (self->listings);
  g_hash_table_unref (self->saving);
  g_hash_table_unref (self->unsaved);
  g_hash_table_unref (self->rowless);
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
  self->jobs = g_sequence_new (NULL);
  self->troubled = g_sequence_new (NULL);
  self->listings = g_hash_table_new_full (NULL, NULL, NULL, listing_free);
  self->by_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->by_purpose = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                            (GDestroyNotify)g_ptr_array_unref);
  self->open_files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->saving = g_hash_table_new_full (NULL, NULL, g_object_unref, saving_free);
  self->unsaved = g_hash_table_new_full (NULL, NULL, g_object_unref,
                                         (GDestroyNotify)g_ptr_array_unref);
  self->rowless = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

GalleyJobQueue *
galley_job_queue_new (GalleyJobContext *context)
{
  GalleyJobQueue *self = g_object_new (GALLEY_TYPE_JOB_QUEUE, NULL);

  self->context = galley_job_context_ref (context);
  self->schedule = galley_job_schedule_new (galley_job_context_get_world (context));
  return self;
}

/**
 * galley_job_queue_get_schedule:
 *
 * Returns: (transfer none): whose turn it is; kept up to date here
 */
GalleyJobSchedule *
galley_job_queue_get_schedule (GalleyJobQueue *self)
{
  g_return_val_if_fail (GALLEY_IS_JOB_QUEUE (self), NULL);

  return self->schedule;
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

/* ── where things stand ── */

/* One that is due says nothing; one that the disk did not take says why it does not start. */
static Share
weigh_queued (const GalleyJobRow *row, gboolean is_quiet)
{
  return (Share){ .waiting = !is_quiet || row->error != NULL };
}

/* What another computer has yet to send is nothing that this one can do. */
static Share
weigh_waiting (const GalleyJobRow *row)
{
  return (Share){
    .unreachable = row->waiting_for == GALLEY_WAIT_NETWORK,
    .sign_in = row->waiting_for == GALLEY_WAIT_SIGN_IN,
    .attention = row->waiting_for == GALLEY_WAIT_SIGN_IN || row->waiting_for == GALLEY_WAIT_PERSON,
    .waiting = row->waiting_for != GALLEY_WAIT_JOB,
  };
}

static Share
weigh (GalleyJob *job)
{
  const GalleyJobRow *row = galley_job_get_row (job);
  /* Nor of what has time. */
  gboolean is_quiet = GALLEY_JOB_GET_CLASS (job)->quiet || galley_job_is_background (job);

  switch (row->state)
    {
    case GALLEY_JOB_RUNNING:
      return (Share){ .running = !is_quiet };
    case GALLEY_JOB_QUEUED:
      return weigh_queued (row, is_quiet);
    case GALLEY_JOB_PAUSED:
      return (Share){ .waiting = !galley_job_is_background (job) };
    case GALLEY_JOB_WAITING:
      return weigh_waiting (row);
    case GALLEY_JOB_FAILED:
      return (Share){ .attention = 1 };
    case GALLEY_JOB_CANCELLED:
      return (Share){ .cancelled = g_str_equal (row->kind, "push") ||
                                   g_str_equal (row->kind, "upload") };
    case GALLEY_JOB_DONE:
    default:
      return (Share){ 0 };
    }
}

/* Jobs that others run (a replay, an export) say nothing about syncing. */
static Share
get_share (GalleyJob *job)
{
  const GalleyJobRow *row = galley_job_get_row (job);
  Share share = galley_job_can_run (job) ? weigh (job) : (Share){ 0 };

  share.over = row->state == GALLEY_JOB_DONE || row->state == GALLEY_JOB_CANCELLED;
  share.open_file = row->subject != NULL && galley_job_is_open (job) &&
                    row->waiting_for != GALLEY_WAIT_JOB;
  return share;
}

static gboolean
has_trouble (GalleyJob *job, const Share *share)
{
  const GalleyJobRow *row = galley_job_get_row (job);

  return row->error != NULL && row->state != GALLEY_JOB_RUNNING &&
         row->state != GALLEY_JOB_PAUSED && (share->waiting != 0 || share->attention != 0);
}

static void
count_open_file (GalleyJobQueue *self, const char *group, gboolean more)
{
  guint n_open = GPOINTER_TO_UINT (g_hash_table_lookup (self->open_files, group));

  g_hash_table_replace (self->open_files, g_strdup (group),
                        GUINT_TO_POINTER (more ? n_open + 1 : n_open - 1));
}

static void
take_share (GalleyJobQueue *self, Listing *listing, Share share)
{
  Share *sum = &self->sum;
  const Share before = listing->share;

  sum->running += share.running - before.running;
  sum->waiting += share.waiting - before.waiting;
  sum->attention += share.attention - before.attention;
  sum->unreachable += share.unreachable - before.unreachable;
  sum->sign_in += share.sign_in - before.sign_in;
  sum->over += share.over - before.over;
  sum->cancelled += share.cancelled - before.cancelled;
  if (share.open_file != before.open_file)
    count_open_file (self, listing->group, share.open_file != 0);
  listing->share = share;
}

/* ── the order ── */

static gboolean
comes_before (const Listing *a, const Listing *b)
{
  guint rank_a = get_rank (a->job), rank_b = get_rank (b->job);

  return rank_a != rank_b
             ? rank_a < rank_b
             : galley_job_get_row (a->job)->created_us >= galley_job_get_row (b->job)->created_us;
}

static int
compare_listings (gconstpointer a, gconstpointer b, gpointer data)
{
  const Listing *left = a, *right = b;
  guint rank_left = get_rank (left->job), rank_right = get_rank (right->job);
  gint64 left_us = galley_job_get_row (left->job)->created_us;
  gint64 right_us = galley_job_get_row (right->job)->created_us;

  if (rank_left != rank_right)
    return rank_left < rank_right ? -1 : 1;
  if (left_us != right_us)
    return left_us > right_us ? -1 : 1;

  return left->stamp > right->stamp ? -1 : left->stamp < right->stamp;
}

static void
insert_sorted (GalleyJobQueue *self, Listing *listing)
{
  listing->stamp = ++self->last_stamp;
  listing->place = g_sequence_insert_sorted (self->jobs, listing, compare_listings, NULL);
  galley_job_schedule_place (self->schedule, listing->job, listing->stamp);
  g_list_model_items_changed (G_LIST_MODEL (self),
                              (guint)g_sequence_iter_get_position (listing->place), 0, 1);
}

static gboolean
is_in_place (const Listing *listing)
{
  GSequenceIter *next = g_sequence_iter_next (listing->place);

  if (!g_sequence_iter_is_begin (listing->place) &&
      !comes_before (g_sequence_get (g_sequence_iter_prev (listing->place)), listing))
    return FALSE;

  return g_sequence_iter_is_end (next) || comes_before (listing, g_sequence_get (next));
}

static void
leave_trouble (Listing *listing)
{
  if (listing->trouble != NULL)
    g_sequence_remove (listing->trouble);
  listing->trouble = NULL;
}

static void
list_trouble (GalleyJobQueue *self, Listing *listing)
{
  leave_trouble (listing);
  if (has_trouble (listing->job, &listing->share))
    listing->trouble = g_sequence_insert_sorted (self->troubled, listing, compare_listings, NULL);
}

static void
job_state_changed_cb (GalleyJob *job, GParamSpec *pspec, GalleyJobQueue *self)
{
  Listing *listing = g_hash_table_lookup (self->listings, job);
  guint position;

  take_share (self, listing, get_share (job));
  list_trouble (self, listing);
  if (is_in_place (listing))
    return galley_job_schedule_place (self->schedule, job, listing->stamp);

  position = (guint)g_sequence_iter_get_position (listing->place);
  g_sequence_remove (listing->place);
  galley_job_schedule_remove (self->schedule, job);
  listing->place = NULL;
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
  insert_sorted (self, listing);
}

/* Those that run stand first. What another program does it writes down itself: here only an older
 * word of it is known. */
static void
job_progress_cb (GalleyJob *job, GParamSpec *pspec, GalleyJobQueue *self)
{
  gint64 now_us = galley_world_monotonic_us (galley_job_context_get_world (self->context));
  GSequenceIter *iter = g_sequence_get_begin_iter (self->jobs);

  if (galley_job_get_state (job) != GALLEY_JOB_RUNNING || !galley_job_can_run (job) ||
      now_us - self->progress_saved_us < SAVE_PROGRESS_US)
    return;

  self->progress_saved_us = now_us;
  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    {
      const Listing *listing = g_sequence_get (iter);

      if (galley_job_get_state (listing->job) != GALLEY_JOB_RUNNING)
        return;
      if (galley_job_can_run (listing->job))
        galley_job_queue_save (self, listing->job, NULL);
    }
}

/* ── what is listed ── */

static char *
make_group (const char *kind, const GalleyId *project)
{
  char id[GALLEY_ID_TEXT_SIZE];

  return g_strdup_printf ("%s %s", kind, galley_id_print (project, id));
}

static char *
make_purpose (const char *kind, const GalleyId *project, const char *subject)
{
  g_autofree char *group = make_group (kind, project);

  return g_strconcat (group, " ", subject, NULL);
}

static void
index_id (GalleyJobQueue *self, Listing *listing)
{
  gint64 id = galley_job_get_id (listing->job);

  if (id != 0)
    g_hash_table_replace (self->by_id, g_memdup2 (&id, sizeof id), listing);
}

static void
index_purpose (GalleyJobQueue *self, Listing *listing)
{
  GPtrArray *alike = g_hash_table_lookup (self->by_purpose, listing->purpose);

  if (alike == NULL)
    {
      alike = g_ptr_array_new ();
      g_hash_table_insert (self->by_purpose, g_strdup (listing->purpose), alike);
    }
  g_ptr_array_add (alike, listing);
}

static void
forget (GalleyJobQueue *self, Listing *listing)
{
  GPtrArray *alike = g_hash_table_lookup (self->by_purpose, listing->purpose);
  gint64 id = galley_job_get_id (listing->job);

  stop_following (self, listing->job);
  take_share (self, listing, (Share){ 0 });
  leave_trouble (listing);
  galley_job_schedule_remove (self->schedule, listing->job);
  g_hash_table_remove (self->by_id, &id);
  g_ptr_array_remove (alike, listing);
  if (alike->len == 0)
    g_hash_table_remove (self->by_purpose, listing->purpose);
  g_sequence_remove (listing->place);
  g_hash_table_remove (self->listings, listing->job);
}

/* The list keeps a bounded number of jobs that are over; they stand at its end, oldest last. */
static void
drop_oldest (GalleyJobQueue *self)
{
  while (self->sum.over > MAX_OVER)
    {
      guint last = galley_job_queue_get_n_jobs (self) - 1;

      forget (self, g_sequence_get (g_sequence_get_iter_at_pos (self->jobs, (int)last)));
      g_list_model_items_changed (G_LIST_MODEL (self), last, 1, 0);
    }
}

static GalleyJob *
take_in (GalleyJobQueue *self, const GalleyJobRow *row)
{
  Listing *listing = g_new0 (Listing, 1);
  GalleyJob *job = galley_job_kinds_make (self->context, row);

  listing->job = job;
  listing->group = make_group (row->kind, &row->project);
  listing->purpose = make_purpose (row->kind, &row->project, row->subject);
  g_hash_table_insert (self->listings, job, listing);
  index_id (self, listing);
  index_purpose (self, listing);
  take_share (self, listing, get_share (job));
  list_trouble (self, listing);
  g_signal_connect (job, "notify::state", G_CALLBACK (job_state_changed_cb), self);
  g_signal_connect (job, "notify::done", G_CALLBACK (job_progress_cb), self);
  insert_sorted (self, listing);
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
  g_autofree char *purpose = make_purpose (row->kind, &row->project, row->subject);
  const GPtrArray *alike = g_hash_table_lookup (self->by_purpose, purpose);

  for (guint i = 0; alike != NULL && i < alike->len; i++)
    {
      const Listing *listing = alike->pdata[i];

      if (galley_job_get_id (listing->job) == 0 &&
          g_hash_table_contains (self->saving, listing->job))
        return TRUE;
    }

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

  g_hash_table_add (self->rowless, g_object_ref (job));
  g_clear_error (&self->write_error);
  self->write_error = g_error_copy (error);
  if (galley_job_get_state (job) == GALLEY_JOB_QUEUED)
    galley_job_set_state (job, GALLEY_JOB_QUEUED, GALLEY_WAIT_NONE, 0, error->message);
}

/* From now on it may start. */
static void
take_id (GalleyJobQueue *self, GalleyJob *job, gint64 id)
{
  Listing *listing = g_hash_table_lookup (self->listings, job);

  if (galley_job_get_id (job) == id)
    return;

  galley_job_set_id (job, id);
  if (listing == NULL)
    return;
  index_id (self, listing);
  galley_job_schedule_place (self->schedule, job, listing->stamp);
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
    take_id (self, work->job, work->row->id);
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

  g_hash_table_remove (self->rowless, job);
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

/* Returns: (transfer full): of GalleyJob, oldest first, so that they are written in the same order
 * in every run */
static GPtrArray *
list_missed (GalleyJobQueue *self)
{
  GPtrArray *missed = g_ptr_array_new_with_free_func (g_object_unref);
  GSequenceIter *iter = g_sequence_get_begin_iter (self->jobs);

  if (g_hash_table_size (self->rowless) == 0 && g_hash_table_size (self->unsaved) == 0)
    return missed;

  for (; !g_sequence_iter_is_end (iter); iter = g_sequence_iter_next (iter))
    {
      GalleyJob *job = ((Listing *)g_sequence_get (iter))->job;

      if (g_hash_table_contains (self->rowless, job) || g_hash_table_contains (self->unsaved, job))
        g_ptr_array_add (missed, g_object_ref (job));
    }

  return missed;
}

/**
 * galley_job_queue_save_missed:
 *
 * Tries again to write down what the disk did not take.
 */
void
galley_job_queue_save_missed (GalleyJobQueue *self)
{
  g_autoptr (GPtrArray) missed = list_missed (self);

  for (guint i = 0; i < missed->len; i++)
    galley_job_queue_save (self, missed->pdata[i],
                           g_hash_table_contains (self->rowless, missed->pdata[i])
                               ? galley_job_get_row (missed->pdata[i])->cause
                               : NULL);
}

/**
 * galley_job_queue_get_write_error:
 *
 * Returns: (transfer none) (nullable): why there is a job without a row; %NULL when there is none
 */
const GError *
galley_job_queue_get_write_error (GalleyJobQueue *self)
{
  return g_hash_table_size (self->rowless) > 0 ? self->write_error : NULL;
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
  return (guint)g_sequence_get_length (self->jobs);
}

/**
 * galley_job_queue_get_job:
 *
 * Returns: (transfer none): the job at a position that exists
 */
GalleyJob *
galley_job_queue_get_job (GalleyJobQueue *self, guint position)
{
  GSequenceIter *iter = g_sequence_get_iter_at_pos (self->jobs, (int)position);

  g_return_val_if_fail (!g_sequence_iter_is_end (iter), NULL);

  return ((Listing *)g_sequence_get (iter))->job;
}

/**
 * galley_job_queue_get_by_id:
 *
 * Returns: (transfer none) (nullable): the job of a row, when it is listed
 */
GalleyJob *
galley_job_queue_get_by_id (GalleyJobQueue *self, gint64 id)
{
  const Listing *listing = g_hash_table_lookup (self->by_id, &id);

  return listing != NULL ? listing->job : NULL;
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
  g_autofree char *purpose = make_purpose (kind, project, subject);
  const GPtrArray *alike = g_hash_table_lookup (self->by_purpose, purpose);
  const Listing *first = NULL;

  for (guint i = 0; alike != NULL && i < alike->len; i++)
    if (first == NULL || compare_listings (alike->pdata[i], first, NULL) < 0)
      first = alike->pdata[i];

  return first != NULL ? first->job : NULL;
}

/* What waits for another computer takes nobody's place. */
static guint
count_open_files (GalleyJobQueue *self, const char *kind, const GalleyId *project)
{
  g_autofree char *group = make_group (kind, project);

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->open_files, group));
}

static void
start_again (GalleyJobQueue *self, GalleyJob *job, const GalleyJobRow *wanted)
{
  galley_job_set_title (job, wanted->title, wanted->cause);
  galley_job_set_progress (job, 0, wanted->total);
  galley_job_set_attempts (job, 0);
  /* That it was put first was said of what it did then. */
  galley_job_set_priority (job, GALLEY_JOB_NORMAL);
  galley_job_set_state (job, GALLEY_JOB_QUEUED, GALLEY_WAIT_NONE, 0, NULL);
  galley_job_queue_save (self, job, wanted->cause);
}

/**
 * galley_job_queue_want:
 * @wanted: what is to be done, with id 0
 * @max_open: how many open jobs of its kind, each about something else, its project may have; 0:
 * any number
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
      if (max_open == 0 || count_open_files (self, wanted->kind, &wanted->project) < max_open)
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

/**
 * galley_job_queue_add_facts:
 * @facts: (inout): is added to; its error may come to point into a job
 */
void
galley_job_queue_add_facts (GalleyJobQueue *self, GalleySyncFacts *facts)
{
  GSequenceIter *first;

  g_return_if_fail (GALLEY_IS_JOB_QUEUE (self));

  first = g_sequence_get_begin_iter (self->troubled);
  facts->n_running += self->sum.running;
  facts->n_waiting += self->sum.waiting;
  /* Whoever signs in again has seen to all that waits for it. */
  facts->n_attention += self->sum.attention - self->sum.sign_in + (self->sum.sign_in > 0);
  facts->n_cancelled += self->sum.cancelled;
  facts->unreachable |= self->sum.unreachable > 0;
  facts->sign_in |= self->sum.sign_in > 0;
  if (facts->error == NULL && !g_sequence_iter_is_end (first))
    facts->error = galley_job_get_row (((Listing *)g_sequence_get (first))->job)->error;
}
