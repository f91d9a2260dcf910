/* galley-conflict.c: one thing that people changed at the same time, in words, and what is to stand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict"

#include "ui/galley-conflict.h"

#include "ui/galley-note-mark.h"
#include "ui/galley-remark.h"
#include "ui/galley-render-source.h"
#include "ui/galley-thumbnail.h"
#include "ui/galley-words.h"

#include "data/galley-directory.h"
#include "data/galley-intent.h"
#include "data/galley-resolve.h"
#include "data/galley-text-merge.h"

#include <glib/gi18n-lib.h>

/* How far back it is looked for who settled something. */
#define ENDING_LIMIT 20
/* Of all columns together, and of each. */
#define EXCERPT_CHARS 800
#define EXCERPT_MIN_CHARS 100
#define EXCERPT_MAX_CHARS 400

struct _GalleyConflict
{
  GObject parent_instance;

  GalleyStore *store;
  GalleyConflictRow row; /* title owned */
  GPtrArray *contests;   /* (nullable): of GalleyContest */
  GPtrArray *fields;     /* (nullable): of GalleyConflictField, one for each contest */
  GalleyEntity *shown;   /* (nullable): as everyone sees it meanwhile */
  char *excerpt;         /* (nullable): of its text */
  GalleyScene scene;
  GPtrArray *remarks; /* (nullable): of GalleyRemark */
  GPtrArray *people;  /* (nullable): of GalleyPerson: who may be asked */
  char *ending;       /* (nullable) */
  gboolean loading;
  gboolean stale; /* asked for again meanwhile */
};

enum
{
  SIGNAL_LOADED,
  SIGNAL_PICKED,
  SIGNAL_SETTLED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConflict, galley_conflict, G_TYPE_OBJECT)

static void
side_free (gpointer data)
{
  GalleyConflictSide *side = data;

  g_free (side->who);
  g_free (side->device);
  g_free (side->when);
  g_free (side->words);
  g_clear_pointer (&side->value, g_variant_unref);
  g_clear_pointer (&side->difference, galley_text_difference_free);
  g_free (side);
}

static void
contest_free (gpointer data)
{
  GalleyContest *contest = data;

  g_free (contest->element);
  g_free (contest->label);
  g_free (contest->rule);
  g_free (contest->shown);
  g_free (contest->loss);
  g_free (contest->before);
  g_free (contest->woven);
  g_clear_pointer (&contest->base, g_variant_unref);
  g_clear_pointer (&contest->overlaps, g_array_unref);
  g_clear_pointer (&contest->own, g_variant_unref);
  g_ptr_array_unref (contest->sides);
  g_free (contest);
}

/* The clock in a head, as a time: the upper 48 bits are milliseconds since 1970 UTC. */
static gint64
time_of_head (const GalleyHead *head)
{
  return (gint64)(head->hlc >> 16) * 1000;
}

static GVariant *
ref_value (GVariant *value)
{
  return value != NULL ? g_variant_ref (value) : NULL;
}

/* ── reading ── */

typedef struct
{
  GalleyId project;
  GalleyId entity;
  GalleyChooser chooser;
  guint8 kind;
} Question;

typedef struct
{
  GPtrArray *contests;
  GPtrArray *fields;
  GalleyEntity *shown;
  GalleyScene scene;
  char *ending; /* (nullable) */
  GPtrArray *remarks, *people;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->contests, g_ptr_array_unref);
  g_clear_pointer (&answer->fields, g_ptr_array_unref);
  g_clear_pointer (&answer->shown, galley_entity_free);
  g_clear_object (&answer->scene.picture);
  g_free (answer->ending);
  g_clear_pointer (&answer->remarks, g_ptr_array_unref);
  g_clear_pointer (&answer->people, g_ptr_array_unref);
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

