#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad week of one computer: test-bad-week.py GALLEY GALLEYCTL GALLEY-SERVER RENDER SHARE SCHEMAS

Ana's window is open on the sync page all week. Between her and the server stands a line that can be
cut, or answer with something else. Whatever happens, the page, as a screen reader reads it, says what
is so and that her work is safe, and offers what helps; in the end all is settled and nothing is lost.
"""
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import GLib  # noqa: E402

from own_display import Display  # noqa: E402
from screen_reader import Program, run_with_bus, wait_for, walk  # noqa: E402

ANSWERS = {
    'captive': ('200 OK', 'text/html', '', '<html>Please log in to use this network</html>'),
    'broken': ('500 Internal Server Error', 'text/plain', '', 'oops'),
    'busy': ('429 Too Many Requests', 'application/json', 'Retry-After: 600\r\n',
             '{"error":{"code":"busy","message":"Come back later."}}'),
    'expired': ('401 Unauthorized', 'application/json', '',
                '{"error":{"code":"unauthorized","message":"Who are you?"}}'),
}


class Line:
    """Between a device and the server: as it is, cut, or in the hands of somebody else."""

    def __init__(self):
        self.mode, self.target, self.open = 'well', None, set()
        self.port = 0
        self.listen()
        self.url = f'http://127.0.0.1:{self.port}'

    def listen(self):
        self.socket = socket.create_server(('127.0.0.1', self.port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, args=[self.socket], daemon=True).start()

    def set(self, mode):
        """Where it is cut, nobody is there at all."""
        if mode == 'cut':
            self.hang_up(self.socket)
        elif self.mode == 'cut':
            self.listen()
        self.mode = mode
        for line in list(self.open):
            self.hang_up(line)

    def hang_up(self, line):
        self.open.discard(line)
        try:
            line.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        line.close()

    def serve(self, listening):
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            self.open.add(line)
            threading.Thread(target=self.answer, args=[line], daemon=True).start()

    def answer(self, line):
        try:
            if self.mode == 'well':
                self.pass_on(line)
            elif self.mode in ANSWERS:
                self.say(line, *ANSWERS[self.mode])
        except OSError:
            pass
        self.hang_up(line)

    def say(self, line, status, media_type, more, body):
        line.settimeout(10)
        received = b''
        while b'\r\n\r\n' not in received:
            part = line.recv(65536)
            if not part:
                return
            received += part
        line.sendall(f'HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n{more}'
                     f'Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}'.encode())

    def pass_on(self, line):
        other = socket.create_connection(self.target, timeout=10)
        other.settimeout(None)
        self.open.add(other)
        threading.Thread(target=self.copy, args=[other, line], daemon=True).start()
        self.copy(line, other)

    def copy(self, source, sink):
        try:
            while part := source.recv(65536):
                sink.sendall(part)
        except OSError:
            pass
        self.hang_up(sink)


class Week:
    def __init__(self, galley, galleyctl, server, render, share, schemas):
        self.programs = galley, galleyctl, server
        self.folder = tempfile.mkdtemp(prefix='galley-week-')
        self.environment = dict(
            os.environ, GALLEY_RENDER=render, GALLEY_SHARE_DIR=share, GSETTINGS_SCHEMA_DIR=schemas,
            GSETTINGS_BACKEND='memory', ADW_DISABLE_PORTAL='1', GSK_RENDERER='cairo', GDK_BACKEND='x11',
            GTK_A11Y='atspi', LANGUAGE='en', LC_ALL='C.UTF-8', GIO_USE_PROXY_RESOLVER='dummy',
            GDK_DEBUG='gl-disable', XDG_CONFIG_HOME=self.folder, XDG_CACHE_HOME=self.folder)
        self.line, self.server, self.window = Line(), None, None
        self.n_notes = 0

    # ── the server and the other computer ──

    def start_server(self, folder='server'):
        log = f'{self.folder}/server.log'
        with open(log, 'w') as into:
            self.server = subprocess.Popen([self.programs[2], '--data', f'{self.folder}/{folder}',
                                            '--listen', '127.0.0.1:0'], stdout=into, stderr=into)

        def port():
            with open(log) as said:
                found = re.search(r'listening on http://127\.0\.0\.1:(\d+)', said.read())
            return found and int(found.group(1))
        self.line.target = '127.0.0.1', wait_for('server', port)

    def stop_server(self):
        self.server.terminate()
        self.server.wait()

    def admin(self, *words, folder='server'):
        done = subprocess.run([self.programs[2], '--data', f'{self.folder}/{folder}', '--json', 'admin', *words],
                              stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)

    def ctl(self, who, *words, status=0):
        done = subprocess.run([self.programs[1], '--workspace', f'{self.folder}/{who}', '--json', *words],
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert status is None or done.returncode == status, f'{words}: {done.returncode} {done.stderr}'
        return json.loads(done.stdout) if done.stdout.strip() else None

    def begin(self):
        self.has_own_disk = 'GALLEY_MAY_MOUNT' in os.environ
        if self.has_own_disk:
            os.mkdir(f'{self.folder}/ana')
            subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', f'{self.folder}/ana'], check=True)
        self.start_server()
        for who in ('ana', 'ben'):
            code = self.admin('invite', 'create', '--person', who.title(), '--role', 'lead')['code']
            self.ctl(who, 'workspace', 'init', '--name', who.title())
            self.ctl(who, 'workspace', 'connect', self.line.url, '--invite', code)
        self.project = self.ctl('ana', 'project', 'create', 'Harbour')['id']
        picture = f'{self.folder}/poster.png'
        shutil.copy(os.path.join(self.environment['GALLEY_SHARE_DIR'], 'sample', 'harbour-lights-poster.png'), picture)
        imported = self.ctl('ana', 'item', 'import', self.project, picture)
        self.item = (imported[0] if isinstance(imported, list) else imported['items'][0])['id']
        self.ctl('ana', 'sync', 'once')
        self.ctl('ben', 'sync', 'once')
        self.window = Program(self.programs[0], f'{self.folder}/ana', self.environment)
        self.window.keys('ctrl+4')
        self.settled()

    def end(self):
        if self.window:
            self.window.close()
        if self.server:
            self.server.kill()
            self.server.wait()
        if self.has_own_disk:
            subprocess.run(['umount', '-l', f'{self.folder}/ana'], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    # ── what Ana does, and reads ──

    def note(self, who='ana'):
        self.n_notes += 1
        self.ctl(who, 'annotation', 'add', self.item, '--shape', 'pin', '--points', f'{self.n_notes},2',
                 '--body', f'Note {self.n_notes}')

    def reads(self, *texts):
        """All of them stand on the page, each within one text."""
        said = []

        def are_there():
            said[:] = [node.get_name() for node in walk(self.window.root)]
            return all(any(re.search(text, words) for words in said) for text in texts)
        try:
            wait_for(f'text like {texts} on the page', are_there)
        except AssertionError as fault:
            raise AssertionError(f'{fault}: {[words for words in said if " " in words][:25]}') from None

    def settled(self):
        self.reads('^Everything is saved and shared$')

    def press(self, name, role='push button'):
        self.window.press(name, role)

    def go_to(self, tab):
        wait_for(tab, lambda: next((node for node in self.window.all(tab) if node.get_role_name() in
                                    ('radio button', 'toggle button', 'page tab') and
                                    node.get_n_actions() > 0 and not node.do_action(0) is None), None))

    # ── the days ──

    def test_offline(self):
        """Days without a network: what is done meanwhile is counted, and goes out when it is back"""
        self.line.set('cut')
        for _ in range(5):
            self.note()
        self.reads('^Offline – 5 changes are safe on this computer$', 'tried again by itself')
        self.line.set('well')
        self.press('Try Now')
        self.settled()

    def test_captive_portal(self):
        """A hotel's page in the place of the server: it is not taken for one"""
        self.line.set('captive')
        self.note()
        self.reads(r' – 1 change is safe on this computer$', 'did not come from a Galley server')
        self.line.set('well')
        self.press('Try Now')
        self.settled()

    def test_broken_server(self):
        """A server that fails: it is tried again, and says when"""
        self.line.set('broken')
        self.note()
        self.reads(r' – 1 change is safe on this computer$', r'next attempt at')
        self.line.set('well')
        self.press('Try Now')
        self.settled()

    def test_busy_server(self):
        """A server that has too much to do"""
        self.line.set('busy')
        self.note()
        self.reads(r' – 1 change is safe on this computer$', r'next attempt at')
        self.line.set('well')
        self.press('Try Now')
        self.settled()

    def test_expired(self):
        """A sign-in that does not hold any more: somebody is needed, and told for what"""
        self.line.set('expired')
        self.note()
        self.reads(r'needs? your attention – 1 change is safe on this computer$', 'Connect again')
        self.window.find('Connect…', 'push button')
        self.line.set('well')
        self.press('Try Now')
        self.settled()

    def test_revoked_role(self):
        """No longer let write: what was done is kept, and goes out once she may again"""
        self.admin('project', 'roles', self.project, '--person', 'Ana', '--role', 'guest')
        self.note()
        self.reads(r'needs? your attention', '^Refused by the Server$', 'kept on this computer')
        self.admin('project', 'roles', self.project, '--person', 'Ana', '--role', 'lead')
        self.press('Send Again')
        self.press('Try Now')
        self.settled()

    def test_full_disk(self):
        """A full disk: what cannot be kept is not called saved, and comes when there is room"""
        if not self.has_own_disk:
            return 'a disk of its own cannot be made here'
        filler = f'{self.folder}/ana/filler'
        with open(filler, 'wb', buffering=0) as file:
            try:
                while file.write(b'x' * 4096) == 4096:
                    pass
            except OSError:
                pass
        self.ctl('ben', 'sync', 'once')
        for _ in range(20):
            self.note('ben')
        self.ctl('ben', 'sync', 'once')
        self.reads('disk is full')
        refused = self.ctl('ana', 'annotation', 'add', self.item, '--shape', 'pin', '--points', '1,1', '--body',
                           'This one is not kept', status=1)
        assert refused is None
        os.unlink(filler)
        self.press('Try Now')
        self.settled()
        return None

    def test_damaged_file(self):
        """A file whose bytes are others is found, and fetched again"""
        path = next(os.path.join(folder, name) for folder, _, names in os.walk(f'{self.folder}/ana/files')
                    for name in names if len(name) == 64)
        with open(path, 'r+b') as file:
            file.seek(100)
            file.write(b'damaged')
        self.go_to('Repair')
        self.press('Verify Everything')
        self.reads('^1 thing is not as it should be', 'is damaged')
        self.press('Fetch Files Again')
        self.press('Start')
        self.reads('^1 file is fetched again')
        wait_for('file', lambda: os.path.exists(path))
        self.settled()
        self.press('Verify Everything')
        self.reads('^Everything is as it should be')

    def test_damaged_index(self):
        """A damaged index is found, and made again from the journal"""
        database = sqlite3.connect(f'{self.folder}/ana/galley.db')
        database.execute('DELETE FROM derived_search_data WHERE id > 10')
        database.execute('DELETE FROM derived_item')
        database.commit()
        database.close()
        self.press('Verify Everything')
        self.reads('things? (is|are) not as (it|they) should be', 'search index is damaged')
        self.press('Make Again From the Journal')
        self.press('Start')
        self.reads('^All that is shown was made again')
        self.press('Verify Everything')
        self.reads('^Everything is as it should be')
        self.go_to('Jobs')

    def test_lost_history(self):
        """A server that was restored from an old backup gets back what it lost"""
        backup = f'{self.folder}/backup'
        self.admin('backup', backup)
        for _ in range(3):
            self.note()
        self.settled()
        self.stop_server()
        self.admin('restore', backup, folder='restored')
        self.start_server('restored')
        self.press('Try Now')
        self.settled()
        self.reads('Send again what the server lost')

    def test_end(self):
        """All is settled, on both computers, and nothing of the week is lost"""
        self.ctl('ben', 'sync', 'once')
        self.ctl('ben', 'sync', 'once')
        ana, ben = (self.ctl(who, 'project', 'digest', self.project) for who in ('ana', 'ben'))
        assert ana['digest'] == ben['digest'] and ana['unsent'] == 0, (ana, ben)
        notes = self.ctl('ben', 'annotation', 'list', self.item)
        bodies = sorted(note['body'] for note in notes)
        assert bodies == sorted(f'Note {number}' for number in range(1, self.n_notes + 1)), bodies
        wait_for('end of every job', lambda: all(job['state'] in ('done', 'cancelled') for job in
                                                  self.ctl('ana', 'job', 'list')))


