/* test-canvas.c: the canvas in a real window: gestures, keys, selection, words, pixels
 *
 * The gestures are called where GTK's controllers call them: galley-canvas-private.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-checker-source.h"
#include "ui/galley-canvas-private.h"
#include "ui/galley-mark-text.h"
#include "ui/galley-page-strip.h"
#include "ui/galley-page-thumbnail.h"
#include "ui/galley-tool-bar.h"
#include "ui/galley-ui.h"

#include <adwaita.h>
#include <math.h>

/* The canvas is 600 x 500; at zoom 1 the page of 400 x 300 has its corner at 100, 100. */
#define LEFT 100
#define TOP 100

typedef struct
{
  GtkWidget *window;
  GalleyCanvas *canvas;
  GalleyCheckerSource *source;
  GListStore *marks;

  GPtrArray *drawn; /* of GalleyMark */
  guint n_moved;
  GalleyPoints *before; /* of the last move */
  guint n_activated;
  guint n_deletes;
} Fixture;

static void
drawn_cb (GalleyCanvas *canvas, GalleyMark *mark, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->drawn, g_object_ref (mark));
  g_list_store_append (fixture->marks, mark);
}

static void
moved_cb (GalleyCanvas *canvas, GalleyMark *mark, GalleyPoints *before, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_moved++;
  g_clear_pointer (&fixture->before, galley_points_unref);
  fixture->before = galley_points_ref (before);
}

static void
activated_cb (GalleyCanvas *canvas, GalleyMark *mark, gpointer user_data)
{
  ((Fixture *)user_data)->n_activated++;
}

static void
delete_cb (GalleyCanvas *canvas, GalleyMark *mark, gpointer user_data)
{
  Fixture *fixture = user_data;
  guint place;

  fixture->n_deletes++;
  g_assert_true (g_list_store_find (fixture->marks, mark, &place));
  g_list_store_remove (fixture->marks, place);
}

static void
wait_until_sharp (Fixture *fixture)
{
  while (fixture->canvas->tiles == NULL || !galley_page_tiles_is_sharp (fixture->canvas->tiles))
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  fixture->source = galley_checker_source_new (3, 400, 300);
  galley_checker_source_set_plain (fixture->source, TRUE);
  fixture->marks = g_list_store_new (GALLEY_TYPE_MARK);
  fixture->drawn = g_ptr_array_new_with_free_func (g_object_unref);
  fixture->canvas = galley_canvas_new ();
  g_object_add_weak_pointer (G_OBJECT (fixture->canvas), (gpointer *)&fixture->canvas);
  galley_canvas_set_name (fixture->canvas, "Cover");
  galley_canvas_set_marks (fixture->canvas, G_LIST_MODEL (fixture->marks));
  galley_canvas_set_source (fixture->canvas, GALLEY_PAGE_SOURCE (fixture->source));
  g_signal_connect (fixture->canvas, "mark-drawn", G_CALLBACK (drawn_cb), fixture);
  g_signal_connect (fixture->canvas, "mark-moved", G_CALLBACK (moved_cb), fixture);
  g_signal_connect (fixture->canvas, "mark-activated", G_CALLBACK (activated_cb), fixture);
  g_signal_connect (fixture->canvas, "delete-requested", G_CALLBACK (delete_cb), fixture);

  gtk_widget_set_size_request (GTK_WIDGET (fixture->canvas), 600, 500);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (fixture->canvas));
  fixture->window = gtk_window_new ();
  gtk_window_set_decorated (GTK_WINDOW (fixture->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 600, 500);
  gtk_window_set_child (GTK_WINDOW (fixture->window), scrolled);
  gtk_window_present (GTK_WINDOW (fixture->window));
  gtk_test_widget_wait_for_draw (fixture->window);
  galley_canvas_set_zoom (fixture->canvas, 1);
  gtk_widget_grab_focus (GTK_WIDGET (fixture->canvas));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (fixture->canvas); /* nothing keeps it */
  g_ptr_array_unref (fixture->drawn);
  g_clear_pointer (&fixture->before, galley_points_unref);
  g_assert_finalize_object (fixture->marks);
  g_assert_finalize_object (fixture->source);
}

static GalleyMark *
add_mark (Fixture *fixture, GalleyShape shape, double x1, double y1, double x2, double y2)
{
  GalleyPoint data[] = { { x1, y1 }, { x2, y2 } };
  g_autoptr (GalleyPoints) points = galley_points_new (data, shape == GALLEY_SHAPE_PIN ? 1 : 2);
  g_autoptr (GalleyMark) mark = galley_mark_new ("m", shape, 1, points);

  galley_mark_set_width (mark, 4);
  g_list_store_append (fixture->marks, mark);
  return mark;
}

