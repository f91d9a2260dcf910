/* galley-audit-line.c: a change of the audit in words, for the window and for paper
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-audit-line"

#include "ui/galley-audit-line.h"

#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

/* A change that made something sets many fields; the first ones say what it was. */
#define MAX_FIELDS 8
#define VALUE_MAX_CHARS 160

void
galley_audit_line_free (GalleyAuditLine *self)
{
  g_free (self->what);
  g_free (self->details);
  g_free (self->source);
  g_free (self->effect);
  g_free (self);
}

/* Isolated, so that what is written from right to left does not turn what stands around it. */
static char *
isolate (const char *text)
{
  g_autofree char *plain = g_strdup (text);
  g_autofree char *start = NULL;

  g_strdelimit (plain, "\r\n\t", ' ');
  start = galley_words_shorten (plain, VALUE_MAX_CHARS);
  return g_strdup_printf ("\u2068%s\u2069", start);
}

static char *
describe_value (const GalleyAuditStep *step, GVariant *value)
{
  g_autofree char *words = NULL;

  /* Of a list each element is there or not. */
  if (*step->element != '\0')
    words = g_strdup_printf (value != NULL ? _ ("with “%s”") : _ ("without “%s”"), step->element);
  else
    words = galley_words_for_value (step->edit->kind, step->edit->field, value);
  return isolate (words);
}

/* What its author had seen there; of a conflict that was settled all of it. */
static char *
describe_before (const GalleyAuditStep *step)
{
  g_autoptr (GString) before = g_string_new (NULL);

  for (guint i = 0; i < step->n_replaced; i++)
    {
      g_autofree char *value = describe_value (step, step->replaced[i]->value);

      g_string_append_printf (before, "%s%s", i > 0 ? " | " : "", value);
    }
  if (step->n_replaced < step->edit->n_supersedes)
    /* Translators: in place of a value that is not on this computer */
    g_string_append_printf (before, "%s%s", before->len > 0 ? " | " : "", _ ("unknown"));

  return g_string_free (g_steal_pointer (&before), FALSE);
}

static char *
describe_step (const GalleyAuditStep *step)
{
  const char *field = galley_words_for_field (step->edit->kind, step->edit->field);
  g_autofree char *value = describe_value (step, step->edit->value);
  g_autofree char *before = NULL;

  if (step->edit->n_supersedes == 0 || *step->edit->element != '\0')
    /* Translators: the name of a field and its value: "Colour: #aa0000" */
    return g_strdup_printf (_ ("%s: %s"), field, value);

  before = describe_before (step);
  /* Translators: the name of a field, what it was before, what it was made: "Colour: #111111 →
   * #aa0000"; turn the arrow where one writes from right to left */
  return g_strdup_printf (_ ("%s: %s → %s"), field, before, value);
}

static const char *
words_for_take (const char *take)
{
  static const char *const words[][2] = {
    { "mine", N_ ("Settled with their own value.") },
    { "theirs", N_ ("Settled with somebody else’s value.") },
    { "base", N_ ("Settled as it was before.") },
    { "both", N_ ("Settled by keeping all of it.") },
    { "value", N_ ("Settled with something new.") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i][0], take))
      return _ (words[i][1]);

  return _ ("Settled.");
}

static const char *
words_for_proof (GalleyProof proof)
{
  switch (proof)
    {
    case GALLEY_PROOF_VALID:
      return _ ("The signature is valid.");

    case GALLEY_PROOF_INVALID:
      return _ ("The signature is not valid: this decision was not made on that computer, or was "
                "altered. Ask whoever runs the server.");

    case GALLEY_PROOF_UNKNOWN:
      return _ ("The signature cannot be checked: the key of that computer is not here yet.");

    case GALLEY_PROOF_NONE:
    default:
      return NULL;
    }
}

/* Of a change that made a thing, only what says what it is. */
static gboolean
is_worth_telling (const GalleyAuditStep *step, gboolean makes)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (step->edit->kind, step->edit->field);

  if (step->proof != GALLEY_PROOF_NONE || !makes)
    return TRUE;

  return step->edit->n_supersedes > 0 || (spec != NULL && spec->searched);
}

