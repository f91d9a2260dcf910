/* galley-job-limits.h: what holds jobs back: the person's wishes, the network, the battery
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-reader.h"
#include "sync/galley-pace.h"

G_BEGIN_DECLS

/* A gigabyte a second: more than that is no limit, and does not fit the pace. */
#define GALLEY_JOB_MAX_KIB_S (1024 * 1024)

/* Wishes, the same for all programs of a workspace. All nothing: files wait on a network that costs
 * by the amount, and while the battery is being saved. */
typedef struct
{
  char *paused_kinds;   /* (nullable): "upload,download" */
  gboolean metered_too; /* large things also go over a metered network */
  gboolean battery_too; /* and while the battery is being saved */
  guint up_kib_s;       /* for files, in KiB a second; 0: no limit */
  guint down_kib_s;
} GalleyJobWishes;

void galley_job_wishes_read (GalleyJobWishes *self, GalleyReader *reader);
void galley_job_wishes_copy (const GalleyJobWishes *self, GalleyJobWishes *copy);
gboolean galley_job_wishes_equal (const GalleyJobWishes *a, const GalleyJobWishes *b);
void galley_job_wishes_pause_kind (GalleyJobWishes *self, const char *kind, gboolean paused);
gboolean galley_job_wishes_has_paused (const GalleyJobWishes *self, const char *kind);
void galley_job_wishes_clear (GalleyJobWishes *self);

/* The names and values that they have as settings; a %NULL value is none. */
#define GALLEY_JOB_WISHES_N_SETTINGS 5
const char *galley_job_wishes_get_setting (const GalleyJobWishes *self, guint n, char **value);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GalleyJobWishes, galley_job_wishes_clear)

/* Why a job that could start does not. */
typedef enum
{
  GALLEY_HOLD_NONE,
  GALLEY_HOLD_KIND_PAUSED,
  GALLEY_HOLD_METERED,
  GALLEY_HOLD_BATTERY,
} GalleyJobHold;

const char *galley_job_hold_describe (GalleyJobHold hold);

#define GALLEY_TYPE_JOB_LIMITS (galley_job_limits_get_type ())
G_DECLARE_FINAL_TYPE (GalleyJobLimits, galley_job_limits, GALLEY, JOB_LIMITS, GObject)

/* Main loop. signals:
 *   "changed"  other jobs than before may be held back
 */

GalleyJobLimits *galley_job_limits_new (void);
void galley_job_limits_set_wishes (GalleyJobLimits *self, const GalleyJobWishes *wishes);
const GalleyJobWishes *galley_job_limits_get_wishes (GalleyJobLimits *self);
void galley_job_limits_set_metered (GalleyJobLimits *self, gboolean metered);
void galley_job_limits_set_saving_battery (GalleyJobLimits *self, gboolean saving);
GalleyJobHold galley_job_limits_get_hold (GalleyJobLimits *self,
                                          const char *kind,
                                          gboolean large,
                                          gboolean has_time);
GalleyPace *galley_job_limits_get_pace (GalleyJobLimits *self, gboolean up);

G_END_DECLS
