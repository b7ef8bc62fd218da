#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest shows, as clients see it: the firmware's text screen, screendumps, displays by name."""
import os

import screen
from emulator import Emulator, main


def test_reads_the_firmwares_text_screen():
    with Emulator('-vga', 'std', machine='pc') as vm:
        c = vm.qmp()
        screen.wait_for(c, r'^No bootable device\.')
        text = screen.lines(c)
        assert len(text) == 25 and text[0].startswith('SeaBIOS (version'), text
        assert c.hmp('info screen -t').split('\r\n')[:-1] == text
        assert '\x1b[0;37;40mSeaBIOS' in c.hmp('info screen')
        width, height, pixels = screen.picture(c, vm.folder)
        assert (width, height) == (720, 400)
        assert set(pixels) == {0x00, 0xa8}, set(pixels)


def test_dumps_the_display_that_is_named():
    with Emulator('-S', '-device', 'VGA,id=one', '-device', 'i6300esb,id=none', machine='pc') as vm:
        c = vm.qmp()
        name = vm.file('dump')
        c('screendump', filename=name, device='one', format='png')
        with open(name, 'rb') as file:
            assert file.read(8) == b'\x89PNG\r\n\x1a\n'
        assert c.error('screendump', filename=name, device='two') == ('DeviceNotFound', "Device 'two' not found")
        assert c.error('screendump', filename=name, device='none')[1] == \
            'Device none (head 0) is not bound to a QemuConsole'
        assert c.error('screendump', filename=name, format='gif')[1] == "Parameter 'format' does not accept value 'gif'"


def test_a_machine_without_display_says_so():
    with Emulator('-S') as vm:
        c = vm.qmp()
        name = vm.file('dump')
        assert c.error('screendump', filename=name)[1] == 'There is no console to take a screendump from'
        assert not os.path.exists(name)


main(globals())
