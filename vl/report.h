// SPDX-License-Identifier: GPL-2.0-or-later
//
// Messages for the person at the terminal: on stderr, with the program's name in front and, as -msg
// asks for them, the time and the guest's name.
#pragma once

#include <string>
#include <string_view>

#include "util/result.h"

namespace vl {

struct Settings;

class Reporter {
public:
    Reporter() = default;
    explicit Reporter(const Settings&);

    /// With its hint on lines of its own.
    void error(const Error&) const;
    void warning(std::string_view) const;
    void info(std::string_view) const;
    /// Several lines about an image, in the form that tools look for: "WARNING: ...".
    void caution(std::string_view) const;

private:
    void line(std::string_view kind, std::string_view text) const;
    bool timestamp_ = false;
    std::string guest_;  // empty, or the name with a blank
};

}  // namespace vl
