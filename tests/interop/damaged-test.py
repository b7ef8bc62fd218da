#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Load every damaged state file of tests/data/devstate into a paused `-M pc -nodefaults`, by command and as an incoming
stream, and the good one cut off at every byte. Prints TAP.

    damaged-test.py [EMULATOR]

A file that is refused must leave the machine as it was, to the byte, and say why in words that begin as listed here;
the process lives, and a good file loads afterwards. As an incoming stream it ends the process with the same words.
"""
import importlib.util
import io
import lzma
import pathlib
import sys
import tarfile
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location('kit_test', HERE / 'kit-test.py')
kit_test = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kit_test)

LOADS, EITHER = object(), object()
# A word list where it is refused. EITHER: values that QEMU takes as they are and a chip cannot have; taken or refused.
EXPECTED = {
    'good': LOADS,
    'bad-magic': 'Not a migration stream', 'empty': 'Not a migration stream', 'one-byte': 'Not a migration stream',
    'text': 'Not a migration stream',
    'magic-only': 'Unsupported migration stream version', 'version-1': 'Unsupported migration stream version',
    'version-4': 'Unsupported migration stream version', 'version-2': 'SaveVM v2 format is obsolete',
    'header-only': 'byte 8: expected another section', 'header-eof': "Missing section '",
    'no-eof': 'expected another section', 'truncated-after-section': 'expected another section',
    'truncated-in-header': 'Unable to read ID string for section 15', 'truncated-in-cpu': 'Failed to load cpu:',
    'truncated-in-data': 'Failed to load i8259:', 'truncated-in-footer': 'Mismatched section id in footer for i8259',
    'config-alias': LOADS, 'config-good': LOADS,
    'config-other-machine': "Machine type received is 'pc-i440fx-7.1' and local is 'pc-i440fx-7.2'",
    'config-huge-length': 'Failed to load configuration:name', 'config-junk-subsection': "subsection of 'configuration'",
    'cpu-version-11': 'Missing section footer for cpu', 'cpu-version-13': "savevm: unsupported version 13 for 'cpu' v12",
    'cpu-version-2': 'cpu: incoming version_id 2 is too old for local minimum version_id',
    'rtc-version-2': 'Missing section footer for mc146818rtc', 'eof-early': '',
    'version-id-2': "savevm: unsupported version 2 for 'i8259' v1",
    'version-id--1': "savevm: unsupported version -1 for 'i8259' v1",
    'version-id-0': 'i8259: incoming version_id 0 is too old for local minimum version_id  1',
    'fdc-phase': EITHER, 'ide-bus-unit': EITHER, 'ps2-count': EITHER, 'halted': LOADS,
    'footer-missing': 'Missing section footer for i8259', 'footer-wrong-mark': 'Missing section footer for i8259',
    'footer-wrong-id': 'Mismatched section id in footer for i8259 - read 0x3e7 expected 0xf',
    'section-one-byte-short': 'Missing section footer for i8259',
    'section-one-byte-long': 'Missing section footer for i8259',
    'no-footers-at-all': LOADS,
    'section-type-unknown': 'Unknown savevm section type 85', 'section-type-end': 'Unknown savevm section 15',
    'section-type-start': LOADS, 'section-id-reused': LOADS, 'section-ids-renumbered': LOADS,
    'sections-swapped': LOADS, 'section-missing': "Missing section 'i8259' 0", 'section-twice': 'each device once',
    'unknown-idstr': "Unknown savevm section or instance 'j8259' 0",
    'unknown-instance': "Unknown savevm section or instance 'i8259'",
    'unknown-idstr-empty': 'Unable to read ID string for section 15',
    'subsection-added': "'i8259/junk'", 'subsection-foreign': 'Missing section footer for i8259',
    'subsection-removed': LOADS,
    'subsection-version': 'pckbd/extended_state: incoming version_id 9 is too new for local version_id 0',
    'globalstate-bogus': 'invalid parameter value: bogus', 'globalstate-paused': LOADS,
    'globalstate-size-200': 'expected 0 to 100, found 200', 'globalstate-unterminated': '',
    'kvm-tpr-active': LOADS,
    'pci-bar-differs': LOADS, 'pci-command-differs': LOADS, 'pci-irqpin-differs': LOADS,
    'pci-vendor-differs': 'configuration byte 0x00', 'pcibus-nirq': 'Failed to load PCIBUS:nirq',
    'trailing-garbage': 'Expected vmdescription section, but got', 'vmdesc-appended': LOADS,
}


def main():
    binary = sys.argv[1] if len(sys.argv) > 1 else str(HERE.parent.parent / 'build/qemu-system-x86_64')
    files = {}
    with tarfile.open(fileobj=io.BytesIO(lzma.decompress((kit_test.DATA / 'damaged.tar.xz').read_bytes()))) as tar:
        for member in tar:
            files[member.name] = tar.extractfile(member).read()
    number = failed = 0

    def result(good, what, why=''):
        nonlocal number, failed
        number += 1
        failed += not good
        print(f'{"ok" if good else "not ok"} {number} - {what}')
        if not good:
            print(f'#   {why}')

    result(files.keys() == EXPECTED.keys(), 'every file has an expectation', files.keys() ^ EXPECTED.keys())
    machine = ['-M', 'pc', '-nodefaults', '-rtc', 'base=2022-01-01T00:00:00,clock=vm', '-S']
    with tempfile.TemporaryDirectory() as work:
        emulator = kit_test.Emulator(binary, machine, work)
        mine, theirs = pathlib.Path(work, 'mine'), pathlib.Path(work, 'theirs')

        def saved():
            emulator.call('xen-save-devices-state', filename=str(mine))
            return mine.read_bytes()

        try:
            for name in sorted(files):
                theirs.write_bytes(files[name])
                before = saved()
                try:
                    emulator.call('xen-load-devices-state', filename=str(theirs))
                    error = None
                except RuntimeError as e:
                    error = str(e)
                wanted = EXPECTED.get(name, EITHER)
                if error is not None and saved() != before:
                    result(False, f'{name} was refused and left the machine as it was', error)
                elif wanted is EITHER:
                    result(True, f'{name} is {"taken" if error is None else "refused"}')
                elif wanted is LOADS:
                    result(error is None, f'{name} loads', error)
                else:
                    result(error is not None and wanted in error, f'{name} is refused for its reason',
                           f'wanted {wanted!r}, found {error!r}')

            theirs.write_bytes(files['good'])
            emulator.call('xen-load-devices-state', filename=str(theirs))
            before, taken = saved(), []
            for length in range(len(files['good'])):
                theirs.write_bytes(files['good'][:length])
                try:
                    emulator.call('xen-load-devices-state', filename=str(theirs))
                    taken.append(length)
                except RuntimeError:
                    pass
            result(not taken and saved() == before, 'cut off at any byte it is refused, and nothing has changed', taken)
        except kit_test.Died as e:
            result(False, 'the emulator lives', e)
        finally:
            emulator.close()

        for name in sorted(files):
            theirs.write_bytes(files[name])
            wanted = EXPECTED.get(name, EITHER)
            try:
                emulator = kit_test.Emulator(binary, [*machine, '-incoming', f'exec:cat {theirs}'], work)
                try:
                    while (state := emulator.call('query-status')['status']) == 'inmigrate':
                        time.sleep(0.001)
                    result(wanted in (LOADS, EITHER) and state in ('paused', 'prelaunch'), f'{name} comes in', state)
                finally:
                    emulator.close()
            except kit_test.Died:
                said = pathlib.Path(work, 'stderr').read_text()
                result(wanted is EITHER or isinstance(wanted, str) and wanted in said and
                       'load of migration failed' in said, f'{name} is refused coming in', said)
    print(f'1..{number}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
