/* test-window-sync.c: what the window shows of syncing, of others, and of where they disagree
 *
 * With a whole server in the same process, and a second computer beside the one with the window.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-window.h"

#include "data/galley-intent.h"
#include "data/galley-job-table.h"
#include "data/galley-metric-table.h"
#include "data/galley-settle-plan.h"
#include "galley-test-project.h"
#include "galley-test-server.h"
#include "ui/galley-audit-window.h"
#include "ui/galley-composer.h"
#include "ui/galley-conflict-pane.h"
#include "ui/galley-connect-dialog.h"
#include "ui/galley-contest-row.h"
#include "ui/galley-flag-dialog.h"
#include "ui/galley-job-history.h"
#include "ui/galley-job-window.h"
#include "ui/galley-journal-page.h"
#include "ui/galley-notices.h"
#include "ui/galley-plot.h"
#include "ui/galley-repair-page.h"
#include "ui/galley-repair-row.h"
#include "ui/galley-support-window.h"
#include "ui/galley-sync-popover.h"

#define TIMEOUT_S 60

/* Asked for more than once. */
typedef struct
{
  TestWindow *window;
  GalleyTestServer *server;
  char *folder;
  GalleyWorkspace *other; /* (nullable): Ben's computer */
} Team;

static void
connect_to (Team *team, GalleyWorkspace *workspace, const char *name, GalleyRole role)
{
  g_autofree char *code = galley_test_server_invite (team->server, name, role);
  g_autoptr (GError) error = NULL;

  galley_workspace_connect (workspace, galley_test_server_get_url (team->server), code, &error);
  g_assert_no_error (error);
}

static void
team_start (Team *team, TestWindow *window)
{
  g_autofree char *server_folder = NULL;
  g_autoptr (GError) error = NULL;

  team->window = window;
  team->folder = g_dir_make_tmp ("galley-team-XXXXXX", &error);
  g_assert_no_error (error);
  server_folder = g_build_filename (team->folder, "server", NULL);
  team->server = galley_test_server_new (server_folder);
}

static void
sync_once (GalleyWorkspace *workspace)
{
  g_autoptr (GError) error = NULL;

  galley_workspace_sync_once (workspace, TIMEOUT_S, &error);
  g_assert_no_error (error);
}

/* Both computers have everything, and wait for what is next. */
static void
team_join_as (Team *team, GalleyRole role)
{
  g_autofree char *folder = g_build_filename (team->folder, "ben", NULL);
  g_autoptr (GError) error = NULL;

  connect_to (team, team->window->workspace, "Rosa", role);
  sync_once (team->window->workspace);
  team->other = galley_workspace_create (folder, "Ben", 0, &error);
  g_assert_no_error (error);
  connect_to (team, team->other, "Ben", GALLEY_ROLE_REVIEWER);
  sync_once (team->other);
}

static void
team_join (Team *team)
{
  team_join_as (team, GALLEY_ROLE_LEAD);
}

static void
team_end (Team *team)
{
  if (team->other != NULL)
    galley_workspace_close (team->other);
  g_clear_object (&team->other);
  /* The server is gone only after the window's service has stopped asking it. */
  test_window_close (team->window);
  galley_test_server_free (team->server);
  test_window_remove_folder (team->folder);
  g_free (team->folder);
}

static GtkWidget *
find_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (window, type) && gtk_widget_get_mapped (window))
        return window;
    }

  return NULL;
}

/* ── syncing ── */

static void
rename_item (GalleyWorkspace *workspace, TestWindow *self, const char *name)
{
  galley_test_project_set_text (galley_workspace_get_store (workspace), &self->project,
                                GALLEY_KIND_ITEM, &self->poster, GALLEY_ITEM_NAME, name);
}

