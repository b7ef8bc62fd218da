#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays the dialogue in which libvirt 9.0 finds out what an emulator can do, as it was captured with QEMU 7.2: the
command line, the way the process goes to the background, the commands in their order, and of every reply the members
that libvirt reads. What is not there yet is listed in MISSING; a line of it that became wrong fails the test."""
import os
import shutil
import signal
import subprocess
import tempfile
import time

from emulator import BINARY, Qmp, main

# Commands of the dialogue that libvirt takes CommandNotFound for (the probe goes on, a feature is off) or that the
# emulator still lacks.
MISSING = {
    'query-tpm-models',
    'query-tpm-types',
}
DEVICES = ('virtio-blk-pci scsi-hd ide-hd PIIX4_PM kvm-pit ICH9-LPC virtio-balloon-pci virtio-balloon-ccw '
           'virtio-balloon-device usb-host').split()
OPTIONAL_DEVICES = ('virtio-net-pci virtio-scsi-pci vfio-pci usb-redir usb-storage VGA vmware-svga qxl virtio-gpu-pci '
                    'virtio-gpu-device intel-iommu mch nvdimm pcie-root-port vhost-user-fs-device virtio-mem-pci '
                    'virtio-iommu-pci').split()


class Probe:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='qmp-')
        self.pid = None
        path, pidfile = os.path.join(self.folder, 'qmp.monitor'), os.path.join(self.folder, 'qmp.pid')
        started = time.monotonic()
        # libvirt reads stderr to its end and waits for the parent: neither may hang.
        done = subprocess.run([BINARY, '-S', '-no-user-config', '-nodefaults', '-nographic', '-machine',
                               'none,accel=kvm:tcg', '-qmp', f'unix:{path},server=on,wait=off', '-pidfile', pidfile,
                               '-daemonize'], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
        self.seconds = time.monotonic() - started
        assert done.returncode == 0, done.stderr.decode()
        with open(pidfile) as f:
            text = f.read()
        assert text.endswith('\n') and text.strip().isdigit(), repr(text)
        self.pid = int(text)
        self.qmp = Qmp(path, negotiate=False)

    def close(self):
        if self.pid:
            try:
                os.kill(self.pid, signal.SIGTERM)
                for _ in range(2000):
                    os.kill(self.pid, 0)
                    time.sleep(0.005)
                raise AssertionError('the emulator outlived SIGTERM')
            except ProcessLookupError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)


def probed(test):
    def run():
        probe = Probe()
        try:
            return test(probe.qmp)
        finally:
            probe.close()
    return run


def ask(qmp, command, arguments=None):
    """The reply's value; None for a command that is known to be missing."""
    answer = qmp.request(command, arguments, id='libvirt-1')
    assert answer['id'] == 'libvirt-1'
    if command in MISSING:
        assert answer.get('error', {}).get('class') == 'CommandNotFound', f'{command} is there now: take it off the list'
        return None
    assert 'return' in answer, (command, answer)
    return answer['return']


def properties(qmp, command, name):
    """A list of names and types, or None for an unknown type: no other error than DeviceNotFound will do."""
    answer = qmp.request(command, {'typename': name}, id='libvirt-2')
    if 'error' in answer:
        assert answer['error']['class'] == 'DeviceNotFound', (name, answer)
        return None
    for one in answer['return']:
        assert isinstance(one['name'], str) and isinstance(one['type'], str)
    return answer['return']


@probed
def test_the_whole_dialogue(qmp):
    assert 'QMP' in qmp.greeting
    assert ask(qmp, 'qmp_capabilities') == {}
    version = ask(qmp, 'query-version')
    assert (version['qemu']['major'], version['qemu']['minor']) >= (4, 2) and isinstance(version['package'], str)
    assert ask(qmp, 'query-target')['arch'] == 'x86_64'
    schema = ask(qmp, 'query-qmp-schema')
    assert schema and all('name' in e and 'meta-type' in e for e in schema)
    commands = {c['name'] for c in ask(qmp, 'query-commands')}
    assert {'query-version', 'query-kvm', 'qom-list-types', 'device_add', 'object-add'} <= commands
    assert not commands & MISSING
    kvm = ask(qmp, 'query-kvm')
    assert isinstance(kvm['enabled'], bool) and isinstance(kvm['present'], bool)
    types = {t['name'] for t in ask(qmp, 'qom-list-types')}
    for name in DEVICES + [d for d in OPTIONAL_DEVICES if d in types]:
        properties(qmp, 'device-list-properties', name)
    for name in ['memory-backend-file', 'memory-backend-memfd'] + ['max-x86_64-cpu'] * ('max-x86_64-cpu' in types):
        properties(qmp, 'qom-list-properties', name)
    machines = ask(qmp, 'query-machines')
    assert any(m.get('is-default') for m in machines) and all(isinstance(m['name'], str) for m in machines)
    assert properties(qmp, 'qom-list-properties', 'none-machine')
    for definition in ask(qmp, 'query-cpu-definitions') or []:
        assert definition['name'] and definition['typename']
    ask(qmp, 'query-tpm-models')
    ask(qmp, 'query-tpm-types')
    options = {o['option']: {p['name'] for p in o['parameters']} for o in ask(qmp, 'query-command-line-options')}
    assert 'enable' in options['sandbox'] and 'type' in options['machine'], options
    for capability in ask(qmp, 'query-migrate-capabilities') or []:
        assert isinstance(capability['state'], bool)
    for model in ({'name': 'host'}, {'name': 'host', 'props': {'migratable': False}}):
        expanded = ask(qmp, 'query-cpu-model-expansion', {'type': 'static', 'model': model})['model']
        assert expanded['name'] == 'base' and expanded['props']['lm'] is True


@probed
def test_unknown_types_are_device_not_found(qmp):
    qmp('qmp_capabilities')
    assert qmp.error('device-list-properties', typename='no-such')[0] == 'DeviceNotFound'
    assert qmp.error('qom-list-properties', typename='no-such')[0] == 'DeviceNotFound'


@probed
def test_serves_the_next_connection_with_a_new_greeting(qmp):
    qmp('qmp_capabilities')
    path = qmp.socket.getpeername()
    qmp.close()
    again = Qmp(path, negotiate=False)
    assert 'QMP' in again.greeting
    assert again.raw('{"execute": "query-kvm"}')['error']['class'] == 'CommandNotFound'


main(globals())
