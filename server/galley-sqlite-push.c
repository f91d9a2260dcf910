/* galley-sqlite-push.c: a device's next changes: checked, ordered, kept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-push"

#include "data/galley-contradiction.h"
#include "data/galley-decision.h"
#include "data/galley-sabotage.h"
#include "server/galley-sqlite-backend-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_CHANGES 5000
/* More than this in one push wants a lead's word: a wrong script must not empty a project. */
#define MAX_DELETES 50

/* So many of a device's changes may be refused one after another: more than anybody makes while
 * offline without the role for it. Others are told of each before the device's next good change,
 * and an answer must not grow without bound. */
#define MAX_REFUSED_IN_A_ROW 20000

/* A refusal of one change: its code, and a sentence for the person. */
typedef struct
{
  const char *code;
  const char *message;
} Refusal;

typedef struct
{
  GalleyId id;
  guint8 kind;
  GalleyId author;
} Known;

typedef struct
{
  gint64 device;
  guint64 seq;
  gboolean any_refused;
} Chain;

/* One push on its way in. */
typedef struct
{
  GalleySqliteBackend *backend;
  const GalleySession *session;
  const GalleyId *project_id;
  gint64 project, device;
  GalleyRole role;
  guint64 position, seq;
  guint64 accepted_seq;  /* of the device's last change that was accepted */
  GalleyHash last;       /* of the device's chain */
  GHashTable *entities;  /* GalleyId → Known (owned) */
  GHashTable *chains;    /* GalleyId of a device → Chain (owned) */
  GHashTable *names;     /* GalleyId: the session's person and their aliases */
  GHashTable *decisions; /* (nullable) GalleyId: those that these may make; once somebody asks */
  guint n_deletes;
  gint64 now_us;
} Push;

static gboolean
fail (GError **error, GalleyServerError code, const char *message)
{
  g_set_error_literal (error, GALLEY_SERVER_ERROR, code, message);
  return FALSE;
}

/* ── reading the batch ── */

static GPtrArray *
read_batch (GBytes *batch, GalleyFrame *tip, GError **error)
{
  g_autoptr (GalleyBatchReader) reader = NULL;
  g_autoptr (GPtrArray)
      changes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  g_autoptr (GError) local = NULL;
  GalleyFrame frame;
  int read = -1;

  tip->type = 0;
  reader = galley_batch_reader_new (batch, &local);
  while (reader != NULL && (read = galley_batch_reader_next (reader, &frame, &local)) > 0)
    {
      if (frame.type == GALLEY_FRAME_CHANGE && tip->type == 0 && changes->len < MAX_CHANGES)
        g_ptr_array_add (changes, g_steal_pointer (&frame.change));
      else if (frame.type == GALLEY_FRAME_TIP && tip->type == 0)
        *tip = frame;
      else
        {
          galley_frame_clear (&frame);
          fail (error, GALLEY_SERVER_ERROR_MALFORMED,
                "A push holds changes and then one signature.");
          return NULL;
        }
    }

  if (read < 0)
    {
      gboolean large = g_error_matches (local, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_TOO_LARGE);

      fail (error, large ? GALLEY_SERVER_ERROR_TOO_LARGE : GALLEY_SERVER_ERROR_MALFORMED,
            local->message);
      return NULL;
    }
  if (changes->len == 0 || tip->type == 0)
    {
      fail (error, GALLEY_SERVER_ERROR_MALFORMED, "A push holds changes and then one signature.");
      return NULL;
    }

  return g_steal_pointer (&changes);
}

