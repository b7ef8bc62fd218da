# SPDX-License-Identifier: GPL-2.0-or-later
#
# linuxboot.bin: the option ROM behind -kernel. The board puts kernel, initrd and command line into
# fw_cfg; SeaBIOS finds this ROM as genroms/linuxboot_dma.bin, ranks it first in the boot order, and calls its boot
# entry vector (Plug and Play BIOS specification 1.0A, section 3.3).
#
# fw_cfg's DMA interface reaches any physical address, so the whole load happens in real mode. Then
# the kernel's own real-mode setup code is entered as a boot loader would
# (Linux Documentation/arch/x86/boot.rst, "running the kernel").

        .code16
        .text
        .org 0

# fw_cfg items (docs/specs/fw_cfg.txt)
        .set    KERNEL_ADDR, 0x07
        .set    KERNEL_SIZE, 0x08
        .set    INITRD_ADDR, 0x0a
        .set    INITRD_SIZE, 0x0b
        .set    KERNEL_DATA, 0x11
        .set    INITRD_DATA, 0x12
        .set    CMDLINE_ADDR, 0x13
        .set    CMDLINE_SIZE, 0x14
        .set    CMDLINE_DATA, 0x15
        .set    SETUP_ADDR, 0x16
        .set    SETUP_SIZE, 0x17
        .set    SETUP_DATA, 0x18

        .set    DMA_PORT_LOW, 0x518
        .set    DMA_PORT_HIGH, 0x514
        .set    DMA_SELECT_READ, 0x0a           # select the item in bits 16-31, then read

# Free conventional memory for the DMA descriptor and the values read (below the boot sector's place).
        .set    DESCRIPTOR, 0x7000              # be32 control, be32 length, be64 address
        .set    VALUE, 0x7010                   # le32 that fw_cfg returns
        .set    ADDRESS, 0x7014

rom:
        .byte   0x55, 0xaa
        .byte   (rom_end - rom) / 512
init:                                           # called once at POST: nothing to do
        xorw    %ax, %ax
        lretw

        .org    0x1a
        .word   pnp
        .align  16
pnp:
        .ascii  "$PnP"
        .byte   0x01                            # structure revision
        .byte   (pnp_end - pnp) / 16
        .word   0                               # no next header
        .byte   0
        .byte   0                               # checksum, filled in by the build
        .long   0                               # device identifier
        .word   manufacturer
        .word   product
        .byte   0, 0, 2                         # class code: no better one exists for a loader
        .byte   0x04                            # device indicator: may be an initial program loader
        .word   0                               # boot connection vector
        .word   0                               # disconnect vector
        .word   boot                            # bootstrap entry vector
        .word   0
        .word   0                               # static resource vector
pnp_end:
manufacturer:
        .asciz  "QEMU"
product:
        .asciz  "Linux loader"

# Reads LENGTH bytes of item ITEM to the physical address in %ebx. Uses %eax, %ecx, %edx.
#   %cx = item, %esi = length
read_item:
        movzwl  %cx, %eax
        shll    $16, %eax
        orl     $DMA_SELECT_READ, %eax
        bswapl  %eax
        movl    %eax, DESCRIPTOR
        movl    %esi, %eax
        bswapl  %eax
        movl    %eax, DESCRIPTOR + 4
        movl    $0, DESCRIPTOR + 8
        movl    %ebx, %eax
        bswapl  %eax
        movl    %eax, DESCRIPTOR + 12
        xorl    %eax, %eax
        movw    $DMA_PORT_HIGH, %dx
        outl    %eax, %dx
        movl    $DESCRIPTOR, %eax
        bswapl  %eax
        movw    $DMA_PORT_LOW, %dx
        outl    %eax, %dx                       # the low half starts the transfer
1:      movl    DESCRIPTOR, %eax
        bswapl  %eax
        testl   $~1, %eax                       # done when all but the error bit is clear
        jnz     1b
        testl   $1, %eax
        jnz     failed
        ret

# %eax = the 32-bit value of item %cx
read_value:
        movl    $4, %esi
        movl    $VALUE, %ebx
        call    read_item
        movl    VALUE, %eax
        ret

# Loads one piece: address, size and data items follow the call as three words.
load_piece:
        popw    %bp
        movw    %cs:(%bp), %cx
        call    read_value
        movl    %eax, ADDRESS
        movw    %cs:2(%bp), %cx
        call    read_value
        movl    %eax, %esi
        movl    ADDRESS, %ebx
        movw    %cs:4(%bp), %cx
        testl   %esi, %esi
        jz      1f
        call    read_item
1:      addw    $6, %bp
        jmp     *%bp

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

failed:
        movw    $message, %si
        pushw   %cs
        popw    %ds
1:      lodsb
        testb   %al, %al
        jz      2f
        movb    $0x0e, %ah
        movw    $7, %bx
        int     $0x10
        jmp     1b
2:      sti
        hlt
        jmp     2b
message:
        .asciz  "\r\nlinuxboot: fw_cfg refused a transfer\r\n"

        .align  512
rom_end:
