// Pipelines on the ptx executor: right ones agree, and wrongly connected ones do not, although each
// of their launches does.
// SPDX-License-Identifier: Apache-2.0
#include "properties/layer_run.h"

#include "harness/base/rng.h"
#include "harness/executor/ptx_executor.h"
#include "kernels/pipeline/stages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace attest {
namespace {

using Op = LayerOperation;
using stages::Qkv;

LayerProblem parsed(const std::string& text) {
  Result<LayerProblem> layer = parse_layer(text);
  EXPECT_TRUE(layer.has_value()) << text;
  return *layer;
}

PipelineRecord run(const Pipeline& pipeline, const LayerProblem& layer) {
  const auto executor = make_ptx_executor();
  return run_pipeline(pipeline, draw_layer_case(layer, {}), *executor);
}

const Pipeline& named(const std::string& name) {
  const auto& all = all_pipelines();
  return *std::find_if(all.begin(), all.end(), [&](const Pipeline& p) { return p.name == name; });
}

/// From q, k and v to y, in launches of their own.
Status attend(PlanBuilder& plan, const Qkv& qkv) {
  ATTEST_TRY(const View masked, stages::scores(plan, qkv, true));
  ATTEST_TRY(const View weights, stages::softmax(plan, masked, false));
  ATTEST_TRY(const View o, stages::weighted_values(plan, weights, qkv));
  return stages::output(plan, o, true);
}

Result<PipelinePlan> swap_q_and_k(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(Qkv qkv, stages::fused_qkv(plan));
  std::swap(qkv.q, qkv.k);
  ATTEST_TRY([[maybe_unused]] const Done done, attend(plan, qkv));
  return std::move(plan).finish();
}

/// Row 0 is copied to where v ends, and v is read from row 1 on.
Result<PipelinePlan> read_next_row_of_v(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(Qkv qkv, stages::fused_qkv(plan));
  const Elementwise copy{
      .kind = ElementwiseKind::scale, .n = layer.dim, .alpha = 1, .dtype = layer.dtype};
  const View end{qkv.v.buffer, plan.rows() * layer.dim};
  ATTEST_TRY([[maybe_unused]] const Done copied, plan.operation({Op::slice}, copy, {qkv.v, end}));
  Qkv shifted = qkv;
  shifted.v.element += layer.dim;
  ATTEST_TRY([[maybe_unused]] const Done done, attend(plan, shifted));
  PipelinePlan out = std::move(plan).finish();
  out.buffers[static_cast<std::size_t>(qkv.v.buffer)].size_bytes +=
      layer.dim * size_bytes(layer.dtype);
  return out;
}

/// v begins one element early, with the last of k.
Result<PipelinePlan> slice_v_early(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(const Qkv packed, stages::packed_qkv(plan));
  ATTEST_TRY(Qkv qkv, stages::add_bias(plan, packed));
  --qkv.v.element;
  ATTEST_TRY([[maybe_unused]] const Done done, attend(plan, qkv));
  return std::move(plan).finish();
}

/// Of two batches, each is filled where the other one's mask says so.
Result<PipelinePlan> take_mask_of_other_batch(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(const Qkv qkv, stages::fused_qkv(plan));
  ATTEST_TRY(const View product, stages::scores(plan, qkv, false));
  ATTEST_TRY(const View scaled, stages::scaled(plan, product));
  const std::int64_t places = layer.seq * layer.seq;
  const View hidden = plan.bytes("hidden", 2 * places);
  const View filled = plan.elements("filled", layer.batch * layer.heads * places);
  Elementwise step{
      .kind = ElementwiseKind::equals_zero, .m = layer.seq, .n = layer.seq, .dtype = layer.dtype};
  // Views count in elements, masks in bytes: the other batch is a whole number of elements away.
  const std::int64_t other = places / size_bytes(layer.dtype);
  const int mask = static_cast<int>(LayerBuffer::mask);
  for (const std::int64_t batch : {0, 1}) {
    ATTEST_TRY([[maybe_unused]] const Done done,
               plan.operation({Op::compare_mask},
                              step,
                              {{mask, batch * other}, {hidden.buffer, (1 - batch) * other}}));
  }
  step.kind = ElementwiseKind::masked_fill;
  step.batch = layer.batch;
  step.heads = layer.heads;
  step.alpha = layer.fill;
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation({Op::fill}, step, {scaled, hidden, filled}));
  ATTEST_TRY(const View weights, stages::softmax(plan, filled, false));
  ATTEST_TRY(const View o, stages::weighted_values(plan, weights, qkv));
  ATTEST_TRY([[maybe_unused]] const Done end, stages::output(plan, o, true));
  return std::move(plan).finish();
}

