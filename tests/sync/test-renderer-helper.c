/* test-renderer-helper.c: whatever becomes of the helper process, the next file opens
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test-renderer.h"

#include "render/galley-render-protocol.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#define render galley_test_renderer_render
#define inspect galley_test_renderer_inspect

/* Instead of the helper: a script. */
static GalleyRenderer *
make_with_script (const char *text)
{
  g_autofree char *path = galley_test_path ("helper");
  g_autofree char *script = g_strconcat ("#!/bin/sh\n", text, "\n", NULL);

  g_assert_true (g_file_set_contents (path, script, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  return galley_renderer_new (path, NULL);
}

static void
assert_helper_error (GalleyRenderer *renderer, const char *path)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (inspect (renderer, path, &error));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER);
  galley_test_renderer_assert_sentence (error);
}

static void
assert_works (GalleyRenderer *renderer)
{
  g_autofree char *path = galley_test_renderer_fixture ("flag.png");
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyPixels) pixels = render (renderer, path, 1, 1, 0, 0, 40, 20, &error);

  g_assert_no_error (error);
  galley_test_renderer_assert_pixel (pixels, 5, 10, 220, 30, 40);
}

/* Until nothing is left of it: writing to it fails from then on. */
static void
kill_helper (GalleyRenderer *renderer)
{
  int pid = galley_renderer_get_pid (renderer);

  g_assert_cmpint (pid, >, 1);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  while (kill (pid, 0) == 0)
    g_thread_yield ();
}

/* One that is killed while nothing is asked, and once more: nobody notices. */
static void
test_killed (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();

  g_assert_cmpint (galley_renderer_get_pid (renderer), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      assert_works (renderer);
      kill_helper (renderer);
    }
  assert_works (renderer);
}

/* One that is killed at work: what was asked is answered by the next one. */
static void
test_killed_at_work (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("two-pages.pdf");
  g_autoptr (GAsyncResult) first = NULL, second = NULL;
  g_autoptr (GalleyMediaInfo) one = NULL, other = NULL;
  g_autoptr (GError) error = NULL;

  assert_works (renderer);
  g_assert_cmpint (kill (galley_renderer_get_pid (renderer), SIGSTOP), ==, 0);
  galley_renderer_inspect_async (renderer, path, NULL, galley_test_store_result, &first);
  galley_renderer_inspect_async (renderer, path, NULL, galley_test_store_result, &second);
  g_assert_cmpint (kill (galley_renderer_get_pid (renderer), SIGKILL), ==, 0);

  one = galley_renderer_inspect_finish (renderer, galley_test_wait (&first), &error);
  g_assert_no_error (error);
  other = galley_renderer_inspect_finish (renderer, galley_test_wait (&second), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (one->n_pages, ==, 2);
  g_assert_cmpuint (other->n_pages, ==, 2);
}

/* A file that kills every helper is given up; it is not tried for ever. */
static void
test_dies_each_time (void)
{
  g_autoptr (GalleyRenderer) renderer = make_with_script ("exit 1");

  assert_helper_error (renderer, "a.png");
  assert_helper_error (renderer, "b.png");
}

static void
test_not_installed (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_renderer_new ("/nowhere/galley-render", NULL);
  g_autoptr (GError) error = NULL;

  assert_helper_error (renderer, "a.png");
  g_assert_null (galley_renderer_inspect (renderer, "a.png", &error));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER);
}

/* One that hangs is ended, and so is what comes after it. */
static void
test_too_slow (void)
{
  g_autoptr (GalleyRenderer) renderer = make_with_script ("exec tail -f /dev/null");
  g_autoptr (GAsyncResult) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL, other = NULL;

  galley_renderer_set_time_limit (renderer, 50);
  galley_renderer_inspect_async (renderer, "a.png", NULL, galley_test_store_result, &first);
  galley_renderer_inspect_async (renderer, "b.png", NULL, galley_test_store_result, &second);
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&first), &error));
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&second), &other));
  g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER);
  g_assert_error (other, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER);
  galley_test_renderer_assert_sentence (error);
  g_assert_cmpint (galley_renderer_get_pid (renderer), ==, 0);
}

