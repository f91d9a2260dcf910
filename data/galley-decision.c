/* galley-decision.c: a person's word on a version, signed; and what an item's decisions come to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-decision"

#include "data/galley-decision.h"

#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define SIGNED_PURPOSE "galley decision 1"

void
galley_decision_free (GalleyDecision *decision)
{
  g_free (decision->verdict);
  g_array_unref (decision->seen_notes);
  g_free (decision);
}

void
galley_decision_get_id (const GalleyId *person, const GalleyId *version, GalleyId *id)
{
  galley_id_derive (id, "galley decision", person, version, NULL);
}

static GVariant *
bytes_to_variant (gconstpointer data, gsize bytes)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, bytes, 1);
}

/**
 * galley_decision_to_variant:
 *
 * Returns: (transfer floating): (saytaayay): verdict, hash of the version's bytes, position seen,
 *   ids of the blocking notes seen, signature
 */
GVariant *
galley_decision_to_variant (const GalleyDecision *decision)
{
  GVariantBuilder notes;
  GVariant *children[5];

  g_variant_builder_init (&notes, G_VARIANT_TYPE ("aay"));
  for (guint i = 0; i < decision->seen_notes->len; i++)
    g_variant_builder_add_value (&notes,
                                 bytes_to_variant (g_array_index (decision->seen_notes, GalleyId, i)
                                                       .bytes,
                                                   16));

  children[0] = g_variant_new_string (decision->verdict);
  children[1] = bytes_to_variant (decision->file.bytes, sizeof decision->file.bytes);
  children[2] = g_variant_new_uint64 (decision->seen_position);
  children[3] = g_variant_builder_end (&notes);
  children[4] = bytes_to_variant (decision->signature, sizeof decision->signature);
  return g_variant_new_tuple (children, G_N_ELEMENTS (children));
}

static gboolean
read_bytes (GVariant *value, gsize index, gpointer out, gsize bytes)
{
  g_autoptr (GVariant) child = g_variant_get_child_value (value, index);

  if (g_variant_get_size (child) != bytes)
    return FALSE;
  memcpy (out, g_variant_get_data (child), bytes);
  return TRUE;
}

/**
 * galley_decision_from_variant:
 * @error: %GALLEY_DATA_ERROR_INVALID
 *
 * Returns: (transfer full): the decision, or %NULL
 */
GalleyDecision *
galley_decision_from_variant (GVariant *value, GError **error)
{
  g_autoptr (GalleyDecision) decision = g_new0 (GalleyDecision, 1);
  gboolean valid;

  decision->seen_notes = g_array_new (FALSE, TRUE, sizeof (GalleyId));
  valid = g_variant_is_of_type (value, G_VARIANT_TYPE ("(saytaayay)")) &&
          read_bytes (value, 1, decision->file.bytes, sizeof decision->file.bytes) &&
          read_bytes (value, 4, decision->signature, sizeof decision->signature);
  if (valid)
    {
      g_autoptr (GVariant) notes = g_variant_get_child_value (value, 3);

      g_variant_get_child (value, 0, "s", &decision->verdict);
      g_variant_get_child (value, 2, "t", &decision->seen_position);
      for (gsize i = 0; valid && i < g_variant_n_children (notes); i++)
        {
          GalleyId note;

          valid = read_bytes (notes, i, note.bytes, sizeof note.bytes);
          g_array_append_val (decision->seen_notes, note);
        }
    }
  if (!valid)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("This is not a decision in a form that Galley knows."));
      return NULL;
    }

  return g_steal_pointer (&decision);
}

/* What is signed: everything that the decision says, where and by whom, but not when: so that it
 * can stand again after an undo. Little-endian, fixed order; see docs/contract.md. */
