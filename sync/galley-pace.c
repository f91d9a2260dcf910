/* galley-pace.c: how fast bytes may go in one direction, over all transfers together
 *
 * Each part of a transfer takes the next free stretch of a time line on which the bytes of a second
 * take a second, and waits until its stretch begins: a leaky bucket as a queue (Turner 1986, "New
 * directions in communications"). Time that nobody used is not saved up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-pace"

#include "sync/galley-pace.h"

/* One part; small enough that a slow limit still moves every few seconds. */
#define PART_BYTES (16 * 1024)

struct _GalleyPace
{
  GMutex mutex;
  guint bytes_per_s; /* 0: no limit */
  gint64 free_us;    /* monotonic: up to here the line is taken */
};

GalleyPace *
galley_pace_new (void)
{
  GalleyPace *self = g_atomic_rc_box_new0 (GalleyPace);

  g_mutex_init (&self->mutex);
  return self;
}

GalleyPace *
galley_pace_ref (GalleyPace *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_pace (GalleyPace *self)
{
  g_mutex_clear (&self->mutex);
}

void
galley_pace_unref (GalleyPace *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify)clear_pace);
}

/**
 * galley_pace_set_limit:
 * @bytes_per_s: 0: as fast as it goes
 *
 * Holds for what is sent from now on; what waits already is not called back.
 */
void
galley_pace_set_limit (GalleyPace *self, guint bytes_per_s)
{
  g_mutex_lock (&self->mutex);
  self->bytes_per_s = bytes_per_s;
  self->free_us = 0;
  g_mutex_unlock (&self->mutex);
}

/**
 * galley_pace_reserve:
 * @now_us: monotonic
 *
 * Takes the next free stretch for @bytes.
 *
 * Returns: in how many microseconds it begins
 */
gint64
galley_pace_reserve (GalleyPace *self, gsize bytes, gint64 now_us)
{
  gint64 begin_us = now_us;

  g_mutex_lock (&self->mutex);
  if (self->bytes_per_s > 0)
    {
      begin_us = MAX (self->free_us, now_us);
      self->free_us = begin_us + (gint64)(bytes * G_USEC_PER_SEC / self->bytes_per_s);
    }
  g_mutex_unlock (&self->mutex);
  return begin_us - now_us;
}

/* Blocks; returns at once when @cancellable is cancelled. */
static gboolean
wait_us (gint64 delay_us, GCancellable *cancellable, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + delay_us;
  GPollFD fd;
  gboolean watched = cancellable != NULL && g_cancellable_make_pollfd (cancellable, &fd);

  while (delay_us > 0 && !g_cancellable_is_cancelled (cancellable))
    {
      g_poll (watched ? &fd : NULL, watched ? 1 : 0, (int)(delay_us / 1000 + 1));
      delay_us = end_us - g_get_monotonic_time ();
    }
  if (watched)
    g_cancellable_release_fd (cancellable);

  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/**
 * galley_pace_take:
 *
 * Waits until @bytes may go. Blocks: not for the main loop.
 */
gboolean
galley_pace_take (GalleyPace *self, gsize bytes, GCancellable *cancellable, GError **error)
{
  return wait_us (galley_pace_reserve (self, bytes, g_get_monotonic_time ()), cancellable, error);
}

/* How much goes at once: without a limit all that is asked for. */
static gsize
get_part (GalleyPace *self, gsize count)
{
  gsize bytes;

  g_mutex_lock (&self->mutex);
  bytes = self->bytes_per_s > 0 ? MIN (count, PART_BYTES) : count;
  g_mutex_unlock (&self->mutex);
  return bytes;
}

/* ── a stream that is read no faster ── */

#define GALLEY_TYPE_PACED_INPUT (galley_paced_input_get_type ())
G_DECLARE_FINAL_TYPE (GalleyPacedInput, galley_paced_input, GALLEY, PACED_INPUT, GFilterInputStream)

struct _GalleyPacedInput
{
  GFilterInputStream parent_instance;

  GalleyPace *pace;
};

G_DEFINE_FINAL_TYPE (GalleyPacedInput, galley_paced_input, G_TYPE_FILTER_INPUT_STREAM)

/* Read asynchronously, this runs on a thread of GIO's. */
static gssize
galley_paced_input_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
  GalleyPace *pace = GALLEY_PACED_INPUT (stream)->pace;
  gssize bytes = g_input_stream_read (base, buffer, get_part (pace, count), cancellable, error);

  if (bytes > 0 && !galley_pace_take (pace, (gsize)bytes, cancellable, error))
    return -1;

  return bytes;
}

static void
galley_paced_input_finalize (GObject *object)
{
  galley_pace_unref (GALLEY_PACED_INPUT (object)->pace);
  G_OBJECT_CLASS (galley_paced_input_parent_class)->finalize (object);
}

static void
galley_paced_input_class_init (GalleyPacedInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_paced_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = galley_paced_input_read;
}

static void
galley_paced_input_init (GalleyPacedInput *self)
{
}

/**
 * galley_pace_slow_input:
 *
 * Returns: (transfer full): what @base gives, at this pace; closing it closes @base
 */
GInputStream *
galley_pace_slow_input (GalleyPace *self, GInputStream *base)
{
  GalleyPacedInput *stream = g_object_new (GALLEY_TYPE_PACED_INPUT, "base-stream", base, NULL);

  stream->pace = galley_pace_ref (self);
  return G_INPUT_STREAM (stream);
}

/* ── a stream that is written no faster ── */

#define GALLEY_TYPE_PACED_OUTPUT (galley_paced_output_get_type ())
G_DECLARE_FINAL_TYPE (
    GalleyPacedOutput, galley_paced_output, GALLEY, PACED_OUTPUT, GFilterOutputStream)

struct _GalleyPacedOutput
{
  GFilterOutputStream parent_instance;

  GalleyPace *pace;
};

G_DEFINE_FINAL_TYPE (GalleyPacedOutput, galley_paced_output, G_TYPE_FILTER_OUTPUT_STREAM)

/* Written asynchronously, this runs on a thread of GIO's. */
static gssize
galley_paced_output_write (GOutputStream *stream,
                           const void *buffer,
                           gsize count,
                           GCancellable *cancellable,
                           GError **error)
{
  GOutputStream *base = g_filter_output_stream_get_base_stream (G_FILTER_OUTPUT_STREAM (stream));
  GalleyPace *pace = GALLEY_PACED_OUTPUT (stream)->pace;
  gsize bytes = get_part (pace, count);

  if (!galley_pace_take (pace, bytes, cancellable, error))
    return -1;

  return g_output_stream_write (base, buffer, bytes, cancellable, error);
}

static void
galley_paced_output_finalize (GObject *object)
{
  galley_pace_unref (GALLEY_PACED_OUTPUT (object)->pace);
  G_OBJECT_CLASS (galley_paced_output_parent_class)->finalize (object);
}

static void
galley_paced_output_class_init (GalleyPacedOutputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = galley_paced_output_finalize;
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = galley_paced_output_write;
}

static void
galley_paced_output_init (GalleyPacedOutput *self)
{
}

/**
 * galley_pace_slow_output:
 *
 * Returns: (transfer full): a way to @base that takes bytes at this pace; closing it closes @base
 */
GOutputStream *
galley_pace_slow_output (GalleyPace *self, GOutputStream *base)
{
  GalleyPacedOutput *stream = g_object_new (GALLEY_TYPE_PACED_OUTPUT, "base-stream", base, NULL);

  stream->pace = galley_pace_ref (self);
  return G_OUTPUT_STREAM (stream);
}
