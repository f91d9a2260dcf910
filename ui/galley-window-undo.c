/* galley-window-undo.c: taking back and doing again
 *
 * Where a project is on screen, undo and redo act in it; elsewhere on what was done last, and say
 * where that was. A toast's button takes back what the toast speaks of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-window-undo"

#include "ui/galley-window-private.h"

#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

static void
offer_undo_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GVariant) changes = g_variant_get_child_value (parameter, 1);
  const char *text;

  g_variant_get_child (parameter, 0, "&s", &text);
  galley_window_say_done (user_data, text, changes);
}

/* ── undo and redo ── */

typedef struct
{
  GalleyWindow *self;
  gboolean redo;
  gboolean anywhere; /* not in the project that is on screen */
} Undoing;

static char *
describe (const Undoing *undoing, const char *what, const GalleyId *project)
{
  const char *name = undoing->anywhere ? galley_sidebar_get_name (undoing->self->sidebar, project)
                                       : NULL;
  g_autofree char *words = galley_words_for_intent (what);

  if (name == NULL)
    /* Translators: "Undone: Added a note" */
    return g_strdup_printf (undoing->redo ? _ ("Done again: %s") : _ ("Undone: %s"), words);

  /* Translators: a project and what was done there: "Undone in Posters: Added a note" */
  return g_strdup_printf (undoing->redo ? _ ("Done again in %s: %s") : _ ("Undone in %s: %s"), name,
                          words);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Undoing *undoing = user_data;
  g_autoptr (GalleyWindow) self = undoing->self;
  g_autofree char *what = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;

  if (galley_store_undo_finish (GALLEY_STORE (source), result, &committed, &what, &error))
    text = describe (undoing, what, &committed.project);
  galley_window_say_done (self, text != NULL ? text : error->message, NULL);
}

/* What is typed has an undo of its own. An empty field has nothing that could be taken back. */
static gboolean
text_takes (GalleyWindow *self, const char *action)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  gboolean has_text = FALSE;

  if (GTK_IS_TEXT_VIEW (focus))
    has_text = gtk_text_buffer_get_char_count (gtk_text_view_get_buffer (GTK_TEXT_VIEW (focus))) >
               0;
  else if (GTK_IS_TEXT (focus))
    has_text = gtk_entry_buffer_get_length (gtk_text_get_buffer (GTK_TEXT (focus))) > 0;

  return has_text && gtk_widget_activate_action (focus, action, NULL);
}

static void
undo_or_redo (GalleyWindow *self, gboolean redo)
{
  Undoing *undoing;
  GalleyId project;

  if (text_takes (self, redo ? "text.redo" : "text.undo"))
    return;

  undoing = g_new0 (Undoing, 1);
  undoing->self = g_object_ref (self);
  undoing->redo = redo;
  undoing->anywhere = !galley_window_get_project (self, &project);
  galley_window_withdraw_offer (self);
  galley_store_undo_async (galley_workspace_get_store (self->workspace),
                           undoing->anywhere ? NULL : &project, redo, NULL, undone_cb, undoing);
}

static void
undo_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  undo_or_redo (user_data, FALSE);
}

static void
redo_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  undo_or_redo (user_data, TRUE);
}

/* ── what a toast speaks of ── */

typedef struct
{
  GalleyWindow *self;
  guint n_open;
  guint n_undone;
  char *what;    /* (nullable): of the last one */
  GError *error; /* (nullable): the first */
} UndoingChanges;

static void
finish_changes (UndoingChanges *undoing)
{
  g_autofree char *words = galley_words_for_intent (undoing->what);
  g_autofree char *text = NULL;

  if (undoing->n_undone == 1)
    text = g_strdup_printf (_ ("Undone: %s"), words);
  else if (undoing->n_undone > 1)
    text = g_strdup_printf (ngettext ("%u change undone", "%u changes undone", undoing->n_undone),
                            undoing->n_undone);
  if (text != NULL)
    galley_window_say_done (undoing->self, text, NULL);
  if (undoing->error != NULL)
    galley_window_report (undoing->self, undoing->error->message);

  g_object_unref (undoing->self);
  g_free (undoing->what);
  g_clear_error (&undoing->error);
  g_free (undoing);
}

static void
change_undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  UndoingChanges *undoing = user_data;
  g_autofree char *what = NULL;
  g_autoptr (GError) error = NULL;

  if (galley_store_undo_finish (GALLEY_STORE (source), result, NULL, &what, &error))
    {
      undoing->n_undone++;
      g_free (undoing->what);
      undoing->what = g_steal_pointer (&what);
    }
  else if (undoing->error == NULL)
    undoing->error = g_steal_pointer (&error);

  if (--undoing->n_open == 0)
    finish_changes (undoing);
}

static void
undo_changes_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  UndoingChanges *undoing = g_new0 (UndoingChanges, 1);

  undoing->self = g_object_ref (self);
  undoing->n_open = 1; /* this function */
  galley_window_withdraw_offer (self);
  for (gsize i = g_variant_n_children (parameter); i > 0; i--)
    {
      const char *text;
      guint64 seq;
      GalleyId project;

      g_variant_get_child (parameter, i - 1, "(&st)", &text, &seq);
      if (!galley_id_parse (text, &project, NULL))
        continue;

      undoing->n_open++;
      galley_store_undo_change_async (galley_workspace_get_store (self->workspace), &project, seq,
                                      NULL, change_undone_cb, undoing);
    }

  if (--undoing->n_open == 0)
    finish_changes (undoing);
}

void
galley_window_add_undo_actions (GalleyWindow *self)
{
  static const GActionEntry entries[] = {
    { "undo", undo_cb, NULL, NULL, NULL, { 0 } },
    { "redo", redo_cb, NULL, NULL, NULL, { 0 } },
    { "undo-changes", undo_changes_cb, "a(st)", NULL, NULL, { 0 } },
    { "offer-undo", offer_undo_cb, "(sa(st))", NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
