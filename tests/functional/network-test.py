#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A Linux guest on an e1000 and a user network: DHCP, files to and from the host with their checksums, forwarded ports,
TFTP, a pulled cable; and iPXE booting over the network. Nothing leaves the host."""
import hashlib
import http.server
import os
import socket
import tempfile
import threading
import time

from emulator import main
from guest import PATIENCE, Guest, debian_kernel, initramfs, linux, modules, need

SIZE = 4 << 20
DHCP = """#!/bin/busybox sh
case $1 in bound)
    ip addr add $ip/$mask dev $interface
    ip route add default via $router
    echo "lease $ip $router $dns $hostname $domain $boot_file";;
esac
"""


class Host(http.server.ThreadingHTTPServer):
    """Serves SIZE random bytes."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.data = os.urandom(SIZE)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f'http://10.0.2.2:{self.server_port}/'

    @property
    def sum(self):
        return hashlib.md5(self.data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(SIZE))
        self.end_headers()
        self.wfile.write(self.server.data)

    def log_message(self, *_):
        pass


# The module in Linux of each card.
DRIVERS = {'e1000': 'e1000', 'i82559er': 'e100', 'ne2k_pci': 'ne2k-pci', 'pcnet': 'pcnet32', 'rtl8139': '8139cp', 'tulip': 'tulip'}


def boot(netdev, folder, card='e1000'):
    kernel = debian_kernel()
    files, loading = modules(kernel, DRIVERS[card])
    files['dhcp'] = DHCP.encode()
    guest = linux(kernel, '-netdev', netdev, '-device', f'{card},netdev=n,id=card',
                  initrd=initramfs(os.path.join(folder, 'initrd'), files), append='quiet')
    guest.shell()
    guest('; '.join([*loading, 'ip link set lo up', 'ip link set eth0 up']))
    return guest


def test_a_guest_gets_an_address_and_exchanges_megabytes_with_the_host():
    with tempfile.TemporaryDirectory() as folder, Host() as host:
        with open(os.path.join(folder, 'hello'), 'w') as f:
            f.write('by tftp')
        forward = free_port()
        netdev = (f'user,id=n,hostname=guest,domainname=example.org,bootfile=/hello,tftp={folder},'
                  f'hostfwd=tcp:127.0.0.1:{forward}-:80')
        with boot(netdev, folder) as guest:
            lease = guest('udhcpc -i eth0 -s /dhcp -n -q 2>&1 | grep lease.10')
            assert 'lease 10.0.2.15 10.0.2.2 10.0.2.3 guest example.org /hello' in lease, lease

            exchange(guest, host)

            said = guest('tftp -g -r hello -l /tmp/hello 10.0.2.2 >/dev/null 2>&1; cat /tmp/hello')
            assert said == 'by tftp', said

            # A server in the guest, reached through the forwarded port.
            guest('mkdir /tmp/w; cp /tmp/f /tmp/w/f; httpd -p 80 -h /tmp/w')
            got = fetch(forward, '/f')
            assert hashlib.md5(got).hexdigest() == host.sum, len(got)

            qmp = guest.qmp()
            assert f'{forward}' in qmp.hmp('info usernet')
            for up in (False, True):
                qmp('set_link', name='n', up=up)
                guest(f'until [ "$(cat /sys/class/net/eth0/carrier)" = {int(up)} ]; do sleep 0.1; done')
            assert host.sum in guest(f'wget -q -O /tmp/f {host.url}; md5sum /tmp/f')


def exchange(guest, host):
    """The host's megabytes to the guest, and back."""
    assert host.sum in guest(f'wget -q -O /tmp/f {host.url}; md5sum /tmp/f')
    with socket.create_server(('127.0.0.1', 0)) as listener:
        listener.settimeout(60)
        guest.type(f'nc 10.0.2.2 {listener.getsockname()[1]} < /tmp/f\n')
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(60)
            assert hashlib.md5(everything(connection)).hexdigest() == host.sum
    guest.shell()


def test_the_other_cards_exchange_megabytes_with_the_host():
    for card in 'i82559er', 'ne2k_pci', 'pcnet', 'rtl8139', 'tulip':
        with tempfile.TemporaryDirectory() as folder, Host() as host, boot('user,id=n', folder, card) as guest:
            assert 'lease 10.0.2.15' in guest('udhcpc -i eth0 -s /dhcp -n -q 2>&1 | grep lease.10'), card
            exchange(guest, host)


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def everything(connection):
    data = bytearray()
    while piece := connection.recv(1 << 16):
        data += piece
    return bytes(data)


def fetch(port, path):
    with socket.create_connection(('127.0.0.1', port), timeout=60) as s:
        s.sendall(f'GET {path} HTTP/1.0\r\n\r\n'.encode())
        return everything(s).split(b'\r\n\r\n', 1)[1]


def test_ipxe_boots_a_script_by_tftp():
    need('/usr/lib/ipxe/qemu/efi-e1000.rom', 'ipxe-qemu')
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'boot.ipxe'), 'w') as f:
            f.write('#!ipxe\necho booted from ${next-server} as ${ip}\n')
        with Guest('-boot', 'n', '-vga', 'std', '-netdev', f'user,id=n,tftp={folder},bootfile=boot.ipxe',
                   '-device', 'e1000,netdev=n') as guest:
            qmp = guest.qmp()
            deadline = time.monotonic() + PATIENCE
            while 'booted from' not in (text := qmp.hmp('info screen')):
                assert time.monotonic() < deadline, text
                time.sleep(0.05)
            assert 'booted from 10.0.2.2 as 10.0.2.15' in text, text


if __name__ == '__main__':
    main(globals())
