/* galley-sqlite-push.c: a device's next changes: checked, ordered, kept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-sqlite-push"

#include "data/galley-contradiction.h"
#include "data/galley-decision.h"
#include "data/galley-sabotage.h"
#include "server/galley-sqlite-author.h"
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
  gboolean again; /* what the server may have had and lost, also other devices' */
  gint64 project;
  guint64 position;
  GalleyHash rolling;   /* at the position */
  GalleyAuthor *author; /* of the change that is looked at; owned by @authors */
  GHashTable *authors;  /* GalleyId of a device → GalleyAuthor (owned) */
  GHashTable *entities; /* GalleyId → Known (owned) */
  GHashTable *chains;   /* GalleyId of a device → Chain (owned) */
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

/* A batch as it came: changes, and hashes of changes that were refused, of one or several devices;
 * then the signature of each. */
typedef struct
{
  GArray *links; /* of GalleyFrame: changes and gaps */
  GArray *tips;  /* of GalleyFrame */
} Batch;

static void
batch_clear (Batch *batch)
{
  g_clear_pointer (&batch->links, g_array_unref);
  g_clear_pointer (&batch->tips, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Batch, batch_clear)

static const GalleyFrame *
get_link (const Batch *batch, guint index)
{
  return &g_array_index (batch->links, GalleyFrame, index);
}

static GalleyRef
ref_of (const GalleyFrame *link)
{
  const GalleyChangeHeader *header;

  if (link->change == NULL)
    return link->ref;
  header = galley_change_get_header (link->change);
  return (GalleyRef){ header->device, header->seq };
}

static const GalleyHash *
hash_of (const GalleyFrame *link)
{
  return link->change != NULL ? galley_change_get_hash (link->change) : &link->hash;
}

static gboolean
take_frame (Batch *batch, GalleyFrame *frame)
{
  if (frame->type == GALLEY_FRAME_TIP)
    {
      g_array_append_val (batch->tips, *frame);
      return batch->tips->len <= MAX_CHANGES;
    }
  if ((frame->type != GALLEY_FRAME_CHANGE && frame->type != GALLEY_FRAME_GAP) ||
      batch->tips->len > 0 || batch->links->len >= MAX_CHANGES)
    {
      galley_frame_clear (frame);
      return FALSE;
    }

  g_array_append_val (batch->links, *frame);
  return TRUE;
}

static gboolean
read_batch (GBytes *bytes, Batch *batch, GError **error)
{
  g_autoptr (GalleyBatchReader) reader = NULL;
  g_autoptr (GError) local = NULL;
  GalleyFrame frame;
  int read = -1;

  batch->links = g_array_new (FALSE, TRUE, sizeof (GalleyFrame));
  g_array_set_clear_func (batch->links, (GDestroyNotify)galley_frame_clear);
  batch->tips = g_array_new (FALSE, TRUE, sizeof (GalleyFrame));
  reader = galley_batch_reader_new (bytes, &local);
  while (reader != NULL && (read = galley_batch_reader_next (reader, &frame, &local)) > 0)
    if (!take_frame (batch, &frame))
      return fail (error, GALLEY_SERVER_ERROR_MALFORMED,
                   "A push holds changes and then one signature of each device.");

  if (read < 0)
    {
      gboolean large = g_error_matches (local, GALLEY_WIRE_ERROR, GALLEY_WIRE_ERROR_TOO_LARGE);

      /* To refuse the changes for good would take them from everybody who can read them. */
      if (g_error_matches (local, GALLEY_DATA_ERROR, GALLEY_DATA_ERROR_NEWER))
        return fail (error, GALLEY_SERVER_ERROR_NEWER,
                     N_ ("This server is older than the Galley that made these changes and cannot "
                         "read them yet. They are safe on this computer, and go out by themselves "
                         "once the server is updated."));

      return fail (error, large ? GALLEY_SERVER_ERROR_TOO_LARGE : GALLEY_SERVER_ERROR_MALFORMED,
                   local->message);
    }
  return (batch->links->len > 0 && batch->tips->len > 0) ||
         fail (error, GALLEY_SERVER_ERROR_MALFORMED,
               "A push holds changes and then one signature of each device.");
}

/* ── whose it is ── */

static gboolean
find_author (Push *push, const GalleyId *device, GError **error)
{
  push->author = g_hash_table_lookup (push->authors, device);
  if (push->author != NULL)
    return TRUE;

  push->author = galley_author_load (push->backend, push->project, push->project_id, device, error);
  if (push->author == NULL)
    return FALSE;
  g_hash_table_insert (push->authors, &push->author->id, push->author);
  if (GALLEY_SABOTAGED (STALE_ROLE))
    push->author->role = push->session->role;
  if (galley_id_equal (device, &push->session->device))
    return TRUE;

  if (!push->again)
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN, "A change is another device's.");
  if (!push->author->may_relay)
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 N_ ("A change is of a device whose access was withdrawn."));
  return TRUE;
}

