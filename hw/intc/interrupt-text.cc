// SPDX-License-Identifier: GPL-2.0-or-later
#include "hw/intc/interrupt-text.h"

#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "qapi/context.h"
#include "qapi/qapi-commands-machine.h"
#include "qom/user-objects.h"

namespace hw {

namespace {

struct Controllers {
    std::vector<const IoApic*> ioapics;
    std::vector<const I8259*> pics;  // the master first

    explicit Controllers(const qom::Object& root) { collect(root); }
    void collect(const qom::Object& under) {
        if (auto* ioapic = dynamic_cast<const IoApic*>(&under)) ioapics.push_back(ioapic);
        if (auto* pic = dynamic_cast<const I8259*>(&under)) pics.push_back(pic);
        for (const qom::Object* child : under.children())
            collect(*child);
    }
};

std::string statistics(std::string_view type, std::span<const u64> counts) {
    std::string text = fmt::format("IRQ statistics for {}:\n", type);
    for (std::size_t i = 0; i < counts.size(); i++)
        if (counts[i]) text += fmt::format("{:2}: {}\n", i, counts[i]);
    return text;
}

}  // namespace

std::string interrupt_controllers_text(const qom::Object& root) {
    const Controllers all(root);
    std::string text;
    for (const IoApic* ioapic : all.ioapics)
        text += ioapic->describe();
    for (std::size_t i = all.pics.size(); i-- > 0;)
        text += all.pics[i]->describe() + '\n';
    return text;
}

}  // namespace hw

namespace qapi {

Result<HumanReadableText> qmp_x_query_irq(Context& cx) {
    const hw::Controllers all(cx.get<qom::Tree>().root);
    HumanReadableText text;
    for (const hw::IoApic* ioapic : all.ioapics)
        text.human_readable_text += hw::statistics(ioapic->type_name(), ioapic->edge_counts());
    // Both chips' lines under one heading, as the PC numbers them.
    std::vector<hw::u64> lines;
    for (const hw::I8259* pic : all.pics)
        lines.insert(lines.end(), pic->edge_counts().begin(), pic->edge_counts().end());
    if (!lines.empty()) text.human_readable_text += hw::statistics(all.pics[0]->type_name(), lines);
    return text;
}

}  // namespace qapi
