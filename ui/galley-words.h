/* galley-words.h: how states, times and counts are called in front of people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-change.h"

G_BEGIN_DECLS

const char *galley_words_for_state (const char *state);
const char *galley_words_icon_for_state (const char *state);
const char *galley_words_class_for_state (const char *state);
const char *galley_words_for_verdict (const char *verdict);
char *galley_words_for_notes (guint n_open, guint n_annotations);
char *galley_words_for_time (gint64 time_us, gint64 now_us);
char *galley_words_for_exact_time (gint64 time_us);
const char *galley_words_for_field (guint8 kind, guint16 field);
char *galley_words_shorten (const char *text, guint max_chars);
char *galley_words_for_value (guint8 kind, guint16 field, GVariant *value);
char *galley_words_for_intent (const char *intent);
char *galley_words_for_change (GalleyChange *change);

G_END_DECLS