def main():
    if not sys.argv[1].startswith('--tap='):
        # Mounts of its own, which are gone with it.
        around = ['unshare', '--map-root-user', '--mount']
        if subprocess.run([*around, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0:
            os.environ['GALLEY_MAY_MOUNT'] = '1'
            return run_with_bus(*around)
        return run_with_bus()
    sys.stdout = os.fdopen(int(sys.argv.pop(1).removeprefix('--tap=')), 'w')
    display = Display()
    week = Week(*sys.argv[1:])
    days = (week.test_offline, week.test_captive_portal, week.test_broken_server, week.test_busy_server,
            week.test_expired, week.test_revoked_role, week.test_full_disk, week.test_damaged_file, week.test_damaged_index,
            week.test_lost_history, week.test_end)
    failures = 0
    print(f'1..{len(days)}', flush=True)
    try:
        week.begin()
        for number, day in enumerate(days, 1):
            try:
                skipped = day()
            except (AssertionError, GLib.Error, subprocess.SubprocessError) as fault:
                failures += 1
                print(f'# {fault}')
                print(f'not ok {number} - {day.__doc__}', flush=True)
            else:
                print(f'ok {number} - {day.__doc__}{" # SKIP " + skipped if skipped else ""}', flush=True)
    finally:
        week.end()
        display.close()
    return 1 if failures else 0


sys.exit(main())
