/* galley-sim.h: devices, persons and a server on virtual time, driven by a list of steps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#pragma once

#include "data/galley-store.h"
#include "galley-sim-disk.h"
#include "galley-sim-model.h"
#include "galley-sim-network.h"
#include "galley-sim-world.h"
#include "sync/galley-sync-service.h"

#include <sqlite3.h>
#include <stdio.h>

G_BEGIN_DECLS

#define GALLEY_SIM_MAX_DEVICES 5
/* Of these some come only later, or never. */
#define GALLEY_SIM_MAX_PLACES 7
#define GALLEY_SIM_MAX_PERSONS 4
#define GALLEY_SIM_MAX_PROJECTS 2

/* One thing that happens: which, and what it draws its choices from. */
typedef struct
{
  guint kind; /* index into the table of steps */
  guint64 seed;
} GalleySimStep;

/* An editor that somebody has open: what it showed when it was opened. */
typedef struct
{
  GalleyId project, entity;
  guint8 kind;
  guint16 field;
  char *element;
  GArray *seen; /* of GalleyRef */
  char *text;   /* (nullable) */
} GalleySimEditor;

typedef struct _GalleySim GalleySim;
typedef struct _GalleySimCopy GalleySimCopy;

typedef struct
{
  GalleySim *sim;
  guint index, person;
  char *folder;
  GalleySimDisk *disk;
  GalleySimWorld world;

  /* while it runs */
  GalleyStore *store; /* (nullable) */
  GalleySyncService *service;
  GalleySimTransport *transport;
  GalleyReader *reader;
  sqlite3 *look; /* the simulator's own view */

  gint64 starts_us; /* when it is down: when it comes up again */
  gboolean unplugged, revoked, enrolled;
  guint n_revoked;
  char *code;         /* (nullable): of an enrolment of which nobody knows how it ended */
  GalleyId id;        /* of the device */
  GArray *names;      /* of GalleyId: of it and of those that it was before */
  GPtrArray *editors; /* of GalleySimEditor */

  GalleySimCopy *copy;  /* (nullable): of its folder */
  guint epoch;          /* how often an older copy has taken the place of its folder */
  gboolean copied;      /* another folder bears, or bore, its name */
  gboolean answer_lost; /* it asked to be let in, and could not keep the answer */
  gboolean is_doubtful; /* whether the server knows its token has to be found out */
} GalleySimDevice;

typedef struct
{
  char *name;
  GalleyRole role; /* where no project says otherwise */
} GalleySimPerson;

/* A role that a person had in a project from some time on, by the server's clock. */
typedef struct
{
  guint person;
  GalleyId project;
  GalleyRole role;
  gint64 since_us;
} GalleySimRoleSpan;

/* An edit that a person asked for; what became of it. */
typedef struct
{
  guint device, epoch;
  gboolean resends; /* a refused change, whatever it is */
  GArray *edits;    /* (nullable) of SimEdit: as asked for; NULL: an undo, whatever it takes */
  GArray *shown;    /* of gboolean a edit: supersedes what is shown at the commit */
  GalleyId project;
  gboolean saved; /* the person was told so */
  GalleyRef ref;  /* of the change, when saved */
  GalleyHash hash;
  gboolean found;    /* in the stream or in its device's journal */
  gboolean forgiven; /* nobody has had it since an older copy took the place of a folder */
} GalleySimGesture;

struct _GalleySim
{
  guint64 seed;
  GalleySimRandom chance;
  char *folder;
  GalleySimTime *time;
  GalleySimNetwork *network;

  char *server_folder;
  GalleySimDisk *server_disk;
  GalleySimWorld server_world;
  GalleyServer *server; /* (nullable) */
  gint64 server_starts_us;
  GalleySimCopy *server_copy; /* (nullable): of its folder */
  gboolean begins_history;    /* at its start somebody says that it was restored */
  guint n_restores;           /* of the server */
  GHashTable *refusals; /* of changes, by name: those that a server had made which was set back */
  gboolean refusals_missed; /* it was down then: nobody looked */

  guint n_devices, n_persons, n_projects;
  guint n_places; /* devices that are there, and those that may come */
  GalleySimDevice devices[GALLEY_SIM_MAX_PLACES];
  GalleySimPerson persons[GALLEY_SIM_MAX_PERSONS];
  GalleyId projects[GALLEY_SIM_MAX_PROJECTS];

  GHashTable *person_ids; /* GalleyId → index + 1 */
  GArray *role_spans;     /* of GalleySimRoleSpan */
  GPtrArray *gestures;    /* of GalleySimGesture */
  GHashTable *accepted;   /* "PROJECT DEVICE.SEQ" → position: what the server said */
  GPtrArray *pushes;      /* of GalleyRequest: what was sent and answered */
  GArray *pushers;        /* of guint: by which machine */
  guint n_words;          /* texts get words that are each written once */

