#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold qemu-devstate to the independent reader (tests/interop/vmstream) over every captured file. Prints TAP.

    devstate-tool-test.py QEMU-DEVSTATE
"""
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
spec = importlib.util.spec_from_file_location('kit_test', HERE / 'kit-test.py')
kit_test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kit_test)
import vmstream  # noqa: E402

TOOL = sys.argv[1]
failed = number = 0


def tool(*args):
    p = subprocess.run([TOOL, *args], capture_output=True, timeout=60)
    return p.returncode, p.stdout, p.stderr.decode()


def result(good, what, why=''):
    global failed, number
    number += 1
    failed += not good
    print(f'{"ok" if good else "not ok"} {number} - {what}')
    for line in str(why).splitlines()[:10] if not good else []:
        print(f'#   {line}')


def first_difference(a, b, path=''):
    if type(a) is not type(b):
        return f'{path}: {a!r:.100} / {b!r:.100}'
    if isinstance(a, dict):
        for k in {**a, **b}:
            if k not in a or k not in b:
                return f'{path}.{k}: only on one side'
            if (d := first_difference(a[k], b[k], f'{path}.{k}')):
                return d
    elif isinstance(a, list):
        if len(a) != len(b):
            return f'{path}: {len(a)} / {len(b)} elements'
        for i, (x, y) in enumerate(zip(a, b)):
            if (d := first_difference(x, y, f'{path}[{i}]')):
                return d
    elif a != b:
        return f'{path}: {a!r:.100} / {b!r:.100}'
    return None


def main():
    kit = kit_test.Kit()
    with tempfile.TemporaryDirectory() as work:
        state, layout = f'{work}/state', f'{work}/vmdesc'
        for name in sorted(kit.files):
            if not name.endswith('.devstate'):
                continue
            data = kit.files[name]
            pathlib.Path(state).write_bytes(data)
            described = kit.files.get(name.replace('.devstate', '.vmdesc.json'))
            for with_layout in (True, False):
                if with_layout and not described:
                    continue
                args = []
                if with_layout:
                    pathlib.Path(layout).write_bytes(described)
                    args = ['--vmdesc', layout]
                wanted = vmstream.parse_bytes(data, vmstream.load_json(described) if with_layout else None, kit.library)
                status, out, err = tool('show', '--json', state, *args)
                what = f'{name} {"with its description" if with_layout else "by the library"}'
                if status:
                    result(False, what, err)
                    continue
                result(not (d := first_difference(json.loads(out), json.loads(json.dumps(wanted)))), what, d)

        # Editing.
        data = kit.files['pc-nodef/reset.devstate']
        pathlib.Path(state).write_bytes(data)
        other = f'{work}/other'
        result(tool('check', state)[0] == 0, 'check of a good file')
        result(tool('convert', state, '-o', other)[0] == 0 and pathlib.Path(other).read_bytes() == data,
               'convert changes nothing by itself')
        tool('convert', state, '--footers', 'off', '-o', other)
        bare = pathlib.Path(other).read_bytes()
        sections = len(vmstream.parse_bytes(data, None, kit.library)['sections'])
        result(len(bare) == len(data) - 5 * sections, 'footers off takes five bytes a section')
        tool('convert', other, '--footers', 'on', '-o', other)
        result(pathlib.Path(other).read_bytes() == data, 'footers on brings them back')
        status, out, _ = tool('diff', state, other)
        result(status == 0 and not out, 'no difference, no output')
        part = f'{work}/part'
        tool('extract', state, 'i8259/1', '-o', part)
        piece = pathlib.Path(part).read_bytes()
        result(len(piece) == 16, 'extract gives the data of one section')
        pathlib.Path(part).write_bytes(bytes([0x5A]) + piece[1:])
        tool('replace', state, 'i8259/1', part, '-o', other)
        status, out, _ = tool('diff', '--json', state, other)
        result(status == 1 and [d['path'] for d in json.loads(out)] == ['i8259/1.last_irr'],
               'replace puts it back, diff names the field', out)
        result(tool('show', state, 'i8259')[0] == 0 and tool('show', state, 'nothing')[0] == 2, 'show of one section')
        status, out, _ = tool('grep', 'elcr$', state)
        result(status == 0 and out.count(b'\n') == 2, 'grep finds both ELCRs', out)
        # Between versions of a machine: the other version's own file has the same sections and fields.
        def shape(file):
            parsed = vmstream.parse_bytes(pathlib.Path(file).read_bytes(), None, kit.library)
            return [(s['idstr'], s['data_size'], s['footer']) for s in parsed['sections']]
        for name in sorted(n for n in kit.files if n.startswith('pc-i440fx-') and n.endswith('/reset.devstate')):
            machine = name.split('/')[0]
            if machine in ('pc-i440fx-1.4', 'pc-i440fx-1.7'):
                result(tool('convert', state, '--machine', machine, '-o', other)[0] == 2, f'{machine} is too old')
                continue
            theirs = f'{work}/theirs'
            pathlib.Path(theirs).write_bytes(kit.files[name])
            tool('convert', state, '--machine', machine, '-o', other)
            result(shape(other) == shape(theirs), f'a pc becomes a {machine}', f'{shape(other)}\n{shape(theirs)}')
            tool('convert', theirs, '--machine', 'pc', '-o', other)
            # What only a subsection holds need not be there.
            status, out, _ = tool('diff', '--json', state, other)
            missing = [d['path'] for d in json.loads(out) if 'b' not in d and '.<' not in d['path']]
            result(status in (0, 1) and not missing, f'a {machine} becomes a pc', missing)
        pathlib.Path(other).write_bytes(data[:5000])
        result(tool('check', other)[0] != 0, 'a file that is cut short is no good file')
        pathlib.Path(other).write_bytes(data + b'x')
        result(tool('check', other)[0] == 1, 'trailing bytes are a problem')
        result(tool('info')[0] == 2 and tool('bogus', state)[0] == 2 and tool('--help')[0] == 0, 'usage')
    print(f'1..{number}')
    return 1 if failed else 0


sys.exit(main())
