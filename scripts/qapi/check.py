# SPDX-License-Identifier: GPL-2.0-or-later
"""Is each expression of a schema well formed by itself? (The model checks what needs more than one.)

Also brings the short forms to the long one: after check() every member, branch, enum value and
feature is a dict.
"""

import re

from .names import flat
from .source import SchemaError

NAME = re.compile(r'(__[a-z0-9.-]+_)?(x-)?([a-z][a-z0-9_-]*)$', re.IGNORECASE)
CAMEL = re.compile(r'[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$')
CONDITION = re.compile(r'[A-Z][A-Z0-9_]*')

# kind of definition: keys it must have, keys it may have
KEYS = {
    'enum': (['enum', 'data'], ['if', 'features', 'prefix']),
    'struct': (['struct', 'data'], ['base', 'if', 'features']),
    'union': (['union', 'base', 'discriminator', 'data'], ['if', 'features']),
    'alternate': (['alternate', 'data'], ['if', 'features']),
    'command': (['command'], ['data', 'returns', 'boxed', 'if', 'features', 'gen',
                              'success-response', 'allow-oob', 'allow-preconfig', 'coroutine']),
    'event': (['event'], ['data', 'boxed', 'if', 'features']),
}
FLAGS = {'gen': False, 'success-response': False,
         'boxed': True, 'allow-oob': True, 'allow-preconfig': True, 'coroutine': True}


def check(expressions):
    for expression in expressions:
        if 'include' not in expression.value:
            _Checker(expression).check()


def quoted(names):
    return ', '.join(f"'{name}'" for name in names)


