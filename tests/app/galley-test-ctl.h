/* galley-test-ctl.h: the programs as processes, and what they answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-test.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Instead of galley_test_init(): takes the paths of galleyctl, galley-server and galley-render from
 * the arguments. */
void test_ctl_init (int *argc, char ***argv);

/* For a program that is none of these: it dies with the test, and has a home of its own. */
GSubprocessLauncher *test_ctl_new_launcher (GSubprocessFlags flags);

/* One run of galleyctl. */
typedef struct
{
  int status;
  char *out, *err;
  JsonNode *json; /* (nullable): the one document on standard output */
} TestRun;

void test_run_free (TestRun *run);
TestRun *test_ctl_run (const char *workspace, const char *input, ...) G_GNUC_NULL_TERMINATED;
TestRun *test_ctl_run_plain (const char *workspace, ...) G_GNUC_NULL_TERMINATED;

/* With --json. Good: exit 0, one document, nothing else said. */
JsonNode *test_ctl (const char *workspace, ...) G_GNUC_NULL_TERMINATED;
/* The same, when only that it went well matters. */
void test_ctl_do (const char *workspace, ...) G_GNUC_NULL_TERMINATED;
/* Exit @status, one sentence on standard error and nothing on standard output. */
void test_ctl_fails (int status, const char *workspace, ...) G_GNUC_NULL_TERMINATED;

GSubprocess *test_ctl_start (const char *workspace, ...) G_GNUC_NULL_TERMINATED;

/* "items.0.id": what is there, or NULL. */
JsonNode *test_json_at (JsonNode *node, const char *path);
const char *test_json_text (JsonNode *node, const char *path);
gint64 test_json_int (JsonNode *node, const char *path);
gboolean test_json_bool (JsonNode *node, const char *path);
guint test_json_length (JsonNode *node, const char *path);
void test_json_has (JsonNode *node, ...) G_GNUC_NULL_TERMINATED;

/* A workspace with a project and an item of an image. */
typedef struct
{
  char *folder;
  char *project;
  char *item;
} TestDesk;

TestDesk *test_desk_new (const char *name);
void test_desk_free (TestDesk *desk);
char *test_desk_add_pin (TestDesk *desk, const char *body);

/* The server's program, on a port of its own. */
typedef struct
{
  GSubprocess *process;
  char *folder;
  char *uri;
} TestServer;

TestServer *test_server_start (const char *name);
TestServer *test_server_start_at (const char *name, const char *uri);
void test_server_stop (TestServer *server);
JsonNode *test_server_admin (const char *name, ...) G_GNUC_NULL_TERMINATED;
/* Ends it, and starts it again where it was. */
void test_server_halt (TestServer *server);
void test_server_go_on (TestServer *server);
char *test_server_invite (TestServer *server, const char *person, const char *role);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestRun, test_run_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestDesk, test_desk_free)

G_END_DECLS
