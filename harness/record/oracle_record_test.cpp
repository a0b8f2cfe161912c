// Counts of an oracle, and its JSON forms.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/oracle_record.h"

#include "harness/record/codec.h"
#include "harness/record/journal.h"
#include "harness/record/record_sample.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>

namespace attest {
namespace {

TEST(OracleRecord, counts_keys_by_tier_and_opinion) {
  OracleRecord oracle = sample_oracle();
  oracle.keys.push_back({"sm_90 x", "attn(sq=1)", "executed", "eng2", {}, 0, kOpinionAgrees, ""});
  oracle.keys.push_back(
      {"sm_90 y", "attn(sq=1)", "executed", "eng2", {}, 0, kOpinionDisagrees, "o"});
  const OracleCounts counts = count(oracle);
  EXPECT_EQ(counts.executed, 2);
  EXPECT_EQ(counts.executed_agree, 1);
  EXPECT_EQ(counts.planned, 3);
  EXPECT_EQ(counts.graphs_agree, 1);
  EXPECT_EQ(counts.disagree, 2);
  EXPECT_EQ(counts.refused, 30);
  EXPECT_EQ(counts.died, 1);
  ASSERT_EQ(counts.not_evaluated.size(), 1U);
  EXPECT_EQ(counts.not_evaluated[0].reason, "not evaluated: SDPA_FWD");
}

TEST(OracleRecord, comes_back_from_run_json) {
  RunRecord run = sample_run();
  const std::string text = to_run_json(run);
  const auto read = parse_run_json(text, "sample");
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  ASSERT_EQ(read->oracles.size(), 1U);
  EXPECT_EQ(to_json(read->oracles[0]), to_json(run.oracles[0]));
}

TEST(OracleRecord, comes_back_from_the_journal) {
  const std::string path = testing::TempDir() + "oracle_journal.ndjson";
  const RunRecord run = sample_run();
  auto writer = JournalWriter::create(path);
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE(writer->begin(run).has_value());
  ASSERT_TRUE(writer->oracle(run.oracles[0]).has_value());
  ASSERT_TRUE(writer->end(run).has_value());
  const auto read = read_journal(path);
  ASSERT_TRUE(read.has_value()) << read.error().to_string();
  ASSERT_EQ(read->run.oracles.size(), 1U);
  EXPECT_EQ(read->run.oracles[0].name, "cudnn");
  EXPECT_EQ(to_json(read->run.oracles[0]), to_json(run.oracles[0]));
}

TEST(OracleRecord, that_is_not_built_has_its_state_alone) {
  OracleRecord oracle;
  oracle.name = "cudnn";
  oracle.state = "not built";
  EXPECT_EQ(to_json(oracle).dump(), R"({"state":"not built"})");
  EXPECT_FALSE(oracle_from_json("cudnn", to_json(oracle)).is_built());
}

}  // namespace
}  // namespace attest
