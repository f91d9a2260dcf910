/* galley-contest-row.c: one field of a conflict: what it was, what each made of it, the result
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-contest-row"

#include "ui/galley-contest-row.h"

#include "ui/galley-columns.h"
#include "ui/galley-conflict-drawing.h"
#include "ui/galley-conflict-text.h"
#include "ui/galley-swatch.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

/* Side by side while there is room; below that one under the other. */
#define COLUMN_MIN_WIDTH_PX 150
#define MAX_COLUMNS 4
/* With more people than this, a list is easier to read than columns. */
#define MAX_SIDES_AS_COLUMNS 8
#define SWATCH_SIZE_PX 18

struct _GalleyContestRow
{
  GtkWidget parent_instance;

  GalleyConflict *conflict;
  guint contest;
  guint16 field;
  char *element;

  GtkWidget *box;
  GtkLabel *rule;
  GtkWidget *columns;
  GPtrArray *choices; /* of GtkToggleButton (borrowed), in the order of their keys */
  GtkLabel *result;
  GalleyConflictText *text; /* (nullable): of texts */
  GtkWidget *drawing;       /* (nullable): of places */
};

G_DEFINE_FINAL_TYPE (GalleyContestRow, galley_contest_row, GTK_TYPE_WIDGET)

static GalleyContest *
get_contest (GalleyContestRow *self)
{
  GPtrArray *contests = galley_conflict_get_contests (self->conflict);

  return contests != NULL && self->contest < contests->len ? contests->pdata[self->contest] : NULL;
}

/* ── the values ── */

/* The keys are 1 for what it was before, then one for each side, then one for all of it together.
 */
static gboolean
can_join (const GalleyContest *contest)
{
  return contest->woven != NULL && contest->contested;
}

static guint
count_choices (const GalleyContest *contest)
{
  return 1 + contest->sides->len + can_join (contest);
}

static gboolean
is_picked (const GalleyContest *contest, guint choice)
{
  switch (contest->pick)
    {
    case GALLEY_PICK_BEFORE:
      return choice == 0;
    case GALLEY_PICK_SIDE:
      return choice == contest->side + 1;
    case GALLEY_PICK_OWN:
      return choice > contest->sides->len;
    case GALLEY_PICK_NONE:
    default:
      return FALSE;
    }
}

static void
take_choice (GalleyContestRow *self, guint choice)
{
  const GalleyContest *contest = get_contest (self);

  if (contest == NULL || choice >= count_choices (contest))
    return;

  if (choice == 0)
    galley_conflict_pick (self->conflict, self->contest, GALLEY_PICK_BEFORE, 0, NULL);
  else if (choice <= contest->sides->len)
    galley_conflict_pick (self->conflict, self->contest, GALLEY_PICK_SIDE, choice - 1, NULL);
  else
    galley_conflict_pick (self->conflict, self->contest, GALLEY_PICK_OWN, 0,
                          g_variant_new_string (contest->woven));

  if (self->text != NULL && choice > contest->sides->len)
    galley_conflict_text_set_woven (self->text, contest->woven, contest->overlaps);
  else if (self->text != NULL && contest->pick != GALLEY_PICK_NONE)
    {
      GVariant *value = galley_conflict_get_result (self->conflict, self->contest);

      galley_conflict_text_set_text (self->text,
                                     value != NULL &&
                                             g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
                                         ? g_variant_get_string (value, NULL)
                                         : "");
    }
}

static void
clicked_cb (GalleyContestRow *self, GtkToggleButton *button)
{
  guint choice;

  if (g_ptr_array_find (self->choices, button, &choice))
    take_choice (self, choice);
}

