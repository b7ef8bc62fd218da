# SPDX-License-Identifier: GPL-2.0-or-later
"""What a schema is made of: types, commands and events, and how each must fit to the others.

A type that the schema names only by its shape gets a name of its own: an array of T is `TList`,
the members written in a command's or event's data are `q_obj_NAME-arg`, those in a union's base
`q_obj_NAME-base`.
"""

import re

from .names import flat
from .source import SchemaError

# name: (type in JSON, C++ type, how an alternate tells it from others)
BUILTIN = {
    'str': ('string', 'std::string', 'QTYPE_QSTRING'),
    'number': ('number', 'double', 'QTYPE_QNUM'),
    'int': ('int', 'std::int64_t', 'QTYPE_QNUM'),
    'int8': ('int', 'std::int8_t', 'QTYPE_QNUM'),
    'int16': ('int', 'std::int16_t', 'QTYPE_QNUM'),
    'int32': ('int', 'std::int32_t', 'QTYPE_QNUM'),
    'int64': ('int', 'std::int64_t', 'QTYPE_QNUM'),
    'uint8': ('int', 'std::uint8_t', 'QTYPE_QNUM'),
    'uint16': ('int', 'std::uint16_t', 'QTYPE_QNUM'),
    'uint32': ('int', 'std::uint32_t', 'QTYPE_QNUM'),
    'uint64': ('int', 'std::uint64_t', 'QTYPE_QNUM'),
    'size': ('int', 'std::uint64_t', 'QTYPE_QNUM'),
    'bool': ('boolean', 'bool', 'QTYPE_QBOOL'),
    'any': ('value', 'Json', None),
    'null': ('null', 'Null', 'QTYPE_QNULL'),
}
QTYPES = ('none', 'qnull', 'qnum', 'qstring', 'qdict', 'qlist', 'qbool')
SPECIAL_FEATURES = ('deprecated', 'unstable')


class Named:
    """Whatever has a name, a condition and features inside a definition."""

    role = None

    def __init__(self, name, place, condition=None, owner=None):
        self.name = name
        self.place = place
        self.condition = condition
        self.owner = owner
        self.features = []

    def describe(self, place):
        """For messages about `place`: says which definition it is from unless it is that one."""
        role, owner = self.role, self.owner
        if owner.startswith('q_obj_'):
            owner = owner.removeprefix('q_obj_')
            if owner.endswith('-arg'):
                role, owner = 'parameter', owner.removesuffix('-arg')
            else:
                role, owner = 'base ' + role, owner.removesuffix('-base')
        of = '' if owner == place.name else f" of type '{owner}'"
        return f"{role} '{self.name}'{of}"

    def clash(self, place, seen):
        other = seen.setdefault(flat(self.name), self)
        if other is not self:
            raise SchemaError(place, f'{self.describe(place)} collides with {other.describe(place)}')


class Feature(Named):
    role = 'feature'

    def special(self):
        return self.name in SPECIAL_FEATURES


class EnumMember(Named):
    role = 'value'


class Member(Named):
    role = 'member'

    def __init__(self, name, place, type_name, optional=False, condition=None, owner=None):
        super().__init__(name, place, condition, owner)
        self.type_name = type_name
        self.optional = optional
        self.type = None

    def check(self, schema):
        self.type = schema.resolve(self.type_name, self.place, self.describe)
        check_features(self)


class Branch(Member):
    role = 'branch'


class Definition:
    """A top-level name of the schema, written or implied. `kind` is the word for messages."""

    kind = None

    def __init__(self, name, place, doc=None, condition=None, features=()):
        self.name = name
        self.place = place
        self.doc = doc
        self.condition = condition
        self.features = list(features)
        for feature in self.features:
            feature.owner = name
        self.module = None
        self.checked = False

    def describe(self):
        return f"{self.kind} '{self.name}'"

    def check(self, schema):
        self.checked = True
        check_features(self)

    def home(self, schema):
        return schema.module_of(self.place)

    def document(self, doc):
        """Tells the comment which members and features it may speak of."""
        for feature in self.features:
            doc.connect_feature(feature)

    def implicit(self):
        return not self.place

    def special_features(self):
        return [feature for feature in self.features if feature.special()]


