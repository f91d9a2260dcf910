/* galley-sim-checks.c: whether all is as the model says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-known.h"

#include "data/galley-outbox.h"
#include "data/galley-replay.h"
#include "data/galley-snapshot-install.h"
#include "sync/wire/galley-batch.h"
#include "sync/wire/galley-wire-json.h"

#include <string.h>

#define HEAL_US (300 * G_USEC_PER_SEC)
/* An hour is four times the longest wait between two tries. */
#define MAX_HEAL_ROUNDS 12

/* ── what the server says ── */

static void
note_verdict (GalleySim *sim, const GalleyId *project, const GalleyRef *ref, guint64 position)
{
  char *name = galley_sim_name_of (project, (const SimRef *)ref);
  guint64 *known = g_hash_table_lookup (sim->accepted, name);

  galley_sim_note (sim, "  change %u is at %u", (guint)ref->seq, (guint)position);
  if (known == NULL)
    {
      g_hash_table_insert (sim->accepted, name, g_memdup2 (&position, sizeof position));
      return;
    }
  if (*known != position)
    galley_sim_fail (sim,
                     "Asked again, the server says something else of %s: first %" G_GUINT64_FORMAT
                     ", now %" G_GUINT64_FORMAT,
                     name, *known, position);
  g_free (name);
}

/* Whoever hears it may forget how they came to know: at once, and not only when others ask. */
static void
check_word (GalleySim *sim,
            sqlite3 *server,
            const GalleyId *project,
            const GalleyRef *ref,
            guint64 position)
{
  sqlite3_stmt *statement =
      galley_sim_query (server,
                        "SELECT 1 FROM stream s JOIN project p ON p.number = s.project"
                        " JOIN device d ON d.number = s.device"
                        " WHERE p.id = ?1 AND d.id = ?2 AND s.seq = ?3 AND s.position = ?4",
                        project);

  sqlite3_bind_blob (statement, 2, &ref->device, sizeof ref->device, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, ref->seq);
  sqlite3_bind_int64 (statement, 4, position);
  if (sqlite3_step (statement) != SQLITE_ROW)
    galley_sim_fail (sim, "The server says that it has change %u at %u, and has not",
                     (guint)ref->seq, (guint)position);
  sqlite3_finalize (statement);
}

static gboolean
read_project (GalleyRequest *request, GalleyId *project)
{
  g_auto (GStrv) path = g_strsplit (request->path, "?", 2);
  g_auto (GStrv) parts = g_strsplit (path[0], "/", -1);

  return g_strv_length (parts) == 5 && g_str_equal (parts[4], "changes") &&
         g_str_equal (request->method, "POST") && galley_id_parse (parts[3], project, NULL);
}

static gboolean
is_relay (GalleyRequest *request)
{
  return strstr (request->path, "again=1") != NULL;
}

/* By its own word: a device may have become another one while the push was on its way. */
static gboolean
read_sender (GBytes *body, GalleyId *sender)
{
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (body, NULL);
  gboolean found = FALSE, more = reader != NULL;

  while (more)
    {
      g_auto (GalleyFrame) frame = { 0 };

      more = galley_batch_reader_next (reader, &frame, NULL) > 0;
      if (more && frame.type == GALLEY_FRAME_TIP)
        {
          *sender = frame.ref.device;
          found = TRUE;
        }
    }

  return found;
}

static void
note_answer (GalleySim *sim, GalleyRequest *request, GalleyResponse *response)
{
  g_autoptr (GalleyPushAnswer) answer = NULL;
  GalleyId project, sender = { { 0 } };
  sqlite3 *server;

  if (response->status != 200 || !read_project (request, &project))
    return;
  answer = galley_push_answer_parse (response->body, NULL);
  if (answer == NULL)
    {
      galley_sim_fail (sim, "The server's verdicts make no sense");
      return;
    }
  if (!is_relay (request) && answer->verdicts->len > 0 && !read_sender (request->body, &sender))
    galley_sim_fail (sim, "The server answered a push that nobody signed");
  server = galley_sim_open_server (sim);
  for (guint i = 0; i < answer->verdicts->len; i++)
    {
      const GalleyVerdict *verdict = &g_array_index (answer->verdicts, GalleyVerdict, i);

      for (guint64 k = 0; k < verdict->count; k++)
        {
          GalleyRef ref = { is_relay (request) ? verdict->device : sender, verdict->first_seq + k };

          if (galley_id_is_nil (&ref.device))
            continue; /* a relay's own: whose it is by now is not said */
          note_verdict (sim, &project, &ref, verdict->position != 0 ? verdict->position + k : 0);
          if (verdict->position != 0)
            check_word (sim, server, &project, &ref, verdict->position + k);
        }
    }
  galley_sim_close_server (server);
}

/* What has left the server holds for good, whether it arrives or not. */
void
galley_sim_answered (GalleyRequest *request, GalleyResponse *response, guint machine, gpointer data)
{
  GalleySim *sim = data;
  GalleyId project;

  if (galley_sim_disk_is_dead (sim->server_disk))
    return;
  galley_sim_note (sim, "device %u: %s %s: %u", machine, request->method, request->path,
                   response->status);
  note_answer (sim, request, response);
  if (response->status == 200 && read_project (request, &project) && !is_relay (request))
    {
      g_ptr_array_add (sim->pushes, galley_request_ref (request));
      g_array_append_val (sim->pushers, machine);
    }
}

/* ── databases ── */

static guint64
ask_number (sqlite3 *db, const char *sql, const GalleyId *project)
{
  sqlite3_stmt *statement = galley_sim_query (db, sql, project);
  guint64 number = 0;

  if (sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

static SimState *
make_state (GArray *rows)
{
  SimState *state = sim_state_new ();

  for (guint i = 0; i < rows->len; i++)
    {
      const GalleySimRow *row = &g_array_index (rows, GalleySimRow, i);

      if (!row->refused && row->part != GALLEY_SIM_HISTORY)
        sim_state_apply (state, row->change, row->position);
    }

  return state;
}

static GVariant *
read_value (sqlite3_stmt *statement, int column)
{
  g_autoptr (GBytes) bytes = g_bytes_new (sqlite3_column_blob (statement, column),
                                          sqlite3_column_bytes (statement, column));
  g_autoptr (GVariant) boxed = NULL;

  if (g_bytes_get_size (bytes) == 0)
    return NULL;
  boxed = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE_VARIANT, bytes, FALSE));
  return g_variant_get_variant (boxed);
}

/* ── a device's derived tables against the model ── */

