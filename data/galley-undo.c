/* galley-undo.c: taking back the last own change, as a new change
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-undo"

#include "data/galley-draft-private.h"
#include "data/galley-heads.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How far back undo goes; what was undone counts twice. */
#define MAX_STEPS 4000

/* The own changes of a project, newest first, one by one. */
typedef struct
{
  GalleyWriter *writer;
  gint64 project;
  guint64 seq;
} OwnChanges;

static GalleyChange *
load_own (OwnChanges *own, gboolean *refused, GError **error)
{
  GalleyRef ref = { own->writer->device, own->seq };
  GalleyJournalEntry entry;

  if (own->seq == 0 ||
      !galley_journal_load (own->writer->journal, own->project, &ref, &entry, error))
    return NULL;

  *refused = entry.refused;
  return entry.change;
}

static gboolean
get_mark (GalleyChange *change, const char *key, guint64 *seq)
{
  g_autoptr (GVariant) extra = galley_change_dup_extra (change);

  return g_variant_lookup (extra, key, "t", seq);
}

/* What the person would call it: an undo or a redo goes by the name of what it is about. */
static char *
dup_name (OwnChanges *own, GalleyChange *change)
{
  g_autoptr (GalleyChange) named = galley_change_ref (change);
  guint64 seq;

  for (guint step = 0;
       step < MAX_STEPS && (get_mark (named, "undoes", &seq) || get_mark (named, "redoes", &seq));
       step++)
    {
      OwnChanges at = { own->writer, own->project, seq };
      gboolean refused;
      GalleyChange *before = load_own (&at, &refused, NULL);

      if (before == NULL)
        break;
      galley_change_unref (named);
      named = before;
    }

  return g_strdup (galley_change_get_intent (named));
}

/* Which change to take back: the newest that is not itself taken back. An undo names what it undid,
 * a redo names the undo that it took back; see docs/contract.md. */
static GalleyChange *
find_target (OwnChanges *own, gboolean redo, GError **error)
{
  g_autoptr (GHashTable)
      skipped = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint step = 0; step < MAX_STEPS && own->seq > 0; step++, own->seq--)
    {
      gboolean refused = FALSE;
      g_autoptr (GalleyChange) change = load_own (own, &refused, error);
      guint64 named;
      gboolean is_undo, is_redo;

      if (change == NULL)
        return NULL;
      is_undo = get_mark (change, "undoes", &named);
      is_redo = !is_undo && get_mark (change, "redoes", &named);
      if (g_hash_table_contains (skipped, &own->seq))
        {
          if (is_undo)
            g_hash_table_add (skipped, g_memdup2 (&named, sizeof named));
          continue;
        }
      if (refused)
        continue;
      if (redo)
        {
          if (is_undo)
            return g_steal_pointer (&change);
          if (!is_redo)
            return NULL;
          g_hash_table_add (skipped, g_memdup2 (&named, sizeof named));
          continue;
        }
      if (!is_undo)
        return g_steal_pointer (&change);
      g_hash_table_add (skipped, g_memdup2 (&named, sizeof named));
    }

  return NULL;
}

static gboolean
is_made_by (GalleyChange *change, const GalleyId *entity)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if (edit->field == GALLEY_F_ALIVE && edit->n_supersedes == 0 &&
          galley_id_equal (&edit->entity, entity))
        return TRUE;
    }

  return FALSE;
}

static void
clear_head (gpointer head)
{
  g_clear_pointer (&((GalleyHead *)head)->value, g_variant_unref);
}

static gboolean
cannot_reverse (GError **error, const char *why)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_MOVED_ON, why);
  return FALSE;
}

/* Adds what the change @ref made of the field that @edit is about. */
static gboolean
add_before (GalleyWriter *self,
            gint64 project,
            const GalleyEdit *edit,
            const GalleyRef *ref,
            GArray *heads,
            GError **error)
{
  GalleyJournalEntry entry;
  g_autoptr (GalleyChange) before = NULL;

  if (!galley_journal_load (self->journal, project, ref, &entry, error))
    return FALSE;
  if (entry.change == NULL)
    return cannot_reverse (error, _ ("What was there before is not on this computer, so it was not "
                                     "undone. Change it by hand."));

  before = entry.change;
  for (guint i = 0; i < galley_change_get_n_edits (before); i++)
    {
      const GalleyEdit *old = galley_change_get_edit (before, i);
      GalleyHead head = { .ref = *ref,
                          .position = entry.position,
                          .actor = galley_change_get_header (before)->actor,
                          .hlc = galley_change_get_header (before)->hlc };

      if (old->kind != edit->kind || old->field != edit->field ||
          !galley_id_equal (&old->entity, &edit->entity) ||
          !g_str_equal (old->element, edit->element))
        continue;
      head.value = old->value != NULL ? g_variant_ref (old->value) : NULL;
      g_array_append_val (heads, head);
      break;
    }

  return TRUE;
}

