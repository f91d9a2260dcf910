# SPDX-License-Identifier: GPL-3.0-or-later
"""The programme: six pages of A5, as vectors, on a grid of two columns and a baseline of 13 points."""
import math
import random

import cairo

from lettering import flow, hue, line

WIDTH, HEIGHT = 419.53, 595.28
LEFT, RIGHT = 42, WIDTH - 42
GUTTER = 18
COLUMN = (RIGHT - LEFT - GUTTER) / 2
SECOND = LEFT + COLUMN + GUTTER
HEAD, HEAD_LIGHT, BODY, ITALIC = 'URW Gothic Semi-Bold', 'URW Gothic', 'P052', 'P052 Italic'
INK, NAVY, PLUM, CORAL, AMBER, SAND, PAPER, WATER = (
    '#1c2240', '#191f45', '#743765', '#d3523f', '#fbb65f', '#f4e6cd', '#fdf8ee', '#cfdde3')
SENTENCE = 'Nobody in the harbour knows what the light is for, until it does not come on.'


def fill(context, colour, alpha=1.0):
    context.set_source_rgba(*hue(colour), alpha)
    context.fill()


def box(context, x, y, wide, high, colour, alpha=1.0):
    context.rectangle(x, y, wide, high)
    fill(context, colour, alpha)


def rule(context, x, y, wide, colour, thick=0.6):
    box(context, x, y - thick / 2, wide, thick, colour)


def shape(context, colour, *points):
    for x, y in points:
        context.line_to(x, y)
    context.close_path()
    fill(context, colour)


def wave(context, level, height, length, phase, colour):
    context.move_to(-length, HEIGHT)
    x = phase - length
    context.line_to(x, level)
    while x < WIDTH + length:
        context.curve_to(x + length * 0.25, level - height, x + length * 0.25, level - height, x + length * 0.5, level)
        context.curve_to(x + length * 0.75, level + height, x + length * 0.75, level + height, x + length, level)
        x += length
    context.line_to(x, HEIGHT)
    fill(context, colour)


def lighthouse(context, x, lamp, scale):
    """With its lamp at x, lamp; 190 units high."""
    context.save()
    context.translate(x, lamp)
    context.scale(scale, scale)
    shape(context, SAND, (-16, 20), (16, 20), (26, 170), (-26, 170))
    for top, bottom in ((44, 72), (100, 128)):
        a, b = 16 + 10 * (top - 20) / 150, 16 + 10 * (bottom - 20) / 150
        shape(context, CORAL, (-a, top), (a, top), (b, bottom), (-b, bottom))
    shape(context, '#5b2a52', (4, 20), (16, 20), (26, 170), (9, 170))
    for top, bottom in ((44, 72), (100, 128)):
        a, b = 16 + 10 * (top - 20) / 150, 16 + 10 * (bottom - 20) / 150
        shape(context, '#8e2c4a', (4 + 5 * (top - 20) / 150, top), (a, top), (b, bottom), (4 + 5 * (bottom - 20) / 150, bottom))
    box(context, -12, -14, 24, 30, '#fffbe6')
    for left in (-12.5, -4.6, 3.4, 11.3):
        box(context, left, -15, 1.4, 31, '#2a1838')
    box(context, -14.5, -16.5, 29, 2.8, '#2a1838')
    context.move_to(-15, -16)
    context.curve_to(-14, -27, -7, -33, 0, -34)
    context.curve_to(7, -33, 14, -27, 15, -16)
    fill(context, '#2a1838')
    box(context, -0.6, -46, 1.2, 13, '#2a1838')
    box(context, -25, 15, 50, 4.6, '#2a1838')
    shape(context, '#2a1838', (-19, 19), (19, 19), (15.5, 26), (-15.5, 26))
    box(context, -24, 4, 48, 1.4, '#2a1838')
    for i in range(9):
        box(context, -24 + i * 5.85, 4, 1.2, 12, '#2a1838')
    context.restore()


