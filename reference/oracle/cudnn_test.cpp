// The oracle cudnn: what it cannot be asked, and its opinion where it is built.
// SPDX-License-Identifier: Apache-2.0
#include "reference/oracle/cudnn/opinion.h"
#include "reference/oracle/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace attest {
namespace {

const Oracle& named(const std::string& name) {
  const auto at = std::find_if(
      all_oracles().begin(), all_oracles().end(), [&](const Oracle& o) { return o.name == name; });
  ATTEST_CHECK(at != all_oracles().end());
  return *at;
}

TEST(OracleCudnn, says_why_it_cannot_be_asked) {
  Problem p;
  p.seq_q = p.seq_kv = 8;
  EXPECT_FALSE(named("cudnn").refusal(p).has_value());
  p.fill = -1000;
  EXPECT_EQ(named("cudnn").refusal(p).value_or(""),
            "a finite fill keeps hidden keys in the sum; cuDNN leaves them out");
}

TEST(OracleCudnn, agrees_with_eigen_or_is_not_built) {
  const auto problem = parse_problem("attn(b=2,hq=2,sq=33,skv=48,dtype=bf16,mask=causal-br)");
  ASSERT_TRUE(problem.has_value());
  const auto opinion = named("cudnn").run(*problem);
  if (!named("cudnn").is_built()) {
    ASSERT_FALSE(opinion.has_value());
    EXPECT_EQ(opinion.error().to_string(), "cudnn: not built");
    return;
  }
  ASSERT_TRUE(opinion.has_value()) << opinion.error().to_string();
  const auto eigen = named("eigen").run(*problem);
  ASSERT_EQ(opinion->o.size(), eigen->o.size());
  if (opinion->tier == "executed") return;  // its rounding is judged by `attest check`
  EXPECT_EQ(opinion->tier, "planned");
  for (std::size_t i = 0; i < opinion->o.size(); ++i)
    EXPECT_LE(std::fabs(opinion->o[i] - eigen->o[i]), 1e-12);
}

}  // namespace
}  // namespace attest
