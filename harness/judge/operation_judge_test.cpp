// Scalar models of correct kernels stay within the bound of their operation; planted errors do not.
// SPDX-License-Identifier: Apache-2.0
#include "harness/judge/operation_judge.h"

#include "harness/judge/operation_bound.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace attest {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
const Arithmetic kFma{};
const Arithmetic kTensorCore{.accumulate = Accumulate::tensor_core_f32};

// Factors of element (b, h, i, j) of a gemm, in order of k.
struct Factors {
  std::vector<double> a;
  std::vector<double> b;
};

struct Scene {
  Operation operation;
  Operands in;
  OperationTerms terms;
  OperationOutputs out;

  explicit Scene(const std::string& text) {
    Result<Operation> parsed = parse_operation(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    operation = *parsed;
    in = draw_operands(operation);
    const bool is_bytes = holds_bytes(operation, OperationBuffer::c);
    for (std::int64_t part = 0; !is_bytes && part < split(operation); ++part)
      out.c.push_back(poisoned_tensor(buffer_layout(operation, OperationBuffer::c)));
  }
  [[nodiscard]] Judgement judged(const Arithmetic& arithmetic = kFma) const {
    return judge_operation(operation, out, terms, arithmetic, "sm_80");
  }
  /// Calls visit(b, h, i, j, element) in row-major order.
  template <class Visit>
  void for_each(Visit visit) const {
    const auto [batch, heads, m, n] = result_shape(operation);
    std::size_t element = 0;
    for (std::int64_t b = 0; b < batch; ++b)
      for (std::int64_t h = 0; h < heads; ++h)
        for (std::int64_t i = 0; i < m; ++i)
          for (std::int64_t j = 0; j < n; ++j)
            visit(b, h, i, j, element++);
  }
  [[nodiscard]] bool is_kept(std::int64_t b, std::int64_t i, std::int64_t j) const {
    const auto [batch, heads, m, n] = result_shape(operation);
    return in.mask.empty() || in.mask[static_cast<std::size_t>((b * m + i) * n + j)] != 0;
  }
  void set(std::int64_t b, std::int64_t h, std::int64_t i, std::int64_t j, double value) {
    const std::int64_t columns = result_shape(operation)[3] / split(operation);
    HostTensor& part = out.c[static_cast<std::size_t>(j / columns)];
    part.set_bits(b, h, i, j % columns, encode(dtype(operation), value));
  }
};

// Gemm: the terms from their definitions, and any model of a dot product as the kernel.
using Dot = std::function<float(const Factors&)>;

struct GemmScene : Scene {
  explicit GemmScene(const std::string& text, const Dot& dot) : Scene(text) {
    const Gemm& g = std::get<Gemm>(operation);
    terms.shape = result_shape(operation);
    const float alpha = static_cast<float>(g.alpha);
    const double normal = g.dtype == Dtype::f16 ? 0x1p-14 : 0x1p-126;
    const auto aligned = [normal](double x) { return x == 0 ? 0 : std::max(std::fabs(x), normal); };
    for_each([&](auto b, auto h, auto i, auto j, std::size_t) {
      const Factors f = factors(b, h, i, j);
      double sum = 0;
      double size = 0;
      for (std::size_t p = 0; p < f.a.size(); ++p) {
        sum += f.a[p] * f.b[p];
        size += aligned(f.a[p]) * aligned(f.b[p]);
      }
      const float bias = g.has_bias ? static_cast<float>(in.bias.value(0, 0, 0, j)) : 0;
      const bool kept = is_kept(b, i, j);
      terms.value.push_back(kept ? static_cast<double>(alpha) * sum + static_cast<double>(bias)
                                 : g.fill);
      terms.products.push_back(kept ? std::fabs(static_cast<double>(alpha)) * size : 0);
      if (g.has_mask) terms.is_stored.push_back(kept ? 0 : 1);
      float c = dot(f);
      if (alpha != 1) c *= alpha;
      if (g.has_bias) c += bias;
      set(b, h, i, j, kept ? static_cast<double>(c) : g.fill);
    });
  }
  [[nodiscard]] Factors factors(std::int64_t b,
                                std::int64_t h,
                                std::int64_t i,
                                std::int64_t j) const {
    const Gemm& g = std::get<Gemm>(operation);
    Factors f;
    for (std::int64_t p = 0; p < g.k; ++p) {
      f.a.push_back(g.transpose_a ? in.a.value(b, h, p, i) : in.a.value(b, h, i, p));
      f.b.push_back(g.transpose_b ? in.b.value(b, h, j, p) : in.b.value(b, h, p, j));
    }
    return f;
  }
};

float fma_chain(const Factors& f) {
  float sum = 0;
  for (std::size_t p = 0; p < f.a.size(); ++p)
    sum = std::fma(static_cast<float>(f.a[p]), static_cast<float>(f.b[p]), sum);
  return sum;
}

float mul_and_add_backwards(const Factors& f) {
  float sum = 0;
  for (std::size_t p = f.a.size(); p-- > 0;) {
    const float product = static_cast<float>(f.a[p]) * static_cast<float>(f.b[p]);
    sum = sum + product;
  }
  return sum;
}

// Blocks of 8 products and the sum, each cut `fraction` bits below the largest, then to 24 bits.
float truncating(const Factors& f, int fraction) {
  double sum = 0;
  for (std::size_t first = 0; first < f.a.size(); first += 8) {
    std::vector<double> terms{sum};
    int exponent = sum == 0 ? -999 : std::ilogb(sum);
    for (std::size_t p = first; p < std::min(first + 8, f.a.size()); ++p) {
      terms.push_back(f.a[p] * f.b[p]);
      if (terms.back() != 0) exponent = std::max(exponent, std::ilogb(f.a[p]) + std::ilogb(f.b[p]));
    }
    sum = 0;
    for (const double term : terms)
      sum += std::ldexp(std::trunc(std::ldexp(term, fraction - exponent)), exponent - fraction);
    if (sum == 0) continue;
    const int unit = std::ilogb(sum) - 23;
    sum = std::ldexp(std::trunc(std::ldexp(sum, -unit)), unit);
  }
  return static_cast<float>(sum);
}

const char* const kGemms[] = {
    "gemm(m=3,n=5,k=200)",
    "gemm(b=2,h=2,m=3,n=5,k=17,ta=1,alpha=0.3,bias=1,dtype=f32)",
    "gemm(m=4,n=6,k=64,tb=1,bias=1,split=3,dtype=bf16,lc=bshd(2))",
    "gemm(b=2,h=3,m=5,n=4,k=33,alpha=-2.7,mask=1,data=all-negative)",
    "gemm(m=5,n=6,k=40,bias=1,split=2,data=integers,dtype=f32)",
    "gemm(m=4,n=4,k=256,data=normal(0.0001))",  // subnormals
    "gemm(m=9,n=3,k=1,alpha=1e30,dtype=bf16)",
};

TEST(JudgeGemm, CorrectKernelsAgreeAndTheBoundIsNotFarOff) {
  for (const char* text : kGemms) {
    SCOPED_TRACE(text);
    for (const Dot& dot : {Dot(fma_chain), Dot(mul_and_add_backwards)}) {
      const Judgement judgement = GemmScene(text, dot).judged();
      EXPECT_EQ(judgement.verdict, Verdict::agree);
      EXPECT_LE(judgement.ratio_o, 1);
    }
    if (std::string(text).find("f32") != std::string::npos) continue;
    const Dot cut = [](const Factors& f) { return truncating(f, 24); };
    const Judgement judgement = GemmScene(text, cut).judged(kTensorCore);
    EXPECT_EQ(judgement.verdict, Verdict::agree);
    EXPECT_GT(judgement.ratio_o, 0.3) << "rounding alone comes near";
  }
}

TEST(JudgeGemm, AnAccumulatorOfElevenBitsIsCaught) {
  const Dot coarse = [](const Factors& f) { return truncating(f, 10); };
  EXPECT_EQ(GemmScene(kGemms[0], coarse).judged(kTensorCore).verdict, Verdict::disagree);
}

TEST(JudgeGemm, ADroppedProductIsCaught) {
  const Dot drops = [](Factors f) {
    f.a.back() = 0;
    return fma_chain(f);
  };
  for (const char* text : {kGemms[0], kGemms[2], kGemms[3]})
    EXPECT_EQ(GemmScene(text, drops).judged().verdict, Verdict::disagree) << text;
}

// One product 2 * 3 in f16: (e^(2.02 u + 5 * 2^-52) - 1) * 6 + 2 * 2^-126, then 2^-11 of it all and
// half of 2^-24.
TEST(OperationBound, GemmOnPaper) {
  OperationTerms terms;
  terms.shape = {1, 1, 1, 1};
  terms.value = {6};
  terms.products = {6};
  const OperationBound bound(*parse_operation("gemm()"), kFma, "sm_80");
  const BoundParts parts = bound.at(terms, 0);
  EXPECT_NEAR(parts.accumulation, 6 * 2.02 * 0x1p-24, 1e-12);
  EXPECT_EQ(parts.underflow, 2 * 0x1p-126);
  EXPECT_EQ(parts.scaling, 0);
  EXPECT_NEAR(parts.rounding, 6 * 0x1p-11 + 0x1p-25, 1e-9);
  const OperationBound scaled(*parse_operation("gemm(alpha=0.5,bias=1,dtype=f32)"), kFma, "sm_80");
  const BoundParts two = scaled.at(terms, 0);
  EXPECT_NEAR(two.scaling, 12 * 0x1p-24, 1e-12);
  EXPECT_EQ(two.rounding, 0);
  terms.radius = {1};
  EXPECT_NEAR(scaled.at(terms, 0).total, two.total + 1 + 0x1p-24, 1e-6);
}

void expect_disagree(const Judgement& judgement, Tier tier, const std::string& tensor) {
  EXPECT_EQ(judgement.verdict, Verdict::disagree);
  ASSERT_TRUE(judgement.divergence.has_value());
  EXPECT_EQ(name(judgement.divergence->tier), name(tier));
  EXPECT_EQ(judgement.divergence->tensor, tensor);
  EXPECT_GT(judgement.ratio_o, 1);
}

TEST(JudgeGemm, TwiceTheBoundDisagrees) {
  GemmScene scene(kGemms[2], fma_chain);
  const OperationBound bound(scene.operation, kFma, "sm_80");
  const double error = 2 * bound.at(scene.terms, 9).total;
  scene.set(0, 0, 1, 3, scene.terms.value[9] + error);  // element 9: row 1, column 3
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::bound, "c1");
  EXPECT_EQ(judgement.divergence->index, (std::array<std::int64_t, 4>{0, 0, 1, 1}));
  EXPECT_EQ(judgement.divergence->wrong, 1);
  EXPECT_EQ(judgement.divergence->total, 8);
  EXPECT_NE(judgement.divergence->bound_terms.find("alpha and bias"), std::string::npos);
}

