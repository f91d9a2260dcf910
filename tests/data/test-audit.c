/* test-audit.c: from what to what, by whom, why; and an item as it was
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-audit-csv.h"
#include "data/galley-compactor.h"
#include "data/galley-decision.h"
#include "data/galley-directory.h"
#include "data/galley-intent.h"
#include "data/galley-past.h"

#include <string.h>

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
set_body (TestPair *pair, TestDevice *device, const char *body)
{
  test_pair_set_note (pair, device, GALLEY_ANNOTATION_BODY, body);
}

static void
set_color (TestPair *pair, TestDevice *device, const char *color)
{
  test_pair_set_note (pair, device, GALLEY_ANNOTATION_COLOR, color);
}

static GalleyAudit *
audit_field (TestDevice *device, const GalleyId *entity, guint16 field)
{
  GalleyJournalFilter filter = { .entity = entity, .field = &field };
  g_autoptr (GError) error = NULL;
  GalleyAudit *audit = galley_audit_read (device->reader, &filter, &error);

  g_assert_no_error (error);
  return audit;
}

static GalleyAudit *
audit_item (TestDevice *device, const GalleyId *item)
{
  GalleyJournalFilter filter = { .entity = item };
  g_autoptr (GError) error = NULL;
  GalleyAudit *audit = galley_audit_read (device->reader, &filter, &error);

  g_assert_no_error (error);
  return audit;
}

/* The only field of the entry that is asked for. */
static const GalleyAuditStep *
step_at (const GalleyAudit *audit, guint entry)
{
  const GalleyAuditEntry *found = g_ptr_array_index (audit->entries, entry);

  g_assert_cmpuint (found->steps->len, ==, 1);
  return &g_array_index (found->steps, GalleyAuditStep, 0);
}

/* A line a change: "value<before[,before]" with * for what stands. */
static char *
tell (const GalleyAudit *audit)
{
  GString *told = g_string_new (NULL);

  for (guint i = 0; i < audit->entries->len; i++)
    {
      const GalleyAuditStep *step = step_at (audit, i);
      g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *value = g_variant_print (step->edit->value, FALSE);

      for (guint k = 0; k < step->n_replaced; k++)
        g_ptr_array_add (before, g_variant_print (step->replaced[k]->value, FALSE));
      g_ptr_array_sort (before, compare_texts);
      g_string_append_printf (told, "%s%s", value, step->stands ? "*" : "");
      for (guint k = 0; k < before->len; k++)
        g_string_append_printf (told, "%s%s", k == 0 ? "<" : ",", (char *)before->pdata[k]);
      g_string_append_c (told, '\n');
    }

  return g_string_free (told, FALSE);
}

static void
test_from_what_to_what (void)
{
  TestPair pair;
  g_autoptr (GalleyAudit) audit = NULL, after = NULL;
  g_autofree char *told = NULL, *settled = NULL;

  test_pair_init (&pair, "one");
  set_color (&pair, pair.a, "#111111");
  test_pair_sync (&pair);
  set_color (&pair, pair.a, "#aaaaaa");
  set_color (&pair, pair.b, "#bbbbbb");
  test_pair_sync (&pair);
  audit = audit_field (pair.a, &pair.note, GALLEY_ANNOTATION_COLOR);
  told = tell (audit);
  g_assert_cmpuint (audit->entries->len, ==, 3);
  g_assert_nonnull (strstr (told, "'#bbbbbb'*<'#111111'\n"));
  g_assert_nonnull (strstr (told, "'#aaaaaa'*<'#111111'\n"));
  g_assert_nonnull (strstr (told, "\n'#111111'\n"));
  g_assert_true (audit->whole);
  g_assert_false (audit->more);

  test_pair_settle (&pair, pair.a, GALLEY_TAKE_THEIRS);
  after = audit_field (pair.a, &pair.note, GALLEY_ANNOTATION_COLOR);
  settled = tell (after);
  g_assert_true (g_str_has_prefix (settled, "'#bbbbbb'*<'#aaaaaa','#bbbbbb'\n"));
  g_assert_nonnull (strstr (settled, "\n'#bbbbbb'<'#111111'\n"));
  g_assert_cmpstr (step_at (after, 0)->take, ==, "theirs");
  g_assert_cmpstr (step_at (after, 0)->rule, ==, "earliest");
  g_assert_null (step_at (after, 1)->take);
  g_assert_cmpstr (galley_audit_get_subject (after, &pair.note), ==, "one");
  test_pair_clear (&pair);
}

/* The same is told of changes in segments. */
static void
test_packed (void)
{
  GalleyCompactOptions options = { 0, 4000, 1 };
  GalleyCompactReport report;
  g_autoptr (GalleyAudit) before = NULL, after = NULL;
  g_autofree char *told = NULL, *again = NULL;
  g_autoptr (GError) error = NULL;
  TestPair pair;

  test_pair_init (&pair, "one");
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *body = g_strdup_printf ("take %u", i);

      set_body (&pair, i % 2 == 0 ? pair.a : pair.b, body);
      test_pair_sync (&pair);
    }
  before = audit_field (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  told = tell (before);
  galley_compact (pair.a->store, &options, NULL, NULL, NULL, &report, &error);
  g_assert_no_error (error);
  after = audit_field (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  again = tell (after);
  g_assert_cmpuint (after->entries->len, ==, 51);
  g_assert_cmpstr (told, ==, again);
  g_assert_true (after->whole);
  test_pair_clear (&pair);
}

/* When it was made is the author's word; that it was shared is known here. */
static void
test_shared (void)
{
  g_autoptr (GalleyAudit) before = NULL, after = NULL, other = NULL;
  const GalleyAuditEntry *entry;
  TestPair pair;

  test_pair_init (&pair, "one");
  set_body (&pair, pair.a, "two");
  before = audit_field (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  entry = before->entries->pdata[0];
  g_assert_cmpint (entry->shared_us, ==, 0);
  entry = before->entries->pdata[1];
  g_assert_cmpint (entry->shared_us, >, 0);

  test_pair_sync (&pair);
  after = audit_field (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  other = audit_field (pair.b, &pair.note, GALLEY_ANNOTATION_BODY);
  entry = after->entries->pdata[0];
  g_assert_cmpint (entry->shared_us, >=, entry->made_us);
  entry = other->entries->pdata[0];
  g_assert_cmpint (entry->shared_us, >=, entry->made_us);
  test_pair_clear (&pair);
}

static void
test_person (void)
{
  g_autoptr (GArray) persons = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyAudit) of_thing = NULL, of_project = NULL;
  GalleyId person;
  TestPair pair;

  test_pair_init (&pair, "one");
  set_body (&pair, pair.a, "by a");
  test_pair_sync (&pair);
  set_body (&pair, pair.b, "by b");
  test_pair_sync (&pair);
  galley_store_get_person (pair.b->store, &person);
  g_array_append_val (persons, person);

  of_thing = galley_audit_read (pair.a->reader,
                                &(GalleyJournalFilter){ .entity = &pair.item, .persons = persons },
                                &error);
  g_assert_no_error (error);
  g_assert_cmpuint (of_thing->entries->len, ==, 1);
  g_assert_cmpuint (step_at (of_thing, 0)->n_replaced, ==, 1);
  of_project = galley_audit_read (pair.a->reader,
                                  &(GalleyJournalFilter){ .project = &pair.project,
                                                          .persons = persons },
                                  &error);
  g_assert_no_error (error);
  g_assert_cmpuint (of_project->entries->len, ==, 1);
  g_assert_true (step_at (of_project, 0)->stands);
  test_pair_clear (&pair);
}

/* A project's journal is listed a page at a time; what is told of a change is the same on each. */
static void
test_pages (void)
{
  g_autoptr (GalleyAudit) all = NULL;
  gint64 before_lsn = 0;
  guint n = 0;
  TestPair pair;

  test_pair_init (&pair, "one");
  for (guint i = 0; i < 10; i++)
    set_body (&pair, pair.a, i % 2 == 0 ? "even" : "odd");
  all = galley_audit_read (pair.a->reader,
                           &(GalleyJournalFilter){ .project = &pair.project, .limit = 1000 }, NULL);
  g_assert_false (all->more);
  for (gboolean more = TRUE; more;)
    {
      g_autoptr (GalleyAudit)
          page = galley_audit_read (pair.a->reader,
                                    &(GalleyJournalFilter){ .project = &pair.project,
                                                            .limit = 3,
                                                            .before_lsn = before_lsn },
                                    NULL);

      more = page->more;
      for (guint i = 0; i < page->entries->len; i++, n++)
        {
          const GalleyAuditEntry *one = page->entries->pdata[i], *same = all->entries->pdata[n];

          g_assert_cmpint (one->row->lsn, ==, same->row->lsn);
          g_assert_cmpuint (one->steps->len, ==, same->steps->len);
          for (guint k = 0; k < one->steps->len; k++)
            {
              const GalleyAuditStep *x = &g_array_index (one->steps, GalleyAuditStep, k);
              const GalleyAuditStep *y = &g_array_index (same->steps, GalleyAuditStep, k);

              g_assert_cmpint (x->stands, ==, y->stands);
              g_assert_cmpuint (x->n_replaced, ==, y->n_replaced);
            }
          before_lsn = one->row->lsn;
        }
    }
  g_assert_cmpuint (n, ==, all->entries->len);
  test_pair_clear (&pair);
}

static gboolean
put_device (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_put_device (writer, data, error);
}

static const GalleyAuditStep *
find_verdict (const GalleyAudit *audit)
{
  for (guint i = 0; i < audit->entries->len; i++)
    {
      const GalleyAuditEntry *entry = audit->entries->pdata[i];

      for (guint k = 0; k < entry->steps->len; k++)
        {
          const GalleyAuditStep *step = &g_array_index (entry->steps, GalleyAuditStep, k);

          if (step->edit->kind == GALLEY_KIND_DECISION &&
              step->edit->field == GALLEY_DECISION_VERDICT)
            return step;
        }
    }

  g_assert_not_reached ();
}

/* Whose signature it is can be said as soon as the device is known. */
static void
test_signature (void)
{
  g_autoptr (GalleyDecisionScope) scope = NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GalleyAudit) unknown = NULL, valid = NULL, invalid = NULL;
  g_autoptr (GError) error = NULL;
  GalleyDevice device = { .name = (char *)"Laptop" };
  const guint8 content = 7;
  GalleyHash file;
  GalleyId version, person;
  TestPair pair;

  test_pair_init (&pair, "one");
  test_device_make_version (pair.a, &pair.project, &pair.item, content, 1, &version);
  galley_store_get_person (pair.a->store, &person);
  galley_hash_bytes (&file, &content, 1);
  scope = galley_decision_scope_new (&file, 0);
  draft = galley_draft_new (&pair.project, "approve");
  galley_decision_prepare (draft, pair.a->reader, galley_store_get_key (pair.a->store), &person,
                           &pair.item, scope, "approve", NULL, &error);
  g_assert_no_error (error);
  test_device_commit (pair.a, g_steal_pointer (&draft));
  test_pair_sync (&pair);

  unknown = audit_item (pair.b, &pair.item);
  g_assert_cmpint (find_verdict (unknown)->proof, ==, GALLEY_PROOF_UNKNOWN);

  device.id = *galley_store_get_device (pair.a->store);
  device.person = person;
  memcpy (device.public_key, galley_key_get_public (galley_store_get_key (pair.a->store)),
          sizeof device.public_key);
  galley_store_write (pair.b->store, put_device, &device, &error);
  g_assert_no_error (error);
  valid = audit_item (pair.b, &pair.item);
  g_assert_cmpint (find_verdict (valid)->proof, ==, GALLEY_PROOF_VALID);
  g_assert_cmpstr (galley_proof_to_string (find_verdict (valid)->proof), ==, "valid");
  g_assert_cmpstr (((GalleyAuditEntry *)valid->entries->pdata[0])->device, ==, "Laptop");

  device.public_key[0] ^= 1;
  galley_store_write (pair.b->store, put_device, &device, &error);
  g_assert_no_error (error);
  invalid = audit_item (pair.b, &pair.item);
  g_assert_cmpint (find_verdict (invalid)->proof, ==, GALLEY_PROOF_INVALID);
  test_pair_clear (&pair);
}

static void
test_csv (void)
{
  g_autoptr (GalleyAudit) audit = NULL;
  g_autofree char *csv = NULL;
  g_auto (GStrv) lines = NULL;
  TestPair pair;

  test_pair_init (&pair, "one");
  set_body (&pair, pair.a, "=HYPERLINK(\"http://example.org\")");
  set_body (&pair, pair.a, "say \"so\", twice\nor more");
  audit = audit_field (pair.a, &pair.note, GALLEY_ANNOTATION_BODY);
  csv = galley_audit_to_csv (audit);
  lines = g_strsplit (csv, "\r\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 5);
  g_assert_true (g_str_has_prefix (lines[0], "\"made\",\"shared\",\"person\",\"device\""));
  g_assert_nonnull (strstr (lines[1], ",\"say \"\"so\"\", twice\nor more\",\"yes\","));
  g_assert_nonnull (strstr (lines[1], ",\"'=HYPERLINK(\"\"http://example.org\"\")\","));
  g_assert_nonnull (strstr (lines[3], ",\"\",\"one\",\"no\","));
  g_assert_cmpstr (lines[4], ==, "");
  test_pair_clear (&pair);
}

/* ── as it was ── */

static void
print_entity (GPtrArray *lines, const GalleyEntity *entity)
{
  char id[GALLEY_ID_TEXT_SIZE], parent[GALLEY_ID_TEXT_SIZE], author[GALLEY_ID_TEXT_SIZE];

  galley_id_print (&entity->id, id);
  g_ptr_array_add (lines, g_strdup_printf ("%s %u of %s by %s %s", id, entity->kind,
                                           galley_id_print (&entity->parent, parent),
                                           galley_id_print (&entity->author, author),
                                           entity->contested ? "contested" : ""));
  for (guint i = 0; i < entity->fields->len; i++)
    {
      const GalleyField *field = entity->fields->pdata[i];
      g_autofree char *value = field->value != NULL ? g_variant_print (field->value, FALSE)
                                                    : g_strdup ("-");

      g_ptr_array_add (lines,
                       g_strdup_printf ("%s %u %s %s %s %s %u", id, field->number, field->element,
                                        value, galley_field_state_to_string (field->state),
                                        field->state != GALLEY_STATE_SETTLED ? field->rule : "",
                                        field->heads->len));
    }
}

static char *
print_sorted (GPtrArray *lines)
{
  GString *text = g_string_new (NULL);

  g_ptr_array_sort (lines, compare_texts);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n", (char *)lines->pdata[i]);
  return g_string_free (text, FALSE);
}

static char *
print_now (TestDevice *device, const GalleyId *item)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GalleyEntity) entity = galley_reader_get_entity (device->reader, item, NULL);
  g_autoptr (GPtrArray) owned = galley_reader_list_owned (device->reader, item, NULL);

  if (entity->alive)
    print_entity (lines, entity);
  for (guint i = 0; entity->alive && i < owned->len; i++)
    print_entity (lines, owned->pdata[i]);
  return print_sorted (lines);
}

