/* galley-audit-window.c: what was changed, from what to what, by whom, and why it is as it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-audit-window"

#include "ui/galley-audit-window.h"

#include "ui/galley-audit-line.h"
#include "ui/galley-audit-pdf.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include "data/galley-audit-csv.h"
#include "data/galley-snapshot-install.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The list makes and measures up to 200 rows for those that are seen, which takes long enough to be
 * noticed: it is given a screenful first, a few more at a time while nothing else is to be done,
 * and the rest, which it makes no rows for, at once. */
#define FIRST_ROWS 10
#define MORE_ROWS 8
#define MADE_ROWS 240
/* Of a project; the command line reads on. */
#define PROJECT_LIMIT 5000

/* What is asked for. */
typedef struct
{
  GalleyId entity;
  guint16 field; /* GALLEY_AUDIT_ALL_FIELDS: all of it */
  char *element; /* (nullable): of the field, this one alone */
} Subject;

/* What is told of it. */
typedef struct
{
  GalleyAudit *audit;
  GalleyId item; /* nil: it belongs to none */
  char *title;
  char *why; /* (nullable): of a field: why it is as it is */
} Answer;

struct _GalleyAuditWindow
{
  AdwWindow parent_instance;

  GalleyStore *store;
  Subject subject;
  Answer *answer;    /* (nullable) */
  GPtrArray *shown;  /* of GalleyAuditEntry: of @answer */
  GArray *persons;   /* of GalleyId: the lines of the drop-down behind the first */
  gboolean choosing; /* the drop-down is being filled */
  gboolean reading;
  gboolean stale;
  GtkStringList *lines; /* one for each of @shown, sooner or later */
  guint fill_source;
  GtkFileChooserNative *chooser; /* (nullable): while it is open */

  AdwWindowTitle *title;
  GtkDropDown *person;
  GtkStack *stack;
  AdwStatusPage *trouble;
  GtkLabel *why;
  GtkWidget *older;
  GtkWidget *hint;
  AdwToastOverlay *toasts;
  GtkListView *list;
};

G_DEFINE_FINAL_TYPE (GalleyAuditWindow, galley_audit_window, ADW_TYPE_WINDOW)

static guint show_past_signal;

/* ── reading ── */

static Subject *
subject_dup (const Subject *subject)
{
  Subject *copy = g_memdup2 (subject, sizeof *subject);

  copy->element = g_strdup (subject->element);
  return copy;
}

static void
subject_free (gpointer data)
{
  g_free (((Subject *)data)->element);
  g_free (data);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->audit, galley_audit_free);
  g_free (answer->title);
  g_free (answer->why);
  g_free (answer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Answer, answer_free)

static char *
make_title (const Answer *answer, const Subject *subject, const GalleyEntity *entity)
{
  const char *name = galley_audit_get_subject (answer->audit, &entity->id);
  const char *field = subject->field != GALLEY_AUDIT_ALL_FIELDS
                          ? galley_words_for_field (entity->kind, subject->field)
                          : NULL;

  if (*name == '\0')
    return g_strdup (field != NULL ? field : _ ("History"));
  if (field == NULL)
    return g_strdup (name);

  /* Translators: the name of a field, and what it is a field of: "Colour · Logo too small" */
  return g_strdup_printf (_ ("%s · %s"), field, name);
}

static char *
find_why (const Answer *answer, const Subject *subject, const GalleyEntity *entity)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (entity->kind, subject->field);
  gboolean is_list = spec != NULL &&
                     (spec->type == GALLEY_FIELD_SET || spec->type == GALLEY_FIELD_ORDER);

  return spec != NULL && is_list == (subject->element != NULL)
             ? galley_audit_explain (answer->audit, entity, spec, subject->element)
             : NULL;
}

