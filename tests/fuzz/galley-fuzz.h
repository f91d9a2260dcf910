/* galley-fuzz.h: what a fuzz target gives: how to try an input, and a valid input to start from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* libFuzzer's entry. Must come back whatever the bytes are. */
int LLVMFuzzerTestOneInput (const guint8 *data, size_t size);

GBytes *galley_fuzz_get_seed (void);

G_END_DECLS
