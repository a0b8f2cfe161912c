// What the fused attention kernels move, counted on the ptx executor: every tensor once from memory,
// K and V once per block of rows, and of those no tile that the mask takes away; and what they
// multiply where.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"
#include "harness/problem/data.h"
#include "kernels/kernel_spec.h"
#include "kernels/pipeline/pipeline.h"
#include "properties/layer_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace attest {
namespace {

Problem problem(const std::string& text) {
  return parse_problem(text).value();
}

template <typename T>
BufferSpec buffer(const std::string& name, BufferRole role, const std::vector<T>& contents) {
  const auto bytes = std::as_bytes(std::span(contents));
  const auto size = static_cast<std::int64_t>(bytes.size());
  const auto given = role == BufferRole::input ? bytes : std::span<const std::byte>();
  return {name, role, size, 0, given};
}

const KernelSpec& kernel_named(const std::string& name) {
  const auto found = std::find_if(
      all_kernels().begin(), all_kernels().end(), [&](const auto& k) { return k.name == name; });
  return found == all_kernels().end() ? throw std::out_of_range(name) : *found;
}

/// One launch of the kernel; buffers in the order of AttentionBuffer.
LaunchCounts counts_of(const std::string& name, const Problem& p) {
  const KernelSpec& kernel = kernel_named(name);
  EXPECT_EQ(kernel.refusal(p), std::nullopt);
  const Inputs inputs = draw_inputs(p);
  const std::vector<float> lse(static_cast<std::size_t>(p.batch * p.heads_q * p.seq_q));
  Job job;
  job.counts_traffic = true;
  job.mode.mma = MmaBits::fast;
  job.buffers = {buffer("q", BufferRole::input, inputs.q.bytes),
                 buffer("k", BufferRole::input, inputs.k.bytes),
                 buffer("v", BufferRole::input, inputs.v.bytes),
                 buffer("o", BufferRole::output, inputs.q.bytes),
                 buffer("lse", BufferRole::output, lse),
                 buffer("keep", BufferRole::input, inputs.keep),
                 buffer("kv_lengths", BufferRole::input, inputs.kv_lengths)};
  job.launches = kernel.plan(kernel.image, p);
  const Execution execution = make_ptx_executor()->run(job).value();
  EXPECT_TRUE(execution.findings.empty()) << to_string(p);
  return execution.launches.at(0).counts;
}

TrafficCounts traffic(const std::string& name, const Problem& p) {
  return counts_of(name, p).traffic;
}

std::int64_t kv_bytes_requested(const TrafficCounts& counts) {
  return counts.buffers.at(1).bytes_read_requested + counts.buffers.at(2).bytes_read_requested;
}

/// K and V as often as there are blocks of `rows` rows.
std::int64_t kv_bytes_of_blocks(const Problem& p, std::int64_t rows) {
  const std::int64_t blocks = p.batch * p.heads_q * ((p.seq_q + rows - 1) / rows);
  return blocks * p.seq_kv * 2 * p.head_dim * size_bytes(p.dtype);
}

struct Row {
  std::string kernel;
  std::string problem;
  std::int64_t rows;  // of a block

