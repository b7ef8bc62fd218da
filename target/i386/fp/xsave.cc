// SPDX-License-Identifier: GPL-2.0-or-later
//
// FXSAVE, FXRSTOR and the standard form of XSAVE, XSAVEOPT, XRSTOR (SDM volume 1, 10.5 and 13).
#include "target/i386/fp/unit.h"
#include "target/i386/fp/x87.h"

#include <cstring>

namespace i386::fp {
namespace {

constexpr u64 component_x87 = 1, component_sse = 2, component_avx = 4, component_pkru = 1 << 9;
constexpr unsigned at_mxcsr = 24, at_st = 32, at_xmm = 160, at_header = 512, at_avx = 576;
/// Where QEMU's processors have PKRU (CPUID leaf 0xD, subleaf 9).
constexpr unsigned at_pkru = 2688;
constexpr u32 mxcsr_mask = 0xFFFF;

/// The parts of an area are moved one by one: XSAVE writes only what it must.
class Area {
public:
    Area(Cpu& c, u64 linear) : c_(c), linear_(linear) {}
    template <class T>
    void put(unsigned at, T v) {
        c_.store_at<T>(linear_ + at, v);
    }
    template <class T>
    T get(unsigned at) {
        return c_.load_at<T>(linear_ + at);
    }

private:
    Cpu& c_;
    u64 linear_;
};

void save_x87(Cpu& c, Area& a, bool wide) {
    const X87& x = c.s.x87;
    a.put<u16>(0, x.control);
    a.put<u16>(2, x.status);
    a.put<u16>(4, x.valid);
    a.put<u16>(6, x.opcode);
    if (wide) {
        a.put<u64>(8, x.ip);
        a.put<u64>(16, x.dp);
    } else {
        a.put<u64>(8, u32(x.ip) | u64(x.cs) << 32);
        a.put<u64>(16, u32(x.dp) | u64(x.ds) << 32);
    }
    for (unsigned n = 0; n < 8; n++) {
        const Float80& r = x.reg[((x.status >> 11) + n) & 7];
        a.put<u64>(at_st + n * 16, r.mantissa);
        a.put<u64>(at_st + n * 16 + 8, r.sign_exponent);
    }
}

void load_x87(Cpu& c, Area& a, bool wide) {
    X87& x = c.s.x87;
    x.control = u16((a.get<u16>(0) & 0x1F3F) | 0x40);
    x.status = a.get<u16>(2);
    x.valid = a.get<u8>(4);
    x.opcode = a.get<u16>(6) & 0x7FF;
    const u64 ip = a.get<u64>(8), dp = a.get<u64>(16);
    x.ip = wide ? ip : u32(ip);
    x.dp = wide ? dp : u32(dp);
    x.cs = wide ? 0 : u16(ip >> 32);
    x.ds = wide ? 0 : u16(dp >> 32);
    for (unsigned n = 0; n < 8; n++) {
        Float80& r = x.reg[((x.status >> 11) + n) & 7];
        r.mantissa = a.get<u64>(at_st + n * 16);
        r.sign_exponent = a.get<u16>(at_st + n * 16 + 8);
    }
    update_error_summary(x);
}

unsigned vector_count(const Cpu& c) {
    return c.code64() ? 16 : 8;
}
void save_xmm(Cpu& c, Area& a) {
    for (unsigned n = 0; n < vector_count(c); n++) {
        a.put<u64>(at_xmm + n * 16, c.s.vec[n].q[0]);
        a.put<u64>(at_xmm + n * 16 + 8, c.s.vec[n].q[1]);
    }
}
void load_xmm(Cpu& c, Area& a) {
    for (unsigned n = 0; n < vector_count(c); n++) {
        c.s.vec[n].q[0] = a.get<u64>(at_xmm + n * 16);
        c.s.vec[n].q[1] = a.get<u64>(at_xmm + n * 16 + 8);
    }
}

u64 area_address(Cpu& c, const Insn* i, unsigned size, unsigned alignment, Access access) {
    const u64 linear = c.linear(i, size, access);
    if (linear & (alignment - 1)) c.raise(exc_gp, 0);
    if (access == Access::write)
        c.check_write(linear, size);
    else
        c.check_read(linear, size);
    return linear;
}

/// EFER.FFXSR: at CPL 0 in 64-bit mode the XMM registers are left out (APM volume 2, 11.4.4).
bool with_xmm(const Cpu& c) {
    if (!(c.s.cr4 & cr4_osfxsr)) return false;
    return !((c.s.msr.efer & efer_ffxsr) && c.code64() && c.cpl() == 0);
}

const Insn* fxsave(Cpu& c, const Insn* i) {
    const u64 linear = area_address(c, i, 512, 16, Access::write);
    c.fp->leave();
    Area a(c, linear);
    save_x87(c, a, i->rex_w);
    if (c.s.cr4 & cr4_osfxsr) {
        a.put<u32>(at_mxcsr, c.s.mxcsr);
        a.put<u32>(at_mxcsr + 4, mxcsr_mask);
    }
    if (with_xmm(c)) save_xmm(c, a);
    return c.next(i);
}

const Insn* fxrstor(Cpu& c, const Insn* i) {
    const u64 linear = area_address(c, i, 512, 16, Access::read);
    Area a(c, linear);
    const u32 mxcsr = a.get<u32>(at_mxcsr);
    if ((c.s.cr4 & cr4_osfxsr) && (mxcsr & ~mxcsr_mask)) c.raise(exc_gp, 0);
    c.fp->leave();
    load_x87(c, a, i->rex_w);
    if (c.s.cr4 & cr4_osfxsr) c.s.mxcsr = mxcsr;
    if (with_xmm(c)) load_xmm(c, a);
    return c.next(i);
}

u64 requested(const Cpu& c) {
    return c.s.xcr0 & (u32(c.s.regs[rax]) | c.s.regs[rdx] << 32);
}
unsigned area_size(u64 components) {
    return components & component_pkru  ? at_pkru + 8
           : components & component_avx ? at_avx + 256
                                        : at_avx;
}

void check_enabled(Cpu& c) {
    if (!(c.s.cr4 & cr4_osxsave)) c.raise(exc_ud);
    if (c.s.cr0 & cr0_ts) c.raise(exc_nm);
}

const Insn* xsave(Cpu& c, const Insn* i) {
    check_enabled(c);
    const u64 wanted = requested(c);
    const u64 linear = area_address(c, i, area_size(wanted), 64, Access::write);
    c.fp->leave();
    Area a(c, linear);
    const u64 old = a.get<u64>(at_header);
    if (wanted & component_x87) save_x87(c, a, i->rex_w);
    if (wanted & (component_sse | component_avx)) {
        a.put<u32>(at_mxcsr, c.s.mxcsr);
        a.put<u32>(at_mxcsr + 4, mxcsr_mask);
    }
    if (wanted & component_sse) save_xmm(c, a);
    if (wanted & component_avx)
        for (unsigned n = 0; n < vector_count(c); n++) {
            a.put<u64>(at_avx + n * 16, c.s.vec[n].q[2]);
            a.put<u64>(at_avx + n * 16 + 8, c.s.vec[n].q[3]);
        }
    if (wanted & component_pkru) a.put<u64>(at_pkru, c.s.msr.pkru);
    // Every component counts as in use: a processor need not track initial states (13.6).
    a.put<u64>(at_header, (old & ~wanted) | wanted);
    return c.next(i);
}

const Insn* xrstor(Cpu& c, const Insn* i) {
    check_enabled(c);
    const u64 wanted = requested(c);
    const u64 linear = area_address(c, i, area_size(wanted), 64, Access::read);
    Area a(c, linear);
    const u64 present = a.get<u64>(at_header);
    // Bytes 8-23 of the header must be zero, and nothing unknown may be marked present (13.8.1).
    if ((present & ~c.s.xcr0) || a.get<u64>(at_header + 8) || a.get<u64>(at_header + 16))
        c.raise(exc_gp, 0);
    u32 mxcsr = c.s.mxcsr;
    if (wanted & (component_sse | component_avx)) {
        mxcsr = a.get<u32>(at_mxcsr);
        if (mxcsr & ~mxcsr_mask) c.raise(exc_gp, 0);
    }
    c.fp->leave();
    c.s.mxcsr = mxcsr;
    if (wanted & component_x87) {
        if (present & component_x87) {
            load_x87(c, a, i->rex_w);
        } else {
            reset_x87(c.s.x87);
            c.s.x87.reg = {};
        }
    }
    if (wanted & component_sse) {
        if (present & component_sse)
            load_xmm(c, a);
        else
            for (unsigned n = 0; n < vector_count(c); n++)
                c.s.vec[n].q[0] = c.s.vec[n].q[1] = 0;
    }
    if (wanted & component_avx)
        for (unsigned n = 0; n < vector_count(c); n++) {
            const bool load = present & component_avx;
            c.s.vec[n].q[2] = load ? a.get<u64>(at_avx + n * 16) : 0;
            c.s.vec[n].q[3] = load ? a.get<u64>(at_avx + n * 16 + 8) : 0;
        }
    if (wanted & component_pkru) {
        c.s.msr.pkru = present & component_pkru ? a.get<u32>(at_pkru) : 0;
        c.flush_tlb();
    }
    return c.next(i);
}

}  // namespace

Handler bind_fxsave(const Insn&, u32) {
    return fxsave;
}
Handler bind_fxrstor(const Insn&, u32) {
    return fxrstor;
}
Handler bind_xsave(const Insn&, u32) {
    return xsave;
}
Handler bind_xrstor(const Insn&, u32) {
    return xrstor;
}

}  // namespace i386::fp