/* ── a helper that was taken over ── */

/* Answers with whatever is asked of it. */
static void
test_nonsense (void)
{
  g_autoptr (GalleyRenderer) renderer = make_with_script ("exec cat");

  assert_helper_error (renderer, "a.png");
  assert_helper_error (renderer, "b.png");
}

static GalleyRenderer *
make_with_answer (guint number,
                  guint fault,
                  const char *media_type,
                  guint n_pages,
                  double width,
                  guint n_sizes,
                  guint64 picture_bytes)
{
  g_autofree char *answer = galley_test_path ("answer");
  g_autofree char *script = NULL;
  g_autoptr (GByteArray) message = g_byte_array_new ();
  g_autofree guint8 *picture = g_malloc0 (MAX (picture_bytes, 1));
  g_autoptr (GVariant) variant = NULL;
  GVariantBuilder sizes;
  guint32 length;

  g_variant_builder_init (&sizes, G_VARIANT_TYPE ("a(dd)"));
  for (guint i = 0; i < n_sizes; i++)
    g_variant_builder_add (&sizes, "(dd)", width, 20.0);
  variant = g_variant_ref_sink (g_variant_new (GALLEY_RENDER_ANSWER, number, fault, "", media_type,
                                               n_pages, &sizes, 40, 20, picture_bytes));
  length = GUINT32_TO_LE (g_variant_get_size (variant));
  g_byte_array_append (message, (const guint8 *)&length, sizeof length);
  g_byte_array_append (message, g_variant_get_data (variant), g_variant_get_size (variant));
  g_byte_array_append (message, picture, picture_bytes);
  g_assert_true (g_file_set_contents (answer, (const char *)message->data, message->len, NULL));

  script = g_strdup_printf ("cat '%s'; exec tail -f /dev/null", answer);
  return make_with_script (script);
}

static void
test_lies_about_files (void)
{
  static const struct
  {
    guint number, fault;
    const char *media_type;
    guint n_pages;
    double width;
    guint n_sizes;
  } lies[] = {
    { 2, 0, "image/png", 1, 40, 1 },       /* the answer to another request */
    { 1, 0, "text/html", 1, 40, 1 },       /* nothing that it could have opened */
    { 1, 0, "image/png", 0, 40, 0 },       /* no pages */
    { 1, 0, "application/pdf", 3, 40, 2 }, /* fewer sizes than pages */
    { 1, 0, "image/png", 1, 0, 1 },        /* no width */
    { 1, 0, "image/png", 1, NAN, 1 },      /* no number */
    { 1, 0, "image/png", 1, 1e300, 1 },    /* no size */
    { 1, 77, "", 0, 0, 0 },                /* no fault that there is */
  };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GalleyRenderer)
          renderer = make_with_answer (lies[i].number, lies[i].fault, lies[i].media_type,
                                       lies[i].n_pages, lies[i].width, lies[i].n_sizes, 0);

      g_test_message ("%u", i);
      assert_helper_error (renderer, "a.png");
    }
}

/* Whoever draws the picture relies on its size. */
static void
test_lies_about_pictures (void)
{
  const guint64 sizes[] = { 0, 1, 40 * 20 * 4 - 1, 40 * 20 * 4 + 1, GALLEY_RENDER_MAX_PICTURE + 1 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GalleyRenderer)
          renderer = make_with_answer (1, 0, "image/png", 1, 40, 0, sizes[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (render (renderer, "a.png", 1, 1, 0, 0, 40, 20, &error));
      g_assert_error (error, GALLEY_RENDER_ERROR, GALLEY_RENDER_ERROR_HELPER);
    }
}

/* The same answer without a lie: so it is the lies that were found above. */
static void
test_no_lies (void)
{
  g_autoptr (GalleyRenderer) one = make_with_answer (1, 0, "image/png", 1, 40, 1, 0);
  g_autoptr (GalleyMediaInfo) info = inspect (one, "a.png", NULL);
  g_autoptr (GalleyRenderer) other = make_with_answer (1, 0, "image/png", 1, 40, 0, 40 * 20 * 4);
  g_autoptr (GalleyPixels) pixels = render (other, "a.png", 1, 1, 0, 0, 40, 20, NULL);

  g_assert_nonnull (info);
  g_assert_nonnull (pixels);
}

/* ── cancelling ── */

static void
test_cancel_in_queue (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("two-pages.pdf");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMediaInfo) info = NULL;

  galley_renderer_inspect_async (renderer, path, NULL, galley_test_store_result, &first);
  galley_renderer_inspect_async (renderer, path, cancellable, galley_test_store_result, &second);
  g_cancellable_cancel (cancellable);
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&second), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  info = galley_renderer_inspect_finish (renderer, galley_test_wait (&first), NULL);
  g_assert_nonnull (info);
}

