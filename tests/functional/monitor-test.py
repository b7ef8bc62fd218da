#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The monitors of the real program: good and bad clients, descriptors, character devices, terminals."""
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import time

from emulator import BINARY, PATIENCE, Emulator, Qmp, main, run

HERE = os.path.dirname(os.path.abspath(__file__))
SAY = b'{"execute": "query-status"}'


def test_greets_and_negotiates():
    with Emulator('-S') as vm:
        c = vm.qmp(negotiate=False)
        version = c.greeting['QMP']['version']
        assert (version['qemu']['major'], version['qemu']['minor']) == (7, 2)
        assert c.greeting['QMP']['capabilities'] == ['oob']
        assert c.raw(SAY)['error']['class'] == 'CommandNotFound'
        assert c('qmp_capabilities') == {}
        assert c('query-version') == version
        assert c('query-status')['status'] == 'prelaunch'
        assert c.request('query-status', id={'a': [None]})['id'] == {'a': [None]}


def test_answers_garbage_with_errors_and_goes_on():
    with Emulator('-S') as vm:
        c = vm.qmp()
        for junk in (b'nonsense\n', b'}\n', b'[' * 1025 + b'\n', b'\xff', b'\x00', b'{"execute": 3}', b'[]'):
            assert 'error' in c.raw(junk), junk
        # Half an object is no error yet; the client after it starts afresh.
        c.send(b'{"execute": "query-st')
        c.close()
        c = vm.qmp()
        assert c('query-status')['running'] is False


def test_takes_back_to_back_pretty_and_split_input():
    with Emulator('-S') as vm:
        c = vm.qmp()
        c.send(SAY * 3)
        assert [c.reply()['return']['status'] for _ in range(3)] == ['prelaunch'] * 3
        assert c.raw(b'{\n  "execute":\t"query-status"\n}\n')['return']
        for byte in SAY:
            c.send(bytes([byte]))
        assert c.reply()['return']


def test_bounds_an_endless_token():
    with Emulator('-S') as vm:
        c = vm.qmp()
        c.send(b'"')
        for _ in range(66):
            c.send(b'a' * (1 << 20))
        c.send(b'"')
        assert 'error' in c.reply()
        vm.check_memory(400 * 1024)


def test_serves_ten_thousand_clients():
    with Emulator('-S') as vm:
        vm.qmp().close()
        before = len(os.listdir(f'/proc/{vm.process.pid}/fd'))
        for _ in range(10000):
            s = socket.socket(socket.AF_UNIX)
            s.connect(vm.path)
            s.close()
        c = vm.qmp()
        assert c('query-status')
        c.close()
        deadline = time.monotonic() + PATIENCE
        while len(os.listdir(f'/proc/{vm.process.pid}/fd')) > before:
            assert time.monotonic() < deadline


def test_is_not_held_up_by_a_client_that_never_reads():
    with Emulator('-S', '-chardev', 'socket,id=b,path={folder}/b,server=on,wait=off',
                  '-mon', 'chardev=b,mode=control') as vm:
        deaf = vm.qmp()
        deaf.socket.setblocking(False)
        sent = 0
        try:
            while sent < 10000:
                deaf.socket.send(b'{"execute": "query-qmp-schema"}' * 8)
                sent += 8
        except BlockingIOError:
            pass
        other = Qmp(vm.file('b'))
        memory = vm.memory_kib()
        for _ in range(200):
            other('system_reset')
        assert other('query-status')
        vm.check_memory(memory + 16 * 1024)
        # And then it reads after all.
        deaf.socket.setblocking(True)
        deaf.socket.settimeout(20)
        assert 'return' in deaf.reply()


def test_several_monitors_have_each_their_own_state():
    with Emulator('-S', '-qmp', 'unix:{folder}/c,server=on,wait=off') as vm:
        a, b = vm.qmp(), Qmp(vm.file('c'), negotiate=False)
        assert b.raw(SAY)['error']['class'] == 'CommandNotFound'
        a('system_reset')
        a.event('RESET')
        b('qmp_capabilities')
        assert not b.events