static void
check_heads (GalleySimDevice *device, const GalleyId *project, SimState *state)
{
  g_autoptr (GHashTable) expected = sim_state_describe_heads (state);
  sqlite3_stmt *statement =
      galley_sim_query (device->look,
                        "SELECT e.id, h.field, h.element, d.id, h.seq, h.value"
                        " FROM derived_head h JOIN derived_entity e ON"
                        " e.number = h.entity JOIN project p ON p.number = e.project"
                        " JOIN device d ON d.number = h.device WHERE p.id = ?1",
                        project);
  GHashTableIter iter;
  gpointer line;

  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      g_autoptr (GVariant) value = read_value (statement, 5);
      g_autofree char *there = NULL;
      SimId entity;
      SimRef ref;

      galley_sim_read_id (statement, 0, &entity);
      galley_sim_read_id (statement, 3, &ref.device);
      ref.seq = sqlite3_column_int64 (statement, 4);
      there = sim_head_describe (&entity, sqlite3_column_int (statement, 1),
                                 (const char *)sqlite3_column_text (statement, 2), &ref, value);
      if (!g_hash_table_remove (expected, there))
        galley_sim_fail (device->sim, "device %u has a head that it must not have: %s",
                         device->index, there);
    }
  sqlite3_finalize (statement);
  g_hash_table_iter_init (&iter, expected);
  if (g_hash_table_iter_next (&iter, &line, NULL))
    galley_sim_fail (device->sim, "device %u lacks a head: %s", device->index, (char *)line);
}

static void
check_digest (GalleySimDevice *device, const GalleyId *project, SimState *state)
{
  sqlite3_stmt *statement = galley_sim_query (device->look,
                                              "SELECT g.sum FROM derived_digest g JOIN project p"
                                              " ON p.number = g.project WHERE p.id = ?1",
                                              project);
  guint8 expected[32], there[32] = { 0 };

  if (sqlite3_step (statement) == SQLITE_ROW && sqlite3_column_bytes (statement, 0) == 32)
    memcpy (there, sqlite3_column_blob (statement, 0), 32);
  sqlite3_finalize (statement);
  sim_state_digest (state, expected);
  if (memcmp (expected, there, 32) != 0)
    galley_sim_fail (device->sim, "device %u has another digest than its heads give",
                     device->index);
}

static void
check_entities (GalleySimDevice *device, const GalleyId *project, SimState *state)
{
  sqlite3_stmt *statement =
      galley_sim_query (device->look,
                        "SELECT e.id, e.alive, e.author, e.kind FROM derived_entity e"
                        " JOIN project p ON p.number = e.project WHERE p.id = ?1",
                        project);

  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      int alive = sqlite3_column_int (statement, 1), expected;
      const SimChange *maker;
      g_autofree char *text = NULL;
      SimId id, author;

      galley_sim_read_id (statement, 0, &id);
      galley_sim_read_id (statement, 2, &author);
      text = sim_id_print (&id);
      expected = sim_state_get_alive (state, &id);
      maker = g_hash_table_lookup (state->makers, &id);
      if (alive != expected)
        galley_sim_fail (device->sim, "device %u: %s of kind %d is there: %d, and must be: %d",
                         device->index, text, sqlite3_column_int (statement, 3), alive, expected);
      if (maker != NULL && !sim_id_equal (&maker->actor, &author))
        galley_sim_fail (device->sim, "device %u: %s has another author than who made it",
                         device->index, text);
    }
  sqlite3_finalize (statement);
}

static const char *
get_text (GVariant *value)
{
  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
             ? g_variant_get_string (value, NULL)
             : "";
}

static guint
count_word (const char *text, const char *word)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);
  guint n_there = 0;

  for (guint i = 0; words[i] != NULL; i++)
    n_there += g_str_equal (words[i], word);
  return n_there;
}

static gboolean
has_word (const char *text, const char *word)
{
  return count_word (text, word) > 0;
}

/* Who takes both sides of a conflict has a word of either twice. */
static gboolean
is_twice (GArray *heads, const char *word)
{
  for (guint i = 0; i < heads->len; i++)
    if (count_word (get_text (g_array_index (heads, SimHead, i).edit->value), word) > 1)
      return TRUE;

  return FALSE;
}

/* Words that are written once in a run: which one side alone brought in or took out is kept. */
static char *
find_lost_word (GArray *heads, GVariant *base, const char *merged)
{
  for (guint i = 0; i < heads->len; i++)
    {
      const char *side = get_text (g_array_index (heads, SimHead, i).edit->value);
      g_auto (GStrv) words = g_strsplit_set (side, " \n", -1);
      g_auto (GStrv) before = g_strsplit_set (get_text (base), " \n", -1);

      for (guint w = 0; words[w] != NULL; w++)
        if (!has_word (get_text (base), words[w]) && !has_word (merged, words[w]))
          return g_strdup_printf ("lacks “%s”", words[w]);
      for (guint w = 0; before[w] != NULL; w++)
        if (!has_word (side, before[w]) && has_word (merged, before[w]) &&
            !is_twice (heads, before[w]))
          return g_strdup_printf ("still has “%s”", before[w]);
    }

  return NULL;
}

static int
strictness (GVariant *value)
{
  const char *verdict;

  if (value == NULL)
    return -1;
  g_variant_get_child (value, 0, "&s", &verdict);
  return g_str_equal (verdict, "request-changes") ? 2 : g_str_equal (verdict, "approve");
}

static gboolean
same (GVariant *a, GVariant *b)
{
  return a == NULL || b == NULL ? a == b : g_variant_equal (a, b);
}

/* What a merge began with, for whoever has to find out. */
static char *
tell_sides (GArray *heads, GVariant *base, const char *merged)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "“%s” of “%s”", merged, get_text (base));
  for (guint i = 0; i < heads->len; i++)
    {
      const SimHead *head = &g_array_index (heads, SimHead, i);
      g_autofree char *name = sim_ref_print (&head->change->ref);

      g_string_append_printf (text, ", %s: “%s”", name, get_text (head->edit->value));
    }
  return g_string_free (text, FALSE);
}

/* @state: 1 merged, 2 a person must look.
 * @by_policy: whether a policy of the project settles it, if nothing else does: with @policy
 * Returns: (nullable): what is wrong with it */
