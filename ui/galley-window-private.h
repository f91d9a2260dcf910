/* galley-window-private.h: what the parts of the window know of one another
 *
 * galley-window.c: the pages and what leads to which; galley-window-actions.c: what a person does;
 * galley-window-undo.c: and takes back; galley-window-toasts.c: what is said in passing;
 * galley-window-notices.c: what a person must see to; galley-window-history.c: how it came to that.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "ui/galley-window.h"

#include "ui/galley-browser.h"
#include "ui/galley-conflict-list.h"
#include "ui/galley-courier.h"
#include "ui/galley-health.h"
#include "ui/galley-import.h"
#include "ui/galley-review.h"
#include "ui/galley-sidebar.h"
#include "ui/galley-sync-button.h"
#include "ui/galley-sync-page.h"

G_BEGIN_DECLS

/* What is said in a toast. */
typedef enum
{
  GALLEY_SAID_DONE,
  GALLEY_SAID_MESSAGE,
} GalleySaidWhat;

typedef struct
{
  AdwToast *toast; /* (nullable): while it is on screen, or waits for its turn */
  gint64 since_us;
} GalleySaid;

struct _GalleyWindow
{
  AdwApplicationWindow parent_instance;

  GalleyWorkspace *workspace;
  GalleyHealth *health;
  GalleyImport *import;
  GalleyCourier *courier;
  GSettings *settings;  /* (nullable): where the schema is not installed */
  GalleyId new_project; /* nil: none; shown as soon as it is listed */
  GalleySaid said[2];   /* by what it is about */

  char *damage_message; /* (nullable): what the notice at the bottom says */

  AdwToastOverlay *toasts;
  AdwLeaflet *navigation; /* places and pages, or one item under review */
  AdwLeaflet *leaflet;    /* places beside a page */
  GalleySidebar *sidebar;
  GtkWidget *content;
  AdwWindowTitle *title;
  GtkStack *pages;
  GalleyBrowser *browser;
  GalleyConflictList *conflicts;
  GalleySyncPage *sync_page;
  AdwBin *review_place;
  GalleyReview *review; /* (nullable): made with the first item that is opened */
  GalleySyncButton *sync;
  GtkWidget *browser_buttons;
  GtkWidget *import_button;
  GtkInfoBar *damage;
  GtkLabel *damage_text;
  GtkInfoBar *new_device;
  GtkLabel *new_device_text;
};

/* galley-window.c */
void galley_window_focus_place (GalleyWindow *self);
void galley_window_open_item (GalleyWindow *self, const GalleyId *item);
gboolean galley_window_get_project (GalleyWindow *self, GalleyId *project);
gboolean galley_window_is_reviewing (GalleyWindow *self);

/* galley-window-actions.c */
void galley_window_add_actions (GalleyWindow *self);
void galley_window_remove_actions (GalleyWindow *self);

/* galley-window-history.c */
void galley_window_add_history_actions (GalleyWindow *self);

/* galley-window-notices.c */
void galley_window_watch (GalleyWindow *self);

/* galley-window-toasts.c */
void galley_window_say_done (GalleyWindow *self, const char *text, GVariant *changes);
void galley_window_withdraw_offer (GalleyWindow *self);
void galley_window_report (GalleyWindow *self, const char *text);

/* galley-window-undo.c */
void galley_window_add_undo_actions (GalleyWindow *self);

G_END_DECLS