TEST(JudgeGemm, NotANumberDisagreesWhereverItStands) {
  for (const double bad : {kNan, kInf, -kInf}) {
    GemmScene scene(kGemms[0], fma_chain);
    scene.set(0, 0, 2, 4, bad);
    expect_disagree(scene.judged(), Tier::classes, "c");
  }
  GemmScene scene(kGemms[0], fma_chain);
  scene.terms.value[3] = kNan;
  expect_disagree(scene.judged(), Tier::classes, "c");
  GemmScene terms(kGemms[0], fma_chain);
  terms.terms.products[3] = kNan;
  expect_disagree(terms.judged(), Tier::bound, "c");
  GemmScene nothing(kGemms[0], fma_chain);
  nothing.out.c[0] = poisoned_tensor(nothing.out.c[0].layout);
  expect_disagree(nothing.judged(), Tier::classes, "c");
}

TEST(JudgeGemm, AFilledPlaceIsExact) {
  const char* const text = "gemm(m=9,n=9,k=4,mask=1,fill=-1000,dtype=bf16)";
  GemmScene scene(text, fma_chain);
  EXPECT_EQ(scene.judged().verdict, Verdict::agree);
  const auto filled = static_cast<std::int64_t>(
      std::find(scene.in.mask.begin(), scene.in.mask.end(), 0) - scene.in.mask.begin());
  scene.set(0, 0, filled / 9, filled % 9, -1004);  // the next bf16
  expect_disagree(scene.judged(), Tier::exact, "c");
  GemmScene unmasked(text, fma_chain);
  unmasked.set(0, 0, filled / 9, filled % 9, 0.25);
  expect_disagree(unmasked.judged(), Tier::exact, "c");
}

