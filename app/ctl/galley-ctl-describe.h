/* galley-ctl-describe.h: things of the workspace as JSON, the same in every answer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "app/ctl/galley-ctl.h"

G_BEGIN_DECLS

/* All of them add members to the object that is open in the answer. */

void galley_ctl_add_boolean (GalleyCtl *self, const char *name, gboolean value);
void galley_ctl_add_double (GalleyCtl *self, const char *name, double value);
void galley_ctl_add_hash (GalleyCtl *self, const char *name, const GalleyHash *hash);
void galley_ctl_add_person (GalleyCtl *self, const char *name, const GalleyId *person);
void galley_ctl_add_device (GalleyCtl *self, const char *name, const GalleyId *device);
void galley_ctl_add_kind (GalleyCtl *self, guint8 kind);
void galley_ctl_add_field_name (GalleyCtl *self, guint8 kind, guint16 field, const char *element);
void galley_ctl_add_value (
    GalleyCtl *self, const char *name, guint8 kind, guint16 field, GVariant *value);
void galley_ctl_add_strings (GalleyCtl *self, const char *name, const char *const *strings);
void galley_ctl_add_entity (GalleyCtl *self, const GalleyEntity *entity);
void galley_ctl_add_field (GalleyCtl *self, const GalleyEntity *entity, guint16 number);
void galley_ctl_add_fields (GalleyCtl *self, const GalleyEntity *entity);
void galley_ctl_add_heads (GalleyCtl *self,
                           const GalleyEntity *entity,
                           guint16 field,
                           const GArray *heads);

void galley_ctl_add_change (GalleyCtl *ctl, GalleyChange *change, guint64 position);

G_END_DECLS
