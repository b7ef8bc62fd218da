# SPDX-License-Identifier: GPL-2.0-or-later
"""Decides which files are made, and has them made."""

import os

from . import model
from .gen_commands import commands_of, generate_all, generate_commands
from .gen_introspect import generate_introspection
from .gen_types import Types, circles, element_of, file_of, generate_types
from .gen_visit import generate_events, generate_visits
from .output import File


def generate(schema, args):
    def file(name, purpose, header=False):
        folder, _, base = name.rpartition('/')
        return File(os.path.join(args.output_dir, folder, args.prefix + base), purpose, header)

    def include(name):
        folder, _, base = name.rpartition('/')
        return os.path.join(args.include_dir, folder, args.prefix + base)

    types = Types(schema)
    with_commands = []
    modules = [module for module in schema.modules.values() if module.name != model.Module.BUILTIN and
               not all(isinstance(one, model.Include) for one in module.definitions)]
    sharing = circles(types, modules)
    for module in modules:
        about = f'of {module.name}.'
        header = file(file_of('types', module), 'Types ' + about, header=True)
        header.includes.add('qapi/types.h')
        if sharing[module.name][0] is module:
            generate_types(types, sharing[module.name], header,
                           lambda other: include(file_of('types', other)))
        else:
            header.includes.add(include(file_of('types', sharing[module.name][0])))
        if any('Json' in line for line in header.lines):
            header.includes.add('qapi/json.h')
        header.write()

        needed = sorted(include(file_of('visit', other)) for other in modules_used(types, module))
        header = file(file_of('visit', module), 'Visits of the types ' + about, header=True)
        source = file(file_of('visit', module, 'cc'), 'Visits of the types ' + about)
        header.includes |= {include(file_of('types', module)), 'qapi/visitor.h'}
        source.includes |= {include(file_of('visit', module)), *needed}
        generate_visits(types, module, header, source)
        header.write()
        source.write()

        header = file(file_of('events', module), 'Events ' + about, header=True)
        source = file(file_of('events', module, 'cc'), 'Events ' + about)
        header.includes |= {'qapi/event.h', include(file_of('types', module))}
        source.includes |= {include(file_of('events', module)), include(file_of('visit', module))}
        if generate_events(types, module, header, source):
            header.write()
            source.write()

        if not commands_of(module):
            continue
        with_commands.append(module)
        header = file(file_of('commands', module), 'Commands ' + about, header=True)
        source = file(file_of('commands', module, 'cc'), 'Commands ' + about)
        header.includes |= {'qapi/command.h', include(file_of('types', module))}
        header.includes |= {include(file_of('types', other)) for other in modules_used(types, module)}
        source.includes |= {include(file_of('commands', module)), include(file_of('visit', module)),
                            'qapi/visitor.h', 'qapi/arguments.h', *needed}
        source.add('namespace {\n')
        generate_commands(types, module, header, source)
        header.write()
        source.write()

    header = file('qapi-commands.h', 'All commands of the schema.', header=True)
    source = file('qapi-commands.cc', 'All commands of the schema.')
    header.includes.add('qapi/command.h')
    source.includes |= {include('qapi-commands.h'),
                        *(include(file_of('commands', module)) for module in with_commands)}
    generate_all(with_commands, header, source)
    header.write()
    source.write()

    source = file('qapi-introspect.cc', 'The schema as query-qmp-schema tells it.')
    source.includes.add('qapi/introspect.h')
    generate_introspection(schema, args.unmask, source)
    source.write()


def modules_used(types, module):
    """Other modules whose types this one's definitions mention."""
    kinds = []
    for shape in types.shapes.get(module.name, ()):
        kinds += types.parts(shape)
    for one in module.definitions:
        if isinstance(one, model.Call) and one.data:
            kinds.append(one.data)
        if isinstance(one, model.Command) and one.returns:
            kinds.append(one.returns)
        if isinstance(one, model.Array):
            kinds.append(one.element)
        if isinstance(one, model.Alternate):
            kinds += [branch.type for branch in one.branches]
    homes = {id(home): home for home in (element_of(kind).module for kind in kinds)}
    return [home for home in homes.values()
            if home is not module and home.name != model.Module.BUILTIN]
