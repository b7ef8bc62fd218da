#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes on beside the main loop: threads for devices, out-of-band commands while it hangs,
connections that are cut."""
import os
import socket
import threading

from emulator import Emulator, main


def test_iothreads_come_and_go():
    with Emulator('-object', 'iothread,id=t,poll-max-ns=0') as vm:
        c = vm.qmp()
        c('object-add', qom_type='iothread', id='u', poll_grow=3)
        threads = {t['id']: t for t in c('query-iothreads')}
        assert threads['t']['poll-max-ns'] == 0 and threads['u']['poll-max-ns'] == 32768, threads
        assert threads['u']['poll-grow'] == 3
        with open(f"/proc/{vm.process.pid}/task/{threads['u']['thread-id']}/comm") as name:
            assert name.read() == 'IO u\n'
        c('qom-set', path='/objects/u', property='poll-max-ns', value=77)
        assert 'poll-max-ns=77\r\n' in c.hmp('info iothreads')
        assert f"thread_id={threads['u']['thread-id']}\r\n" in c.hmp('info iothreads')
        c('object-del', id='u')
        assert [t['id'] for t in c('query-iothreads')] == ['t']
        for wrong, words in (({'poll_max_ns': -1}, "Property iothread.poll-max-ns doesn't take value -1"),
                             ({'thread_pool_max': 0}, 'bad thread-pool-min/thread-pool-max values'),
                             ({'thread_pool_min': 9, 'thread_pool_max': 8},
                              'bad thread-pool-min/thread-pool-max values')):
            assert c.error('object-add', qom_type='iothread', id='v', **wrong)[1].startswith(words)


def test_yank_cuts_connections_while_the_main_loop_hangs():
    with Emulator('-S') as vm:
        fifo, path = vm.file('fifo'), vm.file('line')
        os.mkfifo(fifo)
        c = vm.qmp(oob=True)
        chardev = {'addr': {'type': 'unix', 'data': {'path': path}}, 'server': True, 'wait': False}
        c('chardev-add', id='line', backend={'type': 'socket', 'data': chardev})
        line = {'type': 'chardev', 'id': 'line'}
        assert c('query-yank') == [{'type': 'chardev', 'id': 'compat_monitor0'}, line]
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(20)
        peer.connect(path)
        while next(d for d in c('query-chardev') if d['label'] == 'line')['filename'].startswith('disconnected:'):
            pass
        # Opening a FIFO waits for a reader: the main loop stands.
        c.send('{"execute": "pmemsave", "arguments": {"val": 0, "size": 1, "filename": "%s"}, "id": "slow"}' % fifo)
        c.send('{"exec-oob": "yank", "arguments": {"instances": [{"type": "chardev", "id": "line"}]}, "id": "cut"}')
        assert c.reply() == {'return': {}, 'id': 'cut'}
        assert peer.recv(1) == b''
        reader = threading.Thread(target=lambda: open(fifo, 'rb').read())
        reader.start()
        assert c.reply() == {'return': {}, 'id': 'slow'}
        reader.join()
        peer.close()
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(path)
        assert c.error('yank', instances=[line, {'type': 'migration'}]) == ('DeviceNotFound', 'Instance not found')
        assert c.error('yank', instances=[{'type': 'block-node', 'node-name': 'n'}])[0] == 'DeviceNotFound'
        c('chardev-remove', id='line')
        assert c('query-yank') == [{'type': 'chardev', 'id': 'compat_monitor0'}]


def test_memory_is_saved_as_a_processor_sees_it():
    with Emulator('-S', machine='pc') as vm:
        c, virtual, physical = vm.qmp(), vm.file('v'), vm.file('p')
        c('memsave', val=0xfff00, size=256, filename=virtual)
        c('pmemsave', val=0xfff00, size=256, filename=physical)
        with open(virtual, 'rb') as v, open(physical, 'rb') as p:
            bytes_there = v.read()
            assert len(bytes_there) == 256 and any(bytes_there) and bytes_there == p.read()
        c.hmp(f'memsave 0xffff0 16 "{virtual}"')
        with open(virtual, 'rb') as v:
            assert v.read() == bytes_there[-16:]
        assert c.error('memsave', val=0, size=1, filename=virtual, cpu_index=1)[1] == \
            "Parameter 'cpu-index' expects a CPU number"
        assert c.error('pmemsave', val=0, size=-1, filename=virtual)[1].startswith("Parameter 'size' expects")
        assert c.error('memsave', val=0, size=1, filename='/nosuch/x')[1] == \
            "Could not open '/nosuch/x': No such file or directory"
        assert c.error('memsave', val=0, size=1 << 20, filename='/dev/full')[1] == \
            "writing memory to '/dev/full' failed: No space left on device"


if __name__ == '__main__':
    main(globals())
