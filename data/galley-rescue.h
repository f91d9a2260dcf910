/* galley-rescue.h: out of a damaged database into a new one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-replay.h"

G_BEGIN_DECLS

/* Out of a database that cannot be used any more; @kept is where it is now. */
gboolean galley_rescue (
    const char *folder, char **kept, guint64 *n_changes, gint64 *backup_us, GError **error);
/* What a rescue that was cut off had left to do; nothing when there was none. */
gboolean galley_rescue_finish (const char *folder, GError **error);
/* Whatever the state of the database: opened and rebuilt, or rescued and rebuilt. */
gboolean galley_rescue_or_rebuild (const char *folder,
                                   GalleyReplayProgress progress,
                                   gpointer progress_data,
                                   GalleyReplayReport *report,
                                   char **kept,
                                   GError **error);

G_END_DECLS
