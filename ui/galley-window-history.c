/* galley-window-history.c: the history of a thing, from wherever it is shown, and how an item was
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-window"

#include "ui/galley-window-private.h"

#include "ui/galley-audit-window.h"
#include "ui/galley-ui.h"

#include <glib/gi18n-lib.h>

static void
show_past_cb (GalleyWindow *self, const GalleyId *item, guint64 hlc)
{
  if (!galley_window_is_reviewing (self) || !galley_review_shows (self->review, item))
    galley_window_open_item (self, item);
  galley_review_show_past (self->review, hlc);
  gtk_window_present (GTK_WINDOW (self));
}

static void
show_history (GalleyWindow *self, const GalleyId *entity, guint16 field, const char *element)
{
  GtkWidget *window = galley_audit_window_new (galley_workspace_get_store (self->workspace), entity,
                                               field, element);

  galley_ui_close_with (GTK_WINDOW (window), GTK_WINDOW (self));
  g_signal_connect_object (window, "show-past", G_CALLBACK (show_past_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

/* Of a field, of an element of one, or with GALLEY_AUDIT_ALL_FIELDS of all of a thing. */
static void
show_history_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *id, *element;
  guint16 field;
  GalleyId entity;

  g_variant_get (parameter, "(&sq&s)", &id, &field, &element);
  if (galley_id_parse (id, &entity, NULL))
    show_history (user_data, &entity, field, element);
}

/* All that everyone did, or one of them. */
static void
show_project_history_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GalleyWindow *self = user_data;
  GalleyId project;

  if (galley_window_get_project (self, &project))
    show_history (self, &project, GALLEY_AUDIT_ALL_FIELDS, "");
  else
    galley_window_report (self, _ ("Choose a project first: each has a history of its own."));
}

static void
show_past_action_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *id;
  guint64 hlc;
  GalleyId item;

  g_variant_get (parameter, "(&st)", &id, &hlc);
  if (galley_id_parse (id, &item, NULL))
    show_past_cb (user_data, &item, hlc);
}

void
galley_window_add_history_actions (GalleyWindow *self)
{
  static const GActionEntry entries[] = {
    { "show-history", show_history_cb, "(sqs)", NULL, NULL, { 0 } },
    { "show-project-history", show_project_history_cb, NULL, NULL, NULL, { 0 } },
    { "show-past", show_past_action_cb, "(st)", NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
