#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what our schema tells of each command and event with what QEMU 7.2 tells. Prints TAP.

Types are compared by what they are, not by their masked names. Where we have less, the file
introspection-differences.txt says so, a line each; a line there that nothing needs is a failure.

    introspection-test.py           runs the test
    introspection-test.py --list    prints all differences in the form of that file
"""
import fnmatch
import gzip
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / 'scripts'))
sys.dont_write_bytecode = True

from qapi.gen_introspect import Introspection, plain    # noqa: E402
from qapi.schema import Schema                          # noqa: E402

# Captured from QEMU 7.2.22 (Debian 12): query-qmp-schema, with sorted keys.
THEIRS = ROOT / 'tests/data/qapi/query-qmp-schema-7.2.22.json.gz'
LISTED = HERE / 'introspection-differences.txt'


class Comparison:
    def __init__(self, ours, theirs):
        self.ours = {entry['name']: entry for entry in ours}
        self.theirs = {entry['name']: entry for entry in theirs}

    def differences(self, name):
        """Each one as 'PATH: what'."""
        self.found = []
        self.seen = set()
        theirs = self.theirs.get(name)
        if theirs is None:
            return [f'{name}: not known there']
        self._entry(name, self.ours[name], theirs)
        return self.found

    def _entry(self, path, ours, theirs):
        for key in ('meta-type', 'json-type', 'allow-oob', 'tag'):
            if ours.get(key) != theirs.get(key):
                self.found.append(f'{path}: {key} {ours.get(key)} instead of {theirs.get(key)}')
        self._features(path, ours, theirs)
        for key, step in (('arg-type', ''), ('ret-type', '()'), ('element-type', '[]')):
            if key in ours and key in theirs:
                self._type(path + step, ours[key], theirs[key])
        if ours['meta-type'] == theirs['meta-type'] == 'alternate':
            self._alternate(path, ours['members'], theirs['members'])
        else:
            self._members(path, ours.get('members', []), theirs.get('members', []))
        ours_of = {one['case']: one for one in ours.get('variants', [])}
        theirs_of = {one['case']: one for one in theirs.get('variants', [])}
        for case in ours_of.keys() & theirs_of.keys():
            self._type(f'{path}={case}', ours_of[case]['type'], theirs_of[case]['type'])

    def _members(self, path, ours, theirs):
        ours = {one['name']: one for one in ours}
        theirs = {one['name']: one for one in theirs}
        for name in sorted(ours.keys() | theirs.keys()):
            where = f'{path}.{name}'
            if name not in ours:
                self.found.append(f'{where}: missing')
            elif name not in theirs:
                self.found.append(f'{where}: not known there')
            else:
                self._features(where, ours[name], theirs[name])
                if ('default' in ours[name]) != ('default' in theirs[name]):
                    self.found.append(f"{where}: {'' if 'default' in ours[name] else 'not '}optional")
                if 'type' in ours[name]:
                    self._type(where, ours[name]['type'], theirs[name]['type'])

    def _alternate(self, path, ours, theirs):
        kinds = [{self._kind(side[one['type']]): one['type'] for one in members}
                 for side, members in ((self.ours, ours), (self.theirs, theirs))]
        for kind in sorted(kinds[0].keys() | kinds[1].keys()):
            if kind in kinds[0] and kind in kinds[1]:
                self._type(f'{path}|{kind}', kinds[0][kind], kinds[1][kind])
            else:
                self.found.append(f"{path}|{kind}: {'missing' if kind in kinds[1] else 'not known there'}")

    @staticmethod
    def _kind(entry):
        return entry.get('json-type') or {'enum': 'string'}.get(entry['meta-type'], entry['meta-type'])

    def _features(self, path, ours, theirs):
        mine, other = set(ours.get('features', [])), set(theirs.get('features', []))
        self.found += [f'{path}: feature {name} missing' for name in sorted(other - mine)]
        self.found += [f'{path}: feature {name} not known there' for name in sorted(mine - other)]

    def _type(self, path, ours, theirs):
        if (ours, theirs) not in self.seen:
            self.seen.add((ours, theirs))
            self._entry(path, self.ours[ours], self.theirs[theirs])


def main():
    schema = Schema(str(ROOT / 'qapi/qapi-schema.json'))
    ours = [plain(told) for _condition, told in Introspection(schema, False).entries]
    with gzip.open(THEIRS) as file:
        comparison = Comparison(ours, json.load(file))
    names = [entry['name'] for entry in ours if entry['meta-type'] in ('command', 'event')]
    if '--list' in sys.argv:
        print('\n'.join(line for name in names for line in comparison.differences(name)))
        return 0
    listed = [line for line in LISTED.read_text().splitlines() if line and not line.startswith('#')]
    unused = set(listed)
    failed = 0
    for number, name in enumerate(names, 1):
        wrong = []
        for line in comparison.differences(name):
            by = [pattern for pattern in listed if fnmatch.fnmatchcase(line, pattern.replace('[', '[[]'))]
            unused -= set(by)
            wrong += [] if by else [line]
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        print(''.join(f'# {line}\n' for line in wrong), end='')
        if wrong:
            print(f'# Where this is meant, say so in {LISTED.name}.')
    print(f"{'not ok' if unused else 'ok'} {len(names) + 1} - every listed difference is there")
    print(''.join(f'# {line}\n' for line in sorted(unused)), end='')
    print(f'1..{len(names) + 1}')
    return bool(failed or unused)


if __name__ == '__main__':
    sys.exit(main())
