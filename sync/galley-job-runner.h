/* galley-job-runner.h: starts the jobs that are due, judges how they ended, watches that they get
 * on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-job-queue.h"

G_BEGIN_DECLS

/* A running job that has not got on for this long is shown as stalled and started again. */
#define GALLEY_JOB_STALL_US (60 * G_USEC_PER_SEC)

#define GALLEY_TYPE_JOB_RUNNER (galley_job_runner_get_type ())
G_DECLARE_FINAL_TYPE (GalleyJobRunner, galley_job_runner, GALLEY, JOB_RUNNER, GObject)

/* Main loop. signals:
 *   "ended" (GalleyJob *job)  a try of it is over, well or not: see its state
 */

GalleyJobRunner *galley_job_runner_new (GalleyJobQueue *queue, GalleyJobContext *context);

void galley_job_runner_set_enabled (GalleyJobRunner *self, gboolean enabled);
void galley_job_runner_take_over (GalleyJobRunner *self);
void galley_job_runner_poke (GalleyJobRunner *self);
void galley_job_runner_stop (GalleyJobRunner *self);

void galley_job_runner_ask (GalleyJobRunner *self, gint64 job, GalleyJobAsk ask);
void galley_job_runner_reset_backoff (GalleyJobRunner *self, gboolean network_only);
void galley_job_runner_sign_in (GalleyJobRunner *self);
void galley_job_runner_revive (GalleyJobRunner *self);

GalleyJobHold galley_job_runner_get_hold (GalleyJobRunner *self);
gboolean galley_job_runner_is_running (GalleyJobRunner *self);
gboolean galley_job_runner_has_due (GalleyJobRunner *self, guint max_attempts);

G_END_DECLS
