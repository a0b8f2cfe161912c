// The launches that several pipelines share.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/pipeline/stages.h"

#include <cmath>

namespace attest::stages {
namespace {

using Op = LayerOperation;
using Ops = std::vector<LayerOperation>;

/// Scale and mask between the two, where `is_masked`.
Ops with_mask(Ops before, bool is_masked, const Ops& after) {
  if (is_masked) before.insert(before.end(), {Op::scale, Op::compare_mask, Op::fill});
  before.insert(before.end(), after.begin(), after.end());
  return before;
}

/// y = x W^T for a weight [n, k].
Gemm linear(const PlanBuilder& plan, std::int64_t n) {
  Gemm gemm;
  gemm.m = plan.rows();
  gemm.n = n;
  gemm.k = plan.layer().dim;
  gemm.transpose_b = true;
  gemm.dtype = plan.layer().dtype;
  return gemm;
}

/// As a float that a kernel receives.
double scale(const LayerProblem& layer) {
  return static_cast<float>(1 / std::sqrt(static_cast<double>(layer.head_dim())));
}

Gemm per_head(const LayerProblem& layer) {
  Gemm gemm;
  gemm.batch = layer.batch;
  gemm.heads = layer.heads;
  gemm.dtype = layer.dtype;
  return gemm;
}

}  // namespace

Result<Qkv> packed_qkv(PlanBuilder& plan) {
  const LayerProblem& layer = plan.layer();
  const View qkv = plan.elements("qkv", plan.rows() * 3 * layer.dim);
  ATTEST_TRY(
      [[maybe_unused]] const Done done,
      plan.operation({Op::project},
                     linear(plan, 3 * layer.dim),
                     {PlanBuilder::at(LayerBuffer::x), PlanBuilder::at(LayerBuffer::w_qkv), qkv}));
  return Qkv{qkv, {qkv.buffer, layer.dim}, {qkv.buffer, 2 * layer.dim}, 2 * layer.dim};
}

Result<Qkv> add_bias(PlanBuilder& plan, const Qkv& packed) {
  const LayerProblem& layer = plan.layer();
  const BiasSplit bias{.m = plan.rows(), .n = 3 * layer.dim, .split = 1, .dtype = layer.dtype};
  const View biased = plan.elements("qkv + b", plan.rows() * 3 * layer.dim);
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation(
                 {Op::add_bias}, bias, {packed.q, PlanBuilder::at(LayerBuffer::b_qkv), biased}));
  return Qkv{biased, {biased.buffer, layer.dim}, {biased.buffer, 2 * layer.dim}, packed.gap};
}

namespace {

/// Three tensors [batch, seq, dim].
Qkv split_tensors(PlanBuilder& plan) {
  const std::int64_t size = plan.rows() * plan.layer().dim;
  Qkv split;
  split.q = plan.elements("q", size);
  split.k = plan.elements("k", size);
  split.v = plan.elements("v", size);
  return split;
}

}  // namespace

Result<Qkv> add_bias_and_split(PlanBuilder& plan, const Qkv& packed) {
  const LayerProblem& layer = plan.layer();
  const BiasSplit bias{.m = plan.rows(), .n = 3 * layer.dim, .split = 3, .dtype = layer.dtype};
  const Qkv split = split_tensors(plan);
  ATTEST_TRY(
      [[maybe_unused]] const Done done,
      plan.operation({Op::add_bias, Op::slice},
                     bias,
                     {packed.q, PlanBuilder::at(LayerBuffer::b_qkv), split.q, split.k, split.v}));
  return split;
}

Result<Qkv> fused_qkv(PlanBuilder& plan) {
  Gemm gemm = linear(plan, 3 * plan.layer().dim);
  gemm.has_bias = true;
  gemm.split = 3;
  const Qkv split = split_tensors(plan);
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation({Op::project, Op::add_bias, Op::slice},
                            gemm,
                            {PlanBuilder::at(LayerBuffer::x),
                             PlanBuilder::at(LayerBuffer::w_qkv),
                             PlanBuilder::at(LayerBuffer::b_qkv),
                             split.q,
                             split.k,
                             split.v}));
  return split;
}

