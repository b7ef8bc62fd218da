// SPDX-License-Identifier: GPL-2.0-or-later
//
// The temporary overlay of snapshot=on.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <shared_mutex>

#include "block/node.h"
#include "util/unique-fd.h"

namespace block {

namespace {

/// Clusters that were written live in the temporary file at their own offset.
class OverlayNode final : public Node {
public:
    static constexpr std::uint64_t cluster = 65536;

    OverlayNode(NodeOptions options, UniqueFd fd)
        : Node(std::move(options)),
          base_(fmt::format("node '{}'", node_name()), "backing"),
          fd_(std::move(fd)) {}

    /// Once, before anything else.
    Result<void> stand_on(NodeRef base) {
        TRY(base_.take(std::move(base), {}));
        return set_size(base_.node()->size());
    }

    std::string_view driver() const override { return "overlay"; }
    std::string exact_filename() const override { return {}; }
    qapi::JsonObject describe() const override {
        return {{"backing", backing()->describe()}, {"driver", driver()}};
    }
    std::uint64_t size() const override { return size_; }
    std::optional<std::uint64_t> allocated() const override {
        return static_cast<std::uint64_t>(std::count(present_.begin(), present_.end(), true)) *
               cluster;
    }
    Node* backing() const override { return base_.node().get(); }
    Result<void> truncate(std::uint64_t size) override { return set_size(size); }

protected:
    int do_read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        std::shared_lock lock(mutex_);
        return each_cluster(offset, to.size(), [&](std::uint64_t at, std::size_t n) {
            const auto part = to.subspan(at - offset, n);
            return present_[at / cluster] ? own_read(at, part) : base_read(at, part);
        });
    }
    int do_write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        std::unique_lock lock(mutex_);
        return each_cluster(offset, from.size(), [&](std::uint64_t at, std::size_t n) {
            if (!present_[at / cluster])
                if (const int error = copy_up(at / cluster * cluster)) return error;
            return own_write(at, from.subspan(at - offset, n));
        });
    }
    // Nothing of this outlives the process, so there is nothing to flush. The base must not change
    // under it.
    Result<void> apply(Access a) override {
        const bool in_use = a.used != 0;
        return base_.change({.used = static_cast<std::uint8_t>(in_use ? consistent_read : 0),
                             .shared = static_cast<std::uint8_t>(
                                 in_use ? consistent_read | write_unchanged : every_permission)});
    }

private:
    Result<void> set_size(std::uint64_t size) {
        const std::uint64_t whole_sectors = (size + sector_size - 1) / sector_size * sector_size;
        if (ftruncate(fd_.get(), static_cast<off_t>(whole_sectors)) < 0)
            return fail("Failed to resize the temporary overlay: {}", std::strerror(errno));
        size_ = size;
        present_.resize((size + cluster - 1) / cluster);
        return {};
    }
    /// Beyond the base's end there are zeros.
    int base_read(std::uint64_t at, std::span<std::uint8_t> to) {
        const std::uint64_t end = backing()->size();
        const auto n =
            static_cast<std::size_t>(std::min<std::uint64_t>(at < end ? end - at : 0, to.size()));
        std::memset(to.data() + n, 0, to.size() - n);
        return n ? backing()->read(at, to.first(n)) : 0;
    }
    template <class F>
    int each_cluster(std::uint64_t offset, std::size_t length, F&& f) {
        for (const std::uint64_t end = offset + length; offset < end;) {
            const std::uint64_t n = std::min(end, (offset / cluster + 1) * cluster) - offset;
            if (const int error = f(offset, static_cast<std::size_t>(n))) return error;
            offset += n;
        }
        return 0;
    }
    int copy_up(std::uint64_t at) {
        std::vector<std::uint8_t> bytes(std::min(cluster, size_ - at));
        if (const int error = base_read(at, bytes)) return error;
        if (const int error = own_write(at, bytes)) return error;
        present_[at / cluster] = true;
        return 0;
    }
    int own_read(std::uint64_t at, std::span<std::uint8_t> to) {
        const auto n = pread(fd_.get(), to.data(), to.size(), static_cast<off_t>(at));
        return n < 0 ? errno : static_cast<std::size_t>(n) == to.size() ? 0 : EIO;
    }
    int own_write(std::uint64_t at, std::span<const std::uint8_t> from) {
        const auto n = pwrite(fd_.get(), from.data(), from.size(), static_cast<off_t>(at));
        return n < 0 ? errno : static_cast<std::size_t>(n) == from.size() ? 0 : ENOSPC;
    }

    NodeUse base_;
    UniqueFd fd_;
    std::uint64_t size_ = 0;
    std::shared_mutex mutex_;
    std::vector<bool> present_;
};

}  // namespace

Result<NodeRef> make_temporary_overlay(NodeOptions options, NodeRef base) {
    const char* folder = std::getenv("TMPDIR");
    if (!folder) folder = "/var/tmp";
    UniqueFd fd(::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd) {
        const int error = errno;
        return fail("Could not make a temporary overlay in '{}': {}", folder, std::strerror(error));
    }
    auto node = std::make_shared<OverlayNode>(std::move(options), std::move(fd));
    TRY(node->stand_on(std::move(base)));
    return NodeRef(std::move(node));
}

}  // namespace block
