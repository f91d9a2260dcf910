/* galley-journal-page.c: every change of a workspace, newest first
 *
 * Read in pages, as far as somebody scrolls: what is shown at first costs the same however long the
 * journal is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-journal-page"

#include "ui/galley-journal-page.h"

#include "data/galley-directory.h"
#include "ui/galley-audit-window.h"
#include "ui/galley-journal-row.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

#define PAGE_LINES 100
/* The next page is read when the end is this near, in pixels. */
#define NEAR_END 600

struct _GalleyJournalPage
{
  GtkWidget parent_instance;

  GalleyStore *store;   /* (nullable) */
  GtkStringList *lines; /* as many as are shown */
  GPtrArray *shown;     /* of GalleyJournalLine, one for each string */
  GPtrArray *persons;   /* of GalleyPerson, as in the drop-down after its first line */
  GPtrArray *projects;  /* of GalleyProjectRow, likewise */
  gboolean filling;     /* the drop-downs: nobody has chosen anything */
  gboolean at_end;
  gboolean reading;
  gboolean stale;
  guint generation; /* of what is looked for */

  GtkDropDown *person;
  GtkDropDown *project;
  GtkLabel *count;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (GalleyJournalPage, galley_journal_page, GTK_TYPE_WIDGET)

G_STATIC_ASSERT (G_STRUCT_OFFSET (GalleyPerson, id) == 0);
G_STATIC_ASSERT (G_STRUCT_OFFSET (GalleyProjectRow, id) == 0);

/* ── reading ── */

typedef struct
{
  GalleyId own; /* who is reading */
  gboolean has_person, has_project;
  GalleyId person, project;
  gint64 before_lsn;
  guint generation;
  gboolean wants_names; /* of persons and projects */
} Question;

typedef struct
{
  GPtrArray *lines;
  GPtrArray *persons;  /* (nullable) */
  GPtrArray *projects; /* (nullable) */
  guint generation;
  gboolean is_first;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->lines, g_ptr_array_unref);
  g_clear_pointer (&answer->persons, g_ptr_array_unref);
  g_clear_pointer (&answer->projects, g_ptr_array_unref);
  g_free (answer);
}

static GPtrArray *
read_lines (GalleyReader *reader, const Question *question, GError **error)
{
  g_autoptr (GArray) names = NULL;
  GalleyJournalFilter filter = { .project = question->has_project ? &question->project : NULL,
                                 .limit = PAGE_LINES,
                                 .before_lsn = question->before_lsn };

  if (question->has_person)
    {
      names = galley_directory_list_names (reader, &question->person, error);
      if (names == NULL)
        return NULL;
      filter.persons = names;
    }

  return galley_journal_line_read (reader, &question->own, &filter, error);
}

static gpointer
read_answer (GalleyReader *reader, gpointer data, GError **error)
{
  const Question *question = data;
  Answer *answer = g_new0 (Answer, 1);

  answer->generation = question->generation;
  answer->is_first = question->before_lsn == 0;
  answer->lines = read_lines (reader, question, error);
  if (answer->lines != NULL && question->wants_names)
    {
      answer->persons = galley_directory_list_persons (reader, NULL);
      answer->projects = galley_reader_list_projects (reader, NULL);
    }
  if (answer->lines != NULL)
    return answer;

  answer_free (answer);
  return NULL;
}

/* ── what is shown ── */

static void read_page (GalleyJournalPage *self, gboolean first);

/* After the lines are among those that are shown. */
static void
add_strings (GalleyJournalPage *self, guint from, guint n_gone, guint n_more)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new ();

  for (guint i = from; i < from + n_more; i++)
    g_ptr_array_add (strings, ((GalleyJournalLine *)self->shown->pdata[i])->what);
  g_ptr_array_add (strings, NULL);
  gtk_string_list_splice (self->lines, from, n_gone, (const char *const *)strings->pdata);
}

/* Where the line that is shown first stands among those that were read again; G_MAXUINT: nowhere.
 */
static guint
find_first_shown (const GalleyJournalPage *self, const GPtrArray *lines)
{
  const GalleyJournalLine *shown = self->shown->len > 0 ? self->shown->pdata[0] : NULL;

  for (guint i = 0; shown != NULL && i < lines->len; i++)
    if (((GalleyJournalLine *)lines->pdata[i])->lsn == shown->lsn)
      return i;

  return G_MAXUINT;
}

static gboolean
are_alike (const GalleyJournalPage *self, const GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    if (i >= self->shown->len ||
        g_strcmp0 (((GalleyJournalLine *)lines->pdata[i])->who_and_when,
                   ((GalleyJournalLine *)self->shown->pdata[i])->who_and_when) != 0)
      return FALSE;

  return TRUE;
}

