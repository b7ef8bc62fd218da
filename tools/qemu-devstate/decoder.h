// SPDX-License-Identifier: GPL-2.0-or-later
//
// Decodes the data of sections by layouts. A layout is a record of what was sent at one moment;
// what comes and goes is found by trying: subsections by their names, sections by every layout
// known, and the one that ends at the section's end wins.
#pragma once

#include <cstdint>
#include <span>

#include "layout.h"
#include "migration/vmstate/tree.h"

namespace devstate {

using vmstate::Node;

class Decoder {
public:
    Decoder(std::span<const std::uint8_t> bytes, const Library& library)
        : b_(bytes), library_(library) {}

    /// The section whose id bounds are looked for.
    void set_section(std::uint32_t id) {
        section_id_ = id;
        virtio_end_ = 0;
    }
    /// Where the section's data ends, when that is known beforehand: a virtio field goes up to it.
    void set_virtio_end(std::size_t end) { virtio_end_ = end; }

    /// One struct with its subsections at `pos`; `pos` becomes its end.
    Result<Node> structure(const Layout&, std::size_t& pos, std::string name);

    std::uint64_t number(std::size_t pos, unsigned size) const;
    bool has(std::size_t pos, std::size_t n) const {
        return pos <= b_.size() && n <= b_.size() - pos;
    }
    /// An error that names `what` unless that many bytes are there.
    Result<void> need(std::size_t pos, std::size_t n, std::string_view what) const;
    Result<std::string> text(std::size_t pos, std::size_t n) const;
    /// A subsection's header at `pos`.
    struct Subsection {
        std::string name;
        std::uint32_t version;
        std::size_t data;
    };
    std::optional<Subsection> subsection_at(std::size_t pos, std::size_t limit) const;

private:
    Result<std::vector<Node>> fields(const Layout&, std::size_t& pos);
    Result<Node> field(const LayoutField&, std::size_t& pos, std::string name);
    Result<Node> array(const LayoutField&, std::size_t& pos);
    Result<Node> leaf(std::string name, std::string type, std::size_t& pos, std::size_t size);
    Result<std::vector<Node>> subsections(const Layout&, std::size_t& pos);
    bool ends_well(std::size_t pos) const;

    Result<Node> virtio(const LayoutField&, std::size_t& pos, std::string name);
    std::optional<Node> virtio_body(std::size_t pos, std::string name, std::size_t size);
    std::optional<std::pair<std::size_t, std::vector<Node>>> virtio_subsections(std::size_t pos,
                                                                                std::size_t end);
    std::optional<std::vector<Node>> virtio_chain(std::size_t pos, std::size_t end);
    Node virtio_leaf(std::string name, std::string type, std::size_t pos, std::size_t size);

    std::span<const std::uint8_t> b_;
    const Library& library_;
    std::uint32_t section_id_ = 0;
    std::size_t virtio_end_ = 0;  // 0: not known
};

}  // namespace devstate