class Include(Definition):
    kind = 'include'

    def __init__(self, included, place):
        super().__init__(None, place)
        self.included = included


class Type(Definition):
    def describe(self):
        return f"{self.kind} type '{self.name}'"

    def check(self, schema):
        super().check(schema)
        for feature in self.special_features():
            raise SchemaError(self.place, f"feature '{feature.name}' is not supported for types")

    def distinction(self):
        """The QType of its values on the wire, None when there can be several."""
        return None


class Builtin(Type):
    kind = 'built-in'

    def __init__(self, name):
        super().__init__(name, None)
        self.json, self.cpp, self.qtype = BUILTIN[name]

    def distinction(self):
        return self.qtype


class Enum(Type):
    kind = 'enum'

    def __init__(self, name, place, members, prefix=None, **more):
        super().__init__(name, place, **more)
        self.members = members
        self.prefix = prefix

    def check(self, schema):
        super().check(schema)
        seen = {}
        for member in self.members:
            member.clash(self.place, seen)
            check_features(member)

    def document(self, doc):
        super().document(doc)
        document_members(self.members, doc)

    def distinction(self):
        return 'QTYPE_QSTRING'


class Array(Type):
    kind = 'array'

    def __init__(self, name, place, element_name):
        super().__init__(name, place)
        self.element_name = element_name
        self.element = None

    def describe(self):
        return f"array type ['{self.element_name}']"

    def check(self, schema):
        super().check(schema)
        self.element = schema.resolve(self.element_name, self.place, self.place and self.place.meta)

    def home(self, schema):
        return self.element.home(schema)

    def implicit(self):
        return True

    def distinction(self):
        return 'QTYPE_QLIST'


class Object(Type):
    """A struct, or a union when it has `branches`; then `tag` is the member that chooses."""

    def __init__(self, name, place, own, base_name=None, tag_name=None, branches=None, **more):
        super().__init__(name, place, **more)
        self.own = own
        self.base_name = base_name
        self.base = None
        self.members = None         # own and inherited, once checked
        self.tag_name = tag_name
        self.tag = None
        self.branches = branches

    @property
    def kind(self):
        return 'struct' if self.branches is None else 'union'

    def implicit(self):
        return self.name.startswith('q_')

    def check(self, schema):
        if self.members is not None:
            return
        if self.checked:
            raise SchemaError(self.place, f'object {self.name} contains itself')
        super().check(schema)
        seen = {}
        if self.base_name:
            self.base = schema.resolve(self.base_name, self.place, "'base'")
            if not isinstance(self.base, Object) or self.base.branches is not None:
                raise SchemaError(self.place,
                                  f"'base' requires a struct type, {self.base.describe()} isn't")
            self.base.check(schema)
            self.base.clash(self.place, seen)
        for member in self.own:
            member.check(schema)
            member.clash(self.place, seen)
        members = list(seen.values())
        if self.branches is not None:
            self._check_tag(schema, seen)
            self._check_branches(schema, seen)
        self.members = members

    def _check_tag(self, schema, seen):
        self.tag = seen.get(flat(self.tag_name))
        base = "'base'"
        if not self.tag or self.tag.name != self.tag_name:
            raise SchemaError(self.place, f"discriminator '{self.tag_name}' is not a member of {base}")
        if not self.base.implicit():
            base = f"base type '{self.tag.owner}'"
        for wrong, what in ((not isinstance(self.tag.type, Enum), 'be of enum type'),
                            (self.tag.optional, 'not be optional'),
                            (self.tag.condition, 'not be conditional')):
            if wrong:
                raise SchemaError(self.place,
                                  f"discriminator member '{self.tag_name}' of {base} must {what}")

    def _check_branches(self, schema, seen):
        named = {branch.name for branch in self.branches}
        self.branches += [Branch(value.name, self.place, 'q_empty', condition=value.condition,
                                 owner=self.name)
                          for value in self.tag.type.members if value.name not in named]
        if not self.branches:
            raise SchemaError(self.place, 'union has no branches')
        values = {value.name for value in self.tag.type.members}
        for branch in self.branches:
            branch.check(schema)
            if branch.name not in values:
                raise SchemaError(self.place,
                                  f"branch '{branch.name}' is not a value of {self.tag.type.describe()}")
            if not isinstance(branch.type, Object) or branch.type.branches is not None:
                raise SchemaError(
                    self.place, f'{branch.describe(self.place)} cannot use {branch.type.describe()}')
            branch.type.check(schema)
        for branch in self.branches:
            branch.type.clash(self.place, dict(seen))

    def clash(self, place, seen):
        for member in self.members:
            member.clash(place, seen)

    def document(self, doc):
        super().document(doc)
        if self.base and self.base.implicit():
            self.base.document(doc)
        document_members(self.own, doc)

    def distinction(self):
        return 'QTYPE_QDICT'