/* One signature, over the last change: the chain of hashes makes it cover all of them. */
static gboolean
check_batch (Push *push, GPtrArray *changes, const GalleyFrame *tip, GError **error)
{
  const GalleyChangeHeader *last = galley_change_get_header (
      g_ptr_array_index (changes, changes->len - 1));
  const GalleyHash *hash = galley_change_get_hash (g_ptr_array_index (changes, changes->len - 1));

  for (guint i = 0; i < changes->len; i++)
    {
      const GalleyChangeHeader *header = galley_change_get_header (g_ptr_array_index (changes, i));

      if (!galley_id_equal (&header->project, push->project_id))
        return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "A change is of another project.");
      if (!galley_id_equal (&header->device, &push->session->device))
        return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN, "A change is another device's.");
    }
  if (tip->ref.seq != last->seq || !galley_id_equal (&tip->ref.device, &last->device) ||
      !galley_hash_equal (&tip->hash, hash) ||
      !galley_tip_verify (push->session->public_key, push->project_id, &tip->ref, &tip->hash,
                          tip->signature))
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 N_ ("The signature is not that of the device over these changes."));

  return TRUE;
}

/* ── what is known ── */

static gboolean
load_names (Push *push, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT id FROM person WHERE id = ?1 UNION ALL "
                                               "SELECT a.id FROM alias a JOIN person p"
                                               " ON p.number = a.person WHERE p.id = ?1",
                                               "n", &push->session->person);
  int stepped = query != NULL ? 1 : -1;

  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId *id = g_new (GalleyId, 1);

      galley_column_id (query, 0, id);
      g_hash_table_add (push->names, id);
    }

  return stepped == 0;
}

static gboolean
load_push (Push *push, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  gint64 position = 0, accepted = 0;
  sqlite3_stmt *query;
  int stepped;

  push->project = galley_sqlite_find_project (push->backend, push->project_id, error);
  if (push->project == 0 ||
      !galley_sqlite_get_role (&push->backend->parent, push->session, push->project_id, &push->role,
                               error) ||
      !galley_database_get_int (db, &position, error,
                                "SELECT position FROM project WHERE number = ?1", "i",
                                push->project) ||
      !galley_database_get_int (db, &push->device, error, "SELECT number FROM device WHERE id = ?1",
                                "n", &push->session->device) ||
      !load_names (push, error))
    return FALSE;

  if (GALLEY_SABOTAGED (STALE_ROLE))
    push->role = push->session->role;
  push->position = position;
  query = galley_database_query (db, error,
                                 "SELECT seq, hash FROM chain WHERE project = ?1 AND device = ?2",
                                 "ii", push->project, push->device);
  stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  if (stepped > 0)
    {
      push->seq = sqlite3_column_int64 (query, 0);
      galley_column_hash (query, 1, &push->last);
      galley_database_done (query);
    }
  if (stepped < 0 ||
      !galley_database_get_int (db, &accepted, error,
                                "SELECT max (seq) FROM stream WHERE project = ?1 AND device = ?2",
                                "ii", push->project, push->device))
    return FALSE;

  push->accepted_seq = accepted;
  return TRUE;
}

static gboolean
find_entity (Push *push, const GalleyId *id, Known **known, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  sqlite3_stmt *query;
  int stepped;

  *known = g_hash_table_lookup (push->entities, id);
  if (*known != NULL)
    return TRUE;

  query = galley_database_query (db, error,
                                 "SELECT kind, author FROM entity WHERE project = ?1 AND id = ?2",
                                 "in", push->project, id);
  stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  if (stepped > 0)
    {
      *known = g_new0 (Known, 1);
      (*known)->id = *id;
      (*known)->kind = sqlite3_column_int (query, 0);
      galley_column_id (query, 1, &(*known)->author);
      galley_database_done (query);
      g_hash_table_insert (push->entities, &(*known)->id, *known);
    }

  return stepped >= 0;
}

static Chain *
find_chain (Push *push, const GalleyId *device, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  Chain *chain = g_hash_table_lookup (push->chains, device);
  sqlite3_stmt *query;
  int stepped;

  if (chain != NULL)
    return chain;

  query = galley_database_query (
      db, error,
      "SELECT d.number, c.seq, EXISTS (SELECT 1 FROM refused r WHERE r.project = c.project"
      " AND r.device = c.device) FROM chain c JOIN device d ON d.number = c.device"
      " WHERE c.project = ?1 AND d.id = ?2",
      "in", push->project, device);
  stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  if (stepped < 0)
    return NULL;

  chain = g_new0 (Chain, 1);
  if (stepped > 0)
    {
      chain->device = sqlite3_column_int64 (query, 0);
      chain->seq = sqlite3_column_int64 (query, 1);
      chain->any_refused = sqlite3_column_int (query, 2);
      galley_database_done (query);
    }
  g_hash_table_insert (push->chains, g_memdup2 (device, sizeof *device), chain);
  return chain;
}

