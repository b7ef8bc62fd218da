// SPDX-License-Identifier: GPL-2.0-or-later
//
// Any bytes to the reader behind qemu-devstate: state files, migration streams, their descriptions.
// What can be read can be shown, and written again to what reads the same.
#include <cstdio>
#include <cstdlib>

#include "tools/qemu-devstate/document.h"
#include "tools/qemu-devstate/machines.h"
#include "tools/qemu-devstate/print.h"

namespace {

const devstate::Library& library() {
    static const devstate::Library built_in = [] {
        auto l = devstate::Library::built_in();
        if (!l) std::abort();
        return *std::move(l);
    }();
    return built_in;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = devstate::parse({data, data + size}, library(), nullptr);
    if (!document) return 0;
    if (document->json().text().empty()) std::abort();
    for (const auto& field : document->flat())
        (void)devstate::value_text(field.value);
    std::size_t bytes = 0;
    for (const auto& part : devstate::parts_of(*document))
        bytes += part.data.size();
    if (bytes > size) {
        std::fprintf(stderr, "%zu bytes of data in a file of %zu\n", bytes, size);
        std::abort();
    }
    for (const char* machine : {"pc", "pc-i440fx-6.2", "pc-i440fx-2.0"})
        (void)devstate::rewrite_for(*document, machine);
    return 0;
}