static GtkWidget *
make_heading (GalleyContestRow *self, guint choice, const char *who, gboolean fresh)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *number = g_strdup_printf ("%u", choice + 1);
  GtkWidget *key = gtk_label_new (number);

  gtk_widget_add_css_class (key, "galley-key");
  gtk_widget_set_visible (key, choice < 9);
  gtk_widget_set_valign (key, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (box), key);
  gtk_box_append (GTK_BOX (box), galley_ui_label_new (who, "caption-heading"));
  if (galley_conflict_drawing_can_show (self->conflict, self->contest))
    gtk_box_append (GTK_BOX (box), galley_conflict_drawing_legend_new ((int)choice - 1));
  if (fresh)
    {
      GtkWidget *badge = gtk_label_new (_ ("New"));

      gtk_widget_add_css_class (badge, "galley-fresh");
      gtk_widget_set_valign (badge, GTK_ALIGN_START);
      gtk_box_append (GTK_BOX (box), badge);
    }

  return box;
}

static void
say_choice (GtkWidget *button, const char *who, const char *when, const char *words)
{
  g_autofree char *text = when != NULL ? g_strdup_printf ("%s, %s: %s", who, when, words)
                                       : g_strdup_printf ("%s: %s", who, words);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

/* @difference: (nullable) */
static GtkWidget *
make_value (const char *words, const GalleyTextDifference *difference, guint max_chars)
{
  g_autofree char *excerpt = difference != NULL
                                 ? g_strdup (galley_text_difference_get_text (difference))
                                 : galley_words_shorten (words, max_chars);
  GtkWidget *label = galley_ui_label_new (excerpt, NULL);

  gtk_label_set_max_width_chars (GTK_LABEL (label), 16);
  gtk_widget_set_vexpand (label, TRUE);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  if (difference != NULL)
    {
      PangoAttrList *attributes = galley_text_difference_make_attributes (difference);

      gtk_label_set_attributes (GTK_LABEL (label), attributes);
      pango_attr_list_unref (attributes);
    }
  return label;
}

static void
append_swatch (GtkBox *box, const char *words)
{
  GtkWidget *swatch;
  GdkRGBA color;

  if (*words != '#' || !gdk_rgba_parse (&color, words))
    return;
  swatch = galley_swatch_new (SWATCH_SIZE_PX);
  galley_swatch_set_color (GALLEY_SWATCH (swatch), &color);
  gtk_widget_set_halign (swatch, GTK_ALIGN_START);
  gtk_box_append (box, swatch);
}

static GtkWidget *
append_choice (GalleyContestRow *self,
               const char *who,
               const char *when,
               const char *words,
               const GalleyTextDifference *difference,
               gboolean fresh)
{
  GtkWidget *button = g_object_new (GTK_TYPE_TOGGLE_BUTTON, "accessible-role",
                                    GTK_ACCESSIBLE_ROLE_RADIO, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  g_autofree char *said = difference != NULL ? galley_text_difference_describe (difference)
                                             : g_strdup (words);

  gtk_box_append (GTK_BOX (box), make_heading (self, self->choices->len, who, fresh));
  if (when != NULL)
    gtk_box_append (GTK_BOX (box), galley_ui_label_new (when, "caption"));
  gtk_box_append (GTK_BOX (box), make_value (words, difference,
                                             galley_conflict_excerpt_chars (get_contest (self))));
  append_swatch (GTK_BOX (box), words);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "galley-side");
  gtk_widget_set_size_request (button, COLUMN_MIN_WIDTH_PX, -1);
  say_choice (button, who, when, said);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (clicked_cb), self);
  g_ptr_array_add (self->choices, button);
  galley_columns_append (GALLEY_COLUMNS (self->columns), button);
  return button;
}

static void
append_before (GalleyContestRow *self, const GalleyContest *contest)
{
  GtkWidget *button = append_choice (self, contest->deletes ? _ ("Keep it") : _ ("Before"), NULL,
                                     contest->deletes ? _ ("With everything that was changed on it")
                                                      : contest->before,
                                     NULL, FALSE);

  gtk_widget_set_sensitive (button, contest->base_known || contest->deletes);
}

