/* galley-fuzz-driver.c: runs a fuzz target without libFuzzer: files that are named, or a fixed
 * series of damaged inputs, so that every test run tries some and each run tries the same
 *
 * With clang, meson also builds the target for libFuzzer when b_sanitize has address in it:
 *   CC=clang meson setup _build-fuzz -Db_sanitize=address,undefined -Db_lundef=false \
 *     -Dc_args=-fsanitize=fuzzer-no-link
 *   _build-fuzz/tests/fuzz/fuzz-batch --seed corpus/seed
 *   _build-fuzz/tests/fuzz/libfuzzer-batch -max_total_time=600 corpus
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz.h"

#include <string.h>

#define ROUNDS 20000
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
run_series (GBytes *seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240229);
  gsize size;
  const guint8 *data = g_bytes_get_data (seed, &size);

  LLVMFuzzerTestOneInput (data, size);
  for (guint round = 0; round < ROUNDS; round++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      guint damages = g_rand_int_range (rand, 1, MAX_DAMAGES + 1);

      g_byte_array_append (bytes, data, size);
      for (guint i = 0; i < damages; i++)
        damage (bytes, rand);
      LLVMFuzzerTestOneInput (bytes->data, bytes->len);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GBytes) seed = galley_fuzz_get_seed ();

  if (argc == 3 && strcmp (argv[1], "--seed") == 0)
    return !g_file_set_contents (argv[2], g_bytes_get_data (seed, NULL), g_bytes_get_size (seed),
                                 NULL);
  for (int i = 1; i < argc; i++)
    {
      g_autofree char *content = NULL;
      gsize size;

      if (!g_file_get_contents (argv[i], &content, &size, NULL))
        return 1;
      LLVMFuzzerTestOneInput ((const guint8 *)content, size);
    }
  if (argc == 1)
    run_series (seed);

  return 0;
}
