/* galley-fleet.h: what a server says to an administrator of all computers and of what is switched
 * on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* "1": somebody looks at the computers and has not been answered; and what the server said last. */
#define GALLEY_SETTING_FLEET_WANTED "fleet_wanted"
#define GALLEY_SETTING_FLEET "fleet"

/* Nothing is said of a flag, or not any more. */
#define GALLEY_FLEET_UNSAID (-1)

/* Of one computer, by its own last word. */
typedef struct
{
  GalleyId device;
  guint n_projects;
  guint64 lag; /* how many changes it is behind, in all */
  gboolean differs;
  char version[32]; /* of Galley; "": it never said */
} GalleyFleetLine;

/* On how many of a hundred computers a flag is on. */
typedef struct
{
  GalleyRole role; /* of whose; NONE: of all for whose role nothing else is said */
  int percent;     /* 0 … 100, or GALLEY_FLEET_UNSAID */
} GalleyFleetShare;

/* How a flag was switched last for a role. */
typedef struct
{
  GalleyRole role;
  gint64 number; /* as the server counts the changes */
} GalleyFleetLast;

/* Nobody can say which change was the last. */
#define GALLEY_FLEET_NOT_SEEN (-1)

typedef struct
{
  char *name;
  char *about;        /* what it does; in English, as the server says it */
  gboolean on;        /* where nothing is said */
  GArray *shares;     /* of GalleyFleetShare */
  GArray *lasts;      /* of GalleyFleetLast */
  gboolean knows_all; /* of a role that is not among them nothing was ever switched */
} GalleyFleetFlag;

/* That somebody switched one. */
typedef struct
{
  char *flag;
  GalleyFleetShare share; /* from then on */
  GalleyId person;        /* nil: somebody at the server itself */
  char *reason;           /* (nullable) */
  gint64 changed_us;      /* microseconds since 1970 UTC */
} GalleyFleetChange;

typedef struct
{
  GArray *lines;      /* of GalleyFleetLine */
  GPtrArray *flags;   /* of GalleyFleetFlag; empty: the server does not say */
  GPtrArray *changes; /* of GalleyFleetChange, the last first */
} GalleyFleet;

GalleyFleet *galley_fleet_parse (const char *text, GError **error);
GalleyFleet *galley_fleet_read (GalleyReader *reader);
void galley_fleet_free (GalleyFleet *self);
GalleyFleetFlag *galley_fleet_flag_copy (const GalleyFleetFlag *flag);
void galley_fleet_flag_free (GalleyFleetFlag *flag);
gint64 galley_fleet_flag_get_last (const GalleyFleetFlag *flag, GalleyRole role);
const GalleyFleetLine *galley_fleet_find (const GalleyFleet *self, const GalleyId *device);

gboolean galley_fleet_is_wanted (GalleyReader *reader);
gboolean galley_fleet_may_ask (GalleyReader *reader, const GalleyId *person);
/* On the writer thread; @data: unused. */
gboolean galley_fleet_want (GalleyWriter *writer, gpointer data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFleet, galley_fleet_free)

G_END_DECLS
