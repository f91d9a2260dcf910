/* galley-refused-file.h: a refused change in a file, for somebody who may do it to adopt
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-quarantine.h"

G_BEGIN_DECLS

GBytes *galley_refused_file_write (const GalleyRefused *refused, const char *person_name);
GalleyChange *galley_refused_file_read (GBytes *file, GError **error);

G_END_DECLS
