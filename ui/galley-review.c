/* galley-review.c: one item under review: the asset with its marks, the notes, the decision
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-review"

#include "ui/galley-review.h"

#include "ui/galley-canvas.h"
#include "ui/galley-decide.h"
#include "ui/galley-decision-panel.h"
#include "ui/galley-history-list.h"
#include "ui/galley-page-strip.h"
#include "ui/galley-render-source.h"
#include "ui/galley-sync-button.h"
#include "ui/galley-thread-list.h"
#include "ui/galley-tool-bar.h"
#include "ui/galley-ui.h"
#include "ui/galley-undo-offer.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _GalleyReview
{
  GtkWidget parent_instance;

  GalleyWorkspace *workspace; /* (nullable) */
  GalleyAnnotationModel *model;
  GalleyItemList *list; /* (nullable): where the next and the previous item come from */
  GalleyId item;        /* nil: none */
  guint position;       /* in the list, when it was last there */
  GalleyHash file;      /* whose pages are shown */
  gboolean linking;     /* the list and the canvas follow each other: not in circles */

  GalleyCanvas *canvas;
  AdwWindowTitle *title;
  GalleySyncButton *sync;
  GtkInfoBar *past;
  GtkLabel *past_text;
  GtkInfoBar *banner;
  GtkLabel *banner_text;
  AdwFlap *flap;
  GalleyToolBar *tools;
  GtkScrolledWindow *scroller;
  GalleyPageStrip *strip;
  GtkDropDown *versions;
  AdwViewStack *panels;
  GalleyThreadList *threads;
  GalleyDecisionPanel *decision;
  GalleyHistoryList *history;
};

enum
{
  PROP_0,
  PROP_PANEL,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (GalleyReview, galley_review, GTK_TYPE_WIDGET)

/* ── what is shown ── */

static const GalleyEntity *
find_version (GalleyReview *self)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  const GalleyId *id = galley_annotation_model_get_version (self->model);

  for (guint i = 0; contents != NULL && id != NULL && i < contents->versions->len; i++)
    if (galley_id_equal (&((GalleyEntity *)contents->versions->pdata[i])->id, id))
      return contents->versions->pdata[i];

  return NULL;
}

static void
update_title (GalleyReview *self)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  guint n_items = self->list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->list)) : 0;
  g_autofree char *subtitle = NULL;

  if (contents == NULL)
    return;

  if (self->list != NULL && galley_item_list_find (self->list, &self->item, &self->position))
    /* Translators: state, place in the list: "Open · 3 of 12" */
    subtitle = g_strdup_printf (_ ("%s · %u of %u"), galley_words_for_state (contents->row->state),
                                self->position + 1, n_items);
  else
    subtitle = g_strdup (galley_words_for_state (contents->row->state));
  adw_window_title_set_title (self->title, contents->row->name);
  adw_window_title_set_subtitle (self->title, subtitle);
  galley_canvas_set_name (self->canvas, contents->row->name);
}

static void
update_source (GalleyReview *self)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  const GalleyEntity *version = find_version (self);
  g_autoptr (GalleyPageSource) source = NULL;
  GalleyHash file;

  if (version == NULL)
    {
      galley_canvas_set_source (self->canvas, NULL);
      return;
    }

  /* The same bytes stay on screen as they are; only when they have arrived is it tried again. */
  if (galley_render_source_file_of (version, &file) && galley_hash_equal (&file, &self->file) &&
      galley_canvas_get_source (self->canvas) != NULL)
    {
      if (galley_render_source_set_here (GALLEY_RENDER_SOURCE (
                                             galley_canvas_get_source (self->canvas)),
                                         contents->row->here))
        galley_canvas_retry (self->canvas);
      return;
    }

  self->file = file;
  source = galley_render_source_new (galley_workspace_get_renderer (self->workspace),
                                     galley_workspace_get_files (self->workspace), version,
                                     contents->row->here);
  galley_canvas_set_source (self->canvas, source);
}

static void
update_versions (GalleyReview *self)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  GtkStringList *strings = GTK_STRING_LIST (gtk_drop_down_get_model (self->versions));
  guint n_versions = contents->versions->len;

  gtk_widget_set_visible (GTK_WIDGET (self->versions), n_versions > 1);
  if (g_list_model_get_n_items (G_LIST_MODEL (strings)) == n_versions)
    return;

  self->linking = TRUE;
  while (g_list_model_get_n_items (G_LIST_MODEL (strings)) > 0)
    gtk_string_list_remove (strings, 0);
  for (guint i = 0; i < n_versions; i++)
    {
      const GalleyEntity *version = contents->versions->pdata[i];
      const char *file = galley_entity_get_string (version, GALLEY_VERSION_NAME, "");

      /* Translators: number of a version and the name of its file */
      gtk_string_list_take (strings,
                            g_strdup_printf (_ ("Version %u · %s"),
                                             galley_contents_number_of (contents, &version->id),
                                             file));
    }
  gtk_drop_down_set_selected (self->versions, 0);
  self->linking = FALSE;
}

