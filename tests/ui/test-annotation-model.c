/* test-annotation-model.c: the notes of one item: marks for the canvas, threads for the list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "ui/galley-annotation-model.h"
#include "ui/galley-decide.h"

#include "galley-test-project.h"
#include "tests/galley-test.h"

typedef struct
{
  GalleyStore *store;
  GalleyAnnotationModel *model;
  GalleyId project;
  GalleyId item;
  GalleyId note;
} Fixture;

static gboolean
is_read (gpointer model)
{
  return galley_annotation_model_get_contents (model) != NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->store = galley_test_project_open_store ();
  galley_test_project_make (fixture->store, "Posters", &fixture->project);
  galley_test_project_add_item (fixture->store, &fixture->project, "poster.png", &fixture->item);
  galley_test_project_add_note (fixture->store, &fixture->project, &fixture->item, "Too dark",
                                &fixture->note);
  fixture->model = galley_annotation_model_new (fixture->store);
  galley_annotation_model_set_item (fixture->model, &fixture->item);
  galley_test_project_spin_until (is_read, fixture->model);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->model);
  galley_store_close (fixture->store);
  g_clear_object (&fixture->store);
}

static GalleyThread *
thread (Fixture *fixture)
{
  return galley_annotation_model_find_thread (fixture->model, &fixture->note);
}

static void
test_shows (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = galley_annotation_model_find_mark (fixture->model, &fixture->note);

  g_assert_nonnull (mark);
  g_assert_cmpint (galley_mark_get_shape (mark), ==, GALLEY_SHAPE_RECT);
  g_assert_cmpfloat (galley_points_get_data (galley_mark_get_points (mark))[1].x, ==, 200);
  g_assert_cmpstr (galley_thread_get_body (thread (fixture)), ==, "Too dark");
  g_assert_cmpuint (galley_thread_get_number (thread (fixture)), ==, 1);
  g_assert_cmpint (galley_thread_get_saved (thread (fixture)), ==, GALLEY_SAVED_HERE);
}

static gboolean
is_saved (gpointer thread)
{
  return galley_thread_get_saved (thread) == GALLEY_SAVED_HERE;
}

static void
test_drawn_at_once (Fixture *fixture, gconstpointer data)
{
  static const GalleyPoint place = { 30, 40 };
  g_autoptr (GalleyPoints) points = galley_points_new (&place, 1);
  g_autoptr (GalleyMark) drawn = galley_mark_new (NULL, GALLEY_SHAPE_PIN, 1, points);
  GalleyThread *fresh;
  GalleyId note;

  g_test_summary ("What is drawn is there before it is saved, and says that it is not");
  g_assert_true (galley_annotation_model_add (fixture->model, drawn, &note));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->model)), ==, 2);
  fresh = galley_annotation_model_find_thread (fixture->model, &note);
  g_assert_cmpint (galley_thread_get_saved (fresh), ==, GALLEY_SAVED_NOT_YET);

  galley_test_project_spin_until (is_saved, fresh);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->model)), ==, 2);
}

static gboolean
has_reply (gpointer thread)
{
  return galley_thread_get_replies (thread)->len == 1;
}

static gboolean
is_resolved (gpointer thread)
{
  return galley_thread_is_resolved (thread);
}

static void
test_reply_and_resolve (Fixture *fixture, gconstpointer data)
{
  galley_annotation_model_reply (fixture->model, &fixture->note, "Lighter now");
  galley_test_project_spin_until (has_reply, thread (fixture));
  g_assert_cmpstr (((GalleyReply *)galley_thread_get_replies (thread (fixture))->pdata[0])->body,
                   ==, "Lighter now");

  galley_annotation_model_set_resolved (fixture->model, &fixture->note, TRUE);
  galley_test_project_spin_until (is_resolved, thread (fixture));
  g_assert_false (galley_thread_is_contested (thread (fixture)));
}

static gboolean
is_contested (gpointer thread)
{
  return galley_thread_is_contested (thread);
}

static void
test_seen_means_seen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) seen = NULL;

  g_test_summary ("What came in while an editor was open is kept beside what was written in it");
  seen = g_array_copy (galley_thread_get_seen (thread (fixture), GALLEY_ANNOTATION_BODY));
  galley_test_project_set_text (fixture->store, &fixture->project, GALLEY_KIND_ANNOTATION,
                                &fixture->note, GALLEY_ANNOTATION_BODY, "Much too dark");
  galley_annotation_model_set_body (fixture->model, &fixture->note, "Fine as it is", seen);
  galley_test_project_spin_until (is_contested, thread (fixture));
}

static gboolean
shows_another (gpointer thread)
{
  return !g_str_equal (galley_thread_get_body (thread), "Much too dark");
}

static void
test_conflict_stays_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) seen = NULL;

  g_test_summary ("An ordinary edit replaces the value that was shown and settles no conflict");
  seen = g_array_copy (galley_thread_get_seen (thread (fixture), GALLEY_ANNOTATION_BODY));
  galley_test_project_set_text (fixture->store, &fixture->project, GALLEY_KIND_ANNOTATION,
                                &fixture->note, GALLEY_ANNOTATION_BODY, "Much too dark");
  galley_annotation_model_set_body (fixture->model, &fixture->note, "Fine as it is", seen);
  galley_test_project_spin_until (is_contested, thread (fixture));
  galley_annotation_model_set_body (fixture->model, &fixture->note, "A little lighter",
                                    galley_thread_get_seen (thread (fixture),
                                                            GALLEY_ANNOTATION_BODY));
  galley_test_project_spin_until (shows_another, thread (fixture));
  g_assert_cmpstr (galley_thread_get_body (thread (fixture)), ==, "Fine as it is");
  g_assert_true (galley_thread_is_contested (thread (fixture)));
}

static gboolean
is_moved (gpointer mark)
{
  return galley_points_get_data (galley_mark_get_points (mark))[0].x == 300;
}

static void
test_follows_others (Fixture *fixture, gconstpointer data)
{
  GalleyMark *mark = galley_annotation_model_find_mark (fixture->model, &fixture->note);
  g_autoptr (GalleyDraft) draft = galley_draft_new (&fixture->project, "move shape");
  g_autoptr (GError) error = NULL;

  g_test_summary ("A shape that is moved elsewhere moves here");
  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &fixture->note, GALLEY_ANNOTATION_PLACE,
                          NULL, g_variant_new ("(dd)", 300.0, 10.0));
  galley_store_commit (fixture->store, draft, NULL, &error);
  g_assert_no_error (error);
  galley_test_project_spin_until (is_moved, mark);
  g_assert_cmpfloat (galley_points_get_data (galley_mark_get_points (mark))[1].x, ==, 400);
}

static gboolean
is_empty (gpointer model)
{
  return g_list_model_get_n_items (model) == 0;
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  galley_annotation_model_delete (fixture->model, &fixture->note);
  galley_test_project_spin_until (is_empty, fixture->model);
  g_assert_null (thread (fixture));
}

/* Of the newest change of the note, a delete: how far it says that this device was seen. */
static guint64
seen_by_delete (GalleyStore *store, const GalleyId *note)
{
  g_autoptr (GalleyReader) reader = galley_store_open_reader (store, NULL);
  GalleyJournalFilter filter = { .entity = note, .limit = 1 };
  g_autoptr (GPtrArray) rows = galley_reader_list_journal (reader, &filter, NULL);
  GalleyChange *change = ((GalleyJournalRow *)rows->pdata[0])->change;
  g_autoptr (GVariant) devices = NULL;
  gboolean alive;
  guint64 seq;

  g_variant_get (galley_change_get_edit (change, 0)->value, "(b@a(ayt))", &alive, &devices);
  g_assert_false (alive);
  g_assert_cmpuint (g_variant_n_children (devices), ==, 1);
  g_variant_get_child (devices, 0, "(@ayt)", NULL, &seq);
  return galley_change_get_header (change)->seq - seq;
}