static char *
judge (SimState *state,
       GArray *heads,
       const SimField *field,
       gboolean by_policy,
       GVariant *policy,
       int shown_state,
       GVariant *shown)
{
  const SimHead *earliest = sim_heads_earliest (heads);
  g_autofree char *lost = NULL, *sides = NULL;
  GVariant *base, *best = earliest->edit->value;
  gboolean known;

  if (sim_heads_equal (heads))
    return shown_state == 0 && same (shown, best) ? NULL : g_strdup ("the heads are equal");

  switch (field->type)
    {
    case SIM_SET:
      for (guint i = 0; i < heads->len; i++)
        if (g_array_index (heads, SimHead, i).edit->value != NULL && shown == NULL)
          return g_strdup ("a remove won over an add");
      return NULL;

    case SIM_ORDER:
      for (guint i = 0; i < heads->len; i++)
        if (strcmp (get_text (g_array_index (heads, SimHead, i).edit->value), get_text (shown)) > 0)
          return g_strdup ("not the greatest key is shown");
      return NULL;

    case SIM_DECISION:
      for (guint i = 0; i < heads->len; i++)
        if (strictness (g_array_index (heads, SimHead, i).edit->value) > strictness (shown))
          return g_strdup ("not the strictest word counts");
      return NULL;

    case SIM_TEXT:
      if (shown_state != 1 || (by_policy && same (shown, policy)))
        break;
      base = sim_edit_find_base (state, heads, &known);
      if (!known)
        return g_strdup ("it was merged without one true ancestor");
      lost = find_lost_word (heads, base, get_text (shown));
      sides = tell_sides (heads, base, get_text (shown));
      return lost != NULL ? g_strdup_printf ("the merged text %s: %s", lost, sides) : NULL;

    case SIM_REGISTER:
    case SIM_LIFECYCLE:
    default:
      break;
    }

  if (by_policy)
    return shown_state == 1 && same (shown, policy) ? NULL
                                                    : g_strdup ("the policy was not followed");
  if (shown_state != 2)
    return g_strdup ("different values settled by themselves");
  return same (shown, best) ? NULL : g_strdup ("not the one accepted first is shown");
}

static void
check_contested (GalleySimDevice *device, const GalleyId *project, SimState *state)
{
  sqlite3_stmt *statement =
      galley_sim_query (device->look,
                        "SELECT e.id, e.kind, c.field, c.element, c.state, c.value"
                        " FROM derived_contested c JOIN derived_entity e ON"
                        " e.number = c.entity JOIN project p ON p.number = e.project"
                        " WHERE p.id = ?1 AND c.field <> 0",
                        project);
  guint n_expected = 0, n_there = 0;
  GHashTableIter iter;
  gpointer value;
  SimId of;

  memcpy (of.bytes, project->bytes, sizeof of.bytes);
  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      g_autoptr (GVariant) shown = read_value (statement, 5);
      guint kind = sqlite3_column_int (statement, 1), number = sqlite3_column_int (statement, 2);
      const char *element = (const char *)sqlite3_column_text (statement, 3);
      g_autofree char *text = NULL, *wrong = NULL;
      GVariant *policy = NULL;
      gboolean by_policy;
      GArray *heads;
      SimId id;

      galley_sim_read_id (statement, 0, &id);
      text = sim_id_print (&id);
      heads = sim_state_get_heads (state, &id, number, element);
      n_there++;
      if (heads == NULL || heads->len < 2)
        wrong = g_strdup ("it is not contested");
      else
        {
          by_policy = sim_policy_settle (state, &of, &id, kind, number, heads, &policy);
          wrong = judge (state, heads, sim_field_find (kind, number), by_policy, policy,
                         sqlite3_column_int (statement, 4), shown);
        }
      if (wrong != NULL)
        galley_sim_fail (device->sim, "device %u: field %u “%s” of %s, kind %u: %s", device->index,
                         number, element, text, kind, wrong);
    }
  sqlite3_finalize (statement);

  g_hash_table_iter_init (&iter, state->fields);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n_expected += ((GArray *)value)->len > 1 &&
                  g_array_index ((GArray *)value, SimHead, 0).edit->field != 0;
  if (n_expected != n_there)
    galley_sim_fail (device->sim, "device %u has %u contested fields, and must have %u",
                     device->index, n_there, n_expected);
}

static void
check_project (GalleySimDevice *device, const GalleyId *project)
{
  g_autoptr (GArray) rows = galley_sim_read_journal (device->look, project);
  g_autoptr (SimState) state = make_state (rows);

  check_heads (device, project, state);
  check_digest (device, project, state);
  check_entities (device, project, state);
  check_contested (device, project, state);
}

/**
 * galley_sim_check_device:
 *
 * At any time: what is derived is what the device's own journal gives.
 */
void
galley_sim_check_device (GalleySimDevice *device)
{
  if (device->store == NULL)
    return;
  for (guint i = 0; i < device->sim->n_projects; i++)
    check_project (device, &device->sim->projects[i]);
}

/* ── what is shown ── */

/* Everything that a person can see, by ids: equal on all devices. */
static char *
dump (GalleySimDevice *device, const GalleyId *project)
{
  static const char *const parts[] = {
    "SELECT 'item ' || hex (e.id) || ' ' || i.name || ' ' || i.state || ' ' ||"
    " hex (ifnull (v.id, '')) AS line FROM derived_item i JOIN derived_entity e ON"
    " e.number = i.number JOIN project p ON p.number = e.project LEFT JOIN derived_entity v ON"
    " v.number = i.version WHERE p.id = ?1 ORDER BY line",
    "SELECT 'contested ' || hex (e.id) || ' ' || c.field || ' ' || c.element || ' ' || c.state ||"
    " ' ' || c.rule || ' ' || hex (ifnull (c.value, '')) AS line FROM derived_contested c"
    " JOIN derived_entity e ON e.number = c.entity JOIN project p ON p.number = e.project"
    " WHERE p.id = ?1 ORDER BY line",
    "SELECT 'entity ' || hex (e.id) || ' ' || e.kind || ' ' || hex (ifnull (o.id, '')) || ' ' ||"
    " hex (e.author) || ' ' || e.alive AS line FROM derived_entity e JOIN project p ON"
    " p.number = e.project LEFT JOIN derived_entity o ON o.number = e.owner WHERE p.id = ?1"
    " AND EXISTS (SELECT 1 FROM derived_head h WHERE h.entity = e.number) ORDER BY line",
  };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      sqlite3_stmt *statement = galley_sim_query (device->look, parts[i], project);

      while (sqlite3_step (statement) == SQLITE_ROW)
        g_string_append_printf (text, "%s\n", (const char *)sqlite3_column_text (statement, 0));
      sqlite3_finalize (statement);
    }

  return g_string_free (text, FALSE);
}

static void
fail_difference (GalleySim *sim, const char *what, guint index, const char *one, const char *other)
{
  g_auto (GStrv) left = g_strsplit (one, "\n", -1), right = g_strsplit (other, "\n", -1);
  guint i = 0;

  while (left[i] != NULL && g_strcmp0 (left[i], right[i]) == 0)
    i++;
  galley_sim_fail (sim, "device %u %s: “%s” and “%s”", index, what, left[i],
                   right[i] != NULL ? right[i] : "nothing");
}

