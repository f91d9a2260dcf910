# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture: a pier at dusk, computed as a camera would see it. Its horizon leans a little.

Sky and pier are drawn level; the water takes each point from the mirrored sky, moved by waves that
grow towards the camera; then the camera leans, and film adds its grain.
"""
import cairo
import numpy as np

WIDTH, HEIGHT = 1800, 1200
MARGIN = 40  # what leaning cuts away
LEAN = np.radians(0.70)
HORIZON = 664 + MARGIN
SUN = (1190 + MARGIN, HORIZON - 46)


def colour(text):
    """From #rrggbb to light: linear, so that glows add up as light does."""
    return (np.array([int(text[i:i + 2], 16) for i in (1, 3, 5)]) / 255) ** 2.2


def noise(shape, cell, seed, octaves=5, stretch=1.0):
    """Fractal value noise in 0…1; cells are `stretch` times as wide as high."""
    rng, out, weight, total = np.random.default_rng(seed), np.zeros(shape), 1.0, 0.0
    for _ in range(octaves):
        rows = int(shape[0] / max(cell, 1)) + 3
        columns = int(shape[1] / max(cell * stretch, 1)) + 3
        grid = rng.random((rows, columns))
        y, x = np.arange(shape[0]) / max(cell, 1), np.arange(shape[1]) / max(cell * stretch, 1)
        j, i = y.astype(int), x.astype(int)
        v, u = (t - k for t, k in ((y, j), (x, i)))
        v, u = (v * v * (3 - 2 * v))[:, None], (u * u * (3 - 2 * u))[None, :]
        top = grid[j][:, i] * (1 - u) + grid[j][:, i + 1] * u
        bottom = grid[j + 1][:, i] * (1 - u) + grid[j + 1][:, i + 1] * u
        out += weight * (top * (1 - v) + bottom * v)
        total, weight, cell = total + weight, weight * 0.52, cell / 2
    return out / total


def sample(image, y, x):
    """The image between its pixels."""
    y, x = np.clip(y, 0, image.shape[0] - 1.001), np.clip(x, 0, image.shape[1] - 1.001)
    j, i = y.astype(int), x.astype(int)
    v, u = (y - j)[..., None], (x - i)[..., None]
    return ((image[j, i] * (1 - u) + image[j, i + 1] * u) * (1 - v)
            + (image[j + 1, i] * (1 - u) + image[j + 1, i + 1] * u) * v)


def blur(image, radius):
    """Gaussian, over the whole picture at once."""
    fy = np.fft.fftfreq(image.shape[0])[:, None]
    fx = np.fft.rfftfreq(image.shape[1])[None, :]
    kernel = np.exp(-2 * (np.pi * radius) ** 2 * (fy ** 2 + fx ** 2))
    return np.stack([np.fft.irfft2(np.fft.rfft2(image[..., c]) * kernel, s=image.shape[:2])
                     for c in range(image.shape[2])], axis=2)


def make_sky(width, height):
    y, x = np.mgrid[0:height, 0:width].astype(float)
    stops = [(0.00, '#101c3a'), (0.22, '#223560'), (0.42, '#4c4a7c'), (0.60, '#96587a'),
             (0.76, '#d6745f'), (0.88, '#f09c58'), (0.97, '#fbc878'), (1.00, '#f6c98a')]
    at = np.clip(y / HORIZON, 0, 1)
    # The farther from the sun, the sooner it is night.
    at = np.clip(at - 0.10 * (np.abs(x - SUN[0]) / width) ** 1.3, 0, 1)
    sky = np.stack([np.interp(at, [s[0] for s in stops], [colour(s[1])[c] for s in stops])
                    for c in range(3)], axis=2)

    distance = np.hypot(x - SUN[0], (y - SUN[1]) * 1.15)
    for strength, reach, tint in ((0.55, 420, '#ff8a4c'), (0.75, 170, '#ffb35c'), (0.9, 62, '#ffe0a0')):
        sky += strength * np.exp(-(distance / reach) ** 1.25)[..., None] * colour(tint)

    # Bars of cloud: lit from below near the sun, slate far from it.
    thick = noise((height, width), 90, 7, octaves=6, stretch=5.5)
    bands = 0.5 + 0.5 * np.sin(y / 47 + 5 * noise((height, width), 260, 11, 3, 3))
    cover = np.clip((thick * 0.8 + bands * 0.24 - 0.56) * 4.2, 0, 1)
    cover *= np.interp(y / HORIZON, [0, 0.15, 0.5, 0.86, 0.97, 1], [0.25, 0.55, 0.9, 0.75, 0.1, 0])
    depth = np.clip((thick - 0.5) * 4, 0, 1)[..., None]
    near = np.exp(-distance / 520)[..., None]
    lit = colour('#ff9a62') * (0.35 + 1.1 * near) + colour('#b5647c') * 0.35
    slate = colour('#2b3053') * 0.9 + colour('#a4506a') * 0.28 * near
    cloud = lit * (1 - depth) + slate * depth
    sky = sky * (1 - 0.82 * cover[..., None]) + cloud * 0.82 * cover[..., None]

    disc = np.clip((31 - np.hypot(x - SUN[0], y - SUN[1])) / 1.6, 0, 1)[..., None]
    veil = 1 - 0.35 * cover[..., None]
    return sky * (1 - disc) + disc * veil * np.array([6.0, 4.0, 1.9])


