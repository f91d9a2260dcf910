/* make-stream.c: a server's folder with a project of many changes, for scripts/bench-snapshot
 *
 *   make-stream FOLDER CHANGES
 *
 * One device that is real: each change is chained, each batch signed, and all of them went through
 * the back end's checks. One change of twenty makes a note, the others edit one field of one.
 * Prints the project's id.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bare-device.h"
#include "server/galley-backend.h"

#include <stdlib.h>

#define BATCH 2000
/* Edits for a note that was made. */
#define EDITS 19

typedef struct
{
  GalleyBareDevice device;
  GalleyBackend *backend;
  GalleySession session;
  GalleyId item;
  guint n_notes;
  GalleyId *notes;
  GalleyRef *heads; /* of each note's fields, FIELDS a note */
} Stream;

static const guint16 fields[] = { GALLEY_ANNOTATION_BODY, GALLEY_ANNOTATION_PLACE,
                                  GALLEY_ANNOTATION_COLOR };

#define FIELDS G_N_ELEMENTS (fields)

static void
check (GError *error)
{
  if (error != NULL)
    g_error ("%s", error->message);
}

static void
open_device (Stream *stream, const char *folder)
{
  g_autofree char *path = g_strconcat (folder, ".key", NULL);
  g_autoptr (GError) error = NULL;
  GalleyBareDevice *device = &stream->device;

  device->key = galley_key_open (path, galley_world_real (), &error);
  check (error);
  device->id = *galley_key_get_device (device->key);
  device->ref.device = device->id;
  device->made = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  galley_id_new (&device->project, galley_world_real ());
  galley_id_new (&device->person, galley_world_real ());
}

static void
join (Stream *stream)
{
  g_autoptr (GError) error = NULL;
  const GalleyBackendOps *ops = stream->backend->ops;
  g_autofree char *code = ops->create_invite (stream->backend, "Ana", GALLEY_ROLE_ADMIN, 1, &error);
  g_autoptr (GalleyEnrolRequest) request = NULL;
  g_autoptr (GalleyEnrolAnswer) answer = NULL;

  check (error);
  request = galley_bare_device_ask (&stream->device, code);
  answer = ops->enrol (stream->backend, request, &error);
  check (error);
  ops->authenticate (stream->backend, answer->token, &stream->session, &error);
  check (error);
  ops->add_project (stream->backend, &stream->session, &stream->device.project, &error);
  check (error);
}

static void
push (Stream *stream)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) batch = galley_bare_device_pack (&stream->device);
  g_autoptr (GalleyPushAnswer)
      answer = stream->backend->ops->push (stream->backend, &stream->session,
                                           &stream->device.project, batch, NULL, &error);

  check (error);
  for (guint i = 0; i < answer->verdicts->len; i++)
    if (g_array_index (answer->verdicts, GalleyVerdict, i).position == 0)
      g_error ("A change was refused: %s",
               g_array_index (answer->verdicts, GalleyVerdict, i).message);
}

static GVariant *
make_value (guint16 field, guint number)
{
  static const char *const words[] = { "please",  "move",   "the",   "logo",  "a",        "little",
                                       "left",    "margin", "looks", "tight", "headline", "lighter",
                                       "caption", "shadow", "crowd", "border" };
  guint32 chance = number * 2654435761u + 1;
  GString *text;

  if (field == GALLEY_ANNOTATION_PLACE)
    return g_variant_new ("(dd)", number * 1.37, number * 0.73);
  if (field == GALLEY_ANNOTATION_COLOR)
    return g_variant_new_take_string (g_strdup_printf ("#%06x", chance & 0xffffff));

  text = g_string_new (NULL);
  while (text->len < 60)
    {
      chance = chance * 1664525u + 1013904223u;
      g_string_append_printf (text, "%s ", words[chance >> 16 & (G_N_ELEMENTS (words) - 1)]);
    }
  return g_variant_new_take_string (g_string_free (text, FALSE));
}

