// SPDX-License-Identifier: GPL-2.0-or-later
//
// A Cpu with a block of RAM, a log of port writes, and a clock that stands still: all a test needs.
#pragma once

#include "target/i386/code-pages.h"
#include "target/i386/cpu-bus.h"
#include "target/i386/cpu.h"
#include "target/i386/cpuid.h"

#include <cstring>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace i386 {

class FlatBus : public CpuBus {
public:
    explicit FlatBus(std::size_t size) : storage(size + 4096) {
        ram = reinterpret_cast<u8*>((reinterpret_cast<std::uintptr_t>(storage.data()) + 4095) &
                                    ~std::uintptr_t(4095));
        ram_size = size;
    }
    PhysPage page(u64 address, bool) override {
        if (address < ram_size) return {ram + address, true};
        return {};
    }
    void page_dirty(u64) override {}
    u64 read(u64 address, unsigned size, bool) override {
        device_log += "r" + std::to_string(size) + "@" + std::to_string(address & 0xfff) + " ";
        return device_value;
    }
    void write(u64 address, u64 value, unsigned size, bool) override {
        device_log += "w" + std::to_string(size) + "@" + std::to_string(address & 0xfff) + "=" +
                      std::to_string(value) + " ";
        if (on_device_write) on_device_write();
    }
    u32 port_in(u16 port, unsigned) override { return port; }
    void port_out(u16 port, u32 value, unsigned) override { ports.push_back({port, value}); }
    int acknowledge_interrupt() override {
        const int v = irq;
        irq = -1;
        if (cpu) cpu->clear_request(request_interrupt);
        return v;
    }
    u8 tpr() override { return 0; }
    void set_tpr(u8) override {}
    u64 apic_base() override { return 0xfee00900; }
    bool set_apic_base(u64) override { return true; }
    bool x2apic_read(u32, u64&) override { return false; }
    bool x2apic_write(u32, u64) override { return false; }
    u64 tsc_ticks() override { return now; }
    void ferr() override { ferr_count++; }
    void smm_changed(bool) override {}
    bool is_bsp() override { return true; }

    std::vector<u8> storage;
    u8* ram;
    std::size_t ram_size;
    std::vector<std::pair<u16, u32>> ports;
    std::string device_log;
    u64 device_value = 0;
    u64 now = 0;
    unsigned ferr_count = 0;
    int irq = -1;
    std::function<void()> on_device_write;
    Cpu* cpu = nullptr;
};

class TestMachine {
public:
    explicit TestMachine(std::string_view model = "max", std::size_t ram = 16 << 20)
        : bus(ram), model_(make(model)), cpu(bus, pages, model_, 0) {
        bus.cpu = &cpu;
    }

    void put(u64 at, std::initializer_list<unsigned> bytes) {
        for (const unsigned b : bytes)
            bus.ram[at++] = u8(b);
    }
    template <class T>
    void poke(u64 at, T v) {
        std::memcpy(bus.ram + at, &v, sizeof v);
    }
    template <class T>
    T peek(u64 at) const {
        T v;
        std::memcpy(&v, bus.ram + at, sizeof v);
        return v;
    }

    /// Real mode, code at 0:1000h, stack at 0:8000h.
    void real_mode(u64 ip = 0x1000) {
        cpu.load_real_segment(cs, 0);
        cpu.set_segment(cs, {0, 0xffff, 0, 0x9b00});
        cpu.s.regs[rip] = ip;
        cpu.s.regs[rsp] = 0x8000;
        cpu.update_mode();
    }
    /// Flat 32-bit protected mode at privilege 0, GDT at 500h: 8 code, 10h data, 18h user code,
    /// 20h user data, 28h TSS at 600h, 30h 64-bit code. IDT at 2000h.
    void protected_mode(u64 ip = 0x1000) {
        const u64 gdt[] = {0,
                           0x00cf9b000000ffff,
                           0x00cf93000000ffff,
                           0x00cffb000000ffff,
                           0x00cff3000000ffff,
                           0x0000890006000067,
                           0x00af9b000000ffff,
                           0x00affb000000ffff};
        std::memcpy(bus.ram + 0x500, gdt, sizeof gdt);
        cpu.s.gdt = {0x500, sizeof gdt - 1};
        cpu.s.idt = {0x2000, 0x7ff};
        cpu.s.cr0 |= cr0_pe;
        for (const Seg n : {es, ss, ds, fs, gs})
            cpu.set_segment(n, {0x10, 0xffffffff, 0, 0x00cf9300});
        cpu.set_segment(cs, {8, 0xffffffff, 0, 0x00cf9b00});
        cpu.s.tr = {0x28, 0x67, 0x600, 0x8b00};
        cpu.s.regs[rip] = ip;
        cpu.s.regs[rsp] = 0x8000;
        cpu.update_mode();
    }
    /// Long mode, the first 1 GiB mapped one to one by 2 MiB pages, tables at 100000h.
    void long_mode(u64 ip = 0x1000) {
        protected_mode(ip);
        poke<u64>(0x100000, 0x101007);
        poke<u64>(0x101000, 0x102007);
        for (u64 n = 0; n < 512; n++)
            poke<u64>(0x102000 + n * 8, n << 21 | 0x87);
        cpu.s.cr4 |= cr4_pae;
        cpu.s.cr3 = 0x100000;
        cpu.s.msr.efer |= efer_lme | efer_lma | efer_sce | efer_nxe;
        cpu.s.cr0 |= cr0_pg | cr0_wp;
        cpu.set_segment(cs, {0x30, 0xffffffff, 0, 0x00af9b00});
        cpu.flush_tlb();
        cpu.update_mode();
    }
    void interrupt_gate(unsigned vector, u16 selector, u32 offset, unsigned type = 0xe,
                        unsigned dpl = 0) {
        poke<u64>(0x2000 + vector * 8, (offset & 0xffff) | u64(selector) << 16 |
                                           u64(0x8000 | dpl << 13 | type << 8) << 32 |
                                           u64(offset >> 16) << 48);
    }
    void long_gate(unsigned vector, u16 selector, u64 offset, unsigned ist = 0, unsigned dpl = 0) {
        poke<u64>(0x2000 + vector * 16, (offset & 0xffff) | u64(selector) << 16 | u64(ist) << 32 |
                                            u64(0x8e00 | dpl << 13) << 32 |
                                            u64(offset >> 16 & 0xffff) << 48);
        poke<u64>(0x2008 + vector * 16, offset >> 32);
    }

    Stop run() { return cpu.run(); }

    FlatBus bus;
    CodePages pages;

private:
    static CpuModel make(std::string_view name) {
        auto m = parse_cpu_model(name);
        return *std::move(m);
    }
    CpuModel model_;

public:
    Cpu cpu;
};

}  // namespace i386