  friend void PrintTo(const Row& row, std::ostream* out) {
    *out << row.kernel << " " << row.problem;
  }
};

class AttentionTraffic : public testing::TestWithParam<Row> {};

TEST_P(AttentionTraffic, TouchesItsTensorsAlone) {
  for (const char* mask : {"none", "causal-tl", "padding(700)", "bool"}) {
    Problem p = problem(GetParam().problem);
    p.mask = problem("attn(sq=1024,mask=" + std::string(mask) + ")").mask;
    std::int64_t least = 0;
    const TrafficCounts counts = traffic(GetParam().kernel, p);
    const std::int64_t rows = p.batch * p.heads_q * p.seq_q;
    const std::int64_t keys = p.batch * p.heads_kv * p.seq_kv;
    least += 2 * (rows + keys) * p.head_dim * size_bytes(p.dtype) + 4 * rows;
    if (std::string(mask) == "bool") least += p.batch * p.seq_q * p.seq_kv;
    EXPECT_LE(100 * counts.global_bytes_touched, 102 * least) << mask;
    EXPECT_EQ(counts.buffers.at(3).bytes_written_requested,
              rows * p.head_dim * size_bytes(p.dtype));
  }
}

TEST_P(AttentionTraffic, ReadsKeysAndValuesOncePerBlockOfRows) {
  const Problem p = problem(GetParam().problem);
  const std::int64_t all = kv_bytes_of_blocks(p, GetParam().rows);
  EXPECT_EQ(kv_bytes_requested(traffic(GetParam().kernel, p)), all);
}

TEST_P(AttentionTraffic, LeavesOutTheTilesThatCausalTakesAway) {
  Problem p = problem(GetParam().problem);
  p.mask = problem("attn(sq=1024,mask=causal-tl)").mask;
  const std::int64_t all = kv_bytes_of_blocks(p, GetParam().rows);
  const std::int64_t asked = kv_bytes_requested(traffic(GetParam().kernel, p));
  EXPECT_LE(10 * asked, 6 * all);
  EXPECT_GE(2 * asked, all);
}

INSTANTIATE_TEST_SUITE_P(
    Kernels,
    AttentionTraffic,
    testing::Values(Row{"attention_mma", "attn(sq=1024,skv=1024,d=64)", 64},
                    Row{"attention_mma", "attn(hq=2,sq=1024,skv=1024,d=128,dtype=bf16)", 64},
                    Row{"attention_f32", "attn(sq=1024,skv=1024,d=64,dtype=f32)", 64},
                    Row{"attention_wide_mma", "attn(sq=1024,skv=1024,d=64,dtype=bf16)", 64},
                    Row{"attention_wide_mma", "attn(sq=1024,skv=1024,d=512)", 32},
                    Row{"attention_wide_f32", "attn(sq=1024,skv=1024,d=64,dtype=f32)", 16}));

/// Q and O once, LSE, and K and V as many times as given.
std::int64_t bytes(const Problem& p, std::int64_t times_k_and_v) {
  const std::int64_t rows = p.batch * p.heads_q * p.seq_q;
  const std::int64_t keys = p.batch * p.heads_q * p.seq_kv * times_k_and_v;
  return (2 * rows + 2 * keys) * p.head_dim * size_bytes(p.dtype) + 4 * rows;
}

TEST(AttentionWide, ReadsKeysAndValuesOncePerBlockOfRows) {
  for (const Row& row : {Row{"attention_wide_mma", "attn(sq=130,skv=129,d=8)", 64},
                         Row{"attention_wide_mma", "attn(b=2,sq=65,skv=64,d=136)", 64},
                         Row{"attention_wide_mma", "attn(sq=65,skv=70,d=512,dtype=bf16)", 32},
                         Row{"attention_wide_mma", "attn(sq=17,skv=65,d=1024)", 16},
                         Row{"attention_wide_f32", "attn(sq=33,skv=65,d=72,dtype=f32)", 16},
                         Row{"attention_wide_f32", "attn(sq=17,skv=33,d=1024,dtype=f32)", 16}}) {
    const Problem p = problem(row.problem);
    const std::int64_t blocks = (p.seq_q + row.rows - 1) / row.rows;
    EXPECT_EQ(traffic(row.kernel, p).global_bytes_requested, bytes(p, blocks)) << row.problem;
  }
}

TEST(AttentionWide, HasNoBankConflicts) {
  for (const auto& [kernel, text] :
       {std::pair{"attention_wide_mma", "attn(sq=66,skv=130,d=64,mask=causal-tl)"},
        {"attention_wide_mma", "attn(sq=66,skv=130,d=200)"},
        {"attention_wide_mma", "attn(sq=34,skv=130,d=512)"},
        {"attention_wide_mma", "attn(sq=18,skv=130,d=1024)"},
        {"attention_wide_f32", "attn(sq=18,skv=66,d=200,dtype=f32)"},
        {"attention_wide_f32", "attn(sq=18,skv=66,d=1024,dtype=f32)"}}) {
    const TrafficCounts counts = traffic(kernel, problem(text));
    EXPECT_GT(counts.shared_wavefronts, 0) << text;
    EXPECT_EQ(counts.shared_wavefronts, counts.shared_wavefronts_ideal) << text;
  }
}

// 128 rows of 64 and of 16 keys' tiles: a block of 64 rows needs its own tile and those before.
TEST(AttentionWide, SkipsTilesThatHoldNoKeyUnlessTheyAreFilled) {
  const Problem p = problem("attn(sq=128,skv=128,d=64,mask=causal-tl)");
  EXPECT_EQ(traffic("attention_wide_mma", p).global_bytes_requested,
            (bytes(p, 1) + bytes(p, 2)) / 2);
  const Problem filled = problem("attn(sq=128,skv=128,d=64,mask=causal-tl,fill=-1000)");
  EXPECT_EQ(traffic("attention_wide_mma", filled).global_bytes_requested, bytes(p, 2));
  const Problem f32 = problem("attn(sq=32,skv=64,d=64,dtype=f32,mask=causal-tl)");
  EXPECT_EQ(traffic("attention_wide_f32", f32).global_bytes_requested, bytes(f32, 1));
}

TEST(AttentionWide, MultipliesOnTensorCores) {
  constexpr std::int64_t kOfMma = std::int64_t{2} * 16 * 8 * 16;
  constexpr std::int64_t kLanes = 32;
  for (const char* text :
       {"attn(sq=64,skv=512)", "attn(sq=64,skv=512,d=512)", "attn(sq=64,skv=512,d=1024)"}) {
    const ClassCounts c = counts_of("attention_wide_mma", problem(text)).classes;
    const std::int64_t products = c[InsnClass::mma] * kOfMma;
    const std::int64_t rest = (c[InsnClass::floating] + c[InsnClass::special]) * kLanes;
    EXPECT_GE(static_cast<double>(products), 0.95 * static_cast<double>(products + rest)) << text;
  }
}

TEST(LayerTraffic, AttentionTouchesItsTensorsAlone) {
  for (const char* text : {"layer(s=128,d=512)",
                           "layer(s=128,d=512,dtype=bf16,mask=causal-tl)",
                           "layer(s=128,d=512,dtype=f32,mask=padding(96))",
                           "layer(b=2,s=197,d=128,h=2)"}) {
    const LayerProblem layer = parse_layer(text).value();
    const auto executor = make_ptx_executor();
    for (const Pipeline& pipeline : all_pipelines()) {
      if (pipeline.name != "flash") continue;
      const PipelineRecord record = run_pipeline(pipeline, draw_layer_case(layer, {}), *executor);
      const auto stage = std::find_if(record.stages.begin(),
                                      record.stages.end(),
                                      [](const auto& s) { return s.kind == "attention"; });
      ASSERT_NE(stage, record.stages.end());
      const std::int64_t rows = layer.batch * layer.seq;
      const std::int64_t least = 4 * rows * layer.dim * size_bytes(layer.dtype) +
                                 4 * rows * layer.heads + rows * layer.seq;
      const std::int64_t touched = stage->launch.counts.traffic.global_bytes_touched;
      EXPECT_LE(100 * touched, 102 * least) << text;
      EXPECT_GE(touched, least) << text;
    }
  }
}

}  // namespace
}  // namespace attest