/* ── compaction ── */

/* What "journal show" says of a change, found by its name and by its hash. */
static void
tell_change (GString *text,
             GalleySimDevice *device,
             const GalleyId *project,
             const SimChange *change)
{
  g_autofree char *name = sim_ref_print (&change->ref);
  char hash[GALLEY_HASH_TEXT_SIZE];
  GalleyJournalRow *by_name = galley_reader_get_change (device->reader, project,
                                                        (const GalleyRef *)&change->ref, NULL);
  GalleyJournalRow *by_hash =
      galley_reader_find_change (device->reader,
                                 galley_hash_print ((const GalleyHash *)change->hash, hash), NULL);

  g_string_append_printf (text, "%s ", name);
  if (by_name != NULL && by_hash != NULL)
    g_string_append_printf (text, "%" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %s %08x %d\n",
                            by_name->lsn, by_name->position,
                            by_name->refused != NULL ? by_name->refused : "",
                            g_bytes_hash (galley_change_get_bytes (by_name->change)),
                            g_bytes_equal (galley_change_get_bytes (by_name->change),
                                           galley_change_get_bytes (by_hash->change)));
  g_clear_pointer (&by_name, galley_journal_row_free);
  g_clear_pointer (&by_hash, galley_journal_row_free);
}

static void
tell_project (GString *text, GalleySimDevice *device, const GalleyId *project)
{
  g_autoptr (GArray) rows = galley_sim_read_journal (device->look, project);
  g_autofree char *shown = dump (device, project);
  GalleyJournalFilter filter = { .project = project, .limit = G_MAXINT32 };
  g_autoptr (GPtrArray) list = galley_reader_list_journal (device->reader, &filter, NULL);

  g_string_append_printf (text, "%u listed\n%s", list != NULL ? list->len : 0, shown);
  for (guint i = 0; i < rows->len; i++)
    tell_change (text, device, project, g_array_index (rows, GalleySimRow, i).change);
}

/**
 * galley_sim_tell_all:
 *
 * Returns: (transfer full): all that people can see and ask of a device
 */
char *
galley_sim_tell_all (GalleySimDevice *device)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < device->sim->n_projects; i++)
    tell_project (text, device, &device->sim->projects[i]);
  return g_string_free (text, FALSE);
}

/**
 * galley_sim_check_told:
 * @before: what galley_sim_tell_all() said before a compaction
 */
void
galley_sim_check_told (GalleySimDevice *device, const char *before)
{
  g_autofree char *after = galley_sim_tell_all (device);

  if (!g_str_equal (before, after))
    fail_difference (device->sim, "says something else after a compaction", device->index, before,
                     after);
  galley_sim_check_device (device);
}

/* ── what people were told ── */

static gboolean
same_refs (GArray *a, GArray *b)
{
  return a->len == b->len &&
         (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (SimRef)) == 0);
}

/* @again: made once more by its device under another name: what it replaces, and what a delete had
 * seen, has other names, and what was signed is signed anew */
static char *
compare_edit (const SimEdit *asked, const SimEdit *kept, gboolean shown, gboolean again)
{
  gboolean rewritten = again && (asked->kind == GALLEY_KIND_DECISION || asked->field == 0);

  if (asked->field != kept->field || asked->kind != kept->kind ||
      !sim_id_equal (&asked->entity, &kept->entity) || !g_str_equal (asked->element, kept->element))
    return g_strdup ("it edits something else");
  /* A delete gets its value at the commit. */
  if ((asked->field != 0 || asked->value != NULL) && !rewritten &&
      !same (asked->value, kept->value))
    return g_strdup ("it sets another value");
  if (!shown && !again && !same_refs (asked->supersedes, kept->supersedes))
    return g_strdup ("it replaces something else than was on the screen");
  return NULL;
}

static char *
compare_gesture (const GalleySimGesture *gesture, const SimChange *change, gboolean again)
{
  if (gesture->resends)
    return change->resends ? NULL : g_strdup ("it sends nothing again");
  if (gesture->edits == NULL)
    return change->undoes || again ? NULL : g_strdup ("it undoes nothing");
  if (gesture->edits->len != change->edits->len)
    return g_strdup ("it has another number of edits");

  for (guint i = 0; i < gesture->edits->len; i++)
    {
      char *wrong = compare_edit (&g_array_index (gesture->edits, SimEdit, i),
                                  &g_array_index (change->edits, SimEdit, i),
                                  g_array_index (gesture->shown, gboolean, i), again);

      if (wrong != NULL)
        return wrong;
    }

  return NULL;
}

static void
check_saved (GalleySim *sim, GalleySimKnown *known, GalleySimGesture *gesture)
{
  g_autofree char *name = galley_sim_name_of (&gesture->project, (const SimRef *)&gesture->ref);
  const GalleySimRow *row = g_hash_table_lookup (known->by_hash, &gesture->hash);
  gboolean again = row == NULL;
  g_autofree char *wrong = NULL;

  if (row == NULL)
    row = g_hash_table_lookup (known->moved, &gesture->hash);
  if (row == NULL && g_hash_table_contains (known->rows, name))
    galley_sim_fail (sim, "%s has another hash than was told", name);
  if (row == NULL)
    {
      galley_sim_fail (sim, "A person at device %u was told that %s is saved; it is nowhere",
                       gesture->device, name);
      return;
    }
  wrong = compare_gesture (gesture, row->change, again);
  if (wrong != NULL)
    galley_sim_fail (sim, "%s is not what a person did at device %u: %s", name, gesture->device,
                     wrong);
}

static void
check_gestures (GalleySim *sim, GalleySimKnown *known)
{
  for (guint i = 0; i < sim->gestures->len; i++)
    {
      GalleySimGesture *gesture = sim->gestures->pdata[i];

      if (gesture->saved && !gesture->forgiven)
        check_saved (sim, known, gesture);
    }
}

/* A device that lost its key, or was copied, may say what it had said before under another name. */
static gboolean
is_again_gesture_of (const GalleySimGesture *gesture,
                     const GalleyId *project,
                     const SimChange *change)
{
  g_autofree char *wrong = NULL;

  if (!galley_id_equal (&gesture->project, project))
    return FALSE;
  wrong = compare_gesture (gesture, change, TRUE);
  return wrong == NULL;
}

static gboolean
is_gesture_of (const GalleySimGesture *gesture,
               const GalleySim *sim,
               const GalleyId *project,
               const SimChange *change)
{
  g_autofree char *wrong = NULL;

  if (change->reissues)
    return is_again_gesture_of (gesture, project, change);
  if (gesture->found || !galley_id_equal (&gesture->project, project))
    return FALSE;
  if (gesture->saved)
    return memcmp (&gesture->hash, change->hash, sizeof gesture->hash) == 0;
  wrong = compare_gesture (gesture, change, FALSE);
  return wrong == NULL && galley_sim_device_was (&sim->devices[gesture->device],
                                                 (const GalleyId *)&change->ref.device);
}

