// SPDX-License-Identifier: GPL-2.0-or-later
//
// The nodes that are no host file: null-co, raw, the temporary overlay of snapshot=on, memory.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "block/node.h"
#include "util/unique-fd.h"

namespace block {

namespace {

class NullNode final : public Node {
public:
    NullNode(std::string name, std::uint64_t size, bool zeroes, bool read_only)
        : Node(std::move(name)), size_(size), zeroes_(zeroes), read_only_(read_only) {}
    std::string_view driver() const override { return "null-co"; }
    std::string filename() const override { return "null-co://"; }
    std::uint64_t size() const override { return size_; }
    bool read_only() const override { return read_only_; }
    int read(std::uint64_t, std::span<std::uint8_t> to) override {
        if (zeroes_) std::memset(to.data(), 0, to.size());
        return 0;
    }
    int write(std::uint64_t, std::span<const std::uint8_t>) override { return 0; }
    int flush() override { return 0; }

private:
    std::uint64_t size_;
    bool zeroes_, read_only_;
};

class RawNode final : public Node {
public:
    RawNode(std::string name, NodeRef child, std::uint64_t offset, std::uint64_t size, bool ro)
        : Node(std::move(name)),
          child_(std::move(child)),
          offset_(offset),
          size_(size),
          read_only_(ro) {}
    std::string_view driver() const override { return "raw"; }
    std::string filename() const override { return child_->filename(); }
    std::uint64_t size() const override {
        return size_ == whole_image ? child_->size() - offset_ : size_;
    }
    bool read_only() const override { return read_only_ || child_->read_only(); }
    int read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        return child_->read(offset_ + offset, to);
    }
    int write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        return child_->write(offset_ + offset, from);
    }
    int flush() override { return child_->flush(); }
    int discard(std::uint64_t offset, std::uint64_t length) override {
        return child_->discard(offset_ + offset, length);
    }
    Result<void> inactivate() override { return child_->inactivate(); }
    Result<void> activate() override { return child_->activate(); }

private:
    NodeRef child_;
    std::uint64_t offset_, size_;
    bool read_only_;
};

/// Clusters that were written live in the temporary file at their own offset.
class OverlayNode final : public Node {
public:
    static constexpr std::uint64_t cluster = 65536;

    OverlayNode(std::string name, NodeRef base, UniqueFd fd)
        : Node(std::move(name)),
          base_(std::move(base)),
          fd_(std::move(fd)),
          present_((base_->size() + cluster - 1) / cluster) {}
    std::string_view driver() const override { return "overlay"; }
    std::string filename() const override { return base_->filename(); }
    std::uint64_t size() const override { return base_->size(); }
    bool read_only() const override { return false; }

    int read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        std::shared_lock lock(mutex_);
        return each_cluster(offset, to.size(), [&](std::uint64_t at, std::size_t n) {
            const auto part = to.subspan(at - offset, n);
            return present_[at / cluster] ? own_read(at, part) : base_->read(at, part);
        });
    }
    int write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        std::unique_lock lock(mutex_);
        return each_cluster(offset, from.size(), [&](std::uint64_t at, std::size_t n) {
            if (!present_[at / cluster])
                if (const int error = copy_up(at / cluster * cluster)) return error;
            return own_write(at, from.subspan(at - offset, n));
        });
    }
    // Nothing of this outlives the process.
    int flush() override { return 0; }

private:
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
        std::vector<std::uint8_t> bytes(std::min(cluster, size() - at));
        if (const int error = base_->read(at, bytes)) return error;
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

    NodeRef base_;
    UniqueFd fd_;
    std::shared_mutex mutex_;
    std::vector<bool> present_;
};

class MemoryNode final : public Node {
public:
    MemoryNode(std::string name, std::uint64_t size) : Node(std::move(name)), bytes_(size) {}
    std::string_view driver() const override { return "memory"; }
    std::string filename() const override { return "memory:"; }
    std::uint64_t size() const override { return bytes_.size(); }
    bool read_only() const override { return false; }
    int read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        if (offset + to.size() > bytes_.size()) return EIO;
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
        return 0;
    }
    int write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        if (offset + from.size() > bytes_.size()) return EIO;
        std::copy(from.begin(), from.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
        return 0;
    }
    int flush() override { return 0; }

private:
    std::vector<std::uint8_t> bytes_;
};

}  // namespace

NodeRef make_null(std::string name, std::uint64_t size, bool read_zeroes, bool read_only) {
    return std::make_shared<NullNode>(std::move(name), size, read_zeroes, read_only);
}

NodeRef make_memory(std::string name, std::uint64_t size) {
    return std::make_shared<MemoryNode>(std::move(name), size);
}

Result<NodeRef> make_raw(std::string name, NodeRef child, std::uint64_t offset, std::uint64_t size,
                         bool read_only) {
    if (offset > child->size() || (size != whole_image && size > child->size() - offset))
        return fail(
            "The sum of offset ({}) and size ({}) has to be smaller or equal to the actual "
            "size of the containing file ({})",
            offset, size == whole_image ? 0 : size, child->size());
    return NodeRef(
        std::make_shared<RawNode>(std::move(name), std::move(child), offset, size, read_only));
}

Result<NodeRef> make_temporary_overlay(std::string name, NodeRef base) {
    const char* folder = std::getenv("TMPDIR");
    if (!folder) folder = "/var/tmp";
    UniqueFd fd(::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!fd) {
        const int error = errno;
        return fail("Could not make a temporary overlay in '{}': {}", folder, std::strerror(error));
    }
    return NodeRef(std::make_shared<OverlayNode>(std::move(name), std::move(base), std::move(fd)));
}

}  // namespace block
