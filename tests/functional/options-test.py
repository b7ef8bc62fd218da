#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line, from outside: what is answered, what is refused and in which words, and what an
option does to the process that takes it."""
import json
import os
import re
import subprocess
import tempfile
import time

from emulator import BINARY, PATIENCE, Emulator, main, run, sanitized

PROGRAM = 'qemu-system-x86_64: '

# Refused with status 1 and this first line (QEMU 7.2's, but for what is not in it at all).
REFUSED = [
    ('-M none -bogus', '-bogus: invalid option'),
    ('-M', '-M: requires an argument'),
    ('-M nosuch', 'unsupported machine type'),
    ('-M none -accel nosuch', 'invalid accelerator nosuch'),
    ('-M none -accel tcg,bogus=1', "Property 'tcg-accel.bogus' not found"),
    ('-M none -accel tcg,help', "Property 'tcg-accel.help' not found"),
    ('-M none -m 128,bogus=1', "-m 128,bogus=1: Invalid parameter 'bogus'"),
    ('-M none -m abc', "-m abc: Parameter 'size' expects a non-negative number below 2^64"),
    ('-M none -m 128,slots=x', "-m 128,slots=x: Parameter 'slots' expects a number"),
    ('-M none -m 128,slots=2', 'slots specified but no max-size'),
    ('-M pc -m 128,maxmem=256', 'invalid value of maxmem: maximum memory size (0x100) must be at least the '
                                'initial memory size (0x8000000)'),
    ('-M pc -smp 256', "Invalid SMP CPUs 256. The max CPUs supported by machine 'pc-i440fx-7.2' is 255"),
    ('-M pc -smp 2,bogus=4', "Parameter 'smp.bogus' is unexpected"),
    ('-M none -cpu nosuch', "unable to find CPU model 'nosuch'"),
    ('-M none -name foo,bogus=1', "-name foo,bogus=1: Invalid parameter 'bogus'"),
    ('-M none -name foo,debug-threads=maybe',
     "-name foo,debug-threads=maybe: Parameter 'debug-threads' expects 'on' or 'off'"),
    ('-M none -uuid bogus', '-uuid bogus: failed to parse UUID string: wrong format'),
    ('-M none -msg bogus=on', "-msg bogus=on: Invalid parameter 'bogus'"),
    ('-M none -msg timestamp=1', "-msg timestamp=1: Parameter 'timestamp' expects 'on' or 'off'"),
    ('-M none -action bogus=reset', "-action bogus=reset: Invalid parameter 'bogus'"),
    ('-M none -action reboot=bogus', "-action reboot=bogus: Parameter 'reboot' does not accept value 'bogus'"),
    ('-M none -rtc base=yesterday', 'invalid datetime format'),
    ('-M none -rtc clock=bogus', "invalid option value 'bogus'"),
    ('-M none -rtc bogus=1', "-rtc bogus=1: Invalid parameter 'bogus'"),
    ('-M none -add-fd fd=1,set=1', '-add-fd fd=1,set=1: fd cannot be a standard I/O stream'),
    ('-M none -add-fd fd=99,set=1', '-add-fd fd=99,set=1: fd is not valid or already in use'),
    ('-M none -add-fd set=1', '-add-fd set=1: fd option is required and must be non-negative'),
    ('-M none -add-fd fd=abc,set=1', "-add-fd fd=abc,set=1: Parameter 'fd' expects a number"),
    ('-M none -overcommit bogus=on', "-overcommit bogus=on: Invalid parameter 'bogus'"),
    ('-M none -global driver=d,property=p', "-global driver=d,property=p: Parameter 'value' is missing"),
    ('-M none -global nosuch', "-global nosuch: Parameter 'driver' is missing"),
    ('-M none -set bogus', '-set bogus: can\'t parse: "bogus"'),
    ('-M none -set chardev.a.c=d', '-set chardev.a.c=d: there is no chardev "a" defined'),
    ('-M none -sandbox on,bogus=1', "-sandbox on,bogus=1: Invalid parameter 'bogus'"),
    ('-M none -runas nosuch', '-runas nosuch: User "nosuch" doesn\'t exist (and is not <uid>:<gid>)'),
    ('-M none -display sdl', "-display sdl: only 'none' is supported"),
    ('-M none -device nosuch', "-device nosuch: 'nosuch' is not a valid device model name"),
    ('-M pc -device pvpanic,bogus=1', "-device pvpanic,bogus=1: Property 'pvpanic.bogus' not found"),
    ('-M pc -device pvpanic,id=a -device pvpanic,id=a', "-device pvpanic,id=a: Duplicate ID 'a' for device"),
    ('-M pc -device pvpanic,ioport=99999',
     "-device pvpanic,ioport=99999: Parameter 'ioport' expects uint16_t"),
    ('-M pc -smbios type=1,foo=bar', "-smbios type=1,foo=bar: Invalid parameter 'foo'"),
    ('-M pc -smbios type=99,foo=1', "-smbios type=99,foo=1: Don't know how to build fields for SMBIOS type 99"),
    ('-M pc -smbios type=0,release=x', '-smbios type=0,release=x: Invalid release'),
    ('-M pc -smbios type=1,uuid=zz', '-smbios type=1,uuid=zz: Invalid UUID'),
    ('-M pc -smbios file=/nonexistent', '-smbios file=/nonexistent: Cannot read SMBIOS file /nonexistent'),
    ('-M pc -fw_cfg name=opt/x',
     '-fw_cfg name=opt/x: name, plus exactly one of file, string and gen_id, are needed'),
    ('-M pc -fw_cfg opt/a,string=b,file=c',
     '-fw_cfg opt/a,string=b,file=c: name, plus exactly one of file, string and gen_id, are needed'),
    ('-M pc -fw_cfg name=opt/' + 60 * 'a' + ',string=x',
     '-fw_cfg name=opt/' + 60 * 'a' + ',string=x: name too long (max. 55 char)'),
    ('-M none -object nosuch,id=m', "-object nosuch,id=m: Parameter 'qom-type' does not accept value 'nosuch'"),
    ('-M none -object memory-backend-ram,size=1M',
     "-object memory-backend-ram,size=1M: Parameter 'id' is missing"),
    ('-M none -object memory-backend-ram,id=m,size=1M -object memory-backend-ram,id=m,size=1M',
     "-object memory-backend-ram,id=m,size=1M: Duplicate ID 'm' for object"),
    ('-M none -chardev null,id=a -chardev null,id=a', "-chardev null,id=a: Duplicate ID 'a' for chardev"),
    ('-M none -pidfile /nosuch/pid', "cannot create PID file: Could not create '/nosuch/pid'"),
    ('-M none -readconfig /nosuch/x', '-readconfig /nosuch/x: Cannot read config file /nosuch/x'),
    ('-M none -D /nosuch/log -d int', "Could not open log file '/nosuch/log'"),
    ('-M none -loadvm x', '-loadvm: this option is not supported by this program'),
    ('-M pc -parallel null -parallel null -parallel null -parallel null',
     '-parallel null: too many parallel ports'),
    ('-M pc -m 16 -mem-path /nosuch/dir/file',
     "can't open backing store /nosuch/dir/file for guest RAM"),
    ('-M pc -m 16 -object memory-backend-ram,id=pc.ram,size=1M',
     "object name 'pc.ram' is reserved for the default RAM backend"),
    ('-M none -enable-kvm', "the accelerator 'kvm' is not supported by this program"),
]

# Answered on stdout with status 0.
ANSWERED = [
    ('-version', r'QEMU emulator version 7\.2\.'),
    ('-help', r'(?s)usage: .*Machine and its start:.*-overcommit'),
    ('-machine help', r'(?m)^none +empty machine$'),
    ('-machine pc,help', r'(?m)^pc-i440fx-7.2-machine options:$'),
    ('-M none,help', r'(?m)^  dump-guest-core=<bool> +- '),
    ('-accel help', r'(?m)^tcg$'),
    ('-cpu help', r'(?m)^x86 qemu64\b'),
    ('-device help', r'(?m)^name "e1000", bus PCI, desc '),
    ('-device e1000,help', r"(?m)^  autonegotiation=<bool> - .*\(default: true\)$"),
    ('-object help', r'(?s)^List of user creatable objects:\n.*  memory-backend-file\n'),
    ('-object memory-backend-ram,help', r'(?m)^  prealloc=<bool>        - '),
    ('-chardev help', r'(?m)^  socket$'),
    ('-display help', r'(?m)^none$'),
    ('-d help', r'(?m)^guest_errors '),
    ('-trace help', r'(?m)^runstate_set$'),
]


def test_refuses_what_it_cannot_do_in_known_words():
    for line, wanted in REFUSED:
        status, out, err = run('-display', 'none', *line.split())
        assert status == 1 and not out, (line, status, out)
        first = err.splitlines()[0] if err else ''
        assert first.startswith(PROGRAM + wanted), f'{line}: {first!r} is not {wanted!r}'


def test_answers_questions():
    for line, wanted in ANSWERED:
        status, out, err = run(*line.split())
        assert status == 0 and not err, (line, status, err)
        assert re.search(wanted, out), f'{line}: no {wanted!r} in\n{out}'


def test_marks_messages_as_asked():
    status, _, err = run('-M', 'none', '-msg', 'timestamp=on,guest-name=on', '-name', 'foo', '-device', 'nosuch')
    assert status == 1
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z foo qemu-system-x86_64: '
                        r"-device nosuch: 'nosuch' is not a valid device model name\n", err), err


def test_puts_inherited_descriptors_into_sets():
    with tempfile.TemporaryDirectory() as folder:
        fd = os.open(os.path.join(folder, 'out'), os.O_WRONLY | os.O_CREAT)
        lines = b'{"execute":"qmp_capabilities"}{"execute":"query-fdsets"}{"execute":"quit"}'
        done = subprocess.run(
            [BINARY, '-M', 'none', '-display', 'none', '-qmp', 'stdio', '-add-fd', f'fd={fd},set=2,opaque=rw:x',
             '-add-fd', f'fd={fd},set=2', '-chardev', 'file,id=c,path=/dev/fdset/2'],
            input=lines, capture_output=True, pass_fds=[fd], timeout=20, check=True)
        os.close(fd)
    sets = json.loads(done.stdout.splitlines()[2])['return']
    assert len(sets) == 1 and sets[0]['fdset-id'] == 2 and len(sets[0]['fds']) == 2, sets
    assert sets[0]['fds'][0]['opaque'] == 'rw:x' and fd not in [one['fd'] for one in sets[0]['fds']], sets


def test_names_the_process_and_its_processors():
    with Emulator('-name', 'guest=foo,process=bar', '-smp', '2', machine='pc') as emulator:
        qmp = emulator.qmp()
        assert qmp('query-name') == {'name': 'foo'}
        tasks = f'/proc/{emulator.process.pid}/task'
        names, end = set(), time.monotonic() + PATIENCE
        # A thread names itself once it runs.
        while not {'bar', 'CPU 0/TCG', 'CPU 1/TCG'} <= names:
            assert time.monotonic() < end, names
            names = {open(f'{tasks}/{task}/comm').read().strip() for task in os.listdir(tasks)}


def test_sets_by_the_machine_what_has_an_option_too():
    with Emulator('-S', machine='pc,smp.cpus=2,memory.size=32M,boot.order=dc') as emulator:
        qmp = emulator.qmp()
        get = lambda name: qmp('qom-get', path='/machine', property=name)
        assert get('smp') == {'cpus': 2, 'sockets': 1, 'dies': 1, 'clusters': 1, 'cores': 2, 'threads': 1, 'maxcpus': 2}
        assert get('memory') == {'size': 32 << 20}
        assert get('boot') == {'order': 'dc'}
        assert get('firmware') == 'bios-256k.bin' and get('kernel') == ''
        assert len(qmp('query-cpus-fast')) == 2
    done = subprocess.run([BINARY, '-display', 'none', '-machine', 'pc,kernel=/no/such'], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == \
        (1, "qemu-system-x86_64: could not open kernel file '/no/such': No such file or directory\n"), done.stderr


def test_tells_what_a_processor_has():
    with Emulator('-S', '-cpu', 'qemu64,-sse3,family=7', machine='pc') as emulator:
        qmp = emulator.qmp()
        path = '/machine/unattached/device[0]'
        has = {p['name'] for p in qmp('qom-list', path=path) if p['type'] == 'bool'}
        assert {'sse2', 'pni', 'lahf-lm', 'lahf_lm', 'realized'} <= has
        get = lambda name: qmp('qom-get', path=path, property=name)
        assert get('sse2') is True and get('pni') is False and get('sse3') is False
        assert get('family') == 7 and get('vendor') == 'AuthenticAMD'
        assert get('unavailable-features') == []
        assert qmp.error('qom-set', path=path, property='sse2', value=False)[1] == \
            "Property 'qemu64-x86_64-cpu.sse2' is not writable"
        there = {p['name'] for p in qmp('device-list-properties', typename='max-x86_64-cpu')}
        assert {'avx2', 'model-id', 'unavailable-features'} <= there and 'realized' not in there


def test_takes_the_memory_from_where_it_is_told():
    with Emulator('-m', '16', machine='pc') as emulator:
        qmp = emulator.qmp()
        assert [(m['id'], m['size'], m['share']) for m in qmp('query-memdev')] == [('pc.ram', 16 << 20, False)]
        assert qmp('qom-get', path='/machine', property='memory-backend') == '/objects/pc.ram'
        assert qmp.error('object-del', id='pc.ram')[1] == "object 'pc.ram' is in use, can not be deleted"
    with tempfile.TemporaryDirectory() as folder:
        with Emulator('-m', '16', '-mem-path', folder, '-mem-prealloc', machine='pc,mem-merge=off') as emulator:
            memory, = emulator.qmp()('query-memdev')
            assert memory['prealloc'] and not memory['merge'], memory
            with open(f'/proc/{emulator.process.pid}/maps') as maps:
                assert any(folder in line for line in maps)
            assert not os.listdir(folder)
        file = os.path.join(folder, 'ram')
        with Emulator('-m', '16', '-mem-path', file, machine='none') as emulator:
            assert emulator.qmp()('query-memdev')[0]['id'] == 'ram'
            assert os.path.getsize(file) == 16 << 20


def test_traces_what_it_is_told_to():
    with tempfile.TemporaryDirectory() as folder:
        points, log = os.path.join(folder, 'points'), os.path.join(folder, 'log')
        with open(points, 'w') as file:
            file.write('# comment\nvm_state_notify\nhandle_*\n-handle_qmp_command\n')
        with Emulator('-S', '-trace', f'events={points},file={log}', '-trace', 'runstate_set', '-trace', 'nosuch') as vm:
            c = vm.qmp()
            states = {p['name']: p['state'] for p in c('trace-event-get-state', name='*')}
            assert states['handle_hmp_command'] == 'enabled' and states['handle_qmp_command'] == 'disabled', states
            c('cont')
            c('trace-event-set-state', name='vm_*', enable=False)
            assert c.hmp('info trace-events vm*') == 'vm_state_notify : state 0\r\n'
            assert c.hmp('trace-event nosuch on') == 'unknown event "nosuch"\r\n'
            assert c.hmp('trace-event handle_qmp_command on') == ''
            c('stop')
            assert c.error('trace-event-get-state', name='nosuch')[1] == 'unknown event "nosuch"'
            assert c.error('trace-event-set-state', name='runstate_set', enable=True, vcpu=0)[1] == \
                'event "runstate_set" is not vCPU-specific'
            c('quit')
            assert "warning: trace event 'nosuch' does not exist" in vm.wait()[2]
        with open(log) as file:
            text = file.read()
        running = re.search(r'^runstate_set current_run_state \d+ \(prelaunch\) new_state \d+ \(running\)\n'
                            r'vm_state_notify running 1 reason \d+ \(running\)\n', text, re.M)
        assert running, text
        assert 'handle_hmp_command info trace-events vm*\n' in text
        assert 'handle_qmp_command {"execute": "stop", "arguments": {}}\n' in text
        assert '(paused)\n' in text and 'vm_state_notify running 0' not in text
    status, _, err = run('-M', 'none', '-trace', 'events=/nosuch/x')
    assert status == 1 and "could not open trace events file '/nosuch/x'" in err, err


def test_locks_its_memory():
    with Emulator('-overcommit', 'mem-lock=on') as emulator:
        emulator.qmp()
        with open(f'/proc/{emulator.process.pid}/status') as status:
            locked = int(re.search(r'VmLck:\s+(\d+)', status.read())[1])
        if os.geteuid() == 0 and not sanitized(emulator.process.pid):
            assert locked > 0


def test_tells_the_types_of_option_keys():
    with Emulator() as emulator:
        options = {o['option']: {p['name']: p['type'] for p in o['parameters']}
                   for o in emulator.qmp()('query-command-line-options')}
        assert options['memory'] == {'size': 'size', 'slots': 'number', 'maxmem': 'size'}
        assert options['sandbox']['enable'] == 'boolean'
        assert options['smp-opts']['cpus'] == 'number'
        assert options['device'] == {}


if __name__ == '__main__':
    main(globals())
