# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-visit-MODULE.h and .cc: one function per type, for reading and writing (qapi/visitor.h)."""

from . import model
from .gen_types import guarded
from .names import ident
from .output import string

KINDS = {'str': 'string', 'number': 'number', 'bool': 'boolean', 'null': 'null'}


def generate_visits(types, module, header, source):
    for one in module.definitions:
        if isinstance(one, model.Enum):
            declare(header, one.condition, 'visit', ident(one.name))
            source.guarded(one.condition, _enum(one))
        elif isinstance(one, model.Array) and one.place:
            declare(header, one.element.condition, types.visit(one), types.name(one))
            source.guarded(one.element.condition, _array(types, one))
        elif isinstance(one, model.Alternate):
            declare(header, one.condition, 'visit', ident(one.name))
            source.guarded(one.condition, _alternate(types, one))
    shapes = types.shapes.get(module.name, ())
    for shape in shapes:
        declare(header, shape.definition.condition, 'visit', shape.cpp_name)
        header.guarded(shape.definition.condition,
                       f'void visit_members(Visitor& v, {shape.cpp_name}& x);')
    for shape in shapes:
        source.guarded(shape.definition.condition, _struct(types, shape))


def declare(header, condition, function, kind):
    header.guarded(condition, f'void {function}(Visitor& v, const char* name, {kind}& x);')


def _enum(enum):
    name = ident(enum.name)
    lines = [f'constexpr std::string_view names_of_{name}[] = {{']
    for member in enum.members:
        lines += guarded(member.condition, f'    {string(member.name)},')
    if not enum.members:
        lines[0] = f'constexpr std::span<const std::string_view> names_of_{name}'
        lines.append('};')
        lines[0] += ' {'
    else:
        lines.append('};')
    lines += [f'constexpr EnumTable table_of_{name}{{{string(enum.name)}, names_of_{name}}};',
              f'const EnumTable& enum_table({name}) {{ return table_of_{name}; }}',
              f'void visit(Visitor& v, const char* name, {name}& x) {{ visit_enum(v, name, x); }}', '']
    return '\n'.join(lines)


def _array(types, array):
    return (f'void {types.visit(array)}(Visitor& v, const char* name, {types.name(array)}& x) {{\n'
            f'    visit_array(v, name, x, {types.visit(array.element)});\n}}\n')


def _alternate(types, alternate):
    # The variant's order: what is always there comes first (Types.variant).
    branches = sorted(alternate.branches, key=lambda branch: branch.condition is not None)
    name = ident(alternate.name)
    lines = [f'void visit(Visitor& v, const char* name, {name}& x) {{',
             f'    const auto branch = v.alternate(name, {string(alternate.name)}, {{']
    for branch in branches:
        lines += guarded(branch.condition, f'        Json::Kind::{_kind(branch.type)},')
    lines += ['    }, x.u.index());', '    if (!branch) return;', '    switch (*branch) {']
    for branch in branches:
        kind = types.branch(name, branch)
        value = f"{'*' if kind.startswith('Box<') else ''}chosen<{kind}>(v, x.u)"
        lines += guarded(branch.condition, f'    case alternative<{kind}, decltype(x.u)>:',
                         f'        return {types.visit(branch.type)}(v, name, {value});')
    return '\n'.join(lines + ['    }', '}', ''])


def _kind(kind):
    if isinstance(kind, model.Enum):
        return 'string'
    if isinstance(kind, model.Array):
        return 'array'
    if isinstance(kind, model.Object):
        return 'object'
    return KINDS.get(kind.name, 'integer')


def _struct(types, shape):
    name = shape.cpp_name
    lines = [f'void visit_members(Visitor& v, {name}& x) {{']
    for member in shape.members:
        lines += guarded(member.condition, '    ' + _member(types, shape, member))
    if shape.union:
        lines += _branches(types, name, shape.union)
    lines += ['}', f'void visit(Visitor& v, const char* name, {name}& x) {{',
              '    v.begin_object(name);', '    if (!v.ok()) return;',
              '    visit_members(v, x);', '    v.end_object();', '}', '']
    return '\n'.join(lines)


def _member(types, shape, member):
    name, field = string(member.name), f'x.{ident(member.name)}'
    visit = types.visit(member.type)
    if (shape.cpp_name, member.name) in types.boxed:
        plain = types.name(member.type)
        if member.optional:
            return (f'visit_optional(v, {name}, {field}, +[](Visitor& w, const char* n, Box<{plain}>& y) '
                    '{ visit(w, n, *y); });')
        return f'visit(v, {name}, *{field});'
    if member.optional:
        return f'visit_optional(v, {name}, {field}, {visit});'
    return f'{visit}(v, {name}, {field});'


def _branches(types, owner, union):
    tag = union.tag
    lines = ['    if (!v.ok()) return;', f'    switch (x.{ident(tag.name)}) {{']
    for branch in union.branches:
        kind = types.branch(owner, branch)
        value = f"{'*' if kind.startswith('Box<') else ''}chosen<{kind}>(v, x.u)"
        lines += guarded(branch.condition,
                         f'    case {types.enumerator(tag.type, branch.name)}:',
                         '        x.u.emplace<std::monostate>();\n        break;'
                         if branch.type.name == 'q_empty' else
                         f'        visit_members(v, {value});\n'
                         '        break;')
    return lines + ['    }']


def generate_events(types, module, header, source):
    events = [one for one in module.definitions if isinstance(one, model.Event)]
    for event in events:
        name = types.event(event)
        header.guarded(event.condition, f'void emit(EventSink& sink, const {name}& event);')
        body = f'    sink.emit({string(event.name)}, to_json(event));' if event.data else \
               f'    sink.emit({string(event.name)}, Json());'
        source.guarded(event.condition,
                       f'void emit(EventSink& sink, const {name}&{" event" if event.data else ""}) '
                       f'{{\n{body}\n}}\n')
    return bool(events)
