/* test-carried.c: what another device made and no server has placed, on its way through the store
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-device.h"
#include "galley-test.h"

#include "data/galley-carried.h"
#include "data/galley-compactor.h"
#include "data/galley-rescue.h"

#include <sqlite3.h>

typedef struct
{
  TestDevice *a, *b;
  GalleyId project, item;
} Pair;

static void
set_up (Pair *pair, gconstpointer data)
{
  pair->a = test_device_new ("a");
  pair->b = test_device_new ("b");
  test_device_make_project (pair->a, &pair->project);
  test_device_make_item (pair->a, &pair->project, "Cover", &pair->item);
}

static void
tear_down (Pair *pair, gconstpointer data)
{
  test_device_free (pair->a);
  test_device_free (pair->b);
}

/* ── all that a device has, into another one ── */

typedef struct
{
  const GalleyId *project;
  GArray *incoming; /* of GalleyIncoming, which own their changes */
  guint64 n_new;
} Carry;

static void
clear_incoming (gpointer data)
{
  g_clear_pointer (&((GalleyIncoming *)data)->change, galley_change_unref);
}

static GArray *
list_all (Pair *pair, TestDevice *device)
{
  GArray *all = g_array_new (FALSE, TRUE, sizeof (GalleyIncoming));
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) chains = galley_carried_list_chains (device->reader, &pair->project, &error);
  g_autoptr (GalleyCarriedCursor)
      cursor = galley_carried_cursor_new (device->reader, &pair->project, chains, NULL, &error);
  GalleyCarriedLink link;
  int got;

  g_assert_no_error (error);
  g_array_set_clear_func (all, clear_incoming);
  while ((got = galley_carried_cursor_next (cursor, &link, &error)) > 0)
    {
      GalleyIncoming one = { .ref = link.link.ref,
                             .hash = link.link.hash,
                             .gap = link.change == NULL };

      if (link.change != NULL)
        one.change = galley_change_ref (link.change);
      g_array_append_val (all, one);
    }
  g_assert_no_error (error);
  g_assert_cmpint (got, ==, 0);
  return all;
}

static gboolean
take (GalleyWriter *writer, gpointer data, GError **error)
{
  Carry *carry = data;

  carry->n_new = 0;
  return galley_outbox_take_carried (writer, carry->project,
                                     (const GalleyIncoming *)carry->incoming->data,
                                     carry->incoming->len, &carry->n_new, error);
}

static guint64
carry_all (Pair *pair, TestDevice *from, TestDevice *to)
{
  g_autoptr (GArray) all = list_all (pair, from);
  g_autoptr (GError) error = NULL;
  Carry carry = { &pair->project, all, 0 };

  galley_store_write (to->store, take, &carry, &error);
  g_assert_no_error (error);
  return carry.n_new;
}

static guint64
count_carried (Pair *pair, TestDevice *device)
{
  g_auto (GalleyOutboxState) state = { 0 };
  g_autoptr (GError) error = NULL;

  galley_outbox_get_state (device->reader, &pair->project, &state, &error);
  g_assert_no_error (error);
  return state.carried;
}

static void
assert_same (Pair *pair)
{
  g_autofree char *a = test_device_get_digest (pair->a, &pair->project);
  g_autofree char *b = test_device_get_digest (pair->b, &pair->project);

  g_assert_cmpstr (a, ==, b);
}

/* ── what can be given ── */

typedef struct
{
  const GalleyId *project;
  GalleySignedTip tip;
} Keep;

static gboolean
keep_tip (GalleyWriter *writer, gpointer data, GError **error)
{
  Keep *keep = data;

  return galley_stream_keep_tips (writer, keep->project, &keep->tip, 1, error);
}

static guint64
get_vouched (Pair *pair, TestDevice *device, TestDevice *of)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) chains = galley_carried_list_vouched (device->reader, &pair->project, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < chains->len; i++)
    {
      const GalleyRef *ref = &g_array_index (chains, GalleyCarriedChain, i).tip.link.ref;

      if (galley_id_equal (&ref->device, galley_store_get_device (of->store)))
        return ref->seq;
    }

  return 0;
}

/* As if B had a signature of A's over its change number @seq. */
static void
sign (Pair *pair, guint64 seq)
{
  Keep keep = { .project = &pair->project,
                .tip.link.ref = { *galley_store_get_device (pair->a->store), seq } };
  g_autoptr (GError) error = NULL;
  gboolean known;

  galley_carried_find_hash (pair->b->reader, &pair->project, &keep.tip.link.ref,
                            &keep.tip.link.hash, &known, &error);
  g_assert_no_error (error);
  g_assert_true (known);
  galley_store_write (pair->b->store, keep_tip, &keep, &error);
  g_assert_no_error (error);
}

