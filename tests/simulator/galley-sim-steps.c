/* galley-sim-steps.c: all that can happen in a run, and how often it does
 *
 * One table. A step takes its choices from a seed of its own, so that it does much the same when
 * steps before it are taken out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim.h"

#include "data/galley-compactor.h"
#include "data/galley-decision.h"
#include "data/galley-file-store.h"
#include "data/galley-intent.h"
#include "data/galley-outbox.h"
#include "data/galley-quarantine.h"
#include "data/galley-resolve.h"
#include "data/galley-snapshot-install.h"

#include <string.h>

#define S_US G_USEC_PER_SEC
#define YEAR_US (G_GINT64_CONSTANT (365) * 24 * 3600 * S_US)

/* What a step does it with. */
typedef struct
{
  GalleySim *sim;
  GalleySimRandom chance;
  GalleySimDevice *device; /* drawn */
  const GalleyId *project; /* drawn */
} Act;

static guint
draw (Act *act, guint limit)
{
  return galley_sim_random_below (&act->chance, limit);
}

static gboolean
may (Act *act, guint percent)
{
  return galley_sim_random_chance (&act->chance, percent);
}

/* ── choosing ── */

static guint
count_entities (Act *act, guint8 kind, const char *which, guint skip, GalleyId *id)
{
  g_autofree char *sql =
      g_strdup_printf ("SELECT e.id FROM derived_entity e JOIN project p ON p.number = e.project"
                       " WHERE p.id = ?1 AND e.kind = %u AND %s ORDER BY e.number",
                       kind, which);
  sqlite3_stmt *query = NULL;
  guint n_found = 0;

  if (sqlite3_prepare_v2 (act->device->look, sql, -1, &query, NULL) == SQLITE_OK &&
      sqlite3_bind_blob (query, 1, act->project, sizeof *act->project, SQLITE_STATIC) == SQLITE_OK)
    while (sqlite3_step (query) == SQLITE_ROW)
      {
        if (n_found == skip && sqlite3_column_bytes (query, 0) == sizeof *id)
          memcpy (id, sqlite3_column_blob (query, 0), sizeof *id);
        n_found++;
      }
  sqlite3_finalize (query);
  return n_found;
}

static gboolean
choose (Act *act, guint8 kind, const char *which, GalleyId *id)
{
  guint n_there = count_entities (act, kind, which, G_MAXUINT, id);

  if (n_there == 0)
    return FALSE;
  /* Mostly where others work as well. */
  if (may (act, 60))
    n_there = MIN (n_there, 2);
  count_entities (act, kind, which, draw (act, n_there), id);
  return TRUE;
}

static gboolean
choose_alive (Act *act, guint8 kind, GalleyId *id)
{
  return choose (act, kind, "e.alive <> 0", id);
}

static GalleyDraft *
new_draft (Act *act, const char *intent)
{
  return galley_draft_new (act->project, intent);
}

static void
new_id (Act *act, GalleyId *id)
{
  galley_id_new (id, &act->device->world.world);
}

static GVariant *
text (const char *words)
{
  return g_variant_new_string (words);
}

/* Each word is written once in a run, so that it can be seen where it went. */
static char *
new_word (Act *act)
{
  return g_strdup_printf ("w%u", ++act->sim->n_words);
}

/* A word more somewhere, and sometimes one less. */
static char *
edit_words (Act *act, const char *before)
{
  g_auto (GStrv) words = g_strsplit (before, " ", -1);
  g_autofree char *word = new_word (act);
  g_autoptr (GString) after = g_string_new (NULL);
  guint n_words = g_strv_length (words), place = draw (act, n_words + 1);
  guint gone = may (act, 30) && n_words > 3 ? draw (act, n_words) : G_MAXUINT;

  for (guint i = 0; i <= n_words; i++)
    {
      if (i == place)
        g_string_append_printf (after, "%s ", word);
      if (i < n_words && i != gone)
        g_string_append_printf (after, "%s ", words[i]);
    }
  return g_strchomp (g_string_free (g_steal_pointer (&after), FALSE));
}

/* ── what people do ── */

static void
make_item (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "import");
  g_autofree char *name = new_word (act);
  GalleyId item;

  new_id (act, &item);
  galley_draft_create (draft, GALLEY_KIND_ITEM, &item, act->project);
  galley_intent_set (draft, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, NULL, text (name), NULL, 0);
  galley_intent_set (draft, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_DESCRIPTION, NULL,
                     text ("one two three four five six seven"), NULL, 0);
  galley_sim_commit (act->device, draft);
}

static gboolean
write_here (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_outbox_set_file_here (writer, data, TRUE, error);
}

/* A file of a few bytes, as the importer would bring it in. */
static gboolean
import_file (Act *act, GalleyHash *hash, guint64 *bytes)
{
  g_autofree char *folder = g_build_filename (act->device->folder, "files", NULL);
  g_autofree char *path = g_build_filename (act->device->folder, "picture", NULL);
  g_autoptr (GalleyFileStore) files = galley_file_store_new (folder);
  guint8 content[400];

  galley_sim_random_fill (&act->chance, content, sizeof content);
  return g_file_set_contents (path, (const char *)content, 100 + draw (act, 300), NULL) &&
         galley_file_store_import (files, path, NULL, hash, bytes, NULL);
}

static void
add_version (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "add version");
  GalleyId item, version;
  GalleyHash hash;
  guint64 bytes;

  if (!choose_alive (act, GALLEY_KIND_ITEM, &item) || !import_file (act, &hash, &bytes))
    return;

  new_id (act, &version);
  galley_draft_create (draft, GALLEY_KIND_VERSION, &version, &item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)",
                                   g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, hash.bytes,
                                                              sizeof hash.bytes, 1),
                                   bytes, "image/png"),
                    NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_NUMBER, NULL,
                    g_variant_new_uint32 (draw (act, 5)), NULL, 0);
  galley_store_write (act->device->store, write_here, &hash, NULL);
  galley_sim_commit (act->device, draft);
}

