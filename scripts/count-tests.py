#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what really ran: count-tests.py STEPS BUILD-FOLDER…

STEPS holds a line "ok …" or "not ok …" for each step of ./dev test. Of each build folder the last
test log is read: the single tests of a program that speaks TAP, else the program as one. The last
line says "N passed, N failed"; the exit status is 1 when anything failed or nothing ran.
"""
import json
import pathlib
import re
import sys

TAP = re.compile(r'^(not )?ok \d+\b[^#\n]*(# *SKIP)?', re.MULTILINE | re.IGNORECASE)


def count_program(entry):
    passed = failed = skipped = 0
    for found in TAP.finditer(entry.get('stdout', '')):
        if found.group(1):
            failed += 1
        elif found.group(2):
            skipped += 1
        else:
            passed += 1
    if entry['result'] in ('OK', 'EXPECTEDFAIL', 'UNEXPECTEDPASS') and not passed + failed + skipped:
        passed = 1
    elif entry['result'] == 'SKIP' and not passed + failed + skipped:
        skipped = 1
    elif entry['result'] not in ('OK', 'SKIP', 'EXPECTEDFAIL') and not failed:
        failed = 1  # it crashed, hung or never said a word
    return passed, failed, skipped


def main():
    totals = [0, 0, 0]
    for line in pathlib.Path(sys.argv[1]).read_text().splitlines():
        totals[line.startswith('not ok')] += 1
    for folder in sys.argv[2:]:
        log = pathlib.Path(folder) / 'meson-logs' / 'testlog.json'
        if not log.exists():
            print(f'{folder}: no test log', file=sys.stderr)
            totals[1] += 1
            continue
        for line in log.read_text().splitlines():
            for index, number in enumerate(count_program(json.loads(line))):
                totals[index] += number
    print(f'{totals[2]} skipped', file=sys.stderr)
    print(f'{totals[0]} passed, {totals[1]} failed')
    return 0 if totals[0] and not totals[1] else 1


sys.exit(main())
