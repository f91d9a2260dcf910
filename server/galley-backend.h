/* galley-backend.h: where a server keeps what it knows: one interface, several stores
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-world.h"
#include "server/galley-server-error.h"
#include "sync/wire/galley-batch.h"
#include "sync/wire/galley-digest-report.h"
#include "sync/wire/galley-wire-json.h"

G_BEGIN_DECLS

/* With the closing zero: longer ones are cut. */
#define GALLEY_PROGRAM_SIZE 32

/* Who asks: found from the token of a request. */
typedef struct
{
  GalleyId device, person;
  GalleyRole role; /* where no project says otherwise */
  guint8 public_key[GALLEY_PUBLIC_KEY_BYTES];
  char
      program[GALLEY_PROGRAM_SIZE]; /* which version of Galley, by its own word; "": it says none */
} GalleySession;

typedef struct
{
  guint64 after; /* position */
  guint max_changes;
  gsize max_bytes;     /* unpacked, of all changes together */
  guint64 have;        /* the asking device's last own number */
  const char *history; /* (nullable): which history it has followed */
  GalleyMark mark;     /* what it has at @after; position 0: it did not say */
  gboolean as_json;
} GalleyPull;

/* What a push goes out from. */
typedef struct
{
  const char *history; /* (nullable): which history the sender has followed */
  GalleyMark mark;     /* up to where; position 0: from nothing, or it did not say */
  gboolean again;      /* it brings back what the server may have lost, also of other devices */
} GalleyPushTerms;

typedef struct
{
  GBytes *body;
  guint64 position; /* of the end of the stream */
  char *history_id;
  GalleyHash rolling; /* up to the last change of this answer */
} GalleyPullAnswer;

typedef struct
{
  GalleyId id;
  guint64 position;
  guint64 n_devices;
  guint64 n_refused;
} GalleyStreamInfo;

/* How far a device has come in a project, by its own last word. */
typedef struct
{
  GalleyId project, device;
  guint64 position;
  guint64 lag; /* how many changes it is behind */
  gint64 reported_us;
} GalleyFollower;

/* Of the folder of files. */
typedef struct
{
  guint64 n_files, n_bytes;
  guint64 n_orphans, orphan_bytes; /* among them: no project speaks of them */
  guint64 n_arriving, arriving_bytes;
} GalleyFilesInfo;

/* What an operator has said of a flag. */
typedef struct
{
  char *name;
  GalleyRole role; /* of whose devices; NONE: of all for whose role nothing else is said */
  guint percent;   /* 0 … 100 */
} GalleyFlagRule;

#define GALLEY_FLAG_FORGET (-1)
#define GALLEY_FLAG_NOT_SEEN (-1)

/* That an operator said it, and why. */
typedef struct
{
  gint64 number; /* of the change, from 1; kept by the store */
  gint64 seen; /* the number of the last change of its flag and role that whoever says it knows of,
                  0: there is none; or GALLEY_FLAG_NOT_SEEN: they say it in any case */
  char *name;
  GalleyRole role; /* as in GalleyFlagRule */
  int percent;     /* 0 … 100, or GALLEY_FLAG_FORGET: what was said before is not said any more */
  char *reason;    /* (nullable): none was given */
  GalleyId person; /* nil: whoever could write in the server's folder */
  gint64 changed_us; /* microseconds since 1970 UTC; kept by the store */
} GalleyFlagChange;

/* Which version of Galley a device last said that it is. */
typedef struct
{
  GalleyId device;
  char program[GALLEY_PROGRAM_SIZE];
} GalleyDeviceProgram;

void galley_flag_rule_free (GalleyFlagRule *rule);
void galley_flag_change_free (GalleyFlagChange *change);

/* A store. All functions block and come from one thread at a time, but those marked as lookups,
 * which are short, only read what is committed, and come from any thread. Nothing is reported done
 * before it is durable. */
typedef struct _GalleyBackend GalleyBackend;

