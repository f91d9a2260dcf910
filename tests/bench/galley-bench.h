/* galley-bench.h: the folders and data that all measurements share, and the measurements
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "galley-bench-table.h"

G_BEGIN_DECLS

/* Each stops at a GError, with its words. Nothing is asserted on time. */
void galley_bench_edits (void);
void galley_bench_receive (void);
void galley_bench_search (void);
void galley_bench_sync (void);
void galley_bench_stall (void);
void galley_bench_compact (void);
void galley_bench_panel (void);
void galley_bench_schedule (void);
void galley_bench_share (void);

/* ── what they share ── */

/* Text of about 70 characters, as people write it; other words for other numbers. */
char *galley_bench_body (guint number);

typedef struct
{
  GalleyStore *store;
  GalleyId project;
  GalleyId item;
  GArray *notes; /* of GalleyId */
} GalleyBenchProject;

typedef enum
{
  GALLEY_BENCH_COLORS,
  GALLEY_BENCH_TEXTS,
  GALLEY_BENCH_ALL_FIELDS, /* text, place, colour and status in turn */
} GalleyBenchEdits;

char *galley_bench_folder (const char *name);
void galley_bench_remove_folders (void);
void galley_bench_check (GError *error);

void galley_bench_project_open (GalleyBenchProject *self, const char *name);
void galley_bench_project_make (GalleyBenchProject *self, GalleyStore *store);
void galley_bench_project_clear (GalleyBenchProject *self);
void galley_bench_project_add_notes (GalleyBenchProject *self, guint n_notes);
void galley_bench_project_edit_notes (GalleyBenchProject *self,
                                      GalleyBenchEdits what,
                                      guint n_edits);
GPtrArray *galley_bench_project_list_changes (GalleyBenchProject *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyBenchProject, galley_bench_project_clear)

G_END_DECLS
