// Vectors as rows and columns of matrices, one mma per block, and the kernel around it.
// SPDX-License-Identifier: Apache-2.0
#include "harness/ptx/decode/vector_batch.h"

#include "harness/ptx/decode/decoder.h"
#include "harness/ptx/machine/grid.h"
#include "harness/ptx/machine/mma_plan.h"
#include "harness/ptx/syntax/parser.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace attest::ptx {
namespace {

/// A set as launches of one mma per block: which vector is where.
class Batch {
 public:
  Batch(const VectorSet& set, std::string_view shape, int sm)
      : set_(set), shape_(*mma_shape(shape)) {
    const MmaFormat input = *mma_format(set.input);
    const MmaFormat output = *mma_format(set.output);
    const bool is_quad_pairs = shape == "m8n8k4";
    matrices_ = is_quad_pairs ? 4 : 1;
    const auto map = [&](FragmentRole role, MmaFormat format) {
      return &fragment_map(mma_fragment(
          false, role, shape_, format, is_quad_pairs, is_quad_pairs && role == FragmentRole::b));
    };
    a_ = map(FragmentRole::a, input);
    b_ = map(FragmentRole::b, input);
    c_ = map(FragmentRole::c, output);
    length_ = static_cast<int>(set.a[0].size());
    per_block_ = 8 * matrices_;
    const auto total = static_cast<int>(set.d.size());
    blocks_ = (total + per_block_ - 1) / per_block_;
    text_ = kernel(shape, sm);
  }

  /// Number of equal results with the arithmetic of `sm`; empty: it has no such instruction.
  [[nodiscard]] std::optional<std::size_t> equal(int sm) const {
    const auto module = parse_module(text_, set_.label);
    if (!module) {
      throw std::runtime_error(module.error().to_string());
    }
    DecodeOptions options;
    options.arch = "sm_" + std::to_string(sm);
    const auto program = decode(*module, set_.label, "dots", options);
    if (!program) {
      return std::nullopt;
    }
    GlobalMemory memory;
    const std::vector<std::uint32_t> in = images();
    const auto in_bytes = static_cast<std::int64_t>(in.size() * sizeof(std::uint32_t));
    const std::int64_t out_bytes = std::int64_t{blocks_} * c_->registers() * 128;
    Launch launch;
    launch.grid = {static_cast<std::uint32_t>(blocks_), 1, 1};
    launch.block = {32, 1, 1};
    const auto place = [&](const char* name, std::int64_t size, std::span<const std::byte> bytes) {
      const std::uint64_t base = memory.allocate(name, size, 0, bytes, true);
      const auto word = std::as_bytes(std::span(&base, 1));
      launch.parameters.insert(launch.parameters.end(), word.begin(), word.end());
    };
    place("in", in_bytes, std::as_bytes(std::span(in)));
    place("out", out_bytes, {});
    Grid grid(**program, launch, memory, {});
    if (const auto finding = grid.run()) {
      throw std::runtime_error(describe(*finding));
    }
    return count_equal(reinterpret_cast<const std::uint32_t*>(memory.allocations()[1].data));
  }

 private:
  /// Vector `j` of a block is the one output in column j % 8 that is not zero.
  [[nodiscard]] int row(int block, int j) const {
    return (j + block) % 8 + (shape_.m == 16 && block % 2 == 1 ? 8 : 0);
  }
  [[nodiscard]] int first_k(int block) const { return block / 2 % (shape_.k / length_) * length_; }
  [[nodiscard]] std::size_t vector(int block, int j) const {
    return static_cast<std::size_t>(std::int64_t{block} * per_block_ + j);
  }

