// Command count.
// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/testing.h"
#include "harness/record/run_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace attest {
namespace {

constexpr const char* kSmall = "layer(b=2,s=33,d=64,h=2,mask=causal-tl)";

LayerRecord counted(const std::vector<std::string>& arguments) {
  const Output output = run(arguments);
  EXPECT_EQ(output.exit, Exit::held) << output.err;
  auto record = parse_run_json(output.out, "count");
  EXPECT_TRUE(record) << record.error().to_string();
  EXPECT_EQ(record->layers.size(), 1U);
  return record->layers.at(0);
}

TEST(Count, has_the_pipelines_at_the_top_of_its_json) {
  const Output output = run({"count", "layer(s=32,d=64,h=2)", "--json", "-"});
  const auto json = nlohmann::json::parse(output.out);
  ASSERT_EQ(json.at("pipelines").size(), 5U);
  for (const auto& pipeline : json.at("pipelines")) {
    EXPECT_EQ(pipeline.at("verdict"), "agree");
    for (const char* key : {"bytes_requested", "bytes_touched", "bytes_least", "flops"})
      EXPECT_GT(pipeline.at(key), 0) << pipeline.at("name") << " " << key;
  }
  EXPECT_EQ(json.at("pipelines"), json.at("layers").at(0).at("pipelines"));
}

TEST(Count, falls_from_ten_launches_to_one_and_all_agree) {
  for (const char* dtype : {"f32", "f16", "bf16"}) {
    SCOPED_TRACE(dtype);
    const std::string layer = std::string("layer(b=2,s=33,d=64,h=2,dtype=") + dtype + ",mask=bool)";
    const LayerRecord record = counted({"count", layer, "--json", "-"});
    std::vector<std::int64_t> launches;
    std::int64_t touched = INT64_MAX;
    for (const PipelineRecord& pipeline : record.pipelines) {
      SCOPED_TRACE(pipeline.name);
      EXPECT_EQ(pipeline.verdict, Verdict::agree) << pipeline.reason;
      EXPECT_GT(pipeline.ratio, 0);
      EXPECT_LE(pipeline.ratio, 1);
      launches.push_back(pipeline.launches);
      const std::int64_t now = totals(pipeline).bytes_touched;
      EXPECT_TRUE(pipeline.launches == 1 ? now <= touched : now < touched);
      EXPECT_GE(now, record.bytes_least);
      touched = now;
      for (const StageRecord& stage : pipeline.stages)
        EXPECT_EQ(stage.verdict, Verdict::agree) << stage.problem;
    }
    EXPECT_EQ(launches, (std::vector<std::int64_t>{10, 7, 5, 3, 1}));
  }
}

TEST(Count, only_flash_and_single_keep_the_scores_to_themselves) {
  const LayerRecord record = counted({"count", "layer(s=65,d=64)", "--json", "-"});
  for (const PipelineRecord& pipeline : record.pipelines) {
    bool has_scores = false;
    for (const StageRecord& stage : pipeline.stages) {
      for (const BufferTraffic& buffer : stage.launch.counts.traffic.buffers) {
        const bool is_square = buffer.bytes_touched >= 65 * 65 * 2 && buffer.name != "mask";
        const bool is_known = buffer.name[0] == 'w' || buffer.name.rfind("qkv", 0) == 0;
        has_scores |= is_square && !is_known && buffer.name.find("score") != std::string::npos;
      }
    }
    EXPECT_EQ(has_scores, pipeline.launches > 3) << pipeline.name;
  }
}

TEST(Count, explains_itself_without_an_argument) {
  const Output output = run({"count"});
  EXPECT_EQ(output.exit, Exit::held);
  for (const char* text : {"layer(s=128)",
                           "eager",
                           "graph-fused",
                           "epilogue-fused",
                           "flash",
                           "single",
                           "launches",
                           "bytes touched",
                           "q k^T",
                           "HELD  1 layer, 5 pip"}) {
    EXPECT_NE(output.out.find(text), std::string::npos) << text;
  }
}

TEST(Count, takes_patterns_of_pipelines) {
  const LayerRecord record = counted({"count", kSmall, "--pipeline", "*fused", "--json", "-"});
  ASSERT_EQ(record.pipelines.size(), 2U);
  EXPECT_EQ(record.pipelines[0].name, "graph-fused");
  const Output wrong = run({"count", "--pipeline", "flsh"});
  EXPECT_EQ(wrong.exit, Exit::bad_input);
  EXPECT_NE(wrong.err.find("no pipeline 'flsh'; close: flash"), std::string::npos) << wrong.err;
}

TEST(Count, refuses_what_is_no_layer) {
  const Output wrong = run({"count", "layer(s=128,d=512,h=5)"});
  EXPECT_EQ(wrong.exit, Exit::bad_input);
  EXPECT_EQ(count_lines(wrong.err), 1) << wrong.err;
  EXPECT_EQ(run({"count", "attn(sq=4)"}).exit, Exit::bad_input);
}

TEST(Count, a_graph_from_a_file_is_one_more_oracle) {
  const std::string file = ATTEST_ONNX_FOLDER "/layer_h8.onnx";
  const LayerRecord record = counted({"count", "--onnx", file, "--json", "-"});
  EXPECT_EQ(record.layer.heads, 8);
  ASSERT_TRUE(record.graph);
  EXPECT_EQ(record.graph->verdict, Verdict::agree) << record.graph->reason;
  EXPECT_GT(record.graph->nodes, 10);
  EXPECT_EQ(record.pipelines.size(), 5U);
  const Output table = run({"count", "--onnx", file});
  EXPECT_NE(table.out.find("4 MatMul"), std::string::npos);
}

TEST(Count, a_graph_of_another_layer_is_not_judged) {
  const std::string file = ATTEST_ONNX_FOLDER "/layer_h1.onnx";
  const Output output = run({"count", kSmall, "--onnx", file});
  EXPECT_EQ(output.exit, Exit::could_not_judge);
  EXPECT_EQ(run({"count", "--onnx", "/nonexistent.onnx"}).exit, Exit::bad_input);
}

TEST(Count, a_finding_falsifies) {
  const Output output = run({"count", kSmall, "--pipeline", "flash"},
                            [] { return make_fake_executor(FakeAnswer::finding); });
  EXPECT_EQ(output.exit, Exit::falsified);
  EXPECT_NE(output.out.find("FALSIFIED"), std::string::npos);
}

TEST(Count, what_cannot_run_is_not_judged) {
  const Output output = run({"count", kSmall, "--pipeline", "eager"},
                            [] { return make_fake_executor(FakeAnswer::error); });
  EXPECT_EQ(output.exit, Exit::could_not_judge);
}

TEST(Count, writes_the_same_record_for_every_number_of_threads) {
  const TemporaryFolder folder;
  for (const char* jobs : {"1", "2"}) {
    const Output output = run({"count", kSmall, "-j", jobs, "--out", folder / jobs});
    EXPECT_EQ(output.exit, Exit::held);
    EXPECT_TRUE(std::filesystem::exists(folder / std::string(jobs) + "/summary.md"));
  }
  auto read = [&](const char* jobs) {
    auto record = parse_run_json(read_file(folder / std::string(jobs) + "/run.json"), jobs);
    EXPECT_TRUE(record);
    record->env = {};
    return to_run_json(*record);
  };
  EXPECT_EQ(read("1"), read("2"));
}

}  // namespace
}  // namespace attest
