// SPDX-License-Identifier: GPL-2.0-or-later
//
// memsave and pmemsave: pieces of guest memory to files.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "exec/address-space.h"
#include "exec/ram-block.h"
#include "hw/core/machine.h"
#include "hw/i386/x86-cpu.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"
#include "qom/user-objects.h"
#include "system/run-control.h"

namespace qapi {

namespace {

/// What a processor of today can address; more is a slip that would fill the disk with zeros.
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 52;

class Output {
public:
    static Result<Output> create(const std::string& name) {
        std::FILE* file = std::fopen(name.c_str(), "wbe");
        if (!file) return fail_errno(errno, fmt::format("Could not open '{}'", name));
        return Output(name, file);
    }
    Output(Output&& other) noexcept
        : name_(std::move(other.name_)), file_(std::exchange(other.file_, nullptr)) {}
    ~Output() {
        if (file_) std::fclose(file_);
    }
    Result<void> write(std::span<const std::uint8_t> bytes) {
        if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return failed();
        return {};
    }
    Result<void> close() {
        if (std::fclose(std::exchange(file_, nullptr)) != 0) return failed();
        return {};
    }

private:
    Output(std::string name, std::FILE* file) : name_(std::move(name)), file_(file) {}
    Error failed() const {
        return fail_errno(errno, fmt::format("writing memory to '{}' failed", name_));
    }
    std::string name_;
    std::FILE* file_;
};

Result<void> check_size(std::int64_t size) {
    if (size < 0 || static_cast<std::uint64_t>(size) > most_bytes)
        return fail("Parameter 'size' expects a number of bytes up to 2^52");
    return {};
}

/// Page by page: `read` fills a span that does not cross a page's end.
template <class Read>
Result<void> save(const std::string& filename, std::uint64_t address, std::uint64_t left,
                  Read&& read) {
    Output file = TRY(Output::create(filename));
    std::array<std::uint8_t, exec::page_size> page;
    while (left) {
        const std::uint64_t rest = exec::page_size - address % exec::page_size;
        const auto piece = std::span(page).first(std::min(left, rest));
        TRY(read(address, piece));
        TRY(file.write(piece));
        address += piece.size();
        left -= piece.size();
    }
    return file.close();
}

}  // namespace

Result<void> qmp_memsave(Context& cx, const MemsaveArgs& args) {
    TRY(check_size(args.size));
    const auto cpus = hw::x86_cpus(cx.get<qom::Tree>().root);
    const auto index = args.cpu_index.value_or(0);
    const auto cpu = std::ranges::find_if(cpus, [&](hw::X86Cpu* c) { return c->index() == index; });
    if (cpu == cpus.end()) return fail("Parameter 'cpu-index' expects a CPU number");
    Bql& held = cx.get<MainLoop>().held();
    auto& memory = cx.get<hw::Platform>().memory_space;
    return cx.get<vm::RunControl>().while_stopped(held, [&] {
        return save(args.filename, static_cast<std::uint64_t>(args.val),
                    static_cast<std::uint64_t>(args.size),
                    [&](std::uint64_t address, std::span<std::uint8_t> to) -> Result<void> {
                        if (!hw::read_virtual(held, **cpu, memory, address, to))
                            return fail("Invalid addr {:#018x}/size {} specified",
                                        static_cast<std::uint64_t>(args.val), args.size);
                        return {};
                    });
    });
}

Result<void> qmp_pmemsave(Context& cx, const PmemsaveArgs& args) {
    TRY(check_size(args.size));
    Bql& held = cx.get<MainLoop>().held();
    auto& memory = cx.get<hw::Platform>().memory_space;
    return save(args.filename, static_cast<std::uint64_t>(args.val),
                static_cast<std::uint64_t>(args.size),
                [&](std::uint64_t address, std::span<std::uint8_t> to) -> Result<void> {
                    // Holes read as zeros, as they do for the guest.
                    (void)memory.read(held, address, to);
                    return {};
                });
}

}  // namespace qapi
