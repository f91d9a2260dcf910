/* galley-thread.c: a note on an item with its replies, as the list beside the asset shows it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-thread"

#include "ui/galley-thread.h"

#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyThread
{
  GObject parent_instance;

  GalleyId id;
  guint number; /* within the item, from 1, in the order of making */
  char *author;
  gboolean mine;
  gint64 created_us;
  char *body;
  gboolean resolved;
  gboolean blocking;
  gboolean contested;
  gboolean may_edit;
  guint page;
  GPtrArray *replies; /* of GalleyReply */
  GalleySaved saved;
  char *failure;    /* (nullable) */
  GHashTable *seen; /* field → GArray of GalleyRef: the heads of what is shown */
  char *print;      /* (nullable): of what it was made from, to see whether it differs */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyThread, galley_thread, G_TYPE_OBJECT)

static void
reply_free (gpointer data)
{
  GalleyReply *reply = data;

  g_free (reply->author);
  g_free (reply->body);
  g_array_unref (reply->seen);
  g_free (reply);
}

static void
galley_thread_finalize (GObject *object)
{
  GalleyThread *self = GALLEY_THREAD (object);

  g_free (self->author);
  g_free (self->body);
  g_free (self->failure);
  g_free (self->print);
  g_ptr_array_unref (self->replies);
  g_hash_table_unref (self->seen);
  G_OBJECT_CLASS (galley_thread_parent_class)->finalize (object);
}

static void
galley_thread_class_init (GalleyThreadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_thread_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_thread_init (GalleyThread *self)
{
  self->author = g_strdup ("");
  self->body = g_strdup ("");
  self->replies = g_ptr_array_new_with_free_func (reply_free);
  self->seen = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
}

/**
 * galley_thread_new:
 * @number: within the item, from 1
 *
 * Returns: (transfer full): a thread to be filled by galley_thread_update()
 */
GalleyThread *
galley_thread_new (const GalleyId *id, guint number)
{
  GalleyThread *self = g_object_new (GALLEY_TYPE_THREAD, NULL);

  self->id = *id;
  self->number = number;
  return self;
}

/**
 * galley_thread_new_draft:
 * @author: the own name
 *
 * Returns: (transfer full): a thread that is on screen but not yet on disk
 */
GalleyThread *
galley_thread_new_draft (const GalleyId *id, guint number, const char *author)
{
  GalleyThread *self = galley_thread_new (id, number);

  g_free (self->author);
  self->author = g_strdup (author);
  self->mine = TRUE;
  self->may_edit = TRUE;
  self->created_us = g_get_real_time ();
  self->saved = GALLEY_SAVED_NOT_YET;
  return self;
}

/* What differs when anything that is shown differs: every head, where it stands, and its state. */
static void
print_entity (GString *print, const GalleyContents *contents, const GalleyEntity *entity)
{
  g_string_append_c (print, galley_contents_is_shared (contents, entity) ? '+' : '-');
  for (guint i = 0; i < entity->fields->len; i++)
    {
      const GalleyField *field = entity->fields->pdata[i];

      g_string_append_printf (print, "%u:%d", field->number, field->state);
      for (guint n = 0; n < field->heads->len; n++)
        {
          const GalleyHead *head = &g_array_index (field->heads, GalleyHead, n);
          g_autofree char *ref = galley_ref_to_string (&head->ref);

          g_string_append_printf (print, "@%s", ref);
        }
    }
}

static GalleySaved
saved_state (const GalleyContents *contents, const GalleyEntity *entity)
{
  return galley_contents_is_shared (contents, entity) ? GALLEY_SAVED_SHARED : GALLEY_SAVED_HERE;
}

static char *
name_author (const GalleyContents *contents, const GalleyEntity *entity)
{
  if (galley_id_equal (&entity->author, &contents->person))
    return g_strdup (_ ("You"));

  return g_strdup (galley_contents_name_of (contents, &entity->author));
}

static GalleyReply *
reply_new (const GalleyContents *contents, const GalleyEntity *comment)
{
  GalleyReply *reply = g_new0 (GalleyReply, 1);

  reply->id = comment->id;
  reply->author = name_author (contents, comment);
  reply->mine = galley_id_equal (&comment->author, &contents->person);
  reply->created_us = comment->created_us;
  reply->body = g_strdup (galley_entity_get_string (comment, GALLEY_COMMENT_BODY, ""));
  reply->contested = comment->contested;
  reply->saved = saved_state (contents, comment);
  reply->seen = galley_field_list_shown (galley_entity_get_field (comment, GALLEY_COMMENT_BODY));
  return reply;
}

static void
fill_seen (GalleyThread *self, const GalleyEntity *note)
{
  g_hash_table_remove_all (self->seen);
  for (guint i = 0; i < note->fields->len; i++)
    {
      const GalleyField *field = note->fields->pdata[i];

      if (*field->element == '\0')
        g_hash_table_insert (self->seen, GUINT_TO_POINTER (field->number),
                             galley_field_list_shown (field));
    }
}

static void
fill (GalleyThread *self, const GalleyContents *contents, const GalleyEntity *note)
{
  GVariant *blocking = galley_entity_get_value (note, GALLEY_ANNOTATION_BLOCKING);
  GVariant *anchor = galley_entity_get_value (note, GALLEY_ANNOTATION_ANCHOR);

  g_free (self->author);
  self->author = name_author (contents, note);
  g_free (self->body);
  self->body = g_strdup (galley_entity_get_string (note, GALLEY_ANNOTATION_BODY, ""));
  g_clear_pointer (&self->failure, g_free);
  self->mine = galley_id_equal (&note->author, &contents->person);
  self->created_us = note->created_us;
  self->resolved = g_strcmp0 (galley_entity_get_string (note, GALLEY_ANNOTATION_STATUS, "open"),
                              "resolved") == 0;
  self->blocking = blocking != NULL && g_variant_is_of_type (blocking, G_VARIANT_TYPE_BOOLEAN) &&
                   g_variant_get_boolean (blocking);
  self->contested = note->contested;
  self->may_edit = contents->role >= GALLEY_ROLE_REVIEWER;
  self->saved = saved_state (contents, note);
  self->page = 0;
  if (anchor != NULL && g_variant_is_of_type (anchor, G_VARIANT_TYPE ("(ayuuu)")))
    g_variant_get_child (anchor, 1, "u", &self->page);
  fill_seen (self, note);
}

/**
 * galley_thread_update:
 * @note: its annotation
 * @replies: (element-type GalleyEntity): its comments, oldest first
 *
 * Returns: whether anything differs from before; "changed" was emitted then
 */
gboolean
galley_thread_update (GalleyThread *self,
                      const GalleyContents *contents,
                      const GalleyEntity *note,
                      GPtrArray *replies)
{
  g_autoptr (GString) print = g_string_new (contents->connected ? "c" : "");

  g_return_val_if_fail (GALLEY_IS_THREAD (self), FALSE);

  print_entity (print, contents, note);
  for (guint i = 0; i < replies->len; i++)
    print_entity (print, contents, replies->pdata[i]);
  if (g_strcmp0 (self->print, print->str) == 0)
    return FALSE;

  g_free (self->print);
  self->print = g_strdup (print->str);
  fill (self, contents, note);
  g_ptr_array_set_size (self->replies, 0);
  for (guint i = 0; i < replies->len; i++)
    g_ptr_array_add (self->replies, reply_new (contents, replies->pdata[i]));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return TRUE;
}

void
galley_thread_set_number (GalleyThread *self, guint number)
{
  g_return_if_fail (GALLEY_IS_THREAD (self));

  if (self->number == number)
    return;

  self->number = number;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/**
 * galley_thread_set_saved:
 * @failure: (nullable): with %GALLEY_SAVED_FAILED: why, a sentence
 */
void
galley_thread_set_saved (GalleyThread *self, GalleySaved saved, const char *failure)
{
  g_return_if_fail (GALLEY_IS_THREAD (self));

  self->saved = saved;
  g_free (self->failure);
  self->failure = g_strdup (failure);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

const GalleyId *
galley_thread_get_id (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), NULL);

  return &self->id;
}

guint
galley_thread_get_number (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), 0);

  return self->number;
}

