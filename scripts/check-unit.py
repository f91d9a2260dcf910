#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd says of the server's unit: check-unit.py SYSTEMD_ANALYZE SERVER SERVICE SOCKET

It knows every line, and the service can do no more than it has to.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

# Of 100, by systemd's own count; a service that says nothing has more than 90.
MAX_EXPOSURE = 20


def main():
    analyze, server, service, socket = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix='galley-unit-') as folder:
        unit = pathlib.Path(folder) / 'galley-server.service'
        text = pathlib.Path(service).read_text()
        # The program need not be installed.
        unit.write_text(re.sub(r'(?m)^ExecStart=\S+', f'ExecStart={pathlib.Path(server).resolve()}', text))
        (pathlib.Path(folder) / 'galley-server.socket').write_text(pathlib.Path(socket).read_text())
        verified = subprocess.run([analyze, 'verify', *pathlib.Path(folder).iterdir()], stderr=subprocess.PIPE,
                                  text=True)
        exposed = subprocess.run([analyze, 'security', '--offline=true', f'--threshold={MAX_EXPOSURE}', unit],
                                 stdout=subprocess.PIPE, text=True)
    said = [line for line in verified.stderr.splitlines() if 'galley-server' in line]
    for line in said:
        print(line)
    if exposed.returncode != 0:
        print(exposed.stdout[-400:])
    sys.exit(1 if verified.returncode != 0 or said or exposed.returncode != 0 else 0)


main()
