/* test-galleyctl.c: the command line, from outside: what it answers, what it refuses and how
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem() */
#endif
#include "galley-test-ctl.h"

#include <glib/gstdio.h>
#include <string.h>

#define NOBODY "01a20afe-e0f7-7bea-bc3d-1497aa69bf2b"

static char *
media (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "fixtures", "media", name, NULL);
}

/* ── words ── */

static void
test_help (void)
{
  static const char *const nouns[] = { "workspace", "project",    "item",     "annotation",
                                       "comment",   "decision",   "field",    "entity",
                                       "undo",      "redo",       "search",   "batch",
                                       "sync",      "job",        "conflict", "journal",
                                       "replay",    "quarantine", "explain" };
  g_autoptr (TestRun) all = test_ctl_run_plain (NULL, "--help", NULL);
  g_autoptr (TestRun) noun = test_ctl_run_plain (NULL, "job", "--help", NULL);
  g_autoptr (TestRun) verb = test_ctl_run_plain (NULL, "annotation", "add", "--help", NULL);

  g_assert_cmpint (all->status, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (nouns); i++)
    g_assert_nonnull (strstr (all->out, nouns[i]));
  g_assert_nonnull (strstr (noun->out, "job retry ID"));
  g_assert_null (strstr (noun->out, "project"));
  g_assert_nonnull (strstr (verb->out, "--points"));
  g_assert_null (strstr (verb->out, "--invite"));
}

static void
test_wrong_usage (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  const char *folder = desk->folder;

  test_ctl_fails (2, folder, NULL);
  test_ctl_fails (2, folder, "colour", "mix", NULL);
  test_ctl_fails (2, folder, "item", NULL);
  test_ctl_fails (2, folder, "item", "paint", NULL);
  test_ctl_fails (2, folder, "item", "show", NULL);
  test_ctl_fails (2, folder, "item", "show", desk->item, "twice", NULL);
  test_ctl_fails (2, folder, "item", "list", "--colour", "red", NULL);
  test_ctl_fails (2, folder, "item", "list", "--limit", NULL);
  test_ctl_fails (2, folder, "item", "list", "--limit", "many", NULL);
  test_ctl_fails (2, folder, "item", "list", "--limit", "0", NULL);
  test_ctl_fails (2, folder, "item", "list", "--limit", "1", "--limit", "2", NULL);
  test_ctl_fails (2, folder, "item", "list", "--state", "fine", NULL);
  test_ctl_fails (2, folder, "item", "list", "--contested=yes", NULL);
  test_ctl_fails (2, folder, "job", "list", "--state", "lost", NULL);
  test_ctl_fails (2, folder, "sync", "once", "--timeout", "-3", NULL);
  test_ctl_fails (2, folder, "workspace", "connect", "http://localhost:1", NULL);
  test_ctl_fails (2, folder, "conflict", "resolve", desk->item, NULL);
  test_ctl_fails (2, folder, "conflict", "resolve", desk->item, "--take", "mine", "--value", "1",
                  NULL);
  test_ctl_fails (2, folder, "search", "\xff", NULL);
}

static void
test_where_the_workspace_is (void)
{
  g_test_summary ("An option, else the environment; without either the person's own.");
  g_autofree char *usual = galley_test_path ("home/galley/default");
  g_autofree char *nowhere = galley_test_path ("nowhere");
  g_autoptr (JsonNode) made = NULL, found = NULL;

  test_ctl_fails (1, NULL, "workspace", "status", NULL);
  made = test_ctl (NULL, "workspace", "init", NULL);
  g_assert_cmpstr (test_json_text (made, "workspace"), ==, usual);
  found = test_ctl (NULL, "workspace", "status", NULL);
  g_assert_cmpstr (test_json_text (found, "device"), ==, test_json_text (made, "device"));

  test_ctl_fails (1, nowhere, "workspace", "status", NULL);
  g_assert_false (g_file_test (nowhere, G_FILE_TEST_EXISTS));
}

/* ── workspace and project ── */

static void
test_workspace (void)
{
  g_autofree char *folder = galley_test_path ("ana");
  g_autoptr (JsonNode) made = test_ctl (folder, "workspace", "init", "--name", "Ana", NULL);
  g_autoptr (JsonNode) status = test_ctl (folder, "workspace", "status", NULL);

  g_assert_cmpstr (test_json_text (made, "person_name"), ==, "Ana");
  test_json_has (status, "unsent", "waiting_bytes", "conflicts", "needs_attention", "last_synced",
                 "offline_since", "device", "person", NULL);
  g_assert_cmpint (test_json_int (status, "unsent"), ==, 0);
  g_assert_null (test_json_text (status, "last_synced"));
  g_assert_cmpstr (test_json_text (status, "person"), ==, test_json_text (made, "person"));

  test_ctl_fails (1, folder, "workspace", "init", NULL);
}

static void
test_project (void)
{
  g_autofree char *folder = galley_test_path ("ana");
  g_autoptr (JsonNode) spring = NULL, autumn = NULL, list = NULL, by_id = NULL, by_name = NULL;
  g_autoptr (JsonNode) rule = NULL;

  test_ctl_do (folder, "workspace", "init", NULL);
  spring = test_ctl (folder, "project", "create", "Spring", NULL);
  autumn = test_ctl (folder, "project", "create", "Autumn", "--approvals", "2", "--by", "lead",
                     NULL);
  list = test_ctl (folder, "project", "list", NULL);
  by_id = test_ctl (folder, "project", "digest", test_json_text (spring, "id"), NULL);
  by_name = test_ctl (folder, "project", "digest", "Spring", NULL);
  rule = test_ctl (folder, "field", "get", test_json_text (autumn, "id"), "approval", NULL);

  g_assert_cmpuint (test_json_length (list, ""), ==, 2);
  test_json_has (list, "0.id", "0.name", "0.items", "0.conflicts", "0.shared", "0.role", NULL);
  g_assert_cmpuint (strlen (test_json_text (by_id, "digest")), ==, 64);
  g_assert_cmpstr (test_json_text (by_id, "digest"), ==, test_json_text (by_name, "digest"));
  g_assert_cmpint (test_json_int (by_id, "position"), ==, 0);
  g_assert_cmpint (test_json_int (by_id, "unsent"), ==, 1);
  g_assert_cmpint (test_json_int (rule, "value.0"), ==, 2);
  g_assert_cmpstr (test_json_text (rule, "value.1"), ==, "lead");

  test_ctl_fails (1, folder, "project", "digest", "Winter", NULL);
  test_ctl_fails (1, folder, "project", "digest", NOBODY, NULL);
  test_ctl_fails (2, folder, "project", "create", "", NULL);
  test_ctl_fails (2, folder, "project", "create", "Winter", "--by", "guest", NULL);
}

/* ── item ── */

