/* galley-audit.c: what was changed, from what to what, by whom, and why it is as it is now
 *
 * Everything here follows from the journal; only the names of people, devices and things are those
 * of today.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-audit"

#include "data/galley-audit.h"

#include "data/galley-arrival.h"
#include "data/galley-contradiction.h"
#include "data/galley-decision.h"
#include "data/galley-directory.h"
#include "data/galley-intent.h"
#include "data/galley-resolve.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>

/* What a thing is called is a few words of it. */
#define SUBJECT_MAX_CHARS 60

static void
clear_step (gpointer data)
{
  g_free (((GalleyAuditStep *)data)->replaced);
}

static void
entry_free (gpointer data)
{
  GalleyAuditEntry *entry = data;

  g_array_unref (entry->steps);
  g_free (entry);
}

void
galley_audit_free (GalleyAudit *self)
{
  g_ptr_array_unref (self->entries);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_hash_table_unref (self->persons);
  g_hash_table_unref (self->devices);
  g_hash_table_unref (self->subjects);
  g_free (self);
}

/**
 * galley_audit_get_subject:
 *
 * Returns: (transfer none): what the thing is called now, or its first words; "" for what has none
 */
const char *
galley_audit_get_subject (const GalleyAudit *self, const GalleyId *entity)
{
  const char *subject = g_hash_table_lookup (self->subjects, entity);

  return subject != NULL ? subject : "";
}

/* ── reading ── */

/* A change's place in a field. */
typedef struct
{
  GalleyRef ref;
  GalleyId entity;
  guint16 field;
  char *element;
} Head;

static guint
head_hash (gconstpointer data)
{
  const Head *head = data;

  return galley_ref_hash (&head->ref) ^ galley_id_hash (&head->entity) ^ (head->field * 40503u) ^
         g_str_hash (head->element);
}

static gboolean
head_equal (gconstpointer a, gconstpointer b)
{
  const Head *x = a, *y = b;

  return x->field == y->field && galley_ref_equal (&x->ref, &y->ref) &&
         galley_id_equal (&x->entity, &y->entity) && g_str_equal (x->element, y->element);
}

static void
head_free (gpointer data)
{
  g_free (((Head *)data)->element);
  g_free (data);
}

typedef struct
{
  GalleyReader *reader;
  const GalleyJournalFilter *filter;
  GalleyAudit *audit;
  GHashTable *changes;   /* GalleyRef (of @refs) → GalleyChange: in the project of the entries */
  GPtrArray *refs;       /* of GalleyRef */
  GHashTable *heads;     /* set of Head: of the things in @audit->subjects */
  GalleyArrival arrival; /* the last one that was looked up, in @project */
  GalleyId project;
  GHashTable *keys; /* GalleyId → GalleyDevice: whose keys were asked for */
} Work;

static char *
shorten (const char *text)
{
  g_autofree char *start = g_utf8_substring (text, 0,
                                             MIN (g_utf8_strlen (text, -1), SUBJECT_MAX_CHARS));

  g_strdelimit (start, "\r\n\t", ' ');
  return strlen (start) < strlen (text) ? g_strconcat (start, "…", NULL) : g_steal_pointer (&start);
}

/* Its heads, and on the way what it is called. */
static gboolean
look_at_entity (Work *work, const GalleyEdit *edit, GError **error)
{
  GalleyDatabase *db = galley_reader_get_db (work->reader);
  sqlite3_stmt *query;
  char *subject = NULL;
  int stepped;

  if (g_hash_table_contains (work->audit->subjects, &edit->entity))
    return TRUE;

  query =
      galley_database_query (db, error,
                             "SELECT h.field, h.element, d.id, h.seq, h.value FROM derived_head h"
                             " JOIN device d ON d.number = h.device"
                             " WHERE h.entity = (SELECT number FROM derived_entity WHERE id = ?1)",
                             "n", &edit->entity);
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      Head *head = g_new0 (Head, 1);
      const GalleyFieldSpec *spec;

      head->entity = edit->entity;
      head->field = sqlite3_column_int (query, 0);
      head->element = galley_column_text (query, 1);
      galley_column_id (query, 2, &head->ref.device);
      head->ref.seq = sqlite3_column_int64 (query, 3);
      spec = galley_schema_get_field (edit->kind, head->field);
      if (subject == NULL && spec != NULL && spec->searched && *head->element == '\0')
        {
          g_autoptr (GVariant) value = galley_value_from_bytes (sqlite3_column_blob (query, 4),
                                                                sqlite3_column_bytes (query, 4));

          if (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
            subject = shorten (g_variant_get_string (value, NULL));
        }
      g_hash_table_add (work->heads, head);
    }

  g_hash_table_insert (work->audit->subjects, g_memdup2 (&edit->entity, sizeof (GalleyId)),
                       subject != NULL ? subject : g_strdup (""));
  return stepped == 0;
}

