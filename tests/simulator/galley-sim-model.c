/* galley-sim-model.c: what must be true, in the plainest form; shares no code with data/
 *
 * Written from docs/contract.md alone. Slow and short: it must be easier to see that it is right
 * than that production is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-model.h"

#include <sodium.h>
#include <string.h>
#include <zstd.h>

#define HEADER_FORMAT "(t(tt)t(tttt)(tt)t(tt)(tt))"
#define SKELETON_FORMAT "(" HEADER_FORMAT "sa((tt)qqsa((tt)t))a{sv})"
#define CHANGE_FORMAT "(" SKELETON_FORMAT "aay)"

/* ── ids ── */

guint
sim_id_hash (gconstpointer id)
{
  guint hash;

  memcpy (&hash, id, sizeof hash);
  return hash;
}

gboolean
sim_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (SimId)) == 0;
}

char *
sim_id_print (const SimId *id)
{
  char text[2 * sizeof id->bytes + 1];

  return g_strdup (sodium_bin2hex (text, sizeof text, id->bytes, sizeof id->bytes));
}

gboolean
sim_ref_equal (const SimRef *a, const SimRef *b)
{
  return a->seq == b->seq && sim_id_equal (&a->device, &b->device);
}

char *
sim_ref_print (const SimRef *ref)
{
  g_autofree char *device = sim_id_print (&ref->device);

  return g_strdup_printf ("%.8s.%" G_GUINT64_FORMAT, device, ref->seq);
}

/* ── a change, out of its bytes ── */

static void
read_id (GVariant *tuple, gsize index, SimId *id)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (tuple, index);

  g_assert_cmpuint (g_variant_get_size (child), ==, sizeof *id);
  memcpy (id, g_variant_get_data (child), sizeof *id);
}

static guint64
read_number (GVariant *tuple, gsize index)
{
  guint64 number;

  g_variant_get_child (tuple, index, "t", &number);
  return GUINT64_FROM_LE (number);
}

static void
clear_edit (gpointer data)
{
  SimEdit *edit = data;

  g_free (edit->element);
  g_array_unref (edit->supersedes);
  g_clear_pointer (&edit->value, g_variant_unref);
}

static GVariant *
read_value (GVariant *values, gsize index)
{
  g_autoptr (GVariant) bytes = g_variant_get_child_value (values, index);
  g_autoptr (GBytes) copy = g_bytes_new (g_variant_get_data (bytes), g_variant_get_size (bytes));
  g_autoptr (GVariant) boxed = NULL;

  if (g_variant_get_size (bytes) == 0)
    return NULL;
  boxed = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT, copy, FALSE));
  return g_variant_get_variant (boxed);
}

static void
read_edits (SimChange *change, GVariant *edits, GVariant *values)
{
  for (gsize i = 0; i < g_variant_n_children (edits); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (edits, i);
      g_autoptr (GVariant) refs = g_variant_get_child_value (row, 4);
      SimEdit edit = { .supersedes = g_array_new (FALSE, TRUE, sizeof (SimRef)) };

      read_id (row, 0, &edit.entity);
      g_variant_get_child (row, 1, "q", &edit.kind);
      g_variant_get_child (row, 2, "q", &edit.field);
      g_variant_get_child (row, 3, "s", &edit.element);
      for (gsize k = 0; k < g_variant_n_children (refs); k++)
        {
          g_autoptr (GVariant) entry = g_variant_get_child_value (refs, k);
          SimRef ref;

          read_id (entry, 0, &ref.device);
          ref.seq = read_number (entry, 1);
          g_array_append_val (edit.supersedes, ref);
        }
      edit.value = read_value (values, i);
      g_array_append_val (change->edits, edit);
    }
}

