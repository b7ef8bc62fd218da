// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/input/ps2.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using Q = Ps2CommonState;
constexpr auto common_fields = vmstate::fields(
    vmstate::field<&Q::write_cmd>("write_cmd"), vmstate::field<&Q::rptr>("queue.rptr"),
    vmstate::field<&Q::wptr>("queue.wptr"), vmstate::field<&Q::count>("queue.count"),
    vmstate::buffer<&Q::data>("queue.data"));
static_assert(vmstate::covers<Q>(common_fields, vmstate::not_saved(1)));  // cwptr: in a subsection
Result<void> check_queue(const Q& q, int) {
    if (q.rptr < 0 || q.rptr >= Q::buffer_size || q.wptr < 0 || q.wptr >= Q::buffer_size ||
        q.count < 0 || q.count > Q::buffer_size)
        return fail("the queue is out of bounds");
    return {};
}
}  // namespace

constinit const vmstate::Table ps2_common_table{.name = "PS2 Common State",
                                                .version = 3,
                                                .minimum_version = 2,
                                                .fields = common_fields,
                                                .check = vmstate::check<Q, check_queue>};

void Ps2Queue::queue(std::span<const u8> bytes) {
    if (bytes.empty() || room() < i32(bytes.size())) return;
    for (const u8 byte : bytes) {
        s_.data[size_t(s_.wptr)] = byte;
        s_.wptr = (s_.wptr + 1) % Q::buffer_size;
        s_.count++;
    }
    irq.raise();
}

void Ps2Queue::drop_reply() {
    if (s_.cwptr == -1) return;
    s_.count -= (s_.cwptr - s_.rptr + Q::buffer_size) % Q::buffer_size;
    s_.rptr = s_.cwptr;
    s_.cwptr = -1;
}

void Ps2Queue::reply(std::initializer_list<u8> bytes) {
    drop_reply();
    s_.cwptr = s_.rptr;
    s_.rptr = (s_.rptr - i32(bytes.size()) + Q::buffer_size) % Q::buffer_size;
    i32 at = s_.rptr;
    for (const u8 byte : bytes) {
        s_.data[size_t(at)] = byte;
        at = (at + 1) % Q::buffer_size;
    }
    s_.count += i32(bytes.size());
    irq.raise();
}

u8 Ps2Queue::read() {
    if (s_.count <= 0) return s_.data[size_t((s_.rptr - 1 + Q::buffer_size) % Q::buffer_size)];
    const u8 byte = s_.data[size_t(s_.rptr)];
    s_.rptr = (s_.rptr + 1) % Q::buffer_size;
    s_.count--;
    if (s_.rptr == s_.cwptr) s_.cwptr = -1;
    irq.lower();
    if (s_.count) irq.raise();
    return byte;
}

void Ps2Queue::clear() {
    s_.rptr = s_.wptr = s_.count = 0;
    s_.cwptr = -1;
}

}  // namespace hw
