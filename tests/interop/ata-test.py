#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The same commands to an IDE disk and a CD drive, by the same accesses to ports, are answered as by QEMU 7.2: registers and
data, byte for byte."""
import os
import tempfile

import both
from emulator import main

CD_SECTORS, DVD_SECTORS = 4000, 1 << 20
DISK = ['-blockdev', 'driver=null-co,node-name=h,size=16777216,read-zeroes=on', '-device', 'ide-hd,drive=h,bus=ide.0,unit=0,serial=S']


class Machine(both.Machine):
    def __init__(self, binary, *arguments):
        super().__init__(binary, '-m', '16', *DISK, *arguments)

    def registers(self, base):
        return ' '.join(f'{self.ports.inb(base + i):02x}' for i in range(1, 8))

    def settle(self, base):
        while self.ports.inb(base + 0x206) & 0x80:
            pass

    def packet(self, name, *cdb):
        """A packet command, its data and status, and the sense data that follow."""
        for title, packet in (name, cdb), ('sense', (3, 0, 0, 0, 18)):
            ports = self.ports
            for register, value in ((6, 0xa0), (1, 0), (4, 0xfe), (5, 0xff), (7, 0xa0)):
                ports.outb(0x170 + register, value)
            packet = bytes(packet).ljust(12, b'\0')
            for i in range(0, 12, 2):
                ports.outw(0x170, packet[i] | packet[i + 1] << 8)
            self.settle(0x170)
            data = []
            while ports.inb(0x376) & 8:
                size = ports.inb(0x174) | ports.inb(0x175) << 8
                data.append(b''.join(ports.inw(0x170).to_bytes(2, 'little') for _ in range(size // 2)).hex())
                self.settle(0x170)
            self.answers.append(f'{name} {title}: {self.registers(0x170)} {data}')

    def ata(self, name, opcode, feature=0, count=0, address=0, device=0xe0, base=0x1f0):
        ports = self.ports
        for register, value in ((6, device), (1, feature), (2, count), (3, address & 0xff), (4, address >> 8 & 0xff),
                                (5, address >> 16), (7, opcode)):
            ports.outb(base + register, value)
        self.settle(base)
        answer = self.registers(base)
        if ports.inb(base + 0x206) & 8:
            answer += ' ' + b''.join(ports.inw(base).to_bytes(2, 'little') for _ in range(256)).hex()
            self.settle(base)
        self.answers.append(f'{name}: {answer} {self.registers(base)}')


def same(program, *arguments):
    both.same(program, lambda binary: Machine(binary, *arguments))


def with_disc(program, sectors):
    with tempfile.TemporaryDirectory() as folder:
        disc = os.path.join(folder, 'disc')
        with open(disc, 'wb') as f:
            f.write(b'first sector')
            f.truncate(2048 * sectors)

        def run(machine):
            for _ in range(3):
                machine.packet('ready', 0)
            program(machine, disc)
        same(run, '-drive', f'if=none,id=c,file={disc},format=raw,media=cdrom,read-only=on',
             '-device', 'ide-cd,drive=c,bus=ide.1,unit=0,id=cd,serial=T')


def lookups(machine):
    """Commands that tell of the drive and of the disc."""
    m = machine
    for page in (None, 0, 0x80, 0x83, 0x44):
        m.packet(f'inquiry {page}', 0x12, page is not None, page or 0, 0, 96)
    m.packet('capacity', 0x25)
    for msf in 0, 2:
        for form in 0, 0x40, 0x80, 0xc0:
            for track in 0, 1, 2, 0xaa:
                m.packet(f'toc {msf} {form:x} {track:x}', 0x43, msf, 0, 0, 0, 0, track, 3, 0x24, form)
    # Page 0x0e has bytes that QEMU leaves as they were.
    for page in 0x01, 0x2a, 0x3f, 0x08:
        for control in 0, 0x40, 0x80, 0xc0:
            m.packet(f'mode {page:x} {control:x}', 0x5a, 0, page | control, 0, 0, 0, 0, 0, 128)
    m.packet('mode, short', 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 8)
    for polled in 1, 0:
        for classes in 0x10, 0, 0xff, 0x40:
            for limit in 64, 4:
                m.packet(f'events {polled} {classes:x} {limit}', 0x4a, polled, 0, 0, classes, 0, 0, 0, limit)
    for types in 0, 1, 2, 3:
        for feature in 0, 1, 3:
            m.packet(f'configuration {types} {feature}', 0x46, types, 0, feature, 0, 0, 0, 1, 0)
    m.packet('information', 0x51, 0, 0, 0, 0, 0, 0, 0, 64)
    for form in 0, 1, 2, 3, 4, 5, 0xff:
        for kind in 0, 1:
            m.packet(f'structure {form:x} {kind}', 0xad, kind, 0, 0, 0, 0, 0, form, 16, 0)
    m.packet('mechanism', 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 64)


def test_a_CD_drive():
    def program(machine, disc):
        m = machine
        lookups(m)
        m.packet('seek', 0x2b, 0, 0, 0, 0, 1)
        m.packet('seek beyond', 0x2b, 0, 0xff)
        m.packet('read nothing', 0x28)
        m.packet('read', 0x28, 0, 0, 0, 0, 0, 0, 0, 2)
        m.packet('read beyond', 0x28, 0, 0xff, 0, 0, 0, 0, 0, 1)
        m.packet('read, over the end', 0x28, 0, 0, 0, (CD_SECTORS - 1) >> 8, (CD_SECTORS - 1) & 0xff, 0, 0, 2)
        m.packet('read 12', 0xa8, 0, 0, 0, 0, 1, 0, 0, 0, 1)
        for what in 0, 0x10, 0xf8, 0x40:
            m.packet(f'read CD {what:x}', 0xbe, 0, 0, 0, 0, 75, 0, 0, 1, what)
        for opcode in (0xbb, 0x45, 0x4b, 0xff, 0x2a, 0x42, 0x1a, 0x2f):
            m.packet(f'{opcode:x}', opcode)
        m.packet('lock', 0x1e, 0, 0, 0, 1)
        m.packet('eject', 0x1b, 0, 0, 0, 2)
        m.packet('unlock', 0x1e)
        for _ in range(2):
            m.packet('eject', 0x1b, 0, 0, 0, 2)
            for opcode in 0, 0x25, 0x43:
                m.packet(f'open, {opcode:x}', opcode)
            m.packet('open, events', 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 64)
        m.packet('load', 0x1b, 0, 0, 0, 3)
        m.packet('events', 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 64)
        m.packet('ready', 0)

    with_disc(program, CD_SECTORS)


def test_a_DVD():
    with_disc(lambda machine, _: lookups(machine), DVD_SECTORS)


def test_a_disc_that_is_changed():
    def program(machine, disc):
        for way in 'gone', 'there':
            if way == 'gone':
                machine.monitor('eject', id='cd', force=True)
            else:
                machine.monitor('blockdev-change-medium', id='cd', filename=disc, format='raw')
            for _ in range(3):
                machine.packet(f'{way}, events', 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 64)
                for opcode in 0, 0x25, 0x46, 0xad, 0x51:
                    machine.packet(f'{way}, {opcode:x}', opcode, 0, 0, 0, 0, 0, 0, 0, 64, 0)

    with_disc(program, CD_SECTORS)


def test_commands_that_a_CD_drive_shares_with_disks():
    def program(machine, _):
        for opcode in (0xec, 0x08, 0xa1, 0xef, 0xe7, 0x90, 0x20, 0xc8, 0xe5, 0xe0, 0xe1, 0xe2, 0xe3, 0xe6, 0x94, 0x95, 0x96, 0x97,
                       0x98, 0x99, 0xb0, 0x91, 0xf5, 0x00, 0xf8, 0xea, 0x10, 0x70, 0x06, 0x40):
            machine.ata(f'{opcode:x}', opcode, 3, device=0xa0, base=0x170)

    with_disc(program, CD_SECTORS)


def test_a_disk():
    def program(m):
        for base in 0x1f0, 0x170:
            for reset in False, True:
                if reset:
                    m.ports.outb(base + 0x206, 4)
                    m.ports.outb(base + 0x206, 0)
                for device in 0xa0, 0xb0:
                    m.ports.outb(base + 6, device)
                    m.answers.append(f'{base:x} {reset} {device:x}: {m.registers(base)} {m.ports.inb(base + 0x206):02x}')
        m.ata('identify', 0xec)
        for opcode in (0xe7, 0xea, 0x40, 0x42, 0x70, 0x10, 0x90, 0xe5, 0xe0, 0xe1, 0xe2, 0xe3, 0xe6, 0x98, 0x99, 0x94, 0x95, 0x96,
                       0x97, 0xf8, 0x27, 0x08, 0x00, 0xff, 0x06, 0x38, 0xc0, 0x03, 0xb1, 0xda, 0xde, 0xa1, 0x50, 0xf1, 0xf2, 0xf3,
                       0xf4, 0xf5, 0xf6):
            m.ata(f'{opcode:x}', opcode)
        for feature in (0x02, 0x82, 0x05, 0x85, 0xaa, 0x55, 0x42, 0xc2, 0x66, 0xcc, 0x67, 0x69, 0x77, 0x96, 0x9a):
            m.ata(f'feature {feature:x}', 0xef, feature)
        for mode in 0, 1, 8, 0x0c, 0x11, 0x20, 0x22, 0x42, 0x45, 0x47, 0x80:
            m.ata(f'mode {mode:x}', 0xef, 3, mode)
            m.ata('identify', 0xec)
        for count in 16, 3, 0, 32:
            m.ata(f'multiple {count}', 0xc6, 0, count)
        m.ata('read multiple', 0xc4, 0, 1)
        m.ata('read', 0x20, 0, 1, 5)
        m.ata('read beyond', 0x20, 0, 1, 0xffffff, device=0xef)
        m.ata('read by cylinder', 0x20, 0, 1, 1, device=0xa0)
        m.ata('parameters', 0x91, 0, 17, device=0xa3)
        m.ata('read by cylinder', 0x20, 0, 1, 1, device=0xa0)
        m.ata('last', 0xf8)
        m.ata('nobody', 0xec, device=0xf0)

    same(program)


def test_what_a_disk_tells_of_its_health():
    key = 0xc24f00

    def program(m):
        for sub in 0xd0, 0xd1, 0xd3, 0xd5, 0xda, 0xdb, 0x00:
            m.ata(f'{sub:x}', 0xb0, sub, 1, key)
            m.ata(f'{sub:x} without the key', 0xb0, sub, 1)
        for test in (0, 1, 2, 3, 0x7f, 0x81, 0x82):
            m.ata(f'test {test:x}', 0xb0, 0xd4, 1, key | test)
        for log in 0, 1, 6, 7:
            m.ata(f'log {log}', 0xb0, 0xd5, 1, key | log)
        for _ in range(25):
            m.ata('another test', 0xb0, 0xd4, 1, key | 1)
        for saves in 0, 0xf1, 1:
            m.ata(f'autosave {saves}', 0xb0, 0xd2, 0, key | saves)
            m.ata('data', 0xb0, 0xd0, 1, key)
        for on in 0xd9, 0xd8:
            m.ata(f'switch {on:x}', 0xb0, on, 0, key)
            m.ata('status', 0xb0, 0xda, 0, key)
            m.ata('identify', 0xec)

    same(program)


if __name__ == '__main__':
    main(globals())
