/* galley-intent.c: what people do, as edits of a draft: the same for the window and the command
 * line
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-intent"

#include "data/galley-intent.h"

#include "data/galley-merge.h"

/* A field of what the draft makes: nothing was there before. */
static void
put (GalleyDraft *draft, guint8 kind, const GalleyId *entity, guint16 field, GVariant *value)
{
  galley_draft_set (draft, kind, entity, field, NULL, value, NULL, 0);
}

/**
 * galley_intent_create_project:
 * @draft: of the new project's id
 * @approvals: how many approvals an item needs; 0 counts as 1
 * @least_role: of which role at least
 */
void
galley_intent_create_project (GalleyDraft *draft,
                              const char *name,
                              guint approvals,
                              GalleyRole least_role)
{
  const GalleyId *project = galley_draft_get_project (draft);

  galley_draft_create (draft, GALLEY_KIND_PROJECT, project, NULL);
  put (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_NAME, g_variant_new_string (name));
  put (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_RULES,
       g_variant_new_uint32 (GALLEY_MERGE_RULES_USUAL));
  put (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_APPROVAL,
       g_variant_new ("(us)", MAX (approvals, 1), galley_role_to_string (least_role)));
}

static GVariant *
anchor_to_variant (const GalleyNewAnnotation *annotation)
{
  GVariant *children[] = {
    g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, annotation->version.bytes,
                               sizeof annotation->version.bytes, 1),
    g_variant_new_uint32 (MAX (annotation->page, 1)),
    g_variant_new_uint32 (annotation->first_frame),
    g_variant_new_uint32 (MAX (annotation->first_frame, annotation->last_frame)),
  };

  return g_variant_new_tuple (children, G_N_ELEMENTS (children));
}

static void
put_look (GalleyDraft *draft, const GalleyId *id, const GalleyNewAnnotation *annotation)
{
  if (annotation->color != NULL)
    put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_COLOR,
         g_variant_new_string (annotation->color));
  if (annotation->width > 0)
    put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_WIDTH,
         g_variant_new_double (annotation->width));
  if (annotation->body != NULL && *annotation->body != '\0')
    put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_BODY,
         g_variant_new_string (annotation->body));
  if (annotation->blocking)
    put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_BLOCKING,
         g_variant_new_boolean (TRUE));
  for (guint i = 0; annotation->tags != NULL && annotation->tags[i] != NULL; i++)
    galley_draft_set (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_TAGS,
                      annotation->tags[i], g_variant_new_boolean (TRUE), NULL, 0);
}

/**
 * galley_intent_add_annotation:
 * @id: a new one
 * @error: %GALLEY_DATA_ERROR_INVALID when the points do not make the shape; @draft is as before
 * then
 */
gboolean
galley_intent_add_annotation (GalleyDraft *draft,
                              const GalleyId *id,
                              const GalleyNewAnnotation *annotation,
                              GError **error)
{
  g_auto (GalleyGeometry) geometry = { 0 };

  if (!galley_shape_from_points (annotation->shape, annotation->xy, annotation->n_points, &geometry,
                                 error))
    return FALSE;

  galley_draft_create (draft, GALLEY_KIND_ANNOTATION, id, &annotation->item);
  put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_SHAPE,
       g_variant_new_string (annotation->shape));
  put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_ANCHOR, anchor_to_variant (annotation));
  put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_PLACE, geometry.place);
  if (geometry.extent != NULL)
    put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_EXTENT, geometry.extent);
  if (geometry.path != NULL)
    put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_PATH, geometry.path);
  put (draft, GALLEY_KIND_ANNOTATION, id, GALLEY_ANNOTATION_STATUS, g_variant_new_string ("open"));
  put_look (draft, id, annotation);
  return TRUE;
}

/**
 * galley_intent_add_comment:
 * @id: a new one
 *
 * A reply is an edit of its thread as well, so that who deletes the thread against it gets to know.
 */
void
galley_intent_add_comment (GalleyDraft *draft,
                           const GalleyId *id,
                           const GalleyId *annotation,
                           const char *body)
{
  char element[GALLEY_ID_TEXT_SIZE];

  galley_draft_create (draft, GALLEY_KIND_COMMENT, id, annotation);
  put (draft, GALLEY_KIND_COMMENT, id, GALLEY_COMMENT_BODY, g_variant_new_string (body));
  galley_draft_set (draft, GALLEY_KIND_ANNOTATION, annotation, GALLEY_ANNOTATION_REPLIES,
                    galley_id_print (id, element), g_variant_new_boolean (TRUE), NULL, 0);
}

/**
 * galley_intent_add_remark:
 * @id: a new one
 * @entity: what people disagree about
 * @asked: (array length=n_asked): who is asked to settle it; may be nobody
 */
void
galley_intent_add_remark (GalleyDraft *draft,
                          const GalleyId *id,
                          const GalleyId *entity,
                          const char *body,
                          const GalleyId *asked,
                          guint n_asked)
{
  char element[GALLEY_ID_TEXT_SIZE];

  galley_draft_create (draft, GALLEY_KIND_REMARK, id, entity);
  if (*body != '\0')
    put (draft, GALLEY_KIND_REMARK, id, GALLEY_REMARK_BODY, g_variant_new_string (body));
  for (guint i = 0; i < n_asked; i++)
    galley_draft_set (draft, GALLEY_KIND_REMARK, id, GALLEY_REMARK_ASKED,
                      galley_id_print (&asked[i], element), g_variant_new_boolean (TRUE), NULL, 0);
}