/* Places are in asset units at zoom 1, where a unit is a pixel. */
static void
press (Fixture *fixture, double x, double y)
{
  galley_canvas_pointer_pressed (fixture->canvas, LEFT + x, TOP + y, GDK_BUTTON_PRIMARY, 0, 0.5);
}

static void
move (Fixture *fixture, double x, double y)
{
  galley_canvas_pointer_moved (fixture->canvas, LEFT + x, TOP + y, 0, 0.5);
}

static void
release (Fixture *fixture, double x, double y)
{
  galley_canvas_pointer_released (fixture->canvas, LEFT + x, TOP + y, 0);
}

static void
drag (Fixture *fixture, double x1, double y1, double x2, double y2)
{
  press (fixture, x1, y1);
  move (fixture, (x1 + x2) / 2, (y1 + y2) / 2);
  move (fixture, x2, y2);
  release (fixture, x2, y2);
}

static void
click (Fixture *fixture, double x, double y)
{
  press (fixture, x, y);
  release (fixture, x, y);
}

static gboolean
key (Fixture *fixture, guint keyval, GdkModifierType state)
{
  gboolean used = galley_canvas_key_pressed (fixture->canvas, keyval, state);

  galley_canvas_key_released (fixture->canvas, keyval);
  return used;
}

static void
assert_points (GalleyMark *mark, double x1, double y1, double x2, double y2)
{
  const GalleyPoint *data = galley_points_get_data (galley_mark_get_points (mark));

  g_assert_cmpuint (galley_points_get_count (galley_mark_get_points (mark)), ==, 2);
  g_assert_cmpfloat_with_epsilon (data[0].x, x1, 1e-3);
  g_assert_cmpfloat_with_epsilon (data[0].y, y1, 1e-3);
  g_assert_cmpfloat_with_epsilon (data[1].x, x2, 1e-3);
  g_assert_cmpfloat_with_epsilon (data[1].y, y2, 1e-3);
}

static void
test_draw_rect (Fixture *fixture, gconstpointer data)
{
  GdkRGBA blue = { 0, 0, 1, 1 };
  GalleyMark *mark;

  galley_canvas_set_color (fixture->canvas, &blue);
  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_RECTANGLE);
  drag (fixture, 250, 200, 50, 40);
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  mark = g_ptr_array_index (fixture->drawn, 0);
  g_assert_cmpint (galley_mark_get_shape (mark), ==, GALLEY_SHAPE_RECT);
  g_assert_cmpuint (galley_mark_get_page (mark), ==, 1);
  assert_points (mark, 50, 40, 250, 200);
  g_assert_true (gdk_rgba_equal (galley_mark_get_color (mark), &blue));
  g_assert_cmpfloat (galley_mark_get_width (mark), ==,
                     galley_canvas_get_stroke_width (fixture->canvas));
  /* What was just drawn is selected, so that it can be corrected. */
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == mark);
}

static void
test_places_do_not_depend_on_zoom (Fixture *fixture, gconstpointer data)
{
  GalleyCanvas *canvas = fixture->canvas;
  double x1, y1, x2, y2;

  galley_canvas_set_zoom (canvas, 3);
  galley_canvas_scroll_by (canvas, 77, 55);
  galley_viewport_to_screen (&canvas->viewport, 150, 120, &x1, &y1);
  galley_viewport_to_screen (&canvas->viewport, 190, 160, &x2, &y2);
  galley_canvas_set_tool (canvas, GALLEY_TOOL_ARROW);
  drag (fixture, x1 - LEFT, y1 - TOP, x2 - LEFT, y2 - TOP);
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  assert_points (g_ptr_array_index (fixture->drawn, 0), 150, 120, 190, 160);
}

static void
test_draw_stroke (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark;
  graphene_rect_t bounds;

  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_PEN);
  press (fixture, 20, 100);
  for (guint i = 1; i <= 200; i++)
    move (fixture, 20 + i, 100 + 30 * sin (i / 20.0));
  gtk_test_widget_wait_for_draw (fixture->window); /* it is seen while it is drawn */
  release (fixture, 220, 100 + 30 * sin (10));
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  mark = g_ptr_array_index (fixture->drawn, 0);
  galley_points_get_bounds (galley_mark_get_points (mark), &bounds);
  g_assert_cmpfloat_with_epsilon (bounds.origin.x, 20, 0.01);
  g_assert_cmpfloat_with_epsilon (bounds.size.width, 200, 0.01);
  g_assert_cmpfloat_with_epsilon (bounds.size.height, 60, 1.5);
  g_assert_cmpuint (galley_points_get_count (galley_mark_get_points (mark)), <, 60);
}

