/* test-words.c: what people read, and that there is room for it in a language with long words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "data/galley-schema.h"
#include "ui/galley-sync-page.h"
#include "ui/galley-ui.h"
#include "ui/galley-words.h"

#include "galley-test.h"

/* A telephone, or half of a small screen. */
#define NARROW_PX 360

static void
assert_value (guint8 kind, guint16 field, GVariant *value, const char *words)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);
  g_autofree char *text = galley_words_for_value (kind, field, owned);

  g_assert_cmpstr (text, ==, words);
}

static void
test_values (void)
{
  g_test_summary ("Values of the schema are called as people call them");
  assert_value (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_SHAPE, g_variant_new_string ("rect"),
                "Rectangle");
  assert_value (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_SHAPE, g_variant_new_string ("spiral"),
                "spiral");
  assert_value (GALLEY_KIND_ANNOTATION, GALLEY_ANNOTATION_STATUS, g_variant_new_string ("resolved"),
                "Resolved");
  assert_value (GALLEY_KIND_PROJECT, GALLEY_PROJECT_APPROVAL, g_variant_new ("(us)", 2, "lead"),
                "2 approvals (lead or more)");
}

static void
show_all (GtkWidget *widget)
{
  gtk_widget_set_visible (widget, TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (!GTK_IS_POPOVER (child))
      show_all (child);
}

static void
test_german (void)
{
  g_autoptr (GtkWidget) page = NULL;
  int least;

  g_test_summary ("In German the backlog fits into a narrow window, with all its buttons");
  if (!galley_test_speak_german ())
    return;

  g_assert_cmpstr (galley_words_for_state ("changes-requested"), ==, "Änderungen verlangt");
  page = g_object_ref_sink (g_object_new (GALLEY_TYPE_SYNC_PAGE, NULL));
  show_all (page);
  gtk_widget_measure (page, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  g_assert_cmpint (least, <=, NARROW_PX);
  galley_test_speak_english ();
}

int
main (int argc, char **argv)
{
  /* Before the folders are isolated: the toolkit needs the system's settings. */
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  gtk_init ();
  adw_init ();
  galley_ui_init ();
  galley_test_init (&argc, &argv);
  galley_test_speak_english ();
  g_test_add_func ("/words/values", test_values);
  g_test_add_func ("/words/german", test_german);
  return g_test_run ();
}
