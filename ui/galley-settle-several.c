/* galley-settle-several.c: one choice for many conflicts, with a summary before
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-settle-several"

#include "ui/galley-settle-several.h"

#include "ui/galley-undo-offer.h"

#include "data/galley-settle-plan.h"

#include <adwaita.h>
#include <glib/gi18n-lib.h>

typedef struct
{
  GtkWidget *widget; /* (weak) (nullable): where it was asked for */
  GalleyStore *store;
  GalleyChooser chooser;
  GArray *rules; /* of GalleySettleRule: what each line of the first list means */
  AdwMessageDialog *dialog;
  AdwComboRow *scope, *take;
  GtkLabel *summary;
  GalleySettlePlan *plan;    /* (nullable) */
  GCancellable *cancellable; /* of the plan that is being made */
} Settling;

static const GalleyTake takes[] = { GALLEY_TAKE_MINE, GALLEY_TAKE_THEIRS, GALLEY_TAKE_BASE };

static void
settling_free (gpointer data)
{
  Settling *self = data;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_weak_pointer (&self->widget);
  g_clear_pointer (&self->plan, galley_settle_plan_free);
  g_array_unref (self->rules);
  g_object_unref (self->store);
  g_free (self);
}

/* ── the summary ── */

typedef struct
{
  GalleySettleRule rule;
  GalleyChooser chooser;
} Question;

static gpointer
make_plan (GalleyReader *reader, gpointer data, GError **error)
{
  const Question *question = data;

  return galley_settle_plan_make (reader, &question->rule, &question->chooser, error);
}

static char *
describe (const GalleySettlePlan *plan)
{
  g_autofree char *settled = g_strdup_printf (ngettext ("%u conflict is settled",
                                                        "%u conflicts are settled", plan->n_fields),
                                              plan->n_fields);
  g_autofree char *left =
      g_strdup_printf (ngettext ("%u stays open, since the choice says nothing for it.",
                                 "%u stay open, since the choice says nothing for them.",
                                 plan->n_left),
                       plan->n_left);

  if (plan->n_fields == 0 && plan->n_left == 0)
    return g_strdup (_ ("There is no such conflict."));
  if (plan->n_left == 0)
    /* Translators: “14 conflicts are settled. You can undo it in one step.” */
    return g_strdup_printf (_ ("%s. You can undo it in one step."), settled);

  /* Translators: “14 conflicts are settled. 2 stay open, since the choice says nothing for them.”
   */
  return g_strdup_printf (_ ("%s. %s"), settled, left);
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleySettlePlan)
      plan = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  Settling *self;
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self = user_data;
  g_clear_pointer (&self->plan, galley_settle_plan_free);
  self->plan = g_steal_pointer (&plan);
  text = self->plan != NULL ? describe (self->plan) : g_strdup (error->message);
  gtk_label_set_text (self->summary, text);
  adw_message_dialog_set_response_enabled (self->dialog, "settle",
                                           self->plan != NULL && self->plan->n_fields > 0);
}

static void
plan_again (Settling *self)
{
  guint scope = adw_combo_row_get_selected (self->scope);
  guint take = adw_combo_row_get_selected (self->take);
  Question *question;

  if (scope >= self->rules->len || take >= G_N_ELEMENTS (takes))
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  adw_message_dialog_set_response_enabled (self->dialog, "settle", FALSE);
  question = g_new0 (Question, 1);
  question->rule = g_array_index (self->rules, GalleySettleRule, scope);
  question->rule.take = takes[take];
  question->chooser = self->chooser;
  galley_store_read_async (self->store, make_plan, question, g_free,
                           (GDestroyNotify)galley_settle_plan_free, self->cancellable, planned_cb,
                           self);
}

/* ── settling ── */

typedef struct
{
  GalleySettlePlan *plan;
  GalleyCommitted *committed; /* one a draft */
} Commit;

static void
commit_free (gpointer data)
{
  Commit *commit = data;

  galley_settle_plan_free (commit->plan);
  g_free (commit->committed);
  g_free (commit);
}

static void
commit_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Commit *commit = data;
  GError *error = NULL; /* handed to the task */

  if (galley_store_commit_many (source, commit->plan->drafts, commit->committed, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkWidget) widget = user_data;
  const Commit *commit = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (ngettext ("%u conflict settled", "%u conflicts settled",
                                                     commit->plan->n_fields),
                                           commit->plan->n_fields);

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    gtk_widget_activate_action (widget, "win.report", "s", error->message);
  else
    galley_undo_offer (widget, text, commit->committed, commit->plan->drafts->len);
}

static void
response_cb (Settling *self, const char *response)
{
  g_autoptr (GTask) task = NULL;
  Commit *commit;

  if (g_str_equal (response, "settle") && self->plan != NULL && self->widget != NULL)
    {
      commit = g_new0 (Commit, 1);
      commit->plan = g_steal_pointer (&self->plan);
      commit->committed = g_new0 (GalleyCommitted, commit->plan->drafts->len);
      task = g_task_new (self->store, NULL, committed_cb, g_object_ref (self->widget));
      g_task_set_task_data (task, commit, commit_free);
      g_task_run_in_thread (task, commit_in_thread);
    }
}

/* ── the questions ── */

static void
add_rule (Settling *self, GtkStringList *names, const GalleySettleRule *rule, const char *name)
{
  g_array_append_vals (self->rules, rule, 1);
  gtk_string_list_append (names, name);
}

