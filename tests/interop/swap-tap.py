#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Change the emulator under a running Linux guest, between this one and the installed QEMU 7.2. Prints TAP.

    swap-tap.py EMULATOR

Each case is one run of swap-test.py. Skips without a kernel, busybox or QEMU 7.2.
"""
import glob
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
OURS = sys.argv[1]
QEMU = shutil.which("qemu-system-x86_64")
KERNELS = sorted(k for k in glob.glob("/boot/vmlinuz-*cloud*") if os.access(k, os.R_OK))
CASES = [("ours to ours, three hops", [OURS] * 4, ""),
         ("QEMU to ours to QEMU", [QEMU, OURS, QEMU], ""),
         ("ours to QEMU to ours", [OURS, QEMU, OURS], ""),
         ("ours to QEMU to ours with two processors", [OURS, QEMU, OURS], "-smp 2"),
         ("ours to ours with two processors", [OURS] * 3, "-smp 2"),
         ("ten hops in a row", [OURS, QEMU] * 5 + [OURS], "")]


def main():
    print(f"1..{len(CASES)}")
    failed = 0
    for number, (what, hops, extra) in enumerate(CASES, 1):
        missing = None
        if not KERNELS:
            missing = "no /boot/vmlinuz-*cloud*"
        elif not os.path.exists("/bin/busybox"):
            missing = "no /bin/busybox"
        elif None in hops:
            missing = "no qemu-system-x86_64 installed"
        if missing:
            print(f"ok {number} - {what} # SKIP {missing}", flush=True)
            continue
        argv = [sys.executable, str(HERE / "swap-test.py"), "--kernel", KERNELS[-1], f"--extra={extra}"]
        for hop in hops:
            argv += ["--hop", hop]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        failed += done.returncode != 0
        print(f"{'not ok' if done.returncode else 'ok'} {number} - {what}", flush=True)
        for line in done.stdout.splitlines()[-12:]:
            print("#   " + line)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
