/* galley-hash.h: BLAKE2b-256, of changes and of files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  guint8 bytes[32];
} GalleyHash;

#define GALLEY_HASH_TEXT_SIZE 65

void galley_hash_bytes (GalleyHash *out, gconstpointer data, gsize bytes);
/* Of all changes of a stream up to one: that of those before it, and the change's own. */
void galley_hash_roll (GalleyHash *rolling, const GalleyHash *next);
gboolean galley_hash_parse (const char *text, GalleyHash *out);
const char *galley_hash_print (const GalleyHash *hash, char text[GALLEY_HASH_TEXT_SIZE]);
char *galley_hash_to_string (const GalleyHash *hash);
gboolean galley_hash_equal (gconstpointer a, gconstpointer b);

G_END_DECLS
