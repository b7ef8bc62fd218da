# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guests of svm.S. A row is `case name, code, preparation, afterwards`; `intercept` makes rows of one instruction each.
        .macro  case name, code, prepare=0, after=0
        .pushsection .rodata
8:      .asciz  "\name"
        .popsection
        .pushsection .cases, "a"
        .long   8b, \code, \prepare, \after
        .popsection
        .endm
# A guest of one instruction, which its hypervisor gets to see when a bit of a word is set, and which runs to the end (VMMCALL)
# otherwise.
        .macro  intercept name, word, mask, instruction:vararg
        jmp     3f
1:      \instruction
        vmmcall
2:      orl     $\mask, \word(%rbx)
        ret
3:      case    "\name", 1b, 2b
        .endm
        .macro  either name, word, mask, instruction:vararg
        jmp     3f
1:      \instruction
        vmmcall
2:      orl     $\mask, \word(%rbx)
        ret
3:      case    "\name", 1b, 2b
        case    "\name, not looked at", 1b
        .endm

        .pushsection .cases, "a"
cases:
        .popsection
        .ifdef  STAY
        # With -defsym STAY=1: a guest that waits for a byte on the serial line, with as much state as there can be.
        jmp     9f
stay:   sti
        pause
        cli
        movl    $0x3fd, %edx
        inb     %dx, %al
        testb   $1, %al
        jz      stay
        movl    $0x3f8, %edx
        inb     %dx, %al
        movl    $0x9999, %ecx
        vmmcall
prepare_stay:
        call    npt
        movabsq $0x3303050104, %rax             # a virtual interrupt waits below the virtual TPR, V_GIF is clear
        movq    %rax, V_INTR(%rbx)
        movl    $0xcc, EXCEPTIONS(%rbx)
        movw    $0x10, CR_READ(%rbx)
        movw    $0x4, CR_WRITE(%rbx)
        movw    $0xe0, DR_READ(%rbx)
        movw    $0xe1, DR_WRITE(%rbx)
        orl     $0x30, MISC1(%rbx)
        movl    $0x10000000, TSC_OFFSET + 4(%rbx)
        ret
9:      case    "stay", stay, prepare_stay
        .endif

        # Every instruction that can be intercepted by itself.
        intercept "CPUID", MISC1, 1 << 18, cpuid
        intercept "HLT", MISC1, 1 << 24, hlt
        intercept "RDTSC", MISC1, 1 << 14, rdtsc
        intercept "RDTSCP", MISC2, 1 << 7, rdtscp
        intercept "RDPMC", MISC1, 1 << 15, rdpmc
        either  "PAUSE", MISC1, 1 << 23, pause
        either  "INVD", MISC1, 1 << 22, invd
        either  "WBINVD", MISC2, 1 << 9, wbinvd
        intercept "MONITOR", MISC2, 1 << 10, monitor
        intercept "MWAIT", MISC2, 1 << 11, mwait
        either  "PUSHF", MISC1, 1 << 16, pushfq
        intercept "POPF", MISC1, 1 << 17, popfq
        intercept "RSM", MISC1, 1 << 19, rsm
        intercept "IRET", MISC1, 1 << 20, iretq
        either  "INT n", MISC1, 1 << 21, int $0x31
        either  "SGDT", MISC1, 1 << 7, sgdt PAGE
        either  "SIDT", MISC1, 1 << 6, sidt PAGE
        either  "SLDT", MISC1, 1 << 8, sldt %eax
        either  "STR", MISC1, 1 << 9, str %eax
        either  "LGDT", MISC1, 1 << 11, lgdt gdt_register
        either  "LIDT", MISC1, 1 << 10, lidt host_idt_register
        intercept "LLDT", MISC1, 1 << 12, lldt %ax
        intercept "LTR", MISC1, 1 << 13, ltr %ax
        either  "INVLPG", MISC1, 1 << 25, invlpg 0x123456
        either  "INVLPGA", MISC1, 1 << 26, invlpga
        either  "VMRUN of no page", MISC2, 1 << 0, vmrun
        intercept "VMMCALL", MISC2, 1 << 1, vmmcall
        either  "VMLOAD of no page", MISC2, 1 << 2, vmload
        either  "VMSAVE of no page", MISC2, 1 << 3, vmsave
        either  "STGI", MISC2, 1 << 4, stgi
        either  "CLGI", MISC2, 1 << 5, clgi
        either  "SKINIT", MISC2, 1 << 6, skinit
        either  "ICEBP", MISC2, 1 << 8, .byte 0xf1
        either  "XSETBV without OSXSAVE", MISC2, 1 << 13, xsetbv

        # A control block's instructions with one.
        jmp     9f