static void
add_line (GString *text, const char *line)
{
  if (line != NULL && *line != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", line);
}

static gboolean
makes_something (const GalleyAuditEntry *entry)
{
  for (guint i = 0; i < entry->steps->len; i++)
    {
      const GalleyEdit *edit = g_array_index (entry->steps, GalleyAuditStep, i).edit;

      if (edit->field == GALLEY_F_PARENT && edit->n_supersedes == 0)
        return TRUE;
    }

  return FALSE;
}

static char *
describe_steps (const GalleyAuditEntry *entry)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean makes = makes_something (entry);
  guint n_told = 0, n_more = 0;

  for (guint i = 0; i < entry->steps->len; i++)
    {
      const GalleyAuditStep *step = &g_array_index (entry->steps, GalleyAuditStep, i);
      g_autofree char *line = NULL;

      if (!is_worth_telling (step, makes))
        continue;
      if (n_told >= MAX_FIELDS)
        {
          n_more++;
          continue;
        }
      n_told++;
      line = describe_step (step);
      add_line (text, line);
      if (step->take != NULL)
        add_line (text, words_for_take (step->take));
      add_line (text, words_for_proof (step->proof));
    }
  if (n_more > 0)
    {
      g_autofree char *more =
          g_strdup_printf (ngettext ("and %u more field", "and %u more fields", n_more), n_more);

      add_line (text, more);
    }
  if (entry->row->refused != NULL)
    {
      g_autofree char *refused = g_strdup_printf (_ ("The server refused it: %s"),
                                                  entry->row->refused);

      add_line (text, refused);
    }

  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static char *
describe_source (const GalleyAuditEntry *entry)
{
  g_autofree char *made = galley_words_for_exact_time (entry->made_us);
  g_autofree char *shared = NULL;

  if (entry->row->refused != NULL || entry->row->position == 0)
    /* Translators: who, on which computer, when */
    return g_strdup_printf (_ ("%s · %s · made %s · not shared"), entry->person, entry->device,
                            made);
  if (entry->shared_us == 0)
    return g_strdup_printf (_ ("%s · %s · made %s · shared"), entry->person, entry->device, made);

  shared = galley_words_for_exact_time (entry->shared_us);
  /* Translators: who, on which computer, when it was made, when it was on the server */
  return g_strdup_printf (_ ("%s · %s · made %s · on the server %s"), entry->person, entry->device,
                          made, shared);
}

static char *
describe_effect (const GalleyAuditEntry *entry)
{
  guint n_stand = 0;

  for (guint i = 0; i < entry->steps->len; i++)
    n_stand += g_array_index (entry->steps, GalleyAuditStep, i).stands;
  if (n_stand == 0)
    return NULL;

  /* Translators: of a change in the history: nothing has replaced it */
  return g_strdup (n_stand == entry->steps->len ? _ ("Still So") : _ ("Partly Still So"));
}

/* What it was done to, unless that is what was made or all that is told of. */
static char *
describe_what (const GalleyAudit *audit, const GalleyAuditEntry *entry)
{
  g_autofree char *what = galley_words_for_change (entry->row->change);
  const char *subject = "";
  g_autofree char *isolated = NULL;

  if (entry->steps->len > 0 && !makes_something (entry))
    subject =
        galley_audit_get_subject (audit,
                                  &g_array_index (entry->steps, GalleyAuditStep, 0).edit->entity);
  if (*subject == '\0' || g_hash_table_size (audit->subjects) < 2)
    return g_steal_pointer (&what);

  isolated = isolate (subject);
  /* Translators: what was done, and the first words of what it was done to: "Moved a shape ·
   * “Logo too small”" */
  return g_strdup_printf (_ ("%s · “%s”"), what, isolated);
}

/**
 * galley_audit_line_new:
 * @entry: of @audit
 */
GalleyAuditLine *
galley_audit_line_new (const GalleyAudit *audit, const GalleyAuditEntry *entry)
{
  GalleyAuditLine *self = g_new0 (GalleyAuditLine, 1);

  self->what = describe_what (audit, entry);
  self->details = describe_steps (entry);
  self->source = describe_source (entry);
  self->effect = describe_effect (entry);
  return self;
}