static void
test_state_changes (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *window = GTK_WIDGET (self->window);
  GalleySyncService *service = galley_workspace_get_service (self->workspace);

  g_test_summary ("What is not shared yet is counted, and then it is shared");
  team_start (&team, self);
  test_window_act (self, "show-sync");
  test_window_wait_for_label (window, "Everything is saved on this computer");
  team_join (&team);
  test_window_wait_for_label (window, "Everything is saved and shared");

  galley_test_server_stop (team.server);
  rename_item (self->workspace, self, "placard.png");
  test_window_wait_for_label (window, "* – 1 change is safe on this computer");
  test_window_wait_until_gone (window, "Everything is saved and shared");
  galley_test_server_start (team.server);
  galley_sync_service_retry_now (service);
  test_window_wait_for_label (window, "Everything is saved and shared");
  g_assert_null (test_window_find_label (window, "*1 change is safe*"));
  team_end (&team);
}

static void
test_offline_switch (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GalleySyncService *service = galley_workspace_get_service (self->workspace);
  GtkWidget *popover, *offline;

  team_start (&team, self);
  team_join (&team);
  test_window_act (self, "sync-menu");
  popover = test_window_find_type (GTK_WIDGET (self->window->sync), GALLEY_TYPE_SYNC_POPOVER);
  test_window_wait_for_label (popover, "Everything is saved and shared");
  offline = test_window_find_type (popover, GTK_TYPE_SWITCH);
  g_assert_true (gtk_widget_activate (offline));
  test_window_wait_for_label (popover, "Offline – all changes are shared");
  g_assert_true (galley_sync_service_get_offline (service));

  rename_item (self->workspace, self, "placard.png");
  test_window_wait_for_label (popover, "Offline – 1 change is safe on this computer");
  g_assert_true (gtk_widget_activate (offline));
  test_window_wait_for_label (popover, "Everything is saved and shared");
  team_end (&team);
}

static void
type_into (GtkWidget *dialog, const char *title, const char *text)
{
  GtkWidget *row = gtk_widget_get_ancestor (test_window_wait_for_label (dialog, title),
                                            ADW_TYPE_ENTRY_ROW);

  gtk_editable_set_text (GTK_EDITABLE (row), text);
}

static void
test_connect (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *dialog;
  g_autofree char *code = NULL;

  g_test_summary ("A wrong invite is refused in words and can be put right");
  team_start (&team, self);
  galley_sync_service_start (galley_workspace_get_service (self->workspace));
  test_window_act (self, "connect");
  dialog = find_window (GALLEY_TYPE_CONNECT_DIALOG);
  type_into (dialog, "Address", galley_test_server_get_url (team.server));
  type_into (dialog, "Invite Code", "WRONG-WRONG");
  gtk_widget_activate_action (dialog, "connect.go", NULL);
  test_window_wait_for_label (dialog, "*This invite is not valid*");

  code = galley_test_server_invite (team.server, "Rosa", GALLEY_ROLE_LEAD);
  type_into (dialog, "Invite Code", code);
  gtk_widget_activate_action (dialog, "connect.go", NULL);
  test_window_wait_for_toast (self, "Connected. *");
  test_window_act (self, "show-sync");
  test_window_wait_for_label (GTK_WIDGET (self->window), "Everything is saved and shared");
  g_assert_null (find_window (GALLEY_TYPE_CONNECT_DIALOG));
  team_end (&team);
}

/* writer thread */
static gboolean
save_job (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_job_table_save (writer, data, error);
}

