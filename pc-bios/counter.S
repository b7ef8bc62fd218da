# SPDX-License-Identifier: GPL-2.0-or-later
#
# counter.img: a guest in one sector, for a demonstration on a machine without a Linux kernel. The BIOS loads it from a
# floppy to 7c00h and jumps there (BIOS Boot Specification 1.01, 6.5.1); it counts on the first serial port, five times
# a second by the BIOS's clock.

        .set    COM1, 0x3f8
        .set    LINE_STATUS, COM1 + 5
        .set    TRANSMITTER_EMPTY, 0x20
        .set    BIOS_TICKS, 0x46c               # 18.2 a second
        .set    TICKS, 4
        .set    STACK, 0x7c00

        .code16
        .text
        .org 0

start:
        ljmp    $0x07c0, $entry                 # some BIOSes jump to 0:7c00h, some to 7c0h:0
entry:
        movw    %cs, %ax
        movw    %ax, %ds
        xorw    %ax, %ax
        movw    %ax, %es
        movw    %ax, %ss
        movw    $STACK, %sp
        sti
        cld
        xorl    %ebp, %ebp                      # the count

count:
        movw    $words, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        call    put
        jmp     1b
2:      movl    %ebp, %eax
        call    put_number
        movb    $'\r', %al
        call    put
        movb    $'\n', %al
        call    put
        incl    %ebp

        movl    %es:BIOS_TICKS, %ebx
3:      hlt
        movl    %es:BIOS_TICKS, %eax
        subl    %ebx, %eax
        cmpl    $TICKS, %eax
        jb      3b
        jmp     count

# %eax in decimal, by recursion: the last digit is known first.
put_number:
        xorl    %edx, %edx
        movl    $10, %ecx
        divl    %ecx
        pushw   %dx
        testl   %eax, %eax
        jz      1f
        call    put_number
1:      popw    %ax
        addb    $'0', %al

# %al to the line.
put:
        movb    %al, %ah
        movw    $LINE_STATUS, %dx
1:      inb     %dx, %al
        testb   $TRANSMITTER_EMPTY, %al
        jz      1b
        movw    $COM1, %dx
        movb    %ah, %al
        outb    %al, %dx
        ret

words:  .asciz  "the guest counts: "

        .org    510
        .word   0xaa55
