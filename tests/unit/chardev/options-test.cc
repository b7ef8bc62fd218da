// SPDX-License-Identifier: GPL-2.0-or-later
//
// How -chardev and the one-word forms are read, and how they are refused.
#include <gtest/gtest.h>

#include "chardev/config.h"

namespace chardev {
namespace {

SocketConfig socket_of(std::string_view line) {
    auto parsed = parse_line(line);
    EXPECT_TRUE(parsed) << line;
    return parsed ? std::get<SocketConfig>(parsed->backend) : SocketConfig{};
}

KeyValues options(std::string_view text) {
    KeyValues out;
    bool first = true;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto part = text.substr(0, comma);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
        const auto equals = part.find('=');
        if (first && equals == part.npos)
            out.emplace_back("backend", part);
        else
            out.emplace_back(part.substr(0, equals), part.substr(equals + 1));
        first = false;
    }
    return out;
}

std::string refusal(std::string_view text) {
    auto parsed = parse_options(options(text));
    return parsed ? "accepted" : parsed.error().description();
}

TEST(CharLine, ReadsSocketsInOldAndNewWords) {
    for (const char* form : {"unix:/run/m,server=on,wait=off", "unix:/run/m,server,nowait",
                             "unix:/run/m,server=on,nowait"}) {
        const auto s = socket_of(form);
        EXPECT_EQ(std::get<io::UnixAddress>(s.address).path, "/run/m");
        EXPECT_TRUE(s.server);
        EXPECT_FALSE(s.wait);
    }
    EXPECT_TRUE(socket_of("unix:/run/m,server").wait);
    const auto t = socket_of("telnet:[::1]:4444,server=on,wait=off");
    EXPECT_TRUE(t.telnet);
    EXPECT_EQ(std::get<io::InetAddress>(t.address).host, "::1");
    EXPECT_EQ(std::get<io::InetAddress>(t.address).port, "4444");
    EXPECT_TRUE(std::get<io::InetAddress>(socket_of("tcp::4444,server").address).host.empty());
    EXPECT_EQ(socket_of("tcp:localhost:1,reconnect=5").reconnect, 5u);
}

TEST(CharLine, ReadsTheRest) {
    EXPECT_TRUE(std::holds_alternative<NullConfig>(parse_line("null")->backend));
    EXPECT_TRUE(std::holds_alternative<VcConfig>(parse_line("vc:80Cx24C")->backend));
    EXPECT_EQ(std::get<FileConfig>(parse_line("file:/a,b")->backend).out, "/a,b");
    const auto mon = parse_line("mon:stdio");
    EXPECT_TRUE(mon->mux);
    EXPECT_TRUE(std::holds_alternative<StdioConfig>(mon->backend));
    EXPECT_EQ(parse_line("bogus").error().description(), "'bogus' is not a valid char driver");
    EXPECT_EQ(parse_line("udp::1@:2").error().description(),
              "chardev backend 'udp::1@:2' is not supported");
    EXPECT_FALSE(parse_line("tcp:foo"));
}

TEST(CharOptions, AreRefusedInKnownWords) {
    const std::pair<const char*, const char*> cases[] = {
        {"foo,id=a", "'foo' is not a valid char driver name"},
        {"udp,id=a", "chardev backend 'udp' is not supported"},
        {"socket,id=a", "Unable to parse FD number "},
        {"socket,id=a,fd=foo,server=on", "Unable to parse FD number foo"},
        {"socket,id=a,host=127.0.0.1", "chardev: socket: no port given"},
        {"socket,id=a,path=x,host=y,port=1",
         "None or one of 'path', 'fd' or 'host' option required."},
        {"socket,id=a,path=x,wait=off",
         "'wait' option is incompatible with socket in client connect mode"},
        {"socket,id=a,path=x,server=on,reconnect=1",
         "'reconnect' option is incompatible with socket in server listen mode"},
        {"socket,id=a,path=x,bogus=1", "Invalid parameter 'bogus'"},
        {"null,id=a,path=x", "Invalid parameter 'path'"},
        {"null", "chardev: no id specified"},
        {"null,id=a/b", "Parameter 'id' expects an identifier"},
        {"id=x", "chardev: \"x\" missing backend"},
        {"file,id=a", "chardev: file: no filename given"},
        {"pipe,id=a", "chardev: pipe: no device path given"},
        {"mux,id=a", "chardev: mux: no chardev given"},
        {"stdio,id=a,signal=maybe", "Parameter 'signal' expects 'on' or 'off'"},
        {"ringbuf,id=a,size=abc", "Parameter 'size' expects a non-negative number below 2^64"},
        {"ringbuf,id=a,size=99999999999T",
         "Parameter 'size' expects a non-negative number below 2^64"},
    };
    for (const auto& [text, expected] : cases)
        EXPECT_EQ(refusal(text), expected) << text;
}

TEST(CharOptions, SizesTakeSuffixes) {
    EXPECT_EQ(
        std::get<RingbufConfig>(parse_options(options("ringbuf,id=a,size=4k"))->config.backend)
            .size,
        4096u);
}

}  // namespace
}  // namespace chardev
