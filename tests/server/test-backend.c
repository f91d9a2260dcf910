/* test-backend.c: what a server takes, refuses and gives out, without a network
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "galley-test.h"

#include "data/galley-decision.h"
#include "galley-bare-device.h"
#include "server/galley-backend.h"

#include <sqlite3.h>
#include <string.h>

/* A server with one project, and whoever joined. */
typedef struct
{
  char *folder;
  GalleyBackend *backend;
  GalleyId project;
} Bench;

typedef struct
{
  GalleyBareDevice *device;
  GalleySession session;
} Joined;

static GalleyId
new_id (void)
{
  GalleyId id;

  galley_id_new (&id, galley_world_real ());
  return id;
}

static void
set_up (Bench *bench, gconstpointer data)
{
  GError *error = NULL;

  bench->folder = galley_test_path ("server");
  bench->backend = galley_sqlite_backend_open (bench->folder, galley_world_real (), &error);
  g_assert_no_error (error);
  bench->project = new_id ();
}

static void
tear_down (Bench *bench, gconstpointer data)
{
  bench->backend->ops->close (bench->backend);
  g_free (bench->folder);
}

static char *
invite (Bench *bench, const char *person, GalleyRole role, guint uses)
{
  GError *error = NULL;
  char *code = bench->backend->ops->create_invite (bench->backend, person, role, uses, &error);

  g_assert_no_error (error);
  return code;
}

static GalleyEnrolAnswer *
enrol (Bench *bench, GalleyBareDevice *device, const char *code, GError **error)
{
  g_autoptr (GalleyEnrolRequest) request = galley_bare_device_ask (device, code);

  return bench->backend->ops->enrol (bench->backend, request, error);
}

/* @name: of the device; what stands before a dash in it is the person's */
static Joined
join (Bench *bench, const char *name, GalleyRole role)
{
  g_auto (GStrv) parts = g_strsplit (name, "-", 2);
  g_autofree char *code = invite (bench, parts[0], role, 1);
  Joined joined = { .device = galley_bare_device_new (name, &bench->project) };
  g_autoptr (GalleyEnrolAnswer) answer = NULL;
  GError *error = NULL;

  answer = enrol (bench, joined.device, code, &error);
  g_assert_no_error (error);
  bench->backend->ops->authenticate (bench->backend, answer->token, &joined.session, &error);
  g_assert_no_error (error);
  if (role >= GALLEY_ROLE_REVIEWER)
    bench->backend->ops->add_project (bench->backend, &joined.session, &bench->project, &error);
  g_assert_no_error (error);
  return joined;
}

static void
leave (Joined *joined)
{
  g_clear_pointer (&joined->device, galley_bare_device_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Joined, leave)

static GalleyPushAnswer *
push_bytes (Bench *bench, Joined *joined, GBytes *batch)
{
  g_autoptr (GError) error = NULL;
  GalleyPushAnswer *answer = bench->backend->ops->push (bench->backend, &joined->session,
                                                        &bench->project, batch, NULL, &error);

  g_assert_no_error (error);
  return answer;
}

static GalleyPushAnswer *
push (Bench *bench, Joined *joined)
{
  g_autoptr (GBytes) batch = galley_bare_device_pack (joined->device);

  return push_bytes (bench, joined, batch);
}

static void
assert_push_fails (Bench *bench, Joined *joined, GBytes *batch, GalleyServerError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyPushAnswer)
      answer = bench->backend->ops->push (bench->backend, &joined->session, &bench->project, batch,
                                          NULL, &error);

  g_assert_null (answer);
  g_assert_error (error, GALLEY_SERVER_ERROR, (int)code);
}

static const GalleyVerdict *
get_verdict (GalleyPushAnswer *answer, guint index)
{
  g_assert_cmpuint (answer->verdicts->len, >, index);
  return &g_array_index (answer->verdicts, GalleyVerdict, index);
}

static void
assert_run (
    GalleyPushAnswer *answer, guint index, guint64 first_seq, guint64 count, guint64 position)
{
  const GalleyVerdict *verdict = get_verdict (answer, index);

  g_assert_cmpstr (verdict->code, ==, NULL);
  g_assert_cmpuint (verdict->first_seq, ==, first_seq);
  g_assert_cmpuint (verdict->count, ==, count);
  g_assert_cmpuint (verdict->position, ==, position);
}

/* What was made is pushed, and the last of it gets this verdict; %NULL: it is accepted. */
static void
assert_last (Bench *bench, Joined *joined, const char *code)
{
  g_autoptr (GalleyPushAnswer) answer = push (bench, joined);
  const GalleyVerdict *last = get_verdict (answer, answer->verdicts->len - 1);

  g_assert_cmpstr (last->code, ==, code);
  g_assert_cmpint (last->position == 0, ==, code != NULL);
  g_assert_cmpint (last->message != NULL, ==, code != NULL);
  g_assert_cmpuint (last->first_seq + last->count - 1, ==, joined->device->ref.seq);
}

static GalleyId
make_item (Joined *joined)
{
  GalleyId item = new_id ();

  galley_bare_device_make (joined->device, GALLEY_KIND_ITEM, &item, &joined->device->project);
  return item;
}

static void
rename_item (Joined *joined, const GalleyId *item, const char *name)
{
  galley_bare_device_set (joined->device, GALLEY_KIND_ITEM, item, GALLEY_ITEM_NAME,
                          g_variant_new_string (name));
}

/* ── order ── */

static void
test_positions (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPushAnswer) first = NULL, second = NULL, third = NULL;
  GalleyId item = make_item (&ana);

  for (guint i = 0; i < 9; i++)
    rename_item (&ana, &item, "cover");
  first = push (bench, &ana);
  g_assert_cmpuint (first->verdicts->len, ==, 1);
  assert_run (first, 0, 1, 10, 1);
  g_assert_cmpuint (first->position, ==, 10);

  rename_item (&ben, &item, "back");
  second = push (bench, &ben);
  assert_run (second, 0, 1, 1, 11);
  g_assert_cmpstr (second->history_id, ==, first->history_id);

  rename_item (&ana, &item, "spine");
  third = push (bench, &ana);
  assert_run (third, 0, 11, 1, 12);
}

static void
test_repeat (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GalleyPushAnswer) first = NULL, again = NULL;
  g_autoptr (GBytes) first_text = NULL, again_text = NULL;
  GalleyId item = make_item (&ana), unknown = new_id ();

  rename_item (&ana, &unknown, "nothing");
  rename_item (&ana, &item, "cover");
  batch = galley_bare_device_pack (ana.device);
  first = push_bytes (bench, &ana, batch);
  again = push_bytes (bench, &ana, batch);
  first_text = galley_push_answer_to_bytes (first);
  again_text = galley_push_answer_to_bytes (again);
  g_assert_cmpuint (first->verdicts->len, ==, 3);
  g_assert_cmpuint (first->position, ==, 2);
  g_assert_true (g_bytes_equal (first_text, again_text));
}

/* The server has a half of what is sent: a batch whose answer got lost, grown since. */
static void
test_overlap (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  g_autoptr (GalleyPushAnswer) first = NULL, second = NULL;

  g_ptr_array_add (kept, galley_change_ref (ana.device->made->pdata[0]));
  first = push (bench, &ana);
  g_ptr_array_add (ana.device->made, galley_change_ref (kept->pdata[0]));
  rename_item (&ana, &item, "cover");
  second = push (bench, &ana);
  g_assert_cmpuint (second->verdicts->len, ==, 1);
  assert_run (second, 0, 1, 2, 1);
}

/* A copied or restored device: the same number again for something else, or another past. */
static void
test_fork (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GBytes) same_number = NULL, other_past = NULL;
  g_autoptr (GalleyPushAnswer) first = NULL, later = NULL;
  GalleyHash last;

  make_item (&ana);
  first = push (bench, &ana);
  last = ana.device->last;

  ana.device->ref.seq = 0;
  memset (&ana.device->last, 0, sizeof ana.device->last);
  make_item (&ana);
  same_number = galley_bare_device_pack (ana.device);
  assert_push_fails (bench, &ana, same_number, GALLEY_SERVER_ERROR_FORK);

  make_item (&ana);
  other_past = galley_bare_device_pack (ana.device);
  assert_push_fails (bench, &ana, other_past, GALLEY_SERVER_ERROR_FORK);

  /* The chain that was there goes on. */
  ana.device->ref.seq = 1;
  ana.device->last = last;
  make_item (&ana);
  later = push (bench, &ana);
  assert_run (later, 0, 2, 1, 2);
}

