// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/nvdimm-acpi.h"

#include <algorithm>
#include <array>

namespace hw {
namespace {

// The request and its answer (docs/specs/acpi_nvdimm, "DSM memory").
constexpr std::size_t arguments_at = 12, longest_arguments = NvdimmAcpi::page - arguments_at;
enum Handle : u32 { root_handle = 0, table_handle = 0x10000 };
enum RootFunction : u32 { list_functions = 0, read_fit = 1 };
// The functions of a module (Intel, "NVDIMM DSM Interface", 1.8; 3.4 to 3.6).
enum ModuleFunction : u32 { label_size = 4, get_label = 5, set_label = 6 };
enum Status : u32 {
    success = 0,
    not_supported = 1,
    no_such_module = 2,
    invalid_parameters = 3,
    table_changed = 0x100,
};
constexpr u32 known_revision = 1;
// A transfer has an offset and a length in front of it.
constexpr u32 longest_transfer = u32(longest_arguments) - 8;

constexpr auto ops =
    exec::memory_ops<&NvdimmAcpi::read, &NvdimmAcpi::write>({.valid = {4, 4}, .impl = {4, 4}});

void put(std::vector<u8>& to, u64 value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        to.push_back(u8(value >> 8 * i));
}

u32 get32(std::span<const u8> from, std::size_t at) {
    return u32(from[at]) | u32(from[at + 1]) << 8 | u32(from[at + 2]) << 16 |
           u32(from[at + 3]) << 24;
}

std::vector<u8> numbers(std::initializer_list<u32> list) {
    std::vector<u8> bytes;
    for (const u32 n : list)
        put(bytes, n, 4);
    return bytes;
}

/// The three structures of a module: its address range (5.2.25.2), how it is mapped there
/// (5.2.25.3), and the control region that identifies it (5.2.25.6).
void put_module(std::vector<u8>& t, const Nvdimm& m) {
    // 66F0D379-B4F3-4074-AC43-0D3318B78CDB: byte addressable persistent memory
    constexpr std::array<u8, 16> persistent{0x79, 0xd3, 0xf0, 0x66, 0xf3, 0xb4, 0x74, 0x40,
                                            0xac, 0x43, 0x0d, 0x33, 0x18, 0xb7, 0x8c, 0xdb};
    constexpr u64 write_back = 0x8, nonvolatile = 0x8000;  // UEFI 2.9, 7.2.3
    constexpr unsigned may_come_hot = 1, domain_valid = 2, not_armed = 8;
    const unsigned range = (m.slot() + 1) * 2, control = range + 1, handle = m.slot() + 1;
    put(t, 0, 2), put(t, 56, 2);
    put(t, range, 2), put(t, may_come_hot | domain_valid, 2);
    put(t, 0, 4), put(t, m.node(), 4);
    t.insert(t.end(), persistent.begin(), persistent.end());
    put(t, m.address(), 8), put(t, m.size(), 8);
    put(t, write_back | nonvolatile, 8);

    put(t, 1, 2), put(t, 48, 2);
    put(t, handle, 4);
    put(t, 0, 2), put(t, 0, 2);  // SMBIOS handle, region
    put(t, range, 2), put(t, control, 2);
    put(t, m.size(), 8), put(t, 0, 8), put(t, 0, 8);
    put(t, 0, 2), put(t, 1, 2);  // not interleaved
    put(t, m.unarmed() ? not_armed : 0, 2), put(t, 0, 2);

    put(t, 4, 2), put(t, 80, 2);
    put(t, control, 2);
    put(t, 0x8086, 2), put(t, 1, 2), put(t, 1, 2);  // vendor, device, revision
    put(t, 0, 6), put(t, 0, 6);                     // subsystem; nothing of its making
    put(t, 0x123456 + m.slot(), 4);                 // serial number
    put(t, 0x0301, 2);                              // byte addressable, with labels
    t.resize(t.size() + 50);                        // no block windows
}

}  // namespace

std::unique_ptr<exec::MemoryRegion> NvdimmAcpi::make_region(exec::MemoryMap& map) {
    return exec::MemoryRegion::io(map, "nvdimm-acpi-io", port_size, ops, this);
}

std::vector<u8> NvdimmAcpi::interface_table() const {
    std::vector<u8> t;
    for (const MemoryModule* m : memory_.modules())
        if (auto* nvdimm = dynamic_cast<const Nvdimm*>(m)) put_module(t, *nvdimm);
    if (persistence_ == NvdimmPersistence::Unsaid || t.empty()) return t;
    // 5.2.25.9: platform capabilities. Bit 1: the memory controller's queues are flushed, bit 0:
    // the caches are too.
    put(t, 7, 2), put(t, 16, 2);
    put(t, 1, 4);  // the highest bit that counts
    put(t, persistence_ == NvdimmPersistence::Cpu ? 3 : 2, 4);
    put(t, 0, 4);
    return t;
}

void NvdimmAcpi::write(u64, u64 address, unsigned) {
    std::vector<u8> bytes(page);
    if (guest_.dma_read(address, bytes) != exec::MemTx::Ok) {
        log_.guest_error("nvdimm: no memory at {:#x} for a request", address);
        return;
    }
    std::vector<u8> result = answer(bytes);
    std::vector<u8> with_length;
    put(with_length, result.size() + 4, 4);
    with_length.insert(with_length.end(), result.begin(), result.end());
    guest_.dma_write(address, with_length);
}

std::vector<u8> NvdimmAcpi::answer(std::span<const u8> request) {
    const u32 handle = get32(request, 0), revision = get32(request, 4),
              function = get32(request, 8);
    const auto arguments = request.subspan(arguments_at);
    if (handle == table_handle) return read_table(revision, function, get32(arguments, 0));
    if (handle == root_handle) {
        const bool known = revision == known_revision && function == list_functions;
        return numbers({known ? 0u : u32(not_supported)});  // none but this one
    }
    MemoryModule* m = memory_.in_slot(handle - 1);
    return of_module(dynamic_cast<Nvdimm*>(m), revision, function, arguments);
}

std::vector<u8> NvdimmAcpi::read_table(u32 revision, u32 function, u32 offset) {
    if (revision != known_revision) return numbers({not_supported});
    if (function == list_functions) return numbers({1u << list_functions | 1u << read_fit});
    if (function != read_fit) return numbers({not_supported});
    if (offset == 0)
        changed_ = false;
    else if (changed_)
        return numbers({table_changed});  // from the beginning, please
    const std::vector<u8> table = interface_table();
    if (offset > table.size()) return numbers({invalid_parameters});
    std::vector<u8> bytes = numbers({success});
    const std::size_t count = std::min(table.size() - offset, page - 8);
    bytes.insert(bytes.end(), table.begin() + offset, table.begin() + offset + long(count));
    return bytes;
}

std::vector<u8> NvdimmAcpi::of_module(Nvdimm* m, u32 revision, u32 function,
                                      std::span<const u8> arguments) {
    if (revision != known_revision) return numbers({not_supported});
    const std::span<u8> labels = m ? m->labels() : std::span<u8>();
    if (function == list_functions)
        return numbers(
            {labels.empty() ? 0 : 1u | 1u << label_size | 1u << get_label | 1u << set_label});
    if (!m) return numbers({no_such_module});
    if (labels.empty()) return numbers({not_supported});
    if (function == label_size) return numbers({success, u32(labels.size()), longest_transfer});
    if (function != get_label && function != set_label) return numbers({not_supported});
    const u32 offset = get32(arguments, 0), length = get32(arguments, 4);
    if (length > longest_transfer || offset > labels.size() || length > labels.size() - offset)
        return numbers({invalid_parameters});
    const std::span<u8> part = labels.subspan(offset, length);
    std::vector<u8> bytes = numbers({success});
    if (function == get_label) {
        bytes.insert(bytes.end(), part.begin(), part.end());
    } else {
        std::ranges::copy(arguments.subspan(8, length), part.begin());
        m->labels_written(offset, length);
    }
    return bytes;
}

}  // namespace hw
