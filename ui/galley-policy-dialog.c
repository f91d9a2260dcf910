/* galley-policy-dialog.c: what a project does where people entered different values, field by field
 *
 * Each choice is tried at once on all that the project has seen, and nothing is switched on before
 * it is applied.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-policy-dialog"

#include "ui/galley-policy-dialog.h"

#include "ui/galley-ui.h"
#include "ui/galley-undo-offer.h"
#include "ui/galley-words.h"

#include "data/galley-directory.h"
#include "data/galley-intent.h"
#include "data/galley-policy-trial.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What a project says now. */
typedef struct
{
  GalleyRole role;
  GVariant *set;      /* (nullable) */
  GVariant *policies; /* (nullable) */
  GalleyPolicy leads; /* those who may decide, by name */
} Said;

/* A field, and what may be done there. */
typedef struct
{
  GalleyPolicyDialog *dialog;
  guint8 kind;
  guint16 field;
  AdwComboRow *row;
  GArray *choices;           /* of GalleyPolicy: what each line means */
  guint before;              /* the line that says what is in force */
  GCancellable *cancellable; /* (nullable): of what is being tried */
} Line;

struct _GalleyPolicyDialog
{
  AdwWindow parent_instance;

  GalleyStore *store;
  GalleyId project;
  GVariant *set;      /* (nullable) */
  GVariant *policies; /* (nullable) */
  GPtrArray *lines;   /* of Line */
  AdwPreferencesPage *page;
  AdwPreferencesGroup *about;
};

G_DEFINE_FINAL_TYPE (GalleyPolicyDialog, galley_policy_dialog, ADW_TYPE_WINDOW)

static const struct
{
  guint8 kind;
  guint16 field;
} fields[] = {
  { GALLEY_KIND_ITEM, GALLEY_ITEM_NAME },
  { GALLEY_KIND_ITEM, GALLEY_ITEM_DESCRIPTION },
  { GALLEY_KIND_ITEM, GALLEY_ITEM_DUE },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BODY },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_STATUS },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_BLOCKING },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_PLACE },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_EXTENT },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_PATH },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_COLOR },
  { GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_WIDTH },
};

static void
line_free (gpointer data)
{
  Line *line = data;

  g_clear_object (&line->cancellable);
  g_array_unref (line->choices);
  g_free (line);
}

static const GalleyPolicy *
get_choice (const Line *line)
{
  guint chosen = adw_combo_row_get_selected (line->row);

  return &g_array_index (line->choices, GalleyPolicy, MIN (chosen, line->choices->len - 1));
}

static void
update_apply (GalleyPolicyDialog *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->lines->len; i++)
    {
      const Line *line = self->lines->pdata[i];

      any |= adw_combo_row_get_selected (line->row) != line->before;
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "policies.apply", any);
}

/* ── trying ── */

typedef struct
{
  GalleyStore *store;
  GalleyId project;
  guint8 kind;
  guint16 field;
  GalleyPolicy policy;
} Question;

static void
question_free (gpointer data)
{
  g_object_unref (((Question *)data)->store);
  g_free (data);
}

/* In a thread of the pool: it reads all of the project, and lists must not wait for that. */
static void
try_policy (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Question *question = data;
  GError *error = NULL;
  GalleyReader *reader = galley_store_borrow_reader (question->store, &error);
  GalleyPolicyTrial *trial = NULL;

  if (reader != NULL)
    {
      trial = galley_policy_trial_run (reader, &question->project, question->kind, question->field,
                                       &question->policy, cancellable, &error);
      galley_store_return_reader (question->store, reader);
    }
  if (trial != NULL)
    g_task_return_pointer (task, trial, (GDestroyNotify)galley_policy_trial_free);
  else
    g_task_return_error (task, error);
}

static char *
describe_trial (const GalleyPolicyTrial *trial)
{
  guint n_cases = trial->cases->len;
  g_autofree char *settled = NULL, *unlike = NULL;

  if (n_cases == 0)
    return g_strdup (_ ("So far nobody had to choose here."));

  settled = g_strdup_printf (ngettext ("Would have settled %u of %u conflict so far.",
                                       "Would have settled %u of %u conflicts so far.", n_cases),
                             trial->n_settled, n_cases);
  if (trial->n_unlike == 0)
    return g_steal_pointer (&settled);

  unlike = g_strdup_printf (ngettext ("%u of them otherwise than people chose.",
                                      "%u of them otherwise than people chose.", trial->n_unlike),
                            trial->n_unlike);
  /* Translators: “Would have settled 14 of 17 conflicts so far.” “2 of them otherwise than people
   * chose.” */
  return g_strdup_printf (_ ("%s %s"), settled, unlike);
}

