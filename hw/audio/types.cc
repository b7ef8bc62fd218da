// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/audio/types.h"

#include "hw/audio/ac97.h"
#include "hw/audio/adlib.h"
#include "hw/audio/cs4231a.h"
#include "hw/audio/es1370.h"
#include "hw/audio/gus.h"
#include "hw/audio/pcspk.h"
#include "hw/audio/sb16.h"
#include "hw/core/device.h"

namespace hw {

std::span<const DeviceType* const> audio_types() {
    static constexpr const DeviceType* types[] = {
        &ac97_type,         &Adlib::device_type_,     &Cs4231a::device_type_, &es1370_type,
        &Gus::device_type_, &PcSpeaker::device_type_, &Sb16::device_type_};
    return types;
}

}  // namespace hw
