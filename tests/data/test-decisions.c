/* test-decisions.c: whose word counts, how often, and what an item's decisions come to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "galley-test-device.h"

#include "data/galley-decision.h"
#include "data/galley-directory.h"
#include "data/galley-schema.h"

/* Votes as letters: upper case of a lead, lower case of a reviewer, each letter a person; then what
 * they say: + approve, - request changes, . comment, and ! for one that does not count. */
typedef struct
{
  const char *votes;
  guint needed;
  GalleyRole least;
  const char *state;
  guint approvals;
} Case;

static const Case cases[] = {
  { "", 1, GALLEY_ROLE_REVIEWER, "open", 0 },
  { "a+", 1, GALLEY_ROLE_REVIEWER, "approved", 1 },
  { "a+", 2, GALLEY_ROLE_REVIEWER, "partly", 1 },
  { "a+b+", 2, GALLEY_ROLE_REVIEWER, "approved", 2 },
  { "a+b-", 1, GALLEY_ROLE_REVIEWER, "changes-requested", 1 },
  { "a+", 1, GALLEY_ROLE_LEAD, "open", 0 },
  { "A+", 1, GALLEY_ROLE_LEAD, "approved", 1 },
  { "a!+", 1, GALLEY_ROLE_REVIEWER, "open", 0 },
  { "a.", 1, GALLEY_ROLE_REVIEWER, "open", 0 },
  /* Of one person one word counts: the strictest, and none that does not count outweighs it. */
  { "a+a+", 2, GALLEY_ROLE_REVIEWER, "partly", 1 },
  { "a+a+a+b+", 3, GALLEY_ROLE_REVIEWER, "partly", 2 },
  { "a-a+", 1, GALLEY_ROLE_REVIEWER, "changes-requested", 0 },
  { "a+a-", 1, GALLEY_ROLE_REVIEWER, "changes-requested", 0 },
  { "a.a+", 1, GALLEY_ROLE_REVIEWER, "approved", 1 },
  { "a!-a+", 1, GALLEY_ROLE_REVIEWER, "approved", 1 },
  { "a+a!+b+", 2, GALLEY_ROLE_REVIEWER, "approved", 2 },
};

static void
test_approval (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) votes = g_array_new (FALSE, TRUE, sizeof (GalleyVote));
      GalleyApproval approval;

      for (const char *sign = cases[i].votes; *sign != '\0'; sign++)
        {
          GalleyVote vote = { .person = { { (guint8)g_ascii_tolower (*sign) } }, .counts = TRUE };

          vote.role = g_ascii_isupper (*sign) ? GALLEY_ROLE_LEAD : GALLEY_ROLE_REVIEWER;
          if (*++sign == '!')
            {
              vote.counts = FALSE;
              sign++;
            }
          vote.verdict = *sign == '+' ? "approve" : *sign == '-' ? "request-changes" : "comment";
          g_array_append_val (votes, vote);
        }
      galley_approval_derive (cases[i].needed, cases[i].least, (const GalleyVote *)votes->data,
                              votes->len, &approval);
      g_test_message ("%s", cases[i].votes);
      g_assert_cmpstr (approval.state, ==, cases[i].state);
      g_assert_cmpuint (approval.approvals, ==, cases[i].approvals);
    }
}

/* An item of a project where two have to approve. */
typedef struct
{
  TestDevice *device;
  GalleyId project, item, version, person;
  GalleyHash file;
  TestStream *stream;
} Bench;

