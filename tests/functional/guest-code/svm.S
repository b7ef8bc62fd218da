# SPDX-License-Identifier: GPL-2.0-or-later
#
# A multiboot kernel that is a hypervisor: in long mode it runs a guest of a few instructions for each row of a table, by VMRUN
# (AMD64 APM volume 2, chapter 15), and tells on the debug port what the guest's control block says afterwards, a line a guest.
        .set    MAGIC, 0x1badb002
        .set    FLAGS, 1 << 1 | 1 << 16
        .set    DEBUG_PORT, 0xe9
        .set    DEBUG_EXIT, 0x501

        # Memory; page tables map the lower 4 GiB one to one.
        .set    PML4, 0x200000
        .set    VMCB, 0x210000
        .set    HSAVE, 0x211000
        .set    IOPM, 0x212000
        .set    MSRPM, 0x216000
        .set    EXTRA, 0x218000                 # of VMSAVE
        .set    NPT, 0x220000                   # PML4, PDPT, four PDs, a PT for the first 2 MiB
        .set    NPT_LOW, 0x226000
        .set    GUEST_IDT, 0x230000
        .set    HOST_IDT, 0x231000
        .set    GUEST_TSS, 0x232000
        .set    ALIEN_PML4, 0x240000            # tables of a guest that nested paging does not map
        .set    GUEST_STACK, 0x1e0000
        .set    HOST_STACK, 0x1d0000
        .set    PAGE, 0x1f0000                  # for guests to fault on
        .set    APIC, 0xfee00000

        .include "svm-block.S"

        .set    MSR_EFER, 0xc0000080
        .set    MSR_STAR, 0xc0000081
        .set    MSR_VM_CR, 0xc0010114
        .set    MSR_VM_HSAVE_PA, 0xc0010117

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

_start:
        cld
        movl    $HOST_STACK, %esp
        movl    $PML4, %edi                     # everything from here to the first free page is zero
        xorl    %eax, %eax
        movl    $0x50000 / 4, %ecx
        rep     stosl
        movl    $PML4, %ebx
        call    map_all
        movl    $NPT, %ebx
        call    map_all
        # The first 2 MiB by small pages, in the nested tables.
        movl    $NPT_LOW | 7, NPT + 0x2000
        movl    $NPT_LOW, %edi
        movl    $7, %eax
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x1000, %eax
        cmpl    $0x200007, %eax
        jne     1b
        movl    $ALIEN_PML4, %ebx
        call    map_all

        movl    %cr4, %eax
        orl     $0x6b0, %eax                    # PSE, PAE, PGE, OSFXSR, OSXMMEXCPT
        movl    %eax, %cr4
        movl    $PML4, %eax
        movl    %eax, %cr3
        movl    $MSR_EFER, %ecx
        rdmsr
        orl     $0x1901, %eax                   # SVME, NXE, LME, SCE
        wrmsr
        movl    %cr0, %eax
        orl     $0x80010023, %eax               # PG, WP, NE, MP, PE
        movl    %eax, %cr0
        lgdt    gdt_register
        ljmp    $8, $start64

# Tables at %ebx that map 4 GiB by pages of 2 MiB.
map_all:
        leal    0x1007(%ebx), %eax
        movl    %eax, (%ebx)
        leal    0x2007(%ebx), %eax
        movl    $4, %ecx
        leal    0x1000(%ebx), %edi
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x1000, %eax
        loop    1b
        leal    0x2000(%ebx), %edi
        movl    $2048, %ecx
        movl    $0x87, %eax
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x200000, %eax
        loop    1b
        ret

        .code64
start64:
        movl    $0x10, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    $0x20, %eax
        ltr     %ax
        # Interrupt handlers: all of the guest's call the hypervisor with the vector; the host's tell of a fault.
        movl    $GUEST_IDT, %edi
        movl    $guest_handlers, %eax
        call    make_gates
        movl    $HOST_IDT, %edi
        movl    $host_handlers, %eax
        call    make_gates
        lidt    host_idt_register

        movl    $APIC, %r15d                    # for hosts and guests
        movl    $0x1ff, 0xf0(%r15)              # it is on

        movb    $0xff, %al                      # the PICs' interrupts are masked
        outb    %al, $0x21
        outb    %al, $0xa1

        # What needs no guest: the instructions in a processor without SVME, then with it.
        movl    $MSR_EFER, %ecx
        rdmsr
        btrl    $12, %eax
        wrmsr
        call    outside
        movl    $MSR_EFER, %ecx
        rdmsr
        btsl    $12, %eax
        wrmsr
        movl    $MSR_VM_CR, %ecx
        rdmsr
        leaq    name_vm_cr, %rsi
        call    put_string
        call    put_rax
        call    put_newline
        movl    $MSR_VM_HSAVE_PA, %ecx
        movl    $HSAVE, %eax
        xorl    %edx, %edx
        wrmsr
        call    outside
        movl    $VMCB + 8, %eax
        movl    $2f, resume
        vmrun