static void
test_draw_polygon (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark;

  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_POLYGON);
  click (fixture, 50, 50);
  click (fixture, 150, 50);
  click (fixture, 150, 150);
  g_assert_cmpuint (fixture->drawn->len, ==, 0);
  galley_canvas_pointer_hovered (fixture->canvas, LEFT + 20, TOP + 20, 0);
  g_assert_true (key (fixture, GDK_KEY_Return, 0));
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  mark = g_ptr_array_index (fixture->drawn, 0);
  g_assert_cmpuint (galley_points_get_count (galley_mark_get_points (mark)), ==, 3);

  click (fixture, 250, 50);
  click (fixture, 350, 50);
  g_assert_true (key (fixture, GDK_KEY_Escape, 0));
  g_assert_true (key (fixture, GDK_KEY_Escape, 0)); /* and the tool */
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
}

static void
test_draw_pin (Fixture *fixture, gconstpointer data)
{
  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_PIN);
  click (fixture, 60, 70);
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  galley_canvas_set_selected (fixture->canvas, NULL);

  /* A click on a pin means that pin. */
  click (fixture, 70, 60);
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  g_assert_true (galley_canvas_get_selected (fixture->canvas) ==
                 g_ptr_array_index (fixture->drawn, 0));
}

static void
test_draw_text (Fixture *fixture, gconstpointer data)
{
  GalleyMarkEntry *entry;
  GalleyMark *mark;
  graphene_rect_t box;

  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_TEXT);
  click (fixture, 60, 70);
  entry = fixture->canvas->entry;
  g_assert_nonnull (entry);
  g_assert_false (galley_mark_entry_accept (entry)); /* nothing to say yet */
  gtk_text_buffer_set_text (galley_mark_entry_get_buffer (entry), "  Warmer, please\n", -1);
  g_assert_true (galley_mark_entry_accept (entry));
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  mark = g_ptr_array_index (fixture->drawn, 0);
  g_assert_cmpstr (galley_mark_get_body (mark), ==, "Warmer, please");
  galley_mark_text_get_box (mark, &box);
  g_assert_cmpfloat_with_epsilon (box.origin.x, 60, 0.5);

  click (fixture, 60, 200);
  gtk_popover_popdown (GTK_POPOVER (entry));
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
}

static void
test_not_outside_the_page (Fixture *fixture, gconstpointer data)
{
  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_RECTANGLE);
  drag (fixture, 300, 200, 900, 900);
  assert_points (g_ptr_array_index (fixture->drawn, 0), 300, 200, 400, 300);
}

static void
test_select_and_move (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);

  click (fixture, 150, 140);
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == mark);
  g_assert_cmpuint (fixture->n_moved, ==, 0);

  drag (fixture, 150, 140, 170, 130);
  g_assert_cmpuint (fixture->n_moved, ==, 1);
  assert_points (mark, 120, 90, 220, 170);
  g_assert_cmpfloat (galley_points_get_data (fixture->before)[0].x, ==, 100);

  drag (fixture, 220, 170, 300, 250); /* its corner */
  g_assert_cmpuint (fixture->n_moved, ==, 2);
  assert_points (mark, 120, 90, 300, 250);

  click (fixture, 20, 20);
  g_assert_null (galley_canvas_get_selected (fixture->canvas));
}

static void
test_escape_puts_back (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);

  press (fixture, 150, 140);
  move (fixture, 250, 240);
  assert_points (mark, 200, 200, 300, 280);
  g_assert_true (key (fixture, GDK_KEY_Escape, 0));
  assert_points (mark, 100, 100, 200, 180);
  release (fixture, 250, 240);
  g_assert_cmpuint (fixture->n_moved, ==, 0);
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == mark);
}

static void
test_not_editable (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);

  galley_canvas_set_editable (fixture->canvas, FALSE);
  drag (fixture, 150, 140, 250, 240);
  assert_points (mark, 100, 100, 200, 180);
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == mark); /* it can be read */
  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_PEN);
  drag (fixture, 10, 10, 50, 50);
  g_assert_cmpuint (fixture->drawn->len, ==, 0);
  g_assert_false (key (fixture, GDK_KEY_Delete, 0));
  galley_canvas_place_mark (fixture->canvas);
  g_assert_cmpuint (fixture->drawn->len, ==, 0);
}

static void
test_vanished_while_held (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A mark that somebody else deletes may go while it is being moved");
  add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);
  press (fixture, 150, 140);
  move (fixture, 250, 240);
  g_list_store_remove_all (fixture->marks);
  g_assert_null (galley_canvas_get_selected (fixture->canvas));
  move (fixture, 260, 250);
  release (fixture, 260, 250);
  g_assert_cmpuint (fixture->n_moved, ==, 0);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  (*(guint *)user_data)++;
}