static GByteArray *
signed_message (const GalleyDecision *decision,
                const GalleyId *project,
                const GalleyId *entity,
                const GalleyId *person)
{
  GByteArray *message = g_byte_array_new ();
  guint64 position = GUINT64_TO_LE (decision->seen_position);

  g_byte_array_append (message, (const guint8 *)SIGNED_PURPOSE, sizeof SIGNED_PURPOSE);
  g_byte_array_append (message, project->bytes, sizeof project->bytes);
  g_byte_array_append (message, entity->bytes, sizeof entity->bytes);
  g_byte_array_append (message, person->bytes, sizeof person->bytes);
  g_byte_array_append (message, (const guint8 *)decision->verdict, strlen (decision->verdict) + 1);
  g_byte_array_append (message, decision->file.bytes, sizeof decision->file.bytes);
  g_byte_array_append (message, (const guint8 *)&position, sizeof position);
  g_byte_array_append (message, (const guint8 *)decision->seen_notes->data,
                       decision->seen_notes->len * sizeof (GalleyId));
  return message;
}

/**
 * galley_decision_sign:
 * @entity: the decision's
 * @person: whose it is
 */
void
galley_decision_sign (GalleyDecision *decision,
                      GalleyKey *key,
                      const GalleyId *project,
                      const GalleyId *entity,
                      const GalleyId *person)
{
  g_autoptr (GByteArray) message = signed_message (decision, project, entity, person);

  galley_key_sign (key, message->data, message->len, decision->signature);
}

/**
 * galley_decision_verify:
 * @person: whose decision it is said to be
 * @public_key: of the device that made it
 *
 * Returns: whether exactly this was signed with the key
 */
gboolean
galley_decision_verify (const GalleyDecision *decision,
                        const GalleyId *project,
                        const GalleyId *entity,
                        const GalleyId *person,
                        const guint8 public_key[GALLEY_PUBLIC_KEY_BYTES])
{
  g_autoptr (GByteArray) message = signed_message (decision, project, entity, person);

  return galley_key_verify (public_key, message->data, message->len, decision->signature);
}

/* The open notes on the item that block an approval, as they are on this device now. */
static gboolean
collect_seen_notes (GalleyReader *reader, const GalleyId *item, GArray *notes, GError **error)
{
  g_autoptr (GPtrArray)
      annotations = galley_reader_list_children (reader, item, GALLEY_KIND_ANNOTATION, error);

  for (guint i = 0; annotations != NULL && i < annotations->len; i++)
    {
      const GalleyEntity *annotation = g_ptr_array_index (annotations, i);
      GVariant *blocking = galley_entity_get_value (annotation, GALLEY_ANNOTATION_BLOCKING);

      if (blocking != NULL && g_variant_is_of_type (blocking, G_VARIANT_TYPE_BOOLEAN) &&
          g_variant_get_boolean (blocking) &&
          g_strcmp0 (galley_entity_get_string (annotation, GALLEY_ANNOTATION_STATUS, "open"),
                     "resolved") != 0)
        g_array_append_val (notes, annotation->id);
    }

  return annotations != NULL;
}

/**
 * galley_decision_scope_new:
 * @file: of the bytes of the version that was shown
 * @position: how far the project's stream had been read then
 *
 * Returns: (transfer full): without any note; they are added to its array
 */
GalleyDecisionScope *
galley_decision_scope_new (const GalleyHash *file, guint64 position)
{
  GalleyDecisionScope *scope = g_new0 (GalleyDecisionScope, 1);

  scope->file = *file;
  scope->position = position;
  scope->notes = g_array_new (FALSE, TRUE, sizeof (GalleyId));
  return scope;
}

void
galley_decision_scope_free (GalleyDecisionScope *scope)
{
  if (scope == NULL)
    return;

  g_array_unref (scope->notes);
  g_free (scope);
}

static GalleyDecisionScope *
read_scope (GalleyReader *reader, const GalleyItemRow *row, GError **error)
{
  g_autoptr (GalleyDecisionScope) scope = galley_decision_scope_new (&row->file, 0);
  GalleyHash digest;
  guint64 unsent;

  if (!galley_reader_get_digest (reader, &row->project, &digest, &scope->position, &unsent,
                                 error) ||
      !collect_seen_notes (reader, &row->id, scope->notes, error))
    return NULL;

  return g_steal_pointer (&scope);
}

