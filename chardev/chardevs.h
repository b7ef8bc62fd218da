// SPDX-License-Identifier: GPL-2.0-or-later
//
// The character devices of one Vm, by id.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "chardev/backends.h"
#include "chardev/char.h"
#include "chardev/config.h"
#include "util/result.h"

namespace chardev {

class Chardevs {
public:
    explicit Chardevs(Environment);
    ~Chardevs();
    Chardevs(const Chardevs&) = delete;

    /// Opens it. A shared one (`mux`) becomes two: "ID-base" and the mux "ID" in front of it.
    Result<Chardev*> add(const std::string& id, const Config&);
    /// The option -chardev.
    Result<Chardev*> add(const KeyValues& options);
    /// -serial and the like: "chardev:ID" names one that exists, anything else makes one with that
    /// label. Null for "none".
    Result<Chardev*> add_line(const std::string& label, std::string_view text);
    Chardev* find(std::string_view id) const;
    /// Refused while a front end uses it.
    Result<void> remove(std::string_view id);
    /// Another back end under the same id and front end.
    Result<Chardev*> change(std::string_view id, const Config&);

    const std::vector<std::unique_ptr<Chardev>>& all() const { return all_; }
    /// The words that -chardev takes here.
    static std::vector<std::string_view> backends();
    /// Writes out what is held back, for at most so long.
    void drain(int milliseconds);

private:
    Made make(const std::string& label, const BackendConfig&);
    Environment env_;
    std::vector<std::unique_ptr<Chardev>> all_;  // a mux after its base
};

}  // namespace chardev
