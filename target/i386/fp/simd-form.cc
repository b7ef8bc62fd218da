// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads SimdForm off the operand letters and, where they do not say it, the mnemonic.
#include "target/i386/fp/simd-form.h"

#include <algorithm>
#include <cassert>
#include <string_view>
#include <vector>

namespace i386::fp {
namespace {

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> list) {
    return std::any_of(list.begin(), list.end(), [&](auto p) { return name.starts_with(p); });
}

/// Sizes as SDM volume 2, A.2.2 names them; 0 for those that follow VEX.L or REX.W.
struct Size {
    u8 small, large;
    bool by_w;
};
Size size_of(std::string_view s) {
    if (s == "b") return {1, 1, false};
    if (s == "w") return {2, 2, false};
    if (s == "d" || s == "ss") return {4, 4, false};
    if (s == "q" || s == "sd" || s == "pi") return {8, 8, false};
    if (s == "dq") return {16, 16, false};
    if (s == "qq") return {32, 32, false};
    if (s == "x" || s == "ps" || s == "pd") return {16, 32, false};
    if (s == "h") return {8, 16, false};  // half of a vector (VCVTPS2PH, VPMOVSXBW ...)
    if (s == "f") return {4, 8, false};   // a fourth of one
    if (s == "e") return {2, 4, false};   // an eighth of one
    if (s == "y") return {4, 8, true};
    assert(s.empty());  // an instruction that moves its memory by itself
    return {};
}

bool may_be_misaligned(std::string_view name, bool vex) {
    if (vex) return !starts_with_any(name, {"VMOVAP", "VMOVDQA", "VMOVNT"});
    return starts_with_any(name, {"MOVUP", "MOVDQU", "LDDQU", "PCMPESTR", "PCMPISTR"});
}

/// Legacy instructions with two operands that write all of the first without reading it.
bool overwrites(std::string_view name) {
    return starts_with_any(
        name, {"MOVAP",    "MOVUP",    "MOVDQ",    "MOVSLDUP",  "MOVSHDUP",  "MOVDDUP",   "SQRTP",
               "RCPP",     "RSQRTP",   "PABS",     "PMOVSX",    "PMOVZX",    "PSHUFD",    "PSHUFHW",
               "PSHUFLW",  "LDDQU",    "AESIMC",   "AESKEYGEN", "PHMINPOS",  "ROUNDP",    "CVTDQ2",
               "CVTPS2DQ", "CVTPS2PD", "CVTPD2PS", "CVTPD2DQ",  "CVTTPS2DQ", "CVTTPD2DQ", "MOVQ "});
}

RegKind kind_of(char letter, std::string_view size) {
    switch (letter) {
        case 'V':
        case 'W':
        case 'U':
        case 'H': return RegKind::xmm;
        case 'P':
        case 'Q':
        case 'N': return RegKind::mmx;
        case 'G':
        case 'E':
        case 'R': return size == "b" ? RegKind::gpr8 : RegKind::gpr;
        default: return RegKind::none;
    }
}

}  // namespace

SimdForm make_form(const Row& row) {
    SimdForm f;
    const std::string_view name = row.mnemonic;
    const bool vex = std::string_view(row.encoding).starts_with("VEX");
    f.flags = starts_with_any(name, {"COMIS", "UCOMIS", "PTEST", "VCOMIS", "VUCOMIS", "VPTEST",
                                     "VTESTP", "PCMPESTR", "PCMPISTR", "VPCMPESTR", "VPCMPISTR"});
    f.string_compare = name.find("STRI") != name.npos || name.find("STRM") != name.npos;
    f.mmx_register_only = name == "CVTPI2PD" || name == "CVTPI2PS";
    const bool accumulates = starts_with_any(name, {"VFM", "VFNM"});
    f.aligned = !may_be_misaligned(name, vex);

    std::string_view text = row.operands;
    for (unsigned n = 0; !text.empty(); n++) {
        const auto comma = text.find(',');
        const auto word = text.substr(0, comma);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
        const char letter = word[0];
        const auto size = word.substr(1);
        const bool written = n == 0 && !f.flags, read = n > 0 || f.flags;
        switch (letter) {
            case 'V':
            case 'P':
            case 'G':
                f.reg = kind_of(letter, size);
                f.reg_written = written;
                f.reg_read = read || (vex ? accumulates : !overwrites(name));
                // CRC32 reads its general register; the others only write theirs.
                if (letter == 'G' && n == 0) f.reg_read = name == "CRC32";
                break;
            case 'H':
                f.vvvv = RegKind::xmm;
                f.vvvv_written = written;
                break;
            case 'W':
            case 'U':
            case 'Q':
            case 'N':
            case 'E':
            case 'R':
            case 'M': {
                f.rm = kind_of(letter, size);
                f.rm_written = written;
                f.rm_read = read || (letter != 'E' && letter != 'M' && !vex);
                const Size s = size_of(size);
                f.memory_size[0] = s.small;
                f.memory_size[1] = s.large;
                f.by_w = s.by_w;
                break;
            }
            case 'L': f.is4 = true; break;
            case 'I': f.immediate = true; break;
            case '<': f.xmm0 = true; break;
            default: assert(false);
        }
    }
    if (!vex && f.memory_size[0] != 16) f.aligned = false;
    if (f.is4) f.immediate = false;
    return f;
}

const SimdForm& form_of(u16 row) {
    static const std::vector<SimdForm> forms = [] {
        std::vector<SimdForm> v(rows().size());
        for (const auto part : {sse_rows(), avx_rows()})
            for (const Row& r : part) {
                const std::string_view operands = r.operands;
                const auto place =
                    static_cast<std::size_t>(std::find_if(rows().begin(), rows().end(),
                                                          [&](const Row& x) {
                                                              return x.encoding == r.encoding &&
                                                                     x.operands == r.operands &&
                                                                     x.mnemonic == r.mnemonic;
                                                          }) -
                                             rows().begin());
                assert(place < v.size());
                if (operands.find_first_of("VPGHWUQNERM") != operands.npos) v[place] = make_form(r);
            }
        return v;
    }();
    return forms[row];
}

}  // namespace i386::fp
