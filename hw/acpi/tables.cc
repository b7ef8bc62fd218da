// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/acpi/tables.h"

#include "hw/acpi/table-loader.h"

namespace hw {
namespace {

constexpr const char* tables_file = "etc/acpi/tables";
constexpr const char* rsdp_file = "etc/acpi/rsdp";
// Round sizes, so that a guest's memory map does not hang on how long a DSDT is.
constexpr std::size_t tables_size = 0x20000, loader_size = 0x1000;
constexpr u32 local_apic_address = 0xfee00000, io_apic_address = 0xfec00000;
constexpr u64 hpet_address = 0xfed00000;

/// The blob of all tables, with the loader's commands for it.
class Blob {
public:
    explicit Blob(const AcpiFacts& facts) : facts_(facts) {}

    u32 here() const { return u32(bytes.size()); }
    void put8(unsigned v) { bytes.push_back(u8(v)); }
    void put16(unsigned v) { put(v, 2); }
    void put32(u64 v) { put(v, 4); }
    void put64(u64 v) { put(v, 8); }
    void put(u64 v, unsigned size) {
        for (unsigned i = 0; i < size; i++)
            put8(u8(v >> 8 * i));
    }
    void put_text(std::string_view text, std::size_t size) {
        for (std::size_t i = 0; i < size; i++)
            put8(i < text.size() ? u8(text[i]) : u8(' '));
    }
    void put_bytes(const std::vector<u8>& more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
    }
    /// A pointer to another place of the blob.
    void put_pointer(u32 target) {
        loader.add_pointer(tables_file, here(), 4, tables_file);
        put32(target);
    }

    /// 5.2.6: the header that tables share; returns where it starts.
    u32 begin(std::string_view signature, u8 revision, std::string_view oem_table_id = {}) {
        const u32 start = here();
        put_text(signature, 4);
        put32(0);  // length
        put8(revision);
        put8(0);  // checksum
        put_text(facts_.oem_id, 6);
        put_text(oem_table_id.empty() ? facts_.oem_table_id : oem_table_id, 8);
        put32(1);  // OEM revision
        put_text("BXPC", 4);
        put32(1);  // creator revision
        return start;
    }
    void end(u32 start) {
        const u32 length = here() - start;
        for (unsigned i = 0; i < 4; i++)
            bytes[start + 4 + i] = u8(length >> 8 * i);
        loader.add_checksum(tables_file, start + 9, start, length);
    }