def test_runs_commands_out_of_band_only_where_agreed():
    with Emulator('-S') as vm:
        c = vm.qmp()
        assert "'exec-oob' is unexpected" in c.raw(b'{"exec-oob": "query-status"}')['error']['desc']
        c.close()
        c = vm.qmp(oob=True)
        assert c.raw(b'{"exec-oob": "query-status"}')['error']['desc'] == \
            'The command query-status does not support OOB'
        c.send(SAY * 100)
        assert all(c.reply()['return'] for _ in range(100))


def test_takes_descriptors():
    with Emulator('-S') as vm:
        c = vm.qmp()
        assert c.error('getfd', fdname='a')[1] == 'No file descriptor supplied via SCM_RIGHTS'
        name = vm.file('out')
        with open(name, 'w') as f:
            added = c('add-fd', fds=[f.fileno()], opaque='raw:/x')
            c('getfd', fds=[f.fileno()], fdname='kept')
        assert c('query-fdsets') == [{'fdset-id': added['fdset-id'],
                                      'fds': [{'fd': added['fd'], 'opaque': 'raw:/x'}]}]
        c('chardev-add', id='f', backend={'type': 'file', 'data': {'out': f'/dev/fdset/{added["fdset-id"]}'}})
        c('chardev-remove', id='f')
        c('closefd', fdname='kept')
        assert c.error('closefd', fdname='kept')[1] == "File descriptor named 'kept' not found"
        c('remove-fd', fdset_id=added['fdset-id'])
        assert c('query-fdsets') == []


def test_manages_character_devices():
    with Emulator('-S') as vm:
        c = vm.qmp()
        pty_name = c('chardev-add', id='p', backend={'type': 'pty', 'data': {}})['pty']
        assert pty_name.startswith('/dev/pts/')
        c('chardev-add', id='r', backend={'type': 'ringbuf', 'data': {'size': 16}})
        c('ringbuf-write', device='r', data='hello')
        assert c('ringbuf-read', device='r', size=100) == 'hello'
        assert c.error('chardev-add', id='r', backend={'type': 'null', 'data': {}})[1] == \
            "Chardev with id 'r' already exists"
        assert c.error('chardev-add', id='x', backend={'type': 'file', 'data': {'out': '/nonexistent/x'}})[1] == \
            "Failed to add chardev 'x': Could not open '/nonexistent/x': No such file or directory"
        names = {i['label']: i['filename'] for i in c('query-chardev')}
        assert names == {'compat_monitor0': f'unix:{vm.path},server=on', 'p': f'pty:{pty_name}', 'r': 'ringbuf'}
        c('chardev-change', id='r', backend={'type': 'null', 'data': {}})
        c('chardev-remove', id='r')
        assert c.error('chardev-remove', id='compat_monitor0')[1] == "Chardev 'compat_monitor0' is busy"


def test_hmp_looks_at_the_machine():
    with Emulator('-S') as vm:
        c = vm.qmp()
        assert c.hmp('info status') == 'VM status: paused (prelaunch)\r\n'
        assert c.hmp('info kvm') == 'kvm support: disabled\r\n' or 'not compiled' in c.hmp('info kvm')
        assert c.hmp('info uuid') == '00000000-0000-0000-0000-000000000000\r\n'
        assert 'address-space: memory\r\n  0000000000000000-ffffffffffffffff (prio 0, i/o): system\r\n' in c.hmp('info mtree')
        assert c.hmp('info qom-tree').startswith('/machine (none-machine)\r\n')
        assert c.hmp('xp/4xw 0') == '0000000000000000: Cannot access memory\r\n'
        assert c.hmp('i/b 0x71').startswith('portb[0x0071] = 0x')
        assert c.hmp('object_add memory-backend-ram,id=m0,size=1M') == ''
        assert c.hmp('object_del m0') == ''
        assert c.hmp('object_del m0') == "Error: object 'm0' not found\r\n"
        assert c.hmp('foo') == "unknown command: 'foo'\r\n"
        assert c.hmp('quit now') == \
            'quit|q: extraneous characters at the end of line\r\nTry "help quit" for more information\r\n'
        for line in c.hmp('help').split('\r\n')[:-1]:
            assert ' -- ' in line, line


