/* galley-fuzz-folder.h: a folder of its own for what a fuzz target keeps on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In a folder that is made for the process and gone with it. */
char *galley_fuzz_path (const char *name);
void galley_fuzz_write (const char *path, gconstpointer data, gsize bytes);

G_END_DECLS