static void
tried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Line *line = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyPolicyTrial) tried = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *text = NULL;

  /* Closed meanwhile, or something else was chosen. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  text = tried != NULL ? describe_trial (tried) : g_strdup (error->message);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (line->row), text);
}

static void
stop_trying (Line *line)
{
  g_cancellable_cancel (line->cancellable);
  g_clear_object (&line->cancellable);
}

static void
chosen_cb (Line *line)
{
  GalleyPolicyDialog *self = line->dialog;
  g_autoptr (GTask) task = NULL;
  Question *question;

  update_apply (self);
  stop_trying (line);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (line->row), "");
  if (get_choice (line)->kind == GALLEY_POLICY_ASK ||
      get_choice (line)->kind == GALLEY_POLICY_NEWER)
    return;

  question = g_new0 (Question, 1);
  question->store = g_object_ref (self->store);
  question->project = self->project;
  question->kind = line->kind;
  question->field = line->field;
  question->policy = *get_choice (line);
  line->cancellable = g_cancellable_new ();
  task = g_task_new (self, line->cancellable, tried_cb, line);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, try_policy);
}

/* ── what may be chosen ── */

static gboolean
policies_equal (const GalleyPolicy *one, const GalleyPolicy *other)
{
  return one->kind == other->kind && one->n_persons == other->n_persons &&
         memcmp (one->persons, other->persons, one->n_persons * sizeof (GalleyId)) == 0;
}

static void
add_choice (Line *line, GtkStringList *names, const GalleyPolicy *policy, const char *name)
{
  g_array_append_vals (line->choices, policy, 1);
  gtk_string_list_append (names, name);
}

static void
list_choices (Line *line, GtkStringList *names, const Said *said)
{
  static const GalleyPolicyKind kinds[] = { GALLEY_POLICY_ASK, GALLEY_POLICY_CAREFUL,
                                            GALLEY_POLICY_ASSIGNEES, GALLEY_POLICY_AUTHOR };
  GalleyPolicy now;
  gboolean found = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (galley_policy_is_possible (line->kind, line->field, kinds[i]))
      add_choice (line, names, &(GalleyPolicy){ .kind = kinds[i] },
                  galley_policy_describe (kinds[i]));
  if (said->leads.n_persons > 0)
    add_choice (line, names, &said->leads, _ ("The value of a lead"));

  galley_policies_find (said->policies, line->kind, line->field, &now);
  for (guint i = 0; i < line->choices->len; i++)
    if (policies_equal (&g_array_index (line->choices, GalleyPolicy, i), &now))
      {
        line->before = i;
        found = TRUE;
      }
  if (!found)
    {
      line->before = line->choices->len;
      add_choice (line, names, &now, galley_policy_describe (now.kind));
    }
}

static GtkWidget *
make_line (GalleyPolicyDialog *self, guint8 kind, guint16 field, const Said *said)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  Line *line = g_new0 (Line, 1);

  line->dialog = self;
  line->kind = kind;
  line->field = field;
  line->choices = g_array_new (FALSE, FALSE, sizeof (GalleyPolicy));
  line->row = ADW_COMBO_ROW (adw_combo_row_new ());
  g_ptr_array_add (self->lines, line);
  list_choices (line, names, said);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (line->row),
                                 galley_words_for_field (kind, field));
  adw_combo_row_set_model (line->row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (line->row, line->before);
  gtk_widget_set_sensitive (GTK_WIDGET (line->row), said->role >= GALLEY_ROLE_LEAD);
  g_signal_connect_swapped (line->row, "notify::selected", G_CALLBACK (chosen_cb), line);
  return GTK_WIDGET (line->row);
}

static void
show_said (GalleyPolicyDialog *self, const Said *said)
{
  AdwPreferencesGroup *group = NULL;
  guint8 kind = 0;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      if (fields[i].kind != kind)
        {
          kind = fields[i].kind;
          group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
          adw_preferences_group_set_title (group,
                                           kind == GALLEY_KIND_ITEM ? _ ("Items") : _ ("Notes"));
          adw_preferences_page_add (self->page, group);
        }
      adw_preferences_group_add (group, make_line (self, kind, fields[i].field, said));
    }
  if (said->role < GALLEY_ROLE_LEAD)
    adw_preferences_group_set_description (self->about,
                                           _ ("What happens where people entered different "
                                              "values at the same time. A lead of the project "
                                              "can change it."));
}

/* ── reading and saving ── */

static void
said_free (gpointer data)
{
  Said *said = data;

  g_clear_pointer (&said->set, g_variant_unref);
  g_clear_pointer (&said->policies, g_variant_unref);
  g_free (said);
}

static void
list_leads (GalleyReader *reader, GalleyPolicy *leads)
{
  g_autoptr (GPtrArray) persons = galley_directory_list_persons (reader, NULL);

  leads->kind = GALLEY_POLICY_PERSONS;
  for (guint i = 0; persons != NULL && i < persons->len; i++)
    {
      const GalleyPerson *person = persons->pdata[i];

      if (person->role >= GALLEY_ROLE_LEAD && leads->n_persons < GALLEY_POLICY_MAX_PERSONS)
        leads->persons[leads->n_persons++] = person->id;
    }
}