static void
test_missing (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GBytes) first = NULL, second = NULL;

  make_item (&ana);
  first = galley_bare_device_pack (ana.device);
  make_item (&ana);
  second = galley_bare_device_pack (ana.device);
  assert_push_fails (bench, &ana, second, GALLEY_SERVER_ERROR_MISSING);
  galley_push_answer_free (push_bytes (bench, &ana, first));
  galley_push_answer_free (push_bytes (bench, &ana, second));
}

/* ── signatures ── */

static void
test_signature (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_ADMIN);
  g_autoptr (GalleyBatchWriter) unsigned_writer = galley_batch_writer_new ();
  g_autoptr (GBytes) bens = NULL, unsigned_batch = NULL, wrong_tip = NULL, other_project = NULL;
  gconstpointer bytes;
  gsize n_bytes;

  /* Nobody sends in the name of somebody else's device, an administrator no more than others. */
  make_item (&ana);
  bens = galley_bare_device_pack (ana.device);
  assert_push_fails (bench, &ben, bens, GALLEY_SERVER_ERROR_FORBIDDEN);

  make_item (&ben);
  bytes = g_bytes_get_data (galley_change_get_bytes (ben.device->made->pdata[0]), &n_bytes);
  galley_batch_writer_add_change (unsigned_writer, bytes, n_bytes, &ben.device->last);
  unsigned_batch = galley_batch_writer_finish (unsigned_writer);
  assert_push_fails (bench, &ben, unsigned_batch, GALLEY_SERVER_ERROR_MALFORMED);

  /* The signature is over another change than the last one. */
  ben.device->last.bytes[0] ^= 1;
  wrong_tip = galley_bare_device_pack (ben.device);
  assert_push_fails (bench, &ben, wrong_tip, GALLEY_SERVER_ERROR_FORBIDDEN);

  ben.device->ref.seq = 0;
  memset (&ben.device->last, 0, sizeof ben.device->last);
  ben.device->project = new_id ();
  make_item (&ben);
  other_project = galley_bare_device_pack (ben.device);
  assert_push_fails (bench, &ben, other_project, GALLEY_SERVER_ERROR_MALFORMED);
}

/* ── refused changes ── */

static void
test_refused_keeps_its_place (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPushAnswer) answer = NULL;
  GalleyId item = make_item (&ana), unknown = new_id ();
  GalleyRef refused;
  GalleyEdit edit;

  rename_item (&ana, &unknown, "nothing");
  refused = ana.device->ref;
  rename_item (&ana, &item, "cover");
  edit = galley_bare_edit (GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, "",
                           g_variant_new_string ("built on what was refused"));
  edit.supersedes = &refused;
  edit.n_supersedes = 1;
  galley_bare_device_change (ana.device, &edit, 1);
  rename_item (&ana, &item, "back");
  answer = push (bench, &ana);

  g_assert_cmpuint (answer->position, ==, 3);
  g_assert_cmpuint (answer->verdicts->len, ==, 5);
  assert_run (answer, 0, 1, 1, 1);
  g_assert_cmpstr (get_verdict (answer, 1)->code, ==, "unknown-entity");
  assert_run (answer, 2, 3, 1, 2);
  g_assert_cmpstr (get_verdict (answer, 3)->code, ==, "depends-on");
  assert_run (answer, 4, 5, 1, 3);
}

static void
test_unknown_base (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);
  GalleyRef stranger = { new_id (), 1 }, own_future = { ana.device->id, 3 };
  GalleyRef own_past = { ana.device->id, 1 };
  GalleyEdit edit = galley_bare_edit (GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, "", NULL);

  edit.n_supersedes = 1;
  edit.supersedes = &stranger;
  edit.value = g_variant_new_string ("a");
  galley_bare_device_change (ana.device, &edit, 1);
  assert_last (bench, &ana, "unknown-base");

  edit.supersedes = &own_future;
  edit.value = g_variant_new_string ("b");
  galley_bare_device_change (ana.device, &edit, 1);
  assert_last (bench, &ana, "unknown-base");

  edit.supersedes = &own_past;
  edit.value = g_variant_new_string ("c");
  galley_bare_device_change (ana.device, &edit, 1);
  assert_last (bench, &ana, NULL);
}

/* A part of what was refused would be a part of nothing for all others. */
static void
test_unknown_parent (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_LEAD);
  GalleyId item = new_id (), nowhere = new_id (), first = new_id (), second = new_id ();
  g_autoptr (GalleyPushAnswer) answer = NULL;

  galley_bare_device_make (ana.device, GALLEY_KIND_ITEM, &item, &bench->project);
  galley_bare_device_make (ana.device, GALLEY_KIND_ANNOTATION, &first, &nowhere);
  galley_bare_device_make (ana.device, GALLEY_KIND_ANNOTATION, &second, &item);
  answer = push (bench, &ana);
  g_assert_cmpuint (get_verdict (answer, 0)->position, ==, 1);
  g_assert_cmpstr (get_verdict (answer, 1)->code, ==, "unknown-entity");
  g_assert_cmpuint (get_verdict (answer, 2)->position, ==, 2);
}

static void
test_invalid (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);

  galley_bare_device_set (ana.device, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME,
                          g_variant_new_uint32 (7));
  assert_last (bench, &ana, "invalid");
  galley_bare_device_set (ana.device, GALLEY_KIND_PLAYLIST, &item, GALLEY_PLAYLIST_NAME,
                          g_variant_new_string ("an item is no playlist"));
  assert_last (bench, &ana, "invalid");
  galley_bare_device_set (ana.device, GALLEY_KIND_ITEM, &item, GALLEY_ITEM_DUE, NULL);
  assert_last (bench, &ana, NULL);
}

/* What the devices could not all understand alike never gets into the stream. */
static void
test_contradiction (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana), odd = new_id ();
  GalleyEdit kinds[] = {
    galley_bare_edit (GALLEY_KIND_ITEM, &odd, GALLEY_F_ALIVE, "", galley_bare_alive (TRUE)),
    galley_bare_edit (GALLEY_KIND_PLAYLIST, &odd, GALLEY_PLAYLIST_NAME, "",
                      g_variant_new_string ("an item is no playlist")),
  };
  GalleyEdit twice[] = {
    galley_bare_edit (GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, "", g_variant_new_string ("a")),
    galley_bare_edit (GALLEY_KIND_ITEM, &item, GALLEY_ITEM_NAME, "", g_variant_new_string ("b")),
  };

  galley_bare_device_change (ana.device, kinds, G_N_ELEMENTS (kinds));
  assert_last (bench, &ana, "invalid");
  galley_bare_device_change (ana.device, twice, G_N_ELEMENTS (twice));
  assert_last (bench, &ana, "invalid");
}

/* Nobody makes in a project of their own what devices know from another one. */
static void
test_id_of_other_project (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana), person = ana.device->person, first = bench->project;
  g_auto (Joined) ben = { 0 };

  assert_last (bench, &ana, NULL);
  bench->project = new_id ();
  ben = join (bench, "Ben", GALLEY_ROLE_LEAD);
  galley_bare_device_make (ben.device, GALLEY_KIND_ITEM, &item, &bench->project);
  assert_last (bench, &ben, "invalid");
  galley_bare_device_make (ben.device, GALLEY_KIND_PROJECT, &first, &bench->project);
  assert_last (bench, &ben, "invalid");
  galley_bare_device_make (ben.device, GALLEY_KIND_ITEM, &person, &bench->project);
  assert_last (bench, &ben, "invalid");
  galley_bare_device_make (ben.device, GALLEY_KIND_ITEM, &bench->project, &bench->project);
  assert_last (bench, &ben, "invalid");
  galley_bare_device_make (ben.device, GALLEY_KIND_PROJECT, &bench->project, &bench->project);
  assert_last (bench, &ben, NULL);
  galley_bare_device_make (ben.device, GALLEY_KIND_MEMBER, &ben.device->person, &bench->project);
  assert_last (bench, &ben, NULL);
}

static void
test_not_yours (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_ADMIN);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);

  ana.device->person = ben.device->person;
  make_item (&ana);
  assert_last (bench, &ana, "not-yours");
}

/* What a newer Galley writes is kept and passed on by a server that does not know it. */
static void
test_newer (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) gil = join (bench, "Gil", GALLEY_ROLE_GUEST);
  GalleyId item = make_item (&ana), thing = new_id ();

  galley_bare_device_set (ana.device, GALLEY_KIND_ITEM, &item, 200, g_variant_new_string ("new"));
  assert_last (bench, &ana, NULL);
  galley_bare_device_make (ana.device, 99, &thing, &bench->project);
  assert_last (bench, &ana, NULL);
  galley_bare_device_set (gil.device, GALLEY_KIND_ITEM, &item, 200, g_variant_new_string ("new"));
  assert_last (bench, &gil, "permission");
}

