// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/dma/i8257.h"

#include <algorithm>
#include <vector>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

enum Which { Address, Count };
enum : unsigned {  // control registers, in port order from base + 8
    command_status = 0,
    request = 1,
    single_mask = 2,
    mode = 3,
    clear_flip_flop = 4,
    master_clear_port = 5,
    clear_mask = 6,
    all_mask = 7,
};
enum : u8 { command_disable = 0x04, mode_decrement = 0x20, mode_auto_init = 0x10 };

/// Which channel's page the latches 1-3 of the 74LS612 hold; channel 0's is latch 7.
constexpr std::array<unsigned, 3> page_channel{2, 3, 1};

constexpr auto properties = qom::properties(qom::property<&DmaConfig::base>("base"),
                                            qom::property<&DmaConfig::page_base>("page-base"),
                                            qom::property<&DmaConfig::pageh_base>("pageh-base"),
                                            qom::property<&DmaConfig::dshift>("dshift"));

using C = DmaChannel;
constexpr auto channel_fields =
    vmstate::fields(vmstate::field<&C::now>("now"), vmstate::field<&C::base>("base"),
                    vmstate::field<&C::mode>("mode"), vmstate::field<&C::page>("page"),
                    vmstate::field<&C::pageh>("pageh"), vmstate::field<&C::dack>("dack"),
                    vmstate::field<&C::eop>("eop"));
static_assert(vmstate::covers<C>(channel_fields));
constexpr vmstate::Table channel_table{.name = "dma_regs", .fields = channel_fields};

using S = DmaState;
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::command>("command"), vmstate::field<&S::mask>("mask"),
    vmstate::field<&S::flip_flop>("flip_flop"), vmstate::field<&S::dshift>("dshift"),
    vmstate::structs<&S::regs>("regs", channel_table));
static_assert(vmstate::covers<S>(fields));
Result<void> check(const S& s, int) {
    if (s.dshift < 0 || s.dshift > 1) return fail("dshift {} is neither 0 nor 1", s.dshift);
    return {};
}
constexpr vmstate::Table table{.name = "dma", .fields = fields, .check = vmstate::check<S, check>};

constexpr exec::MemoryOps bytes{.impl = {.min = 1, .max = 1}};
constexpr auto channel_ops = exec::memory_ops<&I8257::channel_read, &I8257::channel_write>(bytes);
constexpr auto control_ops = exec::memory_ops<&I8257::control_read, &I8257::control_write>(bytes);
constexpr auto page_ops = exec::memory_ops<&I8257::page_read, &I8257::page_write>(bytes);
constexpr auto page0_ops = exec::memory_ops<&I8257::page0_read, &I8257::page0_write>(bytes);

}  // namespace

const DeviceType I8257::device_type_ =
    isa_type<I8257>("i8257", properties, Category::Uncategorized, false);

const vmstate::Table& I8257::vmstate() const {
    return table;
}

Result<void> I8257::realize(Platform& platform) {
    const IsaBus& bus = isa_bus(*this);
    if (config_.pageh_base >= 0)
        return fail("i8257: high page registers (pageh-base) are not supported");
    state_.dshift = config_.dshift;
    memory_ = &platform.memory_space;
    soon_.emplace(platform.clocks.virt, [this] { run(); });
    const u64 size = u64{8} << config_.dshift;
    regions_[0] = bus.add_io(u32(config_.base), "dma-chan", size, channel_ops, this);
    regions_[1] = bus.add_io(u32(config_.page_base) + 1, "dma-page", 3, page_ops, this);
    regions_[2] = bus.add_io(u32(config_.page_base) + 7, "dma-page", 1, page0_ops, this);
    regions_[3] = bus.add_io(u32(config_.base + i32(size)), "dma-cont", size, control_ops, this);
    return {};
}

void I8257::master_clear() {
    state_.command = 0;
    state_.mask = 0xff;
    state_.flip_flop = 0;
    status_ = 0;
}

void I8257::hold_reset() {
    state_ = {};
    state_.dshift = config_.dshift;
    status_ = 0;
}

// ---- registers --------------------------------------------------------------------------------

bool I8257::toggle_flip_flop() {
    const bool was = state_.flip_flop;
    state_.flip_flop = !was;
    return was;
}

u64 I8257::channel_read(u64 offset, unsigned) {
    const unsigned reg = unsigned(offset >> state_.dshift);
    const C& c = state_.regs[reg >> 1 & 3];
    const bool high = toggle_flip_flop();
    const i32 step = c.mode & mode_decrement ? -1 : 1;
    const i32 value = reg & 1 ? (i32(c.base[Count]) << state_.dshift) - c.now[Count]
                              : c.now[Address] + c.now[Count] * step;
    return u8(u32(value) >> (unsigned(state_.dshift) + (high ? 8 : 0)));
}

