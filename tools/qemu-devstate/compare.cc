// SPDX-License-Identifier: GPL-2.0-or-later
//
// What differs between two files, field by field.
#include <algorithm>
#include <map>

#include "print.h"
#include "tool.h"

namespace devstate {

namespace {

std::vector<std::pair<std::string, qapi::Json>> keyed(const Document& d) {
    std::vector<std::pair<std::string, qapi::Json>> out;
    std::map<std::string, int> seen;
    for (auto& f : d.flat()) {
        const int n = ++seen[f.path];
        out.emplace_back(n == 1 ? f.path : fmt::format("{}##{}", f.path, n), std::move(f.value));
    }
    return out;
}

}  // namespace

Result<int> Tool::diff() {
    const Document a = TRY(open(o_.files[0])), b = TRY(open(o_.files[1]));
    std::vector<std::regex> ignored = TRY(expressions(o_.ignore));
    auto skipped = [&](const std::string& path) {
        return std::any_of(ignored.begin(), ignored.end(),
                           [&](const auto& r) { return std::regex_search(path, r); });
    };
    const auto fa = keyed(a), fb = keyed(b);
    std::map<std::string_view, const qapi::Json*> in_a, in_b;
    for (const auto& [k, v] : fa)
        in_a[k] = &v;
    for (const auto& [k, v] : fb)
        in_b[k] = &v;
    qapi::JsonArray found;
    auto report = [&](const std::string& path, const qapi::Json* va, const qapi::Json* vb) {
        qapi::JsonObject o;
        o.append("path", path);
        if (va) o.append("a", *va);
        if (vb) o.append("b", *vb);
        found.emplace_back(std::move(o));
    };
    for (const auto& [k, v] : fa) {
        const auto other = in_b.find(k);
        if (skipped(k)) continue;
        if (other == in_b.end())
            report(k, &v, nullptr);
        else if (!(v == *other->second))
            report(k, &v, other->second);
    }
    for (const auto& [k, v] : fb)
        if (!in_a.contains(k) && !skipped(k)) report(k, nullptr, &v);
    auto order = [](const Document& d) {
        std::vector<std::string> keys;
        for (const Section& s : d.sections)
            if (s.type == "full") keys.push_back(s.key());
        return keys;
    };
    auto oa = order(a), ob = order(b);
    if (oa != ob && !skipped("@order")) {
        const qapi::Json ja(qapi::JsonArray(oa.begin(), oa.end())),
            jb(qapi::JsonArray(ob.begin(), ob.end()));
        std::sort(oa.begin(), oa.end());
        std::sort(ob.begin(), ob.end());
        if (oa == ob) report("@order", &ja, &jb);
    }
    auto whole = [&](const std::string& key, const qapi::Json& va, const qapi::Json& vb) {
        if (!(va == vb) && !skipped(key)) report(key, &va, &vb);
    };
    whole("@kind", a.kind, b.kind);
    whole("@footers", a.footers_json(), b.footers_json());
    whole("@trailing_bytes", a.trailing_bytes, b.trailing_bytes);
    if (o_.json) {
        const bool same = found.empty();
        emit(std::move(found));
        return same ? 0 : 1;
    }
    for (const qapi::Json& d : found) {
        const auto& path = *d["path"].string();
        if (!d.find("b"))
            put("{}- {} = {}{}\n", red(), path, value_text(d["a"]), plain());
        else if (!d.find("a"))
            put("{}+ {} = {}{}\n", green(), path, value_text(d["b"]), plain());
        else
            put("! {}: {}{}{} -> {}{}{}\n", path, red(), value_text(d["a"]), plain(), green(),
                value_text(d["b"]), plain());
    }
    return found.empty() ? 0 : 1;
}

}  // namespace devstate