/* ── the checks of one change ── */

static gboolean
check_seen (Push *push, const GalleyRef *ref, Refusal *refusal, GError **error)
{
  Chain *chain = find_chain (push, &ref->device, error);
  gint64 refused = 0;

  if (chain == NULL)
    return FALSE;
  if (ref->seq > chain->seq)
    *refusal = (Refusal){ "unknown-base",
                          N_ ("It replaces something that this server has never seen.") };
  else if (chain->any_refused)
    {
      if (!galley_database_get_int (push->backend->db, &refused, error,
                                    "SELECT 1 FROM refused WHERE project = ?1 AND device = ?2"
                                    " AND seq = ?3",
                                    "iii", push->project, chain->device, (gint64)ref->seq))
        return FALSE;
      if (refused)
        *refusal = (Refusal){ "depends-on", N_ ("It builds on a change that was refused.") };
    }

  return TRUE;
}

static gboolean
makes_entity (GalleyChange *change, const GalleyId *entity)
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
add_decisions_on (Push *push, const GalleyId *version)
{
  GHashTableIter names;
  gpointer name;

  g_hash_table_iter_init (&names, push->names);
  while (g_hash_table_iter_next (&names, &name, NULL))
    {
      GalleyId *id = g_new (GalleyId, 1);

      galley_decision_get_id (name, version, id);
      g_hash_table_add (push->decisions, id);
    }
}

static gboolean
load_decisions (Push *push, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT id FROM entity WHERE project = ?1"
                                               " AND kind = " G_STRINGIFY (4),
                                               "i", push->project);
  int stepped = query != NULL ? 1 : -1;

  G_STATIC_ASSERT (GALLEY_KIND_VERSION == 4);
  push->decisions = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId version;

      galley_column_id (query, 0, &version);
      add_decisions_on (push, &version);
    }

  return stepped == 0;
}

/* One decision a person and version: its id says whose and on what, and is nobody else's to use. */
static gboolean
check_derived_id (Push *push, const GalleyEdit *edit, Refusal *refusal, GError **error)
{
  if (edit->kind != GALLEY_KIND_DECISION)
    {
      if (galley_id_is_derived (&edit->entity))
        *refusal = (Refusal){ "invalid",
                              N_ ("The id of what it makes is kept for something else.") };
      return TRUE;
    }

  if (push->decisions == NULL && !load_decisions (push, error))
    return FALSE;
  if (!g_hash_table_contains (push->decisions, &edit->entity))
    *refusal = (Refusal){ "not-yours",
                          N_ ("It makes a decision that is not yours on a version here.") };
  return TRUE;
}

/* An id names one thing on a server, so that no project can be told to be about another's. Only a
 * person is a member of several. */
static gboolean
check_new_id (Push *push, const GalleyEdit *edit, Refusal *refusal, GError **error)
{
  gint64 taken = 0;

  if (edit->kind == GALLEY_KIND_MEMBER)
    return TRUE;
  if (!galley_database_get_int (
          push->backend->db, &taken, error,
          "SELECT EXISTS (SELECT 1 FROM entity WHERE id = ?1 AND project <> ?2 AND kind <> ?4)"
          " OR EXISTS (SELECT 1 FROM project WHERE id = ?1 AND (number <> ?2 OR ?3 <> 1))"
          " OR EXISTS (SELECT 1 FROM person WHERE id = ?1)"
          " OR EXISTS (SELECT 1 FROM alias WHERE id = ?1)",
          "niii", &edit->entity, push->project, (gint64)edit->kind, (gint64)GALLEY_KIND_MEMBER))
    return FALSE;

  G_STATIC_ASSERT (GALLEY_KIND_PROJECT == 1);
  if (taken)
    *refusal = (Refusal){ "invalid", N_ ("The id of what it makes belongs to something else.") };
  return TRUE;
}