void I8257::channel_write(u64 offset, u64 value, unsigned) {
    const unsigned reg = unsigned(offset >> state_.dshift);
    C& c = state_.regs[reg >> 1 & 3];
    u16& base = c.base[reg & 1];
    if (toggle_flip_flop()) {
        base = u16((base & 0x00ff) | (value & 0xff) << 8);
        c.now[Address] = i32(c.base[Address]) << state_.dshift;
        c.now[Count] = 0;
    } else {
        base = u16((base & 0xff00) | (value & 0xff));
    }
}

u64 I8257::control_read(u64 offset, unsigned) {
    switch (offset >> state_.dshift) {
        case command_status: {
            const u8 status = status_;
            status_ &= 0xf0;  // terminal counts are read once
            return status;
        }
        case all_mask: return state_.mask;
        default: return 0;
    }
}

void I8257::control_write(u64 offset, u64 wide, unsigned) {
    const u8 value = u8(wide);
    const u8 bit = u8(1 << (value & 3));
    switch (offset >> state_.dshift) {
        case command_status: state_.command = value; break;
        case request:
            status_ = value & 4 ? status_ | u8(bit << 4) : status_ & u8(~(bit << 4));
            status_ &= u8(~bit);
            run();
            break;
        case single_mask:
            state_.mask = value & 4 ? state_.mask | bit : state_.mask & u8(~bit);
            run();
            break;
        case mode: state_.regs[value & 3].mode = value; break;
        case clear_flip_flop: state_.flip_flop = 0; break;
        case master_clear_port: master_clear(); break;
        case clear_mask:
            state_.mask = 0;
            run();
            break;
        case all_mask:
            state_.mask = value;
            run();
            break;
        default: break;
    }
}

u64 I8257::page_read(u64 offset, unsigned) {
    return state_.regs[page_channel[offset]].page;
}

void I8257::page_write(u64 offset, u64 value, unsigned) {
    state_.regs[page_channel[offset]].page = u8(value);
}

// ---- transfers --------------------------------------------------------------------------------

void I8257::register_channel(unsigned channel, Transfer transfer, void* device) {
    clients_[channel] = {transfer, device};
}

void I8257::set_request(unsigned channel, bool up) {
    const u8 bit = u8(0x10 << channel);
    status_ = up ? status_ | bit : status_ & u8(~bit);
    if (up) run();
}

void I8257::schedule() {
    if (soon_) soon_->set(soon_->clock().now_ns());
}

void I8257::run() {
    if (running_) return schedule();  // a peripheral raised its request from within its transfer
    running_ = true;
    bool again = false;
    for (unsigned i = 0; i < 4 && !(state_.command & command_disable); i++) {
        C& c = state_.regs[i];
        const Client client = clients_[i];
        if (state_.mask >> i & 1 || !(status_ >> (4 + i) & 1) || !client.transfer) continue;
        const unsigned size = (c.base[Count] + 1u) << state_.dshift;
        const unsigned position =
            std::min(client.transfer(client.device, i, unsigned(c.now[Count]), size), size);
        c.now[Count] = i32(position);
        if (position == size) {
            status_ |= u8(1 << i);
            if (c.mode & mode_auto_init) c.now[Count] = 0;
        }
        again |= status_ >> (4 + i) & 1;
    }
    running_ = false;
    // A peripheral that still asks and got all it could is looked after again when some time has
    // passed: at once would be for ever, as in a transfer that starts over by itself.
    constexpr i64 a_while_ns = 100'000;
    if (again) soon_->set(soon_->clock().now_ns() + a_while_ns);
}

u64 I8257::address(const C& c) const {
    return u64(c.pageh & 0x7f) << 24 | u64(c.page) << 16 | u64(u32(c.now[Address]));
}

unsigned I8257::read_memory(unsigned channel, std::span<u8> to, unsigned position) {
    const C& c = state_.regs[channel];
    if (c.mode & mode_decrement) {
        memory_->dma_read(address(c) - position - to.size() + 1, to);
        std::ranges::reverse(to);
    } else {
        memory_->dma_read(address(c) + position, to);
    }
    return unsigned(to.size());
}

unsigned I8257::write_memory(unsigned channel, std::span<const u8> from, unsigned position) {
    const C& c = state_.regs[channel];
    if (c.mode & mode_decrement) {
        std::vector<u8> reversed(from.rbegin(), from.rend());
        memory_->dma_write(address(c) - position - from.size() + 1, reversed);
    } else {
        memory_->dma_write(address(c) + position, from);
    }
    return unsigned(from.size());
}

}  // namespace hw