static void
test_import (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pages = media ("two-pages.pdf"), *cut = media ("cut.png");
  g_autofree char *flag = media ("flag.png"), *nothing = media ("there-is-none.jpg");
  g_autoptr (TestRun) run = test_ctl_run (desk->folder, NULL, "item", "import", "Spring", pages,
                                          nothing, flag, cut, NULL);
  g_autoptr (JsonNode) list = NULL, pdf = NULL;

  g_test_summary ("What cannot be imported is told; the rest is there.");

  g_assert_cmpint (run->status, ==, 1);
  g_assert_cmpuint (strlen (run->err), >, 10);
  g_assert_cmpuint (test_json_length (run->json, "items"), ==, 2);
  g_assert_cmpuint (test_json_length (run->json, "failed"), ==, 2);
  test_json_has (run->json, "items.0.id", "items.0.version", "items.0.file", "failed.0.error",
                 NULL);

  list = test_ctl (desk->folder, "item", "list", desk->project, NULL);
  g_assert_cmpuint (test_json_length (list, ""), ==, 3);
  pdf = test_ctl (desk->folder, "item", "show", test_json_text (run->json, "items.0.id"), NULL);
  g_assert_cmpstr (test_json_text (pdf, "name"), ==, "two-pages.pdf");
  g_assert_cmpstr (test_json_text (pdf, "media_type"), ==, "application/pdf");
  g_assert_cmpint (test_json_int (pdf, "pages"), ==, 2);
  g_assert_true (test_json_bool (pdf, "here"));
  g_assert_cmpstr (test_json_text (pdf, "state"), ==, "open");
  g_assert_cmpint (test_json_int (pdf, "approval.still_needed"), ==, 1);
}

static void
test_versions (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *next = media ("flag.png");
  g_autoptr (JsonNode)
      added = test_ctl (desk->folder, "item", "add-version", desk->item, next, NULL);
  g_autoptr (JsonNode) item = test_ctl (desk->folder, "item", "show", desk->item, NULL);

  g_assert_cmpuint (test_json_length (item, "versions"), ==, 2);
  g_assert_cmpint (test_json_int (item, "version"), ==, 2);
  g_assert_cmpstr (test_json_text (item, "versions.1.id"), ==, test_json_text (added, "version"));
  g_assert_cmpstr (test_json_text (item, "media_type"), ==, "image/png");

  test_ctl_fails (1, desk->folder, "item", "add-version", NOBODY, next, NULL);
  test_ctl_fails (1, desk->folder, "item", "show", desk->project, NULL);
  test_ctl_fails (1, desk->folder, "item", "show", "me", NULL);
}

static void
test_item_filters (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *flag = media ("flag.png");
  g_autoptr (JsonNode) other = test_ctl (desk->folder, "item", "import", desk->project, flag, NULL);
  g_autoptr (JsonNode) by_tag = NULL, by_state = NULL, first = NULL;

  test_ctl_do (desk->folder, "field", "set", desk->item, "tags", "[\"cover\"]", NULL);
  test_ctl_do (desk->folder, "decision", "set", desk->item, "approve", NULL);
  by_tag = test_ctl (desk->folder, "item", "list", "--tag", "cover", NULL);
  by_state = test_ctl (desk->folder, "item", "list", desk->project, "--state", "open", NULL);
  first = test_ctl (desk->folder, "item", "list", "--limit", "1", NULL);

  g_assert_cmpuint (test_json_length (by_tag, ""), ==, 1);
  g_assert_cmpstr (test_json_text (by_tag, "0.id"), ==, desk->item);
  g_assert_cmpuint (test_json_length (by_state, ""), ==, 1);
  g_assert_cmpstr (test_json_text (by_state, "0.id"), ==, test_json_text (other, "items.0.id"));
  g_assert_cmpuint (test_json_length (first, ""), ==, 1);
}

/* ── annotation and comment ── */

static void
test_shapes (void)
{
  static const struct
  {
    const char *shape, *points, *expected;
  } shapes[] = {
    { "pin", "3,4", "3,4" },
    { "rect", "30,40 10,20", "10,20 30,40" },
    { "ellipse", "1,1 2,2", "1,1 2,2" },
    { "line", "5,5 1,1", "5,5 1,1" },
    { "arrow", "1,1 2.5,2", "1,1 2.5,2" },
    { "polygon", "0,0 9,0 4,7", "0,0 9,0 4,7" },
    { "path", "1,1 2,3 3,1 4,3", "1,1 2,3 3,1 4,3" },
    { "highlight", "1,1 20,3", "1,1 20,3" },
    { "text", "-4,5 30,9", "-4,5 30,9" },
  };
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) list = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autoptr (JsonNode)
          made = test_ctl (desk->folder, "annotation", "add", desk->item, "--shape",
                           shapes[i].shape, "--points", shapes[i].points, NULL);
      g_autoptr (JsonNode)
          shown = test_ctl (desk->folder, "annotation", "show", test_json_text (made, "id"), NULL);

      g_assert_cmpstr (test_json_text (shown, "shape"), ==, shapes[i].shape);
      g_assert_cmpstr (test_json_text (shown, "points"), ==, shapes[i].expected);
    }

  list = test_ctl (desk->folder, "annotation", "list", desk->item, NULL);
  g_assert_cmpuint (test_json_length (list, ""), ==, G_N_ELEMENTS (shapes));
}

static void
test_annotation (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) made = test_ctl (desk->folder, "annotation", "add", desk->item, "--shape",
                                        "rect", "--points", "1,1 5,5", "--body", "The blue is off",
                                        "--color", "#12AB9f", "--width", "2.5", "--tag", "colour",
                                        "--tag", "print", "--page", "1", "--blocking", NULL);
  const char *id = test_json_text (made, "id");
  g_autoptr (JsonNode)
      said = test_ctl (desk->folder, "comment", "add", id, "--body", "It is not", NULL);
  g_autoptr (JsonNode) shown = test_ctl (desk->folder, "annotation", "show", id, NULL);

  g_assert_cmpstr (test_json_text (shown, "body"), ==, "The blue is off");
  g_assert_cmpstr (test_json_text (shown, "status"), ==, "open");
  g_assert_true (test_json_bool (shown, "blocking"));
  g_assert_cmpuint (test_json_length (shown, "tags"), ==, 2);
  g_assert_cmpstr (test_json_text (shown, "comments.0.id"), ==, test_json_text (said, "id"));
  g_assert_cmpstr (test_json_text (shown, "comments.0.body"), ==, "It is not");
  g_assert_cmpstr (test_json_text (shown, "author_name"), ==, "ana");
  g_assert_cmpstr (test_json_text (shown, "fields.body.state"), ==, "settled");
  g_assert_cmpstr (test_json_text (shown, "fields.body.value"), ==, "The blue is off");
  g_assert_cmpstr (test_json_text (shown, "fields.body.heads.0.change"), ==,
                   test_json_text (made, "change"));
  g_assert_cmpstr (test_json_text (shown, "fields.body.heads.0.person_name"), ==, "ana");
}

