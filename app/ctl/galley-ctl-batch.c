/* galley-ctl-batch.c: galleyctl batch: edits from standard input, one a line, many under way at
 * once
 *
 *   input ──► lines ──► drafts ──► the committer, which puts many into one commit
 *                                     └──► answers, in the lines' order, once they are on disk
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-batch"

#include "app/ctl/galley-ctl-committer.h"
#include "app/ctl/galley-ctl-editor.h"
#include "app/ctl/galley-ctl-verbs.h"
#include "data/galley-intent.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINE_BYTES (1024 * 1024)
#define READ_BYTES (64 * 1024)
/* Enough that the disk always has a full group to write; bounded in memory. */
#define MAX_UNDER_WAY 4096
#define MAX_UNDER_WAY_BYTES (32 * 1024 * 1024)
/* Answers go out before more lines come in. */
#define PRIORITY_OUTPUT G_PRIORITY_HIGH_IDLE
#define PRIORITY_INPUT G_PRIORITY_DEFAULT_IDLE

typedef struct
{
  GMainLoop *loop;
  GalleyCtlEditor *editor;
  GalleyCtlCommitter *committer;

  guint input, output, pump; /* sources; 0: none */
  GString *unread;           /* what has come and is in no line yet */
  gboolean is_skipping;      /* the rest of a line that is too long */
  gboolean at_end;

  GQueue lines; /* of Line: those without an answer, and those behind them */
  guint n_under_way;
  gsize bytes_under_way;
  GHashTable *busy;    /* GalleyId → how many edits under way name it */
  GHashTable *guarded; /* likewise, of edits that others must wait for */
  guint64 n_lines, n_failed;

  GString *answers; /* not written yet */
  GError *fault;    /* (nullable): answers can go nowhere any more */
} Batch;

/* One line of input. */
typedef struct
{
  Batch *batch;
  guint64 number;
  JsonNode *edit; /* (nullable): until it is under way */
  GArray *names;  /* of GalleyId: the things that it names */
  GArray *ids;    /* of GalleyId: what its edits made or changed */
  gsize bytes;
  gboolean looks_back;
  gboolean is_together;
  gint64 started_us;
  char *answer; /* (nullable): once there is one */
} Line;

static void
line_free (gpointer pointer)
{
  Line *line = pointer;

  g_clear_pointer (&line->edit, json_node_unref);
  g_array_unref (line->names);
  g_array_unref (line->ids);
  g_free (line->answer);
  g_free (line);
}

/* ── answers ── */

static gboolean
write_answers_cb (gpointer data)
{
  Batch *batch = data;

  batch->output = 0;
  if (batch->answers->len > 0 && batch->fault == NULL &&
      (fwrite (batch->answers->str, 1, batch->answers->len, stdout) != batch->answers->len ||
       fflush (stdout) != 0))
    {
      int saved_errno = errno;

      galley_ctl_fail (&batch->fault, _ ("The answers could not be written: %s"),
                       g_strerror (saved_errno));
      g_main_loop_quit (batch->loop);
    }
  g_string_truncate (batch->answers, 0);
  if (batch->at_end && batch->unread->len == 0 && g_queue_is_empty (&batch->lines))
    g_main_loop_quit (batch->loop);

  return G_SOURCE_REMOVE;
}

/* In the order of the lines: one that is late holds those behind it. */
static void
take_answers (Batch *batch)
{
  Line *line;

  while ((line = g_queue_peek_head (&batch->lines)) != NULL && line->answer != NULL)
    {
      g_string_append (batch->answers, line->answer);
      line_free (g_queue_pop_head (&batch->lines));
    }
  if (batch->output == 0)
    batch->output = g_idle_add_full (PRIORITY_OUTPUT, write_answers_cb, batch, NULL);
}

static void
answer_error (Line *line, const GError *error)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  /* What a sentence quotes of the line may be cut within a letter. */
  g_autofree char *message = g_utf8_make_valid (error->message, -1), *text = NULL;

  json_builder_begin_object (json);
  galley_json_add_int (json, "line", line->number);
  galley_json_add_string (json, "error", message);
  json_builder_end_object (json);
  node = json_builder_get_root (json);
  text = json_to_string (node, FALSE);
  line->answer = g_strconcat (text, "\n", NULL);
  line->batch->n_failed++;
}

