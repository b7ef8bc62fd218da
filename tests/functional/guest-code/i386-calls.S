# SPDX-License-Identifier: GPL-2.0-or-later
#
# A 32-bit Linux program without a library: system calls by INT 80h and by the entry that the kernel's vDSO offers
# (SYSENTER, or SYSCALL on AMD processors), far calls into 64-bit code and back, and what only 32-bit code can do.
        .set    SYS_exit, 1
        .set    SYS_write, 4
        .set    SYS_getpid, 20
        .set    AT_SYSINFO, 32
        .set    USER32_CS, 0x23
        .set    USER64_CS, 0x33

        .text
        .globl  _start
_start:
        movl    %esp, %ebp
        movl    $SYS_getpid, %eax
        int     $0x80
        movl    %eax, %esi

        # The auxiliary vector is behind argc, argv and the environment, each list ending with zero.
        movl    (%ebp), %ecx
        leal    8(%ebp,%ecx,4), %edi
        xorl    %eax, %eax
1:      scasl
        jne     1b
2:      movl    (%edi), %eax
        testl   %eax, %eax
        jz      fail
        cmpl    $AT_SYSINFO, %eax
        je      3f
        addl    $8, %edi
        jmp     2b
3:      movl    4(%edi), %edi
        movl    $SYS_getpid, %eax
        call    *%edi
        cmpl    %esi, %eax
        jne     fail

        lcall   $USER64_CS, $in_64bit
        cmpl    $0x12345678, %eax
        jne     fail

        movb    $0x27, %al                      # 27 + 35 in packed decimal
        addb    $0x35, %al
        daa
        cmpb    $0x62, %al
        jne     fail
        movw    $5, bounds
        movw    $9, bounds + 2
        movw    $7, %ax
        bound   %ax, bounds
        pusha
        popa
        pushl   %fs
        popl    %fs
        fninit
        fldpi
        fsin                                    # pi is not quite pi
        fabs
        fcomps  tiny
        fnstsw  %ax
        sahf
        ja      fail

        movl    $SYS_write, %eax
        movl    $1, %ebx
        movl    $message, %ecx
        movl    $message_end - message, %edx
        call    *%edi
        xorl    %ebx, %ebx
        jmp     4f
fail:   movl    $1, %ebx
4:      movl    $SYS_exit, %eax
        int     $0x80

        .code64
in_64bit:
        movabsq $0x1234567800000000, %rax
        shrq    $32, %rax
        lretl
        .code32

message:
        .ascii  "32-bit code runs\n"
message_end:
        .balign 4
tiny:   .float  1e-15

        .data
        .balign 4
bounds: .word   0, 0
