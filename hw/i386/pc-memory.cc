// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/pc-memory.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "exec/ram-block.h"

namespace hw {

namespace {

constexpr std::uint64_t four_gib = std::uint64_t{1} << 32;
// With more RAM than this the hole for PCI is a whole gigabyte, so that what is above it stays
// aligned for huge pages.
constexpr std::uint64_t low_limit = 0xe0000000, low_limit_aligned = 0xc0000000;
constexpr std::uint64_t option_rom_base = 0xc0000, option_rom_size = 0x20000;
constexpr std::uint64_t isa_bios_size = 0x20000;

constexpr std::array<const char*, 4> usual_folders{"/usr/share/seabios", "/usr/share/qemu",
                                                   "/usr/lib/ipxe/qemu", "/usr/share/vgabios"};

}  // namespace

Result<std::vector<std::uint8_t>> read_firmware(const MachineConfig& c, const std::string& name) {
    std::vector<std::string> candidates;
    if (name.find('/') != name.npos) candidates.push_back(name);
    for (const auto& folder : c.firmware_path)
        candidates.push_back(folder + "/" + name);
    for (const char* folder : usual_folders)
        candidates.push_back(std::string(folder) + "/" + name);
    if (name.find('/') == name.npos) candidates.push_back(name);
    for (const auto& path : candidates) {
        std::error_code error;
        const auto size = std::filesystem::file_size(path, error);
        if (error || size > 16 << 20) continue;
        std::ifstream in(path, std::ios::binary);
        std::vector<std::uint8_t> bytes(size);
        if (in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
            return bytes;
    }
    return fail("could not load firmware '{}'", name)
        .with_hint(
            "Debian has it in the packages seabios and ipxe-qemu; -L DIR names another place");
}

Result<void> PcMemory::build(Platform& p, const MachineConfig& c, std::uint64_t max_below) {
    std::uint64_t limit = c.ram_size >= low_limit ? low_limit_aligned : low_limit;
    if (max_below) limit = std::min(limit, max_below);
    below_4g_ = std::min(c.ram_size, limit);
    above_4g_ = c.ram_size - below_4g_;
    auto* block = c.ram;
    if (!block) block = TRY(p.memory.allocate_ram("pc.ram", c.ram_size));
    ram_ = exec::MemoryRegion::ram(p.memory, "pc.ram", *block);
    low_ = exec::MemoryRegion::alias(p.memory, "ram-below-4g", *ram_, 0, below_4g_);
    p.system_memory.add_subregion(0, *low_);
    if (above_4g_) {
        high_ = exec::MemoryRegion::alias(p.memory, "ram-above-4g", *ram_, below_4g_, above_4g_);
        p.system_memory.add_subregion(four_gib, *high_);
    }
    smm_root_ = exec::MemoryRegion::container(p.memory, "memory", exec::MemoryRegion::whole);
    smm_system_ = exec::MemoryRegion::alias(p.memory, "memory", p.system_memory, 0,
                                            exec::MemoryRegion::whole);
    smm_root_->add_subregion(0, *smm_system_);
    smm_space_ = std::make_unique<exec::AddressSpace>(p.memory, *smm_root_, "cpu-smm-0");
    return {};
}

void PcMemory::map_smram(Platform&, exec::MemoryRegion& smram) {
    smm_root_->add_subregion(0, smram, 1);
}

Result<void> PcMemory::map_firmware(Platform& p, const MachineConfig& c, const std::string& name,
                                    exec::MemoryRegion* pci_memory) {
    // Without PCI nothing shadows ROM space: firmware and option ROMs are copied in and run there.
    const bool writable = !pci_memory;
    exec::MemoryRegion& bus_memory = pci_memory ? *pci_memory : p.system_memory;
    auto map = [&](std::string label, exec::RamBlock& block) {
        return writable ? exec::MemoryRegion::ram(p.memory, std::move(label), block)
                        : exec::MemoryRegion::rom(p.memory, std::move(label), block);
    };
    auto image = TRY(read_firmware(c, name));
    if (image.empty() || image.size() % 65536 || image.size() > 8 << 20)
        return fail(
            "could not load PC BIOS '{}': its size of {} bytes is no multiple of 64 KiB up to 8 "
            "MiB",
            name, image.size());
    auto* bios = TRY(p.memory.allocate_ram("pc.bios", image.size()));
    std::memcpy(bios->host(), image.data(), image.size());
    bios_ = map("pc.bios", *bios);
    const auto isa_size = std::min<std::uint64_t>(image.size(), isa_bios_size);
    isa_bios_ =
        exec::MemoryRegion::alias(p.memory, "isa-bios", *bios_, image.size() - isa_size, isa_size);
    isa_bios_->set_readonly(!writable);
    bus_memory.add_subregion(0x100000 - isa_size, *isa_bios_, 1);
    bus_memory.add_subregion(four_gib - image.size(), *bios_);
    auto* roms = TRY(p.memory.allocate_ram("pc.rom", option_rom_size));
    option_roms_ = map("pc.rom", *roms);
    bus_memory.add_subregion(option_rom_base, *option_roms_, 1);
    return {};
}

}  // namespace hw
