/* galley-schema.c: the one table of what exists: kinds, fields, merge rules, permissions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-schema"

#include "data/galley-schema-private.h"

#include "data/galley-error.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <sodium.h>
#include <string.h>

/* A text is merged by words and stands in a change, so it has a bound. */
#define TEXT_MAX_BYTES (256 * 1024)
#define STRING_MAX_BYTES 4096
#define ELEMENT_MAX_BYTES 256
#define THUMBNAIL_MAX_BYTES (16 * 1024)

#define REGISTER GALLEY_FIELD_REGISTER
#define TEXT GALLEY_FIELD_TEXT
#define SET GALLEY_FIELD_SET
#define GEOMETRY GALLEY_FIELD_GEOMETRY
#define REVIEWERS GALLEY_WRITERS_REVIEWERS
#define AUTHOR GALLEY_WRITERS_AUTHOR
#define LEADS GALLEY_WRITERS_LEADS
#define SELF GALLEY_WRITERS_SELF
#define LEAST GALLEY_CAREFUL_LEAST
#define GREATEST GALLEY_CAREFUL_GREATEST

/* Who may delete an entity is who may write its "alive". */
#define COMMON(writers)                                                                            \
  { GALLEY_F_ALIVE, "alive", GALLEY_FIELD_LIFECYCLE, "(ba(ayt))", writers, FALSE },                \
  {                                                                                                \
    GALLEY_F_PARENT, "parent", REGISTER, "ay", SELF, FALSE                                         \
  }

static const GalleyFieldSpec project_fields[] = {
  COMMON (LEADS),
  { GALLEY_PROJECT_NAME, "name", REGISTER, "s", LEADS, TRUE },
  { GALLEY_PROJECT_DESCRIPTION, "description", TEXT, "s", LEADS, TRUE },
  { GALLEY_PROJECT_RULES, "merge_rules", REGISTER, "u", LEADS, FALSE },
  { GALLEY_PROJECT_APPROVAL, "approval", REGISTER, "(us)", LEADS, FALSE },
  { GALLEY_PROJECT_POLICIES, "policies", REGISTER, "a{ss}", LEADS, FALSE },
};

static const GalleyFieldSpec member_fields[] = {
  COMMON (SELF),
  { GALLEY_MEMBER_NAME, "name", REGISTER, "s", SELF, TRUE },
};

static const GalleyFieldSpec item_fields[] = {
  COMMON (AUTHOR),
  { GALLEY_ITEM_NAME, "name", REGISTER, "s", REVIEWERS, TRUE },
  { GALLEY_ITEM_DESCRIPTION, "description", TEXT, "s", REVIEWERS, TRUE },
  { GALLEY_ITEM_TAGS, "tags", SET, "b", REVIEWERS, TRUE },
  { GALLEY_ITEM_ASSIGNEES, "assignees", SET, "b", REVIEWERS, FALSE },
  { GALLEY_ITEM_DUE, "due", REGISTER, "x", REVIEWERS, FALSE, LEAST },
};

static const GalleyFieldSpec version_fields[] = {
  COMMON (AUTHOR),
  { GALLEY_VERSION_FILE, "file", REGISTER, "(ayts)", SELF, FALSE },
  { GALLEY_VERSION_NAME, "name", REGISTER, "s", AUTHOR, TRUE },
  { GALLEY_VERSION_MEDIA, "media", REGISTER, "(ua(dd))", SELF, FALSE },
  { GALLEY_VERSION_THUMBNAIL, "thumbnail", REGISTER, "ay", SELF, FALSE },
  { GALLEY_VERSION_NUMBER, "number", REGISTER, "u", SELF, FALSE },
};

static const GalleyFieldSpec annotation_fields[] = {
  COMMON (AUTHOR),
  { GALLEY_ANNOTATION_SHAPE, "shape", REGISTER, "s", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_ANCHOR, "anchor", REGISTER, "(ayuuu)", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_PLACE, "place", GEOMETRY, "(dd)", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_EXTENT, "extent", GEOMETRY, "(dd)", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_PATH, "path", GEOMETRY, "a(dd)", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_COLOR, "color", REGISTER, "s", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_WIDTH, "width", REGISTER, "d", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_BODY, "body", TEXT, "s", REVIEWERS, TRUE },
  { GALLEY_ANNOTATION_TAGS, "tags", SET, "b", REVIEWERS, TRUE },
  { GALLEY_ANNOTATION_STATUS, "status", REGISTER, "s", REVIEWERS, FALSE, LEAST },
  { GALLEY_ANNOTATION_REPLIES, "replies", SET, "b", REVIEWERS, FALSE },
  { GALLEY_ANNOTATION_BLOCKING, "blocking", REGISTER, "b", REVIEWERS, FALSE, GREATEST },
};