/// b_out is the bias of q.
Result<PipelinePlan> add_bias_of_q(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(const Qkv qkv, stages::fused_qkv(plan));
  ATTEST_TRY(const View masked, stages::scores(plan, qkv, true));
  ATTEST_TRY(const View weights, stages::softmax(plan, masked, false));
  ATTEST_TRY(const View o, stages::weighted_values(plan, weights, qkv));
  Gemm gemm{.m = plan.rows(), .n = layer.dim, .k = layer.dim, .transpose_b = true};
  gemm.has_bias = true;
  gemm.dtype = layer.dtype;
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation({Op::project_out, Op::add_bias_out},
                            gemm,
                            {o,
                             PlanBuilder::at(LayerBuffer::w_out),
                             PlanBuilder::at(LayerBuffer::b_qkv),
                             PlanBuilder::at(LayerBuffer::y)}));
  return std::move(plan).finish();
}

Result<PipelinePlan> leave_out_scale(const LayerProblem& layer) {
  PlanBuilder plan(layer);
  ATTEST_TRY(const Qkv qkv, stages::fused_qkv(plan));
  ATTEST_TRY(const View product, stages::scores(plan, qkv, false));
  ATTEST_TRY(const View masked, stages::masked(plan, product));
  ATTEST_TRY(const View weights, stages::softmax(plan, masked, false));
  ATTEST_TRY(const View o, stages::weighted_values(plan, weights, qkv));
  ATTEST_TRY([[maybe_unused]] const Done done, stages::output(plan, o, true));
  return std::move(plan).finish();
}

const Pipeline kWronglyConnected[] = {
    {"q and k swapped", "", 5, swap_q_and_k},
    {"v from the next row on", "", 6, read_next_row_of_v},
    {"v from one element before", "", 6, slice_v_early},
    {"mask of the other batch", "", 9, take_mask_of_other_batch},
    {"b_q for b_out", "", 5, add_bias_of_q},
    {"no scale", "", 7, leave_out_scale},
};

bool all_launches_agree(const PipelineRecord& record) {
  return std::all_of(record.stages.begin(), record.stages.end(), [](const StageRecord& stage) {
    return stage.verdict == Verdict::agree;
  });
}

void expect_only_y_disagrees(const PipelineRecord& record, const Pipeline& pipeline) {
  EXPECT_EQ(record.stages.size(), static_cast<std::size_t>(pipeline.launches));
  EXPECT_TRUE(all_launches_agree(record));
  EXPECT_EQ(record.verdict, Verdict::disagree) << record.reason;
  EXPECT_GT(record.ratio, 1);
  ASSERT_TRUE(record.divergence.has_value());
  EXPECT_EQ(record.divergence->tensor, "y");
}

TEST(RunPipeline, WrongConnectionsDisagreeAsAWhole) {
  for (const std::string dtype : {"f16", "bf16", "f32"}) {
    const LayerProblem layer =
        parsed("layer(b=2,s=48,d=256,h=4,mask=causal-br&bool,seed=3,dtype=" + dtype + ")");
    for (const Pipeline& pipeline : kWronglyConnected) {
      SCOPED_TRACE(dtype + ": " + pipeline.name);
      expect_only_y_disagrees(run(pipeline, layer), pipeline);
    }
  }
}

