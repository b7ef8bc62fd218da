# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints the checked schema, module by module, for comparison in tests."""

from . import model


def dump(schema, out):
    def line(text, depth=0):
        out.write('    ' * depth + text + '\n')

    def condition(thing, depth=1):
        if thing.condition:
            line(f'if {thing.condition}', depth)

    def features(thing, depth=1):
        for feature in thing.features:
            line(f'feature {feature.name}', depth)
            condition(feature, depth + 1)

    def branches(thing, tag):
        line(f'tag {tag}', 1)
        for branch in thing.branches:
            line(f'case {branch.name}: {branch.type.name}', 1)
            condition(branch, 2)

    def name_of(kind):
        return kind.name if kind else 'None'

    for module in schema.modules.values():
        line(f'module {module.name}')
        for one in module.definitions:
            if isinstance(one, model.Include):
                line(f'include {one.included.name}')
            elif isinstance(one, model.Enum):
                line(f'enum {one.name}')
                if one.prefix:
                    line(f'prefix {one.prefix}', 1)
                for member in one.members:
                    line(f'member {member.name}', 1)
                    condition(member, 2)
                    features(member, 2)
                condition(one)
                features(one)
            elif isinstance(one, model.Array):
                if one.place:
                    line(f'array {one.name} {one.element.name}')
                    condition(one.element)
            elif isinstance(one, model.Object):
                line(f'object {one.name}')
                if one.base:
                    line(f'base {one.base.name}', 1)
                for member in one.own:
                    line(f'member {member.name}: {member.type.name} optional={member.optional}', 1)
                    condition(member, 2)
                    features(member, 2)
                if one.branches is not None:
                    branches(one, one.tag.name)
                condition(one)
                features(one)
            elif isinstance(one, model.Alternate):
                line(f'alternate {one.name}')
                branches(one, 'type')
                condition(one)
                features(one)
            elif isinstance(one, model.Command):
                line(f'command {one.name} {name_of(one.data)} -> {name_of(one.returns)}')
                line(f'gen={one.gen} success_response={one.success_response} boxed={one.boxed} '
                     f'oob={one.allow_oob} preconfig={one.allow_preconfig}'
                     + (' coroutine=True' if one.coroutine else ''), 1)
                condition(one)
                features(one)
            elif isinstance(one, model.Event):
                line(f'event {one.name} {name_of(one.data)}')
                line(f'boxed={one.boxed}', 1)
                condition(one)
                features(one)
    for doc in schema.docs:
        line(f'doc symbol={doc.symbol}' if doc.symbol else 'doc freeform')
        line(f'body=\n{doc.body.text}', 1)
        for name, section in doc.args.items():
            line(f'arg={name}\n{section.text}', 1)
        for name, section in doc.features.items():
            line(f'feature={name}\n{section.text}', 1)
        for section in doc.sections:
            line(f'section={section.name}\n{section.text}', 1)
