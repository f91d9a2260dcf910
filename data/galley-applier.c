/* galley-applier.c: the door's inner side: what a change does to the derived tables
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-applier"

#include "data/galley-applier.h"

#include "data/galley-contradiction.h"
#include "data/galley-draft-private.h"
#include "data/galley-heads.h"
#include "data/galley-item-table.h"
#include "data/galley-rule-book.h"
#include "data/galley-sabotage.h"
#include "data/galley-search-table.h"

#include <string.h>

/* Entities are looked up again and again in a batch; more than this is a memory leak by design. */
#define MAX_CACHED_ENTITIES 20000
/* Heads of one field that are looked at without allocating; concurrent edits are rarely more. */
#define FEW_HEADS 16

enum
{
  ALIVE_NO = 0,
  ALIVE_YES = 1,
  ALIVE_CONTESTED = 2, /* deleted by one, edited by another: visible and marked */
};

typedef struct
{
  gint64 project;
  GalleyDigest digest;
} CachedDigest;

struct _GalleyApplier
{
  GalleyDatabase *db;     /* borrowed */
  GalleyJournal *journal; /* borrowed */
  GHashTable *entities;   /* of GalleyEntityRow (owned): by id, project and kind */
  GArray *digests;        /* of CachedDigest */
  GalleyRuleBook *rules;
  GHashTable *touched; /* number → GalleyEntityRow (owned copy) */
  GalleyItemTable *items;
  GalleySearchTable *search;
  gboolean gone_known, any_gone; /* whether anything at all is deleted */
  gboolean conflicts_moved;
};

/* Two projects, or two kinds within one, may use the same id: those are different things, so that
 * nobody's stream depends on what else a device follows. */
static guint
hash_row (gconstpointer data)
{
  const GalleyEntityRow *row = data;

  return galley_id_hash (&row->id) ^ (guint)row->project << 8 ^ row->kind;
}

static gboolean
rows_equal (gconstpointer a, gconstpointer b)
{
  const GalleyEntityRow *x = a, *y = b;

  return galley_id_equal (&x->id, &y->id) && x->project == y->project && x->kind == y->kind;
}

GalleyApplier *
galley_applier_new (GalleyDatabase *db, GalleyJournal *journal)
{
  GalleyApplier *self = g_new0 (GalleyApplier, 1);

  self->db = db;
  self->journal = journal;
  self->entities = g_hash_table_new_full (hash_row, rows_equal, NULL, g_free);
  self->touched = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  self->digests = g_array_new (FALSE, TRUE, sizeof (CachedDigest));
  self->rules = galley_rule_book_new (journal);
  self->items = galley_item_table_new (db);
  self->search = galley_search_table_new (db);
  return self;
}

void
galley_applier_free (GalleyApplier *self)
{
  g_hash_table_unref (self->entities);
  g_hash_table_unref (self->touched);
  g_array_unref (self->digests);
  galley_rule_book_free (self->rules);
  galley_item_table_free (self->items);
  galley_search_table_free (self->search);
  g_free (self);
}

/**
 * galley_applier_forget:
 *
 * For the start of a transaction, since another program may have written, and after a rollback.
 */
void
galley_applier_forget (GalleyApplier *self)
{
  g_hash_table_remove_all (self->entities);
  g_hash_table_remove_all (self->touched);
  g_array_set_size (self->digests, 0);
  galley_rule_book_forget (self->rules);
  galley_item_table_forget (self->items);
  galley_search_table_forget (self->search);
  self->gone_known = FALSE;
  self->conflicts_moved = FALSE;
}

static GalleyDigest *
get_digest (GalleyApplier *self, gint64 project, GError **error)
{
  CachedDigest cached = { .project = project };

  for (guint i = 0; i < self->digests->len; i++)
    if (g_array_index (self->digests, CachedDigest, i).project == project)
      return &g_array_index (self->digests, CachedDigest, i).digest;

  if (!galley_digest_load (self->db, project, &cached.digest, error))
    return NULL;
  g_array_append_val (self->digests, cached);
  return &g_array_index (self->digests, CachedDigest, self->digests->len - 1).digest;
}

/* ── entities ── */

#define ENTITY_COLUMNS                                                                             \
  "SELECT e.number, e.id, e.project, e.parent, e.owner, e.kind, e.author, o.id"                    \
  " FROM derived_entity e LEFT JOIN derived_entity o ON o.number = e.owner"

static gboolean
read_entity (GalleyApplier *self, sqlite3_stmt *query, GalleyEntityRow **row, GError **error)
{
  int stepped = query != NULL ? galley_database_step (self->db, query, error) : -1;

  *row = NULL;
  if (stepped <= 0)
    return stepped == 0;

  *row = g_new0 (GalleyEntityRow, 1);
  (*row)->number = sqlite3_column_int64 (query, 0);
  galley_column_id (query, 1, &(*row)->id);
  (*row)->project = sqlite3_column_int64 (query, 2);
  (*row)->parent = sqlite3_column_int64 (query, 3);
  (*row)->owner = sqlite3_column_int64 (query, 4);
  (*row)->kind = sqlite3_column_int (query, 5);
  galley_column_id (query, 6, &(*row)->author);
  galley_column_id (query, 7, &(*row)->owner_id);
  if ((*row)->kind == GALLEY_KIND_ITEM)
    (*row)->owner_id = (*row)->id;
  galley_database_done (query);
  return TRUE;
}

static const GalleyEntityRow *
keep_entity (GalleyApplier *self, GalleyEntityRow *row)
{
  if (g_hash_table_size (self->entities) >= MAX_CACHED_ENTITIES)
    g_hash_table_remove_all (self->entities);
  g_hash_table_replace (self->entities, row, row);
  return row;
}

