# SPDX-License-Identifier: GPL-2.0-or-later
"""Documentation comments: `##` blocks, line by line into sections.

A block whose first line is `@NAME:` documents that definition: a body, then `@member:` sections,
`Features:` with one `@feature:` section each, then tagged sections. Any other block is free text.
"""

import re

from .source import SchemaError

TAGS = ('Returns:', 'Since:', 'Note:', 'Notes:', 'Example:', 'Examples:', 'TODO:')
ONCE = ('Returns', 'Since')
SYMBOL_HEAD = re.compile(r'@\S*:\s*')
TAG_HEAD = re.compile(r'\S*:\s*')
STRAY_SYMBOL = re.compile(r'@\S+:')


class Section:
    def __init__(self, name=None, indent=0):
        self.name = name
        self.indent = indent
        self.text = ''
        self.member = None      # what it documents, once the definition is known


class Doc:
    def __init__(self, lexer, place):
        self.lexer = lexer
        self.place = place
        self.symbol = None
        self.body = Section()
        self.args = {}
        self.features = {}
        self.sections = []
        self.current = self.body
        self.state = self._in_body

    def line(self, comment):
        """Takes one comment line, '#' included."""
        if comment == '#':
            return self._text('')
        if comment[1] != ' ':
            raise self.lexer.error('missing space after #')
        return self.state(comment[2:])

    def end(self):
        self._close()

    # States: each takes a line that is not empty

    def _in_body(self, line):
        word = line.split(' ', 1)[0]
        if not self.symbol and not self.body.text and line.startswith('@'):
            if not line.endswith(':'):
                raise self.lexer.error("line should end with ':'")
            self.symbol = line[1:-1]
            if not self.symbol:
                raise self.lexer.error("name required after '@'")
        elif self.symbol and is_symbol(word):
            self.state = self._in_args
            self._in_args(line)
        elif self.symbol and line == 'Features:':
            self.state = self._in_features
        elif self.symbol and word in TAGS:
            self.state = self._in_sections
            self._in_sections(line)
        else:
            self._text(line)

    def _in_args(self, line):
        self._symbols(line, self.args, features_may_follow=True)

    def _in_features(self, line):
        self._symbols(line, self.features, features_may_follow=False)

    def _symbols(self, line, into, features_may_follow):
        word = line.split(' ', 1)[0]
        if is_symbol(word):
            line, indent = cut_head(SYMBOL_HEAD, line)
            self._open_symbol(word[1:-1], indent, into)
        elif word in TAGS:
            self.state = self._in_sections
            return self._in_sections(line)
        elif self.current.text.endswith('\n\n') and line and not line[0].isspace():
            if features_may_follow and line == 'Features:':
                self.state = self._in_features
            else:
                self._open(Section())
                self.state = self._in_sections
                self._in_sections(line)
            return None
        return self._text(line)

    def _in_sections(self, line):
        word = line.split(' ', 1)[0]
        if is_symbol(word):
            raise self.lexer.error(f"'{word}' can't follow '{self.sections[0].name}' section")
        if word in TAGS:
            line, indent = cut_head(TAG_HEAD, line)
            self._open(Section(word[:-1], indent))
        self._text(line)

    # Sections

    def _open_symbol(self, name, indent, into):
        if not name:
            raise self.lexer.error('invalid parameter name')
        if name in into:
            raise self.lexer.error(f"'{name}' parameter name duplicated")
        self._close()
        self.current = into[name] = Section(name, indent)

    def _open(self, section):
        if section.name in ONCE and any(other.name == section.name for other in self.sections):
            raise self.lexer.error(f"duplicated '{section.name}' section")
        self._close()
        self.current = section
        self.sections.append(section)

    def _close(self):
        section = self.current
        if section is None:
            return
        self.current = None
        section.text = section.text.strip()
        if section.name and not section.text:
            raise self.lexer.error(f"empty doc section '{section.name}'")

    def _text(self, line):
        stray = STRAY_SYMBOL.match(line)
        if stray:
            raise self.lexer.error(f"'{stray.group()}' not allowed in free-form documentation")
        section = self.current
        if line:
            blanks = len(line) - len(line.lstrip())
            if blanks < section.indent:
                raise self.lexer.error(
                    f'unexpected de-indent (expected at least {section.indent} spaces)')
            line = line[section.indent:]
        section.text += line.rstrip() + '\n'

    # Against the definition

    def section(self, name):
        return next((one for one in self.sections if one.name == name), None)

    def connect_member(self, member):
        self.args.setdefault(member.name, Section(member.name)).member = member

    def connect_feature(self, feature):
        if feature.name not in self.features:
            raise SchemaError(feature.place, f"feature '{feature.name}' lacks documentation")
        self.features[feature.name].member = feature

    def check(self):
        for what, sections in (('member', self.args), ('feature', self.features)):
            bogus = [name for name, section in sections.items() if not section.member]
            if bogus:
                raise SchemaError(self.place, "documented %s%s '%s' %s not exist" % (
                    what, 's' if len(bogus) > 1 else '', "', '".join(bogus),
                    'do' if len(bogus) > 1 else 'does'))


def is_symbol(word):
    return word.startswith('@') and word.endswith(':')


def cut_head(head, line):
    """Blanks out "@name: " or "Tag: ", and says how far the text that follows is indented."""
    width = head.match(line).end()
    rest = line[width:]
    return (' ' * width + rest, width) if rest else ('', 0)
