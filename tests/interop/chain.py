# SPDX-License-Identifier: GPL-2.0-or-later
"""One of the emulators that run a guest in turn, each taking it over from the one before by a device-state file."""
import json
import re
import socket
import subprocess
import time

PATIENCE = 120


class Failed(Exception):
    pass


class Emulator:
    """One process of the chain, with files for what the guest says to it."""

    def __init__(self, binary, common, work, number, state):
        self.serial = [work / f'serial{n}-{number}' for n in (0, 1)]
        path = str(work / f'qmp{number}')
        arguments = [binary, *common, '-qmp', f'unix:{path},server=on,wait=off']
        for file in self.serial:
            arguments += ['-serial', f'file:{file}']
        if number:
            arguments += ['-incoming', f'exec:cat {state}']
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Failed(f'{binary} does not start') from None
                time.sleep(0.001)
        self.file = self.socket.makefile('rw')
        self.file.readline()
        self('qmp_capabilities')
        while self('query-status')['status'] == 'inmigrate':
            time.sleep(0.001)
        if number:
            self('cont')

    def __call__(self, command, **arguments):
        self.file.write(json.dumps({'execute': command, 'arguments': arguments}) + '\n')
        self.file.flush()
        while line := self.file.readline():
            answer = json.loads(line)
            if 'error' in answer:
                raise Failed(f'{command}: {answer["error"]["desc"]}')
            if 'return' in answer:
                return answer['return']
        raise Failed(f'{command}: the emulator went away')

    def said(self, line=0):
        return self.serial[line].read_text(errors='replace') if self.serial[line].exists() else ''

    def wait_for(self, pattern, count):
        end, before = time.monotonic() + PATIENCE, 0
        while len(re.findall(pattern, text := self.said())) < count:
            # As long as it says something it may take its time: the host may be busy.
            if len(text) > before:
                end, before = time.monotonic() + PATIENCE, len(text)
            if time.monotonic() > end or self.process.poll() is not None:
                raise Failed(f'fewer than {count} of {pattern!r}; it said:\n{text[-1500:]}')
            time.sleep(0.02)

    def leave(self, state):
        self('stop')
        self('xen-save-devices-state', filename=str(state))
        self('quit')
        self.process.wait(20)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def report(cases):
    """Runs each case, (what, work), as a test of TAP: work() raises, or returns what was seen. The exit status."""
    print(f'1..{len(cases)}', flush=True)
    failed = 0
    for number, (what, work) in enumerate(cases, 1):
        try:
            print(f'ok {number} - {what}\n#   {work()}', flush=True)
        except (Failed, OSError, subprocess.SubprocessError) as e:
            failed += 1
            print(f'not ok {number} - {what}\n#   ' + str(e).replace('\n', '\n#   '), flush=True)
    return 1 if failed else 0