/**
 * galley_applier_find:
 * @project: its number in this database
 * @row: (out) (transfer none) (nullable): %NULL when there is no such entity; good until the next
 *   call
 */
gboolean
galley_applier_find (GalleyApplier *self,
                     gint64 project,
                     guint8 kind,
                     const GalleyId *id,
                     const GalleyEntityRow **row,
                     GError **error)
{
  GalleyEntityRow key = { .id = *id, .project = project, .kind = kind };
  GalleyEntityRow *found;

  *row = g_hash_table_lookup (self->entities, &key);
  if (*row != NULL)
    return TRUE;

  if (!read_entity (self,
                    galley_database_query (self->db, error,
                                           ENTITY_COLUMNS
                                           " WHERE e.id = ?1 AND e.project = ?2 AND e.kind = ?3",
                                           "nii", id, project, (gint64)kind),
                    &found, error))
    return FALSE;

  *row = found != NULL ? keep_entity (self, found) : NULL;
  return TRUE;
}

static guint8
usual_parent_of (guint8 kind)
{
  switch (kind)
    {
    case GALLEY_KIND_VERSION:
    case GALLEY_KIND_ANNOTATION:
    case GALLEY_KIND_DECISION:
      return GALLEY_KIND_ITEM;

    case GALLEY_KIND_COMMENT:
      return GALLEY_KIND_ANNOTATION;

    default:
      return GALLEY_KIND_PROJECT;
    }
}

/* A parent is named by its id alone: what is usual for the kind, else whatever has the id. */
static gboolean
find_parent (GalleyApplier *self,
             gint64 project,
             guint8 kind,
             const GalleyId *id,
             const GalleyEntityRow **row,
             GError **error)
{
  GalleyEntityRow *found;

  if (!galley_applier_find (self, project, usual_parent_of (kind), id, row, error))
    return FALSE;
  if (*row != NULL)
    return TRUE;

  if (!read_entity (self,
                    galley_database_query (self->db, error,
                                           ENTITY_COLUMNS " WHERE e.id = ?1 AND e.project = ?2"
                                                          " ORDER BY e.kind LIMIT 1",
                                           "ni", id, project),
                    &found, error))
    return FALSE;

  *row = found != NULL ? keep_entity (self, found) : NULL;
  return TRUE;
}

/* What the change says is the parent of an entity that it makes. */
static gboolean
find_parent_id (GalleyChange *change, const GalleyId *entity, GalleyId *parent)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      gsize bytes;
      gconstpointer data;

      if (edit->field != GALLEY_F_PARENT || !galley_id_equal (&edit->entity, entity) ||
          edit->value == NULL || !g_variant_is_of_type (edit->value, G_VARIANT_TYPE_BYTESTRING))
        continue;
      data = g_variant_get_fixed_array (edit->value, &bytes, 1);
      if (bytes != sizeof *parent)
        return FALSE;
      memcpy (parent, data, bytes);
      return TRUE;
    }

  return FALSE;
}

static gboolean
make_entity (GalleyApplier *self,
             gint64 project,
             GalleyChange *change,
             const GalleyEdit *edit,
             const GalleyEntityRow **made,
             GError **error)
{
  g_autofree GalleyEntityRow *row = g_new0 (GalleyEntityRow, 1);
  const GalleyEntityRow *parent = NULL;
  GalleyId parent_id;

  if (find_parent_id (change, &edit->entity, &parent_id) &&
      !find_parent (self, project, edit->kind, &parent_id, &parent, error))
    return FALSE;

  row->id = edit->entity;
  row->author = galley_change_get_header (change)->actor;
  row->kind = edit->kind;
  row->project = project;
  if (parent != NULL)
    {
      row->parent = parent->number;
      row->owner = parent->kind == GALLEY_KIND_ITEM ? parent->number : parent->owner;
      row->owner_id = parent->owner_id;
    }
  if (edit->kind == GALLEY_KIND_ITEM)
    row->owner_id = row->id;

  if (!galley_database_run (self->db, error,
                            "INSERT INTO derived_entity (id, project, kind, parent, owner, author,"
                            " alive, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)",
                            "niiiini", &row->id, project, (gint64)row->kind, row->parent,
                            row->owner, &row->author, galley_change_get_time_us (change)))
    return FALSE;

  row->number = sqlite3_last_insert_rowid (galley_database_get_handle (self->db));
  galley_search_table_mark (self->search, row->number, TRUE);
  *made = keep_entity (self, g_steal_pointer (&row));
  return TRUE;
}

static void
touch (GalleyApplier *self, const GalleyEntityRow *row)
{
  if (!g_hash_table_contains (self->touched, &row->number))
    {
      GalleyEntityRow *copy = g_memdup2 (row, sizeof *row);

      g_hash_table_insert (self->touched, &copy->number, copy);
    }
}

/* ── the rules in force ── */

/**
 * galley_applier_find_rules:
 * @rules: (out): cleared with galley_merge_rules_clear(); its set may be one that only a newer
 *   Galley knows
 */
gboolean
galley_applier_find_rules (GalleyApplier *self,
                           const GalleyEntityRow *row,
                           guint16 field,
                           GalleyMergeRules *rules,
                           GError **error)
{
  const GalleyRuleQuestion question = { row->project, row->kind, field,
                                        row->kind == GALLEY_KIND_ITEM ? row->number : row->owner,
                                        row->author };

  return galley_rule_book_find (self->rules, &question, rules, error);
}

void
galley_applier_suppose_rules (GalleyApplier *self, guint set, GVariant *policies)
{
  galley_rule_book_suppose (self->rules, set, policies);
}

/* ── contested fields ── */

