/* galley-import.c: files on their way into a project: chosen, dropped, pasted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-import"

#include "ui/galley-import.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

/* More faults than a person reads are counted. */
#define MAX_FAULTS_LISTED 20

struct _GalleyImport
{
  GObject parent_instance;

  GtkWindow *window; /* borrowed: it owns this */
  GalleyWorkspace *workspace;
  GtkFileChooserNative *chooser; /* (nullable): while it is open */
};

enum
{
  SIGNAL_DONE,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyImport, galley_import, G_TYPE_OBJECT)

/* One import that is under way. */
typedef struct
{
  GalleyImport *self;
  GPtrArray *faults; /* of char *: sentences */
  GArray *changes;   /* of GalleyCommitted: what came of the others */
  char *scrap;       /* (nullable): a file of ours, to be removed when it is in */
} Run;

static Run *
run_new (GalleyImport *self)
{
  Run *run = g_new0 (Run, 1);

  run->self = g_object_ref (self);
  run->faults = g_ptr_array_new_with_free_func (g_free);
  run->changes = g_array_new (FALSE, FALSE, sizeof (GalleyCommitted));
  return run;
}

static void
run_free (Run *run)
{
  if (run->scrap != NULL)
    g_unlink (run->scrap);
  g_free (run->scrap);
  g_ptr_array_unref (run->faults);
  g_array_unref (run->changes);
  g_object_unref (run->self);
  g_free (run);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Run, run_free)

/* ── what is said of it ── */

static void
list_faults (Run *run)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_faults = run->faults->len;
  GtkWidget *dialog;
  g_autofree char *heading = g_strdup_printf (ngettext ("%u File Was Not Imported",
                                                        "%u Files Were Not Imported", n_faults),
                                              n_faults);

  for (guint i = 0; i < n_faults && i < MAX_FAULTS_LISTED; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n\n" : "", (char *)run->faults->pdata[i]);
  if (n_faults > MAX_FAULTS_LISTED)
    {
      guint n_more = n_faults - MAX_FAULTS_LISTED;

      g_string_append (text, "\n\n");
      g_string_append_printf (text, ngettext ("and %u more", "and %u more", n_more), n_more);
    }

  dialog = adw_message_dialog_new (run->self->window, heading, text->str);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
finish (Run *run)
{
  guint n_imported = run->changes->len;
  g_autofree char *text =
      g_strdup_printf (ngettext ("%u file imported", "%u files imported", n_imported), n_imported);

  if (n_imported > 0)
    g_signal_emit (run->self, signals[SIGNAL_DONE], 0, text, run->changes);
  if (run->faults->len > 0)
    list_faults (run);
}

static void
imported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Run) run = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      results = galley_workspace_import_finish (GALLEY_WORKSPACE (source), result, &error);

  if (results == NULL)
    g_ptr_array_add (run->faults, g_strdup (error->message));

  for (guint i = 0; results != NULL && i < results->len; i++)
    {
      const GalleyImportResult *one = results->pdata[i];
      g_autofree char *name = g_filename_display_basename (one->path);

      if (one->error == NULL)
        g_array_append_val (run->changes, one->change);
      else
        g_ptr_array_add (run->faults, g_strdup_printf ("%s: %s", name, one->error->message));
    }

  finish (run);
}

/* Takes @run. */
static void
import_paths (Run *run, const GalleyId *project, GPtrArray *paths)
{
  if (paths->len == 0)
    {
      finish (run);
      run_free (run);
      return;
    }

  g_ptr_array_add (paths, NULL);
  galley_workspace_import_async (run->self->workspace, project, (const char *const *)paths->pdata,
                                 NULL, NULL, NULL, imported_cb, run);
}

/* Where what is being chosen or pasted is to go. */
typedef struct
{
  GalleyImport *self;
  GalleyId project;
} Aim;

/* ── the clipboard ── */

static void
encode_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "galley", NULL);
  g_autofree char *name = g_strdup_printf ("%s %08x.png", _ ("Pasted picture"), g_random_int ());
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GBytes) png = gdk_texture_save_to_png_bytes (task_data);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  if (g_file_set_contents (path, g_bytes_get_data (png, NULL), g_bytes_get_size (png), &error))
    g_task_return_pointer (task, g_steal_pointer (&path), g_free);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
encoded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Aim *aim = user_data;
  g_autoptr (GalleyImport) self = aim->self;
  g_autoptr (Run) run = run_new (self);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  run->scrap = g_task_propagate_pointer (G_TASK (result), &error);
  if (run->scrap == NULL)
    {
      g_ptr_array_add (run->faults, g_strdup (error->message));
      finish (run);
      return;
    }

  g_ptr_array_add (paths, run->scrap);
  import_paths (g_steal_pointer (&run), &aim->project, paths);
}

static void
aim_free (Aim *aim)
{
  g_object_unref (aim->self);
  g_free (aim);
}

/* What could not be pasted is said where one looks, whatever the reason. */
static void
refuse_paste (Aim *aim, const char *text)
{
  g_autoptr (GArray) none = g_array_new (FALSE, FALSE, sizeof (GalleyCommitted));

  g_signal_emit (aim->self, signals[SIGNAL_DONE], 0, text, none);
  aim_free (aim);
}

