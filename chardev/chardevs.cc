// SPDX-License-Identifier: GPL-2.0-or-later
//
// The set of character devices.
#include "chardev/chardevs.h"

#include <algorithm>

#include "util/overloaded.h"

namespace chardev {

Chardevs::Chardevs(Environment env) : env_(std::move(env)) {}

Chardevs::~Chardevs() {
    while (!all_.empty())
        all_.pop_back();  // a mux before what it stands on
}

std::vector<std::string_view> Chardevs::backends() {
    return {"file", "memory", "mux", "null", "pipe", "pty", "ringbuf", "socket", "stdio", "vc"};
}

Chardev* Chardevs::find(std::string_view id) const {
    for (const auto& c : all_)
        if (c->label() == id) return c.get();
    return nullptr;
}

Made Chardevs::make(const std::string& label, const BackendConfig& config) {
    return std::visit(Overloaded{
                          [&](const NullConfig&) { return make_null(env_, label); },
                          [&](const FileConfig& c) { return make_file(env_, label, c); },
                          [&](const PipeConfig& c) { return make_pipe(env_, label, c); },
                          [&](const PtyConfig&) { return make_pty(env_, label); },
                          [&](const SocketConfig& c) { return make_socket(env_, label, c); },
                          [&](const RingbufConfig& c) { return make_ringbuf(env_, label, c); },
                          [&](const VcConfig&) { return make_vc(env_, label); },
                          [&](const StdioConfig& c) -> Made {
                              for (const auto& other : all_)
                                  if (other->backend() == "stdio")
                                      return fail("cannot use stdio by multiple character devices");
                              return make_stdio(env_, label, c);
                          },
                          [&](const MuxConfig& c) -> Made {
                              Chardev* base = find(c.chardev);
                              if (!base) return fail("mux: base chardev {} not found", c.chardev);
                              return make_mux(env_, label, *base);
                          },
                      },
                      config);
}

Result<Chardev*> Chardevs::add(const std::string& id, const Config& config) {
    if (find(id)) return fail("Chardev with id '{}' already exists", id);
    const std::string base_id = config.mux ? id + "-base" : id;
    if (config.mux && find(base_id)) return fail("Chardev with id '{}' already exists", base_id);
    std::unique_ptr<Chardev> made = TRY(make(base_id, config.backend));
    if (!config.logfile.empty()) TRY(made->log_to(config.logfile, config.logappend));
    if (config.mux) {
        std::unique_ptr<Chardev> mux = TRY(make_mux(env_, id, *made));
        all_.push_back(std::move(made));
        all_.push_back(std::move(mux));
    } else {
        all_.push_back(std::move(made));
    }
    return all_.back().get();
}

Result<Chardev*> Chardevs::add(const KeyValues& options) {
    const NamedConfig named = TRY(parse_options(options));
    if (find(named.id)) return fail("Duplicate ID '{}' for chardev", named.id);
    return add(named.id, named.config);
}

Result<Chardev*> Chardevs::add_line(const std::string& label, std::string_view text) {
    if (text == "none") return nullptr;
    constexpr std::string_view existing = "chardev:";
    if (text.starts_with(existing)) {
        const std::string_view id = text.substr(existing.size());
        if (Chardev* found = find(id)) return found;
        return fail("chardev \"{}\" not found", id);
    }
    return add(label, TRY(parse_line(text)));
}

Result<void> Chardevs::remove(std::string_view id) {
    const auto found =
        std::ranges::find(all_, id, [](const auto& c) -> std::string_view { return c->label(); });
    if (found == all_.end()) return fail("Chardev '{}' not found", id);
    if ((*found)->in_use()) return fail("Chardev '{}' is busy", id);
    all_.erase(found);
    return {};
}

Result<Chardev*> Chardevs::change(std::string_view id, const Config& config) {
    const auto found =
        std::ranges::find(all_, id, [](const auto& c) -> std::string_view { return c->label(); });
    if (found == all_.end()) return fail("Chardev '{}' does not exist", id);
    if (config.mux || (*found)->backend() == "mux" ||
        std::holds_alternative<MuxConfig>(config.backend))
        return fail("Mux device hotswap not supported yet");
    if (!(*found)->may_be_swapped()) return fail("Chardev user does not support chardev hotswap");
    std::unique_ptr<Chardev> made = TRY(make(std::string(id), config.backend));
    if (!config.logfile.empty()) TRY(made->log_to(config.logfile, config.logappend));
    (*found)->swap_for(*made);
    *found = std::move(made);
    return found->get();
}

void Chardevs::drain(int milliseconds) {
    for (const auto& c : all_)
        c->drain(milliseconds);
}

}  // namespace chardev
