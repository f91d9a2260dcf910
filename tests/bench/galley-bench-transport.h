/* galley-bench-transport.h: the usual way to the server, counting what goes over it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "sync/galley-transport.h"

G_BEGIN_DECLS

#define GALLEY_TYPE_BENCH_TRANSPORT (galley_bench_transport_get_type ())
G_DECLARE_FINAL_TYPE (
    GalleyBenchTransport, galley_bench_transport, GALLEY, BENCH_TRANSPORT, GObject)

/* Of requests that carry or answer changes; bodies as they are on the wire. */
typedef struct
{
  guint n_requests;
  guint64 sent_bytes;
  guint64 received_bytes;
} GalleyBenchTraffic;

GalleyBenchTransport *galley_bench_transport_new (void);

/* What has been counted since the last call. */
GalleyBenchTraffic galley_bench_transport_take (GalleyBenchTransport *self);

G_END_DECLS
