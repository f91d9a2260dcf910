/* galley-sim-policy.c: what a project's policies must come to, as docs/contract.md says it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-model.h"

#include <string.h>

/* Those that the simulated people say anything of. */
static const struct
{
  guint kind, field;
  const char *name;
} fields[] = {
  { 3, 2, "item.name" },        { 3, 3, "item.description" }, { 3, 6, "item.due" },
  { 5, 7, "annotation.color" }, { 5, 9, "annotation.body" },
};

/* The value that is in force of a field of the project. */
static GVariant *
find_ruling (SimState *state, const SimId *project, guint16 field)
{
  GArray *heads = sim_state_get_heads (state, project, field, "");

  return heads != NULL && heads->len > 0 ? sim_heads_earliest (heads)->edit->value : NULL;
}

/* (transfer full) (nullable): %NULL: somebody is asked */
static char *
find_policy (SimState *state, const SimId *project, guint kind, guint field)
{
  GVariant *set = find_ruling (state, project, 4), *policies = find_ruling (state, project, 6);
  const char *text;

  if (set == NULL || g_variant_get_uint32 (set) != 3 || policies == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].kind == kind && fields[i].field == field &&
        g_variant_lookup (policies, fields[i].name, "&s", &text))
      return g_strdup (text);

  return NULL;
}

static void
add_person (GArray *persons, const char *text)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  SimId id;

  for (; *text != '\0'; text++)
    if (*text != '-')
      g_string_append_c (plain, *text);
  if (plain->len != 2 * sizeof id.bytes)
    return;
  for (guint i = 0; i < sizeof id.bytes; i++)
    id.bytes[i] = g_ascii_xdigit_value (plain->str[2 * i]) << 4 |
                  g_ascii_xdigit_value (plain->str[2 * i + 1]);
  g_array_append_val (persons, id);
}

static void
list_assignees (SimState *state, const SimId *item, GArray *persons)
{
  g_autofree char *id = sim_id_print (item);
  g_autofree char *prefix = g_strdup_printf ("%s 5 ", id);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, state->fields);
  while (g_hash_table_iter_next (&iter, &key, &value))
    for (guint i = 0; g_str_has_prefix (key, prefix) && i < ((GArray *)value)->len; i++)
      if (g_array_index ((GArray *)value, SimHead, i).edit->value != NULL)
        {
          add_person (persons, (const char *)key + strlen (prefix));
          break;
        }
}

/* The item that an annotation is on; an item itself. */
static gboolean
find_item (SimState *state, const SimId *entity, guint kind, SimId *item)
{
  GArray *parents = kind == 5 ? sim_state_get_heads (state, entity, 1, "") : NULL;
  GVariant *parent = parents != NULL && parents->len > 0
                         ? g_array_index (parents, SimHead, 0).edit->value
                         : NULL;

  if (kind == 3)
    *item = *entity;
  else if (parent != NULL && g_variant_get_size (parent) == sizeof *item)
    memcpy (item, g_variant_get_data (parent), sizeof *item);
  else
    return FALSE;
  return TRUE;
}

/* One value of one person, or none, or several: 1, 0, 2. */
static int
find_value_of (GArray *heads, const SimId *person, GVariant **value)
{
  int found = 0;

  for (guint i = 0; i < heads->len; i++)
    {
      const SimHead *head = &g_array_index (heads, SimHead, i);
      GVariant *own = head->edit->value;

      if (!sim_id_equal (&head->change->actor, person))
        continue;
      if (found == 1 &&
          ((own == NULL) != (*value == NULL) || (own != NULL && !g_variant_equal (own, *value))))
        return 2;
      found = 1;
      *value = own;
    }

  return found;
}

static gboolean
settle_assignees (SimState *state, const SimId *entity, guint kind, GArray *heads, GVariant **value)
{
  g_autoptr (GArray) persons = g_array_new (FALSE, FALSE, sizeof (SimId));
  gboolean any = FALSE;
  SimId item;

  if (find_item (state, entity, kind, &item))
    list_assignees (state, &item, persons);
  for (guint i = 0; i < persons->len; i++)
    {
      GVariant *own = NULL;
      int found = find_value_of (heads, &g_array_index (persons, SimId, i), &own);

      if (found == 2 ||
          (found == 1 && any &&
           ((own == NULL) != (*value == NULL) || (own != NULL && !g_variant_equal (own, *value)))))
        return FALSE;
      if (found == 1)
        {
          any = TRUE;
          *value = own;
        }
    }

  return any;
}

static gboolean
settle_persons (const char *text, GArray *heads, GVariant **value)
{
  g_autoptr (GArray) persons = g_array_new (FALSE, FALSE, sizeof (SimId));
  g_auto (GStrv) ids = g_strsplit (text, ",", -1);

  for (guint i = 0; ids[i] != NULL; i++)
    add_person (persons, ids[i]);
  for (guint i = 0; i < persons->len; i++)
    {
      int found = find_value_of (heads, &g_array_index (persons, SimId, i), value);

      if (found != 0)
        return found == 1;
    }

  return FALSE;
}

/**
 * sim_policy_settle:
 * @heads: with different values
 * @value: (out) (nullable): what everyone must see
 *
 * Returns: whether a policy of the project settles the field
 */
gboolean
sim_policy_settle (SimState *state,
                   const SimId *project,
                   const SimId *entity,
                   guint kind,
                   guint field,
                   GArray *heads,
                   GVariant **value)
{
  g_autofree char *policy = find_policy (state, project, kind, field);
  const SimChange *maker = g_hash_table_lookup (state->makers, entity);

  if (policy == NULL)
    return FALSE;
  if (g_str_equal (policy, "author"))
    return maker != NULL && find_value_of (heads, &maker->actor, value) == 1;
  if (g_str_equal (policy, "assignees"))
    return settle_assignees (state, entity, kind, heads, value);
  return g_str_has_prefix (policy, "persons:") &&
         settle_persons (policy + strlen ("persons:"), heads, value);
}