static char *
describe_device (GalleyReader *reader, const Question *question, const GalleyId *id)
{
  g_autoptr (GalleyDevice) device = NULL;

  if (galley_id_equal (id, &question->chooser.device))
    return g_strdup (_ ("this computer"));

  device = galley_directory_get_device (reader, id, NULL);
  return g_strdup (device != NULL && device->name != NULL ? device->name : "");
}

static GalleyConflictSide *
side_new (GalleyReader *reader,
          const Question *question,
          const GalleyConflictField *field,
          const GalleyHead *head)
{
  GalleyConflictSide *side = g_new0 (GalleyConflictSide, 1);
  g_autofree char *when = NULL;

  side->mine = head == galley_resolve_find_mine (field, &question->chooser);
  side->who = describe_person (reader, question, &head->actor, side->mine);
  side->person = head->actor;
  side->device = describe_device (reader, question, &head->ref.device);
  when = galley_words_for_time (time_of_head (head), g_get_real_time ());
  /* Translators: when something was done, and on which device */
  side->when = *side->device != '\0' ? g_strdup_printf (_ ("%s · %s"), when, side->device)
                                     : g_strdup (when);
  side->words = galley_words_for_value (question->kind, field->field, head->value);
  side->value = ref_value (head->value);
  side->ref = head->ref;
  return side;
}

static const char *
text_of (GVariant *value)
{
  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
             ? g_variant_get_string (value, NULL)
             : "";
}

/**
 * galley_conflict_excerpt_chars:
 *
 * Returns: how much of each value is shown beside the others, in characters: the more there are,
 * the less of each can be taken in
 */
guint
galley_conflict_excerpt_chars (const GalleyContest *contest)
{
  return CLAMP (EXCERPT_CHARS / MAX (contest->sides->len, 1), EXCERPT_MIN_CHARS, EXCERPT_MAX_CHARS);
}

/* All that people wrote, to go on with; the own words first where they clash. */
static void
weave (GalleyContest *contest)
{
  g_autofree const char **texts = g_new0 (const char *, contest->sides->len);

  for (guint i = 0; i < contest->sides->len; i++)
    {
      GalleyConflictSide *side = contest->sides->pdata[i];

      texts[i] = text_of (side->value);
      if (contest->base_known)
        side->difference = galley_text_difference_new (text_of (contest->base), texts[i],
                                                       galley_conflict_excerpt_chars (contest));
    }
  contest->woven = galley_text_weave (contest->base_known ? text_of (contest->base) : "", texts,
                                      contest->sides->len, &contest->overlaps);
}

static guint
count_children (GalleyReader *reader, const GalleyId *entity, GalleyKind kind)
{
  g_autoptr (GPtrArray) children = galley_reader_list_children (reader, entity, kind, NULL);

  return children != NULL ? children->len : 0;
}

/* What a delete takes along. */
static char *
describe_loss (GalleyReader *reader, const Question *question)
{
  guint count;

  if (question->kind == GALLEY_KIND_ITEM)
    {
      count = count_children (reader, &question->entity, GALLEY_KIND_ANNOTATION);
      return count == 0 ? NULL
                        : g_strdup_printf (ngettext ("%u note on it would go with it.",
                                                     "%u notes on it would go with it.", count),
                                           count);
    }
  if (question->kind == GALLEY_KIND_ANNOTATION)
    {
      count = count_children (reader, &question->entity, GALLEY_KIND_COMMENT);
      return count == 0 ? NULL
                        : g_strdup_printf (ngettext ("%u reply to it would go with it.",
                                                     "%u replies to it would go with it.", count),
                                           count);
    }

  return NULL;
}

static char *
label_of (const Question *question, const GalleyConflictField *field)
{
  const char *words = galley_words_for_field (question->kind, field->field);

  if (field->delete_against_edit)
    return g_strdup (_ ("One deleted this, another changed it"));
  if (*field->element == '\0')
    return g_strdup (words);

  /* Translators: one element of a list, as “Tags: urgent” */
  return g_strdup_printf (_ ("%s: %s"), words, field->element);
}