/* What is new comes before what is shown, of which the rest stays where somebody has scrolled to.
 */
static void
take_first (GalleyJournalPage *self, Answer *answer)
{
  guint n_new = find_first_shown (self, answer->lines);
  guint n_gone = n_new == G_MAXUINT ? self->shown->len
                                    : MIN (self->shown->len, answer->lines->len - n_new);
  guint n_lines = answer->lines->len;
  g_autoptr (GPtrArray) before = NULL;

  if (n_new == 0 && are_alike (self, answer->lines))
    return;

  before = self->shown;
  if (n_gone == before->len)
    self->at_end = n_lines < PAGE_LINES;

  self->shown = g_ptr_array_ref (answer->lines);
  while (before->len > n_gone)
    g_ptr_array_add (self->shown, g_ptr_array_steal_index (before, n_gone));
  add_strings (self, 0, n_gone, n_lines);
}

static void
take_lines (GalleyJournalPage *self, Answer *answer)
{
  guint n_before = self->shown->len, n_more = answer->lines->len;

  if (answer->is_first)
    return take_first (self, answer);

  self->at_end = n_more < PAGE_LINES;
  g_ptr_array_extend_and_steal (self->shown, g_steal_pointer (&answer->lines));
  add_strings (self, n_before, 0, n_more);
}

static void
show_count (GalleyJournalPage *self)
{
  guint n_shown = self->shown->len;
  /* Translators: how many changes are listed so far */
  g_autofree char *text = g_strdup_printf (self->at_end
                                               ? ngettext ("%u change", "%u changes", n_shown)
                                               : ngettext ("the newest %u change",
                                                           "the newest %u changes", n_shown),
                                           n_shown);

  gtk_label_set_text (self->count, text);
  gtk_stack_set_visible_child_name (self->stack, n_shown > 0 ? "list" : "empty");
}

static void
fill (GtkDropDown *drop_down, const char *all, GPtrArray *names, guint chosen)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  gtk_string_list_append (list, all);
  for (guint i = 0; i < names->len; i++)
    gtk_string_list_append (list, names->pdata[i]);
  gtk_drop_down_set_model (drop_down, G_LIST_MODEL (list));
  gtk_drop_down_set_selected (drop_down, chosen);
}

/* Ids stand first in the rows of persons and of projects. Returns: the place of the one that is
 * chosen among @before, in the drop-down that lists @now; 0: all */
static guint
find_again (GtkDropDown *drop_down, const GPtrArray *before, const GPtrArray *now)
{
  guint selected = gtk_drop_down_get_selected (drop_down);

  if (before == NULL || selected == 0 || selected > before->len)
    return 0;
  for (guint i = 0; i < now->len; i++)
    if (galley_id_equal (now->pdata[i], before->pdata[selected - 1]))
      return i + 1;

  return 0;
}

static void
take_names (GalleyJournalPage *self, Answer *answer)
{
  g_autoptr (GPtrArray) persons = g_ptr_array_new ();
  g_autoptr (GPtrArray) projects = g_ptr_array_new ();
  guint person, project;

  if (answer->persons == NULL || answer->projects == NULL)
    return;

  person = find_again (self->person, self->persons, answer->persons);
  project = find_again (self->project, self->projects, answer->projects);
  g_clear_pointer (&self->persons, g_ptr_array_unref);
  g_clear_pointer (&self->projects, g_ptr_array_unref);
  self->persons = g_steal_pointer (&answer->persons);
  self->projects = g_steal_pointer (&answer->projects);
  for (guint i = 0; i < self->persons->len; i++)
    g_ptr_array_add (persons, ((GalleyPerson *)self->persons->pdata[i])->name);
  for (guint i = 0; i < self->projects->len; i++)
    g_ptr_array_add (projects, ((GalleyProjectRow *)self->projects->pdata[i])->name);

  self->filling = TRUE;
  fill (self->person, _ ("Everybody"), persons, person);
  fill (self->project, _ ("All Projects"), projects, project);
  gtk_widget_set_visible (GTK_WIDGET (self->person), persons->len > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->project), projects->len > 1);
  self->filling = FALSE;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyJournalPage) self = user_data;
  g_autoptr (GError) error = NULL;
  Answer *answer = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (answer == NULL)
    {
      g_debug ("no journal: %s", error->message);
      return;
    }

  if (self->store != NULL && answer->generation == self->generation)
    {
      take_names (self, answer);
      take_lines (self, answer);
      show_count (self);
    }
  answer_free (answer);
  if (self->stale)
    read_page (self, TRUE);
}