static void
test_selected_both_ways (Fixture *fixture, gconstpointer data)
{
  GalleyMark *here = add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);
  GalleyMark *there = add_mark (fixture, GALLEY_SHAPE_PIN, 50, 250, 0, 0);
  guint n_notified = 0;

  g_object_set (there, "page", 3, NULL);
  g_signal_connect (fixture->canvas, "notify::selected", G_CALLBACK (count_cb), &n_notified);
  click (fixture, 150, 140);
  g_assert_cmpuint (n_notified, ==, 1);

  galley_canvas_set_selected (fixture->canvas, there);
  g_assert_cmpuint (n_notified, ==, 2);
  g_assert_cmpuint (galley_canvas_get_page (fixture->canvas), ==, 3);

  galley_canvas_set_selected (fixture->canvas, here);
  g_assert_cmpuint (galley_canvas_get_page (fixture->canvas), ==, 1);

  /* Turning the page leaves it behind. */
  galley_canvas_set_page (fixture->canvas, 2);
  g_assert_null (galley_canvas_get_selected (fixture->canvas));
}

static void
test_selected_is_revealed (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_RECT, 380, 280, 395, 295);
  double x, y;

  galley_canvas_set_zoom (fixture->canvas, 8);
  galley_viewport_scroll_to (&fixture->canvas->viewport, 0, 0);
  galley_canvas_set_selected (fixture->canvas, mark);
  galley_viewport_to_screen (&fixture->canvas->viewport, 395, 295, &x, &y);
  g_assert_cmpfloat (x, <=, 600);
  g_assert_cmpfloat (y, <=, 500);
}

static void
test_tab_goes_round (Fixture *fixture, gconstpointer data)
{
  GalleyMark *low = add_mark (fixture, GALLEY_SHAPE_PIN, 50, 250, 0, 0);
  GalleyMark *right = add_mark (fixture, GALLEY_SHAPE_RECT, 200, 100, 300, 180);
  GalleyMark *left = add_mark (fixture, GALLEY_SHAPE_RECT, 20, 100, 100, 180);
  GtkWidget *widget = GTK_WIDGET (fixture->canvas);

  g_assert_true (gtk_widget_child_focus (widget, GTK_DIR_TAB_FORWARD));
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == left);
  g_assert_true (gtk_widget_child_focus (widget, GTK_DIR_TAB_FORWARD));
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == right);
  g_assert_true (gtk_widget_child_focus (widget, GTK_DIR_TAB_FORWARD));
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == low);
  g_assert_false (gtk_widget_child_focus (widget, GTK_DIR_TAB_FORWARD)); /* on to the next widget */
  g_assert_true (gtk_widget_child_focus (widget, GTK_DIR_TAB_BACKWARD));
  g_assert_true (galley_canvas_get_selected (fixture->canvas) == right);

  g_assert_true (key (fixture, GDK_KEY_Return, 0));
  g_assert_cmpuint (fixture->n_activated, ==, 1);
  g_assert_true (key (fixture, GDK_KEY_Delete, 0));
  g_assert_cmpuint (fixture->n_deletes, ==, 1);
  g_assert_null (galley_canvas_get_selected (fixture->canvas));
}

static void
test_all_by_keyboard (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark;
  graphene_rect_t bounds;

  g_assert_true (key (fixture, GDK_KEY_e, 0));
  g_assert_cmpint (galley_canvas_get_tool (fixture->canvas), ==, GALLEY_TOOL_ELLIPSE);
  g_assert_true (key (fixture, GDK_KEY_Return, 0));
  g_assert_cmpuint (fixture->drawn->len, ==, 1);
  mark = g_ptr_array_index (fixture->drawn, 0);
  galley_points_get_bounds (galley_mark_get_points (mark), &bounds);
  g_assert_cmpfloat_with_epsilon (bounds.origin.x + bounds.size.width / 2, 200, 0.1);
  g_assert_cmpfloat_with_epsilon (bounds.origin.y + bounds.size.height / 2, 150, 0.1);

  key (fixture, GDK_KEY_Right, 0);
  key (fixture, GDK_KEY_Down, GDK_SHIFT_MASK);
  galley_points_get_bounds (galley_mark_get_points (mark), &bounds);
  g_assert_cmpfloat_with_epsilon (bounds.origin.x + bounds.size.width / 2, 201, 0.1);
  g_assert_cmpfloat_with_epsilon (bounds.origin.y + bounds.size.height / 2, 160, 0.1);
  g_assert_cmpuint (fixture->n_moved, ==, 2);
}