TEST(JudgeGemm, InfinityIsRightWhereTheResultOverflows) {
  GemmScene scene("gemm(m=2,n=2,k=4,alpha=1e9,data=all-negative)", fma_chain);
  EXPECT_TRUE(std::isinf(scene.out.c[0].value(0, 0, 0, 0)));
  EXPECT_EQ(scene.judged().verdict, Verdict::agree);
  scene.set(0, 0, 0, 0, kInf);  // of the other sign
  expect_disagree(scene.judged(), Tier::classes, "c");
}

TEST(JudgeGemm, AnotherCountOrLayoutDisagrees) {
  GemmScene scene(kGemms[2], fma_chain);
  scene.out.c.pop_back();
  expect_disagree(scene.judged(), Tier::count, "c");
  GemmScene bytes(kGemms[2], fma_chain);
  bytes.out.c[1].bytes.pop_back();
  expect_disagree(bytes.judged(), Tier::count, "c1");
  GemmScene terms(kGemms[2], fma_chain);
  terms.terms.value.pop_back();
  EXPECT_THROW((void)terms.judged(), InternalError);
}

// alpha * x lies just off the middle of two f16, so that the f32 product is the middle itself: two
// roundings give the farther neighbour, which is right for such a kernel. The next one is not.
TEST(JudgeScale, DoubleRoundingIsAllowedAndNothingBeyond) {
  int found = 0;
  for (std::uint32_t bits = 0x3c01; bits < 0x4000; bits += 7) {  // x in (1, 2)
    const double x = decode(Dtype::f16, bits);
    const double middle = 1 + 0x1p-11;
    auto alpha = static_cast<float>(middle / x);
    for (int step = 0; step < 2; ++step, alpha = std::nextafter(alpha, 2.0F)) {
      const double exact = static_cast<double>(alpha) * x;
      const std::uint32_t once = encode(Dtype::f16, exact);
      const std::uint32_t twice =
          encode(Dtype::f16, static_cast<double>(static_cast<float>(exact)));
      if (once == twice) continue;
      ++found;
      Scene scene("elementwise()");
      std::get<Elementwise>(scene.operation).alpha = static_cast<double>(alpha);
      scene.terms.shape = {1, 1, 1, 1};
      scene.terms.value = {exact};
      scene.out.c[0].set_bits(0, 0, 0, 0, twice);
      EXPECT_EQ(scene.judged().verdict, Verdict::agree);
      scene.out.c[0].set_bits(0, 0, 0, 0, twice > once ? twice + 1 : twice - 1);
      expect_disagree(scene.judged(), Tier::bound, "c");
    }
  }
  EXPECT_GT(found, 3);
}

