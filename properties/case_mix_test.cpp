// Kept ranges and empty tiles, by hand.
// SPDX-License-Identifier: Apache-2.0
#include "properties/case_mix.h"

#include "properties/kept_keys.h"
#include "properties/planted.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

KeptRange kept(std::string_view text, std::int64_t row, std::int64_t batch = 0) {
  return kept_keys(parse_problem(text).value(), batch, row);
}

void expect_range(const KeptRange& range, std::int64_t first, std::int64_t end) {
  EXPECT_EQ(range.first, first);
  EXPECT_EQ(range.end, end);
}

TEST(KeptKeys, ByHand) {
  expect_range(kept("attn(sq=3,skv=5)", 1), 0, 5);
  expect_range(kept("attn(sq=3,skv=5,mask=causal-tl)", 1), 0, 2);
  expect_range(kept("attn(sq=3,skv=5,mask=causal-br)", 1), 0, 4);
  expect_range(kept("attn(sq=3,skv=5,mask=window(1,0,br))", 1), 2, 4);
  expect_range(kept("attn(sq=3,skv=5,mask=window(0,2,tl))", 2), 2, 5);
  expect_range(kept("attn(b=2,sq=3,skv=5,mask=padding(5,4)&causal-br)", 0, 1), 0, 2);
  EXPECT_TRUE(kept("attn(sq=5,skv=3,mask=causal-br)", 1).is_empty());
  EXPECT_FALSE(kept("attn(sq=5,skv=3,mask=causal-br)", 2).is_empty());
}

TEST(CaseMix, EmptyRowsAndTilesByHand) {
  const auto is_empty = [](std::string_view text) {
    return has_empty_row_or_tile(parse_problem(text).value(), 4, 4);
  };
  EXPECT_FALSE(is_empty("attn(sq=9,skv=9)"));
  EXPECT_FALSE(is_empty("attn(sq=4,skv=4,mask=causal-br)"));
  EXPECT_TRUE(is_empty("attn(sq=4,skv=5,mask=causal-tl)"));  // the second tile
  EXPECT_FALSE(is_empty("attn(sq=4,skv=5,mask=causal-br)"));
  EXPECT_TRUE(is_empty("attn(sq=4,skv=3,mask=causal-br)"));  // row 0
  EXPECT_TRUE(is_empty("attn(sq=1,skv=9,mask=padding(4))"));
  EXPECT_FALSE(is_empty("attn(sq=1,skv=8,mask=padding(5))"));
  EXPECT_TRUE(is_empty("attn(sq=1,skv=0)"));
  EXPECT_FALSE(is_empty("attn(b=0,sq=1,skv=9,mask=causal-tl)"));
}

TEST(CaseMix, CountsWhatTheKernelTakes) {
  const KernelSpec kernel = claim_aligned("aligned", {Dtype::f16});
  std::vector<PlannedCase> plan;
  for (const char* text : {"attn(sq=64,skv=65)",
                           "attn(sq=65,mask=causal-tl)",
                           "attn(sq=1,skv=3)",
                           "attn(sq=900,skew(q=2))"}) {
    plan.push_back({case_of(text), &kernel, nullptr});
  }
  const CaseMix mix = case_mix(plan);
  EXPECT_EQ(mix.cases, 3);
  EXPECT_EQ(mix.median_pairs, 64 * 65);
  EXPECT_DOUBLE_EQ(mix.several_kv_tiles, 2.0 / 3);
  EXPECT_DOUBLE_EQ(mix.several_q_tiles, 1.0 / 3);
  EXPECT_DOUBLE_EQ(mix.not_square, 2.0 / 3);
  EXPECT_DOUBLE_EQ(mix.empty_row_or_tile, 1.0 / 3);
}

}  // namespace
}  // namespace attest
