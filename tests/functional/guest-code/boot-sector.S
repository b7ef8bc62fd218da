# SPDX-License-Identifier: GPL-2.0-or-later
#
# A boot sector that shows what real-mode code asks of a BIOS: characters by INT 10h, a second sector by INT 13h, memory
# by INT 15h and INT 12h. It tells on the screen and on the first serial port.
        .set    COM1, 0x3f8
        .set    SECOND, 0x8000
        .code16
        .text
        .globl  _start
_start:
        ljmp    $0, $1f
1:      xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        movb    %dl, drive
        movw    $started, %si
        call    print

        int     $0x12
        call    print_hex
        movw    $memory, %si
        call    print

        xorw    %cx, %cx
        xorw    %dx, %dx
        movw    $0xe801, %ax                    # KiB above 1 MiB in %ax, 64 KiB pieces above 16 MiB in %bx
        int     $0x15
        pushw   %bx
        call    print_hex
        popw    %ax
        call    print_hex
        movw    $extended, %si
        call    print

        movw    $0x0201, %ax                    # read one sector
        movw    $SECOND, %bx
        movw    $0x0002, %cx                    # cylinder 0, sector 2
        movb    $0, %dh
        movb    drive, %dl
        int     $0x13
        jc      no_disk
        movw    $SECOND, %si
        call    print
        jmp     stop
no_disk:
        movw    $unread, %si
        call    print
stop:   hlt
        jmp     stop

print_hex:                                      # %ax
        movw    $4, %cx
1:      rolw    $4, %ax
        pushw   %ax
        andb    $15, %al
        addb    $0x90, %al                      # '0'-'9', 'A'-'F' by decimal adjustment
        daa
        adcb    $0x40, %al
        daa
        call    put
        popw    %ax
        loop    1b
        ret
print:  lodsb
        testb   %al, %al
        jz      1f
        call    put
        jmp     print
put:    pusha
        movb    $0x0e, %ah
        movw    $7, %bx
        int     $0x10
        popa
        movw    $COM1, %dx
        outb    %al, %dx
1:      ret

started:
        .asciz  "own boot sector\r\n"
memory:
        .asciz  " KiB conventional\r\n"
extended:
        .asciz  " extended\r\n"
unread:
        .asciz  "INT 13h failed\r\n"
drive:  .byte   0
        .org    510
        .word   0xaa55
        .asciz  "second sector read\r\n"
        .org    1024