static void
test_vouched (Pair *pair, gconstpointer data)
{
  GalleyId note, other;

  g_test_summary ("What its device has not signed is not given, nor what stands on it");

  test_device_make_note (pair->a, &pair->project, &pair->item, "By A", &note);
  carry_all (pair, pair->a, pair->b);
  test_device_make_item (pair->b, &pair->project, "Mine", &other);
  test_device_set (pair->b, &pair->project, GALLEY_KIND_ANNOTATION, &note, GALLEY_ANNOTATION_BODY,
                   "", g_variant_new_string ("By B"));
  g_assert_cmpuint (get_vouched (pair, pair->a, pair->a), ==, 3);
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->a), ==, 0);
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->b), ==, 0);

  sign (pair, 2);
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->a), ==, 2);
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->b), ==, 1);
}

/* The thing is there, but not the value that was replaced. */
static void
test_vouched_value (Pair *pair, gconstpointer data)
{
  test_device_set (pair->a, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, "",
                   g_variant_new_string ("By A"));
  carry_all (pair, pair->a, pair->b);
  sign (pair, 2);
  test_device_set (pair->b, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_DUE, "",
                   g_variant_new_int64 (1790000000));
  test_device_set (pair->b, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, "",
                   g_variant_new_string ("By B"));
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->a), ==, 2);
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->b), ==, 1);

  sign (pair, 3);
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->a), ==, 3);
  g_assert_cmpuint (get_vouched (pair, pair->b, pair->b), ==, 2);
}

/* ── what happens to it ── */

static void
test_there_and_back (Pair *pair, gconstpointer data)
{
  GalleyId note;

  g_assert_cmpuint (carry_all (pair, pair->a, pair->b), ==, 2);
  g_assert_cmpuint (carry_all (pair, pair->a, pair->b), ==, 0);
  g_assert_cmpuint (count_carried (pair, pair->b), ==, 2);
  assert_same (pair);

  test_device_make_note (pair->b, &pair->project, &pair->item, "Seen", &note);
  g_assert_cmpuint (carry_all (pair, pair->b, pair->a), ==, 1);
  g_assert_cmpuint (count_carried (pair, pair->a), ==, 1);
  assert_same (pair);
  test_device_assert_replay (pair->a);
  test_device_assert_replay (pair->b);
}

static void
test_placed_later (Pair *pair, gconstpointer data)
{
  g_autoptr (TestStream) stream = test_stream_new (&pair->project);

  g_test_summary ("A server's place for what came by hand is taken, and nothing comes twice");

  carry_all (pair, pair->a, pair->b);
  test_device_set (pair->b, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, "",
                   g_variant_new_string ("Back"));
  test_stream_push (stream, pair->a);
  test_stream_pull (stream, pair->b);
  g_assert_cmpuint (count_carried (pair, pair->b), ==, 0);
  test_stream_sync (stream, pair->a, pair->b);
  g_assert_cmpuint (stream->changes->len, ==, 3);
  assert_same (pair);
  test_device_assert_replay (pair->a);
  test_device_assert_replay (pair->b);
}

static void
test_refused_later (Pair *pair, gconstpointer data)
{
  g_autoptr (TestStream) stream = test_stream_new (&pair->project);
  g_autofree char *name = NULL;
  GalleyId note;

  g_test_summary ("What the server refuses leaves the device to which it was carried, too");

  test_stream_sync (stream, pair->a, pair->b);
  test_device_make_note (pair->a, &pair->project, &pair->item, "Not mine to say", &note);
  carry_all (pair, pair->a, pair->b);
  name = test_device_get (pair->b, &note, GALLEY_ANNOTATION_BODY);
  g_assert_cmpstr (name, ==, "'Not mine to say'");

  stream->refuse_intent = "annotate";
  test_stream_push (stream, pair->a);
  test_device_set (pair->a, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, "",
                   g_variant_new_string ("Back"));
  test_stream_sync (stream, pair->a, pair->b);
  g_assert_cmpuint (count_carried (pair, pair->b), ==, 0);
  assert_same (pair);
  test_device_assert_replay (pair->b);
}

