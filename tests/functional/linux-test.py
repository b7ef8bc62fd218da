#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux by -kernel: comes up on one and on two processors, answers on its serial line, powers off and reboots by ACPI, runs
32-bit programs, and finds nothing in the machine to remark on that it does not find in QEMU's."""
import tempfile

from emulator import main
from guest import assemble, boot, expect_same_remarks, reference, remarks

SPIN = 'i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done'


def cpu_times(vm, qmp):
    times = []
    for cpu in qmp('query-cpus-fast'):
        with open(f'/proc/{vm.process.pid}/task/{cpu["thread-id"]}/stat') as f:
            times.append(int(f.read().rsplit(')', 1)[1].split()[11]))
    return times


def test_two_processors_run_at_once_and_the_guest_powers_off():
    with tempfile.TemporaryDirectory() as folder:
        with open(assemble('i386-calls', folder, address=0x8048000, elf=True), 'rb') as f:
            program = f.read()
    with boot('-smp', '2', files={'bin/i386-calls': program}) as vm:
        qmp = vm.qmp()
        assert vm('nproc') == '2'
        assert vm('echo $((6*7)) | tr 4 5') == '52'
        assert vm('i386-calls') == '32-bit code runs'
        before = cpu_times(vm, qmp)
        vm(f'({SPIN}) & ({SPIN}) & wait')
        gained = [now - then for now, then in zip(cpu_times(vm, qmp), before)]
        assert min(gained) > 0.2 * max(gained) > 0, gained
        vm.type('poweroff -f\n')
        assert qmp.event('SHUTDOWN')['data'] == {'guest': True, 'reason': 'guest-shutdown'}
        assert vm.gone() == 0


def test_finds_what_is_behind_bridges_and_the_management_controller():
    with boot('-device', 'pci-bridge,chassis_nr=1,id=b,addr=5', '-device', 'pci-bridge,chassis_nr=2,id=c,bus=b,addr=1', '-device',
              'e1000,bus=c,addr=3', '-device', 'edu,bus=b,addr=4', '-device', 'ipmi-bmc-sim,id=m', '-device', 'isa-ipmi-kcs,bmc=m') as vm:
        edu, card = '/sys/bus/pci/devices/0000:01:04.0', '/sys/bus/pci/devices/0000:02:03.0'
        assert vm(f'cat {edu}/device {card}/device') == '0x11e8\n0x100e'
        # Through the bridge's window: edu's identification, and the inverter, at offset 4 of its registers.
        base = int(vm(f'head -n 1 {edu}/resource').split()[0], 16)
        vm(f'echo 1 > {edu}/enable')
        assert vm(f'devmem {base:#x}') == '0x010000ED'
        vm(f'devmem {base + 4:#x} 32 0x12345678')
        assert vm(f'devmem {base + 4:#x}') == '0xEDCBA987'
        assert vm('cat /sys/bus/acpi/devices/IPI0001:00/path') == '\\_SB_.PCI0.ISA_.MI0_'
        assert 'no compatible bridge window' not in vm('dmesg')


def test_remarks_on_nothing_that_QEMU_lacks_and_reboots():
    with reference(), boot(append='') as vm:
        theirs = remarks(vm)
    with boot(append='') as vm:
        qmp = vm.qmp()
        ours = remarks(vm)
        vm.type('reboot -f\n')
        assert qmp.event('SHUTDOWN')['data'] == {'guest': True, 'reason': 'guest-reset'}
        assert vm.gone() == 0
    expect_same_remarks(ours, theirs)


if __name__ == '__main__':
    main(globals())
