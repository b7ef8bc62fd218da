// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/apic.h"

#include <algorithm>
#include <bit>

#include "hw/intc/apic-registers.h"
#include "hw/intc/i8259.h"
#include "migration/vmstate/fields.h"

namespace hw {
using namespace apic;
namespace {

constexpr auto properties = qom::properties(qom::property<&ApicConfig::id>("id"),
                                            qom::property<&ApicConfig::version>("version"),
                                            qom::property<&ApicConfig::vapic>("vapic"));

using S = ApicState;
constexpr auto fields = vmstate::fields(
    vmstate::field<&S::apicbase>("apicbase"), vmstate::field<&S::id>("id"),
    vmstate::field<&S::arb_id>("arb_id"), vmstate::field<&S::tpr>("tpr"),
    vmstate::field<&S::spurious_vec>("spurious_vec"), vmstate::field<&S::log_dest>("log_dest"),
    vmstate::field<&S::dest_mode>("dest_mode"), vmstate::field<&S::isr>("isr"),
    vmstate::field<&S::tmr>("tmr"), vmstate::field<&S::irr>("irr"), vmstate::field<&S::lvt>("lvt"),
    vmstate::field<&S::esr>("esr"), vmstate::field<&S::icr>("icr"),
    vmstate::field<&S::divide_conf>("divide_conf"), vmstate::field<&S::count_shift>("count_shift"),
    vmstate::field<&S::initial_count>("initial_count"),
    vmstate::field<&S::initial_count_load_time>("initial_count_load_time"),
    vmstate::field<&S::next_time>("next_time"), vmstate::field<&S::timer_expiry>("timer_expiry"));
constexpr auto sipi_fields = vmstate::fields(vmstate::field<&S::sipi_vector>("sipi_vector"),
                                             vmstate::field<&S::wait_for_sipi>("wait_for_sipi"));
static_assert(vmstate::covers<S>(fields, sipi_fields));

bool waits_for_sipi(const S& s) {
    return s.wait_for_sipi;
}
constexpr vmstate::Table sipi_table{
    .name = "apic_sipi", .fields = sipi_fields, .needed = vmstate::needed<S, waits_for_sipi>};
constexpr auto subsections = vmstate::subsections(sipi_table);

Result<void> check(const S& s, int) {
    if (s.count_shift < 0 || s.count_shift > 7)
        return fail("count_shift {} is not in 0..7", s.count_shift);
    return {};
}
constexpr vmstate::Table table{.name = "apic",
                               .version = 3,
                               .minimum_version = 3,
                               .fields = fields,
                               .subsections = subsections,
                               .check = vmstate::check<S, check>};

using Vectors = std::array<u32, 8>;
int highest(const Vectors& bits) {
    for (int i = 7; i >= 0; i--)
        if (bits[size_t(i)]) return i * 32 + 31 - std::countl_zero(bits[size_t(i)]);
    return -1;
}
bool test(const Vectors& bits, unsigned v) {
    return bits[v / 32] >> (v % 32) & 1;
}
void set(Vectors& bits, unsigned v) {
    bits[v / 32] |= 1u << v % 32;
}
void clear(Vectors& bits, unsigned v) {
    bits[v / 32] &= ~(1u << v % 32);
}

}  // namespace

const DeviceType LocalApic::device_type_{
    {.name = "apic", .parent = "apic-common", .properties = properties},
    "",
    Category::Uncategorized,
    false,
    false,
    nullptr};

LocalApic::LocalApic(ApicBus& bus, ApicCpu& cpu, u32 id, bool bootstrap)
    : DeviceOf(device_type_), bus_(bus), cpu_(cpu), bootstrap_(bootstrap) {
    config_.id = id;
    state_.id = u8(id);
    bus_.add(*this);
}

LocalApic::~LocalApic() {
    bus_.remove(*this);
}

const vmstate::Table& LocalApic::vmstate() const {
    return table;
}

Result<void> LocalApic::realize(Platform& platform) {
    clock_ = &platform.clocks.virt;
    timer_.emplace(*clock_, [this] { timer_expired(); });
    return {};
}

void LocalApic::hold_reset() {
    state_.id = u8(config_.id);
    state_.arb_id = 0;
    state_.apicbase = default_base | base_enable | (bootstrap_ ? base_bsp : 0);
    init();
}

/// The state after an INIT (SDM 11.4.7.3): as power-on, but for the APIC ID and the base.
void LocalApic::init() {
    const u32 base = state_.apicbase;
    const u8 id = state_.id, arb_id = state_.arb_id;
    state_ = {};
    state_.apicbase = base;
    state_.id = id;
    state_.arb_id = arb_id;
    state_.spurious_vec = 0xff;
    state_.dest_mode = 0xf;
    state_.lvt.fill(lvt_masked);
    state_.wait_for_sipi = !bootstrap_;
    if (timer_) timer_->cancel();
    update();
}

void LocalApic::post_load(int) {
    timer_->restore(state_.timer_expiry);
    if (state_.wait_for_sipi) cpu_.await_sipi();
    update();
}

// ---- priorities -------------------------------------------------------------------------------

u8 LocalApic::processor_priority() const {
    const int in_service = highest(state_.isr);
    const u8 isrv = in_service < 0 ? 0 : u8(in_service & 0xf0);
    return (state_.tpr & 0xf0) >= isrv ? state_.tpr : isrv;
}

/// The vector that may interrupt now, or -1.
int LocalApic::highest_request() const {
    const int vector = highest(state_.irr);
    return vector >= 0 && (vector & 0xf0) > (processor_priority() & 0xf0) ? vector : -1;
}

/// INTR of the PIC passes when the APIC is off, or when LINT0 is not masked.
bool LocalApic::accepts_pic() const {
    return !(state_.apicbase & base_enable) || !(state_.lvt[LvtLint0] & lvt_masked);
}

bool LocalApic::wants_interrupt() const {
    if (software_enabled() && highest_request() >= 0) return true;
    if (!pic_ || !pic_->pending() || !accepts_pic()) return false;
    // With LINT0 in fixed mode the PIC's INT is an ordinary vector, requested by set_lint0().
    return !(state_.apicbase & base_enable) ||
           lvt_delivery(state_.lvt[LvtLint0]) == Delivery::ExtInt;
}

int LocalApic::acknowledge() {
    int vector = -1;
    if (software_enabled() && (vector = highest_request()) >= 0) {
        clear(state_.irr, unsigned(vector));
        set(state_.isr, unsigned(vector));
        if (bus_.on_taken) bus_.on_taken(u8(vector));
    } else if (wants_interrupt()) {
        vector = pic_->acknowledge();
    }
    update();
    return vector;
}

void LocalApic::set_tpr(u8 value) {
    state_.tpr = u8(value << 4);
    update();
}

bool LocalApic::set_apic_base(u64 value) {
    if (value & base_x2apic || value >> 36) return false;
    const u32 kept = state_.apicbase & (base_bsp | base_enable);
    state_.apicbase = (u32(value) & 0xfffff000) | kept;
    // Once globally disabled it takes a reset to come back, as on processors with an APIC bus
    // (SDM 11.4.3).
    if (!(value & base_enable)) {
        state_.apicbase &= ~base_enable;
        state_.spurious_vec &= ~svr_enable;
    }
    update();
    return true;
}

// ---- interrupts in ----------------------------------------------------------------------------

void LocalApic::request(u8 vector, bool level_triggered) {
    if (vector < 16) return error(esr_receive_illegal);
    set(state_.irr, vector);
    if (level_triggered)
        set(state_.tmr, vector);
    else
        clear(state_.tmr, vector);
    update();
}

void LocalApic::error(u32 esr_bit) {
    const bool news = !(state_.esr & esr_bit);
    if (news) platform().log.guest_error("apic {}: error status {:#x}\n", state_.id, esr_bit);
    state_.esr |= esr_bit;
    if (news && (state_.lvt[LvtError] & 0xff) >= 16) deliver_local(LvtError);
}

void LocalApic::receive(const ApicMessage& m) {
    switch (m.delivery) {
        case Delivery::Fixed:
        case Delivery::LowestPriority: request(m.vector, m.level_triggered); break;
        case Delivery::Smi: cpu_.smi(); break;
        case Delivery::Nmi: cpu_.nmi(); break;
        case Delivery::Init:
            init();
            cpu_.init();
            break;
        case Delivery::StartUp:
            // Ignored unless an INIT went before (SDM 9.4.3).
            if (!state_.wait_for_sipi) break;
            state_.wait_for_sipi = 0;
            state_.sipi_vector = m.vector;
            cpu_.start(m.vector);
            break;
        case Delivery::ExtInt: cpu_.set_interrupt(true); break;
        case Delivery::Reserved: break;
    }
}

void LocalApic::deliver_local(Lvt which) {
    const u32 lvt = state_.lvt[which];
    if (lvt & lvt_masked) return;
    switch (lvt_delivery(lvt)) {
        case Delivery::Smi: cpu_.smi(); break;
        case Delivery::Nmi: cpu_.nmi(); break;
        case Delivery::ExtInt: update(); break;
        case Delivery::Fixed: request(u8(lvt), which == LvtLint0 && lvt & lvt_level); break;
        default: break;
    }
}

void LocalApic::set_lint0(int level) {
    const u32 lvt = state_.lvt[LvtLint0];
    const bool rises = level && !lint0_level_;
    lint0_level_ = level;
    if (level && state_.apicbase & base_enable) {
        // An edge counts once, however often the wire says that it is up.
        const bool edge = lvt_delivery(lvt) == Delivery::Fixed && !(lvt & lvt_level);
        if (rises || !edge) deliver_local(LvtLint0);
        return;
    }
    if (!level && lvt_delivery(lvt) == Delivery::Fixed && lvt & lvt_level)
        clear(state_.irr, lvt & 0xff);
    update();
}

void LocalApic::end_of_interrupt() {
    const int vector = highest(state_.isr);
    if (vector < 0) return;
    clear(state_.isr, unsigned(vector));
    if (test(state_.tmr, unsigned(vector)) && !(state_.spurious_vec & svr_no_eoi_broadcast))
        bus_.broadcast_eoi(u8(vector));
    update();
}

bool LocalApic::addressed_by(u8 destination, bool logical) const {
    if (!logical) return destination == 0xff || destination == state_.id;
    if (state_.dest_mode == 0xf) return destination & state_.log_dest;
    if (state_.dest_mode == 0)  // clusters of four
        return (destination & 0xf0) == (state_.log_dest & 0xf0) &&
               destination & state_.log_dest & 0x0f;
    return false;
}

void LocalApic::send_ipi() {
    const u32 low = state_.icr[0];
    const ApicMessage m{.destination = u8(state_.icr[1] >> 24),
                        .logical = (low & icr_logical) != 0,
                        .delivery = Delivery(low >> 8 & 7),
                        .vector = u8(low),
                        .level_triggered = (low & icr_level_triggered) != 0};
    // INIT level de-assert only resynchronised arbitration IDs, on processors that had them.
    if (m.delivery == Delivery::Init && m.level_triggered && !(low & icr_assert)) {
        for (LocalApic* a : bus_.apics())
            a->state_.arb_id = a->state_.id;
        return;
    }
    std::vector<LocalApic*> targets;
    switch (low >> 18 & 3) {  // destination shorthand
        case 0: return bus_.send(m);
        case 1: targets = {this}; break;
        default:
            for (LocalApic* a : bus_.apics())
                if (a != this || (low >> 18 & 3) == 2) targets.push_back(a);
    }
    bus_.send_to(targets, m);
}

// ---- timer ------------------------------------------------------------------------------------

u32 LocalApic::current_count() const {
    if (!clock_) return 0;
    const u64 ticks =
        u64(clock_->now_ns() - state_.initial_count_load_time) >> unsigned(state_.count_shift);
    const u64 initial = state_.initial_count;
    if (state_.lvt[LvtTimer] & lvt_periodic)
        return initial ? u32(initial - ticks % (initial + 1)) : 0;
    return ticks >= initial ? 0 : u32(initial - ticks);
}

/// A masked timer counts without an alarm: nobody can tell.
void LocalApic::schedule_timer(i64 now) {
    timer_->cancel();
    const u32 lvt = state_.lvt[LvtTimer];
    const u64 initial = state_.initial_count;
    if (lvt & lvt_masked || !initial) return;
    const u64 ticks = u64(now - state_.initial_count_load_time) >> unsigned(state_.count_shift);
    u64 due = initial + 1;
    if (lvt & lvt_periodic)
        due *= ticks / (initial + 1) + 1;
    else if (ticks >= initial)
        return;
    state_.next_time = state_.initial_count_load_time + i64(due << unsigned(state_.count_shift));
    timer_->set(state_.next_time);
}

void LocalApic::timer_expired() {
    deliver_local(LvtTimer);
    schedule_timer(state_.next_time);
}

// ---- registers --------------------------------------------------------------------------------

u32 LocalApic::read_register(u32 offset) {
    const unsigned word = offset >> 4 & 7;
    switch (offset & 0xff0) {
        case Id: return u32(state_.id) << 24;
        case Version: return config_.version | u32(state_.lvt.size() - 1) << 16;
        case Tpr: return state_.tpr;
        case Apr: return 0;  // arbitration went with the APIC bus
        case Ppr: return processor_priority();
        case Ldr: return u32(state_.log_dest) << 24;
        case Dfr: return u32(state_.dest_mode) << 28 | 0x0fffffff;
        case Svr: return state_.spurious_vec;
        case Esr: return state_.esr;
        case IcrLow: return state_.icr[0];
        case IcrHigh: return state_.icr[1];
        case InitialCount: return state_.initial_count;
        case CurrentCount: return current_count();
        case DivideConfiguration: return state_.divide_conf;
        default: break;
    }
    if (offset >= Isr && offset < Tmr) return state_.isr[word];
    if (offset >= Tmr && offset < Irr) return state_.tmr[word];
    if (offset >= Irr && offset < Esr) return state_.irr[word];
    if (offset >= LvtFirst && offset < InitialCount) return state_.lvt[(offset - LvtFirst) >> 4];
    error(esr_illegal_register);
    return 0;
}

void LocalApic::write_register(u32 offset, u32 value) {
    switch (offset & 0xff0) {
        case Id: state_.id = u8(value >> 24); return;
        case Version:
        case Apr:
        case Ppr:
        case CurrentCount: return;
        case Tpr:
            state_.tpr = u8(value);
            update();
            return;
        case Eoi: end_of_interrupt(); return;
        case Ldr: state_.log_dest = u8(value >> 24); return;
        case Dfr: state_.dest_mode = u8(value >> 28); return;
        case Svr:
            state_.spurious_vec = value & 0x1ff;
            if (!(value & svr_enable))  // LVT entries cannot be unmasked while it is off
                for (u32& lvt : state_.lvt)
                    lvt |= lvt_masked;
            update();
            return;
        case Esr: state_.esr = 0; return;
        case IcrLow:
            state_.icr[0] = value & ~icr_pending;
            send_ipi();
            return;
        case IcrHigh: state_.icr[1] = value; return;
        case InitialCount:
            state_.initial_count = value;
            state_.initial_count_load_time = clock_->now_ns();
            schedule_timer(state_.initial_count_load_time);
            return;
        case DivideConfiguration:
            state_.divide_conf = value & 0xb;
            // 000b divides by 2, ... 110b by 128, 111b by 1
            state_.count_shift = i32(((value & 3) | (value >> 1 & 4)) + 1) & 7;
            schedule_timer(clock_->now_ns());
            return;
        default: break;
    }
    if (offset >= Isr && offset < Esr) return;
    if (offset >= LvtFirst && offset < InitialCount) {
        const unsigned which = (offset - LvtFirst) >> 4;
        state_.lvt[which] = software_enabled() ? value : value | lvt_masked;
        if (which == LvtTimer)
            schedule_timer(clock_->now_ns());
        else if (which == LvtLint0)
            update();
        return;
    }
    error(esr_illegal_register);
}

}  // namespace hw
