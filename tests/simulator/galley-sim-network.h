/* galley-sim-network.h: the ways from the devices to the server, and all that goes wrong on them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "galley-sim-world.h"
#include "server/galley-server.h"
#include "sync/galley-transport.h"

G_BEGIN_DECLS

/* How often it happens, in percent of all requests. */
typedef struct
{
  guint request_lost; /* nobody ever hears of it */
  guint answer_lost;  /* it was done, and nobody hears of that */
  guint request_cut;  /* the line breaks while it is sent */
  guint answer_cut;   /* and while the answer comes */
  guint duplicated;   /* and the second one arrives up to a minute later */
  guint hotel;        /* somebody else answers, with a page of HTML and 200 */
  guint proxy;        /* somebody else answers, with a status of 5xx */
  guint garbled;      /* the answer is not what the server wrote */
  guint max_delay_ms; /* each way */
} GalleySimWeather;

extern const GalleySimWeather galley_sim_calm;

typedef struct _GalleySimNetwork GalleySimNetwork;

/* @response: as the server wrote it, before anything happens to it on the way. */
typedef void (*GalleySimAnswered) (GalleyRequest *request,
                                   GalleyResponse *response,
                                   guint machine,
                                   gpointer data);

GalleySimNetwork *galley_sim_network_new (GalleySimTime *time,
                                          GalleySimAnswered answered,
                                          gpointer data);
void galley_sim_network_free (GalleySimNetwork *self);
void galley_sim_network_set_server (GalleySimNetwork *self, GalleyServer *server);
void galley_sim_network_set_weather (GalleySimNetwork *self, const GalleySimWeather *weather);
void galley_sim_network_break_lines (GalleySimNetwork *self);

#define GALLEY_TYPE_SIM_TRANSPORT (galley_sim_transport_get_type ())
G_DECLARE_FINAL_TYPE (GalleySimTransport, galley_sim_transport, GALLEY, SIM_TRANSPORT, GObject)

GalleySimTransport *galley_sim_transport_new (GalleySimNetwork *network,
                                              guint machine,
                                              guint64 seed);
void galley_sim_transport_set_unplugged (GalleySimTransport *self, gboolean unplugged);
void galley_sim_transport_die (GalleySimTransport *self);
const char *galley_sim_transport_get_token (GalleySimTransport *self);

/* Past all weather, at once: what a device sent, again. */
GalleyResponse *galley_sim_network_ask (GalleySimNetwork *self,
                                        GalleyRequest *request,
                                        const char *token);

G_END_DECLS
