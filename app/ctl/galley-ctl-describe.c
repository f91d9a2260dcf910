/* galley-ctl-describe.c: things of the workspace as JSON, the same in every answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-ctl-describe"

#include "app/ctl/galley-ctl-describe.h"

void
galley_ctl_add_boolean (GalleyCtl *self, const char *name, gboolean value)
{
  json_builder_set_member_name (galley_ctl_get_json (self), name);
  json_builder_add_boolean_value (galley_ctl_get_json (self), value);
}

void
galley_ctl_add_double (GalleyCtl *self, const char *name, double value)
{
  json_builder_set_member_name (galley_ctl_get_json (self), name);
  json_builder_add_double_value (galley_ctl_get_json (self), value);
}

/**
 * galley_ctl_add_hash:
 * @hash: all zero becomes null
 */
void
galley_ctl_add_hash (GalleyCtl *self, const char *name, const GalleyHash *hash)
{
  static const GalleyHash none;
  char text[GALLEY_HASH_TEXT_SIZE];

  galley_json_add_string (galley_ctl_get_json (self), name,
                          galley_hash_equal (hash, &none) ? NULL : galley_hash_print (hash, text));
}

/**
 * galley_ctl_add_person:
 * @name: of the member with the id; the person's name follows as @name_name
 */
void
galley_ctl_add_person (GalleyCtl *self, const char *name, const GalleyId *person)
{
  g_autofree char *name_key = g_strconcat (name, "_name", NULL);
  GalleyReader *reader = galley_ctl_open_reader (self, NULL);
  g_autofree char *text = reader != NULL && !galley_id_is_nil (person)
                              ? galley_directory_name_of (reader, person)
                              : NULL;

  galley_json_add_id (galley_ctl_get_json (self), name, person);
  galley_json_add_string (galley_ctl_get_json (self), name_key, text);
}

void
galley_ctl_add_device (GalleyCtl *self, const char *name, const GalleyId *device)
{
  g_autofree char *name_key = g_strconcat (name, "_name", NULL);
  GalleyReader *reader = galley_ctl_open_reader (self, NULL);
  g_autoptr (GalleyDevice)
      known = reader != NULL ? galley_directory_get_device (reader, device, NULL) : NULL;

  galley_json_add_id (galley_ctl_get_json (self), name, device);
  galley_json_add_string (galley_ctl_get_json (self), name_key, known != NULL ? known->name : NULL);
}

void
galley_ctl_add_kind (GalleyCtl *self, guint8 kind)
{
  const GalleyKindSpec *spec = galley_schema_get_kind (kind);
  g_autofree char *number = g_strdup_printf ("kind %u", kind);

  galley_json_add_string (galley_ctl_get_json (self), "kind", spec != NULL ? spec->name : number);
}

static char *
name_of_field (guint8 kind, guint16 field)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (kind, field);

  return spec != NULL ? g_strdup (spec->name) : g_strdup_printf ("field %u", field);
}

void
galley_ctl_add_field_name (GalleyCtl *self, guint8 kind, guint16 field, const char *element)
{
  g_autofree char *name = name_of_field (kind, field);

  galley_json_add_string (galley_ctl_get_json (self), "field", name);
  if (*element != '\0')
    galley_json_add_string (galley_ctl_get_json (self), "element", element);
}

void
galley_ctl_add_value (
    GalleyCtl *self, const char *name, guint8 kind, guint16 field, GVariant *value)
{
  json_builder_set_member_name (galley_ctl_get_json (self), name);
  json_builder_add_value (galley_ctl_get_json (self), galley_value_to_json (kind, field, value));
}

void
galley_ctl_add_strings (GalleyCtl *self, const char *name, const char *const *strings)
{
  JsonBuilder *json = galley_ctl_get_json (self);

  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (guint i = 0; strings != NULL && strings[i] != NULL; i++)
    json_builder_add_string_value (json, strings[i]);
  json_builder_end_array (json);
}

/**
 * galley_ctl_add_entity:
 *
 * What every thing has, whatever its kind.
 */
void
galley_ctl_add_entity (GalleyCtl *self, const GalleyEntity *entity)
{
  JsonBuilder *json = galley_ctl_get_json (self);

  galley_json_add_id (json, "id", &entity->id);
  galley_ctl_add_kind (self, entity->kind);
  galley_json_add_id (json, "project", &entity->project);
  galley_json_add_id (json, "parent", &entity->parent);
  galley_ctl_add_person (self, "author", &entity->author);
  galley_json_add_time (json, "created", entity->created_us);
  galley_json_add_time (json, "updated", entity->updated_us);
  galley_ctl_add_boolean (self, "alive", entity->alive);
  galley_ctl_add_boolean (self, "contested", entity->contested);
}

/* Of a settled field the reader does not look up who made it. */
static void
add_head (GalleyCtl *self, const GalleyEntity *entity, guint16 field, const GalleyHead *head)
{
  JsonBuilder *json = galley_ctl_get_json (self);
  GalleyReader *reader = galley_ctl_open_reader (self, NULL);
  g_autofree char *change = galley_ref_to_string (&head->ref);
  g_autoptr (GalleyJournalRow)
      row = reader != NULL ? galley_reader_get_change (reader, &entity->project, &head->ref, NULL)
                           : NULL;
  GalleyId actor = row != NULL ? galley_change_get_header (row->change)->actor : head->actor;
  guint64 position = row != NULL ? row->position : head->position;

  json_builder_begin_object (json);
  galley_json_add_string (json, "change", change);
  galley_ctl_add_person (self, "person", &actor);
  galley_ctl_add_device (self, "device", &head->ref.device);
  galley_json_add_time (json, "time", (gint64)(head->hlc >> 16) * 1000);
  json_builder_set_member_name (json, "position");
  if (position != 0)
    json_builder_add_int_value (json, position);
  else
    json_builder_add_null_value (json);
  galley_ctl_add_value (self, "value", entity->kind, field, head->value);
  json_builder_end_object (json);
}

/**
 * galley_ctl_add_heads:
 * @heads: (element-type GalleyHead): of one field
 */
void
galley_ctl_add_heads (GalleyCtl *self,
                      const GalleyEntity *entity,
                      guint16 field,
                      const GArray *heads)
{
  JsonBuilder *json = galley_ctl_get_json (self);

  json_builder_set_member_name (json, "heads");
  json_builder_begin_array (json);
  for (guint i = 0; i < heads->len; i++)
    add_head (self, entity, field, &g_array_index (heads, GalleyHead, i));
  json_builder_end_array (json);
}

/* A field whose value is one. */
static void
add_plain_field (GalleyCtl *self, const GalleyEntity *entity, const GalleyField *field)
{
  JsonBuilder *json = galley_ctl_get_json (self);

  galley_ctl_add_value (self, "value", entity->kind, field->number, field->value);
  galley_json_add_string (json, "state", galley_field_state_to_string (field->state));
  galley_json_add_string (json, "rule", field->rule);
  if (field->mine != NULL)
    galley_ctl_add_value (self, "mine", entity->kind, field->number, field->mine);
  galley_ctl_add_heads (self, entity, field->number, field->heads);
}

/* A set or an order: its elements, each with heads of its own. */
static void
add_list_field (GalleyCtl *self, const GalleyEntity *entity, guint16 number)
{
  JsonBuilder *json = galley_ctl_get_json (self);
  g_auto (GStrv) elements = galley_entity_get_elements (entity, number);
  GalleyFieldState worst = GALLEY_STATE_SETTLED;

  galley_ctl_add_strings (self, "value", (const char *const *)elements);
  json_builder_set_member_name (json, "elements");
  json_builder_begin_array (json);
  for (guint i = 0; i < entity->fields->len; i++)
    {
      const GalleyField *field = g_ptr_array_index (entity->fields, i);

      if (field->number != number)
        continue;
      worst = MAX (worst, field->state);
      json_builder_begin_object (json);
      galley_json_add_string (json, "element", field->element);
      add_plain_field (self, entity, field);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  galley_json_add_string (json, "state", galley_field_state_to_string (worst));
}

/**
 * galley_ctl_add_field:
 *
 * The value of a field, how it came to it, and whose it is; null when it was never set.
 */
void
galley_ctl_add_field (GalleyCtl *self, const GalleyEntity *entity, guint16 number)
{
  const GalleyFieldSpec *spec = galley_schema_get_field (entity->kind, number);
  const GalleyField *field = galley_entity_get_field (entity, number);

  if (spec != NULL && (spec->type == GALLEY_FIELD_SET || spec->type == GALLEY_FIELD_ORDER))
    add_list_field (self, entity, number);
  else if (field != NULL)
    add_plain_field (self, entity, field);
  else
    galley_ctl_add_value (self, "value", entity->kind, number, NULL);
}

/* For people a row a value; who set it is told by the journal and, where it matters, by conflicts.
 */
static void
add_rows (GalleyCtl *self, const GalleyEntity *entity)
{
  JsonBuilder *json = galley_ctl_get_json (self);

  json_builder_set_member_name (json, "fields");
  json_builder_begin_array (json);
  for (guint i = 0; i < entity->fields->len; i++)
    {
      const GalleyField *field = g_ptr_array_index (entity->fields, i);
      g_autofree char *name = name_of_field (entity->kind, field->number);

      json_builder_begin_object (json);
      galley_json_add_string (json, "field", name);
      galley_json_add_string (json, "element", *field->element != '\0' ? field->element : NULL);
      galley_ctl_add_value (self, "value", entity->kind, field->number, field->value);
      galley_json_add_string (json, "state", galley_field_state_to_string (field->state));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/**
 * galley_ctl_add_fields:
 *
 * The member "fields": an object with one member a field that was ever set, by its name.
 */
void
galley_ctl_add_fields (GalleyCtl *self, const GalleyEntity *entity)
{
  JsonBuilder *json = galley_ctl_get_json (self);
  int last = -1;

  if (!galley_ctl_wants_json (self))
    {
      add_rows (self, entity);
      return;
    }

  json_builder_set_member_name (json, "fields");
  json_builder_begin_object (json);
  for (guint i = 0; i < entity->fields->len; i++)
    {
      const GalleyField *field = g_ptr_array_index (entity->fields, i);
      g_autofree char *name = name_of_field (entity->kind, field->number);

      if (field->number == last)
        continue;
      last = field->number;
      json_builder_set_member_name (json, name);
      json_builder_begin_object (json);
      galley_ctl_add_field (self, entity, field->number);
      json_builder_end_object (json);
    }
  json_builder_end_object (json);
}

/**
 * galley_ctl_add_change:
 * @position: in the server's stream; 0: none
 */
void
galley_ctl_add_change (GalleyCtl *ctl, GalleyChange *change, guint64 position)
{
  const GalleyChangeHeader *header = galley_change_get_header (change);
  JsonBuilder *json = galley_ctl_get_json (ctl);
  GalleyReader *reader = galley_ctl_open_reader (ctl, NULL);
  g_autofree char *person = galley_directory_name_of (reader, &header->actor);
  g_autoptr (GalleyDevice) device = galley_directory_get_device (reader, &header->device, NULL);

  galley_change_add_to_json (json, change, position);
  galley_json_add_string (json, "person_name", person);
  galley_json_add_string (json, "device_name", device != NULL ? device->name : NULL);
}
