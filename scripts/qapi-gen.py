#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiles a QAPI schema (scripts/qapi/__init__.py says how)."""

import argparse
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from qapi.schema import Schema          # noqa: E402
from qapi.source import SchemaError     # noqa: E402


def main():
    options = argparse.ArgumentParser(description='Generate code from a QAPI schema')
    options.add_argument('-o', '--output-dir', default='', help='write generated files here')
    options.add_argument('-p', '--prefix', default='', help='prefix for the generated file names')
    options.add_argument('-i', '--include-dir', default='qapi',
                         help='how generated files name the output directory in #include')
    options.add_argument('-u', '--unmask-non-abi-names', action='store_true', dest='unmask',
                         help='introspection shows the names of types as they are')
    options.add_argument('--check', action='store_true', help='check the schema, write nothing')
    options.add_argument('--dump', action='store_true', help='print the checked schema')
    options.add_argument('--manual', nargs=3, metavar=('TEXT', 'MAN', 'HTML'),
                         help='write the reference manual into these files, and nothing else')
    options.add_argument('schema', help='the schema file')
    args = options.parse_args()
    rest = args.prefix[re.match('([A-Za-z_.-][A-Za-z0-9_.-]*)?', args.prefix).end():]
    if rest:
        sys.exit(f"{sys.argv[0]}: funny character '{rest[0]}' in argument of --prefix")
    try:
        schema = Schema(args.schema)
    except SchemaError as error:
        sys.exit(str(error))
    if args.dump:
        from qapi.dump import dump
        dump(schema, sys.stdout)
    elif args.manual:
        from qapi.gen_doc import generate_manual
        generate_manual(schema, *args.manual)
    elif not args.check:
        from qapi.generate import generate
        generate(schema, args)


if __name__ == '__main__':
    main()
