// parse_problem inverts to_string, and every refusal names key, column and what is allowed.
// SPDX-License-Identifier: Apache-2.0
#include "harness/base/rng.h"
#include "harness/problem/data.h"
#include "harness/problem/problem.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attest {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}
  std::uint64_t word() { return random_bits(seed_, 99, count_++); }
  bool coin() { return word() >> 63 != 0; }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(word() % static_cast<std::uint64_t>(most - least + 1));
  }
  /// A finite double with a full mantissa and an exponent in [-40, 40).
  double number() {
    const double magnitude =
        static_cast<double>(word() >> 11) * 0x1p-53 * (coin() ? 0x1p40 : 0x1p-40);
    return coin() ? magnitude : -magnitude;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

Mask random_mask(Dice& dice, const Problem& p) {
  Mask mask;
  const auto alignment = [&] {
    return dice.coin() ? Alignment::top_left : Alignment::bottom_right;
  };
  if (dice.coin()) mask.causal = alignment();
  if (dice.coin()) mask.window = Window{dice.between(-1, 300), dice.between(-1, 300), alignment()};
  if (dice.coin()) {
    std::vector<std::int64_t>& lengths = mask.kv_lengths.emplace();
    for (std::int64_t b = 0; b < p.batch; ++b)
      lengths.push_back(dice.between(0, p.seq_kv));
  }
  for (bool Mask::*const flag : {&Mask::boolean, &Mask::bias, &Mask::alibi})
    mask.*flag = dice.coin();
  return mask;
}

Problem random_problem(std::uint64_t seed) {
  Dice dice(seed);
  Problem p;
  p.batch = dice.between(0, 3);
  p.heads_kv = dice.between(1, 4);
  p.heads_q = p.heads_kv * dice.between(1, 3);
  p.seq_q = dice.between(0, 300);
  p.seq_kv = dice.coin() ? p.seq_q : dice.between(0, 300);
  p.head_dim = dice.coin() ? 64 : dice.between(1, 256);
  p.head_dim_v = dice.coin() ? p.head_dim : dice.between(1, 256);
  p.dtype = kDtypes[static_cast<std::size_t>(dice.between(0, 2))];
  p.layout = dice.coin() ? Layout::bshd : Layout::bhsd;
  for (std::int64_t& gap : p.gap)
    gap = dice.coin() ? 0 : dice.between(0, 4096);
  for (std::int64_t& skew : p.skew) {
    skew = dice.coin() ? 0 : dice.between(0, 63) * size_bytes(p.dtype);
  }
  p.mask = random_mask(dice, p);
  if (dice.coin()) p.fill = dice.number();
  if (dice.coin()) p.scale = dice.number();
  if (dice.coin()) p.softcap = std::abs(dice.number()) + 1e-30;
  p.sink = dice.coin();
  p.data.kind = static_cast<DataKind>(dice.between(0, kDataKinds - 1));
  if (p.data.kind == DataKind::normal && dice.coin()) {
    p.data.amplitude = static_cast<double>(dice.between(1, 1 << 20)) / 12345;
  }
  p.seed = dice.coin() ? dice.word() : 0;
  return p;
}

TEST(Parse, InvertsToStringOnRandomProblems) {
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    const Problem p = random_problem(seed);
    const std::string line = to_string(p);
    const Result<Problem> parsed = parse_problem(line);
    ASSERT_TRUE(parsed) << line << "\n" << parsed.error().to_string();
    ASSERT_EQ(*parsed, p) << line << "\n" << to_string(*parsed);
    ASSERT_EQ(to_string(*parsed), line);
  }
}

TEST(Parse, FillsInTheDefaults) {
  const Result<Problem> parsed = parse_problem("attn(sq=5,hq=3,d=40)");
  ASSERT_TRUE(parsed);
  Problem want;
  want.heads_q = want.heads_kv = 3;
  want.seq_q = want.seq_kv = 5;
  want.head_dim = want.head_dim_v = 40;
  EXPECT_EQ(*parsed, want);
}

TEST(Parse, TakesAnyOrderAndSpaces) {
  const Result<Problem> parsed = parse_problem(
      "  attn ( seed = 42 , mask = bool & padding ( 3 ) & causal-br,\t fill = -inf,"
      " gap ( k = 1 , q = 2 ), data = normal ( 2.50 ), skv = 4, sq = 2 ) ");
  ASSERT_TRUE(parsed) << parsed.error().to_string();
  EXPECT_EQ(to_string(*parsed),
            "attn(sq=2,skv=4,gap(q=2,k=1),mask=causal-br&padding(3)&bool,data=normal(2.5),"
            "seed=0x2a)");
  EXPECT_EQ(*parse_problem("attn(sq=2,mask=none,data=normal)"), *parse_problem("attn(sq=2)"));
}

