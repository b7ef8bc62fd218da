#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Is docs/xen-save-devices-state.txt enough to write a reader from? This one was, part 1 beside it and nothing else; it
knows no more than what is written there. Every captured file is read with it and with tests/interop/vmstream, and both
must see the same values. Prints TAP.
"""
import gzip
import importlib.util
import itertools
import json
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
spec = importlib.util.spec_from_file_location('kit_test', HERE / 'kit-test.py')
kit_test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kit_test)
import vmstream  # noqa: E402


class Wrong(Exception):
    pass


class Reader:
    def __init__(self, data, layouts):
        self.data, self.at, self.layouts = data, 0, layouts

    def take(self, n):
        if n < 0 or self.at + n > len(self.data):
            raise Wrong(f'byte {self.at}: the end of the file')
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, size, signed=False):
        return int.from_bytes(self.take(size), 'big', signed=signed)

    # ---- 1.1
    def file(self):
        if self.take(4) != b'QEVM' or self.number(4) != 3:
            raise Wrong('the header')
        sections, footers = [], None
        while (mark := self.number(1)) == 4:
            number, name = self.number(4), self.take(self.number(1)).decode('ascii')
            instance, version, start = self.number(4), self.number(4, signed=True), self.at
            for layout, subsections in self.variants(name.rsplit('/', 1)[-1]):
                self.at, self.subsections, values = start, subsections, {}
                try:
                    self.table(layout, values, '')
                except Wrong:
                    continue
                footer = self.data[self.at:].startswith(b'\x7e' + struct.pack('>I', number))
                if footer and footers is not False or not footer and not footers and self.another():
                    break
            else:
                raise Wrong(f'{name}: no layout fits')
            footers = footer
            self.at += 5 * footer
            sections.append((name, instance, version, values))
        if mark != 0 or self.at != len(self.data):
            raise Wrong(f'byte {self.at}: the end is wrong')
        return sections

    def variants(self, name):
        """Every layout of that name, with every choice of the layouts of subsections."""
        names = [n for n in self.layouts if '/' in n or n == 'apic_sipi']
        several = [n for n in names if len(self.layouts[n]) > 1 and n.startswith(name)]
        single = {n: self.layouts[n][0] for n in names if n not in several}
        for layout in self.layouts.get(name, []):
            for chosen in itertools.product(*(self.layouts[n] for n in several)):
                yield layout, single | dict(zip(several, chosen))

    def another(self):
        """Whether a section or the end of the file is here."""
        rest = self.data[self.at:self.at + 262]
        name = rest[6:6 + rest[5]] if len(rest) > 6 else b''
        return rest == b'\0' or rest[:1] == b'\4' and bool(name) and all(0x20 <= c < 0x7f for c in name)

    # ---- 1.2, 1.4
    def table(self, layout, values, path):
        for field in layout['fields']:
            if field['name'] == 'identify_data' and not values[f'{path}identify_set'][-1]:
                continue
            for n in range(field.get('array_len', 1)):
                index = f'[{n}]' if 'array_len' in field else f'[{field["index"]}]' if 'index' in field else ''
                self.field(field, values, f'{path}{field["name"]}{index}')
        name = layout['vmsd_name']
        known = {s['vmsd_name']: s for s in layout.get('subsections', [])} | self.subsections
        while self.data[self.at:self.at + 1] == b'\5':
            length = self.data[self.at + 1]
            sub = self.data[self.at + 2:self.at + 2 + length].decode('ascii', 'replace')
            if sub not in known or not (sub.startswith(f'{name}/') or sub == 'apic_sipi' and name == 'apic'):
                break
            self.at += 2 + length + 4
            self.table(known[sub], values, f'{path}<{sub}>.')

    def field(self, field, values, path):
        kind = field['type'].split()[0]
        if 'struct' in field or 'fields' in field:
            return self.table(field.get('struct', field), values, path + '.')
        if kind == 'bool':
            value = self.number(1) != 0
        elif kind == 'timer':
            value = self.number(8, signed=True)
        elif kind.startswith(('int', 'uint')):
            value = self.number(int(kind.lstrip('uint')) // 8, signed=kind.startswith('int'))
        elif kind == 'unused_buffer':
            return self.take(field['size'])
        else:
            value = self.take(field['size']).hex()
        # Two fields may have one name.
        values.setdefault(path, []).append(value)


# Devices that say that they cannot be migrated have no description, and so no layout.
WITHOUT_LAYOUT = 'ivshmem-plain', 'virtio-crypto', 'usb-uas'
# A bridge whose section begins with what its kind of bus adds, which the description leaves out.
UNDESCRIBED = 'dev-pxb/'


def seen_by_vmstream(data, library):
    values = {}
    for path, value, _, _, kind in vmstream.flatten(vmstream.parse_bytes(data, None, library)):
        if '@' in path or kind == 'unused_buffer':
            continue
        if kind == 'pci irq state':
            value = b''.join(v.to_bytes(4, 'big') for v in value).hex()
        elif kind == 'bitmap':
            value = ''.join(word.removeprefix('0x') for word in value)
        values.setdefault(path, []).append(value)
    return values


def main():
    kit = kit_test.Kit()
    layouts = json.loads(gzip.decompress((kit_test.DATA / 'layouts.json.gz').read_bytes()))['vmsds']
    failed = number = 0
    for name in sorted(n for n in kit.files if n.endswith('.devstate')):
        if any(w in name for w in WITHOUT_LAYOUT) or name.startswith(UNDESCRIBED) or b'virtio' in kit.files[name]:
            continue
        number += 1
        why = []
        try:
            mine = {}
            for idstr, instance, _, values in Reader(kit.files[name], layouts).file():
                for path, value in values.items():
                    mine.setdefault(f'{idstr}/{instance}.{path}', []).extend(value)
            theirs = seen_by_vmstream(kit.files[name], kit.library)
            why = [f'{p}: {mine.get(p)!r:.80} / {theirs.get(p)!r:.80}' for p in {**mine, **theirs} if mine.get(p) != theirs.get(p)]
        except Wrong as e:
            why = [e]
        failed += bool(why)
        print(f'{"not ok" if why else "ok"} {number} - {name}')
        for line in why[:5]:
            print(f'#   {line}')
    print(f'1..{number}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
