# SPDX-License-Identifier: GPL-2.0-or-later
"""The same accesses to ports and the same commands, made to this emulator and to QEMU 7.2, whose answers are compared."""
import os
import shutil
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../functional'))
import emulator  # noqa: E402
from emulator import Emulator, Missing  # noqa: E402
from ports import Ports  # noqa: E402

OWN = emulator.BINARY
REFERENCE = shutil.which('qemu-system-x86_64', path='/usr/bin:/usr/local/bin')


class Machine(Emulator):
    """Stopped, its ports served by the test; what it answers is kept."""

    def __init__(self, binary, *arguments, machine='pc'):
        emulator.BINARY = binary
        try:
            super().__init__('-S', *arguments, machine=machine, qtest=True)
        finally:
            emulator.BINARY = OWN
        # QEMU logs each line of the qtest protocol.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.answers = []

    def __enter__(self):
        self.monitor = self.qmp()
        self.ports = Ports(self)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def note(self, name, *values):
        self.answers.append(f'{name}: ' + ' '.join(str(v) for v in values))

    def say(self, command, **arguments):
        """Notes the answer to a QMP command, and the events that came since the last one."""
        answer = self.monitor.request(command, {k.replace('_', '-'): v for k, v in arguments.items()})
        self.monitor('query-name')
        events = [{k: e[k] for k in e if k != 'timestamp'} for e in self.monitor.events]
        self.monitor.events.clear()
        self.note(f'{command} {arguments}', ordered(answer), ordered(events))
        return answer.get('return')

    def inl(self, port):
        return self.ports.ask(f'inl {port:#x}')

    def outl(self, port, value):
        self.ports.ask(f'outl {port:#x} {value:#x}')

    def memory(self, address, size):
        self.ports.file.write(f'read {address:#x} {size:#x}\n')
        self.ports.file.flush()
        while (answer := self.ports.file.readline().split())[0] == 'IRQ':
            pass
        return bytes.fromhex(answer[1][2:])

    def set_memory(self, address, data):
        self.ports.ask(f'write {address:#x} {len(data):#x} 0x{data.hex()}')

    def firmware_item(self, key, size, at=0x100000):
        """What is long goes by fw_cfg's DMA interface, through a place in memory; old machines do not have it."""
        if size < 4096:
            self.ports.outw(0x510, key)
            return bytes(self.ports.inb(0x511) for _ in range(size))
        select, read = 8, 2
        self.set_memory(at, (key << 16 | select | read).to_bytes(4, 'big') + size.to_bytes(4, 'big') + (at + 16).to_bytes(8, 'big'))
        self.outl(0x514, 0)
        self.outl(0x518, int.from_bytes(at.to_bytes(4, 'big'), 'little'))
        return self.memory(at + 16, size)

    def firmware_file(self, name):
        """A file of fw_cfg, or None."""
        directory = 0x19
        count = int.from_bytes(self.firmware_item(directory, 4), 'big')
        entries = self.firmware_item(directory, 4 + 64 * count)[4:]
        for at in range(0, len(entries), 64):
            entry = entries[at:at + 64]
            if entry[8:].split(b'\0')[0].decode() == name:
                size = int.from_bytes(entry[:4], 'big')
                return self.firmware_item(int.from_bytes(entry[4:6], 'big'), size) if size else b''
        return None


def ordered(value):
    """With the members of objects in one order."""
    if isinstance(value, dict):
        return {k: ordered(value[k]) for k in sorted(value)}
    return [ordered(v) for v in value] if isinstance(value, list) else value


def at(one, other):
    """Where the tail that is worth showing begins; 0 unless the difference is far off."""
    first = next((i for i, (a, b) in enumerate(zip(one, other)) if a != b), 0)
    return max(first - 60, 0)


def same(program, make, least=20):
    """`make` takes a binary, and the program the machine; at least so many answers are to be compared."""
    if not REFERENCE:
        raise Missing('qemu-system-x86_64 is not there (package qemu-system-x86)')
    answers = []
    for binary in REFERENCE, OWN:
        with make(binary) as machine:
            program(machine)
            answers.append(machine.answers)
    theirs, ours = answers
    assert len(theirs) == len(ours) >= least, (len(theirs), len(ours))
    different = [f'here {o[at(o, t):][:200]}\nQEMU {t[at(o, t):][:200]}' for t, o in zip(theirs, ours) if t != o]
    assert not different, '\n'.join(different)
