/* galley-sim-model.h: what must be true, in the plainest form; shares no code with data/
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint8 bytes[16];
} SimId;

typedef struct
{
  SimId device;
  guint64 seq;
} SimRef;

typedef struct
{
  SimId entity;
  guint16 kind, field;
  char *element;
  GArray *supersedes; /* of SimRef */
  GVariant *value;    /* (nullable) */
} SimEdit;

/* A change as docs/contract.md defines its bytes. */
typedef struct
{
  SimRef ref;
  SimId project, actor;
  guint8 previous[32], hash[32];
  GArray *edits; /* of SimEdit */
  gboolean undoes, reissues, resends;
  guint8 *marks; /* (nullable): one a edit: whether it counts; NULL: all do */
} SimChange;

SimChange *sim_change_read (gconstpointer bytes, gsize n_bytes);
void sim_change_free (SimChange *change);
void sim_change_mark (SimChange *change, const guint8 *bits, gsize n_bytes);

/* A segment as docs/contract.md defines its bytes. */
typedef struct
{
  gint64 place; /* before the first: the segment's base */
  guint64 position;
  const guint8 *marks, *data; /* within the unpacked segment */
  gsize n_marks, n_bytes;
} SimRecord;

GBytes *sim_segment_unpack (gconstpointer packed, gsize n_bytes); /* (nullable) */
gboolean sim_segment_next (GBytes *segment, gsize *at, SimRecord *record);

typedef enum
{
  SIM_REGISTER,
  SIM_TEXT,
  SIM_SET,
  SIM_ORDER,
  SIM_LIFECYCLE,
  SIM_DECISION,
} SimType;

typedef enum
{
  SIM_REVIEWERS,
  SIM_AUTHOR,
  SIM_LEADS,
  SIM_SELF,
} SimWriters;

typedef struct
{
  SimType type;
  SimWriters writers;
} SimField;

/* As the contract says of the kinds of version 1; nullable. */
const SimField *sim_field_find (guint16 kind, guint16 field);

/* One head of one field. */
typedef struct
{
  const SimChange *change;
  const SimEdit *edit;
  guint64 position; /* 0: not accepted */
} SimHead;

/* The state that a set of changes comes to. */
typedef struct
{
  GPtrArray *changes; /* of SimChange (borrowed), each after what it stands on */
  GHashTable *fields; /* "ENTITY FIELD ELEMENT" → GArray of SimHead */
  GHashTable *makers; /* SimId of an entity → SimChange that made it (borrowed) */
} SimState;

SimState *sim_state_new (void);
void sim_state_free (SimState *state);
void sim_state_apply (SimState *state, const SimChange *change, guint64 position);
GArray *sim_state_get_heads (SimState *state,
                             const SimId *entity,
                             guint16 field,
                             const char *element); /* (nullable) (transfer none) */
void sim_state_digest (SimState *state, guint8 digest[32]);

/* Every head in words, for comparing: an equal set of lines is an equal state. */
GHashTable *sim_state_describe_heads (SimState *state);
char *sim_head_describe (
    const SimId *entity, guint16 field, const char *element, const SimRef *ref, GVariant *value);

/* Whether a thing is there: 0 no, 1 yes, 2 deleted by one who had not seen all of it. */
int sim_state_get_alive (SimState *state, const SimId *entity);
const SimHead *sim_heads_earliest (GArray *heads);
gboolean sim_heads_equal (GArray *heads);
/* galley-sim-policy.c */
gboolean sim_policy_settle (SimState *state,
                            const SimId *project,
                            const SimId *entity,
                            guint kind,
                            guint field,
                            GArray *heads,
                            GVariant **value);
GVariant *sim_edit_find_base (SimState *state, GArray *heads, gboolean *known);

guint sim_id_hash (gconstpointer id);
gboolean sim_id_equal (gconstpointer a, gconstpointer b);
char *sim_id_print (const SimId *id);
char *sim_ref_print (const SimRef *ref);
gboolean sim_ref_equal (const SimRef *a, const SimRef *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimState, sim_state_free)

G_END_DECLS
