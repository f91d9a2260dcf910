/* galley-item.c: one item of a list: what its row and its tile show
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-item"

#include "ui/galley-item.h"

#include "ui/galley-words.h"

#include <glib/gi18n-lib.h>

struct _GalleyItem
{
  GObject parent_instance;

  GalleyId id;
  GalleyItemRow *row;    /* (nullable) until loaded */
  GdkTexture *thumbnail; /* (nullable) */
};

enum
{
  PROP_0,
  PROP_LOADED,
  PROP_NAME,
  PROP_STATE,
  PROP_MEDIA_TYPE,
  PROP_THUMBNAIL,
  PROP_CONTESTED,
  PROP_HERE,
  PROP_N_OPEN,
  PROP_N_ANNOTATIONS,
  PROP_N_PAGES,
  PROP_VERSION,
  PROP_UPDATED,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GalleyItem, galley_item, G_TYPE_OBJECT)

static void
galley_item_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
  GalleyItem *self = GALLEY_ITEM (object);
  static const GalleyItemRow nothing = { .name = (char *)"", .state = (char *)"open" };
  const GalleyItemRow *row = self->row != NULL ? self->row : &nothing;

  switch (property)
    {
    case PROP_LOADED:
      g_value_set_boolean (value, self->row != NULL);
      break;
    case PROP_NAME:
      g_value_set_string (value, row->name);
      break;
    case PROP_STATE:
      g_value_set_string (value, row->state);
      break;
    case PROP_MEDIA_TYPE:
      g_value_set_string (value, row->media_type);
      break;
    case PROP_THUMBNAIL:
      g_value_set_object (value, self->thumbnail);
      break;
    case PROP_CONTESTED:
      g_value_set_boolean (value, row->contested);
      break;
    case PROP_HERE:
      g_value_set_boolean (value, row->here);
      break;
    case PROP_N_OPEN:
      g_value_set_uint (value, row->n_open);
      break;
    case PROP_N_ANNOTATIONS:
      g_value_set_uint (value, row->n_annotations);
      break;
    case PROP_N_PAGES:
      g_value_set_uint (value, row->n_pages);
      break;
    case PROP_VERSION:
      g_value_set_uint (value, row->version);
      break;
    case PROP_UPDATED:
      g_value_set_int64 (value, row->updated_us);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
galley_item_finalize (GObject *object)
{
  GalleyItem *self = GALLEY_ITEM (object);

  g_clear_pointer (&self->row, galley_item_row_free);
  g_clear_object (&self->thumbnail);
  G_OBJECT_CLASS (galley_item_parent_class)->finalize (object);
}

static void
galley_item_class_init (GalleyItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = galley_item_get_property;
  object_class->finalize = galley_item_finalize;

  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", flags);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, "open", flags);
  properties[PROP_MEDIA_TYPE] = g_param_spec_string ("media-type", NULL, NULL, NULL, flags);
  properties[PROP_THUMBNAIL] = g_param_spec_object ("thumbnail", NULL, NULL, GDK_TYPE_TEXTURE,
                                                    flags);
  properties[PROP_CONTESTED] = g_param_spec_boolean ("contested", NULL, NULL, FALSE, flags);
  properties[PROP_HERE] = g_param_spec_boolean ("here", NULL, NULL, FALSE, flags);
  properties[PROP_N_OPEN] = g_param_spec_uint ("n-open", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_ANNOTATIONS] = g_param_spec_uint ("n-annotations", NULL, NULL, 0, G_MAXUINT, 0,
                                                      flags);
  properties[PROP_N_PAGES] = g_param_spec_uint ("n-pages", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_VERSION] = g_param_spec_uint ("version", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_UPDATED] = g_param_spec_int64 ("updated", NULL, NULL, G_MININT64, G_MAXINT64, 0,
                                                 flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
galley_item_init (GalleyItem *self)
{
}

/**
 * galley_item_new:
 *
 * Returns: (transfer full): an item that is not loaded yet
 */
GalleyItem *
galley_item_new (const GalleyId *id)
{
  GalleyItem *self = g_object_new (GALLEY_TYPE_ITEM, NULL);

  self->id = *id;
  return self;
}

const GalleyId *
galley_item_get_id (GalleyItem *self)
{
  g_return_val_if_fail (GALLEY_IS_ITEM (self), NULL);

  return &self->id;
}

/**
 * galley_item_get_row:
 *
 * Returns: (transfer none) (nullable): %NULL until it is loaded
 */
const GalleyItemRow *
galley_item_get_row (GalleyItem *self)
{
  g_return_val_if_fail (GALLEY_IS_ITEM (self), NULL);

  return self->row;
}

/**
 * galley_item_get_thumbnail:
 *
 * Returns: (transfer none) (nullable): %NULL: none, or not loaded yet
 */
GdkTexture *
galley_item_get_thumbnail (GalleyItem *self)
{
  g_return_val_if_fail (GALLEY_IS_ITEM (self), NULL);

  return self->thumbnail;
}

/**
 * galley_item_get_name:
 *
 * Returns: (transfer none): never %NULL
 */
const char *
galley_item_get_name (GalleyItem *self)
{
  g_return_val_if_fail (GALLEY_IS_ITEM (self), NULL);

  return self->row != NULL && self->row->name != NULL ? self->row->name : "";
}

static void
notify_if (GalleyItem *self, guint property, gboolean differs)
{
  if (differs)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * galley_item_take_row:
 * @row: (transfer full): what is true now
 */
void
galley_item_take_row (GalleyItem *self, GalleyItemRow *row)
{
  static const GalleyItemRow nothing = { 0 };
  g_autoptr (GalleyItemRow) before = NULL;
  const GalleyItemRow *old;

  g_return_if_fail (GALLEY_IS_ITEM (self) && row != NULL);

  before = g_steal_pointer (&self->row);
  old = before != NULL ? before : &nothing;
  self->row = row;

  g_object_freeze_notify (G_OBJECT (self));
  notify_if (self, PROP_LOADED, before == NULL);
  notify_if (self, PROP_NAME, g_strcmp0 (old->name, row->name) != 0);
  notify_if (self, PROP_STATE, g_strcmp0 (old->state, row->state) != 0);
  notify_if (self, PROP_MEDIA_TYPE, g_strcmp0 (old->media_type, row->media_type) != 0);
  notify_if (self, PROP_CONTESTED, old->contested != row->contested);
  notify_if (self, PROP_HERE, old->here != row->here);
  notify_if (self, PROP_N_OPEN, old->n_open != row->n_open);
  notify_if (self, PROP_N_ANNOTATIONS, old->n_annotations != row->n_annotations);
  notify_if (self, PROP_N_PAGES, old->n_pages != row->n_pages);
  notify_if (self, PROP_VERSION, old->version != row->version);
  notify_if (self, PROP_UPDATED, old->updated_us != row->updated_us);
  g_object_thaw_notify (G_OBJECT (self));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/**
 * galley_item_set_thumbnail:
 * @thumbnail: (nullable): what notify::thumbnail says; the signal “changed” is for the row alone
 */
void
galley_item_set_thumbnail (GalleyItem *self, GdkTexture *thumbnail)
{
  g_return_if_fail (GALLEY_IS_ITEM (self));

  if (g_set_object (&self->thumbnail, thumbnail))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_THUMBNAIL]);
}

/**
 * galley_item_describe:
 *
 * Returns: (transfer full): name, state and counts in one sentence, for the screen reader
 */
char *
galley_item_describe (GalleyItem *self)
{
  const GalleyItemRow *row;
  g_autofree char *notes = NULL;

  g_return_val_if_fail (GALLEY_IS_ITEM (self), NULL);

  row = self->row;
  if (row == NULL)
    return g_strdup (_ ("Loading"));

  notes = galley_words_for_notes (row->n_open, row->n_annotations);
  if (row->contested)
    /* Translators: an item, its state and how many notes it has: "poster.png, Open, 2 open notes
     * of 3, has a conflict" */
    return g_strdup_printf (_ ("%s, %s, %s, has a conflict"), row->name,
                            galley_words_for_state (row->state), notes);

  /* Translators: an item, its state and how many notes it has */
  return g_strdup_printf (_ ("%s, %s, %s"), row->name, galley_words_for_state (row->state), notes);
}
