# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests of svm.S: exceptions, injected events, virtual and physical interrupts.
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
