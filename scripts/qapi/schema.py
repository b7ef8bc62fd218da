# SPDX-License-Identifier: GPL-2.0-or-later
"""The schema as a whole: from expressions to definitions that know each other."""

import os

from .check import check
from .model import (BUILTIN, QTYPES, Alternate, Array, Branch, Builtin, Command, Enum, EnumMember, Event,
                    Feature, Include, Member, Module, Object, Type)
from .parser import Reader
from .source import SchemaError


class Schema:
    def __init__(self, path):
        try:
            reader = Reader(path)
        except OSError as error:
            raise SystemExit(f"can't read schema file '{path}': {error.strerror}") from None
        check(reader.expressions)
        self.docs = reader.docs
        self.directory = os.path.dirname(path)
        self.entries = {}
        self.order = []
        self.modules = {}
        self._module(Module.BUILTIN)
        self._module(path)
        self._predefine()
        for expression in reader.expressions:
            self._define(expression)
        for one in list(self.order):
            one.check(self)
        for one in self.order:
            if one.doc:
                one.document(one.doc)
                one.doc.check()
        for one in self.order:
            one.module = one.home(self)
            one.module.definitions.append(one)

    def definitions(self, kind):
        return [one for one in self.order if isinstance(one, kind)]

    # Names

    def _add(self, entry):
        self.order.append(entry)
        if entry.name is None:
            return
        other = self.entries.setdefault(entry.name, entry)
        if other is entry:
            return
        if other.place:
            raise SchemaError(entry.place, f"'{entry.name}' is already defined\n"
                                           f"{SchemaError(other.place, 'previous definition')}")
        raise SchemaError(entry.place, f'{other.describe()} is already defined')

    def resolve(self, name, place, what):
        found = self.entries.get(name)
        if isinstance(found, Type):
            return found
        if callable(what):
            what = what(place)
        raise SchemaError(place, f"{what} uses unknown type '{name}'")

    def _module(self, path):
        name = path
        if not path.startswith('./'):
            name = os.path.relpath(path, self.directory)
        return self.modules.setdefault(name, Module(name))

    def module_of(self, place):
        return self._module(place.file) if place else self.modules[Module.BUILTIN]

    # From expressions

    def _predefine(self):
        for name in BUILTIN:
            self._add(Builtin(name))
            self._array(name, None)
        self.empty = Object('q_empty', None, [])
        self._add(self.empty)
        self._add(Enum('QType', None, [EnumMember(name, None, owner='QType') for name in QTYPES],
                       prefix='QTYPE'))

    def _define(self, expression):
        value, place = expression.value, expression.place
        if 'include' in value:
            self._add(Include(self._module(value['include']), place))
            return
        more = {'doc': expression.doc, 'condition': value.get('if'),
                'features': self._features(value, place)}
        getattr(self, '_define_' + place.meta)(value, place, place.name, more)

    def _define_enum(self, value, place, name, more):
        members = []
        for one in value['data']:
            member = EnumMember(one['name'], place, one.get('if'), name)
            member.features = self._features(one, place, name)
            members.append(member)
        self._add(Enum(name, place, members, value.get('prefix'), **more))

    def _define_struct(self, value, place, name, more):
        self._add(Object(name, place, self._members(value['data'], place, name),
                         value.get('base'), **more))

    def _define_union(self, value, place, name, more):
        base = value['base']
        if isinstance(base, dict):
            base = self._implied(name, 'base', base, place, more['condition'])
        self._add(Object(name, place, [], base, value['discriminator'],
                         self._branches(value['data'], place, name), **more))

    def _define_alternate(self, value, place, name, more):
        self._add(Alternate(name, place, self._branches(value['data'], place, name), **more))

    def _define_command(self, value, place, name, more):
        data = self._data(value, place, name, more)
        returns = value.get('returns')
        if isinstance(returns, list):
            returns = self._array(returns[0], place)
        self._add(Command(name, place, data, returns, value, **more))

    def _define_event(self, value, place, name, more):
        data = self._data(value, place, name, more)
        self._add(Event(name, place, data, value.get('boxed', False), **more))

    def _data(self, value, place, name, more):
        data = value.get('data')
        if isinstance(data, dict):
            data = self._implied(name, 'arg', data, place, more['condition'])
        return data

    def _implied(self, name, role, members, place, condition):
        if not members:
            return None
        name = f'q_obj_{name}-{role}'
        self._add(Object(name, place, self._members(members, place, name), condition=condition))
        return name

    def _array(self, element, place):
        name = element + 'List'
        if name not in self.entries:
            self._add(Array(name, place, element))
        return name

    def _members(self, members, place, owner):
        made = []
        for name, one in members.items():
            kind = one['type']
            if isinstance(kind, list):
                kind = self._array(kind[0], place)
            member = Member(name.removeprefix('*'), place, kind, name.startswith('*'),
                            one.get('if'), owner)
            member.features = self._features(one, place, owner)
            made.append(member)
        return made

    def _branches(self, branches, place, owner):
        made = []
        for name, one in branches.items():
            kind = one['type']
            if isinstance(kind, list):
                kind = self._array(kind[0], place)
            made.append(Branch(name, place, kind, condition=one.get('if'), owner=owner))
        return made

    @staticmethod
    def _features(value, place, owner=None):
        return [Feature(one['name'], place, one.get('if'), owner) for one in value.get('features', ())]
