/* galley-ctl-value.c: values of fields as people and programs type them
 *
 * The same form that answers have: ids as text, other bytes as hexadecimal digits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-value"

#include "app/ctl/galley-ctl-value.h"

#include "app/ctl/galley-ctl.h"

#include <glib/gi18n.h>
#include <string.h>

/**
 * galley_ctl_value_parse:
 * @text: one JSON value
 *
 * Returns: (transfer full): the value; %NULL with %GALLEY_CTL_ERROR_USAGE
 */
JsonNode *
galley_ctl_value_parse (const char *text, GError **error)
{
  JsonNode *node = galley_json_parse_any (text, strlen (text));

  if (node == NULL)
    galley_ctl_usage (error, _ ("“%.60s” is not a value in JSON."), text);
  return node;
}

static GVariant *
bytes_from_text (const char *text)
{
  gsize length = strlen (text);
  g_autofree guint8 *data = NULL;
  GalleyId id;

  if (galley_id_parse (text, &id, NULL))
    return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, id.bytes, sizeof id.bytes, 1);

  data = g_malloc (length / 2 + 1);
  for (gsize i = 0; i < length; i++)
    {
      int digit = g_ascii_xdigit_value (text[i]);

      if (digit < 0 || length % 2 != 0)
        return NULL;
      data[i / 2] = i % 2 == 0 ? digit << 4 : data[i / 2] | digit;
    }

  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length / 2, 1);
}

static GVariant *
integer_from_json (gint64 value, const GVariantType *type)
{
  if (g_variant_type_equal (type, G_VARIANT_TYPE_INT64))
    return g_variant_new_int64 (value);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_UINT32) && value >= 0 && value <= G_MAXUINT32)
    return g_variant_new_uint32 (value);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_UINT64) && value >= 0)
    return g_variant_new_uint64 (value);
  if (g_variant_type_equal (type, G_VARIANT_TYPE_DOUBLE))
    return g_variant_new_double (value);

  return NULL;
}

static GVariant *
scalar_from_json (JsonNode *node, const GVariantType *type)
{
  GType is = json_node_get_value_type (node);

  if (is == G_TYPE_STRING && g_variant_type_equal (type, G_VARIANT_TYPE_STRING))
    return g_variant_new_string (json_node_get_string (node));
  if (is == G_TYPE_STRING && g_variant_type_equal (type, G_VARIANT_TYPE_BYTESTRING))
    return bytes_from_text (json_node_get_string (node));
  if (is == G_TYPE_BOOLEAN && g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
    return g_variant_new_boolean (json_node_get_boolean (node));
  if (is == G_TYPE_DOUBLE && g_variant_type_equal (type, G_VARIANT_TYPE_DOUBLE))
    return g_variant_new_double (json_node_get_double (node));
  if (is == G_TYPE_INT64)
    return integer_from_json (json_node_get_int (node), type);

  return NULL;
}

static GVariant *from_json (JsonNode *node, const GVariantType *type);

/* A tuple is a list of as many values as it has parts. */
static GVariant *
list_from_json (JsonArray *array, const GVariantType *type)
{
  gboolean is_tuple = g_variant_type_is_tuple (type);
  const GVariantType *next = is_tuple ? g_variant_type_first (type) : g_variant_type_element (type);
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);

  if (is_tuple && g_variant_type_n_items (type) != json_array_get_length (array))
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      GVariant *child = from_json (json_array_get_element (array, i), next);

      if (child == NULL)
        return NULL;
      g_ptr_array_add (children, g_variant_ref_sink (child));
      if (is_tuple)
        next = g_variant_type_next (next);
    }

  if (is_tuple)
    return g_variant_new_tuple ((GVariant **)children->pdata, children->len);
  return g_variant_new_array (next, (GVariant **)children->pdata, children->len);
}

/* (transfer floating) (nullable) */
static GVariant *
from_json (JsonNode *node, const GVariantType *type)
{
  if (JSON_NODE_HOLDS_VALUE (node))
    return scalar_from_json (node, type);
  if (JSON_NODE_HOLDS_ARRAY (node) &&
      (g_variant_type_is_tuple (type) || g_variant_type_is_array (type)))
    return list_from_json (json_node_get_array (node), type);

  return NULL;
}

