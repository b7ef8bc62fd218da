# SPDX-License-Identifier: GPL-2.0-or-later
"""The frame around the sections, RAM pages, the configuration."""
import hashlib
import struct

from .base import *  # noqa: F401,F403
from .base import vmsd_candidates
from .fields import Fields
from .virtio import Virtio


class Parser(Fields, Virtio):
    def __init__(self, data, vmdesc=None, library=None):
        self.b = data
        self.vmdesc = vmdesc
        self.lib = library or Library()
        self.own_vmdesc = None
        self.seen = {}
        self.cur_sid = None
        self.virtio_end = None      # end of the section being decoded
        self.notes = []

    # ---- section extent
    def boundary(self, pos, sid):
        """Is pos the end of the data of section sid?  -> (footer, next)"""
        b = self.b
        if pos + 5 <= len(b) and b[pos] == T_FOOTER and self.u(pos + 1, 4) == sid:
            return True, pos + 5
        if pos < len(b) and self.header_like(pos):
            return False, pos
        return None

    def header_like(self, pos, sid=None):
        b = self.b
        if pos >= len(b):
            return False
        t = b[pos]
        if t == T_EOF:
            return pos + 1 == len(b) or b[pos + 1] == T_VMDESC
        if t in (T_PART, T_END):
            return pos + 5 <= len(b) and self.u(pos + 1, 4) < 65536
        if t not in (T_START, T_FULL) or pos + 6 > len(b):
            return False
        if sid is not None and self.u(pos + 1, 4) <= sid:
            return False
        n = b[pos + 5]
        s = b[pos + 6:pos + 6 + n]
        if n == 0 or len(s) < n or any(c < 0x20 or c > 0x7E for c in s):
            return False
        return pos + 14 + n <= len(b)

    def scan_end(self, pos, sid):
        """Best effort end of a section without a layout."""
        b = self.b
        foot = bytes([T_FOOTER]) + struct.pack(">I", sid)
        p = b.find(foot, pos)
        while p >= 0:
            if self.header_like(p + 5):
                return p
            p = b.find(foot, p + 1)
        for p in range(pos, len(b)):
            if b[p] in (T_FULL, T_START) and self.header_like(p, sid) \
                    and self.u(p + 1, 4) < sid + 64:
                return p
        if b and b[-1] == T_EOF:
            return len(b) - 1
        raise StreamError("section %d at 0x%x: no end found" % (sid, pos))

    # ---- RAM
    def ram_start(self, pos):
        total = self.u(pos, 8)
        if total & 0xFFF != RAM_SIZE:
            raise StreamError("ram section: unexpected flags 0x%x"
                              % (total & 0xFFF))
        total &= ~0xFFF
        pos += 8
        blocks = []
        left = total
        while left > 0:
            n = self.u(pos, 1)
            nm = self.b[pos + 1:pos + 1 + n].decode("ascii", "replace")
            ln = self.u(pos + 1 + n, 8)
            pos += 9 + n
            blocks.append({"name": nm, "size": ln})
            left -= ln
        # optional per-block extras end at the end-of-section marker
        if self.u(pos, 8) != RAM_EOS:
            raise StreamError("ram start: no end marker at 0x%x" % pos)
        return {"total": total, "blocks": blocks}, pos + 8

    def ram_part(self, pos):
        st = {"zero_pages": 0, "pages": 0}
        while True:
            h = self.u(pos, 8)
            pos += 8
            fl = h & 0xFFF
            if fl & RAM_EOS:
                return st, pos
            if fl & RAM_HOOK:
                raise StreamError("ram: hook records not supported")
            if not fl & RAM_CONT:
                pos += 1 + self.u(pos, 1)
            if fl & RAM_ZERO:
                pos += 1
                st["zero_pages"] += 1
            elif fl & RAM_PAGE:
                self.need(pos, PAGE, "ram page")
                pos += PAGE
                st["pages"] += 1
            elif fl & RAM_XBZRLE:
                n = self.u(pos + 1, 2)
                pos += 3 + n
                st["pages"] += 1
            elif fl & RAM_COMPRESSED:
                pos += 4 + self.u(pos, 4)
                st["pages"] += 1
            else:
                raise StreamError("ram: unknown flags 0x%x at 0x%x"
                                  % (fl, pos - 8))

    # ---- configuration section
    def configuration(self, pos):
        start = pos
        n = self.u(pos + 1, 4)
        pos += 5
        self.need(pos, n, "machine name")
        conf = {"offset": start, "name": self.b[pos:pos + n].decode("ascii"),
                "subsections": []}
        pos += n
        while True:
            p = self.peek_subsection(pos, len(self.b))
            if not p or not p[0].startswith("configuration/"):
                break
            idstr, ver, q = p
            sub = {"name": idstr, "version": ver, "offset": pos}
            if idstr == "configuration/target-page-bits":
                sub["target_page_bits"] = self.u(q, 4)
                q += 4
            elif idstr == "configuration/capabilities":
                cnt = self.u(q, 4)
                q += 4
                caps = []
                for _ in range(cnt):
                    k = self.u(q, 1)
                    caps.append(self.b[q + 1:q + 1 + k].decode("ascii"))
                    q += 1 + k
                sub["capabilities"] = caps
            elif idstr == "configuration/uuid":
                sub["uuid"] = self.b[q:q + 16].hex()
                q += 16
            else:
                raise StreamError("unknown configuration subsection %r" % idstr)
            conf["subsections"].append(sub)
            pos = q
        conf["size"] = pos - start
        return conf, pos

    # ---- whole stream
    def parse(self):
        b = self.b
        self.need(0, 8, "header")
        if self.u(0, 4) != MAGIC:
            raise StreamError("bad magic 0x%08x, want 0x%08x (QEVM)"
                              % (self.u(0, 4), MAGIC))
        if self.u(4, 4) != VERSION:
            raise StreamError("unsupported version %d, want %d"
                              % (self.u(4, 4), VERSION))
        res = {"size": len(b), "magic": "QEVM", "version": VERSION,
               "kind": "device-state", "configuration": None, "sections": [],
               "eof_offset": None, "vmdesc": None, "trailing_bytes": 0,
               "footers": None}
        # the description sits at the end: find it first
        self.find_own_vmdesc()
        vmdesc = self.vmdesc or self.own_vmdesc
        layouts = {}
        if vmdesc:
            for d in vmdesc["devices"]:
                # the same (name, instance) can occur twice (isapc: isa-ide)
                layouts.setdefault((d["name"], d["instance_id"]), []).append(d)
        pos = 8
        known = {}
        while True:
            self.need(pos, 1, "section type")
            t = b[pos]
            if t == T_EOF:
                res["eof_offset"] = pos
                pos += 1
                break
            if t == T_CONFIG:
                res["kind"] = "migration"
                res["configuration"], pos = self.configuration(pos)
                continue
            if t == T_COMMAND:
                cmd, n = self.u(pos + 1, 2), self.u(pos + 3, 2)
                res["sections"].append(
                    {"index": len(res["sections"]), "type": "command",
                     "offset": pos, "command": cmd, "size": 5 + n,
                     "data": b[pos + 5:pos + 5 + n].hex()})
                pos += 5 + n
                continue
            if t not in TYPE_NAMES:
                raise StreamError("unknown section type 0x%02x at offset 0x%x"
                                  % (t, pos))
            sec, pos = self.section(t, pos, layouts, known)
            sec["index"] = len(res["sections"])
            if sec["type"] in ("start", "part", "end"):
                res["kind"] = "migration"
            res["sections"].append(sec)
        feet = {s["footer"] for s in res["sections"] if "footer" in s}
        res["footers"] = feet.pop() if len(feet) == 1 else (
            None if not feet else "mixed")
        if pos < len(b) and b[pos] == T_VMDESC:
            n = self.u(pos + 1, 4)
            self.need(pos + 5, n, "description")
            res["kind"] = "migration"
            res["vmdesc"] = {"offset": pos, "size": n}
            pos += 5 + n
        res["trailing_bytes"] = len(b) - pos
        if self.notes:
            res["notes"] = self.notes
        return res

    def find_own_vmdesc(self):
        b = self.b
        key = b'{"page_size"'
        p = b.rfind(key)
        if p < 6:
            key = b'{"configuration"'
            p = b.rfind(key)
        if p >= 6 and b[p - 5] == T_VMDESC and b[p - 6] == T_EOF:
            n = self.u(p - 4, 4)
            if p + n <= len(b):
                try:
                    d = load_json(b[p:p + n])
                    if "devices" in d:
                        self.own_vmdesc = d
                except ValueError:
                    self.notes.append("description present but not JSON")

    def section(self, t, pos, layouts, known):
        start = pos
        sid = self.u(pos + 1, 4, "section id")
        pos += 5
        sec = {"type": TYPE_NAMES[t], "offset": start, "section_id": sid}
        if t in (T_START, T_FULL):
            n = self.u(pos, 1, "idstr length")
            self.need(pos + 1, n, "idstr")
            raw = self.b[pos + 1:pos + 1 + n]
            try:
                idstr = raw.decode("ascii")
            except UnicodeDecodeError:
                raise StreamError("section at 0x%x: idstr is not text" % start)
            pos += 1 + n
            sec["idstr"] = idstr
            sec["instance_id"] = self.u(pos, 4, "instance id")
            sec["version_id"] = self.u(pos + 4, 4, "version id")
            pos += 8
            known[sid] = sec
        else:
            if sid not in known:
                raise StreamError("section at 0x%x: id %d was never started"
                                  % (start, sid))
            k = known[sid]
            for f in ("idstr", "instance_id", "version_id"):
                sec[f] = k[f]
        sec["data_offset"] = pos
        idstr = sec["idstr"]
        if idstr == "ram" and t != T_FULL:
            if t == T_START:
                sec["ram"], end = self.ram_start(pos)
            else:
                sec["ram"], end = self.ram_part(pos)
        else:
            end = self.device(sec, pos, sid, layouts)
        bd = self.boundary(end, sid)
        if bd is None:
            raise StreamError("section %s (id %d) at 0x%x: neither a footer "
                              "nor a section follows its data at 0x%x"
                              % (idstr, sid, start, end))
        sec["data_size"] = end - sec["data_offset"]
        sec["footer"], nxt = bd
        sec["sha256"] = hashlib.sha256(
            self.b[sec["data_offset"]:end]).hexdigest()
        return sec, nxt

    def device(self, sec, pos, sid, layouts):
        self.cur_sid = sid
        lim = len(self.b)
        cands = []
        key = (sec["idstr"], sec["instance_id"])
        same = layouts.get(key, [])
        if len(same) > 1:
            n = self.seen.get(key, 0)
            self.seen[key] = n + 1
            same = same[n:n + 1] + same[:n] + same[n + 1:]
        cands += [("vmdesc", lay) for lay in same]
        for l2 in vmsd_candidates(sec["idstr"], self.lib):
            cands.append(("library", l2))
        err = None
        for source, lay in cands:
            self.virtio_end = None
            fl = lay.get("fields") or []
            if fl and fl[-1]["type"] == "virtio":
                # its length depends on guest driver state, not on the
                # description: let the section end decide
                try:
                    self.virtio_end = self.scan_end(pos, sid)
                except StreamError:
                    pass
            try:
                node, end = self.structure(lay, pos, lim, sec["idstr"])
                if self.boundary(end, sid) is None:
                    raise LayoutError("data ends at 0x%x but no section "
                                      "boundary is there" % end)
            except LayoutError as e:
                if err is None:
                    err = e
                continue
            sec["layout"] = source
            if lay.get("vmsd_name") and not lay.get("opaque"):
                sec["vmsd"] = lay["vmsd_name"]
            lv = lay.get("version")
            if lv is not None and lv != sec["version_id"]:
                sec["layout_version"] = lv
            sec["fields"] = node["fields"]
            if "subsections" in node:
                sec["subsections"] = node["subsections"]
            return end
        end = self.scan_end(pos, sid)
        sec["layout"] = "none" if err is None else "mismatch"
        if err is not None:
            sec["layout_error"] = str(err)
        sec["fields"] = [leaf("raw", "buffer", self.b, pos, end - pos)]
        return end
