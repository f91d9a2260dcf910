/* galley-writer.c: a person's edits on their way into the journal
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-writer"

#include "data/galley-contradiction.h"
#include "data/galley-draft-private.h"
#include "data/galley-heads.h"
#include "data/galley-sabotage.h"
#include "data/galley-store-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A clock further ahead than this is shown as wrong and does not drag ours along. */
#define MAX_SKEW_MS (24 * 60 * 60 * G_GUINT64_CONSTANT (1000))

/**
 * galley_writer_get_person:
 * @person: (out): who works on this device
 */
gboolean
galley_writer_get_person (GalleyWriter *self, GalleyId *person, GError **error)
{
  sqlite3_stmt *query =
      galley_database_query (self->db, error, "SELECT value FROM setting WHERE key = 'person'", "");
  int stepped = query != NULL ? galley_database_step (self->db, query, error) : -1;
  gboolean parsed;

  if (stepped <= 0)
    return FALSE;

  parsed = galley_id_parse ((const char *)sqlite3_column_text (query, 0), person, error);
  galley_database_done (query);
  return parsed;
}

/**
 * galley_writer_saw_time:
 * @hlc: of a received change: ours goes on from there, unless it is a day or more ahead
 */
void
galley_writer_saw_time (GalleyWriter *self, guint64 hlc)
{
  guint64 now_ms = galley_world_now_us (self->world) / 1000;

  if (hlc >> 16 < now_ms + MAX_SKEW_MS)
    self->hlc = MAX (self->hlc, hlc);
}

/**
 * galley_writer_tick:
 *
 * Kulkarni et al., Logical Physical Clocks (2014): 48 bits of milliseconds, 16 of counter.
 */
guint64
galley_writer_tick (GalleyWriter *self)
{
  guint64 now = (guint64)(galley_world_now_us (self->world) / 1000) << 16;

  self->hlc = MAX (now, self->hlc + 1) & G_MAXINT64;
  return self->hlc;
}

static gboolean
is_same_person (GalleyWriter *self,
                const GalleyId *author,
                const GalleyId *person,
                gboolean *same,
                GError **error)
{
  gint64 found = 0;

  *same = galley_id_equal (author, person);
  if (*same)
    return TRUE;
  if (!galley_database_get_int (self->db, &found, error,
                                "SELECT 1 FROM alias WHERE id = ?1 AND person = ?2", "nn", author,
                                person))
    return FALSE;

  *same = found;
  return TRUE;
}

static gboolean
own_role (GalleyWriter *self, gint64 project, GalleyRole *role, GError **error)
{
  sqlite3_stmt *query = galley_database_query (self->db, error,
                                               "SELECT role FROM project WHERE number = ?1", "i",
                                               project);
  int stepped = query != NULL ? galley_database_step (self->db, query, error) : -1;

  if (stepped <= 0)
    return FALSE;

  /* A project that no server knows is its maker's own. */
  *role = sqlite3_column_type (query, 0) == SQLITE_NULL
              ? GALLEY_ROLE_ADMIN
              : galley_role_parse ((const char *)sqlite3_column_text (query, 0));
  galley_database_done (query);
  return TRUE;
}

/* What a draft becomes on the way in. */
typedef struct
{
  GalleyWriter *writer;
  GalleyDraft *draft;
  gint64 project;
  GalleyId person;
  GalleyRole role;
  GArray *edits;    /* of GalleyEdit; strings and values belong to the draft or to @owned */
  GPtrArray *owned; /* arrays of refs, and values that were made here */
} Commit;

static gboolean
is_created_here (Commit *commit, const GalleyId *entity, guint8 kind)
{
  for (guint i = 0; i < galley_draft_get_n_edits (commit->draft); i++)
    {
      const GalleyDraftEdit *edit = galley_draft_get_edit (commit->draft, i);

      if (edit->field == GALLEY_F_ALIVE && edit->kind == kind &&
          edit->how == GALLEY_DRAFT_SEEN_GIVEN && edit->n_seen == 0 &&
          galley_id_equal (&edit->entity, entity))
        return TRUE;
    }

  return FALSE;
}