static void
texture_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Aim *aim = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture)
      texture = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, &error);
  g_autoptr (GTask) task = NULL;

  if (texture == NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("What is on the clipboard cannot be read: %s"),
                                               error->message);

      refuse_paste (aim, text);
      return;
    }

  task = g_task_new (NULL, NULL, encoded_cb, aim);
  g_task_set_task_data (task, g_steal_pointer (&texture), g_object_unref);
  g_task_run_in_thread (task, encode_in_thread);
}

static void
files_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Aim *aim = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = gdk_clipboard_read_value_finish (GDK_CLIPBOARD (source), result, &error);
  g_autoptr (GListModel) files = galley_import_list_files (value);

  if (g_list_model_get_n_items (files) == 0)
    {
      refuse_paste (aim, _ ("There is no picture and no file on the clipboard."));
      return;
    }

  galley_import_files (aim->self, &aim->project, files);
  aim_free (aim);
}

/* ── the file chooser ── */

static void
chosen_cb (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autofree Aim *chosen = user_data;
  g_autoptr (GalleyImport) self = chosen->self;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

      galley_import_files (self, &chosen->project, files);
    }

  g_clear_object (&self->chooser);
}

/* ── the object ── */

static void
galley_import_dispose (GObject *object)
{
  GalleyImport *self = GALLEY_IMPORT (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (galley_import_parent_class)->dispose (object);
}

static void
galley_import_class_init (GalleyImportClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_import_dispose;
  signals[SIGNAL_DONE] = g_signal_new ("done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                       G_TYPE_ARRAY);
}

static void
galley_import_init (GalleyImport *self)
{
}

/**
 * galley_import_new:
 * @window: (transfer none): over which dialogs are shown; it must live longer
 */
GalleyImport *
galley_import_new (GtkWindow *window, GalleyWorkspace *workspace)
{
  GalleyImport *self = g_object_new (GALLEY_TYPE_IMPORT, NULL);

  self->window = window;
  self->workspace = g_object_ref (workspace);
  return self;
}

/**
 * galley_import_choose:
 *
 * Lets the person choose files, then imports them into @project.
 */
void
galley_import_choose (GalleyImport *self, const GalleyId *project)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
  Aim *chosen;

  g_return_if_fail (GALLEY_IS_IMPORT (self) && project != NULL);

  if (self->chooser != NULL)
    return;

  chosen = g_new0 (Aim, 1);
  chosen->self = g_object_ref (self);
  chosen->project = *project;
  gtk_file_filter_set_name (filter, _ ("Images and PDF Files"));
  gtk_file_filter_add_mime_type (filter, "image/*");
  gtk_file_filter_add_mime_type (filter, "application/pdf");
  self->chooser = gtk_file_chooser_native_new (_ ("Import Files"), self->window,
                                               GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Import"),
                                               _ ("_Cancel"));
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect (self->chooser, "response", G_CALLBACK (chosen_cb), chosen);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/**
 * galley_import_files:
 * @files: (element-type GFile)
 */
void
galley_import_files (GalleyImport *self, const GalleyId *project, GListModel *files)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (Run) run = NULL;

  g_return_if_fail (GALLEY_IS_IMPORT (self) && project != NULL);

  run = run_new (self);
  for (guint i = 0; i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);
      char *path = g_file_get_path (file);
      g_autofree char *uri = g_file_get_uri (file);

      if (path != NULL)
        g_ptr_array_add (paths, path);
      else
        g_ptr_array_add (run->faults,
                         g_strdup_printf (_ ("%s: Only files on this computer can be imported. "
                                             "Save it here first."),
                                          uri));
    }

  import_paths (g_steal_pointer (&run), project, paths);
}

/**
 * galley_import_list_files:
 * @value: (nullable): a list of files, as it is dropped or pasted
 *
 * Returns: (transfer full) (element-type GFile): empty for %NULL
 */
GListModel *
galley_import_list_files (const GValue *value)
{
  GListStore *list = g_list_store_new (G_TYPE_FILE);
  GSList *files = value != NULL && G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST)
                      ? g_value_get_boxed (value)
                      : NULL;

  for (GSList *link = files; link != NULL; link = link->next)
    g_list_store_append (list, link->data);

  return G_LIST_MODEL (list);
}

/**
 * galley_import_clipboard:
 *
 * Imports the files or the picture that are on @clipboard; "done" says so when there are none.
 */
void
galley_import_clipboard (GalleyImport *self, const GalleyId *project, GdkClipboard *clipboard)
{
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  Aim *aim;

  g_return_if_fail (GALLEY_IS_IMPORT (self) && project != NULL);

  aim = g_new0 (Aim, 1);
  aim->self = g_object_ref (self);
  aim->project = *project;
  /* Files first: their names are on the clipboard with them, and sometimes a picture as well. */
  if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_FILE_LIST))
    gdk_clipboard_read_value_async (clipboard, GDK_TYPE_FILE_LIST, G_PRIORITY_DEFAULT, NULL,
                                    files_read_cb, aim);
  else if (gdk_content_formats_contain_gtype (formats, GDK_TYPE_TEXTURE))
    gdk_clipboard_read_texture_async (clipboard, NULL, texture_read_cb, aim);
  else
    refuse_paste (aim, _ ("There is no picture and no file on the clipboard."));
}
