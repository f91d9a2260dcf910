#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that po/POTFILES names every file with text for people, and nothing else:

    check-potfiles.py ROOT            says what is missing or too much
    check-potfiles.py ROOT --write    puts it right
"""
import pathlib
import re
import sys

FOLDERS = ('app', 'ui', 'data', 'sync', 'server', 'render')
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.DOTALL)
MARKED = re.compile(r'\b(?:_|N_|C_|NC_|Q_|ngettext|gettext|g_dngettext|g_dpgettext2?)\s*\(')
TRANSLATED = ('.desktop.in', '.metainfo.xml.in')


def has_text(path):
    if path.name.endswith(TRANSLATED):
        return True
    if path.suffix == '.ui':
        return bool(re.search(r'translatable\s*=\s*"(yes|true)"', path.read_text()))
    if path.name.endswith('.gschema.xml'):
        return 'gettext-domain=' in path.read_text()
    return path.suffix in ('.c', '.h') and bool(MARKED.search(COMMENT.sub('', path.read_text())))


def main():
    root = pathlib.Path(sys.argv[1])
    listing = root / 'po/POTFILES'
    wanted = sorted(str(path.relative_to(root)) for folder in FOLDERS
                    for path in (root / folder).rglob('*') if path.is_file() and has_text(path))
    if '--write' in sys.argv:
        listing.write_text(''.join(name + '\n' for name in wanted))
        return 0
    lines = listing.read_text().splitlines()
    named = [line for line in lines if line and not line.startswith('#')]
    for name in sorted(set(wanted) - set(named)):
        print(f'po/POTFILES does not name {name}')
    for name in sorted(set(named) - set(wanted)):
        print(f'po/POTFILES names {name}, which has no text for people')
    if named != sorted(set(named)):
        print('po/POTFILES is not in order')
    return 0 if named == wanted else 1


sys.exit(main())
