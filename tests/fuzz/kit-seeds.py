#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Unpack captured state files of `-M pc -nodefaults` as seeds.

    kit-seeds.py KIT-ARCHIVE OUTPUT-FOLDER
"""
import pathlib
import sys
import tarfile

archive, out = map(pathlib.Path, sys.argv[1:])
out.mkdir(exist_ok=True)
with tarfile.open(archive) as tar:
    for member in tar:
        name = pathlib.PurePath(member.name)
        if name.parent.name in ('pc-nodef', 'linux-pc-nodef') and name.suffix == '.devstate':
            (out / name.name).write_bytes(tar.extractfile(member).read())