static char *
describe_rule (const GalleyConflictField *field)
{
  const char *words = field->rule != NULL ? galley_merge_explain (field->rule) : "";

  if (!field->settled_apart)
    return g_strdup (words);

  /* Translators: then what is shown meanwhile, and why */
  return g_strdup_printf (_ ("People settled this at the same time, each in another way: choose "
                             "once more. %s"),
                          words);
}

static GalleyContest *
contest_new (GalleyReader *reader, const Question *question, const GalleyConflictField *field)
{
  GalleyContest *contest = g_new0 (GalleyContest, 1);
  const GalleyFieldSpec *spec = galley_schema_get_field (question->kind, field->field);

  contest->field = field->field;
  contest->element = g_strdup (field->element);
  contest->type = spec != NULL ? spec->type : GALLEY_FIELD_REGISTER;
  contest->contested = field->state == GALLEY_STATE_CONFLICT;
  contest->label = label_of (question, field);
  contest->rule = describe_rule (field);
  contest->shown = galley_words_for_value (question->kind, field->field, field->shown);
  contest->deletes = field->delete_against_edit;
  contest->loss = field->delete_against_edit ? describe_loss (reader, question) : NULL;
  contest->base_known = field->base_known;
  contest->base = ref_value (field->base);
  contest->before = field->base_known
                        ? galley_words_for_value (question->kind, field->field, field->base)
                        : g_strdup (_ ("Unknown"));
  contest->sides = g_ptr_array_new_with_free_func (side_free);
  for (guint i = 0; i < field->heads->len; i++)
    {
      GalleyConflictSide *side = side_new (reader, question, field,
                                           &g_array_index (field->heads, GalleyHead, i));

      g_ptr_array_insert (contest->sides, side->mine ? 0 : -1, side);
    }
  if (contest->type == GALLEY_FIELD_TEXT)
    weave (contest);

  return contest;
}

static gboolean
is_any_open (GPtrArray *contests)
{
  for (guint i = 0; i < contests->len; i++)
    if (((GalleyContest *)contests->pdata[i])->contested)
      return TRUE;

  return FALSE;
}

/* Who said the last word on it. */
static char *
describe_ending (GalleyReader *reader, const Question *question)
{
  GalleyJournalFilter filter = { .entity = &question->entity, .limit = ENDING_LIMIT };
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (reader, &filter, NULL);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      GalleyChange *change = ((GalleyJournalRow *)rows->pdata[i])->change;
      const GalleyChangeHeader *header = galley_change_get_header (change);
      g_autofree char *who = NULL, *when = NULL;

      if (g_strcmp0 (galley_change_get_intent (change), GALLEY_INTENT_RESOLVE) != 0)
        continue;
      who = describe_person (reader, question, &header->actor,
                             galley_id_equal (&header->device, &question->chooser.device));
      when = galley_words_for_time (galley_change_get_time_us (change), g_get_real_time ());
      /* Translators: a person and a time: “Rosa settled this, 2 minutes ago.” */
      return g_strdup_printf (_ ("%s settled this, %s."), who, when);
    }

  return g_strdup (_ ("This is settled."));
}

