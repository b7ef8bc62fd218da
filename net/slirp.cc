// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/slirp.h"

#include <fmt/format.h>
#include <glib.h>
#include <slirp/libslirp.h>

#include "chardev/chardevs.h"
#include "migration/vmstate/registry.h"
#include "net/backends.h"
#include "util/log.h"
#include "util/timer.h"

namespace net {

/// A guest's connection to an address that stands for a character device.
class GuestForwardEnd final : public chardev::FrontEnd {
public:
    GuestForwardEnd(UserNet& net, in_addr address, std::uint16_t port)
        : net_(net), address_(address), port_(port) {}
    ~GuestForwardEnd() override { slirp_remove_guestfwd(net_.slirp_.get(), address_, port_); }

    /// As libslirp wants it; may give another address than the one asked for.
    static bool add(Slirp* slirp, in_addr& address, std::uint16_t port, GuestForwardEnd* end) {
        auto write = [](const void* bytes, std::size_t n, void* opaque) -> ssize_t {
            if (!opaque) return static_cast<ssize_t>(n);
            static_cast<GuestForwardEnd*>(opaque)->put(
                {static_cast<const std::uint8_t*>(bytes), n});
            return static_cast<ssize_t>(n);
        };
        return slirp_add_guestfwd(slirp, write, end, &address, port) == 0;
    }
    in_addr& address() { return address_; }
    std::uint16_t port() const { return port_; }

private:
    /// libslirp has acknowledged it to the guest before it asks whether we take it.
    void put(std::span<const std::uint8_t> bytes) {
        if (unwritten_.empty()) bytes = bytes.subspan(write(bytes));
        if (unwritten_.size() + bytes.size() > most_unwritten) {
            net_.host_.log.guest_error("{}: port {}: the device does not keep up\n", net_.name(),
                                       port_);
            return;
        }
        unwritten_.insert(unwritten_.end(), bytes.begin(), bytes.end());
    }
    void writable() override {
        const auto taken = static_cast<std::ptrdiff_t>(write(unwritten_));
        unwritten_.erase(unwritten_.begin(), unwritten_.begin() + taken);
    }
    std::size_t can_receive() override {
        return slirp_socket_can_recv(net_.slirp_.get(), address_, port_);
    }
    void receive(std::span<const std::uint8_t> bytes) override {
        slirp_socket_recv(net_.slirp_.get(), address_, port_, bytes.data(),
                          static_cast<int>(bytes.size()));
        net_.poll_->changed();
    }

    UserNet& net_;
    static constexpr std::size_t most_unwritten = 1 << 20;
    in_addr address_;
    std::uint16_t port_;
    std::vector<std::uint8_t> unwritten_;
};

/// Neighbour advertisements are the only thing libslirp times itself.
struct UserNet::SlirpTimer {
    SlirpTimer(UserNet& net, SlirpTimerId id, void* argument)
        : timer(net.host_.clock, [&net, id, argument] {
              slirp_handle_timer(net.slirp_.get(), id, argument);
              net.poll_->changed();
          }) {}
    Timer timer;
};

/// What libslirp calls; `opaque` is the UserNet.
struct UserNet::Callbacks {
    static UserNet& of(void* opaque) { return *static_cast<UserNet*>(opaque); }
    static constexpr std::int64_t ns_per_ms = 1'000'000;

    static ssize_t send_packet(const void* frame, std::size_t n, void* opaque) {
        of(opaque).send({static_cast<const std::uint8_t*>(frame), n});
        return static_cast<ssize_t>(n);
    }
    static void guest_error(const char* text, void* opaque) {
        of(opaque).host_.log.guest_error("{}: {}\n", of(opaque).name(), text);
    }
    static std::int64_t clock(void* opaque) { return of(opaque).host_.clock.now_ns(); }
    static void* timer_new(SlirpTimerId id, void* argument, void* opaque) {
        return new SlirpTimer(of(opaque), id, argument);
    }
    static void timer_free(void* timer, void*) { delete static_cast<SlirpTimer*>(timer); }
    static void timer_mod(void* timer, std::int64_t ms, void*) {
        static_cast<SlirpTimer*>(timer)->timer.set(ms * ns_per_ms);
    }
    static void register_fd(int, void*) {}
    static void unregister_fd(int fd, void* opaque) {
        if (of(opaque).poll_) of(opaque).poll_->forget(fd);
    }
    static void notify(void* opaque) {
        if (of(opaque).poll_) of(opaque).poll_->changed();
    }
    static constexpr SlirpCb table{.send_packet = send_packet,
                                   .guest_error = guest_error,
                                   .clock_get_ns = clock,
                                   .timer_new = nullptr,
                                   .timer_free = timer_free,
                                   .timer_mod = timer_mod,
                                   .register_poll_fd = register_fd,
                                   .unregister_poll_fd = unregister_fd,
                                   .notify = notify,
                                   .init_completed = nullptr,
                                   .timer_new_opaque = timer_new};

