/* galley-vectors.c: bytes of every format, and what they are made of: see README.md
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-vectors.h"

#include "data/galley-bundle.h"
#include "data/galley-decision.h"
#include "data/galley-heads.h"
#include "data/galley-snapshot.h"
#include "sync/wire/galley-batch.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <zstd.h>

#define SEGMENT_LEVEL 3

static const char *const names[] = { "keys",       "change-a1",  "change-b1", "change-a2",
                                     "change-a3",  "chain",      "digest",    "decision",
                                     "batch-push", "batch-pull", "segment",   "snapshot",
                                     "bundle",     NULL };

struct _GalleyVectors
{
  char *scratch;       /* a folder for files that exist for a moment */
  GHashTable *objects; /* name → JsonObject */
  GHashTable *keys;    /* name → GalleyKey */
  GHashTable *changes; /* name, as "a1" → GalleyChange */
};

/* ── JSON ── */

static JsonObject *
made_of (GalleyVectors *self, const char *name)
{
  return json_object_get_object_member (galley_vectors_get (self, name), "made_of");
}

static const char *
text_of (JsonObject *object, const char *member)
{
  return json_object_get_string_member (object, member);
}

static JsonObject *
at (JsonArray *array, guint index)
{
  return json_array_get_object_element (array, index);
}

static void
hex_to (const char *hex, guint8 *out, gsize bytes)
{
  gsize got;

  g_assert_cmpint (sodium_hex2bin (out, bytes, hex, strlen (hex), NULL, &got, NULL), ==, 0);
  g_assert_cmpuint (got, ==, bytes);
}

static void
add_hex (JsonBuilder *json, const char *name, gconstpointer data, gsize bytes)
{
  g_autofree char *hex = g_malloc (2 * bytes + 1);

  sodium_bin2hex (hex, 2 * bytes + 1, data, bytes);
  galley_json_add_string (json, name, hex);
}

static void
add_value (JsonBuilder *json, const char *name, GVariant *value)
{
  g_autofree char *text = value != NULL ? g_variant_print (value, TRUE) : NULL;

  json_builder_set_member_name (json, name);
  if (text != NULL)
    json_builder_add_string_value (json, text);
  else
    json_builder_add_null_value (json);
}

static GalleyId
id_of (JsonObject *object, const char *member)
{
  GalleyId id;

  g_assert_true (galley_id_parse (text_of (object, member), &id, NULL));
  return id;
}

static GalleyKey *
key_of (GalleyVectors *self, const char *name)
{
  GalleyKey *key = g_hash_table_lookup (self->keys, name);

  g_assert_nonnull (key);
  return key;
}

static const char *
name_device (GalleyVectors *self, const GalleyId *device)
{
  GHashTableIter iter;
  gpointer name, key;

  g_hash_table_iter_init (&iter, self->keys);
  while (g_hash_table_iter_next (&iter, &name, &key))
    if (galley_id_equal (galley_key_get_device (key), device))
      return name;

  g_assert_not_reached ();
}

static GalleyChange *
change_of (GalleyVectors *self, const char *name)
{
  GalleyChange *change = g_hash_table_lookup (self->changes, name);

  g_assert_nonnull (change);
  return change;
}

static GalleyRef
ref_of (GalleyChange *change)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);

  return (GalleyRef){ header->device, header->seq };
}

static const char *
name_change (GalleyVectors *self, const GalleyRef *ref)
{
  GHashTableIter iter;
  gpointer name, change;

  g_hash_table_iter_init (&iter, self->changes);
  while (g_hash_table_iter_next (&iter, &name, &change))
    {
      GalleyRef other = ref_of (change);

      if (galley_ref_equal (&other, ref))
        return name;
    }

  g_assert_not_reached ();
}

/* ── changes ── */

/* What of a change's making must live until it is made. */
typedef struct
{
  GArray *edits; /* of GalleyEdit */
  GPtrArray *refs;
  GPtrArray *values;
} Making;

static void
take_edit (GalleyVectors *self, Making *making, JsonObject *from)
{
  JsonArray *supersedes = json_object_get_array_member (from, "supersedes");
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (GalleyRef));
  GalleyEdit edit = {
    .kind = json_object_get_int_member (from, "kind"),
    .field = json_object_get_int_member (from, "field"),
    .entity = id_of (from, "entity"),
    .element = text_of (from, "element"),
  };

  for (guint i = 0; i < json_array_get_length (supersedes); i++)
    {
      GalleyRef ref = ref_of (change_of (self, json_array_get_string_element (supersedes, i)));

      g_array_append_val (refs, ref);
    }
  if (!json_object_get_null_member (from, "value"))
    {
      edit.value = g_variant_parse (NULL, text_of (from, "value"), NULL, NULL, NULL);
      g_ptr_array_add (making->values, edit.value);
    }
  edit.supersedes = (const GalleyRef *)refs->data;
  edit.n_supersedes = refs->len;
  g_ptr_array_add (making->refs, refs);
  g_array_append_val (making->edits, edit);
}

