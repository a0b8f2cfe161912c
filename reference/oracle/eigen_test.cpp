// The oracle eigen is the reference.
// SPDX-License-Identifier: Apache-2.0
#include "harness/problem/data.h"
#include "reference/attention.h"
#include "reference/oracle/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attest {
namespace {

const Oracle& named(const std::string& name) {
  const auto at = std::find_if(
      all_oracles().begin(), all_oracles().end(), [&](const Oracle& o) { return o.name == name; });
  ATTEST_CHECK(at != all_oracles().end());
  return *at;
}

TEST(OracleEigen, one_key_gives_its_value_and_score) {
  Problem p;
  p.seq_q = p.seq_kv = 1;
  p.head_dim = p.head_dim_v = 8;
  const auto opinion = named("eigen").run(p);
  ASSERT_TRUE(opinion.has_value());
  const Inputs inputs = draw_inputs(p);
  double score = 0;
  for (std::int64_t d = 0; d < 8; ++d) {
    EXPECT_EQ(opinion->o[static_cast<std::size_t>(d)], inputs.v.value(0, 0, 0, d));
    score += inputs.q.value(0, 0, 0, d) * inputs.k.value(0, 0, 0, d);
  }
  EXPECT_DOUBLE_EQ(opinion->lse[0], score * static_cast<double>(effective_scale(p)));
  EXPECT_EQ(opinion->tier, "reference");
}

TEST(OracleEigen, takes_every_problem) {
  Problem p;
  p.fill = -1000;
  EXPECT_TRUE(named("eigen").is_built());
  EXPECT_FALSE(named("eigen").refusal(p).has_value());
}

}  // namespace
}  // namespace attest
