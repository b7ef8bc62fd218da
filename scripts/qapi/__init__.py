# SPDX-License-Identifier: GPL-2.0-or-later
"""Compiler of QAPI schemas: from qapi/*.json to C++, introspection and the reference manual.

source   -> where a thing stands in a schema, and the one exception that says so
parser   -> tokens and expressions of one file after the other (doc: its comments)
check    -> is each expression of the right form?
schema   -> definitions out of expressions (model: what each is, and whether they fit together)
gen_*    -> what is written; dump prints the checked model for comparison in tests
"""