static gboolean
save_contested (GalleyApplier *self,
                const GalleyEntityRow *row,
                guint16 field,
                const char *element,
                const GArray *heads,
                const GalleyMerge *merge,
                GError **error)
{
  g_autoptr (GBytes) value = galley_value_to_bytes (merge->value);
  gint64 since_us = 0;
  gsize bytes;
  gconstpointer data = g_bytes_get_data (value, &bytes);

  for (guint i = 0; i < heads->len; i++)
    {
      const GalleyHead *head = &g_array_index (heads, GalleyHead, i);

      since_us = MAX (since_us, (gint64)(head->hlc >> 16) * 1000);
    }

  self->conflicts_moved = TRUE;
  return galley_database_run (
      self->db, error,
      "INSERT INTO derived_contested VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE"
      " SET state = excluded.state, rule = excluded.rule, value = excluded.value,"
      " since_us = excluded.since_us",
      "iisisbi", row->number, (gint64)field, element, (gint64)merge->state, merge->rule,
      bytes > 0 ? data : NULL, bytes, since_us);
}

static gboolean
clear_contested (GalleyApplier *self,
                 const GalleyEntityRow *row,
                 guint16 field,
                 const char *element,
                 GError **error)
{
  if (!galley_database_run (self->db, error,
                            "DELETE FROM derived_contested"
                            " WHERE entity = ?1 AND field = ?2 AND element = ?3",
                            "iis", row->number, (gint64)field, element))
    return FALSE;

  self->conflicts_moved |= galley_database_changes (self->db) > 0;
  return TRUE;
}

static gboolean
find_base (GalleyApplier *self,
           const GalleyEntityRow *row,
           guint16 field,
           const char *element,
           const GArray *heads,
           GalleyBase *base,
           GError **error)
{
  g_autofree GalleyRef *refs = g_new (GalleyRef, heads->len);

  for (guint i = 0; i < heads->len; i++)
    refs[i] = g_array_index (heads, GalleyHead, i).ref;

  return galley_journal_find_base (self->journal, row->project, &row->id, field, element, refs,
                                   heads->len, NULL, base, error);
}

static gboolean
settle_field (GalleyApplier *self,
              const GalleyEntityRow *row,
              guint16 field,
              const char *element,
              GError **error)
{
  g_autoptr (GArray) heads = galley_heads_list (self->journal, row->number, field, element, error);
  g_auto (GalleyMerge) merge = { 0 };
  g_auto (GalleyMergeRules) rules = { 0 };
  GalleyBase base = { 0 };

  if (heads == NULL)
    return FALSE;
  if (heads->len < 2)
    return clear_contested (self, row, field, element, error);
  if (!galley_applier_find_rules (self, row, field, &rules, error) ||
      !find_base (self, row, field, element, heads, &base, error))
    return FALSE;

  galley_merge (&rules, galley_schema_get_field (row->kind, field), base.known, base.value,
                (const GalleyHead *)heads->data, heads->len, &merge);
  g_clear_pointer (&base.value, g_variant_unref);
  return save_contested (self, row, field, element, heads, &merge, error);
}

/* ── being there or not ── */

/* The changes that are heads of the entity, or of what belongs to it: all there is, for a project.
 */
static sqlite3_stmt *
query_heads_of (GalleyApplier *self, const GalleyEntityRow *row, GError **error)
{
  if (row->kind == GALLEY_KIND_PROJECT)
    return galley_database_query (self->db, error,
                                  "SELECT d.id, h.seq FROM derived_head h JOIN device d ON"
                                  " d.number = h.device JOIN derived_entity e ON"
                                  " e.number = h.entity WHERE h.field <> 0 AND e.project = ?1",
                                  "i", row->project);

  return galley_database_query (
      self->db, error,
      "SELECT d.id, h.seq FROM derived_head h JOIN device d ON d.number = h.device"
      " WHERE h.field <> 0 AND " GALLEY_HEADS_OF_WHOLE,
      "iii", row->number, row->kind == GALLEY_KIND_ITEM ? row->number : row->owner, row->project);
}

/* Whether every one of the deletes among @heads was made without having seen some edit: of the
 * entity itself, or of what belongs to it. */
static gboolean
find_unseen (GalleyApplier *self,
             const GalleyEntityRow *row,
             const GArray *heads,
             gboolean *unseen,
             GError **error)
{
  sqlite3_stmt *query = query_heads_of (self, row, error);
  int stepped = query != NULL ? 1 : -1;

  *unseen = FALSE;
  while (stepped > 0 && !*unseen && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyRef ref;
      gboolean seen = FALSE;

      galley_column_id (query, 0, &ref.device);
      ref.seq = sqlite3_column_int64 (query, 1);
      for (guint i = 0; i < heads->len && !seen; i++)
        {
          const GalleyHead *head = &g_array_index (heads, GalleyHead, i);

          seen = galley_lifecycle_saw (head->value, &ref) ||
                 (galley_id_equal (&head->ref.device, &ref.device) && ref.seq <= head->ref.seq);
        }
      *unseen = !seen && !GALLEY_SABOTAGED (DELETE_WINS);
    }
  if (*unseen)
    galley_database_done (query);

  return stepped >= 0;
}

static gboolean
set_alive (GalleyApplier *self, const GalleyEntityRow *row, gint64 alive, GError **error)
{
  if (!galley_database_run (self->db, error,
                            "UPDATE derived_entity SET alive = ?2 WHERE number = ?1 AND alive <> "
                            "?2",
                            "ii", row->number, alive))
    return FALSE;
  if (galley_database_changes (self->db) == 0)
    return TRUE;

  self->any_gone |= alive != ALIVE_YES;
  self->conflicts_moved = TRUE;
  touch (self, row);
  galley_search_table_mark (self->search, row->number, FALSE);
  galley_item_table_mark (self->items, row, 0, TRUE);
  return TRUE;
}

