# SPDX-License-Identifier: GPL-2.0-or-later
#
# multiboot.bin: the option ROM behind -kernel for multiboot kernels. The board puts the kernel with its modules, and
# the information structure, into fw_cfg (hw/i386/multiboot-image.cc). This adds what the BIOS knows, the memory's size
# and map, and enters the kernel in the state of the Multiboot Specification 0.6.96, 3.2.

        .include "loader.inc"

        .set    HANDOVER_MAGIC, 0x2badb002
# The information structure (3.3)
        .set    MEM_LOWER, 4
        .set    MEM_UPPER, 8
        .set    MMAP_LENGTH, 44
        .set    MMAP_ADDR, 48

# Conventional memory beside what loader.inc uses: the descriptor table, which has to outlive this ROM's place in low
# memory should the kernel look at it, and the memory map up to the information structure.
        .set    GDT, 0x7100
        .set    MAP, 0x8000
        .set    MAP_LIMIT, 0x10000
        .set    MAP_ENTRY, 20                   # base, length, type; each after its own size

        .set    CODE32, 0x08
        .set    DATA32, 0x10

        .code16
        .text
        .org 0

        rom_header "Multiboot loader"
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
        .word   KERNEL_ADDR, KERNEL_SIZE, KERNEL_DATA
        call    load_piece
        .word   INITRD_ADDR, INITRD_SIZE, INITRD_DATA

        # The information structure through %fs; its address is below 1 MiB and a multiple of 16.
        movw    $INITRD_ADDR, %cx
        call    read_value
        movl    %eax, %esi
        pushl   %eax
        shrl    $4, %eax
        movw    %ax, %fs

        int     $0x12                           # KiB of conventional memory
        movzwl  %ax, %eax
        movl    %eax, %fs:MEM_LOWER

        # INT 15h, function E820h: one range of memory a call (ACPI 6.4, 15.1).
        movl    $MAP, %edi
        xorl    %ebx, %ebx
next_range:
        addl    $4, %edi                        # after the entry's size
        movl    $0xe820, %eax
        movl    $0x534d4150, %edx               # "SMAP"
        movl    $MAP_ENTRY, %ecx
        int     $0x15
        jc      map_ends
        cmpl    $0x534d4150, %eax
        jne     map_ends
        movl    $MAP_ENTRY, -4(%di)
        # What follows the first MiB without a gap is "upper memory".
        cmpl    $0x100000, (%di)
        jne     1f
        cmpl    $0, 4(%di)
        jne     1f
        movl    8(%di), %eax
        shrl    $10, %eax
        movl    %eax, %fs:MEM_UPPER
1:      addl    $MAP_ENTRY, %edi
        cmpl    $MAP_LIMIT - MAP_ENTRY - 4, %edi
        ja      map_full
        testl   %ebx, %ebx
        jnz     next_range
        jmp     map_full
map_ends:
        subl    $4, %edi                        # no entry came
map_full:
        subl    $MAP, %edi
        movl    %edi, %fs:MMAP_LENGTH
        movl    $MAP, %fs:MMAP_ADDR

        movw    $KERNEL_ENTRY, %cx
        call    read_value
        movl    %eax, %ebp

        # Flat segments, from a copy of the table in memory.
        movw    $gdt, %si
        movw    $GDT, %di
        movw    $(gdt_end - gdt) / 2, %cx
        rep movsw %cs:(%si), %es:(%di)
        lgdt    %cs:gdt_register
        popl    %ebx                            # the information structure
        xorl    %eax, %eax
        movw    %cs, %ax
        shll    $4, %eax
        addl    $protected, %eax
        pushl   $CODE32
        pushl   %eax
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        lretl

        .code32
protected:
        movl    $DATA32, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %eax, %ss
        movl    $HANDOVER_MAGIC, %eax
        jmp     *%ebp

        .align  8
gdt:
        .quad   0
        .quad   0x00cf9b000000ffff              # code, 4 GiB, 32 bit
        .quad   0x00cf93000000ffff              # data, 4 GiB
gdt_end:
gdt_register:
        .word   gdt_end - gdt - 1
        .long   GDT

        .align  512
rom_end:
