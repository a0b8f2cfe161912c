// What the operators make of lines of PTX, and what they leave alone.
// SPDX-License-Identifier: Apache-2.0
#include "properties/zoo/mutate.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

std::string module_of(const std::string& body) {
  return ".version 9.0\n.target sm_80\n.visible .entry other(\n)\n{\n\tbar.sync \t0;\n}\n"
         ".visible .entry asked(\n)\n{\n\t.reg .pred \t%p<3>;\n\t.loc\t2 97 5\n" +
         body + "\n\tret;\n}\n\t.file\t1 \"a.cu\"\n\t.file\t2 \"kernels/b.cu\"\n";
}

std::vector<std::string> changes(const std::string& line) {
  std::vector<std::string> out;
  for (const Mutation& mutation : mutations_of(module_of(line), "asked")) {
    EXPECT_EQ(mutation.ptx_line, 13);
    EXPECT_EQ(mutation.source, "kernels/b.cu:97");
    out.push_back(mutation.change + ": " + mutation.after);
  }
  return out;
}

using Texts = std::vector<std::string>;

TEST(Mutate, BarriersAndWaitsAreLeftOut) {
  EXPECT_EQ(changes("\tbar.sync \t0;"), Texts{"barrier left out: "});
  EXPECT_EQ(changes("\tcp.async.wait_group 0;"), Texts{"barrier left out: "});
  EXPECT_EQ(changes("\tcp.async.commit_group;"), Texts{});
}

TEST(Mutate, GuardsAreRemovedAndBranchesNotTaken) {
  EXPECT_EQ(changes("\t@%p1 st.global.f32 \t[%rd1], %f2;"),
            Texts{"guard removed: st.global.f32 \t[%rd1], %f2;"});
  EXPECT_EQ(changes("\t@!%p1 bra \t$L__BB0_5;"),
            (Texts{"branch never taken: ", "guard removed: bra \t$L__BB0_5;"}));
}

TEST(Mutate, ComparisonsAreOffByOne) {
  EXPECT_EQ(changes("\tsetp.ge.s32 \t%p1, %r1, %r2;"),
            Texts{"comparison off by one: setp.gt.s32 \t%p1, %r1, %r2;"});
  EXPECT_EQ(changes("\tsetp.eq.s64 \t%p1, %rd2, 0;"),
            (Texts{"comparison off by one: setp.ne.s64 \t%p1, %rd2, 0;",
                   "constant off by one: setp.eq.s64 \t%p1, %rd2, 1;"}));
  EXPECT_EQ(changes("\tsetp.neu.f32 \t%p1, %f2, %f3;"),
            Texts{"comparison off by one: setp.equ.f32 \t%p1, %f2, %f3;"});
}

TEST(Mutate, ConstantsAreOff) {
  EXPECT_EQ(changes("\tand.b32  \t%r130, %r129, -32;"),
            Texts{"constant off by one: and.b32  \t%r130, %r129, -31;"});
  EXPECT_EQ(changes("\tmul.f32 \t%f1, %f2, 0f3FB8AA3B;"),
            Texts{"constant inexact: mul.f32 \t%f1, %f2, 0f3FB8A23B;"});
  EXPECT_EQ(changes("\tmov.f32 \t%f1, 0fFF800000;"),
            Texts{"infinity finite: mov.f32 \t%f1, 0fFF7FFFFF;"});
  EXPECT_EQ(changes("\tmov.f32 \t%f1, 0f00000000;"), Texts{});
  EXPECT_EQ(changes("\tmov.u32 \t%r1, %ctaid.x;"), Texts{});
}

TEST(Mutate, OperationsAreExchanged) {
  EXPECT_EQ(changes("\tmax.f32 \t%f1, %f2, %f3;"),
            Texts{"operation exchanged: min.f32 \t%f1, %f2, %f3;"});
  EXPECT_EQ(changes("\tadd.s32 \t%r1, %r2, 4;"),
            (Texts{"constant off by one: add.s32 \t%r1, %r2, 5;",
                   "operation exchanged: sub.s32 \t%r1, %r2, 4;"}));
}

TEST(Mutate, LabelsDirectivesAndOpenLinesAreLeftAlone) {
  for (const char* line :
       {"$L__BB0_5:", "\t.reg .b32 \t%r<9>;", "\t{", "\tmov.u32 \t%r1,", "\t// add.s32;"})
    EXPECT_EQ(changes(line), Texts{}) << line;
}

TEST(Mutate, ChangesOneLineOfTheTextAlone) {
  const std::string ptx = module_of("\tbar.sync \t0;");
  const std::vector<Mutation> mutations = mutations_of(ptx, "asked");
  ASSERT_EQ(mutations.size(), 1U);
  EXPECT_EQ(mutated(ptx, mutations[0]), module_of(""));
  EXPECT_TRUE(mutations_of(ptx, "none").empty());
  EXPECT_EQ(mutations_of(ptx, "other").size(), 1U);
}

}  // namespace
}  // namespace attest
