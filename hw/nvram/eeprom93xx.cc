// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/nvram/eeprom93xx.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

using S = Eeprom93xxState;
using vmstate::field;
constexpr auto fields =
    vmstate::fields(field<&S::tick>("tick"), field<&S::address>("address"),
                    field<&S::command>("command"), field<&S::writable>("writable"),
                    field<&S::eecs>("eecs"), field<&S::eesk>("eesk"), field<&S::eedo>("eedo"),
                    field<&S::addrbits>("addrbits"), vmstate::field_equal<u16, &S::size>("size"),
                    field<&S::data>("data"), field<&S::contents>("contents"));
static_assert(vmstate::covers<S>(fields));
constexpr unsigned version = 20061113;
constexpr vmstate::Table table{
    .name = "eeprom", .version = version, .minimum_version = version, .fields = fields};

// A start bit, two bits of command, the address, a word. The first clock counts from 1.
constexpr unsigned start = 1, last_command = 3, word_bits = 16;
enum Command : u8 { extended, write, read, erase };
/// What the first two bits of an extended command's address say.
enum Extended : u8 { write_disable, write_all, erase_all, write_enable };

}  // namespace

Eeprom93xx::~Eeprom93xx() {
    if (registry_) registry_->remove(*this);
}

void Eeprom93xx::sign_in(vmstate::Registry& registry, std::string path) {
    registry.add(std::move(path), *this);
    registry_ = &registry;
}

const vmstate::Table& Eeprom93xx::vmstate() const {
    return table;
}

Result<void> Eeprom93xx::check_state(const S& s, int) const {
    if (s.addrbits != 6) return fail("an EEPROM of {} address bits, not 6", s.addrbits);
    if (s.address >= s.contents.size()) return fail("word {} of 64", s.address);
    return {};
}

void Eeprom93xx::reset() {
    const auto contents = state_.contents;
    state_ = {};
    state_.contents = contents;
}

void Eeprom93xx::drive(bool select, bool clock, bool data) {
    S& s = state_;
    if (select && !s.eecs) {
        s.tick = start;
        s.command = s.address = 0;
        s.data = 0;
    } else if (!select && s.eecs) {
        // A write happens when the chip is let go; it is ready at once.
        const unsigned all = last_command + s.addrbits + word_bits;
        if (s.writable && s.command == write && s.tick > all) s.contents[s.address] = s.data;
        if (s.writable && s.command == erase && s.tick > last_command + s.addrbits)
            s.contents[s.address] = 0xffff;
        s.eedo = 1;
    } else if (select && clock && !s.eesk) {
        shift(data);
    }
    s.eecs = select;
    s.eesk = clock;
}

void Eeprom93xx::shift(bool bit) {
    S& s = state_;
    const unsigned last_address = last_command + s.addrbits;
    if (s.tick == start && !bit) return;  // zeros before the start bit do not count
    if (s.tick > start && s.tick <= last_command) {
        s.command = u8((s.command << 1 | bit) & 3);
    } else if (s.tick > last_command && s.tick <= last_address) {
        s.address = u8((s.address << 1 | bit) & (s.contents.size() - 1));
        if (s.tick == last_address) {
            s.data = s.command == read ? s.contents[s.address] : u16(0);
            s.eedo = 0;
            if (s.command == extended) {
                const unsigned what = s.address >> (s.addrbits - 2);
                if (what == write_enable || what == write_disable)
                    s.writable = what == write_enable;
                if (what == erase_all && s.writable) s.contents.fill(0xffff);
            }
        }
    } else if (s.tick > last_address) {
        if (s.command == read) {
            s.eedo = s.data >> 15;
            s.data = u16(s.data << 1);
        } else {
            s.data = u16(s.data << 1 | bit);
        }
    }
    if (s.tick < 0xff) s.tick++;
}

}  // namespace hw
