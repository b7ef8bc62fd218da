# SPDX-License-Identifier: GPL-2.0-or-later
"""Flat lists, trees, comparison, editing."""
import json
import re
import struct

from .base import INT_RE, T_EOF, StreamError


def flatten(res):
    """Ordered list of (path, value, offset, size, type) over a stream."""
    out = []

    def uniq(used, name):
        n = used.get(name, 0) + 1
        used[name] = n
        return name if n == 1 else "%s#%d" % (name, n)

    def walk(path, node):
        if "elements" in node:
            for e in node["elements"]:
                walk(path + e["name"], e)
            if not node["elements"]:
                out.append((path, [], node["offset"], 0, node["type"]))
        elif "fields" in node:
            body(path, node)
        elif "elem_size" in node:
            for i, v in enumerate(node["value"]):
                out.append(("%s[%d]" % (path, i), v,
                            node["offset"] + i * node["elem_size"],
                            node["elem_size"], node["type"]))
        else:
            out.append((path, node["value"], node["offset"], node["size"],
                        node["type"]))

    def body(path, node):
        used = {}
        for f in node.get("fields", []):
            walk(path + "." + uniq(used, f["name"]), f)
        for s in node.get("subsections", []):
            p = "%s.<%s>" % (path, s["name"])
            out.append((p + ".@version", s["version"], s["offset"], 0,
                        "version"))
            walk(p, s)

    c = res.get("configuration")
    if c:
        out.append(("configuration.name", c["name"], c["offset"], c["size"],
                    "string"))
        for s in c["subsections"]:
            for k, v in s.items():
                if k not in ("name", "offset"):
                    out.append(("configuration.<%s>.%s" % (s["name"], k), v,
                                s["offset"], 0, "config"))
    for s in res["sections"]:
        if s["type"] == "command":
            continue
        p = "%s/%d" % (s["idstr"], s["instance_id"])
        if "ram" in s:
            if s["type"] == "start":
                for blk in s["ram"]["blocks"]:
                    out.append(("%s.block{%s}" % (p, blk["name"]),
                                blk["size"], s["offset"], 0, "ram"))
            continue
        out.append((p + ".@version_id", s["version_id"], s["offset"], 0,
                    "version"))
        out.append((p + ".@section_id", s["section_id"], s["offset"], 0,
                    "section_id"))
        body(p, s)
    return out


# --------------------------------------------------------------------------
# output

def show_value(v, limit):
    if isinstance(v, list):
        s = " ".join(show_value(x, limit) for x in v)
    elif isinstance(v, bool):
        s = "true" if v else "false"
    elif isinstance(v, int):
        s = "%d" % v if -1024 < v < 1024 else (
            "0x%x" % v if v >= 0 else "-0x%x" % -v)
    elif v is None:
        s = "(null)"
    else:
        s = v or "(empty)"
        if len(s) > 64 and re.fullmatch(r"[0-9a-f]+", s):
            s = squeeze_hex(s)
    if limit and len(s) > limit:
        s = s[:limit] + "... (%d chars)" % len(s)
    return s


def squeeze_hex(s):
    """Shorten runs of one byte in a long hex string: 00*200"""
    out, i, run = [], 0, []
    b = [s[j:j + 2] for j in range(0, len(s), 2)]
    while i < len(b):
        j = i
        while j < len(b) and b[j] == b[i]:
            j += 1
        if j - i >= 8:
            if run:
                out.append("".join(run))
                run = []
            out.append("%s*%d" % (b[i], j - i))
        else:
            run += b[i:j]
        i = j
    if run:
        out.append("".join(run))
    return " ".join(out)


def tree_lines(res, limit=0, offsets=True):
    L = []

    def pre(ind, node):
        return "%s%s" % ("  " * ind, ("@%x " % node["offset"]) if offsets else "")

    def walk(ind, node):
        nm, ty = node["name"], node["type"]
        if "elements" in node:
            L.append("%s%s %s[%d]" % (pre(ind, node), nm, ty,
                                      len(node["elements"])))
            for e in node["elements"]:
                walk(ind + 1, e)
        elif "fields" in node:
            v = ""
            if node.get("vmsd"):
                v = " vmsd=%s v%s" % (node["vmsd"], node["version"])
            L.append("%s%s %s%s" % (pre(ind, node), nm, ty, v))
            for f in node["fields"]:
                walk(ind + 1, f)
            for s in node.get("subsections", []):
                walk(ind + 1, s)
        elif "elem_size" in node:
            L.append("%s%s %s[%d] = %s" % (pre(ind, node), nm, ty,
                                           node["array_len"],
                                           show_value(node["value"], limit)))
        else:
            sz = "" if INT_RE.match(ty) or ty in ("bool", "timer") \
                else "(%d)" % node["size"]
            L.append("%s%s %s%s = %s" % (pre(ind, node), nm, ty, sz,
                                         show_value(node["value"], limit)))

    L.append("kind %s, %d bytes, version %d, footers %s" % (
        res["kind"], res["size"], res["version"], res["footers"]))
    c = res["configuration"]
    if c:
        L.append("configuration @%x size %d: %s" % (c["offset"], c["size"],
                                                    c["name"]))
        for s in c["subsections"]:
            L.append("  " + json.dumps({k: v for k, v in s.items()},
                                       sort_keys=True))
    for s in res["sections"]:
        if s["type"] == "command":
            L.append("[%d] command %d" % (s["index"], s["command"]))
            continue
        L.append("[%d] %s id=%d %r instance=%d version=%d @%x data=%d%s%s" % (
            s["index"], s["type"], s["section_id"], s["idstr"],
            s["instance_id"], s["version_id"], s["offset"], s["data_size"],
            " layout=%s" % s["layout"] if "layout" in s else "",
            "" if s["footer"] else " NO-FOOTER"))
        if "layout_error" in s:
            L.append("  ! %s" % s["layout_error"])
        if "ram" in s:
            r = s["ram"]
            if s["type"] == "start":
                for blk in r["blocks"]:
                    L.append("  block %s size 0x%x" % (blk["name"], blk["size"]))
            else:
                L.append("  pages %d zero %d" % (r["pages"], r["zero_pages"]))
        for f in s.get("fields", []):
            walk(1, f)
        for f in s.get("subsections", []):
            walk(1, f)
    if res["eof_offset"] is not None:
        L.append("eof @%x" % res["eof_offset"])
    if res["vmdesc"]:
        L.append("vmdesc @%x json %d bytes" % (res["vmdesc"]["offset"],
                                               res["vmdesc"]["size"]))
    if res["trailing_bytes"]:
        L.append("trailing bytes: %d" % res["trailing_bytes"])
    for n in res.get("notes", []):
        L.append("note: " + n)
    return L


