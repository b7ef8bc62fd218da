#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests that take their time: Debian's full kernel on every processor model, boot loaders, its installer, sleeping and
re-execing kernels, many boots in a row, memtest86+. An argument chooses tests by a part of their names."""
import gzip
import os
import struct
import subprocess
import tempfile
import time

import screen
from emulator import main
from guest import Guest, boot, cloud_kernel, debian_kernel, initramfs, linux, need, tool

MODELS = 'qemu64', 'max', 'Nehalem', 'Haswell', 'Skylake-Server', 'EPYC'
LOADER_LINE = 'console=ttyS0 panic=-1 quiet'


def power_off(vm):
    vm.type('poweroff -f\n')
    assert vm.gone() == 0, vm.tail()


def test_four_processors_come_up_ten_times():
    for _ in range(10):
        with boot('-smp', '4') as vm:
            assert vm('nproc') == '4'
            power_off(vm)


def test_full_kernel_on_every_model():
    for model in MODELS:
        with boot('-smp', '2', '-cpu', model, kernel=debian_kernel(), memory='384') as vm:
            assert vm('nproc') == '2', model
            assert vm('dmesg | grep -cE "BUG: |Oops: |WARNING: CPU"') == '0', vm('dmesg')
            power_off(vm)


def test_memory_around_the_PCI_hole():
    for size, least in (('3584', 3400), ('4G', 3900), ('6G', 5900)):
        with boot(memory=size) as vm:
            assert int(vm("free -m | awk '/^Mem/ {print $2}'")) > least, vm('dmesg | grep e820')
            power_off(vm)


def test_keeps_time_on_every_clock_source():
    for source in 'tsc', 'hpet', 'acpi_pm':
        with boot(append=f'quiet clocksource={source}') as vm:
            assert vm('cat /sys/devices/system/clocksource/clocksource0/current_clocksource') == source
            skew = int(vm('date +%s')) - time.time()
            assert abs(skew) < 2.5, skew
            began = time.monotonic()
            slept = vm('time sleep 3')
            host = time.monotonic() - began
            assert 'real\t0m 3.' in slept and 2.99 < host < 8, (slept, host)
            power_off(vm)


def test_runs_without_the_newer_interrupt_controllers():
    with boot(append='quiet nohpet noapic nolapic') as vm:
        assert 'XT-PIC' in vm('cat /proc/interrupts')
        power_off(vm)


def test_sleeps_and_is_woken():
    with boot('-smp', '2', append='quiet no_console_suspend') as vm:
        qmp = vm.qmp()
        vm.type('echo mem > /sys/power/state\n')
        qmp.event('SUSPEND')
        assert qmp('query-status')['status'] == 'suspended'
        qmp('system_wakeup')
        qmp.event('WAKEUP')
        vm.shell()
        assert vm('nproc') == '2'
        # And again, until the clock's alarm.
        vm.type('echo +2 > /sys/class/rtc/rtc0/wakealarm; echo mem > /sys/power/state\n')
        qmp.event('SUSPEND')
        qmp.event('WAKEUP')
        vm.shell()
        assert vm('dmesg | grep -c "PM: suspend exit"') == '2'
        power_off(vm)


def test_memory_modules_come_and_go():
    with boot('-object', 'memory-backend-ram,id=one,size=128M', memory='256,slots=2,maxmem=1G') as vm:
        def megabytes():
            return int(vm("awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo"))
        before = megabytes()
        qmp = vm.qmp()
        qmp('device_add', driver='pc-dimm', id='module', memdev='one')
        assert qmp.event('ACPI_DEVICE_OST')['data']['info']['status'] == 0
        # A block that is there is put to use by who runs the system.
        vm('for b in /sys/devices/system/memory/memory*; do grep -q offline $b/state && echo online_movable > $b/state; done')
        assert before + 100 < megabytes() <= before + 128, (before, megabytes(), vm('dmesg | tail'))
        vm('dd if=/dev/urandom of=/tmp/data bs=1M count=150; md5sum /tmp/data > /tmp/sum; md5sum -c /tmp/sum')
        vm('rm /tmp/data; sync; echo 3 > /proc/sys/vm/drop_caches')
        qmp('device_del', id='module')
        assert qmp.event('DEVICE_DELETED')['data']['device'] == 'module'
        assert abs(megabytes() - before) < 10
        assert vm('dmesg | grep -cE "BUG: |Oops: |WARNING: CPU"') == '0', vm('dmesg')
        power_off(vm)


def test_processors_come_and_go():
    with boot('-smp', '1,maxcpus=4') as vm:
        assert vm('nproc') == '1'
        qmp = vm.qmp()
        for core in 3, 1:
            qmp('device_add', driver='qemu64-x86_64-cpu', id=f'core{core}', socket_id=0, core_id=core, thread_id=0)
            assert qmp.event('ACPI_DEVICE_OST')['data']['info'] == {'device': f'core{core}', 'slot': str(core), 'slot-type': 'CPU',
                                                                    'source': 1, 'status': 0}
        vm('for c in /sys/devices/system/cpu/cpu[1-9]; do echo 1 > $c/online; done')
        assert vm('nproc') == '3'
        vm('for i in 1 2 3; do (while :; do :; done) & done; sleep 2')
        busy = vm("awk '/^cpu[0-9]/ {print ($2 + $3 + $4 > 20)}' /proc/stat").split()
        assert busy == ['1'] * 3, vm('cat /proc/stat')
        qmp('device_del', id='core3')
        assert qmp.event('DEVICE_DELETED')['data']['device'] == 'core3'
        assert vm('nproc') == '2' and len(qmp('query-cpus-fast')) == 2
        # In the place that became free.
        qmp('device_add', driver='qemu64-x86_64-cpu', id='again', socket_id=0, core_id=3, thread_id=0)
        qmp.event('ACPI_DEVICE_OST')
        vm('for c in /sys/devices/system/cpu/cpu[1-9]; do echo 1 > $c/online; done')
        assert vm('nproc') == '3'
        assert vm('dmesg | grep -cE "BUG: |Oops: |WARNING: CPU"') == '0', vm('dmesg')
        power_off(vm)


def test_a_kernel_starts_another():
    kexec = tool('kexec', 'kexec-tools')
    libraries = subprocess.run(['ldd', kexec], check=True, capture_output=True, text=True).stdout.split()
    files = {'bin/kexec': kexec, 'vmlinuz': cloud_kernel()}
    files.update({name.lstrip('/'): name for name in libraries if name.startswith('/')})
    with tempfile.TemporaryDirectory() as folder:
        files['initrd'] = initramfs(os.path.join(folder, 'initrd'))
        contents = {}
        for name, path in files.items():
            with open(path, 'rb') as f:
                contents[name] = f.read()
    with boot('-smp', '2', files=contents, memory='768') as vm:
        vm(f'kexec -l /vmlinuz --initrd=/initrd --append="{LOADER_LINE} second"')
        vm.type('kexec -e\n')
        vm.shell()
        assert vm('cat /proc/cmdline').endswith('second') and vm('nproc') == '2'
        power_off(vm)


def grub_disk(folder):
    """A disk with GRUB in its first sectors and one ext2 partition."""
    root, part, core, disk = (os.path.join(folder, name) for name in ('root', 'part', 'core.img', 'disk'))
    os.makedirs(root + '/boot/grub')
    initramfs(root + '/boot/initrd')
    os.symlink(cloud_kernel(), root + '/boot/kernel')
    subprocess.run(['cp', '-L', root + '/boot/kernel', root + '/boot/vmlinuz'], check=True)
    os.unlink(root + '/boot/kernel')
    with open(root + '/boot/grub/grub.cfg', 'w') as f:
        f.write('serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\nset timeout=60\n'
                'menuentry "First" { echo wrong }\n'
                f'menuentry "Own Linux" {{\n linux /boot/vmlinuz {LOADER_LINE}\n initrd /boot/initrd\n}}\n')
    size = 64 << 20
    with open(part, 'wb') as f:
        f.truncate(size)
    subprocess.run([tool('mke2fs', 'e2fsprogs'), '-q', '-t', 'ext2', '-d', root, part], check=True)
    subprocess.run([tool('grub-mkimage', 'grub-common'), '-O', 'i386-pc', '-o', core, '-p', '(hd0,msdos1)/boot/grub',
                    'biosdisk', 'part_msdos', 'ext2', 'linux', 'normal', 'serial', 'terminal', 'echo'], check=True)
    with open(need('/usr/lib/grub/i386-pc/boot.img', 'grub-pc-bin'), 'rb') as f:
        sector = bytearray(f.read())
    first = 2048
    sector[440:510] = bytes(70)
    sector[446:462] = struct.pack('<B3sB3sII', 0x80, b'\0\2\0', 0x83, b'\xff' * 3, first, size // 512)
    with open(disk, 'wb') as f, open(core, 'rb') as c, open(part, 'rb') as p:
        f.write(sector)
        image = c.read()
        assert len(image) < (first - 1) * 512
        f.write(image)
        f.seek(first * 512)
        f.write(p.read())
    return disk


def test_GRUB_boots_from_a_disk():
    with tempfile.TemporaryDirectory() as folder:
        with Guest('-vga', 'std', '-m', '256', '-drive', f'file={grub_disk(folder)},format=raw,if=ide', '-no-reboot') as vm:
            vm.expect(b'Own Linux')
            vm.type('\x1b[B\r')  # cursor down
            vm.shell()
            assert vm('cat /proc/cmdline').startswith('BOOT_IMAGE=/boot/vmlinuz console=ttyS0')
            power_off(vm)


def isolinux_disc(folder):
    """A CD of what is in root/ with isolinux to start it, by root/isolinux/isolinux.cfg."""
    for file in (need('/usr/lib/ISOLINUX/isolinux.bin', 'isolinux'),
                 need('/usr/lib/syslinux/modules/bios/ldlinux.c32', 'syslinux-common')):
        subprocess.run(['cp', '-L', file, os.path.join(folder, 'root/isolinux')], check=True)
    disc = os.path.join(folder, 'cd.iso')
    subprocess.run([tool('xorriso', 'xorriso'), '-as', 'mkisofs', '-quiet', '-b', 'isolinux/isolinux.bin',
                    '-c', 'isolinux/boot.cat', '-no-emul-boot', '-boot-load-size', '4', '-boot-info-table',
                    '-o', disc, os.path.join(folder, 'root')], check=True, capture_output=True)
    return disc


def test_isolinux_boots_from_a_CD():
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, 'root/isolinux')
        os.makedirs(root)
        initramfs(root + '/initrd')
        subprocess.run(['cp', '-L', cloud_kernel(), root], check=True)
        kernel = os.path.basename(cloud_kernel())
        with open(root + '/isolinux.cfg', 'w') as f:
            f.write(f'SERIAL 0 115200\nPROMPT 1\nLABEL own\n KERNEL {kernel}\n APPEND initrd=initrd {LOADER_LINE}\n')
        disc = isolinux_disc(folder)
        with Guest('-vga', 'std', '-m', '256', '-cdrom', disc, '-no-reboot') as vm:
            vm.expect(b'ISOLINUX .*boot: ')
            vm.type('own\r')
            vm.shell()
            assert 'initrd=initrd' in vm('cat /proc/cmdline')
            power_off(vm)


def asks_the_first_question(processor):
    images = f'/usr/lib/debian-installer/images/12/{processor}/text/debian-installer/{processor}/'
    package = 'debian-installer-12-netboot-' + processor
    with linux(need(images + 'linux', package), initrd=need(images + 'initrd.gz', package), memory='1024',
               append='--- quiet') as vm:
        vm.expect(b'Select a language', 600)


def test_the_installer_asks_its_first_question():
    asks_the_first_question('amd64')


def test_the_installer_of_32_bits_asks_its_first_question():
    asks_the_first_question('i386')


def test_a_kernel_with_real_time_comes_up():
    with boot('-smp', '2', kernel=need('/boot/vmlinuz-*-rt-amd64', 'linux-image-rt-amd64'), memory='384') as vm:
        assert 'PREEMPT_RT' in vm('uname -v') and vm('nproc') == '2'
        assert vm('dmesg | grep -cE "BUG: |Oops: |WARNING: CPU"') == '0', vm('dmesg')
        power_off(vm)


def test_Xen_starts_Linux_as_its_first_domain():
    xen, kernel = need('/boot/xen-*-amd64.gz', 'xen-hypervisor-4.17-amd64'), debian_kernel()
    with tempfile.TemporaryDirectory() as folder:
        with gzip.open(xen) as packed, open(folder + '/xen', 'wb') as f:
            f.write(packed.read())
        os.symlink(kernel, folder + '/vmlinuz')  # a module's words are separated by spaces
        initramfs(folder + '/initrd')
        with Guest('-m', '768', '-smp', '2', '-kernel', folder + '/xen', '-append', 'com1=115200,8n1 console=com1 dom0_mem=384M',
                   '-initrd', f'{folder}/vmlinuz console=hvc0 panic=-1,{folder}/initrd', '-no-reboot') as vm:
            vm.shell()
            assert vm('cat /sys/hypervisor/type') == 'xen' and vm('nproc') == '2'
            power_off(vm)


def shows(pattern, *arguments):
    """A guest without a serial line: what comes on its screen."""
    with Guest('-vga', 'std', '-m', '128', *arguments) as vm:
        screen.wait_for(vm.qmp(), pattern, 60)


def test_iPXE_starts_from_its_CD():
    shows(r'iPXE 1\.', '-cdrom', need('/usr/lib/ipxe/ipxe.iso', 'ipxe'))


def test_GRUB_starts_from_its_rescue_disks():
    folder = '/usr/lib/grub-rescue/'
    disc, floppy = (need(folder + name, 'grub-rescue-pc') for name in ('grub-rescue-cdrom.iso', 'grub-rescue-floppy.img'))
    # Both start what they find on the hard disk, which is not there.
    shows('load the kernel first', '-cdrom', disc)
    shows('load the kernel first', '-boot', 'a', '-drive', f'if=floppy,format=raw,readonly=on,file={floppy}')


def test_memdisk_makes_a_floppy_of_a_file():
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, 'root/isolinux')
        os.makedirs(root)
        for file in (need('/usr/lib/syslinux/memdisk', 'syslinux-common'),
                     need('/usr/lib/grub-rescue/grub-rescue-floppy.img', 'grub-rescue-pc')):
            subprocess.run(['cp', '-L', file, root], check=True)
        with open(root + '/isolinux.cfg', 'w') as f:
            f.write('DEFAULT floppy\nLABEL floppy\n KERNEL memdisk\n APPEND initrd=grub-rescue-floppy.img floppy\n')
        shows('load the kernel first', '-cdrom', isolinux_disc(folder))


def test_OVMF_comes_to_its_shell():
    with Guest('-bios', need('/usr/share/ovmf/OVMF.fd', 'ovmf'), '-m', '256', '-net', 'none') as vm:
        vm.expect(b'UEFI Interactive Shell')


def test_memtest86_of_32_bits_starts():
    shows(r'Memtest86\+ v\d', '-kernel', need('/boot/memtest86+ia32.bin', 'memtest86+'))


def test_memtest86_finds_no_error():
    # All of its tests over 64 MiB.
    with Guest('-vga', 'std', '-m', '64', '-kernel', need('/boot/memtest86+x64.bin', 'memtest86+'), '-append', 'nosmp') as vm:
        qmp = vm.qmp()
        screen.wait_for(qmp, r'Memtest86\+ v\d')
        screen.wait_for(qmp, r'Pass:\s+[1-9]', 1500)
        screen.wait_for(qmp, r'Errors: 0$')


if __name__ == '__main__':
    main(globals())
