# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading what a guest shows: the characters of its text screen, the pixels of any."""
import os
import re
import time

from emulator import PATIENCE


def lines(qmp):
    """The rows of the text screen without trailing spaces; None while it shows graphics."""
    answer = qmp.request('x-query-screen')
    if 'error' in answer:
        assert 'graphics' in answer['error']['desc'], answer
        return None
    return answer['return']['human-readable-text'].split('\n')[:-1]


def wait_for(qmp, pattern, patience=PATIENCE):
    """Until a row of the text screen has the regular expression; its match."""
    deadline = time.monotonic() + patience
    while True:
        rows = lines(qmp)
        for row in rows or []:
            if found := re.search(pattern, row):
                return found
        if time.monotonic() > deadline:
            shown = 'graphics' if rows is None else '\n'.join(rows).rstrip()
            raise AssertionError(f'{pattern!r} did not come on the screen in {patience:g} s; there is:\n{shown}')
        time.sleep(0.02)


def picture(qmp, folder):
    """The display's picture: width, height, RGB bytes row by row."""
    name = os.path.join(folder, 'screen.ppm')
    qmp('screendump', filename=name)
    with open(name, 'rb') as file:
        magic, size, depth, pixels = file.read().split(b'\n', 3)
    assert (magic, depth) == (b'P6', b'255'), (magic, depth)
    width, height = map(int, size.split())
    assert len(pixels) == width * height * 3
    return width, height, pixels