static void
annotate (Act *act)
{
  static const char *const shapes[] = { "rect", "ellipse", "pin" };
  g_autoptr (GalleyDraft) draft = new_draft (act, "add note");
  g_autofree char *body = g_strdup ("here is some thing that looks wrong");
  double xy[] = { draw (act, 100), draw (act, 100), 100 + draw (act, 100), 100 + draw (act, 100) };
  guint shape = draw (act, G_N_ELEMENTS (shapes));
  GalleyNewAnnotation annotation = {
    .shape = shapes[shape],
    .xy = xy,
    .n_points = shape == 2 ? 1 : 2,
    .page = 1,
    .body = body,
    .blocking = may (act, 40),
  };
  GalleyId id;

  if (!choose_alive (act, GALLEY_KIND_ITEM, &annotation.item))
    return;
  if (!choose_alive (act, GALLEY_KIND_VERSION, &annotation.version))
    annotation.version = annotation.item;
  new_id (act, &id);
  if (galley_intent_add_annotation (draft, &id, &annotation, NULL))
    galley_sim_commit (act->device, draft);
}

static void
reply (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "reply");
  g_autofree char *word = new_word (act);
  GalleyId annotation, comment;

  if (!choose_alive (act, GALLEY_KIND_ANNOTATION, &annotation))
    return;
  new_id (act, &comment);
  galley_intent_add_comment (draft, &comment, &annotation, word);
  galley_sim_commit (act->device, draft);
}

/* A field that takes one value, and one that it could have. */
static GVariant *
draw_register (Act *act, guint8 kind, guint16 *field)
{
  static const char *const colors[] = { "#ff0000", "#00ff00", "#0000ff" };
  g_autofree char *word = new_word (act);

  if (kind == GALLEY_KIND_ITEM)
    {
      *field = may (act, 50) ? GALLEY_ITEM_NAME : GALLEY_ITEM_DUE;
      return *field == GALLEY_ITEM_NAME ? text (word) : g_variant_new_int64 (draw (act, 3));
    }

  switch (draw (act, 6))
    {
    case 0:
      *field = GALLEY_ANNOTATION_COLOR;
      return text (colors[draw (act, G_N_ELEMENTS (colors))]);
    case 1:
      *field = GALLEY_ANNOTATION_STATUS;
      return text (may (act, 50) ? "open" : "resolved");
    case 2:
      *field = GALLEY_ANNOTATION_WIDTH;
      return may (act, 20) ? NULL : g_variant_new_double (1 + draw (act, 3));
    case 3:
      *field = GALLEY_ANNOTATION_BLOCKING;
      return g_variant_new_boolean (may (act, 50));
    case 4:
      *field = GALLEY_ANNOTATION_PLACE;
      return g_variant_new ("(dd)", (double)draw (act, 50), (double)draw (act, 50));
    default:
      *field = GALLEY_ANNOTATION_EXTENT;
      return g_variant_new ("(dd)", (double)draw (act, 50), (double)draw (act, 50));
    }
}

static guint8
draw_kind (Act *act)
{
  return may (act, 50) ? GALLEY_KIND_ITEM : GALLEY_KIND_ANNOTATION;
}

static void
set_register (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "set field");
  guint8 kind = draw_kind (act);
  guint16 field;
  GVariant *value = draw_register (act, kind, &field);
  GalleyId entity;

  if (choose_alive (act, kind, &entity))
    {
      galley_intent_set (draft, kind, &entity, field, NULL, value, NULL, 0);
      galley_sim_commit (act->device, draft);
    }
  else if (value != NULL)
    {
      g_variant_unref (g_variant_ref_sink (value));
    }
}

/* What the person sees: their own value, where they have one. */
static const GalleyHead *
find_shown (GalleySimDevice *device, const GalleyField *field)
{
  for (guint i = 0; i < field->heads->len; i++)
    {
      const GalleyHead *head = &g_array_index (field->heads, GalleyHead, i);

      if (galley_id_equal (&head->ref.device, &device->id))
        return head;
    }

  return field->heads->len > 0 ? &g_array_index (field->heads, GalleyHead, 0) : NULL;
}

static const char *
get_shown_text (const GalleyField *field)
{
  GVariant *value = field->mine != NULL ? field->mine : field->value;

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
             ? g_variant_get_string (value, NULL)
             : "";
}

static void
set_text (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "describe");
  g_autoptr (GalleyEntity) entity = NULL;
  g_autofree char *words = NULL;
  guint8 kind = draw_kind (act);
  guint16 number = kind == GALLEY_KIND_ITEM ? GALLEY_ITEM_DESCRIPTION : GALLEY_ANNOTATION_BODY;
  const GalleyField *field;
  GalleyId id;

  if (!choose_alive (act, kind, &id))
    return;
  entity = galley_reader_get_entity (act->device->reader, &id, NULL);
  field = entity != NULL ? galley_entity_get_field (entity, number) : NULL;
  if (field == NULL)
    return;
  words = edit_words (act, get_shown_text (field));
  galley_intent_set (draft, kind, &id, number, NULL, text (words), NULL, 0);
  galley_sim_commit (act->device, draft);
}

