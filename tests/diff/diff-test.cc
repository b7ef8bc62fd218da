// SPDX-License-Identifier: GPL-2.0-or-later
//
// The differential tester: every row of the decode table, random instances and states, the host CPU
// against the emulator.
//
//     diff-test [--count N] [--seed N] [--row TEXT] [--first N]
//         --count N    cases for each row (default 40)
//         --seed N     0: from the clock; printed either way
//         --row TEXT   only rows whose mnemonic or encoding contains TEXT
//         --record F   write tests/data/target/results.txt anew (record.h)
//         --failures N stop after so many failing cases (default 20)
//
// Exit status 77 (skipped) where the host cannot do it.
#include "target/i386/fp/unit.h"
#include "tests/diff/cases.h"
#include "tests/diff/compare.h"
#include "tests/diff/exclusions.h"
#include "tests/diff/host-runner.h"
#include "tests/diff/interp-runner.h"
#include "tests/diff/record.h"
#include "tests/diff/tolerance.h"

#include <fmt/format.h>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string_view>
#include <vector>

namespace diff {
namespace {

using namespace i386;

struct Arguments {
    unsigned count = 40, failures = 20;
    std::uint64_t seed = 1;
    std::string row, record;
};

class Tester {
public:
    Tester(HostRunner& host, const Arguments& arguments)
        : host_(host),
          arguments_(arguments),
          interp_(host.layout()),
          cases_(host.layout(), host.has_compat(), arguments.seed) {}
    int run();
    int record(const std::string& name);

private:
    bool test_row(std::uint16_t row);
    bool tested(const Row& row) const {
        return !why_not_tested(row, cases_.features(), host_features_, host_.has_compat());
    }
    void run_ours(const Case& c, unsigned row, const Outcome& host, Outcome& ours);
    std::string compare_one(const Case& c, unsigned row);
    Case shrink(Case c, unsigned row);
    void report(const Case& c, unsigned row, const std::string& seen);

