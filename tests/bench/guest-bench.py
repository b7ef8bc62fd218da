#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Boot the same Linux guest under several emulators in turn and compare how fast the guest runs.

    guest-bench.py --kernel vmlinuz --emu 'A=qemu-system-x86_64 -accel tcg' --emu 'B=build/qemu-system-x86_64 -accel tcg'

The guest is busybox-static plus guest-bench.c in an initramfs that this script makes. Every test's time is measured by
the guest's own clock, which each emulator must keep true: `wall` is the whole run seen from the host, so a clock that
runs slow shows up as wall time that the tests do not explain. Runs alternate (A B A B ...), the median of each is kept,
and `ratio` is first emulator / that emulator: above 1 means faster than the first. Needs: busybox-static, gcc, cpio, gzip.
"""
import argparse, math, os, pathlib, shlex, statistics, subprocess, sys, tempfile, time

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
up() { cut -d' ' -f1 /proc/uptime; }
took() { echo "BENCH $1 $(echo "$(up)-$2" | bc)"; }
echo "BENCH boot $(up)"
%(tests)s
dd if=/dev/zero bs=1M count=32 of=/tmp/z 2>/dev/null
t=$(up); for i in 1 2 3 4 5; do sha256sum /tmp/z >/dev/null; done; took sha256 $t
t=$(up); for i in 1 2 3 4 5 6 7 8; do gzip -c /bin/busybox >/dev/null; done; took gzip $t
t=$(up); i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; took shell $t
echo BENCH-END
poweroff -f
"""

def make_initrd(work, only):
    here = pathlib.Path(__file__).resolve().parent
    root = work / "root"
    for d in ("bin", "proc", "sys", "dev", "tmp"):
        (root / d).mkdir(parents=True, exist_ok=True)
    subprocess.run(["gcc", "-O2", "-w", "-static", str(here / "guest-bench.c"), "-o", str(root / "bin/guest-bench"), "-lm"], check=True)
    subprocess.run(["cp", "/bin/busybox", str(root / "bin/busybox")], check=True)
    tests = "\n".join(f"guest-bench {t}" for t in only) if only else "guest-bench"
    (root / "init").write_text(INIT % {"tests": tests})
    (root / "init").chmod(0o755)
    out = work / "initrd.gz"
    subprocess.run(f"cd {shlex.quote(str(root))} && find . | cpio -o -H newc 2>/dev/null | gzip -1 > {shlex.quote(str(out))}", shell=True, check=True)
    return out

def run(cmd, kernel, initrd, mem, limit):
    argv = shlex.split(cmd) + ["-m", str(mem), "-kernel", kernel, "-initrd", str(initrd), "-append", "console=ttyS0 panic=-1 quiet",
                               "-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio"]
    t = time.monotonic()
    try:
        p = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit)
        text = p.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as e:
        text = (e.stdout or b"").decode(errors="replace")
    res = {"wall": time.monotonic() - t}
    for line in text.splitlines():
        if "BENCH " in line:
            w = line[line.index("BENCH "):].split()
            if len(w) == 3:
                res[w[1]] = float(w[2])
    return res, "BENCH-END" in text, text

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--kernel", required=True)
    ap.add_argument("--emu", action="append", required=True, metavar="NAME=COMMAND", help="repeat; the first is the reference")
    ap.add_argument("--runs", type=int, default=1)
    ap.add_argument("--mem", type=int, default=512)
    ap.add_argument("--limit", type=float, default=600, help="seconds for one boot")
    ap.add_argument("--only", nargs="*", help="names of guest-bench tests")
    a = ap.parse_args()
    emus = [e.split("=", 1) for e in a.emu]
    got = {n: [] for n, _ in emus}
    with tempfile.TemporaryDirectory() as d:
        initrd = make_initrd(pathlib.Path(d), a.only)
        for _ in range(a.runs):
            for name, cmd in emus:
                res, whole, text = run(cmd, a.kernel, initrd, a.mem, a.limit)
                if not whole:
                    print(f"{name}: did not finish; last output:\n" + "\n".join(text.splitlines()[-8:]), file=sys.stderr)
                got[name].append(res)
    names = [n for n, _ in emus]
    keys = [k for k in got[names[0]][0]]
    med = {n: {k: statistics.median([r[k] for r in got[n] if k in r]) for k in keys if any(k in r for r in got[n])} for n in names}
    print("test\t" + "\t".join(names) + "\t" + "\t".join(f"ratio {n}" for n in names[1:]))
    logs = {n: [] for n in names[1:]}
    for k in keys:
        row = [k] + [f"{med[n][k]:.3f}" if k in med[n] else "-" for n in names]
        for n in names[1:]:
            if k in med[n] and med[n][k] > 0:
                r = med[names[0]][k] / med[n][k]
                row.append(f"{r:.2f}")
                if k not in ("wall", "boot"):
                    logs[n].append(math.log(max(r, 1e-3)))
            else:
                row.append("-")
        print("\t".join(row))
    for n in names[1:]:
        if logs[n]:
            print(f"geometric mean of {len(logs[n])} tests, {n}: {math.exp(sum(logs[n]) / len(logs[n])):.2f}")

if __name__ == "__main__":
    main()
