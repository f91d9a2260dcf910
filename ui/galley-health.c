/* galley-health.c: "is my work safe, and does anything need me?" for the window to show
 *
 * The sync service knows what travels; what it does not count are conflicts, which need no server.
 * Good is said only when nothing is open, failed or unsent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-health"

#include "ui/galley-health.h"

#include <glib/gi18n-lib.h>

struct _GalleyHealth
{
  GObject parent_instance;

  GalleyStore *store;
  GalleySyncService *service;
  GCancellable *cancellable;
  guint conflicts;
  gboolean reading;
  gboolean stale;
  char *sentence;
  char *detail;
};

enum
{
  PROP_0,
  PROP_SENTENCE,
  PROP_DETAIL,
  PROP_ICON_NAME,
  PROP_CONFLICTS,
  PROP_NEEDS,
  PROP_GOOD,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyHealth, galley_health, G_TYPE_OBJECT)

static char *
describe (GalleyHealth *self)
{
  const char *summary = galley_sync_service_get_summary (self->service);
  g_autofree char *conflicts = NULL;

  if (self->conflicts == 0)
    return g_strdup (summary);

  conflicts = g_strdup_printf (ngettext ("%u conflict waits for you", "%u conflicts wait for you",
                                         self->conflicts),
                               self->conflicts);
  /* Translators: "2 conflicts wait for you. Everything is saved and shared" */
  return g_strdup_printf (_ ("%s. %s"), conflicts, summary);
}

