# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads schema files: tokens, JSON-like values, directives, and which comment goes with what.

Tokens are made one at a time as the reader asks for them, so that of two mistakes the first in
reading order is the one that is told.
"""

import os
import re

from .doc import Doc
from .source import Place, SchemaError

PLAIN_STRING = re.compile(r"'([ -&(-\[\]-~]*)'")
WORD = re.compile(r"[^\[\]{}:,\s']+")
BLANK = re.compile(r'[^\S\n]+')
DEEPEST = 100       # nothing in the language needs more than a few
OPENING = ("'", 't', 'f', '{', '[')


class Expression:
    """One top-level object of a schema with its place and its documentation, if it has any."""

    __slots__ = ('value', 'place', 'doc')

    def __init__(self, value, place, doc=None):
        self.value = value
        self.place = place
        self.doc = doc


class Lexer:
    """`token` is a punctuation mark, "'" (string), 't'/'f' (boolean), '#' (comment), or None."""

    def __init__(self, text, place):
        self.text = text if text.endswith('\n') else text + '\n'
        self.place = place
        self.line = 1
        self.line_start = 0
        self.start = 0          # of the current token
        self.cursor = 0
        self.token = None
        self.value = None

    def here(self):
        return self.place.on_line(self.line)

    def error(self, reason):
        column = 1
        for char in self.text[self.line_start:self.start]:
            column = (column + 7) % 8 + 1 if char == '\t' else column + 1
        return SchemaError(self.here(), reason, column)

    def next(self, plain_comments=False):
        """Advances. Plain comments are passed over unless asked for; those that start '##' never are."""
        text = self.text
        while True:
            blank = BLANK.match(text, self.cursor)
            if blank:
                self.cursor = blank.end()
            self.start = self.cursor
            if self.start >= len(text):
                self.token = self.value = None
                return
            char = text[self.start]
            self.cursor += 1
            if char == '\n':
                if self.cursor == len(text):
                    self.token = self.value = None
                    return
                self.line += 1
                self.line_start = self.cursor
                continue
            if char == '#':
                self.cursor = text.index('\n', self.cursor)
                self.value = text[self.start:self.cursor]
                if plain_comments or self.value.startswith('##'):
                    self.token = '#'
                    return
                continue
            self.token = char
            if char in '{}[]:,':
                self.value = None
            elif char == "'":
                self.value = self._string()
            elif text.startswith('true', self.start):
                self.value = True
                self.cursor += 3
            elif text.startswith('false', self.start):
                self.value = False
                self.cursor += 4
            else:
                raise self.error("stray '%s'" % WORD.match(text, self.start).group())
            return

    def _string(self):
        plain = PLAIN_STRING.match(self.text, self.start)
        if plain:
            self.cursor = plain.end()
            return plain.group(1)
        chars = []
        escaped = False
        while True:
            char = self.text[self.cursor]
            self.cursor += 1
            if char == '\n':
                raise self.error("missing terminating \"'\"")
            if escaped:
                if char != '\\':
                    raise self.error('unknown escape \\' + char)
                escaped = False
            elif char == '\\':
                escaped = True
                continue
            elif char == "'":
                return ''.join(chars)
            if not ' ' <= char <= '~':
                raise self.error('funny character in string')
            chars.append(char)


class Reader:
    """Reads one file, and those it includes, into `expressions` and `docs`."""

    def __init__(self, path, seen=None, via=None):
        self.path = path
        self.seen = seen if seen is not None else set()
        self.seen.add(os.path.abspath(path))
        self.expressions = []
        self.docs = []
        self.depth = 0
        place = Place(path, None, via)
        with open(path, encoding='utf-8') as file:
            try:
                text = file.read()
            except UnicodeDecodeError as error:
                raise SchemaError(place, f'not UTF-8: {error.reason}') from None
        self.lex = Lexer(text, place)
        self._file()

    def _file(self):
        lex = self.lex
        lex.next()
        doc = None
        while lex.token is not None:
            place = lex.here()
            if lex.token == '#':
                self._reject(doc)
                for doc in self._comment(place):
                    self.docs.append(doc)
                continue
            value = self._value()
            if not isinstance(value, dict):
                raise SchemaError(place, 'top-level expression must be an object')
            if 'include' in value:
                self._reject(doc)
                self._include(self._only('include', str, 'a string', value, place), place)
            elif 'pragma' in value:
                self._reject(doc)
                for name, setting in self._only('pragma', dict, 'an object', value, place).items():
                    self._pragma(name, setting, place)
            else:
                if doc and not doc.symbol:
                    raise SchemaError(doc.place, 'definition documentation required')
                self.expressions.append(Expression(value, place, doc))
            doc = None
        self._reject(doc)

    @staticmethod
    def _reject(doc):
        if doc and doc.symbol:
            raise SchemaError(doc.place,
                              f"documentation for '{doc.symbol}' is not followed by the definition")

    @staticmethod
    def _only(key, kind, wanted, value, place):
        if len(value) != 1:
            raise SchemaError(place, f"invalid '{key}' directive")
        if not isinstance(value[key], kind):
            raise SchemaError(place, f"value of '{key}' must be {wanted}")
        return value[key]

    def _include(self, name, place):
        path = os.path.join(os.path.dirname(self.path), name)
        self.expressions.append(Expression({'include': path}, place))
        wanted = os.path.abspath(path)
        up = place
        while up:
            if wanted == os.path.abspath(up.file):
                raise SchemaError(place, f'inclusion loop for {name}')
            up = up.via
        if wanted in self.seen:
            return
        try:
            other = Reader(path, self.seen, place)
        except OSError as error:
            raise SchemaError(place, f"can't read include file '{path}': {error.strerror}") from None
        self.expressions += other.expressions
        self.docs += other.docs

    @staticmethod
    def _pragma(name, setting, place):
        if name == 'doc-required':
            if not isinstance(setting, bool):
                raise SchemaError(place, "pragma 'doc-required' must be boolean")
            place.pragma.doc_required = setting
        elif name in place.pragma.LISTS:
            if not isinstance(setting, list) or not all(isinstance(one, str) for one in setting):
                raise SchemaError(place, f'pragma {name} must be a list of strings')
            place.pragma.lists[name] = setting
        else:
            raise SchemaError(place, f"unknown pragma '{name}'")

    def _value(self):
        lex = self.lex
        if lex.token in ('{', '['):
            if self.depth == DEEPEST:
                raise lex.error('nested too deeply')
            self.depth += 1
            read = self._members if lex.token == '{' else self._elements
            lex.next()
            value = read()
            self.depth -= 1
            return value
        if lex.token in ("'", 't', 'f'):
            value = lex.value
            lex.next()
            return value
        raise lex.error("expected '{', '[', string, or boolean")

    def _members(self):
        lex = self.lex
        members = {}
        if lex.token == '}':
            lex.next()
            return members
        if lex.token != "'":
            raise lex.error("expected string or '}'")
        while True:
            key = lex.value
            lex.next()
            if lex.token != ':':
                raise lex.error("expected ':'")
            lex.next()
            if key in members:
                raise lex.error(f"duplicate key '{key}'")
            members[key] = self._value()
            if lex.token == '}':
                lex.next()
                return members
            if lex.token != ',':
                raise lex.error("expected ',' or '}'")
            lex.next()
            if lex.token != "'":
                raise lex.error('expected string')

    def _elements(self):
        lex = self.lex
        elements = []
        if lex.token == ']':
            lex.next()
            return elements
        if lex.token not in OPENING:
            raise lex.error("expected '{', '[', ']', string, or boolean")
        while True:
            elements.append(self._value())
            if lex.token == ']':
                lex.next()
                return elements
            if lex.token != ',':
                raise lex.error("expected ',' or ']'")
            lex.next()

    def _comment(self, place):
        """The doc comment that starts here; a heading in a free one starts another."""
        lex = self.lex
        if lex.value != '##':
            raise lex.error("junk after '##' at start of documentation comment")
        docs = [Doc(lex, place)]
        lex.next(plain_comments=True)
        while lex.token == '#':
            if lex.value.startswith('##'):
                if lex.value != '##':
                    raise lex.error("junk after '##' at end of documentation comment")
                docs[-1].end()
                lex.next()
                return docs
            if lex.value.startswith('# ='):
                if docs[-1].symbol:
                    raise lex.error("unexpected '=' markup in definition documentation")
                if docs[-1].body.text:
                    docs[-1].end()
                    docs.append(Doc(lex, place))
            docs[-1].line(lex.value)
            lex.next(plain_comments=True)
        raise lex.error("documentation comment must end with '##'")