static void
read_page (GalleyJournalPage *self, gboolean first)
{
  Question *question;
  guint person = gtk_drop_down_get_selected (self->person);
  guint project = gtk_drop_down_get_selected (self->project);

  if (first)
    self->stale = self->reading || !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->store == NULL || self->reading || (first && self->stale))
    return;

  self->reading = TRUE;
  question = g_new0 (Question, 1);
  galley_store_get_person (self->store, &question->own);
  question->generation = self->generation;
  question->wants_names = first;
  question->has_person = self->persons != NULL && person > 0 && person <= self->persons->len;
  if (question->has_person)
    question->person = ((GalleyPerson *)self->persons->pdata[person - 1])->id;
  question->has_project = self->projects != NULL && project > 0 && project <= self->projects->len;
  if (question->has_project)
    question->project = ((GalleyProjectRow *)self->projects->pdata[project - 1])->id;
  if (!first && self->shown->len > 0)
    question->before_lsn = ((GalleyJournalLine *)self->shown->pdata[self->shown->len - 1])->lsn;
  galley_store_read_async (self->store, read_answer, question, g_free, answer_free, NULL, read_cb,
                           g_object_ref (self));
}

static void
scrolled_cb (GalleyJournalPage *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  double left = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) -
                gtk_adjustment_get_value (adjustment);

  if (left < NEAR_END && !self->at_end && self->shown->len > 0)
    read_page (self, FALSE);
}

static void
chosen_cb (GalleyJournalPage *self)
{
  if (self->filling)
    return;
  self->generation++;
  self->stale = self->reading;
  read_page (self, TRUE);
}

static void
store_changed_cb (GalleyJournalPage *self, const GalleyTouched *touched)
{
  if (touched->everything || touched->outbox || touched->entities->len > 0)
    read_page (self, TRUE);
}

/* ── rows ── */

static void
setup_row_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  galley_journal_row_set_up (list_item, 1);
}

static void
bind_row_cb (GalleyJournalPage *self, GtkListItem *list_item)
{
  galley_journal_row_bind (list_item, self->shown->pdata[gtk_list_item_get_position (list_item)]);
}

/* All that is known of what it was done to: from what to what, and why it merged. */
static void
activated_cb (GalleyJournalPage *self, guint position)
{
  const GalleyJournalLine *line = position < self->shown->len ? self->shown->pdata[position] : NULL;
  char id[GALLEY_ID_TEXT_SIZE];

  if (line == NULL || galley_id_is_nil (&line->entity))
    return;

  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-history", "(sqs)",
                              galley_id_print (&line->entity, id), GALLEY_AUDIT_ALL_FIELDS, "");
}

/* ── the widget ── */

static void
galley_journal_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (galley_journal_page_parent_class)->map (widget);
  read_page (GALLEY_JOURNAL_PAGE (widget), TRUE);
}

static void
galley_journal_page_dispose (GObject *object)
{
  GalleyJournalPage *self = GALLEY_JOURNAL_PAGE (object);
  GtkWidget *child;

  self->filling = TRUE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_journal_page_parent_class)->dispose (object);
}

static void
galley_journal_page_finalize (GObject *object)
{
  GalleyJournalPage *self = GALLEY_JOURNAL_PAGE (object);

  g_object_unref (self->lines);
  g_ptr_array_unref (self->shown);
  g_clear_pointer (&self->persons, g_ptr_array_unref);
  g_clear_pointer (&self->projects, g_ptr_array_unref);
  G_OBJECT_CLASS (galley_journal_page_parent_class)->finalize (object);
}

static void
galley_journal_page_class_init (GalleyJournalPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_journal_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_journal_page_finalize;
  widget_class->map = galley_journal_page_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-journal-page.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyJournalPage, person);
  gtk_widget_class_bind_template_child (widget_class, GalleyJournalPage, project);
  gtk_widget_class_bind_template_child (widget_class, GalleyJournalPage, count);
  gtk_widget_class_bind_template_child (widget_class, GalleyJournalPage, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyJournalPage, scroller);
  gtk_widget_class_bind_template_child (widget_class, GalleyJournalPage, list);
}

static void
galley_journal_page_init (GalleyJournalPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  galley_ui_name_drop_down (self->person, _ ("Whose Changes"));
  galley_ui_name_drop_down (self->project, _ ("Of Which Project"));
  self->lines = gtk_string_list_new (NULL);
  self->shown = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_journal_line_free);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "activate", G_CALLBACK (activated_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->person, "notify::selected", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->project, "notify::selected", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "value-changed",
                           G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  selection = GTK_SELECTION_MODEL (
      gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->lines))));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, selection);
}

/**
 * galley_journal_page_set_store:
 *
 * Once.
 */
void
galley_journal_page_set_store (GalleyJournalPage *self, GalleyStore *store)
{
  g_return_if_fail (GALLEY_IS_JOURNAL_PAGE (self) && self->store == NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
}
