#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The device-state commands of the real program, case by case as QEMU 7.2 was seen to answer them, and what goes beyond.

Damaged files have a test of their own: tests/interop/damaged-test.py.
"""
import json
import os
import random
import signal
import socket
import stat
import tempfile
import time

from emulator import Emulator, main, run

CLOCK = ('-rtc', 'base=2022-01-01T00:00:00,clock=vm')
ROUNDS = int(os.environ.get('ROUNDS', '100'))    # of the tests that depend on chance


# Counts at 0x500 and fills 64 KiB from 0x20000 on with the count, for ever.
FILLER = bytes.fromhex('31c0 8ed8 b80020 8ec0 fc  ff060005 a10005 31ff b90080 f3ab ebf0')


def counter(qmp):
    return int(qmp.hmp('xp/1xh 0x500').split(': ')[1], 16)


def filler_runs(qmp):
    deadline = time.monotonic() + 60
    while FILLER[:4].hex() != int(qmp.hmp('xp/1xw 0x7c00').split(': ')[1], 16).to_bytes(4, 'little').hex():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    begin = counter(qmp)
    while counter(qmp) == begin:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def paused_pc(*arguments):
    return Emulator('-S', *CLOCK, *arguments, machine='pc')


def content(name):
    with open(name, 'rb') as f:
        return f.read()


def saved(vm, qmp, name='saved'):
    qmp('xen-save-devices-state', filename=vm.file(name))
    return content(vm.file(name))


def status(qmp):
    return qmp('query-status')['status']


def until(qmp, state):
    deadline = time.monotonic() + 20
    while (now := status(qmp)) != state:
        assert time.monotonic() < deadline, f'{now}, not {state}'
        time.sleep(0.001)


# ---- save ------------------------------------------------------------------------------------------------------------

def test_a_save_keeps_the_run_state_and_tells_of_its_pause():
    # The state before and after, how to get there, the events of a save.
    states = {
        'prelaunch': ([], [], []),
        'paused': ([], ['cont', 'stop'], []),
        'running': ([], ['cont'], ['STOP', 'RESUME']),
        'inmigrate': (['-incoming', 'defer'], [], []),
    }
    for state, (arguments, commands, events) in states.items():
        with paused_pc(*arguments) as vm:
            qmp = vm.qmp()
            for command in commands:
                qmp(command)
            for live in ({}, {'live': False}, {'live': True}):
                assert status(qmp) == state
                qmp.events.clear()
                qmp('xen-save-devices-state', filename=vm.file('f'), **live)
                assert [e['event'] for e in qmp.events] == events, (state, live, qmp.events)
                assert not any(e.get('data') for e in qmp.events)
                assert content(vm.file('f')).startswith(b'QEVM\0\0\0\3\4')
                qmp.events.clear()
                assert qmp.error('xen-save-devices-state', filename='/dev/full', **live)[1].startswith(
                    'An IO error has occurred')
                assert [e['event'] for e in qmp.events] == events, (state, live, qmp.events)
                assert status(qmp) == state


def test_a_save_that_cannot_be_says_why():
    with paused_pc() as vm:
        qmp = vm.qmp()
        full, folder = vm.file('full'), vm.file('folder')
        os.mkdir(folder)
        os.symlink('/dev/full', full)
        cases = {
            vm.file('none/f'): f'Unable to open {vm.file("none/f")}: No such file or directory',
            folder: f'Unable to open {folder}: Is a directory',
            folder + '/': f'Unable to open {folder}/: Is a directory',
            '': 'Unable to open : No such file or directory',
            '/dev/fdset/1': 'Unable to open /dev/fdset/1: No such file or directory',
            full: 'An IO error has occurred',
            'x' * 5000: f'Unable to open {"x" * 5000}: File name too long',
        }
        for name, words in cases.items():
            kind, text = qmp.error('xen-save-devices-state', filename=name)
            assert kind == 'GenericError' and text.startswith(words), (name, text)
        mistakes = {
            (): "Parameter 'filename' is missing",
            (('filename', 7),): "Invalid parameter type for 'filename', expected: string",
            (('filename', 'f'), ('live', 'yes')): "Invalid parameter type for 'live', expected: boolean",
            (('filename', 'f'), ('bogus', 1)): "Parameter 'bogus' is unexpected",
        }
        for arguments, words in mistakes.items():
            assert qmp.error('xen-save-devices-state', **dict(arguments)) == ('GenericError', words)
        assert os.listdir(folder) == []


def test_a_save_keeps_mode_owner_and_links():
    with paused_pc() as vm:
        qmp = vm.qmp()
        old, link = vm.file('old'), vm.file('link')
        with open(old, 'wb') as f:
            f.write(bytes(100000))
        os.chmod(old, 0o604)
        os.symlink('old', link)
        qmp('xen-save-devices-state', filename=link)
        assert os.path.islink(link) and stat.S_IMODE(os.stat(old).st_mode) == 0o604
        assert content(old) == saved(vm, qmp)
        name = f'relative-{os.getpid()}'
        qmp('xen-save-devices-state', filename=name)
        assert content(name) == content(old)
        os.unlink(name)
        qmp('xen-save-devices-state', filename='/dev/null')
        assert stat.S_ISCHR(os.stat('/dev/null').st_mode)
    for mask, mode in ((0, 0o660), (0o022, 0o640), (0o027, 0o640), (0o077, 0o600)):
        before = os.umask(mask)
        try:
            with paused_pc() as vm:
                saved(vm, vm.qmp())
                assert stat.S_IMODE(os.stat(vm.file('saved')).st_mode) == mode
        finally:
            os.umask(before)


def test_a_save_that_fails_leaves_the_old_file():
    # A limit on the size of files fails the write of the new one.
    import resource
    with paused_pc() as vm:
        qmp = vm.qmp()
        before = saved(vm, qmp)
        limits = resource.prlimit(vm.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(vm.process.pid, resource.RLIMIT_FSIZE, (5000, limits[1]))
        try:
            failed = qmp.error('xen-save-devices-state', filename=vm.file('saved'))[1]
        except EOFError:
            raise AssertionError('the emulator did not survive SIGXFSZ')
        assert failed.startswith('An IO error has occurred') and 'File too large' in failed, failed
        assert content(vm.file('saved')) == before
        assert [n for n in os.listdir(vm.folder) if n.startswith('.')] == []
        resource.prlimit(vm.process.pid, resource.RLIMIT_FSIZE, limits)
        assert saved(vm, qmp) == before


def test_a_save_goes_to_a_descriptor_or_a_pipe():
    with paused_pc() as vm:
        qmp = vm.qmp()
        name = vm.file('by-descriptor')
        with open(name, 'wb') as f:
            added = qmp('add-fd', fds=[f.fileno()])
        qmp('xen-save-devices-state', filename=f'/dev/fdset/{added["fdset-id"]}', live=True)
        qmp('remove-fd', fdset_id=added['fdset-id'])
        good = saved(vm, qmp)
        assert content(name) == good
        fifo = vm.file('fifo')
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        qmp('xen-save-devices-state', filename=fifo)
        assert os.read(reader, 1 << 20) == good
        os.close(reader)


def test_saves_of_a_machine_at_rest_are_alike():
    files = []
    for _ in range(2):
        with paused_pc() as vm:
            qmp = vm.qmp()
            files += [saved(vm, qmp), saved(vm, qmp)]
    assert len(set(files)) == 1


def test_a_kill_in_a_save_leaves_the_old_file_or_the_new_one():
    chance = random.Random(1)
    wholes = set()
    with paused_pc() as vm:
        wholes.add(saved(vm, vm.qmp()))
        with paused_pc('-m', '64') as other:
            wholes.add(saved(other, other.qmp()))
        assert len(wholes) == 2
        seen = set()
        for n in range(ROUNDS):
            with paused_pc(*(['-m', '64'] if n % 2 else [])) as victim:
                qmp = victim.qmp()
                save = json.dumps({'execute': 'xen-save-devices-state', 'arguments': {'filename': vm.file('saved')}})
                qmp.send(save * 40)
                time.sleep(chance.random() * 0.006)
                victim.process.send_signal(signal.SIGKILL)
                victim.process.wait()
            now = content(vm.file('saved'))
            assert now in wholes, f'{len(now)} bytes'
            seen.add(now)
        saved(vm, vm.qmp())    # a saver that has swept here before
        with paused_pc() as tidy:
            tidy.qmp()('xen-save-devices-state', filename=vm.file('saved'))
        assert [n for n in os.listdir(vm.folder) if n.startswith('.')] == []
    assert seen == wholes


def test_switches_leave_out_footers_and_the_run_state():
    sizes = {}
    for switch in (None, 'send-configuration', 'send-section-footer', 'store-global-state'):
        arguments = ['-global', f'migration.{switch}=off'] if switch else []
        with Emulator('-S', *arguments) as vm:
            sizes[switch] = len(saved(vm, vm.qmp()))
    assert sizes[None] - sizes['send-configuration'] == 0
    assert sizes[None] - sizes['send-section-footer'] == 10    # two sections
    assert sizes[None] - sizes['store-global-state'] == 134


# ---- load ------------------------------------------------------------------------------------------------------------

def test_a_load_works_in_every_state_but_running():
    with paused_pc() as vm:
        qmp = vm.qmp()
        good = saved(vm, qmp)
        for command in ('system_reset', 'stop'):
            qmp(command)
            for _ in range(3):
                qmp('xen-load-devices-state', filename=vm.file('saved'))
                assert saved(vm, qmp, 'again') == good
        qmp('cont')
        assert qmp.error('xen-load-devices-state', filename=vm.file('saved')) == \
            ('GenericError', 'Cannot update device state while vm is running')
        assert qmp.error('xen-load-devices-state', filename='/nonexistent')[1] == \
            'Cannot update device state while vm is running'
        qmp('stop')
        qmp('xen-load-devices-state', filename=vm.file('saved'))
        assert saved(vm, qmp, 'again') == good and status(qmp) == 'paused'
        with paused_pc('-incoming', 'defer') as other:
            waiting = other.qmp()
            waiting('xen-load-devices-state', filename=vm.file('saved'))
            assert status(waiting) == 'inmigrate' and saved(other, waiting) == good


def test_a_load_that_cannot_be_says_why():
    with paused_pc() as vm:
        qmp = vm.qmp()
        before = saved(vm, qmp)
        assert qmp.error('xen-load-devices-state', filename='/nonexistent/f')[1] == \
            'Unable to open /nonexistent/f: No such file or directory'
        assert qmp.error('xen-load-devices-state', filename=vm.folder)[1].startswith('An IO error has occurred')
        assert qmp.error('xen-load-devices-state')[1] == "Parameter 'filename' is missing"
        assert qmp.error('xen-load-devices-state', filename='f', live=True)[1] == "Parameter 'live' is unexpected"
        endless = qmp.error('xen-load-devices-state', filename='/dev/zero')[1]
        assert endless.startswith('An IO error has occurred: more than'), endless
        vm.check_memory(200 * 1024)  # not that of an endless file
        assert saved(vm, qmp) == before


def test_devices_on_one_side_only():
    with Emulator('-S', machine='none') as small, paused_pc() as vm:
        qmp = vm.qmp()
        before = saved(vm, qmp)
        saved(small, small.qmp())
        words = qmp.error('xen-load-devices-state', filename=small.file('saved'))[1]
        assert words.startswith("Missing section '") and 'allow-missing' in words, words
        assert saved(vm, qmp, 'again') == before
        qmp('xen-load-devices-state', filename=small.file('saved'), allow_missing=True)
        assert small.qmp().error('xen-load-devices-state', filename=vm.file('saved'))[1].startswith(
            "Unknown savevm section or instance '")


def test_any_number_of_saves_and_loads_of_a_busy_guest_takes_no_memory():
    with tempfile.NamedTemporaryFile() as image:
        image.write(FILLER.ljust(510, b'\0') + b'\x55\xaa' + bytes(1 << 20))
        image.flush()
        with Emulator('-m', '16', '-device', 'VGA', '-device', 'e1000', '-drive', f'file={image.name},format=raw',
                      machine='pc') as vm:
            qmp = vm.qmp()
            # Memory that the guest touches for the first time counts, too.
            filler_runs(qmp)
            settled = 0
            for n in range(ROUNDS + 20):
                if n == 20:
                    settled = vm.memory_kib()
                qmp('xen-save-devices-state', filename=vm.file('f'))
                qmp('stop')
                qmp('xen-load-devices-state', filename=vm.file('f'))
                qmp('cont')
                qmp.events.clear()
            assert status(qmp) == 'running'
            vm.check_memory(settled + 1024)


# ---- incoming --------------------------------------------------------------------------------------------------------

def test_an_incoming_file_from_everywhere():
    with paused_pc() as source:
        good = saved(source, source.qmp())
        name = source.file('saved')
        sock = source.file('incoming')
        descriptor = os.open(name, os.O_RDONLY)
        os.set_inheritable(descriptor, True)

        def by_unix(_):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(sock)
                s.sendall(good)

        ways = {f'exec:cat {name}': None, f'file:{name}': None, f'unix:{sock}': by_unix}
        for uri, push in ways.items():
            for deferred in (False, True):
                with paused_pc('-incoming', 'defer' if deferred else uri) as vm:
                    qmp = vm.qmp()
                    if deferred:
                        assert qmp('query-migrate') == {} and status(qmp) == 'inmigrate'
                        qmp('migrate-incoming', uri=uri)
                        assert qmp.event('MIGRATION')['data'] == {'status': 'setup'}
                    if push:
                        push(qmp)
                    until(qmp, 'paused')
                    assert qmp('query-migrate') == {'status': 'completed'}
                    assert saved(vm, qmp) == good
                    qmp('cont')
                    assert status(qmp) == 'running'
                    if deferred:
                        assert 'already been started' in qmp.error('migrate-incoming', uri=uri)[1]
        with paused_pc('-incoming', 'defer') as vm:
            qmp = vm.qmp()
            with open(name, 'rb') as f:
                qmp('getfd', fds=[f.fileno()], fdname='state')
                added = qmp('add-fd', fds=[f.fileno()])
            assert qmp.error('migrate-incoming', uri='fd:other')[1] == \
                "File descriptor named 'other' has not been found"
            qmp('migrate-incoming', uri='fd:state')
            until(qmp, 'paused')
            assert saved(vm, qmp) == good and added
        os.close(descriptor)


def test_incoming_without_S_runs():
    with paused_pc() as source:
        saved(source, source.qmp())
        with Emulator(*CLOCK, '-incoming', f'file:{source.file("saved")}', machine='pc') as vm:
            qmp = vm.qmp()
            until(qmp, 'running')


def test_waiting_for_a_stream():
    with paused_pc('-incoming', 'defer') as vm:
        qmp = vm.qmp()
        for command in ('cont', 'stop', 'system_reset'):
            assert qmp(command) == {} and status(qmp) == 'inmigrate'
        qmp.event('RESET')
        assert not [e for e in qmp.events if e['event'] in ('STOP', 'RESUME')]
        assert qmp.error('migrate-incoming', uri='bogus:1') == ('GenericError', 'unknown migration protocol: bogus:1')
        assert qmp.event('MIGRATION')['data'] == {'status': 'setup'}
        qmp('migrate-incoming', uri=f'unix:{vm.file("s")}')
        assert qmp.error('migrate-incoming', uri=f'unix:{vm.file("s")}')[1] == \
            'The incoming migration has already been started'
        assert qmp('query-migrate') == {'status': 'setup'}
    with paused_pc() as vm:
        assert vm.qmp().error('migrate-incoming', uri='unix:x')[1] == \
            "'-incoming' was not specified on the command line"


def test_an_image_has_one_user_at_a_time():
    with paused_pc() as bare:
        disk = bare.file('disk')
        with open(disk, 'wb') as f:
            f.truncate(1 << 20)
        drive = ('-drive', f'file={disk},format=raw')
        locked = 'Failed to get "write" lock'
        with paused_pc(*drive) as source:
            qmp = source.qmp()
            saved(source, qmp)    # `live` is true, so the image is free
            with paused_pc(*drive) as user:
                user.qmp()
                assert qmp.error('cont') == ('GenericError', locked)
                assert status(qmp) == 'prelaunch' and not [e for e in qmp.events if e['event'] == 'RESUME']
            qmp('cont')
            qmp('stop')
            name = source.file('kept')
            qmp('xen-save-devices-state', filename=name, live=False)
            code, _, err = run('-M', 'pc', '-S', '-display', 'none', '-nodefaults', *drive)
            assert code == 1 and locked in err, err
            # One that waits for a stream does not want the image before it runs.
            with paused_pc('-incoming', f'file:{name}', *drive) as target:
                other = target.qmp()
                until(other, 'paused')
                assert other.error('cont') == ('GenericError', locked) and status(other) == 'paused'
                qmp('xen-save-devices-state', filename=name, live=True)
                other('cont')
                assert status(other) == 'running' and qmp.error('cont') == ('GenericError', locked)
            qmp('cont')
            # Nor does one fail that was to run at once.
            with Emulator(*CLOCK, '-incoming', f'file:{name}', *drive, machine='pc') as target:
                until(target.qmp(), 'paused')
                qmp('quit')
                source.process.wait(20)
                target.qmp()('cont')
                target.process.kill()
                assert locked in target.wait()[2]


def test_migration_events_where_wanted():
    with paused_pc() as source:
        saved(source, source.qmp())
        for wanted in (False, True):
            with paused_pc('-incoming', 'defer') as vm:
                qmp = vm.qmp()
                assert qmp('query-migrate-capabilities') == [{'capability': 'events', 'state': False}]
                qmp('migrate-set-capabilities', capabilities=[{'capability': 'events', 'state': wanted}])
                qmp('migrate-incoming', uri=f'file:{source.file("saved")}')
                until(qmp, 'paused')
                seen = [e['data']['status'] for e in qmp.events if e['event'] == 'MIGRATION']
                assert seen == ['setup', 'active', 'completed'][:3 if wanted else 1], seen


def test_a_bad_incoming_stream_ends_the_process():
    cases = {
        '': 'unknown migration protocol: ',
        'bogus:1': 'unknown migration protocol: bogus:1',
        'defer:x': 'unknown migration protocol: defer:x',
        'tcp:': "error parsing address ''",
        'tcp:127.0.0.1': "error parsing address '127.0.0.1'",
        'tcp:127.0.0.1:x': 'address resolution failed for 127.0.0.1:x: Servname not supported for ai_socktype',
        'unix:': 'invalid Unix socket address',
        'unix:/nonexistent/x': 'Failed to bind socket to /nonexistent/x: No such file or directory',
        'fd:x': "Invalid file descriptor number 'x'",
        'fd:99': "File descriptor '99': Bad file descriptor",
        'file:/nonexistent': 'Unable to open /nonexistent: No such file or directory',
    }
    for uri, words in cases.items():
        code, out, err = run('-M', 'none', '-S', '-display', 'none', '-nodefaults', '-incoming', uri)
        assert code == 1 and not out and err.startswith(f'qemu-system-x86_64: -incoming {uri}: {words}'), (uri, err)
    streams = {
        'exec:exit 3': 'the exec: command failed with exit status 3',
        'exec:kill -9 $$': 'the exec: command was ended by signal 9',
        'exec:true': 'Not a migration stream',
        'exec:printf QEVM': 'Unsupported migration stream version',
        'exec:echo text': 'Not a migration stream',
    }
    for uri, words in streams.items():
        code, out, err = run('-M', 'none', '-S', '-display', 'none', '-nodefaults', '-incoming', uri)
        assert code == 1 and not out and err.startswith(f'qemu-system-x86_64: {words}'), (uri, err)
        assert 'load of migration failed: Invalid argument' in err


def test_an_incoming_command_holds_nothing_up():
    with paused_pc('-incoming', 'exec:exec sleep 1000') as vm:
        qmp = vm.qmp()
        assert status(qmp) == 'inmigrate'
        began = time.monotonic()
        qmp('quit')
        assert vm.process.wait(20) == 0 and time.monotonic() - began < 10


# ---- looking and going back ------------------------------------------------------------------------------------------

def test_the_sections_of_the_running_machine():
    with paused_pc() as vm:
        qmp = vm.qmp()
        file = saved(vm, qmp)
        sections = qmp('query-device-state')
        assert len(file) == 9 + sum(s['size'] + len(s['idstr']) + 19 for s in sections)
        assert all('description' not in s for s in sections)
        pics = qmp('query-device-state', idstr='i8259', decode=True)
        assert [s['instance-id'] for s in pics] == [0, 1]
        assert {f['name'] for f in pics[0]['description']['fields']} >= {'irr', 'imr', 'isr', 'irq_base'}
        assert qmp('query-device-state', idstr='none') == []
        lines = qmp.hmp('info device-state').split('\r\n')
        assert len(lines) == len(sections) + 3 and lines[-2].startswith(f'{len(sections)} sections, '), lines
        qmp('cont')
        assert qmp('query-device-state') and status(qmp) == 'running'


def test_named_snapshots():
    with paused_pc('-accel', 'qtest') as vm:
        qmp = vm.qmp()
        before = saved(vm, qmp)
        qmp('x-device-state-snapshot', name='first')
        assert qmp.error('x-device-state-revert', name='second')[1] == "There is no device-state snapshot 'second'"
        assert qmp.hmp('o/b 0x71 0x12') == ''
        assert saved(vm, qmp) != before
        qmp('x-device-state-revert', name='first')
        assert saved(vm, qmp) == before
        qmp('x-device-state-snapshot', name='first', delete=True)
        assert 'There is no' in qmp.error('x-device-state-revert', name='first')[1]
        qmp('cont')
        qmp('x-device-state-snapshot', name='running')
        assert 'while vm is running' in qmp.error('x-device-state-revert', name='running')[1]


def test_a_snapshot_takes_back_what_the_guest_wrote():
    with tempfile.NamedTemporaryFile() as image:
        image.write(FILLER.ljust(510, b'\0') + b'\x55\xaa' + bytes(1 << 20))
        image.flush()
        with Emulator('-m', '16', *CLOCK, '-drive', f'file={image.name},format=raw', machine='pc') as vm:
            qmp = vm.qmp()

            def memory():
                qmp('pmemsave', val=0, size=1 << 20, filename=vm.file('memory'))
                return content(vm.file('memory'))

            def goes_on(since):
                deadline = time.monotonic() + 60
                while counter(qmp) == since:
                    assert time.monotonic() < deadline
                    time.sleep(0.001)
            filler_runs(qmp)
            qmp('x-device-state-snapshot', name='s', ram=True)
            qmp('stop')
            for _ in range(3):
                qmp('x-device-state-revert', name='s')
                before, state, counted = memory(), saved(vm, qmp), counter(qmp)
                qmp('cont')
                goes_on(counted)
                qmp('stop')
                assert memory() != before and saved(vm, qmp) != state
                qmp('x-device-state-revert', name='s')
                assert memory() == before and saved(vm, qmp) == state and counter(qmp) == counted


def test_the_dirty_log_goes_on_and_off():
    with paused_pc() as vm:
        qmp = vm.qmp()
        for enable in (True, True, False, False):
            assert qmp('xen-set-global-dirty-log', enable=enable) == {}
        assert qmp.error('xen-set-global-dirty-log')[1] == "Parameter 'enable' is missing"


def test_the_same_by_hmp():
    with paused_pc() as vm:
        qmp = vm.qmp()
        assert qmp.hmp(f'xen-save-devices-state {vm.file("f")}') == ''
        assert qmp.hmp(f'xen-load-devices-state {vm.file("f")}') == ''
        assert qmp.hmp('xen-load-devices-state /nonexistent/f') == \
            'Error: Unable to open /nonexistent/f: No such file or directory\r\n'


main(globals())