  gboolean healing;
  gboolean beyond; /* it came to what is beyond Galley's promise */
  char *failure;   /* (nullable): what was not as it must be */
  guint64 trace;   /* hash over all that happened */
  FILE *log;       /* (nullable) */
};

/* galley-sim.c */
GalleySim *galley_sim_new (guint64 seed);
void galley_sim_free (GalleySim *self);
void galley_sim_set_up (GalleySim *self);
void galley_sim_pass (GalleySim *self, gint64 us);
void galley_sim_note (GalleySim *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void galley_sim_remove_folder (const char *folder);
void galley_sim_fail (GalleySim *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

gboolean galley_sim_device_start (GalleySimDevice *device);
void galley_sim_device_stop (GalleySimDevice *device);
void galley_sim_device_crash (GalleySimDevice *device, gint64 down_us);
void galley_sim_device_enrol (GalleySimDevice *device);
gboolean galley_sim_device_is_up (GalleySimDevice *device);
void galley_sim_server_mind (GalleySim *self);
void galley_sim_server_crash (GalleySim *self, gint64 down_us);
void galley_sim_server_stop (GalleySim *self);
void galley_sim_set_role (GalleySim *self, guint person, guint project, GalleyRole role);
void galley_sim_revoke (GalleySimDevice *device);
gboolean galley_sim_device_was (const GalleySimDevice *device, const GalleyId *id);
GalleySimDevice *galley_sim_add_device (GalleySim *self, guint person);
gboolean galley_sim_join (GalleySim *self, gboolean history_when_asked);
GalleyRole galley_sim_get_role (GalleySim *self,
                                guint person,
                                const GalleyId *project,
                                gint64 at_us);
guint galley_sim_find_person (GalleySim *self, const GalleyId *id); /* G_MAXUINT: nobody */

/* galley-sim-gestures.c */
GalleySimGesture *galley_sim_commit (GalleySimDevice *device, GalleyDraft *draft);
void galley_sim_undo (GalleySimDevice *device, const GalleyId *project, gboolean redo);
void galley_sim_send_again (GalleySimDevice *device, const GalleyId *project, const GalleyRef *ref);
void galley_sim_discard (GalleySimDevice *device,
                         const GalleyId *project,
                         const GalleyRef *ref,
                         gboolean discard);
void galley_sim_gesture_free (gpointer gesture);
void galley_sim_editor_free (gpointer editor);

/* galley-sim-copies.c */
typedef enum
{
  GALLEY_SIM_WHOLE,       /* the whole folder */
  GALLEY_SIM_DATABASE,    /* the database alone; the key is the one of now */
  GALLEY_SIM_WITHOUT_KEY, /* the folder, without its key */
} GalleySimExtent;

void galley_sim_copy_free (GalleySimCopy *self);
void galley_sim_device_copy (GalleySimDevice *device);
void galley_sim_device_restore (GalleySimDevice *device, GalleySimExtent extent, gint64 down_us);
void galley_sim_device_clone (GalleySimDevice *device);
void galley_sim_server_copy (GalleySim *self);
void galley_sim_server_restore (GalleySim *self, gboolean said, gint64 down_us);

/* galley-sim-steps.c */
GArray *galley_sim_steps_draw (guint64 seed, guint n_steps); /* of GalleySimStep */
void galley_sim_step_run (GalleySim *self, const GalleySimStep *step);
char *galley_sim_step_describe (const GalleySimStep *step);

/* galley-sim-checks.c */
void galley_sim_answered (GalleyRequest *request,
                          GalleyResponse *response,
                          guint machine,
                          gpointer sim);
void galley_sim_check_device (GalleySimDevice *device);
char *galley_sim_tell_all (GalleySimDevice *device);
void galley_sim_check_told (GalleySimDevice *device, const char *before);
void galley_sim_check_server (GalleySim *self);
void galley_sim_check_end (GalleySim *self);
void galley_sim_heal (GalleySim *self);

/* galley-sim-limits.c */
gboolean galley_sim_is_beyond (GalleySim *self);

/* galley-sim-run.c */
typedef struct
{
  char *failure; /* (nullable) */
  gboolean beyond;
  guint64 trace;
  gint64 passed_us;
  guint n_devices;
} GalleySimResult;

GalleySim *galley_sim_begin (guint64 seed, FILE *log);
void galley_sim_end (GalleySim *sim);
void galley_sim_run (guint64 seed, GArray *steps, FILE *log, GalleySimResult *result);
void galley_sim_result_clear (GalleySimResult *result);
GArray *galley_sim_shrink (guint64 seed, GArray *steps);

G_END_DECLS
