#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server, two people and a project that they share: for ./dev demo and ./dev screens.

Everything stands in one folder and is gone with it. Lena leads, Rosa reviews.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEOPLE = {'Lena Brandt': 'lead', 'Rosa Marques': 'reviewer'}
# Looks after the server, and after everybody's work.
OPERATOR = 'Ada Okafor'
# They have no window: each of them only gives an item another name.
PASSERS_BY = {'Amir Haddad': 'ticket-recto.png', 'Yuki Tanaka': 'entry-ticket.png', 'Nora Lind': 'ticket-a6.png',
              'Tomas Vega': 'ticket-final.png'}
WAIT_S = 60


def wait_for(what, condition):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    raise SystemExit(f'{what}: this took longer than {WAIT_S} seconds.')


class Stage:
    def __init__(self, folder, build=None):
        self.folder = pathlib.Path(folder)
        self.build = pathlib.Path(build or os.environ.get('GALLEY_BUILD', ROOT / '_build'))
        self.processes = []
        self.server = self.url = None
        self.environment = dict(
            os.environ,
            GALLEY_RENDER=os.environ.get('GALLEY_RENDER', str(self.build / 'render/galley-render')),
            GALLEY_LOCALE_DIR=os.environ.get('GALLEY_LOCALE_DIR', str(self.build / 'po')),
            GALLEY_SHARE_DIR=os.environ.get('GALLEY_SHARE_DIR', str(ROOT / 'app/share')),
            GSETTINGS_SCHEMA_DIR=str(self.build / 'app/share'),
            GSETTINGS_BACKEND='memory', ADW_DISABLE_PORTAL='1',
            XDG_CACHE_HOME=str(self.folder / 'cache'))
        self.environment.pop('GALLEY_WORKSPACE', None)
        self.look_like_gnome()

    def look_like_gnome(self):
        """On a virtual screen nobody says how a desktop looks: one button in the title bar, and its font."""
        folder = self.folder / 'config/gtk-4.0'
        folder.mkdir(parents=True, exist_ok=True)
        (folder / 'settings.ini').write_text(
            '[Settings]\ngtk-decoration-layout=:close\ngtk-font-name=Cantarell 11\n')
        if 'WAYLAND_DISPLAY' not in os.environ and not os.environ.get('XDG_CURRENT_DESKTOP'):
            self.environment['XDG_CONFIG_HOME'] = str(folder.parent)

    def hold_still(self):
        """Without movement between two pages a picture never shows both."""
        with open(self.folder / 'config/gtk-4.0/settings.ini', 'a') as settings:
            settings.write('gtk-enable-animations=0\n')

    def speak(self, language):
        """Its locale is made: few machines have it, and gettext translates nothing without one."""
        self.environment.pop('LANGUAGE', None)
        self.environment['LC_ALL'] = f'{language or "C"}.UTF-8'
        folder = self.folder / 'locales'
        if language and not folder.exists():
            folder.mkdir(parents=True)
            subprocess.run(['localedef', '--no-archive', '-i', language, '-f', 'UTF-8',
                            folder / f'{language}.UTF-8'], check=True)
        if language:
            self.environment['LOCPATH'] = str(folder)

    # ── programs ──

    def home(self, person):
        """What stands in for the person's data folder; the usual workspace is in it."""
        return self.folder / person.split()[0].lower()

    def workspace(self, person):
        return self.home(person) / 'galley/default'

    def ctl(self, person, *arguments, fine=(0, 3)):
        done = subprocess.run(
            [self.build / 'app/galleyctl', '--workspace', self.workspace(person), '--json', *arguments],
            env=self.environment, stdout=subprocess.PIPE, text=True)
        if done.returncode not in fine:
            raise SystemExit(f'galleyctl {" ".join(arguments)}: exit status {done.returncode}')
        return json.loads(done.stdout) if done.stdout.strip() else None

    def start(self, *arguments, **extra):
        process = subprocess.Popen(arguments, env=dict(self.environment, **extra))
        self.processes.append(process)
        return process

    def stop(self, process):
        process.terminate()
        process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def window(self, person, alone=True, **extra):
        """Alone: found over the session bus, so that its actions can be called from outside."""
        program = self.build / 'app/galley'
        if alone:
            return self.start(program, XDG_DATA_HOME=str(self.home(person)), **extra)
        return self.start(program, '--workspace', self.workspace(person), **extra)

    def close(self):
        for process in list(self.processes):
            self.stop(process)

    # ── the server ──

    def start_server(self, folder='server'):
        """Started again it is where it was: everybody knows it by that address."""
        data = self.folder / folder
        place = self.folder / 'server.url'
        data.mkdir(parents=True, exist_ok=True)
        log = open(self.folder / 'server.log', 'w+')
        address = place.read_text() if place.exists() else '127.0.0.1:0'
        self.server = subprocess.Popen(
            [self.build / 'server/galley-server', '--data', data, '--listen', address],
            stdout=log, stderr=subprocess.STDOUT)
        self.processes.append(self.server)

        def url():
            return re.search(r'listening on (http://\S+)', pathlib.Path(log.name).read_text())
        self.url = wait_for('Starting the server', url).group(1)
        place.write_text(self.url.removeprefix('http://').rstrip('/'))

    def admin(self, *arguments, folder='server'):
        done = subprocess.run(
            [self.build / 'server/galley-server', '--data', self.folder / folder, '--json', 'admin', *arguments],
            stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)

    def invite(self, person):
        role = 'admin' if person == OPERATOR else PEOPLE.get(person, 'reviewer')
        return self.admin('invite', 'create', '--person', person, '--role', role)['code']

    def connect(self, person):
        self.ctl(person, 'workspace', 'connect', self.url, '--invite', self.invite(person))
        self.sync(person)

    def sync(self, person):
        self.ctl(person, 'sync', 'once', '--timeout', '60')

    # ── what they work on ──

    def items(self, person):
        return {item['name']: item['id'] for item in self.ctl(person, 'item', 'list')}

    def notes(self, person, item):
        return self.ctl(person, 'annotation', 'list', item)

    def conflicts(self, person):
        return [conflict['id'] for conflict in self.ctl(person, 'conflict', 'list')]

    def make_sample(self, person):
        """The window makes it, as on anybody's first start."""
        window = self.window(person, alone=False)
        wait_for('Making the workspace', (self.workspace(person) / 'galley.db').exists)

        def ready():
            items = self.items(person)
            return len(items) == 3 and all(self.notes(person, item) for item in items.values())
        wait_for('Making the sample project', ready)
        time.sleep(1)
        self.stop(window)

    def make_pictures(self):
        """More of the same production, out of the sample's photograph."""
        source = pathlib.Path(self.environment['GALLEY_SHARE_DIR']) / 'sample/pier-at-dusk.jpg'
        folder = self.folder / 'pictures'
        folder.mkdir(parents=True, exist_ok=True)
        looks = {
            'backdrop-act-one.jpg': ['-modulate', '95,70,92'],
            'backdrop-act-two.jpg': ['-modulate', '70,120,130'],
            'banner-south-gate.jpg': ['-gravity', 'north', '-crop', '100%x34%+0+0'],
            'banner-north-gate-with-a-very-long-name-final.jpg': ['-gravity', 'south', '-crop', '100%x40%+0+0'],
            'flyer-front.jpg': ['-gravity', 'center', '-crop', '45%x100%+0+0', '-modulate', '110,90,80'],
            'flyer-back.jpg': ['-gravity', 'east', '-crop', '45%x100%+0+0', '-colorspace', 'Gray'],
            'lamp-study.jpg': ['-modulate', '115,40,100'],
            'ticket.png': ['-gravity', 'center', '-crop', '70%x30%+0+0', '-modulate', '120,140,60'],
            'wall-text.png': ['-negate', '-modulate', '100,20,100'],
        }
        for name, options in looks.items():
            subprocess.run(['/usr/bin/convert', source, *options, '+repage', '-resize', '1400x1400>', folder / name],
                           check=True)
        return sorted(folder.iterdir())

    def share_project(self):
        """The whole story: Lena makes the project and shares it, both work on it, offline as well."""
        lena, rosa = PEOPLE
        self.make_sample(lena)
        project = self.ctl(lena, 'project', 'list')[0]['id']
        self.ctl(lena, 'item', 'import', project, *map(str, self.make_pictures()))
        self.start_server()
        self.connect(lena)
        self.ctl(rosa, 'workspace', 'init', '--name', rosa)
        self.connect(rosa)
        self.sync(rosa)

        items = self.items(rosa)
        poster = items['harbour-lights-poster.png']
        mark = self.ctl(rosa, 'annotation', 'add', items['lamp-study.jpg'], '--shape', 'ellipse', '--points',
                        '300,200 560,420', '--color', '#1C71D8', '--body', 'Is this lamp the one from act one?')['id']
        spare = self.ctl(rosa, 'annotation', 'add', items['lamp-study.jpg'], '--shape', 'pin', '--points', '900,300',
                         '--body', 'Crop here?')['id']
        self.sync(rosa)
        self.sync(lena)
        first, *_rest, last = self.notes(rosa, poster)
        self.ctl(rosa, 'comment', 'add', first['id'], '--body', 'Looks right to me now. Thank you!')
        self.ctl(rosa, 'annotation', 'add', poster, '--shape', 'pin', '--points', '620,1180', '--color', '#9141AC',
                 '--body', 'Can the waves be a touch darker? They swallow the small type.')
        self.ctl(rosa, 'field', 'set', last['id'], 'body', 'This must say the 15th: the preview was moved.')
        self.ctl(rosa, 'decision', 'set', poster, 'approve', '--note', 'Lovely. Only the date is open.')
        for name in ('flyer-front.jpg', 'lamp-study.jpg', 'ticket.png'):
            self.ctl(rosa, 'decision', 'set', items[name], 'approve')
        self.ctl(rosa, 'field', 'set', mark, 'place', '[640, 380]')
        self.ctl(rosa, 'field', 'set', mark, 'color', '#E01B24')
        self.ctl(rosa, 'field', 'set', mark, 'body', 'Is this lamp the one from act two? It hangs lower there.')
        self.ctl(rosa, 'field', 'set', items['lamp-study.jpg'], 'due', '1804204800')
        self.ctl(rosa, 'entity', 'delete', spare)
        self.ctl(rosa, 'decision', 'set', items['backdrop-act-two.jpg'], 'request-changes', '--note', 'Too dark.')
        self.sync(rosa)

        for person in PASSERS_BY:
            self.ctl(person, 'workspace', 'init', '--name', person)
            self.connect(person)

        # Lena has not seen any of that yet, nor have the passers-by what she does.
        self.ctl(lena, 'field', 'set', last['id'], 'body', 'The programme is right: it is the 14th.')
        self.ctl(lena, 'field', 'set', items['ticket.png'], 'name', 'ticket-front.png')
        for name in ('flyer-front.jpg', 'lamp-study.jpg'):
            self.ctl(lena, 'decision', 'set', items[name], 'approve')
        self.ctl(lena, 'field', 'set', mark, 'place', '[120, 520]')
        self.ctl(lena, 'field', 'set', mark, 'color', '#26A269')
        self.ctl(lena, 'field', 'set', mark, 'body', 'Is this lamp really the one from act one?')
        self.ctl(lena, 'field', 'set', items['lamp-study.jpg'], 'due', '1804809600')
        self.ctl(lena, 'field', 'set', spare, 'body', 'Crop here, and straighten.')
        for person, name in PASSERS_BY.items():
            self.ctl(person, 'field', 'set', items['ticket.png'], 'name', name)
            self.sync(person)
        self.sync(lena)
        self.sync(rosa)
        self.ctl(rosa, 'conflict', 'say', mark, 'You were at the rehearsal: where does it hang now?', '--ask', lena)
        self.sync(rosa)
        self.sync(lena)
        return project

    def join_operator(self):
        """Something new is tried on some computers, and by the team leads not any more."""
        self.ctl(OPERATOR, 'workspace', 'init', '--name', OPERATOR)
        self.connect(OPERATOR)
        self.sync(OPERATOR)
        self.admin('flag', 'set', 'compact', '--percent', '25', '--reason', 'a first try')
        self.admin('flag', 'set', 'compact', '--percent', '0', '--role', 'lead', '--reason', 'slow on old laptops')

    def settle_all(self):
        """On a copy of everything: whoever looks after the server leaves nothing to be settled."""
        shutil.copytree(self.folder / 'server', self.folder / 'server-settled')
        self.copy_home(OPERATOR, 'settled')
        self.start_server('server-settled')
        for conflict in self.ctl('settled', 'conflict', 'list'):
            for field in conflict['fields']:
                self.ctl('settled', 'conflict', 'resolve', conflict['id'], '--field', field['field'],
                         '--take', 'theirs', '--head', field['heads'][0]['change'])
        self.sync('settled')
        self.stop(self.server)

    def work_offline(self):
        """The server is away; Lena goes on."""
        lena = next(iter(PEOPLE))
        self.stop(self.server)
        items = self.items(lena)
        self.ctl(lena, 'annotation', 'add', items['harbour-lights-programme.pdf'], '--shape', 'rect', '--page', '2',
                 '--points', '60,112 380,262', '--color', '#E66100', '--body', 'Could this be two columns?')
        self.ctl(lena, 'decision', 'set', items['pier-at-dusk.jpg'], 'request-changes', '--note', 'The horizon, please.')
        self.ctl(lena, 'sync', 'once', '--timeout', '3', fine=(0, 1, 3, 4))

    def copy_home(self, person, name):
        """A copy to be changed: what a picture is taken of is the same every time. Its name stands for the person."""
        target = self.home(name)
        shutil.copytree(self.home(person), target)
        return target
