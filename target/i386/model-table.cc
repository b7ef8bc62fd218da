// SPDX-License-Identifier: GPL-2.0-or-later
//
// One row a model and version.
#include "target/i386/model-table.h"

#include <algorithm>

namespace i386 {

namespace {

constexpr std::string_view amd = "AuthenticAMD", intel = "GenuineIntel", hygon = "HygonGenuine",
                           nobody = "";

// Name, brand, note, vendor, family, model, stepping, level, xlevel, address bits, caches; the
// words.
// clang-format off
constexpr ModelFacts models[] = {
    {"486-v1", "", "", intel, 4, 8, 0, 0x1, 0x0, 32, Caches::legacy,
     {0x9, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"Broadwell-v1", "Intel Core Processor (Broadwell)", "", intel, 6, 61, 2, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c0fb9, 0, 0, 0, 0x28100800, 0x121, 0, 0, 0x1, 0x4, 0, 0}},
    {"Broadwell-v2", "Intel Core Processor (Broadwell, no TSX)", "", intel, 6, 61, 2, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c07a9, 0, 0, 0, 0x28100800, 0x121, 0, 0, 0x1, 0x4, 0, 0}},
    {"Broadwell-v3", "Intel Core Processor (Broadwell, IBRS)", "", intel, 6, 61, 2, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c0fb9, 0, 0x4000000, 0, 0x28100800, 0x121, 0, 0, 0x1, 0x4, 0, 0}},
    {"Broadwell-v4", "Intel Core Processor (Broadwell, no TSX, IBRS)", "", intel, 6, 61, 2, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c07a9, 0, 0x4000000, 0, 0x28100800, 0x121, 0, 0, 0x1, 0x4, 0, 0}},
    {"Cascadelake-Server-v1", "Intel Xeon Processor (Cascadelake)", "", intel, 6, 85, 6, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f0fb9, 0x808, 0x84000000, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Cascadelake-Server-v2", "Intel Xeon Processor (Cascadelake)", "[ARCH_CAPABILITIES]", intel, 6, 85, 6, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f0fb9, 0x808, 0xa4000000, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0x2b, 0}},
    {"Cascadelake-Server-v3", "Intel Xeon Processor (Cascadelake)", "[ARCH_CAPABILITIES, no TSX]", intel, 6, 85, 6, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f07a9, 0x808, 0xa4000000, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0x2b, 0}},
    {"Cascadelake-Server-v4", "Intel Xeon Processor (Cascadelake)", "[ARCH_CAPABILITIES, EPT switching, no TSX]", intel, 6, 85, 6, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f07a9, 0x808, 0xa4000000, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0x2b, 0}},
    {"Cascadelake-Server-v5", "Intel Xeon Processor (Cascadelake)", "[ARCH_CAPABILITIES, EPT switching, XSAVES, no TSX]", intel, 6, 85, 6, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f07a9, 0x808, 0xa4000000, 0, 0x2c100800, 0x121, 0, 0, 0xf, 0x4, 0x2b, 0}},
    {"Conroe-v1", "Intel Celeron_4x0 (Conroe/Merom Class Core 2)", "", intel, 6, 15, 3, 0xa, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x80000201, 0, 0, 0, 0, 0x20100800, 0x1, 0, 0, 0, 0, 0, 0}},
    {"Cooperlake-v1", "Intel Xeon Processor (Cooperlake)", "", intel, 6, 85, 10, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f0fb9, 0x808, 0xac000000, 0x20, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0x16b, 0}},
    {"Cooperlake-v2", "Intel Xeon Processor (Cooperlake)", "[XSAVES]", intel, 6, 85, 10, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f0fb9, 0x808, 0xac000000, 0x20, 0x2c100800, 0x121, 0, 0, 0xf, 0x4, 0x16b, 0}},
    {"Denverton-v1", "Intel Atom Processor (Denverton)", "", intel, 6, 95, 1, 0x15, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xc7f8220b, 0x20944281, 0, 0xa4000000, 0, 0x2c100800, 0x101, 0, 0, 0x7, 0x4, 0x9, 0}},
    {"Denverton-v2", "Intel Atom Processor (Denverton)", "[no MPX, no MONITOR]", intel, 6, 95, 1, 0x15, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xc7f82203, 0x20940281, 0, 0xa4000000, 0, 0x2c100800, 0x101, 0, 0, 0x7, 0x4, 0x9, 0}},
    {"Denverton-v3", "Intel Atom Processor (Denverton)", "[XSAVES, no MPX, no MONITOR]", intel, 6, 95, 1, 0x15, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xc7f82203, 0x20940281, 0, 0xa4000000, 0, 0x2c100800, 0x101, 0, 0, 0xf, 0x4, 0x9, 0}},
    {"Dhyana-v1", "Hygon Dhyana Processor", "", hygon, 24, 0, 1, 0xd, 0x8000001e, 40, Caches::epyc,
     {0x78bfbfd, 0xf4d83209, 0x9c01a9, 0, 0, 0, 0x2e500800, 0x4003f5, 0x1000, 0x9, 0x7, 0x4, 0, 0}},
    {"Dhyana-v2", "Hygon Dhyana Processor", "[XSAVES]", hygon, 24, 0, 1, 0xd, 0x8000001e, 40, Caches::epyc,
     {0x78bfbfd, 0xf4d83209, 0x9c01a9, 0, 0, 0, 0x2e500800, 0x4003f5, 0x1000, 0x9, 0xf, 0x4, 0, 0}},
    {"EPYC-Milan-v1", "AMD EPYC-Milan Processor", "", amd, 25, 1, 1, 0xd, 0x8000001e, 40, Caches::milan,
     {0x78bfbfd, 0xf6da320b, 0x219c07a9, 0x40000c, 0x10, 0, 0x2fd3fbfd, 0xc003f5, 0x100d205, 0x10000009, 0xf, 0x4, 0, 0}},
    {"EPYC-Rome-v1", "AMD EPYC-Rome Processor", "", amd, 23, 49, 0, 0xd, 0x8000001e, 40, Caches::rome,
     {0x78bfbfd, 0xf6d8320b, 0x219c01a9, 0x400004, 0, 0, 0x2fd3fbfd, 0xc003f5, 0x9205, 0x9, 0xf, 0x4, 0, 0}},
    {"EPYC-Rome-v2", "AMD EPYC-Rome Processor", "", amd, 23, 49, 0, 0xd, 0x8000001e, 40, Caches::rome,
     {0x78bfbfd, 0xf6d8320b, 0x219c01a9, 0x400004, 0, 0, 0x2fd3fbfd, 0xc003f5, 0x100d205, 0x9, 0xf, 0x4, 0, 0}},
    {"EPYC-v1", "AMD EPYC Processor", "", amd, 23, 1, 2, 0xd, 0x8000001e, 40, Caches::epyc,
     {0x78bfbfd, 0xf6d8320b, 0x209c01a9, 0, 0, 0, 0x2fd3fbfd, 0x4003f5, 0, 0x9, 0x7, 0x4, 0, 0}},
    {"EPYC-v2", "AMD EPYC Processor (with IBPB)", "", amd, 23, 1, 2, 0xd, 0x8000001e, 40, Caches::epyc,
     {0x78bfbfd, 0xf6d8320b, 0x209c01a9, 0, 0, 0, 0x2fd3fbfd, 0x4003f5, 0x1000, 0x9, 0x7, 0x4, 0, 0}},
    {"EPYC-v3", "AMD EPYC Processor", "", amd, 23, 1, 2, 0xd, 0x8000001e, 40, Caches::epyc,
     {0x78bfbfd, 0xf6d8320b, 0x209c01a9, 0, 0, 0, 0x2fd3fbfd, 0xc003f5, 0x1005, 0x9, 0xf, 0x4, 0, 0}},
    {"Haswell-v1", "Intel Core Processor (Haswell)", "", intel, 6, 60, 4, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xfb9, 0, 0, 0, 0x28100800, 0x21, 0, 0, 0x1, 0x4, 0, 0}},
    {"Haswell-v2", "Intel Core Processor (Haswell, no TSX)", "", intel, 6, 60, 1, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x7a9, 0, 0, 0, 0x28100800, 0x21, 0, 0, 0x1, 0x4, 0, 0}},
    {"Haswell-v3", "Intel Core Processor (Haswell, IBRS)", "", intel, 6, 60, 4, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xfb9, 0, 0x4000000, 0, 0x28100800, 0x21, 0, 0, 0x1, 0x4, 0, 0}},
    {"Haswell-v4", "Intel Core Processor (Haswell, no TSX, IBRS)", "", intel, 6, 60, 1, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x7a9, 0, 0x4000000, 0, 0x28100800, 0x21, 0, 0, 0x1, 0x4, 0, 0}},
    {"Icelake-Server-v1", "Intel Xeon Processor (Icelake)", "", intel, 6, 134, 0, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f0fb9, 0x15f4e, 0x84000000, 0, 0x2c100800, 0x121, 0x200, 0, 0x7, 0x4, 0, 0}},
    {"Icelake-Server-v2", "Intel Xeon Processor (Icelake)", "[no TSX]", intel, 6, 134, 0, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f07a9, 0x15f4e, 0x84000000, 0, 0x2c100800, 0x121, 0x200, 0, 0x7, 0x4, 0, 0}},
    {"Icelake-Server-v3", "Intel Xeon Processor (Icelake)", "", intel, 6, 134, 0, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f07a9, 0x15f4e, 0xa4000000, 0, 0x2c100800, 0x121, 0x200, 0, 0x7, 0x4, 0x16b, 0}},
    {"Icelake-Server-v4", "Intel Xeon Processor (Icelake)", "", intel, 6, 106, 0, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xf1bf07a9, 0x415f4e, 0xa4000010, 0, 0x2c100800, 0x121, 0x200, 0, 0x7, 0x4, 0x16b, 0}},
    {"Icelake-Server-v5", "Intel Xeon Processor (Icelake)", "[XSAVES]", intel, 6, 106, 0, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xf1bf07a9, 0x415f4e, 0xa4000010, 0, 0x2c100800, 0x121, 0x200, 0, 0xf, 0x4, 0x16b, 0}},
    {"Icelake-Server-v6", "Intel Xeon Processor (Icelake)", "[5-level EPT]", intel, 6, 106, 0, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xf1bf07a9, 0x415f4e, 0xa4000010, 0, 0x2c100800, 0x121, 0x200, 0, 0xf, 0x4, 0x16b, 0}},
    {"IvyBridge-v1", "Intel Xeon E3-12xx v2 (Ivy Bridge)", "", intel, 6, 58, 9, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7b82203, 0x281, 0, 0, 0, 0x28100800, 0x1, 0, 0, 0x1, 0x4, 0, 0}},
    {"IvyBridge-v2", "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)", "", intel, 6, 58, 9, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7b82203, 0x281, 0, 0x4000000, 0, 0x28100800, 0x1, 0, 0, 0x1, 0x4, 0, 0}},
    {"KnightsMill-v1", "Intel Xeon Phi Processor (Knights Mill)", "", intel, 6, 133, 0, 0xd, 0x80000008, 40, Caches::legacy,
     {0xf8bfbfd, 0xf7f83203, 0x1c0d03a9, 0x4000, 0xc, 0, 0x2c100800, 0x121, 0, 0, 0x1, 0x4, 0, 0}},
    {"Nehalem-v1", "Intel Core i7 9xx (Nehalem Class Core i7)", "", intel, 6, 26, 3, 0xb, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x80982201, 0, 0, 0, 0, 0x20100800, 0x1, 0, 0, 0, 0, 0, 0}},
    {"Nehalem-v2", "Intel Core i7 9xx (Nehalem Core i7, IBRS update)", "", intel, 6, 26, 3, 0xb, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x80982201, 0, 0, 0x4000000, 0, 0x20100800, 0x1, 0, 0, 0, 0, 0, 0}},
    {"Opteron_G1-v1", "AMD Opteron 240 (Gen 1 Class Opteron)", "", amd, 15, 6, 1, 0x5, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x80000001, 0, 0, 0, 0, 0x2193fbfd, 0, 0, 0, 0, 0, 0, 0}},
    {"Opteron_G2-v1", "AMD Opteron 22xx (Gen 2 Class Opteron)", "", amd, 15, 6, 1, 0x5, 0x8000000a, 40, Caches::legacy,
     {0x78bfbfd, 0x80002001, 0, 0, 0, 0, 0x2193fbfd, 0x5, 0, 0, 0, 0, 0, 0}},
    {"Opteron_G3-v1", "AMD Opteron 23xx (Gen 3 Class Opteron)", "", amd, 16, 2, 3, 0x5, 0x8000000a, 40, Caches::legacy,
     {0x78bfbfd, 0x80802009, 0, 0, 0, 0, 0x2993fbfd, 0xe5, 0, 0, 0, 0, 0, 0}},
    {"Opteron_G4-v1", "AMD Opteron 62xx class CPU", "", amd, 21, 1, 2, 0xd, 0x8000001a, 40, Caches::legacy,
     {0x78bfbfd, 0x96982203, 0, 0, 0, 0, 0x2d93fbfd, 0x109e5, 0, 0x9, 0, 0, 0, 0}},
    {"Opteron_G5-v1", "AMD Opteron 63xx class CPU", "", amd, 21, 2, 0, 0xd, 0x8000001a, 40, Caches::legacy,
     {0x78bfbfd, 0xb6983203, 0, 0, 0, 0, 0x2d93fbfd, 0x2109e5, 0, 0x9, 0, 0, 0, 0}},
    {"Penryn-v1", "Intel Core 2 Duo P9xxx (Penryn Class Core 2)", "", intel, 6, 23, 3, 0xa, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x80082201, 0, 0, 0, 0, 0x20100800, 0x1, 0, 0, 0, 0, 0, 0}},
    {"SandyBridge-v1", "Intel Xeon E312xx (Sandy Bridge)", "", intel, 6, 42, 1, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x97b82203, 0, 0, 0, 0, 0x28100800, 0x1, 0, 0, 0x1, 0x4, 0, 0}},
    {"SandyBridge-v2", "Intel Xeon E312xx (Sandy Bridge, IBRS update)", "", intel, 6, 42, 1, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x97b82203, 0, 0, 0x4000000, 0, 0x28100800, 0x1, 0, 0, 0x1, 0x4, 0, 0}},
    {"Skylake-Client-v1", "Intel Core Processor (Skylake)", "", intel, 6, 94, 3, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c0fb9, 0, 0, 0, 0x28100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Skylake-Client-v2", "Intel Core Processor (Skylake, IBRS)", "", intel, 6, 94, 3, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c0fb9, 0, 0x4000000, 0, 0x28100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Skylake-Client-v3", "Intel Core Processor (Skylake, IBRS, no TSX)", "", intel, 6, 94, 3, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c07a9, 0, 0x4000000, 0, 0x28100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Skylake-Client-v4", "Intel Core Processor (Skylake, IBRS, no TSX)", "[IBRS, XSAVES, no TSX]", intel, 6, 94, 3, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0x1c07a9, 0, 0x4000000, 0, 0x28100800, 0x121, 0, 0, 0xf, 0x4, 0, 0}},
    {"Skylake-Server-v1", "Intel Xeon Processor (Skylake)", "", intel, 6, 85, 4, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd19f0fb9, 0x8, 0, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Skylake-Server-v2", "Intel Xeon Processor (Skylake, IBRS)", "", intel, 6, 85, 4, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd11f0fb9, 0x8, 0x4000000, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Skylake-Server-v3", "Intel Xeon Processor (Skylake, IBRS, no TSX)", "", intel, 6, 85, 4, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd11f07a9, 0x8, 0x4000000, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Skylake-Server-v4", "Intel Xeon Processor (Skylake, IBRS, no TSX)", "[IBRS, EPT switching, no TSX]", intel, 6, 85, 4, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd11f07a9, 0x8, 0x4000000, 0, 0x2c100800, 0x121, 0, 0, 0x7, 0x4, 0, 0}},
    {"Skylake-Server-v5", "Intel Xeon Processor (Skylake, IBRS, no TSX)", "[IBRS, XSAVES, EPT switching, no TSX]", intel, 6, 85, 4, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xf7fa3203, 0xd11f07a9, 0x8, 0x4000000, 0, 0x2c100800, 0x121, 0, 0, 0xf, 0x4, 0, 0}},
    {"Snowridge-v1", "Intel Atom Processor (SnowRidge)", "", intel, 6, 134, 1, 0x1b, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xc7f8220b, 0x21944281, 0x1a000104, 0xe4000000, 0, 0x2c100800, 0x101, 0, 0, 0x7, 0x4, 0, 0x20}},
    {"Snowridge-v2", "Intel Atom Processor (Snowridge, no MPX)", "", intel, 6, 134, 1, 0x1b, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xc7f8220b, 0x21940281, 0x1a000104, 0xe4000000, 0, 0x2c100800, 0x101, 0, 0, 0x7, 0x4, 0, 0x20}},
    {"Snowridge-v3", "Intel Atom Processor (Snowridge, no MPX)", "[XSAVES, no MPX]", intel, 6, 134, 1, 0x1b, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xc7f8220b, 0x21940281, 0x1a000104, 0xe4000000, 0, 0x2c100800, 0x101, 0, 0, 0xf, 0x4, 0, 0x20}},
    {"Snowridge-v4", "Intel Atom Processor (Snowridge, no MPX)", "[no split lock detect, no core-capability]", intel, 6, 134, 1, 0x1b, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0xc7f8220b, 0x21940281, 0x1a000104, 0xa4000000, 0, 0x2c100800, 0x101, 0, 0, 0xf, 0x4, 0, 0}},
    {"Westmere-v1", "Westmere E56xx/L56xx/X56xx (Nehalem-C)", "", intel, 6, 44, 1, 0xb, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x82982203, 0, 0, 0, 0, 0x20100800, 0x1, 0, 0, 0, 0x4, 0, 0}},
    {"Westmere-v2", "Westmere E56xx/L56xx/X56xx (IBRS update)", "", intel, 6, 44, 1, 0xb, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x82982203, 0, 0, 0x4000000, 0, 0x20100800, 0x1, 0, 0, 0, 0x4, 0, 0}},
    {"athlon-v1", "QEMU Virtual CPU version 2.5+", "", amd, 6, 2, 3, 0x2, 0x80000008, 36, Caches::legacy,
     {0x783fbfd, 0x80000000, 0, 0, 0, 0, 0xc1c3f3fd, 0, 0, 0, 0, 0, 0, 0}},
    {"core2duo-v1", "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz", "", intel, 6, 15, 11, 0xa, 0x80000008, 40, Caches::legacy,
     {0xfcbfbfd, 0x80002209, 0, 0, 0, 0, 0x20100800, 0x1, 0, 0, 0, 0, 0, 0}},
    {"coreduo-v1", "Genuine Intel(R) CPU           T2600  @ 2.16GHz", "", intel, 6, 14, 8, 0xa, 0x80000008, 32, Caches::legacy,
     {0xfc9fbfd, 0x80000009, 0, 0, 0, 0, 0x100000, 0, 0, 0, 0, 0, 0, 0}},
    {"kvm32-v1", "Common 32-bit KVM processor", "", intel, 15, 6, 1, 0x5, 0x80000008, 36, Caches::legacy,
     {0x78bfbfd, 0x80000001, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"kvm64-v1", "Common KVM processor", "", intel, 15, 6, 1, 0xd, 0x80000008, 40, Caches::legacy,
     {0x78bfbfd, 0x80002001, 0, 0, 0, 0, 0x20100800, 0, 0, 0, 0, 0, 0, 0}},
    {"n270-v1", "Intel(R) Atom(TM) CPU N270   @ 1.60GHz", "", intel, 6, 28, 2, 0xa, 0x80000008, 32, Caches::legacy,
     {0xfc9fbfd, 0x80400209, 0, 0, 0, 0, 0x100000, 0x1, 0, 0, 0, 0, 0, 0}},
    {"pentium-v1", "", "", intel, 5, 4, 3, 0x1, 0x0, 32, Caches::legacy,
     {0x8003bd, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"pentium2-v1", "", "", intel, 6, 5, 2, 0x2, 0x0, 36, Caches::legacy,
     {0x183fbfd, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"pentium3-v1", "", "", intel, 6, 7, 3, 0x3, 0x0, 36, Caches::legacy,
     {0x383fbfd, 0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"phenom-v1", "AMD Phenom(tm) 9550 Quad-Core Processor", "", amd, 16, 2, 3, 0x5, 0x8000001a, 40, Caches::legacy,
     {0x78bfbfd, 0x80802009, 0, 0, 0, 0, 0xefd3fbfd, 0x65, 0, 0x1, 0, 0, 0, 0}},
    {"qemu32-v1", "QEMU Virtual CPU version 2.5+", "", intel, 6, 6, 3, 0x4, 0x80000004, 32, Caches::legacy,
     {0x781abfd, 0x80000001, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"qemu64-v1", "QEMU Virtual CPU version 2.5+", "", amd, 15, 107, 1, 0xd, 0x8000000a, 40, Caches::legacy,
     {0x78bfbfd, 0x80002001, 0, 0, 0, 0, 0x2193fbfd, 0x5, 0, 0, 0, 0, 0, 0}},
    {"base", "", "", nobody, 0, 0, 0, 0x0, 0x0, 32, Caches::legacy,
     {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"max", "QEMU TCG CPU version 2.5+", "", amd, 15, 107, 1, 0xd, 0x8000000a, 40, Caches::legacy,
     {0xfcbfbfd, 0xf6d8320b, 0x1d843a9, 0x8001020c, 0, 0, 0xedd3fbfd, 0x75, 0, 0x10010001, 0x5, 0x4, 0, 0}},
};
// clang-format on

constexpr ModelAlias aliases[] = {
    {"Broadwell-IBRS", "Broadwell-v3"},
    {"Broadwell-noTSX", "Broadwell-v2"},
    {"Broadwell-noTSX-IBRS", "Broadwell-v4"},
    {"Cascadelake-Server-noTSX", "Cascadelake-Server-v3"},
    {"EPYC-IBPB", "EPYC-v2"},
    {"Haswell-IBRS", "Haswell-v3"},
    {"Haswell-noTSX", "Haswell-v2"},
    {"Haswell-noTSX-IBRS", "Haswell-v4"},
    {"Icelake-Server-noTSX", "Icelake-Server-v2"},
    {"IvyBridge-IBRS", "IvyBridge-v2"},
    {"Nehalem-IBRS", "Nehalem-v2"},
    {"SandyBridge-IBRS", "SandyBridge-v2"},
    {"Skylake-Client-IBRS", "Skylake-Client-v2"},
    {"Skylake-Client-noTSX-IBRS", "Skylake-Client-v3"},
    {"Skylake-Server-IBRS", "Skylake-Server-v2"},
    {"Skylake-Server-noTSX-IBRS", "Skylake-Server-v3"},
    {"Westmere-IBRS", "Westmere-v2"},
};

}  // namespace

std::span<const ModelFacts> model_table() {
    return models;
}

std::span<const ModelAlias> model_aliases() {
    return aliases;
}

const ModelFacts* find_model(std::string_view name) {
    for (const ModelAlias& a : aliases)
        if (a.name == name) name = a.version;
    const auto it = std::ranges::find_if(models, [&](const ModelFacts& m) {
        return m.name == name ||
               (m.name.ends_with("-v1") && m.name.substr(0, m.name.size() - 3) == name);
    });
    return it == std::end(models) ? nullptr : it;
}

}  // namespace i386
