/* galley-ctl-flag.c: galleyctl flag: what is switched on here, and why
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-flag"

#include "app/ctl/galley-ctl-describe.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-flag.h"

#include <glib/gi18n.h>

static char *
explain (const GalleyFlagState *state)
{
  switch (state->cause)
    {
    case GALLEY_FLAG_BY_OVERRIDE:
      return g_strdup (_ ("set on this computer"));

    case GALLEY_FLAG_BY_SERVER:
      /* Translators: why something is on or off here */
      return g_strdup_printf (_ ("the server: on for %d of 100 computers"), state->percent);

    case GALLEY_FLAG_BY_DEFAULT:
    default:
      return g_strdup (_ ("usual"));
    }
}

static void
add_flag (GalleyCtl *ctl, GalleyReader *reader, GalleyFlag flag)
{
  JsonBuilder *json = galley_ctl_get_json (ctl);
  const GalleyFlagSpec *spec = galley_flag_get_spec (flag);
  g_autofree char *why = NULL;
  GalleyFlagState state;

  galley_flag_get_state (reader, flag, &state);
  why = explain (&state);
  json_builder_begin_object (json);
  galley_json_add_string (json, "name", spec->name);
  galley_json_add_string (json, "value", state.on ? "on" : "off");
  galley_json_add_string (json, "from", galley_flag_cause_to_string (state.cause));
  galley_json_add_string (json, "why", why);
  if (state.percent >= 0)
    galley_json_add_int (json, "percent", state.percent);
  galley_json_add_string (json, "default", spec->on ? "on" : "off");
  galley_json_add_string (json, "about", _ (spec->help));
  json_builder_end_object (json);
}

static gboolean
run_list (GalleyCtl *ctl, GError **error)
{
  GalleyReader *reader = galley_ctl_open_reader (ctl, error);

  if (reader == NULL)
    return FALSE;

  json_builder_begin_array (galley_ctl_get_json (ctl));
  for (guint i = 0; i < GALLEY_N_FLAGS; i++)
    add_flag (ctl, reader, i);
  json_builder_end_array (galley_ctl_get_json (ctl));
  return TRUE;
}

typedef struct
{
  GalleyFlag flag;
  gboolean on;
  gboolean back; /* to what holds without a word of this computer's */
} Override;

/* writer thread */
static gboolean
write_override (GalleyWriter *writer, gpointer data, GError **error)
{
  const Override *override = data;

  return galley_flag_set_override (writer, override->flag, override->back ? NULL : &override->on,
                                   error);
}

static gboolean
run_set (GalleyCtl *ctl, GError **error)
{
  const char *name = galley_ctl_get_argument (ctl, 0), *word = galley_ctl_get_argument (ctl, 1);
  Override override = { .on = g_str_equal (word, "on"), .back = g_str_equal (word, "default") };
  GalleyStore *store;

  if (!galley_flag_find (name, &override.flag))
    return galley_ctl_fail (error, _ ("There is no flag “%.64s”; galleyctl flag list names them."),
                            name);
  if (!override.on && !override.back && !g_str_equal (word, "off"))
    /* Translators: the words that are listed are typed just like this */
    return galley_ctl_usage (error, _ ("A flag is set to on, off or default."));

  store = galley_ctl_open_store (ctl, error);
  if (store == NULL || !galley_store_write (store, write_override, &override, error))
    return FALSE;

  add_flag (ctl, galley_ctl_open_reader (ctl, NULL), override.flag);
  return TRUE;
}

const GalleyCtlVerb galley_ctl_flag_verbs[] = {
  { "flag", "list", "", 0, 0, FALSE, NULL, "name,value,why,about",
    N_ ("What can be switched on and off, how it stands here, and why"), run_list },
  { "flag", "set", "NAME on|off|default", 2, 2, FALSE, NULL, NULL,
    N_ ("Switches something for this computer; default goes by the server again"), run_set },
  { NULL },
};