static void
test_running_job (TestWindow *self, gconstpointer data)
{
  g_autoptr (GalleyJobRow) row = galley_job_row_new ();
  g_autoptr (GError) error = NULL;
  GtkWidget *popover, *bar;

  g_test_summary ("What runs, here or in another program, is listed with how far it is");
  row->kind = g_strdup ("replay");
  row->title = g_strdup ("Reading the journal");
  row->unit = g_strdup ("changes");
  row->state = GALLEY_JOB_RUNNING;
  row->done = 30;
  row->total = 120;
  galley_sync_service_start (galley_workspace_get_service (self->workspace));
  g_assert_true (galley_store_write (self->store, save_job, row, &error));
  test_window_act (self, "sync-menu");
  popover = test_window_find_type (GTK_WIDGET (self->window->sync), GALLEY_TYPE_SYNC_POPOVER);
  test_window_wait_for_label (popover, "Reading the journal");
  bar = test_window_find_type (popover, GTK_TYPE_PROGRESS_BAR);
  g_assert_true (gtk_widget_get_mapped (bar));
  g_assert_cmpfloat (gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (bar)), ==, 0.25);

  row->done = 90;
  g_assert_true (galley_store_write (self->store, save_job, row, &error));
  while (gtk_progress_bar_get_fraction (GTK_PROGRESS_BAR (bar)) < 0.75)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_job_details (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GalleySyncService *service = galley_workspace_get_service (self->workspace);
  GalleyJobQueue *queue = galley_sync_service_get_queue (service);
  const GalleyId nobody = { 0 };
  GtkWidget *details;
  GalleyJob *job;

  g_test_summary ("A job opens with why it is there, its log, and what can be done about it");
  team_start (&team, self);
  team_join (&team);
  test_window_act (self, "show-sync");
  job = galley_job_queue_find (queue, "hello", &nobody, NULL);
  while (galley_job_get_state (job) != GALLEY_JOB_DONE)
    g_main_context_iteration (NULL, TRUE);
  g_action_group_activate_action (G_ACTION_GROUP (self->window), "show-job",
                                  g_variant_new_int64 (galley_job_get_id (job)));
  while ((details = find_window (GALLEY_TYPE_JOB_WINDOW)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  test_window_wait_for_label (details, galley_job_get_row (job)->title);
  test_window_wait_for_label (details, "Done");
  test_window_wait_for_label (details, "What Happened");
  test_window_wait_for_label (details, "*Done*because *");
  gtk_window_close (GTK_WINDOW (details));
  team_end (&team);
}

/* writer thread */
static gboolean
write_old_jobs (GalleyWriter *writer, gpointer data, GError **error)
{
  for (guint i = 0; i < 500; i++)
    {
      GalleyJobRow row = { .kind = (char *)"upload",
                           .title = (char *)"Send a picture",
                           .unit = (char *)"bytes",
                           .state = GALLEY_JOB_DONE };

      if (!galley_job_table_save (writer, &row, error))
        return FALSE;
    }

  return TRUE;
}

static void
test_older_jobs (TestWindow *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GtkWidget *window, *scroller;
  GtkAdjustment *adjustment;

  g_test_summary ("What the page does not list any more is found, as far back as somebody scrolls");
  g_assert_true (galley_store_write (self->store, write_old_jobs, NULL, &error));
  test_window_act (self, "show-sync");
  g_assert_true (
      gtk_widget_activate_action (GTK_WIDGET (self->window->sync_page), "sync.older-jobs", NULL));
  while ((window = find_window (GALLEY_TYPE_JOB_HISTORY)) == NULL)
    g_main_context_iteration (NULL, TRUE);
  test_window_wait_for_label (window, "the newest 200 jobs");
  scroller = test_window_find_type (window, GTK_TYPE_SCROLLED_WINDOW);
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  while (test_window_find_label (window, "500 jobs") == NULL)
    {
      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
      g_main_context_iteration (NULL, TRUE);
    }
  gtk_window_close (GTK_WINDOW (window));
}

static void
test_limits (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GalleyJobLimits *limits = galley_sync_service_get_limits (
      galley_workspace_get_service (self->workspace));
  GtkWidget *button;

  g_test_summary ("What the menu of limits is set to holds, and stands on disk");
  team_start (&team, self);
  team_join (&team);
  test_window_act (self, "show-sync");
  button = test_window_find_type (GTK_WIDGET (self->window->sync_page), GTK_TYPE_MENU_BUTTON);
  g_assert_true (gtk_widget_activate_action (button, "limits.upload", NULL));
  g_assert_true (gtk_widget_activate_action (button, "limits.up", "i", 256));
  g_assert_true (galley_job_wishes_has_paused (galley_job_limits_get_wishes (limits), "upload"));
  g_assert_cmpuint (galley_job_limits_get_wishes (limits)->up_kib_s, ==, 256);

  g_assert_true (gtk_widget_activate_action (button, "limits.upload", NULL));
  g_assert_null (galley_job_limits_get_wishes (limits)->paused_kinds);
  team_end (&team);
}

static void
show_tab (TestWindow *self, const char *name)
{
  g_action_group_activate_action (G_ACTION_GROUP (self->window), "show-sync-tab",
                                  g_variant_new_string (name));
}

static void
test_journal_tab (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *page = GTK_WIDGET (self->window->sync_page);
  GtkWidget *list;
  GtkListView *view;

  g_test_summary (
      "The journal lists what anybody did, and what comes in while it is looked at; one "
      "opens with all that was done to the same thing");
  team_start (&team, self);
  team_join (&team);
  show_tab (self, "journal");
  test_window_wait_for_label (page, "You · *");
  rename_item (team.other, self, "billboard");
  sync_once (team.other);
  test_window_wait_for_label (page, "billboard");
  test_window_wait_for_label (page, "Ben · * · shared");
  /* The drop-downs have lists, too. */
  list = test_window_find_type (test_window_find_type (page, GALLEY_TYPE_JOURNAL_PAGE),
                                ADW_TYPE_CLAMP_SCROLLABLE);
  view = GTK_LIST_VIEW (test_window_find_type (list, GTK_TYPE_LIST_VIEW));
  g_signal_emit_by_name (view, "activate", 0);
  while (find_window (GALLEY_TYPE_AUDIT_WINDOW) == NULL)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_close (GTK_WINDOW (find_window (GALLEY_TYPE_AUDIT_WINDOW)));
  team_end (&team);
}

static void
test_devices_tab (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *page = GTK_WIDGET (self->window->sync_page);

  g_test_summary ("The computers are listed, this one with what it has yet to send");
  team_start (&team, self);
  team_join_as (&team, GALLEY_ROLE_ADMIN);
  sync_once (self->workspace);
  sync_once (team.other);
  sync_once (team.other);
  show_tab (self, "devices");
  test_window_wait_for_label (page, "Rosa · this computer · all changes are shared*");
  test_window_wait_for_label (page, "Ben · last seen *");
  test_window_wait_for_label (page, "Ben · last seen * · has everything · Galley " GALLEY_VERSION);
  galley_sync_service_set_offline (galley_workspace_get_service (self->workspace), TRUE);
  rename_item (self->workspace, self, "placard");
  test_window_wait_for_label (page, "Rosa · this computer · 1 change waits to be sent*");
  team_end (&team);
}

/* The one that is about packing. */
static GtkWidget *
find_switch (GtkWidget *page)
{
  return gtk_widget_get_ancestor (test_window_wait_for_label (page, "The settled part of the *"),
                                  ADW_TYPE_ACTION_ROW);
}

static void
test_switches (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *page = GTK_WIDGET (self->window->sync_page);
  GtkWidget *dialog, *row;

  g_test_summary ("An administrator switches something on a part of all computers and says why; "
                  "what is said offline is told later, and only the last word");
  team_start (&team, self);
  team_join_as (&team, GALLEY_ROLE_ADMIN);
  show_tab (self, "devices");
  test_window_wait_for_label (page, "On, as nobody says otherwise");
  galley_sync_service_set_offline (galley_workspace_get_service (self->workspace), TRUE);
  for (guint i = 0; i < 2; i++)
    {
      adw_action_row_activate (ADW_ACTION_ROW (find_switch (page)));
      while ((dialog = find_window (GALLEY_TYPE_FLAG_DIALOG)) == NULL)
        g_main_context_iteration (NULL, TRUE);
      row = test_window_find_type (dialog, ADW_TYPE_ENTRY_ROW);
      gtk_widget_activate_action (dialog, "flag.go", NULL);
      g_assert_true (gtk_widget_get_mapped (dialog));
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (
                                     test_window_find_type (dialog, GTK_TYPE_SPIN_BUTTON)),
                                 30 - 5.0 * i);
      gtk_editable_set_text (GTK_EDITABLE (row), " slow on old laptops ");
      gtk_widget_activate_action (dialog, "flag.go", NULL);
      while (find_window (GALLEY_TYPE_FLAG_DIALOG) != NULL)
        g_main_context_iteration (NULL, TRUE);
    }
  show_tab (self, "jobs");
  test_window_wait_for_label (page, "Have “compact” on for 25% *");
  test_window_wait_for_label (page, "*Cancelled*");
  galley_sync_service_set_offline (galley_workspace_get_service (self->workspace), FALSE);
  show_tab (self, "devices");
  test_window_wait_for_label (page,
                              "Everybody Else: on for 25%\n* · Rosa · Everybody Else: on for 25% · "
                              "“slow on old laptops”");
  team_end (&team);
}

static void
start_repair (GtkWidget *page, const char *title)
{
  GtkWidget *row = gtk_widget_get_ancestor (test_window_wait_for_label (page, title),
                                            GALLEY_TYPE_REPAIR_ROW);

  g_assert_true (gtk_widget_activate_action (row, "repair.start", NULL));
}

static void
test_repair_tab (TestWindow *self, gconstpointer data)
{
  GtkWidget *page = GTK_WIDGET (self->window->sync_page);
  GtkWidget *repair;
  GtkTextView *text;

  g_test_summary ("A checkup says that all is well, a backup is listed, and what changes something "
                  "asks first");
  show_tab (self, "repair");
  repair = test_window_find_type (page, GALLEY_TYPE_REPAIR_PAGE);
  test_window_wait_for_label (repair, "No backup yet");
  start_repair (repair, "Verify Everything");
  test_window_wait_for_label (repair, "Everything is as it should be. *");
  start_repair (repair, "Make a Backup");
  test_window_wait_for_label (repair, "The backup “galley-*.db.zst” was made and looked at; it is "
                                      "sound.");
  test_window_wait_for_label (repair, "* · sound when it was made · galley-*");
  start_repair (repair, "Make Again From the Journal");
  while (find_window (ADW_TYPE_MESSAGE_DIALOG) == NULL)
    g_main_context_iteration (NULL, TRUE);
  test_window_press (find_window (ADW_TYPE_MESSAGE_DIALOG), "Start");
  test_window_wait_for_label (repair, "All that is shown was made again from *");
  test_window_press (repair, "Show…");
  while (find_window (GALLEY_TYPE_SUPPORT_WINDOW) == NULL)
    g_main_context_iteration (NULL, TRUE);
  text = GTK_TEXT_VIEW (
      test_window_find_type (find_window (GALLEY_TYPE_SUPPORT_WINDOW), GTK_TYPE_TEXT_VIEW));
  while (gtk_text_buffer_get_char_count (gtk_text_view_get_buffer (text)) < 500)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_close (GTK_WINDOW (find_window (GALLEY_TYPE_SUPPORT_WINDOW)));
}

/* ── others ── */

static char *
read_name (TestWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (self->store, &error);
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (reader, &self->poster, &error);

  g_assert_no_error (error);
  return g_strdup (row->name);
}

/* Both have named the poster without seeing the other's name; the window lists it. */
static void
make_conflict (Team *team, const char *mine, const char *theirs)
{
  TestWindow *self = team->window;

  galley_sync_service_set_offline (galley_workspace_get_service (self->workspace), TRUE);
  rename_item (self->workspace, self, mine);
  rename_item (team->other, self, theirs);
  sync_once (team->other);
  galley_sync_service_set_offline (galley_workspace_get_service (self->workspace), FALSE);
  test_window_act (self, "show-conflicts");
  test_window_wait_for_label (GTK_WIDGET (self->window->conflicts), mine);
  test_window_wait_for_label (GTK_WIDGET (self->window->conflicts), theirs);
}

/* @choice: 0: what it was before, then the own value, then theirs */
static void
take (TestWindow *self, guint choice)
{
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);
  GtkWidget *row = test_window_find_type (conflicts, GALLEY_TYPE_CONTEST_ROW);

  g_assert_nonnull (row);
  g_assert_true (gtk_widget_activate_action (row, "contest.take", "u", choice));
}

