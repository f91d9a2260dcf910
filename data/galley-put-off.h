/* galley-put-off.h: conflicts that somebody does not want to see before a certain time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

/* Of this workspace alone: nobody else is told, and nothing is settled by it. */
typedef struct
{
  GalleyId entity;
  gint64 until_us; /* 0: it is to be seen again */
} GalleyPutOff;

/* A GalleyStoreFunc for a GalleyPutOff. */
gboolean galley_put_off (GalleyWriter *writer, gpointer put_off, GError **error);

G_END_DECLS
