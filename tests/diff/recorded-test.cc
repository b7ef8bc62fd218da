// SPDX-License-Identifier: GPL-2.0-or-later
//
// The emulator against the record of a processor's results: for hosts that are no such processor.
//
//     recorded-test FILE
#include "tests/diff/cases.h"
#include "tests/diff/interp-runner.h"
#include "tests/diff/record.h"

#include <fmt/format.h>
#include <fstream>
#include <map>
#include <string>

namespace diff {
namespace {

std::map<std::string, std::uint64_t> read_record(const char* name) {
    std::map<std::string, std::uint64_t> record;
    std::ifstream in(name);
    for (std::string line; std::getline(in, line);)
        if (line.size() > 17 && line[0] != '#')
            record[line.substr(17)] = std::stoull(line.substr(0, 16), nullptr, 16);
    return record;
}

int run(const char* name) {
    const auto record = read_record(name);
    InterpRunner interp(recorded_layout);
    CaseSource cases(recorded_layout, true, 0);
    unsigned failed = 0, right = 0;
    for (std::size_t n = 0; n < i386::rows().size(); n++) {
        const i386::Row& row = i386::rows()[n];
        const auto known = record.find(record_name(row));
        if (!is_recorded(row) || known == record.end()) continue;
        cases.reseed(record_seed(row));
        Digest digest;
        for (unsigned k = 0; k < recorded_cases; k++) {
            Outcome ours{};
            interp.run(cases.next(std::uint16_t(n)).c, ours);
            digest.add(row, ours);
        }
        digest.value() == known->second ? right++ : failed++;
        if (digest.value() != known->second) fmt::print("not as recorded: {}\n", known->first);
    }
    fmt::print("{} rows as recorded, {} not, {} recorded\n", right, failed, record.size());
    return failed || !right || right + failed != record.size() ? 1 : 0;
}

}  // namespace
}  // namespace diff

int main(int argc, char** argv) {
    if (argc != 2) return fmt::print(stderr, "usage: recorded-test FILE\n"), 2;
    return diff::run(argv[1]);
}
