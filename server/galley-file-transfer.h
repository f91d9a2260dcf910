/* galley-file-transfer.h: files on their way up: streamed, resumed, verified
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-file-store.h"
#include "data/galley-id.h"
#include "server/galley-server-error.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Private to the server; main loop, but for the verification. */
typedef struct _GalleyFileTransfers GalleyFileTransfers;

GalleyFileTransfers *galley_file_transfers_new (const char *folder);
void galley_file_transfers_free (GalleyFileTransfers *self);
GalleyFileStore *galley_file_transfers_get_store (GalleyFileTransfers *self);

/* When the headers of an upload are here: its bytes go to disk as they come. */
gboolean galley_file_transfers_begin (GalleyFileTransfers *self,
                                      SoupServerMessage *message,
                                      const GalleyId *project,
                                      const GalleyHash *file,
                                      gboolean sent,
                                      GError **error);
/* When all of its bytes are: @complete when the file's last ones were among them. Then the file is
 * kept for whoever verifies it. */
gboolean galley_file_transfers_end (GalleyFileTransfers *self,
                                    SoupServerMessage *message,
                                    gboolean *complete,
                                    guint64 *total_bytes,
                                    GError **error);
gboolean galley_file_transfers_verify (GalleyFileTransfers *self,
                                       const GalleyId *project,
                                       const GalleyHash *file,
                                       guint64 size_bytes,
                                       GError **error);
void galley_file_transfers_release (GalleyFileTransfers *self,
                                    const GalleyId *project,
                                    const GalleyHash *file);
void galley_file_transfers_tell (GalleyFileTransfers *self,
                                 SoupServerMessage *message,
                                 const GalleyId *project,
                                 const GalleyHash *file,
                                 gboolean sent);

G_END_DECLS
