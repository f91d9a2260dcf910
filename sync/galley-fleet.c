/* galley-fleet.c: what a server says to an administrator of all computers and of what is switched
 * on
 *
 * Kept as it came. A newer server may say more, and an older one less: what is not understood is
 * passed over.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-fleet"

#include "sync/galley-fleet.h"

#include "data/galley-directory.h"
#include "sync/galley-sync-error.h"
#include "sync/wire/galley-wire-json.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* ── whether it is asked for ── */

/**
 * galley_fleet_is_wanted:
 *
 * Returns: whether somebody looks who has not been answered
 */
gboolean
galley_fleet_is_wanted (GalleyReader *reader)
{
  g_autofree char *wanted = galley_directory_get (reader, GALLEY_SETTING_FLEET_WANTED);

  return wanted != NULL;
}

/**
 * galley_fleet_may_ask:
 * @person: who works here
 *
 * Returns: whether the server would answer, as far as is known
 */
gboolean
galley_fleet_may_ask (GalleyReader *reader, const GalleyId *person)
{
  g_autoptr (GPtrArray) persons = galley_directory_list_persons (reader, NULL);

  for (guint i = 0; persons != NULL && i < persons->len; i++)
    {
      const GalleyPerson *known = persons->pdata[i];

      if (galley_id_equal (&known->id, person))
        return known->role == GALLEY_ROLE_ADMIN;
    }

  return FALSE;
}

gboolean
galley_fleet_want (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_FLEET_WANTED, "1", error);
}

/* ── what it said ── */

GalleyFleetFlag *
galley_fleet_flag_copy (const GalleyFleetFlag *flag)
{
  GalleyFleetFlag *copy = g_new0 (GalleyFleetFlag, 1);

  copy->name = g_strdup (flag->name);
  copy->about = g_strdup (flag->about);
  copy->on = flag->on;
  copy->shares = g_array_ref (flag->shares); /* never written to once it was read, as the next */
  copy->lasts = g_array_ref (flag->lasts);
  copy->knows_all = flag->knows_all;
  return copy;
}

void
galley_fleet_flag_free (GalleyFleetFlag *flag)
{
  g_free (flag->name);
  g_free (flag->about);
  g_array_unref (flag->shares);
  g_array_unref (flag->lasts);
  g_free (flag);
}

/* (nullable): for this role it was not switched, as far as is told */
static const GalleyFleetLast *
find_last (const GalleyFleetFlag *flag, GalleyRole role)
{
  for (guint i = 0; i < flag->lasts->len; i++)
    {
      const GalleyFleetLast *last = &g_array_index (flag->lasts, GalleyFleetLast, i);

      if (last->role == role)
        return last;
    }

  return NULL;
}

/**
 * galley_fleet_flag_get_last:
 *
 * Returns: the number of the last change for this role that is known here; 0: there was none;
 *   %GALLEY_FLEET_NOT_SEEN: it is longer ago than what the server tells
 */
gint64
galley_fleet_flag_get_last (const GalleyFleetFlag *flag, GalleyRole role)
{
  const GalleyFleetLast *last = find_last (flag, role);

  if (last != NULL)
    return last->number;

  return flag->knows_all ? 0 : GALLEY_FLEET_NOT_SEEN;
}

static void
change_free (gpointer data)
{
  GalleyFleetChange *change = data;

  g_free (change->flag);
  g_free (change->reason);
  g_free (change);
}

void
galley_fleet_free (GalleyFleet *self)
{
  g_array_unref (self->lines);
  g_ptr_array_unref (self->flags);
  g_ptr_array_unref (self->changes);
  g_free (self);
}

/* @list: (nullable): one that is not there has nothing */
static guint
count (JsonArray *list)
{
  return list != NULL ? json_array_get_length (list) : 0;
}