/* What was cancelled before it was asked for never reaches the helper. */
static void
test_cancelled_before (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  galley_renderer_inspect_async (renderer, "a.png", cancellable, galley_test_store_result, &result);
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (galley_renderer_get_pid (renderer), ==, 0);
}

/* A helper that hangs does not keep anybody waiting who does not want to wait. */
static void
test_cancel_at_work (void)
{
  g_autoptr (GalleyRenderer) renderer = make_with_script ("exec tail -f /dev/null");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  galley_renderer_inspect_async (renderer, "a.png", cancellable, galley_test_store_result, &result);
  g_assert_cmpint (galley_renderer_get_pid (renderer), >, 1);
  g_cancellable_cancel (cancellable);
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What is still at work when it is cancelled does not come between the next one and its answer. */
static void
test_cancel_and_go_on (void)
{
  g_autoptr (GalleyRenderer) renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("two-pages.pdf");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;

  assert_works (renderer);
  galley_renderer_inspect_async (renderer, path, cancellable, galley_test_store_result, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (galley_renderer_inspect_finish (renderer, galley_test_wait (&result), NULL));
  assert_works (renderer);
}

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GalleyMediaInfo)
      info = galley_renderer_inspect_finish (GALLEY_RENDERER (source), result, NULL);

  g_assert_nonnull (info);
  --*(guint *)user_data;
}

/* A hundred at once, with the renderer's last reference gone before the first answer. */
static void
test_many_at_once (void)
{
  GalleyRenderer *renderer = galley_test_renderer_new ();
  g_autofree char *path = galley_test_renderer_fixture ("flag.svg");
  guint waiting = 100;

  for (guint i = 0; i < 100; i++)
    galley_renderer_inspect_async (renderer, path, NULL, inspected_cb, &waiting);
  g_object_add_weak_pointer (G_OBJECT (renderer), (gpointer *)&renderer);
  g_object_unref (renderer);
  while (waiting > 0 || renderer != NULL)
    g_main_context_iteration (NULL, TRUE);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  g_test_add_func ("/renderer-helper/killed", test_killed);
  g_test_add_func ("/renderer-helper/killed-at-work", test_killed_at_work);
  g_test_add_func ("/renderer-helper/dies-each-time", test_dies_each_time);
  g_test_add_func ("/renderer-helper/not-installed", test_not_installed);
  g_test_add_func ("/renderer-helper/too-slow", test_too_slow);
  g_test_add_func ("/renderer-helper/nonsense", test_nonsense);
  g_test_add_func ("/renderer-helper/lies-about-files", test_lies_about_files);
  g_test_add_func ("/renderer-helper/lies-about-pictures", test_lies_about_pictures);
  g_test_add_func ("/renderer-helper/no-lies", test_no_lies);
  g_test_add_func ("/renderer-helper/cancel-in-queue", test_cancel_in_queue);
  g_test_add_func ("/renderer-helper/cancelled-before", test_cancelled_before);
  g_test_add_func ("/renderer-helper/cancel-at-work", test_cancel_at_work);
  g_test_add_func ("/renderer-helper/cancel-and-go-on", test_cancel_and_go_on);
  g_test_add_func ("/renderer-helper/many-at-once", test_many_at_once);
  return g_test_run ();
}
