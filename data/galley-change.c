/* galley-change.c: one gesture of one person, immutable: the unit of atomicity and of the audit
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-change"

#include "data/galley-change.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

/* Little-endian GVariant in normal form. Ids and hashes are bytes, carried as (tt) and (tttt)
 * because only those have a fixed size; nobody reads them as numbers. See docs/contract.md. */
#define HEADER_TYPE "(t(tt)t(tttt)(tt)t(tt)(tt))"
#define EDIT_TYPE "((tt)qqsa((tt)t))"
#define SKELETON_TYPE "(" HEADER_TYPE "sa" EDIT_TYPE "a{sv})"
#define REF_TYPE "((tt)t)"

#define MAX_FORMAT 0xffff

/* The header as it stands in the bytes. */
typedef struct
{
  guint64 format;
  GalleyId project;
  guint64 seq;
  GalleyHash previous;
  GalleyId device;
  guint64 hlc;
  GalleyId actor;
  guint8 salt[16];
} WireHeader;

G_STATIC_ASSERT (sizeof (WireHeader) == 120);
G_STATIC_ASSERT (G_STRUCT_OFFSET (WireHeader, previous) == GALLEY_CHANGE_PREVIOUS_OFFSET);
G_STATIC_ASSERT (sizeof (GalleyRef) == 24);

/* How an edit begins in the bytes; its element follows, with a NUL at its end, and then the refs.
 */
typedef struct
{
  GalleyId entity;
  guint16 kind;
  guint16 field;
} WireEdit;

G_STATIC_ASSERT (sizeof (WireEdit) == 20);

/* Where an edit or its value stands in the bytes. */
typedef struct
{
  gconstpointer data;
  gsize bytes;
} Span;

struct _GalleyChange
{
  gatomicrefcount ref_count;
  GBytes *bytes;
  GVariant *skeleton; /* holds the memory that intent and elements point into */
  GalleyChangeHeader header;
  const char *intent;
  GalleyEdit *edits;
  Span values; /* an array of one for each edit, into @bytes */
  Span *spans; /* of the edits' values, into @bytes */
  guint n_edits;
  GalleyRef *refs; /* of all edits, one after the other */
  GalleyHash hash; /* once it was asked for: see @hashed */
  gsize hashed;
};

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
               _ ("This is not a valid change: %s."), why);
  return FALSE;
}

/* What a value adds to the hash: salted, so that a redacted value cannot be guessed from it. */
static void
hash_value (const guint8 salt[16], guint32 index, gconstpointer data, gsize bytes, GalleyHash *out)
{
  guint8 seed[20], value_salt[16];
  guint32 index_le = GUINT32_TO_LE (index);

  memcpy (seed, salt, 16);
  memcpy (seed + 16, &index_le, 4);
  crypto_generichash (value_salt, sizeof value_salt, seed, sizeof seed, NULL, 0);
  crypto_generichash (out->bytes, sizeof out->bytes, data, bytes, value_salt, sizeof value_salt);
}

static void
compute_hash (GalleyChange *self)
{
  crypto_generichash_state state;

  crypto_generichash_init (&state, NULL, 0, sizeof self->hash.bytes);
  crypto_generichash_update (&state, g_variant_get_data (self->skeleton),
                             g_variant_get_size (self->skeleton));
  for (guint i = 0; i < self->n_edits; i++)
    {
      GalleyHash inner;

      hash_value (self->header.salt, i, self->spans[i].data, self->spans[i].bytes, &inner);
      crypto_generichash_update (&state, inner.bytes, sizeof inner.bytes);
    }
  crypto_generichash_final (&state, self->hash.bytes, sizeof self->hash.bytes);
}

/* A later format may look otherwise from there on, so this comes before anything else. A number
 * that no format will have in our time is no number. */
