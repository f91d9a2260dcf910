/* galley-change.h: one gesture of one person, immutable: the unit of atomicity and of the audit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-error.h"
#include "data/galley-hash.h"
#include "data/galley-id.h"

G_BEGIN_DECLS

/* The first 8 bytes of a change of any format are its format's number. */
#define GALLEY_CHANGE_FORMAT 1
#define GALLEY_CHANGE_MAX_BYTES (1024 * 1024)
#define GALLEY_CHANGE_MAX_EDITS 4096
/* Where the hash of the previous change stands in the bytes of every change (32 bytes). */
#define GALLEY_CHANGE_PREVIOUS_OFFSET 32

/* Names a change within its project: a device's changes are numbered 1, 2, 3 … there. */
typedef struct
{
  GalleyId device;
  guint64 seq;
} GalleyRef;

/* One field of one entity gets a value. In a read change all pointers belong to the change. */
typedef struct
{
  guint8 kind;   /* GalleyKind, or a number from a newer Galley */
  guint16 field; /* number of the field in its kind */
  GalleyId entity;
  const char *element;         /* of a set or an order: which element; else "" */
  GVariant *value;             /* (nullable): cleared, or removed from a set */
  const GalleyRef *supersedes; /* the heads that the author saw */
  guint n_supersedes;
} GalleyEdit;

/* What stands once in a change. */
typedef struct
{
  GalleyId project;
  GalleyHash previous; /* of the device's previous change in the project; zero for the first */
  GalleyId device;
  guint64 seq;
  guint64 hlc; /* 48 bits of milliseconds since 1970 UTC, 16 bits of counter: for people only */
  GalleyId actor;
  guint8 salt[16];
} GalleyChangeHeader;

typedef struct _GalleyChange GalleyChange;

GalleyChange *galley_change_new (const GalleyChangeHeader *header,
                                 const char *intent,
                                 const GalleyEdit *edits,
                                 guint n_edits,
                                 GVariant *extra,
                                 GError **error);
GalleyChange *galley_change_new_from_bytes (GBytes *bytes, GError **error);
GalleyChange *galley_change_ref (GalleyChange *self);
void galley_change_unref (GalleyChange *self);

const GalleyChangeHeader *galley_change_get_header (GalleyChange *self);
const char *galley_change_get_intent (GalleyChange *self);
guint galley_change_get_n_edits (GalleyChange *self);
const GalleyEdit *galley_change_get_edit (GalleyChange *self, guint index);
gconstpointer galley_change_get_value_bytes (GalleyChange *self, guint index, gsize *bytes);
GVariant *galley_change_dup_extra (GalleyChange *self);
GBytes *galley_change_get_bytes (GalleyChange *self); /* (transfer none) */
const GalleyHash *galley_change_get_hash (GalleyChange *self);
gint64 galley_change_get_time_us (GalleyChange *self);

/* A value as it stands in a change and in the database: a serialised variant. */
GVariant *galley_value_from_bytes (gconstpointer data, gsize bytes);
GBytes *galley_value_to_bytes (GVariant *value);

gboolean galley_ref_equal (gconstpointer a, gconstpointer b);
guint galley_ref_hash (gconstpointer ref);
char *galley_ref_to_string (const GalleyRef *ref); /* "DEVICE.SEQ" */
gboolean galley_ref_parse (const char *text, GalleyRef *out, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyChange, galley_change_unref)

G_END_DECLS
