// SPDX-License-Identifier: GPL-2.0-or-later
#include "audio/wav-file.h"

#include <fcntl.h>

#include <cerrno>
#include <limits>

namespace audio {

namespace {

constexpr std::uint16_t format_pcm = 1, format_ieee_float = 3;
constexpr std::uint32_t header_bytes = 44;
/// The size of the RIFF chunk, which counts all but its own first eight bytes, has 32 bits.
constexpr std::uint32_t most_data = std::numeric_limits<std::uint32_t>::max() - header_bytes;

}  // namespace

Result<WavFile> WavFile::create(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd) return fail_errno(errno, fmt::format("Failed to open wave file `{}'", path));
    return WavFile(std::move(fd));
}

Result<void> WavFile::check(const Format& f) {
    using qapi::AudioFormat;
    switch (f.sample) {
        case AudioFormat::u8:
        case AudioFormat::s16:
        case AudioFormat::s32:
        case AudioFormat::f32: return {};
        default: return fail("a WAV file holds samples of u8, s16, s32 or f32");
    }
}

std::vector<std::uint8_t> WavFile::header() const {
    std::vector<std::uint8_t> h;
    h.reserve(header_bytes);
    auto word = [&](std::uint32_t v, unsigned bytes) {
        for (unsigned i = 0; i < bytes; i++)
            h.push_back(static_cast<std::uint8_t>(v >> 8 * i));
    };
    auto name = [&](std::string_view s) { h.insert(h.end(), s.begin(), s.end()); };
    const Format& f = format_;
    name("RIFF");
    word(header_bytes - 8 + bytes_, 4);
    name("WAVEfmt ");
    word(16, 4);
    word(f.sample == qapi::AudioFormat::f32 ? format_ieee_float : format_pcm, 2);
    word(f.channels, 2);
    word(f.frequency, 4);
    word(f.frequency * f.bytes_per_frame(), 4);
    word(f.bytes_per_frame(), 2);
    word(f.bytes_per_sample() * 8, 2);
    name("data");
    word(bytes_, 4);
    return h;
}

void WavFile::put(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty() && !error_) {
        const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            error_ = errno;
            return;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
}

void WavFile::begin(const Format& format) {
    format_ = format;
    begun_ = true;
    put(header());
}

void WavFile::write(std::span<const Frame> frames) {
    const std::size_t size = frames.size() * format_.bytes_per_frame();
    if (!begun_ || error_ || size > most_data - bytes_) return;
    buffer_.resize(size);
    encode(format_, frames, buffer_);
    put(buffer_);
    if (!error_) bytes_ += static_cast<std::uint32_t>(size);
}

void WavFile::close() {
    if (!fd_) return;
    if (!begun_) begin({});
    error_ = 0;
    if (::lseek(fd_.get(), 0, SEEK_SET) == 0) put(header());
    fd_.reset();
}

}  // namespace audio