static gpointer
read_answer (GalleyReader *reader, gpointer data, GError **error)
{
  const Subject *subject = data;
  g_autoptr (GalleyEntity) entity = galley_reader_get_entity (reader, &subject->entity, error);
  GalleyJournalFilter filter = { .entity = &subject->entity, .element = subject->element };
  g_autoptr (Answer) answer = g_new0 (Answer, 1);

  if (entity == NULL)
    return NULL;
  if (subject->field != GALLEY_AUDIT_ALL_FIELDS)
    filter.field = &subject->field;
  else if (entity->kind == GALLEY_KIND_PROJECT)
    filter = (GalleyJournalFilter){ .project = &subject->entity, .limit = PROJECT_LIMIT };
  answer->audit = galley_audit_read (reader, &filter, error);
  if (answer->audit == NULL)
    return NULL;

  answer->item = entity->owner;
  answer->title = make_title (answer, subject, entity);
  answer->why = find_why (answer, subject, entity);
  return g_steal_pointer (&answer);
}

/* ── what is shown ── */

static gboolean
is_wanted (GalleyAuditWindow *self, const GalleyAuditEntry *entry)
{
  guint chosen = gtk_drop_down_get_selected (self->person);
  const GalleyId *actor = &galley_change_get_header (entry->row->change)->actor;

  return chosen == 0 || chosen > self->persons->len ||
         galley_id_equal (&g_array_index (self->persons, GalleyId, chosen - 1), actor);
}

static void
fill (GalleyAuditWindow *self, guint n_kept, guint n_added)
{
  g_autofree const char **strings = g_new0 (const char *, n_added + 1);
  guint n_lines = g_list_model_get_n_items (G_LIST_MODEL (self->lines));

  for (guint i = 0; i < n_added; i++)
    strings[i] = "";
  gtk_string_list_splice (self->lines, n_kept, n_lines - n_kept, strings);
}

static gboolean
fill_cb (gpointer user_data)
{
  GalleyAuditWindow *self = user_data;
  guint n_lines = g_list_model_get_n_items (G_LIST_MODEL (self->lines));
  guint n_left = self->shown->len - n_lines;

  fill (self, n_lines, n_lines < MADE_ROWS ? MIN (MORE_ROWS, n_left) : n_left);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->lines)) < self->shown->len)
    return G_SOURCE_CONTINUE;

  self->fill_source = 0;
  return G_SOURCE_REMOVE;
}

static void
show_entries (GalleyAuditWindow *self)
{
  if (self->answer == NULL || self->choosing)
    return;

  g_ptr_array_set_size (self->shown, 0);
  for (guint i = 0; i < self->answer->audit->entries->len; i++)
    if (is_wanted (self, self->answer->audit->entries->pdata[i]))
      g_ptr_array_add (self->shown, self->answer->audit->entries->pdata[i]);
  fill (self, 0, MIN (FIRST_ROWS, self->shown->len));
  g_clear_handle_id (&self->fill_source, g_source_remove);
  if (self->shown->len > FIRST_ROWS)
    self->fill_source = g_idle_add_full (G_PRIORITY_LOW, fill_cb, self, NULL);
  gtk_stack_set_visible_child_name (self->stack, self->shown->len > 0 ? "list" : "empty");
}

static void
list_persons (GalleyAuditWindow *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const GalleyAudit *audit = self->answer->audit;
  guint chosen = gtk_drop_down_get_selected (self->person);
  GalleyId before = { 0 };
  gpointer id, name;
  GHashTableIter iter;
  guint selected = 0;

  if (chosen > 0 && chosen <= self->persons->len)
    before = g_array_index (self->persons, GalleyId, chosen - 1);
  g_array_set_size (self->persons, 0);
  gtk_string_list_append (names, _ ("Everyone"));
  g_hash_table_iter_init (&iter, audit->persons);
  while (g_hash_table_iter_next (&iter, &id, &name))
    {
      g_array_append_val (self->persons, *(GalleyId *)id);
      gtk_string_list_append (names, name);
      if (galley_id_equal (id, &before))
        selected = self->persons->len;
    }

  self->choosing = TRUE;
  gtk_drop_down_set_model (self->person, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->person, selected);
  self->choosing = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->person), self->persons->len > 1);
}

