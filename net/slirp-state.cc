// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/slirp-state.h"

#include <slirp/libslirp.h>

#include <algorithm>
#include <cstring>

#include "migration/vmstate/fields.h"
#include "migration/vmstate/stream.h"

namespace net {

namespace {

using vmstate::Reader;

constexpr int version = 4;
constexpr unsigned address_leases = 16, lease_size = 2 + 6;

// ---- walking ------------------------------------------------------------------------------------
// libslirp trusts what it loads: lengths become allocations, numbers become indices. So every
// number of that kind is looked at before libslirp sees it.

Result<void> skip(Reader& in, std::size_t n) {
    (void)TRY(in.bytes(n));
    return {};
}

/// A number of `size` bytes.
Result<void> number(Reader& in, unsigned size, std::uint32_t low, std::uint32_t high,
                    std::string_view what) {
    const std::size_t start = in.offset();
    std::uint32_t value = 0;
    for (std::uint8_t byte : TRY(in.bytes(size)))
        value = value << 8 | byte;
    if (value >= low && value <= high) return {};
    return in.refuse_at(start, fmt::format("{} of {} to {}", what, low, high),
                        std::to_string(value));
}

Result<void> walk_address(Reader& in) {
    constexpr unsigned ipv4 = 2, ipv6 = 10;
    const unsigned family = TRY(in.be16());
    if (family == ipv4) return skip(in, 4 + 2);
    if (family == ipv6) return {};  // its address is not in the stream
    return in.refuse_at(in.offset() - 2, "an address family: 2 or 10", std::to_string(family));
}

Result<void> walk_buffer(Reader& in) {
    constexpr std::uint32_t largest = 1 << 20;
    const auto used = TRY(in.be32());
    const auto length = TRY(in.be32());
    if (!length || length > largest)
        return in.refuse_at(in.offset() - 4, "the length of a socket's buffer, at most 1 MiB",
                            std::to_string(length));
    if (used > length)
        return in.refuse_at(in.offset() - 8, "no more bytes than the buffer holds",
                            std::to_string(used));
    for (std::string_view place : {"where the buffer is written", "where the buffer is read"})
        TRY(number(in, 4, 0, length - 1, place));
    return skip(in, length);
}

Result<void> walk_tcp(Reader& in) {
    constexpr unsigned timers = 4, states = 11, backoffs = 12, shortest_segment = 32;
    TRY(number(in, 2, 0, states - 1, "a TCP state"));
    TRY(skip(in, timers * 2));
    TRY(number(in, 2, 0, backoffs, "a count of retransmissions"));
    TRY(skip(in, 2 + 2));
    TRY(number(in, 2, shortest_segment, 65535, "a segment size"));
    TRY(skip(in, 1 + 2 + 13 * 4));
    TRY(number(in, 4, 1, 1 << 30, "a congestion window"));
    // The slow start threshold, timing, the urgent byte.
    TRY(skip(in, 4 + 2 + 2 + 4 + 2 + 2 + 2 + 4 + 1 + 1 + 2));
    constexpr unsigned largest_scale = 14;
    for (int i = 0; i < 4; i++)
        TRY(number(in, 1, 0, largest_scale, "a window scale"));
    return skip(in, 3 * 4);
}

Result<void> walk_socket(Reader& in) {
    TRY(skip(in, 4));
    TRY(walk_address(in));
    TRY(walk_address(in));
    TRY(skip(in, 1));
    constexpr unsigned emulations = 8;
    TRY(number(in, 1, 0, emulations, "a protocol's emulation"));
    TRY(skip(in, 1 + 4));
    TRY(walk_buffer(in));
    TRY(walk_buffer(in));
    return walk_tcp(in);
}

Result<void> walk(Reader& in) {
    constexpr unsigned most_sockets = 1024;
    for (unsigned n = 0; TRY(in.u8("whether a forwarded connection follows")); n++) {
        if (n == most_sockets) return in.refuse("at most 1024 connections", "more");
        TRY(walk_socket(in));
    }
    return skip(in, 2 + address_leases * lease_size);
}

// ---- the table ----------------------------------------------------------------------------------

constexpr vmstate::Custom custom{
    .save = [](const void* owner,
               vmstate::Writer& out) { out.bytes(static_cast<const SlirpImage*>(owner)->bytes); },
    .load = [](void* owner, Reader& in) -> Result<void> {
        const std::size_t start = in.offset();
        TRY(walk(in));
        const auto bytes = in.whole().subspan(start, in.offset() - start);
        static_cast<SlirpImage*>(owner)->bytes.assign(bytes.begin(), bytes.end());
        return {};
    }};
constexpr auto fields =
    vmstate::fields(vmstate::custom<&SlirpImage::bytes>("data", "buffer", custom));

Result<void> load_into(Slirp& slirp, const SlirpImage& image) {
    std::span<const std::uint8_t> left = image.bytes;
    auto read = [](void* to, std::size_t n, void* opaque) -> ssize_t {
        auto& bytes = *static_cast<std::span<const std::uint8_t>*>(opaque);
        n = std::min(n, bytes.size());
        if (n) std::memcpy(to, bytes.data(), n);
        bytes = bytes.subspan(n);
        return static_cast<ssize_t>(n);
    };
    if (slirp_state_load(&slirp, version, read, &left) < 0)
        return fail("section 'slirp': it does not fit this network's addresses and forwards");
    if (!left.empty()) return fail("section 'slirp': {} bytes too many", left.size());
    return {};
}

}  // namespace

constinit const vmstate::Table slirp_table{.name = "slirp",
                                           .version = version,
                                           .minimum_version = version,
                                           .fields = fields,
                                           .opaque = true};

class SlirpState::Copy final : public vmstate::Staged {
public:
    Copy(SlirpState& owner, SlirpImage image) : owner_(owner), image_(std::move(image)) {}
    void* data() override { return &image_; }
    Result<void> check(int) override {
        Slirp* scratch = owner_.make_scratch_();
        auto loaded = load_into(*scratch, image_);
        slirp_cleanup(scratch);
        return loaded;
    }
    void commit(int) override {
        // It loaded into an instance of the same configuration.
        (void)load_into(owner_.slirp_, image_);
        owner_.loaded_();
    }
    void revert() override { commit(version); }

private:
    SlirpState& owner_;
    SlirpImage image_;
};

const void* SlirpState::state_for_saving() {
    image_.bytes.clear();
    auto write = [](const void* from, std::size_t n, void* opaque) -> ssize_t {
        const auto* bytes = static_cast<const std::uint8_t*>(from);
        auto& to = static_cast<SlirpImage*>(opaque)->bytes;
        to.insert(to.end(), bytes, bytes + n);
        return static_cast<ssize_t>(n);
    };
    slirp_state_save(&slirp_, write, &image_);
    return &image_;
}

std::unique_ptr<vmstate::Staged> SlirpState::stage() {
    state_for_saving();
    return std::make_unique<Copy>(*this, image_);
}

std::unique_ptr<vmstate::Staged> SlirpState::blank() {
    return std::make_unique<Copy>(
        *this, SlirpImage{std::vector<std::uint8_t>(1 + 2 + address_leases * lease_size)});
}

}  // namespace net
