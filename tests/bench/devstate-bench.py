#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Time what the device-state commands cost, for several emulators in turn.

    devstate-bench.py --emu 'A=qemu-system-x86_64' --emu 'B=build/qemu-system-x86_64' [--machine 'pc -nodefaults']

Per emulator and machine, figures in microseconds, medians:
  spawn    from starting the process to its answer to qmp_capabilities (the greeting can come before the machine is built)
  save     xen-save-devices-state over QMP, VM paused
  restore  from starting a process with `-incoming exec:cat FILE` to the VM having left `inmigrate`
  load     xen-load-devices-state over QMP into the paused VM that wrote the file ('-' where the emulator does not survive it:
           QEMU 7.2 aborts, whatever the machine)
  bytes    size of the file, in bytes
Rounds alternate between the emulators. `ratio` is first emulator / that emulator: above 1 means faster (smaller).
"""
import argparse, json, os, shlex, socket, statistics, subprocess, sys, tempfile, time

class Qmp:
    def __init__(self, path, proc, limit=20):
        end = time.monotonic() + limit
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            try:
                self.sock.connect(path)
                break
            except OSError:
                self.sock.close()
                if proc.poll() is not None or time.monotonic() > end:
                    raise SystemExit(f"no QMP socket (exit status {proc.poll()})")
                time.sleep(0.0005)
        self.file = self.sock.makefile("rw")
        json.loads(self.file.readline())

    def call(self, name, **args):
        self.file.write(json.dumps({"execute": name, "arguments": args}) + "\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise ConnectionResetError
            m = json.loads(line)
            if "error" in m:
                raise SystemExit(f"{name}: {m['error']}")
            if "return" in m:
                return m["return"]

GLOBALS = ["-global", "migration.send-configuration=off"]    # a device-state file carries no configuration section

def start(cmd, machine, work, *more):
    sock = os.path.join(work, "qmp")
    if os.path.exists(sock):
        os.unlink(sock)
    argv = shlex.split(cmd) + ["-M"] + shlex.split(machine) + ["-S", "-display", "none", "-m", "64", "-qmp",
                                                               f"unix:{sock},server=on,wait=off", *GLOBALS, *more]
    t = time.perf_counter()
    p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return p, Qmp(sock, p), t

def quit(p, q):
    try:
        q.call("quit")
        p.wait(10)
    finally:
        if p.poll() is None:
            p.kill()
            p.wait()

def one(cmd, machine, saves, work):
    f = os.path.join(work, "state")
    p, q, t = start(cmd, machine, work)
    q.call("qmp_capabilities")
    res = {"spawn": [time.perf_counter() - t], "save": []}
    for _ in range(saves):
        t = time.perf_counter(); q.call("xen-save-devices-state", filename=f); res["save"].append(time.perf_counter() - t)
    quit(p, q)
    res["bytes"] = [os.path.getsize(f) / 1e6]
    p, q, t = start(cmd, machine, work, "-incoming", f"exec:cat {f}")
    q.call("qmp_capabilities")
    while q.call("query-status")["status"] == "inmigrate":
        time.sleep(0.0005)
    res["restore"] = [time.perf_counter() - t]
    quit(p, q)
    p, q, t = start(cmd, machine, work)
    try:
        q.call("qmp_capabilities")
        took = []
        for _ in range(saves):
            t = time.perf_counter(); q.call("xen-load-devices-state", filename=f); took.append(time.perf_counter() - t)
        res["load"] = took
        quit(p, q)
    except (ConnectionResetError, BrokenPipeError):
        p.wait(10)
    return res

def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--emu", action="append", required=True, metavar="NAME=COMMAND")
    ap.add_argument("--machine", action="append", help="default: none / pc -nodefaults / pc")
    ap.add_argument("--rounds", type=int, default=7)
    ap.add_argument("--saves", type=int, default=20)
    a = ap.parse_args()
    emus = [e.split("=", 1) for e in a.emu]
    print("machine\tfigure\t" + "\t".join(n for n, _ in emus) + "\t" + "\t".join(f"ratio {n}" for n, _ in emus[1:]))
    with tempfile.TemporaryDirectory() as work:
        for machine in a.machine or ["none", "pc -nodefaults", "pc"]:
            got = {n: {} for n, _ in emus}
            for _ in range(a.rounds):
                for n, cmd in emus:
                    for k, v in one(cmd, machine, a.saves, work).items():
                        got[n].setdefault(k, []).extend(v)
            for k in ("spawn", "save", "restore", "load", "bytes"):
                m = [statistics.median(got[n][k]) * 1e6 if got[n].get(k) else None for n, _ in emus]
                ratios = [f"{m[0] / x:.2f}" if x and m[0] else "-" for x in m[1:]]
                print("\t".join([machine, k] + [f"{x:.0f}" if x else "-" for x in m] + ratios))

if __name__ == "__main__":
    main()