def draw_coast(context):
    """Far hills on the left and a spit on the right, in the haze."""
    for shade, peaks in (((0.30, 0.16, 0.22, 0.85), [(0, 34), (160, 52), (330, 30), (520, 40), (760, 12), (980, 0)]),
                         ((0.17, 0.10, 0.17, 0.95), [(0, 20), (120, 30), (280, 12), (430, 17), (600, 0)])):
        context.set_source_rgba(*shade)
        context.move_to(0, HORIZON + 1)
        last = (0, peaks[0][1])
        context.line_to(0, HORIZON - last[1])
        for px, h in peaks[1:]:
            middle = (last[0] + px) / 2
            context.curve_to(middle, HORIZON - last[1], middle, HORIZON - h, px, HORIZON - h)
            last = (px, h)
        context.line_to(last[0], HORIZON + 1)
        context.fill()


def along(t):
    """The deck, from beside the camera (0) to its end (1): place and size as perspective has them."""
    near, far = 1.0, 9.2
    z = near + (far - near) * t
    scale = 1 / z
    vanish = 905 + MARGIN
    return vanish + (-1330) * scale, HORIZON + 175 * scale, scale


LAMPS = (0.07, 0.2, 0.38, 0.60, 0.84)


def foot(s):
    """Where the water is below a place on the pier."""
    return HORIZON + 385 * s


