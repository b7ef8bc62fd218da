// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/pc-fw-cfg.h"

#include <fmt/core.h>

#include <string>

#include "hw/timer/hpet.h"

namespace hw {

namespace {

using Bytes = FwCfg::Bytes;

template <class T>
void append(Bytes& to, T value) {
    for (unsigned i = 0; i < sizeof(T); i++)
        to.push_back(static_cast<u8>(value >> (8 * i)));
}

/// Types of an E820 entry (ACPI 6.4, 15 "System Address Map Interfaces").
enum E820 : u32 { e820_ram = 1, e820_reserved = 2 };

void e820_entry(Bytes& table, u64 address, u64 length, u32 type) {
    append(table, address);
    append(table, length);
    append(table, type);
}

Bytes e820_table(const PcMemory& memory, bool reserves_hypertransport) {
    Bytes table;
    // AMD processors keep the last 12 GiB below 1 TiB for HyperTransport; guests avoid it
    // everywhere.
    if (reserves_hypertransport) e820_entry(table, 0xfd00000000, 0x300000000, e820_reserved);
    e820_entry(table, 0, memory.below_4g(), e820_ram);
    if (memory.above_4g()) e820_entry(table, u64{1} << 32, memory.above_4g(), e820_ram);
    return table;
}

/// One HPET of the eight that the item has room for.
Bytes hpet_item(const Hpet* hpet) {
    constexpr std::size_t item_size = 1 + 8 * 15;
    Bytes item;
    append(item, static_cast<u8>(hpet ? 1 : 0xff));
    if (hpet) {
        append(item, hpet->block_id());
        append(item, Hpet::default_address);
        append(item, u16{0});  // minimum tick
        append(item, u8{0});   // page protection
    }
    item.resize(item_size);
    return item;
}

Bytes le32(u32 value) {
    Bytes b;
    append(b, value);
    return b;
}

/// A bit says the state is there, the low bits are its number for the guest's PM1 control register.
constexpr u8 present = 0x80;

template <class Contents>
void add_piece(FwCfg& f, FwCfgKey address_key, FwCfgKey size_key, FwCfgKey data_key, u32 address,
               Contents bytes) {
    f.add_u32(address_key, address);
    f.add_u32(size_key, static_cast<u32>(bytes.size()));
    f.add(data_key, std::move(bytes));
}

Result<void> add_loader(FwCfg& f, std::string_view rom_name, Bytes rom) {
    return f.add_file(fmt::format("genroms/{}", rom_name), std::move(rom));
}

}  // namespace

Bytes uuid_bytes(const std::string& text) {
    Bytes bytes;
    for (std::size_t i = 0; i + 1 < text.size();) {
        if (text[i] == '-') {
            i++;
            continue;
        }
        bytes.push_back(static_cast<u8>(std::stoul(text.substr(i, 2), nullptr, 16)));
        i += 2;
    }
    bytes.resize(16);
    return bytes;
}

Result<void> fill_fw_cfg(FwCfg& f, const MachineConfig& c, const PcMemory& memory,
                         const PcFwCfgFacts& facts) {
    f.add(FwCfgKey::Uuid, uuid_bytes(c.uuid));
    f.add_u64(FwCfgKey::RamSize, c.ram_size);
    f.add_u16(FwCfgKey::Nographic, !c.graphic);
    f.add_u16(FwCfgKey::MaxCpus, static_cast<u16>(facts.apic_ids));
    f.add_u16(FwCfgKey::BootMenu, c.boot_menu);
    f.add_u32(FwCfgKey::X86Irq0Override, 1);
    f.add(FwCfgKey::X86Hpet, hpet_item(facts.hpet));
    // NUMA: how many nodes, the node of each APIC ID, their sizes.
    Bytes numa;
    append(numa, u64{facts.nodes});
    for (unsigned i = 0; i < facts.apic_ids; i++)
        append(numa, u64{0});
    if (facts.nodes) append(numa, c.ram_size);
    f.add(FwCfgKey::Numa, std::move(numa));

    TRY(f.add_file("bootorder", {}));
    TRY(f.add_file("bios-geometry", {}));
    TRY(f.add_file("etc/boot-fail-wait", le32(static_cast<u32>(c.boot_reboot_timeout))));
    TRY(f.add_file("etc/e820", e820_table(memory, facts.reserves_hypertransport)));
    if (facts.reserved_memory_end) {
        Bytes end;
        append(end, facts.reserved_memory_end);
        TRY(f.add_file("etc/reserved-memory-end", std::move(end)));
    }
    if (facts.system_states)
        TRY(f.add_file("etc/system-states",
                       {present, 0, 0, static_cast<u8>(facts.s3 ? present | 1 : 1),
                        static_cast<u8>(facts.s4 ? present | 2 : 2), present}));
    if (c.boot_splash_time >= 0) {
        Bytes wait;
        append(wait, static_cast<u16>(c.boot_splash_time));
        TRY(f.add_file("etc/boot-menu-wait", std::move(wait)));
    }
    return {};
}

Result<void> add_kernel(FwCfg& f, LinuxImage image, std::string_view rom_name, Bytes rom) {
    add_piece(f, FwCfgKey::SetupAddr, FwCfgKey::SetupSize, FwCfgKey::SetupData, image.setup.address,
              std::move(image.setup.bytes));
    add_piece(f, FwCfgKey::KernelAddr, FwCfgKey::KernelSize, FwCfgKey::KernelData,
              image.kernel.address, std::move(image.kernel.bytes));
    add_piece(f, FwCfgKey::CmdlineAddr, FwCfgKey::CmdlineSize, FwCfgKey::CmdlineData,
              image.cmdline.address, std::move(image.cmdline.bytes));
    add_piece(f, FwCfgKey::InitrdAddr, FwCfgKey::InitrdSize, FwCfgKey::InitrdData,
              image.initrd.address, std::move(image.initrd.bytes));
    return add_loader(f, rom_name, std::move(rom));
}

Result<void> add_kernel(FwCfg& f, const MultibootImage& image, std::string_view rom_name,
                        Bytes rom) {
    add_piece(f, FwCfgKey::KernelAddr, FwCfgKey::KernelSize, FwCfgKey::KernelData, image.address,
              image.memory);
    f.add_u32(FwCfgKey::KernelEntry, image.entry);
    add_piece(f, FwCfgKey::InitrdAddr, FwCfgKey::InitrdSize, FwCfgKey::InitrdData,
              image.information_address, image.information);
    return add_loader(f, rom_name, std::move(rom));
}

}  // namespace hw
