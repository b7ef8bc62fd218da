# SPDX-License-Identifier: GPL-2.0-or-later
#
# linuxboot.bin: the option ROM behind -kernel for Linux. The board puts kernel, initrd and command line into
# fw_cfg; SeaBIOS finds this ROM as genroms/linuxboot_dma.bin, ranks it first in the boot order, and calls its boot
# entry vector (Plug and Play BIOS specification 1.0A, section 3.3).
#
# fw_cfg's DMA interface reaches any physical address, so the whole load happens in real mode. Then
# the kernel's own real-mode setup code is entered as a boot loader would
# (Linux Documentation/arch/x86/boot.rst, "running the kernel").

        .include "loader.inc"

        .code16
        .text
        .org 0

        rom_header "Linux loader"
        fw_cfg_routines

boot:
        cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $DESCRIPTOR, %esp               # grows down from the descriptor

        call    load_piece
        .word   SETUP_ADDR, SETUP_SIZE, SETUP_DATA
        call    load_piece
        .word   KERNEL_ADDR, KERNEL_SIZE, KERNEL_DATA
        call    load_piece
        .word   CMDLINE_ADDR, CMDLINE_SIZE, CMDLINE_DATA
        call    load_piece
        .word   INITRD_ADDR, INITRD_SIZE, INITRD_DATA

        # Stack and heap sit between the setup code and the command line, whose address the board chose.
        movw    $CMDLINE_ADDR, %cx
        call    read_value
        movl    %eax, %edi
        movw    $SETUP_ADDR, %cx
        call    read_value
        subl    %eax, %edi
        subl    $16, %edi                       # stack pointer relative to the setup segment
        shrl    $4, %eax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    %edi, %esp
        addw    $0x20, %ax                      # setup code starts one sector in
        pushw   %ax
        pushw   $0
        xorl    %eax, %eax
        xorl    %ebx, %ebx
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %esi, %esi
        xorl    %edi, %edi
        xorl    %ebp, %ebp
        lretw

        .align  512
rom_end:
