// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/vmmouse.h"

#include <algorithm>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr u32 read_id = 0x45414552, disable_command = 0x000000f5, request_relative = 0x4c455252,
              request_absolute = 0x53424152;
constexpr u32 version_id = 0x3442554a;
constexpr u32 button_left = 0x20, button_right = 0x10, button_middle = 0x08;
constexpr u32 relative_packet = 0x00010000;
constexpr u16 status_off = 0xffff;

using S = VmmouseState;
constexpr auto fields =
    vmstate::fields(vmstate::field_equal<i32, &S::queue_size>("queue_size"),
                    vmstate::field<&S::queue>("queue"), vmstate::field<&S::nb_queue>("nb_queue"),
                    vmstate::field<&S::status>("status"), vmstate::field<&S::absolute>("absolute"));
static_assert(vmstate::covers<S>(fields));
Result<void> check(const S& s, int) {
    if (s.nb_queue > S::size) return fail("nb_queue {} is beyond the queue", s.nb_queue);
    return {};
}
constexpr vmstate::Table table{.name = "vmmouse",
                               .version = 0,
                               .minimum_version = 0,
                               .fields = fields,
                               .check = vmstate::check<S, check>};

}  // namespace

const DeviceType Vmmouse::device_type_ = isa_type<Vmmouse>("vmmouse", {}, Category::Input, false);

const vmstate::Table& Vmmouse::vmstate() const {
    return table;
}

Result<void> Vmmouse::realize(Platform&) {
    if (!port_ || !controller_) return fail("'i8042' link is not set");
    port_->add(Vmport::cmd_vmmouse_status,
               [this](Registers&) { return u32(state_.status) << 16 | state_.nb_queue; });
    port_->add(Vmport::cmd_vmmouse_command, [this](Registers& r) { return command(r.ebx); });
    port_->add(Vmport::cmd_vmmouse_data, [this](Registers& r) { return data(r); });
    return {};
}

void Vmmouse::hold_reset() {
    state_ = {};
}

void Vmmouse::disable() {
    state_.status = status_off;
    state_.nb_queue = 0;
}

u32 Vmmouse::command(u32 what) {
    switch (what) {
        case read_id:
            state_.queue[0] = version_id;
            state_.nb_queue = 1;
            state_.status = 0;
            break;
        case disable_command: disable(); break;
        case request_relative: state_.absolute = 0; break;
        case request_absolute: state_.absolute = 1; break;
        default: break;
    }
    return what;
}

/// EBX holds how many words are wanted, up to six; they come in the registers in order.
u32 Vmmouse::data(Registers& r) {
    const u32 wanted = r.ebx;
    if (wanted > 6 || wanted > state_.nb_queue) {
        disable();  // the driver lost its place and must start over
        return ~0u;
    }
    u32* const to[] = {&r.eax, &r.ebx, &r.ecx, &r.edx, &r.esi, &r.edi};
    for (u32 i = 0; i < wanted; i++)
        *to[i] = state_.queue[i];
    state_.nb_queue = u16(state_.nb_queue - wanted);
    std::copy_n(state_.queue.begin() + wanted, state_.nb_queue, state_.queue.begin());
    return r.eax;
}

void Vmmouse::event(int x, int y, int dz, u8 buttons) {
    if (!wants_events() || state_.nb_queue > S::size - 4) return;
    u32 flags = 0;
    if (buttons & Ps2Mouse::left) flags |= button_left;
    if (buttons & Ps2Mouse::right) flags |= button_right;
    if (buttons & Ps2Mouse::middle) flags |= button_middle;
    if (!state_.absolute) flags |= relative_packet;
    for (const u32 word : {flags, u32(x), u32(y), u32(dz)})
        state_.queue[state_.nb_queue++] = word;
    // Any packet will do: the driver reads ours when the mouse interrupts.
    controller_->mouse().move(0, 0, 0);
    controller_->mouse().sync();
}

}  // namespace hw
