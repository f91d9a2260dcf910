/* galley-journal-line.c: a change of the journal in a few words: what, who and when, what was
 * written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-journal-line"

#include "ui/galley-journal-line.h"

#include "data/galley-directory.h"
#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

void
galley_journal_line_free (GalleyJournalLine *self)
{
  g_free (self->what);
  g_free (self->who_and_when);
  g_free (self->text);
  g_free (self->tooltip);
  g_free (self);
}

static const char *
way_of (const GalleyJournalRow *row, gboolean connected)
{
  if (row->refused != NULL)
    /* Translators: how far a change has come, at the end of a line */
    return _ ("not accepted");
  if (row->position > 0)
    return _ ("shared");

  /* Translators: how far a change has come, at the end of a line */
  return connected ? _ ("waiting") : _ ("on this computer");
}

/* The words of the change, if there are any: a note's text, a reply, a name. */
static char *
find_text (GalleyChange *change)
{
  for (guint i = 0; i < galley_change_get_n_edits (change); i++)
    {
      const GalleyEdit *edit = galley_change_get_edit (change, i);
      const GalleyFieldSpec *spec = galley_schema_get_field (edit->kind, edit->field);

      if (edit->value == NULL || spec == NULL || *edit->element != '\0' ||
          !g_variant_is_of_type (edit->value, G_VARIANT_TYPE_STRING))
        continue;
      if (spec->searched)
        return galley_words_for_value (edit->kind, edit->field, edit->value);
    }

  return NULL;
}

static GalleyJournalLine *
make_line (GalleyReader *reader,
           const GalleyId *person,
           gboolean connected,
           const GalleyJournalRow *row)
{
  GalleyJournalLine *line = g_new0 (GalleyJournalLine, 1);
  const GalleyChangeHeader *header = galley_change_get_header (row->change);
  gint64 time_us = galley_change_get_time_us (row->change);
  g_autofree char *when = galley_words_for_time (time_us, g_get_real_time ());
  g_autofree char *name = galley_id_equal (&header->actor, person)
                              ? g_strdup (_ ("You"))
                              : galley_directory_name_of (reader, &header->actor);

  line->what = galley_words_for_change (row->change);
  /* Translators: who, when, how far it has come: "Rosa · 5 minutes ago · shared" */
  line->who_and_when = g_strdup_printf (_ ("%s · %s · %s"), name, when, way_of (row, connected));
  line->text = row->refused != NULL ? g_strdup (row->refused) : find_text (row->change);
  line->tooltip = galley_words_for_exact_time (time_us);
  line->project = header->project;
  if (galley_change_get_n_edits (row->change) > 0)
    line->entity = galley_change_get_edit (row->change, 0)->entity;
  line->lsn = row->lsn;
  return line;
}

/**
 * galley_journal_line_read:
 * @person: who is reading them
 *
 * Returns: (transfer full) (element-type GalleyJournalLine): newest first
 */
GPtrArray *
galley_journal_line_read (GalleyReader *reader,
                          const GalleyId *person,
                          const GalleyJournalFilter *filter,
                          GError **error)
{
  gboolean connected = galley_reader_is_connected (reader);
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (reader, filter, error);
  GPtrArray *lines;

  if (rows == NULL)
    return NULL;

  lines = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_journal_line_free);
  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (lines, make_line (reader, person, connected, rows->pdata[i]));
  return lines;
}
