/* galley-folder.h: a workspace's folder: made for good, looked at, and put aside
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Both: FALSE with errno set. They block. */
gboolean galley_folder_make (const char *path);
gboolean galley_folder_sync (const char *path);

/* How a workspace's folder looks before anything is opened. */
typedef enum
{
  GALLEY_FOLDER_SOUND,   /* as far as can be seen */
  GALLEY_FOLDER_LOST,    /* the database is gone or empty, but the key says that there was one */
  GALLEY_FOLDER_NO_KEY,  /* a database without a key: it opens under a new identity */
  GALLEY_FOLDER_BAD_KEY, /* the key's file is not a key */
} GalleyFolderState;

gboolean galley_folder_is_lost (const char *folder);
GalleyFolderState galley_folder_look (const char *folder);
gboolean galley_folder_put_key_aside (const char *folder, char **kept, GError **error);
gboolean galley_folder_put_all_aside (const char *folder, char **kept, GError **error);

G_END_DECLS
