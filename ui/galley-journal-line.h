/* galley-journal-line.h: a change of the journal in a few words: what, who and when, what was
 * written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"

G_BEGIN_DECLS

typedef struct
{
  char *what;
  char *who_and_when;
  char *text; /* (nullable): what was written, or why it was refused */
  char *tooltip;
  GalleyId project;
  GalleyId entity; /* of its first edit; nil when it has none */
  gint64 lsn;      /* its place in the journal of this device */
} GalleyJournalLine;

GPtrArray *galley_journal_line_read (GalleyReader *reader,
                                     const GalleyId *person,
                                     const GalleyJournalFilter *filter,
                                     GError **error);
void galley_journal_line_free (GalleyJournalLine *self);

G_END_DECLS
