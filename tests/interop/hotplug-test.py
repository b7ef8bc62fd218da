#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory modules and processors that come and go are told of as by QEMU 7.2: registers, events, answers, what is refused, and the tables."""
import os
import tempfile

import both
from both import Machine
from emulator import main

MEMORY, CPUS = 0xa00, 0xaf00
GPE = 0xafe0


def backends(*sizes, kind='ram', more=''):
    return [word for i, size in enumerate(sizes, 1)
            for word in ('-object', f'memory-backend-{kind},id={kind[0]}{i},size={size}{more}')]


def same(program, *arguments, machine='pc', least=20):
    both.same(program, lambda binary: Machine(binary, *arguments, machine=machine), least)


def slot(m, name):
    m.note(name, *(f'{m.inl(MEMORY + 4 * i):#x}' for i in range(6)), *(f'{m.ports.inb(MEMORY + i):#x}' for i in (0x14, 0x15, 1)),
           f'{m.inl(GPE):#x}')


def test_a_module_comes_and_goes():
    def program(m):
        for number in 0, 1, 3, 4, 100, 0xffffffff:
            m.outl(MEMORY, number)
            slot(m, f'slot {number}')
        m.outl(MEMORY, 1)
        m.say('device_add', driver='pc-dimm', id='d1', memdev='r2')
        slot(m, 'inserting')
        m.say('query-acpi-ospm-status')
        m.outl(MEMORY + 4, 0x103)
        m.outl(MEMORY + 8, 0x80)
        m.say('query-acpi-ospm-status')
        m.ports.outb(MEMORY + 0x14, 2)
        slot(m, 'inserted')
        for _ in range(2):
            m.say('device_del', id='d1')
            slot(m, 'removing')
        m.say('system_reset')
        slot(m, 'after a reset')
        m.ports.outb(MEMORY + 0x14, 0x0c)
        slot(m, 'one bit at a time')
        m.ports.outb(MEMORY + 0x14, 8)
        m.say('query-memory-devices')
        slot(m, 'ejected')
        m.ports.outb(MEMORY + 0x14, 8)
        m.say('device_del', id='d1')
        m.say('device_del', id='d0')
        m.outl(MEMORY, 0)
        m.ports.outb(MEMORY + 0x14, 8)
        slot(m, 'and the one that was there from the start, not having cleared the request')
        m.say('query-memory-size-summary')
        m.note('hmp', m.monitor.hmp('info memory-devices'), m.monitor.hmp('info memory_size_summary'), m.monitor.hmp('info numa'))

    same(program, '-m', '128,slots=4,maxmem=1G', *backends('128M', '64M'), '-device', 'pc-dimm,id=d0,memdev=r1')


def test_where_modules_are_put_and_what_is_refused():
    def program(m):
        def add(**arguments):
            m.say('device_add', driver='pc-dimm', id='d', **arguments)
            m.say('query-memory-devices')
        for arguments in ({'memdev': 'r1'}, {'memdev': 'r2', 'addr': 0x100000000}, {'memdev': 'r2', 'addr': 0x1000},
                          {'memdev': 'r2', 'addr': 0x110001000}, {'memdev': 'r2', 'addr': 0x40000000},
                          {'memdev': 'r2', 'addr': 0x400000000}, {'memdev': 'r2', 'slot': 0}, {'memdev': 'r2', 'slot': 4},
                          {'memdev': 'r2', 'slot': -2}, {'memdev': 'r2', 'node': 1}, {'memdev': 'xx'}, {}, {'memdev': 'pc.ram'},
                          {'memdev': 'r4'}, {'memdev': 'r5'}):
            add(**arguments)
        m.say('device_add', driver='nvdimm', id='n', memdev='r2')
        m.say('device_add', driver='pc-dimm', id='d2', memdev='r2', slot=3, addr=0x120000000)
        m.say('device_add', driver='pc-dimm', id='d3', memdev='r3')
        m.say('query-memory-devices')
        m.say('object-del', id='r3')

    same(program, '-m', '128,slots=4,maxmem=1G', *backends('128M', '64M', '64M', '5000000', '1G'),
         '-device', 'pc-dimm,id=d0,memdev=r1')