static void
test_take (TestWindow *self, guint choice, const char *expected)
{
  Team team = { 0 };
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);
  g_autofree char *name = NULL;

  team_start (&team, self);
  team_join (&team);
  make_conflict (&team, "placard", "billboard");
  take (self, choice);
  test_window_wait_for_label (conflicts, "Everything is decided.");
  test_window_press (conflicts, "Apply");
  test_window_wait_for_toast (self, "Conflict settled");
  test_window_wait_for_label (conflicts, "No Conflicts");
  name = read_name (self);
  g_assert_cmpstr (name, ==, expected);
  team_end (&team);
}

static void
test_take_before (TestWindow *self, gconstpointer data)
{
  test_take (self, 0, "poster.png");
}

static void
test_take_mine (TestWindow *self, gconstpointer data)
{
  test_take (self, 1, "placard");
}

static void
test_take_theirs (TestWindow *self, gconstpointer data)
{
  test_take (self, 2, "billboard");
}

/* Ben says of all that is open what it is to be. */
static void
settle_elsewhere (GalleyWorkspace *workspace)
{
  GalleyStore *store = galley_workspace_get_store (workspace);
  GalleySettleRule rule = { .scope = GALLEY_SETTLE_ALL, .take = GALLEY_TAKE_MINE };
  GalleyChooser chooser;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, &error);
  g_autoptr (GalleySettlePlan) plan = NULL;

  galley_store_get_person (store, &chooser.person);
  chooser.device = *galley_store_get_device (store);
  plan = galley_settle_plan_make (reader, &rule, &chooser, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (plan->n_fields, ==, 1);
  galley_store_commit_many (store, plan->drafts, NULL, &error);
  g_assert_no_error (error);
}

