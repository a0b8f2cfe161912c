// The mma kernels of every build against the specification, bit for bit, on inputs that break such
// code.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_kernels.h"

#include "harness/base/dtype.h"
#include "harness/base/rng.h"
#include "harness/ptx/machine/fragment.h"
#include "harness/ptx/machine/mma_avx512.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <immintrin.h>
#include <string>
#include <tuple>
#include <vector>

namespace attest::ptx {
namespace {

/// Numbers in a row from one seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  /// Uniform in [0, count).
  std::uint32_t below(std::uint32_t count) {
    return static_cast<std::uint32_t>(((random_bits(seed_, 0, next_++) >> 32) * count) >> 32);
  }
  std::uint32_t word() { return static_cast<std::uint32_t>(random_bits(seed_, 0, next_++)); }
  bool one_in(std::uint32_t count) { return below(count) == 0; }
  /// Near enough to N(0,1): twelve uniforms.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
      sum += static_cast<double>(word()) * 0x1p-32;
    }
    return sum;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

struct Layout {
  Dtype dtype;
  std::uint32_t fraction;
  std::uint32_t top;  // the exponent field of Inf and NaN
  [[nodiscard]] std::uint32_t one() const { return (top / 2) << fraction; }
  [[nodiscard]] std::uint32_t sign() const { return dtype == Dtype::f32 ? 0x80000000U : 0x8000U; }
};

Layout layout(MmaFormat format) {
  return format == MmaFormat::f16 ? Layout{Dtype::f16, 10, 31} : Layout{Dtype::bf16, 7, 255};
}

/// Sign and mantissa at random, exponent field in [low, low + width), kept finite and normal.
std::uint32_t in_window(Draw& draw, const Layout& at, int low, int width) {
  const int field =
      std::clamp(low + static_cast<int>(draw.below(static_cast<std::uint32_t>(width))),
                 1,
                 static_cast<int>(at.top) - 1);
  const std::uint32_t mantissa = draw.word() & ((1U << at.fraction) - 1U);
  return (draw.one_in(2) ? at.sign() : 0U) | (static_cast<std::uint32_t>(field) << at.fraction) |
         mantissa;
}

std::uint32_t special(Draw& draw, const Layout& at) {
  const std::uint32_t mantissa = draw.one_in(2) ? 0U : 1U + draw.below((1U << at.fraction) - 1U);
  return (draw.one_in(2) ? at.sign() : 0U) | (at.top << at.fraction) | mantissa;
}

enum class Data {
  normal,
  raw,
  window,
  tiny,
  all_ones,
  rare_special,
  wide_negative,
  cancelling,
  just_under_two,
};
enum class Addend {
  zero,
  normal,
  raw,
  subnormal,
  near_products,
  minus_zero,
  near_one,
  rare_special
};
constexpr int kDataKinds = 9;
constexpr int kAddendKinds = 8;

struct Matrices {
  std::array<std::array<std::uint16_t, 16>, 16> a{};  // [m][k]
  std::array<std::array<std::uint16_t, 16>, 8> b{};   // [n][k]
  std::array<std::array<std::uint32_t, 8>, 16> c{};   // [m][n]
};

/// What the elements of one mma have in common.
struct Window {
  int low;
  int width;
};

std::uint32_t element(Draw& draw, Data data, const Layout& at, Window window) {
  switch (data) {
    case Data::normal:
    case Data::cancelling:
      return encode(at.dtype, draw.normal());
    case Data::raw:
      return draw.word() & 0xffffU;
    case Data::window:
      return in_window(draw, at, window.low, window.width);
    case Data::tiny:
      return draw.one_in(3)   ? draw.word() & at.sign()
             : draw.one_in(2) ? (draw.word() & at.sign()) | draw.below(1U << at.fraction)
                              : in_window(draw, at, window.low, window.width);
    case Data::all_ones:
      return in_window(draw, at, window.low, window.width) | ((1U << at.fraction) - 1U);
    case Data::rare_special:
      return draw.one_in(200) ? special(draw, at)
             : draw.one_in(2) ? draw.word() & at.sign()
                              : encode(at.dtype, draw.normal());
    case Data::wide_negative:
      return in_window(draw, at, 0, static_cast<int>(at.top) / 2);
    case Data::just_under_two:
      return at.one() | ((1U << at.fraction) - 1U - draw.below(2));
  }
  return 0;
}

std::uint32_t addend(Draw& draw, Addend kind, std::uint32_t like) {
  constexpr Layout kF32 = {Dtype::f32, 23, 255};
  switch (kind) {
    case Addend::zero:
      return 0;
    case Addend::normal:
      return encode(Dtype::f32, draw.normal());
    case Addend::raw:
      return draw.word();
    case Addend::subnormal:
      return draw.word() & 0x807fffffU;
    case Addend::near_products:
      return in_window(draw, kF32, static_cast<int>((like >> 23) & 0xffU) - 20, 41);
    case Addend::minus_zero:
      return 0x80000000U;
    case Addend::near_one:
      return 0x3fffffffU - draw.below(draw.one_in(2) ? 256U : 1U << 23);
    case Addend::rare_special:
      return draw.one_in(50) ? special(draw, kF32) : 0;
  }
  return 0;
}

Matrices matrices(Draw& draw, Data data, Addend kind, MmaFormat format) {
  const Layout at = layout(format);
  const auto window = [&] {
    return Window{static_cast<int>(draw.below(at.top)), 1 + static_cast<int>(draw.below(40))};
  };
  const Window of_a = window();
  const Window of_b = window();
  Matrices to;
  for (auto& row : to.a) {
    for (auto& value : row) {
      value = static_cast<std::uint16_t>(element(draw, data, at, of_a));
    }
  }
  for (auto& column : to.b) {
    for (auto& value : column) {
      value = static_cast<std::uint16_t>(element(draw, data, at, of_b));
    }
  }
  if (data == Data::cancelling) {  // the last bit may differ
    for (std::size_t k = 0; k < 16; k += 2) {
      for (auto& row : to.a) {
        row[k + 1] = static_cast<std::uint16_t>(row[k] ^ draw.below(2));
      }
      for (auto& column : to.b) {
        column[k + 1] = static_cast<std::uint16_t>(column[k] ^ 0x8000U);
      }
    }
  }
  const auto like = encode(Dtype::f32, decode(at.dtype, to.a[0][0]) * decode(at.dtype, to.b[0][0]));
  for (auto& row : to.c) {
    for (auto& value : row) {
      value = addend(draw, kind, like);
    }
  }
  return to;
}

struct alignas(32) Register {
  std::array<std::uint32_t, 32> lane{};
};

struct Fragments {
  std::array<Register, 4> a;
  std::array<Register, 2> b;
  std::array<Register, 4> c;
  std::array<Register, 4> d;

