/* galley-remark.c: what somebody said about a conflict, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-remark"

#include "ui/galley-remark.h"

#include "ui/galley-words.h"

#include "data/galley-directory.h"
#include "data/galley-schema.h"

#include <glib/gi18n-lib.h>

void
galley_remark_free (GalleyRemark *remark)
{
  g_free (remark->heading);
  g_free (remark->body);
  g_free (remark);
}

static char *
name_of (GalleyReader *reader, const GalleyId *person, const GalleyId *me)
{
  return galley_id_equal (person, me) ? g_strdup (_ ("You"))
                                      : galley_directory_name_of (reader, person);
}

/* "Rosa, you" */
static char *
describe_asked (GalleyReader *reader, const GalleyEntity *remark, const GalleyId *me)
{
  g_auto (GStrv) asked = galley_entity_get_elements (remark, GALLEY_REMARK_ASKED);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; asked[i] != NULL; i++)
    {
      GalleyId person;

      if (!galley_id_parse (asked[i], &person, NULL))
        continue;
      if (galley_id_equal (&person, me))
        /* Translators: within a list of names: somebody asks Rosa, you */
        g_ptr_array_insert (names, 0, g_strdup (C_ ("is asked", "you")));
      else
        g_ptr_array_add (names, galley_directory_name_of (reader, &person));
    }
  if (names->len == 0)
    return NULL;

  g_ptr_array_add (names, NULL);
  return g_strjoinv (", ", (char **)names->pdata);
}

static GalleyRemark *
remark_new (GalleyReader *reader, const GalleyEntity *entity, const GalleyId *me)
{
  GalleyRemark *remark = g_new0 (GalleyRemark, 1);
  GVariant *body = galley_entity_get_value (entity, GALLEY_REMARK_BODY);
  g_autofree char *who = name_of (reader, &entity->author, me);
  g_autofree char *when = galley_words_for_time (entity->created_us, g_get_real_time ());
  g_autofree char *asked = describe_asked (reader, entity, me);

  if (asked != NULL)
    /* Translators: who said something, when, and to whom: “Rosa · 5 minutes ago · asks you to
     * settle this” */
    remark->heading = g_strdup_printf (_ ("%s · %s · asks %s to settle this"), who, when, asked);
  else
    /* Translators: when something was done, and on which device */
    remark->heading = g_strdup_printf (_ ("%s · %s"), who, when);
  remark->body = body != NULL
                     ? galley_words_for_value (GALLEY_KIND_REMARK, GALLEY_REMARK_BODY, body)
                     : g_strdup ("");
  return remark;
}

/**
 * galley_remark_list:
 * @entity: what people disagree about
 * @me: who is to be called "you"
 *
 * Returns: (transfer full) (element-type GalleyRemark): oldest first
 */
GPtrArray *
galley_remark_list (GalleyReader *reader,
                    const GalleyId *entity,
                    const GalleyId *me,
                    GError **error)
{
  g_autoptr (GPtrArray) entities = galley_reader_list_remarks (reader, entity, error);
  GPtrArray *remarks;

  if (entities == NULL)
    return NULL;

  remarks = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_remark_free);
  for (guint i = 0; i < entities->len; i++)
    g_ptr_array_add (remarks, remark_new (reader, entities->pdata[i], me));
  return remarks;
}

/**
 * galley_remark_list_people:
 *
 * Returns: (transfer full) (element-type GalleyPerson): who may be asked: all but @me and those who
 *   can change nothing
 */
GPtrArray *
galley_remark_list_people (GalleyReader *reader, const GalleyId *me, GError **error)
{
  GPtrArray *persons = galley_directory_list_persons (reader, error);

  for (guint i = persons != NULL ? persons->len : 0; i > 0; i--)
    {
      const GalleyPerson *person = persons->pdata[i - 1];

      if (galley_id_equal (&person->id, me) || person->role < GALLEY_ROLE_REVIEWER)
        g_ptr_array_remove_index (persons, i - 1);
    }
  return persons;
}
