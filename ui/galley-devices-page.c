/* galley-devices-page.c: the computers of a workspace, and whether they are where they should be
 *
 * What this computer knows by itself: who has which, when each was last seen by the server, and
 * whether they have come to the same. To an administrator the server says more, and takes orders
 * of what is to be switched on where.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-devices-page"

#include "ui/galley-devices-page.h"

#include "data/galley-directory.h"
#include "data/galley-divergence.h"
#include "sync/galley-flag-job.h"
#include "sync/galley-fleet.h"
#include "ui/galley-flag-dialog.h"
#include "ui/galley-flag-words.h"
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
  GtkWidget *switches; /* for administrators alone */
  GtkListBox *flags;
  char *shown; /* (nullable): all the words of it: what is the same is left as it is */
};

/* Of how a flag was switched before, so many are shown. */
#define MAX_BEFORE 3

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

/* Something that can be switched. */
typedef struct
{
  const GalleyFleetFlag *flag; /* in the fleet */
  char *about;
  char *state;
  char **history; /* in words, the last first */
} Switch;

typedef struct
{
  GPtrArray *lines;    /* of Line */
  GalleyFleet *fleet;  /* (nullable): nobody here is told */
  GPtrArray *switches; /* of Switch */
} Found;

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->name);
  g_free (line->about);
  g_free (line);
}

static void
switch_free (gpointer data)
{
  Switch *self = data;

  g_free (self->about);
  g_free (self->state);
  g_strfreev (self->history);
  g_free (self);
}

static void
found_free (gpointer data)
{
  Found *found = data;

  g_ptr_array_unref (found->lines);
  g_ptr_array_unref (found->switches);
  g_clear_pointer (&found->fleet, galley_fleet_free);
  g_free (found);
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

static char *
describe_lag (const GalleyFleetLine *known)
{
  if (known->n_projects == 0)
    return NULL;
  if (known->lag == 0)
    return g_strdup (_ ("has everything"));

  return g_strdup_printf (ngettext ("%u change behind", "%u changes behind", (gulong)known->lag),
                          (guint)MIN (known->lag, G_MAXUINT));
}

/* What the server says to an administrator. */
static void
add_fleet (Line *line, const GalleyFleet *fleet, const GalleyId *device)
{
  const GalleyFleetLine *known = fleet != NULL ? galley_fleet_find (fleet, device) : NULL;
  g_autofree char *lag = known != NULL ? describe_lag (known) : NULL;
  /* Translators: which version of the program a computer has: “Galley 1.2” */
  g_autofree char *version = known != NULL && *known->version != '\0'
                                 ? g_strdup_printf (_ ("Galley %s"), known->version)
                                 : NULL;
  GString *about = g_string_new (line->about);

  add_words (about, lag);
  add_words (about, version);
  g_free (line->about);
  line->about = g_string_free (about, FALSE);
  line->in_trouble |= known != NULL && known->differs;
}

/* How it was switched, the last first. */
static char **
describe_history (GalleyReader *reader, const GalleyFleet *fleet, const char *flag)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  gint64 now_us = g_get_real_time ();
  guint n = 0;
  char **history;

  for (guint i = 0; i < fleet->changes->len && n < MAX_BEFORE; i++)
    {
      const GalleyFleetChange *change = fleet->changes->pdata[i];
      g_autofree char *person = NULL, *words = NULL;

      if (!g_str_equal (change->flag, flag))
        continue;
      person = galley_id_is_nil (&change->person)
                   ? NULL
                   : galley_directory_name_of (reader, &change->person);
      words = galley_flag_words_for_change (change, person, now_us);
      g_strv_builder_add (builder, words);
      n++;
    }
  history = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return history;
}

static Switch *
make_switch (GalleyReader *reader, const GalleyFleet *fleet, const GalleyFleetFlag *flag)
{
  Switch *self = g_new0 (Switch, 1);
  g_autofree char *state = galley_flag_words_for_state (flag);

  self->flag = flag;
  self->about = galley_flag_words_for_about (flag);
  self->history = describe_history (reader, fleet, flag->name);
  self->state = self->history[0] != NULL ? g_strdup_printf ("%s\n%s", state, self->history[0])
                                         : g_steal_pointer (&state);
  return self;
}

static gpointer
find_all (GalleyReader *reader, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) devices = galley_directory_list_devices (reader, error);
  g_autoptr (GArray) divergences = NULL;
  const Question *question = data;
  Found *found;

  if (devices == NULL)
    return NULL;

  divergences = galley_divergence_list (reader, NULL);
  found = g_new0 (Found, 1);
  found->fleet = galley_fleet_may_ask (reader, &question->person) ? galley_fleet_read (reader)
                                                                  : NULL;
  found->lines = g_ptr_array_new_with_free_func (line_free);
  for (guint i = 0; i < devices->len; i++)
    {
      const GalleyDevice *device = devices->pdata[i];
      Line *line = make_line (reader, device, divergences, &question->device);

      add_fleet (line, found->fleet, &device->id);
      /* One's own comes first. */
      g_ptr_array_insert (found->lines, galley_id_equal (&device->id, &question->device) ? 0 : -1,
                          line);
    }
  found->switches = g_ptr_array_new_with_free_func (switch_free);
  for (guint i = 0; found->fleet != NULL && i < found->fleet->flags->len; i++)
    g_ptr_array_add (found->switches,
                     make_switch (reader, found->fleet, found->fleet->flags->pdata[i]));
  return found;
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
ordered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyDevicesPage) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean written = galley_store_write_finish (GALLEY_STORE (source), result, &error);

  if (written && self->service != NULL)
    galley_sync_service_look (self->service);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.report", "s",
                              written ? _ ("The server is being told. Jobs says when it is done.")
                                      : error->message);
}

