/* galley-job-limits.c: what holds jobs back: the person's wishes, the network, the battery
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-job-limits"

#include "sync/galley-job-limits.h"

#include "data/galley-directory.h"

#include <glib/gi18n-lib.h>

/* ── wishes ── */

static const char *const settings[GALLEY_JOB_WISHES_N_SETTINGS] = {
  "paused_kinds", "metered_too", "battery_too", "up_kib_s", "down_kib_s",
};

static guint
read_number (GalleyReader *reader, const char *key, guint max)
{
  g_autofree char *text = galley_directory_get (reader, key);
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, max, &number, NULL)
             ? (guint)number
             : 0;
}

/**
 * galley_job_wishes_read:
 * @self: (out caller-allocates)
 *
 * What cannot be understood is no wish.
 */
void
galley_job_wishes_read (GalleyJobWishes *self, GalleyReader *reader)
{
  self->paused_kinds = galley_directory_get (reader, settings[0]);
  self->metered_too = read_number (reader, settings[1], 1);
  self->battery_too = read_number (reader, settings[2], 1);
  self->up_kib_s = read_number (reader, settings[3], GALLEY_JOB_MAX_KIB_S);
  self->down_kib_s = read_number (reader, settings[4], GALLEY_JOB_MAX_KIB_S);
}

/**
 * galley_job_wishes_get_setting:
 * @n: below %GALLEY_JOB_WISHES_N_SETTINGS
 * @value: (out) (nullable) (transfer full)
 *
 * Returns: (transfer none): the name that the wish has as a setting
 */
const char *
galley_job_wishes_get_setting (const GalleyJobWishes *self, guint n, char **value)
{
  const guint numbers[] = { 0, self->metered_too != 0, self->battery_too != 0, self->up_kib_s,
                            self->down_kib_s };

  *value = n == 0            ? g_strdup (self->paused_kinds)
           : numbers[n] != 0 ? g_strdup_printf ("%u", numbers[n])
                             : NULL;
  return settings[n];
}

/**
 * galley_job_wishes_copy:
 * @copy: (out caller-allocates)
 */
void
galley_job_wishes_copy (const GalleyJobWishes *self, GalleyJobWishes *copy)
{
  *copy = *self;
  copy->paused_kinds = g_strdup (self->paused_kinds);
}

void
galley_job_wishes_clear (GalleyJobWishes *self)
{
  g_clear_pointer (&self->paused_kinds, g_free);
}

gboolean
galley_job_wishes_equal (const GalleyJobWishes *a, const GalleyJobWishes *b)
{
  return g_strcmp0 (a->paused_kinds, b->paused_kinds) == 0 && a->metered_too == b->metered_too &&
         a->battery_too == b->battery_too && a->up_kib_s == b->up_kib_s &&
         a->down_kib_s == b->down_kib_s;
}

gboolean
galley_job_wishes_has_paused (const GalleyJobWishes *self, const char *kind)
{
  g_auto (GStrv) kinds = g_strsplit (self->paused_kinds != NULL ? self->paused_kinds : "", ",", -1);

  return g_strv_contains ((const char *const *)kinds, kind);
}

/**
 * galley_job_wishes_pause_kind:
 * @kind: of jobs
 */
void
galley_job_wishes_pause_kind (GalleyJobWishes *self, const char *kind, gboolean paused)
{
  g_auto (GStrv) kinds = g_strsplit (self->paused_kinds != NULL ? self->paused_kinds : "", ",", -1);
  g_autoptr (GPtrArray) left = g_ptr_array_new ();

  for (guint i = 0; kinds[i] != NULL; i++)
    if (*kinds[i] != '\0' && !g_str_equal (kinds[i], kind))
      g_ptr_array_add (left, kinds[i]);
  if (paused)
    g_ptr_array_add (left, (gpointer)kind);
  g_ptr_array_add (left, NULL);

  g_free (self->paused_kinds);
  self->paused_kinds = left->len > 1 ? g_strjoinv (",", (char **)left->pdata) : NULL;
}

/* ── what holds back ── */