/* ── as it was ── */

static void
update_past (GalleyReview *self)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  g_autofree char *when = NULL, *text = NULL;

  if (contents->past_hlc == 0)
    {
      gtk_info_bar_set_revealed (self->past, FALSE);
      return;
    }

  when = galley_words_for_exact_time ((gint64)(contents->past_hlc >> 16) * 1000);
  text = g_strdup_printf (contents->whole
                              ? _ ("The item as it was on %s. Nothing can be changed here.")
                              : _ ("The item as it was on %s, as far as it is known: older changes "
                                   "are not on this computer yet."),
                          when);
  gtk_label_set_text (self->past_text, text);
  gtk_info_bar_set_revealed (self->past, TRUE);
}

static void
back_to_now (GalleyReview *self)
{
  gtk_info_bar_set_revealed (self->past, FALSE);
  galley_annotation_model_set_past (self->model, 0);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

static void
model_changed_cb (GalleyReview *self)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);

  update_past (self);

  update_versions (self);
  update_title (self);
  update_source (self);
  galley_canvas_set_editable (self->canvas, contents->role >= GALLEY_ROLE_REVIEWER);
}

static void
version_chosen_cb (GalleyReview *self)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  guint chosen = gtk_drop_down_get_selected (self->versions);

  if (self->linking || contents == NULL || chosen >= contents->versions->len)
    return;

  galley_annotation_model_set_version (self->model,
                                       &((GalleyEntity *)contents->versions->pdata[chosen])->id);
  update_source (self);
}

static void
show_banner (GalleyReview *self, const char *message)
{
  gtk_label_set_text (self->banner_text, message);
  gtk_info_bar_set_revealed (self->banner, TRUE);
}

static void
hide_banner (GalleyReview *self)
{
  gtk_info_bar_set_revealed (self->banner, FALSE);
}

static void
saved_cb (GalleyReview *self, const char *what, const GalleyCommitted *change)
{
  hide_banner (self);
  if (what != NULL)
    galley_undo_offer (GTK_WIDGET (self), what, change, 1);
}

static void
gone_cb (GalleyReview *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s", _ ("This item was deleted."));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.back", NULL);
}

/* ── the canvas and the list beside it ── */

static gboolean
id_of_mark (GalleyMark *mark, GalleyId *id)
{
  const char *text = mark != NULL ? galley_mark_get_id (mark) : NULL;

  return text != NULL && galley_id_parse (text, id, NULL);
}

static void
mark_drawn_cb (GalleyReview *self, GalleyMark *drawn)
{
  GalleyId note;

  if (!galley_annotation_model_add (self->model, drawn, &note))
    return;

  adw_view_stack_set_visible_child_name (self->panels, "threads");
  adw_flap_set_reveal_flap (self->flap, TRUE);
  self->linking = TRUE;
  galley_canvas_set_selected (self->canvas, galley_annotation_model_find_mark (self->model, &note));
  self->linking = FALSE;
  /* A text mark says already what it has to say. */
  if (galley_mark_get_shape (drawn) == GALLEY_SHAPE_TEXT)
    galley_thread_list_select (self->threads, &note);
  else
    galley_thread_list_edit (self->threads, &note);
}

static void
mark_moved_cb (GalleyReview *self, GalleyMark *mark, GalleyPoints *before)
{
  GalleyId note;

  if (id_of_mark (mark, &note))
    galley_annotation_model_reshape (self->model, &note, before, galley_mark_get_points (mark));
}

static void
mark_activated_cb (GalleyReview *self, GalleyMark *mark)
{
  GalleyId note;

  if (!id_of_mark (mark, &note))
    return;

  adw_view_stack_set_visible_child_name (self->panels, "threads");
  adw_flap_set_reveal_flap (self->flap, TRUE);
  galley_thread_list_select (self->threads, &note);
  galley_thread_list_reply (self->threads);
}

static void
delete_requested_cb (GalleyReview *self, GalleyMark *mark)
{
  GalleyId note;

  if (id_of_mark (mark, &note))
    galley_annotation_model_delete (self->model, &note);
}

