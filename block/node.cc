// SPDX-License-Identifier: GPL-2.0-or-later
//
// What all nodes have in common: agreement among their users, and the switches that every driver
// obeys.
#include "block/node.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace block {

namespace {

constexpr std::string_view permission_names[permission_count] = {"consistent read", "write",
                                                                 "write unchanged", "resize"};

bool all_zero(std::span<const std::uint8_t> bytes) {
    return bytes.empty() ||
           (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

std::string_view permission_name(unsigned bit) {
    return permission_names[bit];
}

// ---- users ------------------------------------------------------------------------------------

std::string NodeUse::describe() const {
    return fmt::format("{} (uses node '{}' as '{}' child)", user_, node_->node_name(), role_);
}

Result<void> NodeUse::take(NodeRef node, Access access) {
    release();
    node_ = std::move(node);
    access_ = {};
    node_->users_.push_back(this);
    auto taken = change(access);
    if (!taken) release();
    return taken;
}

Result<void> NodeUse::change(Access access) {
    const Access before = std::exchange(access_, access);
    auto agreed = node_->check(*this);
    if (agreed) agreed = node_->apply(node_->wanted());
    if (!agreed) access_ = before;
    return agreed;
}

void NodeUse::release() {
    if (!node_) return;
    std::erase(node_->users_, this);
    // To need less cannot fail.
    (void)node_->apply(node_->wanted());
    node_ = nullptr;
    access_ = {};
}

Access Node::wanted() const {
    Access sum;
    if (!active_) return sum;
    for (const NodeUse* u : users_) {
        sum.used |= u->access().used;
        sum.shared &= u->access().shared;
    }
    return sum;
}

Result<void> Node::check(const NodeUse& changed) const {
    if (changed.access().used & (writing | resizing) && read_only())
        return fail("Block node is read-only");
    for (const NodeUse* other : users_) {
        if (other == &changed) continue;
        auto conflict = [&](const NodeUse& needs, const NodeUse& denies) -> Result<void> {
            const unsigned denied = needs.access().used & ~denies.access().shared;
            for (unsigned bit = 0; bit < permission_count; bit++)
                if (denied & 1u << bit)
                    return fail(
                        "Permission conflict on node '{}': permissions '{}' are both required by "
                        "{} and unshared by {}.",
                        node_name(), permission_name(bit), needs.describe(), denies.describe());
            return {};
        };
        TRY(conflict(*other, changed));
        TRY(conflict(changed, *other));
    }
    return {};
}

Result<void> Node::set_active(bool on) {
    if (active_ == on) return {};
    if (on) TRY(measure());
    active_ = on;
    auto applied = apply(wanted());
    if (!applied) active_ = !on;
    return applied;
}

// ---- I/O --------------------------------------------------------------------------------------

std::string Node::filename() const {
    std::string exact = exact_filename();
    if (!exact.empty()) return exact;
    return "json:" + qapi::Json(describe()).text();
}

int Node::read(std::uint64_t offset, std::span<std::uint8_t> to) {
    return do_read(offset, to);
}

int Node::write(std::uint64_t offset, std::span<const std::uint8_t> from) {
    if (read_only() || !active_) return EPERM;
    const std::uint64_t end = offset + from.size();
    for (auto highest = highest_write_.load(std::memory_order_relaxed);
         end > highest && !highest_write_.compare_exchange_weak(highest, end);) {
    }
    if (options_.detect_zeroes != DetectZeroes::Off && all_zero(from))
        return write_zeroes(offset, from.size(), options_.detect_zeroes == DetectZeroes::Unmap);
    return do_write(offset, from);
}

int Node::do_write_zeroes(std::uint64_t offset, std::uint64_t length, bool) {
    const std::vector<std::uint8_t> zeros(std::min<std::uint64_t>(length, 1 << 20));
    while (length) {
        const auto n = std::min<std::uint64_t>(length, zeros.size());
        if (const int error = do_write(offset, {zeros.data(), static_cast<std::size_t>(n)}))
            return error;
        offset += n;
        length -= n;
    }
    return 0;
}

}  // namespace block