/* Nothing is in a stream that nobody did; and nothing twice. */
static void
check_nothing_invented (GalleySim *sim, const GalleyId *project, GArray *stream)
{
  for (guint i = 0; i < stream->len; i++)
    {
      const SimChange *change = g_array_index (stream, GalleySimRow, i).change;
      gboolean found = FALSE;

      for (guint k = 0; k < sim->gestures->len && !found; k++)
        {
          GalleySimGesture *gesture = sim->gestures->pdata[k];

          found = is_gesture_of (gesture, sim, project, change);
          /* What was made again may fit several; the first change of each is its own. */
          gesture->found |= found && !change->reissues;
        }
      if (!found)
        {
          g_autofree char *name = galley_sim_name_of (project, &change->ref);

          galley_sim_fail (sim, "Nobody did what %s says", name);
        }
    }
}

/* ── the server ── */

typedef struct
{
  GalleySim *sim;
  const GalleyId *project;
  GArray *stream; /* of GalleySimRow */
  SimState *state;
  sqlite3 *db;
} Stream;

static void
check_chain (Stream *stream)
{
  sqlite3_stmt *statement =
      galley_sim_query (stream->db,
                        "SELECT d.id, x.seq, x.hash FROM (SELECT project, device, seq,"
                        " hash FROM stream UNION ALL SELECT project, device, seq, hash"
                        " FROM refused) x JOIN device d ON d.number = x.device"
                        " JOIN project p ON p.number = x.project WHERE p.id = ?1"
                        " ORDER BY d.number, x.seq",
                        stream->project);
  g_autoptr (GHashTable) hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  guint64 last = 0;
  SimId device = { 0 };

  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      SimRef ref;

      galley_sim_read_id (statement, 0, &ref.device);
      ref.seq = sqlite3_column_int64 (statement, 1);
      if (!sim_id_equal (&ref.device, &device))
        last = 0;
      device = ref.device;
      if (ref.seq != last + 1)
        galley_sim_fail (stream->sim, "The server's chain of a device is not dense: after %u, %u",
                         (guint)last, (guint)ref.seq);
      last = ref.seq;
      g_hash_table_insert (hashes, sim_ref_print (&ref),
                           g_memdup2 (sqlite3_column_blob (statement, 2), 32));
    }
  sqlite3_finalize (statement);

  for (guint i = 0; i < stream->stream->len; i++)
    {
      const SimChange *change = g_array_index (stream->stream, GalleySimRow, i).change;
      SimRef before = { change->ref.device, change->ref.seq - 1 };
      g_autofree char *own = sim_ref_print (&change->ref), *name = sim_ref_print (&before);
      const guint8 zero[32] = { 0 };
      const guint8 *previous = before.seq == 0 ? zero : g_hash_table_lookup (hashes, name);
      const guint8 *hash = g_hash_table_lookup (hashes, own);

      if (hash == NULL || memcmp (hash, change->hash, 32) != 0)
        galley_sim_fail (stream->sim, "The server has another hash of %s", own);
      if (previous == NULL || memcmp (previous, change->previous, 32) != 0)
        galley_sim_fail (stream->sim, "The chain breaks before %s", own);
    }
}

static gboolean
may_write (const SimField *field, GalleyRole role, gboolean is_author)
{
  if (role < GALLEY_ROLE_REVIEWER)
    return FALSE;
  if (field == NULL || field->writers == SIM_REVIEWERS)
    return TRUE;
  return is_author || (field->writers != SIM_SELF && role >= GALLEY_ROLE_LEAD);
}

static void
check_permission (Stream *stream, const GalleySimRow *row)
{
  GalleySim *sim = stream->sim;
  g_autofree char *name = sim_ref_print (&row->change->ref);
  guint person = galley_sim_find_person (sim, (const GalleyId *)&row->change->actor);
  GalleyRole role;

  if (person == G_MAXUINT)
    {
      galley_sim_fail (sim, "%s was made by nobody", name);
      return;
    }
  role = galley_sim_get_role (sim, person, stream->project, row->accepted_us);
  for (guint i = 0; i < row->change->edits->len; i++)
    {
      const SimEdit *edit = &g_array_index (row->change->edits, SimEdit, i);
      const SimChange *maker = g_hash_table_lookup (stream->state->makers, &edit->entity);
      gboolean is_author = maker == NULL ||
                           galley_sim_find_person (sim, (const GalleyId *)&maker->actor) == person;

      if (!may_write (sim_field_find (edit->kind, edit->field), role, is_author))
        galley_sim_fail (sim,
                         "%s is in the shared state, and person %u was %s and might not write "
                         "field %u of kind %u",
                         name, person, galley_role_to_string (role), edit->field, edit->kind);
    }
}

/* What a change replaces was accepted before it. */
static void
check_causality (Stream *stream, const GalleySimRow *row, GHashTable *before)
{
  for (guint i = 0; i < row->change->edits->len; i++)
    {
      const SimEdit *edit = &g_array_index (row->change->edits, SimEdit, i);

      for (guint k = 0; k < edit->supersedes->len; k++)
        {
          g_autofree char *name = sim_ref_print (&g_array_index (edit->supersedes, SimRef, k));

          if (!g_hash_table_contains (before, name))
            galley_sim_fail (stream->sim,
                             "Position %" G_GUINT64_FORMAT
                             " replaces %s, which was not accepted before",
                             row->position, name);
        }
    }
}

static void
check_stream (Stream *stream)
{
  g_autoptr (GHashTable) before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < stream->stream->len; i++)
    {
      const GalleySimRow *row = &g_array_index (stream->stream, GalleySimRow, i);
      char *name = sim_ref_print (&row->change->ref);

      if (row->position != i + 1)
        galley_sim_fail (stream->sim, "The stream has no position %u", i + 1);
      if (g_hash_table_contains (before, name))
        galley_sim_fail (stream->sim, "%s is in the stream twice", name);
      check_causality (stream, row, before);
      check_permission (stream, row);
      sim_state_apply (stream->state, row->change, row->position);
      g_hash_table_add (before, name);
    }
  check_chain (stream);
}

