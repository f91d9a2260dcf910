/* galley-contradiction.c: edits that cannot be meant: passed over, on every device alike
 *
 * A server refuses changes with such edits. One that is in the stream nevertheless must stop
 * nobody: what is passed over follows from the change's own bytes alone, never from what else a
 * device has or from the order in which things came.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-contradiction"

#include "data/galley-contradiction.h"

#include "data/galley-schema.h"

static gboolean
makes_entity (const GalleyEdit *edit)
{
  return edit->field == GALLEY_F_ALIVE && edit->n_supersedes == 0;
}

/* The edit by which @change makes @entity; of several the first. */
static const GalleyEdit *
find_maker (GalleyChange *change, const GalleyId *entity)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if (makes_entity (edit) && galley_id_equal (&edit->entity, entity))
        return edit;
    }

  return NULL;
}

static guint
hash_field (gconstpointer data)
{
  const GalleyEdit *edit = data;

  return galley_id_hash (&edit->entity) ^ edit->field * 2654435761u ^ g_str_hash (edit->element);
}

static gboolean
fields_equal (gconstpointer a, gconstpointer b)
{
  const GalleyEdit *x = a, *y = b;

  return x->field == y->field && galley_id_equal (&x->entity, &y->entity) &&
         g_str_equal (x->element, y->element);
}

/**
 * galley_contradiction_is_within:
 *
 * Returns: whether @change gives one field two values, or edits a thing as another kind than it
 *   makes it
 */
gboolean
galley_contradiction_is_within (GalleyChange *change)
{
  g_autoptr (GHashTable) fields = NULL;
  guint n_edits = galley_change_get_n_edits (change);

  if (n_edits == 1)
    return FALSE;

  fields = g_hash_table_new (hash_field, fields_equal);
  for (guint i = 0; i < n_edits; i++)
    if (!g_hash_table_add (fields, (gpointer)galley_change_get_edit (change, i)))
      return TRUE;
  for (guint i = 0; i < n_edits; i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      const GalleyEdit alive = { .entity = edit->entity, .field = GALLEY_F_ALIVE, .element = "" };
      const GalleyEdit *maker = g_hash_table_lookup (fields, &alive);

      if (maker != NULL && makes_entity (maker) && maker->kind != edit->kind)
        return TRUE;
    }

  return FALSE;
}

/**
 * galley_contradiction_of_kind:
 *
 * Returns: whether @change makes the entity of @edit as a thing of another kind
 */
gboolean
galley_contradiction_of_kind (GalleyChange *change, const GalleyEdit *edit)
{
  const GalleyEdit *maker = find_maker (change, &edit->entity);

  return maker != NULL && maker->kind != edit->kind;
}

/**
 * galley_contradiction_of_value:
 *
 * Returns: whether the value is of another type than the field's, which is for ever. Narrower rules
 *   may differ between two versions of Galley and so decide nothing here
 */
gboolean
galley_contradiction_of_value (const GalleyEdit *edit)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (edit->kind, edit->field);

  return spec != NULL && edit->value != NULL &&
         !g_variant_is_of_type (edit->value, G_VARIANT_TYPE (spec->format));
}

/**
 * galley_contradiction_find_field:
 * @index: (out): of the edit of @change that gives this field its value; a second one for the same
 *   field does not count
 */
gboolean
galley_contradiction_find_field (GalleyChange *change,
                                 guint8 kind,
                                 const GalleyId *entity,
                                 guint16 field,
                                 const char *element,
                                 guint *index)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if (edit->field == field && edit->kind == kind && galley_id_equal (&edit->entity, entity) &&
          g_str_equal (edit->element, element) && !galley_contradiction_of_value (edit) &&
          !galley_contradiction_of_kind (change, edit))
        {
          *index = i;
          return TRUE;
        }
    }

  return FALSE;
}

/**
 * galley_contradiction_find_like:
 * @like: of any change
 *
 * Returns: (transfer none) (nullable): the edit of @change that gives the same field of the same
 * thing its value
 */
const GalleyEdit *
galley_contradiction_find_like (GalleyChange *change, const GalleyEdit *like)
{
  guint index;

  return galley_contradiction_find_field (change, like->kind, &like->entity, like->field,
                                          like->element, &index)
             ? galley_change_get_edit (change, index)
             : NULL;
}
