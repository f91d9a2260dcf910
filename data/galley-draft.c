/* galley-draft.c: a change in the making: what one gesture wants, before it has a number
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-draft"

#include "data/galley-draft-private.h"

struct _GalleyDraft
{
  gatomicrefcount ref_count;
  GalleyId project;
  char *intent;
  GArray *edits; /* of GalleyDraftEdit */
  GVariantDict *extra;
};

static void
clear_edit (gpointer data)
{
  GalleyDraftEdit *edit = data;

  g_free (edit->element);
  g_free (edit->seen);
  g_clear_pointer (&edit->value, g_variant_unref);
}

/**
 * galley_draft_new:
 * @intent: what the person wants, in a few words that the audit shows: "approve", "move shape"
 */
GalleyDraft *
galley_draft_new (const GalleyId *project, const char *intent)
{
  GalleyDraft *self = g_new0 (GalleyDraft, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->project = *project;
  self->intent = g_strdup (intent);
  self->edits = g_array_new (FALSE, TRUE, sizeof (GalleyDraftEdit));
  g_array_set_clear_func (self->edits, clear_edit);
  return self;
}

GalleyDraft *
galley_draft_ref (GalleyDraft *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
galley_draft_unref (GalleyDraft *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->extra, g_variant_dict_unref);
  g_array_unref (self->edits);
  g_free (self->intent);
  g_free (self);
}

static void
add_edit (GalleyDraft *self,
          GalleyDraftSeen how,
          guint8 kind,
          const GalleyId *entity,
          guint16 field,
          const char *element,
          GVariant *value,
          const GalleyRef *seen,
          guint n_seen)
{
  GalleyDraftEdit edit = {
    .how = how,
    .kind = kind,
    .entity = *entity,
    .field = field,
    .element = g_strdup (element != NULL ? element : ""),
    .value = value != NULL ? g_variant_ref_sink (value) : NULL,
    .seen = g_memdup2 (seen, n_seen * sizeof *seen),
    .n_seen = n_seen,
  };

  g_array_append_val (self->edits, edit);
}

/**
 * galley_draft_create:
 * @entity: an id of its own, new
 * @parent: (nullable): what it is a part of
 *
 * Makes an entity; its fields follow with galley_draft_set() without anything seen.
 */
void
galley_draft_create (GalleyDraft *self,
                     GalleyKind kind,
                     const GalleyId *entity,
                     const GalleyId *parent)
{
  add_edit (self, GALLEY_DRAFT_SEEN_GIVEN, kind, entity, GALLEY_F_ALIVE, NULL,
            galley_lifecycle_value (TRUE, NULL, 0), NULL, 0);
  if (parent != NULL)
    add_edit (self, GALLEY_DRAFT_SEEN_GIVEN, kind, entity, GALLEY_F_PARENT, NULL,
              g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, parent->bytes, sizeof parent->bytes,
                                         1),
              NULL, 0);
}

/**
 * galley_draft_set:
 * @element: (nullable): of a set or an order: which element
 * @value: (nullable): the new value; %NULL clears the field or removes the element
 * @seen: (array length=n_seen): the heads that were on screen when the editor was opened
 */
void
galley_draft_set (GalleyDraft *self,
                  guint8 kind,
                  const GalleyId *entity,
                  guint16 field,
                  const char *element,
                  GVariant *value,
                  const GalleyRef *seen,
                  guint n_seen)
{
  add_edit (self, GALLEY_DRAFT_SEEN_GIVEN, kind, entity, field, element, value, seen, n_seen);
}

/**
 * galley_draft_set_shown:
 *
 * As galley_draft_set(), when the value was read and is set in one go: what is shown at the moment
 * of the commit counts as seen. For scripts; an editor that stays open passes what it showed.
 */
void
galley_draft_set_shown (GalleyDraft *self,
                        guint8 kind,
                        const GalleyId *entity,
                        guint16 field,
                        const char *element,
                        GVariant *value)
{
  add_edit (self, GALLEY_DRAFT_SEEN_SHOWN, kind, entity, field, element, value, NULL, 0);
}

/**
 * galley_draft_delete:
 *
 * The thing goes with everything that this device had received of it when the change is committed;
 * an edit that somebody made meanwhile elsewhere makes it a conflict, and the thing stays visible.
 * For scripts; who deletes what is on screen passes what was shown to galley_draft_delete_shown().
 */
void
galley_draft_delete (GalleyDraft *self, guint8 kind, const GalleyId *entity)
{
  add_edit (self, GALLEY_DRAFT_DELETE, kind, entity, GALLEY_F_ALIVE, NULL, NULL, NULL, 0);
}

