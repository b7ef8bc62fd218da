#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks of the real program: options, locks, media, and errors that stop the machine."""
import os

from emulator import Emulator, main, run
from ports import Ports

def image(vm, name, size=1 << 20, content=b''):
    path = vm.file(name)
    with open(path, 'wb') as f:
        f.write(content)
        f.truncate(size)
    return path


def test_refuses_what_it_does_not_have():
    for options, reason in (
            ('file=nofile,format=raw', "Could not open 'nofile': No such file or directory"),
            ('if=none,format=qcow2,file=x', "Unknown driver 'qcow2'"),
            ('if=foo', "unsupported bus type 'foo'"),
            ('if=virtio', 'machine type does not support if=virtio'),
            ('media=tape', "'tape' invalid media"),
            ('if=none,file=x,cache=maybe', 'invalid cache option'),
            ('if=none,file=x,aio=native', 'aio=native is not supported'),
            ('if=none,rerror=enospc', "'enospc' invalid read error action"),
            ('if=none,copy-on-read=on', 'copy-on-read=on is not supported'),
            ('if=none,throttling.bps-total=1', "'throttling.bps-total' is not supported"),
            ('index=0,unit=1', 'index cannot be used with bus and unit'),
            ('bus=0,unit=2', 'unit 2 too big (max is 1)'),
            ('bus=2', 'machine type does not support if=ide,bus=2,unit=0'),
            ('if=none,id=1x', "Parameter 'id' expects an identifier"),
            ('if=none,format=raw,file=null-co://,serial=1', "'serial' is unexpected")):
        status, _, errors = run('-M', 'pc', '-display', 'none', '-S', '-drive', options)
        assert status == 1 and reason in errors, (options, status, errors)


def test_lets_two_machines_share_an_image_only_one_after_the_other():
    with Emulator('-S') as files:
        disk = image(files, 'q.img')
        drive = ('-drive', f'if=none,id=x,format=raw,file={disk}', '-device', 'ide-hd,drive=x')
        with Emulator('-S', *drive, machine='pc') as vm:
            qmp = vm.qmp()
            state = vm.file('state')

            def second():
                with Emulator('-S', *drive, machine='pc') as other:
                    try:
                        other.qmp()
                        return 'starts'
                    except (EOFError, OSError):
                        status, _, errors = other.wait()
                        assert status == 1
                        return errors
            busy = ('qemu-system-x86_64: -device ide-hd,drive=x: Failed to get "write" lock\n'
                    f'Is another process using the image [{disk}]?\n')
            assert second() == busy
            qmp('xen-save-devices-state', filename=state, live=False)
            assert second() == busy
            qmp('xen-save-devices-state', filename=state, live=True)
            assert second() == 'starts'
            qmp('cont')
            assert second() == busy
            qmp('stop')
            qmp('xen-save-devices-state', filename=state, live=True)
            with Emulator('-S', *drive, machine='pc') as other:
                other.qmp()
                assert 'Failed to get "write" lock' in qmp.error('cont')[1]
                assert qmp('query-status')['status'] == 'paused'
            qmp('cont')


def test_lists_drives_as_qemu_does():
    with Emulator('-S', '-drive', 'if=none,id=fl,file=null-co://,format=raw,read-only=on',
                  '-device', 'floppy,drive=fl,id=fd', '-device', 'ide-cd,id=cd', machine='pc') as vm:
        qmp = vm.qmp()
        assert qmp.hmp('info block').replace('\r', '') == '''fl (#block137): null-co:// (raw, read-only)
    Attached to:      fd
    Removable device: not locked, tray closed
    Cache mode:       writeback

cd: [not inserted]
    Attached to:      cd
    Removable device: not locked, tray closed
''', qmp.hmp('info block')
        assert 'rd_bytes=0' in qmp.hmp('info blockstats')
        assert [b['device'] for b in qmp('query-block')] == ['fl', '']


def test_changes_media():
    with Emulator('-S', '-drive', 'if=none,id=cd0,media=cdrom', '-device', 'ide-cd,drive=cd0,id=cd',
                  machine='pc') as vm:
        qmp = vm.qmp()
        disc = image(vm, 'a.iso')
        assert qmp.hmp(f'change cd0 {disc} raw') == ''
        (info,) = qmp('query-block')
        assert info['inserted']['ro'] and info['inserted']['image']['virtual-size'] == 1 << 20
        assert [e['data']['tray-open'] for e in qmp.events] == [True, False]
        assert qmp.hmp('eject cd0') == ''
        (info,) = qmp('query-block')
        assert 'inserted' not in info and info['tray_open']