static void
make_named (
    Stream *stream, guint8 kind, const GalleyId *id, const GalleyId *parent, const char *name)
{
  GalleyEdit edits[] = {
    galley_bare_edit (kind, id, GALLEY_F_ALIVE, "", galley_bare_alive (TRUE)),
    galley_bare_edit (kind, id, GALLEY_F_PARENT, "",
                      parent != NULL ? galley_bare_parent (parent) : NULL),
    galley_bare_edit (kind, id, GALLEY_ITEM_NAME, "", g_variant_new_string (name)),
  };

  if (parent == NULL)
    edits[1] = edits[2];
  galley_bare_device_change (&stream->device, edits, parent != NULL ? 3 : 2);
}

static void
make_note (Stream *stream, guint note)
{
  const GalleyId *id = &stream->notes[note];
  GalleyEdit edits[2 + FIELDS] = {
    galley_bare_edit (GALLEY_KIND_ANNOTATION, id, GALLEY_F_ALIVE, "", galley_bare_alive (TRUE)),
    galley_bare_edit (GALLEY_KIND_ANNOTATION, id, GALLEY_F_PARENT, "",
                      galley_bare_parent (&stream->item)),
  };
  GalleyRef ref;

  galley_id_new (&stream->notes[note], galley_world_real ());
  edits[0].entity = edits[1].entity = *id;
  for (guint i = 0; i < FIELDS; i++)
    edits[2 + i] = galley_bare_edit (GALLEY_KIND_ANNOTATION, id, fields[i], "",
                                     make_value (fields[i], note * 7 + i));
  ref = galley_bare_device_change (&stream->device, edits, G_N_ELEMENTS (edits));
  for (guint i = 0; i < FIELDS; i++)
    stream->heads[note * FIELDS + i] = ref;
}

static void
edit_note (Stream *stream, guint number)
{
  guint note = (number * 7919u) % stream->n_notes, field = number % FIELDS;
  GalleyRef *head = &stream->heads[note * FIELDS + field];
  GalleyEdit edit = galley_bare_edit (GALLEY_KIND_ANNOTATION, &stream->notes[note], fields[field],
                                      "", make_value (fields[field], number));
  GalleyRef seen = *head;

  edit.supersedes = &seen;
  edit.n_supersedes = 1;
  *head = galley_bare_device_change (&stream->device, &edit, 1);
}

static void
flush (Stream *stream, gboolean all)
{
  if (stream->device.made->len >= BATCH || (all && stream->device.made->len > 0))
    push (stream);
}

int
main (int argc, char **argv)
{
  Stream stream = { 0 };
  g_autoptr (GError) error = NULL;
  char id[GALLEY_ID_TEXT_SIZE];

  if (argc != 3)
    g_error ("make-stream FOLDER CHANGES");
  stream.n_notes = MAX (atoi (argv[2]) / (EDITS + 1), 1);
  stream.notes = g_new0 (GalleyId, stream.n_notes);
  stream.heads = g_new0 (GalleyRef, stream.n_notes * FIELDS);
  open_device (&stream, argv[1]);
  stream.backend = galley_sqlite_backend_open (argv[1], galley_world_real (), &error);
  check (error);
  join (&stream);

  galley_id_new (&stream.item, galley_world_real ());
  make_named (&stream, GALLEY_KIND_PROJECT, &stream.device.project, NULL, "Posters");
  make_named (&stream, GALLEY_KIND_ITEM, &stream.item, &stream.device.project, "poster.png");
  for (guint i = 0; i < stream.n_notes; i++, flush (&stream, FALSE))
    make_note (&stream, i);
  for (guint i = 0; i < stream.n_notes * EDITS; i++, flush (&stream, FALSE))
    edit_note (&stream, i);
  flush (&stream, TRUE);

  stream.backend->ops->close (stream.backend);
  g_print ("%s\n", galley_id_print (&stream.device.project, id));
  galley_key_free (stream.device.key);
  g_ptr_array_unref (stream.device.made);
  g_free (stream.notes);
  g_free (stream.heads);
  return 0;
}
