# SPDX-License-Identifier: GPL-3.0-or-later
"""The poster: rings of light over a harbour, printed in few inks with a grain where they meet."""
import math

import cairo
import numpy as np

from lettering import hue, line

WIDTH, HEIGHT = 1400, 2000
LAMP = (952, 1096)
HORIZON = 1600
# From the lamp outwards: how far each ring goes, and its ink.
RINGS = [(74, '#fff3c9'), (140, '#ffdf8e'), (226, '#fbb65f'), (334, '#f08a54'), (466, '#d7605a'),
         (624, '#a84364'), (812, '#743765'), (1034, '#492f5f'), (1300, '#2b2854'), (2400, '#191f45')]
FONT = 'URW Gothic Semi-Bold'
SEA, DEEP, ROCK = '#1d3c5e', '#122745', '#0d1830'
CREAM, RED = '#fdf1d6', '#d3423c'
BEAMS = [(math.radians(186.5), math.radians(10)), (math.radians(-7.5), math.radians(12))]


class Print:
    """A sheet that takes flat inks through masks, and grain where an ink runs out."""

    def __init__(self):
        self.pixels = np.zeros((HEIGHT, WIDTH, 3))
        self.noise = np.random.default_rng(12).random((HEIGHT, WIDTH))
        self.y, self.x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)

    def ink(self, cover, colour):
        self.pixels += cover[..., None] * (np.array(hue(colour)) - self.pixels)

    def grain(self, density, colour, within=1.0):
        """Dots, the more the denser."""
        self.ink((self.noise < density) * within, colour)

    def mask(self, draw):
        surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, WIDTH, HEIGHT)
        context = cairo.Context(surface)
        context.set_source_rgb(1, 1, 1)
        draw(context)
        return np.ndarray((HEIGHT, WIDTH, 4), np.uint8, surface.get_data())[..., 3] / 255

    def paint(self, draw, colour):
        cover = self.mask(draw)
        self.ink(cover, colour)
        return cover

    def letter(self, draw):
        """What has colours of its own."""
        surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, WIDTH, HEIGHT)
        draw(cairo.Context(surface))
        drawn = np.ndarray((HEIGHT, WIDTH, 4), np.uint8, surface.get_data()) / 255
        self.pixels = self.pixels * (1 - drawn[..., 3:]) + drawn[..., 2::-1]


def polygon(*points):
    def draw(context):
        for x, y in points:
            context.line_to(x, y)
        context.close_path()
        context.fill()
    return draw


def wave(level, height, length, phase, bottom=HEIGHT):
    """Water from a curved edge down."""
    def draw(context):
        context.move_to(-length, bottom)
        x = -length + phase
        context.line_to(x, level)
        while x < WIDTH + length:
            context.curve_to(x + length * 0.25, level - height, x + length * 0.25, level - height, x + length * 0.5, level)
            context.curve_to(x + length * 0.75, level + height, x + length * 0.75, level + height, x + length, level)
            x += length
        context.line_to(x, bottom)
        context.fill()
    return draw


def print_sky(sheet):
    distance = np.hypot(sheet.x - LAMP[0], sheet.y - LAMP[1])
    for index in range(len(RINGS) - 1, -1, -1):
        reach, ink = RINGS[index]
        sheet.ink(np.clip(reach - distance + 0.5, 0, 1), ink)
        if index + 1 < len(RINGS):  # the outer ink eats into the ring
            inner = RINGS[index - 1][0] if index else 30
            depth = np.clip((distance - inner) / (reach - inner), 0, 1)
            sheet.grain(0.62 * depth ** 2.6, RINGS[index + 1][1], distance < reach)


