# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-types-MODULE.h: plain structs and enumerations, and what any generator asks about them.

A struct holds its base's members and its own side by side, so that designated initialisers work.
A union is its base's members, the discriminator among them, and a variant `u` of the branches'
types. A command's arguments and an event's data are structs like any other.
"""

from . import model
from .names import camel, flat, ident
from .output import preprocessor


class Shape:
    """A struct to generate: an Object type, or the data of an event under the event's name."""

    def __init__(self, cpp_name, members, union, definition):
        self.cpp_name = cpp_name
        self.members = members
        self.union = union                  # the Object that has branches, or None
        self.definition = definition


class Types:
    """Which C++ type stands for what, and in which order they can be defined."""

    def __init__(self, schema):
        self.schema = schema
        self.arguments = {}                 # implicit data type -> its command or event
        for call in schema.definitions(model.Call):
            if call.data and call.data.implicit():
                self.arguments[call.data.name] = call
        self.boxed = set()                  # (struct, member or branch) that would contain itself
        self.shapes = {}
        for one in schema.order:
            for shape in self._shapes_of(one):
                self.shapes.setdefault(one.module.name, []).append(shape)

    def _shapes_of(self, one):
        if isinstance(one, model.Object) and one.name != 'q_empty' and not one.name.endswith('-base'):
            call = self.arguments.get(one.name)
            if not isinstance(call, model.Event):
                yield Shape(self.name(one), one.members, one if one.branches is not None else None, one)
        if isinstance(one, model.Event):
            members = one.data.members if one.data else []
            union = one.data if one.data and one.data.branches is not None else None
            yield Shape(self.event(one), members, union, one)

    def name(self, kind):
        """The C++ type of a schema type."""
        if isinstance(kind, model.Builtin):
            return kind.cpp
        if isinstance(kind, model.Array):
            return f'std::vector<{self.name(kind.element)}>'
        if kind.name == 'q_empty':
            return 'std::monostate'
        call = self.arguments.get(kind.name)
        if call:
            return self._implied(camel(call.name) + 'Args')
        return ident(kind.name)

    def event(self, event):
        return self._implied(camel(event.name) + 'Event')

    def _implied(self, name):
        """A name that no type of the schema has."""
        return self._implied(name + '_') if name in self.schema.entries else name

    @staticmethod
    def enumerator(kind, name):
        return f'{ident(kind.name)}::{ident(name)}'

    @staticmethod
    def visit(kind):
        """The function that walks over a value of the type."""
        if isinstance(kind, model.Builtin):
            return 'visit_' + kind.name
        if isinstance(kind, model.Array):
            return 'visit_' + flat(kind.name)
        return 'visit'

    def branch(self, owner, branch):
        """The C++ type of a branch in the struct `owner`."""
        name = self.name(branch.type)
        return f'Box<{name}>' if (owner, branch.name) in self.boxed else name

    def variant(self, owner, branches):
        """Lines for the variant `u`, in which each type stands once."""
        conditions = {}
        for branch in branches:
            conditions.setdefault(self.branch(owner, branch), []).append(branch.condition)
        always = [name for name, all_of in conditions.items() if None in all_of]
        lines = ['    std::variant<' + ', '.join(always)]
        for name, all_of in conditions.items():
            if name not in always:
                comma = ', ' if always else ''
                lines += guarded({'any': all_of}, f'                 {comma}{name}')
        return lines + ['                 > u;'] if len(lines) > 1 else [lines[0] + '> u;']

    def parts(self, shape):
        """The types of which the struct holds values itself."""
        yield from (member.type for member in shape.members)
        if shape.union:
            yield from (branch.type for branch in shape.union.branches)


def element_of(kind):
    while isinstance(kind, model.Array):
        kind = kind.element
    return kind


def file_of(what, module, ending='h'):
    stem = module.name.removesuffix('.json')
    folder, _, name = stem.rpartition('/')
    return f"{folder + '/' if folder else ''}qapi-{what}-{name}.{ending}"


