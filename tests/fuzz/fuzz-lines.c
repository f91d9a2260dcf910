/* fuzz-lines.c: whatever lines galleyctl batch reads, it answers each that is not blank with a line
 * of JSON, in their order, and ends
 *
 * In the input stand $PROJECT, $ITEM and $NOTE for things that are there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define _GNU_SOURCE /* memfd_create() */

#include "galley-fuzz-folder.h"
#include "galley-fuzz.h"

#include "app/ctl/galley-ctl-verbs.h"
#include "galley-test-device.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *workspace; /* (nullable): not made yet */
static GalleyId project, item, note;

static GVariant *
make_file_name (void)
{
  GalleyHash hash;

  galley_hash_bytes (&hash, "file", 4);
  return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, hash.bytes, sizeof hash.bytes, 1);
}

static void
make_version (TestDevice *device)
{
  GalleyDraft *draft = galley_draft_new (&project, "import");
  GVariant *media = g_variant_new_parsed ("(uint32 1, [(100.0, 100.0)])");
  GalleyId version;

  galley_id_new (&version, galley_world_real ());
  galley_draft_create (draft, GALLEY_KIND_VERSION, &version, &item);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_NUMBER, NULL,
                    g_variant_new_uint32 (1), NULL, 0);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_MEDIA, NULL, media, NULL,
                    0);
  galley_draft_set (draft, GALLEY_KIND_VERSION, &version, GALLEY_VERSION_FILE, NULL,
                    g_variant_new ("(@ayts)", make_file_name (), (guint64)4, "image/png"), NULL, 0);
  test_device_commit (device, draft);
}

static void
need_workspace (void)
{
  g_autofree char *home = galley_fuzz_path ("home");
  TestDevice *device;

  if (workspace != NULL)
    return;

  g_setenv ("XDG_DATA_HOME", home, TRUE);
  device = test_device_new ("workspace");
  test_device_make_project (device, &project);
  test_device_make_item (device, &project, "cover.pdf", &item);
  make_version (device);
  test_device_make_note (device, &project, &item, "Mind the logo.", &note);
  workspace = g_strdup (device->folder);
  test_device_free (device);
}

static char *
fill_in (const guint8 *data, gsize size, gsize *bytes)
{
  GString *filled = g_string_new (NULL);
  char ids[3][GALLEY_ID_TEXT_SIZE];

  g_string_append_len (filled, (const char *)data, size);
  /* Replacing stops at a zero byte, as it stands for the end of a text. */
  g_string_replace (filled, "$PROJECT", galley_id_print (&project, ids[0]), 0);
  g_string_replace (filled, "$ITEM", galley_id_print (&item, ids[1]), 0);
  g_string_replace (filled, "$NOTE", galley_id_print (&note, ids[2]), 0);
  *bytes = filled->len;
  return g_string_free (filled, FALSE);
}

/* ── the command, with what it reads and writes in memory ── */

/* In place of @fd; returns what was there. */
static int
put_memory (int fd, gconstpointer data, gsize bytes)
{
  int memory = memfd_create ("fuzz", MFD_CLOEXEC), kept = dup (fd);

  g_assert_cmpint (write (memory, data, bytes), ==, bytes);
  g_assert_cmpint (lseek (memory, 0, SEEK_SET), ==, 0);
  g_assert_cmpint (dup2 (memory, fd), ==, fd);
  close (memory);
  return kept;
}

static char *
take_memory (int fd, int kept)
{
  gsize bytes = lseek (fd, 0, SEEK_END);
  char *text = g_malloc0 (bytes + 1);

  g_assert_cmpint (pread (fd, text, bytes, 0), ==, bytes);
  dup2 (kept, fd);
  close (kept);
  return text;
}

