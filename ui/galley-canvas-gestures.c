/* galley-canvas-gestures.c: mouse, pen and fingers, brought to the canvas's hand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-canvas-gestures"

#include "ui/galley-canvas-private.h"

#include <math.h>

/* How much a step of the wheel zooms. */
#define WHEEL_ZOOM 1.15

static double
get_pressure (GdkEvent *event)
{
  double pressure = GALLEY_MARK_DRAFT_PRESSURE;

  if (event != NULL && gdk_event_get_device_tool (event) != NULL)
    gdk_event_get_axis (event, GDK_AXIS_PRESSURE, &pressure);
  return pressure;
}

static GdkEvent *
get_event (GtkGesture *gesture)
{
  GdkEventSequence *sequence = gtk_gesture_single_get_current_sequence (
      GTK_GESTURE_SINGLE (gesture));

  return gtk_gesture_get_last_event (gesture, sequence);
}

static GdkModifierType
get_state (GtkGesture *gesture)
{
  return gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
}

/* GDK gives one motion a frame; where the pointer was between two frames stands in its history. */
static void
draw_history (GalleyCanvas *self, GdkEvent *event)
{
  guint count = 0;
  g_autofree GdkTimeCoord *history = gdk_event_get_history (event, &count);
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  double left, top;

  if (native == NULL)
    return;

  gtk_native_get_surface_transform (native, &left, &top);
  for (guint i = 0; i < count; i++)
    {
      double pressure = (history[i].flags & GDK_AXIS_FLAG_PRESSURE) != 0
                            ? history[i].axes[GDK_AXIS_PRESSURE]
                            : GALLEY_MARK_DRAFT_PRESSURE;
      double x, y;

      if (gtk_widget_translate_coordinates (GTK_WIDGET (native), GTK_WIDGET (self),
                                            history[i].axes[GDK_AXIS_X] - left,
                                            history[i].axes[GDK_AXIS_Y] - top, &x, &y))
        galley_canvas_pointer_moved (self, x, y, 0, pressure);
    }
}

static void
drag_begun_cb (GtkGestureDrag *gesture, double x, double y, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  if (button == GDK_BUTTON_SECONDARY)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }

  gtk_widget_grab_focus (GTK_WIDGET (self));
  galley_canvas_pointer_pressed (self, x, y, MAX (button, GDK_BUTTON_PRIMARY),
                                 get_state (GTK_GESTURE (gesture)),
                                 get_pressure (get_event (GTK_GESTURE (gesture))));
  if (self->hand != GALLEY_HAND_IDLE)
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
drag_updated_cb (GtkGestureDrag *gesture, double dx, double dy, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  GdkEvent *event = get_event (GTK_GESTURE (gesture));
  double x, y;

  gtk_gesture_drag_get_start_point (gesture, &x, &y);
  if (self->hand == GALLEY_HAND_DRAW && event != NULL)
    draw_history (self, event);
  galley_canvas_pointer_moved (self, x + dx, y + dy, get_state (GTK_GESTURE (gesture)),
                               get_pressure (event));
}

static void
drag_ended_cb (GtkGestureDrag *gesture, double dx, double dy, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  double x, y;

  if (gtk_gesture_drag_get_start_point (gesture, &x, &y))
    galley_canvas_pointer_released (self, x + dx, y + dy, get_state (GTK_GESTURE (gesture)));
}

static void
drag_cancelled_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer user_data)
{
  galley_canvas_cancel (user_data);
}

/* The drag has dealt with the press already; here only a second one counts. */
static void
clicked_cb (GtkGestureClick *gesture, int n_press, double x, double y, gpointer user_data)
{
  if (n_press == 2)
    galley_canvas_pointer_double_clicked (user_data, x, y);
}

static void
hovered_cb (GtkEventControllerMotion *controller, double x, double y, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  GtkEventController *motion = GTK_EVENT_CONTROLLER (controller);

  if (self->hand == GALLEY_HAND_IDLE)
    galley_canvas_pointer_hovered (self, x, y,
                                   gtk_event_controller_get_current_event_state (motion));
}

static void
left_cb (GtkEventControllerMotion *controller, gpointer user_data)
{
  GalleyCanvas *self = user_data;

  if (g_set_object (&self->hovered, NULL))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
scrolled_cb (GtkEventControllerScroll *controller, double dx, double dy, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  GdkModifierType state = gtk_event_controller_get_current_event_state (
      GTK_EVENT_CONTROLLER (controller));

  if ((state & GDK_CONTROL_MASK) == 0 || dy == 0)
    return FALSE; /* the scrolled window's */

  galley_canvas_zoom_about (self, self->viewport.zoom * pow (WHEEL_ZOOM, -dy), self->pointer_x,
                            self->pointer_y);
  return TRUE;
}

static void
pinch_begun_cb (GtkGesture *gesture, GdkEventSequence *sequence, gpointer user_data)
{
  GalleyCanvas *self = user_data;

  gtk_gesture_set_state (self->drag, GTK_EVENT_SEQUENCE_DENIED);
  galley_canvas_cancel (self);
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  self->pinch_zoom = self->viewport.zoom;
}

static void
pinched_cb (GtkGestureZoom *gesture, double scale, gpointer user_data)
{
  GalleyCanvas *self = user_data;
  double x, y;

  if (gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    galley_canvas_zoom_about (self, self->pinch_zoom * scale, x, y);
}

static void
add_drag (GalleyCanvas *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->drag = gtk_gesture_drag_new ();
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (self->drag), 0);
  g_signal_connect (self->drag, "drag-begin", G_CALLBACK (drag_begun_cb), self);
  g_signal_connect (self->drag, "drag-update", G_CALLBACK (drag_updated_cb), self);
  g_signal_connect (self->drag, "drag-end", G_CALLBACK (drag_ended_cb), self);
  g_signal_connect (self->drag, "cancel", G_CALLBACK (drag_cancelled_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (clicked_cb), self);
  gtk_gesture_group (click, self->drag);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

void
galley_canvas_gestures_init (GalleyCanvas *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (
      GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  add_drag (self);
  g_signal_connect (motion, "motion", G_CALLBACK (hovered_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (left_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scrolled_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begun_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinched_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pinch));
}