static gboolean
is_delete (const GalleyEdit *edit)
{
  gboolean alive = TRUE;

  if (edit->field == GALLEY_F_ALIVE && edit->value != NULL &&
      g_variant_is_of_type (edit->value, G_VARIANT_TYPE ("(ba(ayt))")))
    g_variant_get_child (edit->value, 0, "b", &alive);
  return !alive;
}

/* Of the changes that are new here. All of them are refused or none, however they come after each
 * other: half of a mistake is no better than the whole. */
static guint
count_deletes (const Push *push, GPtrArray *changes)
{
  guint n_deletes = 0;

  for (guint i = 0; i < changes->len; i++)
    {
      GalleyChange *change = g_ptr_array_index (changes, i);

      if (galley_change_get_header (change)->seq <= push->seq)
        continue;
      for (guint k = 0; k < galley_change_get_n_edits (change); k++)
        n_deletes += is_delete (galley_change_get_edit (change, k));
    }

  return n_deletes;
}

static gboolean
decision_is_signed (Push *push, GalleyChange *change, const GalleyEdit *edit)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  g_autoptr (GalleyDecision) decision = galley_decision_from_variant (edit->value, NULL);

  return decision != NULL && galley_decision_verify (decision, &header->project, &edit->entity,
                                                     &header->actor, push->session->public_key);
}

/* What it is a part of is here, or comes with it: a part of something that was refused would be a
 * part of nothing for everybody else. */
static gboolean
check_parent (
    Push *push, GalleyChange *change, const GalleyEdit *edit, Refusal *refusal, GError **error)
{
  GalleyId parent;
  Known *known;

  if (edit->field != GALLEY_F_PARENT || edit->value == NULL ||
      g_variant_get_size (edit->value) != sizeof parent)
    return TRUE;

  memcpy (&parent, g_variant_get_data (edit->value), sizeof parent);
  if (galley_id_equal (&parent, push->project_id) || makes_entity (change, &parent))
    return TRUE;
  if (!find_entity (push, &parent, &known, error))
    return FALSE;
  if (known == NULL)
    *refusal = (Refusal){ "unknown-entity",
                          "It is a part of something that this server does not have." };
  return TRUE;
}

/* A field or kind from a newer Galley than this server is kept and passed on unread. */
static gboolean
check_edit (
    Push *push, GalleyChange *change, const GalleyEdit *edit, Refusal *refusal, GError **error)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (edit->kind, edit->field);
  Known *known;
  gboolean is_author = TRUE;

  if (!find_entity (push, &edit->entity, &known, error))
    return FALSE;
  if (known != NULL)
    is_author = g_hash_table_contains (push->names, &known->author);
  /* Nobody makes somebody else's entry in their place. */
  if (edit->kind == GALLEY_KIND_MEMBER)
    is_author = g_hash_table_contains (push->names, &edit->entity);

  if (known == NULL && !makes_entity (change, &edit->entity))
    *refusal = (Refusal){ "unknown-entity",
                          N_ ("It changes something that this server does not have.") };
  else if (known != NULL && known->kind != edit->kind)
    *refusal = (Refusal){ "invalid", N_ ("It takes one thing for another kind of thing.") };
  else if (spec != NULL && !galley_schema_check_value (spec, edit->element, edit->value, NULL))
    *refusal = (Refusal){ "invalid", N_ ("A value in it is not one that the field can have.") };
  else if (!galley_schema_may_write (spec, push->role, is_author) &&
           !(GALLEY_SABOTAGED (GUEST_WRITES) && push->role == GALLEY_ROLE_GUEST))
    *refusal = (Refusal){
      "permission", N_ ("Your role in this project does not allow it. Ask a lead to do it.")
    };
  else if (known == NULL && edit->field == GALLEY_F_ALIVE &&
           (!check_derived_id (push, edit, refusal, error) ||
            (refusal->code == NULL && !check_new_id (push, edit, refusal, error))))
    return FALSE;
  else if (refusal->code != NULL)
    return TRUE;
  else if (is_delete (edit) && push->role < GALLEY_ROLE_LEAD && push->n_deletes > MAX_DELETES)
    *refusal = (Refusal){
      "mass-change", N_ ("It is one of more than 50 deletions at once; a lead must do that.")
    };
  else if (spec != NULL && spec->type == GALLEY_FIELD_DECISION && edit->value != NULL &&
           !decision_is_signed (push, change, edit))
    *refusal = (Refusal){ "signature",
                          N_ ("The decision is not signed by the device that sent it.") };

  for (guint i = 0; refusal->code == NULL && i < edit->n_supersedes; i++)
    if (!check_seen (push, &edit->supersedes[i], refusal, error))
      return FALSE;

  return refusal->code != NULL || check_parent (push, change, edit, refusal, error);
}

