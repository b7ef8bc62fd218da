// SPDX-License-Identifier: GPL-2.0-or-later
//
// String instructions. A repeated one works through as many elements as lie in one page at each
// end without asking again; between pages, on devices, and backwards it goes element by element.
// Counters are up to date whenever something can fault, so a restart continues where it stopped.
#include "target/i386/interp/bind.h"

#include <algorithm>

namespace i386 {

namespace {

struct Addressing {
    u64 mask;
    explicit Addressing(const Insn* i)
        : mask(i->address_log2 == 3   ? ~u64(0)
               : i->address_log2 == 2 ? 0xffffffff
                                      : 0xffff) {}

    u64 get(const Cpu& c, unsigned reg) const { return c.s.regs[reg] & mask; }
    void set(Cpu& c, unsigned reg, u64 v) const {
        c.s.regs[reg] = mask == 0xffff ? (c.s.regs[reg] & ~mask) | (v & mask) : v & mask;
    }
    void advance(Cpu& c, unsigned reg, i64 by) const { set(c, reg, c.s.regs[reg] + u64(by)); }
};

template <class T>
i64 step(const Cpu& c) {
    return c.s.eflags & df ? -i64(sizeof(T)) : i64(sizeof(T));
}
u64 source(Cpu& c, const Insn* i, const Addressing& a, unsigned size) {
    return c.segment_linear(Seg(i->seg), a.get(c, rsi), size, Access::read);
}
u64 destination(Cpu& c, const Addressing& a, unsigned size, Access access) {
    return c.segment_linear(es, a.get(c, rdi), size, access);
}

/// Elements of T from `linear` on to the end of its page, at most `count` and never past what the
/// address mask lets the register count to without wrapping.
template <class T>
u64 run_length(u64 linear, u64 offset, const Addressing& a, u64 count) {
    const u64 page = (page_size - (linear & (page_size - 1))) / sizeof(T);
    const u64 wrap = (a.mask - offset) / sizeof(T) + 1;
    return std::min({page, count, wrap ? wrap : count});
}

/// One element forward or backward. False from `one` ends the repetition (SCAS, CMPS).
/// `bulk` handles a run and returns how many elements it did, 0 for none.
template <class T, class One, class Bulk>
const Insn* repeat(Cpu& c, const Insn* i, One one, Bulk bulk) {
    const Addressing a(i);
    if (i->rep == rep_none) {
        one(a);
        return i + 1;
    }
    unsigned budget = 64;  // elements between looks at pending interrupts
    for (;;) {
        const u64 count = a.get(c, rcx);
        if (count == 0) return i + 1;
        if (!(c.s.eflags & df))
            if (const u64 done = bulk(a, count)) {
                a.set(c, rcx, count - done);
                if (done == count) return i + 1;
                if (!c.attention()) continue;
                break;
            }
        const bool more = one(a);
        a.set(c, rcx, count - 1);
        if (!more) return i + 1;
        if (c.s.mode & mode_step) break;
        if (--budget == 0) {
            budget = 64;
            if (c.attention()) break;
        }
    }
    // Interrupted between elements: the instruction is resumed, or done when the count is.
    if (a.get(c, rcx) == 0) return i + 1;
    c.s.regs[rip] = c.mask_ip(c.s.regs[rip] + i->offset);
    return nullptr;
}
/// Runs are for whole mode only: a single step or watched access sees each element.
bool in_bulk(const Cpu& c) {
    return !(c.s.mode & mode_step);
}

struct Movs {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        return repeat<T>(
            c, i,
            [&](const Addressing& a) {
                const T v = c.load_at<T>(source(c, i, a, sizeof(T)));
                c.store_at<T>(destination(c, a, sizeof(T), Access::write), v);
                a.advance(c, rsi, step<T>(c));
                a.advance(c, rdi, step<T>(c));
                return true;
            },
            [&](const Addressing& a, u64 count) -> u64 {
                if (!in_bulk(c)) return 0;
                const u64 from = source(c, i, a, sizeof(T));
                const u64 to = destination(c, a, sizeof(T), Access::write);
                u64 n = run_length<T>(from, a.get(c, rsi), a, count);
                n = run_length<T>(to, a.get(c, rdi), a, n);
                if (n < 2) return 0;
                if (!c.segment_holds(Seg(i->seg), a.get(c, rsi), n * sizeof(T)) ||
                    !c.segment_holds(es, a.get(c, rdi), n * sizeof(T)))
                    return 0;
                const u8* s = c.host_read(from, unsigned(n * sizeof(T)));
                u8* d = c.host_write_bytes(to, unsigned(n * sizeof(T)));
                if (!s || !d) return 0;
                // An overlap ahead of the source repeats a pattern, which memmove would not.
                if (d > s && d < s + n * sizeof(T)) {
                    for (u64 k = 0; k < n; k++) {
                        T v;
                        std::memcpy(&v, s + k * sizeof(T), sizeof(T));
                        std::memcpy(d + k * sizeof(T), &v, sizeof(T));
                    }
                } else {
                    std::memmove(d, s, n * sizeof(T));
                }
                a.advance(c, rsi, i64(n * sizeof(T)));
                a.advance(c, rdi, i64(n * sizeof(T)));
                return n;
            });
    }
};

struct Stos {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T v = c.get<T>(0);
        return repeat<T>(
            c, i,
            [&](const Addressing& a) {
                c.store_at<T>(destination(c, a, sizeof(T), Access::write), v);
                a.advance(c, rdi, step<T>(c));
                return true;
            },
            [&](const Addressing& a, u64 count) -> u64 {
                if (!in_bulk(c)) return 0;
                const u64 to = destination(c, a, sizeof(T), Access::write);
                const u64 n = run_length<T>(to, a.get(c, rdi), a, count);
                if (n < 2) return 0;
                if (!c.segment_holds(es, a.get(c, rdi), n * sizeof(T))) return 0;
                u8* d = c.host_write_bytes(to, unsigned(n * sizeof(T)));
                if (!d) return 0;
                if (sizeof(T) == 1 || v == 0)
                    std::memset(d, u8(v), n * sizeof(T));
                else
                    for (u64 k = 0; k < n; k++)
                        std::memcpy(d + k * sizeof(T), &v, sizeof(T));
                a.advance(c, rdi, i64(n * sizeof(T)));
                return n;
            });
    }
};

