// Rearrangements move every element to the place that they say, in any layout.
// SPDX-License-Identifier: Apache-2.0
#include "properties/rearrange.h"

#include "properties/planted.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attest {
namespace {

const std::vector<std::string> kTexts = {
    "attn(b=3,hq=4,hkv=2,sq=5,skv=7,d=8,mask=padding(7,0,4)&bool,seed=9)",
    "attn(b=3,hq=4,hkv=2,sq=5,skv=7,d=8,layout=bhsd,gap(q=3,k=1,v=5,o=2),mask=padding(2,7,1)&"
    "bool)"};

std::vector<std::uint32_t> row(const HostTensor& t,
                               std::int64_t b,
                               std::int64_t h,
                               std::int64_t s) {
  std::vector<std::uint32_t> out;
  for (std::int64_t d = 0; d < t.layout.shape[3]; ++d)
    out.push_back(t.bits(b, h, s, d));
  return out;
}

TEST(Rearrange, OnlyBatchKeepsItsRowsMaskAndLength) {
  for (const std::string& text : kTexts) {
    const Problem problem = parse_problem(text).value();
    const Inputs all = draw_inputs(problem);
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      const Problem alone = only_batch(problem, b);
      const Inputs one = only_batch(problem, all, b);
      ASSERT_TRUE(validate(alone).has_value());
      EXPECT_EQ(one.kv_lengths, std::vector<std::int32_t>{all.kv_lengths[std::size_t(b)]});
      EXPECT_EQ(kv_length(alone, 0), kv_length(problem, b));
      for (std::int64_t s = 0; s < problem.seq_kv; ++s) {
        EXPECT_EQ(row(one.k, 0, 1, s), row(all.k, b, 1, s));
        EXPECT_EQ(row(one.v, 0, 0, s), row(all.v, b, 0, s));
      }
      for (std::int64_t s = 0; s < problem.seq_q; ++s) {
        EXPECT_EQ(row(one.q, 0, 3, s), row(all.q, b, 3, s));
        for (std::int64_t j = 0; j < problem.seq_kv; ++j) {
          EXPECT_EQ(one.keep[std::size_t(s * 7 + j)], all.keep[std::size_t((b * 5 + s) * 7 + j)]);
        }
      }
    }
  }
}

TEST(Rearrange, RedrawOthersLeavesOneBatchAndChangesTheRest) {
  for (const std::string& text : kTexts) {
    const Problem problem = parse_problem(text).value();
    const Inputs all = draw_inputs(problem);
    const Inputs others = redraw_others(problem, all, 1);
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      EXPECT_EQ(row(others.q, b, 0, 2) == row(all.q, b, 0, 2), b == 1);
      EXPECT_EQ(row(others.k, b, 1, 6) == row(all.k, b, 1, 6), b == 1);
      EXPECT_EQ(row(others.v, b, 0, 0) == row(all.v, b, 0, 0), b == 1);
      EXPECT_EQ(std::equal(all.keep.begin() + b * 35,
                           all.keep.begin() + (b + 1) * 35,
                           others.keep.begin() + b * 35),
                b == 1);
    }
    EXPECT_EQ(others.kv_lengths, all.kv_lengths);
  }
}

TEST(Rearrange, PermutedKeysAreTheSameKeysWithTheirValuesAndMaskColumns) {
  for (const std::string& text : kTexts) {
    const Problem problem = parse_problem(text).value();
    const Inputs before = draw_inputs(problem);
    const Inputs after = permute_keys(problem, before, 17);
    bool has_moved = false;
    for (std::int64_t b = 0; b < problem.batch; ++b) {
      std::vector<bool> is_taken(7);
      for (std::int64_t j = 0; j < problem.seq_kv; ++j) {
        std::int64_t from = 0;
        while (from < 7 && row(before.k, b, 0, from) != row(after.k, b, 0, j))
          ++from;
        ASSERT_LT(from, 7);
        EXPECT_FALSE(is_taken[std::size_t(from)]);
        is_taken[std::size_t(from)] = true;
        EXPECT_TRUE(j < kv_length(problem, b) || from == j);
        has_moved = has_moved || from != j;
        EXPECT_EQ(row(before.k, b, 1, from), row(after.k, b, 1, j));
        EXPECT_EQ(row(before.v, b, 0, from), row(after.v, b, 0, j));
        EXPECT_EQ(row(before.v, b, 1, from), row(after.v, b, 1, j));
        for (std::int64_t i = 0; i < 5; ++i) {
          EXPECT_EQ(before.keep[std::size_t((b * 5 + i) * 7 + from)],
                    after.keep[std::size_t((b * 5 + i) * 7 + j)]);
        }
      }
    }
    EXPECT_TRUE(has_moved);
    EXPECT_EQ(before.q.bytes, after.q.bytes);
  }
}

TEST(Rearrange, CopyBatchMovesOneBatchOfBothOutputs) {
  const Problem problem = parse_problem(kTexts[1]).value();
  const Inputs inputs = draw_inputs(problem);
  Outputs to{inputs.q, std::vector<float>(3 * 4 * 5)};
  Outputs from = to;
  for (std::size_t i = 0; i < from.lse.size(); ++i)
    from.lse[i] = static_cast<float>(i + 1);
  copy_batch(to, 2, from, 1);
  EXPECT_EQ(row(to.o, 2, 3, 4), row(inputs.q, 1, 3, 4));
  EXPECT_EQ(row(to.o, 1, 3, 4), row(inputs.q, 1, 3, 4));
  EXPECT_EQ(row(to.o, 0, 3, 4), row(inputs.q, 0, 3, 4));
  EXPECT_EQ(to.lse[39], 0);
  EXPECT_EQ(to.lse[40], 21);
  EXPECT_EQ(to.lse[59], 40);
}

}  // namespace
}  // namespace attest