/* What the server told anybody is so. */
static void
check_promises (GalleySim *sim, GalleySimKnown *known)
{
  GHashTableIter iter;
  gpointer name, position;

  g_hash_table_iter_init (&iter, sim->accepted);
  while (g_hash_table_iter_next (&iter, &name, &position))
    {
      const GalleySimRow *row = g_hash_table_lookup (known->rows, name);

      if (*(guint64 *)position != 0 && (row == NULL || row->position != *(guint64 *)position))
        galley_sim_fail (sim, "The server said that it has %s at %" G_GUINT64_FORMAT "; it has not",
                         (char *)name, *(guint64 *)position);
    }
}

/* ── devices at the end ── */

static gboolean
counts (GalleySimDevice *device)
{
  return device->enrolled && !device->revoked;
}

static void
check_same_as_stream (GalleySimDevice *device, Stream *stream, GArray *journal)
{
  guint n_accepted = 0;

  for (guint i = 0; i < journal->len; i++)
    {
      const GalleySimRow *row = &g_array_index (journal, GalleySimRow, i);
      g_autofree char *name = sim_ref_print (&row->change->ref);

      if (row->refused)
        continue;
      if (row->position == 0 || row->position > stream->stream->len)
        {
          galley_sim_fail (device->sim, "device %u still has %s unsent", device->index, name);
          continue;
        }
      n_accepted++;
      if (!g_bytes_equal (row->bytes,
                          g_array_index (stream->stream, GalleySimRow, row->position - 1).bytes))
        galley_sim_fail (device->sim, "device %u has another change at position %u", device->index,
                         (guint)row->position);
    }
  if (n_accepted != stream->stream->len)
    galley_sim_fail (device->sim, "device %u has %u of %u changes", device->index, n_accepted,
                     stream->stream->len);
}

static void
check_replay (GalleySimDevice *device)
{
  GalleyReplayReport report = { 0 };
  g_autoptr (GError) error = NULL;

  if (!galley_replay_dry_run (device->store, NULL, NULL, NULL, &report, &error))
    galley_sim_fail (device->sim, "device %u: a replay failed: %s", device->index, error->message);
  else if (!report.equal)
    galley_sim_fail (device->sim, "device %u: a replay gives something else: %s", device->index,
                     report.difference);
  galley_replay_report_clear (&report);
  galley_sim_disk_forget_scratch (device->disk);
}

static void
check_own_chains (GalleySimDevice *device, const GalleyId *project)
{
  g_autoptr (GError) error = NULL;
  guint64 n_changes;

  if (!galley_journal_verify (device->reader, project, NULL, NULL, NULL, &n_changes, &error))
    galley_sim_fail (device->sim, "device %u: its journal does not verify: %s", device->index,
                     error->message);
}

static const GalleySimGesture *
find_gesture (GalleySimDevice *device, const GalleyId *project, const SimChange *change)
{
  for (guint i = 0; i < device->sim->gestures->len; i++)
    {
      const GalleySimGesture *gesture = device->sim->gestures->pdata[i];

      if (gesture->saved && gesture->device == device->index && gesture->epoch == device->epoch &&
          galley_id_equal (&gesture->project, project) &&
          memcmp (&gesture->hash, change->hash, sizeof gesture->hash) == 0)
        return gesture;
    }

  return NULL;
}

/* In the order in which the device came to know them, what each of its own changes replaced was
 * shown there: nothing more, and nothing less. */
static void
check_shown (GalleySimDevice *device,
             const GalleyId *project,
             const SimChange *change,
             SimState *state)
{
  const GalleySimGesture *gesture = find_gesture (device, project, change);
  g_autofree char *name = sim_ref_print (&change->ref);
  SimId of;

  memcpy (of.bytes, project->bytes, sizeof of.bytes);

  /* Whether it is that gesture at all is looked at elsewhere. */
  if (gesture == NULL || gesture->edits == NULL || gesture->edits->len != change->edits->len)
    return;
  for (guint i = 0; i < gesture->shown->len; i++)
    {
      const SimEdit *edit = &g_array_index (change->edits, SimEdit, i);
      const SimField *field = sim_field_find (edit->kind, edit->field);
      GArray *heads = sim_state_get_heads (state, &edit->entity, edit->field, edit->element);
      GVariant *policy = NULL;
      /* Of values that came together all are shown as one: also by what the project says. */
      gboolean one = field != NULL && field->type == SIM_REGISTER && heads != NULL &&
                     heads->len > 0 && !sim_heads_equal (heads) &&
                     !sim_policy_settle (state, &of, &edit->entity, edit->kind, edit->field, heads,
                                         &policy);

      if (!g_array_index (gesture->shown, gboolean, i))
        continue;
      if (heads != NULL && heads->len > 0 && edit->supersedes->len == 0)
        galley_sim_fail (device->sim, "%s replaces nothing in field %u, and something was shown",
                         name, edit->field);
      if (one && edit->supersedes->len > 1)
        galley_sim_fail (device->sim, "%s replaces more than was shown", name);
    }
}

static void
check_seen (GalleySimDevice *device, const GalleyId *project, GArray *journal)
{
  g_autoptr (SimState) state = sim_state_new ();
  gboolean reissued = FALSE;

  for (guint i = 0; i < journal->len; i++)
    {
      const GalleySimRow *row = &g_array_index (journal, GalleySimRow, i);
      const GalleyId *maker = (const GalleyId *)&row->change->ref.device;
      gboolean own = galley_sim_device_was (device, maker);

      /* What it had sent under a former name, and made again under this one, comes back to it
       * behind what was shown when it was made. */
      if (own && (!reissued || galley_id_equal (maker, &device->id)))
        check_shown (device, project, row->change, state);
      reissued |= own && row->change->reissues;
      if (!row->refused)
        sim_state_apply (state, row->change, row->position);
    }
}

/* A server that was set back may have forgotten it. The change waits with its maker all the same,
 * who was told why, and can send it again or discard it; nobody else has it. */
static gboolean
may_be_forgotten (GalleySimDevice *device, const GalleySimRow *row)
{
  g_autofree char *name = sim_ref_print (&row->change->ref);

  return (device->sim->refusals_missed || g_hash_table_contains (device->sim->refusals, name)) &&
         galley_sim_device_was (device, (const GalleyId *)&row->change->ref.device);
}

/* Only the server refuses. */
static void
check_refused (GalleySimDevice *device, Stream *stream, GArray *journal)
{
  sqlite3_stmt *statement =
      galley_sim_query (stream->db,
                        "SELECT d.id, r.seq FROM refused r JOIN device d ON"
                        " d.number = r.device JOIN project p ON p.number = r.project"
                        " WHERE p.id = ?1",
                        stream->project);
  g_autoptr (GHashTable) refused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  while (sqlite3_step (statement) == SQLITE_ROW)
    {
      SimRef ref;

      galley_sim_read_id (statement, 0, &ref.device);
      ref.seq = sqlite3_column_int64 (statement, 1);
      g_hash_table_add (refused, sim_ref_print (&ref));
    }
  sqlite3_finalize (statement);
  for (guint i = 0; i < journal->len; i++)
    {
      const GalleySimRow *row = &g_array_index (journal, GalleySimRow, i);
      g_autofree char *name = sim_ref_print (&row->change->ref);

      if (row->refused && !g_hash_table_contains (refused, name) && !may_be_forgotten (device, row))
        galley_sim_fail (device->sim,
                         "device %u holds %s for refused; the server has not refused it",
                         device->index, name);
    }
}

