// SPDX-License-Identifier: GPL-2.0-or-later
#include "qom/tree-text.h"

#include <algorithm>

#include "qom/object.h"

namespace qom {

namespace {

void print(const Object& o, unsigned depth, std::string& text) {
    text += fmt::format("{:{}}/{} ({})\n", "", 2 * depth, o.name(), o.type_name());
    auto children = o.children();
    std::ranges::sort(children, {},
                      [](const Object* c) -> const std::string& { return c->name(); });
    for (const Object* c : children)
        print(*c, depth + 1, text);
}

}  // namespace

std::string tree_text(const Object& top) {
    std::string text;
    print(top, 0, text);
    return text;
}

}  // namespace qom
