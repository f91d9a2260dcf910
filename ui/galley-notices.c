/* galley-notices.c: tells a person who is elsewhere that something waits for them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-notices"

#include "ui/galley-notices.h"

#include "ui/galley-inbox.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  guint inbox;
  guint conflicts;
} Counts;

struct _GalleyNotices
{
  GObject parent_instance;

  GalleyStore *store;
  GalleySyncService *service;
  GCancellable *cancellable;
  guint counted[GALLEY_N_NOTICES];
  gboolean told[GALLEY_N_NOTICES];
  gboolean watched; /* the person looks at a window of ours */
  gboolean ready;   /* what was there at the beginning is no news */
  gboolean reading;
  gboolean stale;
  guint timer;               /* of a galley world: till patience is at its end */
  gint64 attention_since_us; /* monotonic; 0: nobody is needed */
};

enum
{
  SIGNAL_SEND,
  SIGNAL_WITHDRAW,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyNotices, galley_notices, G_TYPE_OBJECT)

/**
 * galley_notice_decide:
 * @before: how many things there were of it
 * @now: how many there are
 * @waited_us: of %GALLEY_NOTICE_ATTENTION: for how long, in microseconds
 * @watched: a window of ours is in front: then nobody is told what they see
 *
 * Only what is more than before is news, but for syncing: there it is that it lasts. Pure.
 */
GalleyNoticeAct
galley_notice_decide (
    GalleyNotice notice, guint before, guint now, gint64 waited_us, gboolean watched)
{
  if (now == 0 || watched)
    return GALLEY_NOTICE_WITHDRAW;
  if (notice == GALLEY_NOTICE_ATTENTION)
    return waited_us >= GALLEY_NOTICE_PATIENCE_US ? GALLEY_NOTICE_SEND : GALLEY_NOTICE_LEAVE;

  return now > before ? GALLEY_NOTICE_SEND : GALLEY_NOTICE_LEAVE;
}

static const GalleyWorld *
get_world (GalleyNotices *self)
{
  return galley_store_get_world (self->store);
}

static char *
describe (GalleyNotices *self, GalleyNotice notice, guint n)
{
  switch (notice)
    {
    case GALLEY_NOTICE_INBOX:
      return g_strdup_printf (ngettext ("%u item waits for you in the inbox.",
                                        "%u items wait for you in the inbox.", n),
                              n);
    case GALLEY_NOTICE_CONFLICTS:
      return g_strdup_printf (ngettext ("%u conflict waits for you. All values are kept.",
                                        "%u conflicts wait for you. All values are kept.", n),
                              n);
    case GALLEY_NOTICE_ATTENTION:
    case GALLEY_N_NOTICES:
    default:
      return g_strdup (galley_sync_service_get_detail (self->service));
    }
}

static void
judge (GalleyNotices *self, GalleyNotice notice, guint now)
{
  gint64 waited_us = self->attention_since_us != 0
                         ? galley_world_monotonic_us (get_world (self)) - self->attention_since_us
                         : 0;
  GalleyNoticeAct act = galley_notice_decide (notice, self->counted[notice], now, waited_us,
                                              self->watched);
  /* That something lasts is told once. */
  gboolean again = notice != GALLEY_NOTICE_ATTENTION || !self->told[notice];
  g_autofree char *words = NULL;

  self->counted[notice] = now;
  if (!self->ready || act == GALLEY_NOTICE_LEAVE)
    return;
  if (act == GALLEY_NOTICE_SEND && again)
    {
      words = describe (self, notice, now);
      g_signal_emit (self, signals[SIGNAL_SEND], 0, (guint)notice, now, words);
      self->told[notice] = TRUE;
    }
  else if (act == GALLEY_NOTICE_WITHDRAW && self->told[notice])
    {
      self->told[notice] = FALSE;
      g_signal_emit (self, signals[SIGNAL_WITHDRAW], 0, (guint)notice);
    }
}

/* ── syncing ── */

static gboolean
patience_cb (gpointer user_data)
{
  GalleyNotices *self = user_data;

  self->timer = 0;
  judge (self, GALLEY_NOTICE_ATTENTION, galley_sync_service_get_attention (self->service));
  return G_SOURCE_REMOVE;
}

