// SPDX-License-Identifier: GPL-2.0-or-later
//
// The structures that QEMU 7.2.22 made for the same machines.
#include "hw/smbios/smbios.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

using namespace hw;

namespace {

constexpr u64 MiB = 1 << 20;

std::string hex(const std::vector<u8>& bytes) {
    std::string text;
    for (const u8 b : bytes)
        text += fmt::format("{:02x}", b);
    return text;
}

SmbiosFacts smbios_facts() {
    SmbiosFacts f;
    f.product = "Standard PC (i440FX + PIIX, 1996)";
    f.version = "pc-i440fx-7.2";
    f.cpuid_1_eax = 0x00060fb1;
    f.cpuid_1_edx = 0x078bfbfd;
    f.ram_below_4g = 128 * MiB;
    return f;
}

}  // namespace

TEST(Smbios, Default) {
    const SmbiosTables t = build_smbios_tables(smbios_facts());
    EXPECT_EQ(
        hex(t.tables),
        "011b0001010203000000000000000000000000000000000006000051454d55005374616e646172642050432028"
        "693434304658202b20504949582c2031393936290070632d6934343066782d372e320000031600030101020000"
        "0303030200000000000000000051454d550070632d6934343066782d372e320000042a000401030102b10f0600"
        "fdfb8b0703000000d007d0074101ffffffffffff0000000101010200010043505520300051454d550070632d69"
        "34343066782d372e3200001017001001030600000200feff010000000000000000000000112800110010feffff"
        "ffffff8000090001000702000000020000000000000000000000000000000044494d4d20300051454d55000013"
        "1f001300000000ffff0100001001000000000000000000000000000000000000200b0020000000000000000000"
        "7f04007f0000");
    EXPECT_EQ(hex(t.anchor), "5f534d5f001f020851000000000000005f444d495f00410100000000080028");
}

TEST(Smbios, TwoCores) {
    SmbiosFacts f = smbios_facts();
    f.cores_per_socket = f.threads_per_socket = 2;
    f.ram_below_4g = 256 * MiB;
    EXPECT_EQ(
        hex(build_smbios_tables(f).tables),
        "011b0001010203000000000000000000000000000000000006000051454d55005374616e646172642050432028"
        "693434304658202b20504949582c2031393936290070632d6934343066782d372e320000031600030101020000"
        "0303030200000000000000000051454d550070632d6934343066782d372e320000042a000401030102b10f0600"
        "fdfb8b0703000000d007d0074101ffffffffffff0000000202020200010043505520300051454d550070632d69"
        "34343066782d372e3200001017001001030600000400feff010000000000000000000000112800110010feffff"
        "ffffff0001090001000702000000020000000000000000000000000000000044494d4d20300051454d55000013"
        "1f001300000000ffff0300001001000000000000000000000000000000000000200b0020000000000000000000"
        "7f04007f0000");
}

TEST(Smbios, MemoryAbove4GiB) {
    SmbiosFacts f = smbios_facts();
    f.ram_below_4g = 3072 * MiB;
    f.ram_above_4g = 1024 * MiB;
    const SmbiosTables t = build_smbios_tables(f);
    EXPECT_EQ(
        hex(t.tables),
        "011b0001010203000000000000000000000000000000000006000051454d55005374616e646172642050432028"
        "693434304658202b20504949582c2031393936290070632d6934343066782d372e320000031600030101020000"
        "0303030200000000000000000051454d550070632d6934343066782d372e320000042a000401030102b10f0600"
        "fdfb8b0703000000d007d0074101ffffffffffff0000000101010200010043505520300051454d550070632d69"
        "34343066782d372e3200001017001001030600004000feff010000000000000000000000112800110010feffff"
        "ffffff0010090001000702000000020000000000000000000000000000000044494d4d20300051454d55000013"
        "1f001300000000ffff2f00001001000000000000000000000000000000000000131f011300004000ffff4f0000"
        "1001000000000000000000000000000000000000200b00200000000000000000007f04007f0000");
    EXPECT_EQ(hex(t.anchor), "5f534d5f001f020851000000000000005f444d495f00620100000000090028");
}