/* Neither taken nor refused for good: it comes again once the server can read it. */
static void
test_later_format (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  static const guint8 later[256] = { 2 };
  const GalleyHash hash = { { 0 } };
  g_autoptr (GBytes) batch = NULL;

  galley_batch_writer_add_change (writer, later, sizeof later, &hash);
  batch = galley_batch_writer_finish (writer);
  assert_push_fails (bench, &ana, batch, GALLEY_SERVER_ERROR_NEWER);

  make_item (&ana);
  assert_last (bench, &ana, NULL);
}

/* ── who may do what ── */

typedef struct
{
  GalleyRole role;
  const char *own_project, *project_name, *item_name, *own_comment, *others_comment, *others_note,
      *others_item_delete;
} Permissions;

/* Both sides of each rule: what a role may do, and the least that it may not. */
static const Permissions permissions[] = {
  { GALLEY_ROLE_GUEST, "permission", "permission", "permission", "permission", "permission",
    "permission", "permission" },
  { GALLEY_ROLE_REVIEWER, NULL, "permission", NULL, NULL, "permission", "permission",
    "permission" },
  { GALLEY_ROLE_LEAD, NULL, NULL, NULL, NULL, NULL, "permission", NULL },
  { GALLEY_ROLE_ADMIN, NULL, NULL, NULL, NULL, NULL, "permission", NULL },
};

static void
test_permissions (Bench *bench, gconstpointer data)
{
  const Permissions *expected = data;
  g_auto (Joined) owner = join (bench, "Owner", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) one = join (bench, "One", expected->role);
  GalleyId item = make_item (&owner), comment = new_id (), own = new_id (), version = new_id ();
  GalleyId other_project_entity = new_id (), decision;

  galley_bare_device_make (owner.device, GALLEY_KIND_PROJECT, &bench->project, &bench->project);
  galley_bare_device_make (owner.device, GALLEY_KIND_COMMENT, &comment, &item);
  galley_bare_device_make (owner.device, GALLEY_KIND_VERSION, &version, &item);
  galley_decision_get_id (&owner.device->person, &version, &decision);
  galley_bare_device_make (owner.device, GALLEY_KIND_DECISION, &decision, &item);
  assert_last (bench, &owner, NULL);

  galley_bare_device_make (one.device, GALLEY_KIND_PROJECT, &other_project_entity, &item);
  assert_last (bench, &one, expected->own_project);
  galley_bare_device_set (one.device, GALLEY_KIND_PROJECT, &bench->project, GALLEY_PROJECT_NAME,
                          g_variant_new_string ("n"));
  assert_last (bench, &one, expected->project_name);
  rename_item (&one, &item, "n");
  assert_last (bench, &one, expected->item_name);
  galley_bare_device_make (one.device, GALLEY_KIND_COMMENT, &own, &item);
  galley_bare_device_set (one.device, GALLEY_KIND_COMMENT, &own, GALLEY_COMMENT_BODY,
                          g_variant_new_string ("mine"));
  if (expected->own_comment == NULL)
    assert_last (bench, &one, NULL);
  else
    assert_last (bench, &one, "unknown-entity"); /* it could not even be made */
  galley_bare_device_set (one.device, GALLEY_KIND_COMMENT, &comment, GALLEY_COMMENT_BODY,
                          g_variant_new_string ("not mine"));
  assert_last (bench, &one, expected->others_comment);
  galley_bare_device_set (one.device, GALLEY_KIND_DECISION, &decision, GALLEY_DECISION_NOTE,
                          g_variant_new_string ("not mine"));
  assert_last (bench, &one, expected->others_note);
  galley_bare_device_delete (one.device, GALLEY_KIND_ITEM, &item);
  assert_last (bench, &one, expected->others_item_delete);
}

/* Who made the project leads it as far as its own fields go. */
static void
test_maker_of_project (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);

  galley_bare_device_make (ana.device, GALLEY_KIND_PROJECT, &bench->project, &bench->project);
  galley_bare_device_set (ana.device, GALLEY_KIND_PROJECT, &bench->project, GALLEY_PROJECT_NAME,
                          g_variant_new_string ("Brochure"));
  assert_last (bench, &ana, NULL);
  galley_bare_device_set (ben.device, GALLEY_KIND_PROJECT, &bench->project, GALLEY_PROJECT_NAME,
                          g_variant_new_string ("Leaflet"));
  assert_last (bench, &ben, "permission");
}

static void
test_member (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_ADMIN);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyEdit edit = galley_bare_edit (GALLEY_KIND_MEMBER, &ben.device->person, GALLEY_F_ALIVE, "",
                                      galley_bare_alive (TRUE));

  galley_bare_device_change (ana.device, &edit, 1);
  assert_last (bench, &ana, "permission");
  edit.value = galley_bare_alive (TRUE);
  galley_bare_device_change (ben.device, &edit, 1);
  assert_last (bench, &ben, NULL);
}

static void
decide (Joined *joined, guint8 kind, const GalleyId *person, const GalleyId *version)
{
  GalleyId id;

  galley_decision_get_id (person, version, &id);
  galley_bare_device_make (joined->device, kind, &id, &joined->device->project);
}

/* One person, one version, one decision: nobody has two, or takes somebody else's place. */
static void
test_decision_id (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana-laptop", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) tablet = join (bench, "Ana-tablet", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_LEAD);
  GalleyId item = make_item (&ana), version = new_id (), unknown = new_id (), free_id = new_id ();

  galley_bare_device_make (ana.device, GALLEY_KIND_VERSION, &version, &item);
  assert_last (bench, &ana, NULL);
  galley_bare_device_make (ben.device, GALLEY_KIND_DECISION, &free_id, &item);
  assert_last (bench, &ben, "not-yours");
  decide (&ben, GALLEY_KIND_DECISION, &ana.device->person, &version);
  assert_last (bench, &ben, "not-yours");
  decide (&ben, GALLEY_KIND_ITEM, &ana.device->person, &version);
  assert_last (bench, &ben, "invalid");
  decide (&ben, 99, &ana.device->person, &version);
  assert_last (bench, &ben, "invalid");
  decide (&ben, GALLEY_KIND_DECISION, &ben.device->person, &unknown);
  assert_last (bench, &ben, "not-yours");

  decide (&ben, GALLEY_KIND_DECISION, &ben.device->person, &version);
  assert_last (bench, &ben, NULL);
  decide (&ana, GALLEY_KIND_DECISION, &ana.device->person, &version);
  assert_last (bench, &ana, NULL);
  /* Made before the tablet was connected, under the id that it had for Ana. */
  decide (&tablet, GALLEY_KIND_DECISION, &tablet.device->person, &version);
  assert_last (bench, &tablet, NULL);

  /* The version comes with the same push. */
  version = new_id ();
  decide (&ana, GALLEY_KIND_DECISION, &ana.device->person, &version);
  galley_bare_device_make (ana.device, GALLEY_KIND_VERSION, &version, &item);
  assert_last (bench, &ana, NULL);
  galley_bare_device_make (ana.device, GALLEY_KIND_VERSION, &unknown, &item);
  decide (&ana, GALLEY_KIND_DECISION, &ana.device->person, &unknown);
  assert_last (bench, &ana, NULL);
}

static void
set_role (Bench *bench, Joined *joined, GalleyRole role)
{
  g_autoptr (GError) error = NULL;

  bench->backend->ops->set_role (bench->backend, &bench->project, &joined->session.person, role,
                                 &error);
  g_assert_no_error (error);
}

static void
test_role_in_project (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_LEAD);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);

  galley_push_answer_free (push (bench, &ana));
  galley_bare_device_delete (ben.device, GALLEY_KIND_ITEM, &item);
  assert_last (bench, &ben, "permission");

  set_role (bench, &ben, GALLEY_ROLE_LEAD);
  galley_bare_device_delete (ben.device, GALLEY_KIND_ITEM, &item);
  assert_last (bench, &ben, NULL);

  set_role (bench, &ana, GALLEY_ROLE_GUEST);
  rename_item (&ana, &item, "read only now");
  assert_last (bench, &ana, "permission");
}

static guint
delete_many (Bench *bench, Joined *joined, guint n_items)
{
  g_autofree GalleyId *items = g_new (GalleyId, n_items);
  g_autoptr (GalleyPushAnswer) answer = NULL;
  guint n_refused = 0;

  for (guint i = 0; i < n_items; i++)
    items[i] = make_item (joined);
  galley_push_answer_free (push (bench, joined));
  for (guint i = 0; i < n_items; i++)
    galley_bare_device_delete (joined->device, GALLEY_KIND_ITEM, &items[i]);
  answer = push (bench, joined);
  for (guint i = 0; i < answer->verdicts->len; i++)
    if (g_strcmp0 (get_verdict (answer, i)->code, "mass-change") == 0)
      n_refused += get_verdict (answer, i)->count;

  return n_refused;
}

