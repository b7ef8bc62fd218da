# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests for the functional tests: Debian's kernels with an initramfs made here, driven over the serial line, and own
programs. What a test needs and the host does not have installed raises Missing, which skips it."""
import contextlib
import glob
import gzip
import os
import re
import select
import shutil
import subprocess
import tempfile
import time

import emulator
from emulator import Emulator, Missing

REFERENCE = shutil.which('qemu-system-x86_64')
# Generous: sanitizers and a loaded host slow a guest tenfold.
PATIENCE = 240.0

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
echo 0 > /proc/sys/kernel/printk
stty -echo < /dev/console
PS1='ready# ' exec setsid cttyhack sh
"""
PROMPT = b'ready# '


def need(path, package):
    found = sorted(glob.glob(path))
    found = [name for name in found if os.access(name, os.R_OK)]
    if not found:
        raise Missing(f'{path} is not there (package {package})')
    return found[-1]


def cloud_kernel():
    return need('/boot/vmlinuz-*cloud-amd64', 'linux-image-cloud-amd64')


def debian_kernel():
    return need('/boot/vmlinuz-*[0-9]-amd64', 'linux-image-amd64')


def modules(kernel, *names):
    """Files for an initramfs, and the lines that load these modules of a kernel and what they stand on."""
    root = kernel.replace('/boot/vmlinuz-', '/lib/modules/')
    below = {}
    with open(need(root + '/modules.dep', 'linux-image-amd64')) as f:
        for line in f:
            module, rest = line.split(':')
            below[os.path.basename(module).split('.')[0]] = [module, *rest.split()]
    files = {}

    def add(path):
        name = os.path.basename(path)
        for other in below[name.split('.')[0]][1:]:
            if os.path.basename(other) not in files:
                add(other)
        if not name.endswith('.ko'):
            raise Missing(f'{path} is compressed')
        with open(os.path.join(root, path), 'rb') as f:
            files[name] = f.read()

    for name in names:
        if name not in below:
            raise Missing(f'the kernel {kernel} has no module {name}')
        add(below[name][0])
    return files, [f'insmod /{name}' for name in files]


