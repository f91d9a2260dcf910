/* galley-wire-json.h: the small messages, as JSON, and changes as JSON for people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-directory.h"
#include "data/galley-flag.h"
#include "data/galley-outbox.h"
#include "data/galley-stream.h"
#include "sync/wire/galley-wire-error.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A message of this kind is never larger, in bytes. */
#define GALLEY_JSON_MAX_BYTES (1024 * 1024)

/* ── enrolment ── */

typedef struct
{
  char *invite;
  guint8 public_key[GALLEY_PUBLIC_KEY_BYTES];
  char *device_name;
  GalleyId person; /* as the device has called its person until now */
  char *name;      /* (nullable) */
  char *server_id; /* (nullable): the one server that the device may belong to */
  guint8 proof[GALLEY_SIGNATURE_BYTES];
} GalleyEnrolRequest;

typedef struct
{
  char *token;
  GalleyId person; /* as the server calls them */
  char *person_name;
  GalleyRole role;
  char *server_id;
  gboolean alias; /* the device's own id for its person is now another name of @person */
} GalleyEnrolAnswer;

/* Proves that who enrols holds the key. */
void galley_enrol_prove (GalleyKey *key, const char *invite, guint8 proof[GALLEY_SIGNATURE_BYTES]);
gboolean galley_enrol_check_proof (const GalleyEnrolRequest *request);

GBytes *galley_enrol_request_to_bytes (const GalleyEnrolRequest *request);
GalleyEnrolRequest *galley_enrol_request_parse (GBytes *body, GError **error);
void galley_enrol_request_free (GalleyEnrolRequest *request);
GBytes *galley_enrol_answer_to_bytes (const GalleyEnrolAnswer *answer);
GalleyEnrolAnswer *galley_enrol_answer_parse (GBytes *body, GError **error);
void galley_enrol_answer_free (GalleyEnrolAnswer *answer);

/* ── who and what the server knows ── */

typedef struct
{
  GalleyId alias, person;
} GalleyAlias;

typedef struct
{
  GalleyId id;
  guint64 position;
  char *history_id;
  GalleyHash rolling; /* of the stream up to its end */
  gboolean has_rolling;
  GalleyRole role;
  guint64
      differs_since; /* the asking device's digest is not most others'; 0: nothing known of that */
} GalleyMeProject;

typedef struct
{
  GalleyId person, device;
  char *name;
  GalleyRole role;
  char *server_id;
  GPtrArray *persons;  /* of GalleyPerson */
  GArray *aliases;     /* of GalleyAlias */
  GPtrArray *devices;  /* of GalleyDevice */
  GPtrArray *projects; /* of GalleyMeProject */
  GPtrArray *flags;    /* of GalleyFlagShare: for this person's devices */
} GalleyMe;

GalleyMe *galley_me_new (void);
void galley_me_free (GalleyMe *me);
void galley_me_project_free (GalleyMeProject *project);
GBytes *galley_me_to_bytes (const GalleyMe *me);
GalleyMe *galley_me_parse (GBytes *body, GError **error);

/* ── verdicts ── */

typedef struct
{
  GArray *verdicts; /* of GalleyVerdict */
  guint64 position; /* of the stream after the push */
  char *history_id;
} GalleyPushAnswer;

GalleyPushAnswer *galley_push_answer_new (void);
void galley_push_answer_free (GalleyPushAnswer *answer);
GBytes *galley_push_answer_to_bytes (const GalleyPushAnswer *answer);
GalleyPushAnswer *galley_push_answer_parse (GBytes *body, GError **error);

/* ── how far what a device knows is what the server has ── */

typedef struct
{
  GArray *marks; /* of GalleyMark: of the stream as the device has followed it */
  GArray *chain; /* of GalleyChainLink: of the asking device's own changes */
} GalleyKnown;

typedef struct
{
  guint64 position; /* of the highest mark that is so here as well; 0: none */
  guint64 own_seq;  /* of the highest link of the chain that is so here as well; 0: none */
  guint64 end;      /* of the stream */
  char *history_id;
  GArray *chains; /* of GalleyChainLink: every device that may send, and its last change here */
} GalleyCommon;

GalleyKnown *galley_known_new (void);
void galley_known_free (GalleyKnown *known);
GBytes *galley_known_to_bytes (const GalleyKnown *known);
GalleyKnown *galley_known_parse (GBytes *body, GError **error);
GalleyCommon *galley_common_new (void);
void galley_common_free (GalleyCommon *common);
GBytes *galley_common_to_bytes (const GalleyCommon *common);
GalleyCommon *galley_common_parse (GBytes *body, GError **error);

/* ── events ── */

typedef struct
{
  gboolean directory; /* who and what the server knows has changed; all else is unset */
  GalleyId project;
  guint64 position; /* of the end of its stream */
} GalleyEvent;

char *galley_event_to_text (const GalleyId *project, guint64 position);
/* FALSE for an event that this Galley does not know. */
gboolean galley_event_parse (const char *text, GalleyEvent *event);

/* ── for people ── */

void galley_change_add_to_json (JsonBuilder *builder, GalleyChange *change, guint64 position);
JsonNode *galley_value_to_json (guint8 kind, guint16 field, GVariant *value);

/* ── pieces ── */

void galley_json_add_string (JsonBuilder *builder, const char *name, const char *value);
void galley_json_add_int (JsonBuilder *builder, const char *name, gint64 value);
void galley_json_add_id (JsonBuilder *builder, const char *name, const GalleyId *id);
void galley_json_add_time (JsonBuilder *builder, const char *name, gint64 time_us);
GBytes *galley_json_finish (JsonBuilder *builder);
JsonNode *galley_json_parse_any (const char *text, gsize bytes);
JsonNode *galley_json_parse (GBytes *body, GError **error); /* an object */
const char *galley_json_get_string (JsonObject *object, const char *name);
gint64 galley_json_get_int (JsonObject *object, const char *name, gint64 fallback);
gboolean galley_json_get_id (JsonObject *object, const char *name, GalleyId *id);
JsonArray *galley_json_get_array (JsonObject *object, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyEnrolRequest, galley_enrol_request_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyEnrolAnswer, galley_enrol_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyMe, galley_me_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPushAnswer, galley_push_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyKnown, galley_known_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyCommon, galley_common_free)

G_END_DECLS
