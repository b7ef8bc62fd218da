// SPDX-License-Identifier: GPL-2.0-or-later
//
// A vCPU on its thread against a small machine: memory, one port, one device register.
#include "accel/tcg/tcg.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstring>

#include "exec/address-space.h"
#include "exec/memory.h"
#include "target/i386/cpuid.h"

namespace {

/// Port 80h: the guest's last word.
struct Port {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::uint64_t> written;

    std::uint64_t read(exec::hwaddr, unsigned) { return 0x5a; }
    void write(exec::hwaddr, std::uint64_t value, unsigned) {
        const std::lock_guard hold(mutex);
        written.push_back(value);
        changed.notify_all();
    }
    bool wait_for(std::size_t count) {
        std::unique_lock hold(mutex);
        return changed.wait_for(hold, std::chrono::seconds(20),
                                [&] { return written.size() >= count; });
    }
    static constexpr auto ops = exec::memory_ops<&Port::read, &Port::write>();
};

struct NoApic final : accel::InterruptController {
    int vector = -1;
    int acknowledge() override {
        const int v = vector;
        vector = -1;
        cpu->clear_request(i386::request_interrupt);
        return v;
    }
    std::uint8_t tpr() override { return 0; }
    void set_tpr(std::uint8_t) override {}
    std::uint64_t apic_base() override { return 0x900; }
    bool set_apic_base(std::uint64_t) override { return true; }
    bool x2apic_read(std::uint32_t, std::uint64_t&) override { return false; }
    bool x2apic_write(std::uint32_t, std::uint64_t) override { return false; }
    i386::Cpu* cpu = nullptr;
};

class Tcg : public testing::Test {
protected:
    Tcg() {
        memory_root->add_subregion(0, *ram);
        memory_root->add_subregion(0xffff0000, *high);
        io_root->add_subregion(0x80, *port_region);
    }
    void code(std::uint32_t at, std::initializer_list<unsigned> bytes) {
        for (const unsigned b : bytes)
            block->host()[at++] = std::uint8_t(b);
    }
    void start() {
        const auto model = i386::parse_cpu_model("qemu64");
        wiring.memory = &*memory_space;
        wiring.io = &*io_space;
        wiring.interrupts = &apic;
        vcpu = *accelerator.create_vcpu(wiring, *model);
        apic.cpu = &vcpu->cpu();
        Bql bql(big_lock);
        accelerator.resume_all(bql);
    }
    void pause() {
        Bql bql(big_lock);
        accelerator.pause_all(bql);
    }

    BigLock big_lock;
    ClockSet clocks;
    exec::MemoryMap map;
    exec::RamBlock* block = *map.allocate_ram("ram", 1 << 20);
    Port port;
    std::unique_ptr<exec::MemoryRegion> memory_root =
        exec::MemoryRegion::container(map, "memory", exec::MemoryRegion::whole);
    std::unique_ptr<exec::MemoryRegion> io_root = exec::MemoryRegion::container(map, "io", 65536);
    std::unique_ptr<exec::MemoryRegion> ram = exec::MemoryRegion::ram(map, "ram", *block);
    std::unique_ptr<exec::MemoryRegion> high =
        exec::MemoryRegion::alias(map, "high", *ram, 0xf0000, 0x10000);
    std::unique_ptr<exec::MemoryRegion> port_region =
        exec::MemoryRegion::io(map, "port", 1, Port::ops, &port);
    std::unique_ptr<exec::AddressSpace> memory_space =
        std::make_unique<exec::AddressSpace>(map, *memory_root, "memory");
    std::unique_ptr<exec::AddressSpace> io_space =
        std::make_unique<exec::AddressSpace>(map, *io_root, "io");
    NoApic apic;
    accel::TcgAccel accelerator{big_lock, clocks, map};
    accel::VcpuWiring wiring;
    std::unique_ptr<accel::Vcpu> vcpu;
};

TEST_F(Tcg, RunsFromTheResetVectorAndWakesFromHalt) {
    code(0xffff0, {0xea, 0x00, 0x10, 0x00, 0x00});  // jmp 0:1000h
    // in al,80h; out 80h,al; sti; hlt; jmp to the hlt
    code(0x1000, {0xe4, 0x80, 0xe6, 0x80, 0xfb, 0xf4, 0xeb, 0xfd});
    code(0x20 * 4, {0x00, 0x11, 0x00, 0x00});
    code(0x1100, {0xb0, 0x33, 0xe6, 0x80, 0xcf});  // mov al,33h; out 80h,al; iret
    start();
    ASSERT_TRUE(port.wait_for(1));
    {
        const Bql bql(big_lock);
        apic.vector = 0x20;
        vcpu->cpu().request(i386::request_interrupt);
        vcpu->kick();
    }
    ASSERT_TRUE(port.wait_for(2));
    pause();
    EXPECT_EQ(port.written, (std::vector<std::uint64_t>{0x5a, 0x33}));
}

TEST_F(Tcg, PausesABusyLoopAndSeesMemoryThatADeviceWrote) {
    code(0xffff0, {0xea, 0x00, 0x10, 0x00, 0x00});
    code(0x1000,
         {0xb0, 0x01, 0xe6, 0x80, 0x41, 0xeb, 0xfd});  // mov al,1; out 80h,al; l: inc cx; jmp l
    start();
    ASSERT_TRUE(port.wait_for(1));
    pause();
    // A device overwrites the running loop: out 80h,al; hlt.
    const std::uint8_t fresh[] = {0xe6, 0x80, 0xf4};
    {
        Bql bql(big_lock);
        memory_space->write(bql, 0x1004, fresh);
        accelerator.resume_all(bql);
    }
    ASSERT_TRUE(port.wait_for(2));
    pause();
    EXPECT_EQ(port.written[1], 1u);
}

TEST_F(Tcg, PausesAgainBeforeItsThreadHasNoticedTheResume) {
    code(0xffff0, {0xea, 0x00, 0x10, 0x00, 0x00});
    code(0x1000, {0x41, 0xeb, 0xfd});  // l: inc cx; jmp l
    start();
    for (int i = 0; i < 3000; i++) {
        pause();
        Bql bql(big_lock);
        accelerator.resume_all(bql);
    }
    pause();
}

TEST_F(Tcg, TripleFaultIsReported) {
    accelerator.on_triple_fault([&] { port.write(0, 99, 1); });
    // lidt with a limit of zero, then ud2
    code(0xffff0, {0xea, 0x00, 0x10, 0x00, 0x00});
    code(0x1000, {0x0f, 0x01, 0x1e, 0x00, 0x20, 0x0f, 0x0b});
    start();
    EXPECT_TRUE(port.wait_for(1));
    pause();
}

}  // namespace
