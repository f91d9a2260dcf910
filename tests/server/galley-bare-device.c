/* galley-bare-device.c: a device without a store: a key, a chain of changes, and nothing else
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bare-device.h"

#include "galley-test.h"

#include <string.h>

/**
 * galley_bare_device_new:
 * @name: of its key's file in the folder of the running test: the same name is the same device
 */
GalleyBareDevice *
galley_bare_device_new (const char *name, const GalleyId *project)
{
  GalleyBareDevice *self = g_new0 (GalleyBareDevice, 1);
  g_autofree char *file = g_strconcat (name, ".key", NULL);
  g_autofree char *path = galley_test_path (file);
  g_autoptr (GError) error = NULL;

  self->key = galley_key_open (path, galley_world_real (), &error);
  g_assert_no_error (error);
  self->id = *galley_key_get_device (self->key);
  self->ref.device = self->id;
  self->project = *project;
  self->made = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  galley_id_new (&self->person, galley_world_real ());
  return self;
}

void
galley_bare_device_free (GalleyBareDevice *self)
{
  galley_key_free (self->key);
  g_ptr_array_unref (self->made);
  g_free (self);
}

GalleyEnrolRequest *
galley_bare_device_ask (GalleyBareDevice *self, const char *invite)
{
  GalleyEnrolRequest *request = g_new0 (GalleyEnrolRequest, 1);

  request->invite = g_strdup (invite);
  request->device_name = g_strdup ("Laptop");
  request->person = self->person;
  memcpy (request->public_key, galley_key_get_public (self->key), sizeof request->public_key);
  galley_enrol_prove (self->key, invite, request->proof);
  return request;
}

GalleyEdit
galley_bare_edit (
    guint8 kind, const GalleyId *entity, guint16 field, const char *element, GVariant *value)
{
  return (GalleyEdit){
    .kind = kind, .entity = *entity, .field = field, .element = element, .value = value
  };
}

GVariant *
galley_bare_alive (gboolean alive)
{
  return g_variant_new ("(b@a(ayt))", alive, g_variant_new ("a(ayt)", NULL));
}

GVariant *
galley_bare_parent (const GalleyId *parent)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, parent, sizeof *parent, 1);
}

GalleyRef
galley_bare_device_change (GalleyBareDevice *self, const GalleyEdit *edits, guint n_edits)
{
  GalleyChangeHeader header = {
    .project = self->project,
    .previous = self->last,
    .device = self->id,
    .seq = self->ref.seq + 1,
    .hlc = (guint64)(galley_world_now_us (galley_world_real ()) / 1000) << 16,
    .actor = self->person,
  };
  g_autoptr (GError) error = NULL;
  GalleyChange *change;

  galley_world_random (galley_world_real (), header.salt, sizeof header.salt);
  change = galley_change_new (&header, "test", edits, n_edits, NULL, &error);
  g_assert_no_error (error);
  g_ptr_array_add (self->made, change);
  self->ref.seq = header.seq;
  self->last = *galley_change_get_hash (change);
  return self->ref;
}

GalleyRef
galley_bare_device_make (GalleyBareDevice *self,
                         guint8 kind,
                         const GalleyId *entity,
                         const GalleyId *parent)
{
  GalleyEdit edits[] = {
    galley_bare_edit (kind, entity, GALLEY_F_ALIVE, "", galley_bare_alive (TRUE)),
    galley_bare_edit (kind, entity, GALLEY_F_PARENT, "", galley_bare_parent (parent)),
  };

  return galley_bare_device_change (self, edits, G_N_ELEMENTS (edits));
}

GalleyRef
galley_bare_device_set (
    GalleyBareDevice *self, guint8 kind, const GalleyId *entity, guint16 field, GVariant *value)
{
  GalleyEdit edit = galley_bare_edit (kind, entity, field, "", value);

  return galley_bare_device_change (self, &edit, 1);
}

GalleyRef
galley_bare_device_delete (GalleyBareDevice *self, guint8 kind, const GalleyId *entity)
{
  return galley_bare_device_set (self, kind, entity, GALLEY_F_ALIVE, galley_bare_alive (FALSE));
}

/**
 * galley_bare_device_pack:
 *
 * Returns: (transfer full): what a device sends
 */
GBytes *
galley_bare_device_pack (GalleyBareDevice *self)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  guint8 signature[GALLEY_SIGNATURE_BYTES];

  for (guint i = 0; i < self->made->len; i++)
    {
      gsize bytes;
      gconstpointer data = g_bytes_get_data (galley_change_get_bytes (self->made->pdata[i]),
                                             &bytes);

      galley_batch_writer_add_change (writer, data, bytes,
                                      galley_change_get_hash (self->made->pdata[i]));
    }
  galley_tip_sign (self->key, &self->project, &self->ref, &self->last, signature);
  galley_batch_writer_add_tip (writer, &self->ref, &self->last, signature);
  g_ptr_array_set_size (self->made, 0);
  return galley_batch_writer_finish (writer);
}