static void
check_end_of_project (GalleySimDevice *device, Stream *stream, char **first)
{
  g_autoptr (GArray) journal = galley_sim_read_journal (device->look, stream->project);
  g_autofree char *own = NULL;

  check_seen (device, stream->project, journal);
  check_refused (device, stream, journal);
  check_own_chains (device, stream->project);
  if (!counts (device))
    return;

  check_same_as_stream (device, stream, journal);
  check_heads (device, stream->project, stream->state);
  check_digest (device, stream->project, stream->state);
  check_entities (device, stream->project, stream->state);
  check_contested (device, stream->project, stream->state);
  own = dump (device, stream->project);
  if (*first == NULL)
    *first = g_steal_pointer (&own);
  else if (!g_str_equal (*first, own))
    fail_difference (device->sim, "shows something else than another", device->index, own, *first);
}

/* ── everything again ── */

/* writer thread */
static gboolean
receive_again (GalleyWriter *writer, gpointer data, GError **error)
{
  Stream *stream = data;
  g_autoptr (GArray) incoming = g_array_new (FALSE, TRUE, sizeof (GalleyIncoming));
  gboolean received;

  for (guint i = 0; i < stream->stream->len; i++)
    {
      const GalleySimRow *row = &g_array_index (stream->stream, GalleySimRow, i);
      GalleyIncoming one = { .position = row->position,
                             .change = galley_change_new_from_bytes (row->bytes, NULL) };

      memcpy (&one.ref, &row->change->ref, sizeof one.ref);
      g_array_append_val (incoming, one);
    }
  received = galley_outbox_receive (writer, stream->project, (const GalleyIncoming *)incoming->data,
                                    incoming->len, NULL, stream->stream->len, error);
  for (guint i = 0; i < incoming->len; i++)
    galley_change_unref (g_array_index (incoming, GalleyIncoming, i).change);
  return received;
}

static void
deliver_again (GalleySimDevice *device, Stream *stream)
{
  g_autofree char *before = dump (device, stream->project), *after = NULL;
  g_autoptr (GError) error = NULL;

  if (!galley_store_write (device->store, receive_again, stream, &error))
    galley_sim_fail (device->sim, "device %u does not take what it has: %s", device->index,
                     error->message);
  after = dump (device, stream->project);
  if (!g_str_equal (before, after))
    fail_difference (device->sim, "shows something else after everything came again", device->index,
                     after, before);
}

/* A push says which stream it was made for: a server that was put back since then has another. */
static gboolean
is_of_another_stream (GalleySim *sim, GalleyResponse *response)
{
  g_autofree char *code = response->status == 409 ? galley_response_get_code (response) : NULL;

  return sim->n_restores > 0 && g_strcmp0 (code, "history") == 0;
}

static void
push_again (GalleySim *sim)
{
  guint step = MAX (sim->pushes->len / 6, 1);

  for (guint i = 0; i < sim->pushes->len && sim->failure == NULL; i += step)
    {
      guint machine = g_array_index (sim->pushers, guint, i);
      GalleySimDevice *device = &sim->devices[machine];
      GalleyRequest *request = sim->pushes->pdata[i];
      GalleyResponse *response;
      const char *token = galley_sim_transport_get_token (device->transport);
      GalleyId sender;

      /* Under the name that it had then, and nothing has been put back since. */
      if (!counts (device) || token == NULL || !read_sender (request->body, &sender) ||
          !galley_id_equal (&sender, galley_store_get_device (device->store)))
        continue;
      response = galley_sim_network_ask (sim->network, request, token);
      if (response == NULL || (response->status != 200 && !is_of_another_stream (sim, response)))
        galley_sim_fail (sim, "Sent again, a push of device %u is answered %u", machine,
                         response != NULL ? response->status : 0);
      else
        note_answer (sim, request, response); /* of a 200 alone */
      g_clear_pointer (&response, galley_response_free);
    }
}

/* ── the end ── */

static void
check_server_itself (GalleySim *sim)
{
  GalleyBackend *backend = galley_server_get_backend (sim->server);

  for (guint i = 0; i < sim->n_projects; i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 n_changes;

      if (!backend->ops->verify (backend, &sim->projects[i], &n_changes, &error))
        galley_sim_fail (sim, "The server's stream does not verify: %s", error->message);
    }
}

static void
check_one_project (GalleySim *sim, sqlite3 *db, guint index, GalleySimKnown *known)
{
  Stream stream = { .sim = sim, .project = &sim->projects[index], .db = db };
  g_autofree char *first = NULL;

  stream.stream = galley_sim_read_stream (db, stream.project);
  stream.state = sim_state_new ();
  galley_sim_known_add (known, sim, stream.project, stream.stream);
  check_stream (&stream);
  check_nothing_invented (sim, stream.project, stream.stream);
  for (guint i = 0; i < sim->n_devices && sim->failure == NULL; i++)
    {
      galley_sim_known_add (known, sim, stream.project,
                            galley_sim_read_journal (sim->devices[i].look, stream.project));
      check_end_of_project (&sim->devices[i], &stream, &first);
      if (sim->failure == NULL && counts (&sim->devices[i]))
        deliver_again (&sim->devices[i], &stream);
    }
  sim_state_free (stream.state);
}

/**
 * galley_sim_check_server:
 *
 * The server came back by itself: what it told anybody before is still so. Asked at once, since the
 * devices send again what a server has lost.
 */
void
galley_sim_check_server (GalleySim *sim)
{
  sqlite3 *db = galley_sim_open_server (sim);
  g_autoptr (GalleySimKnown) known = galley_sim_known_new ();

  for (guint i = 0; i < sim->n_projects; i++)
    galley_sim_known_add (known, sim, &sim->projects[i],
                          galley_sim_read_stream (db, &sim->projects[i]));
  check_promises (sim, known);
  galley_sim_close_server (db);
}

/**
 * galley_sim_check_end:
 *
 * After galley_sim_heal(): every invariant of the contract.
 */
