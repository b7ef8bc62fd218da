// SPDX-License-Identifier: GPL-2.0-or-later
//
// Runs a fuzz target without a fuzzing engine: over the seed files, then over as many random
// changes of them as asked for. The same seed number makes the same inputs, so that `make check`
// does not depend on luck.
//
//     fuzz-qmp [--runs N] [--seed N] FILE-OR-FOLDER...
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t longest = 1 << 16;

void mutate(Input& input, const std::vector<Input>& seeds, std::mt19937& random) {
    const auto below = [&](std::size_t n) { return n ? random() % n : 0; };
    for (auto times = 1 + below(4); times; times--) {
        const std::size_t at = below(input.size() + 1);
        const auto where = input.begin() + static_cast<long>(at);
        switch (below(6)) {
            case 0: input.insert(where, static_cast<std::uint8_t>(random())); break;
            case 1:
                if (at < input.size()) *where ^= static_cast<std::uint8_t>(1 << below(8));
                break;
            case 2:
                input.erase(where, where + static_cast<long>(below(input.size() - at + 1)));
                break;
            case 3: {  // a piece of another seed
                const Input& other = seeds[below(seeds.size())];
                const std::size_t from = below(other.size() + 1);
                const std::size_t length = below(other.size() - from + 1);
                input.insert(where, other.begin() + static_cast<long>(from),
                             other.begin() + static_cast<long>(from + length));
                break;
            }
            case 4: {  // a run of one byte: nesting, long tokens
                input.insert(where, below(300), input.empty() ? '[' : input[below(input.size())]);
                break;
            }
            default: {
                constexpr const char* numbers[] = {"0",     "-1", "18446744073709551616",
                                                   "1e999", "0x", "-9223372036854775808"};
                const char* n = numbers[below(std::size(numbers))];
                input.insert(where, n, n + std::strlen(n));
            }
        }
    }
    if (input.size() > longest) input.resize(longest);
}

}  // namespace

int main(int argc, char** argv) {
    unsigned long runs = 0, seed = 1;
    std::set<std::string> names;
    for (int i = 1; i < argc; i++) {
        const std::string word = argv[i];
        if ((word == "--runs" || word == "--seed") && i + 1 < argc) {
            (word == "--runs" ? runs : seed) = std::strtoul(argv[++i], nullptr, 0);
            continue;
        }
        if (std::filesystem::is_directory(word)) {
            for (const auto& entry : std::filesystem::directory_iterator(word))
                names.insert(entry.path());
            continue;
        }
        names.insert(word);
    }
    std::vector<Input> seeds;
    for (const auto& word : names) {
        std::ifstream file(word, std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "cannot open '%s'\n", word.c_str());
            return 1;
        }
        seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    if (seeds.empty()) seeds.emplace_back();
    for (const Input& input : seeds)
        LLVMFuzzerTestOneInput(input.data(), input.size());
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    for (unsigned long n = 0; n < runs; n++) {
        Input input = seeds[random() % seeds.size()];
        mutate(input, seeds, random);
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%zu seeds, %lu random inputs\n", seeds.size(), runs);
}