static gboolean
is_well_formed_lifecycle (const GArray *heads)
{
  for (guint i = 0; i < heads->len; i++)
    {
      GVariant *value = g_array_index (heads, GalleyHead, i).value;

      if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE ("(ba(ayt))")))
        return FALSE;
    }

  return TRUE;
}

static gboolean
settle_lifecycle (GalleyApplier *self, const GalleyEntityRow *row, GError **error)
{
  g_autoptr (GArray)
      heads = galley_heads_list (self->journal, row->number, GALLEY_F_ALIVE, "", error);
  g_auto (GalleyMerge) merge = { 0 };
  g_auto (GalleyMergeRules) rules = { 0 };
  gboolean unseen = FALSE;

  if (heads == NULL)
    return FALSE;
  if (heads->len == 0 || !is_well_formed_lifecycle (heads))
    return TRUE;

  if (!galley_applier_find_rules (self, row, GALLEY_F_ALIVE, &rules, error))
    return FALSE;
  galley_merge (&rules, galley_schema_get_field (row->kind, GALLEY_F_ALIVE), FALSE, NULL,
                (const GalleyHead *)heads->data, heads->len, &merge);
  if (merge.state == GALLEY_STATE_SETTLED && !galley_lifecycle_is_alive (merge.value))
    {
      if (!find_unseen (self, row, heads, &unseen, error))
        return FALSE;
      if (!unseen)
        return clear_contested (self, row, GALLEY_F_ALIVE, "", error) &&
               set_alive (self, row, ALIVE_NO, error);

      galley_merge_clear (&merge);
      merge.state = GALLEY_STATE_CONFLICT;
      merge.rule = "kept";
      merge.value = g_variant_ref_sink (galley_lifecycle_value (TRUE, NULL, 0));
    }

  if (merge.state == GALLEY_STATE_CONFLICT)
    return save_contested (self, row, GALLEY_F_ALIVE, "", heads, &merge, error) &&
           set_alive (self, row, ALIVE_CONTESTED, error);

  return clear_contested (self, row, GALLEY_F_ALIVE, "", error) &&
         set_alive (self, row, ALIVE_YES, error);
}

static gboolean
load_gone (GalleyApplier *self, GError **error)
{
  gint64 any = 0;

  if (self->gone_known)
    return TRUE;
  if (!galley_database_get_int (self->db, &any, error,
                                "SELECT EXISTS (SELECT 1 FROM derived_entity WHERE alive <> 1)",
                                ""))
    return FALSE;

  self->any_gone = any;
  self->gone_known = TRUE;
  return TRUE;
}

/* An edit of something that was deleted, or of a part of it: who deleted it had not seen that. */
static gboolean
look_for_gone (GalleyApplier *self, const GalleyEntityRow *row, GError **error)
{
  gint64 numbers[] = { row->number, row->parent, row->owner, 0 };

  if (!load_gone (self, error))
    return FALSE;
  if (!self->any_gone)
    return TRUE;
  /* Everything is a part of its project, however far down. */
  if (!galley_database_get_int (self->db, &numbers[3], error,
                                "SELECT e.number FROM project p JOIN derived_entity e ON"
                                " e.id = p.id AND e.project = p.number AND e.kind = ?2"
                                " WHERE p.number = ?1",
                                "ii", row->project, (gint64)GALLEY_KIND_PROJECT))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree GalleyEntityRow *gone = NULL;

      if (!read_entity (self,
                        galley_database_query (self->db, error,
                                               ENTITY_COLUMNS
                                               " WHERE e.number = ?1 AND e.alive <> 1",
                                               "i", numbers[i]),
                        &gone, error))
        return FALSE;
      if (gone != NULL && !settle_lifecycle (self, gone, error))
        return FALSE;
    }

  return TRUE;
}

/* ── edits ── */

typedef struct
{
  gint64 device;
  gint64 seq;
} HeadKey;

static gboolean
list_head_keys (GalleyApplier *self,
                const GalleyEntityRow *row,
                const GalleyEdit *edit,
                GArray *keys,
                GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT device, seq FROM derived_head WHERE entity "
                                               "= ?1 AND field = ?2 AND element = ?3",
                                               "iis", row->number, (gint64)edit->field,
                                               edit->element);
  int stepped;

  g_array_set_size (keys, 0);
  if (query == NULL)
    return FALSE;

  while ((stepped = galley_database_step (self->db, query, error)) > 0)
    {
      HeadKey key = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1) };

      g_array_append_val (keys, key);
    }

  return stepped == 0;
}

static gboolean
has_key (const GArray *keys, gint64 device, guint64 seq)
{
  for (guint i = 0; i < keys->len; i++)
    if (g_array_index (keys, HeadKey, i).device == device &&
        g_array_index (keys, HeadKey, i).seq == (gint64)seq)
      return TRUE;

  return FALSE;
}

static gboolean
remove_head (GalleyApplier *self,
             const GalleyEntityRow *row,
             guint16 field,
             const char *element,
             gint64 device,
             const GalleyRef *ref,
             GError **error)
{
  GalleyDigest *digest = get_digest (self, row->project, error);

  if (digest == NULL ||
      !galley_database_run (self->db, error,
                            "DELETE FROM derived_head WHERE entity = ?1 AND field = ?2"
                            " AND element = ?3 AND device = ?4 AND seq = ?5",
                            "iisii", row->number, (gint64)field, element, device, (gint64)ref->seq))
    return FALSE;

  if (!GALLEY_SABOTAGED (STALE_DIGEST) || *element == '\0')
    galley_digest_subtract (digest, &row->id, field, element, ref);
  return TRUE;
}

