#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The floppy disk controller answers every command, in every state of its drives, as QEMU 7.2's does: result bytes, registers,
and the data that DMA brings."""
import os
import tempfile
import time

import both
from both import Machine
from emulator import main

BASE = 0x3f0
DOR, MSR, FIFO = BASE + 2, BASE + 4, BASE + 5
SRA, SRB, TDR, DIR = BASE, BASE + 1, BASE + 3, BASE + 7
BUFFER = 0x10000


class Floppy(Machine):
    def registers(self):
        return ' '.join(f'{self.ports.inb(port):02x}' for port in (SRA, SRB, DOR, TDR, MSR, DIR))

    def result(self):
        """What the controller has to say, as far as it does."""
        said = []
        while self.ports.inb(MSR) & 0xc0 == 0xc0 and len(said) < 20:
            said.append(f'{self.ports.inb(FIFO):02x}')
        return ' '.join(said)

    def command(self, *numbers, name=''):
        for n in numbers:
            if self.ports.inb(MSR) & 0xc0 != 0x80:
                break
            self.ports.outb(FIFO, n)
        for _ in range(50):
            if self.ports.inb(MSR) & 0x80:
                break
            time.sleep(0.001)
        self.note(f'{name} {[f"{n:x}" for n in numbers]}', self.result(), '|', self.registers())

    def sense(self):
        self.command(0x08)

    def reset(self):
        self.ports.outb(DOR, 0)
        self.ports.outb(DOR, 0x1c)
        for _ in range(4):
            self.sense()

    def dma(self, size, to_memory):
        """Channel 2, as the PC's BIOS sets it up."""
        for port, value in ((0x0a, 6), (0x0c, 0), (0x04, BUFFER & 0xff), (0x04, BUFFER >> 8 & 0xff), (0x81, BUFFER >> 16),
                            (0x0c, 0), (0x05, (size - 1) & 0xff), (0x05, (size - 1) >> 8), (0x0b, 0x46 if to_memory else 0x4a),
                            (0x0a, 2)):
            self.ports.outb(port, value)

    def transfer(self, opcode, size, *parameters, name=''):
        self.set_memory(BUFFER, bytes(range(256)) * 16)
        self.dma(size, opcode & 0x1f in (0x06, 0x0c, 0x02))
        self.command(opcode, *parameters, name=name)
        self.note('memory', self.memory(BUFFER, 4096).hex())
        self.ports.outb(0x0a, 6)


def same(program, *arguments):
    """With a disk of 1.44 MB whose sectors have their numbers in them."""
    with tempfile.TemporaryDirectory() as folder:
        def make(binary):
            image = os.path.join(folder, 'image')
            with open(image, 'wb') as f:
                for sector in range(2880):
                    f.write((sector.to_bytes(4, 'little') * 128)[:512])
            disk = [a.replace('{image}', image) for a in arguments]
            return Floppy(binary, *disk)
        both.same(program, make)


DISK = '-drive', 'if=none,id=f,file={image},format=raw', '-device', 'floppy,drive=f,id=fd,drive-type=144'
READ_ONLY = '-drive', 'if=none,id=f,file={image},format=raw,readonly=on', '-device', 'floppy,drive=f,id=fd,drive-type=144'


