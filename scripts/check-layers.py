#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says which #include lines reach into a layer they may not know. Run by `meson test`.

One table, the same as in docs/ARCHITECTURE.md; a new folder must be put in it.
"""
import pathlib
import re
import sys

MAY_INCLUDE = {  # folder: the folders and the foreign headers it may name, beside its own
    'data': {'sqlite3.h', 'sodium.h', 'zstd.h'},
    'sync/wire': {'data', 'json-glib', 'zstd.h'},
    'sync': {'data', 'sync/wire', 'render', 'json-glib', 'libsoup', 'sodium.h'},
    'server': {'data', 'sync/wire', 'json-glib', 'libsoup', 'sqlite3.h', 'sodium.h'},
    'render': {'vips', 'poppler.h', 'json-glib'},
    'ui': {'data', 'sync', 'gtk', 'adwaita.h', 'gdk', 'gsk'},
    'app': {'data', 'sync', 'sync/wire', 'ui', 'server', 'gtk', 'adwaita.h', 'json-glib'},
    'tests': {'data', 'sync/wire', 'sync', 'render', 'ui', 'server', 'app', 'sqlite3.h', 'json-glib', 'libsoup', 'gtk',
              'gdk', 'gsk', 'adwaita.h', 'poppler.h', 'sodium.h', 'zstd.h'},
}
WATCHED = set().union(*MAY_INCLUDE.values()) | set(MAY_INCLUDE)
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def folder_of(parts):
    """The layer of a path: sync/wire is one of its own, all else is named by the first folder."""
    return 'sync/wire' if parts[:2] == ('sync', 'wire') else parts[0]


def faults(root):
    for path in sorted(root.glob('*/**/*.[ch]')):
        if path.relative_to(root).parts[0].startswith('_build'):
            continue
        folder = folder_of(path.relative_to(root).parts)
        if folder not in MAY_INCLUDE:
            yield f'{path}: the folder {folder} is in no layer'
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            target = found and folder_of(tuple(found.group(1).split('/')))
            if target in WATCHED - MAY_INCLUDE[folder] - {folder}:
                yield f'{path}:{number}: {folder} may not include {target}'


found = list(faults(pathlib.Path(sys.argv[1])))
print('\n'.join(found) or 'layers hold')
sys.exit(bool(found))
