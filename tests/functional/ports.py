# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine's ports over the qtest protocol, and on them the driver's half of an ATA command."""
import socket

from emulator import PATIENCE

COMMAND, CONTROL = 0x1f0, 0x3f6


class Ports:
    """Guest ports over the qtest protocol."""

    def __init__(self, vm):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(vm.file('qtest'))
        self.file = self.socket.makefile('rw')

    def ask(self, line):
        self.file.write(line + '\n')
        self.file.flush()
        answer = self.file.readline().split()
        while answer[0] == 'IRQ':
            answer = self.file.readline().split()
        assert answer[0] == 'OK', (line, answer)
        return int(answer[1], 0) if len(answer) > 1 else None

    def outb(self, port, value):
        self.ask(f'outb {port:#x} {value:#x}')

    def outw(self, port, value):
        self.ask(f'outw {port:#x} {value:#x}')

    def inb(self, port):
        return self.ask(f'inb {port:#x}')

    def inw(self, port):
        return self.ask(f'inw {port:#x}')

    def command(self, opcode, lba, count=1):
        for register, value in ((6, 0xe0 | lba >> 24), (2, count), (3, lba & 0xff), (4, lba >> 8 & 0xff),
                                (5, lba >> 16 & 0xff), (7, opcode)):
            self.outb(COMMAND + register, value)

    def write_words(self, data):
        for i in range(0, len(data), 2):
            self.outw(COMMAND, data[i] | data[i + 1] << 8)

    def read_words(self, count):
        return b''.join(self.inw(COMMAND).to_bytes(2, 'little') for _ in range(count))

    def settle(self):
        while self.inb(CONTROL) & 0x80:
            pass
        return self.inb(COMMAND + 7)