def test_modules_of_odd_sizes():
    def program(m):
        for name in 'm1', 'm2', 'm3', 'r1':
            m.say('device_add', driver='pc-dimm', id=name, memdev=name)
        m.say('query-memory-devices')

    same(program, '-m', '128,slots=3,maxmem=2G', *backends('5001216', '4M', '2M', kind='memfd'), *backends('2M'), least=5)


def requests(m):
    def ask(*numbers):
        m.set_memory(0x100000, b''.join(n.to_bytes(4, 'little') for n in numbers))
        m.outl(0xa18, 0x100000)
        answer = m.memory(0x100000, 4096)
        m.note(f'request {numbers}', answer[:int.from_bytes(answer[:4], 'little')].hex())
    m.set_memory(0x100000, bytes(4096))
    for handle in 0, 0x10000, 1, 2, 3, 9:
        for revision in 1, 2:
            for function in range(8):
                ask(handle, revision, function, 0, 64)
    for offset in 0, 184, 200, 368, 369, 1000:
        ask(0x10000, 1, 1, offset)
    for offset, length in ((0x1ff00, 0x200), (0xffffffff, 2), (0, 4089), (0, 4076), (0, 4077), (0x20000, 1)):
        ask(1, 1, 5, offset, length)
    for numbers in (16, 8, 0x11223344, 0x55667788), (0x1ffff, 8, 1, 2), (0, 5000, 1, 2), (0x1fffc, 4, 0xcafe):
        ask(1, 1, 6, *numbers)
        ask(1, 1, 5, 0, 64)
        ask(1, 1, 5, 0x1ffc0, 64)
    m.outl(0xa18, 0xfffffffc)
    m.note('the port', m.inl(0xa18))


def test_a_nonvolatile_module():
    def program(m):
        requests(m)
        m.note('event', f'{m.inl(GPE):#x}')
        m.say('device_add', driver='nvdimm', id='n', memdev='r1', label_size='128k', unarmed=True)
        m.note('event', f'{m.inl(GPE):#x}')
        requests(m)
        m.say('device_add', driver='nvdimm', memdev='r2', addr=0x110000000)
        requests(m)
        m.say('query-memory-devices')
        m.say('device_del', id='n')
        m.say('query-acpi-ospm-status')
        slot(m, 'not in the block for others')
        m.note('map', *(line for line in m.monitor.hmp('info mtree').splitlines() if 'nvdimm' in line or 'device-memory' in line))
        for more in {'label_size': 100}, {'label_size': '64M'}, {'unarmed': True}:
            m.say('device_add', driver='nvdimm', memdev='r3', **more)

    same(program, '-m', '128,slots=3,maxmem=1G', *backends('64M', '64M', '4M'), machine='pc,nvdimm=on', least=100)


def tables(blob):
    at = 0
    while blob[at:at + 4].strip(b'\0'):
        size = int.from_bytes(blob[at + 4:at + 8], 'little')
        yield blob[at:at + 4].decode(), blob[at:at + size]
        at += size


def test_the_tables_for_memory():
    def program(m):
        of_data = {'SRAT', 'NFIT', 'APIC'}
        listed = list(tables(m.firmware_file('etc/acpi/tables')))
        m.note('tables', *(name for name, _ in listed))
        for name, data in listed:
            if name in of_data:
                m.note(name, data.hex())
        small(m)

    def small(m):
        for name in 'etc/reserved-memory-end', 'etc/e820', 'etc/acpi/nvdimm-mem':
            data = m.firmware_file(name)
            m.note(name, data and data.hex())
        numa = 0x0d
        m.note('nodes', m.firmware_item(numa, 48).hex())
        m.note('region', m.monitor('qom-get', path='/machine', property='device-memory-region-size'))
        m.note('numa', m.monitor.hmp('info numa'))
        places = m.monitor('query-hotpluggable-cpus')
        m.note('processors', *(both.ordered(p['props']) for p in places))

    memory = '-m', '128,slots=4,maxmem=1G', *backends('128M', '64M')
    for version in '2.4', '2.1':
        same(small, *memory, '-device', 'pc-dimm,memdev=r1', machine=f'pc-i440fx-{version}', least=7)
    for version in '7.2', '5.0', '2.10', '2.5':
        same(program, *memory, '-device', 'pc-dimm,memdev=r1', machine=f'pc-i440fx-{version}', least=9)
    same(program, '-m', '128', machine='pc', least=9)
    same(program, '-m', '5G,slots=2,maxmem=8G', '-smp', '2', least=9)
    same(program, '-m', '128,maxmem=1G', least=9)
    same(program, '-m', '128,maxmem=1G', machine='pc-i440fx-5.0', least=9)
    nonvolatile = '-device', 'nvdimm,memdev=r1,label-size=131073', '-device', 'nvdimm,memdev=r2,unarmed=on'
    for persistence in '', ',nvdimm-persistence=cpu', ',nvdimm-persistence=mem-ctrl':
        same(program, *memory, *nonvolatile[:2], machine='pc,nvdimm=on' + persistence, least=9)


