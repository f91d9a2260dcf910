/* galley-contents.c: everything of one item at one moment: versions, notes, replies, decisions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-contents"

#include "ui/galley-contents.h"

#include "data/galley-directory.h"
#include "data/galley-outbox.h"
#include "data/galley-past.h"

#include <string.h>

static void
verdict_line_free (gpointer data)
{
  GalleyVerdictLine *line = data;

  g_free (line->name);
  g_free (line->verdict);
  g_free (line->note);
  g_free (line);
}

GalleyContents *
galley_contents_ref (GalleyContents *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
galley_contents_unref (GalleyContents *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->row, galley_item_row_free);
  g_clear_pointer (&self->tips, g_array_unref);
  g_clear_pointer (&self->versions, g_ptr_array_unref);
  g_clear_pointer (&self->entities, g_ptr_array_unref);
  g_clear_pointer (&self->verdicts, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_free (self);
}

static guint
version_number (const GalleyEntity *version)
{
  GVariant *value = galley_entity_get_value (version, GALLEY_VERSION_NUMBER);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32)
             ? g_variant_get_uint32 (value)
             : 0;
}

/* Newest first; of two with one number, the one with the greater id, as everywhere. */
static int
compare_versions (gconstpointer a, gconstpointer b)
{
  const GalleyEntity *one = *(GalleyEntity *const *)a;
  const GalleyEntity *other = *(GalleyEntity *const *)b;

  if (version_number (one) != version_number (other))
    return version_number (one) < version_number (other) ? 1 : -1;

  return -galley_id_compare (&one->id, &other->id);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  const GalleyVerdictLine *one = *(GalleyVerdictLine *const *)a;
  const GalleyVerdictLine *other = *(GalleyVerdictLine *const *)b;

  if (one->version != other->version)
    return one->version < other->version ? 1 : -1;

  return one->time_us < other->time_us ? 1 : one->time_us > other->time_us ? -1 : 0;
}

static void
sort_out_entities (GalleyContents *self, GalleyReader *reader)
{
  for (guint i = 0; i < self->entities->len; i++)
    {
      GalleyEntity *entity = self->entities->pdata[i];

      if (entity->kind == GALLEY_KIND_VERSION)
        g_ptr_array_add (self->versions, entity);
      if (!g_hash_table_contains (self->names, &entity->author))
        g_hash_table_insert (self->names, &entity->author,
                             galley_directory_name_of (reader, &entity->author));
    }

  g_ptr_array_sort (self->versions, compare_versions);
}

static gboolean
is_open_blocker (const GalleyEntity *entity)
{
  GVariant *blocking = galley_entity_get_value (entity, GALLEY_ANNOTATION_BLOCKING);

  return entity->kind == GALLEY_KIND_ANNOTATION && blocking != NULL &&
         g_variant_is_of_type (blocking, G_VARIANT_TYPE_BOOLEAN) &&
         g_variant_get_boolean (blocking) &&
         g_strcmp0 (galley_entity_get_string (entity, GALLEY_ANNOTATION_STATUS, "open"),
                    "resolved") != 0;
}

static gboolean
has_seen_note (const GalleyDecision *decision, const GalleyId *note)
{
  for (guint i = 0; i < decision->seen_notes->len; i++)
    if (galley_id_equal (&g_array_index (decision->seen_notes, GalleyId, i), note))
      return TRUE;

  return FALSE;
}

/* A decision counts while it is about the newest bytes and no blocking note came that it had not
 * seen. */
static gboolean
decision_counts (const GalleyContents *self, const GalleyDecision *decision)
{
  if (!galley_hash_equal (&decision->file, &self->row->file))
    return FALSE;

  for (guint i = 0; i < self->entities->len; i++)
    {
      const GalleyEntity *entity = self->entities->pdata[i];

      if (is_open_blocker (entity) && !has_seen_note (decision, &entity->id))
        return FALSE;
    }

  return TRUE;
}

/* Which version it is on: a decision's id follows from its person and the version. */
static guint
find_decided_version (const GalleyContents *self, const GalleyEntity *entity)
{
  for (guint i = 0; i < self->versions->len; i++)
    {
      const GalleyEntity *version = self->versions->pdata[i];
      GalleyId id;

      galley_decision_get_id (&entity->author, &version->id, &id);
      if (galley_id_equal (&id, &entity->id))
        return version_number (version);
    }

  return 0;
}