/* Where the note is drawn: the picture is of the first page alone, others are blank. */
static void
read_scene (GalleyReader *reader, const GalleyEntity *note, GalleyScene *scene)
{
  g_autoptr (GalleyEntity) version = NULL;
  g_autoptr (GVariant) sizes = NULL;
  g_autofree char *path = NULL;
  GVariant *media, *thumbnail;
  GalleyId id;
  GalleyHash file;
  guint page;

  if (!galley_note_mark_read_anchor (note, &id, &page) ||
      (version = galley_reader_get_entity (reader, &id, NULL)) == NULL)
    return;

  media = galley_entity_get_value (version, GALLEY_VERSION_MEDIA);
  thumbnail = galley_entity_get_value (version, GALLEY_VERSION_THUMBNAIL);
  if (media == NULL || !g_variant_is_of_type (media, G_VARIANT_TYPE ("(ua(dd))")))
    return;
  sizes = g_variant_get_child_value (media, 1);
  if (page == 0 || page > g_variant_n_children (sizes))
    return;

  g_variant_get_child (sizes, page - 1, "(dd)", &scene->width, &scene->height);
  if (galley_render_source_file_of (version, &file))
    path = galley_reader_path_of_file (reader, &file);
  scene->here = path != NULL && g_file_test (path, G_FILE_TEST_EXISTS);
  if (page == 1 && thumbnail != NULL && g_variant_is_of_type (thumbnail, G_VARIANT_TYPE ("ay")))
    {
      g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (thumbnail);

      scene->picture = galley_thumbnail_decode (bytes);
    }
}

static gpointer
read_contests (GalleyReader *reader, gpointer data, GError **error)
{
  const Question *question = data;
  g_autoptr (Answer) answer = g_new0 (Answer, 1);

  answer->fields = galley_reader_get_conflict (reader, &question->entity, error);
  if (answer->fields == NULL)
    return NULL;

  answer->contests = g_ptr_array_new_with_free_func (contest_free);
  for (guint i = 0; i < answer->fields->len; i++)
    g_ptr_array_add (answer->contests, contest_new (reader, question, answer->fields->pdata[i]));
  answer->shown = galley_reader_get_entity (reader, &question->entity, NULL);
  if (answer->shown != NULL && question->kind == GALLEY_KIND_ANNOTATION)
    read_scene (reader, answer->shown, &answer->scene);
  answer->remarks = galley_remark_list (reader, &question->entity, &question->chooser.person,
                                        error);
  answer->people = galley_remark_list_people (reader, &question->chooser.person, error);
  if (answer->remarks == NULL || answer->people == NULL)
    return NULL;
  if (!is_any_open (answer->contests))
    answer->ending = describe_ending (reader, question);
  return g_steal_pointer (&answer);
}

/* ── what was picked stays, whatever comes in ── */

static GalleyContest *
find_same (GPtrArray *contests, const GalleyContest *contest)
{
  for (guint i = 0; contests != NULL && i < contests->len; i++)
    {
      GalleyContest *other = contests->pdata[i];

      if (other->field == contest->field && g_str_equal (other->element, contest->element))
        return other;
    }

  return NULL;
}

static gboolean
find_side (const GalleyContest *contest, const GalleyRef *ref, guint *index)
{
  for (guint i = 0; i < contest->sides->len; i++)
    if (galley_ref_equal (&((GalleyConflictSide *)contest->sides->pdata[i])->ref, ref))
      {
        *index = i;
        return TRUE;
      }

  return FALSE;
}

static void
mark_fresh (GalleyContest *contest, const GalleyContest *before)
{
  guint index;

  for (guint i = 0; i < contest->sides->len; i++)
    {
      GalleyConflictSide *side = contest->sides->pdata[i];
      gboolean known = find_side (before, &side->ref, &index);

      side->fresh = !known || ((GalleyConflictSide *)before->sides->pdata[index])->fresh;
    }
}

static void
carry_over (GPtrArray *from, GPtrArray *to)
{
  for (guint i = 0; from != NULL && i < to->len; i++)
    {
      GalleyContest *contest = to->pdata[i];
      const GalleyContest *before = find_same (from, contest);

      if (before == NULL)
        continue;
      mark_fresh (contest, before);
      contest->pick = before->pick;
      if (before->pick == GALLEY_PICK_OWN)
        contest->own = ref_value (before->own);
      if (before->pick == GALLEY_PICK_SIDE &&
          !find_side (contest, &((GalleyConflictSide *)before->sides->pdata[before->side])->ref,
                      &contest->side))
        contest->pick = GALLEY_PICK_NONE;
    }
}

