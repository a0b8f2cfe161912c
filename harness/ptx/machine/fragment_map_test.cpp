// Fragments of whole matrices: the manual's formulas for every mma, and no element lost in any wmma.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/machine/fragment_map.h"

#include "harness/ptx/machine/mma_plan.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace attest::ptx {
namespace {

constexpr FragmentRole kA = FragmentRole::a;
constexpr FragmentRole kB = FragmentRole::b;
constexpr FragmentRole kC = FragmentRole::c;

/// The manual's formula: element number i of the lane whose group is g and number in it is t.
using Formula = FragmentPlace (*)(int i, int g, int t);

struct Entry {
  std::string_view shape;
  MmaFormat format;
  FragmentRole role;
  Formula at;
};

bool within(int i, int first, int last) {
  return i >= first && i < last;
}

// As PTX ISA 9.0, 9.7.14.5.2 to 9.7.14.5.13 writes them, section by section.
FragmentPlace c_of_8_rows(int i, int g, int t) {
  return {g, t * 2 + (i & 1)};
}
FragmentPlace c_of_16_rows(int i, int g, int t) {
  return {i < 2 ? g : g + 8, t * 2 + (i & 1)};
}
FragmentPlace one(int /*i*/, int g, int t) {
  return {g, t};
}
FragmentPlace one_transposed(int /*i*/, int g, int t) {
  return {t, g};
}

constexpr Entry kEntries[] = {
    {"m8n8k4", MmaFormat::f64, kA, one},
    {"m8n8k4", MmaFormat::f64, kB, one_transposed},
    {"m8n8k4", MmaFormat::f64, kC, c_of_8_rows},
    {"m8n8k16",
     MmaFormat::int8,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{g, t * 4 + i};
     }},
    {"m8n8k16",
     MmaFormat::int8,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 4 + i, g};
     }},
    {"m8n8k16", MmaFormat::int32, kC, c_of_8_rows},
    {"m8n8k32",
     MmaFormat::int4,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{g, t * 8 + i};
     }},
    {"m8n8k32",
     MmaFormat::int4,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 8 + i, g};
     }},
    {"m8n8k32", MmaFormat::int32, kC, c_of_8_rows},
    {"m16n8k4",
     MmaFormat::tf32,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{i == 0 ? g : g + 8, t};
     }},
    {"m16n8k4", MmaFormat::tf32, kB, one_transposed},
    {"m16n8k4", MmaFormat::f32, kC, c_of_16_rows},
    {"m16n8k4",
     MmaFormat::f64,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{i == 0 ? g : g + 8, t};
     }},
    {"m16n8k4", MmaFormat::f64, kB, one_transposed},
    {"m16n8k4", MmaFormat::f64, kC, c_of_16_rows},
    {"m16n8k8",
     MmaFormat::f16,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{i < 2 ? g : g + 8, t * 2 + (i & 1)};
     }},
    {"m16n8k8",
     MmaFormat::tf32,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{i % 2 == 0 ? g : g + 8, i < 2 ? t : t + 4};
     }},
    {"m16n8k8",
     MmaFormat::f64,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{i % 2 == 0 ? g : g + 8, i < 2 ? t : t + 4};
     }},
    {"m16n8k8",
     MmaFormat::bf16,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 2 + i, g};
     }},
    {"m16n8k8",
     MmaFormat::tf32,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{i == 0 ? t : t + 4, g};
     }},
    {"m16n8k8", MmaFormat::f16, kC, c_of_16_rows},
    {"m16n8k8", MmaFormat::f32, kC, c_of_16_rows},
    {"m16n8k16",
     MmaFormat::f16,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{within(i, 0, 2) || within(i, 4, 6) ? g : g + 8,
                            t * 2 + (i & 1) + (i < 4 ? 0 : 8)};
     }},
    {"m16n8k16",
     MmaFormat::f64,
     kA,
     [](int i, int g, int t) {
       return i % 2 == 0 ? FragmentPlace{g, i * 2 + t} : FragmentPlace{g + 8, i * 2 - 2 + t};
     }},
    {"m16n8k16",
     MmaFormat::bf16,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 2 + (i & 1) + (i < 2 ? 0 : 8), g};
     }},
    {"m16n8k16",
     MmaFormat::f64,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t + i * 4, g};
     }},
    {"m16n8k16", MmaFormat::f16, kC, c_of_16_rows},
    {"m16n8k16", MmaFormat::f32, kC, c_of_16_rows},
    {"m16n8k16",
     MmaFormat::e4m3,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{i < 4 ? g : g + 8, t * 4 + (i & 3)};
     }},
    {"m16n8k16",
     MmaFormat::uint8,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 4 + i, g};
     }},
    {"m16n8k16", MmaFormat::int32, kC, c_of_16_rows},
    {"m16n8k32",
     MmaFormat::int4,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{i < 8 ? g : g + 8, t * 8 + (i & 7)};
     }},
    {"m16n8k32",
     MmaFormat::e5m2,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{within(i, 0, 4) || within(i, 8, 12) ? g : g + 8,
                            t * 4 + (i & 3) + (i < 8 ? 0 : 16)};
     }},
    {"m16n8k32",
     MmaFormat::uint4,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 8 + (i & 7), g};
     }},
    {"m16n8k32",
     MmaFormat::int8,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 4 + (i & 3) + (i < 4 ? 0 : 16), g};
     }},
    {"m16n8k64",
     MmaFormat::uint4,
     kA,
     [](int i, int g, int t) {
       return FragmentPlace{within(i, 0, 8) || within(i, 16, 24) ? g : g + 8,
                            t * 8 + (i & 7) + (i < 16 ? 0 : 32)};
     }},
    {"m16n8k64",
     MmaFormat::int4,
     kB,
     [](int i, int g, int t) {
       return FragmentPlace{t * 8 + (i & 7) + (i < 8 ? 0 : 32), g};
     }},
};