static void
add_people (Settling *self, GtkStringList *names, GPtrArray *contests)
{
  g_autoptr (GHashTable) met = g_hash_table_new (galley_id_hash, galley_id_equal);

  for (guint i = 0; i < contests->len; i++)
    {
      GPtrArray *sides = ((GalleyContest *)contests->pdata[i])->sides;

      for (guint s = 0; s < sides->len; s++)
        {
          const GalleyConflictSide *side = sides->pdata[s];
          GalleySettleRule person = { .scope = GALLEY_SETTLE_PERSON, .id = side->person };
          GalleySettleRule device = { .scope = GALLEY_SETTLE_DEVICE, .id = side->ref.device };
          g_autofree char *of_person = g_strdup_printf (_ ("Everything that %s changed"),
                                                        side->who);
          g_autofree char *of_device = g_strdup_printf (_ ("Everything from “%s”"), side->device);

          if (side->mine || !g_hash_table_add (met, (gpointer)&side->person))
            continue;
          add_rule (self, names, &person, of_person);
          if (*side->device != '\0')
            add_rule (self, names, &device, of_device);
        }
    }
}

static void
add_fields (Settling *self, GtkStringList *names, GalleyConflict *shown, GPtrArray *contests)
{
  const GalleyConflictRow *row = galley_conflict_get_row (shown);
  g_autoptr (GHashTable) met = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < contests->len; i++)
    {
      const GalleyContest *contest = contests->pdata[i];
      GalleySettleRule rule = { .scope = GALLEY_SETTLE_FIELD,
                                .kind = row->kind,
                                .field = contest->field };
      g_autofree char *name = g_strdup_printf (_ ("Every conflict of “%s”"), contest->label);

      if (contest->contested && g_hash_table_add (met, GUINT_TO_POINTER (contest->field)))
        add_rule (self, names, &rule, name);
    }
}

/* What the conflict that is looked at suggests; and all of them. */
static GtkStringList *
make_scopes (Settling *self, GalleyConflict *shown)
{
  GtkStringList *names = gtk_string_list_new (NULL);
  GalleySettleRule all = { .scope = GALLEY_SETTLE_ALL };
  GPtrArray *contests = shown != NULL ? galley_conflict_get_contests (shown) : NULL;

  if (shown != NULL && !galley_id_is_nil (&galley_conflict_get_row (shown)->item))
    {
      const GalleyConflictRow *row = galley_conflict_get_row (shown);
      GalleySettleRule item = { .scope = GALLEY_SETTLE_ITEM, .id = row->item };
      g_autofree char *name = g_strdup_printf (_ ("Everything on “%s”"), row->title);

      add_rule (self, names, &item, name);
    }
  if (contests != NULL)
    {
      add_fields (self, names, shown, contests);
      add_people (self, names, contests);
    }
  add_rule (self, names, &all, _ ("All conflicts"));
  return names;
}

static GtkWidget *
make_combo (const char *title, GListModel *model)
{
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), model);
  return row;
}

static GtkWidget *
make_content (Settling *self, GalleyConflict *shown)
{
  static const char *const names[] = { N_ ("Mine"), N_ ("Theirs"), N_ ("What it was before"),
                                       NULL };
  g_autoptr (GtkStringList) scopes = make_scopes (self, shown);
  g_autoptr (GtkStringList) choices = gtk_string_list_new (NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *group = adw_preferences_group_new ();

  for (guint i = 0; names[i] != NULL; i++)
    gtk_string_list_append (choices, _ (names[i]));
  self->scope = ADW_COMBO_ROW (make_combo (_ ("Which"), G_LIST_MODEL (scopes)));
  self->take = ADW_COMBO_ROW (make_combo (_ ("Take"), G_LIST_MODEL (choices)));
  self->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->summary, TRUE);
  gtk_label_set_xalign (self->summary, 0);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->scope));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->take));
  gtk_box_append (GTK_BOX (box), group);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->summary));
  g_signal_connect_swapped (self->scope, "notify::selected", G_CALLBACK (plan_again), self);
  g_signal_connect_swapped (self->take, "notify::selected", G_CALLBACK (plan_again), self);
  return box;
}

/**
 * galley_settle_several_present:
 * @widget: where it is asked for
 * @shown: (nullable): the conflict that is looked at; it suggests what to settle
 *
 * Asks what to settle and how, says what that would do, and does it in one step that can be undone.
 */
void
galley_settle_several_present (GtkWidget *widget, GalleyStore *store, GalleyConflict *shown)
{
  Settling *self = g_new0 (Settling, 1);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)),
                                              _ ("Settle Several Conflicts"),
                                              _ ("One choice for all of them. Those that it does "
                                                 "not fit stay open."));

  self->dialog = ADW_MESSAGE_DIALOG (dialog);
  self->store = g_object_ref (store);
  self->rules = g_array_new (FALSE, FALSE, sizeof (GalleySettleRule));
  galley_store_get_person (store, &self->chooser.person);
  self->chooser.device = *galley_store_get_device (store);
  g_set_weak_pointer (&self->widget, widget);
  adw_message_dialog_add_responses (self->dialog, "cancel", _ ("_Cancel"), "settle", _ ("_Settle"),
                                    NULL);
  adw_message_dialog_set_response_appearance (self->dialog, "settle", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (self->dialog, "settle");
  adw_message_dialog_set_close_response (self->dialog, "cancel");
  adw_message_dialog_set_extra_child (self->dialog, make_content (self, shown));
  g_object_set_data_full (G_OBJECT (dialog), "galley-settling", self, settling_free);
  g_signal_connect_swapped (dialog, "response", G_CALLBACK (response_cb), self);
  plan_again (self);
  gtk_window_present (GTK_WINDOW (dialog));
}
