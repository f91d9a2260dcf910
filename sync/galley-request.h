/* galley-request.h: what is asked of the server, and what it answers: values, no socket
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Bytes sent or received so far, of this request alone. On the caller's main context. */
typedef void (*GalleyRequestProgress) (guint64 bytes, gpointer data);

/* Filled in by who asks, then only read. */
typedef struct
{
  char *method;              /* GET, HEAD, PUT, POST */
  char *path;                /* from the server's address on: "/v1/me" */
  GPtrArray *headers;        /* name, value, name, value …; owned strings */
  char *body_type;           /* (nullable): the media type of what is sent */
  GBytes *body;              /* (nullable): sent from memory; or */
  GInputStream *body_stream; /* (nullable): sent from here, with bounded memory */
  guint64 body_bytes;        /* how much of the stream */
  GOutputStream *sink;       /* (nullable): where the answer's body goes when it is sink_status */
  guint sink_status;
  guint64 sink_bytes;             /* how many are expected there; more is an error */
  gsize max_bytes;                /* of an answer kept in memory; more is an error */
  GalleyRequestProgress progress; /* (nullable) */
  gpointer progress_data;
} GalleyRequest;

typedef struct
{
  guint status;
  GHashTable *headers; /* lower-case name to value */
  GBytes *body;        /* never NULL; empty when it went to the sink */
  guint64 sunk_bytes;
} GalleyResponse;

GalleyRequest *galley_request_new (const char *method, const char *path_format, ...)
    G_GNUC_PRINTF (2, 3);
GalleyRequest *galley_request_ref (GalleyRequest *self);
void galley_request_unref (GalleyRequest *self);
void galley_request_add_header (GalleyRequest *self, const char *name, const char *value);
void galley_request_set_body (GalleyRequest *self, GBytes *body, const char *type);
void galley_request_set_body_stream (GalleyRequest *self, GInputStream *stream, guint64 bytes);
void galley_request_set_sink (GalleyRequest *self,
                              GOutputStream *sink,
                              guint status,
                              guint64 bytes);
void galley_request_set_progress (GalleyRequest *self,
                                  GalleyRequestProgress progress,
                                  gpointer progress_data);

GalleyResponse *galley_response_new (guint status);
void galley_response_free (GalleyResponse *self);
void galley_response_set_header (GalleyResponse *self, const char *name, const char *value);
const char *galley_response_get_header (GalleyResponse *self, const char *name);
gboolean galley_response_get_number (GalleyResponse *self,
                                     const char *name,
                                     guint64 *value,
                                     GError **error);
gboolean galley_response_has_type (GalleyResponse *self, const char *media_type);
char *galley_response_get_code (GalleyResponse *self);
gboolean galley_response_check (GalleyResponse *self, const char *media_type, GError **error);
GError *galley_response_wrap_malformed (GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyRequest, galley_request_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyResponse, galley_response_free)

G_END_DECLS
