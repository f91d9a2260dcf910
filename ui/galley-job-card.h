/* galley-job-card.h: one job as a row: what and why, how far, and what can be done about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-sync-service.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define GALLEY_TYPE_JOB_CARD (galley_job_card_get_type ())
G_DECLARE_FINAL_TYPE (GalleyJobCard, galley_job_card, GALLEY, JOB_CARD, GtkWidget)

GtkWidget *galley_job_card_new (GalleySyncService *service);
void galley_job_card_set_job (GalleyJobCard *self, GalleyJob *job);

G_END_DECLS
