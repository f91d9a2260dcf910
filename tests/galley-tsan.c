/* galley-tsan.c: tells the thread sanitizer how GLib hands things from one thread to another
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Debian's GLib is not built with the sanitizer, so its locks and queues order nothing in the
 * sanitizer's eyes and every use of them looks like a race. These definitions stand in front of
 * GLib's own, say what is handed over, and call them. Only part of builds with the sanitizer.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <gio/gio.h>

#include <dlfcn.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

/* The definition behind this one; whoever looks first, finds the same. */
#define REAL(name)                                                                                 \
  static __typeof__ (&name) found;                                                                 \
  __typeof__ (&name) real = __atomic_load_n (&found, __ATOMIC_ACQUIRE);                            \
  if (real == NULL)                                                                                \
    {                                                                                              \
      real = (__typeof__ (&name))dlsym (RTLD_NEXT, #name);                                         \
      __atomic_store_n (&found, real, __ATOMIC_RELEASE);                                           \
    }

void
g_mutex_lock (GMutex *mutex)
{
  REAL (g_mutex_lock);
  real (mutex);
  __tsan_acquire (mutex);
}

void
g_mutex_unlock (GMutex *mutex)
{
  REAL (g_mutex_unlock);
  __tsan_release (mutex);
  real (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  REAL (g_cond_wait);
  __tsan_release (mutex);
  real (cond, mutex);
  __tsan_acquire (mutex);
}

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  REAL (g_async_queue_push);
  __tsan_release (queue);
  real (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  REAL (g_async_queue_pop);
  gpointer data = real (queue);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_timeout_pop (GAsyncQueue *queue, guint64 timeout_us)
{
  REAL (g_async_queue_timeout_pop);
  gpointer data = real (queue, timeout_us);

  __tsan_acquire (queue);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  REAL (g_async_queue_try_pop);
  gpointer data = real (queue);

  __tsan_acquire (queue);
  return data;
}

/* ── callbacks of the main loop ── */

typedef struct
{
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Callback;

static gboolean
run_callback (gpointer data)
{
  Callback *callback = data;

  __tsan_acquire (callback);
  return callback->func (callback->data);
}

static void
free_callback (gpointer data)
{
  Callback *callback = data;

  __tsan_acquire (callback);
  if (callback->notify != NULL)
    callback->notify (callback->data);
  g_free (callback);
}

/* Only idle sources and timeouts have a callback of this form, so only they are asked about. */
static Callback *
make_callback (GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Callback *callback = g_new (Callback, 1);

  *callback = (Callback){ func, data, notify };
  __tsan_release (callback);
  return callback;
}

void
g_source_set_callback (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  REAL (g_source_set_callback);

  if (source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs)
    real (source, run_callback, make_callback (func, data, notify), free_callback);
  else
    real (source, func, data, notify);
}

void
g_main_context_invoke_full (
    GMainContext *context, gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  REAL (g_main_context_invoke_full);

  real (context, priority, run_callback, make_callback (func, data, notify), free_callback);
}

/* ── thread pools ── */

typedef struct
{
  GFunc func;
  gpointer data;
} Work;

static void
run_work (gpointer item, gpointer data)
{
  Work *work = data;

  __tsan_acquire (item);
  work->func (item, work->data);
  __tsan_release (work);
}

/* Pools live as long as the test, and so does this. */
GThreadPool *
g_thread_pool_new (GFunc func, gpointer data, gint max_threads, gboolean exclusive, GError **error)
{
  REAL (g_thread_pool_new);
  Work *work = g_new (Work, 1);

  *work = (Work){ func, data };
  return real (run_work, work, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  REAL (g_thread_pool_push);
  __tsan_release (data);
  return real (pool, data, error);
}

/* Who waits for the end of a pool comes after all that was done in it. */
void
g_thread_pool_free (GThreadPool *pool, gboolean immediate, gboolean wait)
{
  REAL (g_thread_pool_free);
  gpointer work = pool->func == run_work ? pool->user_data : NULL;

  real (pool, immediate, wait);
  if (wait && work != NULL)
    __tsan_acquire (work);
}

/* ── the last reference ── */

void
g_object_unref (gpointer object)
{
  REAL (g_object_unref);
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  REAL (g_atomic_ref_count_dec);
  gboolean last;

  __tsan_release (count);
  last = real (count);
  if (last)
    __tsan_acquire (count);
  return last;
}