static char *
run (const char *input, gsize bytes)
{
  static const char *const no_words[] = { NULL };
  GalleyCtl *ctl = galley_ctl_new (workspace, FALSE);
  int in = put_memory (STDIN_FILENO, input, bytes), out = put_memory (STDOUT_FILENO, "", 0);
  g_autoptr (GError) error = NULL;
  char *answers;

  galley_ctl_take_words (ctl, &galley_ctl_batch_verbs[0], no_words, &error);
  g_assert_no_error (error);
  galley_ctl_batch_verbs[0].run (ctl, &error);
  g_assert_no_error (error);
  galley_ctl_free (ctl);

  answers = take_memory (STDOUT_FILENO, out);
  g_free (take_memory (STDIN_FILENO, in));
  return answers;
}

static gboolean
is_blank (const char *text, gsize bytes)
{
  for (gsize i = 0; i < bytes; i++)
    if (!g_ascii_isspace (text[i]))
      return FALSE;

  return TRUE;
}

/* One document a line, with the number of the line that it answers. */
static void
check_answer (const char *answer, gint64 number)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  g_assert_nonnull (answer);
  g_assert_true (g_utf8_validate (answer, -1, NULL));
  node = json_from_string (answer, &error);
  g_assert_no_error (error);
  object = json_node_get_object (node);
  g_assert_cmpint (json_object_get_int_member (object, "line"), ==, number);
  g_assert_true (json_object_has_member (object, "error") != json_object_has_member (object, "id"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t size)
{
  g_autofree char *input = NULL, *out = NULL;
  g_auto (GStrv) answers = NULL;
  const char *text, *end;
  gsize bytes;
  gint64 number = 0;
  guint next = 0;

  need_workspace ();
  input = fill_in (data, size, &bytes);
  out = run (input, bytes);
  answers = g_strsplit (out, "\n", -1);
  for (text = input, end = input + bytes; text < end; number++)
    {
      const char *stop = memchr (text, '\n', end - text);

      stop = stop != NULL ? stop : end;
      if (!is_blank (text, stop - text))
        check_answer (answers[next++], number + 1);
      text = stop + 1;
    }
  g_assert_true (answers[next] == NULL || *answers[next] == '\0');
  return 0;
}

/* One of each thing that can be done. */
GBytes *
galley_fuzz_get_seed (void)
{
  static const char seed[] =
      "{\"do\":\"comment.add\",\"annotation\":\"$NOTE\",\"body\":\"Caf\303\251, 2\302\260 left\"}\n"
      "{\"do\":\"annotation.add\",\"item\":\"$ITEM\",\"shape\":\"rect\",\"points\":\"1,2 30,40\","
      "\"page\":1,\"frame\":\"0\",\"body\":\"b\",\"color\":\"#ff0000\",\"width\":2.5,"
      "\"tag\":[\"a\",\"b\"],\"blocking\":true}\n\n"
      "{\"do\":\"field.set\",\"entity\":\"$ITEM\",\"field\":\"name\",\"value\":\"back.pdf\"}\n"
      "{\"do\":\"field.set\",\"entity\":\"$ITEM\",\"field\":\"tags\",\"value\":[\"x\",\"y\"]}\n"
      "{\"do\":\"field.set\",\"entity\":\"$NOTE\",\"field\":\"place\",\"value\":[3,4.5]}\n"
      "{\"do\":\"decision.set\",\"item\":\"$ITEM\",\"verdict\":\"approve\",\"note\":\"ok\"}\n"
      "{\"do\":\"entity.delete\",\"id\":\"$NOTE\"}\n"
      "{\"do\":\"entity.restore\",\"id\":\"$NOTE\"}\n"
      "{\"do\":\"project.create\",\"name\":\"Spring\",\"approvals\":2,\"by\":\"lead\"}\n"
      "{\"do\":\"together\",\"edits\":[{\"do\":\"comment.add\",\"annotation\":\"$NOTE\","
      "\"body\":\"1\"},{\"do\":\"field.set\",\"entity\":\"$ITEM\",\"field\":\"due\","
      "\"value\":1760000000}]}";

  return g_bytes_new_static (seed, sizeof seed - 1);
}