static void
attention_cb (GalleyNotices *self)
{
  guint attention = galley_sync_service_get_attention (self->service);

  if (self->timer != 0 && attention == 0)
    {
      galley_world_remove_timeout (get_world (self), self->timer);
      self->timer = 0;
    }
  if (attention == 0)
    self->attention_since_us = 0;
  else if (self->attention_since_us == 0)
    {
      self->attention_since_us = galley_world_monotonic_us (get_world (self));
      self->timer = galley_world_add_timeout (get_world (self),
                                              GALLEY_NOTICE_PATIENCE_US / 1000 + 1, patience_cb,
                                              self);
    }
  judge (self, GALLEY_NOTICE_ATTENTION, attention);
}

/* ── what others did ── */

static gpointer
read_counts (GalleyReader *reader, gpointer data, GError **error)
{
  g_autoptr (GArray) inbox = galley_inbox_list (reader, data, NULL, error);
  guint64 n_conflicts;
  Counts *counts;

  if (inbox == NULL || !galley_reader_count_conflicts (reader, &n_conflicts, error))
    return NULL;

  counts = g_new (Counts, 1);
  counts->inbox = inbox->len;
  counts->conflicts = (guint)MIN (n_conflicts, G_MAXUINT);
  return counts;
}

static void read_again (GalleyNotices *self);

static void
counts_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyNotices) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree Counts *counts = galley_store_read_finish (GALLEY_STORE (source), result, &error);

  self->reading = FALSE;
  if (self->store == NULL)
    return;
  if (counts == NULL)
    {
      g_debug ("no counts: %s", error->message);
      return;
    }

  judge (self, GALLEY_NOTICE_INBOX, counts->inbox);
  judge (self, GALLEY_NOTICE_CONFLICTS, counts->conflicts);
  self->ready = TRUE;
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleyNotices *self)
{
  GalleyId *person;

  self->stale = self->reading;
  if (self->reading)
    return;

  self->reading = TRUE;
  person = g_new0 (GalleyId, 1);
  galley_store_get_person (self->store, person);
  galley_store_read_async (self->store, read_counts, person, g_free, g_free, self->cancellable,
                           counts_read_cb, g_object_ref (self));
}

static void
store_changed_cb (GalleyNotices *self, const GalleyTouched *touched)
{
  if (touched->everything || touched->conflicts || touched->entities->len > 0)
    read_again (self);
}

/* ── the object ── */

static void
galley_notices_dispose (GObject *object)
{
  GalleyNotices *self = GALLEY_NOTICES (object);

  if (self->timer != 0)
    galley_world_remove_timeout (get_world (self), self->timer);
  self->timer = 0;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->service);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_notices_parent_class)->dispose (object);
}

static void
galley_notices_finalize (GObject *object)
{
  g_object_unref (GALLEY_NOTICES (object)->cancellable);
  G_OBJECT_CLASS (galley_notices_parent_class)->finalize (object);
}

static void
galley_notices_class_init (GalleyNoticesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_notices_dispose;
  G_OBJECT_CLASS (klass)->finalize = galley_notices_finalize;
  signals[SIGNAL_SEND] = g_signal_new ("send", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_UINT,
                                       G_TYPE_STRING);
  signals[SIGNAL_WITHDRAW] = g_signal_new ("withdraw", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
galley_notices_init (GalleyNotices *self)
{
  self->cancellable = g_cancellable_new ();
}

GalleyNotices *
galley_notices_new (GalleyStore *store, GalleySyncService *service)
{
  GalleyNotices *self = g_object_new (GALLEY_TYPE_NOTICES, NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::attention", G_CALLBACK (attention_cb), self,
                           G_CONNECT_SWAPPED);
  attention_cb (self);
  read_again (self);
  return self;
}

/**
 * galley_notices_set_watched:
 * @watched: a window of the program is in front
 */
void
galley_notices_set_watched (GalleyNotices *self, gboolean watched)
{
  g_return_if_fail (GALLEY_IS_NOTICES (self));

  if (self->watched == watched)
    return;

  self->watched = watched;
  for (guint i = 0; watched && i < GALLEY_N_NOTICES; i++)
    judge (self, i, self->counted[i]);
}
