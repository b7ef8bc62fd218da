#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux plays through the sound cards for which it has drivers; as much as it played is in the WAV file. Prints TAP."""
import os
import sys
import tempfile
import wave

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from emulator import main  # noqa: E402
from guest import debian_kernel, initramfs, linux, modules  # noqa: E402

# The module of each card; /dev/dsp takes 8000 bytes a second.
DRIVERS = {'AC97': 'snd-intel8x0', 'ES1370': 'snd-ens1370'}


def play(card):
    kernel = debian_kernel()
    files, loading = modules(kernel, DRIVERS[card], 'snd-pcm-oss')
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'wav')
        with linux(kernel, '-audiodev', f'wav,id=a,path={path}', '-device', f'{card},audiodev=a',
                   initrd=initramfs(os.path.join(folder, 'initrd'), files), append='quiet') as guest:
            guest.shell()
            guest('; '.join([*loading, 'dd if=/dev/urandom of=/tmp/r bs=1000 count=12', 'cat /tmp/r > /dev/dsp']))
            guest('until ! grep -q RUNNING /proc/asound/card0/pcm*p/sub0/status; do sleep 0.1; done')
            guest.qmp()('quit')
            guest.process.wait(20)
        with wave.open(path) as recorded:
            seconds = recorded.getnframes() / recorded.getframerate()
            assert 1.2 < seconds < 4, (card, seconds)
            return recorded.readframes(recorded.getnframes())


def test_linux_plays_through_an_ac97():
    play('AC97')  # its mixer is mute until somebody asks for sound


def test_linux_plays_through_an_es1370():
    assert len(set(play('ES1370'))) > 200, 'this is not what was played'


if __name__ == '__main__':
    main(globals())