static void
show_answer (GalleyAuditWindow *self, Answer *answer)
{
  g_autofree char *count = NULL;
  gboolean first = self->answer == NULL;

  g_clear_handle_id (&self->fill_source, g_source_remove);
  g_ptr_array_set_size (self->shown, 0);
  g_clear_pointer (&self->answer, answer_free);
  self->answer = answer;
  list_persons (self);
  show_entries (self);
  if (first)
    gtk_widget_grab_focus (GTK_WIDGET (self->list));

  count = g_strdup_printf (answer->audit->more
                               ? ngettext ("The newest %u change", "The newest %u changes",
                                           answer->audit->entries->len)
                               : ngettext ("%u change", "%u changes", answer->audit->entries->len),
                           answer->audit->entries->len);
  adw_window_title_set_title (self->title, answer->title);
  adw_window_title_set_subtitle (self->title, count);
  gtk_window_set_title (GTK_WINDOW (self), answer->title);
  gtk_label_set_text (self->why, answer->why != NULL ? answer->why : "");
  gtk_widget_set_visible (GTK_WIDGET (self->why), answer->why != NULL);
  gtk_widget_set_visible (self->older, !answer->audit->whole);
  gtk_widget_set_visible (self->hint, !galley_id_is_nil (&answer->item));
}

static void read_again (GalleyAuditWindow *self);

static void
answer_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyAuditWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (Answer) answer = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (self->store == NULL)
    return;
  if (answer != NULL)
    show_answer (self, g_steal_pointer (&answer));
  else
    {
      adw_status_page_set_description (self->trouble, error->message);
      gtk_stack_set_visible_child_name (self->stack, "trouble");
    }
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleyAuditWindow *self)
{
  self->stale = self->reading;
  /* An answer may still be on its way when the window is closed. */
  if (self->reading || self->store == NULL)
    return;

  self->reading = TRUE;
  galley_store_read_async (self->store, read_answer, subject_dup (&self->subject), subject_free,
                           answer_free, NULL, answer_read_cb, g_object_ref (self));
}

static void
store_changed_cb (GalleyAuditWindow *self, const GalleyTouched *touched)
{
  gboolean ours = touched->everything || touched->outbox;

  for (guint i = 0; !ours && i < touched->entities->len; i++)
    {
      const GalleyTouchedEntity *entity = &g_array_index (touched->entities, GalleyTouchedEntity,
                                                          i);

      ours = galley_id_equal (&entity->entity, &self->subject.entity) ||
             galley_id_equal (&entity->owner, &self->subject.entity);
    }

  if (ours)
    read_again (self);
}

/* ── rows ── */

static void
row_activated_cb (GalleyAuditWindow *self, guint position)
{
  const GalleyAuditEntry *entry;

  if (position >= self->shown->len || galley_id_is_nil (&self->answer->item))
    return;

  entry = self->shown->pdata[position];
  g_signal_emit (self, show_past_signal, 0, &self->answer->item,
                 galley_change_get_header (entry->row->change)->hlc);
}

static void
setup_row_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkWidget *label = galley_ui_label_new (NULL, "galley-line");

  gtk_list_item_set_child (list_item, label);
}

/* One label: the list makes 200 rows before it shows the first, and each widget has its price. */
static char *
make_markup (const GalleyAuditLine *line)
{
  g_autofree char *what = g_markup_escape_text (line->what, -1);
  g_autofree char *details = line->details != NULL ? g_markup_escape_text (line->details, -1)
                                                   : NULL;
  g_autofree char *source = g_markup_escape_text (line->source, -1);
  g_autoptr (GString) markup = g_string_new (NULL);

  g_string_append_printf (markup, "<b>%s</b>\n", what);
  if (details != NULL)
    g_string_append_printf (markup, "%s\n", details);
  if (line->effect != NULL)
    g_string_append_printf (markup, "<small><b>✓ %s</b> · </small>", line->effect);
  g_string_append_printf (markup, "<span size=\"smaller\" alpha=\"60%%\">%s</span>", source);
  return g_string_free (g_steal_pointer (&markup), FALSE);
}

