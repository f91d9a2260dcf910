/* galley-conflict-card.c: one conflict as a row: what each person made of each field, and the
 * choice
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-conflict-card"

#include "ui/galley-conflict-card.h"

#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

/* Side by side while there is room; below that one under the other. */
#define SIDE_MIN_WIDTH_PX 190

struct _GalleyConflictCard
{
  GtkWidget parent_instance;

  GalleyConflict *conflict; /* (nullable) */

  GtkLabel *title;
  GtkLabel *subtitle;
  GtkBox *contests;
  GtkWidget *show_item;
};

enum
{
  SIGNAL_TAKE,
  SIGNAL_SHOW_ITEM,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyConflictCard, galley_conflict_card, GTK_TYPE_WIDGET)

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);

  return label;
}

static GtkWidget *
make_column (const char *heading, const char *when, const char *value)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *body = make_label (value, NULL);

  /* What columns would like to have decides how many stand side by side. */
  gtk_label_set_max_width_chars (GTK_LABEL (body), 20);
  gtk_widget_set_size_request (column, SIDE_MIN_WIDTH_PX, -1);
  gtk_widget_add_css_class (column, "galley-side");
  gtk_box_append (GTK_BOX (column), make_label (heading, "caption-heading"));
  if (when != NULL)
    gtk_box_append (GTK_BOX (column), make_label (when, "caption"));
  gtk_label_set_selectable (GTK_LABEL (body), FALSE);
  gtk_widget_set_vexpand (body, TRUE);
  gtk_widget_set_valign (body, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (column), body);
  return column;
}

static char *
describe_taking (const GalleyContest *contest, const GalleyConflictSide *side)
{
  if (side->mine)
    return g_strdup (_ ("Take Mine"));
  if (contest->sides->len == 2)
    return g_strdup (_ ("Take Theirs"));

  /* Translators: a button: take the value of the named person */
  return g_strdup_printf (_ ("Take %s’s"), side->who);
}

static GtkWidget *
make_take_button (const GalleyContest *contest, guint contest_index, guint side_index)
{
  const GalleyConflictSide *side = contest->sides->pdata[side_index];
  g_autofree char *text = describe_taking (contest, side);
  g_autofree char *spoken = g_strdup_printf ("%s, %s: %s", text, contest->label, side->value);
  GtkWidget *button = gtk_button_new_with_label (text);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "conflict.take");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "(uu)", contest_index, side_index);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                  -1);
  return button;
}

static void
append_column (GtkFlowBox *columns, GtkWidget *column)
{
  GtkWidget *child = gtk_flow_box_child_new ();

  /* The button within takes the focus, the column itself has nothing to do. */
  gtk_widget_set_focusable (child, FALSE);
  gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), column);
  gtk_flow_box_append (columns, child);
}

static GtkWidget *
make_contest (const GalleyContest *contest, guint index)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *columns = gtk_flow_box_new ();

  gtk_box_append (GTK_BOX (box), make_label (contest->label, "heading"));
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (columns), GTK_SELECTION_NONE);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (columns), TRUE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (columns), 4);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (columns), 6);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (columns), 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (columns), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  contest->label, -1);

  /* Translators: what a field was before people changed it */
  append_column (GTK_FLOW_BOX (columns), make_column (_ ("Before"), NULL, contest->before));
  for (guint i = 0; i < contest->sides->len; i++)
    {
      const GalleyConflictSide *side = contest->sides->pdata[i];
      GtkWidget *column = make_column (side->who, side->when, side->value);

      gtk_box_append (GTK_BOX (column), make_take_button (contest, index, i));
      append_column (GTK_FLOW_BOX (columns), column);
    }

  gtk_box_append (GTK_BOX (box), columns);
  if (contest->rule != NULL)
    gtk_box_append (GTK_BOX (box), make_label (contest->rule, "caption"));

  return box;
}

/* "2 fields · You and Rosa · found 5 minutes ago" */
static char *
describe (GalleyConflict *conflict, GPtrArray *contests)
{
  const GalleyConflictRow *row = galley_conflict_get_row (conflict);
  g_autofree char *fields = g_strdup_printf (ngettext ("%u field", "%u fields", row->n_fields),
                                             row->n_fields);
  g_autofree char *since = galley_words_for_time (row->since_us, g_get_real_time ());
  g_autoptr (GString) people = g_string_new (NULL);

  for (guint i = 0; contests->len > 0 && i < ((GalleyContest *)contests->pdata[0])->sides->len; i++)
    {
      const GalleyConflictSide *side = ((GalleyContest *)contests->pdata[0])->sides->pdata[i];

      g_string_append_printf (people, "%s%s", i > 0 ? ", " : "", side->who);
    }

  /* Translators: how many fields, who changed them, when that was noticed: "2 fields · You, Rosa ·
   * found 5 minutes ago" */
  return g_strdup_printf (_ ("%s · %s · found %s"), fields, people->str, since);
}

