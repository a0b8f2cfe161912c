// Ways in which other people's checkers were fooled, planted as answers and as checkers: ours does not
// pass them. What a single judgement can be fooled by is in harness/judge/judge_test.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/judge.h"
#include "harness/judge/operation_judge.h"
#include "properties/planted.h"
#include "reference/attention.h"
#include "reference/operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace attest {
namespace {

const Property& agreement() {
  return property_named("agrees_with_reference");
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

std::vector<std::string> laws() {
  std::vector<std::string> out;
  for (const Property& property : all_properties())
    out.push_back(property.name);
  return out;
}

void fill(Answer& answer, Dtype dtype, double value) {
  HostTensor& o = answer.outputs.o;
  const auto& [batch, heads, rows, columns] = o.layout.shape;
  for (std::int64_t b = 0; b < batch; ++b) {
    for (std::int64_t h = 0; h < heads; ++h) {
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t d = 0; d < columns; ++d)
          o.set_bits(b, h, i, d, encode(dtype, value));
      }
    }
  }
}

class EveryLaw : public testing::TestWithParam<std::string> {};

/// PyTorch, cubecl #1070: two answers that are both NaN are equal, or are not compared.
TEST_P(EveryLaw, NanOnBothSidesIsNoAgreement) {
  const Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        fill(answer, problem.dtype, std::numeric_limits<double>::quiet_NaN());
        std::fill(answer.outputs.lse.begin(),
                  answer.outputs.lse.end(),
                  std::numeric_limits<float>::quiet_NaN());
      });
  for (const Case& which : spread(property_named(GetParam()), 12, 5)) {
    const Problem& problem = which.attention();
    if (problem.batch * problem.seq_q == 0) continue;
    EXPECT_EQ(run_case(which, subject, property_named(GetParam())).verdict, Verdict::disagree)
        << replay_line(which);
  }
}