static void
test_annotation_refused (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  const char *folder = desk->folder, *item = desk->item;
  g_autoptr (JsonNode) list = NULL;

#define ADD(status, ...)                                                                           \
  test_ctl_fails (status, folder, "annotation", "add", item, __VA_ARGS__, NULL)
  ADD (2, "--points", "1,2");
  ADD (2, "--shape", "pin");
  ADD (1, "--shape", "cloud", "--points", "1,2");
  ADD (1, "--shape", "pin", "--points", "1,2 3,4");
  ADD (1, "--shape", "rect", "--points", "1,2");
  ADD (1, "--shape", "pin", "--points", "here");
  ADD (1, "--shape", "pin", "--points", "nan,1");
  ADD (1, "--shape", "pin", "--points", "1e8,1");
  ADD (1, "--shape", "pin", "--points", "1,2", "--color", "red");
  ADD (1, "--shape", "pin", "--points", "1,2", "--page", "7");
  ADD (2, "--shape", "pin", "--points", "1,2", "--page", "one");
  ADD (2, "--shape", "pin", "--points", "1,2", "--width", "thick");
#undef ADD
  test_ctl_fails (1, folder, "annotation", "add", NOBODY, "--shape", "pin", "--points", "1,2",
                  NULL);
  test_ctl_fails (1, folder, "annotation", "add", desk->project, "--shape", "pin", "--points",
                  "1,2", NULL);
  test_ctl_fails (1, folder, "comment", "add", item, "--body", "no", NULL);

  list = test_ctl (folder, "annotation", "list", item, NULL);
  g_assert_cmpuint (test_json_length (list, ""), ==, 0);
}

/* ── decision ── */

static void
test_decision (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) made = test_ctl (desk->folder, "decision", "set", desk->item,
                                        "request-changes", "--note", "The logo is too small", NULL);
  g_autoptr (JsonNode) item = test_ctl (desk->folder, "item", "show", desk->item, NULL);
  g_autoptr (JsonNode)
      verified = test_ctl (desk->folder, "decision", "verify", test_json_text (made, "id"), NULL);
  g_autoptr (JsonNode) again = NULL, after = NULL;

  g_assert_cmpstr (test_json_text (item, "state"), ==, "changes-requested");
  g_assert_cmpstr (test_json_text (item, "decisions.0.verdict"), ==, "request-changes");
  g_assert_cmpstr (test_json_text (item, "decisions.0.note"), ==, "The logo is too small");
  g_assert_true (test_json_bool (item, "decisions.0.counts"));
  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_true (test_json_bool (verified, "heads.0.signature_valid"));
  g_assert_true (test_json_bool (verified, "heads.0.version_matches"));

  again = test_ctl (desk->folder, "decision", "set", desk->item, "approve", NULL);
  after = test_ctl (desk->folder, "item", "show", desk->item, NULL);
  g_assert_cmpstr (test_json_text (again, "id"), ==, test_json_text (made, "id"));
  g_assert_cmpuint (test_json_length (after, "decisions"), ==, 1);
  g_assert_cmpstr (test_json_text (after, "state"), ==, "approved");
  g_assert_cmpint (test_json_int (after, "approval.still_needed"), ==, 0);

  test_ctl_fails (2, desk->folder, "decision", "set", desk->item, "maybe", NULL);
  test_ctl_fails (1, desk->folder, "decision", "verify", desk->item, NULL);
}

static void
test_decision_about_other_bytes (void)
{
  g_test_summary ("A file that was changed on the disk is not what was decided on.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode)
      made = test_ctl (desk->folder, "decision", "set", desk->item, "approve", NULL);
  g_autoptr (JsonNode) item = test_ctl (desk->folder, "item", "show", desk->item, NULL);
  const char *hash = test_json_text (item, "file");
  g_autofree char *part = g_strndup (hash, 2);
  g_autofree char *path = g_build_filename (desk->folder, "files", part, hash, NULL);
  g_autoptr (TestRun) run = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_assert_true (g_file_replace_contents (file, "other", 5, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                          NULL, NULL));
  run = test_ctl_run (desk->folder, NULL, "decision", "verify", test_json_text (made, "id"), NULL);
  g_assert_cmpint (run->status, ==, 1);
  g_assert_false (test_json_bool (run->json, "valid"));
  g_assert_false (test_json_bool (run->json, "heads.0.file_intact"));
  g_assert_true (test_json_bool (run->json, "heads.0.signature_valid"));
}

/* ── field, entity, undo ── */

static void
set (TestDesk *desk, const char *entity, const char *field, const char *value)
{
  g_autoptr (JsonNode) made = test_ctl (desk->folder, "field", "set", entity, field, value, NULL);

  test_json_has (made, "id", "change", NULL);
}

static char *
get (TestDesk *desk, const char *entity, const char *field)
{
  g_autoptr (JsonNode) got = test_ctl (desk->folder, "field", "get", entity, field, NULL);

  g_assert_cmpstr (test_json_text (got, "field"), ==, field);
  return json_to_string (test_json_at (got, "value"), FALSE);
}

static void
assert_field (TestDesk *desk, const char *entity, const char *field, const char *expected)
{
  g_autofree char *value = get (desk, entity, field);

  g_assert_cmpstr (value, ==, expected);
}

static void
test_fields (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autoptr (JsonNode) element = NULL, all = NULL;

  set (desk, pin, "body", "null");
  assert_field (desk, pin, "body", "\"null\"");
  set (desk, pin, "place", "[10, 20.5]");
  assert_field (desk, pin, "place", "[10.0,20.5]");
  set (desk, pin, "blocking", "true");
  assert_field (desk, pin, "blocking", "true");
  set (desk, pin, "blocking", "null");
  assert_field (desk, pin, "blocking", "null");
  set (desk, desk->item, "due", "-5");
  assert_field (desk, desk->item, "due", "-5");
  set (desk, desk->item, "tags", "[\"a\",\"b\"]");
  set (desk, desk->item, "tags", "[\"b\",\"c\"]");
  assert_field (desk, desk->item, "tags", "[\"b\",\"c\"]");
  element = test_ctl (desk->folder, "field", "set", desk->item, "tags", "false", "--element", "b",
                      NULL);
  assert_field (desk, desk->item, "tags", "[\"c\"]");
  set (desk, desk->project, "approval", "[3,\"lead\"]");
  assert_field (desk, desk->project, "approval", "[3,\"lead\"]");

  all = test_ctl (desk->folder, "field", "get", pin, NULL);
  g_assert_cmpstr (test_json_text (all, "kind"), ==, "annotation");
  test_json_has (all, "fields.body.state", "fields.body.rule", "fields.body.heads", NULL);
}

static void
test_fields_refused (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autofree char *deep = g_strnfill (20000, '[');
  g_autoptr (JsonNode)
      decided = test_ctl (desk->folder, "decision", "set", desk->item, "approve", NULL);

#define SET(status, ...) test_ctl_fails (status, desk->folder, "field", "set", __VA_ARGS__, NULL)
  SET (1, pin, "taste", "salty");
  SET (1, pin, "place", "[1]");
  SET (1, pin, "place", "[1,2,3]");
  SET (1, pin, "place", "true");
  SET (2, pin, "place", "[1,");
  SET (2, pin, "place", deep);
  SET (1, pin, "status", "lost");
  SET (1, pin, "color", "blue");
  SET (1, pin, "tags", "true");
  SET (1, pin, "tags", "[1]");
  SET (1, pin, "body", "x", "--element", "y");
  SET (1, pin, "alive", "false");
  SET (1, pin, "parent", "\"" NOBODY "\"");
  SET (1, NOBODY, "body", "x");
  SET (1, test_json_text (decided, "id"), "verdict", "[]");
#undef SET
  test_ctl_fails (1, desk->folder, "field", "get", pin, "taste", NULL);
  assert_field (desk, pin, "body", "\"Here\"");
}

static void
test_delete_and_restore (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autoptr (JsonNode) without = NULL, with = NULL;

  test_ctl_do (desk->folder, "entity", "delete", pin, NULL);
  without = test_ctl (desk->folder, "annotation", "list", desk->item, NULL);
  g_assert_cmpuint (test_json_length (without, ""), ==, 0);
  test_ctl_fails (1, desk->folder, "field", "set", pin, "body", "x", NULL);
  test_ctl_fails (1, desk->folder, "comment", "add", pin, "--body", "x", NULL);
  test_ctl_fails (1, desk->folder, "entity", "delete", pin, NULL);

  test_ctl_do (desk->folder, "entity", "restore", pin, NULL);
  with = test_ctl (desk->folder, "annotation", "list", desk->item, NULL);
  g_assert_cmpuint (test_json_length (with, ""), ==, 1);
  g_assert_cmpstr (test_json_text (with, "0.body"), ==, "Here");
  test_ctl_fails (1, desk->folder, "entity", "restore", pin, NULL);
}

static void
test_undo (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "One");
  g_autoptr (JsonNode) undone = NULL, redone = NULL;

  set (desk, pin, "body", "Two");
  undone = test_ctl (desk->folder, "undo", NULL);
  g_assert_cmpstr (test_json_text (undone, "undone"), ==, "set field");
  assert_field (desk, pin, "body", "\"One\"");
  redone = test_ctl (desk->folder, "redo", "--project", "Spring", NULL);
  g_assert_cmpstr (test_json_text (redone, "redone"), ==, "set field");
  assert_field (desk, pin, "body", "\"Two\"");
  test_ctl_fails (1, desk->folder, "redo", NULL);
}

