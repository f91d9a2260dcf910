#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the files of the sample project anew: scripts/make-sample.py [FOLDER]

Needs python3-cairo, python3-gi-cairo, gir1.2-pango-1.0, python3-numpy and fonts-urw-base35. The
results are kept in app/share/sample, so nobody needs these to build Galley.
"""
import pathlib
import sys

import gi

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'scripts/sample'))
gi.require_version('GdkPixbuf', '2.0')
from gi.repository import GdkPixbuf, GLib  # noqa: E402

import pier  # noqa: E402
import poster  # noqa: E402
import programme  # noqa: E402


def save(pixels, path, kind, **options):
    height, width = pixels.shape[:2]
    GdkPixbuf.Pixbuf.new_from_bytes(
        GLib.Bytes.new(pixels.tobytes()), GdkPixbuf.Colorspace.RGB, False, 8, width, height, width * 3,
    ).savev(str(path), kind, list(options), list(options.values()))


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / 'app/share/sample'
    save(poster.make(), folder / 'harbour-lights-poster.png', 'png', compression='9')
    programme.make(str(folder / 'harbour-lights-programme.pdf'))
    save(pier.make(), folder / 'pier-at-dusk.jpg', 'jpeg', quality='86')


main()
