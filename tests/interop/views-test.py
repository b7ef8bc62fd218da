#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what `info` shows of a machine at reset to what QEMU 7.2 showed (tests/data/monitor/views-7.2.22.json.xz).

    views-test.py [CONFIG...]

For each configuration the same machine is started with -S and asked the same questions. What may differ, and why, is in
views-differences.txt. What has no order of its own is compared without it: the devices on no bus in `info qtree`, the
address spaces of `info mtree -f`, the controllers of `info pic`, and what the board has numbered in `info qom-tree`, where
memory regions and lines are no objects here.
"""
import difflib
import fnmatch
import json
import lzma
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / 'tests/functional'))
sys.dont_write_bytecode = True

from emulator import Emulator  # noqa: E402

DATA = ROOT / 'tests/data/monitor/views-7.2.22.json.xz'


def differences_allowed():
    allowed = []
    for line in (HERE / 'views-differences.txt').read_text().splitlines():
        if line.strip() and not line.startswith('#'):
            config, command, pattern = line.split(None, 2)
            allowed.append((config, command, re.compile(pattern)))
    return allowed


def devices_in_order(text):
    """The blocks of the devices on the main system bus, sorted."""
    head, *blocks = re.split(r'^(?=  dev: )', text, flags=re.M)
    return [line for block in [head, *sorted(b.rstrip('\n') for b in blocks)] for line in block.splitlines()]


def address_spaces(text):
    """A line for each range of each address space: 'memory: 0000-00ff (prio 0, ram): pc.ram'."""
    lines = []
    for view in re.split(r'^FlatView #\d+\n', text, flags=re.M)[1:]:
        names = re.findall(r'^ AS "(.*?)", root', view, re.M)
        ranges = re.findall(r'^  (\S.*)$', view, re.M)
        lines += [f'{name}: {r}' for name in names for r in ranges]
    return sorted(lines)


def sorted_lines(text):
    return sorted(text.splitlines())


def objects(text):
    """A line for each: its path, with the type for a number that the board gave, and its type."""
    lines, path = [], []
    for indent, name, type in re.findall(r'^( *)/(.*) \((.*)\)$', text, re.M):
        path[len(indent) // 2:] = [re.sub(r'^device\[\d+\]$', f'device[{type}]', name)]
        if type not in ('memory-region', 'irq'):
            lines.append(f'{"/".join(path)} ({type})')
    return sorted(lines)


VIEWS = {'qom-tree': objects, 'qtree': devices_in_order, 'mtree -f': address_spaces, 'pic': sorted_lines}


def unlike(config, command, theirs, ours, allowed):
    split = VIEWS.get(command, str.splitlines)
    patterns = [p for c, name, p in allowed
                if fnmatch.fnmatch(config, c) and fnmatch.fnmatch(command.split()[0], name)]
    changed = [line for line in difflib.ndiff(split(theirs), split(ours)) if line[0] in '-+']
    return [f'info {command}: {line}' for line in changed if not any(p.search(line) for p in patterns)]


def main():
    views = json.loads(lzma.decompress(DATA.read_bytes()))
    names = sys.argv[1:] or sorted(views)
    allowed = differences_allowed()
    print(f'1..{len(names)}')
    failed = 0
    for number, config in enumerate(names, 1):
        args = list(views[config]['args'])
        machine = args.pop(args.index('-M') + 1)
        args = [a for a in args if a not in ('-M', '-nodefaults')]
        lines = []
        with Emulator('-S', *args, machine=machine) as emulator:
            try:
                qmp = emulator.qmp()
                for command, theirs in views[config]['info'].items():
                    ours = qmp.hmp('info ' + command).replace('\r', '').strip('\n')
                    lines += unlike(config, command, theirs, ours, allowed)
            except (OSError, EOFError):
                emulator.process.kill()
                lines.append('the emulator does not answer: ' + emulator.wait()[2].strip())
        failed += bool(lines)
        print(f"{'not ok' if lines else 'ok'} {number} - {config}", flush=True)
        for line in lines[:40]:
            print('#   ' + line)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
