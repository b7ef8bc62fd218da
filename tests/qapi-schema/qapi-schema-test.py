#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the schema compiler over cases/*.txt. Prints TAP.

A case is `=== NAME`, the schema t.json, perhaps `=== file NAME` with a further file, and then
`=== ok` with lines that the dump must hold in this order, or `=== error` with the whole message.
"""
import contextlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE.parent.parent / 'scripts'
sys.path.insert(0, str(SCRIPTS))
sys.dont_write_bytecode = True

from qapi.dump import dump              # noqa: E402
from qapi.model import Call             # noqa: E402
from qapi.schema import Schema          # noqa: E402
from qapi.source import SchemaError     # noqa: E402


def cases():
    for path in sorted((HERE / 'cases').glob('*.txt')):
        name, files, into = None, None, None
        for line in path.read_text(encoding='utf-8').splitlines(keepends=True):
            if not line.startswith('=== '):
                if into is not None:
                    files[into].append(line)
                continue
            word = line[4:].strip()
            if word in ('ok', 'error'):
                into = word
                files[into] = []
            elif word.startswith('file ') and into not in ('ok', 'error'):
                into = word.removeprefix('file ')
                files[into] = []
            else:
                if name:
                    yield path.stem, name, files
                name, into = word, 't.json'
                files = {into: []}
        yield path.stem, name, files


def text_of(lines):
    """A case's part; one blank line before the next case is only for the eye."""
    text = ''.join(lines)
    return text[:-1] if text.endswith('\n\n') or text == '\n' else text


def compiled():
    """What the compiler says to t.json: the dump and no message, or no dump and the message."""
    try:
        schema = Schema('t.json')
    except SchemaError as error:
        return None, str(error)
    out = io.StringIO()
    dump(schema, out)
    return out.getvalue(), None


def find_all(wanted, dumped):
    """The first wanted line that does not follow the ones before it in the dump."""
    rest = dumped.splitlines()
    for line in wanted:
        at = next((i for i, other in enumerate(rest) if line in (other, other.strip())), None)
        if at is None:
            return line
        rest = rest[at + 1:]
    return None


def run(files):
    """None, or what is wrong."""
    for name, lines in files.items():
        if name not in ('ok', 'error'):
            path = pathlib.Path(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of(lines), encoding='utf-8')
    dumped, message = compiled()
    if 'error' in files:
        wanted = text_of(files['error']).rstrip('\n')
        return None if message == wanted else f'wanted:\n{wanted}\ngot:\n{message}'
    if message:
        return f'refused:\n{message}'
    lost = find_all(text_of(files['ok']).splitlines(), dumped)
    return None if lost is None else f'no line {lost!r} in\n{dumped}'


def run_program(*args):
    return subprocess.run([sys.executable, SCRIPTS / 'qapi-gen.py', *args], capture_output=True,
                          text=True, check=False)


def program_cases():
    """How the program itself behaves. Yields name and what is wrong."""
    pathlib.Path('t.json').write_text("{ 'command': 'foo' ]\n", encoding='utf-8')
    made = run_program('t.json')
    wanted = "t.json:1:20: expected ',' or '}'\n"
    yield 'a refused schema: message, status 1, no files', \
        None if (made.returncode, made.stdout, made.stderr) == (1, '', wanted) and \
        not list(pathlib.Path('.').glob('qapi-*')) else repr(made)
    made = run_program('missing.json')
    wanted = "can't read schema file 'missing.json': No such file or directory\n"
    yield 'a schema that is not there', None if (made.returncode, made.stderr) == (1, wanted) else repr(made)
    schema = str(HERE.parent.parent / 'qapi' / 'qapi-schema.json')
    made = run_program('-p', 'a/b', schema)
    yield 'a prefix that names no file', \
        None if made.returncode == 1 and "funny character '/' in argument of --prefix" in made.stderr \
        else repr(made)
    pathlib.Path('p.json').write_text("{ 'command': 'foo', 'data': { 'a': 'int' } }\n", encoding='utf-8')
    made = run_program('-p', 'x-', '-o', 'prefixed', 'p.json')
    text = pathlib.Path('prefixed/x-qapi-commands-p.cc').read_text(encoding='utf-8')
    yield 'a prefix goes to files and includes', \
        None if made.returncode == 0 and '#include "qapi/x-qapi-visit-p.h"' in text else repr(made) + text
    made = run_program('--manual', 'm.txt', 'm.7', 'm.html', schema)
    yield 'the manual is made', None if made.returncode == 0 and not made.stderr else repr(made)
    calls = [one for one in Schema(schema).order if isinstance(one, Call)]
    text = pathlib.Path('m.txt').read_text(encoding='utf-8').splitlines()
    lost = [one.name for one in calls if f'{one.name} ({one.kind})' not in text]
    yield 'the manual has every command and event', f'no {lost}' if lost or not calls else None
    page = pathlib.Path('m.html').read_text(encoding='utf-8')
    lost = set(re.findall('href="#([^"]*)"', page)) - set(re.findall('id="([^"]*)"', page))
    yield 'links of the manual lead somewhere', f'not {lost}' if lost else None
    first, second = run_program('-o', 'one', schema), run_program('-o', 'two', schema)
    same = {p.name: p.read_bytes() for p in pathlib.Path('one').iterdir()} == \
           {p.name: p.read_bytes() for p in pathlib.Path('two').iterdir()}
    yield 'generation is the same every time', \
        None if first.returncode == second.returncode == 0 and same else repr((first, second))
    before = {p: p.stat().st_mtime_ns for p in pathlib.Path('one').iterdir()}
    run_program('-o', 'one', schema)
    yield 'files that are right already are left alone', \
        None if before == {p: p.stat().st_mtime_ns for p in pathlib.Path('one').iterdir()} else 'touched'


def main():
    count = failed = 0

    def report(name, wrong):
        nonlocal count, failed
        count += 1
        failed += wrong is not None
        print(f"{'not ok' if wrong else 'ok'} {count} - {name}")
        if wrong:
            print(''.join(f'# {line}\n' for line in wrong.splitlines()), end='')

    for topic, name, files in cases():
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            report(f'{topic}: {name}', run(files))
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, wrong in program_cases():
            report(f'program: {name}', wrong)
    print(f'1..{count}')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
