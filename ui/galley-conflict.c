/* galley-conflict.c: one thing that people changed at the same time, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict"

#include "ui/galley-conflict.h"

#include "ui/galley-words.h"

#include "data/galley-directory.h"
#include "data/galley-resolve.h"

#include <glib/gi18n-lib.h>

struct _GalleyConflict
{
  GObject parent_instance;

  GalleyStore *store;
  GalleyConflictRow row; /* title owned */
  GPtrArray *contests;   /* (nullable): of GalleyContest */
  GPtrArray *fields;     /* (nullable): of GalleyConflictField, one for each contest */
  gboolean loading;
};

enum
{
  SIGNAL_LOADED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConflict, galley_conflict, G_TYPE_OBJECT)

static void
side_free (gpointer data)
{
  GalleyConflictSide *side = data;

  g_free (side->who);
  g_free (side->when);
  g_free (side->value);
  g_free (side);
}

static void
contest_free (gpointer data)
{
  GalleyContest *contest = data;

  g_free (contest->element);
  g_free (contest->label);
  g_free (contest->before);
  g_free (contest->rule);
  g_ptr_array_unref (contest->sides);
  g_free (contest);
}

/* The clock in a head, as a time: the upper 48 bits are milliseconds since 1970 UTC. */
static gint64
time_of_head (const GalleyHead *head)
{
  return (gint64)(head->hlc >> 16) * 1000;
}

typedef struct
{
  GalleyId entity;
  GalleyChooser chooser;
  guint8 kind;
} Question;

typedef struct
{
  GPtrArray *contests;
  GPtrArray *fields;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->contests, g_ptr_array_unref);
  g_clear_pointer (&answer->fields, g_ptr_array_unref);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

static char *
describe_person (GalleyReader *reader,
                 const Question *question,
                 const GalleyId *actor,
                 gboolean mine)
{
  if (mine)
    return g_strdup (_ ("You"));
  if (galley_id_equal (actor, &question->chooser.person))
    return g_strdup (_ ("You, on another computer"));

  return galley_directory_name_of (reader, actor);
}

static GalleyConflictSide *
side_new (GalleyReader *reader,
          const Question *question,
          const GalleyConflictField *field,
          const GalleyHead *head)
{
  GalleyConflictSide *side = g_new0 (GalleyConflictSide, 1);

  side->mine = head == galley_resolve_find_mine (field, &question->chooser);
  side->who = describe_person (reader, question, &head->actor, side->mine);
  side->when = galley_words_for_time (time_of_head (head), g_get_real_time ());
  side->value = galley_words_for_value (question->kind, field->field, head->value);
  side->ref = head->ref;
  return side;
}

static GalleyContest *
contest_new (GalleyReader *reader, const Question *question, const GalleyConflictField *field)
{
  GalleyContest *contest = g_new0 (GalleyContest, 1);

  contest->field = field->field;
  contest->element = g_strdup (field->element);
  contest->label = field->delete_against_edit
                       ? g_strdup (_ ("One deleted this, another changed it"))
                       : g_strdup (galley_words_for_field (question->kind, field->field));
  contest->before = field->base_known
                        ? galley_words_for_value (question->kind, field->field, field->base)
                        : g_strdup (_ ("Unknown"));
  contest->rule = g_strdup (field->rule != NULL ? galley_merge_explain (field->rule) : NULL);
  contest->sides = g_ptr_array_new_with_free_func (side_free);
  for (guint i = 0; i < field->heads->len; i++)
    {
      GalleyConflictSide *side = side_new (reader, question, field,
                                           &g_array_index (field->heads, GalleyHead, i));

      g_ptr_array_insert (contest->sides, side->mine ? 0 : -1, side);
    }

  return contest;
}

static gpointer
read_contests (GalleyReader *reader, gpointer data, GError **error)
{
  const Question *question = data;
  g_autoptr (Answer) answer = g_new0 (Answer, 1);

  answer->fields = galley_reader_get_conflict (reader, &question->entity, error);
  if (answer->fields == NULL)
    return NULL;

  for (guint i = answer->fields->len; i > 0; i--)
    if (((GalleyConflictField *)answer->fields->pdata[i - 1])->state != GALLEY_STATE_CONFLICT)
      g_ptr_array_remove_index (answer->fields, i - 1);

  answer->contests = g_ptr_array_new_with_free_func (contest_free);
  for (guint i = 0; i < answer->fields->len; i++)
    g_ptr_array_add (answer->contests, contest_new (reader, question, answer->fields->pdata[i]));
  return g_steal_pointer (&answer);
}