static gboolean
check_change (Push *push, GalleyChange *change, Refusal *refusal, GError **error)
{
  *refusal = (Refusal){ 0 };
  if (!g_hash_table_contains (push->names, &galley_change_get_header (change)->actor))
    {
      *refusal = (Refusal){ "not-yours", N_ ("It says that another person made it.") };
      return TRUE;
    }
  if (galley_contradiction_is_within (change))
    {
      *refusal = (Refusal){ "invalid",
                            N_ ("It contradicts itself: one field twice, or two kinds.") };
      return TRUE;
    }

  for (guint i = 0; refusal->code == NULL && i < galley_change_get_n_edits (change); i++)
    if (!check_edit (push, change, galley_change_get_edit (change, i), refusal, error))
      return FALSE;

  return TRUE;
}

/* ── keeping ── */

static gboolean
keep_entities (Push *push, GalleyChange *change, GError **error)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      Known *known;

      if (edit->field != GALLEY_F_ALIVE || edit->n_supersedes > 0)
        continue;
      if (!find_entity (push, &edit->entity, &known, error))
        return FALSE;
      if (known != NULL)
        continue;
      known = g_new0 (Known, 1);
      known->id = edit->entity;
      known->kind = edit->kind;
      known->author = galley_change_get_header (change)->actor;
      g_hash_table_insert (push->entities, &known->id, known);
      if (push->decisions != NULL && known->kind == GALLEY_KIND_VERSION)
        add_decisions_on (push, &known->id);
      if (!galley_database_run (push->backend->db, error,
                                "INSERT INTO entity VALUES (?1, ?2, ?3, ?4)", "inin", push->project,
                                &known->id, (gint64)known->kind, &known->author))
        return FALSE;
    }

  return TRUE;
}

/* Which project speaks of which file: nobody is sent the bytes of a project they may not read. */
static gboolean
keep_files (Push *push, GalleyChange *change, GError **error)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      g_autoptr (GVariant) hash = NULL;

      if (edit->kind != GALLEY_KIND_VERSION || edit->field != GALLEY_VERSION_FILE ||
          edit->value == NULL)
        continue;
      hash = g_variant_get_child_value (edit->value, 0);
      if (!galley_database_run (push->backend->db, error,
                                "INSERT OR IGNORE INTO file VALUES (?1, ?2)", "ib", push->project,
                                g_variant_get_data (hash), g_variant_get_size (hash)))
        return FALSE;
    }

  return TRUE;
}

static gboolean
keep_accepted (Push *push, GalleyChange *change, GError **error)
{
  gsize bytes;
  gconstpointer data = g_bytes_get_data (galley_change_get_bytes (change), &bytes);

  push->position++;
  push->accepted_seq = galley_change_get_header (change)->seq;
  return galley_database_run (push->backend->db, error,
                              "INSERT INTO stream VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", "iiiihbi",
                              push->project, (gint64)push->position, push->device,
                              (gint64)galley_change_get_header (change)->seq,
                              galley_change_get_hash (change), data, bytes, push->now_us) &&
         keep_entities (push, change, error) && keep_files (push, change, error);
}