of_a_page:
        movl    $VMCB, SAVE_RAX(%rbx)
        orl     $1 << 2 | 1 << 3, MISC2(%rbx)
        ret
a_page: movl    $EXTRA, SAVE_RAX(%rbx)
        ret
run_it: vmrun
load_it:
        vmload
        vmmcall
save_it:
        vmsave
        vmmcall
set_xcr0:
        mov     %cr4, %rax
        orl     $1 << 18, %eax
        mov     %rax, %cr4
        movl    $7, %eax
        xsetbv
        vmmcall
xsetbv_too:
        orl     $1 << 13, MISC2(%rbx)
        ret
9:      case    "VMRUN", run_it, of_a_page
        case    "VMLOAD", load_it, of_a_page
        case    "VMSAVE", save_it, of_a_page
        case    "VMLOAD, not looked at", load_it, a_page
        case    "VMSAVE, not looked at", save_it, a_page
        case    "XSETBV", set_xcr0, xsetbv_too
        case    "XSETBV, not looked at", set_xcr0

        # Control and debug registers.
        either  "MOV from CR0", CR_READ, 1 << 0, mov %cr0, %rax
        either  "MOV from CR2", CR_READ, 1 << 2, mov %cr2, %rax
        either  "MOV from CR3", CR_READ, 1 << 3, mov %cr3, %rdx
        either  "MOV from CR4", CR_READ, 1 << 4, mov %cr4, %rax
        either  "MOV from CR8", CR_READ, 1 << 8, mov %cr8, %rax
        either  "SMSW", CR_READ, 1 << 0, smsw %eax
        jmp     9f
write_cr0:
        mov     %cr0, %rax
        orl     $1 << 18, %eax                  # AM
        mov     %rax, %cr0
        vmmcall
intercept_cr0:
        movw    $1 << 0, CR_WRITE(%rbx)
        ret
9:      case    "MOV to CR0", write_cr0, intercept_cr0
        case    "MOV to CR0, not looked at", write_cr0
        intercept "MOV to CR2", CR_READ, 1 << 18, mov %rax, %cr2
        intercept "MOV to CR3", CR_READ, 1 << 19, mov %rdi, %cr3
        intercept "MOV to CR4", CR_READ, 1 << 20, mov %rax, %cr4
        intercept "MOV to CR8", CR_READ, 1 << 24, mov %rdi, %cr8
        either  "CLTS", CR_READ, 1 << 16, clts
        intercept "LMSW", CR_READ, 1 << 16, lmsw %ax
        jmp     9f
selective:
        orl     $I_CR0_SELECTIVE, MISC1(%rbx)
        ret
write_ts:
        mov     %cr0, %rax
        orl     $8, %eax
        mov     %rax, %cr0
        vmmcall
lmsw_ts:
        smsw    %eax
        orl     $8, %eax
        lmsw    %ax
        vmmcall
lmsw_em:
        smsw    %eax
        orl     $4, %eax
        lmsw    %ax
        vmmcall
9:      case    "CR0, selective", write_cr0, selective
        case    "CR0, selective, TS", write_ts, selective
        case    "LMSW, selective, TS", lmsw_ts, selective
        case    "LMSW, selective, EM", lmsw_em, selective
        either  "MOV from DR0", DR_READ, 1 << 0, mov %dr0, %rax
        either  "MOV from DR6", DR_READ, 1 << 6, mov %dr6, %rax
        either  "MOV from DR7", DR_READ, 1 << 7, mov %dr7, %rax
        either  "MOV to DR3", DR_READ, 1 << 19, mov %rdi, %dr3
        either  "MOV to DR7", DR_READ, 1 << 23, mov %rdi, %dr7

        # Privilege is looked at first, most intercepts only then (APM volume 2, table 15-7).
        jmp     9f
