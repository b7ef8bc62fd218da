#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Change the emulator again and again under a Linux guest that works: on its processors, its disk, its network and its
serial lines, or not at all. Prints TAP.

    swap-loop-test.py EMULATOR [--hops N] [--chains N]

The guest counts ten times a second on its first serial line, and every two seconds starts to do something else: nothing,
computing, writing numbered lines to the second serial line, or writing files to an ext4 file system, flushing its caches
and comparing what comes back. It pings the network's gateway all the time. Hops come at random moments. Nothing of the
count, nor of the numbered lines, may be missing or double, no file may differ, pings must be answered all along, the
kernel may not complain, and in the end the file system must be clean.
"""
import argparse
import functools
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import guest  # noqa: E402
from chain import Emulator, Failed, report  # noqa: E402

MEMORY = 256
MODULES = 'crc32c_generic', 'ext4', 'ata_piix', 'sd_mod', 'e1000'
COMPLAINTS = r'BUG:|Oops|WARNING:|stall|hung task|I/O error|exception Emask|failed command|Tx Unit Hang|NETDEV WATCHDOG|lost interrupt'
INIT = guest.MOUNTS + r"""
for module in $(cat /lib/order); do insmod /lib/$module; done
while ! [ -e /dev/sda ]; do usleep 10000; done
mount -t ext4 /dev/sda /mnt
ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up
echo idle > /phase
until ping -c 1 -W 1 10.0.2.2 > /dev/null; do usleep 10000; done
(while true; do ping -c 1 -W 1 -s 1000 10.0.2.2 > /dev/null && echo answered; usleep 200000; done) > /dev/ttyS0 &
for worker in 1 2; do
  (while true; do
     if [ "$(cat /phase)" = busy ]; then i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; else usleep 100000; fi
   done) &
done
(i=0; while true; do
   if [ "$(cat /phase)" = serial ]; then
     echo "LINE $i 0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"; i=$((i+1))
   else usleep 100000; fi
 done) > /dev/ttyS1 &
(i=0; while true; do
   if [ "$(cat /phase)" = disk ]; then
     dd if=/dev/urandom of=/tmp-file bs=64k count=8 2> /dev/null
     cp /tmp-file /mnt/file$((i % 10)) && sync && echo 3 > /proc/sys/vm/drop_caches
     if cmp /tmp-file /mnt/file$((i % 10)); then echo "FILE $i good"; else echo "FILE $i bad"; fi > /dev/ttyS0
     i=$((i+1))
   else usleep 100000; fi
 done) &
i=0; total=$(sed 's/.*total=\([0-9]*\).*/\1/' /proc/cmdline)
while [ $i -lt $total ]; do
  case $((i / 20 % 4)) in 0) p=idle;; 1) p=busy;; 2) p=serial;; 3) p=disk;; esac; echo $p > /phase
  echo "TICK $i $(cut -d' ' -f1 /proc/uptime)"; usleep 100000; i=$((i+1))
