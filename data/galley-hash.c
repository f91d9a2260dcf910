/* galley-hash.c: BLAKE2b-256, of changes and of files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-hash"

#include "data/galley-hash.h"

#include <sodium.h>
#include <string.h>

void
galley_hash_bytes (GalleyHash *out, gconstpointer data, gsize bytes)
{
  crypto_generichash (out->bytes, sizeof out->bytes, data, bytes, NULL, 0);
}

/**
 * galley_hash_roll:
 * @rolling: (inout): BLAKE2b-256 of itself and @next afterwards; zeros before the first
 */
void
galley_hash_roll (GalleyHash *rolling, const GalleyHash *next)
{
  GalleyHash both[2] = { *rolling, *next };

  galley_hash_bytes (rolling, both, sizeof both);
}

/**
 * galley_hash_parse:
 * @text: exactly 64 hexadecimal digits, or something else
 *
 * Returns: whether @out was set
 */
gboolean
galley_hash_parse (const char *text, GalleyHash *out)
{
  GalleyHash hash;

  if (text == NULL || strlen (text) != 64)
    return FALSE;

  for (guint i = 0; i < sizeof hash.bytes; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      hash.bytes[i] = high << 4 | low;
    }

  *out = hash;
  return TRUE;
}

const char *
galley_hash_print (const GalleyHash *hash, char text[GALLEY_HASH_TEXT_SIZE])
{
  return sodium_bin2hex (text, GALLEY_HASH_TEXT_SIZE, hash->bytes, sizeof hash->bytes);
}

char *
galley_hash_to_string (const GalleyHash *hash)
{
  char *text = g_malloc (GALLEY_HASH_TEXT_SIZE);

  galley_hash_print (hash, text);
  return text;
}

gboolean
galley_hash_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (GalleyHash)) == 0;
}