/* @row: (out) (nullable): %NULL for an entity that this very change makes. */
static gboolean
check_entity (Commit *commit,
              const GalleyDraftEdit *edit,
              const GalleyEntityRow **row,
              GError **error)
{
  if (!galley_applier_find (commit->writer->applier, commit->project, edit->kind, &edit->entity,
                            row, error))
    return FALSE;

  if (*row == NULL && is_created_here (commit, &edit->entity, edit->kind))
    return TRUE;
  if (*row == NULL)
    {
      char id[GALLEY_ID_TEXT_SIZE];

      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NOT_FOUND,
                   _ ("There is nothing with the id %s in this project."),
                   galley_id_print (&edit->entity, id));
      return FALSE;
    }

  return TRUE;
}

static gboolean
set_shut_out (GError **error)
{
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                       _ ("The server does not let you into this project any more, so a change "
                          "would reach nobody. Ask a lead to let you in again."));
  return FALSE;
}

static gboolean
check_rights (Commit *commit,
              const GalleyFieldSpec *spec,
              const GalleyEntityRow *row,
              GError **error)
{
  gboolean is_author = TRUE;

  if (row != NULL &&
      !is_same_person (commit->writer, &row->author, &commit->person, &is_author, error))
    return FALSE;
  if (galley_schema_may_write (spec, commit->role, is_author))
    return TRUE;

  if (commit->role == GALLEY_ROLE_NONE)
    return set_shut_out (error);
  g_set_error_literal (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                       _ ("Your role in this project does not allow it. Ask a lead to do it."));
  return FALSE;
}

/* The own head, if there is one: a person sees their own value; else the one in force. */
static const GalleyHead *
find_shown (GArray *heads, const GalleyId *device)
{
  const GalleyHead *shown = NULL;

  for (guint i = 0; i < heads->len; i++)
    {
      const GalleyHead *head = &g_array_index (heads, GalleyHead, i);

      if (galley_id_equal (&head->ref.device, device))
        return head;
      if (shown == NULL ||
          (head->position != 0 && (shown->position == 0 || head->position < shown->position)))
        shown = head;
    }

  return shown;
}

/* What was merged, or is the same on all sides, is seen whole; of a conflict one value is shown. */
static gboolean
is_in_conflict (Commit *commit,
                const GalleyDraftEdit *from,
                const GalleyEntityRow *row,
                gboolean *conflict,
                GError **error)
{
  gint64 found = 0;

  if (!galley_database_get_int (commit->writer->db, &found, error,
                                "SELECT EXISTS (SELECT 1 FROM derived_contested WHERE entity = ?1"
                                " AND field = ?2 AND element = ?3 AND state = ?4)",
                                "iisi", row->number, (gint64)from->field, from->element,
                                (gint64)GALLEY_STATE_CONFLICT))
    return FALSE;

  *conflict = found;
  return TRUE;
}

/* A known bug: what is there now instead of what was on the screen. */
static gboolean
looks_again (const Commit *commit, const GalleyDraftEdit *from)
{
  gboolean resolves = g_str_equal (galley_draft_get_intent (commit->draft), "resolve conflict");

  return from->n_seen > 0 && ((GALLEY_SABOTAGED (RESOLVES_UNSEEN) && resolves) ||
                              (GALLEY_SABOTAGED (EDITS_UNSEEN) && !resolves));
}

