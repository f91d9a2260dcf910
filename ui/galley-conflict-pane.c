/* galley-conflict-pane.c: one conflict: a row for each field, and what is to stand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict-pane"

#include "ui/galley-conflict-pane.h"

#include "ui/galley-contest-row.h"
#include "ui/galley-remarks.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyConflictPane
{
  GtkWidget parent_instance;

  GalleyConflict *conflict; /* (nullable) */
  gboolean applying;
  gboolean wants_focus; /* once the fields are there */
  GCancellable *cancellable;

  GtkRevealer *ending;
  GtkLabel *ending_text;
  GtkWidget *heading;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkLabel *excerpt;
  GalleyRemarks *remarks;
  GtkWidget *show_item;
  GtkScrolledWindow *scrolled;
  GtkBox *contested;
  GtkWidget *merged_heading;
  GtkBox *merged;
  GtkLabel *progress;
  GtkWidget *apply;
};

enum
{
  SIGNAL_APPLIED,
  SIGNAL_NEXT,
  SIGNAL_SHOW_ITEM,
  SIGNAL_PUT_OFF,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConflictPane, galley_conflict_pane, GTK_TYPE_WIDGET)

/* ── what is said ── */

/* "A note on it · You, Rosa · found 5 minutes ago" */
static char *
describe (GalleyConflict *conflict)
{
  const GalleyConflictRow *row = galley_conflict_get_row (conflict);
  GPtrArray *contests = galley_conflict_get_contests (conflict);
  g_autofree char *since = galley_words_for_time (row->since_us, g_get_real_time ());
  g_autoptr (GPtrArray) people = g_ptr_array_new ();
  g_autofree char *names = NULL;

  for (guint i = 0; contests != NULL && i < contests->len; i++)
    {
      GPtrArray *sides = ((GalleyContest *)contests->pdata[i])->sides;

      for (guint s = 0; s < sides->len; s++)
        {
          char *who = ((GalleyConflictSide *)sides->pdata[s])->who;

          if (!g_ptr_array_find_with_equal_func (people, who, g_str_equal, NULL))
            g_ptr_array_add (people, who);
        }
    }
  g_ptr_array_add (people, NULL);
  names = g_strjoinv (", ", (char **)people->pdata);

  /* Translators: what it is, who changed it, when that was noticed: “A note on it · You, Rosa ·
   * found 5 minutes ago” */
  return g_strdup_printf (_ ("%s · %s · found %s"), galley_conflict_get_kind_words (conflict),
                          names, since);
}

static void
show_progress (GalleyConflictPane *self)
{
  guint n_picked = galley_conflict_count_picked (self->conflict);
  guint n_open = galley_conflict_count_open (self->conflict);
  gboolean can = n_picked > 0 && !self->applying &&
                 galley_conflict_get_ending (self->conflict) == NULL;
  g_autofree char *text = NULL;

  if (n_open == 0)
    text = g_strdup (_ ("Everything is decided."));
  else
    text = g_strdup_printf (ngettext ("%u field is still open.", "%u fields are still open.",
                                      n_open),
                            n_open);
  gtk_label_set_text (self->progress,
                      galley_conflict_get_contests (self->conflict) != NULL ? text : "");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "conflict.apply", can);
}

static void
picked_cb (GalleyConflictPane *self)
{
  show_progress (self);
}

/* ── the fields ── */

static GtkWidget *
find_row (GtkBox *box, guint contest)
{
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (box));

  while (row != NULL && !galley_contest_row_is_about (GALLEY_CONTEST_ROW (row), contest))
    row = gtk_widget_get_next_sibling (row);

  return row;
}

static void
remove_rows (GtkBox *box)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, row);
}

static gboolean
is_shown (GalleyConflictPane *self, GtkWidget *row)
{
  GPtrArray *contests = galley_conflict_get_contests (self->conflict);

  for (guint i = 0; i < contests->len; i++)
    if (galley_contest_row_is_about (GALLEY_CONTEST_ROW (row), i))
      return TRUE;

  return FALSE;
}

static void
remove_gone (GalleyConflictPane *self, GtkBox *box)
{
  GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (box));

  while (row != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (row);

      if (!is_shown (self, row))
        gtk_box_remove (box, row);
      row = next;
    }
}

static void
focus_first (GalleyConflictPane *self)
{
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self->contested));

  if (first != NULL && self->wants_focus)
    {
      gtk_widget_grab_focus (first);
      self->wants_focus = FALSE;
    }
}

