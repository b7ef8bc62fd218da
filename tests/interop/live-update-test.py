#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/live-update under a Linux guest that counts, computes and writes to its serial line. Prints TAP.

    live-update-test.py EMULATOR [HOPS]

Skips without a kernel or busybox.
"""
import fcntl
import json
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import guest  # noqa: E402

EMULATOR = sys.argv[1]
HOPS = int(sys.argv[2]) if len(sys.argv) > 2 else 10
F_OFD_GETLK = 36
SCRIPT = HERE.parent.parent / 'scripts/live-update'
# The guest counts on the console, and keeps its processor and a second serial line busy.
INIT = guest.MOUNTS + """
if [ -e /dev/ttyS1 ]; then (while true; do read line; echo "heard $line"; done < /dev/ttyS1 > /dev/ttyS1) & fi
(while true; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done) &
i=0; while true; do echo "TICK $i $(cut -d' ' -f1 /proc/uptime)"; i=$((i+1)); usleep 100000; done
"""


def locked(image):
    """Whether somebody holds QEMU's lock bytes of it."""
    with open(image, 'rb') as f:
        asked = struct.pack('hhqqi', fcntl.F_WRLCK, os.SEEK_SET, 100, 200, 0)
        return struct.unpack('hhqqi', fcntl.fcntl(f, F_OFD_GETLK, asked))[0] != fcntl.F_UNLCK


class Case:
    def __init__(self):
        self.number = self.failed = 0

    def __call__(self, good, what, *why):
        self.number += 1
        self.failed += not good
        print(f'{"ok" if good else "not ok"} {self.number} - {what}', flush=True)
        for line in why:
            print('#   ' + str(line).rstrip().replace('\n', '\n#   '), flush=True)


def main():
    kernel, missing = guest.kernel()
    if missing:
        print(f'1..0 # SKIP {missing}')
        return 0
    case = Case()
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        initrd = guest.initrd(work, INIT)
        serial, disk = work / 'serial', work / 'disk'
        with open(disk, 'wb') as f:
            f.truncate(1 << 20)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        line = os.dup(theirs.fileno())
        line, spare = 100, line
        os.dup2(spare, line)
        os.set_inheritable(line, True)
        command = [EMULATOR, '-machine', 'pc,memory-backend=ram', '-nodefaults', '-display', 'none', '-m', '128',
                   '-object', f'memory-backend-file,id=ram,size=128M,share=on,mem-path={work}/ram',
                   '-chardev', f'file,id=console,path={serial},append=on', '-serial', 'chardev:console',
                   '-drive', f'file={disk},format=raw', '-kernel', kernel, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1']
        with_line = ['-chardev', f'socket,id=line,fd={line}', '-serial', 'chardev:line']
        without = ['-chardev', 'null,id=line', '-serial', 'chardev:line']

        def ticks():
            text = serial.read_text(errors='replace') if serial.exists() else ''
            return [(int(i), float(u)) for i, u in re.findall(r'TICK (\d+) ([\d.]+)\r?\n', text)]

        def wait_for(count, limit=120):
            end = time.monotonic() + limit
            while len(ticks()) < count:
                if time.monotonic() > end:
                    raise RuntimeError(f'{len(ticks())} of {count} counts after {limit} s')
                time.sleep(0.02)

        def update(old, new, arguments):
            return subprocess.run([SCRIPT, '--qmp', old, '--new-qmp', new, '--', *arguments], pass_fds=[line],
                                  capture_output=True, text=True, timeout=60)

        def qmp(path, command):
            s = socket.socket(socket.AF_UNIX)
            s.settimeout(20)
            s.connect(str(path))
            f = s.makefile('rw')
            f.readline()
            for one in ('qmp_capabilities', command):
                f.write(json.dumps({'execute': one}) + '\n')
                f.flush()
                while not any(k in (answer := json.loads(f.readline())) for k in ('return', 'error')):
                    pass
            s.close()
            return answer['return']

        current = work / 'qmp0'
        first = subprocess.Popen([*command, *with_line, '-qmp', f'unix:{current},server=on,wait=off'], pass_fds=[line],
                                 stdin=subprocess.DEVNULL)
        theirs.close()
        try:
            wait_for(5)
            case(locked(disk), 'the running emulator holds the image')
            done = update(current, work / 'no', [*command, *without, '-bogus'])
            case(done.returncode == 1 and 'nothing was changed' in done.stderr and
                 qmp(current, 'query-status')['running'], 'a command line that is wrong changes nothing', done.stderr)
            done = update(current, work / 'no', [*command, *without, '-device', 'ib700'])
            case(done.returncode == 1 and 'the old emulator goes on' in done.stderr and 'ib700' in done.stderr and
                 qmp(current, 'query-status')['running'] and locked(disk),
                 'one that refuses the state gives the guest and its image back', done.stderr)
            count = len(ticks())
            wait_for(count + 3)
            took = []
            # With the second serial line's connection passed on, then with nothing that two could not share.
            ours.settimeout(20)
            talk = ours.makefile('rw')
            talk.write('before\n')
            talk.flush()
            heard = ''
            while 'heard before' not in heard:
                heard = talk.readline()
            following = work / 'qmp1'
            done = update(current, following, [*command, *with_line])
            case(done.returncode == 0, 'an update that passes a connection on', done.stdout, done.stderr)
            current = following
            talk.write('after\n')
            talk.flush()
            while 'heard after' not in heard:
                heard = talk.readline()
            case(True, 'the connection is alive in the new emulator')
            for hop in range(2, HOPS + 1):
                following = work / f'qmp{hop}'
                done = update(current, following, [*command, *without])
                if done.returncode:
                    case(False, f'hop {hop}', done.stdout, done.stderr)
                    break
                took.append(float(re.search(r'still for ([\d.]+) ms', done.stdout)[1]))
                current = following
                wait_for(len(ticks()) + 1 + hop % 3)
            case(len(took) == HOPS - 1, f'{HOPS - 1} updates of a busy guest',
                 f'stood still for {min(took):.1f} to {max(took):.1f} ms, median {sorted(took)[len(took) // 2]:.1f} ms')
            case(locked(disk), 'the last one holds the image')
            seen = ticks()
            case([n for n, _ in seen] == list(range(len(seen))), f'{len(seen)} counts, none lost, none doubled')
            case(all(a[1] <= b[1] for a, b in zip(seen, seen[1:])), 'the guest\'s clock never ran backwards')
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as e:
            case(False, 'the guest goes on', e)
        finally:
            try:
                qmp(current, 'quit')
            except (OSError, ValueError, KeyError):
                pass
            if first.poll() is None:
                first.kill()
            first.wait()
    print(f'1..{case.number}')
    return 1 if case.failed else 0


if __name__ == '__main__':
    sys.exit(main())
