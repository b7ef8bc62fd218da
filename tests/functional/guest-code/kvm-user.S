# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Linux program without a library that runs a few instructions in a virtual machine of KVM's (Linux,
# Documentation/virt/kvm/api.rst) and prints why each run ended: a line of hexadecimal numbers.
        .set    SYS_read, 0
        .set    SYS_write, 1
        .set    SYS_open, 2
        .set    SYS_mmap, 9
        .set    SYS_ioctl, 16
        .set    SYS_exit, 60
        .set    KVM_CREATE_VM, 0xae01
        .set    KVM_GET_VCPU_MMAP_SIZE, 0xae04
        .set    KVM_GET_SUPPORTED_CPUID, 0xc008ae05
        .set    KVM_SET_CPUID2, 0x4008ae90
        .set    KVM_CREATE_VCPU, 0xae41
        .set    KVM_SET_USER_MEMORY_REGION, 0x4020ae46
        .set    KVM_RUN, 0xae80
        .set    KVM_GET_REGS, 0x8090ae81
        .set    KVM_SET_REGS, 0x4090ae82
        .set    KVM_GET_SREGS, 0x8138ae83
        .set    KVM_SET_SREGS, 0x4138ae84
        .set    EXIT_HLT, 5
        .set    EXIT_SHUTDOWN, 8
        .set    RUN_REASON, 8                   # of struct kvm_run
        .set    RUN_WORDS, 32

        .macro  system number
        movl    $\number, %eax
        syscall
        testq   %rax, %rax
        js      fail
        .endm
        .macro  control file, request, argument
        movl    \file, %edi
        movl    $\request, %esi
        leaq    \argument, %rdx
        system  SYS_ioctl
        .endm

        .text
        .globl  _start
_start:
        leaq    device(%rip), %rdi
        movl    $2, %esi                        # O_RDWR
        xorl    %edx, %edx
        system  SYS_open
        movl    %eax, %r12d
        control %r12d, KVM_CREATE_VM, 0
        movl    %eax, %r13d
        control %r13d, KVM_SET_USER_MEMORY_REGION, region(%rip)
        control %r13d, KVM_CREATE_VCPU, 0
        movl    %eax, %r14d
        control %r12d, KVM_GET_VCPU_MMAP_SIZE, 0
        movl    %eax, %esi
        xorl    %edi, %edi
        movl    $3, %edx                        # PROT_READ | PROT_WRITE
        movl    $1, %r10d                       # MAP_SHARED
        movl    %r14d, %r8d
        xorl    %r9d, %r9d
        system  SYS_mmap
        movq    %rax, %rbx

        movl    $128, cpuid(%rip)               # so many entries have room
        control %r12d, KVM_GET_SUPPORTED_CPUID, cpuid(%rip)
        control %r14d, KVM_SET_CPUID2, cpuid(%rip)
        control %r14d, KVM_GET_SREGS, sregs(%rip)
        movq    $0, sregs(%rip)                 # CS base
        movw    $0, sregs + 12(%rip)            # CS selector
        control %r14d, KVM_SET_SREGS, sregs(%rip)
        movq    $2, regs + 136(%rip)            # RFLAGS
        movq    $0x1000, regs + 128(%rip)       # RIP
        movq    $0x800, regs + 48(%rip)         # RSP
        control %r14d, KVM_SET_REGS, regs(%rip)

1:      control %r14d, KVM_RUN, 0
        leaq    text(%rip), %rdi
        movl    RUN_REASON(%rbx), %eax
        call    number
        movq    RUN_WORDS(%rbx), %rax
        cmpl    $EXIT_HLT, RUN_REASON(%rbx)
        jne     2f
        xorl    %eax, %eax
2:      call    number
        movq    RUN_WORDS(%rbx), %rax           # of a port: where the data is
        movl    RUN_WORDS + 8(%rbx), %ecx
        cmpl    $2, RUN_REASON(%rbx)
        jne     3f
        movl    (%rbx,%rcx), %ecx
3:      movl    %ecx, %eax
        cmpl    $EXIT_HLT, RUN_REASON(%rbx)
        jne     4f
        control %r14d, KVM_GET_REGS, regs(%rip)
        leaq    text + 34(%rip), %rdi
        movl    regs + 128(%rip), %eax
4:      call    number
        movb    $'\n', -1(%rdi)
        movl    $1, %edi
        leaq    text(%rip), %rsi
        movl    $51, %edx
        system  SYS_write
        cmpl    $EXIT_SHUTDOWN, RUN_REASON(%rbx)
        je      fail
        cmpl    $EXIT_HLT, RUN_REASON(%rbx)
        jne     1b
        xorl    %edi, %edi
        system  SYS_exit
fail:   movl    $1, %edi
        movl    $SYS_exit, %eax
        syscall

# Sixteen digits of %rax and a space at %rdi.
number: movl    $16, %ecx
1:      rolq    $4, %rax
        movl    %eax, %edx
        andl    $15, %edx
        movb    digits(%rdx), %dl
        movb    %dl, (%rdi)
        incq    %rdi
        decl    %ecx
        jnz     1b
        movb    $' ', (%rdi)
        incq    %rdi
        ret

        # The guest: real mode, then protected mode, then long mode with own page tables.
        .data
        .balign 4096
memory:
        .org    memory + 0x1000
        .code16
guest:  xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $1000, %cx
1:      addw    %cx, %ax
        loop    1b
        outw    %ax, $0x10                      # a sum
        xorl    %eax, %eax
        cpuid
        movl    %ebx, %eax
        outl    %eax, $0x12                     # its vendor's first letters
        lgdtl   gdt_register - memory
        movl    %cr0, %eax
        orl     $1, %eax
        movl    %eax, %cr0
        ljmpl   $8, $(1f - memory)
        .code32
1:      movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %ss
        movl    $0x12345678, 0xd0000            # no memory there
        movl    $0x4007, 0x3000                 # page tables: 2 MiB, one to one
        movl    $0x5007, 0x4000
        movl    $0x87, 0x5000
        movl    %cr4, %eax
        orl     $0x20, %eax
        movl    %eax, %cr4
        movl    $0x3000, %eax
        movl    %eax, %cr3
        movl    $0xc0000080, %ecx
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    %cr0, %eax
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        ljmp    $0x18, $(1f - memory)
        .code64
1:      movabsq $0x123456789abcdef0, %rax
        mulq    %rax
        movl    %edx, %eax
        outl    %eax, $0x14
        movl    $0x20, %ecx                     # touch pages
        movl    $0x6000, %edi
2:      movl    %ecx, (%rdi)
        addl    $0x1000, %edi
        decl    %ecx
        jnz     2b
        hlt
        .balign 8
gdt:    .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff
gdt_register:
        .word   31
        .long   gdt - memory
        .org    memory + 0x40000

region: .long   0, 0
        .quad   0, 0x40000, memory
device: .asciz  "/dev/kvm"
digits: .ascii  "0123456789abcdef"
        .bss
        .balign 8
sregs:  .space  312
regs:   .space  144
cpuid:  .space  8 + 128 * 40
text:   .space  64
