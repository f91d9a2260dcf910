#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conflicts of every kind, settled in the real window by keyboard alone:
test-conflict-keys.py COUNT GALLEY GALLEYCTL SERVER RENDER SHARE SCHEMAS

Up to eight computers change the same things without each other's changes. A person at one of them
settles all of it with the keys 1 to 9, Tab, Ctrl+Return and N; the journal says what they chose, a
second computer ends with the same digest, and undo brings back what everyone saw before.
"""
import collections
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

from own_display import Display

PATIENCE_S = 120
MAX_SIDES = 8
N_ITEMS = 5
WORDS = 'the tower leans to the left and its light is too bright for a poster of this size'.split()


def wait_for(what, ask, patience_s=PATIENCE_S):
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f'there is no {what}')


class Computer:
    def __init__(self, field, name):
        self.field, self.name = field, name
        self.folder = os.path.join(field.folder, name)

    def ctl(self, *words, given=None, fine=(0, 3)):
        done = subprocess.run([self.field.galleyctl, '--workspace', self.folder, '--json', *words],
                              input=given, stdout=subprocess.PIPE, text=True, env=self.field.environment)
        assert done.returncode in fine, f'galleyctl {" ".join(words)}: {done.returncode}'
        return done.stdout

    def ask(self, *words):
        return json.loads(self.ctl(*words))

    def batch(self, edits):
        lines = ''.join(json.dumps(edit) + '\n' for edit in edits)
        answers = [json.loads(line) for line in self.ctl('batch', given=lines).splitlines()]
        wrong = [answer for answer in answers if 'error' in answer]
        assert not wrong, wrong[:2]
        return answers

    def sync(self):
        self.ctl('sync', 'once', '--timeout', '120')

    def look(self, question):
        database = sqlite3.connect(f'file:{self.folder}/galley.db?mode=ro', uri=True)
        try:
            return database.execute(question).fetchall()
        finally:
            database.close()

    def count_open(self):
        return self.look('SELECT count (*) FROM derived_contested WHERE state = 2')[0][0]

    def shown(self):
        return dict(((row[0], row[1], row[2]), row[3]) for row in self.look(
            'SELECT e.id, c.field, c.element, c.value FROM derived_contested c'
            ' JOIN derived_entity e ON e.number = c.entity WHERE c.state = 2'))


class Field:
    """The computers, the server, and a field of conflicts between them."""

    def __init__(self, count, galley, galleyctl, server, render, share, schemas):
        self.count, self.galley, self.galleyctl = int(count), galley, galleyctl
        self.folder = tempfile.mkdtemp(prefix='galley-keys-')
        self.share, self.chance = share, random.Random(7)
        self.environment = {
            **os.environ, 'GALLEY_RENDER': render, 'GALLEY_SHARE_DIR': share,
            'GSETTINGS_SCHEMA_DIR': schemas, 'GSETTINGS_BACKEND': 'memory', 'ADW_DISABLE_PORTAL': '1',
            'GSK_RENDERER': 'cairo', 'GDK_BACKEND': 'x11', 'LANGUAGE': 'en', 'GTK_A11Y': 'none',
            'XDG_CONFIG_HOME': self.folder, 'XDG_CACHE_HOME': self.folder}
        self.server_program, self.server, self.window = server, None, None
        self.computers = [Computer(self, f'person{i}') for i in range(MAX_SIDES)]

    def start_server(self):
        log = os.path.join(self.folder, 'server.log')
        with open(log, 'w') as into:
            self.server = subprocess.Popen(
                [self.server_program, '--data', f'{self.folder}/server', '--listen', '127.0.0.1:0'],
                stdout=into, stderr=into)

        def url():
            with open(log) as said:
                found = re.search(r'listening on (http://\S+)', said.read())
            return found and found.group(1)
        self.url = wait_for('server', url)

    def invite(self, person, role):
        done = subprocess.run([self.server_program, '--data', f'{self.folder}/server', '--json', 'admin', 'invite',
                               'create', '--person', person, '--role', role], stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)['code']

    def connect(self):
        for computer in self.computers:
            computer.ctl('workspace', 'init', '--name', computer.name)
            computer.ctl('workspace', 'connect', self.url, '--invite', self.invite(computer.name, 'lead'))

    def make_things(self):
        first = self.computers[0]
        project = first.ask('project', 'create', 'Field')['id']
        picture = os.path.join(self.share, 'sample/pier-at-dusk.jpg')
        names = []
        for i in range(N_ITEMS):
            name = os.path.join(self.folder, f'picture{i}.jpg')
            shutil.copy(picture, name)
            with open(name, 'ab') as file:
                file.write(bytes([i]))
            names.append(name)
        first.ctl('item', 'import', project, *names)
        self.items = [item['id'] for item in first.ask('item', 'list')]
        made = first.batch({'do': 'annotation.add', 'item': self.items[i % N_ITEMS], 'shape': 'rect',
                            'points': '100,100 300,220', 'color': '#1C71D8', 'body': ' '.join(WORDS)}
                           for i in range(self.count))
        self.notes = [answer['id'] for answer in made]
        self.project = project

    def disagree(self):
        """Each note is changed by two to eight of them, in a field that differs from note to note."""
        edits = collections.defaultdict(list)
        for number, note in enumerate(self.notes):
            kind = ('color', 'body', 'place', 'status', 'width', 'delete', 'two')[number % 7]
            sides = 2 + number % (MAX_SIDES - 1)
            for side in range(sides):
                edits[side].extend(self.change(note, kind, side))
        for number, item in enumerate(self.items):
            for side in range(2 + number):
                edits[side].append({'do': 'field.set', 'entity': item, 'field': 'name', 'value': f'{number}-{side}.jpg'})
        for side, computer in enumerate(self.computers):
            computer.batch(edits[side])

    def change(self, note, kind, side):
        def setting(field, value):
            return {'do': 'field.set', 'entity': note, 'field': field, 'value': value}
        if kind == 'color':
            return [setting('color', f'#{side:02X}4080')]
        if kind == 'body':
            words = list(WORDS)
            words[4 + side % 2] = f'side{side}'
            return [setting('body', ' '.join(words))]
        if kind == 'place':
            return [setting('place', [100 + 20 * side, 90])]
        if kind == 'status':
            return [setting('status', 'resolved' if side % 2 else 'open'), setting('width', 1 + side)]
        if kind == 'width':
            return [setting('width', 2 + side)]
        if kind == 'delete':
            return [{'do': 'entity.delete', 'id': note}] if side == 1 else [setting('color', f'#{side:02X}00FF')]
        return [setting('color', f'#{side:02X}00AA'), setting('extent', [10 + side, 20])]

    def make(self):
        self.start_server()
        self.connect()
        self.make_things()
        for computer in self.computers:
            computer.sync()
        self.disagree()
        for computer in self.computers + self.computers:
            computer.sync()

    # ── the person ──

    def key(self, *keys):
        subprocess.run(['xdotool', 'key', '--delay', '0', *keys], check=True)

    def open_window(self):
        me = self.computers[0]
        self.window = subprocess.Popen([self.galley, '--workspace', me.folder], env=self.environment)

        def shown():
            return subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'galley'],
                                  stdout=subprocess.PIPE).stdout.split()
        window = wait_for('window', shown)[0].decode()
        subprocess.run(['xdotool', 'windowfocus', window], check=True)
        time.sleep(1)
        self.go_to_first()

    def go_to_first(self):
        """From wherever the focus is, to the first conflict of the list."""
        self.key('Escape', 'ctrl+3')
        time.sleep(0.5)
        self.key('Tab', 'Home', 'Return')
        time.sleep(0.2)

    def settle(self):
        """With the keys alone, a field at a time or several; what no key fits is left for later."""
        me, presses, stuck = self.computers[0], 0, 0
        left = me.count_open()
        while left > 0:
            way = self.chance.randrange(6)
            keys = [str(self.chance.randrange(1, 4))]
            if way == 0:
                keys = ['Right', 'space']
            elif way == 1:
                keys += ['Tab', str(self.chance.randrange(1, 4))]
            self.key(*keys, 'ctrl+Return')
            presses += 1
            until = time.monotonic() + 0.6
            now = me.count_open()
            while now == left and time.monotonic() < until:
                time.sleep(0.01)
                now = me.count_open()
            stuck = stuck + 1 if now == left else 0
            if stuck and stuck % 12 == 0:
                self.go_to_first()
            elif stuck and stuck % 4 == 0:
                self.key('n')
            assert stuck < 80, f'{now} are open, and no key does anything'
            left = now
        return presses

    def end(self):
        for process in (self.window, self.server):
            if process:
                process.terminate()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def check_journal(field, before):
    """Each choice is in the journal, with what was taken."""
    rows = field.computers[0].ask('journal', 'list', '--limit', '100000')
    choices = [row for row in rows if row['intent'] == 'resolve conflict']
    settled = sum(len(field.computers[0].ask('journal', 'show', row['change'])['extra']['resolved'])
                  for row in choices[:40])
    assert settled >= min(len(choices), 40), settled
    assert sum(row.get('edits', 1) if isinstance(row.get('edits', 1), int) else len(row['edits'])
               for row in choices) >= len(before), (len(choices), len(before))
    # A key may have met the offer to undo: what was taken back then is not to be taken back again.
    return len(choices) - sum(row['intent'] == 'undo' for row in rows)


def check_undo(field, before, count):
    me = field.computers[0]
    for _ in range(count):
        me.ctl('undo')
    after = {}
    for entity, number, element, value in me.look(
            'SELECT e.id, h.field, h.element, h.value FROM derived_head h'
            ' JOIN derived_entity e ON e.number = h.entity'):
        after.setdefault((entity, number, element), set()).add(value)
    wrong = [key for key, value in before.items() if key[1] != 0 and value not in after[key]]
    assert not wrong, f'{len(wrong)} are not what they were, of the fields {sorted({key[1] for key in wrong})}'


def run(field):
    me, other = field.computers[0], field.computers[1]
    field.make()
    before = me.shown()
    assert len(before) >= field.count * 5 // 7, len(before)
    sides = me.look('SELECT max (n) FROM (SELECT count (*) AS n FROM derived_contested c JOIN derived_head h ON'
                    ' h.entity = c.entity AND h.field = c.field AND h.element = c.element'
                    ' WHERE c.state = 2 GROUP BY c.entity, c.field, c.element)')[0][0]
    print(f'# {len(before)} conflicts, with up to {sides} sides', flush=True)
    assert sides == MAX_SIDES or field.count < 50, sides
    yield 'as many conflicts as there are to be, of every kind'

    field.open_window()
    presses = field.settle()
    print(f'# settled with {presses} times Ctrl+Return', flush=True)
    yield 'a person settles all of it by keyboard alone'

    field.window.terminate()
    field.window.wait()
    field.window = None
    choices = check_journal(field, before)
    yield 'the journal shows each choice'

    me.sync()
    other.sync()
    digests = [computer.ask('project', 'digest', field.project)['digest'] for computer in (me, other)]
    assert digests[0] == digests[1] and other.count_open() == 0, digests
    yield 'two computers end with the same digest, and nothing is open'

    check_undo(field, before, choices)
    yield 'undo brings back what everyone saw before'


def main():
    if not sys.argv[1].startswith('--tap='):
        # Again with a session bus around, whose services have no say in the test's own output.
        output = os.dup(1)
        return subprocess.run(['dbus-run-session', '--', sys.executable, __file__, f'--tap={output}', *sys.argv[1:]],
                              stdout=2, pass_fds=[output], check=False).returncode
    sys.stdout = os.fdopen(int(sys.argv.pop(1).removeprefix('--tap=')), 'w')
    display = Display()
    field, number, failed = Field(*sys.argv[1:]), 0, False
    print('1..5', flush=True)
    try:
        for what in run(field):
            number += 1
            print(f'ok {number} - {what}', flush=True)
    except AssertionError as fault:
        print(f'# {fault}\nnot ok {number + 1}', flush=True)
        failed = True
    finally:
        field.end()
        display.close()
    return failed


sys.exit(main())