struct Refusal {
  const char* text;
  const char* message;  // "<place>: <what>"
};

constexpr const char* kKeyList =
    "b, hq, hkv, sq, skv, d, dv, dtype, layout, gap, skew, mask, fill, scale, softcap, sink, data, "
    "seed";
constexpr const char* kMaskList =
    "none, or causal-tl, causal-br, window(l,r,tl|br), padding(n0,n1,..), bool, bias, alibi "
    "joined by '&'";

void expect_refused(const std::string& text, const std::string& message) {
  const Result<Problem> parsed = parse_problem(text);
  ASSERT_FALSE(parsed) << text;
  EXPECT_EQ(parsed.error().code, Code::bad_input);
  EXPECT_EQ(parsed.error().to_string(), "case, column " + message) << text;
}

TEST(ParseErrors, Grammar) {
  const Refusal refusals[] = {
      {"", "1: found the end, allowed: attn(...)"},
      {"layer(s=128)", "1: found 'layer', allowed: attn(...)"},
      {"attn", "5: found the end after 'attn', allowed: '('"},
      {"attn sq=1", "6: found 'sq' after 'attn', allowed: '('"},
      {"attn()", "6: key 'sq' is missing; it has no default"},
      {"attn(b=2)", "9: key 'sq' is missing; it has no default"},
      {"attn(sq=1", "10: the bracket of 'attn(' is not closed"},
      {"attn(sq=1,", "11: the bracket of 'attn(' is not closed"},
      {"attn(sq=1,b=2 d=3)", "15: found 'd' in 'attn(', allowed: ',' or ')'"},
      {"attn(sq=1) x\n", "12: found 'x?' after the case, allowed: nothing"},
      {"attn(sq=1))", "11: found ')' after the case, allowed: nothing"},
      {"attn(sq=1,sq=2)", "11: key 'sq' is given twice"},
      {"attn(sq)", "8: key 'sq': found ')', allowed: '='"},
      {"attn(sq=1,gap=8)", "14: found '=' after 'gap', allowed: '('"},
      {"attn(sq=1,gap(q=8)", "19: the bracket of 'attn(' is not closed"},
      {"attn(sq=1,gap(q=8", "18: the bracket of 'gap(' is not closed"},
      {"attn(sq=1,mask=padding(1", "25: the bracket of 'padding(' is not closed"},
      {"attn(sq=1,data=normal(1", "24: the bracket of 'normal(' is not closed"},
  };
  for (const Refusal& r : refusals)
    expect_refused(r.text, r.message);
  expect_refused("attn(sq=1,heads=2)",
                 std::string("11: unknown key 'heads', allowed: ") + kKeyList);
  expect_refused("attn(,sq=1)", std::string("6: found ',', allowed keys: ") + kKeyList);
  expect_refused("attn(sq=1,)", std::string("11: found ')', allowed keys: ") + kKeyList);
}