typedef struct
{
  void (*close) (GalleyBackend *self);
  /* lookup */
  gboolean (*authenticate) (GalleyBackend *self,
                            const char *token,
                            GalleySession *session,
                            GError **error);
  /* lookup: what became of a session; an error when the device's access was withdrawn */
  gboolean (*refresh) (GalleyBackend *self, GalleySession *session, GError **error);
  /* lookup: another number whenever persons, devices, roles, flags or the list of projects changed
   */
  gboolean (*get_directory_version) (GalleyBackend *self, gint64 *version, GError **error);
  GalleyEnrolAnswer *(*enrol) (GalleyBackend *self,
                               const GalleyEnrolRequest *request,
                               GError **error);
  /* another device of the session's person: in the place of an invite stands the id of the
   * session's device */
  GalleyEnrolAnswer *(*add_device) (GalleyBackend *self,
                                    const GalleySession *session,
                                    const GalleyEnrolRequest *request,
                                    GError **error);
  GalleyMe *(*get_me) (GalleyBackend *self, const GalleySession *session, GError **error);
  gboolean (*add_project) (GalleyBackend *self,
                           const GalleySession *session,
                           const GalleyId *project,
                           GError **error);
  /* lookup: an error when the person may not even read the project */
  gboolean (*get_role) (GalleyBackend *self,
                        const GalleySession *session,
                        const GalleyId *project,
                        GalleyRole *role,
                        GError **error);
  /* lookup: an error when the project does not speak of the file, or has not sent it */
  gboolean (*has_file) (GalleyBackend *self,
                        const GalleyId *project,
                        const GalleyHash *file,
                        GError **error);
  /* lookup: whether somebody of the project has sent all of the file's bytes. Naming a file is not
   * having it: what another project sent is not told. */
  gboolean (*was_sent) (GalleyBackend *self,
                        const GalleyId *project,
                        const GalleyHash *file,
                        gboolean *sent,
                        GError **error);
  /* from any thread: they have been sent, verified, and are on disk for good */
  gboolean (*keep_sent) (GalleyBackend *self,
                         const GalleyId *project,
                         const GalleyHash *file,
                         GError **error);
  GalleyPushAnswer *(*push) (GalleyBackend *self,
                             const GalleySession *session,
                             const GalleyId *project,
                             GBytes *batch,
                             const GalleyPushTerms *terms, /* (nullable) */
                             GError **error);
  /* how far what a device knows is what the stream says */
  GalleyCommon *(*find_common) (GalleyBackend *self,
                                const GalleySession *session,
                                const GalleyId *project,
                                const GalleyKnown *known,
                                GError **error);
  GalleyPullAnswer *(*pull) (GalleyBackend *self,
                             const GalleySession *session,
                             const GalleyId *project,
                             const GalleyPull *pull,
                             GError **error);

  char *(*create_invite) (
      GalleyBackend *self, const char *person, GalleyRole role, guint uses, GError **error);
  /* The person's open invites are closed with it: whoever has the device may have those too. */
  gboolean (*revoke) (GalleyBackend *self, const GalleyId *device, GError **error);
  gboolean (*set_role) (GalleyBackend *self,
                        const GalleyId *project,
                        const GalleyId *person,
                        GalleyRole role,
                        GError **error);
  GPtrArray *(*list_roles) (GalleyBackend *self,
                            const GalleyId *project,
                            GError **error); /* of GalleyPerson */
  /* What it changes is written down with it for good; what changes nothing is not. */
  gboolean (*set_flag) (GalleyBackend *self, const GalleyFlagChange *change, GError **error);
  GPtrArray *(*list_flags) (GalleyBackend *self, GError **error); /* of GalleyFlagRule */
  /* of GalleyFlagChange, the last first */
  GPtrArray *(*list_flag_changes) (GalleyBackend *self, guint limit, GError **error);
  GArray *(*list_programs) (GalleyBackend *self, GError **error);   /* of GalleyDeviceProgram */
  GPtrArray *(*list_streams) (GalleyBackend *self, GError **error); /* of GalleyStreamInfo */
  /* of GalleyDigestReport: what projects have come to on the session's device */
  gboolean (*report_digests) (GalleyBackend *self,
                              const GalleySession *session,
                              const GArray *reports,
                              GError **error);
  /* Of GalleyDivergence: devices that have come to something else than most at the last position
   * at which they can be compared; with @device, of that one alone. */
  GArray *(*list_divergences) (GalleyBackend *self,
                               const GalleyId *device, /* (nullable) */
                               GError **error);
  GArray *(*list_followers) (GalleyBackend *self, GError **error); /* of GalleyFollower */
  /* what came in in the last 24 hours */
  gboolean (*get_growth) (GalleyBackend *self,
                          const GalleyId *project,
                          guint64 *n_changes,
                          guint64 *n_bytes,
                          GError **error);
  gboolean (*get_files) (GalleyBackend *self, GalleyFilesInfo *info, GError **error);
  gboolean (*verify) (GalleyBackend *self,
                      const GalleyId *project,
                      guint64 *n_changes,
                      GError **error);
  gboolean (*backup) (GalleyBackend *self, const char *folder, GError **error);
  /* After a restore: devices that know more than the streams hold notice it. */
  gboolean (*begin_history) (GalleyBackend *self, GError **error);
} GalleyBackendOps;

struct _GalleyBackend
{
  const GalleyBackendOps *ops;
};

void galley_pull_answer_free (GalleyPullAnswer *answer);

/* One file in @folder, and nothing to install. */
GalleyBackend *galley_sqlite_backend_open (const char *folder,
                                           const GalleyWorld *world,
                                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyPullAnswer, galley_pull_answer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFlagRule, galley_flag_rule_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GalleyFlagChange, galley_flag_change_free)

G_END_DECLS
