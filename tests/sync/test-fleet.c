/* test-fleet.c: what a server says of all computers is read as far as it is understood
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "sync/galley-fleet.h"

static GalleyFleet *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GalleyFleet *fleet = galley_fleet_parse (text, &error);

  g_assert_no_error (error);
  return fleet;
}

static void
test_read (void)
{
  const GalleyId device = { { 1, 2, 3 } };
  char id[GALLEY_ID_TEXT_SIZE];
  g_autofree char *text = g_strdup_printf (
      "{\"by_device\":[{\"id\":\"%s\",\"program\":\"1.2\",\"projects\":[{\"lag\":3},"
      "{\"lag\":4,\"differs\":true}]}],\"flags\":[{\"name\":\"compact\",\"about\":\"packs\","
      "\"default\":true,\"shares\":[{\"role\":null,\"percent\":25},{\"role\":\"lead\","
      "\"percent\":0}]}],\"flag_changes\":[{\"number\":9,\"name\":\"compact\",\"role\":\"lead\","
      "\"percent\":null,\"reason\":\"slow\",\"changed\":\"2026-01-02T03:04:05.678Z\"}]}",
      galley_id_print (&device, id));
  g_autoptr (GalleyFleet) fleet = parse (text);
  const GalleyFleetLine *line = galley_fleet_find (fleet, &device);
  const GalleyFleetFlag *flag = fleet->flags->pdata[0];
  const GalleyFleetChange *change = fleet->changes->pdata[0];

  g_assert_cmpuint (line->n_projects, ==, 2);
  g_assert_cmpuint (line->lag, ==, 7);
  g_assert_true (line->differs);
  g_assert_cmpstr (line->version, ==, "1.2");
  g_assert_cmpstr (flag->name, ==, "compact");
  g_assert_true (flag->on);
  g_assert_cmpuint (flag->shares->len, ==, 2);
  g_assert_cmpint (g_array_index (flag->shares, GalleyFleetShare, 0).role, ==, GALLEY_ROLE_NONE);
  g_assert_cmpint (g_array_index (flag->shares, GalleyFleetShare, 0).percent, ==, 25);
  g_assert_cmpint (g_array_index (flag->shares, GalleyFleetShare, 1).role, ==, GALLEY_ROLE_LEAD);
  g_assert_cmpint (galley_fleet_flag_get_last (flag, GALLEY_ROLE_LEAD), ==, 9);
  g_assert_cmpint (galley_fleet_flag_get_last (flag, GALLEY_ROLE_NONE), ==, 0);
  g_assert_cmpint (change->share.percent, ==, GALLEY_FLEET_UNSAID);
  g_assert_cmpstr (change->reason, ==, "slow");
  g_assert_true (galley_id_is_nil (&change->person));
  g_assert_cmpint (change->changed_us, ==, G_GINT64_CONSTANT (1767323045678000));
}

/* An older server says less, a newer one something else. */
static void
test_passed_over (void)
{
  const char *texts[] = {
    "{}",
    "{\"by_device\":{},\"flags\":7,\"flag_changes\":\"x\"}",
    "{\"by_device\":[1,null,[],{},{\"id\":\"x\"},{\"id\":5}]}",
    "{\"flags\":[null,\"x\",{},{\"name\":4},{\"name\":\"NOT A NAME\"}]}",
    "{\"flag_changes\":[null,[],{},{\"reason\":\"x\"}]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GalleyFleet) fleet = parse (texts[i]);

      g_assert_cmpuint (fleet->lines->len + fleet->flags->len + fleet->changes->len, ==, 0);
    }
}

static void
test_odd_values (void)
{
  g_autoptr (GalleyFleet) fleet = parse (
      "{\"flags\":[{\"name\":\"later\",\"default\":\"yes\",\"shares\":[1,{\"percent\":900},"
      "{\"role\":\"boss\",\"percent\":\"5\"}]}],\"flag_changes\":[{\"name\":\"later\","
      "\"person\":\"x\",\"changed\":\"yesterday\"}]}");
  const GalleyFleetFlag *flag = fleet->flags->pdata[0];
  const GalleyFleetChange *change = fleet->changes->pdata[0];

  g_assert_false (flag->on);
  g_assert_cmpstr (flag->about, ==, "");
  g_assert_cmpuint (flag->shares->len, ==, 2);
  g_assert_cmpint (g_array_index (flag->shares, GalleyFleetShare, 0).percent, ==,
                   GALLEY_FLEET_UNSAID);
  g_assert_cmpint (change->changed_us, ==, 0);
  g_assert_true (galley_id_is_nil (&change->person));
}

static void
test_refused (void)
{
  const char *texts[] = { "", "[]", "null", "{", "<html>" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (galley_fleet_parse (texts[i], &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/fleet/read", test_read);
  g_test_add_func ("/fleet/passed-over", test_passed_over);
  g_test_add_func ("/fleet/odd-values", test_odd_values);
  g_test_add_func ("/fleet/refused", test_refused);
  return g_test_run ();
}