static gboolean
check_format (GBytes *bytes, GError **error)
{
  guint64 format;

  memcpy (&format, g_bytes_get_data (bytes, NULL), sizeof format);
  format = GUINT64_FROM_LE (format);
  if (format == GALLEY_CHANGE_FORMAT)
    return TRUE;
  if (format == 0 || format > MAX_FORMAT)
    return refuse (error, "it is of no format");

  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER,
                       _ ("A newer Galley made this change, in a form that this one cannot read. "
                          "Update Galley."));
  return FALSE;
}

static gboolean
read_header (GalleyChange *self, GError **error)
{
  const char *data = g_variant_get_data (self->skeleton);
  WireHeader wire;

  memcpy (&wire, data, sizeof wire);
  if (wire.seq == 0)
    return refuse (error, "it has no number");

  self->header = (GalleyChangeHeader){
    .project = wire.project,
    .previous = wire.previous,
    .device = wire.device,
    .seq = GUINT64_FROM_LE (wire.seq),
    .hlc = GUINT64_FROM_LE (wire.hlc),
    .actor = wire.actor,
  };
  memcpy (self->header.salt, wire.salt, sizeof wire.salt);
  if (self->header.seq > G_MAXINT64)
    return refuse (error, "its number is too large");

  self->intent = data + sizeof wire;
  return TRUE;
}

/* ── inside a variant that is in normal form ──
 *
 * GLib allocates for each member that is asked for, and this was most of what it cost to receive a
 * change: so the arrays are read where they stand. What they look like is told in the GVariant
 * specification (Allison Lortie, 2010): elements, each aligned, and then the end of each of them,
 * counted from the array's begin, in as few bytes as its size needs.
 */
typedef struct
{
  const guint8 *data;
  gsize bytes, alignment;
  gsize end_bytes; /* what the end of an element takes */
  gsize n_elements;
} ArrayView;

static gsize
read_end (const ArrayView *view, gsize at)
{
  guint64 end = 0;

  memcpy (&end, view->data + at, view->end_bytes);
  return GUINT64_FROM_LE (end);
}

/* What it takes to count up to the end of a container. */
static gsize
end_bytes_of (gsize container_bytes)
{
  return container_bytes <= G_MAXUINT8    ? 1
         : container_bytes <= G_MAXUINT16 ? 2
         : container_bytes <= G_MAXUINT32 ? 4
                                          : 8;
}

/* @array: of elements whose size is not fixed */
static void
array_view_init (ArrayView *view, Span array, gsize alignment)
{
  view->data = array.data;
  view->bytes = array.bytes;
  view->alignment = alignment;
  view->end_bytes = end_bytes_of (view->bytes);
  view->n_elements = view->bytes == 0
                         ? 0
                         : (view->bytes - read_end (view, view->bytes - view->end_bytes)) /
                               view->end_bytes;
}

static Span
array_view_get (const ArrayView *view, gsize index)
{
  gsize ends = view->bytes - view->n_elements * view->end_bytes;
  gsize start = index == 0 ? 0 : read_end (view, ends + (index - 1) * view->end_bytes);
  gsize end = read_end (view, ends + index * view->end_bytes);

  start = (start + view->alignment - 1) / view->alignment * view->alignment;
  return (Span){ view->data + start, end - start };
}

/* Whether a container of @bytes in all, with @n_ends ends, needs ends of that size. */
static gboolean
has_shortest_ends (gsize bytes, gsize n_ends)
{
  gsize end_bytes = end_bytes_of (bytes);

  return end_bytes == 1 || end_bytes_of (bytes - n_ends * end_bytes / 2) == end_bytes;
}

/* Of an array of bytes whose form nobody has looked at. */
static gboolean
is_normal_array (Span array)
{
  gsize end_bytes = end_bytes_of (array.bytes), before = 0, n_elements;
  ArrayView view = { .data = array.data, .bytes = array.bytes, .end_bytes = end_bytes };
  gsize last;

  if (array.bytes == 0)
    return TRUE;
  last = array.bytes >= end_bytes ? read_end (&view, array.bytes - end_bytes) : G_MAXSIZE;
  if (last >= array.bytes || (array.bytes - last) % end_bytes != 0)
    return FALSE;

  n_elements = (array.bytes - last) / end_bytes;
  for (gsize i = 0; i < n_elements; i++)
    {
      gsize end = read_end (&view, last + i * end_bytes);

      if (end < before || end > last)
        return FALSE;
      before = end;
    }

  return has_shortest_ends (array.bytes, n_elements);
}

