// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reads tests/data/hw/chip-sections.txt (see there).
#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace hw::testing {

struct CapturedSection {
    int version = 0;
    std::vector<std::uint8_t> data;
};

/// By "IDSTR/INSTANCE".
inline std::map<std::string, CapturedSection> captured_sections(const std::string& state) {
    std::ifstream file(TEST_DATA "/hw/chip-sections.txt");
    if (!file) throw std::runtime_error("no " TEST_DATA "/hw/chip-sections.txt");
    std::map<std::string, CapturedSection> found;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string which, idstr, instance, part;
        CapturedSection section;
        if (!(words >> which >> idstr >> instance >> section.version) || which != state) continue;
        while (words >> part) {
            const std::size_t star = part.find('*');
            if (star != std::string::npos) {
                section.data.insert(section.data.end(), std::stoul(part.substr(star + 1)),
                                    static_cast<std::uint8_t>(std::stoul(part, nullptr, 16)));
                continue;
            }
            for (std::size_t i = 0; i < part.size(); i += 2)
                section.data.push_back(
                    static_cast<std::uint8_t>(std::stoul(part.substr(i, 2), nullptr, 16)));
        }
        found[idstr + "/" + instance] = section;
    }
    return found;
}

}  // namespace hw::testing
