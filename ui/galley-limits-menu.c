/* galley-limits-menu.c: what a person lets jobs use, as the choices of a menu
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-limits-menu"

#include "ui/galley-limits-menu.h"

#include <glib/gi18n-lib.h>

/* Of what has a name for people, and is worth pausing alone. */
static const struct
{
  const char *kind;
  const char *label;
} kinds[] = {
  { "upload", N_ ("Pause _Sending Files") },
  { "download", N_ ("Pause _Fetching Files") },
  { "history", N_ ("Pause Fetching _History") },
  { "compact", N_ ("Pause Pac_king the Journal") },
};

/* In KiB a second: from a phone's link to a whole office's. */
static const guint speeds[] = { 0, 64, 256, 1024, 4096, 16384 };

/* Belongs to the button's group of actions. */
typedef struct
{
  GalleySyncService *service;
  GSimpleActionGroup *actions; /* not counted: it owns this */
} Limits;

static void
limits_free (gpointer data)
{
  g_object_unref (((Limits *)data)->service);
  g_free (data);
}

static const GalleyJobWishes *
get_wishes (Limits *limits)
{
  return galley_job_limits_get_wishes (galley_sync_service_get_limits (limits->service));
}

static GVariant *
get_state (const GalleyJobWishes *wishes, const char *name)
{
  if (g_str_equal (name, "metered"))
    return g_variant_new_boolean (wishes->metered_too);
  if (g_str_equal (name, "battery"))
    return g_variant_new_boolean (wishes->battery_too);
  if (g_str_equal (name, "up"))
    return g_variant_new_int32 ((gint32)wishes->up_kib_s);
  if (g_str_equal (name, "down"))
    return g_variant_new_int32 ((gint32)wishes->down_kib_s);

  return g_variant_new_boolean (galley_job_wishes_has_paused (wishes, name));
}

static void
update (Limits *limits)
{
  g_auto (GStrv) names = g_action_group_list_actions (G_ACTION_GROUP (limits->actions));

  for (guint i = 0; names[i] != NULL; i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (limits->actions), names[i]);

      g_simple_action_set_state (G_SIMPLE_ACTION (action),
                                 get_state (get_wishes (limits), names[i]));
    }
}

static void
limits_changed_cb (GalleyJobLimits *job_limits, GSimpleActionGroup *actions)
{
  update (g_object_get_data (G_OBJECT (actions), "limits"));
}

static void
take_choice (GalleyJobWishes *wishes, const char *name, GVariant *state)
{
  if (g_str_equal (name, "metered"))
    wishes->metered_too = g_variant_get_boolean (state);
  else if (g_str_equal (name, "battery"))
    wishes->battery_too = g_variant_get_boolean (state);
  else if (g_str_equal (name, "up"))
    wishes->up_kib_s = (guint)g_variant_get_int32 (state);
  else if (g_str_equal (name, "down"))
    wishes->down_kib_s = (guint)g_variant_get_int32 (state);
  else
    galley_job_wishes_pause_kind (wishes, name, g_variant_get_boolean (state));
}

static void
change_state_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  Limits *limits = user_data;
  g_auto (GalleyJobWishes) wishes = { 0 };

  galley_job_wishes_copy (get_wishes (limits), &wishes);
  take_choice (&wishes, g_action_get_name (G_ACTION (action)), state);
  galley_sync_service_set_wishes (limits->service, &wishes);
}

static void
add_action (Limits *limits, const char *name, const char *type)
{
  GVariant *state = get_state (get_wishes (limits), name);
  g_autoptr (GSimpleAction)
      action = g_simple_action_new_stateful (name, type != NULL ? G_VARIANT_TYPE (type) : NULL,
                                             state);

  g_signal_connect (action, "change-state", G_CALLBACK (change_state_cb), limits);
  g_action_map_add_action (G_ACTION_MAP (limits->actions), G_ACTION (action));
}

static GMenuModel *
make_speeds (const char *action)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    {
      g_autofree char *size = g_format_size_full ((guint64)speeds[i] * 1024,
                                                  G_FORMAT_SIZE_IEC_UNITS);
      g_autofree char *label = speeds[i] == 0 ? g_strdup (_ ("No Limit"))
                                              /* Translators: so much in a second: "256 KiB/s" */
                                              : g_strdup_printf (_ ("%s/s"), size);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, action, "i", (gint32)speeds[i]);
      g_menu_append_item (menu, item);
    }

  return G_MENU_MODEL (menu);
}

static GMenuModel *
make_kinds (void)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *action = g_strconcat ("limits.", kinds[i].kind, NULL);

      g_menu_append (menu, _ (kinds[i].label), action);
    }

  return G_MENU_MODEL (menu);
}

static GMenuModel *
make_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) where = g_menu_new ();
  g_autoptr (GMenu) fast = g_menu_new ();
  g_autoptr (GMenuModel) paused = make_kinds ();
  g_autoptr (GMenuModel) up = make_speeds ("limits.up");
  g_autoptr (GMenuModel) down = make_speeds ("limits.down");

  g_menu_append (where, _ ("Files Also on _Metered Networks"), "limits.metered");
  g_menu_append (where, _ ("Files Also While Saving the _Battery"), "limits.battery");
  g_menu_append_submenu (fast, _ ("Speed of Files _Out"), up);
  g_menu_append_submenu (fast, _ ("Speed of Files _In"), down);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (where));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (fast));
  g_menu_append_section (menu, NULL, paused);
  return G_MENU_MODEL (menu);
}

void
galley_limits_menu_attach (GtkMenuButton *button, GalleySyncService *service)
{
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();
  g_autoptr (GMenuModel) menu = make_menu ();
  Limits *limits = g_new0 (Limits, 1);

  limits->service = g_object_ref (service);
  limits->actions = actions;
  g_object_set_data_full (G_OBJECT (actions), "limits", limits, limits_free);
  add_action (limits, "metered", NULL);
  add_action (limits, "battery", NULL);
  add_action (limits, "up", "i");
  add_action (limits, "down", "i");
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    add_action (limits, kinds[i].kind, NULL);
  g_signal_connect_object (galley_sync_service_get_limits (service), "changed",
                           G_CALLBACK (limits_changed_cb), actions, 0);
  gtk_widget_insert_action_group (GTK_WIDGET (button), "limits", G_ACTION_GROUP (actions));
  gtk_menu_button_set_menu_model (button, menu);
}
