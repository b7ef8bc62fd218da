// SPDX-License-Identifier: GPL-2.0-or-later
//
// CodeArena: memory for small pieces of host code, mapped twice so that no page is ever writable
// and executable at one address.
#pragma once

#include "util/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace i386::fp {

class CodeArena {
public:
    static Result<std::unique_ptr<CodeArena>> create(std::size_t size);
    ~CodeArena();
    CodeArena(const CodeArena&) = delete;
    CodeArena& operator=(const CodeArena&) = delete;

    /// Copies `code` in and returns its executable address, aligned to 16; null when it is full.
    const void* add(std::span<const std::uint8_t> code);
    bool contains(const void* address) const {
        const auto p = static_cast<const std::uint8_t*>(address);
        return p >= executable_ && p < executable_ + size_;
    }

private:
    CodeArena() = default;

    std::uint8_t* writable_ = nullptr;
    std::uint8_t* executable_ = nullptr;
    std::size_t size_ = 0;
    std::size_t used_ = 0;
};

}  // namespace i386::fp