static void
add_verdict (GalleyContents *self, const GalleyEntity *entity)
{
  GVariant *value = galley_entity_get_value (entity, GALLEY_DECISION_VERDICT);
  g_autoptr (GalleyDecision) decision = value != NULL ? galley_decision_from_variant (value, NULL)
                                                      : NULL;
  GalleyVerdictLine *line;

  if (decision == NULL)
    return;

  line = g_new0 (GalleyVerdictLine, 1);
  line->id = entity->id;
  line->person = entity->author;
  line->name = g_strdup (galley_contents_name_of (self, &entity->author));
  line->mine = galley_id_equal (&entity->author, &self->person);
  line->verdict = g_strdup (decision->verdict);
  line->note = g_strdup (galley_entity_get_string (entity, GALLEY_DECISION_NOTE, NULL));
  line->version = find_decided_version (self, entity);
  line->current = galley_hash_equal (&decision->file, &self->row->file);
  line->counts = decision_counts (self, decision);
  line->shared = galley_contents_is_shared (self, entity);
  line->contested = entity->contested;
  line->time_us = entity->updated_us;
  g_ptr_array_add (self->verdicts, line);
}

static void
read_rule (GalleyContents *self, GalleyReader *reader, guint *needed)
{
  g_autoptr (GalleyEntity) project = galley_reader_get_entity (reader, &self->row->project, NULL);
  GVariant *rule = project != NULL ? galley_entity_get_value (project, GALLEY_PROJECT_APPROVAL)
                                   : NULL;
  const char *least;

  *needed = 1;
  self->least_role = GALLEY_ROLE_REVIEWER;
  if (rule == NULL || !g_variant_is_of_type (rule, G_VARIANT_TYPE ("(us)")))
    return;

  g_variant_get (rule, "(u&s)", needed, &least);
  self->least_role = galley_role_parse (least);
}

static GalleyRole
role_of_person (const GalleyContents *self, GalleyReader *reader, const GalleyId *id)
{
  g_autoptr (GalleyPerson) person = galley_directory_get_person (reader, id, NULL);

  if (person != NULL)
    return person->role;

  return galley_id_equal (id, &self->person) ? self->role : GALLEY_ROLE_REVIEWER;
}

static void
derive_approval (GalleyContents *self, GalleyReader *reader)
{
  g_autoptr (GArray) votes = g_array_new (FALSE, TRUE, sizeof (GalleyVote));
  guint needed;

  read_rule (self, reader, &needed);
  for (guint i = 0; i < self->verdicts->len; i++)
    {
      const GalleyVerdictLine *line = self->verdicts->pdata[i];
      GalleyVote vote = { .person = line->person,
                          .role = role_of_person (self, reader, &line->person),
                          .verdict = line->verdict,
                          .counts = line->counts };

      g_array_append_val (votes, vote);
    }

  galley_approval_derive (needed, self->least_role, (const GalleyVote *)votes->data, votes->len,
                          &self->approval);
}

/* Changes are sent in their order: what waits are the last ones. */
static void
read_outbox (GalleyContents *self, GalleyReader *reader)
{
  g_auto (GalleyOutboxState) outbox = { 0 };

  self->connected = galley_reader_is_connected (reader);
  if (galley_outbox_get_state (reader, &self->row->project, &outbox, NULL))
    {
      self->shared_seq = outbox.own_seq - MIN (outbox.unsent, outbox.own_seq);
      self->position = outbox.position;
    }
}

/* The item's own fields show in its row. */
static void
take_item (GalleyContents *self, GPtrArray *past)
{
  for (guint i = 0; i < past->len; i++)
    {
      const GalleyEntity *entity = past->pdata[i];

      if (!galley_id_equal (&entity->id, &self->row->id))
        continue;
      g_free (self->row->name);
      self->row->name = g_strdup (galley_entity_get_string (entity, GALLEY_ITEM_NAME, ""));
      self->row->contested = entity->contested;
      g_ptr_array_remove_index (past, i);
      return;
    }
}

static gboolean
read_past (GalleyContents *self, GalleyReader *reader, GError **error)
{
  self->entities = galley_past_list_item (reader, &self->row->id, self->past_hlc, &self->whole,
                                          error);
  if (self->entities == NULL)
    return FALSE;

  take_item (self, self->entities);
  self->role = GALLEY_ROLE_GUEST;
  return TRUE;
}

/* What the list of items says of it, as far as it was another one then. */
static void
describe_past (GalleyContents *self)
{
  g_free (self->row->state);
  self->row->state = g_strdup (self->approval.state);
}

/**
 * galley_contents_read:
 * @past_hlc: 0: as it is now; else as it was then, as galley_past_list_item() takes it
 *
 * Returns: (transfer full): what the item holds; reader thread
 */
