// What attention_wide_mma and attention_wide_f32 move and multiply, counted on the ptx executor.
// SPDX-License-Identifier: Apache-2.0
#include "harness/executor/ptx_executor.h"
#include "harness/problem/data.h"
#include "kernels/kernel_spec.h"

#include <gtest/gtest.h>

#include <string>

namespace attest {
namespace {

Problem problem(const std::string& text) {
  return parse_problem(text).value();
}

LaunchCounts counts(const std::string& name, const Problem& p) {
  const Inputs inputs = draw_inputs(p);
  const auto size = [](const HostTensor& t) { return static_cast<std::int64_t>(t.bytes.size()); };
  const std::int64_t rows = p.batch * p.heads_q * p.seq_q;
  Job job;
  job.counts_traffic = true;
  job.buffers = {{"q", BufferRole::input, size(inputs.q), 0, inputs.q.bytes},
                 {"k", BufferRole::input, size(inputs.k), 0, inputs.k.bytes},
                 {"v", BufferRole::input, size(inputs.v), 0, inputs.v.bytes},
                 {"o", BufferRole::output, size(inputs.q), 0, {}},
                 {"lse", BufferRole::output, 4 * rows, 0, {}}};
  for (const KernelSpec& kernel : all_kernels()) {
    if (kernel.name != name) continue;
    EXPECT_EQ(kernel.refusal(p), std::nullopt);
    job.launches = kernel.plan(kernel.image, p);
    const Execution execution = make_ptx_executor()->run(job).value();
    EXPECT_TRUE(execution.findings.empty());
    return execution.launches.at(0).counts;
  }
  ADD_FAILURE() << name;
  return {};
}

/// Q and O once, LSE, and K and V as many times as given.
std::int64_t bytes(const Problem& p, std::int64_t times_k_and_v) {
  const std::int64_t rows = p.batch * p.heads_q * p.seq_q;
  const std::int64_t keys = p.batch * p.heads_q * p.seq_kv * times_k_and_v;
  return (2 * rows + 2 * keys) * p.head_dim * size_bytes(p.dtype) + 4 * rows;
}

struct Row {
  std::string kernel;
  std::string problem;
  std::int64_t rows;  // of a block
};

TEST(AttentionWide, ReadsKeysAndValuesOncePerBlockOfRows) {
  for (const Row& row : {Row{"attention_wide_mma", "attn(sq=130,skv=129,d=8)", 64},
                         Row{"attention_wide_mma", "attn(b=2,sq=65,skv=64,d=136)", 64},
                         Row{"attention_wide_mma", "attn(sq=65,skv=70,d=512,dtype=bf16)", 32},
                         Row{"attention_wide_mma", "attn(sq=17,skv=65,d=1024)", 16},
                         Row{"attention_wide_f32", "attn(sq=33,skv=65,d=72,dtype=f32)", 16},
                         Row{"attention_wide_f32", "attn(sq=17,skv=33,d=1024,dtype=f32)", 16}}) {
    const Problem p = problem(row.problem);
    const std::int64_t blocks = (p.seq_q + row.rows - 1) / row.rows;
    EXPECT_EQ(counts(row.kernel, p).traffic.global_bytes_requested, bytes(p, blocks))
        << row.problem;
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
    const TrafficCounts traffic = counts(kernel, problem(text)).traffic;
    EXPECT_GT(traffic.shared_wavefronts, 0) << text;
    EXPECT_EQ(traffic.shared_wavefronts, traffic.shared_wavefronts_ideal) << text;
  }
}

// 128 rows of 64 and of 16 keys' tiles: a block of 64 rows needs its own tile and those before.
TEST(AttentionWide, SkipsTilesThatHoldNoKeyUnlessTheyAreFilled) {
  const Problem p = problem("attn(sq=128,skv=128,d=64,mask=causal-tl)");
  EXPECT_EQ(counts("attention_wide_mma", p).traffic.global_bytes_requested,
            (bytes(p, 1) + bytes(p, 2)) / 2);
  const Problem filled = problem("attn(sq=128,skv=128,d=64,mask=causal-tl,fill=-1000)");
  EXPECT_EQ(counts("attention_wide_mma", filled).traffic.global_bytes_requested, bytes(p, 2));
  const Problem f32 = problem("attn(sq=32,skv=64,d=64,dtype=f32,mask=causal-tl)");
  EXPECT_EQ(counts("attention_wide_f32", f32).traffic.global_bytes_requested, bytes(f32, 1));
}

TEST(AttentionWide, MultipliesOnTensorCores) {
  constexpr std::int64_t kOfMma = std::int64_t{2} * 16 * 8 * 16;
  constexpr std::int64_t kLanes = 32;
  for (const char* text :
       {"attn(sq=64,skv=512)", "attn(sq=64,skv=512,d=512)", "attn(sq=64,skv=512,d=1024)"}) {
    const ClassCounts c = counts("attention_wide_mma", problem(text)).classes;
    const std::int64_t products = c[InsnClass::mma] * kOfMma;
    const std::int64_t rest = (c[InsnClass::floating] + c[InsnClass::special]) * kLanes;
    EXPECT_GE(static_cast<double>(products), 0.95 * static_cast<double>(products + rest)) << text;
  }
}

}  // namespace
}  // namespace attest