static const GalleyFieldSpec comment_fields[] = {
  COMMON (AUTHOR),
  { GALLEY_COMMENT_BODY, "body", TEXT, "s", AUTHOR, TRUE },
};

static const GalleyFieldSpec decision_fields[] = {
  COMMON (SELF),
  { GALLEY_DECISION_VERDICT, "verdict", GALLEY_FIELD_DECISION, "(saytaayay)", SELF, FALSE },
  { GALLEY_DECISION_NOTE, "note", TEXT, "s", SELF, TRUE },
};

static const GalleyFieldSpec playlist_fields[] = {
  COMMON (AUTHOR),
  { GALLEY_PLAYLIST_NAME, "name", REGISTER, "s", REVIEWERS, TRUE },
  { GALLEY_PLAYLIST_DESCRIPTION, "description", TEXT, "s", REVIEWERS, TRUE },
  { GALLEY_PLAYLIST_ENTRIES, "entries", GALLEY_FIELD_ORDER, "s", REVIEWERS, FALSE },
};

static const GalleyFieldSpec view_fields[] = {
  COMMON (AUTHOR),
  { GALLEY_VIEW_NAME, "name", REGISTER, "s", AUTHOR, TRUE },
  { GALLEY_VIEW_QUERY, "query", REGISTER, "s", AUTHOR, FALSE },
};

/* What somebody says about a conflict, and whom they ask to settle it. */
static const GalleyFieldSpec remark_fields[] = {
  COMMON (AUTHOR),
  { GALLEY_REMARK_BODY, "body", TEXT, "s", AUTHOR, TRUE },
  { GALLEY_REMARK_ASKED, "asked", SET, "b", REVIEWERS, FALSE },
};

#define KIND(number, name, fields) [number] = { number, name, fields, G_N_ELEMENTS (fields) }

static const GalleyKindSpec own_kinds[] = {
  KIND (GALLEY_KIND_PROJECT, "project", project_fields),
  KIND (GALLEY_KIND_MEMBER, "member", member_fields),
  KIND (GALLEY_KIND_ITEM, "item", item_fields),
  KIND (GALLEY_KIND_VERSION, "version", version_fields),
  KIND (GALLEY_KIND_ANNOTATION, "annotation", annotation_fields),
  KIND (GALLEY_KIND_COMMENT, "comment", comment_fields),
  KIND (GALLEY_KIND_DECISION, "decision", decision_fields),
  KIND (GALLEY_KIND_PLAYLIST, "playlist", playlist_fields),
  KIND (GALLEY_KIND_VIEW, "view", view_fields),
  KIND (GALLEY_KIND_REMARK, "remark", remark_fields),
};

static const GalleyKindSpec *kinds = own_kinds;
static guint n_kinds = G_N_ELEMENTS (own_kinds);

void
galley_schema_suppose (const GalleyKindSpec *supposed, guint n_supposed)
{
  kinds = supposed != NULL ? supposed : own_kinds;
  n_kinds = supposed != NULL ? n_supposed : G_N_ELEMENTS (own_kinds);
}

static void
add_to_fingerprint (crypto_generichash_state *state,
                    const GalleyKindSpec *kind,
                    const GalleyFieldSpec *field)
{
  g_autofree char *text = g_strdup_printf ("%u %u %d %s %d %d\n", kind->number, field->number,
                                           field->type, field->format, field->searched,
                                           field->careful);

  crypto_generichash_update (state, (const guint8 *)text, strlen (text));
}

/**
 * galley_schema_get_fingerprint:
 *
 * Names and permissions are not part of it: nothing derived holds them.
 *
 * Returns: (transfer full): 32 hexadecimal digits
 */