GalleyContents *
galley_contents_read (GalleyReader *reader,
                      const GalleyId *item,
                      const GalleyId *person,
                      const GalleyId *device,
                      guint64 past_hlc,
                      GError **error)
{
  g_autoptr (GalleyContents) self = g_new0 (GalleyContents, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->row = galley_reader_get_item (reader, item, error);
  self->tips = self->row != NULL ? galley_reader_list_tips (reader, &self->row->project, error)
                                 : NULL;
  if (self->tips == NULL)
    return NULL;

  self->person = *person;
  self->device = *device;
  self->whole = TRUE;
  self->past_hlc = past_hlc;
  self->role = galley_directory_get_role (reader, &self->row->project);
  if (past_hlc != 0 && !read_past (self, reader, error))
    return NULL;
  if (past_hlc == 0)
    self->entities = galley_reader_list_owned (reader, item, error);
  if (self->entities == NULL)
    return NULL;

  read_outbox (self, reader);
  self->versions = g_ptr_array_new ();
  self->verdicts = g_ptr_array_new_with_free_func (verdict_line_free);
  self->names = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  sort_out_entities (self, reader);
  for (guint i = 0; i < self->entities->len; i++)
    if (((GalleyEntity *)self->entities->pdata[i])->kind == GALLEY_KIND_DECISION)
      add_verdict (self, self->entities->pdata[i]);
  g_ptr_array_sort (self->verdicts, compare_lines);
  derive_approval (self, reader);
  if (past_hlc != 0)
    describe_past (self);
  return g_steal_pointer (&self);
}

/* Zero for a version that names no file. */
static GalleyHash
file_of (const GalleyContents *self, const GalleyId *version)
{
  GalleyHash file = { 0 };

  for (guint i = 0; i < self->versions->len; i++)
    {
      const GalleyEntity *entity = self->versions->pdata[i];
      GVariant *value = galley_entity_get_value (entity, GALLEY_VERSION_FILE);
      g_autoptr (GVariant) hash = NULL;

      if (!galley_id_equal (&entity->id, version) || value == NULL ||
          !g_variant_is_of_type (value, G_VARIANT_TYPE ("(ayts)")))
        continue;
      hash = g_variant_get_child_value (value, 0);
      if (g_variant_get_size (hash) == sizeof file)
        memcpy (&file, g_variant_get_data (hash), sizeof file);
    }

  return file;
}

/**
 * galley_contents_get_scope:
 * @version: (nullable): which one is on screen; %NULL for the newest
 *
 * Returns: (transfer full): what a decision covers that is made on what this shows
 */
GalleyDecisionScope *
galley_contents_get_scope (const GalleyContents *self, const GalleyId *version)
{
  GalleyHash file = version != NULL ? file_of (self, version) : self->row->file;
  GalleyDecisionScope *scope = galley_decision_scope_new (&file, self->position);

  for (guint i = 0; i < self->entities->len; i++)
    {
      const GalleyEntity *entity = self->entities->pdata[i];

      if (is_open_blocker (entity))
        g_array_append_val (scope->notes, entity->id);
    }

  return scope;
}

/**
 * galley_contents_name_of:
 *
 * Returns: (transfer none): never %NULL
 */
const char *
galley_contents_name_of (const GalleyContents *self, const GalleyId *person)
{
  const char *name = g_hash_table_lookup (self->names, person);

  return name != NULL ? name : "";
}

/**
 * galley_contents_number_of:
 *
 * Returns: the number of a version of the item; 0: not known
 */
guint
galley_contents_number_of (const GalleyContents *self, const GalleyId *version)
{
  for (guint i = 0; i < self->versions->len; i++)
    if (galley_id_equal (&((GalleyEntity *)self->versions->pdata[i])->id, version))
      return version_number (self->versions->pdata[i]);

  return 0;
}

/**
 * galley_contents_is_shared:
 *
 * Returns: whether the server has all that is in force of the entity
 */
gboolean
galley_contents_is_shared (const GalleyContents *self, const GalleyEntity *entity)
{
  for (guint i = 0; i < entity->fields->len; i++)
    {
      const GalleyField *field = entity->fields->pdata[i];

      for (guint n = 0; n < field->heads->len; n++)
        {
          const GalleyRef *ref = &g_array_index (field->heads, GalleyHead, n).ref;

          if (ref->seq > self->shared_seq && galley_id_equal (&ref->device, &self->device))
            return FALSE;
        }
    }

  return self->connected;
}
