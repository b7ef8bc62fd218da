// SPDX-License-Identifier: GPL-2.0-or-later
//
// The listing of `-cpu help`.
#include "target/i386/cpuid.h"

#include "target/i386/feature-names.h"

#include <fmt/format.h>
#include <map>
#include <set>

namespace i386 {

std::string cpu_models_help() {
    std::map<std::string, std::string> rows;
    std::string last;
    const auto row = [](std::string_view name, std::string_view text) {
        return fmt::format("x86 {:<20}  {}\n", name, text);
    };
    for (const ModelFacts& m : model_table()) {
        if (m.name == "base") last += row(m.name, "base CPU model type with no features enabled");
        if (m.name == "max")
            last += row(m.name,
                        "Enables all features supported by the accelerator in the current host");
        if (m.name == "base" || m.name == "max") continue;
        const std::string_view family = m.name.substr(0, m.name.rfind("-v"));
        rows[std::string(family)] = row(family, "(alias configured by machine type)");
        std::string text(m.model_id);
        if (!m.note.empty()) text += fmt::format(" {}", m.note);
        rows[std::string(m.name)] = row(m.name, text);
    }
    for (const ModelAlias& a : model_aliases())
        rows[std::string(a.name)] = row(a.name, fmt::format("(alias of {})", a.version));

    std::string out = "Available CPUs:\n";
    for (const auto& [name, text] : rows)
        out += text;
    out += last + "\nRecognized CPUID flags:\n";
    std::set<std::string_view> flags;
    for (const FeatureWordNames& w : feature_word_names())
        for (const std::string_view name : w.bit)
            if (!name.empty()) flags.insert(name);
    // Lines of 75 characters.
    std::string line = " ";
    for (const std::string_view flag : flags) {
        if (line.size() + 1 + flag.size() > 75) {
            out += line + '\n';
            line.resize(1);  // the blank that every line begins with
        }
        line += fmt::format(" {}", flag);
    }
    return out + line + "\n\n";
}

}  // namespace i386
