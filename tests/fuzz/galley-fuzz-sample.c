/* galley-fuzz-sample.c: a valid change to start from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fuzz-sample.h"

#include "data/galley-schema.h"

#include <string.h>

/* With an edit of each shape: made, text, element of a set, cleared, a number at an odd place; and
 * with something that a later Galley adds. */
GalleyChange *
galley_fuzz_make_change_of (const GalleyId *device, guint64 seq, const GalleyHash *previous)
{
  GalleyChangeHeader header = { .seq = seq, .previous = *previous, .hlc = seq << 16 };
  GalleyRef seen = { .seq = MAX (seq, 2) - 1 };
  GalleyEdit edits[5] = {
    { .kind = GALLEY_KIND_ITEM, .field = GALLEY_F_ALIVE, .element = "" },
    { .kind = GALLEY_KIND_ITEM, .field = GALLEY_ITEM_NAME, .element = "" },
    { .kind = GALLEY_KIND_ITEM, .field = GALLEY_ITEM_TAGS, .element = "cover" },
    { .kind = GALLEY_KIND_ITEM, .field = GALLEY_ITEM_DUE, .element = "" },
    { .kind = GALLEY_KIND_PROJECT, .field = GALLEY_PROJECT_RULES, .element = "" },
  };
  GVariant *extra;
  GalleyChange *change;

  memset (&header.project, 'p', sizeof header.project);
  header.device = seen.device = *device;
  memset (&header.actor, 'a', sizeof header.actor);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    memset (&edits[i].entity, 'e', sizeof edits[i].entity);
  edits[0].value = g_variant_new ("(b@a(ayt))", TRUE, g_variant_new ("a(ayt)", NULL));
  edits[1].value = g_variant_new_string ("Umschlag, Rückseite");
  edits[2].value = g_variant_new_boolean (TRUE);
  edits[4].value = g_variant_new_uint32 (1);
  edits[3].supersedes = &seen;
  edits[3].n_supersedes = 1;

  extra = g_variant_new_parsed ("{'later': <(1.5, 'x', [byte 1, 2])>}");
  change = galley_change_new (&header, "import", edits, G_N_ELEMENTS (edits), extra, NULL);
  g_assert_nonnull (change);
  return change;
}

/* Of a device that is called "dddd…". */
GalleyChange *
galley_fuzz_make_change (guint64 seq, const GalleyHash *previous)
{
  GalleyId device;

  memset (&device, 'd', sizeof device);
  return galley_fuzz_make_change_of (&device, seq, previous);
}