done
echo idle > /phase; sleep 2
dmesg | grep -E '""" + COMPLAINTS + r"""'
umount /mnt && echo "UNMOUNTED"
echo "KERNEL SAID ALL"
poweroff -f
"""


def run(chain, processors, hops, kernel):
    """Raises Failed; returns what was seen."""
    chance = random.Random(hops)
    stays = [chance.randint(2, 14) for _ in range(hops)]    # in counts; some more come in until it is stopped
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        files = guest.modules(kernel, MODULES)
        order = work / 'order'
        order.write_text('\n'.join(f.name for f in files))
        initrd = guest.initrd(work, INIT, [*files, order])
        disk, state = work / 'disk', work / 'state'
        with open(disk, 'wb') as f:
            f.truncate(32 << 20)
        subprocess.run(['/sbin/mke2fs', '-q', '-t', 'ext4', str(disk)], check=True)
        common = ['-machine', 'pc-i440fx-7.2,memory-backend=ram,suppress-vmdesc=on', '-accel', 'tcg', '-m', str(MEMORY),
                  '-smp', str(processors), '-nodefaults', '-display', 'none',
                  '-object', f'memory-backend-file,id=ram,size={MEMORY}M,share=on,mem-path={work}/ram',
                  '-drive', f'file={disk},format=raw,if=ide', '-netdev', 'user,id=n', '-device', 'e1000,netdev=n',
                  '-global', 'migration.send-configuration=off', '-kernel', kernel, '-initrd', initrd,
                  '-append', f'console=ttyS0 quiet panic=-1 total={sum(stays) + 4 * hops + 20}']
        console = lines = ''
        for number in range(hops + 1):
            emulator = Emulator(chain[number % len(chain)], common, work, number, state)
            try:
                if number < hops:
                    emulator.wait_for('TICK', stays[number])
                    time.sleep(chance.random() / 10)
                    emulator.leave(state)
                else:
                    emulator.wait_for('KERNEL SAID ALL', 1)
            finally:
                emulator.end()
            console += emulator.said(0)
            lines += emulator.said(1)
        clean = subprocess.run(['/sbin/e2fsck', '-fn', str(disk)], capture_output=True, text=True)
    ticks = [(int(n), float(t)) for n, t in re.findall(r'TICK (\d+) ([\d.]+)\r?\n', console)]
    numbered = re.findall(r'LINE (\d+) (\w+)\r?\n', lines)
    good = console.count(' good')
    # One ping may get lost in a hop, which takes a second to show, and longer in a guest that is busy.
    silence = max(len(re.findall('TICK', part)) for part in console.split('answered'))
    if [n for n, _ in ticks] != list(range(len(ticks))):
        place = next(k for k, (n, _) in enumerate(ticks) if n != k)
        raise Failed(f'the count is not whole: place {place} holds {ticks[place][0]}')
    if any(a[1] > b[1] for a, b in zip(ticks, ticks[1:])):
        raise Failed("the guest's clock ran backwards")
    if not numbered or [int(n) for n, _ in numbered] != list(range(len(numbered))) or len({w for _, w in numbered}) != 1:
        raise Failed(f'the second serial line has {len(numbered)} lines, not all of them whole')
    if silence > 30:
        raise Failed(f'no answer from the network for {silence} counts')
    if ' bad' in console or not good:
        raise Failed(f'{console.count(" bad")} files differ, {good} do not')
    if complaint := re.search(f'.*({COMPLAINTS}).*', console):
        raise Failed(f'the kernel complains: {complaint[0]}')
    if 'UNMOUNTED' not in console or clean.returncode:
        raise Failed(f'the file system is not clean:\n{clean.stdout}')
    return f'{len(ticks)} counts, {len(numbered)} lines, {good} files, {console.count("answered")} pings, {silence} counts without one at most'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('emulator')
    parser.add_argument('--hops', type=int, default=6)
    parser.add_argument('--chains', type=int, default=3, help='how many of the three orders of emulators')
    options = parser.parse_args()
    ours, theirs = options.emulator, shutil.which('qemu-system-x86_64')
    kernel, missing = guest.kernel('*[0-9]-amd64')
    if not missing and not pathlib.Path('/sbin/mke2fs').exists():
        missing = 'no /sbin/mke2fs'
    if not missing and not theirs:
        missing = 'no qemu-system-x86_64 installed'
    if missing:
        print(f'1..0 # SKIP {missing}')
        return 0
    chains = [('QEMU, ours and ours', [theirs, ours, ours]), ('ours and QEMU', [ours, theirs]), ('ours', [ours])]
    del chains[options.chains:]
    return report([(f'{options.hops} hops, {what} by turns, {processors} processor{"s" * (processors > 1)}',
                    functools.partial(run, chain, processors, options.hops, kernel))
                   for processors in (1, 2) for what, chain in chains])


if __name__ == '__main__':
    sys.exit(main())