static void
test_held_arrow_is_one_move (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);

  galley_canvas_set_selected (fixture->canvas, mark);
  for (guint i = 0; i < 30; i++)
    galley_canvas_key_pressed (fixture->canvas, GDK_KEY_Left, 0);
  g_assert_cmpuint (fixture->n_moved, ==, 0);
  galley_canvas_key_released (fixture->canvas, GDK_KEY_Left);
  g_assert_cmpuint (fixture->n_moved, ==, 1);
  assert_points (mark, 70, 100, 170, 180);
  g_assert_cmpfloat (galley_points_get_data (fixture->before)[0].x, ==, 100);
}

static void
test_letters_of_the_window (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Shift and Ctrl with a letter are left to the window");
  g_assert_false (key (fixture, GDK_KEY_A, GDK_SHIFT_MASK));
  g_assert_false (key (fixture, GDK_KEY_r, GDK_CONTROL_MASK));
  g_assert_false (key (fixture, GDK_KEY_j, 0));
  g_assert_cmpint (galley_canvas_get_tool (fixture->canvas), ==, GALLEY_TOOL_SELECT);
}

static void
test_zoom (Fixture *fixture, gconstpointer data)
{
  GalleyCanvas *canvas = fixture->canvas;
  double x, y, screen_x, screen_y;

  galley_canvas_set_zoom_mode (canvas, GALLEY_ZOOM_FIT);
  g_assert_cmpfloat_with_epsilon (galley_canvas_get_zoom (canvas), (600 - 48) / 400.0, 1e-6);
  galley_canvas_set_zoom_mode (canvas, GALLEY_ZOOM_ACTUAL);
  g_assert_cmpfloat (galley_canvas_get_zoom (canvas), ==, 1);
  g_assert_cmpint (galley_canvas_get_zoom_percent (canvas), ==, 100);

  galley_canvas_set_zoom (canvas, 4);
  g_assert_cmpint (galley_canvas_get_zoom_mode (canvas), ==, GALLEY_ZOOM_FREE);
  galley_viewport_to_asset (&canvas->viewport, 333, 222, &x, &y);
  galley_canvas_zoom_about (canvas, 6, 333, 222);
  galley_viewport_to_screen (&canvas->viewport, x, y, &screen_x, &screen_y);
  g_assert_cmpfloat_with_epsilon (screen_x, 333, 1e-3);
  g_assert_cmpfloat_with_epsilon (screen_y, 222, 1e-3);

  g_assert_true (key (fixture, GDK_KEY_minus, 0));
  g_assert_cmpfloat_with_epsilon (galley_canvas_get_zoom (canvas), 4.8, 1e-6);
  g_assert_true (key (fixture, GDK_KEY_0, 0));
  g_assert_cmpint (galley_canvas_get_zoom_mode (canvas), ==, GALLEY_ZOOM_FIT);
}

static void
test_scroll_bars_follow (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GtkAdjustment) vertical = NULL;

  galley_canvas_set_zoom (fixture->canvas, 4);
  g_object_get (fixture->canvas, "vadjustment", &vertical, NULL);
  g_assert_cmpfloat (gtk_adjustment_get_upper (vertical), ==, 4 * 300 + 48);
  galley_canvas_scroll_by (fixture->canvas, 0, -1e9);
  g_assert_cmpfloat (gtk_adjustment_get_value (vertical), ==, 0);
  gtk_adjustment_set_value (vertical, 123);
  g_assert_cmpfloat (fixture->canvas->viewport.y, ==, 123);
}

static void
test_pan (Fixture *fixture, gconstpointer data)
{
  GalleyCanvas *canvas = fixture->canvas;
  double x;

  galley_canvas_set_zoom (canvas, 4);
  x = canvas->viewport.x;
  galley_canvas_set_tool (canvas, GALLEY_TOOL_PEN);
  galley_canvas_key_pressed (canvas, GDK_KEY_space, 0);
  drag (fixture, 100, 100, 60, 100);
  galley_canvas_key_released (canvas, GDK_KEY_space);
  g_assert_cmpfloat (canvas->viewport.x, ==, x + 40);
  g_assert_cmpuint (fixture->drawn->len, ==, 0);

  galley_canvas_pointer_pressed (canvas, 300, 300, GDK_BUTTON_MIDDLE, 0, 0.5);
  galley_canvas_pointer_moved (canvas, 340, 300, 0, 0.5);
  galley_canvas_pointer_released (canvas, 340, 300, 0);
  g_assert_cmpfloat (canvas->viewport.x, ==, x);
}

static void
test_pages (Fixture *fixture, gconstpointer data)
{
  g_assert_true (key (fixture, GDK_KEY_Page_Down, 0));
  g_assert_cmpuint (galley_canvas_get_page (fixture->canvas), ==, 2);
  g_assert_true (key (fixture, GDK_KEY_End, 0));
  g_assert_true (key (fixture, GDK_KEY_Page_Down, 0));
  g_assert_cmpuint (galley_canvas_get_page (fixture->canvas), ==, 3);
  g_assert_true (key (fixture, GDK_KEY_Home, 0));
  g_assert_true (key (fixture, GDK_KEY_Page_Up, 0));
  g_assert_cmpuint (galley_canvas_get_page (fixture->canvas), ==, 1);
}

