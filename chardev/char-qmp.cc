// SPDX-License-Identifier: GPL-2.0-or-later
//
// The QMP commands about character devices (qapi/char.json).
#include <glib.h>

#include <memory>

#include "chardev/char-memory.h"
#include "chardev/chardevs.h"
#include "io/qmp-address.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-char.h"

namespace qapi {

namespace {

using chardev::Chardev;
using chardev::Chardevs;

io::SocketAddress address(const InetSocketAddressWrapper& w) {
    return io::from_qapi(w.data);
}

io::SocketAddress address(const UnixSocketAddressWrapper& w) {
    return io::from_qapi(w.data);
}

io::SocketAddress address(const StringWrapper&) {
    return io::FdAddress{};
}

Result<chardev::BackendConfig> socket_config(const ChardevSocket& s) {
    chardev::SocketConfig c;
    c.address = std::visit([](const auto& a) { return address(a); }, s.addr.u);
    if (s.addr.type == SocketAddressType::fd)
        c.descriptor = std::get<StringWrapper>(s.addr.u).data.str;
    c.server = s.server.value_or(true);
    c.wait = s.wait.value_or(false);
    c.nodelay = s.nodelay.value_or(false);
    c.telnet = s.telnet.value_or(false);
    if (s.reconnect.value_or(0) < 0)
        return fail("Parameter 'reconnect' expects a non-negative value");
    c.reconnect = static_cast<unsigned>(s.reconnect.value_or(0));
    if (c.server && c.reconnect)
        return fail("'reconnect' option is incompatible with socket in server listen mode");
    if (!c.server && s.wait)
        return fail("'wait' option is incompatible with socket in client connect mode");
    return c;
}

template <class Wrapper>
const auto& data(const ChardevBackend& b) {
    return std::get<Wrapper>(b.u).data;
}

Result<chardev::BackendConfig> backend_config(const ChardevBackend& b) {
    switch (b.type) {
        case ChardevBackendKind::file: {
            const auto& f = data<ChardevFileWrapper>(b);
            return chardev::FileConfig{
                .out = f.out, .in = f.in.value_or(""), .append = f.append.value_or(false)};
        }
        case ChardevBackendKind::pipe:
            return chardev::PipeConfig{data<ChardevHostdevWrapper>(b).device};
        case ChardevBackendKind::socket: return socket_config(data<ChardevSocketWrapper>(b));
        case ChardevBackendKind::pty: return chardev::PtyConfig{};
        case ChardevBackendKind::null: return chardev::NullConfig{};
        case ChardevBackendKind::mux: return chardev::MuxConfig{data<ChardevMuxWrapper>(b).chardev};
        case ChardevBackendKind::stdio:
            return chardev::StdioConfig{data<ChardevStdioWrapper>(b).signal.value_or(true)};
        case ChardevBackendKind::vc: return chardev::VcConfig{};
        case ChardevBackendKind::ringbuf:
        case ChardevBackendKind::memory:
            return chardev::RingbufConfig{
                static_cast<std::uint64_t>(data<ChardevRingbufWrapper>(b).size.value_or(65536))};
    }
    return fail("Invalid chardev backend");
}

Result<chardev::Config> config(const ChardevBackend& b) {
    chardev::Config c{.backend = TRY(backend_config(b))};
    std::visit(
        [&](const auto& wrapper) {
            c.logfile = wrapper.data.logfile.value_or("");
            c.logappend = wrapper.data.logappend.value_or(false);
        },
        b.u);
    return c;
}

ChardevReturn made(const Chardev& c) {
    if (c.backend() != "pty") return {};
    return {.pty = c.filename().substr(4)};  // after "pty:"
}

Result<chardev::RingbufChardev*> ringbuf(Context& cx, const std::string& device) {
    Chardev* found = cx.get<Chardevs>().find(device);
    if (!found) return fail("Device '{}' not found", device);
    auto* ring = dynamic_cast<chardev::RingbufChardev*>(found);
    if (!ring || ring->backend() != "ringbuf") return fail("{} is not a ringbuf device", device);
    return ring;
}

}  // namespace

Result<std::vector<ChardevInfo>> qmp_query_chardev(Context& cx) {
    std::vector<ChardevInfo> list;
    for (const auto& c : cx.get<Chardevs>().all())
        list.push_back({c->label(), c->filename(), c->front_end_open()});
    return list;
}

Result<std::vector<ChardevBackendInfo>> qmp_query_chardev_backends(Context&) {
    std::vector<ChardevBackendInfo> list;
    for (const auto name : Chardevs::backends())
        list.push_back({std::string(name)});
    return list;
}

Result<void> qmp_ringbuf_write(Context& cx, const RingbufWriteArgs& args) {
    chardev::RingbufChardev* ring = TRY(ringbuf(cx, args.device));
    if (args.format != DataFormat::base64) {
        (void)ring->write(
            {reinterpret_cast<const std::uint8_t*>(args.data.data()), args.data.size()});
        return {};
    }
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n";
    if (args.data.find_first_not_of(alphabet) != args.data.npos)
        return fail("Base64 data contains invalid characters");
    gsize length = 0;
    const std::unique_ptr<guchar, void (*)(void*)> bytes(
        g_base64_decode(args.data.c_str(), &length), g_free);
    (void)ring->write({bytes.get(), length});
    return {};
}

Result<std::string> qmp_ringbuf_read(Context& cx, const RingbufReadArgs& args) {
    chardev::RingbufChardev* ring = TRY(ringbuf(cx, args.device));
    if (args.size <= 0) return fail("size must be greater than zero");
    std::string bytes = ring->read(static_cast<std::size_t>(args.size));
    if (args.format != DataFormat::base64) return bytes;
    const std::unique_ptr<char, void (*)(void*)> text(
        g_base64_encode(reinterpret_cast<const guchar*>(bytes.data()), bytes.size()), g_free);
    return std::string(text.get());
}

Result<ChardevReturn> qmp_chardev_add(Context& cx, const ChardevAddArgs& args) {
    Chardevs& all = cx.get<Chardevs>();
    if (all.find(args.id)) return fail("Chardev with id '{}' already exists", args.id);
    Result<Chardev*> added = all.add(args.id, TRY(config(args.backend)));
    if (!added)
        return std::move(added).error().prepend(
            fmt::format("Failed to add chardev '{}': ", args.id));
    return made(**added);
}

Result<ChardevReturn> qmp_chardev_change(Context& cx, const ChardevChangeArgs& args) {
    const chardev::Config wanted = TRY(config(args.backend));
    return made(*TRY(cx.get<Chardevs>().change(args.id, wanted)));
}

Result<void> qmp_chardev_remove(Context& cx, const ChardevRemoveArgs& args) {
    return cx.get<Chardevs>().remove(args.id);
}

Result<void> qmp_chardev_send_break(Context& cx, const ChardevSendBreakArgs& args) {
    Chardev* found = cx.get<Chardevs>().find(args.id);
    if (!found) return fail("Chardev '{}' not found", args.id);
    found->send_break();
    return {};
}

}  // namespace qapi