/* On another device than the step's own: the same field of the same thing gets a value. */
static void
edit_on (Act *act, GalleySimDevice *device, guint8 kind, const GalleyId *entity, guint16 number)
{
  g_autoptr (GalleyDraft) draft = NULL;
  g_autoptr (GalleyEntity) there = NULL;
  g_autofree char *words = NULL;
  const GalleyField *field;
  gboolean is_text = number ==
                     (kind == GALLEY_KIND_ITEM ? GALLEY_ITEM_DESCRIPTION : GALLEY_ANNOTATION_BODY);

  there = device->store != NULL ? galley_reader_get_entity (device->reader, entity, NULL) : NULL;
  field = there != NULL ? galley_entity_get_field (there, number) : NULL;
  if (field == NULL)
    return;
  words = is_text ? edit_words (act, get_shown_text (field)) : new_word (act);
  draft = galley_draft_new (&there->project, "edit");
  galley_intent_set (draft, kind, entity, number, NULL, text (words), NULL, 0);
  galley_sim_commit (device, draft);
}

static void
edit_elsewhere (Act *act, guint8 kind, const GalleyId *entity, guint16 number)
{
  edit_on (act, &act->sim->devices[draw (act, act->sim->n_devices)], kind, entity, number);
}

/* Everybody has something to say about the same. */
static void
edit_everywhere (Act *act)
{
  guint8 kind = draw_kind (act);
  guint16 number = kind == GALLEY_KIND_ITEM
                       ? (may (act, 50) ? GALLEY_ITEM_NAME : GALLEY_ITEM_DESCRIPTION)
                       : GALLEY_ANNOTATION_BODY;
  GalleyId entity;

  if (!choose_alive (act, kind, &entity))
    return;
  for (guint i = 0; i < act->sim->n_devices; i++)
    edit_on (act, &act->sim->devices[i], kind, &entity, number);
}

static void
set_tag (Act *act)
{
  static const char *const tags[] = { "red", "green", "blue" };
  g_autoptr (GalleyDraft) draft = new_draft (act, "tag");
  guint8 kind = draw_kind (act);
  GalleyId entity;

  if (!choose_alive (act, kind, &entity))
    return;
  galley_intent_set_tag (draft, kind, &entity, tags[draw (act, G_N_ELEMENTS (tags))],
                         may (act, 60));
  galley_sim_commit (act->device, draft);
}

static void
set_order (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "order");
  char element[GALLEY_ID_TEXT_SIZE];
  g_autofree char *key = g_strdup_printf ("%c%c", 'a' + draw (act, 26), 'a' + draw (act, 26));
  GalleyId playlist, item;

  if (!choose_alive (act, GALLEY_KIND_ITEM, &item))
    return;
  if (!choose_alive (act, GALLEY_KIND_PLAYLIST, &playlist))
    {
      new_id (act, &playlist);
      galley_draft_create (draft, GALLEY_KIND_PLAYLIST, &playlist, act->project);
      galley_intent_set (draft, GALLEY_KIND_PLAYLIST, &playlist, GALLEY_PLAYLIST_NAME, NULL,
                         text ("list"), NULL, 0);
    }
  galley_intent_set (draft, GALLEY_KIND_PLAYLIST, &playlist, GALLEY_PLAYLIST_ENTRIES,
                     galley_id_print (&item, element), may (act, 80) ? text (key) : NULL, NULL, 0);
  galley_sim_commit (act->device, draft);
}

/* Several edits of several things in one change: all of them or none. */
static void
edit_together (Act *act)
{
  static const char *const tags[] = { "one", "two", "three", "four" };
  g_autoptr (GalleyDraft) draft = new_draft (act, GALLEY_INTENT_TOGETHER);
  GalleyId entity;

  for (guint i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      guint8 kind = draw_kind (act);

      if (!choose_alive (act, kind, &entity))
        continue;
      galley_intent_set_tag (draft, kind, &entity, tags[i], may (act, 80));
      if (i == 0 && kind == GALLEY_KIND_ITEM)
        galley_intent_set (draft, kind, &entity, GALLEY_ITEM_DUE, NULL,
                           g_variant_new_int64 (draw (act, 3)), NULL, 0);
    }
  if (galley_draft_get_n_edits (draft) > 0)
    galley_sim_commit (act->device, draft);
}

static void
delete_thing (Act *act)
{
  static const guint8 kinds[] = { GALLEY_KIND_ITEM, GALLEY_KIND_ANNOTATION, GALLEY_KIND_ANNOTATION,
                                  GALLEY_KIND_COMMENT, GALLEY_KIND_PLAYLIST };
  g_autoptr (GalleyDraft) draft = new_draft (act, "delete");
  guint8 kind = kinds[draw (act, G_N_ELEMENTS (kinds))];
  GalleyId entity;

  if (!choose_alive (act, kind, &entity))
    return;
  galley_intent_delete (draft, kind, &entity);
  galley_sim_commit (act->device, draft);
}

static void
restore_thing (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "restore");
  guint8 kind = draw_kind (act);
  GalleyId entity;

  if (!choose (act, kind, "e.alive <> 1", &entity))
    return;
  galley_intent_restore (draft, kind, &entity);
  galley_sim_commit (act->device, draft);
}

/* Also what the person cannot see any more: a script can name it. */
static void
edit_gone (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "set field");
  guint8 kind = draw_kind (act);
  guint16 field;
  GVariant *value = draw_register (act, kind, &field);
  GalleyId entity;

  if (choose (act, kind, "e.alive = 0", &entity))
    {
      galley_intent_set (draft, kind, &entity, field, NULL, value, NULL, 0);
      galley_sim_commit (act->device, draft);
    }
  else if (value != NULL)
    {
      g_variant_unref (g_variant_ref_sink (value));
    }
}