  explicit Fragments(const Matrices& from) {
    for (std::size_t m = 0; m < 16; ++m) {
      for (std::size_t k = 0; k < 16; ++k) {
        put(a, slot_a({static_cast<int>(m), static_cast<int>(k)}, 16), from.a[m][k]);
      }
      for (std::size_t n = 0; n < 8; ++n) {
        put(c, slot_c({static_cast<int>(m), static_cast<int>(n)}), from.c[m][n]);
      }
    }
    for (std::size_t n = 0; n < 8; ++n) {
      for (std::size_t k = 0; k < 16; ++k) {
        put(b, slot_b({static_cast<int>(k), static_cast<int>(n)}, 16), from.b[n][k]);
      }
    }
  }

  /// `kernel(d, a, b, c)`.
  template <class Kernel>
  int run(Kernel kernel, bool in_place) {
    auto& out = in_place ? c : d;
    std::uint32_t* to[] = {
        out[0].lane.data(), out[1].lane.data(), out[2].lane.data(), out[3].lane.data()};
    const std::uint32_t* pa[] = {
        a[0].lane.data(), a[1].lane.data(), a[2].lane.data(), a[3].lane.data()};
    const std::uint32_t* pb[] = {b[0].lane.data(), b[1].lane.data()};
    const std::uint32_t* pc[] = {
        c[0].lane.data(), c[1].lane.data(), c[2].lane.data(), c[3].lane.data()};
    const int redone = kernel(to, pa, pb, pc);
    d = out;
    return redone;
  }

  [[nodiscard]] std::uint32_t output(std::size_t m, std::size_t n) const {
    const FragmentSlot slot = slot_c({static_cast<int>(m), static_cast<int>(n)});
    return d[static_cast<std::size_t>(slot.reg)].lane[static_cast<std::size_t>(slot.lane)];
  }