/* By hand: nothing in it needs quoting, and it is made for every edit. */
static void
answer_done (Line *line, const GalleyCommitted *committed, gint64 done_us)
{
  GString *text = g_string_sized_new (192);
  g_autofree char *change = galley_ref_to_string (&committed->ref);
  char number[G_ASCII_DTOSTR_BUF_SIZE], id[GALLEY_ID_TEXT_SIZE];
  double ms = (done_us - line->started_us) / 1000.0;

  g_string_append_printf (text, "{\"line\":%" G_GUINT64_FORMAT ",\"id\":\"%s\"", line->number,
                          galley_id_print (&g_array_index (line->ids, GalleyId, 0), id));
  for (guint i = 0; line->is_together && i < line->ids->len; i++)
    g_string_append_printf (text, "%s\"%s\"", i == 0 ? ",\"ids\":[" : ",",
                            galley_id_print (&g_array_index (line->ids, GalleyId, i), id));
  g_string_append_printf (text, "%s,\"change\":\"%s\",\"ms\":%s}\n", line->is_together ? "]" : "",
                          change, g_ascii_formatd (number, sizeof number, "%.3f", ms));
  line->answer = g_string_free (text, FALSE);
}

/* ── what is under way ── */

static void
count (GHashTable *table, const GalleyId *id, int by)
{
  int n = GPOINTER_TO_INT (g_hash_table_lookup (table, id)) + by;

  if (n > 0)
    g_hash_table_insert (table, g_memdup2 (id, sizeof *id), GINT_TO_POINTER (n));
  else
    g_hash_table_remove (table, id);
}

static void
count_line (Line *line, int by)
{
  Batch *batch = line->batch;

  batch->n_under_way += by;
  batch->bytes_under_way += by * line->bytes;
  for (guint i = 0; i < line->names->len; i++)
    {
      const GalleyId *id = &g_array_index (line->names, GalleyId, i);

      count (batch->busy, id, by);
      if (line->looks_back)
        count (batch->guarded, id, by);
    }
}

static gboolean
must_wait (Line *line)
{
  GHashTable *before = line->looks_back ? line->batch->busy : line->batch->guarded;

  for (guint i = 0; i < line->names->len; i++)
    if (g_hash_table_contains (before, &g_array_index (line->names, GalleyId, i)))
      return TRUE;

  return FALSE;
}

static gboolean pump_cb (gpointer data);

static void
ask_for_pump (Batch *batch)
{
  if (batch->pump == 0)
    batch->pump = g_idle_add_full (PRIORITY_INPUT, pump_cb, batch, NULL);
}

static void
committed_cb (gpointer what,
              const GalleyCommitted *committed,
              const GError *error,
              gint64 done_us,
              gpointer data)
{
  Line *line = what;

  if (error == NULL)
    answer_done (line, committed, done_us);
  else
    answer_error (line, error);
  count_line (line, -1);
}

static void
group_done_cb (gpointer data)
{
  Batch *batch = data;

  take_answers (batch);
  ask_for_pump (batch);
}

/* ── lines ── */

static gboolean
add_edit (Line *line, JsonObject *edit, GalleyDraft **draft, GError **error)
{
  GalleyId id;

  if (!galley_ctl_editor_add (line->batch->editor, edit, draft, &id, error))
    return FALSE;

  g_array_append_val (line->ids, id);
  return TRUE;
}

static gboolean
add_together (Line *line, JsonArray *edits, GalleyDraft **draft, GError **error)
{
  for (guint i = 0; i < json_array_get_length (edits); i++)
    if (!add_edit (line, json_array_get_object_element (edits, i), draft, error))
      {
        g_prefix_error (error, _ ("Edit %u: "), i + 1);
        return FALSE;
      }

  return TRUE;
}

static void
start_line (Line *line)
{
  g_autoptr (JsonNode) node = g_steal_pointer (&line->edit);
  JsonObject *edit = json_node_get_object (node);
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GError) error = NULL;
  gboolean added;

  added = line->is_together
              ? add_together (line, galley_json_get_array (edit, "edits"), &draft, &error)
              : add_edit (line, edit, &draft, &error);
  if (!added)
    {
      answer_error (line, error);
      take_answers (line->batch);
      return;
    }

  count_line (line, 1);
  line->started_us = g_get_monotonic_time ();
  galley_ctl_committer_push (line->batch->committer, g_steal_pointer (&draft), line);
}

