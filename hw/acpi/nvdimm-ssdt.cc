// SPDX-License-Identifier: GPL-2.0-or-later
//
// The SSDT of nonvolatile modules: the root device of ACPI 9.20, one device for each slot, and one
// method through which all of theirs go.
#include <fmt/core.h>

#include <algorithm>

#include "hw/acpi/aml.h"
#include "hw/acpi/nvdimm-acpi.h"

namespace hw {
namespace {

using namespace aml;

constexpr u64 table_handle = 0x10000;
constexpr u32 to_patch = 0x01020304;
constexpr std::string_view root_interface = "2f10e7a4-9e91-11e4-89d3-123b93f75cba";
constexpr std::string_view module_interface = "4309ac30-0d11-11e4-9191-0800200c9a66";

/// NCAL(handle, revision, function, argument): puts the request into the page, rings, and returns
/// the answer as a buffer.
Bytes call_method() {
    return method(
        "NCAL", 4,
        {operation_region("NVPG", Space::SystemMemory, path("NPAG"), NvdimmAcpi::page),
         field("NVPG", Access::DWord, Update::Preserve,
               {{"NHND", 32}, {"NREV", 32}, {"NFUN", 32}, {"NARG", (NvdimmAcpi::page - 12) * 8}}),
         field("NVPG", Access::DWord, Update::Preserve,
               {{"NLEN", 32}, {"NDAT", (NvdimmAcpi::page - 4) * 8}}),
         store(arg(0), path("NHND")), store(arg(1), path("NREV")), store(arg(2), path("NFUN")),
         store(arg(3), path("NARG")), store(path("NPAG"), path("NBEL")),
         subtract(path("NLEN"), integer(4), local(0)), store(path("NDAT"), local(1)),
         ret(middle(local(1), integer(0), local(0)))},
        true);
}

/// NDSM(interface, uuid, revision, function, arguments, handle): what _DSM does (9.1.1). Another
/// interface has no functions.
Bytes dsm_method() {
    constexpr u64 package_type = 4;
    const Bytes none = buffer({0}), unsupported = buffer({1});
    const Terms refuse{if_(equal(arg(3), integer(0)), {ret(none)}), ret(unsupported)};
    return method("NDSM", 6,
                  {if_(not_(equal(arg(1), arg(0))), refuse),
                   if_(equal(path("NPAG"), integer(0)), refuse), store(integer(0), local(0)),
                   if_(equal(object_type(arg(4)), integer(package_type)),
                       {if_(equal(size_of(arg(4)), integer(1)),
                            {store(element(arg(4), integer(0)), local(0))})}),
                   ret(call("NCAL", {arg(5), arg(2), arg(3), local(0)}))},
                  true);
}

/// _FIT: the table in pieces, from the beginning again when it changed in between.
Bytes fit_method() {
    constexpr u64 changed = 0x100;
    const Bytes so_far = local(0), offset = local(1), piece = local(2), size = local(3),
                status = local(5);
    return method(
        "_FIT", 0,
        {store(buffer({}), so_far), store(integer(0), offset),
         while_(
             integer(1),
             {store(call("NCAL", {integer(table_handle), integer(1), integer(1), offset}), piece),
              store(to_integer(middle(piece, integer(0), integer(4))), status),
              subtract(size_of(piece), integer(4), size),
              if_(equal(status, integer(changed)),
                  {store(buffer({}), so_far), store(integer(0), offset)}),
              else_({if_(not_(equal(status, integer(0))), {ret(buffer({}))}),
                     if_(equal(size, integer(0)), {ret(so_far)}),
                     store(concatenate(so_far, middle(piece, integer(4), size)), local(4)),
                     store(local(4), so_far), add(offset, size, offset)})})},
        true);
}

/// The label methods of 6.5.10, by the functions that _DSM has for the same.
Terms label_methods(unsigned handle) {
    const auto request = [&](unsigned function, const Bytes& argument) {
        return store(call("NCAL", {integer(handle), integer(1), integer(function), argument}),
                     local(0));
    };
    const Bytes status = create_dword_field(local(0), 0, "LSTA");
    const Terms place{name("LREQ", buffer(Bytes(8))), create_dword_field(path("LREQ"), 0, "LOFS"),
                      create_dword_field(path("LREQ"), 4, "LLEN"), store(arg(0), path("LOFS")),
                      store(arg(1), path("LLEN"))};
    auto after_place = [&](const Terms& then) {
        Terms body = place;
        body.insert(body.end(), then.begin(), then.end());
        return body;
    };
    constexpr u64 whole_answer = 12;
    return {method("_LSI", 0,
                   {request(4, integer(0)),
                    if_(less(size_of(local(0)), integer(whole_answer)),
                        {ret(package({integer(1), integer(0), integer(0)}))}),
                    status, create_dword_field(local(0), 4, "LSIZ"),
                    create_dword_field(local(0), 8, "LMAX"),
                    ret(package({path("LSTA"), path("LSIZ"), path("LMAX")}))},
                   true),
            method("_LSR", 2,
                   after_place({request(5, path("LREQ")), status, name("LDAT", buffer({})),
                                store(middle(local(0), integer(4), arg(1)), path("LDAT")),
                                ret(package({path("LSTA"), path("LDAT")}))}),
                   true),
            method("_LSW", 3,
                   after_place({store(concatenate(path("LREQ"), arg(2)), local(1)),
                                request(6, local(1)), status, ret(path("LSTA"))}),
                   true)};
}

Bytes dsm_of(std::string_view interface, unsigned handle) {
    return method(
        "_DSM", 4,
        {ret(call("NDSM", {uuid(interface), arg(0), arg(1), arg(2), arg(3), integer(handle)}))});
}

AcpiFacts::Extra methods(unsigned slots) {
    Terms root{name("_HID", string("ACPI0012")),
               name("NPAG", integer(to_patch)),
               operation_region("NVIO", Space::SystemIO, NvdimmAcpi::port, NvdimmAcpi::port_size),
               field("NVIO", Access::DWord, Update::Preserve, {{"NBEL", 32}}),
               call_method(),
               dsm_method(),
               fit_method(),
               dsm_of(root_interface, 0)};
    for (unsigned slot = 0; slot < slots; slot++) {
        Terms body = label_methods(slot + 1);
        body.insert(body.begin(), name("_ADR", integer(slot + 1)));  // the NFIT's device handle
        body.push_back(dsm_of(module_interface, slot + 1));
        root.push_back(device(fmt::format("N{:03X}", slot), body));
    }
    AcpiFacts::Extra extra{.signature = "SSDT", .revision = 1, .oem_table_id = "NVDIMM"};
    extra.body = scope("\\_SB", {device("NVDR", root)});
    const Bytes wanted = integer(to_patch);
    const auto found =
        std::search(extra.body.begin(), extra.body.end(), wanted.begin(), wanted.end());
    const auto at = static_cast<u32>(found - extra.body.begin()) + 1;
    std::fill_n(extra.body.begin() + at, 4, u8(0));
    extra.pointer = {
        .at = at, .file = nvdimm_page_file, .address_file = {}, .alignment = NvdimmAcpi::page};
    return extra;
}

}  // namespace

std::vector<AcpiFacts::Extra> nvdimm_tables(const NvdimmAcpi& acpi, unsigned slots) {
    std::vector<AcpiFacts::Extra> tables;
    if (!slots) return tables;
    tables.push_back(methods(slots));
    if (std::vector<u8> modules = acpi.interface_table(); !modules.empty()) {
        AcpiFacts::Extra nfit{.signature = "NFIT", .revision = 1};
        nfit.body.resize(4);
        nfit.body.insert(nfit.body.end(), modules.begin(), modules.end());
        tables.push_back(std::move(nfit));
    }
    return tables;
}

}  // namespace hw