static void
mark_selected_cb (GalleyReview *self)
{
  GalleyId note;

  if (self->linking)
    return;

  self->linking = TRUE;
  galley_thread_list_select (self->threads,
                             id_of_mark (galley_canvas_get_selected (self->canvas), &note) ? &note
                                                                                           : NULL);
  self->linking = FALSE;
}

static void
thread_selected_cb (GalleyReview *self, GalleyThread *thread)
{
  GalleyMark *mark = NULL;

  if (self->linking)
    return;

  self->linking = TRUE;
  if (thread != NULL)
    mark = galley_annotation_model_find_mark (self->model, galley_thread_get_id (thread));
  galley_canvas_set_selected (self->canvas, mark);
  self->linking = FALSE;
}

/* ── decisions ── */

typedef struct
{
  GalleyReview *self;
  char *verdict;
} Deciding;

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Deciding *deciding = user_data;
  g_autoptr (GalleyReview) self = deciding->self;
  g_autofree char *verdict = deciding->verdict;
  g_autoptr (GArray) saved = NULL;
  g_autoptr (GError) error = NULL;

  if (!galley_decide_finish (result, &saved, &error))
    {
      show_banner (self, error->message);
      return;
    }

  hide_banner (self);
  galley_undo_offer (GTK_WIDGET (self), galley_words_for_verdict (verdict),
                     (const GalleyCommitted *)saved->data, saved->len);
}

static void
decide (GalleyReview *self, const char *verdict, const char *note)
{
  GalleyContents *contents = galley_annotation_model_get_contents (self->model);
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GPtrArray)
      scopes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_decision_scope_free);
  Deciding *deciding;

  if (contents == NULL)
    return;
  if (contents->past_hlc != 0)
    {
      show_banner (self, _ ("This is the item as it was. Go back to now, then decide."));
      return;
    }
  if (contents->role == GALLEY_ROLE_NONE)
    {
      show_banner (self, _ ("The server does not let you into this project any more, so a decision "
                            "would reach nobody. Ask a lead to let you in again."));
      return;
    }
  if (contents->role < GALLEY_ROLE_REVIEWER)
    {
      show_banner (self, _ ("You are a guest in this project: you can look at everything, but "
                            "not decide."));
      return;
    }

  deciding = g_new0 (Deciding, 1);
  deciding->self = g_object_ref (self);
  deciding->verdict = g_strdup (verdict);
  g_array_append_val (items, self->item);
  g_ptr_array_add (scopes,
                   galley_contents_get_scope (contents,
                                              galley_annotation_model_get_version (self->model)));
  galley_decide_async (galley_workspace_get_store (self->workspace), items, scopes, verdict, note,
                       decided_cb, deciding);
}

static void
decide_cb (GalleyReview *self, const char *verdict, const char *note)
{
  decide (self, verdict, note);
}

static void
decide_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyReview *self = GALLEY_REVIEW (widget);
  g_autofree char *note = galley_decision_panel_take_note (self->decision);

  decide (self, g_variant_get_string (parameter, NULL), note);
}

/* ── moving on ── */

static void
show_item (GalleyReview *self, const GalleyId *item)
{
  self->item = *item;
  memset (&self->file, 0, sizeof self->file);
  hide_banner (self);
  gtk_info_bar_set_revealed (self->past, FALSE);
  galley_canvas_set_selected (self->canvas, NULL);
  galley_canvas_set_source (self->canvas, NULL);
  galley_canvas_set_page (self->canvas, 1);
  galley_annotation_model_set_item (self->model, item);
  galley_history_list_set_item (self->history, item);
}

/* An item that has left the list, because it was decided on, keeps its place: the one that took it
 * is the next. */
static void
step (GalleyReview *self, gboolean forward)
{
  guint n_items = self->list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->list)) : 0;
  gboolean listed = self->list != NULL &&
                    galley_item_list_find (self->list, &self->item, &self->position);
  guint to = forward ? self->position + (listed ? 1 : 0) : self->position - 1;

  if ((!forward && self->position == 0) || to >= n_items)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }

  self->position = to;
  show_item (self, galley_item_list_get_id (self->list, to));
}

static void
go_next (GtkWidget *widget, const char *action, GVariant *parameter)
{
  step (GALLEY_REVIEW (widget), TRUE);
}

static void
go_previous (GtkWidget *widget, const char *action, GVariant *parameter)
{
  step (GALLEY_REVIEW (widget), FALSE);
}

static void
add_note (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyReview *self = GALLEY_REVIEW (widget);

  galley_canvas_set_tool (self->canvas, GALLEY_TOOL_PIN);
  galley_canvas_place_mark (self->canvas);
}

