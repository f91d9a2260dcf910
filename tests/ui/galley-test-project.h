/* galley-test-project.h: a project with items and notes, made without files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"

G_BEGIN_DECLS

#define GALLEY_TEST_WIDTH 800.0
#define GALLEY_TEST_HEIGHT 600.0

GalleyStore *galley_test_project_open_store (void);
void galley_test_project_make (GalleyStore *store, const char *name, GalleyId *project);
void galley_test_project_add_item (GalleyStore *store,
                                   const GalleyId *project,
                                   const char *name,
                                   GalleyId *item);
void galley_test_project_add_items (GalleyStore *store,
                                    const GalleyId *project,
                                    guint n_items,
                                    GBytes *thumbnail);
void galley_test_project_add_note (GalleyStore *store,
                                   const GalleyId *project,
                                   const GalleyId *item,
                                   const char *body,
                                   GalleyId *note);
void galley_test_project_set_text (GalleyStore *store,
                                   const GalleyId *project,
                                   guint8 kind,
                                   const GalleyId *entity,
                                   guint16 field,
                                   const char *text);
void galley_test_project_decide (GalleyStore *store, const GalleyId *item, const char *verdict);

void galley_test_project_spin_until (gboolean (*done) (gpointer data), gpointer data);

G_END_DECLS
