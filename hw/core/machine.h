// SPDX-License-Identifier: GPL-2.0-or-later
//
// A board: the type that `-machine` names, its properties, and how it puts its devices together.
// What a board knows is mostly data; hw/i386/ holds ours.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hw/core/bus.h"
#include "hw/core/device.h"
#include "hw/core/system-requests.h"
#include "qom/object.h"

namespace accel {
class Accelerator;
}
namespace exec {
class RamBlock;
}

namespace hw {

struct SmpTopology {
    unsigned cpus = 1, max_cpus = 1, sockets = 1, dies = 1, cores = 1, threads = 1;
};

/// `-global driver.property=value`.
struct GlobalProperty {
    std::string driver, property, value;
    mutable bool used = false;  // one that nothing used is worth a warning
};

/// What a machine version sets in devices of a type, so that they are as they were then. `until` is
/// the last version that does.
struct CompatProperty {
    unsigned until;
    std::string_view driver, property, value;
};

/// A network card that -nic or -net asks of the board.
struct NicConfig {
    std::string model;    // empty: the board's usual one
    std::string mac;      // empty: the next free one
    std::string netdev;   // what its cable leads to
    std::string address;  // its place on the bus; empty: any
};

/// What the command line says about any machine.
struct MachineConfig {
    std::string cpu_model;  // "qemu64,+avx,-hypervisor"; empty: the type's default
    SmpTopology smp;
    std::uint64_t ram_size = 0, max_ram_size = 0;
    unsigned ram_slots = 0;
    exec::RamBlock* ram = nullptr;  // from memory-backend=; null: the board allocates its default
    std::vector<std::string> firmware_path;  // -L, then the usual folders
    std::string boot_order, boot_once, boot_splash;
    bool boot_menu = false, boot_strict = false;
    int boot_splash_time = -1, boot_reboot_timeout = -1;
    /// Ids of the character devices behind the serial and parallel ports; empty: no such port.
    std::vector<std::string> serial_chardevs, parallel_chardevs;
    std::vector<NicConfig> nics;
    std::string vga;              // -vga; empty: the type's default
    bool default_devices = true;  // not -nodefaults
    bool graphic = true;          // not -nographic
    std::string uuid;             // canonical text; empty: none
    std::string name;
    std::string rtc_base = "utc";
    bool rtc_clock_vm = false, rtc_clock_rt = false;
    bool rtc_lost_tick_slew = false;
};

class Machine;

struct MachineType : qom::Type {
    std::string_view machine_name;  // "pc-i440fx-7.2"; the QOM type adds "-machine"
    std::string_view alias{};       // "pc"
    bool is_default = false;
    bool deprecated = false;
    unsigned max_cpus = 1;
    bool hotpluggable_cpus = false;
    std::string_view default_cpu_type{};
    std::string_view default_ram_id{};
    std::uint64_t default_ram_size = 128 << 20;
    std::string_view default_display{};  // "std"
    std::string_view default_boot_order{};
    bool has_floppy = true, has_cdrom = true, has_parallel = true, has_serial = true,
         has_net = true, has_sdcard = true;
    /// Where drives without `if=` go: "ide", "none".
    std::string_view default_block_interface = "ide";
    std::span<const CompatProperty> compatibility{};  // a later row counts
    std::unique_ptr<Machine> (*create)(const MachineType&) = nullptr;
};

/// What every board takes: the first base of each board's own property struct, so that the rows of
/// the "machine" type reach it through the same pointer.
struct MachineOptions {
    bool suppress_vmdesc = false;  // no description after a migration stream
    bool dump_guest_core = true;
    bool mem_merge = true;
    bool usb = false;
    bool graphics = true;
    std::string memory_backend;  // id of the -object that is the guest's memory
    std::string firmware;        // -bios; a board with a usual one has its name here
    std::string kernel, initrd, append;
};

/// -boot's letters: each at most once, a to p.
Result<void> check_boot_order(std::string_view letters);

/// The abstract ancestor of all boards.
extern const qom::Type machine_type;

class Machine : public qom::Object {
public:
    explicit Machine(const MachineType& type);

    const MachineType& board() const { return static_cast<const MachineType&>(type()); }
    MachineOptions& options() { return *static_cast<MachineOptions*>(config()); }
    /// Builds the board, from a config that outlives it. Called once; an Error leaves a half-built
    /// board that is destroyed.
    Result<void> build(Platform&, accel::Accelerator&, const MachineConfig&);
    const MachineConfig& built_from() const { return *config_; }
    /// After every -device: loads firmware and kernel, fixes tables that list the devices.
    virtual Result<void> finish() { return {}; }
    /// Every device back to power-on state, in tree order, vCPUs last.
    virtual void reset() = 0;
    /// Buses for -device, in the order they are searched when no `bus=` is given.
    virtual std::vector<Bus*> buses() { return {}; }
    /// boot_set: which devices the firmware tries, as -boot order= names them.
    virtual Result<void> set_boot_devices(const std::string&) {
        return fail("no function defined to set boot device list for this architecture");
    }
    /// The system's power button; false: this board has none.
    virtual bool press_power_button() { return false; }
    /// S3. What wakes the machine resets it, but for what firmware needs to find its way back.
    virtual void fall_asleep() {}
    virtual bool may_wake(WakeupReason) const { return true; }
    virtual void wake_up(WakeupReason) {}
    virtual void inject_nmi() {}
    /// Whether there is anything to give an NMI to.
    virtual bool takes_nmi() const { return true; }

    /// Where the object tree keeps devices: with an id, of -device without one, of the board
    /// itself.
    qom::Object& peripheral() { return peripheral_; }
    qom::Object& peripheral_anon() { return peripheral_anon_; }

protected:
    virtual Result<void> assemble(Platform&, accel::Accelerator&, const MachineConfig&) = 0;
    /// Names a device of the board that has no place of its own: /machine/unattached/device[N].
    void add_unattached(qom::Object&);

private:
    const MachineConfig* config_ = nullptr;
    qom::Object peripheral_{qom::container_type}, peripheral_anon_{qom::container_type},
        unattached_{qom::container_type};
};

}  // namespace hw
