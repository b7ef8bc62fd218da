# SPDX-License-Identifier: GPL-2.0-or-later
"""The virtio transport and ring records, which descriptions leave opaque."""
from .base import LayoutError, StreamError, leaf


class Virtio:
    def virtio(self, f, pos, lim, name):
        """Decode the common virtio block; anything after the ring records
        that is not a virtio/... subsection is kept as raw device data."""
        size = f["size"]
        if self.virtio_end is not None:
            size = self.virtio_end - pos
        node = None
        try:
            node = self.virtio_body(pos, lim, name, size)
        except (LayoutError, StreamError, IndexError):
            node = None
        if node is None:
            if pos + size > lim:
                raise LayoutError("virtio field past the end")
            node = leaf(name, "virtio", self.b, pos, size)
        return node, node["offset"] + node["size"]

    def virtio_body(self, pos, lim, name, size_hint):
        b, start, out = self.b, pos, []
        end = pos + size_hint
        if end > lim:
            return None

        def put(nm, typ, n):
            nonlocal pos
            out.append(leaf(nm, typ, b, pos, n))
            pos += n
            return out[-1]["value"]

        # transports: pci record begins with its version (be32, 1 or 2) and
        # 256/4096 bytes of config space; mmio has no transport part here
        pci = self.u(pos, 4) in (1, 2) and b[pos + 4:pos + 6] == b"\xf4\x1a"
        nvec = 0
        msix = False
        if pci:
            cfg_len = 256
            put("pci.version_id", "int32", 4)
            cfg = pos
            cfgb = b[cfg:cfg + 256]
            # express functions save 4096 bytes: recognised by an express
            # capability plus the irq record fitting only there
            if self._has_cap(cfgb, 0x10) and self._irq_ok(cfg + 4096):
                cfg_len = 4096
            put("pci.config", "buffer", cfg_len)
            put("pci.irq_state", "pci irq state", 16)
            cap = self._find_cap(cfgb, 0x11)
            if cap:
                msix = True
                nvec = (int.from_bytes(cfgb[cap + 2:cap + 4], "little")
                        & 0x7FF) + 1
                put("msix.table", "buffer", 16 * nvec)
                put("msix.pba", "buffer", (nvec + 7) // 8)
                put("pci.config_vector", "uint16", 2)
        put("status", "uint8", 1)
        put("isr", "uint8", 1)
        put("queue_sel", "uint16", 2)
        put("guest_features_lo", "uint32", 4)
        clen = put("config_len", "uint32", 4)
        if clen > 65536:
            return None
        put("config", "buffer", clen)
        nq = put("num_queues", "uint32", 4)
        if nq > 1024:
            return None
        qs = []
        for i in range(nq):
            q0, q = pos, []

            def qput(nm, typ, n):
                nonlocal pos
                q.append(leaf(nm, typ, b, pos, n))
                pos += n
            qput("vring.num", "uint32", 4)
            if not pci:
                qput("vring.align", "uint32", 4)
            qput("vring.desc", "uint64", 8)
            qput("last_avail_idx", "uint16", 2)
            if msix:
                qput("vector", "uint16", 2)
            qs.append({"name": "[%d]" % i, "type": "struct", "offset": q0,
                       "size": pos - q0, "fields": q})
        out.append({"name": "vq", "type": "struct",
                    "offset": qs[0]["offset"] if qs else pos,
                    "size": sum(q["size"] for q in qs), "elements": qs})
        if pos > end:
            return None
        # device part up to the first virtio/ subsection
        subs = self._virtio_subs(pos, end)
        if subs is None:
            dev_end, sub_nodes = end, []
        else:
            dev_end, sub_nodes = subs
        if dev_end > pos:
            out.append(leaf("device", "buffer", b, pos, dev_end - pos))
        node = {"name": name, "type": "virtio", "offset": start,
                "size": end - start, "fields": out}
        if sub_nodes:
            node["subsections"] = sub_nodes
        return node

    VSUBS = {
        "virtio/device_endness": [("device_endian", "uint8", 1)],
        "virtio/64bit_features": [("guest_features_hi", "uint64", 8)],
        "virtio/broken": [("broken", "bool", 1)],
        "virtio/started": [("started", "bool", 1)],
        "virtio/disabled": [("disabled", "bool", 1)],
    }

    def _virtio_subs(self, pos, end):
        """Find p so that [p,end) is exactly a chain of virtio/ subsections."""
        p = self.b.find(b"\x05", pos, end)
        while p >= 0:
            pk = self.peek_subsection(p, end)
            if pk and pk[0].startswith("virtio/"):
                chain = self._virtio_chain(p, end)
                if chain is not None:
                    return p, chain
            p = self.b.find(b"\x05", p + 1, end)
        return None

    def _virtio_chain(self, pos, end):
        out = []
        while pos < end:
            pk = self.peek_subsection(pos, end)
            if not pk or not pk[0].startswith("virtio/"):
                return None
            idstr, ver, body = pk
            nxt = end
            q = self.b.find(b"\x05", body, end)
            while q >= 0:
                k = self.peek_subsection(q, end)
                if k and k[0].startswith("virtio/"):
                    nxt = q
                    break
                q = self.b.find(b"\x05", q + 1, end)
            fl, p = [], body
            want = self.VSUBS.get(idstr)
            if want and sum(w[2] for w in want) == nxt - body:
                for nm, ty, n in want:
                    fl.append(leaf(nm, ty, self.b, p, n))
                    p += n
            elif idstr == "virtio/virtqueues" and (nxt - body) % 16 == 0:
                for i in range((nxt - body) // 16):
                    fl.append(leaf("vq[%d].avail" % i, "uint64", self.b, p, 8))
                    fl.append(leaf("vq[%d].used" % i, "uint64", self.b, p + 8, 8))
                    p += 16
            elif idstr == "virtio/ringsize" and (nxt - body) % 4 == 0:
                for i in range((nxt - body) // 4):
                    fl.append(leaf("vq[%d].num_default" % i, "uint32",
                                   self.b, p, 4))
                    p += 4
            else:
                fl.append(leaf("data", "buffer", self.b, body, nxt - body))
                # extra_state nests its own subsection
                k = self.peek_subsection(body, nxt)
                if k:
                    fl[-1]["nested"] = k[0]
            out.append({"name": idstr, "type": "subsection", "version": ver,
                        "vmsd": idstr, "offset": pos, "size": nxt - pos,
                        "fields": fl})
            pos = nxt
        return out

    def _irq_ok(self, pos):
        if pos + 16 > len(self.b):
            return False
        return all(self.u(pos + 4 * i, 4) <= 1 for i in range(4))

    @staticmethod
    def _find_cap(cfg, want):
        if not cfg[6] & 0x10:
            return 0
        p, seen = cfg[0x34] & 0xFC, 0
        while p >= 0x40 and seen < 48:
            if cfg[p] == want:
                return p
            p, seen = cfg[p + 1] & 0xFC, seen + 1
        return 0

    def _has_cap(self, cfg, want):
        return bool(self._find_cap(cfg, want))