    HostRunner& host_;
    const Arguments& arguments_;
    InterpRunner interp_;
    CaseSource cases_;
    FeatureSet host_features_ = HostRunner::features();
    std::uint64_t compared_ = 0, failures_ = 0;
    std::map<std::string, unsigned> failing_rows_;
    std::vector<Case> batch_;
    std::vector<Outcome> outcomes_;
};

void Tester::run_ours(const Case& c, unsigned row, const Outcome& host, Outcome& ours) {
    interp_.run(c, ours);
    if (!fp::on_host_units()) ours = tolerated(rows()[row], host, ours);
}

std::string Tester::compare_one(const Case& c, unsigned row) {
    Outcome host, ours;
    host_.run({&c, 1}, {&host, 1});
    run_ours(c, row, host, ours);
    return differences(c, rows()[row], host, ours);
}

/// Simplifies one part of the state after another as long as the case goes on failing.
Case Tester::shrink(Case c, unsigned row) {
    const auto attempt = [&](auto change) {
        Case simpler = c;
        change(simpler);
        if (!compare_one(simpler, row).empty()) c = simpler;
    };
    for (unsigned n = 0; n < 16; n++) {
        attempt([&](Case& s) { s.before.gpr[n] = 0; });
        attempt([&](Case& s) { s.before.ymm[n].fill(0); });
    }
    for (unsigned n = 0; n < 8; n++)
        attempt([&](Case& s) { s.before.st[n].fill(0); });
    attempt([&](Case& s) { s.before.rflags = 0; });
    attempt([&](Case& s) { s.before.mxcsr = 0x1F80; });
    attempt([&](Case& s) { s.before.mxcsr &= ~0x3FU; });
    attempt([&](Case& s) { s.before.fcw = 0x37F; });
    attempt([&](Case& s) { s.before.fsw = 0; });
    attempt([&](Case& s) { s.before.ftw = 0; });
    for (unsigned n = 0; n < c.patch.size(); n += 8)
        attempt([&](Case& s) { std::fill_n(s.patch.begin() + n, 8, 0); });
    return c;
}

void Tester::report(const Case& original, unsigned row, const std::string& seen) {
    // Alone it may be right: then something was left over from the case before.
    const bool again = !compare_one(original, row).empty();
    const Case c = again ? shrink(original, row) : original;
    const Row& r = rows()[row];
    fmt::print("not the same: {} | {} {}\n{}{}", r.encoding, r.mnemonic, r.operands,
               describe(c, host_.layout()),
               again ? compare_one(c, row) : "    (not when run again)\n" + seen);
    std::fflush(stdout);
}

/// True if at least one case of the row was compared.
bool Tester::test_row(std::uint16_t row) {
    bool tried = false;
    unsigned row_failures = 0;
    for (unsigned left = arguments_.count; left;) {
        batch_.clear();
        const unsigned n = std::min<unsigned>(left, HostRunner::batch);
        left -= n;
        for (unsigned k = 0; k < n; k++) {
            const auto made = cases_.next(row);
            tried |= made.of_row;
            batch_.push_back(made.c);
        }
        outcomes_.resize(batch_.size());
        host_.run(batch_, outcomes_);
        for (std::size_t k = 0; k < batch_.size(); k++) {
            Outcome ours;
            run_ours(batch_[k], row, outcomes_[k], ours);
            compared_++;
            const std::string seen = differences(batch_[k], rows()[row], outcomes_[k], ours);
            if (seen.empty()) continue;
            failures_++;
            failing_rows_[fmt::format("{} | {} {}", rows()[row].encoding, rows()[row].mnemonic,
                                      rows()[row].operands)]++;
            if (failures_ <= arguments_.failures && row_failures++ < 2)
                report(batch_[k], row, seen);
        }
    }
    return tried;
}

int Tester::run() {
    const auto start = std::chrono::steady_clock::now();
    unsigned not_tried = 0, tested_rows = 0;
    for (unsigned row = 0; row < rows().size(); row++) {
        const Row& r = rows()[row];
        if (!arguments_.row.empty() &&
            std::string_view(r.mnemonic).find(arguments_.row) == std::string_view::npos &&
            std::string_view(r.encoding).find(arguments_.row) == std::string_view::npos)
            continue;
        if (!tested(r)) continue;
        tested_rows++;
        if (test_row(std::uint16_t(row))) continue;
        fmt::print("row never tried: {} | {} {}\n", r.encoding, r.mnemonic, r.operands);
        not_tried++;
    }
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    for (const auto& [name, count] : failing_rows_)
        fmt::print("failed {:6} times: {}\n", count, name);
    fmt::print("{} rows, {} cases, {:.0f} a second, seed {}: {} failed, {} rows never tried\n",
               tested_rows, compared_, double(compared_) / seconds, arguments_.seed, failures_,
               not_tried);
    return failures_ || not_tried ? 1 : 0;
}

/// Writes what the host made of the recorded rows.
int Tester::record(const std::string& name) {
    if (host_.layout().code != recorded_layout.code || !host_.has_compat())
        return fmt::print(stderr, "diff-test: this host lays the cases out in another way\n"), 1;
    std::ofstream out(name);
    out << "# What a processor made of " << recorded_cases
        << " cases of each row (diff-test --record): a digest, the row.\n";
    for (std::size_t n = 0; n < rows().size(); n++) {
        const Row& row = rows()[n];
        if (!is_recorded(row) || !tested(row)) continue;
        cases_.reseed(record_seed(row));
        Digest digest, own;
        for (unsigned k = 0; k < recorded_cases; k++) {
            const Case c = cases_.next(std::uint16_t(n)).c;
            Outcome host{}, ours{};
            host_.run({&c, 1}, {&host, 1});
            interp_.run(c, ours);
            digest.add(row, host);
            own.add(row, ours);
        }
        if (digest.value() == own.value())
            out << fmt::format("{:016x} {}\n", digest.value(), record_name(row));
        else
            fmt::print("not recorded, as the emulator differs: {}\n", record_name(row));
    }
    return out.flush() ? 0 : 1;
}

}  // namespace
}  // namespace diff

int main(int argc, char** argv) {
    diff::Arguments arguments;
    for (int n = 1; n + 1 < argc; n += 2) {
        const std::string_view name = argv[n];
        if (name == "--count")
            arguments.count = unsigned(std::strtoul(argv[n + 1], nullptr, 0));
        else if (name == "--seed")
            arguments.seed = std::strtoull(argv[n + 1], nullptr, 0);
        else if (name == "--row")
            arguments.row = argv[n + 1];
        else if (name == "--failures")
            arguments.failures = unsigned(std::strtoul(argv[n + 1], nullptr, 0));
        else if (name == "--record")
            arguments.record = argv[n + 1];
        else
            return fmt::print(stderr, "diff-test: unknown option {}\n", name), 2;
    }
    if (!arguments.seed)
        arguments.seed = std::uint64_t(std::chrono::system_clock::now().time_since_epoch().count());
    fmt::print("seed {}\n", arguments.seed);
    auto host = diff::HostRunner::create();
    if (!host) {
        fmt::print("skipped: {}\n", host.error().description());
        return 77;
    }
    diff::Tester tester(**host, arguments);
    return arguments.record.empty() ? tester.run() : tester.record(arguments.record);
}
