// SPDX-License-Identifier: GPL-2.0-or-later
//
// Devices by their type's name: what -device, device_add and device_del do, and how a board or an
// option that stands for a device makes one with the user's -global settings applied.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw/core/device.h"

namespace qapi {
struct Argument;
class EventSink;
class JsonObject;
}  // namespace qapi
namespace qom {
class TypeTable;
}

namespace hw {

class Bus;
struct CompatProperty;
struct GlobalProperty;

/// A service.
class Devices {
public:
    struct Places {
        qom::Object& peripheral;       // /machine/peripheral
        qom::Object& peripheral_anon;  // /machine/peripheral-anon
    };
    Devices(const qom::TypeTable&, Platform&, Places, qapi::EventSink*);
    Devices(const Devices&) = delete;

    /// A machine version's settings, which the user's override. They must outlive this.
    void set_globals(std::span<const CompatProperty> version,
                     std::span<const GlobalProperty> user) {
        compatibility_ = version;
        globals_ = user;
    }
    /// The buses to try, in order, when none is named.
    void set_buses(std::function<std::vector<Bus*>()> buses) { buses_ = std::move(buses); }

    /// Makes what only the board can: devices of types that have no create().
    using BoardMaker = std::function<Result<std::unique_ptr<Device>>(const DeviceType&)>;
    void set_board_maker(BoardMaker maker) { board_maker_ = std::move(maker); }

    /// A device with its defaults and the globals set, not realized.
    Result<std::unique_ptr<Device>> make(std::string_view type_name) const;
    /// Sets the globals in a device that somebody else made.
    Result<void> apply_globals(Device&) const;
    struct Setting {
        std::string_view driver, property, value;
    };
    /// The globals that concern a type, in the order they are to be set.
    std::vector<Setting> globals_for(const qom::Type&) const;
    /// "driver", "id", "bus" and the properties. From JSON values have types, otherwise they are
    /// text.
    /// `anonymous` is where one without an id hangs, if not where those of -device do.
    Result<Device*> add(const qapi::Argument&, qom::Object* anonymous = nullptr);
    /// Asks the device's bus to let it go; the device may stay for a while.
    Result<void> remove(std::string_view id_or_path);
    /// Those that sit on no bus: back to power-on state.
    void reset_loose();
    /// For who let it go, its bus for one: destroys it and tells the clients.
    void finish_removal(Device&);
    /// The same for one of the board's own, which `destroy` puts an end to.
    void finish_removal(Device&, const std::function<void()>& destroy);

    const qom::TypeTable& types() const { return types_; }
    /// By -device.
    std::vector<const DeviceType*> user_creatable() const;

private:
    Result<const DeviceType*> creatable(std::string_view name) const;
    Result<Bus*> choose_bus(const DeviceType&, const std::string* name) const;
    Bus* find_bus(qom::Object& under, std::string_view name) const;

    const qom::TypeTable& types_;
    Platform& platform_;
    Places places_;
    qapi::EventSink* events_;
    std::span<const CompatProperty> compatibility_;
    std::span<const GlobalProperty> globals_;
    std::function<std::vector<Bus*>()> buses_;
    BoardMaker board_maker_;
    std::vector<std::unique_ptr<Device>> loose_;
};

}  // namespace hw
