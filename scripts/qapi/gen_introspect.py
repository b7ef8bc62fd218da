# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-introspect.cc: the schema as clients see it, in JSON, without the names of types.

Types that look alike to a client are one there: all widths of integers are 'int'. A type's name is
a number, so that nobody comes to depend on it; built-in types keep theirs.
"""

import json

from . import model
from .output import preprocessor


class Introspection:
    def __init__(self, schema, unmask):
        self.schema = schema
        self.unmask = unmask
        self.used = []
        self.numbers = {}
        self.entries = []               # (condition, what is told); so are elements of lists
        for one in schema.order:
            if isinstance(one, model.Command):
                self._command(one)
            elif isinstance(one, model.Event):
                self._entry(one.name, 'event', one, {'arg-type': self._type(one.data or schema.empty)})
        for kind in self.used:          # grows while we go
            self._describe(kind)

    def _command(self, command):
        about = {'arg-type': self._type(command.data or self.schema.empty),
                 'ret-type': self._type(command.returns or self.schema.empty)}
        if command.allow_oob:
            about['allow-oob'] = True
        self._entry(command.name, 'command', command, about)

    def _entry(self, name, meta, thing, about):
        about = {'name': name, 'meta-type': meta, **about}
        self._features(thing, about)
        self.entries.append((thing.condition, about))

    def _features(self, thing, about):
        if thing.features:
            about['features'] = [(feature.condition, feature.name) for feature in thing.features]

    def _type(self, kind):
        """The name of the type in the output; it will be described there."""
        if isinstance(kind, model.Builtin) and kind.json == 'int':
            kind = self.schema.entries['int']
        if kind not in self.used:
            self.used.append(kind)
        if isinstance(kind, model.Builtin):
            return kind.name
        if isinstance(kind, model.Array):
            return f'[{self._type(kind.element)}]'
        if self.unmask:
            return kind.name
        return self.numbers.setdefault(kind.name, str(len(self.numbers)))

    def _describe(self, kind):
        name = self._type(kind)
        if isinstance(kind, model.Builtin):
            self._entry(name, 'builtin', kind, {'json-type': kind.json})
        elif isinstance(kind, model.Array):
            self._entry(name, 'array', kind.element if kind.element.condition else kind,
                        {'element-type': self._type(kind.element)})
        elif isinstance(kind, model.Enum):
            members = []
            for member in kind.members:
                about = {'name': member.name}
                self._features(member, about)
                members.append((member.condition, about))
            self._entry(name, 'enum', kind, {'members': members, 'values': [
                (member.condition, member.name) for member in kind.members]})
        elif isinstance(kind, model.Alternate):
            self._entry(name, 'alternate', kind, {'members': [
                (branch.condition, {'type': self._type(branch.type)}) for branch in kind.branches]})
        else:
            about = {'members': [(member.condition, self._member(member)) for member in kind.members]}
            if kind.branches is not None:
                about['tag'] = kind.tag.name
                about['variants'] = [
                    (branch.condition, {'case': branch.name, 'type': self._type(branch.type)})
                    for branch in kind.branches]
            self._entry(name, 'object', kind, about)

    def _member(self, member):
        about = {'name': member.name, 'type': self._type(member.type)}
        if member.optional:
            about['default'] = None
        self._features(member, about)
        return about


def plain(told):
    """As JSON has it, when every condition holds."""
    if isinstance(told, dict):
        return {key: plain(one) for key, one in told.items()}
    if isinstance(told, list):
        return [plain(one) for _condition, one in told]
    return told


def literals(told):
    """Lines of C++ string literals; a conditional element stands between #if and #endif."""
    lines = []

    def put(text):
        if lines and not lines[-1].startswith('#'):
            lines[-1] += text
        else:
            lines.append(text)

    def guarded(condition, then):
        if condition:
            lines.append('#if ' + preprocessor(condition))
        then()
        if condition:
            lines.append('#endif')

    def value(one):
        if isinstance(one, dict):
            put('{')
            for count, (key, member) in enumerate(one.items()):
                put((', ' if count else '') + json.dumps(key) + ': ')
                value(member)
            put('}')
        elif isinstance(one, list):
            put('[')
            before = []
            for condition, element in one:
                guarded(condition, lambda: separated(list(before), element))
                before.append(condition)
            put(']')
        else:
            put(json.dumps(one))

    def separated(before, element):
        # The comma is for what stands before it, if anything does.
        if before:
            guarded(None if None in before else {'any': before}, lambda: put(', '))
        value(element)

    value(told)
    return '\n'.join(one if one.startswith('#') else f'R"~({one})~"' for one in lines)


def generate_introspection(schema, unmask, file):
    made = Introspection(schema, unmask)
    file.add('constexpr std::string_view schema_entries[] = {')
    for condition, told in made.entries:
        file.guarded(condition, literals(told) + ',')
    file.add('};\n')
    file.add('std::span<const std::string_view> introspection() { return schema_entries; }')
