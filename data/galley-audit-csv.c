/* galley-audit-csv.c: an audit as a table for other programs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-audit-csv"

#include "data/galley-audit-csv.h"

#include <string.h>

static const char *const columns[] = { "made",      "shared", "person", "device",    "change",
                                       "intent",    "kind",   "entity", "subject",   "field",
                                       "element",   "before", "value",  "in_effect", "settled_by",
                                       "signature", "refused" };

/* What somebody typed may begin as a formula does; a spreadsheet would run it. A quotation mark
 * before it keeps it a text: OWASP, "CSV Injection". */
static void
add_text (GString *csv, const char *text)
{
  g_string_append (csv, csv->len > 0 && csv->str[csv->len - 1] != '\n' ? ",\"" : "\"");
  if (text != NULL && *text != '\0' && strchr ("=+-@\t\r", *text) != NULL)
    g_string_append_c (csv, '\'');
  for (; text != NULL && *text != '\0'; text++)
    g_string_append (csv, *text == '"' ? "\"\"" : (char[]){ *text, '\0' });
  g_string_append_c (csv, '"');
}

static void
add_time (GString *csv, gint64 time_us)
{
  g_autoptr (GDateTime)
      time = time_us != 0 ? g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  add_text (csv, text);
}

/* A text as it is; everything else as GLib writes it. */
static char *
print_value (GVariant *value)
{
  if (value == NULL)
    return g_strdup ("");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);

  return g_variant_print (value, FALSE);
}

static void
add_before (GString *csv, const GalleyAuditStep *step)
{
  g_autoptr (GString) before = g_string_new (NULL);

  for (guint i = 0; i < step->n_replaced; i++)
    {
      g_autofree char *value = print_value (step->replaced[i]->value);

      g_string_append_printf (before, "%s%s", i > 0 ? "\n" : "", value);
    }
  /* A value that is not here is not made up. */
  if (step->n_replaced < step->edit->n_supersedes)
    g_string_append (before, before->len > 0 ? "\n?" : "?");
  add_text (csv, before->str);
}

static void
add_step (GString *csv,
          const GalleyAudit *audit,
          const GalleyAuditEntry *entry,
          const GalleyAuditStep *step)
{
  const GalleyChangeHeader *header = galley_change_get_header (entry->row->change);
  const GalleyRef ref = { header->device, header->seq };
  const GalleyKindSpec *kind = galley_schema_get_kind (step->edit->kind);
  const GalleyFieldSpec *field = galley_schema_get_field (step->edit->kind, step->edit->field);
  g_autofree char *change = galley_ref_to_string (&ref);
  g_autofree char *value = print_value (step->edit->value);
  g_autofree char *number = g_strdup_printf ("%u", step->edit->field);
  char entity[GALLEY_ID_TEXT_SIZE];

  add_time (csv, entry->made_us);
  add_time (csv, entry->shared_us);
  add_text (csv, entry->person);
  add_text (csv, entry->device);
  add_text (csv, change);
  add_text (csv, galley_change_get_intent (entry->row->change));
  add_text (csv, kind != NULL ? kind->name : "");
  add_text (csv, galley_id_print (&step->edit->entity, entity));
  add_text (csv, galley_audit_get_subject (audit, &step->edit->entity));
  add_text (csv, field != NULL ? field->name : number);
  add_text (csv, step->edit->element);
  add_before (csv, step);
  add_text (csv, value);
  add_text (csv, step->stands ? "yes" : "no");
  add_text (csv, step->take);
  add_text (csv, galley_proof_to_string (step->proof));
  add_text (csv, entry->row->refused);
  g_string_append (csv, "\r\n");
}

/**
 * galley_audit_to_csv:
 *
 * As RFC 4180 has it, in UTF-8, with a line for each field that was changed, newest first. Times
 * are in UTC. What was replaced and is not on this computer is "?".
 *
 * Returns: (transfer full): the table
 */
char *
galley_audit_to_csv (const GalleyAudit *self)
{
  GString *csv = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    add_text (csv, columns[i]);
  g_string_append (csv, "\r\n");
  for (guint i = 0; i < self->entries->len; i++)
    {
      const GalleyAuditEntry *entry = self->entries->pdata[i];

      for (guint k = 0; k < entry->steps->len; k++)
        add_step (csv, self, entry, &g_array_index (entry->steps, GalleyAuditStep, k));
    }

  return g_string_free (csv, FALSE);
}
