# SPDX-License-Identifier: GPL-2.0-or-later
"""Where something stands in a schema, and the error that tells it."""


class Pragma:
    """Settings that a 'pragma' directive makes for the rest of the schema."""

    LISTS = ('command-name-exceptions', 'command-returns-exceptions', 'member-name-exceptions')

    def __init__(self):
        self.doc_required = False
        self.lists = {name: [] for name in self.LISTS}


class Place:
    """A line of a file, the include directives that led to it, and the definition around it."""

    __slots__ = ('file', 'line', 'via', 'pragma', 'meta', 'name')

    def __init__(self, file, line, via=None, pragma=None):
        self.file = file
        self.line = line
        self.via = via
        self.pragma = via.pragma if via else (pragma or Pragma())
        self.meta = None
        self.name = None

    def on_line(self, line):
        return Place(self.file, line, self.via, self.pragma)

    def context(self):
        """The lines that go before a message."""
        trail = []
        via = self.via
        while via:
            trail.insert(0, f'In file included from {via.file}:{via.line}:\n')
            via = via.via
        if self.meta:
            trail.append(f"{self.file}: In {self.meta} '{self.name}':\n")
        return ''.join(trail)

    def position(self):
        return self.file if self.line is None else f'{self.file}:{self.line}'


class SchemaError(Exception):
    """A schema that cannot be taken. str() is the whole message with its context."""

    def __init__(self, place, reason, column=None):
        where = place.position()
        if column is not None:
            where += f':{column}'
        super().__init__(f'{place.context()}{where}: {reason}')