static void
decide (Act *act)
{
  static const char *const verdicts[] = { "approve", "request-changes", "comment" };
  g_autoptr (GalleyDraft) draft = new_draft (act, "decide");
  GalleyId person, item;

  if (!choose_alive (act, GALLEY_KIND_ITEM, &item))
    return;
  galley_store_get_person (act->device->store, &person);
  if (galley_decision_prepare (draft, act->device->reader,
                               galley_store_get_key (act->device->store), &person, &item, NULL,
                               verdicts[draw (act, G_N_ELEMENTS (verdicts))], NULL, NULL))
    galley_sim_commit (act->device, draft);
}

static void
undo (Act *act)
{
  galley_sim_undo (act->device, act->project, FALSE);
}

static void
redo (Act *act)
{
  galley_sim_undo (act->device, act->project, TRUE);
}

/* ── editors that stay open ── */

static void
open_editor (Act *act)
{
  GalleySimEditor *editor;
  g_autoptr (GalleyEntity) entity = NULL;
  const GalleyField *field;
  const GalleyHead *shown;
  guint8 kind = draw_kind (act);
  GVariant *value;
  GalleyId id;
  guint16 number;

  value = draw_register (act, kind, &number);
  if (value != NULL)
    g_variant_unref (g_variant_ref_sink (value));
  if (may (act, 50))
    number = kind == GALLEY_KIND_ITEM ? GALLEY_ITEM_DESCRIPTION : GALLEY_ANNOTATION_BODY;
  if (!choose_alive (act, kind, &id))
    return;
  entity = galley_reader_get_entity (act->device->reader, &id, NULL);
  field = entity != NULL ? galley_entity_get_field (entity, number) : NULL;
  shown = field != NULL ? find_shown (act->device, field) : NULL;
  if (shown == NULL)
    return;

  editor = g_new0 (GalleySimEditor, 1);
  editor->project = *act->project;
  editor->entity = id;
  editor->kind = kind;
  editor->field = number;
  editor->element = g_strdup ("");
  editor->seen = g_array_new (FALSE, TRUE, sizeof (GalleyRef));
  editor->text = g_strdup (get_shown_text (field));
  g_array_append_val (editor->seen, shown->ref);
  g_ptr_array_add (act->device->editors, editor);
}

static void
finish_editor (Act *act, guint index)
{
  GPtrArray *editors = act->device->editors;
  GalleySimEditor *editor = editors->pdata[index];
  g_autoptr (GalleyDraft) draft = NULL;
  g_autofree char *words = NULL;
  GVariant *value;
  guint16 field;

  draft = galley_draft_new (&editor->project, "edit");
  do
    {
      value = draw_register (act, editor->kind, &field);
      if (value != NULL)
        g_variant_ref_sink (value);
      if (field != editor->field)
        g_clear_pointer (&value, g_variant_unref);
    }
  while (field != editor->field &&
         (editor->kind != GALLEY_KIND_ITEM || editor->field != GALLEY_ITEM_DESCRIPTION) &&
         (editor->kind != GALLEY_KIND_ANNOTATION || editor->field != GALLEY_ANNOTATION_BODY));
  if (field != editor->field)
    {
      words = edit_words (act, editor->text);
      value = g_variant_ref_sink (text (words));
    }
  galley_draft_set (draft, editor->kind, &editor->entity, editor->field, editor->element, value,
                    (const GalleyRef *)editor->seen->data, editor->seen->len);
  g_clear_pointer (&value, g_variant_unref);
  g_ptr_array_remove_index (editors, index);
  galley_sim_commit (act->device, draft);
}

static void
close_editor (Act *act)
{
  guint n_open = act->device->editors->len;

  if (n_open > 0)
    finish_editor (act, draw (act, n_open));
}

/* While the editor is open, somebody else is quicker. */
static void
edit_behind_editor (Act *act)
{
  GPtrArray *editors = act->device->editors;
  const GalleySimEditor *editor;

  open_editor (act);
  if (editors->len == 0)
    return;
  editor = editors->pdata[editors->len - 1];
  if (editor->field == GALLEY_ITEM_NAME || editor->field == GALLEY_ITEM_DESCRIPTION ||
      editor->field == GALLEY_ANNOTATION_BODY)
    edit_elsewhere (act, editor->kind, &editor->entity, editor->field);
  galley_sim_pass (act->sim, draw (act, 20) * S_US);
  /* The device may have lost power meanwhile, and the editor with it. */
  if (act->device->store != NULL && editors->len > 0)
    finish_editor (act, editors->len - 1);
}

/* ── conflicts ── */

static void
settle_fields (Act *act, GPtrArray *fields, const GalleyConflictRow *row)
{
  static const GalleyTake takes[] = { GALLEY_TAKE_MINE, GALLEY_TAKE_THEIRS, GALLEY_TAKE_BASE,
                                      GALLEY_TAKE_BOTH };
  const GalleyConflictField *field = fields->pdata[draw (act, fields->len)];
  GalleyChooser chooser = { .device = act->device->id };
  GalleyChoice choice = { .take = takes[draw (act, G_N_ELEMENTS (takes))] };
  g_autoptr (GalleyDraft) draft = NULL;

  galley_store_get_person (act->device->store, &chooser.person);
  if (choice.take == GALLEY_TAKE_THEIRS && field->heads->len > 0)
    {
      choice.has_head = TRUE;
      choice.head = g_array_index (field->heads, GalleyHead, draw (act, field->heads->len)).ref;
    }
  draft = galley_resolve_make_draft (&row->project, row->kind, &row->entity, &field, &choice, 1,
                                     &chooser, NULL);
  if (draft == NULL)
    return;
  /* Somebody thinks about it for a while. */
  if (may (act, 50))
    {
      if (may (act, 60) && field->shown != NULL &&
          g_variant_is_of_type (field->shown, G_VARIANT_TYPE_STRING) && *field->element == '\0')
        edit_elsewhere (act, row->kind, &row->entity, field->field);
      galley_sim_pass (act->sim, (2 + draw (act, 30)) * S_US);
      if (act->device->store == NULL)
        return;
    }
  galley_sim_commit (act->device, draft);
}

