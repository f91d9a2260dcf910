/* bench-conflict.c: the pane on a hard conflict: eight people at a text of 200,000 characters
 *
 * How long it takes from asking for the conflict until its fields are on screen, and how long a
 * letter that is typed into the text holds up the main loop.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench-table.h"
#include "galley-bench-window.h"
#include "galley-test-device.h"
#include "galley-test.h"

#include "ui/galley-conflict-pane.h"
#include "ui/galley-conflict-text.h"

#define N_PEOPLE 8
#define TEXT_CHARS 200000
#define N_LETTERS 60

typedef struct
{
  TestDevice *devices[N_PEOPLE];
  TestStream *stream;
  GalleyId project, item, note;
} Team;

/* Paragraphs of the same words for all, but for some that differ from person to person. */
static char *
make_text (guint person)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; text->len < TEXT_CHARS; i++)
    if (i % 500 == person)
      g_string_append_printf (text, "person%u ", person);
    else
      g_string_append_printf (text, "word%u%c", i % 5003, i % 90 == 89 ? '\n' : ' ');

  return g_string_free (text, FALSE);
}

static void
set_body (Team *team, guint person)
{
  g_autofree char *body = make_text (person);

  test_device_set (team->devices[person], &team->project, GALLEY_KIND_ANNOTATION, &team->note,
                   GALLEY_ANNOTATION_BODY, NULL, g_variant_new_string (body));
}

static void
team_init (Team *team)
{
  g_autofree char *body = make_text (N_PEOPLE);

  for (guint i = 0; i < N_PEOPLE; i++)
    {
      g_autofree char *name = g_strdup_printf ("person%u", i);

      team->devices[i] = test_device_new (name);
    }
  test_device_make_project (team->devices[0], &team->project);
  test_device_make_item (team->devices[0], &team->project, "Poster", &team->item);
  test_device_make_note (team->devices[0], &team->project, &team->item, body, &team->note);
  team->stream = test_stream_new (&team->project);
  test_stream_push (team->stream, team->devices[0]);
  for (guint i = 1; i < N_PEOPLE; i++)
    test_stream_pull (team->stream, team->devices[i]);
  for (guint i = 0; i < N_PEOPLE; i++)
    set_body (team, i);
  for (guint i = 0; i < N_PEOPLE; i++)
    {
      GalleyDraft *draft = galley_draft_new (&team->project, "edit");

      /* One that no rule puts together, so that somebody has to look. */
      galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &team->note, GALLEY_ANNOTATION_WIDTH,
                              NULL, g_variant_new_double (2 + i));
      test_device_commit (team->devices[i], draft);
      test_stream_push (team->stream, team->devices[i]);
    }
  test_stream_pull (team->stream, team->devices[0]);
}

static void
team_clear (Team *team)
{
  test_stream_free (team->stream);
  for (guint i = 0; i < N_PEOPLE; i++)
    test_device_free (team->devices[i]);
}

/* Until nothing is left to be laid out or drawn. */
static void
settle (GtkWidget *window)
{
  galley_bench_window_paint (window);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Until it is drawn. The lines of the text that are out of sight are laid out afterwards, a few at
 * a time, in between whatever else is to be done. */
static double
time_opening (GtkWidget *window, GalleyConflictPane *pane, GalleyConflict *conflict)
{
  gboolean loaded = FALSE;
  double begin_ms;

  g_signal_connect_swapped (conflict, "loaded", G_CALLBACK (galley_bench_window_set_true), &loaded);
  begin_ms = galley_bench_now_ms ();
  galley_conflict_pane_set_conflict (pane, conflict);
  while (!loaded)
    g_main_context_iteration (NULL, TRUE);
  galley_bench_window_paint (window);
  return galley_bench_now_ms () - begin_ms;
}

/* Returns: the longest that one turn of the main loop took, in ms */
static double
time_rest (void)
{
  double longest_ms = 0, begin_ms;

  do
    {
      begin_ms = galley_bench_now_ms ();
      if (!g_main_context_iteration (NULL, FALSE))
        break;
      longest_ms = MAX (longest_ms, galley_bench_now_ms () - begin_ms);
    }
  while (TRUE);

  return longest_ms;
}

static GtkWidget *
find_type (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_type (child, type);

      if (found != NULL)
        return found;
    }

  return NULL;
}

/* Letter after letter, in the middle; each until it is drawn. */
static double
time_typing (GtkWidget *window, GtkWidget *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (
      GTK_TEXT_VIEW (find_type (text, GTK_TYPE_TEXT_VIEW)));
  double times_ms[N_LETTERS];
  GtkTextIter at;

  gtk_text_buffer_get_iter_at_offset (buffer, &at, gtk_text_buffer_get_char_count (buffer) / 2);
  gtk_text_buffer_place_cursor (buffer, &at);
  for (guint i = 0; i < N_LETTERS; i++)
    {
      double begin_ms = galley_bench_now_ms ();

      gtk_text_buffer_insert_at_cursor (buffer, i % 6 == 5 ? " " : "x", 1);
      times_ms[i] = galley_bench_now_ms () - begin_ms;
      settle (window);
    }
  return galley_bench_quantile (times_ms, N_LETTERS, 1);
}

static void
run (void)
{
  Team team;
  GtkWidget *window, *pane, *text;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (GalleyConflict) conflict = NULL;
  g_autoptr (GError) error = NULL;
  double opening_ms, rest_ms, typing_ms;

  team_init (&team);
  rows = galley_reader_list_conflicts (team.devices[0]->reader, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (rows->len, ==, 1);
  conflict = galley_conflict_new (team.devices[0]->store, rows->pdata[0]);
  window = adw_window_new ();
  pane = g_object_new (GALLEY_TYPE_CONFLICT_PANE, NULL);
  adw_window_set_content (ADW_WINDOW (window), pane);
  gtk_window_set_default_size (GTK_WINDOW (window), 900, 700);
  gtk_window_present (GTK_WINDOW (window));
  settle (window);

  opening_ms = time_opening (window, GALLEY_CONFLICT_PANE (pane), conflict);
  rest_ms = time_rest ();
  text = find_type (pane, GALLEY_TYPE_CONFLICT_TEXT);
  g_assert_nonnull (text);
  typing_ms = time_typing (window, text);
  galley_bench_table_begin ();
  galley_bench_table_add (
      &(GalleyBenchRow){ .what = "a conflict of 8 people, 200,000 chars: opened",
                         .unit = "ms",
                         .measured = opening_ms,
                         .aim = GALLEY_BENCH_AT_MOST,
                         .goal = 100 });
  galley_bench_table_add (&(GalleyBenchRow){ .what = "  its lines out of sight, the longest stall",
                                             .unit = "ms",
                                             .measured = rest_ms,
                                             .aim = GALLEY_BENCH_AT_MOST,
                                             .goal = 16 });
  galley_bench_table_add (&(GalleyBenchRow){ .what = "  a letter typed into it, the longest",
                                             .unit = "ms",
                                             .measured = typing_ms,
                                             .aim = GALLEY_BENCH_AT_MOST,
                                             .goal = 16 });
  gtk_window_destroy (GTK_WINDOW (window));
  g_clear_object (&conflict);
  team_clear (&team);
}

int
main (int argc, char **argv)
{
  return galley_bench_window_main (argc, argv, "/bench/conflict", run);
}