TEST(JudgeElementwise, OneF32RoundingIsExact) {
  Scene scene("elementwise(alpha=0.1,dtype=f32)");
  scene.terms.shape = {1, 1, 1, 1};
  const float alpha = 0.1F;
  const float right = alpha * 3.0F;
  scene.terms.value = {static_cast<double>(alpha) * 3.0};
  scene.set(0, 0, 0, 0, static_cast<double>(right));
  EXPECT_EQ(scene.judged().verdict, Verdict::agree);
  scene.set(0, 0, 0, 0, static_cast<double>(std::nextafter(right, 1.0F)));
  expect_disagree(scene.judged(), Tier::exact, "c");
  // x + bias = 2^24 + 1: a tie, to even.
  Scene sum("bias_split(dtype=f32)");
  sum.terms.shape = {1, 1, 1, 1};
  sum.terms.value = {0x1p24 + 1};
  sum.set(0, 0, 0, 0, 0x1p24);
  EXPECT_EQ(sum.judged().verdict, Verdict::agree);
  sum.set(0, 0, 0, 0, 0x1p24 + 2);
  expect_disagree(sum.judged(), Tier::exact, "c");
}

TEST(JudgeElementwise, BytesAreOneAndZero) {
  Scene scene("elementwise(op=equals_zero,b=2,h=3,n=2)");
  scene.terms.shape = {2, 1, 1, 2};
  scene.terms.value = {1, 0, 0, 1};
  scene.terms.is_stored = {1, 1, 1, 1};
  scene.out.bytes = {1, 0, 0, 1};
  EXPECT_EQ(scene.judged().verdict, Verdict::agree);
  scene.out.bytes[3] = 255;
  const Judgement judgement = scene.judged();
  expect_disagree(judgement, Tier::exact, "c");
  EXPECT_EQ(judgement.divergence->index, (std::array<std::int64_t, 4>{1, 0, 0, 1}));
  EXPECT_EQ(judgement.divergence->got, 255);
  scene.out.bytes.pop_back();
  expect_disagree(scene.judged(), Tier::count, "c");
}