static void
settle_conflict (Act *act)
{
  g_autoptr (GPtrArray)
      rows = galley_reader_list_conflicts (act->device->reader, act->project, NULL);
  g_autoptr (GPtrArray) fields = NULL;
  const GalleyConflictRow *row;

  if (rows == NULL || rows->len == 0)
    return;
  row = rows->pdata[draw (act, rows->len)];
  fields = galley_reader_get_conflict (act->device->reader, &row->entity, NULL);
  if (fields != NULL && fields->len > 0)
    settle_fields (act, fields, row);
}

/* Somebody settles what came apart, and somebody else is quicker. */
static void
settle_late (Act *act)
{
  GalleySimDevice *other = &act->sim->devices[(act->device->index + 1) % act->sim->n_devices];
  GalleyChooser chooser = { .device = act->device->id };
  GalleyChoice choice = { .take = GALLEY_TAKE_VALUE, .value = NULL };
  g_autoptr (GPtrArray) fields = NULL;
  g_autoptr (GalleyDraft) draft = NULL;
  const GalleyConflictField *field;
  GalleyId item;

  if (!choose_alive (act, GALLEY_KIND_ITEM, &item))
    return;
  edit_on (act, act->device, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME);
  edit_on (act, other, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME);
  galley_sim_pass (act->sim, 5 * S_US);
  fields = act->device->store != NULL
               ? galley_reader_get_conflict (act->device->reader, &item, NULL)
               : NULL;
  if (fields == NULL || fields->len == 0)
    return;

  field = fields->pdata[0];
  galley_store_get_person (act->device->store, &chooser.person);
  draft = galley_resolve_make_draft (act->project, GALLEY_KIND_ITEM, &item, &field, &choice, 1,
                                     &chooser, NULL);
  edit_on (act, other, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME);
  galley_sim_pass (act->sim, 5 * S_US);
  if (draft != NULL && act->device->store != NULL)
    galley_sim_commit (act->device, draft);
}

/* ── the network ── */

static void
unplug (Act *act)
{
  act->device->unplugged = TRUE;
  galley_sim_transport_set_unplugged (act->device->transport, TRUE);
}

static void
plug_in (Act *act)
{
  act->device->unplugged = FALSE;
  galley_sim_transport_set_unplugged (act->device->transport, FALSE);
}

static void
work_offline (Act *act)
{
  galley_sync_service_set_offline (act->device->service, TRUE);
}

static void
work_online (Act *act)
{
  galley_sync_service_set_offline (act->device->service, FALSE);
}

/* The laptop goes from one network to another. */
static void
meter_network (Act *act)
{
  galley_job_limits_set_metered (galley_sync_service_get_limits (act->device->service),
                                 draw (act, 2) == 0);
}

static void
save_battery (Act *act)
{
  galley_job_limits_set_saving_battery (galley_sync_service_get_limits (act->device->service),
                                        draw (act, 2) == 0);
}

static void
change_wishes (Act *act)
{
  static const char *const kinds[] = { "push",     "pull",    "upload",  "download",
                                       "snapshot", "history", "compact", "hello" };
  g_auto (GalleyJobWishes) wishes = { 0 };

  galley_job_wishes_copy (galley_job_limits_get_wishes (
                              galley_sync_service_get_limits (act->device->service)),
                          &wishes);
  galley_job_wishes_pause_kind (&wishes, kinds[draw (act, G_N_ELEMENTS (kinds))],
                                draw (act, 2) == 0);
  wishes.metered_too = draw (act, 2) == 0;
  wishes.battery_too = draw (act, 2) == 0;
  galley_sync_service_set_wishes (act->device->service, &wishes);
}

static void
calm (Act *act)
{
  galley_sim_network_set_weather (act->sim->network, &galley_sim_calm);
}

static void
storm (Act *act)
{
  GalleySimWeather weather = {
    .request_lost = draw (act, 15),
    .answer_lost = draw (act, 15),
    .request_cut = draw (act, 10),
    .answer_cut = draw (act, 15),
    .duplicated = draw (act, 20),
    .hotel = draw (act, 6),
    .proxy = draw (act, 8),
    .garbled = draw (act, 8),
    .max_delay_ms = 50 + draw (act, 20000),
  };

  galley_sim_network_set_weather (act->sim->network, &weather);
}

static void
ask_again (Act *act)
{
  galley_sync_service_retry_now (act->device->service);
}

static void
wait_long (Act *act)
{
  galley_sim_pass (act->sim, (gint64)draw (act, 3600) * S_US);
}

/* ── machines ── */

static void
crash_device (Act *act)
{
  galley_sim_device_crash (act->device, draw (act, 120) * S_US);
}

static void
crash_device_at_step (Act *act)
{
  galley_sim_disk_fail_at (act->device->disk, GALLEY_SIM_DISK_POWER, 1 + draw (act, 60));
}

static void
fail_disk (Act *act)
{
  galley_sim_disk_fail_at (act->device->disk, GALLEY_SIM_DISK_IO, 1 + draw (act, 40));
}

/* In the middle of what a person was just told about. */
static void
crash_while_saving (Act *act)
{
  galley_sim_disk_fail_at (act->device->disk, GALLEY_SIM_DISK_POWER, 1 + draw (act, 6));
  set_register (act);
}

static void
fail_while_saving (Act *act)
{
  galley_sim_disk_fail_at (act->device->disk, GALLEY_SIM_DISK_IO, 1 + draw (act, 4));
  set_register (act);
}

static void
fill_disk (Act *act)
{
  galley_sim_disk_set_full (act->device->disk, TRUE);
}

