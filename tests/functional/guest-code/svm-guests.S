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
        intercept "\name", \word, \mask, \instruction
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
