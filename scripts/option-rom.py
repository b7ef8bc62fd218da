#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Assemble an option ROM: as, objcopy, then the two checksums a BIOS verifies. Or a floppy with a boot sector.

    option-rom.py SOURCE.S OUT.bin
    option-rom.py SOURCE.S OUT.img

The ROM's bytes must sum to 0 (the last byte is adjusted), and so must its $PnP header's (PnP BIOS 1.0A, 3.2). A boot
sector has 512 bytes that end in 55 AA; the floppy is one of 1.44 MB with nothing else on it.
"""
import os
import subprocess
import sys
import tempfile


def main():
    source, out = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as d:
        obj, raw = os.path.join(d, "rom.o"), os.path.join(d, "rom.bin")
        subprocess.run([os.environ.get("AS", "as"), "--32", "-I", os.path.dirname(source), source, "-o", obj], check=True)
        elf, raw = os.path.join(d, "rom.elf"), raw
        subprocess.run(["ld", "-m", "elf_i386", "-Ttext", "0", "-e", "0", obj, "-o", elf], check=True)
        subprocess.run(["objcopy", "-O", "binary", "-j", ".text", elf, raw], check=True)
        with open(raw, "rb") as f:
            rom = bytearray(f.read())
    if out.endswith(".img"):
        if len(rom) != 512 or rom[510:] != b"\x55\xaa":
            sys.exit(f"{source}: not a boot sector: {len(rom)} bytes")
        with open(out, "wb") as f:
            f.write(rom.ljust(80 * 2 * 18 * 512, b"\0"))
        return
    if len(rom) % 512 or rom[:2] != b"\x55\xaa" or rom[2] != len(rom) // 512:
        sys.exit(f"{source}: not an option ROM: {len(rom)} bytes, header {rom[:3].hex()}")
    pnp = int.from_bytes(rom[0x1A:0x1C], "little")
    if pnp:
        length = rom[pnp + 5] * 16
        rom[pnp + 9] = -sum(rom[pnp:pnp + length]) & 0xFF
    rom[-1] = -sum(rom[:-1]) & 0xFF
    with open(out, "wb") as f:
        f.write(rom)


if __name__ == "__main__":
    main()
