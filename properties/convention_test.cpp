// Kernels that are right under another convention are told from those that are wrong under all.
// SPDX-License-Identifier: Apache-2.0
#include "properties/convention.h"

#include "harness/base/check.h"
#include "harness/executor/ptx_executor.h"
#include "properties/planted.h"
#include "properties/search.h"
#include "properties/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

namespace attest {
namespace {

struct Row {
  const char* fault;
  const char* problem;
  const char* convention;  // its beginning; empty: none
};

// NOLINTNEXTLINE(readability-identifier-naming): the name that googletest looks for.
void PrintTo(const Row& row, std::ostream* os) {
  *os << row.fault;
}

constexpr Row kRows[] = {
    {"causal_always_top_left", "attn(sq=9,skv=12,dtype=f32,mask=causal-br)", "causal-tl"},
    {"diagonal_ignores_padding",
     "attn(sq=4,skv=9,dtype=f32,mask=causal-br&padding(7))",
     "-br diagonal"},
    {"gqa_modulo", "attn(hq=4,hkv=2,sq=2,skv=3,dtype=f32)", "heads of q"},
    {"window_off_by_one",
     "attn(sq=9,mask=window(3,-1,tl))",
     "window that counts the diagonal on its left"},
    {"scale_of_head_dim", "attn(sq=2,skv=5,dtype=f32,scale=0.375)", "scale of 1/sqrt(d)"},
    {"causal_off_by_one", "attn(sq=2,dtype=f32,mask=causal-tl)", ""},
    {"drops_last_key", "attn(sq=1,skv=33,dtype=f32)", ""},
    {"exp_coarse", "attn(sq=1,skv=64,dtype=f32)", ""},
    {"scale_off", "attn(sq=1,skv=9,dtype=f32,data=normal(4))", ""},
};

template <class T>
const T& named(const std::vector<T>& all, const std::string& name) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const T& t) { return t.name == name; });
  ATTEST_CHECK(at != all.end());
  return *at;
}

CaseResult failure_of(const char* problem, const Subject& subject) {
  const Case which = case_of(problem, "agrees_with_reference");
  CaseResult result = run_case(which, subject, property_named("agrees_with_reference"));
  EXPECT_EQ(result.verdict, Verdict::disagree) << problem;
  return result;
}

class OtherConvention : public testing::TestWithParam<Row> {};

TEST_P(OtherConvention, IsNamedAndAFaultIsNone) {
  const auto& [fault, problem, convention] = GetParam();
  const std::vector<KernelSpec> zoo = zoo_kernels();
  const auto executor = make_ptx_executor();
  const Subject subject = kernel_subject(named(zoo, std::string("zoo/") + fault), *executor);
  const std::string said = convention_of(failure_of(problem, subject), subject);
  if (*convention == '\0') {
    EXPECT_EQ(said, "");
  } else {
    EXPECT_EQ(said.rfind(convention, 0), 0U) << said;
  }
}

INSTANTIATE_TEST_SUITE_P(Zoo, OtherConvention, testing::ValuesIn(kRows), [](const auto& row) {
  return row.param.fault;
});

Subject with_mask(std::function<void(Mask&)> change) {
  return misreading_subject([change = std::move(change)](Problem& p, Inputs&) { change(p.mask); });
}

TEST(Convention, OfMasksThatBeginAtTheOtherEnd) {
  const Subject br = with_mask([](Mask& m) {
    if (m.causal) m.causal = Alignment::bottom_right;
  });
  EXPECT_EQ(
      convention_of(failure_of("attn(sq=5,skv=9,mask=causal-tl)", br), br).rfind("causal-br", 0),
      0U);
  const Subject tl = with_mask([](Mask& m) {
    if (m.window) m.window->alignment = Alignment::top_left;
  });
  EXPECT_EQ(convention_of(failure_of("attn(sq=5,skv=9,mask=window(2,1,br))", tl), tl)
                .rfind("window tl", 0),
            0U);
}

TEST(Convention, OfLseInBase2) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        for (float& lse : answer.outputs.lse)
          lse *= 1.4426950408889634F;
      });
  EXPECT_EQ(convention_of(failure_of("attn(sq=3,skv=9)", subject), subject), "LSE in base 2");
}

// One key is the same for both ends of a diagonal: another shape decides.
TEST(Convention, IsNotSaidOfACaseThatIsTooSmallToTell) {
  const Subject subject = misreading_subject([](Problem& p, Inputs&) {
    if (p.seq_kv == 2) p.mask.causal = Alignment::bottom_right;
  });
  EXPECT_EQ(convention_of(failure_of("attn(sq=1,skv=2,mask=causal-tl)", subject), subject), "");
}

TEST(Convention, EveryOneHasWords) {
  for (const std::string& text : all_conventions())
    EXPECT_FALSE(text.empty());
  EXPECT_GE(all_conventions().size(), 10U);
}

}  // namespace
}  // namespace attest
