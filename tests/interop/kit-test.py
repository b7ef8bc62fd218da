#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold the emulator to the device-state files that QEMU 7.2 wrote (tests/data/devstate).

    kit-test.py [--only REGEX] [--state REGEX] [--qemu] [--describe PROGRAM] [-v] [EMULATOR]

For every configuration of the kit the same machine is started here with -S, saved, and compared field by field with
the file of QEMU's `reset` state. Then each of the configuration's files is loaded (`reset`, `seabios`, `linux`, ...;
the guest's RAM is absent) and saved again, which must give the same bytes. With --qemu the installed QEMU 7.2 must take
our file as an incoming migration, too. With --describe build/tests/interop/describe-state the tables' own description of
the reset state must be QEMU's: names, types, versions and sizes of all fields. What may differ, and why, is in kit-differences.txt.

A configuration that the emulator refuses at start (exit status 1 and a message) is counted as unsupported; with
--supported FILE the configurations listed there must not be. Exit status 1 when anything differs.
"""
import argparse
import fnmatch
import io
import json
import lzma
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import vmstream  # noqa: E402

DATA = ROOT / 'tests/data/devstate'
NOT_ARGUMENTS = {'-kernel': 1, '-initrd': 1, '-append': 1}    # the guest's software: its RAM is absent anyway


class Died(Exception):
    pass


class Emulator:
    """One process and its QMP connection."""

    def __init__(self, binary, args, work):
        path = os.path.join(work, 'qmp')
        if os.path.exists(path):
            os.unlink(path)
        self.log = open(os.path.join(work, 'stderr'), 'w+')
        self.process = subprocess.Popen([os.path.abspath(shutil.which(binary) or binary), '-display', 'none', *args, '-qmp', f'unix:{path},server=on,wait=off'],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, cwd=work)
        deadline = time.monotonic() + 30
        while True:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(30)
            try:
                self.sock.connect(path)
                break
            except OSError:
                self.sock.close()
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise self.died()
                time.sleep(0.002)
        self.file = self.sock.makefile('rw')
        self.read()
        self.call('qmp_capabilities')

    def died(self):
        if self.process.poll() is None:
            try:
                self.process.wait(2)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                return Died('no answer')
        self.log.seek(0)
        error = Died((self.log.read().strip().splitlines() or [''])[-1])
        error.status = self.process.returncode
        return error

    def read(self):
        try:
            line = self.file.readline()
        except OSError:
            line = ''
        if not line:
            raise self.died()
        return json.loads(line)

    def call(self, command, /, **arguments):
        try:
            self.file.write(json.dumps({'execute': command, 'arguments': arguments}) + '\n')
            self.file.flush()
        except OSError:
            raise self.died()
        while True:
            answer = self.read()
            if 'error' in answer:
                raise RuntimeError(answer['error']['desc'])
            if 'return' in answer:
                return answer['return']

    def close(self):
        self.sock.close()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Kit:
    def __init__(self):
        self.files = {}
        with tarfile.open(fileobj=io.BytesIO(lzma.decompress((DATA / 'kit.tar.xz').read_bytes()))) as tar:
            for member in tar:
                self.files[member.name] = tar.extractfile(member).read()
        self.index = json.loads(self.files['index.json'])
        self.library = vmstream.Library()
        self.library.load(str(DATA / 'layouts.json.gz'))
        self.ignore = []
        for line in (HERE / 'kit-differences.txt').read_text().splitlines():
            if line.strip() and not line.startswith('#'):
                self.ignore.append(line.split(None, 2))

    def state(self, config, state):
        return self.files.get(f'{config}/{state}.devstate')

    def common(self, data, other):
        """`data` without the sections that `other` does not have."""
        known = {(s['idstr'], s['instance_id']) for s in vmstream.parse_bytes(other, None, self.library)['sections']}
        parsed = vmstream.parse_bytes(data, None, self.library)
        out, position = bytearray(), 0
        for s in parsed['sections']:
            if (s['idstr'], s['instance_id']) not in known:
                out += data[position:s['offset']]
                position = s['data_offset'] + s['data_size'] + (5 if s['footer'] else 0)
        return bytes(out + data[position:])

    def differences(self, config, state, ours, theirs, ids=True):
        """Lines, field by field."""
        described = self.files.get(f'{config}/{state}.vmdesc.json')
        layout = vmstream.load_json(described) if described else None
        ignore = [r for c, s, r in self.ignore if fnmatch.fnmatch(config, c) and fnmatch.fnmatch(state, s)]
        found = []
        try:
            a = vmstream.parse_bytes(theirs, layout, self.library)
        except vmstream.StreamError as e:
            return [f'the kit\'s own file: {e}']
        names = [(s['idstr'], s['instance_id']) for s in a['sections']]
        try:
            b = vmstream.parse_bytes(ours, layout, self.library)
        except vmstream.StreamError as e:
            found = [f'our file: {e}']
            return found + headers(names, ours)
        theirs_by_id = {(s['idstr'], s['instance_id']): s for s in a['sections']}
        ours_by_id = {(s['idstr'], s['instance_id']): s for s in b['sections']}
        for key in theirs_by_id.keys() - ours_by_id.keys():
            found.append(f'{key[0]}/{key[1]}: the section is missing')
        for key in ours_by_id.keys() - theirs_by_id.keys():
            found.append(f'{key[0]}/{key[1]}: QEMU has no such section')
        gone = [f'^{re.escape(k[0])}/{k[1]}\\.' for k in theirs_by_id.keys() ^ ours_by_id.keys()]
        if gone or not ids:
            gone.append('\\.@section_id$')    # all ids after a missing section are shifted: no news
        for d in vmstream.diff(a, b, ignore + gone):
            show = [vmstream.show_value(d[k], 120) if k in d else '(absent)' for k in 'ab']
            found.append(f'{d["path"]}: QEMU {show[0]}, ours {show[1]}')
        for key in sorted(theirs_by_id.keys() & ours_by_id.keys()):
            sizes = [x[key]['data_size'] for x in (theirs_by_id, ours_by_id)]
            if sizes[0] != sizes[1]:
                found.append(f'{key[0]}/{key[1]}: QEMU {sizes[0]} bytes, ours {sizes[1]}')
        return found


def headers(wanted, data):
    """Where a file that cannot be parsed goes wrong: the sections that can be told by their frame alone."""
    found = []
    for idstr, instance in wanted:
        mark = bytes([len(idstr)]) + idstr.encode() + instance.to_bytes(4, 'big')
        if mark not in data:
            found.append(f'{idstr}/{instance}: the section is missing')
    return found


def arguments(args):
    out, skip = [], 0
    for a in args:
        if skip:
            skip -= 1
        elif a in NOT_ARGUMENTS:
            skip = NOT_ARGUMENTS[a]
        elif a != '-S':
            out.append(a.replace('@TMP@/', '').replace('@SERIAL@', '/dev/null').replace('@BOOT@', 'boot'))
    return out + ['-S']


def test(kit, config, states, options, work):
    """-> ('ok' | 'unsupported' | 'FAIL', lines)"""
    lines = []
    mine = os.path.join(work, 'mine')
    pathlib.Path(work, 'boot').write_bytes(bytes(1440 << 10))
    groups = {}
    for state, info in kit.index[config].items():
        if re.search(options.state, state) and kit.state(config, state):
            groups.setdefault(tuple(arguments(info['args'])), []).append(state)
    if not groups:
        return 'skipped', []
    for args, members in groups.items():
        try:
            emulator = Emulator(options.emulator, args, work)
        except Died as e:
            if getattr(e, 'status', None) == 1:
                return 'unsupported', [str(e)]
            return 'FAIL', [f'at start: {e} (exit status {getattr(e, "status", None)})']
        try:
            emulator.call('xen-save-devices-state', filename=mine)
            first = pathlib.Path(mine).read_bytes()
            if 'reset' in members:
                lines += kit.differences(config, 'reset', first, kit.state(config, 'reset'))
            for state in members:
                theirs = kit.state(config, state)
                path = os.path.join(work, 'theirs')
                pathlib.Path(path).write_bytes(theirs)
                try:
                    emulator.call('xen-load-devices-state', filename=path)
                except RuntimeError as e:
                    lines.append(f'{state} does not load: {e}')
                    if not str(e).startswith(('Unknown savevm section', 'Missing section')):
                        continue
                    # How far the sections that both have agree is still worth knowing.
                    theirs = kit.common(theirs, first)
                    pathlib.Path(path).write_bytes(theirs)
                    try:
                        emulator.call('xen-load-devices-state', filename=path, **{'allow-missing': True})
                    except RuntimeError as e2:
                        lines.append(f'{state} does not load with common sections only: {e2}')
                        continue
                emulator.call('xen-save-devices-state', filename=mine)
                ours = pathlib.Path(mine).read_bytes()
                partial = len(theirs) != len(kit.state(config, state))
                if partial:
                    ours = kit.common(ours, theirs)
                lines += [f'{state} loaded and saved: {x}'
                          for x in kit.differences(config, state, ours, theirs, not partial)]
            if options.describe and 'reset' in members:
                lines += described(kit, config, args, options.describe)
            if options.qemu and 'reset' in members:
                lines += into_qemu(kit, config, args, first, work)
        except RuntimeError as e:
            lines.append(f'error: {e}')
        except Died as e:
            lines.append(f'died: {e} (exit status {getattr(e, "status", None)})')
        finally:
            emulator.close()
    return 'FAIL' if lines else 'ok', lines


def described(kit, config, args, program):
    theirs = kit.files.get(f'{config}/reset.vmdesc.json')
    if not theirs:
        return []
    p = subprocess.run([program, *args], capture_output=True, timeout=60)
    if p.returncode:
        return [f'no description: {p.stderr.decode().strip()[-200:]}']
    ours = {(d['name'], d['instance_id']): d for d in json.loads(p.stdout)['devices']}
    lines = []
    for theirs in json.loads(theirs.rstrip(b'\0'))['devices']:
        mine = ours.get((theirs['name'], theirs['instance_id']))
        if mine and (d := unlike(theirs, mine, '')):
            lines.append(f'described: {theirs["name"]}/{theirs["instance_id"]}{d}')
    return lines


def unlike(a, b, path):
    """The first place where two descriptions differ, in words."""
    if isinstance(a, dict) and isinstance(b, dict):
        name = f'.{a["name"]}' if path and 'name' in a else ''
        for key in [k for k in a if k not in ('fields', 'subsections', 'struct')] + ['struct', 'fields', 'subsections']:
            if (key in a or key in b) and (d := unlike(a.get(key), b.get(key), f'{path}{name}' if key in (
                    'struct', 'fields', 'subsections') else f'{path}{name} {key}')):
                return d
        extra = b.keys() - a.keys()
        return f'{path}{name}: QEMU has no {", ".join(extra)}' if extra else None
    if isinstance(a, list) and isinstance(b, list):
        for x, y in zip(a, b):
            if (d := unlike(x, y, path or ' ')):
                return d
        if len(a) != len(b):
            more = (a if len(a) > len(b) else b)[min(len(a), len(b))]
            return f'{path}: {"only QEMU has" if len(a) > len(b) else "QEMU does not have"} ' \
                   f'{more.get("name", more.get("vmsd_name"))}'
        return None
    return None if a == b else f'{path}: QEMU {a!r:.80}, ours {b!r:.80}'


def into_qemu(kit, config, args, data, work):
    said = qemu_says(args, data, work)
    # isa-cirrus-vga: QEMU 7.2 aborts on its own file, too.
    return [] if not said or qemu_says(args, kit.state(config, 'reset'), work) else [said]


def qemu_says(args, data, work):
    """What is wrong with a file as an incoming migration of the installed QEMU, or nothing."""
    path = os.path.join(work, 'for-qemu')
    pathlib.Path(path).write_bytes(data)
    try:
        qemu = Emulator('qemu-system-x86_64', [*args, '-global', 'migration.send-configuration=off',
                                               '-incoming', f'exec:cat {path}'], work)
    except Died as e:
        return f'QEMU does not take our file: {e}'
    try:
        for _ in range(200):
            if qemu.call('query-status')['status'] != 'inmigrate':
                return None
            time.sleep(0.02)
        return 'QEMU does not leave inmigrate with our file'
    except Died as e:
        return f'QEMU does not take our file: {e}'
    finally:
        qemu.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('emulator', nargs='?', default=str(ROOT / 'build/qemu-system-x86_64'))
    parser.add_argument('--only', default='', metavar='REGEX', help='configurations by name')
    parser.add_argument('--state', default='', metavar='REGEX', help='states by name')
    parser.add_argument('--qemu', action='store_true', help='QEMU 7.2 must take our files')
    parser.add_argument('--describe', metavar='PROGRAM', help='compare descriptions, too: build/.../describe-state')
    parser.add_argument('--supported', metavar='FILE', help='names of configurations that must not be refused')
    parser.add_argument('--list', action='store_true', help='print the configurations and their command lines')
    parser.add_argument('--lines', type=int, default=40, help='differences shown for each configuration')
    parser.add_argument('--tap', action='store_true', help='a TAP line for each configuration of --supported, and no other')
    parser.add_argument('-v', '--verbose', action='store_true', help='also name what is fine or unsupported')
    options = parser.parse_args()

    kit = Kit()
    names = [n for n in sorted(kit.index) if re.search(options.only, n)]
    if options.list:
        for n in names:
            print(n, ' '.join(sorted(kit.index[n])), ':', ' '.join(next(iter(kit.index[n].values()))['args']))
        return 0
    required = set(pathlib.Path(options.supported).read_text().split()) if options.supported else set()
    if options.tap:
        return tap(kit, sorted(required), options)
    counts = {}
    for name in names:
        with tempfile.TemporaryDirectory() as work:
            verdict, lines = test(kit, name, kit.index[name], options, work)
        if verdict == 'unsupported' and name in required:
            verdict = 'FAIL'
        counts[verdict] = counts.get(verdict, 0) + 1
        if verdict == 'FAIL' or options.verbose:
            print(f'{verdict:11} {name}', flush=True)
            for line in lines[:options.lines]:
                print(f'            {line}')
            if len(lines) > options.lines:
                print(f'            ... and {len(lines) - options.lines} more')
    print(', '.join(f'{n} {what}' for what, n in sorted(counts.items())) or 'nothing to do')
    return 1 if counts.get('FAIL') else 0



def tap(kit, names, options):
    print(f'1..{len(names)}')
    failed = 0
    for number, name in enumerate(names, 1):
        with tempfile.TemporaryDirectory() as work:
            verdict, lines = test(kit, name, kit.index[name], options, work)
        failed += verdict != 'ok'
        print(f"{'ok' if verdict == 'ok' else 'not ok'} {number} - {name}", flush=True)
        if verdict != 'ok':
            for line in lines[:options.lines]:
                print('#   ' + line)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