class _Checker:
    def __init__(self, expression):
        self.value = expression.value
        self.place = expression.place
        self.doc = expression.doc

    def need(self, condition, reason):
        if not condition:
            raise SchemaError(self.place, reason)

    def check(self):
        value = self.value
        kinds = [kind for kind in KEYS if kind in value]
        self.need(len(kinds) == 1, f'expression must have exactly one key {quoted(KEYS)}')
        kind = kinds[0]
        name = value[kind]
        self.need(isinstance(name, str), f"'{kind}' requires a string name")
        self.place.meta, self.place.name = kind, name
        self._definition_name(kind, name)
        if self.doc:
            self.need(self.doc.symbol == name, f"documentation comment is for '{self.doc.symbol}'")
            self.need(kind == 'command' or not self.doc.section('Returns'),
                      "'Returns:' is only valid for commands")
        else:
            self.need(not self.place.pragma.doc_required, 'documentation comment required')
        self.keys(value, kind, *KEYS[kind])
        getattr(self, '_' + kind)(name)
        self.condition(value, kind)
        self.features(value)
        for flag, wanted in FLAGS.items():
            self.need(flag not in value or value[flag] is wanted,
                      f"flag '{flag}' may only use {str(wanted).lower()} value")
        self.need('allow-oob' not in value or 'coroutine' not in value,
                  "flags 'allow-oob' and 'coroutine' are incompatible")

    # Names

    def stem(self, name, what):
        match = NAME.match(name)
        self.need(match and not flat(name).startswith('q_'), f'{what} has an invalid name')
        return match.group(3)

    def lower_name(self, name, what, upper=False, underscore=False):
        stem = self.stem(name, what)
        self.need((upper or not re.search('[A-Z]', stem)) and (underscore or '_' not in stem),
                  f"name of {what} must not use uppercase or '_'")

    def _definition_name(self, kind, name):
        if kind == 'event':
            self.need(not re.search('[a-z-]', self.stem(name, kind)),
                      f"name of {kind} must not use lowercase or '-'")
        elif kind == 'command':
            self.lower_name(name, kind,
                            underscore=name in self.place.pragma.lists['command-name-exceptions'])
        else:
            self.need(CAMEL.match(self.stem(name, kind)), f'name of {kind} must use CamelCase')
            self.need(not name.endswith('List'), f"{kind} name should not end in 'List'")

    def _may_break_rules(self, name):
        return name in self.place.pragma.lists['member-name-exceptions']

    # Parts that several definitions have

    def keys(self, value, what, required, optional):
        missing = sorted(set(required) - set(value))
        self.need(not missing, f"{what} misses key{'s'[:len(missing) > 1]} {quoted(missing)}")
        allowed = sorted(required + optional)
        unknown = sorted(set(value) - set(allowed))
        self.need(not unknown, f"{what} has unknown key{'s'[:len(unknown) > 1]} {quoted(unknown)}\n"
                               f'Valid keys are {quoted(allowed)}.')

    def condition(self, owner, what):
        if 'if' in owner:
            self._one_condition(owner['if'], what)

    def _one_condition(self, condition, what):
        if isinstance(condition, str):
            self.need(CONDITION.fullmatch(condition),
                      f"'if' condition '{condition}' of {what} is not a valid identifier")
            return
        self.need(isinstance(condition, dict), f"'if' condition of {what} must be a string or an object")
        self.keys(condition, f"'if' condition of {what}", [], ['all', 'any', 'not'])
        self.need(len(condition) == 1, f"'if' condition of {what} has conflicting keys")
        (operator, operands), = condition.items()
        if operator == 'not':
            self._one_condition(operands, what)
            return
        self.need(isinstance(operands, list), f"'{operator}' condition of {what} must be an array")
        self.need(operands, f"'if' condition [] of {what} is useless")
        for operand in operands:
            self._one_condition(operand, what)

    def features(self, owner):
        if 'features' not in owner:
            return
        features = owner['features']
        self.need(isinstance(features, list), "'features' must be an array")
        features[:] = [one if isinstance(one, dict) else {'name': one} for one in features]
        for feature in features:
            what = "'features' member"
            self.keys(feature, what, ['name'], ['if'])
            self.need(isinstance(feature['name'], str), f'{what} requires a string name')
            what += f" '{feature['name']}'"
            self.lower_name(feature['name'], what)
            self.condition(feature, what)

    def type(self, value, what, array=False, members_of=None, members=False):
        """A type name; where allowed an array [ 'T' ], or an object whose members are listed here."""
        if isinstance(value, str):
            return
        if isinstance(value, list):
            self.need(array, f'{what} cannot be an array')
            self.need(len(value) == 1 and isinstance(value[0], str),
                      f'{what}: array type must contain single type name')
            return
        self.need(members or members_of, f'{what} should be a type name')
        self.need(isinstance(value, dict), f'{what} should be an object or type name')
        lenient = members_of is not None and self._may_break_rules(members_of)
        for name, member in value.items():
            member_what = f"{what} member '{name}'"
            name = name.removeprefix('*')
            self.lower_name(name, member_what, upper=lenient, underscore=lenient)
            self.need(flat(name) != 'u' and not flat(name).startswith('has_'),
                      f'{member_what} uses reserved name')
            self.keys(member, member_what, ['type'], ['if', 'features'])
            self.condition(member, member_what)
            self.features(member)
            self.type(member['type'], member_what, array=True)

    # The six kinds

    def _enum(self, name):
        value = self.value
        self.need(isinstance(value['data'], list), "'data' must be an array")
        self.need(isinstance(value.get('prefix', ''), str), "'prefix' must be a string")
        value['data'] = [one if isinstance(one, dict) else {'name': one} for one in value['data']]
        lenient = self._may_break_rules(name)
        for member in value['data']:
            what = "'data' member"
            self.keys(member, what, ['name'], ['if', 'features'])
            member_name = member['name']
            self.need(isinstance(member_name, str), f'{what} requires a string name')
            what += f" '{member_name}'"
            if member_name[:1].isdigit():
                member_name = 'd' + member_name
            self.lower_name(member_name, what, upper=lenient, underscore=lenient)
            self.condition(member, what)
            self.features(member)

    def _struct(self, name):
        lengthen(self.value['data'])
        self.need(not isinstance(self.value['data'], str), "'data' should be an object or type name")
        self.type(self.value['data'], "'data'", members_of=name)
        if 'base' in self.value:
            self.type(self.value['base'], "'base'")

    def _union(self, name):
        value = self.value
        lengthen(value['base'])
        lengthen(value['data'])
        self.type(value['base'], "'base'", members_of=name)
        self.need(isinstance(value['discriminator'], str), "'discriminator' requires a string name")
        self.need(isinstance(value['data'], dict), "'data' must be an object")
        for branch, body in value['data'].items():
            what = f"'data' member '{branch}'"
            self.keys(body, what, ['type'], ['if'])
            self.condition(body, what)
            self.type(body['type'], what)

    def _alternate(self, _name):
        data = self.value['data']
        lengthen(data)
        self.need(data, "'data' must not be empty")
        self.need(isinstance(data, dict), "'data' must be an object")
        for branch, body in data.items():
            what = f"'data' member '{branch}'"
            self.lower_name(branch, what)
            self.keys(body, what, ['type'], ['if'])
            self.condition(body, what)
            self.type(body['type'], what, array=True)

    def _command(self, _name):
        self._arguments()
        if 'returns' in self.value:
            self.type(self.value['returns'], "'returns'", array=True)

    def _event(self, _name):
        self._arguments()

    def _arguments(self):
        boxed = self.value.get('boxed', False)
        self.need(not boxed or 'data' in self.value, "'boxed': true requires 'data'")
        if 'data' in self.value:
            lengthen(self.value['data'])
            self.type(self.value['data'], "'data'", members=not boxed)


def lengthen(members):
    """{ 'a': 'T' } to { 'a': { 'type': 'T' } }."""
    if isinstance(members, dict):
        for name, member in members.items():
            if not isinstance(member, dict):
                members[name] = {'type': member}
