/* galley-decision-panel.c: approve or not, what the rule still needs, and who decided what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-decision-panel"

#include "ui/galley-decision-panel.h"

#include "ui/galley-audit-window.h"
#include "ui/galley-composer.h"
#include "ui/galley-state-style.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyDecisionPanel
{
  GtkWidget parent_instance;

  GalleyAnnotationModel *model; /* (nullable) */

  GtkImage *state_icon;
  GtkLabel *state;
  GtkLabel *needs;
  GtkLevelBar *level;
  GtkWidget *decide_box;
  GtkLabel *mine;
  GalleyComposer *note;
  GtkWidget *lines_box;
  GtkListBox *lines;
};

enum
{
  SIGNAL_DECIDE,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyDecisionPanel, galley_decision_panel, GTK_TYPE_WIDGET)

static const char *
state_of_verdict (const char *verdict)
{
  if (g_strcmp0 (verdict, "approve") == 0)
    return "approved";

  return g_strcmp0 (verdict, "request-changes") == 0 ? "changes-requested" : "open";
}

/* "1 of 2 approvals, by leads" */
static char *
describe_rule (const GalleyContents *contents)
{
  const GalleyApproval *approval = &contents->approval;
  g_autofree char *count = g_strdup_printf (ngettext ("%u of %u approval", "%u of %u approvals",
                                                      approval->needed),
                                            approval->approvals, approval->needed);

  if (contents->least_role < GALLEY_ROLE_LEAD)
    return g_steal_pointer (&count);

  /* Translators: "1 of 2 approvals, by leads only" */
  return g_strdup_printf (_ ("%s, by leads only"), count);
}

static const char *
describe_way (const GalleyContents *contents, const GalleyVerdictLine *line)
{
  if (contents->connected && line->shared)
    /* Translators: how far a decision has come, at the end of a line */
    return _ ("shared");

  /* Translators: how far a decision has come, at the end of a line */
  return contents->connected ? _ ("on this computer until shared") : _ ("on this computer");
}

static const char *
describe_worth (const GalleyVerdictLine *line)
{
  if (line->contested)
    return _ ("Two devices disagree: the stricter one holds until it is settled.");
  if (!line->current)
    return _ ("It was about an older version.");
  if (!line->counts)
    return _ ("It does not count: a blocking note came in that was not seen.");

  return NULL;
}

/* What a verdict was about, since a sentence is not the same in all of them. */
static char *
describe_verdict (const GalleyVerdictLine *line)
{
  if (g_strcmp0 (line->verdict, "approve") == 0)
    return g_strdup_printf (_ ("Approved version %u"), line->version);
  if (g_strcmp0 (line->verdict, "request-changes") == 0)
    return g_strdup_printf (_ ("Requested changes to version %u"), line->version);

  return g_strdup_printf (_ ("Commented on version %u"), line->version);
}

static char *
describe_line (const GalleyContents *contents, const GalleyVerdictLine *line)
{
  g_autofree char *when = galley_words_for_time (line->time_us, g_get_real_time ());
  g_autofree char *verdict = describe_verdict (line);
  const char *worth = describe_worth (line);
  g_autofree char *start = NULL;

  /* Translators: "Approved version 2, 5 minutes ago, shared" */
  start = g_strdup_printf (_ ("%s, %s, %s"), verdict, when, describe_way (contents, line));
  return worth != NULL ? g_strdup_printf ("%s. %s", start, worth) : g_steal_pointer (&start);
}

static GtkWidget *
make_history_button (const GalleyVerdictLine *line)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("document-open-recent-symbolic");
  char id[GALLEY_ID_TEXT_SIZE];

  gtk_widget_set_valign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_set_tooltip_text (button, _ ("History and Signature"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("History and Signature"), -1);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "(sqs)",
                                    galley_id_print (&line->id, id), GALLEY_AUDIT_ALL_FIELDS, "");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.show-history");
  return button;
}