/* Values go in as salted hashes. */
static void
hash_change (SimChange *change, GVariant *skeleton, GVariant *values, const SimId *salt)
{
  crypto_generichash_state whole;

  crypto_generichash_init (&whole, NULL, 0, 32);
  crypto_generichash_update (&whole, g_variant_get_data (skeleton), g_variant_get_size (skeleton));
  for (gsize i = 0; i < g_variant_n_children (values); i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (values, i);
      guint8 seed[20], key[16], inner[32];
      guint32 number = GUINT32_TO_LE (i);

      memcpy (seed, salt->bytes, 16);
      memcpy (seed + 16, &number, 4);
      crypto_generichash (key, sizeof key, seed, sizeof seed, NULL, 0);
      crypto_generichash (inner, sizeof inner, g_variant_get_data (value),
                          g_variant_get_size (value), key, sizeof key);
      crypto_generichash_update (&whole, inner, sizeof inner);
    }
  crypto_generichash_final (&whole, change->hash, sizeof change->hash);
}

SimChange *
sim_change_read (gconstpointer bytes, gsize n_bytes)
{
  g_autoptr (GBytes) copy = g_bytes_new (bytes, n_bytes);
  g_autoptr (GVariant) whole = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (CHANGE_FORMAT), copy, FALSE));
  g_autoptr (GVariant) skeleton = g_variant_get_child_value (whole, 0);
  g_autoptr (GVariant) header = g_variant_get_child_value (skeleton, 0);
  g_autoptr (GVariant) edits = g_variant_get_child_value (skeleton, 2);
  g_autoptr (GVariant) extra = g_variant_get_child_value (skeleton, 3);
  g_autoptr (GVariant) values = g_variant_get_child_value (whole, 1);
  g_autoptr (GVariant) previous = g_variant_get_child_value (header, 3);
  SimChange *change = g_new0 (SimChange, 1);
  SimId salt;

  read_id (header, 1, &change->project);
  change->ref.seq = read_number (header, 2);
  memcpy (change->previous, g_variant_get_data (previous), 32);
  read_id (header, 4, &change->ref.device);
  read_id (header, 6, &change->actor);
  read_id (header, 7, &salt);
  change->edits = g_array_new (FALSE, TRUE, sizeof (SimEdit));
  g_array_set_clear_func (change->edits, clear_edit);
  read_edits (change, edits, values);
  hash_change (change, skeleton, values, &salt);
  change->undoes = g_variant_lookup (extra, "undoes", "t", NULL) ||
                   g_variant_lookup (extra, "redoes", "t", NULL);
  change->reissues = g_variant_lookup (extra, "reissues", "s", NULL);
  change->resends = g_variant_lookup (extra, "resends", "s", NULL);
  return change;
}

void
sim_change_free (SimChange *change)
{
  g_array_unref (change->edits);
  g_free (change->marks);
  g_free (change);
}

/* @bits: a bit an edit, lowest first; no bytes: all count */
void
sim_change_mark (SimChange *change, const guint8 *bits, gsize n_bytes)
{
  g_clear_pointer (&change->marks, g_free);
  if (n_bytes == 0)
    return;

  change->marks = g_new0 (guint8, change->edits->len);
  for (guint i = 0; i < change->edits->len && i / 8 < n_bytes; i++)
    change->marks[i] = bits[i / 8] >> (i % 8) & 1;
}

/* ── a segment, out of its bytes ── */

static const guint8 segment_head[] = { 'G', 'L', 'Y', 'G', 1 };

GBytes *
sim_segment_unpack (gconstpointer packed, gsize n_bytes)
{
  unsigned long long size = ZSTD_getFrameContentSize (packed, n_bytes);
  g_autofree guint8 *unpacked = NULL;

  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > 8 * 1024 * 1024)
    return NULL;
  unpacked = g_malloc0 (size + 1);
  if (ZSTD_decompress (unpacked, size, packed, n_bytes) != size || size < sizeof segment_head ||
      memcmp (unpacked, segment_head, sizeof segment_head) != 0)
    return NULL;

  return g_bytes_new_take (g_steal_pointer (&unpacked), size);
}