static void
make_room (Act *act)
{
  galley_sim_disk_set_full (act->device->disk, FALSE);
}

static void
restart_device (Act *act)
{
  galley_sim_device_stop (act->device);
  act->device->starts_us = galley_sim_time_get_us (act->sim->time);
}

static void
set_clock (Act *act)
{
  act->device->world.skew_us = may (act, 30) ? 0
                                             : ((gint64)draw (act, 20) - 10) * YEAR_US +
                                                   draw (act, 1000) * S_US;
}

static void
crash_server (Act *act)
{
  if (act->sim->server != NULL)
    galley_sim_server_crash (act->sim, draw (act, 120) * S_US);
}

static void
crash_server_at_step (Act *act)
{
  galley_sim_disk_fail_at (act->sim->server_disk, GALLEY_SIM_DISK_POWER, 1 + draw (act, 60));
}

static void
crash_server_while_pushing (Act *act)
{
  set_register (act);
  galley_sim_disk_fail_at (act->sim->server_disk, GALLEY_SIM_DISK_POWER, 1 + draw (act, 8));
}

static void
fail_server_disk (Act *act)
{
  galley_sim_disk_fail_at (act->sim->server_disk, GALLEY_SIM_DISK_IO, 1 + draw (act, 60));
}

static void
fill_server_disk (Act *act)
{
  galley_sim_disk_set_full (act->sim->server_disk, TRUE);
}

static void
make_server_room (Act *act)
{
  galley_sim_disk_set_full (act->sim->server_disk, FALSE);
}

/* ── an administrator ── */

static void
change_role (Act *act)
{
  static const GalleyRole roles[] = { GALLEY_ROLE_GUEST, GALLEY_ROLE_REVIEWER, GALLEY_ROLE_REVIEWER,
                                      GALLEY_ROLE_LEAD, GALLEY_ROLE_ADMIN };

  galley_sim_set_role (act->sim, draw (act, act->sim->n_persons), draw (act, act->sim->n_projects),
                       roles[draw (act, G_N_ELEMENTS (roles))]);
}

static void
revoke_device (Act *act)
{
  galley_sim_revoke (act->device);
}

static void
enrol_again (Act *act)
{
  galley_sim_device_enrol (act->device);
}

/* Somebody leaves, with all of their devices; and is back. */
static void
revoke_person (Act *act)
{
  for (guint i = 0; i < act->sim->n_devices; i++)
    if (act->sim->devices[i].person == act->device->person)
      galley_sim_revoke (&act->sim->devices[i]);
}

static void
let_in_again (Act *act)
{
  for (guint i = 0; i < act->sim->n_devices; i++)
    if (act->sim->devices[i].revoked)
      galley_sim_device_enrol (&act->sim->devices[i]);
}

/* ── devices that come late ── */

static void
join_late (Act *act)
{
  galley_sim_join (act->sim, may (act, 40));
}

static void
ask_for_history (Act *act)
{
  guint n_projects;

  galley_history_ask (act->device->store, &n_projects, NULL);
}

/* ── packing ── */

static gboolean
do_nothing (GalleyWriter *writer, gpointer data, GError **error)
{
  return TRUE;
}

static void
compact (Act *act)
{
  GalleyCompactOptions options = {
    .keep_recent = draw (act, 8),
    .segment_bytes = 500 + draw (act, 4000),
    .min_changes = 1 + draw (act, 3),
  };
  g_autofree char *before = NULL;
  g_autoptr (GError) error = NULL;
  GalleyCompactReport report;

  /* What was asked for before is done before. */
  galley_store_write (act->device->store, do_nothing, NULL, NULL);
  before = galley_sim_tell_all (act->device);
  if (galley_compact (act->device->store, &options, NULL, NULL, NULL, &report, &error))
    galley_sim_note (act->sim, "%u changes were packed", (guint)report.n_changes);
  else
    galley_sim_note (act->sim, "not packed: %s", error->message);
  if (!galley_sim_disk_is_dead (act->device->disk))
    galley_sim_check_told (act->device, before);
}

/* ── refused changes ── */

static void
see_to_refused (Act *act)
{
  g_autoptr (GPtrArray) list = galley_quarantine_list (act->device->reader, may (act, 30), NULL);
  const GalleyRefused *refused;

  if (list == NULL || list->len == 0)
    return;
  refused = list->pdata[draw (act, list->len)];
  if (may (act, 60))
    galley_sim_send_again (act->device, &refused->project, &refused->ref);
  else
    galley_sim_discard (act->device, &refused->project, &refused->ref, may (act, 80));
}

/* ── older copies ── */

static void
copy_device (Act *act)
{
  galley_sim_device_copy (act->device);
}

static void
restore_device (Act *act)
{
  static const GalleySimExtent extents[] = { GALLEY_SIM_WHOLE, GALLEY_SIM_WHOLE,
                                             GALLEY_SIM_DATABASE, GALLEY_SIM_WITHOUT_KEY };

  galley_sim_device_restore (act->device, extents[draw (act, G_N_ELEMENTS (extents))],
                             draw (act, 60) * S_US);
}

static void
clone_device (Act *act)
{
  galley_sim_device_clone (act->device);
}

static void
copy_server (Act *act)
{
  if (act->sim->server != NULL)
    galley_sim_server_copy (act->sim);
}

static void
restore_server (Act *act)
{
  galley_sim_server_restore (act->sim, may (act, 60), draw (act, 60) * S_US);
}