static void
reply (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyReview *self = GALLEY_REVIEW (widget);

  adw_view_stack_set_visible_child_name (self->panels, "threads");
  adw_flap_set_reveal_flap (self->flap, TRUE);
  galley_thread_list_reply (self->threads);
}

static void
show_panel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  GalleyReview *self = GALLEY_REVIEW (widget);

  adw_flap_set_reveal_flap (self->flap, TRUE);
  adw_view_stack_set_visible_child_name (self->panels, g_variant_get_string (parameter, NULL));
}

/* ── the widget ── */

static void
galley_review_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyReview *self = GALLEY_REVIEW (object);

  if (property == PROP_PANEL)
    g_value_set_boolean (value, adw_flap_get_reveal_flap (self->flap));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
}

static void
galley_review_set_property (GObject *object, guint property, const GValue *value, GParamSpec *pspec)
{
  GalleyReview *self = GALLEY_REVIEW (object);

  if (property == PROP_PANEL)
    adw_flap_set_reveal_flap (self->flap, g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
}

static void
galley_review_dispose (GObject *object)
{
  GalleyReview *self = GALLEY_REVIEW (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->list);
  g_clear_object (&self->model);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (galley_review_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "review.next", NULL, go_next);
  gtk_widget_class_install_action (widget_class, "review.previous", NULL, go_previous);
  gtk_widget_class_install_action (widget_class, "review.decide", "s", decide_action);
  gtk_widget_class_install_action (widget_class, "review.add-note", NULL, add_note);
  gtk_widget_class_install_action (widget_class, "review.reply", NULL, reply);
  gtk_widget_class_install_action (widget_class, "review.show", "s", show_panel);
  gtk_widget_class_install_property_action (widget_class, "review.panel", "panel");

  /* Letters do not reach here while something is being written. */
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_a, 0, "review.decide", "s", "approve");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_r, 0, "review.decide", "s",
                                       "request-changes");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_j, 0, "review.next", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_k, 0, "review.previous", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, 0, "review.add-note", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F9, 0, "review.panel", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1, GDK_ALT_MASK, "review.show", "s",
                                       "threads");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_2, GDK_ALT_MASK, "review.show", "s",
                                       "decision");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_3, GDK_ALT_MASK, "review.show", "s",
                                       "history");
}

static void
galley_review_class_init (GalleyReviewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = galley_review_get_property;
  object_class->set_property = galley_review_set_property;
  object_class->dispose = galley_review_dispose;
  properties[PROP_PANEL] = g_param_spec_boolean ("panel", NULL, NULL, TRUE,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  g_type_ensure (GALLEY_TYPE_SYNC_BUTTON);
  g_type_ensure (GALLEY_TYPE_THREAD_LIST);
  g_type_ensure (GALLEY_TYPE_DECISION_PANEL);
  g_type_ensure (GALLEY_TYPE_HISTORY_LIST);
  g_type_ensure (GALLEY_TYPE_TOOL_BAR);
  g_type_ensure (GALLEY_TYPE_PAGE_STRIP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               GALLEY_RESOURCES "/ui/galley-review.ui");
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, title);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, sync);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, past);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, past_text);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, banner);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, banner_text);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, flap);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, tools);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, scroller);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, strip);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, versions);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, panels);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, threads);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, decision);
  gtk_widget_class_bind_template_child (widget_class, GalleyReview, history);
  install_actions (widget_class);
}

/* One page needs no strip, and beside a narrow window there is no room for one. */
static void
update_strip (GalleyReview *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->strip), galley_canvas_get_n_pages (self->canvas) > 1 &&
                                                        !adw_flap_get_folded (self->flap));
}