/// FlashAttention #1678: the call was commented out. Outputs are what lay in memory before.
TEST_P(EveryLaw, AKernelThatDoesNothingDoesNotPass) {
  Subject subject = reference_subject();
  subject.run = [](const Problem& problem, const Inputs&, const Conditions& conditions) {
    Answer answer;
    answer.outputs.o = poisoned_tensor(tensor_layout(problem, Tensor::o));
    std::fill(
        answer.outputs.o.bytes.begin(), answer.outputs.o.bytes.end(), std::byte{conditions.dirt});
    float lse = 0;
    std::fill_n(reinterpret_cast<std::uint8_t*>(&lse), sizeof lse, conditions.dirt);
    answer.outputs.lse.assign(
        static_cast<std::size_t>(problem.batch * problem.heads_q * problem.seq_q), lse);
    return Result<Answer>(std::move(answer));
  };
  for (const Case& which : spread(property_named(GetParam()), 12, 5)) {
    const Problem& problem = which.attention();
    if (problem.batch * problem.seq_q == 0) continue;
    EXPECT_EQ(run_case(which, subject, property_named(GetParam())).verdict, Verdict::disagree)
        << replay_line(which);
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryLaw, testing::ValuesIn(laws()), test_name);

/// The diagonal of the other corner, as a kernel and a verifier may both have it.
void other_corner(Problem& problem, Inputs&) {
  if (!problem.mask.causal) return;
  problem.mask.causal =
      *problem.mask.causal == Alignment::top_left ? Alignment::bottom_right : Alignment::top_left;
}

/// cutlass #2336: the verifier has the mask of the kernel, and says that all is well. Laws that need
/// no verifier see it, and so does a reference that shares nothing with a kernel.
TEST(FaultyChecker, ThatSharesTheMaskOfTheKernel) {
  const Case which = case_of("attn(sq=3,skv=70,mask=causal-br,seed=1)");
  const Problem& problem = which.attention();
  const Inputs inputs = draw_inputs(problem);
  Problem mistaken = problem;
  Inputs unused;
  other_corner(mistaken, unused);
  const Subject subject = misreading_subject(other_corner);
  const Outputs outputs = subject.run(problem, inputs, {})->outputs;
  const ReferenceTerms shared = reference_attention(mistaken, inputs);
  EXPECT_EQ(judge(problem, outputs, shared, Arithmetic{}, "sm_80").verdict, Verdict::agree);

  EXPECT_EQ(run_case(which, subject, agreement()).verdict, Verdict::disagree);
  for (const char* law : {"hidden_mass_is_zero", "queries_in_chunks", "masks_equivalent"}) {
    EXPECT_EQ(run_case(which, subject, property_named(law)).verdict, Verdict::disagree) << law;
  }
}

/// cudnn-frontend #493: kernel and reference differ, and every test has s_q = s_kv.
TEST(FaultyChecker, ThatTestsSquaresAlone) {
  const Subject subject = misreading_subject(other_corner);
  for (const char* square : {"attn(sq=7,mask=causal-br)", "attn(sq=70,mask=causal-tl)"})
    EXPECT_EQ(run_case(case_of(square), subject, agreement()).verdict, Verdict::agree);
  EXPECT_FALSE(failures(subject, agreement(), 60, 1).empty());
}

/// HazyResearch/HipKittens #22, cutlass #2599: heads dealt out in another order, right for one group.
TEST(FaultyChecker, ThatTestsOneHeadForEach) {
  const Subject subject = misreading_subject([](Problem& problem, Inputs& inputs) {
    if (problem.heads_kv == 0 || problem.heads_q == problem.heads_kv) return;
    const Inputs right = inputs;
    for (HostTensor* const tensor : {&inputs.k, &inputs.v}) {
      const HostTensor& from = tensor == &inputs.k ? right.k : right.v;
      for (std::int64_t b = 0; b < problem.batch; ++b) {
        for (std::int64_t h = 0; h < problem.heads_kv; ++h) {
          for (std::int64_t j = 0; j < problem.seq_kv; ++j) {
            for (std::int64_t d = 0; d < from.layout.shape[3]; ++d)
              tensor->set_bits(b, h, j, d, from.bits(b, problem.heads_kv - 1 - h, j, d));
          }
        }
      }
    }
  });
  EXPECT_EQ(run_case(case_of("attn(hq=3,sq=7)"), subject, agreement()).verdict, Verdict::agree);
  EXPECT_FALSE(failures(subject, agreement(), 60, 1).empty());
}

/// mlir-air #1427: with V in [0.5, 1] and a tolerance of 0.5, noise and constants pass.
TEST(FaultyChecker, ThatTakesNoiseOrAConstantOfTheRightSize) {
  for (const double value : {0.5, 0.75, 1.0}) {
    const Subject subject = spoilt_subject(
        [value](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
          fill(answer, problem.dtype, value);
        });
    EXPECT_EQ(run_case(case_of("attn(sq=4,skv=64,seed=1)"), subject, agreement()).verdict,
              Verdict::disagree);
  }
  const Subject noise =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        for (std::int64_t d = 0; d < problem.head_dim_v; ++d)
          answer.outputs.o.set_bits(
              0, 0, 0, d, encode(problem.dtype, 0.01 * static_cast<double>(d % 7 - 3)));
      });
  EXPECT_EQ(run_case(case_of("attn(sq=1,skv=4096,seed=1)"), noise, agreement()).verdict,
            Verdict::disagree);
}

/// openfold-3 #258: numbers of 10^-6 lie below any absolute tolerance, and zeros pass for them.
TEST(FaultyChecker, ThatComparesSmallNumbersAbsolutely) {
  const Subject zeros =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        fill(answer, problem.dtype, 0);
      });
  for (const char* small : {"attn(sq=4,dtype=f32,data=normal(1e-12),seed=1)",
                            "attn(sq=4,data=normal(1e-4),seed=1)",
                            "attn(sq=4,dtype=bf16,data=normal(1e-12),seed=1)"}) {
    EXPECT_EQ(run_case(case_of(small), zeros, agreement()).verdict, Verdict::disagree) << small;
  }
}

/// ggml's NMSE, and means in general: one wrong element of many thousand.
TEST(FaultyChecker, ThatLooksAtAMean) {
  const Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        const double right = o.value(0, 1, 70, 9);
        o.set_bits(0, 1, 70, 9, encode(problem.dtype, right * (1 + 0x1p-4)));
      });
  const CaseResult result = run_case(case_of("attn(hq=2,sq=128,seed=1)"), subject, agreement());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->wrong, 1);
  EXPECT_EQ(result.divergence->index, (std::array<std::int64_t, 4>{0, 1, 70, 9}));
}