static void
append_side (GalleyContestRow *self, const GalleyContest *contest, guint index)
{
  const GalleyConflictSide *side = contest->sides->pdata[index];
  g_autofree char *words = contest->deletes && contest->loss != NULL
                               ? g_strdup_printf ("%s\n%s", side->words, contest->loss)
                               : g_strdup (side->words);
  GtkWidget *button = append_choice (self, side->who, side->when, words, side->difference,
                                     side->fresh);

  gtk_widget_add_css_class (button, index == 0   ? "galley-side-first"
                                    : index == 1 ? "galley-side-second"
                                                 : "galley-side-other");
}

/* ── what is to stand ── */

static void
show_picked (GalleyContestRow *self)
{
  const GalleyContest *contest = get_contest (self);
  g_autofree char *result = galley_conflict_describe_result (self->conflict, self->contest);
  g_autofree char *words = NULL;

  if (contest == NULL)
    return;
  for (guint i = 0; i < self->choices->len; i++)
    {
      gtk_toggle_button_set_active (self->choices->pdata[i], is_picked (contest, i));
      gtk_accessible_update_state (GTK_ACCESSIBLE (self->choices->pdata[i]),
                                   GTK_ACCESSIBLE_STATE_CHECKED, is_picked (contest, i), -1);
    }

  if (contest->pick != GALLEY_PICK_NONE)
    /* Translators: what everyone will see in a field, once this is applied */
    words = g_strdup_printf (_ ("Result: %s"), result);
  else
    /* Translators: what everyone sees in a field as long as nobody settles it */
    words = g_strdup_printf (_ ("Everyone sees for now: %s"), result);
  gtk_label_set_text (self->result, words);
  if (contest->pick != GALLEY_PICK_NONE)
    gtk_widget_add_css_class (GTK_WIDGET (self), "galley-picked");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "galley-picked");
}

static void
picked_cb (GalleyContestRow *self, guint contest)
{
  if (contest == self->contest)
    show_picked (self);
}

static void
edited_cb (GalleyContestRow *self)
{
  g_autofree char *text = galley_conflict_text_get_text (self->text);

  galley_conflict_pick (self->conflict, self->contest, GALLEY_PICK_OWN, 0,
                        g_variant_new_string (text));
}

/* ── keys ── */

static gboolean
find_focused (GalleyContestRow *self, guint *choice)
{
  for (guint i = 0; i < self->choices->len; i++)
    if (gtk_widget_has_focus (self->choices->pdata[i]))
      {
        *choice = i;
        return TRUE;
      }

  return FALSE;
}

static gboolean
focus_choice (GalleyContestRow *self, int choice, int step)
{
  for (; choice >= 0 && choice < (int)self->choices->len; choice += step)
    if (gtk_widget_get_sensitive (self->choices->pdata[choice]))
      return gtk_widget_grab_focus (self->choices->pdata[choice]);

  return FALSE;
}

static gboolean
focus_picked (GalleyContestRow *self)
{
  const GalleyContest *contest = get_contest (self);

  for (guint i = 0; contest != NULL && i < self->choices->len; i++)
    if (is_picked (contest, i))
      return gtk_widget_grab_focus (self->choices->pdata[i]);

  return focus_choice (self, 0, 1);
}

static gboolean
focus_after_values (GalleyContestRow *self)
{
  if (self->text != NULL)
    return gtk_widget_grab_focus (GTK_WIDGET (self->text));

  return self->drawing != NULL && gtk_widget_grab_focus (self->drawing);
}

static gboolean
galley_contest_row_focus (GtkWidget *widget, GtkDirectionType direction)
{
  GalleyContestRow *self = GALLEY_CONTEST_ROW (widget);
  gboolean within = gtk_widget_get_focus_child (widget) != NULL;
  guint choice;

  if (!within)
    return direction == GTK_DIR_TAB_BACKWARD && focus_after_values (self) ? TRUE
                                                                          : focus_picked (self);
  if (!find_focused (self, &choice))
    return direction == GTK_DIR_TAB_BACKWARD && focus_picked (self);

  switch (direction)
    {
    case GTK_DIR_LEFT:
    case GTK_DIR_UP:
      return focus_choice (self, (int)choice - 1, -1) || direction == GTK_DIR_LEFT;
    case GTK_DIR_RIGHT:
    case GTK_DIR_DOWN:
      return focus_choice (self, (int)choice + 1, 1) || direction == GTK_DIR_RIGHT;
    case GTK_DIR_TAB_FORWARD:
      return focus_after_values (self);
    case GTK_DIR_TAB_BACKWARD:
    default:
      return FALSE;
    }
}

