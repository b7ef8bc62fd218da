// SPDX-License-Identifier: GPL-2.0-or-later
//
// Reading -chardev and the one-word forms.
#include <algorithm>
#include <charconv>
#include <span>

#include "chardev/config.h"

namespace chardev {

namespace {

/// The keys of one option, each looked at once; what nobody asked for is an error.
class Keys {
public:
    explicit Keys(const KeyValues& all) : all_(all) {}

    const std::string* find(std::string_view key) const {
        for (auto i = all_.rbegin(); i != all_.rend(); ++i)  // the last one of a name counts
            if (i->first == key) return &i->second;
        return nullptr;
    }
    std::string text(std::string_view key) const {
        const std::string* value = find(key);
        return value ? *value : std::string();
    }
    Result<std::optional<bool>> flag(std::string_view key) const {
        const std::string* value = find(key);
        if (!value) return std::optional<bool>();
        if (*value == "on" || *value == "yes" || *value == "true" || *value == "y")
            return std::optional(true);
        if (*value == "off" || *value == "no" || *value == "false" || *value == "n")
            return std::optional(false);
        return fail("Parameter '{}' expects 'on' or 'off'", key);
    }
    Result<bool> flag(std::string_view key, bool otherwise) const {
        return TRY(flag(key)).value_or(otherwise);
    }
    Result<std::uint64_t> number(std::string_view key, std::uint64_t otherwise) const {
        const std::string* value = find(key);
        if (!value) return otherwise;
        std::uint64_t n = 0;
        const char* end = value->data() + value->size();
        const auto [rest, error] = std::from_chars(value->data(), end, n);
        if (error != std::errc() || rest != end)
            return fail("Parameter '{}' expects a number", key);
        return n;
    }
    Result<std::uint64_t> size(std::string_view key, std::uint64_t otherwise) const;
    Result<void> only(std::span<const std::string_view> known) const {
        constexpr std::string_view common[] = {"backend", "id", "mux", "logfile", "logappend"};
        for (const auto& [key, value] : all_)
            if (std::ranges::find(known, key) == known.end() &&
                std::ranges::find(common, key) == std::end(common))
                return fail("Invalid parameter '{}'", key);
        return {};
    }

private:
    const KeyValues& all_;
};

Result<std::uint64_t> Keys::size(std::string_view key, std::uint64_t otherwise) const {
    const std::string* value = find(key);
    if (!value) return otherwise;
    std::uint64_t n = 0;
    const char* end = value->data() + value->size();
    const auto [rest, error] = std::from_chars(value->data(), end, n);
    constexpr std::string_view suffixes = "KMGTPE";
    unsigned shift = 0;
    bool good = error == std::errc() && rest != value->data();
    if (good && rest != end) {
        const auto i = suffixes.find(static_cast<char>(*rest & ~0x20));
        good = rest + 1 == end && (i != suffixes.npos || *rest == 'B' || *rest == 'b');
        if (i != suffixes.npos) shift = static_cast<unsigned>(i + 1) * 10;
    }
    if (!good || (n << shift) >> shift != n)
        return fail("Parameter '{}' expects a non-negative number below 2^64", key)
            .with_hint("Suffixes k, M, G, T, P and E multiply by powers of 1024");
    return n << shift;
}

Result<BackendConfig> parse_null(const Keys&) {
    return NullConfig{};
}

Result<BackendConfig> parse_file(const Keys& keys) {
    FileConfig c{.out = keys.text("path"), .in = keys.text("input-path")};
    if (c.out.empty()) return fail("chardev: file: no filename given");
    c.append = TRY(keys.flag("append", false));
    return c;
}

Result<BackendConfig> parse_pipe(const Keys& keys) {
    PipeConfig c{keys.text("path")};
    if (c.device.empty()) return fail("chardev: pipe: no device path given");
    return c;
}

Result<BackendConfig> parse_pty(const Keys&) {
    return PtyConfig{};
}

Result<BackendConfig> parse_stdio(const Keys& keys) {
    return StdioConfig{.signal = TRY(keys.flag("signal", true))};
}

Result<BackendConfig> parse_ringbuf(const Keys& keys) {
    return RingbufConfig{.size = TRY(keys.size("size", 65536))};
}

Result<BackendConfig> parse_vc(const Keys& keys) {
    for (const char* key : {"width", "height", "cols", "rows"})
        (void)TRY(keys.number(key, 0));
    return VcConfig{};
}

Result<BackendConfig> parse_mux(const Keys& keys) {
    MuxConfig c{keys.text("chardev")};
    if (c.chardev.empty()) return fail("chardev: mux: no chardev given");
    return c;
}

Result<BackendConfig> parse_socket(const Keys& keys) {
    SocketConfig c;
    const bool path = keys.find("path"), host = keys.find("host"), fd = keys.find("fd");
    if (path + host + fd > 1) return fail("None or one of 'path', 'fd' or 'host' option required.");
    for (const char* key : {"tls-creds", "tls-authz"})
        if (keys.find(key))
            return fail("Parameter '{}' is not supported: there is no TLS in this program", key);
    for (const char* key : {"tn3270", "websocket"})
        if (TRY(keys.flag(key, false))) return fail("Parameter '{}' is not supported", key);

    c.server = TRY(keys.flag("server", false));
    c.telnet = TRY(keys.flag("telnet", false));
    if (TRY(keys.flag("delay")) && keys.find("nodelay"))
        return fail("'delay' and 'nodelay' say the same thing: give one of them");
    const bool nodelay = TRY(keys.flag("nodelay", false));
    c.nodelay = !TRY(keys.flag("delay", !nodelay));
    c.wait = TRY(keys.flag("wait", c.server));
    c.reconnect =
        static_cast<unsigned>(std::min<std::uint64_t>(TRY(keys.number("reconnect", 0)), 1'000'000));
    if (c.server && c.reconnect)
        return fail("'reconnect' option is incompatible with socket in server listen mode");
    if (!c.server && keys.find("wait"))
        return fail("'wait' option is incompatible with socket in client connect mode");

    if (path) {
        c.address = io::UnixAddress{.path = keys.text("path"),
                                    .abstract = TRY(keys.flag("abstract", false)),
                                    .tight = TRY(keys.flag("tight", false))};
    } else if (host) {
        io::InetAddress a{.host = keys.text("host"), .port = keys.text("port")};
        if (a.port.empty()) return fail("chardev: socket: no port given");
        if (keys.find("to")) a.to = static_cast<unsigned>(TRY(keys.number("to", 0)));
        a.ipv4 = TRY(keys.flag("ipv4"));
        a.ipv6 = TRY(keys.flag("ipv6"));
        c.address = a;
    } else {
        c.descriptor = keys.text("fd");
        const bool number = !c.descriptor.empty() &&
                            c.descriptor.find_first_not_of("0123456789") == std::string::npos;
        if (!number) return fail("Unable to parse FD number {}", c.descriptor);
    }
    return c;
}

struct Backend {
    std::string_view name;
    Result<BackendConfig> (*parse)(const Keys&);
    std::vector<std::string_view> keys;
};

const Backend* find_backend(std::string_view name) {
    static const Backend table[] = {
        {"null", parse_null, {}},
        {"file", parse_file, {"path", "input-path", "append"}},
        {"pipe", parse_pipe, {"path"}},
        {"pty", parse_pty, {}},
        {"stdio", parse_stdio, {"signal"}},
        {"ringbuf", parse_ringbuf, {"size"}},
        {"memory", parse_ringbuf, {"size"}},
        {"vc", parse_vc, {"width", "height", "cols", "rows"}},
        {"mux", parse_mux, {"chardev"}},
        {"socket",
         parse_socket,
         {"path", "abstract", "tight", "host", "port", "to", "ipv4", "ipv6", "fd", "server", "wait",
          "telnet", "tn3270", "websocket", "tls-creds", "tls-authz", "delay", "nodelay",
          "reconnect"}},
    };
    const auto found = std::ranges::find(table, name, &Backend::name);
    return found == std::end(table) ? nullptr : found;
}

bool is_identifier(std::string_view id) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return !id.empty() && letter(id[0]) && std::ranges::all_of(id, [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

Result<Config> parse_config(const KeyValues& options) {
    const Keys keys(options);
    const std::string name = keys.text("backend");
    const Backend* backend = find_backend(name);
    if (!backend) {
        if (is_foreign_backend(name)) return fail("chardev backend '{}' is not supported", name);
        return fail("'{}' is not a valid char driver name", name);
    }
    TRY(keys.only(backend->keys));
    return Config{.backend = TRY(backend->parse(keys)),
                  .mux = TRY(keys.flag("mux", false)),
                  .logfile = keys.text("logfile"),
                  .logappend = TRY(keys.flag("logappend", false))};
}

/// "server,nowait" and "server=on,wait=off" after an address.
Result<void> add_words(KeyValues& options, std::string_view words) {
    while (!words.empty()) {
        const auto comma = words.find(',');
        std::string_view word = words.substr(0, comma);
        words = comma == words.npos ? std::string_view() : words.substr(comma + 1);
        const auto equals = word.find('=');
        if (equals != word.npos)
            options.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        else if (word.starts_with("no"))
            options.emplace_back(word.substr(2), "off");
        else if (!word.empty())
            options.emplace_back(word, "on");
    }
    return {};
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// HOST:PORT, [HOST]:PORT and what follows the comma.
Result<void> add_host(KeyValues& options, std::string_view text) {
    const auto comma = text.find(',');
    const std::string_view address = text.substr(0, comma);
    const auto colon = address.rfind(':');
    if (colon == address.npos) return fail("'{}' has no port: HOST:PORT is expected", address);
    std::string_view host = address.substr(0, colon);
    if (host.size() >= 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    options.emplace_back("host", host);
    options.emplace_back("port", address.substr(colon + 1));
    return add_words(options, comma == text.npos ? std::string_view() : text.substr(comma + 1));
}

}  // namespace

bool is_foreign_backend(std::string_view name) {
    constexpr std::string_view foreign[] = {
        "serial",  "tty",     "parallel", "parport",   "udp",          "msmouse", "wctablet",
        "testdev", "braille", "spicevmc", "spiceport", "qemu-vdagent", "dbus",    "console"};
    return std::ranges::find(foreign, name) != std::end(foreign);
}

Result<NamedConfig> parse_options(const KeyValues& options) {
    const Keys keys(options);
    const std::string* id = keys.find("id");
    if (!id) return fail("chardev: no id specified");
    if (!is_identifier(*id))
        return fail("Parameter 'id' expects an identifier")
            .with_hint(
                "An identifier starts with a letter and goes on with letters, digits, '-', '.' "
                "and '_'");
    if (!keys.find("backend")) return fail("chardev: \"{}\" missing backend", *id);
    return NamedConfig{*id, TRY(parse_config(options))};
}

Result<Config> parse_line(std::string_view text) {
    KeyValues options;
    std::string_view rest = text;
    if (take_prefix(rest, "mon:")) options.emplace_back("mux", "on");
    const std::string_view word = rest;
    if (rest == "null" || rest == "pty" || rest == "stdio" || rest == "vc" || rest == "ringbuf") {
        options.emplace_back("backend", rest);
    } else if (take_prefix(rest, "vc:")) {
        options.emplace_back("backend", "vc");
    } else if (take_prefix(rest, "file:")) {
        options.emplace_back("backend", "file");
        options.emplace_back("path", rest);
    } else if (take_prefix(rest, "pipe:")) {
        options.emplace_back("backend", "pipe");
        options.emplace_back("path", rest);
    } else if (take_prefix(rest, "unix:")) {
        options.emplace_back("backend", "socket");
        const auto comma = rest.find(',');
        options.emplace_back("path", rest.substr(0, comma));
        if (comma != rest.npos) TRY(add_words(options, rest.substr(comma + 1)));
    } else if (take_prefix(rest, "tcp:") || take_prefix(rest, "telnet:")) {
        options.emplace_back("backend", "socket");
        if (word.starts_with("telnet:")) options.emplace_back("telnet", "on");
        TRY(add_host(options, rest));
    } else {
        constexpr std::string_view foreign[] = {"/dev/", "udp:",    "tn3270:",  "websocket:",
                                                "con:",  "msmouse", "wctablet", "braille",
                                                "COM",   "testdev"};
        for (const std::string_view prefix : foreign)
            if (rest.starts_with(prefix))
                return fail("chardev backend '{}' is not supported", rest);
        return fail("'{}' is not a valid char driver", rest);
    }
    return parse_config(options);
}

}  // namespace chardev
