/* fuzz-bundle.c: whatever bytes come as a bundle, they are refused or can be checked to their end
 *
 * Hardly anything that is damaged can be unpacked or has a signature that holds, so the input is
 * what is packed and signed: it is tried as it is, and packed and signed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-sample.h"
#include "galley-fuzz.h"

#include "sync/galley-bundle-check.h"
#include "sync/wire/galley-batch.h"

#include <sodium.h>
#include <string.h>
#include <zstd.h>

static guint8 public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];

static void
make_key (void)
{
  guint8 seed[crypto_sign_SEEDBYTES];

  memset (seed, 's', sizeof seed);
  crypto_sign_seed_keypair (public_key, secret_key, seed);
}

static gboolean
check (gconstpointer data, gsize size)
{
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data (data, size, NULL);
  g_autoptr (GArray) nothing = g_array_new (FALSE, TRUE, sizeof (GalleyCarriedChain));
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyBundleContent)
      content = galley_bundle_check (stream, nothing, NULL, NULL, NULL, &error);

  g_assert_cmpint (error != NULL, ==, content == NULL);
  if (content != NULL)
    g_assert_cmpuint (content->bytes, ==, size);
  return content != NULL;
}

static void
add_part (GByteArray *bytes, guint8 type, gconstpointer data, gsize size)
{
  guint32 length = GUINT32_TO_LE ((guint32)size);

  g_byte_array_append (bytes, (const guint8 *)&length, sizeof length);
  g_byte_array_append (bytes, &type, 1);
  g_byte_array_append (bytes, data, size);
}

/* The last part, as the maker writes it. */
static void
sign (GByteArray *bytes)
{
  guint8 message[16 + 32] = "galley bundle 1", signature[crypto_sign_BYTES];

  crypto_generichash (message + 16, 32, bytes->data, bytes->len, NULL, 0);
  crypto_sign_detached (signature, NULL, message, sizeof message, secret_key);
  add_part (bytes, GALLEY_BUNDLE_END, signature, sizeof signature);
}

static void
add_packed (GByteArray *bytes, const guint8 *data, gsize size)
{
  gsize bound = ZSTD_compressBound (size);
  g_autofree guint8 *packed = g_malloc (bound);

  add_part (bytes, GALLEY_BUNDLE_CHANGES, packed, ZSTD_compress (packed, bound, data, size, 1));
}

/* With the batches in it packed, as far as it has parts. */
static GByteArray *
pack_batches (const guint8 *data, gsize size)
{
  GByteArray *bytes = g_byte_array_new ();
  gsize at = MIN (size, 5);

  if (at > 0)
    g_byte_array_append (bytes, data, at);
  while (size - at >= 5)
    {
      guint32 length;

      memcpy (&length, data + at, sizeof length);
      length = GUINT32_FROM_LE (length);
      if (length > size - at - 5)
        break;
      if (data[at + 4] == GALLEY_BUNDLE_CHANGES)
        add_packed (bytes, data + at + 5, length);
      else
        add_part (bytes, data[at + 4], data + at + 5, length);
      at += 5 + length;
    }
  if (size > at)
    g_byte_array_append (bytes, data + at, size - at);
  return bytes;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autoptr (GByteArray) bytes = NULL;

  make_key ();
  check (data, size);
  bytes = pack_batches (data, size);
  sign (bytes);
  check (bytes->data, bytes->len);
  return 0;
}

static GBytes *
describe_who (const GalleyId *device)
{
  g_autoptr (GalleyMe) who = galley_me_new ();
  GalleyDevice *known = g_new0 (GalleyDevice, 1);
  GalleyPerson *person = g_new0 (GalleyPerson, 1);

  memset (&person->id, 'a', sizeof person->id);
  person->name = g_strdup ("Ana");
  person->role = GALLEY_ROLE_LEAD;
  known->id = who->device = *device;
  known->person = who->person = person->id;
  known->name = g_strdup ("laptop");
  memcpy (known->public_key, public_key, sizeof known->public_key);
  who->name = g_strdup ("Ana");
  who->server_id = g_strdup ("");
  g_ptr_array_add (who->persons, person);
  g_ptr_array_add (who->devices, known);
  return galley_me_to_bytes (who);
}

static GBytes *
unpack (GalleyBatchWriter *writer)
{
  gsize size = galley_batch_writer_get_size (writer), packed_size;
  g_autoptr (GBytes) packed = galley_batch_writer_finish (writer);
  gconstpointer data = g_bytes_get_data (packed, &packed_size);
  guint8 *batch = g_malloc (size);

  g_assert_cmpuint (ZSTD_decompress (batch, size, data, packed_size), ==, size);
  return g_bytes_new_take (batch, size);
}

static GBytes *
write_change (const GalleyId *device, GalleyId *project)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  GalleyHash nothing = { 0 };
  g_autoptr (GalleyChange) change = galley_fuzz_make_change_of (device, 1, &nothing);
  GalleyRef ref = { *device, 1 };
  guint8 message[16 + 16 + 16 + 8 + 32] = "galley tip 1", signature[crypto_sign_BYTES];
  gsize size;
  gconstpointer data = g_bytes_get_data (galley_change_get_bytes (change), &size);

  *project = galley_change_get_header (change)->project;
  memcpy (message + 16, project, 16);
  memcpy (message + 32, device, 16);
  message[48] = 1;
  memcpy (message + 56, galley_change_get_hash (change), 32);
  crypto_sign_detached (signature, NULL, message, sizeof message, secret_key);
  galley_batch_writer_add_change (writer, data, size, galley_change_get_hash (change));
  galley_batch_writer_add_tip (writer, &ref, galley_change_get_hash (change), signature);
  return unpack (writer);
}

/* A bundle with a change and a file, up to its signature. */
GBytes *
galley_fuzz_get_seed (void)
{
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) sound = NULL;
  g_autoptr (GBytes) who = NULL, batch = NULL;
  guint8 head[48] = { 0 }, file[40] = { 0 };
  GalleyId device, project;

  make_key ();
  galley_key_device_of (public_key, &device);
  who = describe_who (&device);
  batch = write_change (&device, &project);
  memcpy (head, &project, 16);
  memcpy (head + 16, &device, 16);
  head[40] = 1;
  crypto_generichash (file, 32, (const guint8 *)"file", 4, NULL, 0);
  file[32] = 4;

  g_byte_array_append (bytes, (const guint8 *)"GLYH\x01", 5);
  add_part (bytes, GALLEY_BUNDLE_HEAD, head, sizeof head);
  add_part (bytes, GALLEY_BUNDLE_WHO, g_bytes_get_data (who, NULL), g_bytes_get_size (who));
  add_part (bytes, GALLEY_BUNDLE_HAVE, "", 0);
  add_part (bytes, GALLEY_BUNDLE_CHANGES, g_bytes_get_data (batch, NULL), g_bytes_get_size (batch));
  add_part (bytes, GALLEY_BUNDLE_FILE, file, sizeof file);
  add_part (bytes, GALLEY_BUNDLE_PIECE, "file", 4);

  sound = pack_batches (bytes->data, bytes->len);
  sign (sound);
  g_assert_true (check (sound->data, sound->len));
  return g_byte_array_free_to_bytes (bytes);
}