char *
galley_schema_get_fingerprint (void)
{
  guint8 hash[crypto_generichash_BYTES_MIN];
  char text[2 * sizeof hash + 1];
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, sizeof hash);
  for (guint i = 0; i < n_kinds; i++)
    for (guint k = 0; k < kinds[i].n_fields; k++)
      add_to_fingerprint (&state, &kinds[i], &kinds[i].fields[k]);
  crypto_generichash_final (&state, hash, sizeof hash);
  sodium_bin2hex (text, sizeof text, hash, sizeof hash);
  return g_strdup (text);
}

/**
 * galley_schema_get_kind:
 *
 * Returns: (nullable): what is known of the kind; %NULL for one from a newer Galley
 */
const GalleyKindSpec *
galley_schema_get_kind (guint8 kind)
{
  return kind < n_kinds && kinds[kind].name != NULL ? &kinds[kind] : NULL;
}

const GalleyKindSpec *
galley_schema_find_kind (const char *name)
{
  for (guint i = 0; i < n_kinds; i++)
    if (g_strcmp0 (kinds[i].name, name) == 0)
      return &kinds[i];

  return NULL;
}

/**
 * galley_schema_get_field:
 *
 * Returns: (nullable): what is known of the field; %NULL for one from a newer Galley, which is kept
 *   and forwarded unread
 */
const GalleyFieldSpec *
galley_schema_get_field (guint8 kind, guint16 field)
{
  const GalleyKindSpec *spec = galley_schema_get_kind (kind);

  /* The numbers of each kind are dense from 0; a gap would be a mistake in the table above. */
  if (spec == NULL || field >= spec->n_fields)
    return NULL;

  g_assert (spec->fields[field].number == field);
  return &spec->fields[field];
}

const GalleyFieldSpec *
galley_schema_find_field (guint8 kind, const char *name)
{
  const GalleyKindSpec *spec = galley_schema_get_kind (kind);

  for (guint i = 0; spec != NULL && i < spec->n_fields; i++)
    if (g_strcmp0 (spec->fields[i].name, name) == 0)
      return &spec->fields[i];

  return NULL;
}

/**
 * galley_schema_lists_persons:
 *
 * Returns: whether the elements of the field are ids of persons
 */
gboolean
galley_schema_lists_persons (guint8 kind, guint16 field)
{
  return (kind == GALLEY_KIND_ITEM && field == GALLEY_ITEM_ASSIGNEES) ||
         (kind == GALLEY_KIND_REMARK && field == GALLEY_REMARK_ASKED);
}

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID, format, arguments);
  va_end (arguments);
  return FALSE;
}

static gboolean
numbers_are_finite (GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_DOUBLE))
    return isfinite (g_variant_get_double (value));
  if (!g_variant_is_container (value))
    return TRUE;

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (!numbers_are_finite (child))
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_one_of (const char *text, const char *const *allowed)
{
  return g_strv_contains (allowed, text);
}

static gboolean
is_color (const char *text)
{
  if (strlen (text) != 7 || text[0] != '#')
    return FALSE;

  for (int i = 1; i < 7; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;

  return TRUE;
}

/* What a text may be beyond its type. The specs are compared by address: each is in one table. */
static gboolean
check_string (const GalleyFieldSpec *spec, const char *text, GError **error)
{
  static const char *const shapes[] = { "pin",     "rect", "ellipse",   "line", "arrow",
                                        "polygon", "path", "highlight", "text", NULL };
  static const char *const statuses[] = { "open", "resolved", NULL };
  gsize limit = spec->type == TEXT ? TEXT_MAX_BYTES : STRING_MAX_BYTES;

  if (strlen (text) > limit)
    return refuse (error, _ ("The field “%s” is too long."), spec->name);
  if (spec == &annotation_fields[GALLEY_ANNOTATION_SHAPE] && !is_one_of (text, shapes))
    return refuse (error, _ ("The field “%s” knows no such shape."), spec->name);
  if (spec == &annotation_fields[GALLEY_ANNOTATION_STATUS] && !is_one_of (text, statuses))
    return refuse (error, _ ("The field “%s” is either open or resolved."), spec->name);
  if (spec == &annotation_fields[GALLEY_ANNOTATION_COLOR] && !is_color (text))
    return refuse (error, _ ("The field “%s” is a colour written as #RRGGBB."), spec->name);

  return TRUE;
}

static gboolean
check_bytes (const GalleyFieldSpec *spec, GVariant *value, GError **error)
{
  gsize size = g_variant_n_children (value);

  if (spec->number == GALLEY_F_PARENT && size != sizeof (GalleyId))
    return refuse (error, _ ("The field “%s” is an id of 16 bytes."), spec->name);
  if (spec == &version_fields[GALLEY_VERSION_THUMBNAIL] && size > THUMBNAIL_MAX_BYTES)
    return refuse (error, _ ("The field “%s” is larger than 16 KiB."), spec->name);

  return TRUE;
}

static gboolean
check_compound (const GalleyFieldSpec *spec, GVariant *value, GError **error)
{
  static const char *const verdicts[] = { "approve", "request-changes", "comment", NULL };
  g_autoptr (GVariant) first = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_TUPLE))
    first = g_variant_get_child_value (value, 0);

  if (spec->type == GALLEY_FIELD_DECISION &&
      !is_one_of (g_variant_get_string (first, NULL), verdicts))
    return refuse (error, _ ("The field “%s” is approve, request-changes or comment."), spec->name);
  if (spec == &version_fields[GALLEY_VERSION_FILE] && g_variant_n_children (first) != 32)
    return refuse (error, _ ("The field “%s” names a file by its 32-byte hash."), spec->name);
  if (spec == &annotation_fields[GALLEY_ANNOTATION_ANCHOR] && g_variant_n_children (first) != 16)
    return refuse (error, _ ("The field “%s” names a version by its 16-byte id."), spec->name);

  return TRUE;
}

