// SPDX-License-Identifier: GPL-2.0-or-later
//
// The list of what can be saved, and saving it. Loading is in savevm-load.cc.
#include "migration/savevm.h"

#include <algorithm>

#include "migration/format.h"
#include "migration/vmstate/save.h"
#include "migration/vmstate/tree.h"

namespace migration {

namespace {

std::string section_name(std::string_view path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}/{}", path, name);
}

}  // namespace

std::uint32_t SaveVm::free_instance(std::string_view idstr) const {
    std::uint32_t next = 0;
    for (const SaveStateEntry& e : entries_)
        if (e.idstr == idstr) next = std::max(next, e.instance_id + 1);
    return next;
}

void SaveVm::insert(SaveStateEntry entry) {
    entry.section_id = next_section_id_++;
    // Bridges and IOMMUs come before what hangs on them; otherwise it is first come, first sent.
    auto after = std::find_if(entries_.begin(), entries_.end(),
                              [&](const SaveStateEntry& e) { return e.priority < entry.priority; });
    entries_.insert(after, std::move(entry));
}

void SaveVm::add(std::string path, vmstate::Owner& owner, int instance,
                 vmstate::Priority priority) {
    const vmstate::Table& table = owner.vmstate();
    std::string idstr = section_name(path, table.name);
    assert(idstr.size() < 256);
    const std::uint32_t id =
        instance == next_instance ? free_instance(idstr) : static_cast<std::uint32_t>(instance);
    insert({.idstr = std::move(idstr),
            .instance_id = id,
            .version_id = table.version,
            .priority = priority,
            .owner = &owner});
}

void SaveVm::remove(vmstate::Owner& owner) {
    std::erase_if(entries_, [&](const SaveStateEntry& e) { return e.owner == &owner; });
}

void SaveVm::register_savevm_live(std::string_view idstr, int instance, int version,
                                  LiveHandler& handler) {
    insert({.idstr = std::string(idstr),
            .instance_id = instance == next_instance ? free_instance(idstr)
                                                     : static_cast<std::uint32_t>(instance),
            .version_id = version,
            .is_ram = true,
            .live = &handler});
}

void SaveVm::save_section(const SaveStateEntry& e, vmstate::Writer& out) {
    vmstate::save(e.owner->vmstate(), e.owner->state_for_saving(), out);
}

Result<void> SaveVm::save_device_state(vmstate::Writer& out) const {
    for (const SaveStateEntry& e : entries_)
        if (!e.is_ram && !e.owner->vmstate().unmigratable.empty())
            return fail("State blocked by non-migratable device '{}': {}", e.idstr,
                        e.owner->vmstate().unmigratable);

    out.be32(format::magic);
    out.be32(format::version);
    for (const SaveStateEntry& e : entries_) {
        if (e.is_ram || !e.owner->needed()) continue;
        out.u8(format::section_full);
        out.be32(e.section_id);
        out.counted_string(e.idstr);
        out.be32(e.instance_id);
        out.be32(static_cast<std::uint32_t>(e.version_id));
        save_section(e, out);
        if (switches_.send_section_footer) {
            out.u8(format::footer);
            out.be32(e.section_id);
        }
    }
    out.u8(format::end_of_file);
    return {};
}

qapi::Json decode_section(const SaveStateEntry& e, std::span<const std::uint8_t> data) {
    auto scratch = e.owner->stage();
    auto tree = vmstate::decode(e.owner->vmstate(), scratch->data(), e.version_id, data);
    // What this program wrote a moment ago it can read.
    assert(tree);
    return tree->json();
}

}  // namespace migration
