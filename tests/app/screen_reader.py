# SPDX-License-Identifier: GPL-3.0-or-later
"""The program as a screen reader sees it, with a session bus of its own."""
import os
import subprocess
import sys
import tempfile
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

# How long something may take on a slow and busy computer, in seconds.
PATIENCE_S = 60
# What scrolls or shows others takes no name of its own.
NAMELESS_ROLES = ('frame', 'window', 'application')
TYPE_NAMES = ('Gtk', 'Adw', 'Galley')


def wait_for(what, ask, patience_s=PATIENCE_S):
    """The first answer of ask() that is true."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        try:
            answer = ask()
        except GLib.Error:  # it went away while it was looked at
            answer = None
        if answer:
            return answer
        hear()
    raise AssertionError(f'there is no {what}')


def hear(seconds=0.05):
    """Takes in what the program tells meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not GLib.MainContext.default().iteration(False):
            time.sleep(0.01)


def walk(node):
    """What is on screen, or was: each question is an answer from another process."""
    if place_of(node)[2] == 0:
        return
    yield node
    for i in range(node.get_child_count()):
        child = node.get_child_at_index(i)
        if child is not None:
            yield from walk(child)


def place_of(node):
    """Within its window: x, y, width, height; without a width it was never on screen."""
    try:
        box = node.get_extents(Atspi.CoordType.WINDOW)
    except GLib.Error:  # only what stands between others has no place
        return -1, -1, -1, -1
    return box.x, box.y, box.width, box.height


def has_state(node, state):
    return node.get_state_set().contains(state)


def press_keys(*keys):
    subprocess.run(['xdotool', 'key', *keys], check=True)


def click(x, y):
    # One after the other, so that the pointer is seen to come before it presses.
    for step in (('mousemove', str(x - 1), str(y)), ('mousemove', str(x), str(y)),
                 ('mousedown', '1'), ('mouseup', '1')):
        subprocess.run(['xdotool', *step], check=True)


def write(text):
    subprocess.run(['xdotool', 'type', '--delay', '20', text], check=True)


class Program:
    """The window's program on a workspace."""

    def __init__(self, galley, workspace, environment):
        self.process = subprocess.Popen([galley, '--workspace', workspace],
                                        env={**os.environ, **environment})
        self.last_focused = None
        self.pressed_at = time.monotonic()
        self.listener = Atspi.EventListener.new(self.focus_moved)
        self.listener.register('object:state-changed:focused')
        self.root = wait_for('program on the accessibility bus', self.find_root)

    def find_root(self):
        assert self.process.poll() is None, 'the program has ended'
        desktop = Atspi.get_desktop(0)
        for i in range(desktop.get_child_count()):
            application = desktop.get_child_at_index(i)
            if application and application.get_process_id() == self.process.pid \
                    and application.get_child_count() > 0:
                # Not everything that changes is told of: nothing is remembered.
                application.set_cache_mask(Atspi.Cache.NONE)
                return application
        return None

    def all(self, text, role=None):
        """The nodes on screen whose name begins with text."""
        for node in walk(self.root):
            if node.get_name().startswith(text) and (role is None or node.get_role_name() == role):
                yield node

    def find(self, text, role=None):
        return wait_for(f'“{text}” on screen', lambda: next(self.all(text, role), None))

    def press(self, text, role='push button'):
        node = wait_for(f'“{text}” to press', lambda: next(
            (node for node in self.all(text, role) if node.get_n_actions() > 0), None))
        node.do_action(0)
        return node

    def focus_moved(self, event):
        if event.detail1 and event.source.get_process_id() == self.process.pid:
            self.last_focused = event.source

    def keys(self, *keys):
        self.last_focused = None
        self.pressed_at = time.monotonic()
        press_keys(*keys)

    def focused(self):
        """What has the focus since the last keys, as it was told. It is looked for when nothing is
        told: where a part has several stops of its own, or has had the focus before."""
        if self.last_focused is None and time.monotonic() > self.pressed_at + 1:
            self.last_focused = next(
                (node for node in walk(self.root) if node.get_role_name() not in NAMELESS_ROLES and
                 has_state(node, Atspi.StateType.FOCUSED)), None)
        node = self.last_focused
        if node is not None and not has_state(node, Atspi.StateType.FOCUSED):
            node = self.last_focused = None
        return node

    def wait_for_focus(self, role, text=''):
        return wait_for(f'focus on a {role} “{text}”',
                        lambda: (node := self.focused()) and node.get_role_name() == role and
                        node.get_name().startswith(text) and node)

    def close(self):
        self.listener.deregister('object:state-changed:focused')
        self.process.terminate()
        self.process.wait()


def run_with_bus(*around):
    """Again with a session bus around, whose services have no say in the test's own output; and with
    another command around that."""
    output = os.dup(1)
    # The accessibility bus has its socket there: without a folder of its own two of them would meet.
    with tempfile.TemporaryDirectory(prefix='galley-run-') as folder:
        return subprocess.run([*around, 'dbus-run-session', '--', sys.executable, sys.argv[0],
                               f'--tap={output}', *sys.argv[1:]], stdout=2, pass_fds=[output],
                              env={**os.environ, 'XDG_RUNTIME_DIR': folder}, check=False).returncode