/* What is done between a copy and the day on which it takes the folder's place. */
static void
work_meanwhile (Act *act)
{
  static void (*const gestures[]) (Act *) = {
    set_register, set_text, annotate, reply, set_tag, edit_everywhere, delete_thing, make_item
  };
  GalleySimDevice *device = act->device;
  guint n_gestures = 1 + draw (act, 5);

  for (guint i = 0; i < n_gestures; i++)
    {
      act->device = may (act, 50) ? device : &act->sim->devices[draw (act, act->sim->n_devices)];
      if (act->device->store != NULL)
        gestures[draw (act, G_N_ELEMENTS (gestures))](act);
      galley_sim_pass (act->sim, may (act, 50) ? draw (act, 10) * S_US : draw (act, 2000000));
    }
  act->device = device;
}

static void
lose_work_of_device (Act *act)
{
  copy_device (act);
  work_meanwhile (act);
  restore_device (act);
}

static void
lose_work_of_server (Act *act)
{
  copy_server (act);
  work_meanwhile (act);
  restore_server (act);
}

/* Both go on, before either can have heard of the other. */
static void
clone_and_work (Act *act)
{
  GalleySim *sim = act->sim;
  GalleySimDevice *device = act->device;

  clone_device (act);
  galley_sim_pass (sim, draw (act, 3000000));
  for (guint i = 0; i < 2; i++)
    {
      act->device = i == 0 ? device : &sim->devices[sim->n_devices - 1];
      if (act->device->store != NULL)
        set_register (act);
      if (act->device->store != NULL)
        annotate (act);
    }
  act->device = device;
}

/* ── what a project says of its fields ──
 *
 * Beside the steps, with chance of its own, so that the runs in which nobody says anything are what
 * they were: a seed stands for a run for good. */

static gboolean
has_policies (const GalleySim *sim)
{
  return sim->seed % 5 == 2;
}

static void
draw_person (Act *act, GalleyId *person)
{
  GalleySimDevice *device = &act->sim->devices[draw (act, act->sim->n_devices)];

  galley_store_get_person (device->store != NULL ? device->store : act->device->store, person);
}

static GVariant *
draw_policies (Act *act)
{
  static const char *const names[] = { "item.name", "item.description", "item.due",
                                       "annotation.color", "annotation.body" };
  static const char *const policies[] = { "author", "assignees", "ask", "of tomorrow" };
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  gboolean assignees = may (act, 50);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint which = assignees ? 1 : draw (act, 2 * G_N_ELEMENTS (policies));
      g_autofree char *persons = NULL;
      char first[GALLEY_ID_TEXT_SIZE], second[GALLEY_ID_TEXT_SIZE];
      GalleyId one, other;

      draw_person (act, &one);
      draw_person (act, &other);
      persons = g_strdup_printf ("persons:%s,%s", galley_id_print (&one, first),
                                 galley_id_print (&other, second));
      if (may (act, 75))
        g_variant_builder_add (&builder, "{ss}", names[i],
                               which < G_N_ELEMENTS (policies) ? policies[which] : persons);
    }

  return g_variant_builder_end (&builder);
}

static void
say_policies (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, GALLEY_INTENT_SWITCH_RULES);

  if (may (act, 80))
    galley_intent_set (draft, GALLEY_KIND_PROJECT, act->project, GALLEY_PROJECT_RULES, NULL,
                       g_variant_new_uint32 (may (act, 90) ? 3 : 1), NULL, 0);
  galley_intent_set (draft, GALLEY_KIND_PROJECT, act->project, GALLEY_PROJECT_POLICIES, NULL,
                     draw_policies (act), NULL, 0);
  galley_sim_commit (act->device, draft);
}

static void
assign (Act *act)
{
  g_autoptr (GalleyDraft) draft = new_draft (act, "assign");
  char element[GALLEY_ID_TEXT_SIZE];
  GalleyId item, person;

  if (!choose (act, GALLEY_KIND_ITEM, "e.number IN (SELECT entity FROM derived_contested)",
               &item) &&
      !choose_alive (act, GALLEY_KIND_ITEM, &item))
    return;
  draw_person (act, &person);
  galley_intent_set (draft, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_ASSIGNEES,
                     galley_id_print (&person, element),
                     may (act, 70) ? g_variant_new_boolean (TRUE) : NULL, NULL, 0);
  galley_sim_commit (act->device, draft);
}

static void
perhaps_change_rules (const Act *before, const GalleySimStep *step)
{
  Act act = *before;

  act.chance.state = step->seed ^ G_GUINT64_CONSTANT (0x706f6c6963696573);
  if (!has_policies (act.sim) || act.device->store == NULL || !may (&act, 60))
    return;
  if (may (&act, 30))
    {
      /* Its person made the projects: nobody refuses it. */
      if (act.sim->devices[0].store != NULL)
        act.device = &act.sim->devices[0];
      say_policies (&act);
    }
  else if (may (&act, 50))
    assign (&act);
  else
    edit_everywhere (&act);
}

/* ── the simulator's own ── */

static void
check_now (Act *act)
{
  galley_sim_check_device (act->device);
}

/* ── the table ── */