TEST(Smbios, UsersFieldsGoWhereQemuPutsThem) {
    SmbiosFacts f = smbios_facts();
    f.uuid = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
              0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    struct Field {
        unsigned type;
        const char *name, *value;
    };
    for (const Field& o :
         {Field{0, "vendor", "V"}, {0, "version", "1.2"},      {0, "date", "01/02/2023"},
          {0, "release", "3.4"},   {0, "uefi", "on"},          {1, "manufacturer", "M"},
          {1, "product", "P"},     {1, "version", "V1"},       {1, "serial", "S1"},
          {1, "sku", "K"},         {1, "family", "F"},         {2, "manufacturer", "BM"},
          {2, "product", "BP"},    {2, "version", "BV"},       {2, "serial", "BS"},
          {2, "asset", "BA"},      {2, "location", "BL"},      {3, "manufacturer", "CM"},
          {3, "version", "CV"},    {3, "serial", "CS"},        {3, "asset", "CA"},
          {3, "sku", "CK"},        {4, "sock_pfx", "SP"},      {4, "manufacturer", "PM"},
          {4, "version", "PV"},    {4, "serial", "PS"},        {4, "asset", "PA"},
          {4, "part", "PP"},       {4, "max-speed", "3000"},   {4, "current-speed", "2500"},
          {11, "value", "hello"},  {11, "value", "world"},     {17, "loc_pfx", "LP"},
          {17, "bank", "B"},       {17, "manufacturer", "MM"}, {17, "serial", "MS"},
          {17, "asset", "MA"},     {17, "part", "MP"},         {17, "speed", "2400"}})
        ASSERT_TRUE(set_smbios_field(f.options, o.type, o.name, o.value)) << o.name;
    const SmbiosTables t = build_smbios_tables(f);
    EXPECT_EQ(
        hex(t.tables),
        "00180000010200e803000800000000000000001c0304ffff5600312e320030312f30322f323032330000011b00"
        "010102030433221100554477668899aabbccddeeff0605064d0050005631005331004b00460000020f00020102"
        "030405010600030a00424d00425000425600425300424100424c00000316000301010203040303030200000000"
        "0000000005434d00435600435300434100434b0000042a000401030102b10f0600fdfb8b0703000000b80bc409"
        "4101ffffffffffff040506010101020001005350203000504d00505600505300504100505000000b05000e0268"
        "656c6c6f00776f726c6400001017001001030600000200feff010000000000000000000000112800110010feff"
        "ffffffff800009000102070200600903040506000000000060090000000000004c5020300042004d4d004d5300"
        "4d41004d500000131f001300000000ffff0100001001000000000000000000000000000000000000200b002000"
        "00000000000000007f04007f0000");
    EXPECT_EQ(hex(t.anchor), "5f534d5f001f02083f000000000000005f444d495f007601000000000b0028");
}

TEST(Smbios, RefusesWhatItDoesNotKnow) {
    SmbiosOptions o;
    auto error = [&](unsigned type, const char* name, const char* value) {
        auto set = set_smbios_field(o, type, name, value);
        return set ? std::string() : set.error().description();
    };
    EXPECT_EQ(error(1, "foo", "x"), "Invalid parameter 'foo'");
    EXPECT_EQ(error(99, "foo", "x"), "Don't know how to build fields for SMBIOS type 99");
    EXPECT_EQ(error(0, "release", "x"), "Invalid release");
    EXPECT_EQ(error(4, "max-speed", "x"), "Parameter 'max-speed' expects a number");
    EXPECT_EQ(error(4, "max-speed", "65536"), "CPU speed is too large (> 65535)");
}

TEST(Smbios, TakesWholeStructures) {
    SmbiosFacts f = smbios_facts();
    const std::vector<u8> chassis{3, 5, 0, 7, 9, 'x', 0, 0};
    ASSERT_TRUE(add_smbios_structure(f.options, chassis));
    const auto tables = build_smbios_tables(f).tables;
    EXPECT_EQ(std::vector<u8>(tables.begin(), tables.begin() + 8), chassis);
    EXPECT_EQ(tables[8], 1) << "and the others follow";
    for (const std::vector<u8>& bad : {std::vector<u8>{},
                                       {3},
                                       {3, 4, 0, 0, 0},
                                       {3, 9, 0, 0, 0, 0},
                                       {3, 3, 0, 0, 0, 0},
                                       {3, 4, 0, 0, 1, 0},
                                       {3, 4, 0, 0, 0, 1}})
        EXPECT_FALSE(add_smbios_structure(f.options, bad));
}
