/* galley-checkup.h: is everything here as it should be? and what is not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-file-store.h"
#include "data/galley-replay.h"

G_BEGIN_DECLS

typedef enum
{
  GALLEY_CHECK_DATABASE, /* the file of the database, page by page */
  GALLEY_CHECK_JOURNAL,  /* chains, hashes, signatures of decisions */
  GALLEY_CHECK_DERIVED,  /* what is worked out from the journal, and the search index */
  GALLEY_CHECK_FILES,    /* the bytes of every file that is here */
  GALLEY_CHECK_OTHERS,   /* what other devices have come to */
  GALLEY_N_CHECKS,
} GalleyCheck;

/* One thing that is not as it should be. */
typedef struct
{
  GalleyCheck check;
  char *text;       /* a sentence */
  GalleyHash file;  /* of GALLEY_CHECK_FILES */
  gboolean missing; /* the file is gone; else its bytes are others */
} GalleyFinding;

typedef struct
{
  guint64 n_changes;   /* looked at */
  guint64 n_files;     /* likewise */
  guint64 n_bytes;     /* of them */
  GPtrArray *findings; /* of GalleyFinding, in the order of the checks */
} GalleyCheckup;

#define GALLEY_CHECK_ALL ((1u << GALLEY_N_CHECKS) - 1)

/* @checks: of each that is wanted, 1 << GalleyCheck */
gboolean galley_checkup_run (GalleyStore *store,
                             GalleyFileStore *files,
                             guint checks,
                             GCancellable *cancellable,
                             GalleyReplayProgress progress,
                             gpointer progress_data,
                             GalleyCheckup *checkup,
                             GError **error);
gboolean galley_checkup_has (const GalleyCheckup *checkup, GalleyCheck check);
const char *galley_check_to_string (GalleyCheck check);
char *galley_checkup_describe (const GalleyCheckup *checkup);
gboolean galley_checkup_let_fetch (GalleyStore *store,
                                   GalleyFileStore *files,
                                   const GalleyCheckup *checkup,
                                   guint *n_files,
                                   GError **error);
void galley_checkup_clear (GalleyCheckup *checkup);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyCheckup, galley_checkup_clear)

G_END_DECLS