static gboolean
add_head (GalleyApplier *self,
          const GalleyEntityRow *row,
          guint16 field,
          const char *element,
          gint64 device,
          const GalleyRef *ref,
          guint64 hlc,
          gconstpointer value,
          gsize value_bytes,
          GError **error)
{
  GalleyDigest *digest = get_digest (self, row->project, error);

  if (digest == NULL ||
      !galley_database_run (self->db, error,
                            "INSERT INTO derived_head VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                            "iisiiib", row->number, (gint64)field, element, device,
                            (gint64)ref->seq, (gint64)hlc, value_bytes > 0 ? value : NULL,
                            value_bytes))
    return FALSE;

  galley_digest_add (digest, &row->id, field, element, ref);
  return TRUE;
}

/* heads := (heads − supersedes) ∪ {change}; @left: how many were not superseded. */
static gboolean
replace_heads (GalleyApplier *self,
               const GalleyEntityRow *row,
               GalleyChange *change,
               guint index,
               gint64 device,
               GArray *keys,
               guint *left,
               GError **error)
{
  const GalleyEdit *edit = galley_change_get_edit (change, index);
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef ref = { header->device, header->seq };
  gsize bytes;
  gconstpointer value = galley_change_get_value_bytes (change, index, &bytes);

  *left = keys->len;
  for (guint i = 0; i < edit->n_supersedes && keys->len > 0; i++)
    {
      const GalleyRef *old = &edit->supersedes[i];
      gint64 old_device;

      if (!galley_journal_find_device (self->journal, &old->device, &old_device, error))
        return FALSE;
      for (guint k = 0; k < keys->len; k++)
        {
          HeadKey *key = &g_array_index (keys, HeadKey, k);

          if (key->device != old_device || key->seq != (gint64)old->seq)
            continue;
          if (!remove_head (self, row, edit->field, edit->element, old_device, old, error))
            return FALSE;
          /* Named twice by a careless author, it still goes only once. */
          key->device = 0;
          (*left)--;
        }
    }

  return add_head (self, row, edit->field, edit->element, device, &ref, header->hlc, value, bytes,
                   error);
}

static void
mark_dirty (GalleyApplier *self,
            const GalleyEntityRow *row,
            const GalleyFieldSpec *spec,
            GalleyChange *change)
{
  gboolean whole = row->kind != GALLEY_KIND_COMMENT && row->kind != GALLEY_KIND_REMARK &&
                   (row->kind != GALLEY_KIND_ANNOTATION || spec == NULL ||
                    spec->number == GALLEY_ANNOTATION_BLOCKING ||
                    spec->number == GALLEY_ANNOTATION_STATUS);

  touch (self, row);
  self->conflicts_moved |= row->kind == GALLEY_KIND_REMARK;
  if (spec != NULL && spec->searched)
    galley_search_table_mark (self->search, row->number, FALSE);
  galley_item_table_mark (self->items, row, galley_change_get_time_us (change), whole);
}

static gboolean settle_listed (GalleyApplier *self, gint64 project, gint64 item, GError **error);

/* Other rules make something else of every contested field; other assignees may of an item's. */
static gboolean
look_at_rules (GalleyApplier *self, const GalleyEntityRow *row, guint16 field, GError **error)
{
  GVariant *policies;
  guint set;

  if (row->kind == GALLEY_KIND_PROJECT &&
      (field == GALLEY_PROJECT_RULES || field == GALLEY_PROJECT_POLICIES) &&
      !GALLEY_SABOTAGED (POLICY_UNHEARD))
    return galley_applier_settle_again (self, row->project, error);
  if (row->kind != GALLEY_KIND_ITEM || field != GALLEY_ITEM_ASSIGNEES)
    return TRUE;

  return galley_rule_book_read (self->rules, row->project, &set, &policies, error) &&
         (policies == NULL || settle_listed (self, row->project, row->number, error));
}

static gboolean
apply_edit (GalleyApplier *self,
            gint64 project,
            GalleyChange *change,
            guint index,
            gint64 device,
            GArray *keys,
            GError **error)
{
  const GalleyEdit *edit = galley_change_get_edit (change, index);
  const GalleyEntityRow *row;
  gboolean was_contested, is_new;
  guint left;

  if (!galley_applier_find (self, project, edit->kind, &edit->entity, &row, error))
    return FALSE;
  is_new = row == NULL;
  if ((is_new && !make_entity (self, project, change, edit, &row, error)) ||
      !list_head_keys (self, row, edit, keys, error))
    return FALSE;
  /* The change has given this field its value already. */
  if (has_key (keys, device, galley_change_get_header (change)->seq))
    return TRUE;
  was_contested = keys->len > 1;
  if (!replace_heads (self, row, change, index, device, keys, &left, error))
    return FALSE;

  mark_dirty (self, row, galley_schema_get_field (row->kind, edit->field), change);
  if (row->kind == GALLEY_KIND_VERSION && edit->field == GALLEY_VERSION_FILE &&
      !galley_item_table_add_file (self->items, row->number, edit->value, error))
    return FALSE;
  if (edit->field == GALLEY_F_ALIVE)
    /* Made a moment ago and never contested: nothing to look at. */
    return (is_new && left == 0 && edit->n_supersedes == 0 && edit->value != NULL &&
            galley_lifecycle_is_alive (edit->value)) ||
           settle_lifecycle (self, row, error);
  if (((was_contested || left > 0) &&
       !settle_field (self, row, edit->field, edit->element, error)) ||
      !look_at_rules (self, row, edit->field, error))
    return FALSE;

  return look_for_gone (self, row, error);
}

/* Edits of one thing stand together, and what is true of the kind of one is true of the next. */
static gboolean
is_passed_over (GalleyChange *change, guint index, gboolean *wrong_kind)
{
  const GalleyEdit *edit = galley_change_get_edit (change, index);
  const GalleyEdit *before = index > 0 ? galley_change_get_edit (change, index - 1) : NULL;

  if (before == NULL || before->kind != edit->kind ||
      !galley_id_equal (&before->entity, &edit->entity))
    *wrong_kind = galley_contradiction_of_kind (change, edit);

  return *wrong_kind || galley_contradiction_of_value (edit);
}