/* The serialised form of a variant: the value, a NUL, and its type. Returns: (transfer full)
 * (nullable): what is in it, its form not looked at; %NULL when no type is there */
static GVariant *
unbox (gconstpointer data, gsize bytes)
{
  const char *begin = data, *limit = begin + bytes, *type = limit, *end;
  g_autoptr (GBytes) copy = NULL;

  while (type > begin && type[-1] != '\0')
    type--;
  if (type == begin || !g_variant_type_string_scan (type, limit, &end) || end != limit ||
      !g_variant_type_is_definite ((const GVariantType *)type))
    return NULL;

  /* A copy, and so aligned: GLib leaves a value of up to 7 bytes where it is and aborts when the
   * number in it stands at an odd place. */
  copy = g_bytes_new (begin, type - begin - 1);
  return g_variant_ref_sink (g_variant_new_from_bytes ((const GVariantType *)type, copy, FALSE));
}

/* Empty stands for no value: the serialised form of a variant has at least two bytes. */
static gboolean
read_value (const Span *span, GVariant **value, GError **error)
{
  *value = NULL;
  if (span->bytes == 0)
    return TRUE;

  *value = unbox (span->data, span->bytes);
  if (*value == NULL || !g_variant_is_normal_form (*value))
    return refuse (error, "a value is malformed");

  return TRUE;
}

/* They stand behind the element, aligned; what follows them is shorter than one.
 * Returns: how many there are */
static guint
read_refs (const Span *edit, gsize start, GalleyRef *refs)
{
  const guint8 *data = edit->data;
  gsize n_refs;

  start = (start + 7) / 8 * 8;
  n_refs = start < edit->bytes ? (edit->bytes - start) / sizeof (GalleyRef) : 0;
  for (gsize i = 0; i < n_refs; i++)
    {
      memcpy (&refs[i], data + start + i * sizeof (GalleyRef), sizeof (GalleyRef));
      refs[i].seq = GUINT64_FROM_LE (refs[i].seq);
    }

  return n_refs;
}

static gboolean
read_edit (GalleyChange *self,
           const Span *edit,
           const Span *value,
           guint index,
           GalleyRef *refs,
           GError **error)
{
  GalleyEdit *out = &self->edits[index];
  WireEdit wire;

  memcpy (&wire, edit->data, sizeof wire);
  out->entity = wire.entity;
  out->field = GUINT16_FROM_LE (wire.field);
  if (galley_id_is_nil (&out->entity))
    return refuse (error, "an edit names nothing");
  if (wire.kind == 0 || GUINT16_FROM_LE (wire.kind) > G_MAXUINT8)
    return refuse (error, "an edit is of no kind");

  out->kind = GUINT16_FROM_LE (wire.kind);
  out->element = (const char *)edit->data + sizeof wire;
  out->supersedes = refs;
  out->n_supersedes = read_refs (edit, sizeof wire + strlen (out->element) + 1, refs);
  self->spans[index] = *value;
  return read_value (value, &out->value, error);
}

static gboolean
read_edits (GalleyChange *self, GError **error)
{
  g_autoptr (GVariant) array = g_variant_get_child_value (self->skeleton, 2);
  ArrayView edits, values;
  GalleyRef *refs;

  array_view_init (&edits, (Span){ g_variant_get_data (array), g_variant_get_size (array) }, 8);
  array_view_init (&values, self->values, 1);
  if (edits.n_elements == 0 || edits.n_elements > GALLEY_CHANGE_MAX_EDITS)
    return refuse (error, "it has no edits, or too many");
  if (values.n_elements != edits.n_elements)
    return refuse (error, "its edits and values do not match");

  self->edits = g_new0 (GalleyEdit, edits.n_elements);
  self->spans = g_new0 (Span, edits.n_elements);
  self->n_edits = edits.n_elements;
  /* No more of them fit into the edits' bytes. */
  self->refs = refs = g_new (GalleyRef, edits.bytes / sizeof (GalleyRef) + 1);
  for (guint i = 0; i < self->n_edits; i++)
    {
      Span edit = array_view_get (&edits, i), value = array_view_get (&values, i);

      if (!read_edit (self, &edit, &value, i, refs, error))
        return FALSE;
      refs += self->edits[i].n_supersedes;
    }

  return TRUE;
}

