#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""embed.py INPUT OUTPUT NAMESPACE NAME: the bytes of a file as a C++ array."""
import sys

source, target, namespace, name = sys.argv[1:]
data = open(source, 'rb').read()
lines = [','.join(str(b) for b in data[i:i + 40]) for i in range(0, len(data), 40)]
with open(target, 'w') as out:
    out.write(f'namespace {namespace} {{\nextern const unsigned char {name}[];\nextern const unsigned {name}_size;\n'
              f'const unsigned char {name}[] = {{\n' + ',\n'.join(lines) +
              f'}};\nconst unsigned {name}_size = {len(data)};\n}}\n')