def start(disk_node, *more):
    return Emulator('-accel', 'qtest', '-blockdev', disk_node, '-device', 'ide-hd,drive=d,bus=ide.0,werror=stop',
                    *more, machine='pc', qtest=True)


def write_that_fails(vm, qmp, data):
    ports = Ports(vm)
    qmp('cont')
    ports.command(0x30, 5)
    ports.write_words(data)
    event = qmp.event('BLOCK_IO_ERROR')['data']
    assert (event['operation'], event['action'], event['nospace']) == ('write', 'stop', True), event
    qmp.event('STOP')
    assert qmp('query-status')['status'] == 'io-error'
    assert qmp('query-block')[0]['io-status'] == 'nospace'
    return ports


def failing(path):
    return ('{"driver": "blkdebug", "node-name": "d", "image": {"driver": "file", "filename": "%s"}, '
            '"inject-error": [{"event": "none", "iotype": "write", "errno": 28, "once": true}]}' % path)


DATA = bytes(range(256)) * 2


def test_stops_for_an_error_and_does_it_again():
    with Emulator('-S') as files:
        disk = image(files, 'd.img')
        with start(failing(disk), '-S') as vm:
            qmp = vm.qmp()
            ports = write_that_fails(vm, qmp, DATA)
            with open(disk, 'rb') as f:
                assert f.read(4096)[2560:3072] == bytes(512)
            qmp('cont')
            assert ports.settle() == 0x50
            assert qmp('query-block')[0]['io-status'] == 'ok'
            ports.command(0x20, 5)
            ports.settle()
            assert ports.read_words(256) == DATA
        with open(disk, 'rb') as f:
            assert f.read(4096)[2560:3072] == DATA


def test_moves_an_unfinished_write_to_another_process():
    with Emulator('-S') as files:
        disk, state = image(files, 'd.img'), files.file('state')
        with start(failing(disk), '-S') as vm:
            qmp = vm.qmp()
            write_that_fails(vm, qmp, DATA)
            qmp('xen-save-devices-state', filename=state, live=True)
        plain = f'driver=file,node-name=d,filename={disk}'
        with start(plain, '-incoming', f'exec:cat {state}') as vm:
            qmp = vm.qmp()
            ports = Ports(vm)
            qmp('cont')
            qmp.event('RESUME')
            assert ports.settle() == 0x50
        with open(disk, 'rb') as f:
            assert f.read(4096)[2560:3072] == DATA


def test_leaves_the_image_alone_with_snapshot():
    with Emulator('-S') as files:
        disk = image(files, 'd.img')
        with Emulator('-accel', 'qtest', '-snapshot', '-drive', f'file={disk},format=raw', machine='pc',
                      qtest=True) as vm:
            qmp = vm.qmp()
            ports = Ports(vm)
            qmp('cont')
            ports.command(0x30, 0)
            ports.write_words(DATA)
            assert ports.settle() == 0x50
            ports.command(0x20, 0)
            ports.settle()
            assert ports.read_words(256) == DATA
            assert qmp('query-block')[0]['inserted']['backing_file'] == disk
        with open(disk, 'rb') as f:
            assert f.read() == bytes(1 << 20)


def test_warns_of_a_guessed_format_and_guards_its_start():
    with Emulator('-S') as files:
        disk = image(files, 'd.img')
        with Emulator('-accel', 'qtest', '-hda', disk, machine='pc', qtest=True) as vm:
            qmp = vm.qmp()
            ports = Ports(vm)
            qmp('cont')
            ports.command(0x30, 0)
            ports.write_words(b'QFI\xfb\0\0\0\3' + bytes(504))
            assert ports.settle() & 1
            qmp('quit')
            _, _, errors = vm.wait()
        assert errors.startswith(f"WARNING: Image format was not specified for '{disk}' and probing guessed raw.\n")
        assert os.path.getsize(disk) == 1 << 20


main(globals())
