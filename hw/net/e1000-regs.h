// SPDX-License-Identifier: GPL-2.0-or-later
//
// Registers of the 8254x, by the manual's names; indices are offsets divided by four.
// PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual, order 317453,
// chapter 13.
#pragma once

#include <cstdint>

namespace hw::e1000 {

enum Index : unsigned {
    CTRL = 0x00000 / 4,
    STATUS = 0x00008 / 4,
    EECD = 0x00010 / 4,
    EERD = 0x00014 / 4,
    MDIC = 0x00020 / 4,
    VET = 0x00038 / 4,
    ICR = 0x000c0 / 4,
    ITR = 0x000c4 / 4,
    ICS = 0x000c8 / 4,
    IMS = 0x000d0 / 4,
    IMC = 0x000d8 / 4,
    RCTL = 0x00100 / 4,
    TCTL = 0x00400 / 4,
    LEDCTL = 0x00e00 / 4,
    PBA = 0x01000 / 4,
    RDBAL = 0x02800 / 4,
    RDBAH = 0x02804 / 4,
    RDLEN = 0x02808 / 4,
    RDH = 0x02810 / 4,
    RDT = 0x02818 / 4,
    RDTR = 0x02820 / 4,
    RADV = 0x0282c / 4,
    TDBAL = 0x03800 / 4,
    TDBAH = 0x03804 / 4,
    TDLEN = 0x03808 / 4,
    TDH = 0x03810 / 4,
    TDT = 0x03818 / 4,
    TXDCTL = 0x03828 / 4,
    TADV = 0x0382c / 4,
    STATISTICS = 0x04000 / 4,
    MPC = 0x04010 / 4,
    PRC64 = 0x0405c / 4,  // then 127, 255, 511, 1023, longer
    GPRC = 0x04074 / 4,
    BPRC = 0x04078 / 4,
    MPRC = 0x0407c / 4,
    GPTC = 0x04080 / 4,
    GORCL = 0x04088 / 4,
    GORCH = 0x0408c / 4,
    GOTCL = 0x04090 / 4,
    GOTCH = 0x04094 / 4,
    RNBC = 0x040a0 / 4,
    RUC = 0x040a4 / 4,
    ROC = 0x040ac / 4,
    TORL = 0x040c0 / 4,
    TORH = 0x040c4 / 4,
    TOTL = 0x040c8 / 4,
    TOTH = 0x040cc / 4,
    TPR = 0x040d0 / 4,
    TPT = 0x040d4 / 4,
    PTC64 = 0x040d8 / 4,  // likewise
    MPTC = 0x040f0 / 4,
    BPTC = 0x040f4 / 4,
    TSCTC = 0x040f8 / 4,
    STATISTICS_END = 0x04100 / 4,
    MTA = 0x05200 / 4,
    RA = 0x05400 / 4,
    VFTA = 0x05600 / 4,
    WUFC = 0x05808 / 4,
    MANC = 0x05820 / 4,
    SWSM = 0x05b50 / 4,
};
inline constexpr unsigned register_count = 0x8000;

inline constexpr std::uint32_t ctrl_slu = 1 << 6, ctrl_reset = 1 << 26, ctrl_vme = 1 << 30;
inline constexpr std::uint32_t status_link_up = 1 << 1;
inline constexpr std::uint32_t rah_valid = 1u << 31;

// Interrupt causes (ICR).
inline constexpr std::uint32_t cause_txdw = 1 << 0, cause_txqe = 1 << 1, cause_lsc = 1 << 2,
                               cause_rxdmt0 = 1 << 4, cause_rxo = 1 << 6, cause_rxt0 = 1 << 7,
                               cause_mdac = 1 << 9;

// Receive control.
inline constexpr std::uint32_t rctl_en = 1 << 1, rctl_sbp = 1 << 2, rctl_upe = 1 << 3,
                               rctl_mpe = 1 << 4, rctl_lpe = 1 << 5, rctl_bam = 1 << 15,
                               rctl_vfe = 1 << 18, rctl_bsex = 1 << 25, rctl_secrc = 1 << 26;
// Transmit control.
inline constexpr std::uint32_t tctl_en = 1 << 1;

// Transmit descriptor command and type bits, in its second doubleword pair.
inline constexpr std::uint32_t txd_eop = 1 << 24, txd_rs = 1 << 27, txd_rps = 1 << 28,
                               txd_dext = 1 << 29, txd_vle = 1 << 30, txd_tse = 1 << 26,
                               txd_dtyp_data = 1 << 20;
inline constexpr std::uint32_t txd_dd = 1;
inline constexpr std::uint8_t popts_ixsm = 1, popts_txsm = 2;
// Context descriptor TUCMD.
inline constexpr std::uint32_t tucmd_tcp = 1 << 24, tucmd_ip = 1 << 25;

inline constexpr std::uint8_t rxd_dd = 1, rxd_eop = 2, rxd_ixsm = 4, rxd_vp = 8;

}  // namespace hw::e1000