static gboolean
fill_supersedes (Commit *commit,
                 const GalleyDraftEdit *from,
                 const GalleyEntityRow *row,
                 GalleyEdit *edit,
                 GError **error)
{
  g_autoptr (GArray) heads = NULL;
  GArray *refs;
  gboolean one = FALSE;

  if (from->how == GALLEY_DRAFT_SEEN_GIVEN && !looks_again (commit, from))
    {
      edit->supersedes = from->seen;
      edit->n_supersedes = from->n_seen;
      return TRUE;
    }
  if (row == NULL)
    return TRUE;

  heads = galley_heads_list (commit->writer->journal, row->number, from->field, from->element,
                             error);
  if (heads == NULL ||
      (from->how == GALLEY_DRAFT_SEEN_SHOWN && !is_in_conflict (commit, from, row, &one, error)))
    return FALSE;

  refs = g_array_new (FALSE, FALSE, sizeof (GalleyRef));
  g_ptr_array_add (commit->owned, refs);
  for (guint i = 0; i < heads->len; i++)
    {
      const GalleyHead *head = &g_array_index (heads, GalleyHead, i);

      if (!one || GALLEY_SABOTAGED (EDITS_UNSEEN) ||
          head == find_shown (heads, &commit->writer->device))
        g_array_append_val (refs, head->ref);
    }
  edit->supersedes = (const GalleyRef *)refs->data;
  edit->n_supersedes = GALLEY_SABOTAGED (DROPS_SUPERSEDES) ? 0 : refs->len;
  return TRUE;
}

static gboolean
fill_value (
    Commit *commit, const GalleyDraftEdit *from, GalleyEdit *edit, GArray *kept, GError **error)
{
  g_autoptr (GArray) tips = NULL;

  edit->value = from->value;
  if (from->how != GALLEY_DRAFT_DELETE)
    return TRUE;

  tips = galley_journal_list_tips (commit->writer->journal, commit->project, error);
  if (tips == NULL)
    return FALSE;
  edit->value = g_variant_ref_sink (
      galley_lifecycle_value (FALSE, (const GalleyRef *)tips->data, tips->len));
  g_array_append_val (kept, edit->value);
  return TRUE;
}

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID, format, arguments);
  va_end (arguments);
  return FALSE;
}

/* Only to a set of rules that is known here, and only from one. */
static gboolean
check_switch (Commit *commit,
              const GalleyDraftEdit *edit,
              const GalleyEntityRow *row,
              GError **error)
{
  g_auto (GalleyMergeRules) rules = { 0 };

  if (edit->value != NULL && g_variant_is_of_type (edit->value, G_VARIANT_TYPE_UINT32) &&
      galley_merge_describe_rules (g_variant_get_uint32 (edit->value)) == NULL)
    return refuse (error, _ ("This Galley knows the sets of rules 1 to %d."),
                   GALLEY_MERGE_RULES_NEWEST);
  if (row != NULL &&
      !galley_applier_find_rules (commit->writer->applier, row, edit->field, &rules, error))
    return FALSE;

  return rules.set <= GALLEY_MERGE_RULES_NEWEST ||
         refuse (error,
                 _ ("This project follows the set of rules %u, which only a newer Galley knows. "
                    "Update Galley to change that."),
                 rules.set);
}

/* What a newer Galley would settle by its rules must not be decided here by not knowing them. */
static gboolean
check_rules (Commit *commit,
             const GalleyDraftEdit *edit,
             const GalleyEntityRow *row,
             GError **error)
{
  gint64 undecided = 0;

  if (edit->kind == GALLEY_KIND_PROJECT && edit->field == GALLEY_PROJECT_RULES)
    return check_switch (commit, edit, row, error);
  if (row != NULL &&
      !galley_database_get_int (commit->writer->db, &undecided, error,
                                "SELECT EXISTS (SELECT 1 FROM derived_contested WHERE entity = ?1"
                                " AND field = ?2 AND element = ?3 AND rule = ?4)",
                                "iiss", row->number, (gint64)edit->field, edit->element,
                                GALLEY_MERGE_RULE_NEWER))
    return FALSE;

  return !undecided ||
         refuse (error, _ ("People entered different values here, and the project follows rules "
                           "that only a newer Galley knows. Update Galley to change this; all else "
                           "can be changed as ever."));
}

