/* galley-words.c: how states, times and counts are called in front of people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-words"

#include "ui/galley-words.h"

#include "data/galley-intent.h"
#include "data/galley-schema.h"
#include "ui/galley-mark.h"

#include <glib/gi18n-lib.h>

/* A value longer than this is not read in a table. */
#define VALUE_MAX_CHARS 400

typedef struct
{
  const char *state;
  const char *words;
  const char *icon;
  const char *css_class;
} StateWords;

static const StateWords states[] = {
  /* Translators: of an item or a note: still open. Not the verb */
  { "open", N_ ("Open"), "galley-open-symbolic", "galley-open" },
  { "partly", N_ ("Partly approved"), "galley-partly-symbolic", "galley-partly" },
  { "approved", N_ ("Approved"), "galley-approved-symbolic", "galley-approved" },
  { "changes-requested", N_ ("Changes requested"), "galley-changes-symbolic", "galley-changes" },
};

static const StateWords *
find_state (const char *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (states[i].state, state) == 0)
      return &states[i];

  return &states[0];
}

/**
 * galley_words_for_state:
 * @state: (nullable): of an item, as #GalleyItemRow has it
 */
const char *
galley_words_for_state (const char *state)
{
  return _ (find_state (state)->words);
}

/* A shape of its own for each state, so that nothing is told by colour alone. */
const char *
galley_words_icon_for_state (const char *state)
{
  return find_state (state)->icon;
}

const char *
galley_words_class_for_state (const char *state)
{
  return find_state (state)->css_class;
}

const char *
galley_words_for_verdict (const char *verdict)
{
  if (g_strcmp0 (verdict, "approve") == 0)
    return _ ("Approved");
  if (g_strcmp0 (verdict, "request-changes") == 0)
    return _ ("Changes requested");

  return _ ("Commented only");
}

char *
galley_words_for_notes (guint n_open, guint n_annotations)
{
  if (n_annotations == 0)
    return g_strdup (_ ("No notes"));
  if (n_open == 0)
    return g_strdup_printf (ngettext ("%u note, resolved", "%u notes, all resolved", n_annotations),
                            n_annotations);

  return g_strdup_printf (ngettext ("%u open note of %u", "%u open notes of %u", n_open), n_open,
                          n_annotations);
}

/**
 * galley_words_for_time:
 * @time_us: when, in microseconds since 1970 UTC; 0: never
 * @now_us: what time it is
 *
 * Returns: (transfer full): "just now", "5 minutes ago", "Tue 14:02", "3 May 2025"
 */
char *
galley_words_for_time (gint64 time_us, gint64 now_us)
{
  gint64 ago_s = (now_us - time_us) / G_USEC_PER_SEC;
  g_autoptr (GDateTime) time = NULL;

  if (time_us == 0)
    return g_strdup (_ ("never"));
  if (ago_s < 60 && ago_s > -60)
    return g_strdup (_ ("just now"));
  if (ago_s >= 0 && ago_s < 3600)
    return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", ago_s / 60),
                            (int)(ago_s / 60));
  if (ago_s >= 0 && ago_s < 12 * 3600)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", ago_s / 3600),
                            (int)(ago_s / 3600));

  time = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);
  if (time == NULL)
    return g_strdup (_ ("at an unknown time"));
  if (ago_s >= 0 && ago_s < 6 * 24 * 3600)
    /* Translators: a time within the last days, see g_date_time_format(): "Tue 14:02" */
    return g_date_time_format (time, _ ("%a %H:%M"));

  /* Translators: a day, see g_date_time_format(): "3 May 2025" */
  return g_date_time_format (time, _ ("%-d %b %Y"));
}

/**
 * galley_words_for_exact_time:
 *
 * Returns: (transfer full): day and time to the second, for tooltips and the history
 */
char *
galley_words_for_exact_time (gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_us / G_USEC_PER_SEC);

  return time != NULL ? g_date_time_format (time, "%x %X") : g_strdup (_ ("at an unknown time"));
}

typedef struct
{
  guint8 kind;
  guint16 field;
  const char *words;
} FieldWords;

