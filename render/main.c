/* main.c: galley-render, the program that opens foreign files, so that the window's process never
 * does
 *
 *   galley-render [CACHE]   requests on stdin, answers on stdout; see galley-render-protocol.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define _GNU_SOURCE /* F_SETPIPE_SZ */
#define G_LOG_DOMAIN "galley-render"

#include "render/galley-confinement.h"
#include "render/galley-picture.h"
#include "render/galley-pyramid.h"
#include "render/galley-shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <vips/vips.h>

/* Fewer turns of the other side's loop for each picture, in bytes. */
#define PIPE_BYTES (1024 * 1024)

/* ── the pipes ── */

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
  g_autoptr (GVariant) request = NULL;
  guint32 length;
  guint8 *data;

  if (!read_all (&length, sizeof length))
    return NULL;
  length = GUINT32_FROM_LE (length);
  if (length > GALLEY_RENDER_MAX_MESSAGE)
    return NULL;

  data = g_malloc (MAX (length, 1));
  request = g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE (GALLEY_RENDER_REQUEST),
                                                         data, length, FALSE, g_free, data));
  if (!read_all (data, length) || !g_variant_is_normal_form (request))
    return NULL;

  return g_steal_pointer (&request);
}

static gboolean
write_answer (int fd, GVariant *reply, GBytes *picture)
{
  guint32 length = GUINT32_TO_LE (g_variant_get_size (reply));

  return write_all (fd, &length, sizeof length) &&
         write_all (fd, g_variant_get_data (reply), g_variant_get_size (reply)) &&
         (picture == NULL ||
          write_all (fd, g_bytes_get_data (picture, NULL), g_bytes_get_size (picture)));
}

/* ── answers ── */

/* A page that cannot be opened has the size of the page before it, and says so when it is drawn. */
static GVariant *
list_sizes (GalleyPicture *picture)
{
  double width = 1, height = 1;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(dd)"));
  for (guint page = 1; page <= MIN (picture->n_pages, GALLEY_RENDER_MAX_SIZES); page++)
    {
      galley_picture_get_size (picture, page, &width, &height, NULL);
      g_variant_builder_add (&builder, "(dd)", width, height);
    }

  return g_variant_builder_end (&builder);
}

static GVariant *
make_fault (guint number, const GError *error)
{
  g_debug ("%s", error->message);
  return g_variant_new ("(uuss@u@a(dd)iit)", number, (guint)error->code, error->message, "",
                        g_variant_new_uint32 (0),
                        g_variant_new_array (G_VARIANT_TYPE ("(dd)"), NULL, 0), 0, 0, (guint64)0);
}

static GVariant *
make_answer (
    guint number, GalleyPicture *picture, GVariant *sizes, int width, int height, GBytes *bytes)
{
  return g_variant_new ("(uussu@a(dd)iit)", number, (guint)GALLEY_RENDER_FAULT_NONE, "",
                        picture->media_type, picture->n_pages, sizes, width, height,
                        bytes != NULL ? (guint64)g_bytes_get_size (bytes) : 0);
}

static GBytes *
render (GalleyPicture *picture, guint page, double scale, const GalleyArea *area, GError **error)
{
  guint8 *pixels = galley_picture_render (picture, page, scale, area, error);

  return pixels != NULL ? g_bytes_new_take (pixels, (gsize)area->width * area->height * 4) : NULL;
}

/* The picture that belongs to the answer, if there is one, goes into @bytes. */
static GVariant *
answer (GVariant *request, const char *cache, GBytes **bytes)
{
  g_autoptr (GError) error = NULL;
  GalleyPicture *picture;
  GalleyArea area;
  const char *path;
  guint number, page;
  guint8 what;
  double scale;

  g_variant_get (request, "(uy^&ayudiiii)", &number, &what, &path, &page, &scale, &area.x, &area.y,
                 &area.width, &area.height);
  picture = galley_shelf_open (path, cache, &error);
  if (picture != NULL && what == GALLEY_RENDER_INSPECT)
    return make_answer (number, picture, list_sizes (picture), 0, 0, NULL);

  if (picture != NULL && what == GALLEY_RENDER_THUMBNAIL)
    *bytes = galley_picture_make_thumbnail (picture, page,
                                            CLAMP (area.width, GALLEY_RENDER_MIN_BOX,
                                                   GALLEY_RENDER_MAX_BOX),
                                            &error);
  else if (picture != NULL)
    *bytes = render (picture, page, scale, &area, &error);
  if (*bytes == NULL)
    return make_fault (number, error);

  return make_answer (number, picture, g_variant_new_array (G_VARIANT_TYPE ("(dd)"), NULL, 0),
                      area.width, area.height, *bytes);
}

/* Only these loaders are known to withstand hostile files; all others are not even tried. SVG goes
 * through librsvg, which vips calls untrusted; it is the desktop's own, and it is confined here. */
static void
allow_loaders (void)
{
  static const char *const allowed[] = { "VipsForeignLoadPng", "VipsForeignLoadJpeg",
                                         "VipsForeignLoadWebp", "VipsForeignLoadTiff",
                                         "VipsForeignLoadSvg" };

  vips_block_untrusted_set (TRUE);
  vips_operation_block_set ("VipsForeignLoad", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++)
    vips_operation_block_set (allowed[i], FALSE);
}

static gboolean
set_up_vips (const char *program)
{
  /* vips has more formats in modules, which it would load from where it is installed: not even
   * their code shall be in reach. All that is needed is in the library itself. */
  g_setenv ("VIPSHOME", "/nonexistent", TRUE);
  /* What is wrong with a file goes back in the answer, not into the log. */
  g_setenv ("VIPS_WARNING", "off", TRUE);
  if (VIPS_INIT (program) != 0)
    return FALSE;

  allow_loaders ();
  vips_concurrency_set (2);
  vips_cache_set_max (0);
  return TRUE;
}

/* What a library prints by mistake must not come between the answers. */
static int
take_stdout (void)
{
  int fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);

  dup2 (STDERR_FILENO, STDOUT_FILENO);
  fcntl (fd, F_SETPIPE_SZ, PIPE_BYTES);
  return fd;
}

int
main (int argc, char **argv)
{
  const char *cache = argc > 1 ? argv[1] : NULL;
  int answers = take_stdout ();
  gboolean answered = TRUE;

  galley_confinement_begin ();
  if (answers < 0 || !set_up_vips (argv[0]))
    return 1;
  galley_confinement_end_with (STDIN_FILENO);
  if (cache != NULL)
    galley_pyramid_tidy (cache);

  while (answered)
    {
      g_autoptr (GVariant) request = read_request ();
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GBytes) bytes = NULL;

      if (request == NULL)
        break;
      reply = g_variant_ref_sink (answer (request, cache, &bytes));
      answered = write_answer (answers, reply, bytes);
    }

  return 0;
}
