// SPDX-License-Identifier: GPL-2.0-or-later
//
// A case's instruction in assembler, by capstone.
#include "tests/diff/compare.h"

#include <capstone/capstone.h>

namespace diff {

std::string disassemble(const Case& c, const Layout& layout) {
    std::string out;
    csh handle;
    if (cs_open(CS_ARCH_X86, c.compat ? CS_MODE_32 : CS_MODE_64, &handle) != CS_ERR_OK) return out;
    cs_insn* insn;
    if (const auto n =
            cs_disasm(handle, c.code.data(), c.code_length, layout.code + c.code_at, 1, &insn)) {
        out = std::string(insn[0].mnemonic) + " " + insn[0].op_str;
        cs_free(insn, n);
    }
    cs_close(&handle);
    return out;
}

}  // namespace diff
