#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that every language in po/LINGUAS says all that the code says:

    check-translations.py ROOT FOLDER XGETTEXT-ARGUMENT…          names what is missing or wrong
    check-translations.py ROOT FOLDER --write XGETTEXT-ARGUMENT…  brings po/ up to date first

The template is made again in FOLDER, from the files as they are now.
"""
import pathlib
import re
import subprocess
import sys

NAMED = 5  # how many faults of a kind are named


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f'{command[0]} failed: {done.stderr}')
    return done.stdout


def make_template(root, folder, arguments):
    template = folder / 'galley.pot'
    run('xgettext', '--package-name=galley', '--directory', root, '--files-from', root / 'po/POTFILES',
        '--output', template, *arguments)
    return template


def update(path, template):
    """New sentences come in, with a guess where an old one is like them; old ones go. The day of the
    template is left out: it would differ on every branch."""
    run('msgmerge', '--quiet', '--update', '--backup=none', '--previous', path, template)
    run('msgattrib', '--no-obsolete', '--output-file', path, path)
    path.write_text(re.sub(r'"POT-Creation-Date:.*\n', '', path.read_text()))


def find(path, *which):
    """The sentences of a kind, each in one line, as the code has them."""
    text = run('msgattrib', '--no-obsolete', '--no-wrap', *which, path)
    found = [''.join(re.findall(r'"(.*)"', msgid)) for msgid in re.findall(r'^msgid ((?:".*"\n)+)', text, re.M)]
    return [msgid for msgid in found if msgid]


def check(path, merged, template):
    run('msgmerge', '--quiet', '--no-fuzzy-matching', '--output-file', merged, path, template)
    for words, found in (('not translated', find(merged, '--untranslated')),
                         ('only guessed (fuzzy)', find(merged, '--only-fuzzy'))):
        for msgid in found[:NAMED]:
            yield f'{words}: “{msgid}”'
        if len(found) > NAMED:
            yield f'{words}: {len(found) - NAMED} more'
    done = subprocess.run(['msgfmt', '--check', '--check-accelerators=_', '--output-file=/dev/null', merged],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        yield from done.stderr.splitlines()[:2 * NAMED]


def main():
    root, folder, *arguments = sys.argv[1:]
    root, folder = pathlib.Path(root), pathlib.Path(folder)
    write = '--write' in arguments
    folder.mkdir(parents=True, exist_ok=True)
    template = make_template(root, folder, [one for one in arguments if one != '--write'])
    languages = [line for line in (root / 'po/LINGUAS').read_text().split('\n')
                 if line and not line.startswith('#')]
    faults = [f'po/LINGUAS does not name {path.stem}' for path in sorted((root / 'po').glob('*.po'))
              if path.stem not in languages]
    for language in languages:
        path = root / f'po/{language}.po'
        if write:
            update(path, template)
        faults += [f'po/{language}.po: {fault}' for fault in check(path, folder / path.name, template)]
    for fault in faults:
        print(fault)
    return 1 if faults and not write else 0


sys.exit(main())