static void
contests_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyConflict) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Answer) answer = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->loading = FALSE;
  if (answer == NULL)
    {
      /* Settled meanwhile: the list goes without it with its next refresh. */
      g_debug ("no conflict: %s", error->message);
      return;
    }

  g_clear_pointer (&self->contests, g_ptr_array_unref);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  self->contests = g_steal_pointer (&answer->contests);
  self->fields = g_steal_pointer (&answer->fields);
  g_signal_emit (self, signals[SIGNAL_LOADED], 0);
}

static void
galley_conflict_finalize (GObject *object)
{
  GalleyConflict *self = GALLEY_CONFLICT (object);

  g_clear_object (&self->store);
  g_free (self->row.title);
  g_clear_pointer (&self->contests, g_ptr_array_unref);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  G_OBJECT_CLASS (galley_conflict_parent_class)->finalize (object);
}

static void
galley_conflict_class_init (GalleyConflictClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_conflict_finalize;
  signals[SIGNAL_LOADED] = g_signal_new ("loaded", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_conflict_init (GalleyConflict *self)
{
}

/**
 * galley_conflict_new:
 * @row: copied
 *
 * Returns: (transfer full): a conflict whose fields are not loaded yet
 */
GalleyConflict *
galley_conflict_new (GalleyStore *store, const GalleyConflictRow *row)
{
  GalleyConflict *self = g_object_new (GALLEY_TYPE_CONFLICT, NULL);

  self->store = g_object_ref (store);
  self->row = *row;
  self->row.title = g_strdup (row->title);
  return self;
}

const GalleyId *
galley_conflict_get_entity (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return &self->row.entity;
}

const GalleyConflictRow *
galley_conflict_get_row (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return &self->row;
}

/**
 * galley_conflict_get_contests:
 *
 * Returns: (transfer none) (nullable) (element-type GalleyContest): %NULL until they are loaded
 */
GPtrArray *
galley_conflict_get_contests (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return self->contests;
}

static void
fill_chooser (GalleyConflict *self, GalleyChooser *chooser)
{
  galley_store_get_person (self->store, &chooser->person);
  chooser->device = *galley_store_get_device (self->store);
}

/**
 * galley_conflict_load:
 *
 * Reads the fields; "loaded" follows. While that goes on, asking again does nothing.
 */
void
galley_conflict_load (GalleyConflict *self)
{
  Question *question;

  g_return_if_fail (GALLEY_IS_CONFLICT (self));

  if (self->loading)
    return;

  self->loading = TRUE;
  question = g_new0 (Question, 1);
  question->entity = self->row.entity;
  question->kind = self->row.kind;
  fill_chooser (self, &question->chooser);
  galley_store_read_async (self->store, read_contests, question, g_free, answer_free, NULL,
                           contests_read_cb, g_object_ref (self));
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  if (galley_store_commit_finish (GALLEY_STORE (source), result, &committed, &error))
    g_task_return_pointer (task, g_memdup2 (&committed, sizeof committed), g_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * galley_conflict_resolve_async:
 * @contest: which of the fields
 * @side: whose value to take
 *
 * What is settled are the values that are on screen: one that comes in meanwhile keeps the field
 * open.
 */
void
galley_conflict_resolve_async (GalleyConflict *self,
                               guint contest,
                               guint side,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  const GalleyConflictSide *taken;
  const GalleyConflictField *field;
  GalleyChoice choice = { .has_head = TRUE };
  GalleyChooser chooser;

  g_return_if_fail (GALLEY_IS_CONFLICT (self) && self->contests != NULL);
  g_return_if_fail (contest < self->contests->len);

  g_task_set_source_tag (task, galley_conflict_resolve_async);
  field = self->fields->pdata[contest];
  taken = ((GalleyContest *)self->contests->pdata[contest])->sides->pdata[side];
  choice.take = taken->mine ? GALLEY_TAKE_MINE : GALLEY_TAKE_THEIRS;
  choice.head = taken->ref;
  fill_chooser (self, &chooser);
  draft = galley_resolve_make_draft (&self->row.project, self->row.kind, &self->row.entity, &field,
                                     &choice, 1, &chooser, &error);
  if (draft == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    galley_store_commit_async (self->store, draft, cancellable, committed_cb,
                               g_steal_pointer (&task));
}

/**
 * galley_conflict_resolve_finish:
 * @committed: (out): the change that settled it
 */
gboolean
galley_conflict_resolve_finish (GalleyConflict *self,
                                GAsyncResult *result,
                                GalleyCommitted *committed,
                                GError **error)
{
  g_autofree GalleyCommitted *change = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  change = g_task_propagate_pointer (G_TASK (result), error);
  if (change != NULL)
    *committed = *change;
  return change != NULL;
}
