// run.json against its golden file, read back, and refused.
// SPDX-License-Identifier: Apache-2.0
#include "harness/record/run_json.h"

#include "harness/record/json_text.h"
#include "harness/record/record_sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace attest {
namespace {

std::string golden() {
  std::ifstream file(std::string(ATTEST_SCHEMA_DIR) + "/golden-run-1.json");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// ATTEST_GOLDEN_UPDATE writes it anew, for a person to look at the difference.
TEST(RunJson, is_the_golden_file) {
  if (std::getenv("ATTEST_GOLDEN_UPDATE") != nullptr) {
    std::ofstream(std::string(ATTEST_SCHEMA_DIR) + "/golden-run-1.json", std::ios::binary)
        << to_run_json(sample_run());
  }
  EXPECT_EQ(to_run_json(sample_run()), golden());
}

TEST(RunJson, reads_the_golden_file_back_and_writes_the_same_bytes) {
  const auto run = parse_run_json(golden(), "golden");
  ASSERT_TRUE(run.has_value()) << run.error().to_string();
  EXPECT_EQ(to_run_json(*run), golden());

  const RunRecord wanted = sample_run();
  EXPECT_EQ(run->seed, wanted.seed);
  EXPECT_EQ(run->planned, 10);
  EXPECT_TRUE(run->interrupted);
  EXPECT_EQ(run->env.wall_seconds, 1.5);
  EXPECT_EQ(run->env.ptxas, sample_run().env.ptxas);
  ASSERT_EQ(run->cases.size(), wanted.cases.size());
  for (std::size_t i = 0; i < wanted.cases.size(); ++i) {
    EXPECT_EQ(run->cases[i].which, wanted.cases[i].which) << i;
    EXPECT_EQ(run->cases[i].verdict, wanted.cases[i].verdict) << i;
    EXPECT_EQ(run->cases[i].ratio_o, wanted.cases[i].ratio_o) << i;
    ASSERT_EQ(run->cases[i].launches.size(), wanted.cases[i].launches.size()) << i;
    for (std::size_t n = 0; n < wanted.cases[i].launches.size(); ++n)
      EXPECT_EQ(run->cases[i].launches[n].counts, wanted.cases[i].launches[n].counts) << i;
  }
  ASSERT_EQ(run->failures.size(), 2U);
  EXPECT_EQ(run->failures[0].found, wanted.failures[0].found);
  EXPECT_EQ(run->failures[0].seen, 12);
  EXPECT_TRUE(std::isnan(run->failures[0].shrunk.divergence->got));
  EXPECT_EQ(run->failures[0].shrunk.divergence->got_bits, 0x7fffU);
  const Finding& race = run->failures[1].shrunk.findings.at(0);
  EXPECT_EQ(race.kind, FindingKind::shared_race);
  EXPECT_EQ(race.party.access, Access::write);
  ASSERT_TRUE(race.other.has_value());
  EXPECT_EQ(race.other->site, (CodeSite{"zoo/no_barrier.cu", 97, 530}));
}

TEST(RunJson, reads_layers_back) {
  const RunRecord wanted = sample_layer_run();
  const auto run = parse_run_json(to_run_json(wanted), "layers");
  ASSERT_TRUE(run.has_value()) << run.error().to_string();
  EXPECT_EQ(to_run_json(*run), to_run_json(wanted));
  ASSERT_EQ(run->layers.size(), 1U);
  EXPECT_EQ(run->layers[0].layer, wanted.layers[0].layer);
  EXPECT_EQ(run->layers[0].mode.arch, "sm_90");
  ASSERT_EQ(run->layers[0].pipelines.size(), 3U);
  const PipelineRecord& single = run->layers[0].pipelines[2];
  EXPECT_EQ(single.reason, "launch 1: wrong by itself");
  EXPECT_EQ(single.stages[0].fuses, (std::vector<std::string>{"x W_qkv^T", "softmax"}));
  EXPECT_EQ(single.stages[0].divergence->wrong, 64);
  EXPECT_EQ(single.stages[0].launch.counts, wanted.layers[0].pipelines[2].stages[0].launch.counts);
}

TEST(RunJson, a_pipeline_adds_up_its_launches) {
  const Json json = Json::parse(to_run_json(sample_layer_run()));
  const Json& flash = json.at("layers").at(0).at("pipelines").at(1);
  EXPECT_EQ(flash.at("bytes_requested"), 2 * 20480);
  EXPECT_EQ(flash.at("bytes_touched"), 2 * 10240);
  EXPECT_EQ(flash.at("flops"), 2 * 521216);
  EXPECT_EQ(flash.at("mma_flops"), 2 * 393216);
  EXPECT_EQ(flash.at("warp_instructions"), 2 * 8421);
  EXPECT_EQ(json.at("layers").at(0).at("verdict"), "fault");
}

TEST(RunJson, only_env_differs_between_two_hosts) {
  RunRecord other = sample_run();
  other.env.host = "elsewhere";
  other.env.wall_seconds = 99;
  other.env.jobs = 64;
  const std::string a = golden();
  const std::string b = to_run_json(other);
  const std::size_t env = a.find("\"env\"");
  ASSERT_NE(env, std::string::npos);
  EXPECT_NE(a, b);
  EXPECT_EQ(a.substr(0, env), b.substr(0, env));
}

TEST(RunJson, carries_every_count_of_a_launch) {
  RunRecord wanted;
  CaseResult& result = wanted.cases.emplace_back(sample_run().cases.front());
  LaunchCounts& counts = result.launches.front().counts;
  std::int64_t next = 1;
  for (std::int64_t& n : counts.classes.of)
    n = next++;
  counts.has_traffic = true;
  TrafficCounts& t = counts.traffic;
  for (std::int64_t* n : {&counts.warp_instructions,
                          &counts.flops,
                          &counts.mma_flops,
                          &t.global_bytes_requested,
                          &t.shared_bytes_requested,
                          &t.local_bytes_requested,
                          &t.global_bytes_touched,
                          &t.global_accesses,
                          &t.global_sectors,
                          &t.shared_accesses,
                          &t.shared_wavefronts,
                          &t.shared_wavefronts_ideal})
    *n = next++;
  t.ldmatrix = {next, next + 1, next + 2};
  t.cp_async = {next + 3, next + 4, next + 5};
  t.buffers = {{"k", next + 6, next + 7, next + 8, next + 9}};
  const auto run = parse_run_json(to_run_json(wanted), "r");
  ASSERT_TRUE(run.has_value()) << run.error().to_string();
  EXPECT_EQ(run->cases.front().launches.front().counts, counts);
}

TEST(RunJson, refuses_what_it_cannot_read) {
  EXPECT_EQ(parse_run_json("{", "r").error().code, Code::bad_input);
  EXPECT_EQ(parse_run_json("{}", "r").error().code, Code::bad_input);
  EXPECT_EQ(parse_run_json(R"({"schema":2})", "r").error().code, Code::unsupported);
  std::string text = golden();
  text.replace(text.find("\"shared_race\""), 13, "\"no_such_kind\"");
  const auto run = parse_run_json(text, "dir/run.json");
  ASSERT_FALSE(run.has_value());
  EXPECT_EQ(run.error().to_string(),
            "dir/run.json: failures[1]: findings[0]: unknown finding 'no_such_kind'");
  text = golden();
  text.replace(text.find("\"floating\""), 10, "\"no_class\"");
  EXPECT_EQ(parse_run_json(text, "r").error().to_string(),
            "r: failures[0]: launches[0]: unknown class 'no_class'");
}

std::string error_with(const std::string& before, const std::string& after) {
  std::string text = golden();
  const std::size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  text.replace(at, before.size(), after);
  const auto run = parse_run_json(text, "run.json");
  EXPECT_FALSE(run.has_value()) << after;
  return run ? "" : run.error().to_string();
}

TEST(RunJson, an_error_names_the_place_and_what_is_wrong) {
  EXPECT_EQ(error_with("\"planned\": 10", "\"planned\": \"ten\""),
            "run.json: planned: string is not an integer of 64 bits");
  EXPECT_EQ(error_with("\"planned\": 10", "\"planned\": 1e300"),
            "run.json: planned: 1e+300 is not an integer of 64 bits");
  EXPECT_EQ(error_with("\"planned\": 10", "\"planned\": 10.5"),
            "run.json: planned: 10.5 is not an integer of 64 bits");
  EXPECT_EQ(error_with("\"planned\": 10", "\"plan\": 10"), "run.json: lacks 'planned'");
  EXPECT_EQ(error_with("\"cases\": [", "\"cases\": 7, \"others\": ["),
            "run.json: cases: type must be array, but is number");
  EXPECT_EQ(error_with("\"ratio_o\":0.0625", "\"ratio_o\":[]"),
            "run.json: cases[0]: ratio_o: type must be number, but is array");
  EXPECT_EQ(error_with("\"ratio_o\":0.0625", "\"ratio_o\":\"Infinity\""),
            "run.json: cases[0]: ratio_o: 'Infinity' is not a number, nan, inf or -inf");
  EXPECT_EQ(error_with("\"grid\":[2,1,1]", "\"grid\":[-2,1,1]"),
            "run.json: failures[0]: launches[0]: grid: -2 is not a positive integer of 32 bits");
  EXPECT_EQ(error_with("\"grid\":[2,1,1]", "\"grid\":[4294967296,1,1]"),
            "run.json: failures[0]: launches[0]: grid: "
            "4294967296 is not a positive integer of 32 bits");
  EXPECT_EQ(error_with("\"interrupted\": true", "\"interrupted\": 1"),
            "run.json: interrupted: type must be boolean, but is number");
}

TEST(RunJson, what_is_not_json_is_an_error_with_its_byte) {
  const std::string text = golden();
  for (const double part : {0.0, 0.1, 0.5, 0.9}) {
    const auto cut = static_cast<std::size_t>(part * static_cast<double>(text.size()));
    const auto run = parse_run_json(text.substr(0, cut), "run.json");
    ASSERT_FALSE(run.has_value()) << cut;
    EXPECT_EQ(run.error().to_string(), "run.json: not JSON at byte " + std::to_string(cut + 1));
  }
  EXPECT_NE(error_with("\"host\"", "\"ho\x01st\"").find("not JSON at byte"), std::string::npos);
  EXPECT_NE(
      error_with("\"wall_seconds\": 1.5", "\"wall_seconds\": Infinity").find("not JSON at byte"),
      std::string::npos);
  EXPECT_NE(error_with("\"wall_seconds\": 1.5", "\"wall_seconds\": 1e999").find("number overflow"),
            std::string::npos);
}

}  // namespace
}  // namespace attest