/**
 * galley_job_hold_describe:
 *
 * Returns: (transfer none) (nullable): why it does not start, and what to do, in a sentence
 */
const char *
galley_job_hold_describe (GalleyJobHold hold)
{
  switch (hold)
    {
    case GALLEY_HOLD_KIND_PAUSED:
      return _ ("You have paused jobs of this kind. They go on once you resume them under Limits.");
    case GALLEY_HOLD_METERED:
      return _ (
          "This network may cost by the amount, so large files wait. Put one first to send it "
          "anyway.");
    case GALLEY_HOLD_BATTERY:
      return _ (
          "The battery is being saved, so large files wait. Put one first to send it anyway.");
    case GALLEY_HOLD_NONE:
    default:
      return NULL;
    }
}

struct _GalleyJobLimits
{
  GObject parent_instance;

  GalleyJobWishes wishes;
  gboolean metered;
  gboolean saving_battery;
  GalleyPace *up;
  GalleyPace *down;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyJobLimits, galley_job_limits, G_TYPE_OBJECT)

static void
galley_job_limits_finalize (GObject *object)
{
  GalleyJobLimits *self = GALLEY_JOB_LIMITS (object);

  galley_job_wishes_clear (&self->wishes);
  galley_pace_unref (self->up);
  galley_pace_unref (self->down);
  G_OBJECT_CLASS (galley_job_limits_parent_class)->finalize (object);
}

static void
galley_job_limits_class_init (GalleyJobLimitsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_job_limits_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_job_limits_init (GalleyJobLimits *self)
{
  self->up = galley_pace_new ();
  self->down = galley_pace_new ();
}

GalleyJobLimits *
galley_job_limits_new (void)
{
  return g_object_new (GALLEY_TYPE_JOB_LIMITS, NULL);
}

const GalleyJobWishes *
galley_job_limits_get_wishes (GalleyJobLimits *self)
{
  return &self->wishes;
}

void
galley_job_limits_set_wishes (GalleyJobLimits *self, const GalleyJobWishes *wishes)
{
  GalleyJobWishes copy;

  g_return_if_fail (GALLEY_IS_JOB_LIMITS (self));

  if (galley_job_wishes_equal (&self->wishes, wishes))
    return;

  galley_job_wishes_copy (wishes, &copy);
  galley_job_wishes_clear (&self->wishes);
  self->wishes = copy;
  galley_pace_set_limit (self->up, copy.up_kib_s * 1024);
  galley_pace_set_limit (self->down, copy.down_kib_s * 1024);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
set_flag (GalleyJobLimits *self, gboolean *place, gboolean flag)
{
  if (*place == flag)
    return;
  *place = flag;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/**
 * galley_job_limits_set_metered:
 * @metered: the network costs by the amount, as far as anybody knows
 */
void
galley_job_limits_set_metered (GalleyJobLimits *self, gboolean metered)
{
  set_flag (self, &self->metered, metered);
}

void
galley_job_limits_set_saving_battery (GalleyJobLimits *self, gboolean saving)
{
  set_flag (self, &self->saving_battery, saving);
}

/**
 * galley_job_limits_get_hold:
 * @large: it moves much, and nobody asked for it to be done first
 * @has_time: until there is nothing else to do
 *
 * Returns: why a job of @kind does not start
 */
GalleyJobHold
galley_job_limits_get_hold (GalleyJobLimits *self,
                            const char *kind,
                            gboolean large,
                            gboolean has_time)
{
  if (self->wishes.paused_kinds != NULL && galley_job_wishes_has_paused (&self->wishes, kind))
    return GALLEY_HOLD_KIND_PAUSED;
  if (large && self->metered && !self->wishes.metered_too)
    return GALLEY_HOLD_METERED;
  if ((large || has_time) && self->saving_battery && !self->wishes.battery_too)
    return GALLEY_HOLD_BATTERY;

  return GALLEY_HOLD_NONE;
}

/**
 * galley_job_limits_get_pace:
 *
 * Returns: (transfer none): of files, in one direction
 */
GalleyPace *
galley_job_limits_get_pace (GalleyJobLimits *self, gboolean up)
{
  return up ? self->up : self->down;
}