Result<View> scores(PlanBuilder& plan, const Qkv& qkv, bool is_masked) {
  const LayerProblem& layer = plan.layer();
  Gemm gemm = per_head(layer);
  gemm.m = gemm.n = layer.seq;
  gemm.k = layer.head_dim();
  gemm.transpose_b = true;
  gemm.a = gemm.b = {Layout::bshd, qkv.gap};
  std::vector<View> views = {qkv.q, qkv.k};
  if (is_masked) {
    gemm.alpha = scale(layer);
    gemm.has_mask = true;
    gemm.fill = layer.fill;
    views.push_back(PlanBuilder::at(LayerBuffer::mask));
  }
  const View result = plan.elements("scores", layer.batch * layer.heads * layer.seq * layer.seq);
  views.push_back(result);
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation(with_mask({Op::multiply_qk}, is_masked, {}), gemm, views));
  return result;
}

Result<View> softmax(PlanBuilder& plan, View scores, bool is_masked) {
  const LayerProblem& layer = plan.layer();
  MaskSoftmax softmax;
  softmax.batch = layer.batch;
  softmax.heads = layer.heads;
  softmax.m = softmax.n = layer.seq;
  softmax.dtype = layer.dtype;
  std::vector<View> views = {scores};
  if (is_masked) {
    softmax.scale = scale(layer);
    softmax.has_mask = true;
    softmax.fill = layer.fill;
    views.push_back(PlanBuilder::at(LayerBuffer::mask));
  }
  const View weights = plan.elements("weights", layer.batch * layer.heads * layer.seq * layer.seq);
  views.push_back(weights);
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation(with_mask({}, is_masked, {Op::softmax}), softmax, views));
  return weights;
}

Result<View> scaled(PlanBuilder& plan, View scores) {
  const LayerProblem& layer = plan.layer();
  const Elementwise times{.kind = ElementwiseKind::scale,
                          .batch = layer.batch,
                          .heads = layer.heads,
                          .m = layer.seq,
                          .n = layer.seq,
                          .alpha = scale(layer),
                          .dtype = layer.dtype};
  const View result =
      plan.elements("scaled scores", layer.batch * layer.heads * layer.seq * layer.seq);
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation({Op::scale}, times, {scores, result}));
  return result;
}

Result<View> masked(PlanBuilder& plan, View scores) {
  const LayerProblem& layer = plan.layer();
  Elementwise step{.kind = ElementwiseKind::equals_zero,
                   .batch = layer.batch,
                   .heads = 1,
                   .m = layer.seq,
                   .n = layer.seq,
                   .dtype = layer.dtype};
  const View hidden = plan.bytes("hidden", layer.batch * layer.seq * layer.seq);
  ATTEST_TRY(
      [[maybe_unused]] const Done compared,
      plan.operation({Op::compare_mask}, step, {PlanBuilder::at(LayerBuffer::mask), hidden}));
  step.kind = ElementwiseKind::masked_fill;
  step.heads = layer.heads;
  step.alpha = layer.fill;
  const View result =
      plan.elements("masked scores", layer.batch * layer.heads * layer.seq * layer.seq);
  ATTEST_TRY([[maybe_unused]] const Done filled,
             plan.operation({Op::fill}, step, {scores, hidden, result}));
  return result;
}

Result<View> weighted_values(PlanBuilder& plan, View weights, const Qkv& qkv) {
  const LayerProblem& layer = plan.layer();
  Gemm gemm = per_head(layer);
  gemm.m = gemm.k = layer.seq;
  gemm.n = layer.head_dim();
  gemm.b = {Layout::bshd, qkv.gap};
  gemm.c = {Layout::bshd, 0};
  const View o = plan.elements("o", plan.rows() * layer.dim);
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation({Op::multiply_pv}, gemm, {weights, qkv.v, o}));
  return o;
}

Status output(PlanBuilder& plan, View o, bool is_fused) {
  const LayerProblem& layer = plan.layer();
  const View w = PlanBuilder::at(LayerBuffer::w_out);
  const View b = PlanBuilder::at(LayerBuffer::b_out);
  const View y = PlanBuilder::at(LayerBuffer::y);
  Gemm gemm = linear(plan, layer.dim);
  gemm.has_bias = is_fused;
  if (is_fused) return plan.operation({Op::project_out, Op::add_bias_out}, gemm, {o, w, b, y});
  const View product = plan.elements("o W_out^T", plan.rows() * layer.dim);
  ATTEST_TRY([[maybe_unused]] const Done done,
             plan.operation({Op::project_out}, gemm, {o, w, product}));
  const BiasSplit bias{.m = plan.rows(), .n = layer.dim, .split = 1, .dtype = layer.dtype};
  return plan.operation({Op::add_bias_out}, bias, {product, b, y});
}

}  // namespace attest::stages