static void
test_settled_by_another (TestWindow *self, gconstpointer data)
{
  g_test_summary ("What somebody else settles stays in sight, with who it was");
  Team team = { 0 };
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);
  GtkWidget *row;

  team_start (&team, self);
  team_join (&team);
  make_conflict (&team, "placard", "billboard");
  row = test_window_find_type (conflicts, GALLEY_TYPE_CONTEST_ROW);
  take (self, 1);
  sync_once (team.other);
  settle_elsewhere (team.other);
  sync_once (team.other);
  test_window_wait_for_label (conflicts, "Ben settled this, *");
  g_assert_true (test_window_find_type (conflicts, GALLEY_TYPE_CONTEST_ROW) == row);
  g_assert_true (gtk_widget_get_mapped (row));
  test_window_press (conflicts, "Next Conflict");
  test_window_wait_for_label (conflicts, "No Conflicts");
  team_end (&team);
}

static void
test_settled_apart (TestWindow *self, gconstpointer data)
{
  g_test_summary ("Two people who settle the same in another way are told so");
  Team team = { 0 };
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);

  team_start (&team, self);
  team_join (&team);
  make_conflict (&team, "placard", "billboard");
  sync_once (team.other);
  galley_sync_service_set_offline (galley_workspace_get_service (self->workspace), TRUE);
  take (self, 1);
  test_window_press (conflicts, "Apply");
  test_window_wait_for_label (conflicts, "No Conflicts");
  settle_elsewhere (team.other);
  sync_once (team.other);
  galley_sync_service_set_offline (galley_workspace_get_service (self->workspace), FALSE);
  test_window_wait_for_label (conflicts, "People settled this at the same time, *");
  team_end (&team);
}

