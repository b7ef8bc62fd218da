# SPDX-License-Identifier: GPL-2.0-or-later
"""The reference manual out of the schema's comments: plain text, a man page, HTML.

Manual walks over the documentation and tells a writer what to put down; the writers know nothing
of schemas (doc_writers.py).
"""

import re

from . import model
from .doc_writers import HtmlWriter, ManWriter, TextWriter
from .output import write_if_changed

LIST = re.compile(r'^(?:[-*]|\d+\.) ')
SHOWN = ('->', '<-', '|', ' ')      # starts of what is to be shown as it stands
KINDS = {model.Command: 'command', model.Event: 'event', model.Enum: 'enumeration',
         model.Alternate: 'alternate'}


class Manual:
    def __init__(self, schema, writer):
        self.schema = schema
        self.writer = writer
        for doc in schema.docs:
            if doc.symbol:
                self._definition(doc, schema.entries[doc.symbol])
            else:
                self._text(doc.body.text)

    def _text(self, text):
        """Free text: headings, paragraphs, lists and what is to be shown as it stands."""
        for block in re.split(r'\n[ \t]*\n', text):
            lines = block.strip('\n').split('\n')
            heading = re.match(r'(=+) (.*)', lines[0])
            if not block.strip():
                continue
            if heading:
                self.writer.heading(len(heading[1]), heading[2])
            elif lines[0].startswith(SHOWN):
                self.writer.literal([line.removeprefix('| ') for line in lines])
            elif LIST.match(lines[0]):
                items = re.split(r'\n(?=(?:[-*]|\d+\.) )', '\n'.join(lines))
                self.writer.items([(None, '', LIST.sub('', item)) for item in items])
            else:
                self.writer.paragraph(' '.join(line.strip() for line in lines))

    def _definition(self, doc, thing):
        kind = KINDS.get(type(thing)) or ('union' if thing.branches is not None else 'struct')
        self.writer.definition(kind, thing.name, self._condition(thing))
        self._text(doc.body.text)
        if isinstance(thing, model.Call):
            self._call(doc, thing)
        else:
            self._members('Values' if kind == 'enumeration' else 'Members', doc,
                          self._type_lines(thing))
        if doc.features:
            self.writer.label('Features')
            self.writer.items([(name, self._condition(section.member), section.text)
                               for name, section in doc.features.items()])
        for section in doc.sections:
            if section.name is None:
                self._text(section.text)
            elif section.name.startswith('Example'):
                self.writer.label(section.name)
                self.writer.literal(section.text.split('\n'))
            elif section.name != 'TODO':
                first, _, rest = section.text.partition('\n\n')
                if LIST.match(first) or first.startswith(SHOWN):
                    self.writer.label(section.name)
                    rest = section.text
                else:
                    self.writer.run_in(section.name, first)
                self._text(rest)

    def _call(self, doc, call):
        what = 'Arguments' if isinstance(call, model.Command) else 'Data'
        inherited = []
        if call.data and not call.data.implicit():
            inherited = [f'the members of @{call.data.name}']
        self._members(what, doc, inherited)
        if isinstance(call, model.Command):
            notes = [text for holds, text in (
                (call.allow_oob, 'It can be run out of band.'),
                (call.allow_preconfig, 'It can be run before the machine is built (-preconfig).'),
                (not call.success_response, 'It sends no reply when it succeeds.')) if holds]
            if notes:
                self.writer.paragraph(' '.join(notes))

    def _type_lines(self, thing):
        lines = []
        if isinstance(thing, model.Object):
            if thing.base and not thing.base.implicit():
                lines.append(f'the members of @{thing.base.name}')
            lines += [f'when @{thing.tag.name} is "{branch.name}", the members of @{branch.type.name}'
                      for branch in thing.branches or () if branch.type.name != 'q_empty']
        return lines

    def _members(self, label, doc, more):
        items = [(name, self._note(section.member), section.text or 'not documented')
                 for name, section in doc.args.items()]
        if items or more:
            self.writer.label(label)
            self.writer.items(items + [(None, '', line) for line in more])

    def _note(self, member):
        parts = []
        if isinstance(member, model.Member):
            parts.append(self._type_name(member.type))
            if member.optional:
                parts.append('optional')
        condition = self._condition(member)
        return ', '.join(parts + ([condition] if condition else []))

    @staticmethod
    def _type_name(kind):
        if isinstance(kind, model.Array):
            return f'array of {Manual._type_name(kind.element)}'
        if isinstance(kind, model.Builtin):
            return kind.name
        return '@' + kind.name

    @staticmethod
    def _condition(thing):
        return f'only with {spoken(thing.condition)}' if thing.condition else ''


def spoken(condition):
    if isinstance(condition, str):
        return condition
    (operator, operands), = condition.items()
    if operator == 'not':
        return f'no {spoken(operands)}'
    return {'all': ' and ', 'any': ' or '}[operator].join(spoken(one) for one in operands)


def generate_manual(schema, text_path, man_path, html_path):
    for path, writer in ((text_path, TextWriter()), (man_path, ManWriter()), (html_path, HtmlWriter(
            {doc.symbol for doc in schema.docs if doc.symbol}))):
        Manual(schema, writer)
        write_if_changed(path, writer.text())
