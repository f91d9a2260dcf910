/* galley-sim.c: devices, persons and a server on virtual time, driven by a list of steps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-sim-known.h"

#include "data/galley-directory.h"
#include "sync/galley-enrolment.h"
#include "sync/galley-sync-error.h"
#include "sync/galley-history-job.h"

#include <glib/gstdio.h>
#include <string.h>

#define SERVER_URL "http://simulator"
/* What stops is given this long, in small pieces of virtual time. */
#define STOP_PIECE_US 10000
#define MAX_STOP_PIECES 100000
/* Many times what a run comes to: whoever is busy for longer never comes to rest. */
#define MAX_EVENTS 100000

/* ── what happened ── */

/* FNV-1a: only ever compared with itself. */
static void
add_to_trace (GalleySim *self, const char *text)
{
  for (; *text != '\0'; text++)
    self->trace = (self->trace ^ (guint8)*text) * G_GUINT64_CONSTANT (1099511628211);
}

/**
 * galley_sim_note:
 *
 * Part of the run's trace: two runs of the same seed note the same.
 */
void
galley_sim_note (GalleySim *self, const char *format, ...)
{
  g_autofree char *text = NULL, *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  line = g_strdup_printf ("%" G_GINT64_FORMAT ".%06u %s\n",
                          galley_sim_time_get_us (self->time) / G_USEC_PER_SEC,
                          (guint)(galley_sim_time_get_us (self->time) % G_USEC_PER_SEC), text);
  add_to_trace (self, line);
  if (self->log != NULL)
    {
      fputs (line, self->log);
      fflush (self->log);
    }
}

/**
 * galley_sim_fail:
 *
 * Something is not as it must be; only the first counts.
 */
void
galley_sim_fail (GalleySim *self, const char *format, ...)
{
  va_list arguments;

  if (self->failure != NULL)
    return;
  va_start (arguments, format);
  self->failure = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  galley_sim_note (self, "FAILURE: %s", self->failure);
}

/* ── the server ── */

static void
server_start (GalleySim *self)
{
  g_autoptr (GError) error = NULL;

  self->server = galley_server_new (self->server_folder, &self->server_world.world, &error);
  if (self->server == NULL)
    {
      galley_sim_note (self, "server does not start: %s", error->message);
      self->server_starts_us = galley_sim_time_get_us (self->time) + G_USEC_PER_SEC;
      return;
    }

  if (self->begins_history)
    {
      GalleyBackend *backend = galley_server_get_backend (self->server);

      self->begins_history = !backend->ops->begin_history (backend, NULL);
    }
  galley_sim_network_set_server (self->network, self->server);
  galley_sim_note (self, "server is up");
  galley_sim_check_server (self);
}

void
galley_sim_server_stop (GalleySim *self)
{
  if (self->server == NULL)
    return;

  galley_sim_network_set_server (self->network, NULL);
  galley_sim_network_break_lines (self->network);
  galley_server_close (self->server);
  for (guint i = 0; i < MAX_STOP_PIECES && !galley_server_drain (self->server); i++)
    galley_sim_time_pass (self->time, STOP_PIECE_US);
  galley_sim_time_drain (self->time);
  g_assert_finalize_object (self->server);
  self->server = NULL;
}

void
galley_sim_server_crash (GalleySim *self, gint64 down_us)
{
  galley_sim_note (self, "server loses power");
  galley_sim_disk_cut_power (self->server_disk);
  galley_sim_server_stop (self);
  galley_sim_disk_restart (self->server_disk, &self->chance);
  self->server_starts_us = galley_sim_time_get_us (self->time) + down_us;
}

/* ── devices ── */

gboolean
galley_sim_device_is_up (GalleySimDevice *device)
{
  return device->store != NULL;
}

