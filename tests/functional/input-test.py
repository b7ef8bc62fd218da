#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys and mouse of a running guest: the firmware's boot menu is driven by keys, and events end up in the devices as
in QEMU 7.2."""
import json
import os
import sys
import time

import screen
from emulator import PATIENCE, Emulator, main

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '../interop'))
import vmstream  # noqa: E402

kit_test = __import__('kit-test')

# Prints its own name by the BIOS and stops: mov si, text; lodsb; or al, al; jz end; mov ah, 0eh; int 10h; jmp; cli; hlt
PRINTER = bytes.fromhex('31c08ed8be157cac08c07406b40ecd10ebf5faf4ebfd')


def boot_sector(path, name, size):
    code = PRINTER.replace(b'\x15\x7c', (0x7c00 + len(PRINTER)).to_bytes(2, 'little')) + name.encode() + b'\r\n\0'
    with open(path, 'wb') as file:
        file.write(code.ljust(510, b'\0') + b'\x55\xaa')
        file.truncate(size)
    return path


def key(name):
    return {'type': 'qcode', 'data': name}


def press(qmp, *names):
    qmp('send-key', keys=[key(n) for n in names])


def choose(qmp, word):
    """Opens the firmware's boot menu and presses the number of the entry with that word, once it stands there."""
    screen.wait_for(qmp, r'Press ESC for boot menu')
    press(qmp, 'esc')
    screen.wait_for(qmp, r'Select boot device:')
    press(qmp, screen.wait_for(qmp, rf'^(\d)\. .*{word}')[1])


def test_chooses_a_boot_device_by_keys():
    with Emulator('-S') as scratch:
        floppy = boot_sector(scratch.file('floppy'), 'floppy says hello', 1440 << 10)
        disk = boot_sector(scratch.file('disk'), 'disk says hello', 1 << 20)
        arguments = ['-vga', 'std', '-boot', 'menu=on', '-drive', f'if=floppy,format=raw,file={floppy}',
                     '-drive', f'if=ide,format=raw,file={disk}']
        for word, greeting in (('Floppy', 'floppy says hello'), ('ata0', 'disk says hello')):
            with Emulator(*arguments, machine='pc') as vm:
                c = vm.qmp()
                choose(c, word)
                screen.wait_for(c, '^' + greeting)


def fields(kit, data):
    """What the keyboard, the mouse and their controller hold, by path; not where it stands in the file."""
    rows = vmstream.flatten(vmstream.parse_bytes(data, None, kit.library))
    return {path: value for path, value, *_ in rows
            if path.split('/')[0] in ('ps2kbd', 'ps2mouse', 'pckbd', 'vmmouse') and '.@section_id' not in path}


def saved(kit, qmp, name):
    qmp('xen-save-devices-state', filename=name)
    with open(name, 'rb') as file:
        return fields(kit, file.read())


def wait_for_bytes(kit, qmp, name, count):
    deadline = time.monotonic() + PATIENCE
    while (there := saved(kit, qmp, name)['ps2kbd/0.parent_obj.queue.count']) != count:
        assert time.monotonic() < deadline, f'{there} bytes wait in the keyboard, not {count}'
        time.sleep(0.01)


def test_events_end_up_in_the_devices_as_in_qemu():
    kit = kit_test.Kit()
    info = kit.index['keys-pc']['keys']
    with Emulator('-S') as scratch:
        boot = boot_sector(scratch.file('boot'), 'ready', 1440 << 10)
        arguments = [a.replace('@BOOT@', boot) for a in info['args'] if a not in ('-M', 'pc', '-nodefaults')]
        with Emulator('-vga', 'std', *arguments, machine='pc') as vm:
            c = vm.qmp()
            screen.wait_for(c, '^ready')
            for command, sent in info['input']:
                answer = c.request(command, sent)
                assert ('error' in answer) == ('"abs"' in json.dumps(sent)), (sent, answer)
            wait_for_bytes(kit, c, vm.file('state'), 9)
            ours = saved(kit, c, vm.file('state'))
            theirs = fields(kit, kit.state('keys-pc', 'keys'))
            # When the event between the typed keys came is a matter of milliseconds.
            for side in ours, theirs:
                queue = 'ps2kbd/0.parent_obj.queue.data'
                side[queue] = sorted(side[queue])
            assert len(theirs) > 30, theirs
            assert ours == theirs, {k: (ours.get(k), theirs.get(k)) for k in ours.keys() | theirs.keys()
                                    if ours.get(k) != theirs.get(k)}


main(globals())
