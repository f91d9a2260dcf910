/* galley-bench-transport.c: the usual way to the server, counting what goes over it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-bench-transport.h"

#include "sync/galley-soup-transport.h"

#define TIMEOUT_S 30

struct _GalleyBenchTransport
{
  GObject parent_instance;

  GalleyTransport *soup;
  GalleyBenchTraffic traffic;
};

static void galley_bench_transport_iface_init (GalleyTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyBenchTransport,
                               galley_bench_transport,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GALLEY_TYPE_TRANSPORT,
                                                      galley_bench_transport_iface_init))

static void
set_account (GalleyTransport *transport, const char *url, const char *token)
{
  galley_transport_set_account (GALLEY_BENCH_TRANSPORT (transport)->soup, url, token);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GalleyBenchTransport *self = g_task_get_source_object (task);
  GError *error = NULL; /* handed to the task */
  GalleyResponse *response = galley_transport_send_finish (GALLEY_TRANSPORT (source), result,
                                                           &error);

  if (response == NULL)
    return g_task_return_error (task, error);

  if (GPOINTER_TO_INT (g_task_get_task_data (task)))
    self->traffic.received_bytes += g_bytes_get_size (response->body) + response->sunk_bytes;
  g_task_return_pointer (task, response, (GDestroyNotify)galley_response_free);
}

static void
send_async (GalleyTransport *transport,
            GalleyRequest *request,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  GalleyBenchTransport *self = GALLEY_BENCH_TRANSPORT (transport);
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  gboolean counted = strstr (request->path, "/changes") != NULL ||
                     strstr (request->path, "/snapshot") != NULL;

  g_task_set_task_data (task, GINT_TO_POINTER (counted), NULL);
  self->traffic.n_requests += counted;
  if (counted && request->body != NULL)
    self->traffic.sent_bytes += g_bytes_get_size (request->body);
  galley_transport_send_async (self->soup, request, cancellable, sent_cb, task);
}

static GalleyResponse *
send_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
events_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL; /* handed to the task */
  GalleyEventStream *stream = galley_transport_open_events_finish (GALLEY_TRANSPORT (source),
                                                                   result, &error);

  if (stream == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, stream, g_object_unref);
}

static void
open_events_async (GalleyTransport *transport,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  galley_transport_open_events_async (GALLEY_BENCH_TRANSPORT (transport)->soup, cancellable,
                                      events_opened_cb,
                                      g_task_new (transport, cancellable, callback, user_data));
}

static GalleyEventStream *
open_events_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
galley_bench_transport_iface_init (GalleyTransportInterface *iface)
{
  iface->set_account = set_account;
  iface->send_async = send_async;
  iface->send_finish = send_finish;
  iface->open_events_async = open_events_async;
  iface->open_events_finish = open_events_finish;
}

static void
galley_bench_transport_dispose (GObject *object)
{
  g_clear_object (&GALLEY_BENCH_TRANSPORT (object)->soup);
  G_OBJECT_CLASS (galley_bench_transport_parent_class)->dispose (object);
}

static void
galley_bench_transport_class_init (GalleyBenchTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_bench_transport_dispose;
}

static void
galley_bench_transport_init (GalleyBenchTransport *self)
{
  self->soup = galley_soup_transport_new (TIMEOUT_S);
}

GalleyBenchTransport *
galley_bench_transport_new (void)
{
  return g_object_new (GALLEY_TYPE_BENCH_TRANSPORT, NULL);
}

GalleyBenchTraffic
galley_bench_transport_take (GalleyBenchTransport *self)
{
  GalleyBenchTraffic traffic = self->traffic;

  self->traffic = (GalleyBenchTraffic){ 0 };
  return traffic;
}