// Softmax as a kernel does it in f32, exp off by up to its declared error in either direction.
struct SoftmaxScene : Scene {
  SoftmaxScene(const std::string& text, const std::function<float(float)>& exp) : Scene(text) {
    const MaskSoftmax& s = std::get<MaskSoftmax>(operation);
    terms.shape = result_shape(operation);
    for (std::int64_t row = 0; row < s.batch * s.heads * s.m; ++row)
      add_row(s, row / (s.heads * s.m), row / s.m % s.heads, row % s.m, exp);
  }

 private:
  void add_row(const MaskSoftmax& s,
               std::int64_t b,
               std::int64_t h,
               std::int64_t i,
               const std::function<float(float)>& exp) {
    std::vector<float> x;
    std::vector<double> score;
    for (std::int64_t j = 0; j < s.n; ++j) {
      const double value = in.a.value(b, h, i, j);
      const auto scale = static_cast<float>(s.scale);
      const bool kept = is_kept(b, i, j);
      score.push_back(kept ? static_cast<double>(scale) * value : s.fill);
      x.push_back(kept ? scale * static_cast<float>(value) : static_cast<float>(s.fill));
    }
    const double m = *std::max_element(score.begin(), score.end());
    double total = 0;
    for (const double one : score)
      total += std::exp(one - m);
    double size_mean = 0;
    double depth_mean = 0;
    double size_max = 0;
    double depth_max = 0;
    for (const double one : score) {
      const double p = std::exp(one - m) / total;
      terms.value.push_back(p);
      terms.score_size.push_back(std::fabs(one));
      terms.depth.push_back(m - one);
      size_mean += p * std::fabs(one);
      depth_mean += p * (m - one);
      size_max = std::max(size_max, std::fabs(one));
      depth_max = std::max(depth_max, m - one);
    }
    terms.score_size_mean.push_back(size_mean);
    terms.depth_mean.push_back(depth_mean);
    terms.score_size_max.push_back(size_max);
    terms.depth_max.push_back(depth_max);
    const float largest = *std::max_element(x.begin(), x.end());
    float sum = 0;
    for (float& one : x)
      sum += one = exp(one - largest);
    for (std::int64_t j = 0; j < s.n; ++j)
      set(b, h, i, j, static_cast<double>(x[static_cast<std::size_t>(j)] / sum));
  }
};

float exp_up(float x) {
  return x == 0 ? 1 : std::exp(x) * (1 + 4 * 0x1p-24F);
}
float exp_down(float x) {
  return x == 0 ? 1 : std::exp(x) * (1 - 4 * 0x1p-24F);
}

const char* const kSoftmaxes[] = {
    "mask_softmax(b=2,h=2,m=3,n=70,scale=0.125,mask=1)",
    "mask_softmax(m=3,n=300,dtype=f32)",
    "mask_softmax(m=3,n=300,data=ramp-up,dtype=bf16)",
    "mask_softmax(m=3,n=64,scale=-3,data=needle)",
    "mask_softmax(m=3,n=9,mask=1,fill=0.5,data=all-negative,dtype=f32)",
    "mask_softmax(m=5)",
};