static void
test_mass_change (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) lea = join (bench, "Lea", GALLEY_ROLE_LEAD);

  g_assert_cmpuint (delete_many (bench, &ana, 50), ==, 0);
  g_assert_cmpuint (delete_many (bench, &ana, 51), ==, 51);
  g_assert_cmpuint (delete_many (bench, &lea, 60), ==, 0);
}

/* ── persons and devices ── */

/* The second device of a person had an id of its own for them until it joined. */
static void
test_alias (Bench *bench, gconstpointer data)
{
  g_auto (Joined) laptop = join (bench, "Ana-laptop", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) tablet = join (bench, "Ana-tablet", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&laptop), first = new_id (), second = new_id ();
  g_autoptr (GalleyMe) me = NULL;

  g_assert_true (galley_id_equal (&laptop.session.person, &tablet.session.person));
  g_assert_false (galley_id_equal (&laptop.device->person, &tablet.device->person));

  galley_bare_device_make (laptop.device, GALLEY_KIND_COMMENT, &first, &item);
  assert_last (bench, &laptop, NULL);
  galley_bare_device_make (tablet.device, GALLEY_KIND_COMMENT, &second, &item);
  galley_bare_device_set (tablet.device, GALLEY_KIND_COMMENT, &first, GALLEY_COMMENT_BODY,
                          g_variant_new_string ("from the tablet"));
  assert_last (bench, &tablet, NULL);
  galley_bare_device_set (laptop.device, GALLEY_KIND_COMMENT, &second, GALLEY_COMMENT_BODY,
                          g_variant_new_string ("from the laptop"));
  assert_last (bench, &laptop, NULL);
  galley_bare_device_set (ben.device, GALLEY_KIND_COMMENT, &first, GALLEY_COMMENT_BODY,
                          g_variant_new_string ("from somebody else"));
  assert_last (bench, &ben, "permission");

  me = bench->backend->ops->get_me (bench->backend, &ben.session, NULL);
  g_assert_cmpuint (me->persons->len, ==, 2);
  g_assert_cmpuint (me->devices->len, ==, 3);
  g_assert_cmpuint (me->aliases->len, ==, 1);
}

static void
assert_enrol_fails (Bench *bench, GalleyBareDevice *device, const char *code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyEnrolAnswer) answer = enrol (bench, device, code, &error);

  g_assert_null (answer);
  g_assert_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_FORBIDDEN);
}

static void
test_invites (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyBareDevice) first = galley_bare_device_new ("first", &bench->project);
  g_autoptr (GalleyBareDevice) second = galley_bare_device_new ("second", &bench->project);
  g_autoptr (GalleyBareDevice) third = galley_bare_device_new ("third", &bench->project);
  g_autofree char *once = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  g_autofree char *twice = invite (bench, "Ben", GALLEY_ROLE_LEAD, 2);
  g_autoptr (GalleyEnrolAnswer) ana = NULL, ben = NULL, ben_again = NULL;

  assert_enrol_fails (bench, first, "AAAAA-BBBBB-CCCCC-DDDDD");
  ana = enrol (bench, first, once, NULL);
  g_assert_cmpstr (ana->person_name, ==, "Ana");
  g_assert_cmpint (ana->role, ==, GALLEY_ROLE_REVIEWER);
  g_assert_true (galley_id_equal (&ana->person, &first->person));
  g_assert_false (ana->alias);
  assert_enrol_fails (bench, second, once);

  /* A device that works for one person does not quietly become another's. */
  assert_enrol_fails (bench, first, twice);

  ben = enrol (bench, second, twice, NULL);
  g_assert_false (ben->alias);
  ben_again = enrol (bench, third, twice, NULL);
  g_assert_true (ben_again->alias);
  g_assert_true (galley_id_equal (&ben_again->person, &second->person));
}

/* The invite is used up, and the device never heard what it was given for it. */
static void
test_invite_answer_lost (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyBareDevice) device = galley_bare_device_new ("device", &bench->project);
  g_autoptr (GalleyBareDevice) other = galley_bare_device_new ("other", &bench->project);
  g_autofree char *code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  g_autoptr (GalleyEnrolAnswer) lost = enrol (bench, device, code, NULL);
  g_autoptr (GalleyEnrolAnswer) again = NULL;
  GalleySession session;

  assert_enrol_fails (bench, other, code);
  again = enrol (bench, device, code, NULL);
  g_assert_nonnull (again);
  g_assert_true (bench->backend->ops->authenticate (bench->backend, again->token, &session, NULL));
  /* Nor does the same request, should it come once more, take the token away. */
  g_assert_cmpstr (lost->token, ==, again->token);

  /* It is no way back for a device whose access was withdrawn. */
  g_assert_true (bench->backend->ops->revoke (bench->backend, &device->id, NULL));
  assert_enrol_fails (bench, device, code);
}

/* A code is read out over the telephone and typed in. */
static void
test_invite_spelling (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyBareDevice) device = galley_bare_device_new ("device", &bench->project);
  g_autofree char *code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  g_autofree char *lower = g_ascii_strdown (code, -1);
  g_auto (GStrv) parts = g_strsplit (lower, "-", -1);
  g_autofree char *typed = g_strjoinv ("  ", parts);
  g_autoptr (GalleyEnrolAnswer) answer = enrol (bench, device, typed, NULL);

  g_assert_nonnull (answer);
}

/* An invite that somebody has overheard is no use without the key that the proof is made with. */
static void
test_proof (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyBareDevice) device = galley_bare_device_new ("device", &bench->project);
  g_autofree char *code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  g_autoptr (GalleyEnrolRequest) request = galley_bare_device_ask (device, code);
  g_autoptr (GalleyEnrolAnswer) answer = NULL;

  request->proof[3] ^= 1;
  g_assert_null (bench->backend->ops->enrol (bench->backend, request, NULL));
  request->proof[3] ^= 1;
  answer = bench->backend->ops->enrol (bench->backend, request, NULL);
  g_assert_nonnull (answer);
}

static void
test_revoke (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyBareDevice) device = galley_bare_device_new ("device", &bench->project);
  g_autofree char *code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  g_autoptr (GalleyEnrolAnswer) answer = enrol (bench, device, code, NULL);
  g_autoptr (GError) error = NULL, missing = NULL;
  GalleySession session;
  GalleyId stranger = new_id ();

  g_assert_true (bench->backend->ops->authenticate (bench->backend, answer->token, &session, NULL));
  g_assert_true (bench->backend->ops->revoke (bench->backend, &device->id, NULL));
  g_assert_false (
      bench->backend->ops->authenticate (bench->backend, answer->token, &session, &error));
  g_assert_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_UNAUTHORIZED);
  g_assert_false (bench->backend->ops->revoke (bench->backend, &stranger, &missing));
  g_assert_error (missing, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND);
}

static gboolean
is_let_in (Bench *bench, const GalleyEnrolAnswer *answer)
{
  GalleySession session;

  return bench->backend->ops->authenticate (bench->backend, answer->token, &session, NULL);
}

/* A copied workspace has the same key: an invite for the one shuts the other out no more than it
 * shuts out itself. When the device is revoked both are out, and stay out when one is let in. */
static void
test_two_tokens (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyBareDevice) device = galley_bare_device_new ("device", &bench->project);
  g_autofree char *first_code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  g_autofree char *second_code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  g_autofree char *third_code = NULL;
  g_autoptr (GalleyEnrolAnswer) first = enrol (bench, device, first_code, NULL);
  g_autoptr (GalleyEnrolAnswer) second = enrol (bench, device, second_code, NULL);
  g_autoptr (GalleyEnrolAnswer) third = NULL;
  /* The answer to the first copy was lost meanwhile. */
  g_autoptr (GalleyEnrolAnswer) again = enrol (bench, device, first_code, NULL);

  g_assert_nonnull (again);
  g_assert_cmpstr (first->token, ==, again->token);
  g_assert_cmpstr (first->token, !=, second->token);
  g_assert_true (is_let_in (bench, first));
  g_assert_true (is_let_in (bench, second));

  g_assert_true (bench->backend->ops->revoke (bench->backend, &device->id, NULL));
  g_assert_false (is_let_in (bench, first));
  g_assert_false (is_let_in (bench, second));
  third_code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  third = enrol (bench, device, third_code, NULL);
  g_assert_true (is_let_in (bench, third));
  g_assert_false (is_let_in (bench, first));
  g_assert_false (is_let_in (bench, second));
}

