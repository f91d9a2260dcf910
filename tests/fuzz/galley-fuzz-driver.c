/* galley-fuzz-driver.c: runs a fuzz target without libFuzzer: files that are named, or a fixed
 * series of damaged inputs, so that every test run tries some and each run tries the same
 *
 * With clang, meson also builds the target for libFuzzer when b_sanitize has address in it:
 *   _build-asan/tests/fuzz/fuzz-batch --seed corpus/seed
 *   _build-asan/tests/fuzz/libfuzzer-batch -max_total_time=600 corpus
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz.h"

#include <string.h>

#define ROUNDS 20000 /* unless told otherwise */
#define MAX_DAMAGES 8

/* One of the ways in which bytes go wrong on their way. */
static void
damage (GByteArray *bytes, GRand *rand)
{
  guint at = bytes->len > 0 ? g_rand_int_range (rand, 0, bytes->len) : 0;
  guint8 byte = g_rand_int_range (rand, 0, 256);

  switch (bytes->len > 0 ? g_rand_int_range (rand, 0, 5) : 4)
    {
    case 0:
      bytes->data[at] = byte;
      break;
    case 1:
      bytes->data[at] ^= 1 << (byte % 8);
      break;
    case 2:
      g_byte_array_set_size (bytes, at);
      break;
    case 3:
      g_byte_array_remove_range (bytes, at, MIN (bytes->len - at, 1u + byte % 16));
      break;
    default:
      g_byte_array_append (bytes, &byte, 1);
      break;
    }
}

static void
run_series (GBytes *seed, guint64 rounds)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240229);
  gsize size;
  const guint8 *data = g_bytes_get_data (seed, &size);

  LLVMFuzzerTestOneInput (data, size);
  for (guint64 round = 0; round < rounds; round++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      guint damages = g_rand_int_range (rand, 1, MAX_DAMAGES + 1);

      g_byte_array_append (bytes, data, size);
      for (guint i = 0; i < damages; i++)
        damage (bytes, rand);
      LLVMFuzzerTestOneInput (bytes->data, bytes->len);
    }
}

static gboolean
run_file (const char *path)
{
  g_autofree char *content = NULL;
  gsize size;

  if (!g_file_get_contents (path, &content, &size, NULL))
    return FALSE;

  LLVMFuzzerTestOneInput ((const guint8 *)content, size);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GBytes) seed = galley_fuzz_get_seed ();

  if (argc == 3 && strcmp (argv[1], "--seed") == 0)
    return !g_file_set_contents (argv[2], g_bytes_get_data (seed, NULL), g_bytes_get_size (seed),
                                 NULL);
  if (argc == 3 && strcmp (argv[1], "--rounds") == 0)
    {
      run_series (seed, g_ascii_strtoull (argv[2], NULL, 10));
      return 0;
    }
  for (int i = 1; i < argc; i++)
    if (!run_file (argv[i]))
      return 1;
  if (argc == 1)
    run_series (seed, ROUNDS);

  return 0;
}