static gboolean
open_views (GalleySimDevice *device, GError **error)
{
  g_autofree char *path = g_build_filename (device->folder, "galley.db", NULL);

  device->reader = galley_store_open_reader (device->store, error);
  if (device->reader == NULL)
    return FALSE;
  if (sqlite3_open_v2 (path, &device->look, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The simulator sees nothing.");
  return FALSE;
}

static void
close_views (GalleySimDevice *device)
{
  g_clear_pointer (&device->reader, galley_reader_free);
  sqlite3_close (device->look);
  device->look = NULL;
}

/* The database itself is on the simulated disk; whoever looks for its name finds this. */
static void
put_name (GalleySimDevice *device)
{
  g_autofree char *path = g_build_filename (device->folder, "galley.db", NULL);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (device->folder, 0700);
  g_file_set_contents (path, "in memory", -1, &error);
  g_assert_no_error (error);
}

/* It may become another one at any time. */
static void
note_name (GalleySimDevice *device)
{
  GalleyId id = *galley_store_get_device (device->store);

  if (galley_id_equal (&id, &device->id))
    return;
  device->id = id;
  g_array_append_val (device->names, id);
}

/**
 * galley_sim_device_was:
 *
 * Returns: whether the device has, or had, this name
 */
gboolean
galley_sim_device_was (const GalleySimDevice *device, const GalleyId *id)
{
  for (guint i = 0; i < device->names->len; i++)
    if (galley_id_equal (&g_array_index (device->names, GalleyId, i), id))
      return TRUE;

  return FALSE;
}

/**
 * galley_sim_device_start:
 *
 * Returns: whether it is up
 */
gboolean
galley_sim_device_start (GalleySimDevice *device)
{
  GalleySim *sim = device->sim;
  g_autoptr (GError) error = NULL;

  put_name (device);
  device->store = galley_store_open (device->folder, GALLEY_STORE_CREATE, &device->world.world,
                                     &error);
  if (device->store != NULL &&
      (!galley_enrolment_repair (device->store, &error) || !open_views (device, &error)))
    {
      close_views (device);
      galley_store_close (device->store);
      g_clear_object (&device->store);
    }
  if (device->store == NULL)
    {
      galley_sim_note (sim, "device %u does not start: %s", device->index, error->message);
      device->starts_us = galley_sim_time_get_us (sim->time) + 5 * G_USEC_PER_SEC;
      return FALSE;
    }

  note_name (device);
  device->transport = galley_sim_transport_new (sim->network, device->index,
                                                galley_sim_random_next (&device->world.chance));
  galley_sim_transport_set_unplugged (device->transport, device->unplugged);
  /* Half of an answer may have been kept: what was read now is not what was used until then. */
  device->is_doubtful |= device->answer_lost;
  device->answer_lost = FALSE;
  device->service = galley_sync_service_new (device->store, GALLEY_TRANSPORT (device->transport),
                                             NULL);
  galley_sync_service_start (device->service);
  galley_sim_note (sim, "device %u is up", device->index);
  return TRUE;
}

static void
stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  galley_sync_service_stop_finish (GALLEY_SYNC_SERVICE (source), result);
  *(gboolean *)user_data = TRUE;
}

void
galley_sim_device_stop (GalleySimDevice *device)
{
  GalleySim *sim = device->sim;
  gboolean stopped = FALSE;

  if (device->store == NULL)
    return;

  galley_sync_service_stop_async (device->service, stopped_cb, &stopped);
  for (guint i = 0; i < MAX_STOP_PIECES && !stopped; i++)
    galley_sim_time_pass (sim->time, STOP_PIECE_US);
  if (!stopped)
    g_error ("The sync service does not stop");
  g_clear_object (&device->service);
  /* What was asked of the store is answered, for whoever is left. */
  close_views (device);
  galley_store_close (device->store);
  galley_sim_time_pass (sim->time, STOP_PIECE_US);
  g_clear_object (&device->transport);
  g_clear_object (&device->store);
  g_ptr_array_set_size (device->editors, 0);
}

void
galley_sim_device_crash (GalleySimDevice *device, gint64 down_us)
{
  GalleySim *sim = device->sim;

  galley_sim_note (sim, "device %u loses power", device->index);
  galley_sim_disk_cut_power (device->disk);
  if (device->transport != NULL)
    galley_sim_transport_die (device->transport);
  galley_sim_device_stop (device);
  galley_sim_disk_restart (device->disk, &sim->chance);
  device->starts_us = galley_sim_time_get_us (sim->time) + down_us;
}

typedef struct
{
  GalleySimDevice *device;
  GalleySyncService *service;
  guint n_revoked, n_restores; /* when it began */
} Enrolling;

/* Of two that go by one name, the server knows the token that it gave last. */
static void
doubt_twins (GalleySimDevice *device)
{
  for (guint i = 0; i < device->sim->n_devices; i++)
    if (&device->sim->devices[i] != device &&
        galley_id_equal (&device->sim->devices[i].id, &device->id))
      device->sim->devices[i].is_doubtful = TRUE;
}

static void
enrolled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Enrolling *enrolling = user_data;
  GalleySimDevice *device = enrolling->device;
  g_autoptr (GError) error = NULL;
  gboolean enrolled = galley_enrolment_run_finish (GALLEY_STORE (source), result, &error);

  galley_sim_note (device->sim, "device %u enrols: %s", device->index,
                   enrolled ? "done" : error->message);
  device->answer_lost = !enrolled;
  if (enrolled)
    {
      device->enrolled = TRUE;
      /* What came first is not known when both were under way. */
      device->revoked &= enrolling->n_revoked != device->n_revoked;
      device->is_doubtful |= enrolling->n_restores != device->sim->n_restores;
      doubt_twins (device);
      g_clear_pointer (&device->code, g_free);
    }
  /* Told that the invite is no good, a person asks for another. */
  if (g_error_matches (error, GALLEY_SYNC_ERROR, GALLEY_SYNC_ERROR_REFUSED))
    g_clear_pointer (&device->code, g_free);
  if (enrolled && device->store == GALLEY_STORE (source))
    galley_sync_service_look (enrolling->service);
  g_object_unref (enrolling->service);
  g_free (enrolling);
}