/* The invite is used up and the answer was lost: who took it gets the same one, and nobody else. */
static void
test_enrol_again (Bench *bench, gconstpointer data)
{
  g_autoptr (GalleyBareDevice) device = galley_bare_device_new ("device", &bench->project);
  g_autoptr (GalleyBareDevice) other = galley_bare_device_new ("other", &bench->project);
  g_autofree char *code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 2);
  g_autoptr (GalleyEnrolAnswer) lost = enrol (bench, device, code, NULL);
  g_autoptr (GalleyEnrolAnswer) again = enrol (bench, device, code, NULL);
  g_autoptr (GalleyEnrolAnswer) once_more = enrol (bench, device, code, NULL);
  g_autoptr (GalleyEnrolAnswer) second = NULL;
  GalleyId person = device->person;
  GalleySession session;

  g_assert_nonnull (once_more);
  g_assert_true (galley_id_equal (&again->person, &lost->person));
  g_assert_false (again->alias);
  g_assert_cmpstr (once_more->token, ==, lost->token);
  g_assert_true (
      bench->backend->ops->authenticate (bench->backend, once_more->token, &session, NULL));

  /* The second use is still there, once. Another name for the person is not a repetition. */
  second = enrol (bench, other, code, NULL);
  g_assert_nonnull (second);
  device->person = new_id ();
  assert_enrol_fails (bench, device, code);

  device->person = person;
  g_assert_true (bench->backend->ops->revoke (bench->backend, &device->id, NULL));
  assert_enrol_fails (bench, device, code);
}

/* Whoever has a device that was taken off does not come back with the rest of an invite. */
static void
test_revoke_closes_invites (Bench *bench, gconstpointer data)
{
  G_GNUC_UNUSED g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyBareDevice) device = galley_bare_device_new ("device", &bench->project);
  g_autoptr (GalleyBareDevice) new_key = galley_bare_device_new ("new-key", &bench->project);
  g_autoptr (GalleyBareDevice) bens = galley_bare_device_new ("bens", &bench->project);
  g_autofree char *code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 5);
  g_autofree char *bens_code = invite (bench, "Ben", GALLEY_ROLE_REVIEWER, 1);
  g_autofree char *new_code = NULL;
  G_GNUC_UNUSED g_autoptr (GalleyEnrolAnswer) answer = enrol (bench, device, code, NULL);
  g_autoptr (GalleyEnrolAnswer) back = NULL, bens_answer = NULL;
  GalleySession session;

  g_assert_true (bench->backend->ops->revoke (bench->backend, &device->id, NULL));
  assert_enrol_fails (bench, device, code);
  assert_enrol_fails (bench, new_key, code);
  bens_answer = enrol (bench, bens, bens_code, NULL);
  g_assert_nonnull (bens_answer);

  new_code = invite (bench, "Ana", GALLEY_ROLE_REVIEWER, 1);
  back = enrol (bench, device, new_code, NULL);
  g_assert_nonnull (back);
  g_assert_true (bench->backend->ops->authenticate (bench->backend, back->token, &session, NULL));
}

/* A body that began to come while all was well. */
static void
test_push_after_revoke (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_LEAD);
  g_autoptr (GBytes) late = NULL;
  g_autofree char *code = NULL;
  GalleyId item = make_item (&ana);

  assert_last (bench, &ana, NULL);
  make_item (&ana);
  late = galley_bare_device_pack (ana.device);
  g_assert_true (bench->backend->ops->revoke (bench->backend, &ana.device->id, NULL));
  assert_push_fails (bench, &ana, late, GALLEY_SERVER_ERROR_UNAUTHORIZED);

  /* So it is with a role: who was a lead when the request began is none any more. */
  code = invite (bench, "Ben", GALLEY_ROLE_REVIEWER, 1);
  galley_bare_device_delete (ben.device, GALLEY_KIND_ITEM, &item);
  assert_last (bench, &ben, "permission");
}

/* ── pulling ── */

static GalleyPullAnswer *
pull (Bench *bench, Joined *joined, guint64 after, guint64 have, guint max_changes)
{
  GalleyPull request = {
    .after = after, .have = have, .max_changes = max_changes, .max_bytes = 1024 * 1024
  };
  GError *error = NULL;
  GalleyPullAnswer *answer = bench->backend->ops->pull (bench->backend, &joined->session,
                                                        &bench->project, &request, &error);

  g_assert_no_error (error);
  return answer;
}

/* The kinds of its frames, one letter each: position Known Change Tip Gap. */
static char *
describe (GalleyPullAnswer *answer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyBatchReader) reader = galley_batch_reader_new (answer->body, &error);
  GString *text = g_string_new (NULL);
  int got = 1;

  g_assert_no_error (error);
  while (got > 0)
    {
      g_auto (GalleyFrame) frame = { 0 };

      got = galley_batch_reader_next (reader, &frame, &error);
      g_assert_no_error (error);
      if (got > 0)
        g_string_append_c (text, "?CcKpTG"[frame.type]);
    }
  return g_string_free (text, FALSE);
}

static void
assert_pulled (
    Bench *bench, Joined *joined, guint64 after, guint64 have, guint max, const char *expected)
{
  g_autoptr (GalleyPullAnswer) answer = pull (bench, joined, after, have, max);
  g_autofree char *frames = describe (answer);

  g_assert_cmpstr (frames, ==, expected);
}

static void
test_pull (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);

  rename_item (&ana, &item, "a");
  galley_push_answer_free (push (bench, &ana));
  rename_item (&ben, &item, "b");
  galley_push_answer_free (push (bench, &ben));
  rename_item (&ana, &item, "c");
  galley_push_answer_free (push (bench, &ana));

  assert_pulled (bench, &ben, 0, 0, 100, "pCCTCTCT");
  /* Who has made changes is told where they stand, not what is in them. */
  assert_pulled (bench, &ana, 0, 3, 100, "pKCTK");
  /* Restored from an old backup: what it lost comes in full. */
  assert_pulled (bench, &ana, 0, 1, 100, "pKCTCTCT");
  assert_pulled (bench, &ben, 0, 0, 2, "pCCT");
  assert_pulled (bench, &ben, 2, 0, 100, "pCTCT");
  assert_pulled (bench, &ben, 3, 1, 1, "pCT");
  assert_pulled (bench, &ben, 4, 1, 100, "p");
}

/* Nothing of a refused change is given out but its hash, so that the chain can be checked. */
static void
test_pull_gap (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana), unknown = new_id ();

  galley_push_answer_free (push (bench, &ana));
  rename_item (&ana, &unknown, "refused");
  rename_item (&ana, &unknown, "refused too");
  galley_push_answer_free (push (bench, &ana));
  rename_item (&ana, &item, "good");
  galley_push_answer_free (push (bench, &ana));

  assert_pulled (bench, &ben, 0, 0, 100, "pCTGGCT");
  assert_pulled (bench, &ben, 1, 0, 100, "pGGCT");
  assert_pulled (bench, &ana, 0, 4, 100,
                 "pK"
                 "K");
}

/* As many refused changes one after another as a server takes. */
static void
push_refused (Bench *bench, Joined *joined, guint n_changes)
{
  GalleyId unknown = new_id ();

  for (guint i = 0; i < n_changes; i += 5000)
    {
      for (guint k = 0; k < 5000; k++)
        rename_item (joined, &unknown, "");
      assert_last (bench, joined, "unknown-entity");
    }
}

/* Who sends nothing but what cannot be taken makes nobody's answer endless. */
static void
test_many_refused (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) cleo = join (bench, "Cleo", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPullAnswer) first = NULL, second = NULL;
  g_autofree char *first_frames = NULL, *second_frames = NULL;
  g_autoptr (GBytes) one_more = NULL;
  GalleyHash last;
  guint64 seq;

  push_refused (bench, &ana, 20000);
  push_refused (bench, &ben, 20000);
  seq = ana.device->ref.seq;
  last = ana.device->last;
  push_refused (bench, &cleo, 5000);

  rename_item (&ana, &ana.device->person, "one more");
  one_more = galley_bare_device_pack (ana.device);
  assert_push_fails (bench, &ana, one_more, GALLEY_SERVER_ERROR_TOO_MANY);

  /* One that can be taken is, and the count begins anew. */
  ana.device->ref.seq = seq;
  ana.device->last = last;
  make_item (&ana);
  assert_last (bench, &ana, NULL);
  make_item (&ben);
  assert_last (bench, &ben, NULL);
  push_refused (bench, &ana, 5000);

  first = pull (bench, &cleo, 0, 0, 100);
  first_frames = describe (first);
  g_assert_cmpuint (strlen (first_frames), ==, 1 + 20000 + 2);
  g_assert_true (g_str_has_suffix (first_frames, "GGCT"));
  second = pull (bench, &cleo, 1, 0, 100);
  second_frames = describe (second);
  g_assert_cmpuint (strlen (second_frames), ==, 1 + 20000 + 2);
}

static void
assert_pull_fails (Bench *bench, Joined *joined, const GalleyPull *request, GalleyServerError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bench->backend->ops->pull (bench->backend, &joined->session, &bench->project,
                                            request, &error));
  g_assert_error (error, GALLEY_SERVER_ERROR, (int)code);
}

