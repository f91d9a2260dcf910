/* galley-reissue.c: the same edits once more, as a change of this device
 *
 * What its author had seen stays what they had seen: a change that was itself made once more is
 * named by its new number, everything else as it was. Values stay the bytes that they were, but for
 * what speaks of changes or is signed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-reissue"

#include "data/galley-reissue.h"

#include "data/galley-decision.h"
#include "data/galley-draft-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* One change on its way to its new form. */
typedef struct
{
  const GalleyReissue *reissue;
  GalleyChange *change;
  GalleyId actor;
  GArray *edits;     /* of GalleyEdit */
  GPtrArray *refs;   /* of arrays of GalleyRef */
  GPtrArray *values; /* of GVariant */
} Rewriting;

GHashTable *
galley_reissue_new_map (void)
{
  return g_hash_table_new_full (galley_ref_hash, galley_ref_equal, g_free, g_free);
}

static const GalleyRef *
follow (const Rewriting *rewriting, const GalleyRef *ref)
{
  const GalleyRef *made = g_hash_table_lookup (rewriting->reissue->map, ref);

  return made != NULL ? made : ref;
}

/* ── what had been seen ── */

/* A refused change is in nobody's shared state: who built on it had seen what it had replaced. */
static gboolean
add_seen (Rewriting *rewriting,
          const GalleyEdit *edit,
          const GalleyRef *ref,
          GArray *refs,
          guint depth,
          GError **error)
{
  const GalleyReissue *reissue = rewriting->reissue;
  const GalleyRef *now = follow (rewriting, ref);
  GalleyJournalEntry entry;
  gboolean added = TRUE;

  for (guint i = 0; i < refs->len; i++)
    if (galley_ref_equal (&g_array_index (refs, GalleyRef, i), now))
      return TRUE;
  if (!galley_journal_load (reissue->writer->journal, reissue->project, now, &entry, error))
    return FALSE;

  if (entry.change == NULL || !entry.refused)
    {
      g_array_append_val (refs, *now);
    }
  else
    {
      for (guint i = 0; added && depth > 0 && i < galley_change_get_n_edits (entry.change); i++)
        {
          const GalleyEdit *below = galley_change_get_edit (entry.change, i);

          if (below->field != edit->field || !galley_id_equal (&below->entity, &edit->entity) ||
              !g_str_equal (below->element, edit->element))
            continue;
          for (guint s = 0; added && s < below->n_supersedes; s++)
            added = add_seen (rewriting, edit, &below->supersedes[s], refs, depth - 1, error);
        }
    }
  g_clear_pointer (&entry.change, galley_change_unref);
  return added;
}

/* ── values that speak of changes, or are signed ── */

/* How far each device had been seen, by a delete: what was made once more counts as seen under its
 * new number. */
static GVariant *
rewrite_lifecycle (Rewriting *rewriting, GVariant *value)
{
  g_autoptr (GVariant) seen = g_variant_get_child_value (value, 1);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ayt)"));
  GHashTableIter iter;
  gpointer old, made;
  GalleyRef latest = { { { 0 } }, 0 };
  gboolean alive;

  g_variant_get_child (value, 0, "b", &alive);
  for (gsize i = 0; i < g_variant_n_children (seen); i++)
    {
      g_autoptr (GVariant) one = g_variant_get_child_value (seen, i);

      g_variant_builder_add_value (&builder, one);
    }
  g_hash_table_iter_init (&iter, rewriting->reissue->map);
  while (g_hash_table_iter_next (&iter, &old, &made))
    if (galley_lifecycle_saw (value, old) && ((GalleyRef *)made)->seq > latest.seq)
      latest = *(GalleyRef *)made;
  if (latest.seq != 0)
    g_variant_builder_add (&builder, "(@ayt)",
                           g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &latest.device,
                                                      sizeof latest.device, 1),
                           latest.seq);

  return g_variant_new ("(b@a(ayt))", alive, g_variant_builder_end (&builder));
}

static GVariant *
rewrite_decision (Rewriting *rewriting, const GalleyEdit *edit, GError **error)
{
  g_autoptr (GalleyDecision) decision = galley_decision_from_variant (edit->value, error);

  if (decision == NULL)
    return NULL;

  galley_decision_sign (decision, rewriting->reissue->writer->key,
                        &galley_change_get_header (rewriting->change)->project, &edit->entity,
                        &rewriting->actor);
  return galley_decision_to_variant (decision);
}

/* @value: (out) (nullable) */
static gboolean
rewrite_value (Rewriting *rewriting, const GalleyEdit *edit, GVariant **value, GError **error)
{
  GVariant *rewritten = NULL;

  *value = edit->value;
  if (edit->value == NULL)
    return TRUE;

  if (edit->field == GALLEY_F_ALIVE &&
      g_variant_is_of_type (edit->value, G_VARIANT_TYPE ("(ba(ayt))")))
    rewritten = rewrite_lifecycle (rewriting, edit->value);
  else if (edit->kind == GALLEY_KIND_DECISION && edit->field == GALLEY_DECISION_VERDICT)
    {
      rewritten = rewrite_decision (rewriting, edit, error);
      if (rewritten == NULL)
        return FALSE;
    }
  if (rewritten == NULL)
    return TRUE;

  *value = g_variant_ref_sink (rewritten);
  g_ptr_array_add (rewriting->values, *value);
  return TRUE;
}

