/* galley-fake-transport.c: a way to a server that is a function of the test
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-fake-transport.h"

struct _GalleyFakeTransport
{
  GObject parent_instance;

  GalleyFakeServer server;
  gpointer data;
  guint n_requests;
  guint n_hanging;
  GalleyEventStream *events; /* the last that was opened */
};

static void galley_fake_transport_iface_init (GalleyTransportInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GalleyFakeTransport,
                               galley_fake_transport,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GALLEY_TYPE_TRANSPORT,
                                                      galley_fake_transport_iface_init))

static void
fake_set_account (GalleyTransport *transport, const char *url, const char *token)
{
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  GalleyFakeTransport *self = g_task_get_source_object (task);

  self->n_hanging--;
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

static void
hang (GalleyFakeTransport *self, GTask *task)
{
  g_autoptr (GSource) source = g_cancellable_source_new (g_task_get_cancellable (task));

  self->n_hanging++;
  g_source_set_callback (source, G_SOURCE_FUNC (cancelled_cb), g_object_ref (task), g_object_unref);
  g_source_attach (source, NULL);
}

static gboolean
answer_cb (gpointer user_data)
{
  GTask *task = user_data;
  GalleyFakeTransport *self = g_task_get_source_object (task);
  GalleyRequest *request = g_task_get_task_data (task);
  GError *error = NULL; /* handed to the task */
  GalleyResponse *response;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;

  response = self->server (request, self->data, &error);
  if (response == NULL && error == NULL)
    hang (self, task);
  else if (response == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, response, (GDestroyNotify)galley_response_free);
  return G_SOURCE_REMOVE;
}

static void
fake_send_async (GalleyTransport *transport,
                 GalleyRequest *request,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  GalleyFakeTransport *self = GALLEY_FAKE_TRANSPORT (transport);
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  self->n_requests++;
  g_task_set_task_data (task, galley_request_ref (request), (GDestroyNotify)galley_request_unref);
  g_idle_add_full (G_PRIORITY_DEFAULT, answer_cb, task, g_object_unref);
}

static GalleyResponse *
fake_send_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_open_events_async (GalleyTransport *transport,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GalleyFakeTransport *self = GALLEY_FAKE_TRANSPORT (transport);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GalleyRequest) request = galley_request_new ("GET", "/v1/events");
  GError *error = NULL; /* handed to the task */
  g_autoptr (GalleyResponse) response = self->server (request, self->data, &error);

  if (response == NULL)
    {
      g_task_return_error (task, error != NULL ? error
                                               : g_error_new_literal (GALLEY_SYNC_ERROR,
                                                                      GALLEY_SYNC_ERROR_UNREACHABLE,
                                                                      "No events here."));
      return;
    }

  if (!galley_response_check (response, "application/json", &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_clear_object (&self->events);
  self->events = galley_event_stream_new ();
  g_task_return_pointer (task, g_object_ref (self->events), g_object_unref);
}

static GalleyEventStream *
fake_open_events_finish (GalleyTransport *transport, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
galley_fake_transport_iface_init (GalleyTransportInterface *iface)
{
  iface->set_account = fake_set_account;
  iface->send_async = fake_send_async;
  iface->send_finish = fake_send_finish;
  iface->open_events_async = fake_open_events_async;
  iface->open_events_finish = fake_open_events_finish;
}

static void
galley_fake_transport_dispose (GObject *object)
{
  g_clear_object (&GALLEY_FAKE_TRANSPORT (object)->events);
  G_OBJECT_CLASS (galley_fake_transport_parent_class)->dispose (object);
}

static void
galley_fake_transport_class_init (GalleyFakeTransportClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = galley_fake_transport_dispose;
}

static void
galley_fake_transport_init (GalleyFakeTransport *self)
{
}

GalleyFakeTransport *
galley_fake_transport_new (GalleyFakeServer server, gpointer data)
{
  GalleyFakeTransport *self = g_object_new (GALLEY_TYPE_FAKE_TRANSPORT, NULL);

  self->server = server;
  self->data = data;
  return self;
}

guint
galley_fake_transport_get_n_requests (GalleyFakeTransport *self)
{
  return self->n_requests;
}

guint
galley_fake_transport_get_n_hanging (GalleyFakeTransport *self)
{
  return self->n_hanging;
}

GalleyEventStream *
galley_fake_transport_get_events (GalleyFakeTransport *self)
{
  return self->events;
}

GalleyResponse *
galley_fake_json (guint status, const char *format, ...)
{
  GalleyResponse *response = galley_response_new (status);
  va_list arguments;
  char *text;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  galley_response_set_header (response, "Content-Type", "application/json");
  g_bytes_unref (response->body);
  response->body = g_bytes_new_take (text, strlen (text));
  return response;
}