static guint64
read_leb128 (const guint8 *data, gsize size, gsize *at)
{
  guint64 number = 0;

  for (guint shift = 0; *at < size; shift += 7)
    {
      guint8 byte = data[(*at)++];

      number |= (guint64)(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        break;
    }

  return number;
}

/**
 * sim_segment_next:
 * @at: 0 before the first
 * @record: the one before, or one whose place is the segment's base
 *
 * Returns: whether there was one more
 */
gboolean
sim_segment_next (GBytes *segment, gsize *at, SimRecord *record)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (segment, &size);

  *at = MAX (*at, sizeof segment_head);
  if (*at >= size)
    return FALSE;

  record->place += read_leb128 (data, size, at);
  record->position = read_leb128 (data, size, at);
  record->n_marks = read_leb128 (data, size, at);
  record->marks = data + *at;
  *at += record->n_marks;
  record->n_bytes = read_leb128 (data, size, at);
  record->data = data + *at;
  *at += record->n_bytes;
  g_assert_cmpuint (*at, <=, size);
  return TRUE;
}

/* ── fields ── */

#define ALIVE(writers)                                                                             \
  { SIM_LIFECYCLE, writers }, { SIM_REGISTER, SIM_SELF }

static const SimField project_fields[] = {
  ALIVE (SIM_LEADS),           { SIM_REGISTER, SIM_LEADS }, { SIM_TEXT, SIM_LEADS },
  { SIM_REGISTER, SIM_LEADS }, { SIM_REGISTER, SIM_LEADS }, { SIM_REGISTER, SIM_LEADS }
};
static const SimField member_fields[] = { ALIVE (SIM_SELF), { SIM_REGISTER, SIM_SELF } };
static const SimField item_fields[] = {
  ALIVE (SIM_AUTHOR),         { SIM_REGISTER, SIM_REVIEWERS }, { SIM_TEXT, SIM_REVIEWERS },
  { SIM_SET, SIM_REVIEWERS }, { SIM_SET, SIM_REVIEWERS },      { SIM_REGISTER, SIM_REVIEWERS }
};
static const SimField version_fields[] = {
  ALIVE (SIM_AUTHOR),         { SIM_REGISTER, SIM_SELF }, { SIM_REGISTER, SIM_AUTHOR },
  { SIM_REGISTER, SIM_SELF }, { SIM_REGISTER, SIM_SELF }, { SIM_REGISTER, SIM_SELF }
};
static const SimField annotation_fields[] = { ALIVE (SIM_AUTHOR),
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_TEXT, SIM_REVIEWERS },
                                              { SIM_SET, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS },
                                              { SIM_SET, SIM_REVIEWERS },
                                              { SIM_REGISTER, SIM_REVIEWERS } };
static const SimField comment_fields[] = { ALIVE (SIM_AUTHOR), { SIM_TEXT, SIM_AUTHOR } };
static const SimField decision_fields[] = { ALIVE (SIM_SELF),
                                            { SIM_DECISION, SIM_SELF },
                                            { SIM_TEXT, SIM_SELF } };
static const SimField playlist_fields[] = { ALIVE (SIM_AUTHOR),
                                            { SIM_REGISTER, SIM_REVIEWERS },
                                            { SIM_TEXT, SIM_REVIEWERS },
                                            { SIM_ORDER, SIM_REVIEWERS } };
static const SimField view_fields[] = { ALIVE (SIM_AUTHOR),
                                        { SIM_REGISTER, SIM_AUTHOR },
                                        { SIM_REGISTER, SIM_AUTHOR } };

const SimField *
sim_field_find (guint16 kind, guint16 field)
{
  static const struct
  {
    const SimField *fields;
    gsize n_fields;
  } kinds[] = {
    { NULL, 0 },
    { project_fields, G_N_ELEMENTS (project_fields) },
    { member_fields, G_N_ELEMENTS (member_fields) },
    { item_fields, G_N_ELEMENTS (item_fields) },
    { version_fields, G_N_ELEMENTS (version_fields) },
    { annotation_fields, G_N_ELEMENTS (annotation_fields) },
    { comment_fields, G_N_ELEMENTS (comment_fields) },
    { decision_fields, G_N_ELEMENTS (decision_fields) },
    { playlist_fields, G_N_ELEMENTS (playlist_fields) },
    { view_fields, G_N_ELEMENTS (view_fields) },
  };

  return kind < G_N_ELEMENTS (kinds) && field < kinds[kind].n_fields ? &kinds[kind].fields[field]
                                                                     : NULL;
}