static gboolean
has_history (gpointer data)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);

      if (GALLEY_IS_AUDIT_WINDOW (window))
        return test_window_find_label (window, "Different values; *") != NULL;
    }

  return FALSE;
}

/* Why it is as it is, from where it is shown. */
static void
test_history_of_field (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);

  team_start (&team, self);
  team_join (&team);
  make_conflict (&team, "placard", "billboard");
  gtk_widget_activate_action (test_window_find_type (conflicts, GALLEY_TYPE_CONTEST_ROW),
                              "contest.history", NULL);
  galley_test_project_spin_until (has_history, NULL);
  team_end (&team);
}

/* Out of the way until then, and nothing is settled by it. */
static void
count_notice_cb (GalleyNotices *notices, guint notice, guint n, const char *words, guint *counts)
{
  g_assert_true (g_str_has_suffix (words, "."));
  counts[notice]++;
}

static void
test_notices (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  g_autoptr (GalleyNotices) notices = NULL;
  guint counts[GALLEY_N_NOTICES] = { 0 };

  g_test_summary ("Who looks elsewhere is told once of a conflict that came in, and not of syncing "
                  "that goes well");
  team_start (&team, self);
  team_join (&team);
  notices = galley_notices_new (self->store, galley_workspace_get_service (self->workspace));
  g_signal_connect (notices, "send", G_CALLBACK (count_notice_cb), counts);
  make_conflict (&team, "placard", "billboard");
  while (counts[GALLEY_NOTICE_CONFLICTS] == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (counts[GALLEY_NOTICE_CONFLICTS], ==, 1);
  g_assert_cmpuint (counts[GALLEY_NOTICE_ATTENTION], ==, 0);
  g_clear_object (&notices);
  team_end (&team);
}

static void
test_put_off (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);
  GtkWidget *pane;

  team_start (&team, self);
  team_join (&team);
  make_conflict (&team, "placard", "billboard");
  pane = test_window_find_type (conflicts, GALLEY_TYPE_CONFLICT_PANE);
  gtk_widget_activate_action (pane, "conflict.put-off", "s", "week");
  test_window_wait_for_label (conflicts, "1 field · put off until *");
  gtk_widget_activate_action (pane, "conflict.put-off", "s", "back");
  test_window_wait_for_label (conflicts, "1 field · found *");
  team_end (&team);
}

