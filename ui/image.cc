// SPDX-License-Identifier: GPL-2.0-or-later
//
// PPM (netpbm's P6) and PNG (W3C Portable Network Graphics, second edition) files.
#include "ui/image.h"

#include <fmt/format.h>
#include <zlib.h>

namespace ui {

namespace {

std::string rgb_rows(const Image& image, bool filter_byte) {
    std::string out;
    out.reserve(std::size_t{image.height} * (image.width * 3 + filter_byte));
    for (unsigned y = 0; y < image.height; y++) {
        if (filter_byte) out.push_back(0);  // PNG filter type: none
        const std::uint32_t* p = image.row(y);
        for (unsigned x = 0; x < image.width; x++)
            for (int shift : {16, 8, 0})
                out.push_back(static_cast<char>(p[x] >> shift));
    }
    return out;
}

void put32(std::string& out, std::uint32_t v) {
    for (int shift : {24, 16, 8, 0})
        out.push_back(static_cast<char>(v >> shift));
}

void put_chunk(std::string& out, std::string_view type, std::string_view data) {
    put32(out, static_cast<std::uint32_t>(data.size()));
    const std::size_t start = out.size();
    out.append(type).append(data);
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(out.data() + start),
                           static_cast<uInt>(out.size() - start));
    put32(out, static_cast<std::uint32_t>(crc));
}

}  // namespace

std::string png(const Image& image) {
    std::string header;
    put32(header, image.width);
    put32(header, image.height);
    header.append({8, 2, 0, 0, 0});  // 8 bits, RGB, deflate, no filter, not interlaced
    const std::string raw = rgb_rows(image, true);
    uLongf size = compressBound(raw.size());
    std::string packed(size, 0);
    compress(reinterpret_cast<Bytef*>(packed.data()), &size,
             reinterpret_cast<const Bytef*>(raw.data()), raw.size());
    packed.resize(size);
    std::string out("\x89PNG\r\n\x1a\n");
    put_chunk(out, "IHDR", header);
    put_chunk(out, "IDAT", packed);
    put_chunk(out, "IEND", {});
    return out;
}

std::string ppm(const Image& image) {
    return fmt::format("P6\n{} {}\n255\n", image.width, image.height) + rgb_rows(image, false);
}

}  // namespace ui