template <class T>
u64 no_bulk(const Addressing&, u64) {
    return 0;
}

struct Lods {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        return repeat<T>(
            c, i,
            [&](const Addressing& a) {
                c.put<T>(0, c.load_at<T>(source(c, i, a, sizeof(T))));
                a.advance(c, rsi, step<T>(c));
                return true;
            },
            no_bulk<T>);
    }
};

bool goes_on(const Cpu& c, const Insn* i) {
    return get_zf(c.s) == (i->rep == rep_f3);
}

struct Scas {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        return repeat<T>(
            c, i,
            [&](const Addressing& a) {
                const T x = c.get<T>(0);
                const T y = c.load_at<T>(destination(c, a, sizeof(T), Access::read));
                flags_sub<T>(c.s, x, y, T(x - y));
                a.advance(c, rdi, step<T>(c));
                return goes_on(c, i);
            },
            no_bulk<T>);
    }
};
struct Cmps {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        return repeat<T>(
            c, i,
            [&](const Addressing& a) {
                const T x = c.load_at<T>(source(c, i, a, sizeof(T)));
                const T y = c.load_at<T>(destination(c, a, sizeof(T), Access::read));
                flags_sub<T>(c.s, x, y, T(x - y));
                a.advance(c, rsi, step<T>(c));
                a.advance(c, rdi, step<T>(c));
                return goes_on(c, i);
            },
            no_bulk<T>);
    }
};

struct Ins {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u16 port = u16(c.s.regs[rdx]);
        c.check_io(port, sizeof(T));
        c.intercept_io(i, port, sizeof(T), {.in = true, .string = true});
        const Insn* next = repeat<T>(
            c, i,
            [&](const Addressing& a) {
                const u64 to = destination(c, a, sizeof(T), Access::write);
                // The port is read only when the store cannot fault: reading may have effects.
                c.check_write(to, sizeof(T));
                c.store_at<T>(to, T(c.port_in(port, sizeof(T))));
                a.advance(c, rdi, step<T>(c));
                return true;
            },
            no_bulk<T>);
        return next ? c.leave(i) : nullptr;
    }
};
struct Outs {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u16 port = u16(c.s.regs[rdx]);
        c.check_io(port, sizeof(T));
        c.intercept_io(i, port, sizeof(T), {.in = false, .string = true});
        const Insn* next = repeat<T>(
            c, i,
            [&](const Addressing& a) {
                c.port_out(port, c.load_at<T>(source(c, i, a, sizeof(T))), sizeof(T));
                a.advance(c, rsi, step<T>(c));
                return true;
            },
            no_bulk<T>);
        return next ? c.leave(i) : nullptr;
    }
};

template <class Op>
Handler io_size(const Insn& i) {
    return i.size_log2 == 0   ? &Op::template run<u8>
           : i.size_log2 == 1 ? &Op::template run<u16>
                              : &Op::template run<u32>;
}

}  // namespace

Handler bind_movs(const Insn& i, u32) {
    return by_size<Movs>(i);
}
Handler bind_stos(const Insn& i, u32) {
    return by_size<Stos>(i);
}
Handler bind_lods(const Insn& i, u32) {
    return by_size<Lods>(i);
}
Handler bind_scas(const Insn& i, u32) {
    return by_size<Scas>(i);
}
Handler bind_cmps(const Insn& i, u32) {
    return by_size<Cmps>(i);
}
Handler bind_ins(const Insn& i, u32) {
    return io_size<Ins>(i);
}
Handler bind_outs(const Insn& i, u32) {
    return io_size<Outs>(i);
}

}  // namespace i386