/// BackendBench: the tolerances that were given are not those that are used.
TEST(FaultyChecker, ThatIgnoresItsTolerances) {
  Subject subject =
      spoilt_subject([](const Problem& problem, const Inputs&, const Conditions&, Answer& answer) {
        HostTensor& o = answer.outputs.o;
        o.set_bits(0, 0, 0, 0, encode(problem.dtype, o.value(0, 0, 0, 0) * (1 + 0x1p-12)));
      });
  const Case which = case_of("attn(sq=1,skv=64,dtype=f32,seed=1)");
  EXPECT_EQ(run_case(which, subject, agreement()).verdict, Verdict::disagree);
  subject.arithmetic = [](const Problem&) { return Arithmetic{.exp_ulps = 1 << 16}; };
  EXPECT_EQ(run_case(which, subject, agreement()).verdict, Verdict::agree);
}

/// llm.c #172: as many elements as some other tensor has.
TEST(FaultyChecker, ThatComparesTheElementsThatThereAre) {
  const Subject subject =
      spoilt_subject([](const Problem&, const Inputs&, const Conditions&, Answer& answer) {
        answer.outputs.o.bytes.resize(answer.outputs.o.bytes.size() / 2);
      });
  const CaseResult result = run_case(case_of("attn(sq=4,seed=1)"), subject, agreement());
  ASSERT_EQ(result.verdict, Verdict::disagree);
  EXPECT_EQ(result.divergence->tier, name(Tier::count));
}

/// apex #1119: the mask that was tested hides nothing.
TEST(FaultyChecker, ThatDrawsMasksOfOnes) {
  std::int64_t boolean = 0;
  std::int64_t hiding = 0;
  for (const Case& which : spread(agreement(), 300, 1)) {
    const Problem& problem = which.attention();
    if (!problem.mask.boolean || problem.seq_q * problem.seq_kv * problem.batch < 8) continue;
    const Inputs inputs = draw_inputs(problem);
    ++boolean;
    hiding += std::count(inputs.keep.begin(), inputs.keep.end(), 0) > 0 ? 1 : 0;
  }
  EXPECT_GT(boolean, 20);
  EXPECT_EQ(hiding, boolean);
}

/// The same traps in operations: NaN on both sides, zeros, too few elements.
TEST(FaultyChecker, OfOperations) {
  const Operation operation =
      as_operation(parse_any("gemm(m=4,n=6,k=8,tb=1,bias=1,seed=1)").value()).value();
  const OperationTerms terms =
      reference_operation(operation, exact_balls(draw_operands(operation)));
  const OperationOutputs right =
      reference_operation_subject().run(operation, draw_operands(operation), {})->outputs;
  const auto verdict = [&](const OperationOutputs& outputs, const OperationTerms& want) {
    return judge_operation(operation, outputs, want, Arithmetic{}, "sm_80").verdict;
  };
  EXPECT_EQ(verdict(right, terms), Verdict::agree);
  OperationOutputs nan = right;
  nan.c[0].set_bits(0, 0, 2, 3, encode(Dtype::f16, std::nan("")));
  OperationTerms nan_terms = terms;
  nan_terms.value[2 * 6 + 3] = std::nan("");
  EXPECT_EQ(verdict(nan, terms), Verdict::disagree);
  EXPECT_EQ(verdict(right, nan_terms), Verdict::disagree);
  EXPECT_EQ(verdict(nan, nan_terms), Verdict::disagree);
  EXPECT_EQ(judge_operation_bitwise(operation, nan, nan).verdict, Verdict::disagree);
  OperationOutputs zeros = right;
  std::fill(zeros.c[0].bytes.begin(), zeros.c[0].bytes.end(), std::byte{0});
  EXPECT_EQ(verdict(zeros, terms), Verdict::disagree);
  OperationOutputs few = right;
  few.c.pop_back();
  EXPECT_EQ(verdict(few, terms), Verdict::disagree);
}

}  // namespace
}  // namespace attest