static char *
print_past (TestDevice *device, const GalleyId *item, guint64 until_hlc)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  gboolean whole;
  g_autoptr (GPtrArray)
      past = galley_past_list_item (device->reader, item, until_hlc, &whole, &error);

  g_assert_no_error (error);
  g_assert_true (whole);
  for (guint i = 0; i < past->len; i++)
    print_entity (lines, past->pdata[i]);
  return print_sorted (lines);
}

/* Line by line, so that a failure shows the one that differs. */
static void
assert_same (const char *one, const char *other)
{
  g_auto (GStrv) lines = g_strsplit (one, "\n", -1), others = g_strsplit (other, "\n", -1);

  for (guint i = 0; lines[i] != NULL && others[i] != NULL; i++)
    g_assert_cmpstr (lines[i], ==, others[i]);
  g_assert_cmpstr (one, ==, other);
}

static guint64
newest_hlc (TestDevice *device, const GalleyId *project)
{
  GalleyJournalFilter filter = { .project = project, .limit = 1000 };
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (device->reader, &filter, NULL);
  guint64 hlc = 0;

  for (guint i = 0; i < rows->len; i++)
    hlc = MAX (hlc, galley_change_get_header (((GalleyJournalRow *)rows->pdata[i])->change)->hlc);
  return hlc;
}