static gboolean
check_together (JsonObject *object, GError **error)
{
  JsonArray *edits = galley_json_get_array (object, "edits");
  guint n_edits = edits != NULL ? json_array_get_length (edits) : 0;

  if (n_edits == 0 || json_object_get_size (object) != 2)
    return galley_ctl_usage (error, _ ("What goes together is a list of edits: {“do”: “together”, "
                                       "“edits”: […]}."));
  if (n_edits > GALLEY_CHANGE_MAX_EDITS)
    return galley_ctl_usage (error, _ ("At most %u edits go together."), GALLEY_CHANGE_MAX_EDITS);
  for (guint i = 0; i < n_edits; i++)
    if (!JSON_NODE_HOLDS_OBJECT (json_array_get_element (edits, i)))
      return galley_ctl_usage (error, _ ("An edit is a JSON object."));

  return TRUE;
}

static void
look_at_edit (Line *line, JsonObject *edit)
{
  galley_ctl_editor_list_names (edit, line->names);
  line->looks_back |= galley_ctl_editor_looks_back (edit);
}

static gboolean
read_line (Line *line, const char *text, gsize bytes, GError **error)
{
  g_autoptr (GBytes) body = g_bytes_new_static (text, bytes);
  g_autoptr (JsonNode) node = galley_json_parse (body, NULL);
  JsonObject *object;

  if (node == NULL)
    return galley_ctl_usage (error, _ ("This is not a JSON object."));

  object = json_node_get_object (node);
  line->bytes = bytes;
  line->is_together = g_strcmp0 (galley_json_get_string (object, "do"), "together") == 0;
  if (line->is_together && !check_together (object, error))
    return FALSE;

  if (line->is_together)
    {
      JsonArray *edits = galley_json_get_array (object, "edits");

      for (guint i = 0; i < json_array_get_length (edits); i++)
        look_at_edit (line, json_array_get_object_element (edits, i));
    }
  else
    {
      look_at_edit (line, object);
    }
  line->edit = g_steal_pointer (&node);
  return TRUE;
}

static Line *
add_line (Batch *batch)
{
  Line *line = g_new0 (Line, 1);

  line->batch = batch;
  line->number = ++batch->n_lines;
  line->names = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  line->ids = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_queue_push_tail (&batch->lines, line);
  return line;
}

static void
refuse_long_line (Batch *batch)
{
  g_autoptr (GError) error = NULL;

  galley_ctl_usage (&error, _ ("A line has at most %u bytes."), MAX_LINE_BYTES);
  answer_error (add_line (batch), error);
  take_answers (batch);
}

static gboolean
is_blank (const char *text, gsize bytes)
{
  for (gsize i = 0; i < bytes; i++)
    if (!g_ascii_isspace (text[i]))
      return FALSE;

  return TRUE;
}

/* Empty lines count, so that an answer's number is the one an editor shows; they get no answer. */
static void
take_line (Batch *batch, const char *text, gsize bytes)
{
  g_autoptr (GError) error = NULL;
  Line *line;

  if (is_blank (text, bytes))
    {
      batch->n_lines++;
      return;
    }
  if (bytes > MAX_LINE_BYTES)
    {
      refuse_long_line (batch);
      return;
    }

  line = add_line (batch);
  if (!read_line (line, text, bytes, &error))
    {
      answer_error (line, error);
      take_answers (batch);
    }
}

/* ── input ── */

/* The next whole line after @start, or the last one without an end. */
static gboolean
find_line (Batch *batch, gsize start, gsize *bytes, gsize *next)
{
  gsize left = batch->unread->len - start;
  const char *end = memchr (batch->unread->str + start, '\n', left);

  if (end == NULL && (!batch->at_end || left == 0))
    return FALSE;

  *bytes = end != NULL ? (gsize)(end - batch->unread->str) - start : left;
  *next = start + *bytes + (end != NULL ? 1 : 0);
  return TRUE;
}

/* The line that was read last and has not been started: it waits for others. */
static Line *
get_held (Batch *batch)
{
  Line *line = g_queue_peek_tail (&batch->lines);

  return line != NULL && line->edit != NULL ? line : NULL;
}

static gboolean
has_room (Batch *batch)
{
  return batch->n_under_way < MAX_UNDER_WAY && batch->bytes_under_way < MAX_UNDER_WAY_BYTES;
}

static gboolean input_ready_cb (int fd, GIOCondition condition, gpointer data);

