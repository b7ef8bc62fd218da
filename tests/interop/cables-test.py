#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Cables between two of these emulators, and between one of them and QEMU 7.2: each end says by a reverse ARP request where its
card is, and the other's filter-dump hears it."""
import os
import shutil
import socket
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../functional'))
import emulator  # noqa: E402
from emulator import PATIENCE, Emulator, Missing, main  # noqa: E402

OWN = emulator.BINARY
REFERENCE = shutil.which('qemu-system-x86_64', path='/usr/bin:/usr/local/bin')
HEADER = 24  # of a pcap file; each frame has one of 16


def port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class End:
    def __init__(self, binary, folder, netdev, number):
        self.file = os.path.join(folder, f'frames{number}')
        self.mac = f'52:54:00:12:34:{number:02x}'
        emulator.BINARY = binary
        self.vm = Emulator('-netdev', netdev + ',id=n', '-device', f'e1000,netdev=n,romfile=,mac={self.mac}',
                           '-object', f'filter-dump,id=f,netdev=n,file={self.file}', machine='pc')
        emulator.BINARY = OWN
        self.qmp = self.vm.qmp()

    def connected(self):
        return 'connect' in self.shown() or 'tcp:' in self.shown() or 'unix:' in self.shown()

    def shown(self):
        return next(line for line in self.qmp.hmp('info network').splitlines() if 'type=s' in line or 'type=d' in line)

    def frames(self):
        with open(self.file, 'rb') as f:
            data = f.read()[HEADER:]
        while len(data) >= 16:
            size = int.from_bytes(data[8:12], sys.byteorder)
            yield data[16:16 + size]
            data = data[16 + size:]

    def announce(self):
        self.qmp('announce-self', initial=1, max=1, rounds=1, step=0)

    def heard(self, other):
        mac = bytes.fromhex(other.mac.replace(':', ''))
        return any(frame[6:14] == mac + b'\x80\x35' and len(frame) == 60 for frame in self.frames())


def wait(what, *facts):
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, [f() for f in facts]
        time.sleep(0.005)


def talk(first, second, streams=False, group=False):
    """Either end is this emulator once, the other QEMU; and this emulator both."""
    if not REFERENCE:
        raise Missing('qemu-system-x86_64 is not there (package qemu-system-x86)')
    for one, two in ((OWN, OWN), (OWN, REFERENCE), (REFERENCE, OWN)):
        with tempfile.TemporaryDirectory() as folder:
            places = {'port': port(), 'udp1': port(socket.SOCK_DGRAM), 'udp2': port(socket.SOCK_DGRAM), 'folder': folder}
            a = End(one, folder, first.format(**places), 1)
            with a.vm:
                b = End(two, folder, second.format(**places), 2)
                with b.vm:
                    if streams:
                        wait(lambda: a.connected() and b.connected(), a.shown, b.shown)
                    # In a group the first hears itself, which fills its card, as no driver serves it.
                    for sender, hearer in ((a, b),) if group else ((a, b), (b, a)):
                        sender.announce()
                        wait(lambda h=hearer, s=sender: h.heard(s), a.shown, b.shown)


def test_socket_listens_and_connects():
    talk('socket,listen=127.0.0.1:{port}', 'socket,connect=127.0.0.1:{port}', streams=True)


def test_socket_udp():
    talk('socket,udp=127.0.0.1:{udp1},localaddr=127.0.0.1:{udp2}', 'socket,udp=127.0.0.1:{udp2},localaddr=127.0.0.1:{udp1}')


def test_socket_multicast():
    group = 'socket,mcast=230.0.0.1:{udp1},localaddr=127.0.0.1'
    talk(group, group, group=True)


def test_stream_tcp():
    address = ',addr.type=inet,addr.host=127.0.0.1,addr.port={port}'
    talk('stream,server=on' + address, 'stream,server=off' + address, streams=True)


def test_stream_unix():
    address = ',addr.type=unix,addr.path={folder}/s'
    talk('stream,server=on' + address, 'stream,server=off' + address, streams=True)


def test_stream_and_socket_are_one_protocol():
    talk('stream,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port={port}', 'socket,connect=127.0.0.1:{port}', streams=True)


def test_dgram_udp():
    ends = 'dgram,local.type=inet,local.host=127.0.0.1,local.port={{{0}}},remote.type=inet,remote.host=127.0.0.1,remote.port={{{1}}}'
    talk(ends.format('udp1', 'udp2'), ends.format('udp2', 'udp1'))


def test_dgram_unix():
    ends = 'dgram,local.type=unix,local.path={{folder}}/{0},remote.type=unix,remote.path={{folder}}/{1}'
    talk(ends.format('a', 'b'), ends.format('b', 'a'))


def test_dgram_multicast():
    group = 'dgram,remote.type=inet,remote.host=230.0.0.1,remote.port={udp1},local.type=inet,local.host=127.0.0.1,local.port=0'
    talk(group, group, group=True)


if __name__ == '__main__':
    main(globals())