static void
loaded_cb (GalleyConflictPane *self)
{
  GPtrArray *contests = galley_conflict_get_contests (self->conflict);
  const char *excerpt = galley_conflict_get_excerpt (self->conflict);
  g_autofree char *subtitle = NULL;
  gboolean any_merged = FALSE;

  if (contests == NULL)
    return;

  remove_gone (self, self->contested);
  remove_gone (self, self->merged);
  for (guint i = 0; i < contests->len; i++)
    {
      const GalleyContest *contest = contests->pdata[i];
      GtkWidget *row = find_row (self->contested, i);

      any_merged |= !contest->contested;
      if (row == NULL)
        row = find_row (self->merged, i);
      if (row != NULL)
        galley_contest_row_update (GALLEY_CONTEST_ROW (row));
      else
        gtk_box_append (contest->contested ? self->contested : self->merged,
                        galley_contest_row_new (self->conflict, i));
    }

  subtitle = describe (self->conflict);
  gtk_label_set_text (self->subtitle, subtitle);
  gtk_label_set_text (self->excerpt, excerpt != NULL ? excerpt : "");
  gtk_widget_set_visible (GTK_WIDGET (self->excerpt), excerpt != NULL && *excerpt != '\0');
  gtk_widget_set_visible (self->merged_heading, any_merged);
  gtk_widget_set_visible (GTK_WIDGET (self->merged), any_merged);
  gtk_revealer_set_reveal_child (self->ending, FALSE);
  show_progress (self);
  focus_first (self);
}

static void
settled_cb (GalleyConflictPane *self)
{
  if (self->applying)
    return;

  gtk_label_set_text (self->ending_text, galley_conflict_get_ending (self->conflict));
  gtk_revealer_set_reveal_child (self->ending, TRUE);
  show_progress (self);
}

/* ── applying ── */

static void
applied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyConflictPane) self = user_data;
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  self->applying &= GALLEY_CONFLICT (source) != self->conflict;
  if (!galley_conflict_apply_finish (GALLEY_CONFLICT (source), result, &committed, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s", error->message);
      galley_conflict_load (GALLEY_CONFLICT (source));
      if (self->conflict != NULL)
        show_progress (self);
      return;
    }

  g_signal_emit (self, signals[SIGNAL_APPLIED], 0, source, &committed);
}

static void
apply (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConflictPane *self = GALLEY_CONFLICT_PANE (widget);

  if (self->conflict == NULL || self->applying ||
      galley_conflict_count_picked (self->conflict) == 0)
    return;

  self->applying = TRUE;
  show_progress (self);
  galley_conflict_apply_async (self->conflict, self->cancellable, applied_cb, g_object_ref (self));
}

static void
next (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_NEXT], 0);
}

static void
show_item (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConflictPane *self = GALLEY_CONFLICT_PANE (widget);

  if (self->conflict != NULL)
    g_signal_emit (self, signals[SIGNAL_SHOW_ITEM], 0,
                   &galley_conflict_get_row (self->conflict)->item);
}

static void
say (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConflictPane *self = GALLEY_CONFLICT_PANE (widget);

  if (self->conflict == NULL)
    return;

  galley_remarks_write (self->remarks);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scrolled), 0);
}

/* Before a text that is typed into takes it for a new line. Where a remark is written, the keys
 * send that. */
static gboolean
apply_shortcut_cb (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));

  if (focus != NULL &&
      gtk_widget_is_ancestor (focus, GTK_WIDGET (GALLEY_CONFLICT_PANE (widget)->remarks)))
    return FALSE;

  gtk_widget_activate_action (widget, "conflict.apply", NULL);
  return TRUE;
}

static void
add_apply_shortcut (GalleyConflictPane *self, guint key)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (key, GDK_CONTROL_MASK),
                        gtk_callback_action_new (apply_shortcut_cb, NULL, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static gboolean
galley_conflict_pane_grab_focus (GtkWidget *widget)
{
  GalleyConflictPane *self = GALLEY_CONFLICT_PANE (widget);

  galley_conflict_pane_focus_next (self);
  focus_first (self);
  return TRUE;
}

/* Tomorrow begins when people come to work. */
static gint64
find_tomorrow_us (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) day = g_date_time_add_days (now, 1);
  g_autoptr (GDateTime)
      morning = g_date_time_new_local (g_date_time_get_year (day), g_date_time_get_month (day),
                                       g_date_time_get_day_of_month (day), 8, 0, 0);

  return g_date_time_to_unix (morning) * G_USEC_PER_SEC;
}

static void
put_off (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConflictPane *self = GALLEY_CONFLICT_PANE (widget);
  const char *how = g_variant_get_string (parameter, NULL);
  gint64 until_us = g_get_real_time ();

  if (self->conflict == NULL)
    return;

  if (g_str_equal (how, "hour"))
    until_us += G_TIME_SPAN_HOUR;
  else if (g_str_equal (how, "tomorrow"))
    until_us = find_tomorrow_us ();
  else if (g_str_equal (how, "week"))
    until_us += 7 * G_TIME_SPAN_DAY;
  else
    until_us = 0;
  g_signal_emit (self, signals[SIGNAL_PUT_OFF], 0, until_us);
}

