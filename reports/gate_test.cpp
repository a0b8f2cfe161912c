// Conditions on a comparison: how they are read, and when they hold.
// SPDX-License-Identifier: Apache-2.0
#include "reports/gate.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

Comparison with_figure(Metric metric, Figure figure) {
  Comparison comparison;
  KernelChange change;
  change.kernel = "attention_mma f16";
  change[metric] = std::move(figure);
  comparison.kernels = {change};
  return comparison;
}

std::string line(const std::string& gate, const Comparison& comparison) {
  return exceeded(parse_gate(gate).value(), comparison).value_or("");
}

TEST(Gate, holds_above_its_limit_and_not_at_it) {
  const Comparison bytes = with_figure(Metric::bytes, {1000, 1020, 20, 0, ""});
  EXPECT_EQ(line("bytes>1%", bytes),
            "bytes>1% holds: attention_mma f16: bytes 1000 -> 1020 (+20, +2 %)");
  EXPECT_EQ(line("bytes>2%", bytes), "");
  EXPECT_EQ(line("bytes > 19", bytes).substr(0, 16), "bytes > 19 holds");
  EXPECT_EQ(line("bytes>20", bytes), "");
  EXPECT_EQ(line("launches>0", bytes), "") << "another metric";
  const Comparison ratio = with_figure(Metric::ratio, {0.25, 0.5, 0.25, 0, "0a1b2c3d"});
  EXPECT_EQ(line("ratio>+0.1", ratio),
            "ratio>+0.1 holds: attention_mma f16: ratio 0.25 -> 0.5 (+0.25 in case 0a1b2c3d)");
  EXPECT_EQ(line("ratio>+0.25", ratio), "");
}

TEST(Gate, any_rise_from_nothing_exceeds_every_share) {
  EXPECT_NE(line("bytes>1%", with_figure(Metric::bytes, {0, 4, 4, 0, ""})), "");
  EXPECT_EQ(line("bytes>1%", with_figure(Metric::bytes, {0, 0, 0, 0, ""})), "");
}

TEST(Gate, names_the_kernel_that_exceeds_it_most) {
  Comparison comparison = with_figure(Metric::launches, {1, 2, 1, 0, ""});
  comparison.kernels.push_back(comparison.kernels[0]);
  comparison.kernels[1].kernel = "gemm_mma f16";
  comparison.kernels[1][Metric::launches] = Figure{10, 15, 5, 0, ""};
  EXPECT_EQ(line("launches>0", comparison),
            "launches>0 holds: gemm_mma f16: launches 10 -> 15 (+5, +50 %); and 1 more");
}

TEST(Gate, refuses_what_it_does_not_know) {
  for (const char* text : {"",
                           "launches",
                           "launches>",
                           "launches>%",
                           "launches<0",
                           "launches>=1",
                           "time>1%",
                           ">1",
                           "launches>x",
                           "launches>1x",
                           "launches>-1",
                           "launches>++1",
                           "launches>inf",
                           "launches>nan"}) {
    const auto gate = parse_gate(text);
    ASSERT_FALSE(gate.has_value()) << text;
    EXPECT_EQ(gate.error().code, Code::bad_input);
    EXPECT_NE(gate.error().message.find("'" + std::string(text) + "' is not METRIC>LIMIT"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace attest
