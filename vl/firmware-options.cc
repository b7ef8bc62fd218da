// SPDX-License-Identifier: GPL-2.0-or-later
#include "vl/firmware-options.h"

#include "hw/nvram/fw_cfg.h"
#include "util/cutils.h"
#include "util/file.h"
#include "vl/machine-config.h"
#include "vl/option-groups.h"

namespace vl {

namespace {

constexpr std::size_t longest_file = 64 << 20;

Result<void> add_smbios(const qapi::JsonObject& o, hw::SmbiosOptions& options) {
    if (auto* file = o.find("file")) {
        if (o.size() != 1) return fail("Invalid parameter: 'file' stands alone");
        auto bytes = read_file(word(*file), longest_file);
        if (!bytes) return fail("Cannot read SMBIOS file {}", word(*file));
        return hw::add_smbios_structure(options, std::move(*bytes));
    }
    auto* type = o.find("type");
    if (!type) return fail("Must specify type= or file=");
    const auto number = parse_uint64(word(*type));
    if (!number || *number > 127) return fail("out of range!");
    for (const auto& [key, value] : o) {
        if (key == "type") continue;
        std::string text = word(value);
        if (*number == 1 && key == "uuid") {
            auto canonical = canonical_uuid(text);
            if (!canonical) return fail("Invalid UUID");
            text = std::move(*canonical);
        }
        TRY(hw::set_smbios_field(options, static_cast<unsigned>(*number), key, text));
    }
    return {};
}

Result<void> add_file(const qapi::JsonObject& o, hw::FwCfg& fw_cfg,
                      const std::function<void(const std::string&)>& warn) {
    constexpr std::size_t longest = 55;
    auto *name = o.find("name"), *file = o.find("file"), *text = o.find("string");
    for (const auto& [key, value] : o)
        if (key != "name" && key != "file" && key != "string")
            return fail("Invalid parameter '{}'", key);
    if (!name || !file == !text)
        return fail("name, plus exactly one of file, string and gen_id, are needed");
    const std::string label = word(*name);
    if (label.empty() || label.size() > longest)
        return fail("name too long (max. {} char)", longest);
    if (!label.starts_with("opt/"))
        warn("externally provided fw_cfg item names should be prefixed with \"opt/\"");
    if (text) {
        const std::string content = word(*text);
        return fw_cfg.add_file(label, {content.begin(), content.end()});
    }
    auto bytes = read_file(word(*file), longest_file);
    if (!bytes) return fail("can't load {}: {}", word(*file), bytes.error().description());
    return fw_cfg.add_file(label, std::move(*bytes));
}

}  // namespace

Result<hw::SmbiosOptions> smbios_options(const Settings& s) {
    hw::SmbiosOptions options;
    for (const Described& d : s.smbios)
        if (auto added = add_smbios(d.object(), options); !added)
            return std::move(added).error().prepend(d.where + ": ");
    return options;
}

Result<void> add_fw_cfg_files(const Settings& s, hw::FwCfg* fw_cfg,
                              const std::function<void(const std::string&)>& warn) {
    for (const Described& d : s.fw_cfg) {
        if (!fw_cfg) return fail("{}: fw_cfg device not available", d.where);
        auto added = add_file(d.object(), *fw_cfg,
                              [&](const std::string& text) { warn(d.where + ": " + text); });
        if (!added) return std::move(added).error().prepend(d.where + ": ");
    }
    return {};
}

}  // namespace vl
