# SPDX-License-Identifier: GPL-2.0-or-later
"""Generated C++ files: their frame, conditions, and writing only what changed."""

import os


class File:
    def __init__(self, path, purpose, header=False):
        self.path = path
        self.header = header
        self.purpose = purpose
        self.includes = set()
        self.system_includes = set()
        self.lines = []

    def add(self, text=''):
        self.lines.append(text)

    def guarded(self, condition, text):
        """Text that exists only where the schema's 'if' holds."""
        if condition:
            self.add('#if ' + preprocessor(condition))
        self.add(text)
        if condition:
            self.add('#endif')

    def text(self):
        top = ['// SPDX-License-Identifier: GPL-2.0-or-later', '//',
               f'// {self.purpose}', '// Made by scripts/qapi-gen.py from the schema: not for editing.']
        if self.header:
            top.append('#pragma once')
        top.append('')
        top += [f'#include <{name}>' for name in sorted(self.system_includes)]
        top += [f'#include "{name}"' for name in sorted(self.includes)]
        return '\n'.join(top + ['', 'namespace qapi {', ''] + self.lines + ['', '}  // namespace qapi', ''])

    def write(self):
        write_if_changed(self.path, self.text())


def write_if_changed(path, text):
    """Leaves the file's time alone when it is right already, so that nothing is built in vain."""
    try:
        with open(path, encoding='utf-8') as file:
            if file.read() == text:
                return
    except OSError:
        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def preprocessor(condition):
    """An 'if' as the preprocessor reads it."""
    if isinstance(condition, str):
        return f'defined({condition})'
    (operator, operands), = condition.items()
    if operator == 'not':
        return '!' + preprocessor(operands)
    sign = {'all': ' && ', 'any': ' || '}[operator]
    return '(' + sign.join(preprocessor(one) for one in operands) + ')'


def string(text):
    """A C++ string literal."""
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'