def test_hmp_shows_processors():
    with Emulator('-S', '-smp', '2', machine='pc') as vm:
        c = vm.qmp()
        cpus = c('query-cpus-fast')
        assert [cpu['cpu-index'] for cpu in cpus] == [0, 1], cpus
        assert cpus[0]['qom-path'] == '/machine/unattached/device[0]'
        assert cpus[0]['props'] == {'socket-id': 0, 'core-id': 0, 'thread-id': 0}
        assert os.path.isdir(f'/proc/{vm.process.pid}/task/{cpus[1]["thread-id"]}')
        # Captured from QEMU 7.2.22, `-M pc -S`.
        with open(os.path.join(HERE, '../data/monitor/info-registers-pc-reset-7.2.22.txt')) as f:
            expected = f.read()
        assert c.hmp('info registers').replace('\r\n', '\n') == '\n' + expected
        assert c.hmp('info registers -a').count('CPU#') == 2
        assert c.hmp('p $pc') == '0xfffffff0\r\n'
        assert c.hmp('p $nosuch').startswith('unknown register\r\n')
        assert c.hmp('info registers 7') == 'CPU#7 not available\r\n'
        assert c.hmp('info cpus').startswith('* CPU #0: thread_id=')
        assert c.hmp('info qtree').startswith('bus: ')
        assert c.hmp('info mtree -f').startswith('FlatView #0\r\n')


def test_hmp_follows_addresses():
    with Emulator('-S', '-m', '16', '-mem-prealloc', machine='pc') as vm:
        c = vm.qmp()
        where = re.fullmatch(r'Host virtual address for 0x1234 \(pc\.ram\) is 0x([0-9a-f]+)\r\n', c.hmp('gpa2hva 0x1234'))
        c.hmp('stop')
        with open(f'/proc/{vm.process.pid}/mem', 'rb') as memory:
            memory.seek(int(where[1], 16))
            words = struct.unpack('<4I', memory.read(16))
        assert c.hmp('xp/4xw 0x1234').split(':')[1].split() == [f'0x{word:08x}' for word in words]
        if os.geteuid() == 0:
            assert re.fullmatch(r'Host physical address for 0x1234 \(pc\.ram\) is 0x[0-9a-f]+234\r\n',
                                c.hmp('gpa2hpa 0x1234'))
        assert c.hmp('gpa2hva 0xfec00000') == 'Error: Memory at address 0xfec00000 is not RAM\r\n'
        assert c.hmp('gpa2hva 0xf00000000') == 'Error: No memory is mapped at address 0xf00000000\r\n'
        assert c.hmp('gva2gpa 0x7c00') == 'gpa: 0x7c00\r\n'


def test_hmp_steps():
    with Emulator('-S', machine='pc') as vm:
        c = vm.qmp()
        c.hmp('singlestep')
        assert c('query-status')['singlestep'] and '(single step mode)' in c.hmp('info status')
        c.hmp('singlestep off')
        assert not c('query-status')['singlestep']


def test_hmp_edits_lines_on_a_terminal():
    master, slave = pty.openpty()
    vm = subprocess.Popen([BINARY, '-M', 'none', '-display', 'none', '-nodefaults', '-S', '-monitor', 'stdio'],
                          stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)

    def until(end):
        got = b''
        while not got.endswith(end):
            assert select.select([master], [], [], 20)[0], got
            got += os.read(master, 4096)
        return got

    try:
        assert b"type 'help'" in until(b'(qemu) ')
        os.write(master, b'inf\tst\t\r')
        assert b'VM status: paused (prelaunch)' in until(b'(qemu) ')
        os.write(master, b'\x1b[A\r')
        assert b'VM status: paused (prelaunch)' in until(b'(qemu) ')
        os.write(master, b'quit\r')
        assert vm.wait(20) == 0
    finally:
        vm.kill()
        vm.wait()
        os.close(master)