/* What everyone saw while these were the heads of the field. */
static gboolean
merge_before (GalleyWriter *self,
              gint64 project,
              const GalleyEdit *edit,
              const GArray *heads,
              GVariant **value,
              GError **error)
{
  g_autofree GalleyRef *refs = g_new (GalleyRef, heads->len);
  g_auto (GalleyMerge) merge = { 0 };
  g_auto (GalleyMergeRules) rules = { 0 };
  const GalleyEntityRow *row;
  GalleyBase base = { 0 };

  for (guint i = 0; i < heads->len; i++)
    refs[i] = g_array_index (heads, GalleyHead, i).ref;
  if (!galley_applier_find (self->applier, project, edit->kind, &edit->entity, &row, error) ||
      (row != NULL &&
       !galley_applier_find_rules (self->applier, row, edit->field, &rules, error)) ||
      !galley_journal_find_base (self->journal, project, &edit->entity, edit->field, edit->element,
                                 refs, heads->len, NULL, &base, error))
    return FALSE;

  galley_merge (&rules, galley_schema_get_field (edit->kind, edit->field), base.known, base.value,
                (const GalleyHead *)heads->data, heads->len, &merge);
  g_clear_pointer (&base.value, g_variant_unref);
  *value = g_steal_pointer (&merge.value);
  return TRUE;
}

/* A decision stands by the signature of the device that made it. */
static gboolean
check_signer (GalleyWriter *self, const GArray *heads, GVariant *value, GError **error)
{
  GalleyId person;

  if (!galley_writer_get_person (self, &person, error))
    return FALSE;

  for (guint i = 0; i < heads->len; i++)
    {
      const GalleyHead *head = &g_array_index (heads, GalleyHead, i);

      if (head->value != NULL && g_variant_equal (head->value, value) &&
          galley_id_equal (&head->ref.device, &self->device) &&
          galley_id_equal (&head->actor, &person))
        return TRUE;
    }

  return cannot_reverse (error, _ ("The decision before this one was signed on another device, so "
                                   "it was not put back. Decide again instead."));
}

/* The value before: what everyone saw of what the change superseded. */
static gboolean
find_previous (
    GalleyWriter *self, gint64 project, const GalleyEdit *edit, GVariant **value, GError **error)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (edit->kind, edit->field);
  g_autoptr (GArray) heads = g_array_new (FALSE, TRUE, sizeof (GalleyHead));

  *value = NULL;
  g_array_set_clear_func (heads, clear_head);
  for (guint i = 0; i < edit->n_supersedes; i++)
    if (!add_before (self, project, edit, &edit->supersedes[i], heads, error))
      return FALSE;

  if (heads->len == 1 && g_array_index (heads, GalleyHead, 0).value != NULL)
    *value = g_variant_ref (g_array_index (heads, GalleyHead, 0).value);
  if (heads->len > 1 && !merge_before (self, project, edit, heads, value, error))
    return FALSE;

  return *value == NULL || spec == NULL || spec->type != GALLEY_FIELD_DECISION ||
         check_signer (self, heads, *value, error);
}

/* Whether @ref is the change itself, or an own undo or redo after it that left its value standing.
 */
static gboolean
stands_for (GalleyWriter *self,
            gint64 project,
            const GalleyChangeHeader *header,
            const GalleyRef *ref,
            gboolean *stands,
            GError **error)
{
  GalleyJournalEntry entry;
  guint64 named;

  *stands = ref->seq == header->seq && galley_id_equal (&ref->device, &header->device);
  if (*stands || ref->seq < header->seq || !galley_id_equal (&ref->device, &header->device))
    return TRUE;
  if (!galley_journal_load (self->journal, project, ref, &entry, error))
    return FALSE;

  *stands = entry.change != NULL && (get_mark (entry.change, "undoes", &named) ||
                                     get_mark (entry.change, "redoes", &named));
  g_clear_pointer (&entry.change, galley_change_unref);
  return TRUE;
}

