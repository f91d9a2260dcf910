/* galley-id.c: the 128-bit names of entities, projects, persons and devices
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-id"

#include "data/galley-id.h"

#include "data/galley-error.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

/**
 * galley_id_new:
 * @out: (out caller-allocates): a UUID of version 7 (RFC 9562): milliseconds, then chance, so that
 *   ids made after each other stand beside each other in an index
 */
void
galley_id_new (GalleyId *out, const GalleyWorld *world)
{
  guint64 ms = galley_world_now_us (world) / 1000;

  galley_world_random (world, out->bytes, sizeof out->bytes);
  for (int i = 0; i < 6; i++)
    out->bytes[i] = ms >> (40 - 8 * i);
  out->bytes[6] = 0x70 | (out->bytes[6] & 0x0f);
  out->bytes[8] = 0x80 | (out->bytes[8] & 0x3f);
}

/**
 * galley_id_derive:
 * @out: (out caller-allocates): the same for the same arguments, on every device
 * @purpose: what the id is for, so that equal parts give different ids for different things
 * @...: #GalleyId pointers, then %NULL
 *
 * BLAKE2b-128, marked as a UUID of version 8 (RFC 9562: custom).
 */
void
galley_id_derive (GalleyId *out, const char *purpose, ...)
{
  crypto_generichash_state state;
  const GalleyId *part;
  va_list parts;

  crypto_generichash_init (&state, NULL, 0, sizeof out->bytes);
  crypto_generichash_update (&state, (const guint8 *)purpose, strlen (purpose) + 1);
  va_start (parts, purpose);
  while ((part = va_arg (parts, const GalleyId *)) != NULL)
    crypto_generichash_update (&state, part->bytes, sizeof part->bytes);
  va_end (parts);
  crypto_generichash_final (&state, out->bytes, sizeof out->bytes);
  out->bytes[6] = 0x80 | (out->bytes[6] & 0x0f);
  out->bytes[8] = 0x80 | (out->bytes[8] & 0x3f);
}

gboolean
galley_id_is_derived (const GalleyId *id)
{
  return id->bytes[6] >> 4 == 8;
}

/**
 * galley_id_parse:
 * @text: 32 hexadecimal digits, with or without the four hyphens of a UUID
 * @out: (out caller-allocates): set when %TRUE is returned
 * @error: (nullable): %GALLEY_DATA_ERROR_INVALID
 */
gboolean
galley_id_parse (const char *text, GalleyId *out, GError **error)
{
  guint digits = 0;
  GalleyId id = { 0 };

  for (const char *c = text; c != NULL && *c != '\0' && digits <= 32; c++)
    {
      int value = g_ascii_xdigit_value (*c);

      if (*c == '-' && (c - text == 8 || c - text == 13 || c - text == 18 || c - text == 23))
        continue;
      if (value < 0 || digits == 32)
        {
          digits = 0;
          break;
        }
      id.bytes[digits / 2] |= value << (digits % 2 == 0 ? 4 : 0);
      digits++;
    }

  if (digits != 32)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("“%.64s” is not an id: 32 hexadecimal digits are expected."),
                   text != NULL ? text : "");
      return FALSE;
    }

  *out = id;
  return TRUE;
}

/**
 * galley_id_print:
 * @text: (out caller-allocates): where the 36 characters go
 *
 * Returns: (transfer none): @text
 */
const char *
galley_id_print (const GalleyId *id, char text[GALLEY_ID_TEXT_SIZE])
{
  static const char digits[] = "0123456789abcdef";
  char *to = text;

  for (guint i = 0; i < sizeof id->bytes; i++)
    {
      if (i == 4 || i == 6 || i == 8 || i == 10)
        *to++ = '-';
      *to++ = digits[id->bytes[i] >> 4];
      *to++ = digits[id->bytes[i] & 15];
    }
  *to = '\0';

  return text;
}

char *
galley_id_to_string (const GalleyId *id)
{
  char *text = g_malloc (GALLEY_ID_TEXT_SIZE);

  galley_id_print (id, text);
  return text;
}

gboolean
galley_id_is_nil (const GalleyId *id)
{
  static const GalleyId nil;

  return galley_id_equal (id, &nil);
}

guint
galley_id_hash (gconstpointer id)
{
  guint32 value;

  /* The last bytes are chance in every kind of id. */
  memcpy (&value, ((const GalleyId *)id)->bytes + 12, sizeof value);
  return value;
}

gboolean
galley_id_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (GalleyId)) == 0;
}

int
galley_id_compare (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (GalleyId));
}