/* ── a state ── */

SimState *
sim_state_new (void)
{
  SimState *state = g_new0 (SimState, 1);

  state->changes = g_ptr_array_new ();
  state->fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify)g_array_unref);
  state->makers = g_hash_table_new (sim_id_hash, sim_id_equal);
  return state;
}

void
sim_state_free (SimState *state)
{
  g_ptr_array_unref (state->changes);
  g_hash_table_unref (state->fields);
  g_hash_table_unref (state->makers);
  g_free (state);
}

static char *
name_field (const SimId *entity, guint16 field, const char *element)
{
  g_autofree char *id = sim_id_print (entity);

  return g_strdup_printf ("%s %u %s", id, field, element);
}

GArray *
sim_state_get_heads (SimState *state, const SimId *entity, guint16 field, const char *element)
{
  g_autofree char *name = name_field (entity, field, element);

  return g_hash_table_lookup (state->fields, name);
}

static gboolean
supersedes (const SimEdit *edit, const SimRef *ref)
{
  for (guint i = 0; i < edit->supersedes->len; i++)
    if (sim_ref_equal (&g_array_index (edit->supersedes, SimRef, i), ref))
      return TRUE;

  return FALSE;
}

/* heads := (heads − supersedes) ∪ {change} */
void
sim_state_apply (SimState *state, const SimChange *change, guint64 position)
{
  g_ptr_array_add (state->changes, (gpointer)change);
  for (guint i = 0; i < change->edits->len; i++)
    {
      const SimEdit *edit = &g_array_index (change->edits, SimEdit, i);
      char *name = NULL;
      GArray *heads;
      SimHead head = { change, edit, position };

      if (!g_hash_table_contains (state->makers, &edit->entity))
        g_hash_table_insert (state->makers, (gpointer)&edit->entity, (gpointer)change);
      if (change->marks != NULL && !change->marks[i])
        continue;
      name = name_field (&edit->entity, edit->field, edit->element);
      heads = g_hash_table_lookup (state->fields, name);
      if (heads == NULL)
        {
          heads = g_array_new (FALSE, TRUE, sizeof (SimHead));
          g_hash_table_insert (state->fields, name, heads);
        }
      else
        {
          g_free (name);
        }
      for (guint k = heads->len; k > 0; k--)
        if (supersedes (edit, &g_array_index (heads, SimHead, k - 1).change->ref))
          g_array_remove_index (heads, k - 1);
      g_array_append_val (heads, head);
    }
}

void
sim_state_digest (SimState *state, guint8 digest[32])
{
  guint64 lanes[4] = { 0 };
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, state->fields);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    for (guint i = 0; i < ((GArray *)value)->len; i++)
      {
        const SimHead *head = &g_array_index ((GArray *)value, SimHead, i);
        guint64 numbers[2] = { GUINT64_TO_LE (head->change->ref.seq),
                               GUINT64_TO_LE (head->edit->field) },
                out[4];
        crypto_generichash_state hash;

        crypto_generichash_init (&hash, NULL, 0, 32);
        crypto_generichash_update (&hash, head->edit->entity.bytes, 16);
        crypto_generichash_update (&hash, head->change->ref.device.bytes, 16);
        crypto_generichash_update (&hash, (const guint8 *)numbers, 16);
        crypto_generichash_update (&hash, (const guint8 *)head->edit->element,
                                   strlen (head->edit->element));
        crypto_generichash_final (&hash, (guint8 *)out, 32);
        for (guint lane = 0; lane < 4; lane++)
          lanes[lane] += GUINT64_FROM_LE (out[lane]);
      }

  for (guint lane = 0; lane < 4; lane++)
    lanes[lane] = GUINT64_TO_LE (lanes[lane]);
  memcpy (digest, lanes, 32);
}

