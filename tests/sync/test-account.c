/* test-account.c: the workspace's server and the token to show there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"
#include "sync/galley-account.h"

#include <glib/gstdio.h>

static void
assert_becomes (const char *typed, const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = galley_account_check_url (typed, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (url, ==, address);
}

static void
test_addresses (void)
{
  assert_becomes ("review.example.org", "https://review.example.org");
  assert_becomes (" https://review.example.org/ ", "https://review.example.org");
  assert_becomes ("https://example.org:8443/galley//", "https://example.org:8443/galley");
  assert_becomes ("http://127.0.0.1:8080", "http://127.0.0.1:8080");
  assert_becomes ("http://192.168.1.5", "http://192.168.1.5");
  assert_becomes ("http://studio.local", "http://studio.local");
}

static void
test_bad_addresses (void)
{
  const char *const bad[] = { "",
                              "https://",
                              "ftp://example.org",
                              "https://me:secret@example.org",
                              "https://example.org/?a=b",
                              "http://example.org",
                              "http://8.8.8.8",
                              "not an address",
                              "https://example.org/\f/",
                              "https://example.org\001" };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (galley_account_check_url (bad[i], &error));
      g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID);
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
}

static void
test_kept (void)
{
  g_autofree char *folder = galley_test_path ("");
  g_autofree char *path = galley_test_path ("account");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyAccount) loaded = NULL;
  GalleyAccount account = { (char *)"https://example.org", (char *)"secret \"quoted\"" };
  GStatBuf info;

  g_assert_null (galley_account_load (folder, &error));
  g_assert_no_error (error);

  g_assert_true (galley_account_save (&account, folder, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  loaded = galley_account_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (loaded->server_url, ==, account.server_url);
  g_assert_cmpstr (loaded->token, ==, account.token);
}

static void
test_damaged (void)
{
  const char *const damaged[] = { "", "{", "[]", "{\"server_url\": 5, \"token\": {}}",
                                  "{\"server_url\": \"https://example.org\"}" };
  g_autofree char *folder = galley_test_path ("");
  g_autofree char *path = galley_test_path ("account");

  for (gsize i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, damaged[i], -1, NULL));
      g_assert_null (galley_account_load (folder, &error));
      g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN);
    }
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

  g_test_add_func ("/account/addresses", test_addresses);
  g_test_add_func ("/account/bad-addresses", test_bad_addresses);
  g_test_add_func ("/account/kept", test_kept);
  g_test_add_func ("/account/damaged", test_damaged);

  return g_test_run ();
}