static const FieldWords fields[] = {
  { GALLEY_KIND_PROJECT, GALLEY_PROJECT_NAME, N_ ("Name of the project") },
  { GALLEY_KIND_PROJECT, GALLEY_PROJECT_DESCRIPTION, N_ ("Description of the project") },
  { GALLEY_KIND_PROJECT, GALLEY_PROJECT_APPROVAL, N_ ("Rule for approval") },
  { GALLEY_KIND_MEMBER, GALLEY_MEMBER_NAME, N_ ("Name of the person") },
  { GALLEY_KIND_ITEM, GALLEY_ITEM_NAME, N_ ("Name") },
  { GALLEY_KIND_ITEM, GALLEY_ITEM_DESCRIPTION, N_ ("Description") },
  { GALLEY_KIND_ITEM, GALLEY_ITEM_TAGS, N_ ("Tags") },
  { GALLEY_KIND_ITEM, GALLEY_ITEM_ASSIGNEES, N_ ("Assigned to") },
  { GALLEY_KIND_ITEM, GALLEY_ITEM_DUE, N_ ("Due") },
  { GALLEY_KIND_VERSION, GALLEY_VERSION_FILE, N_ ("File") },
  { GALLEY_KIND_VERSION, GALLEY_VERSION_NAME, N_ ("Name of the file") },
  { GALLEY_KIND_VERSION, GALLEY_VERSION_NUMBER, N_ ("Version") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_SHAPE, N_ ("Shape") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_ANCHOR, N_ ("Page") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_PLACE, N_ ("Place") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_EXTENT, N_ ("Size") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_PATH, N_ ("Points") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR, N_ ("Colour") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_WIDTH, N_ ("Line width") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY, N_ ("Text of the note") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_TAGS, N_ ("Tags") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_STATUS, N_ ("Open or resolved") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_REPLIES, N_ ("Replies") },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BLOCKING, N_ ("Blocks approval") },
  { GALLEY_KIND_COMMENT, GALLEY_COMMENT_BODY, N_ ("Text of the reply") },
  { GALLEY_KIND_DECISION, GALLEY_DECISION_VERDICT, N_ ("Decision") },
  { GALLEY_KIND_DECISION, GALLEY_DECISION_NOTE, N_ ("Note to the decision") },
  { GALLEY_KIND_PLAYLIST, GALLEY_PLAYLIST_NAME, N_ ("Name of the playlist") },
  { GALLEY_KIND_PLAYLIST, GALLEY_PLAYLIST_DESCRIPTION, N_ ("Description of the playlist") },
  { GALLEY_KIND_PLAYLIST, GALLEY_PLAYLIST_ENTRIES, N_ ("Order of the playlist") },
  { GALLEY_KIND_VIEW, GALLEY_VIEW_NAME, N_ ("Name of the view") },
  { GALLEY_KIND_VIEW, GALLEY_VIEW_QUERY, N_ ("Filter of the view") },
  { GALLEY_KIND_REMARK, GALLEY_REMARK_BODY, N_ ("Remark on a conflict") },
  { GALLEY_KIND_REMARK, GALLEY_REMARK_ASKED, N_ ("Asked to settle a conflict") },
};

/**
 * galley_words_for_field:
 *
 * Returns: what people call a field; fields from a newer Galley are called just that
 */
const char *
galley_words_for_field (guint8 kind, guint16 field)
{
  if (field == GALLEY_F_ALIVE)
    return _ ("Kept or deleted");

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].kind == kind && fields[i].field == field)
      return _ (fields[i].words);

  return _ ("Something that a newer Galley knows");
}

static char *
describe_pair (GVariant *value, gboolean is_place)
{
  double x, y;

  g_variant_get (value, "(dd)", &x, &y);
  if (is_place)
    /* Translators: a place on a page, so far from its left and from its top */
    return g_strdup_printf (_ ("At %.0f, %.0f"), x, y);
  return g_strdup_printf ("%.0f × %.0f", x, y);
}

static const char *
word_for_role (const char *role)
{
  static const char *const words[][2] = {
    { "guest", N_ ("guest") },
    { "reviewer", N_ ("reviewer") },
    { "lead", N_ ("lead") },
    { "admin", N_ ("admin") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i][0], role))
      return _ (words[i][1]);

  return role;
}

static char *
describe_approval (GVariant *value)
{
  guint needed;
  const char *role;

  g_variant_get (value, "(u&s)", &needed, &role);
  /* Translators: how many approvals are needed, and the least role of who gives them */
  return g_strdup_printf (ngettext ("%u approval (%s or more)", "%u approvals (%s or more)",
                                    needed),
                          needed, word_for_role (role));
}

/**
 * galley_words_shorten:
 *
 * Returns: (transfer full): @text, or its first @max_chars characters and a sign that there is more
 */
char *
galley_words_shorten (const char *text, guint max_chars)
{
  const char *end = text;

  /* Not counted to its end: it may be long. */
  for (guint i = 0; i < max_chars && *end != '\0'; i++)
    end = g_utf8_next_char (end);
  return *end == '\0' ? g_strdup (text) : g_strdup_printf ("%.*s…", (int)(end - text), text);
}