static gboolean
check_scope (const GalleyDecisionScope *scope, const GalleyItemRow *row, GError **error)
{
  if (galley_hash_equal (&scope->file, &row->file))
    return TRUE;

  g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_MOVED_ON,
               _ ("“%s” has got another version than the one that was shown. Look at it, then "
                  "decide."),
               row->name);
  return FALSE;
}

static GalleyEntity *
find_version (GalleyReader *reader, const GalleyItemRow *row, GError **error)
{
  g_autoptr (GPtrArray)
      versions = galley_reader_list_children (reader, &row->id, GALLEY_KIND_VERSION, error);

  for (guint i = 0; versions != NULL && i < versions->len; i++)
    {
      GalleyEntity *version = g_ptr_array_index (versions, i);
      GVariant *file = galley_entity_get_value (version, GALLEY_VERSION_FILE);
      g_autoptr (GVariant) hash = NULL;

      if (file == NULL || !g_variant_is_of_type (file, G_VARIANT_TYPE ("(ayts)")))
        continue;
      hash = g_variant_get_child_value (file, 0);
      if (g_variant_get_size (hash) == sizeof row->file &&
          memcmp (g_variant_get_data (hash), &row->file, sizeof row->file) == 0)
        return g_ptr_array_steal_index (versions, i);
    }

  if (versions != NULL)
    g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                 _ ("“%s” has no version to decide on yet."), row->name);
  return NULL;
}

/* Edits of a decision supersede the heads that the reader shows. */
static void
set_field (GalleyDraft *draft,
           const GalleyId *id,
           const GalleyEntity *known,
           guint16 number,
           GVariant *value)
{
  const GalleyField *field = known != NULL ? galley_entity_get_field (known, number) : NULL;
  g_autofree GalleyRef *seen = field != NULL ? g_new (GalleyRef, field->heads->len) : NULL;

  for (guint i = 0; field != NULL && i < field->heads->len; i++)
    seen[i] = g_array_index (field->heads, GalleyHead, i).ref;
  galley_draft_set (draft, GALLEY_KIND_DECISION, id, number, NULL, value, seen,
                    field != NULL ? field->heads->len : 0);
}

/* One decision that is being prepared. */
typedef struct
{
  GalleyDraft *draft;
  GalleyReader *reader;
  GalleyKey *key;
  const GalleyId *project, *person, *item, *version;
  GalleyDecision *decision;
  const char *note; /* (nullable) */
} Preparing;

static void
add_decision (Preparing *preparing, const GalleyId *id, const GalleyEntity *known)
{
  GalleyDecision *decision = preparing->decision;
  g_autoptr (GByteArray)
      message = signed_message (decision, preparing->project, id, preparing->person);

  galley_key_sign (preparing->key, message->data, message->len, decision->signature);
  if (known == NULL)
    galley_draft_create (preparing->draft, GALLEY_KIND_DECISION, id, preparing->item);
  else if (!known->alive)
    galley_draft_restore (preparing->draft, GALLEY_KIND_DECISION, id);
  set_field (preparing->draft, id, known, GALLEY_DECISION_VERDICT,
             galley_decision_to_variant (decision));
  if (preparing->note != NULL && *preparing->note != '\0')
    set_field (preparing->draft, id, known, GALLEY_DECISION_NOTE,
               g_variant_new_string (preparing->note));
}

/* What the person decided on a device that had another id for them, before it was connected: their
 * new word stands there as well, or the old one would go on to count. */
static gboolean
add_under_aliases (Preparing *preparing, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (preparing->reader);
  g_autoptr (GArray) aliases = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  sqlite3_stmt *query = galley_database_query (db, error, "SELECT id FROM alias WHERE person = ?1",
                                               "n", preparing->person);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId alias;

      galley_column_id (query, 0, &alias);
      g_array_append_val (aliases, alias);
    }

  for (guint i = 0; stepped == 0 && i < aliases->len; i++)
    {
      g_autoptr (GalleyEntity) known = NULL;
      GalleyId id;

      galley_decision_get_id (&g_array_index (aliases, GalleyId, i), preparing->version, &id);
      known = galley_reader_get_entity (preparing->reader, &id, NULL);
      if (known != NULL && known->alive)
        add_decision (preparing, &id, known);
    }

  return stepped == 0;
}

