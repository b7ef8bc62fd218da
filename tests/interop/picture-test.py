#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same register programs on the emulator and on the installed QEMU 7.2 must give the same screendump.

    picture-test.py [EMULATOR]

What QEMU's renderer leaves out stays out of the programs: panning, blinking, the ninth dot of 40 columns and of
characters B0h to BFh, 15 bits a pixel (and 16 under a cursor) with all their bits. Prints TAP; all is skipped where there is no QEMU 7.2."""
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

    def __init__(self, binary, folder, adapter):
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
            [binary, '-M', 'pc', '-nodefaults', '-display', 'none', '-device', adapter, '-S', '-qmp', f'unix:{folder}/qmp',
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


def registers(index_port, values):
    return [line for n, v in values.items() for line in (f'outb {index_port:#x} {n:#x}', f'outb {index_port + 1:#x} {v:#x}')]


def cirrus_mode(mode, dac=0):
    """Extended modes of 640x480 in 4 MiB, with everything linear."""
    width = {1: 640, 7: 1280, 5: 1920, 9: 2560}[mode] // 8
    return [*set_mode('VGA 640x480'), *registers(0x3c4, {6: 0x12, 7: mode, 0x12: 0}), *registers(0x3ce, {5: 0x40, 0xb: 0}),
            *registers(0x3d4, {0x13: width & 0xff, 0x1b: width >> 4 & 0x10, 0x1a: 0, 0x1d: 0}),
            *['inb 0x3c8'], *['inb 0x3c6'] * 4, f'outb 0x3c6 {dac:#x}']


def cirrus_cursor(rng, large, x, y):
    """Colors of its own, sixteen shapes in the last 16 KiB, one of them shown."""
    shapes = rng.randbytes(0x4000)
    return [*registers(0x3c4, {0x12: 2}), 'outb 0x3c8 0', *[f'outb 0x3c9 {rng.randrange(64):#x}' for _ in range(3)],
            'outb 0x3c8 0xf', *[f'outb 0x3c9 {rng.randrange(64):#x}' for _ in range(3)],
            *[f'write {FRAME_BUFFER + 0x3fc000 + at:#x} 0x1000 0x{shapes[at:at + 0x1000].hex()}' for at in range(0, 0x4000, 0x1000)],
            *registers(0x3c4, {0x13: rng.randrange(64), 0x10 | (x & 7) << 5: x >> 3, 0x11 | (y & 7) << 5: y >> 3,
                               0x12: 5 if large else 1})]


def cirrus_blits(rng):
    """The blitter within memory: fills, copies, patterns and color expansion, in every raster operation."""
    lines = []
    for rop in (0x00, 0x05, 0x06, 0x09, 0x0b, 0x0d, 0x0e, 0x50, 0x59, 0x6d, 0x90, 0x95, 0xad, 0xd0, 0xd6, 0xda):
        for mode, extended in ((0xc0, 4), (0, 0), (1, 0), (0x80, 0), (0x88, 2), (0x40, 0), (0xc0, 0), (8, 0)):
            width, height = rng.randrange(1, 40) * 4, rng.randrange(1, 20)
            values = {0x31: 0, 0x30: mode, 0x32: rop, 0x33: extended, 0x20: width - 1, 0x21: 0, 0x22: height - 1, 0x23: 0,
                      0x24: 0x80, 0x25: 2, 0x26: 0x80, 0x27: 2, 0x2f: 0, 0x34: rng.randrange(256)}
            to = rng.randrange(60, 400) * 640 + rng.randrange(160, 400)
            source = 0x3f0000 if mode & 0xc0 else to + rng.randrange(-9000, 9000)
            for n in range(3):
                values[0x28 + n], values[0x2c + n] = to >> 8 * n & 0xff, source >> 8 * n & 0xff
            values.update({0: rng.randrange(256), 1: rng.randrange(256)})
            lines += [*registers(0x3ce, values), *registers(0x3ce, {0x31: 2})]
    return lines


def cirrus_programs():
    for name in MODES:
        rng = random.Random(name)
        yield name, [*set_mode(name), *palette(rng), *fill(rng, 0x20000, name.startswith('text'))]
    for bits, mode, dac in ((8, 1, 0), (16, 7, 0xc1), (24, 5, 0), (32, 9, 0)):
        rng = random.Random(bits)
        lines = [*palette(rng), *cirrus_mode(mode, dac), *fill(rng, 0x60000)]
        yield f'{bits} bits a pixel', lines
        yield f'{bits} bits a pixel, scrolled', registers(0x3d4, {0xc: 0x12, 0xd: 0x34, 0x1b: 0x15 if mode == 9 else 5})
        if bits == 16:
            continue
        yield f'{bits} bits a pixel, a small cursor', [*registers(0x3d4, {0x1b: 0x10 if mode == 9 else 0}), *cirrus_cursor(rng, False, 100, 37)]
        yield f'{bits} bits a pixel, a large cursor over the edge', cirrus_cursor(rng, True, 610, 450)
    rng = random.Random(5)
    yield 'the blitter', [*registers(0x3c4, {0x12: 0}), *palette(rng), *cirrus_mode(1), *fill(rng, 0x4b000),
                          f'write {FRAME_BUFFER + 0x3f0000:#x} 0x100 0x{rng.randbytes(256).hex()}', *cirrus_blits(rng)]


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else QEMU
    cases = [*(('VGA', *case) for case in programs()), *(('cirrus-vga', *case) for case in cirrus_programs())]
    if not shutil.which(QEMU) or '7.2.' not in subprocess.run([QEMU, '--version'], capture_output=True, text=True).stdout:
        print('1..0 # SKIP there is no QEMU 7.2 to compare with')
        return 0
    print(f'1..{len(cases)}')
    failed = 0
    with tempfile.TemporaryDirectory() as ours_folder, tempfile.TemporaryDirectory() as theirs_folder:
        machines, adapter_here = [], None
        try:
            for number, (adapter, name, lines) in enumerate(cases, 1):
                if adapter != adapter_here:
                    for machine in machines:
                        machine.close()
                    machines = [Machine(binary, ours_folder, adapter), Machine(QEMU, theirs_folder, adapter)]
                    adapter_here = adapter
                pictures = []
                for machine in machines:
                    machine.run(lines)
                    pictures.append(machine.picture())
                same = pictures[0] == pictures[1]
                failed += not same
                print(f"{'ok' if same else 'not ok'} {number} - {adapter}: {name}", flush=True)
                if not same:
                    print(f'# ours begins {pictures[0][:15]}, QEMU\'s {pictures[1][:15]}')
        finally:
            for machine in machines:
                machine.close()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
