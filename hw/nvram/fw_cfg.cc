// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/nvram/fw_cfg.h"

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr u16 key_mask = 0x3fff;  // bit 15: architecture's own, bit 14: once meant writing
constexpr u16 key_arch = 0x8000;
constexpr u16 key_invalid = 0xffff;
constexpr u16 key_file_first = u16(FwCfgKey::FileFirst);
constexpr u32 version_ports = 1, version_dma = 2;
constexpr u64 dma_signature = 0x51454d5520434647;  // "QEMU CFG"
constexpr std::size_t max_name = 56;               // with the terminating zero

enum DmaControl : u32 {
    dma_error = 1,
    dma_read_item = 2,
    dma_skip = 4,
    dma_select = 8,
    dma_write_item = 16,
};

constexpr auto properties =
    qom::properties(qom::property<&FwCfgConfig::dma_enabled>("dma_enabled"),
                    qom::property<&FwCfgConfig::file_slots>("x-file-slots"),
                    qom::property<&FwCfgConfig::acpi_mr_restore>("acpi-mr-restore"));

using S = FwCfgState;
constexpr auto fields =
    vmstate::fields(vmstate::field<&S::cur_entry>("cur_entry"),
                    vmstate::field<&S::cur_offset>("cur_offset[1]").from_version(2));
constexpr auto dma_fields = vmstate::fields(vmstate::field<&S::dma_addr>("dma_addr"));
constexpr auto acpi_fields = vmstate::fields(vmstate::field<&S::table_mr_size>("table_mr_size"),
                                             vmstate::field<&S::linker_mr_size>("linker_mr_size"),
                                             vmstate::field<&S::rsdp_mr_size>("rsdp_mr_size"));
static_assert(vmstate::covers<S>(fields, dma_fields, acpi_fields,
                                 // from the configuration
                                 vmstate::not_saved<&S::dma_enabled, &S::acpi_mr_restore>()));
bool dma_needed(const S& s) {
    return s.dma_enabled;
}
bool acpi_needed(const S& s) {
    constexpr u64 page = 4096;  // whole pages agree by themselves
    if (!s.acpi_mr_restore) return false;
    return s.table_mr_size % page || s.linker_mr_size % page || s.rsdp_mr_size % page;
}
constexpr vmstate::Table dma_table{.name = "fw_cfg/dma",
                                   .version = 0,
                                   .minimum_version = 0,
                                   .fields = dma_fields,
                                   .needed = vmstate::needed<S, dma_needed>};
constexpr vmstate::Table acpi_table{
    .name = "fw_cfg/acpi_mr", .fields = acpi_fields, .needed = vmstate::needed<S, acpi_needed>};
constexpr auto subsections = vmstate::subsections(dma_table, acpi_table);
constexpr vmstate::Table table{.name = "fw_cfg",
                               .version = 2,
                               .minimum_version = 1,
                               .fields = fields,
                               .subsections = subsections};

constexpr auto port_ops = exec::memory_ops<&FwCfg::io_read, &FwCfg::io_write>(
    {.valid = {1, 2, true}, .impl = {1, 2, true}});
constexpr auto dma_ops = exec::memory_ops<&FwCfg::dma_read, &FwCfg::dma_write>(
    {.endian = exec::Endian::Big, .valid = {1, 8, false}, .impl = {1, 8, false}});

FwCfg::Bytes little_endian(u64 value, unsigned size) {
    FwCfg::Bytes bytes;
    for (unsigned i = 0; i < size; i++)
        bytes.push_back(u8(value >> 8 * i));
    return bytes;
}
template <class T>
void put_big_endian(FwCfg::Bytes& to, T value) {
    for (int shift = 8 * (sizeof value - 1); shift >= 0; shift -= 8)
        to.push_back(u8(value >> shift));
}
u64 get_big_endian(std::span<const u8> bytes) {
    u64 value = 0;
    for (const u8 byte : bytes)
        value = value << 8 | byte;
    return value;
}

}  // namespace

const DeviceType FwCfg::device_type_{
    {.name = "fw_cfg_io", .parent = "fw_cfg", .properties = properties},
    "System",
    Category::Uncategorized,
    false,
    false,
    []() -> std::unique_ptr<Device> { return std::make_unique<FwCfg>(); }};

const vmstate::Table& FwCfg::vmstate() const {
    return table;
}

