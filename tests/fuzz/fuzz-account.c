/* fuzz-account.c: whatever a workspace's small files say, the device has a key and an account, or a
 * sentence says why not
 *
 * The input is device.key, account and an address as somebody typed it, each ended by a zero byte
 * but the last.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-folder.h"
#include "galley-fuzz.h"

#include "data/galley-error.h"
#include "data/galley-key.h"
#include "sync/galley-account.h"

#include <string.h>

static void
try_key (const guint8 *data, gsize bytes)
{
  g_autofree char *path = galley_fuzz_path ("device.key");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyKey) key = NULL;

  galley_fuzz_write (path, data, bytes);
  key = galley_key_load (path, &error);
  if (key == NULL)
    g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_DAMAGED);
  else
    g_assert_false (galley_id_is_nil (galley_key_get_device (key)));
}

/* What can be read is kept as it was read. */
static void
try_account (const guint8 *data, gsize bytes)
{
  g_autofree char *path = galley_fuzz_path ("account"), *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyAccount) account = NULL, again = NULL;

  galley_fuzz_write (path, data, bytes);
  account = galley_account_load (folder, &error);
  if (account == NULL)
    {
      g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_SIGN_IN);
      return;
    }

  g_assert_true (galley_account_save (account, folder, &error));
  again = galley_account_load (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->server_url, ==, account->server_url);
  g_assert_cmpstr (again->token, ==, account->token);
}

/* The one form of an address is in that form. */
static void
try_address (const char *typed)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = galley_account_check_url (typed, &error), *again = NULL;

  if (address == NULL)
    {
      g_assert_error (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_INVALID);
      return;
    }

  again = galley_account_check_url (address, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, address);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  gsize key_bytes = size > 0 ? strnlen ((const char *)data, size) : 0;
  gsize account = MIN (key_bytes + 1, size);
  gsize account_bytes = account < size ? strnlen ((const char *)data + account, size - account) : 0;
  gsize address = MIN (account + account_bytes + 1, size);
  g_autofree char *typed = g_strndup ((const char *)data + address, size - address);

  try_key (data, key_bytes);
  try_account (data + account, account_bytes);
  /* Where it comes from, the desktop and the shell, all text has been checked. */
  if (g_utf8_validate (typed, -1, NULL))
    try_address (typed);
  return 0;
}

GBytes *
galley_fuzz_get_seed (void)
{
  static const char seed[] = "galley device key 1\n"
                             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n\0"
                             "{\"server_url\":\"https://review.example.org\",\"token\":\"0123\"}\0"
                             "https://review.example.org:8443/galley/";

  return g_bytes_new_static (seed, sizeof seed - 1);
}