class Pier:
    """Draws the pier as it stands, or as still water mirrors it."""

    def __init__(self, mirrored):
        self.mirrored = mirrored

    def flip(self, y, s):
        return 2 * foot(s) - y if self.mirrored else y

    def bar(self, context, x, y, wide, high, s):
        top, bottom = self.flip(y, s), self.flip(y + high, s)
        context.rectangle(x, min(top, bottom), wide, abs(bottom - top))
        context.fill()

    def lines(self, context, wide, *points):
        """Points of x, y and the size there."""
        context.set_line_width(wide)
        context.move_to(points[0][0], self.flip(points[0][1], points[0][2]))
        for x, y, s in points[1:]:
            context.line_to(x, self.flip(y, s))

    def stand(self, context, x, y, s):
        """Puts the origin on the deck, upwards or mirrored."""
        context.translate(x, self.flip(y, s))
        context.scale(1, -1 if self.mirrored else 1)

    def draw(self, context):
        context.set_source_rgb(0.045, 0.036, 0.055)
        self.draw_piles(context)
        self.draw_deck(context)
        for t in LAMPS:
            self.draw_lamp(context, *along(t))
        self.draw_pavilion(context)
        self.draw_people(context)

    def draw_piles(self, context):
        for step in range(16):
            x, y, s = along(step / 15 * 0.985)
            for shift in (0, 92):
                self.bar(context, x + shift * s - 8 * s, y, 16 * s, foot(s) - y, s)
            self.lines(context, 6 * s, (x, y + 40 * s, s), (x + 92 * s, y + 150 * s, s))
            self.lines(context, 6 * s, (x + 92 * s, y + 40 * s, s), (x, y + 150 * s, s))
            context.stroke()
        x, y, s = along(1)
        for shift in (-12, 12, 38, 62):  # what the pavilion stands on
            self.bar(context, x + shift - 1.2, y, 2.4, foot(s) - y, s)

    def draw_deck(self, context):
        edge = [along(i / 60) for i in range(61)]
        x, y, s = edge[-1]
        x0, y0, s0 = edge[0]
        upper = [(x0 - 200, y0 - 30, s0), *((x - 10 * s, y - 7 * s, s) for x, y, s in edge),
                 (x + 150 * s, y - 7 * s, s)]
        lower = [(x + 150 * s, y + 20 * s, s),
                 *((x + 104 * s, y + 22 * s, s) for x, y, s in reversed(edge)), (x0 - 200, y0 + 60, s0)]
        self.lines(context, 1, *upper, *lower)
        context.fill()
        for rail, wide in ((66, 5.5), (44, 3), (24, 3)):
            for (xa, ya, sa), (xb, yb, sb) in zip(edge, edge[1:]):
                self.lines(context, wide * (sa + sb) / 2, (xa, ya - rail * sa, sa), (xb, yb - rail * sb, sb))
                context.stroke()
        for i in range(46):
            x, y, s = along(i / 45)
            self.bar(context, x - 2.6 * s, y - 68 * s, 5.2 * s, 68 * s, s)

    def draw_lamp(self, context, x, y, s):
        context.save()
        self.stand(context, x, y, s)
        context.scale(s, s)
        context.rectangle(-3.4, -218, 6.8, 218)
        context.fill()
        context.set_line_width(5)
        context.arc(17, -214, 17, np.pi, 1.5 * np.pi)
        context.stroke()
        context.rectangle(8, -233, 34, 6)
        context.fill()
        context.restore()

    def draw_pavilion(self, context):
        x, y, s = along(1)
        context.save()
        self.stand(context, x + 26, y - 0.5, s)
        context.rectangle(-34, -42, 68, 44)
        context.fill()
        context.move_to(-44, -40)
        context.curve_to(-26, -46, -16, -62, 0, -74)
        context.curve_to(16, -62, 26, -46, 44, -40)
        context.fill()
        context.rectangle(-9, -86, 18, 18)
        context.fill()
        context.move_to(-13, -84)
        context.line_to(0, -98)
        context.line_to(13, -84)
        context.fill()
        context.rectangle(-0.8, -116, 1.6, 20)
        context.fill()
        context.set_source_rgb(1, 0.74, 0.36)
        for left in (-27, -13, 1, 15):
            context.rectangle(left + 1, -31, 9, 17)
            context.fill()
        context.rectangle(-5, -82, 10, 9)
        context.fill()
        context.restore()

    def draw_people(self, context):
        """Two at the rail."""
        context.set_source_rgb(0.04, 0.032, 0.05)
        for t, tall in ((0.275, 150), (0.288, 162)):
            x, y, s = along(t)
            context.save()
            self.stand(context, x + 24 * s, y - 6 * s, s)
            context.scale(s * tall / 160, s * tall / 160)
            context.arc(0, -148, 12.5, 0, 7)
            context.fill()
            context.move_to(-9, -136)
            context.curve_to(-26, -130, -24, -92, -19, -70)
            context.line_to(-15, 0)
            context.line_to(14, 0)
            context.line_to(18, -70)
            context.curve_to(25, -96, 24, -130, 9, -136)
            context.close_path()
            context.fill()
            context.restore()


def layer(draw, width, height):
    """What cairo draws, as premultiplied light and its cover."""
    surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, width, height)
    draw(cairo.Context(surface))
    pixels = np.ndarray((height, width, 4), np.uint8, surface.get_data()) / 255
    return pixels[..., 2::-1] ** 1.6, pixels[..., 3:]


def add_lamps(scene, pier):
    y, x = np.mgrid[0:scene.shape[0], 0:scene.shape[1]].astype(float)
    for t in LAMPS:
        lx, ly, s = along(t)
        distance = np.hypot(x - lx - 25 * s, y - pier.flip(ly - 222 * s, s))
        for strength, reach in ((2.4, 9), (0.40, 34), (0.10, 120)):
            glow = strength * np.exp(-(distance / (reach * s + 0.8)) ** 1.4)
            scene += glow[..., None] * np.array([1.0, 0.70, 0.34])


def make_waves(rows, width):
    """How the water leans, for each point: swell, and the ripples on it."""
    y, x = np.mgrid[0:rows, 0:width].astype(float)
    far = 1 / (y + 3.0)
    # Waves on a plane: even there, so dense at the horizon and wide at the camera.
    plane_z, plane_x = 9000 * far, (x - width / 2) * far * 46
    waves = np.zeros_like(y)
    rng = np.random.default_rng(3)
    for _ in range(90):
        heading = rng.normal(0.0, 0.34)
        length = 0.7 * 2.0 ** rng.uniform(0, 4.4)
        phase = rng.uniform(0, 7)
        footprint = 9000 * far * far  # a pixel's depth on the plane: finer waves than that are a mean
        seen = np.exp(-(footprint / length * 1.4) ** 2)
        along_it = plane_z * np.cos(heading) + plane_x * np.sin(heading)
        waves += seen * length ** 0.3 * np.sin(2 * np.pi / length * along_it + phase)
    chop = noise((rows, width), 5, 21, 4, 9) - 0.5
    return waves / 9 + chop * np.interp(y, [0, 90, rows], [1.5, 0.9, 0.5]), y, x