static void
test_search (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "The colour of the sky");
  g_autoptr (JsonNode) found = test_ctl (desk->folder, "search", "colour sky", NULL);
  g_autoptr (JsonNode) nothing = test_ctl (desk->folder, "search", "submarine", NULL);
  g_autoptr (JsonNode) one = test_ctl (desk->folder, "search", "--limit", "1", "--", "-flag", NULL);

  /* What would be operators are words like others. */
  test_ctl_do (desk->folder, "search", "\"NEAR( * OR AND", NULL);
  g_assert_cmpuint (test_json_length (found, ""), ==, 1);
  g_assert_cmpstr (test_json_text (found, "0.id"), ==, pin);
  g_assert_cmpstr (test_json_text (found, "0.item"), ==, desk->item);
  test_json_has (found, "0.kind", "0.snippet", "0.item_name", NULL);
  g_assert_cmpuint (test_json_length (nothing, ""), ==, 0);
  g_assert_cmpuint (test_json_length (one, ""), ==, 1);
}

/* ── journal, replay, jobs ── */

static void
test_journal (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "One"), *short_hash = NULL;
  g_autoptr (JsonNode) all = NULL, some = NULL, one = NULL, by_hash = NULL, verified = NULL;
  g_autoptr (JsonNode) other = NULL, in_other = NULL;
  const char *change;

  set (desk, pin, "body", "Two");
  all = test_ctl (desk->folder, "journal", "list", NULL);
  g_assert_cmpuint (test_json_length (all, ""), ==, 4);
  test_json_has (all, "0.change", "0.hash", "0.person", "0.person_name", "0.time", "0.intent",
                 "0.position", "0.edits", NULL);
  g_assert_cmpstr (test_json_text (all, "0.edits.0.value"), ==, "Two");
  g_assert_cmpstr (test_json_text (all, "0.edits.0.supersedes.0"), ==,
                   test_json_text (all, "1.change"));

  some = test_ctl (desk->folder, "journal", "list", "--entity", pin, "--limit", "1", NULL);
  g_assert_cmpuint (test_json_length (some, ""), ==, 1);
  change = test_json_text (some, "0.change");
  one = test_ctl (desk->folder, "journal", "show", change, NULL);
  g_assert_cmpstr (test_json_text (one, "change"), ==, change);
  short_hash = g_strndup (test_json_text (one, "hash"), 10);
  by_hash = test_ctl (desk->folder, "journal", "show", short_hash, NULL);
  g_assert_cmpstr (test_json_text (by_hash, "change"), ==, change);

  verified = test_ctl (desk->folder, "journal", "verify", "Spring", NULL);
  g_assert_true (test_json_bool (verified, "valid"));
  g_assert_cmpint (test_json_int (verified, "changes"), ==, 4);

  /* Numbers begin anew in each project. */
  other = test_ctl (desk->folder, "project", "create", "Autumn", NULL);
  test_ctl_fails (2, desk->folder, "journal", "show", test_json_text (other, "change"), NULL);
  in_other = test_ctl (desk->folder, "journal", "show", test_json_text (other, "change"),
                       "--project", "Autumn", NULL);
  g_assert_cmpstr (test_json_text (in_other, "project"), ==, test_json_text (other, "id"));

  test_ctl_fails (1, desk->folder, "journal", "show", "no-such-change", NULL);
  test_ctl_fails (2, desk->folder, "journal", "list", "--since", "monday", NULL);
}

static void
test_replay (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) before = test_ctl (desk->folder, "project", "digest", "Spring", NULL);
  g_autoptr (JsonNode) dry = test_ctl (desk->folder, "replay", "--dry-run", NULL);
  g_autoptr (JsonNode) done = test_ctl (desk->folder, "replay", "Spring", NULL);
  g_autoptr (JsonNode) after = test_ctl (desk->folder, "project", "digest", "Spring", NULL);

  g_assert_true (test_json_bool (dry, "dry_run"));
  g_assert_true (test_json_bool (dry, "equal"));
  g_assert_null (test_json_text (dry, "difference"));
  g_assert_cmpint (test_json_int (dry, "changes"), ==, 2);
  g_assert_cmpint (test_json_int (done, "changes"), ==, 2);
  g_assert_cmpstr (test_json_text (before, "digest"), ==, test_json_text (after, "digest"));
}

