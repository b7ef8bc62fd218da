// SPDX-License-Identifier: GPL-2.0-or-later
//
// Interrupts and exceptions of SVM guests: those that their hypervisor injects, virtual interrupts,
// and which requests a guest lets through (APM volume 2, 15.17, 15.20 and 15.21).
#include "target/i386/svm/vmcb.h"

namespace i386 {

/// What EXITINTINFO says of an event that is being delivered.
void Cpu::note_delivery(u8 vector, Source source, bool has_error, u32 error) {
    u32 type = event_exception;
    if (source == Source::int_n) type = event_int_n;
    if (source == Source::hardware) type = vector == exc_nmi ? event_nmi : event_intr;
    delivering_ = vector | type | event_valid;
    if (has_error) delivering_ |= event_error_valid | u64(error) << 32;
}

/// An event of the hypervisor's is not intercepted itself, but what comes of its delivery is.
void Cpu::inject_event(u64 event) {
    if (!(event & event_valid)) return;
    const u8 vector = u8(event & event_vector);
    const bool has_error = event & event_error_valid;
    const Fault fault{vector, has_error, has_error ? u32(event >> 32) : 0};
    switch (event & event_type) {
        case event_intr: deliver(fault, Source::hardware, true); break;
        case event_nmi: deliver({exc_nmi, false, 0}, Source::hardware, true); break;
        case event_int_n: deliver({vector, false, 0}, Source::int_n, true); break;
        default: {
            // These two are traps: the pointer is already behind what raised them.
            const bool trap = vector == exc_bp || vector == exc_of;
            deliver(fault, trap ? Source::trap : Source::fault, true);
        }
    }
}

/// A virtual interrupt waits that the virtual TPR lets pass.
bool Cpu::virtual_interrupt_pending() const {
    const Svm& v = s.svm;
    if (!v.guest || !(v.v_intr & v_irq)) return false;
    return (v.v_intr & v_ign_tpr) || (v.v_intr >> v_intr_prio_shift & 0xf) > v.v_tpr;
}

/// Takes away from a mask of requests what GIF, the host's IF and the guest's flags hold back.
u32 Cpu::svm_request_mask(u32 m) {
    const Svm& v = s.svm;
    if (!v.gif) m &= ~u32(request_interrupt | request_nmi | request_smi | request_init);
    if (!v.guest) return m & ~u32(request_virtual);
    if (v.v_intr & v_intr_masking) {
        m &= ~u32(request_interrupt);
        if (v.host_if && v.gif) m |= request_interrupt;
    }
    const bool guest_gif = !(v.v_intr & v_gif_enable) || (v.v_intr & v_gif);
    if (!(s.eflags & iflag) || !guest_gif) m &= ~u32(request_virtual);
    if (virtual_interrupt_pending())
        request(request_virtual);
    else
        clear_request(request_virtual);
    return m;
}

void Cpu::take_virtual_interrupt() {
    intercept(SvmExit::vintr);
    const u8 vector = Vmcb(*this, s.svm.vmcb).get<u8>(vmcb_v_intr_vector);
    s.svm.v_intr &= ~u32(v_irq);
    clear_request(request_virtual);
    s.halted = false;
    interrupt(vector, Source::hardware, false, 0, s.regs[rip]);
}

u8 Cpu::tpr() {
    return s.svm.guest && (s.svm.v_intr & v_intr_masking) ? s.svm.v_tpr : bus().tpr();
}

void Cpu::set_tpr(u8 value) {
    if (!s.svm.guest || !(s.svm.v_intr & v_intr_masking)) {
        bus().set_tpr(value);
        return;
    }
    s.svm.v_tpr = value;
    update_request_mask();
}

}  // namespace i386