static void
update (GalleyHealth *self)
{
  g_free (self->sentence);
  self->sentence = describe (self);
  g_free (self->detail);
  self->detail = g_strdup (galley_sync_service_get_detail (self->service));

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 1; i < N_PROPERTIES; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_object_thaw_notify (G_OBJECT (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gpointer
read_conflicts (GalleyReader *reader, gpointer data, GError **error)
{
  guint64 n_conflicts;

  return galley_reader_count_conflicts (reader, &n_conflicts, error)
             ? g_memdup2 (&n_conflicts, sizeof n_conflicts)
             : NULL;
}

static void read_again (GalleyHealth *self);

static void
conflicts_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyHealth) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree guint64 *n_conflicts = galley_store_read_finish (GALLEY_STORE (source), result,
                                                              &error);

  self->reading = FALSE;
  /* A workspace that closes has nothing to say any more. */
  if (g_cancellable_is_cancelled (self->cancellable) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return;

  if (n_conflicts == NULL)
    {
      g_warning ("Could not read the state of the workspace: %s", error->message);
      return;
    }

  if (self->conflicts != *n_conflicts)
    {
      self->conflicts = MIN (*n_conflicts, G_MAXUINT);
      update (self);
    }
  if (self->stale)
    read_again (self);
}

static void
read_again (GalleyHealth *self)
{
  if (self->reading)
    {
      self->stale = TRUE;
      return;
    }

  self->reading = TRUE;
  self->stale = FALSE;
  galley_store_read_async (self->store, read_conflicts, NULL, NULL, g_free, self->cancellable,
                           conflicts_read_cb, g_object_ref (self));
}

static void
store_changed_cb (GalleyHealth *self, const GalleyTouched *touched)
{
  if (touched->everything || touched->conflicts)
    read_again (self);
}

static void
galley_health_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyHealth *self = GALLEY_HEALTH (object);

  switch (property)
    {
    case PROP_SENTENCE:
      g_value_set_string (value, self->sentence);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, self->detail);
      break;
    case PROP_ICON_NAME:
      g_value_set_string (value, galley_health_get_icon_name (self));
      break;
    case PROP_CONFLICTS:
      g_value_set_uint (value, self->conflicts);
      break;
    case PROP_NEEDS:
      g_value_set_uint (value, galley_health_get_needs (self));
      break;
    case PROP_GOOD:
      g_value_set_boolean (value, galley_health_is_good (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_health_dispose (GObject *object)
{
  GalleyHealth *self = GALLEY_HEALTH (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->store);
  g_clear_object (&self->service);
  G_OBJECT_CLASS (galley_health_parent_class)->dispose (object);
}

static void
galley_health_finalize (GObject *object)
{
  GalleyHealth *self = GALLEY_HEALTH (object);

  g_object_unref (self->cancellable);
  g_free (self->sentence);
  g_free (self->detail);
  G_OBJECT_CLASS (galley_health_parent_class)->finalize (object);
}

static void
galley_health_class_init (GalleyHealthClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galley_health_get_property;
  object_class->dispose = galley_health_dispose;
  object_class->finalize = galley_health_finalize;

  properties[PROP_SENTENCE] = g_param_spec_string ("sentence", NULL, NULL, NULL, flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, NULL, flags);
  properties[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  properties[PROP_CONFLICTS] = g_param_spec_uint ("conflicts", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_NEEDS] = g_param_spec_uint ("needs", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_GOOD] = g_param_spec_boolean ("good", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_health_init (GalleyHealth *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * galley_health_new:
 *
 * Returns: (transfer full): the health of a workspace
 */
GalleyHealth *
galley_health_new (GalleyStore *store, GalleySyncService *service)
{
  GalleyHealth *self = g_object_new (GALLEY_TYPE_HEALTH, NULL);

  self->store = g_object_ref (store);
  self->service = g_object_ref (service);
  g_signal_connect_object (store, "changed", G_CALLBACK (store_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  read_again (self);
  return self;
}

GalleySyncService *
galley_health_get_service (GalleyHealth *self)
{
  g_return_val_if_fail (GALLEY_IS_HEALTH (self), NULL);

  return self->service;
}

GalleyStore *
galley_health_get_store (GalleyHealth *self)
{
  g_return_val_if_fail (GALLEY_IS_HEALTH (self), NULL);

  return self->store;
}

/**
 * galley_health_get_sentence:
 *
 * Returns: one sentence that always says that nothing is lost
 */
const char *
galley_health_get_sentence (GalleyHealth *self)
{
  g_return_val_if_fail (GALLEY_IS_HEALTH (self), NULL);

  return self->sentence;
}

const char *
galley_health_get_detail (GalleyHealth *self)
{
  g_return_val_if_fail (GALLEY_IS_HEALTH (self), NULL);

  return self->detail;
}

const char *
galley_health_get_icon_name (GalleyHealth *self)
{
  static const char *const icons[] = {
    [GALLEY_SYNC_LOCAL_ONLY] = "galley-sync-local-symbolic",
    [GALLEY_SYNC_UP_TO_DATE] = "galley-sync-done-symbolic",
    [GALLEY_SYNC_WAITING] = "galley-sync-waiting-symbolic",
    [GALLEY_SYNC_SYNCING] = "galley-sync-running-symbolic",
    [GALLEY_SYNC_OFFLINE] = "galley-sync-offline-symbolic",
    [GALLEY_SYNC_PAUSED] = "galley-sync-paused-symbolic",
    [GALLEY_SYNC_NEEDS_ATTENTION] = "galley-sync-attention-symbolic",
  };

  g_return_val_if_fail (GALLEY_IS_HEALTH (self), NULL);

  if (galley_health_get_needs (self) > 0)
    return icons[GALLEY_SYNC_NEEDS_ATTENTION];

  return icons[galley_sync_service_get_state (self->service)];
}

guint
galley_health_get_conflicts (GalleyHealth *self)
{
  g_return_val_if_fail (GALLEY_IS_HEALTH (self), 0);

  return self->conflicts;
}

/**
 * galley_health_get_needs:
 *
 * Returns: how many things wait for the person
 */
guint
galley_health_get_needs (GalleyHealth *self)
{
  g_return_val_if_fail (GALLEY_IS_HEALTH (self), 0);

  return self->conflicts + galley_sync_service_get_attention (self->service);
}

gboolean
galley_health_is_good (GalleyHealth *self)
{
  GalleySyncState state;

  g_return_val_if_fail (GALLEY_IS_HEALTH (self), FALSE);

  state = galley_sync_service_get_state (self->service);
  return galley_health_get_needs (self) == 0 &&
         (state == GALLEY_SYNC_UP_TO_DATE || state == GALLEY_SYNC_LOCAL_ONLY);
}