static void
test_replay_of_one (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) one = NULL, dry = NULL, all = NULL;

  test_ctl_do (desk->folder, "project", "create", "Autumn", NULL);
  one = test_ctl (desk->folder, "replay", "Autumn", NULL);
  dry = test_ctl (desk->folder, "replay", "Autumn", "--dry-run", NULL);
  all = test_ctl (desk->folder, "replay", "--dry-run", NULL);
  g_assert_cmpint (test_json_int (one, "changes"), ==, 1);
  g_assert_cmpint (test_json_int (dry, "changes"), ==, 1);
  g_assert_true (test_json_bool (dry, "equal"));
  g_assert_cmpint (test_json_int (all, "changes"), ==, 3);
  g_assert_true (test_json_bool (all, "equal"));
  test_ctl_fails (1, desk->folder, "replay", "Winter", NULL);
}

/* From the present value back to the first, of packed changes as of others. */
static void
test_explain (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "One");
  g_autoptr (JsonNode) body = NULL, packed = NULL, unset = NULL, tags = NULL, urgent = NULL;

  set (desk, pin, "body", "Two");
  set (desk, pin, "color", "#aa0000");
  set (desk, pin, "body", "Three");
  body = test_ctl (desk->folder, "explain", pin, "body", NULL);
  test_json_has (body, "id", "field", "value", "state", "heads", "why", "history.0.change",
                 "history.0.person", "history.0.device", "history.0.time", "history.0.position",
                 "history.0.intent", NULL);
  g_assert_cmpuint (test_json_length (body, "history"), ==, 3);
  g_assert_cmpstr (test_json_text (body, "history.0.value"), ==, "Three");
  g_assert_cmpstr (test_json_text (body, "history.1.value"), ==, "Two");
  g_assert_cmpstr (test_json_text (body, "history.2.value"), ==, "One");
  g_assert_cmpstr (test_json_text (body, "history.0.replaced.0"), ==,
                   test_json_text (body, "history.1.change"));
  g_assert_true (test_json_bool (body, "history.0.stands"));
  g_assert_false (test_json_bool (body, "history.1.stands"));

  test_ctl_do (desk->folder, "compact", "--keep", "0", NULL);
  packed = test_ctl (desk->folder, "explain", pin, "body", NULL);
  g_assert_cmpuint (test_json_length (packed, "history"), ==, 3);

  unset = test_ctl (desk->folder, "explain", desk->item, "due", NULL);
  g_assert_cmpstr (test_json_text (unset, "why"), ==, "Nobody has set it.");
  g_assert_cmpuint (test_json_length (unset, "history"), ==, 0);

  test_ctl_do (desk->folder, "field", "set", desk->item, "tags", "true", "--element", "urgent",
               NULL);
  test_ctl_do (desk->folder, "field", "set", desk->item, "tags", "true", "--element", "print",
               NULL);
  tags = test_ctl (desk->folder, "explain", desk->item, "tags", NULL);
  g_assert_cmpuint (test_json_length (tags, "history"), ==, 2);
  urgent = test_ctl (desk->folder, "explain", desk->item, "tags", "--element", "urgent", NULL);
  g_assert_cmpuint (test_json_length (urgent, "history"), ==, 1);
  g_assert_cmpstr (test_json_text (urgent, "history.0.element"), ==, "urgent");

  test_ctl_fails (1, desk->folder, "explain", pin, "nonsense", NULL);
  test_ctl_fails (2, desk->folder, "explain", pin, NULL);
}

/* The whole journal as a table, an item as it was, and what one person did. */
static void
test_audit (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "One");
  g_autofree char *file = g_build_filename (desk->folder, "audit.csv", NULL);
  g_autofree char *csv = NULL;
  g_autoptr (JsonNode) body = NULL, of_note = NULL, of_project = NULL, past = NULL, none = NULL,
                       person = NULL;
  const char *then;

  set (desk, pin, "body", "Two");
  body = test_ctl (desk->folder, "explain", pin, "body", NULL);
  test_json_has (body, "history.0.before.0.value", NULL);
  g_assert_cmpstr (test_json_text (body, "history.0.before.0.value"), ==, "One");
  g_assert_cmpuint (test_json_length (body, "history.1.before"), ==, 0);

  of_note = test_ctl (desk->folder, "journal", "export", pin, file, "--field", "body", NULL);
  g_assert_cmpint (test_json_int (of_note, "changes"), ==, 2);
  g_assert_cmpint (test_json_int (of_note, "fields"), ==, 2);
  g_assert_true (test_json_bool (of_note, "whole"));
  g_assert_true (g_file_get_contents (file, &csv, NULL, NULL));
  g_assert_nonnull (strstr (csv, "\"One\",\"Two\",\"yes\""));

  of_project = test_ctl (desk->folder, "journal", "export", "Spring", file, NULL);
  g_assert_cmpint (test_json_int (of_project, "changes"), ==, 4);

  then = test_json_text (body, "history.1.time");
  past = test_ctl (desk->folder, "item", "past", desk->item, then, NULL);
  g_assert_true (test_json_bool (past, "whole"));
  g_assert_cmpstr (test_json_text (past, "things.2.fields.body.value"), ==, "One");
  none = test_ctl (desk->folder, "item", "past", desk->item, "2001-01-01T00:00:00Z", NULL);
  g_assert_cmpuint (test_json_length (none, "things"), ==, 0);

  person = test_ctl (desk->folder, "journal", "list", "--person",
                     test_json_text (body, "history.0.person"), NULL);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (person)), ==, 4);
  test_ctl_fails (2, desk->folder, "item", "past", desk->item, "yesterday", NULL);
  test_ctl_fails (1, desk->folder, "journal", "list", "--person", "Nobody", NULL);
  test_ctl_fails (1, desk->folder, "journal", "export", pin, file, "--field", "nonsense", NULL);
}

static void
test_rules (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) shadow = NULL, before = NULL, switched = NULL, after = NULL, undone = NULL;

  shadow = test_ctl (desk->folder, "replay", "Spring", "--shadow", NULL);
  test_json_has (shadow, "rules", "changes", "differences", "settled", "opened", "values",
                 "items_differ", "things", "searched", "fields", "items", NULL);
  g_assert_cmpint (test_json_int (shadow, "rules"), ==, 2);
  g_assert_cmpint (test_json_int (shadow, "changes"), ==, 2);
  g_assert_cmpint (test_json_int (shadow, "differences"), ==, 0);

  before = test_ctl (desk->folder, "project", "rules", "Spring", NULL);
  g_assert_cmpint (test_json_int (before, "rules"), ==, 1);
  g_assert_cmpuint (test_json_length (before, "sets"), ==, 3);
  switched = test_ctl (desk->folder, "project", "rules", "Spring", "2", NULL);
  g_assert_cmpint (test_json_int (switched, "rules"), ==, 2);
  after = test_ctl (desk->folder, "project", "rules", "Spring", NULL);
  g_assert_cmpint (test_json_int (after, "rules"), ==, 2);
  test_ctl_do (desk->folder, "undo", NULL);
  undone = test_ctl (desk->folder, "project", "rules", "Spring", NULL);
  g_assert_cmpint (test_json_int (undone, "rules"), ==, 1);

  test_ctl_fails (2, desk->folder, "project", "rules", "Spring", "4", NULL);
  test_ctl_fails (2, desk->folder, "project", "rules", "Spring", "new", NULL);
  test_ctl_fails (2, desk->folder, "replay", "--shadow", "--rules", "4", NULL);
  test_ctl_fails (2, desk->folder, "replay", "--rules", "2", NULL);
  test_ctl_fails (2, desk->folder, "replay", "--shadow", "--dry-run", NULL);
  test_ctl_fails (1, desk->folder, "replay", "Winter", "--shadow", NULL);
}