static gboolean
rewrite_edit (Rewriting *rewriting, const GalleyEdit *from, GError **error)
{
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (GalleyRef));
  GalleyEdit edit = *from;

  g_ptr_array_add (rewriting->refs, refs);
  for (guint i = 0; i < from->n_supersedes; i++)
    if (!add_seen (rewriting, from, &from->supersedes[i], refs, 64, error))
      return FALSE;
  if (!rewrite_value (rewriting, from, &edit.value, error))
    return FALSE;

  edit.supersedes = (const GalleyRef *)refs->data;
  edit.n_supersedes = refs->len;
  g_array_append_val (rewriting->edits, edit);
  return TRUE;
}

/* ── what else a change says ── */

/* An undo names a change of its own device by its number. */
static gboolean
rewrite_mark (Rewriting *rewriting, const char *key, GVariant *value, guint64 *seq)
{
  GalleyRef ref = { galley_change_get_header (rewriting->change)->device, 0 };
  const GalleyRef *made;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return FALSE;
  ref.seq = g_variant_get_uint64 (value);
  made = g_hash_table_lookup (rewriting->reissue->map, &ref);
  *seq = made != NULL ? made->seq : 0;
  return TRUE;
}

static GVariant *
rewrite_extra (Rewriting *rewriting)
{
  const GalleyChangeHeader *header = galley_change_get_header (rewriting->change);
  GalleyRef was = { header->device, header->seq };
  g_autofree char *text = galley_ref_to_string (&was);
  char author[GALLEY_ID_TEXT_SIZE];
  g_autoptr (GVariantDict) dict = g_variant_dict_new (NULL);
  g_autoptr (GVariant) extra = galley_change_dup_extra (rewriting->change);
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, extra);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      gboolean is_mark = g_str_equal (key, "undoes") || g_str_equal (key, "redoes");
      guint64 seq;

      if (is_mark && rewrite_mark (rewriting, key, value, &seq))
        {
          /* Of what stays another device's change this one cannot be the undo. */
          if (seq != 0)
            g_variant_dict_insert (dict, key, "t", seq);
        }
      else
        {
          g_variant_dict_insert_value (dict, key, value);
        }
    }
  g_variant_dict_insert (dict, rewriting->reissue->why, "s", text);
  /* Whose it was, where that is another person. */
  if (!galley_id_equal (&header->actor, &rewriting->actor))
    g_variant_dict_insert (dict, "author", "s", galley_id_print (&header->actor, author));
  return g_variant_dict_end (dict);
}

static GalleyChange *
write_change (Rewriting *rewriting, GError **error)
{
  GalleyWriter *writer = rewriting->reissue->writer;
  const GalleyChangeHeader *from = galley_change_get_header (rewriting->change);
  gint64 device = galley_journal_get_device (writer->journal, &writer->device, TRUE, error);
  g_autoptr (GVariant) extra = g_variant_ref_sink (rewrite_extra (rewriting));
  GalleyChangeHeader header = *from;
  GalleyTip tip;

  if (device == 0 ||
      !galley_journal_get_tip (writer->journal, rewriting->reissue->project, device, &tip, error))
    return NULL;

  header.previous = tip.hash;
  header.device = writer->device;
  header.seq = tip.seq + 1;
  header.actor = rewriting->actor;
  if (rewriting->reissue->anew)
    header.hlc = galley_writer_tick (writer);
  galley_world_random (writer->world, header.salt, sizeof header.salt);
  return galley_change_new (&header, galley_change_get_intent (rewriting->change),
                            (const GalleyEdit *)rewriting->edits->data, rewriting->edits->len,
                            extra, error);
}

static gboolean
rewrite (Rewriting *rewriting, GalleyRef *made, GError **error)
{
  GalleyWriter *writer = rewriting->reissue->writer;
  gint64 project = rewriting->reissue->project, device, lsn;
  const GalleyChangeHeader *from = galley_change_get_header (rewriting->change);
  g_autoptr (GalleyChange) change = NULL;
  GalleyRef was = { from->device, from->seq };

  for (guint i = 0; i < galley_change_get_n_edits (rewriting->change); i++)
    if (!rewrite_edit (rewriting, galley_change_get_edit (rewriting->change, i), error))
      return FALSE;

  change = write_change (rewriting, error);
  device = galley_journal_get_device (writer->journal, &writer->device, TRUE, error);
  if (change == NULL || device == 0 ||
      !galley_journal_append (writer->journal, project, device, change, 0, &lsn, error) ||
      !galley_applier_apply (writer->applier, project, change, error))
    return FALSE;

  *made = (GalleyRef){ writer->device, galley_change_get_header (change)->seq };
  g_hash_table_insert (rewriting->reissue->map, g_memdup2 (&was, sizeof was),
                       g_memdup2 (made, sizeof *made));
  writer->outbox_moved = TRUE;
  return TRUE;
}

/**
 * galley_reissue_change:
 * @change: of any device
 * @made: (out): the new change; also in the map afterwards
 *
 * On the writer thread. Puts a change with the same edits into the journal and applies it.
 */
gboolean
galley_reissue_change (const GalleyReissue *self,
                       GalleyChange *change,
                       GalleyRef *made,
                       GError **error)
{
  g_autoptr (GArray) edits = g_array_new (FALSE, TRUE, sizeof (GalleyEdit));
  g_autoptr (GPtrArray) refs = g_ptr_array_new_with_free_func ((GDestroyNotify)g_array_unref);
  g_autoptr (GPtrArray) values = g_ptr_array_new_with_free_func ((GDestroyNotify)g_variant_unref);
  Rewriting rewriting = {
    .reissue = self,
    .change = change,
    .actor = galley_change_get_header (change)->actor,
    .edits = edits,
    .refs = refs,
    .values = values,
  };

  return (!self->anew || galley_writer_get_person (self->writer, &rewriting.actor, error)) &&
         rewrite (&rewriting, made, error);
}
