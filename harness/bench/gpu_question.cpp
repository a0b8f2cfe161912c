// The open questions of arithmetic: approximations, the order of sums in tensor cores, the edge of
// flushing to zero.
// SPDX-License-Identifier: Apache-2.0
#include "harness/bench/gpu_question.h"

#include "harness/base/rng.h"
#include "harness/executor/program_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

namespace attest {
namespace {

constexpr std::size_t kWarp = 32;
constexpr std::uint32_t kOne = 0x3f80'0000;          // 1.0f
constexpr std::uint32_t kBinade = 0x0080'0000;       // floats from one power of two to the next
constexpr std::uint32_t kLeastNormal = 0x0080'0000;  // 2^-126
constexpr std::size_t kTiles = 8192;                 // mma a question

std::size_t part_of(std::size_t all, double share) {
  const auto some = static_cast<std::size_t>(static_cast<double>(all) * share);
  return std::max(some / kWarp, std::size_t{1}) * kWarp;
}

/// `count` floats from `first` on, evenly thinned for a share.
std::vector<std::uint32_t> range(std::uint32_t first, std::size_t count, double share) {
  std::vector<std::uint32_t> words(part_of(count, share));
  for (std::size_t n = 0; n < words.size(); ++n)
    words[n] = first + static_cast<std::uint32_t>(n * (count / words.size()));
  return words;
}

std::vector<std::uint32_t> one_to_two(double share) {
  return range(kOne, kBinade, share);
}
std::vector<std::uint32_t> one_to_four(double share) {
  return range(kOne, std::size_t{2} * kBinade, share);
}
/// Every f16, twice in a word.
std::vector<std::uint32_t> all_halves(double share) {
  std::vector<std::uint32_t> words = range(0, 0x10000, share);
  for (std::uint32_t& word : words)
    word |= word << 16U;
  return words;
}
/// -126.5 .. -125.5 and its neighbourhood of -126, where 2^x leaves the normal numbers.
std::vector<std::uint32_t> edge_of_ex2(double share) {
  constexpr std::uint32_t kMinus126 = 0xc2fc'0000;
  return range(kMinus126 - 0x8000, 0x10000, share);
}

/// Pairs whose exact product lies within a few units of the least normal number.
std::vector<std::uint32_t> edge_of_products(double share) {
  const std::size_t threads = part_of(std::size_t{1} << 20U, share);
  std::vector<std::uint32_t> words(2 * threads);
  for (std::size_t n = 0; n < threads; ++n) {
    const std::uint64_t bits = random_bits(1, 2, n);
    const auto mantissa = static_cast<std::uint32_t>(bits) & (kBinade - 1);
    const float a = std::bit_cast<float>(kOne | mantissa);
    const auto b = std::bit_cast<std::uint32_t>(std::bit_cast<float>(kLeastNormal + kBinade) / a);
    words[n] = std::bit_cast<std::uint32_t>(a);
    words[threads + n] = b - kBinade - 2 + static_cast<std::uint32_t>(bits >> 40U) % 5;
  }
  return words;
}

/// Words of two f16 or two bf16 with any sign and mantissa. The exponents of a tile spread over 1, 4, 12
/// or all of the values around the middle, in turn; none is NaN or infinite.
template <int kMantissaBits, int kExponentBits>
std::uint32_t finite_half(std::uint64_t bits, std::size_t tile) {
  constexpr std::uint32_t kAll = (1U << kExponentBits) - 1;  // exponents; the last is NaN's
  const std::uint32_t spread = tile % 4 == 0 ? 1 : tile % 4 == 1 ? 4 : tile % 4 == 2 ? 12 : kAll;
  const std::uint32_t width = std::min(spread, kExponentBits == 8 ? 60U : kAll);  // f32 holds it
  const std::uint32_t exponent =
      (kAll - width) / 2 + static_cast<std::uint32_t>(bits >> 32U) % width;
  const std::uint32_t sign_and_mantissa =
      static_cast<std::uint32_t>(bits) & 0xffffU & ~(kAll << static_cast<unsigned>(kMantissaBits));
  return sign_and_mantissa | exponent << static_cast<unsigned>(kMantissaBits);
}

using DrawHalf = std::uint32_t (*)(std::uint64_t, std::size_t);

/// A and B of packed halves, C of f32 near 1, [registers][threads].
std::vector<std::uint32_t> mma_operands(double share, int packed, int sums, DrawHalf draw) {
  const std::size_t threads = part_of(kTiles * kWarp, share);
  std::vector<std::uint32_t> words;
  for (int r = 0; r < packed; ++r) {
    for (std::size_t n = 0; n < threads; ++n) {
      const auto stream = static_cast<std::uint64_t>(r);
      words.push_back(draw(random_bits(3, stream, 2 * n), n / kWarp) |
                      draw(random_bits(3, stream, 2 * n + 1), n / kWarp) << 16U);
    }
  }
  for (int r = 0; r < sums; ++r) {
    for (std::size_t n = 0; n < threads; ++n) {
      const auto bits =
          static_cast<std::uint32_t>(random_bits(4, static_cast<std::uint64_t>(r), n));
      words.push_back((bits & 0x807f'ffffU) | (120 + (bits >> 23U) % 16) << 23U);
    }
  }
  return words;
}

template <int kPacked>
std::vector<std::uint32_t> f16_operands(double share) {
  return mma_operands(share, kPacked, 4, finite_half<10, 5>);
}
template <int kPacked>
std::vector<std::uint32_t> bf16_operands(double share) {
  return mma_operands(share, kPacked, 4, finite_half<7, 8>);
}
std::vector<std::uint32_t> f16_sums(double share) {
  return mma_operands(share, 8, 0, finite_half<10, 5>);
}
/// Four e4m3 or e5m2 of any finite value a word: the code with all exponent bits set is left out.
std::vector<std::uint32_t> fp8_operands(double share) {
  return mma_operands(share, 6, 4, [](std::uint64_t bits, std::size_t) {
    return static_cast<std::uint32_t>(bits) & 0xbbbbU;  // exponents with one bit 0
  });
}

/// D = A B + C of `a`, `b`, `c` registers, numbered in this order.
std::string mma(const std::string& shape_and_types, int a, int b, int c) {
  int next = 0;
  const auto list = [&next](const char* letter, int count) {
    std::string text;
    for (int n = 0; n < count; ++n)
      text += fmt::format("{}%{}{}", n == 0 ? "" : ",", letter, next++);
    return "{" + text + "}";
  };
  const std::string left = list("i", a);
  const std::string right = list("i", b);
  const std::string sum = list("i", c);
  next = 0;
  return fmt::format(
      "mma.sync.aligned.{} {}, {}, {}, {};", shape_and_types, list("o", c), left, right, sum);
}

std::string kernel_text(const GpuQuestion& question, int sm, std::size_t threads) {
  std::string text = fmt::format(
      ".version {}\n.target sm_{}\n.address_size 64\n"
      ".visible .entry ask(.param .u64 to, .param .u64 from) {{\n"
      ".reg .b32 %i<{}>, %o<{}>, %t<4>;\n.reg .b64 %d<8>;\n"
      "ld.param.u64 %d0, [to];\nld.param.u64 %d1, [from];\n"
      "cvta.to.global.u64 %d0, %d0;\ncvta.to.global.u64 %d1, %d1;\n"
      "mov.u32 %t0, %ctaid.x;\nmov.u32 %t1, %ntid.x;\nmov.u32 %t2, %tid.x;\n"
      "mad.lo.u32 %t3, %t0, %t1, %t2;\nmul.wide.u32 %d2, %t3, 4;\n"
      "add.u64 %d0, %d0, %d2;\nadd.u64 %d1, %d1, %d2;\n",
      sm >= 100 ? "8.7" : "8.4",
      sm,
      question.input_count,
      question.output_count);
  for (int n = 0; n < question.input_count; ++n)
    text += fmt::format(
        "ld.global.b32 %i{}, [%d1+{}];\n", n, static_cast<std::size_t>(n) * threads * 4);
  text += question.body + "\n";
  for (int n = 0; n < question.output_count; ++n)
    text += fmt::format(
        "st.global.b32 [%d0+{}], %o{};\n", static_cast<std::size_t>(n) * threads * 4, n);
  return text + "ret;\n}\n";
}

GpuQuestion unary(const std::string& opcode,
                  const std::string& about,
                  std::vector<std::uint32_t> (*draw)(double)) {
  return {opcode, about, opcode + " %o0, %i0;", 80, 1, 1, draw};
}

GpuQuestion product(const std::string& name,
                    const std::string& body,
                    std::vector<std::uint32_t> (*draw)(double)) {
  return {name, "results at the edge of flushing to zero", body, 80, 2, 1, draw};
}

GpuQuestion tensor_core(const std::string& shape_and_types,
                        const std::string& about,
                        int a,
                        int b,
                        int c,
                        std::vector<std::uint32_t> (*draw)(double),
                        int least_sm = 80) {
  return {
      "mma." + shape_and_types, about, mma(shape_and_types, a, b, c), least_sm, a + b + c, c, draw};
}

}  // namespace

const std::vector<GpuQuestion>& gpu_questions() {
  static const std::string approximate = "the bits of an approximation, every mantissa";
  static const std::string order = "how many products are summed at once, and with how many bits";
  static const std::vector<GpuQuestion> all = {
      unary("ex2.approx.f32", approximate, one_to_two),
      unary("ex2.approx.ftz.f32", "results at the edge of flushing to zero", edge_of_ex2),
      unary("ex2.approx.f16x2", "the bits of an approximation, every operand", all_halves),
      unary("lg2.approx.f32", approximate, one_to_two),
      unary("rcp.approx.f32", approximate, one_to_two),
      unary("rsqrt.approx.f32", approximate, one_to_four),
      unary("sqrt.approx.f32", approximate, one_to_four),
      unary("tanh.approx.f32", approximate, one_to_two),
      product("mul.ftz.f32", "mul.ftz.f32 %o0, %i0, %i1;", edge_of_products),
      product("fma.rn.ftz.f32", "fma.rn.ftz.f32 %o0, %i0, %i1, 0f00000000;", edge_of_products),
      tensor_core("m16n8k8.row.col.f32.f16.f16.f32", order, 2, 1, 4, f16_operands<3>),
      tensor_core("m16n8k16.row.col.f32.f16.f16.f32", order, 4, 2, 4, f16_operands<6>),
      tensor_core("m16n8k8.row.col.f32.bf16.bf16.f32", order, 2, 1, 4, bf16_operands<3>),
      tensor_core("m16n8k16.row.col.f32.bf16.bf16.f32", order, 4, 2, 4, bf16_operands<6>),
      tensor_core("m16n8k16.row.col.f16.f16.f16.f16", order, 4, 2, 2, f16_sums),
      tensor_core("m16n8k32.row.col.f32.e4m3.e4m3.f32", order, 4, 2, 4, fp8_operands, 89),
      tensor_core("m16n8k32.row.col.f32.e5m2.e5m2.f32", order, 4, 2, 4, fp8_operands, 89),
  };
  return all;
}

Result<std::vector<std::uint32_t>> ask(const GpuQuestion& question,
                                       const std::vector<std::uint32_t>& inputs,
                                       const Mode& mode,
                                       Executor& executor) {
  const std::size_t threads = inputs.size() / static_cast<std::size_t>(question.input_count);
  const int sm = std::atoi(mode.arch.c_str() + std::string_view("sm_").size());
  const std::string text = kernel_text(question, sm, threads);
  const std::size_t words = threads * static_cast<std::size_t>(question.output_count);
  Job job;
  job.mode = mode;
  job.buffers = {{"to", BufferRole::output, static_cast<std::int64_t>(words * 4), 0, {}},
                 {"from",
                  BufferRole::input,
                  static_cast<std::int64_t>(inputs.size() * 4),
                  0,
                  std::as_bytes(std::span(inputs))}};
  Launch launch;
  launch.image = {"question", text};
  launch.entry = "ask";
  const std::size_t block = threads % 128 == 0 ? 128 : kWarp;
  launch.grid = {static_cast<std::uint32_t>(threads / block), 1, 1};
  launch.block = {static_cast<std::uint32_t>(block), 1, 1};
  launch.parameters.resize(16);
  launch.relocations = {{0, 0, 0}, {8, 1, 0}};
  job.launches = {launch};
  auto run = executor.run(job);
  ProgramCache::instance().forget(launch.image);
  ATTEST_TRY(const Execution execution, std::move(run));
  if (!execution.findings.empty()) {
    return Error{Code::io, describe(execution.findings.front()), question.name};
  }
  std::vector<std::uint32_t> answers(words);
  std::memcpy(answers.data(), execution.buffers.at(0).data(), words * 4);
  return answers;
}

}  // namespace attest
