/* galley-media-info.c: what a file of pictures is: its kind, its pages and their sizes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-media-info"

#include "sync/galley-media-info.h"

#include "render/galley-render-protocol.h"

#include <math.h>

/* What no asset reaches, in its own units: numbers beyond are a decoder's that was taken over. */
#define MAX_SIDE 1e7
#define MAX_PAGES 1000000

G_DEFINE_BOXED_TYPE (GalleyMediaInfo,
                     galley_media_info,
                     galley_media_info_copy,
                     galley_media_info_free)

static gboolean
is_known_type (const char *media_type)
{
  static const char *const known[] = { "image/png",  "image/jpeg",    "image/webp",
                                       "image/tiff", "image/svg+xml", "application/pdf",
                                       NULL };

  return g_strv_contains (known, media_type);
}

static gboolean
side_is_sane (double side)
{
  return isfinite (side) && side > 0 && side <= MAX_SIDE;
}

static GArray *
read_sizes (GVariant *sizes)
{
  g_autoptr (GArray) pages = g_array_new (FALSE, FALSE, sizeof (GalleyPageSize));

  for (gsize i = 0; i < g_variant_n_children (sizes); i++)
    {
      GalleyPageSize size;

      g_variant_get_child (sizes, i, "(dd)", &size.width, &size.height);
      if (!side_is_sane (size.width) || !side_is_sane (size.height))
        return NULL;
      g_array_append_val (pages, size);
    }

  return g_steal_pointer (&pages);
}

/**
 * galley_media_info_new_from_answer:
 * @answer: a GALLEY_RENDER_ANSWER in normal form, from a decoder that nobody trusts
 *
 * Returns: (transfer full) (nullable): the info; %NULL when the answer makes no sense
 */
GalleyMediaInfo *
galley_media_info_new_from_answer (GVariant *answer)
{
  g_autoptr (GVariant) sizes = g_variant_get_child_value (answer, 5);
  g_autoptr (GArray) pages = NULL;
  GalleyMediaInfo *self;
  const char *media_type;
  guint n_pages;

  g_variant_get_child (answer, 3, "&s", &media_type);
  g_variant_get_child (answer, 4, "u", &n_pages);
  if (!is_known_type (media_type) || n_pages < 1 || n_pages > MAX_PAGES ||
      g_variant_n_children (sizes) != MIN (n_pages, GALLEY_RENDER_MAX_SIZES))
    return NULL;
  pages = read_sizes (sizes);
  if (pages == NULL)
    return NULL;

  self = g_new0 (GalleyMediaInfo, 1);
  self->media_type = g_strdup (media_type);
  self->n_pages = n_pages;
  self->pages = g_steal_pointer (&pages);
  return self;
}

/**
 * galley_media_info_copy:
 *
 * Returns: (transfer full): an equal info, which shares the list of pages
 */
GalleyMediaInfo *
galley_media_info_copy (const GalleyMediaInfo *self)
{
  GalleyMediaInfo *copy = g_new0 (GalleyMediaInfo, 1);

  copy->media_type = g_strdup (self->media_type);
  copy->n_pages = self->n_pages;
  copy->pages = g_array_ref (self->pages);
  return copy;
}

void
galley_media_info_free (GalleyMediaInfo *self)
{
  g_free (self->media_type);
  g_array_unref (self->pages);
  g_free (self);
}
