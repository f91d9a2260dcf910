/* galley-flag.h: what can be switched on and off for a part of all devices, and why it is so here
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* What the code asks about; the one table is in the source. */
typedef enum
{
  GALLEY_FLAG_SNAPSHOT,
  GALLEY_FLAG_COMPACT,
  GALLEY_N_FLAGS,
} GalleyFlag;

#define GALLEY_FLAG_NAME_MAX_BYTES 64
/* Why one is switched, in letters; and how many changes of them a server tells. */
#define GALLEY_FLAG_REASON_MAX 500
#define GALLEY_FLAG_CHANGES_TOLD 50

typedef struct
{
  const char *name; /* as the wire and the command line call it */
  const char *help; /* what it does when it is on; not translated yet */
  gboolean on;      /* where nobody says otherwise */
} GalleyFlagSpec;

/**
 * GalleyFlagCause:
 * @GALLEY_FLAG_BY_DEFAULT: nobody said anything
 * @GALLEY_FLAG_BY_SERVER: the server names a share of the devices, and this is one of them or not
 * @GALLEY_FLAG_BY_OVERRIDE: somebody set it on this device
 */
typedef enum
{
  GALLEY_FLAG_BY_DEFAULT,
  GALLEY_FLAG_BY_SERVER,
  GALLEY_FLAG_BY_OVERRIDE,
} GalleyFlagCause;

typedef struct
{
  gboolean on;
  GalleyFlagCause cause;
  int percent; /* as the server last said, also when it does not decide; -1: nothing */
} GalleyFlagState;

/* What a server says of a flag: on how many of a hundred devices it is on. */
typedef struct
{
  char *name;
  guint percent; /* 0 … 100 */
} GalleyFlagShare;

void galley_flag_share_free (GalleyFlagShare *share);

const GalleyFlagSpec *galley_flag_get_spec (GalleyFlag flag);
gboolean galley_flag_find (const char *name, GalleyFlag *flag);
gboolean galley_flag_name_is_valid (const char *name);
gboolean galley_flag_covers (const char *name, const GalleyId *device, guint percent);
const char *galley_flag_cause_to_string (GalleyFlagCause cause); /* default server override */

gboolean galley_flag_look_up (GalleyStore *store, GalleyFlag flag, gboolean *on, GError **error);

/* reader */
gboolean galley_flag_is_on (GalleyReader *reader, GalleyFlag flag);
void galley_flag_get_state (GalleyReader *reader, GalleyFlag flag, GalleyFlagState *state);
gboolean galley_flag_is_told (GalleyReader *reader, GPtrArray *shares);

/* writer thread */
gboolean galley_flag_keep_told (GalleyWriter *writer, GPtrArray *shares, GError **error);
gboolean galley_flag_set_override (GalleyWriter *writer,
                                   GalleyFlag flag,
                                   const gboolean *on,
                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFlagShare, galley_flag_share_free)

G_END_DECLS