/* The page on which the items stand, found by what is on it. */
static void
damage_items (const char *path)
{
  g_autofree char *data = NULL;
  gsize bytes;
  guint n_damaged = 0;

  g_assert_true (g_file_get_contents (path, &data, &bytes, NULL));
  for (gsize page = 4096; page + 4096 <= bytes; page += 4096)
    if (memmem (data + page, 4096, "flag.jpgopen", 12) != NULL)
      {
        memset (data + page, 'x', 4096);
        n_damaged++;
      }
  g_assert_cmpuint (n_damaged, ==, 1);
  g_assert_true (g_file_set_contents (path, data, bytes, NULL));
}

/* Said field by field, tried before, and seen in what settles. */
static void
test_policy (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) none = NULL, tried = NULL, said = NULL, shown = NULL, back = NULL,
                       shadow = NULL;

  none = test_ctl (desk->folder, "project", "policy", "Spring", NULL);
  g_assert_false (test_json_bool (none, "in_force"));
  g_assert_cmpuint (test_json_length (none, "policies"), ==, 0);
  tried = test_ctl (desk->folder, "project", "policy", "Spring", "item.due", "careful", "--try",
                    NULL);
  g_assert_cmpint (test_json_int (tried, "conflicts"), ==, 0);
  said = test_ctl (desk->folder, "project", "policy", "Spring", "item.due", "careful", NULL);
  g_assert_true (test_json_bool (said, "in_force"));
  shown = test_ctl (desk->folder, "project", "policy", "Spring", NULL);
  g_assert_true (test_json_bool (shown, "in_force"));
  g_assert_cmpstr (test_json_text (shown, "policies.0.field"), ==, "item.due");
  g_assert_cmpstr (test_json_text (shown, "policies.0.policy"), ==, "careful");
  test_ctl_do (desk->folder, "undo", NULL);
  back = test_ctl (desk->folder, "project", "policy", "Spring", NULL);
  g_assert_false (test_json_bool (back, "in_force"));
  shadow = test_ctl (desk->folder, "replay", "Spring", "--shadow", "--policy",
                     "annotation.color=author", NULL);
  g_assert_cmpint (test_json_int (shadow, "rules"), ==, 3);

  test_ctl_fails (2, desk->folder, "project", "policy", "Spring", "item.tags", "author", NULL);
  test_ctl_fails (2, desk->folder, "project", "policy", "Spring", "annotation.color", "careful",
                  NULL);
  test_ctl_fails (2, desk->folder, "project", "policy", "Spring", "annotation.color", NULL);
  test_ctl_fails (2, desk->folder, "project", "policy", "Spring", "annotation.color", "newest",
                  NULL);
  test_ctl_fails (2, desk->folder, "replay", "Spring", "--policy", "annotation.color=author", NULL);
}

