// SPDX-License-Identifier: GPL-2.0-or-later
//
// The small types of a Cpu's interface.
#pragma once

#include "target/i386/svm/exit.h"

namespace i386 {

/// An exception on its way to the loop of Cpu::run(). Thrown and caught inside this room.
struct Fault {
    u8 vector;
    bool has_error;
    u32 error;
};

/// A stack that something is pushed on before the switch to it: of an inner ring, or an IST entry.
struct InnerStack {
    Segment ss;
    u64 sp;
    u64 mask;  ///< of its stack pointer: 16, 32 or 64 bits
    unsigned cpl;
    u16 error;  ///< of the #SS it may raise
};

/// Of an access to ports, for intercept_io().
struct IoKind {
    bool in, string;
};

/// Reasons for the loop to stop, set from any thread (Cpu::request()).
enum Request : u32 {
    request_interrupt = 1 << 0,  ///< INTR is up; stays until Cpu::clear_request()
    request_nmi = 1 << 1,
    request_smi = 1 << 2,
    request_init = 1 << 3,
    request_sipi = 1 << 4,
    request_exit = 1 << 5,   ///< leave run()
    request_code = 1 << 6,   ///< work from CodePages is queued
    request_flush = 1 << 7,  ///< the memory map changed: flush the TLB
    request_virtual =
        1 << 8,  ///< a virtual interrupt of an SVM guest waits; by the processor itself
};

/// `waiting`: MWAIT, until a request or Cpu::line_written().
enum class Stop : u8 { requested, halted, shutdown, waiting };

}  // namespace i386