static gboolean
is_asked_for (const Work *work, const GalleyEdit *edit)
{
  const GalleyJournalFilter *filter = work->filter;

  /* Without a field all that belongs to the thing is meant, which its rows are already. */
  return filter->field == NULL ||
         (edit->field == *filter->field && galley_id_equal (&edit->entity, filter->entity) &&
          (filter->element == NULL || g_str_equal (edit->element, filter->element)));
}

static void
keep_change (Work *work, GalleyChange *change)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef *ref = g_new (GalleyRef, 1);

  ref->device = header->device;
  ref->seq = header->seq;
  g_ptr_array_add (work->refs, ref);
  g_hash_table_insert (work->changes, ref, change);
}

/* Not of the entries: then it is looked for in the journal. */
static GalleyChange *
find_change (Work *work, const GalleyId *project, const GalleyRef *ref)
{
  GalleyChange *change = g_hash_table_lookup (work->changes, ref);
  GalleyJournalRow *row;

  if (change != NULL)
    return change;

  row = galley_reader_get_change (work->reader, project, ref, NULL);
  if (row == NULL)
    return NULL;

  g_ptr_array_add (work->audit->rows, row);
  keep_change (work, row->change);
  return row->change;
}

static void
find_replaced (Work *work, const GalleyId *project, GalleyAuditStep *step)
{
  if (step->edit->n_supersedes == 0)
    return;

  step->replaced = g_new0 (const GalleyEdit *, step->edit->n_supersedes);
  for (guint i = 0; i < step->edit->n_supersedes; i++)
    {
      GalleyChange *change = find_change (work, project, &step->edit->supersedes[i]);
      const GalleyEdit *edit = change != NULL ? galley_contradiction_find_like (change, step->edit)
                                              : NULL;

      if (edit != NULL)
        step->replaced[step->n_replaced++] = edit;
    }
  work->audit->whole &= step->n_replaced == step->edit->n_supersedes;
}

static GalleyProof
prove (Work *work, const GalleyChangeHeader *header, const GalleyEdit *edit)
{
  g_autoptr (GalleyDecision) decision = NULL;
  GalleyDevice *device;

  if (edit->kind != GALLEY_KIND_DECISION || edit->field != GALLEY_DECISION_VERDICT ||
      edit->value == NULL)
    return GALLEY_PROOF_NONE;

  device = g_hash_table_lookup (work->keys, &header->device);
  if (device == NULL)
    {
      device = galley_directory_get_device (work->reader, &header->device, NULL);
      if (device == NULL)
        return GALLEY_PROOF_UNKNOWN;
      g_hash_table_insert (work->keys, g_memdup2 (&header->device, sizeof (GalleyId)), device);
    }

  decision = galley_decision_from_variant (edit->value, NULL);
  return decision != NULL && galley_decision_verify (decision, &header->project, &edit->entity,
                                                     &header->actor, device->public_key)
             ? GALLEY_PROOF_VALID
             : GALLEY_PROOF_INVALID;
}

/* What whoever settled a conflict wrote down of it. */
static void
read_choice (GVariant *records, GalleyAuditStep *step)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (step->edit->kind, step->edit->field);

  for (gsize i = 0; spec != NULL && i < g_variant_n_children (records); i++)
    {
      g_autoptr (GVariant) record = g_variant_get_child_value (records, i);
      const char *field = NULL, *element = "", *take = NULL, *rule = NULL;
      GalleyTake taken;

      g_variant_lookup (record, "element", "&s", &element);
      if (!g_variant_lookup (record, "field", "&s", &field) || !g_str_equal (field, spec->name) ||
          !g_str_equal (element, step->edit->element))
        continue;
      if (g_variant_lookup (record, "take", "&s", &take) && galley_take_parse (take, &taken))
        step->take = galley_take_to_string (taken);
      if (g_variant_lookup (record, "rule", "&s", &rule))
        step->rule = galley_merge_rule_intern (rule);
    }
}

/* (transfer full) (nullable) */
static GVariant *
find_choices (GalleyChange *change)
{
  g_autoptr (GVariant) extra = NULL;

  /* Few changes settle anything: the rest need not be looked into. */
  if (g_strcmp0 (galley_change_get_intent (change), GALLEY_INTENT_RESOLVE) != 0)
    return NULL;

  extra = galley_change_dup_extra (change);
  return extra != NULL ? g_variant_lookup_value (extra, "resolved", G_VARIANT_TYPE ("aa{sv}"))
                       : NULL;
}

