// wmma from memory to memory: every shape, type and layout on matrices of small integers.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/machine/mma_plan.h"
#include "harness/ptx/syntax/parser.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace attest::ptx {
namespace {

/// One instruction: the words of its types, and registers per lane.
struct Tested {
  std::string_view shape;
  std::string_view types;  // of wmma.mma, behind the shape
  std::string_view a;      // type of A and B
  std::string_view c;
  std::string_view d;
  bool is_sub_byte = false;  // A is row-major, B column-major
};

constexpr Tested kTested[] = {
    {"m16n16k16", ".f32.f32", "f16", "f32", "f32"},
    {"m32n8k16", ".f32.f32", "f16", "f32", "f32"},
    {"m8n32k16", ".f32.f32", "f16", "f32", "f32"},
    {"m16n16k16", ".f16.f16", "f16", "f16", "f16"},
    {"m32n8k16", ".f16.f16", "f16", "f16", "f16"},
    {"m8n32k16", ".f16.f16", "f16", "f16", "f16"},
    {"m16n16k16", ".f32.f16", "f16", "f16", "f32"},
    {"m8n32k16", ".f16.f32", "f16", "f32", "f16"},
    {"m16n16k16", ".f32.bf16.bf16.f32", "bf16", "f32", "f32"},
    {"m32n8k16", ".f32.bf16.bf16.f32", "bf16", "f32", "f32"},
    {"m8n32k16", ".f32.bf16.bf16.f32", "bf16", "f32", "f32"},
    {"m16n16k8", ".f32.tf32.tf32.f32", "tf32", "f32", "f32"},
    {"m16n16k16", ".s32.s8.s8.s32", "s8", "s32", "s32"},
    {"m32n8k16", ".s32.s8.s8.s32", "s8", "s32", "s32"},
    {"m8n32k16", ".s32.s8.s8.s32.satfinite", "s8", "s32", "s32"},
    {"m16n16k16", ".s32.u8.u8.s32", "u8", "s32", "s32"},
    {"m8n8k4", ".f64.f64.f64.f64.rn", "f64", "f64", "f64"},
    {"m8n8k32", ".s32.s4.s4.s32", "s4", "s32", "s32", true},
    {"m8n8k32", ".s32.u4.u4.s32", "u4", "s32", "s32", true},
};

/// Bits of a small integer in a type.
std::uint64_t bits_of_integer(std::string_view type, int value) {
  if (type == "f64") {
    return std::bit_cast<std::uint64_t>(static_cast<double>(value));
  }
  const MmaFormat format = *mma_format(type);
  if (type[0] == 's' || type[0] == 'u') {
    const int width = mma_width(format);
    return static_cast<std::uint32_t>(value) & (width == 32 ? ~0U : (1U << width) - 1U);
  }
  if (value == 0) {
    return 0;
  }
  const auto size = static_cast<std::uint32_t>(value < 0 ? -value : value);
  const MmaFields& fields = mma_fields(format);
  const int exponent = std::bit_width(size) - 1;
  const auto field = static_cast<std::uint32_t>(exponent + (1 << fields.exponent_bits) / 2 - 1);
  const std::uint32_t low =
      (size << fields.fraction_bits >> exponent) & ((1U << fields.fraction_bits) - 1U);
  const std::uint32_t sign = value < 0 ? 1U : 0U;
  return ((sign << fields.exponent_bits | field) << fields.fraction_bits | low) << fields.shift;
}

int width_of(std::string_view type) {
  return mma_width(*mma_format(type));
}

/// A matrix in memory, with room from row to row.
class Matrix {
 public:
  Matrix(int rows, int columns, std::string_view type, bool is_row_major)
      : rows_(rows),
        columns_(columns),
        type_(type),
        is_row_major_(is_row_major),
        stride_((is_row_major ? columns : rows) + 256 / width_of(type)),
        bytes_(static_cast<std::size_t>((is_row_major ? rows : columns) * stride_ * width_of(type) /
                                        8)) {}

