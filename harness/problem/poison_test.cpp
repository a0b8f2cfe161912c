// Poison goes exactly where the contract allows it, by a pair-by-pair evaluation of the masks.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace attest {
namespace {

/// The contract's formula for one (batch, row, key), padding apart.
bool keeps(const Problem& p, const Inputs& in, std::int64_t b, std::int64_t i, std::int64_t j) {
  const auto off = [&](Alignment a) {
    return a == Alignment::top_left ? 0 : kv_length(p, b) - p.seq_q;
  };
  if (p.mask.causal && !(j <= i + off(*p.mask.causal))) return false;
  if (const auto& w = p.mask.window) {
    if (w->left != -1 && !(i + off(w->alignment) - w->left <= j)) return false;
    if (w->right != -1 && !(j <= i + off(w->alignment) + w->right)) return false;
  }
  if (!p.mask.boolean) return true;
  return in.keep[static_cast<std::size_t>((b * p.seq_q + i) * p.seq_kv + j)] != 0;
}

enum class Place { kept, hidden, padding };

Place place(const Problem& p, const Inputs& in, std::int64_t b, std::int64_t j) {
  if (j >= kv_length(p, b)) return Place::padding;
  for (std::int64_t i = 0; i < p.seq_q; ++i) {
    if (keeps(p, in, b, i, j)) return Place::kept;
  }
  return Place::hidden;
}

struct Count {
  int kept = 0;
  int hidden = 0;
  int padding = 0;
};

/// Checks every element of k and v of the poisoned inputs; counts keys.
Count check(const std::string& text) {
  const Problem p = *parse_problem(text);
  const Inputs clean = draw_inputs(p);
  Inputs in = clean;
  poison_hidden_keys(p, in);
  EXPECT_EQ(in.q.bytes, clean.q.bytes);
  EXPECT_EQ(in.keep, clean.keep);
  Count count;
  for (std::int64_t b = 0; b < p.batch; ++b) {
    for (std::int64_t j = 0; j < p.seq_kv; ++j) {
      const Place at = place(p, in, b, j);
      ++(at == Place::kept ? count.kept : at == Place::hidden ? count.hidden : count.padding);
      for (std::int64_t h = 0; h < p.heads_kv; ++h) {
        for (const auto& [after, before] : {std::pair{&in.k, &clean.k}, {&in.v, &clean.v}}) {
          for (std::int64_t d = 0; d < p.head_dim; ++d) {
            const double value = after->value(b, h, j, d);
            const bool is_right = at == Place::kept
                                      ? after->bits(b, h, j, d) == before->bits(b, h, j, d)
                                  : at == Place::hidden ? std::abs(value) == largest_finite(p.dtype)
                                                        : !std::isfinite(value);
            EXPECT_TRUE(is_right) << text << " key " << j << " value " << value;
          }
        }
      }
    }
  }
  return count;
}

TEST(Poison, FollowsTheContractForEveryMask) {
  const char* const masks[] = {
      "causal-tl",
      "causal-br",
      "window(2,3,tl)",
      "window(0,0,br)",
      "window(-1,1,tl)",
      "window(3,0,tl)",
      "window(1,-1,br)",
      "bool",
      "padding(7,0)",
      "causal-br&padding(9,4)",
      "causal-tl&window(3,-1,br)&padding(11,2)",
      "window(1,1,br)&padding(5,13)&bool",
      "causal-br&bool",
  };
  Count total;
  for (const char* const mask : masks) {
    for (const char* const sizes : {"sq=4,skv=13", "sq=13,skv=13", "sq=20,skv=13", "sq=1,skv=13"}) {
      for (const char* const dtype : {"f32", "f16", "bf16"}) {
        const Count count = check(std::string("attn(b=2,hq=2,hkv=1,d=8,seed=3,") + sizes +
                                  ",dtype=" + dtype + ",mask=" + mask + ")");
        total.kept += count.kept;
        total.hidden += count.hidden;
        total.padding += count.padding;
      }
    }
  }
  EXPECT_GT(total.kept, 1000);
  EXPECT_GT(total.hidden, 300);
  EXPECT_GT(total.padding, 300);
}

TEST(Poison, WithoutAMaskOnlyEmptyRowsHideKeys) {
  const Count full = check("attn(sq=5,skv=9,d=8)");
  EXPECT_EQ(full.kept, 9);
  const Count no_rows = check("attn(sq=0,skv=9,d=8)");
  EXPECT_EQ(no_rows.hidden, 9);
}

TEST(Poison, HasNanAndBothInfinities) {
  const Problem p = *parse_problem("attn(sq=3,skv=9,d=64,mask=padding(2))");
  Inputs in = draw_inputs(p);
  poison_hidden_keys(p, in);
  int nan = 0;
  int up = 0;
  int down = 0;
  for (std::int64_t d = 0; d < 64; ++d) {
    const double value = in.v.value(0, 0, 5, d);
    nan += std::isnan(value) ? 1 : 0;
    up += value == std::numeric_limits<double>::infinity() ? 1 : 0;
    down += value == -std::numeric_limits<double>::infinity() ? 1 : 0;
  }
  EXPECT_GT(nan, 5);
  EXPECT_GT(up, 5);
  EXPECT_GT(down, 5);
}

TEST(Poison, IsANoOpWithAFiniteFill) {
  const Problem p = *parse_problem("attn(sq=3,skv=9,mask=padding(2),fill=-1000)");
  const Inputs clean = draw_inputs(p);
  Inputs in = clean;
  poison_hidden_keys(p, in);
  EXPECT_EQ(in.k.bytes, clean.k.bytes);
  EXPECT_EQ(in.v.bytes, clean.v.bytes);
}

TEST(Poison, DataPoisonIsNormalWithPoison) {
  const Problem normal = *parse_problem("attn(sq=3,skv=9,mask=padding(2))");
  const Problem poison = *parse_problem("attn(sq=3,skv=9,mask=padding(2),data=poison)");
  Inputs in = draw_inputs(normal);
  poison_hidden_keys(normal, in);
  EXPECT_EQ(draw_inputs(poison).k.bytes, in.k.bytes);
  EXPECT_EQ(draw_inputs(poison).v.bytes, in.v.bytes);
}

}  // namespace
}  // namespace attest