def cover(context):
    box(context, 0, 0, WIDTH, HEIGHT, NAVY)
    lamp = (292, 398)
    for reach, ink in ((330, '#2b2854'), (246, '#492f5f'), (178, '#743765'), (126, '#a84364'), (86, '#d7605a'),
                       (55, '#f08a54'), (32, '#ffdf8e')):
        context.arc(*lamp, reach, 0, 7)
        fill(context, ink)
    box(context, 0, 0, WIDTH, 300, NAVY)  # rings set behind the sea of type
    context.save()
    context.rectangle(0, 300, WIDTH, HEIGHT)
    context.clip()
    for heading, spread in ((math.pi * 1.035, 0.13), (-0.10, 0.16)):
        context.move_to(*lamp)
        context.arc(*lamp, 600, heading - spread, heading + spread)
        context.close_path()
        context.set_source_rgba(*hue('#ffdf8e'), 0.32)
        context.fill()
    context.restore()
    lighthouse(context, *lamp, 0.82)
    context.move_to(196, 545)
    context.curve_to(230, 528, 246, 524, 268, 522)
    context.curve_to(310, 516, 360, 528, WIDTH, 520)
    context.line_to(WIDTH, HEIGHT)
    context.line_to(180, HEIGHT)
    fill(context, '#0d1830')
    wave(context, 543, 6, 140, 20, '#1d3c5e')
    wave(context, 559, 6.5, 168, 76, '#0b1934')

    left = 0.15 * WIDTH
    size = line(context, left, 96, 'Harbour', HEAD, 0, '#fdf1d6', fit=WIDTH - 42 - left, spacing=-0.02)
    line(context, left, 96 + 0.90 * size, 'Lights', HEAD, size, '#fdf1d6', spacing=-0.02)
    line(context, left, 208, 'A play in two acts by Elin Moor', HEAD, 12, AMBER)
    rule(context, left, 226, 24, AMBER, 1)
    line(context, left, 255, 'Nobody in the harbour knows what the', ITALIC, 15.5, '#f4e6cd')
    line(context, left, 276, 'light is for, until it does not come on.', ITALIC, 15.5, '#f4e6cd')
    line(context, left, 580, '14 June, 8 pm', HEAD, 12, '#fdf1d6')
    line(context, RIGHT, 580, 'The Old Pier Theatre', HEAD, 12, '#fdf1d6', align='right')


def frame(context, number, title, *, paper=PAPER, numbered=True):
    box(context, 0, 0, WIDTH, HEIGHT, paper)
    line(context, LEFT, 40, 'HARBOUR LIGHTS', HEAD, 6.4, PLUM, spacing=0.16)
    line(context, RIGHT, 40, 'THE OLD PIER THEATRE', HEAD, 6.4, PLUM, spacing=0.16, align='right')
    rule(context, LEFT, 48, RIGHT - LEFT, PLUM, 0.5)
    line(context, LEFT, 92, title, HEAD, 29, INK, spacing=-0.02)
    if not numbered:
        return
    outer = LEFT if number % 2 == 0 else RIGHT
    line(context, outer, HEIGHT - 28, str(number), HEAD, 8, INK, align='left' if number % 2 == 0 else 'right')


def timetable(context, x, y, wide, rows, *, key=62, step=19):
    """Rows of a time or a name, what it is, and perhaps a word at the end; hairlines between."""
    for index, (first, second, *last) in enumerate(rows):
        baseline = y + index * step
        rule(context, x, baseline - 12.4, wide, PLUM, 0.35)
        line(context, x, baseline, first, HEAD, 8.8, CORAL)
        line(context, x + key, baseline, second, BODY, 10.2, INK, align='logical')
        if last:
            line(context, x + wide, baseline, last[0], ITALIC, 9.6, PLUM, align='right')
    rule(context, x, y + len(rows) * step - 12.4, wide, PLUM, 0.35)


