/* test-two-devices.c: two people, two computers, one server: what they make offline comes together
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-ctl.h"

#include <signal.h>
#include <string.h>

#define N_NOTES 100
/* The first half is edited in different fields, the second half in the same one. */
#define N_APART 50
#define BASE "#00aa00"
#define BY_ANA "#aa0000"
#define BY_BEN "#0000aa"

typedef struct
{
  TestServer *server;
  char *ana, *ben; /* folders */
  char *project, *picture, *pages, *decision;
  char *notes[N_NOTES];
} Story;

static void
sync_once (const char *folder, int status)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, NULL, "sync", "once", "--timeout", "60", NULL);

  if (run->status != status)
    g_test_message ("%s%s", run->out, run->err);
  g_assert_cmpint (run->status, ==, status);
  test_json_has (run->json, "state", "summary", "unsent", "conflicts", NULL);
  g_assert_cmpint (test_json_int (run->json, "unsent"), ==, 0);
}

/* The setting of the workspace, not the lack of a server. */
static void
go_offline (const char *folder)
{
  g_autoptr (JsonNode) status = NULL;

  test_ctl_do (folder, "sync", "offline", NULL);
  status = test_ctl (folder, "workspace", "status", NULL);
  g_assert_true (test_json_bool (status, "offline"));
}

static void
assert_offline (const char *folder, guint unsent)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, NULL, "sync", "once", "--timeout", "60", NULL);

  g_assert_cmpint (run->status, ==, 4);
  g_assert_cmpstr (test_json_text (run->json, "state"), ==, "offline");
  g_assert_cmpint (test_json_int (run->json, "unsent"), ==, unsent);
  g_assert_nonnull (strstr (run->err, "offline"));
}

static void
enrol (Story *story, const char *folder, const char *person, const char *role)
{
  g_autofree char *code = test_server_invite (story->server, person, role);
  g_autoptr (JsonNode) connected = test_ctl (folder, "workspace", "connect", story->server->uri,
                                             "--invite", code, NULL);
  g_autoptr (JsonNode) status = test_ctl (folder, "workspace", "status", NULL);

  g_assert_cmpstr (test_json_text (connected, "person_name"), ==, person);
  g_assert_true (test_json_bool (status, "connected"));
}

static char *
digest (Story *story, const char *folder)
{
  g_autoptr (JsonNode) answer = test_ctl (folder, "project", "digest", story->project, NULL);

  g_assert_cmpint (test_json_int (answer, "unsent"), ==, 0);
  return g_strdup (test_json_text (answer, "digest"));
}

static void
assert_equal (Story *story)
{
  g_autofree char *ana = digest (story, story->ana), *ben = digest (story, story->ben);

  g_assert_cmpstr (ana, ==, ben);
}

static void
assert_whole (const char *folder)
{
  g_autoptr (JsonNode) verified = test_ctl (folder, "journal", "verify", NULL);
  g_autoptr (JsonNode) replayed = test_ctl (folder, "replay", "--dry-run", NULL);

  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_true (test_json_bool (replayed, "equal"));
}

/* ── one after the other ── */

static void
run_batch (const char *folder, GString *input, char **ids)
{
  g_autoptr (TestRun) run = test_ctl_run (folder, input->str, "batch", NULL);
  g_auto (GStrv) lines = g_strsplit (run->out, "\n", -1);

  g_assert_cmpstr (run->err, ==, "");
  g_assert_cmpint (run->status, ==, 0);
  g_assert_cmpuint (g_strv_length (lines), ==, N_NOTES + 1);
  for (guint i = 0; ids != NULL && i < N_NOTES; i++)
    {
      g_autoptr (JsonNode) answer = json_from_string (lines[i], NULL);

      ids[i] = g_strdup (test_json_text (answer, "id"));
    }
}

static void
make_notes (Story *story)
{
  g_autoptr (GString) input = g_string_new (NULL);

  for (guint i = 0; i < N_NOTES; i++)
    g_string_append_printf (input,
                            "{\"do\":\"annotation.add\",\"item\":\"%s\",\"shape\":\"pin\","
                            "\"points\":\"%u,%u\",\"body\":\"Note %u\",\"color\":\"" BASE "\"}\n",
                            story->picture, i, i, i);
  run_batch (story->ana, input, story->notes);
}