as_user:
        movb    $3, SAVE_CPL(%rbx)
        movl    $0x0cfb003b, %eax
        movl    %eax, SAVE_SS(%rbx)
        movl    $0x02fb0033, SAVE_CS(%rbx)
        orl     $1 << 13, EXCEPTIONS(%rbx)
        orl     $1 << 24 | 1 << 18, MISC1(%rbx)
        movw    $1, CR_READ(%rbx)
        orl     $1 << 14, EXCEPTIONS(%rbx)
        ret
user_hlt:
        hlt
user_cr0:
        mov     %cr0, %rax
user_cpuid:
        cpuid
9:      case    "HLT in user mode", user_hlt, as_user
        case    "MOV from CR0 in user mode", user_cr0, as_user
        case    "CPUID in user mode", user_cpuid, as_user

        # Ports and MSRs, by their maps.
        jmp     9f
ports:
        orl     $I_IOIO, MISC1(%rbx)
        orb     $1 << 0 | 1 << 3, IOPM + 0x80 / 8
        orb     $1 << 7, IOPM + 0xffff / 8
        ret
out80:
        outb    %al, $0x80
        vmmcall
out81:
        outb    %al, $0x81
        vmmcall
out81_4:
        outl    %eax, $0x80
in82_2:
        inw     $0x82, %ax
in_dx:
        movl    $0x83, %edx
        inb     %dx, %al
in_top:
        movl    $0xffff, %edx
        inl     %dx, %eax
outs:
        movl    $0x80, %edx
        movl    $PAGE, %esi
        movl    $5, %ecx
        rep     outsw
ins:
        movl    $0x80, %edx
        movl    $PAGE, %edi
        addr32 insb
9:      case    "OUT", out80, ports
        case    "OUT, not looked at", out81, ports
        case    "OUT of four bytes", out81_4, ports
        case    "IN of two bytes", in82_2, ports
        case    "IN by DX", in_dx, ports
        case    "IN beyond the last port", in_top, ports
        case    "OUTS", outs, ports
        case    "INS", ins, ports
        jmp     9f
msrs:
        orl     $I_MSR, MISC1(%rbx)
        # Two bits a register: reads, writes.
        orb     $1, MSRPM + 0x10 / 4            # TSC
        orb     $2, MSRPM + 0x174 / 4           # SYSENTER_CS
        orb     $4, MSRPM + 0x800 + 0x81 / 4    # STAR
        orb     $0x40, MSRPM + 0x1000 + 0x117 / 4       # VM_HSAVE_PA
        ret
read_tsc:
        movl    $0x10, %ecx
        rdmsr
read_sysenter:
        movl    $0x174, %ecx
        rdmsr
        movl    $0xcccc, %ecx
        vmmcall
write_sysenter:
        movl    $0x174, %ecx
        wrmsr
read_star:
        movl    $MSR_STAR, %ecx
        rdmsr
read_hsave:
        movl    $MSR_VM_HSAVE_PA, %ecx
        rdmsr
read_beyond:
        movl    $0x40000000, %ecx
        rdmsr
        movl    $0xcccc, %ecx
        vmmcall
9:      case    "RDMSR TSC", read_tsc, msrs
        case    "RDMSR SYSENTER_CS", read_sysenter, msrs
        case    "WRMSR SYSENTER_CS", write_sysenter, msrs
        case    "RDMSR STAR", read_star, msrs
        case    "RDMSR VM_HSAVE_PA", read_hsave, msrs
        case    "RDMSR beyond the map", read_beyond, msrs

        # Exceptions.
        .macro  exception name, vector, code
        jmp     3f
2:      orl     $1 << \vector, EXCEPTIONS(%rbx)
        ret
3:      case    "\name", \code, 2b
        case    "\name, not looked at", \code
        .endm
        jmp     9f
