#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same register programs on the emulator and on the installed QEMU 7.2 must give the same screendump.

    picture-test.py [EMULATOR]

What QEMU's renderer leaves out stays out of the programs: panning, blinking, the ninth dot of 40 columns and of
characters B0h to BFh, 15 bits a pixel with all their bits. Prints TAP; all is skipped where there is no QEMU 7.2."""
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile

QEMU = 'qemu-system-x86_64'
FRAME_BUFFER = 0xe0000000
PATIENCE = 30

# misc output, sequencer, CRTC, graphics controller, attribute controller: IBM's BIOS tables.
MODES = {
    'text 80x25': (0x67, '0300030002', '5f4f50825581bf1f004f0d0e000000009c8e8f281f96b9a3ff', '0000000000100e0fff',
                   '000102030405140738393a3b3c3d3e3f0c000f0800'),
    'CGA 320x200': (0x63, '0309030002', '2d2728902b80bf1f00c10000000000009c8e8f140096b9a2ff', '0000000000300f0fff',
                    '001315170204060710111213141516170100030000'),
    'CGA 640x200': (0x63, '0301010006', '5f4f50825480bf1f00c10000000000009c8e8f280096b9c2ff', '0000000000000d0fff',
                    '001717171717171717171717171717170100010000'),
    'EGA 320x200': (0x63, '03090f0006', '2d2728902b80bf1f00c00000000000009c8e8f140096b9e3ff', '000000000000050fff',
                    '0001020304050607101112131415161701000f0000'),
    'VGA 640x480': (0xe3, '03010f0006', '5f4f508254800b3e0040000000000000ea8cdf2800e704e3ff',
                    '000000000000050fff', '000102030405140738393a3b3c3d3e3f01000f0000'),
    'VGA 320x200': (0x63, '03010f000e', '5f4f50825480bf1f00410000000000009c8e8f284096b9a3ff', '000000000040050fff',
                    '000102030405060708090a0b0c0d0e0f41000f0000'),
    'unchained': (0x63, '03010f0006', '5f4f50825480bf1f00410000000000009c8e8f280096b9e3ff', '000000000040050fff',
                  '000102030405060708090a0b0c0d0e0f41000f0000'),
}


class Machine:
    """A stopped PC whose display is driven by qtest and looked at by QMP."""

    def __init__(self, binary, folder):
        listeners = []
        for name in ('qmp', 'qtest'):
            listener = socket.socket(socket.AF_UNIX)
            listener.settimeout(PATIENCE)
            path = os.path.join(folder, name)
            if os.path.exists(path):
                os.unlink(path)
            listener.bind(path)
            listener.listen()
            listeners.append(listener)
        self.picture_file = os.path.join(folder, 'picture')
        self.process = subprocess.Popen(
            [binary, '-M', 'pc', '-nodefaults', '-display', 'none', '-device', 'VGA', '-S', '-qmp', f'unix:{folder}/qmp',
             '-qtest', f'unix:{folder}/qtest', '-qtest-log', 'none'], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        # In whatever order the two are connected.
        self.qtest = listeners[1].accept()[0].makefile('rw')
        self.qmp = listeners[0].accept()[0].makefile('rw')
        self.qmp.readline()
        self.command('qmp_capabilities')
        for register, value in ((0x10, FRAME_BUFFER), (0x04, 3)):
            self.run([f'outl 0xcf8 {0x80000000 | 2 << 11 | register:#x}', f'outl 0xcfc {value:#x}'])

    def command(self, name, **arguments):
        print(json.dumps({'execute': name, 'arguments': arguments}), file=self.qmp, flush=True)
        while 'event' in (answer := json.loads(self.qmp.readline())):
            pass
        assert 'return' in answer, answer

    def run(self, lines):
        for line in lines:
            print(line, file=self.qtest, flush=True)
            answer = self.qtest.readline()
            assert answer.startswith('OK'), (line, answer)

    def picture(self):
        self.command('screendump', filename=self.picture_file)
        with open(self.picture_file, 'rb') as file:
            return file.read()

    def close(self):
        self.process.kill()
        self.process.communicate()


def index(port, values):
    return [line for n, v in enumerate(values) for line in (f'outb {port:#x} {n:#x}', f'outb {port + 1:#x} {v:#x}')]


def set_mode(name):
    misc, *tables = MODES[name]
    sequencer, crtc, graphics, attributes = map(bytes.fromhex, tables)
    lines = [f'outb 0x3c2 {misc:#x}', *index(0x3c4, sequencer), 'outb 0x3d4 0x11', 'outb 0x3d5 0', *index(0x3d4, crtc),
             *index(0x3ce, graphics), 'inb 0x3da']
    for n, value in enumerate(attributes):
        lines += [f'outb 0x3c0 {n:#x}', f'outb 0x3c0 {value:#x}']
    # The palette on, the cursor off.
    return [*lines, 'inb 0x3da', 'outb 0x3c0 0x20', 'outb 0x3d4 0xa', 'outb 0x3d5 0x20']


def palette(rng):
    return ['outb 0x3c8 0', *(f'outb 0x3c9 {rng.randrange(64):#x}' for _ in range(768))]


def fill(rng, length, text=False):
    data = bytearray(rng.randbytes(length))
    if text:
        for cell in range(0, length, 4):
            data[cell] &= 0x7f        # none of the characters with nine dots
            data[cell + 1] &= 0x7f    # nothing blinks
    return [f'write {FRAME_BUFFER + at:#x} 0x1000 0x{data[at:at + 0x1000].hex()}' for at in range(0, length, 0x1000)]


def vbe(**registers):
    numbers = {'xres': 1, 'yres': 2, 'bpp': 3, 'enable': 4, 'virtual_width': 6, 'x': 8, 'y': 9}
    return [line for name, value in registers.items()
            for line in (f'outw 0x1ce {numbers[name]:#x}', f'outw 0x1cf {value:#x}')]


def programs():
    for name in MODES:
        for scrolled in (False, True):
            rng = random.Random(name + str(scrolled))
            lines = [*vbe(enable=0), *set_mode(name), *palette(rng), *fill(rng, 0x20000, name.startswith('text'))]
            if scrolled:
                lines += ['outb 0x3d4 0xd', f'outb 0x3d5 {rng.randrange(256):#x}']
                if not name.startswith('text'):
                    lines += ['outb 0x3d4 0x18', f'outb 0x3d5 {rng.randrange(200):#x}']    # a split screen
            yield name + (', scrolled' if scrolled else ''), lines
    for bpp in (4, 8, 16, 24, 32):
        rng = random.Random(bpp)
        lines = [*vbe(enable=0), *set_mode('text 80x25'), *palette(rng), *vbe(xres=320, yres=240, bpp=bpp, enable=0xc1),
                 *fill(rng, 0x60000)]
        yield f'{bpp} bits a pixel', lines
        yield f'{bpp} bits a pixel through a window', vbe(virtual_width=400, x=16, y=20)


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else QEMU
    cases = list(programs())
    if not shutil.which(QEMU) or '7.2.' not in subprocess.run([QEMU, '--version'], capture_output=True, text=True).stdout:
        print('1..0 # SKIP there is no QEMU 7.2 to compare with')
        return 0
    print(f'1..{len(cases)}')
    failed = 0
    with tempfile.TemporaryDirectory() as ours_folder, tempfile.TemporaryDirectory() as theirs_folder:
        ours, theirs = Machine(binary, ours_folder), Machine(QEMU, theirs_folder)
        try:
            for number, (name, lines) in enumerate(cases, 1):
                pictures = []
                for machine in ours, theirs:
                    machine.run(lines)
                    pictures.append(machine.picture())
                same = pictures[0] == pictures[1]
                failed += not same
                print(f"{'ok' if same else 'not ok'} {number} - {name}", flush=True)
                if not same:
                    print(f'# ours begins {pictures[0][:15]}, QEMU\'s {pictures[1][:15]}')
        finally:
            ours.close()
            theirs.close()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
