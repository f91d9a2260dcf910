/* galley-flag.c: what can be switched on and off for a part of all devices, and why it is so here
 *
 * A new way of doing something comes with a flag: it is tried on a few devices first, and can be
 * switched off for all of them without a new version. Either way must be safe at any moment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-flag"

#include "data/galley-flag.h"

#include "data/galley-directory.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

/* What the server last said, a line a flag: "name percent". Kept, so that it holds offline; also of
 * flags that only a newer Galley knows. */
#define SETTING_TOLD "flags"
/* Followed by the flag's name: "1" or "0", as somebody set it on this device. */
#define SETTING_OVERRIDE "flag:"

static const GalleyFlagSpec specs[] = {
  [GALLEY_FLAG_SNAPSHOT] = { "snapshot", N_ ("a new device begins a long project with a snapshot"),
                             TRUE },
  [GALLEY_FLAG_COMPACT] = { "compact", N_ ("the settled part of the journal is packed by itself"),
                            TRUE },
};

G_STATIC_ASSERT (G_N_ELEMENTS (specs) == GALLEY_N_FLAGS);

void
galley_flag_share_free (GalleyFlagShare *share)
{
  g_free (share->name);
  g_free (share);
}

const GalleyFlagSpec *
galley_flag_get_spec (GalleyFlag flag)
{
  g_return_val_if_fail (flag < GALLEY_N_FLAGS, NULL);

  return &specs[flag];
}

gboolean
galley_flag_find (const char *name, GalleyFlag *flag)
{
  for (guint i = 0; i < GALLEY_N_FLAGS; i++)
    if (g_strcmp0 (specs[i].name, name) == 0)
      {
        *flag = i;
        return TRUE;
      }

  return FALSE;
}

/**
 * galley_flag_name_is_valid:
 *
 * Returns: whether it could be a flag's name, of this Galley or another: small letters, digits and
 *   hyphens
 */
gboolean
galley_flag_name_is_valid (const char *name)
{
  gsize bytes = strlen (name);

  return bytes > 0 && bytes <= GALLEY_FLAG_NAME_MAX_BYTES &&
         strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-") == bytes;
}

/**
 * galley_flag_covers:
 * @percent: 0 … 100
 *
 * Pure. Each device has a place among a hundred, for each flag another one: who is among the first
 * to try one thing is not among the first for everything. With a greater @percent devices only come
 * in; with 0 none is, with 100 all are.
 */
gboolean
galley_flag_covers (const char *name, const GalleyId *device, guint percent)
{
  static const char purpose[] = "galley flag 1";
  crypto_generichash_state state;
  guint64 number;
  guint8 hash[crypto_generichash_BYTES_MIN];

  crypto_generichash_init (&state, NULL, 0, sizeof hash);
  crypto_generichash_update (&state, (const guint8 *)purpose, sizeof purpose);
  crypto_generichash_update (&state, device->bytes, sizeof device->bytes);
  crypto_generichash_update (&state, (const guint8 *)name, strlen (name));
  crypto_generichash_final (&state, hash, sizeof hash);
  memcpy (&number, hash, sizeof number);
  return GUINT64_FROM_LE (number) % 100 < percent;
}

const char *
galley_flag_cause_to_string (GalleyFlagCause cause)
{
  static const char *const names[] = { "default", "server", "override" };

  return cause < G_N_ELEMENTS (names) ? names[cause] : "default";
}

/* ── what the server said ── */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const GalleyFlagShare *const *x = a, *const *y = b;

  return strcmp ((*x)->name, (*y)->name);
}

/* NULL for nothing. */
static char *
shares_to_text (GPtrArray *shares)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (shares, NULL, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, compare_names);
  for (guint i = 0; i < sorted->len; i++)
    {
      const GalleyFlagShare *share = sorted->pdata[i];

      g_string_append_printf (text, "%s %u\n", share->name, share->percent);
    }

  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static int
find_percent (const char *told, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (told != NULL ? told : "", "\n", -1);
  gsize bytes = strlen (name);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      guint64 percent;

      if (strncmp (lines[i], name, bytes) == 0 && lines[i][bytes] == ' ' &&
          g_ascii_string_to_unsigned (lines[i] + bytes + 1, 10, 0, 100, &percent, NULL))
        return percent;
    }

  return -1;
}

/**
 * galley_flag_is_told:
 * @shares: of GalleyFlagShare
 *
 * Returns: whether that is what the server said last, as far as is known here
 */
gboolean
galley_flag_is_told (GalleyReader *reader, GPtrArray *shares)
{
  g_autofree char *told = galley_directory_get (reader, SETTING_TOLD);
  g_autofree char *text = shares_to_text (shares);

  return g_strcmp0 (told, text) == 0;
}

/**
 * galley_flag_keep_told:
 * @shares: of GalleyFlagShare: all that the server says; of what it does not name the default holds
 */
gboolean
galley_flag_keep_told (GalleyWriter *writer, GPtrArray *shares, GError **error)
{
  g_autofree char *text = shares_to_text (shares);

  return galley_directory_set (writer, SETTING_TOLD, text, error);
}

/* ── what holds here ── */

/**
 * galley_flag_get_state:
 * @state: (out caller-allocates): whether it is on, and why
 */
void
galley_flag_get_state (GalleyReader *reader, GalleyFlag flag, GalleyFlagState *state)
{
  const char *name = specs[flag].name;
  g_autofree char *key = g_strconcat (SETTING_OVERRIDE, name, NULL);
  g_autofree char *override = galley_directory_get (reader, key);
  g_autofree char *told = galley_directory_get (reader, SETTING_TOLD);

  *state = (GalleyFlagState){ .on = specs[flag].on, .percent = find_percent (told, name) };
  if (override != NULL)
    {
      state->cause = GALLEY_FLAG_BY_OVERRIDE;
      state->on = g_str_equal (override, "1");
    }
  else if (state->percent >= 0)
    {
      state->cause = GALLEY_FLAG_BY_SERVER;
      state->on = galley_flag_covers (name, galley_reader_get_device (reader), state->percent);
    }
}

gboolean
galley_flag_is_on (GalleyReader *reader, GalleyFlag flag)
{
  GalleyFlagState state;

  galley_flag_get_state (reader, flag, &state);
  return state.on;
}

/**
 * galley_flag_look_up:
 * @on: (out)
 *
 * galley_flag_is_on() for who has no reader, from any thread.
 */
gboolean
galley_flag_look_up (GalleyStore *store, GalleyFlag flag, gboolean *on, GError **error)
{
  GalleyReader *reader = galley_store_borrow_reader (store, error);

  if (reader == NULL)
    return FALSE;

  *on = galley_flag_is_on (reader, flag);
  galley_store_return_reader (store, reader);
  return TRUE;
}

/**
 * galley_flag_set_override:
 * @on: (nullable): %NULL goes back to what the server says, or to the default
 */
gboolean
galley_flag_set_override (GalleyWriter *writer, GalleyFlag flag, const gboolean *on, GError **error)
{
  g_autofree char *key = g_strconcat (SETTING_OVERRIDE, specs[flag].name, NULL);

  return galley_directory_set (writer, key, on == NULL ? NULL : *on ? "1" : "0", error);
}