/* A new invite for the device's person, unless there is one of which they do not know whether it
 * worked: then the same again. */
static void
get_code (GalleySimDevice *device)
{
  GalleySimPerson *person = &device->sim->persons[device->person];
  GalleyBackend *backend = galley_server_get_backend (device->sim->server);
  g_autoptr (GError) error = NULL;

  if (device->code != NULL)
    return;
  device->code = backend->ops->create_invite (backend, person->name, person->role, 1, &error);
  if (device->code == NULL)
    galley_sim_note (device->sim, "no invite: %s", error->message);
}

/**
 * galley_sim_device_enrol:
 *
 * As its person does it.
 */
void
galley_sim_device_enrol (GalleySimDevice *device)
{
  GalleySim *sim = device->sim;
  g_autoptr (GalleySimTransport) transport = NULL;
  Enrolling *enrolling;
  GalleyId id;

  if (device->store == NULL || sim->server == NULL)
    return;
  get_code (device);
  if (device->code == NULL)
    return;

  galley_store_get_person (device->store, &id);
  if (galley_sim_find_person (sim, &id) == G_MAXUINT)
    g_hash_table_insert (sim->person_ids, g_memdup2 (&id, sizeof id),
                         GUINT_TO_POINTER (device->person + 1));
  transport = galley_sim_transport_new (sim->network, device->index,
                                        galley_sim_random_next (&device->world.chance));
  galley_sim_transport_set_unplugged (transport, device->unplugged);
  enrolling = g_new (Enrolling, 1);
  enrolling->device = device;
  enrolling->n_revoked = device->n_revoked;
  enrolling->n_restores = sim->n_restores;
  enrolling->service = g_object_ref (device->service);
  galley_enrolment_run_async (device->store, GALLEY_TRANSPORT (transport), SERVER_URL, device->code,
                              NULL, enrolled_cb, enrolling);
}

/* ── what an administrator does ── */

guint
galley_sim_find_person (GalleySim *self, const GalleyId *id)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->person_ids, id)) - 1;
}

static gint64
server_now_us (GalleySim *self)
{
  return galley_world_now_us (&self->server_world.world);
}

/* The id by which the server calls the person; nil before they are enrolled. */
static gboolean
find_person_id (GalleySim *self, guint person, const GalleyId *project, GalleyId *id)
{
  GalleyBackend *backend = galley_server_get_backend (self->server);
  g_autoptr (GPtrArray) roles = backend->ops->list_roles (backend, project, NULL);

  for (guint i = 0; roles != NULL && i < roles->len; i++)
    {
      const GalleyPerson *row = roles->pdata[i];

      if (g_strcmp0 (row->name, self->persons[person].name) == 0)
        {
          *id = row->id;
          return TRUE;
        }
    }

  return FALSE;
}

