# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests of svm.S: nested paging, control blocks that make no sense, time, tasks; the end of the table.
        # Nested paging.
        jmp     9f
npt:    movl    $1, NP_ENABLE(%rbx)
        movl    $NPT, N_CR3(%rbx)
        movabsq $0x0007040600070406, %rax
        movq    %rax, SAVE_PAT(%rbx)
        # All as it was: mapped, and neither accessed nor dirty.
        movl    $PAGE | 7, NPT_LOW + PAGE / 512
        movl    $0, NPT_LOW + PAGE / 512 + 4
        movl    $0x240087, NPT + 0x2008
        andl    $~0x1ff000, NPT + 0x2008
        ret
        .macro  page_is name, bits, high=0
\name:  call    npt
        movl    $PAGE | \bits, NPT_LOW + PAGE / 512
        movl    $\high, NPT_LOW + PAGE / 512 + 4
        ret
        .endm
        page_is npt_missing, 6
        page_is npt_read_only, 5
        page_is npt_supervisor, 3
        page_is npt_no_execute, 7, 1 << 31
        page_is npt_reserved, 7, 1 << 16
npt_alien:                                      # page tables that the nested tables do not map
        call    npt
        movl    $ALIEN_PML4, SAVE_CR3(%rbx)
        movl    $0x200086, NPT + 0x2008
        ret
npt_alien_read_only:
        call    npt
        movl    $ALIEN_PML4, SAVE_CR3(%rbx)
        movl    $0x200085, NPT + 0x2008
        ret
npt_real:                                       # real mode
        call    npt
        movl    $0, SAVE_CR0(%rbx)
        jmp     real
npt_real_missing:
        call    npt_missing
        movl    $0, SAVE_CR0(%rbx)
real:   movl    $0x10, SAVE_CR0(%rbx)
        movl    $0, SAVE_CR4(%rbx)
        movl    $0x1000, SAVE_EFER(%rbx)
        movl    $0x009b0000, SAVE_CS(%rbx)
        movl    $0xffff, SAVE_CS + 4(%rbx)
        movl    4(%rbp), %eax                   # the code's segment starts there
        movl    %eax, SAVE_CS + 8(%rbx)
        movl    $0, SAVE_RIP(%rbx)
        movl    $0x00930000, %eax
        .irp    seg, SAVE_ES, SAVE_SS, SAVE_DS
        movl    %eax, \seg(%rbx)
        movl    $0xffff, \seg + 4(%rbx)
        .endr
        movl    $PAGE, SAVE_DS + 8(%rbx)
        ret
npt_bits:
        movzwl  NPT_LOW + PAGE / 512, %eax
        leaq    name_bits, %rsi
        call    put_string
        movzwl  NPT_LOW + PAGE / 512, %eax
        call    put_rax
        jmp     put_newline
load:   movl    PAGE + 0x123, %eax
        vmmcall
store:  movl    %eax, PAGE + 0x123
        vmmcall
jump:   movl    $PAGE, %eax
        movl    $0xd9010f, (%rax)               # VMMCALL
        jmp     *%rax
over:   movl    %eax, PAGE - 2
        vmmcall
        .code16
real16: movl    0x10, %eax
        vmmcall
        .code64
9:      case    "nested: a load", load, npt, npt_bits
        case    "nested: a store", store, npt, npt_bits
        case    "nested: a load from nowhere", load, npt_missing, npt_bits
        case    "nested: a store to nowhere", store, npt_missing, npt_bits
        case    "nested: a store over a border", over, npt_missing
        case    "nested: a load from a read-only page", load, npt_read_only, npt_bits
        case    "nested: a store to a read-only page", store, npt_read_only, npt_bits
        case    "nested: a load from a supervisor's page", load, npt_supervisor
        case    "nested: code", jump, npt
        case    "nested: code of no execution", jump, npt_no_execute
        case    "nested: reserved bits", load, npt_reserved
        case    "nested: no page tables", load, npt_alien
        case    "nested: read-only page tables", load, npt_alien_read_only
        case    "real mode", real16, real
        case    "nested: real mode", real16, npt_real
        case    "nested: real mode, nowhere", real16, npt_real_missing

        # Control blocks that make no sense.
        .macro  invalid name, instructions:vararg
        jmp     3f
1:      \instructions
        ret
3:      case    "invalid: \name", guest_idle, 1b
        .endm
        invalid "no address space", movl $0, ASID(%rbx)
        invalid "VMRUN not intercepted", movl $0, MISC2(%rbx)
        invalid "no SVME", btrl $12, SAVE_EFER(%rbx)
        invalid "EFER", btsl $20, SAVE_EFER(%rbx)
        invalid "NW without CD", btsl $29, SAVE_CR0(%rbx)
        invalid "CR0", movl $1, SAVE_CR0 + 4(%rbx)
        invalid "CR3", movl $0x80000000, SAVE_CR3 + 4(%rbx)
        invalid "CR4", btsl $31, SAVE_CR4(%rbx)
        invalid "DR6", movl $1, SAVE_DR6 + 4(%rbx)
        invalid "DR7", movl $1, SAVE_DR7 + 4(%rbx)
        invalid "long mode without PAE", btrl $5, SAVE_CR4(%rbx)
        invalid "long mode without PE", btrl $0, SAVE_CR0(%rbx)
        invalid "long mode with CS.L and CS.D", movl $0x069b0008, SAVE_CS(%rbx)
        invalid "I/O map", movl $-1, IOPM_BASE + 4(%rbx)

        # The time-stamp counter is the host's, shifted.
        jmp     9f
shift_tsc:
        movl    $0x10000000, TSC_OFFSET + 4(%rbx)
        ret
tsc:    rdtsc
        movl    %edx, %ecx
        shrl    $24, %ecx
        vmmcall
9:      case    "TSC", tsc
        case    "TSC, shifted", tsc, shift_tsc

        # A 32-bit guest that jumps to a task.
        jmp     9f
legacy: movl    $0x0c9b0018, SAVE_CS(%rbx)
        movl    $0x1000, SAVE_EFER(%rbx)
        movl    $0x11, SAVE_CR0(%rbx)
        movl    $0, SAVE_CR0 + 4(%rbx)
        movl    $0, SAVE_CR4(%rbx)
        orl     $I_TASK_SWITCH, MISC1(%rbx)
        movw    $0x20, GUEST_TSS                # the task before
        ret
        .code32
task:   ljmp    $0x40, $0
task_call:
        lcall   $0x40, $0
task_iret:
        pushl   $0x4000
        popfl
        iret
        .code64
9:      case    "a jump to a task", task, legacy
        case    "a call of a task", task_call, legacy
        case    "IRET from a task", task_iret, legacy

        # QEMU 7.2 ends itself when a guest with a virtual TPR lowers it.
        virtual "virtual interrupt, TPR lowered", 0x3301030104, lower_cr8

        .pushsection .cases, "a"
cases_end:
        .popsection
        .pushsection .rodata
name_stack:
        .asciz  "  stack"
name_bits:
        .asciz  "  entry"
        .popsection
