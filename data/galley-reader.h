/* galley-reader.h: what the window, the command line and the sync service ask of the database
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"
#include "data/galley-merge.h"
#include "data/galley-schema.h"

G_BEGIN_DECLS

/* A read-only connection; belongs to one thread. Every answer is of one moment. */
typedef struct _GalleyReader GalleyReader;

void galley_reader_free (GalleyReader *self);

/* ── entities, field by field ── */

typedef struct
{
  guint16 number;
  const char *name; /* static; "field 17" kinds of a newer Galley have none: NULL */
  char *element;    /* "" but for sets and orders */
  GalleyFieldState state;
  const char *rule; /* static: how it came to the value */
  GVariant *value;  /* (nullable): what everyone sees */
  GVariant *mine;   /* (nullable): the own value, when it is contested and not the one in force */
  GArray *heads;    /* of GalleyHead, the one in force first */
} GalleyField;

typedef struct
{
  GalleyId id;
  GalleyId project;
  GalleyId parent; /* nil: none */
  GalleyId author; /* who made it */
  GalleyId owner;  /* the item it belongs to; nil for others */
  guint8 kind;
  gboolean alive;
  gboolean contested; /* some field, or its being there, waits for a person */
  gint64 created_us;
  gint64 updated_us;
  GPtrArray *fields; /* of GalleyField, by number, then element */
} GalleyEntity;

void galley_entity_free (GalleyEntity *self);
const GalleyField *galley_entity_get_field (const GalleyEntity *self, guint16 number);
/* Of GalleyRef: what an edit of the field has seen by showing @value. */
GArray *galley_field_list_shown (const GalleyField *self);
GVariant *galley_entity_get_value (const GalleyEntity *self, guint16 number); /* (transfer none) */
const char *galley_entity_get_string (const GalleyEntity *self,
                                      guint16 number,
                                      const char *fallback);
char **galley_entity_get_elements (const GalleyEntity *self,
                                   guint16 number); /* of a set or an order */

GalleyEntity *galley_reader_get_entity (GalleyReader *self, const GalleyId *id, GError **error);
GalleyEntity *galley_reader_get_bare_entity (GalleyReader *self,
                                             const GalleyId *id,
                                             GError **error);
GPtrArray *galley_reader_list_children (GalleyReader *self,
                                        const GalleyId *parent,
                                        guint8 kind,
                                        GError **error);
/* Everything of an item in one go: versions, annotations, comments, decisions. */
GPtrArray *galley_reader_list_remarks (GalleyReader *self, const GalleyId *entity, GError **error);
GPtrArray *galley_reader_list_owned (GalleyReader *self, const GalleyId *item, GError **error);
/* Of GalleyRef: each device and its last change that is here: for a delete of what is shown. */
GArray *galley_reader_list_tips (GalleyReader *self, const GalleyId *project, GError **error);
GPtrArray *galley_reader_list_kind (GalleyReader *self,
                                    const GalleyId *project,
                                    guint8 kind,
                                    GError **error);

/* ── projects and items, as lists show them ── */

typedef struct
{
  GalleyId id;
  char *name;
  guint n_items;
  guint n_conflicts;
  gboolean shared;
  GalleyRole role; /* own */
} GalleyProjectRow;

typedef struct
{
  GalleyId id;
  GalleyId project;
  char *name;
  char *state;      /* "open", "approved", "changes-requested", "partly" */
  char *media_type; /* (nullable): of the newest version */
  guint n_pages;
  double width, height; /* of the first page, in the asset's own units */
  guint version;
  GalleyHash file; /* of the newest version's bytes; zero: none */
  guint64 size_bytes;
  gboolean here; /* those bytes are on this computer */
  guint n_annotations;
  guint n_open; /* annotations not resolved */
  gboolean contested;
  gint64 updated_us;
} GalleyItemRow;

typedef enum
{
  GALLEY_SORT_NAME,
  GALLEY_SORT_UPDATED,
  GALLEY_SORT_STATE,
} GalleyItemSort;

typedef struct
{
  const GalleyId *project; /* (nullable): all */
  const char *state;       /* (nullable) */
  const char *tag;         /* (nullable) */
  const char *search;      /* (nullable): words in names, bodies and tags of the item */
  gboolean contested_only;
  GalleyItemSort sort;
  gboolean descending;
  guint limit; /* 0: no limit */
} GalleyItemFilter;

void galley_project_row_free (GalleyProjectRow *row);
void galley_item_row_free (GalleyItemRow *row);
GPtrArray *galley_reader_list_projects (GalleyReader *self, GError **error);
/* Ids alone, in order: 16 bytes an item, so a list of 100,000 is quick to have. */
GArray *galley_reader_list_item_ids (GalleyReader *self,
                                     const GalleyItemFilter *filter,
                                     GError **error);
