/* galley-supervisor.h: what a server tells the program that started it, and gets from it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The protocols of sd_notify(3) and sd_listen_fds(3), without their library. Where nobody
 * supervises, nothing happens. */
void galley_supervisor_tell (const char *state); /* "READY=1\nSTATUS=…" */
guint galley_supervisor_watch (void);            /* tells now and then that it is well */
GSocket *galley_supervisor_take_socket (GError **error);

G_END_DECLS