def welcome(context):
    frame(context, 2, 'Good evening')
    flow(context, [(LEFT, 122, COLUMN, 274), (SECOND, 122, COLUMN, 300)], '''
        This theatre stands on oak that was driven into the sand in 1871, and at spring tide you can hear the
        water under row F. We have stopped asking people to ignore it. Tonight it is part of the play.

        Elin Moor wrote <i>Harbour Lights</i> in the winter after the last keeper of our own light went home.
        She had asked him what he would miss. “Being expected,” he said, and would not say by whom.

        The company has rehearsed for seven weeks in the net loft on Fish Quay, with a borrowed stove and a dog
        that knows every cue. The lamp on the stage is the real one. It weighs ninety kilos and has been lent to
        us on the condition that it is lit every night, as it always was.

        Please look up when you go home. It will be on.

        <i>Johanna Reis, artistic director</i>
        ''', BODY, 9.8, 13, INK, gap=6.5)

    box(context, LEFT, 332, RIGHT - LEFT, 26, NAVY)
    line(context, LEFT + 10, 349, 'Tonight', HEAD, 12, '#fdf1d6')
    line(context, RIGHT - 10, 349, '14 June', HEAD, 9, AMBER, align='right')
    timetable(context, LEFT, 382, RIGHT - LEFT, (
        ('19:00', 'Doors and bar', 'the kettle is on'),
        ('19:40', 'Introduction in the foyer', 'free, 15 minutes'),
        ('20:00', 'Act One', '55 minutes'),
        ('20:55', 'Interval', 'soup, and air on the pier'),
        ('21:20', 'Act Two', '50 minutes'),
        ('22:15', 'The lamp is lit outside', 'from the east rail'),
        ('22:40', 'Last tram to town', 'stop Fish Quay'),
    ), step=22)


def story(context):
    frame(context, 3, 'The story')
    line(context, LEFT, 124, 'Act One', HEAD, 11, CORAL)
    line(context, SECOND, 124, 'Act Two', HEAD, 11, CORAL)
    flow(context, [(LEFT, 143, COLUMN, 400)], '''
        The kitchen of the lighthouse, late afternoon. Rain against the window; a radio, badly tuned.

        The keeper has lit the lamp for thirty years. Tonight a letter says that it will be the last time: from
        tomorrow a switch on the mainland will do it.

        His daughter Ines comes up the stairs with the post and does not say that she has read it. The pilot
        comes for his tea and does not say that he has signed it. The ferry is late. The kettle is not.
        ''', BODY, 9.8, 13, INK, gap=6.5)
    flow(context, [(SECOND, 143, COLUMN, 400)], f'''
        The gallery under the lamp, the same night. Fog. A ship that should not be there.

        {SENTENCE} Ines counts the seconds between the flashes, as she did when she was five, and one of them
        is missing.

        What the three of them do then takes as long on the stage as it would take up there, and there is no
        other light in the house while they do it.
        ''', BODY, 9.8, 13, INK, gap=6.5)

    context.save()
    context.rectangle(0, 352, WIDTH, 190)
    context.clip()
    box(context, 0, 352, WIDTH, 190, '#2b2854')
    lamp = (WIDTH / 2, 446)
    for reach, ink in ((236, '#492f5f'), (172, '#743765'), (118, '#a84364'), (76, '#d7605a'), (44, '#f08a54'), (22, '#ffdf8e')):
        context.arc(*lamp, reach, 0, 7)
        fill(context, ink)
    for row in range(5):  # fog
        y = 470 + row * 17
        context.set_source_rgba(*hue(SAND), 0.16 + 0.05 * row)
        context.set_line_width(7)
        context.set_line_cap(cairo.LINE_CAP_ROUND)
        rng = random.Random(row + 5)
        x = -20.0
        while x < WIDTH:
            wide = rng.uniform(30, 120)
            context.move_to(x, y)
            context.line_to(x + wide, y)
            context.stroke()
            x += wide + rng.uniform(20, 60)
    shape(context, '#1a1c40', (58, 500), (150, 500), (142, 516), (68, 516))
    box(context, 84, 484, 34, 17, '#1a1c40')
    box(context, 108, 470, 8, 16, '#1a1c40')
    for x in (90, 99, 108):
        box(context, x, 489, 4, 4, AMBER)
    context.restore()