#define N_NOTES 4
#define N_ROUNDS 6
#define N_STEPS 12

/* Anything that people do to an item: of which any may meet any other. */
static void
do_something (TestPair *pair, TestDevice *device, const GalleyId *notes)
{
  static const char *const words[] = { "one two three", "two three", "one two", "three one two" };
  static const char *const colors[] = { "#111111", "#222222", "#333333" };
  const GalleyId *note = &notes[g_test_rand_int_range (0, N_NOTES)];
  g_autoptr (GalleyDraft) draft = galley_draft_new (&pair->project, "do");

  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      galley_draft_delete (draft, GALLEY_KIND_ANNOTATION, note);
      break;
    case 1:
      galley_draft_restore (draft, GALLEY_KIND_ANNOTATION, note);
      break;
    case 2:
      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_TAGS,
                              words[g_test_rand_int_range (0, 4)],
                              g_test_rand_bit () ? g_variant_new_boolean (TRUE) : NULL);
      break;
    case 3:
    case 4:
      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_COLOR, "",
                              g_variant_new_string (colors[g_test_rand_int_range (0, 3)]));
      break;
    case 5:
      galley_draft_set_shown (draft, GALLEY_KIND_ITEM, &pair->item, GALLEY_ITEM_NAME, "",
                              g_variant_new_string (words[g_test_rand_int_range (0, 4)]));
      break;
    default:
      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, note, GALLEY_ANNOTATION_BODY, "",
                              g_variant_new_string (words[g_test_rand_int_range (0, 4)]));
      break;
    }
  test_device_commit (device, g_steal_pointer (&draft));
}