def tool(name, package):
    found = shutil.which(name, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
    if not found:
        raise Missing(f'{name} is not there (package {package})')
    return found


def cpio(files):
    """A "newc" archive (Linux, Documentation/driver-api/early-userspace/buffer-format.rst): name -> bytes, mode."""
    out = bytearray()

    def entry(number, name, mode, data):
        encoded = name.encode() + b'\0'
        fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        out.extend(b'070701' + b''.join(b'%08X' % f for f in fields) + encoded)
        out.extend(bytes(-len(out) % 4))
        out.extend(data)
        out.extend(bytes(-len(out) % 4))

    folders = {os.path.dirname(name) for name in files if '/' in name} | {'bin', 'proc', 'sys', 'dev', 'tmp', 'mnt'}
    for folder in list(folders):
        while '/' in folder:
            folder = os.path.dirname(folder)
            folders.add(folder)
    number = 1
    for folder in sorted(folders):
        entry(number, folder, 0o040755, b'')
        number += 1
    for name, data in files.items():
        entry(number, name, 0o100755, data)
        number += 1
    entry(0, 'TRAILER!!!', 0, b'')
    return bytes(out)


def initramfs(path, files=None, init=INIT):
    with open(need('/bin/busybox', 'busybox-static'), 'rb') as f:
        busybox = f.read()
    data = cpio({'init': init.encode(), 'bin/busybox': busybox, **(files or {})})
    with open(path, 'wb') as f:
        f.write(gzip.compress(data, 1))
    return path


class Guest(Emulator):
    """A PC whose first serial port is this object's to read and write."""

    def __init__(self, *arguments, **how):
        how.setdefault('machine', 'pc')
        super().__init__('-serial', 'stdio', *arguments, stdin=subprocess.PIPE, **how)
        self.serial = self.process.stdout.fileno()
        self.heard = b''  # since the last expect()
        self.all = b''
        self.ended = False

    def listen(self, timeout):
        """More of the serial line, within a time; False at its end."""
        if select.select([self.serial], [], [], max(timeout, 0))[0]:
            data = os.read(self.serial, 1 << 16)
            self.heard += data
            self.all += data
            self.ended = not data
        return not self.ended

    def expect(self, pattern, patience=PATIENCE):
        """Waits for a regular expression; returns the match and forgets what came before its end."""
        deadline = time.monotonic() + patience
        while not (found := re.search(pattern, self.heard, re.S)):
            if not self.listen(deadline - time.monotonic()) or time.monotonic() > deadline:
                said = self.process.stderr.read().decode() if self.ended else ''
                raise AssertionError(f'waited for {pattern!r}, heard:\n{self.tail()}\n{said}')
        self.heard = self.heard[found.end():]
        return found

    def tail(self):
        return self.all[-3000:].decode(errors='replace')

    def type(self, text):
        self.process.stdin.write(text.encode() if isinstance(text, str) else text)
        self.process.stdin.flush()

    def shell(self):
        self.expect(re.escape(PROMPT))
        return self

    def __call__(self, line, patience=PATIENCE):
        """A command's output, once its prompt is back."""
        self.type(line + '\n')
        text = self.expect(b'(.*?)' + re.escape(PROMPT), patience).group(1).decode(errors='replace')
        return text.replace('\r', '').removesuffix('\n')

    def gone(self, patience=PATIENCE):
        """The exit status, once the process has ended by itself."""
        deadline = time.monotonic() + patience
        while self.listen(deadline - time.monotonic()):
            if time.monotonic() > deadline:
                raise AssertionError(f'still running:\n{self.tail()}')
        return self.process.wait(20)


def linux(kernel, *arguments, initrd=None, append='', memory='256', reboots=False, **how):
    """Linux by -kernel with an initrd file, to be waited for."""
    return Guest('-kernel', kernel, *(('-initrd', initrd) if initrd else ()), '-m', memory,
                 '-append', f'console=ttyS0 panic=-1 {append}', *(() if reboots else ('-no-reboot',)), *arguments, **how)


def boot(*arguments, kernel=None, files=None, append='quiet', **how):
    """Linux by -kernel with busybox, at its shell's prompt."""
    with tempfile.NamedTemporaryFile(prefix='functional-') as archive:
        initramfs(archive.name, files)
        guest = linux(kernel or cloud_kernel(), *arguments, initrd=archive.name, append=append, **how)
        try:
            return guest.shell()
        except BaseException:
            guest.__exit__()
            raise


# Depends on how fast the host is, or on the moment.
OF_THE_MOMENT = re.compile(r'tsc|TSC|clocksource|sched_clock|BogoMIPS|lpj=|calibrate_delay|audit: |random: |interrupt took|APIC calibration|APIC delta|'
                           r'rtc_cmos .* setting system clock|rcu: .*stall|hrtimer|deferred pages initialised|'
                           # How much of memory is set up by then depends on where the kernel put itself at random.
                           r'^Memory: ')
# With several processors QEMU's have different MTRRs after the firmware, which Linux puts right and tells of.
# A host with other work makes its HPET late.
OF_QEMU_ALONE = re.compile(r'mtrr: |hpet: Lost N RTC interrupts')


def remarks(vm):
    """The kernel's messages without times, and with every number as N."""
    lines = vm('dmesg').splitlines()
    lines = [re.sub(r'^\[ *\d+\.\d+\] ', '', line) for line in lines]
    # Input devices are numbered in the order in which their drivers are done.
    return [re.sub(r'\b(0x|input)?[0-9a-fA-F]*\d[0-9a-fA-F]*\b', 'N', line) for line in lines if not OF_THE_MOMENT.search(line)]


@contextlib.contextmanager
def reference():
    """Guests that start in it run on the QEMU that is installed."""
    if not REFERENCE:
        raise Missing('qemu-system-x86_64 is not there (package qemu-system-x86)')
    own, emulator.BINARY = emulator.BINARY, REFERENCE
    try:
        yield
    finally:
        emulator.BINARY = own


def expect_same_remarks(ours, theirs):
    assert len(ours) > 200, ours
    extra = [line for line in ours if line not in set(theirs)]
    missing = [line for line in theirs if line not in set(ours) and not OF_QEMU_ALONE.match(line)]
    assert not extra and not missing, '\n'.join(['only here:', *extra, 'only in QEMU:', *missing])


def assemble(name, folder, *flags, address=0x7c00, elf=False, bits=32):
    """A program from guest-code/ as a flat binary that runs at an address, or as an ELF file."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'guest-code', name + '.S')
    out = os.path.join(folder, name)
    subprocess.run([tool('as', 'binutils'), f'--{bits}', *flags, '-I', os.path.dirname(source), source, '-o', out + '.o'],
                   check=True)
    subprocess.run([tool('ld', 'binutils'), '-m', 'elf_i386' if bits == 32 else 'elf_x86_64', '--no-warn-rwx-segments',
                    '-z', 'max-page-size=4096', '-Ttext', hex(address), '-e', '_start',
                    *(() if elf else ('--oformat', 'binary')), out + '.o', '-o', out], check=True)
    return out
