// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/pc-cmos.h"

#include <algorithm>

namespace hw {

namespace {

// Locations of the AT's CMOS RAM, and SeaBIOS's beyond them (seabios src/hw/rtc.h names them
// alike).
enum Cmos : unsigned {
    floppy_types = 0x10,
    equipment = 0x14,
    base_memory = 0x15,      // KiB below 640 KiB, 16 bits
    extended_memory = 0x17,  // KiB above 1 MiB, 16 bits
    extended_memory_again = 0x30,
    memory_above_16m = 0x34,  // in 64 KiB, 16 bits
    boot_flag1 = 0x38,  // third boot device in the high nibble; bit 0: no floppy signature check
    boot_flag2 = 0x3d,  // second and first boot device
    memory_above_4g = 0x5b,  // in 64 KiB, 24 bits
    smp_count = 0x5f,        // processors beyond the first
};

void put16(Mc146818& rtc, unsigned at, std::uint64_t value) {
    rtc.set_cmos(at, static_cast<u8>(value));
    rtc.set_cmos(at + 1, static_cast<u8>(value >> 8));
}

/// SeaBIOS's numbers for -boot's letters.
u8 boot_device(char letter) {
    switch (letter) {
        case 'a':
        case 'b': return 1;
        case 'c': return 2;
        case 'd': return 3;
        case 'n': return 4;
        default: return 0;
    }
}

}  // namespace

void set_processor_count(Mc146818& rtc, unsigned count) {
    rtc.set_cmos(smp_count, static_cast<u8>(std::min(count, 256u) - 1));
}

void set_boot_devices(Mc146818& rtc, const std::string& order) {
    auto device = [&](std::size_t n) -> u8 { return n < order.size() ? boot_device(order[n]) : 0; };
    rtc.set_cmos(boot_flag2, static_cast<u8>(device(1) << 4 | device(0)));
    rtc.set_cmos(boot_flag1, static_cast<u8>(device(2) << 4));
}

void fill_cmos(Mc146818& rtc, const MachineConfig& c, const PcMemory& memory, FloppyTypes floppy) {
    const std::uint64_t low = memory.below_4g();
    put16(rtc, base_memory, std::min<std::uint64_t>(low / 1024, 640));
    const auto extended =
        low > 0x100000 ? std::min<std::uint64_t>((low - 0x100000) / 1024, 65535) : 0;
    put16(rtc, extended_memory, extended);
    put16(rtc, extended_memory_again, extended);
    put16(rtc, memory_above_16m,
          low > 0x1000000 ? std::min<std::uint64_t>((low - 0x1000000) / 65536, 65535) : 0);
    const auto high = memory.above_4g() / 65536;
    put16(rtc, memory_above_4g, high);
    rtc.set_cmos(memory_above_4g + 2, static_cast<u8>(high >> 16));

    set_boot_devices(rtc, c.boot_once.empty() ? c.boot_order : c.boot_once);
    rtc.set_cmos(floppy_types, static_cast<u8>(floppy.a << 4 | floppy.b));
    const unsigned drives = (floppy.a != 0) + (floppy.b != 0);
    // x87, PS/2 mouse, and the number of floppy drives.
    rtc.set_cmos(equipment, static_cast<u8>(0x06 | (drives == 2 ? 0x41 : drives)));
}

}  // namespace hw