static GalleyChange *
make_change (GalleyVectors *self, JsonObject *from)
{
  g_autoptr (GArray) edits = g_array_new (FALSE, TRUE, sizeof (GalleyEdit));
  g_autoptr (GPtrArray) refs = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  g_autoptr (GVariant)
      extra = g_variant_parse (G_VARIANT_TYPE_VARDICT, text_of (from, "extra"), NULL, NULL, NULL);
  JsonArray *list = json_object_get_array_member (from, "edits");
  Making making = { edits, refs, values };
  GalleyChangeHeader header = {
    .project = id_of (from, "project"),
    .device = *galley_key_get_device (key_of (self, text_of (from, "device"))),
    .seq = json_object_get_int_member (from, "sequence"),
    .hlc = (guint64)json_object_get_int_member (from, "time_ms") << 16 |
           json_object_get_int_member (from, "counter"),
    .actor = id_of (from, "actor"),
  };
  GalleyChange *change;

  hex_to (text_of (from, "salt"), header.salt, sizeof header.salt);
  if (!json_object_get_null_member (from, "previous"))
    header.previous = *galley_change_get_hash (change_of (self, text_of (from, "previous")));
  for (guint i = 0; i < json_array_get_length (list); i++)
    take_edit (self, &making, at (list, i));

  change = galley_change_new (&header, text_of (from, "intent"), (const GalleyEdit *)edits->data,
                              edits->len, extra, NULL);
  g_assert_nonnull (change);
  return change;
}

static void
read_edit (GalleyVectors *self, JsonBuilder *json, const GalleyEdit *edit)
{
  json_builder_begin_object (json);
  galley_json_add_id (json, "entity", &edit->entity);
  galley_json_add_int (json, "kind", edit->kind);
  galley_json_add_int (json, "field", edit->field);
  galley_json_add_string (json, "element", edit->element);
  add_value (json, "value", edit->value);
  json_builder_set_member_name (json, "supersedes");
  json_builder_begin_array (json);
  for (guint i = 0; i < edit->n_supersedes; i++)
    json_builder_add_string_value (json, name_change (self, &edit->supersedes[i]));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static const char *
name_previous (GalleyVectors *self, GalleyChange *change)
{
  const GalleyHash *previous = &galley_change_get_header (change)->previous;
  GHashTableIter iter;
  gpointer name, other;

  g_hash_table_iter_init (&iter, self->changes);
  while (g_hash_table_iter_next (&iter, &name, &other))
    if (galley_hash_equal (galley_change_get_hash (other), previous))
      return name;

  return NULL;
}

static void
read_change (GalleyVectors *self, JsonBuilder *json, GBytes *bytes)
{
  g_autoptr (GalleyChange) change = galley_change_new_from_bytes (bytes, NULL);
  g_autoptr (GVariant) extra = NULL;
  const GalleyChangeHeader *header;
  const char *previous;

  g_assert_nonnull (change);
  extra = galley_change_dup_extra (change);
  header = galley_change_get_header (change);
  previous = name_previous (self, change);
  galley_json_add_id (json, "project", &header->project);
  galley_json_add_string (json, "device", name_device (self, &header->device));
  galley_json_add_int (json, "sequence", header->seq);
  json_builder_set_member_name (json, "previous");
  if (previous != NULL)
    json_builder_add_string_value (json, previous);
  else
    json_builder_add_null_value (json);
  galley_json_add_int (json, "time_ms", header->hlc >> 16);
  galley_json_add_int (json, "counter", header->hlc & 0xffff);
  galley_json_add_id (json, "actor", &header->actor);
  add_hex (json, "salt", header->salt, sizeof header->salt);
  galley_json_add_string (json, "intent", galley_change_get_intent (change));
  json_builder_set_member_name (json, "edits");
  json_builder_begin_array (json);
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    read_edit (self, json, galley_change_get_edit (change, i));
  json_builder_end_array (json);
  add_value (json, "extra", extra);
}

/* ── frames ── */

static void
add_frame (GalleyVectors *self, GalleyBatchWriter *writer, JsonObject *from)
{
  const char *type = text_of (from, "type");
  GalleyChange *change = json_object_has_member (from, "change")
                             ? change_of (self, text_of (from, "change"))
                             : NULL;
  GalleyRef ref = { 0 };
  guint8 signature[GALLEY_SIGNATURE_BYTES];
  gsize bytes;
  gconstpointer data;

  if (change != NULL)
    ref = ref_of (change);
  if (g_str_equal (type, "change"))
    {
      data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);
      galley_batch_writer_add_change (writer, data, bytes, galley_change_get_hash (change));
    }
  else if (g_str_equal (type, "gap"))
    galley_batch_writer_add_gap (writer, &ref, galley_change_get_hash (change));
  else if (g_str_equal (type, "known"))
    galley_batch_writer_add_known (writer, json_object_get_int_member (from, "first"),
                                   json_object_get_int_member (from, "count"));
  else if (g_str_equal (type, "position"))
    galley_batch_writer_add_position (writer, json_object_get_int_member (from, "position"));
  else
    {
      galley_tip_sign (key_of (self, name_device (self, &ref.device)),
                       &galley_change_get_header (change)->project, &ref,
                       galley_change_get_hash (change), signature);
      galley_batch_writer_add_tip (writer, &ref, galley_change_get_hash (change), signature);
    }
}