Result<void> FwCfg::realize(Platform& platform) {
    memory_ = &platform.memory_space;
    state_.dma_enabled = config_.dma_enabled;
    add(FwCfgKey::Signature, {'Q', 'E', 'M', 'U'});
    add_u32(FwCfgKey::Id, version_ports | (config_.dma_enabled ? version_dma : 0));
    rebuild_directory();
    ports_ = exec::MemoryRegion::io(platform.memory, "fwcfg", 2, port_ops, this);
    platform.system_io.add_subregion(0x510, *ports_);
    if (config_.dma_enabled) {
        dma_ports_ = exec::MemoryRegion::io(platform.memory, "fwcfg.dma", 8, dma_ops, this);
        platform.system_io.add_subregion(0x514, *dma_ports_);
    }
    return {};
}

// ---- contents ---------------------------------------------------------------------------------

void FwCfg::add(FwCfgKey key, Bytes bytes) {
    Item& item = items_[u16(key)];
    item.bytes = std::move(bytes);
    item.blob = {};
}
void FwCfg::add(FwCfgKey key, Blob blob) {
    Item& item = items_[u16(key)];
    item.bytes.clear();
    item.blob = std::move(blob);
}
void FwCfg::add_u16(FwCfgKey key, u16 value) {
    add(key, little_endian(value, 2));
}
void FwCfg::add_u32(FwCfgKey key, u32 value) {
    add(key, little_endian(value, 4));
}
void FwCfg::add_u64(FwCfgKey key, u64 value) {
    add(key, little_endian(value, 8));
}
void FwCfg::add_string(FwCfgKey key, std::string_view text) {
    Bytes bytes(text.begin(), text.end());
    bytes.push_back(0);
    add(key, std::move(bytes));
}

Result<void> FwCfg::add_file(std::string name, Bytes bytes, OnSelect on_select) {
    if (name.size() >= max_name) return fail("fw_cfg file name '{}' is too long", name);
    if (files_.contains(name)) return fail("duplicate fw_cfg file name: {}", name);
    if (files_.size() >= config_.file_slots) return fail("fw_cfg has no slot left for {}", name);
    Item& item = files_[std::move(name)];
    item.bytes = std::move(bytes);
    item.on_select = std::move(on_select);
    rebuild_directory();
    return {};
}

Result<void> FwCfg::add_writable_file(std::string name, Bytes bytes, OnWrite on_write) {
    TRY(add_file(name, std::move(bytes)));
    Item& item = files_[name];
    item.on_write = std::move(on_write);
    item.writable = true;
    return {};
}

void FwCfg::set_file(const std::string& name, Bytes bytes) {
    files_[name].bytes = std::move(bytes);
    rebuild_directory();
}

void FwCfg::update_file(const std::string& name, Bytes bytes) {
    const auto found = files_.find(name);
    if (found == files_.end()) return;
    bytes.resize(found->second.bytes.size());
    found->second.bytes = std::move(bytes);
}

const FwCfg::Bytes* FwCfg::file(const std::string& name) const {
    const auto found = files_.find(name);
    return found == files_.end() ? nullptr : &found->second.bytes;
}

void FwCfg::set_acpi_sizes(u64 tables, u64 linker, u64 rsdp) {
    state_.table_mr_size = tables;
    state_.linker_mr_size = linker;
    state_.rsdp_mr_size = rsdp;
}

/// Count, then for each file its size, number, two spare bytes and name ("Firmware Configuration
/// Items", file directory).
void FwCfg::rebuild_directory() {
    Bytes directory;
    by_number_.clear();
    put_big_endian(directory, u32(files_.size()));
    for (auto& [name, item] : files_) {
        put_big_endian(directory, u32(item.bytes.size()));
        put_big_endian(directory, u16(key_file_first + by_number_.size()));
        put_big_endian(directory, u16(0));
        directory.insert(directory.end(), name.begin(), name.end());
        directory.resize(directory.size() + max_name - name.size());
        by_number_.push_back(&item);
    }
    // Empty slots follow, so that the size says nothing.
    directory.resize(4 + std::size_t{config_.file_slots} * (8 + max_name));
    add(FwCfgKey::FileDirectory, std::move(directory));
}

// ---- reading ----------------------------------------------------------------------------------

FwCfg::Item* FwCfg::current() {
    const u16 key = state_.cur_entry;
    if (key == key_invalid) return nullptr;
    if (key >= key_file_first && key < key_file_first + by_number_.size())
        return by_number_[key - key_file_first];
    const auto found = items_.find(key);
    return found == items_.end() ? nullptr : &found->second;
}