char *
sim_head_describe (
    const SimId *entity, guint16 field, const char *element, const SimRef *ref, GVariant *value)
{
  g_autofree char *id = sim_id_print (entity), *change = sim_ref_print (ref);
  g_autofree char *text = value != NULL ? g_variant_print (value, TRUE) : g_strdup ("nothing");

  return g_strdup_printf ("%s field %u “%s” by %s: %s", id, field, element, change, text);
}

GHashTable *
sim_state_describe_heads (SimState *state)
{
  GHashTable *lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, state->fields);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    for (guint i = 0; i < ((GArray *)value)->len; i++)
      {
        const SimHead *head = &g_array_index ((GArray *)value, SimHead, i);

        g_hash_table_add (lines, sim_head_describe (&head->edit->entity, head->edit->field,
                                                    head->edit->element, &head->change->ref,
                                                    head->edit->value));
      }

  return lines;
}

/* ── heads ── */

static gboolean
stands_before (const SimHead *a, const SimHead *b)
{
  guint64 left = a->position != 0 ? a->position : G_MAXUINT64;
  guint64 right = b->position != 0 ? b->position : G_MAXUINT64;
  int devices = memcmp (&a->change->ref.device, &b->change->ref.device, sizeof (SimId));

  if (left != right)
    return left < right;
  return devices != 0 ? devices < 0 : a->change->ref.seq < b->change->ref.seq;
}

/* The one in force while the field is contested. */
const SimHead *
sim_heads_earliest (GArray *heads)
{
  const SimHead *earliest = NULL;

  for (guint i = 0; i < heads->len; i++)
    {
      const SimHead *head = &g_array_index (heads, SimHead, i);

      if (earliest == NULL || stands_before (head, earliest))
        earliest = head;
    }

  return earliest;
}

gboolean
sim_heads_equal (GArray *heads)
{
  GVariant *first = g_array_index (heads, SimHead, 0).edit->value;

  for (guint i = 1; i < heads->len; i++)
    {
      GVariant *value = g_array_index (heads, SimHead, i).edit->value;

      if ((value == NULL) != (first == NULL) || (value != NULL && !g_variant_equal (value, first)))
        return FALSE;
    }

  return TRUE;
}

/* ── the base of several heads ── */

static const SimHead *
find_edit (SimState *state, const SimRef *ref, const SimEdit *of, SimHead *found)
{
  for (guint i = 0; i < state->changes->len; i++)
    {
      const SimChange *change = state->changes->pdata[i];

      if (!sim_ref_equal (&change->ref, ref))
        continue;
      for (guint k = 0; k < change->edits->len; k++)
        {
          const SimEdit *edit = &g_array_index (change->edits, SimEdit, k);

          if (edit->field != of->field || !sim_id_equal (&edit->entity, &of->entity) ||
              !g_str_equal (edit->element, of->element))
            continue;
          *found = (SimHead){ change, edit, 0 };
          return found;
        }
    }

  return NULL;
}

/* All that a head stands on, by way of what it superseded. */
static void
collect_ancestors (SimState *state, const SimEdit *edit, GHashTable *met)
{
  for (guint i = 0; i < edit->supersedes->len; i++)
    {
      const SimRef *ref = &g_array_index (edit->supersedes, SimRef, i);
      SimHead found;

      if (find_edit (state, ref, edit, &found) != NULL &&
          g_hash_table_add (met, (gpointer)found.edit))
        collect_ancestors (state, found.edit, met);
    }
}

/* The nearest common ancestor: common to all heads, and not above another one that is.
 * @known: (out): whether there is exactly one, or none because nothing at all came before */