static GBytes *
make_batch (GalleyVectors *self, JsonArray *frames)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();

  for (guint i = 0; i < json_array_get_length (frames); i++)
    add_frame (self, writer, at (frames, i));
  return galley_batch_writer_finish (writer);
}

static void
read_frame (GalleyVectors *self, JsonBuilder *json, const GalleyFrame *frame)
{
  GalleyRef ref = frame->change != NULL ? ref_of (frame->change) : frame->ref;

  json_builder_begin_object (json);
  switch (frame->type)
    {
    case GALLEY_FRAME_CHANGE:
    case GALLEY_FRAME_CHAINED:
      galley_json_add_string (json, "type", "change");
      break;
    case GALLEY_FRAME_KNOWN:
      galley_json_add_string (json, "type", "known");
      galley_json_add_int (json, "first", frame->first_seq);
      galley_json_add_int (json, "count", frame->count);
      break;
    case GALLEY_FRAME_POSITION:
      galley_json_add_string (json, "type", "position");
      galley_json_add_int (json, "position", frame->position);
      break;
    case GALLEY_FRAME_TIP:
    case GALLEY_FRAME_GAP:
    default:
      galley_json_add_string (json, "type", frame->type == GALLEY_FRAME_TIP ? "tip" : "gap");
      g_assert_cmpmem (&frame->hash, 32,
                       galley_change_get_hash (change_of (self, name_change (self, &ref))), 32);
      break;
    }
  if (frame->type == GALLEY_FRAME_TIP)
    g_assert_true (
        galley_tip_verify (galley_key_get_public (key_of (self, name_device (self, &ref.device))),
                           &galley_change_get_header (change_of (self, "a1"))->project, &ref,
                           &frame->hash, frame->signature));
  if (ref.seq != 0)
    galley_json_add_string (json, "change", name_change (self, &ref));
  json_builder_end_object (json);
}

static void
read_batch (GalleyVectors *self, JsonBuilder *json, GBytes *bytes)
{
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (bytes, NULL);
  int got = 1;

  g_assert_nonnull (reader);
  json_builder_begin_array (json);
  while (got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (reader, &frame, NULL);
      if (got > 0)
        read_frame (self, json, &frame);
    }
  g_assert_cmpint (got, ==, 0);
  json_builder_end_array (json);
}

/* ── what zstd packs ── */

static GBytes *
unpack (GBytes *packed)
{
  gsize packed_bytes;
  gconstpointer data = g_bytes_get_data (packed, &packed_bytes);
  gsize bytes = ZSTD_getFrameContentSize (data, packed_bytes);
  guint8 *out = g_malloc (bytes);

  g_assert_cmpuint (ZSTD_decompress (out, bytes, data, packed_bytes), ==, bytes);
  return g_bytes_new_take (out, bytes);
}

/* Takes @made. @there: (nullable) */
static GBytes *
keep_packed (GBytes *made, GBytes *there)
{
  g_autoptr (GBytes) mine = unpack (made), theirs = there != NULL ? unpack (there) : NULL;

  if (theirs == NULL || !g_bytes_equal (mine, theirs))
    return made;

  g_bytes_unref (made);
  return g_bytes_ref (there);
}

/* ── segment and snapshot ── */

static GBytes *
make_segment (GalleyVectors *self, JsonArray *records)
{
  g_autoptr (GalleySegmentBuilder) builder = galley_segment_builder_new ();

  for (guint i = 0; i < json_array_get_length (records); i++)
    {
      JsonObject *record = at (records, i);
      GalleyChange *change = change_of (self, text_of (record, "change"));
      const char *hex = text_of (record, "marks");
      guint8 marks[8];
      gsize bytes;
      gconstpointer data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

      hex_to (hex, marks, strlen (hex) / 2);
      galley_segment_builder_add (builder, json_object_get_int_member (record, "place"),
                                  json_object_get_int_member (record, "position"), marks,
                                  strlen (hex) / 2, data, bytes);
    }

  return galley_segment_builder_pack (builder, SEGMENT_LEVEL);
}