def print_beams(sheet):
    """In a beam every ring shows the ink of the one further in."""
    angle = np.arctan2(sheet.y - LAMP[1], sheet.x - LAMP[0])
    distance = np.hypot(sheet.x - LAMP[0], sheet.y - LAMP[1])
    for heading, spread in BEAMS:
        off = np.abs((angle - heading + np.pi) % (2 * np.pi) - np.pi)
        cover = np.clip((spread - off) * distance + 0.5, 0, 1) * (distance > RINGS[0][0])
        lit = sheet.pixels.copy()
        for index in range(len(RINGS) - 1, 0, -1):
            ring = (distance <= RINGS[index][0]) & (distance > RINGS[index - 1][0])
            lit[ring] = hue(RINGS[max(0, index - 2)][1])
        dim = np.clip(1 - (distance - 200) / 1500, 0.25, 1)
        sheet.pixels += (cover * (0.35 + 0.5 * dim))[..., None] * (lit - sheet.pixels)


def print_stars(sheet):
    rng = np.random.default_rng(4)

    def draw(context):
        placed = 0
        while placed < 44:
            x, y = rng.uniform(30, WIDTH - 30), rng.uniform(40, 1350)
            if math.hypot(x - LAMP[0], y - LAMP[1]) < 830 or (140 < x < 1260 and 100 < y < 660):
                continue
            context.arc(x, y, rng.choice([1.6, 2.2, 3.2]), 0, 7)
            context.fill()
            placed += 1
    sheet.paint(draw, '#e9c9b0')


def print_town(sheet):
    """The far shore with its lights."""
    def hills(context):
        context.move_to(0, HORIZON + 4)
        context.line_to(0, 1452)
        context.curve_to(120, 1420, 200, 1446, 300, 1482)
        context.curve_to(400, 1518, 470, 1500, 560, 1534)
        context.curve_to(660, 1570, 720, 1584, 860, HORIZON + 4)
        context.fill()
    cover = sheet.paint(hills, '#3b2a58')
    sheet.grain(np.clip((sheet.y - 1430) / 190, 0, 0.55), '#1f2148', cover)

    rng = np.random.default_rng(9)
    houses = []
    x = 6
    while x < 610:
        wide, high = rng.integers(30, 58), rng.integers(34, 84)
        high = int(high * (1 - 0.45 * x / 610))
        houses.append((x, wide, high, rng.random() < 0.6))
        x += wide + rng.integers(-4, 10)

    def town(context):
        for left, wide, high, gable in houses:
            context.rectangle(left, HORIZON - high, wide, high + 6)
            context.fill()
            if gable:
                polygon((left - 3, HORIZON - high + 1), (left + wide / 2, HORIZON - high - wide * 0.42),
                        (left + wide + 3, HORIZON - high + 1))(context)
        context.rectangle(246, HORIZON - 168, 34, 168)  # the church
        context.fill()
        polygon((242, HORIZON - 166), (263, HORIZON - 262), (284, HORIZON - 166))(context)
    sheet.paint(town, '#1a1c40')

    def windows(context):
        for left, wide, high, _ in houses:
            for top in range(HORIZON - high + 12, HORIZON - 14, 22):
                for column in range(left + 9, left + wide - 12, 16):
                    if rng.random() < 0.42:
                        context.rectangle(column, top, 7, 10)
                        context.fill()
        context.arc(263, HORIZON - 128, 7, 0, 7)
        context.fill()
    sheet.paint(windows, '#fbc46d')


def lens(context, x, y, half, thick):
    context.move_to(x - half, y)
    context.curve_to(x - half * 0.4, y - thick, x + half * 0.4, y - thick, x + half, y)
    context.curve_to(x + half * 0.4, y + thick, x - half * 0.4, y + thick, x - half, y)
    context.fill()