/* A pair of the skeleton and the array of values: both are as long as they are, and behind them
 * stands where the first one ends. GLib would look at every byte of the values for their form,
 * which bytes do not have, and this was half of what it cost to read a long text. */
static gboolean
read_frame (GalleyChange *self, GError **error)
{
  gsize size, end_bytes, skeleton_bytes;
  const guint8 *data = g_bytes_get_data (self->bytes, &size);
  ArrayView view = { .data = data, .bytes = size, .end_bytes = end_bytes_of (size) };
  g_autoptr (GBytes) skeleton = NULL;

  end_bytes = view.end_bytes;
  skeleton_bytes = read_end (&view, size - end_bytes);
  if (skeleton_bytes < sizeof (WireHeader) || skeleton_bytes > size - end_bytes)
    return refuse (error, "its form is not the normal one");

  skeleton = g_bytes_new_from_bytes (self->bytes, 0, skeleton_bytes);
  self->values = (Span){ data + skeleton_bytes, size - end_bytes - skeleton_bytes };
  self->skeleton = g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE (SKELETON_TYPE), skeleton, FALSE));
  if (!has_shortest_ends (size, 1) || !g_variant_is_normal_form (self->skeleton) ||
      !is_normal_array (self->values))
    return refuse (error, "its form is not the normal one");

  return TRUE;
}

/**
 * galley_change_new_from_bytes:
 * @bytes: a change as galley_change_get_bytes() gives it, from wherever
 *
 * Everything that does not depend on the schema is checked: size, normal form, counts, values.
 *
 * Returns: (transfer full): the change; or %NULL with %GALLEY_DATA_ERROR_INVALID, or _NEWER when
 * its format is a later one
 */
