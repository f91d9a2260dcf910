/* galley-confinement.c: how little of the machine the decoder can reach
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-confinement"

#include "render/galley-confinement.h"

#include <glib.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* In bytes. An image of 50 million pixels, read in one piece and turned, stays below half of it. */
#define MAX_MEMORY (G_GUINT64_CONSTANT (2) << 30)
/* Of one file that is written, in bytes: the pyramid of the largest image that is opened. */
#define MAX_FILE (G_GUINT64_CONSTANT (12) << 30)
#define MAX_OPEN_FILES 256

/* The sanitizers' shadows need more addresses than any limit leaves. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

static void
limit (int resource, guint64 most)
{
  struct rlimit value = { most, most };

  if (setrlimit (resource, &value) != 0)
    g_warning ("A limit of %" G_GUINT64_FORMAT " could not be set.", most);
}

/**
 * galley_confinement_begin:
 *
 * To be called before any library is set up, and before there is a second thread. The time a file
 * may take is left to the other side, which knows what it waits for.
 */
void
galley_confinement_begin (void)
{
  /* No picture of the memory, which holds a person's files, is left on the disk. */
  limit (RLIMIT_CORE, 0);
  if (!IS_SANITIZED)
    limit (RLIMIT_AS, MAX_MEMORY);
  limit (RLIMIT_FSIZE, MAX_FILE);
  limit (RLIMIT_NOFILE, MAX_OPEN_FILES);
  /* A file that grows too large is then an error of the writer's. */
  signal (SIGXFSZ, SIG_IGN);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  /* Each arena takes 64 MiB of the addresses; more than two threads never work at once. */
  mallopt (M_ARENA_MAX, 2);
}

static gpointer
watch (gpointer data)
{
  struct pollfd end = { .fd = GPOINTER_TO_INT (data), .events = 0 };

  while (poll (&end, 1, -1) <= 0 || (end.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0)
    continue;

  _exit (0);
}

/**
 * galley_confinement_end_with:
 * @fd: the pipe that requests come from
 *
 * When the other side goes away, so does this process, in the midst of whatever it does.
 */
void
galley_confinement_end_with (int fd)
{
  g_thread_unref (g_thread_new ("watch", watch, GINT_TO_POINTER (fd)));
}