GVariant *
sim_edit_find_base (SimState *state, GArray *heads, gboolean *known)
{
  g_autoptr (GPtrArray) sets = g_ptr_array_new_with_free_func ((GDestroyNotify)g_hash_table_unref);
  g_autoptr (GPtrArray) common = g_ptr_array_new ();
  gboolean any = FALSE;
  GHashTableIter iter;
  gpointer key;
  const SimEdit *nearest = NULL;
  guint n_nearest = 0;

  for (guint i = 0; i < heads->len; i++)
    {
      GHashTable *met = g_hash_table_new (NULL, NULL);

      collect_ancestors (state, g_array_index (heads, SimHead, i).edit, met);
      any |= g_hash_table_size (met) > 0;
      g_ptr_array_add (sets, met);
    }
  g_hash_table_iter_init (&iter, sets->pdata[0]);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      gboolean in_all = TRUE;

      for (guint i = 1; i < sets->len; i++)
        in_all &= g_hash_table_contains (sets->pdata[i], key);
      if (in_all)
        g_ptr_array_add (common, key);
    }
  for (guint i = 0; i < common->len; i++)
    {
      gboolean above = FALSE;

      for (guint k = 0; k < common->len; k++)
        {
          g_autoptr (GHashTable) met = g_hash_table_new (NULL, NULL);

          collect_ancestors (state, common->pdata[k], met);
          above |= g_hash_table_contains (met, common->pdata[i]);
        }
      if (!above)
        {
          nearest = common->pdata[i];
          n_nearest++;
        }
    }

  *known = n_nearest == 1 || (n_nearest == 0 && !any);
  return nearest != NULL ? nearest->value : NULL;
}

/* ── being there or not ── */

static gboolean
is_delete (const SimHead *head)
{
  gboolean alive;

  if (head->edit->value == NULL)
    return FALSE;
  g_variant_get_child (head->edit->value, 0, "b", &alive);
  return !alive;
}

static gboolean
saw (const SimHead *delete, const SimRef *ref)
{
  g_autoptr (GVariant) seen = g_variant_get_child_value (delete->edit->value, 1);

  if (sim_id_equal (&delete->change->ref.device, &ref->device) &&
      ref->seq <= delete->change->ref.seq)
    return TRUE;
  for (gsize i = 0; i < g_variant_n_children (seen); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (seen, i);
      g_autoptr (GVariant) device = g_variant_get_child_value (entry, 0);
      guint64 seq;

      g_variant_get_child (entry, 1, "t", &seq);
      if (g_variant_get_size (device) == 16 &&
          memcmp (g_variant_get_data (device), &ref->device, 16) == 0 && ref->seq <= seq)
        return TRUE;
    }

  return FALSE;
}

static gboolean
get_parent (SimState *state, const SimId *entity, SimId *parent)
{
  GArray *heads = sim_state_get_heads (state, entity, 1, "");
  GVariant *value = heads != NULL && heads->len > 0 ? g_array_index (heads, SimHead, 0).edit->value
                                                    : NULL;

  if (value == NULL || g_variant_get_size (value) != sizeof *parent)
    return FALSE;
  memcpy (parent, g_variant_get_data (value), sizeof *parent);
  return TRUE;
}

/* Whether @part is @entity or belongs to it. */
static gboolean
belongs_to (SimState *state, const SimId *part, const SimId *entity)
{
  SimId at = *part, parent;

  for (guint depth = 0; depth < 8; depth++)
    {
      if (sim_id_equal (&at, entity))
        return TRUE;
      if (!get_parent (state, &at, &parent))
        return FALSE;
      at = parent;
    }

  return FALSE;
}

int
sim_state_get_alive (SimState *state, const SimId *entity)
{
  GArray *heads = sim_state_get_heads (state, entity, 0, "");
  guint n_deletes = 0;
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; heads != NULL && i < heads->len; i++)
    n_deletes += is_delete (&g_array_index (heads, SimHead, i));
  if (heads == NULL || heads->len == 0)
    return 0;
  if (n_deletes == 0)
    return 1;
  if (n_deletes < heads->len)
    return 2;

  g_hash_table_iter_init (&iter, state->fields);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    for (guint i = 0; i < ((GArray *)value)->len; i++)
      {
        const SimHead *head = &g_array_index ((GArray *)value, SimHead, i);
        gboolean seen = FALSE;

        if (head->edit->field == 0 || !belongs_to (state, &head->edit->entity, entity))
          continue;
        for (guint k = 0; k < heads->len; k++)
          seen |= saw (&g_array_index (heads, SimHead, k), &head->change->ref);
        if (!seen)
          return 2;
      }

  return 0;
}