static GtkWidget *
make_line (const GalleyContents *contents, const GalleyVerdictLine *line)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *icon = gtk_image_new ();
  const char *name = line->mine ? _ ("You") : line->name;
  g_autofree char *text = describe_line (contents, line);
  g_autofree char *spoken = g_strdup_printf ("%s: %s. %s", name, text,
                                             line->note != NULL ? line->note : "");

  galley_state_style_set_image (GTK_IMAGE (icon), state_of_verdict (line->verdict));
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), galley_ui_label_new (name, "heading"));
  if (line->note != NULL && *line->note != '\0')
    gtk_box_append (GTK_BOX (words), galley_ui_label_new (line->note, NULL));
  gtk_box_append (GTK_BOX (words), galley_ui_label_new (text, "caption"));
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), words);
  gtk_box_append (GTK_BOX (box), make_history_button (line));
  gtk_widget_add_css_class (box, "galley-line");
  if (!line->counts)
    gtk_widget_add_css_class (box, "dim-label");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return row;
}

static void
update_mine (GalleyDecisionPanel *self, const GalleyContents *contents)
{
  const char *text = _ ("You have not decided on this version yet.");
  g_autofree char *line_text = NULL;

  for (guint i = 0; i < contents->verdicts->len; i++)
    {
      const GalleyVerdictLine *line = contents->verdicts->pdata[i];

      if (!line->mine || !line->current)
        continue;
      text = line_text = describe_line (contents, line);
      break;
    }

  gtk_label_set_text (self->mine, text);
}

static void
update_lines (GalleyDecisionPanel *self, const GalleyContents *contents)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->lines))) != NULL)
    gtk_list_box_remove (self->lines, child);
  for (guint i = 0; i < contents->verdicts->len; i++)
    gtk_list_box_append (self->lines, make_line (contents, contents->verdicts->pdata[i]));
  gtk_widget_set_visible (self->lines_box, contents->verdicts->len > 0);
}

static void
update (GalleyDecisionPanel *self)
{
  const GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  g_autofree char *rule = NULL;

  if (contents == NULL)
    return;

  rule = describe_rule (contents);
  galley_state_style_set_image (self->state_icon, contents->row->state);
  gtk_label_set_text (self->state, galley_words_for_state (contents->row->state));
  gtk_label_set_text (self->needs, rule);
  gtk_level_bar_set_max_value (self->level, contents->approval.needed);
  gtk_level_bar_set_value (self->level,
                           MIN (contents->approval.approvals, contents->approval.needed));
  gtk_widget_set_sensitive (self->decide_box,
                            contents->role >= GALLEY_ROLE_REVIEWER && contents->versions->len > 0);
  update_mine (self, contents);
  update_lines (self, contents);
}

static void
decide (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyDecisionPanel *self = GALLEY_DECISION_PANEL (widget);
  g_autofree char *note = galley_decision_panel_take_note (self);

  g_signal_emit (self, signals[SIGNAL_DECIDE], 0, g_variant_get_string (parameter, NULL), note);
}

static void
galley_decision_panel_dispose (GObject *object)
{
  GalleyDecisionPanel *self = GALLEY_DECISION_PANEL (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (galley_decision_panel_parent_class)->dispose (object);
}

static void
galley_decision_panel_class_init (GalleyDecisionPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_decision_panel_dispose;
  signals[SIGNAL_DECIDE] = g_signal_new ("decide", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                         G_TYPE_STRING);

  g_type_ensure (GALLEY_TYPE_COMPOSER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-decision-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, state_icon);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, state);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, needs);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, level);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, decide_box);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, mine);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, note);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, lines_box);
  gtk_widget_class_bind_template_child (widget_class, GalleyDecisionPanel, lines);
  gtk_widget_class_install_action (widget_class, "decision.decide", "s", decide);
}

static void
galley_decision_panel_init (GalleyDecisionPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * galley_decision_panel_set_model:
 *
 * Once.
 */
void
galley_decision_panel_set_model (GalleyDecisionPanel *self, GalleyAnnotationModel *model)
{
  g_return_if_fail (GALLEY_IS_DECISION_PANEL (self) && self->model == NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

/**
 * galley_decision_panel_take_note:
 *
 * Returns: (transfer full): what is written, which is then cleared; may be empty
 */
char *
galley_decision_panel_take_note (GalleyDecisionPanel *self)
{
  char *note;

  g_return_val_if_fail (GALLEY_IS_DECISION_PANEL (self), NULL);

  note = galley_composer_get_text (self->note);
  galley_composer_set_text (self->note, "");
  return note;
}
