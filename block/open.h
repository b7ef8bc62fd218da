// SPDX-License-Identifier: GPL-2.0-or-later
//
// From options, or just a name, to open nodes.
#pragma once

#include <functional>
#include <string>

#include "block/drives.h"
#include "qapi/qapi-types-block-core.h"

namespace block {

/// A node and those below it, known to `drives` from then on. A name is made up where none is
/// given.
Result<NodeRef> open_node(Drives& drives, const qapi::BlockdevOptions&);

/// What -drive's `file`, HMP's `change` and the like name: a file, "json:{...}", "null-co://".
/// `format` empty: it is found out, and a guest is kept from making a raw image look like another
/// format's. `options` holds what else was said about the node and what is below it ("cache",
/// "file.locking"), as strings. `warn` hears what a user should know.
struct ImageRequest {
    std::string filename, format;
    qapi::JsonObject options;
    bool snapshot = false;
    std::function<void(const std::string&)> warn;
};
Result<NodeRef> open_image(Drives& drives, ImageRequest);

}  // namespace block
