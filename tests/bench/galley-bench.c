/* galley-bench.c: how fast Galley is, in one table
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"

#include <locale.h>
#include <string.h>

static const struct
{
  const char *name;
  void (*run) (void);
} measurements[] = {
  { "edits", galley_bench_edits }, { "receive", galley_bench_receive },
  { "sync", galley_bench_sync },   { "search", galley_bench_search },
  { "stall", galley_bench_stall },
};

static gboolean
is_named (int argc, char **argv, const char *name)
{
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], name))
      return TRUE;

  return argc == 1;
}

/* Those that are named, or all. */
int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  galley_bench_table_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (measurements); i++)
    if (is_named (argc, argv, measurements[i].name))
      measurements[i].run ();

  galley_bench_remove_folders ();
  return 0;
}
