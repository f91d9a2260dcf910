/* test-flags.c: on which devices something is switched on, and what a device remembers of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-flag.h"

#define N_DEVICES 1000

/* ── the rule alone ── */

static void
make_devices (GalleyId *devices)
{
  for (guint i = 0; i < N_DEVICES; i++)
    galley_id_new (&devices[i], galley_world_real ());
}

static guint
count_covered (const char *name, const GalleyId *devices, guint percent)
{
  guint n = 0;

  for (guint i = 0; i < N_DEVICES; i++)
    n += galley_flag_covers (name, &devices[i], percent);

  return n;
}

static void
test_share_only_grows (void)
{
  g_autofree GalleyId *devices = g_new (GalleyId, N_DEVICES);

  make_devices (devices);
  g_assert_cmpuint (count_covered ("new-thing", devices, 0), ==, 0);
  g_assert_cmpuint (count_covered ("new-thing", devices, 100), ==, N_DEVICES);
  for (guint i = 0; i < N_DEVICES; i++)
    for (guint percent = 1; percent <= 100; percent++)
      if (galley_flag_covers ("new-thing", &devices[i], percent - 1))
        g_assert_true (galley_flag_covers ("new-thing", &devices[i], percent));
}

static void
test_share_is_a_share (void)
{
  g_autofree GalleyId *devices = g_new (GalleyId, N_DEVICES);
  guint n, n_both = 0;

  make_devices (devices);
  /* Six sigmas around a quarter of a thousand. */
  n = count_covered ("new-thing", devices, 25);
  g_assert_cmpuint (n, >, 250 - 6 * 14);
  g_assert_cmpuint (n, <, 250 + 6 * 14);

  g_test_message ("It is not always the same devices that try everything first.");
  for (guint i = 0; i < N_DEVICES; i++)
    n_both += galley_flag_covers ("new-thing", &devices[i], 25) &&
              galley_flag_covers ("other-thing", &devices[i], 25);
  g_assert_cmpuint (n_both, <, n / 2);
}

/* What another version of Galley decides for the same device must be the same. */
static void
test_place_is_for_ever (void)
{
  GalleyId device = { { 2, 2, 3 } };

  g_assert_false (galley_flag_covers ("snapshot", &device, 52));
  g_assert_true (galley_flag_covers ("snapshot", &device, 53));
  g_assert_false (galley_flag_covers ("compact", &device, 20));
  g_assert_true (galley_flag_covers ("compact", &device, 21));
}

static void
test_names (void)
{
  GalleyFlag flag;

  g_assert_true (galley_flag_find ("compact", &flag));
  g_assert_cmpint (flag, ==, GALLEY_FLAG_COMPACT);
  g_assert_false (galley_flag_find ("compac", &flag));
  for (guint i = 0; i < GALLEY_N_FLAGS; i++)
    g_assert_true (galley_flag_name_is_valid (galley_flag_get_spec (i)->name));
  g_assert_false (galley_flag_name_is_valid (""));
  g_assert_false (galley_flag_name_is_valid ("two words"));
  g_assert_false (galley_flag_name_is_valid ("line\nbreak"));
}

/* ── a device ── */

typedef struct
{
  GPtrArray *shares; /* (nullable) */
  GalleyFlag flag;
  const gboolean *on; /* (nullable) */
} Write;

static gboolean
write_told (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_flag_keep_told (writer, ((Write *)data)->shares, error);
}

static gboolean
write_override (GalleyWriter *writer, gpointer data, GError **error)
{
  const Write *write = data;

  return galley_flag_set_override (writer, write->flag, write->on, error);
}

static void
add_share (GPtrArray *shares, const char *name, guint percent)
{
  GalleyFlagShare *share = g_new0 (GalleyFlagShare, 1);

  share->name = g_strdup (name);
  share->percent = percent;
  g_ptr_array_add (shares, share);
}

/* @percent: of compact; -1: the server says nothing */
static void
tell (TestDevice *device, int percent)
{
  g_autoptr (GPtrArray)
      shares = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_flag_share_free);
  Write write = { .shares = shares };
  g_autoptr (GError) error = NULL;

  if (percent >= 0)
    {
      add_share (shares, "snapshot", 100);
      add_share (shares, "compact-more", 7); /* of a newer Galley */
      add_share (shares, "compact", percent);
    }
  galley_store_write (device->store, write_told, &write, &error);
  g_assert_no_error (error);
  g_assert_true (galley_flag_is_told (device->reader, shares));
}

static void
override_flag (TestDevice *device, const gboolean *on)
{
  Write write = { .flag = GALLEY_FLAG_COMPACT, .on = on };
  g_autoptr (GError) error = NULL;

  galley_store_write (device->store, write_override, &write, &error);
  g_assert_no_error (error);
}

static void
assert_state (TestDevice *device, gboolean on, GalleyFlagCause cause, int percent)
{
  GalleyFlagState state;

  galley_flag_get_state (device->reader, GALLEY_FLAG_COMPACT, &state);
  g_assert_cmpint (state.on, ==, on);
  g_assert_cmpint (state.cause, ==, cause);
  g_assert_cmpint (state.percent, ==, percent);
  g_assert_cmpint (galley_flag_is_on (device->reader, GALLEY_FLAG_COMPACT), ==, on);
}

static void
test_who_decides (void)
{
  g_autoptr (TestDevice) device = test_device_new ("device");
  const gboolean on = TRUE, off = FALSE;

  assert_state (device, TRUE, GALLEY_FLAG_BY_DEFAULT, -1);
  tell (device, 0);
  assert_state (device, FALSE, GALLEY_FLAG_BY_SERVER, 0);
  override_flag (device, &on);
  assert_state (device, TRUE, GALLEY_FLAG_BY_OVERRIDE, 0);
  tell (device, 100);
  override_flag (device, &off);
  assert_state (device, FALSE, GALLEY_FLAG_BY_OVERRIDE, 100);
  override_flag (device, NULL);
  assert_state (device, TRUE, GALLEY_FLAG_BY_SERVER, 100);
  tell (device, -1);
  assert_state (device, TRUE, GALLEY_FLAG_BY_DEFAULT, -1);
}

static void
test_holds_offline (void)
{
  g_autoptr (TestDevice) device = test_device_new ("device");
  const gboolean on = TRUE;

  tell (device, 0);
  test_device_reopen (device);
  assert_state (device, FALSE, GALLEY_FLAG_BY_SERVER, 0);
  override_flag (device, &on);
  test_device_reopen (device);
  assert_state (device, TRUE, GALLEY_FLAG_BY_OVERRIDE, 0);
}

static void
test_goes_by_its_place (void)
{
  g_autoptr (TestDevice) device = test_device_new ("device");
  guint place = 0;

  while (!galley_flag_covers ("compact", galley_store_get_device (device->store), place + 1))
    place++;
  tell (device, place);
  assert_state (device, FALSE, GALLEY_FLAG_BY_SERVER, place);
  tell (device, place + 1);
  assert_state (device, TRUE, GALLEY_FLAG_BY_SERVER, place + 1);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/flags/share-only-grows", test_share_only_grows);
  g_test_add_func ("/flags/share-is-a-share", test_share_is_a_share);
  g_test_add_func ("/flags/place-is-for-ever", test_place_is_for_ever);
  g_test_add_func ("/flags/names", test_names);
  g_test_add_func ("/flags/who-decides", test_who_decides);
  g_test_add_func ("/flags/holds-offline", test_holds_offline);
  g_test_add_func ("/flags/goes-by-its-place", test_goes_by_its_place);
  return g_test_run ();
}