/**
 * galley_schema_check_value:
 * @element: of a set or an order: which element; else ""
 * @value: (nullable): the value, or %NULL to clear or remove
 * @error: %GALLEY_DATA_ERROR_INVALID with a sentence
 *
 * Returns: whether the schema allows @value there
 */
gboolean
galley_schema_check_value (const GalleyFieldSpec *spec,
                           const char *element,
                           GVariant *value,
                           GError **error)
{
  gboolean has_elements = spec->type == SET || spec->type == GALLEY_FIELD_ORDER;

  if (has_elements != (*element != '\0'))
    return refuse (error,
                   has_elements ? _ ("The field “%s” is a list: name an element.")
                                : _ ("The field “%s” has no elements."),
                   spec->name);
  if (strlen (element) > ELEMENT_MAX_BYTES)
    return refuse (error, _ ("The field “%s” has elements of at most 256 bytes."), spec->name);
  if (value == NULL)
    return spec->number > GALLEY_F_PARENT ||
           refuse (error, _ ("The field “%s” is part of what a thing is and cannot be cleared."),
                   spec->name);
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (spec->format)))
    return refuse (error, _ ("The field “%s” has the type %s, not %s."), spec->name, spec->format,
                   g_variant_get_type_string (value));
  if (!numbers_are_finite (value))
    return refuse (error, _ ("The field “%s” takes finite numbers only."), spec->name);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return check_string (spec, g_variant_get_string (value, NULL), error);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return check_bytes (spec, value, error);

  return check_compound (spec, value, error);
}

/**
 * galley_schema_may_write:
 * @spec: (nullable): %NULL for a field from a newer Galley, which reviewers may write
 * @role: the actor's role in the project
 * @is_author: whether the actor made the entity, or is making it
 */
gboolean
galley_schema_may_write (const GalleyFieldSpec *spec, GalleyRole role, gboolean is_author)
{
  GalleyWriters writers = spec != NULL ? spec->writers : REVIEWERS;

  if (role < GALLEY_ROLE_REVIEWER)
    return FALSE;

  switch (writers)
    {
    case GALLEY_WRITERS_REVIEWERS:
      return TRUE;

    case GALLEY_WRITERS_AUTHOR:
      return is_author || role >= GALLEY_ROLE_LEAD;

    case GALLEY_WRITERS_LEADS:
      /* Who makes a project is its lead from the first change on. */
      return is_author || role >= GALLEY_ROLE_LEAD;

    case GALLEY_WRITERS_SELF:
      return is_author;

    default:
      return FALSE;
    }
}

static const char *const role_names[] = { "none", "guest", "reviewer", "lead", "admin" };

const char *
galley_role_to_string (GalleyRole role)
{
  return role < G_N_ELEMENTS (role_names) ? role_names[role] : "none";
}

GalleyRole
galley_role_parse (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++)
    if (g_strcmp0 (role_names[i], text) == 0)
      return i;

  return GALLEY_ROLE_NONE;
}