/* What was shown at each moment is what is made of the journal for that moment later on. */
static void
test_as_it_was (void)
{
  g_autoptr (GPtrArray) shown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (guint64));
  GalleyId notes[N_NOTES];
  guint64 before;
  TestPair pair;

  test_pair_init (&pair, "one");
  before = newest_hlc (pair.a, &pair.project);
  for (guint i = 0; i < N_NOTES; i++)
    test_device_make_note (pair.a, &pair.project, &pair.item, "one two", &notes[i]);
  test_pair_sync (&pair);
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (guint i = 0; i < N_STEPS; i++)
        do_something (&pair, i % 2 == 0 ? pair.a : pair.b, notes);
      test_pair_sync (&pair);
      for (guint i = 0; i < N_STEPS; i++)
        {
          guint64 hlc = newest_hlc (pair.a, &pair.project);

          g_ptr_array_add (shown, print_now (pair.a, &pair.item));
          g_array_append_val (times, hlc);
          do_something (&pair, pair.a, notes);
        }
      test_pair_sync (&pair);
    }

  for (guint i = 0; i < shown->len; i++)
    {
      g_autofree char *past = print_past (pair.a, &pair.item, g_array_index (times, guint64, i));
      g_autofree char *elsewhere = print_past (pair.b, &pair.item,
                                               g_array_index (times, guint64, i));

      assert_same (past, shown->pdata[i]);
      assert_same (elsewhere, past);
    }
  {
    g_autofree char *then = print_past (pair.a, &pair.item, before);
    g_autofree char *never = print_past (pair.a, &pair.item, 0);

    g_assert_nonnull (strstr (then, "'one'"));
    g_assert_null (strstr (then, "'one two'"));
    g_assert_cmpstr (never, ==, "");
  }
  test_pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/audit/from-what-to-what", test_from_what_to_what);
  g_test_add_func ("/audit/packed", test_packed);
  g_test_add_func ("/audit/shared", test_shared);
  g_test_add_func ("/audit/person", test_person);
  g_test_add_func ("/audit/pages", test_pages);
  g_test_add_func ("/audit/signature", test_signature);
  g_test_add_func ("/audit/csv", test_csv);
  g_test_add_func ("/audit/as-it-was", test_as_it_was);
  return g_test_run ();
}