static void
galley_conflict_pane_dispose (GObject *object)
{
  GalleyConflictPane *self = GALLEY_CONFLICT_PANE (object);
  GtkWidget *child;

  g_cancellable_cancel (self->cancellable);
  if (self->conflict != NULL)
    g_signal_handlers_disconnect_by_data (self->conflict, self);
  g_clear_object (&self->conflict);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_conflict_pane_parent_class)->dispose (object);
}

static void
galley_conflict_pane_finalize (GObject *object)
{
  g_object_unref (GALLEY_CONFLICT_PANE (object)->cancellable);
  G_OBJECT_CLASS (galley_conflict_pane_parent_class)->finalize (object);
}

static void
galley_conflict_pane_class_init (GalleyConflictPaneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (GALLEY_TYPE_REMARKS);
  object_class->dispose = galley_conflict_pane_dispose;
  object_class->finalize = galley_conflict_pane_finalize;
  widget_class->grab_focus = galley_conflict_pane_grab_focus;
  signals[SIGNAL_APPLIED] = g_signal_new ("applied", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 2, GALLEY_TYPE_CONFLICT,
                                          G_TYPE_POINTER);
  signals[SIGNAL_NEXT] = g_signal_new ("next", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SHOW_ITEM] = g_signal_new ("show-item", G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            G_TYPE_POINTER);

  signals[SIGNAL_PUT_OFF] = g_signal_new ("put-off", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT64);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-conflict-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, ending);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, ending_text);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, heading);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, subtitle);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, excerpt);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, remarks);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, show_item);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, scrolled);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, contested);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, merged_heading);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, merged);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, progress);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictPane, apply);
  gtk_widget_class_install_action (widget_class, "conflict.apply", NULL, apply);
  gtk_widget_class_install_action (widget_class, "conflict.next", NULL, next);
  gtk_widget_class_install_action (widget_class, "conflict.show-item", NULL, show_item);
  gtk_widget_class_install_action (widget_class, "conflict.put-off", "s", put_off);
  gtk_widget_class_install_action (widget_class, "conflict.say", NULL, say);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_a, 0, "conflict.say", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_p, 0, "conflict.put-off", "s",
                                       "tomorrow");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, 0, "conflict.next", NULL);
}

static void
galley_conflict_pane_init (GalleyConflictPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  add_apply_shortcut (self, GDK_KEY_Return);
  add_apply_shortcut (self, GDK_KEY_KP_Enter);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "conflict.apply", FALSE);
}

/**
 * galley_conflict_pane_set_conflict:
 * @conflict: (nullable): what to show from now on; it is loaded when it is not yet
 */
void
galley_conflict_pane_set_conflict (GalleyConflictPane *self, GalleyConflict *conflict)
{
  g_return_if_fail (GALLEY_IS_CONFLICT_PANE (self));

  if (self->conflict == conflict)
    return;
  if (self->conflict != NULL)
    g_signal_handlers_disconnect_by_data (self->conflict, self);
  /* Where the focus is goes now: it must not fall out of the pane. */
  if (gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL)
    galley_conflict_pane_focus_next (self);
  remove_rows (self->contested);
  remove_rows (self->merged);
  gtk_revealer_set_reveal_child (self->ending, FALSE);
  self->applying = FALSE;
  g_set_object (&self->conflict, conflict);
  galley_remarks_set_conflict (self->remarks, conflict);
  if (conflict == NULL)
    return;

  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scrolled), 0);
  gtk_label_set_text (self->title, galley_conflict_get_row (conflict)->title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->heading), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  galley_conflict_get_row (conflict)->title, -1);
  gtk_label_set_text (self->subtitle, "");
  gtk_widget_set_visible (GTK_WIDGET (self->excerpt), FALSE);
  gtk_widget_set_visible (self->show_item,
                          !galley_id_is_nil (&galley_conflict_get_row (conflict)->item));
  g_signal_connect_object (conflict, "loaded", G_CALLBACK (loaded_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conflict, "picked", G_CALLBACK (picked_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conflict, "settled", G_CALLBACK (settled_cb), self, G_CONNECT_SWAPPED);
  show_progress (self);
  loaded_cb (self);
  galley_conflict_load (conflict);
}

/**
 * galley_conflict_pane_focus_next:
 *
 * Once the fields are read again, the keys are about the first that is open; until then about what
 * is said above them.
 */
void
galley_conflict_pane_focus_next (GalleyConflictPane *self)
{
  g_return_if_fail (GALLEY_IS_CONFLICT_PANE (self));

  self->wants_focus = TRUE;
  gtk_widget_grab_focus (self->heading);
}

GalleyConflict *
galley_conflict_pane_get_conflict (GalleyConflictPane *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT_PANE (self), NULL);

  return self->conflict;
}