static gboolean
keep_refused (Push *push, GalleyChange *change, const Refusal *refusal, GError **error)
{
  Chain *chain = find_chain (push, &push->session->device, error);

  if (chain == NULL)
    return FALSE;
  if (galley_change_get_header (change)->seq > push->accepted_seq + MAX_REFUSED_IN_A_ROW)
    return fail (error, GALLEY_SERVER_ERROR_TOO_MANY,
                 N_ ("Nothing that came from this device for a long time could be taken. What was "
                     "made on it is safe on it; ask a lead or whoever runs the server."));
  chain->device = push->device;
  chain->any_refused = TRUE;
  return galley_database_run (push->backend->db, error,
                              "INSERT INTO refused VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "iiihss",
                              push->project, push->device,
                              (gint64)galley_change_get_header (change)->seq,
                              galley_change_get_hash (change), refusal->code, refusal->message);
}

/* Runs of accepted changes are told as one. */
static void
add_verdict (
    GalleyPushAnswer *answer, guint64 seq, guint64 position, const char *code, const char *message)
{
  GalleyVerdict verdict = { .first_seq = seq, .count = 1, .position = position };
  GalleyVerdict *last = answer->verdicts->len > 0 ? &g_array_index (answer->verdicts, GalleyVerdict,
                                                                    answer->verdicts->len - 1)
                                                  : NULL;

  if (GALLEY_SABOTAGED (POSITION_TWICE) && last != NULL && position > 1)
    verdict.position = --position;
  if (last != NULL && position != 0 && last->position != 0 &&
      last->first_seq + last->count == seq && last->position + last->count == position)
    {
      last->count++;
      return;
    }
  verdict.code = g_strdup (code);
  verdict.message = g_strdup (message);
  g_array_append_val (answer->verdicts, verdict);
}

/* Asked again, the server says the same; about other bytes under the same number it says so. */
static gboolean
repeat_verdict (Push *push, GalleyChange *change, GalleyPushAnswer *answer, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  guint64 seq = galley_change_get_header (change)->seq;
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT hash, position, NULL, NULL FROM stream "
                                               "WHERE project = ?1 AND device = ?2 AND seq = ?3"
                                               " UNION ALL"
                                               " SELECT hash, 0, code, message FROM refused WHERE "
                                               "project = ?1 AND device = ?2 AND seq = ?3",
                                               "iii", push->project, push->device, (gint64)seq);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  GalleyHash hash;

  if (stepped < 0)
    return FALSE;
  if (stepped == 0)
    return fail (error, GALLEY_SERVER_ERROR_FAILED, "The stream lacks a change that it counted.");

  galley_column_hash (query, 0, &hash);
  if (!galley_hash_equal (&hash, galley_change_get_hash (change)))
    {
      galley_database_done (query);
      return fail (error, GALLEY_SERVER_ERROR_FORK,
                   N_ ("This server has another change under the same number of this device: the "
                       "device was copied or restored from a backup. It needs an identity of its "
                       "own."));
    }
  add_verdict (answer, seq, sqlite3_column_int64 (query, 1),
               (const char *)sqlite3_column_text (query, 2),
               (const char *)sqlite3_column_text (query, 3));
  galley_database_done (query);
  return TRUE;
}