/* Said to all, by the keys. */
static void
test_ask (TestWindow *self, gconstpointer data)
{
  Team team = { 0 };
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);
  GtkWidget *pane, *composer;
  GtkDropDown *asked;

  team_start (&team, self);
  team_join (&team);
  make_conflict (&team, "placard", "billboard");
  pane = test_window_find_type (conflicts, GALLEY_TYPE_CONFLICT_PANE);
  gtk_widget_activate_action (pane, "conflict.say", NULL);
  composer = test_window_find_type (pane, GALLEY_TYPE_COMPOSER);
  g_object_set (composer, "text", "Ask the printer", NULL);
  asked = GTK_DROP_DOWN (test_window_find_type (pane, GTK_TYPE_DROP_DOWN));
  g_assert_cmpuint (g_list_model_get_n_items (gtk_drop_down_get_model (asked)), ==, 2);
  gtk_drop_down_set_selected (asked, 1);
  test_window_press (conflicts, "Send");
  test_window_wait_for_label (conflicts, "Ask the printer");
  test_window_wait_for_label (conflicts, "You · * · asks * to settle this");
  g_assert_false (gtk_widget_get_mapped (composer));
  team_end (&team);
}

static void
test_plots (TestWindow *self, gconstpointer data)
{
  g_test_summary ("What waited and travelled in the last hour is drawn, and said");
  Team team = { 0 };
  GalleyMetric before = { .at_us = g_get_real_time () - 3 * G_TIME_SPAN_DAY, .unsent = 40 };
  GalleyMetric between = { .at_us = g_get_real_time () - 2 * G_TIME_SPAN_DAY };
  GalleyMetric metric = { .at_us = g_get_real_time () - 5 * G_TIME_SPAN_MINUTE,
                          .unsent = 12,
                          .sent_bytes = G_GUINT64_CONSTANT (3000000000) };
  g_autoptr (GError) error = NULL;
  GtkWidget *page, *plot;

  team_start (&team, self);
  team_join (&team);
  g_assert_true (galley_store_write (self->store, galley_metric_table_add, &before, NULL));
  g_assert_true (galley_store_write (self->store, galley_metric_table_add, &between, NULL));
  galley_store_write (self->store, galley_metric_table_add, &metric, &error);
  g_assert_no_error (error);
  test_window_act (self, "show-sync");
  page = GTK_WIDGET (self->window);
  test_window_wait_for_label (page, "at most 12");
  test_window_wait_for_label (page, "at most 3.0*GB");
  plot = test_window_find_type (page, GALLEY_TYPE_PLOT);
  g_assert_true (g_pattern_match_simple ("Changes That Waited: now *, at most 12, at *",
                                         galley_plot_get_words (GALLEY_PLOT (plot))));
  test_window_press (page, "Week");
  test_window_wait_for_label (page, "at most 40");
  team_end (&team);
}

