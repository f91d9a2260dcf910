/* galley-sim-gestures.c: what people ask of a device, and what they were told became of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim.h"

#include "data/galley-draft-private.h"
#include "data/galley-quarantine.h"

#include <string.h>

static void
clear_edit (gpointer data)
{
  SimEdit *edit = data;

  g_free (edit->element);
  g_array_unref (edit->supersedes);
  g_clear_pointer (&edit->value, g_variant_unref);
}

void
galley_sim_gesture_free (gpointer data)
{
  GalleySimGesture *gesture = data;

  g_clear_pointer (&gesture->edits, g_array_unref);
  g_clear_pointer (&gesture->shown, g_array_unref);
  g_free (gesture);
}

void
galley_sim_editor_free (gpointer data)
{
  GalleySimEditor *editor = data;

  g_free (editor->element);
  g_free (editor->text);
  g_array_unref (editor->seen);
  g_free (editor);
}

/* Written down before anything of production sees it. */
static GalleySimGesture *
gesture_new (GalleySimDevice *device, GalleyDraft *draft)
{
  GalleySimGesture *gesture = g_new0 (GalleySimGesture, 1);

  gesture->device = device->index;
  gesture->epoch = device->epoch;
  gesture->project = *galley_draft_get_project (draft);
  gesture->edits = g_array_new (FALSE, TRUE, sizeof (SimEdit));
  gesture->shown = g_array_new (FALSE, TRUE, sizeof (gboolean));
  g_array_set_clear_func (gesture->edits, clear_edit);
  for (guint i = 0; i < galley_draft_get_n_edits (draft); i++)
    {
      const GalleyDraftEdit *from = galley_draft_get_edit (draft, i);
      gboolean shown = from->how != GALLEY_DRAFT_SEEN_GIVEN;
      SimEdit edit = {
        .kind = from->kind,
        .field = from->field,
        .element = g_strdup (from->element),
        .value = from->value != NULL ? g_variant_ref (from->value) : NULL,
        .supersedes = g_array_new (FALSE, TRUE, sizeof (SimRef)),
      };

      memcpy (&edit.entity, &from->entity, sizeof edit.entity);
      g_array_append_vals (edit.supersedes, from->seen, from->n_seen);
      g_array_append_val (gesture->edits, edit);
      g_array_append_val (gesture->shown, shown);
    }
  g_ptr_array_add (device->sim->gestures, gesture);
  return gesture;
}

typedef struct
{
  GalleySimDevice *device;
  GalleySimGesture *gesture;
} Waiting;

static void
told (Waiting *waiting, gboolean saved, const GalleyCommitted *committed, const GError *error)
{
  GalleySimGesture *gesture = waiting->gesture;
  char hash[GALLEY_HASH_TEXT_SIZE] = "";

  if (saved)
    {
      gesture->saved = TRUE;
      gesture->ref = committed->ref;
      gesture->hash = committed->hash;
      galley_hash_print (&committed->hash, hash);
      hash[12] = '\0';
    }
  galley_sim_note (waiting->device->sim, "device %u: %s %s %" G_GUINT64_FORMAT,
                   waiting->device->index, saved ? "saved" : error->message, hash,
                   saved ? committed->ref.seq : 0);
  g_free (waiting);
}

static void
committed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GalleyCommitted committed;
  gboolean saved = galley_store_commit_finish (GALLEY_STORE (source), result, &committed, &error);

  told (user_data, saved, &committed, error);
}

static Waiting *
wait_for (GalleySimDevice *device, GalleySimGesture *gesture)
{
  Waiting *waiting = g_new (Waiting, 1);

  waiting->device = device;
  waiting->gesture = gesture;
  return waiting;
}

/**
 * galley_sim_commit:
 *
 * As a window does it: the person is told later.
 */
GalleySimGesture *
galley_sim_commit (GalleySimDevice *device, GalleyDraft *draft)
{
  GalleySimGesture *gesture = gesture_new (device, draft);

  galley_store_commit_async (device->store, draft, NULL, committed_cb, wait_for (device, gesture));
  return gesture;
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *what = NULL;
  GalleyCommitted committed;
  gboolean saved = galley_store_undo_finish (GALLEY_STORE (source), result, &committed, &what,
                                             &error);

  told (user_data, saved, &committed, error);
}

void
galley_sim_undo (GalleySimDevice *device, const GalleyId *project, gboolean redo)
{
  GalleySimGesture *gesture = g_new0 (GalleySimGesture, 1);

  gesture->device = device->index;
  gesture->epoch = device->epoch;
  gesture->project = *project;
  g_ptr_array_add (device->sim->gestures, gesture);
  galley_store_undo_async (device->store, project, redo, NULL, undone_cb,
                           wait_for (device, gesture));
}

/* ── refused changes ── */

typedef struct
{
  GalleyId project;
  GalleyRef ref;
  gboolean resend, discard;
  GalleyRef made;
} Act;

/* writer thread */
static gboolean
write_act (GalleyWriter *writer, gpointer data, GError **error)
{
  Act *act = data;

  return act->resend
             ? galley_quarantine_resend (writer, &act->project, &act->ref, &act->made, error)
             : galley_quarantine_discard (writer, &act->project, &act->ref, act->discard, error);
}

/* What was made is looked up at once, before anything else happens. */
static void
note_resent (GalleySimDevice *device, const Act *act, GalleySimGesture *gesture)
{
  g_autoptr (GError) error = NULL;
  GalleyJournalRow *row = galley_reader_get_change (device->reader, &act->project, &act->made,
                                                    &error);

  if (row == NULL)
    {
      galley_sim_fail (device->sim, "device %u sent something again that is not there: %s",
                       device->index, error->message);
      return;
    }
  gesture->saved = TRUE;
  gesture->ref = act->made;
  gesture->hash = *galley_change_get_hash (row->change);
  galley_journal_row_free (row);
}

/**
 * galley_sim_send_again:
 * @ref: of a refused change
 */
void
galley_sim_send_again (GalleySimDevice *device, const GalleyId *project, const GalleyRef *ref)
{
  Act act = { .project = *project, .ref = *ref, .resend = TRUE };
  GalleySimGesture *gesture = g_new0 (GalleySimGesture, 1);

  gesture->device = device->index;
  gesture->epoch = device->epoch;
  gesture->project = *project;
  gesture->resends = TRUE;
  g_ptr_array_add (device->sim->gestures, gesture);
  if (galley_store_write (device->store, write_act, &act, NULL))
    note_resent (device, &act, gesture);
}

void
galley_sim_discard (GalleySimDevice *device,
                    const GalleyId *project,
                    const GalleyRef *ref,
                    gboolean discard)
{
  Act act = { .project = *project, .ref = *ref, .discard = discard };

  galley_store_write (device->store, write_act, &act, NULL);
}