static void
pump (Batch *batch)
{
  gsize start = 0, bytes, next;
  gboolean wants_input = FALSE;
  Line *held;

  /* What others did meanwhile, and what was under way, is there now. */
  galley_ctl_editor_forget (batch->editor);
  while (has_room (batch) && batch->fault == NULL)
    {
      held = get_held (batch);
      if (held != NULL && must_wait (held))
        break;
      if (held != NULL)
        start_line (held);
      else if (find_line (batch, start, &bytes, &next))
        {
          if (!batch->is_skipping)
            take_line (batch, batch->unread->str + start, bytes);
          batch->is_skipping = FALSE;
          start = next;
        }
      else
        {
          wants_input = !batch->at_end;
          break;
        }
    }
  galley_ctl_committer_flush (batch->committer);
  g_string_erase (batch->unread, 0, start);
  if (wants_input && batch->unread->len > MAX_LINE_BYTES)
    {
      if (!batch->is_skipping)
        refuse_long_line (batch);
      batch->is_skipping = TRUE;
      g_string_truncate (batch->unread, 0);
    }

  if (wants_input && batch->input == 0)
    batch->input = g_unix_fd_add_full (PRIORITY_INPUT, STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR,
                                       input_ready_cb, batch, NULL);
  if (batch->at_end)
    take_answers (batch);
}

static gboolean
pump_cb (gpointer data)
{
  Batch *batch = data;

  batch->pump = 0;
  pump (batch);
  return G_SOURCE_REMOVE;
}

/* Reads once; what it brings may be enough to be busy for a while. */
static gboolean
input_ready_cb (int fd, GIOCondition condition, gpointer data)
{
  Batch *batch = data;
  char buffer[READ_BYTES];
  gssize n_read = read (fd, buffer, sizeof buffer);

  if (n_read < 0 && (errno == EINTR || errno == EAGAIN))
    return G_SOURCE_CONTINUE;

  batch->input = 0;
  if (n_read < 0)
    galley_ctl_fail (&batch->fault, _ ("The edits could not be read: %s"), g_strerror (errno));
  if (n_read <= 0)
    batch->at_end = TRUE;
  else
    g_string_append_len (batch->unread, buffer, n_read);
  pump (batch);
  return G_SOURCE_REMOVE;
}

/* ── the verb ── */

static void
batch_clear (Batch *batch)
{
  g_clear_handle_id (&batch->input, g_source_remove);
  g_clear_handle_id (&batch->output, g_source_remove);
  g_clear_handle_id (&batch->pump, g_source_remove);
  g_queue_clear_full (&batch->lines, line_free);
  g_hash_table_unref (batch->busy);
  g_hash_table_unref (batch->guarded);
  g_string_free (batch->unread, TRUE);
  g_string_free (batch->answers, TRUE);
  g_clear_pointer (&batch->committer, galley_ctl_committer_free);
  g_clear_pointer (&batch->editor, galley_ctl_editor_free);
  g_main_loop_unref (batch->loop);
}

static GHashTable *
new_counts (void)
{
  return g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
}

static gboolean
run_batch (GalleyCtl *ctl, GError **error)
{
  GalleyCtlEditor *editor = galley_ctl_editor_new (ctl, error);
  Batch batch = { .editor = editor };

  if (editor == NULL)
    return FALSE;

  batch.committer = galley_ctl_committer_new (galley_ctl_open_store (ctl, NULL), committed_cb,
                                              group_done_cb, &batch);
  batch.loop = g_main_loop_new (NULL, FALSE);
  batch.unread = g_string_new (NULL);
  batch.answers = g_string_new (NULL);
  batch.busy = new_counts ();
  batch.guarded = new_counts ();
  pump (&batch);
  g_main_loop_run (batch.loop);
  while (batch.n_under_way > 0)
    g_main_context_iteration (NULL, TRUE);

  if (batch.fault == NULL && batch.n_failed > 0)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, batch.n_failed);
      g_autofree char *why =
          /* Translators: %s is a number */
          g_strdup_printf (ngettext ("%s line was not done; its answer says why.",
                                     "%s lines were not done; their answers say why.",
                                     batch.n_failed),
                           number);

      galley_ctl_set_status (ctl, GALLEY_CTL_FAILED, why);
    }
  batch_clear (&batch);
  if (batch.fault != NULL)
    g_propagate_error (error, batch.fault);
  return batch.fault == NULL;
}

const GalleyCtlVerb galley_ctl_batch_verbs[] = {
  { "batch", NULL, "", 0, 0, FALSE, NULL, NULL,
    N_ ("Reads edits from standard input, a JSON object a line; answers each once it is on disk"),
    run_batch },
  { NULL },
};
