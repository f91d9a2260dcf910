/* galley-thread.h: a note on an item with its replies, as the list beside the asset shows it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-contents.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_THREAD (galley_thread_get_type ())
G_DECLARE_FINAL_TYPE (GalleyThread, galley_thread, GALLEY, THREAD, GObject)

/* How far a thing has come on its way to everybody. */
typedef enum
{
  GALLEY_SAVED_NOT_YET, /* being written */
  GALLEY_SAVED_FAILED,  /* could not be written: it is kept on screen */
  GALLEY_SAVED_HERE,    /* on this computer */
  GALLEY_SAVED_SHARED,  /* on the server */
} GalleySaved;

typedef struct
{
  GalleyId id;
  char *author;
  gboolean mine;
  gint64 created_us;
  char *body;
  gboolean contested;
  GalleySaved saved;
  GArray *seen; /* of GalleyRef: heads of the body that is shown */
} GalleyReply;

/* signals: "changed" */

GalleyThread *galley_thread_new (const GalleyId *id, guint number);
GalleyThread *galley_thread_new_draft (const GalleyId *id, guint number, const char *author);

gboolean galley_thread_update (GalleyThread *self,
                               const GalleyContents *contents,
                               const GalleyEntity *note,
                               GPtrArray *replies);
void galley_thread_set_number (GalleyThread *self, guint number);
void galley_thread_set_saved (GalleyThread *self, GalleySaved saved, const char *failure);

const GalleyId *galley_thread_get_id (GalleyThread *self);
guint galley_thread_get_number (GalleyThread *self);
const char *galley_thread_get_author (GalleyThread *self);
gboolean galley_thread_is_mine (GalleyThread *self);
gint64 galley_thread_get_created (GalleyThread *self);
const char *galley_thread_get_body (GalleyThread *self);
GArray *galley_thread_get_seen (GalleyThread *self, guint16 field);
gboolean galley_thread_is_resolved (GalleyThread *self);
gboolean galley_thread_is_blocking (GalleyThread *self);
gboolean galley_thread_is_contested (GalleyThread *self);
gboolean galley_thread_may_edit (GalleyThread *self);
GalleySaved galley_thread_get_saved (GalleyThread *self);
const char *galley_thread_get_failure (GalleyThread *self);
guint galley_thread_get_page (GalleyThread *self);
GPtrArray *galley_thread_get_replies (GalleyThread *self);
char *galley_thread_describe (GalleyThread *self);

G_END_DECLS
