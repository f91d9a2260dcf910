/* galley-sync-lock.c: only one process of a workspace talks to the server
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sync-lock"

#include "sync/galley-sync-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

struct _GalleySyncLock
{
  int fd;
};

/**
 * galley_sync_lock_try:
 * @folder: the workspace's
 *
 * The kernel gives the lock back when its holder ends, however it ends.
 *
 * Returns: (transfer full) (nullable): the lock, or %NULL while somebody else has it
 */
GalleySyncLock *
galley_sync_lock_try (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "sync.lock", NULL);
  GalleySyncLock *self;
  int fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      g_warning ("Cannot open the lock %s: %s", path, g_strerror (errno));
      return NULL;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      close (fd);
      return NULL;
    }

  self = g_new (GalleySyncLock, 1);
  self->fd = fd;
  return self;
}

void
galley_sync_lock_free (GalleySyncLock *self)
{
  close (self->fd);
  g_free (self);
}
