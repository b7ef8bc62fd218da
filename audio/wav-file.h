// SPDX-License-Identifier: GPL-2.0-or-later
//
// A RIFF/WAVE file ("Multimedia Programming Interface and Data Specifications 1.0", 1991, chapter
// 3) that grows while sound comes in. The sizes in its header are put right when it is closed.
#pragma once

#include <string>
#include <vector>

#include "audio/format.h"
#include "util/result.h"
#include "util/unique-fd.h"

namespace audio {

class WavFile {
public:
    static Result<WavFile> create(const std::string& path);
    WavFile(WavFile&&) = default;
    WavFile& operator=(WavFile&&) = default;
    ~WavFile() { close(); }

    /// The formats that such a file has: u8, s16, s32, f32.
    static Result<void> check(const Format&);
    /// Once, before the first frame.
    void begin(const Format&);
    /// What does not fit, into the format or onto the disk, is lost; error() tells.
    void write(std::span<const Frame>);
    void close();

    const Format& format() const { return format_; }
    std::uint32_t data_bytes() const { return bytes_; }
    /// errno of the first write that failed.
    int error() const { return error_; }

private:
    explicit WavFile(UniqueFd fd) : fd_(std::move(fd)) {}
    void put(std::span<const std::uint8_t>);
    std::vector<std::uint8_t> header() const;

    UniqueFd fd_;
    Format format_;
    std::uint32_t bytes_ = 0;
    int error_ = 0;
    bool begun_ = false;
    std::vector<std::uint8_t> buffer_;
};

}  // namespace audio