void
galley_sim_set_role (GalleySim *self, guint person, guint project, GalleyRole role)
{
  GalleySimRoleSpan span = { person, self->projects[project], role, 0 };
  GalleyBackend *backend;
  g_autoptr (GError) error = NULL;
  GalleyId id;

  if (self->server == NULL || !find_person_id (self, person, &span.project, &id))
    return;
  backend = galley_server_get_backend (self->server);
  if (backend->ops->set_role (backend, &span.project, &id, role, &error))
    {
      span.since_us = server_now_us (self);
      g_array_append_val (self->role_spans, span);
    }
  galley_sim_note (self, "person %u is %s of project %u: %s", person, galley_role_to_string (role),
                   project, error != NULL ? error->message : "done");
}

/* As the simulator knows it, from what it had the administrator do. */
GalleyRole
galley_sim_get_role (GalleySim *self, guint person, const GalleyId *project, gint64 at_us)
{
  GalleyRole role = self->persons[person].role;

  for (guint i = 0; i < self->role_spans->len; i++)
    {
      const GalleySimRoleSpan *span = &g_array_index (self->role_spans, GalleySimRoleSpan, i);

      if (span->person == person && galley_id_equal (&span->project, project) &&
          span->since_us <= at_us)
        role = span->role;
    }

  return role;
}

void
galley_sim_revoke (GalleySimDevice *device)
{
  GalleySim *sim = device->sim;
  GalleyBackend *backend;
  g_autoptr (GError) error = NULL;

  if (sim->server == NULL || !device->enrolled)
    return;
  backend = galley_server_get_backend (sim->server);
  if (backend->ops->revoke (backend, &device->id, &error))
    {
      device->revoked = TRUE;
      device->n_revoked++;
      doubt_twins (device);
      /* Who loses a device has all invites closed, and knows it. */
      for (guint i = 0; i < sim->n_devices; i++)
        if (sim->devices[i].person == device->person)
          g_clear_pointer (&sim->devices[i].code, g_free);
    }
  galley_sim_note (sim, "device %u is revoked: %s", device->index,
                   error != NULL ? error->message : "done");
}

/* ── who is known to the server ── */

/* After an older copy took a folder's place, or two came to have one name: as the server has it. */
static void
settle_doubt (GalleySimDevice *device)
{
  GalleyBackend *backend = galley_server_get_backend (device->sim->server);
  const char *token = galley_sim_transport_get_token (device->transport);
  sqlite3 *db = galley_sim_open_server (device->sim);
  sqlite3_stmt *query = galley_sim_query (db, "SELECT revoked FROM device WHERE id = ?1",
                                          &device->id);
  GalleySession session;

  device->revoked = sqlite3_step (query) == SQLITE_ROW && sqlite3_column_int (query, 0) != 0;
  sqlite3_finalize (query);
  galley_sim_close_server (db);
  device->enrolled = device->revoked ||
                     (token != NULL && backend->ops->authenticate (backend, token, &session, NULL));
  device->is_doubtful = FALSE;
  galley_sim_note (device->sim, "device %u is %s", device->index,
                   device->revoked    ? "shut out"
                   : device->enrolled ? "known to the server"
                                      : "not known to the server");
}

/* ── time ── */

/**
 * galley_sim_server_mind:
 *
 * A server whose disk has lost power goes down.
 */
void
galley_sim_server_mind (GalleySim *self)
{
  if (galley_sim_disk_is_dead (self->server_disk) && self->server != NULL)
    galley_sim_server_crash (self, galley_sim_random_below (&self->chance, 60) * G_USEC_PER_SEC);
  if (galley_sim_disk_is_dead (self->server_disk))
    galley_sim_disk_restart (self->server_disk, &self->chance);
}

/* After each event: who has lost power goes down, and who was down long enough comes up. */
static void
mind (GalleySim *self)
{
  gint64 now_us = galley_sim_time_get_us (self->time);

  galley_sim_server_mind (self);
  if (self->server == NULL && self->server_starts_us <= now_us)
    server_start (self);

  for (guint i = 0; i < self->n_devices; i++)
    {
      GalleySimDevice *device = &self->devices[i];

      if (galley_sim_disk_is_dead (device->disk))
        galley_sim_device_crash (device,
                                 galley_sim_random_below (&self->chance, 60) * G_USEC_PER_SEC);
      if (device->store == NULL && device->starts_us <= now_us)
        galley_sim_device_start (device);
      if (device->store != NULL)
        note_name (device);
      if (device->store != NULL && self->server != NULL && device->is_doubtful)
        settle_doubt (device);
    }
}