/**
 * galley_applier_apply:
 * @change: is in the journal already, and everything it supersedes was applied before
 *
 * An edit that contradicts the schema or its own change is passed over; the rest goes in.
 */
gboolean
galley_applier_apply (GalleyApplier *self, gint64 project, GalleyChange *change, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  gint64 device = galley_journal_get_device (self->journal, &header->device, TRUE, error);
  g_autoptr (GArray) keys = g_array_sized_new (FALSE, FALSE, sizeof (HeadKey), FEW_HEADS);
  gboolean wrong_kind = FALSE;

  if (device == 0)
    return FALSE;
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      if (GALLEY_SABOTAGED (APPLIES_HALF) && i >= 3)
        break;
      if (!is_passed_over (change, i, &wrong_kind) &&
          !apply_edit (self, project, change, i, device, keys, error))
        return FALSE;
    }

  return TRUE;
}

/* As galley_applier_apply(), of a snapshot's change: edits that others have replaced only say that
 * there is such a thing, and who made it. */
gboolean
galley_applier_apply_marked (GalleyApplier *self,
                             gint64 project,
                             const GalleySegmentRecord *record,
                             GalleyChange *change,
                             GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  gint64 device = galley_journal_get_device (self->journal, &header->device, TRUE, error);
  g_autoptr (GArray) keys = g_array_sized_new (FALSE, FALSE, sizeof (HeadKey), FEW_HEADS);
  gboolean wrong_kind = FALSE;

  if (device == 0)
    return FALSE;
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      const GalleyEntityRow *row;

      if (is_passed_over (change, i, &wrong_kind))
        continue;
      if (galley_segment_record_counts (record, i)
              ? !apply_edit (self, project, change, i, device, keys, error)
              : (!galley_applier_find (self, project, edit->kind, &edit->entity, &row, error) ||
                 (row == NULL && !make_entity (self, project, change, edit, &row, error))))
        return FALSE;
    }

  return TRUE;
}

void
galley_applier_hold_search (GalleyApplier *self, gboolean held)
{
  galley_search_table_set_held (self->search, held);
}

/**
 * galley_applier_index:
 * @limit: how many entities
 * @last: (inout): the number of the last one that was looked at; 0 afterwards: there are no more
 *
 * Of what galley_applier_hold_search() left out.
 */
gboolean
galley_applier_index (
    GalleyApplier *self, gint64 project, guint limit, gint64 *last, GError **error)
{
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT e.number, EXISTS (SELECT 1 FROM derived_search s WHERE s.rowid = e.number)"
      " FROM derived_entity e WHERE e.number > ?2 AND +e.project = ?1 ORDER BY e.number LIMIT ?3",
      "iii", project, *last, (gint64)limit);
  int stepped = query != NULL ? 1 : -1;

  *last = 0;
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      *last = sqlite3_column_int64 (query, 0);
      if (!sqlite3_column_int (query, 1))
        galley_search_table_mark (self->search, *last, TRUE);
    }

  return stepped == 0;
}

/* @item: 0: all of the project */
static GArray *
list_contested (
    GalleyApplier *self, gint64 project, gint64 item, GPtrArray *elements, GError **error)
{
  g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, 3 * sizeof (gint64));
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT c.entity, c.field, c.element"
                                               " FROM derived_contested c JOIN derived_entity e"
                                               " ON e.number = c.entity WHERE e.project = ?1"
                                               " AND c.field <> 0 AND"
                                               " (?2 = 0 OR e.owner = ?2 OR e.number = ?2)",
                                               "ii", project, item);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      gint64 field[] = { sqlite3_column_int64 (query, 0), sqlite3_column_int64 (query, 1), 0 };

      g_array_append_vals (fields, field, 1);
      g_ptr_array_add (elements, galley_column_text (query, 2));
    }

  return stepped == 0 ? g_steal_pointer (&fields) : NULL;
}

G_STATIC_ASSERT (GALLEY_F_ALIVE == 0);

static gboolean
settle_listed (GalleyApplier *self, gint64 project, gint64 item, GError **error)
{
  g_autoptr (GPtrArray) elements = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) fields = list_contested (self, project, item, elements, error);

  if (fields == NULL)
    return FALSE;
  for (guint i = 0; i < fields->len; i++)
    {
      const gint64 *field = (const gint64 *)(gpointer)fields->data + 3 * i;
      g_autofree GalleyEntityRow *row = NULL;

      if (!read_entity (self,
                        galley_database_query (self->db, error,
                                               ENTITY_COLUMNS " WHERE e.number = ?1", "i",
                                               field[0]),
                        &row, error) ||
          (row != NULL && !settle_field (self, row, field[1], elements->pdata[i], error)))
        return FALSE;
      if (row != NULL)
        {
          touch (self, row);
          galley_search_table_mark (self->search, row->number, FALSE);
          galley_item_table_mark (self->items, row, 0, TRUE);
        }
    }

  return TRUE;
}

/**
 * galley_applier_settle_again:
 *
 * History has arrived, and bases that were not known may be now; or places in the stream were taken
 * back, and another of the values is in force; or other rules are.
 */
gboolean
galley_applier_settle_again (GalleyApplier *self, gint64 project, GError **error)
{
  galley_rule_book_forget (self->rules);
  return settle_listed (self, project, 0, error);
}

/**
 * galley_applier_place:
 * @change: an own one, whose position in the journal has just been set
 *
 * The earliest accepted head of a contested field is in force, so a position may change which.
 */