TEST(ParseErrors, Values) {
  const Refusal refusals[] = {
      {"attn(sq=x)", "9: key 'sq': found 'x', allowed: an integer"},
      {"attn(sq=)", "9: key 'sq': found ')', allowed: an integer"},
      {"attn(sq=", "9: key 'sq': found the end, allowed: an integer"},
      {"attn(sq=1.5)", "9: key 'sq': found '1.5', allowed: an integer"},
      {"attn(sq=99999999999999999999)",
       "9: key 'sq': found '99999999999999999999', allowed: an integer that fits 64 bits"},
      {"attn(sq=1,dtype=f12)", "17: key 'dtype': found 'f12', allowed: f32, f16, bf16"},
      {"attn(sq=1,layout=bsdh)", "18: key 'layout': found 'bsdh', allowed: bshd, bhsd"},
      {"attn(sq=1,fill=low)", "16: key 'fill': found 'low', allowed: a number"},
      {"attn(sq=1,scale=1e999)",
       "17: key 'scale': found '1e999', allowed: a number that fits a double"},
      {"attn(sq=1,scale=0.5x)", "17: key 'scale': found '0.5x', allowed: a number"},
      {"attn(sq=1,seed=0x)",
       "16: key 'seed': found '0x', allowed: an integer that fits 64 bits, decimal or hexadecimal "
       "with 0x"},
      {"attn(sq=1,seed=-1)",
       "16: key 'seed': found '-1', allowed: an integer that fits 64 bits, decimal or hexadecimal "
       "with 0x"},
      {"attn(sq=1,gap(x=8))", "15: key 'gap': found 'x', allowed: q=, k=, v= or o="},
      {"attn(sq=1,gap())", "15: key 'gap': found ')', allowed: q=, k=, v= or o="},
      {"attn(sq=1,gap(q))", "16: key 'gap': found ')', allowed: '='"},
      {"attn(sq=1,gap(q=1,q=2))", "19: key 'gap': found a second 'q', allowed: each once"},
      {"attn(sq=1,data=uniform)",
       "16: key 'data': found 'uniform', allowed: normal(a), ramp-up, ramp-down, all-negative, "
       "needle, one-hot, indicator-v, constant-v, integers, near-overflow, subnormal-p, poison"},
      {"attn(sq=1,data=normal(1,2))", "24: key 'data': found ',', allowed: one amplitude"},
  };
  for (const Refusal& r : refusals)
    expect_refused(r.text, r.message);
}

TEST(ParseErrors, Masks) {
  const Refusal refusals[] = {
      {"attn(sq=1,mask=none&bool)",
       "16: key 'mask': found none in a conjunction, allowed: none alone"},
      {"attn(sq=1,mask=causal-tl&causal-br)",
       "26: key 'mask': found a second causal, allowed: each once"},
      {"attn(sq=1,mask=alibi&bias&alibi)",
       "27: key 'mask': found a second alibi, allowed: each once"},
      {"attn(sq=1,mask=bool&bool)", "21: key 'mask': found a second bool, allowed: each once"},
      {"attn(sq=1,mask=window(1,2))",
       "26: key 'mask': found ')', allowed: window(l,r,tl) or window(l,r,br)"},
      {"attn(sq=1,mask=window(1,2,br,3))",
       "29: key 'mask': found ',', allowed: window(l,r,tl) or window(l,r,br)"},
      {"attn(sq=1,mask=window(1,2,xx))", "27: key 'mask': found 'xx', allowed: tl, br"},
      {"attn(sq=1,mask=padding)", "23: found ')' after 'padding', allowed: '('"},
      {"attn(sq=1,mask=window(1,x,br))", "25: key 'mask': found 'x', allowed: an integer"},
  };
  for (const Refusal& r : refusals)
    expect_refused(r.text, r.message);
  expect_refused("attn(sq=1,mask=causal)",
                 std::string("16: key 'mask': found 'causal', allowed: ") + kMaskList);
  expect_refused("attn(sq=1,mask=bool&none)",
                 std::string("21: key 'mask': found 'none', allowed: ") + kMaskList);
}

