// SPDX-License-Identifier: GPL-2.0-or-later
//
// CodeArena on Linux: a memfd mapped read-write and read-execute.
#include "target/i386/fp/code-arena.h"

#include <sys/mman.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

namespace i386::fp {

Result<std::unique_ptr<CodeArena>> CodeArena::create(std::size_t size) {
    std::unique_ptr<CodeArena> arena(new CodeArena);
    const int fd = memfd_create("host-code", MFD_CLOEXEC);
    if (fd < 0) return fail_errno(errno, "memfd_create");
    const bool sized = ftruncate(fd, static_cast<off_t>(size)) == 0;
    void* w = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void* x = mmap(nullptr, size, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    const int error = errno;
    close(fd);
    if (!sized || w == MAP_FAILED || x == MAP_FAILED) {
        if (w != MAP_FAILED) munmap(w, size);
        if (x != MAP_FAILED) munmap(x, size);
        return fail_errno(error, "memory for host code");
    }
    arena->writable_ = static_cast<std::uint8_t*>(w);
    arena->executable_ = static_cast<std::uint8_t*>(x);
    arena->size_ = size;
    return arena;
}

CodeArena::~CodeArena() {
    if (writable_) munmap(writable_, size_);
    if (executable_) munmap(executable_, size_);
}

const void* CodeArena::add(std::span<const std::uint8_t> code) {
    const std::size_t at = (used_ + 15) & ~std::size_t(15);
    if (at + code.size() > size_) return nullptr;
    std::memcpy(writable_ + at, code.data(), code.size());
    used_ = at + code.size();
    return executable_ + at;
}

}  // namespace i386::fp
