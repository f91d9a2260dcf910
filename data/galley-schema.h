/* galley-schema.h: the one table of what exists: kinds, fields, merge rules, permissions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-id.h"

G_BEGIN_DECLS

typedef enum
{
  GALLEY_KIND_PROJECT = 1,
  GALLEY_KIND_MEMBER,
  GALLEY_KIND_ITEM,
  GALLEY_KIND_VERSION,
  GALLEY_KIND_ANNOTATION,
  GALLEY_KIND_COMMENT,
  GALLEY_KIND_DECISION,
  GALLEY_KIND_PLAYLIST,
  GALLEY_KIND_VIEW,
  GALLEY_KIND_REMARK,
} GalleyKind;

/* How concurrent values of a field come together; see docs/contract.md. */
typedef enum
{
  GALLEY_FIELD_REGISTER,
  GALLEY_FIELD_TEXT,
  GALLEY_FIELD_SET,
  GALLEY_FIELD_ORDER,
  GALLEY_FIELD_GEOMETRY,
  GALLEY_FIELD_LIFECYCLE,
  GALLEY_FIELD_DECISION,
} GalleyFieldType;

typedef enum
{
  GALLEY_ROLE_NONE,
  GALLEY_ROLE_GUEST, /* reads */
  GALLEY_ROLE_REVIEWER,
  GALLEY_ROLE_LEAD,
  GALLEY_ROLE_ADMIN,
} GalleyRole;

typedef enum
{
  GALLEY_WRITERS_REVIEWERS, /* any reviewer, lead or admin */
  GALLEY_WRITERS_AUTHOR,    /* who made the entity; leads too */
  GALLEY_WRITERS_LEADS,
  GALLEY_WRITERS_SELF, /* who made the entity and nobody else */
} GalleyWriters;

/* Which of two values of a field is the one under which nothing is missed: a note that is open, a
 * deadline that is earlier. A set of rules may go by it. */
typedef enum
{
  GALLEY_CAREFUL_NOT,
  GALLEY_CAREFUL_LEAST,
  GALLEY_CAREFUL_GREATEST,
} GalleyCareful;

/* Numbers are for ever: never used again for something else. These stand in every kind. */
enum
{
  GALLEY_F_ALIVE = 0,  /* (ba(ayt)): exists?, and how far each device had been seen when deleted */
  GALLEY_F_PARENT = 1, /* ay: 16 bytes, written once when the entity is made */
};

enum /* project */
{
  GALLEY_PROJECT_NAME = 2,
  GALLEY_PROJECT_DESCRIPTION,
  GALLEY_PROJECT_RULES,    /* u: version of the merge rules in force */
  GALLEY_PROJECT_APPROVAL, /* (us): how many approvals, of which least role */
  GALLEY_PROJECT_POLICIES, /* a{ss}: see galley-policy.h */
};
enum /* member: entity id = person id */
{
  GALLEY_MEMBER_NAME = 2,
};
enum /* item */
{
  GALLEY_ITEM_NAME = 2,
  GALLEY_ITEM_DESCRIPTION,
  GALLEY_ITEM_TAGS,
  GALLEY_ITEM_ASSIGNEES,
  GALLEY_ITEM_DUE, /* x: seconds since 1970 UTC */
};
enum /* version: parent is an item */
{
  GALLEY_VERSION_FILE = 2,  /* (ayts): BLAKE2b-256 of the bytes, size in bytes, media type */
  GALLEY_VERSION_NAME,      /* s: the file's name when it was imported */
  GALLEY_VERSION_MEDIA,     /* (ua(dd)): pages, size of each (at most 64 kept) in its own units */
  GALLEY_VERSION_THUMBNAIL, /* ay: an encoded picture of at most 256 px and 16 KiB */
  GALLEY_VERSION_NUMBER,    /* u: 1, 2, 3 … within the item */
};
enum /* annotation: parent is an item */
{
  GALLEY_ANNOTATION_SHAPE = 2, /* s: pin rect ellipse line arrow polygon path highlight text */
  GALLEY_ANNOTATION_ANCHOR,    /* (ayuuu): version id, page from 1, first and last frame or 0 0 */
  GALLEY_ANNOTATION_PLACE,     /* (dd): first point, in the asset's own units */
  GALLEY_ANNOTATION_EXTENT,    /* (dd): width and height from the place */
  GALLEY_ANNOTATION_PATH,      /* a(dd): further points, from the place */
  GALLEY_ANNOTATION_COLOR,     /* s: #RRGGBB */
  GALLEY_ANNOTATION_WIDTH,     /* d: of the line, in the asset's own units */
  GALLEY_ANNOTATION_BODY,
  GALLEY_ANNOTATION_TAGS,
  GALLEY_ANNOTATION_STATUS,   /* s: open, resolved */
  GALLEY_ANNOTATION_REPLIES,  /* set of comment ids: a reply is an edit of its thread */
  GALLEY_ANNOTATION_BLOCKING, /* b: must be resolved before an approval counts */
};
enum /* comment: parent is an annotation */
{
  GALLEY_COMMENT_BODY = 2,
};
enum /* decision: parent is an item; the id is derived from person and version */
{
  GALLEY_DECISION_VERDICT = 2, /* (saytaayay): see galley-decision.h */
  GALLEY_DECISION_NOTE,
};
enum /* playlist */
{
  GALLEY_PLAYLIST_NAME = 2,
  GALLEY_PLAYLIST_DESCRIPTION,
  GALLEY_PLAYLIST_ENTRIES, /* order: element = item id, value = fractional key */
};
enum /* saved view */
{
  GALLEY_VIEW_NAME = 2,
  GALLEY_VIEW_QUERY,
};
enum /* remark: its parent is what people disagree about */
{
  GALLEY_REMARK_BODY = 2,
  GALLEY_REMARK_ASKED, /* element = person id: to settle it */
};

typedef struct
{
  guint16 number;
  const char *name; /* as the command line and the wire name it */
  GalleyFieldType type;
  const char *format; /* GVariant type of a value */
  GalleyWriters writers;
  gboolean searched; /* its text is found by search */
  GalleyCareful careful;
} GalleyFieldSpec;

typedef struct
{
  guint8 number;
  const char *name;
  const GalleyFieldSpec *fields;
  guint n_fields;
} GalleyKindSpec;

/* Another text whenever what is made of the journal by this table may be something else. */
char *galley_schema_get_fingerprint (void);

const GalleyKindSpec *galley_schema_get_kind (guint8 kind);
const GalleyKindSpec *galley_schema_find_kind (const char *name);
const GalleyFieldSpec *galley_schema_get_field (guint8 kind, guint16 field);
const GalleyFieldSpec *galley_schema_find_field (guint8 kind, const char *name);
gboolean galley_schema_lists_persons (guint8 kind, guint16 field);
gboolean galley_schema_check_value (const GalleyFieldSpec *spec,
                                    const char *element,
                                    GVariant *value,
                                    GError **error);
gboolean galley_schema_may_write (const GalleyFieldSpec *spec, GalleyRole role, gboolean is_author);

const char *galley_role_to_string (GalleyRole role);
GalleyRole galley_role_parse (const char *text); /* GALLEY_ROLE_NONE for anything else */

G_END_DECLS
