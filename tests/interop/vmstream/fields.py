# SPDX-License-Identifier: GPL-2.0-or-later
"""Decoding the data of one section by its layout."""
from .base import T_FOOTER, T_FULL, T_EOF, T_SUB, LayoutError, StreamError, decode_scalar, leaf


class Fields:
    # ---- primitives
    def need(self, pos, n, what):
        if pos + n > len(self.b):
            raise StreamError("truncated: %s needs %d byte(s) at offset 0x%x,"
                              " file has 0x%x" % (what, n, pos, len(self.b)))

    def u(self, pos, n, what="integer"):
        self.need(pos, n, what)
        return int.from_bytes(self.b[pos:pos + n], "big")

    # ---- layout driven decoding
    def fields(self, layout, pos, lim):
        nodes = []
        flds = layout.get("fields", []) or []
        if layout.get("vmsd_name") == "ide_drive" and len(flds) > 2 \
                and flds[1]["name"] == "identify_set":
            # observed: the 512 bytes identify_data are there exactly when
            # identify_set is not 0, so a description of another state of
            # the machine may or may not list them
            flds = [f for f in flds if f["name"] != "identify_data"]
            if pos + 8 <= lim and self.u(pos + 4, 4):
                flds.insert(2, {"name": "identify_data", "type": "buffer",
                                "size": 512})
        for f in flds:
            if "index" in f:
                base = f["name"]
                node, pos = self.field(f, pos, lim,
                                       "%s[%d]" % (base, f["index"]))
                nodes.append(node)
            elif "array_len" in f:
                node, pos = self.array(f, pos, lim)
                nodes.append(node)
            else:
                node, pos = self.field(f, pos, lim, f["name"])
                nodes.append(node)
        return nodes, pos

    def array(self, f, pos, lim):
        n = f["array_len"]
        node = {"name": f["name"], "type": f["type"], "offset": pos,
                "array_len": n}
        start = pos
        if "struct" in f or "fields" in f:
            els = []
            for i in range(n):
                e, pos = self.field(f, pos, lim, "[%d]" % i)
                els.append(e)
            node["elements"] = els
        else:
            size = f["size"]
            vals = []
            if pos + n * size > lim:
                raise LayoutError("array %s past the end" % f["name"])
            for i in range(n):
                vals.append(decode_scalar(f["type"], self.b[pos:pos + size]))
                pos += size
            node["value"] = vals
            node["elem_size"] = size
        node["size"] = pos - start
        return node, pos

    def field(self, f, pos, lim, name):
        typ = f["type"]
        if "struct" in f:
            st = f["struct"]
            node, end = self.structure(st, pos, lim, name)
            node["type"] = "struct"
            return node, end
        if typ == "qtailq":
            return self.qtailq(f, pos, lim, name)
        if typ == "virtio":
            return self.virtio(f, pos, lim, name)
        if "fields" in f:                       # "tmp" and friends
            node, end = self.structure(f, pos, lim, name)
            node["type"] = typ
            return node, end
        if pos + f["size"] > lim:
            raise LayoutError("field %s: %d bytes at 0x%x, past the end"
                              % (name, f["size"], pos))
        return leaf(name, typ, self.b, pos, f["size"]), pos + f["size"]

    def structure(self, layout, pos, lim, name):
        start = pos
        nodes, pos = self.fields(layout, pos, lim)
        node = {"name": name, "type": "struct", "offset": start,
                "vmsd": layout.get("vmsd_name"),
                "version": layout.get("version"), "fields": nodes}
        subs, pos = self.subsections(layout, pos, lim)
        if subs:
            node["subsections"] = subs
        node["size"] = pos - start
        return node, pos

    def peek_subsection(self, pos, lim):
        if pos + 2 > lim or self.b[pos] != T_SUB:
            return None
        n = self.b[pos + 1]
        if pos + 6 + n > lim:
            return None
        s = self.b[pos + 2:pos + 2 + n]
        if n == 0 or any(c < 0x20 or c > 0x7E for c in s):
            return None
        return s.decode("ascii"), self.u(pos + 2 + n, 4), pos + 6 + n

    def subsections(self, layout, pos, lim):
        subs = []
        owner = layout.get("vmsd_name") or ""
        while True:
            p = self.peek_subsection(pos, lim)
            # a subsection belongs to the innermost vmsd whose name it
            # extends; shorter or foreign names end the list
            if not p or not p[0].startswith(owner) or len(p[0]) <= len(owner):
                break
            idstr, ver, body = p
            cands = [s for s in layout.get("subsections", []) or []
                     if s.get("vmsd_name") == idstr]
            cands += self.lib.vmsds.get(idstr, [])
            if not cands:
                raise LayoutError("unknown subsection %r at 0x%x"
                                  % (idstr, pos))
            err = node = None
            best = -1
            for lay in cands:
                try:
                    n2, e2 = self.structure(lay, body, lim, idstr)
                except LayoutError as e:
                    err = e
                    continue
                # several layouts may fit: prefer the one that ends at the
                # section's footer or at another subsection
                rank = 2 if self.strong_end(e2, lim) else (
                    1 if e2 < lim and self.b[e2] in (T_FOOTER, T_FULL, T_EOF)
                    else 0)
                if rank > best:
                    node, end, best = n2, e2, rank
                if rank == 2:
                    break
            if node is None:
                raise err
            node["type"] = "subsection"
            node["version"] = ver
            node["offset"] = pos
            node["size"] = end - pos
            subs.append(node)
            pos = end
        return subs, pos

    def strong_end(self, pos, lim):
        if pos + 5 <= lim and self.b[pos] == T_FOOTER \
                and self.u(pos + 1, 4) == self.cur_sid:
            return True
        return self.peek_subsection(pos, lim) is not None

    def qtailq(self, f, pos, lim, name):
        """u8 1 + element, repeated, then u8 0.  The element layouts appear
        in the description as repeated keys of the field object."""
        start = pos
        alls = getattr(f, "all", {})
        flds = alls.get("fields", [])
        names = alls.get("vmsd_name", [])
        vers = alls.get("version", [])
        subs = alls.get("subsections", [])
        els = []
        while True:
            if pos >= lim:
                raise LayoutError("list %s past the end" % name)
            mark = self.b[pos]
            pos += 1
            if mark == 0:
                break
            if mark != 1:
                raise LayoutError("list %s: bad marker %d at 0x%x"
                                  % (name, mark, pos - 1))
            k = min(len(els), len(flds) - 1)
            if k < 0:
                raise LayoutError("list %s: no element layout known" % name)
            lay = {"vmsd_name": names[min(k, len(names) - 1)] if names else None,
                   "version": vers[min(k, len(vers) - 1)] if vers else None,
                   "fields": flds[k],
                   "subsections": subs[k] if k < len(subs) else []}
            e, pos = self.structure(lay, pos, lim, "[%d]" % len(els))
            els.append(e)
        return {"name": name, "type": "qtailq", "offset": start,
                "size": pos - start, "elements": els}, pos
