// The mma kernels of every build against the specification, bit for bit, on inputs that break such
// code.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/mma_kernels.h"

#include "harness/base/dtype.h"
#include "harness/base/rng.h"
#include "harness/ptx/machine/fragment.h"
#include "harness/ptx/machine/mma_avx512.h"
#include "harness/ptx/machine/mma_draw.h"

#include <gtest/gtest.h>

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
    const Dtype dtype = format() == MmaFormat::f16 ? Dtype::f16 : Dtype::bf16;
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