static gboolean
add_edit (Commit *commit, const GalleyDraftEdit *from, GArray *kept, GError **error)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (from->kind, from->field);
  GalleyEdit edit = {
    .kind = from->kind,
    .field = from->field,
    .entity = from->entity,
    .element = from->element,
  };
  const GalleyEntityRow *row;

  if (spec == NULL)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("This Galley does not know the field %u of the kind %u, so it does not "
                      "change it."),
                   from->field, from->kind);
      return FALSE;
    }
  if (!check_entity (commit, from, &row, error) || !check_rights (commit, spec, row, error) ||
      !check_rules (commit, from, row, error) || !fill_value (commit, from, &edit, kept, error) ||
      !galley_schema_check_value (spec, from->element, edit.value, error) ||
      !fill_supersedes (commit, from, row, &edit, error))
    return FALSE;

  g_array_append_val (commit->edits, edit);
  return TRUE;
}

static GalleyChange *
make_change (Commit *commit, const GalleyTip *tip, GError **error)
{
  g_autoptr (GVariant) extra = galley_draft_dup_extra (commit->draft);
  GalleyChangeHeader header = {
    .project = *galley_draft_get_project (commit->draft),
    .previous = tip->hash,
    .device = commit->writer->device,
    .seq = tip->seq + 1,
    .hlc = galley_writer_tick (commit->writer),
    .actor = commit->person,
  };

  galley_world_random (commit->writer->world, header.salt, sizeof header.salt);
  return galley_change_new (&header, galley_draft_get_intent (commit->draft),
                            (const GalleyEdit *)commit->edits->data, commit->edits->len, extra,
                            error);
}

static gboolean
append_and_apply (Commit *commit, GalleyCommitted *committed, GError **error)
{
  GalleyWriter *writer = commit->writer;
  gint64 device = galley_journal_get_device (writer->journal, &writer->device, TRUE, error);
  g_autoptr (GalleyChange) change = NULL;
  GalleyTip tip;
  gint64 lsn;

  if (device == 0 ||
      !galley_journal_get_tip (writer->journal, commit->project, device, &tip, error))
    return FALSE;
  change = make_change (commit, &tip, error);
  if (change == NULL)
    return FALSE;
  if (galley_contradiction_is_within (change))
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("One change cannot give a field two values, or make one thing as two."));
      return FALSE;
    }
  if (!galley_journal_append (writer->journal, commit->project, device, change, 0, &lsn, error) ||
      !galley_applier_apply (writer->applier, commit->project, change, error))
    return FALSE;

  if (committed != NULL)
    {
      committed->ref.device = writer->device;
      committed->ref.seq = tip.seq + 1;
      committed->hash = *galley_change_get_hash (change);
      committed->project = *galley_draft_get_project (commit->draft);
    }
  writer->outbox_moved = TRUE;
  return TRUE;
}

/**
 * galley_writer_commit:
 * @committed: (out) (nullable): the change that @draft became
 *
 * The one way in for a person's edits: checked against the schema and their role, put into the
 * journal and into the derived tables. On disk once the transaction around it has ended.
 */
gboolean
galley_writer_commit (GalleyWriter *self,
                      GalleyDraft *draft,
                      GalleyCommitted *committed,
                      GError **error)
{
  g_autoptr (GArray) edits = g_array_new (FALSE, TRUE, sizeof (GalleyEdit));
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (GVariant *));
  Commit commit = { .writer = self, .draft = draft, .edits = edits, .owned = owned };
  gboolean done;

  if (galley_draft_get_n_edits (draft) == 0)
    {
      g_set_error (error, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_INVALID,
                   _ ("There is nothing to change."));
      return FALSE;
    }

  commit.project = galley_journal_get_project (self->journal, galley_draft_get_project (draft),
                                               TRUE, error);
  done = commit.project != 0 && galley_writer_get_person (self, &commit.person, error) &&
         own_role (self, commit.project, &commit.role, error);
  for (guint i = 0; done && i < galley_draft_get_n_edits (draft); i++)
    done = add_edit (&commit, galley_draft_get_edit (draft, i), kept, error);
  done = done && append_and_apply (&commit, committed, error);

  for (guint i = 0; i < kept->len; i++)
    g_variant_unref (g_array_index (kept, GVariant *, i));
  return done;
}