static void
read_segment (GalleyVectors *self, JsonBuilder *json, GBytes *bytes)
{
  g_autoptr (GalleySegment) segment = galley_segment_unpack (bytes, 0, NULL);

  g_assert_nonnull (segment);
  json_builder_begin_array (json);
  for (guint i = 0; i < galley_segment_get_n_records (segment); i++)
    {
      const GalleySegmentRecord *record = galley_segment_get_record (segment, i);
      g_autoptr (GalleyChange) change = galley_segment_record_read (record, NULL);

      json_builder_begin_object (json);
      galley_json_add_int (json, "place", record->lsn);
      galley_json_add_int (json, "position", record->position);
      add_hex (json, "marks", record->marks, record->marks_bytes);
      galley_json_add_string (json, "change", name_change (self, &record->ref));
      json_builder_end_object (json);
      g_assert_true (g_bytes_equal (galley_change_get_bytes (change),
                                    galley_change_get_bytes (
                                        change_of (self, name_change (self, &record->ref)))));
    }
  json_builder_end_array (json);
}

static char *
scratch_path (GalleyVectors *self, const char *name)
{
  return g_build_filename (self->scratch, name, NULL);
}

static GBytes *
take_file (const char *path)
{
  char *text;
  gsize bytes;

  g_assert_true (g_file_get_contents (path, &text, &bytes, NULL));
  g_unlink (path);
  return g_bytes_new_take (text, bytes);
}

static void
put_file (const char *path, GBytes *bytes)
{
  g_assert_true (
      g_file_set_contents (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL));
}

/* (nullable): the segment of a snapshot that is there */
static GBytes *
find_segment (GalleyVectors *self, GBytes *snapshot)
{
  g_autofree char *path = scratch_path (self, "there.snapshot");
  g_autoptr (GalleySnapshotReader) reader = NULL;
  GBytes *found = NULL;

  if (snapshot == NULL)
    return NULL;
  put_file (path, snapshot);
  reader = galley_snapshot_reader_open (path, NULL);
  while (reader != NULL)
    {
      g_auto (GalleySnapshotPart) part = { 0 };

      if (!galley_snapshot_reader_next (reader, &part, NULL) || part.type == GALLEY_SNAPSHOT_END)
        break;
      if (part.type == GALLEY_SNAPSHOT_SEGMENT && found == NULL)
        found = g_bytes_ref (part.segment);
    }
  g_unlink (path);
  return found;
}

static void
fill_digest (GalleyVectors *self, JsonArray *heads, GalleyHash *hash)
{
  GalleyDigest digest = { 0 };

  for (guint i = 0; i < json_array_get_length (heads); i++)
    {
      JsonObject *head = at (heads, i);
      GalleyId entity = id_of (head, "entity");
      GalleyRef ref = ref_of (change_of (self, text_of (head, "change")));

      galley_digest_add (&digest, &entity, json_object_get_int_member (head, "field"),
                         text_of (head, "element"), &ref);
    }
  galley_digest_to_hash (&digest, hash);
}

static GBytes *
make_snapshot (GalleyVectors *self, JsonObject *from, GBytes *there)
{
  g_autofree char *path = scratch_path (self, "made.snapshot");
  g_autoptr (GalleySnapshotWriter) writer = galley_snapshot_writer_new (path, NULL);
  JsonArray *tips = json_object_get_array_member (from, "tips");
  JsonArray *records = json_object_get_array_member (from, "segment");
  g_autoptr (GBytes) old = find_segment (self, there), segment = NULL;
  GalleySnapshotHead head = {
    .project = id_of (from, "project"),
    .position = json_object_get_int_member (from, "position"),
    .n_changes = json_array_get_length (records),
    .history_id = (char *)text_of (from, "history"),
  };
  GalleyHash hash;
  guint64 bytes;

  hex_to (text_of (from, "digest"), head.digest.bytes, sizeof head.digest);
  g_assert_true (galley_snapshot_writer_add_head (writer, &head, NULL));
  for (guint i = 0; i < json_array_get_length (tips); i++)
    {
      GalleyChange *change = change_of (self, text_of (at (tips, i), "change"));
      GalleySnapshotTip tip = { .ref = ref_of (change), .hash = *galley_change_get_hash (change) };

      if (json_object_get_boolean_member (at (tips, i), "signed"))
        galley_tip_sign (key_of (self, name_device (self, &tip.ref.device)), &head.project,
                         &tip.ref, &tip.hash, tip.signature);
      g_assert_true (galley_snapshot_writer_add_tip (writer, &tip, NULL));
    }
  segment = keep_packed (make_segment (self, records), old);
  g_assert_true (galley_snapshot_writer_add_segment (writer, segment, NULL));
  g_assert_true (galley_snapshot_writer_finish (writer, &hash, &bytes, NULL));
  return take_file (path);
}

static void
read_snapshot_tip (GalleyVectors *self, JsonBuilder *json, const GalleySnapshotTip *tip)
{
  static const guint8 nothing[GALLEY_SIGNATURE_BYTES];

  json_builder_begin_object (json);
  galley_json_add_string (json, "change", name_change (self, &tip->ref));
  json_builder_set_member_name (json, "signed");
  json_builder_add_boolean_value (json, memcmp (tip->signature, nothing, sizeof nothing) != 0);
  json_builder_end_object (json);
}

