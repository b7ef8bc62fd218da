# SPDX-License-Identifier: GPL-2.0-or-later
"""A small Linux guest: Debian's cloud kernel and an initramfs of busybox and a script."""
import glob
import os
import shlex
import shutil
import subprocess

MOUNTS = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
"""


def kernel():
    """Its path, and what is missing for such a guest."""
    found = sorted(k for k in glob.glob('/boot/vmlinuz-*cloud*') if os.access(k, os.R_OK))
    if not found:
        return None, 'no /boot/vmlinuz-*cloud*'
    if not os.path.exists('/bin/busybox'):
        return None, 'no /bin/busybox'
    if not shutil.which('cpio'):
        return None, 'no cpio'
    return found[-1], None


def initrd(work, init):
    """Built in the folder `work`."""
    root = work / 'root'
    for folder in ('bin', 'proc', 'sys', 'dev', 'mnt'):
        (root / folder).mkdir(parents=True)
    shutil.copy('/bin/busybox', root / 'bin/busybox')
    (root / 'init').write_text(init)
    (root / 'init').chmod(0o755)
    out = work / 'initrd.gz'
    subprocess.run(f'find . | cpio -o -H newc 2>/dev/null | gzip -1 > {shlex.quote(str(out))}', shell=True, cwd=root,
                   check=True)
    return str(out)