static void
make_canvas (GalleyReview *self)
{
  self->canvas = galley_canvas_new ();
  gtk_scrolled_window_set_child (self->scroller, GTK_WIDGET (self->canvas));
  galley_tool_bar_set_canvas (self->tools, self->canvas);
  galley_page_strip_set_canvas (self->strip, self->canvas);
  g_signal_connect_object (self->canvas, "notify::n-pages", G_CALLBACK (update_strip), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->flap, "notify::folded", G_CALLBACK (update_strip), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "mark-drawn", G_CALLBACK (mark_drawn_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "mark-moved", G_CALLBACK (mark_moved_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "mark-activated", G_CALLBACK (mark_activated_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "delete-requested", G_CALLBACK (delete_requested_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::selected", G_CALLBACK (mark_selected_cb), self,
                           G_CONNECT_SWAPPED);
  update_strip (self);
}

static void
galley_review_init (GalleyReview *self)
{
  g_autoptr (GtkStringList) strings = gtk_string_list_new (NULL);

  gtk_widget_init_template (GTK_WIDGET (self));
  galley_ui_name_drop_down (self->versions, _ ("Version"));
  gtk_info_bar_add_button (self->past, _ ("_Back to Now"), GTK_RESPONSE_CLOSE);
  g_signal_connect_object (self->past, "response", G_CALLBACK (back_to_now), self,
                           G_CONNECT_SWAPPED);
  gtk_info_bar_add_button (self->banner, _ ("_Close"), GTK_RESPONSE_CLOSE);
  make_canvas (self);
  gtk_drop_down_set_model (self->versions, G_LIST_MODEL (strings));
  g_signal_connect_object (self->versions, "notify::selected", G_CALLBACK (version_chosen_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->threads, "selected", G_CALLBACK (thread_selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->decision, "decide", G_CALLBACK (decide_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->banner, "response", G_CALLBACK (hide_banner), self,
                           G_CONNECT_SWAPPED);
}

/**
 * galley_review_set_workspace:
 *
 * Once.
 */
void
galley_review_set_workspace (GalleyReview *self, GalleyWorkspace *workspace, GalleyHealth *health)
{
  GalleyStore *store;

  g_return_if_fail (GALLEY_IS_REVIEW (self) && self->workspace == NULL);

  self->workspace = g_object_ref (workspace);
  store = galley_workspace_get_store (workspace);
  galley_sync_button_set_health (self->sync, health);
  self->model = galley_annotation_model_new (store);
  g_signal_connect_object (self->model, "changed", G_CALLBACK (model_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "saved", G_CALLBACK (saved_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "failed", G_CALLBACK (show_banner), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->model, "gone", G_CALLBACK (gone_cb), self, G_CONNECT_SWAPPED);
  galley_canvas_set_marks (self->canvas, G_LIST_MODEL (self->model));
  galley_thread_list_set_model (self->threads, self->model);
  galley_decision_panel_set_model (self->decision, self->model);
  galley_history_list_set_store (self->history, store);
}

/**
 * galley_review_open:
 * @list: (nullable): where the next and the previous item come from
 */
void
galley_review_open (GalleyReview *self, GalleyItemList *list, const GalleyId *item)
{
  g_return_if_fail (GALLEY_IS_REVIEW (self) && item != NULL);

  if (self->list != NULL)
    g_signal_handlers_disconnect_by_func (self->list, update_title, self);
  g_set_object (&self->list, list);
  if (list != NULL)
    g_signal_connect_object (list, "items-changed", G_CALLBACK (update_title), self,
                             G_CONNECT_SWAPPED);
  self->position = 0;
  show_item (self, item);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

gboolean
galley_review_shows (GalleyReview *self, const GalleyId *item)
{
  g_return_val_if_fail (GALLEY_IS_REVIEW (self) && item != NULL, FALSE);

  return galley_id_equal (&self->item, item);
}

/**
 * galley_review_show_past:
 * @past_hlc: as galley_past_list_item() takes it
 *
 * Shows the item that is open as it was then, until the person goes back to now or to another item.
 */
void
galley_review_show_past (GalleyReview *self, guint64 past_hlc)
{
  g_return_if_fail (GALLEY_IS_REVIEW (self));

  galley_annotation_model_set_past (self->model, past_hlc);
}

/**
 * galley_review_close:
 *
 * Lets go of the pages, which are large.
 */
void
galley_review_close (GalleyReview *self)
{
  g_return_if_fail (GALLEY_IS_REVIEW (self));

  galley_canvas_set_source (self->canvas, NULL);
  memset (&self->file, 0, sizeof self->file);
}

void
galley_review_popup_sync (GalleyReview *self)
{
  g_return_if_fail (GALLEY_IS_REVIEW (self));

  galley_sync_button_popup (self->sync);
}

/**
 * galley_review_get_model:
 *
 * Returns: (transfer none): the notes of the item
 */
GalleyAnnotationModel *
galley_review_get_model (GalleyReview *self)
{
  g_return_val_if_fail (GALLEY_IS_REVIEW (self), NULL);

  return self->model;
}

/**
 * galley_review_get_project:
 * @project: (out): of the item
 *
 * Returns: %FALSE while none is shown
 */
gboolean
galley_review_get_project (GalleyReview *self, GalleyId *project)
{
  GalleyContents *contents;

  g_return_val_if_fail (GALLEY_IS_REVIEW (self), FALSE);

  contents = self->model != NULL ? galley_annotation_model_get_contents (self->model) : NULL;
  if (contents == NULL)
    return FALSE;

  *project = contents->row->project;
  return TRUE;
}
