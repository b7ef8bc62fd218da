// SPDX-License-Identifier: GPL-2.0-or-later
//
// What going through saved state costs in this process, without a monitor: save, load and revert of
// a paused `-M pc -nodefaults`, on one core.
//
//     state-bench [SECONDS-EACH]
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/live-vm.h"

namespace {

template <class F>
void measure(const char* what, double seconds, F&& once) {
    using clock = std::chrono::steady_clock;
    once();
    const auto begin = clock::now();
    double took = 0;
    std::uint64_t times = 0;
    do {
        for (int i = 0; i < 64; i++)
            once();
        times += 64;
        took = std::chrono::duration<double>(clock::now() - begin).count();
    } while (took < seconds);
    std::printf("%-28s %9.0f a second %8.2f us\n", what, double(times) / took,
                1e6 * took / double(times));
}

void must(const Result<void>& r) {
    if (!r) tests::LiveVm::wrong(r.error().description());
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc > 1 ? std::atof(argv[1]) : 1;
    tests::LiveVm vm({"-M", "pc", "-nodefaults", "-accel", "qtest", "-S", "-rtc",
                      "base=2022-01-01T00:00:00,clock=vm"});
    auto& m = vm.migration();
    const auto file = vm.saved();
    std::printf("%zu bytes\n", file.size());
    measure("save", seconds, [&] { (void)tests::LiveVm::must(m.save()); });
    measure("load", seconds, [&] { must(vm.load(file)); });
    measure("snapshot", seconds, [&] { must(m.snapshots().take("s", nullptr)); });
    measure("revert", seconds, [&] { must(m.snapshots().revert("s")); });
    must(m.snapshots().take("with ram", &vm.foundation().memory));
    auto* ram = vm.foundation().memory.find_ram("pc.ram");
    measure("revert with 16 dirty pages", seconds, [&] {
        for (unsigned i = 0; i < 16 && ram; i++) {
            const std::uint64_t at = (i * 37 + 1) * exec::page_size;
            ram->host()[at]++;
            ram->mark_dirty(at, 1);
        }
        must(m.snapshots().revert("with ram"));
    });
    if (vm.saved() != file) tests::LiveVm::wrong("the machine is not as it was");
    return 0;
}
