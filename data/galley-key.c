/* galley-key.c: the Ed25519 key that is a device's identity
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-key"

#include "data/galley-key.h"

#include "data/galley-error.h"
#include "data/galley-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

/* The file: a line that says what it is, then the 32-byte seed as hexadecimal digits. */
#define FILE_HEADER "galley device key 1\n"

struct _GalleyKey
{
  guint8 public_key[crypto_sign_PUBLICKEYBYTES];
  guint8 secret_key[crypto_sign_SECRETKEYBYTES];
  GalleyId device;
};

static GalleyKey *
key_from_seed (const guint8 seed[crypto_sign_SEEDBYTES])
{
  GalleyKey *self = g_new0 (GalleyKey, 1);

  crypto_sign_seed_keypair (self->public_key, self->secret_key, seed);
  galley_key_device_of (self->public_key, &self->device);
  return self;
}

/**
 * galley_key_load:
 * @error: %GALLEY_DATA_ERROR_NOT_FOUND when there is none, %GALLEY_DATA_ERROR_DAMAGED when the file
 *   is not a key; it is left as it is
 */
GalleyKey *
galley_key_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  guint8 seed[crypto_sign_SEEDBYTES];
  gsize length, decoded = 0;
  g_autoptr (GError) local = NULL;
  GalleyKey *self;

  if (!g_file_get_contents (path, &text, &length, &local))
    {
      gboolean missing = g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT);

      g_set_error (error, GALLEY_DATA_ERROR,
                   missing ? GALLEY_DATA_ERROR_NOT_FOUND : GALLEY_DATA_ERROR_IO,
                   _ ("This device's key cannot be read: %s"), local->message);
      return NULL;
    }

  if (!g_str_has_prefix (text, FILE_HEADER) ||
      sodium_hex2bin (seed, sizeof seed, text + strlen (FILE_HEADER), length - strlen (FILE_HEADER),
                      "\n", &decoded, NULL) != 0 ||
      decoded != sizeof seed)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED,
                   _ ("The file “%s” is not this device's key any more. It has been kept; move it "
                      "away and Galley makes a new identity for this device."),
                   path);
      return NULL;
    }

  self = key_from_seed (seed);
  sodium_memzero (seed, sizeof seed);
  sodium_memzero (text, length);
  return self;
}

static gboolean
write_all (int fd, const char *text, gsize length)
{
  while (length > 0)
    {
      gssize written = write (fd, text, length);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      text += written;
      length -= written;
    }

  return fsync (fd) == 0;
}

/* link() fails when there is one: of two programs that start at once, one makes the key and the
 * other loads it. Each writes a draft of its own, or one would write into what the other linked. */
static gboolean
save_seed (const char *path, const guint8 seed[crypto_sign_SEEDBYTES], GError **error)
{
  char hex[2 * crypto_sign_SEEDBYTES + 1];
  g_autofree char *folder = g_path_get_dirname (path), *text = NULL;
  g_autofree char *draft = g_strconcat (path, ".new-XXXXXX", NULL);
  int fd = g_mkstemp_full (draft, O_WRONLY | O_CLOEXEC, 0600);
  gboolean saved;
  int saved_errno;

  sodium_bin2hex (hex, sizeof hex, seed, crypto_sign_SEEDBYTES);
  text = g_strconcat (FILE_HEADER, hex, "\n", NULL);
  saved = fd >= 0 && write_all (fd, text, strlen (text)) && link (draft, path) == 0 &&
          galley_folder_sync (folder);
  saved_errno = errno;
  if (fd >= 0)
    close (fd);
  g_unlink (draft);
  sodium_memzero (hex, sizeof hex);
  sodium_memzero (text, strlen (text));

  if (!saved && saved_errno != EEXIST)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("This device's key cannot be written to “%s”: %s"), path,
                   g_strerror (saved_errno));
      return FALSE;
    }

  return TRUE;
}

/**
 * galley_key_open:
 * @path: where the key is, or is to be made, readable by its owner alone
 *
 * Returns: (transfer full): the key, or %NULL with @error set as galley_key_load() does
 */
GalleyKey *
galley_key_open (const char *path, const GalleyWorld *world, GError **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      guint8 seed[crypto_sign_SEEDBYTES];
      gboolean saved;

      galley_world_random (world, seed, sizeof seed);
      saved = save_seed (path, seed, error);
      sodium_memzero (seed, sizeof seed);
      if (!saved)
        return NULL;
    }

  return galley_key_load (path, error);
}

/* Keys that were in use before are kept: what they signed can still be shown to be theirs. */
static char *
find_place_aside (const char *path)
{
  for (guint n = 1;; n++)
    {
      g_autofree char *aside = g_strdup_printf ("%s.%u", path, n);

      if (!g_file_test (aside, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&aside);
    }
}

/**
 * galley_key_replace:
 * @path: of the key that is used until now; it is kept beside
 * @next: of the one that takes its place
 *
 * For good when it returns. Interrupted, it goes on where it was when it is called again.
 */
gboolean
galley_key_replace (const char *path, const char *next, GError **error)
{
  g_autofree char *aside = find_place_aside (path);
  g_autofree char *folder = g_path_get_dirname (path);

  if ((g_file_test (path, G_FILE_TEST_EXISTS) && link (path, aside) != 0) ||
      g_rename (next, path) != 0 || !galley_folder_sync (folder))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_IO,
                   _ ("This device's key cannot be written to “%s”: %s"), path, g_strerror (errno));
      return FALSE;
    }

  return TRUE;
}

void
galley_key_free (GalleyKey *self)
{
  sodium_memzero (self->secret_key, sizeof self->secret_key);
  g_free (self);
}

const guint8 *
galley_key_get_public (GalleyKey *self)
{
  return self->public_key;
}

const GalleyId *
galley_key_get_device (GalleyKey *self)
{
  return &self->device;
}

void
galley_key_sign (GalleyKey *self,
                 gconstpointer message,
                 gsize bytes,
                 guint8 signature[GALLEY_SIGNATURE_BYTES])
{
  crypto_sign_detached (signature, NULL, message, bytes, self->secret_key);
}

/**
 * galley_key_device_of:
 * @device: (out caller-allocates): BLAKE2b-128 of the public key: never counted, never chosen
 */
void
galley_key_device_of (const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES], GalleyId *device)
{
  crypto_generichash (device->bytes, sizeof device->bytes, public_key, GALLEY_PUBLIC_KEY_BYTES,
                      NULL, 0);
}

gboolean
galley_key_verify (const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES],
                   gconstpointer message,
                   gsize bytes,
                   const guint8 signature[GALLEY_SIGNATURE_BYTES])
{
  return crypto_sign_verify_detached (signature, message, bytes, public_key) == 0;
}