    std::vector<u8> bytes;
    TableLoader loader;

private:
    const AcpiFacts& facts_;
};

/// 5.2.10
u32 put_facs(Blob& b) {
    const u32 start = b.here();
    b.put_text("FACS", 4);
    b.put32(64);
    b.bytes.resize(start + 64);
    return start;
}

u32 put_dsdt(Blob& b, const AcpiFacts& f) {
    const u32 start = b.begin("DSDT", 1);
    b.put_bytes(build_dsdt(f));
    b.end(start);
    return start;
}

/// 5.2.9, in the layout of ACPI 1.0: 116 bytes.
u32 put_fadt(Blob& b, const AcpiFacts& f, u32 facs, u32 dsdt) {
    enum : u32 {
        WBINVD = 1 << 0,
        PROC_C1 = 1 << 2,
        SLP_BUTTON = 1 << 5,
        RTC_S4 = 1 << 7,
        USE_PLATFORM_CLOCK = 1 << 15,
        FORCE_APIC_CLUSTER_MODEL = 1 << 18,
    };
    const u32 start = b.begin("FACP", 1);
    b.put_pointer(facs);
    b.put_pointer(dsdt);
    b.put8(1);  // INT_MODEL: APICs beside the PICs
    b.put8(0);
    b.put16(f.sci);
    b.put32(0xb2);                                     // SMI_CMD
    b.put8(0xf1);                                      // ACPI_ENABLE
    b.put8(0xf0);                                      // ACPI_DISABLE
    b.put16(0);                                        // S4BIOS_REQ, PSTATE_CNT
    b.put32(f.pm_base), b.put32(0);                    // PM1a, PM1b event block
    b.put32(f.pm_base + 4u), b.put32(0);               // PM1a, PM1b control block
    b.put32(0);                                        // PM2 control block
    b.put32(f.pm_base + 8u);                           // PM timer block
    b.put32(f.gpe_port), b.put32(0);                   // GPE0, GPE1 block
    for (const unsigned v : {4, 2, 0, 4, 4, 0, 0, 0})  // lengths in that order; GPE1_BASE, CST_CNT
        b.put8(v);
    b.put16(0xfff), b.put16(0xfff);              // P_LVL2_LAT, P_LVL3_LAT: no C2, no C3
    b.put16(0), b.put16(0);                      // FLUSH_SIZE, FLUSH_STRIDE
    for (const unsigned v : {0, 0, 0, 0, 0x32})  // duty cycle, alarms; CENTURY
        b.put8(v);
    b.put16(0), b.put8(0);  // IAPC_BOOT_ARCH
    // Logical flat addressing ends with eight processors.
    b.put32(WBINVD | PROC_C1 | SLP_BUTTON | RTC_S4 | USE_PLATFORM_CLOCK |
            (f.processors.size() > 8 ? u32(FORCE_APIC_CLUSTER_MODEL) : 0u));
    b.end(start);
    return start;
}

/// 5.2.12
u32 put_madt(Blob& b, const AcpiFacts& f) {
    constexpr u16 active_high_level = 0x0d;
    const u32 start = b.begin("APIC", 1);
    b.put32(local_apic_address);
    b.put32(1);  // PCAT_COMPAT: 8259s are there too
    for (unsigned i = 0; i < f.processors.size(); i++)
        b.put_bytes(madt_local_apic(i, f.processors[i].apic_id, f.processors[i].present));
    b.put8(1), b.put8(12);  // I/O APIC
    b.put8(0), b.put8(0);
    b.put32(io_apic_address);
    b.put32(0);  // first global system interrupt
    auto source_override = [&](unsigned source, unsigned gsi, u16 flags) {
        b.put8(2), b.put8(10);
        b.put8(0), b.put8(source);
        b.put32(gsi);
        b.put16(flags);
    };
    source_override(0, 2, 0);
    for (const unsigned line : {5, 9, 10, 11})  // PCI's and SCI
        source_override(line, line, active_high_level);
    b.put8(4), b.put8(6);  // NMI on LINT1 of all
    b.put8(0xff), b.put16(0), b.put8(1);
    b.end(start);
    return start;
}

/// IA-PC HPET specification 1.0a, 3.2.4
u32 put_hpet(Blob& b, const AcpiFacts& f) {
    const u32 start = b.begin("HPET", 1);
    b.put32(f.hpet_id);
    b.put32(0);  // a memory address
    b.put64(hpet_address);
    b.put8(0), b.put16(0), b.put8(0);
    b.end(start);
    return start;
}

/// 5.2.16. One domain that has it all.
u32 put_srat(Blob& b, const AcpiFacts& f) {
    enum : u32 { enabled = 1, hot_pluggable = 2, nonvolatile = 4 };
    constexpr u64 hole = 0xa0000, hole_end = 0x100000, four_gib = u64{1} << 32;
    constexpr unsigned least_ranges = 3;
    const u32 start = b.begin("SRAT", 1);
    b.put32(1), b.put64(0);
    for (const auto& p : f.processors) {
        b.put8(0), b.put8(16);
        b.put8(0), b.put8(p.apic_id);
        b.put32(enabled);
        b.put64(0);
    }
    unsigned ranges = 0;
    auto range = [&](u64 base, u64 size, u32 flags) {
        b.put8(1), b.put8(40);
        b.put32(0), b.put16(0);  // proximity domain
        b.put64(base), b.put64(size);
        b.put32(0), b.put32(flags), b.put64(0);
        ranges++;
    };
    range(0, std::min(f.ram_below_4g, hole), enabled);
    if (f.ram_below_4g > hole_end) range(hole_end, f.ram_below_4g - hole_end, enabled);
    if (f.ram_above_4g) range(four_gib, f.ram_above_4g, enabled);
    for (const auto& r : f.nonvolatile)
        range(r.base, r.size, enabled | nonvolatile);
    while (ranges < least_ranges)
        range(0, 0, 0);
    if (const auto& m = f.device_memory; m.size) range(m.base, m.size, enabled | hot_pluggable);
    b.end(start);
    return start;
}

u32 put_extra(Blob& b, const AcpiFacts::Extra& e) {
    const u32 start = b.begin(e.signature, e.revision, e.oem_table_id);
    if (const auto& p = e.pointer; !p.file.empty()) {
        b.loader.allocate(p.file, p.alignment, TableLoader::Zone::High);
        b.loader.add_pointer(tables_file, b.here() + p.at, 4, p.file);
        if (!p.address_file.empty())
            b.loader.write_pointer(p.address_file, 0, 8, p.file, p.address_offset);
    }
    b.put_bytes(e.body);
    b.end(start);
    return start;
}

/// Windows ACPI Emulated Devices Table 1.0: one read of the PM timer is enough.
u32 put_waet(Blob& b) {
    const u32 start = b.begin("WAET", 1);
    b.put32(1 << 1);
    b.end(start);
    return start;
}

std::vector<u8> build_rsdp(const AcpiFacts& f, TableLoader& loader, u32 rsdt) {
    // 5.2.5.3, revision 0
    std::vector<u8> rsdp;
    for (const char c : std::string_view("RSD PTR "))
        rsdp.push_back(u8(c));
    rsdp.push_back(0);  // checksum
    for (std::size_t i = 0; i < 6; i++)
        rsdp.push_back(i < f.oem_id.size() ? u8(f.oem_id[i]) : u8(' '));
    rsdp.push_back(0);
    for (unsigned i = 0; i < 4; i++)
        rsdp.push_back(u8(rsdt >> 8 * i));
    loader.add_pointer(rsdp_file, 16, 4, tables_file);
    loader.add_checksum(rsdp_file, 8, 0, 20);
    return rsdp;
}

}  // namespace

std::vector<u8> madt_local_apic(unsigned uid, u32 apic_id, bool enabled) {
    return {0, 8, u8(uid), u8(apic_id), u8(enabled), 0, 0, 0};
}

AcpiTables build_acpi_tables(const AcpiFacts& f) {
    Blob b(f);
    std::vector<u32> listed;
    const u32 facs = put_facs(b);  // first: it alone must be aligned to 64
    const u32 dsdt = put_dsdt(b, f);
    listed.push_back(put_fadt(b, f, facs, dsdt));
    listed.push_back(put_madt(b, f));
    if (f.hpet_id) listed.push_back(put_hpet(b, f));
    if (f.numa) listed.push_back(put_srat(b, f));
    for (const AcpiFacts::Extra& e : f.before_waet)
        listed.push_back(put_extra(b, e));
    listed.push_back(put_waet(b));
    for (const AcpiFacts::Extra& e : f.extra)
        listed.push_back(put_extra(b, e));
    const u32 rsdt = b.begin("RSDT", 1);
    for (const u32 at : listed)
        b.put_pointer(at);
    b.end(rsdt);

    AcpiTables done;
    done.rsdp = build_rsdp(f, b.loader, rsdt);
    b.loader.allocate(tables_file, 64, TableLoader::Zone::High);
    b.loader.allocate(rsdp_file, 16, TableLoader::Zone::FSegment);
    auto rounded = [](std::vector<u8> bytes, std::size_t unit) {
        bytes.resize((bytes.size() + unit - 1) / unit * unit);
        return bytes;
    };
    done.tables = rounded(std::move(b.bytes), tables_size);
    done.loader = rounded(b.loader.bytes(), loader_size);
    return done;
}

}  // namespace hw
