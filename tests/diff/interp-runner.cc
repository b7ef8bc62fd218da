// SPDX-License-Identifier: GPL-2.0-or-later
//
// The guest of the differential tester: its memory, tables and the way in and out of a case.
#include "tests/diff/interp-runner.h"

#include "target/i386/code-pages.h"
#include "target/i386/cpu.h"
#include "target/i386/cpuid.h"
#include "target/i386/fp/unit.h"

#include <sys/mman.h>
#include <cstring>
#include <stdexcept>

namespace diff {
namespace {

using namespace i386;

constexpr u64 ram_size = 1 << 20;
// Physical places; the kernel's linear addresses are `kernel_base` above them.
constexpr u64 kernel_base = 0xFFFF800000000000;
constexpr u64 at_gdt = 0x20000, at_idt = 0x21000, at_tss = 0x22000, at_stubs = 0x23000,
              at_stack = 0x26000;
constexpr u64 at_tables = 0x30000;
constexpr u64 at_code = 0x40000, at_data = 0x42000;
constexpr u16 kernel_code = 0x10, user_code32 = 0x23, user_data = 0x2B, user_code64 = 0x33,
              tss_selector = 0x40;

class Ram final : public CpuBus {
public:
    Ram()
        : bytes_(static_cast<u8*>(mmap(nullptr, ram_size, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
    ~Ram() override { munmap(bytes_, ram_size); }

    u8* at(u64 address) { return bytes_ + address; }
    template <class T>
    void put(u64 address, T v) {
        std::memcpy(bytes_ + address, &v, sizeof v);
    }
    template <class T>
    T get(u64 address) const {
        T v;
        std::memcpy(&v, bytes_ + address, sizeof v);
        return v;
    }

    PhysPage page(u64 address, bool) override {
        return address < ram_size ? PhysPage{bytes_ + address, true} : PhysPage{};
    }
    void page_dirty(u64) override {}
    u64 read(u64, unsigned, bool) override { return ~u64(0); }
    void write(u64, u64, unsigned, bool) override {}
    u32 port_in(u16, unsigned) override { return ~0u; }
    void port_out(u16, u32, unsigned) override {}
    int acknowledge_interrupt() override { return -1; }
    u8 tpr() override { return 0; }
    void set_tpr(u8) override {}
    u64 apic_base() override { return 0xFEE00900; }
    bool set_apic_base(u64) override { return true; }
    bool x2apic_read(u32, u64&) override { return false; }
    bool x2apic_write(u32, u64) override { return false; }
    u64 tsc_ticks() override { return 0; }
    void ferr() override {}
    void smm_changed(bool) override {}
    bool is_bsp() override { return true; }

private:
    u8* bytes_;
};

/// Flags of a descriptor in the places of its high dword.
constexpr u32 flags_code64 = 0x00AFFB00, flags_code32 = 0x00CFFB00, flags_data = 0x00CFF300;

}  // namespace

struct InterpRunner::Impl {
    Layout layout;
    Ram ram;
    CodePages pages;
    CpuModel model;
    std::unique_ptr<Cpu> cpu;
    std::array<u8, page_size> clean;
    u64 next_table = at_tables;

    explicit Impl(const Layout& l);
    void map(u64 linear, u64 physical, u64 flags);
    void descriptors();
    void enter(const Case& c);
    void leave(const Case& c, Outcome& o);
};

void InterpRunner::Impl::map(u64 linear, u64 physical, u64 flags) {
    u64 table = at_tables;
    for (unsigned shift = 39; shift > 12; shift -= 9) {
        const u64 entry = table + (linear >> shift & 0x1FF) * 8;
        if (!ram.get<u64>(entry)) {
            next_table += page_size;
            ram.put<u64>(entry, next_table | 7);
        }
        table = ram.get<u64>(entry) & ~u64(0xFFF);
    }
    ram.put<u64>(table + (linear >> 12 & 0x1FF) * 8, physical | flags);
}

void InterpRunner::Impl::descriptors() {
    const auto segment = [&](u16 selector, u32 flags) {
        ram.put<u64>(at_gdt + (selector & ~7u), u64(flags) << 32 | 0x0000FFFF);
    };
    segment(kernel_code, 0x00AF9B00);
    segment(kernel_code + 8, 0x00CF9300);
    segment(user_code32, flags_code32);
    segment(user_data, flags_data);
    segment(user_code64, flags_code64);
    const u64 tss = kernel_base + at_tss;
    ram.put<u64>(at_gdt + tss_selector,
                 0x67 | (tss & 0xFFFFFF) << 16 | u64(0x8B) << 40 | (tss >> 24 & 0xFF) << 56);
    ram.put<u64>(at_gdt + tss_selector + 8, tss >> 32);
    ram.put<u64>(at_tss + 4, kernel_base + at_stack + 0xF00);  // RSP0
    ram.put<u16>(at_tss + 0x66, 0x68);                         // no I/O bitmap
    std::memset(ram.at(at_stubs), 0xF4, page_size);            // HLT for every vector
    for (u64 n = 0; n < 32; n++) {
        const u64 to = kernel_base + at_stubs + n;
        const u64 dpl = n == 3 || n == 4 ? 3 : 0;
        ram.put<u64>(at_idt + n * 16, (to & 0xFFFF) | u64(kernel_code) << 16 |
                                          (0x8E00 | dpl << 13) << 32 | (to >> 16 & 0xFFFF) << 48);
        ram.put<u64>(at_idt + n * 16 + 8, to >> 32);
    }
}

InterpRunner::Impl::Impl(const Layout& l) : layout(l) {
    constexpr u64 present = 1, writable = 2, user = 4;
    map(l.code, at_code, present | user);
    map(l.data, at_data, present | writable | user);
    map(l.data + page_size, at_data + page_size, present | user);
    for (u64 p = at_gdt; p < at_stack + page_size; p += page_size)
        map(kernel_base + p, p, present | writable);
    descriptors();
    std::memset(ram.at(at_code), 0xCC, page_size);
    for (std::size_t i = 0; i < page_size; ++i) {
        clean[i] = pattern(i);
        *ram.at(at_data + page_size + i) = pattern(page_size + i);
    }
    auto m = parse_cpu_model("max");
    if (!m) throw std::runtime_error(m.error().description());
    model = *std::move(m);
    cpu = std::make_unique<Cpu>(ram, pages, model, 0);

    CpuState& s = cpu->s;
    s.cr4 = cr4_pae | cr4_pge | cr4_osfxsr | cr4_osxmmexcpt | cr4_fsgsbase | cr4_osxsave;
    s.cr3 = at_tables;
    s.msr.efer = efer_lme | efer_lma | efer_nxe | efer_sce;
    s.cr0 = u64(cr0_pe) | cr0_mp | cr0_et | cr0_ne | cr0_wp | cr0_am | cr0_pg;
    s.xcr0 = 7;
    s.gdt = {kernel_base + at_gdt, 0x4F};
    s.idt = {kernel_base + at_idt, 0x1FF};
    s.tr = {tss_selector, 0x67, kernel_base + at_tss, 0x8B00};
    s.ldt = {0, 0, 0, 0};
    cpu->flush_tlb();
}

void InterpRunner::Impl::enter(const Case& c) {
    std::memcpy(ram.at(at_data), clean.data(), page_size);
    std::memcpy(ram.at(at_data) + c.patch_at, c.patch.data(), c.patch.size());
    u8* code = ram.at(at_code) + c.code_at;
    const std::size_t room = std::min<std::size_t>(32, page_size - c.code_at);
    std::memset(code, 0xCC, room);
    std::memcpy(code, c.code.data(), c.code_length);
    pages.written(nullptr, code, room);

    CpuState& s = cpu->s;
    for (int n = 0; n < 16; n++)
        s.regs[n] = c.before.gpr[n];
    s.regs[rip] = layout.code + c.code_at;
    s.seg[i386::cs] = {u32(c.compat ? user_code32 : user_code64), 0xFFFFFFFF, 0,
                       c.compat ? flags_code32 : flags_code64};
    for (const Seg n : {es, ss, ds, fs, gs})
        s.seg[n] = {user_data, 0xFFFFFFFF, 0, flags_data};
    s.seg[fs].base = c.before.fs_base;
    s.seg[gs].base = c.before.gs_base;
    for (int n = 0; n < 16; n++)
        std::memcpy(&s.vec[n], c.before.ymm[n].data(), 32);
    s.mxcsr = c.before.mxcsr;
    s.x87 = {};
    s.x87.control = c.before.fcw;
    s.x87.status = c.before.fsw;
    s.x87.valid = u8(c.before.ftw);
    for (unsigned n = 0; n < 8; n++) {
        Float80& r = s.x87.reg[((s.x87.status >> 11) + n) & 7];
        std::memcpy(&r.mantissa, c.before.st[n].data(), 8);
        std::memcpy(&r.sign_exponent, c.before.st[n].data() + 8, 2);
    }
    s.halted = false;
    s.inhibit_irq = false;
    s.dr[6] = 0xFFFF0FF0;
    cpu->set_cpl(3);
    cpu->set_eflags(u32(c.before.rflags & 0x240CD5) | 0x202 | (c.repeats ? 0 : u32(tf)));
}

void InterpRunner::Impl::leave(const Case& c, Outcome& o) {
    cpu->fp->leave();
    const CpuState& s = cpu->s;
    const int vector = int(s.regs[rip] - 1 - (kernel_base + at_stubs));
    const bool has_error = vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
    u64 frame = s.regs[rsp] - kernel_base;
    o.error_code = has_error ? ram.get<u32>(frame) : 0;
    if (has_error) frame += 8;

    CpuImage& a = o.after;
    for (int n = 0; n < 16; n++)
        a.gpr[n] = s.regs[n];
    a.rip = ram.get<u64>(frame);
    a.rflags = ram.get<u64>(frame + 16) & ~u64(tf);
    a.gpr[4] = ram.get<u64>(frame + 24);
    a.fs_base = s.seg[fs].base;
    a.gs_base = s.seg[gs].base;
    for (int n = 0; n < 16; n++)
        std::memcpy(a.ymm[n].data(), &s.vec[n], 32);
    a.mxcsr = s.mxcsr;
    a.fcw = s.x87.control;
    a.fsw = s.x87.status;
    a.ftw = s.x87.valid;
    for (unsigned n = 0; n < 8; n++) {
        const Float80& r = s.x87.reg[((s.x87.status >> 11) + n) & 7];
        std::memcpy(a.st[n].data(), &r.mantissa, 8);
        std::memcpy(a.st[n].data() + 8, &r.sign_exponent, 2);
    }
    std::memset(ram.at(at_code) + c.code_at, 0xCC,
                std::min<std::size_t>(32, page_size - c.code_at));
    std::memcpy(o.data.data(), ram.at(at_data), page_size);
    o.cr2 = vector == 14 ? s.cr2 : 0;
    o.vector = vector;
    if (vector == 1 && !c.repeats) o.vector = no_fault;
    const u64 after_code = layout.code + c.code_at + c.code_length;
    if (vector == 3 && c.repeats && a.rip == after_code + 1) {
        o.vector = no_fault;
        a.rip = after_code;
    }
}

InterpRunner::InterpRunner(const Layout& layout) : impl_(std::make_unique<Impl>(layout)) {}
InterpRunner::~InterpRunner() = default;

void InterpRunner::run(const Case& c, Outcome& outcome) {
    impl_->enter(c);
    if (impl_->cpu->run() == Stop::halted)
        impl_->leave(c, outcome);
    else
        outcome.vector = lost;
}

}  // namespace diff
