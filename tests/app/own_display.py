# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen for a test alone."""
import os
import subprocess


class Display:
    """An X server that is nobody else's, gone with the test."""

    def __init__(self):
        out, into = os.pipe()
        self.server = subprocess.Popen(['Xvfb', '-displayfd', str(into), '-screen', '0',
                                        '1280x800x24', '-nolisten', 'tcp'], pass_fds=[into],
                                       stderr=subprocess.DEVNULL)
        os.close(into)
        os.environ['DISPLAY'] = ':' + os.fdopen(out).readline().strip()

    def close(self):
        self.server.terminate()
        self.server.wait()
