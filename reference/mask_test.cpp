// Masks worked out on paper from the contract, seen through is_kept() and through O.
// SPDX-License-Identifier: Apache-2.0
#include "reference/mask.h"

#include "reference/attention.h"
#include "reference/hand_made.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace attest {
namespace {

using Rows = std::vector<std::string>;

struct MaskCase {
  std::string mask;
  Rows keep;  // [seq_q] strings of seq_kv characters, 1 = kept
};

// The boolean mask of the cases that have one.
const Rows kBoolean = {"1010101", "0101010", "1100110", "0011001", "1111111"};

const std::vector<MaskCase> kFiveBySeven = {
    {"none", {"1111111", "1111111", "1111111", "1111111", "1111111"}},
    {"causal-tl", {"1000000", "1100000", "1110000", "1111000", "1111100"}},
    {"causal-br", {"1110000", "1111000", "1111100", "1111110", "1111111"}},
    {"window(1,2,tl)", {"1110000", "1111000", "0111100", "0011110", "0001111"}},
    {"window(1,2,br)", {"0111100", "0011110", "0001111", "0000111", "0000011"}},
    {"window(-1,0,br)", {"1110000", "1111000", "1111100", "1111110", "1111111"}},
    {"window(-1,1,tl)", {"1100000", "1110000", "1111000", "1111100", "1111110"}},
    {"window(2,-1,tl)", {"1111111", "1111111", "1111111", "0111111", "0011111"}},
    {"window(0,0,tl)", {"1000000", "0100000", "0010000", "0001000", "0000100"}},
    {"window(0,0,br)", {"0010000", "0001000", "0000100", "0000010", "0000001"}},
    {"padding(4)", {"1111000", "1111000", "1111000", "1111000", "1111000"}},
    {"padding(0)", {"0000000", "0000000", "0000000", "0000000", "0000000"}},
    {"bool", kBoolean},
    // bottom-right counts from the padding length: off = 4 - 5
    {"causal-br&padding(4)", {"0000000", "1000000", "1100000", "1110000", "1111000"}},
    {"causal-tl&padding(3)", {"1000000", "1100000", "1110000", "1110000", "1110000"}},
    {"window(1,0,br)&padding(6)", {"1100000", "0110000", "0011000", "0001100", "0000110"}},
    {"causal-br&window(2,-1,br)", {"1110000", "0111000", "0011100", "0001110", "0000111"}},
    {"causal-tl&bool", {"1000000", "0100000", "1100000", "0011000", "1111100"}},
    {"causal-tl&window(3,1,br)&padding(5)&bool",
     {"1000000", "0100000", "1100000", "0011000", "0111100"}},
};

const std::vector<MaskCase> kSevenByFive = {
    {"causal-tl", {"10000", "11000", "11100", "11110", "11111", "11111", "11111"}},
    {"causal-br", {"00000", "00000", "10000", "11000", "11100", "11110", "11111"}},
    {"window(1,0,br)", {"00000", "00000", "10000", "11000", "01100", "00110", "00011"}},
    {"window(0,1,tl)", {"11000", "01100", "00110", "00011", "00001", "00000", "00000"}},
};

// Q = 0 makes all kept keys weigh the same, and V the identity makes O the row of weights.
void check(const MaskCase& c, std::int64_t seq_q, std::int64_t seq_kv) {
  SCOPED_TRACE(c.mask);
  Problem problem = parsed("attn(sq=" + std::to_string(seq_q) + ",skv=" + std::to_string(seq_kv) +
                           ",d=8,dtype=f32,mask=" + c.mask + ")");
  problem.head_dim_v = seq_kv;
  Inputs inputs = draw_inputs(problem);
  inputs.q = tensor_of(problem, Tensor::q, zero);
  inputs.v =
      tensor_of(problem, Tensor::v, [](auto, auto, auto s, auto d) { return s == d ? 1 : 0; });
  if (problem.mask.boolean) {
    inputs.keep.clear();
    for (const std::string& row : kBoolean)
      for (const char c01 : row)
        inputs.keep.push_back(c01 == '1');
  }
  const ReferenceTerms terms = reference_attention(problem, inputs);
  for (std::int64_t i = 0; i < seq_q; ++i) {
    const std::string& row = c.keep[static_cast<std::size_t>(i)];
    const auto kept = static_cast<double>(std::count(row.begin(), row.end(), '1'));
    EXPECT_EQ(terms.kept[static_cast<std::size_t>(i)], static_cast<std::int64_t>(kept)) << i;
    for (std::int64_t j = 0; j < seq_kv; ++j) {
      const bool keep = row[static_cast<std::size_t>(j)] == '1';
      EXPECT_EQ(is_kept(problem, inputs, 0, i, j), keep) << i << ' ' << j;
      EXPECT_EQ(terms.o[static_cast<std::size_t>(i * seq_kv + j)], keep ? 1 / kept : 0)
          << i << ' ' << j;
    }
  }
}

TEST(Mask, FiveBySevenOnPaper) {
  for (const MaskCase& c : kFiveBySeven)
    check(c, 5, 7);
}

TEST(Mask, SevenByFiveOnPaper) {
  for (const MaskCase& c : kSevenByFive)
    check(c, 7, 5);
}

// Each batch has its own length, and with it its own bottom-right diagonal.
TEST(Mask, EveryBatchHasItsOwnLength) {
  const Problem problem =
      parsed("attn(b=3,sq=2,skv=4,d=8,dtype=f32,mask=causal-br&padding(4,2,0))");
  const Inputs inputs = draw_inputs(problem);
  const Rows keep = {"1110", "1111", "1000", "1100", "0000", "0000"};
  for (std::int64_t b = 0; b < 3; ++b)
    for (std::int64_t i = 0; i < 2; ++i)
      for (std::int64_t j = 0; j < 4; ++j)
        EXPECT_EQ(is_kept(problem, inputs, b, i, j),
                  keep[static_cast<std::size_t>(2 * b + i)][static_cast<std::size_t>(j)] == '1')
            << b << ' ' << i << ' ' << j;
}

// The tensor is [batch, 1, seq_q, seq_kv]: batches differ, heads share.
TEST(Mask, BooleanTensorIsPerBatchAndSharedByHeads) {
  const Problem problem = parsed("attn(b=2,hq=2,sq=1,skv=3,d=8,dtype=f32,mask=bool)");
  Inputs inputs = draw_inputs(problem);
  inputs.keep = {1, 0, 0, 0, 1, 1};
  const ReferenceTerms terms = reference_attention(problem, inputs);
  EXPECT_EQ(terms.kept, (std::vector<std::int64_t>{1, 1, 2, 2}));
}

}  // namespace
}  // namespace attest
