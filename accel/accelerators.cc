// SPDX-License-Identifier: GPL-2.0-or-later
#include "accel/accelerators.h"

#include <array>
#include <cstdio>

#include "accel/qtest/accel.h"
#include "accel/tcg/tcg.h"
#include "qapi/context.h"

namespace accel {

namespace {

Result<std::unique_ptr<TcgAccel>> make_tcg(hw::Platform& p) {
    auto tcg = std::make_unique<TcgAccel>(p.services.get<BigLock>(), p.clocks, p.memory);
    tcg->set_log(p.log);
    return tcg;
}

Result<std::unique_ptr<Accelerator>> create_tcg(const qapi::JsonObject& properties,
                                                hw::Platform& platform) {
    auto tcg = TRY(make_tcg(platform));
    for (const auto& [key, value] : properties) {
        const auto* text = value.string();
        if (key == "thread") {
            if (!text || (*text != "multi" && *text != "single"))
                return fail("Invalid 'thread' setting {}", value.text());
            tcg->set_one_at_a_time(*text == "single");
        } else if (key == "tb-size" || key == "split-wx") {
            return fail("Property 'tcg-accel.{}' is not supported: there is no translation buffer",
                        key);
        } else {
            return fail("Property 'tcg-accel.{}' not found", key);
        }
    }
    return std::unique_ptr<Accelerator>(std::move(tcg));
}

Result<std::unique_ptr<Accelerator>> create_qtest(const qapi::JsonObject& properties,
                                                  hw::Platform& platform) {
    for (const auto& [key, value] : properties)
        return fail("Property 'qtest-accel.{}' not found", key);
    return std::unique_ptr<Accelerator>(std::make_unique<QtestAccel>(TRY(make_tcg(platform))));
}

constexpr std::array types{
    AcceleratorType{"tcg", create_tcg},
    AcceleratorType{"qtest", create_qtest},
};

/// QEMU has these; asking for one is no typing error.
constexpr std::array<std::string_view, 6> elsewhere{"kvm", "xen", "hax", "hvf", "nvmm", "whpx"};

std::string name_in(const qapi::JsonObject& given) {
    auto* v = given.find("accel");
    return v && v->string() ? *v->string() : std::string();
}

}  // namespace

std::span<const AcceleratorType> accelerator_types() {
    return types;
}

Result<std::unique_ptr<Accelerator>> create_first_available(
    const std::vector<qapi::JsonObject>& wanted, hw::Platform& platform) {
    if (wanted.empty()) return create_tcg({}, platform);
    for (std::size_t i = 0; i < wanted.size(); i++) {
        const auto name = name_in(wanted[i]);
        for (const AcceleratorType& t : types)
            if (t.name == name) {
                auto properties = wanted[i];
                properties.erase("accel");
                return t.create(properties, platform);
            }
        bool known = false;
        for (auto e : elsewhere)
            known = known || e == name;
        if (!known) return fail("invalid accelerator {}", name);
        if (i + 1 < wanted.size())
            std::fprintf(
                stderr,
                "qemu-system-x86_64: warning: accelerator %s is not in this program, trying %s\n",
                name.c_str(), name_in(wanted[i + 1]).c_str());
    }
    return fail("the accelerator '{}' is not supported by this program", name_in(wanted.back()))
        .with_hint("use -accel tcg");
}

}  // namespace accel