/* A few lines of it. */
static char *
make_excerpt (GalleyConflict *self)
{
  guint16 field = self->row.kind == GALLEY_KIND_ANNOTATION ? GALLEY_ANNOTATION_BODY
                  : self->row.kind == GALLEY_KIND_COMMENT  ? GALLEY_COMMENT_BODY
                  : self->row.kind == GALLEY_KIND_REMARK   ? GALLEY_REMARK_BODY
                                                           : GALLEY_F_ALIVE;
  GVariant *body = self->shown != NULL && field != GALLEY_F_ALIVE
                       ? galley_entity_get_value (self->shown, field)
                       : NULL;

  return body != NULL ? galley_words_for_value (self->row.kind, field, body) : NULL;
}

static void
contests_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyConflict) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Answer) answer = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->loading = FALSE;
  if (self->stale)
    {
      self->stale = FALSE;
      galley_conflict_load (self);
    }
  if (answer == NULL)
    {
      g_debug ("no conflict: %s", error->message);
      return;
    }
  if (answer->ending != NULL)
    {
      /* What was on screen stays there. */
      g_free (self->ending);
      self->ending = g_steal_pointer (&answer->ending);
      g_signal_emit (self, signals[SIGNAL_SETTLED], 0);
      return;
    }

  carry_over (self->contests, answer->contests);
  g_clear_pointer (&self->contests, g_ptr_array_unref);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  g_clear_pointer (&self->shown, galley_entity_free);
  g_clear_pointer (&self->ending, g_free);
  g_clear_pointer (&self->remarks, g_ptr_array_unref);
  g_clear_pointer (&self->people, g_ptr_array_unref);
  self->remarks = g_steal_pointer (&answer->remarks);
  self->people = g_steal_pointer (&answer->people);
  self->contests = g_steal_pointer (&answer->contests);
  self->fields = g_steal_pointer (&answer->fields);
  self->shown = g_steal_pointer (&answer->shown);
  g_free (self->excerpt);
  self->excerpt = make_excerpt (self);
  g_clear_object (&self->scene.picture);
  self->scene = answer->scene;
  answer->scene.picture = NULL;
  g_signal_emit (self, signals[SIGNAL_LOADED], 0);
}

static void
galley_conflict_finalize (GObject *object)
{
  GalleyConflict *self = GALLEY_CONFLICT (object);

  g_clear_object (&self->store);
  g_free (self->row.title);
  g_free (self->excerpt);
  g_free (self->ending);
  g_clear_pointer (&self->contests, g_ptr_array_unref);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  g_clear_pointer (&self->remarks, g_ptr_array_unref);
  g_clear_pointer (&self->people, g_ptr_array_unref);
  g_clear_pointer (&self->shown, galley_entity_free);
  g_clear_object (&self->scene.picture);
  G_OBJECT_CLASS (galley_conflict_parent_class)->finalize (object);
}

static void
galley_conflict_class_init (GalleyConflictClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_conflict_finalize;
  signals[SIGNAL_LOADED] = g_signal_new ("loaded", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_SETTLED] = g_signal_new ("settled", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
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
 * galley_conflict_follow_row:
 * @row: of the same thing, as it is now
 *
 * Returns: whether anything in it is different from before
 */
gboolean
galley_conflict_follow_row (GalleyConflict *self, const GalleyConflictRow *row)
{
  GalleyConflictRow *own;
  gboolean same;

  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), FALSE);

  own = &self->row;
  same = own->n_fields == row->n_fields && own->n_remarks == row->n_remarks &&
         own->asked == row->asked && g_str_equal (own->title, row->title);
  own->n_fields = row->n_fields;
  own->n_remarks = row->n_remarks;
  own->asked = row->asked;
  if (!g_str_equal (own->title, row->title))
    {
      g_free (own->title);
      own->title = g_strdup (row->title);
    }
  return !same;
}