static void
test_pull_history (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPushAnswer) pushed = NULL;
  GalleyPull request = { .max_changes = 10, .max_bytes = 1000 };

  make_item (&ana);
  pushed = push (bench, &ana);
  request.history = pushed->history_id;
  galley_pull_answer_free (
      bench->backend->ops->pull (bench->backend, &ana.session, &bench->project, &request, NULL));
  request.history = "another";
  assert_pull_fails (bench, &ana, &request, GALLEY_SERVER_ERROR_HISTORY);
  request.history = NULL;
  request.after = 2;
  assert_pull_fails (bench, &ana, &request, GALLEY_SERVER_ERROR_HISTORY);
}

static void
test_may_not_read (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) gil = join (bench, "Gil", GALLEY_ROLE_GUEST);
  GalleyPull request = { .max_changes = 10, .max_bytes = 1000 };
  g_autoptr (GalleyMe) before = NULL, after = NULL;

  make_item (&ana);
  galley_push_answer_free (push (bench, &ana));
  assert_pulled (bench, &gil, 0, 0, 100, "pCT");
  before = bench->backend->ops->get_me (bench->backend, &gil.session, NULL);
  g_assert_cmpuint (before->projects->len, ==, 1);

  set_role (bench, &gil, GALLEY_ROLE_NONE);
  assert_pull_fails (bench, &gil, &request, GALLEY_SERVER_ERROR_NOT_FOUND);
  after = bench->backend->ops->get_me (bench->backend, &gil.session, NULL);
  g_assert_cmpuint (after->projects->len, ==, 0);
}

/* ── what is kept ── */

static void
run_sql (Bench *bench, const char *sql)
{
  g_autofree char *path = g_build_filename (bench->folder, "server.db", NULL);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
assert_verify (Bench *bench, gboolean good)
{
  g_autoptr (GError) error = NULL;
  guint64 n_changes;

  g_assert_cmpint (bench->backend->ops->verify (bench->backend, NULL, &n_changes, &error), ==,
                   good);
  g_assert_cmpint (error == NULL, ==, good);
}

/* @data: what somebody does to the file behind the server's back */
static void
test_verify (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana), unknown = new_id ();

  rename_item (&ana, &item, "cover");
  rename_item (&ana, &unknown, "refused");
  rename_item (&ana, &item, "back");
  galley_push_answer_free (push (bench, &ana));
  make_item (&ana);
  galley_push_answer_free (push (bench, &ana));

  assert_verify (bench, TRUE);
  run_sql (bench, data);
  assert_verify (bench, FALSE);
}

/* A server of an earlier version is opened: what its projects could fetch they still can, and who
 * was let in is. */
static void
test_old_files (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyBareDevice) other = galley_bare_device_new ("other", &bench->project);
  g_autofree char *code = invite (bench, "Ben", GALLEY_ROLE_REVIEWER, 1);
  g_autoptr (GalleyEnrolAnswer) ben = enrol (bench, other, code, NULL);
  GalleyId item = make_item (&ana), version = new_id ();
  GalleyHash file = { { 7 } };
  GVariant *name = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, file.bytes, 32, 1);
  g_autoptr (GError) error = NULL;

  galley_bare_device_make (ana.device, GALLEY_KIND_VERSION, &version, &item);
  galley_bare_device_set (ana.device, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE,
                          g_variant_new ("(@ayts)", name, (guint64)9, "image/png"));
  assert_last (bench, &ana, NULL);
  g_assert_false (bench->backend->ops->has_file (bench->backend, &bench->project, &file, &error));
  g_assert_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_NOT_FOUND);
  g_clear_error (&error);

  bench->backend->ops->close (bench->backend);
  run_sql (bench, "DROP TABLE file_sent; DROP INDEX entity_by_id; DROP INDEX entity_version;"
                  "DROP TABLE invite_use; DROP TABLE digest; DROP TABLE flag; DROP TABLE token; "
                  "DROP TABLE unmade; DROP TABLE flag_change; ALTER TABLE stream "
                  "DROP COLUMN rolling;"
                  "ALTER TABLE device DROP COLUMN revoked_us;"
                  "ALTER TABLE device DROP COLUMN program;"
                  "DELETE FROM meta WHERE key IN ('restored_us', 'rolled');"
                  "PRAGMA user_version = 2");
  bench->backend = galley_sqlite_backend_open (bench->folder, galley_world_real (), &error);
  g_assert_no_error (error);
  g_assert_true (bench->backend->ops->has_file (bench->backend, &bench->project, &file, &error));
  g_assert_no_error (error);
  g_assert_true (is_let_in (bench, ben));
}

static void
test_backup (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autofree char *folder = galley_test_path ("backup");
  g_autofree char *shelf = g_build_filename (bench->folder, "files", "ab", NULL);
  g_autofree char *file = g_build_filename (shelf, "abcd", NULL);
  g_autofree char *copy = g_build_filename (folder, "files", "ab", "abcd", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL, again = NULL;
  Bench other = { .project = bench->project };

  make_item (&ana);
  galley_push_answer_free (push (bench, &ana));
  g_assert_cmpint (g_mkdir_with_parents (shelf, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "bytes", -1, NULL));

  g_assert_true (bench->backend->ops->backup (bench->backend, folder, &error));
  g_assert_no_error (error);
  g_assert_false (bench->backend->ops->backup (bench->backend, folder, &again));
  g_assert_nonnull (again);

  other.backend = galley_sqlite_backend_open (folder, galley_world_real (), &error);
  g_assert_no_error (error);
  assert_pulled (&other, &ana, 0, 0, 100, "pCT");
  assert_verify (&other, TRUE);
  other.backend->ops->close (other.backend);
  g_assert_true (g_file_get_contents (copy, &content, NULL, NULL));
  g_assert_cmpstr (content, ==, "bytes");
}

static void
add (const char *path, gconstpointer data, void (*test) (Bench *, gconstpointer))
{
  g_test_add (path, Bench, data, set_up, test, tear_down);
}

/* ── what one device brings of others ── */

/* All that a device has made, for another to bring. */
typedef struct
{
  GPtrArray *made;
  GalleyRef ref;
  GalleyHash last;
  guint8 signature[GALLEY_SIGNATURE_BYTES];
} Relayed;

static void
relayed_clear (Relayed *relayed)
{
  g_clear_pointer (&relayed->made, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Relayed, relayed_clear)

static Relayed
take_made (Joined *joined)
{
  Relayed relayed = { .ref = joined->device->ref, .last = joined->device->last };

  relayed.made = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_change_unref);
  for (guint i = 0; i < joined->device->made->len; i++)
    g_ptr_array_add (relayed.made, galley_change_ref (joined->device->made->pdata[i]));
  galley_tip_sign (joined->device->key, &joined->device->project, &relayed.ref, &relayed.last,
                   relayed.signature);
  return relayed;
}

/* @skip: how many of the first changes are left out */
static void
add_relayed (GalleyBatchWriter *writer, const Relayed *relayed, guint skip)
{
  for (guint i = skip; i < relayed->made->len; i++)
    {
      gsize bytes;
      gconstpointer data = g_bytes_get_data (galley_change_get_bytes (relayed->made->pdata[i]),
                                             &bytes);

      galley_batch_writer_add_change (writer, data, bytes,
                                      galley_change_get_hash (relayed->made->pdata[i]));
    }
}

static GBytes *
pack_relayed (const Relayed *relayed, guint skip)
{
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();

  add_relayed (writer, relayed, skip);
  galley_batch_writer_add_tip (writer, &relayed->ref, &relayed->last, relayed->signature);
  return galley_batch_writer_finish (writer);
}

static GalleyPushAnswer *
relay (Bench *bench, Joined *joined, GBytes *batch, GError **error)
{
  GalleyPushTerms terms = { .again = TRUE };

  return bench->backend->ops->push (bench->backend, &joined->session, &bench->project, batch,
                                    &terms, error);
}

static void
assert_relay_fails (Bench *bench, Joined *joined, GBytes *batch, GalleyServerError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (relay (bench, joined, batch, &error));
  g_assert_error (error, GALLEY_SERVER_ERROR, (int)code);
}

static void
test_relay (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);
  g_auto (Relayed) relayed = { 0 };
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GalleyPushAnswer) answer = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  rename_item (&ana, &item, "cover");
  relayed = take_made (&ana);
  batch = pack_relayed (&relayed, 0);
  assert_push_fails (bench, &ben, batch, GALLEY_SERVER_ERROR_FORBIDDEN);

  answer = relay (bench, &ben, batch, &error);
  g_assert_no_error (error);
  assert_run (answer, 0, 1, 2, 1);
  g_assert_true (galley_id_equal (&get_verdict (answer, 0)->device, &ana.device->id));

  /* Whoever else has it too does no harm, nor its author. */
  again = relay (bench, &ben, batch, &error);
  g_assert_no_error (error);
  assert_run (again, 0, 1, 2, 1);
  g_assert_cmpuint (again->position, ==, 2);
  assert_last (bench, &ana, NULL);
}