static char *
describe_number (GVariant *value, gboolean is_time)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    return g_strdup_printf ("%u", g_variant_get_uint32 (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return g_strdup_printf ("%.4g", g_variant_get_double (value));
  if (is_time)
    {
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (g_variant_get_int64 (value));

      return time != NULL ? g_date_time_format (time, "%x") : g_strdup ("");
    }

  return g_variant_print (value, FALSE);
}

static char *
describe_first (GVariant *value, guint child)
{
  g_autoptr (GVariant) first = g_variant_get_child_value (value, child);

  if (g_variant_is_of_type (first, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (first) ? _ ("Kept") : _ ("Deleted"));
  if (g_variant_is_of_type (first, G_VARIANT_TYPE_STRING))
    return g_strdup (galley_words_for_verdict (g_variant_get_string (first, NULL)));

  return g_variant_print (first, FALSE);
}

static char *
describe_string (guint8 kind, guint16 field, const char *text)
{
  GalleyShape shape;

  if (kind == GALLEY_KIND_ANNOTATION && field == GALLEY_ANNOTATION_STATUS)
    return g_strdup (g_str_equal (text, "resolved") ? _ ("Resolved") : _ ("Open"));
  if (kind == GALLEY_KIND_ANNOTATION && field == GALLEY_ANNOTATION_SHAPE &&
      galley_shape_from_text (text, &shape))
    return g_strdup (galley_shape_get_name (shape));

  return *text != '\0' ? galley_words_shorten (text, VALUE_MAX_CHARS) : g_strdup (_ ("Empty"));
}

/**
 * galley_words_for_value:
 * @value: (nullable): of the field; %NULL: none
 *
 * Returns: (transfer full): the value as a person reads it, at most a few lines
 */
char *
galley_words_for_value (guint8 kind, guint16 field, GVariant *value)
{
  if (value == NULL)
    return g_strdup (_ ("Nothing"));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return describe_string (kind, field, g_variant_get_string (value, NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return g_strdup (g_variant_get_boolean (value) ? _ ("Yes") : _ ("No"));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(dd)")))
    return describe_pair (value,
                          kind == GALLEY_KIND_ANNOTATION && field == GALLEY_ANNOTATION_PLACE);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(us)")))
    return describe_approval (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("a(dd)")))
    return g_strdup_printf (ngettext ("%u point", "%u points", g_variant_n_children (value)),
                            (guint)g_variant_n_children (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(ayuuu)")))
    {
      guint page;

      g_variant_get_child (value, 1, "u", &page);
      return g_strdup_printf (_ ("Page %u"), page);
    }
  if (field == GALLEY_F_ALIVE || kind == GALLEY_KIND_DECISION)
    return describe_first (value, 0);

  return describe_number (value, kind == GALLEY_KIND_ITEM && field == GALLEY_ITEM_DUE);
}

/**
 * galley_words_for_intent:
 * @intent: what a change says that its author wanted
 *
 * Returns: (transfer full): the same as a sentence's start in the history; unknown ones as they are
 */
char *
galley_words_for_intent (const char *intent)
{
  static const struct
  {
    const char *intent;
    const char *words;
  } known[] = {
    { "import", N_ ("Imported the file") },
    { "add version", N_ ("Added a version") },
    { "add note", N_ ("Added a note") },
    { "move shape", N_ ("Moved a shape") },
    { "change note", N_ ("Changed a note") },
    { "decide", N_ ("Decided") },
    { "set field", N_ ("Changed a field") },
    { "several edits", N_ ("Changed several things") },
    { "edit note", N_ ("Changed the text of a note") },
    { "reply", N_ ("Replied") },
    { "remark", N_ ("Said something about a conflict") },
    { "resolve note", N_ ("Resolved a note") },
    { "reopen note", N_ ("Opened a note again") },
    { "delete note", N_ ("Deleted a note") },
    { "delete", N_ ("Deleted") },
    { "restore", N_ ("Brought back") },
    { "rename", N_ ("Renamed") },
    { "approve", N_ ("Approved") },
    { "request-changes", N_ ("Requested changes") },
    { "comment", N_ ("Commented") },
    { "resolve conflict", N_ ("Resolved a conflict") },
    { "undo", N_ ("Undid a change") },
    { "redo", N_ ("Did a change again") },
    { "create project", N_ ("Made the project") },
    { "switch rules", N_ ("Switched the rules of the project") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_strcmp0 (known[i].intent, intent) == 0)
      return g_strdup (_ (known[i].words));

  return g_strdup (intent != NULL && *intent != '\0' ? intent : _ ("Changed something"));
}

/**
 * galley_words_for_change:
 *
 * "Changed a field" says little: it is said which one, and what a decision was.
 *
 * Returns: (transfer full): what the author of a change did, as a sentence's start
 */
char *
galley_words_for_change (GalleyChange *change)
{
  const char *intent = galley_change_get_intent (change);

  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if (edit->kind == GALLEY_KIND_DECISION && edit->field == GALLEY_DECISION_VERDICT &&
          edit->value != NULL)
        return galley_words_for_value (edit->kind, edit->field, edit->value);
    }

  if (g_strcmp0 (intent, GALLEY_INTENT_SET_FIELD) == 0)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, 0);

      /* Translators: the name of a field: "Changed: Text of the note" */
      return g_strdup_printf (_ ("Changed: %s"), galley_words_for_field (edit->kind, edit->field));
    }

  return galley_words_for_intent (intent);
}