de:     xorl    %edi, %edi
        divl    %edi
bp:     int3
ud:     ud2
nm:     mov     %cr0, %rax
        orl     $8, %eax
        mov     %rax, %cr0
        fnop
np:     movl    $0x48, %eax
        movl    %eax, %fs
gp:     movabsq $1 << 62, %rax
        movq    (%rax), %rax
pf:     movabsq $5 << 30, %rax
        movq    %rax, 0x10(%rax)
9:      exception "#DE", 0, de
        exception "#BP", 3, bp
        exception "#UD", 6, ud
        exception "#NM", 7, nm
        exception "#NP", 11, np
        exception "#GP", 13, gp
        exception "#PF", 14, pf
        jmp     9f
step:   orl     $1 << 8, SAVE_RFLAGS(%rbx)
        orl     $1 << 1, EXCEPTIONS(%rbx)
        ret
step_alone:
        orl     $1 << 8, SAVE_RFLAGS(%rbx)
        ret
two_nops:
        nop
        nop
9:      case    "#DB", two_nops, step
        case    "#DB, not looked at", two_nops, step_alone

        # One exception while another is delivered.
        jmp     9f
no_idt: movl    $0, SAVE_IDTR + 4(%rbx)
        ret
no_idt_df:
        orl     $1 << 8, EXCEPTIONS(%rbx)
        movl    $0, SAVE_IDTR + 4(%rbx)
        ret
no_idt_gp:
        orl     $1 << 13, EXCEPTIONS(%rbx)
        movl    $0, SAVE_IDTR + 4(%rbx)
        ret
fault:  ud2
trap:   int     $0x31
9:      case    "triple fault", fault, no_idt
        case    "double fault", fault, no_idt_df
        case    "#GP while #UD is delivered", fault, no_idt_gp
        case    "#GP of INT n", trap, no_idt_gp

        # Events that the hypervisor injects.
        .macro  inject name, event, prepare=0, code=guest_idle
        jmp     3f
1:      movabsq $\event, %rax
        movq    %rax, EVENTINJ(%rbx)
        .ifnc   \prepare, 0
        jmp     \prepare
        .endif
        ret
3:      case    "\name", \code, 1b, stack_top
        .endm
        jmp     9f
guest_idle:
        nop
        movl    $0x9999, %ecx
        vmmcall
stack_top:                                      # what the guest's stack has, from its top
        leaq    name_stack, %rsi
        call    put_string
        movl    $GUEST_STACK - 8, %esi
1:      movq    (%rsi), %rax
        call    put_rax
        movq    $0, (%rsi)
        subq    $8, %rsi
        cmpl    $GUEST_STACK - 0x38, %esi
        jne     1b
        jmp     put_newline
interruptible:
        orl     $0x200, SAVE_RFLAGS(%rbx)
        ret
without_idt:
        orl     $1 << 13, EXCEPTIONS(%rbx)
        movl    $0, SAVE_IDTR + 4(%rbx)
        ret
9:
        inject  "inject an interrupt", 0x80000033
        inject  "inject an interrupt with IF", 0x80000033, interruptible
        inject  "inject an NMI", 0x80000202
        inject  "inject #UD", 0x80000306
        inject  "inject #GP", 0x0000123480000b0d
        inject  "inject #PF", 0x0000000280000b0e
        inject  "inject #DB", 0x80000301
        inject  "inject INT n", 0x80000431
        inject  "inject nothing", 0x00000306
        inject  "inject into no table", 0x80000033, without_idt
        inject  "inject INT n into no table", 0x80000431, without_idt
        inject  "inject exception 2", 0x80000302
        inject  "inject exception 32", 0x80000320
        inject  "inject type 1", 0x80000120
        inject  "inject type 5", 0x80000506

        # Virtual interrupts.
        .macro  virtual name, v_intr, code, prepare=0
        jmp     3f
1:      movabsq $\v_intr, %rax
        movq    %rax, V_INTR(%rbx)
        .ifnc   \prepare, 0
        jmp     \prepare
        .endif
        ret
3:      case    "\name", \code, 1b
        .endm
        jmp     9f