static void
test_relay_forged (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);
  g_auto (Relayed) relayed = { 0 }, stranger_made = { 0 };
  GalleyBareDevice *stranger = galley_bare_device_new ("Eve", &bench->project);
  Joined eve = { .device = stranger };
  g_autoptr (GBytes) hole = NULL, unsigned_batch = NULL, unknown = NULL;

  rename_item (&ana, &item, "cover");
  relayed = take_made (&ana);
  hole = pack_relayed (&relayed, 1);
  assert_relay_fails (bench, &ben, hole, GALLEY_SERVER_ERROR_MISSING);

  /* Ben's word is not Ana's. */
  galley_tip_sign (ben.device->key, &bench->project, &relayed.ref, &relayed.last,
                   relayed.signature);
  unsigned_batch = pack_relayed (&relayed, 0);
  assert_relay_fails (bench, &ben, unsigned_batch, GALLEY_SERVER_ERROR_FORBIDDEN);

  make_item (&eve);
  stranger_made = take_made (&eve);
  unknown = pack_relayed (&stranger_made, 0);
  assert_relay_fails (bench, &ben, unknown, GALLEY_SERVER_ERROR_MISSING);
  galley_bare_device_free (stranger);
}

/* The one who brings it is not asked whether they may; the author is. */
static void
test_relay_permission (Bench *bench, gconstpointer data)
{
  g_auto (Joined) gil = join (bench, "Gil", GALLEY_ROLE_GUEST);
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_LEAD);
  g_auto (Relayed) relayed = { 0 };
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GalleyPushAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;

  make_item (&gil);
  relayed = take_made (&gil);
  batch = pack_relayed (&relayed, 0);
  answer = relay (bench, &ana, batch, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_verdict (answer, 0)->code, ==, "permission");
}

/* Since a restore, somebody may not make a thing any more: what stood on it is refused as well, and
 * does not wait for it, in the same batch or in a later one, also from another device. */
static void
test_relay_unmade (Bench *bench, gconstpointer data)
{
  g_auto (Joined) gil = join (bench, "Gil", GALLEY_ROLE_GUEST);
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_LEAD);
  GalleyId item = make_item (&gil);
  g_auto (Relayed) from_gil = { 0 }, from_ana = { 0 };
  g_autoptr (GBytes) gils = NULL, anas = NULL;
  g_autoptr (GalleyPushAnswer) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;

  rename_item (&gil, &item, "mine");
  from_gil = take_made (&gil);
  rename_item (&ana, &item, "hers");
  from_ana = take_made (&ana);
  anas = pack_relayed (&from_ana, 0);
  assert_relay_fails (bench, &ana, anas, GALLEY_SERVER_ERROR_MISSING);

  gils = pack_relayed (&from_gil, 0);
  first = relay (bench, &ana, gils, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_verdict (first, 0)->code, ==, "permission");
  g_assert_cmpuint (first->verdicts->len, ==, 2);
  second = relay (bench, &ana, anas, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (get_verdict (second, 0)->code, ==, "unknown-entity");
}

/* What stands on something that has not come yet is not refused for good. */
static void
test_relay_order (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  GalleyId item = make_item (&ana);
  g_auto (Relayed) from_ana = take_made (&ana), from_ben = { 0 };
  g_autoptr (GalleyBatchWriter) writer = galley_batch_writer_new ();
  g_autoptr (GBytes) alone = NULL, together = NULL;
  g_autoptr (GalleyPushAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;

  rename_item (&ben, &item, "back");
  from_ben = take_made (&ben);
  alone = pack_relayed (&from_ben, 0);
  assert_relay_fails (bench, &ben, alone, GALLEY_SERVER_ERROR_MISSING);

  add_relayed (writer, &from_ana, 0);
  add_relayed (writer, &from_ben, 0);
  galley_batch_writer_add_tip (writer, &from_ana.ref, &from_ana.last, from_ana.signature);
  galley_batch_writer_add_tip (writer, &from_ben.ref, &from_ben.last, from_ben.signature);
  together = galley_batch_writer_finish (writer);
  answer = relay (bench, &ben, together, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (answer->verdicts->len, ==, 2);
  g_assert_cmpuint (answer->position, ==, 2);
}

/* Whose access was withdrawn says nothing any more, also not through others; but what a restore
 * lost of them, others may bring. */
static void
test_relay_revoked (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_auto (Relayed) relayed = { 0 };
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GalleyPushAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;

  make_item (&ana);
  relayed = take_made (&ana);
  batch = pack_relayed (&relayed, 0);
  bench->backend->ops->revoke (bench->backend, &ana.device->id, &error);
  g_assert_no_error (error);
  assert_relay_fails (bench, &ben, batch, GALLEY_SERVER_ERROR_FORBIDDEN);

  bench->backend->ops->begin_history (bench->backend, &error);
  g_assert_no_error (error);
  assert_relay_fails (bench, &ben, batch, GALLEY_SERVER_ERROR_FORBIDDEN);
  bench->backend->ops->revoke (bench->backend, &ana.device->id, &error);
  g_assert_no_error (error);
  answer = relay (bench, &ben, batch, &error);
  g_assert_no_error (error);
  assert_run (answer, 0, 1, 1, 1);
}

/* A push that goes out from what the stream does not hold is not judged at all. */
static void
test_push_terms (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPushAnswer) first = NULL, good = NULL;
  g_autoptr (GBytes) batch = NULL;
  g_autoptr (GError) error = NULL;
  GalleyPushTerms terms = { 0 };
  GalleyId item = make_item (&ana);
  GalleyPull request = { .max_changes = 10, .max_bytes = 100000 };
  g_autoptr (GalleyPullAnswer) pulled = NULL;

  first = push (bench, &ana);
  pulled = bench->backend->ops->pull (bench->backend, &ana.session, &bench->project, &request,
                                      &error);
  g_assert_no_error (error);
  terms.history = first->history_id;
  terms.mark = (GalleyMark){ 1, pulled->rolling };
  rename_item (&ana, &item, "cover");
  batch = galley_bare_device_pack (ana.device);

  terms.mark.rolling.bytes[0] ^= 1;
  g_assert_null (bench->backend->ops->push (bench->backend, &ana.session, &bench->project, batch,
                                            &terms, &error));
  g_assert_error (error, GALLEY_SERVER_ERROR, GALLEY_SERVER_ERROR_HISTORY);
  g_clear_error (&error);
  terms.mark.rolling.bytes[0] ^= 1;
  good = bench->backend->ops->push (bench->backend, &ana.session, &bench->project, batch, &terms,
                                    &error);
  g_assert_no_error (error);
  assert_run (good, 0, 2, 1, 2);
}

/* The highest of the marks that holds, and every device's chain. */
static void
test_common (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyKnown) known = galley_known_new ();
  g_autoptr (GalleyCommon) common = NULL;
  g_autoptr (GError) error = NULL;
  GalleyMark marks[3] = { { .position = 9 }, { .position = 2 }, { .position = 1 } };
  GalleyChainLink link = { .ref = { .seq = 2 } };

  make_item (&ana);
  galley_hash_roll (&marks[2].rolling, &ana.device->last);
  make_item (&ana);
  link.hash = ana.device->last;
  galley_push_answer_free (push (bench, &ana));
  g_array_append_vals (known->marks, marks, G_N_ELEMENTS (marks));
  g_array_append_val (known->chain, link);
  link.ref.seq = 3;
  g_array_append_val (known->chain, link);

  common = bench->backend->ops->find_common (bench->backend, &ana.session, &bench->project, known,
                                             &error);
  g_assert_no_error (error);
  g_assert_cmpuint (common->position, ==, 1);
  g_assert_cmpuint (common->own_seq, ==, 2);
  g_assert_cmpuint (common->end, ==, 2);
  g_assert_cmpuint (common->chains->len, ==, 1);
  g_assert_cmpuint (g_array_index (common->chains, GalleyChainLink, 0).ref.seq, ==, 2);
}

/* ── what projects have come to ── */

/* Zeros where the one project's stream does not reach. */
static GalleyHash
get_rolling (Bench *bench, guint64 position)
{
  g_autofree char *path = g_build_filename (bench->folder, "server.db", NULL);
  GalleyHash rolling = { { 0 } };
  sqlite3_stmt *query;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT rolling FROM stream WHERE position = ?1", -1,
                                       &query, NULL),
                   ==, SQLITE_OK);
  sqlite3_bind_int64 (query, 1, (gint64)position);
  if (sqlite3_step (query) == SQLITE_ROW)
    memcpy (&rolling, sqlite3_column_blob (query, 0), sizeof rolling);
  sqlite3_finalize (query);
  sqlite3_close (db);
  return rolling;
}