  static void put(const FragmentMap& map,
                  const std::vector<std::uint32_t>& elements,
                  std::vector<std::uint32_t>& out) {
    const int width = map.shape().width;
    for (int reg = 0; reg < map.registers(); ++reg) {
      for (int lane = 0; lane < 32; ++lane) {
        std::uint32_t word = 0;
        for (int e = 0; e < map.per_word(); ++e) {
          word |= elements[static_cast<std::size_t>(map.element({reg, lane, e}))]
                  << (width % 32 * e);
        }
        out.push_back(word);
      }
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> images() const {
    std::vector<std::uint32_t> out;
    for (int block = 0; block < blocks_; ++block) {
      std::vector<std::uint32_t> a(static_cast<std::size_t>(a_->elements()));
      std::vector<std::uint32_t> b(static_cast<std::size_t>(b_->elements()));
      std::vector<std::uint32_t> c(static_cast<std::size_t>(c_->elements()));
      for (int j = 0; j < per_block_ && vector(block, j) < set_.d.size(); ++j) {
        const std::size_t n = vector(block, j);
        const int matrix = j / 8;
        const int at_a = (matrix * shape_.m + row(block, j)) * shape_.k + first_k(block);
        const int at_b = j * shape_.k + first_k(block);
        std::copy(set_.a[n].begin(), set_.a[n].end(), a.begin() + at_a);
        std::copy(set_.b[n].begin(), set_.b[n].end(), b.begin() + at_b);
        c[static_cast<std::size_t>(output_at(block, j))] = set_.c[n];
      }
      put(*a_, a, out);
      put(*b_, b, out);
      put(*c_, c, out);
    }
    return out;
  }

  [[nodiscard]] int output_at(int block, int j) const {
    return (j / 8 * shape_.m + row(block, j)) * shape_.n + j % 8;
  }

  [[nodiscard]] std::size_t count_equal(const std::uint32_t* out) const {
    std::size_t equal = 0;
    std::vector<std::uint32_t> d(static_cast<std::size_t>(c_->elements()));
    for (int block = 0; block < blocks_; ++block) {
      std::array<const std::uint32_t*, 8> rows{};
      for (int r = 0; r < c_->registers(); ++r) {
        rows[static_cast<std::size_t>(r)] =
            out + (std::ptrdiff_t{block} * c_->registers() + r) * 32;
      }
      c_->gather(rows.data(), d.data());
      for (int j = 0; j < per_block_ && vector(block, j) < set_.d.size(); ++j) {
        equal += d[static_cast<std::size_t>(output_at(block, j))] == set_.d[vector(block, j)];
      }
    }
    return equal;
  }

  [[nodiscard]] std::string kernel(std::string_view shape, int sm) const {
    int reg = 0;
    std::string loads;
    const auto load = [&](const FragmentMap& map) {
      std::string operand = "{";
      for (int r = 0; r < map.registers(); ++r, ++reg) {
        loads += fmt::format("ld.global.u32 %r{}, [%in+{}];\n", reg, reg * 128);
        operand += fmt::format("{}%r{}", r == 0 ? "" : ", ", reg);
      }
      return operand + "}";
    };
    const std::string a = load(*a_);
    const std::string b = load(*b_);
    const std::string c = load(*c_);
    std::string stores;
    for (int r = 0; r < c_->registers(); ++r) {
      stores += fmt::format(
          "st.global.u32 [%out+{}], %r{};\n", r * 128, a_->registers() + b_->registers() + r);
    }
    return fmt::format(
        ".version 9.0\n.target sm_{0}\n.address_size 64\n"
        ".visible .entry dots(.param .u64 in, .param .u64 out)\n{{\n"
        ".reg .b64 %in, %out, %at;\n.reg .b32 %r<{1}>, %block, %lane;\n"
        "ld.param.u64 %in, [in];\nld.param.u64 %out, [out];\n"
        "mov.u32 %block, %ctaid.x;\nmov.u32 %lane, %laneid;\n"
        "mul.wide.u32 %at, %lane, 4;\nadd.u64 %in, %in, %at;\nadd.u64 %out, %out, %at;\n"
        "mul.wide.u32 %at, %block, {2};\nadd.u64 %in, %in, %at;\n"
        "mul.wide.u32 %at, %block, {3};\nadd.u64 %out, %out, %at;\n"
        "{4}mma.sync.aligned.{5}.row.col.{6}.{7}.{7}.{6} {10}, {8}, {9}, {10};\n{11}ret;\n}}\n",
        sm,
        reg,
        reg * 128,
        c_->registers() * 128,
        loads,
        shape,
        set_.output,
        set_.input,
        a,
        b,
        c,
        stores);
  }

  const VectorSet& set_;
  MmaShape shape_;
  int matrices_ = 1;
  int length_ = 0;
  int per_block_ = 8;
  int blocks_ = 0;
  const FragmentMap* a_ = nullptr;
  const FragmentMap* b_ = nullptr;
  const FragmentMap* c_ = nullptr;
  std::string text_;
};

}  // namespace

std::optional<std::size_t> equal_by_mma(const VectorSet& set, std::string_view shape, int sm) {
  return Batch(set, shape, sm).equal(sm);
}

}  // namespace attest::ptx