static const char *
name_of_person (Work *work, const GalleyId *id)
{
  char *name = g_hash_table_lookup (work->audit->persons, id);

  if (name == NULL)
    {
      name = galley_directory_name_of (work->reader, id);
      g_hash_table_insert (work->audit->persons, g_memdup2 (id, sizeof *id), name);
    }
  return name;
}

/* Nobody knows a person by an id. */
static const char *
words_for_element (Work *work, const GalleyEdit *edit)
{
  GalleyId person;

  return galley_schema_lists_persons (edit->kind, edit->field) &&
                 galley_id_parse (edit->element, &person, NULL)
             ? name_of_person (work, &person)
             : edit->element;
}

static gboolean
add_steps (Work *work, GalleyAuditEntry *entry, GError **error)
{
  GalleyChange *change = entry->row->change;
  const GalleyChangeHeader *header = galley_change_get_header (change);
  g_autoptr (GVariant) records = find_choices (change);

  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      GalleyAuditStep step = { .edit = galley_change_get_edit (change, i) };
      Head head = { { header->device, header->seq },
                    step.edit->entity,
                    step.edit->field,
                    (char *)step.edit->element };

      if (!is_asked_for (work, step.edit))
        continue;
      if (!look_at_entity (work, step.edit, error))
        return FALSE;
      step.element = words_for_element (work, step.edit);
      step.stands = g_hash_table_contains (work->heads, &head);
      step.proof = prove (work, header, step.edit);
      find_replaced (work, &header->project, &step);
      if (records != NULL)
        read_choice (records, &step);
      g_array_append_val (entry->steps, step);
    }

  return TRUE;
}

static const char *
name_of_device (Work *work, const GalleyId *id)
{
  char *name = g_hash_table_lookup (work->audit->devices, id);

  if (name == NULL)
    {
      g_autoptr (GalleyDevice) device = galley_directory_get_device (work->reader, id, NULL);

      if (device != NULL && device->name != NULL)
        name = g_strdup (device->name);
      else
        name = g_strdup (galley_id_equal (id, galley_reader_get_device (work->reader))
                             ? _ ("This computer")
                             : _ ("A computer without a name"));
      g_hash_table_insert (work->audit->devices, g_memdup2 (id, sizeof *id), name);
    }
  return name;
}

/* Most changes came with others. */
static gboolean
find_shared (Work *work, GalleyAuditEntry *entry, GError **error)
{
  const GalleyId *project = &galley_change_get_header (entry->row->change)->project;
  guint64 position = entry->row->position;

  if (position == 0)
    return TRUE;
  if (position <= work->arrival.after || position > work->arrival.until ||
      !galley_id_equal (&work->project, project))
    {
      work->project = *project;
      if (!galley_arrival_find (work->reader, project, position, &work->arrival, error))
        return FALSE;
    }

  entry->shared_us = work->arrival.seen_us;
  return TRUE;
}

static gboolean
add_entry (Work *work, GalleyJournalRow *row, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (row->change);
  GalleyAuditEntry *entry = g_new0 (GalleyAuditEntry, 1);

  entry->row = row;
  entry->person = name_of_person (work, &header->actor);
  entry->device = name_of_device (work, &header->device);
  entry->made_us = galley_change_get_time_us (row->change);
  entry->steps = g_array_new (FALSE, FALSE, sizeof (GalleyAuditStep));
  g_array_set_clear_func (entry->steps, clear_step);
  g_ptr_array_add (work->audit->entries, entry);
  return find_shared (work, entry, error) && add_steps (work, entry, error);
}

static gboolean
read_entries (Work *work, GError **error)
{
  GalleyJournalFilter wide = *work->filter;
  GPtrArray *rows;
  guint limit = work->filter->limit != 0 || wide.entity == NULL ? work->filter->limit : G_MAXUINT;
  guint n_rows;

  /* What is listed of a thing is found by walking back from what it holds, so that all of it is met
   * whatever the limit; and what was replaced is among it. */
  if (wide.entity != NULL)
    wide.limit = G_MAXUINT;
  rows = galley_reader_list_journal (work->reader, &wide, error);
  if (rows == NULL)
    return FALSE;

  work->audit->rows = rows;
  n_rows = rows->len;
  /* A name is one change's in a project only; what is listed may be of several. */
  for (guint i = 0; wide.entity != NULL && i < n_rows; i++)
    keep_change (work, ((GalleyJournalRow *)rows->pdata[i])->change);
  work->audit->more = n_rows > 0 && n_rows >= limit;
  for (guint i = 0; i < MIN (n_rows, wide.entity != NULL ? limit : n_rows); i++)
    if (!add_entry (work, rows->pdata[i], error))
      return FALSE;

  return TRUE;
}

