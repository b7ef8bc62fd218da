// SPDX-License-Identifier: GPL-2.0-or-later
//
// HMP commands that follow an address: from a page of a processor to guest memory, from there to
// this process, and to the host's memory.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "exec/address-space.h"
#include "hw/core/device.h"
#include "hw/i386/x86-cpu.h"
#include "monitor/hmp-machine.h"
#include "monitor/hmp.h"
#include "util/unique-fd.h"

namespace monitor::machine {

namespace {

struct HostPlace {
    const std::uint8_t* address;
    std::string region;
};

Result<HostPlace> host_place(Hmp& hmp, std::uint64_t physical) {
    const exec::AddressSpace& memory = TRY(platform(hmp))->memory_space;
    const auto view = memory.view();
    const exec::FlatRange* range = view->find(physical);
    if (!range) return fail("No memory is mapped at address {:#x}", physical);
    std::uint64_t contiguous = 0;
    const auto* host = memory.host_pointer(*view, physical, contiguous, false);
    if (!host) return fail("Memory at address {:#x} is not RAM", physical);
    return HostPlace{host, range->region->name()};
}

/// The host's own page tables, as it shows them (Linux, Documentation/admin-guide/mm/pagemap.rst):
/// an entry of 8 bytes a page, bit 63 "present", bits 0-54 the page frame's number, which is 0 for
/// those who may not know.
Result<std::uint64_t> host_physical(const std::uint8_t* address) {
    const auto where = reinterpret_cast<std::uintptr_t>(address);
    const auto page_size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const UniqueFd map(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
    std::uint64_t entry = 0;
    if (pread(map.get(), &entry, sizeof(entry), off_t(where / page_size * sizeof(entry))) !=
        sizeof(entry))
        return fail("Cannot read /proc/self/pagemap: {}", std::strerror(errno));
    if (!(entry >> 63)) return fail("Page not present");
    const std::uint64_t frame = entry & ((std::uint64_t{1} << 55) - 1);
    if (!frame) return fail("The host tells physical addresses to the privileged only");
    return frame * page_size + where % page_size;
}

}  // namespace

Result<void> host_virtual_address(Hmp& hmp, const HmpArguments& a) {
    const auto physical = static_cast<std::uint64_t>(a.number("addr"));
    const HostPlace place = TRY(host_place(hmp, physical));
    hmp.print("Host virtual address for {:#x} ({}) is {:#x}\n", physical, place.region,
              reinterpret_cast<std::uintptr_t>(place.address));
    return {};
}

Result<void> host_physical_address(Hmp& hmp, const HmpArguments& a) {
    const auto physical = static_cast<std::uint64_t>(a.number("addr"));
    const HostPlace place = TRY(host_place(hmp, physical));
    hmp.print("Host physical address for {:#x} ({}) is {:#x}\n", physical, place.region,
              TRY(host_physical(place.address)));
    return {};
}

Result<void> guest_physical_address(Hmp& hmp, const HmpArguments& a) {
    const auto linear = static_cast<std::uint64_t>(a.number("addr"));
    return with_cpu(hmp, [&](hw::X86Cpu& c) {
        std::uint64_t physical;
        if (c.cpu().probe(linear, physical))
            hmp.print("gpa: {:#x}\n", physical);
        else
            hmp.print("Unmapped\n");
    });
}

}  // namespace monitor::machine