static void
read_snapshot (GalleyVectors *self, JsonBuilder *json, GBytes *bytes)
{
  g_autofree char *path = scratch_path (self, "read.snapshot");
  g_autoptr (GalleySnapshotReader) reader = NULL;
  GalleySnapshotPartType type = 0;

  put_file (path, bytes);
  reader = galley_snapshot_reader_open (path, NULL);
  g_assert_nonnull (reader);
  while (type != GALLEY_SNAPSHOT_END)
    {
      g_auto (GalleySnapshotPart) part = { 0 };

      g_assert_true (galley_snapshot_reader_next (reader, &part, NULL));
      type = part.type;
      if (type == GALLEY_SNAPSHOT_HEAD)
        {
          galley_json_add_id (json, "project", &part.head.project);
          galley_json_add_int (json, "position", part.head.position);
          add_hex (json, "digest", &part.head.digest, sizeof part.head.digest);
          galley_json_add_string (json, "history", part.head.history_id);
          json_builder_set_member_name (json, "tips");
          json_builder_begin_array (json);
        }
      else if (type == GALLEY_SNAPSHOT_TIP)
        read_snapshot_tip (self, json, &part.tip);
      else if (type == GALLEY_SNAPSHOT_SEGMENT)
        {
          json_builder_end_array (json);
          json_builder_set_member_name (json, "segment");
          read_segment (self, json, part.segment);
        }
    }
  g_unlink (path);
}

/* ── bundle ── */

static GBytes *
make_who (GalleyVectors *self, JsonObject *from)
{
  g_autoptr (GalleyMe) who = galley_me_new ();
  JsonArray *persons = json_object_get_array_member (from, "persons");
  JsonArray *devices = json_object_get_array_member (from, "devices");

  for (guint i = 0; i < json_array_get_length (persons); i++)
    {
      GalleyPerson *person = g_new0 (GalleyPerson, 1);

      person->id = id_of (at (persons, i), "id");
      person->name = g_strdup (text_of (at (persons, i), "name"));
      person->role = galley_role_parse (text_of (at (persons, i), "role"));
      g_ptr_array_add (who->persons, person);
    }
  for (guint i = 0; i < json_array_get_length (devices); i++)
    {
      GalleyKey *key = key_of (self, text_of (at (devices, i), "key"));
      GalleyDevice *device = g_new0 (GalleyDevice, 1);

      device->id = *galley_key_get_device (key);
      device->person = id_of (at (devices, i), "person");
      device->name = g_strdup (text_of (at (devices, i), "name"));
      memcpy (device->public_key, galley_key_get_public (key), sizeof device->public_key);
      g_ptr_array_add (who->devices, device);
    }
  who->device = ((GalleyDevice *)who->devices->pdata[0])->id;
  who->person = ((GalleyPerson *)who->persons->pdata[0])->id;
  who->name = g_strdup (((GalleyPerson *)who->persons->pdata[0])->name);
  who->role = ((GalleyPerson *)who->persons->pdata[0])->role;
  who->server_id = g_strdup ("");
  return galley_me_to_bytes (who);
}

static GBytes *
make_have (GalleyVectors *self, JsonArray *have)
{
  GByteArray *bytes = g_byte_array_new ();

  for (guint i = 0; i < json_array_get_length (have); i++)
    {
      GalleyChange *change = change_of (self, json_array_get_string_element (have, i));
      GalleyRef ref = ref_of (change);
      guint64 seq = GUINT64_TO_LE (ref.seq);

      g_byte_array_append (bytes, ref.device.bytes, sizeof ref.device);
      g_byte_array_append (bytes, (const guint8 *)&seq, sizeof seq);
      g_byte_array_append (bytes, galley_change_get_hash (change)->bytes, 32);
    }
  return g_byte_array_free_to_bytes (bytes);
}

/* (nullable): the batch of a bundle that is there */
static GBytes *
find_batch (GBytes *bundle)
{
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GalleyBundleReader) reader = NULL;

  if (bundle == NULL)
    return NULL;
  stream = g_memory_input_stream_new_from_bytes (bundle);
  reader = galley_bundle_reader_new (stream, NULL);
  while (reader != NULL)
    {
      g_auto (GalleyBundlePart) part = { 0 };

      if (!galley_bundle_reader_next (reader, &part, NULL) || part.type == GALLEY_BUNDLE_END)
        break;
      if (part.type == GALLEY_BUNDLE_CHANGES)
        return g_bytes_ref (part.payload);
    }

  return NULL;
}

static void
add_part (GalleyBundleWriter *writer, GalleyBundlePartType type, GBytes *payload)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (payload, &bytes);

  g_assert_true (galley_bundle_writer_add (writer, type, data, bytes, NULL));
}

