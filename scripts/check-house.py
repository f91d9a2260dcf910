#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that what is said twice is said alike: check-house.py ROOT APP-ID VERSION

The id in file names and manifests, the newest release and the version of the build, the rights in
the Flatpak manifest, the length of name and summary, and that every released thing has its text.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

FINISH_ARGS = [
    '--share=network', '--share=ipc', '--socket=wayland', '--socket=fallback-x11', '--device=dri',
    '--socket=pulseaudio',
]


def check_metainfo(root, app_id, version):
    tree = xml.parse(root / f'app/share/{app_id}.metainfo.xml.in').getroot()
    if tree.findtext('id') != app_id or tree.findtext('launchable') != app_id + '.desktop':
        yield 'metainfo: another id than meson.build'
    if len(tree.findtext('name')) > 15:
        yield 'metainfo: the name is too long'
    summary = tree.findtext('summary')
    if not 10 <= len(summary) <= 35 or summary.endswith('.'):
        yield 'metainfo: the summary is to have 10 to 35 characters and no full stop'
    releases = tree.findall('releases/release')
    if not releases or releases[0].get('version') != version:
        yield f'metainfo: the newest release is not {version}'
    for release in releases:
        if len(''.join(release.itertext()).split()) < 8:
            yield f'metainfo: release {release.get("version")} has no text'
    captions = [one.findtext('caption') for one in tree.findall('screenshots/screenshot')]
    if not 3 <= len(captions) <= 6 or any(not text or text.endswith('.') for text in captions):
        yield 'metainfo: three to six screenshots, each with a caption without a full stop'
    colors = [one.text for one in tree.findall('branding/color')]
    if len(set(colors)) != 2:
        yield 'metainfo: two different colours, for light and for dark'


def check_manifest(root, app_id):
    for path in (root / 'flatpak').glob('*.json'):
        manifest = json.loads(path.read_text())
        if path.stem != app_id or manifest.get('id') != app_id:
            yield f'{path.name}: another id than meson.build'
        if manifest.get('finish-args') != FINISH_ARGS:
            yield f'{path.name}: other rights than agreed'
        for module in manifest['modules']:
            for source in module['sources']:
                if source['type'] == 'git' and not re.fullmatch('[0-9a-f]{40}', source.get('commit', '')):
                    yield f'{path.name}: {module["name"]} is not pinned to a commit'
                if source['type'] == 'archive' and not re.fullmatch('[0-9a-f]{64}', source.get('sha256', '')):
                    yield f'{path.name}: {module["name"]} is not pinned to a checksum'


def check_names(root, app_id):
    for name in (f'{app_id}.desktop.in', f'{app_id}.service.in', f'{app_id}.gschema.xml',
                 f'icons/hicolor/scalable/apps/{app_id}.svg',
                 f'icons/hicolor/symbolic/apps/{app_id}-symbolic.svg'):
        if not (root / 'app/share' / name).exists():
            yield f'app/share/{name} is missing'
    schema = xml.parse(root / f'app/share/{app_id}.gschema.xml').getroot().find('schema')
    if schema.get('id') != app_id or schema.get('path') != f'/{app_id.replace(".", "/")}/':
        yield 'settings schema: another id than meson.build'


def main():
    root, app_id, version = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    faults = [*check_names(root, app_id), *check_metainfo(root, app_id, version),
              *check_manifest(root, app_id)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
