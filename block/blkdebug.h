// SPDX-License-Identifier: GPL-2.0-or-later
//
// A node whose requests can be made to fail, for tests of what stands above it.
#pragma once

#include "block/node.h"
#include "qapi/qapi-types-block-core.h"

namespace block {

Result<NodeRef> make_blkdebug(NodeOptions, NodeRef image, const qapi::BlockdevOptionsBlkdebug&);

}  // namespace block
