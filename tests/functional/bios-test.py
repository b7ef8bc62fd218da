#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SeaBIOS: its prompts on the VGA screen and on a serial line, what it boots, and the kernels of -kernel that are not
Linux."""
import os
import subprocess

import screen
from emulator import main
from guest import Guest, assemble, tool


def boot_sector(vm, size=None):
    image = assemble('boot-sector', vm.folder)
    if size:
        os.truncate(image, size)
    return image


def expect_boot_sector(media, *arguments, size=None, second='second sector read'):
    """Starts with the boot sector on `media(file)`."""
    folder = Guest('-S')
    with folder:
        image = boot_sector(folder, size)
        with Guest('-vga', 'std', '-m', '64', *media(image), *arguments) as vm:
            qmp = vm.qmp()
            screen.wait_for(qmp, '^own boot sector$')
            screen.wait_for(qmp, '^027F KiB conventional$')  # the EBDA takes the last of 640
            screen.wait_for(qmp, '^3C0002FE extended$')      # the firmware's tables are not in it
            screen.wait_for(qmp, second)
            vm.expect(b'own boot sector\r\n.*' + second.encode())


def test_boots_an_IDE_disk():
    expect_boot_sector(lambda image: ('-drive', f'file={image},format=raw,if=ide'), size=1 << 20)


def test_boots_a_floppy():
    expect_boot_sector(lambda image: ('-drive', f'file={image},format=raw,if=floppy'), size=1474560)


def test_boots_a_CD_without_emulation():
    def cd(image):
        root = image + '.root'
        os.mkdir(root)
        os.rename(image, os.path.join(root, 'boot.bin'))
        subprocess.run([tool('xorriso', 'xorriso'), '-as', 'mkisofs', '-quiet', '-b', 'boot.bin', '-no-emul-boot',
                        '-boot-load-size', '4', '-o', image, root], check=True, capture_output=True)
        return '-cdrom', image
    # A sector of a CD has 2048 bytes, and sector 2 of cylinder 0 is empty.
    expect_boot_sector(cd, second='INT 13h failed')


def test_says_that_nothing_boots():
    with Guest('-vga', 'std') as vm:
        qmp = vm.qmp()
        screen.wait_for(qmp, '^SeaBIOS ')
        screen.wait_for(qmp, '^Boot failed: could not read the boot disk')
        screen.wait_for(qmp, '^No bootable device')


def test_boots_what_was_chosen_in_its_menu():
    with Guest('-S') as folder:
        image = boot_sector(folder, 1 << 20)
        with Guest('-vga', 'std', '-m', '64', '-boot', 'menu=on,splash-time=60000',
                   '-drive', f'file={image},format=raw,if=ide') as vm:
            qmp = vm.qmp()
            screen.wait_for(qmp, 'Press ESC for boot menu')
            qmp('send-key', keys=[{'type': 'qcode', 'data': 'esc'}])
            choice = screen.wait_for(qmp, r'^(\d)\. ata0-0: QEMU HARDDISK ATA-7 Hard-Disk \(1 MiBytes\)')
            qmp('send-key', keys=[{'type': 'qcode', 'data': choice[1]}])
            screen.wait_for(qmp, '^second sector read$')


def test_prompts_on_a_serial_line():
    with Guest('-nographic') as vm:
        vm.expect(rb'SeaBIOS \(version .*No bootable device')


def multiboot(arguments, *flags, address=0x100000, elf=True, memory='64'):
    with Guest('-S') as folder:
        kernel = assemble('multiboot', folder.folder, *flags, address=address, elf=elf)
        for name, content in (('m1', b'MOD1'), ('m2', b'x' * 5000)):
            with open(folder.file(name), 'wb') as f:
                f.write(content)
        arguments = [word.replace('@', folder.folder + '/') for word in arguments]
        with Guest('-kernel', kernel, '-m', memory, '-device', 'isa-debug-exit', *arguments) as vm:
            assert vm.gone() == 1, vm.tail()
            return folder.folder + '/', [line.split(' ', 1) for line in vm.all.decode().splitlines()]


def test_hands_a_multiboot_kernel_its_command_line_and_modules():
    folder, facts = multiboot(['-append', 'a=1 b', '-initrd', '@m1 one, two,@m2'.replace('one, two', 'one,, two')])
    told = dict(facts[:11])
    assert told['magic'] == '2badb002' and told['flags'] == '0000024f', told
    assert (told['mem_lower'], told['mem_upper']) == ('0000027f', '0000fb80'), told
    assert told['bss'] == '00000000' and told['cr0'] == '00000011' and int(told['eflags'], 16) & 0x20200 == 0, told
    assert told['cmdline'] == folder + 'multiboot a=1 b' and told['modules'] == '00000002', told
    first, second = dict(facts[11:15]), dict(facts[15:19])
    assert first['string'] == folder + 'm1 one, two' and first['content'] == '31444f4d', first
    assert second['string'] == folder + 'm2' and second['content'] == '78787878', second
    start, end = int(second['start'], 16), int(second['end'], 16)
    assert start % 4096 == 0 and start >= int(first['end'], 16) and end - start == 5000, (first, second)


def test_shows_a_multiboot_kernel_the_memory_map():
    _, facts = multiboot([], '--defsym', 'FLAT=1', address=0x200000, elf=False, memory='5G')
    told = dict(facts[:11])
    assert told['modules'] == '00000000', told
    ranges = [facts[i:i + 5] for i in range(11, len(facts), 5)]
    ranges = [(int(r[1][1] + r[0][1], 16), int(r[3][1] + r[2][1], 16), int(r[4][1])) for r in ranges]
    usable = [(base, length) for base, length, kind in ranges if kind == 1]
    assert usable == [(0, 0x9fc00), (0x100000, 0xbfee0000), (1 << 32, 2 << 30)], ranges


if __name__ == '__main__':
    main(globals())
