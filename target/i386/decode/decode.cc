// SPDX-License-Identifier: GPL-2.0-or-later
//
// decode(): prefixes, opcode, ModRM, SIB, displacement, immediates (SDM volume 2, chapter 2).
#include "target/i386/decode/decode.h"

#include "target/i386/decode/table.h"

namespace i386 {

namespace {

class Decoder {
public:
    Decoder(std::span<const u8> bytes, u32 mode, const FeatureSet& features, unsigned offset,
            Insn& out)
        : bytes_(bytes), mode_(mode), features_(features), offset_(offset), i_(out) {}

    DecodeStatus run();

private:
    bool code64() const { return mode_ & mode_code64; }
    bool get(u8& b) {
        if (at_ >= bytes_.size()) return false;
        b = bytes_[at_++];
        return true;
    }
    bool peek(u8& b) const {
        if (at_ >= bytes_.size()) return false;
        b = bytes_[at_];
        return true;
    }
    template <class T>
    bool get_int(i64& out) {
        if (at_ + sizeof(T) > bytes_.size()) return false;
        std::make_unsigned_t<T> v = 0;
        for (unsigned n = 0; n < sizeof(T); n++)
            v = std::make_unsigned_t<T>(v | u64(bytes_[at_ + n]) << 8 * n);
        at_ += sizeof(T);
        out = T(v);
        return true;
    }
    bool get_sized(unsigned log2, i64& out) {
        switch (log2) {
            case 0: return get_int<i8>(out);
            case 1: return get_int<i16>(out);
            case 2: return get_int<i32>(out);
            default: return get_int<i64>(out);
        }
    }

    DecodeStatus prefixes(u8& opcode);
    DecodeStatus vex(u8 first, u8& opcode);
    bool matches(const ParsedRow& p, const Row& row) const;
    const ParsedRow* find(u8 opcode);
    void sizes(const ParsedRow& p, const Row& row);
    bool memory_operand(const Row& row);
    bool memory16();
    void segment(Seg by_default);
    bool operands(const ParsedRow& p, const Row& row, u8 opcode);
    bool immediate(OperandSpec o, unsigned& count);
    DecodeStatus state_checks(const Row& row);
    unsigned byte_register(unsigned n) const {
        return !rex_seen_ && !vex_ && n >= 4 && n < 8 ? (n - 4) * 8 + 1 : n * 8;
    }