static void
test_words (Fixture *fixture, gconstpointer data)
{
  GtkAccessible *canvas = GTK_ACCESSIBLE (fixture->canvas);
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_PIN, 50, 50, 0, 0);

  galley_mark_set_number (mark, 3);
  galley_mark_set_author (mark, "Ana");
  galley_mark_set_body (mark, "Kerning");
  gtk_test_accessible_assert_role (canvas, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (canvas, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Cover, page 1 of 3, 1 mark");
  galley_canvas_set_selected (fixture->canvas, mark);
  gtk_test_accessible_assert_property (canvas, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Pin 3 by Ana\nKerning");
  g_object_set (mark, "resolved", TRUE, "n-replies", 2, NULL);
  gtk_test_accessible_assert_property (canvas, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Pin 3 by Ana, resolved, 2 replies\nKerning");
  galley_canvas_set_page (fixture->canvas, 2);
  gtk_test_accessible_assert_property (canvas, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Cover, page 2 of 3, 0 marks");
}

static void
test_error_is_told (Fixture *fixture, gconstpointer data)
{
  GalleyCanvas *canvas = fixture->canvas;

  galley_checker_source_set_error (fixture->source, "The file is not here yet.");
  galley_page_source_changed (GALLEY_PAGE_SOURCE (fixture->source));
  while (!gtk_widget_get_visible (canvas->notice))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (canvas->notice_text)), ==,
                   "The file is not here yet.");

  /* Marks can be made all the same. */
  galley_canvas_set_tool (canvas, GALLEY_TOOL_PIN);
  click (fixture, 60, 70);
  g_assert_cmpuint (fixture->drawn->len, ==, 1);

  galley_checker_source_set_error (fixture->source, NULL);
  galley_canvas_retry (canvas);
  wait_until_sharp (fixture);
  g_assert_false (gtk_widget_get_visible (canvas->notice));
}

/* ---- pixels ---- */

/* What the window shows; a frame must have been drawn for there to be anything. */
static guchar *
render (Fixture *fixture)
{
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GskRenderer) renderer = gsk_cairo_renderer_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GError) error = NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  guchar *pixels = g_malloc (600 * 500 * 4);

  gtk_test_widget_wait_for_draw (fixture->window);
  paintable = gtk_widget_paintable_new (GTK_WIDGET (fixture->canvas));
  gdk_paintable_snapshot (paintable, snapshot, 600, 500);
  node = gtk_snapshot_free_to_node (snapshot);
  gsk_renderer_realize (renderer, NULL, &error);
  g_assert_no_error (error);
  texture = gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, 600, 500));
  gdk_texture_download (texture, pixels, 600 * 4);
  gsk_renderer_unrealize (renderer);
  return pixels;
}

static guint32
pixel_at (const guchar *pixels, int x, int y)
{
  guint32 pixel;

  memcpy (&pixel, pixels + ((TOP + y) * 600 + LEFT + x) * 4, 4);
  return pixel & 0xffffff;
}

static void
test_pixels_of_a_rect (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);
  g_autofree guchar *pixels = NULL;
  guint32 inside;

  galley_mark_set_color (mark, &(GdkRGBA){ 1, 0, 0, 1 });
  wait_until_sharp (fixture);
  pixels = render (fixture);

  g_assert_cmphex (pixel_at (pixels, 100, 140), ==, 0xff0000); /* its left side */
  g_assert_cmphex (pixel_at (pixels, 199, 140), ==, 0xff0000);
  g_assert_cmphex (pixel_at (pixels, 150, 178), ==, 0xff0000); /* and its lower one */
  g_assert_cmphex (pixel_at (pixels, 50, 50), ==, 0xffffff);   /* the page */
  inside = pixel_at (pixels, 150, 140);
  g_assert_cmphex (inside >> 16, ==, 0xff);
  g_assert_cmpuint (inside & 0xff, <, 0xff); /* a tint */
  g_assert_cmpuint (inside & 0xff, >, 0xd0);
  g_assert_cmphex (pixel_at (pixels, -50, 50), !=, 0xffffff); /* beside the page */
}

