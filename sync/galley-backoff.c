/* galley-backoff.c: how long to wait before the next try
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sync/galley-backoff.h"

/**
 * galley_backoff_next_ms:
 * @attempt: how many tries have failed in a row, 1 or more
 * @random: any 32 random bits
 *
 * Exponential with full jitter: anywhere between nothing and the ceiling, so that a thousand
 * devices that lost the same server do not come back as one wave (M. Brooker, "Exponential Backoff
 * And Jitter", 2015). Pure.
 *
 * Returns: milliseconds to wait, from 1 to %GALLEY_BACKOFF_CAP_MS
 */
guint
galley_backoff_next_ms (guint attempt, guint32 random)
{
  guint doublings = attempt > 0 ? attempt - 1 : 0;
  guint64 ceiling_ms = GALLEY_BACKOFF_CAP_MS;

  /* 2^10 seconds is beyond the cap already; more doublings would only overflow. */
  if (doublings < 10)
    ceiling_ms = MIN ((guint64)GALLEY_BACKOFF_BASE_MS << doublings, GALLEY_BACKOFF_CAP_MS);

  return 1 + (guint)((guint64)random * ceiling_ms >> 32);
}