GalleyChange *
galley_change_new_from_bytes (GBytes *bytes, GError **error)
{
  g_autoptr (GalleyChange) self = NULL;

  if (g_bytes_get_size (bytes) > GALLEY_CHANGE_MAX_BYTES ||
      g_bytes_get_size (bytes) < sizeof (WireHeader))
    {
      refuse (error, "its size is impossible");
      return NULL;
    }
  if (!check_format (bytes, error))
    return NULL;

  self = g_new0 (GalleyChange, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->bytes = g_bytes_ref (bytes);
  if (!read_frame (self, error) || !read_header (self, error) || !read_edits (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

static GVariant *
header_to_variant (const GalleyChangeHeader *header)
{
  WireHeader *wire = g_new (WireHeader, 1);

  *wire = (WireHeader){
    .format = GUINT64_TO_LE (GALLEY_CHANGE_FORMAT),
    .project = header->project,
    .seq = GUINT64_TO_LE (header->seq),
    .previous = header->previous,
    .device = header->device,
    .hlc = GUINT64_TO_LE (header->hlc),
    .actor = header->actor,
  };
  memcpy (wire->salt, header->salt, sizeof wire->salt);
  return g_variant_new_from_data (G_VARIANT_TYPE (HEADER_TYPE), wire, sizeof *wire, TRUE, g_free,
                                  wire);
}

static GVariant *
refs_to_variant (const GalleyRef *refs, guint n_refs)
{
  GalleyRef *wire = g_new (GalleyRef, MAX (n_refs, 1));

  for (guint i = 0; i < n_refs; i++)
    {
      wire[i].device = refs[i].device;
      wire[i].seq = GUINT64_TO_LE (refs[i].seq);
    }
  return g_variant_new_from_data (G_VARIANT_TYPE ("a" REF_TYPE), wire, n_refs * sizeof *wire, TRUE,
                                  g_free, wire);
}

static GVariant *
id_to_variant (const GalleyId *id)
{
  GalleyId *copy = g_memdup2 (id, sizeof *id);

  return g_variant_new_from_data (G_VARIANT_TYPE ("(tt)"), copy, sizeof *copy, TRUE, g_free, copy);
}

/**
 * galley_value_from_bytes:
 * @data: (nullable): as galley_change_get_value_bytes() gives it, of a change that was checked
 *
 * Returns: (transfer full) (nullable): the value; %NULL for none
 */
GVariant *
galley_value_from_bytes (gconstpointer data, gsize bytes)
{
  return data != NULL && bytes != 0 ? unbox (data, bytes) : NULL;
}

/**
 * galley_value_to_bytes:
 * @value: (nullable): taken when floating
 *
 * Returns: (transfer full): the value as it stands in a change; empty for none
 */
GBytes *
galley_value_to_bytes (GVariant *value)
{
  g_autoptr (GVariant) boxed = NULL;
  GBytes *bytes;

  if (value == NULL)
    return g_bytes_new_static (NULL, 0);

  boxed = g_variant_ref_sink (g_variant_new_variant (value));
  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      g_autoptr (GVariant) swapped = g_variant_byteswap (boxed);

      bytes = g_variant_get_data_as_bytes (swapped);
    }
  else
    {
      bytes = g_variant_get_data_as_bytes (boxed);
    }
  return bytes;
}

static GVariant *
value_to_variant (GVariant *value)
{
  g_autoptr (GBytes) bytes = galley_value_to_bytes (value);

  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
edit_to_variant (const GalleyEdit *edit)
{
  GVariant *children[] = {
    id_to_variant (&edit->entity),
    g_variant_new_uint16 (edit->kind),
    g_variant_new_uint16 (edit->field),
    g_variant_new_string (edit->element != NULL ? edit->element : ""),
    refs_to_variant (edit->supersedes, edit->n_supersedes),
  };

  return g_variant_new_tuple (children, G_N_ELEMENTS (children));
}

/**
 * galley_change_new:
 * @header: what stands once
 * @intent: what the person wanted: "approve", "move shape", "resolve conflict" …
 * @edits: (array length=n_edits): at least one; floating values are sunk
 * @extra: (nullable): a{sv} of what a later format adds
 *
 * Returns: (transfer full): the change, or %NULL when it is larger than %GALLEY_CHANGE_MAX_BYTES
 */
GalleyChange *
galley_change_new (const GalleyChangeHeader *header,
                   const char *intent,
                   const GalleyEdit *edits,
                   guint n_edits,
                   GVariant *extra,
                   GError **error)
{
  GVariantBuilder edit_builder, value_builder;
  GVariant *skeleton[4], *parts[2];
  g_autoptr (GVariant) whole = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_variant_builder_init (&edit_builder, G_VARIANT_TYPE ("a" EDIT_TYPE));
  g_variant_builder_init (&value_builder, G_VARIANT_TYPE ("aay"));
  for (guint i = 0; i < n_edits; i++)
    {
      g_variant_builder_add_value (&edit_builder, edit_to_variant (&edits[i]));
      g_variant_builder_add_value (&value_builder, value_to_variant (edits[i].value));
    }
  skeleton[0] = header_to_variant (header);
  skeleton[1] = g_variant_new_string (intent);
  skeleton[2] = g_variant_builder_end (&edit_builder);
  skeleton[3] = extra != NULL ? extra : g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
  parts[0] = g_variant_new_tuple (skeleton, G_N_ELEMENTS (skeleton));
  parts[1] = g_variant_builder_end (&value_builder);
  whole = g_variant_ref_sink (g_variant_new_tuple (parts, G_N_ELEMENTS (parts)));
  if (g_variant_get_size (whole) > GALLEY_CHANGE_MAX_BYTES)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("This is too much for one change (more than 1 MiB). Make it in smaller "
                      "steps."));
      return NULL;
    }

  bytes = g_variant_get_data_as_bytes (whole);
  return galley_change_new_from_bytes (bytes, error);
}

GalleyChange *
galley_change_ref (GalleyChange *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
galley_change_unref (GalleyChange *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < self->n_edits; i++)
    g_clear_pointer (&self->edits[i].value, g_variant_unref);
  g_clear_pointer (&self->skeleton, g_variant_unref);
  g_bytes_unref (self->bytes);
  g_free (self->edits);
  g_free (self->spans);
  g_free (self->refs);
  g_free (self);
}

const GalleyChangeHeader *
galley_change_get_header (GalleyChange *self)
{
  return &self->header;
}

const char *
galley_change_get_intent (GalleyChange *self)
{
  return self->intent;
}

guint
galley_change_get_n_edits (GalleyChange *self)
{
  return self->n_edits;
}

const GalleyEdit *
galley_change_get_edit (GalleyChange *self, guint index)
{
  g_return_val_if_fail (index < self->n_edits, NULL);
  return &self->edits[index];
}

/**
 * galley_change_get_value_bytes:
 * @bytes: (out): how many; 0 when the edit has no value
 *
 * Returns: (transfer none): the value as it stands in the change, which may be stored as it is
 */
gconstpointer
galley_change_get_value_bytes (GalleyChange *self, guint index, gsize *bytes)
{
  g_return_val_if_fail (index < self->n_edits, NULL);

  *bytes = self->spans[index].bytes;
  return self->spans[index].data;
}

/**
 * galley_change_dup_extra:
 *
 * Few ask for it, so it is no member.
 *
 * Returns: (transfer full): a{sv}
 */
GVariant *
galley_change_dup_extra (GalleyChange *self)
{
  return g_variant_get_child_value (self->skeleton, 3);
}

GBytes *
galley_change_get_bytes (GalleyChange *self)
{
  return self->bytes;
}

/**
 * galley_change_get_hash:
 *
 * Returns: (transfer none): BLAKE2b-256 of all but the values, and of the salted hashes of those
 */
const GalleyHash *
galley_change_get_hash (GalleyChange *self)
{
  /* Costs as much as the rest of reading, and a history asks for none. */
  if (g_once_init_enter (&self->hashed))
    {
      compute_hash (self);
      g_once_init_leave (&self->hashed, 1);
    }

  return &self->hash;
}

/**
 * galley_change_get_time_us:
 *
 * Returns: when its author's clock says it was made, in microseconds since 1970 UTC
 */
gint64
galley_change_get_time_us (GalleyChange *self)
{
  return (gint64)(self->header.hlc >> 16) * 1000;
}

gboolean
galley_ref_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (GalleyRef)) == 0;
}

guint
galley_ref_hash (gconstpointer ref)
{
  const GalleyRef *self = ref;

  return galley_id_hash (&self->device) ^ (guint)(self->seq * 2654435761u);
}

char *
galley_ref_to_string (const GalleyRef *ref)
{
  char device[GALLEY_ID_TEXT_SIZE];

  return g_strdup_printf ("%s.%" G_GUINT64_FORMAT, galley_id_print (&ref->device, device),
                          ref->seq);
}

/**
 * galley_ref_parse:
 * @text: "DEVICE.SEQ", as galley_ref_to_string() writes it
 */
gboolean
galley_ref_parse (const char *text, GalleyRef *out, GError **error)
{
  const char *dot = text != NULL ? strchr (text, '.') : NULL;
  g_autofree char *device = dot != NULL ? g_strndup (text, dot - text) : NULL;

  if (dot == NULL || !galley_id_parse (device, &out->device, NULL) ||
      !g_ascii_string_to_unsigned (dot + 1, 10, 1, G_MAXINT64, &out->seq, NULL))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("“%.80s” does not name a change: DEVICE.NUMBER is expected."),
                   text != NULL ? text : "");
      return FALSE;
    }

  return TRUE;
}
