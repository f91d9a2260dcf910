/* galley-vectors.h: bytes of every format, and what they are made of: see README.md
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* All of a folder: keys and changes, which the other vectors name. */
typedef struct _GalleyVectors GalleyVectors;

GalleyVectors *galley_vectors_load (const char *folder);
void galley_vectors_free (GalleyVectors *self);

/* The names of the vectors: NAME.json says what NAME.bin is made of and what follows from it. */
const char *const *galley_vectors_get_names (void);

/* What NAME.json says. */
JsonObject *galley_vectors_get (GalleyVectors *self, const char *name);

/* Made by the code that Galley itself uses; @packed is what is there already, since zstd packs
 * differently from version to version: what it holds must be the same, and then stands as it is.
 * %NULL for a vector without a file. */
GBytes *galley_vectors_make (GalleyVectors *self, const char *name, GBytes *packed);
/* What the bytes say, read by that code: in the form of "made_of". */
JsonNode *galley_vectors_read (GalleyVectors *self, const char *name, GBytes *bytes);
/* Hashes and signatures: in the form of "gives". */
JsonNode *galley_vectors_derive (GalleyVectors *self, const char *name, GBytes *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyVectors, galley_vectors_free)

G_END_DECLS