TEST(RunPipeline, RightOnesAgreeAndNotByFar) {
  for (const char* text : {"layer(b=2,s=48,d=64,h=2,mask=causal-br&bool,seed=3)",
                           "layer(s=70,d=96,h=3,dtype=bf16,mask=padding(50))",
                           "layer(b=2,s=17,d=32,dtype=f32,mask=window(3,2,tl))"}) {
    const LayerProblem layer = parsed(text);
    for (const Pipeline& pipeline : all_pipelines()) {
      SCOPED_TRACE(pipeline.name + ": " + text);
      const PipelineRecord record = run(pipeline, layer);
      EXPECT_EQ(record.verdict, Verdict::agree) << record.reason;
      EXPECT_EQ(record.reason, "");
      EXPECT_EQ(record.launches, pipeline.launches);
      EXPECT_LT(record.ratio, 0.9);
      EXPECT_GT(record.ratio, 0.1);
    }
  }
}

TEST(RunPipeline, AnotherNumberOfLaunchesThanClaimedDisagrees) {
  Pipeline pipeline = named("flash");
  pipeline.launches = 4;
  const PipelineRecord record = run(pipeline, parsed("layer(s=16,d=32)"));
  EXPECT_EQ(record.verdict, Verdict::disagree);
  EXPECT_EQ(record.reason, "the log has 3 launches, 4 are claimed");
}

/// Launch 4 of eager scales by another factor than its stage says.
Result<PipelinePlan> scale_wrongly(const LayerProblem& layer) {
  ATTEST_TRY(PipelinePlan plan, named("eager").plan(layer));
  auto& step = std::get<Elementwise>(std::get<Operation>(plan.stages[3].problem));
  step.alpha *= 1.01;
  return plan;
}

TEST(RunPipeline, ALaunchThatIsWrongByItselfIsNamed) {
  const PipelineRecord record =
      run({"wrong scale", "", 10, scale_wrongly}, parsed("layer(s=16,d=32)"));
  EXPECT_EQ(record.verdict, Verdict::disagree);
  EXPECT_EQ(record.reason, "launch 4, / sqrt(head_dim): wrong by itself");
  EXPECT_EQ(record.stages[2].verdict, Verdict::agree);
  EXPECT_EQ(record.stages[3].verdict, Verdict::disagree);
  EXPECT_EQ(record.stages[4].verdict, Verdict::not_run);
}

/// Wrong by less than errors can add up to at worst, for the seeds that it is given.
Pipeline wrong_for(std::vector<std::uint64_t> seeds) {
  return {"b_q for b_out", "", 5, [seeds](const LayerProblem& layer) {
            const bool is_wrong = std::count(seeds.begin(), seeds.end(), layer.seed) > 0;
            return is_wrong ? add_bias_of_q(layer) : named("epilogue-fused").plan(layer);
          }};
}

TEST(RunPipeline, TwoOfThreeSeedsDecideWhatIsOnlyUnlikely) {
  const LayerProblem layer = parsed("layer(s=48,d=64,dtype=bf16,seed=3)");
  const PipelineRecord one = run(wrong_for({3}), layer);
  EXPECT_EQ(one.verdict, Verdict::agree);
  EXPECT_GT(one.ratio, 1);
  EXPECT_FALSE(one.divergence.has_value());
  EXPECT_EQ(one.reason,
            "y is further off than its launches explain in all likelihood, with 1 of 3 seeds");
  for (const std::uint64_t n : {1, 2}) {
    const PipelineRecord two = run(wrong_for({3, derive_seed(3, n)}), layer);
    EXPECT_EQ(two.verdict, Verdict::disagree);
    EXPECT_TRUE(two.divergence.has_value());
    EXPECT_EQ(two.reason,
              "y is further off than its launches explain in all likelihood, with 2 of 3 seeds");
  }
}

}  // namespace
}  // namespace attest