static void
test_pixels_of_a_highlight (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Ink is multiplied with the page, whether it is kept or being drawn");
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_HIGHLIGHT, 100, 100, 200, 180);
  g_autofree guchar *kept = NULL;
  g_autofree guchar *live = NULL;
  guint32 pixel;

  galley_mark_set_color (mark, &(GdkRGBA){ 1, 1, 0, 1 });
  wait_until_sharp (fixture);
  kept = render (fixture);
  pixel = pixel_at (kept, 150, 140);
  g_assert_cmphex (pixel >> 8, ==, 0xffff); /* yellow light passes */
  g_assert_cmpuint (pixel & 0xff, <, 0x90);
  g_assert_cmphex (pixel_at (kept, 210, 140), ==, 0xffffff);

  galley_canvas_set_selected (fixture->canvas, mark);
  live = render (fixture);
  g_assert_cmphex (pixel_at (live, 150, 140), ==, pixel);
}

static void
test_pixels_follow_the_mark (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = add_mark (fixture, GALLEY_SHAPE_RECT, 100, 100, 200, 180);
  g_autoptr (GalleyPoints) points = galley_points_new_pair (20, 20, 60, 60);
  g_autofree guchar *pixels = NULL;

  galley_mark_set_color (mark, &(GdkRGBA){ 1, 0, 0, 1 });
  wait_until_sharp (fixture);
  g_free (render (fixture));
  galley_mark_set_points (mark, points);
  pixels = render (fixture);
  g_assert_cmphex (pixel_at (pixels, 100, 140), ==, 0xffffff);
  g_assert_cmphex (pixel_at (pixels, 20, 40), ==, 0xff0000);
}

static void
test_finished_marks_are_drawn_once (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("Scrolling and drawing do not draw the finished marks again");
  guint drawn;

  for (guint i = 0; i < 200; i++)
    add_mark (fixture, GALLEY_SHAPE_RECT, 10 + i, 10, 60 + i, 60);
  galley_canvas_set_zoom (fixture->canvas, 2);
  wait_until_sharp (fixture);
  g_free (render (fixture));
  drawn = galley_mark_layer_get_n_drawn (fixture->canvas->layer);
  g_assert_cmpuint (drawn, >=, 200);

  galley_canvas_set_tool (fixture->canvas, GALLEY_TOOL_PEN);
  press (fixture, 20, 200);
  for (guint i = 0; i < 5; i++)
    {
      move (fixture, 30 + 10 * i, 200);
      gtk_test_widget_wait_for_draw (fixture->window);
    }
  g_assert_cmpuint (galley_mark_layer_get_n_drawn (fixture->canvas->layer), ==, drawn);
}

/* ---- the tool bar and the strip ---- */

static void
test_tool_bar (Fixture *fixture, gconstpointer data)
{
  GtkWidget *bar = g_object_ref_sink (galley_tool_bar_new (fixture->canvas));
  GtkWidget *pen = galley_tool_bar_get_button (GALLEY_TOOL_BAR (bar), GALLEY_TOOL_PEN);

  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (pen), GTK_ACCESSIBLE_PROPERTY_LABEL, "Pen");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (pen), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Pen (P)");
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (pen), TRUE);
  g_assert_cmpint (galley_canvas_get_tool (fixture->canvas), ==, GALLEY_TOOL_PEN);
  key (fixture, GDK_KEY_v, 0);
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (pen)));

  galley_canvas_set_editable (fixture->canvas, FALSE);
  g_assert_false (gtk_widget_get_sensitive (pen));
  gtk_widget_activate_action (bar, "tool-bar.zoom-actual", NULL);
  g_assert_cmpint (galley_canvas_get_zoom_mode (fixture->canvas), ==, GALLEY_ZOOM_ACTUAL);
  g_assert_finalize_object (bar);
}

static void
test_every_tool_has_words_and_a_picture (Fixture *fixture, gconstpointer data)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gdk_display_get_default ());

  for (guint i = 0; i < GALLEY_N_TOOLS; i++)
    {
      GalleyTool found;

      g_assert_cmpstr (galley_tool_get_name ((GalleyTool)i), !=, "");
      g_assert_true (gtk_icon_theme_has_icon (theme, galley_tool_get_icon_name ((GalleyTool)i)));
      g_assert_true (galley_tool_from_key (galley_tool_get_key ((GalleyTool)i), &found));
      g_assert_cmpuint (found, ==, i);
    }
}

static GtkWidget *
find_descendant (GtkWidget *widget, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_descendant (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_page_strip (Fixture *fixture, gconstpointer data)
{
  GtkWidget *strip = g_object_ref_sink (galley_page_strip_new (fixture->canvas));
  GtkWidget *list = find_descendant (strip, GTK_TYPE_LIST_VIEW);
  GtkSelectionModel *pages = gtk_list_view_get_model (GTK_LIST_VIEW (list));

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (pages)), ==, 3);
  g_assert_true (gtk_selection_model_is_selected (pages, 0));
  galley_canvas_set_page (fixture->canvas, 3);
  g_assert_true (gtk_selection_model_is_selected (pages, 2));
  gtk_selection_model_select_item (pages, 1, TRUE);
  g_assert_cmpuint (galley_canvas_get_page (fixture->canvas), ==, 2);

  galley_canvas_set_source (fixture->canvas, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (pages)), ==, 0);
  g_assert_finalize_object (strip);
}

