/* galley-window-toasts.c: what is said in passing
 *
 * Two things can be said at a time: what was done or undone last, and a message. The next of its
 * kind makes the one before out of date and takes its place, so that nothing is said late.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-window-toasts"

#include "ui/galley-window-private.h"

#include <glib/gi18n-lib.h>

#define TOAST_S 7
/* So long after it came, a toast says the next thing in its own place. There is time left to read
 * it, and libadwaita 1.2 does not bear that a toast goes while it is still coming. */
#define FRESH_US (2 * G_USEC_PER_SEC)

static gboolean
is_fresh (const GalleySaid *said)
{
  return said->toast != NULL && g_get_monotonic_time () - said->since_us < FRESH_US;
}

static void
toast_gone_cb (GalleyWindow *self, AdwToast *toast)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->said); i++)
    if (self->said[i].toast == toast)
      self->said[i].toast = NULL;
}

static AdwToast *
add_toast (GalleyWindow *self, GalleySaid *said, const char *text)
{
  AdwToast *toast = adw_toast_new (text);

  if (said->toast != NULL)
    adw_toast_dismiss (said->toast);
  adw_toast_set_timeout (toast, TOAST_S);
  /* At once, before what is said already, unless that has only come. */
  if (!is_fresh (&self->said[GALLEY_SAID_DONE]) && !is_fresh (&self->said[GALLEY_SAID_MESSAGE]))
    adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  said->toast = toast;
  said->since_us = g_get_monotonic_time ();
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (toast_gone_cb), self, G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (self->toasts, toast);
  return toast;
}

static AdwToast *
say (GalleyWindow *self, GalleySaid *said, const char *text)
{
  AdwToast *toast = is_fresh (said) ? said->toast : add_toast (self, said, text);

  adw_toast_set_title (toast, text);
  return toast;
}

/**
 * galley_window_say_done:
 * @changes: (nullable): those that the toast offers to take back, for win.undo-changes
 *
 * Says what was done or undone.
 */
void
galley_window_say_done (GalleyWindow *self, const char *text, GVariant *changes)
{
  AdwToast *toast = say (self, &self->said[GALLEY_SAID_DONE], text);

  adw_toast_set_button_label (toast, changes != NULL ? _ ("_Undo") : NULL);
  /* Not for a moment an action without what it asks for. */
  adw_toast_set_action_name (toast, NULL);
  adw_toast_set_action_target_value (toast, changes);
  adw_toast_set_action_name (toast, changes != NULL ? "win.undo-changes" : NULL);
}

/**
 * galley_window_withdraw_offer:
 *
 * What was offered to be undone is about to be out of date.
 */
void
galley_window_withdraw_offer (GalleyWindow *self)
{
  if (self->said[GALLEY_SAID_DONE].toast != NULL)
    adw_toast_set_button_label (self->said[GALLEY_SAID_DONE].toast, NULL);
}

/**
 * galley_window_report:
 *
 * Says something that needs no answer.
 */
void
galley_window_report (GalleyWindow *self, const char *text)
{
  /* The notice says it already, and stays. */
  if (g_strcmp0 (text, self->damage_message) != 0)
    say (self, &self->said[GALLEY_SAID_MESSAGE], text);
}
