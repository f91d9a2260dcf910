/* galley-directory.h: who is who: persons and devices as the server names them, and this account
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-key.h"
#include "data/galley-store.h"

G_BEGIN_DECLS

typedef struct
{
  GalleyId id;
  char *name;
  GalleyRole role;
} GalleyPerson;

typedef struct
{
  GalleyId id;
  GalleyId person;
  char *name;
  guint8 public_key[GALLEY_PUBLIC_KEY_BYTES];
  gboolean revoked;
  gint64 last_seen_us;
} GalleyDevice;

void galley_person_free (GalleyPerson *person);
void galley_device_free (GalleyDevice *device);

/* writer thread */
gboolean galley_directory_put_person (GalleyWriter *writer,
                                      const GalleyPerson *person,
                                      GError **error);
gboolean galley_directory_put_device (GalleyWriter *writer,
                                      const GalleyDevice *device,
                                      GError **error);
/* An id that a person had before they were enrolled. */
gboolean galley_directory_put_alias (GalleyWriter *writer,
                                     const GalleyId *alias,
                                     const GalleyId *person,
                                     GError **error);
gboolean galley_directory_set_project_role (GalleyWriter *writer,
                                            const GalleyId *project,
                                            GalleyRole role,
                                            GError **error);
/* The device that the database was, until its key was lost or the database was copied; there until
 * the person has been told. */
#define GALLEY_SETTING_FORMER_DEVICE "former_device"

/* Small settings of the workspace: "server_url", "server_id", "name", "offline", "paused", … */
gboolean galley_directory_set (GalleyWriter *writer,
                               const char *key,
                               const char *value,
                               GError **error);

/* reader */
char *galley_directory_get (GalleyReader *reader, const char *key);
char *galley_directory_name_of (GalleyReader *reader, const GalleyId *person); /* never NULL */
GalleyPerson *galley_directory_get_person (GalleyReader *reader,
                                           const GalleyId *person,
                                           GError **error);
GArray *galley_directory_list_names (GalleyReader *reader,
                                     const GalleyId *person,
                                     GError **error); /* of GalleyId */
GPtrArray *galley_directory_list_persons (GalleyReader *reader, GError **error);
GalleyDevice *galley_directory_get_device (GalleyReader *reader,
                                           const GalleyId *device,
                                           GError **error);
GPtrArray *galley_directory_list_devices (GalleyReader *reader, GError **error);
GalleyRole galley_directory_get_role (GalleyReader *reader, const GalleyId *project); /* own */
GArray *galley_directory_list_admitted (GalleyReader *reader, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPerson, galley_person_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyDevice, galley_device_free)

G_END_DECLS