class Alternate(Type):
    kind = 'alternate'

    def __init__(self, name, place, branches, **more):
        super().__init__(name, place, **more)
        self.branches = branches

    def check(self, schema):
        super().check(schema)
        for branch in self.branches:
            branch.check(schema)
        seen, taken = {}, {}
        for branch in self.branches:
            branch.clash(self.place, seen)
            kind = branch.type.distinction()
            if not kind:
                raise SchemaError(
                    self.place, f'{branch.describe(self.place)} cannot use {branch.type.describe()}')
            for one in sorted({kind} | self._may_look_like(branch.type)):
                if one in taken:
                    raise SchemaError(self.place, f"{branch.describe(self.place)} can't be "
                                                  f"distinguished from '{taken[one]}'")
                taken[one] = branch.name

    @staticmethod
    def _may_look_like(kind):
        """On a command line numbers and booleans come as strings, too."""
        if kind.distinction() != 'QTYPE_QSTRING':
            return set()
        if not isinstance(kind, Enum):
            return {'QTYPE_QNUM', 'QTYPE_QBOOL'}
        names = [member.name for member in kind.members]
        return ({'QTYPE_QBOOL'} if {'on', 'off'} & set(names) else set()) | \
               ({'QTYPE_QNUM'} if any(re.match(r'[-+0-9.]', name) for name in names) else set())

    def document(self, doc):
        super().document(doc)
        document_members(self.branches, doc)


class Call(Definition):
    """A command or an event: has data."""

    def __init__(self, name, place, data_name, boxed, **more):
        super().__init__(name, place, **more)
        self.data_name = data_name
        self.data = None
        self.boxed = boxed

    def check(self, schema):
        super().check(schema)
        if not self.data_name:
            return
        what = f"{self.kind}'s 'data'"
        self.data = schema.resolve(self.data_name, self.place, what)
        if not isinstance(self.data, Object):
            raise SchemaError(self.place, f'{what} cannot take {self.data.describe()}')
        if self.data.branches is not None and not self.boxed:
            raise SchemaError(self.place,
                              f"{what} can take {self.data.describe()} only with 'boxed': true")

    def document(self, doc):
        super().document(doc)
        if self.data and self.data.implicit():
            self.data.document(doc)


class Command(Call):
    kind = 'command'

    def __init__(self, name, place, data_name, returns_name, expression, **more):
        super().__init__(name, place, data_name, expression.get('boxed', False), **more)
        self.returns_name = returns_name
        self.returns = None
        self.gen = expression.get('gen', True)
        self.success_response = expression.get('success-response', True)
        self.allow_oob = expression.get('allow-oob', False)
        self.allow_preconfig = expression.get('allow-preconfig', False)
        self.coroutine = expression.get('coroutine', False)

    def check(self, schema):
        super().check(schema)
        if not self.returns_name:
            return
        what = "command's 'returns'"
        self.returns = schema.resolve(self.returns_name, self.place, what)
        if self.name in self.place.pragma.lists['command-returns-exceptions']:
            return
        kind = self.returns
        if isinstance(kind, Array):
            kind = schema.resolve(kind.element_name, self.place, what)
        if not isinstance(kind, Object):
            raise SchemaError(self.place, f'{what} cannot take {self.returns.describe()}')


class Event(Call):
    kind = 'event'


class Module:
    """The definitions of one file. The first module holds what needs no declaration."""

    BUILTIN = './builtin'

    def __init__(self, name):
        self.name = name
        self.definitions = []


def check_features(owner):
    seen = {}
    for feature in owner.features:
        feature.clash(owner.place, seen)


def document_members(members, doc):
    for member in members:
        doc.connect_member(member)
        for feature in member.features:
            doc.connect_feature(feature)