static void
test_delete_covers_what_was_shown (Fixture *fixture, gconstpointer data)
{
  g_test_summary ("A delete names what was on screen as seen, not what came in since");
  galley_test_project_set_text (fixture->store, &fixture->project, GALLEY_KIND_ANNOTATION,
                                &fixture->note, GALLEY_ANNOTATION_BODY, "Much too dark");
  galley_annotation_model_delete (fixture->model, &fixture->note);
  galley_test_project_spin_until (is_empty, fixture->model);
  /* The delete itself, and the text that was not shown yet. */
  g_assert_cmpuint (seen_by_delete (fixture->store, &fixture->note), ==, 2);
}

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) saved = NULL;

  galley_decide_finish (result, &saved, &error);
  g_assert_no_error (error);
  *(gboolean *)user_data = TRUE;
}

static gboolean
is_true (gpointer done)
{
  return *(gboolean *)done;
}

/* As the review does it, on what the model shows. */
static char *
approve (Fixture *fixture)
{
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (GalleyId));
  g_autoptr (GPtrArray)
      scopes = g_ptr_array_new_with_free_func ((GDestroyNotify)galley_decision_scope_free);
  g_autoptr (GalleyReader) reader = galley_store_open_reader (fixture->store, NULL);
  g_autoptr (GalleyItemRow) row = NULL;
  gboolean done = FALSE;

  g_array_append_val (items, fixture->item);
  g_ptr_array_add (scopes,
                   galley_contents_get_scope (galley_annotation_model_get_contents (fixture->model),
                                              galley_annotation_model_get_version (
                                                  fixture->model)));
  galley_decide_async (fixture->store, items, scopes, "approve", NULL, decided_cb, &done);
  galley_test_project_spin_until (is_true, &done);
  row = galley_reader_get_item (reader, &fixture->item, NULL);
  return g_strdup (row->state);
}

static gboolean
is_blocking (gpointer thread)
{
  return galley_thread_is_blocking (thread);
}

static void
test_decision_covers_what_was_shown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GalleyDraft) draft = galley_draft_new (&fixture->project, "change note");
  g_autofree char *unseen = NULL, *seen = NULL;

  g_test_summary ("An approval does not count against a blocking note that was not on screen yet");
  galley_draft_set_shown (draft, GALLEY_KIND_ANNOTATION, &fixture->note, GALLEY_ANNOTATION_BLOCKING,
                          NULL, g_variant_new_boolean (TRUE));
  g_assert_true (galley_store_commit (fixture->store, draft, NULL, NULL));
  unseen = approve (fixture);
  g_assert_cmpstr (unseen, ==, "open");

  galley_test_project_spin_until (is_blocking, thread (fixture));
  seen = approve (fixture);
  g_assert_cmpstr (seen, ==, "approved");
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  galley_test_init (&argc, &argv);
  add ("/annotation-model/shows", test_shows);
  add ("/annotation-model/drawn-at-once", test_drawn_at_once);
  add ("/annotation-model/reply-and-resolve", test_reply_and_resolve);
  add ("/annotation-model/seen-means-seen", test_seen_means_seen);
  add ("/annotation-model/conflict-stays-open", test_conflict_stays_open);
  add ("/annotation-model/follows-others", test_follows_others);
  add ("/annotation-model/delete", test_delete);
  add ("/annotation-model/delete-covers-what-was-shown", test_delete_covers_what_was_shown);
  add ("/annotation-model/decision-covers-what-was-shown", test_decision_covers_what_was_shown);
  return g_test_run ();
}