TEST(ParseErrors, Limits) {
  const Refusal refusals[] = {
      {"attn(sq=-3)", "9: key 'sq': found -3, allowed: an integer from 0 to 268435456"},
      {"attn(sq=1,b=-1)", "13: key 'b': found -1, allowed: an integer from 0 to 268435456"},
      {"attn(sq=1,skv=-1)", "15: key 'skv': found -1, allowed: an integer from 0 to 268435456"},
      {"attn(sq=1,hq=0)", "14: key 'hq': found 0, allowed: an integer from 1 to 268435456"},
      {"attn(sq=1,hkv=0)", "15: key 'hkv': found 0, allowed: an integer from 1 to 268435456"},
      {"attn(sq=1,d=0)", "13: key 'd': found 0, allowed: an integer from 1 to 268435456"},
      {"attn(sq=1,dv=0)", "14: key 'dv': found 0, allowed: an integer from 1 to 268435456"},
      {"attn(sq=1,hq=8,hkv=3)", "20: key 'hkv': found 3, allowed: a divisor of hq, which is 8"},
      {"attn(sq=1,gap(k=-1))", "14: key 'gap': found k=-1, allowed: an integer from 0 to 4096"},
      {"attn(sq=1,gap(o=4097))", "14: key 'gap': found o=4097, allowed: an integer from 0 to 4096"},
      {"attn(sq=1,skew(v=256))", "15: key 'skew': found v=256, allowed: an integer from 0 to 255"},
      {"attn(sq=1,dtype=f32,skew(q=2))",
       "25: key 'skew': found q=2, allowed: a multiple of 4 bytes, one element of f32"},
      {"attn(sq=4194305)",
       "9: key 'sq': found tensor q of 1 x 1 x 4194305 x 64 elements, its rows 64 apart; allowed: "
       "268435456 elements in all"},
      {"attn(sq=1,skv=4194305)",
       "15: key 'skv': found tensor k of 1 x 1 x 4194305 x 64 elements, its rows 64 apart; "
       "allowed: 268435456 elements in all"},
      {"attn(b=65536,sq=65536,hq=268435456)",
       "17: key 'sq': found tensor q of 65536 x 268435456 x 65536 x 64 elements, its rows 64 "
       "apart; allowed: 268435456 elements in all"},
      {"attn(sq=20000,mask=bool)",
       "20: key 'mask': found a bool mask of 1 x 20000 x 20000 elements; allowed: 268435456"},
      {"attn(hq=8,sq=8192,skv=4097,d=1,mask=bias)",
       "37: key 'mask': found a bias of 1 x 8 x 8192 x 4097 elements; allowed: 268435456"},
      {"attn(sq=1,mask=window(-2,0,br))",
       "16: key 'mask': found window left -2, allowed: an integer from -1 to 268435456"},
      {"attn(sq=1,mask=window(0,268435457,br))",
       "16: key 'mask': found window right 268435457, allowed: an integer from -1 to 268435456"},
      {"attn(b=2,sq=1,mask=padding(1))",
       "20: key 'mask': found 1 padding lengths, allowed: 2, one per batch (b=2)"},
      {"attn(sq=1,mask=padding(2))",
       "16: key 'mask': found padding length 2, allowed: an integer from 0 to 1"},
      {"attn(sq=1,mask=padding(-1))",
       "16: key 'mask': found padding length -1, allowed: an integer from 0 to 1"},
      {"attn(sq=1,fill=inf)",
       "16: key 'fill': found inf, allowed: -inf, or a finite number that fits f32"},
      {"attn(sq=1,fill=nan)",
       "16: key 'fill': found nan, allowed: -inf, or a finite number that fits f32"},
      {"attn(sq=1,scale=nan)",
       "17: key 'scale': found nan, allowed: a finite number that fits f32"},
      {"attn(sq=1,scale=1e39)",
       "17: key 'scale': found 1e+39, allowed: a finite number that fits f32"},
      {"attn(sq=1,softcap=0)",
       "19: key 'softcap': found 0, allowed: a normal number above 0 that fits f32"},
      {"attn(sq=1,softcap=1e-40)",
       "19: key 'softcap': found 1e-40, allowed: a normal number above 0 that fits f32"},
      {"attn(sq=1,softcap=nan)",
       "19: key 'softcap': found nan, allowed: a normal number above 0 that fits f32"},
      {"attn(sq=1,softcap=-30)",
       "19: key 'softcap': found -30, allowed: a normal number above 0 that fits f32"},
      {"attn(sq=1,sink=2)", "16: key 'sink': found '2', allowed: 0, 1"},
      {"attn(sq=1,data=normal(0))",
       "16: key 'data': found amplitude 0, allowed: above 0 and at most 10000"},
      {"attn(sq=1,data=normal(10001))",
       "16: key 'data': found amplitude 10001, allowed: above 0 and at most 10000"},
      {"attn(sq=1,data=normal(nan))",
       "16: key 'data': found amplitude nan, allowed: above 0 and at most 10000"},
  };
  for (const Refusal& r : refusals)
    expect_refused(r.text, r.message);
}

TEST(ParseErrors, LongAndUnprintableTextIsQuotedShort) {
  const Result<Problem> parsed = parse_problem(std::string(1000, 'x') + "\x01(");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, "found '" + std::string(40, 'x') + "...', allowed: attn(...)");
  EXPECT_EQ(parse_problem("\x01").error().message, "found '?', allowed: attn(...)");
}

TEST(ParseErrors, NoPrefixOfACaseIsAccepted) {
  const std::string line =
      "attn(b=1,sq=65,gap(q=8),mask=causal-br&window(31,0,br)&padding(7),data=normal(2),seed=0x9)";
  ASSERT_TRUE(parse_problem(line));
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_FALSE(parse_problem(line.substr(0, size))) << line.substr(0, size);
  }
}

}  // namespace
}  // namespace attest
