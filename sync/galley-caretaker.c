/* galley-caretaker.c: what a workspace needs now and then without anybody asking: its backups
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-caretaker"

#include "sync/galley-caretaker.h"

#include "data/galley-local-backup.h"
#include "sync/galley-repair.h"

/* Not while the window opens. */
#define FIRST_LOOK_MS (2 * 60 * 1000)
#define LOOK_MS (60 * 60 * 1000)
#define BACKUP_EVERY_US G_TIME_SPAN_DAY

struct _GalleyCaretaker
{
  GObject parent_instance;

  GalleyStore *store;
  GalleySyncService *service;
  GCancellable *cancellable;
  guint timer;
  gint64 backed_up; /* what the last backup of this process holds; 0: it has made none */
  gboolean looking;
};

enum
{
  SIGNAL_LOOKED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyCaretaker, galley_caretaker, G_TYPE_OBJECT)

static void set_timer (GalleyCaretaker *self, guint delay_ms);

static const GalleyWorld *
get_world (GalleyCaretaker *self)
{
  return galley_store_get_world (self->store);
}

/* What there is to go by. */
typedef struct
{
  gint64 last_lsn;  /* of the journal */
  gint64 backup_us; /* when a backup was last made, or tried and found bad: an hour later it would
                       be no better; 0: never */
} Found;

static gpointer
find (GalleyReader *reader, gpointer folder, GError **error)
{
  g_autoptr (GPtrArray) files = galley_local_backup_list (folder, error);
  g_autofree Found *found = g_new0 (Found, 1);

  if (files == NULL || !galley_reader_get_last_lsn (reader, &found->last_lsn, error))
    return NULL;

  if (files->len > 0)
    found->backup_us = ((GalleyBackupFile *)files->pdata[0])->made_us;
  return g_steal_pointer (&found);
}

static void
end_look (GalleyCaretaker *self)
{
  self->looking = FALSE;
  g_signal_emit (self, signals[SIGNAL_LOOKED], 0);
}

/* One backup under way. */
typedef struct
{
  GalleyCaretaker *caretaker;
  gint64 last_lsn; /* it holds at least that */
} Backup;

static void
backed_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Backup *backup = user_data;
  g_autoptr (GalleyCaretaker) self = backup->caretaker;
  g_auto (GalleyRepairReport) report = { 0 };
  g_autoptr (GError) error = NULL;

  if (galley_repair_run_finish (result, &report, &error))
    self->backed_up = backup->last_lsn;
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    /* Its row among the jobs says so to people. */
    g_message ("no backup: %s", error->message);
  end_look (self);
}

static gboolean
is_due (GalleyCaretaker *self, const Found *found)
{
  gint64 now_us = galley_world_now_us (get_world (self));

  if (!galley_sync_service_is_holder (self->service) || found->last_lsn == self->backed_up)
    return FALSE;

  /* A clock that was set back makes one early, not never. */
  return found->backup_us > now_us || now_us - found->backup_us >= BACKUP_EVERY_US;
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyCaretaker) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree Found *found = galley_store_read_finish (GALLEY_STORE (source), result, &error);
  Backup *backup;

  if (found == NULL)
    g_debug ("no look at the backups: %s", error->message);
  if (found == NULL || self->store == NULL || !is_due (self, found))
    return end_look (self);

  backup = g_new0 (Backup, 1);
  backup->caretaker = g_object_ref (self);
  backup->last_lsn = found->last_lsn;
  galley_repair_run_async (GALLEY_REPAIR_BACKUP, self->store, self->cancellable, backed_up_cb,
                           backup);
}

static void
look (GalleyCaretaker *self)
{
  if (self->looking)
    return;

  self->looking = TRUE;
  galley_store_read_async (self->store, find, g_strdup (galley_store_get_folder (self->store)),
                           g_free, g_free, self->cancellable, found_cb, g_object_ref (self));
}

static gboolean
timer_cb (gpointer user_data)
{
  GalleyCaretaker *self = user_data;

  self->timer = 0;
  set_timer (self, LOOK_MS);
  look (self);
  return G_SOURCE_REMOVE;
}

static void
set_timer (GalleyCaretaker *self, guint delay_ms)
{
  self->timer = galley_world_add_timeout (get_world (self), delay_ms, timer_cb, self);
}

static void
galley_caretaker_dispose (GObject *object)
{
  GalleyCaretaker *self = GALLEY_CARETAKER (object);

  if (self->timer != 0)
    galley_world_remove_timeout (get_world (self), self->timer);
  self->timer = 0;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->service);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (galley_caretaker_parent_class)->dispose (object);
}

static void
galley_caretaker_class_init (GalleyCaretakerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_caretaker_dispose;
  signals[SIGNAL_LOOKED] = g_signal_new ("looked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_caretaker_init (GalleyCaretaker *self)
{
  self->cancellable = g_cancellable_new ();
}

GalleyCaretaker *
galley_caretaker_new (GalleyStore *store, GalleySyncService *service)
{
  GalleyCaretaker *self = g_object_new (GALLEY_TYPE_CARETAKER, NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  set_timer (self, FIRST_LOOK_MS);
  return self;
}
