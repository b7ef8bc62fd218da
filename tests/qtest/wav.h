// SPDX-License-Identifier: GPL-2.0-or-later
//
// A machine whose sound goes into a file, and what is in that file when the machine is gone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

#include "tests/qtest/in-process.h"

namespace qtest {

struct Wav {
    std::uint32_t riff_size = 0, frequency = 0, data_size = 0;
    unsigned kind = 0, channels = 0, bits = 0;
    std::size_t file_size = 0;
    std::vector<std::int16_t> left, right;  // of files with two channels of 16 bits

    explicit Wav(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        const std::vector<char> raw{std::istreambuf_iterator<char>(in), {}};
        file_size = raw.size();
        if (raw.size() < 44) throw std::runtime_error("this WAV file is too short");
        auto number = [&](std::size_t at, unsigned bytes) {
            std::uint32_t v = 0;
            for (unsigned i = 0; i < bytes; i++)
                v |= std::uint32_t{static_cast<std::uint8_t>(raw[at + i])} << 8 * i;
            return v;
        };
        riff_size = number(4, 4);
        kind = number(20, 2);
        channels = number(22, 2);
        frequency = number(24, 4);
        bits = number(34, 2);
        data_size = number(40, 4);
        if (channels != 2 || bits != 16) return;
        for (std::size_t at = 44; at + 4 <= raw.size(); at += 4) {
            left.push_back(static_cast<std::int16_t>(number(at, 2)));
            right.push_back(static_cast<std::int16_t>(number(at + 2, 2)));
        }
    }
};

/// How often a second the samples go from below 0 to above.
inline double tone(const std::vector<std::int16_t>& samples, std::uint32_t frequency) {
    std::size_t first = 0, last = 0, periods = 0;
    bool found = false;
    for (std::size_t i = 1; i < samples.size(); i++) {
        if (!(samples[i - 1] < 0 && samples[i] >= 0)) continue;
        if (found) periods++;
        if (!found) first = i;
        last = i;
        found = true;
    }
    return periods ? double(periods) * frequency / double(last - first) : 0;
}

inline int loudest(const std::vector<std::int16_t>& samples) {
    int most = 0;
    for (int s : samples)
        most = std::max(most, std::abs(s));
    return most;
}

/// Whether the piece is somewhere in the recording.
inline bool contains(const std::vector<std::int16_t>& all, const std::vector<std::int16_t>& piece) {
    return std::search(all.begin(), all.end(), piece.begin(), piece.end()) != all.end();
}

/// Runs `play` on a machine with `-audiodev wav,id=a0` (and `wav_options`, ",out.channels=1"), and
/// reads the file.
inline Wav record(const std::string& options, const std::function<void(Machine&)>& play,
                  const std::string& wav_options = {}) {
    char name[] = "/tmp/qtest-wav-XXXXXX";
    const int fd = ::mkstemp(name);
    if (fd < 0) throw std::runtime_error("no temporary file");
    ::close(fd);
    struct Remove {
        const char* name;
        ~Remove() { ::unlink(name); }
    } remove{name};
    {
        Machine vm = start_here("-nodefaults -audiodev wav,id=a0,path=" + std::string(name) +
                                wav_options + " " + options);
        play(vm);
    }
    return Wav(name);
}

inline constexpr std::int64_t ms = 1'000'000;

inline void run_for(Machine& vm, int milliseconds) {
    for (int i = 0; i < milliseconds; i += 5)
        vm.clock_step(5 * ms);
}

/// At the interrupt controllers.
inline bool irq_pending(Machine& vm, unsigned line) {
    const std::uint16_t port = line < 8 ? 0x20 : 0xa0;
    vm.outb(port, 0x0a);
    return vm.inb(port) >> (line & 7) & 1;
}

inline constexpr std::uint32_t buffer_at = 0x50000;

/// Numbers that are nowhere alike, written as 16-bit samples.
inline std::vector<std::int16_t> noise(Machine& vm, std::size_t samples,
                                       std::uint32_t at = buffer_at) {
    std::vector<std::int16_t> made;
    std::vector<std::uint8_t> bytes;
    std::uint32_t x = 12345;
    for (std::size_t i = 0; i < samples; i++) {
        x = x * 1103515245 + 12345;
        made.push_back(static_cast<std::int16_t>(x >> 16));
        bytes.push_back(static_cast<std::uint8_t>(x >> 16));
        bytes.push_back(static_cast<std::uint8_t>(x >> 24));
    }
    vm.write(at, bytes);
    return made;
}

inline std::vector<std::int16_t> every_other(const std::vector<std::int16_t>& all,
                                             std::size_t from) {
    std::vector<std::int16_t> some;
    for (std::size_t i = from; i < all.size(); i += 2)
        some.push_back(all[i]);
    return some;
}

}  // namespace qtest