 private:
  template <std::size_t count>
  static void put(std::array<Register, count>& to, FragmentSlot slot, std::uint32_t bits) {
    to[static_cast<std::size_t>(slot.reg)].lane[static_cast<std::size_t>(slot.lane)] |=
        bits << (16 * slot.element);
  }
};

/// Runs one drawn mma; counts outputs that differ from the specification and those done by it.
struct Outcome {
  std::int64_t wrong = 0;
  std::int64_t redone = 0;
  std::int64_t outputs = 0;
};

using Exact = decltype(MmaKernels::exact);

/// One way to compute the exact form.
struct NamedKernel {
  const char* name;
  Exact exact;
};

int wide_avx512(MmaFormat format,
                const MmaModel& model,
                std::uint32_t* const d[4],
                const std::uint32_t* const a[4],
                const std::uint32_t* const b[2],
                const std::uint32_t* const c[4]) {
  mma_exact_wide_avx512(format, model, d, a, b, c);
  return 128;
}

/// What this processor can run that has a form of its own for ordinary data.
std::vector<NamedKernel> vector_kernels() {
  std::vector<NamedKernel> all;
  for (const Simd simd : usable_simds()) {
    if (simd != Simd::scalar) all.push_back({name(simd).data(), mma_kernels(simd).exact});
  }
  return all;
}

std::vector<NamedKernel> kernels() {
  std::vector<NamedKernel> all = vector_kernels();
  all.push_back({"scalar", mma_kernels(Simd::scalar).exact});
  if (usable_simds().back() == Simd::avx512) all.push_back({"avx512_wide", wide_avx512});
  return all;
}

class ExactMma : public testing::TestWithParam<std::tuple<MmaFormat, int, NamedKernel>> {
 protected:
  [[nodiscard]] static MmaFormat format() { return std::get<0>(GetParam()); }
  [[nodiscard]] static const MmaModel& model() { return *mma_model(std::get<1>(GetParam())); }

  static int run(Fragments& registers, const MmaModel& of, bool in_place) {
    const auto kernel = [&of](auto d, auto a, auto b, auto c) {
      return std::get<2>(GetParam()).exact(format(), of, d, a, b, c);
    };
    return registers.run(kernel, in_place);
  }
  static void compare(const MmaModel& of, const Matrices& in, bool in_place, Outcome& outcome) {
    Fragments registers(in);
    outcome.redone += run(registers, of, in_place);
    for (std::size_t m = 0; m < 16; ++m) {
      for (std::size_t n = 0; n < 8; ++n) {
        const std::uint32_t want =
            mma_dot_exact(format(), of, in.a[m].data(), in.b[n].data(), 16, in.c[m][n]);
        outcome.wrong += registers.output(m, n) != want ? 1 : 0;
        ++outcome.outputs;
      }
    }
  }
};

class VectorMma : public ExactMma {};

TEST_P(ExactMma, EqualsTheSpecification) {
  constexpr int kRepeats = 120;
  std::int64_t outputs = 0;
  for (int data = 0; data < kDataKinds; ++data) {
    for (int kind = 0; kind < kAddendKinds; ++kind) {
      Outcome outcome;
      for (int repeat = 0; repeat < kRepeats; ++repeat) {
        Draw draw(derive_seed(
            static_cast<std::uint64_t>(data) * kAddendKinds + static_cast<std::uint64_t>(kind),
            static_cast<std::uint64_t>(repeat)));
        const Matrices in =
            matrices(draw, static_cast<Data>(data), static_cast<Addend>(kind), format());
        compare(model(), in, repeat % 2 == 0, outcome);
      }
      EXPECT_EQ(outcome.wrong, 0) << "data " << data << ", c " << kind;
      outputs += outcome.outputs;
    }
  }
  EXPECT_EQ(outputs, std::int64_t{kDataKinds} * kAddendKinds * kRepeats * 128);
}

TEST_P(VectorMma, IsTakenOnOrdinaryData) {
  for (const Addend kind : {Addend::zero, Addend::normal, Addend::near_one}) {
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      Draw draw(seed);
      Fragments registers(matrices(draw, Data::normal, kind, format()));
      ASSERT_EQ(run(registers, model(), false), 0);
    }
  }
  Matrices empty;  // a masked tile: P is zero, and O is whatever it was
  Draw draw(1);
  for (const Addend kind : {Addend::zero, Addend::normal, Addend::subnormal}) {
    for (auto& row : empty.c) {
      for (auto& value : row) {
        value = addend(draw, kind, 0);
      }
    }
    Fragments registers(empty);
    EXPECT_EQ(run(registers, model(), false), 0);
    EXPECT_EQ(registers.output(3, 5), empty.c[3][5] == 0x80000000U ? 0U : empty.c[3][5]);
  }
}

// The sums that leave int32 exist only where a block is 16 long and F is 25.
TEST_P(VectorMma, MeetsInt32OverflowOnlyInLongBlocks) {
  Outcome outcome;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Draw draw(seed);
    compare(
        model(), matrices(draw, Data::just_under_two, Addend::near_one, format()), true, outcome);
  }
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(outcome.redone > 0, model().block == 16);
}

