// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reading a device-state file into staged states. The file is hostile until proven otherwise;
// nothing of the VM changes here. Where QEMU prints a reason for the same fault, ours begins with
// the same words, and goes on to say where, what was expected and what was found.
#include <algorithm>

#include "migration/format.h"
#include "migration/savevm.h"
#include "migration/vmstate/load.h"

namespace migration {
namespace {

using vmstate::Reader;

class Loader {
public:
    Loader(std::span<const SaveStateEntry> entries, std::span<const std::uint8_t> file,
           const LoadPolicy& policy)
        : entries_(entries), in_(file), policy_(policy) {}

    Result<std::vector<StagedLoad::Section>> run() {
        TRY(header());
        for (;;) {
            in_.set_section({}, 0);
            const std::size_t at = in_.offset();
            if (!in_.remaining())
                return in_.refuse("another section or the end mark 00", "the end of the file",
                                  "the file is cut short");
            const std::uint8_t mark = TRY(in_.u8());
            if (mark == format::end_of_file) break;
            if (mark == format::configuration && at == 8) {
                TRY(configuration());
                continue;
            }
            TRY(section(mark, at));
        }
        TRY(after_the_end());
        TRY(everyone_is_there());
        std::stable_sort(sections_.begin(), sections_.end(),
                         [](const auto& a, const auto& b) { return a.entry < b.entry; });
        return std::move(sections_);
    }

private:
    Result<void> header() {
        constexpr auto remedy = "this is no file of xen-save-devices-state";
        if (in_.remaining() < 4)
            return in_.refuse("the magic number QEVM", "the end of the file", remedy)
                .prepend("Not a migration stream: ");
        if (const auto m = TRY(in_.be32()); m != format::magic)
            return in_
                .refuse_at(0, "the magic number QEVM (0x5145564d)", fmt::format("{:#x}", m), remedy)
                .prepend("Not a migration stream: ");
        if (in_.remaining() < 4)
            return in_.refuse("version 3", "the end of the file", "the file is cut short")
                .prepend("Unsupported migration stream version: ");
        const auto v = TRY(in_.be32());
        if (v == 2)
            return in_.refuse_at(4, "version 3", "2", "it was written by an emulator before 0.9.1")
                .prepend("SaveVM v2 format is obsolete and don't work anymore: ");
        if (v != format::version)
            return in_.refuse_at(4, "version 3", std::to_string(v))
                .prepend("Unsupported migration stream version: ");
        return {};
    }

    /// Not part of a device-state file, but QEMU accepts one there and asks for it by default.
    Result<void> configuration() {
        in_.set_section("configuration", 0);
        const auto length = TRY(in_.be32("the machine name's length"));
        const std::size_t at = in_.offset();
        if (length > in_.remaining())
            return in_
                .refuse_at(at - 4, fmt::format("at most {}", in_.remaining()),
                           std::to_string(length))
                .prepend("Failed to load configuration:name: ");
        const auto raw = TRY(in_.bytes(length));
        const std::string name(raw.begin(), raw.end());
        const auto& known = policy_.machine_names;
        if (!known.empty() && std::find(known.begin(), known.end(), name) == known.end())
            return in_
                .refuse_at(at, "this machine's name", fmt::format("'{}'", name),
                           fmt::format("start with -M {}", name))
                .prepend(fmt::format("Machine type received is '{}' and local is '{}': ", name,
                                     known.front()));
        if (in_.peek() == format::subsection)
            return in_.refuse("a section", "a subsection of 'configuration'",
                              "streams with negotiated capabilities are not device-state files");
        return {};
    }