/**
 * galley_ctl_value_from_json:
 * @spec: of a field, or of one element of a list
 *
 * Returns: (transfer full): the value; %NULL with an error when the field takes another type
 */
GVariant *
galley_ctl_value_from_json (const GalleyFieldSpec *spec, JsonNode *node, GError **error)
{
  GVariant *value = from_json (node, G_VARIANT_TYPE (spec->format));
  g_autofree char *json = NULL;

  if (value != NULL)
    return g_variant_ref_sink (value);

  json = json_to_string (node, FALSE);
  galley_ctl_fail (error, _ ("The field “%s” does not take %.60s."), spec->name, json);
  return NULL;
}

static gboolean
set_one (GalleyDraft *draft,
         const GalleyEntity *entity,
         const GalleyFieldSpec *spec,
         const char *element,
         JsonNode *node,
         GError **error)
{
  g_autoptr (GVariant) value = NULL;

  /* Of a set an element is there or not; all else is cleared with null. */
  gboolean clears = JSON_NODE_HOLDS_NULL (node) ||
                    (spec->type == GALLEY_FIELD_SET && JSON_NODE_HOLDS_VALUE (node) &&
                     json_node_get_value_type (node) == G_TYPE_BOOLEAN &&
                     !json_node_get_boolean (node));

  if (!clears && (value = galley_ctl_value_from_json (spec, node, error)) == NULL)
    return FALSE;
  if (!galley_schema_check_value (spec, element, value, error))
    return FALSE;

  galley_draft_set_shown (draft, entity->kind, &entity->id, spec->number, element, value);
  return TRUE;
}

/* The list becomes this one: what is missing is added, what is too much is taken away. */
static gboolean
set_list (GalleyDraft *draft,
          const GalleyEntity *entity,
          const GalleyFieldSpec *spec,
          JsonArray *wanted,
          GError **error)
{
  g_auto (GStrv) present = galley_entity_get_elements (entity, spec->number);
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_before = galley_draft_get_n_edits (draft);

  for (guint i = 0; i < json_array_get_length (wanted); i++)
    {
      JsonNode *node = json_array_get_element (wanted, i);
      const char *element;

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return galley_ctl_fail (error, _ ("The field “%s” is a list of texts."), spec->name);
      element = json_node_get_string (node);
      g_hash_table_add (kept, (gpointer)element);
      if (g_strv_contains ((const char *const *)present, element))
        continue;
      if (!galley_schema_check_value (spec, element, NULL, error))
        return FALSE;
      galley_draft_set_shown (draft, entity->kind, &entity->id, spec->number, element,
                              g_variant_new_boolean (TRUE));
    }
  for (guint i = 0; present[i] != NULL; i++)
    if (!g_hash_table_contains (kept, present[i]))
      galley_draft_set_shown (draft, entity->kind, &entity->id, spec->number, present[i], NULL);

  if (galley_draft_get_n_edits (draft) == n_before)
    return galley_ctl_fail (error, _ ("The field “%s” is like this already."), spec->name);
  return TRUE;
}

/**
 * galley_ctl_value_set:
 * @element: (nullable): of a list: which element; %NULL for the whole list
 * @node: the value; null clears
 *
 * Adds to @draft what sets the field of @entity.
 */
gboolean
galley_ctl_value_set (GalleyDraft *draft,
                      const GalleyEntity *entity,
                      const GalleyFieldSpec *spec,
                      const char *element,
                      JsonNode *node,
                      GError **error)
{
  if (spec->type == GALLEY_FIELD_LIFECYCLE || spec->number == GALLEY_F_PARENT)
    return galley_ctl_fail (error, _ ("What a thing is part of stays; use “entity delete” and "
                                      "“entity restore” for whether it is there."));
  if (spec->type == GALLEY_FIELD_DECISION)
    return galley_ctl_fail (error, _ ("A decision is signed: use “decision set”."));

  if (spec->type == GALLEY_FIELD_SET && element == NULL)
    {
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return galley_ctl_fail (error, _ ("The field “%s” is a list of texts."), spec->name);
      return set_list (draft, entity, spec, json_node_get_array (node), error);
    }

  return set_one (draft, entity, spec, element != NULL ? element : "", node, error);
}
