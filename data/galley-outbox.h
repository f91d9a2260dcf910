/* galley-outbox.h: what waits to be sent, and what comes in, as the sync service asks for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* ── on the writer thread, inside galley_store_write*() ── */

/* What the server sent: a change; or with @change NULL either the place of an own change that this
 * device is known to hold, or a gap: a change that was refused, of which others get the hash alone,
 * so that its device's chain still verifies. */
typedef struct
{
  guint64 position;     /* 0 for a gap */
  GalleyChange *change; /* (nullable) (owned by the caller) */
  GalleyRef ref;
  gboolean gap;
  GalleyHash hash; /* of a gap */
} GalleyIncoming;

/* What the server said of a run of the device's changes. */
typedef struct
{
  GalleyId device; /* nil: this one */
  guint64 first_seq;
  guint64 count;
  guint64 position; /* of the first; they follow each other. 0: refused */
  char *code;       /* (nullable): of a refusal */
  char *message;    /* (nullable): a sentence for the person */
} GalleyVerdict;

gboolean galley_outbox_receive (GalleyWriter *writer,
                                const GalleyId *project,
                                const GalleyIncoming *changes,
                                guint n_changes,
                                const char *history_id,
                                guint64 position,
                                GError **error);
gboolean galley_outbox_take_carried (GalleyWriter *writer,
                                     const GalleyId *project,
                                     const GalleyIncoming *changes,
                                     guint n_changes,
                                     guint64 *n_new,
                                     GError **error);
gboolean galley_outbox_settle (GalleyWriter *writer,
                               const GalleyId *project,
                               const GalleyVerdict *verdicts,
                               guint n_verdicts,
                               GError **error);

/* ── on a reader ── */

typedef struct
{
  GalleyId project;
  guint64 unsent; /* own changes without a verdict */
  guint64 unsent_bytes;
  guint64 refused;
  guint64 position;   /* up to where the server's stream has been applied */
  guint64 furthest;   /* the highest place that any change here was given */
  char *history_id;   /* (nullable): of the server's stream */
  gboolean rolled;    /* @rolling is known */
  GalleyHash rolling; /* of the stream up to @position */
  guint64 own_seq;    /* this device's last number in the project */
  guint64 answered;   /* up to this one the server has had its say */
  guint64 lost;       /* the server lost history, and what it lacks is to be sent again: one more
                         than the own number that it had had; 0: nothing of that */
  guint64 carried;    /* changes of others that came by hand and that no server has placed */
  gboolean shared;    /* the server knows the project */
} GalleyOutboxState;

gboolean galley_outbox_get_state (GalleyReader *reader,
                                  const GalleyId *project,
                                  GalleyOutboxState *state,
                                  GError **error);
void galley_outbox_state_clear (GalleyOutboxState *state);
GPtrArray *galley_outbox_next (GalleyReader *reader,
                               const GalleyId *project,
                               guint max_changes,
                               gsize max_bytes,
                               GError **error);
/* Files of versions: hash, size and what is known of them. */
typedef struct
{
  GalleyHash hash;
  guint64 size_bytes;
  GalleyId project;
  GalleyId item;
  char *name;
  gboolean here;     /* the bytes are on this computer */
  gboolean uploaded; /* the server has them all, for this project */
} GalleyFileRow;

void galley_file_row_free (GalleyFileRow *row);
GPtrArray *galley_outbox_files_to_upload (GalleyReader *reader,
                                          const GalleyId *project,
                                          GError **error);
GPtrArray *galley_outbox_files_here (GalleyReader *reader, const GalleyId *project, GError **error);
GPtrArray *galley_outbox_files_to_download (GalleyReader *reader,
                                            const GalleyId *project,
                                            GError **error);
gboolean galley_outbox_set_file_here (GalleyWriter *writer,
                                      const GalleyHash *hash,
                                      gboolean here,
                                      GError **error);
/* Whether the server has what it was sent is asked again, of each file. @data: (out) (nullable): a
 * guint: how many */
gboolean galley_outbox_doubt_uploads (GalleyWriter *writer, gpointer data, GError **error);
gboolean galley_outbox_set_file_uploaded (GalleyWriter *writer,
                                          const GalleyId *project,
                                          const GalleyHash *hash,
                                          gboolean uploaded,
                                          GError **error);
gboolean galley_outbox_set_shared (GalleyWriter *writer,
                                   const GalleyId *project,
                                   gboolean shared,
                                   GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyOutboxState, galley_outbox_state_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFileRow, galley_file_row_free)

G_END_DECLS
