# SPDX-License-Identifier: GPL-2.0-or-later
#
# A multiboot kernel that tells on the first serial port what its loader handed over, a line a fact, and leaves through
# isa-debug-exit. With -DFLAT the header carries the addresses, as for kernels that are no ELF files.
        .set    MAGIC, 0x1badb002
        .set    ALIGN_MODULES, 1 << 0
        .set    WANT_MEMORY, 1 << 1
        .set    HAVE_ADDRESSES, 1 << 16
        .set    COM1, 0x3f8
        .set    DEBUG_EXIT, 0x501
        .ifdef  FLAT
        .set    FLAGS, ALIGN_MODULES | WANT_MEMORY | HAVE_ADDRESSES
        .else
        .set    FLAGS, ALIGN_MODULES | WANT_MEMORY
        .endif

        .code32
        .text
        .globl  _start
first:
        .align  4
header:
        .long   MAGIC
        .long   FLAGS
        .long   -(MAGIC + FLAGS)
        .long   header, first, loaded_end, bss_end, _start

# tell "name", value: one line
        .macro  tell name, value
        movl    \value, %edx
        call    tell_line
        .asciz  "\name"
        .endm

_start:
        movl    $stack_top, %esp
        pushl   %eax
        tell    "magic", (%esp)
        tell    "flags", (%ebx)
        tell    "mem_lower", 4(%ebx)
        tell    "mem_upper", 8(%ebx)
        tell    "boot_device", 12(%ebx)
        pushfl
        tell    "eflags", (%esp)
        movl    %cr0, %eax
        pushl   %eax
        tell    "cr0", (%esp)
        # The stack segment has to be flat and writable, the bss has to be zero: both are used here.
        tell    "bss", bss_word
        movl    $name_cmdline, %esi
        call    put_string
        movl    16(%ebx), %esi
        call    put_string
        call    put_newline
        movl    $name_loader, %esi
        call    put_string
        movl    64(%ebx), %esi
        call    put_string
        call    put_newline

        movl    20(%ebx), %ecx                  # modules
        movl    24(%ebx), %edi
        tell    "modules", %ecx
        jecxz   2f
1:      pushl   %ecx
        tell    "start", (%edi)
        tell    "end", 4(%edi)
        movl    $name_string, %esi
        call    put_string
        movl    8(%edi), %esi
        call    put_string
        call    put_newline
        movl    (%edi), %esi
        tell    "content", (%esi)
        addl    $16, %edi
        popl    %ecx
        loop    1b

2:      movl    44(%ebx), %ecx                  # memory map
        movl    48(%ebx), %edi
        addl    %edi, %ecx
3:      cmpl    %ecx, %edi
        jae     4f
        pushl   %ecx
        tell    "base", 4(%edi)
        tell    "base_high", 8(%edi)
        tell    "length", 12(%edi)
        tell    "length_high", 16(%edi)
        tell    "type", 20(%edi)
        popl    %ecx
        addl    (%edi), %edi
        addl    $4, %edi
        jmp     3b
4:      movl    $DEBUG_EXIT, %edx
        xorl    %eax, %eax
        outb    %al, %dx
5:      hlt
        jmp     5b

# The string after the call, a space, %edx in hexadecimal, a newline. Keeps all registers but %eax and %esi.
tell_line:
        popl    %esi
        call    put_string
        movb    $' ', %al
        call    put_byte
        pushl   %ecx
        movl    $8, %ecx
1:      roll    $4, %edx
        movb    %dl, %al
        andb    $15, %al
        addb    $'0', %al
        cmpb    $'9', %al
        jbe     2f
        addb    $'a' - '9' - 1, %al
2:      call    put_byte
        loop    1b
        popl    %ecx
        pushl   %esi
put_newline:
        movb    $'\n', %al
put_byte:
        pushl   %edx
        pushl   %eax
        movl    $COM1 + 5, %edx
1:      inb     %dx, %al
        testb   $0x20, %al                      # room in the transmitter
        jz      1b
        popl    %eax
        movl    $COM1, %edx
        outb    %al, %dx
        popl    %edx
        ret
# Leaves %esi behind the zero.
put_string:
        lodsb
        testb   %al, %al
        jz      1f
        call    put_byte
        jmp     put_string
1:      ret

name_cmdline:
        .asciz  "cmdline "
name_loader:
        .asciz  "loader "
name_string:
        .asciz  "string "
loaded_end:

        .bss
bss_word:
        .long   0
        .space  4096
stack_top:
bss_end:
