/* galley-ctl-value.h: values of fields as people and programs type them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-draft.h"
#include "data/galley-reader.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonNode *galley_ctl_value_parse (const char *text, GError **error);
GVariant *galley_ctl_value_from_json (const GalleyFieldSpec *spec, JsonNode *node, GError **error);
gboolean galley_ctl_value_set (GalleyDraft *draft,
                               const GalleyEntity *entity,
                               const GalleyFieldSpec *spec,
                               const char *element,
                               JsonNode *node,
                               GError **error);

G_END_DECLS