def circles(types, modules):
    """module -> all modules whose types need its and whose types it needs: they share a header."""
    needs = {module.name: {kind.module.name for kind in _needed(types, module)} for module in modules}
    for through in needs:               # Warshall's closure
        for name in needs:
            if through in needs[name]:
                needs[name] |= needs[through]
    return {module.name: [other for other in modules if other is module or (
                other.name in needs[module.name] and module.name in needs[other.name])]
            for module in modules}


def _needed(types, module):
    for shape in types.shapes.get(module.name, ()):
        yield from map(element_of, types.parts(shape))
    for one in module.definitions:
        if isinstance(one, model.Alternate):
            yield from (element_of(branch.type) for branch in one.branches)


def generate_types(types, modules, file, include):
    """The types of modules that share a header; `include` gives the name of another one's."""
    definitions = [one for module in modules for one in module.definitions]
    shapes = {shape.definition.name: shape for module in modules
              for shape in types.shapes.get(module.name, ())}
    alternates = {one.name: one for one in definitions if isinstance(one, model.Alternate)}
    done, doing, forward = set(), set(), set()

    for one in definitions:
        if isinstance(one, model.Enum):
            file.guarded(one.condition, _enum(one))

    def need(kind):
        """Defines the type first if it is of this module. False: it is being defined already."""
        kind = element_of(kind)
        if kind.name in done or (kind.name not in shapes and kind.name not in alternates):
            if kind.module not in modules and kind.module.name != model.Module.BUILTIN:
                file.includes.add(include(kind.module))
            return True
        if kind.name in doing:
            forward.add(types.name(kind))
            return False
        define(kind.name)
        return True

    def need_branches(owner, branches):
        for branch in branches:
            if not need(branch.type) and not isinstance(branch.type, model.Array):
                types.boxed.add((owner, branch.name))

    def define(name):
        doing.add(name)
        if name in alternates:
            alternate = alternates[name]
            need_branches(ident(name), alternate.branches)
            variant = types.variant(ident(name), alternate.branches)
            text = '\n'.join([f'struct {ident(name)} {{', *variant, '};', ''])
        else:
            text = _struct(types, shapes[name], need, need_branches)
        file.guarded((alternates.get(name) or shapes[name].definition).condition, text)
        done.add(name)

    start = len(file.lines)
    for name in list(shapes) + list(alternates):
        if name not in done:
            define(name)
    file.lines[start:start] = [f'struct {name};' for name in sorted(forward)] + [''] * bool(forward)


def _enum(enum):
    lines = [f'enum class {ident(enum.name)} {{']
    for member in enum.members:
        lines += guarded(member.condition, f'    {ident(member.name)},')
    lines += ['};', f'const EnumTable& enum_table({ident(enum.name)});', '']
    return '\n'.join(lines)


def _struct(types, shape, need, need_branches):
    lines = [f'struct {shape.cpp_name} {{']
    for member in shape.members:
        name = types.name(member.type)
        if not need(member.type) and not isinstance(member.type, model.Array):
            name = f'Box<{name}>'
            types.boxed.add((shape.cpp_name, member.name))
        if member.optional:
            name = f'std::optional<{name}>'
        start = '{}' if isinstance(member.type, (model.Builtin, model.Enum)) and not member.optional \
            and member.type.name not in ('str', 'any', 'null') else ''
        lines += guarded(member.condition, f'    {name} {ident(member.name)}{start};')
    if shape.union:
        need_branches(shape.cpp_name, shape.union.branches)
        lines += types.variant(shape.cpp_name, shape.union.branches)
    lines += ['};', '']
    return '\n'.join(lines)


def guarded(condition, *lines):
    if not condition:
        return list(lines)
    return ['#if ' + preprocessor(condition), *lines, '#endif']
