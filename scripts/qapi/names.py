# SPDX-License-Identifier: GPL-2.0-or-later
"""From schema names to C++ names."""

import re

# Words that are no identifiers in C++20, that mean something in namespace qapi already, or that
# this platform's headers define as macros.
TAKEN = frozenset('''
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t
    char32_t class compl concept const consteval constexpr constinit const_cast continue co_await
    co_return co_yield decltype default delete do double dynamic_cast else enum explicit export
    extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq
    nullptr operator or or_eq private protected public register reinterpret_cast requires return
    short signed sizeof static static_assert static_cast struct switch template this thread_local
    throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while
    xor xor_eq
    Argument ArgumentReader Box Command CommandTable Context EnumTable Error Event EventSink Json
    JsonArray JsonMember JsonObject JsonReader JsonStream Null ReplyWriter Result Token Visitor
    errno i386 linux mips sparc unix stdin stdout stderr EOF NULL
'''.split())


def flat(name):
    """The name with only letters that an identifier may hold; two names may not share one."""
    return re.sub(r'[^A-Za-z0-9_]', '_', name)


def ident(name):
    """A C++ identifier for a member, an enumerator or a function's part."""
    name = flat(name)
    if name in TAKEN or name.startswith('__'):
        return 'q_' + name
    return '_' + name if name[0].isdigit() else name


def camel(name):
    """ImplicitTypeName for a command's or event's name: 'query-status' and 'BLOCK_IO_ERROR'."""
    words = [word for word in re.split(r'[-_.]', name) if word]
    if name.upper() == name:
        words = [word.lower() for word in words]
    joined = ''.join(word[:1].upper() + word[1:] for word in words)
    return joined if not joined[:1].isdigit() else '_' + joined
