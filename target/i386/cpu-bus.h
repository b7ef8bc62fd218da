// SPDX-License-Identifier: GPL-2.0-or-later
//
// CpuBus: all that a processor needs from the outside. accel/tcg/ stands between it and the
// machine; tests stand a block of RAM behind it. Called on the vCPU's thread without locks held.
#pragma once

#include "target/i386/cpu-state.h"

namespace i386 {

/// What lies behind a physical page of 4096 bytes.
struct PhysPage {
    u8* host = nullptr;     ///< start of the page, or null: every access is a call
    bool writable = false;  ///< stores may go to `host`; else they are calls (ROM, devices)
    bool logged = false;    ///< each store is to be told to CpuBus::page_dirty()
};

class CpuBus {
public:
    virtual ~CpuBus() = default;

    /// `page` is page-aligned, A20 applied. The answer holds until Cpu::flush_tlb() is asked for.
    virtual PhysPage page(u64 address, bool smm) = 0;
    /// `host` memory of a page was or is about to be written through a TLB entry: dirty logs.
    /// Called once an entry is made, not at each store.
    virtual void page_dirty(u64 address) = 0;
    /// Device memory, `size` 1, 2, 4 or 8, inside one page.
    virtual u64 read(u64 address, unsigned size, bool smm) = 0;
    virtual void write(u64 address, u64 value, unsigned size, bool smm) = 0;

    virtual u32 port_in(u16 port, unsigned size) = 0;
    virtual void port_out(u16 port, u32 value, unsigned size) = 0;

    /// The vector of the highest pending interrupt, acknowledged; -1 when it went away.
    virtual int acknowledge_interrupt() = 0;
    virtual u8 tpr() = 0;  ///< CR8: bits 7-4 of the task priority register
    virtual void set_tpr(u8 value) = 0;
    virtual u64 apic_base() = 0;
    /// False: #GP.
    virtual bool set_apic_base(u64 value) = 0;
    virtual bool x2apic_read(u32 msr, u64& value) = 0;
    virtual bool x2apic_write(u32 msr, u64 value) = 0;

    /// What the TSC counts, before the guest's own offset.
    virtual u64 tsc_ticks() = 0;
    /// FERR#: an unmasked x87 error with CR0.NE clear (IRQ 13 on a PC).
    virtual void ferr() = 0;
    virtual void smm_changed(bool entered) = 0;
    /// Whether this is the processor that starts at the reset vector; others wait for a SIPI.
    virtual bool is_bsp() = 0;
};

}  // namespace i386
