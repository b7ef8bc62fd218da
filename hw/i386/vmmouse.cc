// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/i386/vmmouse.h"

#include <algorithm>

#include "migration/vmstate/fields.h"
#include "qapi/context.h"
#include "qapi/qapi-types-ui.h"

namespace hw {

using qapi::InputButton;
using qapi::InputEventKind;

namespace {

constexpr u32 read_id = 0x45414552, disable_command = 0x000000f5, request_relative = 0x4c455252,
              request_absolute = 0x53424152;
constexpr u32 version_id = 0x3442554a;
constexpr u8 button_left = 0x20, button_right = 0x10, button_middle = 0x08;
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

Vmmouse::~Vmmouse() {
    listen(false);
}

Result<void> Vmmouse::realize(Platform& platform) {
    input_ = platform.services.find<ui::Input>();
    if (!port_ || !controller_) return fail("'i8042' link is not set");
    port_->add(Vmport::cmd_vmmouse_status,
               [this](Registers&) { return u32(state_.status) << 16 | state_.nb_queue; });
    port_->add(Vmport::cmd_vmmouse_command, [this](Registers& r) {
        command(r.ebx);
        return r.eax;
    });
    port_->add(Vmport::cmd_vmmouse_data, [this](Registers& r) { return data(r); });
    return {};
}

void Vmmouse::hold_reset() {
    state_ = {};
    listen(false);
}

void Vmmouse::post_load(int) {
    listen(state_.status == 0);
}

/// Events come here before they come to the PS/2 mouse while the driver wants them.
void Vmmouse::listen(bool on) {
    if (!input_ || listening_ == on) return;
    listening_ = on;
    x_ = y_ = buttons_ = 0;
    if (!on) return input_->remove(*this);
    input_->add(*this);
    input_->prefer(*this);
}

void Vmmouse::choose(bool absolute) {
    if (state_.status != 0) return;
    if (state_.absolute != absolute) {
        state_.absolute = absolute;
        listen(false);
    }
    listen(true);
}

void Vmmouse::disable() {
    state_.status = status_off;
    listen(false);
}

void Vmmouse::command(u32 what) {
    switch (what) {
        case read_id:
            if (state_.nb_queue < S::size) state_.queue[state_.nb_queue++] = version_id;
            state_.status = 0;
            listen(true);
            break;
        case disable_command: disable(); break;
        case request_relative: choose(false); break;
        case request_absolute: choose(true); break;
        default: break;
    }
}

/// EBX holds how many words are wanted, up to six; they come in the registers in order.
u32 Vmmouse::data(Registers& r) {
    const u32 wanted = r.ebx;
    if (wanted > 6 || wanted > state_.nb_queue) {
        disable();  // the driver lost its place and must start over
        return r.eax;
    }
    u32* const to[] = {&r.eax, &r.ebx, &r.ecx, &r.edx, &r.esi, &r.edi};
    for (u32 i = 0; i < wanted; i++)
        *to[i] = state_.queue[i];
    state_.nb_queue = u16(state_.nb_queue - wanted);
    std::copy_n(state_.queue.begin() + wanted, state_.nb_queue, state_.queue.begin());
    return r.eax;
}

bool Vmmouse::takes(InputEventKind kind) const {
    return kind == InputEventKind::btn ||
           kind == (state_.absolute ? InputEventKind::abs : InputEventKind::rel);
}

void Vmmouse::button_event(InputButton which, bool down) {
    u8 bit = 0;
    switch (which) {
        case InputButton::left: bit = button_left; break;
        case InputButton::right: bit = button_right; break;
        case InputButton::middle: bit = button_middle; break;
        // Each notch is a packet of its own.
        case InputButton::wheel_up: return down ? queue_packet(-1) : void();
        case InputButton::wheel_down: return down ? queue_packet(1) : void();
        default: return;
    }
    buttons_ = down ? buttons_ | bit : buttons_ & u8(~bit);
}

void Vmmouse::relative_event(qapi::InputAxis axis, i32 by) {
    i32& sum = axis == qapi::InputAxis::x ? x_ : y_;
    sum = i32(u32(sum) + u32(by));
}

void Vmmouse::absolute_event(qapi::InputAxis axis, i32 at) {
    (axis == qapi::InputAxis::x ? x_ : y_) = at;
}

void Vmmouse::input_sync() {
    queue_packet(0);
    if (!state_.absolute) x_ = y_ = 0;
}

/// Positions run from 0 to FFFFh. Movements come as they are, down positive and without the
/// protocol's mark for relative packets, as from QEMU 7.2.
void Vmmouse::queue_packet(i32 dz) {
    if (state_.nb_queue > S::size - 4) return;
    const u32 flags = buttons_, scale = state_.absolute ? 2 : 1;
    const u32 x = u32(x_) * scale, y = u32(y_) * scale;
    for (const u32 word : {flags, x, y, u32(dz)})
        state_.queue[state_.nb_queue++] = word;
    // Any packet will do: the driver reads ours when the mouse interrupts.
    controller_->mouse().ring();
}

}  // namespace hw
