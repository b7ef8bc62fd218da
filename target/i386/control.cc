// SPDX-License-Identifier: GPL-2.0-or-later
//
// Control registers and what follows from them: mode bits, privilege, debug registers, I/O rights.
#include "target/i386/cpu.h"
#include "target/i386/cpuid.h"
#include "target/i386/descriptor.h"

namespace i386 {

namespace {
bool flat_data(const Segment& g) {
    // Present, writable, expand-up data over all 4 GiB.
    return g.base == 0 && g.limit == 0xffffffff && (g.flags & 0x9e00) == 0x9200;
}
}  // namespace

void Cpu::update_mode() {
    const bool pe = s.cr0 & cr0_pe, lma = s.msr.efer & efer_lma;
    u32 m = 0;
    if (pe) m |= mode_pe;
    if (s.eflags & vm) m |= mode_vm86;
    if (lma) m |= mode_lma;
    if (lma && s.seg[cs].long_mode()) {
        m |= mode_code64;
    } else {
        if (s.seg[cs].big()) m |= mode_code32;
        if (s.seg[ss].big()) m |= mode_stack32;
        if (pe && !(s.eflags & vm) && flat_data(s.seg[ds]) && flat_data(s.seg[es]) &&
            flat_data(s.seg[ss]))
            m |= mode_flat;
    }
    if (cpl_ == 3) m |= mode_user;
    if (single_step_ || (s.eflags & tf) || (s.dr[7] & 0xff)) m |= mode_step;
    if (s.cr0 & cr0_em) m |= mode_em;
    if (s.cr0 & cr0_ts) m |= mode_ts;
    if (s.cr0 & cr0_mp) m |= mode_mp;
    if (s.cr4 & cr4_osfxsr) m |= mode_osfxsr;
    if ((s.cr4 & cr4_osxsave) && (s.xcr0 & 6) == 6) m |= mode_avx;
    if (s.smm) m |= mode_smm;
    s.mode = m;
    unused_bits_ = s.cr4 & cr4_la57 ? 7 : 16;
    tlb_ = &(*tlbs_)[context()];
    update_request_mask();
}

void Cpu::state_replaced() {
    shutdown_ = false;
    dr6_pending_ = 0;
    delivering_ = 0;
    clear_request(request_virtual);
    cpl_ = s.eflags & vm ? 3 : s.cr0 & cr0_pe ? u8(s.seg[ss].dpl()) : 0;
    forget_links();
    memory_map_changed();
    update_mode();
}

void Cpu::update_request_mask() {
    u32 m = ~0u;
    if (!(s.eflags & iflag)) m &= ~u32(request_interrupt);
    if (s.nmi_blocked) m &= ~u32(request_nmi);
    if (s.smm) m &= ~u32(request_smi | request_init);
    request_mask_ = s.svm.guest || !s.svm.gif ? svm_request_mask(m) : m;
}

void Cpu::set_cpl(unsigned cpl) {
    cpl_ = u8(cpl);
}

void Cpu::set_eflags(u32 value) {
    s.eflags = (value & ~u32(oszapc)) | 2;
    set_oszapc(s, value);
    update_mode();
}

void Cpu::set_cr0(u64 value) {
    value |= cr0_et;
    if (((value & cr0_pg) && !(value & cr0_pe)) || ((value & cr0_nw) && !(value & cr0_cd)) ||
        value >> 32)
        raise(exc_gp, 0);
    const u64 changed = value ^ s.cr0;
    u64 efer = s.msr.efer;
    if (changed & cr0_pg) {
        if ((value & cr0_pg) && (efer & efer_lme)) {
            if (!(s.cr4 & cr4_pae) || s.seg[cs].long_mode()) raise(exc_gp, 0);
            efer |= efer_lma;
        } else if (!(value & cr0_pg) && (efer & efer_lma)) {
            if (code64() || (s.cr4 & cr4_pcide)) raise(exc_gp, 0);
            efer &= ~u64(efer_lma);
        }
    }
    s.msr.efer = efer;
    s.cr0 = value;
    if (log_) log_->print(LogItem::mmu, "CR0 update: CR0=0x{:08x}\n", value);
    if ((changed & cr0_pe) && !(value & cr0_pe)) set_cpl(0);
    if (changed & (cr0_pg | cr0_wp | cr0_pe)) flush_tlb();
    update_mode();
}

void Cpu::set_cr3(u64 value) {
    if (s.msr.efer & efer_lma) {
        const bool keep = (s.cr4 & cr4_pcide) && value >> 63;
        value &= ~(u64(1) << 63);
        if (value >> physical_bits()) raise(exc_gp, 0);
        s.cr3 = value;
        if (keep) {
            // PCIDs are not told apart in the TLB: keeping nothing is always allowed.
        }
    } else {
        s.cr3 = u32(value);
    }
    if (log_) log_->print(LogItem::mmu, "CR3 update: CR3={:016x}\n", s.cr3);
    flush_tlb(!(s.cr4 & cr4_pge));
}

u64 Cpu::cr4_allowed() const {
    u64 allowed = cr4_vme | cr4_pvi | cr4_tsd | cr4_de | cr4_pse | cr4_pae | cr4_mce | cr4_pge |
                  cr4_pce | cr4_osfxsr | cr4_osxmmexcpt;
    if (has(Feature::umip)) allowed |= cr4_umip;
    if (has(Feature::fsgsbase)) allowed |= cr4_fsgsbase;
    if (has(Feature::pcid)) allowed |= cr4_pcide;
    if (has(Feature::xsave)) allowed |= cr4_osxsave;
    if (has(Feature::smep)) allowed |= cr4_smep;
    if (has(Feature::smap)) allowed |= cr4_smap;
    if (has(Feature::pku)) allowed |= cr4_pke;
    if (has(Feature::pks)) allowed |= cr4_pks;
    if (has(Feature::la57)) allowed |= cr4_la57;
    return allowed;
}

void Cpu::set_cr4(u64 value) {
    if (value & ~cr4_allowed()) raise(exc_gp, 0);
    if ((s.msr.efer & efer_lma) && (!(value & cr4_pae) || ((value ^ s.cr4) & cr4_la57)))
        raise(exc_gp, 0);
    if ((value & cr4_pcide) && !(s.cr4 & cr4_pcide) &&
        (!(s.msr.efer & efer_lma) || (s.cr3 & 0xfff)))
        raise(exc_gp, 0);
    const u64 changed = value ^ s.cr4;
    s.cr4 = value;
    if (log_) log_->print(LogItem::mmu, "CR4 update: CR4={:08x}\n", value);
    if (changed & (cr4_pse | cr4_pae | cr4_pge | cr4_la57 | cr4_pcide | cr4_smep | cr4_smap |
                   cr4_pke | cr4_pks))
        flush_tlb();
    update_mode();
}

u64 Cpu::efer_allowed() const {
    u64 allowed = efer_lma;
    if (has(Feature::syscall)) allowed |= efer_sce;
    if (has(Feature::lm)) allowed |= efer_lme;
    if (has(Feature::nx)) allowed |= efer_nxe;
    if (has(Feature::svm)) allowed |= efer_svme;
    if (has(Feature::fxsr_opt)) allowed |= efer_ffxsr;
    return allowed;
}

void Cpu::set_efer(u64 value) {
    if (value & ~efer_allowed()) raise(exc_gp, 0);
    if ((s.cr0 & cr0_pg) && ((value ^ s.msr.efer) & efer_lme)) raise(exc_gp, 0);
    s.msr.efer = (value & ~u64(efer_lma)) | (s.msr.efer & efer_lma);
    flush_tlb();
    update_mode();
}

void Cpu::set_dr(unsigned n, u64 value) {
    if (n >= 6 && value >> 32) raise(exc_gp, 0);
    if (n < 4)
        s.dr[n] = value;
    else if (n == 6)
        s.dr[6] = (value & 0xe00f) | 0xffff0ff0;
    else
        s.dr[7] = (value & 0xffff2fff) | 0x400;
    flush_tlb();  // watched pages have no TLB entries
    update_mode();
}

u64 Cpu::tsc() const {
    return bus_.tsc_ticks() + s.msr.tsc_offset;
}

unsigned CpuMemory::physical_bits() const {
    return model_.physical_bits;
}

void Cpu::check_io(u16 port, unsigned size) {
    if (!(s.mode & mode_pe) || (cpl_ <= iopl() && !vm86())) return;
    // The permission bits of a 32-bit TSS: one a port, and the byte after the last is all ones.
    if (!s.tr.present() || !(s.tr.type() & 8) || s.tr.limit < 0x67) raise(exc_gp, 0);
    const u32 at = load_system<u16>(s.tr.base + 0x66) + port / 8u;
    if (at + 1 > s.tr.limit) raise(exc_gp, 0);
    const unsigned bits = load_system<u16>(s.tr.base + at) >> (port & 7);
    if (bits & ((1u << size) - 1)) raise(exc_gp, 0);
}

u32 Cpu::port_in(u16 port, unsigned size) {
    check_port_watch(port, size);
    return bus().port_in(port, size);
}
void Cpu::port_out(u16 port, u32 value, unsigned size) {
    check_port_watch(port, size);
    bus().port_out(port, value, size);
}

}  // namespace i386