def print_sea(sheet):
    sheet.paint(lambda c: (c.rectangle(0, HORIZON, WIDTH, 500), c.fill()), '#34345f')
    far = np.clip((sheet.y - HORIZON) / 210, 0, 1)
    sheet.grain(far * 0.9, SEA, sheet.y >= HORIZON)
    rng = np.random.default_rng(2)
    for ink, spread, count in (('#743765', 420, 46), ('#d7605a', 270, 40), ('#fbb65f', 150, 30), ('#fff3c9', 60, 14)):
        def road(context):
            for _ in range(count):
                depth = rng.random() ** 1.4
                y = HORIZON + 12 + depth * 218
                x = LAMP[0] - 150 + rng.normal(0, 0.42) * spread
                lens(context, x, y, (22 + 62 * depth) * rng.uniform(0.5, 1.3), 2.2 + 3.6 * depth)
        sheet.paint(road, ink)

    def town_lights(context):
        for _ in range(34):
            depth = rng.random() ** 1.8
            lens(context, rng.uniform(20, 560), HORIZON + 14 + depth * 130, (8 + 24 * depth) * rng.uniform(0.6, 1.3), 1.6 + 2 * depth)
    sheet.paint(town_lights, '#e79a5a')


def print_boat(sheet):
    def hull(context):
        context.move_to(356, 1668)
        context.line_to(520, 1668)
        context.curve_to(508, 1690, 496, 1702, 480, 1706)
        context.line_to(394, 1706)
        context.curve_to(376, 1700, 364, 1688, 356, 1668)
        context.fill()
    sheet.paint(hull, ROCK)
    sheet.paint(lambda c: (c.rectangle(434, 1440, 5, 232), c.fill()), ROCK)
    main = sheet.paint(polygon((444, 1452), (444, 1656), (530, 1656)), CREAM)
    sheet.grain(np.clip((sheet.x - 440) / 130, 0, 0.6), '#f0a66a', main)
    fore = sheet.paint(polygon((430, 1476), (430, 1656), (352, 1656)), RED)
    sheet.grain(np.clip((430 - sheet.x) / 140, 0, 0.6), '#8e2c4a', fore)
    sheet.paint(lambda c: [lens(c, 438 + d, y, h, 3.4) for d, y, h in ((0, 1722, 74), (16, 1738, 48), (-10, 1754, 26))], '#e0a784')


def print_lighthouse(sheet):
    x, top, foot = LAMP[0], 1158, 1650
    half_top, half_foot = 52, 86

    def half(y):
        return half_top + (half_foot - half_top) * (y - top) / (foot - top)
    tower = sheet.paint(polygon((x - half(top), top), (x + half(top), top), (x + half(foot), foot), (x - half(foot), foot)), CREAM)
    for upper, lower in ((1226, 1318), (1410, 1502), (1594, 1650)):
        band = sheet.mask(polygon((x - 200, upper), (x + 200, upper), (x + 200, lower), (x - 200, lower)))
        sheet.ink(band * tower, RED)
    side = np.clip((sheet.x - x + 26) / (half(sheet.y) * 1.35), 0, 1)
    sheet.grain(0.85 * side ** 1.5, '#5b2a52', tower)
    sheet.grain(0.30 * np.clip((1210 - sheet.y) / 52, 0, 1), '#5b2a52', tower)

    def openings(context):
        for y in (1364, 1548):
            context.arc(x - 4, y - 9, 11, math.pi, 0)
            context.rectangle(x - 15, y - 9, 22, 26)
            context.fill()
    sheet.paint(openings, '#3a1f47')

    def gallery(context):
        context.rectangle(x - 82, 1146, 164, 15)
        context.fill()
        polygon((x - 62, 1160), (x + 62, 1160), (x + 50, 1182), (x - 50, 1182))(context)
        context.rectangle(x - 80, 1108, 160, 5)
        context.fill()
        for i in range(9):
            context.rectangle(x - 80 + i * 19.4, 1108, 4, 40)
            context.fill()
    sheet.paint(lambda c: (c.rectangle(x - 40, 1046, 80, 102), c.fill()), '#fffbe6')
    sheet.paint(lambda c: (c.arc(x, LAMP[1], 22, 0, 7), c.fill()), '#ffffff')

    def frame(context):
        for left in (-42, -16, 12, 38):
            context.rectangle(x + left, 1044, 4, 104)
            context.fill()
        context.rectangle(x - 48, 1038, 96, 9)
        context.fill()
        context.move_to(x - 50, 1040)
        context.curve_to(x - 48, 1004, x - 22, 984, x, 980)
        context.curve_to(x + 22, 984, x + 48, 1004, x + 50, 1040)
        context.fill()
        context.arc(x, 976, 8, 0, 7)
        context.rectangle(x - 2, 938, 4, 36)
        context.fill()
    sheet.paint(frame, '#2a1838')
    sheet.paint(gallery, '#2a1838')


