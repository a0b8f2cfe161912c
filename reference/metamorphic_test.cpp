// Relations that softmax attention obeys exactly, held by the reference up to its own rounding.
// SPDX-License-Identifier: Apache-2.0
// Two evaluations of equal quantities differ by at most the sum of their errors (ReferenceError).
#include "reference/attention.h"
#include "reference/hand_made.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

namespace attest {
namespace {

struct Evaluation {
  Problem problem;
  ReferenceTerms terms;

  Evaluation(const Problem& p, const Inputs& inputs)
      : problem(p), terms(reference_attention(p, inputs)) {}
  [[nodiscard]] double output_error(std::size_t e) const {
    return ReferenceError(problem, terms).output(e);
  }
  [[nodiscard]] double lse_error(std::size_t r) const {
    return ReferenceError(problem, terms).lse(r);
  }
};

void expect_same_output(const Evaluation& a, const Evaluation& b) {
  ASSERT_EQ(a.terms.o.size(), b.terms.o.size());
  for (std::size_t e = 0; e < a.terms.o.size(); ++e)
    EXPECT_LE(std::fabs(a.terms.o[e] - b.terms.o[e]), a.output_error(e) + b.output_error(e)) << e;
}

void expect_lse_shift(const Evaluation& a, const Evaluation& b, double shift) {
  ASSERT_EQ(a.terms.lse.size(), b.terms.lse.size());
  for (std::size_t r = 0; r < a.terms.lse.size(); ++r) {
    const double rounding = 0x1p-53 * (std::fabs(a.terms.lse[r]) + 2 * std::fabs(shift));
    EXPECT_LE(std::fabs(a.terms.lse[r] + shift - b.terms.lse[r]),
              a.lse_error(r) + b.lse_error(r) + 2 * rounding)
        << r;
  }
}

// Key s of the result is key source(s) of `inputs`.
template <class Source>
Inputs with_keys(const Problem& problem, const Inputs& inputs, Source source) {
  Inputs out = inputs;
  out.k = tensor_of(problem, Tensor::k, [&](auto b, auto h, auto s, auto d) {
    return inputs.k.value(b, h, source(s), d);
  });
  out.v = tensor_of(problem, Tensor::v, [&](auto b, auto h, auto s, auto d) {
    return inputs.v.value(b, h, source(s), d);
  });
  return out;
}

const char* const kData[] = {
    "normal(1)", "normal(3)", "ramp-up", "needle", "integers", "all-negative"};

Problem problem_with(const char* data, const char* rest = "") {
  return parsed(std::string("attn(b=2,hq=4,hkv=2,sq=3,skv=67,d=16,dtype=f16,data=") + data + rest +
                ")");
}

TEST(Metamorphic, KeysMayBePermuted) {
  for (const char* data : kData) {
    SCOPED_TRACE(data);
    const Problem problem = problem_with(data);
    const Inputs inputs = draw_inputs(problem);
    const Evaluation plain(problem, inputs);
    // 19 is prime to 67: s -> 19 s + 5 is a permutation.
    const Evaluation permuted(
        problem, with_keys(problem, inputs, [](std::int64_t s) { return (19 * s + 5) % 67; }));
    expect_same_output(plain, permuted);
    expect_lse_shift(plain, permuted, 0);
  }
}

TEST(Metamorphic, DuplicatedKeysAddLn2) {
  for (const char* data : kData) {
    SCOPED_TRACE(data);
    const Problem problem = problem_with(data);
    const Inputs inputs = draw_inputs(problem);
    Problem twice = problem;
    twice.seq_kv *= 2;
    const Evaluation a(problem, inputs);
    const Evaluation b(twice, with_keys(twice, inputs, [](std::int64_t s) { return s % 67; }));
    expect_same_output(a, b);
    expect_lse_shift(a, b, std::log(2.0));
  }
}

// Small integers: v1 + v2 is exact in f16, so o(v1 + v2) = o(v1) + o(v2).
TEST(Metamorphic, OutputIsLinearInV) {
  const Problem problem = problem_with("normal(2)");
  const Inputs drawn = draw_inputs(problem);
  const auto with_v = [&](int first, int second) {
    Inputs inputs = drawn;
    inputs.v = tensor_of(problem, Tensor::v, [&](auto b, auto h, auto s, auto d) {
      return first * ((7 * s + 3 * d + h) % 33 - 16) + second * ((5 * s + 11 * d + b) % 29 - 14);
    });
    return Evaluation(problem, inputs);
  };
  const Evaluation one = with_v(1, 0);
  const Evaluation two = with_v(0, 1);
  const Evaluation both = with_v(1, 1);
  for (std::size_t e = 0; e < both.terms.o.size(); ++e) {
    const double sum = one.terms.o[e] + two.terms.o[e];
    EXPECT_LE(std::fabs(sum - both.terms.o[e]),
              one.output_error(e) + two.output_error(e) + both.output_error(e) +
                  0x1p-53 * std::fabs(sum));
  }
}

TEST(Metamorphic, ConstantVComesBack) {
  for (const char* data : kData) {
    SCOPED_TRACE(data);
    const Problem problem = problem_with(data, ",mask=causal-br");
    Inputs inputs = draw_inputs(problem);
    inputs.v = tensor_of(problem, Tensor::v, [](auto...) { return 3.0; });
    const Evaluation e(problem, inputs);
    for (std::size_t i = 0; i < e.terms.o.size(); ++i)
      EXPECT_LE(std::fabs(e.terms.o[i] - 3.0), e.output_error(i));
  }
}

// With the last dimension of q at 1, a constant there in k adds scale * constant to every score.
TEST(Metamorphic, ShiftedScoresShiftTheLseOnly) {
  for (const double shift : {1.0, -37.0, 2048.0}) {
    SCOPED_TRACE(shift);
    const Problem problem = problem_with("normal(1)");
    const Inputs drawn = draw_inputs(problem);
    const auto shifted = [&](double constant) {
      Inputs inputs = drawn;
      const auto last = problem.head_dim - 1;
      inputs.q = tensor_of(problem, Tensor::q, [&](auto b, auto h, auto s, auto d) {
        return d == last ? 1.0 : drawn.q.value(b, h, s, d);
      });
      inputs.k = tensor_of(problem, Tensor::k, [&](auto b, auto h, auto s, auto d) {
        return d == last ? constant : drawn.k.value(b, h, s, d);
      });
      return Evaluation(problem, inputs);
    };
    const Evaluation plain = shifted(0);
    const Evaluation moved = shifted(shift);
    expect_same_output(plain, moved);
    expect_lse_shift(plain, moved, shift * static_cast<double>(effective_scale(problem)));
  }
}

// Batch 1 alone has the bits that it has next to batch 0.
TEST(Metamorphic, BatchesAreIndependentBitForBit) {
  const Problem problem = problem_with("normal(1)", ",mask=causal-br&padding(67,20)");
  const Problem alone = parsed(
      "attn(hq=4,hkv=2,sq=3,skv=67,d=16,dtype=f16,data=normal(1),mask=causal-br&padding(20))");
  const Inputs inputs = draw_inputs(problem);
  Inputs second = draw_inputs(alone);
  second.q = tensor_of(
      alone, Tensor::q, [&](auto, auto h, auto s, auto d) { return inputs.q.value(1, h, s, d); });
  second.k = tensor_of(
      alone, Tensor::k, [&](auto, auto h, auto s, auto d) { return inputs.k.value(1, h, s, d); });
  second.v = tensor_of(
      alone, Tensor::v, [&](auto, auto h, auto s, auto d) { return inputs.v.value(1, h, s, d); });
  const ReferenceTerms both = reference_attention(problem, inputs);
  const ReferenceTerms one = reference_attention(alone, second);
  const auto has_same_bits = [](const std::vector<double>& long_one,
                                const std::vector<double>& tail) {
    return 2 * tail.size() == long_one.size() &&
           std::memcmp(long_one.data() + tail.size(), tail.data(), tail.size() * sizeof(double)) ==
               0;
  };
  EXPECT_TRUE(has_same_bits(both.o, one.o));
  EXPECT_TRUE(has_same_bits(both.lse, one.lse));
  EXPECT_TRUE(has_same_bits(both.depth_spread, one.depth_spread));
}

}  // namespace
}  // namespace attest