/**
 * galley_decision_prepare:
 * @draft: of the item's project
 * @person: who decides: the one who works on this device
 * @scope: (nullable): what was on screen; %NULL for scripts: what is on this device now
 * @verdict: approve, request-changes or comment
 * @note: (nullable): why
 * @error: %GALLEY_DATA_ERROR_MOVED_ON when @scope is of another version than the newest
 *
 * The decision covers the newest version, by the hash of its bytes, and of the item's blocking
 * notes those that were shown. A decision that this person made on it before is replaced.
 */
gboolean
galley_decision_prepare (GalleyDraft *draft,
                         GalleyReader *reader,
                         GalleyKey *key,
                         const GalleyId *person,
                         const GalleyId *item,
                         const GalleyDecisionScope *scope,
                         const char *verdict,
                         const char *note,
                         GError **error)
{
  g_autoptr (GalleyDecision) decision = g_new0 (GalleyDecision, 1);
  g_autoptr (GalleyItemRow) row = galley_reader_get_item (reader, item, error);
  g_autoptr (GalleyEntity) version = NULL, known = NULL;
  g_autoptr (GalleyDecisionScope) now = NULL;
  Preparing preparing = { draft, reader, key, NULL, person, item, NULL, decision, note };
  GalleyId id;

  decision->seen_notes = g_array_new (FALSE, TRUE, sizeof (GalleyId));
  if (row == NULL || (scope == NULL && (scope = now = read_scope (reader, row, error)) == NULL) ||
      !check_scope (scope, row, error) || (version = find_version (reader, row, error)) == NULL)
    return FALSE;

  decision->verdict = g_strdup (verdict);
  decision->file = scope->file;
  decision->seen_position = scope->position;
  if (scope->notes->len > 0)
    g_array_append_vals (decision->seen_notes, scope->notes->data, scope->notes->len);
  preparing.project = &row->project;
  preparing.version = &version->id;
  galley_decision_get_id (person, &version->id, &id);
  known = galley_reader_get_entity (reader, &id, NULL);
  add_decision (&preparing, &id, known);
  return add_under_aliases (&preparing, error);
}

/* Somebody's strictest word is the one that counts, and only once. */
static gboolean
is_outweighed (const GalleyVote *votes, guint n_votes, guint index)
{
  for (guint i = 0; i < n_votes; i++)
    {
      int more = galley_decision_get_strictness (votes[i].verdict) -
                 galley_decision_get_strictness (votes[index].verdict);

      if (votes[i].counts && galley_id_equal (&votes[i].person, &votes[index].person) &&
          (more > 0 || (more == 0 && i < index)))
        return TRUE;
    }

  return FALSE;
}

/**
 * galley_decision_get_strictness:
 *
 * Returns: 0 for a comment, then approve, then request-changes
 */
int
galley_decision_get_strictness (const char *verdict)
{
  return g_strcmp0 (verdict, "request-changes") == 0 ? 2 : g_strcmp0 (verdict, "approve") == 0;
}

/**
 * galley_approval_derive:
 * @needed: how many approvals the project's rule asks for
 * @least_role: of which role at least
 * @votes: (array length=n_votes): of a person with several the strictest counts
 * @out: (out caller-allocates): the state; one request for changes outweighs all approvals
 */
void
galley_approval_derive (guint needed,
                        GalleyRole least_role,
                        const GalleyVote *votes,
                        guint n_votes,
                        GalleyApproval *out)
{
  gboolean refused = FALSE;

  *out = (GalleyApproval){ .state = "open", .needed = MAX (needed, 1) };
  for (guint i = 0; i < n_votes; i++)
    {
      if (!votes[i].counts || is_outweighed (votes, n_votes, i))
        continue;
      refused |= g_strcmp0 (votes[i].verdict, "request-changes") == 0;
      if (g_strcmp0 (votes[i].verdict, "approve") == 0 && votes[i].role >= least_role)
        out->approvals++;
    }

  if (refused)
    out->state = "changes-requested";
  else if (out->approvals >= out->needed)
    out->state = "approved";
  else if (out->approvals > 0)
    out->state = "partly";
}
