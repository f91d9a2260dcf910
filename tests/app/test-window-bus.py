#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real program from outside: test-window-bus.py GALLEY RENDER SHARE SCHEMAS

Over the accessibility bus, as a screen reader sees it, and with the keyboard and the pointer of a
display of its own, as a person uses it. The session bus is its own as well.
"""
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

from own_display import Display  # noqa: E402
from screen_reader import (  # noqa: E402
    NAMELESS_ROLES, TYPE_NAMES, Program, click, has_state, hear, place_of, run_with_bus, wait_for,
    walk, write)


class Tests:
    def __init__(self, galley, render, share, schemas):
        self.galley = galley
        self.folder = tempfile.mkdtemp(prefix='galley-bus-')
        self.workspace = os.path.join(self.folder, 'workspace')
        self.environment = {
            'GALLEY_RENDER': render, 'GALLEY_SHARE_DIR': share, 'GSETTINGS_SCHEMA_DIR': schemas,
            'GSETTINGS_BACKEND': 'memory', 'ADW_DISABLE_PORTAL': '1', 'GSK_RENDERER': 'cairo',
            'GDK_BACKEND': 'x11', 'GTK_A11Y': 'atspi', 'LANGUAGE': 'en',
            'XDG_CONFIG_HOME': self.folder, 'XDG_CACHE_HOME': self.folder,
        }
        self.program = None

    def start(self):
        self.program = Program(self.galley, self.workspace, self.environment)

    def end(self):
        if self.program:
            self.program.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ── what a person does ──

    def test_review(self):
        """Mark, write, reply, approve, search, and see that it is saved"""
        program = self.program
        # The sample is shown as a project once it is all there; until then it fills the inbox.
        program.find('All', 'push button')
        program.find('harbour-lights-poster.png', 'table cell')
        program.wait_for_focus('table cell')
        program.keys('Home')
        program.wait_for_focus('table cell', 'harbour-lights-poster.png')
        self.program.keys('Return')
        canvas = program.wait_for_focus('image')
        wait_for('marks of the sample', lambda: '3 marks' in canvas.get_name())
        pin = program.press('Pin')
        wait_for('pin in hand', lambda: has_state(pin, Atspi.StateType.PRESSED))
        x, y, width, height = place_of(canvas)
        # Where the sample has no mark yet: on one, a click would select it.
        click(x + width * 3 // 10, y + height * 9 // 20)
        wait_for('fourth mark', lambda: '4 marks' in canvas.get_name())
        program.wait_for_focus('text')
        write('The gull looks left')
        self.program.keys('ctrl+Return')
        program.find('The gull looks left', 'label')

        self.tab_through(lambda seen: ('text', 'Reply') in seen)
        write('It should look at the light')
        self.program.keys('ctrl+Return')
        program.find('It should look at the light', 'label')

        program.press('Decision', 'page tab')
        program.press('Approve This Version')
        program.find('Sync: Everything is saved on this computer')

        self.program.keys('alt+Left')
        wait_for('approved item', lambda: 'Partly approved' in
                 program.find('harbour-lights-poster.png', 'table cell').get_name())
        self.program.keys('ctrl+f')
        program.wait_for_focus('entry')
        write('gull')
        wait_for('one item found', lambda: len(list(program.all('', 'table cell'))) == 1)
        self.program.keys('Escape')
        wait_for('all items', lambda: len(list(program.all('', 'table cell'))) == 3)

    # ── what a screen reader says ──

    def check_names(self, screen):
        faults = [(node.get_role_name(), node.get_name()) for node in walk(self.program.root)
                  if has_state(node, Atspi.StateType.FOCUSABLE) and
                  node.get_role_name() not in NAMELESS_ROLES and
                  (not node.get_name() or node.get_name().startswith(TYPE_NAMES) or
                   '_' in node.get_name())]
        assert not faults, f'{screen}: nobody can say {faults}'

    def test_names(self):
        """Whatever takes the focus has a name that can be said"""
        program = self.program
        for screen, keys, shown in (('inbox', 'ctrl+1', 'harbour-lights-programme.pdf'),
                                    ('conflicts', 'ctrl+3', 'Show the Inbox'),
                                    ('sync', 'ctrl+4', 'Which Jobs'),
                                    ('project', 'ctrl+2', 'All')):
            self.program.keys(keys)
            program.find(shown)
            self.check_names(screen)

        self.program.keys('ctrl+j')
        program.find('Show Sync')
        self.check_names('sync popover')
        self.program.keys('Escape')
        self.program.keys('ctrl+2')
        program.wait_for_focus('table cell')
        self.program.keys('Return')
        program.wait_for_focus('image')
        for panel in ('Decision', 'History', 'Notes'):
            program.press(panel, 'page tab')
            program.find(panel, 'page tab')
            self.check_names(f'review, {panel}')
        self.program.keys('alt+Left')
        program.wait_for_focus('table cell')

    def test_keyboard(self):
        """Every part is reached with the keyboard alone"""
        program = self.program
        seen = self.tab_through(lambda seen: {'Harbour Lights (Sample), 3', 'All', 'Search'} <=
                                {name for role, name in seen})
        # Tab passes the places of the sidebar without going there.
        assert not any(name == 'Conflicts' for role, name in seen), seen
        self.program.keys('ctrl+2')
        program.wait_for_focus('table cell')
        self.program.keys('Return')
        program.wait_for_focus('image')
        self.tab_through(lambda seen: {'Pen', 'Pin', 'Which Notes', 'Reply', 'Back'} <=
                         {name for role, name in seen})
        self.program.keys('alt+2')
        self.tab_through(lambda seen: any(name.startswith('Approve This Version')
                                          for role, name in seen))
        self.program.keys('alt+Left')

    def tab_through(self, is_enough):
        seen = set()
        for _ in range(80):
            self.program.keys('Tab')
            node = wait_for('focus', self.program.focused)
            seen.add((node.get_role_name(), node.get_name()))
            if is_enough(seen):
                return seen
        raise AssertionError(f'the keyboard reaches only {sorted(seen)}')

    # ── what nobody wants ──

    def overwrite(self, table):
        path = os.path.join(self.workspace, 'galley.db')
        database = sqlite3.connect(path)
        database.execute('PRAGMA wal_checkpoint (TRUNCATE)').fetchall()
        page, = database.execute('SELECT rootpage FROM sqlite_schema WHERE name = ?',
                                 [table]).fetchone()
        size, = database.execute('PRAGMA page_size').fetchone()
        database.close()
        with open(path, 'r+b') as file:
            file.seek((page - 1) * size)
            file.write(b'\xa5' * size)

    def go_to_project(self):
        # Again when it was in vain: what a dialog leaves behind may still take the click.
        x, y, width, height = place_of(self.program.find('Harbour Lights', 'list item'))
        click(x + width // 2, y + height // 2)
        hear(1)
        return next(self.program.all('harbour-lights-poster.png', 'table cell'), None)

    def test_damage(self):
        """A damaged database is rebuilt from the window, and nothing of the work is lost"""
        self.program.close()
        self.overwrite('derived_item')
        self.start()
        self.program.press('Rebuild from the Journal')
        heading = self.program.find('Rebuilt from the Journal', 'label')
        dialog = heading
        while dialog.get_parent() != self.program.root:
            dialog = dialog.get_parent()
        next(node for node in walk(dialog) if node.get_name() == 'Close' and
             node.get_role_name() == 'push button').do_action(0)
        wait_for('window without a dialog', lambda: self.program.root.get_child_count() == 1)
        wait_for('project', self.go_to_project)
        wait_for('approved item', lambda: 'Partly approved' in
                 self.program.find('harbour-lights-poster.png', 'table cell').get_name())


def main():
    if not sys.argv[1].startswith('--tap='):
        return run_with_bus()
    sys.stdout = os.fdopen(int(sys.argv.pop(1).removeprefix('--tap=')), 'w')
    display = Display()
    tests = Tests(*sys.argv[1:])
    failures = 0
    print('1..4', flush=True)
    try:
        tests.start()
        for number, test in enumerate((tests.test_review, tests.test_names, tests.test_keyboard,
                                       tests.test_damage), 1):
            begun = time.monotonic()
            try:
                test()
            except (AssertionError, GLib.Error, subprocess.CalledProcessError) as fault:
                failures += 1
                print(f'# {fault}')
                print(f'not ok {number} - {test.__doc__}', flush=True)
            else:
                print(f'# {time.monotonic() - begun:.1f} s')
                print(f'ok {number} - {test.__doc__}', flush=True)
    finally:
        tests.end()
        display.close()
    return 1 if failures else 0


sys.exit(main())
