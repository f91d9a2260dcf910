/* galley-sync-summary.h: "is my work safe, and what is stuck?" in one state and one sentence
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GALLEY_SYNC_LOCAL_ONLY,      /* there is no server */
  GALLEY_SYNC_UP_TO_DATE,      /* all is shared */
  GALLEY_SYNC_WAITING,         /* something waits for its turn */
  GALLEY_SYNC_SYNCING,         /* under way */
  GALLEY_SYNC_OFFLINE,         /* switched off, or the server cannot be reached */
  GALLEY_SYNC_PAUSED,          /* by the person */
  GALLEY_SYNC_NEEDS_ATTENTION, /* somebody must look */
} GalleySyncState;

typedef struct
{
  gboolean connected;   /* the workspace has a server */
  gboolean offline;     /* the switch */
  gboolean paused;      /* the switch */
  gboolean unreachable; /* some job waits for the network */
  guint64 unsent;       /* own changes that the server does not have */
  guint64 unsent_files; /* on this computer, and the server does not have them */
  guint n_running;
  guint n_waiting;   /* open jobs that do not run */
  guint n_cancelled; /* jobs that would send something, and somebody does not want them to */
  guint n_attention; /* refused changes, failed jobs, jobs that wait for a person */
  gboolean sign_in;  /* somebody has to connect the workspace again */
  const char *hold;  /* (nullable): why what could start does not, a sentence */
  const char *error; /* (nullable): of the job that waits or failed, newest */
} GalleySyncFacts;

GalleySyncState galley_sync_summary_get_state (const GalleySyncFacts *facts);
char *galley_sync_summary_describe (const GalleySyncFacts *facts);
char *galley_sync_summary_detail (const GalleySyncFacts *facts);
const char *galley_sync_state_to_string (GalleySyncState state);

G_END_DECLS
