// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/misc/applesmc.h"

#include <string_view>

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr u32 command_port = 4, error_port = 0x1e;  // from the base
constexpr u8 read_key = 0x10;
enum Status : u8 { data_ready = 1, acknowledged = 4, new_command = 8 };
enum ErrorCode : u8 { interrupted = 0x80, bad_command = 0x82, no_such_key = 0x84 };
constexpr std::size_t osk_half = 32;

constexpr auto properties = qom::properties(qom::property<&AppleSmcConfig::iobase>("iobase"),
                                            qom::property<&AppleSmcConfig::osk>("osk"));
constexpr vmstate::Table table{.name = "isa-applesmc"};

constexpr exec::MemoryOps bytes{.impl = {1, 1}};
constexpr auto data_ops = exec::memory_ops<&AppleSmc::data_read, &AppleSmc::data_write>(bytes);
constexpr auto command_ops =
    exec::memory_ops<&AppleSmc::command_read, &AppleSmc::command_write>(bytes);
constexpr auto error_ops = exec::memory_ops<&AppleSmc::error_read, &AppleSmc::error_write>(bytes);

}  // namespace

const DeviceType AppleSmc::device_type_ =
    isa_type<AppleSmc>("isa-applesmc", properties, Category::Misc, true);

const vmstate::Table& AppleSmc::vmstate() const {
    return table;
}

Result<void> AppleSmc::realize(Platform&) {
    if (config_.osk.size() != 2 * osk_half)
        return fail("isa-applesmc: osk= takes {} characters, not {}", 2 * osk_half,
                    config_.osk.size());
    const IsaBus& bus = isa_bus(*this);
    data_ = bus.add_io(config_.iobase, "applesmc-data", 1, data_ops, this);
    command_ = bus.add_io(config_.iobase + command_port, "applesmc-cmd", 1, command_ops, this);
    error_ = bus.add_io(config_.iobase + error_port, "applesmc-err", 1, error_ops, this);
    return {};
}

void AppleSmc::command_write(u64, u64 value, unsigned) {
    state_.status = new_command;
    if (value != read_key)
        state_.error = bad_command;
    else if (state_.busy)
        state_.error = interrupted;
    else
        state_.status |= acknowledged;
    state_.busy = true;
    state_.key_length = 0;
    state_.answer.clear();
    state_.position = 0;
}

void AppleSmc::data_write(u64, u64 value, unsigned) {
    if (!state_.busy || !state_.answer.empty()) return;
    if (state_.key_length < state_.key.size()) {
        state_.key[state_.key_length++] = static_cast<char>(value);
        state_.status = acknowledged;
    } else {
        answer_key();  // the byte after the key is how many the guest wants; it may stop at any
    }
}

void AppleSmc::answer_key() {
    const std::string_view key(state_.key.data(), state_.key.size());
    if (key == "REV ")
        state_.answer = {0x01, 0x13, 0x0f, 0x00, 0x00, 0x03};
    else if (key == "OSK0")
        state_.answer.assign(config_.osk.begin(), config_.osk.begin() + osk_half);
    else if (key == "OSK1")
        state_.answer.assign(config_.osk.begin() + osk_half, config_.osk.end());
    else if (key == "NATJ" || key == "MSSP" || key == "MSSD")
        state_.answer = {0};
    state_.busy = !state_.answer.empty();
    state_.status = state_.busy ? acknowledged | data_ready : 0;
    state_.error = state_.busy ? 0 : no_such_key;
}

u64 AppleSmc::data_read(u64, unsigned) {
    if (state_.position < state_.answer.size()) {
        state_.last_byte = state_.answer[state_.position++];
        if (state_.position == state_.answer.size()) {
            state_.status = 0;
            state_.busy = false;
        }
    }
    return state_.last_byte;
}

}  // namespace hw