2:      movq    $-4096, %rax
        movl    $2f, resume
        vmload
2:      movq    $-4096, %rax
        movl    $2f, resume
        vmsave
2:
        movl    $EXTRA, %eax
        vmsave
        .ifdef  WAIT
        # With -defsym WAIT=1: no guest before a byte comes on the serial line.
        movl    $0x3fd, %edx
1:      inb     %dx, %al
        testb   $1, %al
        jz      1b
        .endif
        movl    $cases, %ebp
1:      call    run_case
        addq    $16, %rbp
        cmpq    $cases_end, %rbp
        jb      1b
        movl    $DEBUG_EXIT, %edx
        xorl    %eax, %eax
        outb    %al, %dx
2:      hlt
        jmp     2b

outside:
        .macro  try instruction:vararg
        movl    $9f, resume
        \instruction
9:
        .endm
        movl    $VMCB, %eax
        try     stgi
        try     clgi
        try     stgi
        try     vmmcall
        movl    $VMCB, %eax
        try     vmsave
        movl    $VMCB, %eax
        try     vmload
        xorl    %ecx, %ecx
        try     invlpga
        xorl    %eax, %eax
        try     skinit
        ret

make_gates:
        movl    $64, %ecx
1:      movl    %eax, %edx
        movw    %dx, (%rdi)
        movw    $8, 2(%rdi)
        movw    $0x8e00, 4(%rdi)
        shrl    $16, %edx
        movw    %dx, 6(%rdi)
        addq    $16, %rdi
        addl    $16, %eax
        loop    1b
        ret

# A row: %rbp points to name, code, preparation, and 64-bit or not.
run_case:
        # An empty control block, and a guest that looks like the host.
        movl    $VMCB, %ebx
        movq    %rbx, %rdi
        xorl    %eax, %eax
        movl    $512, %ecx
        rep     stosq
        movl    $IOPM, %edi
        movl    $0x6000 / 8, %ecx
        rep     stosq
        movl    $1, ASID(%rbx)
        movl    $IOPM, IOPM_BASE(%rbx)
        movl    $MSRPM, MSRPM_BASE(%rbx)
        movl    $I_SHUTDOWN, MISC1(%rbx)
        movl    $I_VMRUN | I_VMMCALL, MISC2(%rbx)
        movl    $0x029b0008, SAVE_CS(%rbx)      # attributes, selector
        movl    $0xffffffff, SAVE_CS + 4(%rbx)
        movl    $0x0c930010, %eax
        .irp    seg, SAVE_ES, SAVE_SS, SAVE_DS
        movl    %eax, \seg(%rbx)
        movl    $0xffffffff, \seg + 4(%rbx)
        .endr
        movl    $0x008b0020, SAVE_TR(%rbx)
        movl    $0x67, SAVE_TR + 4(%rbx)
        movl    $GUEST_TSS, SAVE_TR + 8(%rbx)
        movl    $gdt_end - gdt - 1, SAVE_GDTR + 4(%rbx)
        movl    $gdt, SAVE_GDTR + 8(%rbx)
        movl    $0xfff, SAVE_IDTR + 4(%rbx)
        movl    $GUEST_IDT, SAVE_IDTR + 8(%rbx)
        movl    $0x1d01, SAVE_EFER(%rbx)
        movl    $0x6a0, SAVE_CR4(%rbx)
        movl    $PML4, SAVE_CR3(%rbx)
        movl    $0x80010033, %eax
        movq    %rax, SAVE_CR0(%rbx)
        movl    $0x400, SAVE_DR7(%rbx)
        movl    $0xffff0ff0, %eax
        movq    %rax, SAVE_DR6(%rbx)
        movl    $2, SAVE_RFLAGS(%rbx)
        movl    4(%rbp), %eax
        movl    %eax, SAVE_RIP(%rbx)
        movl    $GUEST_STACK, SAVE_RSP(%rbx)
        movl    $0xaaaa, SAVE_RAX(%rbx)
        movq    $0x00070106, %rax
        movq    %rax, SAVE_PAT(%rbx)
        movq    $0x666, SAVE_CR2(%rbx)
        movl    8(%rbp), %eax
        testl   %eax, %eax
        jz      1f
        call    *%rax