static void
add_files (GalleyBundleWriter *writer, JsonArray *files)
{
  for (guint i = 0; i < json_array_get_length (files); i++)
    {
      const char *text = json_array_get_string_element (files, i);
      GalleyHash hash;

      galley_hash_bytes (&hash, text, strlen (text));
      g_assert_true (galley_bundle_writer_add_file (writer, &hash, strlen (text), NULL));
      g_assert_true (
          galley_bundle_writer_add (writer, GALLEY_BUNDLE_PIECE, text, strlen (text), NULL));
    }
}

static GBytes *
make_bundle (GalleyVectors *self, JsonObject *from, GBytes *there)
{
  g_autofree char *path = scratch_path (self, "made.bundle");
  g_autoptr (GalleyBundleWriter) writer = galley_bundle_writer_new (path, NULL);
  GalleyKey *key = key_of (self, text_of (from, "maker"));
  g_autoptr (GBytes) who = make_who (self, json_object_get_object_member (from, "who"));
  g_autoptr (GBytes) have = make_have (self, json_object_get_array_member (from, "have"));
  g_autoptr (GBytes) old = find_batch (there);
  g_autoptr (GBytes)
      batch = keep_packed (make_batch (self, json_object_get_array_member (from, "frames")), old);
  GalleyBundleHead head = {
    .project = id_of (from, "project"),
    .maker = *galley_key_get_device (key),
    .made_us = json_object_get_int_member (from, "made_us"),
    .n_links = json_object_get_int_member (from, "links"),
  };

  g_assert_true (galley_bundle_writer_add_head (writer, &head, NULL));
  add_part (writer, GALLEY_BUNDLE_WHO, who);
  add_part (writer, GALLEY_BUNDLE_HAVE, have);
  add_part (writer, GALLEY_BUNDLE_CHANGES, batch);
  add_files (writer, json_object_get_array_member (from, "files"));
  g_assert_true (galley_bundle_writer_finish (writer, key, NULL));
  return take_file (path);
}

static void
read_who (GalleyVectors *self, JsonBuilder *json, GBytes *payload)
{
  g_autoptr (GalleyMe) who = galley_me_parse (payload, NULL);

  g_assert_nonnull (who);
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "persons");
  json_builder_begin_array (json);
  for (guint i = 0; i < who->persons->len; i++)
    {
      const GalleyPerson *person = who->persons->pdata[i];

      json_builder_begin_object (json);
      galley_json_add_id (json, "id", &person->id);
      galley_json_add_string (json, "name", person->name);
      galley_json_add_string (json, "role", galley_role_to_string (person->role));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_set_member_name (json, "devices");
  json_builder_begin_array (json);
  for (guint i = 0; i < who->devices->len; i++)
    {
      const GalleyDevice *device = who->devices->pdata[i];

      json_builder_begin_object (json);
      galley_json_add_string (json, "key", name_device (self, &device->id));
      galley_json_add_id (json, "person", &device->person);
      galley_json_add_string (json, "name", device->name);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
read_have (GalleyVectors *self, JsonBuilder *json, GBytes *payload)
{
  gsize bytes;
  const guint8 *data = g_bytes_get_data (payload, &bytes);

  json_builder_begin_array (json);
  for (; bytes >= 56; data += 56, bytes -= 56)
    {
      GalleyRef ref;

      memcpy (&ref.device, data, 16);
      memcpy (&ref.seq, data + 16, 8);
      ref.seq = GUINT64_FROM_LE (ref.seq);
      json_builder_add_string_value (json, name_change (self, &ref));
      g_assert_cmpmem (data + 24, 32,
                       galley_change_get_hash (change_of (self, name_change (self, &ref))), 32);
    }
  g_assert_cmpuint (bytes, ==, 0);
  json_builder_end_array (json);
}

static void
read_bundle_part (GalleyVectors *self,
                  JsonBuilder *json,
                  const GalleyBundlePart *part,
                  GPtrArray *files)
{
  switch (part->type)
    {
    case GALLEY_BUNDLE_HEAD:
      galley_json_add_id (json, "project", &part->head.project);
      galley_json_add_string (json, "maker", name_device (self, &part->head.maker));
      galley_json_add_int (json, "made_us", part->head.made_us);
      galley_json_add_int (json, "links", part->head.n_links);
      break;
    case GALLEY_BUNDLE_WHO:
      json_builder_set_member_name (json, "who");
      read_who (self, json, part->payload);
      break;
    case GALLEY_BUNDLE_HAVE:
      json_builder_set_member_name (json, "have");
      read_have (self, json, part->payload);
      break;
    case GALLEY_BUNDLE_CHANGES:
      json_builder_set_member_name (json, "frames");
      read_batch (self, json, part->payload);
      break;
    case GALLEY_BUNDLE_PIECE:
      g_ptr_array_add (files, g_strndup (g_bytes_get_data (part->payload, NULL),
                                         g_bytes_get_size (part->payload)));
      break;
    case GALLEY_BUNDLE_FILE:
    case GALLEY_BUNDLE_END:
    default:
      break;
    }
}

static void
read_bundle (GalleyVectors *self, JsonBuilder *json, GBytes *bytes)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
  g_autoptr (GalleyBundleReader) reader = galley_bundle_reader_new (stream, NULL);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
  const char *maker = text_of (made_of (self, "bundle"), "maker");
  GalleyBundlePartType type = 0;

  g_assert_nonnull (reader);
  while (type != GALLEY_BUNDLE_END)
    {
      g_auto (GalleyBundlePart) part = { 0 };

      g_assert_true (galley_bundle_reader_next (reader, &part, NULL));
      type = part.type;
      read_bundle_part (self, json, &part, files);
    }
  g_assert_true (
      galley_bundle_reader_verify (reader, galley_key_get_public (key_of (self, maker))));
  json_builder_set_member_name (json, "files");
  json_builder_begin_array (json);
  for (guint i = 0; i < files->len; i++)
    json_builder_add_string_value (json, files->pdata[i]);
  json_builder_end_array (json);
}

/* ── what follows from them ── */

static void
derive_keys (GalleyVectors *self, JsonBuilder *json)
{
  g_autoptr (GList) members = json_object_get_members (made_of (self, "keys"));

  for (GList *link = members; link != NULL; link = link->next)
    {
      GalleyKey *key = key_of (self, link->data);

      json_builder_set_member_name (json, link->data);
      json_builder_begin_object (json);
      add_hex (json, "public_key", galley_key_get_public (key), GALLEY_PUBLIC_KEY_BYTES);
      galley_json_add_id (json, "device", galley_key_get_device (key));
      json_builder_end_object (json);
    }
}

static void
derive_change (GalleyVectors *self, JsonBuilder *json, const char *name)
{
  GalleyChange *change = change_of (self, name + strlen ("change-"));

  galley_json_add_int (json, "bytes", g_bytes_get_size (galley_change_get_bytes (change)));
  add_hex (json, "hash", galley_change_get_hash (change), sizeof (GalleyHash));
}

/* The stream's one value after each change, and a device's word for the end of its chain. */
static void
derive_chain (GalleyVectors *self, JsonBuilder *json, JsonObject *from)
{
  JsonArray *stream = json_object_get_array_member (from, "stream");
  GalleyChange *tip = change_of (self, text_of (from, "tip"));
  GalleyRef ref = ref_of (tip);
  GalleyKey *key = key_of (self, name_device (self, &ref.device));
  guint8 signature[GALLEY_SIGNATURE_BYTES];
  GalleyHash rolling = { 0 };

  json_builder_set_member_name (json, "rolling");
  json_builder_begin_array (json);
  for (guint i = 0; i < json_array_get_length (stream); i++)
    {
      char text[GALLEY_HASH_TEXT_SIZE];

      galley_hash_roll (&rolling, galley_change_get_hash (
                                      change_of (self, json_array_get_string_element (stream, i))));
      json_builder_add_string_value (json, galley_hash_print (&rolling, text));
    }
  json_builder_end_array (json);
  galley_tip_sign (key, &galley_change_get_header (tip)->project, &ref,
                   galley_change_get_hash (tip), signature);
  add_hex (json, "tip_signature", signature, sizeof signature);
  galley_enrol_prove (key, text_of (from, "invite"), signature);
  add_hex (json, "enrol_signature", signature, sizeof signature);
}

static void
derive_decision (GalleyVectors *self, JsonBuilder *json, JsonObject *from)
{
  JsonArray *notes = json_object_get_array_member (from, "notes");
  g_autoptr (GArray) seen = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GBytes) bytes = NULL;
  GalleyId project = id_of (from, "project"), person = id_of (from, "person");
  GalleyId version = id_of (from, "version"), entity;
  GalleyDecision decision = {
    .verdict = (char *)text_of (from, "verdict"),
    .seen_position = json_object_get_int_member (from, "position"),
    .seen_notes = seen,
  };

  for (guint i = 0; i < json_array_get_length (notes); i++)
    {
      GalleyId note;

      g_assert_true (galley_id_parse (json_array_get_string_element (notes, i), &note, NULL));
      g_array_append_val (seen, note);
    }
  hex_to (text_of (from, "file"), decision.file.bytes, sizeof decision.file);
  galley_decision_get_id (&person, &version, &entity);
  galley_decision_sign (&decision, key_of (self, text_of (from, "key")), &project, &entity,
                        &person);
  value = g_variant_ref_sink (galley_decision_to_variant (&decision));
  bytes = galley_value_to_bytes (value);
  galley_json_add_id (json, "id", &entity);
  add_hex (json, "signature", decision.signature, sizeof decision.signature);
  add_hex (json, "value", g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* Of what holds something packed: what is in it, since that is what two writers agree on. */
static void
derive_file (JsonBuilder *json, const char *name, GBytes *bytes)
{
  gboolean is_whole = g_str_equal (name, "snapshot") || g_str_equal (name, "bundle");
  g_autoptr (GBytes) inside = is_whole ? g_bytes_ref (bytes) : unpack (bytes);
  GalleyHash hash;

  galley_hash_bytes (&hash, g_bytes_get_data (inside, NULL), g_bytes_get_size (inside));
  if (!is_whole)
    add_hex (json, "unpacked", g_bytes_get_data (inside, NULL), g_bytes_get_size (inside));
  add_hex (json, is_whole ? "hash" : "unpacked_hash", &hash, sizeof hash);
}

/* ── the whole ── */

static void
load_keys (GalleyVectors *self)
{
  JsonObject *from = made_of (self, "keys");
  g_autoptr (GList) members = json_object_get_members (from);

  for (GList *link = members; link != NULL; link = link->next)
    {
      g_autofree char *path = scratch_path (self, "device.key");
      g_autofree char *text = g_strconcat ("galley device key 1\n", text_of (from, link->data),
                                           "\n", NULL);
      GalleyKey *key;

      g_assert_true (g_file_set_contents (path, text, -1, NULL));
      key = galley_key_load (path, NULL);
      g_assert_nonnull (key);
      g_unlink (path);
      g_hash_table_insert (self->keys, g_strdup (link->data), key);
    }
}

GalleyVectors *
galley_vectors_load (const char *folder)
{
  GalleyVectors *self = g_new0 (GalleyVectors, 1);

  self->scratch = g_dir_make_tmp ("galley-vectors-XXXXXX", NULL);
  g_assert_nonnull (self->scratch);
  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify)json_object_unref);
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                      (GDestroyNotify)galley_key_free);
  self->changes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify)galley_change_unref);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.json", folder, names[i]);
      g_autoptr (JsonParser) parser = json_parser_new ();
      g_autoptr (GError) error = NULL;

      json_parser_load_from_file (parser, path, &error);
      g_assert_no_error (error);
      g_hash_table_insert (self->objects, (gpointer)names[i],
                           json_object_ref (json_node_get_object (json_parser_get_root (parser))));
      if (i == 0)
        load_keys (self);
      else if (g_str_has_prefix (names[i], "change-"))
        g_hash_table_insert (self->changes, (gpointer)(names[i] + strlen ("change-")),
                             make_change (self, made_of (self, names[i])));
    }

  return self;
}

void
galley_vectors_free (GalleyVectors *self)
{
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->changes);
  g_hash_table_unref (self->keys);
  g_rmdir (self->scratch);
  g_free (self->scratch);
  g_free (self);
}

const char *const *
galley_vectors_get_names (void)
{
  return names;
}

JsonObject *
galley_vectors_get (GalleyVectors *self, const char *name)
{
  return g_hash_table_lookup (self->objects, name);
}

GBytes *
galley_vectors_make (GalleyVectors *self, const char *name, GBytes *packed)
{
  JsonObject *from = made_of (self, name);

  if (g_str_has_prefix (name, "change-"))
    return g_bytes_ref (galley_change_get_bytes (change_of (self, name + strlen ("change-"))));
  if (g_str_has_prefix (name, "batch-"))
    return keep_packed (make_batch (self, json_object_get_array_member (from, "frames")), packed);
  if (g_str_equal (name, "segment"))
    return keep_packed (make_segment (self, json_object_get_array_member (from, "segment")),
                        packed);
  if (g_str_equal (name, "snapshot"))
    return make_snapshot (self, from, packed);
  if (g_str_equal (name, "bundle"))
    return make_bundle (self, from, packed);

  return NULL;
}

JsonNode *
galley_vectors_read (GalleyVectors *self, const char *name, GBytes *bytes)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  if (g_str_has_prefix (name, "change-"))
    read_change (self, json, bytes);
  else if (g_str_equal (name, "snapshot"))
    read_snapshot (self, json, bytes);
  else if (g_str_equal (name, "bundle"))
    read_bundle (self, json, bytes);
  else
    {
      gboolean is_segment = g_str_equal (name, "segment");

      json_builder_set_member_name (json, is_segment ? "segment" : "frames");
      if (is_segment)
        read_segment (self, json, bytes);
      else
        read_batch (self, json, bytes);
    }
  json_builder_end_object (json);
  return json_builder_get_root (json);
}

JsonNode *
galley_vectors_derive (GalleyVectors *self, const char *name, GBytes *bytes)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  JsonObject *from = made_of (self, name);

  json_builder_begin_object (json);
  if (g_str_equal (name, "keys"))
    derive_keys (self, json);
  else if (g_str_has_prefix (name, "change-"))
    derive_change (self, json, name);
  else if (g_str_equal (name, "chain"))
    derive_chain (self, json, from);
  else if (g_str_equal (name, "decision"))
    derive_decision (self, json, from);
  else if (g_str_equal (name, "digest"))
    {
      GalleyHash hash;

      fill_digest (self, json_object_get_array_member (from, "heads"), &hash);
      add_hex (json, "digest", &hash, sizeof hash);
    }
  else
    derive_file (json, name, bytes);
  json_builder_end_object (json);
  return json_builder_get_root (json);
}
