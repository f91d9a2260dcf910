/* galley-devices-page.c: the computers of a workspace, and whether they are where they should be
 *
 * What this computer knows by itself: who has which, when each was last seen by the server, and
 * whether they have come to the same.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-devices-page"

#include "ui/galley-devices-page.h"

#include "data/galley-directory.h"
#include "data/galley-divergence.h"
#include "sync/galley-fleet-job.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyDevicesPage
{
  GtkWidget parent_instance;

  GalleyStore *store; /* (nullable), as the next one */
  GalleySyncService *service;
  gboolean reading;
  gboolean stale;

  GtkStack *stack;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (GalleyDevicesPage, galley_devices_page, GTK_TYPE_WIDGET)

/* ── reading ── */

typedef struct
{
  GalleyId device, person; /* own */
} Question;

typedef struct
{
  char *name;
  char *about;
  gboolean in_trouble;
} Line;

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->name);
  g_free (line->about);
  g_free (line);
}

static void
add_words (GString *text, const char *words)
{
  if (words != NULL && *words != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", words);
}

/* Whose rows are others than most, of any project; where it is this one's, no device is named. */
static gboolean
differs (const GArray *divergences, const GalleyId *device, gboolean is_own)
{
  for (guint i = 0; divergences != NULL && i < divergences->len; i++)
    {
      const GalleyDivergence *divergence = &g_array_index (divergences, GalleyDivergence, i);

      if (galley_id_equal (&divergence->device, device) ||
          (is_own && galley_id_is_nil (&divergence->device)))
        return TRUE;
    }

  return FALSE;
}

static char *
describe_unsent (GalleyReader *reader)
{
  GalleyStatus status;

  if (!galley_reader_get_status (reader, &status, NULL))
    return NULL;
  if (status.unsent == 0)
    return g_strdup (_ ("all changes are shared"));

  return g_strdup_printf (ngettext ("%u change waits to be sent", "%u changes wait to be sent",
                                    (gulong)status.unsent),
                          (guint)MIN (status.unsent, G_MAXUINT));
}

static Line *
make_line (GalleyReader *reader,
           const GalleyDevice *device,
           const GArray *divergences,
           const GalleyId *own)
{
  Line *line = g_new0 (Line, 1);
  gboolean is_own = galley_id_equal (&device->id, own);
  gboolean differing = differs (divergences, &device->id, is_own);
  g_autoptr (GString) about = g_string_new (NULL);
  g_autofree char *person = galley_directory_name_of (reader, &device->person);
  g_autofree char *unsent = is_own ? describe_unsent (reader) : NULL;
  g_autofree char *ago = device->last_seen_us > 0
                             ? galley_words_for_time (device->last_seen_us, g_get_real_time ())
                             : NULL;
  /* Translators: when the server last heard of a computer: "last seen 5 minutes ago" */
  g_autofree char *seen = ago != NULL && !is_own ? g_strdup_printf (_ ("last seen %s"), ago) : NULL;

  add_words (about, person);
  add_words (about, is_own ? _ ("this computer") : NULL);
  add_words (about, seen);
  add_words (about, unsent);
  add_words (about, device->revoked ? _ ("no longer let in") : NULL);
  add_words (about,
             differing ? _ ("shows something else than the others: verify it under Repair") : NULL);
  line->name = g_strdup (device->name);
  line->about = g_string_free (g_steal_pointer (&about), FALSE);
  line->in_trouble = differing;
  return line;
}

/* What the server says to an administrator. */
static void
add_fleet (Line *line, const GArray *fleet, const GalleyId *device)
{
  for (guint i = 0; fleet != NULL && i < fleet->len; i++)
    {
      const GalleyFleetLine *known = &g_array_index (fleet, GalleyFleetLine, i);
      g_autofree char *before = NULL;
      g_autofree char *lag = NULL;

      if (!galley_id_equal (&known->device, device) || known->n_projects == 0)
        continue;
      before = line->about;
      lag = known->lag == 0 ? g_strdup (_ ("has everything"))
                            : g_strdup_printf (ngettext ("%u change behind", "%u changes behind",
                                                         (gulong)known->lag),
                                               (guint)MIN (known->lag, G_MAXUINT));
      line->about = g_strdup_printf ("%s · %s", before, lag);
      line->in_trouble |= known->differs;
    }
}

static gpointer
read_lines (GalleyReader *reader, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) devices = galley_directory_list_devices (reader, error);
  g_autoptr (GArray) divergences = NULL;
  g_autoptr (GArray) fleet = NULL;
  const Question *question = data;
  GPtrArray *lines;

  if (devices == NULL)
    return NULL;

  divergences = galley_divergence_list (reader, NULL);
  fleet = galley_fleet_may_ask (reader, &question->person) ? galley_fleet_read (reader) : NULL;
  lines = g_ptr_array_new_with_free_func (line_free);
  for (guint i = 0; i < devices->len; i++)
    {
      const GalleyDevice *device = devices->pdata[i];
      Line *line = make_line (reader, device, divergences, &question->device);

      add_fleet (line, fleet, &device->id);
      g_ptr_array_add (lines, line);
    }
  return lines;
}