def test_memory_that_is_refused():
    def refusal(binary, machine, *arguments):
        own, both.emulator.BINARY = both.emulator.BINARY, binary
        try:
            status, _, text = both.emulator.run('-display', 'none', '-M', machine, *arguments)
        finally:
            both.emulator.BINARY = own
        return status, text.splitlines()[0].split(': ', 1)[1]

    if not both.REFERENCE:
        raise both.Missing('qemu-system-x86_64 is not there (package qemu-system-x86)')
    module = [*backends('128M'), '-device', 'pc-dimm,id=d,memdev=r1']
    nonvolatile = '-m', '128,slots=2,maxmem=1G', *backends('4M'), '-device'
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'file')
        with open(file, 'wb') as f:
            f.truncate(4 << 20)
        readonly = backends('4M', kind='file', more=f',mem-path={file},readonly=on,share=on')
        for machine, *arguments in (
                ('pc-i440fx-2.0', '-m', '128,maxmem=1G'), ('isapc', '-m', '128,maxmem=1G,slots=2'),
                ('pc,acpi=off', '-m', '128,slots=2,maxmem=1G', *module), ('pc', *module), ('pc', '-m', '128,maxmem=1G', *module),
                ('pc', '-m', '128,maxmem=1G,slots=257'), ('pc', '-m', '128,maxmem=1073742000,slots=2'),
                ('pc', '-m', '128,maxmem=128M,slots=2'), ('pc', '-m', '128,maxmem=2000G,slots=2'), ('pc', '-m', '128,slots=2'),
                ('pc', '-m', '128,maxmem=100M'),
                *(('pc,nvdimm=on', *nonvolatile, 'nvdimm,id=n,memdev=r1,' + words) for words in
                  ('label-size=100', 'label-size=4M', 'label-size=3M,uuid=no', 'label-size=2M,slot=3', 'label-size=-1')),
                ('pc,nvdimm=on', '-m', '128,slots=2,maxmem=1G', *readonly, '-device', 'nvdimm,memdev=f1'),
                ('pc,nvdimm=on,nvdimm-persistence=no',)):
            theirs, ours = (refusal(binary, machine, *arguments) for binary in (both.REFERENCE, both.OWN))
            assert ours == theirs, (ours, theirs)


def processor(m, name):
    m.note(name, *(f'{m.ports.inb(CPUS + i):#x}' for i in (0, 4, 5)), f'{m.inl(CPUS + 8):#x}', f'{m.inl(GPE):#x}')


def add_processor(m, *place, **more):
    names = 'socket_id', 'core_id', 'thread_id'
    m.say('device_add', driver=more.pop('model', 'qemu64') + '-x86_64-cpu', **dict(zip(names, place)), **more)


def places(m):
    m.note('places', *(f'{both.ordered(p["props"])} {p.get("qom-path")}' for p in m.monitor('query-hotpluggable-cpus')))
    m.note('running', *sorted(f'{p["cpu-index"]} {p["qom-path"]}' for p in m.monitor('query-cpus-fast')))
    nb_cpus, max_cpus, numa = 5, 15, 13
    m.note('firmware', *(m.firmware_item(key, size).hex() for key, size in ((nb_cpus, 2), (max_cpus, 2), (numa, 64))))
    m.ports.outb(0x70, 0x5f)
    m.note('CMOS', m.ports.inb(0x71))
    m.note('APIC', *(data.hex() for name, data in tables(m.firmware_file('etc/acpi/tables')) if name == 'APIC'))


