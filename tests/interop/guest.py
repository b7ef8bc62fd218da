# SPDX-License-Identifier: GPL-2.0-or-later
"""A small Linux guest: a kernel of Debian's and an initramfs of busybox, a script and, for the full kernel, modules."""
import glob
import os
import pathlib
import shlex
import shutil
import subprocess

MOUNTS = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
"""


def kernel(pattern='*cloud-amd64'):
    """Its path, and what is missing for such a guest."""
    found = sorted(k for k in glob.glob(f'/boot/vmlinuz-{pattern}') if os.access(k, os.R_OK))
    if not found:
        return None, f'no /boot/vmlinuz-{pattern}'
    if not os.path.exists('/bin/busybox'):
        return None, 'no /bin/busybox'
    if not shutil.which('cpio'):
        return None, 'no cpio'
    return found[-1], None


def modules(kernel, names):
    """Files to be loaded one after another for these modules of that kernel."""
    folder = pathlib.Path('/lib/modules', os.path.basename(kernel).removeprefix('vmlinuz-'))
    needs = {}
    for line in (folder / 'modules.dep').read_text().splitlines():
        file, _, rest = line.partition(':')
        needs[os.path.basename(file).removesuffix('.ko').replace('-', '_')] = [file, *rest.split()]
    files = []
    for name in names:
        # What a module needs stands behind it, the first to be loaded last.
        files += [f for f in reversed(needs[name]) if f not in files]
    return [folder / f for f in files]


def initrd(work, init, files=()):
    """Built in the folder `work`; the files are put into /lib."""
    root = work / 'root'
    for folder in ('bin', 'proc', 'sys', 'dev', 'mnt', 'lib'):
        (root / folder).mkdir(parents=True)
    shutil.copy('/bin/busybox', root / 'bin/busybox')
    for file in files:
        shutil.copy(file, root / 'lib')
    (root / 'init').write_text(init)
    (root / 'init').chmod(0o755)
    out = work / 'initrd.gz'
    subprocess.run(f'find . | cpio -o -H newc 2>/dev/null | gzip -1 > {shlex.quote(str(out))}', shell=True, cwd=root,
                   check=True)
    return str(out)