/* (nullable): what is no object is passed over. */
static JsonObject *
get_object (JsonArray *list, guint i)
{
  JsonNode *node = json_array_get_element (list, i);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static gboolean
is_true (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_boolean (node);
}

static void
read_projects (JsonArray *projects, GalleyFleetLine *line)
{
  for (guint i = 0; i < count (projects); i++)
    {
      JsonObject *project = get_object (projects, i);

      if (project == NULL)
        continue;
      line->n_projects++;
      line->lag += (guint64)MAX (galley_json_get_int (project, "lag", 0), 0);
      line->differs |= is_true (project, "differs");
    }
}

static void
read_lines (GalleyFleet *self, JsonArray *devices)
{
  for (guint i = 0; i < count (devices); i++)
    {
      JsonObject *device = get_object (devices, i);
      const char *id = device != NULL ? galley_json_get_string (device, "id") : NULL;
      const char *program = device != NULL ? galley_json_get_string (device, "program") : NULL;
      GalleyFleetLine line = { 0 };

      if (id == NULL || !galley_id_parse (id, &line.device, NULL))
        continue;
      read_projects (galley_json_get_array (device, "projects"), &line);
      g_strlcpy (line.version, program != NULL ? program : "", sizeof line.version);
      g_array_append_val (self->lines, line);
    }
}

static GalleyFleetShare
read_share (JsonObject *object)
{
  gint64 percent = galley_json_get_int (object, "percent", GALLEY_FLEET_UNSAID);

  return (GalleyFleetShare){
    .role = galley_role_parse (galley_json_get_string (object, "role")),
    .percent = percent >= 0 && percent <= 100 ? (int)percent : GALLEY_FLEET_UNSAID,
  };
}

static void
read_flags (GalleyFleet *self, JsonArray *flags)
{
  for (guint i = 0; i < count (flags); i++)
    {
      JsonObject *object = get_object (flags, i);
      const char *name = object != NULL ? galley_json_get_string (object, "name") : NULL;
      const char *about = object != NULL ? galley_json_get_string (object, "about") : NULL;
      JsonArray *shares = object != NULL ? galley_json_get_array (object, "shares") : NULL;
      GalleyFleetFlag *flag;

      if (name == NULL || !galley_flag_name_is_valid (name))
        continue;
      flag = g_new0 (GalleyFleetFlag, 1);
      flag->name = g_strdup (name);
      flag->about = g_strdup (about != NULL ? about : "");
      flag->on = is_true (object, "default");
      flag->shares = g_array_new (FALSE, FALSE, sizeof (GalleyFleetShare));
      flag->lasts = g_array_new (FALSE, FALSE, sizeof (GalleyFleetLast));
      for (guint k = 0; k < count (shares); k++)
        if (get_object (shares, k) != NULL)
          {
            GalleyFleetShare share = read_share (get_object (shares, k));

            g_array_append_val (flag->shares, share);
          }
      g_ptr_array_add (self->flags, flag);
    }
}

/* @text: (nullable): as RFC 3339 has it */
static gint64
read_time (const char *text)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL
             ? g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time)
             : 0;
}

/* They come the last first. */
static void
note_last (GalleyFleet *self, const char *name, GalleyRole role, gint64 number)
{
  const GalleyFleetLast last = { .role = role, .number = number };

  for (guint i = 0; i < self->flags->len; i++)
    {
      GalleyFleetFlag *flag = self->flags->pdata[i];

      if (g_str_equal (flag->name, name) && find_last (flag, role) == NULL)
        g_array_append_val (flag->lasts, last);
    }
}

static void
read_changes (GalleyFleet *self, JsonArray *changes)
{
  for (guint i = 0; i < count (changes); i++)
    {
      JsonObject *object = get_object (changes, i);
      const char *name = object != NULL ? galley_json_get_string (object, "name") : NULL;
      const char *person = object != NULL ? galley_json_get_string (object, "person") : NULL;
      GalleyFleetChange *change;

      if (name == NULL)
        continue;
      change = g_new0 (GalleyFleetChange, 1);
      change->flag = g_strdup (name);
      change->share = read_share (object);
      change->reason = g_strdup (galley_json_get_string (object, "reason"));
      if (person != NULL)
        galley_id_parse (person, &change->person, NULL);
      change->changed_us = read_time (galley_json_get_string (object, "changed"));
      note_last (self, name, change->share.role,
                 galley_json_get_int (object, "number", GALLEY_FLEET_NOT_SEEN));
      g_ptr_array_add (self->changes, change);
    }

  for (guint i = 0; i < self->flags->len; i++)
    ((GalleyFleetFlag *)self->flags->pdata[i])->knows_all = changes != NULL &&
                                                            count (changes) <
                                                                GALLEY_FLAG_CHANGES_TOLD;
}

/**
 * galley_fleet_parse:
 * @text: JSON, as the server says it
 *
 * Returns: (transfer full): what could be understood of it; %NULL with @error set when it is no
 *   JSON object
 */
GalleyFleet *
galley_fleet_parse (const char *text, GError **error)
{
  g_autoptr (JsonNode) root = galley_json_parse_any (text, strlen (text));
  GalleyFleet *self;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_NOT_GALLEY,
                           _ ("What the server said of all computers cannot be read."));
      return NULL;
    }

  self = g_new0 (GalleyFleet, 1);
  self->lines = g_array_new (FALSE, TRUE, sizeof (GalleyFleetLine));
  self->flags = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_fleet_flag_free);
  self->changes = g_ptr_array_new_with_free_func (change_free);
  read_lines (self, galley_json_get_array (json_node_get_object (root), "by_device"));
  read_flags (self, galley_json_get_array (json_node_get_object (root), "flags"));
  read_changes (self, galley_json_get_array (json_node_get_object (root), "flag_changes"));
  return self;
}

/**
 * galley_fleet_read:
 *
 * Returns: (transfer full) (nullable): what the server said last; %NULL when it never did
 */
GalleyFleet *
galley_fleet_read (GalleyReader *reader)
{
  g_autofree char *text = galley_directory_get (reader, GALLEY_SETTING_FLEET);

  return text != NULL ? galley_fleet_parse (text, NULL) : NULL;
}

/**
 * galley_fleet_find:
 *
 * Returns: (transfer none) (nullable): what is said of a computer
 */
const GalleyFleetLine *
galley_fleet_find (const GalleyFleet *self, const GalleyId *device)
{
  for (guint i = 0; i < self->lines->len; i++)
    {
      const GalleyFleetLine *line = &g_array_index (self->lines, GalleyFleetLine, i);

      if (galley_id_equal (&line->device, device))
        return line;
    }

  return NULL;
}
