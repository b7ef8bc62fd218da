// SPDX-License-Identifier: GPL-2.0-or-later
//
// Nodes without a file: null-co and null-aio, and memory for tests.
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "block/node.h"

namespace block {

namespace {

class NullNode final : public Node {
public:
    NullNode(std::string_view driver, NodeOptions options, NullOptions null)
        : Node(std::move(options)), driver_(driver), null_(null) {}

    std::string_view driver() const override { return driver_; }
    std::string exact_filename() const override {
        const NullOptions usual;
        const bool plain = null_.size == usual.size && !null_.latency_ns && !null_.read_zeroes;
        return plain ? fmt::format("{}://", driver_) : std::string();
    }
    qapi::JsonObject describe() const override {
        qapi::JsonObject o{{"driver", driver_}};
        if (null_.latency_ns) o.set("latency-ns", null_.latency_ns);
        if (null_.read_zeroes) o.set("read-zeroes", true);
        o.set("size", null_.size);
        return o;
    }
    std::uint64_t size() const override { return null_.size; }
    std::optional<std::uint64_t> allocated() const override { return 0; }

protected:
    int do_read(std::uint64_t, std::span<std::uint8_t> to) override {
        if (null_.read_zeroes) std::memset(to.data(), 0, to.size());
        return take_time();
    }
    int do_write(std::uint64_t, std::span<const std::uint8_t>) override { return take_time(); }
    int do_flush() override { return take_time(); }

private:
    int take_time() const {
        if (null_.latency_ns)
            std::this_thread::sleep_for(std::chrono::nanoseconds(null_.latency_ns));
        return 0;
    }
    std::string_view driver_;
    NullOptions null_;
};

class MemoryNode final : public Node {
public:
    MemoryNode(std::string name, std::uint64_t size)
        : Node({.name = std::move(name)}), bytes_(size) {}
    std::string_view driver() const override { return "memory"; }
    std::string exact_filename() const override { return "memory:"; }
    qapi::JsonObject describe() const override { return {{"driver", "memory"}}; }
    std::uint64_t size() const override { return bytes_.size(); }
    Result<void> truncate(std::uint64_t size) override {
        bytes_.resize(size);
        return {};
    }

protected:
    int do_read(std::uint64_t offset, std::span<std::uint8_t> to) override {
        if (offset + to.size() > bytes_.size()) return EIO;
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), to.size(), to.begin());
        return 0;
    }
    int do_write(std::uint64_t offset, std::span<const std::uint8_t> from) override {
        if (offset + from.size() > bytes_.size()) return EIO;
        std::copy(from.begin(), from.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
        return 0;
    }

private:
    std::vector<std::uint8_t> bytes_;
};

}  // namespace

Result<NodeRef> make_null(std::string_view driver, NodeOptions options, NullOptions null) {
    // What addresses a byte of it must fit into an offset.
    constexpr std::uint64_t most = std::uint64_t{1} << 62;
    if (null.size > most) return fail("'size' is too large; the most is {}", most);
    return NodeRef(std::make_shared<NullNode>(driver, std::move(options), null));
}

NodeRef make_memory(std::string name, std::uint64_t size) {
    return std::make_shared<MemoryNode>(std::move(name), size);
}

}  // namespace block
