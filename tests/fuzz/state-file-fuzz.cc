// SPDX-License-Identifier: GPL-2.0-or-later
//
// Any state file into a live machine. A file that is refused must leave every byte of the machine's
// state as it was; one that loads must save to a file that loads again, to the same bytes.
//
// The input is either a file as it is (first byte even) or, found in the tables, a list of fields
// of a good file with new values: six bytes each, a field's number and what to put there.
#include "migration/vmstate/tree.h"
#include "tests/live-vm.h"

namespace {

struct Target {
    tests::LiveVm vm{{"-M", "pc", "-nodefaults", "-accel", "qtest", "-S", "-rtc",
                      "base=2022-01-01T00:00:00,clock=vm"}};
    std::vector<std::uint8_t> good = vm.saved();
    struct Place {
        std::size_t offset, size;
        std::string path;
    };
    std::vector<Place> places;

    Target() {
        // Every field's place in the good file: the sections' data follow each other in it.
        vmstate::Writer data;
        std::size_t at = 8;
        for (const auto& e : vm.migration().savevm().entries()) {
            if (e.is_ram || !e.owner->needed()) continue;
            at += 1 + 4 + 1 + e.idstr.size() + 8;
            data.clear();
            migration::SaveVm::save_section(e, data);
            auto scratch = e.owner->stage();
            const auto tree = tests::LiveVm::must(vmstate::decode(
                e.owner->vmstate(), scratch->data(), e.version_id, data.data(), at));
            std::vector<vmstate::FlatField> fields;
            flatten(tree, e.idstr, fields);
            for (const auto& f : fields)
                if (f.size) places.push_back({f.offset, f.size, f.path});
            at += data.size() + 5;
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

    std::vector<std::uint8_t> input(std::span<const std::uint8_t> in) const {
        if (in.empty() || !(in[0] & 1)) return {in.begin(), in.end()};
        std::vector<std::uint8_t> file = good;
        for (std::size_t i = 1; i + 6 <= in.size(); i += 6) {
            const Place& p = places[(in[i] | in[i + 1] << 8) % places.size()];
            constexpr std::uint8_t edges[] = {0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF};
            switch (in[i + 2] % 4) {
                case 0: file[p.offset + in[i + 3] % p.size] = in[i + 4]; break;
                case 1:
                    file[p.offset + in[i + 3] % p.size] ^= std::uint8_t(1 << in[i + 4] % 8);
                    break;
                case 2:
                    for (std::size_t k = 0; k < p.size; k++)
                        file[p.offset + k] = edges[in[i + 4] % 6];
                    break;
                default:
                    for (std::size_t k = 0; k < p.size; k++)
                        file[p.offset + k] = k + 3 >= p.size ? in[i + 3 + k % 3] : 0;
            }
        }
        return file;
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
