// SPDX-License-Identifier: GPL-2.0-or-later
//
// What the command line says, before anything was done about it. Plain data: parsing has no side
// effects, so that a bad option is refused before a file is opened or a socket bound.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hw/core/machine.h"
#include "qapi/keyval.h"

namespace vl {

/// A back end or device as its option gave it, with the text for error messages.
struct Described {
    qapi::Argument argument;
    std::string where;  // "-device edu,addr=3"

    const qapi::JsonObject& object() const { return *argument.value.object(); }
    qapi::JsonObject& object() { return *argument.value.object(); }
};

/// -serial, -parallel, -monitor, -qmp ...: the old one-word forms, in the order given.
struct CharacterLine {
    enum class Use { Serial, Parallel, Monitor, Qmp, QmpPretty, Debugcon, Qtest } use;
    std::string text;
    std::string where;
};

struct Settings {
    // The machine
    std::string machine_type;   // empty: the default one
    bool machine_help = false;  // -machine TYPE,help
    qapi::JsonObject machine_properties;
    std::vector<qapi::JsonObject> accelerators;  // {"accel": "tcg", ...}, tried in order
    std::string cpu;
    qapi::JsonObject smp;
    qapi::JsonObject memory;
    qapi::JsonObject boot;
    qapi::JsonObject rtc;
    std::string memory_path;  // -mem-path
    bool preallocate = false;
    std::string vga, name, uuid;
    std::vector<std::string> firmware_path;
    std::vector<hw::GlobalProperty> globals;
    bool default_devices = true, graphic = true;
    bool singlestep = false;

    // Devices and back ends, in the order they are made
    std::vector<Described> objects, chardevs, audiodevs, blockdevs, drives, netdevs, nics, nets,
        devices, monitors;
    std::vector<Described> smbios, fw_cfg;
    std::vector<CharacterLine> lines;
    std::string display;  // "none", or empty
    bool snapshot = false;

    // The run
    bool start_paused = false;  // -S
    bool no_reboot = false, no_shutdown = false;
    qapi::JsonObject action;
    std::optional<std::string> incoming;
    std::string loadvm;
    bool only_migratable = false;

    // The process
    bool daemonize = false, lock_memory = false;
    std::string process_name;
    std::string pidfile, runas, chroot, log_items, log_file, qtest_log;
    std::vector<std::string> trace;
    qapi::JsonObject sandbox;
    qapi::JsonObject msg;
    std::vector<Described> add_fds;

    /// Set by -help, -version, `-machine help` ...: print this and exit with status 0.
    std::string answer;
};

}  // namespace vl