/**
 * galley_draft_delete_shown:
 * @heads: (array length=n_heads): of %GALLEY_F_ALIVE, that were shown: at least one
 * @tips: (array length=n_tips): galley_reader_list_tips() at the moment of what was shown
 *
 * The thing goes with what was shown of it, and no more: what came in since makes it a conflict.
 */
void
galley_draft_delete_shown (GalleyDraft *self,
                           guint8 kind,
                           const GalleyId *entity,
                           const GalleyRef *heads,
                           guint n_heads,
                           const GalleyRef *tips,
                           guint n_tips)
{
  g_return_if_fail (n_heads > 0);

  add_edit (self, GALLEY_DRAFT_SEEN_GIVEN, kind, entity, GALLEY_F_ALIVE, NULL,
            galley_lifecycle_value (FALSE, tips, n_tips), heads, n_heads);
}

void
galley_draft_restore (GalleyDraft *self, guint8 kind, const GalleyId *entity)
{
  add_edit (self, GALLEY_DRAFT_SEEN_ALL, kind, entity, GALLEY_F_ALIVE, NULL,
            galley_lifecycle_value (TRUE, NULL, 0), NULL, 0);
}

/**
 * galley_draft_add_extra:
 * @value: kept with the change and shown in the audit
 */
void
galley_draft_add_extra (GalleyDraft *self, const char *key, GVariant *value)
{
  if (self->extra == NULL)
    self->extra = g_variant_dict_new (NULL);
  g_variant_dict_insert_value (self->extra, key, value);
}

const GalleyId *
galley_draft_get_project (GalleyDraft *self)
{
  return &self->project;
}

guint
galley_draft_get_n_edits (GalleyDraft *self)
{
  return self->edits->len;
}

const char *
galley_draft_get_intent (GalleyDraft *self)
{
  return self->intent;
}

const GalleyDraftEdit *
galley_draft_get_edit (GalleyDraft *self, guint index)
{
  return &g_array_index (self->edits, GalleyDraftEdit, index);
}

/* (transfer full) (nullable): a{sv}; may be asked for once per commit, also again after a retry. */
GVariant *
galley_draft_dup_extra (GalleyDraft *self)
{
  g_autoptr (GVariant) extra = NULL;

  if (self->extra == NULL)
    return NULL;

  extra = g_variant_ref_sink (g_variant_dict_end (self->extra));
  g_variant_dict_unref (self->extra);
  self->extra = g_variant_dict_new (extra);
  return g_steal_pointer (&extra);
}

/**
 * galley_lifecycle_value:
 * @alive: whether the thing is there
 * @seen: (array length=n_seen): with @alive %FALSE: each device and its last change that was here
 *
 * Returns: (transfer floating): the value of %GALLEY_F_ALIVE
 */
GVariant *
galley_lifecycle_value (gboolean alive, const GalleyRef *seen, guint n_seen)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("(ba(ayt))"));
  g_variant_builder_add (&builder, "b", alive);
  g_variant_builder_open (&builder, G_VARIANT_TYPE ("a(ayt)"));
  for (guint i = 0; i < n_seen; i++)
    {
      g_variant_builder_open (&builder, G_VARIANT_TYPE ("(ayt)"));
      g_variant_builder_add_value (&builder,
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE,
                                                              seen[i].device.bytes, 16, 1));
      g_variant_builder_add (&builder, "t", seen[i].seq);
      g_variant_builder_close (&builder);
    }
  g_variant_builder_close (&builder);
  return g_variant_builder_end (&builder);
}

gboolean
galley_lifecycle_is_alive (GVariant *value)
{
  g_autoptr (GVariant) alive = g_variant_get_child_value (value, 0);

  return g_variant_get_boolean (alive);
}

/**
 * galley_lifecycle_saw:
 * @value: of %GALLEY_F_ALIVE, as galley_lifecycle_value() makes it
 *
 * Returns: whether the change @ref was there when @value was set
 */
gboolean
galley_lifecycle_saw (GVariant *value, const GalleyRef *ref)
{
  g_autoptr (GVariant) seen = g_variant_get_child_value (value, 1);

  for (gsize i = 0; i < g_variant_n_children (seen); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (seen, i);
      g_autoptr (GVariant) device = g_variant_get_child_value (entry, 0);
      gsize bytes;
      gconstpointer id = g_variant_get_fixed_array (device, &bytes, 1);
      guint64 seq;

      g_variant_get_child (entry, 1, "t", &seq);
      if (bytes == sizeof (GalleyId) && galley_id_equal (id, &ref->device))
        return ref->seq <= seq;
    }

  return FALSE;
}
