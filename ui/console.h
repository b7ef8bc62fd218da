// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a person can look at: a display adapter with its picture and, in text modes, its characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ui/image.h"
#include "ui/text-screen.h"
#include "util/result.h"

namespace qapi {
class Context;
}
namespace qom {
class Object;
}

namespace ui {

/// Under the big lock.
class Console {
public:
    virtual ~Console() = default;
    virtual Image picture() = 0;
    /// Empty in graphics modes.
    virtual TextScreen text() = 0;
    /// The device that a client means by its id, and which of its outputs this is.
    virtual const qom::Object* device() const { return nullptr; }
    virtual unsigned head() const { return 0; }
};

/// The VM's consoles, in order of creation; the first is the one meant when nobody says which.
class Consoles {
public:
    void add(Console& c) { consoles_.push_back(&c); }
    void remove(Console& c) { std::erase(consoles_, &c); }
    const std::vector<Console*>& all() const { return consoles_; }

private:
    std::vector<Console*> consoles_;
};

/// By a device's id and the number of its output, as clients name it.
Result<Console*> find_console(qapi::Context&, const std::string& device, unsigned head);

}  // namespace ui
