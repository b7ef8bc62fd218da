// SPDX-License-Identifier: GPL-2.0-or-later
#include "target/i386/disassemble.h"

#include <capstone/capstone.h>
#include <fmt/format.h>

namespace i386 {

bool can_disassemble() {
    return true;
}

Disassembled disassemble(std::span<const u8> code, u64 address, unsigned bits) {
    Disassembled out;
    csh handle;
    const cs_mode mode = bits == 64 ? CS_MODE_64 : bits == 32 ? CS_MODE_32 : CS_MODE_16;
    if (cs_open(CS_ARCH_X86, mode, &handle) != CS_ERR_OK) return out;
    cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    cs_insn* insn;
    if (const auto n = cs_disasm(handle, code.data(), code.size(), address, 1, &insn)) {
        out = {insn->size, fmt::format("{:<8} {}", insn->mnemonic, insn->op_str)};
        cs_free(insn, n);
    }
    cs_close(&handle);
    return out;
}

}  // namespace i386