static const struct
{
  const char *name;
  guint weight;
  gboolean any_device; /* also one that is down */
  void (*run) (Act *act);
} steps[] = {
  { "make an item", 8, FALSE, make_item },
  { "add a version", 4, FALSE, add_version },
  { "annotate", 8, FALSE, annotate },
  { "reply", 5, FALSE, reply },
  { "set a field", 14, FALSE, set_register },
  { "edit a text", 12, FALSE, set_text },
  { "edit everywhere", 6, FALSE, edit_everywhere },
  { "edit behind an editor", 5, FALSE, edit_behind_editor },
  { "set a tag", 6, FALSE, set_tag },
  { "put into a list", 4, FALSE, set_order },
  { "several edits together", 4, FALSE, edit_together },
  { "delete", 6, FALSE, delete_thing },
  { "restore", 3, FALSE, restore_thing },
  { "edit what is gone", 3, FALSE, edit_gone },
  { "decide", 4, FALSE, decide },
  { "undo", 5, FALSE, undo },
  { "redo", 3, FALSE, redo },
  { "open an editor", 8, FALSE, open_editor },
  { "finish in an editor", 10, FALSE, close_editor },
  { "settle a conflict", 12, FALSE, settle_conflict },
  { "settle too late", 5, FALSE, settle_late },
  { "unplug", 5, FALSE, unplug },
  { "plug in", 6, FALSE, plug_in },
  { "work offline", 3, FALSE, work_offline },
  { "work online", 4, FALSE, work_online },
  { "bad network", 5, TRUE, storm },
  { "good network", 3, TRUE, calm },
  { "ask again", 5, FALSE, ask_again },
  { "wait long", 4, TRUE, wait_long },
  { "device loses power", 3, FALSE, crash_device },
  { "device loses power soon", 5, TRUE, crash_device_at_step },
  { "device loses power saving", 5, FALSE, crash_while_saving },
  { "disk error saving", 3, FALSE, fail_while_saving },
  { "disk error soon", 3, TRUE, fail_disk },
  { "disk full", 2, TRUE, fill_disk },
  { "disk has room", 4, TRUE, make_room },
  { "restart", 3, FALSE, restart_device },
  { "set the clock", 3, TRUE, set_clock },
  { "server loses power", 2, TRUE, crash_server },
  { "server loses power soon", 4, TRUE, crash_server_at_step },
  { "server loses power taking", 4, FALSE, crash_server_while_pushing },
  { "server disk error soon", 2, TRUE, fail_server_disk },
  { "server disk full", 1, TRUE, fill_server_disk },
  { "server disk has room", 3, TRUE, make_server_room },
  { "change a role", 7, TRUE, change_role },
  { "revoke a device", 1, TRUE, revoke_device },
  { "enrol again", 1, FALSE, enrol_again },
  { "shut a person out", 1, TRUE, revoke_person },
  { "let in again", 2, TRUE, let_in_again },
  { "join late", 4, TRUE, join_late },
  { "ask for history", 2, FALSE, ask_for_history },
  { "compact", 5, FALSE, compact },
  { "see to what was refused", 4, FALSE, see_to_refused },
  { "copy a device", 2, FALSE, copy_device },
  { "restore a device", 3, TRUE, restore_device },
  { "device falls back", 3, FALSE, lose_work_of_device },
  { "clone a device", 1, FALSE, clone_device },
  { "clone a device and work", 3, FALSE, clone_and_work },
  { "copy the server", 2, TRUE, copy_server },
  { "restore the server", 3, TRUE, restore_server },
  { "server falls back", 3, FALSE, lose_work_of_server },
  { "check", 4, FALSE, check_now },
  /* Never drawn from here: see add_limits(). */
  { "network costs or not", 0, FALSE, meter_network },
  { "battery is saved or not", 0, FALSE, save_battery },
  { "let jobs use less or more", 0, FALSE, change_wishes },
};
/* The last ones. */
#define N_LIMITS 3
/* In every fifth seed what holds jobs back moves as well; the others mean what they always meant,
 * those among them in which a fault was found. */
#define LIMITS_EVERY 5
#define LIMITS_AT 2

static guint
get_total_weight (void)
{
  guint total = 0;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    total += steps[i].weight;
  return total;
}

static void
add_limits (GArray *list, GalleySimRandom *chance)
{
  for (guint i = 0; i < list->len; i++)
    if (galley_sim_random_chance (chance, 15))
      {
        GalleySimStep step = { G_N_ELEMENTS (steps) - 1 -
                                   galley_sim_random_below (chance, N_LIMITS),
                               galley_sim_random_next (chance) };

        g_array_insert_val (list, i, step);
        i++;
      }
}

/**
 * galley_sim_steps_draw:
 *
 * Returns: (transfer full) (element-type GalleySimStep): what happens in the run of @seed
 */
GArray *
galley_sim_steps_draw (guint64 seed, guint n_steps)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (GalleySimStep));
  GalleySimRandom chance = { seed ^ G_GUINT64_CONSTANT (0x5741726573746570) };
  guint total = get_total_weight ();

  for (guint i = 0; i < n_steps; i++)
    {
      guint dice = galley_sim_random_below (&chance, total);
      GalleySimStep step = { 0, galley_sim_random_next (&chance) };

      while (dice >= steps[step.kind].weight)
        dice -= steps[step.kind++].weight;
      g_array_append_val (list, step);
    }
  if (seed % LIMITS_EVERY == LIMITS_AT)
    add_limits (list, &chance);

  return list;
}

/* Mostly things follow each other quickly; sometimes there is a pause. */
static gint64
draw_pause_us (Act *act)
{
  guint dice = draw (act, 100);

  if (dice < 40)
    return draw (act, 5000);
  if (dice < 80)
    return draw (act, 2000000);
  return (gint64)draw (act, 60) * S_US;
}

void
galley_sim_step_run (GalleySim *self, const GalleySimStep *step)
{
  Act act = { .sim = self, .chance = { step->seed } };

  galley_sim_pass (self, draw_pause_us (&act));
  act.device = &self->devices[draw (&act, self->n_devices)];
  act.project = &self->projects[draw (&act, self->n_projects)];
  if (self->failure != NULL)
    return;
  if (act.device->store == NULL && !steps[step->kind].any_device)
    return;

  galley_sim_note (self, "── device %u: %s", act.device->index, steps[step->kind].name);
  perhaps_change_rules (&act, step);
  steps[step->kind].run (&act);
}

char *
galley_sim_step_describe (const GalleySimStep *step)
{
  return g_strdup_printf ("%-24s seed %016" G_GINT64_MODIFIER "x", steps[step->kind].name,
                          step->seed);
}
