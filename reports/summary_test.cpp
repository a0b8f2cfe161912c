// Conclusions, tables, coverage and cards of a run.
// SPDX-License-Identifier: Apache-2.0
#include "reports/summary.h"

#include "harness/record/record_sample.h"
#include "reports/failure_card.h"
#include "reports/golden/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace attest {
namespace {

RunRecord with_verdicts(std::initializer_list<Verdict> verdicts, std::string_view reason = "") {
  RunRecord run;
  for (const Verdict verdict : verdicts) {
    CaseResult result;
    result.verdict = verdict;
    result.reason = reason;
    run.cases.push_back(result);
  }
  return run;
}

TEST(Conclude, only_judged_cases_that_all_agree_have_held) {
  using enum Verdict;
  EXPECT_EQ(conclude(with_verdicts({agree, agree})), Conclusion::held);
  EXPECT_EQ(conclude(with_verdicts({agree, refused}, "too wide")), Conclusion::held);
  EXPECT_EQ(conclude(with_verdicts({agree, not_run}, kInterrupted)), Conclusion::held);
  EXPECT_EQ(conclude(with_verdicts({agree, disagree})), Conclusion::falsified);
  EXPECT_EQ(conclude(with_verdicts({fault, not_run}, "no ex2")), Conclusion::falsified);
  EXPECT_EQ(conclude(with_verdicts({agree, not_run}, "no ex2")), Conclusion::could_not_judge);
  EXPECT_EQ(conclude(with_verdicts({refused}, "too wide")), Conclusion::nothing_judged);
  EXPECT_EQ(conclude(RunRecord{}), Conclusion::nothing_judged);
  RunRecord contested = with_verdicts({agree, agree});
  contested.oracles = {sample_oracle()};
  EXPECT_EQ(conclude(contested), Conclusion::could_not_judge);
  contested.oracles[0].keys.pop_back();
  EXPECT_EQ(conclude(contested), Conclusion::held);
}

TEST(Summary, a_nan_is_the_largest_of_its_kernel) {
  RunRecord run = sample_run();
  run.cases[1].ratio_o = std::numeric_limits<double>::quiet_NaN();
  const Summary summary = summarise(run);
  ASSERT_GE(summary.kernels.rows.size(), 2U);
  EXPECT_EQ(summary.kernels.rows[1][0], "attention_mma");
  EXPECT_EQ(summary.kernels.rows[1][1], "f16");
  EXPECT_EQ(summary.kernels.rows[1][8], "nan");
}

TEST(Coverage, counts_each_part_of_a_conjunction_and_only_judged_cases) {
  RunRecord run = with_verdicts({Verdict::agree, Verdict::refused});
  for (CaseResult& result : run.cases) {
    result.which.problem = parse_problem("attn(sq=2,skv=8,mask=causal-br&window(3,0,br))").value();
  }
  const Summary summary = summarise(run);
  const AxisCoverage& masks = summary.coverage.at(0);
  EXPECT_EQ(masks.axis, "mask");
  const std::vector<std::pair<std::string, std::int64_t>> wanted = {{"causal-br", 1},
                                                                    {"window", 1}};
  EXPECT_EQ(masks.values, wanted);
  EXPECT_EQ(
      summary.shapes,
      "median sq*skv 16, sq != skv in 100 %, grouped heads in 0 %, an empty dimension in 0 %");
}

TEST(Coverage, counts_attention_alone) {
  RunRecord run = with_verdicts({Verdict::agree, Verdict::agree});
  run.cases[0].which.problem = parse_problem("attn(sq=2,skv=8)").value();
  run.cases[1].which.problem = parse_any("gemm(m=2)").value();
  const Summary summary = summarise(run);
  const std::vector<std::pair<std::string, std::int64_t>> wanted = {{"none", 1}};
  EXPECT_EQ(summary.coverage.at(0).values, wanted);
  EXPECT_EQ(summary.shapes.substr(0, 20), "median sq*skv 16, sq");
}

TEST(Card, of_an_operation_names_its_result) {
  CaseResult right;
  right.which.problem = parse_any("gemm(m=2,dtype=bf16)").value();
  right.verdict = Verdict::agree;
  right.ratio_o = 0.5;
  std::string all;
  for (const std::string& line : card(right))
    all += line + "\n";
  EXPECT_NE(all.find("gemm(m=2,dtype=bf16)"), std::string::npos);
  EXPECT_NE(all.find("error / bound: c 0.5"), std::string::npos) << all;
  EXPECT_EQ(all.find("lse"), std::string::npos);
}

TEST(Table, aligns_numbers_to_the_right_and_leaves_no_blanks_at_line_ends) {
  const Table table{{{"name"}, {"n", true}, {"why"}}, {{"a", "10", "x"}, {"longer", "2", ""}}};
  EXPECT_EQ(to_text(table, 1), " name     n  why\n a       10  x\n longer   2\n");
  EXPECT_EQ(to_text(Table{{{"name"}}, {}}, 0), "");
}

TEST(Card, shows_bits_place_bound_and_the_line_that_repeats_it) {
  const CaseResult wrong = sample_run().cases[5];
  const auto lines = card(wrong);
  const auto has = [&lines](const std::string& text) {
    return std::any_of(lines.begin(), lines.end(), [&text](const std::string& line) {
      return line.find(text) != std::string::npos;
    });
  };
  EXPECT_TRUE(has("o[0,0,192,17]  got -0.132446289 (0xb03d)  want 0.28710123 (0x3498)"));
  EXPECT_TRUE(has("64 of 12352 elements (0.518 %) are beyond the bound"));
  EXPECT_TRUE(has("row 192 of every head, every column"));
  EXPECT_TRUE(has("error     0.419548, bound 0.00098, error / bound 428"));
  EXPECT_TRUE(has("2.0e-4 (round O) + 7.8e-4 (scores)"));
  EXPECT_EQ(lines.back(), "  replay    " + replay_line(wrong.which));
}

TEST(Card, shows_both_parties_of_a_race) {
  const auto lines = card(sample_run().failures[1]);
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  EXPECT_NE(text.find("zoo/no_barrier.cu:88"), std::string::npos) << text;
  EXPECT_NE(text.find("zoo/no_barrier.cu:97"), std::string::npos) << text;
  EXPECT_EQ(text.find("found as"), std::string::npos) << "was found as it is";
}

TEST(Card, of_a_case_that_holds_shows_how_near_the_bound_it_came) {
  const auto lines = card(sample_run().cases[1]);
  EXPECT_NE(std::find(lines.begin(), lines.end(), "  largest   error / bound: o 0.31, lse 0.1"),
            lines.end());
}

TEST(OneLine, says_what_is_wrong) {
  const RunRecord run = sample_run();
  EXPECT_EQ(one_line(run.cases[5]),
            "disagree: o, 64 of 12352 elements (0.518 %) are beyond the bound");
  EXPECT_EQ(one_line(run.cases[6]), "fault: Race on __shared__ write of size 4 bytes");
  EXPECT_EQ(one_line(run.cases[3]), "refused: rows of q are not 16-byte aligned");
}

TEST(Summary, oracle_line_counts_keys_by_tier) {
  OracleRecord oracle = sample_oracle();
  EXPECT_EQ(oracle_line(oracle),
            "cudnn 9.19.0: 0 executed, 3 planned (1 graphs agree, 1 disagree, 1 not evaluated: "
            "SDPA_FWD), 88 admitted, 30 refused, 1 died");
  oracle.deaths.clear();
  oracle.keys = {{"sm_90 x", "attn(sq=1)", "executed", "eng2", {}, 0, kOpinionAgrees, ""}};
  EXPECT_EQ(oracle_line(oracle),
            "cudnn 9.19.0: 1 executed (1 agree), 0 planned, 88 admitted, 30 refused");
  oracle.state = "not built";
  EXPECT_EQ(oracle_line(oracle), "cudnn: not built");
}

TEST(Gaps, name_a_few_of_the_cases_that_were_begun_twice) {
  RunRecord run;
  EXPECT_TRUE(gaps(run).empty());
  run.env.retried.assign(7, "0a1b2c3d");
  ASSERT_EQ(gaps(run).size(), 1U);
  EXPECT_EQ(gaps(run)[0],
            "Begun twice, since the first worker died: 0a1b2c3d, 0a1b2c3d, 0a1b2c3d, 0a1b2c3d, "
            "0a1b2c3d and 2 more.");
  run.env.retried.clear();
  run.env.missing = {"1/3", "3/3"};
  run.planned = 4;
  EXPECT_EQ(gaps(run),
            (std::vector<std::string>{"Out of time after 0 of 4 planned cases: partial results.",
                                      "Missing or cut off: shard 1/3, 3/3."}));
}

}  // namespace
}  // namespace attest