  void set(int row, int column, int value) {
    const int width = width_of(type_);
    const int at = index(row, column);
    const std::uint64_t bits = bits_of_integer(type_, value);
    if (width < 8) {
      auto& byte = bytes_[static_cast<std::size_t>(at / 2)];
      byte = static_cast<std::uint8_t>(byte | bits << (4 * (at % 2)));
      return;
    }
    std::memcpy(&bytes_[static_cast<std::size_t>(at * width / 8)],
                &bits,
                static_cast<std::size_t>(width / 8));
  }
  [[nodiscard]] std::uint64_t bits(const std::byte* data, int row, int column) const {
    std::uint64_t bits = 0;
    std::memcpy(&bits,
                data + index(row, column) * width_of(type_) / 8,
                static_cast<std::size_t>(width_of(type_) / 8));
    return bits;
  }
  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] std::string layout() const { return is_row_major_ ? "row" : "col"; }
  [[nodiscard]] std::string stride() const { return std::to_string(stride_); }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  [[nodiscard]] int index(int row, int column) const {
    return is_row_major_ ? row * stride_ + column : column * stride_ + row;
  }
  int rows_;
  int columns_;
  std::string_view type_;
  bool is_row_major_;
  int stride_;
  std::vector<std::uint8_t> bytes_;
};

std::string registers(std::string_view letter, int count) {
  std::string text = "{";
  for (int i = 0; i < count; ++i) {
    text += (i == 0 ? "%" : ", %") + std::string(letter) + std::to_string(i);
  }
  return text + "}";
}

struct Operands {
  Matrix a;
  Matrix b;
  Matrix c;
  Matrix d;
};

std::string kernel(const Tested& t, const Operands& of, std::string_view space) {
  const MmaShape shape = *mma_shape(t.shape);
  const auto count = [&](FragmentRole role, std::string_view type) {
    return mma_registers(true, role, shape, *mma_format(type));
  };
  const std::string a = registers("a", count(FragmentRole::a, t.a));
  const std::string b = registers("b", count(FragmentRole::b, t.a));
  const std::string c = registers("c", count(FragmentRole::c, t.c));
  const std::string d = registers("d", count(FragmentRole::c, t.d));
  const std::string wide = t.a == "f64" ? ".b64" : ".b32";
  const std::string at = "." + std::string(t.shape) + std::string(space) + ".";
  const auto load = [&](char which, const Matrix& m, std::string_view type, const std::string& to) {
    return "wmma.load." + std::string(1, which) + ".sync.aligned." + m.layout() + at +
           std::string(type) + " " + to + ", [%p" + which + "], " + m.stride() + ";\n";
  };
  return ".version 9.0\n.target sm_90\n.address_size 64\n"
         ".visible .entry k(.param .u64 a, .param .u64 b, .param .u64 c, .param .u64 d)\n{\n"
         ".reg .b64 %pa, %pb, %pc, %pd;\n.reg " +
         wide +
         " %a<8>, %b<8>, %c<8>, %d<8>;\n"
         "ld.param.u64 %pa, [a];\nld.param.u64 %pb, [b];\nld.param.u64 %pc, [c];\n"
         "ld.param.u64 %pd, [d];\n" +
         load('a', of.a, t.a, a) + load('b', of.b, t.a, b) + load('c', of.c, t.c, c) +
         "wmma.mma.sync.aligned." + of.a.layout() + "." + of.b.layout() + "." +
         std::string(t.shape) + std::string(t.types) + " " + d + ", " + a + ", " + b + ", " + c +
         ";\nwmma.store.d.sync.aligned." + of.d.layout() + at + std::string(t.d) + " [%pd], " + d +
         ", " + of.d.stride() + ";\nret;\n}\n";
}

/// Small and different; no value of an unsigned type is negative.
int value_at(int row, int column, std::string_view type) {
  const int value = (row * 5 + column * 3) % 4;
  return type[0] == 'u' ? value : value - 1;
}

