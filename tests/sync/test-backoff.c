/* test-backoff.c: how long to wait before the next try
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "sync/galley-backoff.h"

static void
test_ceiling_doubles (void)
{
  g_assert_cmpuint (galley_backoff_next_ms (1, G_MAXUINT32), ==, 1000);
  g_assert_cmpuint (galley_backoff_next_ms (2, G_MAXUINT32), ==, 2000);
  g_assert_cmpuint (galley_backoff_next_ms (5, G_MAXUINT32), ==, 16000);
}

static void
test_cap (void)
{
  g_test_summary ("However often it failed, it is tried again within a quarter of an hour");

  g_assert_cmpuint (galley_backoff_next_ms (10, G_MAXUINT32), ==, 512 * 1000);
  g_assert_cmpuint (galley_backoff_next_ms (11, G_MAXUINT32), ==, GALLEY_BACKOFF_CAP_MS);
  g_assert_cmpuint (galley_backoff_next_ms (64, G_MAXUINT32), ==, GALLEY_BACKOFF_CAP_MS);
  g_assert_cmpuint (galley_backoff_next_ms (G_MAXUINT, G_MAXUINT32), ==, GALLEY_BACKOFF_CAP_MS);
}

static void
test_full_jitter (void)
{
  g_test_summary ("Chance decides about the whole span, so that devices do not come back as one");

  g_assert_cmpuint (galley_backoff_next_ms (11, 0), ==, 1);
  g_assert_cmpuint (galley_backoff_next_ms (11, G_MAXUINT32 / 2), >, GALLEY_BACKOFF_CAP_MS / 3);
  g_assert_cmpuint (galley_backoff_next_ms (11, G_MAXUINT32 / 2), <, GALLEY_BACKOFF_CAP_MS / 3 * 2);
  g_assert_cmpuint (galley_backoff_next_ms (0, G_MAXUINT32), ==, 1000);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/backoff/ceiling-doubles", test_ceiling_doubles);
  g_test_add_func ("/backoff/cap", test_cap);
  g_test_add_func ("/backoff/full-jitter", test_full_jitter);

  return g_test_run ();
}
