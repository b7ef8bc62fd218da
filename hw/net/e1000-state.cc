// SPDX-License-Identifier: GPL-2.0-or-later
//
// The saved form of the e1000: a few registers by name, three tables of them, and in a subsection
// the whole register file.
#include "hw/net/e1000.h"
#include "migration/vmstate/fields.h"

namespace hw {

namespace {

using namespace e1000;
using S = E1000State;
using O = E1000Offload;
using vmstate::field;

/// One register, or `Count` of them, out of the register file.
template <unsigned Index, std::uint32_t Count = 0>
consteval vmstate::Field mac(std::string_view name) {
    vmstate::Field f = field<&S::mac>("mac_reg");
    f.name = name;
    f.array_length = Count;
    f.address = [](void* owner) -> void* { return &static_cast<S*>(owner)->mac[Index]; };
    return f;
}

constexpr auto mit_fields = vmstate::fields(mac<RDTR>("mac_reg[RDTR]"), mac<RADV>("mac_reg[RADV]"),
                                            mac<TADV>("mac_reg[TADV]"), mac<ITR>("mac_reg[ITR]"),
                                            field<&S::mit_irq_level>("mit_irq_level"));
constexpr vmstate::Table mit_table{
    .name = "e1000/mit_state",
    .fields = mit_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.has_mitigation; }>};
constexpr auto full_fields = vmstate::fields(field<&S::mac>("mac_reg"));
constexpr vmstate::Table full_table{
    .name = "e1000/full_mac_state",
    .fields = full_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.has_full_mac; }>};
constexpr auto tso_fields =
    vmstate::fields(field<&S::tso_props, &O::ipcss>("tx.tso_props.ipcss"),
                    field<&S::tso_props, &O::ipcso>("tx.tso_props.ipcso"),
                    field<&S::tso_props, &O::ipcse>("tx.tso_props.ipcse"),
                    field<&S::tso_props, &O::tucss>("tx.tso_props.tucss"),
                    field<&S::tso_props, &O::tucso>("tx.tso_props.tucso"),
                    field<&S::tso_props, &O::tucse>("tx.tso_props.tucse"),
                    field<&S::tso_props, &O::paylen>("tx.tso_props.paylen"),
                    field<&S::tso_props, &O::hdr_len>("tx.tso_props.hdr_len"),
                    field<&S::tso_props, &O::mss>("tx.tso_props.mss"),
                    field<&S::tso_props, &O::ip>("tx.tso_props.ip"),
                    field<&S::tso_props, &O::tcp>("tx.tso_props.tcp"));
constexpr vmstate::Table tso_table{
    .name = "e1000/tx_tso_state",
    .fields = tso_fields,
    .needed = vmstate::needed<S, [](const S& s) { return s.has_tso; }>,
    // Senders that do not know two contexts have used one for both.
    .absent = [](void* s) { static_cast<S*>(s)->tso_props = static_cast<S*>(s)->props; }};
constexpr auto subsections = vmstate::subsections(mit_table, full_table, tso_table);

constexpr auto fields = vmstate::fields(
    vmstate::structs<&S::dev>("parent_obj", pci_device_table), vmstate::unused(4),
    field<&S::rxbuf_size>("rxbuf_size"),
    field<&S::rxbuf_min_shift>("rxbuf_min_shift").within(0, 31),
    field<&S::eecd, &S::Eecd::val_in>("eecd_state.val_in"),
    field<&S::eecd, &S::Eecd::bitnum_in>("eecd_state.bitnum_in"),
    field<&S::eecd, &S::Eecd::bitnum_out>("eecd_state.bitnum_out"),
    field<&S::eecd, &S::Eecd::reading>("eecd_state.reading"),
    field<&S::eecd, &S::Eecd::old_eecd>("eecd_state.old_eecd"),
    field<&S::props, &O::ipcss>("mig_props.ipcss"), field<&S::props, &O::ipcso>("mig_props.ipcso"),
    field<&S::props, &O::ipcse>("mig_props.ipcse"), field<&S::props, &O::tucss>("mig_props.tucss"),
    field<&S::props, &O::tucso>("mig_props.tucso"), field<&S::props, &O::tucse>("mig_props.tucse"),
    field<&S::props, &O::paylen>("mig_props.paylen"),
    field<&S::props, &O::hdr_len>("mig_props.hdr_len"), field<&S::props, &O::mss>("mig_props.mss"),
    field<&S::tx_size>("tx.size"), field<&S::tso_frames>("tx.tso_frames"),
    field<&S::sum_needed>("tx.sum_needed"), field<&S::props, &O::ip>("mig_props.ip"),
    field<&S::props, &O::tcp>("mig_props.tcp"), vmstate::buffer<&S::tx_header>("tx.header"),
    vmstate::buffer<&S::tx_data>("tx.data"), field<&S::eeprom>("eeprom_data"),
    field<&S::phy>("phy_reg"), mac<CTRL>("mac_reg[CTRL]"), mac<EECD>("mac_reg[EECD]"),
    mac<EERD>("mac_reg[EERD]"), mac<GPRC>("mac_reg[GPRC]"), mac<GPTC>("mac_reg[GPTC]"),
    mac<ICR>("mac_reg[ICR]"), mac<ICS>("mac_reg[ICS]"), mac<IMC>("mac_reg[IMC]"),
    mac<IMS>("mac_reg[IMS]"), mac<LEDCTL>("mac_reg[LEDCTL]"), mac<MANC>("mac_reg[MANC]"),
    mac<MDIC>("mac_reg[MDIC]"), mac<MPC>("mac_reg[MPC]"), mac<PBA>("mac_reg[PBA]"),
    mac<RCTL>("mac_reg[RCTL]"), mac<RDBAH>("mac_reg[RDBAH]"), mac<RDBAL>("mac_reg[RDBAL]"),
    mac<RDH>("mac_reg[RDH]"), mac<RDLEN>("mac_reg[RDLEN]"), mac<RDT>("mac_reg[RDT]"),
    mac<STATUS>("mac_reg[STATUS]"), mac<SWSM>("mac_reg[SWSM]"), mac<TCTL>("mac_reg[TCTL]"),
    mac<TDBAH>("mac_reg[TDBAH]"), mac<TDBAL>("mac_reg[TDBAL]"), mac<TDH>("mac_reg[TDH]"),
    mac<TDLEN>("mac_reg[TDLEN]"), mac<TDT>("mac_reg[TDT]"), mac<TORH>("mac_reg[TORH]"),
    mac<TORL>("mac_reg[TORL]"), mac<TOTH>("mac_reg[TOTH]"), mac<TOTL>("mac_reg[TOTL]"),
    mac<TPR>("mac_reg[TPR]"), mac<TPT>("mac_reg[TPT]"), mac<TXDCTL>("mac_reg[TXDCTL]"),
    mac<WUFC>("mac_reg[WUFC]"), mac<VET>("mac_reg[VET]"), mac<RA, 32>("mac_reg[0]"),
    mac<MTA, 128>("mac_reg[1]"), mac<VFTA, 128>("mac_reg[2]"));
static_assert(
    vmstate::covers<S>(fields, mit_fields, full_fields, tso_fields,
                       // follows from the next descriptor
                       vmstate::not_saved<&S::cptse>(),
                       // from the Config
                       vmstate::not_saved<&S::has_mitigation, &S::has_full_mac, &S::has_tso>()));

}  // namespace

constinit const vmstate::Table e1000_table{.name = "e1000",
                                           .version = 2,
                                           .minimum_version = 1,
                                           .fields = fields,
                                           .subsections = subsections};

}  // namespace hw
