/* galley-conflict.h: one thing that people changed at the same time, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-schema.h"
#include "data/galley-store.h"

#include "ui/galley-text-difference.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_CONFLICT (galley_conflict_get_type ())
G_DECLARE_FINAL_TYPE (GalleyConflict, galley_conflict, GALLEY, CONFLICT, GObject)

/* What one person made of a field. */
typedef struct
{
  GalleyId person;
  char *who;    /* "You" or a name */
  char *device; /* its name */
  gboolean mine;
  gboolean fresh;                   /* it came in while the conflict was looked at */
  char *when;                       /* and on which device */
  char *words;                      /* the value for people, at most a few lines */
  GVariant *value;                  /* (nullable) */
  GalleyTextDifference *difference; /* (nullable): of a text, against what it was before */
  GalleyRef ref;
} GalleyConflictSide;

typedef enum
{
  GALLEY_PICK_NONE,
  GALLEY_PICK_BEFORE, /* what it was before */
  GALLEY_PICK_SIDE,
  GALLEY_PICK_OWN, /* something else, that the person made themselves */
} GalleyPick;

/* A field that more than one person changed: contested, or merged by a rule. */
typedef struct
{
  guint16 field;
  char *element;
  GalleyFieldType type;
  gboolean contested; /* a person must look */
  char *label;
  char *rule;       /* what everyone sees meanwhile and why */
  char *shown;      /* that value, in words */
  gboolean deletes; /* one deleted it and another changed it */
  char *loss;       /* (nullable): what would go with it */
  gboolean base_known;
  GVariant *base;   /* (nullable): what it was before */
  char *before;     /* in words; "Unknown" when it cannot be had */
  GPtrArray *sides; /* of GalleyConflictSide, the own one first */
  char *woven;      /* (nullable): of a text, all that people wrote */
  GArray *overlaps; /* (nullable): of GalleyOverlap, in @woven */

  GalleyPick pick;
  guint side;    /* of GALLEY_PICK_SIDE */
  GVariant *own; /* (nullable): of GALLEY_PICK_OWN */
} GalleyContest;

/* The page that a note is on. */
typedef struct
{
  double width, height; /* asset units; 0: not known, or no note */
  GdkTexture *picture;  /* (nullable): small, of the first page */
  gboolean here;        /* whether the file is on this computer */
} GalleyScene;

/* signals:
 *   "loaded"   the fields are there, or other ones than before
 *   "picked"   (uint contest)  another value is to stand
 *   "settled"  somebody has settled all of it; galley_conflict_get_ending() says who
 */

GalleyConflict *galley_conflict_new (GalleyStore *store, const GalleyConflictRow *row);
const GalleyId *galley_conflict_get_entity (GalleyConflict *self);
const GalleyConflictRow *galley_conflict_get_row (GalleyConflict *self);
gboolean galley_conflict_follow_row (GalleyConflict *self, const GalleyConflictRow *row);
const char *galley_conflict_get_kind_words (GalleyConflict *self);
guint galley_conflict_excerpt_chars (const GalleyContest *contest);
GPtrArray *galley_conflict_get_contests (GalleyConflict *self);
const GalleyEntity *galley_conflict_get_shown (GalleyConflict *self);
const char *galley_conflict_get_excerpt (GalleyConflict *self);
const GalleyScene *galley_conflict_get_scene (GalleyConflict *self);
const char *galley_conflict_get_ending (GalleyConflict *self);
GPtrArray *galley_conflict_get_remarks (GalleyConflict *self);
GPtrArray *galley_conflict_get_people (GalleyConflict *self);
void galley_conflict_load (GalleyConflict *self);

void galley_conflict_pick (
    GalleyConflict *self, guint contest, GalleyPick pick, guint side, GVariant *own);
GVariant *galley_conflict_get_result (GalleyConflict *self, guint contest);
char *galley_conflict_describe_result (GalleyConflict *self, guint contest);
guint galley_conflict_count_picked (GalleyConflict *self);
guint galley_conflict_count_open (GalleyConflict *self);

void galley_conflict_apply_async (GalleyConflict *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean galley_conflict_apply_finish (GalleyConflict *self,
                                       GAsyncResult *result,
                                       GalleyCommitted *committed,
                                       GError **error);
void galley_conflict_say_async (GalleyConflict *self,
                                const char *body,
                                const GalleyId *asked,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean galley_conflict_say_finish (GalleyConflict *self, GAsyncResult *result, GError **error);

G_END_DECLS
