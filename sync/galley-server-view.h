/* galley-server-view.h: what the server was last heard to have
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-id.h"

G_BEGIN_DECLS

/* Hints, in memory: losing them costs one question to the server. Main loop. */
typedef struct _GalleyServerView GalleyServerView;

typedef struct
{
  GalleyId id;
  guint64 position;
  char *history_id; /* (nullable) */
  gboolean doubted; /* the server may not have what it had: the next pull finds out */
} GalleyServerProject;

GalleyServerView *galley_server_view_new (void);
void galley_server_view_free (GalleyServerView *self);

gboolean galley_server_view_raise (GalleyServerView *self,
                                   const GalleyId *project,
                                   guint64 position,
                                   const char *history_id);
void galley_server_view_take (GalleyServerView *self,
                              const GalleyId *project,
                              guint64 position,
                              const char *history_id);
void galley_server_view_doubt (GalleyServerView *self, const GalleyId *project);
void galley_server_view_trust (GalleyServerView *self, const GalleyId *project, guint64 position);
void galley_server_view_forget (GalleyServerView *self, const GalleyId *project);
void galley_server_view_clear (GalleyServerView *self);
GPtrArray *galley_server_view_copy (GalleyServerView *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyServerView, galley_server_view_free)

G_END_DECLS