const char *
galley_thread_get_author (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), NULL);

  return self->author;
}

gboolean
galley_thread_is_mine (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), FALSE);

  return self->mine;
}

gint64
galley_thread_get_created (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), 0);

  return self->created_us;
}

const char *
galley_thread_get_body (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), NULL);

  return self->body;
}

/**
 * galley_thread_get_seen:
 * @field: of the annotation, one without elements
 *
 * Returns: (transfer none) (nullable) (element-type GalleyRef): the heads of what is shown now, of
 *   which an editor keeps a copy from when it was opened; %NULL while the note was not read yet
 */
GArray *
galley_thread_get_seen (GalleyThread *self, guint16 field)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), NULL);

  if (self->print == NULL)
    return NULL;

  /* A field that nobody has written yet: nothing was seen. */
  if (!g_hash_table_contains (self->seen, GUINT_TO_POINTER (field)))
    g_hash_table_insert (self->seen, GUINT_TO_POINTER (field), galley_field_list_shown (NULL));

  return g_hash_table_lookup (self->seen, GUINT_TO_POINTER (field));
}

gboolean
galley_thread_is_resolved (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), FALSE);

  return self->resolved;
}

gboolean
galley_thread_is_blocking (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), FALSE);

  return self->blocking;
}

gboolean
galley_thread_is_contested (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), FALSE);

  return self->contested;
}

gboolean
galley_thread_may_edit (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), FALSE);

  return self->may_edit;
}

GalleySaved
galley_thread_get_saved (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), GALLEY_SAVED_NOT_YET);

  return self->saved;
}

const char *
galley_thread_get_failure (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), NULL);

  return self->failure;
}

guint
galley_thread_get_page (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), 0);

  return self->page;
}

/**
 * galley_thread_get_replies:
 *
 * Returns: (transfer none) (element-type GalleyReply): oldest first
 */
GPtrArray *
galley_thread_get_replies (GalleyThread *self)
{
  g_return_val_if_fail (GALLEY_IS_THREAD (self), NULL);

  return self->replies;
}

/**
 * galley_thread_describe:
 *
 * Returns: (transfer full): the note in one sentence, for the screen reader
 */
char *
galley_thread_describe (GalleyThread *self)
{
  const char *text, *state;
  g_autofree char *when = NULL;
  g_autofree char *replies = NULL;

  g_return_val_if_fail (GALLEY_IS_THREAD (self), NULL);

  text = *self->body != '\0' ? self->body : _ ("no text");
  state = self->resolved ? _ ("Resolved") : _ ("Open");
  when = galley_words_for_time (self->created_us, g_get_real_time ());
  replies = g_strdup_printf (ngettext ("%u reply", "%u replies", self->replies->len),
                             self->replies->len);
  if (self->contested)
    /* Translators: note number, author, time, text, state, number of replies: "Note 2 by Rosa, 5
     * minutes ago: Too dark. Open, 1 reply, has a conflict" */
    return g_strdup_printf (_ ("Note %u by %s, %s: %s. %s, %s, has a conflict"), self->number,
                            self->author, when, text, state, replies);

  /* Translators: note number, author, time, text, state, number of replies */
  return g_strdup_printf (_ ("Note %u by %s, %s: %s. %s, %s"), self->number, self->author, when,
                          text, state, replies);
}