def make_water(sky, pier, width, height):
    """Mirrors sky and pier in waves."""
    rows = height - HORIZON
    slope, y, x = make_waves(rows, width)
    reach = np.interp(y, [0, 20, 120, rows], [2.0, 14, 40, 72])
    mirror_y = HORIZON - 1 - y * 0.90 - np.abs(slope) * reach * 0.9
    mirror_x = x + slope * reach * 0.12
    light = sum(weight * sample(sky, mirror_y - spread * reach, mirror_x)
                for weight, spread in ((0.46, 0.0), (0.3, 0.25), (0.24, 0.6)))
    facing = np.clip(0.74 - 0.34 * (y / rows) ** 0.8 - 0.13 * slope, 0.12, 0.95)[..., None]
    body = colour('#0b1c30') * 0.9 + colour('#3a2c4e') * 0.18
    water = light * facing + body * (1 - facing)

    shadow, cover = layer(pier.draw, width, height)
    lamps = np.zeros_like(shadow)
    add_lamps(lamps, pier)
    at_y, at_x = HORIZON + y + slope * reach * 0.34, x + slope * reach * 0.05
    cover = sample(cover, at_y, at_x) * 0.88
    water = water * (1 - cover) + (sample(shadow, at_y, at_x) * 0.6 + body * 0.25) * cover
    water += 0.75 * sample(lamps, at_y, at_x)

    # The sun's road: facets that happen to face it.
    road = np.exp(-((x - SUN[0]) / (24 + 0.22 * y)) ** 2) * np.exp(-y / 330)
    facets = np.clip(slope * 1.25 - 0.25, 0, None) ** 1.3
    water += (road * np.clip(facets, 0, 1.6) * 3.4)[..., None] * np.array([1.0, 0.53, 0.20])
    haze = np.exp(-y / 14)[..., None]
    near = (0.45 + 0.7 * np.exp(-np.abs(x - SUN[0]) / 420))[..., None]
    return water * (1 - 0.4 * haze) + 0.4 * haze * colour('#d98a63') * near


def develop(light):
    """Bloom, film curve, vignette, grain."""
    height, width = light.shape[:2]
    light = light + 0.10 * blur(np.clip(light - 0.75, 0, 5), 22) + 0.05 * blur(np.clip(light - 0.6, 0, 5), 90)
    y, x = np.mgrid[0:height, 0:width]
    corner = np.hypot((x - width / 2) / width, (y - height / 2) / height)
    light = light * (1 - 0.62 * np.clip(corner - 0.18, 0, 1) ** 1.7)[..., None]
    light = np.clip(light * 0.62, 0, None)
    grey = light.mean(axis=2, keepdims=True)
    light = grey + (light - grey) * 0.86
    film = (light * (2.51 * light + 0.03)) / (light * (2.43 * light + 0.59) + 0.14)
    film = np.clip(film, 0, 1) ** (1 / 2.2)
    film = film + 0.012 * np.array([0.6, 0.1, 1.0]) * (1 - film) ** 3  # shadows are never quite black
    rng = np.random.default_rng(35)
    grain = blur(rng.normal(0, 1, (height, width, 1)), 0.75)
    tint = blur(rng.normal(0, 1, (height, width, 3)), 0.9)
    weight = 0.9 - 0.55 * film.mean(axis=2, keepdims=True)
    return np.clip(film + weight * (0.040 * grain + 0.012 * tint), 0, 1)


def make():
    width, height = WIDTH + 2 * MARGIN, HEIGHT + 2 * MARGIN
    scene = make_sky(width, height)
    light, cover = layer(draw_coast, width, height)
    hazy = light * 0.6 + colour('#c9765f') * 0.4
    scene = scene * (1 - cover) + hazy * cover
    scene[HORIZON:] = make_water(scene, Pier(True), width, height)
    pier = Pier(False)
    light, cover = layer(pier.draw, width, height)
    scene = scene * (1 - cover) + light * cover
    add_lamps(scene, pier)

    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    cx, cy = WIDTH / 2, HEIGHT / 2
    u, v = x - cx, y - cy
    leaning = sample(scene, v * np.cos(LEAN) - u * np.sin(LEAN) + cy + MARGIN,
                     u * np.cos(LEAN) + v * np.sin(LEAN) + cx + MARGIN)
    return (develop(leaning) * 255 + 0.5).astype(np.uint8)