void check(const Tested& t,
           const Operands& layouts,
           std::string_view space,
           DecodeOptions options) {
  Operands of = layouts;
  const auto fill = [](Matrix& m, std::string_view type) {
    for (int row = 0; row < m.rows(); ++row) {
      for (int column = 0; column < m.columns(); ++column) {
        m.set(row, column, value_at(row, column, type));
      }
    }
  };
  fill(of.a, t.a);
  fill(of.b, t.a);
  fill(of.c, t.c);
  const std::string text = kernel(t, of, space);
  const auto module = parse_module(text, "wmma");
  ASSERT_TRUE(module) << module.error().to_string() << "\n" << text;
  const auto program = decode(*module, "wmma", "k", options);
  ASSERT_TRUE(program) << program.error().to_string() << "\n" << text;
  GlobalMemory memory;
  Launch launch;
  launch.block = {32, 1, 1};
  const auto place = [&](const Matrix& m, const char* name) {
    const auto contents = std::as_bytes(std::span(m.bytes()));
    const auto size = static_cast<std::int64_t>(contents.size());
    const std::uint64_t base = memory.allocate(name, size, 0, contents, true);
    const auto* bytes = reinterpret_cast<const std::byte*>(&base);
    launch.parameters.insert(launch.parameters.end(), bytes, bytes + sizeof base);
  };
  place(of.a, "a");
  place(of.b, "b");
  place(of.c, "c");
  place(of.d, "d");
  Grid grid(**program, launch, memory, {});
  const auto finding = grid.run();
  ASSERT_FALSE(finding) << describe(*finding) << "\n" << text;
  const std::byte* result = memory.allocations()[3].data;
  for (int row = 0; row < of.d.rows(); ++row) {
    for (int column = 0; column < of.d.columns(); ++column) {
      int want = value_at(row, column, t.c);
      for (int k = 0; k < of.a.columns(); ++k) {
        want += value_at(row, k, t.a) * value_at(k, column, t.a);
      }
      ASSERT_EQ(of.d.bits(result, row, column), bits_of_integer(t.d, want))
          << "row " << row << ", column " << column << " of\n"
          << text;
    }
  }
}

TEST(Wmma, MultipliesMatricesInMemory) {
  for (const Tested& t : kTested) {
    const MmaShape size = *mma_shape(t.shape);
    for (int layout = 0; layout < 16; ++layout) {
      const auto is_row = [&](int bit) { return (layout >> bit & 1) == 0; };
      if (t.is_sub_byte && (!is_row(0) || is_row(1))) {
        continue;
      }
      const Operands operands = {Matrix(size.m, size.k, t.a, is_row(0)),
                                 Matrix(size.k, size.n, t.a, is_row(1)),
                                 Matrix(size.m, size.n, t.c, is_row(2)),
                                 Matrix(size.m, size.n, t.d, is_row(3))};
      check(t, operands, layout % 3 == 0 ? "" : ".global", {});
      DecodeOptions fast;
      fast.mma = MmaMode::fast;
      check(t, operands, ".global", fast);
    }
  }
}

/// The error of decoding one instruction for an architecture; empty when there is none.
std::string refusal(std::string_view arch, std::string_view instruction) {
  const std::string text =
      ".version 9.0\n.target sm_90\n.address_size 64\n.visible .entry k()\n{\n"
      ".reg .b32 %r<8>;\n.reg .b64 %p, %f<8>;\n" +
      std::string(instruction) + ";\nret;\n}\n";
  const auto module = parse_module(text, "refused");
  if (!module) {
    return "does not parse: " + module.error().to_string();
  }
  DecodeOptions options;
  options.arch = arch;
  const auto program = decode(*module, "refused", "k", options);
  return program ? "" : program.error().to_string();
}

