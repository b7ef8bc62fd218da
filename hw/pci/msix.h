// SPDX-License-Identifier: GPL-2.0-or-later
//
// MSI-X: a table of messages in a function's own memory, each of which can be masked. The chip has
// a MsixState among its own, a row for it in its table (msix_field()), and an Msix beside it.
// Specification: PCI Local Bus Specification 3.0, section 6.8.2.
#pragma once

#include <memory>
#include <vector>

#include "exec/memory.h"
#include "hw/core/int.h"
#include "migration/vmstate/fields.h"
#include "migration/vmstate/stream.h"

namespace hw {

class PciDevice;

struct MsixState {
    std::vector<u8> table;  // as the guest sees it, 16 bytes an entry
    std::vector<u8> pba;    // a bit an entry
};

class Msix {
public:
    /// Where table and pending bits lie: offsets in the regions behind two BARs, or in one's.
    struct Place {
        unsigned bar;
        exec::MemoryRegion& region;
        u32 offset;
    };
    Msix(PciDevice& function, MsixState& state) : function_(function), state_(state) {}

    bool present() const { return at_; }
    bool enabled() const;
    /// Sends message `vector`, or remembers it while it is masked.
    void notify(unsigned vector);
    unsigned vectors() const { return static_cast<unsigned>(state_.table.size() / entry_size); }

    u64 table_read(u64 offset, unsigned size);
    void table_write(u64 offset, u64 value, unsigned size);
    u64 pba_read(u64 offset, unsigned size);
    void pba_write(u64, u64, unsigned) {}

private:
    friend class PciDevice;
    static constexpr unsigned entry_size = 16;
    void create(exec::MemoryMap&, unsigned at, unsigned vectors, Place table, Place pba);
    void reset();
    void config_written();
    bool masked(unsigned vector) const;
    void set_pending(unsigned vector, bool);
    bool pending(unsigned vector) const;
    void send_pending();

    PciDevice& function_;
    MsixState& state_;
    unsigned at_ = 0;
    std::unique_ptr<exec::MemoryRegion> table_, pba_;
};

namespace detail {

void save_msix(const MsixState&, vmstate::Writer&);
Result<void> load_msix(MsixState&, vmstate::Reader&);

template <auto Member>
struct MsixForm {
    using Owner = vmstate::detail::owner_of<Member>;
    static void save(const Owner& s, vmstate::Writer& w) { save_msix(s.*Member, w); }
    static Result<void> load(Owner& s, vmstate::Reader& r) { return load_msix(s.*Member, r); }
    static constexpr vmstate::Custom how = vmstate::custom_form<Owner, save, load>;
};

}  // namespace detail

template <auto Member>
consteval vmstate::Field msix_field(std::string_view name) {
    return vmstate::custom<Member>(name, "msix state", detail::MsixForm<Member>::how);
}

}  // namespace hw
