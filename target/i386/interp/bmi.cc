// SPDX-License-Identifier: GPL-2.0-or-later
//
// BMI1, BMI2 and ADX.
#include "target/i386/interp/bind.h"

namespace i386 {

namespace {

struct Andn {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T r = T(~c.get<T>(i->vvvv) & rm_value<T>(c, i));
        c.put<T>(i->reg, r);
        flags_logic<T>(c.s, r);
        return c.next(i);
    }
};
struct Bextr {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i), control = c.get<T>(i->vvvv);
        const unsigned start = control & 0xff, length = control >> 8 & 0xff;
        T r = start < width_of<T> ? T(a >> start) : T(0);
        if (length < width_of<T>) r &= T((T(1) << length) - 1);
        c.put<T>(i->reg, r);
        flags_logic<T>(c.s, r);
        return c.next(i);
    }
};
struct Blsi {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i), r = T(a & -a);
        c.put<T>(i->vvvv, r);
        flags_result<T>(c.s, r, a != 0, false);
        return c.next(i);
    }
};
struct Blsmsk {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i), r = T(a ^ (a - 1));
        c.put<T>(i->vvvv, r);
        flags_result<T>(c.s, r, a == 0, false);
        return c.next(i);
    }
};
struct Blsr {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i), r = T(a & (a - 1));
        c.put<T>(i->vvvv, r);
        flags_result<T>(c.s, r, a == 0, false);
        return c.next(i);
    }
};
struct Bzhi {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i);
        const unsigned n = u8(c.s.regs[i->vvvv]);
        const bool over = n >= width_of<T>;
        const T r = over ? a : T(a & ((T(1) << n) - 1));
        c.put<T>(i->reg, r);
        flags_result<T>(c.s, r, over, false);
        return c.next(i);
    }
};
struct Mulx {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const unsigned __int128 r =
            static_cast<unsigned __int128>(rm_value<T>(c, i)) * c.get<T>(rdx);
        // The high half is written last: it stays when both destinations are one.
        c.put<T>(i->vvvv, T(r));
        c.put<T>(i->reg, T(r >> width_of<T>));
        return c.next(i);
    }
};
struct Pdep {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        T mask = rm_value<T>(c, i), source = c.get<T>(i->vvvv), r = 0;
        for (; mask; mask &= mask - 1, source >>= 1)
            if (source & 1) r |= mask & -mask;
        c.put<T>(i->reg, r);
        return c.next(i);
    }
};
struct Pext {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T source = c.get<T>(i->vvvv);
        T mask = rm_value<T>(c, i), r = 0;
        for (unsigned n = 0; mask; mask &= mask - 1, n++)
            if (source & mask & -mask) r |= T(1) << n;
        c.put<T>(i->reg, r);
        return c.next(i);
    }
};
struct Rorx {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i);
        const unsigned n = unsigned(i->imm) & (width_of<T> - 1);
        c.put<T>(i->reg, n ? T(a >> n | a << (width_of<T> - n)) : a);
        return c.next(i);
    }
};
enum class Shift { left, right, arithmetic };
template <Shift shift>
struct Shiftx {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const T a = rm_value<T>(c, i);
        const unsigned n = unsigned(c.s.regs[i->vvvv]) & (width_of<T> - 1);
        c.put<T>(i->reg, shift == Shift::left    ? T(a << n)
                         : shift == Shift::right ? T(a >> n)
                                                 : T(std::make_signed_t<T>(a) >> n));
        return c.next(i);
    }
};
template <u32 flag>
struct AddWith {
    template <class T>
    static const Insn* run(Cpu& c, const Insn* i) {
        const u32 f = get_oszapc(c.s);
        const unsigned __int128 sum =
            static_cast<unsigned __int128>(c.get<T>(i->reg)) + rm_value<T>(c, i) + bool(f & flag);
        c.put<T>(i->reg, T(sum));
        set_oszapc(c.s, (f & ~flag) | (sum >> width_of<T> ? flag : 0));
        return c.next(i);
    }
};

}  // namespace

Handler bind_andn(const Insn& i, u32) {
    return by_y_size<Andn>(i);
}
Handler bind_bextr(const Insn& i, u32) {
    return by_y_size<Bextr>(i);
}
Handler bind_blsi(const Insn& i, u32) {
    return by_y_size<Blsi>(i);
}
Handler bind_blsmsk(const Insn& i, u32) {
    return by_y_size<Blsmsk>(i);
}
Handler bind_blsr(const Insn& i, u32) {
    return by_y_size<Blsr>(i);
}
Handler bind_bzhi(const Insn& i, u32) {
    return by_y_size<Bzhi>(i);
}
Handler bind_mulx(const Insn& i, u32) {
    return by_y_size<Mulx>(i);
}
Handler bind_pdep(const Insn& i, u32) {
    return by_y_size<Pdep>(i);
}
Handler bind_pext(const Insn& i, u32) {
    return by_y_size<Pext>(i);
}
Handler bind_rorx(const Insn& i, u32) {
    return i.vvvv ? nullptr : by_y_size<Rorx>(i);
}
Handler bind_sarx(const Insn& i, u32) {
    return by_y_size<Shiftx<Shift::arithmetic>>(i);
}
Handler bind_shlx(const Insn& i, u32) {
    return by_y_size<Shiftx<Shift::left>>(i);
}
Handler bind_shrx(const Insn& i, u32) {
    return by_y_size<Shiftx<Shift::right>>(i);
}
Handler bind_adcx(const Insn& i, u32) {
    return by_y_size<AddWith<cf>>(i);
}
Handler bind_adox(const Insn& i, u32) {
    return by_y_size<AddWith<of>>(i);
}

}  // namespace i386