1:      movl    $2f, resume
        clgi
        sti
        xorl    %ecx, %ecx
        xorl    %edx, %edx
        xorl    %edi, %edi
        pushq   %rbp
        movl    $VMCB, %eax
        vmrun
        popq    %rbp
        movl    $VMCB, %ebx
        movl    %ecx, guest_ecx
2:      cli
        stgi
        movl    (%rbp), %esi
        call    put_string
        .irp    field, EXITCODE, EXITINFO1, EXITINFO2, EXITINTINFO, EVENTINJ
        movq    \field(%rbx), %rax
        call    put_rax
        .endr
        movq    SAVE_RIP(%rbx), %rax
        movl    4(%rbp), %ecx
        subq    %rcx, %rax
        call    put_rax
        .irp    field, SAVE_RAX, SAVE_RFLAGS, SAVE_CR2, V_INTR, SHADOW, SAVE_CR0, SAVE_EFER, SAVE_DR6
        movq    \field(%rbx), %rax
        call    put_rax
        .endr
        movzbl  SAVE_CPL(%rbx), %eax
        call    put_rax
        movl    guest_ecx, %eax
        call    put_rax
        call    put_newline
        movl    12(%rbp), %eax
        testl   %eax, %eax
        jz      3f
        call    *%rax
3:      ret

put_newline:
        movb    $'\n', %al
        outb    %al, $DEBUG_PORT
        ret
# A space and %rax in hexadecimal without leading zeroes.
put_rax:
        pushq   %rcx
        pushq   %rdx
        movq    %rax, %rdx
        movb    $' ', %al
        outb    %al, $DEBUG_PORT
        movl    $60, %ecx
1:      movq    %rdx, %rax
        shrq    %cl, %rax
        jnz     2f
        subl    $4, %ecx
        jg      1b
        xorl    %ecx, %ecx
2:      movq    %rdx, %rax
        shrq    %cl, %rax
        andb    $15, %al
        addb    $'0', %al
        cmpb    $'9', %al
        jbe     3f
        addb    $'a' - '9' - 1, %al
3:      outb    %al, $DEBUG_PORT
        subl    $4, %ecx
        jns     2b
        popq    %rdx
        popq    %rcx
        ret
put_string:
        lodsb
        testb   %al, %al
        jz      1f
        outb    %al, $DEBUG_PORT
        jmp     put_string
1:      ret

# Handlers of 16 bytes each. The guest's: its hypervisor is called with the vector, after 1000h, in %ecx.
        .align  16
guest_handlers:
        .set    vector, 0
        .rept   64
        movl    $0x1000 + vector, %ecx
        vmmcall
        .align  16
        .set    vector, vector + 1
        .endr
host_handlers:
        .set    vector, 0
        .rept   64
        pushq   $vector
        jmp     host_handler
        .align  16
        .set    vector, vector + 1
        .endr
host_handler:
        popq    %rax
        movq    %rax, %rdi
        leaq    name_fault, %rsi
        call    put_string
        movq    %rdi, %rax
        call    put_rax
        # Which of these push an error code does not matter here: the stack is left behind.
        call    put_newline
        cmpl    $0x30, %edi                     # an interrupt
        jb      1f
        movl    $0, 0xb0(%r15)
        iretq
1:      cmpl    $2, %edi                        # an NMI
        jne     2f
        iretq
2:      cmpl    $8, %edi
        je      3f
        cmpl    $10, %edi
        jb      4f
3:      addq    $8, %rsp
4:      movl    resume, %eax
        movq    %rax, (%rsp)
        iretq

        .include "svm-guests.S"
        .include "svm-events.S"
        .include "svm-paging.S"

        .data
        .align  16
gdt:
        .quad   0
        .quad   0x00af9b000000ffff              # 08 64-bit code
        .quad   0x00cf93000000ffff              # 10 data
        .quad   0x00cf9b000000ffff              # 18 32-bit code
        .long   0x20000067, 0x8923, 0, 0        # 20 the task state at GUEST_TSS
        .quad   0x00affb000000ffff              # 30 user code
        .quad   0x00cff3000000ffff              # 38 user data
        .long   0x20000067, 0x8923              # 40 a task that is not busy
        .quad   0x00cf13000000ffff              # 48 data that is not present
gdt_end:
gdt_register:
        .word   gdt_end - gdt - 1
        .quad   gdt
host_idt_register:
        .word   0x3ff
        .quad   HOST_IDT
resume:
        .quad   0
guest_ecx:
        .quad   0
name_fault:
        .asciz  "fault"
name_vm_cr:
        .asciz  "VM_CR"
loaded_end:
        .bss
        .space  16
bss_end:
