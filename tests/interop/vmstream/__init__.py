# SPDX-License-Identifier: GPL-2.0-or-later
"""Read, compare and edit device-state files and migration streams (QEVM version 3).

An independent reader in plain Python: the oracle for the emulator and for tools/qemu-devstate. A device-state file
carries no layout of its fields; it comes from a description (the JSON that ends a migration stream of the same
machine) or from a library of layouts merged from many descriptions.
"""
from .base import Library, LayoutError, StreamError, load_json, load_vmdesc, read_file, write_file  # noqa: F401
from .stream import Parser  # noqa: F401
from .report import (diff, drop_sections, flatten, set_field, show_value, to_device_state,  # noqa: F401
                     tree_lines)


def parse_bytes(data, vmdesc=None, library=None):
    return Parser(data, vmdesc, library).parse()
