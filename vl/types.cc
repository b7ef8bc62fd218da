// SPDX-License-Identifier: GPL-2.0-or-later
//
// Every type of this program, room by room: the list behind -device help, -machine help and
// qom-list-types.
#include "hw/audio/types.h"
#include "exec/memory-backend.h"
#include "hw/acpi/piix4.h"
#include "hw/acpi/vmgenid.h"
#include "hw/block/fdc.h"
#include "hw/char/types.h"
#include "hw/core/null-machine.h"
#include "hw/core/types.h"
#include "hw/display/types.h"
#include "hw/dma/types.h"
#include "hw/i2c/types.h"
#include "hw/i386/cpu-types.h"
#include "hw/i386/device-types.h"
#include "hw/i386/pc.h"
#include "hw/ide/ide-drive.h"
#include "hw/ide/piix.h"
#include "hw/input/types.h"
#include "hw/intc/types.h"
#include "hw/ipmi/types.h"
#include "hw/isa/types.h"
#include "hw/mem/types.h"
#include "hw/misc/types.h"
#include "hw/net/types.h"
#include "hw/nvram/types.h"
#include "hw/pci-host/i440fx.h"
#include "hw/pci/pci-device.h"
#include "hw/pci/types.h"
#include "hw/rtc/types.h"
#include "hw/timer/types.h"
#include "hw/usb/types.h"
#include "hw/watchdog/types.h"
#include "io/iothread.h"
#include "net/filter-dump.h"
#include "vl/emulator.h"

namespace vl {

namespace {

constexpr const hw::MachineType* empty_machine[] = {&hw::null_machine_type};
constexpr const qom::Type* more_base_types[] = {&hw::pc_machine_base_type,
                                                &exec::memory_backend_type};

}  // namespace

void add_all_types(qom::TypeTable& table) {
    for (std::span<const qom::Type* const> base :
         {hw::core_types(), hw::isa_base_types(), hw::intc_base_types(), hw::timer_base_types(),
          hw::input_base_types(), hw::nvram_base_types(), hw::pci_base_types(),
          hw::i2c_base_types(), hw::hw_block_base_types(), hw::ide_base_types(),
          hw::cpu_base_types(), hw::display_base_types(), hw::hw_net_base_types(),
          hw::usb_base_types(), hw::ipmi_base_types(),
          std::span<const qom::Type* const>(more_base_types)})
        table.add(base);
    for (auto devices :
         {hw::audio_types(),   hw::char_types(),        hw::cpu_types(),      hw::dma_types(),
          hw::ide_types(),     hw::input_types(),       hw::intc_types(),     hw::misc_types(),
          hw::nvram_types(),   hw::pci_host_types(),    hw::isa_types(),      hw::rtc_types(),
          hw::timer_types(),   hw::i386_device_types(), hw::watchdog_types(), hw::hw_block_types(),
          hw::vmgenid_types(), hw::i2c_types(),         hw::piix4_types(),    hw::display_types(),
          hw::hw_net_types(),  hw::pci_bridge_types(),  hw::usb_types(),      hw::ipmi_types(),
          hw::mem_types()})
        table.add(devices);
    table.add(exec::memory_backend_types());
    table.add(io::iothread_types());
    table.add(net::filter_types());
    table.add(std::span<const hw::MachineType* const>(empty_machine));
    table.add(hw::pc_machine_types());
}

}  // namespace vl