    Result<void> section(std::uint8_t mark, std::size_t at) {
        if (mark == format::section_part || mark == format::section_end) {
            const auto id = TRY(in_.be32("a section id"));
            return in_
                .refuse_at(at, "a full section (04)",
                           fmt::format("a later part ({:02x}) of section {}", mark, id),
                           "device-state files have no RAM and no disks in them")
                .prepend(fmt::format("Unknown savevm section {}: ", id));
        }
        if (mark != format::section_full && mark != format::section_start)
            return in_
                .refuse_at(at, "a section (04) or the end mark (00)", fmt::format("{:02x}", mark))
                .prepend(fmt::format("Unknown savevm section type {}: ", mark));
        const auto id = TRY(in_.be32("a section id"));
        const auto length = TRY(in_.u8("the length of a section's name"));
        const std::size_t name_at = in_.offset();
        if (length > in_.remaining() || length == 0)
            return in_
                .refuse_at(name_at, "a section's name",
                           length ? "the end of the file" : "an empty one",
                           length ? "the file is cut short" : "")
                .prepend(fmt::format("Unable to read ID string for section {}: ", id));
        const auto raw = TRY(in_.bytes(length));
        const std::string idstr(raw.begin(), raw.end());
        if (std::any_of(raw.begin(), raw.end(), [](auto c) { return c < 0x20 || c > 0x7E; }))
            return in_.refuse_at(name_at, "a section's name", "bytes that are no text")
                .prepend(fmt::format("Unable to read ID string for section {}: ", id));
        in_.set_section(idstr, 0);
        const auto instance = TRY(in_.be32("the instance id"));
        in_.set_section(idstr, instance);
        const auto version = static_cast<std::int32_t>(TRY(in_.be32("the version")));

        const SaveStateEntry* entry = TRY(find(idstr, instance, name_at));
        TRY(check_version(*entry, version));
        const std::size_t data = in_.offset();
        TRY(read(*entry, version, data));
        return footer(idstr, id, data);
    }

    Result<const SaveStateEntry*> find(const std::string& idstr, std::uint32_t instance,
                                       std::size_t at) {
        bool known = false;
        for (const SaveStateEntry& e : entries_) {
            if (e.instance_id != instance || e.idstr != idstr) continue;
            if (e.is_ram)
                return in_.refuse_at(at, "the section of a device",
                                     fmt::format("'{}', which holds RAM or disks", idstr),
                                     "convert the stream with qemu-devstate");
            known = true;
            // Two sections of one name and instance (isapc's IDE controllers) go by their order.
            const bool taken = std::any_of(sections_.begin(), sections_.end(),
                                           [&](const auto& s) { return s.entry == &e; });
            if (!taken) return &e;
        }
        if (known)
            return in_.refuse_at(at, "each device once",
                                 fmt::format("'{}' instance {} again", idstr, instance));
        std::string others;
        for (const SaveStateEntry& e : entries_)
            if (e.idstr == idstr)
                others += fmt::format("{}{}", others.empty() ? "" : ", ", e.instance_id);
        return in_
            .refuse_at(at,
                       others.empty() ? std::string("a device of this VM")
                                      : fmt::format("instance {}", others),
                       fmt::format("'{}' instance {}", idstr, instance),
                       "start this VM with the devices of the one that saved")
            .prepend(fmt::format("Unknown savevm section or instance '{}' {}. Make sure that your "
                                 "current VM setup matches your saved VM setup, including any "
                                 "hotplugged devices: ",
                                 idstr, instance));
    }

    Result<void> check_version(const SaveStateEntry& e, std::int32_t version) {
        const vmstate::Table& t = e.owner->vmstate();
        if (!t.unmigratable.empty())
            return fail("State blocked by non-migratable device '{}': {}", e.idstr, t.unmigratable);
        if (version >= t.minimum_version && version <= t.version) return {};
        const std::string expected =
            t.minimum_version == t.version
                ? fmt::format("version {}", t.version)
                : fmt::format("version {} to {}", t.minimum_version, t.version);
        const bool newer = version > t.version || version < 0;
        Error e2 = in_.refuse_at(in_.offset() - 4, expected, std::to_string(version),
                                 newer ? "it was saved by a newer emulator" : "");
        return std::move(e2).prepend(
            newer ? fmt::format("savevm: unsupported version {} for '{}' v{}: ", version, e.idstr,
                                t.version)
                  : fmt::format("{}: incoming version_id {} is too old for local minimum "
                                "version_id  {}: ",
                                e.idstr, version, t.minimum_version));
    }

    Result<void> read(const SaveStateEntry& e, int version, std::size_t data) {
        vmstate::Owner& owner = *e.owner;
        std::unique_ptr<vmstate::Staged> state = owner.stage(), blank;
        bool wants_blank = false;
        vmstate::LoadOptions options{.wants_blank = &wants_blank};
        TRY(loaded(e, vmstate::load(owner.vmstate(), state->data(), version, in_, options)));
        if (wants_blank) {
            // Rare: the VM has state of its own in a subsection that the file leaves out.
            blank = owner.blank();
            state = owner.stage();
            options = {.blank = blank->data()};
            in_.seek(data);
            TRY(loaded(e, vmstate::load(owner.vmstate(), state->data(), version, in_, options)));
        }
        TRY(loaded(e, state->check(version)));
        sections_.push_back({&e, std::move(state), version});
        return {};
    }

