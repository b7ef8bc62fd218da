// SPDX-License-Identifier: GPL-2.0-or-later
//
// What a character device should be, before anything is opened: the result of reading -chardev,
// -serial and the like, or chardev-add's arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/socket.h"
#include "util/result.h"

namespace chardev {

struct NullConfig {};
struct FileConfig {
    std::string out, in;  // `in` empty: output only
    bool append = false;
};
struct PipeConfig {
    std::string device;  // NAME.in and NAME.out if they exist, else NAME itself
};
struct PtyConfig {};
struct StdioConfig {
    bool signal = true;  // Ctrl-C ends the program instead of going to the guest
};
struct SocketConfig {
    io::SocketAddress address;
    std::string descriptor;  // a name or number instead of an address
    bool server = false;
    bool wait = false;  // server: do not go on before somebody has connected
    bool telnet = false;
    bool nodelay = false;
    unsigned reconnect = 0;  // client: try again every so many seconds
};
struct RingbufConfig {
    std::uint64_t size = 65536;
};
struct VcConfig {};
struct MuxConfig {
    std::string chardev;  // the id of the one to share
};

using BackendConfig = std::variant<NullConfig, FileConfig, PipeConfig, PtyConfig, StdioConfig,
                                   SocketConfig, RingbufConfig, VcConfig, MuxConfig>;

struct Config {
    BackendConfig backend;
    bool mux = false;     // share it: the back end becomes ID-base, ID a mux in front of it
    std::string logfile;  // a copy of all output
    bool logappend = false;
};

using KeyValues = std::vector<std::pair<std::string, std::string>>;

/// `-chardev BACKEND,id=ID,...`, already taken apart; the first word has the key "backend".
struct NamedConfig {
    std::string id;
    Config config;
};
Result<NamedConfig> parse_options(const KeyValues& options);

/// The one-word forms of -serial, -monitor, -qmp: "unix:/path,server=on,wait=off", "stdio",
/// "mon:stdio". Not "chardev:ID", which names one that exists. "none" is the caller's.
Result<Config> parse_line(std::string_view text);

/// A back end of QEMU that this program does not have.
bool is_foreign_backend(std::string_view name);

}  // namespace chardev
