#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP connection of a guest lives on while the emulator under it is changed. Prints TAP.

    swap-tcp-test.py EMULATOR [--hops N]

Two Linux guests hang on one cable of datagrams (-netdev dgram), which has no state that a hop could lose. One keeps a
connection open and sends a numbered line ten times a second; the other, whose emulator stays, prints what it gets. After the
hops all lines must have come in, in order, by the one connection.
"""
import argparse
import functools
import pathlib
import re
import shutil
import socket
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import guest  # noqa: E402
from chain import Emulator, Failed, report  # noqa: E402

MEMORY = 256
SETUP = guest.MOUNTS + """
for module in $(cat /lib/order); do insmod /lib/$module; done
ip addr add {address}/24 dev eth0; ip link set eth0 up
"""
SENDER = SETUP.format(address='10.0.9.1') + """
until ping -c 1 -W 1 10.0.9.2 > /dev/null; do usleep 10000; done
total=$(sed 's/.*total=\\([0-9]*\\).*/\\1/' /proc/cmdline)
(i=0; while [ $i -lt $total ]; do echo "LINE $i"; echo "TICK $i" > /dev/ttyS0; usleep 100000; i=$((i+1)); done) | nc 10.0.9.2 7000
echo "NC ENDED WITH $?"
poweroff -f
"""
RECEIVER = SETUP.format(address='10.0.9.2') + """
echo LISTENING
nc -l -p 7000
echo "NC ENDED WITH $?"
poweroff -f
"""


def two_ports():
    """UDP ports that are free now."""
    held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for s in held:
        s.bind(('127.0.0.1', 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def options(work, kernel, init, ports, mac, append):
    files = guest.modules(kernel, ('e1000',))
    work.mkdir()
    order = work / 'order'
    order.write_text('\n'.join(f.name for f in files))
    cable = ','.join(f'{end}.type=inet,{end}.host=127.0.0.1,{end}.port={port}' for end, port in zip(('local', 'remote'), ports))
    return ['-machine', 'pc-i440fx-7.2,memory-backend=ram,suppress-vmdesc=on', '-accel', 'tcg', '-m', str(MEMORY),
            '-nodefaults', '-display', 'none',
            '-object', f'memory-backend-file,id=ram,size={MEMORY}M,share=on,mem-path={work}/ram',
            '-netdev', f'dgram,id=n,{cable}', '-device', f'e1000,netdev=n,mac={mac}',
            '-global', 'migration.send-configuration=off', '-kernel', kernel,
            '-initrd', guest.initrd(work, init, [*files, order]), '-append', f'console=ttyS0 quiet panic=-1 {append}']


def run(chain, ours, hops, kernel):
    """Raises Failed; returns what was seen."""
    stay = 8    # lines between two hops
    total = stay * (hops + 2)
    with tempfile.TemporaryDirectory() as d:
        one, two = pathlib.Path(d, 'one'), pathlib.Path(d, 'two')
        ports = two_ports()
        sends = options(one, kernel, SENDER, ports, '52:54:00:12:34:01', f'total={total}')
        receiver = Emulator(ours, options(two, kernel, RECEIVER, ports[::-1], '52:54:00:12:34:02', ''), two, 0, None)
        console = ''
        try:
            receiver.wait_for('LISTENING', 1)
            for number in range(hops + 1):
                emulator = Emulator(chain[number % len(chain)], sends, one, number, one / 'state')
                try:
                    if number < hops:
                        emulator.wait_for('TICK', stay)
                        emulator.leave(one / 'state')
                    else:
                        emulator.wait_for('NC ENDED', 1)
                finally:
                    emulator.end()
                console += emulator.said()
            receiver.wait_for('NC ENDED', 1)
        finally:
            receiver.end()
        got = receiver.said()
    lines = [int(n) for n in re.findall(r'LINE (\d+)\r?\n', got)]
    ticks = [int(n) for n in re.findall(r'TICK (\d+)\r?\n', console)]
    if ticks != list(range(total)):
        raise Failed(f'the sender counted {len(ticks)} of {total}:\n{console[-500:]}')
    if lines != list(range(total)):
        raise Failed(f'{len(lines)} of {total} lines came in, or not in order:\n{got[-500:]}')
    if 'NC ENDED WITH 0' not in console or 'NC ENDED WITH 0' not in got:
        raise Failed(f'the connection did not end well:\n{console[-300:]}\n{got[-300:]}')
    return f'{total} lines by one connection'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('emulator')
    parser.add_argument('--hops', type=int, default=5)
    arguments = parser.parse_args()
    ours, theirs = arguments.emulator, shutil.which('qemu-system-x86_64')
    kernel, missing = guest.kernel('*[0-9]-amd64')
    if missing or not theirs:
        print(f'1..0 # SKIP {missing or "no qemu-system-x86_64 installed"}')
        return 0
    chains = [('ours', [ours]), ('QEMU and ours by turns', [theirs, ours])]
    return report([(f'a TCP connection over {arguments.hops} hops, {what}',
                    functools.partial(run, chain, ours, arguments.hops, kernel)) for what, chain in chains])


if __name__ == '__main__':
    sys.exit(main())