static void
report_of (Bench *bench, Joined *joined, guint64 position, const GalleyHash *rolling, guint8 digest)
{
  GalleyDigestReport one = { bench->project, position, *rolling, { { digest } } };
  g_autoptr (GArray) reports = g_array_new (FALSE, FALSE, sizeof one);
  g_autoptr (GError) error = NULL;

  g_array_append_val (reports, one);
  bench->backend->ops->report_digests (bench->backend, &joined->session, reports, &error);
  g_assert_no_error (error);
}

static void
report (Bench *bench, Joined *joined, guint64 position, guint8 digest)
{
  GalleyHash rolling = get_rolling (bench, position);

  report_of (bench, joined, position, &rolling, digest);
}

/* Of the device, as it is told, and as the administrator sees it; 0: not at all. */
static guint64
get_differs (Bench *bench, Joined *joined)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GalleyMe) me = bench->backend->ops->get_me (bench->backend, &joined->session, &error);
  g_autoptr (GArray) all = bench->backend->ops->list_divergences (bench->backend, NULL, &error);
  const GalleyMeProject *project = me->projects->pdata[0];
  guint64 since = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < all->len; i++)
    if (galley_id_equal (&g_array_index (all, GalleyDivergence, i).device, &joined->session.device))
      since = g_array_index (all, GalleyDivergence, i).since;
  g_assert_cmpuint (project->differs_since, ==, since);
  return since;
}

static void
test_divergence (Bench *bench, gconstpointer data)
{
  g_test_summary ("Who has come to something else than most is told so, and since when.");
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) cleo = join (bench, "Cleo", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPushAnswer) pushed = NULL;

  for (guint i = 0; i < 9; i++)
    make_item (&ana);
  pushed = push (bench, &ana);
  g_assert_cmpuint (pushed->position, ==, 9);

  /* Alone, or at different positions, nobody can be compared. */
  report (bench, &ana, 3, 1);
  report (bench, &ben, 4, 7);
  g_assert_cmpuint (get_differs (bench, &ana), ==, 0);
  g_assert_cmpuint (get_differs (bench, &ben), ==, 0);

  /* Of two that are not the same nobody knows which is right. */
  report (bench, &ben, 3, 2);
  g_assert_cmpuint (get_differs (bench, &ana), ==, 3);
  g_assert_cmpuint (get_differs (bench, &ben), ==, 3);

  /* Of three it is known; and it stays with the first position. */
  report (bench, &cleo, 3, 1);
  report (bench, &ana, 6, 4);
  report (bench, &ben, 6, 5);
  report (bench, &cleo, 6, 4);
  g_assert_cmpuint (get_differs (bench, &ana), ==, 0);
  g_assert_cmpuint (get_differs (bench, &cleo), ==, 0);
  g_assert_cmpuint (get_differs (bench, &ben), ==, 3);

  /* Put right, at the very position; what was before is not held against it. */
  report (bench, &ben, 6, 4);
  g_assert_cmpuint (get_differs (bench, &ben), ==, 0);

  /* What somebody came to who follows another stream still says nothing of this one. */
  report_of (bench, &ana, 9, &(GalleyHash){ { 1 } }, 1);
  report (bench, &ben, 9, 2);
  g_assert_cmpuint (get_differs (bench, &ana), ==, 0);
  g_assert_cmpuint (get_differs (bench, &ben), ==, 0);

  /* What the stream does not have yet nobody can have come to. */
  report (bench, &ana, 10, 1);
  report (bench, &ben, 10, 2);
  g_assert_cmpuint (get_differs (bench, &ben), ==, 0);
}

/* A thousand reports of one device leave the newest. */
static void
test_many_reports (Bench *bench, gconstpointer data)
{
  g_auto (Joined) ana = join (bench, "Ana", GALLEY_ROLE_REVIEWER);
  g_auto (Joined) ben = join (bench, "Ben", GALLEY_ROLE_REVIEWER);
  g_autoptr (GalleyPushAnswer) pushed = NULL;

  for (guint i = 0; i < 100; i++)
    make_item (&ana);
  pushed = push (bench, &ana);
  for (guint i = 1; i <= 100; i++)
    {
      report (bench, &ana, i, 1);
      report (bench, &ben, i, 2);
    }
  g_assert_cmpuint (get_differs (bench, &ben), >, 50);
  g_assert_cmpuint (get_differs (bench, &ben), <, 100);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  add ("/backend/positions", NULL, test_positions);
  add ("/backend/repeat", NULL, test_repeat);
  add ("/backend/overlap", NULL, test_overlap);
  add ("/backend/fork", NULL, test_fork);
  add ("/backend/missing", NULL, test_missing);
  add ("/backend/signature", NULL, test_signature);
  add ("/backend/refused-keeps-its-place", NULL, test_refused_keeps_its_place);
  add ("/backend/unknown-base", NULL, test_unknown_base);
  add ("/backend/unknown-parent", NULL, test_unknown_parent);
  add ("/backend/invalid", NULL, test_invalid);
  add ("/backend/contradiction", NULL, test_contradiction);
  add ("/backend/id-of-other-project", NULL, test_id_of_other_project);
  add ("/backend/not-yours", NULL, test_not_yours);
  add ("/backend/newer", NULL, test_newer);
  add ("/backend/later-format", NULL, test_later_format);
  add ("/backend/permissions/guest", &permissions[0], test_permissions);
  add ("/backend/permissions/reviewer", &permissions[1], test_permissions);
  add ("/backend/permissions/lead", &permissions[2], test_permissions);
  add ("/backend/permissions/admin", &permissions[3], test_permissions);
  add ("/backend/maker-of-project", NULL, test_maker_of_project);
  add ("/backend/decision-id", NULL, test_decision_id);
  add ("/backend/member", NULL, test_member);
  add ("/backend/role-in-project", NULL, test_role_in_project);
  add ("/backend/mass-change", NULL, test_mass_change);
  add ("/backend/alias", NULL, test_alias);
  add ("/backend/invites", NULL, test_invites);
  add ("/backend/invite-answer-lost", NULL, test_invite_answer_lost);
  add ("/backend/invite-spelling", NULL, test_invite_spelling);
  add ("/backend/proof", NULL, test_proof);
  add ("/backend/revoke", NULL, test_revoke);
  add ("/backend/two-tokens", NULL, test_two_tokens);
  add ("/backend/enrol-again", NULL, test_enrol_again);
  add ("/backend/revoke-closes-invites", NULL, test_revoke_closes_invites);
  add ("/backend/push-after-revoke", NULL, test_push_after_revoke);
  add ("/backend/pull", NULL, test_pull);
  add ("/backend/pull-gap", NULL, test_pull_gap);
  add ("/backend/many-refused", NULL, test_many_refused);
  add ("/backend/pull-history", NULL, test_pull_history);
  add ("/backend/may-not-read", NULL, test_may_not_read);
  add ("/backend/verify/bytes",
       "UPDATE stream SET bytes = (SELECT bytes FROM stream WHERE position = 2) WHERE position = 1",
       test_verify);
  add ("/backend/verify/order",
       "UPDATE stream SET seq = CASE seq WHEN 1 THEN -2 WHEN 2 THEN -1 END WHERE seq < 3;"
       "UPDATE stream SET seq = -seq WHERE seq < 0",
       test_verify);
  add ("/backend/verify/lost", "DELETE FROM stream WHERE position = 2", test_verify);
  add ("/backend/verify/lost-refused", "DELETE FROM refused", test_verify);
  add ("/backend/verify/lost-last", "DELETE FROM stream WHERE position = 4", test_verify);
  add ("/backend/verify/signature", "UPDATE tip SET signature = zeroblob (64) WHERE seq = 4",
       test_verify);
  add ("/backend/old-files", NULL, test_old_files);
  add ("/backend/backup", NULL, test_backup);
  add ("/backend/relay", NULL, test_relay);
  add ("/backend/relay-forged", NULL, test_relay_forged);
  add ("/backend/relay-permission", NULL, test_relay_permission);
  add ("/backend/relay-unmade", NULL, test_relay_unmade);
  add ("/backend/relay-order", NULL, test_relay_order);
  add ("/backend/relay-revoked", NULL, test_relay_revoked);
  add ("/backend/push-terms", NULL, test_push_terms);
  add ("/backend/common", NULL, test_common);
  add ("/backend/divergence", NULL, test_divergence);
  add ("/backend/many-reports", NULL, test_many_reports);
  return g_test_run ();
}