def print_rock(sheet):
    def rock(context):
        context.move_to(596, 1720)
        context.curve_to(660, 1700, 700, 1668, 752, 1656)
        context.curve_to(800, 1644, 830, 1652, 866, 1640)
        context.line_to(1042, 1640)
        context.curve_to(1090, 1648, 1130, 1634, 1190, 1650)
        context.curve_to(1270, 1668, 1320, 1652, WIDTH, 1640)
        context.line_to(WIDTH, 1830)
        context.line_to(560, 1830)
        context.fill()
    cover = sheet.paint(rock, ROCK)
    sheet.grain(0.5 * np.clip((1716 - sheet.y) / 80, 0, 1) * np.clip((sheet.x - 560) / 300, 0, 1), '#49304f', cover)

    def cottage(context):
        context.rectangle(1078, 1586, 128, 64)
        context.fill()
    walls = sheet.paint(cottage, '#e9d2bb')
    sheet.grain(np.clip((sheet.x - 1070) / 150, 0, 0.75), '#5b2a52', walls)
    sheet.paint(polygon((1066, 1590), (1092, 1542), (1192, 1542), (1218, 1590)), '#8e2c4a')
    sheet.paint(lambda c: (c.rectangle(1164, 1522, 18, 34), c.fill()), '#5b2a52')
    sheet.paint(lambda c: ([(c.rectangle(l, 1608, 18, 22), c.fill()) for l in (1096, 1130)]), '#ffdf8e')


def print_foreground(sheet):
    for level, height, length, phase, ink, edge in ((1752, 20, 470, 60, SEA, '#3f6a86'), (1806, 22, 560, 250, DEEP, '#28507a')):
        crest = sheet.mask(wave(level - 7, height, length, phase))
        water = sheet.mask(wave(level, height, length, phase))
        sheet.ink(crest, edge)
        sheet.ink(water, ink)
        sheet.grain(0.34 * np.clip(1 - (sheet.y - level) / 60, 0, 1), edge, water)
    base = sheet.y > 1850
    sheet.grain(np.clip((sheet.y - 1800) / 90, 0, 1), '#0b1934', sheet.mask(wave(1806, 22, 560, 250)))
    sheet.ink(base * 1.0 * (sheet.y > 1892), '#0b1934')


def set_type(context):
    left, right = 150, WIDTH - 150
    size = line(context, left, 316, 'HARBOUR', FONT, 0, CREAM, spacing=-0.012, fit=right - left)
    line(context, left, 532, 'LIGHTS', FONT, size, CREAM, spacing=-0.012)
    for y, text in ((486, 'A play in two acts'), (530, 'by Elin Moor')):
        line(context, 938, y, text, FONT, 35, '#fbb65f')

    line(context, left, 1908, '13 June', FONT, 84, CREAM, spacing=-0.02)
    line(context, left, 1950, '8 pm · doors at 7', 'URW Gothic', 27, '#e8c9a0', spacing=0.02)
    line(context, right, 1878, 'The Old Pier Theatre', FONT, 33, CREAM, spacing=0, align='right')
    line(context, right, 1915, 'Fish Quay 1, by the last tram', 'URW Gothic', 25, '#e8c9a0', align='right')
    line(context, right, 1950, 'Tickets at the door', 'URW Gothic', 25, '#e8c9a0', align='right')


def make():
    sheet = Print()
    for step in (print_sky, print_beams, print_stars, print_town, print_sea, print_boat, print_lighthouse,
                 print_rock, print_foreground):
        step(sheet)
    sheet.letter(set_type)
    return (np.clip(sheet.pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
