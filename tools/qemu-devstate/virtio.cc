// SPDX-License-Identifier: GPL-2.0-or-later
//
// The transport and ring records of virtio devices, one opaque field in descriptions. What follows
// the rings and is no "virtio/..." subsection is the device's own and stays bytes.
#include <algorithm>

#include "decoder.h"

namespace devstate {

namespace {

std::optional<std::size_t> capability(std::span<const std::uint8_t> config, std::uint8_t id) {
    if (!(config[6] & 0x10)) return {};
    std::size_t p = config[0x34] & 0xFC;
    for (int seen = 0; p >= 0x40 && seen < 48; seen++) {
        if (config[p] == id) return p;
        p = config[p + 1] & 0xFC;
    }
    return {};
}

struct KnownSubsection {
    std::string_view name, field, type;
    unsigned size;
};
constexpr KnownSubsection known[] = {
    {"virtio/device_endness", "device_endian", "uint8", 1},
    {"virtio/64bit_features", "guest_features_hi", "uint64", 8},
    {"virtio/broken", "broken", "bool", 1},
    {"virtio/started", "started", "bool", 1},
    {"virtio/disabled", "disabled", "bool", 1},
};

}  // namespace

Node Decoder::virtio_leaf(std::string name, std::string type, std::size_t pos, std::size_t size) {
    Node n;
    n.value = vmstate::decode_value(type, b_.subspan(pos, size));
    n.name = std::move(name);
    n.type = std::move(type);
    n.offset = pos;
    n.size = size;
    return n;
}

Result<Node> Decoder::virtio(const LayoutField& f, std::size_t& pos, std::string name) {
    const std::size_t size = virtio_end_ ? virtio_end_ - pos : f.size;
    if (!has(pos, size) || (virtio_end_ && virtio_end_ < pos))
        return fail("virtio field past the end");
    if (auto n = virtio_body(pos, name, size)) {
        pos += n->size;
        return *std::move(n);
    }
    return leaf(std::move(name), "virtio", pos, size);
}

std::optional<Node> Decoder::virtio_body(std::size_t pos, std::string name, std::size_t size) {
    const std::size_t start = pos, end = pos + size;
    Node out;
    out.name = std::move(name);
    out.type = "virtio";
    out.offset = start;
    out.size = size;
    out.is_struct = out.bare = true;
    bool good = true;
    auto put = [&](std::vector<Node>& to, std::string field, std::string type,
                   std::size_t n) -> std::uint64_t {
        if (!has(pos, n)) {
            good = false;
            return 0;
        }
        const std::uint64_t v = n <= 8 ? number(pos, static_cast<unsigned>(n)) : 0;
        to.push_back(virtio_leaf(std::move(field), std::move(type), pos, n));
        pos += n;
        return v;
    };
    auto& to = out.fields;
    // A PCI transport begins with its record's version and the vendor id.
    if (!has(pos, 6)) return {};
    const std::uint64_t first = number(pos, 4);
    const bool pci = (first == 1 || first == 2) && b_[pos + 4] == 0xF4 && b_[pos + 5] == 0x1A;
    bool msix = false;
    if (pci) {
        put(to, "pci.version_id", "int32", 4);
        if (!has(pos, 256)) return {};
        const auto config = b_.subspan(pos, 256);
        std::size_t length = 256;
        if (capability(config, 0x10) && has(pos + 4096, 16)) {
            bool irqs = true;
            for (unsigned i = 0; i < 4; i++)
                irqs &= number(pos + 4096 + 4 * i, 4) <= 1;
            if (irqs) length = 4096;
        }
        put(to, "pci.config", "buffer", length);
        put(to, "pci.irq_state", "pci irq state", 16);
        if (const auto cap = capability(config, 0x11)) {
            msix = true;
            const unsigned vectors = ((config[*cap + 2] | config[*cap + 3] << 8) & 0x7FF) + 1;
            put(to, "msix.table", "buffer", std::size_t{16} * vectors);
            put(to, "msix.pba", "buffer", (vectors + 7) / 8);
            put(to, "pci.config_vector", "uint16", 2);
        }
    }
    put(to, "status", "uint8", 1);
    put(to, "isr", "uint8", 1);
    put(to, "queue_sel", "uint16", 2);
    put(to, "guest_features_lo", "uint32", 4);
    const auto config_length = put(to, "config_len", "uint32", 4);
    if (!good || config_length > 65536) return {};
    put(to, "config", "buffer", config_length);
    const auto queues = put(to, "num_queues", "uint32", 4);
    if (!good || queues > 1024) return {};
    Node vq;
    vq.name = "vq";
    vq.type = "struct";
    vq.is_array = true;
    vq.offset = pos;
    for (std::uint64_t i = 0; i < queues; i++) {
        Node q;
        q.name = fmt::format("[{}]", i);
        q.type = "struct";
        q.bare = true;
        q.is_struct = true;
        q.offset = pos;
        put(q.fields, "vring.num", "uint32", 4);
        if (!pci) put(q.fields, "vring.align", "uint32", 4);
        put(q.fields, "vring.desc", "uint64", 8);
        put(q.fields, "last_avail_idx", "uint16", 2);
        if (msix) put(q.fields, "vector", "uint16", 2);
        q.size = pos - q.offset;
        vq.fields.push_back(std::move(q));
    }
    vq.size = pos - vq.offset;
    to.push_back(std::move(vq));
    if (!good || pos > end) return {};
    std::size_t device_end = end;
    if (auto subs = virtio_subsections(pos, end)) {
        device_end = subs->first;
        out.subsections = std::move(subs->second);
    }
    if (device_end > pos) put(to, "device", "buffer", device_end - pos);
    return out;
}

/// The place from which the rest is a chain of virtio subsections and nothing else.
std::optional<std::pair<std::size_t, std::vector<Node>>> Decoder::virtio_subsections(
    std::size_t pos, std::size_t end) {
    for (std::size_t p = pos; p < end; p++) {
        if (b_[p] != 5) continue;
        const auto s = subsection_at(p, end);
        if (!s || !s->name.starts_with("virtio/")) continue;
        if (auto chain = virtio_chain(p, end)) return std::pair{p, *std::move(chain)};
    }
    return {};
}

std::optional<std::vector<Node>> Decoder::virtio_chain(std::size_t pos, std::size_t end) {
    std::vector<Node> chain;
    while (pos < end) {
        const auto s = subsection_at(pos, end);
        if (!s || !s->name.starts_with("virtio/")) return {};
        std::size_t next = end;
        for (std::size_t q = s->data; q < end; q++) {
            const auto k = b_[q] == 5 ? subsection_at(q, end) : std::nullopt;
            if (k && k->name.starts_with("virtio/")) {
                next = q;
                break;
            }
        }
        Node n;
        n.name = s->name;
        n.type = "subsection";
        n.version = s->version;
        n.vmsd = s->name;
        n.is_struct = true;
        n.offset = pos;
        n.size = next - pos;
        const std::size_t size = next - s->data;
        const auto fixed = std::find_if(std::begin(known), std::end(known),
                                        [&](const auto& k) { return k.name == s->name; });
        if (fixed != std::end(known) && fixed->size == size) {
            n.fields.push_back(
                virtio_leaf(std::string(fixed->field), std::string(fixed->type), s->data, size));
        } else if (s->name == "virtio/virtqueues" && size % 16 == 0) {
            for (std::size_t i = 0; i < size / 16; i++) {
                n.fields.push_back(
                    virtio_leaf(fmt::format("vq[{}].avail", i), "uint64", s->data + 16 * i, 8));
                n.fields.push_back(
                    virtio_leaf(fmt::format("vq[{}].used", i), "uint64", s->data + 16 * i + 8, 8));
            }
        } else if (s->name == "virtio/ringsize" && size % 4 == 0) {
            for (std::size_t i = 0; i < size / 4; i++)
                n.fields.push_back(virtio_leaf(fmt::format("vq[{}].num_default", i), "uint32",
                                               s->data + 4 * i, 4));
        } else {
            n.fields.push_back(virtio_leaf("data", "buffer", s->data, size));
            // extra_state has a subsection of its own inside.
            if (const auto inner = subsection_at(s->data, next))
                n.fields.back().nested = inner->name;
        }
        chain.push_back(std::move(n));
        pos = next;
    }
    return chain;
}

}  // namespace devstate
