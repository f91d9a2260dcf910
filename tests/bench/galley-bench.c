/* galley-bench.c: how fast Galley is, in one table
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench.h"
#include "tests/ui/galley-test-project.h"

#include <locale.h>

static const struct
{
  const char *name;
  void (*run) (void);
} measurements[] = {
  { "edits", galley_bench_edits },       { "receive", galley_bench_receive },
  { "sync", galley_bench_sync },         { "search", galley_bench_search },
  { "stall", galley_bench_stall },       { "compact", galley_bench_compact },
  { "schedule", galley_bench_schedule }, { "panel", galley_bench_panel },
  { "share", galley_bench_share },
};

static gboolean
is_named (int argc, char **argv, const char *name)
{
  for (int i = 1; i < argc; i++)
    if (g_str_equal (argv[i], name))
      return TRUE;

  return argc == 1;
}

/* For scripts/bench-window: a project of @n_items with the picture @thumbnail; its id is printed.
 */
static int
make_workspace (const char *folder, const char *n_items, const char *thumbnail)
{
  g_autoptr (GFile) file = g_file_new_for_path (thumbnail);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) picture = g_file_load_bytes (file, NULL, NULL, &error);
  g_autoptr (GalleyStore)
      store = galley_store_open (folder, GALLEY_STORE_CREATE | GALLEY_STORE_QUIET,
                                 galley_world_real (), &error);
  g_autofree char *id = NULL;
  GalleyId project;

  galley_bench_check (error);
  galley_test_project_make (store, "Posters", &project);
  galley_test_project_add_items (store, &project, (guint)g_ascii_strtoull (n_items, NULL, 10),
                                 picture);
  galley_store_close (store);
  id = galley_id_to_string (&project);
  g_print ("%s\n", id);
  return 0;
}

/* Those that are named, or all. */
int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  if (argc == 5 && g_str_equal (argv[1], "make-workspace"))
    return make_workspace (argv[2], argv[3], argv[4]);

  galley_bench_table_begin ();
  for (guint i = 0; i < G_N_ELEMENTS (measurements); i++)
    if (is_named (argc, argv, measurements[i].name))
      measurements[i].run ();

  galley_bench_remove_folders ();
  return 0;
}