static guint
count_pictures (GtkWidget *widget)
{
  guint count = GALLEY_IS_PAGE_THUMBNAIL (widget) &&
                galley_page_thumbnail_has_picture (GALLEY_PAGE_THUMBNAIL (widget));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    count += count_pictures (child);
  return count;
}

static void
test_page_strip_loads_few (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("The small pictures do not stand in the way of the page that is looked at");
  g_autoptr (GalleyCheckerSource) source = galley_checker_source_new (60, 100, 140);
  g_autoptr (GalleyCanvas) canvas = g_object_ref_sink (galley_canvas_new ());
  GtkWidget *window = gtk_window_new (), *strip = galley_page_strip_new (canvas);
  guint asked;

  galley_canvas_set_source (canvas, GALLEY_PAGE_SOURCE (source));
  galley_checker_source_hold (source);
  gtk_window_set_default_size (GTK_WINDOW (window), 180, 500);
  gtk_window_set_child (GTK_WINDOW (window), strip);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (window);
  while (galley_checker_source_get_n_held (source) == 0)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  asked = galley_checker_source_get_n_held (source);
  g_assert_cmpuint (asked, <=, 2);

  galley_checker_source_release (source);
  while (count_pictures (strip) < 4)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_nothing_to_show (Fixture *fixture, gconstpointer data)
{
  GalleyCanvas *canvas = fixture->canvas;

  galley_canvas_set_source (canvas, NULL);
  galley_canvas_set_marks (canvas, NULL);
  galley_canvas_set_tool (canvas, GALLEY_TOOL_PEN);
  drag (fixture, 10, 10, 90, 90);
  galley_canvas_place_mark (canvas);
  galley_canvas_zoom_in (canvas);
  galley_canvas_retry (canvas);
  gtk_test_widget_wait_for_draw (fixture->window);
  g_assert_cmpuint (fixture->drawn->len, ==, 0);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  galley_ui_init ();
  ADD ("/canvas/draw-rect", test_draw_rect);
  ADD ("/canvas/places-do-not-depend-on-zoom", test_places_do_not_depend_on_zoom);
  ADD ("/canvas/draw-stroke", test_draw_stroke);
  ADD ("/canvas/draw-polygon", test_draw_polygon);
  ADD ("/canvas/draw-pin", test_draw_pin);
  ADD ("/canvas/draw-text", test_draw_text);
  ADD ("/canvas/not-outside-the-page", test_not_outside_the_page);
  ADD ("/canvas/select-and-move", test_select_and_move);
  ADD ("/canvas/escape-puts-back", test_escape_puts_back);
  ADD ("/canvas/not-editable", test_not_editable);
  ADD ("/canvas/vanished-while-held", test_vanished_while_held);
  ADD ("/canvas/selected-both-ways", test_selected_both_ways);
  ADD ("/canvas/selected-is-revealed", test_selected_is_revealed);
  ADD ("/canvas/tab-goes-round", test_tab_goes_round);
  ADD ("/canvas/all-by-keyboard", test_all_by_keyboard);
  ADD ("/canvas/held-arrow-is-one-move", test_held_arrow_is_one_move);
  ADD ("/canvas/letters-of-the-window", test_letters_of_the_window);
  ADD ("/canvas/zoom", test_zoom);
  ADD ("/canvas/scroll-bars-follow", test_scroll_bars_follow);
  ADD ("/canvas/pan", test_pan);
  ADD ("/canvas/pages", test_pages);
  ADD ("/canvas/words", test_words);
  ADD ("/canvas/error-is-told", test_error_is_told);
  ADD ("/canvas/pixels-of-a-rect", test_pixels_of_a_rect);
  ADD ("/canvas/pixels-of-a-highlight", test_pixels_of_a_highlight);
  ADD ("/canvas/pixels-follow-the-mark", test_pixels_follow_the_mark);
  ADD ("/canvas/finished-marks-are-drawn-once", test_finished_marks_are_drawn_once);
  ADD ("/canvas/tool-bar", test_tool_bar);
  ADD ("/canvas/every-tool-has-words-and-a-picture", test_every_tool_has_words_and_a_picture);
  ADD ("/canvas/page-strip", test_page_strip);
  ADD ("/canvas/page-strip-loads-few", test_page_strip_loads_few);
  ADD ("/canvas/nothing-to-show", test_nothing_to_show);
  return g_test_run ();
}