std::span<const u8> FwCfg::piece(const Item& item, std::size_t offset) {
    if (item.blob.empty()) return std::span(item.bytes).subspan(offset);
    const std::size_t ends = window_.offset + window_.bytes.size();
    if (offset < window_.offset || offset >= ends) {
        constexpr std::size_t most = 128 << 10;
        window_ = {offset, Bytes(std::min(most, item.blob.size() - offset))};
        if (!item.blob.read(offset, window_.bytes)) window_.bytes.clear();
    }
    return std::span(window_.bytes).subspan(offset - window_.offset);
}

void FwCfg::select(u16 key) {
    state_.cur_offset = 0;
    window_ = {};
    if ((key & key_mask) >= key_file_first + config_.file_slots) {
        state_.cur_entry = key_invalid;
        return;
    }
    state_.cur_entry = key & (key_mask | key_arch);
    if (Item* item = current(); item && item->on_select) item->on_select(item->bytes);
}

u64 FwCfg::io_read(u64, unsigned size) {
    // Both ports read the data; a wide read takes the bytes in order.
    u64 value = 0;
    for (unsigned i = 0; i < size; i++) {
        const Item* item = current();
        if (!item || state_.cur_offset >= item->size()) continue;
        if (const auto bytes = piece(*item, state_.cur_offset); !bytes.empty())
            value |= u64(bytes.front()) << 8 * i;
        state_.cur_offset++;
    }
    return value;
}

void FwCfg::io_write(u64 offset, u64 value, unsigned size) {
    // Data cannot be written through the port (any more); the selector is a word.
    if (offset == 0 && size == 2) select(u16(value));
}

u64 FwCfg::dma_read(u64 offset, unsigned size) {
    return dma_signature >> 8 * (8 - offset - size) & (~u64{0} >> (64 - 8 * size));
}

void FwCfg::dma_write(u64 offset, u64 value, unsigned size) {
    if (size == 4 && offset == 0) {
        state_.dma_addr = value << 32;
    } else if (size == 4 && offset == 4) {
        state_.dma_addr |= u32(value);
        run_dma();
    } else if (size == 8 && offset == 0) {
        state_.dma_addr = value;
        run_dma();
    }
}

/// FWCfgDmaAccess: control, length, address, all big endian; control becomes 0 or the error bit.
void FwCfg::run_dma() {
    const u64 access = std::exchange(state_.dma_addr, 0);
    std::array<u8, 16> raw{};
    auto finish = [&](u32 control) {
        std::array<u8, 4> answer{u8(control >> 24), u8(control >> 16), u8(control >> 8),
                                 u8(control)};
        memory_->dma_write(access, answer);
    };
    if (memory_->dma_read(access, raw) != exec::MemTx::Ok) return finish(dma_error);
    const std::span<const u8> view = raw;
    const u32 control = u32(get_big_endian(view.first(4)));
    u32 length = u32(get_big_endian(view.subspan(4, 4)));
    u64 address = get_big_endian(view.subspan(8));

    if (control & dma_select) select(u16(control >> 16));
    Item* item = current();
    const bool reads = control & dma_read_item, writes = !reads && control & dma_write_item;
    if (!reads && !writes && !(control & dma_skip)) length = 0;

    u32 result = 0;
    constexpr std::array<u8, 4096> zeros{};
    while (length && !result) {
        const bool inside = item && state_.cur_offset < item->size();
        u32 step = inside ? std::min<u32>(length, u32(item->size()) - state_.cur_offset) : length;
        exec::MemTx tx = exec::MemTx::Ok;
        if (reads && inside) {
            const auto bytes = piece(*item, state_.cur_offset);
            step = std::min<u32>(step, u32(bytes.size()));
            tx = step ? memory_->dma_write(address, bytes.first(step)) : exec::MemTx::AccessError;
        } else if (reads) {
            step = std::min<u32>(step, zeros.size());  // beyond the end are zeros
            tx = memory_->dma_write(address, std::span(zeros).first(step));
        } else if (writes) {
            if (!inside || !item->writable || step != length) {
                result = dma_error;
                break;
            }
            tx = memory_->dma_read(address, {item->bytes.data() + state_.cur_offset, step});
            if (tx == exec::MemTx::Ok && item->on_write)
                item->on_write(item->bytes, state_.cur_offset, step);
        }
        if (tx != exec::MemTx::Ok) result = dma_error;
        address += step;
        length -= step;
        if (inside) state_.cur_offset += step;
    }
    finish(result);
}

}  // namespace hw
