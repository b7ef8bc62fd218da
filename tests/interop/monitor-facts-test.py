#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what the monitors and the command line tell of this program to what QEMU 7.2 told of itself
(tests/data/monitor/facts-7.2.22.json.xz): properties of every device, machine and CPU type, the options and their
keys, the replies of query commands on three machines, the forms of the HMP commands and what they print, the words of
errors before a machine runs.

    monitor-facts-test.py [--list] [PART...]

A fact is a path and its value, as in `device.edu.dma_mask.type`. What may differ, and why, is in
monitor-differences.txt; a line there that nothing needs any more fails the test too.
"""
import fnmatch
import json
import lzma
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / 'tests/functional'))
sys.dont_write_bytecode = True

from emulator import BINARY, Emulator  # noqa: E402

FACTS = ROOT / 'tests/data/monitor/facts-7.2.22.json.xz'
LISTED = HERE / 'monitor-differences.txt'
# What tells the members of a list apart, the first that there is.
KEYS = ('name', 'option', 'device', 'qom-path', 'label', 'capability', 'bus')


def key_of(member):
    if isinstance(member, dict):
        for key in KEYS:
            if member.get(key) not in (None, ''):
                return str(member[key])
    return member if isinstance(member, str) else json.dumps(member, sort_keys=True)


def compare(path, ours, theirs):
    """The differences, a line each."""
    if isinstance(ours, list) and isinstance(theirs, list):
        ours, theirs = ({key_of(member): member for member in side} for side in (ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            where = f'{path}.{name}'
            if name not in ours:
                yield f'{where}: missing'
            elif name not in theirs:
                yield f'{where}: not known there'
            else:
                yield from compare(where, ours[name], theirs[name])
    elif ours != theirs:
        yield f'{path}: {json.dumps(ours)}, there {json.dumps(theirs)}'


def lists(facts):
    with Emulator('-S') as e:
        qmp = e.qmp()
        yield from compare('version', qmp('query-version')['qemu'], facts['version'])
        for name, command in (('option', 'query-command-line-options'), ('machine', 'query-machines'),
                              ('cpu', 'query-cpu-definitions'), ('capability', 'query-migrate-capabilities')):
            yield from compare(name, qmp(command), facts[command.removeprefix('query-')])


def properties(facts):
    with Emulator('-S') as e:
        qmp = e.qmp()
        here = {entry['name'] for entry in qmp('qom-list-types', implements='device')}
        for name in sorted(here):
            if name not in facts['device-properties']:
                # QEMU lists none of a type whose devices it cannot make by themselves.
                continue
            yield from compare(f'device.{name}', qmp('device-list-properties', typename=name),
                               facts['device-properties'][name])
        types = {entry['name'] for entry in qmp('qom-list-types')}
        for name, theirs in facts['qom-properties'].items():
            if name in types:
                yield from compare(f'qom.{name}', qmp('qom-list-properties', typename=name), theirs)


def plain(reply):
    """What a captured reply holds."""
    if isinstance(reply, dict):
        for key in ('error', 'return'):
            if key in reply:
                return reply[key]
    return reply


def queries(facts):
    for machine in ('none', 'pc'):
        replies = facts['queries'][machine]
        with Emulator('-S', machine=machine, defaults=True) as e:
            qmp = e.qmp()
            there = {command['name'] for command in qmp('query-commands')}
            for command, theirs in replies.items():
                if command not in there:
                    continue
                answer = qmp.request(command)
                ours = answer.get('return', answer.get('error'))
                yield from compare(f'query.{machine}.{command}', ours, plain(theirs))


def forms(lines):
    """A command's name, and what follows it."""
    words = (line.split(' -- ')[0].rstrip() for line in lines if line[:1].isalpha())
    return dict(line.partition(' ')[::2] for line in words)


def human(facts):
    with Emulator('-S', machine='pc', defaults=True) as e:
        qmp = e.qmp()
        yield from compare('hmp', forms(qmp.hmp('help').splitlines()), forms(facts['hmp-commands']))
        info = [[line.removeprefix('info ') for line in side]
                for side in (qmp.hmp('help info').splitlines(), facts['hmp-info-commands'])]
        yield from compare('info', *map(forms, info))
        for command, theirs in facts['hmp'].items():
            ours = qmp.hmp(command).replace('\r', '').strip('\n')
            if ours.startswith('unknown command:') and not theirs.startswith('unknown command:'):
                yield f'hmp({command}): missing'
            elif command.startswith('info'):
                yield from compare(f'hmp({command})', ours.splitlines(), theirs.splitlines())
            else:
                yield from compare(f'hmp({command})', ours, theirs)


def command_lines(facts):
    for name, theirs in facts['command-lines'].items():
        done = subprocess.run([BINARY, *theirs['args']], capture_output=True, text=True, timeout=20,
                              stdin=subprocess.DEVNULL)
        # How a list is laid out is not compared: its lines are.
        yield from compare(f'line({name}).exit', done.returncode, theirs['exit'])
        yield from compare(f'line({name})', (done.stdout + done.stderr).splitlines(),
                           (theirs['stdout'] + theirs['stderr']).splitlines())


PARTS = {'lists': lists, 'properties': properties, 'queries': queries, 'human': human, 'command-lines': command_lines}


def main():
    listing = '--list' in sys.argv
    parts = [word for word in sys.argv[1:] if not word.startswith('-')] or list(PARTS)
    with lzma.open(FACTS) as file:
        facts = json.load(file)
    listed = [line for line in LISTED.read_text().splitlines() if line and not line.startswith('#')]
    patterns = {pattern: pattern.replace('[', '[[]') for pattern in listed}
    unused, failed = set(listed), 0
    for number, part in enumerate(parts, 1):
        wrong = []
        for line in PARTS[part](facts):
            by = {pattern for pattern in listed if fnmatch.fnmatchcase(line, patterns[pattern])}
            unused -= by
            wrong += [] if by else [line]
        failed += bool(wrong)
        if listing:
            print('\n'.join(wrong))
            continue
        print(f"{'not ok' if wrong else 'ok'} {number} - {part}")
        print(''.join(f'# {line}\n' for line in wrong), end='')
        if wrong:
            print(f'# Where this is meant, say so in {LISTED.name}.')
    if not listing and len(parts) == len(PARTS):
        print(f"{'not ok' if unused else 'ok'} {len(parts) + 1} - every listed difference is there")
        print(''.join(f'# {line}\n' for line in sorted(unused)), end='')
        failed += bool(unused)
    if not listing:
        print(f'1..{len(parts) + (len(parts) == len(PARTS))}')
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