def every_command(m):
    m.reset()
    m.note('at first', m.registers())
    m.command(0x03, 0xdf, 0x02, name='specify')
    m.command(0x07, 0x00, name='recalibrate')
    m.sense()
    for head in 0, 4:
        for drive in 0, 1, 2:
            m.command(0x04, head | drive, name='sense drive')
    m.command(0x10, name='version')
    m.command(0x18, name='part id')
    m.command(0x0e, name='dumpreg')
    m.command(0x14, name='unlock')
    m.command(0x94, name='lock')
    m.command(0x13, 0, 0x57, 0x10, name='configure')
    m.command(0x12, 0xbf, name='perpendicular')
    m.command(0x0e, name='dumpreg')
    m.reset()
    m.command(0x0e, name='dumpreg after a reset, locked')
    m.command(0x14, name='unlock')
    m.command(0x0f, 0, 10, name='seek')
    m.sense()
    m.command(0x0f, 4, 79, name='seek')
    m.sense()
    m.command(0x0f, 0, 200, name='seek beyond')
    m.sense()
    for opcode, cylinders in ((0xcf, 5), (0x8f, 3), (0x8f, 250), (0xcf, 100), (0xcf, 1)):
        m.command(opcode, 0, cylinders, name='relative seek')
        m.sense()
        m.command(0x0e, name='dumpreg')
    m.command(0x2e, name='save')
    m.command(0x4e, *range(0x10, 0x21), name='restore')
    m.command(0x0e, name='dumpreg after restore')
    m.command(0x2e, name='save')
    m.command(0x17, 1, 2, name='powerdown mode')
    m.command(0x33, 1, name='option')
    for last in 0x05, 0x85, 0xc5:
        m.command(0x8e, 1, 2, 3, 4, last, name='drive specification')
        m.reset()
    for opcode in 0x00, 0x01, 0x0b, 0x15, 0x1a, 0x1f, 0x34, 0xff, 0x2f, 0x6f:
        m.command(opcode, name='no command')
        m.sense()
    m.reset()


def test_commands_with_a_disk():
    same(every_command, *DISK)


def test_commands_without_a_disk():
    same(every_command, '-device', 'floppy,drive-type=144')


def test_commands_without_a_drive():
    same(every_command)


def transfers(m):
    m.reset()
    m.command(0x03, 0xdf, 0x02)
    m.command(0x07, 0)
    m.sense()
    # cylinder, head, sector, size code, last sector, gap, length
    for place in ((0, 0, 1), (0, 0, 5), (0, 1, 18), (1, 0, 1), (79, 1, 18), (80, 0, 1), (0, 0, 0), (0, 0, 19), (0, 2, 1)):
        cylinder, head, sector = place
        m.command(0x0f, head << 2, cylinder)
        m.sense()
        for opcode in 0xe6, 0x46, 0xc6:
            m.transfer(opcode, 1024, (head & 1) << 2, *place, 2, 18, 0x1b, 0xff, name='read')
        m.transfer(0x46, 512, 0, *place, 2, sector, 0x1b, 0xff, name='read to the last of the track')
    for size, code, length in ((512, 0, 0x80), (512, 1, 0xff), (1024, 3, 0xff), (256, 2, 0xff), (4096, 2, 0xff)):
        m.transfer(0x46, size, 0, 0, 0, 1, code, 18, 0x1b, length, name='read, other sizes')
    m.transfer(0xc5, 1024, 0, 0, 0, 3, 2, 18, 0x1b, 0xff, name='write')
    m.transfer(0xe6, 2048, 0, 0, 0, 2, 2, 18, 0x1b, 0xff, name='read back')
    m.transfer(0xc5, 1024, 0, 80, 0, 3, 2, 18, 0x1b, 0xff, name='write beyond')
    m.transfer(0x45, 512, 1, 0, 0, 3, 2, 18, 0x1b, 0xff, name='write to no drive')
    m.transfer(0x0c, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='read deleted')
    m.transfer(0x09, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='write deleted')
    m.transfer(0x42, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='read track')
    m.transfer(0x16, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='verify')
    for opcode in 0x11, 0x19, 0x1d:
        m.transfer(opcode, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0x01, name='scan')


def test_transfers():
    same(transfers, *DISK)


def test_transfers_with_a_disk_that_is_protected():
    same(transfers, *READ_ONLY)


def test_transfers_after_the_disk_was_taken_out():
    def program(m):
        m.reset()
        m.transfer(0xe6, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='read')
        m.say('eject', id='fd', force=True)
        m.note('out', m.registers())
        m.transfer(0xe6, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='read')
        m.command(0x07, 0)
        m.sense()
        m.transfer(0xe6, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='read')
        m.transfer(0xc5, 512, 0, 0, 0, 1, 2, 18, 0x1b, 0xff, name='write')
        m.command(0x04, 0, name='sense drive')
        m.command(0x0f, 0, 5)
        m.sense()
        m.note('out', m.registers())

    same(program, *DISK)


if __name__ == '__main__':
    main(globals())