/**
 * galley_conflict_get_kind_words:
 *
 * Returns: what people call a thing of its kind
 */
const char *
galley_conflict_get_kind_words (GalleyConflict *self)
{
  static const char *const words[] = {
    [GALLEY_KIND_PROJECT] = N_ ("The project"),     [GALLEY_KIND_MEMBER] = N_ ("A person’s role"),
    [GALLEY_KIND_ITEM] = N_ ("The item itself"),    [GALLEY_KIND_VERSION] = N_ ("A version"),
    [GALLEY_KIND_ANNOTATION] = N_ ("A note on it"), [GALLEY_KIND_COMMENT] = N_ ("A reply on it"),
    [GALLEY_KIND_DECISION] = N_ ("A decision"),     [GALLEY_KIND_PLAYLIST] = N_ ("A list"),
    [GALLEY_KIND_VIEW] = N_ ("A saved view"),       [GALLEY_KIND_REMARK] = N_ ("A remark"),
  };

  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return self->row.kind < G_N_ELEMENTS (words) && words[self->row.kind] != NULL
             ? _ (words[self->row.kind])
             : _ ("Something that a newer Galley knows");
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

/**
 * galley_conflict_get_shown:
 *
 * Returns: (transfer none) (nullable): the thing as everyone sees it meanwhile
 */
const GalleyEntity *
galley_conflict_get_shown (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return self->shown;
}

/**
 * galley_conflict_get_excerpt:
 *
 * Returns: (nullable): the words by which a person knows a note or a reply again, as everyone sees
 * it
 */
const char *
galley_conflict_get_excerpt (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return self->excerpt;
}

/**
 * galley_conflict_get_scene:
 *
 * Returns: (transfer none): the page that a note is on
 */
const GalleyScene *
galley_conflict_get_scene (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return &self->scene;
}

/**
 * galley_conflict_get_ending:
 *
 * Returns: (nullable): a sentence on who settled it, when that has come to pass
 */
const char *
galley_conflict_get_ending (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return self->ending;
}

/**
 * galley_conflict_get_remarks:
 *
 * Returns: (transfer none) (nullable) (element-type GalleyRemark): what was said about it, oldest
 *   first; %NULL until they are loaded
 */
GPtrArray *
galley_conflict_get_remarks (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return self->remarks;
}

/**
 * galley_conflict_get_people:
 *
 * Returns: (transfer none) (nullable) (element-type GalleyPerson): who may be asked to settle it;
 *   %NULL until they are loaded
 */
GPtrArray *
galley_conflict_get_people (GalleyConflict *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  return self->people;
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
 * Reads the fields; "loaded" or "settled" follows. What was picked stays picked.
 */
void
galley_conflict_load (GalleyConflict *self)
{
  Question *question;

  g_return_if_fail (GALLEY_IS_CONFLICT (self));

  self->stale = self->loading;
  if (self->loading)
    return;

  self->loading = TRUE;
  question = g_new0 (Question, 1);
  question->project = self->row.project;
  question->entity = self->row.entity;
  question->kind = self->row.kind;
  fill_chooser (self, &question->chooser);
  galley_store_read_async (self->store, read_contests, question, g_free, answer_free, NULL,
                           contests_read_cb, g_object_ref (self));
}

/* ── picking ── */

static GalleyContest *
get_contest (GalleyConflict *self, guint index)
{
  return self->contests != NULL && index < self->contests->len ? self->contests->pdata[index]
                                                               : NULL;
}

/**
 * galley_conflict_pick:
 * @side: of %GALLEY_PICK_SIDE
 * @own: (nullable) (transfer floating): of %GALLEY_PICK_OWN
 *
 * Nothing is written before galley_conflict_apply_async(). What cannot be picked there (a base that
 * is not known, a side that is not there) changes nothing.
 */
void
galley_conflict_pick (
    GalleyConflict *self, guint contest, GalleyPick pick, guint side, GVariant *own)
{
  GalleyContest *picked;
  g_autoptr (GVariant) value = own != NULL ? g_variant_ref_sink (own) : NULL;

  g_return_if_fail (GALLEY_IS_CONFLICT (self));

  picked = get_contest (self, contest);
  if (picked == NULL || (pick == GALLEY_PICK_SIDE && side >= picked->sides->len) ||
      (pick == GALLEY_PICK_BEFORE && !picked->base_known && !picked->deletes))
    return;

  picked->pick = pick;
  picked->side = pick == GALLEY_PICK_SIDE ? side : 0;
  g_clear_pointer (&picked->own, g_variant_unref);
  if (pick == GALLEY_PICK_OWN)
    picked->own = g_steal_pointer (&value);
  g_signal_emit (self, signals[SIGNAL_PICKED], 0, contest);
}

/**
 * galley_conflict_get_result:
 *
 * Returns: (transfer none) (nullable): the picked value; %NULL when none is, or when it is nothing
 */
GVariant *
galley_conflict_get_result (GalleyConflict *self, guint contest)
{
  const GalleyContest *picked;

  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  picked = get_contest (self, contest);
  if (picked == NULL)
    return NULL;

  switch (picked->pick)
    {
    case GALLEY_PICK_BEFORE:
      return picked->base;
    case GALLEY_PICK_SIDE:
      return ((GalleyConflictSide *)picked->sides->pdata[picked->side])->value;
    case GALLEY_PICK_OWN:
      return picked->own;
    case GALLEY_PICK_NONE:
    default:
      return NULL;
    }
}

/**
 * galley_conflict_describe_result:
 *
 * Returns: (transfer full): what everyone will see in the field, in words
 */
char *
galley_conflict_describe_result (GalleyConflict *self, guint contest)
{
  const GalleyContest *picked;

  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), NULL);

  picked = get_contest (self, contest);
  if (picked == NULL)
    return g_strdup ("");
  if (picked->pick == GALLEY_PICK_NONE)
    return g_strdup (picked->shown);
  if (picked->deletes && picked->pick == GALLEY_PICK_BEFORE)
    return g_strdup (_ ("Kept, with what was changed"));

  return galley_words_for_value (self->row.kind, picked->field,
                                 galley_conflict_get_result (self, contest));
}

