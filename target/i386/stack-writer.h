// SPDX-License-Identifier: GPL-2.0-or-later
//
// StackWriter: pushes several words on the current or another stack and commits SP (and SS) only
// when all of them went well, so that a fault in between leaves the registers alone.
#pragma once

#include "target/i386/cpu.h"

namespace i386 {

class StackWriter {
public:
    /// The current stack, words of `width` bytes.
    StackWriter(Cpu& c, unsigned width)
        : c_(c),
          width_(width),
          stack_{c.s.seg[ss], c.s.regs[rsp], c.stack_mask(), c.cpl(), 0},
          same_(true) {}
    StackWriter(Cpu& c, unsigned width, const InnerStack& stack)
        : c_(c), width_(width), stack_(stack), same_(false) {}

    void push(u64 value) {
        stack_.sp -= width_;
        c_.push_on(stack_, value, width_);
    }
    void commit() {
        if (!same_) c_.set_segment(ss, stack_.ss);
        u64& sp = c_.s.regs[rsp];
        sp = stack_.mask == 0xffff ? (sp & ~stack_.mask) | (stack_.sp & stack_.mask)
                                   : stack_.sp & stack_.mask;
    }

private:
    Cpu& c_;
    unsigned width_;
    InnerStack stack_;
    bool same_;
};

}  // namespace i386
