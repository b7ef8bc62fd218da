// SPDX-License-Identifier: GPL-2.0-or-later
//
// Any state file into a live machine. A file that is refused must leave every byte of the machine's
// state as it was; one that loads must save to a file that loads again, to the same bytes.
//
// An input that begins like a file (or with 0) is one. Else, after its first byte, it is changes to
// a file of this machine, six bytes each. With an odd first byte they are new values of fields,
// which the tables name; with an even one also changes of the file's build: sections that go, come
// twice, change places, get longer and shorter, other names, versions, instances and subsections.
#include "migration/vmstate/tree.h"
#include "tests/live-vm.h"

namespace {

using Bytes = std::vector<std::uint8_t>;

struct Target {
    tests::LiveVm vm{{"-M", "pc", "-nodefaults", "-accel", "qtest", "-S", "-rtc",
                      "base=2022-01-01T00:00:00,clock=vm"}};
    Bytes good = vm.saved();
    struct Section {
        std::size_t offset, name_size;
        Bytes bytes;
    };
    std::vector<Section> sections;
    struct Place {
        std::size_t offset, size, section;
        std::string path;
    };
    std::vector<Place> places;

    Target() {
        // Every field's place in the good file: the sections' data follow each other in it.
        vmstate::Writer data;
        std::size_t at = 8;
        for (const auto& e : vm.migration().savevm().entries()) {
            if (e.is_ram || !e.owner->needed()) continue;
            const std::size_t start = at;
            at += 1 + 4 + 1 + e.idstr.size() + 8;
            data.clear();
            migration::SaveVm::save_section(e, data);
            auto scratch = e.owner->stage();
            const auto tree = tests::LiveVm::must(vmstate::decode(
                e.owner->vmstate(), scratch->data(), e.version_id, data.data(), at));
            std::vector<vmstate::FlatField> fields;
            flatten(tree, e.idstr, fields);
            for (const auto& f : fields)
                if (f.size) places.push_back({f.offset, f.size, sections.size(), f.path});
            at += data.size() + 5;
            sections.push_back({start, e.idstr.size(),
                                Bytes(good.begin() + long(start), good.begin() + long(at))});
        }
        if (at + 1 != good.size()) tests::LiveVm::wrong("the map of the file does not fit it");
    }

    /// The first fields in which two files differ, by the good file's map.
    std::string difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) const {
        if (a.size() != b.size()) return fmt::format("{} bytes, {} bytes", a.size(), b.size());
        std::string names;
        for (const Place& p : places)
            if (p.offset + p.size <= a.size() && names.size() < 300 &&
                !std::equal(a.begin() + long(p.offset), a.begin() + long(p.offset + p.size),
                            b.begin() + long(p.offset)))
                names += " " + p.path;
        return names;
    }

    using Change = std::span<const std::uint8_t, 6>;

    /// A new value for a field: two bytes say which, the others what.
    void change_field(std::vector<Bytes>& file, Change c) const {
        const Place& p = places[(c[0] | c[1] << 8) % places.size()];
        Bytes& section = file[p.section];
        const std::size_t at = p.offset - sections[p.section].offset;
        if (at + p.size > section.size()) return;
        std::uint8_t* bytes = section.data() + at;
        constexpr std::uint8_t edges[] = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
        switch (c[2] % 4) {
            case 0: bytes[c[3] % p.size] = c[4]; break;
            case 1: bytes[c[3] % p.size] ^= std::uint8_t(1 << c[4] % 8); break;
            case 2: std::fill_n(bytes, p.size, edges[c[4] % 6]); break;
            default:
                for (std::size_t k = 0; k < p.size; k++)
                    bytes[k] = k + 3 >= p.size ? c[3 + k % 3] : 0;
        }
    }

    /// Another build of the file around a section.
    void change_section(std::vector<Bytes>& file, Change c) const {
        const std::size_t n = c[0] % file.size(), other = c[1] % file.size();
        Bytes& s = file[n];
        if (s.empty()) return;
        const std::size_t name = sections[n].name_size, data = 14 + name;
        const std::size_t at = std::min(s.size(), (c[3] | c[4] << 8) % (s.size() + 1));
        const auto where = s.begin() + long(at);
        switch (c[2] % 10) {
            case 0: s.clear(); break;
            case 1: {
                const Bytes copy = file[other];
                s.insert(s.end(), copy.begin(), copy.end());
                break;
            }
            case 2: s.swap(file[other]); break;
            case 3: s.resize(at); break;
            case 4: s.insert(where, c[5] + std::size_t{1}, c[1]); break;
            case 5: s.erase(where, where + std::min<long>(c[5] + 1, s.end() - where)); break;
            case 6:  // the name, or its length
                if (name + 6 <= s.size()) s[5 + c[3] % (name + 1)] = c[5];
                break;
            case 7:  // instance or version
                if (data <= s.size()) s[data - 8 + c[3] % 8] = c[5];
                break;
            case 8:  // the mark, the section's number, the footer
                (c[3] & 1 ? s[c[5] % std::min<std::size_t>(5, s.size())]
                          : s[s.size() - 1 - c[5] % std::min<std::size_t>(5, s.size())]) = c[4];
                break;
            default: {  // a subsection by a likely name, at a likely place
                const std::string_view whole(reinterpret_cast<const char*>(s.data()) + 6,
                                             std::min(name, s.size() > 6 ? s.size() - 6 : 0));
                const auto table = whole.substr(whole.rfind('/') + 1);
                std::string sub =
                    fmt::format("\5{}{}/{}", char(table.size() + 2), table, char(c[3]));
                sub.append({0, 0, 0, char(c[4])});
                s.insert(s.end() - std::min<long>(5, long(s.size())), sub.begin(), sub.end());
            }
        }
    }

    Bytes input(std::span<const std::uint8_t> in) const {
        if (in.empty() || in[0] == 'Q' || in[0] == 0) return {in.begin(), in.end()};
        std::vector<Bytes> file;
        for (const Section& s : sections)
            file.push_back(s.bytes);
        for (std::size_t i = 1; i + 6 <= in.size(); i += 6) {
            const Change change = in.subspan(i).first<6>();
            if (in[0] & 1 || change[5] & 1)
                change_field(file, change);
            else
                change_section(file, change);
        }
        Bytes whole(good.begin(), good.begin() + 8);
        for (const Bytes& s : file)
            whole.insert(whole.end(), s.begin(), s.end());
        whole.push_back(0);
        return whole;
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Target t;
    const auto file = t.input({data, size});
    const auto before = t.vm.saved();
    const auto loaded = t.vm.load(file);
    const auto after = t.vm.saved();
    if (!loaded) {
        if (after != before)
            tests::LiveVm::wrong("refused, but the machine changed: " +
                                 loaded.error().description());
        return 0;
    }
    if (auto again = t.vm.load(after); !again)
        tests::LiveVm::wrong("its own file is refused: " + again.error().description());
    if (const auto second = t.vm.saved(); second != after)
        tests::LiveVm::wrong("its own file loads to another state:" + t.difference(after, second));
    if (auto back = t.vm.load(t.good); !back)
        tests::LiveVm::wrong("no way back: " + back.error().description());
    if (const auto now = t.vm.saved(); now != t.good)
        tests::LiveVm::wrong("the way back does not lead back:" + t.difference(t.good, now));
    return 0;
}
