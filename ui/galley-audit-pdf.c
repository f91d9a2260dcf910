/* galley-audit-pdf.c: an audit on paper
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#define G_LOG_DOMAIN "galley-audit-pdf"

#include "ui/galley-audit-pdf.h"

#include "ui/galley-audit-line.h"
#include "ui/galley-words.h"

#include <cairo-pdf.h>
#include <glib/gi18n-lib.h>
#include <pango/pangocairo.h>

/* A4, in points. */
#define PAGE_WIDTH 595.28
#define PAGE_HEIGHT 841.89
#define MARGIN 51.0
#define FOOT 24.0
#define GAP 10.0
#define SMALL_GAP 2.0
/* A heading does not stand alone at the foot of a page. */
#define TOGETHER 52.0

/* A page that is being filled from above. */
typedef struct
{
  cairo_t *cr;
  PangoLayout *layout;
  double y;
  guint page;
  const char *title;
} Paper;

static void
set_text (Paper *paper, const char *font, const char *text)
{
  PangoFontDescription *description = pango_font_description_from_string (font);

  pango_layout_set_font_description (paper->layout, description);
  pango_font_description_free (description);
  pango_layout_set_text (paper->layout, text, -1);
}

static void
finish_page (Paper *paper)
{
  /* Translators: at the foot of a page: what it is about, and its number */
  g_autofree char *foot = g_strdup_printf (_ ("%s · page %u"), paper->title, paper->page);

  set_text (paper, "Sans 8", foot);
  cairo_set_source_rgb (paper->cr, 0.4, 0.4, 0.4);
  cairo_move_to (paper->cr, MARGIN, PAGE_HEIGHT - MARGIN + GAP);
  pango_layout_set_height (paper->layout, 0); /* one line, with dots */
  pango_layout_set_ellipsize (paper->layout, PANGO_ELLIPSIZE_MIDDLE);
  pango_cairo_show_layout (paper->cr, paper->layout);
  pango_layout_set_ellipsize (paper->layout, PANGO_ELLIPSIZE_NONE);
  pango_layout_set_height (paper->layout, -1);
  cairo_show_page (paper->cr);
  paper->y = MARGIN;
  paper->page++;
}

/* A text may be longer than a page: it goes on line by line. */
static void
add_text (Paper *paper, const char *font, double grey, const char *text)
{
  PangoLayoutIter *iter;

  set_text (paper, font, text);
  iter = pango_layout_get_iter (paper->layout);
  do
    {
      PangoRectangle place;
      PangoLayoutLine *line = pango_layout_iter_get_line_readonly (iter);
      double height, baseline;

      pango_layout_iter_get_line_extents (iter, NULL, &place);
      height = pango_units_to_double (place.height);
      baseline = pango_units_to_double (pango_layout_iter_get_baseline (iter) - place.y);
      if (paper->y + height > PAGE_HEIGHT - MARGIN - FOOT)
        {
          /* The foot needs the layout; the rest of the text is laid out again behind it. */
          g_autofree char *rest = g_strdup (text + pango_layout_line_get_start_index (line));

          pango_layout_iter_free (iter);
          finish_page (paper);
          add_text (paper, font, grey, rest);
          return;
        }
      cairo_set_source_rgb (paper->cr, grey, grey, grey);
      cairo_move_to (paper->cr, MARGIN + pango_units_to_double (place.x), paper->y + baseline);
      pango_cairo_show_layout_line (paper->cr, line);
      paper->y += height;
    }
  while (pango_layout_iter_next_line (iter));
  pango_layout_iter_free (iter);
}

static void
add_entry (Paper *paper, const GalleyAudit *audit, const GalleyAuditEntry *entry)
{
  g_autoptr (GalleyAuditLine) line = galley_audit_line_new (audit, entry);

  paper->y += GAP;
  if (paper->y + TOGETHER > PAGE_HEIGHT - MARGIN - FOOT)
    finish_page (paper);
  add_text (paper, "Sans Bold 9", 0, line->what);
  paper->y += SMALL_GAP;
  if (line->details != NULL)
    add_text (paper, "Sans 9", 0, line->details);
  if (line->effect != NULL)
    add_text (paper, "Sans Italic 9", 0, line->effect);
  add_text (paper, "Sans 8", 0.35, line->source);
}

static void
add_head (Paper *paper, const GalleyAudit *audit, const char *why, gint64 now_us)
{
  g_autofree char *when = galley_words_for_exact_time (now_us);
  g_autofree char *made = g_strdup_printf (ngettext ("%u change, newest first, as known on this "
                                                     "computer on %s",
                                                     "%u changes, newest first, as known on this "
                                                     "computer on %s",
                                                     audit->entries->len),
                                           audit->entries->len, when);

  add_text (paper, "Sans Bold 14", 0, paper->title);
  paper->y += SMALL_GAP;
  add_text (paper, "Sans 9", 0.35, made);
  if (!audit->whole)
    add_text (paper, "Sans 9", 0,
              _ ("Older changes are not on this computer yet; what they were is "
                 "given as unknown."));
  if (why != NULL)
    add_text (paper, "Sans 9", 0, why);
}

static cairo_status_t
write_cb (void *closure, const unsigned char *data, unsigned int bytes)
{
  g_byte_array_append (closure, data, bytes);
  return CAIRO_STATUS_SUCCESS;
}

/**
 * galley_audit_to_pdf:
 * @title: what it is an audit of
 * @why: (nullable): why a field is as it is
 * @now_us: when it is made
 * @error: %G_IO_ERROR_FAILED when the page could not be drawn
 *
 * Any thread.
 *
 * Returns: (transfer full): the bytes of a PDF file of A4 pages
 */
GBytes *
galley_audit_to_pdf (
    const GalleyAudit *self, const char *title, const char *why, gint64 now_us, GError **error)
{
  GByteArray *bytes = g_byte_array_new ();
  cairo_surface_t *surface = cairo_pdf_surface_create_for_stream (write_cb, bytes, PAGE_WIDTH,
                                                                  PAGE_HEIGHT);
  Paper paper = { .cr = cairo_create (surface), .y = MARGIN, .page = 1, .title = title };
  cairo_status_t status;

  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Galley");
  paper.layout = pango_cairo_create_layout (paper.cr);
  pango_layout_set_width (paper.layout, pango_units_from_double (PAGE_WIDTH - 2 * MARGIN));
  pango_layout_set_wrap (paper.layout, PANGO_WRAP_WORD_CHAR);
  add_head (&paper, self, why, now_us);
  for (guint i = 0; i < self->entries->len; i++)
    add_entry (&paper, self, self->entries->pdata[i]);
  finish_page (&paper);

  g_object_unref (paper.layout);
  cairo_destroy (paper.cr);
  cairo_surface_finish (surface);
  status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_byte_array_unref (bytes);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _ ("The page could not be drawn: %s."),
                   cairo_status_to_string (status));
      return NULL;
    }

  return g_byte_array_free_to_bytes (bytes);
}