gboolean
galley_applier_place (GalleyApplier *self, gint64 project, GalleyChange *change, GError **error)
{
  gint64 any = 0;

  if (!galley_database_get_int (self->db, &any, error,
                                "SELECT EXISTS (SELECT 1 FROM derived_contested)", ""))
    return FALSE;

  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      const GalleyEntityRow *row;
      gint64 contested = 0;

      if (!galley_applier_find (self, project, edit->kind, &edit->entity, &row, error))
        return FALSE;
      if (row == NULL)
        continue;
      touch (self, row);
      if (!any)
        continue;
      if (!galley_database_get_int (self->db, &contested, error,
                                    "SELECT 1 FROM derived_contested"
                                    " WHERE entity = ?1 AND field = ?2 AND element = ?3",
                                    "iis", row->number, (gint64)edit->field, edit->element))
        return FALSE;
      if (contested && edit->field != GALLEY_F_ALIVE &&
          (!settle_field (self, row, edit->field, edit->element, error) ||
           !look_at_rules (self, row, edit->field, error)))
        return FALSE;
      if (contested)
        mark_dirty (self, row, galley_schema_get_field (row->kind, edit->field), change);
    }

  return TRUE;
}

/* ── taking back ── */

/* Every change that ever set the field: all can be reached from the heads, since a value leaves the
 * heads only by being superseded. */
static gboolean
collect_history (GalleyApplier *self,
                 const GalleyEntityRow *row,
                 guint16 field,
                 const char *element,
                 GPtrArray *changes,
                 GArray *refused,
                 GError **error)
{
  g_autoptr (GArray) heads = galley_heads_list (self->journal, row->number, field, element, error);
  g_autoptr (GHashTable)
      met = g_hash_table_new_full (galley_ref_hash, galley_ref_equal, g_free, NULL);
  g_autoptr (GArray) todo = g_array_new (FALSE, FALSE, sizeof (GalleyRef));

  if (heads == NULL)
    return FALSE;
  for (guint i = 0; i < heads->len; i++)
    g_array_append_val (todo, g_array_index (heads, GalleyHead, i).ref);

  while (todo->len > 0)
    {
      GalleyRef ref = g_array_index (todo, GalleyRef, todo->len - 1);
      GalleyJournalEntry entry;
      guint index;

      g_array_set_size (todo, todo->len - 1);
      if (!g_hash_table_add (met, g_memdup2 (&ref, sizeof ref)))
        continue;
      if (!galley_journal_load (self->journal, row->project, &ref, &entry, error))
        return FALSE;
      if (entry.change == NULL)
        continue;
      g_ptr_array_add (changes, entry.change);
      g_array_append_val (refused, entry.refused);
      if (galley_contradiction_find_field (entry.change, row->kind, &row->id, field, element,
                                           &index))
        {
          const GalleyEdit *edit = galley_change_get_edit (entry.change, index);

          g_array_append_vals (todo, edit->supersedes, edit->n_supersedes);
        }
    }

  return TRUE;
}

static gboolean
is_superseded (GPtrArray *changes,
               GArray *refused,
               const GalleyEntityRow *row,
               guint16 field,
               const char *element,
               const GalleyRef *ref)
{
  for (guint c = 0; c < changes->len; c++)
    {
      GalleyChange *change = g_ptr_array_index (changes, c);
      const GalleyEdit *edit;
      guint index;

      if (g_array_index (refused, gboolean, c) ||
          !galley_contradiction_find_field (change, row->kind, &row->id, field, element, &index))
        continue;
      edit = galley_change_get_edit (change, index);
      for (guint s = 0; s < edit->n_supersedes; s++)
        if (galley_ref_equal (&edit->supersedes[s], ref))
          return TRUE;
    }

  return FALSE;
}