static void
test_comes_in_meanwhile (TestWindow *self, gconstpointer data)
{
  g_test_summary ("What was picked stays picked when another value comes in, which is marked");
  Team team = { 0 };
  GtkWidget *conflicts = GTK_WIDGET (self->window->conflicts);
  g_autofree char *name = NULL;

  team_start (&team, self);
  team_join (&team);
  make_conflict (&team, "placard", "billboard");
  take (self, 1);
  rename_item (team.other, self, "signboard");
  sync_once (team.other);
  test_window_wait_for_label (conflicts, "signboard");
  test_window_wait_for_label (conflicts, "New");
  test_window_wait_for_label (conflicts, "Result: placard");
  test_window_press (conflicts, "Apply");
  test_window_wait_for_label (conflicts, "No Conflicts");
  name = read_name (self);
  g_assert_cmpstr (name, ==, "placard");
  team_end (&team);
}

static void
test_other_program (TestWindow *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess)
      program = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, g_getenv ("GALLEYCTL"),
                                  "--workspace", self->folder, "project", "create", "Leaflets",
                                  NULL);

  g_test_summary ("What another program does is on screen without being asked for");
  g_assert_no_error (error);
  test_window_wait_for_label (GTK_WIDGET (self->window->sidebar), "Leaflets");
  g_assert_true (g_subprocess_wait_check (program, NULL, &error));
}

int
main (int argc, char **argv)
{
  test_window_init (&argc, &argv);
  test_window_add ("/window/state-changes", test_state_changes);
  test_window_add ("/window/offline-switch", test_offline_switch);
  test_window_add ("/window/connect", test_connect);
  test_window_add ("/window/running-job", test_running_job);
  test_window_add ("/window/job-details", test_job_details);
  test_window_add ("/window/older-jobs", test_older_jobs);
  test_window_add ("/window/limits", test_limits);
  test_window_add ("/window/journal-tab", test_journal_tab);
  test_window_add ("/window/devices-tab", test_devices_tab);
  test_window_add ("/window/switches-tab", test_switches);
  test_window_add ("/window/repair-tab", test_repair_tab);
  test_window_add ("/window/take-before", test_take_before);
  test_window_add ("/window/take-mine", test_take_mine);
  test_window_add ("/window/take-theirs", test_take_theirs);
  test_window_add ("/window/settled-by-another", test_settled_by_another);
  test_window_add ("/window/settled-apart", test_settled_apart);
  test_window_add ("/window/notices", test_notices);
  test_window_add ("/window/put-off", test_put_off);
  test_window_add ("/window/plots", test_plots);
  test_window_add ("/window/ask-about-conflict", test_ask);
  test_window_add ("/window/history-of-field", test_history_of_field);
  test_window_add ("/window/comes-in-meanwhile", test_comes_in_meanwhile);
  test_window_add ("/window/other-program", test_other_program);
  return g_test_run ();
}