/**
 * galley_audit_read:
 * @filter: which changes, as galley_reader_list_journal() takes it; a @limit of 0: all of a thing,
 *   100 of a journal
 *
 * Reader thread. Of a thing the time grows with the number of its changes, whatever else there is.
 *
 * Returns: (transfer full): the changes, with what each replaced and whether it still stands
 */
GalleyAudit *
galley_audit_read (GalleyReader *reader, const GalleyJournalFilter *filter, GError **error)
{
  g_autoptr (GalleyAudit) self = g_new0 (GalleyAudit, 1);
  Work work = { .reader = reader, .filter = filter, .audit = self };
  gboolean read;

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->persons = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_free);
  self->devices = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_free);
  self->subjects = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_free);
  self->whole = TRUE;
  work.changes = g_hash_table_new (galley_ref_hash, galley_ref_equal);
  work.refs = g_ptr_array_new_with_free_func (g_free);
  work.heads = g_hash_table_new_full (head_hash, head_equal, head_free, NULL);
  work.keys = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free,
                                     (GDestroyNotify)galley_device_free);

  read = read_entries (&work, error);
  g_hash_table_unref (work.changes);
  g_ptr_array_unref (work.refs);
  g_hash_table_unref (work.heads);
  g_hash_table_unref (work.keys);
  return read ? g_steal_pointer (&self) : NULL;
}

/* ── why ── */

static const GalleyField *
find_field (const GalleyEntity *entity, guint16 number, const char *element)
{
  for (guint i = 0; i < entity->fields->len; i++)
    {
      const GalleyField *field = entity->fields->pdata[i];

      if (field->number == number && (element == NULL || g_str_equal (field->element, element)))
        return field;
    }

  return NULL;
}

/* The change by which a value came to stand. */
static const GalleyAuditStep *
find_step (const GalleyAudit *self,
           const GalleyEntity *entity,
           const GalleyField *field,
           const GalleyRef *ref,
           const GalleyAuditEntry **in)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const GalleyAuditEntry *entry = self->entries->pdata[i];
      const GalleyChangeHeader *header = galley_change_get_header (entry->row->change);

      if (header->seq != ref->seq || !galley_id_equal (&header->device, &ref->device))
        continue;
      for (guint k = 0; k < entry->steps->len; k++)
        {
          const GalleyAuditStep *step = &g_array_index (entry->steps, GalleyAuditStep, k);

          if (step->edit->field == field->number &&
              galley_id_equal (&step->edit->entity, &entity->id) &&
              g_str_equal (step->edit->element, field->element))
            {
              *in = entry;
              return step;
            }
        }
    }

  return NULL;
}

/* Of a field that came to one value. */
static char *
explain_one (const GalleyAudit *self, const GalleyEntity *entity, const GalleyField *field)
{
  const GalleyAuditEntry *entry = NULL;
  const GalleyAuditStep *step =
      find_step (self, entity, field, &g_array_index (field->heads, GalleyHead, 0).ref, &entry);

  if (step == NULL)
    return g_strdup (_ ("What it was before is not on this computer yet."));
  if (step->edit->n_supersedes == 0)
    return g_strdup_printf (_ ("%s set it, and nobody has changed it since."), entry->person);
  if (step->edit->n_supersedes == 1)
    return g_strdup_printf (_ ("%s set it last, and had seen what was there before."),
                            entry->person);
  return g_strdup_printf (ngettext ("%s settled it, and had seen the %u value that stood there.",
                                    "%s settled it, and had seen the %u values that stood there.",
                                    step->edit->n_supersedes),
                          entry->person, step->edit->n_supersedes);
}

/**
 * galley_audit_explain:
 * @self: of the field, or of all of @entity
 * @entity: as it is now
 * @element: (nullable): of a set or an order, which
 *
 * Returns: (transfer full): a sentence: why the field has the value that it has
 */
char *
galley_audit_explain (const GalleyAudit *self,
                      const GalleyEntity *entity,
                      const GalleyFieldSpec *spec,
                      const char *element)
{
  const GalleyField *field = find_field (entity, spec->number, element);

  if (field == NULL || field->heads->len == 0)
    return g_strdup (_ ("Nobody has set it."));
  if (element == NULL && (spec->type == GALLEY_FIELD_SET || spec->type == GALLEY_FIELD_ORDER))
    return g_strdup (_ ("Each element has come about by itself; name one with --element."));
  if (field->heads->len == 1)
    return explain_one (self, entity, field);

  return g_strdup (galley_merge_explain (field->rule));
}

/**
 * galley_proof_to_string:
 *
 * Returns: (nullable): static; %NULL where there is nothing to be signed
 */
const char *
galley_proof_to_string (GalleyProof proof)
{
  static const char *const names[] = { NULL, "valid", "invalid", "unknown" };

  return proof < G_N_ELEMENTS (names) ? names[proof] : NULL;
}