guint
galley_conflict_count_picked (GalleyConflict *self)
{
  guint count = 0;

  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), 0);

  for (guint i = 0; self->contests != NULL && i < self->contests->len; i++)
    count += ((GalleyContest *)self->contests->pdata[i])->pick != GALLEY_PICK_NONE;
  return count;
}

/**
 * galley_conflict_count_open:
 *
 * Returns: how many fields would stay open if what is picked were applied
 */
guint
galley_conflict_count_open (GalleyConflict *self)
{
  guint count = 0;

  g_return_val_if_fail (GALLEY_IS_CONFLICT (self), 0);

  for (guint i = 0; self->contests != NULL && i < self->contests->len; i++)
    {
      const GalleyContest *contest = self->contests->pdata[i];

      count += contest->contested && contest->pick == GALLEY_PICK_NONE;
    }
  return count;
}

/* ── applying ── */

static gboolean
keeps (const GalleyContest *contest)
{
  const GalleyConflictSide *side;
  g_autoptr (GVariant) alive = NULL;

  if (contest->pick != GALLEY_PICK_SIDE)
    return TRUE;
  side = contest->sides->pdata[contest->side];
  alive = side->value != NULL && g_variant_is_container (side->value) &&
                  g_variant_n_children (side->value) > 0
              ? g_variant_get_child_value (side->value, 0)
              : NULL;
  return alive == NULL || !g_variant_is_of_type (alive, G_VARIANT_TYPE_BOOLEAN) ||
         g_variant_get_boolean (alive);
}