/* Enrols, imports, annotates, shares it, and takes the train. */
static void
begin (Story *story)
{
  g_autofree char *jpeg = g_test_build_filename (G_TEST_DIST, "fixtures", "media", "flag.jpg",
                                                 NULL);
  g_autofree char *pdf = g_test_build_filename (G_TEST_DIST, "fixtures", "media", "two-pages.pdf",
                                                NULL);
  g_autoptr (JsonNode) project = NULL, imported = NULL, note = NULL;

  test_ctl_do (story->ana, "workspace", "init", "--name", "Anna", NULL);
  enrol (story, story->ana, "Ana", "lead");
  project = test_ctl (story->ana, "project", "create", "Spring", NULL);
  story->project = g_strdup (test_json_text (project, "id"));
  imported = test_ctl (story->ana, "item", "import", story->project, jpeg, pdf, NULL);
  story->picture = g_strdup (test_json_text (imported, "items.0.id"));
  story->pages = g_strdup (test_json_text (imported, "items.1.id"));
  note = test_ctl (story->ana, "annotation", "add", story->pages, "--shape", "highlight",
                   "--points", "72,72 200,90", "--page", "2", "--body", "A word is missing", NULL);
  test_ctl_do (story->ana, "comment", "add", test_json_text (note, "id"), "--body", "“the”", NULL);
  make_notes (story);
  sync_once (story->ana, 0);
  go_offline (story->ana);
}

/* What was made before there was a server is the same person's afterwards. */
static void
join (Story *story)
{
  g_autoptr (JsonNode) items = NULL, notes = NULL, note = NULL, pins = NULL;

  test_ctl_do (story->ben, "workspace", "init", NULL);
  test_ctl_do (story->ben, "project", "create", "Made alone", NULL);
  enrol (story, story->ben, "Ben", "reviewer");
  sync_once (story->ben, 0);
  assert_equal (story);

  items = test_ctl (story->ben, "item", "list", story->project, NULL);
  g_assert_cmpuint (test_json_length (items, ""), ==, 2);
  notes = test_ctl (story->ben, "annotation", "list", story->pages, NULL);
  g_assert_cmpstr (test_json_text (notes, "0.points"), ==, "72,72 200,90");
  g_assert_cmpint (test_json_int (notes, "0.page"), ==, 2);
  g_assert_cmpstr (test_json_text (notes, "0.author_name"), ==, "Ana");
  note = test_ctl (story->ben, "annotation", "show", test_json_text (notes, "0.id"), NULL);
  g_assert_cmpstr (test_json_text (note, "comments.0.body"), ==, "“the”");
  pins = test_ctl (story->ben, "annotation", "list", story->picture, NULL);
  g_assert_cmpuint (test_json_length (pins, ""), ==, N_NOTES);
}

/* The bytes travel too: what is decided on is what was imported. */
static void
decide (Story *story)
{
  g_autoptr (JsonNode) picture = test_ctl (story->ben, "item", "show", story->picture, NULL);
  g_autoptr (JsonNode) original = test_ctl (story->ana, "item", "show", story->picture, NULL);
  g_autoptr (JsonNode) made = NULL, unseen = NULL;

  g_assert_true (test_json_bool (picture, "here"));
  g_assert_cmpstr (test_json_text (picture, "file"), ==, test_json_text (original, "file"));

  made = test_ctl (story->ben, "decision", "set", story->picture, "approve", "--note", "Lovely",
                   NULL);
  story->decision = g_strdup (test_json_text (made, "id"));
  sync_once (story->ben, 0);

  /* On the train nothing is heard of it, and asking for it says why. */
  assert_offline (story->ana, 0);
  unseen = test_ctl (story->ana, "item", "show", story->picture, NULL);
  g_assert_cmpstr (test_json_text (unseen, "state"), !=, "approved");
}

static void
assert_decided (Story *story)
{
  g_autoptr (JsonNode) seen = test_ctl (story->ana, "item", "show", story->picture, NULL);
  g_autoptr (JsonNode)
      verified = test_ctl (story->ana, "decision", "verify", story->decision, NULL);
  g_autoptr (JsonNode) projects = test_ctl (story->ana, "project", "list", NULL);

  g_assert_cmpstr (test_json_text (seen, "state"), ==, "approved");
  g_assert_cmpstr (test_json_text (seen, "decisions.0.person_name"), ==, "Ben");
  g_assert_cmpstr (test_json_text (seen, "decisions.0.note"), ==, "Lovely");
  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_true (test_json_bool (verified, "heads.0.file_here"));
  g_assert_cmpuint (test_json_length (projects, ""), ==, 2);
}