static gboolean
galley_contest_row_grab_focus (GtkWidget *widget)
{
  return focus_picked (GALLEY_CONTEST_ROW (widget));
}

static void
take (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyContestRow *self = GALLEY_CONTEST_ROW (widget);
  guint choice = g_variant_get_uint32 (parameter);

  if (choice < self->choices->len && gtk_widget_get_sensitive (self->choices->pdata[choice]))
    {
      take_choice (self, choice);
      gtk_widget_grab_focus (self->choices->pdata[choice]);
    }
  else
    {
      gtk_widget_error_bell (widget);
    }
}

static void
galley_contest_row_dispose (GObject *object)
{
  GalleyContestRow *self = GALLEY_CONTEST_ROW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->conflict);
  G_OBJECT_CLASS (galley_contest_row_parent_class)->dispose (object);
}

static void
galley_contest_row_finalize (GObject *object)
{
  GalleyContestRow *self = GALLEY_CONTEST_ROW (object);

  g_ptr_array_unref (self->choices);
  g_free (self->element);
  G_OBJECT_CLASS (galley_contest_row_parent_class)->finalize (object);
}

static void
show_history (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyContestRow *self = GALLEY_CONTEST_ROW (widget);
  char id[GALLEY_ID_TEXT_SIZE];

  gtk_widget_activate_action (widget, "win.show-history", "(sqs)",
                              galley_id_print (galley_conflict_get_entity (self->conflict), id),
                              self->field, self->element);
}

static void
galley_contest_row_class_init (GalleyContestRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_contest_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_contest_row_finalize;
  widget_class->focus = galley_contest_row_focus;
  widget_class->grab_focus = galley_contest_row_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "contest");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_install_action (widget_class, "contest.take", "u", take);
  gtk_widget_class_install_action (widget_class, "contest.history", NULL, show_history);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_h, 0, "contest.history", NULL);
  for (guint key = 0; key < 9; key++)
    {
      gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + key, 0, "contest.take", "u",
                                           key);
      gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_1 + key, 0, "contest.take", "u",
                                           key);
    }
}

static void
galley_contest_row_init (GalleyContestRow *self)
{
  self->choices = g_ptr_array_new ();
}

static void
make_columns (GalleyContestRow *self, const GalleyContest *contest)
{
  gboolean as_list = contest->sides->len > MAX_SIDES_AS_COLUMNS;

  self->columns = galley_columns_new (as_list ? 1 : MAX_COLUMNS);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->columns), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  contest->label, -1);
  append_before (self, contest);
  for (guint i = 0; i < contest->sides->len; i++)
    append_side (self, contest, i);
  if (can_join (contest))
    append_choice (self, _ ("The text below"), NULL,
                   contest->overlaps->len > 0
                       ? _ ("What everyone wrote, to be typed into; F8 goes to where words clash")
                       : _ ("What everyone wrote, to be typed into"),
                   NULL, FALSE);
}

static gboolean
is_focus_in_columns (GalleyContestRow *self)
{
  guint choice;

  return self->columns != NULL && find_focused (self, &choice);
}

/**
 * galley_contest_row_update:
 *
 * The field has other values than before. What is typed stays as it is.
 */