    std::span<const u8> bytes_;
    u32 mode_;
    const FeatureSet& features_;
    unsigned offset_;
    Insn& i_;
    unsigned at_ = 0;
    unsigned map_ = 0;
    u8 rex_ = 0;  // WRXB, from REX or VEX
    bool rex_seen_ = false, vex_ = false, p66_ = false, p67_ = false;
    bool have_modrm_ = false;
    u8 modrm_ = 0;
    int override_ = -1;
    unsigned osize_ = 2;  // log2
    i64 displacement_ = 0;
};

DecodeStatus Decoder::prefixes(u8& opcode) {
    for (;;) {
        if (at_ >= 15) return DecodeStatus::too_long;
        if (!get(opcode)) return DecodeStatus::truncated;
        bool prefix = true;
        switch (opcode) {
            case 0x26: override_ = code64() ? override_ : int(es); break;
            case 0x2e: override_ = code64() ? override_ : int(cs); break;
            case 0x36: override_ = code64() ? override_ : int(ss); break;
            case 0x3e: override_ = code64() ? override_ : int(ds); break;
            case 0x64: override_ = fs; break;
            case 0x65: override_ = gs; break;
            case 0x66: p66_ = true; break;
            case 0x67: p67_ = true; break;
            case 0xf0: i_.lock = 1; break;
            case 0xf2: i_.rep = rep_f2; break;
            case 0xf3: i_.rep = rep_f3; break;
            default:
                if (code64() && (opcode & 0xf0) == 0x40) {
                    rex_ = opcode & 0xf;
                    rex_seen_ = true;
                    continue;
                }
                prefix = false;
        }
        if (!prefix) return DecodeStatus::ok;
        rex_ = 0;  // REX counts only right in front of the opcode
        rex_seen_ = false;
    }
}

// C5 RvvvvLpp; C4 RXBmmmmm WvvvvLpp: R, X, B, vvvv inverted (SDM volume 2, 2.3.5).
DecodeStatus Decoder::vex(u8 first, u8& opcode) {
    if (p66_ || i_.rep || i_.lock || rex_seen_) return DecodeStatus::undefined;
    u8 a, b;
    if (!get(a)) return DecodeStatus::truncated;
    map_ = 1;
    b = a;
    rex_ = a & 0x80 ? 0 : 4;
    if (first == 0xc4) {
        if (!get(b)) return DecodeStatus::truncated;
        map_ = a & 0x1f;
        rex_ = u8((~a >> 5 & 7) | (b & 0x80 ? 8 : 0));
        if (map_ < 1 || map_ > 3) return DecodeStatus::undefined;
    }
    if (!code64()) rex_ = rex_ & 8;
    vex_ = true;
    i_.vex = 1;
    i_.vvvv = ~b >> 3 & (code64() ? 0xf : 7);
    i_.vex256 = b >> 2 & 1;
    p66_ = (b & 3) == 1;
    i_.rep = (b & 3) == 2 ? rep_f3 : (b & 3) == 3 ? rep_f2 : rep_none;
    return get(opcode) ? DecodeStatus::ok : DecodeStatus::truncated;
}

bool Decoder::matches(const ParsedRow& p, const Row& row) const {
    switch (p.prefix) {
        case Prefix::any: break;
        case Prefix::none:
            if (p66_ || i_.rep) return false;
            break;
        case Prefix::p66:
            if (!p66_ || i_.rep) return false;
            break;
        case Prefix::f3:
            if (i_.rep != rep_f3) return false;
            break;
        case Prefix::f2:
            if (i_.rep != rep_f2) return false;
            break;
    }
    if (row.attributes & (code64() ? no64 : only64)) return false;
    if ((row.attributes & no_rex_b) && (rex_ & 1)) return false;
    if ((row.attributes & protected_only) && (!(mode_ & mode_pe) || (mode_ & mode_vm86)))
        return false;
    if (p.modrm) {
        const bool memory = modrm_ < 0xc0;
        if (p.digit >= 0 && (modrm_ >> 3 & 7) != p.digit) return false;
        if (p.fixed_modrm >= 0 && modrm_ != p.fixed_modrm) return false;
        if (p.memory >= 0 && memory != bool(p.memory)) return false;
    }
    if (p.vex) {
        if (p.l >= 0 && i_.vex256 != p.l) return false;
        // Outside 64-bit mode W does not choose between operand sizes.
        if (p.w >= 0 && (rex_ >> 3) != p.w && !((row.attributes & vex_gpr) && !code64()))
            return false;
    }
    return features_.has(row.feature);
}

const ParsedRow* Decoder::find(u8 opcode) {
    const DecodeTable& table = DecodeTable::get();
    for (const u16 n : table.candidates(vex_, map_, opcode)) {
        const ParsedRow& p = table.parsed(n);
        if (p.modrm && !have_modrm_) {
            // A byte past the end is met again, and reported, when the ModRM byte is consumed.
            if (!peek(modrm_)) return nullptr;
            have_modrm_ = true;
        }
        if (matches(p, table.rows()[n])) return &p;
    }
    return nullptr;
}

void Decoder::sizes(const ParsedRow& p, const Row& row) {
    const bool w = rex_ & 8;
    if (code64()) {
        if (row.attributes & f64)
            osize_ = 3;
        else if (w)
            osize_ = 3;
        else if (p66_)
            osize_ = 1;
        else
            osize_ = row.attributes & d64 ? 3 : 2;
    } else {
        osize_ = bool(mode_ & mode_code32) != p66_ ? 2 : 1;
    }
    if (row.attributes & vex_gpr) osize_ = w && code64() ? 3 : 2;
    int fixed = -1;
    bool variable = false;
    for (const OperandSpec& o : p.operands) {
        switch (o.size) {
            case 'v':
            case 'z': variable = true; break;
            case 'y':
                osize_ = w && code64() ? 3 : 2;
                variable = true;
                break;
            case 'b':
                if (fixed < 0 && o.letter != 'I' && o.letter != 'J') fixed = 0;
                break;
            case 'w':
                if (fixed < 0 && o.letter != 'I') fixed = 1;
                break;
            case 'd':
                if (fixed < 0) fixed = 2;
                break;
            case 'q':
                if (fixed < 0) fixed = 3;
                break;
            default: break;
        }
    }
    i_.size_log2 = u8(variable || fixed < 0 ? osize_ : unsigned(fixed)) & 3;
    const unsigned a = code64() ? (p67_ ? 2 : 3) : bool(mode_ & mode_code32) != p67_ ? 2 : 1;
    i_.address_log2 = a & 3;
}

void Decoder::segment(Seg by_default) {
    const Seg seg = override_ >= 0 ? Seg(override_) : by_default;
    const bool flat =
        code64() ? seg < fs : (mode_ & mode_flat) && (seg == ds || seg == ss || seg == es);
    i_.seg = (flat ? seg_flat : seg) & 7;
}

bool Decoder::memory16() {
    constexpr u8 bases[8] = {rbx, rbx, rbp, rbp, rsi, rdi, rbp, rbx};
    constexpr u8 indexes[8] = {rsi, rdi, rsi, rdi, no_reg, no_reg, no_reg, no_reg};
    const unsigned mod = modrm_ >> 6, rm = modrm_ & 7;
    i_.base = bases[rm];
    i_.index = indexes[rm];
    if (mod == 0 && rm == 6) {
        i_.base = no_reg;
        segment(ds);
        return get_sized(1, displacement_);
    }
    segment(i_.base == rbp ? ss : ds);
    return mod == 0 || get_sized(mod == 1 ? 0 : 1, displacement_);
}

bool Decoder::memory_operand(const Row& row) {
    i_.memory = 1;
    if (i_.address_log2 == 1) return memory16();
    const unsigned mod = modrm_ >> 6, rm = modrm_ & 7;
    unsigned base = rm;
    bool no_base = mod == 0 && rm == 5;
    if (rm == 4) {
        u8 sib;
        if (!get(sib)) return false;
        base = sib & 7;
        const unsigned index = (sib >> 3 & 7) | (rex_ & 2 ? 8u : 0u);
        i_.scale = sib >> 6;
        const bool none = index == 4 && !(row.attributes & vsib);
        i_.index = u8(none ? no_reg : index);
        if (none) i_.scale = 0;
        no_base = mod == 0 && base == 5;
    }
    base |= rex_ & 1 ? 8 : 0;
    i_.base = u8(no_base ? no_reg : base);
    if (no_base && rm == 5 && code64()) i_.base = rip;
    segment(i_.base == rsp || i_.base == rbp ? ss : ds);
    if (no_base || mod == 2) return get_sized(2, displacement_);
    return mod == 0 || get_sized(0, displacement_);
}

bool Decoder::immediate(OperandSpec o, unsigned& count) {
    i64 v = 0;
    switch (o.letter) {
        case 'I': {
            const unsigned log2 = o.size == 'b'   ? 0
                                  : o.size == 'w' ? 1
                                  : o.size == 'z' ? std::min(osize_, 2u)
                                                  : osize_;
            if (!get_sized(log2, v)) return false;
            if (count)
                i_.imm = (i_.imm & 0xffff) | i64(u8(v)) << 16;
            else
                i_.imm = v;
            count++;
            return true;
        }
        case 'L':
            if (!get_sized(0, v)) return false;
            i_.imm = u8(v);
            return true;
        case 'J': return get_sized(o.size == 'b' ? 0 : std::min(osize_, 2u), i_.imm);
        case 'A': {
            i64 selector = 0;
            if (!get_sized(osize_, v) || !get_sized(1, selector)) return false;
            i_.imm = i64((osize_ == 1 ? u64(u16(v)) : u64(u32(v))) | u64(u16(selector)) << 32);
            return true;
        }
        case 'O':
            segment(ds);
            if (!get_sized(i_.address_log2, v)) return false;
            i_.imm = i_.address_log2 == 3 ? v : i_.address_log2 == 2 ? i64(u32(v)) : i64(u16(v));
            return true;
        default: return true;
    }
}

bool Decoder::operands(const ParsedRow& p, const Row& row, u8 opcode) {
    i_.base = i_.index = no_reg;
    if (p.modrm) {
        at_++;
        i_.reg = u8((modrm_ >> 3 & 7) | (rex_ & 4 ? 8 : 0));
        if (modrm_ < 0xc0) {
            if (!memory_operand(row)) return false;
        } else {
            i_.rm = u8((modrm_ & 7) | (rex_ & 1 ? 8 : 0));
        }
    } else if (p.plus_r) {
        i_.reg = u8((opcode & 7) | (rex_ & 1 ? 8 : 0));
    }
    unsigned immediates = 0;
    for (const OperandSpec& o : p.operands) {
        switch (o.letter) {
            case 'G':
            case 'Z':
                if (o.size == 'b') i_.reg = u8(byte_register(i_.reg));
                break;
            case 'E':
            case 'R':
                if (o.size == 'b' && !i_.memory) i_.rm = u8(byte_register(i_.rm));
                break;
            // MMX registers and segment registers have no fourth bit.
            case 'P':
            case 'S': i_.reg &= 7; break;
            case 'Q':
            case 'N': i_.rm &= i_.memory ? 0xff : 7; break;
            case 'X': segment(ds); break;
            default:
                if (!immediate(o, immediates)) return false;
        }
        if (o.letter == 0) break;
    }
    // Outside 64-bit mode VEX.W is part of an opcode or without meaning.
    i_.rex_w = (rex_ >> 3) & (code64() || p.w >= 0);
    i_.opsize_prefix = p66_;
    return true;
}

DecodeStatus Decoder::state_checks(const Row& row) {
    // A LOCK that does not belong is #UD before anything else (SDM volume 3, table 6-2).
    if (i_.lock && (row.attributes & lock_is_cr8) && i_.reg == 0 &&
        features_.has(Feature::cr8legacy))
        i_.reg = 8;
    else if (i_.lock && !((row.attributes & lockable) && i_.memory))
        return DecodeStatus::undefined;
    if (i_.vex && !(row.attributes & vex_gpr)) {
        if (!(mode_ & mode_avx)) return DecodeStatus::undefined;
        if (mode_ & mode_ts) return DecodeStatus::no_device;
    } else if (row.attributes & sse_state) {
        if ((mode_ & mode_em) || !(mode_ & mode_osfxsr)) return DecodeStatus::undefined;
        if (mode_ & mode_ts) return DecodeStatus::no_device;
    } else if (row.attributes & mmx_state) {
        if (mode_ & mode_em) return DecodeStatus::undefined;
        if (mode_ & mode_ts) return DecodeStatus::no_device;
    } else if (row.attributes & x87_state) {
        if (mode_ & (mode_em | mode_ts)) return DecodeStatus::no_device;
    }
    return DecodeStatus::ok;
}

DecodeStatus Decoder::run() {
    i_ = Insn{};
    u8 opcode = 0;
    if (const auto status = prefixes(opcode); status != DecodeStatus::ok) return status;
    if (opcode == 0xc4 || opcode == 0xc5) {
        u8 next;
        if (!peek(next)) return DecodeStatus::truncated;
        // Outside 64-bit mode LES and LDS have memory operands only; VEX needs protected mode.
        if (code64() || (next >= 0xc0 && (mode_ & mode_pe) && !(mode_ & mode_vm86)))
            if (const auto status = vex(opcode, opcode); status != DecodeStatus::ok) return status;
    }
    if (!vex_ && opcode == 0x0f) {
        map_ = 1;
        if (!get(opcode)) return DecodeStatus::truncated;
        if (opcode == 0x38 || opcode == 0x3a) {
            map_ = opcode == 0x38 ? 2 : 3;
            if (!get(opcode)) return DecodeStatus::truncated;
        }
    }
    const ParsedRow* p = find(opcode);
    if (!p) {
        u8 b;
        return have_modrm_ || peek(b) ? DecodeStatus::undefined : DecodeStatus::truncated;
    }
    const Row& row = DecodeTable::get().rows()[p->row];
    sizes(*p, row);
    const bool complete = operands(*p, row, opcode);
    if (at_ > 15) return DecodeStatus::too_long;
    if (!complete) return bytes_.size() >= 15 ? DecodeStatus::too_long : DecodeStatus::truncated;
    if (const auto status = state_checks(row); status != DecodeStatus::ok) return status;

    i_.row = p->row;
    i_.length = at_ & 0xf;
    i_.offset = u16(offset_);
    if (i_.base == rip) displacement_ += offset_ + at_;
    i_.disp = i32(displacement_);
    for (const OperandSpec& o : p->operands)
        if (o.letter == 'J') i_.imm += offset_ + at_;
    i_.run = row.bind(i_, mode_);
    return i_.run ? DecodeStatus::ok : DecodeStatus::undefined;
}

}  // namespace

DecodeStatus decode(std::span<const u8> bytes, u32 mode, const FeatureSet& features,
                    unsigned offset, Insn& out) {
    return Decoder(bytes, mode, features, offset, out).run();
}

}  // namespace i386
