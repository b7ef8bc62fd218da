// SPDX-License-Identifier: GPL-2.0-or-later
//
// The two ends of a virtual cable: a network card and a back end, or a port of a hub. Frames are
// Ethernet without the frame check sequence. Under the big lock.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "util/result.h"

namespace net {

class Network;

using MacAddress = std::array<std::uint8_t, 6>;
/// "52:54:00:12:34:56"
Result<MacAddress> parse_mac(std::string_view);
std::string format_mac(const MacAddress&);

/// Longer ones come from nobody: the largest that a segmenting card makes, with room for tags.
inline constexpr std::size_t longest_frame = 68 * 1024;

class Client {
public:
    /// `type` is what `info network` calls it: "nic", "user", "hubport".
    Client(std::string name, std::string_view type) : name_(std::move(name)), type_(type) {}
    Client(const Client&) = delete;
    virtual ~Client();

    const std::string& name() const { return name_; }
    std::string_view type() const { return type_; }
    bool is_card() const { return type_ == "nic"; }
    /// The rest of its line in `info network`.
    virtual std::string info() const = 0;
    Client* peer() const { return peer_; }

    /// Plugs the cable in at both ends; an end that is in use is an Error.
    static Result<void> connect(Client&, Client&);
    void disconnect();

    /// Hands a frame to the other end, or keeps it until that end can take it: false then, and the
    /// sender does well to wait for drained().
    bool send(std::span<const std::uint8_t> frame);
    /// This end can take frames again: those kept for it come now.
    void flush_incoming();

    virtual bool can_receive() { return true; }
    virtual void receive(std::span<const std::uint8_t> frame) = 0;
    /// Whatever send() kept has been taken.
    virtual void drained() {}
    virtual void link_changed(bool /*up*/) {}
    /// The machine stands still, or runs on.
    virtual void run_state_changed(bool /*running*/) {}

    /// Whether this end of the cable is in.
    bool link_up() const { return link_up_; }
    /// Pulling the cable at a back end pulls it at its card.
    void set_link(bool up);

    /// Hears every frame at this end, both ways (filter-dump).
    class Tap {
    public:
        virtual ~Tap() = default;
        virtual void frame(std::span<const std::uint8_t>) = 0;
        /// The client goes away.
        virtual void client_gone() = 0;
        /// Its line in `info network`.
        virtual std::string info() const = 0;
    };
    void add_tap(Tap& t) { taps_.push_back(&t); }
    void remove_tap(Tap& t) { std::erase(taps_, &t); }
    const std::vector<Tap*>& taps() const { return taps_; }

protected:
    /// For cards, whose line state is part of what is saved.
    void restore_link(bool up) { link_up_ = up; }
    void set_name(std::string name) { name_ = std::move(name); }

private:
    friend class Network;
    bool deliver(std::span<const std::uint8_t> frame);
    void take(std::span<const std::uint8_t> frame);

    /// More than this waiting for a card that does not listen is lost, as on a real cable.
    static constexpr std::size_t queue_limit = 1024;
    std::string name_;
    std::string_view type_;
    Client* peer_ = nullptr;
    bool link_up_ = true, delivering_ = false;
    std::deque<std::vector<std::uint8_t>> incoming_;
    std::vector<Tap*> taps_;
};

/// The end of a cable that a network card has. While the machine stands still nothing comes in:
/// its memory and registers must not change then.
class Card : public Client {
public:
    Card() : Client({}, "nic") {}
    ~Card() override;

    const MacAddress& mac() const { return mac_; }
    std::string_view model() const { return model_; }
    std::string info() const override;

protected:
    /// Signs in with the VM's network, which gives it a name: the device's id, or its model
    /// counted. `netdev` names the other end; an empty `mac` asks for one of the network's. Both
    /// come back as they turned out. Without a network the card stands alone.
    Result<void> sign_in(Network*, std::string_view model, std::string_view id, std::string& mac,
                         const std::string& netdev);
    /// Whether the chip could take a frame now.
    virtual bool ready() = 0;

private:
    friend class Network;
    bool can_receive() final;

    Network* network_ = nullptr;
    std::string_view model_;
    MacAddress mac_{};
};

}  // namespace net
