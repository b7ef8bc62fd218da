// SPDX-License-Identifier: GPL-2.0-or-later
//
// The raw format: another node's bytes as they are, or a part of them.
#include <cerrno>

#include "block/node.h"
#include "block/probe.h"

namespace block {

namespace {

class RawNode final : public Node {
public:
    RawNode(NodeOptions options, RawOptions raw)
        : Node(std::move(options)),
          child_(fmt::format("node '{}'", node_name()), "file"),
          raw_(raw) {}

    /// Once, before anything else.
    Result<void> stand_on(NodeRef child) { return child_.take(std::move(child), {}); }

    std::string_view driver() const override { return "raw"; }
    std::string exact_filename() const override {
        return raw_.offset || raw_.size ? std::string() : child().exact_filename();
    }
    qapi::JsonObject describe() const override {
        qapi::JsonObject o{{"driver", "raw"}, {"file", child().describe()}};
        if (raw_.offset) o.set("offset", raw_.offset);
        if (raw_.size) o.set("size", *raw_.size);
        return o;
    }
    std::uint64_t size() const override {
        const std::uint64_t whole = child().size();
        const std::uint64_t rest = whole > raw_.offset ? whole - raw_.offset : 0;
        return raw_.size ? std::min(*raw_.size, rest) : rest;
    }
    std::optional<std::uint64_t> allocated() const override { return child().allocated(); }
    Node* primary() const override { return child_.node().get(); }

    Result<void> truncate(std::uint64_t size) override {
        if (raw_.size) return fail("Cannot resize fixed-size raw disks");
        return child().truncate(size + raw_.offset);
    }

protected:
    int do_read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        return child().read(raw_.offset + offset, to);
    }
    int do_write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        // A guest that makes its raw disk look like an image of another format would have it opened
        // as one the next time, with a backing file of its choice.
        if (raw_.guessed && offset == 0 && guess_format(from) != "raw") return EPERM;
        return child().write(raw_.offset + offset, from);
    }
    int do_flush() override { return child().flush(); }
    int do_discard(std::uint64_t offset, std::uint64_t length) override {
        return child().discard(raw_.offset + offset, length);
    }
    int do_write_zeroes(std::uint64_t offset, std::uint64_t length, bool may_unmap) override {
        return child().write_zeroes(raw_.offset + offset, length, may_unmap);
    }
    Result<void> apply(Access a) override {
        if (options_.force_share) a.shared = every_permission;
        return child_.change(a);
    }

private:
    Node& child() const { return *child_.node(); }
    NodeUse child_;
    RawOptions raw_;
};

}  // namespace

Result<NodeRef> make_raw(NodeOptions options, NodeRef child, RawOptions raw) {
    const std::uint64_t whole = child->size();
    if (raw.offset > whole)
        return fail("Offset ({}) cannot be greater than size of the containing file ({})",
                    raw.offset, whole);
    if (raw.size && *raw.size % sector_size)
        return fail("Specified size is not multiple of {}", sector_size);
    if (raw.size && *raw.size > whole - raw.offset)
        return fail(
            "The sum of offset ({}) and size ({}) has to be smaller or equal to the  actual size "
            "of the containing file ({})",
            raw.offset, *raw.size, whole);
    options.read_only |= child->read_only() && options.auto_read_only;
    auto node = std::make_shared<RawNode>(std::move(options), raw);
    TRY(node->stand_on(std::move(child)));
    return NodeRef(std::move(node));
}

}  // namespace block