/* ── at the same time ── */

static void
edit_notes (Story *story,
            const char *folder,
            const char *apart_field,
            const char *apart_value,
            const char *color)
{
  g_autoptr (GString) input = g_string_new (NULL);

  for (guint i = 0; i < N_NOTES; i++)
    g_string_append_printf (input,
                            "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"%s\","
                            "\"value\":\"%s\"}\n",
                            story->notes[i], i < N_APART ? apart_field : "color",
                            i < N_APART ? apart_value : color);
  run_batch (folder, input, NULL);
}

static void
assert_merged (Story *story, const char *folder)
{
  for (guint i = 0; i < N_APART; i++)
    {
      g_autoptr (JsonNode) note = test_ctl (folder, "annotation", "show", story->notes[i], NULL);

      g_assert_false (test_json_bool (note, "contested"));
      g_assert_cmpstr (test_json_text (note, "body"), ==, "By Ana");
      g_assert_cmpstr (test_json_text (note, "status"), ==, "resolved");
      g_assert_cmpstr (test_json_text (note, "color"), ==, BASE);
    }
}

/* Each with what it was, and both values with whose they are. */
static void
assert_contested (Story *story, const char *folder)
{
  g_autoptr (JsonNode) list = test_ctl (folder, "conflict", "list", NULL);
  g_autoptr (JsonNode) status = test_ctl (folder, "workspace", "status", NULL);
  g_autoptr (GHashTable) met = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (test_json_length (list, ""), ==, N_NOTES - N_APART);
  g_assert_cmpint (test_json_int (status, "conflicts"), ==, N_NOTES - N_APART);
  for (guint i = 0; i < N_NOTES - N_APART; i++)
    {
      g_autofree char *index = g_strdup_printf ("%u", i);
      JsonNode *row = test_json_at (list, index);
      gboolean ana_first;

      g_hash_table_add (met, (gpointer)test_json_text (row, "id"));
      g_assert_cmpuint (test_json_length (row, "fields"), ==, 1);
      g_assert_cmpstr (test_json_text (row, "fields.0.field"), ==, "color");
      g_assert_cmpstr (test_json_text (row, "fields.0.state"), ==, "conflict");
      g_assert_true (test_json_bool (row, "fields.0.base_known"));
      g_assert_cmpstr (test_json_text (row, "fields.0.base"), ==, BASE);
      g_assert_cmpuint (test_json_length (row, "fields.0.heads"), ==, 2);
      ana_first = g_strcmp0 (test_json_text (row, "fields.0.heads.0.person_name"), "Ana") == 0;
      g_assert_cmpstr (test_json_text (row, "fields.0.heads.0.value"), ==,
                       ana_first ? BY_ANA : BY_BEN);
      g_assert_cmpstr (test_json_text (row, "fields.0.heads.1.value"), ==,
                       ana_first ? BY_BEN : BY_ANA);
      g_assert_cmpstr (test_json_text (row, "fields.0.heads.1.person_name"), ==,
                       ana_first ? "Ben" : "Ana");
      /* Ana's was accepted first. */
      g_assert_cmpstr (test_json_text (row, "fields.0.shown"), ==, BY_ANA);
    }
  for (guint i = N_APART; i < N_NOTES; i++)
    g_assert_true (g_hash_table_contains (met, story->notes[i]));
}

/* Every value that anybody entered is in everybody's journal. */
static void
assert_nothing_lost (const char *folder)
{
  g_autoptr (JsonNode) journal = test_ctl (folder, "journal", "list", "--limit", "10000", NULL);
  guint n_ana = 0, n_ben = 0, n_bodies = 0, n_resolved = 0;

  for (guint i = 0; i < test_json_length (journal, ""); i++)
    {
      g_autofree char *index = g_strdup_printf ("%u", i);
      JsonNode *change = test_json_at (journal, index);
      const char *value;

      g_assert_null (test_json_text (change, "refused"));
      if (g_strcmp0 (test_json_text (change, "intent"), "set field") != 0)
        continue;
      value = test_json_text (change, "edits.0.value");
      n_ana += g_strcmp0 (value, BY_ANA) == 0;
      n_ben += g_strcmp0 (value, BY_BEN) == 0;
      n_bodies += g_strcmp0 (value, "By Ana") == 0;
      n_resolved += g_strcmp0 (value, "resolved") == 0;
    }

  g_assert_cmpuint (n_ana, ==, N_NOTES - N_APART);
  g_assert_cmpuint (n_ben, ==, N_NOTES - N_APART);
  g_assert_cmpuint (n_bodies, ==, N_APART);
  g_assert_cmpuint (n_resolved, ==, N_APART);
}

