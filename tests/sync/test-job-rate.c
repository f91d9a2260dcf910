/* test-job-rate.c: how fast a job gets on, and how long it will still take
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "sync/galley-job-rate.h"

#define TOTAL 1000000
#define TICK_US (500 * 1000)

static void
test_steady (void)
{
  GalleyJobRate rate = { 0 };
  guint64 done = 0;

  galley_job_rate_begin (&rate, 0, 1);
  for (guint i = 1; i <= 40; i++)
    {
      done += 5000;
      galley_job_rate_add (&rate, done, TOTAL, 1 + i * TICK_US);
      g_assert_cmpfloat_with_epsilon (rate.per_s, 10000, 1);
      if (i < 16)
        g_assert_cmpfloat (rate.left_s, ==, 0);
    }
  g_assert_cmpfloat_with_epsilon (rate.left_s, (TOTAL - 200000) / 10000.0, 0.1);
}

static void
test_jumps (void)
{
  GalleyJobRate rate = { 0 };
  guint64 done = 0;
  double before = 0;

  g_test_summary (
      "On a line that stops and bursts, what is told never more than doubles or halves");

  galley_job_rate_begin (&rate, 0, 1);
  for (guint i = 1; i <= 400 && done < TOTAL; i++)
    {
      done += i % 40 < 20 ? 10 : 6000;
      galley_job_rate_add (&rate, done, TOTAL, 1 + i * TICK_US);
      if (before > 0)
        {
          g_assert_cmpfloat (rate.left_s, >=, before / 2 - 0.001);
          g_assert_cmpfloat (rate.left_s, <=, before * 2 + 0.001);
        }
      before = rate.left_s;
    }
  g_assert_cmpfloat (before, >, 0);
}

static void
test_anew (void)
{
  GalleyJobRate rate = { 0 };

  g_test_summary ("What begins anew is not counted backwards");

  galley_job_rate_add (&rate, 100, TOTAL, TICK_US);
  g_assert_cmpfloat (rate.per_s, ==, 0);
  galley_job_rate_begin (&rate, 500, 1);
  galley_job_rate_add (&rate, 1000, TOTAL, 1 + TICK_US);
  g_assert_cmpfloat_with_epsilon (rate.per_s, 1000, 1);
  galley_job_rate_add (&rate, 0, TOTAL, 1 + 2 * TICK_US);
  g_assert_cmpfloat (rate.per_s, ==, 0);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/job-rate/steady", test_steady);
  g_test_add_func ("/job-rate/jumps", test_jumps);
  g_test_add_func ("/job-rate/anew", test_anew);

  return g_test_run ();
}