static void
show_loaded (GalleyConflictCard *self)
{
  GPtrArray *contests = galley_conflict_get_contests (self->conflict);
  g_autofree char *subtitle = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->contests))) != NULL)
    gtk_box_remove (self->contests, child);
  if (contests == NULL)
    return;

  subtitle = describe (self->conflict, contests);
  gtk_label_set_text (self->subtitle, subtitle);
  for (guint i = 0; i < contests->len; i++)
    gtk_box_append (self->contests, make_contest (contests->pdata[i], i));
}

static void
take (GtkWidget *widget, const char *action, GVariant *parameter)
{
  guint contest, side;

  g_variant_get (parameter, "(uu)", &contest, &side);
  g_signal_emit (widget, signals[SIGNAL_TAKE], 0, contest, side);
}

/* The keys 1 and 2 decide the first field that is still open. */
static void
take_by_key (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyConflictCard *self = GALLEY_CONFLICT_CARD (widget);
  GPtrArray *contests = self->conflict != NULL ? galley_conflict_get_contests (self->conflict)
                                               : NULL;
  guint side = g_variant_get_uint32 (parameter);

  if (contests == NULL || contests->len == 0 ||
      side >= ((GalleyContest *)contests->pdata[0])->sides->len)
    return;

  g_signal_emit (widget, signals[SIGNAL_TAKE], 0, 0, side);
}

static void
show_item (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, signals[SIGNAL_SHOW_ITEM], 0);
}

static void
galley_conflict_card_dispose (GObject *object)
{
  GalleyConflictCard *self = GALLEY_CONFLICT_CARD (object);
  GtkWidget *child;

  galley_conflict_card_set_conflict (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (galley_conflict_card_parent_class)->dispose (object);
}

static void
galley_conflict_card_class_init (GalleyConflictCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_conflict_card_dispose;
  signals[SIGNAL_TAKE] = g_signal_new ("take", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
  signals[SIGNAL_SHOW_ITEM] = g_signal_new ("show-item", G_TYPE_FROM_CLASS (klass),
                                            G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-conflict-card.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictCard, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictCard, subtitle);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictCard, contests);
  gtk_widget_class_bind_template_child (widget_class, GalleyConflictCard, show_item);
  gtk_widget_class_install_action (widget_class, "conflict.take", "(uu)", take);
  gtk_widget_class_install_action (widget_class, "conflict.take-side", "u", take_by_key);
  gtk_widget_class_install_action (widget_class, "conflict.show-item", NULL, show_item);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1, 0, "conflict.take-side", "u", 0);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_2, 0, "conflict.take-side", "u", 1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_3, 0, "conflict.take-side", "u", 2);
}

static void
galley_conflict_card_init (GalleyConflictCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
galley_conflict_card_new (void)
{
  return g_object_new (GALLEY_TYPE_CONFLICT_CARD, NULL);
}

/**
 * galley_conflict_card_set_conflict:
 * @conflict: (nullable): what to show and follow from now on; it is loaded when it is not yet
 */
void
galley_conflict_card_set_conflict (GalleyConflictCard *self, GalleyConflict *conflict)
{
  const GalleyConflictRow *row;

  g_return_if_fail (GALLEY_IS_CONFLICT_CARD (self));

  if (self->conflict == conflict)
    return;

  if (self->conflict != NULL)
    g_signal_handlers_disconnect_by_func (self->conflict, show_loaded, self);
  g_set_object (&self->conflict, conflict);
  if (conflict == NULL)
    return;

  row = galley_conflict_get_row (conflict);
  gtk_label_set_text (self->title, row->title);
  gtk_widget_set_visible (self->show_item, !galley_id_is_nil (&row->item));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, row->title,
                                  -1);
  g_signal_connect_object (conflict, "loaded", G_CALLBACK (show_loaded), self, G_CONNECT_SWAPPED);
  show_loaded (self);
  if (galley_conflict_get_contests (conflict) == NULL)
    galley_conflict_load (conflict);
}

GalleyConflict *
galley_conflict_card_get_conflict (GalleyConflictCard *self)
{
  g_return_val_if_fail (GALLEY_IS_CONFLICT_CARD (self), NULL);

  return self->conflict;
}