static void
edit_at_once (Story *story)
{
  go_offline (story->ben);
  edit_notes (story, story->ana, "body", "By Ana", BY_ANA);
  edit_notes (story, story->ben, "status", "resolved", BY_BEN);
  assert_offline (story->ana, N_NOTES);
  assert_offline (story->ben, N_NOTES);
  test_ctl_do (story->ana, "sync", "online", NULL);
  test_ctl_do (story->ben, "sync", "online", NULL);

  /* Whoever syncs first hears of no conflict yet. */
  sync_once (story->ana, 0);
  assert_decided (story);
  sync_once (story->ben, 3);
  sync_once (story->ana, 3);
  assert_equal (story);
  assert_merged (story, story->ana);
  assert_merged (story, story->ben);
  assert_contested (story, story->ana);
  assert_contested (story, story->ben);
  assert_nothing_lost (story->ana);
  assert_nothing_lost (story->ben);
}

/* ── settled ── */

/* In turn: the own one, theirs, what it was, another. */
static const struct
{
  const char *option, *value, *color, *take;
} choices[] = {
  { "--take", "mine", BY_BEN, "mine" },
  { "--take", "theirs", BY_ANA, "theirs" },
  { "--take", "base", BASE, "base" },
  { "--value", "#123456", "#123456", "value" },
};

static void
assert_settled (Story *story, const char *folder)
{
  g_autoptr (JsonNode) conflicts = test_ctl (folder, "conflict", "list", NULL);

  g_assert_cmpuint (test_json_length (conflicts, ""), ==, 0);
  for (guint i = N_APART; i < N_NOTES; i++)
    {
      g_autoptr (JsonNode)
          color = test_ctl (folder, "field", "get", story->notes[i], "color", NULL);
      g_autoptr (JsonNode) journal = test_ctl (folder, "journal", "list", "--entity",
                                               story->notes[i], "--limit", "1", NULL);
      guint choice = i % G_N_ELEMENTS (choices);

      g_assert_cmpstr (test_json_text (color, "value"), ==, choices[choice].color);
      g_assert_cmpstr (test_json_text (color, "state"), ==, "settled");
      /* Who, and why. */
      g_assert_cmpstr (test_json_text (journal, "0.intent"), ==, "resolve conflict");
      g_assert_cmpstr (test_json_text (journal, "0.person_name"), ==, "Ben");
      g_assert_cmpuint (test_json_length (journal, "0.edits.0.supersedes"), ==, 2);
      g_assert_cmpstr (test_json_text (journal, "0.extra.resolved.0.field"), ==, "color");
      g_assert_cmpstr (test_json_text (journal, "0.extra.resolved.0.take"), ==,
                       choices[choice].take);
      g_assert_cmpstr (test_json_text (journal, "0.extra.resolved.0.rule"), ==, "earliest");
      if (choice < 2)
        test_json_has (journal, "0.extra.resolved.0.head", NULL);
    }
}

static void
settle (Story *story)
{
  for (guint i = N_APART; i < N_NOTES; i++)
    {
      guint choice = i % G_N_ELEMENTS (choices);
      g_autoptr (JsonNode) made = test_ctl (story->ben, "conflict", "resolve", story->notes[i],
                                            choices[choice].option, choices[choice].value, NULL);

      g_assert_cmpstr (test_json_text (made, "resolved.0.field"), ==, "color");
    }

  sync_once (story->ben, 0);
  sync_once (story->ana, 0);
  assert_equal (story);
  assert_settled (story, story->ana);
  assert_settled (story, story->ben);
  assert_nothing_lost (story->ana);
}