// PTX ISA 9.0, 9.7.14.4.5 and 9.7.14.5.14, target ISA notes.
TEST(Mma, IsRefusedByNameWhereTheGpuHasItNot) {
  struct Gate {
    std::string_view last_without;
    std::string_view first_with;
    std::string_view instruction;
  };
  constexpr Gate kGates[] = {
      {"sm_70",
       "sm_75",
       "mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%r0, %r1, %r2, %r3}, {%r0, %r1}, {%r0}, "
       "{%r0, %r1, %r2, %r3}"},
      {"sm_75",
       "sm_80",
       "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%r0, %r1, %r2, %r3}, {%r0, %r1, %r2, "
       "%r3}, {%r0, %r1}, {%r0, %r1, %r2, %r3}"},
      {"sm_75",
       "sm_80",
       "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%r0, %r1, %r2, %r3}, {%r0, %r1, %r2, "
       "%r3}, {%r0, %r1}, {%r0, %r1, %r2, %r3}"},
      {"sm_86",
       "sm_89",
       "mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%r0, %r1, %r2, %r3}, {%r0, %r1, %r2, "
       "%r3}, {%r0, %r1}, {%r0, %r1, %r2, %r3}"},
      {"sm_100",
       "sm_120",
       "mma.sync.aligned.m16n8k32.row.col.kind::f8f6f4.f32.e3m2.e4m3.f32 {%r0, %r1, %r2, %r3}, "
       "{%r0, %r1, %r2, %r3}, {%r0, %r1}, {%r0, %r1, %r2, %r3}"},
      {"sm_89",
       "sm_90",
       "mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%f0, %f1, %f2, %f3}, {%f0, %f1}, {%f0}, "
       "{%f0, %f1, %f2, %f3}"},
      {"sm_75",
       "sm_80",
       "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.and.popc {%r0, %r1}, "
       "{%r0}, {%r1}, {%r0, %r1}"},
      {"sm_70",
       "sm_75",
       "mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.xor.popc {%r0, %r1}, "
       "{%r0}, {%r1}, {%r0, %r1}"},
      {"sm_70",
       "sm_75",
       "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r0, %r1}, {%r0}, {%r1}, "
       "{%r0, %r1}"},
      {"sm_70", "sm_75", "wmma.load.a.sync.aligned.row.m16n16k16.s8 {%r0, %r1}, [%p]"},
      {"sm_75", "sm_80", "wmma.load.a.sync.aligned.row.m16n16k16.bf16 {%r0, %r1, %r2, %r3}, [%p]"},
      {"sm_75", "sm_80", "wmma.load.c.sync.aligned.row.m8n8k4.f64 {%f0, %f1}, [%p]"},
  };
  for (const Gate& gate : kGates) {
    const std::string name(gate.instruction.substr(0, gate.instruction.find(' ')));
    const std::string why = "'" + name + "': " + std::string(gate.last_without) +
                            " has no such instruction; " + std::string(gate.first_with) + " has";
    const std::string refused = refusal(gate.last_without, gate.instruction);
    EXPECT_NE(refused.find(why), std::string::npos) << refused;
    EXPECT_NE(refused.find("refused:8"), std::string::npos) << refused;
    EXPECT_EQ(refusal(gate.first_with, gate.instruction), "");
  }
  // Sparse products and block scaling are not there.
  for (const std::string_view instruction :
       {"mma.sp.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32 {%r0, %r1, %r2, %r3}, {%r0, %r1, "
        "%r2, %r3}, {%r0, %r1, %r2, %r3}, {%r0, %r1, %r2, %r3}, %r4, 0",
        "mma.sync.aligned.m16n8k64.row.col.kind::mxf4.block_scale.f32.e2m1.e2m1.f32.ue8m0 {%r0, "
        "%r1, %r2, %r3}, {%r0, %r1, %r2, %r3}, {%r0, %r1}, {%r0, %r1, %r2, %r3}, %r4, {0, 0}, %r5, "
        "{0, 0}"}) {
    EXPECT_NE(refusal("sm_120", instruction).find(instruction.substr(0, 10)), std::string::npos);
  }
}

TEST(Mma, OfAGpuThatIsNotKnownIsRefusedWithOneThatIs) {
  constexpr std::string_view kInstruction =
      "mma.sync.aligned.m8n8k16.row.col.s32.s8.s8.s32 {%r0, %r1}, {%r0}, {%r1}, {%r0, %r1}";
  constexpr std::pair<std::string_view, std::string_view> kRefused[] = {
      {"sm_52", "not implemented for sm_52; for sm_75 it is"},
      {"sm_72", "not implemented for sm_72; for sm_75 it is"},
      {"sm_103", "not implemented for sm_103; for sm_120 it is"},
      {"sm_2000000000", "not implemented for sm_2000000000; for sm_120 it is"},
      {"turing", "not implemented for sm_0; for sm_75 it is"}};
  for (const auto& [arch, why] : kRefused) {
    const std::string refused = refusal(arch, kInstruction);
    EXPECT_TRUE(refused.ends_with(why)) << refused;
  }
}

}  // namespace
}  // namespace attest::ptx