/* ── what is shown ── */

static void read_again (GalleyDevicesPage *self);

static void
add_row (GalleyDevicesPage *self, const Line *line)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), line->name);
  adw_action_row_set_subtitle (row, line->about);
  adw_action_row_set_subtitle_lines (row, 0);
  adw_action_row_add_prefix (row, gtk_image_new_from_icon_name (line->in_trouble
                                                                    ? "dialog-warning-symbolic"
                                                                    : "computer-symbolic"));
  gtk_list_box_append (self->list, GTK_WIDGET (row));
}

static void
show_lines (GalleyDevicesPage *self, const GPtrArray *lines)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; i < lines->len; i++)
    add_row (self, lines->pdata[i]);
  gtk_stack_set_visible_child_name (self->stack, lines->len > 0 ? "list" : "empty");
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyDevicesPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) lines = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (self->store == NULL)
    return;
  if (lines != NULL)
    show_lines (self, lines);
  else
    g_debug ("no devices: %s", error->message);
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleyDevicesPage *self)
{
  Question *question;

  self->stale = self->reading || !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->stale || self->store == NULL)
    return;

  self->reading = TRUE;
  question = g_new0 (Question, 1);
  question->device = *galley_store_get_device (self->store);
  galley_store_get_person (self->store, &question->person);
  galley_store_read_async (self->store, read_lines, question, g_free,
                           (GDestroyNotify)g_ptr_array_unref, NULL, read_cb, g_object_ref (self));
}

static void
store_changed_cb (GalleyDevicesPage *self, const GalleyTouched *touched)
{
  if (touched->everything || touched->outbox || touched->jobs)
    read_again (self);
}

/* ── the widget ── */

static gpointer
read_may_ask (GalleyReader *reader, gpointer person, GError **error)
{
  return GINT_TO_POINTER (galley_fleet_may_ask (reader, person) ? 2 : 1);
}

static void
wanted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyDevicesPage) self = user_data;

  if (galley_store_write_finish (GALLEY_STORE (source), result, NULL) && self->service != NULL)
    galley_sync_service_look (self->service);
}

static void
may_ask_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyDevicesPage) self = user_data;
  gpointer answer = galley_store_read_finish (GALLEY_STORE (source), result, NULL);

  /* Whoever runs the jobs asks, and the page is read again when the answer is there. */
  if (self->store != NULL && GPOINTER_TO_INT (answer) == 2)
    galley_store_write_async (self->store, galley_fleet_want, NULL, NULL, NULL, wanted_cb,
                              g_object_ref (self));
}

/* An administrator's server says how far each of them is; each time somebody comes here. */
static void
ask_for_fleet (GalleyDevicesPage *self)
{
  GalleyId *person;

  if (self->store == NULL)
    return;

  person = g_new0 (GalleyId, 1);
  galley_store_get_person (self->store, person);
  galley_store_read_async (self->store, read_may_ask, person, g_free, NULL, NULL, may_ask_cb,
                           g_object_ref (self));
}

static void
galley_devices_page_map (GtkWidget *widget)
{
  GalleyDevicesPage *self = GALLEY_DEVICES_PAGE (widget);

  GTK_WIDGET_CLASS (galley_devices_page_parent_class)->map (widget);
  read_again (self);
  ask_for_fleet (self);
}

static void
galley_devices_page_dispose (GObject *object)
{
  GalleyDevicesPage *self = GALLEY_DEVICES_PAGE (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->service);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_devices_page_parent_class)->dispose (object);
}

static void
galley_devices_page_class_init (GalleyDevicesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_devices_page_dispose;
  widget_class->map = galley_devices_page_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *
make_empty (void)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "computer-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _ ("No Other Computers"));
  adw_status_page_set_description (ADW_STATUS_PAGE (page), _ ("Once this workspace has a server, "
                                                              "all computers that share it "
                                                              "are listed here."));
  gtk_widget_add_css_class (page, "compact");
  return page;
}

static void
galley_devices_page_init (GalleyDevicesPage *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();

  self->stack = GTK_STACK (gtk_stack_new ());
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_widget_set_valign (GTK_WIDGET (self->list), GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Devices"), -1);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 836);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), 836);
  adw_clamp_set_child (ADW_CLAMP (clamp), GTK_WIDGET (self->list));
  gtk_widget_set_margin_start (clamp, 12);
  gtk_widget_set_margin_end (clamp, 12);
  gtk_widget_set_margin_top (clamp, 6);
  gtk_widget_set_margin_bottom (clamp, 18);
  gtk_widget_set_focusable (scroller, FALSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_stack_add_named (self->stack, make_empty (), "empty");
  gtk_stack_add_named (self->stack, scroller, "list");
  gtk_widget_set_parent (GTK_WIDGET (self->stack), GTK_WIDGET (self));
}

/**
 * galley_devices_page_set_store:
 *
 * Once.
 */
void
galley_devices_page_set_store (GalleyDevicesPage *self,
                               GalleyStore *store,
                               GalleySyncService *service)
{
  g_return_if_fail (GALLEY_IS_DEVICES_PAGE (self) && self->store == NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
}