static void
assert_refused_choices (Story *story)
{
  const char *note = story->notes[N_APART], *ben = story->ben;

  test_ctl_fails (1, ben, "conflict", "resolve", note, "--take", "both", NULL);
  test_ctl_fails (2, ben, "conflict", "resolve", note, "--take", "yours", NULL);
  test_ctl_fails (2, ben, "conflict", "resolve", note, "--take", "mine", "--head", "x", NULL);
  test_ctl_fails (1, ben, "conflict", "resolve", note, "--take", "theirs", "--head", "x", NULL);
  test_ctl_fails (1, ben, "conflict", "resolve", note, "--value", "blue", NULL);
  test_ctl_fails (1, ben, "conflict", "resolve", note, "--field", "body", "--take", "mine", NULL);
}

/* On this computer alone, and nothing is settled by it. */
static void
put_off (Story *story, const char *note)
{
  g_autoptr (JsonNode) off = NULL, back = NULL;

  off = test_ctl (story->ben, "conflict", "put-off", note, "2040-05-31T08:00:00Z", NULL);
  g_assert_true (g_str_has_prefix (test_json_text (off, "put_off_until"), "2040-05-31T08:00:00"));
  test_ctl_fails (2, story->ben, "conflict", "put-off", note, "later", NULL);
  test_ctl_fails (1, story->ben, "conflict", "put-off", story->notes[2], "back", NULL);
  back = test_ctl (story->ben, "conflict", "put-off", note, "back", NULL);
  g_assert_cmpstr (test_json_text (back, "id"), ==, note);
}

/* Said by one, seen by the other, who is asked. */
static void
ask_about (Story *story, const char *note)
{
  test_ctl_do (story->ben, "conflict", "say", note, "Wait for me", "--ask", "Ana", NULL);
  test_ctl_fails (2, story->ben, "conflict", "say", note, NULL);
  test_ctl_fails (1, story->ben, "conflict", "say", note, "--ask", "nobody", NULL);
  test_ctl_fails (1, story->ben, "conflict", "say", story->notes[2], "Fine", NULL);
  sync_once (story->ben, 3);
}

static void
assert_asked (Story *story, const char *note)
{
  g_autoptr (JsonNode) conflict = test_ctl (story->ana, "conflict", "show", note, NULL);
  g_autoptr (JsonNode) all = test_ctl (story->ana, "conflict", "list", NULL);
  JsonArray *rows = json_node_get_array (all);
  guint n_asked = 0;

  g_assert_cmpstr (test_json_text (conflict, "remarks.0.body"), ==, "Wait for me");
  g_assert_cmpstr (test_json_text (conflict, "remarks.0.asked.0"), ==, "Ana");
  for (guint i = 0; i < json_array_get_length (rows); i++)
    n_asked += json_object_get_boolean_member (json_array_get_object_element (rows, i),
                                               "you_are_asked");
  g_assert_cmpuint (n_asked, ==, 1);
}

/* One deletes a note, the other answers in its thread: it stays until somebody has chosen. To
 * delete or to keep is for the note's author and for leads. */
static void
delete_against_edit (Story *story)
{
  const char *kept = story->notes[0], *gone = story->notes[1];
  g_autoptr (JsonNode) conflict = NULL, after_kept = NULL, after_gone = NULL;

  test_ctl_do (story->ana, "entity", "delete", kept, NULL);
  test_ctl_do (story->ana, "entity", "delete", gone, NULL);
  test_ctl_do (story->ben, "comment", "add", kept, "--body", "Wait", NULL);
  test_ctl_do (story->ben, "field", "set", gone, "body", "No", NULL);
  sync_once (story->ana, 0);
  sync_once (story->ben, 3);
  conflict = test_ctl (story->ben, "conflict", "show", kept, NULL);
  g_assert_true (test_json_bool (conflict, "alive"));
  g_assert_cmpstr (test_json_text (conflict, "fields.0.field"), ==, "alive");
  g_assert_true (test_json_bool (conflict, "fields.0.delete_against_edit"));
  put_off (story, kept);
  ask_about (story, kept);

  test_ctl_fails (1, story->ben, "conflict", "resolve", kept, "--take", "mine", NULL);
  sync_once (story->ana, 3);
  assert_asked (story, kept);
  test_ctl_do (story->ana, "conflict", "resolve", kept, "--take", "theirs", NULL);
  test_ctl_do (story->ana, "conflict", "resolve", gone, "--take", "mine", NULL);
  sync_once (story->ana, 0);
  sync_once (story->ben, 0);
  assert_equal (story);
  after_kept = test_ctl (story->ben, "field", "get", kept, NULL);
  after_gone = test_ctl (story->ben, "field", "get", gone, NULL);
  g_assert_true (test_json_bool (after_kept, "alive"));
  g_assert_false (test_json_bool (after_gone, "alive"));
}

