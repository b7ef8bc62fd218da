#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold the house to its plan: floors, licence lines, file lengths, formatting. Prints TAP.

    check-tree.py [ROOT]

The floors are those of docs/devel/architecture.md, read from there, so that the plan and the check cannot drift apart.
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
if ROOT.is_file():
    ROOT = ROOT.parent.parent
SOURCE = (".h", ".cc", ".inc")
LICENSED = SOURCE + (".py", ".sh", ".S", ".json")
LONGEST = 700  # most are under 400; a longer one is split


def tracked():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    names = out.stdout.splitlines() if out.returncode == 0 else [
        str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and "build" not in p.parts]
    return [n for n in names if (ROOT / n).is_file()]


def floors():
    """room -> floor, longest room names first; rows of the table look like: | 3 | `exec/`, `migration/vmstate/` | ... |"""
    rooms = {}
    for line in (ROOT / "docs/devel/architecture.md").read_text().splitlines():
        m = re.match(r"\|\s*(\d+)\s*\|([^|]*)\|", line)
        if m:
            for room in re.findall(r"`([\w/<>-]+?)/?`", m[2]):
                rooms[room.split("<")[0].rstrip("/") + "/"] = int(m[1])
    return sorted(rooms.items(), key=lambda r: -len(r[0]))


def floor_of(path, rooms):
    for room, floor in rooms:
        if path.startswith(room):
            return floor, room
    return None, None


def check_floors(names):
    rooms = floors()
    bad = [] if rooms else ["docs/devel/architecture.md has no table of floors"]
    for n in names:
        if not n.endswith(SOURCE):
            continue
        mine, room = floor_of(n, rooms)
        if mine is None:
            if n.split("/")[0] not in ("tests", "tools", "scripts", "pc-bios", "docs"):
                bad.append(f"{n}: in no room of the table")
            continue
        for i, line in enumerate((ROOT / n).read_text(errors="replace").splitlines(), 1):
            m = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not m:
                continue
            theirs, other = floor_of(m[1], rooms)
            if theirs is None and m[1].startswith("qapi-"):
                theirs, other = 2, "qapi/"
            if theirs is not None and theirs > mine:
                bad.append(f"{n}:{i}: {room} (floor {mine}) includes {m[1]} (floor {theirs})")
    return bad


def check_licence(names):
    bad = []
    for n in names:
        if n.endswith(LICENSED) and not n.startswith("tests/data/") and not n.startswith("tests/qapi-schema/"):
            head = (ROOT / n).read_text(errors="replace").splitlines()[:3]
            if not any("SPDX-License-Identifier: " in h for h in head):
                bad.append(f"{n}: no SPDX line in its first three")
    return bad


def check_length(names):
    bad = []
    for n in names:
        if n.endswith((".h", ".cc", ".py")):
            count = len((ROOT / n).read_text(errors="replace").splitlines())
            if count > LONGEST:
                bad.append(f"{n}: {count} lines; split it")
    return bad


def check_format(names):
    tool = shutil.which("clang-format-14")
    if not tool:
        return None
    files = [str(ROOT / n) for n in names if n.endswith((".h", ".cc")) and not n.startswith("tests/data/")]
    out = subprocess.run([tool, "--dry-run", "-Werror", *files], capture_output=True, text=True)
    return sorted({line.split(": error")[0] for line in out.stderr.splitlines() if ": error" in line})


def main():
    names = tracked()
    checks = [("rooms include only from their own floor and below", check_floors),
              ("every file says its licence", check_licence),
              (f"no file is longer than {LONGEST} lines", check_length),
              ("the tree is formatted as .clang-format says", check_format)]
    print(f"1..{len(checks)}")
    failed = 0
    for i, (what, check) in enumerate(checks, 1):
        bad = check(names)
        if bad is None:
            print(f"ok {i} - {what} # SKIP clang-format-14 is not installed")
            continue
        failed += bool(bad)
        print(f"{'not ok' if bad else 'ok'} {i} - {what}")
        for b in bad[:40]:
            print("#   " + b)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
