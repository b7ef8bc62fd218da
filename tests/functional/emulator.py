# SPDX-License-Identifier: GPL-2.0-or-later
"""What the functional tests share: an emulator process, a QMP client, TAP output."""
import array
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

BINARY = os.environ.get('QEMU', 'qemu-system-x86_64')
PATIENCE = 20.0


class Missing(Exception):
    """The host lacks what a test needs, which is skipped; the text says what."""


class Qmp:
    """A client on a unix socket that waits like any other process would."""

    def __init__(self, path, negotiate=True, oob=False):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.002)
        self.buffer = b''
        self.events = []
        self.greeting = self.message()
        if negotiate:
            self('qmp_capabilities', **({'enable': ['oob']} if oob else {}))

    def message(self):
        while b'\r\n' not in self.buffer:
            data = self.socket.recv(1 << 16)
            if not data:
                raise EOFError('the emulator closed the connection')
            self.buffer += data
        line, self.buffer = self.buffer.split(b'\r\n', 1)
        return json.loads(line)

    def reply(self):
        while 'event' in (message := self.message()):
            self.events.append(message)
        return message

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def raw(self, data):
        self.send(data)
        return self.reply()

    def request(self, command, arguments=None, fds=(), **more):
        text = json.dumps({'execute': command, 'arguments': arguments or {}, **more}).encode()
        if fds:
            control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))]
            self.socket.sendmsg([text[:1]], control)
            text = text[1:]
        self.send(text)
        return self.reply()

    def __call__(self, command, fds=(), **arguments):
        answer = self.request(command, {k.replace('_', '-'): v for k, v in arguments.items()}, fds)
        if 'error' in answer:
            raise AssertionError(f'{command}: {answer["error"]}')
        return answer['return']

    def error(self, command, **arguments):
        answer = self.request(command, {k.replace('_', '-'): v for k, v in arguments.items()})
        if 'error' not in answer:
            raise AssertionError(f'{command} succeeded: {answer}')
        return answer['error']['class'], answer['error']['desc']

    def hmp(self, line):
        return self('human-monitor-command', command_line=line)

    def event(self, name):
        for i, event in enumerate(self.events):
            if event['event'] == name:
                return self.events.pop(i)
        while True:
            message = self.message()
            assert 'event' in message, message
            if message['event'] == name:
                return message
            self.events.append(message)

    def close(self):
        self.socket.close()


def sanitized(pid):
    """Whether the process carries a sanitizer, whose shadow memory is many times what the process itself uses."""
    with open(f'/proc/{pid}/maps') as maps:
        return any('libasan' in line or 'libclang_rt.asan' in line for line in maps)


class Emulator:
    """A process with a QMP socket, its scratch folder, which arguments name as {folder}, and its end."""

    def __init__(self, *arguments, machine='none', defaults=False, qmp=True, qtest=False, stdin=subprocess.DEVNULL):
        self.folder = tempfile.mkdtemp(prefix='functional-')
        self.path = os.path.join(self.folder, 'qmp')
        command = [BINARY, '-M', machine, '-display', 'none', *(a.replace('{folder}', self.folder) for a in arguments)]
        if not defaults:
            command.append('-nodefaults')
        if qmp:
            command += ['-qmp', f'unix:{self.path},server=on,wait=off']
        if qtest:
            command += ['-qtest', f'unix:{self.file("qtest")},server=on,wait=off']
        self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def qmp(self, **how):
        return Qmp(self.path, **how)

    def file(self, name):
        return os.path.join(self.folder, name)

    def wait(self):
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out.decode(), err.decode()

    def memory_kib(self):
        with open(f'/proc/{self.process.pid}/statm') as statm:
            return int(statm.read().split()[1]) * 4

    def check_memory(self, kib):
        """It uses less than so much. A sanitizer keeps what was freed for a while, up to 256 MiB."""
        used = self.memory_kib() - (512 * 1024 if sanitized(self.process.pid) else 0)
        assert used < kib, f'{used} KiB'


def run(*arguments, stdin=None):
    """Until it ends: exit status, stdout, stderr."""
    done = subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, timeout=PATIENCE)
    return done.returncode, done.stdout.decode(errors='replace'), done.stderr.decode(errors='replace')


def main(tests):
    """Runs functions named test_..., prints TAP."""
    cases = [(name, f) for name, f in tests.items() if name.startswith('test_') and callable(f)]
    if len(sys.argv) > 1:
        cases = [(name, f) for name, f in cases if any(word in name for word in sys.argv[1:])]
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    print(f'1..{len(cases)}', flush=True)
    failed = 0
    for number, (name, function) in enumerate(cases, 1):
        title = name[5:].replace('_', ' ')
        try:
            outcome = function()
            note = f' # SKIP {outcome[5:]}' if isinstance(outcome, str) and outcome.startswith('skip ') else ''
            print(f'ok {number} - {title}{note}', flush=True)
        except Missing as lack:
            print(f'ok {number} - {title} # SKIP {lack}', flush=True)
        except Exception:
            failed += 1
            print(f'not ok {number} - {title}')
            print('\n'.join('# ' + line for line in traceback.format_exc().splitlines()), flush=True)
    sys.exit(1 if failed else 0)
