# SPDX-License-Identifier: GPL-2.0-or-later
"""qapi-commands-MODULE.h and .cc: the handlers' declarations and the module's command table.

A command whose handler is written nowhere does not link.
"""

from . import model
from .names import flat
from .output import preprocessor, string

FLAGS = (('allow_oob', lambda c: c.allow_oob),
         ('allow_preconfig', lambda c: c.allow_preconfig),
         ('no_success_response', lambda c: not c.success_response),
         ('coroutine', lambda c: c.coroutine),
         ('deprecated', lambda c: any(f.name == 'deprecated' for f in c.features)),
         ('unstable', lambda c: any(f.name == 'unstable' for f in c.features)))


def commands_of(module):
    return [one for one in module.definitions if isinstance(one, model.Command)]


def table_of(module):
    return 'commands_' + flat(module.name.removesuffix('.json'))


def generate_commands(types, module, header, source):
    commands = commands_of(module)
    rows = []
    for command in commands:
        header.guarded(command.condition, _declaration(types, command))
        source.guarded(command.condition, _caller(types, command))
        flags = ' | '.join('Command::' + name for name, test in FLAGS if test(command)) or '0'
        row = f'    {{{string(command.name)}, call_{flat(command.name)}, {flags}}},'
        rows += [f'#if {preprocessor(command.condition)}', row, '#endif'] if command.condition else [row]
    header.add('\n/// The commands above, for a CommandTable.')
    header.add(f'std::span<const Command> {table_of(module)}();')
    source.add('\n'.join(['constexpr Command table[] = {'] + rows + ['};', '', '}  // namespace', '',
                          f'std::span<const Command> {table_of(module)}() {{ return table; }}']))


def _declaration(types, command):
    if not command.gen:
        return f'Result<Json> qmp_{flat(command.name)}(Context& cx, const JsonObject& arguments);'
    result = types.name(command.returns) if command.returns else 'void'
    arguments = f', const {types.name(command.data)}& args' if command.data else ''
    return f'Result<{result}> qmp_{flat(command.name)}(Context& cx{arguments});'


def _caller(types, command):
    name = flat(command.name)
    head = f'Result<Json> call_{name}(Context& cx, const Json& arguments) {{'
    if not command.gen:
        return f'{head}\n    return qmp_{name}(cx, *arguments.object());\n}}\n'
    lines = [head]
    if command.data:
        lines += ['    ArgumentReader in(arguments);', f'    {types.name(command.data)} args;',
                  '    visit(in.visitor(), nullptr, args);', '    if (in.failed()) return in.error();']
        call = f'qmp_{name}(cx, args)'
    else:
        lines.append('    TRY(no_arguments(*arguments.object()));')
        call = f'qmp_{name}(cx)'
    lines += [f'    auto result = {call};', '    if (!result) return std::move(result).error();']
    if command.returns:
        lines += ['    ReplyWriter out;', f'    {types.visit(command.returns)}(out.visitor(), nullptr, *result);',
                  '    return out.take();']
    else:
        lines += ['    return Json(JsonObject());']
    return '\n'.join(lines + ['}', ''])


def generate_all(modules, header, source):
    header.add('/// Every command of the schema: its user links every handler.')
    header.add('CommandTable all_commands();')
    source.add('CommandTable all_commands() {\n    CommandTable table;')
    for module in modules:
        source.add(f'    table.add({table_of(module)}());')
    source.add('    return table;\n}')
