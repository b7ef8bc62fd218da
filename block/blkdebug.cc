// SPDX-License-Identifier: GPL-2.0-or-later
#include "block/blkdebug.h"

#include <cerrno>
#include <mutex>

namespace block {

namespace {

using qapi::BlkdebugEvent;
using qapi::BlkdebugIOType;

class BlkdebugNode final : public Node {
public:
    BlkdebugNode(NodeOptions options, const qapi::BlockdevOptionsBlkdebug& rules)
        : Node(std::move(options)),
          image_(fmt::format("node '{}'", node_name()), "image"),
          errors_(rules.inject_error.value_or(decltype(errors_){})),
          changes_(rules.set_state.value_or(decltype(changes_){})) {}

    /// Once, before anything else.
    Result<void> stand_on(NodeRef image) { return image_.take(std::move(image), {}); }

    std::string_view driver() const override { return "blkdebug"; }
    std::string exact_filename() const override { return {}; }
    qapi::JsonObject describe() const override {
        return {{"driver", "blkdebug"}, {"image", image().describe()}};
    }
    std::uint64_t size() const override { return image().size(); }
    std::optional<std::uint64_t> allocated() const override { return image().allocated(); }
    Node* primary() const override { return image_.node().get(); }
    Result<void> truncate(std::uint64_t size) override { return image().truncate(size); }

protected:
    int do_read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        const int error = passes(BlkdebugEvent::read_aio, BlkdebugIOType::read, offset, to.size());
        return error ? error : image().read(offset, to);
    }
    int do_write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        const int error =
            passes(BlkdebugEvent::write_aio, BlkdebugIOType::write, offset, from.size());
        return error ? error : image().write(offset, from);
    }
    int do_flush() override {
        const int error =
            passes(BlkdebugEvent::flush_to_disk, BlkdebugIOType::flush, 0, ~std::uint64_t{0});
        return error ? error : image().flush();
    }
    int do_discard(std::uint64_t offset, std::uint64_t length) override {
        const int error = passes(BlkdebugEvent::none, BlkdebugIOType::discard, offset, length);
        return error ? error : image().discard(offset, length);
    }
    Result<void> apply(Access a) override { return image_.change(a); }

private:
    Node& image() const { return *image_.node(); }

    /// 0, or the error of the first rule that matches; then what this request changes of the state.
    int passes(BlkdebugEvent event, BlkdebugIOType type, std::uint64_t offset,
               std::uint64_t length) {
        std::lock_guard lock(mutex_);
        int error = 0;
        for (std::size_t i = 0; i < errors_.size() && !error; i++) {
            const auto& rule = errors_[i];
            const bool heard = rule.event == BlkdebugEvent::none || rule.event == event;
            const bool meant = rule.iotype ? *rule.iotype == type : type != BlkdebugIOType::discard;
            if (!heard || !meant || (rule.state && *rule.state != state_)) continue;
            if (rule.sector && *rule.sector >= 0) {
                const std::uint64_t at = static_cast<std::uint64_t>(*rule.sector) * sector_size;
                if (at + sector_size <= offset || (at >= offset && at - offset >= length)) continue;
            }
            error = static_cast<int>(rule.q_errno.value_or(EIO));
            if (rule.once.value_or(false))
                errors_.erase(errors_.begin() + static_cast<std::ptrdiff_t>(i));
        }
        for (const auto& change : changes_)
            if (change.event == event && (!change.state || *change.state == state_)) {
                state_ = change.new_state;
                break;
            }
        return error;
    }

    NodeUse image_;
    std::mutex mutex_;
    std::vector<qapi::BlkdebugInjectErrorOptions> errors_;
    std::vector<qapi::BlkdebugSetStateOptions> changes_;
    std::int64_t state_ = 1;
};

}  // namespace

Result<NodeRef> make_blkdebug(NodeOptions options, NodeRef image,
                              const qapi::BlockdevOptionsBlkdebug& rules) {
    auto node = std::make_shared<BlkdebugNode>(std::move(options), rules);
    TRY(node->stand_on(std::move(image)));
    return NodeRef(std::move(node));
}

}  // namespace block