def test_a_processor_comes_and_goes():
    def program(m):
        processor(m, 'the old form')
        m.say('query-acpi-ospm-status')
        m.outl(CPUS, 0)
        processor(m, 'the new one')
        places(m)
        m.outl(CPUS, 5)
        add_processor(m, 1, 2, 0, id='c')
        places(m)
        for command in 0, 3, 1, 2:
            m.ports.outb(CPUS + 5, command)
            processor(m, f'command {command}')
        m.ports.outb(CPUS + 5, 1)
        m.outl(CPUS + 8, 0x103)
        m.ports.outb(CPUS + 5, 2)
        m.outl(CPUS + 8, 0x99)
        m.say('query-acpi-ospm-status')
        m.ports.outb(CPUS + 4, 2)
        m.say('system_reset')
        processor(m, 'after a reset')
        for _ in range(2):
            m.say('device_del', id='c')
            processor(m, 'removing')
        m.ports.outb(CPUS + 4, 4)
        processor(m, 'heard')
        m.ports.outb(CPUS + 4, 8)
        m.monitor('query-name')
        # There QEMU 7.2 tells of the local APIC alone.
        m.monitor.event('DEVICE_DELETED')
        processor(m, 'ejected')
        places(m)
        m.say('device_del', id='/machine/unattached/device[0]')
        m.outl(CPUS, 0)
        m.ports.outb(CPUS + 4, 8)
        processor(m, 'the first one stays')

    same(program, '-smp', '1,maxcpus=6,sockets=2,cores=3', '-device', 'qemu64-x86_64-cpu,socket-id=1,core-id=1,thread-id=0,id=s')


def test_processors_that_are_refused():
    def program(m):
        for place in (), (0,), (0, 1), (2, 0, 0), (0, 2, 0), (0, 0, 1), (0, 0, 0):
            add_processor(m, *place)
        for more in {'node_id': 3}, {'node_id': 1}, {'die_id': 1}, {'apic_id': 0}, {'apic_id': 2}, {'nosuch': 'on'}:
            add_processor(m, 0, 1, 0, **more)
        for apic_id in 0, 30:
            add_processor(m, apic_id=apic_id)
        add_processor(m, 0, 1, 0, model='Haswell')
        add_processor(m, apic_id=2, id='c')
        places(m)
        add_processor(m, 0, 1, 0, die_id=0, id='d')
        add_processor(m, 0, 1, 0)
        m.say('device_del', id='c')
        places(m)

    same(program, '-smp', '1,maxcpus=4,sockets=2,cores=2')
    same(program, '-smp', '1,maxcpus=4,sockets=2,cores=2', '-m', '128,maxmem=1G')


def test_drives_and_the_boot_order_by_the_monitor():
    def program(m):
        def do(line):
            m.note(line, repr(m.monitor.hmp(line)))
            m.note('drives', *(f"{b['device']} {b.get('qdev')} {b.get('inserted', {}).get('file')}" for b in m.monitor('query-block')))

        def order(name):
            values = []
            for register in 0x38, 0x3d:
                m.ports.outb(0x70, register)
                values.append(m.ports.inb(0x71))
            m.note(f'order {name}', *values)
        order('at first')
        for letters in 'n', 'ac', 'xyz', 'acdn', 'aa':
            do(f'boot_set {letters}')
            order(letters)
        for _ in range(2):
            m.say('system_reset')
            order('after a reset')
            do('boot_set n')
        for line in ('drive_del nosuch', 'drive_del node', 'drive_del b', 'drive_del b', 'drive_del a', 'drive_del a', 'drive_del da',
                     'drive_add 0 if=none,id=q,file=null-co://,format=raw', 'drive_add 0 if=none,id=q,file=null-co://,format=raw',
                     'drive_add 0 id=r,if=ide,file=null-co://,format=raw', 'drive_add 0 if=none,file=/nosuch,id=z',
                     'drive_add dummy if=none,file=null-co://,id=z,format=raw', 'drive_add 0 foo=bar',
                     'drive_add -n 0 node-name=n2,driver=null-co', 'drive_add -n 0 driver=null-co',
                     'drive_add -n 0 node-name=n2,driver=null-co', 'drive_del n2', 'drive_del q'):
            do(line)

    same(program, '-drive', 'if=none,id=a,file=null-co://,format=raw', '-device', 'ide-hd,drive=a,id=da', '-drive',
         'if=none,id=b,file=null-co://,format=raw', '-drive', 'if=ide,index=2,file=null-co://,format=raw',
         '-blockdev', 'null-co,node-name=node', '-boot', 'once=d')


if __name__ == '__main__':
    main(globals())