static gpointer
read_said (GalleyReader *reader, gpointer data, GError **error)
{
  const GalleyId *project = data;
  g_autoptr (GalleyEntity) entity = galley_reader_get_entity (reader, project, error);
  GVariant *set, *policies;
  Said *said;

  if (entity == NULL)
    return NULL;

  said = g_new0 (Said, 1);
  set = galley_entity_get_value (entity, GALLEY_PROJECT_RULES);
  policies = galley_entity_get_value (entity, GALLEY_PROJECT_POLICIES);
  said->set = set != NULL ? g_variant_ref (set) : NULL;
  said->policies = policies != NULL ? g_variant_ref (policies) : NULL;
  said->role = galley_directory_get_role (reader, project);
  list_leads (reader, &said->leads);
  return said;
}

static void
said_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyPolicyDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  Said *said = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  if (said == NULL)
    adw_preferences_group_set_description (self->about, error->message);
  else if (self->store != NULL)
    {
      self->set = g_steal_pointer (&said->set);
      self->policies = said->policies != NULL ? g_variant_ref (said->policies) : NULL;
      show_said (self, said);
    }
  g_clear_pointer (&said, said_free);
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyPolicyDialog) self = user_data;
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  if (!galley_store_commit_finish (GALLEY_STORE (source), result, &committed, &error))
    {
      adw_preferences_group_set_description (self->about, error->message);
      return;
    }

  if (parent != NULL)
    galley_undo_offer (GTK_WIDGET (parent), _ ("Conflict rules changed"), &committed, 1);
  gtk_window_close (GTK_WINDOW (self));
}

static void
apply (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyPolicyDialog *self = GALLEY_POLICY_DIALOG (widget);
  g_autoptr (GVariant) policies = self->policies != NULL ? g_variant_ref (self->policies) : NULL;
  g_autoptr (GalleyDraft) draft = galley_draft_new (&self->project, GALLEY_INTENT_SWITCH_RULES);

  for (guint i = 0; i < self->lines->len; i++)
    {
      const Line *line = self->lines->pdata[i];
      g_autoptr (GVariant) before = NULL;

      if (adw_combo_row_get_selected (line->row) == line->before)
        continue;
      before = g_steal_pointer (&policies);
      policies = g_variant_ref_sink (
          galley_policies_set (before, line->kind, line->field, get_choice (line)));
    }
  if (policies == NULL)
    return;

  galley_intent_set_policies (draft, &self->project, self->set, policies);
  galley_store_commit_async (self->store, draft, NULL, committed_cb, g_object_ref (self));
}

/* ── the window ── */

/* Who closes it does not want to know any more; what is tried would hold it. */
static void
galley_policy_dialog_unrealize (GtkWidget *widget)
{
  GalleyPolicyDialog *self = GALLEY_POLICY_DIALOG (widget);

  for (guint i = 0; i < self->lines->len; i++)
    stop_trying (self->lines->pdata[i]);
  GTK_WIDGET_CLASS (galley_policy_dialog_parent_class)->unrealize (widget);
}

static void
galley_policy_dialog_dispose (GObject *object)
{
  GalleyPolicyDialog *self = GALLEY_POLICY_DIALOG (object);

  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_policy_dialog_parent_class)->dispose (object);
}

static void
galley_policy_dialog_finalize (GObject *object)
{
  GalleyPolicyDialog *self = GALLEY_POLICY_DIALOG (object);

  g_ptr_array_unref (self->lines);
  g_clear_pointer (&self->set, g_variant_unref);
  g_clear_pointer (&self->policies, g_variant_unref);
  G_OBJECT_CLASS (galley_policy_dialog_parent_class)->finalize (object);
}

static void
galley_policy_dialog_class_init (GalleyPolicyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_policy_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_policy_dialog_finalize;
  widget_class->unrealize = galley_policy_dialog_unrealize;
  gtk_widget_class_install_action (widget_class, "policies.apply", NULL, apply);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static GtkWidget *
make_header (void)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  GtkWidget *go = gtk_button_new_with_mnemonic (_ ("_Apply"));

  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (go), "policies.apply");
  gtk_widget_add_css_class (go, "suggested-action");
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), go);
  return header;
}

static void
galley_policy_dialog_init (GalleyPolicyDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->lines = g_ptr_array_new_with_free_func (line_free);
  self->page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  self->about = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_description (self->about,
                                         _ ("What happens where people entered different values "
                                            "at the same time. All values are kept in the "
                                            "history, and anybody may choose another one."));
  adw_preferences_page_add (self->page, self->about);
  gtk_widget_set_vexpand (GTK_WIDGET (self->page), TRUE);
  gtk_box_append (GTK_BOX (box), make_header ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->page));
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Conflict Rules"));
  gtk_window_set_default_size (GTK_WINDOW (self), 560, 640);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "policies.apply", FALSE);
}

/**
 * galley_policy_dialog_new:
 *
 * Returns: (transfer none): a dialog, not on screen yet
 */
GtkWidget *
galley_policy_dialog_new (GtkWindow *parent, GalleyStore *store, const GalleyId *project)
{
  GalleyPolicyDialog *self = g_object_new (GALLEY_TYPE_POLICY_DIALOG, "modal", TRUE, NULL);

  galley_ui_close_with (GTK_WINDOW (self), parent);
  self->store = g_object_ref (store);
  self->project = *project;
  galley_store_read_async (store, read_said, g_memdup2 (project, sizeof *project), g_free,
                           said_free, NULL, said_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}
