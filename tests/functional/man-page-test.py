#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages that MAN_PAGES names: they are well formed, and the first, the emulator's, tells every option that
its -help does."""
import os
import re
import shutil
import subprocess

from emulator import BINARY, Missing, main

PAGES = os.environ['MAN_PAGES'].split()


def test_is_well_formed():
    if not shutil.which('groff'):
        raise Missing('groff is not installed')
    for page in PAGES:
        done = subprocess.run(['groff', '-man', '-Tutf8', '-ww', '-z', page], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr


def test_tells_every_option():
    told = subprocess.run([BINARY, '-help'], check=True, capture_output=True, text=True).stdout
    options = set(re.findall(r'^-(\S+)', told, re.M))
    with open(PAGES[0]) as file:
        page = set(re.findall(r'^\.B \\-(\S+)', file.read(), re.M))
    assert len(options) > 60 and {name.replace('-', '\\-') for name in options} <= page, options - page


if __name__ == '__main__':
    main(globals())
