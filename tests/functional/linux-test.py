#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Linux by -kernel: comes up on one and on two processors, answers on its serial line, powers off and reboots by ACPI, runs
32-bit programs, and finds nothing in the machine to remark on that it does not find in QEMU's."""
import re
import tempfile

import emulator
from emulator import Missing, main
from guest import REFERENCE, assemble, boot

# Depends on how fast the host is, or on the moment.
OF_THE_MOMENT = re.compile(r'tsc|TSC|clocksource|sched_clock|BogoMIPS|lpj=|calibrate_delay|audit: |random: |interrupt took|APIC calibration|APIC delta|'
                           r'rtc_cmos .* setting system clock|rcu: .*stall|hrtimer')
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


def remarks(vm):
    """The kernel's messages without times, and with every number as N."""
    lines = vm('dmesg').splitlines()
    lines = [re.sub(r'^\[ *\d+\.\d+\] ', '', line) for line in lines]
    return [re.sub(r'\b(0x)?[0-9a-fA-F]*\d[0-9a-fA-F]*\b', 'N', line) for line in lines if not OF_THE_MOMENT.search(line)]


def test_remarks_on_nothing_that_QEMU_lacks_and_reboots():
    if not REFERENCE:
        raise Missing('qemu-system-x86_64 is not there (package qemu-system-x86)')
    with boot(append='') as vm:
        qmp = vm.qmp()
        ours = remarks(vm)
        vm.type('reboot -f\n')
        assert qmp.event('SHUTDOWN')['data'] == {'guest': True, 'reason': 'guest-reset'}
        assert vm.gone() == 0
    own, emulator.BINARY = emulator.BINARY, REFERENCE
    try:
        with boot(append='') as vm:
            reference = remarks(vm)
    finally:
        emulator.BINARY = own
    assert len(ours) > 200, ours
    extra = [line for line in ours if line not in set(reference)]
    missing = [line for line in reference if line not in set(ours)]
    assert not extra and not missing, '\n'.join(['only here:', *extra, 'only in QEMU:', *missing])


if __name__ == '__main__':
    main(globals())
