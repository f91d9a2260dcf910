/* galley-shelf.c: the files that were opened last, kept open
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-shelf"

#include "render/galley-shelf.h"

#include <string.h>
#include <sys/stat.h>

/* So that turning a page or zooming is quick; at times two versions are compared. */
#define N_KEPT 3

typedef struct
{
  char *path;
  GalleyPicture *picture;
  struct timespec changed_at; /* the file's, when it was opened; with its size tells a new one */
  gint64 bytes;
} Kept;

static Kept kept[N_KEPT]; /* the last used first */

static void
kept_clear (Kept *self)
{
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->picture, galley_picture_free);
}

/* The path's entry moves to the front; one whose file has changed meanwhile is emptied there. */
static gboolean
find_kept (const char *path, const struct stat *info)
{
  for (guint i = 0; i < N_KEPT; i++)
    if (g_strcmp0 (kept[i].path, path) == 0)
      {
        Kept found = kept[i];

        memmove (kept + 1, kept, i * sizeof (Kept));
        kept[0] = found;
        if (memcmp (&found.changed_at, &info->st_mtim, sizeof info->st_mtim) == 0 &&
            found.bytes == info->st_size)
          return TRUE;
        kept_clear (&kept[0]);
        return FALSE;
      }

  return FALSE;
}

/**
 * galley_shelf_open:
 * @path: a file
 * @cache: (nullable): as in galley_picture_open()
 *
 * Returns: (transfer none) (nullable): the picture, at least until the next call
 */
GalleyPicture *
galley_shelf_open (const char *path, const char *cache, GError **error)
{
  struct stat info = { 0 };
  GalleyPicture *picture;

  /* If it fails, opening fails too, and says why. */
  if (stat (path, &info) == 0 && find_kept (path, &info))
    return kept[0].picture;

  picture = galley_picture_open (path, cache, error);
  if (picture == NULL)
    return NULL;

  kept_clear (&kept[N_KEPT - 1]);
  memmove (kept + 1, kept, (N_KEPT - 1) * sizeof (Kept));
  kept[0] = (Kept){ g_strdup (path), picture, info.st_mtim, info.st_size };
  return picture;
}
