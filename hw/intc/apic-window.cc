// SPDX-License-Identifier: GPL-2.0-or-later
//
// The megabyte at FEE0_0000h: a processor's access to the first page reaches its own local APIC,
// a write anywhere else (or by a device) is a message-signalled interrupt (SDM 11.11.1). And how
// a local APIC is shown to people.
#include "hw/intc/apic-registers.h"
#include "hw/intc/apic.h"

namespace hw {
using namespace apic;
namespace {

struct Window {
    static u64 read(void* bus, u64 offset, unsigned) {
        LocalApic* current = static_cast<ApicBus*>(bus)->current();
        return current && offset < 0x1000 ? current->read_register(u32(offset)) : 0;
    }
    static void write(void* opaque, u64 offset, u64 value, unsigned) {
        ApicBus& bus = *static_cast<ApicBus*>(opaque);
        // Offset 0 holds no register, so MSIs to destination 0 tell themselves apart.
        if (offset >= 0x1000 || offset == 0 || !bus.current())
            bus.send_msi(default_base + offset, u32(value));
        else
            bus.current()->write_register(u32(offset), u32(value));
    }
};
constexpr exec::MemoryOps window_ops{
    .read = Window::read, .write = Window::write, .valid = {1, 4, false}, .impl = {1, 4, false}};

std::string describe_vectors(const char* name, const std::array<u32, 8>& bits,
                             const std::array<u32, 8>* levels) {
    std::string list;
    for (unsigned v = 255; v < 256; v--)
        if (bits[v / 32] >> v % 32 & 1)
            list +=
                fmt::format("{}{} ", v, levels && (*levels)[v / 32] >> v % 32 & 1 ? "(level)" : "");
    return fmt::format("{}\t {}\n", name, list.empty() ? "(none)" : list);
}

constexpr const char* delivery_names[] = {"Fixed", "LowPri", "SMI",  "...",
                                          "NMI",   "INIT",   "SIPI", "ExtINT"};

std::string describe_lvt(const char* name, u32 lvt, bool timer) {
    const bool with_vector = lvt_delivery(lvt) != Delivery::Nmi;
    return fmt::format(
        "{}\t 0x{:08x} {} {:<5} {:<6} {:<7} {:<12} {:<6}{}\n", name, lvt,
        lvt & 1 << 13 ? "active-lo" : "active-hi", lvt & lvt_level ? "level" : "edge",
        lvt & lvt_masked ? "masked" : "", lvt & 1 << 12 ? "pending" : "",
        !timer               ? ""
        : lvt & lvt_periodic ? "periodic"
        : lvt & 1 << 18      ? "tsc-deadline"
                             : "one-shot",
        delivery_names[lvt >> 8 & 7], with_vector ? fmt::format(" (vec {})", lvt & 0xff) : "");
}

}  // namespace

std::unique_ptr<exec::MemoryRegion> LocalApic::make_window(exec::MemoryMap& map, ApicBus& bus) {
    return exec::MemoryRegion::io(map, "apic-msi", 0x100000, window_ops, &bus);
}

std::string LocalApic::describe() {
    const ApicState& s = state_;
    std::string out = fmt::format("dumping local APIC state for CPU {} \n\n", config_.id);
    out += describe_lvt("LVT0", s.lvt[LvtLint0], false);
    out += describe_lvt("LVT1", s.lvt[LvtLint1], false);
    out += describe_lvt("LVTPC", s.lvt[LvtPerformance], false);
    out += describe_lvt("LVTERR", s.lvt[LvtError], false);
    out += describe_lvt("LVTTHMR", s.lvt[LvtThermal], false);
    out += describe_lvt("LVTT", s.lvt[LvtTimer], true);
    const unsigned shift = (((s.divide_conf & 3) | (s.divide_conf >> 1 & 4)) + 1) & 7;
    out += fmt::format("Timer\t DCR=0x{:x} (divide by {}) initial_count = {} current_count = {}\n",
                       s.divide_conf, 1u << shift, s.initial_count, current_count());
    out += fmt::format("SPIV\t 0x{:08x} APIC {}, focus={}, spurious vec {}\n", s.spurious_vec,
                       software_enabled() ? "enabled" : "disabled",
                       s.spurious_vec & 1 << 9 ? "on" : "off", s.spurious_vec & 0xff);
    constexpr const char* shorthands[] = {"no-shorthand", "self", "all-self", "all"};
    out += fmt::format(
        "ICR\t 0x{:08x} {} {} {} {}\n", s.icr[0], s.icr[0] & icr_logical ? "logical" : "physical",
        s.icr[0] & icr_level_triggered ? "level" : "edge",
        s.icr[0] & icr_assert ? "assert" : "de-assert", shorthands[s.icr[0] >> 18 & 3]);
    const u32 target = s.icr[1] >> 24;
    const std::string whom = s.icr[0] >> 18 & 3 ? std::string()
                             : s.icr[0] & icr_logical
                                 ? fmt::format(" mask {:08b} (APIC ID)", target)
                                 : fmt::format(" cpu {} (APIC ID)", target);
    out += fmt::format("ICR2\t 0x{:08x}{}\n", s.icr[1], whom);
    out += fmt::format("ESR\t 0x{:08x}\n", s.esr);
    out += describe_vectors("ISR", s.isr, &s.tmr);
    out += describe_vectors("IRR", s.irr, nullptr);
    out += fmt::format("\nAPR 0x{:02x} TPR 0x{:02x} DFR 0x{:02x} LDR 0x{:02x} PPR 0x{:02x}\n",
                       s.arb_id, s.tpr, s.dest_mode, s.log_dest, processor_priority());
    return out;
}

}  // namespace hw