std::string named(const Entry& e) {
  return std::string(e.shape) + ", format " + std::to_string(static_cast<int>(e.format)) +
         ", operand " + std::to_string(static_cast<int>(e.role));
}

/// Every element once, and gather after scatter gives back what was there.
void expect_complete(const FragmentShape& shape, const std::string& name) {
  const FragmentMap map(shape);
  std::vector<std::vector<std::uint32_t>> rows(static_cast<std::size_t>(shape.registers),
                                               std::vector<std::uint32_t>(32));
  std::set<int> seen;
  for (int reg = 0; reg < shape.registers; ++reg) {
    for (int lane = 0; lane < 32; ++lane) {
      for (int e = 0; e < map.per_word(); ++e) {
        const int number = map.element({reg, lane, e});
        seen.insert(number);
        const std::uint32_t mask = shape.width == 32 ? ~0U : (1U << shape.width) - 1;
        rows[static_cast<std::size_t>(reg)][static_cast<std::size_t>(lane)] |=
            ((static_cast<std::uint32_t>(number) * 7U) & mask) << (shape.width % 32 * e);
      }
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(map.elements())) << name;
  if (shape.width == 64) {
    return;
  }
  std::vector<const std::uint32_t*> pointers;
  for (const auto& row : rows) {
    pointers.push_back(row.data());
  }
  std::vector<std::uint32_t> elements(static_cast<std::size_t>(map.elements()));
  map.gather(pointers.data(), elements.data());
  for (int i = 0; i < map.elements(); ++i) {
    const std::uint32_t mask = shape.width == 32 ? ~0U : (1U << shape.width) - 1;
    ASSERT_EQ(elements[static_cast<std::size_t>(i)], (static_cast<std::uint32_t>(i) * 7U) & mask)
        << name << ", element " << i;
  }
}

TEST(FragmentMap, IsTheManualsForEveryMma) {
  for (const Entry& e : kEntries) {
    const FragmentShape shape = mma_fragment(false, e.role, *mma_shape(e.shape), e.format);
    const int per_word = e.format == MmaFormat::f64 ? 1 : 32 / mma_width(e.format);
    for (int lane = 0; lane < 32; ++lane) {
      for (int i = 0; i < shape.registers * per_word; ++i) {
        ASSERT_EQ(fragment_place(shape, {i / per_word, lane, i % per_word}),
                  e.at(i, lane >> 2, lane % 4))
            << named(e) << ", element " << i << ", lane " << lane;
      }
    }
    expect_complete(shape, named(e));
  }
}

// b1: the manual numbers bits; here an element is a word of 32 of them, so that column 32 w + e of
// the manual is bit e of word w.
TEST(FragmentMap, HoldsWordsOfSingleBits) {
  for (const std::string_view word : {"m8n8k128", "m16n8k128", "m16n8k256"}) {
    const MmaShape size = *mma_shape(word);
    const FragmentShape a = mma_fragment(false, kA, size, MmaFormat::b1);
    const FragmentShape b = mma_fragment(false, kB, size, MmaFormat::b1);
    for (int lane = 0; lane < 32; ++lane) {
      for (int reg = 0; reg < a.registers; ++reg) {
        const int high = size.k == 256 && reg >= 2 ? 4 : 0;  // 128 columns on
        EXPECT_EQ(fragment_place(a, {reg, lane, 0}),
                  (FragmentPlace{lane / 4 + (reg % 2 != 0 ? 8 : 0), lane % 4 + high}));
      }
      for (int reg = 0; reg < b.registers; ++reg) {
        EXPECT_EQ(fragment_place(b, {reg, lane, 0}), (FragmentPlace{lane % 4 + 4 * reg, lane / 4}));
      }
    }
    expect_complete(a, std::string(word));
    expect_complete(b, std::string(word));
  }
}

// PTX ISA 9.0, 9.7.14.5.1.
TEST(FragmentMap, HoldsFourMatricesInQuadPairs) {
  const MmaShape size = {8, 8, 4};
  for (int lane = 0; lane < 32; ++lane) {
    const int low = lane % 4;
    for (int i = 0; i < 4; ++i) {
      const FragmentSlot slot = {i / 2, lane, i % 2};
      const auto place = [&](FragmentRole role, bool is_column_major) {
        return fragment_place(
            mma_fragment(false, role, size, MmaFormat::f16, true, is_column_major), slot);
      };
      EXPECT_EQ(place(kA, false), (FragmentPlace{lane < 16 ? low : low + 4, i}));
      EXPECT_EQ(place(kA, true), (FragmentPlace{lane < 16 ? i % 4 : i % 4 + 4, low}));
      EXPECT_EQ(place(kB, false), (FragmentPlace{low, lane < 16 ? i : i + 4}));
      EXPECT_EQ(place(kB, true), (FragmentPlace{i, lane < 16 ? low : low + 4}));
    }
    for (int i = 0; i < 8; ++i) {
      const int x = (lane & 0b1) + (i & 0b10);
      EXPECT_EQ(
          fragment_place(mma_fragment(false, kC, size, MmaFormat::f16, true), {i / 2, lane, i % 2}),
          (FragmentPlace{lane < 16 ? low : low + 4, i}));
      EXPECT_EQ(fragment_place(mma_fragment(false, kC, size, MmaFormat::f32, true), {i, lane, 0}),
                (FragmentPlace{lane < 16 ? x : x + 4, (i & 0b100) + (lane & 0b10) + (i & 0b1)}));
    }
  }
  for (const FragmentRole role : {kA, kB}) {
    for (const bool is_column_major : {false, true}) {
      expect_complete(mma_fragment(false, role, size, MmaFormat::f16, true, is_column_major),
                      "quad pairs");
    }
  }
  expect_complete(mma_fragment(false, kC, size, MmaFormat::f16, true), "quad pairs, c f16");
  expect_complete(mma_fragment(false, kC, size, MmaFormat::f32, true), "quad pairs, c f32");
}

/// Registers per lane, from PTX ISA 9.0, 9.7.14.4.1.
struct WmmaEntry {
  std::string_view shape;
  MmaFormat format;
  int a;
  int b;
  MmaFormat accumulator;
  int c;
};
constexpr WmmaEntry kWmma[] = {
    {"m16n16k16", MmaFormat::f16, 8, 8, MmaFormat::f16, 4},
    {"m16n16k16", MmaFormat::f16, 8, 8, MmaFormat::f32, 8},
    {"m8n32k16", MmaFormat::f16, 8, 8, MmaFormat::f16, 4},
    {"m8n32k16", MmaFormat::f16, 8, 8, MmaFormat::f32, 8},
    {"m32n8k16", MmaFormat::f16, 8, 8, MmaFormat::f16, 4},
    {"m32n8k16", MmaFormat::f16, 8, 8, MmaFormat::f32, 8},
    {"m16n16k16", MmaFormat::bf16, 4, 4, MmaFormat::f32, 8},
    {"m8n32k16", MmaFormat::bf16, 2, 8, MmaFormat::f32, 8},
    {"m32n8k16", MmaFormat::bf16, 8, 2, MmaFormat::f32, 8},
    {"m16n16k8", MmaFormat::tf32, 4, 4, MmaFormat::f32, 8},
    {"m16n16k16", MmaFormat::int8, 2, 2, MmaFormat::int32, 8},
    {"m8n32k16", MmaFormat::uint8, 1, 4, MmaFormat::int32, 8},
    {"m32n8k16", MmaFormat::int8, 4, 1, MmaFormat::int32, 8},
    {"m8n8k32", MmaFormat::int4, 1, 1, MmaFormat::int32, 2},
    {"m8n8k128", MmaFormat::b1, 1, 1, MmaFormat::int32, 2},
    {"m8n8k4", MmaFormat::f64, 1, 1, MmaFormat::f64, 2},
};

TEST(FragmentMap, HoldsEveryElementOfEveryWmma) {
  for (const WmmaEntry& e : kWmma) {
    const MmaShape size = *mma_shape(e.shape);
    const FragmentShape a = mma_fragment(true, kA, size, e.format);
    const FragmentShape b = mma_fragment(true, kB, size, e.format);
    const FragmentShape c = mma_fragment(true, kC, size, e.accumulator);
    EXPECT_EQ(a.registers, e.a) << e.shape;
    EXPECT_EQ(b.registers, e.b) << e.shape;
    EXPECT_EQ(c.registers, e.c) << e.shape;
    expect_complete(a, std::string(e.shape) + " a");
    expect_complete(b, std::string(e.shape) + " b");
    expect_complete(c, std::string(e.shape) + " c");
  }
}

TEST(FragmentMap, ReadsShapes) {
  EXPECT_EQ(mma_shape("m16n8k16"), (MmaShape{16, 8, 16}));
  EXPECT_EQ(mma_shape("m16n8k256"), (MmaShape{16, 8, 256}));
  for (const std::string_view word : {"", "m16n8", "m16n8k16x", "n8m16k16", "mnk", "m16n8k"}) {
    EXPECT_FALSE(mma_shape(word)) << word;
  }
}

}  // namespace
}  // namespace attest::ptx
