#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests that are wrong in every way, to this program and to QEMU 7.2: both answer in the same words.

Where a request succeeds, that it does is compared, and not what it returned. Left out is what ends QEMU 7.2: numbers out
of range, a negative size for pmemsave.

    words-test.py EMULATOR
"""
import json
import os
import shutil
import subprocess
import sys

REQUESTS = r'''
{"execute":"foo"}
{"execute":"query-status","arguments":{"a":1}}
{"execute":"query-status","arguments":[]}
{"execute":"query-status","arguments":null}
{"execute":1}
{"execute":"query-status","foo":1}
{"arguments":{}}
{}
[]
1
"x"
null
true
{"execute":"query-status","id":[1,{"a":null}]}
{"execute":"foo","id":7}
{"exec-oob":"query-status"}
{"exec-oob":"query-status","execute":"query-status"}
{"execute":"qmp_capabilities"}
{"execute":"qmp_capabilities","arguments":{"enable":["oob"]}}
{"execute":"human-monitor-command"}
{"execute":"human-monitor-command","arguments":{"command-line":1}}
{"execute":"human-monitor-command","arguments":{"command-line":"info status","cpu-index":9}}
{"execute":"human-monitor-command","arguments":{"command-line":"info status","cpu-index":"a"}}
{"execute":"object-add","arguments":{}}
{"execute":"object-add","arguments":{"qom-type":"foo","id":"x"}}
{"execute":"object-add","arguments":{"qom-type":"memory-backend-ram","id":"x"}}
{"execute":"object-add","arguments":{"qom-type":"memory-backend-ram","id":"x","size":0}}
{"execute":"object-add","arguments":{"qom-type":"memory-backend-ram","id":"x","size":"4k"}}
{"execute":"object-add","arguments":{"qom-type":"memory-backend-ram","id":"x","size":4096,"bar":1}}
{"execute":"object-add","arguments":{"qom-type":"memory-backend-ram","id":"1x","size":4096}}
{"execute":"object-add","arguments":{"qom-type":"memory-backend-file","id":"x","size":4096}}
{"execute":"object-add","arguments":{"qom-type":"memory-backend-file","id":"x","size":4096,"mem-path":"/no/such/file"}}
{"execute":"object-del","arguments":{"id":"nope"}}
{"execute":"chardev-add","arguments":{"id":"c","backend":{"type":"foo","data":{}}}}
{"execute":"chardev-add","arguments":{"id":"c","backend":{"type":"null"}}}
{"execute":"chardev-add","arguments":{"id":"c","backend":{"type":"file","data":{}}}}
{"execute":"chardev-add","arguments":{"id":"c","backend":{"type":"file","data":{"out":"/no/such/x"}}}}
{"execute":"chardev-add","arguments":{"id":"c","backend":{"type":"socket","data":{"addr":{"type":"unix","data":{"path":"/no/such/x"}},"server":false}}}}
{"execute":"chardev-remove","arguments":{"id":"nope"}}
{"execute":"chardev-change","arguments":{"id":"nope","backend":{"type":"null","data":{}}}}
{"execute":"getfd","arguments":{"fdname":"x"}}
{"execute":"getfd","arguments":{"fdname":"1"}}
{"execute":"closefd","arguments":{"fdname":"x"}}
{"execute":"add-fd"}
{"execute":"remove-fd","arguments":{"fdset-id":3}}
{"execute":"remove-fd","arguments":{"fdset-id":3,"fd":1}}
{"execute":"device_add","arguments":{}}
{"execute":"device_add","arguments":{"driver":"foo"}}
{"execute":"device_add","arguments":{"driver":"edu"}}
{"execute":"device_add","arguments":{"driver":"edu","id":"a b"}}
{"execute":"device_add","arguments":{"driver":"edu","addr":"4","id":"e1"}}
{"execute":"device_add","arguments":{"driver":"edu","addr":"4"}}
{"execute":"device_add","arguments":{"driver":"edu","addr":"zz"}}
{"execute":"device_add","arguments":{"driver":"edu","bus":"nope"}}
{"execute":"device_add","arguments":{"driver":"isa-serial"}}
{"execute":"device_add","arguments":{"driver":"e1000","foo":"1"}}
{"execute":"device_add","arguments":{"driver":"e1000","mac":"x"}}
{"execute":"device_add","arguments":{"driver":"e1000","netdev":"n"}}
{"execute":"device_add","arguments":{"driver":"VGA","vgamem_mb":"300"}}
{"execute":"device_add","arguments":{"driver":"pci-device"}}
{"execute":"device_add","arguments":{"driver":"ide-hd"}}
{"execute":"device_del","arguments":{"id":"nope"}}
{"execute":"device_del","arguments":{"id":"/machine"}}
{"execute":"device-list-properties","arguments":{"typename":"nope"}}
{"execute":"device-list-properties","arguments":{"typename":"container"}}
{"execute":"device-list-properties","arguments":{"typename":"pci-device"}}
{"execute":"qom-list","arguments":{"path":"/nope"}}
{"execute":"qom-list","arguments":{"path":""}}
{"execute":"qom-get","arguments":{"path":"/machine","property":"nope"}}
{"execute":"qom-get","arguments":{"path":"/machine"}}
{"execute":"qom-set","arguments":{"path":"/machine","property":"type","value":"x"}}
{"execute":"qom-set","arguments":{"path":"/machine","property":"usb","value":"x"}}
{"execute":"qom-set","arguments":{"path":"/machine","property":"nope","value":1}}
{"execute":"qom-list-properties","arguments":{"typename":"nope"}}
{"execute":"qom-list-types","arguments":{"implements":"nope"}}
{"execute":"query-command-line-options","arguments":{"option":"nope"}}
{"execute":"memsave","arguments":{"val":0,"size":4096,"filename":"/no/such/x"}}
{"execute":"memsave","arguments":{"val":0,"size":4096,"filename":"/dev/null","cpu-index":9}}
{"execute":"pmemsave","arguments":{"val":1.5,"size":1,"filename":"/dev/null"}}
{"execute":"pmemsave","arguments":{"val":99999999999999999999,"size":1,"filename":"/dev/null"}}
{"execute":"cont","arguments":{"x":1}}
{"execute":"system_wakeup"}
{"execute":"set-action","arguments":{"reboot":"nope"}}
{"execute":"set-action","arguments":{"reboot":"none","watchdog":"poweroff"}}
{"execute":"watchdog-set-action","arguments":{"action":"nope"}}
{"execute":"migrate-incoming","arguments":{"uri":"tcp:x"}}
{"execute":"migrate-set-capabilities","arguments":{"capabilities":[{"capability":"nope","state":true}]}}
{"execute":"query-named-block-nodes","arguments":{"flat":1}}
{"execute":"blockdev-add","arguments":{"driver":"nope","node-name":"x"}}
{"execute":"blockdev-add","arguments":{"driver":"null-co"}}
{"execute":"blockdev-add","arguments":{"driver":"file","node-name":"x","filename":"/no/such/x"}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"x","file":"nope"}}
{"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"x"}}
{"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"1x"}}
{"execute":"blockdev-del","arguments":{"node-name":"nope"}}
{"execute":"block_resize","arguments":{"node-name":"nope","size":1}}
{"execute":"eject","arguments":{"device":"nope"}}
{"execute":"eject","arguments":{}}
{"execute":"blockdev-change-medium","arguments":{"id":"nope","filename":"x"}}
{"execute":"blockdev-open-tray","arguments":{"id":"nope"}}
{"execute":"blockdev-remove-medium","arguments":{"id":"nope"}}
{"execute":"blockdev-insert-medium","arguments":{"id":"nope","node-name":"x"}}
{"execute":"netdev_add","arguments":{"type":"nope","id":"x"}}
{"execute":"netdev_add","arguments":{"type":"user"}}
{"execute":"netdev_add","arguments":{"type":"user","id":"x","net":"zz"}}
{"execute":"netdev_del","arguments":{"id":"nope"}}
{"execute":"set_link","arguments":{"name":"nope","up":true}}
{"execute":"screendump","arguments":{"filename":"/no/such/x"}}
{"execute":"screendump","arguments":{"filename":"/no/such/x","device":"nope"}}
{"execute":"screendump","arguments":{"filename":"/no/such/x","format":"gif"}}
{"execute":"send-key","arguments":{"keys":[{"type":"qcode","data":"nope"}]}}
{"execute":"send-key","arguments":{"keys":[]}}
{"execute":"input-send-event","arguments":{"events":[{"type":"key"}]}}
{"execute":"input-send-event","arguments":{"device":"nope","events":[]}}
{"execute":"trace-event-set-state","arguments":{"name":"nope","enable":true}}
{"execute":"trace-event-get-state","arguments":{"name":"nope"}}
{"execute":"query-cpu-model-expansion","arguments":{"type":"full","model":{"name":"nope"}}}
{"execute":"query-cpu-model-expansion","arguments":{"type":"nope","model":{"name":"max"}}}
{"execute":"query-cpu-model-expansion","arguments":{"type":"full","model":{"name":"max","props":{"nope":true}}}}
{"execute":"yank","arguments":{"instances":[{"type":"chardev","id":"nope"}]}}
{"execute":"xen-load-devices-state","arguments":{"filename":"/no/such/x"}}
{"execute":"xen-save-devices-state","arguments":{"filename":"/no/such/x"}}
{"execute":"xen-set-global-dirty-log","arguments":{"enable":1}}
{"execute":"inject-nmi","arguments":{"x":1}}
{"execute":"ringbuf-read","arguments":{"device":"nope","size":1}}
{"execute":"ringbuf-write","arguments":{"device":"nope","data":"x","format":"base64"}}
{"execute":"query-status"} {"execute":"query-kvm"}
{'execute':'query-name'}
{"execute":"query-name",}
{"execute" "query-name"}
{"execute":"query-name"]
{"execute":"\ud800"}
{"execute":"query-\u006eame"}
{"execute":"query-name","id":-0}
{"execute":"query-name","id":9223372036854775808}
{"execute":"query-name","id":18446744073709551616}
{"execute":"query-name","id":1.0}
{"execute":"query-name","id":"\u0000"}
{"execute":"query-name","id":01}
{"execute":"query-name","id":+1}
{"execute":"query-name","id":"\x"}
{"execute":"query-name","id":nul}
{"execute":"query-name","execute":"query-kvm"}
%
{"execute":"query-name","id":%p}
'''.strip().encode().splitlines()
BYTES = [
    b'\xff{"execute":"query-name"}',
    b'{"execute":"query-name","id":"\xc0\x80"}',
    b'{"execute":"query-name","id":"\xed\xa0\x80"}',
    b'{"execute":"query-name","id":"a\x01b"}',
    b'"\x00"',
    b'{"execute":"query-name","id":"\xf4\x90\x80\x80"}',
]
END = 'the last of them'


class Session:
    def __init__(self, program):
        self.process = subprocess.Popen([program, '-M', 'pc', '-nodefaults', '-display', 'none', '-S', '-monitor', 'none',
                                         '-qmp', 'stdio'],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.process.stdout.readline()
        self.replies(b'{"execute":"qmp_capabilities"}')

    def replies(self, request):
        """All that comes until the answer to a harmless request that follows."""
        marker = json.dumps({'execute': 'query-uuid', 'id': END}).encode()
        self.process.stdin.write(request + b'\n' + marker + b'\n')
        self.process.stdin.flush()
        found = []
        for line in self.process.stdout:
            reply = json.loads(line)
            if reply.get('id') == END:
                return found
            if 'event' not in reply:
                found.append(reply if 'error' in reply else {'return': ..., **({'id': reply['id']} if 'id' in reply else {})})
        raise EOFError(f'the emulator ended at {request[:100]}')

    def close(self):
        self.process.kill()
        self.process.communicate()


def main():
    qemu = os.environ.get('REFERENCE_QEMU') or shutil.which('qemu-system-x86_64')
    if not qemu:
        print('1..0 # SKIP QEMU 7.2 is not installed (Debian: qemu-system-x86)')
        return 0
    ours, theirs = Session(sys.argv[1]), Session(qemu)
    failed = 0
    for request in REQUESTS + BYTES:
        answers = ours.replies(request), theirs.replies(request)
        if answers[0] != answers[1]:
            failed += 1
            print(f'# {request[:150]}', *(f'#   {name}: {answer}' for name, answer in zip(('here', 'QEMU'), answers)), sep='\n')
    ours.close()
    theirs.close()
    print(f"1..1\n{'not ok' if failed else 'ok'} 1 - {len(REQUESTS) + len(BYTES)} requests are answered in QEMU 7.2's words")
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