/* Texts that clash keep both on request. */
static void
both_texts (Story *story)
{
  const char *note = story->notes[2];
  g_autoptr (JsonNode) body = NULL;

  test_ctl_do (story->ana, "field", "set", note, "body", "Ana's words", NULL);
  test_ctl_do (story->ben, "field", "set", note, "body", "Ben's idea", NULL);
  sync_once (story->ana, 0);
  sync_once (story->ben, 3);
  test_ctl_do (story->ben, "conflict", "resolve", note, "--take", "both", NULL);
  sync_once (story->ben, 0);
  sync_once (story->ana, 0);
  body = test_ctl (story->ana, "field", "get", note, "body", NULL);
  g_assert_cmpstr (test_json_text (body, "value"), ==, "Ben's idea\n\nAna's words");
}

static char *
count_comments (Story *story, const char *folder)
{
  g_autoptr (JsonNode) note = test_ctl (folder, "annotation", "show", story->notes[4], NULL);

  return g_strdup_printf ("%u", test_json_length (note, "comments"));
}

/* One who watches has what the other shares without asking for it; and ends when told to. */
static void
watch (Story *story)
{
  g_autoptr (GSubprocess) process = test_ctl_start (story->ben, "sync", "watch", NULL);
  g_autoptr (GDataInputStream)
      out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  g_autoptr (JsonNode) made = NULL;
  g_autofree char *count = NULL;

  do
    {
      g_autofree char *line = g_data_input_stream_read_line (out, NULL, NULL, NULL);
      g_autoptr (JsonNode) state = json_from_string (line, NULL);

      test_json_has (state, "time", "state", "summary", "unsent", NULL);
      if (made == NULL && g_strcmp0 (test_json_text (state, "state"), "up-to-date") == 0)
        {
          made = test_ctl (story->ana, "comment", "add", story->notes[4], "--body", "Look", NULL);
          sync_once (story->ana, 0);
        }
      g_free (count);
      count = count_comments (story, story->ben);
    }
  while (g_strcmp0 (count, "1") != 0);

  g_subprocess_send_signal (process, SIGTERM);
  g_assert_true (g_subprocess_wait (process, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

static void
pause_and_resume (Story *story)
{
  test_ctl_do (story->ana, "sync", "pause", NULL);
  sync_once (story->ana, 3);
  test_ctl_do (story->ana, "sync", "resume", NULL);
  sync_once (story->ana, 0);
}

/* A reviewer may not do what is a lead's; the change that says so is not made at all. */
static void
refuse_by_role (Story *story)
{
  test_ctl_fails (1, story->ben, "field", "set", story->project, "name", "Autumn", NULL);
}

static void
lose_the_server (Story *story)
{
  g_autoptr (TestRun) run = NULL;

  test_server_stop (g_steal_pointer (&story->server));
  test_ctl_do (story->ana, "comment", "add", story->notes[5], "--body", "Later", NULL);
  run = test_ctl_run (story->ana, NULL, "sync", "once", "--timeout", "30", NULL);
  g_assert_cmpint (run->status, ==, 4);
  g_assert_cmpint (test_json_int (run->json, "unsent"), ==, 1);
  g_assert_cmpuint (strlen (run->err), >, 10);
}

static void
test_story (void)
{
  Story story = { 0 };

  story.server = test_server_start ("server");
  story.ana = galley_test_path ("ana");
  story.ben = galley_test_path ("ben");

  begin (&story);
  join (&story);
  decide (&story);
  edit_at_once (&story);
  assert_refused_choices (&story);
  settle (&story);
  delete_against_edit (&story);
  both_texts (&story);
  watch (&story);
  pause_and_resume (&story);
  refuse_by_role (&story);
  assert_whole (story.ana);
  assert_whole (story.ben);
  lose_the_server (&story);

  for (guint i = 0; i < N_NOTES; i++)
    g_free (story.notes[i]);
  g_free (story.ana);
  g_free (story.ben);
  g_free (story.project);
  g_free (story.picture);
  g_free (story.pages);
  g_free (story.decision);
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/two-devices/story", test_story);
  return g_test_run ();
}