    // For an instance that only tries a load: nothing leaves it, and it has no time.
    static constexpr SlirpCb scratch_table{
        .send_packet = [](const void*, std::size_t n, void*) { return static_cast<ssize_t>(n); },
        .guest_error = [](const char*, void*) {},
        .clock_get_ns = [](void*) { return std::int64_t{0}; },
        .timer_new = nullptr,
        .timer_free = [](void*, void*) {},
        .timer_mod = [](void*, std::int64_t, void*) {},
        .register_poll_fd = register_fd,
        .unregister_poll_fd = [](int, void*) {},
        .notify = [](void*) {},
        .init_completed = nullptr,
        .timer_new_opaque = [](SlirpTimerId, void*, void* opaque) { return opaque; }};
};

void UserNet::Cleanup::operator()(Slirp* slirp) const {
    slirp_cleanup(slirp);
}

namespace {

Slirp* make_instance(const UserConfig& config, const SlirpCb& callbacks, void* opaque) {
    std::vector<const char*> search;
    const SlirpConfig c = config.for_slirp(search);
    return slirp_new(&c, &callbacks, opaque);
}

}  // namespace

UserNet::UserNet(const Host& host, std::string id, UserConfig config)
    : UserNetwork(std::move(id), "user"),
      host_(host),
      config_(std::move(config)),
      slirp_(make_instance(config_, Callbacks::table, this)),
      poll_(std::make_unique<SlirpPoll>(host.loop, *slirp_)),
      state_(
          *slirp_, [this] { return make_scratch(); }, [this] { poll_->changed(); }) {
    host_.states.add({}, state_);
}

UserNet::~UserNet() {
    host_.states.remove(state_);
    guest_ends_.clear();
    // Closing its sockets, it tells poll_ of each; that is gone after it.
    slirp_.reset();
}

Slirp* UserNet::make_scratch() const {
    Slirp* scratch = make_instance(config_, Callbacks::scratch_table, const_cast<UserNet*>(this));
    for (const auto& end : guest_ends_) {
        in_addr address = end->address();
        GuestForwardEnd::add(scratch, address, end->port(), nullptr);
    }
    return scratch;
}

std::string UserNet::info() const {
    return fmt::format("net={},restrict={}", config_.network_text(),
                       config_.restricted ? "on" : "off");
}

void UserNet::receive(std::span<const std::uint8_t> frame) {
    slirp_input(slirp_.get(), frame.data(), static_cast<int>(frame.size()));
    poll_->frame_came();
}

Result<void> UserNet::add_forward(const HostForward& f) {
    if (slirp_add_hostfwd(slirp_.get(), f.udp, f.host, f.host_port, f.guest, f.guest_port) < 0)
        return fail("Could not set up host forwarding rule");
    poll_->changed();
    return {};
}

bool UserNet::remove_forward(const HostForward& f) {
    const bool found = slirp_remove_hostfwd(slirp_.get(), f.udp, f.host, f.host_port) == 0;
    poll_->changed();
    return found;
}

Result<void> UserNet::add_guest_forward(const GuestForward& f) {
    in_addr address = f.address;
    constexpr std::string_view program = "cmd:";
    if (std::string_view(f.target).starts_with(program)) {
        if (slirp_add_exec(slirp_.get(), f.target.c_str() + program.size(), &address, f.port) < 0)
            return fail("Conflicting/invalid host:port in guest forwarding rule");
        return {};
    }
    auto line = host_.chardevs.add_line(fmt::format("guestfwd.tcp.{}", f.port), f.target);
    if (!line)
        return std::move(line).error().prepend(
            "Could not open the device of guest forwarding rule: ");
    auto end = std::make_unique<GuestForwardEnd>(*this, address, f.port);
    if (!GuestForwardEnd::add(slirp_.get(), end->address(), f.port, end.get()))
        return fail("Conflicting/invalid host:port in guest forwarding rule");
    TRY(end->connect(*line));
    guest_ends_.push_back(std::move(end));
    return {};
}

std::string UserNet::connections() const {
    char* text = slirp_connection_info(slirp_.get());
    std::string copy = text;
    g_free(text);
    return copy;
}

bool user_available() {
    return true;
}

namespace {

/// Sets up the rules of one key. `parse` and `add` say what is wrong without the rule's text.
template <class Parse, class Add>
Result<void> each_rule(const std::optional<std::vector<qapi::String>>& rules, Parse parse,
                       Add add) {
    if (!rules) return {};
    for (const auto& rule : *rules) {
        const auto parsed = TRY(parse(rule.str));
        if (auto added = add(parsed); !added)
            return fail("{} '{}'", added.error().description(), rule.str);
    }
    return {};
}

}  // namespace

Backend make_user(const Host& host, const std::string& id, const qapi::NetdevUserOptions& o) {
    auto net = std::make_unique<UserNet>(host, id, TRY(UserConfig::from(o)));
    TRY(each_rule(o.hostfwd, parse_host_forward,
                  [&](const HostForward& f) { return net->add_forward(f); }));
    TRY(each_rule(o.guestfwd, parse_guest_forward,
                  [&](const GuestForward& f) { return net->add_guest_forward(f); }));
    return net;
}

}  // namespace net