void
galley_contest_row_update (GalleyContestRow *self)
{
  const GalleyContest *contest;
  gboolean focused;

  g_return_if_fail (GALLEY_IS_CONTEST_ROW (self));

  contest = get_contest (self);
  if (contest == NULL)
    return;

  focused = is_focus_in_columns (self);
  g_ptr_array_set_size (self->choices, 0);
  if (self->columns != NULL)
    gtk_box_remove (GTK_BOX (self->box), self->columns);
  gtk_label_set_text (self->rule, contest->rule);
  make_columns (self, contest);
  gtk_box_insert_child_after (GTK_BOX (self->box), self->columns, GTK_WIDGET (self->rule));
  if (self->text != NULL && contest->pick == GALLEY_PICK_NONE)
    galley_conflict_text_set_woven (self->text, contest->woven, contest->overlaps);
  show_picked (self);
  if (focused)
    focus_picked (self);
}

/**
 * galley_contest_row_is_about:
 *
 * Returns: whether that is the field that the row shows; from then on it goes by that number
 */
gboolean
galley_contest_row_is_about (GalleyContestRow *self, guint contest)
{
  GPtrArray *contests;
  const GalleyContest *other;

  g_return_val_if_fail (GALLEY_IS_CONTEST_ROW (self), FALSE);

  contests = galley_conflict_get_contests (self->conflict);
  other = contest < contests->len ? contests->pdata[contest] : NULL;
  if (other == NULL || other->field != self->field || !g_str_equal (other->element, self->element))
    return FALSE;

  self->contest = contest;
  return TRUE;
}

static void
append_details (GalleyContestRow *self, const GalleyContest *contest)
{
  if (contest->type == GALLEY_FIELD_TEXT)
    {
      self->text = GALLEY_CONFLICT_TEXT (
          galley_conflict_text_new (_ ("The text that everyone will see")));
      g_signal_connect_object (self->text, "edited", G_CALLBACK (edited_cb), self,
                               G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->text));
    }
  if (galley_conflict_drawing_can_show (self->conflict, self->contest))
    {
      self->drawing = galley_conflict_drawing_new (self->conflict, self->contest);
      gtk_box_append (GTK_BOX (self->box), self->drawing);
      if (!galley_conflict_get_scene (self->conflict)->here)
        gtk_box_append (GTK_BOX (self->box),
                        galley_ui_label_new (_ ("The file is not on this computer; it is fetched "
                                                "when the "
                                                "item is shown."),
                                             "caption"));
    }
}

/* What the field is called, and how it came to what is shown. */
static GtkWidget *
make_head (GalleyContestRow *self, const GalleyContest *contest)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = galley_ui_label_new (contest->label, "heading");
  GtkWidget *history = gtk_button_new_from_icon_name ("document-open-recent-symbolic");
  g_autofree char *name = g_strdup_printf (_ ("History: %s"), contest->label);

  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (history, "flat");
  gtk_widget_add_css_class (history, "circular");
  /* The Tab key goes from field to field; H is for the keyboard. */
  gtk_widget_set_focusable (history, FALSE);
  gtk_widget_set_tooltip_text (history, _ ("History (H)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (history), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (history), "contest.history");
  gtk_box_append (GTK_BOX (head), label);
  gtk_box_append (GTK_BOX (head), history);
  return head;
}

/**
 * galley_contest_row_new:
 * @contest: of the loaded ones
 */
GtkWidget *
galley_contest_row_new (GalleyConflict *conflict, guint contest)
{
  GalleyContestRow *self = g_object_new (GALLEY_TYPE_CONTEST_ROW, NULL);
  const GalleyContest *shown;

  self->conflict = g_object_ref (conflict);
  self->contest = contest;
  shown = get_contest (self);
  self->field = shown->field;
  self->element = g_strdup (shown->element);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  self->rule = GTK_LABEL (galley_ui_label_new (NULL, "caption"));
  self->result = GTK_LABEL (galley_ui_label_new (NULL, "galley-result"));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), make_head (self, shown));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->rule));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->result));
  append_details (self, shown);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  shown->label, -1);
  g_signal_connect_object (conflict, "picked", G_CALLBACK (picked_cb), self, G_CONNECT_SWAPPED);
  galley_contest_row_update (self);
  return GTK_WIDGET (self);
}
