/* galley-id.h: the 128-bit names of entities, projects, persons and devices
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-world.h"

G_BEGIN_DECLS

/* Bytes in the order in which they are written as text (RFC 9562). */
typedef struct
{
  guint8 bytes[16];
} GalleyId;

/* 36 characters and the end. */
#define GALLEY_ID_TEXT_SIZE 37

void galley_id_new (GalleyId *out, const GalleyWorld *world);
void galley_id_derive (GalleyId *out, const char *purpose, ...) G_GNUC_NULL_TERMINATED;
/* Whether it says of itself that galley_id_derive() made it. */
gboolean galley_id_is_derived (const GalleyId *id);
gboolean galley_id_parse (const char *text, GalleyId *out, GError **error);
const char *galley_id_print (const GalleyId *id, char text[GALLEY_ID_TEXT_SIZE]);
char *galley_id_to_string (const GalleyId *id);

gboolean galley_id_is_nil (const GalleyId *id);
guint galley_id_hash (gconstpointer id);
gboolean galley_id_equal (gconstpointer a, gconstpointer b);
int galley_id_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
