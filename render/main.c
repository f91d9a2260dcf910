/* main.c: galley-render: opens foreign files, so that the window's process does not have to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-render"

#include "render/galley-picture.h"
#include "render/galley-render-protocol.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vips/vips.h>

/* How much of the machine a hostile file can ask for, in bytes. */
#define MAX_MEMORY (G_GUINT64_CONSTANT (4) << 30)
/* Open files that are kept, so that turning a page or zooming is quick. */
#define N_KEPT 2

typedef struct
{
  char *path;
  GalleyPicture *picture;
} Kept;

static Kept kept[N_KEPT];

static gboolean
read_all (void *buffer, gsize bytes)
{
  guint8 *to = buffer;

  while (bytes > 0)
    {
      gssize got = read (STDIN_FILENO, to, bytes);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return FALSE;
      to += got;
      bytes -= got;
    }

  return TRUE;
}

static gboolean
write_all (int fd, gconstpointer data, gsize bytes)
{
  const guint8 *from = data;

  while (bytes > 0)
    {
      gssize put = write (fd, from, bytes);

      if (put < 0 && errno == EINTR)
        continue;
      if (put <= 0)
        return FALSE;
      from += put;
      bytes -= put;
    }

  return TRUE;
}

static GVariant *
read_request (void)
{
  guint32 length;
  guint8 *data;

  if (!read_all (&length, sizeof length))
    return NULL;
  length = GUINT32_FROM_LE (length);
  if (length > GALLEY_RENDER_MAX_MESSAGE)
    return NULL;

  data = g_malloc (length);
  if (!read_all (data, length))
    {
      g_free (data);
      return NULL;
    }
  return g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE (GALLEY_RENDER_REQUEST), data,
                                                      length, FALSE, g_free, data));
}

static gboolean
write_answer (int fd, GVariant *answer, gconstpointer picture, gsize picture_bytes)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (answer);
  guint32 length = GUINT32_TO_LE (g_variant_get_size (owned));

  return write_all (fd, &length, sizeof length) &&
         write_all (fd, g_variant_get_data (owned), g_variant_get_size (owned)) &&
         write_all (fd, picture, picture_bytes);
}

static GVariant *
make_answer (guint number,
             const GError *error,
             GalleyPicture *picture,
             GVariant *sizes,
             int width,
             int height,
             guint64 bytes)
{
  return g_variant_new ("(uussu@a(dd)iit)", number,
                        error == NULL ? 0
                        : error->domain == GALLEY_PICTURE_ERROR
                            ? (guint)error->code
                            : (guint)GALLEY_PICTURE_ERROR_DAMAGED,
                        error != NULL ? error->message : "",
                        picture != NULL ? picture->media_type : "",
                        picture != NULL ? picture->n_pages : 0,
                        sizes != NULL ? sizes
                                      : g_variant_new_array (G_VARIANT_TYPE ("(dd)"), NULL, 0),
                        width, height, bytes);
}

static GalleyPicture *
open_picture (const char *path, const char *cache, GError **error)
{
  GalleyPicture *picture;

  for (guint i = 0; i < N_KEPT; i++)
    if (g_strcmp0 (kept[i].path, path) == 0)
      {
        Kept found = kept[i];

        memmove (kept + 1, kept, i * sizeof (Kept));
        kept[0] = found;
        return found.picture;
      }

  picture = galley_picture_open (path, cache, error);
  if (picture == NULL)
    return NULL;
  g_free (kept[N_KEPT - 1].path);
  g_clear_pointer (&kept[N_KEPT - 1].picture, galley_picture_free);
  memmove (kept + 1, kept, (N_KEPT - 1) * sizeof (Kept));
  kept[0] = (Kept){ g_strdup (path), picture };
  return picture;
}

static GVariant *
list_sizes (GalleyPicture *picture)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(dd)"));
  for (guint page = 1; page <= MIN (picture->n_pages, GALLEY_RENDER_MAX_SIZES); page++)
    {
      double width = 0, height = 0;

      picture->get_size (picture, page, &width, &height, NULL);
      g_variant_builder_add (&builder, "(dd)", width, height);
    }

  return g_variant_builder_end (&builder);
}

static gboolean
area_is_sane (double scale, const int area[4])
{
  return isfinite (scale) && scale > 0 && scale <= 1000 && area[2] > 0 && area[3] > 0 &&
         area[2] <= 16384 && area[3] <= 16384 &&
         (gint64)area[2] * area[3] * 4 <= GALLEY_RENDER_MAX_PICTURE &&
         ABS ((gint64)area[0]) < 1 << 28 && ABS ((gint64)area[1]) < 1 << 28;
}

static gboolean
answer_request (int fd, GVariant *request, const char *cache)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *pixels = NULL;
  g_autoptr (GBytes) encoded = NULL;
  GalleyPicture *picture;
  GVariant *sizes = NULL;
  guint number, page;
  guint8 what;
  const char *path;
  double scale;
  int area[4];
  gconstpointer data = NULL;
  gsize bytes = 0;

  g_variant_get (request, "(uy&sudiiii)", &number, &what, &path, &page, &scale, &area[0], &area[1],
                 &area[2], &area[3]);
  picture = open_picture (path, cache, &error);
  if (picture != NULL && what == GALLEY_RENDER_INSPECT)
    {
      sizes = list_sizes (picture);
    }
  else if (picture != NULL && what == GALLEY_RENDER_THUMBNAIL)
    {
      encoded = galley_picture_make_thumbnail (picture, page, CLAMP (area[2], 16, 1024), &error);
      data = encoded != NULL ? g_bytes_get_data (encoded, &bytes) : NULL;
    }
  else if (picture != NULL && area_is_sane (scale, area))
    {
      pixels = picture->render (picture, page, scale, area, &error);
      data = pixels;
      bytes = pixels != NULL ? (gsize)area[2] * area[3] * 4 : 0;
    }
  else if (picture != NULL)
    {
      g_set_error_literal (&error, GALLEY_PICTURE_ERROR, GALLEY_PICTURE_ERROR_TOO_LARGE,
                           "More was asked for at once than can be drawn.");
    }

  return write_answer (fd, make_answer (number, error, picture, sizes, area[2], area[3], bytes),
                       data, bytes);
}

static void
limit_itself (void)
{
  struct rlimit none = { 0, 0 }, memory = { MAX_MEMORY, MAX_MEMORY };

  setrlimit (RLIMIT_CORE, &none);
  setrlimit (RLIMIT_AS, &memory);
}

int
main (int argc, char **argv)
{
  const char *cache = argc > 1 ? argv[1] : NULL;
  /* What a library prints by mistake must not come between the answers. */
  int answers = dup (STDOUT_FILENO);
  GVariant *request;

  dup2 (STDERR_FILENO, STDOUT_FILENO);
  limit_itself ();
  /* What is wrong with a file goes back in the answer, not into the log. */
  g_setenv ("VIPS_WARNING", "off", TRUE);
  if (VIPS_INIT (argv[0]) != 0)
    return 1;
  vips_block_untrusted_set (TRUE);
  /* Drawings are asked for, and are read in here so that they may be hostile. */
  vips_operation_block_set ("VipsForeignLoadSvg", FALSE);
  vips_concurrency_set (2);
  vips_cache_set_max (0);

  while ((request = read_request ()) != NULL)
    {
      gboolean sane = g_variant_is_normal_form (request);
      gboolean answered = sane && answer_request (answers, request, cache);

      g_variant_unref (request);
      if (!answered)
        break;
    }

  return 0;
}