static void
bind_row_cb (GalleyAuditWindow *self, GtkListItem *list_item)
{
  const GalleyAuditEntry *entry = self->shown->pdata[gtk_list_item_get_position (list_item)];
  g_autoptr (GalleyAuditLine) line = galley_audit_line_new (self->answer->audit, entry);
  g_autofree char *markup = make_markup (line);
  GtkWidget *label = gtk_list_item_get_child (list_item);
  GtkWidget *row = gtk_widget_get_parent (label);
  g_autofree char *spoken = g_strdup_printf ("%s. %s. %s. %s", line->what,
                                             line->details != NULL ? line->details : "",
                                             line->effect != NULL ? line->effect : "",
                                             line->source);

  gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_list_item_set_activatable (list_item, !galley_id_is_nil (&self->answer->item));
  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken,
                                    -1);
}

/* ── exports ── */

typedef struct
{
  GFile *file;
  gboolean paper;
  Answer *answer; /* (nullable): once it is read */
  gint64 now_us;
} Export;

static void
export_free (gpointer data)
{
  Export *wanted = data;

  g_object_unref (wanted->file);
  g_clear_pointer (&wanted->answer, answer_free);
  g_free (wanted);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Export, export_free)

/* In a thread of the pool: pages take longer to lay out than their changes to read, and lists wait
 * for the reader's thread. */
static void
render (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Export *wanted = data;
  const Answer *answer = wanted->answer;
  GError *error = NULL;
  GBytes *bytes;

  if (wanted->paper)
    {
      bytes = galley_audit_to_pdf (answer->audit, answer->title, answer->why, wanted->now_us,
                                   &error);
    }
  else
    {
      char *csv = galley_audit_to_csv (answer->audit);

      bytes = g_bytes_new_take (csv, strlen (csv));
    }
  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify)g_bytes_unref);
  else
    g_task_return_error (task, error);
}

static void
say (GalleyAuditWindow *self, const char *text)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}

static void
file_written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyAuditWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source));
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *text = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    text = g_strdup_printf (_ ("Exported to “%s”"), shown);
  else
    text = g_strdup_printf (_ ("Not exported: %s"), error->message);
  say (self, text);
}

static void
rendered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GalleyAuditWindow *self = GALLEY_AUDIT_WINDOW (source);
  const Export *wanted = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), &error);

  if (bytes == NULL)
    {
      say (self, error->message);
      return;
    }

  g_file_replace_contents_bytes_async (wanted->file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE,
                                       NULL, file_written_cb, g_object_ref (self));
}

typedef struct
{
  GalleyAuditWindow *self;
  Export *wanted;
} Exporting;

static void
export_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Exporting *exporting = user_data;
  g_autoptr (GalleyAuditWindow) self = exporting->self;
  g_autoptr (Export) wanted = exporting->wanted;
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;

  wanted->answer = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  if (wanted->answer == NULL)
    {
      say (self, error->message);
      return;
    }

  task = g_task_new (self, NULL, rendered_cb, NULL);
  g_task_set_task_data (task, g_steal_pointer (&wanted), export_free);
  g_task_run_in_thread (task, render);
}

/**
 * galley_audit_window_export:
 * @format: csv or pdf
 *
 * Of everyone, whoever is looked at. How it went is said in the window.
 */
void
galley_audit_window_export (GalleyAuditWindow *self, const char *format, GFile *file)
{
  Exporting *exporting;

  g_return_if_fail (GALLEY_IS_AUDIT_WINDOW (self) && G_IS_FILE (file));

  exporting = g_new0 (Exporting, 1);
  exporting->self = g_object_ref (self);
  exporting->wanted = g_new0 (Export, 1);
  exporting->wanted->file = g_object_ref (file);
  exporting->wanted->paper = g_str_equal (format, "pdf");
  exporting->wanted->now_us = g_get_real_time ();
  galley_store_read_async (self->store, read_answer, subject_dup (&self->subject), subject_free,
                           answer_free, NULL, export_read_cb, exporting);
}

static void
file_chosen_cb (GalleyAuditWindow *self, int response, GtkNativeDialog *dialog)
{
  const char *format = g_object_get_data (G_OBJECT (dialog), "galley-format");
  g_autoptr (GFile) file = response == GTK_RESPONSE_ACCEPT
                               ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                               : NULL;

  if (file != NULL)
    galley_audit_window_export (self, format, file);
  g_clear_object (&self->chooser);
}

static void
export_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyAuditWindow *self = GALLEY_AUDIT_WINDOW (widget);
  gboolean paper = g_str_equal (g_variant_get_string (parameter, NULL), "pdf");
  g_autofree char *name = NULL;

  if (self->chooser != NULL || self->answer == NULL)
    return;

  name = g_strdup_printf ("%s.%s", self->answer->title, paper ? "pdf" : "csv");
  g_strdelimit (name, "/", '-');
  self->chooser = gtk_file_chooser_native_new (_ ("Export History"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"),
                                               _ ("_Cancel"));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_object_set_data (G_OBJECT (self->chooser), "galley-format", (gpointer)(paper ? "pdf" : "csv"));
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (file_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
older_asked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyAuditWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  say (self, galley_store_write_finish (GALLEY_STORE (source), result, &error)
                 ? _ ("They come with the next sync")
                 : error->message);
}

static void
fetch_older_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyAuditWindow *self = GALLEY_AUDIT_WINDOW (widget);

  galley_store_write_async (self->store, galley_history_ask_on_writer, NULL, NULL, NULL,
                            older_asked_cb, g_object_ref (self));
}

/* ── the window ── */

static void
galley_audit_window_dispose (GObject *object)
{
  GalleyAuditWindow *self = GALLEY_AUDIT_WINDOW (object);

  /* The drop-down says that another line is chosen when it goes, and the rest has gone before. */
  self->choosing = TRUE;
  g_clear_handle_id (&self->fill_source, g_source_remove);
  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_audit_window_parent_class)->dispose (object);
}

static void
galley_audit_window_finalize (GObject *object)
{
  GalleyAuditWindow *self = GALLEY_AUDIT_WINDOW (object);

  g_free (self->subject.element);
  g_ptr_array_unref (self->shown);
  g_array_unref (self->persons);
  g_object_unref (self->lines);
  g_clear_pointer (&self->answer, answer_free);
  G_OBJECT_CLASS (galley_audit_window_parent_class)->finalize (object);
}

static void
galley_audit_window_class_init (GalleyAuditWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = galley_audit_window_dispose;
  object_class->finalize = galley_audit_window_finalize;
  show_past_signal = g_signal_new ("show-past", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_POINTER, G_TYPE_UINT64);
  gtk_widget_class_install_action (widget_class, "audit.export", "s", export_action);
  gtk_widget_class_install_action (widget_class, "audit.fetch-older", NULL, fetch_older_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-audit-window.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, person);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, trouble);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, why);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, older);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, hint);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, GalleyAuditWindow, list);
}

static void
galley_audit_window_init (GalleyAuditWindow *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  galley_ui_name_drop_down (self->person, _ ("Person"));
  self->shown = g_ptr_array_new ();
  self->persons = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  self->lines = gtk_string_list_new (NULL);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_row_cb), NULL);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->person, "notify::selected", G_CALLBACK (show_entries), self,
                           G_CONNECT_SWAPPED);
  selection = GTK_SELECTION_MODEL (
      gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->lines))));
  gtk_list_view_set_factory (self->list, factory);
  gtk_list_view_set_model (self->list, selection);
  g_signal_connect_object (self->list, "activate", G_CALLBACK (row_activated_cb), self,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_audit_window_new:
 * @entity: of what
 * @field: one of its fields, or %GALLEY_AUDIT_ALL_FIELDS: all of it and of what belongs to it
 * @element: (nullable): of a list, one element
 *
 * Returns: (transfer none): a window, not on screen yet
 */
GtkWidget *
galley_audit_window_new (GalleyStore *store,
                         const GalleyId *entity,
                         guint16 field,
                         const char *element)
{
  GalleyAuditWindow *self = g_object_new (GALLEY_TYPE_AUDIT_WINDOW, NULL);

  self->store = g_object_ref (store);
  self->subject.entity = *entity;
  self->subject.field = field;
  self->subject.element = element != NULL && *element != '\0' ? g_strdup (element) : NULL;
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  read_again (self);
  return GTK_WIDGET (self);
}
