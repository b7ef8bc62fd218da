# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the fields of a virtual machine control block are (AMD64 APM volume 2, appendix B).
        # Control block: control area
        .set    CR_READ, 0
        .set    CR_WRITE, 2
        .set    DR_READ, 4
        .set    DR_WRITE, 6
        .set    EXCEPTIONS, 8
        .set    MISC1, 0xc
        .set    MISC2, 0x10
        .set    IOPM_BASE, 0x40
        .set    MSRPM_BASE, 0x48
        .set    TSC_OFFSET, 0x50
        .set    ASID, 0x58
        .set    V_INTR, 0x60
        .set    SHADOW, 0x68
        .set    EXITCODE, 0x70
        .set    EXITINFO1, 0x78
        .set    EXITINFO2, 0x80
        .set    EXITINTINFO, 0x88
        .set    NP_ENABLE, 0x90
        .set    EVENTINJ, 0xa8
        .set    N_CR3, 0xb0
        # State save area
        .set    SAVE_ES, 0x400
        .set    SAVE_CS, 0x410
        .set    SAVE_SS, 0x420
        .set    SAVE_DS, 0x430
        .set    SAVE_GDTR, 0x460
        .set    SAVE_LDTR, 0x470
        .set    SAVE_IDTR, 0x480
        .set    SAVE_TR, 0x490
        .set    SAVE_CPL, 0x4cb
        .set    SAVE_EFER, 0x4d0
        .set    SAVE_CR4, 0x548
        .set    SAVE_CR3, 0x550
        .set    SAVE_CR0, 0x558
        .set    SAVE_DR7, 0x560
        .set    SAVE_DR6, 0x568
        .set    SAVE_RFLAGS, 0x570
        .set    SAVE_RIP, 0x578
        .set    SAVE_RSP, 0x5d8
        .set    SAVE_RAX, 0x5f8
        .set    SAVE_STAR, 0x600
        .set    SAVE_CR2, 0x640
        .set    SAVE_PAT, 0x668
        # MISC1
        .set    I_INTR, 1 << 0
        .set    I_NMI, 1 << 1
        .set    I_SMI, 1 << 2
        .set    I_VINTR, 1 << 4
        .set    I_CR0_SELECTIVE, 1 << 5
        .set    I_SHUTDOWN, 1 << 31
        .set    I_TASK_SWITCH, 1 << 29
        .set    I_IOIO, 1 << 27
        .set    I_MSR, 1 << 28
        # MISC2
        .set    I_VMRUN, 1
        .set    I_VMMCALL, 2