static void
order_cb (GtkWidget *dialog, const GalleyFlagOrder *order, GalleyDevicesPage *self)
{
  galley_store_write_async (self->store, galley_flag_order_write,
                            galley_flag_order_new (order->flag, order->share, order->seen,
                                                   order->reason),
                            (GDestroyNotify)galley_flag_order_free, NULL, ordered_cb,
                            g_object_ref (self));
}

static void
switch_activated_cb (AdwActionRow *row, GalleyDevicesPage *self)
{
  GtkWidget *dialog = galley_flag_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                              g_object_get_data (G_OBJECT (row), "flag"),
                                              g_object_get_data (G_OBJECT (row), "history"));

  g_signal_connect_object (dialog, "ordered", G_CALLBACK (order_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
add_switch (GalleyDevicesPage *self, Switch *line)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), line->about);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), line->state);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "history", g_steal_pointer (&line->history),
                          (GDestroyNotify)g_strfreev);
  g_object_set_data_full (G_OBJECT (row), "flag", galley_fleet_flag_copy (line->flag),
                          (GDestroyNotify)galley_fleet_flag_free);
  g_signal_connect (row, "activated", G_CALLBACK (switch_activated_cb), self);
  gtk_list_box_append (self->flags, row);
}

static void
clear_list (GtkListBox *list)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, child);
}

static char *
join_words (const Found *found)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < found->lines->len; i++)
    {
      const Line *line = found->lines->pdata[i];

      g_string_append_printf (words, "%s\t%s\t%d\n", line->name, line->about, line->in_trouble);
    }
  for (guint i = 0; i < found->switches->len; i++)
    {
      const Switch *line = found->switches->pdata[i];

      g_string_append_printf (words, "%s\t%s\n", line->flag->name, line->state);
    }
  return g_string_free (words, FALSE);
}

/* Nothing is made anew that says what it said: whoever has a row under the finger keeps it. */
static void
show (GalleyDevicesPage *self, const Found *found)
{
  g_autofree char *words = join_words (found);

  if (g_strcmp0 (words, self->shown) == 0)
    return;

  g_free (self->shown);
  self->shown = g_steal_pointer (&words);
  clear_list (self->list);
  clear_list (self->flags);
  for (guint i = 0; i < found->lines->len; i++)
    add_row (self, found->lines->pdata[i]);
  for (guint i = 0; i < found->switches->len; i++)
    add_switch (self, found->switches->pdata[i]);
  gtk_widget_set_visible (self->switches, found->switches->len > 0);
  gtk_stack_set_visible_child_name (self->stack, found->lines->len > 0 ? "list" : "empty");
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyDevicesPage) self = user_data;
  g_autoptr (GError) error = NULL;
  Found *found = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (found != NULL && self->store != NULL)
    show (self, found);
  else if (found == NULL)
    g_debug ("no devices: %s", error->message);
  g_clear_pointer (&found, found_free);
  if (self->store != NULL && self->stale)
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
  galley_store_read_async (self->store, find_all, question, g_free, found_free, NULL, read_cb,
                           g_object_ref (self));
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
galley_devices_page_finalize (GObject *object)
{
  g_free (GALLEY_DEVICES_PAGE (object)->shown);
  G_OBJECT_CLASS (galley_devices_page_parent_class)->finalize (object);
}

static void
galley_devices_page_class_init (GalleyDevicesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = galley_devices_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_devices_page_finalize;
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

static GtkListBox *
make_list (const char *name)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_widget_set_valign (list, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return GTK_LIST_BOX (list);
}

static GtkWidget *
make_switches (GtkListBox *flags)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, _ ("What Is Switched On"));
  adw_preferences_group_set_description (group, _ ("What is new can be tried on a part of the "
                                                   "computers first, and switched off again at any "
                                                   "time. Both ways are right: nobody sees "
                                                   "something else because of it."));
  adw_preferences_group_add (group, GTK_WIDGET (flags));
  gtk_widget_set_visible (GTK_WIDGET (group), FALSE);
  return GTK_WIDGET (group);
}

static void
galley_devices_page_init (GalleyDevicesPage *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);

  self->stack = GTK_STACK (gtk_stack_new ());
  self->list = make_list (_ ("Devices"));
  self->flags = make_list (_ ("What Is Switched On"));
  self->switches = make_switches (self->flags);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), self->switches);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 836);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), 836);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
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