static gboolean
take_change (Push *push, GalleyChange *change, GalleyPushAnswer *answer, GError **error)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  Refusal refusal;
  Chain *own;

  if (header->seq <= push->seq && !GALLEY_SABOTAGED (REPEAT_IS_NEW))
    return repeat_verdict (push, change, answer, error);
  if (header->seq != push->seq + 1 && !GALLEY_SABOTAGED (REPEAT_IS_NEW))
    return fail (error, GALLEY_SERVER_ERROR_MISSING,
                 N_ ("Changes of this device before these have not arrived yet."));
  if (!galley_hash_equal (&header->previous, &push->last) && !GALLEY_SABOTAGED (REPEAT_IS_NEW))
    return fail (error, GALLEY_SERVER_ERROR_FORK,
                 N_ ("These changes do not continue what this server has of the device: it was "
                     "copied or restored from a backup. It needs an identity of its own."));

  if (!check_change (push, change, &refusal, error) ||
      !(refusal.code == NULL ? keep_accepted (push, change, error)
                             : keep_refused (push, change, &refusal, error)))
    return FALSE;

  push->seq = header->seq;
  push->last = *galley_change_get_hash (change);
  own = find_chain (push, &push->session->device, error);
  if (own == NULL)
    return FALSE;
  own->seq = push->seq;
  own->device = push->device;
  add_verdict (answer, header->seq, refusal.code == NULL ? push->position : 0, refusal.code,
               refusal.message);
  return TRUE;
}

static gboolean
finish_push (Push *push, const GalleyFrame *tip, GalleyPushAnswer *answer, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  sqlite3_stmt *query;

  if (!galley_database_run (db, error,
                            "INSERT INTO chain VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"
                            " SET seq = excluded.seq, hash = excluded.hash",
                            "iiih", push->project, push->device, (gint64)push->seq, &push->last) ||
      !galley_database_run (db, error, "INSERT OR IGNORE INTO tip VALUES (?1, ?2, ?3, ?4)", "iiib",
                            push->project, push->device, (gint64)tip->ref.seq, tip->signature,
                            (gsize)GALLEY_SIGNATURE_BYTES) ||
      !galley_database_run (db, error, "UPDATE project SET position = ?2 WHERE number = ?1", "ii",
                            push->project, (gint64)push->position) ||
      !galley_database_run (db, error, "UPDATE device SET last_seen_us = ?2 WHERE number = ?1",
                            "ii", push->device, push->now_us))
    return FALSE;

  query = galley_database_query (db, error, "SELECT history FROM project WHERE number = ?1", "i",
                                 push->project);
  if (query == NULL || galley_database_step (db, query, error) <= 0)
    return FALSE;
  answer->history_id = galley_column_text (query, 0);
  galley_database_done (query);
  answer->position = push->position;
  return TRUE;
}

/**
 * galley_sqlite_push:
 * @batch: as the device sent it
 *
 * One transaction: the answer is given when all of it is on disk. Repeating it is harmless.
 *
 * Returns: (transfer full) (nullable): a verdict on each change
 */
GalleyPushAnswer *
galley_sqlite_push (GalleyBackend *backend,
                    const GalleySession *session,
                    const GalleyId *project,
                    GBytes *batch,
                    GError **error)
{
  g_autoptr (GalleyPushAnswer) answer = galley_push_answer_new ();
  g_autoptr (GHashTable)
      entities = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  g_autoptr (GHashTable)
      chains = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_free);
  g_autoptr (GHashTable)
      names = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  g_auto (GalleyFrame) tip = { 0 };
  g_autoptr (GPtrArray) changes = read_batch (batch, &tip, error);
  GalleySession now = *session;
  Push push = {
    .backend = (GalleySqliteBackend *)backend,
    .session = &now,
    .project_id = project,
    .entities = entities,
    .chains = chains,
    .names = names,
  };
  gboolean done;

  if (changes == NULL || !check_batch (&push, changes, &tip, error) ||
      !galley_sqlite_begin (push.backend, error))
    return NULL;

  push.now_us = galley_world_now_us (push.backend->world);
  /* The session is as old as the request's first byte, and nobody's access moves from here on. */
  done = galley_sqlite_refresh (backend, &now, error) && load_push (&push, error);
  push.n_deletes = count_deletes (&push, changes);
  for (guint i = 0; done && i < changes->len; i++)
    done = take_change (&push, g_ptr_array_index (changes, i), answer, error);
  done = done && finish_push (&push, &tip, answer, error);
  g_clear_pointer (&push.decisions, g_hash_table_unref);
  return galley_sqlite_end (push.backend, done, error) ? g_steal_pointer (&answer) : NULL;
}