static gboolean
drop_heads (GalleyApplier *self,
            const GalleyEntityRow *row,
            guint16 field,
            const char *element,
            GError **error)
{
  g_autoptr (GArray) heads = galley_heads_list (self->journal, row->number, field, element, error);

  if (heads == NULL)
    return FALSE;
  for (guint i = 0; i < heads->len; i++)
    {
      const GalleyRef *ref = &g_array_index (heads, GalleyHead, i).ref;
      gint64 device = galley_journal_get_device (self->journal, &ref->device, FALSE, error);

      if (device == 0 || !remove_head (self, row, field, element, device, ref, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
readd_head (GalleyApplier *self,
            const GalleyEntityRow *row,
            guint16 field,
            const char *element,
            GalleyChange *change,
            GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  GalleyRef ref = { header->device, header->seq };
  gint64 device = galley_journal_get_device (self->journal, &header->device, FALSE, error);
  gconstpointer value;
  gsize bytes;
  guint index;

  if (device == 0)
    return FALSE;
  if (!galley_contradiction_find_field (change, row->kind, &row->id, field, element, &index))
    return TRUE;

  value = galley_change_get_value_bytes (change, index, &bytes);
  return add_head (self, row, field, element, device, &ref, header->hlc, value, bytes, error);
}

static gboolean
rebuild_field (GalleyApplier *self,
               const GalleyEntityRow *row,
               guint16 field,
               const char *element,
               GError **error)
{
  g_autoptr (GPtrArray)
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  g_autoptr (GArray) refused = g_array_new (FALSE, FALSE, sizeof (gboolean));

  if (!collect_history (self, row, field, element, changes, refused, error) ||
      !drop_heads (self, row, field, element, error))
    return FALSE;

  for (guint c = 0; c < changes->len; c++)
    {
      const GalleyChangeHeader *header = galley_change_get_header (g_ptr_array_index (changes, c));
      GalleyRef ref = { header->device, header->seq };

      if (!g_array_index (refused, gboolean, c) &&
          !is_superseded (changes, refused, row, field, element, &ref) &&
          !readd_head (self, row, field, element, g_ptr_array_index (changes, c), error))
        return FALSE;
    }

  return field == GALLEY_F_ALIVE ? settle_lifecycle (self, row, error)
                                 : settle_field (self, row, field, element, error) &&
                                       look_at_rules (self, row, field, error);
}

/* Whoever is told of the entity is told by its id; its number may be another one's soon. */
static void
touch_removed (GalleyApplier *self, const GalleyEntityRow *row)
{
  GalleyEntityRow *copy = g_memdup2 (row, sizeof *row);

  g_hash_table_remove (self->touched, &row->number);
  copy->number = -row->number;
  g_hash_table_replace (self->touched, &copy->number, copy);
}

/* What belongs to it stands alone, as a replay would make it. By the indexes: a thing without an
 * item has its parts among those without one. */
static gboolean
orphan_parts (GalleyApplier *self, const GalleyEntityRow *row, GError **error)
{
  gint64 item = row->kind == GALLEY_KIND_ITEM ? row->number : row->owner;

  if (item == 0)
    return galley_database_run (self->db, error,
                                "UPDATE derived_entity SET parent = 0 WHERE project = ?1"
                                " AND owner = 0 AND parent = ?2",
                                "ii", row->project, row->number);

  return galley_database_run (self->db, error,
                              "UPDATE derived_entity SET parent = 0 WHERE owner = ?1"
                              " AND owner <> 0 AND parent = ?2",
                              "ii", item, row->number) &&
         galley_database_run (self->db, error,
                              "UPDATE derived_entity SET owner = 0 WHERE owner = ?1"
                              " AND owner <> 0",
                              "i", row->number);
}

/* As if it had never been. */
static gboolean
remove_entity (GalleyApplier *self, const GalleyEntityRow *row, GError **error)
{
  touch_removed (self, row);
  self->conflicts_moved = TRUE;
  g_hash_table_remove_all (self->entities);
  return galley_item_table_remove (self->items, row->number, error) &&
         galley_database_run (self->db, error, "DELETE FROM derived_contested WHERE entity = ?1",
                              "i", row->number) &&
         galley_database_run (self->db, error, "DELETE FROM derived_search WHERE rowid = ?1", "i",
                              row->number) &&
         orphan_parts (self, row, error) &&
         galley_database_run (self->db, error, "DELETE FROM derived_entity WHERE number = ?1", "i",
                              row->number);
}

/* What a refused change made is in nobody's shared state. */
static gboolean
remove_if_empty (GalleyApplier *self, const GalleyEntityRow *row, GError **error)
{
  gint64 any = 0, any_alive = 0;

  if (!galley_database_get_int (self->db, &any, error,
                                "SELECT EXISTS (SELECT 1 FROM derived_head WHERE entity = ?1)", "i",
                                row->number) ||
      !galley_database_get_int (self->db, &any_alive, error,
                                "SELECT EXISTS (SELECT 1 FROM derived_head WHERE entity = ?1"
                                " AND field = 0)",
                                "i", row->number))
    return FALSE;
  if (!any)
    return remove_entity (self, row, error);

  return any_alive || set_alive (self, row, ALIVE_NO, error);
}

static gboolean
withdraw_edit (GalleyApplier *self, gint64 project, const GalleyEdit *edit, GError **error)
{
  const GalleyEntityRow *found;
  GalleyEntityRow row;

  if (!galley_applier_find (self, project, edit->kind, &edit->entity, &found, error))
    return FALSE;
  if (found == NULL)
    return TRUE;

  row = *found;
  galley_search_table_mark (self->search, row.number, FALSE);
  galley_item_table_mark (self->items, &row, 0, TRUE);
  touch (self, &row);
  /* A delete that this edit had made contested may stand now. */
  return rebuild_field (self, &row, edit->field, edit->element, error) &&
         remove_if_empty (self, &row, error) && look_for_gone (self, &row, error);
}

/**
 * galley_applier_withdraw:
 * @change: in the journal, and marked as refused there
 */
gboolean
galley_applier_withdraw (GalleyApplier *self, gint64 project, GalleyChange *change, GError **error)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    if (!withdraw_edit (self, project, galley_change_get_edit (change, i), error))
      return FALSE;

  return TRUE;
}

/**
 * galley_applier_people_moved:
 *
 * Somebody's role or names are others now.
 */
gboolean
galley_applier_people_moved (GalleyApplier *self, GError **error)
{
  return galley_item_table_mark_decided (self->items, error);
}

/**
 * galley_applier_flush:
 *
 * Once, before the end of a transaction.
 */
gboolean
galley_applier_flush (GalleyApplier *self, GError **error)
{
  for (guint i = 0; i < self->digests->len; i++)
    {
      const CachedDigest *cached = &g_array_index (self->digests, CachedDigest, i);

      if (!galley_digest_save (self->db, cached->project, &cached->digest, error))
        return FALSE;
    }

  return galley_item_table_flush (self->items, error) &&
         galley_search_table_flush (self->search, error);
}

/**
 * galley_applier_take_touched:
 *
 * Returns: (transfer full) (element-type GalleyEntityRow): each once, since the last call
 */
GArray *
galley_applier_take_touched (GalleyApplier *self)
{
  GArray *rows = g_array_sized_new (FALSE, FALSE, sizeof (GalleyEntityRow),
                                    g_hash_table_size (self->touched));
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->touched);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    g_array_append_vals (rows, row, 1);
  g_hash_table_remove_all (self->touched);

  return rows;
}

gboolean
galley_applier_take_conflicts_moved (GalleyApplier *self)
{
  gboolean moved = self->conflicts_moved;

  self->conflicts_moved = FALSE;
  return moved;
}