def company(context):
    frame(context, 4, 'The company')
    timetable(context, LEFT, 128, COLUMN, (
        ('The keeper', 'Tomas Vale'), ('Ines', 'Mara Lund'), ('The pilot', 'Jonas Reed'),
        ('The radio', 'Ada Finch')), key=66)
    timetable(context, SECOND, 128, COLUMN, (
        ('Direction', 'Elin Moor'), ('Light', 'Piet Haan'), ('Stage', 'Ruth Okafor'),
        ('Sound', 'Ivo Brandt')), key=66)
    portraits = (('Tomas Vale', '''came to the theatre from the merchant navy and has played two Lears and a
                  great many fathers. This is his ninth season on the pier.'''),
                 ('Mara Lund', '''trained in Bergen. She was Nora here last year, and sings on Fridays in
                  the Anchor with a band that has no name yet.'''),
                 ('Jonas Reed', '''really is a pilot, on Tuesdays and Thursdays. He asks us to say that no
                  pilot would ever put sugar in first.'''),
                 ('Ada Finch', '''has been a voice on the coastal radio for eleven years. You have heard
                  her if you have ever been out there and worried.'''))
    inks = (('#a84364', '#fbb65f'), ('#1d3c5e', '#f08a54'), ('#743765', '#ffdf8e'), ('#d7605a', '#2b2854'))
    for index, ((name, words), (ground, figure)) in enumerate(zip(portraits, inks)):
        x = LEFT if index % 2 == 0 else SECOND
        y = 232 + (index // 2) * 152
        context.save()
        context.rectangle(x, y, COLUMN, 62)
        context.clip()
        box(context, x, y, COLUMN, 62, ground)
        centre = x + COLUMN * (0.5, 0.32, 0.66, 0.5)[index]
        context.arc(centre, y + 64, 30, 0, 7)
        fill(context, figure)
        context.arc(centre, y + 25, 14.5, 0, 7)
        fill(context, figure)
        context.arc(centre + (-2, 2, -3, 1)[index], y + 21, 15.4, math.pi * 0.98, math.pi * 1.98)
        fill(context, '#191f45')
        context.restore()
        line(context, x, y + 80, name, HEAD, 10, INK)
        flow(context, [(x, y + 95, COLUMN, y + 150)], words, BODY, 9.2, 12.2, INK)


def map_page(context):
    frame(context, 5, 'Finding us')
    x0, y0, wide, high = LEFT, 112, RIGHT - LEFT, 300
    context.save()
    context.rectangle(x0, y0, wide, high)
    context.clip()
    box(context, x0, y0, wide, high, WATER)
    context.translate(x0, y0)

    def shore(shift):
        context.move_to(-10, 118 + shift)
        context.curve_to(40, 112 + shift, 62, 150 + shift, 104, 148 + shift)
        context.curve_to(150, 146 + shift, 158, 108 + shift, 206, 112 + shift)
        context.curve_to(258, 116 + shift, 262, 168 + shift, 300, 176 + shift)
        context.curve_to(326, 180 + shift, 334, 160 + shift, 350, 158 + shift)
    context.set_line_width(0.5)
    for depth in range(1, 9):  # lines of equal depth
        shore(depth * (9 + depth * 1.4))
        context.set_source_rgba(*hue('#5d8799'), 0.75 - depth * 0.07)
        context.stroke()
    shore(0)
    context.line_to(350, -10)
    context.line_to(-10, -10)
    context.close_path()
    context.set_source_rgb(*hue('#f1e1c3'))
    context.fill_preserve()
    context.set_source_rgb(*hue('#b99a6b'))
    context.set_line_width(0.9)
    context.stroke()

    context.save()  # the streets stay on land
    shore(-5)
    context.line_to(350, -10)
    context.line_to(-10, -10)
    context.clip()
    context.move_to(236, -6)
    context.curve_to(228, 30, 250, 52, 300, 56)
    context.curve_to(330, 58, 340, 70, 350, 84)
    context.line_to(350, -6)
    fill(context, '#c9d3a6')
    context.set_line_cap(cairo.LINE_CAP_ROUND)
    streets = ([(-5, 84), (70, 78), (150, 82), (206, 86), (262, 108), (345, 138)], [(-5, 36), (90, 40), (232, 34)],
               [(40, -5), (46, 120)], [(104, -5), (98, 138)], [(160, -5), (156, 118)], [(214, 10), (206, 104)])
    for thick, ink in ((7.2, '#d5bd93'), (5.6, '#fffaf0')):
        context.set_line_width(thick)
        context.set_source_rgb(*hue(ink))
        for street in streets:
            for point in street:
                context.line_to(*point)
            context.stroke()
    rng = random.Random(17)
    for left, right in ((4, 40), (52, 96), (110, 152), (166, 206)):
        for top, bottom in ((2, 30), (46, 72)):
            x = left
            while x < right - 7:
                w = rng.uniform(7, 13)
                w = min(w, right - x)
                box(context, x, top + rng.uniform(0, 6), w - 1.6, rng.uniform(8, 11), '#dcb98a')
                box(context, x, bottom - rng.uniform(9, 12), w - 1.6, 9, '#dcb98a')
                x += w
    context.restore()

    context.set_dash([5, 3])  # the tram
    context.set_line_width(1.5)
    context.set_source_rgb(*hue(CORAL))
    for point in streets[0][:4]:
        context.line_to(*point)
    context.stroke()
    context.set_dash([1.5, 3.5])  # the ferry
    context.set_line_width(1.1)
    context.set_source_rgb(*hue('#2f5f7a'))
    context.move_to(68, 142)
    context.curve_to(80, 206, 40, 250, -5, 262)
    context.stroke()
    context.set_dash([])

    context.set_line_width(6)  # the pier
    context.set_source_rgb(*hue(INK))
    context.move_to(206, 104)
    context.line_to(192, 214)
    context.stroke()
    context.save()
    context.translate(191, 220)
    context.rotate(0.127)
    context.rectangle(-15, -12, 30, 28)
    fill(context, INK)
    shape(context, CORAL, (-15, -12), (15, -12), (0, 2))
    context.restore()

    for x, y, letter, label, side in ((206, 86, '1', 'Tram, Fish Quay', 1), (191, 234, '2', 'The Old Pier Theatre', -1),
                                      (68, 141, '3', 'Ferry', -1), (300, 170, '4', 'The light', -1)):
        context.arc(x, y, 7.4, 0, 7)
        fill(context, CORAL)
        line(context, x, y + 3, letter, HEAD, 8.4, '#fffaf0', align='centre')
    line(context, 213, 239, 'The Old Pier Theatre', HEAD, 9.4, INK)
    line(context, 218, 80, 'Fish Quay', HEAD, 8, INK)
    line(context, 312, 196, 'The light', HEAD, 8, INK, align='right')
    line(context, 60, 158, 'Ferry', HEAD, 8, INK, align='right')
    line(context, 291, 26, 'Castle', ITALIC, 9.4, '#6b7a45', align='centre')
    line(context, 291, 38, 'Gardens', ITALIC, 9.4, '#6b7a45', align='centre')
    line(context, 110, 236, 'H A R B O U R', ITALIC, 10, '#48758a', align='centre')
    context.save()  # north
    context.translate(316, 262)
    shape(context, INK, (0, -20), (5, 0), (0, -4))
    shape(context, '#8b93a8', (0, -20), (-5, 0), (0, -4))
    line(context, 0, 12, 'N', HEAD, 8, INK, align='centre')
    context.restore()
    box(context, 14, 282, 60, 1.4, INK)
    for x in (14, 44, 74):
        box(context, x - 0.4, 278, 0.8, 5.4, INK)
    line(context, 80, 285, '200 m', HEAD_LIGHT, 7.4, INK)
    context.restore()

    timetable(context, LEFT, 444, RIGHT - LEFT, (
        ('1  Tram', 'Line 4 from the station, every ten minutes', '12 minutes'),
        ('2  On foot', 'From the market along the quay, lit and level', '15 minutes'),
        ('3  Ferry', 'From Northside, last boat back at 23:10', '8 minutes'),
        ('4  The light', 'Open on Sundays; 142 steps', 'free'),
    ), key=70)
    flow(context, [(LEFT, 534, RIGHT - LEFT, 560)], '''The pier is wide enough for wheelchairs and prams throughout. There are
        two places at the end of each row; tell us, and they are yours.''', ITALIC, 9.4, 12.4, PLUM)


def season(context):
    frame(context, 6, 'Summer on the pier', paper=SAND, numbered=False)
    timetable(context, LEFT, 128, RIGHT - LEFT, (
        ('14–30 June', 'Harbour Lights', 'Elin Moor'),
        ('3–12 July', 'The Winter Post', 'Johanna Reis'),
        ('15 July', 'An evening with the coastal radio', 'Ada Finch'),
        ('18–29 July', 'A Doll’s House', 'Henrik Ibsen'),
        ('2–4 August', 'Short plays by the school on the hill', 'everyone'),
        ('8–24 August', 'The Tempest', 'William Shakespeare'),
        ('30 August', 'Last night: bring a lantern', 'and a jumper'),
    ), key=82)
    y = 292
    for x, wide, price, what in ((LEFT, COLUMN * 0.62, '18', 'full price'), (LEFT + COLUMN * 0.74, COLUMN * 0.62, '9', 'under 26'),
                                 (LEFT + COLUMN * 1.48, COLUMN * 0.62, '0', 'if it is too much')):
        size = 46
        line(context, x, y + 36, price, HEAD, size, CORAL, spacing=-0.03)
        line(context, x, y + 53, what, HEAD, 8.4, INK)
    rule(context, LEFT, y + 72, RIGHT - LEFT, PLUM, 0.5)
    flow(context, [(LEFT, y + 92, COLUMN, y + 190), (SECOND, y + 92, COLUMN, 550)], '''
        Tickets are sold at the door from an hour before, and in the tobacconist’s on Market Street all day. We keep
        twenty for those who come on foot in the rain.

        The lamp was lent by the Harbour Trust, the stove by Brandt &amp; Daughters, the dog by herself.

        Thank you to the eighty-one households who slept badly so that we could try out the foghorn, and to the
        crew of the <i>Marguerite</i>, who answered it.

        <i>Printed by hand at the Quay Press, on paper that was something else before. Please leave it on your
        seat if you do not want to keep it.</i>
        ''', BODY, 9.8, 13, INK, gap=6.5)
    wave(context, 566, 4.5, 96, 10, '#1d3c5e')
    wave(context, 575, 5, 118, 50, '#0b1934')
    line(context, LEFT, 588, '6', HEAD, 8, '#fdf1d6')


def make(path):
    surface = cairo.PDFSurface(path, WIDTH, HEIGHT)
    surface.set_metadata(cairo.PDF_METADATA_TITLE, 'Harbour Lights: programme')
    surface.set_metadata(cairo.PDF_METADATA_AUTHOR, 'The Old Pier Theatre')
    surface.set_metadata(cairo.PDF_METADATA_CREATE_DATE, '2026-06-01T12:00:00')
    context = cairo.Context(surface)
    for page in (cover, welcome, story, company, map_page, season):
        page(context)
        context.show_page()
    surface.finish()