TEST(JudgeSoftmax, CorrectKernelsAgree) {
  for (const char* text : kSoftmaxes) {
    SCOPED_TRACE(text);
    for (const auto& exp : {exp_up, exp_down}) {
      const Judgement judgement = SoftmaxScene(text, exp).judged();
      EXPECT_EQ(judgement.verdict, Verdict::agree);
      EXPECT_LE(judgement.ratio_o, 1);
    }
  }
}

TEST(JudgeSoftmax, WrongKernelsDisagree) {
  const auto base_two = [](float x) { return std::exp2(x); };
  EXPECT_EQ(SoftmaxScene(kSoftmaxes[0], base_two).judged().verdict, Verdict::disagree);
  const auto coarse = [](float x) { return std::exp(x) * (x < -1 ? 1.0001F : 1); };
  EXPECT_EQ(SoftmaxScene(kSoftmaxes[1], coarse).judged().verdict, Verdict::disagree);
  SoftmaxScene scene(kSoftmaxes[0], exp_up);
  scene.set(1, 0, 2, 69, kNan);
  expect_disagree(scene.judged(), Tier::classes, "c");
  SoftmaxScene twice(kSoftmaxes[1], exp_up);
  const OperationBound bound(twice.operation, kFma, "sm_80");
  twice.set(0, 0, 1, 5, twice.terms.value[305] + 2 * bound.at(twice.terms, 305).total);
  expect_disagree(twice.judged(), Tier::bound, "c");
}

TEST(JudgeOperationBitwise, EveryBitCounts) {
  const GemmScene a(kGemms[2], fma_chain);
  GemmScene b(kGemms[2], fma_chain);
  EXPECT_EQ(judge_operation_bitwise(a.operation, a.out, b.out).verdict, Verdict::agree);
  b.out.c[2].set_bits(0, 0, 3, 1, b.out.c[2].bits(0, 0, 3, 1) ^ 1U);
  expect_disagree(judge_operation_bitwise(a.operation, a.out, b.out), Tier::exact, "c2");
}

TEST(AllowedErrors, AreTheBoundAndTheRadius) {
  GemmScene scene(kGemms[0], fma_chain);
  const std::vector<double> alone = allowed_errors(scene.operation, scene.terms, kFma, "sm_80");
  scene.terms.radius.assign(scene.terms.value.size(), 0.5);
  const std::vector<double> moved = allowed_errors(scene.operation, scene.terms, kFma, "sm_80");
  for (std::size_t e = 0; e < alone.size(); ++e)
    EXPECT_NEAR(moved[e] - alone[e], 0.5 * (1 + 0x1p-11), 1e-5);
}

TEST(JudgeWithin, ValuesOfAChain) {
  const LayerProblem layer = *parse_layer("layer(s=2,d=2)");
  HostTensor y = poisoned_tensor(buffer_layout(layer, LayerBuffer::y));
  const std::vector<double> value = {1, 2, 3, 4};
  for (std::int64_t at = 0; at < 4; ++at)
    y.set_bits(0, 0, at / 2, at % 2, encode(Dtype::f16, static_cast<double>(at + 1)));
  y.set_bits(0, 0, 1, 0, encode(Dtype::f16, 3.25));
  EXPECT_EQ(judge_within("y", y, value, {0.1, 0.1, 0.25, 0.1}).verdict, Verdict::agree);
  expect_disagree(judge_within("y", y, value, {0.1, 0.1, 0.2, 0.1}), Tier::bound, "y");
  expect_disagree(judge_within("y", y, value, {0.1, 0.1, kNan, 0.1}), Tier::bound, "y");
  y.set_bits(0, 0, 0, 1, encode(Dtype::f16, kNan));
  expect_disagree(judge_within("y", y, value, {kInf, kInf, kInf, kInf}), Tier::classes, "y");
}

}  // namespace
}  // namespace attest