TEST_P(ExactMma, LeavesMxcsrAsFoundAndDoesNotDependOnIt) {
  Draw draw(7);
  const Matrices in = matrices(draw, Data::normal, Addend::normal, format());
  const unsigned found = _mm_getcsr();
  for (const unsigned mode :
       {0x1f80U, 0x3f80U, 0x5fc0U, 0xffc0U}) {  // nearest, down, up + DAZ, all
    _mm_setcsr(mode);
    Fragments registers(in);
    run(registers, model(), false);
    const unsigned after = _mm_getcsr();
    _mm_setcsr(found);
    EXPECT_EQ(after, mode);
    Fragments plain(in);
    run(plain, model(), false);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(registers.d[i].lane, plain.d[i].lane) << mode;
    }
  }
}

TEST_P(ExactMma, RunsAModelOutsideTheTableByTheSpecification) {
  constexpr MmaModel kOther = {.block = 16, .fraction_bits = 24, .zero_exponent = -132};
  Draw draw(3);
  Outcome outcome;
  compare(kOther, matrices(draw, Data::normal, Addend::normal, format()), true, outcome);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(outcome.redone, 128);
}

std::string case_name(const testing::TestParamInfo<std::tuple<MmaFormat, int, NamedKernel>>& info) {
  const auto& [format, sm, kernel] = info.param;
  return std::string(kernel.name) + (format == MmaFormat::f16 ? "_f16" : "_bf16") + "_sm_" +
         std::to_string(sm);
}

INSTANTIATE_TEST_SUITE_P(Models,
                         ExactMma,
                         testing::Combine(testing::Values(MmaFormat::f16, MmaFormat::bf16),
                                          testing::Values(70, 80, 90),
                                          testing::ValuesIn(kernels())),
                         case_name);

INSTANTIATE_TEST_SUITE_P(Models,
                         VectorMma,
                         testing::Combine(testing::Values(MmaFormat::f16, MmaFormat::bf16),
                                          testing::Values(70, 80, 90),
                                          testing::ValuesIn(vector_kernels())),
                         case_name);

class FastMma : public testing::TestWithParam<std::tuple<MmaFormat, Simd>> {
 protected:
  [[nodiscard]] static MmaFormat format() { return std::get<0>(GetParam()); }

  /// fma in ascending k from c; every NaN is the canonical one.
  static std::uint32_t chain(const Matrices& in, std::size_t m, std::size_t n) {
    const Dtype dtype = layout(format()).dtype;
    auto sum = std::bit_cast<float>(in.c[m][n]);
    for (std::size_t k = 0; k < 16; ++k) {
      sum = std::fma(static_cast<float>(decode(dtype, in.a[m][k])),
                     static_cast<float>(decode(dtype, in.b[n][k])),
                     sum);
    }
    return std::isnan(sum) ? 0x7fffffffU : std::bit_cast<std::uint32_t>(sum);
  }
};

TEST_P(FastMma, IsAChainOfFmaInAscendingK) {
  const auto kernel = [](auto d, auto a, auto b, auto c) {
    mma_kernels(std::get<1>(GetParam())).fast(format(), d, a, b, c);
    return 0;
  };
  for (int data = 0; data < kDataKinds; ++data) {
    for (int kind = 0; kind < kAddendKinds; ++kind) {
      int wrong = 0;
      for (std::uint64_t repeat = 0; repeat < 20; ++repeat) {
        Draw draw(derive_seed(
            static_cast<std::uint64_t>(data) * kAddendKinds + static_cast<std::uint64_t>(kind),
            repeat));
        const Matrices in =
            matrices(draw, static_cast<Data>(data), static_cast<Addend>(kind), format());
        Fragments registers(in);
        registers.run(kernel, repeat % 2 == 0);
        for (std::size_t m = 0; m < 16; ++m) {
          for (std::size_t n = 0; n < 8; ++n)
            wrong += registers.output(m, n) != chain(in, m, n) ? 1 : 0;
        }
      }
      EXPECT_EQ(wrong, 0) << "data " << data << ", c " << kind;
    }
  }
}

std::string fast_name(const testing::TestParamInfo<std::tuple<MmaFormat, Simd>>& info) {
  const auto& [format, simd] = info.param;
  return std::string(name(simd)) + (format == MmaFormat::f16 ? "_f16" : "_bf16");
}

INSTANTIATE_TEST_SUITE_P(Builds,
                         FastMma,
                         testing::Combine(testing::Values(MmaFormat::f16, MmaFormat::bf16),
                                          testing::ValuesIn(usable_simds())),
                         fast_name);

}  // namespace
}  // namespace attest::ptx
