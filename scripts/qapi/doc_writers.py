# SPDX-License-Identifier: GPL-2.0-or-later
"""What the reference manual is written with. @name in a text is a name that the schema defines."""

import html
import re
import textwrap

TITLE = 'QMP reference manual'
NAME = re.compile(r'@([A-Za-z_][A-Za-z0-9_.-]*[A-Za-z0-9_]|[A-Za-z])')


class TextWriter:
    """Plain text, 78 columns."""

    WIDTH = 78

    def __init__(self):
        self.lines = [TITLE.upper(), '*' * len(TITLE), '']

    def text(self):
        return '\n'.join(self.lines).rstrip() + '\n'

    def heading(self, level, text):
        self.lines += [text, ('=' if level == 1 else '-') * len(text), '']

    def definition(self, kind, name, note):
        self.lines += [f"{name} ({kind}{', ' + note if note else ''})", '']

    def label(self, text):
        self.lines += [f'  {text}:']

    def _wrap(self, text, first, rest):
        plain = NAME.sub(r'\1', ' '.join(text.split()))
        self.lines += textwrap.wrap(plain, self.WIDTH, initial_indent=first, subsequent_indent=rest,
                                    break_long_words=False, break_on_hyphens=False)

    def paragraph(self, text):
        self._wrap(text, '  ', '  ')
        self.lines.append('')

    def run_in(self, label, text):
        self._wrap(f'{label}: {text}', '  ', '    ')
        self.lines.append('')

    def items(self, items):
        for term, note, text in items:
            if term is None:
                self._wrap(text, '    - ', '      ')
            else:
                self._wrap(f"{term}{f' ({note})' if note else ''}: {text}", '    ', '        ')
        self.lines.append('')

    def literal(self, lines):
        self.lines += ['    ' + line.rstrip() for line in lines] + ['']


class ManWriter:
    """man(7)."""

    def __init__(self):
        self.lines = ['.TH QEMU-QMP-REF 7 "" "qemu 7.2" "QMP"', '.SH NAME',
                      'qemu-qmp-ref \\- ' + TITLE]

    def text(self):
        return '\n'.join(self.lines) + '\n'

    @staticmethod
    def _inline(text):
        text = ' '.join(text.split()).replace('\\', '\\e').replace('-', '\\-')
        text = NAME.sub(r'\\fB\1\\fP', text.replace('\\-', '-')).replace('-', '\\-')
        return '\\&' + text if text.startswith(('.', "'")) else text

    def heading(self, level, text):
        self.lines.append(f".{'SH' if level == 1 else 'SS'} {self._inline(text)}")

    def definition(self, kind, name, note):
        self.lines.append(f".SS {self._inline(name)} ({kind}{', ' + note if note else ''})")

    def label(self, text):
        self.lines += ['.PP', f'\\fI{text}:\\fP']

    def paragraph(self, text):
        self.lines += ['.PP', self._inline(text)]

    def run_in(self, label, text):
        self.lines += ['.PP', f'\\fI{label}:\\fP {self._inline(text)}']

    def items(self, items):
        for term, note, text in items:
            if term is None:
                self.lines += ['.IP \\(bu 2', self._inline(text)]
            else:
                note = f' ({self._inline(note)})' if note else ''
                self.lines += ['.TP', f'\\fB{self._inline(term)}\\fP{note}', self._inline(text)]

    def literal(self, lines):
        self.lines += ['.PP', '.nf', '.RS']
        self.lines += ['\\&' + line.rstrip().replace('\\', '\\e').replace('-', '\\-') for line in lines]
        self.lines += ['.RE', '.fi']


class HtmlWriter:
    """One page with a table of contents; names link to their definitions."""

    STYLE = ('body{max-width:50em;margin:1em auto;padding:0 1em;font-family:sans-serif;line-height:1.4}'
             'pre{background:#f2f2f2;padding:.5em;overflow-x:auto}dt{font-family:monospace}'
             'h3{border-top:1px solid #ccc;padding-top:.6em}h3 small{font-weight:normal;color:#555}')

    def __init__(self, names):
        self.names = names
        self.contents = []
        self.lines = []

    def text(self):
        return '\n'.join(['<!DOCTYPE html>', '<html lang="en"><head><meta charset="utf-8">',
                          f'<title>{TITLE}</title><style>{self.STYLE}</style></head><body>',
                          f'<h1>{TITLE}</h1>', '<ul>', *self.contents, '</ul>', *self.lines,
                          '</body></html>']) + '\n'

    def _inline(self, text):
        def link(match):
            name = match[1]
            code = f'<code>{name}</code>'
            return f'<a href="#{name}">{code}</a>' if name in self.names else code
        return NAME.sub(link, html.escape(' '.join(text.split()), quote=False))

    def heading(self, level, text):
        anchor = re.sub('[^a-z0-9]+', '-', text.lower())
        self.lines.append(f'<h2 id="{anchor}">{self._inline(text)}</h2>' if level == 1
                          else f'<h3>{self._inline(text)}</h3>')
        if level == 1:
            self.contents.append(f'<li><a href="#{anchor}">{self._inline(text)}</a></li>')

    def definition(self, kind, name, note):
        self.lines.append(f'<h3 id="{name}">{html.escape(name)} '
                          f"<small>({kind}{', ' + html.escape(note) if note else ''})</small></h3>")

    def label(self, text):
        self.lines.append(f'<p><b>{html.escape(text)}</b></p>')

    def paragraph(self, text):
        self.lines.append(f'<p>{self._inline(text)}</p>')

    def run_in(self, label, text):
        self.lines.append(f'<p><b>{html.escape(label)}:</b> {self._inline(text)}</p>')

    def items(self, items):
        terms = [item for item in items if item[0] is not None]
        if terms:
            self.lines.append('<dl>')
            for term, note, text in terms:
                note = f' <small>({self._inline(note)})</small>' if note else ''
                self.lines.append(f'<dt>{html.escape(term)}{note}</dt><dd>{self._inline(text)}</dd>')
            self.lines.append('</dl>')
        if len(terms) < len(items):
            self.lines.append('<ul>')
            self.lines += [f'<li>{self._inline(text)}</li>' for term, _note, text in items if term is None]
            self.lines.append('</ul>')

    def literal(self, lines):
        self.lines.append('<pre>' + html.escape('\n'.join(line.rstrip() for line in lines),
                                                quote=False) + '</pre>')