static void
test_replay_of_damaged (void)
{
  g_test_summary ("What is derived is damaged: replay brings it back, and keeps the damaged file.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *path = g_build_filename (desk->folder, "galley.db", NULL);
  g_autoptr (JsonNode) before = test_ctl (desk->folder, "project", "digest", "Spring", NULL);
  g_autoptr (JsonNode) done = NULL, after = NULL, items = NULL;

  damage_items (path);
  test_ctl_fails (1, desk->folder, "item", "list", NULL);
  done = test_ctl (desk->folder, "replay", NULL);
  g_assert_cmpint (test_json_int (done, "changes"), ==, 2);
  g_assert_true (g_file_test (test_json_text (done, "kept"), G_FILE_TEST_EXISTS));
  items = test_ctl (desk->folder, "item", "list", NULL);
  g_assert_cmpuint (test_json_length (items, ""), ==, 1);
  after = test_ctl (desk->folder, "project", "digest", "Spring", NULL);
  g_assert_cmpstr (test_json_text (before, "digest"), ==, test_json_text (after, "digest"));
}

static void
test_lost_workspace (void)
{
  g_test_summary ("An empty database beside a key is a loss, and nothing starts over.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *path = g_build_filename (desk->folder, "galley.db", NULL);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  test_ctl_fails (1, desk->folder, "workspace", "status", NULL);
  test_ctl_fails (1, desk->folder, "replay", NULL);
  test_ctl_fails (1, desk->folder, "workspace", "init", NULL);
  g_assert_cmpint (g_unlink (path), ==, 0);
  test_ctl_fails (1, desk->folder, "workspace", "status", NULL);
  test_ctl_fails (1, desk->folder, "workspace", "init", NULL);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_alone (void)
{
  g_test_summary ("Without a server everything but syncing works, and says so.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) jobs = test_ctl (desk->folder, "job", "list", NULL);
  g_autoptr (JsonNode) conflicts = test_ctl (desk->folder, "conflict", "list", NULL);
  g_autoptr (JsonNode) refused = test_ctl (desk->folder, "quarantine", "list", NULL);
  g_autoptr (JsonNode) shown = test_ctl (desk->folder, "conflict", "show", desk->item, NULL);
  g_autoptr (TestRun) synced = test_ctl_run (desk->folder, NULL, "sync", "once", NULL);
  g_autoptr (JsonNode) paused = NULL, resumed = NULL;

  test_ctl_do (desk->folder, "sync", "pause", NULL);
  paused = test_ctl (desk->folder, "workspace", "status", NULL);
  test_ctl_do (desk->folder, "sync", "resume", NULL);
  resumed = test_ctl (desk->folder, "workspace", "status", NULL);
  g_assert_true (test_json_bool (paused, "paused"));
  g_assert_false (test_json_bool (resumed, "paused"));

  g_assert_cmpuint (test_json_length (jobs, ""), ==, 0);
  g_assert_cmpuint (test_json_length (conflicts, ""), ==, 0);
  g_assert_cmpuint (test_json_length (refused, ""), ==, 0);
  g_assert_cmpuint (test_json_length (shown, "fields"), ==, 0);
  g_assert_cmpint (synced->status, ==, 1);
  g_assert_cmpint (test_json_int (synced->json, "unsent"), ==, 2);

  test_ctl_fails (1, desk->folder, "job", "show", "7", NULL);
  test_ctl_fails (1, desk->folder, "job", "cancel", "seven", NULL);
  test_ctl_fails (1, desk->folder, "conflict", "resolve", desk->item, "--take", "mine", NULL);
  test_ctl_fails (1, desk->folder, "conflict", "resolve", desk->item, "--field", "name", "--value",
                  "x", NULL);
}

static void
test_no_server_there (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (JsonNode) status = NULL;

  /* Port 1 is nobody's. */
  test_ctl_fails (4, desk->folder, "workspace", "connect", "http://127.0.0.1:1", "--invite", "abc",
                  NULL);
  test_ctl_fails (1, desk->folder, "workspace", "connect", "gopher://there", "--invite", "abc",
                  NULL);
  status = test_ctl (desk->folder, "workspace", "status", NULL);
  g_assert_false (test_json_bool (status, "connected"));
}

/* ── batch ── */

static JsonNode *
answer_of (TestRun *run, guint number)
{
  g_auto (GStrv) lines = g_strsplit (run->out, "\n", -1);
  JsonNode *node;

  g_assert_cmpuint (g_strv_length (lines), >, number);
  node = json_from_string (lines[number], NULL);
  g_assert_nonnull (node);
  return node;
}

static TestRun *run_batch (TestDesk *desk, const char *format, ...) G_GNUC_PRINTF (2, 3);

static TestRun *
run_batch (TestDesk *desk, const char *format, ...)
{
  g_autofree char *input = NULL;
  va_list arguments;

  va_start (arguments, format);
  input = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return test_ctl_run (desk->folder, input, "batch", NULL);
}

static void
test_batch (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autoptr (TestRun) run =
      run_batch (desk,
                 "{\"do\":\"annotation.add\",\"item\":\"%s\",\"shape\":\"pin\",\"points\":\"1,2\","
                 "\"body\":\"b\",\"page\":1,\"tag\":[\"x\",\"y\"],\"blocking\":true}\n"
                 "\n"
                 "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"place\",\"value\":[7,8]}\r\n"
                 "{\"do\":\"comment.add\",\"annotation\":\"%s\",\"body\":\"Yes\"}\n"
                 "{\"do\":\"project.create\",\"name\":\"Autumn\"}\n"
                 "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"tags\",\"value\":[\"p\"]}",
                 desk->item, pin, pin, pin);
  g_autoptr (JsonNode) first = answer_of (run, 0), second = answer_of (run, 1);
  g_autoptr (JsonNode) added = NULL;

  g_assert_cmpint (run->status, ==, 0);
  g_assert_cmpstr (run->err, ==, "");
  g_assert_cmpint (test_json_int (first, "line"), ==, 1);
  g_assert_cmpint (test_json_int (second, "line"), ==, 3);
  test_json_has (first, "id", "change", "ms", NULL);
  g_assert_cmpstr (test_json_text (second, "id"), ==, pin);
  assert_field (desk, pin, "place", "[7.0,8.0]");
  assert_field (desk, pin, "tags", "[\"p\"]");
  added = test_ctl (desk->folder, "annotation", "show", test_json_text (first, "id"), NULL);
  g_assert_cmpuint (test_json_length (added, "tags"), ==, 2);
}

static void
test_batch_bad_lines (void)
{
  g_test_summary ("A bad line is answered with what is wrong; those around it are done.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autofree char *deep = g_strnfill (100000, '[');
  /* A sentence quotes so much of it as ends within its last letter. */
  g_autofree char *cut = g_strnfill (58, 'x');
  g_autoptr (TestRun) run = run_batch (
      desk,
      "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"status\",\"value\":\"resolved\"}\n"
      "not json\n"
      "[1,2]\n"
      "{}\n"
      "{\"do\":\"dance\"}\n"
      "{\"do\":\"comment.add\",\"annotation\":\"%s\",\"body\":\"x\",\"boddy\":\"y\"}\n"
      "{\"do\":\"comment.add\",\"annotation\":\"" NOBODY "\",\"body\":\"x\"}\n"
      "{\"do\":\"comment.add\",\"annotation\":7,\"body\":\"x\"}\n"
      "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"status\",\"value\":\"lost\"}\n"
      "{\"do\":\"together\",\"edits\":[]}\n"
      "{\"do\":\"together\",\"edits\":[{\"do\":\"together\",\"edits\":[]}]}\n"
      "{\"a\":%s\n"
      "\xff\xfe\n"
      "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"place\",\"value\":\"%s\303\251\"}\n"
      "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"body\",\"value\":\"There\"}\n",
      pin, pin, pin, deep, pin, cut, pin);
  guint n_lines = 15;

  g_assert_cmpint (run->status, ==, 1);
  g_assert_cmpuint (strlen (run->err), >, 10);
  for (guint i = 0; i < n_lines; i++)
    {
      g_autoptr (JsonNode) answer = answer_of (run, i);
      gboolean good = i == 0 || i == n_lines - 1;

      g_assert_cmpint (test_json_int (answer, "line"), ==, i + 1);
      g_assert_true ((test_json_at (answer, "error") == NULL) == good);
    }
  assert_field (desk, pin, "status", "\"resolved\"");
  assert_field (desk, pin, "body", "\"There\"");
}

static void
test_batch_long_line (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autofree char *padding = g_strnfill (3 * 1024 * 1024, ' ');
  g_autoptr (TestRun) run = run_batch (desk,
                                       "{%s}\n{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":"
                                       "\"body\",\"value\":\"x\"}\n",
                                       padding, pin);
  g_autoptr (JsonNode) first = answer_of (run, 0), second = answer_of (run, 1);

  g_assert_cmpint (run->status, ==, 1);
  test_json_has (first, "error", NULL);
  g_assert_cmpint (test_json_int (second, "line"), ==, 2);
  test_json_has (second, "change", NULL);
}

static void
test_batch_together (void)
{
  g_test_summary ("What goes together is one change: all of it, or nothing.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autoptr (TestRun) run = run_batch (
      desk,
      "{\"do\":\"together\",\"edits\":["
      "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"status\",\"value\":\"resolved\"},"
      "{\"do\":\"comment.add\",\"annotation\":\"%s\",\"body\":\"Done\"}]}\n"
      "{\"do\":\"together\",\"edits\":["
      "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"body\",\"value\":\"Lost\"},"
      "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"color\",\"value\":\"blue\"}]}\n",
      pin, pin, pin, pin);
  g_autoptr (JsonNode) first = answer_of (run, 0), second = answer_of (run, 1);
  g_autoptr (JsonNode) change = NULL;

  g_assert_cmpint (run->status, ==, 1);
  g_assert_cmpuint (test_json_length (first, "ids"), ==, 2);
  test_json_has (second, "error", NULL);
  change = test_ctl (desk->folder, "journal", "show", test_json_text (first, "change"), NULL);
  g_assert_cmpuint (test_json_length (change, "edits"), >, 2);
  assert_field (desk, pin, "status", "\"resolved\"");
  assert_field (desk, pin, "body", "\"Here\"");
}

static void
test_batch_in_order (void)
{
  g_test_summary ("Many edits of one thing come out as if they had been made one by one.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Here");
  g_autoptr (GString) input = g_string_new (NULL);
  g_autoptr (TestRun) run = NULL;
  g_autoptr (JsonNode) conflicts = NULL, item = NULL;

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (
        input,
        "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"body\",\"value\":\"%u\"}\n"
        "{\"do\":\"field.set\",\"entity\":\"%s\",\"field\":\"tags\",\"value\":[\"t%u\"]}\n"
        "{\"do\":\"decision.set\",\"item\":\"%s\",\"verdict\":\"%s\"}\n"
        "{\"do\":\"entity.delete\",\"id\":\"%s\"}\n{\"do\":\"entity.restore\",\"id\":\"%s\"}\n",
        pin, i, pin, i, desk->item, i % 2 == 0 ? "request-changes" : "approve", pin, pin);
  run = test_ctl_run (desk->folder, input->str, "batch", NULL);

  g_assert_cmpstr (run->err, ==, "");
  g_assert_cmpint (run->status, ==, 0);
  assert_field (desk, pin, "body", "\"59\"");
  assert_field (desk, pin, "tags", "[\"t59\"]");
  conflicts = test_ctl (desk->folder, "conflict", "list", NULL);
  g_assert_cmpuint (test_json_length (conflicts, ""), ==, 0);
  item = test_ctl (desk->folder, "item", "show", desk->item, NULL);
  g_assert_cmpstr (test_json_text (item, "state"), ==, "approved");
}

static void
test_batch_as_partner (void)
{
  g_test_summary ("Each line is answered as soon as it is on disk: the next may build on it.");
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autoptr (GSubprocess) batch = test_ctl_start (desk->folder, "batch", NULL);
  GOutputStream *in = g_subprocess_get_stdin_pipe (batch);
  g_autoptr (GDataInputStream) out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (batch));
  g_autofree char *id = NULL;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *line =
          id == NULL ? g_strdup_printf ("{\"do\":\"annotation.add\",\"item\":\"%s\",\"shape\":"
                                        "\"pin\",\"points\":\"1,1\"}\n",
                                        desk->item)
                     : g_strdup_printf ("{\"do\":\"comment.add\",\"annotation\":\"%s\",\"body\":"
                                        "\"%u\"}\n",
                                        id, i);
      g_autofree char *text = NULL;
      g_autoptr (JsonNode) answer = NULL;

      g_assert_true (g_output_stream_write_all (in, line, strlen (line), NULL, NULL, NULL));
      text = g_data_input_stream_read_line (out, NULL, NULL, NULL);
      answer = json_from_string (text, NULL);
      g_assert_cmpint (test_json_int (answer, "line"), ==, i + 1);
      if (id == NULL)
        id = g_strdup (test_json_text (answer, "id"));
    }

  g_assert_true (g_output_stream_close (in, NULL, NULL));
  g_assert_true (g_subprocess_wait_check (batch, NULL, NULL));
}

/* ── for people ── */

static void
test_for_people (void)
{
  g_autoptr (TestDesk) desk = test_desk_new ("ana");
  g_autofree char *pin = test_desk_add_pin (desk, "Red \x1b[31m\x07 and\nmore");
  g_autoptr (TestRun)
      list = test_ctl_run_plain (desk->folder, "annotation", "list", desk->item, NULL);
  g_autoptr (TestRun) show = test_ctl_run_plain (desk->folder, "annotation", "show", pin, NULL);
  g_autoptr (TestRun) none = test_ctl_run_plain (desk->folder, "conflict", "list", NULL);
  g_autoptr (TestRun) status = test_ctl_run_plain (desk->folder, "workspace", "status", NULL);

  g_test_summary ("Tables; and nothing that people wrote steers the terminal.");

  g_assert_nonnull (strstr (list->out, pin));
  g_assert_null (strchr (list->out, '\x1b'));
  g_assert_nonnull (strstr (show->out, "status"));
  g_assert_null (strchr (show->out, '\x1b'));
  g_assert_null (strchr (show->out, '\x07'));
  g_assert_cmpstr (none->out, ==, "Nothing.\n");
  g_assert_nonnull (strstr (status->out, "needs attention"));
}

int
main (int argc, char **argv)
{
  test_ctl_init (&argc, &argv);
  g_test_add_func ("/galleyctl/help", test_help);
  g_test_add_func ("/galleyctl/wrong-usage", test_wrong_usage);
  g_test_add_func ("/galleyctl/where-the-workspace-is", test_where_the_workspace_is);
  g_test_add_func ("/galleyctl/workspace", test_workspace);
  g_test_add_func ("/galleyctl/project", test_project);
  g_test_add_func ("/galleyctl/import", test_import);
  g_test_add_func ("/galleyctl/versions", test_versions);
  g_test_add_func ("/galleyctl/item-filters", test_item_filters);
  g_test_add_func ("/galleyctl/shapes", test_shapes);
  g_test_add_func ("/galleyctl/annotation", test_annotation);
  g_test_add_func ("/galleyctl/annotation-refused", test_annotation_refused);
  g_test_add_func ("/galleyctl/decision", test_decision);
  g_test_add_func ("/galleyctl/decision-about-other-bytes", test_decision_about_other_bytes);
  g_test_add_func ("/galleyctl/fields", test_fields);
  g_test_add_func ("/galleyctl/fields-refused", test_fields_refused);
  g_test_add_func ("/galleyctl/delete-and-restore", test_delete_and_restore);
  g_test_add_func ("/galleyctl/undo", test_undo);
  g_test_add_func ("/galleyctl/search", test_search);
  g_test_add_func ("/galleyctl/journal", test_journal);
  g_test_add_func ("/galleyctl/replay", test_replay);
  g_test_add_func ("/galleyctl/replay-of-one", test_replay_of_one);
  g_test_add_func ("/galleyctl/audit", test_audit);
  g_test_add_func ("/galleyctl/explain", test_explain);
  g_test_add_func ("/galleyctl/rules", test_rules);
  g_test_add_func ("/galleyctl/policy", test_policy);
  g_test_add_func ("/galleyctl/replay-of-damaged", test_replay_of_damaged);
  g_test_add_func ("/galleyctl/lost-workspace", test_lost_workspace);
  g_test_add_func ("/galleyctl/alone", test_alone);
  g_test_add_func ("/galleyctl/no-server-there", test_no_server_there);
  g_test_add_func ("/galleyctl/batch", test_batch);
  g_test_add_func ("/galleyctl/batch-bad-lines", test_batch_bad_lines);
  g_test_add_func ("/galleyctl/batch-long-line", test_batch_long_line);
  g_test_add_func ("/galleyctl/batch-together", test_batch_together);
  g_test_add_func ("/galleyctl/batch-in-order", test_batch_in_order);
  g_test_add_func ("/galleyctl/batch-as-partner", test_batch_as_partner);
  g_test_add_func ("/galleyctl/for-people", test_for_people);
  return g_test_run ();
}