/* @seen: (out): the head that the undo replaces; nobody else's is ever replaced. */
static gboolean
check_untouched (GalleyWriter *self,
                 gint64 project,
                 GalleyChange *change,
                 const GalleyEdit *edit,
                 GalleyRef *seen,
                 GError **error)
{
  const GalleyEntityRow *row;
  g_autoptr (GArray) heads = NULL;

  if (!galley_applier_find (self->applier, project, edit->kind, &edit->entity, &row, error))
    return FALSE;
  heads = row != NULL
              ? galley_heads_list (self->journal, row->number, edit->field, edit->element, error)
              : g_array_new (FALSE, TRUE, sizeof (GalleyHead));
  if (heads == NULL)
    return FALSE;

  for (guint i = 0; i < heads->len; i++)
    {
      gboolean stands;

      *seen = g_array_index (heads, GalleyHead, i).ref;
      if (!stands_for (self, project, galley_change_get_header (change), seen, &stands, error))
        return FALSE;
      if (stands)
        return TRUE;
    }

  return cannot_reverse (error, _ ("Something has been built on this since, so it was not undone. "
                                   "Change it by hand."));
}

/* A thing goes by an undo only with what its own person made of it. @gone: (nullable): the delete
 * that the change had taken back: what that one had seen may go again. */
static gboolean
check_all_own (
    GalleyWriter *self, gint64 project, const GalleyEdit *edit, GVariant *gone, GError **error)
{
  const GalleyEntityRow *row;
  sqlite3_stmt *query;
  GalleyId person;
  int stepped;

  if (!galley_applier_find (self->applier, project, edit->kind, &edit->entity, &row, error) ||
      !galley_writer_get_person (self, &person, error))
    return FALSE;
  if (row == NULL)
    return TRUE;

  query = galley_database_query (
      self->db, error,
      "SELECT d.id, h.seq FROM derived_head h JOIN device d ON d.number = h.device"
      " WHERE " GALLEY_HEADS_OF_WHOLE " AND d.id <> ?4 AND ifnull (d.person, x'') <> ?5",
      "iiinn", row->number, row->kind == GALLEY_KIND_ITEM ? row->number : row->owner, row->project,
      &self->device, &person);
  stepped = query != NULL ? 1 : -1;
  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      GalleyRef ref;

      galley_column_id (query, 0, &ref.device);
      ref.seq = sqlite3_column_int64 (query, 1);
      if (gone != NULL && galley_lifecycle_saw (gone, &ref))
        continue;

      galley_database_done (query);
      return cannot_reverse (error,
                             _ ("Somebody else has worked on this since, so it was not taken "
                                "away. Delete it by hand if it is to go."));
    }

  return stepped == 0;
}

static gboolean
is_resolution (GalleyChange *change)
{
  g_autoptr (GVariant) extra = galley_change_dup_extra (change);
  g_autoptr (GVariant) records = g_variant_lookup_value (extra, "resolved", NULL);

  return records != NULL;
}

static gboolean
add_reverse (GalleyWriter *self,
             gint64 project,
             GalleyChange *change,
             const GalleyEdit *edit,
             GalleyDraft *draft,
             GError **error)
{
  GalleyRef seen;
  g_autoptr (GVariant) previous = NULL;
  gboolean as_it_was = edit->field != GALLEY_F_ALIVE;

  if (edit->field != GALLEY_F_ALIVE && is_made_by (change, &edit->entity))
    return TRUE;
  if (!check_untouched (self, project, change, edit, &seen, error) ||
      !find_previous (self, project, edit, &previous, error))
    return FALSE;

  /* After a word on a conflict a delete comes back with what it had seen, and no more: so the
   * conflict is open again. */
  if (!as_it_was && previous != NULL)
    as_it_was = galley_lifecycle_is_alive (previous) || is_resolution (change);
  if (as_it_was)
    galley_draft_set (draft, edit->kind, &edit->entity, edit->field, edit->element, previous, &seen,
                      1);
  else if (check_all_own (self, project, edit, previous, error))
    galley_draft_delete (draft, edit->kind, &edit->entity);
  else
    return FALSE;

  return TRUE;
}

static GalleyDraft *
reverse (GalleyWriter *self,
         const GalleyId *project_id,
         gint64 project,
         GalleyChange *change,
         gboolean redo,
         GError **error)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (project_id, redo ? "redo" : "undo");

  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    if (!add_reverse (self, project, change, galley_change_get_edit (change, i), draft, error))
      return NULL;

  galley_draft_add_extra (draft, redo ? "redoes" : "undoes",
                          g_variant_new_uint64 (galley_change_get_header (change)->seq));
  return g_steal_pointer (&draft);
}

/* Whether an own undo or redo after it names the change: then it does not stand any more, or stands
 * by the grace of another change. */