static void
set_up (Bench *bench, gconstpointer data)
{
  GalleyDraft *draft;
  GVariant *hash;

  bench->device = test_device_new ("a");
  galley_store_get_person (bench->device->store, &bench->person);
  test_device_make_project (bench->device, &bench->project);
  test_device_make_item (bench->device, &bench->project, "Poster", &bench->item);
  test_device_set (bench->device, &bench->project, GALLEY_KIND_PROJECT, &bench->project,
                   GALLEY_PROJECT_APPROVAL, NULL, g_variant_new ("(us)", 2, "reviewer"));
  bench->file = (GalleyHash){ { 7 } };
  hash = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bench->file.bytes, 32, 1);
  galley_id_new (&bench->version, galley_world_real ());
  draft = galley_draft_new (&bench->project, "import");
  galley_draft_create (draft, GALLEY_KIND_VERSION, &bench->version, &bench->item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &bench->version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)", hash, (guint64)9, "image/png"), NULL, 0);
  test_device_commit (bench->device, draft);
  bench->stream = test_stream_new (&bench->project);
  test_stream_push (bench->stream, bench->device);
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  test_stream_free (bench->stream);
  test_device_free (bench->device);
}

static void
assert_state (Bench *bench, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyItemRow)
      row = galley_reader_get_item (bench->device->reader, &bench->item, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (row->state, ==, expected);
}

static void
decide (Bench *bench, const char *verdict)
{
  g_autoptr (GError) error = NULL;
  GalleyDraft *draft = galley_draft_new (&bench->project, verdict);

  galley_decision_prepare (draft, bench->device->reader,
                           galley_store_get_key (bench->device->store), &bench->person,
                           &bench->item, NULL, verdict, NULL, &error);
  g_assert_no_error (error);
  test_device_commit (bench->device, draft);
}

/* The approval of somebody at another device, as it comes from the server. */
static void
receive_approval (Bench *bench, const GalleyId *person)
{
  g_autoptr (GArray) notes = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  GalleyDecision decision = { .verdict = (char *)"approve",
                              .file = bench->file,
                              .seen_notes = notes };
  GalleyChangeHeader header = { .project = bench->project, .seq = 1, .actor = *person };
  GalleyEdit edits[3] = { { .field = GALLEY_F_ALIVE },
                          { .field = GALLEY_F_PARENT },
                          { .field = GALLEY_DECISION_VERDICT } };
  g_autoptr (GError) error = NULL;
  GalleyChange *change;

  galley_id_new (&header.device, galley_world_real ());
  edits[0].value = g_variant_new ("(b@a(ayt))", TRUE, g_variant_new ("a(ayt)", NULL));
  edits[1].value = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &bench->item, 16, 1);
  edits[2].value = galley_decision_to_variant (&decision);
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      edits[i].kind = GALLEY_KIND_DECISION;
      edits[i].element = "";
      galley_decision_get_id (person, &bench->version, &edits[i].entity);
    }
  change = galley_change_new (&header, "approve", edits, G_N_ELEMENTS (edits), NULL, &error);
  g_assert_no_error (error);
  g_ptr_array_add (bench->stream->changes, change);
  test_stream_pull (bench->stream, bench->device);
}

typedef struct
{
  const GalleyId *alias, *person;
} Names;

static gboolean
write_alias (GalleyWriter *writer, gpointer data, GError **error)
{
  const Names *names = data;

  return galley_directory_put_alias (writer, names->alias, names->person, error);
}

static void
test_alias (Bench *bench, gconstpointer data)
{
  g_test_summary ("Under however many names somebody approves, it is one approval.");
  GalleyId tablet, ben;
  Names names = { &tablet, &bench->person };
  g_autoptr (GError) error = NULL;

  galley_id_new (&tablet, galley_world_real ());
  galley_id_new (&ben, galley_world_real ());
  decide (bench, "approve");
  receive_approval (bench, &tablet);
  assert_state (bench, "approved");

  /* The server tells who that was. */
  galley_store_write (bench->device->store, write_alias, &names, &error);
  g_assert_no_error (error);
  assert_state (bench, "partly");
  test_device_assert_replay (bench->device);

  /* A new word is meant for all of one's names. */
  decide (bench, "request-changes");
  assert_state (bench, "changes-requested");
  decide (bench, "approve");
  assert_state (bench, "partly");
  receive_approval (bench, &ben);
  assert_state (bench, "approved");
  test_device_assert_replay (bench->device);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/decisions/approval", test_approval);
  g_test_add ("/decisions/alias", Bench, NULL, set_up, test_alias, tear_down);
  return g_test_run ();
}