static void
test_refused_before (Pair *pair, gconstpointer data)
{
  g_autoptr (TestStream) stream = test_stream_new (&pair->project);
  g_autoptr (GArray) all = NULL;
  GalleyId note;

  g_test_summary ("What was refused goes along as its hash alone, and the chain goes on over it");

  test_stream_push (stream, pair->a);
  test_device_make_note (pair->a, &pair->project, &pair->item, "Not mine to say", &note);
  stream->refuse_intent = "annotate";
  test_stream_push (stream, pair->a);
  test_device_set (pair->a, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, "",
                   g_variant_new_string ("Back"));

  all = list_all (pair, pair->a);
  g_assert_cmpuint (all->len, ==, 4);
  g_assert_true (g_array_index (all, GalleyIncoming, 2).gap);
  g_assert_cmpuint (carry_all (pair, pair->a, pair->b), ==, 3);
  assert_same (pair);
  /* And from there as well, where it is nothing but a gap. */
  g_clear_pointer (&all, g_array_unref);
  all = list_all (pair, pair->b);
  g_assert_cmpuint (all->len, ==, 4);
  g_assert_true (g_array_index (all, GalleyIncoming, 2).gap);
  test_device_assert_replay (pair->b);
}

static void
test_packed (Pair *pair, gconstpointer data)
{
  g_autoptr (TestStream) stream = test_stream_new (&pair->project);
  GalleyCompactOptions options = { .min_changes = 1 };
  GalleyCompactReport report;
  g_autoptr (GError) error = NULL;

  g_test_summary ("What is compacted is given like the rest, in its order");

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("Draft %u", i);

      test_device_set (pair->a, &pair->project, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, "",
                       g_variant_new_string (name));
    }
  test_stream_push (stream, pair->a);
  test_stream_pull (stream, pair->a);
  galley_compact (pair->a->store, &options, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (report.n_changes, >, 0);
  g_assert_cmpuint (carry_all (pair, pair->a, pair->b), ==, 42);
  assert_same (pair);
}

static void
test_not_continued (Pair *pair, gconstpointer data)
{
  g_autoptr (GArray) all = list_all (pair, pair->a);
  Carry carry = { &pair->project, all, 0 };
  g_autoptr (GError) error = NULL;

  g_array_remove_index (all, 0);
  g_assert_false (galley_store_write (pair->b->store, take, &carry, &error));
  g_assert_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID);
  g_assert_cmpuint (count_carried (pair, pair->b), ==, 0);
}

static void
rescue (TestDevice *device)
{
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;
  guint64 n_changes;
  gint64 backup_us;

  galley_rescue (device->folder, &kept, &n_changes, &backup_us, &error);
  g_assert_no_error (error);
}

/* What came by hand is nowhere else that this device knows of: a rescue keeps it. */
static void
test_rescued (Pair *pair, gconstpointer data)
{
  carry_all (pair, pair->a, pair->b);
  test_device_close (pair->b);
  rescue (pair->b);
  test_device_open (pair->b);
  g_assert_cmpuint (count_carried (pair, pair->b), ==, 2);
  assert_same (pair);
}

/* But for what stands on something that was lost: that comes again with it. */
static void
test_rescued_in_part (Pair *pair, gconstpointer data)
{
  g_autofree char *path = g_build_filename (pair->b->folder, "galley.db", NULL);
  sqlite3 *db;

  carry_all (pair, pair->a, pair->b);
  test_device_close (pair->b);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db,
                                 "DROP TRIGGER change_stays; DELETE FROM change WHERE seq = 1;"
                                 "DROP TABLE tip",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (db);
  rescue (pair->b);
  test_device_open (pair->b);
  g_assert_cmpuint (count_carried (pair, pair->b), ==, 0);
  g_assert_cmpuint (carry_all (pair, pair->a, pair->b), ==, 2);
  assert_same (pair);
  test_device_assert_replay (pair->b);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);

#define ADD(path, func) g_test_add ("/carried" path, Pair, NULL, set_up, func, tear_down)
  ADD ("/vouched", test_vouched);
  ADD ("/vouched-value", test_vouched_value);
  ADD ("/there-and-back", test_there_and_back);
  ADD ("/placed-later", test_placed_later);
  ADD ("/refused-later", test_refused_later);
  ADD ("/refused-before", test_refused_before);
  ADD ("/packed", test_packed);
  ADD ("/not-continued", test_not_continued);
  ADD ("/rescued", test_rescued);
  ADD ("/rescued-in-part", test_rescued_in_part);

  return g_test_run ();
}