/* One signature over a device's last change: the chain of hashes makes it cover all of them. */
static gboolean
check_tip (Push *push, const GalleyFrame *tip, const GalleyFrame *last, GError **error)
{
  GalleyRef ref = { { { 0 } }, 0 };

  if (last != NULL)
    ref = ref_of (last);
  if (last == NULL || !galley_ref_equal (&tip->ref, &ref) ||
      !galley_hash_equal (&tip->hash, hash_of (last)) ||
      !galley_tip_verify (push->author->public_key, push->project_id, &tip->ref, &tip->hash,
                          tip->signature))
    return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN,
                 N_ ("The signature is not that of the device over these changes."));

  return TRUE;
}

/* Each device that speaks here has signed what it says last. */
static gboolean
check_batch (Push *push, const Batch *batch, GError **error)
{
  g_autoptr (GHashTable)
      last = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);

  for (guint i = 0; i < batch->links->len; i++)
    {
      const GalleyFrame *link = get_link (batch, i);
      GalleyRef ref = ref_of (link);

      if (link->change != NULL &&
          !galley_id_equal (&galley_change_get_header (link->change)->project, push->project_id))
        return fail (error, GALLEY_SERVER_ERROR_MALFORMED, "A change is of another project.");
      if (!find_author (push, &ref.device, error))
        return FALSE;
      g_hash_table_replace (last, g_memdup2 (&ref.device, sizeof ref.device), (gpointer)link);
    }
  for (guint i = 0; i < batch->tips->len; i++)
    {
      const GalleyFrame *tip = &g_array_index (batch->tips, GalleyFrame, i);

      push->author = g_hash_table_lookup (push->authors, &tip->ref.device);
      if (push->author == NULL)
        return fail (error, GALLEY_SERVER_ERROR_FORBIDDEN, "A signature is over no change.");
      if (!check_tip (push, tip, g_hash_table_lookup (last, &tip->ref.device), error))
        return FALSE;
      g_hash_table_remove (last, &tip->ref.device);
    }

  return g_hash_table_size (last) == 0 ||
         fail (error, GALLEY_SERVER_ERROR_FORBIDDEN, "A device has not signed its changes.");
}

/* ── what is known ── */

/* What the sender knows of the stream must be so, or it would be told that what its changes stand
 * on never was. */
static gboolean
check_terms (Push *push, const GalleyPushTerms *terms, const char *history, GError **error)
{
  if (terms == NULL || terms->again)
    return TRUE;

  return (terms->history == NULL || g_str_equal (terms->history, history)) &&
         galley_sqlite_stands_on (push->backend, push->project, push->position, &terms->mark,
                                  error);
}

static gboolean
load_push (Push *push, const GalleyPushTerms *terms, char **history, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  g_autoptr (GError) local = NULL;
  GalleyRole role;
  sqlite3_stmt *query;

  push->project = galley_sqlite_find_project (push->backend, push->project_id, error);
  if (push->project == 0 || !galley_sqlite_get_role (&push->backend->parent, push->session,
                                                     push->project_id, &role, error))
    return FALSE;

  query = galley_database_query (db, error,
                                 "SELECT position, history FROM project WHERE number = ?1", "i",
                                 push->project);
  if (query == NULL || galley_database_step (db, query, error) <= 0)
    return FALSE;
  push->position = sqlite3_column_int64 (query, 0);
  *history = galley_column_text (query, 1);
  galley_database_done (query);
  if (!galley_sqlite_get_rolling (push->backend, push->project, push->position, &push->rolling,
                                  error))
    return FALSE;
  if (check_terms (push, terms, *history, &local))
    return TRUE;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return fail (error, GALLEY_SERVER_ERROR_HISTORY, GALLEY_SQLITE_OTHER_HISTORY);
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
add_decisions_on (GalleyAuthor *author, const GalleyId *version)
{
  GHashTableIter names;
  gpointer name;

  g_hash_table_iter_init (&names, author->names);
  while (g_hash_table_iter_next (&names, &name, NULL))
    {
      GalleyId *id = g_new (GalleyId, 1);

      galley_decision_get_id (name, version, id);
      g_hash_table_add (author->decisions, id);
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
  push->author->decisions = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  while (stepped > 0 && (stepped = galley_database_step (db, query, error)) > 0)
    {
      GalleyId version;

      galley_column_id (query, 0, &version);
      add_decisions_on (push->author, &version);
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

  if (push->author->decisions == NULL && !load_decisions (push, error))
    return FALSE;
  if (!g_hash_table_contains (push->author->decisions, &edit->entity))
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
 * other: half of a mistake is no better than the whole. What was accepted once and is sent again
 * has passed. */
static guint
count_deletes (Push *push, const Batch *batch)
{
  guint n_deletes = 0;

  for (guint i = 0; !push->again && i < batch->links->len; i++)
    {
      GalleyChange *change = get_link (batch, i)->change;

      if (change == NULL || galley_change_get_header (change)->seq <= push->author->seq)
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
                                                     &header->actor, push->author->public_key);
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
    is_author = g_hash_table_contains (push->author->names, &known->author);
  /* Nobody makes somebody else's entry in their place. */
  if (edit->kind == GALLEY_KIND_MEMBER)
    is_author = g_hash_table_contains (push->author->names, &edit->entity);

  if (known == NULL && !makes_entity (change, &edit->entity))
    *refusal = (Refusal){ "unknown-entity",
                          N_ ("It changes something that this server does not have.") };
  else if (known != NULL && known->kind != edit->kind)
    *refusal = (Refusal){ "invalid", N_ ("It takes one thing for another kind of thing.") };
  else if (spec != NULL && !galley_schema_check_value (spec, edit->element, edit->value, NULL))
    *refusal = (Refusal){ "invalid", N_ ("A value in it is not one that the field can have.") };
  else if (!galley_schema_may_write (spec, push->author->role, is_author) &&
           !(GALLEY_SABOTAGED (GUEST_WRITES) && push->author->role == GALLEY_ROLE_GUEST))
    *refusal = (Refusal){
      "permission", N_ ("Your role in this project does not allow it. Ask a lead to do it.")
    };
  else if (known == NULL && edit->field == GALLEY_F_ALIVE &&
           (!check_derived_id (push, edit, refusal, error) ||
            (refusal->code == NULL && !check_new_id (push, edit, refusal, error))))
    return FALSE;
  else if (refusal->code != NULL)
    return TRUE;
  else if (is_delete (edit) && push->author->role < GALLEY_ROLE_LEAD &&
           push->n_deletes > MAX_DELETES)
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
  if (!g_hash_table_contains (push->author->names, &galley_change_get_header (change)->actor))
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

/* For whoever of those that speak here was asked about decisions. */
static void
add_version (Push *push, const GalleyId *version)
{
  GHashTableIter iter;
  gpointer author;

  g_hash_table_iter_init (&iter, push->authors);
  while (g_hash_table_iter_next (&iter, NULL, &author))
    if (((GalleyAuthor *)author)->decisions != NULL)
      add_decisions_on (author, version);
}

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
      if (known->kind == GALLEY_KIND_VERSION)
        add_version (push, &known->id);
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
  galley_hash_roll (&push->rolling, galley_change_get_hash (change));
  push->author->accepted_seq = galley_change_get_header (change)->seq;
  return galley_database_run (push->backend->db, error,
                              "INSERT INTO stream VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                              "iiiihbih", push->project, (gint64)push->position,
                              push->author->device, (gint64)galley_change_get_header (change)->seq,
                              galley_change_get_hash (change), data, bytes, push->now_us,
                              &push->rolling) &&
         keep_entities (push, change, error) && keep_files (push, change, error);
}

static gboolean
keep_refused (Push *push, const GalleyFrame *link, const Refusal *refusal, GError **error)
{
  Chain *chain = find_chain (push, &push->author->id, error);
  GalleyRef ref = ref_of (link);

  if (chain == NULL)
    return FALSE;
  if (ref.seq > push->author->accepted_seq + MAX_REFUSED_IN_A_ROW)
    return fail (error, GALLEY_SERVER_ERROR_TOO_MANY,
                 N_ ("Nothing that came from this device for a long time could be taken. What was "
                     "made on it is safe on it; ask a lead or whoever runs the server."));
  chain->device = push->author->device;
  chain->any_refused = TRUE;
  return galley_database_run (push->backend->db, error,
                              "INSERT INTO refused VALUES (?1, ?2, ?3, ?4, ?5, ?6)", "iiihss",
                              push->project, push->author->device, (gint64)ref.seq, hash_of (link),
                              refusal->code, refusal->message);
}

/* Runs of accepted changes are told as one. */
static void
add_verdict (Push *push,
             GalleyPushAnswer *answer,
             guint64 seq,
             guint64 position,
             const char *code,
             const char *message)
{
  GalleyVerdict verdict = { .first_seq = seq, .count = 1, .position = position };
  GalleyVerdict *last = answer->verdicts->len > 0 ? &g_array_index (answer->verdicts, GalleyVerdict,
                                                                    answer->verdicts->len - 1)
                                                  : NULL;

  /* The one who sends is not named. */
  if (!galley_id_equal (&push->author->id, &push->session->device))
    verdict.device = push->author->id;
  if (GALLEY_SABOTAGED (POSITION_TWICE) && last != NULL && position > 1)
    verdict.position = --position;
  if (last != NULL && position != 0 && last->position != 0 &&
      galley_id_equal (&last->device, &verdict.device) && last->first_seq + last->count == seq &&
      last->position + last->count == position)
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
repeat_verdict (Push *push, const GalleyFrame *link, GalleyPushAnswer *answer, GError **error)
{
  GalleyDatabase *db = push->backend->db;
  guint64 seq = ref_of (link).seq;
  sqlite3_stmt *query = galley_database_query (db, error,
                                               "SELECT hash, position, NULL, NULL FROM stream "
                                               "WHERE project = ?1 AND device = ?2 AND seq = ?3"
                                               " UNION ALL"
                                               " SELECT hash, 0, code, message FROM refused WHERE "
                                               "project = ?1 AND device = ?2 AND seq = ?3",
                                               "iii", push->project, push->author->device,
                                               (gint64)seq);
  int stepped = query != NULL ? galley_database_step (db, query, error) : -1;
  GalleyHash hash;

  if (stepped < 0)
    return FALSE;
  if (stepped == 0)
    return fail (error, GALLEY_SERVER_ERROR_FAILED, "The stream lacks a change that it counted.");

  galley_column_hash (query, 0, &hash);
  if (!galley_hash_equal (&hash, hash_of (link)))
    {
      galley_database_done (query);
      return fail (error, GALLEY_SERVER_ERROR_FORK,
                   N_ ("This server has another change under the same number of this device: the "
                       "device was copied or restored from a backup. It needs an identity of its "
                       "own."));
    }
  add_verdict (push, answer, seq, sqlite3_column_int64 (query, 1),
               (const char *)sqlite3_column_text (query, 2),
               (const char *)sqlite3_column_text (query, 3));
  galley_database_done (query);
  return TRUE;
}

/* Whoever made the thing was told no: it will not come. */
static gboolean
keep_unmade (Push *push, GalleyChange *change, GError **error)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);

      if (edit->field == GALLEY_F_ALIVE && edit->n_supersedes == 0 &&
          !galley_database_run (push->backend->db, error,
                                "INSERT OR IGNORE INTO unmade VALUES (?1, ?2)", "in", push->project,
                                &edit->entity))
        return FALSE;
    }

  return TRUE;
}

/* Whether the change is about, or makes a part of, a thing whose making was refused. */
static gboolean
stands_on_unmade (Push *push, GalleyChange *change, gboolean *stands, GError **error)
{
  gint64 found = 0;

  for (guint i = 0; !found && i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      gboolean is_part = edit->field == GALLEY_F_PARENT && edit->value != NULL &&
                         g_variant_get_size (edit->value) == sizeof (GalleyId);

      if (!galley_database_get_int (push->backend->db, &found, error,
                                    "SELECT 1 FROM unmade WHERE project = ?1 AND id IN (?2, ?3)",
                                    "inn", push->project, &edit->entity,
                                    is_part ? g_variant_get_data (edit->value) : &edit->entity))
        return FALSE;
    }

  *stands = found != 0;
  return TRUE;
}

/* Of a change that is sent again, what it stands on may still be on its way from another device:
 * that is no reason to refuse it for good. */
static gboolean
check_missing (Push *push, GalleyChange *change, const Refusal *refusal, GError **error)
{
  gboolean is_base = g_strcmp0 (refusal->code, "unknown-base") == 0;
  gboolean unmade = FALSE;

  if (!push->again || (!is_base && g_strcmp0 (refusal->code, "unknown-entity") != 0))
    return TRUE;
  if (!is_base && !stands_on_unmade (push, change, &unmade, error))
    return FALSE;

  return unmade || fail (error, GALLEY_SERVER_ERROR_MISSING,
                         N_ ("What these changes stand on has not arrived yet."));
}

static gboolean
judge_link (Push *push, const GalleyFrame *link, Refusal *refusal, GError **error)
{
  if (link->change == NULL)
    {
      *refusal = (Refusal){ "refused",
                            N_ ("It was refused before; the server does not know why.") };
      return keep_refused (push, link, refusal, error);
    }
  if (!check_change (push, link->change, refusal, error) ||
      !check_missing (push, link->change, refusal, error))
    return FALSE;
  if (refusal->code == NULL)
    return keep_accepted (push, link->change, error);

  return keep_refused (push, link, refusal, error) && keep_unmade (push, link->change, error);
}

static gboolean
take_link (Push *push, const GalleyFrame *link, GalleyPushAnswer *answer, GError **error)
{
  GalleyAuthor *author;
  GalleyRef ref = ref_of (link);
  Refusal refusal;
  Chain *chain;

  if (!find_author (push, &ref.device, error))
    return FALSE;
  author = push->author;
  if (ref.seq <= author->seq && !GALLEY_SABOTAGED (REPEAT_IS_NEW))
    return repeat_verdict (push, link, answer, error);
  if (ref.seq != author->seq + 1 && !GALLEY_SABOTAGED (REPEAT_IS_NEW))
    return fail (error, GALLEY_SERVER_ERROR_MISSING,
                 N_ ("Changes of this device before these have not arrived yet."));
  if (link->change != NULL && !GALLEY_SABOTAGED (REPEAT_IS_NEW) &&
      !galley_hash_equal (&galley_change_get_header (link->change)->previous, &author->last))
    return fail (error, GALLEY_SERVER_ERROR_FORK,
                 N_ ("These changes do not continue what this server has of the device: it was "
                     "copied or restored from a backup. It needs an identity of its own."));

  if (!judge_link (push, link, &refusal, error))
    return FALSE;

  author->seq = ref.seq;
  author->last = *hash_of (link);
  chain = find_chain (push, &author->id, error);
  if (chain == NULL)
    return FALSE;
  chain->seq = author->seq;
  chain->device = author->device;
  add_verdict (push, answer, ref.seq, refusal.code == NULL ? push->position : 0, refusal.code,
               refusal.message);
  return TRUE;
}

static gboolean
keep_tips (Push *push, const Batch *batch, GError **error)
{
  for (guint i = 0; i < batch->tips->len; i++)
    {
      const GalleyFrame *tip = &g_array_index (batch->tips, GalleyFrame, i);
      const GalleyAuthor *author = g_hash_table_lookup (push->authors, &tip->ref.device);

      if (!galley_database_run (push->backend->db, error,
                                "INSERT INTO chain VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"
                                " SET seq = excluded.seq, hash = excluded.hash",
                                "iiih", push->project, author->device, (gint64)author->seq,
                                &author->last) ||
          !galley_database_run (push->backend->db, error,
                                "INSERT OR IGNORE INTO tip VALUES (?1, ?2, ?3, ?4)", "iiib",
                                push->project, author->device, (gint64)tip->ref.seq, tip->signature,
                                (gsize)GALLEY_SIGNATURE_BYTES))
        return FALSE;
    }

  return TRUE;
}

static gboolean
finish_push (Push *push, const Batch *batch, GError **error)
{
  GalleyDatabase *db = push->backend->db;

  return keep_tips (push, batch, error) &&
         galley_database_run (db, error, "UPDATE project SET position = ?2 WHERE number = ?1", "ii",
                              push->project, (gint64)push->position) &&
         galley_database_run (db, error, "UPDATE device SET last_seen_us = ?2 WHERE id = ?1", "ni",
                              &push->session->device, push->now_us);
}

static gboolean
run_push (Push *push,
          const Batch *batch,
          const GalleyPushTerms *terms,
          GalleyPushAnswer *answer,
          GError **error)
{
  if (!load_push (push, terms, &answer->history_id, error) || !check_batch (push, batch, error))
    return FALSE;

  push->n_deletes = count_deletes (push, batch);
  for (guint i = 0; i < batch->links->len; i++)
    if (!take_link (push, get_link (batch, i), answer, error))
      return FALSE;

  answer->position = push->position;
  return finish_push (push, batch, error);
}

/**
 * galley_sqlite_push:
 * @batch: as the device sent it
 * @terms: (nullable): what the sender knows of the stream
 *
 * One transaction: the answer is given when all of it is on disk. Repeating it is harmless.
 *
 * Returns: (transfer full) (nullable): a verdict on each change
 */
GalleyPushAnswer *
galley_sqlite_push (GalleyBackend *backend,
                    const GalleySession *session,
                    const GalleyId *project,
                    GBytes *bytes,
                    const GalleyPushTerms *terms,
                    GError **error)
{
  g_autoptr (GalleyPushAnswer) answer = galley_push_answer_new ();
  g_autoptr (GHashTable) authors = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL,
                                                          (GDestroyNotify)galley_author_free);
  g_autoptr (GHashTable)
      entities = g_hash_table_new_full (galley_id_hash, galley_id_equal, NULL, g_free);
  g_autoptr (GHashTable)
      chains = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, g_free);
  g_auto (Batch) batch = { 0 };
  GalleySession now = *session;
  gboolean done;
  Push push = {
    .backend = (GalleySqliteBackend *)backend,
    .session = &now,
    .project_id = project,
    .again = terms != NULL && terms->again,
    .authors = authors,
    .entities = entities,
    .chains = chains,
  };

  if (!read_batch (bytes, &batch, error) || !galley_sqlite_begin (push.backend, error))
    return NULL;

  push.now_us = galley_world_now_us (push.backend->world);
  /* The session is as old as the request's first byte, and nobody's access moves from here on. */
  done = galley_sqlite_refresh (backend, &now, error) &&
         run_push (&push, &batch, terms, answer, error);
  return galley_sqlite_end (push.backend, done, error) ? g_steal_pointer (&answer) : NULL;
}
