# SPDX-License-Identifier: GPL-2.0-or-later
"""Constants, files, layouts, single values."""
import gzip
import hashlib
import json
import re

import sys

MAGIC = 0x5145564D
VERSION = 3
T_EOF, T_START, T_PART, T_END, T_FULL, T_SUB, T_VMDESC, T_CONFIG, T_COMMAND = range(9)
T_FOOTER = 0x7E
TYPE_NAMES = {T_START: "start", T_PART: "part", T_END: "end", T_FULL: "full"}

RAM_ZERO, RAM_SIZE, RAM_PAGE, RAM_EOS, RAM_CONT = 0x02, 0x04, 0x08, 0x10, 0x20
RAM_XBZRLE, RAM_HOOK, RAM_COMPRESSED = 0x40, 0x80, 0x100
PAGE = 4096


class StreamError(Exception):
    """The input is not a well-formed stream."""


class LayoutError(Exception):
    """A layout does not fit the bytes at hand."""


# --------------------------------------------------------------------------
# files

def read_file(path):
    try:
        with open(path, "rb") as f:
            data = f.read()
        if path.endswith(".gz"):
            data = gzip.decompress(data)
        return data
    except (OSError, EOFError) as e:
        raise StreamError("cannot read %s: %s" % (path, e))


def write_file(path, data):
    """Write bytes; .gz output is reproducible (no name, no time)."""
    if path.endswith(".gz"):
        data = gzip.compress(data, 9, mtime=0)
    with open(path, "wb") as f:
        f.write(data)


class Dup(dict):
    """A JSON object that remembers repeated keys (in .all[key], in order)."""
    __slots__ = ("all",)


def _pairs(pairs):
    d = Dup()
    d.all = {}
    for k, v in pairs:
        d.all.setdefault(k, []).append(v)
        d[k] = v
    return d


def load_json(data):
    if isinstance(data, bytes):
        data = data.rstrip(b"\0").decode("utf-8")
    return json.loads(data, object_pairs_hook=_pairs)


def load_vmdesc(path):
    try:
        d = load_json(read_file(path))
    except ValueError as e:
        raise StreamError("%s: not JSON: %s" % (path, e))
    if "devices" not in d:
        raise StreamError("%s: no \"devices\" key, not a vmdesc" % path)
    return d


# --------------------------------------------------------------------------
# layout library: vmsd name -> list of distinct layouts

class Library:
    def __init__(self):
        self.vmsds = {}      # name -> [layout, ...]
        self._seen = set()

    @staticmethod
    def _plain(layout):
        return {"vmsd_name": layout.get("vmsd_name"),
                "version": layout.get("version"),
                "fields": layout.get("fields", [])}

    def add(self, layout):
        name = layout.get("vmsd_name")
        if not name:
            return
        key = name + "\0" + json.dumps(self._plain(layout), sort_keys=True)
        h = hashlib.sha1(key.encode()).digest()
        if h in self._seen:
            return
        self._seen.add(h)
        self.vmsds.setdefault(name, []).append(layout)

    def add_vmdesc(self, vmdesc):
        for dev in vmdesc["devices"]:
            lay = dict(dev)
            if "vmsd_name" not in lay:
                # section written by old-style code: only one opaque field
                lay["vmsd_name"] = dev["name"]
                lay["opaque"] = True
            self._walk(lay)

    def _walk(self, layout):
        self.add(layout)
        for s in layout.get("subsections", []) or []:
            self._walk(s)
        for f in layout.get("fields", []) or []:
            if "struct" in f:
                self._walk_sub_only(f["struct"])

    def _walk_sub_only(self, layout):
        for s in layout.get("subsections", []) or []:
            self._walk(s)
        for f in layout.get("fields", []) or []:
            if "struct" in f:
                self._walk_sub_only(f["struct"])

    def dump(self):
        return {"vmsds": {k: self.vmsds[k] for k in sorted(self.vmsds)}}

    def load(self, path):
        d = load_json(read_file(path))
        for lays in d["vmsds"].values():
            for lay in lays:
                self.add(lay)


def vmsd_candidates(idstr, lib):
    """Layouts whose name is idstr or a /-suffix of it (longest first)."""
    out = []
    parts = idstr.split("/")
    for i in range(len(parts)):
        out += lib.vmsds.get("/".join(parts[i:]), [])
    return out


# --------------------------------------------------------------------------
# scalar decoding

INT_RE = re.compile(r"^(u?)int(8|16|32|64)( .*)?$")


def decode_scalar(typ, raw):
    m = INT_RE.match(typ)
    n = len(raw)
    if m and n == int(m.group(2)) // 8:
        return int.from_bytes(raw, "big", signed=not m.group(1))
    if typ == "bool" and n == 1:
        return bool(raw[0]) if raw[0] < 2 else raw[0]
    if typ == "timer" and n == 8:
        return int.from_bytes(raw, "big", signed=True)
    if typ == "bitmap" and n % 8 == 0:
        return ["0x%016x" % int.from_bytes(raw[i:i + 8], "big")
                for i in range(0, n, 8)]
    if typ == "pci irq state" and n % 4 == 0:
        return [int.from_bytes(raw[i:i + 4], "big") for i in range(0, n, 4)]
    if typ in ("nullptr", "nullptr_marker") and n == 1:
        return None
    if n == 0:
        return ""
    return raw.hex()


def leaf(name, typ, buf, pos, size):
    if size < 0 or pos + size > len(buf):
        raise LayoutError("field %s: needs %d bytes at 0x%x, past the end"
                          % (name, size, pos))
    return {"name": name, "type": typ, "offset": pos, "size": size,
            "value": decode_scalar(typ, buf[pos:pos + size])}


# --------------------------------------------------------------------------
