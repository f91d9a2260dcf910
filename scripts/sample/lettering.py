# SPDX-License-Identifier: GPL-3.0-or-later
"""Type set by hand: a line of letters with its spacing, a width to fill, a column to flow in."""
import gi

gi.require_version('Pango', '1.0')
gi.require_version('PangoCairo', '1.0')
from gi.repository import Pango, PangoCairo  # noqa: E402


def hue(text):
    return tuple(int(text[i:i + 2], 16) / 255 for i in (1, 3, 5))


def lay_out(context, text, font, size, *, spacing=0, leading=None, width=None, markup=False):
    layout = PangoCairo.create_layout(context)
    options = layout.get_context()
    options.set_round_glyph_positions(False)
    description = Pango.FontDescription(font)
    description.set_absolute_size(size * Pango.SCALE)
    layout.set_font_description(description)
    if markup:
        layout.set_markup(text, -1)
    else:
        layout.set_text(text, -1)
    attributes = layout.get_attributes() or Pango.AttrList()
    if spacing:
        attributes.insert(Pango.attr_letter_spacing_new(int(spacing * size * Pango.SCALE)))
    attributes.insert(Pango.attr_font_features_new('kern 1, liga 1'))
    if leading:
        attributes.insert(Pango.attr_line_height_new_absolute(int(leading * Pango.SCALE)))
    layout.set_attributes(attributes)
    if width:
        layout.set_width(int(width * Pango.SCALE))
        layout.set_wrap(Pango.WrapMode.WORD)
    return layout


def line(context, x, y, text, font, size, colour, *, spacing=0, align='left', fit=None):
    """Sets one line with its baseline at y and its ink's edge at x; gives its size when it fits a width."""
    if fit:
        ink = lay_out(context, text, font, 100, spacing=spacing).get_pixel_extents()[0]
        size = 100 * fit / ink.width
        for _ in range(3):  # hinting and spacing are not quite linear
            ink = lay_out(context, text, font, size, spacing=spacing).get_extents()[0]
            size *= fit / (ink.width / Pango.SCALE)
    layout = lay_out(context, text, font, size, spacing=spacing)
    ink, logical = layout.get_extents()
    left = ink.x / Pango.SCALE if align != 'logical' else 0
    wide = ink.width / Pango.SCALE
    x -= {'left': left, 'logical': 0, 'right': left + wide, 'centre': left + wide / 2}[align]
    context.set_source_rgb(*hue(colour))
    context.move_to(x, y - layout.get_baseline() / Pango.SCALE)
    PangoCairo.show_layout(context, layout)
    context.new_path()
    return size


def flow(context, columns, text, font, size, leading, colour, *, gap=0.0):
    """Flows paragraphs through columns of (x, first baseline, width, last baseline). Markup is understood."""
    context.set_source_rgb(*hue(colour))
    index = 0
    x, y, width, last = columns[0]
    for number, paragraph in enumerate(text.strip().split('\n\n')):
        if number:
            y += gap
        layout = lay_out(context, ' '.join(paragraph.split()), font, size, width=width, markup=True)
        for row in range(layout.get_line_count()):
            if y > last + 0.01:
                index += 1
                x, y, width, last = columns[index]
            context.move_to(x, y)
            PangoCairo.show_layout_line(context, layout.get_line_readonly(row))
            y += leading
    context.new_path()
    return y
