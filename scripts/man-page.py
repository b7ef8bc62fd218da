#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make the manual page of the emulator: the template, with the options as the program's own -help lists them.

    man-page.py TEMPLATE PROGRAM OUTPUT
"""
import re
import subprocess
import sys


def roff(text):
    """Text as it is: no character of it is a request or an escape."""
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\\&' + text if text.startswith(('.', "'")) else text


def options(help_text):
    """`-name ARGUMENT   what it does`, the last on a line of its own when the first part is long; `Title:` above."""
    lines = []
    for line in help_text.splitlines():
        if re.fullmatch(r'[A-Z].*:', line):
            lines.append(f'.SS {roff(line[:-1])}')
        elif line.startswith('-'):
            head, _, text = (part.strip() for part in re.match(r'(-.*?)(\s{2,}|$)(.*)', line).groups())
            name, _, argument = head.partition(' ')
            lines += ['.TP', f'.B {roff(name)}' + (f' \\fI{roff(argument)}\\fR' if argument else '')]
            lines += [roff(text)] if text else []
        elif line.startswith(' '):
            lines.append(roff(line.strip()))
    return '\n'.join(lines)


def main():
    template, program, output = sys.argv[1:]
    told = subprocess.run([program, '-help'], check=True, capture_output=True, text=True).stdout
    with open(template) as file:
        page = file.read()
    with open(output, 'w') as file:
        file.write(page.replace('@OPTIONS@', options(told)))


if __name__ == '__main__':
    main()