/**
 * galley_sim_pass:
 *
 * Time passes, with everything that is due.
 */
void
galley_sim_pass (GalleySim *self, gint64 us)
{
  gint64 until_us = galley_sim_time_get_us (self->time) + us;

  mind (self);
  while (galley_sim_time_get_us (self->time) < until_us && self->failure == NULL)
    {
      galley_sim_time_pass_next (self->time, until_us);
      mind (self);
      if (galley_sim_time_get_n_events (self->time) > MAX_EVENTS)
        galley_sim_fail (self, "Somebody never comes to rest");
    }
}

/* ── a run's beginning ── */

static gboolean
has_settled (GalleySim *self)
{
  for (guint i = 0; i < self->n_devices; i++)
    if (self->devices[i].store == NULL ||
        galley_sync_service_get_state (self->devices[i].service) != GALLEY_SYNC_UP_TO_DATE)
      return FALSE;

  return TRUE;
}

static void
set_up_project (GalleySim *self, guint index)
{
  g_autoptr (GalleyDraft) draft = NULL;
  GalleySimDevice *device = &self->devices[index % self->n_devices];

  galley_id_new (&self->projects[index], &device->world.world);
  draft = galley_draft_new (&self->projects[index], "create project");
  galley_draft_create (draft, GALLEY_KIND_PROJECT, &self->projects[index], NULL);
  galley_draft_set (draft, GALLEY_KIND_PROJECT, &self->projects[index], GALLEY_PROJECT_NAME, NULL,
                    g_variant_new_string ("Covers"), NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_PROJECT, &self->projects[index], GALLEY_PROJECT_APPROVAL,
                    NULL, g_variant_new ("(us)", 2, "reviewer"), NULL, 0);
  galley_sim_commit (device, draft);
}

/**
 * galley_sim_set_up:
 *
 * Everybody is enrolled and has all projects; nothing goes wrong yet.
 */
void
galley_sim_set_up (GalleySim *self)
{
  mind (self);
  for (guint i = 0; i < self->n_projects; i++)
    set_up_project (self, i);
  for (guint i = 0; i < self->n_devices; i++)
    galley_sim_device_enrol (&self->devices[i]);
  for (guint i = 0; i < 100 && (i < 2 || !has_settled (self)) && self->failure == NULL; i++)
    galley_sim_pass (self, 5 * G_USEC_PER_SEC);
  if (!has_settled (self))
    galley_sim_fail (self, "The devices do not even begin");
}

/**
 * galley_sim_add_device:
 *
 * Returns: (nullable): one more that is there from now on, if there is a place for it
 */
GalleySimDevice *
galley_sim_add_device (GalleySim *self, guint person)
{
  GalleySimDevice *device = &self->devices[self->n_devices];

  if (self->n_devices == self->n_places)
    return NULL;

  self->n_devices++;
  device->person = person;
  return device;
}

/* writer thread */
static gboolean
want_no_history (GalleyWriter *writer, gpointer data, GError **error)
{
  return galley_directory_set (writer, GALLEY_SETTING_HISTORY, "asked", error);
}

/**
 * galley_sim_join:
 * @history_when_asked: older changes than a snapshot are fetched only when somebody asks
 *
 * Somebody begins with a device on which there is nothing yet.
 *
 * Returns: whether there was a place
 */
gboolean
galley_sim_join (GalleySim *self, gboolean history_when_asked)
{
  GalleySimDevice *device = galley_sim_add_device (self, self->n_devices % self->n_persons);

  if (device == NULL)
    return FALSE;
  if (!galley_sim_device_start (device))
    return TRUE;
  if (history_when_asked)
    galley_store_write (device->store, want_no_history, NULL, NULL);
  galley_sim_device_enrol (device);
  return TRUE;
}

static void
make_persons (GalleySim *self)
{
  static const char *const names[] = { "Ana", "Ben", "Cleo", "Dan" };

  self->n_persons = 1 + galley_sim_random_below (&self->chance,
                                                 MIN (self->n_devices, GALLEY_SIM_MAX_PERSONS));
  for (guint i = 0; i < self->n_persons; i++)
    {
      self->persons[i].name = g_strdup (names[i]);
      self->persons[i].role = i == 0 ? GALLEY_ROLE_ADMIN
                                     : GALLEY_ROLE_REVIEWER +
                                           galley_sim_random_below (&self->chance, 2);
    }
}

static void
make_device (GalleySim *self, guint index)
{
  GalleySimDevice *device = &self->devices[index];
  g_autofree char *name = g_strdup_printf ("device-%u", index);

  device->sim = self;
  device->index = index;
  device->person = index % self->n_persons;
  device->folder = g_build_filename (self->folder, name, NULL);
  device->disk = galley_sim_disk_new (device->folder);
  device->editors = g_ptr_array_new_with_free_func (galley_sim_editor_free);
  device->names = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  galley_sim_world_init (&device->world, self->time, galley_sim_random_next (&self->chance));
}

GalleySim *
galley_sim_new (guint64 seed)
{
  GalleySim *self = g_new0 (GalleySim, 1);
  g_autoptr (GError) error = NULL;

  self->seed = seed;
  self->refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->chance.state = seed;
  self->trace = G_GUINT64_CONSTANT (14695981039346656037);
  galley_sim_disk_set_chance (seed);
  self->folder = g_dir_make_tmp ("galley-simulator-XXXXXX", &error);
  g_assert_no_error (error);
  self->time = galley_sim_time_new ();
  self->network = galley_sim_network_new (self->time, galley_sim_answered, self);
  self->server_folder = g_build_filename (self->folder, "server", NULL);
  self->server_disk = galley_sim_disk_new (self->server_folder);
  galley_sim_world_init (&self->server_world, self->time, galley_sim_random_next (&self->chance));
  self->person_ids = g_hash_table_new_full (galley_id_hash, galley_id_equal, g_free, NULL);
  self->role_spans = g_array_new (FALSE, TRUE, sizeof (GalleySimRoleSpan));
  self->gestures = g_ptr_array_new_with_free_func (galley_sim_gesture_free);
  self->accepted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->pushes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_request_unref);
  self->pushers = g_array_new (FALSE, FALSE, sizeof (guint));

  self->n_devices = 2 + galley_sim_random_below (&self->chance, GALLEY_SIM_MAX_DEVICES - 1);
  self->n_projects = 1 + galley_sim_random_below (&self->chance, GALLEY_SIM_MAX_PROJECTS);
  make_persons (self);
  self->n_places = MIN (self->n_devices + galley_sim_random_below (&self->chance, 3),
                        GALLEY_SIM_MAX_PLACES);
  for (guint i = 0; i < self->n_places; i++)
    make_device (self, i);
  return self;
}

void
galley_sim_remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        galley_sim_remove_folder (path);
      else
        g_unlink (path);
    }
  g_rmdir (folder);
}

void
galley_sim_free (GalleySim *self)
{
  for (guint i = 0; i < self->n_devices; i++)
    galley_sim_device_stop (&self->devices[i]);
  galley_sim_server_stop (self);
  /* What the network still has under way goes nowhere. */
  galley_sim_time_pass (self->time, G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC);
  for (guint i = 0; i < self->n_places; i++)
    {
      galley_sim_disk_free (self->devices[i].disk);
      g_free (self->devices[i].folder);
      g_free (self->devices[i].code);
      g_ptr_array_unref (self->devices[i].editors);
      g_array_unref (self->devices[i].names);
      g_clear_pointer (&self->devices[i].copy, galley_sim_copy_free);
    }
  g_clear_pointer (&self->server_copy, galley_sim_copy_free);
  for (guint i = 0; i < self->n_persons; i++)
    g_free (self->persons[i].name);
  galley_sim_disk_free (self->server_disk);
  galley_sim_network_free (self->network);
  galley_sim_time_free (self->time);
  g_hash_table_unref (self->person_ids);
  g_array_unref (self->role_spans);
  g_ptr_array_unref (self->gestures);
  g_hash_table_unref (self->accepted);
  g_ptr_array_unref (self->pushes);
  g_array_unref (self->pushers);
  galley_sim_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->server_folder);
  g_free (self->failure);
  g_hash_table_unref (self->refusals);
  g_free (self);
}
