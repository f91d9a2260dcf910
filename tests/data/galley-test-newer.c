/* galley-test-newer.c: a Galley of some time from now, that knows more fields and another kind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-newer.h"

#include "data/galley-schema-private.h"

#include <string.h>

static GalleyFieldSpec item_fields[TEST_ITEM_BRIEF + 1];
static GalleyFieldSpec checklist_fields[TEST_CHECKLIST_NAME + 1];
static GalleyKindSpec kinds[GALLEY_KIND_REMARK + 2];

static void
make_table (void)
{
  const GalleyKindSpec *item = galley_schema_get_kind (GALLEY_KIND_ITEM);

  g_assert_cmpuint (item->n_fields, ==, TEST_ITEM_PRIORITY);
  memcpy (item_fields, item->fields, item->n_fields * sizeof *item_fields);
  item_fields[TEST_ITEM_PRIORITY] = (GalleyFieldSpec){ .number = TEST_ITEM_PRIORITY,
                                                       .name = "priority",
                                                       .type = GALLEY_FIELD_REGISTER,
                                                       .format = "s",
                                                       .searched = TRUE };
  item_fields[TEST_ITEM_BRIEF] = (GalleyFieldSpec){
    .number = TEST_ITEM_BRIEF, .name = "brief", .type = GALLEY_FIELD_TEXT, .format = "s"
  };
  /* It is there or not, is a part of something, and has a name: as an item. */
  memcpy (checklist_fields, item->fields, sizeof checklist_fields);
  for (guint8 kind = 1; kind < TEST_KIND_CHECKLIST; kind++)
    kinds[kind] = *galley_schema_get_kind (kind);
  kinds[GALLEY_KIND_ITEM].fields = item_fields;
  kinds[GALLEY_KIND_ITEM].n_fields = G_N_ELEMENTS (item_fields);
  kinds[TEST_KIND_CHECKLIST] = (GalleyKindSpec){ .number = TEST_KIND_CHECKLIST,
                                                 .name = "checklist",
                                                 .fields = checklist_fields,
                                                 .n_fields = G_N_ELEMENTS (checklist_fields) };
}

void
test_be_newer (gboolean newer)
{
  if (kinds[TEST_KIND_CHECKLIST].name == NULL)
    make_table ();
  galley_schema_suppose (newer ? kinds : NULL, G_N_ELEMENTS (kinds));
}