    /// A device's own refusal knows nothing of files; puts the place in front.
    Result<void> loaded(const SaveStateEntry& e, Result<void> r) {
        if (r) return r;
        if (r.error().description().find(", byte ") != std::string::npos) return r;
        std::string field = in_.depth() ? fmt::format("field {}, ", in_.path()) : std::string();
        return std::move(r).error().prepend(
            fmt::format("error while loading state for instance {:#x} of device '{}': {}up to byte "
                        "{}: ",
                        e.instance_id, e.idstr, field, in_.offset()));
    }

    Result<void> footer(const std::string& idstr, std::uint32_t id, std::size_t data) {
        const std::size_t at = in_.offset();
        const int next = in_.peek();
        if (next == format::footer) {
            if (footers_ == No)
                return in_.refuse("no footer, as after the sections before", "a footer");
            footers_ = Yes;
            TRY(in_.u8());
            if (in_.remaining() < 4)
                return in_
                    .refuse(fmt::format("section id {}", id), "the end of the file",
                            "the file is cut short")
                    .prepend(fmt::format(
                        "Mismatched section id in footer for {} - read 0x0 expected {:#x}: ", idstr,
                        id));
            if (const auto read = TRY(in_.be32()); read != id)
                return in_.refuse_at(at + 1, fmt::format("section id {}", id), std::to_string(read))
                    .prepend(fmt::format(
                        "Mismatched section id in footer for {} - read {:#x} expected {:#x}: ",
                        idstr, read, id));
            return {};
        }
        const bool another = next == format::section_full || next == format::section_start ||
                             next == format::end_of_file;
        if (footers_ == Yes || !another)
            return in_
                .refuse("the section's footer (7e)",
                        next < 0 ? std::string("the end of the file")
                                 : fmt::format("{:02x} after {} bytes of data", next, at - data),
                        next < 0 ? "the file is cut short"
                                 : "the section has another length than "
                                   "its version of the device")
                .prepend(fmt::format("Missing section footer for {}: ", idstr));
        footers_ = No;
        return {};
    }

    Result<void> after_the_end() {
        in_.set_section({}, 0);
        if (!in_.remaining()) return {};
        const std::size_t at = in_.offset();
        // What ends a migration stream made of devices only.
        if (in_.peek() == format::description) {
            TRY(in_.u8());
            const auto length = TRY(in_.be32("the description's length"));
            TRY(in_.bytes(length, "the description"));
            if (!in_.remaining()) return {};
        }
        return in_
            .refuse("the end of the file",
                    fmt::format("{} more byte{}", in_.remaining(), in_.remaining() == 1 ? "" : "s"))
            .prepend(fmt::format("Expected vmdescription section, but got {}: ", in_.whole()[at]));
    }

    Result<void> everyone_is_there() {
        if (policy_.allow_missing) return {};
        for (const SaveStateEntry& e : entries_) {
            if (e.is_ram || !e.owner->required() || !e.owner->needed()) continue;
            const bool there = std::any_of(sections_.begin(), sections_.end(),
                                           [&](const auto& s) { return s.entry == &e; });
            if (there) continue;
            in_.set_section(e.idstr, e.instance_id);
            return in_
                .refuse("this device's section", "the end of the file",
                        "start this VM without the device, or load with allow-missing")
                .prepend(fmt::format("Missing section '{}' {}: ", e.idstr, e.instance_id));
        }
        return {};
    }

    enum Footers { Unknown, Yes, No };

    std::span<const SaveStateEntry> entries_;
    Reader in_;
    const LoadPolicy& policy_;
    std::vector<StagedLoad::Section> sections_;
    Footers footers_ = Unknown;
};

}  // namespace

Result<StagedLoad> SaveVm::stage_device_state(std::span<const std::uint8_t> file,
                                              const LoadPolicy& policy) const {
    Loader loader(entries_, file, policy);
    StagedLoad staged;
    staged.sections_ = TRY(loader.run());
    return staged;
}

void StagedLoad::commit() {
    std::vector<std::unique_ptr<vmstate::Staged>> before;
    before.reserve(sections_.size());
    for (const Section& s : sections_)
        before.push_back(s.entry->owner->stage());
    try {
        for (Section& s : sections_)
            s.state->commit(s.version);
    } catch (...) {
        // Out of memory in the middle of it: re-arming a timer, for one, allocates.
        for (auto& state : before)
            state->revert();
        throw;
    }
}

}  // namespace migration
