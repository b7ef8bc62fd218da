#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Change the emulator under a running Linux guest, by device-state file alone.

    swap-test.py --kernel vmlinuz --hop qemu-system-x86_64 --hop build/qemu-system-x86_64 --hop qemu-system-x86_64

Guest RAM lives in one shared file (memory-backend-file,share=on), so a hop moves no memory: `stop`,
`xen-save-devices-state`, quit; then the next emulator starts on the same RAM file with `-incoming exec:cat FILE` and `cont`.
The guest prints a counter and its uptime ten times a second. The test passes when, over all hops, the counter neither skips
nor repeats a number, the uptime never runs backwards, and every emulator printed at least --ticks lines. It prints the time
between `stop` and the answer to `cont` for each hop. Exit status: 0 passed, 1 failed, 2 could not be run.
Needs: busybox-static, cpio, gzip, a Linux kernel image. `--extra` adds options to every emulator's command line.
"""
import argparse, json, os, pathlib, re, shlex, socket, subprocess, sys, tempfile, time

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
i=0; while true; do echo "TICK $i $(cut -d' ' -f1 /proc/uptime)"; i=$((i+1)); usleep 100000; done
"""

class Qmp:
    def __init__(self, path, proc, limit=30):
        end = time.monotonic() + limit
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            try:
                self.sock.connect(path)
                break
            except OSError:
                self.sock.close()
                if proc.poll() is not None or time.monotonic() > end:
                    sys.exit(fail(f"no QMP socket (exit status {proc.poll()})"))
                time.sleep(0.001)
        self.file = self.sock.makefile("rw")
        self.file.readline()
        self.call("qmp_capabilities")

    def call(self, name, **args):
        self.file.write(json.dumps({"execute": name, "arguments": args}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                sys.exit(fail(f"{name}: the emulator went away"))
            m = json.loads(line)
            if "error" in m:
                sys.exit(fail(f"{name}: {m['error']}"))
            if "return" in m:
                return m["return"]

def fail(why):
    print("FAILED:", why)
    return 1

def initrd(work):
    root = work / "root"
    for d in ("bin", "proc", "sys", "dev"):
        (root / d).mkdir(parents=True)
    subprocess.run(["cp", "/bin/busybox", str(root / "bin/busybox")], check=True)
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    out = work / "initrd.gz"
    subprocess.run(f"cd {shlex.quote(str(root))} && find . | cpio -o -H newc 2>/dev/null | gzip -1 > {shlex.quote(str(out))}", shell=True, check=True)
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--kernel", required=True)
    ap.add_argument("--hop", action="append", required=True, metavar="COMMAND", help="emulator command; in the order of the hops")
    ap.add_argument("--machine", default="pc-i440fx-7.2")
    ap.add_argument("--accel", default="tcg")
    ap.add_argument("--mem", type=int, default=256)
    ap.add_argument("--ticks", type=int, default=10)
    ap.add_argument("--limit", type=float, default=180, help="seconds one emulator may take to reach --ticks lines")
    ap.add_argument("--extra", default="")
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        ird = initrd(work)
        state, text, stopped = work / "state", "", None
        for n, hop in enumerate(a.hop):
            serial, sock = work / f"serial{n}", work / f"qmp{n}"
            argv = shlex.split(hop) + [
                "-machine", f"{a.machine},memory-backend=ram,suppress-vmdesc=on", "-accel", a.accel, "-m", str(a.mem), "-nodefaults", "-display", "none",
                "-object", f"memory-backend-file,id=ram,size={a.mem}M,share=on,mem-path={work}/ram",
                "-serial", f"file:{serial}", "-qmp", f"unix:{sock},server=on,wait=off",
                "-kernel", a.kernel, "-initrd", str(ird), "-append", "console=ttyS0 quiet panic=-1",
                "-global", "migration.send-configuration=off"] + shlex.split(a.extra)
            if n:
                argv += ["-incoming", f"exec:cat {state}"]
            p = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
            try:
                q = Qmp(str(sock), p)
                if n:
                    while q.call("query-status")["status"] == "inmigrate":
                        time.sleep(0.0005)
                    q.call("cont")
                    print(f"hop {n}: {(time.monotonic() - stopped) * 1e3:.1f} ms stopped")
                end = time.monotonic() + a.limit
                while len(re.findall(r"TICK", serial.read_text(errors="replace") if serial.exists() else "")) < a.ticks:
                    if time.monotonic() > end or p.poll() is not None:
                        print(serial.read_text(errors="replace")[-2000:] if serial.exists() else "")
                        return fail(f"hop {n}: fewer than {a.ticks} ticks after {a.limit:.0f} s")
                    time.sleep(0.05)
                stopped = time.monotonic()
                q.call("stop")
                q.call("xen-save-devices-state", filename=str(state))
                q.call("quit")
                p.wait(10)
            finally:
                if p.poll() is None:
                    p.kill()
                    p.wait()
            text += serial.read_text(errors="replace")
        seen = [(int(i), float(u)) for i, u in re.findall(r"TICK (\d+) ([\d.]+)\r?\n", text)]
        numbers = [i for i, _ in seen]
        if numbers != list(range(len(numbers))):
            gap = next(k for k, i in enumerate(numbers) if i != k)
            return fail(f"the counter is not whole: place {gap} holds {numbers[gap]}")
        if any(b[1] < x[1] for x, b in zip(seen, seen[1:])):
            return fail("the guest's uptime ran backwards")
        print(f"passed: {len(a.hop) - 1} hops, {len(numbers)} ticks in one unbroken count, device state {state.stat().st_size} bytes")
    return 0

if __name__ == "__main__":
    sys.exit(main())
