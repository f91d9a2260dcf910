/* test-notices.c: when a person who is elsewhere is told that something waits for them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "ui/galley-notices.h"

static void
assert_act (GalleyNoticeAct act,
            GalleyNotice notice,
            guint before,
            guint now,
            gint64 waited_us,
            gboolean watched)
{
  g_assert_cmpint (galley_notice_decide (notice, before, now, waited_us, watched), ==, act);
}

static void
test_only_news (void)
{
  g_test_summary (
      "More than before is news, less is not; nothing is taken back from the screen until "
      "all is done or seen");

  for (guint notice = GALLEY_NOTICE_INBOX; notice <= GALLEY_NOTICE_CONFLICTS; notice++)
    {
      assert_act (GALLEY_NOTICE_SEND, notice, 0, 1, 0, FALSE);
      assert_act (GALLEY_NOTICE_SEND, notice, 2, 1000, 0, FALSE);
      assert_act (GALLEY_NOTICE_LEAVE, notice, 2, 2, 0, FALSE);
      assert_act (GALLEY_NOTICE_LEAVE, notice, 2, 1, 0, FALSE);
      assert_act (GALLEY_NOTICE_WITHDRAW, notice, 2, 0, 0, FALSE);
      assert_act (GALLEY_NOTICE_WITHDRAW, notice, 0, 3, 0, TRUE);
    }
}

static void
test_patience (void)
{
  const gint64 long_us = GALLEY_NOTICE_PATIENCE_US;

  g_test_summary (
      "Syncing that needs somebody is told of when it lasts, however much fails at once");

  assert_act (GALLEY_NOTICE_LEAVE, GALLEY_NOTICE_ATTENTION, 0, 1000, 0, FALSE);
  assert_act (GALLEY_NOTICE_LEAVE, GALLEY_NOTICE_ATTENTION, 1, 1, long_us - 1, FALSE);
  assert_act (GALLEY_NOTICE_SEND, GALLEY_NOTICE_ATTENTION, 1000, 1000, long_us, FALSE);
  assert_act (GALLEY_NOTICE_WITHDRAW, GALLEY_NOTICE_ATTENTION, 1, 1, long_us, TRUE);
  assert_act (GALLEY_NOTICE_WITHDRAW, GALLEY_NOTICE_ATTENTION, 1, 0, long_us, FALSE);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/notices/only-news", test_only_news);
  g_test_add_func ("/notices/patience", test_patience);

  return g_test_run ();
}
