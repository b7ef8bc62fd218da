#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole machine: Debian's kernel on two processors with its disk, CD and network, powered off and rebooted by ACPI; the
kernel says of it what it says of QEMU's."""
import hashlib
import http.server
import os
import subprocess
import tempfile
import threading

from emulator import main
from guest import debian_kernel, expect_same_remarks, initramfs, linux, modules, reference, remarks, tool

DHCP = """#!/bin/busybox sh
case $1 in bound)
    ip addr add $ip/$mask dev $interface
    ip route add default via $router;;
esac
"""
NAMES = 'crc32c_generic', 'ata_piix', 'ata_generic', 'sd_mod', 'sr_mod', 'ext4', 'isofs', 'e1000'


def disk(folder):
    """ext4 with a file of a megabyte."""
    root, image = os.path.join(folder, 'root'), os.path.join(folder, 'disk')
    os.makedirs(root)
    data = os.urandom(1 << 20)
    with open(os.path.join(root, 'given'), 'wb') as f:
        f.write(data)
    with open(image, 'wb') as f:
        f.truncate(64 << 20)
    subprocess.run([tool('mkfs.ext4', 'e2fsprogs'), '-q', '-d', root, image], check=True)
    return image, hashlib.md5(data).hexdigest()


def cd(folder):
    root, image = os.path.join(folder, 'cd-root'), os.path.join(folder, 'cd')
    os.makedirs(root)
    with open(os.path.join(root, 'note.txt'), 'w') as f:
        f.write('on a CD')
    subprocess.run([tool('xorriso', 'xorriso'), '-as', 'mkisofs', '-quiet', '-o', image, root], check=True, capture_output=True)
    return image


class Server(http.server.ThreadingHTTPServer):
    """Serves two megabytes."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.data = os.urandom(2 << 20)
        self.sum = hashlib.md5(self.data).hexdigest()
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.server.data)))
        self.end_headers()
        self.wfile.write(self.server.data)

    def log_message(self, *_):
        pass


def start(folder, image, disc, smp, append='', disk_options=''):
    files, load = modules(debian_kernel(), *NAMES)
    files['dhcp'] = DHCP.encode()
    files['load'] = ('#!/bin/busybox sh\n' + '\n'.join(load)).encode()
    guest = linux(debian_kernel(), '-smp', str(smp), '-vga', 'std', '-drive', f'file={image},format=raw,if=ide{disk_options}', '-cdrom', disc,
                  '-netdev', 'user,id=n', '-device', 'e1000,netdev=n', initrd=initramfs(os.path.join(folder, 'initrd'), files),
                  append=append, memory='384', reboots=True)
    guest.shell()
    use(guest)
    return guest


def use(guest):
    """Loads the drivers one at a time, so that they say what they say in one order."""
    said = guest('/load')
    assert not said, said
    said = guest('until [ -b /dev/sda ]; do sleep 0.1; done; mount -t ext4 /dev/sda /mnt')
    assert not said, said
    guest('until [ -b /dev/sr0 ]; do sleep 0.1; done; mkdir -p /cd; mount -t iso9660 -o ro /dev/sr0 /cd')
    guest('ip link set lo up; ip link set eth0 up; udhcpc -i eth0 -s /dhcp -n -q > /dev/null 2>&1')


def test_works_and_powers_off_and_comes_up_again():
    with tempfile.TemporaryDirectory() as folder, Server() as server:
        image, given = disk(folder)
        with start(folder, image, cd(folder), 2, 'quiet') as guest:
            qmp = guest.qmp()
            assert guest('nproc') == '2'
            sums = guest('md5sum /mnt/given')
            assert given in sums, sums
            assert guest('cat /cd/note.txt') == 'on a CD'
            fetched = guest(f'wget -q -O /mnt/fetched http://10.0.2.2:{server.server_port}/; sync; md5sum /mnt/fetched')
            assert server.sum in fetched, fetched
            guest('umount /mnt')
            guest.type('reboot -f\n')
            qmp.event('RESET')
            guest.shell()
            use(guest)
            assert server.sum in guest('md5sum /mnt/fetched')
            guest('umount /mnt')
            guest.type('poweroff -f\n')
            assert qmp.event('SHUTDOWN')['data'] == {'guest': True, 'reason': 'guest-shutdown'}
            assert guest.gone() == 0
        fsck = subprocess.run([tool('e2fsck', 'e2fsprogs'), '-fn', image], capture_output=True, text=True)
        assert fsck.returncode == 0, fsck.stdout


def test_is_told_of_as_QEMUs():
    with tempfile.TemporaryDirectory() as folder:
        image, _ = disk(folder)
        disc = cd(folder)
        for smp in 1, 4:
            with reference(), start(folder, image, disc, smp, disk_options=',snapshot=on') as guest:
                theirs = remarks(guest)
            with start(folder, image, disc, smp, disk_options=',snapshot=on') as guest:
                expect_same_remarks(remarks(guest), theirs)


if __name__ == '__main__':
    main(globals())