/**
 * galley_intent_set:
 * @element: (nullable): of a set or an order: which element
 * @value: (nullable): %NULL clears the field or removes the element
 * @seen: (nullable) (array length=n_seen): the heads that were on screen when the editor opened
 *
 * With nothing in @seen, what is shown at the moment of the commit counts as seen.
 */
void
galley_intent_set (GalleyDraft *draft,
                   guint8 kind,
                   const GalleyId *entity,
                   guint16 field,
                   const char *element,
                   GVariant *value,
                   const GalleyRef *seen,
                   guint n_seen)
{
  if (n_seen == 0)
    galley_draft_set_shown (draft, kind, entity, field, element, value);
  else
    galley_draft_set (draft, kind, entity, field, element, value, seen, n_seen);
}

/**
 * galley_intent_rename:
 * @kind: of a project, member, item, playlist or view: their name is the same field in all of them
 */
void
galley_intent_rename (GalleyDraft *draft,
                      guint8 kind,
                      const GalleyId *entity,
                      const char *name,
                      const GalleyRef *seen,
                      guint n_seen)
{
  const GalleyFieldSpec *spec = galley_schema_find_field (kind, "name");

  g_return_if_fail (spec != NULL);

  galley_intent_set (draft, kind, entity, spec->number, NULL, g_variant_new_string (name), seen,
                     n_seen);
}

void
galley_intent_set_status (GalleyDraft *draft,
                          const GalleyId *annotation,
                          gboolean resolved,
                          const GalleyRef *seen,
                          guint n_seen)
{
  galley_intent_set (draft, GALLEY_KIND_ANNOTATION, annotation, GALLEY_ANNOTATION_STATUS, NULL,
                     g_variant_new_string (resolved ? "resolved" : "open"), seen, n_seen);
}

/**
 * galley_intent_set_tag:
 * @kind: of an item or an annotation
 * @present: %FALSE takes the tag away
 */
void
galley_intent_set_tag (
    GalleyDraft *draft, guint8 kind, const GalleyId *entity, const char *tag, gboolean present)
{
  const GalleyFieldSpec *spec = galley_schema_find_field (kind, "tags");

  g_return_if_fail (spec != NULL);

  galley_draft_set_shown (draft, kind, entity, spec->number, tag,
                          present ? g_variant_new_boolean (TRUE) : NULL);
}

/* (transfer full): what the second set of rules did stays, where nothing else is said. */
static GVariant *
keep_careful (GVariant *policies)
{
  const GalleyPolicy careful = { .kind = GALLEY_POLICY_CAREFUL };
  g_autoptr (GVariant) kept = g_variant_ref (policies);

  for (guint8 kind = GALLEY_KIND_PROJECT; galley_schema_get_kind (kind) != NULL; kind++)
    for (guint i = 0; i < galley_schema_get_kind (kind)->n_fields; i++)
      {
        const GalleyFieldSpec *spec = &galley_schema_get_kind (kind)->fields[i];
        g_autoptr (GVariant) before = NULL;
        GalleyPolicy said;

        galley_policies_find (kept, kind, spec->number, &said);
        if (said.kind != GALLEY_POLICY_ASK ||
            !galley_policy_is_possible (kind, spec->number, GALLEY_POLICY_CAREFUL))
          continue;
        before = g_steal_pointer (&kept);
        kept = g_variant_ref_sink (galley_policies_set (before, kind, spec->number, &careful));
      }

  return g_steal_pointer (&kept);
}

/**
 * galley_intent_set_policies:
 * @set: (nullable): of rules that is in force
 * @policies: a{ss}: of all fields, as galley_policies_set() makes it
 *
 * With the set of rules that goes by them. One change: both are undone together.
 */
void
galley_intent_set_policies (GalleyDraft *draft,
                            const GalleyId *project,
                            GVariant *set,
                            GVariant *policies)
{
  guint before = set != NULL && g_variant_is_of_type (set, G_VARIANT_TYPE_UINT32)
                     ? g_variant_get_uint32 (set)
                     : GALLEY_MERGE_RULES_USUAL;
  g_autoptr (GVariant) after = before == GALLEY_MERGE_RULES_CAREFUL ? keep_careful (policies)
                                                                    : g_variant_ref (policies);

  if (before != GALLEY_MERGE_RULES_POLICIES)
    galley_intent_set (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_RULES, NULL,
                       g_variant_new_uint32 (GALLEY_MERGE_RULES_POLICIES), NULL, 0);
  galley_intent_set (draft, GALLEY_KIND_PROJECT, project, GALLEY_PROJECT_POLICIES, NULL, after,
                     NULL, 0);
}

void
galley_intent_delete (GalleyDraft *draft, guint8 kind, const GalleyId *entity)
{
  galley_draft_delete (draft, kind, entity);
}

void
galley_intent_restore (GalleyDraft *draft, guint8 kind, const GalleyId *entity)
{
  galley_draft_restore (draft, kind, entity);
}