def test_serial_and_monitor_share_the_terminal():
    vm = subprocess.Popen([BINARY, '-M', 'none', '-display', 'none', '-nodefaults', '-S', '-serial', 'mon:stdio'],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        vm.stdin.write(b'\x01cinfo status\n\x01x')
        vm.stdin.flush()
        out, _ = vm.communicate(timeout=20)
        assert b'VM status: paused' in out and b'QEMU: Terminated' in out, out
        assert vm.returncode == 0
    finally:
        vm.kill()
        vm.wait()


def test_qmp_on_stdio_answers_and_ends():
    status, out, err = run('-M', 'none', '-display', 'none', '-nodefaults', '-S', '-qmp', 'stdio',
                           stdin=b'{"execute":"qmp_capabilities"}{"execute":"quit"}')
    assert status == 0, err
    lines = out.split('\r\n')
    assert lines[1] == '{"return": {}}' and lines[3:] == ['{"return": {}}', ''], lines
    assert '"SHUTDOWN"' in lines[2], lines


def test_signals_end_it_with_an_event():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Emulator('-S') as vm:
            c = vm.qmp()
            vm.process.send_signal(number)
            assert c.event('SHUTDOWN')['data'] == {'guest': False, 'reason': 'host-signal'}
            assert vm.wait()[0] == 0


def test_survives_closed_standard_output():
    with Emulator('-S') as vm:
        vm.process.stdout.close()
        vm.process.stderr.close()
        c = vm.qmp()
        c('chardev-add', id='p', backend={'type': 'pty', 'data': {}})  # says so on stderr
        assert c('query-status')
        c('quit')
        assert vm.process.wait(20) == 0


def test_refuses_bad_character_devices_and_monitors():
    taken = socket.socket()
    taken.bind(('127.0.0.1', 0))
    taken.listen()
    port = taken.getsockname()[1]
    cases = {
        ('-chardev', 'foo,id=a'): "'foo' is not a valid char driver name",
        ('-chardev', 'udp,id=a'): "chardev backend 'udp' is not supported",
        ('-chardev', 'socket,id=a,path=/nonexistent/x,server=on,wait=off'):
            'Failed to bind socket to /nonexistent/x: No such file or directory',
        ('-chardev', 'socket,id=a,path=/nonexistent/x'):
            "Failed to connect to '/nonexistent/x': No such file or directory",
        ('-chardev', f'socket,id=a,host=127.0.0.1,port={port},server=on,wait=off'):
            'Failed to find an available port: Address already in use',
        ('-chardev', 'socket,id=a,fd=99,server=on,wait=off'): "File descriptor '99' is not a socket",
        ('-chardev', 'file,id=a,path=/'): "Could not open '/': Is a directory",
        ('-chardev', 'null,id=a', '-chardev', 'null,id=a'): "Duplicate ID 'a' for chardev",
        ('-serial', 'foo'): "'foo' is not a valid char driver",
        ('-mon', 'chardev=zzz,mode=control'): 'chardev "zzz" not found',
        ('-chardev', 'null,id=a', '-mon', 'a', '-mon', 'a'): "Device 'a' is in use",
        ('-chardev', 'null,id=a', '-mon', 'chardev=a,mode=zork'): "Parameter 'mode' does not accept value 'zork'",
        ('-qmp', 'unix:/nonexistent/x,server=on,wait=off'):
            'Failed to bind socket to /nonexistent/x: No such file or directory',
    }
    for arguments, message in cases.items():
        status, out, err = run('-M', 'none', '-display', 'none', '-nodefaults', *arguments)
        assert status == 1 and message in err and not out, (arguments, status, out, err)
        assert err.startswith('qemu-system-x86_64: '), err


def test_lists_its_character_device_back_ends():
    status, out, _ = run('-chardev', 'help')
    assert status == 0 and out.startswith('Available chardev backend types'), out
    assert '  socket\n' in out


main(globals())
