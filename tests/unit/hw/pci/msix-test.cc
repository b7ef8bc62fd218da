// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/pci/msix.h"

#include "tests/unit/hw/pci/pc-chips.h"

namespace hw {
namespace {

struct ChipState {
    PciState dev;
    MsixState msix;
};
constexpr auto chip_fields =
    vmstate::fields(vmstate::structs<&ChipState::dev>("dev", pci_device_table),
                    msix_field<&ChipState::msix>("msix"));
static_assert(vmstate::covers<ChipState>(chip_fields));
constexpr vmstate::Table chip_table{.name = "chip", .fields = chip_fields};

class Chip final : public PciDeviceOf<PciConfig, ChipState> {
public:
    static const PciDeviceType type_;
    static constexpr unsigned vectors = 5;
    Chip() : PciDeviceOf(type_) {}
    const vmstate::Table& vmstate() const override { return chip_table; }
    Msix& msix() { return msix_; }

protected:
    Result<void> realize_chip(Platform& p) override {
        state_.dev.config[pci::interrupt_pin] = 1;
        bar_ = exec::MemoryRegion::container(p.memory, "chip-msix", 4096);
        add_msix(msix_, 0x40, vectors, {1, *bar_, 0}, {1, *bar_, 0x800});
        add_bar(1, pci::bar_memory, *bar_);
        return {};
    }

private:
    Msix msix_{*this, state_.msix};
    std::unique_ptr<exec::MemoryRegion> bar_;
};
const PciDeviceType Chip::type_ = [] {
    PciDeviceType t{};
    t.name = "chip";
    t.parent = "pci-device";
    t.bus = "PCI";
    t.vendor = 0x1234;
    return t;
}();

class MsixTest : public testing::PcChips {
protected:
    static constexpr unsigned devfn = 0x10;
    static constexpr std::uint64_t bar = 0xe0000000, target = 0x2000;

    MsixTest() : chip(plug(std::make_unique<Chip>(), devfn)) {
        hw::reset(chip);
        set_config(devfn, 0x14, bar);
        set_config(devfn, 0x04, 6, 2);
    }
    void enable(std::uint16_t bits = 0x8000) { set_config(devfn, 0x42, bits, 2); }
    void program(unsigned vector, std::uint32_t data, std::uint32_t control = 0) {
        const auto entry = bar + vector * 16;
        p.write(entry, 4, target + vector * 4);
        p.write(entry + 4, 4, 0);
        p.write(entry + 8, 4, data);
        p.write(entry + 12, 4, control);
    }
    std::uint64_t sent(unsigned vector) { return p.read(target + vector * 4, 4); }
    std::uint64_t pending() { return p.read(bar + 0x800, 4); }

    Chip& chip;
};

TEST_F(MsixTest, CapabilitySaysWhereTheTableIs) {
    EXPECT_EQ(config(devfn, 0x40, 1), 0x11u);
    EXPECT_EQ(config(devfn, 0x42, 2), 4u);  // one less than the vectors
    EXPECT_EQ(config(devfn, 0x44), 1u);
    EXPECT_EQ(config(devfn, 0x48), 0x801u);
    enable(0xffff);
    EXPECT_EQ(config(devfn, 0x42, 2), 0xc004u);
    EXPECT_EQ(p.read(bar + 12, 4), 1u) << "entries are masked after a reset";
}

TEST_F(MsixTest, SendsAndHoldsBackWhatIsMasked) {
    program(1, 0x41);
    chip.msix().notify(1);
    EXPECT_EQ(sent(1), 0u) << "not enabled";
    enable();
    chip.msix().notify(1);
    EXPECT_EQ(sent(1), 0x41u);

    program(2, 0x42, 1);
    chip.msix().notify(2);
    EXPECT_EQ(sent(2), 0u);
    EXPECT_EQ(pending(), 4u);
    p.write(bar + 2 * 16 + 12, 4, 0);
    EXPECT_EQ(sent(2), 0x42u);
    EXPECT_EQ(pending(), 0u);

    enable(0xc000);  // the whole function masked
    program(3, 0x43);
    chip.msix().notify(3);
    EXPECT_EQ(sent(3), 0u);
    enable();
    EXPECT_EQ(sent(3), 0x43u);
    chip.msix().notify(Chip::vectors);  // there is none
}

TEST_F(MsixTest, TakesThePinDown) {
    chip.set_intx(1);
    EXPECT_TRUE(config(devfn, 0x06, 2) & pci::status_interrupt);
    enable();
    EXPECT_FALSE(config(devfn, 0x06, 2) & pci::status_interrupt);
}

TEST_F(MsixTest, IsSavedAndReset) {
    program(4, 0x44, 1);
    enable();
    chip.msix().notify(4);
    const auto bytes = saved(chip);
    EXPECT_EQ(bytes.size(), 4 + 256 + 16 + Chip::vectors * 16 + 1);
    hw::reset(chip);
    EXPECT_EQ(config(devfn, 0x42, 2), 4u);
    restore(chip, bytes);
    EXPECT_EQ(pending(), 0x10u);
    EXPECT_EQ(saved(chip), bytes);
    p.write(bar + 4 * 16 + 12, 4, 0);
    EXPECT_EQ(sent(4), 0x44u);
}

TEST_F(MsixTest, AnswersOnlyWholeWords) {
    program(0, 0x1234);
    p.write(bar + 8, 1, 0xff);
    EXPECT_EQ(p.read(bar + 8, 4), 0x1234u);
    p.write(bar + 0x800, 4, 0xff);
    EXPECT_EQ(pending(), 0u);
}

}  // namespace
}  // namespace hw
