// SPDX-License-Identifier: GPL-2.0-or-later
//
// The two ends of a virtual cable: a network card and a back end, or a port of a hub. Frames are
// Ethernet without the frame check sequence. Under the big lock.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.h"

namespace net {

using MacAddress = std::array<std::uint8_t, 6>;
/// "52:54:00:12:34:56"
Result<MacAddress> parse_mac(std::string_view);
std::string format_mac(const MacAddress&);

class Client {
public:
    Client(std::string name, std::string model)
        : name_(std::move(name)), model_(std::move(model)) {}
    Client(const Client&) = delete;
    virtual ~Client();

    const std::string& name() const { return name_; }
    const std::string& model() const { return model_; }
    Client* peer() const { return peer_; }

    /// Plugs the cable in at both ends; an end that is in use is an Error.
    static Result<void> connect(Client&, Client&);
    void disconnect();

    /// Hands a frame to the other end, or keeps it until that end can take it.
    void send(std::span<const std::uint8_t> frame);
    /// This end can take frames again: those kept for it come now.
    void flush_incoming();

    virtual bool can_receive() { return true; }
    virtual void receive(std::span<const std::uint8_t> frame) = 0;
    virtual void link_changed(bool /*up*/) {}
    bool link_up() const { return link_up_; }
    void set_link(bool up);

    /// Hears every frame at this end, both ways (filter-dump).
    class Tap {
    public:
        virtual ~Tap() = default;
        virtual void frame(std::span<const std::uint8_t>) = 0;
    };
    void add_tap(Tap& t) { taps_.push_back(&t); }
    void remove_tap(Tap& t) { std::erase(taps_, &t); }

private:
    void deliver(std::span<const std::uint8_t> frame);

    /// More than this waiting for a card that does not listen is lost, as on a real cable.
    static constexpr std::size_t queue_limit = 256;
    std::string name_, model_;
    Client* peer_ = nullptr;
    bool link_up_ = true;
    std::deque<std::vector<std::uint8_t>> incoming_;
    std::vector<Tap*> taps_;
};

/// Repeats what one port gets to all the others.
class Hub {
public:
    explicit Hub(unsigned id);
    Hub(const Hub&) = delete;
    ~Hub();
    unsigned id() const { return id_; }
    Client& add_port(std::string name);

private:
    class Port;
    unsigned id_;
    std::vector<std::unique_ptr<Port>> ports_;
};

/// The back ends and cards of one VM by name; a service for cards' netdev=.
class Clients {
public:
    void add(Client& c) { clients_.push_back(&c); }
    void remove(Client& c) { std::erase(clients_, &c); }
    Client* find(std::string_view name) const;
    const std::vector<Client*>& all() const { return clients_; }
    /// 52:54:00:12:34:56 and counting, for cards without mac=.
    MacAddress default_mac();

private:
    std::vector<Client*> clients_;
    unsigned cards_ = 0;
};

}  // namespace net
