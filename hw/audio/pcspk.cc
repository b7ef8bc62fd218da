// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/pcspk.h"

#include "migration/vmstate/fields.h"

namespace hw {
namespace {

constexpr unsigned speaker_channel = 2;
constexpr unsigned gate2 = 1 << 0, speaker_data = 1 << 1, refresh_toggle = 1 << 4, out2 = 1 << 5;

constexpr auto properties = qom::properties(qom::property<&PcSpeakerConfig::audiodev>("audiodev"),
                                            qom::property<&PcSpeakerConfig::iobase>("iobase"),
                                            qom::property<&PcSpeakerConfig::migrate>("migrate"));

using S = PcSpeakerState;
constexpr auto fields =
    vmstate::fields(vmstate::field<&S::data_on>("data_on"),
                    vmstate::field<&S::dummy_refresh_clock>("dummy_refresh_clock"));
static_assert(vmstate::covers<S>(fields));
constexpr vmstate::Table table{.name = "pcspk", .fields = fields};

constexpr auto io_ops =
    exec::memory_ops<&PcSpeaker::io_read, &PcSpeaker::io_write>({.impl = {.min = 1, .max = 1}});

}  // namespace

const DeviceType PcSpeaker::device_type_ =
    isa_type<PcSpeaker>("isa-pcspk", properties, Category::Sound, false);

const vmstate::Table& PcSpeaker::vmstate() const {
    return table;
}

Result<void> PcSpeaker::realize(Platform&) {
    if (!pit_) return fail("pcspk: the machine has no PIT");
    if (!config_.audiodev.empty())
        return fail("pcspk: audio back ends are not supported; leave out audiodev=");
    registers_ = isa_bus(*this).add_io(config_.iobase, "pcspk", 1, io_ops, this);
    return {};
}

u64 PcSpeaker::io_read(u64, unsigned) {
    state_.dummy_refresh_clock ^= refresh_toggle;
    return (pit_->gate(speaker_channel) ? gate2 : 0u) | (state_.data_on ? speaker_data : 0u) |
           state_.dummy_refresh_clock | (pit_->out(speaker_channel) ? out2 : 0u);
}

void PcSpeaker::io_write(u64, u64 value, unsigned) {
    state_.data_on = (value & speaker_data) != 0;
    pit_->set_gate(speaker_channel, value & gate2);
}

}  // namespace hw