GalleyItemRow *galley_reader_get_item (GalleyReader *self, const GalleyId *id, GError **error);
GBytes *galley_reader_get_thumbnail (GalleyReader *self, const GalleyId *item, GError **error);
char *galley_reader_path_of_file (GalleyReader *self,
                                  const GalleyHash *file); /* also when not there */

/* ── search, conflicts, journal, health ── */

typedef struct
{
  GalleyId entity;
  GalleyId item; /* nil: none */
  guint8 kind;
  char *snippet; /* plain text; the found words stand between U+2068 and U+2069 */
} GalleySearchHit;

void galley_search_hit_free (GalleySearchHit *hit);
GPtrArray *galley_reader_search (GalleyReader *self,
                                 const char *query,
                                 guint limit,
                                 GError **error);

typedef struct
{
  GalleyId entity;
  GalleyId project;
  GalleyId item; /* nil: none */
  guint8 kind;
  char *title; /* of the item, or the entity's own name */
  guint n_fields;
  gint64 since_us;   /* when it was found here */
  gint64 put_off_us; /* not to be seen before; 0: it was not put off */
  guint n_remarks;   /* what was said about it */
  gboolean asked;    /* the person here is asked to settle it */
} GalleyConflictRow;

void galley_conflict_row_free (GalleyConflictRow *row);
GPtrArray *galley_reader_list_conflicts (GalleyReader *self,
                                         const GalleyId *project,
                                         GError **error);

typedef struct
{
  guint16 field;
  char *element;
  GalleyFieldState state;
  const char *rule;
  GVariant *shown; /* (nullable): what everyone sees meanwhile */
  gboolean base_known;
  GVariant *base; /* (nullable): the nearest common ancestor's value */
  GalleyRef base_ref;
  GArray *heads;                /* of GalleyHead */
  gboolean delete_against_edit; /* field GALLEY_F_ALIVE: deleted by one, edited by another */
  gboolean settled_apart;       /* people settled it at the same time, each in another way */
  GArray *tips;                 /* (nullable): of GalleyRef: with that field: what was here then */
} GalleyConflictField;

/* The contested and merged fields of an entity, with base and heads. */
GPtrArray *galley_reader_get_conflict (GalleyReader *self, const GalleyId *entity, GError **error);
void galley_conflict_field_free (GalleyConflictField *field);

typedef struct
{
  GalleyChange *change;
  gint64 lsn;       /* order on this device */
  guint64 position; /* 0: not accepted yet */
  char *refused;    /* (nullable): the reason */
} GalleyJournalRow;

typedef struct
{
  const GalleyId *project; /* (nullable) */
  const GalleyId *entity;  /* (nullable) */
  const guint16 *field;    /* (nullable): of the entity, what set this one alone */
  const char *element;     /* (nullable): of the field, that element alone */
  const GArray *persons;   /* (nullable): of GalleyId: what one of them made */
  guint64 since_position;  /* 0: all */
  guint limit;             /* 0: 100 */
  gint64 before_lsn;       /* 0: newest; else for the next page */
} GalleyJournalFilter;

void galley_journal_row_free (GalleyJournalRow *row);
GPtrArray *galley_reader_list_journal (GalleyReader *self,
                                       const GalleyJournalFilter *filter,
                                       GError **error);
GalleyJournalRow *galley_reader_get_change (GalleyReader *self,
                                            const GalleyId *project,
                                            const GalleyRef *ref,
                                            GError **error);
GalleyJournalRow *galley_reader_find_change (GalleyReader *self, const char *text, GError **error);

typedef struct
{
  guint64 unsent;
  guint64 waiting_bytes; /* of changes and of files that are to be sent */
  guint64 conflicts;
  guint64 needs_attention; /* refused changes, jobs that failed or wait for a person, and: */
  guint64 differing;       /* projects that have come to something else here than on most devices */
  gint64 last_synced_us;   /* 0: never */
  gint64 offline_since_us; /* 0: not offline */
  gboolean connected;      /* there is a server */
  gboolean offline;        /* the person wants no network */
  gboolean paused;
} GalleyStatus;

gboolean galley_reader_is_connected (GalleyReader *self);
/* Of this workspace's journal, 0 while it is empty: whether anything came since is seen from it. */
gboolean galley_reader_get_last_lsn (GalleyReader *self, gint64 *lsn, GError **error);
gboolean galley_reader_count_conflicts (GalleyReader *self, guint64 *n_conflicts, GError **error);
gboolean galley_reader_get_status (GalleyReader *self, GalleyStatus *status, GError **error);
gboolean galley_reader_get_digest (GalleyReader *self,
                                   const GalleyId *project,
                                   GalleyHash *digest,
                                   guint64 *position,
                                   guint64 *unsent,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyReader, galley_reader_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyEntity, galley_entity_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyProjectRow, galley_project_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyItemRow, galley_item_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleySearchHit, galley_search_hit_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyConflictRow, galley_conflict_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyConflictField, galley_conflict_field_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyJournalRow, galley_journal_row_free)

G_END_DECLS