static gboolean
is_named_later (OwnChanges *own, guint64 seq, gboolean *is_named, GError **error)
{
  *is_named = FALSE;
  for (; own->seq > seq && !*is_named; own->seq--)
    {
      gboolean refused = FALSE;
      g_autoptr (GalleyChange) change = load_own (own, &refused, error);
      guint64 named;

      if (change == NULL)
        return FALSE;
      *is_named = get_mark (change, "undoes", &named) && named == seq;
    }

  return TRUE;
}

/* Exactly that change, whatever came after it. */
static GalleyChange *
find_change (OwnChanges *own, guint64 seq, GError **error)
{
  gboolean is_named, refused = FALSE;
  g_autoptr (GalleyChange) change = NULL;

  if (own->seq < seq || !is_named_later (own, seq, &is_named, error) || is_named)
    return NULL;

  own->seq = seq;
  change = load_own (own, &refused, error);
  return refused ? NULL : g_steal_pointer (&change);
}

/* A project in which this device changed something. */
typedef struct
{
  GalleyId id;
  gint64 number;
  guint64 seq; /* the last own one */
} OwnTip;

/* @project: (nullable): in which; %NULL: in all of them */
static GArray *
list_own_tips (GalleyWriter *self, const GalleyId *project, GError **error)
{
  g_autoptr (GArray) tips = g_array_new (FALSE, FALSE, sizeof (OwnTip));
  sqlite3_stmt *query = galley_database_query (
      self->db, error,
      "SELECT p.id, p.number, t.seq FROM tip t JOIN project p ON p.number = t.project"
      " JOIN device d ON d.number = t.device WHERE d.id = ?1",
      "n", &self->device);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (self->db, query, error)) > 0)
    {
      OwnTip tip = { .number = sqlite3_column_int64 (query, 1),
                     .seq = sqlite3_column_int64 (query, 2) };

      galley_column_id (query, 0, &tip.id);
      if (project == NULL || galley_id_equal (project, &tip.id))
        g_array_append_val (tips, tip);
    }

  return stepped == 0 ? g_steal_pointer (&tips) : NULL;
}

static gboolean
get_lsn (OwnChanges *own, gint64 *lsn, GError **error)
{
  GalleyRef ref = { own->writer->device, own->seq };
  GalleyJournalEntry entry;

  if (!galley_journal_load (own->writer->journal, own->project, &ref, &entry, error))
    return FALSE;

  *lsn = entry.lsn;
  g_clear_pointer (&entry.change, galley_change_unref);
  return TRUE;
}

/* Of what could be taken back in each project, what was done last. */
static GalleyChange *
find_newest_target (
    GalleyWriter *self, GArray *tips, const GalleyUndoRequest *request, OwnTip *in, GError **error)
{
  g_autoptr (GalleyChange) newest = NULL;
  gint64 newest_lsn = 0;

  for (guint i = 0; i < tips->len; i++)
    {
      const OwnTip *tip = &g_array_index (tips, OwnTip, i);
      OwnChanges own = { self, tip->number, tip->seq };
      g_autoptr (GError) local = NULL;
      g_autoptr (GalleyChange) target = request->seq != 0
                                            ? find_change (&own, request->seq, &local)
                                            : find_target (&own, request->redo, &local);
      gint64 lsn = 0;

      if (local != NULL || (target != NULL && !get_lsn (&own, &lsn, &local)))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      if (target == NULL || lsn < newest_lsn)
        continue;

      g_clear_pointer (&newest, galley_change_unref);
      newest = g_steal_pointer (&target);
      newest_lsn = lsn;
      *in = *tip;
    }

  return g_steal_pointer (&newest);
}

/**
 * galley_undo_make_draft:
 * @what: (out) (transfer full): the intent of what is taken back
 *
 * Returns: (transfer full): what puts everything as it was before the change that is asked for;
 *   %NULL with @error set, also when there is none or when somebody has built on it
 */
GalleyDraft *
galley_undo_make_draft (GalleyWriter *self,
                        const GalleyUndoRequest *request,
                        char **what,
                        GError **error)
{
  g_autoptr (GArray)
      tips = list_own_tips (self, request->any_project ? NULL : &request->project, error);
  g_autoptr (GalleyChange) target = NULL;
  g_autoptr (GError) local = NULL;
  OwnChanges own = { .writer = self };
  OwnTip in;

  if (tips == NULL)
    return NULL;

  target = find_newest_target (self, tips, request, &in, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (target == NULL)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                   request->redo ? _ ("There is nothing to redo.")
                                 : _ ("There is nothing to undo."));
      return NULL;
    }

  own.project = in.number;
  *what = dup_name (&own, target);
  return reverse (self, &in.id, in.number, target, request->redo, error);
}