sti_nops:
        sti
        nop
        nop
        movl    $0x9999, %ecx
        vmmcall
vintr:  orl     $I_VINTR, MISC1(%rbx)
        ret
vintr_if:
        orl     $I_VINTR, MISC1(%rbx)
        orl     $0x200, SAVE_RFLAGS(%rbx)
        ret
if_shadow:
        orl     $0x200, SAVE_RFLAGS(%rbx)
        movl    $1, SHADOW(%rbx)
        ret
vintr_shadow:
        orl     $I_VINTR, MISC1(%rbx)
        orl     $0x200, SAVE_RFLAGS(%rbx)
        movl    $1, SHADOW(%rbx)
        ret
lower_cr8:
        sti
        mov     %cr8, %rax
        movl    $2, %edi
        mov     %rdi, %cr8
        nop
        movl    $0x9999, %ecx
        vmmcall
wait:   sti
        hlt
        movl    $0x9999, %ecx
        vmmcall
9:
        virtual "virtual interrupt without IF", 0x3301010100, guest_idle
        virtual "virtual interrupt with IF", 0x3301010100, guest_idle, interruptible
        virtual "virtual interrupt after STI", 0x3301010100, sti_nops
        virtual "virtual interrupt in a shadow", 0x3301010100, guest_idle, if_shadow
        virtual "virtual interrupt below the TPR", 0x3301030104, sti_nops
        virtual "virtual interrupt, TPR ignored", 0x3301130104, sti_nops
        virtual "virtual interrupt ends HLT", 0x3301010100, wait
        virtual "VINTR without IF", 0x3301010100, guest_idle, vintr
        virtual "VINTR with IF", 0x3301010100, guest_idle, vintr_if
        virtual "VINTR after STI", 0x3301010100, sti_nops, vintr
        virtual "VINTR in a shadow", 0x3301010100, guest_idle, vintr_shadow
        virtual "virtual interrupt, V_GIF clear", 0x3303010100, sti_nops
        virtual "virtual interrupt, V_GIF set", 0x3303010300, sti_nops
        virtual "VINTR, V_GIF clear", 0x3303010100, sti_nops, vintr
        jmp     9f
stgi_nop:
        sti
        nop
        stgi
        nop
        movl    $0x9999, %ecx
        vmmcall
clgi_nop:
        clgi
        sti
        nop
        nop
        movl    $0x9999, %ecx
        vmmcall
9:      virtual "virtual interrupt after a virtual STGI", 0x3303010100, stgi_nop
        virtual "no virtual interrupt after a virtual CLGI", 0x3303010300, clgi_nop

        # Physical interrupts, by the local APIC to itself.
        jmp     9f
send_self:
        movl    $0x44033, 0x300(%r15)          # fixed, to itself
        orl     $I_INTR, MISC1(%rbx)
        ret
send_self_masking:
        movl    $0x44033, 0x300(%r15)
        orl     $I_INTR, MISC1(%rbx)
        movl    $0x01000000, V_INTR(%rbx)
        ret
intr:   orl     $I_INTR, MISC1(%rbx)
        ret
guest_sends:
        sti
        movl    $0x44034, 0x300(%r15)
        jmp     linger
guest_sends_nmi:
        movl    $0x40400, 0x300(%r15)
linger: movl    $0x10000, %edi
1:      decl    %edi
        jnz     1b
        movl    $0x9999, %ecx
        vmmcall
drain:  sti
        nop
        jmp     1f
1:      cli
        ret
end_of_interrupt:
        movl    $0, 0xb0(%r15)
        ret
with_nmi:
        orl     $I_NMI, MISC1(%rbx)
        ret
9:      case    "an interrupt, IF clear in the guest", linger, send_self, drain
        case    "an interrupt, virtual IF", linger, send_self_masking, drain
        case    "an interrupt from the guest", guest_sends, intr, drain
        case    "an interrupt to the guest", guest_sends, 0, end_of_interrupt
        case    "an NMI from the guest", guest_sends_nmi, with_nmi
        case    "an NMI to the guest", guest_sends_nmi

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