void
galley_sim_check_end (GalleySim *sim)
{
  sqlite3 *db = galley_sim_open_server (sim);
  g_autoptr (GalleySimKnown) known = galley_sim_known_new ();
  guint64 before = ask_number (db, "SELECT count (*) FROM stream", NULL);

  for (guint i = 0; i < sim->n_projects && sim->failure == NULL; i++)
    check_one_project (sim, db, i, known);
  for (guint i = 0; i < sim->n_devices; i++)
    galley_sim_known_add_moved (known, sim->devices[i].look);
  check_gestures (sim, known);
  check_promises (sim, known);
  check_server_itself (sim);
  for (guint i = 0; i < sim->n_devices && sim->failure == NULL; i++)
    check_replay (&sim->devices[i]);
  if (sim->failure == NULL)
    push_again (sim);
  if (ask_number (db, "SELECT count (*) FROM stream", NULL) != before)
    galley_sim_fail (sim, "Sent again, changes were taken again");

  galley_sim_close_server (db);
}

/* ── healing ── */

/* Returns: (nullable): what has not come to its end yet */
static char *
find_open_job (GalleySimDevice *device)
{
  sqlite3_stmt *statement =
      galley_sim_query (device->look,
                        "SELECT kind || ' is ' || state || ' ' || waiting_for || ': ' ||"
                        " ifnull (error, '') FROM job WHERE state IN ('queued',"
                        " 'running') OR (state = 'waiting' AND waiting_for IN"
                        " ('network', 'time', ''))",
                        NULL);
  char *found = NULL;

  if (sqlite3_step (statement) == SQLITE_ROW)
    found = g_strdup ((const char *)sqlite3_column_text (statement, 0));
  sqlite3_finalize (statement);
  return found;
}

static char *
find_behind (GalleySimDevice *device, sqlite3 *server, const GalleyId *project)
{
  guint64 end = ask_number (server, "SELECT position FROM project WHERE id = ?1", project);
  guint64 here = ask_number (device->look, "SELECT position FROM project WHERE id = ?1", project);
  guint64 unsent = ask_number (device->look,
                               "SELECT count (*) FROM change c JOIN project p ON"
                               " p.number = c.project WHERE p.id = ?1 AND c.position IS NULL AND"
                               " NOT EXISTS (SELECT 1 FROM refusal r WHERE r.project = c.project"
                               " AND r.device = c.device AND r.seq = c.seq)",
                               project);

  guint64 lost = ask_number (device->look,
                             "SELECT count (*) FROM loss l JOIN project p ON p.number = l.project"
                             " WHERE p.id = ?1",
                             project);
  guint64 partial = ask_number (device->look, "SELECT count (*) FROM snapshot WHERE id = ?1",
                                project);

  if (lost != 0)
    return g_strdup ("still sees to what the server lost");
  if (partial != 0)
    return g_strdup ("has not got the history of a project");
  if (end == here && unsent == 0)
    return NULL;
  return g_strdup_printf ("is at %u of %u and has %u changes to send", (guint)here, (guint)end,
                          (guint)unsent);
}

static char *
find_unsettled (GalleySim *sim)
{
  sqlite3 *server;
  char *found = NULL;

  if (sim->server == NULL)
    return g_strdup ("the server is down");
  server = galley_sim_open_server (sim);
  for (guint i = 0; i < sim->n_devices && found == NULL; i++)
    {
      GalleySimDevice *device = &sim->devices[i];
      g_autofree char *what = NULL;

      if (device->store == NULL)
        found = g_strdup_printf ("device %u is down", i);
      for (guint p = 0; p < sim->n_projects && found == NULL && what == NULL && counts (device);
           p++)
        what = find_behind (device, server, &sim->projects[p]);
      if (found == NULL && what == NULL && !device->enrolled && !device->revoked)
        what = g_strdup ("is shut out");
      if (found == NULL && what == NULL)
        what = find_open_job (device);
      if (what != NULL)
        found = g_strdup_printf ("device %u %s", i, what);
    }
  galley_sim_close_server (server);
  return found;
}

static void
mend_all (GalleySim *sim)
{
  galley_sim_network_set_weather (sim->network, &galley_sim_calm);
  galley_sim_disk_mend (sim->server_disk);
  sim->server_starts_us = 0;
  for (guint i = 0; i < sim->n_devices; i++)
    {
      GalleySimDevice *device = &sim->devices[i];

      galley_sim_disk_mend (device->disk);
      device->starts_us = 0;
      device->unplugged = FALSE;
      if (device->transport != NULL)
        galley_sim_transport_set_unplugged (device->transport, FALSE);
    }
}

static void
lift_limits (GalleySimDevice *device)
{
  GalleyJobLimits *limits = galley_sync_service_get_limits (device->service);
  const GalleyJobWishes none = { 0 };

  galley_job_limits_set_metered (limits, FALSE);
  galley_job_limits_set_saving_battery (limits, FALSE);
  galley_sync_service_set_wishes (device->service, &none);
}

/* What a person does who wants to go on: online, and everything tried again. Whoever is shut out
 * asks for an invite; those whose access was withdrawn get one only now and then. */
static void
ask_everybody (GalleySim *sim)
{
  for (guint i = 0; i < sim->n_devices; i++)
    {
      GalleySimDevice *device = &sim->devices[i];
      guint n_projects;

      if (device->store == NULL)
        continue;
      if (device->code != NULL || (!device->enrolled && !device->revoked) ||
          (!counts (device) && galley_sim_random_chance (&sim->chance, 20)))
        galley_sim_device_enrol (device);
      galley_history_ask (device->store, &n_projects, NULL);
      galley_sync_service_set_offline (device->service, FALSE);
      galley_sync_service_set_paused (device->service, FALSE);
      lift_limits (device);
      galley_sync_service_retry_now (device->service);
    }
}

/**
 * galley_sim_heal:
 *
 * All faults are over. In bounded time everybody has everything.
 */
void
galley_sim_heal (GalleySim *sim)
{
  g_autofree char *unsettled = NULL;

  galley_sim_note (sim, "── healing");
  mend_all (sim);
  while (galley_sim_join (sim, FALSE))
    ;
  galley_sim_pass (sim, G_USEC_PER_SEC);
  for (guint i = 0; i < MAX_HEAL_ROUNDS && sim->failure == NULL; i++)
    {
      ask_everybody (sim);
      galley_sim_pass (sim, HEAL_US);
      g_free (unsettled);
      unsettled = find_unsettled (sim);
      if (unsettled == NULL)
        return;
    }

  if (galley_sim_is_beyond (sim))
    {
      galley_sim_note (sim, "%s, which is beyond what can be mended", unsettled);
      sim->beyond = TRUE;
    }
  else
    {
      galley_sim_fail (sim, "With all faults over, %s", unsettled);
    }
}