static void
fill_choice (const GalleyContest *contest, GalleyChoice *choice)
{
  const GalleyConflictSide *side;

  *choice = (GalleyChoice){ .take = GALLEY_TAKE_BASE };
  if (contest->type == GALLEY_FIELD_LIFECYCLE)
    {
      choice->take = GALLEY_TAKE_VALUE;
      choice->value = g_variant_ref_sink (g_variant_new_boolean (keeps (contest)));
    }
  else if (contest->pick == GALLEY_PICK_SIDE)
    {
      side = contest->sides->pdata[contest->side];
      choice->take = side->mine ? GALLEY_TAKE_MINE : GALLEY_TAKE_THEIRS;
      choice->has_head = TRUE;
      choice->head = side->ref;
    }
  else if (contest->pick == GALLEY_PICK_OWN)
    {
      choice->take = GALLEY_TAKE_VALUE;
      choice->value = ref_value (contest->own);
    }
}

static void
clear_choice (gpointer data)
{
  g_clear_pointer (&((GalleyChoice *)data)->value, g_variant_unref);
}

static GalleyDraft *
make_draft (GalleyConflict *self, GError **error)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  g_autoptr (GArray) choices = g_array_new (FALSE, TRUE, sizeof (GalleyChoice));
  GalleyChooser chooser;

  g_array_set_clear_func (choices, clear_choice);
  for (guint i = 0; i < self->contests->len; i++)
    {
      const GalleyContest *contest = self->contests->pdata[i];
      GalleyChoice choice;

      if (contest->pick == GALLEY_PICK_NONE)
        continue;
      fill_choice (contest, &choice);
      g_ptr_array_add (fields, self->fields->pdata[i]);
      g_array_append_val (choices, choice);
    }

  fill_chooser (self, &chooser);
  return galley_resolve_make_draft (&self->row.project, self->row.kind, &self->row.entity,
                                    (const GalleyConflictField *const *)fields->pdata,
                                    (const GalleyChoice *)choices->data, fields->len, &chooser,
                                    error);
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
 * galley_conflict_apply_async:
 *
 * One change with everything that was picked. What is settled are the values that are on screen:
 * one that comes in meanwhile keeps the field open.
 */
void
galley_conflict_apply_async (GalleyConflict *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyDraft) draft = NULL;

  g_return_if_fail (GALLEY_IS_CONFLICT (self) && galley_conflict_count_picked (self) > 0);

  g_task_set_source_tag (task, galley_conflict_apply_async);
  draft = make_draft (self, &error);
  if (draft == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    galley_store_commit_async (self->store, draft, cancellable, committed_cb,
                               g_steal_pointer (&task));
}

/**
 * galley_conflict_apply_finish:
 * @committed: (out): the change that settled it
 */
gboolean
galley_conflict_apply_finish (GalleyConflict *self,
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

/**
 * galley_conflict_say_async:
 * @body: what to tell all who look at it; may be empty when somebody is asked
 * @asked: (nullable): who is to settle it
 */
void
galley_conflict_say_async (GalleyConflict *self,
                           const char *body,
                           const GalleyId *asked,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GalleyDraft) draft = NULL;
  GTask *task;
  GalleyId id;

  g_return_if_fail (GALLEY_IS_CONFLICT (self) && (*body != '\0' || asked != NULL));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, galley_conflict_say_async);
  galley_id_new (&id, galley_store_get_world (self->store));
  draft = galley_draft_new (&self->row.project, GALLEY_INTENT_ADD_REMARK);
  galley_intent_add_remark (draft, &id, &self->row.entity, body, asked, asked != NULL);
  galley_store_commit_async (self->store, draft, cancellable, committed_cb, task);
}

gboolean
galley_conflict_say_finish (GalleyConflict *self, GAsyncResult *result, GError **error)
{
  g_autofree GalleyCommitted *change = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  change = g_task_propagate_pointer (G_TASK (result), error);
  return change != NULL;
}