SEC_COLS = ("index", "type", "section_id", "idstr", "instance_id",
            "version_id", "offset", "data_size", "footer", "layout", "sha256")


def section_rows(res):
    for s in res["sections"]:
        if s["type"] == "command":
            continue
        yield [str(s.get(c, "")) for c in SEC_COLS]


def diff(ra, rb, ignore=()):
    """List of dicts {path, a, b}; a or b is absent when only one side has
    the field.  Section order and EOF/description are compared too."""
    rx = [re.compile(i) for i in ignore]

    def skip(p):
        return any(r.search(p) for r in rx)
    fa, fb = flatten(ra), flatten(rb)
    da, db = {}, {}
    for lst, d in ((fa, da), (fb, db)):
        for p, v, off, sz, ty in lst:
            k, n = p, 1
            while k in d:
                n += 1
                k = "%s##%d" % (p, n)
            d[k] = v
    out = []
    for p in da:
        if p in db:
            if da[p] != db[p] and not skip(p):
                out.append({"path": p, "a": da[p], "b": db[p]})
        elif not skip(p):
            out.append({"path": p, "a": da[p]})
    for p in db:
        if p not in da and not skip(p):
            out.append({"path": p, "b": db[p]})

    def order(r):
        return ["%s/%d" % (s["idstr"], s["instance_id"])
                for s in r["sections"] if s["type"] == "full"]
    oa, ob = order(ra), order(rb)
    if oa != ob and sorted(oa) == sorted(ob) and not skip("@order"):
        out.append({"path": "@order", "a": oa, "b": ob})
    for k in ("kind", "footers", "trailing_bytes"):
        if ra[k] != rb[k] and not skip("@" + k):
            out.append({"path": "@" + k, "a": ra[k], "b": rb[k]})
    return out


def set_field(data, res, path, text):
    """Return data with one leaf replaced (same size)."""
    for p, v, off, sz, ty in flatten(res):
        if p == path or p == path.replace("##", "#"):
            if ty == "version":
                for s in res["sections"]:
                    if s.get("offset") == off and "idstr" in s:
                        o = s["data_offset"] - 4
                        return data[:o] + struct.pack(">I", int(text, 0)) \
                            + data[o + 4:]
                raise StreamError("%s: cannot set" % path)
            if sz == 0:
                raise StreamError("%s: has no bytes of its own" % path)
            m = INT_RE.match(ty)
            if (m and sz == int(m.group(2)) // 8) or ty in ("bool", "timer"):
                n = {"true": 1, "false": 0}.get(text)
                n = int(text, 0) if n is None else n
                raw = (n & ((1 << (8 * sz)) - 1)).to_bytes(sz, "big")
            else:
                raw = bytes.fromhex(text)
                if len(raw) != sz:
                    raise StreamError("%s: needs %d bytes, got %d"
                                      % (path, sz, len(raw)))
            return data[:off] + raw + data[off + sz:]
    raise StreamError("no such field: %s" % path)


def drop_sections(data, res, patterns):
    """Remove whole sections whose idstr matches one of the regexes."""
    rx = [re.compile(p) for p in patterns]
    out, pos = bytearray(), 0
    for s in res["sections"]:
        if "idstr" in s and any(r.search(s["idstr"]) for r in rx):
            out += data[pos:s["offset"]]
            pos = s["data_offset"] + s["data_size"] + (5 if s["footer"] else 0)
    return bytes(out + data[pos:])


def to_device_state(data, res):
    """Keep only full sections: what xen-save-devices-state would write."""
    out = bytearray(data[:8])
    for s in res["sections"]:
        if s["type"] != "full":
            continue
        end = s["data_offset"] + s["data_size"] + (5 if s["footer"] else 0)
        out += data[s["offset"]:end]
    out.append(T_EOF)
    return bytes(out)
