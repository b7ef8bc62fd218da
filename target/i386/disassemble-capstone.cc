// SPDX-License-Identifier: GPL-2.0-or-later
//
// The library is loaded when something is to be disassembled for the first time: relocating its
// tables would be a fifth of the time that the program takes to start.
#include <capstone/capstone.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include "target/i386/disassemble.h"

namespace i386 {

namespace {

struct Capstone {
    decltype(&cs_open) open = nullptr;
    decltype(&cs_option) option = nullptr;
    decltype(&cs_disasm) disasm = nullptr;
    decltype(&cs_free) free = nullptr;
    decltype(&cs_close) close = nullptr;

    /// All of it or, where the library is not installed, nothing.
    static Capstone load() {
        const std::string name = fmt::format("libcapstone.so.{}", CS_API_MAJOR);
        void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (!library) return {};
        Capstone c;
        const auto find = [&](auto& function, const char* symbol) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
                ::dlsym(library, symbol));
            return function != nullptr;
        };
        const bool whole = find(c.open, "cs_open") && find(c.option, "cs_option") &&
                           find(c.disasm, "cs_disasm") && find(c.free, "cs_free") &&
                           find(c.close, "cs_close");
        return whole ? c : Capstone{};
    }
};

const Capstone& capstone() {
    static const Capstone loaded = Capstone::load();
    return loaded;
}

}  // namespace

bool can_disassemble() {
    return capstone().open != nullptr;
}

Disassembled disassemble(std::span<const u8> code, u64 address, unsigned bits) {
    Disassembled out;
    if (!can_disassemble()) return out;
    const Capstone& cs = capstone();
    csh handle;
    const cs_mode mode = bits == 64 ? CS_MODE_64 : bits == 32 ? CS_MODE_32 : CS_MODE_16;
    if (cs.open(CS_ARCH_X86, mode, &handle) != CS_ERR_OK) return out;
    cs.option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
    cs_insn* insn;
    if (const auto n = cs.disasm(handle, code.data(), code.size(), address, 1, &insn)) {
        out = {insn->size, fmt::format("{:<8} {}", insn->mnemonic, insn->op_str)};
        cs.free(insn, n);
    }
    cs.close(&handle);
    return out;
}

}  // namespace i386
