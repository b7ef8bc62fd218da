// SPDX-License-Identifier: GPL-2.0-or-later
//
// The processor models against what guests of QEMU 7.2 read, and the monitor's view of them.
#include "tests/unit/target/i386/test-machine.h"

#include "qapi/context.h"
#include "qapi/qapi-commands-machine-target.h"
#include "target/i386/feature-names.h"

#include <gtest/gtest.h>
#include <fstream>
#include <sstream>

namespace i386 {
namespace {

/// A Cpu that only answers CPUID.
class Identified {
public:
    explicit Identified(CpuModel m) : bus_(4096), model_(std::move(m)) {
        model_.cores = model_.cpus = 2;
        cpu_.emplace(bus_, pages_, model_, 0);
    }
    std::array<u32, 4> operator()(u32 leaf, u32 subleaf) const {
        return cpu_->cpuid(leaf, subleaf);
    }

private:
    FlatBus bus_;
    CodePages pages_;
    CpuModel model_;
    std::optional<Cpu> cpu_;
};

/// Bits of a leaf's EAX, EBX, ECX, EDX that QEMU's guests see and ours do not: MPX.
std::array<u32, 4> lacking(u32 leaf, u32 subleaf) {
    switch (leaf) {
        case 7: return subleaf == 0 ? std::array<u32, 4>{0, 1 << 14, 0, 0} : std::array<u32, 4>{};
        case 0xd:
            if (subleaf == 0) return {0x18, 0, 0xfff, 0};
            if (subleaf == 1) return {0, 0xfff, 0, 0};
            return {};
        case 0x8000001d: return {0x18, 0, 0, 0};  // of leaf 0xd, where it is beyond the last
        default: return {};
    }
}

TEST(CpuModels, ShowGuestsWhatQemuShows) {
    std::ifstream in(TEST_DATA "/target/cpuid-7.2.22.txt");
    ASSERT_TRUE(in);
    std::optional<Identified> cpu;
    std::string line, name;
    CpuWarnings warnings;
    unsigned models = 0, leaves = 0;
    while (std::getline(in, line)) {
        if (line.empty() || line[0] == '#') continue;
        if (line[0] == '=') {
            EXPECT_EQ(warnings, CpuWarnings{}) << name << ": not warned of there";
            name = line.substr(2);
            warnings.clear();
            auto model = parse_cpu_model(name, &warnings);
            ASSERT_TRUE(model) << name;
            cpu.emplace(*std::move(model));
            models++;
        } else if (line[0] == '!') {
            ASSERT_FALSE(warnings.empty()) << name << line;
            EXPECT_EQ(warnings.front(), line.substr(2)) << name;
            warnings.erase(warnings.begin());
        } else {
            u32 leaf, subleaf;
            std::array<u32, 4> there;
            char dot;
            std::istringstream(line) >> std::hex >> leaf >> dot >> subleaf >> there[0] >>
                there[1] >> there[2] >> there[3];
            const auto here = (*cpu)(leaf, subleaf), mask = lacking(leaf, subleaf);
            for (unsigned n = 0; n < 4; n++)
                EXPECT_EQ(here[n] & ~mask[n], there[n] & ~mask[n])
                    << name << " " << line << " " << n;
            leaves++;
        }
    }
    EXPECT_EQ(models, 18u);
    EXPECT_EQ(leaves, models * 30);
}

TEST(CpuModels, FeaturesAreAskedForByName) {
    CpuWarnings w;
    EXPECT_FALSE(parse_cpu_model("EPYC")->features.has(Feature::sha));
    EXPECT_TRUE(parse_cpu_model("EPYC,+sha-ni")->features.has(Feature::sha));
    EXPECT_FALSE(parse_cpu_model("max,-avx")->features.has(Feature::avx));
    EXPECT_FALSE(parse_cpu_model("max,+avx,avx=off,-avx")->features.has(Feature::avx));
    EXPECT_TRUE(parse_cpu_model("qemu64,+avx,avx=off")->features.has(Feature::avx)) << "+ wins";
    EXPECT_EQ(parse_cpu_model("qemu64,+avx512f")->unavailable.word[feat_7_0_ebx], 1u << 16);
    ASSERT_TRUE(parse_cpu_model("qemu64,check=off,+avx512f", &w));
    EXPECT_EQ(w, CpuWarnings{});
    EXPECT_EQ(parse_cpu_model("qemu64,enforce,+avx512f").error().description(),
              "TCG doesn't support requested features");
    ASSERT_TRUE(parse_cpu_model("qemu64,svm=off,+npt", &w));
    EXPECT_EQ(w, CpuWarnings{"This feature depends on other features that were not requested: "
                             "CPUID.8000000AH:EDX.npt [bit 0]"});
}

TEST(CpuModels, OptionsThatMakeNoSenseAreRefused) {
    for (const char* bad :
         {"nonsense", "qemu64,+nonsense", "qemu64,avx=maybe", "qemu64,family=300", "qemu64,model=x",
          "qemu64,vendor=abc", "qemu64,phys-bits=10", "qemu64,migratable=on", "qemu64,stepping="}) {
        EXPECT_FALSE(parse_cpu_model(bad)) << bad;
    }
}

TEST(CpuModels, FamilyAndLevels) {
    EXPECT_EQ(parse_cpu_model("EPYC")->signature, 0x800f12u);
    EXPECT_EQ(parse_cpu_model("EPYC,family=6,model=0x55,stepping=4")->signature, 0x50654u);
    EXPECT_EQ(parse_cpu_model("486,+bmi1")->level, 7u) << "raised to the leaf of BMI1";
    EXPECT_EQ(parse_cpu_model("486,+bmi1,level=2")->level, 2u);
    EXPECT_EQ(parse_cpu_model("pentium3,+lm")->xlevel, 0x80000001u);
}

TEST(CpuModels, VersionsAndAliases) {
    EXPECT_EQ(find_model("Haswell"), find_model("Haswell-v1"));
    EXPECT_EQ(find_model("Haswell-noTSX-IBRS"), find_model("Haswell-v4"));
    EXPECT_EQ(find_model("Haswell-v9"), nullptr);
    EXPECT_EQ(find_model("max-v1"), nullptr);
}

TEST(CpuModels, TheMonitorListsThem) {
    qapi::Context cx;
    const auto list = qapi::qmp_query_cpu_definitions(cx);
    ASSERT_TRUE(list);
    EXPECT_EQ(list->front().name, "max");
    const auto epyc = std::ranges::find(*list, "EPYC", &qapi::CpuDefinitionInfo::name);
    ASSERT_NE(epyc, list->end());
    EXPECT_EQ(epyc->alias_of, "EPYC-v1");
    EXPECT_EQ(epyc->q_typename, "EPYC-x86_64-cpu");
    const std::vector<std::string> missing{"rdseed",      "sha-ni",        "fxsr-opt",
                                           "misalignsse", "3dnowprefetch", "osvw",
                                           "topoext",     "nrip-save",     "xsavec"};
    EXPECT_EQ(epyc->unavailable_features, missing);
}

TEST(CpuModels, TheMonitorExpandsThem) {
    qapi::Context cx;
    qapi::QueryCpuModelExpansionArgs args;
    args.type = qapi::CpuModelExpansionType::q_static;
    args.model.name = "EPYC";
    args.model.props = *qapi::Json::parse("{'aes': false, 'avx512f': true, 'stepping': 7}");
    auto info = qapi::qmp_query_cpu_model_expansion(cx, args);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->model.name, "base");
    const qapi::Json& props = *info->model.props;
    EXPECT_EQ(props["aes"], qapi::Json(false));
    EXPECT_EQ(props["avx2"], qapi::Json(true));
    EXPECT_EQ(props["avx512f"], qapi::Json(true)) << "asked for, if not to be had";
    EXPECT_EQ(props["sha-ni"], qapi::Json(true)) << "an EPYC's";
    EXPECT_EQ(props["svm"], qapi::Json(true));
    EXPECT_EQ(props["stepping"], qapi::Json(7));
    EXPECT_EQ(props["vendor"], qapi::Json("AuthenticAMD"));
    EXPECT_EQ(props.find("level"), nullptr);
    args.type = qapi::CpuModelExpansionType::full;
    info = qapi::qmp_query_cpu_model_expansion(cx, args);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->model.name, "EPYC");
    EXPECT_EQ((*info->model.props)["level"], qapi::Json(13));
    EXPECT_EQ((*info->model.props)["lahf_lm"], qapi::Json(true));
    args.model.props = *qapi::Json::parse("{'aes': 'x'}");
    EXPECT_EQ(qapi::qmp_query_cpu_model_expansion(cx, args).error().description(),
              "Invalid parameter type for 'aes', expected: boolean");
    args = {.type = qapi::CpuModelExpansionType::q_static, .model = {.name = "host"}};
    EXPECT_EQ((*qapi::qmp_query_cpu_model_expansion(cx, args)->model.props)["avx2"],
              qapi::Json(true));
    args.model.name = "bogus";
    EXPECT_EQ(qapi::qmp_query_cpu_model_expansion(cx, args).error().description(),
              "CPU model 'bogus' not found");
}

}  // namespace
}  // namespace i386
