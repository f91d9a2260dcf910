#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program without a window: test-background.py GALLEY GALLEYCTL RENDER SHARE SCHEMAS

On a display and a session bus of its own. It goes on where that is switched on, ends where it is not,
opens its window when it is started again, and stops cleanly when the session ends.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from gi.repository import Gio, GLib
from own_display import Display

NAME = 'io.github.galley_review.Galley'
PATIENCE_S = 60


def wait_for(what, ask):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f'there is no {what}')


class Place:
    """A home with a workspace, and the program in it."""

    def __init__(self, galley, galleyctl, render, share, schemas):
        self.galley, self.folder = galley, tempfile.mkdtemp(prefix='galley-background-')
        self.environment = dict(
            os.environ, HOME=self.folder, XDG_DATA_HOME=f'{self.folder}/data',
            XDG_CONFIG_HOME=f'{self.folder}/config', XDG_CACHE_HOME=f'{self.folder}/cache',
            GALLEY_RENDER=render, GALLEY_SHARE_DIR=share, GSETTINGS_SCHEMA_DIR=schemas,
            GSETTINGS_BACKEND='keyfile', GTK_A11Y='none', ADW_DISABLE_PORTAL='1', GDK_BACKEND='x11',
            GSK_RENDERER='cairo', GDK_DEBUG='gl-disable', GIO_USE_VFS='local', LC_ALL='C.UTF-8')
        subprocess.run([galleyctl, 'workspace', 'init', '--name', 'Ana'], env=self.environment,
                       stdout=subprocess.DEVNULL, check=True)
        self.process = None

    def start(self, *options):
        return subprocess.Popen([self.galley, *options], env=self.environment)

    def has_window(self):
        return subprocess.run(['xdotool', 'search', '--onlyvisible', '--class', 'galley'],
                              stdout=subprocess.PIPE).stdout.split()

    def act(self, path, action):
        subprocess.run(['gdbus', 'call', '--session', '--dest', NAME, '--object-path', path,
                        '--method', 'org.gtk.Actions.Activate', action, '[]', '{}'],
                       env=self.environment, stdout=subprocess.DEVNULL, check=True)

    def is_on(self, action):
        """Of a switch of the program."""
        state = subprocess.run(['gdbus', 'call', '--session', '--dest', NAME, '--object-path',
                                '/io/github/galley_review/Galley', '--method', 'org.gtk.Actions.Describe', action],
                               env=self.environment, stdout=subprocess.PIPE, check=True).stdout
        return b'<true>' in state

    def runs_jobs(self):
        """Whoever does so holds a lock. It is only looked at: a try to take it could be in the way."""
        inode = os.stat(f'{self.folder}/data/galley/default/sync.lock').st_ino
        with open('/proc/locks') as locks:
            return any('FLOCK' in line and line.split()[5].endswith(f':{inode}') for line in locks)

    def close_window(self):
        window = wait_for('window', self.has_window)[-1]
        subprocess.run(['xdotool', 'windowfocus', '--sync', window, 'key', 'ctrl+w'], check=True)
        wait_for('closed window', lambda: not self.has_window())

    def is_there(self):
        return subprocess.run(['gdbus', 'introspect', '--session', '--dest', NAME, '--object-path',
                               '/io/github/galley_review/Galley'], env=self.environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def end(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class StandIn:
    """One object on the bus, under a name that is somebody else's on a desktop."""

    def __enter__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        interface = Gio.DBusNodeInfo.new_for_xml(self.XML).interfaces[0]
        self.object = self.bus.register_object(self.PATH, interface, self.called, None, None)
        self.owner = Gio.bus_own_name_on_connection(self.bus, self.NAME, Gio.BusNameOwnerFlags.NONE, None, None)
        return self

    def __exit__(self, *what):
        Gio.bus_unown_name(self.owner)
        self.bus.unregister_object(self.object)


class Portal(StandIn):
    """Stands in for the desktop's, with as much of it as is asked for here."""
    NAME, PATH = 'org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop'
    XML = """<node><interface name="org.freedesktop.portal.Background"><method name="RequestBackground">
        <arg type="s" direction="in"/><arg type="a{sv}" direction="in"/><arg type="o" direction="out"/>
        </method></interface></node>"""

    def __init__(self):
        self.asked, self.handle = [], None

    def called(self, _bus, sender, _path, _interface, _method, parameters, invocation):
        _parent, options = parameters.unpack()
        self.handle = f'{self.PATH}/request/{sender[1:].replace(".", "_")}/{options["handle_token"]}'
        self.asked.append(options)
        invocation.return_value(GLib.Variant('(o)', (self.handle,)))

    def take(self):
        while GLib.MainContext.default().iteration(False):
            pass
        return self.asked.pop() if self.asked else None

    def answer(self, response, granted):
        results = {name: GLib.Variant('b', granted) for name in ('background', 'autostart')}
        self.bus.emit_signal(None, self.handle, 'org.freedesktop.portal.Request', 'Response',
                             GLib.Variant('(ua{sv})', (response, results)))
        self.bus.flush_sync()


class Login(StandIn):
    """Stands in for systemd-logind: whoever holds a descriptor of its holds sleep back."""
    NAME, PATH, MANAGER = 'org.freedesktop.login1', '/org/freedesktop/login1', 'org.freedesktop.login1.Manager'
    XML = """<node><interface name="org.freedesktop.login1.Manager"><method name="Inhibit">
        <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
        <arg type="s" direction="in"/><arg type="h" direction="out"/></method></interface></node>"""

    def __init__(self):
        self.given = []

    def called(self, _bus, _sender, _path, _interface, _method, parameters, invocation):
        if parameters.unpack()[0] != 'sleep' or parameters.unpack()[3] != 'delay':
            return invocation.return_dbus_error('org.example.Odd', 'This is not asked here.')
        mine, theirs = os.pipe()
        descriptors = Gio.UnixFDList.new_from_array([theirs])  # takes it
        invocation.return_value_with_unix_fd_list(GLib.Variant('(h)', (0,)), descriptors)
        os.set_blocking(mine, False)
        self.given.append(mine)

    def take(self):
        while GLib.MainContext.default().iteration(False):
            pass
        return self.given.pop() if self.given else None

    def is_free(self, mine):
        """Nobody has the other end any more."""
        try:
            return os.read(mine, 1) == b''
        except BlockingIOError:
            return False

    def tell(self, is_near):
        self.bus.emit_signal(None, self.PATH, self.MANAGER, 'PrepareForSleep', GLib.Variant('(b)', (is_near,)))
        self.bus.flush_sync()


def ends_when_asked(place):
    process = place.start()
    wait_for('window', place.has_window)
    place.act('/io/github/galley_review/Galley', 'quit')
    assert process.wait(PATIENCE_S) == 0


def goes_on_and_comes_back(place):
    process = place.start('--background')
    wait_for('program', place.is_there)
    assert process.poll() is None and not place.has_window()
    assert place.start().wait(PATIENCE_S) == 0
    wait_for('window', place.has_window)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0


def starts_with_the_desktop(place):
    path = f'{place.folder}/config/autostart/{NAME}.desktop'
    process = place.start()
    wait_for('window', place.has_window)
    place.act('/io/github/galley_review/Galley', 'autostart')
    wait_for('file', lambda: os.path.exists(path))
    with open(path) as file:
        assert 'Exec=galley --background' in file.read()
    place.act('/io/github/galley_review/Galley', 'autostart')
    wait_for('no file', lambda: not os.path.exists(path))
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0


def goes_on_with_its_window_closed(place):
    process = place.start()
    wait_for('window', place.has_window)
    place.act('/io/github/galley_review/Galley', 'background')
    place.close_window()
    assert process.poll() is None and place.is_there()
    assert place.start().wait(PATIENCE_S) == 0
    wait_for('window', place.has_window)
    # Without that, and with nothing under way, the last window is the end.
    place.act('/io/github/galley_review/Galley', 'background')
    place.close_window()
    assert process.wait(PATIENCE_S) == 0


def asks_the_desktop(place):
    """In a sandbox: what the desktop does not allow is not on, and said; what it allows is kept."""
    path = '/io/github/galley_review/Galley'
    place.environment['GTK_USE_PORTAL'] = '1'
    with Portal() as portal:
        process = place.start()
        wait_for('window', place.has_window)
        place.act(path, 'autostart')
        asked = wait_for('question', portal.take)
        assert asked['autostart'] and asked['commandline'] == ['galley', '--background'] and asked['reason'], asked
        assert not place.is_on('autostart')
        portal.answer(1, False)
        wait_for('words', lambda: len(place.has_window()) == 2)
        assert not place.is_on('autostart')

        place.act(path, 'autostart')
        wait_for('question', portal.take)
        portal.answer(0, True)
        wait_for('autostart', lambda: place.is_on('autostart'))
        place.act(path, 'background')
        assert wait_for('question', portal.take)['autostart']
        portal.answer(1, False)
        # The one took the other with it.
        wait_for('no background', lambda: not place.is_on('background') and not place.is_on('autostart'))

        place.act(path, 'autostart')
        wait_for('question', portal.take)
        portal.answer(0, True)
        wait_for('autostart', lambda: place.is_on('autostart'))
        # Off is off, also for whom nothing is allowed any more.
        place.act(path, 'autostart')
        assert not wait_for('question', portal.take)['autostart']
        portal.answer(1, False)
        wait_for('no autostart', lambda: not place.is_on('autostart'))
        place.act(path, 'autostart')
        wait_for('question', portal.take)
        portal.answer(0, True)
        wait_for('autostart', lambda: place.is_on('autostart'))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0

        process = place.start('--background')
        wait_for('autostart', lambda: place.is_there() and place.is_on('autostart'))
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert not os.path.exists(f'{place.folder}/config/autostart')


def stops_before_sleep(place):
    """Sleep waits until what runs has stopped; awake, it starts and asks for time again."""
    place.environment['DBUS_SYSTEM_BUS_ADDRESS'] = os.environ['DBUS_SESSION_BUS_ADDRESS']
    with Login() as login:
        process = place.start()
        wait_for('window', place.has_window)
        first = wait_for('request for time', login.take)
        assert not login.is_free(first) and place.runs_jobs()
        login.tell(True)
        wait_for('clean stop', lambda: login.is_free(first))
        assert not place.runs_jobs()
        login.tell(False)
        second = wait_for('next request for time', login.take)
        wait_for('start', place.runs_jobs)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        assert login.is_free(second)


def main():
    if 'GALLEY_TEST_BUS' not in os.environ:
        os.environ['GALLEY_TEST_BUS'] = '1'
        os.execvp('dbus-run-session', ['dbus-run-session', '--', sys.executable, *sys.argv])

    tests = [ends_when_asked, goes_on_and_comes_back, starts_with_the_desktop,
             goes_on_with_its_window_closed, asks_the_desktop,
             stops_before_sleep]
    print(f'1..{len(tests)}', flush=True)
    failed = False
    display = Display()
    for number, test in enumerate(tests, 1):
        place = Place(*sys.argv[1:])
        try:
            test(place)
            print(f'ok {number} {test.__name__}', flush=True)
        except (AssertionError, subprocess.SubprocessError) as error:
            failed = True
            print(f'not ok {number} {test.__name__}: {error}', flush=True)
        finally:
            place.end()
    display.close()
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
